/* quantiles - quantile functions for the tests of limits, by continued fraction and
 * bisection: slow, accurate to about 1e-11. */
#ifndef OSV_QUANTILES_H
#define OSV_QUANTILES_H

#include "check.h"

static inline double test_lbeta(double a, double b) {
  return lgamma(a) + lgamma(b) - lgamma(a + b);
}

/* The continued fraction of I_x(a, b), DLMF 8.17.22, for x below the mean */
static inline double beta_fraction(double a, double b, double x) {
  const double tiny = 1e-300;
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0), f;
  d = 1.0 / (fabs(d) < tiny ? tiny : d);
  f = d;
  for (int m = 1; m < 100000; m++) {
    const double even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
    for (int part = 0; part < 2; part++) {
      const double term = part ? odd : even;
      d = 1.0 + term * d;
      c = 1.0 + term / c;
      d = 1.0 / (fabs(d) < tiny ? tiny : d);
      c = fabs(c) < tiny ? tiny : c;
      f *= c * d;
    }
    if (fabs(c * d - 1.0) < 1e-15) break;
  }
  return f;
}

static inline double test_pbeta(double x, double a, double b, int lower, int log_p) {
  assert(!log_p);
  if (x <= 0.0 || x >= 1.0) return (x >= 1.0) == lower ? 1.0 : 0.0;
  const double front = exp(a * log(x) + b * log1p(-x) - test_lbeta(a, b));
  if (x < (a + 1.0) / (a + b + 2.0)) {
    const double p = front * beta_fraction(a, b, x) / a;
    return lower ? p : 1.0 - p;
  }
  const double q = front * beta_fraction(b, a, 1.0 - x) / b;
  return lower ? 1.0 - q : q;
}

static inline double test_qbeta(double p, double a, double b, int lower, int log_p) {
  double low = 0.0, high = 1.0;
  for (int i = 0; i < 200; i++) {
    const double x = 0.5 * (low + high);
    if (x <= low || x >= high) break;
    if ((test_pbeta(x, a, b, lower, log_p) < p) == lower)
      low = x;
    else
      high = x;
  }
  return 0.5 * (low + high);
}

static inline double test_qnorm(double p, double mean, double sd, int lower, int log_p) {
  assert(!log_p && mean == 0.0 && sd == 1.0);
  double low = -40.0, high = 40.0;
  for (int i = 0; i < 200; i++) {
    const double x = 0.5 * (low + high);
    if ((0.5 * erfc((lower ? -x : x) / sqrt(2.0)) < p) == lower)
      low = x;
    else
      high = x;
  }
  return 0.5 * (low + high);
}

/* For p < 1/2: T > t has half the probability of Beta(df / 2, 1 / 2) < df / (df + t^2) */
static inline double test_qt(double p, double df, int lower, int log_p) {
  assert(!lower && p < 0.5);
  const double x = test_qbeta(2.0 * p, 0.5 * df, 0.5, 1, log_p);
  return sqrt(df * (1.0 - x) / x);
}

static const osv_quantiles test_quantiles = {test_qbeta, test_pbeta, test_lbeta, test_qt,
                                             test_qnorm};

#endif
