/* r_curve_estimators - the estimators of the curve engine: Kaplan-Meier, also for the
 * reverse curve, and Aalen-Johansen with either variance. */
#include "r_api.h"

/* The rows of a block with events. Element 0 of the arrays of estimates belongs to the
 * last row before the block; the estimates of row i of the block are in element of[i]. */
typedef struct {
  double n_risk[R_BLOCK], n_event[R_BLOCK];
  double surv[R_BLOCK + 1], risk[R_BLOCK + 1], std_error[R_BLOCK + 1];
  double low[R_BLOCK + 1], high[R_BLOCK + 1];
  size_t of[R_BLOCK];
} event_rows;

static size_t no_work(size_t n_cause) {
  (void)n_cause;
  return 0;
}

static void start_km(r_estimator *x) {
  x->km = osv_km_start();
  x->surv = x->low = x->high = 1.0;
  x->std_error = 0.0;
}

/* Copies the rows with events, since nothing changes between them. n >= 1. Value: the
 * number of rows copied. */
static size_t gather(const osv_counts *counts, size_t n, event_rows *to) {
  size_t m = 0, i = 0;
  do {
    to->n_risk[m] = counts->n_risk[i];
    to->n_event[m] = counts->n_event[i];
    m += counts->n_event[i] > 0.0;
    to->of[i] = m;
  } while (++i < n);
  return m;
}

/* Writes the estimates of all n rows from those of the rows with events, since they are
 * constant in between. Value: the estimate of the last row. */
static double spread(double *value, double before, const size_t *of, size_t n,
                     double *to) {
  value[0] = before;
  for (size_t i = 0; i < n; i++) to[i] = value[of[i]];
  return to[n - 1];
}

static void next_km(r_estimator *x, const osv_counts *counts, size_t n,
                    const r_rows *to) {
  event_rows at;
  const size_t m = gather(counts, n, &at);
  const osv_km_out km = {at.surv + 1, at.risk + 1, at.std_error + 1};
  osv_km_update(&x->km, at.n_risk, at.n_event, m, &km);
  x->surv = spread(at.surv, x->surv, at.of, n, to->estimate);
  x->std_error = spread(at.std_error, x->std_error, at.of, n, to->std_error);
  if (!to->low) return;
  osv_interval(x->limits->exact.type, x->limits->z, km.surv, km.risk, km.std_error, m,
               at.low + 1, at.high + 1);
  x->low = spread(at.low, x->low, at.of, n, to->low);
  x->high = spread(at.high, x->high, at.of, n, to->high);
}

static size_t aj_work(size_t n_cause) {
  return osv_aj_work((int)n_cause) + 2 * n_cause;
}

static void start_aj(r_estimator *x) {
  x->aj = osv_aj_start((int)x->n_cause, x->work);
  x->last = (osv_incidence_row *)(x->work + osv_aj_work((int)x->n_cause));
  for (size_t k = 0; k < x->n_cause; k++) x->last[k] = osv_incidence_start();
}

static void fill_limits(r_estimator *x, size_t n, const r_rows *to) {
  const osv_aj_out aj = {to->event_free, to->estimate, to->std_error};
  for (size_t k = 0; to->low && k < x->n_cause; k++)
    osv_incidence_limits(x->limits->exact.type, x->limits->z, &aj, to->stride, x->n_cause,
                         k, n, x->last + k, to->low + k * to->stride,
                         to->high + k * to->stride);
}

static void next_aj(r_estimator *x, const osv_counts *counts, size_t n,
                    const r_rows *to) {
  const osv_aj_out out = {to->event_free, to->estimate, to->std_error};
  osv_aj_update(&x->aj, counts, n, (int)x->n_cause, &out, to->stride);
  fill_limits(x, n, to);
}

static size_t aalen_work(size_t n_cause) {
  return aj_work(n_cause) + n_cause * (sizeof(osv_aalen_state) / sizeof(double));
}

static void start_aalen(r_estimator *x) {
  start_aj(x);
  x->aalen = (osv_aalen_state *)(x->work + aj_work(x->n_cause));
  for (size_t k = 0; k < x->n_cause; k++) x->aalen[k] = osv_aalen_start();
}

static void next_aalen(r_estimator *x, const osv_counts *counts, size_t n,
                       const r_rows *to) {
  const osv_aj_out out = {to->event_free, to->estimate, to->std_error};
  osv_aj_update(&x->aj, counts, n, (int)x->n_cause, &out, to->stride);
  for (size_t k = 0; k < x->n_cause; k++)
    osv_aalen_update(x->aalen + k, counts, n, x->n_cause, k,
                     to->std_error + k * to->stride);
  fill_limits(x, n, to);
}

const r_estimator_kind r_kaplan_meier = {no_work, start_km, next_km};
const r_estimator_kind r_aalen_johansen = {aj_work, start_aj, next_aj};
const r_estimator_kind r_aalen_variance = {aalen_work, start_aalen, next_aalen};
