/* osv_cluster - standard errors of curves in which rows of the same id may be
 * dependent. */
#include "osv_core.h"
#include "osv_counts.h"
#include "osv_dd.h"

/* Offsets of the values stored for each id, see osv_cluster_aj(). ROWS: number of its
 * rows at risk. Y: their weight y. EVENT: its mean weight before a time at which it has
 * an event, else 0. Then b and p_1, p_2, ..., two doubles each. */
enum { ROWS = 0, Y = 1, EVENT = 2, B = 3, P = 5 };

/* Offsets of the values stored for each cause, two doubles each: F, H, and the sums over
 * ids of p p, p b and p y. MOST_PP: the largest sum of p p so far. */
enum { CIF = 0, H = 2, PP = 4, PB = 6, PY = 8, MOST_PP = 10, PER_CAUSE = 11 };

/* Number of doubles of scratch that osv_cluster_aj() needs */
size_t osv_cluster_work(size_t n_id, int n_cause) {
  return n_id * (P + 2 * (size_t)n_cause) + PER_CAUSE * (size_t)n_cause;
}

/* *x += f a b */
static void add_product(double *x, osv_dd a, osv_dd b, double f) {
  osv_dd_store(x, osv_dd_add(osv_dd_load(x), osv_dd_scale(osv_dd_mul(a, b), f)));
}

/* State of a sweep along a curve; see osv_cluster_aj() for the symbols */
typedef struct {
  size_t n_cause, stride; /* stride: number of doubles of one id */
  double *id;
  osv_dd surv, g;
  double yy[2], by[2], bb[2]; /* sums over ids of y y, b y, b b */
  double most_yy, most_bb;    /* their largest values so far */
  double *cause;
  int kish;                    /* 1: the effective number of ids uses the weights */
  double weight[2], square[2]; /* sums over ids at risk, of the mean weight and of its
                                * square */
} influence;

/* Adds an id to the ids at risk, from which the effective number is computed. With f = -1
 * removes it. */
static void add_effective(influence *s, const double *id, double f) {
  if (!(id[ROWS] > 0.0)) return;
  const osv_dd w = {s->kish ? id[Y] / id[ROWS] : 1.0, 0.0};
  osv_dd_store(s->weight, osv_dd_add(osv_dd_load(s->weight), osv_dd_scale(w, f)));
  add_product(s->square, w, w, f);
}

/* Kish's effective number of the ids at risk after some ids have left. `weight` and
 * `square` are the sums of their weights and of the squared weights. ids: number of ids
 * that remain. */
static double effective_ids(const influence *s, double weight, double square,
                            double ids) {
  if (!(ids > 0.0)) return 0.0;
  const double w = osv_dd_add(osv_dd_load(s->weight), (osv_dd){-weight, 0.0}).hi;
  const double q = osv_dd_add(osv_dd_load(s->square), (osv_dd){-square, 0.0}).hi;
  const double n = q > 0.0 ? w * w / q : ids;
  return n < 1.0 ? 1.0 : n > ids ? ids : n;
}

/* Adds the products of one id to the sums over ids, f times. A sum that returns to 0 as
 * ids leave still has the rounding error of its largest value. */
static void add_id(influence *s, const double *id, double f) {
  const osv_dd y = {id[Y], 0.0}, b = osv_dd_load(id + B);
  add_product(s->yy, y, y, f);
  add_product(s->by, b, y, f);
  add_product(s->bb, b, b, f);
  for (size_t k = 0; k < s->n_cause; k++) {
    double *const x = s->cause + PER_CAUSE * k;
    const osv_dd p = osv_dd_load(id + P + 2 * k);
    add_product(x + PP, p, p, f);
    add_product(x + PB, p, b, f);
    add_product(x + PY, p, y, f);
    x[MOST_PP] = fmax(x[MOST_PP], x[PP]);
  }
  s->most_yy = fmax(s->most_yy, s->yy[0]);
  s->most_bb = fmax(s->most_bb, s->bb[0]);
}

/* Advances F, H, g and S past time j. Value: S(t-) / n, which an event adds to p */
static osv_dd move_curves(influence *s, const osv_counts *counts, size_t j, double d) {
  const double n = counts->n_risk[j], left = n - d;
  const osv_dd jump = osv_dd_mul(s->surv, osv_dd_ratio(1.0, n));
  const osv_dd slope = osv_dd_add(s->g, osv_dd_ratio(-1.0, n));
  for (size_t k = 0; k < s->n_cause; k++) {
    double *const x = s->cause + PER_CAUSE * k;
    const osv_dd rise = osv_dd_scale(jump, counts->n_event[k * counts->stride + j]);
    osv_dd_store(x + CIF, osv_dd_add(osv_dd_load(x + CIF), rise));
    osv_dd_store(x + H, osv_dd_add(osv_dd_load(x + H), osv_dd_mul(rise, slope)));
  }
  if (left > 0.0)
    s->g = osv_dd_add(s->g, osv_dd_mul(osv_dd_ratio(d, n), osv_dd_ratio(1.0, left)));
  s->surv = osv_dd_mul(s->surv, osv_dd_ratio(left, n));
  return jump;
}

/* Removes rows of total weight w of an id from the risk set; w < 0 adds them. A change of
 * y must not change E and D of the id, so b is increased by w g, and p by w (H - g F).
 * own: the change of E / S per unit of weight, if the row leaves with an event; it is
 * added to g. */
static void move_rows(influence *s, double *id, double w, osv_dd own) {
  const osv_dd change = osv_dd_scale(osv_dd_add(s->g, own), w),
               back = osv_dd_scale(change, -1.0);
  osv_dd_store(id + B, osv_dd_add(osv_dd_load(id + B), change));
  id[Y] = id[ROWS] > 0.0 ? id[Y] - w : 0.0;
  for (size_t k = 0; k < s->n_cause; k++) {
    const double *const x = s->cause + PER_CAUSE * k;
    const osv_dd turn = osv_dd_add(osv_dd_mul(back, osv_dd_load(x + CIF)),
                                   osv_dd_scale(osv_dd_load(x + H), w));
    double *const p = id + P + 2 * k;
    osv_dd_store(p, osv_dd_add(osv_dd_load(p), turn));
  }
}

/* Removes a row of weight w of an id, which leaves with this status. jump: the value of
 * move_curves(). left: the number at risk after the events of the time. If left is 0, S
 * is 0 and E is 0 for any b and y. */
static void leave(influence *s, double *id, int status, double w, osv_dd jump,
                  double left) {
  add_id(s, id, -1.0);
  add_effective(s, id, -1.0);
  id[ROWS] -= 1.0;
  move_rows(s, id, w,
            status && left > 0.0 ? osv_dd_ratio(-1.0, left) : (osv_dd){0.0, 0.0});
  if (status) {
    double *const p = id + P + 2 * ((size_t)status - 1);
    osv_dd_store(p, osv_dd_add(osv_dd_load(p), osv_dd_scale(jump, w)));
  }
  add_id(s, id, 1.0);
  add_effective(s, id, 1.0);
}

static void enter(influence *s, double *id, double w) {
  add_id(s, id, -1.0);
  add_effective(s, id, -1.0);
  id[ROWS] += 1.0;
  move_rows(s, id, -w, (osv_dd){0.0, 0.0});
  add_id(s, id, 1.0);
  add_effective(s, id, 1.0);
}

/* Sum over ids of (p + b F + y H)^2; 0 if only rounding error remains */
static double sum_squares(const influence *s, size_t k) {
  const double *const x = s->cause + PER_CAUSE * k;
  const osv_dd f = osv_dd_load(x + CIF), h = osv_dd_load(x + H);
  osv_dd sum = osv_dd_load(x + PP);
  sum = osv_dd_add(sum, osv_dd_mul(osv_dd_mul(f, f), osv_dd_load(s->bb)));
  sum = osv_dd_add(sum, osv_dd_mul(osv_dd_mul(h, h), osv_dd_load(s->yy)));
  const double most = x[MOST_PP] + f.hi * f.hi * s->most_bb + h.hi * h.hi * s->most_yy;
  sum = osv_dd_add(sum, osv_dd_scale(osv_dd_mul(f, osv_dd_load(x + PB)), 2.0));
  sum = osv_dd_add(sum, osv_dd_scale(osv_dd_mul(h, osv_dd_load(x + PY)), 2.0));
  sum = osv_dd_add(sum,
                   osv_dd_scale(osv_dd_mul(osv_dd_mul(f, h), osv_dd_load(s->by)), 2.0));
  return sum.hi > 1e-24 * most ? sum.hi : 0.0;
}

/* Starts with all rows of a curve at risk, or with none under left truncation; value: the
 * number of distinct ids */
static double start_ids(influence *s, const osv_table *table, size_t curve,
                        const int *id) {
  const size_t lo = (size_t)table->start[curve], hi = (size_t)table->start[curve + 1];
  double n_id = 0.0;
  for (size_t i = lo; i < hi; i++) {
    double *const x = s->id + s->stride * (size_t)(id[i] - 1);
    for (size_t l = 0; l < s->stride; l++) x[l] = 0.0;
  }
  for (size_t i = lo; i < hi; i++) {
    double *const x = s->id + s->stride * (size_t)(id[i] - 1);
    const double w = osv_row_n(table, i);
    n_id += x[ROWS] == 0.0;
    add_effective(s, x, -1.0);
    x[ROWS] += 1.0;
    const osv_dd rise = osv_dd_mul((osv_dd){w, 0.0}, (osv_dd){2.0 * x[Y] + w, 0.0});
    osv_dd_store(s->yy, osv_dd_add(osv_dd_load(s->yy), rise));
    x[Y] += w;
    add_effective(s, x, 1.0);
  }
  if (!table->entry_time) return n_id;
  osv_dd_store(s->yy, (osv_dd){0.0, 0.0});
  osv_dd_store(s->weight, (osv_dd){0.0, 0.0});
  osv_dd_store(s->square, (osv_dd){0.0, 0.0});
  for (size_t i = lo; i < hi; i++) {
    double *const x = s->id + s->stride * (size_t)(id[i] - 1);
    x[ROWS] = x[Y] = 0.0;
  }
  return n_id;
}

/* The delayed entries of a curve that are still to come, and the number of ids at risk */
typedef struct {
  const osv_cluster_rows *rows;
  size_t next, end;
  double n_id;
} entries;

static entries start_entries(const osv_cluster_rows *rows, size_t curve, double n_id) {
  entries x = {.rows = rows, .n_id = n_id};
  if (!rows->entry_row) return x;
  x.next = (size_t)rows->table->entry_start[curve];
  x.end = (size_t)rows->table->entry_start[curve + 1];
  x.n_id = 0.0;
  return x;
}

/* Adds the rows that enter before t, or with `at` those that enter at t or before */
static void add_entries(influence *s, entries *x, double t, int at) {
  for (; x->next < x->end; x->next++) {
    const double time = x->rows->table->entry_time[x->next];
    if (!(time < t || (at && time == t))) return;
    const size_t row = (size_t)x->rows->entry_row[x->next] - 1;
    double *const id = s->id + s->stride * (size_t)(x->rows->id[row] - 1);
    enter(s, id, osv_row_n(x->rows->table, row));
    x->n_id += id[ROWS] == 1.0;
  }
}

/* Effective number of ids that are not yet censored: `path` is its value at the current
 * time, which delayed entries may increase; `least` is its minimum so far. */
typedef struct {
  double path, least;
} kept_ids;

static void move_kept(kept_ids *x, double from, double to) {
  if (from > 0.0) x->path *= to / from;
  if (x->path < x->least) x->least = x->path;
}

/* Stores the mean weight of the id of row i before the id leaves with an event */
static void mark_event(influence *s, const osv_cluster_rows *rows, size_t i) {
  double *const x = s->id + s->stride * (size_t)(rows->id[i] - 1);
  if (rows->table->status[i]) x[EVENT] = s->kish ? x[Y] / x[ROWS] : 1.0;
}

/* The ids that leave with an event at a time: their number, the sum of their mean weights
 * and the sum of the squares. An id with another row that continues at this time, because
 * its follow-up is split there, has not left. */
typedef struct {
  double n, weight, square;
} gone_ids;

static gone_ids count_gone(influence *s, const osv_cluster_rows *rows, size_t from,
                           size_t to) {
  gone_ids gone = {0.0, 0.0, 0.0};
  for (size_t i = from; i < to; i++) {
    double *const x = s->id + s->stride * (size_t)(rows->id[i] - 1);
    if (x[EVENT] > 0.0 && x[ROWS] == 0.0) {
      gone.n += 1.0;
      gone.weight += x[EVENT];
      gone.square += x[EVENT] * x[EVENT];
    }
    x[EVENT] = 0.0;
  }
  return gone;
}

/* Cumulative incidence of one curve with its infinitesimal jackknife standard error by
 * cluster.
 *
 * in   rows       the table, with one row per subject, n NULL or the weight of the row
 *      (above 0), entry times not negative, and the ids of the rows
 *      curve      the curve of the table
 *      counts     of that curve at its m distinct times
 * work osv_cluster_work(n_id, n_cause) doubles
 * out  n_id[m]    distinct ids at risk just before the time
 *      after[m]   distinct ids at risk just after it, with those that enter at it
 *      surv[m]    S, the event-free curve
 *      cif        F by cause, with the stride of counts
 *      std_error  its standard error, likewise
 *      kept[m]    see below
 *      *ids       number of distinct ids of the curve
 *      *start     effective number of ids at risk at its start
 *      *gains     1 if more ids enter than leave at any time
 * Formula: Var F_k(t) = sum over ids of (sum over the rows of the id of w_i D_i(t))^2.
 * D_i and E_i are the derivatives of F_k and S with respect to the weight of row i. With
 * S and n just before a time and h = d / n,
 *   D_i <- D_i + h_k E_i + S (dN_ki - Y_i h_k) / n
 *   E_i <- (1 - h) E_i - S (dN_i - Y_i h) / n                        Ying & Wei 1994
 * If each id has one row, this is Greenwood's variance. Updating every D_i and E_i at
 * every time would be slow. Instead each id has the numbers y, the weight of its rows at
 * risk, b and p_k, which change only when one of its rows enters or leaves; E and D_k,
 * summed over the rows of the id, are
 *   E = S (b + y g),  D_k = p_k + b F_k + y H_k,
 *   g = sum d / (n (n - d)),  H_k = sum S (d_k / n) (g(t-) - 1 / n)
 * so that the variance at every time follows from six sums over ids of products of y, b
 * and p_k. The terms of these sums grow like 1 / S^2 and cancel; double-double is
 * accurate enough, since S >= 1 / n. With one cause, S has the same standard error as F.
 *
 * kept is the number of ids that determines the limits as long as there is no event of
 * the cause. It is the minimum so far of a product that starts with the effective number
 * of ids at the start. At each time the product is multiplied by the effective number
 * after the time, divided by the number before it. Ids that leave with an event are
 * excluded from both, so an event of another cause is not a loss to follow-up. The
 * effective number is Kish's, (sum w)^2 / sum w^2, where w is the mean weight of the rows
 * of an id at risk if `kish`, else 1. Cost O(rows n_cause).
 */
osv_status osv_cluster_aj(const osv_cluster_rows *rows, size_t curve,
                          const osv_counts *counts, size_t m, const osv_poll *poll,
                          double *work, const osv_cluster_out *out) {
  const osv_table *const table = rows->table;
  const size_t n_cause = (size_t)table->n_status - 1, stride = counts->stride;
  influence s = {.n_cause = n_cause,
                 .stride = P + 2 * n_cause,
                 .id = work + PER_CAUSE * n_cause,
                 .surv = {1.0, 0.0},
                 .cause = work,
                 .kish = rows->kish};
  for (size_t l = 0; l < PER_CAUSE * n_cause; l++) work[l] = 0.0;
  *out->ids = start_ids(&s, table, curve, rows->id);
  entries e = start_entries(rows, curve, *out->ids);
  if (e.next < e.end) {
    const double first = table->entry_time[e.next];
    add_entries(&s, &e, first > 0.0 ? first : 0.0, 1);
  }
  *out->start = effective_ids(&s, 0.0, 0.0, e.n_id);
  *out->gains = 0;
  kept_ids kept = {*out->start, *out->start};
  double at_risk = *out->start; /* effective number after the previous time */
  size_t i = (size_t)table->start[curve];
  const size_t end = (size_t)table->start[curve + 1];
  for (size_t j = 0; j < m; j++) {
    const double d = osv_events_at(counts, j, n_cause), entered = e.n_id;
    add_entries(&s, &e, counts->time[j], 0);
    *out->gains |= e.n_id > entered;
    if (e.n_id > entered) move_kept(&kept, at_risk, effective_ids(&s, 0.0, 0.0, e.n_id));
    const influence before = s;
    const double n_id = out->n_id[j] = e.n_id;
    const osv_dd jump = move_curves(&s, counts, j, d);
    const size_t first = i;
    for (; i < end && table->time[i] == counts->time[j]; i++) mark_event(&s, rows, i);
    for (size_t l = first; l < i; l++) {
      if (poll && (l + 1) % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
      double *const x = s.id + s.stride * (size_t)(rows->id[l] - 1);
      leave(&s, x, table->status[l], osv_row_n(table, l), jump, counts->n_risk[j] - d);
      e.n_id -= x[ROWS] == 0.0;
    }
    out->surv[j] = s.surv.hi;
    for (size_t k = 0; k < n_cause; k++) {
      out->cif[k * stride + j] = s.cause[PER_CAUSE * k + CIF];
      out->std_error[k * stride + j] = sqrt(sum_squares(&s, k));
    }
    add_entries(&s, &e, counts->time[j], 1);
    out->after[j] = e.n_id;
    const gone_ids gone = count_gone(&s, rows, first, i);
    *out->gains |= e.n_id > n_id - gone.n;
    at_risk = effective_ids(&s, 0.0, 0.0, e.n_id);
    move_kept(&kept, effective_ids(&before, gone.weight, gone.square, n_id - gone.n),
              at_risk);
    out->kept[j] = kept.least;
  }
  return i == end ? OSV_OK : OSV_EORDER;
}

/* Variance of a score that is a sum over ids.
 *
 * in   u[n_id * k]      the score of each id
 * out  variance[k * k]  sum of u u' over ids
 * Cost O(n_id k^2).
 */
void osv_cluster_variance(const double *u, size_t n_id, size_t k, double *variance) {
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0.0;
      for (size_t c = 0; c < n_id; c++) sum += u[c * k + i] * u[c * k + j];
      variance[i * k + j] = variance[j * k + i] = sum;
    }
}
