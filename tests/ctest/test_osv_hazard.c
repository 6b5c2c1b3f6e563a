/* Cumulative hazards by hand. */
#include "check.h"

static void test_by_hand(void) {
  const double n_risk[] = {4, 3, 1}, n_event[] = {1, 2, 0};
  double hazard[3], variance[3];
  osv_hazard(n_risk, n_event, 3, 0, hazard, variance);
  assert(hazard[0] == 0.25 && near(hazard[1], 11.0 / 12, 1e-15));
  assert(near(variance[1], 1.0 / 16 + 2.0 / 9, 1e-16) && hazard[2] == hazard[1]);
  osv_hazard(n_risk, n_event, 3, 1, hazard, variance);
  assert(near(hazard[1], 13.0 / 12, 1e-15));
  assert(near(variance[2], 1.0 / 16 + 13.0 / 36, 1e-15));
}

/* 2.5 events of 4 at risk, one by one: 1/4, 1/3, and half an event of 2 at risk */
static void test_fractions(void) {
  const double n_risk[] = {4}, n_event[] = {2.5};
  double hazard[1], variance[1];
  osv_hazard(n_risk, n_event, 1, 1, hazard, variance);
  assert(near(hazard[0], 1.0 / 4 + 1.0 / 3 + 0.5 / 2, 1e-15));
  osv_hazard(n_risk, n_event, 1, 0, hazard, variance);
  assert(hazard[0] == 2.5 / 4);
}

static void test_edges(void) {
  const double n_risk[] = {2, 0}, n_event[] = {2, 0};
  double hazard[2], variance[2];
  osv_hazard(n_risk, n_event, 0, 1, hazard, variance);
  osv_hazard(n_risk, n_event, 2, 1, hazard, variance);
  assert(hazard[0] == 1.5 && hazard[1] == 1.5 && variance[1] == 1.25);
}

int main(void) {
  test_by_hand();
  test_fractions();
  test_edges();
  return 0;
}
