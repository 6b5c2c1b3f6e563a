/* Sums of w x x' over rows, by hand and by the formulas of sums of powers. */
#include "check.h"

/* Rows (1, 2) and (3, -1) with the weights 2 and 1/2:
 *   2 (1, 2; 2, 4) + (9, -3; -3, 1) / 2 = (6.5, 2.5; 2.5, 8.5) */
static void test_by_hand(void) {
  const double x[2][2] = {{1, 2}, {3, -1}};
  double out[4] = {NAN, NAN, NAN, NAN}, *work = room(osv_cross_work(2), sizeof *work);
  osv_cross c = osv_cross_start(2, out, work);
  osv_cross_end(&c);
  for (size_t k = 0; k < 4; k++) assert(out[k] == 0.0); /* no row yet */
  osv_cross_add(&c, x[0], 2.0);
  osv_cross_add(&c, x[1], 0.5);
  osv_cross_end(&c);
  assert(out[0] == 6.5 && out[1] == 2.5 && out[3] == 8.5);
  osv_cross_end(&c); /* the buffers are empty: nothing is added twice */
  assert(out[0] == 6.5 && out[1] == 2.5 && out[3] == 8.5);
  osv_cross_add(&c, x[0], -2.0); /* a weight may be negative */
  osv_cross_end(&c);
  assert(out[0] == 4.5 && out[1] == -1.5 && out[3] == 0.5);
  free(work);
}

/* Column a of row i is i + a, so that the sum over i = 1 .. n of (i + a)(i + b) is
 *   n (n + 1)(2 n + 1) / 6 + (a + b) n (n + 1) / 2 + n a b,
 * which is exact. The numbers of columns are below, at and above that of a tile, and the
 * numbers of rows those of the buffers. */
static void test_sizes(void) {
  enum { MOST = 2 * OSV_CROSS_TILE + 1 };
  const size_t rows[] = {
      0, 1, OSV_CROSS_ROWS - 1, OSV_CROSS_ROWS, OSV_CROSS_ROWS + 1, 3 * OSV_CROSS_ROWS};
  double x[MOST], out[MOST * MOST], *work = room(osv_cross_work(MOST), sizeof *work);
  for (size_t p = 1; p <= MOST; p++) {
    for (size_t k = 0; k < COUNT_OF(rows); k++) {
      const double n = (double)rows[k];
      osv_cross c = osv_cross_start(p, out, work);
      for (size_t i = 1; i <= rows[k]; i++) {
        for (size_t a = 0; a < p; a++) x[a] = (double)(i + a);
        osv_cross_add(&c, x, 1.0);
      }
      osv_cross_end(&c);
      for (size_t a = 0; a < p; a++)
        for (size_t b = a; b < p; b++)
          assert(out[a * p + b] == n * (n + 1.0) * (2.0 * n + 1.0) / 6.0 +
                                       (double)(a + b) * n * (n + 1.0) / 2.0 +
                                       n * (double)(a * b));
    }
  }
  free(work);
}

int main(void) {
  test_by_hand();
  test_sizes();
  return 0;
}
