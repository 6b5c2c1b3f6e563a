/* Any rows: a log likelihood of at most 0, an information with a diagonal of at least 0,
 * a finite slope, and limits of Firth's likelihood on both sides of the estimate. */
#include "cells_cox.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  uint64_t seed = next_bytes(&b, 4);
  cox_case c;
  random_cox(&c, &seed);
  const size_t p = c.rows.p;
  double beta[COX_COLUMNS];
  for (size_t i = 0; i < c.rows.n * p; i++)
    if (next_bytes(&b, 1) % 4 == 0) c.x[i] = (double)next_bytes(&b, 1) - 128.0;
  for (size_t a = 0; a < p; a++) beta[a] = (double)next_bytes(&b, 1) / 16.0 - 8.0;
  cell_case cell;
  cells_of(&c, &cell);
  if (next_bytes(&b, 1) % 2) name_patterns(&cell);
  double loglik, score[COX_COLUMNS], information[COX_COLUMNS * COX_COLUMNS];
  double raw[COX_COLUMNS], slope[COX_COLUMNS], one[COX_COLUMNS * COX_COLUMNS] = {0};
  double *work = room(osv_cox_firth_work(&cell.cells), sizeof *work);
  const osv_cox_sums_out out = {NULL, &loglik, score, information, raw, NULL};
  for (size_t a = 0; a < p; a++) one[a * p + a] = 1.0;
  /* with delayed entry rows are subtracted from sums, which lose all digits beyond
   * e^60 */
  double range = 0.0;
  for (size_t a = 0; a < p; a++) range += 256.0 * fabs(beta[a]);
  const int exact = !cell.cells.start || range < 60.0;
  if (osv_cox_sums(&cell.cells, beta, NULL, work, &out) == OSV_OK) {
    assert(!isnan(loglik) && (!exact || loglik <= 1e-9));
    for (size_t a = 0; exact && a < p; a++)
      assert(information[a * p + a] >= -1e-9 * (1.0 + raw[a]));
    /* osv_cox_sums() computes such a risk set again, osv_cox_slope() gives up */
    const osv_status found = osv_cox_slope(&cell.cells, beta, one, NULL, work, slope);
    assert(found == OSV_OK || (found == OSV_EDOMAIN && cell.cells.start));
    for (size_t a = 0; exact && found == OSV_OK && a < p; a++) assert(isfinite(slope[a]));
  } else {
    assert(cell.cells.start); /* otherwise no risk set has the sum 0 */
  }
  double firth[5][COX_COLUMNS], variance[COX_COLUMNS * COX_COLUMNS];
  const osv_firth_out limits = {firth[0], firth[1], firth[2],
                                firth[3], firth[4], variance};
  const osv_status status = osv_cox_firth(&cell.cells, 3.84, NULL, work, &limits);
  assert(status == OSV_OK || status == OSV_EDOMAIN);
  for (size_t a = 0; status == OSV_OK && a < p; a++)
    assert(firth[2][a] <= firth[0][a] && firth[0][a] <= firth[3][a] &&
           firth[4][a] >= 0.0);
  free(work);
  return 0;
}
