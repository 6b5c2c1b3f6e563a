/* A client of the C API of oligosurv, such as src/client.c of a package whose DESCRIPTION
 * has `LinkingTo: oligosurv` and `Imports: oligosurv` */
#define OLIGOSURV_LOOKUP
#include <oligosurv.h>
#include <Rmath.h>

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
