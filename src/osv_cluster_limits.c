/* osv_cluster_limits - confidence limits of curves whose rows have ids. */
#include "osv_core.h"

#include <math.h>

/* Shapes of the beta distribution of the lower limit if F has reached 1. It is the beta
 * product of osv_exact_update(), for ids instead of subjects. The proportion of ids at
 * risk that have the event is estimated by the weights of their rows. */
static void shapes_of_one(const osv_counts *counts, size_t m, size_t cause,
                          const osv_cluster_out *by_id, double *event, osv_basis *row) {
  for (size_t j = 0; j < m; j++) {
    const double d = counts->n_event[cause * counts->stride + j];
    event[j] = by_id->n_id[j] * (d / counts->n_risk[j]);
  }
  double shape[5];
  const osv_exact_out out = {shape, shape + 1, shape + 2, shape + 3, shape + 4};
  const osv_counts ids = {NULL, by_id->n_id, NULL, event, 0};
  osv_exact_state state = osv_exact_start(*by_id->start);
  osv_exact_update(&state, &ids, 1, 0, by_id->after, m - 1, m, &out);
  row->a[0] = out.high_b[0];
  row->a[1] = 1.0;
  row->b[0] = out.high_a[0];
  row->b[1] = 0.0;
}

/* Limits of F of one cause, or of 1 - F with `survival`, in a curve whose rows have ids.
 *
 * in   counts and estimates of the curve, see osv_cluster_aj(); events[m] at each time,
 *      by which the small-sample type decides whether events are few; rest[m]: 1 - F
 * work event[m]
 * out  low[m], high[m]; NaN if the curve has a single id, from which no standard error
 *      can be estimated
 * Exact limits are Clopper-Pearson limits for the effective number of ids, not of rows.
 * This number follows from the standard error, which is first multiplied by
 * sqrt(ids / (ids - 1)) to correct for a small number of ids. The upper limit of F is at
 * least that for no event among `kept` ids; with delayed entry of ids this holds only
 * after the risk set has been empty.
 */
osv_status osv_cluster_limits(const osv_exact *want, double z, const osv_counts *counts,
                              size_t m, size_t n_cause, size_t cause, int survival,
                              const osv_cluster_out *by_id, const double *events,
                              const double *rest, const osv_poll *poll, double *event,
                              double *low, double *high) {
  enum { POLL_ROWS = 1024 }; /* quantiles take microseconds */
  const double *f = by_id->cif + cause * counts->stride, ids = *by_id->ids;
  const double *std_error = by_id->std_error + cause * counts->stride;
  if (survival)
    osv_interval(want->type, z, rest, f, std_error, m, low, high);
  else
    osv_cause_interval(want->type, z, n_cause, f, rest, std_error, m, low, high);
  osv_exact x = *want;
  x.type = osv_conf_of_size(want->type, ids);
  double seen = 0.0;
  osv_basis of_one = {.kind = OSV_LIMITS_FORMULA}; /* computed once for all rows in which
                                                    * F is 1 */
  for (size_t j = 0; j < m; j++) {
    if (poll && j % POLL_ROWS == POLL_ROWS - 1 && poll->fn(poll->ctx)) return OSV_EINTR;
    const double p = f[j], q = rest[j], se = std_error[j], kept = by_id->kept[j];
    seen += events[j];
    osv_limits_row row = {.at_start = p == 0.0, .at_end = q == 0.0, .by_id = 1};
    row.no_event = row.at_start;
    row.events = seen;
    row.n_id = ids;
    row.no_spread = se * se * 0x1p53 < p * q; /* the standard error is 0 up to rounding */
    osv_basis basis = {.kind = osv_which_limits(x.type, &row), .least = kept};
    if (basis.kind == OSV_LIMITS_FORMULA) continue;
    if (basis.kind == OSV_LIMITS_PRODUCT) {
      if (of_one.kind != OSV_LIMITS_PRODUCT)
        shapes_of_one(counts, m, cause, by_id, event, &of_one);
      of_one.kind = OSV_LIMITS_PRODUCT;
      basis = of_one;
      basis.least = NAN;
    }
    if (basis.kind == OSV_LIMITS_EFFECTIVE) {
      osv_effective_shapes(
          p, q, row.no_spread ? sqrt(p * q / ids) : se * sqrt(ids / (ids - 1.0)), basis.a,
          basis.b);
      if (*by_id->gains && kept != 0.0) basis.least = NAN;
    }
    double l = NAN, h = NAN;
    if (basis.kind != OSV_LIMITS_UNKNOWN) osv_exact_limits(&x, &basis, &l, &h);
    low[j] = survival ? 1.0 - h : l;
    high[j] = survival ? 1.0 - l : h;
  }
  return OSV_OK;
}
