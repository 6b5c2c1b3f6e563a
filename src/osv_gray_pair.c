/* osv_gray_pair - Gray's test of two groups, all causes in one walk. */
#include "osv_core.h"
#include "osv_dd.h"

/* A sum of doubles and what rounding has kept out of it */
static inline void add_term(osv_dd *sum, double x) {
  const osv_dd s = osv_two_sum(sum->hi, x);
  *sum = (osv_dd){s.hi, sum->lo + s.lo};
}

static inline double value_of(osv_dd sum) {
  return sum.hi + sum.lo;
}

/* The test of one cause; see osv_gray_pair() for the symbols */
typedef struct {
  osv_dd cif[2], rest;    /* F_j, 1 - F0 */
  osv_dd v0, v1, v2;      /* V and the sums that move it */
  osv_dd score, expected; /* of the first group; expected only where rho is not 0 */
  double events, observed[2], alone[2]; /* alone: one group at risk */
  double d[2];                          /* events of the time */
} pair_test;

/* What all causes share */
typedef struct {
  double rho;
  osv_dd mass[2]; /* S_j / n_j, which events leave as it is */
  double left[2]; /* n_j after the events of the time before */
} pair_state;

/* doubles of scratch that osv_gray_pair() needs */
size_t osv_gray_pair_work(int n_cause) {
  return (size_t)n_cause * (sizeof(pair_test) / sizeof(double));
}

/* d1 events of the cause at a time with n at risk */
static void pair_events(pair_test *x, const pair_state *s, double d1, const double *n) {
  const double g0 = s->mass[0].hi, g1 = s->mass[1].hi, per_g = 1.0 / (g0 + g1);
  const double before = value_of(x->rest), v1 = value_of(x->v1), v2 = value_of(x->v2);
  const double loss = s->rho == 0.0 ? 1.0 : pow(before, s->rho), w_x = loss * per_g;
  const double jump = d1 * (g0 * g1 * per_g); /* d1 / sum h */
  const double r0 = g1 * (1.0 - value_of(x->cif[0]));
  const double r1 = g0 * (1.0 - value_of(x->cif[1]));
  add_term(&x->score, loss * ((x->d[0] * r1 - x->d[1] * r0) / (r0 + r1)));
  if (s->rho != 0.0) add_term(&x->expected, d1 * (r0 / (r0 + r1)));
  add_term(&x->rest, -jump);
  const double move = w_x * jump / before, rest = value_of(x->rest);
  double w[2], b[2];
  for (size_t j = 0; j < 2; j++) {
    const double g = s->mass[j].hi;
    b[j] = s->left[j] > 0.0 ? 1.0 - rest / (g * s->left[j]) : 1.0;
    w[j] = jump * g;
    if (d1 > 1.0) w[j] *= 1.0 - (d1 - 1.0) / (d1 / jump * g * n[j] - 1.0);
    add_term(x->cif + j, g * x->d[j]);
  }
  const double w_b = w[0] * b[0] + w[1] * b[1];
  add_term(&x->v0, move * (2.0 * v1 + move * v2) + (w[0] + w[1]) * w_x * w_x);
  add_term(&x->v1, move * v2 + w_b * w_x);
  add_term(&x->v2, w[0] * b[0] * b[0] + w[1] * b[1] * b[1]);
  x->events += d1;
}

/* d2 events of other causes in one group of n, after which `left` are at risk */
static void pair_others(pair_test *x, double d2, double n, double left) {
  const double b = value_of(x->rest) / left;
  const double ties = d2 > 1.0 ? 1.0 - (d2 - 1.0) / (n - 1.0) : 1.0;
  add_term(&x->v2, ties * d2 * b * b);
}

/* S_j stays and the risk set of group j becomes n */
static void pair_move(pair_state *s, size_t j, double n) {
  if (n <= 0.0) return;
  s->mass[j] = osv_dd_over(osv_dd_scale(s->mass[j], s->left[j]), n);
  s->left[j] = n;
}

/* One event at a time, as most continuous times have: w subjects of group j with the
 * cause of test c, or of none of the tests where c is no index */
static void pair_one(const pair_state *s, pair_test *test, size_t n_test, size_t c,
                     size_t j, double w, const double *n) {
  if (c < n_test) {
    pair_test *const x = test + c;
    x->d[j] = w;
    x->d[1 - j] = 0.0;
    x->observed[j] += w;
    pair_events(x, s, w, n);
  }
  if (s->left[j] <= 0.0) return;
  const size_t after = c < n_test ? c + 1 : 0, rest = c < n_test ? n_test - 1 : n_test;
  for (size_t i = 0; i < rest; i++) {
    const size_t k = after + i;
    pair_others(test + (k < n_test ? k : k - n_test), w, n[j], s->left[j]);
  }
}

/* Events of each test at the time of the walk, which has come from `from` */
static void pair_counts(const osv_walk *walk, const size_t *from, int first,
                        pair_test *test, size_t n_test) {
  const osv_table *table = walk->table;
  for (size_t i = 0; i < n_test; i++) test[i].d[0] = test[i].d[1] = 0.0;
  for (size_t j = 0; j < 2; j++)
    for (size_t i = from[j]; i < walk->at[j]; i++) {
      const size_t cause = (size_t)(table->status[i] - first); /* below: very large */
      if (cause < n_test) test[cause].d[j] += table->n ? table->n[i] : 1.0;
    }
  for (size_t i = 0; i < n_test; i++)
    for (size_t j = 0; j < 2; j++) test[i].observed[j] += test[i].d[j];
}

/* One time with events and both groups at risk */
static void pair_time(pair_state *s, osv_walk *walk, const size_t *from, int first,
                      pair_test *test, size_t n_test) {
  const double *n = walk->n_risk, *all = walk->d;
  for (size_t j = 0; j < 2; j++) s->left[j] = n[j] - all[j];
  const size_t moved[2] = {walk->at[0] - from[0], walk->at[1] - from[1]};
  if (moved[0] + moved[1] == 1) {
    const size_t j = moved[1], c = (size_t)(walk->table->status[from[j]] - first);
    pair_one(s, test, n_test, c, j, all[j], n);
    return;
  }
  pair_counts(walk, from, first, test, n_test);
  for (size_t i = 0; i < n_test; i++) {
    pair_test *const x = test + i;
    const double d1 = x->d[0] + x->d[1];
    if (d1 > 0.0) pair_events(x, s, d1, n);
    for (size_t j = 0; j < 2; j++)
      if (all[j] > x->d[j] && s->left[j] > 0.0)
        pair_others(x, all[j] - x->d[j], n[j], s->left[j]);
  }
}

/* The next rows of a walk of two curves, at most RUN of them, as long as each has a time
 * of its own and neither curve ends: whose turn it is comes first, without a branch, as
 * no processor can guess it. Value: the rows done. */
enum { RUN = 256 };

static size_t pair_run(pair_state *s, osv_walk *walk, int first, pair_test *test,
                       size_t n_test) {
  const osv_table *table = walk->table;
  const double *time = table->time, *start = table->start + walk->first_curve;
  const size_t end[2] = {(size_t)start[1], (size_t)start[2]};
  size_t a = walk->at[0], b = walk->at[1], m = 0, group[RUN];
  int status[RUN];
  double n[2] = {(double)(end[0] - a), (double)(end[1] - b)};
  for (; m < RUN && a + 1 < end[0] && b + 1 < end[1]; m++) {
    const size_t second = time[b] < time[a], i = second ? b : a;
    if (time[a] == time[b] || time[i] == time[i + 1]) break;
    group[m] = second;
    status[m] = table->status[i];
    a += 1 - second;
    b += second;
  }
  for (size_t i = 0; i < m; i++) {
    const size_t j = group[i];
    if (status[i] == 0) {
      pair_move(s, j, n[j] - 1.0);
    } else {
      s->left[0] = n[0];
      s->left[1] = n[1];
      s->left[j] = n[j] - 1.0;
      pair_one(s, test, n_test, (size_t)(status[i] - first), j, 1.0, n);
    }
    n[j] -= 1.0;
  }
  walk->at[0] = a;
  walk->at[1] = b;
  for (size_t j = 0; j < 2; j++) {
    walk->n_risk[j] = n[j];
    walk->left[j] = 0.0;
  }
  return m;
}

/* Adds one stratum of two groups to Gray's tests of the causes first .. first + n_test
 * - 1.
 *
 * in   walk over the two curves of the stratum, without late entries; its cause is set
 *      to 0
 * work osv_gray_pair_work(n_test) doubles
 * out  for each cause what osv_gray() adds for it
 * All matrices are one number times ((1, -1), (-1, 1)), and with
 *   g_j = S_j / n_j = 1 / h_j, which moves where subjects are censored alone,
 *   x = (1 - F0)^rho / sum g, w_j = d1 g_j / sum h, b_j and the tie factors of osv_gray()
 * V is a quadratic in c(end), carried as if each time were the last: as c grows by m
 *   V <- V + 2 m V1 + m^2 V2,  V1 <- V1 + m V2, and each time adds
 *   V += sum w_j x^2,  V1 += sum w_j (1 - b_j) x,
 *   V2 += sum w_j (1 - b_j)^2 + sum d2_j (1 - F0)^2 / n_j'^2,  n_j' after its events.
 * Nothing cancels as in running sums of c; sums are compensated. Cost O(rows + event
 * times n_test).
 */
osv_status osv_gray_pair(osv_walk *walk, int first, size_t n_test, double rho,
                         const osv_poll *poll, double *work, const osv_test_out *out) {
  pair_state s = {rho, {{1.0, 0.0}, {1.0, 0.0}}, {1.0, 1.0}};
  pair_test *const test = (pair_test *)(void *)work;
  for (size_t i = 0; i < n_test; i++) test[i] = (pair_test){.rest = {1.0, 0.0}};
  walk->cause = 0;
  osv_walk_start(walk);
  for (size_t j = 0; j < 2; j++) pair_move(&s, j, walk->n_risk[j]);
  const int plain = !walk->table->n && !walk->table->entry_time;
  for (size_t step = 1, run = 0;; step += run + 1) {
    if (poll && step % OSV_POLL_ROWS <= run && poll->fn(poll->ctx)) return OSV_EINTR;
    run = plain ? pair_run(&s, walk, first, test, n_test) : 0;
    if (run == RUN) continue;
    const size_t from[2] = {walk->at[0], walk->at[1]};
    if (!osv_walk_next(walk)) break;
    const double *n = walk->n_risk, *left = walk->left;
    const double d = walk->d[0] + walk->d[1];
    if (d > 0.0 && n[0] > 0.0 && n[1] > 0.0) {
      pair_time(&s, walk, from, first, test, n_test);
    } else if (d > 0.0) { /* nothing to compare, and F0 may have reached 1 */
      pair_counts(walk, from, first, test, n_test);
      for (size_t i = 0; i < n_test; i++)
        for (size_t j = 0; j < 2; j++) test[i].alone[j] += test[i].d[j];
      continue;
    }
    if (d == left[0] + left[1]) continue;
    const size_t j = left[0] > walk->d[0] ? 0 : 1; /* who was censored */
    pair_move(&s, j, n[j] - left[j]);
    if (left[1 - j] > walk->d[1 - j]) pair_move(&s, 1 - j, n[1 - j] - left[1 - j]);
  }
  for (size_t i = 0; i < n_test; i++) {
    const pair_test *const x = test + i;
    const double u = value_of(x->score), v = value_of(x->v0);
    const double e =
        rho == 0.0 ? x->observed[0] - x->alone[0] - u : value_of(x->expected);
    for (size_t j = 0; j < 2; j++) {
      out[i].observed[j] += x->observed[j];
      out[i].expected[j] += x->alone[j] + (j == 0 ? e : x->events - e);
      out[i].score[j] += j == 0 ? u : -u;
      out[i].variance[3 * j] += v;
      out[i].variance[j + 1] -= v;
    }
  }
  return OSV_OK;
}
