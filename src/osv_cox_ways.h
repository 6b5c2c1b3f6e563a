/* osv_cox_ways - declarations shared by the three algorithms of osv_cox_sums(): by row,
 * by pattern, and by a backward and a forward scan. */
#ifndef OSV_COX_WAYS_H
#define OSV_COX_WAYS_H

#include "osv_cox_scan.h"

/* Before a loop of a few steps: the compiler writes them one after the other */
#if defined(__GNUC__) && !defined(__clang__)
#define OSV_NO_LOOP _Pragma("GCC unroll 8")
#else
#define OSV_NO_LOOP
#endif

enum { OSV_COX_ORDERS = 3, OSV_COX_FEW_COLUMNS = 16 };

/* State of osv_cox_sums(): the backward scan, and what it stores for the forward scan.
 * The sums of order 0, 1 and 2 have the weights 1, g and g^2. */
typedef struct {
  osv_cox_scan scan;
  const osv_cox_sums_out *out;
  size_t p, n_order, used;
  double *hazard;   /* stack with an entry for each event time: osv_cox_tie.a[0] and,
                     * for tied events, also a[1] */
  double *at_start; /* [n * n_order * 2] cumulative hazards when each cell starts */
  double *weight;   /* [n_pattern * n_order], if cells share patterns */
  double *mean;     /* [p] sum of the means of all factors */
  double *pass;     /* scratch of osv_cox_by_pattern() */
  double log_unit;  /* sum of the exponents `top` over all factors, subtracted from the
                     * log likelihood at the end */
  double product;   /* see osv_cox_add_log() */
} osv_cox_computation;

/* Return 1 if the algorithm by row, or by pattern, is the fastest for these cells.
 * Neither needs a forward scan and its memory. */
int osv_cox_suits_rows(const osv_cox_cells *cells);
int osv_cox_suits_patterns(const osv_cox_cells *cells);
int osv_cox_may_recompute(const osv_cox_cells *cells);
size_t osv_cox_by_pattern_work(const osv_cox_cells *cells, int with_g);
osv_status osv_cox_by_row(osv_cox_computation *x);
osv_status osv_cox_by_pattern(osv_cox_computation *x);
osv_cox_tie osv_cox_add_time(osv_cox_computation *x, double g);

/* Subtracts log s0 from the log likelihood. For speed the values are first multiplied,
 * and one logarithm is taken of the product of many. */
static inline void osv_cox_add_log(osv_cox_computation *x, double s0) {
  x->product *= s0;
  if (x->product > 1e-100 && x->product < 1e100) return;
  *x->out->loglik -= log(x->product);
  x->product = 1.0;
}

/* Returns 1 if the sum over the risk set cannot be used. This includes the case that the
 * relative hazards of all events are more than e^700 times smaller than those of other
 * subjects at risk. */
static inline int osv_cox_is_lost(const osv_cox_computation *x) {
  return !(x->scan.e0 > 0.0 || x->scan.wide) || osv_cox_scan_lost(&x->scan);
}

/* Returns the sums over the factors of the current time. Also subtracts the logarithms of
 * the factors from the log likelihood and adds their exponents `top` to `log_unit`. */
static inline osv_cox_tie osv_cox_new_tie(osv_cox_computation *x) {
  const osv_cox_scan *const s = &x->scan;
  osv_cox_tie tie = {0};
  if (s->d == 1.0 && s->mean_weight == 1.0) {
    tie.a[0] = 1.0 / s->s0;
    tie.b[0] = tie.a[0] * tie.a[0];
    osv_cox_add_log(x, s->s0);
  } else {
    tie = osv_cox_scan_tie(s);
    *x->out->loglik -= tie.log;
  }
  x->log_unit += s->d * s->mean_weight * s->top;
  return tie;
}

#endif
