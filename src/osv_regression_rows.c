/* osv_regression_rows - ranks of times, combined codes and the transform of time that a
 * regression computes from its rows before the fit. */
#include "osv_core.h"

#include <limits.h>
#include <math.h>

/* Are these numbers in ascending order? */
int osv_times_ascend(const double *x, size_t n) {
  int fall = 0; /* no branch, so that the loop need not wait for each comparison */
  for (size_t i = 1; i < n; i++) fall |= !(x[i - 1] <= x[i]);
  return !fall;
}

/* Ranks of times in ascending order, from 1; tied times have the same rank.
 *
 * in   distinct[n_distinct]  the sorted times that are told apart, each once or more
 *                   often: row i has the last one that is not above time[i]. NULL: each
 *                   different value is a time of its own
 * out  rank[n]
 */
void osv_rank_sorted(const double *time, size_t n, const double *distinct,
                     size_t n_distinct, int *rank) {
  int last = 0;
  size_t at = 0;
  for (size_t i = 0; i < n; i++) {
    if (distinct) {
      for (; at < n_distinct && distinct[at] <= time[i]; at++)
        last += at == 0 || distinct[at] != distinct[at - 1];
    } else {
      last += i == 0 || time[i] != time[i - 1];
    }
    rank[i] = last;
  }
}

/* Sorts times and replaces them by ranks, see osv_rank_sorted().
 *
 * in, out  time[n]  >= 0, sorted afterwards; row[n] moves with it, equal times keep their
 *                   order
 * work     time2[n]; row2[n], which may be `rank`
 * out      rank[n]  of the sorted times
 * Cost: that of osv_sort_radix(), unless the times are in order.
 */
void osv_rank_times(double *time, int *row, size_t n, const double *distinct,
                    size_t n_distinct, double *time2, int *row2, int *rank) {
  for (size_t i = 0; i < n; i++) time[i] += 0.0; /* -0 becomes 0 */
  if (!osv_times_ascend(time, n)) osv_sort_radix(time, row, n, time2, row2);
  osv_rank_sorted(time, n, distinct, n_distinct, rank);
}

/* rank[n]: the number of distinct times up to and including each entry */
void osv_rank_entries(const double *entry, size_t n, const double *distinct,
                      size_t n_distinct, int *rank) {
  for (size_t i = 0; i < n; i++) {
    size_t low = 0, high = n_distinct;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (distinct[middle] <= entry[i])
        low = middle + 1;
      else
        high = middle;
    }
    rank[i] = (int)low;
  }
}

/* Groups sorted rows by stratum. Rows of a stratum stay in order.
 *
 * in    stratum  codes from 1, by row; row[n], rank[n]
 * work  next     one for each code, all 0; afterwards where each stratum ends
 * out   row_to[n], rank_to[n]
 */
void osv_by_stratum(const int *stratum, const int *row, const int *rank, size_t n,
                    size_t *next, int *row_to, int *rank_to) {
  size_t sum = 0, most = 0;
  for (size_t i = 0; i < n; i++) {
    const size_t code = (size_t)stratum[row[i]] - 1;
    next[code]++;
    if (code >= most) most = code + 1;
  }
  for (size_t s = 0; s < most; s++) {
    const size_t size = next[s];
    next[s] = sum;
    sum += size;
  }
  for (size_t i = 0; i < n; i++) {
    const size_t to = next[stratum[row[i]] - 1]++;
    row_to[to] = row[i];
    rank_to[to] = rank[i];
  }
}

/* The largest |x| of the numbers in x[n] that are not NaN; 0 if there is none. */
double osv_largest_size(const double *x, size_t n) {
  double most[4] = {0.0}; /* four at a time, so that a comparison need not wait */
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (size_t k = 0; k < 4; k++) {
      const double size = fabs(x[i + k]);
      most[k] = size > most[k] ? size : most[k];
    }
  for (; i < n; i++) most[0] = fabs(x[i]) > most[0] ? fabs(x[i]) : most[0];
  for (size_t k = 1; k < 4; k++) most[0] = most[k] > most[0] ? most[k] : most[0];
  return most[0];
}

/* Is each of the integers INT_MIN, which is a missing code, or from 1 to `most`? */
int osv_codes_fit(const int *code, size_t n, unsigned most) {
  int beyond = 0; /* no branch; unsigned numbers need only one comparison */
#pragma omp simd reduction(| : beyond)
  for (size_t i = 0; i < n; i++)
    beyond |= ((unsigned)code[i] - 1U >= most) & (code[i] != INT_MIN);
  return !beyond;
}

/* into = (into - 1) * size + code, where both are codes from 1. A missing code, INT_MIN,
 * in either gives INT_MIN. Returns 1 if a code is missing. */
int osv_combine_codes(const int *code, size_t n, int size, int *into) {
  int missing = 0;
#pragma omp simd reduction(| : missing)
  for (size_t i = 0; i < n; i++) {
    const int gap = (code[i] == INT_MIN) | (into[i] == INT_MIN);
    into[i] = gap ? INT_MIN : (into[i] - 1) * size + code[i];
    missing |= gap;
  }
  return missing;
}

/* The same for codes that are all known, with the check of their range. Returns 1 if each
 * code is from 1 to size; otherwise `into` is useless. */
int osv_combine_known(const int *code, size_t n, int size, int *into) {
  int beyond = 0;
#pragma omp simd reduction(| : beyond)
  for (size_t i = 0; i < n; i++) {
    const unsigned place = (unsigned)code[i] - 1U;
    beyond |= place >= (unsigned)size;
    into[i] = (int)(((unsigned)into[i] - 1U) * (unsigned)size + place + 1U);
  }
  return !beyond;
}

/* Status values to codes from 1, INT_MIN if missing.
 *
 * in   whole[n], or if it is NULL number[n]: values first, ..., first + n_status - 1
 * out  code[n]
 * Value: 1 if another value occurs
 */
int osv_status_codes(const int *whole, const double *number, size_t n, int first,
                     int n_status, int *code) {
  const size_t n_whole = whole ? n : 0;
  int odd = 0;
#pragma omp simd reduction(| : odd)
  for (size_t i = 0; i < n_whole; i++) {
    const int missing = whole[i] == INT_MIN;
    const unsigned above = (unsigned)whole[i] - (unsigned)first;
    code[i] = missing ? INT_MIN : (int)(above + 1u);
    odd |= !missing & (above >= (unsigned)n_status);
  }
  for (size_t i = n_whole; i < n; i++) {
    const double above = number[i] - (double)first;
    const int inside = above >= 0.0 && above < (double)n_status;
    const int place = inside ? (int)above : 0, known = number[i] == number[i];
    code[i] = known ? place + 1 : INT_MIN;
    odd |= known && (!inside || (double)place != above);
  }
  return odd;
}

/* Adds x[i] to sum[at[i] - 1] */
void osv_sum_at(const double *x, const int *at, size_t n, double *sum) {
  for (size_t i = 0; i < n; i++) sum[at[i] - 1] += x[i];
}

/* Sums of cells by stratum, time and status. The cost does not depend on the number of
 * strata times that of times.
 *
 * in       n cells, sorted by stratum and time: their size, and status from 0
 * scratch  sum: one for each status, all 0, and 0 again afterwards
 * out      at, of, total[n]: the first cell of the stratum and time, from 0, the status,
 *          and the sum where it is above 0
 * Value: number of sums, in the order of stratum, time and status
 */
size_t osv_sum_by_time(const osv_cells *x, double *sum, int *at, int *of, double *total) {
  size_t m = 0;
  for (size_t i = 0, end; i < x->n; i = end) {
    int low = x->status[i], high = low;
    for (end = i;
         end < x->n && x->time[end] == x->time[i] && x->stratum[end] == x->stratum[i];
         end++) {
      const int s = x->status[end];
      if (s < low) low = s;
      if (s > high) high = s;
      sum[s] += x->size[end];
    }
    for (int s = low; s <= high; s++) {
      if (sum[s] > 0.0) {
        at[m] = (int)i;
        of[m] = s;
        total[m++] = sum[s];
      }
      sum[s] = 0.0;
    }
  }
  return m;
}

static void add_count(const osv_exits *x, size_t i, int at, double *sum) {
  sum[at] += x->count ? x->count[i] : 1.0;
}

/* One minus the Kaplan-Meier curve of all subjects just before each time, centred at its
 * mean over the events.
 *
 * in    exits  ranks of times from 1 to `most`, see osv_exits; a start of 0 is the origin
 * work  most + 2 doubles, twice as many with starts
 * out   g[most + 1]  by rank, from 0
 */
void osv_km_transform(const osv_exits *exits, size_t most, double *work, double *g) {
  double *const d = work, *const came = exits->start ? d + most + 2 : NULL;
  double *const left = g; /* until the curve is known */
  double later = 0.0, not_yet = 0.0, surv = 1.0, sum = 0.0, events = 0.0;
  for (size_t t = 0; t <= most; t++) {
    d[t] = left[t] = 0.0;
    if (came) came[t] = 0.0;
  }
  for (size_t i = 0; i < exits->n; i++) {
    add_count(exits, i, exits->stop[i], left);
    if (exits->event[i]) add_count(exits, i, exits->stop[i], d);
    if (came && exits->start[i] > 0) add_count(exits, i, exits->start[i], came);
  }
  for (size_t t = most; t > 0; t--) { /* `left` becomes the number at risk */
    later += left[t];
    if (came) not_yet += came[t];
    left[t] = later - not_yet;
  }
  g[0] = 0.0;
  for (size_t t = 1; t <= most; t++) {
    const double at_risk = left[t] > 1.0 ? left[t] : 1.0;
    g[t] = 1.0 - surv;
    surv *= 1.0 - d[t] / at_risk;
    sum += g[t] * d[t];
    events += d[t];
  }
  for (size_t t = 0; t <= most; t++) g[t] -= sum / events;
}
