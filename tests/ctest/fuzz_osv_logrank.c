/* Any table: a finite test whose scores and variance sum to 0, for every weight. Any rows
 * with ids: scores by id equal direct sums over the rows of the id. */
#include "fuzz_subjects.h"
#include "sweep.h"

static void check_ids(bytes *b) {
  static double u[MOST_ROWS * MOST_CURVES];
  static long double row[MOST_ROWS * MOST_CURVES], want[MOST_ROWS * MOST_CURVES];
  const size_t k = 1 + next_bytes(b, 1) % MOST_CURVES;
  const int gehan = (int)(next_bytes(b, 1) % 2);
  const subjects rows = next_subjects(b, k, 2);
  const int late = rows.table.entry_time != NULL;
  size_t from[MOST_CURVES], entered[MOST_CURVES];
  double work[MOST_CURVES], scale = 1.0;
  const test_run run = new_run(k);
  osv_sweep sweep = sweep_of(&run, &rows.table, 0);
  const osv_id_scores out = {rows.id, late ? rows.entry_row : NULL, from, entered, u};
  for (size_t i = 0; i < rows.n_id * k; i++) u[i] = want[i] = 0.0;
  assert(osv_logrank_ids(&sweep, gehan ? OSV_WEIGHT_GEHAN : OSV_WEIGHT_LOGRANK, 0, 0,
                         NULL, work, &out) == OSV_OK);
  direct_logrank(&rows, gehan, row);
  for (size_t i = 0; i < rows.n; i++) {
    scale += rows.weight[i];
    for (size_t j = 0; j < k; j++)
      want[(size_t)(rows.id[i] - 1) * k + j] += row[i * k + j];
  }
  if (gehan) scale *= scale;
  for (size_t i = 0; i < rows.n_id * k; i++)
    assert(fabs(u[i] - (double)want[i]) <= 1e-12 * scale);
  drop_run(run);
  drop_subjects(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  bytes b = {data, size};
  const size_t k = 1 + next_bytes(&b, 1) % MOST_CURVES;
  const osv_weight weight = (osv_weight)(next_bytes(&b, 1) % 7);
  const double rho = (double)next_bytes(&b, 1) / 64.0,
               gamma = (double)next_bytes(&b, 1) / 64.0;
  next_table(&b, k, 2, &x);
  const test_run run = new_run(k);
  osv_sweep sweep = sweep_of(&run, &x.table, 0);
  assert(osv_logrank(&sweep, weight, rho, gamma, NULL, run.work, &run.out) == OSV_OK);
  double n = 1.0; /* Gehan's weight at the first time */
  for (size_t i = 0; i < (size_t)x.start[k]; i++) n += x.table.n ? x.n[i] : 1.0;
  check_run(&run, n, 1e-9);
  check_diagonal(&run);
  drop_run(run);
  check_ids(&b);
  return 0;
}
