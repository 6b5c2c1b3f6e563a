/* osv_cox_patterns - osv_cox_sums() for data with few covariate patterns, computed from
 * the number at risk in each pattern. */
#include "osv_cox_ways.h"
#include <string.h>

/* Numbers that the processor adds or multiplies at once; a compiler that has no such
 * type gives the same results one by one */
#ifdef __GNUC__
typedef double lane __attribute__((vector_size(16), aligned(8), may_alias));
#else
typedef double lane;
#endif
static const lane none = {0.0};

/* Sums over patterns are kept in this many independent partial sums, so that no addition
 * waits for the previous one. */
enum { LANES = 8, STEPS = LANES / (sizeof(lane) / sizeof(double)) };

/* Largest n^2 for osv_cox_may_recompute(); each evaluation then takes a second or two */
static const double MOST_SUMS = 1e9;

/* Arrays [n] by pattern, padded with zeros to a multiple of LANES */
typedef struct {
  osv_cox_computation *x;
  size_t n;
  double *at_risk;        /* number of subjects, or sum of their weights */
  double *quiet, *events; /* those who were read since the last event time and are not
                           * yet in at_risk, without events and with the events of this
                           * time */
  double *unit;           /* exp(z'gamma - top) */
  double *risk, *leaving; /* at_risk and events times unit */
  double *left;           /* [2 * n] sums of events, and of events times g */
  double *column;         /* [p * n] covariates, by column */
} pattern_sums;

static size_t padded(size_t n) {
  return (n + LANES - 1) / LANES * LANES;
}

/* Returns 1 if this algorithm suits the cells. It takes one operation per pattern at each
 * event time, which must not be more than a few operations per cell. The number of times
 * is bounded by the largest rank. Sampling weights with delayed entry are excluded,
 * because after entries are removed their sum is not exactly 0. */
int osv_cox_suits_patterns(const osv_cox_cells *cells) {
  if (!cells->pattern || (cells->start && cells->sampled)) return 0;
  double times = 0.0;
  for (size_t s = 0, first = 0; s < cells->n_stratum; first = cells->stratum_end[s++]) {
    const size_t end = cells->stratum_end[s];
    if (end > first) times += fmin((double)(end - first), cells->time[end - 1] + 1.0);
  }
  return times * (double)cells->n_pattern <= 4.0 * (double)cells->n;
}

/* With delayed entry, returns 1 if the sums over the risk set may be recomputed at each
 * time, with each row as a pattern of its own. This is needed if a term that is
 * subtracted from a sum is so much larger than the rest that two doubles do not hold
 * both. */
int osv_cox_may_recompute(const osv_cox_cells *cells) {
  return cells->start && !cells->pattern &&
         (double)cells->n * (double)cells->n <= MOST_SUMS;
}

/* Number of doubles of scratch that osv_cox_by_pattern() needs */
size_t osv_cox_by_pattern_work(const osv_cox_cells *cells, int with_g) {
  const size_t n_order = with_g ? OSV_COX_ORDERS : 1;
  return (8 + n_order + cells->p) * padded(cells->n_pattern);
}

/* The lanes from x[k] on */
static inline lane *lanes(double *x, size_t k) {
  return (lane *)(x + k);
}

static inline double total(const lane *lanes_of_sum) {
  double sum[LANES];
  memcpy(sum, lanes_of_sum, sizeof sum);
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
         ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

static double sum_of(const pattern_sums *s, double *x) {
  lane sum[STEPS] = {{0.0}};
  for (size_t k = 0; k < s->n; k += LANES) {
    OSV_NO_LOOP
    for (size_t i = 0; i < STEPS; i++) sum[i] += lanes(x, k)[i];
  }
  return total(sum);
}

/* Sums of a column of covariates, times the relative hazards, over those at risk and over
 * events */
static void sum_column(const pattern_sums *s, size_t a) {
  lane s1[STEPS] = {{0.0}}, e1[STEPS] = {{0.0}};
  for (size_t k = 0; k < s->n; k += LANES) {
    const lane *const z = lanes(s->column, a * s->n + k);
    const lane *const risk = lanes(s->risk, k), *const leaving = lanes(s->leaving, k);
    OSV_NO_LOOP
    for (size_t i = 0; i < STEPS; i++) {
      s1[i] += risk[i] * z[i];
      e1[i] += leaving[i] * z[i];
    }
  }
  s->x->scan.s1[a] = total(s1);
  s->x->scan.e1[a] = total(e1);
}

/* The sums of the scan, from the numbers at risk and the numbers of events */
static void sum_patterns(pattern_sums *s) {
  osv_cox_scan *const scan = &s->x->scan;
  const size_t n = scan->cells->n_pattern;
  for (size_t k = 0; k < s->n; k += LANES) {
    lane *const at_risk = lanes(s->at_risk, k), *const quiet = lanes(s->quiet, k);
    const lane *const events = lanes(s->events, k);
    OSV_NO_LOOP
    for (size_t i = 0; i < STEPS; i++) {
      at_risk[i] += quiet[i] + events[i];
      quiet[i] = none;
    }
  }
  if (scan->wide) { /* the unit is the largest relative hazard at risk */
    double top = -INFINITY;
    for (size_t k = 0; k < n; k++)
      if (s->at_risk[k] > 0.0 && scan->r[k] > top) top = scan->r[k];
    for (size_t k = 0; top != scan->top && k < n; k++)
      s->unit[k] = s->at_risk[k] > 0.0 || scan->r[k] <= top ? exp(scan->r[k] - top) : 0.0;
    scan->top = top;
  }
  lane s0[STEPS] = {{0.0}}, e0[STEPS] = {{0.0}};
  for (size_t k = 0; k < s->n; k += LANES) {
    lane *const risk = lanes(s->risk, k), *const leaving = lanes(s->leaving, k);
    const lane *const at_risk = lanes(s->at_risk, k), *const unit = lanes(s->unit, k);
    const lane *const events = lanes(s->events, k);
    OSV_NO_LOOP
    for (size_t i = 0; i < STEPS; i++) {
      s0[i] += risk[i] = at_risk[i] * unit[i];
      e0[i] += leaving[i] = events[i] * unit[i];
    }
  }
  scan->s0 = total(s0);
  scan->e0 = total(e0);
  for (size_t a = 0; a < s->x->p; a++) sum_column(s, a);
}

/* Adds the covariates of all events to the scores */
static void add_events(const pattern_sums *s) {
  const osv_cox_sums_out *const out = s->x->out;
  for (size_t a = 0; a < s->x->p; a++)
    for (size_t k = 0; k < s->n; k++) {
      out->score[a] += s->left[k] * s->column[a * s->n + k];
      if (out->g) out->score_g[a] += s->left[s->n + k] * s->column[a * s->n + k];
    }
}

/* Adds the factors of a time. The weight of each pattern increases by the hazard of its
 * subjects at risk. */
static osv_status end_time(pattern_sums *s, double g) {
  osv_cox_computation *const x = s->x;
  sum_patterns(s);
  if (osv_cox_is_lost(x)) return OSV_EDOMAIN;
  const osv_cox_tie tie = osv_cox_add_time(x, g);
  const int tied = x->scan.cells->efron && x->scan.d > 1.0;
  double by = 1.0;
  for (size_t order = 0; order < x->n_order; order++, by *= g) {
    const double more = by * tie.a[0], less = tied ? by * tie.a[1] : 0.0;
    for (size_t k = 0; k < s->n; k += LANES) {
      lane *const weight = lanes(x->pass, order * s->n + k);
      const lane *const risk = lanes(s->risk, k), *const leaving = lanes(s->leaving, k);
      OSV_NO_LOOP
      for (size_t i = 0; i < STEPS; i++) weight[i] += more * risk[i] - less * leaving[i];
    }
  }
  for (size_t k = 0; k < s->n; k += LANES) {
    lane *const left = lanes(s->left, k), *const left_g = lanes(s->left, s->n + k);
    lane *const events = lanes(s->events, k);
    OSV_NO_LOOP
    for (size_t i = 0; i < STEPS; i++) {
      left[i] += events[i];
      left_g[i] += g * events[i];
      events[i] = none;
    }
  }
  return OSV_OK;
}

/* Reads the cells of the time that ends before the cell `end`, and returns the first of
 * them. Whether a cell has events decides where it is added, without a branch, because it
 * could not be predicted. */
static size_t read_time(pattern_sums *s, size_t first, size_t end) {
  osv_cox_scan *const scan = &s->x->scan;
  const osv_cox_cells *const c = scan->cells;
  const int t = c->time[end - 1];
  double *const to[] = {s->quiet, s->events};
  size_t from = end, with_events = 0;
  do {
    const size_t k = osv_cox_pattern(c, --from), event = c->event[from] != 0;
    to[event][k] += osv_cox_size(c, from);
    with_events += event;
  } while (from > first && c->time[from - 1] == t);
  const double sum = with_events ? sum_of(s, s->events) : 0.0;
  scan->d = c->sampled ? (double)with_events : sum;
  scan->mean_weight = c->sampled && with_events ? sum / scan->d : 1.0;
  return from;
}

static osv_status read_stratum(pattern_sums *s, size_t first, size_t end) {
  osv_cox_scan *const scan = &s->x->scan;
  const osv_cox_cells *const c = scan->cells;
  for (size_t k = 0; k < s->n; k++) s->at_risk[k] = s->quiet[k] = 0.0;
  for (size_t from; end > first; end = from) {
    const int t = c->time[end - 1];
    for (; c->start && scan->late > 0; scan->late--) { /* remove late starts */
      const size_t cell = (size_t)c->by_start[scan->late - 1];
      if (cell < first || c->start[cell] < t) break;
      s->at_risk[osv_cox_pattern(c, cell)] -= osv_cox_size(c, cell);
    }
    from = read_time(s, first, end);
    if (osv_cox_scan_stops(scan, end - from + (scan->d > 0.0 ? s->n : 0)))
      return OSV_EINTR;
    if (scan->d == 0.0) continue;
    const osv_status status = end_time(s, s->x->out->g ? s->x->out->g[t] : 1.0);
    if (status != OSV_OK) return status;
  }
  return OSV_OK;
}

static pattern_sums new_sums(osv_cox_computation *x) {
  osv_cox_scan *const scan = &x->scan;
  const size_t p = x->p, n = padded(scan->cells->n_pattern);
  pattern_sums s = {.x = x, .n = n};
  s.at_risk = x->pass + x->n_order * n;
  s.quiet = s.at_risk + n;
  s.events = s.quiet + n;
  s.unit = s.events + n;
  s.risk = s.unit + n;
  s.leaving = s.risk + n;
  s.left = s.leaving + n;
  s.column = s.left + 2 * n;
  const size_t all = osv_cox_by_pattern_work(scan->cells, x->n_order > 1);
  for (size_t k = 0; k < all; k++) x->pass[k] = 0.0;
  for (size_t a = 0; a < p; a++) scan->x1[a] = 0.0; /* see add_events() */
  for (size_t k = 0; k < scan->cells->n_pattern; k++) {
    s.unit[k] = scan->wide ? 0.0 : scan->r[k];
    const double *const z = osv_cox_scan_z(scan, k);
    for (size_t a = 0; a < p; a++) s.column[a * n + k] = z[a];
  }
  return s;
}

/* osv_cox_sums() for cells that osv_cox_suits_patterns() accepts. Also writes to
 * x->weight, by pattern, the sum of r times the cumulative hazard of its subjects while
 * at risk. Status: as go_backward() of osv_cox_sums.c.
 * Numbers at risk are whole numbers, so removing delayed entries is exact.
 * Cost O(cells + event times (patterns + p) p). */
osv_status osv_cox_by_pattern(osv_cox_computation *x) {
  const osv_cox_cells *const c = x->scan.cells;
  pattern_sums s = new_sums(x);
  for (size_t stratum = c->n_stratum; stratum-- > 0;) {
    const size_t first = stratum ? c->stratum_end[stratum - 1] : 0;
    osv_cox_scan_stratum(&x->scan, c->stratum_end[stratum]);
    const osv_status status = read_stratum(&s, first, c->stratum_end[stratum]);
    if (status != OSV_OK) return status;
  }
  add_events(&s);
  for (size_t k = 0; k < c->n_pattern; k++)
    for (size_t order = 0; order < x->n_order; order++)
      x->weight[k * x->n_order + order] = x->pass[order * s.n + k];
  return OSV_OK;
}
