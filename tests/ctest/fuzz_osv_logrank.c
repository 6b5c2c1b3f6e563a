/* Any table: a finite test whose scores and variance sum to 0, for every weight. */
#include "fuzz.h"
#include "walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  bytes b = {data, size};
  const size_t k = 1 + take(&b, 1) % MOST_CURVES;
  const osv_weight weight = (osv_weight)(take(&b, 1) % 7);
  const double rho = (double)take(&b, 1) / 64.0, gamma = (double)take(&b, 1) / 64.0;
  take_table(&b, k, 2, &x);
  const test_run run = new_run(k);
  osv_walk walk = walk_of(&run, &x.table, 0);
  assert(osv_logrank(&walk, weight, rho, gamma, NULL, run.work, &run.out) == OSV_OK);
  double n = 1.0; /* the weight of Gehan at the first time */
  for (size_t i = 0; i < (size_t)x.start[k]; i++) n += x.table.n ? x.n[i] : 1.0;
  check_run(&run, n, 1e-9);
  check_diagonal(&run);
  drop_run(run);
  return 0;
}
