/* r_pieces - a curve of an event table read a few hundred times at once, so that what is
 * made of them stays in cache and needs no vector as long as the curve. */
#include "r_api.h"

#include <math.h>

/* doubles that a reader of curves with n_cause causes needs */
size_t r_pieces_work(size_t n_cause) {
  return (4 + n_cause) * R_PIECE;
}

/* Are the counts of the table whole numbers, and does nobody enter late? Then they can be
 * read as they are wanted, since who is left is exact at each row. */
int r_is_plain(const osv_table *table) {
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

/* A reader of curve c. `whole` holds the counts of all its m times, else NULL: the table
 * is plain, and its rows are read into work, as those of the reverse curve where
 * x.reverse is set. */
r_pieces r_pieces_of(const osv_table *table, size_t c, const osv_counts *whole, size_t m,
                     double *work) {
  r_pieces x = {.table = table,
                .whole = whole,
                .m = m,
                .row = (size_t)table->start[c],
                .end = (size_t)table->start[c + 1]};
  if (whole) return x;
  const double ever = -INFINITY;
  osv_remaining(table->time, table->n, x.row, x.end, &ever, 1, &x.left);
  x.own_after = work + 3 * R_PIECE;
  x.now =
      (osv_counts){work, work + R_PIECE, work + 2 * R_PIECE, work + 4 * R_PIECE, R_PIECE};
  return x;
}

/* At risk after the times of a piece of a plain table; those censored in the reverse
 * curve have left before */
static void put_after(r_pieces *x) {
  const osv_counts *now = &x->now;
  const size_t n_cause = (size_t)x->table->n_status - 1;
  for (size_t i = 0; i < x->n; i++) {
    double left = now->n_risk[i] - (x->reverse ? 0.0 : now->n_censor[i]);
    for (size_t k = 0; k < n_cause; k++) left -= now->n_event[k * now->stride + i];
    x->own_after[i] = left;
  }
  x->after = x->own_after;
}

/* Goes on to the next piece, x->n times from x->at on; 0 at the end or when the reading
 * fails, see x->status */
int r_next_piece(r_pieces *x) {
  x->at += x->n;
  if (!x->whole) {
    x->status =
        osv_read_counts(x->table, x->end, R_PIECE, &x->row, &x->left, &x->now, &x->n);
    if (x->reverse) osv_km_reverse(x->now.n_risk, x->now.n_event, x->now.n_censor, x->n);
    put_after(x);
    return x->status == OSV_OK && x->n > 0;
  }
  const osv_counts *all = x->whole;
  x->n = x->m - x->at < R_PIECE ? x->m - x->at : R_PIECE;
  x->now = (osv_counts){all->time ? all->time + x->at : NULL, all->n_risk + x->at,
                        all->n_censor + x->at, all->n_event + x->at, all->stride};
  x->after = x->all_after ? x->all_after + x->at : NULL;
  return x->n > 0;
}
