/* r_pseudo - glue of osv_pseudo(): pseudo-values and influence by row. */
#include "r_api.h"

enum { ESTIMATE, LEFT_OUT, INFLUENCE };
static const char *names[] = {"estimate", "left_out", "influence", ""};

/* .Call glue of osv_pseudo(), all curves of a table with one row per subject.
 *
 * cause_  1-based
 * area_   TRUE for integrals up to `at`, FALSE for values at `at`
 * at_     double
 * Value: list of estimate double[curves, at]; left_out and influence double[rows, at].
 * left_out is undefined with delayed entry.
 */
SEXP r_pseudo(SEXP table_, SEXP cause_, SEXP area_, SEXP at_) {
  const osv_table table = r_table(table_);
  osv_functional functional = {Rf_asInteger(cause_) - 1, Rf_asLogical(area_), 0.0};
  const R_xlen_t n_at = Rf_xlength(at_), n_row = Rf_xlength(r_element(table_, "time"));
  const R_xlen_t n_curve = (R_xlen_t)table.n_curve;
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *estimate = r_new_column(ans, ESTIMATE, n_curve * n_at);
  double *left_out = r_new_column(ans, LEFT_OUT, n_row * n_at);
  double *influence = r_new_column(ans, INFLUENCE, n_row * n_at);
  const size_t n = (size_t)n_row + 1, n_status = (size_t)table.n_status;
  double *column = (double *)R_alloc(n * (3 + 3 * n_status), sizeof *column);
  const osv_counts counts = {column, column + n, column + 2 * n, column + 3 * n, n};
  double *work = (double *)R_alloc(osv_pseudo_work(n), sizeof *work);
  const osv_pseudo_out out = {column + (2 + n_status) * n,
                              column + (2 + 2 * n_status) * n,
                              (double *)R_alloc(n, sizeof(double))};
  const size_t *entry = r_entry_index(table_, &table);
  r_guard guard;
  r_guard_open(&guard);
  for (R_xlen_t c = 0; c < n_curve; c++) {
    const size_t lo = (size_t)table.start[c], hi = (size_t)table.start[c + 1];
    const size_t m = osv_count_times(table.time + lo, hi - lo);
    const osv_status status =
        osv_curve_counts(&table, (size_t)c, m, &guard.poll, &counts);
    if (status != OSV_OK) r_abort_status(status);
    for (R_xlen_t i = 0; i < n_at; i++) {
      if (guard.poll.fn(guard.poll.ctx)) r_abort_status(OSV_EINTR);
      functional.at = REAL_RO(at_)[i];
      estimate[i * n_curve + c] =
          osv_pseudo(&counts, m, table.n_status - 1, &functional, work, &out);
      for (size_t row = lo, j = 0; row < hi; row++) {
        j += row > lo && table.time[row] != table.time[row - 1];
        const size_t at = (size_t)table.status[row] * m + j;
        left_out[(size_t)(i * n_row) + row] = out.left_out[at];
        influence[(size_t)(i * n_row) + row] =
            out.influence[at] - (entry ? out.passed[entry[row]] : 0.0);
      }
    }
  }
  UNPROTECT(1);
  return ans;
}
