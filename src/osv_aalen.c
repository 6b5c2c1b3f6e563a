/* osv_aalen - variance of the cumulative incidence by Aalen 1978, as in cmprsk. */
#include "osv_core.h"
#include "osv_dd.h"

/* v(s, d) of osv_aalen() for d tied events among n at risk, with surv = S(s-):
 * S(s-)^2 (1 - (d - 1) / (n - 1)) d / n^2 */
static osv_dd event_noise(osv_dd surv, double d, double n) {
  const osv_dd hazard = osv_dd_mul(osv_dd_ratio(d, n), osv_dd_ratio(1.0, n));
  const osv_dd noise = osv_dd_mul(osv_dd_mul(surv, surv), hazard);
  return d > 1.0 ? osv_dd_mul(noise, osv_dd_ratio(n - d, n - 1.0)) : noise;
}

/* Standard errors of one cause at the next m times of a curve. A new curve starts with
 * the state of osv_aalen_start(). */
void osv_aalen_update(osv_aalen_state *state, const osv_counts *counts, size_t m,
                      size_t n_cause, size_t cause, double *std_error) {
  osv_aalen_state x = *state;
  const double *own_events = counts->n_event + cause * counts->stride;
  for (size_t j = 0; j < m; j++) {
    const double n = counts->n_risk[j], own = own_events[j];
    double d = 0.0;
    for (size_t l = 0; l < n_cause; l++) d += counts->n_event[l * counts->stride + j];
    if (d > 0.0) {
      const osv_dd next = osv_dd_mul(x.surv, osv_dd_ratio(n - d, n));
      const osv_dd per_surv =
          next.hi > 0.0 ? osv_dd_div((osv_dd){1.0, 0.0}, next) : (osv_dd){0.0, 0.0};
      if (own > 0.0) {
        const osv_dd f = osv_dd_mul(x.surv, osv_dd_ratio(own, n));
        const osv_dd noise = event_noise(x.surv, own, n), fc = osv_dd_mul(f, x.c);
        const osv_dd slope = osv_dd_add(fc, (osv_dd){-2.0 * x.b.hi, -2.0 * x.b.lo});
        const osv_dd part = osv_dd_mul(noise, per_surv);
        x.a = osv_dd_add(osv_dd_add(x.a, osv_dd_mul(f, slope)), noise);
        x.b = osv_dd_add(osv_dd_add(x.b, (osv_dd){-fc.hi, -fc.lo}), part);
        x.c = osv_dd_add(x.c, osv_dd_mul(part, per_surv));
      }
      if (d > own) {
        const osv_dd noise = event_noise(x.surv, d - own, n);
        x.c = osv_dd_add(x.c, osv_dd_mul(noise, osv_dd_mul(per_surv, per_surv)));
      }
      x.surv = next;
    }
    std_error[j] = x.a.hi > 0.0 ? sqrt(x.a.hi) : 0.0;
  }
  *state = x;
}

osv_aalen_state osv_aalen_start(void) {
  return (osv_aalen_state){.surv = {1.0, 0.0}};
}

/* Standard error of the cumulative incidence F of each cause, from the counts of a curve.
 *
 * out  std_error by cause, with the stride of counts
 * Formula, summed over the times s <= t. S is the event-free curve, d_own and d_other are
 * the events of the cause and of all other causes, n is the number at risk, and v(s, d)
 * is S(s-)^2 (1 - (d - 1) / (n - 1)) d / n^2:
 *   Var F(t) = sum v(s, d_own) (1 - (F(t) - F(s)) / S(s))^2
 *            + sum v(s, d_other) ((F(t) - F(s)) / S(s))^2
 * Where S(s) is 0, the first bracket is 1 and the second term is left out. Gray's package
 * cmprsk has the same variance: own and other events at one time are treated as
 * independent, and a last subject at risk who has the event adds S(s-)^2.
 *
 * cmprsk expands the squares into three sums over past times. Their terms grow like
 * 1 / S^2 and cancel. Here three other sums are kept, of v e^2, v e / S and v / S^2,
 * called a, b and c, where e is 1 - (F(t) - F(s)) / S(s) for own events and
 * -(F(t) - F(s)) / S(s) for others. When F increases by f, e decreases by f / S, so the
 * sums become
 *   a - 2 f b + f^2 c,  b - f c,  c.
 * They are kept in double-double. Cost O(m n_cause).
 */
osv_status osv_aalen(const osv_counts *counts, size_t m, int n_cause,
                     const osv_poll *poll, double *std_error) {
  for (size_t k = 0; k < (size_t)n_cause; k++) {
    osv_aalen_state state = osv_aalen_start();
    for (size_t at = 0; at < m; at += OSV_POLL_ROWS) {
      const size_t n = m - at < OSV_POLL_ROWS ? m - at : OSV_POLL_ROWS;
      const osv_counts now = {NULL, counts->n_risk + at, NULL, counts->n_event + at,
                              counts->stride};
      if (poll && at > 0 && poll->fn(poll->ctx)) return OSV_EINTR;
      osv_aalen_update(&state, &now, n, (size_t)n_cause, k,
                       std_error + k * counts->stride + at);
    }
  }
  return OSV_OK;
}
