/* osv_cox_sums - log likelihood, score and information of a Cox model, from counts by
 * covariate pattern. */
#include "osv_cox_ways.h"

enum { ORDERS = OSV_COX_ORDERS };

/* If linear predictors differ by more than this, the sums over risk sets with delayed
 * entry are recomputed at each time; see osv_cox_may_recompute() */
static const double FAR = 40.0;

/* Number of events in the cells from, ..., to - 1 */
static double events_of(const osv_cox_cells *c, size_t from, size_t to) {
  double d = 0.0;
  for (size_t cell = from; cell < to; cell++)
    if (c->event[cell]) d += osv_cox_events(c, cell);
  return d;
}

/* Returns the first cell of a stratum after those with the time of the cell `from` */
static size_t time_end(const osv_cox_cells *c, size_t from, size_t stratum_end) {
  size_t to = from + 1;
  while (to < stratum_end && c->time[to] == c->time[from]) to++;
  return to;
}

/* Number of doubles that go_backward() stores for go_forward(): one for each event time,
 * two if its events are tied */
static size_t hazards_size(const osv_cox_cells *c) {
  size_t size = 0;
  for (size_t s = 0, from = 0; s < c->n_stratum; s++) {
    for (size_t to; from < c->stratum_end[s]; from = to) {
      to = time_end(c, from, c->stratum_end[s]);
      const double d = events_of(c, from, to);
      size += d > 1.0 ? 2 : d > 0.0;
    }
  }
  return size;
}

/* Number of doubles of scratch that osv_cox_sums() needs, without or with g */
size_t osv_cox_sums_work(const osv_cox_cells *cells, int with_g) {
  const size_t n_order = with_g ? ORDERS : 1;
  const size_t all = osv_cox_scan_work(cells) + cells->p +
                     (cells->pattern ? n_order * cells->n_pattern : 0);
  if (osv_cox_suits_rows(cells)) return all;
  if (osv_cox_suits_patterns(cells)) return all + osv_cox_by_pattern_work(cells, with_g);
  const size_t two = hazards_size(cells) + (cells->start ? 2 * n_order * cells->n : 0);
  if (!osv_cox_may_recompute(cells)) return all + two;
  const size_t fresh =
      n_order * cells->n_pattern + osv_cox_by_pattern_work(cells, with_g);
  return all + (fresh > two ? fresh : two);
}

/* Stores the hazards of a time for go_forward() */
static void push_hazards(osv_cox_computation *x, const osv_cox_tie *tie) {
  const osv_cox_scan *const s = &x->scan;
  x->hazard[x->used++] = s->wide ? log(tie->a[0]) - s->top : tie->a[0];
  if (s->cells->efron && s->d > 1.0)
    x->hazard[x->used++] = s->wide ? log(tie->a[1]) - s->top : tie->a[1];
}

/* Scans from the last time to the first. Returns OSV_EDOMAIN if rounding errors make the
 * sum over a risk set useless, or if the sum is 0 because the relative hazards of other
 * subjects are more than e^700 times larger. */
static osv_status go_backward(osv_cox_computation *x) {
  const osv_cox_cells *const c = x->scan.cells;
  for (size_t stratum = c->n_stratum; stratum-- > 0;) {
    const size_t first = stratum ? c->stratum_end[stratum - 1] : 0;
    osv_cox_scan_stratum(&x->scan, c->stratum_end[stratum]);
    for (size_t end = c->stratum_end[stratum]; end > first;) {
      const size_t from = osv_cox_scan_time(&x->scan, first, end);
      if (osv_cox_scan_stops(&x->scan, end - from)) return OSV_EINTR;
      if (x->scan.d > 0.0) {
        if (osv_cox_is_lost(x)) return OSV_EDOMAIN;
        const osv_cox_tie tie =
            osv_cox_add_time(x, x->out->g ? x->out->g[c->time[from]] : 1.0);
        push_hazards(x, &tie);
      }
      end = from;
    }
  }
  return OSV_OK;
}

/* Adds w r z z' to the information, with the weight w of each order */
static void add_outer(const osv_cox_computation *x, const double *w, double r,
                      const double *restrict z) {
  const size_t p = x->p;
  for (size_t k = 0; k < x->n_order; k++) {
    double *restrict row = x->out->information + k * p * p;
    for (size_t a = 0; a < p; a++, row += p) {
      const double by = w[k] * r * z[a];
      if (k == 0) x->out->raw[a] += by * z[a];
      for (size_t b = a; b < p; b++) row[b] += by * z[b];
    }
  }
}

/* Cumulative hazards and their rounding errors. With delayed entry the difference of two
 * large cumulative hazards may be small. */
typedef struct {
  double sum[ORDERS], rest[ORDERS];
} hazards;

/* Adds the cells of one time. h: the cumulative hazards up to and including it. tied: the
 * part of the hazard of this time to which Efron's rule does not expose its events */
static osv_status add_cells(osv_cox_computation *x, size_t from, size_t to,
                            const hazards *h, const double *tied) {
  const osv_cox_cells *const c = x->scan.cells;
  for (size_t cell = from; cell < to; cell++) {
    const size_t pattern = osv_cox_pattern(c, cell);
    const double size = osv_cox_size(c, cell);
    double w[ORDERS];
    for (size_t k = 0; k < x->n_order; k++) {
      const double less = c->event[cell] ? tied[k] : 0.0;
      w[k] = h->sum[k];
      if (c->start) {
        const double *const start = x->at_start + 2 * (cell * x->n_order + k);
        w[k] = w[k] - start[0] + (h->rest[k] - start[1]);
      }
      w[k] = (w[k] - less) * size;
    }
    if (osv_cox_scan_stops(&x->scan, 1)) return OSV_EINTR;
    if (!(h->sum[0] > 0.0)) continue;
    const double r =
        c->pattern && !x->scan.wide ? 1.0 : osv_cox_scan_r(&x->scan, pattern);
    if (c->pattern) {
      for (size_t k = 0; k < x->n_order; k++)
        x->weight[pattern * x->n_order + k] += r * w[k];
    } else {
      add_outer(x, w, r, osv_cox_scan_z(&x->scan, pattern));
    }
  }
  return OSV_OK;
}

/* Converts the hazards of the next time of a wide scan, which are stored as logarithms,
 * to the unit 1 / e^top. The unit decreases first if a hazard would exceed 1. */
static void change_unit(osv_cox_computation *x, hazards *h, double *more, double *less) {
  double *const top = &x->scan.top;
  if (!x->scan.wide) return;
  if (-*more < *top) {
    const double by = exp(-*more - *top);
    for (size_t k = 0; k < x->n_order; k++) h->sum[k] *= by;
    *top = -*more;
  }
  *more = exp(*more + *top);
  *less = exp(*less + *top);
}

/* Scans one stratum from its first time to its last. Each subject adds z z' times its
 * cumulative hazard while at risk. *late: number of cells of by_start that have
 * started */
static osv_status go_forward(osv_cox_computation *x, size_t first, size_t end,
                             size_t *late) {
  const osv_cox_cells *const c = x->scan.cells;
  hazards h = {{0.0}, {0.0}};
  if (x->scan.wide) x->scan.top = INFINITY;
  for (size_t from = first, to; from < end; from = to) {
    const int t = c->time[from];
    for (; c->start && *late < c->n; ++*late) {
      const size_t cell = (size_t)c->by_start[*late];
      if (cell >= end || c->start[cell] >= t) break;
      for (size_t k = 0; k < x->n_order; k++) {
        double *const start = x->at_start + 2 * (cell * x->n_order + k);
        start[0] = h.sum[k];
        start[1] = h.rest[k];
      }
    }
    to = time_end(c, from, end);
    const double d = events_of(c, from, to);
    double spared[ORDERS] = {0.0, 0.0, 0.0};
    if (d > 0.0) {
      double one = 1.0, g = x->out->g ? x->out->g[t] : 1.0;
      double less = x->scan.wide ? -INFINITY : 0.0;
      if (c->efron && d > 1.0) less = x->hazard[--x->used];
      double more = x->hazard[--x->used];
      change_unit(x, &h, &more, &less);
      for (size_t k = 0; k < x->n_order; k++, one *= g) {
        if (c->start)
          osv_sum_split(h.sum + k, h.rest + k, one * more);
        else
          h.sum[k] += one * more;
        spared[k] = one * less;
      }
    }
    if (add_cells(x, from, to, &h, spared) != OSV_OK) return OSV_EINTR;
  }
  while (c->start && *late < c->n && (size_t)c->by_start[*late] < end) ++*late;
  return OSV_OK;
}

static void clear(double *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = 0.0;
}

static void start(osv_cox_computation *x, double *work, int by_pattern) {
  const osv_cox_cells *const c = x->scan.cells;
  const size_t p = x->p, weights = by_pattern ? x->n_order * c->n_pattern : 0;
  x->mean = work;
  x->weight = x->mean + p;
  x->pass = x->at_start = x->weight + weights;
  x->hazard = x->at_start + (c->start ? 2 * x->n_order * c->n : 0);
  clear(x->weight, weights);
  clear(x->mean, p);
  *x->out->loglik = x->log_unit = 0.0;
  x->product = 1.0;
  clear(x->out->score, p);
  clear(x->out->raw, p);
  clear(x->out->information, x->n_order * p * p);
  if (x->n_order > 1) clear(x->out->score_g, p);
}

/* Adds the sums by pattern, and completes log likelihood, score and lower triangles.
 * whole: 1 if the sums by pattern already have the factor r */
static osv_status finish(osv_cox_computation *x, const double *gamma, int whole) {
  const osv_cox_cells *const c = x->scan.cells;
  const size_t p = x->p;
  for (size_t k = 0; (c->pattern || whole) && k < c->n_pattern; k++) {
    if (osv_cox_scan_stops(&x->scan, 1)) return OSV_EINTR;
    add_outer(x, x->weight + k * x->n_order, whole || x->scan.wide ? 1.0 : x->scan.r[k],
              osv_cox_scan_z(&x->scan, k));
  }
  *x->out->loglik -= log(x->product) + x->log_unit;
  for (size_t i = 0; c->offset && i < c->n; i++)
    if (c->event[i])
      *x->out->loglik += osv_cox_size(c, i) * c->offset[osv_cox_pattern(c, i)];
  for (size_t a = 0; a < p; a++) { /* so far the score is a sum over events */
    *x->out->loglik += gamma[a] * x->out->score[a];
    x->out->score[a] -= x->mean[a];
  }
  for (size_t k = 0; k < x->n_order; k++) {
    double *const m = x->out->information + k * p * p;
    for (size_t a = 0; a < p; a++)
      for (size_t b = 0; b < a; b++) m[a * p + b] = m[b * p + a];
  }
  return OSV_OK;
}

/* Scans all strata backwards and then forwards */
static osv_status two_ways(osv_cox_computation *x) {
  const osv_cox_cells *const c = x->scan.cells;
  osv_status status = go_backward(x);
  size_t late = 0;
  for (size_t s = 0; s < c->n_stratum && status == OSV_OK; s++) {
    const size_t first = s ? c->stratum_end[s - 1] : 0;
    status = go_forward(x, first, c->stratum_end[s], &late);
  }
  return status;
}

/* Log likelihood l, score U and information I of a Cox model at coefficients gamma [p] of
 * the scaled covariates z.
 *
 * in   cells  see osv_cox_cells
 *      g      NULL, or for osv_cox_ph() the values of a function of time, by rank
 * work osv_cox_sums_work() doubles
 * out  loglik; score [p]; information [p * p] of order 0, with g [3 * p * p]; raw [p],
 *      the diagonal of I before the squares of means are subtracted; with g also score_g
 *      [p]
 * r is exp(z'gamma), or exp(z'gamma + offset). S0 and S1 are the sums of r and r z over
 * the risk set of a time, and E0 and E1 those over its d events. A time contributes the
 * factors l = 0 .. d - 1 to the partial likelihood, with f = l / d (Breslow: 0):
 *   D = S0 - f E0,   m = (S1 - f E1) / D,
 *   l = sum z_e'gamma - sum log D,   U = sum z_e - sum m,
 *   I = sum_i w_i r_i z_i z_i' - sum m m'.
 * The sums with z_e are over events. w_i is the cumulative hazard of subject i: the sum
 * of 1 / D over the times at risk, of (1 - f) / D at the time of its own event. With
 * sampling weights z_e is multiplied by the weight of the event, and each factor by the
 * mean weight of the events. The order k = 1, 2 weights each time by g^k.
 * I is a sum over subjects, so that no time needs its own sum of r z z'. There are two
 * faster algorithms: with few covariates the sums of r z z' cost less than the second
 * scan, see osv_cox_by_row(); with few patterns the numbers at risk in each are enough,
 * also for delayed entries and hazards far apart, see osv_cox_by_pattern().
 * Efron 1977, Breslow 1974. OSV_EDOMAIN: see go_backward(); OSV_EINTR.
 * Cost O(cells p + event times p^2 + patterns p^2).
 */
osv_status osv_cox_sums(const osv_cox_cells *cells, const double *gamma,
                        const osv_poll *poll, double *work, const osv_cox_sums_out *out) {
  osv_cox_computation x = {.out = out, .p = cells->p, .n_order = out->g ? ORDERS : 1};
  const int by_row = osv_cox_suits_rows(cells);
  const int few = !by_row && osv_cox_suits_patterns(cells);
  const int may = osv_cox_may_recompute(cells);
  osv_status status =
      osv_cox_scan_open_wide(&x.scan, cells, gamma, poll, work, few || may);
  if (status != OSV_OK) return status;
  const int by_pattern = few || (may && x.scan.spread > FAR);
  start(&x, work + osv_cox_scan_work(cells), by_pattern || cells->pattern);
  status = by_row       ? osv_cox_by_row(&x)
           : by_pattern ? osv_cox_by_pattern(&x)
                        : two_ways(&x);
  return status == OSV_OK ? finish(&x, gamma, by_pattern) : status;
}
