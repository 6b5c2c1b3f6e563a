/* Any table: merging ties keeps the order and lowers times by at most the tolerance;
 * sweeps and blocks give the counts of the whole curve. */
#include "fuzz.h"

static void check_ties(const osv_table *table, double tol) {
  double joined[MOST_CURVES * MOST_ROWS];
  size_t at[MOST_CURVES], heap[MOST_CURVES];
  const size_t any = osv_merge_ties(table, tol, at, heap, NULL);
  const size_t n_joined = osv_merge_ties(table, tol, at, heap, joined);
  assert((any > 0) == (n_joined > 0));
  if (tol == 0.0) assert(n_joined == 0);
  for (size_t c = 0; c < table->n_curve; c++)
    for (size_t i = (size_t)table->start[c]; i < (size_t)table->start[c + 1]; i++) {
      assert(joined[i] <= table->time[i]);
      assert(table->time[i] - joined[i] <= tol * table->time[i]);
      assert((double)i == table->start[c] || joined[i] >= joined[i - 1]);
    }
}

static void check_sweep(const osv_table *table, size_t curve, const fuzz_counts *counts) {
  size_t at, j = 0;
  double n_risk, d, other, left;
  osv_sweep sweep = {.table = table,
                     .first_curve = curve,
                     .k = 1,
                     .cause = 1,
                     .at = &at,
                     .n_risk = &n_risk,
                     .d = &d,
                     .other = &other,
                     .left = &left};
  osv_sweep_start(&sweep);
  for (; osv_sweep_next(&sweep); j++) {
    assert(j < counts->m && n_risk == counts->n_risk[j] && d == counts->n_event[j]);
    assert(left == d + other + counts->n_censor[j]);
  }
  assert(j == counts->m);
}

/* Counts read in blocks of a few times equal those of the whole curve */
static void check_blocks(const osv_table *table, size_t curve, const fuzz_counts *all) {
  enum { MOST = 3 };
  double part[MOST * (3 + MOST_CAUSES)], left;
  const osv_counts now = {part, part + MOST, part + 2 * MOST, part + 3 * MOST, MOST};
  const size_t end = (size_t)table->start[curve + 1];
  size_t row = (size_t)table->start[curve], m, at = 0;
  const double ever = -INFINITY;
  osv_remaining(table->time, table->n, row, end, &ever, 1, &left);
  for (; row < end; at += m) {
    assert(osv_read_counts(table, end, MOST, &row, &left, &now, &m) == OSV_OK && m > 0);
    for (size_t i = 0; i < m; i++)
      assert(now.n_risk[i] == all->n_risk[at + i] &&
             now.n_censor[i] == all->n_censor[at + i] &&
             now.n_event[i] == all->n_event[at + i]);
  }
  assert(at == all->m && left == 0.0);
}

/* Distinct times and distinct (time, status) pairs, comparing each row with all before */
static void check_distinct(const osv_table *table) {
  size_t at[MOST_CURVES], heap[MOST_CURVES], times = 0, cells = 0, rows = 0;
  const size_t n = (size_t)table->start[table->n_curve];
  for (size_t i = 0; i < n; i++) {
    int seen = 0;
    for (size_t j = 0; j < i && !seen; j++) seen = table->time[j] == table->time[i];
    times += !seen;
  }
  for (size_t c = 0; c < table->n_curve; c++)
    for (size_t i = (size_t)table->start[c]; i < (size_t)table->start[c + 1]; i++)
      cells += (double)i == table->start[c] || table->time[i] != table->time[i - 1] ||
               table->status[i] != table->status[i - 1];
  assert(osv_count_all_times(table, at, heap) == times);
  assert(osv_count_cells(table, cells, &rows) == cells && rows == n);
  assert(osv_count_cells(table, 0, &rows) == cells && rows == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts counts;
  bytes b = {data, size};
  const double tol[] = {0.0, 1e-9, 1e-3};
  const size_t n_curve = next_bytes(&b, 1) % (MOST_CURVES + 1);
  next_table(&b, n_curve, (int)(2 + next_bytes(&b, 1) % MOST_CAUSES), &x);
  for (size_t i = 0; i < COUNT_OF(tol); i++) check_ties(&x.table, tol[i]);
  check_distinct(&x.table);
  for (size_t c = 0; c < n_curve; c++) {
    count_curve(&x.table, c, &counts);
    check_sweep(&x.table, c, &counts);
    check_blocks(&x.table, c, &counts);
  }
  return 0;
}
