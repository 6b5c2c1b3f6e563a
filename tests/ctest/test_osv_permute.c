/* Permutation and enumeration of groups: counts known by hand. */
#include "check.h"

/* A statistic that counts its calls and how often the first unit is in group 1 */
typedef struct {
  size_t calls, first, n;
  size_t seen[729]; /* by the labels of six units, read as digits */
} tally;

static osv_status tally_statistic(void *ctx, const int *label, double *value) {
  tally *t = ctx;
  t->calls++;
  t->first += label[0] == 1;
  int sum = 0, digits = 0;
  for (size_t i = 0; i < t->n; i++) {
    sum += label[i];
    digits = 3 * digits + label[i];
  }
  assert(sum == 4); /* group sizes never change */
  t->seen[digits]++;
  *value = label[0];
  return OSV_OK;
}

static osv_status undefined(void *ctx, const int *label, double *value) {
  (void)ctx;
  (void)label;
  *value = NAN;
  return OSV_OK;
}

static void test_enumerate(void) {
  const int observed[] = {1, 0, 2, 0, 1, 0};
  const size_t start[] = {0, 4, 6};
  const osv_units units = {observed, start, 2, NULL, NULL};
  tally t = {0, 0, 6, {0}};
  const osv_statistic count = {tally_statistic, &t, 6};
  int label[6];
  memcpy(label, observed, sizeof label);
  double at_least = 0.0;
  /* 4! / 2! orders of {0, 0, 1, 2}, 3 of 12 with 1 first; 2 orders of {0, 1} */
  for (int part = 0; part < 4; part++)
    assert(osv_enumerate(&units, &count, 1.0, 6, NULL, label, &at_least) == OSV_OK);
  assert(t.calls == 24 && t.first == 6 && at_least == 12.0); /* 2 first counts as well */
  assert(memcmp(label, observed, sizeof label) == 0);        /* come round */
}

static void test_permute(void) {
  const int observed[] = {1, 0, 2, 0, 1, 0};
  const size_t start[] = {0, 4, 6};
  int pool[6];
  size_t moved[2], size[3];
  const osv_units units = {observed, start, 2, pool, moved};
  osv_pool_labels(&units, 3, size, pool, moved);
  const int want[] = {1, 2, 0, 0, 1, 0}; /* 0 is the largest, and the first of equals */
  assert(memcmp(pool, want, sizeof want) == 0 && moved[0] == 2 && moved[1] == 1);
  tally t = {0, 0, 6, {0}};
  const osv_statistic count = {tally_statistic, &t, 6};
  uint64_t state = 7;
  const osv_uniform uniform = {draw_uniform, &state};
  int label[6];
  double at_least = 0.0;
  assert(osv_permute(&units, &count, 1.0, 40000, &uniform, NULL, label, &at_least) ==
         OSV_OK);
  assert(t.calls == 40000);
  assert(fabs((double)t.first - 10000.0) < 500.0); /* 5 standard deviations: 433 */
  assert(fabs(at_least - 20000.0) < 500.0);
  size_t different = 0;
  for (size_t i = 0; i < 729; i++) {
    if (t.seen[i] == 0) continue;
    different++; /* each of the 24 is as likely; 6 standard deviations: 240 */
    assert(fabs((double)t.seen[i] - 40000.0 / 24.0) < 240.0);
  }
  assert(different == 24);

  const osv_statistic none = {undefined, NULL, OSV_POLL_ROWS};
  at_least = 0.0;
  assert(osv_permute(&units, &none, 1.0, 3, &uniform, NULL, label, &at_least) == OSV_OK);
  assert(at_least == 3.0); /* an undefined statistic never makes p smaller */
  assert(osv_permute(&units, &none, 1.0, 3, &uniform, &stopping, label, &at_least) ==
         OSV_EINTR);
  assert(osv_enumerate(&units, &none, 1.0, 3, &stopping, label, &at_least) == OSV_EINTR);
}

static void test_scores(void) {
  /* events at 1, 2, 2, 4 and a censoring at 2, of 5 */
  const double time[] = {1, 2, 2, 2, 4};
  const int status[] = {1, 1, 0, 1, 1};
  double score[5], sum = 0.0;
  assert(osv_logrank_scores(time, status, 5, OSV_WEIGHT_LOGRANK, 0, 0, score) == OSV_OK);
  const double want[] = {1 - 0.2, 1 - 0.7, -0.7, 1 - 0.7, 1 - 1.7};
  for (size_t i = 0; i < 5; i++) {
    assert(near(score[i], want[i], 1e-15));
    sum += score[i];
  }
  assert(near(sum, 0.0, 1e-15));
  const double backwards[] = {2, 1};
  assert(osv_logrank_scores(backwards, status, 2, OSV_WEIGHT_GEHAN, 0, 0, score) ==
         OSV_EORDER);
}

static void test_covariance(void) {
  /* one of two units with scores 1 and -1: U is 1 or -1, variance 1 */
  const int label[] = {0, 1, 0};
  const size_t start[] = {0, 2, 3};
  const osv_units units = {label, start, 2, NULL, NULL};
  const double score[] = {1.0, -1.0, 5.0};
  double size[2], variance[4];
  osv_rank_covariance(&units, score, 2, size, variance);
  const double want[] = {1.0, -1.0, -1.0, 1.0};
  for (size_t i = 0; i < 4; i++) assert(near(variance[i], want[i], 1e-15));
}

/* Two tests of five units in two strata, the second with scores of 0 throughout */
static void test_largest(void) {
  const int label[] = {0, 1, 1, 0, 1};
  const size_t start[] = {0, 3, 5};
  const osv_units units = {label, start, 2, NULL, NULL};
  const double score[] = {2.0, -1.0, -1.0, 3.0, -3.0, 0, 0, 0, 0, 0};
  double variance[4];
  osv_max_covariance(&units, score, 2, variance);
  /* 6 / 2 * 2 / 3 of three units, 18 of two */
  const double want[] = {2.0 + 9.0, 0.0, 0.0, 0.0};
  for (size_t i = 0; i < 4; i++) assert(near(variance[i], want[i], 1e-15));
  const double scale[] = {0.5, 0.0};
  double sum[2], limit[] = {2.5, 0.0}, each[] = {0.0, 0.0}, value;
  osv_max_test test = {5, 2, score, scale, sum, NULL, each};
  assert(osv_max_statistic(&test, label, &value) == OSV_OK && value == 2.5);
  assert(sum[0] == -5.0 && sum[1] == 0.0 && each[0] == 0.0);
  test.limit = limit;
  const osv_statistic largest = {osv_max_statistic, &test, 5};
  int order[5];
  memcpy(order, label, sizeof order);
  double at_least = 0.0;
  assert(osv_enumerate(&units, &largest, 2.5, 6, NULL, order, &at_least) == OSV_OK);
  /* sums of -2, 1 or 1, with -3 or 3 */
  assert(at_least == 1.0 && each[0] == 1.0 && each[1] == 6.0);
}

int main(void) {
  test_enumerate();
  test_permute();
  test_scores();
  test_covariance();
  test_largest();
  return 0;
}
