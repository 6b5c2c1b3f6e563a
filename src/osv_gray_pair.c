/* osv_gray_pair - Gray's test of two groups, all causes in one sweep. */
#include "osv_core.h"
#include "osv_counts.h"
#include "osv_dd.h"

/* The test of one cause; see osv_gray_pair() for the symbols */
typedef struct {
  osv_dd cif[2], rest;    /* F_j, 1 - F0 */
  osv_dd v0, v1, v2;      /* V, V1, V2 */
  osv_dd score, expected; /* of the first group; expected: only if rho is not 0 */
  double events, observed[2];
  double alone[2]; /* events while nobody of the other group is at risk */
  double d[2];     /* events of this time */
} pair_test;

/* g_j = S_j / n_j = 1 / h_j, which events do not change, and functions of g_0 and g_1 */
typedef struct {
  double g[2];
  double per_g; /* 1 / sum g */
  double unit;  /* 1 / sum h = g_0 g_1 / sum g */
} pair_mass;

/* State common to all causes */
typedef struct {
  double rho;
  osv_dd mass[2]; /* g_j in double-double */
  pair_mass now;
  double left[2]; /* n_j after the events of the previous time */
} pair_state;

static inline pair_mass mass_of(double g0, double g1) {
  const double per_g = 1.0 / (g0 + g1);
  return (pair_mass){{g0, g1}, per_g, g0 * g1 * per_g};
}

/* Number of doubles of scratch that osv_gray_pair() needs */
size_t osv_gray_pair_work(int n_cause) {
  return (size_t)n_cause * (sizeof(pair_test) / sizeof(double));
}

/* Adds one time to the test of a cause. d1: events of the cause in both groups together;
 * n: number at risk in each group */
static void pair_events(pair_test *x, const pair_state *s, double d1, const double *n) {
  const double g0 = s->now.g[0], g1 = s->now.g[1];
  const double before = osv_sum_value(x->rest), v1 = osv_sum_value(x->v1),
               v2 = osv_sum_value(x->v2);
  const double loss = s->rho == 0.0 ? 1.0 : pow(before, s->rho),
               w_x = loss * s->now.per_g;
  const double jump = d1 * s->now.unit;
  const double r0 = g1 * (1.0 - osv_sum_value(x->cif[0]));
  const double r1 = g0 * (1.0 - osv_sum_value(x->cif[1]));
  osv_sum_add(&x->score, loss * ((x->d[0] * r1 - x->d[1] * r0) / (r0 + r1)));
  if (s->rho != 0.0) osv_sum_add(&x->expected, d1 * (r0 / (r0 + r1)));
  osv_sum_add(&x->rest, -jump);
  const double move = w_x * jump / before, rest = osv_sum_value(x->rest);
  double w[2], b[2];
  for (size_t j = 0; j < 2; j++) {
    const double g = s->now.g[j];
    b[j] = s->left[j] > 0.0 ? 1.0 - rest / (g * s->left[j]) : 1.0;
    w[j] = jump * g;
    if (d1 > 1.0) w[j] *= 1.0 - (d1 - 1.0) / (d1 / jump * g * n[j] - 1.0);
    osv_sum_add(x->cif + j, g * x->d[j]);
  }
  const double w_b = w[0] * b[0] + w[1] * b[1];
  osv_sum_add(&x->v0, move * (2.0 * v1 + move * v2) + (w[0] + w[1]) * w_x * w_x);
  osv_sum_add(&x->v1, move * v2 + w_b * w_x);
  osv_sum_add(&x->v2, w[0] * b[0] * b[0] + w[1] * b[1] * b[1]);
  x->events += d1;
}

/* Adds d2 events of other causes in a group with n at risk, `left` of them afterwards */
static void pair_others(pair_test *x, double d2, double n, double left) {
  const double b = osv_sum_value(x->rest) / left;
  const double ties = d2 > 1.0 ? 1.0 - (d2 - 1.0) / (n - 1.0) : 1.0;
  osv_sum_add(&x->v2, ties * d2 * b * b);
}

/* Sets the number at risk in group j, reduced by censoring, to n; S_j does not change */
static void pair_move(pair_state *s, size_t j, double n) {
  if (n <= 0.0) return;
  s->mass[j] = osv_dd_div_double(osv_dd_scale(s->mass[j], s->left[j]), n);
  s->now = mass_of(osv_sum_value(s->mass[0]), osv_sum_value(s->mass[1]));
  s->left[j] = n;
}

/* Adds a time that has a single row, as most continuous times have. w subjects of group j
 * have the event of test c, or of a cause without a test if c >= n_test. */
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

/* Counts the events of each test in the rows between `from` and the position of the
 * sweep */
static void pair_counts(const osv_sweep *sweep, const size_t *from, int first,
                        pair_test *test, size_t n_test) {
  const osv_table *table = sweep->table;
  for (size_t i = 0; i < n_test; i++) test[i].d[0] = test[i].d[1] = 0.0;
  for (size_t j = 0; j < 2; j++)
    for (size_t i = from[j]; i < sweep->at[j]; i++) {
      const size_t cause = (size_t)(table->status[i] - first); /* huge if negative */
      if (cause < n_test) test[cause].d[j] += osv_row_n(table, i);
    }
  for (size_t i = 0; i < n_test; i++)
    for (size_t j = 0; j < 2; j++) test[i].observed[j] += test[i].d[j];
}

/* Adds a time with events and both groups at risk */
static void pair_time(pair_state *s, osv_sweep *sweep, const size_t *from, int first,
                      pair_test *test, size_t n_test) {
  const double *n = sweep->n_risk, *all = sweep->d;
  for (size_t j = 0; j < 2; j++) s->left[j] = n[j] - all[j];
  const size_t moved[2] = {sweep->at[0] - from[0], sweep->at[1] - from[1]};
  if (moved[0] + moved[1] == 1) {
    const size_t j = moved[1], c = (size_t)(sweep->table->status[from[j]] - first);
    pair_one(s, test, n_test, c, j, all[j], n);
    return;
  }
  pair_counts(sweep, from, first, test, n_test);
  for (size_t i = 0; i < n_test; i++) {
    pair_test *const x = test + i;
    const double d1 = x->d[0] + x->d[1];
    if (d1 > 0.0) pair_events(x, s, d1, n);
    for (size_t j = 0; j < 2; j++)
      if (all[j] > x->d[j] && s->left[j] > 0.0)
        pair_others(x, all[j] - x->d[j], n[j], s->left[j]);
  }
}

/* Adds a block of times. A first loop updates g at all censorings; the second, over the
 * events, then has no branches that the processor cannot predict. */
static void pair_block(pair_state *s, const osv_time_block *block, int first,
                       pair_test *test, size_t n_test) {
  size_t event[OSV_TIME_BLOCK], passed[OSV_TIME_BLOCK], censored[OSV_TIME_BLOCK],
      n_event = 0, n_censored = 0;
  for (size_t i = 0; i < block->m; i++) {
    event[n_event] = censored[n_censored] = i;
    passed[n_event] = n_censored;
    n_event += block->status[i] != 0;
    n_censored += block->status[i] == 0;
  }
  pair_mass mass[OSV_TIME_BLOCK + 1];
  /* separate arrays, because loading a struct just after its halves were stored one by
   * one is slow */
  double hi[2] = {s->mass[0].hi, s->mass[1].hi}, lo[2] = {s->mass[0].lo, s->mass[1].lo};
  mass[0] = s->now;
  for (size_t c = 0; c < n_censored; c++) {
    const size_t i = censored[c], j = block->second[i];
    const double n = block->n_risk[j][i];
    const osv_dd g = osv_product_of((osv_dd){hi[j], lo[j]}, osv_dd_ratio(n, n - 1.0));
    hi[j] = g.hi;
    lo[j] = g.lo;
    mass[c + 1] = mass_of(hi[0] + lo[0], hi[1] + lo[1]);
  }
  for (size_t e = 0; e < n_event; e++) {
    const size_t i = event[e], j = block->second[i];
    const double n[2] = {block->n_risk[0][i], block->n_risk[1][i]};
    s->now = mass[passed[e]];
    s->left[0] = n[0];
    s->left[1] = n[1];
    s->left[j] = n[j] - 1.0;
    pair_one(s, test, n_test, (size_t)(block->status[i] - first), j, 1.0, n);
  }
  s->now = mass[n_censored];
  for (size_t j = 0; j < 2; j++) s->mass[j] = osv_dd_renormalise(hi[j], lo[j]);
}

/* Adds one stratum of two groups to Gray's tests of the causes first, first + 1, ...,
 * first + n_test - 1.
 *
 * in   sweep: a sweep over the two curves of the stratum, without delayed entries; its
 *      cause is set to 0
 * work osv_gray_pair_work(n_test) doubles
 * out  for each cause the sums of osv_gray(), added to
 * For two groups each matrix of osv_gray() is a number times ((1, -1), (-1, 1)), and only
 * this number is computed. In the symbols of osv_gray(), with
 *   g_j = S_j / n_j = 1 / h_j, which only censoring changes,
 *   x = (1 - F0)^rho / sum g, which stands for a,  w_j = d1 g_j / sum h,
 * the variance is, with n_j' at risk in group j after the events of the time,
 *   V = sum w_j (x + (1 - b_j) C)^2 + sum d2_j (C (1 - F0) / n_j')^2,  C = c(end) - c(t).
 * V is a quadratic function of c(end), which is not known before the last time. So V is
 * computed as if each time were the last, together with V1 and V2, half its first and
 * half its second derivative with respect to c(end). When c grows by m,
 *   V <- V + 2 m V1 + m^2 V2,  V1 <- V1 + m V2.
 * Then the time itself, at which C is 0, adds
 *   V += sum w_j x^2,  V1 += sum w_j (1 - b_j) x,
 *   V2 += sum w_j (1 - b_j)^2 + sum d2_j ((1 - F0) / n_j')^2.
 * w_j and d2_j are multiplied by the tie factors of osv_gray(). Terms do not cancel, as
 * they would in running sums of c, and sums are compensated. Cost O(rows + event times
 * n_test).
 */
osv_status osv_gray_pair(osv_sweep *sweep, int first, size_t n_test, double rho,
                         const osv_poll *poll, double *work, const osv_test_out *out) {
  pair_state s = {rho, .mass = {{1.0, 0.0}, {1.0, 0.0}}, .left = {1.0, 1.0}};
  pair_test *const test = (pair_test *)(void *)work;
  for (size_t i = 0; i < n_test; i++) test[i] = (pair_test){.rest = {1.0, 0.0}};
  sweep->cause = 0;
  osv_sweep_start(sweep);
  for (size_t j = 0; j < 2; j++) pair_move(&s, j, sweep->n_risk[j]);
  const int by_blocks = osv_sweep_has_blocks(sweep);
  osv_time_block block;
  block.m = 0;
  for (size_t step = 1;; step += block.m + 1) {
    if (poll && step % OSV_POLL_ROWS <= block.m && poll->fn(poll->ctx)) return OSV_EINTR;
    const int whole = by_blocks && osv_sweep_block(sweep, &block);
    if (block.m > 0) {
      pair_block(&s, &block, first, test, n_test);
      s.left[0] = sweep->n_risk[0];
      s.left[1] = sweep->n_risk[1];
    }
    if (whole) continue;
    const size_t from[2] = {sweep->at[0], sweep->at[1]};
    if (!osv_sweep_next(sweep)) break;
    const double *n = sweep->n_risk, *left = sweep->left;
    const double d = sweep->d[0] + sweep->d[1];
    if (d > 0.0 && n[0] > 0.0 && n[1] > 0.0) {
      pair_time(&s, sweep, from, first, test, n_test);
    } else if (d > 0.0) { /* only one group is at risk; F0 may be 1 */
      pair_counts(sweep, from, first, test, n_test);
      for (size_t i = 0; i < n_test; i++)
        for (size_t j = 0; j < 2; j++) test[i].alone[j] += test[i].d[j];
      continue;
    }
    if (d == left[0] + left[1]) continue;
    const size_t j = left[0] > sweep->d[0] ? 0 : 1; /* a group with censorings */
    pair_move(&s, j, n[j] - left[j]);
    if (left[1 - j] > sweep->d[1 - j]) pair_move(&s, 1 - j, n[1 - j] - left[1 - j]);
  }
  for (size_t i = 0; i < n_test; i++) {
    const pair_test *const x = test + i;
    const double u = osv_sum_value(x->score), v = osv_sum_value(x->v0);
    const double e =
        rho == 0.0 ? x->observed[0] - x->alone[0] - u : osv_sum_value(x->expected);
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
