/* Aalen's variance of the cumulative incidence: by hand, and against a direct sum. */
#include "direct_aalen.h"

/* Four subjects: cause 1 at 1, cause 2 at 2, cause 1 at 3, censored at 4. F_1 = 1/4 and,
 * from 3 on, 1/2; S = 3/4, 1/2, 1/4. Each event time has the variance increment 1/16.
 *   Var F_1(1) = 1/16
 *   Var F_1(2) = 1/16, as F_1 does not change at 2
 *   Var F_1(3) = ((1 - 1/4 / (3/4))^2 + (1/4 / (1/2))^2 + 1) / 16
 *   Var F_2(2) = ((1/4 / (3/4))^2 + 1) / 16 */
static void test_by_hand(void) {
  double time[] = {1, 2, 3, 4}, n_risk[] = {4, 3, 2, 1}, n_censor[] = {0, 0, 0, 1};
  double n_event[] = {1, 0, 1, 0, 0, 1, 0, 0}, error[8];
  const osv_counts counts = {time, n_risk, n_censor, n_event, 4};
  assert(osv_aalen(&counts, 4, 2, NULL, error) == OSV_OK);
  const double first = (4.0 / 9 + 1.0 / 4 + 1.0) / 16, second = (1.0 / 9 + 1.0) / 16;
  const double want[] = {1.0 / 16, 1.0 / 16, first, first, 0.0, second, second, second};
  for (size_t i = 0; i < 8; i++) assert(near(error[i] * error[i], want[i], 1e-15));
}

/* Two tied events of five: 1^2 (1 - 1/4) 2 / 25. The last subject at risk fails: S^2 */
static void test_ties_and_last(void) {
  double time[] = {1, 2}, n_risk[] = {5, 1}, n_censor[] = {2, 0}, n_event[] = {2, 1};
  double error[2];
  const osv_counts counts = {time, n_risk, n_censor, n_event, 2};
  assert(osv_aalen(&counts, 2, 1, NULL, error) == OSV_OK);
  assert(near(error[0] * error[0], 0.75 * 2 / 25, 1e-15));
  /* F(t) - F(s) = S(s): the first time no longer contributes */
  assert(near(error[1] * error[1], 0.36, 1e-15));
}

/* Random curves with ties, censoring and three causes against the direct sum */
static void test_direct(void) {
  enum { M = 40, CAUSES = 3 };
  for (uint64_t seed = 1; seed <= 50; seed++) {
    uint64_t state = seed;
    double time[M], n_risk[M], n_censor[M], n_event[CAUSES * M], error[CAUSES * M];
    double left = 0.0;
    for (size_t j = M; j-- > 0;) {
      time[j] = (double)j;
      left += n_censor[j] = (double)(draw(&state) % 3);
      for (size_t k = 0; k < CAUSES; k++)
        left += n_event[k * M + j] = (double)(draw(&state) % 3);
      n_risk[j] = left;
    }
    const osv_counts counts = {time, n_risk, n_censor, n_event, M};
    assert(osv_aalen(&counts, M, CAUSES, NULL, error) == OSV_OK);
    for (size_t k = 0; k < CAUSES; k++)
      for (size_t j = 0; j < M; j++) {
        const double want = (double)direct_aalen(&counts, j, CAUSES, k);
        assert(fabs(error[k * M + j] * error[k * M + j] - want) <= 1e-13 * want);
      }
  }
}

static void test_edges(void) {
  double time[] = {1, 2}, n_risk[] = {2, 1}, n_censor[] = {1, 1}, none[] = {0, 0};
  double error[2] = {-1.0, -1.0};
  const osv_counts counts = {time, n_risk, n_censor, none, 2};
  assert(osv_aalen(&counts, 0, 1, NULL, error) == OSV_OK && error[0] == -1.0);
  assert(osv_aalen(&counts, 2, 1, NULL, error) == OSV_OK);
  assert(error[0] == 0.0 && error[1] == 0.0);
}

static void test_stops(void) {
  const size_t m = (size_t)OSV_POLL_ROWS + 1;
  double *column = room(5 * m, sizeof *column);
  const osv_counts counts = {column, column + m, column + 2 * m, column + 3 * m, m};
  assert(osv_aalen(&counts, m, 1, &stopping, column + 4 * m) == OSV_EINTR);
  assert(osv_aalen(&counts, m, 1, &going, column + 4 * m) == OSV_OK);
  free(column);
}

int main(void) {
  test_by_hand();
  test_ties_and_last();
  test_direct();
  test_edges();
  test_stops();
  return 0;
}
