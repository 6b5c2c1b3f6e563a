/* osv_cox_rows - osv_cox_sums() for rows with few covariates each, in one backward
 * scan. */
#include "osv_cox_ways.h"

/* Compilers specialise the functions below for each number of covariates up to 6; not for
 * a count of the branches that tests take, in which each stands once. */
#if defined(__GNUC__) && !defined(OSV_ONE_COPY)
#define FOR_EACH_NUMBER __attribute__((always_inline))
#else
#define FOR_EACH_NUMBER
#endif

enum { COLUMNS = OSV_COX_FEW_COLUMNS, PAIRS = COLUMNS * (COLUMNS + 1) / 2 };

/* Sums over the risk set of r z and r z z', and the results. s2 and information are
 * stored as upper triangles. */
typedef struct {
  double s1[COLUMNS], s2[PAIRS], e1[COLUMNS];
  double score[COLUMNS], score_g[COLUMNS], mean[COLUMNS], raw[COLUMNS];
  double information[OSV_COX_ORDERS][PAIRS];
} row_sums;

/* Returns 1 if this algorithm suits the cells. Without delayed entry nothing is
 * subtracted from the sums of r z z', so they keep their accuracy. With few covariates
 * they cost less than a second scan. */
int osv_cox_suits_rows(const osv_cox_cells *cells) {
  return !cells->pattern && !cells->start && cells->p <= COLUMNS;
}

static inline FOR_EACH_NUMBER void read_row(const osv_cox_cells *c, size_t p, size_t row,
                                            double *restrict z) {
  OSV_NO_LOOP
  for (size_t a = 0; a < p; a++) z[a] = (c->x[a][row] - c->centre[a]) * c->scale[a];
}

static inline FOR_EACH_NUMBER void add_row(row_sums *restrict s, size_t p, double r,
                                           const double *restrict z) {
  size_t pair = 0;
  OSV_NO_LOOP
  for (size_t a = 0; a < p; a++) {
    const double rz = r * z[a];
    s->s1[a] += rz;
    OSV_NO_LOOP
    for (size_t b = a; b < p; b++) s->s2[pair++] += rz * z[b];
  }
}

/* Makes e^eta the unit of the sums if it is larger than the current unit */
static void widen(osv_cox_scan *scan, row_sums *s, double eta) {
  const size_t p = scan->cells->p;
  if (!(eta > scan->top)) return;
  const double by = exp(scan->top - eta);
  scan->top = eta;
  scan->s0 *= by;
  for (size_t a = 0; a < p; a++) s->s1[a] *= by;
  for (size_t k = 0; k < p * (p + 1) / 2; k++) s->s2[k] *= by;
}

/* Sums r z over the tied events of a time */
static void sum_tied(const osv_cox_scan *scan, row_sums *s, size_t from, size_t to) {
  const osv_cox_cells *const c = scan->cells;
  for (size_t a = 0; a < c->p; a++) s->e1[a] = 0.0;
  for (size_t row = to; row-- > from;) {
    if (!c->event[row]) continue;
    const double r = osv_cox_size(c, row) * osv_cox_scan_r(scan, row);
    for (size_t a = 0; a < c->p; a++)
      s->e1[a] += r * ((c->x[a][row] - c->centre[a]) * c->scale[a]);
  }
}

/* Subtracts from the information the part of the hazard to which Efron's rule does not
 * expose the tied events of a time */
static inline FOR_EACH_NUMBER void subtract_tied(const osv_cox_computation *x,
                                                 row_sums *s, size_t p, size_t from,
                                                 size_t to, const osv_cox_tie *tie,
                                                 const double *by) {
  const osv_cox_cells *const c = x->scan.cells;
  double z[COLUMNS];
  for (size_t row = to; row-- > from;) {
    if (!c->event[row]) continue;
    const double r = osv_cox_size(c, row) * osv_cox_scan_r(&x->scan, row);
    read_row(c, p, row, z);
    for (size_t k = 0; k < x->n_order; k++) {
      size_t pair = 0;
      for (size_t a = 0; a < p; a++) {
        const double less = by[k] * tie->a[1] * r * z[a];
        if (k == 0) s->raw[a] -= less * z[a];
        for (size_t b = a; b < p; b++) s->information[k][pair++] -= less * z[b];
      }
    }
  }
}

/* Adds the factors of a time. `by`: the weights of the orders, 1, g and g^2 */
static inline FOR_EACH_NUMBER void add_factors(osv_cox_computation *x, row_sums *s,
                                               size_t p, const osv_cox_tie *tie, int tied,
                                               const double *by) {
  double m[COLUMNS], half[COLUMNS];
  size_t pair = 0;
  OSV_NO_LOOP
  for (size_t a = 0; a < p; a++) {
    m[a] = s->s1[a] * tie->a[0] - (tied ? s->e1[a] * tie->a[1] : 0.0);
    s->mean[a] += m[a];
    if (x->n_order > 1) s->score_g[a] -= by[1] * m[a];
    half[a] = tie->b[0] * s->s1[a] - (tied ? tie->b[1] * s->e1[a] : 0.0);
  }
  OSV_NO_LOOP
  for (size_t a = 0; a < p; a++) {
    const double of_e = tied ? tie->b[2] * s->e1[a] - tie->b[1] * s->s1[a] : 0.0;
    s->raw[a] += tie->a[0] * s->s2[pair];
    OSV_NO_LOOP
    for (size_t b = a; b < p; b++, pair++) {
      double v = tie->a[0] * s->s2[pair] - half[a] * s->s1[b];
      if (tied) v -= of_e * s->e1[b];
      s->information[0][pair] += v;
      if (x->n_order == 1) continue;
      s->information[1][pair] += by[1] * v;
      s->information[2][pair] += by[2] * v;
    }
  }
}

/* Adds the factors of the time of the rows from, ..., to - 1 */
static inline FOR_EACH_NUMBER osv_status end_time(osv_cox_computation *x, row_sums *s,
                                                  size_t p, size_t from, size_t to) {
  osv_cox_scan *const scan = &x->scan;
  const osv_cox_cells *const c = scan->cells;
  const double g = x->out->g ? x->out->g[c->time[from]] : 1.0, by[] = {1.0, g, g * g};
  const int tied = c->efron && scan->d > 1.0;
  scan->mean_weight = c->sampled ? scan->mean_weight / scan->d : 1.0;
  if (osv_cox_is_lost(x)) return OSV_EDOMAIN;
  const osv_cox_tie tie = osv_cox_new_tie(x);
  if (tied) {
    sum_tied(scan, s, from, to);
    add_factors(x, s, p, &tie, 1, by);
    subtract_tied(x, s, p, from, to, &tie, by);
  } else {
    add_factors(x, s, p, &tie, 0, by);
  }
  return OSV_OK;
}

static inline FOR_EACH_NUMBER osv_status read_stratum(osv_cox_computation *x, row_sums *s,
                                                      size_t p, size_t first,
                                                      size_t end) {
  osv_cox_scan *const scan = &x->scan;
  const osv_cox_cells *const c = scan->cells;
  for (size_t from; end > first; end = from) {
    const int t = c->time[end - 1];
    const double g = x->out->g ? x->out->g[t] : 1.0;
    from = end;
    scan->d = scan->e0 = scan->mean_weight = 0.0;
    for (size_t i = end; scan->wide && i > first && c->time[i - 1] == t; i--)
      widen(scan, s, scan->r[i - 1]);
    while (from > first && c->time[from - 1] == t) {
      double z[COLUMNS];
      const double size = osv_cox_size(c, --from);
      const double r = size * osv_cox_scan_r(scan, from);
      read_row(c, p, from, z);
      scan->s0 += r;
      add_row(s, p, r, z);
      if (!c->event[from]) continue;
      scan->d += osv_cox_events(c, from);
      scan->mean_weight += size;
      scan->e0 += r;
      OSV_NO_LOOP
      for (size_t a = 0; a < p; a++) s->score[a] += size * z[a];
      if (x->n_order == 1) continue;
      OSV_NO_LOOP
      for (size_t a = 0; a < p; a++) s->score_g[a] += g * size * z[a];
    }
    if (osv_cox_scan_stops(scan, end - from)) return OSV_EINTR;
    const osv_status status = scan->d > 0.0 ? end_time(x, s, p, from, end) : OSV_OK;
    if (status != OSV_OK) return status;
  }
  return OSV_OK;
}

static osv_status read_rows(osv_cox_computation *x, row_sums *s, size_t first,
                            size_t end) {
  switch (x->p) {
    case 1:
      return read_stratum(x, s, 1, first, end);
    case 2:
      return read_stratum(x, s, 2, first, end);
    case 3:
      return read_stratum(x, s, 3, first, end);
    case 4:
      return read_stratum(x, s, 4, first, end);
    case 5:
      return read_stratum(x, s, 5, first, end);
    case 6:
      return read_stratum(x, s, 6, first, end);
    default:
      return read_stratum(x, s, x->p, first, end);
  }
}

/* osv_cox_sums() for cells that osv_cox_suits_rows() accepts. The information is written
 * as its upper triangle. Status: as go_backward() of osv_cox_sums.c.
 * With S2 the sum of r z z' over the risk set and E2 that over the events, a factor adds
 * (S2 - f E2) / D - m m' to the information.
 * Cost O((rows + event times) p^2), and no memory. */
osv_status osv_cox_by_row(osv_cox_computation *x) {
  const osv_cox_cells *const c = x->scan.cells;
  row_sums s = {{0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {0.0}, {{0.0}}};
  for (size_t stratum = c->n_stratum; stratum-- > 0;) {
    const size_t first = stratum ? c->stratum_end[stratum - 1] : 0;
    osv_cox_scan_stratum(&x->scan, c->stratum_end[stratum]);
    for (size_t a = 0; a < c->p; a++) s.s1[a] = 0.0;
    for (size_t k = 0; k < c->p * (c->p + 1) / 2; k++) s.s2[k] = 0.0;
    const osv_status status = read_rows(x, &s, first, c->stratum_end[stratum]);
    if (status != OSV_OK) return status;
  }
  const osv_cox_sums_out *const out = x->out;
  size_t pair = 0;
  for (size_t a = 0; a < c->p; a++) {
    out->score[a] = s.score[a];
    out->raw[a] = s.raw[a];
    x->mean[a] = s.mean[a];
    if (x->n_order > 1) out->score_g[a] = s.score_g[a];
    for (size_t b = a; b < c->p; b++, pair++)
      for (size_t k = 0; k < x->n_order; k++)
        out->information[(k * c->p + a) * c->p + b] = s.information[k][pair];
  }
  return OSV_OK;
}
