/* osv_finegray_info - information of a Fine-Gray model, and scores of time trends. */
#include "osv_finegray_scan.h"

/* Sweeps forward: computes the cumulative hazard of each row while it is at risk, each
 * event time multiplied by `of_time`. *at, *late: as in sum_competing() and sum_at_risk()
 * of osv_finegray.c, but in ascending order */
static void expose_at_risk(osv_finegray *s, size_t first, size_t end,
                           const double *of_time, size_t *at, size_t *late) {
  const osv_finegray_rows *const rows = s->rows;
  double hazard = 0.0;
  for (size_t t = first; t < end; t++) {
    for (; rows->first_time && *late < rows->n &&
           rows->first_time[rows->by_first[*late]] == t;
         ++*late)
      s->exposure[rows->by_first[*late]] = -hazard;
    osv_finegray_tie tie;
    double own = 0.0;
    if (osv_finegray_tied(s, t, *at, &tie)) {
      const double g = of_time ? of_time[t] : 1.0;
      hazard += g * (tie.k0 / tie.s0);
      own = g * (tie.k1 / tie.s0);
      ++*at;
    }
    for (size_t i = osv_finegray_from(rows, t); i < rows->time_end[t]; i++) {
      const double before = rows->first_time ? s->exposure[i] : 0.0;
      s->exposure[i] = before + hazard - (rows->status[i] == 1 ? own : 0.0);
    }
  }
}

/* Sweeps backward: adds the hazard of rows with a competing event after that event */
static void expose_competing(osv_finegray *s, size_t first, size_t end,
                             const double *of_time, size_t at) {
  const osv_finegray_rows *const rows = s->rows;
  double hazard = 0.0;
  for (size_t t = end; t-- > first;) {
    const double weight = fabs(s->weight[t]);
    for (size_t i = osv_finegray_from(rows, t); i < rows->time_end[t]; i++)
      if (rows->status[i] == 2) s->exposure[i] += hazard / weight;
    osv_finegray_tie tie;
    if (osv_finegray_tied(s, t, at - 1, &tie)) {
      hazard += (of_time ? of_time[t] : 1.0) * weight * (tie.k0 / tie.s0);
      at--;
    }
    if (osv_finegray_restarts(s, t)) hazard = 0.0;
  }
}

/* Adds the products m m' of all factors to `cross`. With Efron's rule the sum over the
 * factors of a time has rank 2 and is added by the Cholesky factor of its 2 x 2 sums. */
static osv_status add_means(osv_finegray *s, const double *of_time, osv_cross *cross) {
  const size_t p = s->rows->p;
  size_t at = 0;
  for (size_t t = 0; t < s->n_time; t++) {
    osv_finegray_tie tie;
    if (!osv_finegray_tied(s, t, at, &tie)) continue;
    at++;
    const double g = of_time ? of_time[t] : 1.0;
    if (tie.k1 == 0.0) {
      osv_cross_add(cross, tie.mean, g * tie.d);
    } else {
      const double ratio = -tie.a1 / tie.a0, rest = tie.a2 + ratio * tie.a1;
      for (size_t a = 0; a < p; a++) s->sum[a] = tie.mean[a] + ratio * s->events[a];
      osv_cross_add(cross, s->sum, g * tie.a0);
      osv_cross_add(cross, s->events, g * rest);
    }
    if (osv_finegray_stop(s, p * p)) return OSV_EINTR;
  }
  osv_cross_end(cross);
  return OSV_OK;
}

/* Information at the coefficients of the last osv_finegray_moments()
 *
 * in   of_time  by time, the factor g of each term; NULL: 1
 * out  information [p * p]: the sum over events of g E (x - m)(x - m)', where E is the
 *      mean over the risk set with weights r and m = E x
 *      size [p]  or NULL: the sum of g E x^2, from which the diagonal is obtained by
 *      subtraction. A diagonal element within rounding error of 0 is set to 0.
 * E x x' is summed row by row, each row weighted with its cumulative hazard while at
 * risk, so that no risk set needs its own matrix.
 * Cost O(n p^2).
 */
osv_status osv_finegray_information(osv_finegray *s, const double *of_time,
                                    double *information, double *size) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  double *const scratch = s->work, *const means = scratch + osv_cross_work(p),
                *const whole = means + p * p;
  size_t at = 0, late = 0;
  for (size_t stratum = 0; stratum < rows->n_stratum; stratum++) {
    const size_t first = osv_finegray_first_time(rows, stratum),
                 end = rows->stratum_end[stratum];
    expose_at_risk(s, first, end, of_time, &at, &late);
    expose_competing(s, first, end, of_time, at);
    if (osv_finegray_stop(s, rows->time_end[end - 1] - osv_finegray_from(rows, first)))
      return OSV_EINTR;
  }
  osv_cross cross = osv_cross_start(p, whole, scratch);
  for (size_t i = 0; i < rows->n; i++) {
    const double w = osv_finegray_count(rows, i) * s->risk[i] * s->exposure[i];
    if (w != 0.0) osv_cross_add(&cross, osv_finegray_x(rows, i), w);
    if (osv_finegray_stop(s, p * p)) return OSV_EINTR;
  }
  osv_cross_end(&cross);
  cross = osv_cross_start(p, means, scratch);
  const osv_status status = add_means(s, of_time, &cross);
  if (status != OSV_OK) return status;
  for (size_t a = 0; a < p; a++) {
    if (size) size[a] = whole[a * p + a];
    for (size_t b = a; b < p; b++)
      information[a * p + b] = information[b * p + a] =
          whole[a * p + b] - means[a * p + b];
  }
  return OSV_OK;
}

/* Score of a time trend of the coefficients, at the coefficients of the last
 * osv_finegray_moments(): the sum over events of g (x - m)
 *
 * in   of_time  by time, the trend g
 * out  score [p]
 * Together with the information for g and g^2 this gives the score test of proportional
 * hazards by Grambsch & Therneau 1994.
 */
osv_status osv_finegray_trend(osv_finegray *s, const double *of_time, double *score) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  size_t at = 0;
  for (size_t a = 0; a < p; a++) score[a] = 0.0;
  for (size_t t = 0; t < s->n_time; t++) {
    osv_finegray_tie tie;
    if (!osv_finegray_tied(s, t, at, &tie)) continue;
    at++;
    for (size_t i = osv_finegray_from(rows, t); i < rows->time_end[t]; i++) {
      if (rows->status[i] != 1) continue;
      const double w = of_time[t] * osv_finegray_count(rows, i);
      const double *const x = osv_finegray_x(rows, i);
      for (size_t a = 0; a < p; a++) score[a] += w * x[a];
    }
    for (size_t a = 0; a < p; a++) score[a] -= of_time[t] * tie.k0 * tie.mean[a];
    for (size_t a = 0; tie.k1 > 0.0 && a < p; a++)
      score[a] += of_time[t] * tie.k1 * s->events[a];
    if (osv_finegray_stop(s, p)) return OSV_EINTR;
  }
  return OSV_OK;
}
