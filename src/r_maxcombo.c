/* r_maxcombo - glue of the MaxCombo test and of the maximum of normal or t variables. */
#include "r_api.h"

#include <Rmath.h>
#include <string.h>

enum { OBSERVED, EXPECTED, SCORE, VARIANCE };
static const char *names[] = {"observed", "expected", "score", "variance", ""};

/* Variance of the scores of q tests by cluster: sum of u u' over the ids of the table */
static void fill_cluster_variance(SEXP table_, const osv_table *table,
                                  const double *power, size_t q, const osv_poll *poll,
                                  double *variance) {
  const size_t n_id = (size_t)Rf_asReal(r_element(table_, "n_id"));
  double *u = (double *)R_alloc(2 * n_id + 1, sizeof *u);
  double *all = (double *)R_alloc(n_id * q + 1, sizeof *all);
  double work[2];
  size_t from[2], entered[2];
  const osv_id_scores scores = {INTEGER_RO(r_element(table_, "id")),
                                r_entry_rows(table_, table), from, entered, u};
  for (size_t a = 0; a < q; a++) {
    memset(u, 0, 2 * n_id * sizeof *u);
    osv_sweep sweep = r_new_sweep(table, 2, 0);
    for (; sweep.first_curve < table->n_curve; sweep.first_curve += 2) {
      const osv_status status =
          osv_logrank_ids(&sweep, OSV_WEIGHT_FLEMING_HARRINGTON, power[2 * a],
                          power[2 * a + 1], poll, work, &scores);
      if (status != OSV_OK) r_abort_status(status);
    }
    for (size_t c = 0; c < n_id; c++) all[c * q + a] = u[2 * c + 1];
  }
  osv_cluster_variance(all, n_id, q, variance);
}

/* .Call glue of osv_maxcombo(), all strata.
 *
 * table_  an event table whose curves are two groups by strata; with ids if by_id_
 * power_  double[2, q]: rho and gamma of each test
 * by_id_  TRUE: the variance is by cluster
 * Value: list of observed, expected double[2]; score double[q] of the second group and
 * variance double[q, q].
 */
SEXP r_maxcombo(SEXP table_, SEXP power_, SEXP by_id_) {
  const osv_table table = r_table(table_);
  const size_t q = (size_t)Rf_xlength(power_) / 2;
  const double *power = REAL_RO(power_);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  osv_test_out out = {.observed = r_new_column(ans, OBSERVED, 2),
                      .expected = r_new_column(ans, EXPECTED, 2),
                      .score = r_new_column(ans, SCORE, (R_xlen_t)q)};
  SET_VECTOR_ELT(ans, VARIANCE, Rf_allocMatrix(REALSXP, (int)q, (int)q));
  out.variance = REAL(VECTOR_ELT(ans, VARIANCE));
  memset(out.observed, 0, 2 * sizeof(double));
  memset(out.expected, 0, 2 * sizeof(double));
  memset(out.score, 0, q * sizeof(double));
  memset(out.variance, 0, q * q * sizeof(double));
  double *work = (double *)R_alloc(3 * q, sizeof *work);
  osv_sweep sweep = r_new_sweep(&table, 2, 0);
  r_guard guard;
  r_guard_open(&guard);
  for (; sweep.first_curve < table.n_curve; sweep.first_curve += 2) {
    const osv_status status = osv_maxcombo(&sweep, power, q, &guard.poll, work, &out);
    if (status != OSV_OK) r_abort_status(status);
  }
  if (Rf_asLogical(by_id_))
    fill_cluster_variance(table_, &table, power, q, &guard.poll, out.variance);
  UNPROTECT(1);
  return ans;
}

/* P(max |Z_i| > limit) and the rank of the correlation; NA when that is above 4 */
static SEXP max_probability(SEXP correlation_, SEXP limit_, const osv_tail *tail) {
  double p = NA_REAL;
  size_t rank = 0;
  const osv_status status =
      osv_max_elliptical(REAL_RO(correlation_), (size_t)Rf_nrows(correlation_),
                         Rf_asReal(limit_), tail, &p, &rank);
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, 2));
  REAL(ans)[0] = status == OSV_OK ? p : NA_REAL;
  REAL(ans)[1] = status == OSV_OK ? (double)rank : NA_REAL;
  UNPROTECT(1);
  return ans;
}

/* .Call: max_probability() of normal variables */
SEXP r_max_normal(SEXP correlation_, SEXP limit_) {
  return max_probability(correlation_, limit_, NULL);
}

/* An osv_tail, the length R of a multivariate t vector: R^2 / rank has an F
 * distribution. */
static double t_tail(void *ctx, size_t rank, double x) {
  return Rf_pf(x / (double)rank * x, (double)rank, *(const double *)ctx, 0, 0);
}

/* .Call: max_probability() of a multivariate t with df_ degrees of freedom */
SEXP r_max_t(SEXP correlation_, SEXP limit_, SEXP df_) {
  double df = Rf_asReal(df_);
  const osv_tail tail = {t_tail, &df};
  return max_probability(correlation_, limit_, &tail);
}
