/* spells - rows of states over time for the C tests, and a direct computation of the
 * infinitesimal jackknife: all ids at every time. */
#ifndef OSV_SPELLS_H
#define OSV_SPELLS_H

#include "check.h"

enum { MOST_SPELLS = 64, MOST_STATES = 4 };

/* Spells by id, and the osv_spells and osv_state_ids made of them */
typedef struct {
  size_t n, n_id, k, m;
  double begin[MOST_SPELLS], end[MOST_SPELLS];
  int state[MOST_SPELLS], to[MOST_SPELLS], id[MOST_SPELLS];
  double time[MOST_SPELLS], entry_time[MOST_SPELLS], square[MOST_SPELLS];
  int by_end[MOST_SPELLS], from[MOST_SPELLS], moved[MOST_SPELLS], whose[MOST_SPELLS];
  int entry_state[MOST_SPELLS], entry_row[MOST_SPELLS], at_start[MOST_SPELLS];
  osv_spells spells;
  osv_state_ids ids;
  /* counts and results */
  double when[MOST_SPELLS], n_risk[MOST_SPELLS * MOST_STATES];
  double n_censor[MOST_SPELLS * MOST_STATES], n_row[MOST_SPELLS * MOST_STATES];
  double n_move[MOST_SPELLS * MOST_STATES * MOST_STATES];
  osv_state_counts counts;
  double start[MOST_STATES], p[MOST_SPELLS * MOST_STATES];
  double error[MOST_SPELLS * MOST_STATES];
} spell_rows;

/* Sorts the spells by end and by begin, and counts them */
static inline void sort_spells(spell_rows *x) {
  size_t order[MOST_SPELLS], place[MOST_SPELLS];
  for (size_t i = 0; i < x->n; i++) {
    size_t at = i;
    for (; at > 0 && x->end[order[at - 1]] > x->end[i]; at--) order[at] = order[at - 1];
    order[at] = i;
  }
  for (size_t i = 0; i < x->n; i++) {
    const size_t row = order[i];
    place[row] = i;
    x->time[i] = x->end[row];
    x->from[i] = x->state[row];
    x->moved[i] = x->to[row];
    x->whose[i] = x->id[row];
  }
  for (size_t i = 0; i < x->n; i++) {
    size_t at = i;
    for (; at > 0 && x->begin[order[at - 1]] > x->begin[i]; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
  for (size_t i = 0; i < x->n; i++) {
    x->entry_time[i] = x->begin[order[i]];
    x->entry_state[i] = x->state[order[i]];
    x->entry_row[i] = (int)place[order[i]] + 1;
  }
  x->spells = (osv_spells){.n_state = x->k,
                           .n_row = x->n,
                           .time = x->time,
                           .from = x->from,
                           .to = x->moved,
                           .n_entry = x->n,
                           .entry_time = x->entry_time,
                           .entry_state = x->entry_state};
  for (size_t i = 0; i < MOST_SPELLS; i++) {
    x->square[i] = 1.0;
    x->at_start[i] = 0;
  }
  x->ids = (osv_state_ids){&x->spells, x->whose,    x->entry_row, x->n_id,
                           x->square,  x->at_start, 1.0};
  x->counts = (osv_state_counts){x->when, x->n_risk, x->n_censor, x->n_move, x->n_row};
  x->m = osv_count_times(x->time, x->n);
  double work[3 * MOST_STATES];
  assert(osv_states_counts(&x->spells, x->m, NULL, work, &x->counts) == OSV_OK);
}

/* Probabilities and standard errors by the kernels; all ids begin in state 1 */
static inline void run_spells(spell_rows *x) {
  double work[4 * MOST_STATES];
  for (size_t a = 0; a < x->k; a++) x->start[a] = a == 0;
  osv_states_curve(&x->counts, x->m, x->k, 0, x->start, work, x->p);
  const size_t n = osv_states_error_work(x->m, x->k, x->n_id);
  double *scratch = room(n, sizeof *scratch);
  size_t *at = room(x->n_id, sizeof *at);
  assert(osv_states_error(&x->ids, &x->counts, x->m, 0, x->start, x->p, NULL, scratch, at,
                          x->error) == OSV_OK);
  free(scratch);
  free(at);
}

/* Variance of the probability of a state at each time, from D of each id */
static inline void direct_variance(const spell_rows *x, double *variance) {
  const size_t k = x->k;
  static double d[MOST_SPELLS * MOST_STATES];
  for (size_t i = 0; i < x->n_id * k; i++) d[i] = 0.0;
  for (size_t j = 0; j < x->m; j++) {
    const double *before = j > 0 ? x->p + (j - 1) * k : x->start;
    double h[MOST_STATES][MOST_STATES];
    for (size_t a = 0; a < k; a++) {
      const double y = x->n_risk[j * k + a];
      for (size_t b = 0; b < k; b++) h[a][b] = a == b;
      for (size_t b = 0; b < k; b++) {
        const double share = y > 0.0 ? x->n_move[(j * k + a) * k + b] / y : 0.0;
        if (b == a) continue;
        h[a][b] += share;
        h[a][a] -= share;
      }
    }
    for (size_t id = 0; id < x->n_id; id++) {
      double new[MOST_STATES] = {0.0};
      for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) new[b] += d[id * k + a] * h[a][b];
      for (size_t i = 0; i < x->n; i++) {
        if ((size_t)x->id[i] != id + 1 || !(x->begin[i] < x->when[j]) ||
            x->end[i] < x->when[j])
          continue;
        const size_t a = (size_t)x->state[i] - 1;
        const int moves = x->end[i] == x->when[j] && x->to[i] > 0;
        const size_t b = moves ? (size_t)x->to[i] - 1 : a;
        const double one = before[a] / x->n_risk[j * k + a];
        for (size_t c = 0; c < k; c++) new[c] += one *((c == b) - h[a][c]);
      }
      for (size_t a = 0; a < k; a++) d[id * k + a] = new[a];
    }
    for (size_t a = 0; a < k; a++) {
      double sum = 0.0;
      for (size_t id = 0; id < x->n_id; id++) sum += d[id * k + a] * d[id * k + a];
      variance[j * k + a] = sum;
    }
  }
}

#endif
