/* Derivative of log det I: by hand, and against a program that scans every risk set. */
#include "cells_cox.h"

/* Sums and slope of the rows, with one cell per row or, if `patterns`, one per pattern */
static osv_status moments_of(cox_case *c, int patterns, const double *beta,
                             const double *inverse, cox_moments *got) {
  cell_case cell;
  double raw[COX_COLUMNS];
  cells_of(c, &cell);
  if (patterns) name_patterns(&cell);
  double *work = room(osv_cox_sums_work(&cell.cells, 0), sizeof *work);
  const osv_cox_sums_out out = {NULL, &got->loglik, got->score, got->information,
                                raw,  NULL};
  const osv_status status = osv_cox_sums(&cell.cells, beta, NULL, work, &out);
  free(work);
  if (status != OSV_OK) return status;
  work = room(osv_cox_slope_work(&cell.cells), sizeof *work);
  const osv_status last =
      osv_cox_slope(&cell.cells, beta, inverse, NULL, work, got->slope);
  free(work);
  return last;
}

/* x = 0, 1, 0, 1 with events at times 0 .. 3: with r = e^b,
 * l = b - log(2 + 2r) - log(1 + 2r) - log(1 + r) - log(r) + b */
static void test_by_hand(void) {
  cox_case c = four_rows((const int[]){1, 1, 1, 1});
  finish_cox(&c, 4, 1, 4, 1, 1);
  const double b = log(3.0), one = 1.0;
  cox_moments got;
  assert(moments_of(&c, 0, &b, &one, &got) == OSV_OK);
  assert(near(got.loglik, b - log(8.0) - log(7.0) - log(4.0), 1e-15));
  const double q[] = {6.0 / 8.0, 6.0 / 7.0, 3.0 / 4.0};
  double score = 2.0 - 1.0, information = 0.0, slope = 0.0;
  for (size_t i = 0; i < 3; i++) {
    score -= q[i];
    information += q[i] * (1 - q[i]);
    slope += q[i] * (1 - q[i]) * (1 - 2 * q[i]);
  }
  assert(near(got.score[0], score, 1e-15) &&
         near(got.information[0], information, 1e-15));
  assert(near(got.slope[0], slope, 1e-14));
}

static void test_random(void) {
  uint64_t seed = 5;
  for (int round = 0; round < 2000; round++) {
    cox_case c;
    random_cox(&c, &seed);
    const size_t p = c.rows.p;
    double beta[COX_COLUMNS], inverse[COX_COLUMNS * COX_COLUMNS];
    for (size_t a = 0; a < p; a++) beta[a] = 4.0 * (draw_unit(&seed) - 0.5);
    for (size_t a = 0; a < p; a++)
      for (size_t b = 0; b <= a; b++)
        inverse[a * p + b] = inverse[b * p + a] = draw_unit(&seed);
    cox_moments got;
    assert(moments_of(&c, round % 2, beta, inverse, &got) == OSV_OK);
    const cox_moments want = direct_cox(&c, beta, inverse);
    assert(near(got.loglik, want.loglik, 1e-12));
    for (size_t a = 0; a < p; a++) {
      assert(near(got.score[a], want.score[a], 1e-12));
      assert(near(got.slope[a], want.slope[a], 1e-11));
      for (size_t b = a; b < p; b++)
        assert(near(got.information[a * p + b], want.information[a * p + b], 1e-12));
    }
  }
}

/* A row whose hazard is e^60 times that of the others is subtracted from the risk set at
 * its entry. The remaining sums keep their digits. */
static void test_a_large_row_that_enters_late(void) {
  cox_case c = {.x = {0, 1, 0, 60},
                .weight = {1, 1, 1, 1},
                .event = {1, 1, 1, 1},
                .to = {0, 1, 2, 3},
                .from = {0, 0, 0, 3},
                .stratum_end = {4}};
  finish_cox(&c, 4, 1, 4, 1, 1);
  const double b = 1.0, one = 1.0, e = exp(1.0);
  cox_moments got;
  assert(moments_of(&c, 0, &b, &one, &got) == OSV_OK);
  assert(near(got.loglik, 1.0 - log(2.0 + e) - log(1.0 + e), 1e-10));
}

/* One event, with one row of lower and one of higher hazard at risk. Rows that leave
 * before and after it have linear predictors that are 1000 less and 2000 more. If q is
 * the probability that the failing row is the first, l = log q, U = 1 - q, I = q (1 - q)
 * and dI = q (1 - q)(1 - 2 q), in any unit of hazards. */
static void test_far_apart(void) {
  for (int late = 0; late < 2; late++) {
    cox_case c = {.weight = {1, 1, 1, 1}, .stratum_end = {4}};
    const double x[2][4] = {{2000, 1, 0, 0}, {-1000, 0, 1, 0}};
    for (size_t i = 0; i < 4; i++) {
      c.x[i] = x[late][i];
      c.to[i] = i;
    }
    c.event[1 + late] = 1;
    finish_cox(&c, late ? 4 : 3, 1, late ? 4 : 3, 1, 1);
    c.stratum_end[0] = late ? 4 : 3;
    for (int patterns = 0; patterns < 2; patterns++) {
      const double b = 0.5, one = 1.0, q = exp(b) / (exp(b) + 1.0);
      cox_moments got;
      assert(moments_of(&c, patterns, &b, &one, &got) == OSV_OK);
      assert(near(got.loglik, log(q), 1e-12) && near(got.score[0], 1.0 - q, 1e-12));
      assert(near(got.information[0], q * (1.0 - q), 1e-12));
      assert(near(got.slope[0], q * (1.0 - q) * (1.0 - 2.0 * q), 1e-12));
    }
  }
}

/* Two strata with one event each, whose probability is q. The linear predictors are 1000
 * larger in the second stratum. The sums of both strata do not depend on that, apart from
 * rounding errors of powers of x. */
static void test_far_apart_strata(void) {
  cox_case c = {.x = {1, 0, 2001, 2000},
                .weight = {1, 1, 1, 1},
                .event = {1, 0, 1, 0},
                .to = {0, 1, 2, 3},
                .from = {0, 0, 2, 2},
                .stratum_end = {2, 4}};
  finish_cox(&c, 4, 1, 4, 2, 1);
  const double b = 0.5, one = 1.0, q = exp(b) / (exp(b) + 1.0);
  for (int patterns = 0; patterns < 2; patterns++) {
    cox_moments got;
    assert(moments_of(&c, patterns, &b, &one, &got) == OSV_OK);
    assert(near(got.loglik, 2.0 * log(q), 1e-12));
    assert(near(got.information[0], 2.0 * q * (1.0 - q), 1e-6));
    assert(near(got.slope[0], 2.0 * q * (1.0 - q) * (1.0 - 2.0 * q), 1e-4));
  }
}

/* Rows whose hazards are e^680 times that of the first enter after its event. Subtracting
 * them from the risk set leaves only rounding errors of both signs, which must not be
 * used. Both functions must detect this. */
static void test_lost_digits(void) {
  enum { N = 7 };
  uint64_t seed = 11;
  for (int round = 0; round < 500; round++) {
    cox_case c = {.x = {0}, .event = {1, 1}, .weight = {1}, .stratum_end = {N}};
    for (size_t i = 1; i < N; i++) {
      c.x[i] = round % 2 ? 680.0 : 40.0;
      c.weight[i] = 0.5 + draw_unit(&seed);
      c.to[i] = i;
      c.from[i] = 1 + draw(&seed) % i;
    }
    finish_cox(&c, N, 1, N, 1, round % 4 < 2);
    const double b = 1.0, none = 0.0;
    cox_moments got;
    const osv_status status = moments_of(&c, 0, &b, &none, &got);
    const cox_moments want = direct_cox(&c, &b, &none);
    assert(status == OSV_EDOMAIN || (got.loglik <= 0.0 && got.slope[0] == 0.0));
    if (round % 2 == 0) assert(status == OSV_OK && near(got.loglik, want.loglik, 1e-9));
    cell_case cell;
    cells_of(&c, &cell);
    double *work = room(osv_cox_slope_work(&cell.cells), sizeof *work);
    assert(osv_cox_slope(&cell.cells, &b, &none, NULL, work, got.slope) == status);
    free(work);
  }
}

static void test_nothing(void) {
  cox_case c = {.stratum_end = {0}};
  finish_cox(&c, 0, 1, 0, 0, 1);
  const double b = 1.0, one = 1.0;
  cox_moments got;
  assert(moments_of(&c, 0, &b, &one, &got) == OSV_OK);
  assert(got.loglik == 0.0 && got.score[0] == 0.0 && got.information[0] == 0.0);
}

int main(void) {
  test_by_hand();
  test_random();
  test_a_large_row_that_enters_late();
  test_far_apart();
  test_far_apart_strata();
  test_lost_digits();
  test_nothing();
  return 0;
}
