/* osv_join - the tie rule: times that are near enough are one. */
#include "osv_core.h"

#include <math.h>

/* The curve that stands next in time is kept at heap[0]: a binary heap of the curves
 * that have rows left, by the time of their next row. */
static double next_time(const osv_table *table, const size_t *at, size_t curve) {
  return table->time[at[curve]];
}

static void sift_down(const osv_table *table, const size_t *at, size_t *heap, size_t size,
                      size_t i) {
  const size_t curve = heap[i];
  const double t = next_time(table, at, curve);
  for (size_t child = 2 * i + 1; child < size; child = 2 * i + 1) {
    if (child + 1 < size &&
        next_time(table, at, heap[child + 1]) < next_time(table, at, heap[child]))
      child++;
    if (next_time(table, at, heap[child]) >= t) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = curve;
}

/* Sets at[] to the first row of each curve; value: the curves that have rows */
static size_t build_heap(const osv_table *table, size_t *at, size_t *heap) {
  size_t size = 0;
  for (size_t c = 0; c < table->n_curve; c++) {
    at[c] = (size_t)table->start[c];
    if (table->start[c] < table->start[c + 1]) heap[size++] = c;
  }
  for (size_t i = size / 2; i-- > 0;) sift_down(table, at, heap, size, i);
  return size;
}

/* Takes the rows of the next time of the curve that stands at heap[0], from *from to
 * before the value */
static size_t take_rows(const osv_table *table, size_t *at, size_t *heap, size_t *size,
                        size_t *from) {
  const size_t c = heap[0], end = (size_t)table->start[c + 1];
  size_t to = *from = at[c];
  while (to < end && table->time[to] == table->time[*from]) to++;
  at[c] = to;
  if (to == end) heap[0] = heap[--*size];
  if (*size > 0) sift_down(table, at, heap, *size, 0);
  return to;
}

/* Follows the distinct times of all curves in order */
typedef struct {
  double tol, first, last; /* the first of those that are one, the last met */
  size_t n_joined;
} joining;

static inline void meet_time(joining *x, double t) {
  if (!(t > x->last)) return;
  if (t - x->first <= x->tol * t)
    x->n_joined++;
  else
    x->first = t;
  x->last = t;
}

/* Rows from[c] .. to[c] - 1 of two curves without a branch on whose turn it is, which no
 * processor can guess: the time of a row that has to wait is written as it is. Without
 * `joined` the first join is enough. */
static size_t join_two(const double *time, double tol, const size_t *from,
                       const size_t *to, const osv_poll *poll, double *joined) {
  joining x = {tol, -INFINITY, -INFINITY, 0};
  size_t a = from[0], b = from[1];
  for (size_t step = 1; a < to[0] && b < to[1]; step++) {
    if (poll && step % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return 0;
    const double t_a = time[a], t_b = time[b];
    const double t = t_a < t_b ? t_a : t_b;
    meet_time(&x, t);
    if (joined) {
      joined[a] = t_a <= t_b ? x.first : t_a;
      joined[b] = t_b <= t_a ? x.first : t_b;
    } else if (x.n_joined > 0) {
      return 1;
    }
    a += t_a <= t;
    b += t_b <= t;
  }
  for (size_t i = a < to[0] ? a : b, end = a < to[0] ? to[0] : to[1]; i < end; i++) {
    meet_time(&x, time[i]);
    if (joined) joined[i] = x.first;
  }
  return x.n_joined;
}

/* The first of the ascending times from .. to - 1 that is at least t, else to */
size_t osv_first_time(const double *time, size_t from, size_t to, double t) {
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    if (time[middle] < t)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

/* Where the two curves of a table can be cut so that no time before the cut is near one
 * after it: at[2], near the middle of the first curve, or the ends of both. */
void osv_join_cut(const osv_table *table, double tol, size_t *at) {
  const double *time = table->time;
  const size_t a_end = (size_t)table->start[1], b_end = (size_t)table->start[2];
  size_t a = ((size_t)table->start[0] + a_end) / 2;
  size_t b = a < a_end ? osv_first_time(time, a_end, b_end, time[a]) : b_end;
  double last = -INFINITY;
  while (a < a_end || b < b_end) {
    const double t_a = a < a_end ? time[a] : INFINITY,
                 t_b = b < b_end ? time[b] : INFINITY;
    const double t = t_a < t_b ? t_a : t_b;
    if (last >= 0.0 && t - last > tol * t) break;
    a += t_a <= t;
    b += t_b <= t;
    last = t;
  }
  at[0] = a;
  at[1] = b;
}

/* osv_join_times() for one half, 0 or 1, of a table of two curves, as osv_join_cut() cuts
 * it; the halves know nothing of each other. Of no use, and 0, when the poll stops it. */
size_t osv_join_half(const osv_table *table, double tol, const size_t *cut, int half,
                     const osv_poll *poll, double *joined) {
  size_t from[2], to[2];
  for (size_t c = 0; c < 2; c++) {
    from[c] = half ? cut[c] : (size_t)table->start[c];
    to[c] = half ? (size_t)table->start[c + 1] : cut[c];
  }
  return join_two(table->time, tol, from, to, poll, joined);
}

/* Joins times that are one by the tie rule: times within tol, relative to the first of
 * them, over all curves together, become that first time.
 *
 * in       tol >= 0; times ascending in each curve
 * scratch  at[n_curve], heap[n_curve]
 * out      joined[rows], the times after joining, which may be the table's own; NULL only
 *          asks whether there are any
 * Value: distinct times that were joined to an earlier one. A chain cannot grow, since
 * distance is measured from its first time. Cost O(rows log curves).
 */
size_t osv_join_times(const osv_table *table, double tol, size_t *at, size_t *heap,
                      double *joined) {
  joining x = {tol, -INFINITY, -INFINITY, 0};
  if (table->n_curve == 2) {
    osv_join_cut(table, tol, at);
    const size_t first = osv_join_half(table, tol, at, 0, NULL, joined);
    return first + osv_join_half(table, tol, at, 1, NULL, joined);
  }
  size_t size = build_heap(table, at, heap), from;
  while (size > 0) {
    const size_t to = take_rows(table, at, heap, &size, &from);
    meet_time(&x, table->time[from]);
    if (!joined && x.n_joined > 0) return 1;
    for (size_t i = from; joined && i < to; i++) joined[i] = x.first;
  }
  return x.n_joined;
}

/* Distinct times of all curves together. Scratch and cost as of osv_join_times(). */
size_t osv_count_all_times(const osv_table *table, size_t *at, size_t *heap) {
  size_t size = build_heap(table, at, heap), n = 0, from;
  double last = -INFINITY;
  while (size > 0) {
    take_rows(table, at, heap, &size, &from);
    n += table->time[from] > last;
    last = table->time[from];
  }
  return n;
}
