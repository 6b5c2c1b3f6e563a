/* The log-rank family: by hand, published numbers, invariants; scores by row and by id
 * against direct sums. */
#include "direct.h"
#include "sweep.h"

static test_run run_table(const osv_table *table, size_t k, osv_weight weight, double rho,
                          double gamma) {
  test_run run = new_run(k);
  osv_sweep sweep = sweep_of(&run, table, 0);
  for (; sweep.first_curve < table->n_curve; sweep.first_curve += k)
    assert(osv_logrank(&sweep, weight, rho, gamma, NULL, run.work, &run.out) == OSV_OK);
  return run;
}

/* Two groups of two by hand: events at 1 (A), 2 (B), 3 (A), censoring at 4 (B)
 *   E_A = 2/4 + 1/3 + 1/2 = 4/3,  V = 1/4 + 2/9 + 1/4 = 13/18 */
static void test_by_hand(void) {
  const double time[] = {1, 3, 2, 4}, start[] = {0, 2, 4};
  const int status[] = {1, 1, 1, 0};
  const osv_table table = table_of(time, status, NULL, start, 2, 2);
  test_run run = run_table(&table, 2, OSV_WEIGHT_LOGRANK, 0, 0);
  assert(run.out.observed[0] == 2 && run.out.observed[1] == 1);
  assert(near(run.out.expected[0], 4.0 / 3, 1e-15));
  assert(near(run.out.score[0], 2.0 / 3, 1e-15));
  assert(near(run.out.variance[0], 13.0 / 18, 1e-15));
  check_run(&run, 1, 1e-14);
  drop_run(run);
  run = run_table(&table, 2, OSV_WEIGHT_GEHAN, 0, 0); /* 4 (1/2) - 3 (1/3) + 2 (1/2) */
  assert(near(run.out.score[0], 2.0, 1e-15));
  assert(near(run.out.variance[0], 16.0 / 4 + 9 * 2.0 / 9 + 4.0 / 4, 1e-15));
  drop_run(run);
  run = run_table(&table, 2, OSV_WEIGHT_TARONE_WARE, 0, 0);
  assert(near(run.out.score[0], 2 * 0.5 - sqrt(3) / 3 + sqrt(2) / 2, 1e-15));
  drop_run(run);
  run = run_table(&table, 2, OSV_WEIGHT_PETO_PETO, 0, 0); /* S~ = 4/5, 3/5, 2/5 */
  assert(near(run.out.score[0], 0.8 / 2 - 0.6 / 3 + 0.4 / 2, 1e-15));
  drop_run(run);
  run =
      run_table(&table, 2, OSV_WEIGHT_FLEMING_HARRINGTON, 1, 1); /* S(t-) = 1, 3/4, 1/2 */
  assert(near(run.out.score[0], -0.75 * 0.25 / 3 + 0.25 / 2, 1e-15));
  drop_run(run);
}

/* Freireich 1963: chi-square 16.79, 19.25 and 10.75 events expected */
static void test_freireich(void) {
  const double time[] = {6,  6,  7,  9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25,
                         32, 34, 35, 1, 2,  3,  4,  5,  8,  11, 12, 15, 17, 22, 23};
  const int status[] = {1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0,
                        0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const double n[] = {3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                      2, 1, 1, 2, 2, 1, 2, 2, 4, 2, 2, 1, 1, 1, 1};
  const double start[] = {0, 18, 30};
  const osv_table table = table_of(time, status, n, start, 2, 2);
  const test_run run = run_table(&table, 2, OSV_WEIGHT_LOGRANK, 0, 0);
  assert(run.out.observed[0] == 9 && run.out.observed[1] == 21);
  assert(near(run.out.expected[0], 19.2505, 1e-5));
  assert(near(run.out.expected[1], 10.7495, 1e-5));
  double work[8];
  size_t rank;
  assert(near(osv_quadratic_form(run.out.variance, run.out.score, 2, work, &rank),
              16.7929, 1e-5));
  assert(rank == 1);
  drop_run(run);
}

/* Random tables: invariants for each weight, and results that add up over strata */
static void test_invariants(void) {
  for (int weight = OSV_WEIGHT_LOGRANK; weight <= OSV_WEIGHT_KAPLAN_MEIER; weight++)
    for (uint64_t seed = 1; seed <= 8; seed++) {
      const random_table x = draw_table(seed, 6, (int)(2 + seed % 3), 40);
      const test_run both = run_table(&x.table, 3, (osv_weight)weight, 0.5, 1);
      check_run(&both, 1000, 1e-12);
      check_diagonal(&both);
      test_run sum = new_run(3);
      osv_sweep sweep = sweep_of(&sum, &x.table, 0);
      for (; sweep.first_curve < 6; sweep.first_curve += 3)
        assert(osv_logrank(&sweep, (osv_weight)weight, 0.5, 1, NULL, sum.work,
                           &sum.out) == OSV_OK);
      assert(all_equal(sum.out.variance, both.out.variance, 9));
      drop_run(sum);
      drop_run(both);
      drop_table(x);
    }
}

/* A sweep in blocks, and a sweep in two parts, equal a sweep over single times with all
 * counts 1 */
static void test_blocks(void) {
  for (uint64_t seed = 1; seed <= 12; seed++)
    for (int weight = OSV_WEIGHT_LOGRANK; weight <= OSV_WEIGHT_KAPLAN_MEIER; weight++) {
      random_table x = draw_single_rows(seed, 3, 50 * seed);
      const test_run runs = run_table(&x.table, 2, (osv_weight)weight, 0.5, 1);
      x.table.n = x.n;
      const test_run steps = run_table(&x.table, 2, (osv_weight)weight, 0.5, 1);
      check_same(&runs, &steps, 1e-13);
      x.table.n = NULL;
      if (weight <= OSV_WEIGHT_TARONE_WARE) {
        const test_run parts = new_run(2);
        size_t cut[2], start[] = {0, 50 * seed}, end[] = {50 * seed, 100 * seed};
        osv_find_cut(&x.table, 0.0, cut);
        osv_sweep sweep = sweep_of(&parts, &x.table, 0);
        for (int half = 0; half < 2; half++) {
          sweep.from = half ? cut : start;
          sweep.to = half ? end : cut;
          assert(osv_logrank(&sweep, (osv_weight)weight, 0, 0, NULL, parts.work,
                             &parts.out) == OSV_OK);
        }
        check_same(&runs, &parts, 1e-13);
        drop_run(parts);
      }
      drop_run(runs);
      drop_run(steps);
      drop_table(x);
    }
}

static void test_edges(void) {
  const double time[] = {1, 1, 2}, start[] = {0, 2, 3, 3};
  const int censored[] = {0, 0, 0}, events[] = {1, 1, 1};
  const osv_table none = table_of(time, censored, NULL, start, 3, 2);
  test_run run = run_table(&none, 3, OSV_WEIGHT_LOGRANK, 0, 0); /* group 3 is empty */
  for (size_t i = 0; i < 9; i++) assert(run.out.variance[i] == 0.0);
  for (size_t i = 0; i < 3; i++)
    assert(run.out.score[i] == 0 && run.out.observed[i] == 0);
  drop_run(run);
  const osv_table all = table_of(time, events, NULL, start, 3, 2);
  run = run_table(&all, 3, OSV_WEIGHT_LOGRANK, 0, 0);
  check_run(&run, 1, 1e-15);
  assert(near(run.out.expected[0], 4.0 / 3, 1e-15) && run.out.expected[2] == 0.0);
  drop_run(run);
  const double one[] = {0, 1, 1, 1};
  const osv_table single = table_of(time, events, NULL, one, 3, 2);
  run = run_table(&single, 3, OSV_WEIGHT_LOGRANK, 0, 0); /* n = 1: no variance */
  assert(run.out.observed[0] == 1 && run.out.expected[0] == 1 && run.out.score[0] == 0);
  assert(run.out.variance[0] == 0.0);
  drop_run(run);
}

/* Scores by id of a table with one stratum; u[n_id * k] */
static osv_status scores_by_id(const subjects *rows, osv_weight weight, int late,
                               const osv_poll *poll, double *u) {
  size_t from[8], entered[8];
  double work[8];
  const test_run run = new_run(rows->n_curve);
  const osv_id_scores out = {rows->id, late ? rows->entry_row : NULL, from, entered, u};
  osv_sweep sweep = sweep_of(&run, &rows->table, 0);
  const osv_status status = osv_logrank_ids(&sweep, weight, 0, 0, poll, work, &out);
  drop_run(run);
  return status;
}

/* Events at 1 (A), 2 (B), 3 (A), censoring at 4 (B); hazards 1/4, 1/3, 1/2, and n_A / n
 * is 1/2, 1/3, 1/2. The scores U_A of the subjects are
 *   A at 1:   (1 - 1/4) (1/2)
 *   A at 3:   -1/4 (1/2) - 1/3 (2/3) + 1/2 (1/2)
 *   B at 2:   1/4 (1/2) - (1 - 1/3) (1/3)
 *   B at 4:   1/4 (1/2) + 1/3 (1/3) + 1/2 (1/2)
 * and an id with the second and third subject has the sum of their scores. */
static void test_ids_by_hand(void) {
  subjects rows = new_subjects(4, 2, 2, 3);
  const double time[] = {1, 3, 2, 4}, second = -1.0 / 8 - 2.0 / 9 + 1.0 / 4;
  const int id[] = {3, 1, 1, 2};
  for (size_t i = 0; i < 4; i++) {
    rows.time[i] = time[i];
    rows.status[i] = i < 3;
    rows.curve[i] = i >= 2;
    rows.id[i] = id[i];
  }
  make_table(&rows, 0, 0);
  double u[6] = {0};
  assert(scores_by_id(&rows, OSV_WEIGHT_LOGRANK, 0, NULL, u) == OSV_OK);
  const double want[] = {second + 1.0 / 8 - 2.0 / 9, 1.0 / 8 + 1.0 / 9 + 1.0 / 4,
                         3.0 / 8};
  for (size_t c = 0; c < 3; c++)
    assert(near(u[2 * c], want[c], 1e-15) && near(u[2 * c + 1], -want[c], 1e-15));
  drop_subjects(rows);
}

/* Scores by id of random rows, with weights, entries and several rows per id, are sums
 * over the rows of the id; their sum over ids is the score of the test */
static void test_ids(void) {
  enum { N = 70, K = 3, IDS = 20 };
  for (uint64_t seed = 1; seed <= 20; seed++)
    for (int kind = 0; kind < 8; kind++) {
      const int weighted = kind & 1, late = (kind & 2) != 0, gehan = (kind & 4) != 0;
      const osv_weight weight = gehan ? OSV_WEIGHT_GEHAN : OSV_WEIGHT_LOGRANK;
      const subjects rows = draw_subjects(seed, N, K, 3, IDS, weighted, late);
      static long double row[N * K];
      double u[IDS * K] = {0}, sum[K] = {0};
      long double want[IDS * K] = {0};
      assert(scores_by_id(&rows, weight, late, NULL, u) == OSV_OK);
      direct_logrank(&rows, gehan, row);
      for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < K; j++)
          want[(size_t)(rows.id[i] - 1) * K + j] += row[i * K + j];
      for (size_t i = 0; i < IDS * K; i++) {
        assert(near(u[i], (double)want[i], 1e-12));
        sum[i % K] += u[i];
      }
      const test_run run = run_table(&rows.table, K, weight, 0, 0);
      for (size_t j = 0; j < K; j++) assert(near(sum[j], run.out.score[j], 1e-11));
      drop_run(run);
      drop_subjects(rows);
    }
}

/* Long sweeps poll for interrupts */
static void test_stops(void) {
  const random_table x = draw_table(1, 2, 2, 2 * OSV_POLL_ROWS);
  const test_run run = new_run(2);
  osv_sweep sweep = sweep_of(&run, &x.table, 0);
  assert(osv_logrank(&sweep, OSV_WEIGHT_LOGRANK, 0, 0, &stopping, run.work, &run.out) ==
         OSV_EINTR);
  assert(osv_logrank(&sweep, OSV_WEIGHT_LOGRANK, 0, 0, &going, run.work, &run.out) ==
         OSV_OK);
  size_t from[2], entered[2];
  int *id = room(4 * (size_t)OSV_POLL_ROWS, sizeof *id);
  double u[2] = {0}, work[2];
  for (size_t i = 0; i < 4 * (size_t)OSV_POLL_ROWS; i++) id[i] = 1;
  const osv_id_scores scores = {id, NULL, from, entered, u};
  assert(osv_logrank_ids(&sweep, OSV_WEIGHT_LOGRANK, 0, 0, &stopping, work, &scores) ==
         OSV_EINTR);
  assert(osv_logrank_ids(&sweep, OSV_WEIGHT_LOGRANK, 0, 0, &going, work, &scores) ==
         OSV_OK);
  free(id);
  drop_run(run);
  drop_table(x);
}

int main(void) {
  assert(osv_logrank_work(3) == 15);
  test_by_hand();
  test_freireich();
  test_invariants();
  test_blocks();
  test_ids_by_hand();
  test_ids();
  test_edges();
  test_stops();
  return 0;
}
