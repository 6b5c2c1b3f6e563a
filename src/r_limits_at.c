/* r_limits_at - limits of estimates at levels of their own, for what is found by
 * inversion of intervals. */
#include "r_api.h"

#include <Rmath.h>
#include <math.h>

typedef struct {
  const int *type;
  const double *estimate, *rest, *se, *shape[4], *number, *least;
  int survival;
} law;

/* Exact or mid-p limits of row i */
static void exact_limits(const law *x, size_t i, double tail, double *low, double *high) {
  const osv_conf type = (osv_conf)x->type[i];
  const double a[] = {x->shape[0][i], x->shape[2][i]};
  const double b[] = {x->shape[1][i], x->shape[3][i]};
  const double end = r_end_tail(type, tail);
  if (x->number[i] > 0.0) {
    r_late_limits(type, x->estimate[i], x->rest[i], x->se[i], x->number[i], tail, low,
                  high);
    if (x->least[i] == 0.0) *(x->survival ? low : high) = x->survival ? 0.0 : 1.0;
    return;
  }
  for (int j = 0; j < 2; j++)
    if (ISNAN(a[j]) || ISNAN(b[j])) return;
  if (b[0] == 1.0 && b[1] == 0.0) { /* tail^(1 / n) itself, as the curves have it */
    *low = exp(osv_log_limit_no_event(a[0], end));
    *high = 1.0;
  } else if (a[0] == 0.0 && a[1] == 1.0) {
    *low = 0.0;
    *high = -expm1(osv_log_limit_no_event(b[1], end));
  } else {
    r_beta_limits(type, a, b, tail, low, high);
  }
  if (ISNAN(x->least[i])) return;
  const double log_limit = osv_log_limit_no_event(x->least[i], end);
  if (x->survival) *low = fmin(*low, exp(log_limit));
  if (!x->survival) *high = fmax(*high, -expm1(log_limit));
}

/* .Call: limits of some rows of estimates that leave out tail_ on each side.
 *
 * rows_  list: survival, TRUE for S and FALSE for F; columns: type int, place in osv_conf
 *        (a formula of osv_interval(), exact or mid-p); estimate, rest (1 - estimate),
 *        std_error; for exact and mid-p a0, b0, a1, b1, the shapes of r_beta_limits();
 *        number: above 0 where r_late_limits() takes the place of these, of so many
 *        subjects, with least 0 where the risk set has been empty; else least, where it
 *        is known, the number of ids whose limit without an event is the least one of F
 * row_   int, from 1; tail_ double, one a row_
 * Value: list of low and high; NA where the estimate, the shapes or the tail are, and
 * where row_ is NA or no row. May raise R warnings.
 */
SEXP r_limits_at(SEXP rows_, SEXP row_, SEXP tail_) {
  static const char *columns[] = {"low", "high", ""};
  const R_xlen_t n = Rf_xlength(row_), n_tail = Rf_xlength(tail_);
  const R_xlen_t n_row = Rf_xlength(r_element(rows_, "type"));
  const int *row = INTEGER_RO(row_);
  const double *tail = REAL_RO(tail_);
  const law x = {INTEGER_RO(r_element(rows_, "type")),
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
  for (R_xlen_t k = 0; k < n; k++) {
    low[k] = high[k] = NA_REAL;
    if (row[k] < 1 || row[k] > n_row || k >= n_tail || ISNAN(tail[k])) continue;
    const size_t i = (size_t)row[k] - 1;
    if (ISNAN(x.estimate[i])) continue;
    const osv_conf type = (osv_conf)x.type[i];
    if (type == OSV_CONF_EXACT || type == OSV_CONF_MID_P)
      exact_limits(&x, i, tail[k], low + k, high + k);
    else
      osv_interval(type, Rf_qnorm5(tail[k], 0.0, 1.0, 0, 0), x.estimate + i, x.rest + i,
                   x.se + i, 1, low + k, high + k);
  }
  UNPROTECT(1);
  return ans;
}
