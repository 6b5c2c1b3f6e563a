/* Limits by each transformation, and the beta shapes of exact limits. */
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

/* Limits are undefined where the estimate is 0 or 1 or its standard error is 0 */
static void test_degenerate(void) {
  const double p[] = {0.0, 1.0, 0.3}, q[] = {1.0, 0.0, 0.7}, se[] = {0.1, 0.1, 0.0};
  double low[3], high[3];
  for (int type = OSV_CONF_PLAIN; type <= OSV_CONF_EXACT; type++) {
    osv_interval((osv_conf)type, z95, p, q, se, 3, low, high);
    assert(all_equal(low, p, 3) && all_equal(high, p, 3));
  }
  osv_interval(OSV_CONF_PLAIN, z95, p, q, se, 0, low, high);
}

enum { MOST = 8 };

/* Beta shapes of all rows of a curve */
typedef struct {
  double low_a[MOST], low_b[MOST], high_a[MOST], high_b[MOST], least[MOST];
} shapes;

static shapes shapes_of(double *n_risk, double *n_event, size_t n_cause, size_t cause,
                        const double *after, size_t m) {
  shapes x;
  const osv_exact_out out = {x.low_a, x.low_b, x.high_a, x.high_b, x.least};
  const osv_counts counts = {NULL, n_risk, NULL, n_event, MOST};
  osv_exact_state state = osv_exact_start(n_risk[0]);
  osv_exact_update(&state, &counts, n_cause, cause, after, 0, m, &out);
  return x;
}

/* Without censoring the products of betas are the betas of Clopper-Pearson */
static void test_beta_product(void) {
  double n_risk[] = {10, 9, 7, 1}, n_event[MOST] = {1, 2, 6, 1};
  const double after[] = {9, 7, 1, 0}, gone[] = {1, 3, 9, 10};
  const shapes x = shapes_of(n_risk, n_event, 1, 0, after, 4);
  for (size_t j = 0; j < 4; j++) {
    assert(near(x.high_a[j], 10 - gone[j] + 1, 1e-10) &&
           near(x.high_b[j], gone[j], 1e-10));
    assert(x.least[j] == 10 - gone[j]);
    if (j == 3) break;
    assert(near(x.low_a[j], 10 - gone[j], 1e-10) && near(x.low_b[j], gone[j] + 1, 1e-10));
  }
  assert(x.low_a[3] == 0.0); /* none at risk: lower limit 0 */
  /* restarting at the third row gives the same */
  double a[2], b[2], c[2], d[2], least[2];
  const osv_exact_out tail = {a, b, c, d, least};
  const osv_counts counts = {NULL, n_risk, NULL, n_event, MOST};
  osv_exact_state state = osv_exact_start(10);
  osv_exact_update(&state, &counts, 1, 0, after, 2, 3, &tail);
  assert(a[0] == x.low_a[2] && d[0] == x.high_b[2]);
  double none[MOST] = {0};
  const double fewer[] = {7};
  const shapes y = shapes_of(n_risk, none, 1, 0, fewer, 1); /* no event: exactly 1 */
  assert(y.high_a[0] == 1.0 && y.high_b[0] == 0.0);
  assert(near(y.low_a[0], 7.0, 1e-10) && near(y.low_b[0], 1.0, 1e-10));
}

/* 10 subjects: 2 die, 4 of the other 8 are censored, 1 of 4 fails, 3 die. The effective
 * number R is 10, then 10 * 4 / 8 = 5, then 4 for failure; 10, 8, 4, ... for death */
static void test_competing(void) {
  double n_risk[] = {10, 8, 4, 3};
  double n_event[2 * MOST] = {[2] = 1, [MOST] = 2, [MOST + 3] = 3};
  const double after[] = {8, 4, 3, 0}, want[] = {10, 5, 4, 4}, dead[] = {8, 4, 4, 1};
  const shapes x = shapes_of(n_risk, n_event, 2, 0, after, 4);
  for (size_t j = 0; j < 4; j++) {
    assert(near(x.least[j], want[j], 1e-15));
    assert(near(x.high_b[j], j < 2 ? 0.0 : 1.0, 1e-10));
    if (j >= 2) assert(near(x.high_a[j], 5.0, 1e-10));
  }
  const shapes y = shapes_of(n_risk, n_event, 2, 1, after, 4);
  for (size_t j = 0; j < 4; j++) assert(near(y.least[j], dead[j], 1e-14));
}

/* Later entries do not increase the effective number, but they change the shapes after an
 * event */
static void test_entries(void) {
  double n_risk[] = {3, 50, 49}, n_event[MOST] = {0, 1, 0};
  const double after[] = {3, 49, 49};
  const shapes x = shapes_of(n_risk, n_event, 1, 0, after, 3);
  for (size_t j = 0; j < 3; j++) assert(x.least[j] == 3.0);
  assert(x.high_a[1] == 50.0 && x.high_b[1] == 1.0);
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
  test_competing();
  test_entries();
  test_no_event();
  return 0;
}
