#include "r_api.h"

#include <Rmath.h>

enum { TIME, N_RISK, N_EVENT, N_CENSOR, SURV, CIF, SE, LOW, HIGH, SIZE };
static const char *names[] = {"time",      "n_risk", "n_event",   "n_censor",
                              "surv",      "cif",    "std_error", "conf_low",
                              "conf_high", "size",   ""};

/* One curve as the outputs hold it: m rows from `first` on, cause after cause */
typedef struct {
  size_t first, m, n_row;
  double *column[SIZE];
} curve;

static double *at(const curve *x, int column, size_t cause) {
  return x->column[column] + cause * x->n_row + x->first;
}

/* Limits of one cause. 1 - F is summed from the event-free curve and the other causes,
 * so that it keeps its digits where F is near 1; it stays while F does. */
static osv_status put_limits(const curve *x, size_t cause, size_t n_cause, osv_conf type,
                             double z, const osv_poll *poll) {
  enum { CHUNK = 256 };
  double rest[CHUNK], last = 1.0;
  const double *const f = at(x, CIF, cause), *const se = at(x, SE, cause);
  for (size_t lo = 0; lo < x->m; lo += CHUNK) {
    const size_t n = x->m - lo < CHUNK ? x->m - lo : CHUNK;
    if ((lo + CHUNK) % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    for (size_t i = 0, j = lo; i < n; i++, j++) {
      if (j == 0 || f[j] != f[j - 1]) {
        last = at(x, SURV, 0)[j];
        for (size_t k = 0; k < n_cause; k++)
          if (k != cause) last += at(x, CIF, k)[j];
      }
      rest[i] = last;
    }
    osv_interval(type, z, f + lo, rest, se + lo, n, at(x, LOW, cause) + lo,
                 at(x, HIGH, cause) + lo);
  }
  return OSV_OK;
}

/* Exact limits of one cause where F is 0 or 1, or everywhere. Beta quantiles of R may
 * raise warnings, so the main thread only. */
static void put_exact(const curve *x, size_t cause, osv_conf type, double tail) {
  const double *f = at(x, CIF, cause), *se = at(x, SE, cause);
  const double *n_risk = at(x, N_RISK, 0), *n_event = at(x, N_EVENT, cause);
  double *low = at(x, LOW, cause), *high = at(x, HIGH, cause);
  const double end = r_end_tail(type, tail);
  size_t from = 0;
  for (; from < x->m && f[from] == 0.0; from++) {
    const double after = from + 1 < x->m ? n_risk[from + 1] : 0.0;
    low[from] = 0.0;
    high[from] = -expm1(osv_log_limit_no_event(after, end));
  }
  double events = 0.0;
  size_t ended = x->m;
  while (ended > from && f[ended - 1] >= 1.0) ended--;
  for (size_t j = from; j < ended; j++) {
    events += n_event[j];
    if (!r_exact_after(type, events)) break;
    if (j > from && f[j] == f[j - 1] && se[j] == se[j - 1]) {
      low[j] = low[j - 1];
      high[j] = high[j - 1];
      continue;
    }
    r_effective_limits(type, f[j], 1.0 - f[j], se[j], tail, low + j, high + j);
  }
  if (ended == x->m) return;
  from = ended;
  const void *top = vmaxget();
  double *shape = r_scratch(4 * (x->m - from));
  const osv_beta_out beta = {shape, shape + (x->m - from), shape + 2 * (x->m - from),
                             shape + 3 * (x->m - from)};
  /* F is 1 only when every event was of this cause: F = 1 - S, limits those of S */
  osv_beta_product(n_risk, n_event, at(x, N_CENSOR, 0), from, x->m, &beta);
  for (size_t i = 0; i < x->m - from; i++) {
    low[from + i] = r_beta_quantile(end, beta.high_b[i], beta.high_a[i], 0);
    high[from + i] = 1.0;
  }
  vmaxset(top);
}

/* .Call glue of osv_aj(), all curves of an event table.
 *
 * aalen_: TRUE for the standard errors of osv_aalen(). conf_type_ "none": no limits.
 * Value: list of double columns. time, n_risk, n_censor, surv: one row a curve and
 * distinct time, curves one after another; n_event, cif, std_error, conf_low, conf_high:
 * the same rows for the first cause, then for the second, ...; size double[n_curve].
 */
SEXP r_aj(SEXP table_, SEXP aalen_, SEXP conf_type_, SEXP level_, SEXP threads_) {
  const osv_table table = r_table(table_);
  const int limits = r_has_limits(conf_type_);
  const osv_conf type = limits ? r_conf_type(conf_type_) : OSV_CONF_PLAIN;
  const int aalen = Rf_asLogical(aalen_);
  const double tail = (1.0 - Rf_asReal(level_)) / 2.0;
  const double z = Rf_qnorm5(tail, 0.0, 1.0, 0, 0);
  const size_t n_cause = (size_t)table.n_status - 1;
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  const r_layout layout = r_curve_layout(&table, ans, SIZE);
  curve *part = (curve *)R_alloc(table.n_curve + 1, sizeof *part);
  double *column[SIZE] = {0};
  const int own_time = r_put_time(ans, TIME, table_, layout.n_row);
  for (int j = own_time ? TIME : N_RISK; j < (limits ? SIZE : LOW); j++) {
    const int by_cause = j == N_EVENT || j > SURV;
    column[j] = r_new_column(ans, j, layout.n_row * (by_cause ? (R_xlen_t)n_cause : 1));
  }
  for (size_t c = 0; c < table.n_curve; c++) {
    part[c] = (curve){layout.first[c], layout.size[c], (size_t)layout.n_row, {0}};
    for (int j = 0; j < SIZE; j++) part[c].column[j] = column[j];
  }
  const size_t work_size = osv_aj_work(table.n_status - 1);
  const int threads = r_thread_count(threads_, (double)layout.n_row);
  double *work = (double *)R_alloc((size_t)threads * work_size + 1, sizeof *work);
  osv_status *status = (osv_status *)R_alloc(table.n_curve + 1, sizeof *status);
  r_gate gate;
  r_gate_open(&gate);
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
#pragma omp for schedule(dynamic) nowait
    for (size_t c = 0; c < table.n_curve; c++) {
      const curve *x = part + c;
      const osv_counts counts = {own_time ? at(x, TIME, 0) : NULL, at(x, N_RISK, 0),
                                 at(x, N_CENSOR, 0), at(x, N_EVENT, 0), x->n_row};
      const osv_aj_out out = {at(x, SURV, 0), at(x, CIF, 0), at(x, SE, 0)};
      status[c] = osv_curve_counts(&table, c, x->m, &gate.poll, &counts);
      if (status[c] != OSV_OK) continue;
      const int causes = table.n_status - 1;
      status[c] = osv_aj_polled(&counts, x->m, causes, &gate.poll,
                                work + (size_t)r_thread_index() * work_size, &out);
      if (aalen && status[c] == OSV_OK)
        status[c] = osv_aalen(&counts, x->m, causes, &gate.poll, out.std_error);
      for (size_t k = 0; limits && k < n_cause && status[c] == OSV_OK; k++)
        status[c] = put_limits(x, k, n_cause, type, z, &gate.poll);
    }
    r_gate_wait(&gate);
  }
  for (size_t c = 0; c < table.n_curve; c++)
    if (status[c] != OSV_OK) r_abort_status(status[c]);
  for (size_t c = 0; c < table.n_curve; c++)
    for (size_t k = 0; limits && k < n_cause; k++) put_exact(part + c, k, r_conf_of_curve(type, &table, c), tail);
  UNPROTECT(1);
  return ans;
}
