/* osv_table - counts at the distinct times of the curves of an event table. */
#include "osv_core.h"
#include "osv_dd.h"

/* Relative tolerances of sums of weights: two sums that differ by at most SUM_SLACK count
 * as equal. At a time at which subjects both leave a curve and enter it, the two sums
 * count as equal if they differ by at most ENTRY_SLACK. */
static const double SUM_SLACK = 1e-12, ENTRY_SLACK = 1e-9;

/* Number of distinct values of the ascending time[n] */
size_t osv_count_times(const double *time, size_t n) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) m += i == 0 || time[i] != time[i - 1];
  return m;
}

/* Number of distinct pairs of time and status over all curves. Rows are sorted by both.
 * *rows: the number of rows of the first `most` pairs */
size_t osv_count_cells(const osv_table *table, size_t most, size_t *rows) {
  size_t n = 0;
  *rows = 0;
  for (size_t c = 0; c < table->n_curve; c++) {
    const size_t from = (size_t)table->start[c], end = (size_t)table->start[c + 1];
    for (size_t i = from; i < end; i++) {
      n += i == from || table->time[i] != table->time[i - 1] ||
           table->status[i] != table->status[i - 1];
      *rows += n <= most;
    }
  }
  return n;
}

/* Number of subjects who leave minus number of delayed entries, summed from the end of a
 * curve back to the current time. It is in double-double, so that a difference of sums of
 * weights keeps its digits. */
typedef struct {
  osv_dd at_risk;
  double leavers; /* number of those who leave at this time */
} risk_sum;

static void add_to(osv_dd *sum, double n) {
  *sum = osv_dd_add(*sum, (osv_dd){n, 0.0});
}

/* Completes the counts of time j. The number at risk is at least the number who leave at
 * the time. If all at risk have the event, the rounding error of summed weights is
 * removed. */
static osv_status close_time(const osv_counts *out, size_t j, size_t n_cause,
                             const risk_sum *sum) {
  const double slack = SUM_SLACK * sum->leavers;
  out->n_risk[j] = sum->at_risk.hi;
  if (out->n_risk[j] < sum->leavers - slack) return OSV_EDOMAIN;
  if (out->n_censor[j] == 0.0 && out->n_risk[j] - sum->leavers <= slack) {
    double d = 0.0;
    for (size_t k = 0; k < n_cause; k++) d += out->n_event[k * out->stride + j];
    out->n_risk[j] = d;
  }
  return OSV_OK;
}

/* osv_curve_counts() for a curve with one subject per row and without delayed entry. All
 * sums are then exact in double precision. */
static osv_status unweighted_counts(const osv_table *table, size_t lo, size_t hi,
                                    size_t m, const osv_poll *poll,
                                    const osv_counts *out) {
  const double *time = table->time;
  const int *status = table->status;
  size_t j = m;
  for (size_t i = hi; i-- > lo;) {
    if (poll && i % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    if (i + 1 == hi || time[i] != time[i + 1]) {
      if (j == 0 || (i + 1 < hi && time[i] > time[i + 1])) return OSV_EORDER;
      j--;
      if (out->time) out->time[j] = time[i];
      out->n_censor[j] = 0.0;
    }
    out->n_risk[j] = (double)(hi - i);
    double *const n = status[i] == 0
                          ? out->n_censor + j
                          : out->n_event + ((size_t)status[i] - 1) * out->stride + j;
    *n += 1.0;
  }
  return j == 0 ? OSV_OK : OSV_EORDER;
}

/* Counts of the rows i .. i + m - 1 of a curve if their times are all different. The
 * counts then follow from the position and the status of each row. `left` subjects are at
 * risk at the first of them; if m equals `left`, they are the last rows of the curve.
 * Value: 0 if a time occurs twice. */
static int read_single_rows(const osv_table *table, size_t i, size_t m, double left,
                            const osv_counts *out) {
  const double *time = table->time + i;
  const int *status = table->status + i;
  const size_t n_next = (double)m < left ? m : m - 1;
  unsigned falls = 0;
#pragma omp simd reduction(| : falls)
  for (size_t j = 0; j < n_next; j++) falls |= (unsigned)!(time[j] < time[j + 1]);
  if (falls) return 0;
  for (size_t j = 0; out->time && j < m; j++) out->time[j] = time[j];
  double *const n_risk = out->n_risk, *const n_censor = out->n_censor;
#pragma omp simd
  for (size_t j = 0; j < m; j++) n_risk[j] = left - (double)(int)j;
#pragma omp simd
  for (size_t j = 0; j < m; j++) n_censor[j] = (double)(status[j] == 0);
  for (int k = 1; k < table->n_status; k++) {
    double *const n_event = out->n_event + (size_t)(k - 1) * out->stride;
#pragma omp simd
    for (size_t j = 0; j < m; j++) n_event[j] = (double)(status[j] == k);
  }
  return 1;
}

/* Reads the next times of a curve without delayed entry, whose counts are whole numbers,
 * so that subtraction is exact.
 *
 * in, out  *row: the next row of the table to read, below end, the end of the curve;
 *          *left: number of subjects in that row and the later ones
 * out      counts of at most `most` distinct times, see osv_curve_counts(); *m: their
 *          number
 * OSV_EORDER when times descend.
 */
osv_status osv_read_counts(const osv_table *table, size_t end, size_t most, size_t *row,
                           double *left, const osv_counts *out, size_t *m) {
  const size_t n_cause = (size_t)table->n_status - 1;
  const double *time = table->time, *n = table->n;
  size_t i = *row, j = 0;
  *m = end - i < most ? end - i : most;
  if (!n && *m > 0 && read_single_rows(table, i, *m, *left, out)) {
    *row += *m;
    *left -= (double)*m;
    return OSV_OK;
  }
  for (; j < most && i < end; j++) {
    const double t = time[i];
    double leavers = 0.0;
    if (out->time) out->time[j] = t;
    out->n_risk[j] = *left;
    out->n_censor[j] = 0.0;
    for (size_t k = 0; k < n_cause; k++) out->n_event[k * out->stride + j] = 0.0;
    do {
      const size_t status = (size_t)table->status[i];
      const double count = n ? n[i] : 1.0;
      leavers += count;
      *(status == 0 ? out->n_censor + j
                    : out->n_event + (status - 1) * out->stride + j) += count;
    } while (++i < end && time[i] == t);
    *left -= leavers;
    if (i < end && time[i] < t) return OSV_EORDER;
  }
  *row = i;
  *m = j;
  return OSV_OK;
}

/* Writes to left[j] the number of subjects of a curve who leave at at[j] or later, from
 * its rows from .. end - 1; at[m] is ascending. If n is NULL each row is one subject.
 * Summed backwards, in double-double. */
void osv_remaining(const double *time, const double *n, size_t from, size_t end,
                   const double *at, size_t m, double *left) {
  osv_dd sum = {0.0, 0.0};
  size_t i = end;
  for (size_t j = m; j-- > 0;) {
    if (n) {
      while (i > from && time[i - 1] >= at[j]) add_to(&sum, n[--i]);
    } else {
      i = osv_first_time(time, from, i, at[j]);
      sum.hi = (double)(end - i);
    }
    left[j] = sum.hi;
  }
}

/* Counts of one curve at each of its m distinct times.
 *
 * out  time (NULL: not wanted), n_risk (just before the time), n_censor [m]; n_event of
 *      each cause
 * n_risk is summed backwards in time: those who leave at the time or later, minus those
 * who enter at it or later. OSV_EORDER if times descend or are not m distinct ones,
 * OSV_EDOMAIN if more leave than are at risk. Cost O(rows + entries).
 */
osv_status osv_curve_counts(const osv_table *table, size_t curve, size_t m,
                            const osv_poll *poll, const osv_counts *out) {
  const size_t lo = (size_t)table->start[curve], hi = (size_t)table->start[curve + 1];
  const size_t n_cause = (size_t)table->n_status - 1;
  for (size_t k = 0; k < n_cause; k++)
    for (size_t i = 0; i < m; i++) out->n_event[k * out->stride + i] = 0.0;
  if (!table->n && !table->entry_time)
    return unweighted_counts(table, lo, hi, m, poll, out);
  risk_sum sum = {{0.0, 0.0}, 0.0};
  size_t j = m, entry = table->entry_time ? (size_t)table->entry_start[curve + 1] : 0;
  const size_t first_entry = table->entry_time ? (size_t)table->entry_start[curve] : 0;
  for (size_t i = hi; i-- > lo;) {
    if (poll && i % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    if (i + 1 == hi || table->time[i] != table->time[i + 1]) {
      if (j == 0 || (i + 1 < hi && table->time[i] > table->time[i + 1]))
        return OSV_EORDER;
      if (j < m && close_time(out, j, n_cause, &sum) != OSV_OK) return OSV_EDOMAIN;
      j--;
      sum.leavers = 0.0;
      if (out->time) out->time[j] = table->time[i];
      out->n_censor[j] = 0.0;
      for (; entry > first_entry && table->entry_time[entry - 1] >= table->time[i];
           entry--)
        add_to(&sum.at_risk, table->entry_n ? -table->entry_n[entry - 1] : -1.0);
    }
    const double n = table->n ? table->n[i] : 1.0;
    if (table->n)
      add_to(&sum.at_risk, n);
    else
      sum.at_risk.hi += 1.0; /* exact, because counts are whole numbers below 2^53 */
    sum.leavers += n;
    if (table->status[i] == 0)
      out->n_censor[j] += n;
    else
      out->n_event[((size_t)table->status[i] - 1) * out->stride + j] += n;
  }
  if (m > 0 && j == 0 && close_time(out, 0, n_cause, &sum) != OSV_OK) return OSV_EDOMAIN;
  return j == 0 ? OSV_OK : OSV_EORDER;
}

/* Number of subjects who are censored at the time of row *i; moves *i to the first row
 * after this time, or to `end`. */
static double censored_at(const osv_table *table, size_t end, size_t *i) {
  const double t = table->time[*i];
  double n = 0.0;
  for (; *i < end && table->time[*i] == t; (*i)++)
    if (table->status[*i] == 0) n += table->n ? table->n[*i] : 1.0;
  return n;
}

/* Number of subjects in the entries from *e on, up to time t; moves *e to the first entry
 * after t, or to `end`. */
static double entries_to(const osv_table *table, size_t end, double t, size_t *e) {
  double n = 0.0;
  for (; *e < end && table->entry_time[*e] <= t; (*e)++)
    n += table->entry_n ? table->entry_n[*e] : 1.0;
  return n;
}

static double subjects_without_entries(const osv_table *table, size_t lo, size_t hi) {
  if (!table->n) return (double)(hi - lo);
  osv_dd sum = {0.0, 0.0};
  for (size_t i = lo; i < hi; i++) add_to(&sum, table->n[i]);
  return sum.hi;
}

/* Number of subjects of a curve. The follow-up of a subject may be split into several
 * rows, each of which starts at the end of the one before. An entry at the time of a
 * censoring therefore counts as the same subject. The curve starts at its first entry, or
 * at 0 if that is earlier. With `reverse` censorings are the events of the curve, so no
 * entry continues a censored row.
 */
osv_subjects osv_count_subjects(const osv_table *table, size_t curve, int reverse) {
  size_t i = (size_t)table->start[curve];
  const size_t hi = (size_t)table->start[curve + 1];
  osv_subjects x = {0};
  if (!table->entry_time) {
    x.n = x.start = subjects_without_entries(table, i, hi);
    return x;
  }
  size_t e = (size_t)table->entry_start[curve];
  const size_t last = (size_t)table->entry_start[curve + 1];
  if (e == last) return x;
  const double first = table->entry_time[e];
  x.n = x.start = entries_to(table, last, first > 0.0 ? first : 0.0, &e);
  while (e < last) {
    const double t = table->entry_time[e];
    while (i < hi && table->time[i] < t) censored_at(table, hi, &i);
    const double n = entries_to(table, last, t, &e);
    const double gone = i < hi && table->time[i] == t ? censored_at(table, hi, &i) : 0.0;
    const double slack = ENTRY_SLACK * n;
    if (n - gone > slack) x.n += n - gone;
    if (n - (reverse ? 0.0 : gone) > slack) x.gains = 1;
  }
  return x;
}

/* Number at risk just after each of the m times of a curve, including entries at that
 * time. It is the number at risk at the next time, minus the entries in between.
 *
 * in   counts of the curve, those of the reverse curve with `reverse`
 */
void osv_risk_after(const osv_table *table, size_t curve, const osv_counts *counts,
                    size_t m, int reverse, double *after) {
  size_t i = (size_t)table->start[curve], e = 0, last = 0;
  const size_t hi = (size_t)table->start[curve + 1];
  if (table->entry_time) {
    e = (size_t)table->entry_start[curve];
    last = (size_t)table->entry_start[curve + 1];
  }
  for (size_t j = 0; j < m; j++) {
    double next = 0.0, later = 0.0;
    if (j + 1 < m)
      next = counts->n_risk[j + 1] + (reverse ? counts->n_censor[j + 1] : 0.0);
    if (e < last) {
      const double t = table->time[i];
      while (i < hi && table->time[i] == t) i++;
      entries_to(table, last, t, &e);
      for (; i < hi && e < last && table->entry_time[e] < table->time[i]; e++)
        later += table->entry_n ? table->entry_n[e] : 1.0;
    }
    const double left = next - later;
    after[j] = later > 0.0 && left <= SUM_SLACK * next ? 0.0 : left;
  }
}
