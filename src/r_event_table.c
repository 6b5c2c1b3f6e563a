/* r_event_table - entry points for event tables: tied times, cells, sizes, risk sets. */
#include "r_api.h"

#include <math.h>
#include <string.h>

enum { TIME, JOINED };
static const char *names[] = {"time", "joined", ""};

/* The row of each delayed entry in a table with ids, from 1; NULL without left
 * truncation */
const int *r_entry_rows(SEXP table_, const osv_table *table) {
  if (!table->entry_time) return NULL;
  SEXP row_ = r_find_element(r_element(table_, "entry"), "row");
  const double n_entry = table->entry_start[table->n_curve];
  if (TYPEOF(row_) != INTSXP || (double)Rf_xlength(row_) != n_entry)
    r_stop_changed("event table", "entry"); /* # nocov */
  return INTEGER_RO(row_);
}

/* For each row of a table with ids: index of the first distinct time of its curve that is
 * after its entry. The row is at risk from that time on. NULL without left truncation. */
const size_t *r_entry_index(SEXP table_, const osv_table *table) {
  const int *row = r_entry_rows(table_, table);
  if (!row) return NULL;
  const size_t n_row = (size_t)table->start[table->n_curve];
  size_t *index = (size_t *)R_alloc(n_row + 1, sizeof *index);
  for (size_t c = 0; c < table->n_curve; c++) {
    const size_t end = (size_t)table->start[c + 1];
    size_t i = (size_t)table->start[c],
           j = 0; /* first row after the entry; index of its time */
    for (size_t e = (size_t)table->entry_start[c]; e < (size_t)table->entry_start[c + 1];
         e++) {
      for (; i < end && table->time[i] <= table->entry_time[e]; i++)
        j += i + 1 < end && table->time[i + 1] != table->time[i];
      index[row[e] - 1] = j;
    }
  }
  return index;
}

typedef struct {
  const osv_table *table;
  double tol, *joined;
  size_t cut[2], part[2];
} halves;

static osv_status join_half(void *ctx, size_t half, const osv_poll *poll) {
  halves *const x = ctx;
  x->part[half] = osv_merge_half(x->table, x->tol, x->cut, (int)half, poll, x->joined);
  return OSV_OK; /* r_share() detects that the poll stopped the task */
}

/* Merges tied times into joined[rows]; with NULL only tests whether any are tied */
static size_t join(const osv_table *table, double tol, int threads, double *joined) {
  if (table->n_curve != 2) {
    size_t *at = (size_t *)R_alloc(2 * table->n_curve + 1, sizeof *at);
    return osv_merge_ties(table, tol, at, at + table->n_curve, joined);
  }
  halves x = {table, tol, joined, {0}, {0}};
  osv_find_cut(table, tol, x.cut);
  r_share(threads, 2, join_half, &x);
  return x.part[0] + x.part[1];
}

/* The tolerance of the tie rule; -1 if the argument is not a valid tolerance */
double r_tie_tol(SEXP tol_) {
  const double tol =
      TYPEOF(tol_) == REALSXP && Rf_xlength(tol_) == 1 ? REAL_RO(tol_)[0] : -1.0;
  return tol >= 0.0 && tol <= 1e-3 ? tol : -1.0;
}

/* Are all times of the table different under the tie rule? */
int r_joins_nothing(const osv_table *table, double tol) {
  const int threads = r_thread_count(table->start[table->n_curve]) > 1 ? 2 : 1;
  return tol == 0.0 || join(table, tol, threads, NULL) == 0;
}

/* .Call glue of osv_merge_ties(): times of the table with ties merged. own_: no other
 * object shares the table, so that its times can be overwritten.
 *
 * Value: NULL when nothing is merged, else a list of time and joined, the number of
 * distinct times that were merged.
 */
SEXP r_join_times(SEXP table_, SEXP tol_, SEXP own_) {
  const osv_table table = r_table(table_);
  SEXP time_ = r_element(table_, "time");
  const double tol = Rf_asReal(tol_), n_row = (double)Rf_xlength(time_);
  const int threads = r_thread_count(n_row) > 1 ? 2 : 1;
  if (join(&table, tol, threads, NULL) == 0) return R_NilValue;
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  const int own = Rf_asLogical(own_) && !ALTREP(time_);
  if (own) SET_VECTOR_ELT(ans, TIME, time_);
  double *time = own ? REAL(time_) : r_new_column(ans, TIME, Rf_xlength(time_));
  r_new_column(ans, JOINED, 1)[0] = (double)join(&table, tol, threads, time);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_sum_cells(): converts rows sorted by curve, time, status and weight
 * to the columns time, status, n and start of an event table. start_: first row of each
 * curve.
 */
SEXP r_sum_cells(SEXP time_, SEXP status_, SEXP weight_, SEXP start_) {
  static const char *columns[] = {"time", "status", "n", "start", ""};
  const R_xlen_t n = Rf_xlength(time_), n_curve = Rf_xlength(start_) - 1;
  const double *start = REAL_RO(start_);
  double *time = (double *)R_alloc((size_t)n + 1, sizeof *time);
  double *sum = (double *)R_alloc((size_t)n + 1, sizeof *sum);
  int *status = (int *)R_alloc((size_t)n + 1, sizeof *status);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  double *first = r_new_column(ans, 3, n_curve + 1);
  size_t m = 0;
  for (R_xlen_t c = 0; c < n_curve; c++) {
    const size_t lo = (size_t)start[c], size = (size_t)(start[c + 1] - start[c]);
    first[c] = (double)m;
    m += osv_sum_cells(REAL_RO(time_) + lo, INTEGER_RO(status_) + lo,
                       REAL_RO(weight_) + lo, size, time + m, status + m, sum + m);
  }
  first[n_curve] = (double)m;
  memcpy(r_new_column(ans, 0, (R_xlen_t)m), time, m * sizeof *time);
  memcpy(r_new_codes(ans, 1, (R_xlen_t)m), status, m * sizeof *status);
  memcpy(r_new_column(ans, 2, (R_xlen_t)m), sum, m * sizeof *sum);
  UNPROTECT(1);
  return ans;
}

/* The sum of n over the rows of a curve; without n, their number */
double r_curve_size(const osv_table *table, size_t curve) {
  const size_t from = (size_t)table->start[curve], to = (size_t)table->start[curve + 1];
  osv_dd sum = {table->n ? 0.0 : (double)(to - from), 0.0};
  for (size_t i = from; table->n && i < to; i++)
    sum = osv_dd_add(sum, (osv_dd){table->n[i], 0.0});
  return sum.hi;
}

/* .Call: r_curve_size() of each curve of a table */
SEXP r_curve_sizes(SEXP table_) {
  const osv_table table = r_table(table_);
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)table.n_curve));
  for (size_t c = 0; c < table.n_curve; c++) REAL(ans)[c] = r_curve_size(&table, c);
  UNPROTECT(1);
  return ans;
}

/* Each curve of a table: number of rows or subjects, and by osv_count_subjects() the
 * number of subjects, the number at risk at the start, and whether more enter than leave
 * at a later time */
static SEXP count_subjects(const osv_table *table, int reverse) {
  static const char *columns[] = {"size", "n", "start", "gains", ""};
  enum { N_SIZE, N_SUBJECT, AT_START, GAINS };
  const R_xlen_t n_curve = (R_xlen_t)table->n_curve;
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  double *size = r_new_column(ans, N_SIZE, n_curve);
  double *n = r_new_column(ans, N_SUBJECT, n_curve);
  double *start = r_new_column(ans, AT_START, n_curve);
  SET_VECTOR_ELT(ans, GAINS, Rf_allocVector(LGLSXP, n_curve));
  for (size_t c = 0; c < table->n_curve; c++) {
    const osv_subjects x = osv_count_subjects(table, c, reverse);
    size[c] = r_curve_size(table, c);
    n[c] = x.n;
    start[c] = x.start;
    LOGICAL(VECTOR_ELT(ans, GAINS))[c] = x.gains;
  }
  UNPROTECT(1);
  return ans;
}

/* .Call: count_subjects() of an event table */
SEXP r_curve_subjects(SEXP table_) {
  const osv_table table = r_table(table_);
  return count_subjects(&table, 0);
}

/* .Call: count_subjects() of a fit, whose components are checked; follow-up is measured
 * up to censoring */
SEXP r_fit_subjects(SEXP fit_) {
  const osv_table table = r_table_of_fit(fit_);
  return count_subjects(&table, Rf_inherits(fit_, "follow_up"));
}

/* .Call: for each time of each curve of a fit, the smallest number at risk from the start
 * of the curve until just after that time */
SEXP r_least_at_risk(SEXP fit_) {
  const osv_table table = r_table(r_element(fit_, "table"));
  SEXP n_risk_ = r_element(fit_, "n.risk");
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(n_risk_)));
  double *n_risk = (double *)REAL_RO(n_risk_), *after = REAL(ans), sum = 0.0;
  SEXP size_ = r_element(fit_, "size");
  for (R_xlen_t c = 0; c < Rf_xlength(size_); c++) sum += REAL_RO(size_)[c];
  if ((size_t)Rf_xlength(size_) != table.n_curve || sum != (double)Rf_xlength(n_risk_))
    Rf_error("oligosurv internal error: sizes of r_least_at_risk()"); /* # nocov */
  for (size_t c = 0; c < table.n_curve; c++) {
    const size_t m = (size_t)REAL_RO(size_)[c];
    const osv_counts counts = {.n_risk = n_risk};
    double least = osv_count_subjects(&table, c, 0).start;
    osv_risk_after(&table, c, &counts, m, 0, after);
    for (size_t j = 0; j < m; j++) after[j] = least = fmin(least, after[j]);
    n_risk += m;
    after += m;
  }
  UNPROTECT(1);
  return ans;
}

/* .Call: the extent of an event table: distinct times, cells (curve, time and status) and
 * the rows that hold the first most_ cells */
SEXP r_table_extent(SEXP table_, SEXP most_) {
  const osv_table table = r_table(table_);
  size_t *at = (size_t *)R_alloc(2 * table.n_curve + 1, sizeof *at), rows;
  const double n_row = table.start[table.n_curve], most = fmin(Rf_asReal(most_), n_row);
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, 3));
  double *extent = REAL(ans);
  extent[0] = (double)osv_count_all_times(&table, at, at + table.n_curve);
  extent[1] = (double)osv_count_cells(&table, (size_t)most, &rows);
  extent[2] = (double)rows;
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_remaining(): number of subjects that remain at each of the ascending
 * at_, by curve. start_ divides the columns time_ and n_ into curves (n_ NULL: one
 * subject per row). With size_, the number of times of each curve, at_ holds the times of
 * one curve after another; without it all curves share at_. */
SEXP r_remaining(SEXP time_, SEXP n_, SEXP start_, SEXP at_, SEXP size_) {
  const R_xlen_t n_curve = Rf_xlength(start_) - 1, n_at = Rf_xlength(at_);
  const int own = !Rf_isNull(size_);
  const double *start = REAL_RO(start_), *at = REAL_RO(at_);
  const double *n = Rf_isNull(n_) ? NULL : REAL_RO(n_), *time = REAL_RO(time_);
  double sum = 0.0;
  for (R_xlen_t c = 0; own && c < n_curve; c++) sum += REAL_RO(size_)[c];
  if (n_curve < 0 || start[n_curve] != (double)Rf_xlength(time_) ||
      (n && Rf_xlength(n_) != Rf_xlength(time_)) ||
      (own && (Rf_xlength(size_) != n_curve || sum != (double)n_at)))
    Rf_error("oligosurv internal error: counts of r_remaining()"); /* # nocov */
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, own ? n_at : n_at * n_curve));
  double *to = REAL(ans);
  for (R_xlen_t c = 0; c < n_curve; c++) {
    const size_t m = own ? (size_t)REAL_RO(size_)[c] : (size_t)n_at;
    osv_remaining(time, n, (size_t)start[c], (size_t)start[c + 1], at, m, to);
    to += m;
    if (own) at += m;
  }
  UNPROTECT(1);
  return ans;
}
