/* What the glue of curves and areas shares: the layout of the output, limits. */
#include "r_api.h"

#include <Rmath.h>
#include <string.h>

/* Rows of each curve in the output, one per distinct time; stores `size` in the list. */
r_layout r_curve_layout(const osv_table *table, SEXP list, int size_at) {
  const size_t n = table->n_curve;
  double *column = r_new_column(list, size_at, (R_xlen_t)n);
  size_t *first = (size_t *)R_alloc(n + 1, sizeof *first);
  size_t *size = (size_t *)R_alloc(n + 1, sizeof *size);
  size_t sum = 0;
  for (size_t c = 0; c < n; c++) {
    const size_t lo = (size_t)table->start[c];
    first[c] = sum;
    size[c] = osv_count_times(table->time + lo, (size_t)table->start[c + 1] - lo);
    column[c] = (double)size[c];
    sum += size[c];
  }
  return (r_layout){(R_xlen_t)n, first, size, (R_xlen_t)sum};
}

/* Curves with one row a row of the table take its times as they are: 0 then, and 1 where
 * the times of the output have to be written. */
int r_put_time(SEXP list, int at, SEXP table_, R_xlen_t n_row) {
  SEXP time_ = r_element(table_, "time");
  if (Rf_xlength(time_) != n_row) return 1;
  SET_VECTOR_ELT(list, at, time_);
  return 0;
}

int r_has_limits(SEXP type_) {
  return !r_is_text(type_, "none");
}

/* Place of an interval type in osv_conf, -1 if it is none */
static int conf_place(SEXP type_) {
  static const char *types[] = {"plain",  "log",   "log-log", "logit",
                                "arcsin", "exact", "mid-p",   "small-sample"};
  for (int i = 0; i < 8; i++)
    if (r_is_text(type_, types[i])) return i;
  return -1;
}

int r_is_conf_type(SEXP type_) {
  return conf_place(type_) >= 0;
}

osv_conf r_conf_type(SEXP type_) {
  const int place = conf_place(type_);
  if (place >= 0) return (osv_conf)place;
  Rf_error("oligosurv internal error: interval type"); /* # nocov */
}

/* Events, and subjects or ids of a curve, up to which small-sample limits are exact, see
 * R/survival-band.R */
enum { FEW_EVENTS = 5, FEW_SUBJECTS = 50 };

/* Are limits exact after this many events, wherever the estimate is? */
int r_exact_after(osv_conf type, double events) {
  return type == OSV_CONF_EXACT || type == OSV_CONF_MID_P ||
         (type == OSV_CONF_SMALL_SAMPLE && events <= FEW_EVENTS);
}

/* The type of limits that a curve of n subjects, or ids, gets */
osv_conf r_conf_of_size(osv_conf type, double n) {
  return type == OSV_CONF_SMALL_SAMPLE && n <= FEW_SUBJECTS ? OSV_CONF_EXACT : type;
}

/* What limits a call of an estimator asks for */
r_limits r_limits_of(SEXP type_, SEXP level_) {
  const int any = r_has_limits(type_);
  const double tail = (1.0 - Rf_asReal(level_)) / 2.0;
  return (r_limits){any, any ? r_conf_type(type_) : OSV_CONF_PLAIN, tail,
                    Rf_qnorm5(tail, 0.0, 1.0, 0, 0)};
}

/* Those of curve c of a table, whose type goes by its size */
r_limits r_limits_of_curve(r_limits limits, const osv_table *table, size_t c) {
  if (limits.type != OSV_CONF_SMALL_SAMPLE) return limits;
  const size_t lo = (size_t)table->start[c], hi = (size_t)table->start[c + 1];
  double n = (double)(hi - lo);
  if (table->n) {
    n = 0.0;
    for (size_t row = lo; row < hi && n <= FEW_SUBJECTS; row++) n += table->n[row];
  }
  limits.type = r_conf_of_size(limits.type, n);
  return limits;
}

/* Tail of the exact limit of an estimate of 0 or 1: one of the two laws of the mid-p
 * mixture is a point there, so the other has to leave out twice as much. */
double r_end_tail(osv_conf type, double tail) {
  return type == OSV_CONF_MID_P ? 2.0 * tail : tail;
}

/* Beta quantile with probability tail below it, or above it with `upper`. Shapes near 0,
 * of an effective number far below one subject, have quantiles no double can hold, at
 * which R's search gives up: x^a / (a B(a, b)) = tail there. */
double r_beta_quantile(double tail, double a, double b, int upper) {
  const double near_end = upper ? b : a, log_beta = Rf_lbeta(a, b);
  double x;
  if (osv_beta_quantile(tail, a, b, log_beta, upper, &x)) return x;
  const double log_x = (log(tail) + log(near_end) + log_beta) / near_end;
  if (log_x < -700.0) return upper ? 1.0 : 0.0;
  return Rf_qbeta(tail, a, b, !upper, 0);
}

/* The quantile of half the one and half the other of two beta laws, the first of them the
 * lower: with `upper`, the probability above it is tail. */
static double mid_quantile(const double *a, const double *b, double tail, int upper) {
  double low = r_beta_quantile(tail, a[0], b[0], upper);
  double high = r_beta_quantile(tail, a[1], b[1], upper);
  for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const double x = 0.5 * (low + high);
    if (x <= low || x >= high) break;
    const double p =
        0.5 * (Rf_pbeta(x, a[0], b[0], !upper, 0) + Rf_pbeta(x, a[1], b[1], !upper, 0));
    if ((p < tail) == !upper)
      low = x;
    else
      high = x;
  }
  return 0.5 * (low + high);
}

/* Limits of a probability from the law of its lower and of its upper limit, Beta(a[0],
 * b[0]) and Beta(a[1], b[1]): the exact ones, or the quantiles of their even mixture.
 * a[0] = 0 stands for the point 0, b[1] = 0 for the point 1. `high` may be NULL for exact
 * limits. May raise R warnings: main thread only. */
void r_beta_limits(osv_conf type, const double *a, const double *b, double tail,
                   double *low, double *high) {
  const int at_zero = a[0] <= 0.0, at_one = b[1] <= 0.0;
  const double end = r_end_tail(type, tail);
  *low = 0.0;
  if (high) *high = 1.0;
  if (type == OSV_CONF_MID_P && !at_zero && !at_one) {
    *low = mid_quantile(a, b, tail, 0);
    *high = mid_quantile(a, b, tail, 1);
    return;
  }
  if (!at_zero) *low = r_beta_quantile(end, a[0], b[0], 0);
  if (high && !at_one) *high = r_beta_quantile(end, a[1], b[1], 1);
}

/* Clopper-Pearson limits of f, or their mid-p form; 0 < f < 1, rest = 1 - f, on the
 * effective number of subjects f rest / se^2. May raise R warnings: main thread only. */
void r_effective_limits(osv_conf type, double f, double rest, double se, double tail,
                        double *low, double *high) {
  const double n = f * rest / se / se;
  const double a[] = {f * n, f * n + 1.0}, b[] = {rest * n + 1.0, rest * n};
  r_beta_limits(type, a, b, tail, low, high);
}
