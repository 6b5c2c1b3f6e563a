/* Any estimate and standard error: limits in [0, 1] contain the estimate; beta shapes. */
#include "fuzz.h"

static void check_limits(bytes *b) {
  const double p = (double)next_bytes(b, 8) / 18446744073709551616.0, q = 1.0 - p;
  const double any = fabs(next_bits(b)), se = isfinite(any) ? any : 1.0;
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
  double least[MOST_ROWS], after[MOST_ROWS];
  const osv_exact_out out = {low_a, low_b, high_a, high_b, least};
  const int n_cause = (int)(1 + next_bytes(b, 1) % MOST_CAUSES);
  next_table(b, 1, n_cause + 1, &x);
  count_curve(&x.table, 0, &c);
  const osv_counts counts = {c.time, c.n_risk, c.n_censor, c.n_event, MOST_ROWS};
  const osv_subjects subjects = osv_count_subjects(&x.table, 0, 0);
  osv_risk_after(&x.table, 0, &counts, c.m, 0, after);
  for (int k = 0; k < n_cause; k++) {
    osv_exact_state state = osv_exact_start(subjects.start);
    osv_exact_update(&state, &counts, (size_t)n_cause, (size_t)k, after, 0, c.m, &out);
    for (size_t j = 0; j < c.m; j++) {
      assert(after[j] >= 0.0 && least[j] >= 0.0 && least[j] <= subjects.start);
      assert(j == 0 || least[j] <= least[j - 1]);
      assert(high_a[j] > 0.0 && high_b[j] >= 0.0 && isfinite(high_a[j] + high_b[j]));
      assert(low_a[j] >= 0.0 && low_b[j] > 0.0 && isfinite(low_a[j] + low_b[j]));
      assert(low_a[j] / (low_a[j] + low_b[j]) <= high_a[j] / (high_a[j] + high_b[j]));
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  check_limits(&b);
  check_beta(&b);
  return 0;
}
