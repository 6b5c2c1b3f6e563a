/* fuzz - converts bytes of libFuzzer to values and event tables. */
#ifndef OSV_FUZZ_H
#define OSV_FUZZ_H

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
  const uint8_t *data;
  size_t left;
} bytes;

/* The next n <= 8 bytes as a number; zeros once they are used up */
static inline uint64_t next_bytes(bytes *b, size_t n) {
  uint64_t x = 0;
  for (; n > 0; n--) {
    x <<= 8;
    if (b->left == 0) continue;
    x |= *b->data++;
    b->left--;
  }
  return x;
}

static inline double next_bits(bytes *b) {
  const uint64_t u = next_bytes(b, 8);
  double x;
  memcpy(&x, &u, sizeof x);
  return x;
}

/* A valid time: a whole number, a number of days in months, a time nearly tied with 1, or
 * any double */
static inline double next_time(bytes *b) {
  const uint64_t kind = next_bytes(b, 1);
  double any;
  switch (kind % 4) {
    case 0:
      return (double)next_bytes(b, 1);
    case 1:
      return (double)next_bytes(b, 2) / 30.4375;
    case 2:
      return 1.0 + 5e-10 * (double)(kind / 4);
    default:
      any = fabs(next_bits(b));
      return isfinite(any) ? any : 0.0;
  }
}

static inline int ascending(const void *a_, const void *b_) {
  const double a = *(const double *)a_, b = *(const double *)b_;
  return (a > b) - (a < b);
}

enum { MOST_CURVES = 6, MOST_ROWS = 64 };

/* An event table that owns its memory */
typedef struct {
  osv_table table;
  double time[MOST_CURVES * MOST_ROWS], n[MOST_CURVES * MOST_ROWS];
  double start[MOST_CURVES + 1];
  int status[MOST_CURVES * MOST_ROWS];
} fuzz_table;

static inline void next_table(bytes *b, size_t n_curve, int n_status, fuzz_table *x) {
  const uint64_t with_n = next_bytes(b, 1);
  size_t to = 0;
  x->start[0] = 0.0;
  for (size_t c = 0; c < n_curve; c++) {
    const size_t rows = next_bytes(b, 1) % MOST_ROWS;
    for (size_t i = 0; i < rows; i++) x->time[to + i] = next_time(b);
    qsort(x->time + to, rows, sizeof *x->time, ascending);
    for (size_t end = to + rows; to < end; to++) {
      x->status[to] = (int)(next_bytes(b, 1) % (uint64_t)n_status);
      x->n[to] = (double)(1 + next_bytes(b, with_n % 5));
    }
    x->start[c + 1] = (double)to;
  }
  x->table =
      table_of(x->time, x->status, with_n % 5 ? x->n : NULL, x->start, n_curve, n_status);
}

enum { MOST_CAUSES = 3 };

/* Counts of one curve. count_curve() computes them and checks that each subject leaves
 * exactly once. */
typedef struct {
  size_t m;
  double time[MOST_ROWS], n_risk[MOST_ROWS], n_censor[MOST_ROWS];
  double n_event[MOST_CAUSES * MOST_ROWS];
} fuzz_counts;

static inline void count_curve(const osv_table *table, size_t curve, fuzz_counts *x) {
  const size_t lo = (size_t)table->start[curve], hi = (size_t)table->start[curve + 1];
  const osv_counts counts = {x->time, x->n_risk, x->n_censor, x->n_event, MOST_ROWS};
  x->m = osv_count_times(table->time + lo, hi - lo);
  assert(osv_curve_counts(table, curve, x->m, NULL, &counts) == OSV_OK);
  double left = 0.0;
  for (size_t i = lo; i < hi; i++) left += table->n ? table->n[i] : 1.0;
  for (size_t j = 0; j < x->m; j++) {
    assert(x->n_risk[j] == left && (j == 0 || x->time[j] > x->time[j - 1]));
    left -= x->n_censor[j];
    for (int k = 0; k + 1 < table->n_status; k++)
      left -= x->n_event[k * MOST_ROWS + (int)j];
  }
  assert(left == 0.0);
}

#endif
