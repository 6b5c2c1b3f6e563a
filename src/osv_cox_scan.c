/* osv_cox_scan - a backward scan over the risk sets of a Cox model, and the sums over the
 * factors of tied events. */
#include "osv_cox_scan.h"

enum { DIRECT_FACTORS = 16, SERIES_TERMS = 26 };

/* If linear predictors span more than this, each time needs its own unit. Otherwise
 * neither relative hazards nor their squares overflow. */
static const double WIDEST = 200.0;

/* Adds the last n of Efron's factors 1 / (s0 - l e0 / d), l = 0, ..., d - 1, one by one.
 * n is counted, because adding 1 does not change an l above 2^53. */
static void add_factors(osv_cox_tie *sum, size_t n, double d, double s0, double e0) {
  const double share = 1.0 / d;
  double product = 1.0; /* product of denominators; one logarithm is taken of many */
  for (size_t k = n; k > 0; k--) {
    const double f = (d - (double)k) * share, left = s0 - f * e0, inverse = 1.0 / left;
    const double square = inverse * inverse;
    if (left > 1e-100 && left < 1e100)
      product *= left;
    else
      sum->log += log(left);
    if (!(product > 1e-100 && product < 1e100)) {
      sum->log += log(product);
      product = 1.0;
    }
    sum->a[0] += inverse;
    sum->a[1] += f * inverse;
    sum->b[0] += square;
    sum->b[1] += f * square;
    sum->b[2] += f * f * square;
  }
  sum->log += log(product);
}

/* Sums over k >= 2 of v^k / k, v^k (1 - 1 / k) and v^k (1 - 2 / k), for v below 1/4 */
typedef struct {
  double first, second, third;
} powers;

static powers sum_powers(double v) {
  powers sum = {0.0, 0.0, 0.0};
  double power = v;
  const double least = 1e-18 * v * v * v; /* adds nothing to `third`, the smallest sum */
  for (int k = 2; k < SERIES_TERMS && power > least; k++) {
    power *= v;
    const double part = power / k;
    sum.first += part;
    sum.second += part * (k - 1);
    sum.third += part * (k - 2);
  }
  return sum;
}

/* Adds the factors j = 0, ..., m - 1 of Efron's rule by the Euler-Maclaurin formula: the
 * integral over j plus corrections at both ends. With z = d s0 / e0, u = z - j and
 * c = e0 / d, each denominator is c u. The caller chooses m so that u is at least
 * DIRECT_FACTORS, which makes the formula accurate. */
static void add_many_factors(osv_cox_tie *sum, double m, double d, double s0, double e0) {
  const double z = d * s0 / e0, c = e0 / d, v = m / z, l = log1p(-v);
  const int small = v < 0.25; /* then the closed forms would cancel */
  const powers sums = small ? sum_powers(v) : (powers){0.0, 0.0, 0.0};
  /* integrals over j from 0 to m of 1/u, 1/u^2, j/u, j/u^2 and j^2/u^2 */
  const double one = -l, two = v / (z - m);
  const double j_one = z * (small ? sums.first : -l - v);
  const double j_two = small ? sums.second : v / (1.0 - v) + l;
  const double jj_two = z * (small ? sums.third : v / (1.0 - v) + 2.0 * l + v);
  /* corrections at the ends of the integrals of 1/u and 1/u^2; the corrections of the
   * other integrands are combinations of these, since j/u = z/u - 1 */
  const double p = 1.0 / (z - m), p2 = p * p, p3 = p2 * p, p5 = p3 * p2, p7 = p5 * p2;
  const double q = 1.0 / z, q2 = q * q, q3 = q2 * q, q5 = q3 * q2, q7 = q5 * q2;
  const double p9 = p7 * p2, q9 = q7 * q2;
  const double end_one = -(p - q) / 2.0 + (p2 - q2) / 12.0 - (p3 * p - q3 * q) / 120.0 +
                         (p5 * p - q5 * q) / 252.0 - (p7 * p - q7 * q) / 240.0 +
                         (p9 * p - q9 * q) / 132.0;
  const double end_two = -(p2 - q2) / 2.0 + (p3 - q3) / 6.0 - (p5 - q5) / 30.0 +
                         (p7 - q7) / 42.0 - (p9 - q9) / 30.0 +
                         (p9 * p2 - q9 * q2) * 5.0 / 66.0;
  sum->log += m * log(c * z) - z * ((1.0 - v) * l + v) - l / 2.0 - (p - q) / 12.0 +
              (p3 - q3) / 360.0 - (p5 - q5) / 1260.0 + (p7 - q7) / 1680.0 -
              (p9 - q9) / 1188.0;
  sum->a[0] += (one + end_one) / c;
  sum->a[1] += (j_one + z * end_one) / (c * d);
  sum->b[0] += (two + end_two) / (c * c);
  sum->b[1] += (j_two + z * end_two - end_one) / (c * c * d);
  sum->b[2] += (jj_two + z * (z * end_two - 2.0 * end_one)) / (c * c * d * d);
}

/* Adds d factors that differ from 1 / s0 by less than rounding */
static void add_equal_factors(osv_cox_tie *sum, double d, double s0) {
  const double f = (d - 1.0) / 2.0, ff = f * (2.0 * d - 1.0) / (3.0 * d);
  sum->log += d * log(s0);
  sum->a[0] += d / s0;
  sum->a[1] += f / s0;
  sum->b[0] += d / s0 / s0;
  sum->b[1] += f / s0 / s0;
  sum->b[2] += ff / s0 / s0;
}

/* The sums of osv_cox_tie for d tied events. d is a whole number of at least 1. s0 and
 * e0, s0 >= e0 >= 0, are the sums of r over the risk set and over the events. Cost
 * O(min(d, 32)). */
osv_cox_tie osv_cox_tie_sums(double d, double s0, double e0, int efron) {
  osv_cox_tie sum = {0.0, {0.0, 0.0}, {0.0, 0.0, 0.0}};
  if (!efron || d <= 1.0) {
    sum.log = d * log(s0);
    sum.a[0] = d / s0;
    sum.b[0] = d / s0 / s0;
    return sum;
  }
  /* the last factors are added one by one if they are too far apart for the formula */
  const size_t direct = d * (s0 - e0) < DIRECT_FACTORS * e0 ? DIRECT_FACTORS : 0;
  if (d <= (double)(DIRECT_FACTORS + direct)) {
    add_factors(&sum, (size_t)d, d, s0, e0);
  } else if (e0 > 1e-100 * s0) {
    add_many_factors(&sum, d - (double)direct, d, s0, e0);
    add_factors(&sum, direct, d, s0, e0);
  } else { /* the series of many factors would overflow */
    add_equal_factors(&sum, d, s0);
  }
  return sum;
}

/* The sums over the factors of the events that were just read. With sampling weights each
 * factor is multiplied by the mean weight of the events, as in coxph(). */
osv_cox_tie osv_cox_scan_tie(const osv_cox_scan *scan) {
  osv_cox_tie tie = osv_cox_tie_sums(scan->d, scan->s0, scan->e0, scan->cells->efron);
  const double w = scan->mean_weight;
  tie.log *= w;
  for (int k = 0; k < 2; k++) tie.a[k] *= w;
  for (int k = 0; k < 3; k++) tie.b[k] *= w;
  return tie;
}

/* Number of doubles of scratch that a scan needs */
size_t osv_cox_scan_work(const osv_cox_cells *cells) {
  const size_t rows = cells->pattern ? cells->n_pattern : OSV_COX_BLOCK;
  return cells->n_pattern + cells->p * (rows + 5);
}

/* The part of osv_cox_scan_stops() that is rarely called */
int osv_cox_scan_polls(osv_cox_scan *scan) {
  if (!scan->poll) return 0;
  scan->ticks = 0;
  return scan->poll->fn(scan->poll->ctx);
}

static void read_patterns(osv_cox_scan *scan, size_t from, size_t to) {
  const osv_cox_cells *const c = scan->cells;
  const size_t p = c->p;
  for (size_t a = 0; a < p; a++) {
    const double *restrict const x = c->x[a] + from;
    const double centre = c->centre[a], scale = c->scale[a];
    double *restrict const z = scan->z + a;
    for (size_t k = 0; k < to - from; k++) z[k * p] = (x[k] - centre) * scale;
  }
  scan->from = from;
  scan->to = to;
}

/* The covariates of a pattern, valid until the next call. If each cell has its own
 * pattern they are read in blocks, because it is faster to read a column sequentially. */
const double *osv_cox_scan_z(osv_cox_scan *scan, size_t pattern) {
  const osv_cox_cells *const c = scan->cells;
  if (pattern < scan->from || pattern >= scan->to) {
    const size_t from = pattern / OSV_COX_BLOCK * OSV_COX_BLOCK;
    const size_t left = c->n_pattern - from;
    read_patterns(scan, from, from + (left < OSV_COX_BLOCK ? left : OSV_COX_BLOCK));
  }
  return scan->z + (pattern - scan->from) * c->p;
}

/* The covariates of a pattern that is not next in order; does not read a new block */
const double *osv_cox_scan_one(osv_cox_scan *scan, size_t pattern) {
  const osv_cox_cells *const c = scan->cells;
  if (pattern >= scan->from && pattern < scan->to)
    return scan->z + (pattern - scan->from) * c->p;
  for (size_t a = 0; a < c->p; a++)
    scan->one[a] = (c->x[a][pattern] - c->centre[a]) * c->scale[a];
  return scan->one;
}

/* Sum of x[i] by, or of its square after `centre` is subtracted. Four at a time, so that
 * an addition need not wait for the previous one. */
static double sum_scaled(const double *x, size_t n, double centre, double by,
                         int squared) {
  double sum[4] = {0.0, 0.0, 0.0, 0.0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (size_t k = 0; k < 4; k++) {
      const double v = (x[i + k] - centre) * by;
      sum[k] += squared ? v * v : v;
    }
  for (; i < n; i++) {
    const double v = (x[i] - centre) * by;
    sum[0] += squared ? v * v : v;
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Mean and 1 / (standard deviation) of a covariate x[n] without missing values. Values
 * are first divided by the largest, so that no square overflows. The scale of a constant
 * is 1. */
void osv_cox_scaling(const double *x, size_t n, double *centre, double *scale) {
  const double largest = osv_largest_size(x, n);
  const double by = largest > 0.0 ? 1.0 / largest : 1.0;
  const double mean = n ? sum_scaled(x, n, 0.0, by, 0) / (double)n : 0.0;
  *centre = mean / by;
  const double squares = sum_scaled(x, n, *centre, by, 1);
  *scale = squares > 0.0 ? by / sqrt(squares / (double)n) : 1.0;
}

/* Adds z'gamma to r, two covariates at a time. Returns 1 if the user has requested a
 * stop. */
static int add_predictors(osv_cox_scan *scan, const double *gamma) {
  const osv_cox_cells *const c = scan->cells;
  const size_t n = c->n_pattern;
  for (size_t a = 0; a < c->p; a += 2) {
    const size_t next = a + 1 < c->p ? a + 1 : a;
    const double *restrict const x = c->x[a], *restrict const y = c->x[next];
    const double by_x = gamma[a] * c->scale[a], centre_x = c->centre[a];
    const double by_y = next > a ? gamma[next] * c->scale[next] : 0.0;
    const double centre_y = c->centre[next];
    if (by_x == 0.0 && by_y == 0.0) continue;
    double *restrict const r = scan->r;
    for (size_t k = 0; k < n; k++)
      r[k] = (r[k] + (x[k] - centre_x) * by_x) + (y[k] - centre_y) * by_y;
    if (osv_cox_scan_stops(scan, 2 * n)) return 1;
  }
  return 0;
}

static osv_status open_scan(osv_cox_scan *scan, const osv_cox_cells *cells,
                            const double *gamma, const osv_poll *poll, double *work,
                            int may_be_wide) {
  const size_t p = cells->p, n = cells->n_pattern;
  *scan = (osv_cox_scan){.cells = cells, .poll = poll, .late = cells->n};
  scan->r = work;
  scan->s1 = scan->r + n;
  scan->rest1 = scan->s1 + p;
  scan->e1 = scan->rest1 + p;
  scan->x1 = scan->e1 + p;
  scan->one = scan->x1 + p;
  scan->z = scan->one + p;
  for (size_t k = 0; k < n; k++) scan->r[k] = cells->offset ? cells->offset[k] : 0.0;
  if (add_predictors(scan, gamma)) return OSV_EINTR;
  scan->top = n ? scan->r[0] : 0.0;
  double bottom = scan->top;
  for (size_t k = 1; k < n; k++) {
    if (scan->r[k] > scan->top) scan->top = scan->r[k];
    if (scan->r[k] < bottom) bottom = scan->r[k];
  }
  scan->spread = scan->top - bottom;
  scan->wide = may_be_wide && scan->spread > WIDEST;
  const int same = scan->top == bottom; /* for instance if all coefficients are 0 */
  for (size_t k = 0; !scan->wide && k < n; k++)
    scan->r[k] = same ? 1.0 : exp(scan->r[k] - scan->top);
  if (cells->pattern) read_patterns(scan, 0, n);
  return OSV_OK;
}

/* Starts a scan at coefficients gamma [p] of the scaled covariates z and computes r of
 * all patterns. The largest linear predictor is subtracted, so that no exponential
 * overflows.
 *
 * work osv_cox_scan_work() doubles
 */
osv_status osv_cox_scan_open(osv_cox_scan *scan, const osv_cox_cells *cells,
                             const double *gamma, const osv_poll *poll, double *work) {
  return open_scan(scan, cells, gamma, poll, work, 0);
}

/* Like osv_cox_scan_open(), for a caller that reads r by osv_cox_scan_r(). The unit may
 * then change from time to time. With delayed entry, where rows are also subtracted from
 * the sums, this is allowed only if the caller recomputes the sums at each time
 * (`fresh`). */
osv_status osv_cox_scan_open_wide(osv_cox_scan *scan, const osv_cox_cells *cells,
                                  const double *gamma, const osv_poll *poll, double *work,
                                  int fresh) {
  return open_scan(scan, cells, gamma, poll, work, fresh || !cells->start);
}

/* Empties the risk set before reading the stratum that ends before the cell `end` */
void osv_cox_scan_stratum(osv_cox_scan *scan, size_t end) {
  const osv_cox_cells *const c = scan->cells;
  while (c->start && scan->late > 0 && (size_t)c->by_start[scan->late - 1] >= end)
    scan->late--; /* skip cells of a later stratum, which start before all of its times */
  if (scan->wide) scan->top = -INFINITY;
  scan->s0 = scan->rest0 = scan->peak = 0.0;
  for (size_t a = 0; a < c->p; a++) scan->s1[a] = scan->rest1[a] = 0.0;
}

/* Removes subjects whose start is t or later. Sums are compensated, because far more may
 * be removed than remains. */
static void remove_late(osv_cox_scan *scan, size_t first, int t) {
  const osv_cox_cells *const c = scan->cells;
  for (; scan->late > 0; scan->late--) {
    const size_t cell = (size_t)c->by_start[scan->late - 1];
    if (cell < first || c->start[cell] < t) return;
    const size_t k = osv_cox_pattern(c, cell);
    const double r = osv_cox_size(c, cell) * scan->r[k], *const z =
                                                             osv_cox_scan_one(scan, k);
    osv_sum_split(&scan->s0, &scan->rest0, -r);
    for (size_t a = 0; a < c->p; a++)
      osv_sum_split(scan->s1 + a, scan->rest1 + a, -(r * z[a]));
  }
}

/* Makes e^eta the unit of the sums if it is larger than the current unit */
static void widen(osv_cox_scan *scan, double eta) {
  if (!(eta > scan->top)) return;
  const double by = exp(scan->top - eta);
  scan->top = eta;
  scan->s0 *= by;
  for (size_t a = 0; a < scan->cells->p; a++) scan->s1[a] *= by;
}

/* Adds a cell to the risk set, and to the events of its time if it has one */
static void add_cell(osv_cox_scan *scan, size_t cell) {
  const osv_cox_cells *const c = scan->cells;
  const size_t p = c->p, k = osv_cox_pattern(c, cell);
  const double *const z = osv_cox_scan_z(scan, k), size = osv_cox_size(c, cell);
  const double r = size * osv_cox_scan_r(scan, k);
  if (c->start) {
    osv_sum_split(&scan->s0, &scan->rest0, r);
    for (size_t a = 0; a < p; a++) osv_sum_split(scan->s1 + a, scan->rest1 + a, r * z[a]);
  } else {
    scan->s0 += r;
    for (size_t a = 0; a < p; a++) scan->s1[a] += r * z[a];
  }
  if (!c->event[cell]) return;
  if (scan->d == 0.0) {
    scan->e0 = 0.0;
    for (size_t a = 0; a < p; a++) scan->e1[a] = scan->x1[a] = 0.0;
  }
  scan->d += osv_cox_events(c, cell);
  scan->mean_weight += size;
  scan->e0 += r;
  for (size_t a = 0; a < p; a++) {
    scan->e1[a] += r * z[a];
    scan->x1[a] += size * z[a];
  }
}

/* Adds the collected rounding errors to a sum; what does not fit remains in *rest */
static void fold(double *sum, double *rest) {
  const osv_dd s = osv_two_sum(*sum, *rest);
  *sum = s.hi;
  *rest = s.lo;
}

/* Reads the cells with the time of cell end - 1, in a stratum that begins at the cell
 * `first`. Afterwards the sums are those of the risk set at this time, and `d` is its
 * number of events. Returns the first cell of the time. */
size_t osv_cox_scan_time(osv_cox_scan *scan, size_t first, size_t end) {
  const osv_cox_cells *const c = scan->cells;
  const int t = c->time[end - 1];
  size_t cell = end;
  if (c->start) remove_late(scan, first, t);
  scan->d = scan->mean_weight = 0.0;
  for (size_t i = end; scan->wide && i > first && c->time[i - 1] == t; i--)
    widen(scan, scan->r[osv_cox_pattern(c, i - 1)]);
  while (cell > first && c->time[cell - 1] == t) add_cell(scan, --cell);
  scan->mean_weight = c->sampled && scan->d > 0.0 ? scan->mean_weight / scan->d : 1.0;
  if (!c->start) return cell;
  fold(&scan->s0, &scan->rest0);
  scan->peak = fmax(scan->peak, scan->s0);
  for (size_t a = 0; a < c->p; a++) fold(scan->s1 + a, scan->rest1 + a);
  return cell;
}
