/* osv_hazard - cumulative hazard of one curve. */
#include "osv_core.h"
#include "osv_dd.h"

/* Cumulative hazard of one curve and its variance.
 *
 * in   n_risk[m], n_event[m] at the m distinct times, ascending
 *      one_by_one: tied events leave the risk set one after another
 * out  hazard[m] H, variance[m] of H
 * Formulas, with d events of n at risk:
 *   all at once   H += d / n                         Nelson 1969, Aalen 1978
 *                 Var += d / n^2
 *   one by one    H += sum_{i < d} 1 / (n - i)       Fleming & Harrington 1984
 *                 Var += sum_{i < d} 1 / (n - i)^2
 * Where d is not a whole number, its remainder r is the last step, r / (n - i). Summed in
 * double-double. Cost O(m), one by one O(events).
 */
void osv_hazard(const double *n_risk, const double *n_event, size_t m, int one_by_one,
                double *hazard, double *variance) {
  osv_dd sum = {0.0, 0.0}, square = {0.0, 0.0};
  for (size_t j = 0; j < m; j++) {
    const double n = n_risk[j], d = n_event[j];
    const double each = one_by_one ? 1.0 : d;
    for (double gone = 0.0; d - gone > 1e-12 * d; gone += each) {
      const double step = d - gone < each ? d - gone : each;
      const osv_dd h = osv_dd_ratio(step, n - gone);
      sum = osv_dd_add(sum, h);
      square = osv_dd_add(square, osv_dd_mul(h, osv_dd_ratio(1.0, n - gone)));
    }
    hazard[j] = sum.hi;
    variance[j] = square.hi;
  }
}
