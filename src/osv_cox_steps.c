/* osv_cox_steps - baseline cumulative hazard of a Cox model, and the sums needed for its
 * variance and that of predicted curves. */
#include "osv_cox_scan.h"

/* Number of times with events of all strata */
size_t osv_cox_step_count(const osv_cox_cells *cells) {
  size_t steps = 0, cell = 0;
  for (size_t s = 0; s < cells->n_stratum; s++) {
    for (int counted = 0; cell < cells->stratum_end[s]; cell++) {
      const size_t first = s ? cells->stratum_end[s - 1] : 0;
      if (cell == first || cells->time[cell] != cells->time[cell - 1]) counted = 0;
      if (!cells->event[cell] || counted) continue;
      counted = 1;
      steps++;
    }
  }
  return steps;
}

/* Number of doubles of scratch that osv_cox_steps() needs */
size_t osv_cox_steps_work(const osv_cox_cells *cells) {
  return osv_cox_scan_work(cells);
}

/* Writes the step of the time that the scan has just read */
static void write_step(const osv_cox_scan *scan, int time, size_t step,
                       const osv_steps *out) {
  const size_t p = scan->cells->p;
  const osv_cox_tie tie = osv_cox_scan_tie(scan);
  out->time[step] = time;
  out->d[step] = scan->d;
  out->a[step] = tie.a[0];
  out->b[step] = tie.b[0];
  out->tied[step] = tie.b[1];
  for (size_t k = 0; k < p; k++)
    out->mean[step * p + k] = tie.b[0] * scan->s1[k] - tie.b[1] * scan->e1[k];
}

/* Steps of a Cox model at coefficients gamma [p] of the scaled covariates z.
 *
 * in   cells  see osv_cox_cells
 * work osv_cox_steps_work() doubles
 * out  see osv_steps, with room for osv_cox_step_count() steps
 *      risk [n_pattern]  r = exp(z'gamma - the largest z'gamma)
 * The cumulative hazard of covariates z is exp(z'gamma - largest) times the sum of `a`
 * up to the time; with the same ties as the fit (Efron 1977, Breslow 1974), it is that
 * of Link 1984 and Tsiatis 1981. OSV_EDOMAIN: see osv_cox_scan_lost(); OSV_EINTR. Cost
 * O(cells p).
 */
osv_status osv_cox_steps(const osv_cox_cells *cells, const double *gamma,
                         const osv_poll *poll, double *work, const osv_steps *out,
                         double *risk) {
  osv_cox_scan scan;
  const osv_status status = osv_cox_scan_open(&scan, cells, gamma, poll, work);
  if (status != OSV_OK) return status;
  for (size_t k = 0; k < cells->n_pattern; k++) risk[k] = scan.r[k];
  size_t step = osv_cox_step_count(cells);
  for (size_t s = cells->n_stratum; s-- > 0;) {
    const size_t first = s ? cells->stratum_end[s - 1] : 0;
    osv_cox_scan_stratum(&scan, cells->stratum_end[s]);
    out->end[s] = step;
    for (size_t to = cells->stratum_end[s], from; to > first; to = from) {
      from = osv_cox_scan_time(&scan, first, to);
      if (osv_cox_scan_stops(&scan, to - from)) return OSV_EINTR;
      if (scan.d == 0.0) continue;
      if (osv_cox_scan_lost(&scan)) return OSV_EDOMAIN;
      write_step(&scan, cells->time[to - 1], --step, out);
    }
  }
  return OSV_OK;
}
