/* osv_maxcombo - the MaxCombo test: scores and covariance of several Fleming-Harrington
 * tests of two groups, and the tail probability of the maximum. */
#include "osv_core.h"
#include "osv_dd.h"

static double power_weight(double before, double risk, const double *power) {
  return pow(before, power[0]) * pow(risk, power[1]);
}

/* Adds one stratum to the scores of q tests of two curves and their null covariance.
 *
 * in   sweep: a sweep over the two curves; power[2 * q]: rho and gamma of each test
 * work 3 q doubles
 * out  observed, expected [2]; score[q] of the second group, variance[q * q]: added to
 * Formulas as osv_logrank() with w_a = S(t-)^rho_a (1 - S(t-))^gamma_a, S pooled:
 *   Cov(U_a, U_b) = sum w_a w_b d (n - d) / (n - 1) n_1 n_2 / n^2      Karrison 2016
 * Cost O(rows + event times q^2).
 */
osv_status osv_maxcombo(osv_sweep *sweep, const double *power, size_t q,
                        const osv_poll *poll, double *work, const osv_test_out *out) {
  osv_dd surv = {1.0, 0.0};
  double *const weight = work, *const sum = work + q, *const rest = work + 2 * q;
  for (size_t a = 0; a < q; a++) sum[a] = rest[a] = 0.0;
  osv_sweep_start(sweep);
  for (size_t done = 0; osv_sweep_next(sweep); done += q * q) {
    if (osv_is_due(&done) && poll && poll->fn(poll->ctx)) return OSV_EINTR;
    const double n_1 = sweep->n_risk[0], n_2 = sweep->n_risk[1], n = n_1 + n_2;
    const double d = sweep->d[0] + sweep->d[1];
    if (d == 0.0) continue;
    const double before = surv.hi, risk = osv_dd_one_minus(surv).hi;
    surv = osv_dd_mul(surv, osv_dd_ratio(n - d, n));
    for (size_t g = 0; g < 2; g++) {
      out->observed[g] += sweep->d[g];
      out->expected[g] += d * sweep->n_risk[g] / n;
    }
    const double spread =
        n > 1.0 ? d * ((n - d) / (n - 1.0)) * (n_1 / n) * (n_2 / n) : 0.0;
    const double excess = (sweep->d[1] * n - d * n_2) / n;
    for (size_t a = 0; a < q; a++) {
      weight[a] = power_weight(before, risk, power + 2 * a);
      osv_sum_split(sum + a, rest + a, weight[a] * excess);
      for (size_t b = 0; b <= a; b++)
        out->variance[a * q + b] += weight[a] * weight[b] * spread;
    }
  }
  for (size_t a = 0; a < q; a++) {
    out->score[a] += sum[a] + rest[a];
    for (size_t b = 0; b < a; b++) out->variance[b * q + a] = out->variance[a * q + b];
  }
  return OSV_OK;
}

/* ---- tail probability of the maximum of several normal or t variables ---- */

enum { MOST = OSV_MAX_NORMAL, MOST_BREAKS = 2 * MOST * (MOST - 1) + 6 };

/* P(max |Z_i| > c) for Z = factor y, where y has a spherical distribution in `rank`
 * dimensions */
typedef struct {
  size_t k, rank;
  const osv_tail *tail; /* NULL: y is standard normal */
  double factor[MOST][4], c;
  double offset[MOST], scale; /* on a circle or sphere Z = offset + scale factor y */
} max_integral;

/* P(R > x) for the length R of a standard normal vector */
static double length_tail(size_t rank, double x) {
  const double root_half = 0.70710678118654752440, root_2_pi = 0.79788456080286535588;
  const double bell = exp(-0.5 * x * x);
  switch (rank) {
    case 1:
      return erfc(x * root_half);
    case 2:
      return bell;
    case 3:
      return erfc(x * root_half) + root_2_pi * x * bell;
    default:
      return (1.0 + 0.5 * x * x) * bell;
  }
}

/* A circle on the sphere of directions. On it the statistics are Z_i = a_i cos(angle) +
 * b_i sin(angle) + e_i: a and b span the plane of the circle, and e is constant. c is the
 * critical value. */
typedef struct {
  size_t k, rank;
  const osv_tail *tail;
  double a[MOST], b[MOST], e[MOST], c;
} circle;

/* max |Z_i| at an angle */
static double largest(const circle *x, double angle) {
  const double cosine = cos(angle), sine = sin(angle);
  double most = 0.0;
  for (size_t i = 0; i < x->k; i++) {
    const double z = fabs(x->a[i] * cosine + x->b[i] * sine + x->e[i]);
    if (z > most) most = z;
  }
  return most;
}

/* P(R max |Z_i| > c) at an angle */
static double circle_value(const circle *x, double angle) {
  const double most = largest(x, angle);
  if (!(most > 0.0)) return 0.0;
  return x->tail ? x->tail->fn(x->tail->ctx, x->rank, x->c / most)
                 : length_tail(x->rank, x->c / most);
}

static void insert_sorted(double *list, size_t *n, double value) {
  size_t i = (*n)++;
  for (; i > 0 && list[i - 1] > value; i--) list[i] = list[i - 1];
  list[i] = value;
}

/* Finds the angles in [0, 2 pi) at which the index of the largest |Z_i| changes; value:
 * their number */
static size_t find_breaks(const circle *x, double *angle) {
  const double two_pi = 6.28318530717958647693;
  size_t n = 0;
  for (size_t i = 0; i < x->k; i++)
    for (size_t j = 0; j < i; j++)
      for (double sign = -1.0; sign <= 1.0; sign += 2.0) {
        const double a = x->a[i] - sign * x->a[j], b = x->b[i] - sign * x->b[j];
        const double e = x->e[i] - sign * x->e[j], size = hypot(a, b);
        if (!(size > fabs(e))) continue;
        const double middle = atan2(b, a), half = acos(-e / size);
        for (double side = -1.0; side <= 1.0; side += 2.0) {
          double t = middle + side * half;
          t -= two_pi * floor(t / two_pi);
          const double z = fabs(x->a[i] * cos(t) + x->b[i] * sin(t) + x->e[i]);
          if (z >= largest(x, t) * (1.0 - 1e-9)) insert_sorted(angle, &n, t);
        }
      }
  return n;
}

/* Mean of circle_value() over the circle, by Gauss-Legendre quadrature with 16 points
 * between adjacent breaks, where it is smooth */
static double circle_mean(const circle *x) {
  static const double node[] = {
      0.0950125098376374, 0.2816035507792589, 0.4580167776572274, 0.6178762444026438,
      0.7554044083550030, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499};
  static const double weight[] = {
      0.1894506104550685, 0.1826034150449236, 0.1691565193950025, 0.1495959888165767,
      0.1246289712555339, 0.0951585116824928, 0.0622535239386479, 0.0271524594117541};
  const double two_pi = 6.28318530717958647693;
  double angle[MOST_BREAKS], sum = 0.0;
  size_t n = find_breaks(x, angle);
  for (double t = 0.0; t < 4.0; t += 1.0) insert_sorted(angle, &n, t * two_pi / 4.0);
  angle[n] = two_pi;
  for (size_t i = 0; i < n; i++) {
    const double middle = 0.5 * (angle[i] + angle[i + 1]);
    const double half = 0.5 * (angle[i + 1] - angle[i]);
    if (half < 1e-14) continue;
    for (size_t j = 0; j < 8; j++)
      sum += half * weight[j] *
             (circle_value(x, middle - half * node[j]) +
              circle_value(x, middle + half * node[j]));
  }
  return sum / two_pi;
}

typedef double (*integrand)(const max_integral *x, double t);

/* Gauss-Kronrod quadrature with 7 and 15 points; *error: their difference */
static double kronrod(integrand f, const max_integral *x, double lo, double hi,
                      double *error) {
  static const double node[] = {
      0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
      0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
      0.586087235467691130294144838258730, 0.405845151377397166906606412076961,
      0.207784955007898467600689403773245};
  static const double fine[] = {
      0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
      0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
      0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
      0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
  static const double coarse[] = {
      0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
      0.381830050505118944950369775488975, 0.417959183673469387755102040816327};
  const double middle = 0.5 * (lo + hi), half = 0.5 * (hi - lo), centre = f(x, middle);
  double k = centre * fine[7], g = centre * coarse[3];
  for (size_t i = 0; i < 7; i++) {
    const double pair = f(x, middle - half * node[i]) + f(x, middle + half * node[i]);
    k += pair * fine[i];
    if (i % 2 == 1) g += pair * coarse[i / 2];
  }
  *error = fabs(k - g) * half;
  return k * half;
}

/* Adaptive quadrature: halves an interval until its error is within `tolerance` */
static double integrate(integrand f, const max_integral *x, double lo, double hi,
                        double tolerance, int depth) {
  double error;
  const double value = kronrod(f, x, lo, hi, &error);
  if (error <= tolerance || depth == 0) return value;
  const double middle = 0.5 * (lo + hi);
  return integrate(f, x, lo, middle, 0.5 * tolerance, depth - 1) +
         integrate(f, x, middle, hi, 0.5 * tolerance, depth - 1);
}

/* Like integrate(), with a relative tolerance. A first estimate on four equal intervals
 * converts it to an absolute one. */
static double integrate_to(integrand f, const max_integral *x, double lo, double hi,
                           double relative) {
  double first = 0.0, error;
  for (int i = 0; i < 4; i++)
    first +=
        kronrod(f, x, lo + (hi - lo) * i / 4.0, lo + (hi - lo) * (i + 1) / 4.0, &error);
  return integrate(f, x, lo, hi, relative * first, 16);
}

/* Mean over the circle of latitude t of the sphere, times its weight cos(t) / 2 */
static double latitude(const max_integral *x, double t) {
  circle ring = {.k = x->k, .rank = x->rank, .tail = x->tail, .c = x->c};
  for (size_t i = 0; i < x->k; i++) {
    ring.a[i] = x->scale * cos(t) * x->factor[i][0];
    ring.b[i] = x->scale * cos(t) * x->factor[i][1];
    ring.e[i] = x->offset[i] + x->scale * sin(t) * x->factor[i][2];
  }
  return 0.5 * cos(t) * circle_mean(&ring);
}

/* Mean over the sphere at height sin(t) in the fourth dimension, times its weight */
static double shell(const max_integral *x, double t) {
  const double half_pi = 1.57079632679489661923;
  max_integral inner = *x;
  inner.scale = cos(t);
  for (size_t i = 0; i < x->k; i++) inner.offset[i] = sin(t) * x->factor[i][3];
  return cos(t) * cos(t) / half_pi *
         integrate_to(latitude, &inner, -half_pi, half_pi, 1e-6);
}

/* Pivoted Cholesky factor of the correlation matrix. Value: 0 if its rank is above 4 */
static int factorize(const double *correlation, size_t k, max_integral *x) {
  double left[MOST];
  for (size_t i = 0; i < k; i++) {
    left[i] = 1.0;
    for (size_t j = 0; j < 4; j++) x->factor[i][j] = 0.0;
  }
  for (x->rank = 0;; x->rank++) {
    size_t pivot = 0;
    for (size_t i = 1; i < k; i++)
      if (left[i] > left[pivot]) pivot = i;
    if (left[pivot] < 1e-9) return 1;
    if (x->rank == 4) return 0;
    const double root = sqrt(left[pivot]);
    const size_t r = x->rank;
    for (size_t i = 0; i < k; i++) {
      double sum = correlation[i * k + pivot];
      for (size_t l = 0; l < r; l++) sum -= x->factor[i][l] * x->factor[pivot][l];
      x->factor[i][r] = sum / root;
      left[i] -= x->factor[i][r] * x->factor[i][r];
    }
    left[pivot] = 0.0;
  }
}

/* P(max |Z_i| > c) of k normal variables with mean 0 and variance 1, or of variables with
 * another elliptical distribution, such as t.
 *
 * in   correlation[k * k]  k <= OSV_MAX_NORMAL, of rank 4 at most. It is often singular,
 *                          since the weights 1, S and 1 - S are linearly dependent.
 *      c                   >= 0
 *      tail                of the length R of a spherical vector of `rank` dimensions;
 *                          NULL for normal variables
 * out  *p, *rank
 * With Z = L y and y = R u, of random length R and an independent direction u,
 *   P = E over u of P(R > c / max_i |L_i u|).
 * This is a mean of upper tails over a circle or sphere, so small p keep their relative
 * accuracy. On circles the quadrature is split where the index of the largest |Z_i|
 * changes; over latitudes it is adaptive. The relative error is below 1e-7. OSV_EDOMAIN
 * for more variables or a higher rank.
 */
osv_status osv_max_elliptical(const double *correlation, size_t k, double c,
                              const osv_tail *tail, double *p, size_t *rank) {
  const double half_pi = 1.57079632679489661923;
  max_integral x = {.k = k, .tail = tail, .c = c, .scale = 1.0};
  if (k == 0 || k > MOST || !factorize(correlation, k, &x)) return OSV_EDOMAIN;
  *rank = x.rank;
  if (x.rank == 1) {
    *p = tail ? tail->fn(tail->ctx, 1, c) : length_tail(1, c);
  } else if (x.rank == 2) {
    circle ring = {.k = k, .rank = 2, .tail = tail, .c = c};
    for (size_t i = 0; i < k; i++) {
      ring.a[i] = x.factor[i][0];
      ring.b[i] = x.factor[i][1];
    }
    *p = circle_mean(&ring);
  } else if (x.rank == 3) {
    *p = 2.0 * integrate_to(latitude, &x, 0.0, half_pi, 1e-9);
  } else {
    *p = 2.0 * integrate_to(shell, &x, 0.0, half_pi, 1e-6);
  }
  if (*p > 1.0) *p = 1.0;
  return OSV_OK;
}

/* As osv_max_elliptical(), for variables with a normal distribution */
osv_status osv_max_normal(const double *correlation, size_t k, double c, double *p,
                          size_t *rank) {
  return osv_max_elliptical(correlation, k, c, NULL, p, rank);
}
