/* Residuals of a Cox model: by hand, and their sums. */
#include "cells_cox.h"

static void test_by_hand(void) {
  /* x = 0, 1, 1 with events at 0 and 1 at coefficient 0: means 2/3 and 1, hazards 1/3,
   * 1/2 */
  cox_case c = {.x = {0, 1, 1},
                .weight = {1, 1, 1},
                .event = {1, 1, 0},
                .to = {0, 1, 2},
                .stratum_end = {3}};
  cell_case cell;
  finish_cox(&c, 3, 1, 3, 1, 1);
  cells_of(&c, &cell);
  double martingale[3], score[3], schoenfeld[3], gamma = 0.0;
  const osv_cox_residuals_out out = {martingale, score, NULL, schoenfeld};
  double *work = room(osv_cox_residuals_work(&cell.cells), sizeof *work);
  assert(osv_cox_residuals(&cell.cells, 3, &gamma, NULL, work, &out) == OSV_OK);
  assert(near(martingale[0], 2.0 / 3, 1e-15) && near(martingale[1], 1.0 / 6, 1e-15));
  assert(near(martingale[2], -5.0 / 6, 1e-15));
  assert(near(schoenfeld[0], -2.0 / 3, 1e-15) && near(schoenfeld[1], 0.0, 1e-15));
  assert(near(score[0], -2.0 / 3 + 2.0 / 9, 1e-15));
  assert(near(score[1], -1.0 / 9, 1e-15) && near(score[2], -1.0 / 9, 1e-15));
  free(work);
}

static void test_random(void) {
  uint64_t seed = 21;
  for (int round = 0; round < 1000; round++) {
    cox_case c;
    cell_case cell;
    random_cox(&c, &seed);
    cells_of(&c, &cell);
    const size_t n = c.rows.n, p = c.rows.p;
    double gamma[COX_COLUMNS], none[COX_COLUMNS * COX_COLUMNS] = {0};
    for (size_t a = 0; a < p; a++) gamma[a] = 4.0 * (draw_unit(&seed) - 0.5);
    double martingale[COX_ROWS], score[COX_ROWS * COX_COLUMNS];
    double schoenfeld[COX_ROWS * COX_COLUMNS], by_unit[2 * COX_COLUMNS];
    int unit[COX_ROWS];
    for (size_t i = 0; i < n; i++) unit[i] = i % 2;
    double *work = room(osv_cox_residuals_work(&cell.cells), sizeof *work);
    const osv_cox_residuals_out out = {martingale, score, NULL, schoenfeld};
    const osv_cox_residuals_out units = {NULL, by_unit, unit, NULL};
    assert(osv_cox_residuals(&cell.cells, n, gamma, NULL, work, &out) == OSV_OK);
    assert(osv_cox_residuals(&cell.cells, 2, gamma, NULL, work, &units) == OSV_OK);
    const cox_moments want = direct_cox(&c, gamma, none);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += martingale[i];
    assert(near(sum, 0.0, 1e-9));
    for (size_t a = 0; a < p; a++) {
      double scores = 0.0, events = 0.0, of_first = 0.0;
      for (size_t i = 0; i < n; i++) {
        scores += score[i * p + a];
        events += schoenfeld[i * p + a];
        if (i % 2 == 0) of_first += score[i * p + a];
      }
      assert(near(scores, want.score[a], 1e-9) && near(events, want.score[a], 1e-9));
      assert(near(by_unit[a], of_first, 1e-9));
    }
    free(work);
  }
}

/* Rounding errors make a risk set useless after much larger rows were subtracted */
static void test_lost(void) {
  cell_case cell;
  double score[10];
  const double gamma[] = {40.0, 0.0}, more[] = {400.0, 0.0};
  delayed_cells(&cell);
  const osv_cox_residuals_out out = {.score = score};
  double *work = room(osv_cox_residuals_work(&cell.cells), sizeof *work);
  assert(osv_cox_residuals(&cell.cells, 5, gamma, NULL, work, &out) == OSV_OK);
  assert(osv_cox_residuals(&cell.cells, 5, more, NULL, work, &out) == OSV_EDOMAIN);
  free(work);
}

int main(void) {
  test_by_hand();
  test_lost();
  test_random();
  return 0;
}
