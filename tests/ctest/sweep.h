/* sweep - random event tables and sweeps over them, for the k-sample tests. */
#ifndef OSV_SWEEP_TEST_H
#define OSV_SWEEP_TEST_H

#include "check.h"

typedef struct {
  osv_table table;
  double *time, *n, *start;
  int *status;
} random_table;

/* Random curves of `rows` rows each. The next time is 0 .. step - 1 after the previous
 * one. */
static inline random_table draw_table_by(uint64_t seed, size_t n_curve, int n_status,
                                         size_t rows, uint64_t step) {
  random_table x = {.time = room(n_curve * rows, sizeof(double)),
                    .n = room(n_curve * rows, sizeof(double)),
                    .start = room(n_curve + 1, sizeof(double)),
                    .status = room(n_curve * rows, sizeof(int))};
  for (size_t c = 0; c < n_curve; c++) {
    double t = 0.0;
    for (size_t i = c * rows; i < (c + 1) * rows; i++) {
      x.time[i] = t += (double)(draw(&seed) % step);
      x.n[i] = (double)(draw(&seed) % 4 + 1);
      x.status[i] = (int)(draw(&seed) % (uint64_t)n_status);
    }
    x.start[c + 1] = (double)((c + 1) * rows);
  }
  x.table = table_of(x.time, x.status, x.n, x.start, n_curve, n_status);
  return x;
}

/* A table with few distinct times, so that ties are common */
static inline random_table draw_table(uint64_t seed, size_t n_curve, int n_status,
                                      size_t rows) {
  return draw_table_by(seed, n_curve, n_status, rows, 3);
}

/* A table with one row per subject and many distinct times. There are almost no ties,
 * some, or many. */
static inline random_table draw_single_rows(uint64_t seed, int n_status, size_t rows) {
  const uint64_t step[] = {1000000, 100, 8};
  random_table x = draw_table_by(seed, 2, n_status, rows, step[seed % 3]);
  for (size_t i = 0; i < 2 * rows; i++) x.n[i] = 1.0;
  x.table.n = NULL;
  return x;
}

static inline void drop_table(random_table x) {
  free(x.time);
  free(x.n);
  free(x.start);
  free(x.status);
}

/* Results of a test of k groups, and the memory of its sweep. column: for each curve the
 * number at risk, the events, the other events, and all who leave. */
typedef struct {
  size_t k;
  osv_test_out out;
  size_t *at;
  double *column, *work;
} test_run;

static inline test_run new_run(size_t k) {
  return (test_run){k,
                    {room(k, sizeof(double)), room(k, sizeof(double)),
                     room(k, sizeof(double)), room(k * k, sizeof(double))},
                    room(2 * k, sizeof(size_t)),
                    room(4 * k, sizeof(double)),
                    room(osv_gray_work(k), sizeof(double))};
}

static inline osv_sweep sweep_of(const test_run *run, const osv_table *table, int cause) {
  const size_t k = run->k;
  double *const column = run->column;
  return (osv_sweep){.table = table,
                     .k = k,
                     .cause = cause,
                     .at = run->at,
                     .entry_at = run->at + k,
                     .n_risk = column,
                     .d = column + k,
                     .other = column + 2 * k,
                     .left = column + 3 * k};
}

static inline void drop_run(test_run run) {
  free(run.out.observed);
  free(run.out.expected);
  free(run.out.score);
  free(run.out.variance);
  free(run.at);
  free(run.column);
  free(run.work);
}

/* Asserts properties of any test: the scores sum to 0, and so does each row of the
 * variance, which is symmetric. weight: the largest weight of any time */
static inline void check_run(const test_run *run, double weight, double tol) {
  const size_t k = run->k;
  const osv_test_out *out = &run->out;
  double score = 0.0, size = 0.0, scale = 0.0;
  for (size_t i = 0; i < k; i++) {
    score += out->score[i];
    size = fmax(size, out->expected[i] + out->observed[i]);
    for (size_t j = 0; j < k; j++) scale = fmax(scale, fabs(out->variance[i * k + j]));
  }
  assert(fabs(score) <= tol * weight * fmax(1.0, size));
  for (size_t i = 0; i < k; i++) {
    double sum = 0.0;
    for (size_t j = 0; j < k; j++) {
      sum += out->variance[i * k + j];
      assert(fabs(out->variance[i * k + j] - out->variance[j * k + i]) <= tol * scale);
    }
    assert(fabs(sum) <= tol * (double)k * scale);
  }
}

/* Asserts that the results of two tests are equal up to tol */
static inline void check_same(const test_run *a, const test_run *b, double tol) {
  for (size_t j = 0; j < a->k; j++) {
    assert(a->out.observed[j] == b->out.observed[j]);
    assert(near(a->out.expected[j], b->out.expected[j], tol));
    assert(near(a->out.score[j], b->out.score[j], tol));
  }
  for (size_t i = 0; i < a->k * a->k; i++)
    assert(near(a->out.variance[i], b->out.variance[i], tol));
}

static inline void check_diagonal(const test_run *run) {
  for (size_t i = 0; i < run->k; i++) assert(run->out.variance[i * run->k + i] >= 0.0);
}

#endif
