/* Counts of a curve at its times, subjects of a curve, distinct cells of a table. */
#include "check.h"

static void test_count_times(void) {
  const double time[] = {0, 0, 1, 2, 2, 2, 9};
  assert(osv_count_times(time, 7) == 4);
  assert(osv_count_times(time, 1) == 1);
  assert(osv_count_times(time, 0) == 0);
}

static osv_status counts_of(const osv_table *table, size_t curve, size_t m,
                            const osv_poll *poll, double *out) {
  const osv_counts counts = {out, out + m, out + 2 * m, out + 3 * m, m};
  return osv_curve_counts(table, curve, m, poll, &counts);
}

static void test_curve_counts(void) {
  const double time[] = {1, 1, 2, 2, 2, 6, 3}, n[] = {2, 1, 1, 3, 1, 2, 4};
  const double start[] = {0, 6, 6, 7};
  const int status[] = {1, 0, 2, 1, 1, 0, 2}; /* rows with equal times in any order */
  const osv_table table = table_of(time, status, n, start, 3, 3);
  double out[15];
  assert(counts_of(&table, 0, 3, NULL, out) == OSV_OK);
  const double want[] = {1, 2, 6, 10, 7, 2, 1, 0, 2, 2, 4, 0, 0, 1, 0};
  assert(all_equal(out, want, 15));
  assert(counts_of(&table, 1, 0, NULL, out) == OSV_OK);
  assert(counts_of(&table, 2, 1, NULL, out) == OSV_OK);
  const double last[] = {3, 4, 0, 0, 4};
  assert(all_equal(out, last, 5));
  const osv_table plain = table_of(time, status, NULL, start, 3, 3);
  assert(counts_of(&plain, 0, 3, NULL, out) == OSV_OK);
  const double ones[] = {6, 4, 1};
  assert(all_equal(out + 3, ones, 3));
  assert(counts_of(&plain, 0, 3, &stopping, out) == OSV_EINTR);
  assert(counts_of(&plain, 0, 3, &going, out) == OSV_OK);
  /* the times of the counts are known: they are not written */
  osv_counts known = {NULL, out + 3, out + 6, out + 9, 3};
  assert(osv_curve_counts(&plain, 0, 3, NULL, &known) == OSV_OK);
  assert(all_equal(out + 3, ones, 3) && out[0] == 1.0);
  assert(osv_curve_counts(&table, 0, 3, NULL, &known) == OSV_OK);
  assert(all_equal(out + 3, want + 3, 12));
  double left = 4.0;
  const osv_table singles =
      table_of((const double[]){1, 2, 6, 9}, status, NULL, (const double[]){0, 4}, 1, 3);
  size_t row = 0, m;
  assert(osv_read_counts(&singles, 4, 3, &row, &left, &known, &m) == OSV_OK);
  assert(row == 3 && m == 3 && left == 1.0 && out[3] == 4.0 && out[5] == 2.0);
  left = 10.0;
  row = 0;
  assert(osv_read_counts(&table, 6, 3, &row, &left, &known, &m) == OSV_OK);
  assert(row == 6 && m == 3 && left == 0.0 && all_equal(out + 3, want + 3, 12));
  double rest[20]; /* too few or too many times */
  assert(counts_of(&plain, 0, 2, NULL, rest) == OSV_EORDER);
  assert(counts_of(&plain, 0, 4, NULL, rest) == OSV_EORDER);
  assert(counts_of(&table, 0, 2, NULL, out) == OSV_EORDER);
  assert(counts_of(&table, 0, 3, &stopping, out) == OSV_EINTR);
  assert(counts_of(&table, 0, 3, &going, out) == OSV_OK);
  double more[20];
  assert(counts_of(&table, 0, 4, NULL, more) == OSV_EORDER);
  const double down[] = {2, 1};
  const double two[] = {0, 2};
  const osv_table wrong = table_of(down, status, NULL, two, 1, 3);
  assert(counts_of(&wrong, 0, 2, NULL, out) == OSV_EORDER);
  const osv_table counted = table_of(down, status, n, two, 1, 3);
  assert(counts_of(&counted, 0, 2, NULL, out) == OSV_EORDER);
}

/* Counts read in blocks of two times equal those of the whole curve, with counted rows
 * and with one row per subject */
static void test_read_counts(void) {
  const double time[] = {1, 1, 2, 2, 2, 6, 9}, n[] = {2, 1, 1, 3, 1, 2, 4};
  const double start[] = {0, 7};
  const int status[] = {0, 1, 1, 1, 2, 0, 2};
  for (int sums = 0; sums < 2; sums++) {
    const osv_table table = table_of(time, status, sums ? n : NULL, start, 1, 3);
    double whole[20], part[10];
    assert(counts_of(&table, 0, 4, NULL, whole) == OSV_OK);
    const osv_counts counts = {part, part + 2, part + 4, part + 6, 2};
    size_t row = 0, m;
    double left = sums ? 14 : 7;
    for (size_t from = 0; from < 4; from += 2) {
      assert(osv_read_counts(&table, 7, 2, &row, &left, &counts, &m) == OSV_OK && m == 2);
      for (size_t column = 0; column < 5; column++)
        assert(all_equal(part + 2 * column, whole + 4 * column + from, 2));
    }
    assert(row == 7 && left == 0.0);
    assert(osv_read_counts(&table, 7, 2, &row, &left, &counts, &m) == OSV_OK && m == 0);
    const double at[] = {0, 1, 1.5, 2, 9, 10}, ones[] = {7, 7, 5, 5, 1, 0};
    const double want[] = {14, 14, 11, 11, 4, 0};
    double got[6];
    osv_remaining(table.time, table.n, 0, 7, at, 6, got);
    assert(all_equal(got, sums ? want : ones, 6));
  }
  const double down[] = {2, 1};
  const osv_table wrong = table_of(down, status, n, start, 1, 3);
  double part[10], left = 3;
  const osv_counts counts = {part, part + 2, part + 4, part + 6, 2};
  size_t row = 0, m;
  assert(osv_read_counts(&wrong, 2, 2, &row, &left, &counts, &m) == OSV_EORDER);
}

/* Curves of 4, 0 and 3 rows: 3, 0 and 2 cells; a new curve starts a new cell even if its
 * first row has the time and status of the row before */
static void test_count_cells(void) {
  const double time[] = {1, 1, 1, 2, 2, 2, 3}, start[] = {0, 4, 4, 7};
  const int status[] = {0, 0, 1, 1, 1, 1, 1};
  const osv_table table = table_of(time, status, NULL, start, 3, 2);
  size_t rows = 99;
  assert(osv_count_cells(&table, 99, &rows) == 5 && rows == 7);
  const size_t first[] = {0, 2, 3, 4, 6, 7}; /* rows of the first 0, 1, ... cells */
  for (size_t most = 0; most < COUNT_OF(first); most++)
    assert(osv_count_cells(&table, most, &rows) == 5 && rows == first[most]);
  const double none[] = {0, 0};
  const osv_table empty = table_of(time, status, NULL, none, 1, 2);
  assert(osv_count_cells(&empty, 5, &rows) == 0 && rows == 0);
}

/* Left truncation: a subject is at risk from just after the entry to the exit; one who
 * enters at an exit time is not at risk at that time. */
static void test_entries(void) {
  const double time[] = {2, 3, 5, 7}, start[] = {0, 4}, n_risk[] = {2, 2, 2, 1};
  const double entry_time[] = {0, 1, 2, 3}, entry_n[] = {1, 1, 1, 1};
  const int status[] = {1, 0, 1, 0};
  const osv_table rows = table_of(time, status, NULL, start, 1, 2);
  const osv_table table = with_entries(rows, entry_time, entry_n, start);
  double out[16];
  assert(counts_of(&table, 0, 4, NULL, out) == OSV_OK && all_equal(out + 4, n_risk, 4));
  const double late[] = {2, 2, 2, 3}; /* one exit would precede the entry */
  const osv_table wrong = with_entries(rows, late, NULL, start);
  assert(counts_of(&wrong, 0, 4, NULL, out) == OSV_EDOMAIN);
}

/* Rows (0, 3] and (3, 9] of one subject, (0, 9] of another, one more enters at 5 */
static void test_subjects(void) {
  const double time[] = {3, 9, 9, 9}, start[] = {0, 4}, entry[] = {0, 0, 3, 5};
  const double split[] = {0, 3}, entry_3[] = {0, 0, 3};
  const int status[] = {0, 0, 0, 1};
  osv_table table =
      with_entries(table_of(time, status, NULL, start, 1, 2), entry, NULL, start);
  double n_risk[2], n_censor[2], n_event[2], after[2];
  const osv_counts counts = {NULL, n_risk, n_censor, n_event, 2};
  osv_subjects x = osv_count_subjects(&table, 0, 0);
  assert(x.n == 3.0 && x.start == 2.0 && x.gains);
  assert(osv_curve_counts(&table, 0, 2, NULL, &counts) == OSV_OK);
  osv_risk_after(&table, 0, &counts, 2, 0, after);
  assert(after[0] == 2.0 && after[1] == 0.0); /* the third subject enters after 3 */
  osv_km_reverse(n_risk, n_event, n_censor, 2);
  osv_risk_after(&table, 0, &counts, 2, 1, after);
  assert(after[0] == 2.0 && after[1] == 0.0);
  table.start = table.entry_start = split;
  table.entry_time = entry_3;
  x = osv_count_subjects(&table, 0, 0);
  assert(x.n == 2.0 && x.start == 2.0 && !x.gains);
  assert(osv_count_subjects(&table, 0, 1).gains); /* censoring is the event */
  table.entry_time = NULL;
  x = osv_count_subjects(&table, 0, 0);
  assert(x.n == 3.0 && x.start == 3.0 && !x.gains);
}

int main(void) {
  test_subjects();
  test_count_times();
  test_count_cells();
  test_curve_counts();
  test_read_counts();
  test_entries();
  return 0;
}
