/* Any counts: the standard errors equal those of a direct sum over the times. */
#include "direct_aalen.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts c;
  double error[MOST_CAUSES * MOST_ROWS];
  bytes b = {data, size};
  const size_t n_cause = 1 + next_bytes(&b, 1) % MOST_CAUSES;
  next_table(&b, 1, (int)n_cause + 1, &x);
  count_curve(&x.table, 0, &c);
  const osv_counts counts = {c.time, c.n_risk, c.n_censor, c.n_event, MOST_ROWS};
  assert(osv_aalen(&counts, c.m, (int)n_cause, NULL, error) == OSV_OK);
  for (size_t k = 0; k < n_cause; k++)
    for (size_t j = 0; j < c.m; j++) {
      const double e = error[k * MOST_ROWS + j];
      const double want = (double)direct_aalen(&counts, j, n_cause, k);
      assert(e >= 0.0 && fabs(e * e - want) <= 1e-9 * want + 1e-15);
      if (c.n_event[k * MOST_ROWS] > 0.0) assert(e > 0.0 || want <= 1e-15);
    }
  return 0;
}
