/* osv_bootstrap - statistics of one curve under resampling of its units. */
#include "osv_core.h"

#include <math.h>
#include <string.h>

/* A requested time within this relative distance of a time of the data counts as that
 * time. r_curves_at() evaluates a fit by the same rule. */
static const double TIME_TOL = 1e-9;

/* Number of doubles of scratch that osv_bootstrap() and osv_leave_one_out() need */
size_t osv_boot_work(const osv_boot_curve *curve) {
  return (size_t)(curve->n_status + 2) * curve->m;
}

/* Number of counts of a resample: one per cell and, with delayed entry, one per entry
 * time */
static size_t n_counts(const osv_boot_curve *curve) {
  return (size_t)(curve->n_status + (curve->entry ? 1 : 0)) * curve->m;
}

/* Adds the rows of a unit to the counts, f times; value: the number of its rows */
static double add_unit(const osv_boot_curve *curve, size_t unit, double f,
                       double *count) {
  const size_t lo = curve->start ? curve->start[unit] : unit;
  const size_t hi = curve->start ? curve->start[unit + 1] : unit + 1;
  for (size_t i = lo; i < hi; i++) count[curve->cell[i]] += f;
  if (curve->entry) {
    double *const enter = count + (size_t)curve->n_status * curve->m;
    for (size_t i = lo; i < hi; i++) enter[curve->entry[i]] += f;
  }
  return (double)(hi - lo);
}

/* The curve of a resample with `total` rows, as a step function: value[j] holds from time
 * j until the next time. The curve is S if `cause` is 0, else F of the cause.
 *
 * out  *last: the last time at which a row leaves, -1 without rows; *ended: has S reached
 *      0?
 * As long as nobody is censored or enters, S is one quotient of counts and not a product
 * of many factors, so it has no accumulated rounding error.
 */
static void curve_steps(const osv_boot_curve *curve, const double *count, double total,
                        int cause, double *value, double *last, int *ended) {
  const size_t m = curve->m;
  const double *enter = curve->entry ? count + (size_t)curve->n_status * m : NULL;
  double n = enter ? 0.0 : total, block = n, base = 1.0, surv = 1.0, cif = 0.0;
  *last = -1.0;
  for (size_t j = 0; j < m; j++) {
    double d = 0.0;
    if (enter && enter[j] > 0.0) {
      block = n += enter[j];
      base = surv;
    }
    for (int k = 1; k < curve->n_status; k++) d += count[(size_t)k * m + j];
    if (d > 0.0) {
      if (cause > 0) cif += surv * (count[(size_t)cause * m + j] / n);
      surv = base * ((n - d) / block);
    }
    value[j] = cause > 0 ? cif : surv;
    const double censored = count[j];
    if (d + censored > 0.0) *last = curve->time[j];
    n -= d + censored;
    if (censored > 0.0) {
      block = n;
      base = surv;
    }
  }
  *ended = surv == 0.0;
}

/* The first time at which S is at or below 1 - p (or F at or above p); Inf if there is
 * none. If the curve is constant at that value over an interval, the result is its
 * midpoint with `midpoint`, else its first time, as for the quantiles of a fit. */
static double quantile_of(const osv_boot_curve *curve, const double *value, int rising,
                          double p, int midpoint) {
  const double tol = 1e-12;
  for (size_t j = 0; j < curve->m; j++) {
    const double f = rising ? value[j] : 1.0 - value[j];
    if (f < p - tol) continue;
    if (!midpoint || f > p + tol) return curve->time[j];
    for (size_t l = j + 1; l < curve->m; l++)
      if ((rising ? value[l] : 1.0 - value[l]) > p + tol)
        return (curve->time[j] + curve->time[l]) / 2.0;
    return curve->time[j];
  }
  return INFINITY;
}

static double value_at(const osv_boot_curve *curve, const double *value, double start,
                       double at) {
  const double t = at * (1.0 + TIME_TOL);
  size_t lo = 0, hi = curve->m; /* the first time after t */
  while (lo < hi) {
    const size_t mid = lo + (hi - lo) / 2;
    if (curve->time[mid] <= t)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo > 0 ? value[lo - 1] : start;
}

static double area_to(const osv_boot_curve *curve, const double *value, double start,
                      double tau) {
  double sum = 0.0, before = 0.0, height = start;
  for (size_t j = 0; j < curve->m && curve->time[j] < tau; j++) {
    sum += height * (curve->time[j] - before);
    before = curve->time[j];
    height = value[j];
  }
  return sum + height * (tau - before);
}

/* Writes all statistics of one resample into column b of out->value. out->past[i] counts
 * the resamples whose follow-up stops before the requested time while S is above 0. */
static void evaluate(const osv_boot_curve *curve, const osv_boot_statistic *statistic,
                     const double *count, double total, double *value,
                     const osv_boot_out *out, size_t b) {
  for (size_t c = 0; c < statistic->n_cause; c++) {
    const int cause = statistic->cause[c];
    const double start = cause > 0 ? 0.0 : 1.0;
    double last;
    int ended;
    curve_steps(curve, count, total, cause, value, &last, &ended);
    for (size_t i = 0; i < statistic->n_at; i++) {
      const size_t row = c * statistic->n_at + i;
      double *const to = out->value + row * out->stride + b;
      const double at = statistic->at[i];
      switch (statistic->kind) {
        case OSV_BOOT_QUANTILE:
          *to = quantile_of(curve, value, cause > 0, at, statistic->midpoint);
          continue;
        case OSV_BOOT_RATE:
          *to = value_at(curve, value, start, at);
          break;
        case OSV_BOOT_AREA:
          *to = area_to(curve, value, start, at);
          break;
      }
      if (out->past && !ended && at * (1.0 - TIME_TOL) > last) out->past[row] += 1.0;
    }
  }
}

/* Statistics of resamples: as many units as the curve has, drawn with replacement.
 *
 * in      curve; statistic; uniform gives numbers in (0, 1); times: number of resamples
 * scratch work[osv_boot_work()]
 * out     value[i * stride + b]: statistic i of resample b, where i runs over the
 *         elements of `at` within each cause. A quantile that is not reached is +Inf; the
 *         other statistics are NaN if there are no units.
 *         past[i], added to: number of resamples whose follow-up ends before the
 *         requested time while S is above 0; they use the last value of the curve. May be
 *         NULL.
 * Efron 1981: resampling of (time, status) or, with delayed entry, of (entry, time,
 * status). A resample is stored as counts at the distinct times of the curve, which are
 * sorted only once. Cost of a resample
 * O(rows + distinct times (n_status + n_cause n_at)).
 */
osv_status osv_bootstrap(const osv_boot_curve *curve, const osv_boot_statistic *statistic,
                         size_t times, const osv_uniform *uniform, const osv_poll *poll,
                         double *work, const osv_boot_out *out) {
  const size_t n = curve->n_unit, cells = n_counts(curve);
  double *const count = work, *const steps = work + cells;
  size_t done = 0;
  for (size_t b = 0; b < times; b++) {
    double total = 0.0;
    memset(count, 0, cells * sizeof *count);
    for (size_t i = 0; i < n; i++)
      total +=
          add_unit(curve, (size_t)(uniform->fn(uniform->ctx) * (double)n), 1.0, count);
    evaluate(curve, statistic, count, total, steps, out, b);
    done += n + cells + 1;
    if (done < OSV_POLL_ROWS) continue;
    done = 0;
    if (poll && poll->fn(poll->ctx)) return OSV_EINTR;
  }
  return OSV_OK;
}

/* Leave-one-out statistics, needed for the acceleration constant of Efron's BCa limits.
 *
 * in, scratch  as osv_bootstrap()
 * out          value[i * stride + u]: statistic i without unit u; past may be NULL
 * If units have one row, those with the same time and status are adjacent and computed
 * only once.
 * Cost O(distinct units * distinct times (n_status + n_cause n_at)).
 */
osv_status osv_leave_one_out(const osv_boot_curve *curve,
                             const osv_boot_statistic *statistic, const osv_poll *poll,
                             double *work, const osv_boot_out *out) {
  const size_t n = curve->n_unit, cells = n_counts(curve);
  const size_t n_out = statistic->n_cause * statistic->n_at;
  double *const count = work, *const steps = work + cells;
  double total = 0.0;
  size_t done = 0;
  memset(count, 0, cells * sizeof *count);
  for (size_t u = 0; u < n; u++) total += add_unit(curve, u, 1.0, count);
  for (size_t u = 0; u < n; u++) {
    if (u > 0 && !curve->start && curve->cell[u] == curve->cell[u - 1] &&
        (!curve->entry || curve->entry[u] == curve->entry[u - 1])) {
      for (size_t i = 0; i < n_out; i++)
        out->value[i * out->stride + u] = out->value[i * out->stride + u - 1];
      continue;
    }
    const double rows = add_unit(curve, u, -1.0, count);
    evaluate(curve, statistic, count, total - rows, steps, out, u);
    add_unit(curve, u, 1.0, count);
    done += cells + 1;
    if (done < OSV_POLL_ROWS) continue;
    done = 0;
    if (poll && poll->fn(poll->ctx)) return OSV_EINTR;
  }
  return OSV_OK;
}
