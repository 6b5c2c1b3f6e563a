/* osv_cox_cubes - sums over Efron's factors for Firth's penalty. */
#include "osv_core.h"

#include <math.h>

enum { ONE_BY_ONE = 64, LAST_FACTORS = 16, MOST_TERMS = 80 };

/* From this share of the events in the risk set on, the closed forms are accurate; below,
 * their terms would cancel */
static const double MUCH = 0.4;

/* Adds the last n of the d factors one by one */
static void add_factors(double n, double d, double e, double cubes[4]) {
  for (double k = n; k > 0.0; k -= 1.0) {
    const double f = (d - k) / d, by = 1.0 / (1.0 - e + e * k / d), cube = by * by * by;
    cubes[0] += cube;
    cubes[1] += f * cube;
    cubes[2] += f * f * cube;
    cubes[3] += f * f * f * cube;
  }
}

/* Sum over l = 0, ..., d - 1 of (l / d)^n by the Euler-Maclaurin formula, exact for
 * n < 12. Otherwise its terms decrease fast, because n is much less than 2 pi d wherever
 * the sum matters. */
static double power_sum(double n, double d) {
  static const double by[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600,
                              1.0 / 47900160}; /* B_2j / (2 j)! */
  if (n == 0.0) return d;
  double term = n / d, sum = d / (n + 1.0) - 0.5;
  for (int j = 0; j < 5 && n > 2.0 * j + 1.0; j++) { /* term: derivative 2 j + 1 at d */
    sum += by[j] * term;
    term *= (n - 2.0 * j - 1.0) * (n - 2.0 * j - 2.0) / (d * d);
  }
  return sum;
}

/* 1 / (1 - f e)^3 as a power series in f e, which is summed term by term */
static void add_series(double d, double e, double cubes[4]) {
  double factor = 1.0;
  for (int i = 0; i < MOST_TERMS && factor > 1e-20; i++, factor *= e) {
    const double by = factor * (i + 1) * (i + 2) / 2.0;
    for (int k = 0; k < 4; k++) cubes[k] += by * power_sum(i + k, d);
  }
}

/* Adds the factors j = 0, ..., m - 1 by the Euler-Maclaurin formula. With z = d / e and
 * u = z - j a factor is d / (e u), and j = z - u makes each sum a combination of those of
 * 1/u, 1/u^2 and 1/u^3. u is at least LAST_FACTORS. */
static void add_many(double m, double d, double e, double cubes[4]) {
  const double z = d / e, v = m / z, w = 1.0 / (1.0 - v), l = -log1p(-v);
  const double p = 1.0 / (z - m), q = 1.0 / z;
  /* integrals over t = j / z, from 0 to v, of t^k / (1 - t)^3 */
  const double zero = (w * w - 1.0) / 2.0, one = w - 1.0;
  const double integral[] = {zero, zero - one, zero - 2.0 * one + l,
                             zero - 3.0 * one + 3.0 * l - v};
  /* B_2j s (s + 1) ... (s + 2 j - 2) / (2 j)! for 1/u, 1/u^2, 1/u^3 */
  static const double by[3][5] = {
      {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132},
      {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66},
      {1.0 / 4, -1.0 / 12, 1.0 / 12, -3.0 / 20, 5.0 / 12}};
  double end[3], p_power = p, q_power = q;
  for (int s = 0; s < 3; s++, p_power *= p, q_power *= q) {
    double a = p_power * p, b = q_power * q;
    end[s] = -(p_power - q_power) / 2.0;
    for (int j = 0; j < 5; j++, a *= p * p, b *= q * q) end[s] += by[s][j] * (a - b);
  }
  const double ends[] = {end[2], z * end[2] - end[1],
                         z * (z * end[2] - 2.0 * end[1]) + end[0],
                         z * (z * (z * end[2] - 3.0 * end[1]) + 3.0 * end[0])};
  double scale = z * z * z, power = q * q; /* (d / e)^3 / d^k and z^(k - 2) */
  for (int k = 0; k < 4; k++, scale /= d, power *= z)
    cubes[k] += scale * (integral[k] * power + ends[k]);
}

/* Sums over l = 0, ..., d - 1, with f = l / d, of f^k / (1 - f e)^3, for k = 0, ..., 3
 *
 * in   d  whole number of events, at least 1
 *      e  their share of the sum over the risk set, from 0 to 1
 * out  cubes[4]
 * Relative errors are below 1e-11. Cost O(min(d, 80)).
 */
void osv_cox_tie_cubes(double d, double e, double cubes[4]) {
  for (int k = 0; k < 4; k++) cubes[k] = 0.0;
  if (d <= ONE_BY_ONE) {
    add_factors(d, d, e, cubes);
  } else if (e < MUCH) {
    add_series(d, e, cubes);
  } else { /* where u would be small, the factors are added one by one */
    const double last = d * (1.0 - e) < LAST_FACTORS * e ? LAST_FACTORS : 0.0;
    add_many(d - last, d, e, cubes);
    add_factors(last, d, e, cubes);
  }
}

/* The sum over the d factors of (A - 2 f B + f^2 C) (s - f v) / (1 - f e)^3, as the
 * factors of s and v. square: A, B and C */
void osv_cox_tie_third(double d, double e, const double square[3], double *of_s,
                       double *of_v) {
  double cubes[4];
  osv_cox_tie_cubes(d, e, cubes);
  *of_s = cubes[0] * square[0] - 2.0 * cubes[1] * square[1] + cubes[2] * square[2];
  *of_v = -(cubes[1] * square[0] - 2.0 * cubes[2] * square[1] + cubes[3] * square[2]);
}
