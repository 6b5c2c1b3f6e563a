/* r_firth - glue of osv_firth() and osv_cox_moments(). */
#include "r_api.h"

/* The rows of a Cox model from the list rows_: x double[p, n]; weight double[n]; event
 * integer[n]; time_end, stratum_end, first_time, by_first double, 0-based; efron and
 * delayed logical */
static osv_cox_rows read_rows(SEXP rows_) {
  SEXP x_ = r_element(rows_, "x"), stratum_ = r_element(rows_, "stratum_end");
  return (osv_cox_rows){.n = (size_t)Rf_ncols(x_),
                        .p = (size_t)Rf_nrows(x_),
                        .n_stratum = (size_t)Rf_xlength(stratum_),
                        .x = REAL_RO(x_),
                        .weight = REAL_RO(r_element(rows_, "weight")),
                        .event = INTEGER_RO(r_element(rows_, "event")),
                        .time_end = r_sizes(r_element(rows_, "time_end"), 0),
                        .stratum_end = r_sizes(stratum_, 0),
                        .first_time = r_sizes(r_element(rows_, "first_time"), 0),
                        .by_first = r_sizes(r_element(rows_, "by_first"), 0),
                        .efron = Rf_asLogical(r_element(rows_, "efron")),
                        .delayed = Rf_asLogical(r_element(rows_, "delayed"))};
}

/* .Call glue of osv_firth()
 *
 * rows_  see read_rows(); cut_ double, see osv_firth()
 * Value: double[p, 5] of estimate, standard error, limits and likelihood ratio; NULL if
 * the events do not identify the coefficients.
 */
SEXP r_firth(SEXP rows_, SEXP cut_) {
  const osv_cox_rows rows = read_rows(rows_);
  SEXP ans = PROTECT(Rf_allocMatrix(REALSXP, (int)rows.p, 5));
  double *const at = REAL(ans), *work;
  const osv_firth_out out = {at, at + rows.p, at + 2 * rows.p, at + 3 * rows.p,
                             at + 4 * rows.p};
  work = (double *)R_alloc(osv_firth_work(rows.n, rows.p), sizeof *work);
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status = osv_firth(&rows, Rf_asReal(cut_), &guard.poll, work, &out);
  if (status == OSV_EINTR) r_abort_status(status);
  UNPROTECT(1);
  return status == OSV_OK ? ans : R_NilValue;
}
