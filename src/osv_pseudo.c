/* osv_pseudo - what each subject adds to an estimate: pseudo-values and influence. */
#include "osv_core.h"
#include "osv_dd.h"

static osv_dd times(osv_dd a, osv_dd b) {
  return osv_dd_mul(a, b);
}

static osv_dd less(osv_dd a, osv_dd b) {
  return osv_dd_add(a, (osv_dd){-b.hi, -b.lo});
}

/* What an event of the cause at t adds: 1 up to `at`, or the time lost up to `at` */
static osv_dd payment(double t, double at, int area) {
  if (t > at) return (osv_dd){0.0, 0.0};
  return area ? osv_two_sum(at, -t) : (osv_dd){1.0, 0.0};
}

static double events_at(const osv_counts *counts, size_t j, size_t n_cause) {
  double d = 0.0;
  for (size_t k = 0; k < n_cause; k++) d += counts->n_event[k * counts->stride + j];
  return d;
}

/* doubles of scratch that osv_pseudo() needs */
size_t osv_pseudo_work(size_t m) {
  return 2 * m;
}

/* Pseudo-values and influence of F_k(at), or of int_0^at F_k, by time and status.
 *
 * in   counts at the m distinct times; cause 0-based; area: 1 for the integral
 * work osv_pseudo_work(m) doubles
 * out  *estimate Theta; left_out, influence [(n_cause + 1) * m]: of a subject who leaves
 *      at time j with status s (0 censored) at [s * m + j], at risk from the first time
 * on; passed[m + 1]: what the influence of one who is at risk from time j on lacks
 * Formulas, with g_j = 1 up to `at` or (at - t_j)+, h_k = d_k / n, h = d / n and V_j the
 * expected payment after t_j of those event-free then, V <- h_k g + (1 - h) V backwards:
 *   influence: sum_{l <= j} S(t_l-) / n_l (h V - h_k g)_l + S(t_j-) / n_j ([s = k] g_j -
 *              [s > 0] V_j), the derivative of Theta by the weight of the subject
 *   left_out:  Theta + (n - 1) (Theta - Theta_(-i)), with the curve without the subject
 *              put together from a product that goes forward over the times before he
 *              leaves, (n_l - 1 - d_l) / (n_l - 1), and V_j of those after
 * Andersen, Klein & Rosthoj 2003; Graw, Gerds & Schumacher 2009. In double-double, as the
 * differences shrink like 1 / n. Past its last time a curve goes on flat. Cost O(m
 * n_cause) for all subjects together. With late entry left_out has no meaning.
 */
void osv_pseudo(const osv_counts *counts, size_t m, int n_cause, int cause, int area,
                double at, double *work, double *estimate, double *left_out,
                double *influence, double *passed) {
  const size_t n_k = (size_t)n_cause, own_status = (size_t)cause + 1;
  const double *own = counts->n_event + (size_t)cause * counts->stride;
  osv_dd v = {0.0, 0.0};
  for (size_t j = m; j-- > 0;) {
    const double n = counts->n_risk[j], d = events_at(counts, j, n_k);
    work[2 * j] = v.hi;
    work[2 * j + 1] = v.lo;
    v = osv_dd_add(times(osv_dd_ratio(own[j], n), payment(counts->time[j], at, area)),
                   times(osv_dd_ratio(n - d, n), v));
  }
  *estimate = v.hi;
  const osv_dd theta = v;
  const double others = m > 0 ? counts->n_risk[0] - 1.0 : 0.0;
  osv_dd surv = {1.0, 0.0}, sum = {0.0, 0.0};     /* S, and the influence of the times */
  osv_dd without = {1.0, 0.0}, paid = {0.0, 0.0}; /* S and Theta without the subject */
  for (size_t j = 0; j < m; j++) {
    const double n = counts->n_risk[j], d = events_at(counts, j, n_k), rest = n - 1.0;
    const osv_dd g = payment(counts->time[j], at, area);
    const osv_dd after = {work[2 * j], work[2 * j + 1]};
    const osv_dd jump = times(surv, osv_dd_ratio(1.0, n));
    passed[j] = sum.hi;
    sum = osv_dd_add(sum, times(jump, less(times(osv_dd_ratio(d, n), after),
                                           times(osv_dd_ratio(own[j], n), g))));
    for (size_t s = 0; s <= n_k; s++) {
      const double event = s > 0 ? 1.0 : 0.0, is_own = s == own_status ? 1.0 : 0.0;
      osv_dd move = {0.0, 0.0}, total = paid;
      if (s > 0) move = less(s == own_status ? g : move, after);
      influence[s * m + j] = osv_dd_add(sum, times(jump, move)).hi;
      if (rest > 0.0) {
        const osv_dd now = times(osv_dd_ratio(own[j] - is_own, rest), g);
        const osv_dd later = times(osv_dd_ratio(rest - d + event, rest), after);
        total = osv_dd_add(paid, times(without, osv_dd_add(now, later)));
      }
      const osv_dd shift = times((osv_dd){others, 0.0}, less(theta, total));
      left_out[s * m + j] = osv_dd_add(theta, shift).hi;
    }
    surv = times(surv, osv_dd_ratio(n - d, n));
    if (!(rest > 0.0)) continue;
    paid = osv_dd_add(paid, times(times(without, osv_dd_ratio(own[j], rest)), g));
    without = times(without, osv_dd_ratio(rest - d, rest));
  }
  passed[m] = sum.hi;
}
