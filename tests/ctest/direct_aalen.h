/* direct_aalen - Aalen's variance of the cumulative incidence, one sum per time. */
#ifndef OSV_DIRECT_AALEN_H
#define OSV_DIRECT_AALEN_H

#include "check.h"

/* Variance increment of one time's events: S(s-)^2 (1 - (d - 1) / (n - 1)) d / n^2 */
static inline long double aalen_noise(long double surv, long double d, long double n) {
  if (d == 0.0L) return 0.0L;
  const long double ties = d > 1.0L ? 1.0L - (d - 1.0L) / (n - 1.0L) : 1.0L;
  return surv * surv * ties * d / n / n;
}

/* Var F_k at time j of the counts: sum over the times s <= j of the increment of cause k
 * times (1 - e)^2 plus that of other causes times e^2, with e = (F(t) - F(s)) / S(s) */
static inline long double direct_aalen(const osv_counts *counts, size_t j, size_t n_cause,
                                       size_t k) {
  long double surv = 1.0L, var = 0.0L;
  for (size_t s = 0; s <= j; s++) {
    const long double n = counts->n_risk[s],
                      own = counts->n_event[k * counts->stride + s];
    long double d = 0.0L, rise = 0.0L;
    for (size_t l = 0; l < n_cause; l++) d += counts->n_event[l * counts->stride + s];
    const long double next = d > 0.0L ? surv * (n - d) / n : surv;
    long double at = next;
    for (size_t q = s + 1; q <= j; q++) { /* F(t) - F(s) */
      long double all = 0.0L;
      for (size_t l = 0; l < n_cause; l++) all += counts->n_event[l * counts->stride + q];
      if (!(all > 0.0L)) continue;
      rise += at * counts->n_event[k * counts->stride + q] / counts->n_risk[q];
      at *= (counts->n_risk[q] - all) / counts->n_risk[q];
    }
    const long double e = next > 0.0L ? rise / next : 0.0L;
    var += aalen_noise(surv, own, n) * (1.0L - e) * (1.0L - e);
    if (next > 0.0L) var += aalen_noise(surv, d - own, n) * e * e;
    surv = next;
  }
  return var;
}

#endif
