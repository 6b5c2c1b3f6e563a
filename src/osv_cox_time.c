/* osv_cox_time - adds one time to log likelihood, score and information of a Cox
 * model. */
#include "osv_cox_ways.h"

/* out -= weight (s (b0 s - b1 e)' + e (b2 e - b1 s)'), upper triangle; if no events are
 * tied, out -= weight b0 s s' */
static void subtract_squares(const osv_cox_scan *scan, const osv_cox_tie *tie, int tied,
                             double weight, double *restrict out) {
  const size_t p = scan->cells->p;
  const double *restrict const s = scan->s1, *restrict const e = scan->e1;
  for (size_t a = 0; a < p; a++, out += p) {
    if (!tied) {
      const double by = weight * tie->b[0] * s[a];
      for (size_t b = a; b < p; b++) out[b] -= by * s[b];
      continue;
    }
    const double by_s = weight * (tie->b[0] * s[a] - tie->b[1] * e[a]);
    const double by_e = weight * (tie->b[2] * e[a] - tie->b[1] * s[a]);
    for (size_t b = a; b < p; b++) out[b] -= by_s * s[b] + by_e * e[b];
  }
}

/* Adds the contribution of a time to log likelihood and score, and subtracts the squared
 * means of its factors from the information. The order k has the weight g^k. Returns the
 * sums over the factors. */
osv_cox_tie osv_cox_add_time(osv_cox_computation *x, double g) {
  const osv_cox_scan *const s = &x->scan;
  const osv_cox_sums_out *const out = x->out;
  const size_t p = x->p;
  const int tied = s->cells->efron && s->d > 1.0;
  const osv_cox_tie tie = osv_cox_new_tie(x);
  for (size_t a = 0; a < p; a++) {
    const double mean = s->s1[a] * tie.a[0] - (tied ? s->e1[a] * tie.a[1] : 0.0);
    x->mean[a] += mean;
    out->score[a] += s->x1[a];
    if (x->n_order > 1) out->score_g[a] += g * (s->x1[a] - mean);
  }
  double weight = 1.0;
  for (size_t k = 0; k < x->n_order; k++, weight *= g)
    subtract_squares(s, &tie, tied, weight, out->information + k * p * p);
  return tie;
}
