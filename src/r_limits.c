/* What the glue of curves and areas shares: the layout of the output, limits. */
#include "r_api.h"

#include <Rmath.h>
#include <math.h>
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

/* Rows of the longest curve */
size_t r_most_rows(const r_layout *layout) {
  size_t most = 0;
  for (R_xlen_t c = 0; c < layout->n_curve; c++)
    if (layout->size[c] > most) most = layout->size[c];
  return most;
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
  static const char *types[] = {
      "plain", "log",          "log-log",      "logit",         "arcsin", "exact",
      "mid-p", "small-sample", "first shapes", "second shapes", "numbers"};
  for (int i = 0; i < 11; i++)
    if (r_is_text(type_, types[i])) return i;
  return -1;
}

/* Is it one that users may name? */
int r_is_conf_type(SEXP type_) {
  const int place = conf_place(type_);
  return place >= 0 && place < (int)R_CONF_SHAPE_A;
}

osv_conf r_conf_type(SEXP type_) {
  const int place = conf_place(type_);
  if (place >= 0) return (osv_conf)place;
  Rf_error("oligosurv internal error: interval type"); /* # nocov */
}

/* Events, and subjects or ids of a curve, up to which small-sample limits are exact, see
 * R/survival-band.R */
enum { FEW_EVENTS = 5, FEW_SUBJECTS = 50 };

/* Does this type stand for what exact limits rest on, in place of these? */
int r_is_shapes(osv_conf type) {
  return type == R_CONF_SHAPE_A || type == R_CONF_SHAPE_B || type == R_CONF_NUMBERS;
}

/* Are limits exact after this many events, wherever the estimate is? */
int r_exact_after(osv_conf type, double events) {
  return type == OSV_CONF_EXACT || type == OSV_CONF_MID_P || r_is_shapes(type) ||
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
  return (r_limits){.any = any,
                    .type = any ? r_conf_type(type_) : OSV_CONF_PLAIN,
                    .tail = tail,
                    .z = Rf_qnorm5(tail, 0.0, 1.0, 0, 0)};
}

/* Those of curve c of a table, whose type goes by its size */
r_limits r_limits_of_curve(r_limits limits, const osv_table *table, size_t c,
                           int reverse) {
  limits.subjects = osv_count_subjects(table, c, reverse);
  limits.type = r_conf_of_size(limits.type, limits.subjects.n);
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

/* Limits of a probability from the distribution of its lower and of its upper limit,
 * Beta(a[0], b[0]) and Beta(a[1], b[1]): the exact ones, or the quantiles of their even
 * mixture. a[0] = 0 stands for the point 0, b[1] = 0 for the point 1. May raise R
 * warnings: main thread only. */
void r_beta_limits(osv_conf type, const double *a, const double *b, double tail,
                   double *low, double *high) {
  const int at_zero = a[0] <= 0.0, at_one = b[1] <= 0.0;
  const double end = r_end_tail(type, tail);
  if (r_is_shapes(type)) {
    const double *shape = type == R_CONF_SHAPE_A ? a : b;
    *low = type == R_CONF_NUMBERS ? 0.0 : shape[0];
    if (high) *high = type == R_CONF_NUMBERS ? 0.0 : shape[1];
    return;
  }
  *low = 0.0;
  *high = 1.0;
  if (type == OSV_CONF_MID_P && !at_zero && !at_one) {
    *low = mid_quantile(a, b, tail, 0);
    *high = mid_quantile(a, b, tail, 1);
    return;
  }
  if (!at_zero) *low = r_beta_quantile(end, a[0], b[0], 0);
  if (!at_one) *high = r_beta_quantile(end, a[1], b[1], 1);
}

/* Clopper-Pearson limits of f, or their mid-p form; 0 < f < 1, rest = 1 - f, on the
 * effective number of subjects f rest / se^2. May raise R warnings: main thread only. */
void r_effective_limits(osv_conf type, double f, double rest, double se, double tail,
                        double *low, double *high) {
  const double n = f * rest / se / se;
  const double a[] = {f * n, f * n + 1.0}, b[] = {rest * n + 1.0, rest * n};
  r_beta_limits(type, a, b, tail, low, high);
}

r_exact r_exact_start(const r_limits *limits, int survival, size_t n_cause,
                      size_t cause) {
  return (r_exact){.limits = limits,
                   .survival = survival,
                   .n_cause = n_cause,
                   .cause = cause,
                   .state = osv_exact_start(limits->subjects.start),
                   .shape = {-1.0, -1.0, -1.0, -1.0},
                   .estimate = -1.0};
}

/* How many of the next n rows of a curve have exact limits: those before the first event
 * and, where the type has them, at few events */
size_t r_exact_rows(r_exact *x, const osv_counts *counts, size_t n,
                    const double *estimate) {
  const double *own = counts->n_event + x->cause * counts->stride;
  const double none = x->survival ? 1.0 : 0.0;
  for (size_t i = 0; i < n; i++) {
    x->events += own[i];
    if (estimate[i] != none && !r_exact_after(x->limits->type, x->events)) return i;
  }
  return n;
}

/* Exact limit from the distribution of 1 - F behind it, Beta(a, b): the lower one of 1 -
 * F is the upper one of F. a = 0 stands for the point 0, b = 0 for the point 1. */
static double exact_limit(double tail, double a, double b, int upper, int survival) {
  if (a <= 0.0 || b <= 0.0) return (a <= 0.0) == survival ? 0.0 : 1.0;
  return survival ? r_beta_quantile(tail, a, b, upper)
                  : r_beta_quantile(tail, b, a, !upper);
}

/* Limits from the two distributions behind those of 1 - F; the last ones where these have
 * not changed */
static void put_beta(r_exact *x, const double *shape, double *low, double *high) {
  const int same_low = shape[0] == x->shape[0] && shape[1] == x->shape[1];
  const int same_high = shape[2] == x->shape[2] && shape[3] == x->shape[3];
  const int s = x->survival;
  const double tail = x->limits->tail;
  if (x->limits->type == OSV_CONF_MID_P || r_is_shapes(x->limits->type)) {
    const double a[] = {shape[s ? 0 : 3], shape[s ? 2 : 1]};
    const double b[] = {shape[s ? 1 : 2], shape[s ? 3 : 0]};
    if (!same_low || !same_high)
      r_beta_limits(x->limits->type, a, b, tail, x->law, x->law + 1);
  } else {
    if (!same_low) x->law[!s] = exact_limit(tail, shape[0], shape[1], 0, s);
    if (!same_high) x->law[s] = exact_limit(tail, shape[2], shape[3], 1, s);
  }
  memcpy(x->shape, shape, sizeof x->shape);
  *low = x->law[0];
  *high = x->law[1];
}

/* Limits of an estimate between 0 and 1 where some of n subjects enter late: those of
 * Clopper and Pearson on the effective number of subjects, with the t quantile that goes
 * with it (Korn and Graubard; of 3 degrees of freedom at least, so that few still say
 * something) and at most as many as there are. */
void r_late_limits(osv_conf type, double estimate, double rest, double se, double n,
                   double tail, double *low, double *high) {
  const double effective = estimate * rest / se / se;
  const double widen =
      Rf_qt(tail, fmax(effective - 1.0, 3.0), 0, 0) / Rf_qnorm5(tail, 0.0, 1.0, 0, 0);
  r_effective_limits(type, estimate, rest, fmax(se * widen, sqrt(estimate * rest / n)),
                     tail, low, high);
}

/* r_late_limits() of a row. Where the risk set has been empty, nothing is known of what
 * happened meanwhile. */
static void put_late(r_exact *x, double estimate, double se, double least, double *low,
                     double *high) {
  const double n = x->limits->subjects.n;
  if (x->limits->type == R_CONF_NUMBERS) {
    *low = n;
    *high = least == 0.0;
    return;
  }
  if (estimate != x->estimate || se != x->se) {
    r_late_limits(x->limits->type, estimate, 1.0 - estimate, se, n, x->limits->tail,
                  x->effective, x->effective + 1);
    x->estimate = estimate;
    x->se = se;
  }
  *low = x->survival && least == 0.0 ? 0.0 : x->effective[0];
  *high = !x->survival && least == 0.0 ? 1.0 : x->effective[1];
}

/* Exact limits of the next n rows of a curve, of F or 1 - F as estimated: without an
 * event those of the smallest subdistribution risk set since the start of the curve, else
 * the beta product, see osv_exact_more(), or, where subjects enter late, put_late(). May
 * raise R warnings: main thread only. */
void r_exact_limits(r_exact *x, const osv_counts *counts, const double *after, size_t n,
                    const double *estimate, const double *se, double *low, double *high) {
  double shape[5][R_PIECE];
  const osv_exact_out out = {shape[0], shape[1], shape[2], shape[3], shape[4]};
  const double end = r_end_tail(x->limits->type, x->limits->tail);
  osv_exact_more(&x->state, counts, x->n_cause, x->cause, after, 0, n, &out);
  for (size_t i = 0; i < n; i++) {
    const double free = x->survival ? estimate[i] : 1.0 - estimate[i];
    if (free == 1.0 && out.high_b[i] == 0.0) {
      const double log_limit = osv_log_limit_no_event(out.least[i], end);
      low[i] = x->survival ? exp(log_limit) : 0.0;
      high[i] = x->survival ? 1.0 : -expm1(log_limit);
    } else if (x->limits->subjects.gains && free > 0.0 && free < 1.0) {
      put_late(x, estimate[i], se[i], out.least[i], low + i, high + i);
    } else {
      const double law[] = {free > 0.0 ? out.low_a[i] : 0.0, out.low_b[i], out.high_a[i],
                            out.high_b[i]};
      put_beta(x, law, low + i, high + i);
    }
  }
}
