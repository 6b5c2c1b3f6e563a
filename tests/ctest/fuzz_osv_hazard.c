/* Any table: hazards increase; with ties split one by one they are not smaller. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts c;
  bytes b = {data, size};
  double hazard[2][MOST_ROWS], variance[2][MOST_ROWS];
  next_table(&b, 1, 2, &x);
  count_curve(&x.table, 0, &c);
  double events = 0.0;
  for (size_t j = 0; j < c.m; j++) events += c.n_event[j];
  if (events > 1e5) return 0;
  for (int i = 0; i < 2; i++)
    osv_hazard(c.n_risk, c.n_event, c.m, i, hazard[i], variance[i]);
  for (size_t j = 0; j < c.m; j++) {
    assert(hazard[1][j] >= hazard[0][j] * (1.0 - 1e-14));
    for (int i = 0; i < 2; i++) {
      assert(isfinite(hazard[i][j]) && isfinite(variance[i][j]));
      assert(j == 0 || hazard[i][j] >= hazard[i][j - 1]);
    }
  }
  return 0;
}
