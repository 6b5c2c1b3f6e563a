/* Quantiles of beta distributions: closed forms, sums of binomial probabilities. */
#include "check.h"

static double log_beta(double a, double b) {
  if (fmin(a, b) == 1.0) return -log(fmax(a, b));
  return lgamma(a) + lgamma(b) - lgamma(a + b);
}

static double quantile(double tail, double a, double b, int upper) {
  double x = -1.0;
  assert(osv_beta_quantile(tail, a, b, log_beta(a, b), upper, &x) == 1);
  return x;
}

/* The distribution function of Beta(1, b) is 1 - (1 - x)^b, that of Beta(b, 1) is x^b */
static void test_one(void) {
  for (double b = 2.0; b <= 500.0; b *= 1.3)
    for (double tail = 0.02; tail <= 0.2; tail += 0.03) {
      const double low = -expm1(log1p(-tail) / b), high = -expm1(log(tail) / b);
      assert(fabs(quantile(tail, 1.0, b, 0) - low) <= 1e-13 * low);
      assert(fabs(quantile(tail, 1.0, b, 1) - high) <= 1e-13 * high);
      assert(near(quantile(tail, b, 1.0, 0), exp(log(tail) / b), 1e-13));
      assert(near(quantile(tail, b, 1.0, 1), exp(log1p(-tail) / b), 1e-13));
    }
}

/* P(X <= x) for Beta(d, n - d + 1) is binomial_tail(d, n, x) */
static void test_binomial(void) {
  for (double n = 2.0; n <= 60.0; n += 1.0)
    for (double d = 1.0; d <= n && d <= 12.0; d += 1.0) {
      const double low = quantile(0.025, d, n - d + 1.0, 0);
      const double high = quantile(0.025, d, n - d + 1.0, 1);
      assert(0.0 < low && low < high && high < 1.0);
      assert(fabs(binomial_tail(d, n, low) - 0.025) < 1e-12);
      assert(fabs(binomial_tail(d, n, high) - 0.975) < 1e-12);
    }
  /* Clopper and Pearson 1934 for 1 of 10: 0.25 and 44.5 % */
  assert(near(quantile(0.025, 1.0, 10.0, 0), 0.0025285785, 1e-9));
  assert(near(quantile(0.025, 2.0, 9.0, 1), 0.4450161174, 1e-9));
}

static void test_outside(void) {
  const double bad[][3] = {{0.001, 2, 20},   {0.3, 2, 20},        {0.025, 0.5, 20},
                           {0.025, 20, 20},  {0.025, 2, 1e6},     {NAN, 2, 20},
                           {0.025, NAN, 20}, {0.025, 2, INFINITY}};
  for (size_t i = 0; i < COUNT_OF(bad); i++) {
    double x = -1.0;
    assert(osv_beta_quantile(bad[i][0], bad[i][1], bad[i][2], -3.0, 0, &x) == 0);
    assert(x == -1.0);
  }
}

int main(void) {
  test_one();
  test_binomial();
  test_outside();
  return 0;
}
