/* osv_cluster - standard errors that let the rows of one id depend on each other. */
#include "osv_core.h"
#include "osv_dd.h"

/* doubles of scratch that osv_cluster_aj() needs */
size_t osv_cluster_work(size_t n_id, int n_cause) {
  return n_id * (4 + 2 * (size_t)n_cause) + 10 * (size_t)n_cause;
}

static osv_dd load(const double *x) {
  return (osv_dd){x[0], x[1]};
}

static void store(double *x, osv_dd a) {
  x[0] = a.hi;
  x[1] = a.lo;
}

static osv_dd times(osv_dd a, double f) {
  return osv_dd_mul(a, (osv_dd){f, 0.0});
}

/* *x += f a b */
static void add_product(double *x, osv_dd a, osv_dd b, double f) {
  store(x, osv_dd_add(load(x), times(osv_dd_mul(a, b), f)));
}

/* What is carried along a curve; see osv_cluster_aj() for the symbols */
typedef struct {
  size_t n_cause, stride; /* stride: doubles of one id, {rows, y, b, p_1, p_2, ...} */
  double *id;
  osv_dd surv, g;
  double yy[2], by[2], bb[2]; /* sums over ids of y y, b y, b b */
  double *cause;              /* by cause {F, H, pp, pb, py} */
  int kish;                   /* do weights count in effective ids? */
  double weight[2],
      square[2]; /* sums over ids at risk of their mean weight and its square */
} influence;

/* Counts an id at risk in the effective number of ids, or with f = -1 no longer */
static void weigh(influence *s, const double *id, double f) {
  if (!(id[0] > 0.0)) return;
  const osv_dd w = {s->kish ? id[1] / id[0] : 1.0, 0.0};
  store(s->weight, osv_dd_add(load(s->weight), times(w, f)));
  add_product(s->square, w, w, f);
}

/* Kish's effective number of the ids at risk without those of the sums `weight` and
 * `square`; ids: how many there are */
static double effective_ids(const influence *s, double weight, double square,
                            double ids) {
  if (!(ids > 0.0)) return 0.0;
  const double w = osv_dd_add(load(s->weight), (osv_dd){-weight, 0.0}).hi;
  const double q = osv_dd_add(load(s->square), (osv_dd){-square, 0.0}).hi;
  const double n = q > 0.0 ? w * w / q : ids;
  return n < 1.0 ? 1.0 : n > ids ? ids : n;
}

/* Adds what one id contributes to the sums, f times */
static void add_id(influence *s, const double *id, double f) {
  const osv_dd y = {id[1], 0.0}, b = load(id + 2);
  add_product(s->yy, y, y, f);
  add_product(s->by, b, y, f);
  add_product(s->bb, b, b, f);
  for (size_t k = 0; k < s->n_cause; k++) {
    double *const x = s->cause + 10 * k;
    const osv_dd p = load(id + 4 + 2 * k);
    add_product(x + 4, p, p, f);
    add_product(x + 6, p, b, f);
    add_product(x + 8, p, y, f);
  }
}

/* Moves F, H, g and S past time j. Value: S(t-) / n, what an event adds to its id. */
static osv_dd enter_time(influence *s, const osv_counts *counts, size_t j, double d) {
  const double n = counts->n_risk[j], left = n - d;
  const osv_dd jump = osv_dd_mul(s->surv, osv_dd_ratio(1.0, n));
  const osv_dd share = osv_dd_ratio(-1.0, n), slope = osv_dd_add(s->g, share);
  for (size_t k = 0; k < s->n_cause; k++) {
    double *const x = s->cause + 10 * k;
    const osv_dd rise = times(jump, counts->n_event[k * counts->stride + j]);
    store(x, osv_dd_add(load(x), rise));
    store(x + 2, osv_dd_add(load(x + 2), osv_dd_mul(rise, slope)));
  }
  if (left > 0.0)
    s->g = osv_dd_add(s->g, osv_dd_mul(osv_dd_ratio(d, n), osv_dd_ratio(1.0, left)));
  s->surv = osv_dd_mul(s->surv, osv_dd_ratio(left, n));
  return jump;
}

/* Takes w rows of an id out of those at risk (w < 0: puts them in) without a change of E
 * and D as they stand: what y g, y F and y H lose goes to b and p. own: what the event of
 * the row itself adds to E / S. */
static void move_rows(influence *s, double *id, double w, osv_dd own) {
  const osv_dd change = times(osv_dd_add(s->g, own), w), back = times(change, -1.0);
  store(id + 2, osv_dd_add(load(id + 2), change));
  id[1] = id[0] > 0.0 ? id[1] - w : 0.0;
  for (size_t k = 0; k < s->n_cause; k++) {
    const double *const x = s->cause + 10 * k;
    const osv_dd turn = osv_dd_add(osv_dd_mul(back, load(x)), times(load(x + 2), w));
    store(id + 4 + 2 * k, osv_dd_add(load(id + 4 + 2 * k), turn));
  }
}

/* A row of weight w of an id leaves with this status; left: at risk after the events of
 * the time. Where that is 0 the curve has ended and E is 0 whatever b and y are. */
static void leave(influence *s, double *id, int status, double w, osv_dd jump,
                  double left) {
  add_id(s, id, -1.0);
  weigh(s, id, -1.0);
  id[0] -= 1.0;
  move_rows(s, id, w,
            status && left > 0.0 ? osv_dd_ratio(-1.0, left) : (osv_dd){0.0, 0.0});
  if (status) {
    double *const p = id + 4 + 2 * ((size_t)status - 1);
    store(p, osv_dd_add(load(p), times(jump, w)));
  }
  add_id(s, id, 1.0);
  weigh(s, id, 1.0);
}

static void enter(influence *s, double *id, double w) {
  add_id(s, id, -1.0);
  weigh(s, id, -1.0);
  id[0] += 1.0;
  move_rows(s, id, -w, (osv_dd){0.0, 0.0});
  add_id(s, id, 1.0);
  weigh(s, id, 1.0);
}

/* Sum over ids of (p + b F + y H)^2; what rounding alone could leave counts as 0 */
static double sum_squares(const influence *s, size_t k) {
  const double *const x = s->cause + 10 * k;
  const osv_dd f = load(x), h = load(x + 2);
  osv_dd sum = load(x + 4);
  sum = osv_dd_add(sum, osv_dd_mul(osv_dd_mul(f, f), load(s->bb)));
  sum = osv_dd_add(sum, osv_dd_mul(osv_dd_mul(h, h), load(s->yy)));
  const double scale = sum.hi;
  sum = osv_dd_add(sum, times(osv_dd_mul(f, load(x + 6)), 2.0));
  sum = osv_dd_add(sum, times(osv_dd_mul(h, load(x + 8)), 2.0));
  sum = osv_dd_add(sum, times(osv_dd_mul(osv_dd_mul(f, h), load(s->by)), 2.0));
  return sum.hi > 1e-24 * scale ? sum.hi : 0.0;
}

static double weight_of(const osv_table *table, size_t row) {
  return table->n ? table->n[row] : 1.0;
}

/* Puts the rows of a curve at risk, or none yet where they enter later; value: its
 * distinct ids */
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
    const double w = weight_of(table, i);
    n_id += x[0] == 0.0;
    weigh(s, x, -1.0);
    x[0] += 1.0;
    const osv_dd rise = osv_dd_mul((osv_dd){w, 0.0}, (osv_dd){2.0 * x[1] + w, 0.0});
    store(s->yy, osv_dd_add(load(s->yy), rise));
    x[1] += w;
    weigh(s, x, 1.0);
  }
  if (!table->entry_time) return n_id;
  store(s->yy, (osv_dd){0.0, 0.0});
  store(s->weight, (osv_dd){0.0, 0.0});
  store(s->square, (osv_dd){0.0, 0.0});
  for (size_t i = lo; i < hi; i++) {
    double *const x = s->id + s->stride * (size_t)(id[i] - 1);
    x[0] = x[1] = 0.0;
  }
  return n_id;
}

/* The entries of a curve, the next of them first, and the ids at risk */
typedef struct {
  const osv_table *table;
  const int *id, *entry_row;
  size_t next, end;
  double n_id;
} entries;

static entries start_entries(const osv_table *table, size_t curve, const int *id,
                             const int *entry_row, double n_id) {
  entries x = {.table = table, .id = id, .entry_row = entry_row, .n_id = n_id};
  if (!entry_row) return x;
  x.next = (size_t)table->entry_start[curve];
  x.end = (size_t)table->entry_start[curve + 1];
  x.n_id = 0.0;
  return x;
}

/* Puts the rows that enter before t at risk, those at t too with `at` */
static void enter_to(influence *s, entries *x, double t, int at) {
  for (; x->next < x->end; x->next++) {
    const double time = x->table->entry_time[x->next];
    if (!(time < t || (at && time == t))) return;
    const size_t row = (size_t)x->entry_row[x->next] - 1;
    double *const id = s->id + s->stride * (size_t)(x->id[row] - 1);
    enter(s, id, weight_of(x->table, row));
    x->n_id += id[0] == 1.0;
  }
}

/* What censoring has left of the effective ids at risk; `path` may go up where others
 * enter, `least` is its minimum */
typedef struct {
  double path, least;
} kept_ids;

static void move_kept(kept_ids *x, double from, double to) {
  if (from > 0.0) x->path *= to / from;
  if (x->path < x->least) x->least = x->path;
}

/* Cumulative incidence of one curve with its infinitesimal jackknife error, by id.
 *
 * in   table: one row a subject, n NULL or its weight above 0; id[rows of table] 1 ..
 * n_id; entry_row: the row of each entry of the table, from 1 (NULL without left
 *      truncation); kish: whether weights count in kept; counts of the curve at its m
 *      distinct times
 * work osv_cluster_work(n_id, n_cause) doubles
 * out  n_id[m] distinct ids at risk just before the time, after[m] of them left after it
 *      with those that enter then, surv[m] event-free; cif and std_error by cause, with
 *      the stride of counts; *ids distinct ids of the curve; kept[m], *start, *gains
 * Formula: Var F_k(t) = sum over ids of (sum over its rows of w_i D_i(t))^2, D_i the
 * derivative of F_k by the weight of row i; with S and n just before a time, h = d / n,
 *   D_i     <- D_i + h_k E_i + S (dN_ki - Y_i h_k) / n,   E_i <- E_i (1 - h) - S (dN_i -
 *   Y_i h) / n,   E_i the derivative of S              Ying & Wei 1994; one row an id is
 * Greenwood's variance. Each id is carried by three numbers that change only when one of
 * its rows enters or leaves: y, the weight of its rows at risk, and b, p with
 *   E = S (b + y g),  D_k = p_k + b F_k + y H_k,
 *   g = sum d / (n (n - d)),  H_k = sum S (d_k / n) (g(t-) - 1 / n)
 * so six sums over ids of products of y, b, p give the variance at every time. Their
 * terms grow like 1 / S^2 and cancel: double-double, exact enough since S >= 1 / n.
 * The survival curve of one cause has the same error.
 * kept is what limits without an event rest on: the ids of the start times the product of
 * (left after the time) / (at risk less those who leave with an event), an id that leaves
 * with an event of another cause being no loss; its least value so far. Ids count by
 * Kish's effective number (sum w)^2 / sum w^2 with `kish`, w the mean weight of their
 * rows at risk. Cost O(rows n_cause).
 */
osv_status osv_cluster_aj(const osv_table *table, size_t curve, const int *id,
                          const int *entry_row, int kish, const osv_counts *counts,
                          size_t m, const osv_poll *poll, double *work,
                          const osv_cluster_out *out) {
  const size_t n_cause = (size_t)table->n_status - 1, stride = counts->stride;
  influence s = {.n_cause = n_cause,
                 .stride = 4 + 2 * n_cause,
                 .id = work + 10 * n_cause,
                 .surv = {1.0, 0.0},
                 .cause = work,
                 .kish = kish};
  for (size_t l = 0; l < 10 * n_cause; l++) work[l] = 0.0;
  *out->ids = start_ids(&s, table, curve, id);
  entries e = start_entries(table, curve, id, entry_row, *out->ids);
  if (e.next < e.end) {
    const double first = table->entry_time[e.next];
    enter_to(&s, &e, first > 0.0 ? first : 0.0, 1);
  }
  *out->start = effective_ids(&s, 0.0, 0.0, e.n_id);
  *out->gains = 0;
  kept_ids kept = {*out->start, *out->start};
  double at_risk = *out->start; /* effective, after the time before */
  size_t i = (size_t)table->start[curve];
  const size_t end = (size_t)table->start[curve + 1];
  for (size_t j = 0; j < m; j++) {
    double d = 0.0, gone = 0.0, weight = 0.0, square = 0.0, entered = e.n_id;
    for (size_t k = 0; k < n_cause; k++) d += counts->n_event[k * stride + j];
    enter_to(&s, &e, counts->time[j], 0);
    *out->gains |= e.n_id > entered;
    if (e.n_id > entered) move_kept(&kept, at_risk, effective_ids(&s, 0.0, 0.0, e.n_id));
    const influence before = s;
    const double n_id = out->n_id[j] = e.n_id;
    const osv_dd jump = enter_time(&s, counts, j, d);
    for (; i < end && table->time[i] == counts->time[j]; i++) {
      if (poll && (i + 1) % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
      double *const x = s.id + s.stride * (size_t)(id[i] - 1);
      const double own = kish ? x[1] / x[0] : 1.0;
      leave(&s, x, table->status[i], weight_of(table, i), jump, counts->n_risk[j] - d);
      e.n_id -= x[0] == 0.0;
      if (x[0] > 0.0 || table->status[i] == 0) continue;
      gone += 1.0;
      weight += own;
      square += own * own;
    }
    out->surv[j] = s.surv.hi;
    for (size_t k = 0; k < n_cause; k++) {
      out->cif[k * stride + j] = s.cause[10 * k];
      out->std_error[k * stride + j] = sqrt(sum_squares(&s, k));
    }
    enter_to(&s, &e, counts->time[j], 1);
    out->after[j] = e.n_id;
    *out->gains |= e.n_id > n_id - gone;
    at_risk = effective_ids(&s, 0.0, 0.0, e.n_id);
    move_kept(&kept, effective_ids(&before, weight, square, n_id - gone), at_risk);
    out->kept[j] = kept.least;
  }
  return i == end ? OSV_OK : OSV_EORDER;
}

/* Variance of a score that is a sum over ids: sum of u u' over the ids, u[n_id * k]. */
void osv_cluster_variance(const double *u, size_t n_id, size_t k, double *variance) {
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0.0;
      for (size_t c = 0; c < n_id; c++) sum += u[c * k + i] * u[c * k + j];
      variance[i * k + j] = variance[j * k + i] = sum;
    }
}
