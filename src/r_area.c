#include "r_api.h"

enum { KEPT, LOST, SE, LOW, HIGH, SIZE };
static const char *names[] = {"kept", "lost", "std_error", "low", "high", ""};

/* .Call glue of osv_area(), all curves of an event table over [0, tau].
 *
 * tail_: the probability outside on one side; widen_ double[n_curve]: factors on the
 * standard error in the limits.
 * Value: list of double columns, one row a curve, for the first cause, then for the
 * second, ...; low and high: limits of kept where there is one cause, else of lost, as
 * shares of tau on their effective number of subjects; exact where std_error is 0.
 */
SEXP r_area(SEXP table_, SEXP tau_, SEXP tail_, SEXP widen_, SEXP threads_) {
  const osv_table table = r_table(table_);
  const double tau = Rf_asReal(tau_), tail = Rf_asReal(tail_);
  const double *widen = REAL_RO(widen_);
  const int n_cause = table.n_status - 1;
  const R_xlen_t n_cell = (R_xlen_t)table.n_curve * n_cause;
  if ((size_t)Rf_xlength(widen_) != table.n_curve)
    Rf_error("oligosurv internal error: r_area() lengths"); /* # nocov */
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *column[SIZE];
  for (int j = 0; j < SIZE; j++) column[j] = r_new_column(ans, j, n_cell);
  SEXP size_ = PROTECT(Rf_allocVector(VECSXP, 1));
  const r_layout layout = r_curve_layout(&table, size_, 0);
  const size_t n_row = (size_t)layout.n_row;
  double *count = (double *)R_alloc(n_row * (3 + (size_t)n_cause) + 1, sizeof *count);
  osv_status *status = (osv_status *)R_alloc(table.n_curve + 1, sizeof *status);
  const int threads = r_thread_count(threads_, (double)layout.n_row);
  r_gate gate;
  r_gate_open(&gate);
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
  for (size_t c = 0; c < table.n_curve; c++) {
    const size_t m = layout.size[c];
    double *first = count + layout.first[c];
    const osv_counts counts = {first, first + n_row, first + 2 * n_row, first + 3 * n_row,
                               n_row};
    status[c] = osv_curve_counts(&table, c, m, &gate.poll, &counts);
    if (status[c] != OSV_OK) continue;
    for (int k = 0; k < n_cause; k++) {
      const size_t cell = (size_t)k * table.n_curve + c;
      osv_area_out out;
      osv_area(&counts, m, n_cause, k, tau, &out);
      column[KEPT][cell] = out.kept;
      column[LOST][cell] = out.lost;
      column[SE][cell] = out.std_error;
      if (!(out.std_error > 0.0))
        osv_area_limits(&counts, m, n_cause, k, tau, tail, column[LOW] + cell,
                        column[HIGH] + cell);
    }
  }
  for (size_t c = 0; c < table.n_curve; c++)
    if (status[c] != OSV_OK) r_abort_status(status[c]);
  const int own = n_cause == 1 ? KEPT : LOST, other = n_cause == 1 ? LOST : KEPT;
  for (size_t i = 0; i < (size_t)n_cell; i++) {
    double *low = column[LOW] + i, *high = column[HIGH] + i;
    if (column[SE][i] > 0.0) {
      const double se = widen[i % table.n_curve] * column[SE][i] / tau;
      r_effective_limits(OSV_CONF_EXACT, column[own][i] / tau, column[other][i] / tau, se,
                         tail, low, high);
      *low *= tau;
      *high *= tau;
    } else if (own == LOST) {
      const double kept_low = *low;
      *low = tau - *high;
      *high = tau - kept_low;
    }
  }
  UNPROTECT(2);
  return ans;
}
