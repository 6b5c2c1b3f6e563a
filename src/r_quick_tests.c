#include "r_api.h"

#include <Rmath.h>
#include <stdio.h>
#include <string.h>

/* logrank_test() and gray_test() without their rarer arguments, laid out as
 * R/logrank-test.R and R/gray-test.R do; where R has to look closer the value is NULL. */

/* clang-format off */
static r_words logrank_names = {{
    "statistic", "df", "p.value", "reason", "method", "groups", "score", "variance",
    "table", "spec", "p_method"}, NULL};
static r_words gray_names = {{
    "tests", "method", "groups", "score", "variance", "table", "spec", "p_method"}, NULL};
static r_words number_names = {{
    "outcome", "statistic", "df", "p.value", "reason"}, NULL};
static r_words group_names = {{"outcome", "group", "n", "observed", "expected"}, NULL};
static r_words lone_group_names = {{"group", "n", "observed", "expected"}, NULL};
static r_words spec_names = {{
    "weight", "rho", "gamma", "cause", "contrast", "power"}, NULL};
static r_words logrank_class = {{"logrank_test", "oligosurv_test"}, NULL};
static r_words gray_class = {{"gray_test", "oligosurv_test"}, NULL};
static r_words frame_class = {{"data.frame"}, NULL};
static r_words factor_class = {{"factor"}, NULL};
static r_words asymptotic = {{"asymptotic"}, NULL};
static r_words gray_method = {{"Gray's test"}, NULL};
/* clang-format on */

enum { MOST_GROUPS = 5000 }; /* as check_groups() of R */

/* A data frame of n_row rows, its columns still to come */
static SEXP new_frame(r_words *names, int n_row) {
  SEXP frame = PROTECT(r_new_list(names));
  SEXP rows = PROTECT(Rf_allocVector(INTSXP, 2));
  INTEGER(rows)[0] = NA_INTEGER;
  INTEGER(rows)[1] = -n_row;
  Rf_setAttrib(frame, R_RowNamesSymbol, rows);
  Rf_setAttrib(frame, R_ClassSymbol, r_shared(&frame_class));
  UNPROTECT(2);
  return frame;
}

/* Column `at`: a factor that runs `times` times through its labels, each repeated */
static void put_factor(SEXP frame, R_xlen_t at, SEXP labels, int times, int each) {
  const int k = (int)Rf_xlength(labels), size = k * times * each;
  SEXP code = Rf_allocVector(INTSXP, size);
  SET_VECTOR_ELT(frame, at, code);
  for (int i = 0; i < size; i++) INTEGER(code)[i] = i / each % k + 1;
  Rf_setAttrib(code, R_LevelsSymbol, labels);
  Rf_setAttrib(code, R_ClassSymbol, r_shared(&factor_class));
}

/* Column `at` of zeros */
static double *put_zeros(SEXP list, R_xlen_t at, R_xlen_t n) {
  SET_VECTOR_ELT(list, at, Rf_allocVector(REALSXP, n));
  double *x = REAL(VECTOR_ELT(list, at));
  memset(x, 0, (size_t)n * sizeof *x);
  return x;
}

/* The score and the variance of k groups, zeros with the names of the groups */
static void put_score(SEXP scores, R_xlen_t at, SEXP variances, R_xlen_t variance_at,
                      SEXP groups, osv_test_out *out) {
  const R_xlen_t k = Rf_xlength(groups);
  out->score = put_zeros(scores, at, k);
  Rf_setAttrib(VECTOR_ELT(scores, at), R_NamesSymbol, groups);
  SEXP square = Rf_allocMatrix(REALSXP, (int)k, (int)k);
  SET_VECTOR_ELT(variances, variance_at, square);
  out->variance = REAL(square);
  memset(out->variance, 0, (size_t)(k * k) * sizeof(double));
  SEXP both = PROTECT(Rf_allocVector(VECSXP, 2));
  SET_VECTOR_ELT(both, 0, groups);
  SET_VECTOR_ELT(both, 1, groups);
  Rf_setAttrib(square, R_DimNamesSymbol, both);
  UNPROTECT(1);
}

/* Subjects of each group, over strata; size starts at 0 */
static void add_sizes(const osv_table *table, size_t k, double *size) {
  for (size_t c = 0; c < table->n_curve; c++) {
    const size_t lo = (size_t)table->start[c], hi = (size_t)table->start[c + 1];
    double n = table->n ? 0.0 : (double)(hi - lo);
    for (size_t i = lo; table->n && i < hi; i++) n += table->n[i];
    size[c % k] += n;
  }
}

/* "Log-rank test", or with strata "Log-rank test, 2 strata" */
static SEXP method_text(SEXP name, SEXP table_) {
  const int strata = (int)Rf_xlength(r_element(table_, "strata"));
  if (strata == 1) return Rf_ScalarString(name);
  char text[96];
  snprintf(text, sizeof text, "%s, %d strata", CHAR(name), strata);
  return Rf_mkString(text);
}

/* Puts at `at` of a list what test_spec() of R gives; `code` is element `of` of it */
static void put_spec(SEXP specs, R_xlen_t at, R_xlen_t of, int code) {
  SEXP spec = r_new_list(&spec_names);
  SET_VECTOR_ELT(specs, at, spec);
  SET_VECTOR_ELT(spec, of, Rf_ScalarInteger(code));
  SET_VECTOR_ELT(spec, 1, Rf_ScalarReal(0.0));
  SET_VECTOR_ELT(spec, 2, Rf_ScalarReal(0.0));
}

/* Statistic, degrees of freedom and p; 0 if they are undefined, for which R has reasons
 */
static int put_numbers(const osv_test_out *out, size_t k, double *statistic, int *df,
                       double *p) {
  double *work = (double *)R_alloc(k * (k + 2), sizeof *work);
  size_t rank = 0;
  *statistic = osv_test_statistic(out->variance, out->score, NULL, k, work, &rank);
  *df = (int)rank;
  if (rank == 0 || !R_FINITE(*statistic)) return 0;
  *p = Rf_pchisq(*statistic, (double)rank, 0, 0);
  return 1;
}

/* The quick table of a test with its number of groups in *k, or NULL */
static SEXP test_table(SEXP x_, SEXP data_, SEXP tol_, int *k) {
  SEXP table = r_quick_table(x_, data_, tol_);
  if (Rf_isNull(table)) return table;
  *k = (int)Rf_xlength(r_element(table, "groups"));
  return *k < 2 || *k > MOST_GROUPS ? R_NilValue : table;
}

static SEXP new_logrank(SEXP table_, int k, int weight, SEXP label) {
  enum {
    STATISTIC,
    DF,
    P_VALUE,
    REASON,
    METHOD,
    GROUPS,
    SCORE,
    VARIANCE,
    TABLE,
    SPEC,
    P
  };
  const osv_table table = r_table(table_);
  SEXP test = PROTECT(r_new_list(&logrank_names)), groups = r_element(table_, "groups");
  SEXP frame = new_frame(&lone_group_names, k);
  SET_VECTOR_ELT(test, GROUPS, frame);
  put_factor(frame, 0, groups, 1, 1);
  add_sizes(&table, (size_t)k, put_zeros(frame, 1, k));
  osv_test_out out = {.observed = put_zeros(frame, 2, k),
                      .expected = put_zeros(frame, 3, k)};
  put_score(test, SCORE, test, VARIANCE, groups, &out);
  osv_walk walk = r_new_walk(&table, (size_t)k, 0);
  r_run_logrank(&walk, (osv_weight)weight, 0.0, 0.0, 1, &out);
  SET_VECTOR_ELT(test, DF, Rf_allocVector(INTSXP, 1));
  const int defined =
      put_numbers(&out, (size_t)k, r_new_column(test, STATISTIC, 1),
                  INTEGER(VECTOR_ELT(test, DF)), r_new_column(test, P_VALUE, 1));
  SET_VECTOR_ELT(test, REASON, Rf_ScalarString(NA_STRING));
  SET_VECTOR_ELT(test, METHOD, method_text(label, table_));
  SET_VECTOR_ELT(test, TABLE, table_);
  SET_VECTOR_ELT(test, SPEC, Rf_allocVector(VECSXP, 1));
  put_spec(VECTOR_ELT(test, SPEC), 0, 0, weight);
  SET_VECTOR_ELT(test, P, r_shared(&asymptotic));
  Rf_setAttrib(test, R_ClassSymbol, r_shared(&logrank_class));
  UNPROTECT(1);
  return defined ? test : R_NilValue;
}

/* .Call: logrank_test() of a plain formula or table, asymptotic and without trend, or
 * NULL. weight_ is one of the names of labels_, as R/logrank-test.R has them in the order
 * of osv_weight. */
SEXP r_quick_logrank(SEXP x_, SEXP data_, SEXP tol_, SEXP weight_, SEXP labels_) {
  SEXP choices = Rf_getAttrib(labels_, R_NamesSymbol), test = R_NilValue;
  int k, weight = 0;
  while (weight < OSV_WEIGHT_FLEMING_HARRINGTON &&
         !r_is_text(weight_, CHAR(STRING_ELT(choices, weight))))
    weight++;
  if (weight == OSV_WEIGHT_FLEMING_HARRINGTON) return R_NilValue; /* or one after it */
  SEXP table = PROTECT(test_table(x_, data_, tol_, &k));
  if (!Rf_isNull(table) && Rf_xlength(r_element(table, "states")) == 2)
    test = new_logrank(table, k, weight, STRING_ELT(labels_, weight));
  UNPROTECT(1);
  return test;
}

/* The test of each cause; NULL where one is undefined */
static SEXP new_gray(SEXP table_, int k) {
  enum { TESTS, METHOD, GROUPS, SCORE, VARIANCE, TABLE, SPEC, P };
  enum { OUTCOME, STATISTIC, DF, P_VALUE, REASON };
  const osv_table table = r_table(table_);
  SEXP test = PROTECT(r_new_list(&gray_names)), causes = PROTECT(r_causes(table_));
  SEXP groups = r_element(table_, "groups");
  const int m = table.n_status - 1;
  SEXP tests = new_frame(&number_names, m);
  SET_VECTOR_ELT(test, TESTS, tests);
  put_factor(tests, OUTCOME, causes, 1, 1);
  double *statistic = r_new_column(tests, STATISTIC, m);
  SET_VECTOR_ELT(tests, DF, Rf_allocVector(INTSXP, m));
  double *p = r_new_column(tests, P_VALUE, m);
  SET_VECTOR_ELT(tests, REASON, Rf_allocVector(STRSXP, m));
  SET_VECTOR_ELT(test, METHOD,
                 method_text(STRING_ELT(r_shared(&gray_method), 0), table_));
  SEXP frame = new_frame(&group_names, m * k);
  SET_VECTOR_ELT(test, GROUPS, frame);
  put_factor(frame, 0, causes, 1, k);
  put_factor(frame, 1, groups, m, 1);
  double *size = put_zeros(frame, 2, (R_xlen_t)m * k);
  double *observed = put_zeros(frame, 3, (R_xlen_t)m * k);
  double *expected = put_zeros(frame, 4, (R_xlen_t)m * k);
  for (int at = SCORE; at <= SPEC; at++)
    if (at != TABLE) SET_VECTOR_ELT(test, at, Rf_allocVector(VECSXP, m));
  Rf_setAttrib(VECTOR_ELT(test, SCORE), R_NamesSymbol, causes);
  Rf_setAttrib(VECTOR_ELT(test, VARIANCE), R_NamesSymbol, causes);
  SET_VECTOR_ELT(test, TABLE, table_);
  SET_VECTOR_ELT(test, P, r_shared(&asymptotic));
  osv_test_out *out = (osv_test_out *)R_alloc((size_t)m, sizeof *out);
  for (int i = 0; i < m; i++) {
    out[i] = (osv_test_out){.observed = observed + i * k, .expected = expected + i * k};
    put_score(VECTOR_ELT(test, SCORE), i, VECTOR_ELT(test, VARIANCE), i, groups, out + i);
    add_sizes(&table, (size_t)k, size + i * k);
    put_spec(VECTOR_ELT(test, SPEC), i, 3, i + 1);
    SET_STRING_ELT(VECTOR_ELT(tests, REASON), i, NA_STRING);
  }
  r_run_gray(&table, (size_t)k, 0.0, 1, out);
  int defined = 1;
  for (int i = 0; i < m; i++)
    defined &= put_numbers(out + i, (size_t)k, statistic + i,
                           INTEGER(VECTOR_ELT(tests, DF)) + i, p + i);
  Rf_setAttrib(test, R_ClassSymbol, r_shared(&gray_class));
  UNPROTECT(2);
  return defined ? test : R_NilValue;
}

/* .Call: gray_test() of a plain formula or table, asymptotic, rho = 0 and without trend,
 * or NULL */
SEXP r_quick_gray(SEXP x_, SEXP data_, SEXP tol_) {
  int k;
  SEXP table = PROTECT(test_table(x_, data_, tol_, &k)), test = R_NilValue;
  if (!Rf_isNull(table)) test = new_gray(table, k);
  UNPROTECT(1);
  return test;
}
