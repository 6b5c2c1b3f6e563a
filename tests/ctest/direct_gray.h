/* direct_gray - Gray's test by the formulas of Gray (1988), in two passes. */
#ifndef OSV_DIRECT_GRAY_H
#define OSV_DIRECT_GRAY_H

#include "direct.h"

enum { GRAY_GROUPS = 4, GRAY_TIMES = 64 };

/* One time, by group: number at risk, events of the cause, events of other causes; S and
 * F just before it */
typedef struct {
  long double n[GRAY_GROUPS], d1[GRAY_GROUPS], d2[GRAY_GROUPS];
  long double surv[GRAY_GROUPS], next[GRAY_GROUPS], cif[GRAY_GROUPS];
  long double h[GRAY_GROUPS], h_sum, r_sum, pooled, pooled_next, loss, events;
  int present;
} gray_time;

/* Fills x, one element a time, from the weighted rows; returns the number of times.
 * fixed: NULL, or (1 - F0)^rho of each time, used instead of the value from these
 * rows. */
static inline size_t gray_times(const subjects *s, int cause, double rho,
                                const long double *fixed, gray_time *x) {
  const size_t k = s->n_curve;
  size_t m = 0;
  gray_time now = {.pooled = 0.0L};
  for (size_t j = 0; j < k; j++) now.surv[j] = 1.0L;
  for (double t = time_after(s, -1.0, 0, (int)k); t < INFINITY;
       t = time_after(s, t, 0, (int)k)) {
    now.h_sum = now.r_sum = now.events = 0.0L;
    now.present = 0;
    for (size_t j = 0; j < k; j++) now.n[j] = now.d1[j] = now.d2[j] = 0.0L;
    for (size_t i = 0; i < s->n; i++) {
      if (!at_risk(s, i, t)) continue;
      now.n[s->curve[i]] += s->weight[i];
      if (s->time[i] != t || s->status[i] == 0) continue;
      (s->status[i] == cause ? now.d1 : now.d2)[s->curve[i]] += s->weight[i];
    }
    for (size_t j = 0; j < k; j++) {
      now.present += now.n[j] > 0.0L;
      now.h[j] = now.n[j] > 0.0L ? now.n[j] / now.surv[j] : 0.0L;
      now.h_sum += now.h[j];
      now.r_sum += now.h[j] * (1.0L - now.cif[j]);
      now.events += now.d1[j];
      now.next[j] = now.surv[j];
      if (now.n[j] > 0.0L) now.next[j] *= 1.0L - (now.d1[j] + now.d2[j]) / now.n[j];
    }
    now.loss = fixed ? fixed[m] : powl(1.0L - now.pooled, rho);
    now.pooled_next = now.pooled + now.events / now.h_sum;
    assert(m < GRAY_TIMES);
    x[m++] = now;
    for (size_t j = 0; j < k; j++) {
      if (now.n[j] > 0.0L) now.cif[j] += now.surv[j] * now.d1[j] / now.n[j];
      now.surv[j] = now.next[j];
    }
    now.pooled = now.pooled_next;
  }
  return m;
}

/* U_j = sum (1 - F0)^rho (d1_j - d1 R_j / sum R) over the times at which several groups
 * are at risk */
static inline void gray_score(const gray_time *x, size_t m, size_t k, long double *u) {
  for (size_t j = 0; j < k; j++) u[j] = 0.0L;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < k && x[i].present > 1; j++)
      u[j] += x[i].loss *
              (x[i].d1[j] - x[i].events * x[i].h[j] * (1.0L - x[i].cif[j]) / x[i].r_sum);
}

static inline long double gray_a(const gray_time *x, size_t i, size_t j) {
  const long double own = (i == j) - x->h[j] / x->h_sum;
  return x->present > 1 ? x->loss * x->h[i] * own : 0.0L;
}

/* C_ij = c_ij(end) - c_ij at time l: the sum of a_ij dF0 / (1 - F0) over later times */
static inline long double gray_c(const gray_time *x, size_t m, size_t l, size_t i,
                                 size_t j) {
  long double sum = 0.0L;
  for (size_t q = l + 1; q < m; q++) {
    if (x[q].present < 2) continue; /* a is 0, and F0 may be 1 */
    sum += gray_a(x + q, i, j) * x[q].events / x[q].h_sum / (1.0L - x[q].pooled);
  }
  return sum;
}

/* V_il with the tie factors; see osv_gray() */
static inline void gray_variance(const gray_time *x, size_t m, size_t k, long double *v) {
  for (size_t i = 0; i < k * k; i++) v[i] = 0.0L;
  for (size_t q = 0; q < m; q++)
    for (size_t j = 0; j < k; j++) {
      const gray_time *const y = x + q;
      if (!(y->n[j] > 0.0L)) continue;
      const long double b =
          y->next[j] > 0.0L ? (1.0L - y->pooled_next) / y->next[j] : 0.0L;
      long double tie1 = 1.0L, tie2 = 1.0L;
      if (y->events > 1.0L) tie1 -= (y->events - 1.0L) / (y->h_sum * y->surv[j] - 1.0L);
      if (y->d2[j] > 1.0L) tie2 -= (y->d2[j] - 1.0L) / (y->n[j] - 1.0L);
      for (size_t i = 0; i < k; i++)
        for (size_t l = 0; l < k; l++) {
          const long double c_i = gray_c(x, m, q, i, j), c_l = gray_c(x, m, q, l, j);
          v[i * k + l] += tie1 * y->events / y->h_sum / y->h[j] *
                          (gray_a(y, i, j) + (1.0L - b) * c_i) *
                          (gray_a(y, l, j) + (1.0L - b) * c_l);
          v[i * k + l] += tie2 * b * b * c_i * c_l * y->d2[j] / y->h[j] / y->h[j];
        }
    }
}

#endif
