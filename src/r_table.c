#include "r_api.h"

enum { TIME, JOINED };
static const char *names[] = {"time", "joined", ""};

/* .Call glue of osv_join_times(): times of the table after the tie rule.
 *
 * Value: list of time, the very vector of the table when nothing is joined, and joined,
 * the number of distinct times that were.
 */
SEXP r_join_times(SEXP table_, SEXP tol_) {
  const osv_table table = r_table(table_);
  SEXP time_ = r_element(table_, "time");
  const double tol = Rf_asReal(tol_);
  size_t *at = (size_t *)R_alloc(table.n_curve + 1, sizeof *at);
  size_t *heap = (size_t *)R_alloc(table.n_curve + 1, sizeof *heap);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(ans, TIME, time_);
  const size_t joined = osv_join_times(&table, tol, at, heap, NULL);
  if (joined > 0)
    osv_join_times(&table, tol, at, heap, r_new_column(ans, TIME, Rf_xlength(time_)));
  r_new_column(ans, JOINED, 1)[0] = (double)joined;
  UNPROTECT(1);
  return ans;
}
