/* osv_area - restricted mean time free of the event, and time lost to each cause. */
#include "osv_core.h"
#include "osv_counts.h"
#include "osv_dd.h"

static osv_dd product(osv_dd a, osv_dd b, osv_dd c) {
  return osv_dd_mul(osv_dd_mul(a, b), c);
}

/* Areas of one cause over [0, tau].
 *
 * in   counts at the m distinct times, ascending; cause 0-based; tau finite, >= 0; after
 *      the last time the curves stay constant
 * out  lost      int_0^tau F_k, the mean time lost to the cause
 *      kept      tau - lost, to full relative accuracy; with one cause int_0^tau S
 *      std_error of both
 * Formulas. The areas from a time t to tau, given event-free just after t, are updated
 * backwards in time: g is the time lost, c the time kept and v = Var g. With u = tau - t,
 * h_k = d_k / n, h_o = (d - d_k) / n and s = 1 - d / n:
 *   v <- s^2 v + (h_k h_o u^2 + s h_k c^2 + s h_o g^2) / n
 *   g <- h_k u + s g
 *   c <- h_o u + s c + (t - time before)
 * The bracket is the variance of the time lost after t in excess of g: u - g after an
 * event of the cause, -g after another event, 0 without an event (the increments are
 * multinomial given the risk set). It is written as a sum over pairs of these values, so
 * that nothing is subtracted. With one cause v is
 *   sum_j (int_{t_j}^tau S)^2 d_j / (n_j (n_j - d_j))   Kaplan & Meier 1958, sec. 6.2
 * with the term 0 where n_j = d_j, because this recursion never divides by n - d.
 * Computed in double-double. Times are divided by a power of 2 near tau, so that squares
 * cannot overflow. Cost O(m n_cause).
 */
void osv_area(const osv_counts *counts, size_t m, int n_cause, int cause, double tau,
              osv_area_out *out) {
  const double *own = counts->n_event + (size_t)cause * counts->stride;
  int exponent = 0;
  (void)frexp(tau, &exponent);
  const double unit = ldexp(1.0, exponent - 1), end = tau / unit;
  osv_dd g = {0.0, 0.0}, c = {0.0, 0.0}, v = {0.0, 0.0};
  double next = end;
  for (size_t j = m; j-- > 0;) {
    if (counts->time[j] >= tau) continue;
    const double t = counts->time[j] / unit, n = counts->n_risk[j];
    c = osv_dd_add(c, osv_two_sum(next, -t));
    next = t;
    const double d = osv_events_at(counts, j, (size_t)n_cause);
    if (!(d > 0.0)) continue;
    const osv_dd u = osv_two_sum(end, -t), stay = osv_dd_ratio(n - d, n);
    const osv_dd h_k = osv_dd_ratio(own[j], n), h_o = osv_dd_ratio(d - own[j], n);
    const osv_dd u_k = osv_dd_mul(h_k, u), u_o = osv_dd_mul(h_o, u);
    const osv_dd fail = osv_dd_add(product(h_k, c, c), product(h_o, g, g));
    const osv_dd pairs = osv_dd_add(osv_dd_mul(u_k, u_o), osv_dd_mul(stay, fail));
    v = osv_dd_add(product(stay, stay, v), osv_dd_mul(pairs, osv_dd_ratio(1.0, n)));
    g = osv_dd_add(u_k, osv_dd_mul(stay, g));
    c = osv_dd_add(u_o, osv_dd_mul(stay, c));
  }
  out->lost = unit * g.hi;
  out->kept = unit * osv_dd_add(c, (osv_dd){next, 0.0}).hi;
  out->std_error = unit * sqrt(v.hi);
}

/* Exact limits of `kept` where its standard error is 0: there is no event of the cause
 * before tau, or all its events are at one time, at which everyone at risk has it.
 *
 * in   as osv_area(); after[m] from osv_risk_after(); start: number at risk at the start
 *      of the curve; tail: the error probability on each side
 * out  low, high
 * The limits are areas under the exact limits of the curve 1 - F, see osv_exact_update().
 * As long as nobody has had the event, the upper limit of 1 - F(t) is 1 and the lower
 * limit is tail^(1 / n), where n is the number of subjects followed to t. The area under
 * the lower limit is itself an exact limit: if the probability of seeing no event is at
 * least `tail`, then 1 - F is above this limit at all times, not just at one.
 *
 * If everyone has the event at a time, the limits of 1 - F are 0 and 1 - tail^(1 / n)
 * from then on. After a last censoring nobody is followed, n is 0, and so is the lower
 * limit. If everyone has had an event of another cause, n does not change any more.
 */
void osv_area_limits(const osv_counts *counts, size_t m, int n_cause, int cause,
                     const double *after, double start, double tau, double tail,
                     double *low, double *high) {
  const size_t k = (size_t)n_cause;
  const double *own = counts->n_event + (size_t)cause * counts->stride;
  double shape[4], n = start, before = 0.0;
  const osv_exact_out out = {shape, shape + 1, shape + 2, shape + 3, &n};
  osv_exact_state state = osv_exact_start(start);
  int ended = 0, failed = 0;
  *low = 0.0;
  for (size_t j = 0; j < m && !ended; j++) {
    if (counts->time[j] >= tau) break;
    const double length = counts->time[j] - before, risk = counts->n_risk[j];
    *low += length * exp(osv_log_limit_no_event(n, tail));
    before = counts->time[j];
    ended = risk > 0.0 && osv_events_at(counts, j, k) == risk;
    failed = ended && own[j] > 0.0;
    if (failed) n = risk;
    if (failed) break;
    const osv_counts now = {NULL, counts->n_risk + j, NULL, counts->n_event + j,
                            counts->stride};
    osv_exact_update(&state, &now, k, (size_t)cause, after + j, 0, 1, &out);
  }
  const double log_limit = osv_log_limit_no_event(n, tail);
  if (!failed) *low += (tau - before) * exp(log_limit);
  *high = failed ? before - (tau - before) * expm1(log_limit) : tau;
  if (*low > *high) *low = *high; /* possible only by rounding */
}
