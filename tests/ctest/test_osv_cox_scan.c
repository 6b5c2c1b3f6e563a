/* Sums over the factors of tied events: by hand, one by one, and by the series. */
#include "check.h"

static void test_by_hand(void) {
  const osv_cox_tie one = osv_cox_tie_sums(1.0, 4.0, 3.0, 1);
  assert(near(one.log, log(4.0), 1e-15) && one.a[0] == 0.25 && one.a[1] == 0.0);
  /* denominators 4 and 4 - 3 / 2 */
  const osv_cox_tie two = osv_cox_tie_sums(2.0, 4.0, 3.0, 1);
  assert(near(two.log, log(10.0), 1e-15) && near(two.a[0], 0.65, 1e-15));
  assert(near(two.a[1], 0.2, 1e-15) && near(two.b[2], 0.25 / 6.25, 1e-15));
  const osv_cox_tie breslow = osv_cox_tie_sums(2.0, 4.0, 3.0, 0);
  assert(near(breslow.log, log(16.0), 1e-15) && breslow.a[0] == 0.5);
  assert(breslow.a[1] == 0.0 && breslow.b[0] == 0.125);
}

/* Each sum enters the model with a factor e0 for each factor f in it, next to the first
 * sum with as many factors s0. Errors are compared with that product. */
static int alike(double got, long double want, long double most) {
  return fabsl(got - want) <= 1e-11 * fabsl(most);
}

static void test_many(void) {
  const double many[] = {2, 16, 17, 31, 32, 33, 34, 63, 130, 1000, 20000};
  const double share[] = {1.0, 1 - 1e-9, 0.99, 0.5, 0.3, 0.2, 1e-3, 1e-7};
  for (size_t i = 0; i < COUNT_OF(many); i++)
    for (size_t j = 0; j < COUNT_OF(share); j++) {
      const double d = many[i], s0 = 7.0 * d, e0 = share[j] * s0;
      const osv_cox_tie got = osv_cox_tie_sums(d, s0, e0, 1);
      long double log_sum = 0, a0 = 0, a1 = 0, b0 = 0, b1 = 0, b2 = 0;
      for (double l = 0; l < d; l++) {
        const long double f = l / (long double)d, x = s0 - f * e0;
        log_sum += logl(x);
        a0 += 1 / x;
        a1 += f / x;
        b0 += 1 / x / x;
        b1 += f / x / x;
        b2 += f * f / x / x;
      }
      const long double more = s0 / (long double)e0;
      assert(alike(got.log, log_sum, log_sum) && alike(got.a[0], a0, a0));
      assert(alike(got.a[1], a1, a0 * more) && alike(got.b[0], b0, b0));
      assert(alike(got.b[1], b1, b0 * more) && alike(got.b[2], b2, b0 * more * more));
    }
}

/* Adding 1 does not change l above 2^53, and events of a relative hazard of almost 0 do
 * not change the denominators: both must end. */
static void test_huge(void) {
  const double d = 1e17, s0 = 2e17;
  assert(alike(osv_cox_tie_sums(d, s0, 0.5 * s0, 1).a[0], logl(2.0L), logl(2.0L)));
  const osv_cox_tie tiny = osv_cox_tie_sums(1e10, 1.0, 1e-120, 1);
  assert(alike(tiny.a[0], 1e10L, 1e10L) && alike(tiny.a[1], 5e9L - 0.5L, 5e9L));
  assert(alike(tiny.b[0], 1e10L, 1e10L) && tiny.log == 0.0);
  assert(alike(tiny.b[1], 5e9L - 0.5L, 5e9L));
  assert(alike(tiny.b[2], 1e10L / 3 - 0.5L, 1e10L));
  /* denominators 1e120 and 5e119, of which no product is taken */
  const osv_cox_tie wide = osv_cox_tie_sums(2.0, 1e120, 1e120, 1);
  assert(alike(wide.log, 240 * logl(10.0L) - logl(2.0L), 550) &&
         alike(wide.a[0], 3e-120L, 3e-120L) && alike(wide.a[1], 1e-120L, 1e-120L));
}

int main(void) {
  test_by_hand();
  test_many();
  test_huge();
  return 0;
}
