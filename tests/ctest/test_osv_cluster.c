#include "check.h"

/* Standard errors of the one cause of the only curve of a table at its m times */
static void errors_of(const osv_table *table, const int *id, size_t n_id,
                      const int *entry_row, size_t m, double *std_error, double *n_id_at,
                      double *ids) {
  double time[8], n_risk[8], n_censor[8], n_event[8], surv[8], cif[8], after[8];
  const osv_counts counts = {time, n_risk, n_censor, n_event, 8};
  double *work = room(osv_cluster_work(n_id, 1), sizeof *work);
  const osv_cluster_out out = {n_id_at, after, surv, cif, std_error, ids};
  assert(osv_curve_counts(table, 0, m, NULL, &counts) == OSV_OK);
  assert(osv_cluster_aj(table, 0, id, entry_row, &counts, m, NULL, work, &out) == OSV_OK);
  free(work);
}

/* Two rows of one id that fail together, one each of two others: Var = 3 / 32 */
static void test_by_hand(void) {
  const double time[] = {1, 1, 2, 3}, start[] = {0, 4};
  const int status[] = {1, 1, 0, 0}, id[] = {1, 1, 2, 3};
  const osv_table table = {
      .time = time, .status = status, .start = start, .n_curve = 1, .n_status = 2};
  double error[8], n_id[8], ids;
  errors_of(&table, id, 3, NULL, 3, error, n_id, &ids);
  assert(near(error[0] * error[0], 3.0 / 32, 1e-15) && ids == 3.0);
  assert(n_id[0] == 3.0 && n_id[1] == 2.0 && n_id[2] == 1.0);
}

/* Weights 2, 1, 2 of rows 1 (event), 2, 3: D = (-3, 2, 2) / 25, Var = 56 / 625 */
static void test_weights(void) {
  const double time[] = {1, 2, 3}, weight[] = {2, 1, 2}, start[] = {0, 3};
  const int status[] = {1, 0, 0}, id[] = {1, 2, 3};
  const osv_table table = {.time = time,
                           .status = status,
                           .n = weight,
                           .start = start,
                           .n_curve = 1,
                           .n_status = 2};
  double error[8], n_id[8], ids;
  errors_of(&table, id, 3, NULL, 3, error, n_id, &ids);
  assert(near(error[0] * error[0], 56.0 / 625, 1e-15));
}

/* Rows (0, 2] and (1, 3] of one id, (0, 3] of another; the event at 2: Var = 2 / 81 */
static void test_late(void) {
  const double time[] = {2, 3, 3}, start[] = {0, 3}, entry[] = {0, 0, 1};
  const int status[] = {1, 0, 1}, id[] = {1, 2, 1}, row[] = {1, 2, 3};
  const osv_table table = {.time = time,
                           .status = status,
                           .start = start,
                           .n_curve = 1,
                           .n_status = 2,
                           .entry_time = entry,
                           .entry_start = start};
  double error[8], n_id[8], ids;
  errors_of(&table, id, 2, row, 2, error, n_id, &ids);
  assert(near(error[0] * error[0], 2.0 / 81, 1e-15));
  assert(ids == 2.0 && n_id[0] == 2.0 && n_id[1] == 2.0);
}

int main(void) {
  test_by_hand();
  test_weights();
  test_late();
  return 0;
}
