/* Standard errors by cluster: by hand, and against the influence of each id as a sum over
 * its rows. */
#include "direct.h"

enum { M = 64, CAUSES = 2 };

typedef struct {
  double n_risk[M], n_censor[M], n_event[CAUSES * M], time[M];
  double n_id[M], after[M], surv[M], cif[CAUSES * M], std_error[CAUSES * M], kept[M];
  double ids, start;
  int gains;
  size_t m;
} result;

/* Computes the curve of a table with ids 1 .. n_id; entry_row NULL: no entries */
static result run_curve(const osv_table *table, size_t curve, const int *id, size_t n_id,
                        const int *entry_row, int kish) {
  result x;
  const size_t lo = (size_t)table->start[curve], hi = (size_t)table->start[curve + 1];
  const osv_counts counts = {x.time, x.n_risk, x.n_censor, x.n_event, M};
  const osv_cluster_out out = {x.n_id, x.after, x.surv,   x.cif,   x.std_error,
                               x.kept, &x.ids,  &x.start, &x.gains};
  const osv_cluster_rows rows = {table, id, entry_row, kish};
  double *work = room(osv_cluster_work(n_id, table->n_status - 1), sizeof *work);
  x.m = osv_count_times(table->time + lo, hi - lo);
  assert(osv_curve_counts(table, curve, x.m, NULL, &counts) == OSV_OK);
  assert(osv_cluster_aj(&rows, curve, &counts, x.m, NULL, work, &out) == OSV_OK);
  free(work);
  return x;
}

/* One id with two rows that fail together, two ids with one row each: Var = 3 / 32 */
static void test_by_hand(void) {
  const double time[] = {1, 1, 2, 3}, start[] = {0, 4};
  const int status[] = {1, 1, 0, 0}, id[] = {1, 1, 2, 3};
  const osv_table table = table_of(time, status, NULL, start, 1, 2);
  const result x = run_curve(&table, 0, id, 3, NULL, 0);
  assert(near(x.std_error[0] * x.std_error[0], 3.0 / 32, 1e-15) && x.ids == 3.0);
  assert(x.n_id[0] == 3.0 && x.n_id[1] == 2.0 && x.n_id[2] == 1.0);
}

/* Weights 2, 1, 2 of rows 1 (event), 2, 3: D = (-3, 2, 2) / 25, Var = 56 / 625 */
static void test_weights(void) {
  const double time[] = {1, 2, 3}, weight[] = {2, 1, 2}, start[] = {0, 3};
  const int status[] = {1, 0, 0}, id[] = {1, 2, 3};
  const osv_table table = table_of(time, status, weight, start, 1, 2);
  const result x = run_curve(&table, 0, id, 3, NULL, 0);
  assert(near(x.std_error[0] * x.std_error[0], 56.0 / 625, 1e-15));
}

/* Rows (0, 2] and (1, 3] of one id, (0, 3] of another; event at 2: Var = 2 / 81 */
static void test_entries(void) {
  const double time[] = {2, 3, 3}, start[] = {0, 3}, entry[] = {0, 0, 1};
  const int status[] = {1, 0, 1}, id[] = {1, 2, 1}, row[] = {1, 2, 3};
  const osv_table table =
      with_entries(table_of(time, status, NULL, start, 1, 2), entry, NULL, start);
  const result x = run_curve(&table, 0, id, 2, row, 0);
  assert(near(x.std_error[0] * x.std_error[0], 2.0 / 81, 1e-15));
  assert(x.ids == 2.0 && x.n_id[0] == 2.0 && x.n_id[1] == 2.0);
}

/* 4 ids. One dies; one of the other three is censored; one re-enters when its first row
 * ends; the last is followed to the end. The effective number is 4, then 4 * 2 / 3. */
static void test_kept(void) {
  const double time[] = {1, 2, 3, 4, 4}, start[] = {0, 5};
  const double entry[] = {0, 0, 0, 0, 3}, weight[] = {1, 1, 2, 2, 3};
  const int status[] = {2, 0, 0, 0, 0}, id[] = {1, 2, 3, 3, 4}, row[] = {1, 2, 3, 5, 4};
  osv_table table =
      with_entries(table_of(time, status, NULL, start, 1, 3), entry, NULL, start);
  result x = run_curve(&table, 0, id, 4, row, 0);
  assert(x.start == 4.0 && x.ids == 4.0 && !x.gains);
  assert(x.kept[0] == 4.0 && near(x.kept[1], 8.0 / 3, 1e-15) && x.kept[3] == 0.0);
  assert(near(x.kept[2], 8.0 / 3, 1e-15) && x.after[2] == 2.0 && x.n_id[3] == 2.0);
  /* weighted: (1 + 1 + 2 + 3)^2 / (1 + 1 + 4 + 9), then times (25 / 13) / (36 / 14) */
  table.n = weight;
  x = run_curve(&table, 0, id, 4, row, 1);
  assert(near(x.start, 49.0 / 15, 1e-14) && near(x.kept[0], x.start, 1e-14));
  assert(near(x.kept[1], 49.0 / 15 * (25.0 / 13) / (36.0 / 14), 1e-14));
}

/* Number of ids with a row at risk at t or, with `after`, just after t */
static double ids_at(const subjects *rows, int curve, double t, int after) {
  double n = 0.0;
  for (int c = 1; c <= (int)rows->n_id; c++) {
    int any = 0;
    for (size_t i = 0; i < rows->n; i++)
      any |= rows->curve[i] == curve && rows->id[i] == c &&
             (after ? rows->entry[i] <= t && rows->time[i] > t : at_risk(rows, i, t));
    n += any;
  }
  return n;
}

/* Variance and number of ids at risk, for a curve of random rows */
static void check_curve(const subjects *rows, int curve, int late) {
  const size_t n_cause = (size_t)rows->n_status - 1, n_id = rows->n_id;
  const result x = run_curve(&rows->table, (size_t)curve, rows->id, n_id,
                             late ? rows->entry_row : NULL, 0);
  influence_state s = {1.0L, room(n_id, sizeof(long double)),
                       room(n_cause * n_id, sizeof(long double))};
  for (size_t j = 0; j < x.m; j++) {
    const double t = x.time[j];
    direct_influence(rows, curve, t, &s);
    assert(near(x.surv[j], (double)s.surv, 1e-14));
    assert(x.n_id[j] == ids_at(rows, curve, t, 0));
    assert(x.after[j] == ids_at(rows, curve, t, 1));
    for (size_t k = 0; k < n_cause; k++) {
      long double var = 0.0L;
      for (size_t c = 0; c < n_id; c++) var += s.d[k * n_id + c] * s.d[k * n_id + c];
      const double error = x.std_error[k * M + j];
      assert(near(error * error, (double)var, 1e-15));
    }
  }
  free(s.e);
  free(s.d);
}

static void test_direct(void) {
  for (uint64_t seed = 1; seed <= 40; seed++)
    for (int weighted = 0; weighted < 2; weighted++)
      for (int late = 0; late < 2; late++) {
        const subjects rows = draw_subjects(seed, 60, 2, 3, 12, weighted, late);
        for (int curve = 0; curve < 2; curve++) check_curve(&rows, curve, late);
        drop_subjects(rows);
      }
}

/* With one row per id it is Greenwood's variance, as in osv_aj() */
static void test_one_row_an_id(void) {
  const subjects rows = draw_subjects(3, 50, 1, 2, 50, 0, 0);
  int id[50];
  for (int i = 0; i < 50; i++) id[i] = i + 1;
  const result x = run_curve(&rows.table, 0, id, 50, NULL, 0);
  double greenwood = 0.0, surv = 1.0;
  for (size_t j = 0; j < x.m; j++) {
    const double n = x.n_risk[j], d = x.n_event[j];
    surv *= (n - d) / n;
    greenwood += d / n / (n - d);
    assert(near(x.std_error[j], surv * sqrt(greenwood), 1e-13));
  }
  drop_subjects(rows);
}

/* All rows at risk fail, so S is 0 and F is 1 for all weights, and the standard error is
 * 0. Sums that decrease to 0 as rows leave retain a rounding error, which here is
 * negative: one id with most rows fails at two times, and another one enters in
 * between. */
static void test_all_fail(void) {
  enum { N = 50, CENSORED = 42 };
  double time[N], entry[N] = {0}, weight[N];
  const double start[] = {0, N};
  int status[N], id[N], row[N];
  for (int i = 0; i < N; i++) {
    time[i] = i < CENSORED ? 1 : i == CENSORED ? 2 : 4;
    status[i] = i >= CENSORED;
    id[i] = i < CENSORED ? 1 : 2;
    row[i] = i + 1;
    weight[i] = 1.0 + i / 7.0;
  }
  entry[N - 1] = 3;
  id[N - 1] = 3;
  osv_table table =
      with_entries(table_of(time, status, NULL, start, 1, 2), entry, NULL, start);
  for (int weighted = 0; weighted < 2; weighted++) {
    const result x = run_curve(&table, 0, id, 3, row, 0);
    assert(x.m == 3 && x.surv[2] == 0.0 && near(x.cif[2], 1.0, 1e-15));
    assert(x.std_error[1] == 0.0 && x.std_error[2] == 0.0);
    table.n = table.entry_n = weight;
  }
}

/* Three ids, two scores: the sum of (1, 2)(1, 2)', (-3, 0)(-3, 0)', (0.5, 4)(0.5, 4)' */
static void test_variance(void) {
  const double u[] = {1, 2, -3, 0, 0.5, 4};
  double variance[4] = {NAN, NAN, NAN, NAN};
  osv_cluster_variance(u, 3, 2, variance);
  const double want[] = {10.25, 4, 4, 20}, none[4] = {0};
  assert(all_equal(variance, want, 4));
  osv_cluster_variance(u, 0, 2, variance);
  assert(all_equal(variance, none, 4));
}

/* Status codes: times that differ from those of the counts, and a poll that requests a
 * stop */
static void test_status(void) {
  const size_t n = OSV_POLL_ROWS;
  double *time = room(n, sizeof *time), *work = room(n, 16 * sizeof *work);
  int *status = room(n, sizeof *status), *id = room(n, sizeof *id);
  for (size_t i = 0; i < n; i++) id[i] = 1;
  const double start[] = {0, (double)n};
  const osv_table table = table_of(time, status, NULL, start, 1, 2);
  const osv_cluster_rows rows = {&table, id, NULL, 0};
  result x;
  double wrong = 1.0, n_risk = (double)n, zero = 0.0;
  osv_counts counts = {time, &n_risk, &zero, &zero, 1};
  const osv_cluster_out out = {x.n_id, x.after, x.surv,   x.cif,   x.std_error,
                               x.kept, &x.ids,  &x.start, &x.gains};
  assert(osv_cluster_aj(&rows, 0, &counts, 1, NULL, work, &out) == OSV_OK);
  assert(osv_cluster_aj(&rows, 0, &counts, 1, &stopping, work, &out) == OSV_EINTR);
  assert(osv_cluster_aj(&rows, 0, &counts, 1, &going, work, &out) == OSV_OK);
  counts.time = &wrong;
  assert(osv_cluster_aj(&rows, 0, &counts, 1, NULL, work, &out) == OSV_EORDER);
  free(time);
  free(work);
  free(status);
  free(id);
}

int main(void) {
  test_kept();
  test_by_hand();
  test_weights();
  test_entries();
  test_direct();
  test_one_row_an_id();
  test_all_fail();
  test_variance();
  test_status();
  return 0;
}
