/* Firth's likelihood: by hand, at its maximum and limits, and where it has none. */
#include "cells_cox.h"

static osv_status firth(cox_case *c, double cut, const osv_poll *poll,
                        double got[5][COX_COLUMNS]) {
  cell_case cell;
  cells_of(c, &cell);
  double *work = room(osv_cox_firth_work(&cell.cells), sizeof *work);
  double variance[COX_COLUMNS * COX_COLUMNS];
  const osv_firth_out out = {got[0], got[1], got[2], got[3], got[4], variance};
  const osv_status status = osv_cox_firth(&cell.cells, cut, poll, work, &out);
  free(work);
  return status;
}

/* x = 0, 1, 0, 1, the second and last censored: l* = log(r) / 2 - 3 log(1 + r) +
 * constant, largest at r = 1 / 5. */
static void test_by_hand(void) {
  cox_case c = four_rows((const int[]){1, 0, 1, 0});
  finish_cox(&c, 4, 1, 4, 1, 1);
  double got[5][COX_COLUMNS];
  assert(firth(&c, 1.5, NULL, got) == OSV_OK);
  const double best = log(0.2) / 2.0 - 3.0 * log(1.2);
  assert(near(got[0][0], log(0.2), 1e-8));
  assert(near(got[1][0], 1.0 / sqrt(2.0 * 0.2 / 1.44), 1e-8));
  for (size_t k = 2; k < 4; k++) {
    const double b = got[k][0], r = exp(b);
    assert(near(2.0 * (best - b / 2.0 + 3.0 * log(1.0 + r)), 1.5, 1e-9));
  }
  assert(got[2][0] < got[0][0] && got[0][0] < got[3][0]);
  assert(near(got[4][0], 2.0 * (best + 3.0 * log(2.0)), 1e-10));
  assert(firth(&c, 1.5, &stopping, got) == OSV_EINTR);
  assert(firth(&c, 1.5, &going, got) == OSV_OK);
}

/* The penalised score U + tr(W dI) / 2 at an estimate, by the slow program */
static double largest_score(const cox_case *c, const double *beta) {
  const size_t p = c->rows.p;
  double zero[COX_COLUMNS * COX_COLUMNS] = {0}, inverse[COX_COLUMNS * COX_COLUMNS];
  const cox_moments at = direct_cox(c, beta, zero);
  for (size_t a = 0; a < p; a++) { /* column a of the inverse, by elimination */
    double m[COX_COLUMNS][COX_COLUMNS + 1];
    for (size_t i = 0; i < p; i++) {
      for (size_t j = 0; j < p; j++) m[i][j] = at.information[i * p + j];
      m[i][p] = i == a;
    }
    for (size_t k = 0; k < p; k++)
      for (size_t i = 0; i < p; i++) {
        if (i == k) continue;
        const double f = m[i][k] / m[k][k];
        for (size_t j = 0; j <= p; j++) m[i][j] -= f * m[k][j];
      }
    for (size_t i = 0; i < p; i++) inverse[i * p + a] = m[i][p] / m[i][i];
  }
  const cox_moments with = direct_cox(c, beta, inverse);
  double most = 0.0;
  for (size_t a = 0; a < p; a++)
    most = fmax(most,
                fabs(at.score[a] + with.slope[a] / 2.0) * sqrt(fabs(inverse[a * p + a])));
  return most;
}

static void test_random(void) {
  uint64_t seed = 11;
  size_t fitted = 0;
  for (int round = 0; round < 300; round++) {
    cox_case c;
    random_cox(&c, &seed);
    double got[5][COX_COLUMNS];
    const osv_status status = firth(&c, 3.84, NULL, got);
    if (status != OSV_OK) {
      assert(status == OSV_EDOMAIN);
      continue;
    }
    fitted++;
    assert(largest_score(&c, got[0]) < 1e-7);
    for (size_t a = 0; a < c.rows.p; a++)
      assert(got[2][a] < got[0][a] && got[0][a] < got[3][a] && got[4][a] >= 0.0);
  }
  assert(fitted > 250);
}

/* A constant covariate has no information. */
static void test_constant(void) {
  cox_case c = {.weight = {1, 1}, .event = {1, 1}, .to = {0, 1}, .stratum_end = {2}};
  finish_cox(&c, 2, 1, 2, 1, 1);
  double got[5][COX_COLUMNS];
  assert(firth(&c, 3.84, NULL, got) == OSV_EDOMAIN);
}

int main(void) {
  test_by_hand();
  test_random();
  test_constant();
  return 0;
}
