/* Any counts: S and the reverse S are survival curves within limits of every type. */
#include "fuzz.h"

static void check_limits(const double *p, const double *q, const double *se, size_t m) {
  double low[MOST_ROWS], high[MOST_ROWS];
  for (int type = OSV_CONF_PLAIN; type <= OSV_CONF_EXACT; type++) {
    osv_interval((osv_conf)type, 1.96, p, q, se, m, low, high);
    for (size_t j = 0; j < m; j++) {
      assert(low[j] >= 0.0 && high[j] <= 1.0);
      assert(low[j] <= p[j] + 1e-12 && high[j] >= p[j] - 1e-12);
    }
  }
}

static void check_km(const double *n_risk, const double *n_event, size_t m) {
  double surv[MOST_ROWS], risk[MOST_ROWS], se[MOST_ROWS];
  const osv_km_out out = {surv, risk, se};
  osv_km(n_risk, n_event, m, &out);
  for (size_t j = 0; j < m; j++) {
    assert(surv[j] >= 0.0 && surv[j] <= (j ? surv[j - 1] : 1.0));
    assert(risk[j] >= 0.0 && fabs(surv[j] + risk[j] - 1.0) <= 1e-15);
    assert(se[j] >= 0.0 && se[j] <= 0.5 + 1e-12);
  }
  check_limits(surv, risk, se, m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts counts;
  bytes b = {data, size};
  next_table(&b, 1, 2, &x);
  count_curve(&x.table, 0, &counts);
  check_km(counts.n_risk, counts.n_event, counts.m);
  osv_km_reverse(counts.n_risk, counts.n_event, counts.n_censor, counts.m);
  check_km(counts.n_risk, counts.n_event, counts.m);
  return 0;
}
