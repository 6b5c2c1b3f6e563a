/* osv_cox_scan - the backward scan over risk sets that osv_cox_sums(), osv_cox_slope()
 * and osv_cox_residuals() share. */
#ifndef OSV_COX_SCAN_H
#define OSV_COX_SCAN_H

#include "osv_core.h"
#include <math.h>

/* Number of covariate rows that are read at once if each cell has its own pattern */
enum { OSV_COX_BLOCK = 64 };

/* A stop is asked for once in this many cells, and more often with many covariates */
enum { OSV_COX_POLL_CELLS = 1 << 15 };

typedef struct {
  const osv_cox_cells *cells;
  const osv_poll *poll;
  size_t ticks; /* number of cells read since the last poll */
  /* Relative hazards are stored as multiples of the unit e^top. If they span a wider
   * range than a double can represent, `wide` is set and r holds the linear predictors.
   * `top` is then the largest linear predictor of those who leave at the current time or
   * later, so that no risk set has the sum 0. */
  double top;
  int wide;
  double spread; /* between the largest and the smallest linear predictor */
  double peak;   /* with delayed entry, the largest s0 of the stratum so far */
  double *r;     /* [n_pattern] exp(z'gamma + offset - top); see osv_cox_scan_r() */
  double *z;     /* covariates of the patterns from, ..., to - 1, pattern by pattern */
  size_t from, to;
  double *one; /* [p] covariates of one pattern outside this range */
  /* Sums at the current time. Over the risk set: s0 of r and s1 of r z, with the rounding
   * errors rest0 and rest1 of subtractions. Over the events: e0 of r, e1 of r z and x1 of
   * z. */
  double s0, rest0, e0, *s1, *rest1, *e1, *x1;
  double d;           /* number of events at the current time */
  double mean_weight; /* mean sampling weight of these events; 1 without weights */
  size_t late;        /* cells of by_start that are still to be removed: 0 .. late - 1 */
} osv_cox_scan;

size_t osv_cox_scan_work(const osv_cox_cells *cells);
osv_status osv_cox_scan_open(osv_cox_scan *scan, const osv_cox_cells *cells,
                             const double *gamma, const osv_poll *poll, double *work);
osv_status osv_cox_scan_open_wide(osv_cox_scan *scan, const osv_cox_cells *cells,
                                  const double *gamma, const osv_poll *poll, double *work,
                                  int fresh);
const double *osv_cox_scan_z(osv_cox_scan *scan, size_t pattern);
const double *osv_cox_scan_one(osv_cox_scan *scan, size_t pattern);
void osv_cox_scan_stratum(osv_cox_scan *scan, size_t end);
size_t osv_cox_scan_time(osv_cox_scan *scan, size_t first, size_t end);
int osv_cox_scan_polls(osv_cox_scan *scan);
osv_cox_tie osv_cox_scan_tie(const osv_cox_scan *scan);

static inline size_t osv_cox_pattern(const osv_cox_cells *cells, size_t cell) {
  return cells->pattern ? (size_t)cells->pattern[cell] : cell;
}

static inline double osv_cox_size(const osv_cox_cells *cells, size_t cell) {
  return cells->size ? cells->size[cell] : 1.0;
}

/* Returns 1 if the user has requested a stop */
static inline int osv_cox_scan_stops(osv_cox_scan *scan, size_t cells_read) {
  const size_t p = scan->cells->p;
  scan->ticks += cells_read * (1 + p * p / 64);
  return scan->ticks >= OSV_COX_POLL_CELLS && osv_cox_scan_polls(scan);
}

/* Number of subjects with an event in a cell whose event is not 0 */
static inline double osv_cox_events(const osv_cox_cells *cells, size_t cell) {
  return cells->sampled ? 1.0 : osv_cox_size(cells, cell);
}

/* Returns 1 if rounding errors make the sum over the risk set useless. When delayed
 * entries are removed, rows far larger than the remainder may be subtracted. The
 * remainder can then be 0, negative, or much less than the sum over the events, which is
 * a part of it. A sum in double-double arithmetic still has five correct digits when only
 * 1e-27 of it remains. Neither a denominator of Efron's rule nor its square may be 0. */
static inline int osv_cox_scan_lost(const osv_cox_scan *scan) {
  const int tied = scan->cells->efron && scan->d > 2.0;
  return !(scan->s0 > 1e-150 && scan->s0 > 1e-27 * scan->peak &&
           scan->s0 > (tied ? 1.0 - 1.0 / scan->d : 0.5) * scan->e0);
}

/* exp(z'gamma - top) of a pattern */
static inline double osv_cox_scan_r(const osv_cox_scan *scan, size_t pattern) {
  return scan->wide ? exp(scan->r[pattern] - scan->top) : scan->r[pattern];
}

#endif
