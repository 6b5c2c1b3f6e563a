/* direct_cox - a Cox model risk set by risk set, O(rows^2), and random rows for it. */
#ifndef OSV_DIRECT_COX_H
#define OSV_DIRECT_COX_H

#include "check.h"

enum { COX_ROWS = 40, COX_COLUMNS = 3 };

/* The rows of a Cox model, stratum by stratum, ascending in time. The distinct times are
 * numbered over all strata; a row is at risk from its first_time to the time at which it
 * leaves. */
typedef struct {
  size_t n, p, n_stratum;
  const double *x;           /* [n * p], row by row */
  const double *weight;      /* [n], of each row in the risk sets */
  const int *event;          /* [n], not 0 for an event */
  const size_t *time_end;    /* by time: the row after its last */
  const size_t *stratum_end; /* by stratum: the time after its last */
  const size_t *first_time;  /* [n], number of the first time at risk */
  const size_t *by_first;    /* [n] the rows, ascending in first_time */
  int efron;                 /* 0: Breslow's rule for ties */
  int delayed; /* 1: some row is not at risk from the first time of its stratum */
} cox_rows;

/* Rows of a Cox model that own their memory; `from` and `to` are the numbers of the first
 * and last time at risk. */
typedef struct {
  cox_rows rows;
  double x[COX_ROWS * COX_COLUMNS], weight[COX_ROWS];
  int event[COX_ROWS];
  size_t to[COX_ROWS], from[COX_ROWS], by_first[COX_ROWS];
  size_t time_end[COX_ROWS], stratum_end[COX_ROWS];
} cox_case;

/* Points `rows` to the arrays, with n rows in n_stratum strata and n_time times given by
 * `to` (ascending), `from` and stratum_end. */
static inline void finish_cox(cox_case *c, size_t n, size_t p, size_t n_time,
                              size_t n_stratum, int efron) {
  size_t at = 0;
  for (size_t t = 0; t < n_time; t++) {
    while (at < n && c->to[at] == t) at++;
    c->time_end[t] = at;
  }
  at = 0;
  c->rows.delayed = 0;
  for (size_t t = 0; t < n_time; t++)
    for (size_t i = 0; i < n; i++)
      if (c->from[i] == t) c->by_first[at++] = i;
  for (size_t i = 0; i < n; i++) {
    size_t stratum = 0;
    while (c->to[i] >= c->stratum_end[stratum]) stratum++;
    c->rows.delayed |= c->from[i] > (stratum ? c->stratum_end[stratum - 1] : 0);
  }
  c->rows.n = n;
  c->rows.p = p;
  c->rows.n_stratum = n_stratum;
  c->rows.x = c->x;
  c->rows.weight = c->weight;
  c->rows.event = c->event;
  c->rows.time_end = c->time_end;
  c->rows.stratum_end = c->stratum_end;
  c->rows.first_time = c->from;
  c->rows.by_first = c->by_first;
  c->rows.efron = efron;
}

/* Four rows with x = 0, 1, 0, 1 at times 0 .. 3 */
static inline cox_case four_rows(const int *event) {
  cox_case c = {
      .x = {0, 1, 0, 1}, .weight = {1, 1, 1, 1}, .to = {0, 1, 2, 3}, .stratum_end = {4}};
  for (size_t i = 0; i < 4; i++) c.event[i] = event[i];
  return c;
}

typedef struct {
  double loglik, score[COX_COLUMNS], information[COX_COLUMNS * COX_COLUMNS];
  double slope[COX_COLUMNS];
} cox_moments;

/* Adds one factor of the likelihood; w: weight of each row in it */
static inline void add_direct(const cox_case *c, const double *w, const double *inverse,
                              cox_moments *out) {
  const size_t n = c->rows.n, p = c->rows.p;
  double total = 0.0, mean[COX_COLUMNS] = {0};
  for (size_t i = 0; i < n; i++) total += w[i];
  for (size_t i = 0; i < n; i++)
    for (size_t a = 0; a < p; a++) mean[a] += w[i] / total * c->x[i * p + a];
  out->loglik -= log(total);
  for (size_t a = 0; a < p; a++) out->score[a] -= mean[a];
  for (size_t i = 0; i < n; i++) {
    double e[COX_COLUMNS], quadratic = 0.0;
    for (size_t a = 0; a < p; a++) e[a] = c->x[i * p + a] - mean[a];
    for (size_t a = 0; a < p; a++)
      for (size_t b = 0; b < p; b++) {
        out->information[a * p + b] += w[i] / total * e[a] * e[b];
        quadratic += e[a] * inverse[a * p + b] * e[b];
      }
    for (size_t a = 0; a < p; a++) out->slope[a] += w[i] / total * quadratic * e[a];
  }
}

static inline cox_moments direct_cox(const cox_case *c, const double *beta,
                                     const double *inverse) {
  const size_t n = c->rows.n, p = c->rows.p;
  cox_moments out = {0};
  double r[COX_ROWS], eta[COX_ROWS];
  for (size_t i = 0; i < n; i++) {
    eta[i] = 0.0;
    for (size_t a = 0; a < p; a++) eta[i] += beta[a] * c->x[i * p + a];
    r[i] = c->weight[i] * exp(eta[i]);
  }
  for (size_t t = 0; n && t <= c->to[n - 1]; t++) {
    double d = 0.0, w[COX_ROWS];
    for (size_t i = 0; i < n; i++)
      if (c->to[i] == t && c->event[i]) {
        d += 1.0;
        out.loglik += eta[i];
        for (size_t a = 0; a < p; a++) out.score[a] += c->x[i * p + a];
      }
    size_t stratum = 0;
    while (t >= c->stratum_end[stratum]) stratum++;
    const size_t low = stratum ? c->stratum_end[stratum - 1] : 0;
    for (double l = 0.0; l < d; l += 1.0) {
      for (size_t i = 0; i < n; i++) {
        const int here = c->from[i] <= t && t <= c->to[i] && c->to[i] >= low &&
                         c->to[i] < c->stratum_end[stratum];
        const int dies = c->to[i] == t && c->event[i];
        w[i] = here ? r[i] * (dies && c->rows.efron ? 1.0 - l / d : 1.0) : 0.0;
      }
      add_direct(c, w, inverse, &out);
    }
  }
  return out;
}

/* Random rows: ties, strata, weights, delayed entry */
static inline void random_cox(cox_case *c, uint64_t *seed) {
  const size_t n = 8 + draw(seed) % (COX_ROWS - 8), p = 1 + draw(seed) % COX_COLUMNS;
  const size_t n_stratum = 1 + draw(seed) % 3;
  const int delayed = draw(seed) % 2, weighted = draw(seed) % 2;
  size_t row = 0, time = 0;
  for (size_t s = 0; s < n_stratum; s++) {
    const size_t low = time, end = s + 1 == n_stratum ? n : row + (n - row) / 2;
    while (row < end) {
      for (size_t ties = 1 + draw(seed) % 3; ties > 0 && row < end; ties--) {
        c->to[row] = time;
        c->from[row] = delayed ? low + draw(seed) % (time - low + 1) : low;
        c->event[row] = draw(seed) % 3 > 0;
        c->weight[row] = weighted ? 0.5 + draw_unit(seed) : 1.0;
        for (size_t a = 0; a < p; a++)
          c->x[row * p + a] = a == 1 ? (double)(draw(seed) % 2) : draw_unit(seed) - 0.5;
        row++;
      }
      time++;
    }
    c->stratum_end[s] = time;
  }
  finish_cox(c, n, p, time, n_stratum, draw(seed) % 2);
}

#endif
