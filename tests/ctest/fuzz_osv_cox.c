/* Any rows: a log likelihood that is not NaN, an information with a diagonal of at least 0,
 * and limits of Firth's likelihood on both sides of the estimate. */
#include "direct_cox.h"
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
  cox_moments got = {0};
  double *work = room(osv_firth_work(c.rows.n, p), sizeof *work);
  const osv_cox_out out = {&got.loglik, got.score, got.information, NULL};
  osv_cox_moments(&c.rows, beta, NULL, work, &out);
  assert(!isnan(got.loglik));
  double firth[5][COX_COLUMNS];
  const osv_firth_out limits = {firth[0], firth[1], firth[2], firth[3], firth[4]};
  const osv_status status = osv_firth(&c.rows, 3.84, NULL, work, &limits);
  assert(status == OSV_OK || status == OSV_EDOMAIN);
  for (size_t a = 0; status == OSV_OK && a < p; a++)
    assert(firth[2][a] <= firth[0][a] && firth[0][a] <= firth[3][a] &&
           firth[4][a] >= 0.0);
  free(work);
  return 0;
}
