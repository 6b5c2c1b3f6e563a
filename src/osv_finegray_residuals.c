/* osv_finegray_residuals - martingale and Schoenfeld residuals of a Fine-Gray model. */
#include "osv_finegray_scan.h"

/* Residuals at the coefficients of the last osv_finegray_moments()
 *
 * in   s, with the information of these coefficients, see osv_finegray_information()
 * out  martingale [n]: events of the row minus its cumulative hazard
 *        r (sum of h over the events at which it is at risk
 *           + sum over later ones of W(t-) / W(s-) h, after a competing event at s),
 *      schoenfeld [n * p], for rows with an event: x - m, where m is the mean over the
 *      factors of its time by Efron's rule; else 0
 * Residuals are per subject of a row. They equal those of coxph() for the rows of
 * finegray(), weighted and summed over the rows of a subject. Cost O(n p).
 */
osv_status osv_finegray_residuals(osv_finegray *s, double *martingale,
                                  double *schoenfeld) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  size_t at = 0;
  for (size_t t = 0; t < s->n_time; t++) {
    osv_finegray_tie tie;
    const int events = osv_finegray_tied(s, t, at, &tie);
    if (events) at++;
    for (size_t i = osv_finegray_from(rows, t); i < rows->time_end[t]; i++) {
      const int event = events && rows->status[i] == 1;
      const double *const x = osv_finegray_x(rows, i);
      martingale[i] = (event ? 1.0 : 0.0) - s->risk[i] * s->exposure[i];
      for (size_t a = 0; a < p; a++) {
        double mean = event ? tie.k0 * tie.mean[a] : 0.0;
        if (event && tie.k1 > 0.0) mean -= tie.k1 * s->events[a];
        schoenfeld[i * p + a] = event ? x[a] - mean / tie.d : 0.0;
      }
    }
    if (osv_finegray_stop(s, (rows->time_end[t] - osv_finegray_from(rows, t)) * p))
      return OSV_EINTR;
  }
  return OSV_OK;
}
