/* r_curve_blocks - rows of the curves of an event table, and a reader of a curve in
 * blocks of times. With blocks, intermediate results stay in the cache and no scratch
 * vector is as long as the curve. */
#include "r_api.h"

#include <math.h>

/* Rows of each curve in the output, one per distinct time. Their numbers are also stored
 * as a column, element size_at of the list. */
r_layout r_curve_layout(const osv_table *table, SEXP list, int size_at) {
  const size_t n = table->n_curve;
  double *column = r_new_column(list, size_at, (R_xlen_t)n);
  size_t *first = (size_t *)R_alloc(2 * n + 1, sizeof *first), *size = first + n;
  size_t sum = 0;
  for (size_t c = 0; c < n; c++) {
    const size_t lo = (size_t)table->start[c];
    first[c] = sum;
    size[c] = osv_count_times(table->time + lo, (size_t)table->start[c + 1] - lo);
    column[c] = (double)size[c];
    sum += size[c];
  }
  return (r_layout){(R_xlen_t)n, first, size, (R_xlen_t)sum};
}

/* Number of rows of the longest curve */
size_t r_longest_curve(const r_layout *layout) {
  size_t most = 0;
  for (R_xlen_t c = 0; c < layout->n_curve; c++)
    if (layout->size[c] > most) most = layout->size[c];
  return most;
}

/* Can curves be read block by block? Their counts have to be whole numbers, so that the
 * number of subjects left is exact at each row, and there must be no delayed entry. */
int r_can_stream(const osv_table *table) {
  if (table->entry_time) return 0;
  if (!table->n) return 1;
  const double most = 9007199254740992.0; /* 2^53 */
  double sum = 0.0;
  for (size_t i = 0; i < (size_t)table->start[table->n_curve]; i++) {
    if (table->n[i] != floor(table->n[i])) return 0;
    sum += table->n[i];
  }
  return sum < most;
}

/* Number of doubles of scratch that a reader of curves with n_cause causes needs */
size_t r_blocks_work(size_t n_cause) {
  return (4 + n_cause) * R_BLOCK;
}

/* Makes a reader of the m times of curve c. It reads `whole`, the counts of the curve; if
 * `whole` is NULL it reads the rows of the table, see r_can_stream(). With `reverse` it
 * gives the counts of the reverse Kaplan-Meier curve. */
r_blocks r_blocks_of(const osv_table *table, size_t c, const osv_counts *whole, size_t m,
                     int reverse, double *work) {
  r_blocks x = {.table = table,
                .whole = whole,
                .reverse = reverse,
                .m = m,
                .row = (size_t)table->start[c],
                .end = (size_t)table->start[c + 1]};
  if (whole) return x;
  const double ever = -INFINITY;
  osv_remaining(table->time, table->n, x.row, x.end, &ever, 1, &x.left);
  x.own_after = work + 3 * R_BLOCK;
  x.now =
      (osv_counts){work, work + R_BLOCK, work + 2 * R_BLOCK, work + 4 * R_BLOCK, R_BLOCK};
  return x;
}

/* Numbers at risk after each time of a block. In the reverse curve, subjects with an
 * event leave the risk set before those who are censored at the same time. */
static void fill_after(r_blocks *x) {
  const osv_counts *now = &x->now;
  const size_t n_cause = (size_t)x->table->n_status - 1;
  for (size_t i = 0; i < x->n; i++) {
    double left = now->n_risk[i] - (x->reverse ? 0.0 : now->n_censor[i]);
    for (size_t k = 0; k < n_cause; k++) left -= now->n_event[k * now->stride + i];
    x->own_after[i] = left;
  }
  x->after = x->own_after;
}

/* Moves to the next block of x->n times; x->at is the index of the first of them. Value:
 * 0 at the end, or if reading fails, see x->status. */
int r_next_block(r_blocks *x) {
  x->at += x->n;
  if (!x->whole) {
    x->status =
        osv_read_counts(x->table, x->end, R_BLOCK, &x->row, &x->left, &x->now, &x->n);
    if (x->reverse) osv_km_reverse(x->now.n_risk, x->now.n_event, x->now.n_censor, x->n);
    fill_after(x);
    return x->status == OSV_OK && x->n > 0;
  }
  const osv_counts *all = x->whole;
  x->n = x->m - x->at < R_BLOCK ? x->m - x->at : R_BLOCK;
  x->now = (osv_counts){all->time ? all->time + x->at : NULL, all->n_risk + x->at,
                        all->n_censor + x->at, all->n_event + x->at, all->stride};
  return x->n > 0;
}
