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
 * Formulas, backwards in time from tau, given event-free just after t, with u = tau - t,
 * h_k = d_k / n, h_o = (d - d_k) / n, s = 1 - d / n, g = lost, c = kept and v = Var g:
 *   v <- s^2 v + (h_k h_o u^2 + s h_k c^2 + s h_o g^2) / n
 *   g <- h_k u + s g
 *   c <- h_o u + s c + (t - time before)
 * The bracket is the variance of the time lost after t, u - g for an event of the cause,
 * -g for another and 0 for none (increments multinomial given the risk set), written by
 * pairs so that no term is subtracted. With one cause v is
 *   sum_j (int_{t_j}^tau S)^2 d_j / (n_j (n_j - d_j))   Kaplan & Meier 1958, sec. 6.2
 * with the term 0 where n_j = d_j: nothing is divided by n - d. Computed in
 * double-double and in units of a power of 2 near tau, so that squares cannot overflow.
 * Cost O(m n_cause).
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

/* Limits of `kept` where the standard error is 0: no event of the cause before tau, or
 * one time at which everyone at risk has it.
 *
 * in   as osv_area(); after[m] from osv_risk_after(); start: at risk from the start of
 *      the curve; tail: the error probability on one side
 * out  low, high
 * They are the areas under the exact limits of the curve, see osv_exact_update(). Every F
 * under which n subjects stay free of the event with probability at least `tail` has
 * 1 - F(t) >= tail^(1 / n(t)) at all t at once, where n(t) subjects are followed to t; so
 * the area is an exact limit too. After a last censoring nothing is known; once everyone
 * has had an event, n no longer changes.
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
  if (*low > *high) *low = *high; /* only rounding can do this */
}
