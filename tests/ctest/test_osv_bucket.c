/* Buckets of near-equal times. */
#include "check.h"

/* Rows are scattered into the buckets of their curve, which are in order of time. */
static void test_buckets(void) {
  enum { N = 5000, GROUPS = 3, PER_CURVE = 11 };
  double *time = room(N, sizeof *time);
  int *status = room(N, sizeof *status), *group = room(N, sizeof *group);
  uint64_t seed = 3;
  for (size_t i = 0; i < N; i++) {
    time[i] = i % 100 == 50 ? NAN : 2.0 + draw_unit(&seed) * draw_unit(&seed);
    status[i] = (int)(draw(&seed) % 3) + 1;
    group[i] = (int)(draw(&seed) % GROUPS) + 1;
  }
  const osv_rows rows = {.n = N,
                         .time = time,
                         .status_int = status,
                         .status_first = 1,
                         .n_status = 3,
                         .group = group,
                         .n_group = GROUPS,
                         .n_stratum = 1};
  /* the range is that of a sample: some times are outside it */
  const osv_buckets buckets = {2.1, PER_CURVE / 0.6, PER_CURVE};
  const size_t complete = N - 50;
  size_t bad;
  enum { BUCKETS = GROUPS * PER_CURVE };
  size_t count[BUCKETS] = {0}, next[BUCKETS], first[BUCKETS + 1];
  assert(osv_buckets_count(&buckets, &rows, 0, 2000, NULL, count, &bad) == OSV_OK);
  assert(osv_buckets_count(&buckets, &rows, 2000, N, NULL, count, &bad) == OSV_OK);
  first[0] = 0;
  for (size_t b = 0; b < BUCKETS; b++) {
    next[b] = first[b];
    first[b + 1] = first[b] + count[b];
  }
  assert(first[BUCKETS] == complete);
  double *out_time = room(complete, sizeof *out_time);
  int *out_status = room(complete, sizeof *out_status);
  assert(osv_buckets_scatter(&buckets, &rows, 0, N, NULL, next, out_time, out_status) ==
         OSV_OK);
  for (size_t b = 0; b < BUCKETS; b++) {
    assert(next[b] == first[b + 1]);
    double low = INFINITY, before = -INFINITY;
    for (size_t i = first[b]; i < first[b + 1]; i++) {
      low = fmin(low, out_time[i]);
      assert(out_status[i] >= 0 && out_status[i] < 3);
    }
    for (size_t i = first[b - b % PER_CURVE]; i < first[b]; i++)
      before = fmax(before, out_time[i]);
    assert(before <= low);
  }
  assert(osv_buckets_count(&buckets, &rows, 0, N, &stopping, count, &bad) == OSV_EINTR);
  assert(osv_buckets_count(&buckets, &rows, 0, N, &going, count, &bad) == OSV_OK);
  assert(osv_buckets_scatter(&buckets, &rows, 0, N, &stopping, next, out_time,
                             out_status) == OSV_EINTR);
  memcpy(next, first, sizeof next);
  assert(osv_buckets_scatter(&buckets, &rows, 0, N, &going, next, out_time, out_status) ==
         OSV_OK);
  time[4321] = -1.0;
  assert(osv_buckets_count(&buckets, &rows, 0, N, NULL, count, &bad) == OSV_EDOMAIN);
  assert(bad == 4321);
  assert(osv_buckets_scatter(&buckets, &rows, 4321, N, NULL, next, out_time,
                             out_status) == OSV_EDOMAIN);
  assert(osv_buckets_count(&buckets, &rows, 0, 0, NULL, count, &bad) == OSV_OK);
  free(time);
  free(status);
  free(group);
  free(out_time);
  free(out_status);
}

/* With a single distinct time the scale is 0 and all rows are in one bucket */
static void test_one_time(void) {
  const double time[] = {4.0, 4.0, 4.0};
  const int status[] = {1, 0, 1};
  const osv_rows rows = {.n = 3,
                         .time = time,
                         .status_int = status,
                         .n_status = 2,
                         .n_group = 1,
                         .n_stratum = 1};
  const osv_buckets buckets = {4.0, 0.0, 5};
  size_t count[5] = {0}, bad;
  assert(osv_buckets_count(&buckets, &rows, 0, 3, NULL, count, &bad) == OSV_OK);
  assert(count[0] == 3);
}

int main(void) {
  test_buckets();
  test_one_time();
  return 0;
}
