#include "r_api.h"

#include <Rmath.h>

enum { TIME, N_RISK, N_EVENT, N_CENSOR, SURV, SE, LOW, HIGH, SIZE };
static const char *names[] = {"time",      "n_risk",   "n_event",   "n_censor", "surv",
                              "std_error", "conf_low", "conf_high", "size",     ""};

typedef struct {
  double *column[SIZE], *risk;
} curves;

/* One curve of the output */
typedef struct {
  const double *n_risk, *n_event, *n_censor, *surv;
  double *low, *high;
} curve;

/* Beta limits of the rows from .. to - 1. A limit whose law has not changed since the row
 * before is that of the row before. */
static void put_beta(const curve *x, size_t from, size_t to, osv_conf type, double tail) {
  if (from == to) return;
  const size_t n = to - from;
  const void *top = vmaxget();
  double *shape = r_scratch(4 * n);
  const osv_beta_out beta = {shape, shape + n, shape + 2 * n, shape + 3 * n};
  osv_beta_product(x->n_risk, x->n_event, x->n_censor, from, to, &beta);
  for (size_t i = 0; i < n; i++) {
    const double a[] = {x->surv[from + i] == 0.0 ? 0.0 : beta.low_a[i], beta.high_a[i]};
    const double b[] = {beta.low_b[i], beta.high_b[i]};
    double *high = x->high + from + i;
    const int same = i > 0 && type != OSV_CONF_MID_P && x->n_event[from + i] == 0.0;
    if (same) *high = high[-1];
    r_beta_limits(type, a, b, tail, x->low + from + i, same ? NULL : high);
  }
  vmaxset(top);
}

/* Exact limits of one curve where S is 1 or 0, and where `type` has them: beta quantiles
 * of R, which may raise warnings, so the main thread only. S is 1 first and 0 last. */
static void put_exact(const curve *x, size_t m, const double *risk, osv_conf type,
                      double tail) {
  const double end = r_end_tail(type, tail);
  size_t from = 0, ended = m;
  for (; from < m && risk[from] == 0.0; from++) {
    x->low[from] = exp(osv_log_limit_no_event(x->n_risk[from] - x->n_censor[from], end));
    x->high[from] = 1.0;
  }
  while (ended > from && x->surv[ended - 1] == 0.0) ended--;
  double events = 0.0;
  size_t few = from;
  while (few < ended && r_exact_after(type, events += x->n_event[few])) few++;
  put_beta(x, from, few, type, tail);
  put_beta(x, ended, m, type, tail);
}

/* .Call glue of osv_km(), all curves of an event table with one event type.
 *
 * reverse_: TRUE for the reverse curve (censorings as events). conf_type_, level_: the
 * pointwise limits; exact ones stand where S is 0 or 1; "none" leaves them out.
 * Value: list of double columns, curves one after another, one row a distinct time, and
 * `size` double[n_curve], rows of each curve.
 */
SEXP r_km(SEXP table_, SEXP reverse_, SEXP conf_type_, SEXP level_, SEXP threads_) {
  const osv_table table = r_table(table_);
  const int limits = r_has_limits(conf_type_);
  const osv_conf type = limits ? r_conf_type(conf_type_) : OSV_CONF_PLAIN;
  const double tail = (1.0 - Rf_asReal(level_)) / 2.0;
  const double z = Rf_qnorm5(tail, 0.0, 1.0, 0, 0);
  const int reverse = Rf_asLogical(reverse_);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  const r_layout layout = r_curve_layout(&table, ans, SIZE);
  curves out = {0};
  const int own_time = r_put_time(ans, TIME, table_, layout.n_row);
  for (int j = own_time ? TIME : N_RISK; j < (limits ? SIZE : LOW); j++)
    out.column[j] = r_new_column(ans, j, layout.n_row);
  out.risk = r_scratch((size_t)layout.n_row);
  osv_status *status = (osv_status *)R_alloc(table.n_curve + 1, sizeof *status);
  const int threads = r_thread_count(threads_, (double)layout.n_row);
  r_gate gate;
  r_gate_open(&gate);
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
#pragma omp for schedule(dynamic) nowait
    for (size_t c = 0; c < table.n_curve; c++) {
      const size_t at = layout.first[c], m = layout.size[c];
      double *n_risk = out.column[N_RISK] + at, *n_event = out.column[N_EVENT] + at;
      const osv_counts counts = {own_time ? out.column[TIME] + at : NULL, n_risk,
                                 out.column[N_CENSOR] + at, n_event, m};
      const osv_km_out km = {out.column[SURV] + at, out.risk + at, out.column[SE] + at};
      status[c] = osv_curve_counts(&table, c, m, &gate.poll, &counts);
      if (status[c] != OSV_OK) continue;
      if (reverse) osv_km_reverse(n_risk, n_event, counts.n_censor, m);
      status[c] = osv_km_polled(n_risk, n_event, m, &gate.poll, &km);
      for (size_t lo = 0; limits && lo < m && status[c] == OSV_OK; lo += OSV_POLL_ROWS) {
        const size_t n = m - lo < OSV_POLL_ROWS ? m - lo : OSV_POLL_ROWS;
        osv_interval(type, z, km.surv + lo, km.risk + lo, km.std_error + lo, n,
                     out.column[LOW] + at + lo, out.column[HIGH] + at + lo);
        if (lo > 0 && gate.poll.fn(gate.poll.ctx)) status[c] = OSV_EINTR;
      }
    }
    r_gate_wait(&gate);
  }
  for (size_t c = 0; c < table.n_curve; c++)
    if (status[c] != OSV_OK) r_abort_status(status[c]);
  for (size_t c = 0; limits && c < table.n_curve; c++) {
    const size_t at = layout.first[c];
    const curve x = {out.column[N_RISK] + at,   out.column[N_EVENT] + at,
                     out.column[N_CENSOR] + at, out.column[SURV] + at,
                     out.column[LOW] + at,      out.column[HIGH] + at};
    put_exact(&x, layout.size[c], out.risk + at, r_conf_of_curve(type, &table, c), tail);
  }
  UNPROTECT(1);
  return ans;
}
