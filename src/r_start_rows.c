/* r_start_rows - adds a row at the start of curves to the columns of a fit. */
#include "r_api.h"

/* .Call: a column of a fit with an added row at the start of some curves.
 *
 * x_: double, the values of all curves, one after another; values before position from_
 * belong to other outcomes. If x_ is NULL the fit has no such column, and the result is
 * NA except in the added rows. size_: number of rows of each curve. add_: logical, TRUE
 * for curves that get a row. start_: value of the added rows, one per curve or one for
 * all. running_: TRUE for cumulative totals of the curves instead of the values. A fit of
 * which a user shortened a column is an error, which with_object() explains.
 */
SEXP r_start_rows(SEXP x_, SEXP from_, SEXP size_, SEXP add_, SEXP start_,
                  SEXP running_) {
  const R_xlen_t n_curve = Rf_xlength(size_), n_start = Rf_xlength(start_);
  const double *size = REAL_RO(size_), *start = REAL_RO(start_);
  const int *add = LOGICAL_RO(add_), running = Rf_asLogical(running_);
  const R_xlen_t from = (R_xlen_t)Rf_asReal(from_);
  R_xlen_t n_x = 0, n = 0, at = 0;
  for (R_xlen_t c = 0; c < n_curve; c++) {
    n_x += (R_xlen_t)size[c];
    n += (R_xlen_t)size[c] + (add[c] != 0);
  }
  const int whole = Rf_isNull(x_) || (Rf_isReal(x_) && Rf_xlength(x_) - from >= n_x);
  if (!whole || (n_start != 1 && n_start < n_curve))
    Rf_error("a column of the fit has another type or length than the others");
  const double *x = Rf_isNull(x_) ? NULL : REAL_RO(x_) + from;
  SEXP ans = PROTECT(Rf_allocVector(VECSXP, 1));
  double *to = r_new_column(ans, 0, n);
  for (R_xlen_t c = 0; c < n_curve; c++) {
    const R_xlen_t m = (R_xlen_t)size[c];
    double sum = 0.0;
    if (add[c]) to[at++] = start[n_start == 1 ? 0 : c];
    for (R_xlen_t i = 0; i < m; i++)
      to[at++] = !x ? NA_REAL : running ? sum += x[i] : x[i];
    if (x) x += m;
    if (c % 1024 == 1023 || m > OSV_POLL_ROWS) r_check_user();
  }
  UNPROTECT(1);
  return VECTOR_ELT(ans, 0);
}
