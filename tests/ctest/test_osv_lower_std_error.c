/* Standard errors for lower limits, which increase as subjects are censored, by hand. */
#include "check.h"

/* Events at 2 and 4, censorings at 3 and 5; at risk 10, 8, 6, 3 and S = 0.9, 0.75. The
 * number at risk at the last event up to each time is 10, 10, 6, 6. */
static void test_by_hand(void) {
  const double n_risk[] = {10, 8, 6, 3}, n_event[] = {1, 0, 1, 0};
  const double surv[] = {0.9, 0.9, 0.75, 0.75}, risk[] = {0.1, 0.1, 0.25, 0.25};
  const double error[] = {0.1, 0.1, 0.2, 0.2};
  double out[4];
  osv_lower_std_error(OSV_LOWER_PETO, n_risk, n_event, surv, risk, error, 4, out);
  for (size_t j = 0; j < 4; j++)
    assert(near(out[j], surv[j] * sqrt(risk[j] / n_risk[j]), 1e-15));
  osv_lower_std_error(OSV_LOWER_MODIFIED, n_risk, n_event, surv, risk, error, 4, out);
  const double want[] = {0.1, 0.1 * sqrt(10.0 / 8), 0.2, 0.2 * sqrt(2.0)};
  for (size_t j = 0; j < 4; j++) assert(near(out[j], want[j], 1e-15));
  osv_lower_std_error(OSV_LOWER_USUAL, n_risk, n_event, surv, risk, error, 4, out);
  assert(all_equal(out, error, 4));
}

/* Before the first event the standard error is 0 by every method */
static void test_no_event(void) {
  const double n_risk[] = {5, 4}, none[] = {0, 0}, surv[] = {1, 1};
  const osv_lower all[] = {OSV_LOWER_USUAL, OSV_LOWER_PETO, OSV_LOWER_MODIFIED};
  for (size_t i = 0; i < COUNT_OF(all); i++) {
    double out[2] = {-1, -1};
    osv_lower_std_error(all[i], n_risk, none, surv, none, none, 2, out);
    assert(out[0] == 0.0 && out[1] == 0.0);
    osv_lower_std_error(all[i], n_risk, none, surv, none, none, 0, out);
  }
}

int main(void) {
  test_by_hand();
  test_no_event();
  return 0;
}
