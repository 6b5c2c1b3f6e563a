/* Moments of a Cox model: by hand, and against a program that scans every risk set. */
#include "direct_cox.h"

static void moments_of(const cox_case *c, const double *beta, const double *inverse,
                       cox_moments *got) {
  double *work = room(osv_cox_work(c->rows.n, c->rows.p), sizeof *work);
  const osv_cox_out out = {&got->loglik, got->score, got->information, NULL};
  const osv_cox_out slope = {NULL, NULL, NULL, got->slope};
  osv_cox_moments(&c->rows, beta, NULL, work, &out);
  osv_cox_moments(&c->rows, beta, inverse, work, &slope);
  free(work);
}

/* x = 0, 1, 0, 1 with events at times 0 .. 3: with r = e^b,
 * l = b - log(2 + 2r) - log(1 + 2r) - log(1 + r) - log(r) + b */
static void test_by_hand(void) {
  cox_case c = four_rows((const int[]){1, 1, 1, 1});
  finish_cox(&c, 4, 1, 4, 1, 1);
  const double b = log(3.0), one = 1.0;
  cox_moments got;
  moments_of(&c, &b, &one, &got);
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
    moments_of(&c, beta, inverse, &got);
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

/* A row that is e^60 times the others leaves the risk set by its entry: what remains keeps
 * its digits. */
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
  moments_of(&c, &b, &one, &got);
  assert(near(got.loglik, 1.0 - log(2.0 + e) - log(1.0 + e), 1e-10));
}

static void test_nothing(void) {
  cox_case c = {.stratum_end = {0}};
  finish_cox(&c, 0, 1, 0, 0, 1);
  const double b = 1.0, one = 1.0;
  cox_moments got;
  moments_of(&c, &b, &one, &got);
  assert(got.loglik == 0.0 && got.score[0] == 0.0 && got.information[0] == 0.0);
}

int main(void) {
  test_by_hand();
  test_random();
  test_a_large_row_that_enters_late();
  test_nothing();
  return 0;
}
