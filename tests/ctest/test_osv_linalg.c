/* Quadratic forms in matrices of any rank, and projections. */
#include "check.h"

static double form(const double *variance, const double *score, size_t k, size_t *rank) {
  double *work = room(k * (k + 2), sizeof *work);
  const double q = osv_quadratic_form(variance, score, k, work, rank);
  free(work);
  return q;
}

static void test_by_hand(void) {
  size_t rank;
  const double pair[] = {2, -2, -2, 2}, up[] = {3, -3}; /* U^2 / V */
  assert(near(form(pair, up, 2, &rank), 4.5, 1e-15) && rank == 1);
  const double full[] = {2, 1, 1, 3}, u[] = {1, 2}; /* (3 - 4 + 8) / 5 */
  assert(near(form(full, u, 2, &rank), 1.4, 1e-15) && rank == 2);
  const double diagonal[] = {4, 0, 0, 0, 1, 0, 0, 0, 9}, v[] = {2, 1, 3};
  assert(near(form(diagonal, v, 3, &rank), 3.0, 1e-15) && rank == 3);
}

/* A group without information, no information in any group, no groups */
static void test_deficient(void) {
  size_t rank;
  const double gap[] = {2, 0, -2, 0, 0, 0, -2, 0, 2}, u[] = {3, 0, -3};
  assert(near(form(gap, u, 3, &rank), 4.5, 1e-15) && rank == 1);
  const double zero[9] = {0}, nothing[3] = {0};
  assert(form(zero, nothing, 3, &rank) == 0.0 && rank == 0);
  assert(form(zero, nothing, 0, &rank) == 0.0 && rank == 0);
  const double tiny[] = {1e-20, 0, 0, 1e20},
               w[] = {1e-10, 1e10}; /* relative to its own diagonal entry */
  assert(near(form(tiny, w, 2, &rank), 2.0, 1e-15) && rank == 2);
}

/* V = A A' of rank k - 1 with rows that sum to 0, U = V x: the form is x' V x. */
static void test_generalised_inverse(void) {
  enum { K = 6 };
  uint64_t seed = 3;
  for (int round = 0; round < 50; round++) {
    double v[K * K] = {0}, x[K], u[K] = {0}, want = 0.0;
    for (size_t r = 0; r < K + 2; r++) {
      double e[K], mean = 0.0;
      for (size_t i = 0; i < K; i++) mean += (e[i] = draw_unit(&seed) - 0.5) / K;
      for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++) v[i * K + j] += (e[i] - mean) * (e[j] - mean);
    }
    for (size_t i = 0; i < K; i++) x[i] = draw_unit(&seed) - 0.5;
    for (size_t i = 0; i < K; i++) {
      for (size_t j = 0; j < K; j++) u[i] += v[i * K + j] * x[j];
      want += u[i] * x[i];
    }
    size_t rank;
    assert(near(form(v, u, K, &rank), want, 1e-10) && rank == K - 1);
  }
}

/* Projects out the first component of a score and, of two groups, the only independent
 * component, which leaves 0 */
static void test_take_out(void) {
  double variance[] = {4, 2, 1, 2, 3, 0.5, 1, 0.5, 2}, score[] = {2, 5, 1};
  const int first[] = {1, 0, 0};
  osv_project_out(variance, score, 3, first);
  const double want[] = {0, 0, 0, 0, 2, 0, 0, 0, 1.75};
  for (size_t i = 0; i < 9; i++) assert(near(variance[i], want[i], 1e-15));
  assert(score[0] == 0.0 && near(score[1], 4.0, 1e-15) && near(score[2], 0.5, 1e-15));
  /* two groups: each score is minus the other, up to rounding, so projecting leaves 0 */
  double pair[] = {0.1 + 0.2, -0.3, -0.3, 0.3}, u[] = {0.7, -0.7};
  const int second[] = {0, 1};
  osv_project_out(pair, u, 2, second);
  for (size_t i = 0; i < 4; i++) assert(pair[i] == 0.0);
  assert(u[0] == 0.0 && u[1] == 0.0);
}

int main(void) {
  test_by_hand();
  test_deficient();
  test_generalised_inverse();
  test_take_out();
  return 0;
}
