/* osv_cause_curves - cumulative incidences from the hazards of all causes. */
#include "osv_core.h"

/* (1 - exp(-x)) / x and its derivative, x >= 0; left: exp(-x) */
static void mean_survival(double x, double left, double *value, double *slope) {
  if (x < 1e-5) { /* the closed forms would cancel */
    *value = 1.0 - x / 2.0 + x * x / 6.0;
    *slope = -0.5 + x / 3.0 - x * x / 8.0;
    return;
  }
  *value = -expm1(-x) / x;
  *slope = (left - *value) / x;
}

/* State of one person: S, F [K], and the sums [K * K] of osv_cause_curves() */
typedef struct {
  const osv_cause_in *in;
  const osv_cause_out *out;
  double s, *f, *sum, *increment;
} path;

/* Advances the person by step j. weight: weight of the person in the totals */
static void pass_step(path *x, const double *ratio, size_t j, double weight) {
  const size_t causes = x->in->n_cause;
  const double *const hazard = x->in->hazard + j * causes;
  double all = 0.0, value, slope;
  for (size_t k = 0; k < causes; k++) all += x->increment[k] = ratio[k] * hazard[k];
  const double left = exp(-all);
  mean_survival(all, left, &value, &slope);
  for (size_t k = 0; k < causes; k++) {
    x->f[k] += x->s * value * x->increment[k];
    if (!x->out->slope && !x->out->total) continue;
    for (size_t l = 0; l < causes; l++) {
      const double own = k == l ? value : 0.0;
      const double c = x->s * (own + slope * x->increment[k]) + x->f[k];
      x->sum[k * causes + l] += c * hazard[l];
      if (x->out->total)
        x->out->total[(j * causes + k) * causes + l] += weight * ratio[l] * c;
    }
  }
  x->s *= left;
}

/* Cumulative incidence curves of n persons in one stratum. The hazard of a person for
 * cause k is h_k = r_k a_k, where a_k is the hazard of the step and r_k the hazard ratio
 * of the person.
 *
 * work n_cause * (n_cause + 2) doubles
 * out  incidence  F_k at each of the times, the sum over steps of
 *                   S (1 - exp(-h)) h_k / h,  h = sum of h_k,
 *                 where S is multiplied by exp(-h) after each step
 *      slope      the sums over steps of c_kl a_l. The coefficients c_kl are such that
 *                 F_k changes by r_l (c_kl - F_k) for each unit of a_l.
 *      total      by step: the sum over persons of weight r_l c_kl
 * S + sum F_k = 1; with one cause F = 1 - exp(-H). Cost O(n n_step n_cause^2).
 */
osv_status osv_cause_curves(const osv_cause_in *in, const osv_poll *poll, double *work,
                            const osv_cause_out *out) {
  const size_t causes = in->n_cause, square = causes * causes;
  path x = {in, out, 1.0, work, work + 2 * causes, work + causes};
  for (size_t k = 0; out->total && k < square * in->n_step; k++) out->total[k] = 0.0;
  for (size_t i = 0; i < in->n; i++) {
    if (poll && i % 64 == 63 && poll->fn(poll->ctx)) return OSV_EINTR;
    size_t j = 0;
    x.s = 1.0;
    for (size_t k = 0; k < causes; k++) x.f[k] = 0.0;
    for (size_t k = 0; k < square; k++) x.sum[k] = 0.0;
    for (size_t t = 0; t < in->n_at; t++) {
      for (; j < in->at[t]; j++)
        pass_step(&x, in->ratio + i * causes, j, in->weight ? in->weight[i] : 1.0);
      for (size_t k = 0; k < causes; k++)
        out->incidence[(k * in->n_at + t) * in->n + i] = x.f[k];
      for (size_t k = 0; out->slope && k < square; k++)
        out->slope[(k * in->n_at + t) * in->n + i] = x.sum[k];
    }
  }
  return OSV_OK;
}
