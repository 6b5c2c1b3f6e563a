/* What the glue of curves and areas shares: the layout of the output, limits. */
#include "r_api.h"

#include <Rmath.h>
#include <string.h>

/* Rows of each curve in the output, one per distinct time; stores `size` in the list. */
r_layout r_curve_layout(const osv_table *table, SEXP list, int size_at) {
  const size_t n = table->n_curve;
  double *column = r_new_column(list, size_at, (R_xlen_t)n);
  size_t *first = (size_t *)R_alloc(n + 1, sizeof *first);
  size_t *size = (size_t *)R_alloc(n + 1, sizeof *size);
  size_t sum = 0;
  for (size_t c = 0; c < n; c++) {
    const size_t lo = (size_t)table->start[c];
    first[c] = sum;
    size[c] = osv_count_times(table->time + lo, (size_t)table->start[c + 1] - lo);
    column[c] = (double)size[c];
    sum += size[c];
  }
  return (r_layout){(R_xlen_t)n, first, size, (R_xlen_t)sum};
}

osv_conf r_conf_type(SEXP type_) {
  static const char *types[] = {"plain", "log", "log-log", "logit", "arcsin", "exact"};
  const char *type = CHAR(STRING_ELT(type_, 0));
  for (int i = 0; i < 6; i++)
    if (strcmp(type, types[i]) == 0) return (osv_conf)i;
  Rf_error("oligosurv internal error: interval type"); /* # nocov */
}

/* Clopper-Pearson limits of f, 0 < f < 1, rest = 1 - f, on the effective number of
 * subjects f rest / se^2. May raise R warnings: main thread only. */
void r_effective_limits(double f, double rest, double se, double tail, double *low,
                        double *high) {
  const double n = f * rest / se / se;
  *low = Rf_qbeta(tail, f * n, rest * n + 1.0, 1, 0);
  *high = Rf_qbeta(tail, f * n + 1.0, rest * n, 0, 0);
}
