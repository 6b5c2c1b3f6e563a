/* r_permute - glue of the permutation tests: osv_permute() and osv_enumerate(). */
#include "r_api.h"

#include <math.h>
#include <string.h>

enum { SCORE, VARIANCE, STATISTIC, RANK, AT_LEAST, EACH };
static const char *names[] = {"score",    "variance", "statistic", "rank",
                              "at_least", "each",     ""};

/* Number of rows that are read between two progress reports to R */
enum { ROWS_A_CALL = 1 << 21 };

/* The contents of the list rows_ of r_permute() */
typedef struct {
  size_t n, n_unit, k;
  const double *time;
  const int *status;
  const size_t *start, *unit;
  osv_units units;
} permute_rows;

static permute_rows read_rows(SEXP rows_, size_t k) {
  SEXP unit_ = r_element(rows_, "unit"), label_ = r_element(rows_, "label");
  permute_rows rows = {.n = (size_t)Rf_xlength(r_element(rows_, "time")),
                       .n_unit = (size_t)Rf_xlength(label_),
                       .k = k,
                       .time = REAL_RO(r_element(rows_, "time")),
                       .status = INTEGER_RO(r_element(rows_, "status")),
                       .start = r_sizes(r_element(rows_, "start"), 0),
                       .unit = Rf_isNull(unit_) ? NULL : r_sizes(unit_, 1)};
  rows.units =
      (osv_units){.label = INTEGER_RO(label_),
                  .start = r_sizes(r_element(rows_, "unit_start"), 0),
                  .n_stratum = (size_t)Rf_xlength(r_element(rows_, "start")) - 1};
  int *pool = (int *)R_alloc(rows.n_unit + 1, sizeof *pool);
  size_t *moved = (size_t *)R_alloc(rows.units.n_stratum + 1, sizeof *moved);
  rows.units.pool = pool;
  rows.units.moved = moved;
  if (rows.start[rows.units.n_stratum] != rows.n ||
      rows.units.start[rows.units.n_stratum] != rows.n_unit ||
      (!rows.unit && rows.n != rows.n_unit))
    Rf_error("oligosurv internal error: lengths of rows to permute"); /* # nocov */
  osv_pool_labels(&rows.units, k, (size_t *)R_alloc(k, sizeof(size_t)), pool, moved);
  return rows;
}

/* Scores of the units for one weight of the log-rank family, the sums of the scores of
 * their rows */
static void unit_scores(const permute_rows *rows, osv_weight weight, double rho,
                        double gamma, double *row, double *score) {
  for (size_t s = 0; s < rows->units.n_stratum; s++) {
    const size_t lo = rows->start[s], hi = rows->start[s + 1];
    const osv_status status = osv_logrank_scores(rows->time + lo, rows->status + lo,
                                                 hi - lo, weight, rho, gamma, row + lo);
    if (status != OSV_OK) r_abort_status(status);
  }
  if (row == score) return; /* one row per unit */
  memset(score, 0, rows->n_unit * sizeof *score);
  for (size_t i = 0; i < rows->n; i++) score[rows->unit[i]] += row[i];
}

/* A test of the log-rank family; out: its scores and their covariance */
static osv_statistic rank_statistic(const permute_rows *rows, SEXP test_,
                                    const double *contrast, const osv_test_out *out) {
  double *row = (double *)R_alloc(rows->n + 1, sizeof *row), *score = row;
  if (rows->unit) score = (double *)R_alloc(rows->n_unit + 1, sizeof *score);
  unit_scores(rows, (osv_weight)Rf_asInteger(r_element(test_, "weight")),
              Rf_asReal(r_element(test_, "rho")), Rf_asReal(r_element(test_, "gamma")),
              row, score);
  double *work = (double *)R_alloc(rows->k * (rows->k + 2), sizeof *work);
  osv_rank_covariance(&rows->units, score, rows->k, work, out->variance);
  osv_rank_test *test = (osv_rank_test *)R_alloc(1, sizeof *test);
  *test = (osv_rank_test){.n_unit = rows->n_unit,
                          .k = rows->k,
                          .score = score,
                          .variance = out->variance,
                          .contrast = contrast,
                          .sum = out->score,
                          .work = work};
  return (osv_statistic){osv_rank_statistic, test, rows->n_unit + 1};
}

/* The largest of q Fleming-Harrington tests of two groups; out: their scores and
 * covariance. A variance of which only rounding error remains is set to 0. */
static osv_statistic max_statistic(const permute_rows *rows, SEXP power_,
                                   const osv_test_out *out) {
  const size_t q = (size_t)Rf_xlength(power_) / 2, n = rows->n_unit;
  const double *power = REAL_RO(power_);
  double *score = (double *)R_alloc(q * n + 1, sizeof *score);
  double *row = (double *)R_alloc(rows->n + 1, sizeof *row);
  double *scale = (double *)R_alloc(2 * q, sizeof *scale);
  for (size_t a = 0; a < q; a++)
    unit_scores(rows, OSV_WEIGHT_FLEMING_HARRINGTON, power[2 * a], power[2 * a + 1],
                rows->unit ? row : score + a * n, score + a * n);
  osv_max_covariance(&rows->units, score, q, out->variance);
  for (size_t a = 0; a < q; a++) {
    double square = 0.0;
    for (size_t i = 0; i < n; i++) square += score[a * n + i] * score[a * n + i];
    double *const v = out->variance + a * q + a;
    if (!(*v > 1e-20 * square)) *v = 0.0;
    scale[a] = *v > 0.0 ? 1.0 / sqrt(*v) : 0.0;
  }
  osv_max_test *test = (osv_max_test *)R_alloc(1, sizeof *test);
  *test = (osv_max_test){.n_unit = n,
                         .q = q,
                         .score = score,
                         .scale = scale,
                         .sum = out->score,
                         .at_least = scale + q};
  return (osv_statistic){osv_max_statistic, test, q * n + 1};
}

/* Sets the limit of each single test to its observed value, so that from now on each test
 * is counted too */
static void count_single_tests(osv_max_test *test) {
  test->limit = (double *)R_alloc(test->q, sizeof(double));
  for (size_t a = 0; a < test->q; a++) {
    test->limit[a] = fabs(test->sum[a]) * test->scale[a] * (1.0 - 1e-9);
    if (test->limit[a] < 1e-12) test->limit[a] = 0.0;
    test->at_least[a] = 0.0;
  }
}

/* Degrees of freedom; for a MaxCombo test the number of its tests that have a variance */
static size_t rank_of(const osv_test_out *out, const double *contrast, size_t m,
                      int largest) {
  size_t rank = 0;
  if (largest) {
    for (size_t a = 0; a < m; a++) rank += out->variance[a * m + a] > 0.0;
  } else {
    double *work = (double *)R_alloc(m * (m + 2), sizeof *work);
    osv_test_statistic(out->variance, out->score, contrast, m, work, &rank);
  }
  return rank;
}

/* Gray's test, with its scratch; out: its score and variance */
static osv_statistic gray_statistic(const permute_rows *rows, SEXP rows_, SEXP test_,
                                    const double *contrast, const osv_test_out *out,
                                    const osv_poll *poll) {
  const size_t k = rows->k;
  size_t largest = 1;
  for (size_t s = 0; s < rows->units.n_stratum; s++)
    if (rows->start[s + 1] - rows->start[s] > largest)
      largest = rows->start[s + 1] - rows->start[s];
  osv_gray_test *test = (osv_gray_test *)R_alloc(1, sizeof *test);
  *test = (osv_gray_test){.time = rows->time,
                          .status = rows->status,
                          .unit = rows->unit,
                          .start = rows->start,
                          .n_stratum = rows->units.n_stratum,
                          .k = k,
                          .contrast = contrast,
                          .rho = Rf_asReal(r_element(test_, "rho")),
                          .poll = poll,
                          .curve_time = (double *)R_alloc(largest, sizeof(double)),
                          .curve_status = (int *)R_alloc(largest, sizeof(int)),
                          .curve_start = (double *)R_alloc(k + 1, sizeof(double)),
                          .next = (size_t *)R_alloc(k, sizeof(size_t)),
                          .work = (double *)R_alloc(osv_gray_work(k), sizeof(double)),
                          .out = *out};
  osv_table *table = (osv_table *)R_alloc(1, sizeof *table);
  *table = (osv_table){.time = test->curve_time,
                       .status = test->curve_status,
                       .start = test->curve_start,
                       .n_curve = k,
                       .n_status = Rf_asInteger(r_element(rows_, "n_status"))};
  test->sweep = (osv_sweep *)R_alloc(1, sizeof *test->sweep);
  *test->sweep = r_new_sweep(table, k, Rf_asInteger(r_element(test_, "cause")));
  return (osv_statistic){osv_gray_statistic, test, (rows->n + 1) * k * k};
}

/* Evaluates the next `times` assignments. No R code may run between GetRNGstate() and
 * PutRNGstate(), because R's random number generator is in use. */
static osv_status evaluate(const permute_rows *rows, const osv_statistic *test,
                           double limit, size_t times, int exact, const osv_poll *poll,
                           int *label, double *at_least) {
  if (exact)
    return osv_enumerate(&rows->units, test, limit, times, poll, label, at_least);
  GetRNGstate();
  const osv_status status =
      osv_permute(&rows->units, test, limit, times, &r_uniform, poll, label, at_least);
  PutRNGstate();
  return status;
}

/* .Call glue of osv_permute() and osv_enumerate(), with S strata.
 *
 * rows_    list: time double[n], status int[n], by stratum and ascending in time
 *                start double[S + 1], rows of the strata
 *                unit double[n], 1-based, or NULL for one row per unit
 *                label int[units], from 0
 *                unit_start double[S + 1], units of the strata
 *                n_status int
 * test_    list: weight (index of osv_weight), rho, gamma; without weight Gray's test
 *                cause int, for Gray's test
 *                contrast double[k] or NULL
 *                power double[2, q], rho and gamma of each, for the largest of q
 *                  Fleming-Harrington tests of two groups, or NULL
 * times_   number of permutations; with exact_ TRUE the number of all assignments
 * report_  function of the number done so far
 *
 * Value: list, with m = k or q
 *   score double[m], variance double[m, m], statistic and rank double[1], as observed
 *   at_least double[1]  assignments whose statistic is not below the observed one, up to
 *                       1e-9 relative
 *   each double[q]      the same for each of the q tests, or NULL
 */
SEXP r_permute(SEXP rows_, SEXP n_group_, SEXP test_, SEXP times_, SEXP exact_,
               SEXP report_) {
  const size_t k = (size_t)Rf_asInteger(n_group_);
  const permute_rows rows = read_rows(rows_, k);
  const double times = Rf_asReal(times_);
  SEXP contrast_ = r_element(test_, "contrast"), power_ = r_element(test_, "power");
  const double *contrast = Rf_isNull(contrast_) ? NULL : REAL_RO(contrast_);
  const int largest = !Rf_isNull(power_);
  const size_t m = largest ? (size_t)Rf_xlength(power_) / 2 : k;
  double *scratch = (double *)R_alloc(2 * k + m + m * m, sizeof *scratch);
  const osv_test_out out = {scratch, scratch + k, scratch + 2 * k, scratch + 2 * k + m};
  r_guard guard;
  r_guard_open(&guard);
  const osv_statistic test =
      largest ? max_statistic(&rows, power_, &out)
      : Rf_isNull(r_element(test_, "weight"))
          ? gray_statistic(&rows, rows_, test_, contrast, &out, &guard.poll)
          : rank_statistic(&rows, test_, contrast, &out);

  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *score = r_new_column(ans, SCORE, (R_xlen_t)m);
  SET_VECTOR_ELT(ans, VARIANCE, Rf_allocMatrix(REALSXP, (int)m, (int)m));
  double *statistic = r_new_column(ans, STATISTIC, 1);
  double *at_least = r_new_column(ans, AT_LEAST, 1);
  osv_status status = test.fn(test.ctx, rows.units.label, statistic);
  if (status != OSV_OK) r_abort_status(status);
  memcpy(score, out.score, m * sizeof *score);
  memcpy(REAL(VECTOR_ELT(ans, VARIANCE)), out.variance, m * m * sizeof *score);
  const size_t rank = rank_of(&out, contrast, m, largest);
  r_new_column(ans, RANK, 1)[0] = (double)rank;

  *at_least = 0.0;
  if (largest) count_single_tests(test.ctx);
  int *label = (int *)R_alloc(rows.n_unit + 1, sizeof *label);
  memcpy(label, rows.units.label, rows.n_unit * sizeof *label);
  const double limit = *statistic * (1.0 - 1e-9);
  const double step = ceil((double)ROWS_A_CALL / (double)test.cost);
  for (double done = 0.0; rank > 0 && !isnan(limit) && done < times; done += step) {
    if (done > 0.0) r_report(report_, done);
    status = evaluate(&rows, &test, limit, (size_t)fmin(step, times - done),
                      Rf_asLogical(exact_), &guard.poll, label, at_least);
    if (status != OSV_OK) r_abort_status(status);
  }
  if (largest)
    memcpy(r_new_column(ans, EACH, (R_xlen_t)m), ((osv_max_test *)test.ctx)->at_least,
           m * sizeof *score);
  UNPROTECT(1);
  return ans;
}
