/* osv_ties - the tie rule: merges times that are within the tolerance. */
#include "osv_core.h"

#include <math.h>

/* The curves with rows left form a binary heap, ordered by the time of their next row.
 * heap[0] is the curve with the earliest time; at[c] is the next row of curve c. */
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

/* Sets at[] to the first row of each curve; value: the number of curves with rows */
static size_t build_heap(const osv_table *table, size_t *at, size_t *heap) {
  size_t size = 0;
  for (size_t c = 0; c < table->n_curve; c++) {
    at[c] = (size_t)table->start[c];
    if (table->start[c] < table->start[c + 1]) heap[size++] = c;
  }
  for (size_t i = size / 2; i-- > 0;) sift_down(table, at, heap, size, i);
  return size;
}

/* Advances the curve at heap[0] past its next time, whose rows are *from .. value - 1 */
static size_t next_rows(const osv_table *table, size_t *at, size_t *heap, size_t *size,
                        size_t *from) {
  const size_t c = heap[0], end = (size_t)table->start[c + 1];
  size_t to = *from = at[c];
  while (to < end && table->time[to] == table->time[*from]) to++;
  at[c] = to;
  if (to == end) heap[0] = heap[--*size];
  if (*size > 0) sift_down(table, at, heap, *size, 0);
  return to;
}

/* State of a sweep over the distinct times of all curves in order */
typedef struct {
  double tol, first, last; /* first: first time of the current tie; last: latest time */
  size_t n_tied;
} tie_sweep;

static inline void sweep_time(tie_sweep *x, double t) {
  if (!(t > x->last)) return;
  if (t - x->first <= x->tol * t)
    x->n_tied++;
  else
    x->first = t;
  x->last = t;
}

/* Merges the times of the rows from[c] .. to[c] - 1 of two curves. Each step writes both
 * next rows; the later one is unchanged and will be overwritten in its own step. This
 * avoids a branch on the merge order, which the processor cannot predict. If `joined` is
 * NULL, it stops at the first tie. */
static size_t merge_two(const double *time, double tol, const size_t *from,
                        const size_t *to, const osv_poll *poll, double *joined) {
  tie_sweep x = {tol, -INFINITY, -INFINITY, 0};
  size_t a = from[0], b = from[1];
  for (size_t step = 1; a < to[0] && b < to[1]; step++) {
    if (poll && step % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return 0;
    const double t_a = time[a], t_b = time[b];
    const double t = t_a < t_b ? t_a : t_b;
    sweep_time(&x, t);
    if (joined) {
      joined[a] = t_a <= t_b ? x.first : t_a;
      joined[b] = t_b <= t_a ? x.first : t_b;
    } else if (x.n_tied > 0) {
      return 1;
    }
    a += t_a <= t;
    b += t_b <= t;
  }
  for (size_t i = a < to[0] ? a : b, end = a < to[0] ? to[0] : to[1]; i < end; i++) {
    sweep_time(&x, time[i]);
    if (joined) joined[i] = x.first;
  }
  return x.n_tied;
}

/* Index of the first of the ascending times from .. to - 1 that is at least t; `to` if
 * there is none */
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

/* Finds rows at[2] at which the two curves of a table can be cut so that no time before
 * the cut is tied with one after it: near the middle of the first curve, or else the ends
 * of both. */
void osv_find_cut(const osv_table *table, double tol, size_t *at) {
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

/* osv_merge_ties() for one half, 0 or 1, of two curves that osv_find_cut() has cut; the
 * halves are independent. If the poll requests a stop, the value is 0 and `joined` is
 * incomplete. */
size_t osv_merge_half(const osv_table *table, double tol, const size_t *cut, int half,
                      const osv_poll *poll, double *joined) {
  size_t from[2], to[2];
  for (size_t c = 0; c < 2; c++) {
    from[c] = half ? cut[c] : (size_t)table->start[c];
    to[c] = half ? (size_t)table->start[c + 1] : cut[c];
  }
  return merge_two(table->time, tol, from, to, poll, joined);
}

/* Merges tied times over all curves together. A time t is replaced by the first time t0
 * of its tie if t - t0 <= tol t.
 *
 * in       tol >= 0; times ascending in each curve
 * scratch  at[n_curve], heap[n_curve]
 * out      joined[rows], the merged times; it may be the array of times of the table. If
 *          it is NULL, the function only tests whether any times are tied.
 * Value: the number of distinct times that were merged into an earlier one. Ties do not
 * chain, since distance is measured from the first time. Cost O(rows log curves).
 */
size_t osv_merge_ties(const osv_table *table, double tol, size_t *at, size_t *heap,
                      double *joined) {
  tie_sweep x = {tol, -INFINITY, -INFINITY, 0};
  if (table->n_curve == 2) {
    osv_find_cut(table, tol, at);
    const size_t first = osv_merge_half(table, tol, at, 0, NULL, joined);
    return first + osv_merge_half(table, tol, at, 1, NULL, joined);
  }
  size_t size = build_heap(table, at, heap), from;
  while (size > 0) {
    const size_t to = next_rows(table, at, heap, &size, &from);
    sweep_time(&x, table->time[from]);
    if (!joined && x.n_tied > 0) return 1;
    for (size_t i = from; joined && i < to; i++) joined[i] = x.first;
  }
  return x.n_tied;
}

/* Number of distinct times of all curves together. Scratch and cost as
 * osv_merge_ties(). */
size_t osv_count_all_times(const osv_table *table, size_t *at, size_t *heap) {
  size_t size = build_heap(table, at, heap), n = 0, from;
  double last = -INFINITY;
  while (size > 0) {
    next_rows(table, at, heap, &size, &from);
    n += table->time[from] > last;
    last = table->time[from];
  }
  return n;
}
