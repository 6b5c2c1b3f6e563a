/* osv_interval - pointwise confidence limits of a probability. */
#include "osv_core.h"

#include <math.h>

static double clip(double x) {
  return x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x;
}

/* log p. Near 1, q = 1 - p holds the digits that p has lost to rounding; log1p(-q) would
 * give the same in twice the time. */
static double log_of(double p, double q) {
  if (p < 0.5) return log(p);
  const osv_dd exact = osv_two_sum(1.0, -q);
  return log(p) + ((exact.hi - p) + exact.lo) / p;
}

/* exp(x) - 1 by its series, for |x| <= NARROW: the terms left out are below 1e-17 */
static const double NARROW = 0.02;

static inline double narrow_expm1(double x) {
  const double x2 = x * x, first = 1.0 + x * 0.5;
  const double next = 1.0 / 6.0 + x * (1.0 / 24.0),
               last = 1.0 / 120.0 + x * (1.0 / 720.0);
  return x * (first + x2 * (next + x2 * (last + x2 * (1.0 / 5040.0))));
}

/* Log-log limits p^w and p^(1 / w), w = exp(z se / (p |log p|)). Near p they are computed
 * as p times a small relative difference, which saves calls of exp() while many subjects
 * are at risk. */
static void log_log_limits(double z, double p, double q, double se, double *low,
                           double *high) {
  const double log_p = log_of(p, q), x = z * (se / p) / -log_p;
  double grown = narrow_expm1(x), w = 1.0 + grown;
  if (x > NARROW) {
    w = exp(x);
    grown = w - 1.0;
  }
  const double below = log_p * grown;
  if (below >= -NARROW) {
    *low = p + p * narrow_expm1(below);
    *high = p + p * narrow_expm1(-below / w);
  } else {
    *low = exp(log_p * w);
    *high = exp(log_p / w);
  }
}

/* Limits of one estimate p strictly inside (0, 1); q = 1 - p, se > 0 */
static void limits(osv_conf type, double z, double p, double q, double se, double *low,
                   double *high) {
  const double half_pi = 1.57079632679489661923;
  double w, x;
  switch (type) {
    case OSV_CONF_PLAIN:
      *low = clip(p - z * se);
      *high = clip(p + z * se);
      return;
    case OSV_CONF_LOG:
      x = log_of(p, q);
      *low = exp(x - z * se / p);
      *high = clip(exp(x + z * se / p));
      return;
    case OSV_CONF_LOGLOG:
    case OSV_CONF_SMALL_SAMPLE: /* here only with more than a few events */
      log_log_limits(z, p, q, se, low, high);
      return;
    case OSV_CONF_LOGIT:
      x = log(p / q);
      w = z * (se / p) / q;
      *low = 1.0 / (1.0 + exp(w - x));
      *high = 1.0 / (1.0 + exp(-w - x));
      return;
    case OSV_CONF_ARCSIN:
      x = asin(sqrt(p));
      w = 0.5 * z * se / sqrt(p * q);
      *low = x - w > 0.0 ? pow(sin(x - w), 2.0) : 0.0;
      *high = x + w < half_pi ? pow(sin(x + w), 2.0) : 1.0;
      return;
    case OSV_CONF_EXACT:
    case OSV_CONF_MID_P:
      break;
  }
  *low = *high = p;
}

/* Limits of m estimates.
 *
 * in   estimate p, complement 1 - p (to full accuracy), std_error of p [m]; z > 0 the
 *      normal quantile of the level
 * out  low, high [m]; (p, p) where p is 0 or 1 or the standard error 0: exact limits
 *      apply there, see osv_which_limits()
 * Formulas, with s = std_error:
 *   plain    p -+ z s
 *   log      p exp(-+ z s / p)
 *   log-log  p^exp(+- z s / (p |log p|))          Kalbfleisch & Prentice 1980
 *   logit    1 / (1 + exp(-(log(p / (1 - p)) -+ z s / (p (1 - p)))))
 *   arcsin   sin^2(asin(sqrt p) -+ z s / (2 sqrt(p (1 - p))))
 * clipped to [0, 1].
 */
void osv_interval(osv_conf type, double z, const double *estimate,
                  const double *complement, const double *std_error, size_t m,
                  double *low, double *high) {
  for (size_t i = 0; i < m; i++) {
    if (i > 0 && estimate[i] == estimate[i - 1] && complement[i] == complement[i - 1] &&
        std_error[i] == std_error[i - 1]) { /* only censorings since row i - 1 */
      low[i] = low[i - 1];
      high[i] = high[i - 1];
      continue;
    }
    low[i] = high[i] = estimate[i];
    if (estimate[i] > 0.0 && complement[i] > 0.0 && std_error[i] > 0.0)
      limits(type, z, estimate[i], complement[i], std_error[i], low + i, high + i);
  }
}

/* Limits of F of one cause; f[m] and rest[m] = 1 - f. If there is no other cause,
 * F = 1 - S, and the limits of the default type are computed as 1 minus those of S, so
 * that both curves have the same interval. */
void osv_cause_interval(osv_conf type, double z, size_t n_cause, const double *f,
                        const double *rest, const double *std_error, size_t m,
                        double *low, double *high) {
  if (n_cause > 1 || type != OSV_CONF_SMALL_SAMPLE) {
    osv_interval(type, z, f, rest, std_error, m, low, high);
    return;
  }
  osv_interval(type, z, rest, f, std_error, m, high, low);
  for (size_t i = 0; i < m; i++) {
    low[i] = 1.0 - low[i];
    high[i] = 1.0 - high[i];
  }
}

osv_incidence_row osv_incidence_start(void) {
  return (osv_incidence_row){.cif = 0.0, .rest = 1.0};
}

/* Limits of F at the next m rows of one cause of a curve of competing risks. 1 - F is
 * computed as the sum of the event-free curve and the F of the other causes, which is
 * accurate where F is near 1. This sum is recomputed only in rows in which F changes.
 *
 * in   aj: the estimates, each cause `stride` after the one before; `last`: the previous
 *      row
 */
void osv_incidence_limits(osv_conf type, double z, const osv_aj_out *aj, size_t stride,
                          size_t n_cause, size_t cause, size_t m, osv_incidence_row *last,
                          double *low, double *high) {
  enum { BLOCK = 256 };
  double rest[BLOCK];
  const double *f = aj->cif + cause * stride, *se = aj->std_error + cause * stride;
  for (size_t at = 0; at < m; at += BLOCK) {
    const size_t n = m - at < BLOCK ? m - at : BLOCK;
    for (size_t i = 0; i < n; i++) {
      if (f[at + i] != last->cif) {
        last->cif = f[at + i];
        last->rest = aj->surv[at + i];
        for (size_t k = 0; k < n_cause; k++)
          if (k != cause) last->rest += aj->cif[k * stride + at + i];
      }
      rest[i] = last->rest;
    }
    osv_cause_interval(type, z, n_cause, f + at, rest, se + at, n, low + at, high + at);
  }
}

/* log(1 + x). Near 0 five terms of the series give all digits of a double, and take less
 * time. */
static double log_1p(double x) {
  if (fabs(x) > 1e-4) return log1p(x);
  return x * (1.0 - x * (1.0 / 2.0 - x * (1.0 / 3.0 - x * (1.0 / 4.0 - x / 5.0))));
}

/* Multiplies the product by an independent Beta(a, b) variable W */
static osv_beta_moments times_beta(osv_beta_moments x, double a, double b) {
  x.factors++;
  x.a = a;
  x.b = b;
  x.log_mean += log_1p(-b / (a + b));
  x.log_square += log_1p(b / (a * (a + b + 1.0))); /* log E[W^2] / E[W]^2 */
  x.log_shift += log_1p(-b / (a + b + 1.0));       /* log E[W^2] / E[W] */
  return x;
}

/* Shapes of the beta distribution with the same mean and variance as the product. The
 * constant 1, a product without factors, is represented by a = 1, b = 0.
 */
static void match_beta(osv_beta_moments x, double *a, double *b) {
  if (x.log_square <= 0.0) {
    *a = 1.0;
    *b = 0.0;
    return;
  }
  if (x.factors == 1) {
    *a = x.a;
    *b = x.b;
    return;
  }
  *a = -expm1(x.log_shift) / expm1(x.log_square);
  *b = *a * expm1(-x.log_mean);
}

/* Logarithm of the exact (Clopper-Pearson) lower limit tail^(1 / n) of the probability of
 * being event-free when none of n subjects had the event; -Inf when n is 0 */
double osv_log_limit_no_event(double n, double tail) {
  return n > 0.0 ? log(tail) / n : -INFINITY;
}

osv_exact_state osv_exact_start(double start) {
  return (osv_exact_state){.ratio = 1.0, .risk = start, .after = start, .least = start};
}

/* Sets the shapes of the beta distributions at time j, with `risk` subjects left after
 * it */
static void fill_shapes(const osv_beta_moments *x, double risk, size_t j,
                        const osv_exact_out *out) {
  match_beta(*x, out->high_a + j, out->high_b + j);
  out->low_a[j] = 0.0;
  out->low_b[j] = 1.0;
  if (risk > 0.0) match_beta(times_beta(*x, risk, 1.0), out->low_a + j, out->low_b + j);
}

/* Shapes of the beta distributions whose quantiles are the exact limits of 1 - F of one
 * cause, at the next m times of a curve; rows from .. m - 1 go to out.
 *
 * in   n_risk and n_event of the counts; after[m]: number at risk just after each time,
 *      with those who enter at it; a new curve has the state osv_exact_start(number at
 *      risk at its start)
 * out  low_a, low_b, high_a, high_b [m - from]; low_a = 0 stands for the limit 0,
 *      high_b = 0 for the limit 1; least: the smallest subdistribution risk set since the
 *      start of the curve, from which limits are computed while there is no event
 * With R the subdistribution risk set of the cause (Gray 1988), 1 - F is a product:
 *   R(t) = n(t) (1 - F(t-)) / S(t-),   1 - F(t) = prod_{t_j <= t} (1 - d_kj / R_j)
 *   R_{j+1} = (R_j - d_kj) n_{j+1} / (n_j - d_j)
 * Subjects with an event of another cause remain in R. If nobody is censored, R is the
 * number of subjects minus those with an event of the cause; with one cause it is n. The
 * limits are those of the beta product confidence procedure (Fay, Brittain & Proschan
 * 2013) with R in place of n: the alpha / 2 quantile of L and the 1 - alpha / 2 quantile
 * of U,
 *   U = prod over event times t_j <= t of Beta(R_j - d_kj + 1, d_kj)
 *   L = U times Beta(R, 1), R after t
 * where each product is replaced by the beta distribution with the same mean and
 * variance. When all at risk have an event at one time, S becomes 0. From then on R and U
 * are constant, and later entries do not count.
 */
void osv_exact_update(osv_exact_state *state, const osv_counts *counts, size_t n_cause,
                      size_t cause, const double *after, size_t from, size_t m,
                      const osv_exact_out *out) {
  osv_exact_state x = *state;
  const double *own = counts->n_event + cause * counts->stride;
  for (size_t j = 0; j < m; j++) {
    const double n = counts->n_risk[j];
    double d = 0.0;
    for (size_t k = 0; k < n_cause; k++) d += counts->n_event[k * counts->stride + j];
    const double risk = n == x.after ? x.risk : n * x.ratio;
    if (!x.ended) {
      const double left = risk > own[j] ? risk - own[j] : 0.0;
      if (own[j] > 0.0) x.moments = times_beta(x.moments, left + 1.0, own[j]);
      x.risk = left;
      if (n > d) {
        x.risk = left * after[j] / (n - d);
        x.ratio = left / (n - d);
      }
      x.after = n > d ? after[j] : -1.0; /* -1 equals no n, so `ratio` is used next */
      x.ended = d > 0.0 && n <= d;
      if (x.risk < x.least) x.least = x.risk;
    }
    if (j < from) continue;
    out->least[j - from] = x.least;
    fill_shapes(&x.moments, x.risk, j - from, out);
  }
  *state = x;
}
