/* Sweeps over several curves, time by time and in blocks. */
#include "sweep.h"

static void test_sweep(void) {
  const double time[] = {1, 3, 3, 5, 1, 2, 5}, n[] = {1, 2, 1, 1, 3, 1, 1};
  const double start[] = {0, 4, 7, 7};
  const int status[] = {1, 1, 2, 0, 2, 0, 1};
  const osv_table table = table_of(time, status, n, start, 3, 3);
  const test_run run = new_run(3);
  osv_sweep sweep = sweep_of(&run, &table, 1);
  const double want[][12] = {
      /* n_risk, d, other, left of the three curves at 1, 2, 3, 5 */
      {5, 5, 0, 1, 0, 0, 0, 3, 0, 1, 3, 0},
      {4, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0},
      {4, 1, 0, 2, 0, 0, 1, 0, 0, 3, 0, 0},
      {1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0}};
  osv_sweep_start(&sweep);
  for (size_t i = 0; i < COUNT_OF(want); i++) {
    assert(osv_sweep_next(&sweep));
    assert(all_equal(run.column, want[i], 12));
  }
  assert(!osv_sweep_next(&sweep));
  sweep.cause = 0; /* any cause */
  osv_sweep_start(&sweep);
  assert(osv_sweep_next(&sweep) && sweep.d[0] == 1 && sweep.d[1] == 3 &&
         sweep.other[1] == 0);
  sweep.first_curve = 2; /* an empty curve */
  sweep.k = 1;
  osv_sweep_start(&sweep);
  assert(!osv_sweep_next(&sweep) && sweep.n_risk[0] == 0.0);
  drop_run(run);
}

/* A subject who enters at an exit time is not at risk at that time */
static void test_entries(void) {
  const double time[] = {2, 3, 5, 7}, start[] = {0, 4}, n_risk[] = {2, 2, 2, 1};
  const double entry_time[] = {0, 1, 2, 3}, entry_n[] = {1, 1, 1, 1};
  const int status[] = {1, 0, 1, 0};
  const test_run run = new_run(1);
  const osv_table rows = table_of(time, status, NULL, start, 1, 2);
  for (int counted = 0; counted < 2; counted++) {
    const osv_table table =
        with_entries(rows, entry_time, counted ? entry_n : NULL, start);
    osv_sweep sweep = sweep_of(&run, &table, 1);
    osv_sweep_start(&sweep);
    for (size_t i = 0; i < 4; i++)
      assert(osv_sweep_next(&sweep) && sweep.n_risk[0] == n_risk[i]);
    assert(!osv_sweep_next(&sweep));
  }
  drop_run(run);
}

/* Two curves, ties at 3 (in both) and 5 (in one): blocks end before a time of two rows */
static void test_sweep_block(void) {
  const double time[] = {1, 3, 6, 7, 9, 2, 3, 5, 5, 8, 10}, start[] = {0, 5, 11};
  const int status[] = {1, 0, 1, 1, 0, 2, 1, 0, 1, 1, 0};
  const osv_table table = table_of(time, status, NULL, start, 2, 3);
  const test_run of = new_run(2);
  osv_sweep sweep = sweep_of(&of, &table, 0);
  osv_time_block block;
  osv_sweep_start(&sweep);
  assert(osv_sweep_has_blocks(&sweep) && !osv_sweep_block(&sweep, &block));
  assert(block.m == 2 && block.second[0] == 0 && block.second[1] == 1);
  assert(block.status[0] == 1 && block.status[1] == 2);
  assert(block.n_risk[0][0] == 5 && block.n_risk[1][0] == 6 && block.n_risk[0][1] == 4);
  assert(!osv_sweep_block(&sweep, &block) && block.m == 0); /* both have a row at 3 */
  assert(osv_sweep_next(&sweep) && sweep.n_risk[0] == 4 && sweep.n_risk[1] == 5);
  assert(!osv_sweep_block(&sweep, &block) && block.m == 0); /* two rows have the time 5 */
  assert(osv_sweep_next(&sweep) && sweep.n_risk[1] == 4 && sweep.left[1] == 2);
  assert(!osv_sweep_block(&sweep, &block)); /* ends with the last row of a curve */
  assert(block.m == 2 && block.n_risk[0][1] == 2 && block.n_risk[1][1] == 2);
  assert(osv_sweep_next(&sweep) && sweep.n_risk[0] == 1 && sweep.left[1] == 1);
  assert(osv_sweep_next(&sweep) && sweep.n_risk[1] == 1 && sweep.left[0] == 1);
  assert(osv_sweep_next(&sweep) && sweep.n_risk[0] == 0 && sweep.left[1] == 1);
  assert(!osv_sweep_next(&sweep) && sweep.n_risk[1] == 0);
  drop_run(of);
}

int main(void) {
  test_sweep();
  test_entries();
  test_sweep_block();
  return 0;
}
