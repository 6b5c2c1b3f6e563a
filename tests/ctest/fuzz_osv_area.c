/* Any counts and tau: time kept plus time lost is tau; limits lie in [0, tau]. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts c;
  bytes b = {data, size};
  const int n_cause = (int)(1 + next_bytes(&b, 1) % MOST_CAUSES);
  const double tau = next_time(&b), slack = tau * 1e-12;
  if (tau > 0.0 && tau < 1e-280)
    return 0; /* small standard errors would underflow to 0 */
  next_table(&b, 1, n_cause + 1, &x);
  count_curve(&x.table, 0, &c);
  const osv_counts counts = {c.time, c.n_risk, c.n_censor, c.n_event, MOST_ROWS};
  double total = 0.0;
  for (int k = 0; k < n_cause; k++) {
    osv_area_out out;
    osv_area(&counts, c.m, n_cause, k, tau, &out);
    assert(out.lost >= 0.0 && out.kept >= 0.0);
    assert(fabs(out.lost + out.kept - tau) <= slack);
    assert(out.std_error >= 0.0 && out.std_error <= tau / 2 + slack);
    total += out.lost;
    double low, high;
    double after[MOST_ROWS];
    osv_risk_after(&x.table, 0, &counts, c.m, 0, after);
    osv_area_limits(&counts, c.m, n_cause, k, after,
                    osv_count_subjects(&x.table, 0, 0).start, tau, 0.025, &low, &high);
    assert(low >= 0.0 && high <= tau + slack);
    if (out.std_error == 0.0) assert(low <= out.kept + slack && out.kept <= high + slack);
  }
  assert(total <= tau + slack);
  return 0;
}
