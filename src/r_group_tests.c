/* r_group_tests - log-rank and Gray's tests of groups. */
#include "r_api.h"

#include <Rmath.h>
#include <string.h>

enum { N, OBSERVED, EXPECTED, SCORE, VARIANCE, STATISTIC, RANK, P_VALUE };
static r_words names = {
    {"n", "observed", "expected", "score", "variance", "statistic", "rank", "p.value"},
    NULL};

/* Can the sums of a test be split into early and late times? This needs weights that
 * depend only on the risk set, and a long table with one stratum and one subject per
 * row. */
static int can_split(const osv_sweep *sweep, osv_weight weight) {
  const osv_table *table = sweep->table;
  return osv_sweep_has_blocks(sweep) && table->n_curve == 2 &&
         table->start[2] > R_LAZY_ROWS && weight <= OSV_WEIGHT_TARONE_WARE;
}

static void add_part(const osv_test_out *sum, const osv_test_out *part, size_t k) {
  for (size_t j = 0; j < k; j++) {
    sum->observed[j] += part->observed[j];
    sum->expected[j] += part->expected[j];
    sum->score[j] += part->score[j];
  }
  for (size_t i = 0; i < k * k; i++) sum->variance[i] += part->variance[i];
}

/* The early and the late times of a log-rank test of two groups */
enum { PAIR = 2 };
typedef struct {
  osv_weight weight;
  size_t edge[3][PAIR]; /* rows at which the halves start and end in each curve */
  osv_sweep sweep[2];
  osv_test_out part[2];
  double *work[2];
} halves;

static osv_status run_half(void *ctx, size_t half, const osv_poll *poll) {
  halves *const x = ctx;
  osv_sweep *const sweep = x->sweep + half;
  sweep->from = x->edge[half];
  sweep->to = x->edge[half + 1];
  return osv_logrank(sweep, x->weight, 0.0, 0.0, poll, x->work[half], x->part + half);
}

/* Adds the early times to a test and then the late ones. The order does not depend on the
 * number of threads, so neither do the sums. */
static void run_halves(const osv_table *table, osv_weight weight, int threads,
                       const osv_test_out *out) {
  const size_t start = (size_t)table->start[0], middle = (size_t)table->start[1];
  const size_t end = (size_t)table->start[2];
  halves x = {.weight = weight, .edge = {{start, middle}, {0, 0}, {middle, end}}};
  osv_find_cut(table, 0.0, x.edge[1]);
  double sum[2][PAIR * (3 + PAIR)] = {{0.0}};
  for (int half = 0; half < 2; half++) {
    double *const s = sum[half];
    x.part[half] = (osv_test_out){s, s + PAIR, s + 2 * PAIR, s + 3 * PAIR};
    x.sweep[half] = r_new_sweep(table, PAIR, 0);
    x.work[half] = r_scratch(osv_logrank_work(PAIR));
  }
  r_share(threads, 2, run_half, &x);
  for (int half = 0; half < 2; half++) add_part(out, x.part + half, PAIR);
}

/* State of a log-rank test over all strata */
typedef struct {
  osv_sweep *sweep;
  osv_weight weight;
  double rho, gamma, *work;
  const osv_test_out *out;
} strata;

static osv_status run_stratum(void *ctx, size_t i, const osv_poll *poll) {
  const strata *x = ctx;
  x->sweep->first_curve = i * x->sweep->k;
  return osv_logrank(x->sweep, x->weight, x->rho, x->gamma, poll, x->work, x->out);
}

/* Adds all strata of the table to the sums of a test, which start at 0 */
void r_run_logrank(osv_sweep *sweep, osv_weight weight, double rho, double gamma,
                   int threads, const osv_test_out *out) {
  if (can_split(sweep, weight)) {
    run_halves(sweep->table, weight, threads, out);
    return;
  }
  strata x = {sweep, weight, rho, gamma, r_scratch(osv_logrank_work(sweep->k)), out};
  r_share(1, sweep->table->n_curve / sweep->k, run_stratum, &x);
}

/* State of Gray's tests of all causes. With two groups and without delayed entry, one
 * sweep over the times computes the tests of `part` causes. Otherwise each cause needs
 * its own sweep. */
typedef struct {
  const osv_table *table;
  size_t k, n_cause, part, work_size;
  int pair;
  double rho, *work;
  osv_sweep *sweep;
  const osv_test_out *out;
} causes;

static osv_status run_causes(void *ctx, size_t task, const osv_poll *poll) {
  const causes *x = ctx;
  const size_t i = task * x->part, left = x->n_cause - i;
  const size_t n = left < x->part ? left : x->part;
  osv_sweep *const sweep = x->sweep + i;
  double *const work = x->work + i * x->work_size;
  osv_status status = OSV_OK;
  for (; status == OSV_OK && sweep->first_curve < x->table->n_curve;
       sweep->first_curve += x->k)
    status = x->pair ? osv_gray_pair(sweep, (int)i + 1, n, x->rho, poll, work, x->out + i)
                     : osv_gray(sweep, x->rho, poll, work, x->out + i);
  return status;
}

/* Runs Gray's tests of all causes, like r_run_logrank() for the log-rank test. The result
 * of a cause is out[cause - 1]. */
void r_run_gray(const osv_table *table, size_t k, double rho, int threads,
                const osv_test_out *out) {
  const size_t n_cause = (size_t)table->n_status - 1;
  if ((size_t)threads > n_cause) threads = (int)n_cause;
  const int pair = k == 2 && !table->entry_time;
  const size_t part = pair ? (n_cause + (size_t)threads - 1) / (size_t)threads : 1;
  const size_t size = osv_gray_work(k) + 16; /* so that no two causes share a cache
                                              * line */
  causes x = {.table = table,
              .k = k,
              .n_cause = n_cause,
              .part = part,
              .work_size = size,
              .pair = pair,
              .rho = rho,
              .work = r_scratch(n_cause * size),
              .sweep = (osv_sweep *)R_alloc(n_cause, sizeof(osv_sweep)),
              .out = out};
  for (size_t i = 0; i < n_cause; i += part)
    x.sweep[i] = r_new_sweep(table, k, (int)i + 1);
  r_share(threads, (n_cause + part - 1) / part, run_causes, &x);
}

/* The results of tests of the same k groups: columns with k numbers or 1 number per test,
 * one test after another, and for each test a score and a variance, named by group. They
 * start at 0, and strata are added. */
typedef struct {
  size_t k, n_test;
  SEXP score, variance; /* lists by test; for a single test its score and variance */
  r_statistic at;
  osv_test_out *out;
} tests;

static SEXP named_score(SEXP groups_) {
  SEXP x = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(groups_)));
  memset(REAL(x), 0, (size_t)Rf_xlength(groups_) * sizeof(double));
  Rf_setAttrib(x, R_NamesSymbol, groups_);
  UNPROTECT(1);
  return x;
}

static SEXP named_variance(SEXP groups_, SEXP both) {
  const size_t k = (size_t)Rf_xlength(groups_);
  SEXP x = PROTECT(Rf_allocMatrix(REALSXP, (int)k, (int)k));
  memset(REAL(x), 0, k * k * sizeof(double));
  Rf_setAttrib(x, R_DimNamesSymbol, both);
  UNPROTECT(1);
  return x;
}

/* Number of subjects of each group, over strata */
static void count_groups(const osv_table *table, size_t k, double *n) {
  for (size_t j = 0; j < k; j++) n[j] = 0.0;
  for (size_t c = 0; c < table->n_curve; c++) n[c % k] += r_curve_size(table, c);
}

/* Makes the list that r_logrank() (without causes_) or r_gray() returns */
static SEXP new_tests(tests *x, const osv_table *table, SEXP groups_, SEXP causes_) {
  const size_t k = (size_t)Rf_xlength(groups_);
  const int single = Rf_isNull(causes_);
  const size_t m = single ? 1 : (size_t)Rf_xlength(causes_);
  SEXP ans = PROTECT(r_new_list(&names)), both = PROTECT(Rf_allocVector(VECSXP, 2));
  SET_VECTOR_ELT(both, 0, groups_);
  SET_VECTOR_ELT(both, 1, groups_);
  count_groups(table, k, r_new_column(ans, N, (R_xlen_t)k));
  double *observed = r_new_column(ans, OBSERVED, (R_xlen_t)(k * m));
  double *expected = r_new_column(ans, EXPECTED, (R_xlen_t)(k * m));
  memset(observed, 0, k * m * sizeof *observed);
  memset(expected, 0, k * m * sizeof *expected);
  x->k = k;
  x->n_test = m;
  x->at.statistic = r_new_column(ans, STATISTIC, (R_xlen_t)m);
  x->at.rank = r_new_column(ans, RANK, (R_xlen_t)m);
  x->at.p_value = r_new_column(ans, P_VALUE, (R_xlen_t)m);
  x->out = (osv_test_out *)R_alloc(m, sizeof *x->out);
  for (int at = SCORE; at <= VARIANCE && !single; at++) {
    SET_VECTOR_ELT(ans, at, Rf_allocVector(VECSXP, (R_xlen_t)m));
    Rf_setAttrib(VECTOR_ELT(ans, at), R_NamesSymbol, causes_);
  }
  for (size_t i = 0; i < m; i++) {
    SEXP score = named_score(groups_);
    SET_VECTOR_ELT(single ? ans : VECTOR_ELT(ans, SCORE), single ? SCORE : (R_xlen_t)i,
                   score);
    SEXP variance = named_variance(groups_, both);
    SET_VECTOR_ELT(single ? ans : VECTOR_ELT(ans, VARIANCE),
                   single ? VARIANCE : (R_xlen_t)i, variance);
    x->out[i] =
        (osv_test_out){observed + i * k, expected + i * k, REAL(score), REAL(variance)};
  }
  UNPROTECT(2);
  return ans;
}

static void set_statistics(const tests *x, SEXP contrast_) {
  for (size_t i = 0; i < x->n_test; i++) {
    const r_statistic at = {x->at.statistic + i, x->at.rank + i, x->at.p_value + i};
    r_set_statistic(x->k, contrast_, x->out + i, &at);
  }
}

/* A sweep over the times of k curves together; R frees its arrays */
osv_sweep r_new_sweep(const osv_table *table, size_t k, int cause) {
  double *column = (double *)R_alloc(4 * k, sizeof *column);
  size_t *at = (size_t *)R_alloc(2 * k, sizeof *at);
  return (osv_sweep){.table = table,
                     .k = k,
                     .cause = cause,
                     .at = at,
                     .entry_at = at + k,
                     .n_risk = column,
                     .d = column + k,
                     .other = column + 2 * k,
                     .left = column + 3 * k};
}

/* Sets statistic, rank and p-value, from the chi-square distribution, of a test from its
 * sums. The p-value is NA if the statistic is undefined. */
void r_set_statistic(size_t k, SEXP contrast_, const osv_test_out *sums,
                     const r_statistic *to) {
  size_t rank = 0;
  double *work = (double *)R_alloc(k * (k + 2), sizeof *work);
  const double *contrast = Rf_isNull(contrast_) ? NULL : REAL_RO(contrast_);
  *to->statistic =
      osv_test_statistic(sums->variance, sums->score, contrast, k, work, &rank);
  *to->rank = (double)rank;
  const int defined = rank > 0 && R_FINITE(*to->statistic);
  *to->p_value = defined ? Rf_pchisq(*to->statistic, (double)rank, 0, 0) : NA_REAL;
}

/* .Call glue of osv_logrank(): the curves of the table are groups by strata.
 *
 * weight_ is an index of osv_weight, contrast_ double[k] for a test of trend or NULL.
 * Value: n, observed, expected, score double[k], variance double[k, k], statistic, rank
 * and p.value double[1]; score and variance have the names of the groups.
 */
SEXP r_logrank(SEXP table_, SEXP weight_, SEXP rho_, SEXP gamma_, SEXP contrast_) {
  const osv_table table = r_table(table_);
  tests x;
  SEXP ans = PROTECT(new_tests(&x, &table, r_element(table_, "groups"), R_NilValue));
  osv_sweep sweep = r_new_sweep(&table, x.k, 0);
  r_run_logrank(&sweep, (osv_weight)Rf_asInteger(weight_), Rf_asReal(rho_),
                Rf_asReal(gamma_), r_thread_count(table.start[table.n_curve]), x.out);
  set_statistics(&x, contrast_);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_gray(): the tests of all causes, each like the value of r_logrank().
 * causes_ are the names of the causes. The numbers of the causes are concatenated, but n
 * is given once; score and variance are lists by cause.
 */
SEXP r_gray(SEXP table_, SEXP causes_, SEXP rho_, SEXP contrast_) {
  const osv_table table = r_table(table_);
  tests x;
  SEXP ans = PROTECT(new_tests(&x, &table, r_element(table_, "groups"), causes_));
  r_run_gray(&table, x.k, Rf_asReal(rho_), r_thread_count(table.start[table.n_curve]),
             x.out);
  set_statistics(&x, contrast_);
  UNPROTECT(1);
  return ans;
}
