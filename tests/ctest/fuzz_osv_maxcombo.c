/* Any correlation of rank 3 at most: p is at least that of one variable and at most the
 * sum over all. Any table of two curves: each test equals osv_logrank(), covariance is
 * positive semidefinite. */
#include "fuzz.h"
#include "sweep.h"

static void check_tests(bytes *b) {
  enum { Q = 3 };
  static fuzz_table x;
  double power[2 * Q], work[3 * Q], observed[2] = {0}, expected[2] = {0};
  double score[Q] = {0}, variance[Q * Q] = {0}, sum = 0.0, scale = 1.0;
  const osv_test_out out = {observed, expected, score, variance};
  for (size_t i = 0; i < 2 * Q; i++) power[i] = (double)next_bytes(b, 1) / 64.0;
  next_table(b, 2, 2, &x);
  const test_run of = new_run(2);
  osv_sweep sweep = sweep_of(&of, &x.table, 0);
  assert(osv_maxcombo(&sweep, power, Q, NULL, work, &out) == OSV_OK);
  for (size_t a = 0; a < Q; a++) {
    const test_run run = new_run(2);
    assert(osv_logrank(&sweep, OSV_WEIGHT_FLEMING_HARRINGTON, power[2 * a],
                       power[2 * a + 1], NULL, run.work, &run.out) == OSV_OK);
    const double size = observed[0] + observed[1] + 1.0;
    assert(observed[0] == run.out.observed[0] && observed[1] == run.out.observed[1]);
    assert(near(expected[0], run.out.expected[0], 1e-12));
    assert(fabs(score[a] - run.out.score[1]) <= 1e-12 * size);
    assert(near(variance[a * Q + a], run.out.variance[3], 1e-9));
    drop_run(run);
  }
  for (size_t a = 0; a < Q; a++)
    for (size_t c = 0; c < Q; c++) {
      const double sign = (a + c) % 2 ? -1.0 : 1.0;
      assert(variance[a * Q + c] == variance[c * Q + a]);
      sum += sign * variance[a * Q + c];
      scale += fabs(variance[a * Q + c]);
    }
  assert(sum >= -1e-12 * scale); /* variance in the direction (1, -1, 1) */
  drop_run(of);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  const size_t k = 1 + next_bytes(&b, 1) % OSV_MAX_NORMAL, r = 1 + next_bytes(&b, 1) % 3;
  const double c = (double)next_bytes(&b, 1) / 32.0;
  double factor[OSV_MAX_NORMAL][3] = {{0.0}},
         correlation[OSV_MAX_NORMAL * OSV_MAX_NORMAL];
  for (size_t i = 0; i < k; i++) {
    double square = 0.0;
    for (size_t l = 0; l < r; l++) {
      factor[i][l] = (double)next_bytes(&b, 1) - 127.0;
      square += factor[i][l] * factor[i][l];
    }
    if (square == 0.0) square = factor[i][0] = 1.0;
    for (size_t l = 0; l < r; l++) factor[i][l] /= sqrt(square);
  }
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      correlation[i * k + j] = i == j ? 1.0 : 0.0;
      for (size_t l = 0; l < r && i != j; l++)
        correlation[i * k + j] += factor[i][l] * factor[j][l];
    }
  double p;
  size_t rank;
  assert(osv_max_normal(correlation, k, c, &p, &rank) == OSV_OK);
  const double alone = erfc(c * sqrt(0.5)), most = (double)k * alone;
  assert(rank >= 1 && rank <= r);
  assert(p >= alone * (1.0 - 1e-6) && p <= 1.0 && p <= most * (1.0 + 1e-6));
  check_tests(&b);
  return 0;
}
