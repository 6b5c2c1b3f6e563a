/* osv_pseudo - pseudo-values of an estimate, and the influence of each subject on it. */
#include "osv_core.h"
#include "osv_counts.h"
#include "osv_dd.h"

/* g of osv_pseudo(): the increase of the functional by an event of the cause at time t */
static osv_dd gain_at(const osv_functional *functional, double t) {
  if (t > functional->at) return (osv_dd){0.0, 0.0};
  return functional->area ? osv_two_sum(functional->at, -t) : (osv_dd){1.0, 0.0};
}

/* Number of doubles of scratch that osv_pseudo() needs */
size_t osv_pseudo_work(size_t m) {
  return 2 * m;
}

/* Pseudo-values and influence of a functional of one cumulative incidence, by time and
 * status.
 *
 * in   counts      at the m distinct times
 *      functional  Theta = F_k(at) or int_0^at F_k
 * work osv_pseudo_work(m) doubles
 * out  left_out    [(n_cause + 1) * m], at [s * m + j] the pseudo-value of a subject who
 *      is at risk from the first time on and leaves at time j with status s (0 censored)
 *      influence   [(n_cause + 1) * m], the influence of this subject
 *      passed      [m + 1], subtracted from the influence of a subject with delayed entry
 *                  who is at risk from time j on
 * Formulas, with h_k = d_k / n, h = d / n, and the gain g_j by which an event at t_j adds
 * to Theta: 1 up to `at`, or (at - t_j)+ for the integral. V_j is the expected gain after
 * t_j of a subject who is event-free then, computed backwards by V <- h_k g + (1 - h) V.
 *   influence: sum_{l <= j} S(t_l-) / n_l (h V - h_k g)_l
 *              + S(t_j-) / n_j ([s = k] g_j - [s > 0] V_j),
 *              the derivative of Theta by the weight of the subject
 *   left_out:  Theta + (n - 1) (Theta - Theta_(-i)), where Theta_(-i) is the estimate
 *              without the subject. Until the subject leaves, Theta_(-i) is computed from
 *              the product of (n_l - 1 - d_l) / (n_l - 1). At later times the curve
 *              changes by the same factors as with the subject, which gives V_j.
 * Andersen, Klein & Rosthoj 2003; Graw, Gerds & Schumacher 2009. In double-double, since
 * the differences shrink like 1 / n. After its last time a curve stays constant. With
 * delayed entry left_out is undefined. Cost O(m n_cause) for all subjects together.
 */
double osv_pseudo(const osv_counts *counts, size_t m, int n_cause,
                  const osv_functional *functional, double *work,
                  const osv_pseudo_out *out) {
  const size_t n_k = (size_t)n_cause, k = (size_t)functional->cause;
  const double *own = counts->n_event + k * counts->stride;
  osv_dd v = {0.0, 0.0};
  for (size_t j = m; j-- > 0;) {
    const double n = counts->n_risk[j], d = osv_events_at(counts, j, n_k);
    work[2 * j] = v.hi;
    work[2 * j + 1] = v.lo;
    v = osv_dd_add(
        osv_dd_mul(osv_dd_ratio(own[j], n), gain_at(functional, counts->time[j])),
        osv_dd_mul(osv_dd_ratio(n - d, n), v));
  }
  const osv_dd theta = v;
  const double others = m > 0 ? counts->n_risk[0] - 1.0 : 0.0;
  osv_dd surv = {1.0, 0.0}, sum = {0.0, 0.0};       /* S, and the influence so far */
  osv_dd without = {1.0, 0.0}, gained = {0.0, 0.0}; /* S and Theta without the subject */
  for (size_t j = 0; j < m; j++) {
    const double n = counts->n_risk[j], d = osv_events_at(counts, j, n_k), rest = n - 1.0;
    const osv_dd g = gain_at(functional, counts->time[j]);
    const osv_dd after = {work[2 * j], work[2 * j + 1]};
    const osv_dd jump = osv_dd_mul(surv, osv_dd_ratio(1.0, n));
    out->passed[j] = sum.hi;
    sum = osv_dd_add(
        sum, osv_dd_mul(jump, osv_dd_sub(osv_dd_mul(osv_dd_ratio(d, n), after),
                                         osv_dd_mul(osv_dd_ratio(own[j], n), g))));
    for (size_t s = 0; s <= n_k; s++) {
      const double event = s > 0 ? 1.0 : 0.0, is_own = s == k + 1 ? 1.0 : 0.0;
      osv_dd move = {0.0, 0.0}, total = gained;
      if (s > 0) move = osv_dd_sub(s == k + 1 ? g : move, after);
      out->influence[s * m + j] = osv_dd_add(sum, osv_dd_mul(jump, move)).hi;
      if (rest > 0.0) {
        const osv_dd now = osv_dd_mul(osv_dd_ratio(own[j] - is_own, rest), g);
        const osv_dd later = osv_dd_mul(osv_dd_ratio(rest - d + event, rest), after);
        total = osv_dd_add(gained, osv_dd_mul(without, osv_dd_add(now, later)));
      }
      const osv_dd shift = osv_dd_mul((osv_dd){others, 0.0}, osv_dd_sub(theta, total));
      out->left_out[s * m + j] = osv_dd_add(theta, shift).hi;
    }
    surv = osv_dd_mul(surv, osv_dd_ratio(n - d, n));
    if (!(rest > 0.0)) continue;
    gained = osv_dd_add(gained,
                        osv_dd_mul(osv_dd_mul(without, osv_dd_ratio(own[j], rest)), g));
    without = osv_dd_mul(without, osv_dd_ratio(rest - d, rest));
  }
  out->passed[m] = sum.hi;
  return theta.hi;
}
