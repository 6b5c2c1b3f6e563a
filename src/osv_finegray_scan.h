/* osv_finegray_scan - declarations shared by the kernels of Fine-Gray regression:
 * osv_finegray.c, osv_finegray_info.c, osv_finegray_fit.c, osv_finegray_score.c. */
#ifndef OSV_FINEGRAY_SCAN_H
#define OSV_FINEGRAY_SCAN_H

#include "osv_core.h"

/* Sums over the d events of one time t. Efron's rule gives the factors l = 0 .. d - 1
 * with f = l / d and q_l = 1 - f e0; Breslow's rule has f = 0. e0 and the vector e1 are
 * the sums of r and r x over the events, divided by S0. The mean of factor l is
 *   m_l = (m - f e1) / q_l.
 *   k0, k1 = sum_l 1 / q_l, f / q_l
 *   a0, a1, a2 = sum_l 1 / q_l^2, f / q_l^2, f^2 / q_l^2
 * With sampling weights d is the sum of the weights of the events, and each factor is
 * multiplied by their mean weight.
 */
typedef struct {
  double d, factors, s0, e0, k0, k1, a0, a1, a2, log_q;
  const double *mean; /* m = S1 / S0, [p] */
} osv_finegray_tie;

/* Number of subjects that row i represents, or its sampling weight */
static inline double osv_finegray_count(const osv_finegray_rows *rows, size_t i) {
  return rows->count ? rows->count[i] : 1.0;
}

/* Number of subjects that row i represents, without sampling weights: the estimate of the
 * censoring distribution ignores them, as in finegray() of survival. */
static inline double osv_finegray_subjects(const osv_finegray_rows *rows, size_t i) {
  return rows->sampled ? 1.0 : osv_finegray_count(rows, i);
}

/* The sampling weight of row i */
static inline double osv_finegray_sampling(const osv_finegray_rows *rows, size_t i) {
  return rows->sampled ? osv_finegray_count(rows, i) : 1.0;
}

static inline const double *osv_finegray_x(const osv_finegray_rows *rows, size_t i) {
  return rows->x + (rows->pattern ? rows->pattern[i] : i) * rows->p;
}

static inline size_t osv_finegray_from(const osv_finegray_rows *rows, size_t time) {
  return time ? rows->time_end[time - 1] : 0;
}

static inline size_t osv_finegray_first_time(const osv_finegray_rows *rows,
                                             size_t stratum) {
  return stratum ? rows->stratum_end[stratum - 1] : 0;
}

/* Returns 1 if an event of the cause occurs at this time. */
static inline int osv_finegray_has_event(const osv_finegray_rows *rows, size_t time) {
  size_t i = osv_finegray_from(rows, time);
  while (i < rows->time_end[time] && rows->status[i] != 1) i++;
  return i < rows->time_end[time];
}

/* Returns 1 if the weights of subjects with an earlier competing event end before this
 * time. */
static inline int osv_finegray_restarts(const osv_finegray *s, size_t time) {
  return s->weight[time] < 0.0;
}

int osv_finegray_stop(osv_finegray *s, size_t cost);
int osv_finegray_tied(const osv_finegray *s, size_t time, size_t at,
                      osv_finegray_tie *tie);

#endif
