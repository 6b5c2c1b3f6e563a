/* Any rows with ids, weights and entries: variances are sums of squared influence by id,
 * curves are monotone, the effective number of ids is not above the number of ids. */
#include "fuzz_subjects.h"

/* Equal up to rounding */
static int same_variance(double got, long double want) {
  return fabs(got - (double)want) <= 1e-8 * (double)want + 1e-18;
}

static void check_curve(const subjects *rows, int late) {
  static fuzz_counts c;
  static double n_id[MOST_ROWS], after[MOST_ROWS], surv[MOST_ROWS], kept[MOST_ROWS];
  static double cif[MOST_CAUSES * MOST_ROWS], error[MOST_CAUSES * MOST_ROWS];
  static double work[MOST_ROWS * (5 + 2 * MOST_CAUSES) + 11 * MOST_CAUSES];
  static long double e[MOST_ROWS], d[MOST_CAUSES * MOST_ROWS];
  const size_t n_cause = (size_t)rows->n_status - 1;
  const int *entry_row = late ? rows->entry_row : NULL;
  double ids, start;
  int gains;
  const osv_counts counts = {c.time, c.n_risk, c.n_censor, c.n_event, MOST_ROWS};
  const osv_cluster_out out = {n_id, after, surv, cif, error, kept, &ids, &start, &gains};
  const osv_cluster_rows with_ids = {&rows->table, rows->id, entry_row, 1};
  assert(osv_cluster_work(rows->n_id, (int)n_cause) <= COUNT_OF(work));
  c.m = osv_count_times(rows->time, rows->n);
  assert(osv_curve_counts(&rows->table, 0, c.m, NULL, &counts) == OSV_OK);
  assert(osv_cluster_aj(&with_ids, 0, &counts, c.m, NULL, work, &out) == OSV_OK);
  assert(ids <= (double)rows->n_id && start <= ids &&
         (c.m == 0 || late || n_id[0] == ids));
  influence_state s = {1.0L, e, d};
  for (size_t i = 0; i < rows->n_id; i++) e[i] = 0.0L;
  for (size_t i = 0; i < n_cause * rows->n_id; i++) d[i] = 0.0L;
  for (size_t j = 0; j < c.m; j++) {
    direct_influence(rows, 0, c.time[j], &s);
    assert(near(surv[j], (double)s.surv, 1e-12));
    assert(kept[j] >= 0.0 && kept[j] <= (j ? kept[j - 1] : start));
    assert(n_id[j] >= 1.0 && n_id[j] <= ids && after[j] <= ids);
    double sum = surv[j];
    for (size_t k = 0; k < n_cause; k++) {
      long double var = 0.0L;
      for (size_t i = 0; i < rows->n_id; i++)
        var += d[k * rows->n_id + i] * d[k * rows->n_id + i];
      const size_t at = k * MOST_ROWS + j;
      assert(same_variance(error[at] * error[at], var));
      assert(cif[at] >= (j ? cif[at - 1] : 0.0));
      sum += cif[at];
    }
    assert(near(sum, 1.0, 1e-12));
  }
}

/* Any scores: V is symmetric, and u' V u is the sum of squared scores in direction u */
static void check_variance(bytes *b) {
  enum { IDS = 12, K = 3 };
  double u[IDS * K], variance[K * K], direct = 0.0, form = 0.0, x[K];
  for (size_t i = 0; i < IDS * K; i++) u[i] = (double)next_bytes(b, 1) - 128.0;
  for (size_t j = 0; j < K; j++) x[j] = (double)next_bytes(b, 1) - 128.0;
  osv_cluster_variance(u, IDS, K, variance);
  for (size_t i = 0; i < IDS; i++) {
    double along = 0.0;
    for (size_t j = 0; j < K; j++) along += u[i * K + j] * x[j];
    direct += along * along;
  }
  for (size_t i = 0; i < K; i++)
    for (size_t j = 0; j < K; j++) {
      assert(variance[i * K + j] == variance[j * K + i]);
      form += x[i] * variance[i * K + j] * x[j];
    }
  assert(form == direct); /* exact for whole numbers */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  const int n_cause = (int)(1 + next_bytes(&b, 1) % MOST_CAUSES);
  const subjects rows = next_subjects(&b, 1, n_cause + 1);
  check_curve(&rows, rows.table.entry_time != NULL);
  check_variance(&b);
  drop_subjects(rows);
  return 0;
}
