/* osv_walk - sweeps over the event times of several curves of a table together. */
#include "osv_core.h"
#include "osv_counts.h"

#include <math.h>

/* The row after the last of curve j, and the row at which its sweep ends */
static inline size_t curve_end(const osv_walk *walk, size_t j) {
  return (size_t)walk->table->start[walk->first_curve + j + 1];
}

static inline size_t walk_end(const osv_walk *walk, size_t j) {
  return walk->to ? walk->to[j] : curve_end(walk, j);
}

/* Starts a sweep over the times of k curves together, from first_curve on. The caller has
 * set table, first_curve, k and the arrays of length k. */
void osv_walk_start(osv_walk *walk) {
  const osv_table *table = walk->table;
  for (size_t j = 0; j < walk->k; j++) {
    const size_t curve = walk->first_curve + j;
    walk->at[j] = walk->from ? walk->from[j] : (size_t)table->start[curve];
    walk->left[j] = 0.0;
    walk->n_risk[j] = (double)(curve_end(walk, j) - walk->at[j]);
    if (table->n) walk->n_risk[j] = 0.0;
    for (size_t i = walk->at[j]; table->n && i < curve_end(walk, j); i++)
      walk->n_risk[j] += table->n[i];
    if (!table->entry_time) continue;
    walk->entry_at[j] = (size_t)table->entry_start[curve];
    for (size_t i = walk->entry_at[j]; i < (size_t)table->entry_start[curve + 1]; i++)
      walk->n_risk[j] -= osv_entry_n(table, i);
  }
}

/* Adds the delayed entries of curve j before t to its risk set */
static void add_entries(osv_walk *walk, size_t j, double t) {
  const osv_table *table = walk->table;
  const size_t end = (size_t)table->entry_start[walk->first_curve + j + 1];
  for (; walk->entry_at[j] < end && table->entry_time[walk->entry_at[j]] < t;
       walk->entry_at[j]++)
    walk->n_risk[j] += osv_entry_n(table, walk->entry_at[j]);
}

/* Advances to the next time of two curves if it has a single row, as most continuous
 * times do. Branch-free in the curve and the status, because both are unpredictable. 0,
 * with nothing changed, if the time has several rows. */
static int next_single_row(osv_walk *walk) {
  const osv_table *table = walk->table;
  const double *time = table->time;
  size_t *const at = walk->at;
  if (at[0] + 1 >= walk_end(walk, 0) || at[1] + 1 >= walk_end(walk, 1)) return 0;
  const size_t j = time[at[1]] < time[at[0]], other = 1 - j, i = at[j];
  if (time[i] == time[at[other]] || time[i] == time[i + 1]) return 0;
  const double n = osv_row_n(table, i);
  const int event = table->status[i] != 0;
  const int own = event & ((walk->cause == 0) | (table->status[i] == walk->cause));
  walk->n_risk[0] -= walk->left[0];
  walk->n_risk[1] -= walk->left[1];
  walk->d[j] = own ? n : 0.0;
  walk->other[j] = (event & !own) ? n : 0.0;
  walk->left[j] = n;
  walk->d[other] = walk->other[other] = walk->left[other] = 0.0;
  at[j] = i + 1;
  return 1;
}

/* Can the sweep go by blocks: two curves, one subject a row, no delayed entry? */
int osv_walk_has_blocks(const osv_walk *walk) {
  return walk->k == 2 && !walk->table->n && !walk->table->entry_time;
}

/* Advances a sweep that can go by blocks by up to OSV_TIME_BLOCK times, while each has a
 * single row and neither curve ends. Branch-free, because the merge order is
 * unpredictable.
 *
 * out  block, the block of times
 * Value: whether the block is full. If not, osv_walk_next() gives the time after it.
 */
int osv_walk_block(osv_walk *walk, osv_time_block *block) {
  const osv_table *table = walk->table;
  const double *time = table->time;
  const size_t a_end = curve_end(walk, 0), b_end = curve_end(walk, 1);
  const size_t a_to = walk_end(walk, 0), b_to = walk_end(walk, 1);
  size_t a = walk->at[0], b = walk->at[1], m = 0;
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
  if (m > 0 && (tie || time[a] == last || time[b] == last)) { /* the last has a tie */
    m--;
    a -= 1 - block->second[m];
    b -= block->second[m];
  }
  block->m = m;
  if (m > 0) {
    walk->at[0] = a;
    walk->at[1] = b;
    walk->n_risk[0] = (double)(a_end - a);
    walk->n_risk[1] = (double)(b_end - b);
    walk->left[0] = walk->left[1] = 0.0;
  }
  return m == OSV_TIME_BLOCK;
}

/* Advances to the next time at which a subject of any curve leaves; 0 at the end.
 *
 * out  n_risk[j] at risk just before the time, d[j] events of `cause` (0: of any cause),
 *      other[j] events of the other causes, left[j] all who leave
 * Subtraction is exact, since counts are whole numbers below 2^53.
 */
int osv_walk_next(osv_walk *walk) {
  const osv_table *table = walk->table;
  if (walk->k == 2 && !table->entry_time && next_single_row(walk)) return 1;
  double t = INFINITY;
  for (size_t j = 0; j < walk->k; j++)
    if (walk->at[j] < walk_end(walk, j) && table->time[walk->at[j]] < t)
      t = table->time[walk->at[j]];
  for (size_t j = 0; j < walk->k; j++) {
    walk->n_risk[j] -= walk->left[j];
    if (table->entry_time) add_entries(walk, j, t);
    walk->d[j] = walk->other[j] = walk->left[j] = 0.0;
    const size_t end = walk_end(walk, j);
    for (size_t i = walk->at[j]; i < end && table->time[i] == t; i++) {
      const double n = osv_row_n(table, i);
      if (table->status[i] != 0) {
        const int own = walk->cause == 0 || table->status[i] == walk->cause;
        (own ? walk->d : walk->other)[j] += n;
      }
      walk->left[j] += n;
      walk->at[j]++;
    }
  }
  return t < INFINITY;
}

/* Records the position of a sweep before its next step, so that the rows and entries of
 * that step are known after it */
void osv_walk_mark(const osv_walk *walk, const osv_id_scores *scores) {
  for (size_t j = 0; j < walk->k; j++) {
    scores->from[j] = walk->at[j];
    if (scores->entry_row) scores->entered[j] = walk->entry_at[j];
  }
}
