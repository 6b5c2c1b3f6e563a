/* osv_km - Kaplan-Meier curve and Greenwood standard error. */
#include "osv_core.h"
#include "osv_dd.h"

enum { BLOCK = 128 };

/* Factors and terms of a block of times, and their running product and sum */
typedef struct {
  double ratio[BLOCK], rest[BLOCK]; /* 1 - d / n as a sum of two doubles */
  double term[BLOCK];               /* d / (n left) */
  double surv[BLOCK + 1], surv_lo[BLOCK], sum[BLOCK], sum_lo[BLOCK];
} block;

/* Independent per time, so this loop vectorises; without an event the ratio is 1 / 1.
 * If nobody is left, any finite term will do: S is 0, and so is its standard error
 * S sqrt(sum). */
static void fill_factors(const double *n_risk, const double *n_event, size_t m,
                         block *x) {
#pragma omp simd
  for (size_t j = 0; j < m; j++) {
    const double d = n_event[j], rest = n_risk[j] - d;
    const double n = d > 0.0 ? n_risk[j] : 1.0, left = d > 0.0 ? rest : 1.0;
    const double per_n = 1.0 / n, q = left * per_n;
    const osv_dd p = osv_two_prod(q, n);
    x->ratio[j] = q;
    x->rest[j] = ((left - p.hi) - p.lo) * per_n;
    x->term[j] = d * per_n * (1.0 / (left > 0.0 ? left : 1.0)); /* n*left could be Inf */
  }
}

/* Sequential part: the product in double-double, renormalised once per block, and the
 * compensated sum. Each time depends on the one before through one multiplication and one
 * addition only. */
static void accumulate(osv_km_state *s, size_t m, block *x) {
  x->surv[0] = s->surv.hi;
  for (size_t j = 0; j < m; j++) x->surv[j + 1] = x->surv[j] * x->ratio[j];
#pragma omp simd
  for (size_t j = 0; j < m; j++)
    x->surv_lo[j] = osv_two_prod(x->surv[j], x->ratio[j]).lo + x->surv[j] * x->rest[j];
  double lo = s->surv.lo;
  for (size_t j = 0; j < m; j++) x->surv_lo[j] = lo = lo * x->ratio[j] + x->surv_lo[j];
  double sum = s->sum.hi, sum_lo = s->sum.lo;
  for (size_t j = 0; j < m; j++) {
    const osv_dd t = osv_two_sum(sum, x->term[j]);
    sum = t.hi;
    sum_lo += t.lo;
    x->sum[j] = sum + sum_lo;
  }
  s->surv = osv_dd_renormalise(x->surv[m], lo);
  s->sum = osv_dd_renormalise(sum, sum_lo);
}

static void write_estimates(const block *x, size_t m, const osv_km_out *out, size_t at) {
  for (size_t j = 0; j < m; j++) {
    const double hi = x->surv[j + 1], lo = x->surv_lo[j], surv = hi + lo;
    const osv_dd rest = osv_two_sum(1.0, -hi);
    out->surv[at + j] = surv;
    out->risk[at + j] = rest.hi + (rest.lo - lo);
    out->std_error[at + j] = surv * sqrt(x->sum[j]);
  }
}

/* Estimates the next m times of a curve. A new curve has the state of osv_km_start(). */
void osv_km_update(osv_km_state *state, const double *n_risk, const double *n_event,
                   size_t m, const osv_km_out *out) {
  block x;
  for (size_t at = 0; at < m; at += BLOCK) {
    const size_t n = m - at < BLOCK ? m - at : BLOCK;
    fill_factors(n_risk + at, n_event + at, n, &x);
    accumulate(state, n, &x);
    write_estimates(&x, n, out, at);
  }
}

osv_km_state osv_km_start(void) {
  return (osv_km_state){{1.0, 0.0}, {0.0, 0.0}};
}

/* Estimates one curve from its counts.
 *
 * in   n_risk[m], n_event[m]  n_event <= n_risk; at the m distinct times, ascending
 * out  surv[m]       S
 *      risk[m]       1 - S, to full relative accuracy where S is near 1
 *      std_error[m]  of S; its limit 0 where S is 0
 * Formulas, with d_j events and n_j at risk at the j-th time:
 *   S(t)  = prod_{t_j <= t} (1 - d_j / n_j)                     Kaplan & Meier 1958
 *   Var S = S^2 sum_{t_j <= t} d_j / (n_j (n_j - d_j))          Greenwood 1926
 * The product is kept in double-double, so that without censoring S is the double nearest
 * to the proportion of subjects left; the sum is compensated. Cost O(m).
 */
void osv_km(const double *n_risk, const double *n_event, size_t m,
            const osv_km_out *out) {
  osv_km_state state = osv_km_start();
  osv_km_update(&state, n_risk, n_event, m, out);
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
