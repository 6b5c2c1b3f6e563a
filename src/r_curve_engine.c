/* r_curve_engine - estimates the curves of an event table block by block, with any of the
 * estimators. Estimates are written to columns, or to a buffer for one block that the
 * caller reads before the next block is estimated. */
#include "r_api.h"

/* Number of doubles of scratch that the estimation of one curve needs */
size_t r_curves_work(const r_curves *all) {
  const size_t n_cause = (size_t)all->table->n_status - 1;
  return (all->counts.n_risk ? 0 : r_blocks_work(n_cause)) +
         (all->kind ? all->kind->work(n_cause) : 0);
}

static double *moved(double *column, size_t by) {
  return column ? column + by : NULL;
}

static r_rows rows_from(const r_rows *rows, size_t by, size_t by_curve) {
  return (r_rows){
      moved(rows->estimate, by), moved(rows->std_error, by),        moved(rows->low, by),
      moved(rows->high, by),     moved(rows->event_free, by_curve), rows->stride};
}

/* The estimates of curve c from its distinct time number `at` (from 0) on. They are in
 * the columns, or in the buffer, which holds a single block. */
r_rows r_rows_at(const r_curves *all, size_t c, size_t at) {
  const size_t by = all->in_columns ? all->layout.first[c] + at : 0;
  return rows_from(&all->rows, by, by);
}

/* The rows of one cause of the curve, from row i on */
r_rows r_rows_of_cause(const r_rows *rows, size_t cause, size_t i) {
  return rows_from(rows, cause * rows->stride + i, i);
}

/* The counts of curve c, if they are stored as columns */
osv_counts r_counts_of(const r_curves *all, size_t c) {
  const size_t at = all->layout.first[c];
  const osv_counts *x = &all->counts;
  return (osv_counts){moved(x->time, at), moved(x->n_risk, at), moved(x->n_censor, at),
                      moved(x->n_event, at), x->stride};
}

/* Writes all counts of a curve to their columns at once, not block by block */
osv_status r_fill_counts(const r_curves *all, size_t c, const osv_poll *poll,
                         const osv_counts *to) {
  const size_t m = all->layout.size[c];
  const osv_status status = osv_curve_counts(all->table, c, m, poll, to);
  if (status == OSV_OK && all->reverse)
    osv_km_reverse(to->n_risk, to->n_event, to->n_censor, m);
  return status;
}

/* Starts to read curve c. work: r_curves_work() doubles. */
osv_status r_open_curve(r_curve *x, const r_curves *all, size_t c, const osv_poll *poll,
                        double *work) {
  const size_t n_cause = (size_t)all->table->n_status - 1;
  x->all = all;
  x->c = c;
  x->whole = r_counts_of(all, c);
  const int whole = x->whole.n_risk != NULL;
  if (all->kind) {
    if (whole) {
      const osv_status status = r_fill_counts(all, c, poll, &x->whole);
      if (status != OSV_OK) return status;
    }
    if (all->limits.any) {
      all->subjects[c] = osv_count_subjects(all->table, c, all->reverse);
      x->limits = r_limits_of_curve(all->limits, all->subjects[c]);
    }
    x->estimator.n_cause = n_cause;
    x->estimator.limits = &x->limits;
    x->estimator.work = work + (whole ? 0 : r_blocks_work(n_cause));
    all->kind->start(&x->estimator);
  }
  x->read = r_blocks_of(all->table, c, whole ? &x->whole : NULL, all->layout.size[c],
                        all->reverse, work);
  return OSV_OK;
}

/* Estimates the next block of a curve, without its exact limits. Value: 0 at the end of
 * the curve or if reading fails, see read.status. */
int r_next_estimates(r_curve *x) {
  const r_curves *all = x->all;
  if (!r_next_block(&x->read)) return 0;
  const size_t at = x->read.at, n = x->read.n;
  x->rows = r_rows_at(all, x->c, at);
  if (!all->kind) return 1;
  all->kind->next(&x->estimator, &x->read.now, n, &x->rows);
  if (!x->whole.n_risk && x->whole.time)
    for (size_t i = 0; i < n; i++) x->whole.time[at + i] = x->read.now.time[i];
  return 1;
}

/* ---- exact limits: only on the main thread, because quantiles of R may raise warnings
 * ---- */

r_exact r_exact_of(const r_curves *all, size_t c, size_t cause) {
  const r_limits limits = r_limits_of_curve(all->limits, all->subjects[c]);
  const size_t n_cause = (size_t)all->table->n_status - 1;
  return (r_exact){
      osv_limits_start(&limits.exact, limits.subjects, all->survival, n_cause, cause),
      limits.any};
}

/* Exact limits of a block, for its rows up to the first one without such limits. All rows
 * before the block must have had them. rows: rows of the cause. Value: number of rows
 * done
 */
size_t r_exact_block(r_exact *x, const r_blocks *read, const r_rows *rows) {
  if (!x->open) return 0;
  const size_t n =
      osv_limits_update(&x->limits, &read->now, read->after, read->n, rows->estimate,
                        rows->std_error, rows->low, rows->high);
  x->open = n == read->n;
  return n;
}

/* Have all subjects had the event by the time of row i? */
int r_is_end(const r_curves *all, const r_rows *rows, size_t i) {
  return all->survival ? rows->estimate[i] == 0.0 : rows->estimate[i] >= 1.0;
}

/* Reads a curve again for the exact limits at its last time, if S has reached 0 or F of
 * the cause has reached 1. Stores the counts of that time and what the limits need from
 * the times before it. There is no delayed entry, so only the last time can be such a
 * time. work: r_blocks_work(). */
osv_status r_read_end(const r_curves *all, size_t c, size_t cause, const osv_poll *poll,
                      double *work, r_last_time *end) {
  const size_t n_cause = (size_t)all->table->n_status - 1, m = all->layout.size[c];
  *end = (r_last_time){.state = osv_exact_start(all->subjects[c].start)};
  r_blocks read = r_blocks_of(all->table, c, NULL, m, all->reverse, work);
  while (r_next_block(&read)) {
    const size_t last = read.n - 1, before = read.at + read.n == m ? last : read.n;
    osv_exact_update(&end->state, &read.now, n_cause, cause, read.after, before, before,
                     NULL);
    end->n_risk = read.now.n_risk[last];
    end->n_event = read.now.n_event[cause * read.now.stride + last];
    end->after = read.after[last];
    if (read.at % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
  }
  return read.status;
}

/* Exact limits at the last time, from what r_read_end() has stored. If S is 0 or F of the
 * cause is 1, no other cause has had an event, so the counts are those of one cause. */
void r_exact_end(const r_exact *x, const r_last_time *end, const r_rows *row) {
  double n_risk = end->n_risk, n_event = end->n_event;
  const osv_counts last = {NULL, &n_risk, NULL, &n_event, 1};
  osv_curve_limits limits = x->limits;
  limits.state = end->state;
  limits.n_cause = 1;
  limits.cause = 0;
  osv_limits_at_end(&limits, &last, &end->after, 1, row->estimate, row->std_error,
                    row->low, row->high);
}
