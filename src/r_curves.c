/* r_curves - glue of osv_hazard_influence(), osv_cause_curves() and osv_interval(). */
#include "r_api.h"

static const double *numbers_or_null(SEXP list_, const char *name) {
  SEXP x_ = r_element(list_, name);
  return Rf_isNull(x_) ? NULL : REAL_RO(x_);
}

/* .Call glue of osv_hazard_influence()
 *
 * cells_  list of osv_influence_in: risk [n]; event, stratum (from 1) integer[n]; first,
 *         last, until double[n]; hazard, jump, tied, weighted, moved by step; entered,
 *         stayed [n]; weight and count [n] or NULL. until, weighted, moved, entered and
 *         stayed are NULL for Cox models.
 * at_     double[n_at, n_stratum]; unit_ integer[n], from 1, or NULL; n_unit_ number
 * Value: double[n_unit, n_at]
 */
SEXP r_hazard_influence(SEXP cells_, SEXP at_, SEXP unit_, SEXP n_unit_) {
  SEXP until_ = r_element(cells_, "until"), stratum_ = r_element(cells_, "stratum");
  const size_t n = (size_t)Rf_xlength(stratum_), n_at = (size_t)Rf_nrows(at_);
  const size_t n_unit = (size_t)Rf_asReal(n_unit_);
  int *stratum = (int *)R_alloc(n + 1, sizeof *stratum);
  for (size_t i = 0; i < n; i++) stratum[i] = INTEGER_RO(stratum_)[i] - 1;
  const osv_influence_in in = {.n = n,
                               .n_step = (size_t)Rf_xlength(r_element(cells_, "hazard")),
                               .risk = REAL_RO(r_element(cells_, "risk")),
                               .event = INTEGER_RO(r_element(cells_, "event")),
                               .first = r_sizes(r_element(cells_, "first"), 0),
                               .last = r_sizes(r_element(cells_, "last"), 0),
                               .stratum = stratum,
                               .hazard = REAL_RO(r_element(cells_, "hazard")),
                               .jump = REAL_RO(r_element(cells_, "jump")),
                               .tied = REAL_RO(r_element(cells_, "tied")),
                               .weight = numbers_or_null(cells_, "weight"),
                               .count = numbers_or_null(cells_, "count"),
                               .until = Rf_isNull(until_) ? NULL : r_sizes(until_, 0),
                               .entered = numbers_or_null(cells_, "entered"),
                               .stayed = numbers_or_null(cells_, "stayed"),
                               .weighted = numbers_or_null(cells_, "weighted"),
                               .moved = numbers_or_null(cells_, "moved")};
  const size_t *const unit = Rf_isNull(unit_) ? NULL : r_sizes(unit_, 1);
  const size_t *const at = r_sizes(at_, 0);
  SEXP ans = PROTECT(Rf_allocMatrix(REALSXP, (int)n_unit, (int)n_at));
  double *const work = r_scratch(osv_hazard_influence_work(in.n_step));
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status =
      osv_hazard_influence(&in, n_at, at, unit, n_unit, &guard.poll, work, REAL(ans));
  if (status != OSV_OK) r_abort_status(status);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_cause_curves()
 *
 * hazard_ double[n_cause, n_step]; ratio_ double[n_cause, n]; weight_ double[n] or NULL;
 * at_ double[n_at]; slope_ logical: TRUE to compute slope and total
 * Value: list(incidence [n, n_at, n_cause], slope [n, n_at, n_cause, n_cause], total
 * [n_cause, n_cause, n_step]). The cause of the incidence is the last dimension of slope
 * and the second of total.
 */
SEXP r_cause_curves(SEXP hazard_, SEXP ratio_, SEXP weight_, SEXP at_, SEXP slope_) {
  static r_words names = {{"incidence", "slope", "total", NULL}, NULL};
  const osv_cause_in in = {.n = (size_t)Rf_ncols(ratio_),
                           .n_cause = (size_t)Rf_nrows(hazard_),
                           .n_step = (size_t)Rf_ncols(hazard_),
                           .n_at = (size_t)Rf_xlength(at_),
                           .hazard = REAL_RO(hazard_),
                           .ratio = REAL_RO(ratio_),
                           .weight = Rf_isNull(weight_) ? NULL : REAL_RO(weight_),
                           .at = r_sizes(at_, 0)};
  const size_t square = in.n_cause * in.n_cause;
  const int slope = Rf_asLogical(slope_);
  SEXP ans = PROTECT(r_new_list(&names));
  osv_cause_out out = {.incidence =
                           r_new_column(ans, 0, (R_xlen_t)(in.n_cause * in.n_at * in.n))};
  if (slope) {
    out.slope = r_new_column(ans, 1, (R_xlen_t)(square * in.n_at * in.n));
    out.total = r_new_column(ans, 2, (R_xlen_t)(square * in.n_step));
  }
  double *const work = r_scratch(in.n_cause * (in.n_cause + 2));
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status = osv_cause_curves(&in, &guard.poll, work, &out);
  if (status != OSV_OK) r_abort_status(status);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_interval(). estimate, 1 - estimate and standard error: double[m];
 * type_: name of a type, see r_conf_type(); z_: double. Value: list(low, high) */
SEXP r_rate_limits(SEXP p_, SEXP rest_, SEXP error_, SEXP type_, SEXP z_) {
  static r_words names = {{"low", "high", NULL}, NULL};
  const R_xlen_t m = Rf_xlength(p_);
  SEXP ans = PROTECT(r_new_list(&names));
  double *const low = r_new_column(ans, 0, m), *const high = r_new_column(ans, 1, m);
  osv_interval(r_conf_type(type_), Rf_asReal(z_), REAL_RO(p_), REAL_RO(rest_),
               REAL_RO(error_), (size_t)m, low, high);
  UNPROTECT(1);
  return ans;
}
