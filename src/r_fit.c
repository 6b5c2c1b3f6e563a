#include "r_api.h"

#include <string.h>

/* Fits of curves, laid out as the methods of R/tidy.R read them: at 37 rows doing that in
 * R costs more than every estimate. */

/* clang-format off */
static r_words km_fit = {{
    "time", "n.risk", "n.event", "n.censor", "estimate", "std.error", "conf.low",
    "conf.high", "size", "outcomes", "start_value", "table", "conf.type", "conf.level",
    "times", "variance"}, NULL};
static r_words aj_fit = {{
    "time", "n.risk", "n.event", "n.censor", "estimate", "std.error", "conf.low",
    "conf.high", "size", "event.free", "outcomes", "start_value", "table", "conf.type",
    "conf.level", "times", "variance"}, NULL};
static r_words km_class = {{"kaplan_meier", "oligosurv_fit"}, NULL};
static r_words aj_class = {{"cumulative_incidence", "oligosurv_fit"}, NULL};
static r_words greenwood = {{"greenwood"}, NULL};
static const char *const km_columns[] = {
    "time", "n_risk", "n_event", "n_censor", "surv", "std_error", "conf_low",
    "conf_high", "size", NULL};
static const char *const aj_columns[] = {
    "time", "n_risk", "n_event", "n_censor", "cif", "std_error", "conf_low",
    "conf_high", "size", "surv", NULL};
/* clang-format on */

/* Labels of the causes of an event table */
SEXP r_causes(SEXP table_) {
  SEXP states = r_element(table_, "states");
  const R_xlen_t n = Rf_xlength(states) - 1;
  SEXP causes = Rf_allocVector(STRSXP, n);
  for (R_xlen_t i = 0; i < n; i++) SET_STRING_ELT(causes, i, STRING_ELT(states, i + 1));
  return causes;
}

/* .Call: the fit of curves that r_km() or, competing_, r_aj() gives, without a class */
SEXP r_new_fit(SEXP curves_, SEXP table_, SEXP competing_, SEXP conf_type_, SEXP level_,
               SEXP times_, SEXP variance_) {
  const int competing = Rf_asLogical(competing_);
  const char *const *column = competing ? aj_columns : km_columns;
  SEXP fit = PROTECT(r_new_list(competing ? &aj_fit : &km_fit));
  R_xlen_t at = 0;
  for (; column[at]; at++) SET_VECTOR_ELT(fit, at, r_element(curves_, column[at]));
  if (competing) SET_VECTOR_ELT(fit, at, r_causes(table_));
  SET_VECTOR_ELT(fit, at + 1, Rf_ScalarReal(competing ? 0.0 : 1.0));
  SET_VECTOR_ELT(fit, at + 2, table_);
  SET_VECTOR_ELT(fit, at + 3, conf_type_);
  SET_VECTOR_ELT(fit, at + 4, level_);
  SET_VECTOR_ELT(fit, at + 5, times_);
  SET_VECTOR_ELT(fit, at + 6, variance_);
  UNPROTECT(1);
  return fit;
}

static int is_conf_type(SEXP x) {
  return r_is_conf_type(x) || r_is_text(x, "none");
}

static int is_level(SEXP x) {
  return TYPEOF(x) == REALSXP && !Rf_isObject(x) && Rf_xlength(x) == 1 &&
         REAL_RO(x)[0] > 0.0 && REAL_RO(x)[0] < 1.0;
}

/* .Call: kaplan_meier() without its rarer arguments; NULL where R has to look closer, at
 * what is not plain (r_quick_table()), not right or not usual. times_ is checked before.
 */
SEXP r_quick_km(SEXP x_, SEXP data_, SEXP tol_, SEXP conf_type_, SEXP level_,
                SEXP times_) {
  if (!is_conf_type(conf_type_) || !is_level(level_)) return R_NilValue;
  SEXP table = PROTECT(r_quick_table(x_, data_, tol_));
  SEXP threads = PROTECT(r_quick_threads()), no = PROTECT(Rf_ScalarLogical(0));
  SEXP fit = R_NilValue;
  if (!Rf_isNull(table) && !Rf_isNull(threads) &&
      Rf_xlength(r_element(table, "states")) == 2) {
    SEXP curves = PROTECT(r_km(table, no, conf_type_, level_, threads));
    fit = PROTECT(
        r_new_fit(curves, table, no, conf_type_, level_, times_, r_shared(&greenwood)));
    Rf_setAttrib(fit, R_ClassSymbol, r_shared(&km_class));
    UNPROTECT(2);
  }
  UNPROTECT(3);
  return fit;
}

/* .Call: the same for cumulative_incidence(), variance_ "greenwood" or "aalen" */
SEXP r_quick_aj(SEXP x_, SEXP data_, SEXP tol_, SEXP conf_type_, SEXP level_, SEXP times_,
                SEXP variance_) {
  const int is_aalen = r_is_text(variance_, "aalen");
  if (!is_conf_type(conf_type_) || !is_level(level_) ||
      (!is_aalen && !r_is_text(variance_, "greenwood")))
    return R_NilValue;
  SEXP table = PROTECT(r_quick_table(x_, data_, tol_));
  SEXP threads = PROTECT(r_quick_threads()), yes = PROTECT(Rf_ScalarLogical(1));
  SEXP aalen = PROTECT(Rf_ScalarLogical(is_aalen)), fit = R_NilValue;
  if (!Rf_isNull(table) && !Rf_isNull(threads)) {
    SEXP curves = PROTECT(r_aj(table, aalen, conf_type_, level_, threads));
    fit = PROTECT(r_new_fit(curves, table, yes, conf_type_, level_, times_, variance_));
    Rf_setAttrib(fit, R_ClassSymbol, r_shared(&aj_class));
    UNPROTECT(2);
  }
  UNPROTECT(4);
  return fit;
}
