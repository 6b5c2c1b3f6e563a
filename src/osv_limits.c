/* osv_limits - which confidence limits a row of a curve has, and the exact ones. */
#include "osv_core.h"

#include <math.h>

/* The type of limits for a curve of n subjects or ids */
osv_conf osv_conf_of_size(osv_conf type, double n) {
  return type == OSV_CONF_SMALL_SAMPLE && n <= OSV_FEW_SUBJECTS ? OSV_CONF_EXACT : type;
}

/* Which limits apply at a row of a curve of this type, see osv_conf_of_size(). Exact
 * limits replace the interval formula where it is undefined: at estimates of 0 and 1 and
 * without spread between ids. The exact types have them in all rows, the small-sample
 * type up to a few events. Without an event they need only the smallest risk set, else
 * the beta product; with ids or delayed entry, the effective number of ids or subjects. A
 * single id has no spread. */
osv_limits_kind osv_which_limits(osv_conf type, const osv_limits_row *row) {
  const int exact = type == OSV_CONF_EXACT || type == OSV_CONF_MID_P ||
                    (type == OSV_CONF_SMALL_SAMPLE && row->events <= OSV_FEW_EVENTS);
  if (row->at_start && row->no_event) return OSV_LIMITS_NO_EVENT;
  if (row->at_start || row->at_end) return OSV_LIMITS_PRODUCT;
  if (row->by_id && row->n_id < 2.0) return OSV_LIMITS_UNKNOWN;
  if (!exact && !row->no_spread) return OSV_LIMITS_FORMULA;
  if (row->by_id) return OSV_LIMITS_EFFECTIVE;
  return row->late ? OSV_LIMITS_LATE : OSV_LIMITS_PRODUCT;
}

/* Tail of the exact limit next to 0 or 1: one of the two distributions of the mid-p
 * mixture is a point there, so the other must have twice the tail probability. */
static double end_tail(const osv_exact *x) {
  return x->type == OSV_CONF_MID_P ? 2.0 * x->tail : x->tail;
}

/* Quantile of Beta(a, b) with the probability `tail` below it, or above it with `upper`;
 * a = 0 is the point 0, b = 0 the point 1. Shapes near 0, from an effective number far
 * below one subject, can have quantiles too small for a double, at which the library
 * fails; there they solve x^a / (a B(a, b)) = tail. */
static double beta_quantile(const osv_quantiles *q, double tail, double a, double b,
                            int upper) {
  if (a <= 0.0) return 0.0;
  if (b <= 0.0) return 1.0;
  const double near_end = upper ? b : a, log_beta = q->lbeta(a, b);
  double x;
  if (osv_beta_quantile(tail, a, b, log_beta, upper, &x)) return x;
  const double log_x = (log(tail) + log(near_end) + log_beta) / near_end;
  if (log_x < -700.0) return upper ? 1.0 : 0.0;
  return q->qbeta(tail, a, b, !upper, 0);
}

/* Quantile of the even mixture of Beta(a[0], b[0]), the lower one, and Beta(a[1], b[1]).
 * The tail is the probability below it or, with `upper`, above it. */
static double mixture_quantile(const osv_exact *x, const double *a, const double *b,
                               int upper) {
  const osv_quantiles *q = x->quantiles;
  double low = beta_quantile(q, x->tail, a[0], b[0], upper);
  double high = beta_quantile(q, x->tail, a[1], b[1], upper);
  for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const double at = 0.5 * (low + high);
    if (at <= low || at >= high) break;
    const double p =
        0.5 * (q->pbeta(at, a[0], b[0], !upper, 0) + q->pbeta(at, a[1], b[1], !upper, 0));
    if ((p < x->tail) == !upper)
      low = at;
    else
      high = at;
  }
  return 0.5 * (low + high);
}

/* Exact limits of a probability, or their mid-p form: quantiles of the distribution
 * behind the lower limit, Beta(a[0], b[0]), and behind the upper one, Beta(a[1], b[1]),
 * or of their even mixture. Limits with unchanged shapes are reused. */
static void beta_limits(osv_exact *x, const double *a, const double *b, double *low,
                        double *high) {
  const int same_low = a[0] == x->a[0] && b[0] == x->b[0];
  const int same_high = a[1] == x->a[1] && b[1] == x->b[1];
  const int mid = x->type == OSV_CONF_MID_P, mixed = mid && a[0] > 0.0 && b[1] > 0.0;
  const int new_low = !same_low || (mid && !same_high);
  const int new_high = !same_high || (mid && !same_low);
  const double tail = end_tail(x);
  if (new_low)
    x->beta[0] = mixed ? mixture_quantile(x, a, b, 0)
                       : beta_quantile(x->quantiles, tail, a[0], b[0], 0);
  if (new_high)
    x->beta[1] = mixed ? mixture_quantile(x, a, b, 1)
                       : beta_quantile(x->quantiles, tail, a[1], b[1], 1);
  for (int i = 0; i < 2; i++) {
    x->a[i] = a[i];
    x->b[i] = b[i];
  }
  *low = x->beta[0];
  *high = x->beta[1];
}

/* Shapes of the Clopper-Pearson limits of f, 0 < f < 1, rest = 1 - f, on the effective
 * number of subjects f rest / se^2 */
void osv_effective_shapes(double f, double rest, double se, double *a, double *b) {
  const double n = f * rest / se / se;
  a[0] = f * n;
  a[1] = f * n + 1.0;
  b[0] = rest * n + 1.0;
  b[1] = rest * n;
}

/* Limits of f on the effective number of subjects: 0 < f < 1, rest = 1 - f, se > 0 */
void osv_effective_limits(osv_exact *x, double f, double rest, double se, double *low,
                          double *high) {
  double a[2], b[2];
  osv_effective_shapes(f, rest, se, a, b);
  beta_limits(x, a, b, low, high);
}

/* Limits of an estimate between 0 and 1 with delayed entry: Clopper-Pearson limits on the
 * effective number of subjects, at most n, adjusted by the t quantile (Korn & Graubard
 * 1998) with at least 3 degrees of freedom, so that a few subjects are still informative.
 * If the risk set has been empty, the events of that time are unknown. */
static void late_limits(osv_exact *x, const osv_basis *row, double *low, double *high) {
  const double p = row->estimate, se = row->std_error, n = row->n;
  if (p != x->estimate || se != x->std_error) {
    const osv_quantiles *q = x->quantiles;
    const double effective = p * row->rest / se / se;
    const double widen = q->qt(x->tail, fmax(effective - 1.0, 3.0), 0, 0) /
                         q->qnorm(x->tail, 0.0, 1.0, 0, 0);
    osv_effective_limits(x, p, row->rest, fmax(se * widen, sqrt(p * row->rest / n)),
                         x->late, x->late + 1);
    x->estimate = p;
    x->std_error = se;
  }
  const int gap = row->least == 0.0;
  *low = row->survival && gap ? 0.0 : x->late[0];
  *high = !row->survival && gap ? 1.0 : x->late[1];
}

/* Limits without an event among n subjects: tail^(1 / n) below 1, or 1 minus it above
 * 0 */
static void no_event_limits(const osv_exact *x, int survival, double n, double *low,
                            double *high) {
  const double log_limit = osv_log_limit_no_event(n, end_tail(x));
  *low = survival ? exp(log_limit) : 0.0;
  *high = survival ? 1.0 : -expm1(log_limit);
}

/* Returns numbers in place of limits, for a caller that computes limits at other
 * levels */
static void show_basis(osv_exact_show show, const osv_basis *row, double *low,
                       double *high) {
  const int late = row->kind == OSV_LIMITS_LATE, floor = !isnan(row->least);
  *low = *high = 0.0;
  if (show == OSV_SHOW_NUMBERS) {
    *low = late ? row->n : 0.0;
    *high = late ? row->least == 0.0 : floor ? row->least + 1.0 : 0.0;
  } else if (!late) {
    *low = (show == OSV_SHOW_A ? row->a : row->b)[0];
    *high = (show == OSV_SHOW_A ? row->a : row->b)[1];
  }
}

osv_exact osv_exact_of(osv_conf type, double tail, const osv_quantiles *quantiles) {
  return (osv_exact){.quantiles = quantiles,
                     .type = type,
                     .tail = tail,
                     .show = OSV_SHOW_LIMITS,
                     .a = {-1.0, -1.0},
                     .b = {-1.0, -1.0},
                     .estimate = -1.0};
}

/* Exact limits of one row, of any exact kind, from their inputs.
 *
 * x    type and tail; keeps the last limits, which the next row often shares
 * row  no event: survival and least. Product and effective: the shapes; limits by id
 *      reach at least to those of no event in `least` ids, unless that is NaN. Late:
 *      estimate, rest, std_error, n, survival, and least = 0 after an empty risk set
 */
void osv_exact_limits(osv_exact *x, const osv_basis *row, double *low, double *high) {
  if (row->kind == OSV_LIMITS_NO_EVENT) {
    no_event_limits(x, row->survival, row->least, low, high);
  } else if (x->show != OSV_SHOW_LIMITS) {
    show_basis(x->show, row, low, high);
  } else if (row->kind == OSV_LIMITS_LATE) {
    late_limits(x, row, low, high);
  } else {
    beta_limits(x, row->a, row->b, low, high);
    if (isnan(row->least)) return;
    double floor_low, floor_high;
    no_event_limits(x, row->survival, row->least, &floor_low, &floor_high);
    if (row->survival) *low = fmin(*low, floor_low);
    if (!row->survival) *high = fmax(*high, floor_high);
  }
}

/* ---- the rows of a curve ---- */

/* Exact limits of one cause of a curve, from its start on; survival: of S, else of F */
osv_curve_limits osv_limits_start(const osv_exact *exact, osv_subjects subjects,
                                  int survival, size_t n_cause, size_t cause) {
  return (osv_curve_limits){.exact = *exact,
                            .subjects = subjects,
                            .survival = survival,
                            .n_cause = n_cause,
                            .cause = cause,
                            .state = osv_exact_start(subjects.start)};
}

/* Is the estimate at the value that it has when all have had the event? */
static int is_end(const osv_curve_limits *x, double estimate) {
  return x->survival ? estimate == 0.0 : estimate >= 1.0;
}

static osv_counts counts_from(const osv_counts *counts, size_t i) {
  return (osv_counts){NULL, counts->n_risk + i, NULL, counts->n_event + i,
                      counts->stride};
}

/* Exact limits of row i of a curve; the state has passed the rows before it */
static void limits_of_row(osv_curve_limits *x, osv_limits_kind kind,
                          const osv_counts *counts, const double *after, size_t i,
                          double estimate, double se, double *low, double *high) {
  double shape[4], least;
  const osv_exact_out out = {shape, shape + 1, shape + 2, shape + 3, &least};
  const osv_counts now = counts_from(counts, i);
  osv_exact_update(&x->state, &now, x->n_cause, x->cause, after + i, 0, 1, &out);
  if (is_end(x, estimate)) shape[0] = 0.0;
  const int s = x->survival, needs_least = kind != OSV_LIMITS_PRODUCT;
  const osv_basis row = {.kind = kind,
                         .survival = s,
                         .a = {shape[s ? 0 : 3], shape[s ? 2 : 1]},
                         .b = {shape[s ? 1 : 2], shape[s ? 3 : 0]},
                         .estimate = estimate,
                         .rest = 1.0 - estimate,
                         .std_error = se,
                         .n = x->subjects.n,
                         .least = needs_least ? least : NAN};
  osv_exact_limits(&x->exact, &row, low, high);
}

/* Exact limits of the next n rows of a curve, while all rows so far have had them.
 *
 * in   counts of the rows; after[n], see osv_risk_after(); estimate and std_error
 * out  low, high; those of other rows stay
 * Value: the number of rows done. If below n, later rows have no exact limits, except
 * those at the end of the curve, see osv_limits_at_end().
 */
size_t osv_limits_update(osv_curve_limits *x, const osv_counts *counts,
                         const double *after, size_t n, const double *estimate,
                         const double *std_error, double *low, double *high) {
  const double *own = counts->n_event + x->cause * counts->stride;
  for (size_t i = 0; i < n; i++) {
    /* events after S has reached 0 change nothing */
    const int no_event =
        x->state.moments.factors == 0 && (own[i] == 0.0 || x->state.ended);
    const osv_limits_row row = {.at_start = estimate[i] == (x->survival ? 1.0 : 0.0),
                                .at_end = is_end(x, estimate[i]),
                                .no_event = no_event,
                                .events = x->events + own[i],
                                .late = x->subjects.gains};
    const osv_limits_kind kind = osv_which_limits(x->exact.type, &row);
    if (kind == OSV_LIMITS_FORMULA) return i;
    x->events = row.events;
    limits_of_row(x, kind, counts, after, i, estimate[i], std_error[i], low + i,
                  high + i);
  }
  return n;
}

/* Exact limits of n rows at the end of a curve, where S is 0 or F is 1; the state has
 * passed the rows before them. */
void osv_limits_at_end(osv_curve_limits *x, const osv_counts *counts, const double *after,
                       size_t n, const double *estimate, const double *std_error,
                       double *low, double *high) {
  for (size_t i = 0; i < n; i++)
    limits_of_row(x, OSV_LIMITS_PRODUCT, counts, after, i, estimate[i], std_error[i],
                  low + i, high + i);
}

enum { BLOCK = 256 };

/* Exact limits of a whole curve: of its first rows and those at its end. OSV_EINTR when
 * the poll asks to stop: every 256 rows, of which one may take 50 microseconds. */
osv_status osv_limits_whole(osv_curve_limits *x, const osv_counts *counts,
                            const double *after, size_t m, const double *estimate,
                            const double *std_error, const osv_poll *poll, double *low,
                            double *high) {
  size_t done = 0, end = m, some;
  do {
    const osv_counts now = counts_from(counts, done);
    some = osv_limits_update(x, &now, after + done, m - done < BLOCK ? m - done : BLOCK,
                             estimate + done, std_error + done, low + done, high + done);
    done += some;
    if (poll && poll->fn(poll->ctx)) return OSV_EINTR;
  } while (some == BLOCK);
  while (end > done && is_end(x, estimate[end - 1])) end--;
  if (end == m) return OSV_OK;
  const osv_counts rest = counts_from(counts, done);
  osv_exact_update(&x->state, &rest, x->n_cause, x->cause, after + done, end - done,
                   end - done, NULL);
  for (size_t at = end; at < m; at += BLOCK) {
    const osv_counts now = counts_from(counts, at);
    osv_limits_at_end(x, &now, after + at, m - at < BLOCK ? m - at : BLOCK, estimate + at,
                      std_error + at, low + at, high + at);
    if (poll && poll->fn(poll->ctx)) return OSV_EINTR;
  }
  return OSV_OK;
}

/* ---- whole curves, for other packages ---- */

static osv_exact exact_of_curve(const osv_confidence *want, const osv_subjects *subjects,
                                double *z) {
  const double tail = (1.0 - want->level) / 2.0;
  *z = want->quantiles->qnorm(tail, 0.0, 1.0, 0, 0);
  return osv_exact_of(osv_conf_of_size(want->type, subjects->n), tail, want->quantiles);
}

/* Limits of S at all m times of a curve of one cause, as in kaplan_meier().
 *
 * in   want: type, level and quantile functions; counts of the curve, see
 *      osv_curve_counts(); km, see osv_km()
 * work after[m]
 * out  low[m], high[m]: those of osv_interval(), or exact ones, see osv_which_limits()
 * OSV_EINTR when the poll asks to stop. With the quantiles of R, which may raise
 * warnings, on the main thread only.
 */
osv_status osv_km_limits(const osv_confidence *want, const osv_table *table, size_t curve,
                         const osv_counts *counts, size_t m, const osv_km_out *km,
                         const osv_poll *poll, double *after, double *low, double *high) {
  const osv_subjects subjects = osv_count_subjects(table, curve, 0);
  double z;
  const osv_exact exact = exact_of_curve(want, &subjects, &z);
  osv_interval(exact.type, z, km->surv, km->risk, km->std_error, m, low, high);
  osv_risk_after(table, curve, counts, m, 0, after);
  osv_curve_limits x = osv_limits_start(&exact, subjects, 1, 1, 0);
  return osv_limits_whole(&x, counts, after, m, km->surv, km->std_error, poll, low, high);
}

/* Limits of F of one cause (0-based) in the same way, as in cumulative_incidence(). aj:
 * see osv_aj(), with the stride of the counts. */
osv_status osv_aj_limits(const osv_confidence *want, const osv_table *table, size_t curve,
                         const osv_counts *counts, size_t m, size_t cause,
                         const osv_aj_out *aj, const osv_poll *poll, double *after,
                         double *low, double *high) {
  const osv_subjects subjects = osv_count_subjects(table, curve, 0);
  const size_t n_cause = (size_t)table->n_status - 1, own = cause * counts->stride;
  double z;
  const osv_exact exact = exact_of_curve(want, &subjects, &z);
  osv_incidence_row last = osv_incidence_start();
  osv_incidence_limits(exact.type, z, aj, counts->stride, n_cause, cause, m, &last, low,
                       high);
  osv_risk_after(table, curve, counts, m, 0, after);
  osv_curve_limits x = osv_limits_start(&exact, subjects, 0, n_cause, cause);
  return osv_limits_whole(&x, counts, after, m, aj->cif + own, aj->std_error + own, poll,
                          low, high);
}
