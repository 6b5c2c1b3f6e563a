/* osv_band - critical values of simultaneous confidence bands of a survival curve. */
#include "osv_core.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* P(|Z| < x) of a normal Z */
static double inside_normal(double x) {
  return erf(x * 0.70710678118654752440);
}

/* P(-c < Z < c) for a normal Z with the given mean and standard deviation. It is computed
 * from the tails, so that a small probability keeps its relative accuracy. */
static double inside_shifted(double c, double mean, double sd) {
  const double m = fabs(mean);
  if (sd <= 0.0) return m < c;
  const double root = sd * 1.41421356237309504880;
  return 0.5 * (erfc((m - c) / root) - erfc((m + c) / root));
}

/* ---- Hall-Wellner band: the Brownian bridge between constant bounds ---- */

/* The probability that a Brownian bridge B with B(a) = x, |x| < c, stays between -c and c
 * from a to b. Given its value y at b, the method of images (reflection at the bounds)
 * gives the probability for the path from a to b; this is averaged over the normal
 * distribution of y. */
static double bridge_stays(double c, double a, double b, double x) {
  const double ratio = (1.0 - b) / (1.0 - a), step = b - a;
  if (step > 60.0 * c * c) return 0.0; /* less than exp(-70) */
  const double mean = x * ratio, var = step * ratio, sd = sqrt(var);
  const int images = (int)ceil(sqrt(80.0 * step) / (4.0 * c)) + 1;
  double sum = 0.0;
  for (int k = -images; k <= images; k++)
    for (int mirrored = 0; mirrored < 2; mirrored++) {
      /* Weight of an image: the density of y + u divided by that of y - x, which is
       * exp((x^2 - u^2 - 2 (u + x) y) / (2 step)). */
      const double u = 4.0 * k * c + (mirrored ? 2.0 * c + x : -x);
      const double slope = -(u + x) / step;
      const double log_factor =
          (x - u) * (x + u) / (2.0 * step) + slope * mean + 0.5 * slope * slope * var;
      const double p = inside_shifted(c, mean + slope * var, sd);
      if (p > 0.0) sum += (mirrored ? -p : p) * exp(log_factor);
    }
  return sum;
}

static const double gauss_node[] = {0.18343464249564980494, 0.52553240991632898582,
                                    0.79666647741362673959, 0.96028985649753623168};
static const double gauss_weight[] = {0.36268378337836198297, 0.31370664587788728734,
                                      0.22238103445337447054, 0.10122853629037625915};

static double hall_wellner(double c, double a, double b) {
  if (b <= a) return inside_normal(c / sqrt(a * (1.0 - a)));
  if (a <= 0.0) return bridge_stays(c, a, b, 0.0);
  enum { PANELS = 24 };
  const double sd = sqrt(a * (1.0 - a)), far = 10.0 * sd, end = c < far ? c : far;
  double sum = 0.0;
  for (int i = 0; i < PANELS; i++)
    for (int k = 0; k < 8; k++) {
      /* x = end (1 - t^2) puts more points near the bound */
      const double at = k < 4 ? gauss_node[k] : -gauss_node[k - 4];
      const double t = (i + 0.5 + 0.5 * at) / PANELS, x = end * (1.0 - t * t);
      const double w = gauss_weight[k & 3] / PANELS * end * t;
      const double density = exp(-0.5 * x / sd * x / sd) / (sd * sqrt(2.0 * pi));
      sum += w * density * bridge_stays(c, a, b, x);
    }
  return 2.0 * sum;
}

/* ---- equal precision band: the stationary Ornstein-Uhlenbeck process ---- */

/* The even solution f of the differential equation f'' = x f' - lambda f with f(0) = 1,
 * evaluated at x = c, with its derivatives with respect to x and lambda. solve_even()
 * integrates the equation by Taylor series. */
typedef struct {
  double f, slope, by_lambda;
} even_solution;

static even_solution solve_even(double c, double lambda) {
  const double most = 1.0 / sqrt(4.0 + lambda);
  const int steps = (int)ceil(c / most);
  const double h = c / steps;
  double f = 1.0, df = 0.0, g = 0.0, dg = 0.0; /* g: derivative of f by lambda */
  for (int i = 0; i < steps; i++) {
    const double x = h * i;
    double a0 = f, a1 = df, b0 = g, b1 = dg, power = 1.0; /* power: h^k */
    f = df = g = dg = 0.0;
    for (int k = 0; k < 40; k++) {
      f += a0 * power;
      g += b0 * power;
      df += (k + 1) * a1 * power;
      dg += (k + 1) * b1 * power;
      const double scale = 1.0 / ((k + 2.0) * (k + 1.0));
      const double a2 = ((k - lambda) * a0 + x * (k + 1) * a1) * scale;
      const double b2 = ((k - lambda) * b0 + x * (k + 1) * b1 - a0) * scale;
      a0 = a1;
      a1 = a2;
      b0 = b1;
      b1 = b2;
      power *= h;
      if (k > 8 && power * (fabs(a0) + fabs(a1)) < 1e-19 * (fabs(f) + fabs(df)) &&
          power * (fabs(b0) + fabs(b1)) < 1e-19 * (fabs(g) + fabs(dg)))
        break;
    }
  }
  return (even_solution){f, df, g};
}

/* The smallest root of f(c; lambda) in lambda above `from`, at which f has the sign
 * `sign`. For c = Inf the roots are 2 apart; a finite c moves them further apart, so that
 * the steps of this search skip none. */
static double next_root(double c, double from, double sign) {
  double low = from, high = from;
  for (;;) {
    high = low + fmax(1.0, 0.8 * pi * sqrt(low) / c);
    if (sign * solve_even(c, high).f < 0.0) break;
    low = high;
  }
  double at = 0.5 * (low + high);
  for (int i = 0; i < 60; i++) {
    const even_solution y = solve_even(c, at);
    if (sign * y.f > 0.0)
      low = at;
    else
      high = at;
    double next = at - y.f / y.by_lambda;
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    const double moved = fabs(next - at);
    at = next;
    if (moved <= 1e-15 * at || high - low <= 1e-15 * high) break;
  }
  return at;
}

enum { SPANS = 4 };

/* The probability that the stationary process X stays between -c and c over a span of
 * time, for `count` spans in ascending order. It is the sum of 2 phi(c) f' / (lambda^2
 * df/dlambda) exp(-lambda span) over the roots lambda of f(c; lambda); phi is the normal
 * density, f the solution of solve_even(). */
static void stay_over(double c, const double *span, int count, double *p) {
  const double density = exp(-0.5 * c * c) / sqrt(2.0 * pi);
  double at = 0.0, sign = 1.0;
  for (int i = 0; i < count; i++) p[i] = 0.0;
  for (;;) {
    at = next_root(c, at, sign);
    const even_solution y = solve_even(c, at);
    const double factor = 2.0 * density * y.slope / (at * at * y.by_lambda);
    for (int i = 0; i < count; i++) p[i] += factor * exp(-at * span[i]);
    if (at * span[0] > 36.0) return;
    at += 0.4;
    sign = -sign;
  }
}

/* Over short spans the series of stay_over() converges slowly. There the probability is a
 * smooth function of the square root of the span, so it is interpolated between span 0
 * and SPANS longer spans. */
static double equal_precision(double c, double span) {
  const double shortest = 0.01;
  double p;
  if (span >= shortest) {
    stay_over(c, &span, 1, &p);
    return p;
  }
  double spans[SPANS], x[SPANS + 1] = {0.0}, y[SPANS + 1] = {inside_normal(c)};
  for (int i = 0; i < SPANS; i++) spans[i] = shortest * (i + 1);
  stay_over(c, spans, SPANS, y + 1);
  for (int i = 0; i < SPANS; i++) x[i + 1] = sqrt(spans[i]);
  const double at = sqrt(span);
  for (int k = 1; k <= SPANS; k++) /* Neville's algorithm */
    for (int i = 0; i <= SPANS - k; i++)
      y[i] = ((at - x[i + k]) * y[i] + (x[i] - at) * y[i + 1]) / (x[i] - x[i + k]);
  return y[0];
}

/* Probability that the process behind a band stays between -c and c from a to b.
 *
 * in  c > 0; 0 <= a <= b <= 1; for equal precision also 0 < a and b < 1; for Hall and
 *     Wellner not a = b = 0 or a = b = 1
 * The process of the Hall-Wellner band (1980) is the Brownian bridge. That of the equal
 * precision band (Nair 1984) is the bridge divided by its standard deviation, which is a
 * stationary Ornstein-Uhlenbeck process over the span log(b (1 - a) / (a (1 - b))) / 2.
 * Accurate to about 1e-12; for equal precision over spans below 0.01 to 1e-8. Takes some
 * milliseconds at most.
 */
double osv_band_probability(osv_band band, double c, double a, double b) {
  if (band == OSV_BAND_HALL_WELLNER) return hall_wellner(c, a, b);
  const double span = 0.5 * log(b / a * ((1.0 - a) / (1.0 - b)));
  return span > 0.0 ? equal_precision(c, span) : inside_normal(c);
}

/* The critical value c, at which osv_band_probability() equals level, 0 < level < 1;
 * found by the Illinois variant of false position. */
double osv_band_critical(osv_band band, double level, double a, double b) {
  double low = 0.0, high = 1.0, at_low = -level, at_high;
  while ((at_high = osv_band_probability(band, high, a, b) - level) < 0.0) {
    low = high;
    at_low = at_high;
    high *= 1.5;
  }
  double c = high;
  for (int i = 0, side = 0; i < 100 && high - low > 1e-12 * high; i++) {
    c = (low * at_high - high * at_low) / (at_high - at_low);
    if (c - low < 0.05 * (high - low) && low == 0.0) c = 0.5 * (low + high);
    const double value = osv_band_probability(band, c, a, b) - level;
    if (fabs(value) < 1e-14) break;
    if (value < 0.0) {
      low = c;
      at_low = value;
      if (side == -1) at_high *= 0.5;
      side = -1;
    } else {
      high = c;
      at_high = value;
      if (side == 1) at_low *= 0.5;
      side = 1;
    }
  }
  return c;
}
