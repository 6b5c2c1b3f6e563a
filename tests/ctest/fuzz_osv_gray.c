/* Any table: scores and variance sum to 0 for every cause, unless F0 has passed 1. */
#include "fuzz.h"
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  bytes b = {data, size};
  const size_t k = 1 + take(&b, 1) % MOST_CURVES;
  const int n_cause = (int)(1 + take(&b, 1) % MOST_CAUSES);
  const double rho = (double)take(&b, 1) / 64.0;
  take_table(&b, k, n_cause + 1, &x);
  for (int cause = 1; cause <= n_cause; cause++) {
    const test_run run = new_run(k);
    osv_walk walk = walk_of(&run, &x.table, cause);
    assert(osv_gray(&walk, rho, NULL, run.work, &run.out) == OSV_OK);
    /* a power of 1 - F0 below 0 */
    if (isfinite(run.out.score[0] + run.out.variance[0]))
      check_run(&run, 1, 1e-9);
    else
      assert(rho > 0.0);
    drop_run(run);
  }
  return 0;
}
