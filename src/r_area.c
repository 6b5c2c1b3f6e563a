#include "r_api.h"

enum { KEPT, LOST, SE, LOW, HIGH, SIZE };
static const char *names[] = {"kept", "lost", "std_error", "low", "high", ""};

/* .Call glue of osv_area(), all curves of an event table over [0, tau].
 *
 * tail_: the probability outside of exact limits on one side.
 * Value: list of double columns, one row a curve, for the first cause, then for the
 * second, ...; low and high: where std_error is 0, exact limits of kept if there is one
 * cause, else of lost; else NA.
 */
SEXP r_area(SEXP table_, SEXP tau_, SEXP tail_, SEXP threads_) {
  const osv_table table = r_table(table_);
  const double tau = Rf_asReal(tau_), tail = Rf_asReal(tail_);
  const int n_cause = table.n_status - 1;
  const R_xlen_t n_cell = (R_xlen_t)table.n_curve * n_cause;
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
  for (size_t i = 0; i < (size_t)n_cell; i++) {
    const double low = column[LOW][i], high = column[HIGH][i];
    const int none = column[SE][i] > 0.0, lost = n_cause > 1;
    column[LOW][i] = none ? NA_REAL : lost ? tau - high : low;
    column[HIGH][i] = none ? NA_REAL : lost ? tau - low : high;
  }
  UNPROTECT(2);
  return ans;
}

/* .Call: limits of shares on the number of subjects that their errors stand for; rest_:
 * 1 - share. NA without an error. */
SEXP r_share_limits(SEXP share_, SEXP rest_, SEXP error_, SEXP tail_) {
  static const char *columns[] = {"low", "high", ""};
  const R_xlen_t n = Rf_xlength(share_);
  const double *share = REAL_RO(share_), *rest = REAL_RO(rest_), *error = REAL_RO(error_);
  const double tail = Rf_asReal(tail_);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  double *low = r_new_column(ans, 0, n), *high = r_new_column(ans, 1, n);
  for (R_xlen_t i = 0; i < n; i++) {
    low[i] = high[i] = NA_REAL;
    if (error[i] > 0.0)
      r_effective_limits(OSV_CONF_EXACT, share[i], rest[i], error[i], tail, low + i,
                         high + i);
  }
  UNPROTECT(1);
  return ans;
}
