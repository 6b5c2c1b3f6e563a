/* The test of proportional hazards: by hand for one covariate and two events. */
#include "cells_cox.h"

/* x = 0, 1, 1, 0, 1 with events at 0, 1 and 3, g = -1, 0, 1. At coefficient 0 the means
 * are 3/5, 3/4 and 1/2 and the variances v = 6/25, 3/16 and 1/4. */
static void test_by_hand(void) {
  cox_case c = {.x = {0, 1, 1, 0, 1},
                .weight = {1, 1, 1, 1, 1},
                .event = {1, 1, 0, 1, 0},
                .to = {0, 1, 2, 3, 4},
                .stratum_end = {5}};
  cell_case cell;
  finish_cox(&c, 5, 1, 5, 1, 1);
  cells_of(&c, &cell);
  const double gamma = 0.0, g[] = {-1, 0, 0, 1, 0};
  const int term = 1;
  double statistic[2], df[2];
  const osv_cox_ph_out out = {statistic, df};
  double *work = room(osv_cox_ph_work(&cell.cells), sizeof *work);
  assert(osv_cox_ph(&cell.cells, &gamma, g, &term, 1, NULL, work, &out) == OSV_OK);
  const double v[] = {6.0 / 25, 3.0 / 16, 0.25}, u = 3.0 / 5 - 0.5;
  const double whole = v[0] + v[1] + v[2], cross = v[2] - v[0];
  const double left = v[0] + v[2] - cross * cross / whole;
  assert(near(statistic[0], u * u / left, 1e-13) && statistic[1] == statistic[0]);
  assert(df[0] == 1.0 && df[1] == 1.0);
  c.event[1] = c.event[3] = 0; /* with one event no effect can change with time */
  cells_of(&c, &cell);
  assert(osv_cox_ph(&cell.cells, &gamma, g, &term, 1, NULL, work, &out) == OSV_OK);
  assert(isnan(statistic[0]));
  free(work);
}

int main(void) {
  test_by_hand();
  return 0;
}
