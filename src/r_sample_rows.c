/* r_sample_rows - divides rows into one stretch per thread, and samples the times of
 * rows. */
#include "r_api.h"

/* First row of the stretch of thread t, which ends before the first row of thread t +
 * 1 */
size_t r_stretch_start(size_t n, int threads, int t) {
  return t == threads ? n : n / (size_t)threads * (size_t)t;
}

/* Writes the sorted times of a sample of rows, spread over all rows, to time[2 *
 * R_SAMPLE]; returns their number */
size_t r_sample_times(const osv_rows *rows, double *time) {
  osv_block row;
  int *code = (int *)R_alloc(2 * R_SAMPLE, sizeof *code);
  size_t m = 0, bad;
  for (size_t i = 0; i < R_SAMPLE; i++) {
    const size_t at = rows->n / R_SAMPLE * i;
    if (osv_rows_read(rows, at, at + 1, &row, &bad) == OSV_OK && row.n == 1)
      time[m++] = row.time[0];
  }
  for (size_t i = 0; i < m; i++) code[i] = 0;
  osv_sort_radix(time, code, m, time + R_SAMPLE, code + R_SAMPLE);
  return m;
}
