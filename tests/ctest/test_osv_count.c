/* Reading rows and counting them in a hash table. */
#include "check.h"

static osv_hash new_hash(size_t size) {
  return (osv_hash){room(size, sizeof(osv_slot)), size, 0};
}

/* The event table of a hash table; owns its memory */
typedef struct {
  size_t m;
  double *time, *n, *start;
  int *status;
} table;

static table sorted(const osv_hash *hash, int n_status, size_t n_curve) {
  const size_t m = hash->used;
  table x = {m, room(m, sizeof(double)), room(m, sizeof(double)),
             room(n_curve + 1, sizeof(double)), room(m, sizeof(int))};
  double *scratch_time = room(2 * m, sizeof *scratch_time);
  int *scratch_index = room(2 * m, sizeof *scratch_index);
  size_t *cell_end = room(n_curve * (size_t)n_status, sizeof *cell_end);
  osv_hash_to_table(hash, n_status, n_curve, x.time, x.status, x.n, x.start, scratch_time,
                    scratch_index, cell_end);
  free(scratch_time);
  free(scratch_index);
  free(cell_end);
  return x;
}

static void drop(table x) {
  free(x.time);
  free(x.n);
  free(x.start);
  free(x.status);
}

static int same(table a, table b, size_t n_curve) {
  return a.m == b.m && all_equal(a.time, b.time, a.m) && all_equal(a.n, b.n, a.m) &&
         all_equal(a.start, b.start, n_curve + 1) &&
         memcmp(a.status, b.status, a.m * sizeof(int)) == 0;
}

/* Reads a block: status and group give the cell, incomplete rows are skipped */
static void test_read(void) {
  const double time[] = {3.0, -0.0, NAN, 5.0, 7.0, 9.0, 1.0};
  const double status[] = {1.0, 0.0, 1.0, NAN, 2.0, 1.0, 1.0};
  const int group[] = {1, 2, 1, 1, 2, INT_MIN, 1};
  const int stratum[] = {1, 2, 1, 1, 3, 1, INT_MIN};
  const osv_rows rows = {.n = 7,
                         .time = time,
                         .status = status,
                         .n_status = 3,
                         .group = group,
                         .stratum = stratum,
                         .n_group = 2,
                         .n_stratum = 3};
  osv_block block;
  size_t bad = 99;
  assert(osv_rows_read(&rows, 0, 7, &block, &bad) == OSV_OK);
  assert(block.n == 3 && bad == 99);
  const double zero = 0.0;
  assert(block.time[0] == 3.0 && block.cell[0] == 1);
  assert(all_equal(block.time + 1, &zero, 1)); /* not -0 */
  assert(block.cell[1] == (1 * 2 + 1) * 3);
  assert(block.time[2] == 7.0 && block.cell[2] == (2 * 2 + 1) * 3 + 2);
  assert(osv_rows_read(&rows, 4, 4, &block, &bad) == OSV_OK && block.n == 0);
}

/* The same rows in columns of any type give the same block */
static void test_types(void) {
  const double time[] = {0.0, 4.0, 2.0, 4.0, 8.0, NAN}, status[] = {1, 2, 4, NAN, 3, 1};
  const int time_int[] = {0, 4, 2, 4, 8, INT_MIN},
            status_int[] = {1, 2, 4, INT_MIN, 3, 1};
  const int group[] = {1, 2, 2, 1, 1, 1}, one[] = {1, 1, 1, 1, 1, 1};
  for (int as_int = 0; as_int < 4; as_int++)
    for (int grouped = 0; grouped < 3; grouped++) {
      const osv_rows rows = {.n = 6,
                             .time = as_int & 1 ? NULL : time,
                             .time_int = as_int & 1 ? time_int : NULL,
                             .status = as_int & 2 ? NULL : status,
                             .status_int = as_int & 2 ? status_int : NULL,
                             .status_first = 1,
                             .n_status = 4,
                             .group = grouped ? group : NULL,
                             .stratum = grouped == 2 ? one : NULL,
                             .n_group = grouped ? 2 : 1,
                             .n_stratum = 1};
      osv_block block;
      size_t bad;
      assert(osv_rows_read(&rows, 0, 6, &block, &bad) == OSV_OK && block.n == 4);
      const double want_time[] = {0.0, 4.0, 2.0, 8.0};
      const int want_plain[] = {0, 1, 3, 2}, want_grouped[] = {0, 5, 7, 2};
      assert(all_equal(block.time, want_time, 4));
      assert(memcmp(block.cell, grouped ? want_grouped : want_plain, sizeof want_plain) ==
             0);
    }
}

static size_t first_bad(const double *time, const double *status, size_t n) {
  const osv_rows rows = {.n = n,
                         .time = time,
                         .status = status,
                         .n_status = 2,
                         .n_group = 1,
                         .n_stratum = 1};
  osv_block block;
  size_t bad = n;
  const osv_status state = osv_rows_read(&rows, 0, n, &block, &bad);
  assert((state == OSV_EDOMAIN) == (bad < n));
  return bad;
}

static void test_bad_rows(void) {
  const double good[] = {1.0, 2.0, 3.0}, event[] = {0.0, 1.0, 0.0};
  assert(first_bad(good, event, 3) == 3);
  const double bad_times[] = {-1.0, -1e-300, INFINITY, -INFINITY};
  for (size_t i = 0; i < COUNT_OF(bad_times); i++) {
    const double time[] = {1.0, bad_times[i], bad_times[i]};
    assert(first_bad(time, event, 3) == 1);
    /* a row without a status is skipped even if its time is invalid */
    const double missing[] = {0.0, NAN, 1.0};
    assert(first_bad(time, missing, 3) == 2);
  }
  const double bad_states[] = {-1.0, 2.0, 0.5, 1.0 + 1e-15, 1e300, INFINITY, -INFINITY};
  for (size_t i = 0; i < COUNT_OF(bad_states); i++) {
    const double status[] = {1.0, 0.0, bad_states[i]};
    assert(first_bad(good, status, 3) == 2);
  }
  const int time_int[] = {1, -1}, status_int[] = {0, 3};
  osv_rows rows = {.n = 2,
                   .time_int = time_int,
                   .status_int = status_int + 0,
                   .n_status = 4,
                   .n_group = 1,
                   .n_stratum = 1};
  osv_block block;
  size_t bad;
  assert(osv_rows_read(&rows, 0, 2, &block, &bad) == OSV_EDOMAIN && bad == 1);
  rows.time_int = status_int;
  rows.n_status = 3;
  assert(osv_rows_read(&rows, 0, 2, &block, &bad) == OSV_EDOMAIN && bad == 1);
  rows.status_int = time_int;
  assert(osv_rows_read(&rows, 0, 2, &block, &bad) == OSV_EDOMAIN && bad == 1);
}

/* Counted by hand: two groups, three statuses */
static void test_hash(void) {
  const double time[] = {2, 1, 2, 2, 1, 2, 5, NAN};
  const int status[] = {1, 0, 2, 1, 0, 0, 1, 1}, group[] = {1, 2, 1, 1, 1, 1, 2, 1};
  const osv_rows rows = {.n = 8,
                         .time = time,
                         .status_int = status,
                         .n_status = 3,
                         .group = group,
                         .n_group = 2,
                         .n_stratum = 1};
  osv_hash hash = new_hash(4096);
  size_t at = 0, complete = 0;
  assert(osv_hash_count_rows(&hash, NULL, &rows, 8, 1024, NULL, &at, &complete) ==
         OSV_OK);
  assert(at == 8 && complete == 7 && hash.used == 6);
  const table x = sorted(&hash, 3, 2);
  const double want_time[] = {1, 2, 2, 2, 1, 5}, want_n[] = {1, 1, 2, 1, 1, 1};
  const double want_start[] = {0, 4, 6};
  const int want_status[] = {0, 0, 1, 2, 0, 1};
  assert(all_equal(x.time, want_time, 6) && all_equal(x.n, want_n, 6));
  assert(all_equal(x.start, want_start, 3));
  assert(memcmp(x.status, want_status, sizeof want_status) == 0);
  /* counting the rows again doubles every count */
  at = 0;
  assert(osv_hash_count_rows(&hash, NULL, &rows, 8, 1024, NULL, &at, &complete) ==
         OSV_OK);
  const table twice = sorted(&hash, 3, 2);
  assert(twice.m == x.m && complete == 14);
  for (size_t i = 0; i < x.m; i++) assert(twice.n[i] == 2.0 * x.n[i]);
  drop(x);
  drop(twice);
  free(hash.slot);
}

static void test_empty(void) {
  const osv_rows rows = {.n_status = 2, .n_group = 1, .n_stratum = 1};
  osv_hash hash = new_hash(128);
  size_t at = 0, complete = 0;
  assert(osv_hash_count_rows(&hash, NULL, &rows, 0, 64, &stopping, &at, &complete) ==
         OSV_OK);
  const table x = sorted(&hash, 2, 1);
  assert(complete == 0 && x.m == 0 && x.start[0] == 0.0 && x.start[1] == 0.0);
  drop(x);
  free(hash.slot);
}

/* A full hash table is merged into a larger one and counting continues; two tables of
 * half the rows merge to the table of all rows. */
static void test_growth_and_merge(void) {
  enum { N = 50000 };
  double *time = room(N, sizeof *time);
  int *status = room(N, sizeof *status);
  uint64_t seed = 7;
  for (size_t i = 0; i < N; i++) {
    time[i] = (double)(draw(&seed) % 9000) / 30.4375;
    status[i] = (int)(draw(&seed) % 4);
  }
  const osv_rows rows = {.n = N,
                         .time = time,
                         .status_int = status,
                         .n_status = 4,
                         .n_group = 1,
                         .n_stratum = 1};
  osv_hash whole = new_hash(1 << 17), grown = new_hash(4096);
  size_t at = 0, complete = 0, steps = 0;
  assert(osv_hash_count_rows(&whole, NULL, &rows, N, 1 << 16, NULL, &at, &complete) ==
         OSV_OK);
  at = complete = 0;
  while (osv_hash_count_rows(&grown, NULL, &rows, N, grown.size / 2 - OSV_BLOCK, NULL,
                             &at, &complete) == OSV_EFULL) {
    assert(grown.used <= grown.size / 2 && at < N);
    osv_hash larger = new_hash(2 * grown.size);
    assert(osv_hash_merge(&larger, &grown) == OSV_OK);
    free(grown.slot);
    grown = larger;
    steps++;
  }
  assert(steps > 0 && complete == N && grown.used == whole.used);
  osv_hash half[2] = {new_hash(1 << 17), new_hash(1 << 17)};
  for (size_t h = 0; h < 2; h++) {
    at = h * N / 2;
    const size_t to = (h + 1) * N / 2;
    assert(osv_hash_count_rows(half + h, NULL, &rows, to, 1 << 16, NULL, &at,
                               &complete) == OSV_OK);
  }
  assert(osv_hash_merge(half, half + 1) == OSV_OK);
  const table x = sorted(&whole, 4, 1), y = sorted(&grown, 4, 1), z = sorted(half, 4, 1);
  assert(same(x, y, 1) && same(x, z, 1));
  double sum = 0.0;
  for (size_t i = 0; i < x.m; i++) {
    sum += x.n[i];
    assert(i == 0 || x.time[i] > x.time[i - 1] ||
           (x.time[i] == x.time[i - 1] && x.status[i] > x.status[i - 1]));
  }
  assert(sum == N);
  osv_hash small = new_hash(4096);
  assert(osv_hash_merge(&small, &whole) == OSV_EFULL && small.used == 0);
  drop(x);
  drop(y);
  drop(z);
  free(small.slot);
  free(half[0].slot);
  free(half[1].slot);
  free(whole.slot);
  free(grown.slot);
  free(time);
  free(status);
}

/* After a stop or a bad row, counting can continue from there */
static void test_stops(void) {
  const double time[] = {1, 2, -3};
  const int status[] = {1, 1, 1};
  const osv_rows rows = {.n = 3,
                         .time = time,
                         .status_int = status,
                         .n_status = 2,
                         .n_group = 1,
                         .n_stratum = 1};
  osv_hash hash = new_hash(4096);
  size_t at = 0, complete = 0;
  assert(osv_hash_count_rows(&hash, NULL, &rows, 3, 1024, &stopping, &at, &complete) ==
         OSV_EINTR);
  assert(at == 0 && complete == 0 && hash.used == 0);
  assert(osv_hash_count_rows(&hash, NULL, &rows, 2, 1024, &going, &at, &complete) ==
         OSV_OK);
  assert(at == 2 && complete == 2);
  assert(osv_hash_count_rows(&hash, NULL, &rows, 3, 1024, NULL, &at, &complete) ==
         OSV_EDOMAIN);
  assert(at == 2 && complete == 2 && hash.used == 2);
  free(hash.slot);
}

int main(void) {
  test_read();
  test_types();
  test_bad_rows();
  test_hash();
  test_empty();
  test_growth_and_merge();
  test_stops();
  return 0;
}
