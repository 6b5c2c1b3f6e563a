#include "check.h"

/* Standard errors of the one cause of the only curve of a table at its m times */
static void errors_of(const osv_table *table, const int *id, size_t n_id,
                      const int *entry_row, size_t m, double *std_error, double *n_id_at,
                      double *ids) {
  double time[8], n_risk[8], n_censor[8], n_event[8], surv[8], cif[8], after[8];
  const osv_counts counts = {time, n_risk, n_censor, n_event, 8};
  double *work = room(osv_cluster_work(n_id, 1), sizeof *work);
  double kept[8], first;
  int gains;
  const osv_cluster_out out = {n_id_at, after, surv,   cif,   std_error,
                               kept,    ids,   &first, &gains};
  assert(osv_curve_counts(table, 0, m, NULL, &counts) == OSV_OK);
  assert(osv_cluster_aj(table, 0, id, entry_row, 0, &counts, m, NULL, work, &out) ==
         OSV_OK);
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

/* 4 ids: one dies, one of the other three is censored, one enters the rest of its
 * follow-up when its first row ends, the last is seen to the end: kept 4, 4, 4 2 / 3, ...
 */
static void test_kept(void) {
  const double time[] = {1, 2, 3, 4, 4}, start[] = {0, 5};
  const double entry[] = {0, 0, 0, 0, 3}, weight[] = {1, 1, 2, 2, 3};
  const int status[] = {2, 0, 0, 0, 0}, id[] = {1, 2, 3, 3, 4}, row[] = {1, 2, 3, 5, 4};
  osv_table table = {.time = time,
                     .status = status,
                     .start = start,
                     .n_curve = 1,
                     .n_status = 3,
                     .entry_time = entry,
                     .entry_start = start};
  double at[8], n_risk[8], n_censor[8], n_event[16], surv[8], cif[16], after[8],
      error[16];
  double n_id[8], kept[8], ids, first;
  int gains;
  const osv_counts counts = {at, n_risk, n_censor, n_event, 8};
  const osv_cluster_out out = {n_id, after, surv, cif, error, kept, &ids, &first, &gains};
  double *work = room(osv_cluster_work(4, 2), sizeof *work);
  assert(osv_curve_counts(&table, 0, 4, NULL, &counts) == OSV_OK);
  assert(osv_cluster_aj(&table, 0, id, row, 0, &counts, 4, NULL, work, &out) == OSV_OK);
  assert(first == 4.0 && ids == 4.0 && !gains);
  assert(kept[0] == 4.0 && near(kept[1], 8.0 / 3, 1e-15) && kept[3] == 0.0);
  assert(near(kept[2], 8.0 / 3, 1e-15) && after[2] == 2.0 && n_id[3] == 2.0);
  /* by weight: (1 + 1 + 2 + 3)^2 / (1 + 1 + 4 + 9), then * 25 / 13 over 36 / 14 */
  table.n = weight;
  assert(osv_curve_counts(&table, 0, 4, NULL, &counts) == OSV_OK);
  assert(osv_cluster_aj(&table, 0, id, row, 1, &counts, 4, NULL, work, &out) == OSV_OK);
  assert(near(first, 49.0 / 15, 1e-14) && near(kept[0], first, 1e-14));
  assert(near(kept[1], 49.0 / 15 * (25.0 / 13) / (36.0 / 14), 1e-14));
  free(work);
}

int main(void) {
  test_kept();
  test_by_hand();
  test_weights();
  test_late();
  return 0;
}
