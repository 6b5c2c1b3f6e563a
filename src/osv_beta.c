/* osv_beta - quantiles of beta distributions for few events; exact limits need dozens of
 * such quantiles. */
#include "osv_core.h"

#include <math.h>

enum { MOST_TERMS = 2000, MOST_STEPS = 12 };

/* The hypergeometric series F(a + b, 1; a + 1; x), which gives I_x(a, b)
 * = x^a (1 - x)^b F / (a B(a, b)), DLMF 8.17.8. All terms are positive, so the sum keeps
 * its accuracy. Terms are added until one is below `part` of the sum. Value: 0 if that
 * takes too many terms. */
static double series(double a, double b, double x, double part) {
  double term = 1.0, sum = 1.0;
  int i = 0;
  for (; i < MOST_TERMS && !(term < part * sum); i++) {
    term *= x * ((a + b + i) / (a + 1.0 + i));
    sum += term;
  }
  return i < MOST_TERMS ? sum : 0.0;
}

/* Upper normal quantile to about 3 digits, for p <= 0.5: Hastings 1955 */
static double about_normal(double p) {
  const double t = sqrt(-2.0 * log(p));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                 (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/* Quantile of Beta(a, b) with the probability `tail` below it, or above it with `upper`.
 *
 * in   tail in [0.02, 0.2]; a, b >= 0.75, the smaller <= 12, the larger <= 500;
 *      log_beta: log B(a, b)
 * out  *x within 5e-14 relative
 * Value: 1; or 0, with *x not written, outside this domain or if the search does not
 * converge. The caller then needs a slower method.
 *
 * Householder steps of fourth order solve log I_x = log tail, or with `upper`
 * log(1 - tail), in u = log x, starting from Cochran's approximation (Abramowitz & Stegun
 * 26.5.22). The first three derivatives of log I_x with respect to u are
 *   r = x^a (1 - x)^(b - 1) / (B I),  r (c - r),  r (c - r)^2 + r (c' - r (c - r))
 * with c = a - (b - 1) x / (1 - x) and c' its derivative by u. Two steps are usually
 * enough; for the first one fewer terms of the series of I_x are summed.
 */
int osv_beta_quantile(double tail, double a, double b, double log_beta, int upper,
                      double *x) {
  if (!(tail >= 0.02 && tail <= 0.2 && a >= 0.75 && b >= 0.75)) return 0;
  const int swap = a > b;
  if (swap) {
    const double larger = a;
    a = b;
    b = larger;
    upper = !upper;
  }
  if (!(a <= 12.0 && b <= 500.0)) return 0;
  const double y = upper ? -about_normal(tail) : about_normal(tail);
  const double lambda = (y * y - 3.0) / 6.0, s = 1.0 / (2.0 * a - 1.0);
  const double t = 1.0 / (2.0 * b - 1.0), h = 2.0 / (s + t);
  if (h + lambda < 0.0) return 0;
  const double w =
      y * sqrt(h + lambda) / h - (t - s) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
  const double target = upper ? log1p(-tail) : log(tail);
  double at = a / (a + b * exp(2.0 * w)), u = log(at);
  for (int i = 0; i < MOST_STEPS && at > 0.0 && at < 0.95; i++) {
    const double sum = series(a, b, at, i == 0 ? 1e-9 : 1e-17), odds = at / (1.0 - at);
    const double log_front = a * u + b * log1p(-at) - log_beta;
    const double gap = log_front + log(sum / a) - target;
    const double r = a / (sum * (1.0 - at)), c = a - (b - 1.0) * odds;
    const double second = c - r,
                 third = second * second - (b - 1.0) * odds / (1.0 - at) - r * second;
    const double newton = -gap / r;
    const double step = newton * (6.0 + 3.0 * newton * second) /
                        (6.0 + 6.0 * newton * second + newton * newton * third);
    u += step;
    at = exp(u);
    if (i == 0 || !(fabs(step) < 3e-5)) continue;
    *x = swap ? 1.0 - at : at;
    return at < 0.95;
  }
  return 0;
}
