/* osv_aj - Aalen-Johansen cumulative incidence of each cause. */
#include "osv_core.h"
#include "osv_dd.h"

/* doubles of scratch that osv_aj() needs */
size_t osv_aj_work(int n_cause) {
  return 6 * (size_t)n_cause;
}

static osv_dd load(const double *x) {
  return (osv_dd){x[0], x[1]};
}

static void store(double *x, osv_dd a) {
  x[0] = a.hi;
  x[1] = a.lo;
}

/* One curve from its counts.
 *
 * in   counts at the m distinct times, ascending
 * work osv_aj_work(n_cause) doubles
 * out  surv[m] event-free; cif and std_error by cause, with the stride of counts
 * Formulas, with h_k = d_k / n, h = sum h_k and S the curve just before the time:
 *   F_k <- F_k + S h_k                                Aalen & Johansen 1978
 *   S   <- S (1 - h)
 * Variance of Greenwood type: the increments are multinomial given the risk set,
 * Cov(h_k, h_l) = h_k (delta_kl - h_l) / n, carried forward as
 *   Var F_k     <- Var F_k + 2 h_k Cov(S, F_k) + h_k^2 Var S + S^2 h_k (1 - h_k) / n
 *   Cov(S, F_k) <- (1 - h) (Cov(S, F_k) + h_k Var S - S^2 h_k / n)
 *   Var S       <- (1 - h)^2 Var S + S^2 h (1 - h) / n
 * No term divides by n - d, so nothing is infinite when the last subject fails. With one
 * cause Var F is Greenwood's. Cost O(m n_cause).
 */
void osv_aj(const osv_counts *counts, size_t m, int n_cause, double *work,
            const osv_aj_out *out) {
  const size_t n_k = (size_t)n_cause, stride = counts->stride;
  const double *n_event = counts->n_event;
  osv_dd surv = {1.0, 0.0}, var_s = {0.0, 0.0};
  for (size_t i = 0; i < osv_aj_work(n_cause); i++) work[i] = 0.0;
  for (size_t j = 0; j < m; j++) {
    const double n = counts->n_risk[j];
    double d = 0.0;
    for (size_t k = 0; k < n_k; k++) d += n_event[k * stride + j];
    if (d > 0.0) {
      const osv_dd stay = osv_dd_ratio(n - d, n), square = osv_dd_mul(surv, surv);
      const osv_dd noise = osv_dd_mul(square, osv_dd_ratio(1.0, n)); /* S^2 / n */
      for (size_t k = 0; k < n_k; k++) {
        double *const cif = work + 6 * k, *const var = cif + 2, *const cov = cif + 4;
        const double d_k = n_event[k * stride + j];
        const osv_dd h = osv_dd_ratio(d_k, n);
        const osv_dd h_var = osv_dd_mul(h, var_s);
        if (d_k > 0.0) {
          const osv_dd twice = {2.0 * cov[0], 2.0 * cov[1]};
          const osv_dd jump = osv_dd_mul(noise, osv_dd_ratio(n - d_k, n));
          const osv_dd slope = osv_dd_add(osv_dd_add(twice, h_var), jump);
          store(var, osv_dd_add(load(var), osv_dd_mul(h, slope)));
          store(cif, osv_dd_add(load(cif), osv_dd_mul(surv, h)));
        }
        const osv_dd h_noise = osv_dd_mul(h, noise);
        const osv_dd moved = osv_dd_add(h_var, (osv_dd){-h_noise.hi, -h_noise.lo});
        store(cov, osv_dd_mul(stay, osv_dd_add(load(cov), moved)));
      }
      const osv_dd fresh = osv_dd_mul(noise, osv_dd_ratio(d, n));
      var_s = osv_dd_mul(stay, osv_dd_add(osv_dd_mul(stay, var_s), fresh));
      surv = osv_dd_mul(surv, stay);
    }
    out->surv[j] = surv.hi;
    for (size_t k = 0; k < n_k; k++) {
      const double v = work[6 * k + 2];
      out->cif[k * stride + j] = work[6 * k];
      out->std_error[k * stride + j] = v > 0.0 ? sqrt(v) : 0.0;
    }
  }
}
