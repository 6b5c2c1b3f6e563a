/* Any units, groups and scores: assignments keep the group sizes of each stratum; an
 * enumeration visits each assignment once, and its mean and covariance equal the
 * formulas. */
#include "fuzz.h"

enum { UNITS = 9, STRATA = 3, GROUPS = 3, ALL = 3000 };

/* A rank test that records its assignments: sums of U and U U', and a hash of each */
typedef struct {
  const osv_units *units;
  osv_rank_test *test;
  size_t calls, hash[ALL];
  double at_least, limit, sum[GROUPS], square[GROUPS * GROUPS];
} record;

static void sizes_of(const osv_units *units, const int *label, size_t *size) {
  for (size_t i = 0; i < STRATA * GROUPS; i++) size[i] = 0;
  for (size_t s = 0; s < units->n_stratum; s++)
    for (size_t i = units->start[s]; i < units->start[s + 1]; i++)
      size[s * GROUPS + (size_t)label[i]]++;
}

static osv_status record_assignment(void *ctx, const int *label, double *value) {
  record *const x = ctx;
  const size_t k = x->test->k, n = x->units->start[x->units->n_stratum];
  size_t size[STRATA * GROUPS], want[STRATA * GROUPS], hash = 0;
  sizes_of(x->units, label, size);
  sizes_of(x->units, x->units->label, want);
  assert(memcmp(size, want, sizeof size) == 0);
  assert(osv_rank_statistic(x->test, label, value) == OSV_OK);
  for (size_t i = 0; i < k; i++) {
    x->sum[i] += x->test->sum[i];
    for (size_t j = 0; j < k; j++)
      x->square[i * k + j] += x->test->sum[i] * x->test->sum[j];
  }
  for (size_t i = 0; i < n; i++) hash = GROUPS * hash + (size_t)label[i];
  if (x->calls < ALL) x->hash[x->calls] = hash;
  x->calls++;
  x->at_least += !(*value < x->limit);
  return OSV_OK;
}

static void start_record(record *x, const osv_units *units, osv_rank_test *test) {
  *x = (record){.units = units, .test = test};
}

/* Number of assignments: product over strata of size! / product of group sizes! */
static double count_assignments(const osv_units *units) {
  size_t size[STRATA * GROUPS];
  double ways = 1.0;
  sizes_of(units, units->label, size);
  for (size_t s = 0; s < units->n_stratum; s++) {
    double m = 0.0;
    for (size_t g = 0; g < GROUPS; g++)
      for (size_t i = 1; i <= size[s * GROUPS + g]; i++) ways *= ++m / (double)i;
  }
  return round(ways);
}

static int by_value(const void *a_, const void *b_) {
  const size_t a = *(const size_t *)a_, b = *(const size_t *)b_;
  return (a > b) - (a < b);
}

/* The mean of U over all assignments is, by group, the sum over strata of m_j mean(a) */
static void check_moments(const record *x, double ways) {
  const osv_units *const units = x->units;
  const size_t k = x->test->k;
  double mean[GROUPS] = {0.0}, scale = 1.0;
  size_t size[STRATA * GROUPS];
  sizes_of(units, units->label, size);
  for (size_t s = 0; s < units->n_stratum; s++) {
    const size_t lo = units->start[s], hi = units->start[s + 1];
    for (size_t i = lo; i < hi; i++) {
      scale += x->test->score[i] * x->test->score[i];
      for (size_t j = 0; j < k; j++)
        mean[j] += (double)size[s * GROUPS + j] * x->test->score[i] / (double)(hi - lo);
    }
  }
  for (size_t i = 0; i < k; i++) {
    assert(fabs(x->sum[i] / ways - mean[i]) <= 1e-9 * scale);
    for (size_t j = 0; j < k; j++)
      assert(fabs(x->square[i * k + j] / ways - mean[i] * mean[j] -
                  x->test->variance[i * k + j]) <= 1e-9 * UNITS * scale);
  }
}

static void check_enumeration(record *x, const osv_units *units, osv_rank_test *test) {
  const double ways = count_assignments(units);
  const size_t n = units->start[units->n_stratum];
  if (ways > ALL) return;
  int label[UNITS * STRATA];
  double at_least = 0.0;
  memcpy(label, units->label, n * sizeof *label);
  start_record(x, units, test);
  x->limit = 1.0;
  const osv_statistic recorded = {record_assignment, x, n};
  const size_t first = (size_t)ways / 2;
  assert(osv_enumerate(units, &recorded, 1.0, first, NULL, label, &at_least) == OSV_OK);
  assert(osv_enumerate(units, &recorded, 1.0, (size_t)ways - first, NULL, label,
                       &at_least) == OSV_OK);
  assert(memcmp(label, units->label, n * sizeof *label) == 0);
  assert((double)x->calls == ways && at_least == x->at_least);
  qsort(x->hash, x->calls, sizeof *x->hash, by_value);
  for (size_t i = 1; i < x->calls; i++) assert(x->hash[i] > x->hash[i - 1]);
  check_moments(x, ways);
}

/* The labels to shuffle are those of the units, without the largest group */
static void check_pool(const osv_units *units) {
  size_t size[STRATA * GROUPS], want[STRATA * GROUPS];
  sizes_of(units, units->pool, size);
  sizes_of(units, units->label, want);
  assert(memcmp(size, want, sizeof size) == 0);
  for (size_t s = 0; s < units->n_stratum; s++) {
    const size_t lo = units->start[s], hi = units->start[s + 1],
                 from = lo + units->moved[s];
    assert(from <= hi && (from < hi || lo == hi));
    for (size_t i = from; i < hi; i++) assert(units->pool[i] == units->pool[from]);
    for (size_t i = lo; i < from; i++) assert(units->pool[i] != units->pool[from]);
    for (size_t g = 0; g < GROUPS; g++) assert(want[s * GROUPS + g] <= hi - from);
  }
}

/* The maximum of two tests: the variance of each is that of the rank test of two groups
 * with the same scores */
static void check_largest(const osv_units *units, const double *score) {
  const size_t n = units->start[units->n_stratum];
  double both[4], one[4], size[2], value, sum[2], each[2] = {0.0};
  const double scale[] = {1.0, 0.5};
  osv_max_covariance(units, score, 2, both);
  for (size_t a = 0; a < 2; a++) {
    osv_rank_covariance(units, score + a * n, 2, size, one);
    assert(near(both[3 * a], one[3], 1e-9));
  }
  assert(both[1] == both[2] &&
         both[1] * both[1] <= both[0] * both[3] * (1 + 1e-9) + 1e-6);
  osv_max_test test = {n, 2, score, scale, sum, NULL, each};
  assert(osv_max_statistic(&test, units->label, &value) == OSV_OK);
  assert(value == fmax(fabs(sum[0]), 0.5 * fabs(sum[1])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { TIMES = 20 };
  static record x;
  bytes b = {data, size};
  const size_t k = 2 + next_bytes(&b, 1) % 2, n_stratum = 1 + next_bytes(&b, 1) % STRATA;
  size_t start[STRATA + 1] = {0}, moved[STRATA], group_size[GROUPS];
  int observed[STRATA * UNITS], pool[STRATA * UNITS], label[STRATA * UNITS];
  double score[2 * STRATA * UNITS], sum[GROUPS], group_n[GROUPS];
  double variance[GROUPS * GROUPS], work[GROUPS * (GROUPS + 2)];
  for (size_t s = 0; s < n_stratum; s++)
    start[s + 1] = start[s] + next_bytes(&b, 1) % (UNITS + 1);
  const size_t n = start[n_stratum];
  for (size_t i = 0; i < n; i++) observed[i] = (int)(next_bytes(&b, 1) % k);
  for (size_t i = 0; i < 2 * n; i++)
    score[i] = ((double)next_bytes(&b, 1) - 128.0) / 16.0;
  const osv_units units = {observed, start, n_stratum, pool, moved};
  osv_pool_labels(&units, k, group_size, pool, moved);
  check_pool(&units);
  osv_rank_covariance(&units, score, k, group_n, variance);
  osv_rank_test test = {n, k, score, variance, NULL, sum, work};
  check_enumeration(&x, &units, &test);
  start_record(&x, &units, &test);
  x.limit = 1.0;
  uint64_t state = next_bytes(&b, 2);
  const osv_uniform uniform = {draw_uniform, &state};
  const osv_statistic recorded = {record_assignment, &x, n};
  double at_least = 0.0;
  assert(osv_permute(&units, &recorded, 1.0, TIMES, &uniform, NULL, label, &at_least) ==
         OSV_OK);
  assert(x.calls == TIMES && at_least == x.at_least);
  if (k == 2) check_largest(&units, score);
  return 0;
}
