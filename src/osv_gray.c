/* osv_gray - Gray's test of k cumulative incidence curves. */
#include "osv_core.h"
#include "osv_dd.h"

/* doubles of scratch that osv_gray() needs */
size_t osv_gray_work(size_t k) {
  return 7 * k + 3 * k * k;
}

/* State of the walk just before a time; see osv_gray() for the symbols */
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

/* What the time of the walk brings, before the state moves on. d1: events of the cause */
static void gray_enter(gray_state *s, const osv_walk *walk, double d1) {
  const size_t k = s->k;
  s->h_sum = s->tail_sum = 0.0;
  for (size_t j = 0; j < k; j++) {
    const double n = walk->n_risk[j];
    s->h[j] = n > 0.0 ? n / s->surv[j] : 0.0;
    s->h_sum += s->h[j];
    s->tail_sum += s->h[j] * (1.0 - s->cif[j]);
    s->surv_next[j] =
        n > 0.0 ? s->surv[j] * ((n - walk->d[j] - walk->other[j]) / n) : s->surv[j];
  }
  s->loss = pow(osv_dd_one_minus(s->pooled).hi, s->rho);
  s->pooled_next = osv_dd_add(s->pooled, osv_dd_ratio(d1, s->h_sum)).hi;
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      const double own = i == j ? (s->h_sum - s->h[j]) / s->h_sum : -s->h[j] / s->h_sum;
      s->a[i * k + j] = s->loss * s->h[i] * own;
      if (d1 > 0.0)
        s->c[i * k + j] +=
            s->a[i * k + j] * d1 / (s->h_sum * osv_dd_one_minus(s->pooled).hi);
    }
}

static void gray_leave(gray_state *s, const osv_walk *walk, double d1) {
  for (size_t j = 0; j < s->k; j++) {
    if (walk->n_risk[j] > 0.0) s->cif[j] += s->surv[j] * (walk->d[j] / walk->n_risk[j]);
    s->surv[j] = s->surv_next[j];
  }
  s->pooled = osv_dd_add(s->pooled, osv_dd_ratio(d1, s->h_sum));
}

/* Adds f e e' to the variance. */
static void add_outer(double *variance, const double *e, double f, size_t k) {
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) variance[i * k + j] += f * e[i] * e[j];
}

/* Variance that one time adds: jumps of the cause in the pooled curve, jumps of the
 * other causes in each group. c_end is c after the last time, e[k] scratch. */
static void gray_variance(const gray_state *s, const osv_walk *walk, double d1,
                          const double *c_end, double *e, double *variance) {
  const size_t k = s->k;
  for (size_t j = 0; j < k; j++) {
    const double n = walk->n_risk[j], next = s->surv_next[j], d2 = walk->other[j];
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

/* Events of the cause and of the others at the time of the walk; value: groups at risk */
static size_t count_events(const osv_walk *walk, double *d1, double *d2) {
  size_t present = 0;
  *d1 = *d2 = 0.0;
  for (size_t j = 0; j < walk->k; j++) {
    *d1 += walk->d[j];
    *d2 += walk->other[j];
    present += walk->n_risk[j] > 0.0;
  }
  return present;
}

/* Adds one stratum to Gray's test.
 *
 * in   walk over the k curves of the stratum, walk->cause the cause of interest
 * work osv_gray_work(k) doubles
 * out  observed, score [k], variance [k * k]: added to, so strata sum up; expected too:
 *      the events the pooled subdistribution hazard predicts
 * Formulas, Gray 1988, sec. 2-3: with n_j at risk in group j, S_j and F_j its event-free
 * curve and cumulative incidence just before t, F0 the pooled one, d1 events of the
 * cause, b = (1 - F0(t)) / S_j(t), C = c(end) - c(t),
 *   h_j  = n_j / S_j,  R_j = h_j (1 - F_j),  dF0 = d1 / sum h_j
 *   U_j  = sum (1 - F0)^rho (d1_j - d1 R_j / sum R)
 *   a_ij = (1 - F0)^rho h_i (delta_ij - h_j / sum h),  c_ij = int a_ij dF0 / (1 - F0)
 *   V_il = sum (a_ij + (1 - b) C_ij) (a_lj + (1 - b) C_lj) d1 / (h_j sum h)
 *        + sum b^2 C_ij C_lj d2_j / h_j^2,  d2 events of the other causes,
 * over groups j and times, each term with the tie factor of Gray's program,
 * 1 - (d - 1) / (m - 1), m the number at risk: an effective one for the cause, so it may
 * be below d, and very heavy ties can turn the variance negative, as in his program. F0
 * may pass 1 where far apart curves are censored unlike; a fractional rho then gives NaN.
 *
 * c(end) comes from a first walk; the sums of the second have no cancelling terms, unlike
 * the running sums of a one-pass form. Cost O(rows + event times k^2), with k^3 at times
 * of events of other causes.
 */
osv_status osv_gray(osv_walk *walk, double rho, const osv_poll *poll, double *work,
                    const osv_test_out *out) {
  const size_t k = walk->k;
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
    osv_walk_start(walk);
    for (size_t step = 1; osv_walk_next(walk); step++) {
      if (poll && step % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
      double d1, d2;
      const size_t present = count_events(walk, &d1, &d2);
      if (d1 + d2 == 0.0) continue;
      if (present == 1) { /* nothing to compare, and F0 may have reached 1 */
        for (size_t j = 0; pass == 1 && j < k; j++) {
          out->observed[j] += walk->d[j];
          out->expected[j] += walk->d[j];
        }
        continue;
      }
      gray_enter(&s, walk, d1);
      if (pass == 1) {
        for (size_t j = 0; j < k; j++) {
          const double share = s.h[j] * (1.0 - s.cif[j]) / s.tail_sum;
          const osv_dd u = osv_two_sum(out->score[j], s.loss * (walk->d[j] - d1 * share));
          out->score[j] = u.hi;
          rest[j] += u.lo;
          out->observed[j] += walk->d[j];
          out->expected[j] += d1 * share;
        }
        gray_variance(&s, walk, d1, c_end, e, out->variance);
      }
      gray_leave(&s, walk, d1);
    }
    if (pass == 0)
      for (size_t i = 0; i < k * k; i++) c_end[i] = s.c[i];
  }
  for (size_t j = 0; j < k; j++) out->score[j] += rest[j];
  return OSV_OK;
}
