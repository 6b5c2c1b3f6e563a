/* Any rows: the fit ends with a likelihood that is not below that of coefficients of 0,
 * variances of at least 0, and martingale residuals of at most 1. */
#include "cells_cox.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  uint64_t seed = next_bytes(&b, 4);
  cox_case c;
  cell_case cell;
  random_cox(&c, &seed);
  const size_t p = c.rows.p;
  for (size_t i = 0; i < c.rows.n * p; i++)
    if (next_bytes(&b, 1) % 4 == 0) c.x[i] = (double)next_bytes(&b, 1) - 128.0;
  for (size_t i = 0; i < c.rows.n; i++)
    if (next_bytes(&b, 1) % 8 == 0) c.event[i] = !c.event[i];
  cells_of(&c, &cell);
  if (next_bytes(&b, 1) % 2) name_patterns(&cell);
  double gamma[COX_COLUMNS], variance[COX_COLUMNS * COX_COLUMNS], score[COX_COLUMNS];
  double loglik[2], martingale[COX_ROWS];
  int known[COX_COLUMNS], monotone[COX_COLUMNS];
  osv_cox_fit_out out = {gamma, variance, score, loglik, known, monotone, 0};
  double *work = room(osv_cox_fit_work(&cell.cells), sizeof *work);
  assert(osv_cox_fit(&cell.cells, NULL, work, &out) == OSV_OK);
  assert(loglik[1] >= loglik[0] - 1e-9 * fabs(loglik[0]));
  for (size_t a = 0; a < p; a++) assert(variance[a * p + a] >= 0.0 && isfinite(gamma[a]));
  free(work);
  const osv_cox_residuals_out residuals = {martingale, NULL, NULL, NULL};
  work = room(osv_cox_residuals_work(&cell.cells), sizeof *work);
  const osv_status found =
      osv_cox_residuals(&cell.cells, c.rows.n, gamma, NULL, work, &residuals);
  double range = 0.0; /* beyond e^60 rounding errors of the last exposures exceed the
                       * first ones */
  for (size_t a = 0; a < p; a++) range += 256.0 * fabs(gamma[a]);
  /* rounding may leave nothing of a risk set with delayed entry, or where relative
   * hazards are so far apart that some are 0; the fit computes such a risk set again */
  assert(found == OSV_OK || (found == OSV_EDOMAIN && (cell.cells.start || range > 60.0)));
  for (size_t i = 0; found == OSV_OK && range < 60.0 && i < c.rows.n; i++)
    assert(martingale[i] <= 1.0 + 1e-9);
  free(work);
  return 0;
}
