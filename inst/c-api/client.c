/* A client of the C API of oligosurv, such as src/client.c of a package whose DESCRIPTION
 * has `LinkingTo: oligosurv` and `Imports: oligosurv` */
#define OLIGOSURV_LOOKUP
#include <oligosurv.h>
#include <Rmath.h>
#include <math.h>

static double *column(SEXP list, int at, const char *name, size_t n) {
  SET_STRING_ELT(Rf_getAttrib(list, R_NamesSymbol), at, Rf_mkChar(name));
  SET_VECTOR_ELT(list, at, Rf_allocVector(REALSXP, (R_xlen_t)n));
  return REAL(VECTOR_ELT(list, at));
}

static SEXP new_list(int n) {
  SEXP list = PROTECT(Rf_allocVector(VECSXP, n));
  Rf_setAttrib(list, R_NamesSymbol, Rf_allocVector(STRSXP, n));
  UNPROTECT(1);
  return list;
}

static void check(const osv_api *osv, osv_status status) {
  if (status != OSV_OK) Rf_error("%s", osv->status_text(status));
}

/* Counts of one curve (0-based), in memory that R frees after .Call */
static osv_counts count_curve(const osv_api *osv, const osv_table *table, size_t curve,
                              size_t *m) {
  const size_t lo = (size_t)table->start[curve], hi = (size_t)table->start[curve + 1];
  *m = osv->count_times(table->time + lo, hi - lo);
  double *memory =
      (double *)R_alloc(*m, (int)((size_t)(table->n_status + 2) * sizeof(double)));
  const osv_counts counts = {memory, memory + *m, memory + 2 * *m, memory + 3 * *m, *m};
  check(osv, osv->curve_counts(table, curve, *m, NULL, &counts));
  return counts;
}

/* Kaplan-Meier with 95 % log-log limits and the Nelson-Aalen hazard of one curve */
SEXP client_km(SEXP table_, SEXP curve_) {
  const osv_api osv = osv_api_get();
  const osv_table table = osv.table_of(table_);
  size_t m;
  const osv_counts counts = count_curve(&osv, &table, (size_t)Rf_asInteger(curve_), &m);
  SEXP ans = PROTECT(new_list(7));
  const osv_km_out km = {column(ans, 0, "surv", m), column(ans, 1, "risk", m),
                         column(ans, 2, "std.error", m)};
  osv.km(counts.n_risk, counts.n_event, m, &km);
  osv.interval(OSV_CONF_LOGLOG, 1.959963984540054, km.surv, km.risk, km.std_error, m,
               column(ans, 3, "low", m), column(ans, 4, "high", m));
  osv.hazard(counts.n_risk, counts.n_event, m, 0, column(ans, 5, "hazard", m),
             column(ans, 6, "variance", m));
  UNPROTECT(1);
  return ans;
}

/* The default limits of kaplan_meier() or, for a cause from 1, of cumulative_incidence().
 * In small curves and at few events they are exact and use quantile functions of R. */
SEXP client_limits(SEXP table_, SEXP curve_, SEXP cause_, SEXP level_) {
  static const osv_quantiles quantiles = {Rf_qbeta, Rf_pbeta, Rf_lbeta, Rf_qt, Rf_qnorm5};
  const osv_confidence want = {OSV_CONF_SMALL_SAMPLE, Rf_asReal(level_), &quantiles};
  const osv_api osv = osv_api_get();
  const osv_table table = osv.table_of(table_);
  const size_t curve = (size_t)Rf_asInteger(curve_);
  const int n_cause = table.n_status - 1, cause = Rf_asInteger(cause_);
  size_t m;
  const osv_counts counts = count_curve(&osv, &table, curve, &m);
  double *work = (double *)R_alloc(m, (int)((size_t)(3 + 2 * n_cause) * sizeof(double)));
  double *after = work, *surv = work + m, *rest = work + 2 * m, *own = work + 3 * m;
  SEXP ans = PROTECT(new_list(2));
  double *low = column(ans, 0, "low", m), *high = column(ans, 1, "high", m);
  if (cause == 0) {
    const osv_km_out km = {surv, rest, own};
    osv.km(counts.n_risk, counts.n_event, m, &km);
    check(&osv, osv.km_limits(&want, &table, curve, &counts, m, &km, NULL, after, low,
                              high));
  } else {
    const osv_aj_out aj = {surv, own, own + m * (size_t)n_cause};
    osv.aj(&counts, m, n_cause, (double *)R_alloc(osv.aj_work(n_cause), sizeof(double)),
           &aj);
    check(&osv, osv.aj_limits(&want, &table, curve, &counts, m, (size_t)cause - 1, &aj,
                              NULL, after, low, high));
  }
  UNPROTECT(1);
  return ans;
}

/* Aalen-Johansen of one curve: event-free, then incidence and the two standard errors by
 * cause */
SEXP client_aj(SEXP table_, SEXP curve_) {
  const osv_api osv = osv_api_get();
  const osv_table table = osv.table_of(table_);
  const int n_cause = table.n_status - 1;
  size_t m;
  const osv_counts counts = count_curve(&osv, &table, (size_t)Rf_asInteger(curve_), &m);
  double *work = (double *)R_alloc(osv.aj_work(n_cause), sizeof(double));
  SEXP ans = PROTECT(new_list(4));
  const osv_aj_out aj = {column(ans, 0, "surv", m),
                         column(ans, 1, "cif", m * (size_t)n_cause),
                         column(ans, 2, "std.error", m * (size_t)n_cause)};
  osv.aj(&counts, m, n_cause, work, &aj);
  check(&osv, osv.aalen(&counts, m, n_cause, NULL,
                        column(ans, 3, "aalen.error", m * (size_t)n_cause)));
  UNPROTECT(1);
  return ans;
}

/* Log-rank (cause 0) or Gray's test of the groups of a table without strata */
SEXP client_test(SEXP table_, SEXP cause_) {
  const osv_api osv = osv_api_get();
  const osv_table table = osv.table_of(table_);
  const size_t k = table.n_curve, k2 = k * k;
  const int cause = Rf_asInteger(cause_);
  SEXP ans = PROTECT(new_list(4));
  const osv_test_out out = {column(ans, 0, "observed", k), column(ans, 1, "expected", k),
                            column(ans, 2, "score", k), column(ans, 3, "variance", k2)};
  for (size_t j = 0; j < k; j++) out.observed[j] = out.expected[j] = out.score[j] = 0.0;
  for (size_t i = 0; i < k2; i++) out.variance[i] = 0.0;
  double *arrays = (double *)R_alloc(4 * k, sizeof(double));
  osv_sweep sweep = {&table,
                   0,
                   k,
                   cause,
                   (size_t *)R_alloc(k, sizeof(size_t)),
                   arrays,
                   arrays + k,
                   arrays + 2 * k,
                   arrays + 3 * k,
                   (size_t *)R_alloc(k, sizeof(size_t))};
  double *work = (double *)R_alloc(osv.gray_work(k) + k * (k + 2), sizeof(double));
  check(&osv, cause == 0
                  ? osv.logrank(&sweep, OSV_WEIGHT_LOGRANK, 0.0, 0.0, NULL, work, &out)
                  : osv.gray(&sweep, 0.0, NULL, work, &out));
  size_t rank;
  const double statistic =
      osv.test_statistic(out.variance, out.score, NULL, k, work, &rank);
  Rf_setAttrib(ans, Rf_install("statistic"), Rf_ScalarReal(statistic));
  Rf_setAttrib(ans, Rf_install("df"), Rf_ScalarReal((double)rank));
  UNPROTECT(1);
  return ans;
}

/* Columns of x [n, p] centred, with standard deviation 1: the kernels of Fine-Gray
 * regression read them row by row */
static double *scale_rows(SEXP x_, double *scale) {
  const size_t n = (size_t)Rf_nrows(x_), p = (size_t)Rf_ncols(x_);
  double *out = (double *)R_alloc(n * p, sizeof(double));
  for (size_t a = 0; a < p; a++) {
    const double *x = REAL(x_) + a * n;
    double mean = 0.0, square = 0.0;
    for (size_t i = 0; i < n; i++) mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean) / (double)n;
    scale[a] = sqrt(square);
    for (size_t i = 0; i < n; i++) out[i * p + a] = (x[i] - mean) / scale[a];
  }
  return out;
}

/* Room for the steps of a model of p covariates; the increments of the baseline hazard are
 * the element `at` of a list */
static osv_steps new_steps(SEXP ans, int at, size_t n, size_t p) {
  double *memory = (double *)R_alloc(n * (4 + p) + 1, sizeof(double));
  const osv_steps steps = {.end = (size_t *)R_alloc(1, sizeof(size_t)),
                           .time = (int *)R_alloc(n + 1, sizeof(int)),
                           .d = memory,
                           .a = column(ans, at, "hazard", n),
                           .b = memory + n,
                           .tied = memory + 2 * n,
                           .mean = memory + 3 * n};
  return steps;
}

/* What a Cox model answers at its coefficients: residuals, hazards of a subject with the
 * largest relative hazard, relative hazards, and tests of proportional hazards in which
 * each covariate is a term and g holds a value for each rank of time */
static void describe_cox(const osv_api *osv, const osv_cox_cells *cells,
                         const double *gamma, SEXP g_, SEXP ans, int at) {
  const size_t n = cells->n, p = cells->p;
  const osv_cox_residuals_out residuals = {.martingale = column(ans, at, "martingale", n),
                                           .score = column(ans, at + 1, "score", n * p)};
  double *work = (double *)R_alloc(osv->cox_residuals_work(cells), sizeof(double));
  check(osv, osv->cox_residuals(cells, n, gamma, NULL, work, &residuals));
  const osv_steps steps = new_steps(ans, at + 2, osv->cox_step_count(cells), p);
  work = (double *)R_alloc(osv->cox_steps_work(cells), sizeof(double));
  check(osv, osv->cox_steps(cells, gamma, NULL, work, &steps,
                            column(ans, at + 3, "risk", cells->n_pattern)));
  int *term = (int *)R_alloc(p, sizeof(int));
  for (size_t a = 0; a < p; a++) term[a] = (int)a + 1;
  const osv_cox_ph_out tests = {column(ans, at + 4, "ph", p + 1),
                                column(ans, at + 5, "df", p + 1)};
  work = (double *)R_alloc(osv->cox_ph_work(cells), sizeof(double));
  check(osv, osv->cox_ph(cells, gamma, REAL(g_), term, (int)p, NULL, work, &tests));
}

/* Cox regression of status 1 with covariates x [n, p] by Efron's rule: coefficients and
 * variance of the usual likelihood, and Firth's with the profile limits of a chi-square
 * quantile `cut`. The rows ascend in time_, ranks from 1. g_: see describe_cox() */
SEXP client_cox(SEXP x_, SEXP time_, SEXP status_, SEXP cut_, SEXP g_) {
  const osv_api osv = osv_api_get();
  const size_t n = (size_t)Rf_nrows(x_), p = (size_t)Rf_ncols(x_);
  const double **x = (const double **)R_alloc(p, sizeof *x);
  double *centre = (double *)R_alloc(3 * p, sizeof(double)), *scale = centre + p;
  int *event = (int *)R_alloc(n + 2 * p, sizeof(int));
  for (size_t i = 0; i < n; i++) event[i] = INTEGER(status_)[i] == 1;
  for (size_t a = 0; a < p; a++) {
    x[a] = REAL(x_) + a * n;
    centre[a] = 0.0;
    scale[a] = 1.0;
  }
  const osv_cox_cells cells = {.n = n,
                               .p = p,
                               .n_pattern = n,
                               .n_stratum = 1,
                               .x = x,
                               .centre = centre,
                               .scale = scale,
                               .event = event,
                               .time = INTEGER(time_),
                               .stratum_end = &n,
                               .efron = 1};
  SEXP ans = PROTECT(new_list(15));
  osv_cox_fit_out fit = {.gamma = column(ans, 0, "beta", p),
                         .variance = column(ans, 1, "variance", p * p),
                         .score = centre + 2 * p,
                         .loglik = column(ans, 2, "loglik", 2),
                         .known = event + n,
                         .monotone = event + n + p};
  const osv_firth_out firth = {
      column(ans, 3, "firth", p),       column(ans, 4, "std.error", p),
      column(ans, 5, "low", p),         column(ans, 6, "high", p),
      column(ans, 7, "ratio", p),       column(ans, 8, "firth.variance", p * p)};
  double *work = (double *)R_alloc(osv.cox_fit_work(&cells), sizeof(double));
  check(&osv, osv.cox_fit(&cells, NULL, work, &fit));
  work = (double *)R_alloc(osv.cox_firth_work(&cells), sizeof(double));
  check(&osv, osv.cox_firth(&cells, Rf_asReal(cut_), NULL, work, &firth));
  describe_cox(&osv, &cells, fit.gamma, g_, ans, 9);
  UNPROTECT(1);
  return ans;
}

/* Fine-Gray regression of status 1, 2 being a competing event, by Breslow's rule:
 * coefficients, information, and the sum of squares of the scores, each in units of
 * standard deviations `scale` of the covariates */
SEXP client_finegray(SEXP x_, SEXP time_, SEXP status_) {
  const osv_api osv = osv_api_get();
  const size_t n = (size_t)Rf_nrows(x_), p = (size_t)Rf_ncols(x_);
  const int *time = INTEGER(time_);
  size_t *time_end = (size_t *)R_alloc(n, sizeof(size_t)), n_time = 0;
  for (size_t i = 0; i < n; i++)
    if (i + 1 == n || time[i + 1] != time[i]) time_end[n_time++] = i + 1;
  SEXP ans = PROTECT(new_list(8));
  const osv_finegray_out out = {
      .estimate = column(ans, 0, "beta", p),
      .information = column(ans, 1, "information", p * p),
      .loglik = column(ans, 2, "loglik", 2),
      .identified = (int *)R_alloc(p, sizeof(int)),
      .monotone = (int *)R_alloc(p, sizeof(int)),
  };
  const osv_finegray_rows rows = {.n = n,
                                  .p = p,
                                  .n_stratum = 1,
                                  .x = scale_rows(x_, column(ans, 3, "scale", p)),
                                  .status = INTEGER(status_),
                                  .time_end = time_end,
                                  .stratum_end = &n_time};
  double *work = (double *)R_alloc(osv.finegray_work(&rows), sizeof(double));
  osv_finegray model = osv.finegray_start(&rows, NULL, work);
  work = (double *)R_alloc(osv.finegray_fit_work(p), sizeof(double));
  check(&osv, osv.finegray_fit(&model, work, &out));
  const osv_finegray_sums sums = {.of_weights = 1, .meat = column(ans, 4, "meat", p * p)};
  work = (double *)R_alloc(osv.finegray_scores_work(&rows), sizeof(double));
  check(&osv, osv.finegray_scores(&model, &sums, work));
  check(&osv, osv.finegray_residuals(&model, column(ans, 5, "martingale", n),
                                     column(ans, 6, "schoenfeld", n * p)));
  const osv_steps steps = new_steps(ans, 7, osv.finegray_step_count(&rows), p);
  check(&osv, osv.finegray_steps(&model, &steps));
  UNPROTECT(1);
  return ans;
}
