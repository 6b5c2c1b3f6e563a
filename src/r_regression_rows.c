/* r_regression_rows - glue of the kernels that prepare the rows of a regression. */
#include "r_api.h"

#include <string.h>

enum { ROW, RANK, ENTRY_RANK, IN_STRATUM };

/* to[n]: the values of the integers or doubles x_ at the places `at`, from 0 */
static void copy_numbers(SEXP x_, const int *at, size_t n, double *restrict to) {
  if (TYPEOF(x_) == INTSXP) {
    const int *const x = INTEGER_RO(x_);
    for (size_t i = 0; i < n; i++) to[i] = x[at[i]];
  } else {
    const double *const x = REAL_RO(x_);
    for (size_t i = 0; i < n; i++) to[i] = x[at[i]];
  }
}

/* to[n]: the codes of strata at the places `at`, from 0; 1 without strata */
static void copy_strata(SEXP stratum_, const int *at, size_t n, int *restrict to) {
  if (Rf_isNull(stratum_)) {
    for (size_t i = 0; i < n; i++) to[i] = 1;
  } else {
    const int *const stratum = INTEGER_RO(stratum_);
    for (size_t i = 0; i < n; i++) to[i] = stratum[at[i]];
  }
}

static int are_numbers(SEXP x_, R_xlen_t n) {
  return (TYPEOF(x_) == INTSXP || TYPEOF(x_) == REALSXP) && Rf_xlength(x_) == n;
}

/* Sorts the rows by stratum, keeping their order within each stratum */
static void split_strata(SEXP ans, SEXP stratum_, int n_stratum) {
  const size_t n = (size_t)Rf_xlength(VECTOR_ELT(ans, ROW));
  int *const row = INTEGER(VECTOR_ELT(ans, ROW)), *const rank =
                                                      INTEGER(VECTOR_ELT(ans, RANK));
  int *const row2 = (int *)R_alloc(n + 1, sizeof *row2);
  int *const rank2 = (int *)R_alloc(n + 1, sizeof *rank2);
  size_t *const next = (size_t *)R_alloc((size_t)n_stratum, sizeof *next);
  memset(next, 0, (size_t)n_stratum * sizeof *next);
  osv_by_stratum(INTEGER_RO(stratum_), row, rank, n, next, row2, rank2);
  memcpy(row, row2, n * sizeof *row);
  memcpy(rank, rank2, n * sizeof *rank);
}

/* Checks columns that may come from a hazard_ratio, which keeps them for residuals */
static void check_ranked(SEXP time_, SEXP entry_, SEXP stratum_, SEXP n_stratum_,
                         SEXP picked_) {
  const r_parts parts = {R_NilValue, "hazard_ratio"};
  const R_xlen_t n = Rf_xlength(time_);
  r_check_part(&parts, are_numbers(time_, n), "time");
  r_check_part(&parts, Rf_isNull(entry_) || are_numbers(entry_, n), "entry");
  const int all = Rf_isNull(picked_), n_stratum = Rf_asInteger(n_stratum_);
  const int *const row = all ? NULL : INTEGER_RO(picked_);
  const R_xlen_t m = all ? 0 : Rf_xlength(picked_);
  int bad = 0;
  for (R_xlen_t i = 0; i < m; i++) bad |= row[i] < 1 || row[i] > n;
  r_check_part(&parts, !bad, "time");
  if (Rf_isNull(stratum_)) return;
  r_check_part(&parts, TYPEOF(stratum_) == INTSXP && Rf_xlength(stratum_) == n,
               "stratum");
  const int *const stratum = INTEGER_RO(stratum_);
  for (R_xlen_t i = 0; i < (all ? n : m); i++) {
    const int code = stratum[all ? i : row[i] - 1];
    bad |= code < 1 || code > n_stratum;
  }
  r_check_part(&parts, !bad, "stratum");
}

/* .Call: ranks of times. A regression depends only on the order of the times, and tied
 * times share a rank.
 *
 * time_, entry_  integer or double, entry_ may be NULL; complete in the rows picked_
 * stratum_       codes from 1 to n_stratum_, or NULL
 * picked_        integer row numbers, ascending, or NULL: all rows
 * distinct_      the sorted times that are told apart; each once if entry_ is given.
 *                NULL, if entry_ is NULL too: the times of the rows
 * Value: list(row, time, entry, stratum), sorted by stratum and time: numbers of the
 * rows, ranks of their times, ranks of their entries (0: at risk from time 0; NULL
 * without entry_), and codes of strata
 */
SEXP r_time_ranks(SEXP time_, SEXP entry_, SEXP stratum_, SEXP n_stratum_, SEXP picked_,
                  SEXP distinct_) {
  static r_words names = {{"row", "time", "entry", "stratum", NULL}, NULL};
  check_ranked(time_, entry_, stratum_, n_stratum_, picked_);
  const int *const picked = Rf_isNull(picked_) ? NULL : INTEGER_RO(picked_);
  const size_t n = (size_t)Rf_xlength(picked ? picked_ : time_);
  const double *const distinct = Rf_isNull(distinct_) ? NULL : REAL_RO(distinct_);
  const size_t n_distinct = (size_t)Rf_xlength(distinct_);
  SEXP ans = PROTECT(r_new_list(&names));
  int *const row = r_new_codes(ans, ROW, (R_xlen_t)n);
  int *const rank = r_new_codes(ans, RANK, (R_xlen_t)n);
  int *const stratum = r_new_codes(ans, IN_STRATUM, (R_xlen_t)n);
  const void *const kept = vmaxget();
  for (size_t i = 0; i < n; i++) row[i] = picked ? picked[i] - 1 : (int)i;
  if (!picked && TYPEOF(time_) == REALSXP && osv_times_ascend(REAL_RO(time_), n)) {
    osv_rank_sorted(REAL_RO(time_), n, distinct, n_distinct, rank);
  } else {
    double *const time = r_scratch(2 * n);
    copy_numbers(time_, row, n, time);
    osv_rank_times(time, row, n, distinct, n_distinct, time + n, rank, rank);
  }
  if (!Rf_isNull(stratum_)) split_strata(ans, stratum_, Rf_asInteger(n_stratum_));
  copy_strata(stratum_, row, n, stratum);
  if (!Rf_isNull(entry_)) {
    double *const entry = r_scratch(n);
    copy_numbers(entry_, row, n, entry);
    osv_rank_entries(entry, n, distinct, n_distinct,
                     r_new_codes(ans, ENTRY_RANK, (R_xlen_t)n));
  }
  for (size_t i = 0; i < n; i++) row[i]++;
  vmaxset(kept);
  UNPROTECT(1);
  return ans;
}

/* .Call: the largest absolute value of numbers, missing ones left out; 0 without any */
SEXP r_largest_size(SEXP x_) {
  if (TYPEOF(x_) == REALSXP)
    return Rf_ScalarReal(osv_largest_size(REAL_RO(x_), (size_t)Rf_xlength(x_)));
  const int *const x = INTEGER_RO(x_);
  const R_xlen_t n = Rf_xlength(x_);
  double most = 0.0;
  for (R_xlen_t i = 0; i < n; i++)
    if (x[i] != NA_INTEGER && fabs((double)x[i]) > most) most = fabs((double)x[i]);
  return Rf_ScalarReal(most);
}

/* Factors with k levels each, next to a status coded from 1 to n_status */
typedef struct {
  const int **column;
  const int *k;
  size_t n_column;
  int n_status;
} pattern_columns;

/* code[m]: the codes of the rows `at` and after, whose status is status[m], see
 * r_pattern_codes(). Value: 1 if a code of a factor has no level */
static int combine_block(const pattern_columns *from, size_t at, size_t m,
                         const int *status, int *code) {
  int known = 1, odd = 0;
  for (size_t i = 0; i < m; i++) code[i] = 1;
  for (size_t v = 0; v < from->n_column; v++)
    known &= osv_combine_known(from->column[v] + at, m, from->k[v], code);
  known &= osv_combine_known(status, m, from->n_status, code);
  if (known) return 0;
  for (size_t i = 0; i < m; i++) code[i] = 1;
  for (size_t v = 0; v < from->n_column; v++) {
    odd |= !osv_codes_fit(from->column[v] + at, m, (unsigned)from->k[v]);
    osv_combine_codes(from->column[v] + at, m, from->k[v], code);
  }
  osv_combine_codes(status, m, from->n_status, code);
  return odd;
}

/* .Call: covariate pattern and status of each row as one code from 1. The first factor
 * varies slowest, the status fastest.
 *
 * columns_   list of factors with sizes_ levels
 * status_    logical, integer or double, see osv_status_codes()
 * Value: integer, NA in rows with a missing value; NULL if a status is not allowed, or if
 *   the code of a factor has no level
 */
SEXP r_pattern_codes(SEXP columns_, SEXP sizes_, SEXP status_, SEXP first_,
                     SEXP n_status_) {
  enum { PART = 4096 }; /* rows whose codes stay in the cache */
  const int n_status = Rf_asInteger(n_status_), first = Rf_asInteger(first_);
  const size_t n = (size_t)Rf_xlength(status_), n_column = (size_t)Rf_xlength(columns_);
  const double *const number = TYPEOF(status_) == REALSXP ? REAL_RO(status_) : NULL;
  const int *const whole = number                      ? NULL
                           : TYPEOF(status_) == LGLSXP ? LOGICAL_RO(status_)
                                                       : INTEGER_RO(status_);
  const int **column = (const int **)R_alloc(n_column, sizeof *column);
  for (size_t v = 0; v < n_column; v++)
    column[v] = INTEGER_RO(VECTOR_ELT(columns_, (R_xlen_t)v));
  const pattern_columns from = {column, INTEGER_RO(sizes_), n_column, n_status};
  SEXP ans = PROTECT(Rf_allocVector(INTSXP, (R_xlen_t)n));
  int *const code = INTEGER(ans), status[PART], odd = 0;
  for (size_t at = 0; at < n; at += PART) {
    const size_t m = n - at < PART ? n - at : PART;
    odd |= osv_status_codes(whole ? whole + at : NULL, number ? number + at : NULL, m,
                            first, n_status, status);
    odd |= combine_block(&from, at, m, status, code + at);
  }
  UNPROTECT(1);
  return odd ? R_NilValue : ans;
}

/* .Call: a factor in the rows rows_ (integer row numbers), without attributes other than
 * contrasts_. If contrasts_ is NULL, levels with rows come before those without. */
SEXP r_pick_levels(SEXP value_, SEXP rows_, SEXP contrasts_) {
  SEXP labels = Rf_getAttrib(value_, R_LevelsSymbol);
  const int k = (int)Rf_xlength(labels), *const row = INTEGER_RO(rows_);
  const int *const from = INTEGER_RO(value_);
  const R_xlen_t n = Rf_xlength(rows_);
  SEXP code_ = PROTECT(Rf_allocVector(INTSXP, n));
  int *const code = INTEGER(code_), n_used = 0;
  int *const place = (int *)R_alloc((size_t)k + 1, sizeof *place);
  memset(place, 0, ((size_t)k + 1) * sizeof *place);
  for (R_xlen_t i = 0; i < n; i++) {
    code[i] = from[row[i] - 1];
    if (code[i] != NA_INTEGER) place[code[i]] = 1;
  }
  for (int j = 1; j <= k; j++) n_used += place[j];
  if (Rf_isNull(contrasts_) && n_used < k) {
    SEXP sorted = PROTECT(Rf_allocVector(STRSXP, k));
    for (int j = 1, used = 0, unused = n_used; j <= k; j++) {
      place[j] = place[j] ? ++used : ++unused;
      SET_STRING_ELT(sorted, place[j] - 1, STRING_ELT(labels, j - 1));
    }
    for (R_xlen_t i = 0; i < n; i++)
      if (code[i] != NA_INTEGER) code[i] = place[code[i]];
    labels = sorted;
  } else {
    PROTECT(labels);
  }
  SEXP ans = PROTECT(r_quick_factor(code_, labels));
  if (!Rf_isNull(contrasts_)) Rf_setAttrib(ans, Rf_install("contrasts"), contrasts_);
  UNPROTECT(3);
  return ans;
}

/* .Call: for each level of a factor after the first, flags of the rows that have it */
SEXP r_level_members(SEXP value_, SEXP size_) {
  const int size = Rf_asInteger(size_), *const code = INTEGER_RO(value_);
  const R_xlen_t n = Rf_xlength(value_);
  SEXP ans = PROTECT(Rf_allocVector(VECSXP, size));
  for (int j = 0; j < size; j++) {
    SET_VECTOR_ELT(ans, j, Rf_allocVector(LGLSXP, n));
    int *const of = LOGICAL(VECTOR_ELT(ans, j));
    for (R_xlen_t i = 0; i < n; i++)
      of[i] = code[i] == NA_INTEGER ? NA_LOGICAL : code[i] == j + 2;
  }
  UNPROTECT(1);
  return ans;
}

/* .Call: sums of the doubles x_ by the codes at_, 1 to n_ */
SEXP r_sum_at(SEXP x_, SEXP at_, SEXP n_) {
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, Rf_asInteger(n_)));
  memset(REAL(ans), 0, (size_t)Rf_xlength(ans) * sizeof(double));
  osv_sum_at(REAL_RO(x_), INTEGER_RO(at_), (size_t)Rf_xlength(x_), REAL(ans));
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_sum_by_time(). Value: list(at, status, n), the first cell (from 1) of
 * each sum, its status and the sum */
SEXP r_sum_by_time(SEXP size_, SEXP time_, SEXP stratum_, SEXP status_, SEXP n_status_) {
  static r_words names = {{"at", "status", "n", NULL}, NULL};
  const osv_cells cells = {.n = (size_t)Rf_xlength(size_),
                           .size = REAL_RO(size_),
                           .time = INTEGER_RO(time_),
                           .stratum = INTEGER_RO(stratum_),
                           .status = INTEGER_RO(status_)};
  const size_t n_status = (size_t)Rf_asInteger(n_status_);
  double *const sum = r_scratch(n_status), *const total = r_scratch(cells.n);
  int *const at = (int *)R_alloc(cells.n + 1, sizeof *at);
  int *const of = (int *)R_alloc(cells.n + 1, sizeof *of);
  memset(sum, 0, n_status * sizeof *sum);
  const size_t m = osv_sum_by_time(&cells, sum, at, of, total);
  for (size_t i = 0; i < m; i++) at[i]++;
  SEXP ans = PROTECT(r_new_list(&names));
  memcpy(r_new_codes(ans, 0, (R_xlen_t)m), at, m * sizeof *at);
  memcpy(r_new_codes(ans, 1, (R_xlen_t)m), of, m * sizeof *of);
  memcpy(r_new_column(ans, 2, (R_xlen_t)m), total, m * sizeof *total);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_km_transform(). start_ and count_ may be NULL. Value: double, by rank
 * of time from 0 */
SEXP r_km_transform(SEXP stop_, SEXP start_, SEXP event_, SEXP count_) {
  const osv_exits exits = {.n = (size_t)Rf_xlength(stop_),
                           .stop = INTEGER_RO(stop_),
                           .start = Rf_isNull(start_) ? NULL : INTEGER_RO(start_),
                           .event = LOGICAL_RO(event_),
                           .count = Rf_isNull(count_) ? NULL : REAL_RO(count_)};
  int most = 0;
  for (size_t i = 0; i < exits.n; i++) {
    if (exits.stop[i] > most) most = exits.stop[i];
    if (exits.start && exits.start[i] > most) most = exits.start[i];
  }
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, most + 1));
  const size_t arrays = exits.start ? 2 : 1;
  osv_km_transform(&exits, (size_t)most, r_scratch(arrays * ((size_t)most + 2)),
                   REAL(ans));
  UNPROTECT(1);
  return ans;
}

/* Copies columns of numbers in the selected rows, or the contrasts of codes */
static void copy_columns(SEXP value_, SEXP contrasts_, SEXP rows_, size_t n, double *x) {
  const int *const row = Rf_isNull(rows_) ? NULL : INTEGER_RO(rows_);
  if (!Rf_isNull(contrasts_)) {
    const size_t k = (size_t)Rf_nrows(contrasts_), p = (size_t)Rf_ncols(contrasts_);
    const double *const contrast = REAL_RO(contrasts_);
    const int *const code = INTEGER_RO(value_);
    const r_parts parts = {R_NilValue, "hazard_ratio"};
    r_check_part(&parts,
                 (size_t)Rf_xlength(value_) == n && osv_codes_fit(code, n, (unsigned)k),
                 "variables");
    for (size_t a = 0; a < p; a++, x += n)
      for (size_t i = 0; i < n; i++)
        x[i] = code[i] == NA_INTEGER ? NA_REAL : contrast[a * k + (size_t)code[i] - 1];
    return;
  }
  const int whole = TYPEOF(value_) == INTSXP;
  const int *const codes = whole ? INTEGER_RO(value_) : NULL;
  const double *const numbers = whole ? NULL : REAL_RO(value_);
  const size_t all =
      Rf_isMatrix(value_) ? (size_t)Rf_nrows(value_) : (size_t)Rf_xlength(value_);
  const size_t p = all ? (size_t)Rf_xlength(value_) / all : (size_t)Rf_ncols(value_);
  const r_parts parts = {R_NilValue, "hazard_ratio"};
  r_check_part(&parts, row || all == n, "variables");
  for (size_t a = 0; a < p; a++, x += n)
    for (size_t i = 0; i < n; i++) {
      const size_t at = a * all + (row ? (size_t)row[i] - 1 : i);
      x[i] = !whole ? numbers[at] : codes[at] == NA_INTEGER ? NA_REAL : codes[at];
    }
}

/* Columns of the model matrix of a variable; contrasts_ is NULL for numbers */
static int count_columns(SEXP value_, SEXP contrasts_) {
  if (!Rf_isNull(contrasts_)) return Rf_ncols(contrasts_);
  return Rf_isMatrix(value_) ? Rf_ncols(value_) : 1;
}

/* .Call: the model matrix of terms with one variable each
 *
 * variables_  list of factors, and of numbers or matrices of numbers
 * contrasts_  list: a double matrix with a row for each level of a factor; NULL for
 *             numbers
 * rows_       integer row numbers used for the numbers (factors are already in this
 *             order), or NULL
 * Value: list(x, index): double[rows, columns], and the number of the variable of each
 *   column
 */
SEXP r_model_columns(SEXP variables_, SEXP contrasts_, SEXP rows_) {
  static r_words names = {{"x", "index", NULL}, NULL};
  SEXP first = VECTOR_ELT(variables_, 0);
  const int height = !Rf_isNull(rows_)    ? (int)Rf_xlength(rows_)
                     : Rf_isMatrix(first) ? Rf_nrows(first)
                                          : (int)Rf_xlength(first);
  const R_xlen_t n_variable = Rf_xlength(variables_);
  int columns = 0;
  for (R_xlen_t v = 0; v < n_variable; v++)
    columns += count_columns(VECTOR_ELT(variables_, v), VECTOR_ELT(contrasts_, v));
  SEXP ans = PROTECT(r_new_list(&names));
  SET_VECTOR_ELT(ans, 0, Rf_allocMatrix(REALSXP, height, columns));
  double *x = REAL(VECTOR_ELT(ans, 0));
  int *index = r_new_codes(ans, 1, columns);
  for (R_xlen_t v = 0; v < n_variable; v++) {
    SEXP value_ = VECTOR_ELT(variables_, v), coding_ = VECTOR_ELT(contrasts_, v);
    copy_columns(value_, coding_, rows_, (size_t)height, x);
    const int p = count_columns(value_, coding_);
    for (int j = 0; j < p; j++) *index++ = (int)v + 1;
    x += (size_t)height * (size_t)p;
  }
  UNPROTECT(1);
  return ans;
}
