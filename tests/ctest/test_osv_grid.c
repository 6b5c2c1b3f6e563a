/* Counting times on an equally spaced grid. */
#include "check.h"

enum { N = 20000, CELLS = 4, SLOTS = 1 << 17, MOST = 1 << 15 };

/* Each time in days, months or tenths has a grid point; times without a common step would
 * need too many points */
static void test_scale(void) {
  double days[300], months[300], any[300];
  for (int i = 0; i < 300; i++) {
    days[i] = 3.0 * i + (i > 200);
    months[i] = i / 30.4375;
    any[i] = i + 1e-6 * i * i;
  }
  size_t size = 0;
  assert(osv_grid_scale(days, 300, CELLS, MOST, &size) == 1.0 / 3.0 && size > 300);
  assert(near(osv_grid_scale(months, 300, CELLS, MOST, &size), 30.4375, 1e-9));
  assert(size >= 300 && size * (CELLS + 1) <= MOST);
  any[1] = any[0] + 1e-4;
  assert(osv_grid_scale(any, 300, CELLS, MOST, &size) == 0.0);
  assert(osv_grid_scale(days, 300, MOST, MOST, &size) == 0.0);
  assert(osv_grid_scale(days, 0, CELLS, MOST, &size) == 0.0);
  /* only time 0 */
  assert(osv_grid_scale(days, 1, CELLS, MOST, &size) == 1.0 && size > 0);
}

static osv_grid new_grid(double scale, size_t size) {
  const osv_grid grid = {scale, size, CELLS, room(size + 1, sizeof(double)),
                         room(size * CELLS, sizeof(uint32_t))};
  osv_grid_clear(&grid);
  return grid;
}

/* Counts all rows in a hash table, with or without a grid */
static osv_hash count(const osv_rows *rows, const osv_grid *grid) {
  osv_hash hash = {room(SLOTS, sizeof(osv_slot)), SLOTS, 0};
  size_t at = 0, complete = 0;
  assert(osv_hash_count_rows(&hash, grid, rows, rows->n, SLOTS / 2, NULL, &at,
                             &complete) == OSV_OK);
  assert(at == rows->n && complete == rows->n - 2);
  if (grid) assert(osv_hash_add_grid(&hash, grid) == OSV_OK);
  return hash;
}

static double count_of(const osv_hash *hash, double time, int cell) {
  double n = 0.0;
  for (size_t i = 0; i < hash->size; i++)
    if (hash->slot[i].n > 0.0 && hash->slot[i].time == time && hash->slot[i].cell == cell)
      n += hash->slot[i].n;
  return n;
}

/* Valid, invalid and too short grids give the same counts as no grid: times off the grid,
 * two times at one point, -0, missing values */
static void test_same_counts(void) {
  double *time = room(N, sizeof *time), *status = room(N, sizeof *status);
  int *group = room(N, sizeof *group);
  uint64_t seed = 3;
  for (size_t i = 0; i < N; i++) {
    time[i] = (double)(draw(&seed) % 500) / 4.0 + (i % 7 == 0 ? 1e-13 : 0.0);
    status[i] = (double)(draw(&seed) % 2);
    group[i] = 1 + (int)(draw(&seed) % 2);
  }
  time[5] = NAN;
  time[6] = -0.0;
  group[9] = INT_MIN;
  const osv_rows rows = {.n = N,
                         .time = time,
                         .status = status,
                         .n_status = 2,
                         .group = group,
                         .n_group = 2,
                         .n_stratum = 1};
  const osv_hash want = count(&rows, NULL);
  const double scales[] = {4.0, 1.0, 4.1, 1e300};
  for (size_t k = 0; k < COUNT_OF(scales); k++) {
    const osv_grid grid = new_grid(scales[k], 300);
    const osv_hash got = count(&rows, &grid);
    assert(got.used == want.used);
    for (size_t i = 0; i < want.size; i++)
      if (want.slot[i].n > 0.0)
        assert(count_of(&got, want.slot[i].time, want.slot[i].cell) == want.slot[i].n);
    free(got.slot);
    free(grid.time);
    free(grid.n);
  }
  free(want.slot);
  free(time);
  free(status);
  free(group);
}

/* A bad row is reported even if later rows have grid points */
static void test_bad_row(void) {
  const int time[] = {1, 2, -1, 2, 1}, status[] = {0, 1, 1, 0, 0};
  const osv_rows rows = {.n = 5,
                         .time_int = time,
                         .status_int = status,
                         .n_status = 2,
                         .n_group = 2,
                         .n_stratum = 1};
  const osv_grid grid = new_grid(1.0, 8);
  osv_hash hash = {room(4096, sizeof(osv_slot)), 4096, 0};
  size_t at = 0, complete = 0;
  assert(osv_hash_count_rows(&hash, &grid, &rows, 5, 2048, NULL, &at, &complete) ==
         OSV_EDOMAIN);
  assert(at == 2 && osv_grid_used(&grid) == 2);
  osv_hash full = {hash.slot, 2, 0};
  assert(osv_hash_add_grid(&full, &grid) == OSV_EFULL && full.used == 0);
  free(hash.slot);
  free(grid.time);
  free(grid.n);
}

/* The sum of two grids gives the same event table as a hash table of both */
static void test_table(void) {
  const int cells = 4; /* 2 curves by 2 states */
  const osv_grid a = new_grid(1.0, 8), b = new_grid(1.0, 8);
  osv_hash hash = {room(128, sizeof(osv_slot)), 128, 0};
  uint64_t seed = 3;
  for (int i = 0; i < 200; i++) {
    const double time = (double)(draw(&seed) % 7);
    const int cell = (int)(draw(&seed) % 3); /* the last cell stays empty */
    assert(osv_grid_count_row(i % 2 ? &a : &b, time, cell));
  }
  assert(osv_hash_add_grid(&hash, &a) == OSV_OK &&
         osv_hash_add_grid(&hash, &b) == OSV_OK);
  assert(osv_grid_add(&a, &b) == 1);
  const size_t used = osv_grid_used(&a);
  assert(used == hash.used && used == 21);
  double time[2][21], n[2][21], start[2][3], scratch[42];
  int status[2][21], index[42];
  size_t end[4];
  osv_grid_to_table(&a, 2, 2, time[0], status[0], n[0], start[0]);
  osv_hash_to_table(&hash, 2, 2, time[1], status[1], n[1], start[1], scratch, index, end);
  for (size_t i = 0; i < used; i++)
    assert(time[0][i] == time[1][i] && n[0][i] == n[1][i] &&
           status[0][i] == status[1][i]);
  for (size_t c = 0; c <= 2; c++) assert(start[0][c] == start[1][c]);

  /* another time near the same point is not added */
  const osv_grid odd = new_grid(1.0, 8);
  assert(osv_grid_count_row(&odd, 3.0 + 1e-12, 0));
  const uint32_t before = a.n[3 * cells];
  assert(osv_grid_add(&a, &odd) == 0 && a.n[3 * cells] == before);
  const osv_grid *all[] = {&a, &b, &odd};
  for (size_t i = 0; i < COUNT_OF(all); i++) {
    free(all[i]->time);
    free(all[i]->n);
  }
  free(hash.slot);
}

int main(void) {
  test_scale();
  test_same_counts();
  test_table();
  test_bad_row();
  return 0;
}
