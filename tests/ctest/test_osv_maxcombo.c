/* The maximum of normal and Cauchy variables, and a MaxCombo test of two subjects. */
#include "check.h"

/* Tail of the length of a Cauchy vector of rank 2: P(R > x) = 1 / sqrt(1 + x^2) */
static double cauchy_tail(void *ctx, size_t rank, double x) {
  *(size_t *)ctx = rank;
  return rank == 2 ? 1.0 / sqrt(1.0 + x * x) : 2.0 / 3.14159265358979324 * atan(1.0 / x);
}

static void test_tail(void) {
  const double one[] = {1.0}, two[] = {1, 0, 0, 1};
  size_t rank = 0, seen = 0;
  const osv_tail tail = {cauchy_tail, &seen};
  double p;
  assert(osv_max_elliptical(one, 1, 1.0, &tail, &p, &rank) == OSV_OK);
  assert(near(p, 0.5, 1e-15) && rank == 1 && seen == 1);
  assert(osv_max_elliptical(two, 2, 1.0, &tail, &p, &rank) == OSV_OK);
  /* P(|y_1| < 1 and |y_2| < 1) = 2 / pi atan(1 / sqrt(3)) = 1 / 3 in two dimensions */
  assert(near(p, 2.0 / 3.0, 1e-9) && rank == 2 && seen == 2);
}

int main(void) {
  test_tail();
  const double alone = erfc(2.0 * sqrt(0.5));
  const double one[] = {1.0}, apart[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  const double same[] = {1, -1, -1, 1};
  double p;
  size_t rank;
  assert(osv_max_normal(one, 1, 2.0, &p, &rank) == OSV_OK);
  assert(rank == 1 && near(p, alone, 1e-15));
  assert(osv_max_normal(same, 2, 2.0, &p, &rank) == OSV_OK);
  assert(rank == 1 && near(p, alone, 1e-15));
  assert(osv_max_normal(apart, 3, 2.0, &p, &rank) == OSV_OK);
  assert(rank == 3 && near(p, 1.0 - pow(1.0 - alone, 3.0), 1e-10));
  assert(osv_max_normal(apart, 3, 0.0, &p, &rank) == OSV_OK && near(p, 1.0, 1e-9));
  assert(osv_max_normal(apart, 0, 2.0, &p, &rank) == OSV_EDOMAIN);
  double four[16] = {0}, out_of_bounds[(OSV_MAX_NORMAL + 1) * (OSV_MAX_NORMAL + 1)] = {0};
  for (size_t i = 0; i < 4; i++) four[5 * i] = 1.0;
  for (double c = 1.0; c < 4.0; c += 1.0) {
    assert(osv_max_normal(four, 4, c, &p, &rank) == OSV_OK && rank == 4);
    assert(near(1.0 - p, pow(erf(c * sqrt(0.5)), 4.0), 1e-7));
  }
  assert(osv_max_normal(four, 4, 0.0, &p, &rank) == OSV_OK && p == 1.0);
  assert(osv_max_normal(out_of_bounds, OSV_MAX_NORMAL + 1, 2.0, &p, &rank) ==
         OSV_EDOMAIN);
  double many[25] = {0};
  for (size_t i = 0; i < 5; i++) many[6 * i] = 1.0;
  assert(osv_max_normal(many, 5, 2.0, &p, &rank) == OSV_EDOMAIN);

  /* one event in each group: S(t-) = 1 with two at risk, then 1/2 with one at risk */
  const double time[] = {1.0, 2.0}, start[] = {0.0, 1.0, 2.0};
  const int status[] = {1, 1};
  const osv_table table = table_of(time, status, NULL, start, 2, 2);
  size_t at[2], entry_at[2];
  double n_risk[2], d[2], other[2], left[2];
  osv_sweep sweep = {.table = &table,
                     .k = 2,
                     .at = at,
                     .n_risk = n_risk,
                     .d = d,
                     .other = other,
                     .left = left,
                     .entry_at = entry_at};
  const double power[] = {0, 0, 1, 0};
  double work[6], observed[2] = {0}, expected[2] = {0}, score[2] = {0};
  double variance[4] = {0};
  const osv_test_out out = {observed, expected, score, variance};
  assert(osv_maxcombo(&sweep, power, 2, NULL, work, &out) == OSV_OK);
  assert(observed[0] == 1.0 && expected[0] == 0.5 && expected[1] == 1.5);
  assert(score[0] == -0.5 && score[1] == -0.5);
  for (size_t i = 0; i < 4; i++) assert(variance[i] == 0.25);
  return 0;
}
