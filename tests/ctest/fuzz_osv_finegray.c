/* Any rows: the log likelihood is not NaN; the diagonal of the information is at least 0
 * up to rounding; the fit ends with a likelihood that is not lower than at its start;
 * the scores of the rows sum to the derivative of the log likelihood. With delayed entry
 * rows are subtracted from sums, and rows with much smaller values then lose all their
 * digits. */
#include "direct_finegray.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  uint64_t seed = next_bytes(&b, 4);
  fg_case c;
  random_finegray(&c, &seed);
  const size_t n = c.rows.n, p = c.rows.p;
  for (size_t i = 0; i < n * p; i++)
    if (next_bytes(&b, 1) % 4 == 0) c.x[i] = (double)next_bytes(&b, 1) / 16.0 - 8.0;
  for (size_t i = 0; i < n; i++)
    if (next_bytes(&b, 1) % 8 == 0) c.status[i] = (int)(next_bytes(&b, 1) % 3);
  double *work = room(osv_finegray_work(&c.rows), sizeof *work);
  osv_finegray s = osv_finegray_start(&c.rows, NULL, work);
  double beta[FG_COLUMNS], information[FG_COLUMNS * FG_COLUMNS], loglik[2];
  int identified[FG_COLUMNS], monotone[FG_COLUMNS], whole = 1;
  double *scratch = room(osv_finegray_fit_work(p), sizeof *scratch);
  const osv_finegray_out out = {beta, information, loglik, identified, monotone};
  assert(osv_finegray_fit(&s, scratch, &out) == OSV_OK);
  assert(!isnan(loglik[0]) && loglik[1] >= loglik[0] - 1e-9 * fabs(loglik[0]));
  for (size_t a = 0; a < p; a++) {
    assert(isfinite(beta[a]));
    whole &= identified[a] && !monotone[a];
  }
  double score[FG_COLUMNS];
  assert(osv_finegray_moments(&s, beta, loglik + 1, score) == OSV_OK);
  assert(!isnan(loglik[1]));
  for (size_t i = 0; i < n; i++) whole &= !c.late || s.risk[i] > 1e-6;
  double sums[FG_ROWS * FG_COLUMNS] = {0},
                        *more = room(osv_finegray_scores_work(&c.rows), sizeof *more);
  const osv_finegray_sums by_row = {.of_weights = 1, .score = sums};
  assert(osv_finegray_scores(&s, &by_row, more) == OSV_OK);
  for (size_t a = 0; a < p; a++) {
    double sum = 0.0, sizes = 0.0;
    for (size_t i = 0; i < n; i++) {
      sum += c.count[i] * sums[i * p + a];
      sizes += c.count[i] * fabs(sums[i * p + a]);
    }
    assert(!whole || fabs(sum - score[a]) <= 1e-7 * fmax(1.0, sizes));
  }
  free(more);
  free(scratch);
  free(work);
  return 0;
}
