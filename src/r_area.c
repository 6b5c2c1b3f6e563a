/* r_area - restricted means and times lost, with their exact limits. */
#include "r_api.h"

enum { KEPT, LOST, SE, LOW, HIGH, SIZE };
static const char *names[] = {"kept", "lost", "std_error", "low", "high", ""};

/* State of the computation of the areas of all curves */
typedef struct {
  osv_table table;
  r_layout layout;
  int n_cause;
  double tau;
  const double *tail; /* one for all curves, or one per curve */
  size_t n_tail;
  double *count, *after, *column[SIZE];
} areas;

static osv_status area_of_curve(void *ctx, size_t c, const osv_poll *poll) {
  const areas *x = ctx;
  const size_t m = x->layout.size[c], n_row = (size_t)x->layout.n_row;
  const double tail = x->tail[x->n_tail > 1 ? c : 0];
  double *first = x->count + x->layout.first[c];
  const osv_counts counts = {first, first + n_row, first + 2 * n_row, first + 3 * n_row,
                             n_row};
  const osv_status status = osv_curve_counts(&x->table, c, m, poll, &counts);
  double *const after = x->after + x->layout.first[c];
  if (status == OSV_OK) osv_risk_after(&x->table, c, &counts, m, 0, after);
  for (int k = 0; k < x->n_cause && status == OSV_OK; k++) {
    const size_t cell = (size_t)k * x->table.n_curve + c;
    osv_area_out out;
    osv_area(&counts, m, x->n_cause, k, x->tau, &out);
    x->column[KEPT][cell] = out.kept;
    x->column[LOST][cell] = out.lost;
    x->column[SE][cell] = out.std_error;
    if (!(out.std_error > 0.0))
      osv_area_limits(&counts, m, x->n_cause, k, after,
                      osv_count_subjects(&x->table, c, 0).start, x->tau, tail,
                      x->column[LOW] + cell, x->column[HIGH] + cell);
  }
  return status;
}

/* .Call glue of osv_area() for all curves of an event table, over [0, tau].
 *
 * tail_: the tail probability of exact limits on each side, one for all curves or one per
 * curve.
 * Value: list of double columns, one row per curve, for the first cause, then for the
 * second, ...; low and high: exact limits where std_error is 0, else NA. They are limits
 * of `kept` if there is one cause, else of `lost`.
 */
SEXP r_area(SEXP table_, SEXP tau_, SEXP tail_) {
  areas x = {.table = r_table(table_),
             .tau = Rf_asReal(tau_),
             .tail = REAL_RO(tail_),
             .n_tail = (size_t)Rf_xlength(tail_)};
  x.n_cause = x.table.n_status - 1;
  const R_xlen_t n_cell = (R_xlen_t)x.table.n_curve * x.n_cause;
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  for (int j = 0; j < SIZE; j++) x.column[j] = r_new_column(ans, j, n_cell);
  SEXP size_ = PROTECT(Rf_allocVector(VECSXP, 1));
  x.layout = r_curve_layout(&x.table, size_, 0);
  x.count = r_scratch((size_t)x.layout.n_row * (3 + (size_t)x.n_cause));
  x.after = r_scratch((size_t)x.layout.n_row);
  r_share(r_thread_count((double)x.layout.n_row), x.table.n_curve, area_of_curve, &x);
  for (size_t i = 0; i < (size_t)n_cell; i++) {
    const double low = x.column[LOW][i], high = x.column[HIGH][i];
    const int none = x.column[SE][i] > 0.0, lost = x.n_cause > 1;
    x.column[LOW][i] = none ? NA_REAL : lost ? x.tau - high : low;
    x.column[HIGH][i] = none ? NA_REAL : lost ? x.tau - low : high;
  }
  UNPROTECT(2);
  return ans;
}
