/* Residuals of a Fine-Gray model: by hand, and their sums on random rows. */
#include "direct_finegray.h"

/* Rows without censoring, x = 0, 1, 0 with an event, a competing event and an event at
 * times 1, 2, 3. At beta = 0 all three are at risk at 1 (hazard 1 / 3, mean 1 / 3), the
 * second and the third at 3 (1 / 2, mean 1 / 2). */
static void test_by_hand(void) {
  const double x[] = {0, 1, 0};
  const int status[] = {1, 2, 1};
  const size_t time_end[] = {1, 2, 3}, stratum_end[] = {3};
  const osv_finegray_rows rows = {.n = 3,
                                  .p = 1,
                                  .n_stratum = 1,
                                  .x = x,
                                  .status = status,
                                  .time_end = time_end,
                                  .stratum_end = stratum_end};
  double *work = room(osv_finegray_work(&rows), sizeof *work);
  osv_finegray s = osv_finegray_start(&rows, NULL, work);
  double beta = 0.0, loglik, score, information, martingale[3], schoenfeld[3];
  assert(osv_finegray_moments(&s, &beta, &loglik, &score) == OSV_OK);
  assert(osv_finegray_information(&s, NULL, &information, NULL) == OSV_OK);
  assert(osv_finegray_residuals(&s, martingale, schoenfeld) == OSV_OK);
  const double want[] = {1.0 - 1.0 / 3, -1.0 / 3 - 1.0 / 2, 1.0 - 1.0 / 3 - 1.0 / 2};
  for (size_t i = 0; i < 3; i++) assert(near(martingale[i], want[i], 1e-15));
  assert(near(schoenfeld[0], -1.0 / 3, 1e-15) && schoenfeld[1] == 0.0);
  assert(near(schoenfeld[2], -1.0 / 2, 1e-15));
  free(work);
}

/* Martingale residuals sum to 0, and Schoenfeld residuals to the score, at any
 * coefficients */
static void test_random(void) {
  uint64_t seed = 8;
  for (int round = 0; round < 1000; round++) {
    fg_case c;
    random_finegray(&c, &seed);
    const size_t n = c.rows.n, p = c.rows.p;
    double beta[FG_COLUMNS], score[FG_COLUMNS], information[FG_COLUMNS * FG_COLUMNS];
    double loglik, martingale[FG_ROWS], schoenfeld[FG_ROWS * FG_COLUMNS], sum = 0.0;
    for (size_t a = 0; a < p; a++) beta[a] = 2.0 * (draw_unit(&seed) - 0.5);
    double *work = room(osv_finegray_work(&c.rows), sizeof *work);
    osv_finegray s = osv_finegray_start(&c.rows, NULL, work);
    assert(osv_finegray_moments(&s, beta, &loglik, score) == OSV_OK);
    assert(osv_finegray_information(&s, NULL, information, NULL) == OSV_OK);
    assert(osv_finegray_residuals(&s, martingale, schoenfeld) == OSV_OK);
    for (size_t i = 0; i < n; i++) {
      const double count = c.rows.count ? c.rows.count[i] : 1.0;
      sum += count * martingale[i];
      for (size_t a = 0; a < p; a++) score[a] -= count * schoenfeld[i * p + a];
    }
    assert(fabs(sum) < 1e-9);
    for (size_t a = 0; a < p; a++) assert(fabs(score[a]) < 1e-9);
    free(work);
  }
}

int main(void) {
  test_by_hand();
  test_random();
  return 0;
}
