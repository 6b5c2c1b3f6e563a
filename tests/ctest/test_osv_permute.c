/* Random permutation and enumeration of group labels: counts by hand; statistics by hand
 * and against direct sums. */
#include "direct_gray.h"
#include "sweep.h"

/* A statistic that counts its calls and how often the first unit is in group 1 */
typedef struct {
  size_t calls, first, n;
  size_t seen[729]; /* calls by the labels of six units, read as a base 3 number */
} calls;

static osv_status count_calls(void *ctx, const int *label, double *value) {
  calls *t = ctx;
  t->calls++;
  t->first += label[0] == 1;
  int sum = 0, digits = 0;
  for (size_t i = 0; i < t->n; i++) {
    sum += label[i];
    digits = 3 * digits + label[i];
  }
  assert(sum == 4); /* group sizes are constant */
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
  calls t = {0, 0, 6, {0}};
  const osv_statistic count = {count_calls, &t, 6};
  int label[6];
  memcpy(label, observed, sizeof label);
  double at_least = 0.0;
  /* Orders of {0, 0, 1, 2}: 4! / 2! = 12, of which 3 have 1 first. Orders of {0, 1}: 2 */
  for (int part = 0; part < 4; part++)
    assert(osv_enumerate(&units, &count, 1.0, 6, NULL, label, &at_least) == OSV_OK);
  assert(t.calls == 24 && t.first == 6 && at_least == 12.0); /* label 1 or 2 */
  assert(memcmp(label, observed, sizeof label) == 0);        /* back at the first order */
}

static void test_permute(void) {
  const int observed[] = {1, 0, 2, 0, 1, 0};
  const size_t start[] = {0, 4, 6};
  int pool[6];
  size_t moved[2], size[3];
  const osv_units units = {observed, start, 2, pool, moved};
  osv_pool_labels(&units, 3, size, pool, moved);
  const int want[] = {1, 2, 0, 0, 1, 0}; /* 0 is the largest group (the first, if tied) */
  assert(memcmp(pool, want, sizeof want) == 0 && moved[0] == 2 && moved[1] == 1);
  calls t = {0, 0, 6, {0}};
  const osv_statistic count = {count_calls, &t, 6};
  uint64_t state = 7;
  const osv_uniform uniform = {draw_uniform, &state};
  int label[6];
  double at_least = 0.0;
  assert(osv_permute(&units, &count, 1.0, 40000, &uniform, NULL, label, &at_least) ==
         OSV_OK);
  assert(t.calls == 40000);
  assert(fabs((double)t.first - 10000.0) < 500.0); /* 433 is 5 standard deviations */
  assert(fabs(at_least - 20000.0) < 500.0);
  size_t different = 0;
  for (size_t i = 0; i < 729; i++) {
    if (t.seen[i] == 0) continue;
    different++; /* all 24 are equally likely; 240 is 6 standard deviations */
    assert(fabs((double)t.seen[i] - 40000.0 / 24.0) < 240.0);
  }
  assert(different == 24);

  const osv_statistic none = {undefined, NULL, OSV_POLL_ROWS};
  at_least = 0.0;
  assert(osv_permute(&units, &none, 1.0, 3, &uniform, NULL, label, &at_least) == OSV_OK);
  assert(at_least == 3.0); /* undefined statistics count as extreme */
  assert(osv_permute(&units, &none, 1.0, 3, &uniform, &stopping, label, &at_least) ==
         OSV_EINTR);
  at_least = 0.0;
  assert(osv_permute(&units, &none, 1.0, 3, &uniform, &going, label, &at_least) ==
         OSV_OK);
  assert(at_least == 3.0);
  assert(osv_enumerate(&units, &none, 1.0, 3, &stopping, label, &at_least) == OSV_EINTR);
  assert(osv_enumerate(&units, &none, 1.0, 3, &going, label, &at_least) == OSV_OK);
}

static void test_scores(void) {
  /* five subjects: events at 1, 2, 2, 4 and a censoring at 2 */
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
  /* two units with scores 1 and -1, one in each group: U is 1 or -1, with variance 1 */
  const int label[] = {0, 1, 0};
  const size_t start[] = {0, 2, 3};
  const osv_units units = {label, start, 2, NULL, NULL};
  const double score[] = {1.0, -1.0, 5.0};
  double size[2], variance[4];
  osv_rank_covariance(&units, score, 2, size, variance);
  const double want[] = {1.0, -1.0, -1.0, 1.0};
  for (size_t i = 0; i < 4; i++) assert(near(variance[i], want[i], 1e-15));
}

/* Two groups: U = (3, -3) and V = 4 give 9 / 4; the larger diagonal entry of V is used.
 * With a contrast c, (c'U)^2 / c'Vc. */
static void test_rank_statistic(void) {
  const double score[] = {3, -1, -2, 4, -4, 0};
  const int label[] = {0, 1, 1, 0, 0, 1};
  const double variance[] = {4, -4, -4, 4};
  double sum[2], work[8], value;
  osv_rank_test test = {6, 2, score, variance, NULL, sum, work};
  assert(osv_rank_statistic(&test, label, &value) == OSV_OK);
  assert(sum[0] == 3.0 && sum[1] == -3.0 && value == 9.0 / 4.0);
  const double second[] = {0, 0, 0, 8}, none[4] = {0};
  test.variance = second;
  assert(osv_rank_statistic(&test, label, &value) == OSV_OK && value == 9.0 / 8.0);
  test.variance = none;
  assert(osv_rank_statistic(&test, label, &value) == OSV_OK && value == 0.0);
  const double contrast[] = {1, -1};
  test.variance = variance;
  test.contrast = contrast; /* 6^2 / 16 */
  assert(osv_rank_statistic(&test, label, &value) == OSV_OK && value == 36.0 / 16.0);
}

/* Three groups: for U = (2, 1, -3) and V = ((6, -3, -3), (-3, 5, -2), (-3, -2, 5)) the
 * form of the first two groups is (4 * 5 + 2 * 2 * 3 + 6) / 21 = 38 / 21 */
static void test_rank_three(void) {
  const double score[] = {2, 1, -3, 0, 0.5, -0.5};
  const int label[] = {0, 1, 2, 0, 1, 1};
  const double variance[] = {6, -3, -3, -3, 5, -2, -3, -2, 5}, trend[] = {-1, 0, 1};
  double sum[3], work[15], value;
  osv_rank_test test = {6, 3, score, variance, NULL, sum, work};
  assert(osv_rank_statistic(&test, label, &value) == OSV_OK);
  assert(sum[0] == 2.0 && sum[1] == 1.0 && sum[2] == -3.0);
  assert(near(value, 38.0 / 21.0, 1e-14));
  test.contrast = trend; /* (-3 - 2)^2 / (6 + 5 + 6) */
  assert(osv_rank_statistic(&test, label, &value) == OSV_OK);
  assert(near(value, 25.0 / 17.0, 1e-14));
}

/* Chi-square from U and V of k = 2 or 3 groups, whose rows and columns sum to 0 */
static double chi_square(const long double *u, const long double *v, size_t k) {
  if (k == 2) return (double)(u[0] * u[0] / v[0]);
  const long double det = v[0] * v[4] - v[1] * v[3];
  return (double)((u[0] * u[0] * v[4] - 2.0L * u[0] * u[1] * v[1] + u[1] * u[1] * v[0]) /
                  det);
}

/* Gray's statistic of an assignment of units with one or several rows, in one or two
 * strata, equals the direct sum over rows in the assigned groups */
static void check_gray(uint64_t seed, size_t k, size_t n_stratum, int by_unit) {
  enum { N = 24, UNITS = 10 };
  double time[2 * N], curve_time[N], curve_start[4];
  int status[2 * N], curve_status[N], label[2 * N];
  size_t unit[2 * N], start[] = {0, N, 2 * N}, next[3];
  for (size_t i = 0; i < n_stratum * N; i++) {
    time[i] = (double)(1 + i % N / 2); /* ascending, with ties */
    status[i] = (int)(draw(&seed) % 3);
    unit[i] = i / N * UNITS + i % UNITS;
    label[i] = (int)(i % k); /* every group occurs in each stratum */
  }
  for (size_t i = 0; i < n_stratum * N; i++) {
    const size_t j = i - i % 10 + draw(&seed) % 10, other = j < n_stratum * N ? j : i;
    const int swap = label[i];
    label[i] = label[other];
    label[other] = swap;
  }
  const test_run run = new_run(k);
  const osv_table table = table_of(curve_time, curve_status, NULL, curve_start, k, 3);
  osv_sweep sweep = sweep_of(&run, &table, 1);
  const osv_gray_test test = {.time = time,
                              .status = status,
                              .unit = by_unit ? unit : NULL,
                              .start = start,
                              .n_stratum = n_stratum,
                              .k = k,
                              .sweep = &sweep,
                              .curve_time = curve_time,
                              .curve_status = curve_status,
                              .curve_start = curve_start,
                              .next = next,
                              .work = run.work,
                              .out = run.out};
  double value; /* a repeated call must give the same value */
  for (int i = 0; i < 2; i++)
    assert(osv_gray_statistic((void *)(uintptr_t)&test, label, &value) == OSV_OK);
  static gray_time x[GRAY_TIMES];
  long double u[3] = {0.0L}, v[9] = {0.0L}, part[9];
  for (size_t s = 0; s < n_stratum; s++) {
    subjects rows = new_subjects(N, k, 3, 1);
    for (size_t i = 0; i < N; i++) {
      const size_t row = s * N + i;
      rows.time[i] = time[row];
      rows.status[i] = status[row];
      rows.curve[i] = label[by_unit ? unit[row] : row];
    }
    make_table(&rows, 0, 0);
    const size_t m = gray_times(&rows, 1, 0.0, NULL, x);
    gray_score(x, m, k, part);
    for (size_t j = 0; j < k; j++) u[j] += part[j];
    gray_variance(x, m, k, part);
    for (size_t j = 0; j < k * k; j++) v[j] += part[j];
    drop_subjects(rows);
  }
  assert(near(value, chi_square(u, v, k), 1e-9));
  drop_run(run);
}

static void test_gray_statistic(void) {
  for (uint64_t seed = 1; seed <= 40; seed++)
    for (size_t k = 2; k <= 3; k++)
      for (size_t n_stratum = 1; n_stratum <= 2; n_stratum++)
        for (int by_unit = 0; by_unit < 2; by_unit++)
          check_gray(seed, k, n_stratum, by_unit);
}

/* Maximum of two tests of five units in two strata; the second test has scores of 0 */
static void test_largest(void) {
  const int label[] = {0, 1, 1, 0, 1};
  const size_t start[] = {0, 3, 5};
  const osv_units units = {label, start, 2, NULL, NULL};
  const double score[] = {2.0, -1.0, -1.0, 3.0, -3.0, 0, 0, 0, 0, 0};
  double variance[4];
  osv_max_covariance(&units, score, 2, variance);
  /* 6 / 2 * 2 / 3 from the stratum of three units, 18 / 2 from that of two */
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
  /* One stratum adds -2, 1 or 1 to the statistic, the other -3 or 3. */
  assert(at_least == 1.0 && each[0] == 1.0 && each[1] == 6.0);
}

int main(void) {
  test_enumerate();
  test_permute();
  test_scores();
  test_covariance();
  test_rank_statistic();
  test_rank_three();
  test_gray_statistic();
  test_largest();
  return 0;
}
