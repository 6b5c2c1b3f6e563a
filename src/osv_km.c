/* osv_km - Kaplan-Meier curve and Greenwood standard error. */
#include "osv_core.h"
#include "osv_dd.h"

/* One curve from its counts.
 *
 * in   n_risk[m], n_event[m]  n_event <= n_risk; at the m distinct times, ascending
 * out  surv[m]       S
 *      risk[m]       1 - S, to full relative accuracy where S is near 1
 *      std_error[m]  of S; its limit 0 where S is 0
 * Formulas, with d_j events and n_j at risk at the j-th time:
 *   S(t)  = prod_{t_j <= t} (1 - d_j / n_j)                     Kaplan & Meier 1958
 *   Var S = S^2 sum_{t_j <= t} d_j / (n_j (n_j - d_j))          Greenwood 1926
 * The product is carried in double-double, so S = k / n without censoring is the
 * nearest double, and the sum compensated. Cost O(m).
 */
void osv_km(const double *n_risk, const double *n_event, size_t m,
            const osv_km_out *out) {
  osv_km_polled(n_risk, n_event, m, NULL, out);
}

/* The same, which can be asked to stop */
osv_status osv_km_polled(const double *n_risk, const double *n_event, size_t m,
                         const osv_poll *poll, const osv_km_out *out) {
  osv_dd surv = {1.0, 0.0}, sum = {0.0, 0.0};
  for (size_t j = 0; j < m; j++) {
    const double d = n_event[j], left = n_risk[j] - d;
    if (poll && (j + 1) % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    if (d > 0.0) {
      surv = osv_dd_mul(surv, osv_dd_ratio(left, n_risk[j]));
      /* n * left could overflow; sum.hi = Inf would turn lo into NaN */
      if (left > 0.0) sum = osv_dd_add(sum, (osv_dd){d / n_risk[j] / left, 0.0});
    }
    out->surv[j] = surv.hi;
    out->risk[j] = osv_dd_one_minus(surv).hi;
    out->std_error[j] = surv.hi * sqrt(sum.hi);
  }
  return OSV_OK;
}

/* Turns the counts of a curve into those of its reverse Kaplan-Meier curve, in place:
 * censorings become the events, and the events at a time have left the risk set before
 * the censorings at that time. */
void osv_km_reverse(double *n_risk, double *n_event, double *n_censor, size_t m) {
  for (size_t j = 0; j < m; j++) {
    const double d = n_event[j];
    n_risk[j] -= d;
    n_event[j] = n_censor[j];
    n_censor[j] = d;
  }
}
