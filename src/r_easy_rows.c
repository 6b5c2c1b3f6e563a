#include "r_api.h"

#include <string.h>

/* The fast path for formulas. Rows are easy to read if there are few, none has a missing
 * value, and the formula has this form: Surv() of two columns of `data` on the left;
 * right of the `~` the number 1, a factor or a text column, and at most one stratum. R
 * code decides what labels and names mean. All other rows, valid or not, are read by
 * R/rows-formula.R. */

enum { MOST_ROWS = 4096, MOST_LEVELS = 256, MOST_TEXTS = 64, MOST_BYTES = 250 };
enum { NAME = R_TIME + 4, STATES, GROUPS, STRATA, GROUP, STRATUM, SORTED };
/* the names from coding to landmark are placeholders that R code fills */
static r_words names = {
    {"time", "status", "n", "start", "name", "states", "groups", "strata", "group",
     "stratum", "sorted", "coding", "values", "variables", "origin", "landmark"},
    NULL};

/* Is a label printable ASCII without a blank at either end? Such text is the same in
 * every encoding and locale, and the rules on white space of R/event-table-labels.R do
 * not change it. */
static int is_simple(SEXP label) {
  if (label == NA_STRING) return 0;
  const char *text = CHAR(label);
  size_t n = 0;
  for (; text[n] != '\0'; n++)
    if (text[n] < ' ' || text[n] > '~') return 0;
  return n > 0 && n < MOST_BYTES && text[0] != ' ' && text[n - 1] != ' ';
}

/* .Call: is there at least one label, and are all of them simple text? */
SEXP r_is_simple_text(SEXP labels_) {
  if (TYPEOF(labels_) != STRSXP) return Rf_ScalarLogical(0);
  const R_xlen_t n = Rf_xlength(labels_);
  for (R_xlen_t i = 0; i < n; i++)
    if (!is_simple(STRING_ELT(labels_, i))) return Rf_ScalarLogical(0);
  return Rf_ScalarLogical(n > 0);
}

/* .Call: can estimates be computed from an event table without further checks? It must
 * have no error, no left truncation, simple labels and no tied times. This is one call,
 * because every estimate from counts begins with it. Other tables are checked in R. */
SEXP r_is_ready(SEXP x_, SEXP tol_) {
  static const char *labels[] = {"states", "groups", "strata"};
  const double tol = r_tie_tol(tol_);
  if (tol < 0.0 || !Rf_inherits(x_, "event_table") || r_wrong_part(x_))
    return Rf_ScalarLogical(0);
  for (size_t i = 0; i < 3; i++)
    if (!Rf_asLogical(r_is_simple_text(r_element(x_, labels[i]))))
      return Rf_ScalarLogical(0);
  const osv_table table = r_table(x_);
  return Rf_ScalarLogical(!table.entry_time && r_joins_nothing(&table, tol));
}

/* Is each of the integers NA or from 1 to k? */
static int codes_fit(SEXP x, R_xlen_t k) {
  return osv_codes_fit(INTEGER_RO(x), (size_t)Rf_xlength(x),
                       k > INT_MAX ? INT_MAX : (unsigned)k);
}

/* .Call: is a factor made of integers that each have a level that is text? After a broken
 * import this may be false, and C code uses the codes as indices. */
SEXP r_codes_fit(SEXP x) {
  SEXP levels_ = Rf_getAttrib(x, R_LevelsSymbol);
  const int right_types = TYPEOF(x) == INTSXP && TYPEOF(levels_) == STRSXP;
  return Rf_ScalarLogical(right_types && codes_fit(x, Rf_xlength(levels_)));
}

/* The levels of a factor, ordered or not, if all are simple and different, else NULL.
 * They are compared by address, because R stores equal ASCII strings only once. */
static SEXP simple_levels(SEXP x) {
  SEXP class_ = Rf_getAttrib(x, R_ClassSymbol);
  const R_xlen_t k = Rf_xlength(class_);
  if (TYPEOF(x) != INTSXP || k < 1 || k > 2 ||
      strcmp(CHAR(STRING_ELT(class_, k - 1)), "factor") != 0 ||
      (k == 2 && strcmp(CHAR(STRING_ELT(class_, 0)), "ordered") != 0) ||
      !Rf_isNull(Rf_getAttrib(x, Rf_install("known"))))
    return R_NilValue;
  SEXP labels = Rf_getAttrib(x, R_LevelsSymbol);
  if (TYPEOF(labels) != STRSXP || Rf_isObject(labels) || ALTREP(labels) ||
      Rf_xlength(labels) > MOST_LEVELS)
    return R_NilValue;
  for (R_xlen_t i = 0; i < Rf_xlength(labels); i++) {
    if (!is_simple(STRING_ELT(labels, i))) return R_NilValue;
    for (R_xlen_t j = 0; j < i; j++)
      if (STRING_ELT(labels, i) == STRING_ELT(labels, j)) return R_NilValue;
  }
  return labels;
}

/* The column of `data` with the name of a symbol, else NULL. Variables of the formula's
 * environment are left to the R code, because they may be promises or active bindings. */
static SEXP column_of(SEXP expr, SEXP data) {
  if (TYPEOF(expr) != SYMSXP || TYPEOF(data) != VECSXP || ALTREP(data)) return R_NilValue;
  SEXP columns = Rf_getAttrib(data, R_NamesSymbol), name = PRINTNAME(expr);
  if (TYPEOF(columns) != STRSXP || !is_simple(name)) return R_NilValue;
  for (R_xlen_t i = 0; i < Rf_xlength(columns); i++)
    if (r_same_text(CHAR(STRING_ELT(columns, i)), CHAR(name))) return VECTOR_ELT(data, i);
  return R_NilValue;
}

static int is_call_to(SEXP expr, const char *name, int n_args) {
  return TYPEOF(expr) == LANGSXP && Rf_xlength(expr) == n_args + 1 &&
         TYPEOF(CAR(expr)) == SYMSXP && r_same_text(CHAR(PRINTNAME(CAR(expr))), name);
}

static int place_of(SEXP label, const SEXP *labels, int k) {
  int j = 0;
  while (j < k && labels[j] != label) j++;
  return j;
}

/* The text as an ordinary vector, which keeps its strings alive. A lazy (ALTREP) vector
 * may create a new string at each reading, which R may free before the next one is
 * read. */
static SEXP held_text(SEXP x) {
  if (!ALTREP(x)) return x;
  const R_xlen_t n = Rf_xlength(x);
  SEXP held = PROTECT(Rf_allocVector(STRSXP, n));
  for (R_xlen_t i = 0; i < n; i++) SET_STRING_ELT(held, i, STRING_ELT(x, i));
  UNPROTECT(1);
  return held;
}

/* Codes from 1 of a text column with few and simple labels, else NULL. The labels are
 * stored in byte order in found[at] and found[SORTED]; R checks that its locale has the
 * same order. */
static const int *code_text(SEXP x, SEXP found, int at) {
  SEXP labels[MOST_TEXTS];
  int k = 0;
  const R_xlen_t n = Rf_xlength(x);
  for (R_xlen_t i = 0; i < n; i++) {
    SEXP label = STRING_ELT(x, i);
    if (place_of(label, labels, k) < k) continue;
    if (k == MOST_TEXTS || !is_simple(label)) return NULL;
    int j = k++;
    for (; j > 0 && strcmp(CHAR(label), CHAR(labels[j - 1])) < 0; j--)
      labels[j] = labels[j - 1];
    labels[j] = label;
  }
  int *code = (int *)R_alloc((size_t)n, sizeof *code);
  for (R_xlen_t i = 0; i < n; i++) code[i] = place_of(STRING_ELT(x, i), labels, k) + 1;
  if (Rf_isNull(VECTOR_ELT(found, SORTED)))
    SET_VECTOR_ELT(found, SORTED, Rf_allocVector(VECSXP, 3));
  SET_VECTOR_ELT(found, at, Rf_allocVector(STRSXP, k));
  SET_VECTOR_ELT(VECTOR_ELT(found, SORTED), at - STATES, VECTOR_ELT(found, at));
  for (int j = 0; j < k; j++) SET_STRING_ELT(VECTOR_ELT(found, at), j, labels[j]);
  return code;
}

/* Codes of a factor or text of n rows; its labels are stored in found[at]. NULL if it is
 * not easy to read. */
static const int *easy_labels(SEXP x, R_xlen_t n, SEXP found, int at) {
  if (Rf_xlength(x) != n) return NULL;
  if (TYPEOF(x) == STRSXP && !Rf_isObject(x)) {
    SEXP held = PROTECT(held_text(x));
    const int *code = code_text(held, found, at);
    UNPROTECT(1);
    return code;
  }
  SEXP labels = simple_levels(x);
  const int k = (int)Rf_xlength(labels);
  if (k == 0) return NULL;
  if (!codes_fit(x, k)) return NULL; /* R code raises the error */
  SET_VECTOR_ELT(found, at, labels);
  return INTEGER_RO(x);
}

/* easy_labels() for a variable right of the `~`; its name is stored in found[name_at] */
static const int *easy_variable(SEXP expr, SEXP data, R_xlen_t n, SEXP found,
                                int labels_at, int name_at) {
  const int *code = easy_labels(column_of(expr, data), n, found, labels_at);
  if (code) SET_VECTOR_ELT(found, name_at, Rf_ScalarString(PRINTNAME(expr)));
  return code;
}

/* Reads time and status of Surv(time, status). Value: 0 if they are not easy to read. */
static int easy_surv(SEXP surv, SEXP data, osv_rows *rows, SEXP found) {
  SEXP time = column_of(CAR(surv), data), status = column_of(CADR(surv), data);
  const R_xlen_t n = Rf_xlength(time);
  if (TAG(surv) != R_NilValue || TAG(CDR(surv)) != R_NilValue || Rf_isObject(time) ||
      n == 0 || n > MOST_ROWS || Rf_xlength(status) != n)
    return 0;
  rows->n = (size_t)n;
  rows->time = TYPEOF(time) == REALSXP ? REAL_RO(time) : NULL;
  rows->time_int = TYPEOF(time) == INTSXP ? INTEGER_RO(time) : NULL;
  rows->n_status = 2; /* R code handles a status of 2 */
  if (Rf_isObject(status) || TYPEOF(status) == STRSXP) {
    rows->status_int = easy_labels(status, n, found, STATES);
    rows->status_first = 1;
    rows->n_status = (int)Rf_xlength(VECTOR_ELT(found, STATES));
    if (rows->n_status < 2) return 0;
  } else if (TYPEOF(status) == REALSXP) {
    rows->status = REAL_RO(status);
  } else if (TYPEOF(status) == INTSXP) {
    rows->status_int = INTEGER_RO(status);
  } else if (TYPEOF(status) == LGLSXP) {
    rows->status_int = LOGICAL_RO(status);
  }
  SET_VECTOR_ELT(found, NAME, Rf_ScalarString(PRINTNAME(CADR(surv))));
  return (rows->time || rows->time_int) && (rows->status || rows->status_int);
}

/* Reads Surv(time, status) ~ group + strata(stratum), where `strata()` may be absent and
 * the group may be the number 1, or the left side alone. Value: 0 if the formula or its
 * columns are not easy to read. */
static int easy_formula(SEXP formula, SEXP data, int left_alone, osv_rows *rows,
                        SEXP found) {
  if (!is_call_to(formula, "~", 2) || !is_call_to(CADR(formula), "Surv", 2) ||
      !easy_surv(CDR(CADR(formula)), data, rows, found))
    return 0;
  const R_xlen_t n = (R_xlen_t)rows->n;
  SEXP group = CADDR(formula);
  rows->n_group = rows->n_stratum = 1;
  if (left_alone) return 1;
  if (is_call_to(group, "+", 2)) {
    SEXP strata = CADDR(group);
    group = CADR(group);
    if (!is_call_to(strata, "strata", 1)) return 0;
    rows->stratum = easy_variable(CADR(strata), data, n, found, STRATA, STRATUM);
    if (!rows->stratum) return 0;
    rows->n_stratum = (int)Rf_xlength(VECTOR_ELT(found, STRATA));
  }
  if (TYPEOF(group) == REALSXP && Rf_xlength(group) == 1) return REAL_RO(group)[0] == 1.0;
  rows->group = easy_variable(group, data, n, found, GROUPS, GROUP);
  if (rows->group) rows->n_group = (int)Rf_xlength(VECTOR_ELT(found, GROUPS));
  return rows->group && (double)rows->n_status * rows->n_group * rows->n_stratum < 1e6;
}

/* .Call: counts of the rows of a formula, with name and levels of the status, labels and
 * names of groups and strata, and labels sorted by bytes (NULL if there are none). With
 * left_alone_ the right side is not read and all rows are one group. Value: NULL if the
 * rows are not easy to read, if a value is missing or outside its domain, or if the tie
 * rule with tolerance tol_ would merge times. */
SEXP r_count_easy(SEXP formula_, SEXP data_, SEXP tol_, SEXP left_alone_) {
  osv_rows rows = {0};
  const double tol = r_tie_tol(tol_);
  if (tol < 0.0) return R_NilValue;
  SEXP found = PROTECT(r_new_list(&names)), ans = R_NilValue;
  if (easy_formula(formula_, data_, Rf_asLogical(left_alone_) == 1, &rows, found)) {
    SEXP counts = PROTECT(r_count_rows(&rows, 1));
    for (int i = R_TIME; i < NAME; i++) SET_VECTOR_ELT(found, i, VECTOR_ELT(counts, i));
    if (Rf_asReal(r_element(counts, "complete")) == (double)rows.n &&
        Rf_asReal(r_element(counts, "bad")) == 0.0) {
      const osv_table table = r_table_of_counts(found);
      if (r_joins_nothing(&table, tol)) ans = found;
    }
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return ans;
}
