/* Any curve: estimates and limits are in [0, 1]; exact limits are kept; lower limits with
 * larger standard errors are lower. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts c;
  double surv[MOST_ROWS], risk[MOST_ROWS], se[MOST_ROWS], work[3 * MOST_ROWS];
  double low[MOST_ROWS], high[MOST_ROWS], wide_low[MOST_ROWS], wide_high[MOST_ROWS];
  bytes b = {data, size};
  const osv_conf type = (osv_conf)(next_bytes(&b, 1) % (OSV_CONF_ARCSIN + 1));
  const int one_by_one = (int)next_bytes(&b, 1) % 2, product = (int)next_bytes(&b, 1) % 2;
  next_table(&b, 1, 2, &x);
  for (size_t i = 0; i < (size_t)x.start[1]; i++) x.n[i] = fmod(x.n[i], 40.0) + 1.0;
  count_curve(&x.table, 0, &c);
  const osv_km_out km = {surv, risk, se};
  if (product)
    osv_km(c.n_risk, c.n_event, c.m, &km);
  else
    osv_breslow(c.n_risk, c.n_event, c.m, one_by_one, &km);
  for (size_t j = 0; j < c.m; j++) {
    assert(surv[j] >= 0.0 && surv[j] <= 1.0 && se[j] >= 0.0);
    assert(fabs(surv[j] + risk[j] - 1.0) < 1e-12);
    low[j] = wide_low[j] = high[j] = wide_high[j] = -1.0;
  }
  osv_survival_limits(type, 1.96, OSV_LOWER_USUAL, c.n_risk, c.n_event, &km, c.m, work,
                      low, high);
  osv_survival_limits(type, 1.96, OSV_LOWER_MODIFIED, c.n_risk, c.n_event, &km, c.m, work,
                      wide_low, wide_high);
  for (size_t j = 0; j < c.m; j++) {
    assert(high[j] == wide_high[j]);
    if (surv[j] <= 0.0 || risk[j] <= 0.0) {
      assert(low[j] == -1.0 && high[j] == -1.0);
      continue;
    }
    assert(low[j] >= 0.0 && high[j] <= 1.0);
    assert(low[j] <= surv[j] + 1e-12 && high[j] >= surv[j] - 1e-12);
    assert(wide_low[j] <= low[j] + 1e-12);
  }
  return 0;
}
