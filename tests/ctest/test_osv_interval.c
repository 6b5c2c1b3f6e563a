#include "check.h"

static const double z95 = 1.959963984540054;

static void limits(osv_conf type, double p, double se, double *low, double *high) {
  const double q = 1.0 - p;
  osv_interval(type, z95, &p, &q, &se, 1, low, high);
}

/* p = 0.5, se = 0.1 by hand, z se = 0.1959964 */
static void test_by_hand(void) {
  const struct {
    osv_conf type;
    double low, high;
  } want[] = {
      {OSV_CONF_PLAIN, 0.3040036, 0.6959964},  {OSV_CONF_LOG, 0.3378546, 0.7399634},
      {OSV_CONF_LOGLOG, 0.2951717, 0.6745226}, {OSV_CONF_LOGIT, 0.3134615, 0.6865385},
      {OSV_CONF_ARCSIN, 0.3089846, 0.6910154}, {OSV_CONF_EXACT, 0.5, 0.5}};
  for (size_t i = 0; i < COUNT_OF(want); i++) {
    double low, high;
    limits(want[i].type, 0.5, 0.1, &low, &high);
    assert(near(low, want[i].low, 1e-6) && near(high, want[i].high, 1e-6));
  }
}

/* Every type contains the estimate and stays in [0, 1], also near the ends */
static void test_bounds(void) {
  const double p[] = {1e-300, 1e-12, 1e-3, 0.25, 0.5, 0.75, 1.0 - 1e-3, 1.0 - 0x1p-53};
  const double se[] = {1e-300, 1e-12, 1e-3, 0.1, 0.5, 10.0};
  for (int type = OSV_CONF_PLAIN; type <= OSV_CONF_EXACT; type++)
    for (size_t i = 0; i < COUNT_OF(p); i++)
      for (size_t j = 0; j < COUNT_OF(se); j++) {
        double low, high;
        limits((osv_conf)type, p[i], se[j], &low, &high);
        assert(low >= 0.0 && high <= 1.0);
        assert(low <= p[i] * (1.0 + 1e-12) && high >= p[i] * (1.0 - 1e-12));
      }
}

/* Nothing is said where the estimate is 0 or 1 or its standard error 0 */
static void test_degenerate(void) {
  const double p[] = {0.0, 1.0, 0.3}, q[] = {1.0, 0.0, 0.7}, se[] = {0.1, 0.1, 0.0};
  double low[3], high[3];
  for (int type = OSV_CONF_PLAIN; type <= OSV_CONF_EXACT; type++) {
    osv_interval((osv_conf)type, z95, p, q, se, 3, low, high);
    assert(all_equal(low, p, 3) && all_equal(high, p, 3));
  }
  osv_interval(OSV_CONF_PLAIN, z95, p, q, se, 0, low, high);
}

/* Without censoring the products of betas are betas: those of Clopper-Pearson */
static void test_beta_product(void) {
  const double n_risk[] = {10, 9, 7, 1}, n_event[] = {1, 2, 6, 1}, none[] = {0, 0, 0, 0};
  double low_a[4], low_b[4], high_a[4], high_b[4];
  const osv_beta_out out = {low_a, low_b, high_a, high_b};
  osv_beta_product(n_risk, n_event, none, 0, 4, &out);
  const double gone[] = {1, 3, 9, 10};
  for (size_t j = 0; j < 4; j++) {
    assert(near(high_a[j], 10 - gone[j] + 1, 1e-10) && near(high_b[j], gone[j], 1e-10));
    if (j == 3) break;
    assert(near(low_a[j], 10 - gone[j], 1e-10) && near(low_b[j], gone[j] + 1, 1e-10));
  }
  assert(low_a[3] == 0.0); /* nobody left: the lower limit is 0 */
  double tail_a[1], tail_b[1], tail_c[1], tail_d[1];
  const osv_beta_out tail = {tail_a, tail_b, tail_c, tail_d};
  osv_beta_product(n_risk, n_event, none, 2, 3, &tail);
  assert(tail_a[0] == low_a[2] && tail_d[0] == high_b[2]);
  const double censor[] = {3, 0};
  osv_beta_product(n_risk, none, censor, 0, 1, &out); /* no event: (1, 0), the point 1 */
  assert(high_a[0] == 1.0 && high_b[0] == 0.0);
  assert(near(low_a[0], 7.0, 1e-10) && near(low_b[0], 1.0, 1e-10));
  osv_beta_moments start = {0};
  osv_beta_more(&start, n_risk, none, NULL, 0, 1, &out); /* they have left before */
  assert(near(low_a[0], 10.0, 1e-10) && near(low_b[0], 1.0, 1e-10));
}

static void test_no_event(void) {
  assert(near(exp(osv_log_limit_no_event(10, 0.025)), 0.6915029, 1e-7));
  assert(osv_log_limit_no_event(0, 0.025) == -INFINITY);
}

int main(void) {
  test_by_hand();
  test_bounds();
  test_degenerate();
  test_beta_product();
  test_no_event();
  return 0;
}
