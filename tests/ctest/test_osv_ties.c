/* The tie rule: merged times, and distinct times over all curves. */
#include "check.h"

/* Merges the tied times of a table; returns the number of distinct times merged */
static size_t join(double *time, const double *start, size_t n_curve, double tol,
                   double *joined) {
  const osv_table table = {.time = time, .start = start, .n_curve = n_curve};
  size_t *at = room(n_curve, sizeof *at), *heap = room(n_curve, sizeof *heap);
  const size_t any = osv_merge_ties(&table, tol, at, heap, NULL);
  const size_t n = osv_merge_ties(&table, tol, at, heap, joined);
  assert((any > 0) == (n > 0));
  const size_t rows = (size_t)start[n_curve];
  double *own = room(rows, sizeof *own); /* for merging in place */
  for (size_t i = 0; i < rows; i++) own[i] = time[i];
  const osv_table same = {.time = own, .start = start, .n_curve = n_curve};
  assert(osv_merge_ties(&same, tol, at, heap, own) == n);
  assert(all_equal(own, joined, rows));
  free(own);
  free(at);
  free(heap);
  return n;
}

/* Distance is measured from the first of the merged times, over all curves, so a chain of
 * close times is not merged into one. */
static void test_join(void) {
  const double second = 1.0 + 5e-10, third = 1.0 + 1.2e-9;
  double time[] = {1.0, third, 7.0, second, 7.0};
  const double start[] = {0, 3, 3, 5};
  double joined[5];
  assert(join(time, start, 3, 1e-9, joined) == 1);
  const double want[] = {1.0, third, 7.0, 1.0, 7.0};
  assert(all_equal(joined, want, 5));
  assert(join(time, start, 3, 0.0, joined) == 0 && all_equal(joined, time, 5));
  enum { CHAIN = 1000 };
  double chain[CHAIN], out[CHAIN];
  for (size_t i = 0; i < CHAIN; i++) chain[i] = 1.0 + 5e-10 * (double)i;
  const double whole[] = {0, CHAIN};
  const size_t gone = join(chain, whole, 1, 1e-9, out);
  const size_t left = osv_count_times(out, CHAIN);
  assert(left + gone == CHAIN && left >= CHAIN / 3 && left <= CHAIN / 2 + 1);
  for (size_t i = 0; i < CHAIN; i++)
    assert(out[i] <= chain[i] && chain[i] - out[i] <= 1e-9 * chain[i]);
  assert(join(chain, whole, 0, 1e-9, out) == 0);
  /* 4 is 1 after 3, a quarter of 4 and a third of 3: distance is relative to the later */
  double quarter[] = {3.0, 4.0, 4.125};
  const double both[] = {0, 3};
  assert(join(quarter, both, 1, 0.25, joined) == 1);
  const double of_quarter[] = {3.0, 3.0, 4.125};
  assert(all_equal(joined, of_quarter, 3));
  double zero[] = {0.0, 5e-324, 1.0};
  const double three[] = {0, 3};
  assert(join(zero, three, 1, 1e-9, joined) == 0 && all_equal(joined, zero, 3));
}

/* Merging two curves gives the same times if a third, empty curve is added */
static void test_join_two(void) {
  enum { N = 400 };
  double time[N], joined[2][N];
  uint64_t seed = 11;
  for (int round = 0; round < 200; round++) {
    const size_t first = draw(&seed) % (N + 1);
    double start[] = {0.0, (double)first, N, N};
    for (size_t i = 0; i < N; i++) {
      const int fresh = i == 0 || i == first;
      const double step = draw(&seed) % 3 ? 0.0 : draw_unit(&seed) * 3e-9;
      time[i] = fresh ? 1.0 + step : time[i - 1] + step;
    }
    const size_t n = join(time, start, 3, 1e-9, joined[0]);
    assert(join(time, start, 2, 1e-9, joined[1]) == n && n > 0);
    assert(all_equal(joined[0], joined[1], N));
  }
}

/* Curves (1, 2, 2), (), (2, 3), (1, 3, 7): the times 1, 2, 3 and 7 */
static void test_count_all_times(void) {
  const double time[] = {1, 2, 2, 2, 3, 1, 3, 7}, start[] = {0, 3, 3, 5, 8};
  size_t at[4], heap[4];
  osv_table table = {.time = time, .start = start, .n_curve = 4};
  assert(osv_count_all_times(&table, at, heap) == 4);
  table.n_curve = 1;
  assert(osv_count_all_times(&table, at, heap) == 2);
  table.n_curve = 0;
  assert(osv_count_all_times(&table, at, heap) == 0);
}

/* Random whole times of seven curves, marked in a list */
static void test_count_random_times(void) {
  enum { CURVES = 7, ROWS = 20 };
  uint64_t seed = 17;
  for (int round = 0; round < 100; round++) {
    double time[CURVES * ROWS], start[CURVES + 1] = {0};
    size_t at[CURVES], heap[CURVES], rows = 0, want = 0;
    int seen[256] = {0};
    for (size_t c = 0; c < CURVES; c++) {
      size_t t = 0;
      for (size_t i = draw(&seed) % ROWS; i > 0; i--) {
        t += draw(&seed) % 12;
        time[rows++] = (double)t;
        want += !seen[t];
        seen[t] = 1;
      }
      start[c + 1] = (double)rows;
    }
    const osv_table table = {.time = time, .start = start, .n_curve = CURVES};
    assert(osv_count_all_times(&table, at, heap) == want);
  }
}

/* 1e5 curves of two rows each, merged by the heap. */
static void test_many_curves(void) {
  const size_t n_curve = 100000;
  double *time = room(2 * n_curve, sizeof *time),
         *joined = room(2 * n_curve, sizeof *time);
  double *start = room(n_curve + 1, sizeof *start);
  uint64_t seed = 5;
  for (size_t c = 0; c < n_curve; c++) {
    time[2 * c] = (double)(draw(&seed) % 1000);
    time[2 * c + 1] = time[2 * c] * (1.0 + 1e-12);
    start[c + 1] = (double)(2 * (c + 1));
  }
  assert(join(time, start, n_curve, 1e-9, joined) == 999); /* 0 has no neighbour */
  for (size_t i = 0; i < 2 * n_curve; i++) assert(joined[i] == time[i - i % 2]);
  free(time);
  free(joined);
  free(start);
}

static void test_first_time(void) {
  const double time[] = {0, 1, 1, 2};
  assert(osv_first_time(time, 0, 4, 1.0) == 1 && osv_first_time(time, 2, 4, 1.0) == 2);
  assert(osv_first_time(time, 0, 4, 3.0) == 4 && osv_first_time(time, 0, 0, 3.0) == 0);
}

int main(void) {
  test_first_time();
  test_join();
  test_join_two();
  test_count_all_times();
  test_count_random_times();
  test_many_curves();
  return 0;
}
