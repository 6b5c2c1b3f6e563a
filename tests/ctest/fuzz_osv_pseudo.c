/* Any counts and time: influence sums to 0; leave-one-out curves stay in [0, 1]. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts c;
  static double work[2 * MOST_ROWS], left_out[(MOST_CAUSES + 1) * MOST_ROWS];
  static double influence[(MOST_CAUSES + 1) * MOST_ROWS], passed[MOST_ROWS + 1];
  bytes b = {data, size};
  const int n_cause = (int)(1 + next_bytes(&b, 1) % MOST_CAUSES);
  const double at = next_time(&b);
  next_table(&b, 1, n_cause + 1, &x);
  count_curve(&x.table, 0, &c);
  const osv_counts counts = {c.time, c.n_risk, c.n_censor, c.n_event, MOST_ROWS};
  const double n = c.m > 0 ? c.n_risk[0] : 0.0;
  for (int k = 0; k < n_cause; k++) {
    const osv_functional functional = {k, 0, at};
    const osv_pseudo_out out = {left_out, influence, passed};
    const double estimate = osv_pseudo(&counts, c.m, n_cause, &functional, work, &out);
    double sum = 0.0, scale = 0.0;
    assert(estimate >= 0.0 && estimate <= 1.0 + 1e-15);
    for (int s = 0; s <= n_cause; s++)
      for (size_t j = 0; j < c.m; j++) {
        const double leavers =
            s > 0 ? c.n_event[(s - 1) * MOST_ROWS + (int)j] : c.n_censor[j];
        if (leavers == 0.0) continue;
        const size_t cell = (size_t)s * c.m + j;
        sum += leavers * influence[cell];
        scale += leavers * fabs(influence[cell]);
        const double shift = left_out[cell] - estimate;
        const double without = n > 1.0 ? estimate - shift / (n - 1.0) : 0.0;
        assert(without >= -1e-12 && without <= 1.0 + 1e-12);
      }
    assert(fabs(sum) <= 1e-12 * scale + 1e-25); /* only rounding errors where F is 1 */
  }
  return 0;
}
