/* Gray's test: by hand, invariants, and against direct sums; scores by id against
 * derivatives of the score. */
#include "direct_gray.h"
#include "sweep.h"

static test_run run_table(const osv_table *table, size_t k, int cause, double rho) {
  test_run run = new_run(k);
  osv_sweep sweep = sweep_of(&run, table, cause);
  for (; sweep.first_curve < table->n_curve; sweep.first_curve += k)
    assert(osv_gray(&sweep, rho, NULL, run.work, &run.out) == OSV_OK);
  return run;
}

/* Two groups of two by hand: cause 1 at 1 (A) and 3 (B), cause 2 at 2 (A). R = h (1 - F)
 * is 2 in both groups at time 1; at 3 only B is at risk, so nothing is compared. */
static void test_by_hand(void) {
  const double time[] = {1, 2, 3, 4}, start[] = {0, 2, 4};
  const int status[] = {1, 2, 1, 0};
  const osv_table table = table_of(time, status, NULL, start, 2, 3);
  const test_run run = run_table(&table, 2, 1, 0);
  assert(run.out.observed[0] == 1 && run.out.observed[1] == 1);
  assert(near(run.out.score[0], 0.5, 1e-15) && near(run.out.score[1], -0.5, 1e-15));
  assert(near(run.out.expected[0], 0.5, 1e-15) && near(run.out.expected[1], 1.5, 1e-15));
  check_run(&run, 1, 1e-14);
  drop_run(run);
}

/* Without competing events and with rho = 0 the score is that of the log-rank test. */
static void test_one_cause(void) {
  for (uint64_t seed = 1; seed <= 10; seed++) {
    const random_table x = draw_table(seed, 3, 2, 40);
    const test_run gray = run_table(&x.table, 3, 1, 0), plain = new_run(3);
    osv_sweep sweep = sweep_of(&plain, &x.table, 0);
    assert(osv_logrank(&sweep, OSV_WEIGHT_LOGRANK, 0, 0, NULL, plain.work, &plain.out) ==
           OSV_OK);
    for (size_t j = 0; j < 3; j++) {
      assert(near(gray.out.score[j], plain.out.score[j], 1e-12));
      assert(gray.out.observed[j] == plain.out.observed[j]);
    }
    drop_run(gray);
    drop_run(plain);
    drop_table(x);
  }
}

static void test_invariants(void) {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    const size_t k = 2 + seed % 3;
    const random_table x = draw_table(seed, 2 * k, 4, 40);
    for (int cause = 1; cause <= 3; cause++)
      for (int rho = 0; rho <= 1; rho++) {
        const test_run run = run_table(&x.table, k, cause, rho);
        check_run(&run, 1, 1e-10);
        double work[30];
        size_t rank;
        const double q =
            osv_quadratic_form(run.out.variance, run.out.score, k, work, &rank);
        assert(rank == k - 1 && q >= 0.0 && q < 1000.0);
        drop_run(run);
      }
    drop_table(x);
  }
}

/* A sweep in blocks equals a sweep over single times with all counts 1, and the sweep for
 * any number of groups (here with an empty third group) */
static void test_blocks(void) {
  for (uint64_t seed = 1; seed <= 12; seed++) {
    const size_t rows = 60 * seed;
    random_table x = draw_single_rows(seed, 4, rows);
    for (int cause = 1; cause <= 3; cause++)
      for (int rho = 0; rho <= 1; rho++) {
        x.table.n = NULL;
        const test_run runs = run_table(&x.table, 2, cause, rho);
        x.table.n = x.n;
        const test_run steps = run_table(&x.table, 2, cause, rho);
        check_same(&runs, &steps, 1e-12);
        const double start[] = {0, x.start[1], x.start[2], x.start[2]};
        const osv_table three = table_of(x.time, x.status, x.n, start, 3, 4);
        const test_run any = run_table(&three, 3, cause, rho);
        for (size_t i = 0; i < 2; i++) {
          assert(near(runs.out.score[i], any.out.score[i], 1e-10));
          for (size_t j = 0; j < 2; j++)
            assert(near(runs.out.variance[2 * i + j], any.out.variance[3 * i + j], 1e-9));
        }
        drop_run(runs);
        drop_run(steps);
        drop_run(any);
      }
    drop_table(x);
  }
}

/* Score and variance of random rows, with weights and entries, equal direct sums */
static void test_direct(void) {
  for (uint64_t seed = 1; seed <= 24; seed++)
    for (int kind = 0; kind < 8; kind++) {
      const size_t k = 2 + seed % 3;
      const int late = kind & 1, weighted = (kind & 2) != 0, rho = (kind & 4) != 0;
      const subjects rows = draw_subjects(seed, 60, k, 3, 1, weighted, late);
      static gray_time x[GRAY_TIMES];
      long double u[GRAY_GROUPS], v[GRAY_GROUPS * GRAY_GROUPS];
      const size_t m = gray_times(&rows, 1, rho, NULL, x);
      gray_score(x, m, k, u);
      gray_variance(x, m, k, v);
      const test_run run = run_table(&rows.table, k, 1, rho);
      for (size_t j = 0; j < k; j++) assert(near(run.out.score[j], (double)u[j], 1e-12));
      for (size_t i = 0; i < k * k; i++)
        assert(near(run.out.variance[i], (double)v[i], 1e-12));
      drop_run(run);
      drop_subjects(rows);
    }
}

/* Derivative of U by the weight of a row with (1 - F0)^rho fixed: central difference */
static void row_derivative(subjects *rows, size_t row, double rho, long double *u) {
  static gray_time x[GRAY_TIMES];
  const double step = 0x1p-16, weight = rows->weight[row];
  const size_t k = rows->n_curve, m = gray_times(rows, 1, rho, NULL, x);
  long double fixed[GRAY_TIMES], side[2][GRAY_GROUPS];
  for (size_t i = 0; i < m; i++) fixed[i] = x[i].loss;
  for (int i = 0; i < 2; i++) {
    rows->weight[row] = weight + (i ? step : -step);
    gray_times(rows, 1, rho, fixed, x);
    gray_score(x, m, k, side[i]);
  }
  rows->weight[row] = weight;
  for (size_t j = 0; j < k; j++) u[j] = (side[1][j] - side[0][j]) / (2.0L * step);
}

static osv_status scores_by_id(const subjects *rows, double rho, int late,
                               const osv_poll *poll, double *u) {
  size_t from[GRAY_GROUPS], entered[GRAY_GROUPS];
  const size_t k = rows->n_curve;
  const test_run run = new_run(k);
  double *work = room(osv_gray_ids_work(k), sizeof *work);
  const osv_id_scores out = {rows->id, late ? rows->entry_row : NULL, from, entered, u};
  osv_sweep sweep = sweep_of(&run, &rows->table, 1);
  const osv_status status = osv_gray_ids(&sweep, rho, poll, work, &out);
  free(work);
  drop_run(run);
  return status;
}

/* Scores by id of random rows, with weights and entries, are sums of weight times
 * derivative over the rows of the id; their sum over ids is the score of the test */
static void test_ids(void) {
  enum { N = 50, K = 3, IDS = 15 };
  for (uint64_t seed = 1; seed <= 10; seed++)
    for (int kind = 0; kind < 8; kind++) {
      const int late = kind & 1, weighted = (kind & 2) != 0, rho = (kind & 4) != 0;
      subjects rows = draw_subjects(seed, N, K, 3, IDS, weighted, late);
      double u[IDS * K] = {0}, sum[K] = {0};
      long double want[IDS * K] = {0};
      assert(scores_by_id(&rows, rho, late, NULL, u) == OSV_OK);
      for (size_t i = 0; i < N; i++) {
        long double derivative[GRAY_GROUPS];
        row_derivative(&rows, i, rho, derivative);
        for (size_t j = 0; j < K; j++)
          want[(size_t)(rows.id[i] - 1) * K + j] += rows.weight[i] * derivative[j];
      }
      for (size_t i = 0; i < IDS * K; i++) {
        assert(near(u[i], (double)want[i], 1e-8));
        sum[i % K] += u[i];
      }
      const test_run run = run_table(&rows.table, K, 1, rho);
      for (size_t j = 0; j < K; j++) assert(near(sum[j], run.out.score[j], 1e-11));
      drop_run(run);
      drop_subjects(rows);
    }
}

static void test_edges(void) {
  const double time[] = {1, 1, 2, 1}, start[] = {0, 2, 4, 4};
  const int censored[] = {0, 0, 0, 0}, other[] = {2, 2, 2, 2}, own[] = {1, 1, 1, 1};
  const int *const status[] = {censored, other, own};
  for (size_t s = 0; s < 3; s++) {
    const osv_table table =
        table_of(time, status[s], NULL, start, 3, 3); /* group 3 is empty */
    const test_run run = run_table(&table, 3, 1, 0);
    check_run(&run, 1, 1e-14);
    for (size_t i = 0; i < 9; i++) assert(isfinite(run.out.variance[i]));
    assert(run.out.observed[0] == (s == 2 ? 2.0 : 0.0) && run.out.observed[2] == 0.0);
    drop_run(run);
  }
  const double one[] = {0, 1, 1, 1};
  const osv_table single = table_of(time, own, NULL, one, 3, 3);
  const test_run run = run_table(&single, 3, 1, 0);
  assert(run.out.observed[0] == 1 && run.out.expected[0] == 1 && run.out.score[0] == 0);
  drop_run(run);
}

/* If curves that are far apart have different censoring, F0 may exceed 1 while both
 * groups are at risk: a fractional power of 1 - F0 must be NaN. */
static void test_pooled_past_one(void) {
  const double time[] = {1, 1, 4, 2, 3}, n[] = {90, 9, 1, 9, 1}, start[] = {0, 3, 5};
  const int status[] = {1, 0, 0, 1, 1};
  const osv_table table = table_of(time, status, n, start, 2, 2);
  test_run run = run_table(&table, 2, 1, 0);
  check_run(&run, 1, 1e-12);
  drop_run(run);
  run = run_table(&table, 2, 1, 0.5);
  assert(isnan(run.out.score[0]) && isnan(run.out.variance[0]));
  drop_run(run);
}

static void test_stops(void) {
  const random_table x = draw_table(1, 2, 3, 2 * OSV_POLL_ROWS);
  const test_run run = new_run(2);
  osv_sweep sweep = sweep_of(&run, &x.table, 1);
  assert(osv_gray(&sweep, 0, &stopping, run.work, &run.out) == OSV_EINTR);
  assert(osv_gray(&sweep, 0, &going, run.work, &run.out) == OSV_OK);
  size_t from[2], entered[2];
  int *id = room(4 * (size_t)OSV_POLL_ROWS, sizeof *id);
  double u[2] = {0}, *work = room(osv_gray_ids_work(2), sizeof *work);
  for (size_t i = 0; i < 4 * (size_t)OSV_POLL_ROWS; i++) id[i] = 1;
  const osv_id_scores scores = {id, NULL, from, entered, u};
  assert(osv_gray_ids(&sweep, 0, &stopping, work, &scores) == OSV_EINTR);
  assert(osv_gray_ids(&sweep, 0, &going, work, &scores) == OSV_OK);
  free(work);
  free(id);
  drop_run(run);
  drop_table(x);
}

int main(void) {
  test_by_hand();
  test_one_cause();
  test_invariants();
  test_blocks();
  test_direct();
  test_ids();
  test_edges();
  test_pooled_past_one();
  test_stops();
  return 0;
}
