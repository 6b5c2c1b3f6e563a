/* Any estimate and standard error: limits inside [0, 1] around it; shapes of betas. */
#include "fuzz.h"

static void check_limits(bytes *b) {
  const double p = (double)take(b, 8) / 18446744073709551616.0, q = 1.0 - p;
  const double any = fabs(take_bits(b)), se = isfinite(any) ? any : 1.0;
  for (int type = OSV_CONF_PLAIN; type <= OSV_CONF_EXACT; type++) {
    double low, high;
    osv_interval((osv_conf)type, 1.96, &p, &q, &se, 1, &low, &high);
    assert(low >= 0.0 && high <= 1.0 && low <= p + 1e-12 && high >= p - 1e-12);
  }
}

static void check_beta(bytes *b) {
  static fuzz_table x;
  static fuzz_counts c;
  double low_a[MOST_ROWS], low_b[MOST_ROWS], high_a[MOST_ROWS], high_b[MOST_ROWS];
  const osv_beta_out out = {low_a, low_b, high_a, high_b};
  take_table(b, 1, 2, &x);
  count_curve(&x.table, 0, &c);
  osv_beta_product(c.n_risk, c.n_event, c.n_censor, 0, c.m, &out);
  for (size_t j = 0; j < c.m; j++) {
    assert(high_a[j] > 0.0 && high_b[j] >= 0.0 && isfinite(high_a[j] + high_b[j]));
    assert(low_a[j] >= 0.0 && low_b[j] > 0.0 && isfinite(low_a[j] + low_b[j]));
    assert(low_a[j] / (low_a[j] + low_b[j]) <= high_a[j] / (high_a[j] + high_b[j]));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  check_limits(&b);
  check_beta(&b);
  return 0;
}
