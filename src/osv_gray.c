/* osv_gray - Gray's test of k cumulative incidence curves, and its scores by cluster. */
#include "osv_core.h"
#include "osv_counts.h"
#include "osv_dd.h"

/* Number of doubles of scratch that osv_gray() needs */
size_t osv_gray_work(size_t k) {
  const size_t pair = osv_gray_pair_work(1), more = 7 * k + 3 * k * k;
  return more > pair ? more : pair;
}

/* State of the sweep just before a time; see osv_gray() for the symbols */
typedef struct {
  size_t k;
  double rho;
  double *surv, *cif;     /* S_j(t-), F_j(t-) of each group */
  double *h, *surv_next;  /* h_j = n_j / S_j(t-); S_j(t) */
  double *a, *c;          /* [k * k] */
  double h_sum, tail_sum; /* sum h_j, sum h_j (1 - F_j(t-)) */
  osv_dd pooled;          /* F0(t-) */
  double pooled_next;     /* F0(t) */
  double loss;            /* (1 - F0(t-))^rho */
} gray_state;

static void gray_reset(gray_state *s) {
  for (size_t j = 0; j < s->k; j++) {
    s->surv[j] = 1.0;
    s->cif[j] = 0.0;
  }
  for (size_t i = 0; i < s->k * s->k; i++) s->c[i] = 0.0;
  s->pooled = (osv_dd){0.0, 0.0};
}

/* Computes h, a, c and the next S_j and F0 at the current time of the sweep. d1: events
 * of the cause. alone: only one group is at risk, so the curves are updated but no groups
 * are compared. */
static void gray_enter(gray_state *s, const osv_sweep *sweep, double d1, int alone) {
  const size_t k = s->k;
  s->h_sum = s->tail_sum = 0.0;
  for (size_t j = 0; j < k; j++) {
    const double n = sweep->n_risk[j];
    s->h[j] = n > 0.0 ? n / s->surv[j] : 0.0;
    s->h_sum += s->h[j];
    s->tail_sum += s->h[j] * (1.0 - s->cif[j]);
    s->surv_next[j] =
        n > 0.0 ? s->surv[j] * ((n - sweep->d[j] - sweep->other[j]) / n) : s->surv[j];
  }
  s->loss = alone ? 0.0 : pow(osv_dd_one_minus(s->pooled).hi, s->rho);
  s->pooled_next = osv_dd_add(s->pooled, osv_dd_ratio(d1, s->h_sum)).hi;
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      const double own = i == j ? (s->h_sum - s->h[j]) / s->h_sum : -s->h[j] / s->h_sum;
      s->a[i * k + j] = s->loss * s->h[i] * own;
      if (d1 > 0.0 && !alone)
        s->c[i * k + j] +=
            s->a[i * k + j] * d1 / (s->h_sum * osv_dd_one_minus(s->pooled).hi);
    }
}

/* Advances S_j, F_j and F0 past the current time */
static void gray_leave(gray_state *s, const osv_sweep *sweep, double d1) {
  for (size_t j = 0; j < s->k; j++) {
    if (sweep->n_risk[j] > 0.0)
      s->cif[j] += s->surv[j] * (sweep->d[j] / sweep->n_risk[j]);
    s->surv[j] = s->surv_next[j];
  }
  s->pooled = osv_dd_add(s->pooled, osv_dd_ratio(d1, s->h_sum));
}

/* Returns 1 if the curves are updated at this time, which has d events. They are not
 * updated once a single group remains: no groups are compared any more, and F0 could
 * reach 1. With delayed entry they are, since other groups may still enter. */
static int gray_moves(const osv_sweep *sweep, size_t present, double d) {
  return d > 0.0 && (present > 1 || sweep->table->entry_time != NULL);
}

/* variance += f e e' */
static void add_outer(double *variance, const double *e, double f, size_t k) {
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) variance[i * k + j] += f * e[i] * e[j];
}

/* Adds the terms of the variance at one time, for the events of the cause and of other
 * causes in each group. c_end is c after the last time; e[k] is scratch. */
static void gray_variance(const gray_state *s, const osv_sweep *sweep, double d1,
                          const double *c_end, double *e, double *variance) {
  const size_t k = s->k;
  for (size_t j = 0; j < k; j++) {
    const double n = sweep->n_risk[j], next = s->surv_next[j], d2 = sweep->other[j];
    if (n <= 0.0) continue;
    const double ratio = next > 0.0 ? (1.0 - s->pooled_next) / next : 0.0;
    if (d1 > 0.0) {
      const double ties =
          d1 > 1.0 ? 1.0 - (d1 - 1.0) / (s->h_sum * s->surv[j] - 1.0) : 1.0;
      for (size_t i = 0; i < k; i++)
        e[i] = s->a[i * k + j] + (1.0 - ratio) * (c_end[i * k + j] - s->c[i * k + j]);
      add_outer(variance, e, ties * d1 / s->h_sum / s->h[j], k);
    }
    if (d2 > 0.0 && next > 0.0) {
      const double ties = d2 > 1.0 ? 1.0 - (d2 - 1.0) / (n - 1.0) : 1.0;
      for (size_t i = 0; i < k; i++) e[i] = ratio * (c_end[i * k + j] - s->c[i * k + j]);
      add_outer(variance, e, ties * d2 / s->h[j] / s->h[j], k);
    }
  }
}

/* Counts the events of the cause and of the other causes at this time; value: number of
 * groups at risk */
static size_t count_events(const osv_sweep *sweep, double *d1, double *d2) {
  size_t present = 0;
  *d1 = *d2 = 0.0;
  for (size_t j = 0; j < sweep->k; j++) {
    *d1 += sweep->d[j];
    *d2 += sweep->other[j];
    present += sweep->n_risk[j] > 0.0;
  }
  return present;
}

/* Adds one stratum to Gray's test.
 *
 * in   sweep: a sweep over the k curves of the stratum; sweep->cause: the cause
 * work osv_gray_work(k) doubles
 * out  observed, score [k], variance [k * k]: added to, so strata sum up; expected
 *      likewise, the number of events that the pooled subdistribution hazard predicts
 * Formulas, Gray 1988, sec. 2-3. n_j are at risk in group j; S_j and F_j are its
 * event-free curve and cumulative incidence just before t; F0 is the pooled incidence; d1
 * are the events of the cause; b = (1 - F0(t)) / S_j(t) and C = c(end) - c(t):
 *   h_j  = n_j / S_j,  R_j = h_j (1 - F_j),  dF0 = d1 / sum h_j
 *   U_j  = sum (1 - F0)^rho (d1_j - d1 R_j / sum R)
 *   a_ij = (1 - F0)^rho h_i (delta_ij - h_j / sum h),  c_ij = int a_ij dF0 / (1 - F0)
 *   V_il = sum (a_ij + (1 - b) C_ij) (a_lj + (1 - b) C_lj) d1 / (h_j sum h)
 *        + sum b^2 C_ij C_lj d2_j / h_j^2,  d2 events of the other causes,
 * summed over groups j and times. As in Gray's program each term has the tie factor
 * 1 - (d - 1) / (m - 1), where m is the number at risk. For events of the cause m is not
 * a count but S_j sum h. It may be below d, so that very heavy ties can make the variance
 * negative, as they do in his program. F0 may exceed 1 if curves that are far apart have
 * different censoring; a fractional rho then gives NaN, and so does V if F0 is 1 exactly
 * while groups are compared. With delayed entry, curves, F0 and V are updated even while
 * only one group is at risk.
 *
 * A first sweep computes c(end), so that the sums of the second sweep have no terms that
 * cancel, as they would in a formula with one sweep. Cost O(rows + event times k^2); k^3
 * instead of k^2 at times with events of other causes.
 */
osv_status osv_gray(osv_sweep *sweep, double rho, const osv_poll *poll, double *work,
                    const osv_test_out *out) {
  const size_t k = sweep->k;
  if (k == 2 && !sweep->table->entry_time) { /* the same result from one sweep */
    const int cause = sweep->cause;
    const osv_status status = osv_gray_pair(sweep, cause, 1, rho, poll, work, out);
    sweep->cause = cause;
    return status;
  }
  double *const c_end = work, *const e = work + 2 * k * k, *const rest = e + k;
  double *const group = rest + k;
  gray_state s = {.k = k, .rho = rho};
  s.surv = group;
  s.cif = group + k;
  s.h = group + 2 * k;
  s.surv_next = group + 3 * k;
  s.c = work + k * k;
  s.a = group + 4 * k;
  for (size_t j = 0; j < k; j++) rest[j] = 0.0;
  for (int pass = 0; pass < 2; pass++) {
    gray_reset(&s);
    osv_sweep_start(sweep);
    for (size_t done = 0; osv_sweep_next(sweep); done += pass == 0 ? k * k : k * k * k) {
      if (osv_is_due(&done) && poll && poll->fn(poll->ctx)) return OSV_EINTR;
      double d1, d2;
      const size_t present = count_events(sweep, &d1, &d2);
      if (d1 + d2 == 0.0) continue;
      if (present == 1)
        for (size_t j = 0; pass == 1 && j < k; j++) {
          out->observed[j] += sweep->d[j];
          out->expected[j] += sweep->d[j];
        }
      if (!gray_moves(sweep, present, d1 + d2)) continue;
      gray_enter(&s, sweep, d1, present == 1);
      if (pass == 1) {
        for (size_t j = 0; j < k && present > 1; j++) {
          const double q = s.h[j] * (1.0 - s.cif[j]) / s.tail_sum;
          osv_sum_split(out->score + j, rest + j, s.loss * (sweep->d[j] - d1 * q));
          out->observed[j] += sweep->d[j];
          out->expected[j] += d1 * q;
        }
        gray_variance(&s, sweep, d1, c_end, e, out->variance);
      }
      gray_leave(&s, sweep, d1);
    }
    if (pass == 0)
      for (size_t i = 0; i < k * k; i++) c_end[i] = s.c[i];
  }
  for (size_t j = 0; j < k; j++) out->score[j] += rest[j];
  return OSV_OK;
}

/* Number of doubles of scratch that osv_gray_ids() needs */
size_t osv_gray_ids_work(size_t k) {
  return 7 * k + 4 * k * k;
}

/* State of osv_gray_ids() in addition to gray_state; see osv_gray_ids() for the
 * symbols */
typedef struct {
  double *g, *area; /* [k]: g and H of each group */
  double *q;        /* [k]: R_j / sum R */
  double *x, *rest; /* [k * k] */
} gray_influence;

/* Adds this time to x and `rest`, the sums of the effects of a row on U through the
 * curves of its group: x over the times so far, while the row is at risk, and `rest` over
 * later times, after it has left. In the first sweep (sign 1) `rest` is summed over all
 * times; in the second (sign -1) each time is subtracted when it has passed. */
static void influence_enter(gray_influence *f, const gray_state *s,
                            const osv_sweep *sweep, double d1, double sign) {
  const size_t k = s->k;
  for (size_t j = 0; j < k; j++) f->q[j] = s->h[j] * (1.0 - s->cif[j]) / s->tail_sum;
  for (size_t g = 0; g < k && d1 > 0.0; g++) {
    if (sweep->n_risk[g] <= 0.0) continue;
    const double present =
        (1.0 - s->cif[g]) * (1.0 / sweep->n_risk[g] - f->g[g]) - f->area[g];
    for (size_t j = 0; j < k; j++) {
      const double own = (g == j ? 1.0 : 0.0) - f->q[j];
      const double effect = s->loss * d1 / s->tail_sum * s->h[g] * own;
      f->rest[g * k + j] += sign * effect;
      f->x[g * k + j] += effect * present;
    }
  }
}

/* Advances g and H of each group past this time; S and F are still at their values before
 * it */
static void influence_leave(gray_influence *f, const gray_state *s,
                            const osv_sweep *sweep) {
  for (size_t j = 0; j < s->k; j++) {
    const double n = sweep->n_risk[j], d = sweep->d[j] + sweep->other[j];
    if (n <= 0.0) continue;
    f->area[j] += s->surv[j] * sweep->d[j] / n * (f->g[j] - 1.0 / n);
    if (n > d) f->g[j] += d / n / (n - d);
  }
}

/* Corrects the scores for rows that have entered since the previous time, in the symbols
 * of osv_gray_ids(): at entry E = D = 0, so that p + b = -(g (1 - F) + H). */
static void influence_entries(const gray_influence *f, const gray_state *s,
                              const osv_sweep *sweep, const osv_id_scores *out) {
  const size_t k = s->k;
  for (size_t g = 0; g < k; g++) {
    const double b = -(f->g[g] * (1.0 - s->cif[g]) + f->area[g]);
    for (size_t i = out->entered[g]; i < sweep->entry_at[g]; i++) {
      const size_t row = (size_t)out->entry_row[i] - 1;
      double *const u = out->u + k * (size_t)(out->id[row] - 1);
      const double n_row = osv_row_n(sweep->table, row);
      for (size_t j = 0; j < k; j++)
        u[j] += n_row * (f->x[g * k + j] + b * f->rest[g * k + j]);
    }
  }
}

/* Adds the rows of group g that leave at this time to the scores of their ids. compared:
 * 1 if there are events and more than one group at risk */
static void influence_rows(const gray_influence *f, const gray_state *s,
                           const osv_sweep *sweep, size_t g, int compared,
                           const osv_id_scores *out) {
  const size_t k = s->k;
  if (sweep->n_risk[g] <= 0.0) return;
  const double n = sweep->n_risk[g], d = sweep->d[g] + sweep->other[g];
  const double jump = s->surv[g] / n, cif = s->cif[g] + jump * sweep->d[g];
  for (size_t i = out->from[g]; i < sweep->at[g]; i++) {
    const int status = sweep->table->status[i], own = status == sweep->cause;
    double *const u = out->u + k * (size_t)(out->id[i] - 1);
    const double n_row = osv_row_n(sweep->table, i);
    double after = 0.0; /* effect of the row on later times */
    if (n > d) {
      const double b = f->g[g] - (status != 0 ? 1.0 / (n - d) : 0.0);
      after = b * (1.0 - cif) + f->area[g] + (own ? jump : 0.0);
    }
    for (size_t j = 0; j < k; j++) {
      u[j] += n_row * (after * f->rest[g * k + j] - f->x[g * k + j]);
      if (own && compared) u[j] += n_row * s->loss * ((g == j ? 1.0 : 0.0) - f->q[j]);
    }
  }
}

/* Adds one stratum to the scores by cluster, the contribution of the rows of each id.
 *
 * in   sweep: a sweep over a table in which each row has an id and counts n subjects
 * work osv_gray_ids_work(k) doubles
 * out  u[id * k + j] += sum over the rows of the id of the derivative of U_j by the
 *      weight of the row, times this weight. Over all ids u sums to U, because U is
 *      proportional to the weights. The variance is the sum of u u' over ids.
 * Formula, with q_j = R_j / sum R, the symbols of osv_gray() and the weight (1 - F0)^rho
 * taken as fixed. A row i of group g changes R_g = n_g (1 - F_g) / S_g by
 *   dR_g = h_g (Y_i (1 - F_g) / n_g - D_i - (1 - F_g) E_i / S_g),
 * where D_i and E_i are the derivatives of F_g(t-) and S_g(t-). As in osv_cluster_aj(),
 * E_i = S (b + y g) and D_i = p + b F + y H. So dR_g is h_g ((1 - F_g) (1 / n_g - g) - H)
 * for a row at risk (y = 1, b = p = 0) and -h_g (p + b) for a row that has left, and
 *   u_ij = (1 - F0)^rho (delta_gj - q_j) [event of the cause]
 *        - sum_{t <= t_i} (1 - F0)^rho d1 (delta_gj - q_j) dR_g / sum R
 *        + (p + b) sum_{t > t_i} (1 - F0)^rho d1 (delta_gj - q_j) h_g / sum R
 * A row with delayed entry is at risk from its entry on, with b = -g and p = g F - H at
 * that time.
 * Cost O(rows k + event times k^2).
 */
osv_status osv_gray_ids(osv_sweep *sweep, double rho, const osv_poll *poll, double *work,
                        const osv_id_scores *out) {
  const size_t k = sweep->k, square = k * k;
  gray_state s = {.k = k, .rho = rho};
  s.a = work;
  s.c = work + square;
  double *const group = work + 4 * square;
  s.surv = group;
  s.cif = group + k;
  s.h = group + 2 * k;
  s.surv_next = group + 3 * k;
  gray_influence f = {.g = group + 4 * k,
                      .area = group + 5 * k,
                      .q = group + 6 * k,
                      .x = work + 2 * square,
                      .rest = work + 3 * square};
  for (size_t i = 0; i < square; i++) f.rest[i] = 0.0;
  for (int pass = 0; pass < 2; pass++) {
    gray_reset(&s);
    for (size_t j = 0; j < k; j++) f.g[j] = f.area[j] = 0.0;
    for (size_t i = 0; i < square; i++) f.x[i] = 0.0;
    osv_sweep_start(sweep);
    for (size_t done = 0;; done += square) {
      if (osv_is_due(&done) && poll && poll->fn(poll->ctx)) return OSV_EINTR;
      osv_sweep_mark(sweep, out);
      if (!osv_sweep_next(sweep)) break;
      double d1, d2;
      const size_t present = count_events(sweep, &d1, &d2);
      const int moves = gray_moves(sweep, present, d1 + d2);
      if (pass == 1 && out->entry_row) influence_entries(&f, &s, sweep, out);
      if (moves) {
        gray_enter(&s, sweep, d1, present == 1);
        influence_enter(&f, &s, sweep, d1, pass == 0 ? 1.0 : -1.0);
        influence_leave(&f, &s, sweep);
      }
      for (size_t g = 0; pass == 1 && g < k; g++)
        influence_rows(&f, &s, sweep, g, moves && present > 1, out);
      if (moves) gray_leave(&s, sweep, d1);
    }
  }
  return OSV_OK;
}
