/* direct_finegray - a Fine-Gray model risk set by risk set, and random rows for it. The
 * weight of each row in each risk set is a product computed from its definition. */
#ifndef OSV_DIRECT_FINEGRAY_H
#define OSV_DIRECT_FINEGRAY_H

#include "check.h"

enum { FG_ROWS = 40, FG_COLUMNS = 3 };

/* Rows that own their memory; `from` and `to` are the numbers of the first and last time
 * at risk, `pattern` the row of x. */
typedef struct {
  osv_finegray_rows rows;
  double x[FG_ROWS * FG_COLUMNS], count[FG_ROWS];
  int status[FG_ROWS];
  size_t to[FG_ROWS], from[FG_ROWS], by_first[FG_ROWS], pattern[FG_ROWS];
  size_t time_end[FG_ROWS], stratum_end[FG_ROWS];
  int late;
} fg_case;

/* Points `rows` to the arrays, with n rows in n_stratum strata and the times given by
 * `to` (ascending), `from`, `late` and stratum_end */
static inline void finish_finegray(fg_case *c, size_t n, size_t p, size_t n_stratum,
                                   int efron) {
  const size_t n_time = n_stratum ? c->stratum_end[n_stratum - 1] : 0;
  size_t at = 0;
  for (size_t t = 0; t < n_time; t++) {
    while (at < n && c->to[at] == t) at++;
    c->time_end[t] = at;
  }
  at = 0;
  for (size_t t = 0; t < n_time; t++)
    for (size_t i = 0; i < n; i++)
      if (c->from[i] == t) c->by_first[at++] = i;
  c->rows = (osv_finegray_rows){.n = n,
                                .p = p,
                                .n_stratum = n_stratum,
                                .x = c->x,
                                .pattern = c->pattern,
                                .count = c->count,
                                .status = c->status,
                                .time_end = c->time_end,
                                .stratum_end = c->stratum_end,
                                .first_time = c->late ? c->from : NULL,
                                .by_first = c->late ? c->by_first : NULL,
                                .efron = efron};
}

typedef struct {
  double loglik, score[FG_COLUMNS], information[FG_COLUMNS * FG_COLUMNS];
  double slope[FG_COLUMNS];
  double subject[2][FG_ROWS * FG_COLUMNS]; /* scores; [1] includes the term for the
                                            * estimated weights */
} fg_moments;

static inline size_t fg_stratum(const fg_case *c, size_t time) {
  size_t stratum = 0;
  while (time >= c->stratum_end[stratum]) stratum++;
  return stratum;
}

/* Is row i at risk at time t of its stratum? */
static inline int fg_at_risk(const fg_case *c, size_t i, size_t t) {
  return c->from[i] <= t && t <= c->to[i] && fg_stratum(c, t) == fg_stratum(c, c->to[i]);
}

/* Numbers at time t: at risk without its events, its censorings, the entries after it,
 * and the number at risk after it */
typedef struct {
  double before, censored, entered, after;
} fg_counts;

static inline fg_counts fg_count(const fg_case *c, size_t t) {
  fg_counts n = {0};
  for (size_t i = 0; i < c->rows.n; i++) {
    const int here = fg_at_risk(c, i, t), leaves = here && c->to[i] == t;
    if (fg_stratum(c, c->to[i]) != fg_stratum(c, t)) continue;
    if (here && !(leaves && c->status[i])) n.before += c->count[i];
    if (leaves && !c->status[i]) n.censored += c->count[i];
    if (c->from[i] == t + 1) n.entered += c->count[i];
  }
  n.after = n.before - n.censored + n.entered;
  return n;
}

/* W(t-) / W(s-) */
static inline double fg_weight(const fg_case *c, size_t s, size_t t) {
  double w = 1.0;
  for (size_t v = s; v < t; v++) {
    const fg_counts n = fg_count(c, v);
    w = n.before > 0.0 ? w * n.after / n.before : 0.0;
  }
  return w;
}

/* Weight of row i in the risk set at t, relative to r */
static inline double fg_in_risk_set(const fg_case *c, size_t i, size_t t) {
  if (fg_at_risk(c, i, t)) return 1.0;
  const int later =
      c->status[i] == 2 && c->to[i] < t && fg_stratum(c, c->to[i]) == fg_stratum(c, t);
  return later ? fg_weight(c, c->to[i], t) : 0.0;
}

/* Adds the contribution of the estimated weights to the scores, for one factor of time t
 * in which row j has a competing event at s < t and adds `change` [p] to the score */
static inline void add_weight_term(const fg_case *c, size_t s, size_t t,
                                   const double *change, fg_moments *out) {
  const size_t p = c->rows.p;
  for (size_t v = s; v < t; v++) {
    const fg_counts n = fg_count(c, v);
    for (size_t i = 0; i < c->rows.n; i++) {
      if (fg_stratum(c, c->to[i]) != fg_stratum(c, v)) continue;
      const int here = fg_at_risk(c, i, v);
      const int before = here && !(c->to[i] == v && c->status[i]);
      const int after = c->from[i] <= v + 1 && c->to[i] > v;
      const double by = (before / n.before - after / n.after) * fmin(n.before, n.after) /
                        fmax(n.before, n.after);
      for (size_t a = 0; a < p; a++) out->subject[1][i * p + a] += by * change[a];
    }
  }
}

static inline void add_direct_factor(const fg_case *c, const double *r, size_t t,
                                     double share, double d, const double *inverse,
                                     fg_moments *out) {
  const size_t n = c->rows.n, p = c->rows.p;
  double w[FG_ROWS], total = 0.0, mean[FG_COLUMNS] = {0};
  for (size_t i = 0; i < n; i++) {
    const int dies = c->to[i] == t && c->status[i] == 1;
    w[i] = r[i] * fg_in_risk_set(c, i, t) * (dies ? 1.0 - share : 1.0);
    total += c->count[i] * w[i];
  }
  for (size_t i = 0; i < n; i++)
    for (size_t a = 0; a < p; a++)
      mean[a] += c->count[i] * w[i] / total * c->x[c->pattern[i] * p + a];
  out->loglik -= log(total);
  for (size_t i = 0; i < n; i++) {
    double e[FG_COLUMNS], change[FG_COLUMNS];
    const int dies = c->to[i] == t && c->status[i] == 1;
    for (size_t a = 0; a < p; a++) e[a] = c->x[c->pattern[i] * p + a] - mean[a];
    for (size_t a = 0; a < p; a++) {
      change[a] = w[i] / total * e[a];
      out->subject[0][i * p + a] += (dies ? e[a] / d : 0.0) - change[a];
      out->subject[1][i * p + a] += (dies ? e[a] / d : 0.0) - change[a];
      out->score[a] += dies ? c->count[i] * e[a] / d : 0.0;
      for (size_t b = 0; b < p; b++)
        out->information[a * p + b] += c->count[i] * w[i] / total * e[a] * e[b];
    }
    double square = 0.0;
    for (size_t a = 0; a < p; a++)
      for (size_t b = 0; b < p; b++) square += e[a] * inverse[a * p + b] * e[b];
    for (size_t a = 0; a < p; a++) {
      out->slope[a] += c->count[i] * w[i] / total * square * e[a];
      change[a] *= c->count[i];
    }
    if (w[i] > 0.0 && !fg_at_risk(c, i, t)) add_weight_term(c, c->to[i], t, change, out);
  }
}

/* inverse: the inverse of any information matrix, used for the slope */
static inline fg_moments direct_finegray(const fg_case *c, const double *beta,
                                         const double *inverse) {
  const size_t n = c->rows.n, p = c->rows.p;
  fg_moments out = {0};
  double r[FG_ROWS];
  for (size_t i = 0; i < n; i++) {
    double eta = 0.0;
    for (size_t a = 0; a < p; a++) eta += beta[a] * c->x[c->pattern[i] * p + a];
    r[i] = exp(eta);
    if (c->status[i] == 1) out.loglik += c->count[i] * eta;
  }
  for (size_t t = 0; n && t <= c->to[n - 1]; t++) {
    double d = 0.0;
    for (size_t i = 0; i < n; i++)
      if (c->to[i] == t && c->status[i] == 1) d += c->count[i];
    for (double l = 0.0; l < d; l += 1.0)
      add_direct_factor(c, r, t, c->rows.efron ? l / d : 0.0, d, inverse, &out);
  }
  return out;
}

/* Random rows: ties, strata, counts, shared patterns, delayed entry */
static inline void random_finegray(fg_case *c, uint64_t *seed) {
  const size_t n = 8 + draw(seed) % (FG_ROWS - 8), p = 1 + draw(seed) % FG_COLUMNS;
  const size_t n_stratum = 1 + draw(seed) % 3, shared = draw(seed) % 2;
  const int counted = draw(seed) % 2;
  size_t row = 0, time = 0;
  c->late = draw(seed) % 2;
  for (size_t s = 0; s < n_stratum; s++) {
    const size_t low = time, end = s + 1 == n_stratum ? n : row + (n - row) / 2;
    while (row < end) {
      for (size_t ties = 1 + draw(seed) % 3; ties > 0 && row < end; ties--) {
        c->to[row] = time;
        c->from[row] = c->late ? low + draw(seed) % (time - low + 1) : low;
        c->status[row] = (int)(draw(seed) % 3);
        c->count[row] = counted ? 1.0 + (double)(draw(seed) % 3) : 1.0;
        c->pattern[row] = shared ? draw(seed) % 5 : row;
        for (size_t a = 0; a < p; a++)
          c->x[row * p + a] = a == 1 ? (double)(draw(seed) % 2) : draw_unit(seed) - 0.5;
        row++;
      }
      time++;
    }
    c->stratum_end[s] = time;
  }
  finish_finegray(c, n, p, n_stratum, draw(seed) % 2);
}

/* Memory for the result of osv_finegray_steps() */
typedef struct {
  osv_steps out;
  size_t end[FG_ROWS], first[FG_ROWS], last[FG_ROWS], until[FG_ROWS];
  int time[FG_ROWS];
  double d[FG_ROWS], a[FG_ROWS], b[FG_ROWS], tied[FG_ROWS], mean[FG_ROWS * FG_COLUMNS];
  double entered[FG_ROWS], stayed[FG_ROWS], weighted[FG_ROWS], moved[FG_ROWS];
} fg_steps;

#endif
