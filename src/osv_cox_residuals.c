/* osv_cox_residuals - martingale, score and Schoenfeld residuals of a Cox model. */
#include "osv_cox_scan.h"

/* Exposure of a subject at some times of a stratum, per unit of r: the sums over the
 * factors of the hazard 1 / D and of the mean times the hazard [p] */
typedef struct {
  double h, *m;
} exposure;

typedef struct {
  osv_cox_scan scan;
  const osv_cox_residuals_out *out;
  size_t p;
  exposure until, spared; /* until: exposure up to the current time; spared: see
                           * add_event() */
  exposure sum, rest;     /* `until` as the sum of two doubles. The backward scan
                           * subtracts the last times from the total, which may be much
                           * larger than the result. */
  double *mean;           /* [p] mean over the factors of the current time */
} computation;

/* Number of doubles of scratch that osv_cox_residuals() needs */
size_t osv_cox_residuals_work(const osv_cox_cells *cells) {
  return osv_cox_scan_work(cells) + 5 * cells->p;
}

/* The score vector of the unit to which a cell belongs */
static double *score_of(const computation *x, size_t cell) {
  return x->out->score + (x->out->unit ? (size_t)x->out->unit[cell] : cell) * x->p;
}

/* Adds `weight` times an exposure to the residuals of a cell: r (m - h z) to the score
 * and -r h to the martingale residual */
static void add_exposure(computation *x, size_t cell, double weight, const exposure *to) {
  const osv_cox_cells *const c = x->scan.cells;
  const size_t pattern = osv_cox_pattern(c, cell);
  const double r = weight * osv_cox_size(c, cell) * x->scan.r[pattern];
  if (x->out->martingale) x->out->martingale[cell] -= r * to->h;
  if (!x->out->score) return;
  double *const u = score_of(x, cell);
  const double *const z = osv_cox_scan_one(&x->scan, pattern);
  for (size_t a = 0; a < x->p; a++) u[a] += r * (to->m[a] - to->h * z[a]);
}

/* Adds an event, with z minus the mean at its time. Under Efron's rule a tied event is
 * exposed to only a part of the hazard of its own time; x->spared is the other part. */
static void add_event(computation *x, size_t cell) {
  const osv_cox_cells *const c = x->scan.cells;
  const size_t pattern = osv_cox_pattern(c, cell), p = x->p;
  const double size = osv_cox_size(c, cell);
  const double *const z = osv_cox_scan_one(&x->scan, pattern);
  if (x->out->martingale) x->out->martingale[cell] += size;
  for (size_t a = 0; x->out->schoenfeld && a < p; a++)
    x->out->schoenfeld[cell * p + a] = z[a] - x->mean[a];
  if (x->out->score) {
    double *const u = score_of(x, cell);
    for (size_t a = 0; a < p; a++) u[a] += size * (z[a] - x->mean[a]);
  }
  add_exposure(x, cell, -1.0, &x->spared);
}

/* Adds `sign` times the exposure of the current time */
static void add_time(computation *x, const osv_cox_tie *tie, double sign) {
  const osv_cox_scan *const s = &x->scan;
  osv_sum_split(&x->sum.h, &x->rest.h, sign * tie->a[0]);
  x->until.h = x->sum.h + x->rest.h;
  for (size_t a = 0; a < x->p; a++) {
    const double m = tie->b[0] * s->s1[a] - tie->b[1] * s->e1[a];
    osv_sum_split(x->sum.m + a, x->rest.m + a, sign * m);
    x->until.m[a] = x->sum.m[a] + x->rest.m[a];
  }
}

/* Adds the residuals of one time: of the cells that leave at it, and of the cells of
 * by_start that are no longer at risk before it (those from scan.late to started - 1). */
static void read_time(computation *x, size_t from, size_t to, size_t started) {
  const osv_cox_scan *const s = &x->scan;
  const osv_cox_cells *const c = s->cells;
  for (size_t i = s->late; i < started; i++)
    add_exposure(x, (size_t)c->by_start[i], -1.0, &x->until);
  osv_cox_tie tie = {0};
  if (s->d > 0.0) {
    tie = osv_cox_scan_tie(s);
    x->spared.h = tie.a[1];
    for (size_t a = 0; a < x->p; a++) {
      x->mean[a] = (tie.a[0] * s->s1[a] - tie.a[1] * s->e1[a]) / (s->d * s->mean_weight);
      x->spared.m[a] = tie.b[1] * s->s1[a] - tie.b[2] * s->e1[a];
    }
  }
  for (size_t cell = to; cell-- > from;) {
    add_exposure(x, cell, 1.0, &x->until);
    if (c->event[cell]) add_event(x, cell);
  }
  if (s->d > 0.0) add_time(x, &tie, -1.0);
}

/* Reads one stratum twice: first to sum its total exposure, then to compute the
 * residuals */
static osv_status read_stratum(computation *x, size_t first, size_t end) {
  osv_cox_scan *const s = &x->scan;
  osv_cox_scan_stratum(s, end);
  const size_t late = s->late;
  x->until.h = x->sum.h = x->rest.h = 0.0;
  for (size_t a = 0; a < x->p; a++) x->until.m[a] = x->sum.m[a] = x->rest.m[a] = 0.0;
  for (int reading = 0; reading < 2; reading++) {
    s->late = late;
    osv_cox_scan_stratum(s, end);
    for (size_t to = end, from; to > first; to = from) {
      const size_t started = s->late;
      from = osv_cox_scan_time(s, first, to);
      if (osv_cox_scan_stops(s, to - from)) return OSV_EINTR;
      if (s->d > 0.0 && osv_cox_scan_lost(s)) return OSV_EDOMAIN;
      if (reading == 1) {
        read_time(x, from, to, started);
      } else if (s->d > 0.0) {
        const osv_cox_tie tie = osv_cox_scan_tie(s);
        add_time(x, &tie, 1.0);
      }
    }
  }
  return OSV_OK;
}

/* Residuals of a Cox model at coefficients gamma [p] of the scaled covariates z.
 *
 * in   cells  see osv_cox_cells; unit, see osv_cox_residuals_out
 * work osv_cox_residuals_work() doubles
 * out  martingale [n]: events of the cell minus r H
 *      score [n_unit * p]: sum over the unit of
 *        [event] (z - mean) - r (H z - M)
 *      schoenfeld [n * p]: z - mean for events, else 0
 * D and m are those of osv_cox_sums(). The mean is that of m over the factors of a time.
 * H is the sum of 1 / D, and M the sum of m / D, over the times at which the subject is
 * at risk; at the time of its own event each factor counts (1 - f) times. Lin & Wei 1989,
 * Therneau & Grambsch 2000, ch. 4. The score and martingale residuals of a cell are sums
 * over its subjects; with sampling weights they are multiplied by the weight.
 * The exposure up to a time is the total minus what comes later, as the sum of two
 * doubles. It is exact as long as relative hazards span at most e^60. The exposure of a
 * row with delayed entry is the difference of two such values, with an error of about
 * 1e-16 r times the hazard up to its end.
 * OSV_EDOMAIN: see osv_cox_scan_lost(); OSV_EINTR. Cost O(cells p), twice the scan of
 * osv_cox_sums().
 */
osv_status osv_cox_residuals(const osv_cox_cells *cells, size_t n_unit,
                             const double *gamma, const osv_poll *poll, double *work,
                             const osv_cox_residuals_out *out) {
  const size_t p = cells->p;
  computation x = {.out = out, .p = p};
  osv_status status = osv_cox_scan_open(&x.scan, cells, gamma, poll, work);
  if (status != OSV_OK) return status;
  work += osv_cox_scan_work(cells);
  x.until.m = work;
  x.spared.m = work + p;
  x.mean = work + 2 * p;
  x.sum.m = work + 3 * p;
  x.rest.m = work + 4 * p;
  for (size_t i = 0; out->martingale && i < cells->n; i++) out->martingale[i] = 0.0;
  for (size_t i = 0; out->score && i < n_unit * p; i++) out->score[i] = 0.0;
  for (size_t i = 0; out->schoenfeld && i < cells->n * p; i++) out->schoenfeld[i] = 0.0;
  for (size_t stratum = cells->n_stratum; stratum-- > 0;) {
    const size_t first = stratum ? cells->stratum_end[stratum - 1] : 0;
    status = read_stratum(&x, first, cells->stratum_end[stratum]);
    if (status != OSV_OK) return status;
  }
  return OSV_OK;
}
