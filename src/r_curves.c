/* r_curves - glue of osv_hazard_influence(), osv_cause_curves() and osv_interval(). */
#include "r_api.h"

/* Row numbers of the list, from 0 to `most`; NULL if they are NULL */
static const size_t *sizes_or_null(const r_parts *parts, const char *name, R_xlen_t n,
                                   size_t most) {
  return Rf_isNull(r_part(parts, name)) ? NULL : r_part_sizes(parts, name, n, 0, most);
}

/* Reads the list of osv_influence_in, whose stratum is counted from 1 */
static osv_influence_in read_influence(const r_parts *parts, size_t n_stratum) {
  const R_xlen_t n = Rf_xlength(r_part(parts, "stratum"));
  const R_xlen_t n_step = Rf_xlength(r_part(parts, "hazard"));
  osv_influence_in in = {.n = (size_t)n, .n_step = (size_t)n_step};
  const int *const stratum = r_part_codes(parts, "stratum", n, 1, n_stratum, 0);
  int *const from_0 = (int *)R_alloc(in.n + 1, sizeof *from_0);
  for (size_t i = 0; i < in.n; i++) from_0[i] = stratum[i] - 1;
  in.stratum = from_0;
  in.risk = r_part_doubles(parts, "risk", n, 0);
  in.event = r_part_flags(parts, "event", n);
  in.first = r_part_sizes(parts, "first", n, 0, in.n_step);
  in.last = r_part_sizes(parts, "last", n, 0, in.n_step);
  in.hazard = r_part_doubles(parts, "hazard", n_step, 0);
  in.jump = r_part_doubles(parts, "jump", n_step, 0);
  in.tied = r_part_doubles(parts, "tied", n_step, 0);
  in.weight = r_part_doubles(parts, "weight", n, 1);
  in.count = r_part_doubles(parts, "count", n, 1);
  in.until = sizes_or_null(parts, "until", n, in.n_step);
  in.weighted = r_part_doubles(parts, "weighted", n_step, 1);
  const int estimated = in.weighted != NULL; /* weights of a Fine-Gray model */
  r_check_part(parts, estimated == (in.until != NULL), "until");
  in.entered = r_part_doubles(parts, "entered", n, !estimated);
  in.stayed = r_part_doubles(parts, "stayed", n, !estimated);
  in.moved = r_part_doubles(parts, "moved", n_step, !estimated);
  return in;
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
  const r_parts parts = {cells_, "hazard_ratio"};
  r_check_part(&parts, TYPEOF(at_) == REALSXP && Rf_isMatrix(at_), "time");
  const size_t n_at = (size_t)Rf_nrows(at_);
  const osv_influence_in in = read_influence(&parts, (size_t)Rf_ncols(at_));
  const double units = Rf_isNumeric(n_unit_) ? Rf_asReal(n_unit_) : -1.0;
  const R_xlen_t n = (R_xlen_t)in.n;
  r_check_part(&parts, units >= 0.0 && units <= INT_MAX, "id");
  r_check_part(&parts, !Rf_isNull(unit_) || units == (double)n, "id");
  const size_t n_unit = (size_t)units;
  const size_t *const unit =
      Rf_isNull(unit_) ? NULL : r_vector_sizes(&parts, unit_, "id", n, 1, n_unit);
  const size_t *const at =
      r_vector_sizes(&parts, at_, "time", Rf_xlength(at_), 0, in.n_step);
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
  const r_parts parts = {R_NilValue, "hazard_ratio"};
  const int matrices = TYPEOF(hazard_) == REALSXP && Rf_isMatrix(hazard_) &&
                       TYPEOF(ratio_) == REALSXP && Rf_isMatrix(ratio_);
  r_check_part(&parts, matrices && Rf_nrows(hazard_) == Rf_nrows(ratio_), "fits");
  r_check_part(&parts,
               Rf_isNull(weight_) || (TYPEOF(weight_) == REALSXP &&
                                      Rf_xlength(weight_) == Rf_ncols(ratio_)),
               "fits");
  const osv_cause_in in = {.n = (size_t)Rf_ncols(ratio_),
                           .n_cause = (size_t)Rf_nrows(hazard_),
                           .n_step = (size_t)Rf_ncols(hazard_),
                           .n_at = (size_t)Rf_xlength(at_),
                           .hazard = REAL_RO(hazard_),
                           .ratio = REAL_RO(ratio_),
                           .weight = Rf_isNull(weight_) ? NULL : REAL_RO(weight_),
                           .at = r_vector_sizes(&parts, at_, "time", Rf_xlength(at_), 0,
                                                (size_t)Rf_ncols(hazard_))};
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
