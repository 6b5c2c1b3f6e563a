/* direct - rows of subjects, and direct implementations of the estimators: sums over all
 * rows for each time, in long double. The kernels are compared with them. */
#ifndef OSV_DIRECT_H
#define OSV_DIRECT_H

#include "check.h"

/* Rows sorted by curve and time, one per subject with a `weight`, and their table */
typedef struct {
  size_t n, n_curve, n_id;
  int n_status;
  double *time, *entry, *weight; /* entry: -1 in a table without entries, else >= 0 */
  int *status, *curve, *id;
  osv_table table;
  double *start, *entry_time, *entry_n, *entry_start;
  int *entry_row;
} subjects;

static inline subjects new_subjects(size_t n, size_t n_curve, int n_status, size_t n_id) {
  return (subjects){.n = n,
                    .n_curve = n_curve,
                    .n_id = n_id,
                    .n_status = n_status,
                    .time = room(n, sizeof(double)),
                    .entry = room(n, sizeof(double)),
                    .weight = room(n, sizeof(double)),
                    .status = room(n, sizeof(int)),
                    .curve = room(n, sizeof(int)),
                    .id = room(n, sizeof(int)),
                    .start = room(n_curve + 1, sizeof(double)),
                    .entry_time = room(n, sizeof(double)),
                    .entry_n = room(n, sizeof(double)),
                    .entry_start = room(n_curve + 1, sizeof(double)),
                    .entry_row = room(n, sizeof(int))};
}

static inline void drop_subjects(subjects x) {
  void *const all[] = {x.time,  x.entry,      x.weight,  x.status,      x.curve,    x.id,
                       x.start, x.entry_time, x.entry_n, x.entry_start, x.entry_row};
  for (size_t i = 0; i < COUNT_OF(all); i++) free(all[i]);
}

static inline void swap_rows(subjects *x, size_t i, size_t j) {
  double *const reals[] = {x->time, x->entry, x->weight};
  int *const codes[] = {x->status, x->curve, x->id};
  for (size_t c = 0; c < 3; c++) {
    const double real = reals[c][i];
    const int code = codes[c][i];
    reals[c][i] = reals[c][j];
    reals[c][j] = real;
    codes[c][i] = codes[c][j];
    codes[c][j] = code;
  }
}

/* Sorts the rows and makes their table; weighted, late: with weights, with entries */
static inline void make_table(subjects *x, int weighted, int late) {
  for (size_t i = 1; i < x->n; i++)
    for (size_t j = i;
         j > 0 && (x->curve[j] < x->curve[j - 1] ||
                   (x->curve[j] == x->curve[j - 1] && x->time[j] < x->time[j - 1]));
         j--)
      swap_rows(x, j, j - 1);
  for (size_t c = 0; c <= x->n_curve; c++) x->start[c] = 0.0;
  for (size_t i = 0; i < x->n; i++) {
    x->start[x->curve[i] + 1] += 1.0;
    if (!weighted) x->weight[i] = 1.0;
    if (!late) x->entry[i] = -1.0;
    size_t e = i; /* the rows of a curve sorted by entry */
    for (; e > 0 && x->curve[x->entry_row[e - 1] - 1] == x->curve[i] &&
           x->entry[x->entry_row[e - 1] - 1] > x->entry[i];
         e--)
      x->entry_row[e] = x->entry_row[e - 1];
    x->entry_row[e] = (int)i + 1;
  }
  for (size_t c = 0; c < x->n_curve; c++) x->start[c + 1] += x->start[c];
  x->table = table_of(x->time, x->status, weighted ? x->weight : NULL, x->start,
                      x->n_curve, x->n_status);
  if (!late) return;
  for (size_t e = 0; e < x->n; e++) {
    x->entry_time[e] = x->entry[x->entry_row[e] - 1];
    x->entry_n[e] = x->weight[x->entry_row[e] - 1];
  }
  x->table =
      with_entries(x->table, x->entry_time, weighted ? x->entry_n : NULL, x->start);
}

/* Random rows; the last subject of each curve is censored, so that S stays above 0 */
static inline subjects draw_subjects(uint64_t seed, size_t n, size_t n_curve,
                                     int n_status, size_t n_id, int weighted, int late) {
  subjects x = new_subjects(n, n_curve, n_status, n_id);
  for (size_t i = 0; i < n; i++) {
    const int last = i < n_curve;
    x.time[i] = last ? 100.0 : (double)(1 + draw(&seed) % 30);
    if (!last && draw(&seed) % 2)
      x.entry[i] = floor(x.time[i] * draw_unit(&seed) * 0.999);
    x.weight[i] = (double)(1 + draw(&seed) % 4);
    x.status[i] = last ? 0 : (int)(draw(&seed) % (uint64_t)n_status);
    x.curve[i] = (int)(last ? i : draw(&seed) % n_curve);
    x.id[i] = 1 + (int)(draw(&seed) % n_id);
  }
  make_table(&x, weighted, late);
  return x;
}

static inline int at_risk(const subjects *x, size_t row, double t) {
  return x->entry[row] < t && t <= x->time[row];
}

/* The smallest time above t of any row of the curves first .. last; INFINITY: none */
static inline double time_after(const subjects *x, double t, int first, int last) {
  double next = INFINITY;
  for (size_t i = 0; i < x->n; i++)
    if (x->curve[i] >= first && x->curve[i] <= last && x->time[i] > t)
      next = fmin(next, x->time[i]);
  return next;
}

/* S of one curve, and for each id the derivatives e of S, and d of F of each cause, by
 * the weights of its rows, multiplied by these weights. They start at 0, and
 * direct_influence() updates them at each time t by the recursion of Ying & Wei 1994, see
 * osv_cluster_aj(). */
typedef struct {
  long double surv, *e, *d; /* e[n_id], d[n_cause * n_id] */
} influence_state;

static inline void direct_influence(const subjects *x, int curve, double t,
                                    influence_state *s) {
  const size_t n_cause = (size_t)x->n_status - 1, n_id = x->n_id;
  long double n = 0.0L, d = 0.0L, own[8] = {0.0L};
  for (size_t i = 0; i < x->n; i++) {
    if (x->curve[i] != curve || !at_risk(x, i, t)) continue;
    n += x->weight[i];
    if (x->time[i] != t || x->status[i] == 0) continue;
    d += x->weight[i];
    own[x->status[i] - 1] += x->weight[i];
  }
  for (size_t k = 0; k < n_cause; k++)
    for (size_t c = 0; c < n_id; c++) s->d[k * n_id + c] += own[k] / n * s->e[c];
  for (size_t c = 0; c < n_id; c++) s->e[c] *= 1.0L - d / n;
  for (size_t i = 0; i < x->n; i++) {
    if (x->curve[i] != curve || !at_risk(x, i, t)) continue;
    const size_t c = (size_t)x->id[i] - 1;
    const int event = x->time[i] == t ? x->status[i] : 0;
    const long double unit = s->surv * x->weight[i] / n;
    s->e[c] -= unit * ((event != 0) - d / n);
    for (size_t k = 0; k < n_cause; k++)
      s->d[k * n_id + c] += unit * ((event == (int)k + 1) - own[k] / n);
  }
  s->surv *= 1.0L - d / n;
}

/* Score of the log-rank family by row: sum over times of w (dN_i - Y_i d / n) (delta_gj -
 * n_j / n), for all curves as groups; power: 1 Gehan, 0 log-rank. u[row * k + group] */
static inline void direct_logrank(const subjects *x, int power, long double *u) {
  const size_t k = x->n_curve;
  for (size_t i = 0; i < x->n * k; i++) u[i] = 0.0L;
  for (double t = time_after(x, -1.0, 0, (int)k); t < INFINITY;
       t = time_after(x, t, 0, (int)k)) {
    long double n[8] = {0.0L}, all = 0.0L, d = 0.0L;
    for (size_t i = 0; i < x->n; i++) {
      if (!at_risk(x, i, t)) continue;
      n[x->curve[i]] += x->weight[i];
      all += x->weight[i];
      if (x->time[i] == t && x->status[i] != 0) d += x->weight[i];
    }
    const long double w = power ? all : 1.0L;
    for (size_t i = 0; i < x->n; i++) {
      if (!at_risk(x, i, t)) continue;
      const long double excess = (x->time[i] == t && x->status[i] != 0) - d / all;
      for (size_t j = 0; j < k; j++)
        u[i * k + j] +=
            x->weight[i] * w * excess * ((x->curve[i] == (int)j) - n[j] / all);
    }
  }
}

#endif
