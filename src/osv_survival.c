/* osv_survival - options of a survival curve: other estimators, wider lower limits,
 * bands. */
#include "osv_core.h"

#include <math.h>

/* S = exp(-H) of the cumulative hazard H in place of the product-limit estimate.
 *
 * in   n_risk[m], n_event[m] and one_by_one as for osv_hazard()
 * out  surv[m], risk[m] = 1 - S, std_error[m] = S sd(H)
 */
void osv_breslow(const double *n_risk, const double *n_event, size_t m, int one_by_one,
                 const osv_km_out *out) {
  osv_hazard(n_risk, n_event, m, one_by_one, out->risk, out->std_error);
  for (size_t j = 0; j < m; j++) {
    const double hazard = out->risk[j];
    out->surv[j] = exp(-hazard);
    out->risk[j] = -expm1(-hazard);
    out->std_error[j] = out->surv[j] * sqrt(out->std_error[j]);
  }
}

/* Standard errors for the lower limits of S in place of the usual ones. They make the
 * limits wider at times when subjects leave without an event.
 *
 * in   counts of one curve, S, 1 - S and its standard error at its m times
 * out  out[m]
 * Formulas, with n at risk just before the time and n' at risk at the last event time:
 *   peto      S sqrt((1 - S) / n)                     Peto et al. 1977
 *   modified  se sqrt(n' / n)                         Dorey & Korn 1987
 */
void osv_lower_std_error(osv_lower lower, const double *n_risk, const double *n_event,
                         const double *surv, const double *risk, const double *std_error,
                         size_t m, double *out) {
  double n_event_time = 0.0;
  for (size_t j = 0; j < m; j++) {
    if (n_event[j] > 0.0) n_event_time = n_risk[j];
    out[j] = std_error[j];
    if (n_risk[j] <= 0.0 || n_event_time <= 0.0) continue;
    if (lower == OSV_LOWER_PETO) out[j] = surv[j] * sqrt(risk[j] / n_risk[j]);
    if (lower == OSV_LOWER_MODIFIED) out[j] *= sqrt(n_event_time / n_risk[j]);
  }
}

/* Is the estimate strictly between 0 and 1? */
static int is_inside(const osv_km_out *km, size_t j) {
  return km->surv[j] > 0.0 && km->risk[j] > 0.0;
}

/* Limits of the interval formula, with a separate standard error for the lower limit.
 * Rows in which S is 0 or 1 keep the exact limits that low[m] and high[m] already hold.
 *
 * work 3 m doubles
 */
void osv_survival_limits(osv_conf type, double z, osv_lower lower, const double *n_risk,
                         const double *n_event, const osv_km_out *km, size_t m,
                         double *work, double *low, double *high) {
  double *const own_low = work, *const own_high = work + m, *const se = work + 2 * m;
  osv_interval(type, z, km->surv, km->risk, km->std_error, m, own_low, own_high);
  for (size_t j = 0; j < m; j++)
    if (is_inside(km, j)) high[j] = own_high[j];
  if (lower != OSV_LOWER_USUAL) {
    osv_lower_std_error(lower, n_risk, n_event, km->surv, km->risk, km->std_error, m, se);
    osv_interval(type, z, km->surv, km->risk, se, m, own_low, own_high);
  }
  for (size_t j = 0; j < m; j++)
    if (is_inside(km, j)) low[j] = own_low[j];
}

/* The band of one curve. It covers the times in the requested range at which the estimate
 * is strictly between 0 and 1.
 *
 * in   time[m], n_risk[m] and estimates of the curve
 * work 2 m doubles
 * out  low, high in the rows of the band, other rows are not changed; from, to: the first
 *      and last time of the band
 * With n at risk at the first time and v the variance of log S, a time corresponds to the
 * point a = n v / (1 + n v) of the Brownian bridge behind the band. The limits are those
 * of the interval formula in which c times the following replaces z s:
 *   Hall-Wellner      S (1 + n v) / sqrt(n)        Hall & Wellner 1980
 *   equal precision   s                            Nair 1984
 * Value: the critical value c; 0 where no time is in the band.
 */
double osv_band_limits(const osv_band_request *want, const double *time,
                       const double *n_risk, const osv_km_out *km, size_t m, double *work,
                       double *low, double *high, double *from, double *to) {
  size_t first = m, last = 0;
  for (size_t j = 0; j < m; j++) {
    if (!is_inside(km, j) || time[j] > want->range[1]) continue;
    if (first == m || time[j] <= want->range[0]) first = j;
    last = j;
  }
  if (first == m || time[last] < want->range[0]) return 0.0;
  *from = fmax(time[first], want->range[0]);
  *to = time[last];
  const double n = n_risk[0];
  double *const se = work, *const bridge = work + m;
  for (size_t j = first; j <= last; j++) {
    const double v = km->std_error[j] / km->surv[j] * (km->std_error[j] / km->surv[j]);
    se[j] = want->band == OSV_BAND_HALL_WELLNER ? km->surv[j] * (1.0 + n * v) / sqrt(n)
                                                : km->std_error[j];
    bridge[j] = n * v / (1.0 + n * v);
  }
  const double c =
      osv_band_critical(want->band, want->level, bridge[first], bridge[last]);
  while (first <= last && time[first] < want->range[0]) first++;
  osv_interval(want->scale, c, km->surv + first, km->risk + first, se + first,
               last + 1 - first, low + first, high + first);
  return c;
}
