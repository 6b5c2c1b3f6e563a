/* Any rows by unit: S and all F of a resample sum to 1; quantiles are observed times. */
#include "fuzz.h"

static void check_parts(const osv_boot_curve *curve, const double *value, size_t n_part,
                        double total, size_t times) {
  for (size_t i = 0; i < times; i++) {
    double sum = 0.0;
    for (size_t part = 0; part < n_part; part++) {
      assert(value[part * times + i] >= 0.0);
      sum += value[part * times + i];
    }
    assert(fabs(sum - total) <= 1e-12 * total || curve->n_unit == 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { TIMES = 4 };
  static fuzz_table x;
  static double time[MOST_ROWS], work[(MOST_CAUSES + 3) * MOST_ROWS];
  static double value[(MOST_CAUSES + 1) * MOST_ROWS], past[MOST_CAUSES + 1];
  static size_t cell[MOST_ROWS], entry[MOST_ROWS], start[MOST_ROWS + 1];
  static const int cause[] = {0, 1, 2, 3};
  bytes b = {data, size};
  const int n_status = (int)(2 + next_bytes(&b, 1) % MOST_CAUSES);
  uint64_t state = next_bytes(&b, 1);
  const size_t by_unit = next_bytes(&b, 1) % 3, late = next_bytes(&b, 1) % 2;
  const double at = next_time(&b), share = (double)(1 + next_bytes(&b, 1)) / 257.0;
  next_table(&b, 1, n_status, &x);
  const size_t rows = (size_t)x.start[1], m = osv_count_times(x.time, rows);
  for (size_t i = 0, j = 0; i < rows; i++) {
    j += i > 0 && x.time[i] != x.time[i - 1];
    time[j] = x.time[i];
    cell[i] = (size_t)x.status[i] * m + j;
    entry[i] = j / (1 + i % 4);
    start[i] = 2 * i < rows ? 2 * i : rows;
  }
  const size_t pairs = (rows + 1) / 2;
  start[pairs] = rows;
  const osv_boot_curve curve = {time,
                                m,
                                by_unit ? pairs : rows,
                                n_status,
                                cell,
                                by_unit ? start : NULL,
                                late ? entry : NULL};
  const osv_uniform uniform = {draw_uniform, &state};
  const size_t n_cause = (size_t)n_status;
  const osv_boot_statistic rate = {OSV_BOOT_RATE, cause, n_cause, &at, 1, 1};
  assert(osv_bootstrap(&curve, &rate, TIMES, &uniform, NULL, work,
                       &(osv_boot_out){value, TIMES, past}) == OSV_OK);
  check_parts(&curve, value, n_cause, 1.0, TIMES);
  const osv_boot_statistic area = {OSV_BOOT_AREA, cause, n_cause, &at, 1, 1};
  assert(osv_leave_one_out(&curve, &area, NULL, work,
                           &(osv_boot_out){value, curve.n_unit, NULL}) == OSV_OK);
  if (at == 0.0 || at > 1e-280) check_parts(&curve, value, n_cause, at, curve.n_unit);
  const osv_boot_statistic quantile = {OSV_BOOT_QUANTILE, cause, n_cause, &share, 1, 1};
  assert(osv_bootstrap(&curve, &quantile, TIMES, &uniform, NULL, work,
                       &(osv_boot_out){value, TIMES, past}) == OSV_OK);
  for (size_t i = 0; i < n_cause * TIMES; i++)
    assert(value[i] == INFINITY || (value[i] >= time[0] && value[i] <= time[m - 1]));
  return 0;
}
