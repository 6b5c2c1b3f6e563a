/* r_limits - confidence limits that R code requests, for whole curves and for single
 * rows. R's quantile functions may raise warnings, so everything here runs on the main
 * thread. */
#include "r_api.h"

#include <Rmath.h>
#include <math.h>

const osv_quantiles r_quantiles = {Rf_qbeta, Rf_pbeta, Rf_lbeta, Rf_qt, Rf_qnorm5};

int r_has_limits(SEXP type_) {
  return !r_is_text(type_, "none");
}

/* The types of limits that users may name, in the order of osv_conf. R code also uses
 * further types that request the inputs of exact limits, see osv_exact_show. */
enum { N_CONF_TYPE = 8, N_SHOW = 3 };

static int place_in(const char *const *names, int count, SEXP type_) {
  for (int i = 0; i < count; i++)
    if (r_is_text(type_, names[i])) return i;
  return -1;
}

static int conf_place(SEXP type_) {
  static const char *const names[] = {"plain",  "log",   "log-log", "logit",
                                      "arcsin", "exact", "mid-p",   "small-sample"};
  return place_in(names, N_CONF_TYPE, type_);
}

osv_conf r_conf_type(SEXP type_) {
  const int place = conf_place(type_);
  if (place >= 0) return (osv_conf)place;
  Rf_error("oligosurv internal error: interval type"); /* # nocov */
}

static int show_place(SEXP type_) {
  static const char *const names[] = {"first shapes", "second shapes", "numbers"};
  return place_in(names, N_SHOW, type_);
}

/* Is type_ a type of limits of a fit, or "none"? */
int r_is_limits_type(SEXP type_) {
  return conf_place(type_) >= 0 || show_place(type_) >= 0 || !r_has_limits(type_);
}

r_limits r_limits_of(SEXP type_, SEXP level_) {
  const double tail = (1.0 - Rf_asReal(level_)) / 2.0;
  const int any = r_has_limits(type_), show = show_place(type_);
  const osv_conf type = show >= 0 ? OSV_CONF_EXACT
                        : any     ? r_conf_type(type_)
                                  : OSV_CONF_PLAIN;
  r_limits x = {.any = any,
                .z = Rf_qnorm5(tail, 0.0, 1.0, 0, 0),
                .exact = osv_exact_of(type, tail, &r_quantiles)};
  x.exact.show = show >= 0 ? (osv_exact_show)(OSV_SHOW_A + show) : OSV_SHOW_LIMITS;
  return x;
}

/* The limits of one curve; their type may depend on its number of subjects */
r_limits r_limits_of_curve(r_limits limits, osv_subjects subjects) {
  limits.subjects = subjects;
  limits.exact.type = osv_conf_of_size(limits.exact.type, subjects.n);
  return limits;
}

/* The rows_ of r_limits_at() */
typedef struct {
  const int *type;
  const double *estimate, *rest, *std_error, *shape[4], *number, *least;
  int survival;
} limit_rows;

/* The inputs of the exact limits of row i; kind OSV_LIMITS_UNKNOWN if they are missing */
static osv_basis basis_of(const limit_rows *x, size_t i) {
  osv_basis row = {.survival = x->survival,
                   .a = {x->shape[0][i], x->shape[2][i]},
                   .b = {x->shape[1][i], x->shape[3][i]},
                   .estimate = x->estimate[i],
                   .rest = x->rest[i],
                   .std_error = x->std_error[i],
                   .n = x->number[i],
                   .least = x->least[i],
                   .kind = OSV_LIMITS_PRODUCT};
  const int start_at_one = row.b[0] == 1.0 && row.b[1] == 0.0;
  const int start_at_zero = row.a[0] == 0.0 && row.a[1] == 1.0;
  if (row.n > 0.0) {
    row.kind = OSV_LIMITS_LATE;
  } else if (ISNAN(row.a[0]) || ISNAN(row.b[0]) || ISNAN(row.a[1]) || ISNAN(row.b[1])) {
    row.kind = OSV_LIMITS_UNKNOWN;
  } else if (start_at_one || start_at_zero) { /* shapes with the quantile tail^(1 / n)
                                               * or 1 - tail^(1 / n) */
    row.kind = OSV_LIMITS_NO_EVENT;
    row.survival = start_at_one;
    row.least = start_at_one ? row.a[0] : row.b[1];
  }
  return row;
}

static int same(const double *x, size_t i, size_t j) {
  return x[i] == x[j] || (ISNAN(x[i]) && ISNAN(x[j]));
}

/* Do two rows have the same inputs of exact limits? This is common between two events. */
static int same_basis(const limit_rows *x, size_t i, size_t j) {
  for (int s = 0; s < 4; s++)
    if (!same(x->shape[s], i, j)) return 0;
  return x->type[i] == x->type[j] && same(x->estimate, i, j) && same(x->rest, i, j) &&
         same(x->std_error, i, j) && same(x->number, i, j) && same(x->least, i, j);
}

/* This many limits take less than a tenth of a second. */
enum { POLL_LIMITS = 1000 };

/* .Call: limits of selected rows of estimates, with the error probability tail_ on each
 * side.
 *
 * rows_  list: survival (TRUE for S, FALSE for F) and the columns
 *        type       int, place in osv_conf: a formula of osv_interval(), exact or mid-p
 *        estimate, rest (1 - estimate), std_error
 *        a0, b0, a1, b1  for exact and mid-p: the shapes of osv_basis
 *        number     the number of subjects with delayed entry, else 0
 *        least      if number is above 0: 0 if the risk set has been empty. Else, if
 *                   known, a number of ids: the limits are widened to include those for
 *                   no event among so many ids.
 * row_   int, from 1; tail_ double, one per row_
 * Value: list of low and high; NA where the estimate, the shapes or the tail are NA, and
 * where row_ is NA or out of range. May raise R warnings.
 */
SEXP r_limits_at(SEXP rows_, SEXP row_, SEXP tail_) {
  static const char *columns[] = {"low", "high", ""};
  const R_xlen_t n = Rf_xlength(row_), n_tail = Rf_xlength(tail_);
  const R_xlen_t n_row = Rf_xlength(r_element(rows_, "type"));
  const int *row = INTEGER_RO(row_);
  const double *tail = REAL_RO(tail_);
  static const char *const needed[] = {"estimate", "rest", "std_error", "a0",   "b0",
                                       "a1",       "b1",   "number",    "least"};
  for (int j = 0; j < 9; j++)
    if (Rf_xlength(r_element(rows_, needed[j])) != n_row)
      Rf_error("oligosurv internal error: `%s` of r_limits_at()",
               needed[j]); /* # nocov */
  const limit_rows x = {
      INTEGER_RO(r_element(rows_, "type")),
      REAL_RO(r_element(rows_, "estimate")),
      REAL_RO(r_element(rows_, "rest")),
      REAL_RO(r_element(rows_, "std_error")),
      {REAL_RO(r_element(rows_, "a0")), REAL_RO(r_element(rows_, "b0")),
       REAL_RO(r_element(rows_, "a1")), REAL_RO(r_element(rows_, "b1"))},
      REAL_RO(r_element(rows_, "number")),
      REAL_RO(r_element(rows_, "least")),
      Rf_asLogical(r_element(rows_, "survival"))};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  double *low = r_new_column(ans, 0, n), *high = r_new_column(ans, 1, n);
  R_xlen_t before = -1; /* the last k with exact limits */
  for (R_xlen_t k = 0; k < n; k++) {
    low[k] = high[k] = NA_REAL;
    if (k % POLL_LIMITS == 0) r_check_user();
    if (row[k] < 1 || row[k] > n_row || k >= n_tail || ISNAN(tail[k])) continue;
    const size_t i = (size_t)row[k] - 1;
    if (ISNAN(x.estimate[i])) continue;
    const osv_conf type = (osv_conf)x.type[i];
    if (type != OSV_CONF_EXACT && type != OSV_CONF_MID_P) {
      osv_interval(type, Rf_qnorm5(tail[k], 0.0, 1.0, 0, 0), x.estimate + i, x.rest + i,
                   x.std_error + i, 1, low + k, high + k);
      continue;
    }
    if (before >= 0 && tail[k] == tail[before] && same_basis(&x, i, row[before] - 1)) {
      low[k] = low[before];
      high[k] = high[before];
      continue;
    }
    before = k;
    const osv_basis basis = basis_of(&x, i);
    osv_exact exact = osv_exact_of(type, tail[k], &r_quantiles);
    if (basis.kind != OSV_LIMITS_UNKNOWN)
      osv_exact_limits(&exact, &basis, low + k, high + k);
  }
  UNPROTECT(1);
  return ans;
}

/* .Call: limits of proportions p_, with rest_ = 1 - p_, for the effective numbers of
 * subjects that their standard errors imply. type_ is "exact" or "mid-p"; tail_ has one
 * value, or one per proportion. NA without a standard error. */
SEXP r_share_limits(SEXP p_, SEXP rest_, SEXP std_error_, SEXP type_, SEXP tail_) {
  static const char *columns[] = {"low", "high", ""};
  const R_xlen_t n = Rf_xlength(p_);
  const double *p = REAL_RO(p_), *rest = REAL_RO(rest_), *se = REAL_RO(std_error_);
  const double *tail = REAL_RO(tail_);
  const int each = Rf_xlength(tail_) > 1;
  if (Rf_xlength(rest_) != n || Rf_xlength(std_error_) != n ||
      (each ? Rf_xlength(tail_) != n : n > 0 && Rf_xlength(tail_) < 1))
    Rf_error("oligosurv internal error: lengths of r_share_limits()"); /* # nocov */
  const osv_conf type = r_conf_type(type_);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  double *low = r_new_column(ans, 0, n), *high = r_new_column(ans, 1, n);
  for (R_xlen_t i = 0; i < n; i++) {
    low[i] = high[i] = NA_REAL;
    if (i % POLL_LIMITS == 0) r_check_user();
    osv_exact exact = osv_exact_of(type, tail[each ? i : 0], &r_quantiles);
    if (se[i] > 0.0)
      osv_effective_limits(&exact, p[i], rest[i], se[i], low + i, high + i);
  }
  UNPROTECT(1);
  return ans;
}
