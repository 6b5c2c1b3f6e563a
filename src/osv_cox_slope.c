/* osv_cox_slope - derivative of log det I of a Cox model, needed by Firth's penalty. */
#include "osv_cox_scan.h"

/* Sums over the factors of the times so far: h of the hazard 1 / D, and m [p] of the mean
 * times the hazard. less_h and less_m: the same sums for the current time, multiplied by
 * f */
typedef struct {
  double h, *m, less_h, *less_m;
} hazard;

typedef struct {
  osv_cox_scan scan;
  size_t p, used;
  const double *inverse;
  double *slope;
  double *stack;      /* results of go_backward() for go_forward() */
  double *by_pattern; /* [n_pattern * (p + 1)] exposures, if cells share patterns */
  double *exposed;    /* [p] sum of r m / D of one cell */
  double *row;        /* [p] */
  hazard sum;         /* during the backward scan m and less_m are scratch for means */
} computation;

/* Returns the first cell after those with the time of the cell `from`. *d: their number
 * of events */
static size_t read_time(const osv_cox_cells *c, size_t from, size_t end, double *d) {
  size_t to = from;
  *d = 0.0;
  for (; to < end && c->time[to] == c->time[from]; to++)
    if (c->event[to]) *d += osv_cox_events(c, to);
  return to;
}

static int tied(const osv_cox_cells *c, double d) {
  return c->efron && d > 1.0;
}

/* Number of doubles of scratch that osv_cox_slope() needs */
size_t osv_cox_slope_work(const osv_cox_cells *cells) {
  const size_t p = cells->p;
  size_t size = osv_cox_scan_work(cells) + 4 * p;
  if (cells->pattern) size += cells->n_pattern * (p + 1);
  for (size_t s = 0, from = 0; s < cells->n_stratum; s++)
    for (double d; from < cells->stratum_end[s];) {
      from = read_time(cells, from, cells->stratum_end[s], &d);
      size += d > 0.0 ? 2 + p + (tied(cells, d) ? 1 + p : 0) : 0;
    }
  return size;
}

/* y = W v; returns v'y */
static double quadratic(const computation *x, const double *v, double *y) {
  double sum = 0.0;
  for (size_t a = 0; a < x->p; a++) {
    y[a] = 0.0;
    for (size_t b = 0; b < x->p; b++) y[a] += x->inverse[a * x->p + b] * v[b];
    sum += v[a] * y[a];
  }
  return sum;
}

/* Adds 2 (m'Wm) m of all factors of a time, the second sum of osv_cox_slope(). With
 * s = S1 / S0, e = E1 / S0 and q = 1 - f E0 / S0, the term of one factor is
 *   (A - 2 f B + f^2 C) (s - f e) / q^3,  A = s'Ws, B = s'We, C = e'We. */
static void add_means(computation *x) {
  const osv_cox_scan *const scan = &x->scan;
  const size_t p = x->p;
  const double d = scan->d, e0 = scan->e0 / scan->s0, w = 2.0 * scan->mean_weight;
  double *const s = x->sum.m, *const e = x->sum.less_m;
  for (size_t k = 0; k < p; k++) s[k] = scan->s1[k] / scan->s0;
  const double a = quadratic(x, s, x->row);
  if (!tied(scan->cells, d)) {
    for (size_t k = 0; k < p; k++) x->slope[k] += w * d * a * s[k];
    return;
  }
  double b = 0.0, of_s, of_e;
  for (size_t k = 0; k < p; k++) {
    e[k] = scan->e1[k] / scan->s0;
    b += x->row[k] * e[k];
  }
  const double square[] = {a, b, quadratic(x, e, x->row)};
  osv_cox_tie_third(d, e0, square, &of_s, &of_e);
  for (size_t k = 0; k < p; k++) x->slope[k] += w * (of_s * s[k] + of_e * e[k]);
}

/* Pushes the sums of a time on the stack: the hazard, the mean times the hazard, and the
 * unit */
static void push_time(computation *x) {
  const osv_cox_scan *const s = &x->scan;
  const osv_cox_tie tie = osv_cox_scan_tie(s);
  double *top = x->stack + x->used;
  if (tied(s->cells, s->d)) {
    *top++ = tie.a[1];
    for (size_t a = 0; a < x->p; a++) *top++ = tie.b[1] * s->s1[a] - tie.b[2] * s->e1[a];
  }
  *top++ = tie.a[0];
  for (size_t a = 0; a < x->p; a++)
    *top++ = tie.b[0] * s->s1[a] - (tie.b[1] > 0.0 ? tie.b[1] * s->e1[a] : 0.0);
  *top++ = s->top;
  x->used = (size_t)(top - x->stack);
}

/* Pops a time from the stack and adds its sums. They are in a new unit, which is not
 * larger than the current one, so the sums up to now are converted to it. */
static void pop_time(computation *x, int with_less) {
  const size_t p = x->p;
  double *const top = x->stack + x->used, unit = top[-1];
  const double by = exp(unit - x->scan.top), *const more = top - 2 - p;
  x->scan.top = unit;
  x->sum.h = x->sum.h * by + more[0];
  for (size_t a = 0; a < p; a++) x->sum.m[a] = x->sum.m[a] * by + more[1 + a];
  x->used -= 2 + p;
  x->sum.less_h = 0.0;
  if (!with_less) return;
  x->used -= 1 + p;
  x->sum.less_h = x->stack[x->used];
  for (size_t a = 0; a < p; a++) x->sum.less_m[a] = x->stack[x->used + 1 + a];
}

static osv_status go_backward(computation *x) {
  const osv_cox_cells *const c = x->scan.cells;
  for (size_t stratum = c->n_stratum; stratum-- > 0;) {
    const size_t first = stratum ? c->stratum_end[stratum - 1] : 0;
    osv_cox_scan_stratum(&x->scan, c->stratum_end[stratum]);
    for (size_t end = c->stratum_end[stratum]; end > first;) {
      const size_t from = osv_cox_scan_time(&x->scan, first, end);
      if (osv_cox_scan_stops(&x->scan, (end - from) * x->p)) return OSV_EINTR;
      if (x->scan.d > 0.0) {
        if (osv_cox_scan_lost(&x->scan)) return OSV_EDOMAIN;
        add_means(x);
        push_time(x);
      }
      end = from;
    }
  }
  return OSV_OK;
}

/* Adds the term of a pattern to the slope, r (c Q z - Q v - 2 (z'W v) z) with Q = z'Wz. c
 * and v are the sums of 1 / D and of m / D while its subjects are at risk, multiplied by
 * r. */
static void add_exposed(computation *x, size_t pattern, double c, const double *v) {
  const double *const z = osv_cox_scan_one(&x->scan, pattern);
  const double square = quadratic(x, z, x->row);
  double across = 0.0;
  for (size_t a = 0; a < x->p; a++) across += x->row[a] * v[a];
  for (size_t a = 0; a < x->p; a++)
    x->slope[a] += square * (c * z[a] - v[a]) - 2.0 * across * z[a];
}

/* Adds `sign` times the exposure of a cell up to the current time */
static void expose(computation *x, size_t cell, double sign) {
  const osv_cox_cells *const c = x->scan.cells;
  const size_t pattern = osv_cox_pattern(c, cell), p = x->p;
  const double r = sign * osv_cox_size(c, cell) * osv_cox_scan_r(&x->scan, pattern);
  const int less = sign > 0.0 && c->event[cell] && x->sum.less_h > 0.0;
  double *const to = c->pattern ? x->by_pattern + pattern * (p + 1) : NULL;
  double *const v = to ? to + 1 : x->exposed;
  if (r == 0.0 || x->sum.h == 0.0) return;
  for (size_t a = 0; a < p; a++) {
    const double m = r * (x->sum.m[a] - (less ? x->sum.less_m[a] : 0.0));
    v[a] = to ? v[a] + m : m;
  }
  const double h = r * (x->sum.h - (less ? x->sum.less_h : 0.0));
  if (to) {
    to[0] += h;
  } else {
    add_exposed(x, pattern, h, v);
  }
}

/* Adds the exposure of each cell, in the order of time. *late: number of cells of
 * by_start that have started */
static osv_status go_forward(computation *x, size_t first, size_t end, size_t *late) {
  const osv_cox_cells *const c = x->scan.cells;
  x->sum.h = 0.0;
  for (size_t a = 0; a < x->p; a++) x->sum.m[a] = 0.0;
  if (x->scan.wide) x->scan.top = INFINITY; /* no unit yet, see pop_time() */
  for (size_t from = first, to; from < end; from = to) {
    for (; c->start && *late < c->n; ++*late) {
      const size_t cell = (size_t)c->by_start[*late];
      if (cell >= end || c->start[cell] >= c->time[from]) break;
      expose(x, cell, -1.0);
      if (osv_cox_scan_stops(&x->scan, 1)) return OSV_EINTR;
    }
    double d;
    to = read_time(c, from, end, &d);
    x->sum.less_h = 0.0;
    if (d > 0.0) pop_time(x, tied(c, d));
    for (size_t cell = from; cell < to; cell++) {
      expose(x, cell, 1.0);
      if (osv_cox_scan_stops(&x->scan, 1)) return OSV_EINTR;
    }
  }
  while (c->start && *late < c->n && (size_t)c->by_start[*late] < end) ++*late;
  return OSV_OK;
}

/* The derivative of log det I with respect to the coefficients gamma of a Cox model
 *
 * in   cells, gamma  as for osv_cox_sums()
 *      inverse [p * p]  W, the inverse of I
 * work osv_cox_slope_work() doubles
 * out  slope [p]: the traces of W dI/dgamma_j
 * Each factor of the partial likelihood (see osv_cox_sums() for D and m) adds the third
 * central moment of z over its risk set, contracted with W. E is the mean over the risk
 * set with the weights of the factor, and Q_i = z_i'W z_i:
 *   sum E (z - m)'W(z - m) (z - m)
 *     = sum_i r_i (h_i Q_i z_i - Q_i v_i - 2 (z_i'W v_i) z_i) + 2 sum (m'Wm) m.
 * h_i and v_i are the sums of 1 / D and of m / D over the factors for which subject i is
 * at risk. Heinze & Schemper 2001. OSV_EDOMAIN: see osv_cox_scan_lost(); OSV_EINTR.
 * Cost O(cells p + event times p^2 + patterns p^2), with p doubles of scratch per time.
 */
osv_status osv_cox_slope(const osv_cox_cells *cells, const double *gamma,
                         const double *inverse, const osv_poll *poll, double *work,
                         double *slope) {
  const size_t p = cells->p, shared = cells->pattern ? cells->n_pattern * (p + 1) : 0;
  computation x = {.p = p, .inverse = inverse, .slope = slope};
  osv_status status = osv_cox_scan_open_wide(&x.scan, cells, gamma, poll, work, 0);
  if (status != OSV_OK) return status;
  work += osv_cox_scan_work(cells);
  x.exposed = work;
  x.row = work + p;
  x.sum.m = work + 2 * p;
  x.sum.less_m = work + 3 * p;
  x.by_pattern = work + 4 * p;
  x.stack = x.by_pattern + shared;
  for (size_t a = 0; a < p; a++) slope[a] = 0.0;
  for (size_t k = 0; k < shared; k++) x.by_pattern[k] = 0.0;
  status = go_backward(&x);
  size_t late = 0;
  for (size_t s = 0; s < cells->n_stratum && status == OSV_OK; s++) {
    const size_t first = s ? cells->stratum_end[s - 1] : 0;
    status = go_forward(&x, first, cells->stratum_end[s], &late);
  }
  if (status != OSV_OK) return status;
  for (size_t k = 0; shared && k < cells->n_pattern; k++) {
    if (osv_cox_scan_stops(&x.scan, 1)) return OSV_EINTR;
    add_exposed(&x, k, x.by_pattern[k * (p + 1)], x.by_pattern + k * (p + 1) + 1);
  }
  return OSV_OK;
}
