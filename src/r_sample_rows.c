/* r_sample_rows - the stretch of rows of each thread, and a sample of the times of all
 * rows. */
#include "r_api.h"

/* First row of the stretch of thread t; the first row of thread t + 1 is its end */
size_t r_stretch_start(size_t n, int threads, int t) {
  return t == threads ? n : n / (size_t)threads * (size_t)t;
}

/* Times of a sample spread over all rows, ascending, into time[2 * R_SAMPLE]; returns
 * their number */
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
