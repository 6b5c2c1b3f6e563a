/* Sorting and counting (time, status) pairs. */
#include "check.h"

/* Radix sort: ascending, every pair kept, equal keys in their original order */
static void check_radix(const double *key, size_t n) {
  double *k = room(n, sizeof *k), *k2 = room(n, sizeof *k2);
  int *c = room(n, sizeof *c), *c2 = room(n, sizeof *c2);
  memcpy(k, key, n * sizeof *k);
  for (size_t i = 0; i < n; i++) c[i] = (int)i;
  osv_sort_radix(k, c, n, k2, c2);
  for (size_t i = 0; i < n; i++) {
    assert(k[i] == key[c[i]]);
    assert(i == 0 || k[i] > k[i - 1] || (k[i] == k[i - 1] && c[i] > c[i - 1]));
  }
  free(k);
  free(k2);
  free(c);
  free(c2);
}

static void test_radix(void) {
  enum { N = 4000 };
  double key[N];
  const size_t sizes[] = {0, 1, 2, 24, 25, 300, N};
  uint64_t seed = 1;
  for (size_t s = 0; s < COUNT_OF(sizes); s++) {
    for (size_t i = 0; i < N; i++) key[i] = draw_unit(&seed) * 1e6;
    check_radix(key, sizes[s]);
    for (size_t i = 0; i < N; i++) key[i] = (double)(draw(&seed) % 7);
    check_radix(key, sizes[s]);
    for (size_t i = 0; i < N; i++) key[i] = 5.0;
    check_radix(key, sizes[s]);
    for (size_t i = 0; i < N; i++) key[i] = (double)(N - i) * 0.5;
    check_radix(key, sizes[s]);
  }
  const double wide[] = {1e308, 0.0,    5e-324, 1e-300, 1.0, 1.0 + 0x1p-52,
                         1.0,   2e-308, 1e308,  0.0,    3.5, 1e-5};
  check_radix(wide, COUNT_OF(wide));
}

/* Many keys that differ in many bits, and runs that agree in the highest 33 of these,
 * short and long */
static void test_many(void) {
  enum { N = 20000 };
  double *const key = room(N, sizeof *key);
  uint64_t seed = 11;
  for (int kind = 0; kind < 4; kind++) {
    for (size_t i = 0; i < N; i++) {
      const double u = draw_unit(&seed);
      const double near = (double)(draw(&seed) % 4096) * 0x1p-52;
      key[i] = kind == 0   ? 1.0 / (u + 1e-9)
               : kind == 1 ? floor(u * 4000.0) * 0.25 * (1.0 + near)
               : kind == 2 ? (i % 3 ? 2.0 + near : 1e9 * u)
                           : u * (i % 2 ? 1e-300 : 1e300);
    }
    check_radix(key, N);
    check_radix(key, 2048);
    check_radix(key, 2047);
  }
  free(key);
}

/* Sorts one bucket: ascending by time, then status; the count of each pair is kept */
static void check_bucket(const double *time, const int *status, size_t n, int n_status) {
  double *t = room(n, sizeof *t), *t2 = room(OSV_SORT_SCRATCH, sizeof *t2);
  int *s = room(n, sizeof *s), *s2 = room(OSV_SORT_SCRATCH, sizeof *s2);
  size_t *count = room((size_t)n_status, sizeof *count);
  memcpy(t, time, n * sizeof *t);
  memcpy(s, status, n * sizeof *s);
  osv_sort_bucket(t, s, n, n_status, t2, s2, count);
  for (size_t i = 1; i < n; i++)
    assert(t[i] > t[i - 1] || (t[i] == t[i - 1] && s[i] >= s[i - 1]));
  assert(hash_pairs(t, s, n) == hash_pairs(time, status, n));
  free(t);
  free(t2);
  free(s);
  free(s2);
  free(count);
}

static void test_bucket(void) {
  const size_t n = 3 * (size_t)OSV_SORT_SCRATCH + 17;
  double *time = room(n, sizeof *time);
  int *status = room(n, sizeof *status);
  uint64_t seed = 2;
  check_bucket(time, status, 0, 2);
  check_bucket(time, status, 1, 2);
  for (size_t i = 0; i < n; i++) {
    time[i] = (double)(draw(&seed) % 40);
    status[i] = (int)(draw(&seed) % 4);
  }
  check_bucket(time, status, 1000, 4);
  check_bucket(time, status, n, 4);
  /* near-equal times and one outlier: too many buckets for the scratch memory */
  for (size_t i = 0; i < n; i++) time[i] = 100.0 + draw_unit(&seed) * 1e-9;
  time[n / 2] = 1e300;
  check_bucket(time, status, n, 4);
  /* many equal times and a few other times */
  for (size_t i = 0; i < n; i++) time[i] = draw(&seed) % 1000 ? 7.0 : draw_unit(&seed);
  check_bucket(time, status, n, 4);
  for (size_t i = 0; i < n; i++) time[i] = 7.0;
  check_bucket(time, status, n, 4);
  free(time);
  free(status);
}

static void test_compress(void) {
  const double time[] = {1, 1, 1, 2, 2, 4};
  const int status[] = {0, 0, 1, 1, 1, 0};
  double t[4], n[4];
  int s[4];
  assert(osv_compress(time, status, 6, NULL, NULL, NULL) == 4);
  assert(osv_compress(time, status, 6, t, s, n) == 4);
  const double want_t[] = {1, 1, 2, 4}, want_n[] = {2, 1, 2, 1};
  const int want_s[] = {0, 1, 1, 0};
  assert(all_equal(t, want_t, 4) && all_equal(n, want_n, 4));
  assert(memcmp(s, want_s, sizeof want_s) == 0);
  assert(osv_compress(time, status, 0, NULL, NULL, NULL) == 0);
  assert(osv_compress(time, status, 1, t, s, n) == 1 && n[0] == 1.0);
}

/* Weights of equal (time, status) pairs are added; ten times 0.1 is exactly 1 */
static void test_sum_cells(void) {
  double time[13], weight[13], out_time[13], out_n[13];
  int status[13], out_status[13];
  for (int i = 0; i < 13; i++) {
    time[i] = i < 10 ? 1.0 : 2.0;
    status[i] = i == 12;
    weight[i] = 0.1;
  }
  assert(osv_sum_cells(time, status, weight, 13, out_time, out_status, out_n) == 3);
  assert(out_n[0] == 1.0 && out_n[1] == 0.2 && out_n[2] == 0.1);
  assert(out_time[1] == 2.0 && out_status[1] == 0 && out_status[2] == 1);
  assert(osv_sum_cells(time, status, weight, 0, out_time, out_status, out_n) == 0);
}

int main(void) {
  test_sum_cells();
  test_radix();
  test_many();
  test_bucket();
  test_compress();
  return 0;
}
