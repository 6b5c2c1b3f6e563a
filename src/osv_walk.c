/* osv_walk - walking curves of an event table together, time by time. */
#include "osv_core.h"

#include <math.h>

/* Where curve j of a walk ends, and where its walk does */
static inline size_t curve_end(const osv_walk *walk, size_t j) {
  return (size_t)walk->table->start[walk->first_curve + j + 1];
}

static inline size_t walk_end(const osv_walk *walk, size_t j) {
  return walk->to ? walk->to[j] : curve_end(walk, j);
}

/* Starts a walk over the times of k curves together, from first_curve on. The caller has
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
      walk->n_risk[j] -= table->entry_n ? table->entry_n[i] : 1.0;
  }
}

/* Lets those of curve j in who entered before t. */
static void walk_entries(osv_walk *walk, size_t j, double t) {
  const osv_table *table = walk->table;
  const size_t end = (size_t)table->entry_start[walk->first_curve + j + 1];
  for (; walk->entry_at[j] < end && table->entry_time[walk->entry_at[j]] < t;
       walk->entry_at[j]++)
    walk->n_risk[j] += table->entry_n ? table->entry_n[walk->entry_at[j]] : 1.0;
}

/* The next time of two curves if it is that of one row, as most continuous times are:
 * without a branch on whose turn it is or why the row ends, which no processor can guess.
 * 0, and nothing moved, if it is not. */
static int walk_one_row(osv_walk *walk) {
  const osv_table *table = walk->table;
  const double *time = table->time;
  size_t *const at = walk->at;
  if (at[0] + 1 >= walk_end(walk, 0) || at[1] + 1 >= walk_end(walk, 1)) return 0;
  const size_t j = time[at[1]] < time[at[0]], other = 1 - j, i = at[j];
  if (time[i] == time[at[other]] || time[i] == time[i + 1]) return 0;
  const double n = table->n ? table->n[i] : 1.0;
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

/* Has the walk two curves with one subject a row, none of them entering late? */
int osv_walk_is_plain(const osv_walk *walk) {
  return walk->k == 2 && !walk->table->n && !walk->table->entry_time;
}

/* The next times of a walk that is plain, at most OSV_RUN, as long as each is that of one
 * row and neither curve ends: whose turn it is comes first, without a branch. 0 if there
 * are fewer than OSV_RUN; osv_walk_next() gives the time that follows them. */
int osv_walk_run(osv_walk *walk, osv_run *run) {
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
    if (tie || m == OSV_RUN) break;
    const size_t second = t_b < t_a;
    run->second[m] = second;
    run->status[m] = table->status[a + (b - a) * second];
    run->n_risk[0][m] = (double)(a_end - a);
    run->n_risk[1][m] = (double)(b_end - b);
    last = t;
    a += 1 - second;
    b += second;
    m++;
  }
  if (m > 0 && (tie || time[a] == last || time[b] == last)) { /* the last is not alone */
    m--;
    a -= 1 - run->second[m];
    b -= run->second[m];
  }
  run->m = m;
  if (m > 0) {
    walk->at[0] = a;
    walk->at[1] = b;
    walk->n_risk[0] = (double)(a_end - a);
    walk->n_risk[1] = (double)(b_end - b);
    walk->left[0] = walk->left[1] = 0.0;
  }
  return m == OSV_RUN;
}

/* Moves to the next time at which a subject of any of the curves leaves; 0 at the end.
 *
 * out  n_risk[j] at risk just before the time, d[j] events of `cause` (0: of any cause),
 *      other[j] events of the other causes, left[j] all leavers
 * Subtraction keeps the risk sets exact: counts are whole numbers below 2^53.
 */
int osv_walk_next(osv_walk *walk) {
  const osv_table *table = walk->table;
  if (walk->k == 2 && !table->entry_time && walk_one_row(walk)) return 1;
  double t = INFINITY;
  for (size_t j = 0; j < walk->k; j++)
    if (walk->at[j] < walk_end(walk, j) && table->time[walk->at[j]] < t)
      t = table->time[walk->at[j]];
  for (size_t j = 0; j < walk->k; j++) {
    walk->n_risk[j] -= walk->left[j];
    if (table->entry_time) walk_entries(walk, j, t);
    walk->d[j] = walk->other[j] = walk->left[j] = 0.0;
    const size_t end = walk_end(walk, j);
    for (size_t i = walk->at[j]; i < end && table->time[i] == t; i++) {
      const double n = table->n ? table->n[i] : 1.0;
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

/* Notes where a walk stands before its next step: which rows that step takes, and which
 * entries */
void osv_walk_mark(const osv_walk *walk, const osv_id_scores *scores) {
  for (size_t j = 0; j < walk->k; j++) {
    scores->from[j] = walk->at[j];
    if (scores->entry_row) scores->entered[j] = walk->entry_at[j];
  }
}
