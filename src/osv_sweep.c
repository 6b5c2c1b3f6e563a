/* osv_sweep - sweeps over the event times of several curves of a table together. */
#include "osv_core.h"
#include "osv_counts.h"

#include <math.h>

/* The row at which the sweep of curve j ends */
static inline size_t curve_end(const osv_sweep *sweep, size_t j) {
  return (size_t)sweep->table->start[sweep->first_curve + j + 1];
}

static inline size_t sweep_end(const osv_sweep *sweep, size_t j) {
  return sweep->to ? sweep->to[j] : curve_end(sweep, j);
}

/* Starts a sweep over the times of k curves together, beginning with curve first_curve.
 * The caller has set table, first_curve, k and the arrays of length k. */
void osv_sweep_start(osv_sweep *sweep) {
  const osv_table *table = sweep->table;
  for (size_t j = 0; j < sweep->k; j++) {
    const size_t curve = sweep->first_curve + j;
    sweep->at[j] = sweep->from ? sweep->from[j] : (size_t)table->start[curve];
    sweep->left[j] = 0.0;
    sweep->n_risk[j] = (double)(curve_end(sweep, j) - sweep->at[j]);
    if (table->n) sweep->n_risk[j] = 0.0;
    for (size_t i = sweep->at[j]; table->n && i < curve_end(sweep, j); i++)
      sweep->n_risk[j] += table->n[i];
    if (!table->entry_time) continue;
    sweep->entry_at[j] = (size_t)table->entry_start[curve];
    for (size_t i = sweep->entry_at[j]; i < (size_t)table->entry_start[curve + 1]; i++)
      sweep->n_risk[j] -= osv_entry_n(table, i);
  }
}

/* Adds the delayed entries of curve j before t to its risk set */
static void add_entries(osv_sweep *sweep, size_t j, double t) {
  const osv_table *table = sweep->table;
  const size_t end = (size_t)table->entry_start[sweep->first_curve + j + 1];
  for (; sweep->entry_at[j] < end && table->entry_time[sweep->entry_at[j]] < t;
       sweep->entry_at[j]++)
    sweep->n_risk[j] += osv_entry_n(table, sweep->entry_at[j]);
}

/* Advances to the next time of two curves if it has a single row, as most continuous
 * times have. The code has no branches on the curve or the status, because the processor
 * could not predict them. Value: 0, with nothing changed, if the time has several
 * rows. */
static int next_single_row(osv_sweep *sweep) {
  const osv_table *table = sweep->table;
  const double *time = table->time;
  size_t *const at = sweep->at;
  if (at[0] + 1 >= sweep_end(sweep, 0) || at[1] + 1 >= sweep_end(sweep, 1)) return 0;
  const size_t j = time[at[1]] < time[at[0]], other = 1 - j, i = at[j];
  if (time[i] == time[at[other]] || time[i] == time[i + 1]) return 0;
  const double n = osv_row_n(table, i);
  const int event = table->status[i] != 0;
  const int own = event & ((sweep->cause == 0) | (table->status[i] == sweep->cause));
  sweep->n_risk[0] -= sweep->left[0];
  sweep->n_risk[1] -= sweep->left[1];
  sweep->d[j] = own ? n : 0.0;
  sweep->other[j] = (event & !own) ? n : 0.0;
  sweep->left[j] = n;
  sweep->d[other] = sweep->other[other] = sweep->left[other] = 0.0;
  at[j] = i + 1;
  return 1;
}

/* Can the sweep read blocks? This needs two curves, one subject per row and no delayed
 * entry. */
int osv_sweep_has_blocks(const osv_sweep *sweep) {
  return sweep->k == 2 && !sweep->table->n && !sweep->table->entry_time;
}

/* Advances a sweep that can read blocks by up to OSV_TIME_BLOCK times. It stops earlier
 * if a time has several rows or a curve ends. The code has no branches on the curve of
 * the next row, because the processor cannot predict the merge order.
 *
 * out  block, the block of times
 * Value: whether the block is full. If not, osv_sweep_next() gives the time after it.
 */
int osv_sweep_block(osv_sweep *sweep, osv_time_block *block) {
  const osv_table *table = sweep->table;
  const double *time = table->time;
  const size_t a_end = curve_end(sweep, 0), b_end = curve_end(sweep, 1);
  const size_t a_to = sweep_end(sweep, 0), b_to = sweep_end(sweep, 1);
  size_t a = sweep->at[0], b = sweep->at[1], m = 0;
  double last = -INFINITY;
  int tie = 0;
  while (a + 1 < a_to && b + 1 < b_to) {
    const double t_a = time[a], t_b = time[b], t = t_a < t_b ? t_a : t_b;
    tie = !(t > last);
    if (tie || m == OSV_TIME_BLOCK) break;
    const size_t second = t_b < t_a;
    block->second[m] = second;
    block->status[m] = table->status[a + (b - a) * second];
    block->n_risk[0][m] = (double)(a_end - a);
    block->n_risk[1][m] = (double)(b_end - b);
    last = t;
    a += 1 - second;
    b += second;
    m++;
  }
  /* the last time is tied: undo it */
  if (m > 0 && (tie || time[a] == last || time[b] == last)) {
    m--;
    a -= 1 - block->second[m];
    b -= block->second[m];
  }
  block->m = m;
  if (m > 0) {
    sweep->at[0] = a;
    sweep->at[1] = b;
    sweep->n_risk[0] = (double)(a_end - a);
    sweep->n_risk[1] = (double)(b_end - b);
    sweep->left[0] = sweep->left[1] = 0.0;
  }
  return m == OSV_TIME_BLOCK;
}

/* Advances to the next time at which a subject of any curve leaves. Value: 0 at the end.
 *
 * out  n_risk[j] at risk just before the time, d[j] events of `cause` (0: of any cause),
 *      other[j] events of the other causes, left[j] all who leave
 * Subtraction is exact, since counts are whole numbers below 2^53.
 */
int osv_sweep_next(osv_sweep *sweep) {
  const osv_table *table = sweep->table;
  if (sweep->k == 2 && !table->entry_time && next_single_row(sweep)) return 1;
  double t = INFINITY;
  for (size_t j = 0; j < sweep->k; j++)
    if (sweep->at[j] < sweep_end(sweep, j) && table->time[sweep->at[j]] < t)
      t = table->time[sweep->at[j]];
  for (size_t j = 0; j < sweep->k; j++) {
    sweep->n_risk[j] -= sweep->left[j];
    if (table->entry_time) add_entries(sweep, j, t);
    sweep->d[j] = sweep->other[j] = sweep->left[j] = 0.0;
    const size_t end = sweep_end(sweep, j);
    for (size_t i = sweep->at[j]; i < end && table->time[i] == t; i++) {
      const double n = osv_row_n(table, i);
      if (table->status[i] != 0) {
        const int own = sweep->cause == 0 || table->status[i] == sweep->cause;
        (own ? sweep->d : sweep->other)[j] += n;
      }
      sweep->left[j] += n;
      sweep->at[j]++;
    }
  }
  return t < INFINITY;
}

/* Records the position of a sweep before its next step. The rows and entries of that step
 * can then be found after it. */
void osv_sweep_mark(const osv_sweep *sweep, const osv_id_scores *scores) {
  for (size_t j = 0; j < sweep->k; j++) {
    scores->from[j] = sweep->at[j];
    if (scores->entry_row) scores->entered[j] = sweep->entry_at[j];
  }
}
