/* Any table: scores and variance sum to 0 for every cause, unless F0 reaches 1. Any
 * rows with ids: the scores by id sum to the score of the test. */
#include "fuzz_subjects.h"
#include "sweep.h"

static void check_ids(bytes *b) {
  static double u[MOST_ROWS * MOST_CURVES];
  const size_t k = 1 + next_bytes(b, 1) % MOST_CURVES;
  const double rho = (double)(next_bytes(b, 1) % 2);
  const subjects rows = next_subjects(b, k, 3);
  const int late = rows.table.entry_time != NULL;
  size_t from[MOST_CURVES], entered[MOST_CURVES];
  double *work = room(osv_gray_ids_work(k), sizeof *work), n = 1.0;
  const test_run run = new_run(k), test = new_run(k);
  osv_sweep sweep = sweep_of(&run, &rows.table, 1);
  const osv_id_scores out = {rows.id, late ? rows.entry_row : NULL, from, entered, u};
  for (size_t i = 0; i < rows.n_id * k; i++) u[i] = 0.0;
  assert(osv_gray_ids(&sweep, rho, NULL, work, &out) == OSV_OK);
  assert(osv_gray(&sweep, rho, NULL, test.work, &test.out) == OSV_OK);
  for (size_t i = 0; i < rows.n; i++) n += rows.weight[i];
  for (size_t j = 0; j < k; j++) {
    double sum = 0.0, scale = n;
    for (size_t c = 0; c < rows.n_id; c++) {
      sum += u[c * k + j];
      scale += fabs(u[c * k + j]);
    }
    /* S may reach 0 before later entries; then both scores are undefined */
    if (isfinite(test.out.score[j]) && isfinite(sum))
      assert(fabs(sum - test.out.score[j]) <= 1e-9 * scale);
    else
      assert(late);
  }
  free(work);
  drop_run(run);
  drop_run(test);
  drop_subjects(rows);
}

/* Does F0 reach 1? Then 1 - F0, by which the variance is divided, is 0 or negative, and a
 * fractional power of it is undefined. */
static int pooled_fills(osv_sweep *sweep) {
  double surv[MOST_CURVES], pooled = 0.0;
  for (size_t j = 0; j < sweep->k; j++) surv[j] = 1.0;
  osv_sweep_start(sweep);
  while (osv_sweep_next(sweep)) {
    double h = 0.0, d = 0.0;
    for (size_t j = 0; j < sweep->k; j++) {
      const double n = sweep->n_risk[j];
      if (n <= 0.0) continue;
      h += n / surv[j];
      d += sweep->d[j];
      surv[j] *= (n - sweep->d[j] - sweep->other[j]) / n;
    }
    if (d > 0.0) pooled += d / h;
  }
  return pooled >= 1.0 - 1e-9;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  bytes b = {data, size};
  const size_t k = 1 + next_bytes(&b, 1) % MOST_CURVES;
  const int n_cause = (int)(1 + next_bytes(&b, 1) % MOST_CAUSES);
  const double rho = (double)next_bytes(&b, 1) / 64.0;
  next_table(&b, k, n_cause + 1, &x);
  double n = 0.0; /* rounding errors of C are multiplied by (1 - F0) / S_j, which is at
                   * most n */
  for (double i = 0.0; i < x.start[k]; i += 1.0)
    n += x.table.n ? x.table.n[(size_t)i] : 1.0;
  for (int cause = 1; cause <= n_cause; cause++) {
    const test_run run = new_run(k);
    osv_sweep sweep = sweep_of(&run, &x.table, cause);
    assert(osv_gray(&sweep, rho, NULL, run.work, &run.out) == OSV_OK);
    if (isfinite(run.out.score[0] + run.out.variance[0]))
      check_run(&run, 1, 1e-9 + 1e-16 * n);
    else
      assert(pooled_fills(&sweep));
    drop_run(run);
  }
  check_ids(&b);
  return 0;
}
