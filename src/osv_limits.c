/* osv_limits - chooses the confidence limits of each row of a curve, and computes the
 * exact ones. */
#include "osv_core.h"

#include <math.h>

/* The type of limits for a curve of n subjects or ids. In small curves the small-sample
 * type is the exact type. */
osv_conf osv_conf_of_size(osv_conf type, double n) {
  return type == OSV_CONF_SMALL_SAMPLE && n <= OSV_FEW_SUBJECTS ? OSV_CONF_EXACT : type;
}

/* The kind of limits of a row of a curve. `type` is the value of osv_conf_of_size().
 *
 * Exact limits are used with every type where the interval formula is undefined: where
 * the estimate is 0 or 1, and where the estimates of all ids agree, so that the standard
 * error is 0. The types exact and mid-p use them in all rows, the small-sample type as
 * long as there are few events. Before the first event an exact limit follows from the
 * smallest risk set alone. After it, it is a quantile of the beta product, or with ids or
 * delayed entry the Clopper-Pearson limit for the effective number of ids or subjects.
 * From a single id no limits can be computed. */
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

/* Tail probability of the exact limit of an estimate of 0 or 1. A mid-p limit is a
 * quantile of a mixture of two distributions with weights 1/2. Here one of them is the
 * constant 0 or 1, which is not in the tail, so the tail probability of the other must be
 * twice as large. */
static double end_tail(const osv_exact *x) {
  return x->type == OSV_CONF_MID_P ? 2.0 * x->tail : x->tail;
}

/* Quantile of Beta(a, b) with the probability `tail` below it, or above it with `upper`.
 * a = 0 stands for the constant 0, b = 0 for the constant 1. If the effective number of
 * subjects is far below 1, a shape is near 0, and the quantile is so close to 0 or 1 that
 * the library function fails. Its distance x to that end then solves
 * x^a / (a B(a, b)) = tail. If x is below exp(-700), the end itself is returned. */
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

/* Quantile of the mixture, in equal parts, of Beta(a[0], b[0]) and Beta(a[1], b[1]); the
 * quantile of the first is the smaller one. The tail probability is below it or, with
 * `upper`, above it. */
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

/* Exact limits of a probability: a quantile of Beta(a[0], b[0]) for the lower limit and
 * of Beta(a[1], b[1]) for the upper one. Mid-p limits are quantiles of the mixture of
 * both in equal parts. If the shapes are those of the last call, its limits are returned
 * again. */
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

/* Beta parameters of the Clopper-Pearson limits of a probability f, 0 < f < 1, for the
 * effective number of subjects f rest / se^2; rest = 1 - f, se > 0 */
void osv_effective_shapes(double f, double rest, double se, double *a, double *b) {
  const double n = f * rest / se / se;
  a[0] = f * n;
  a[1] = f * n + 1.0;
  b[0] = rest * n + 1.0;
  b[1] = rest * n;
}

/* The limits with the beta parameters of osv_effective_shapes() */
void osv_effective_limits(osv_exact *x, double f, double rest, double se, double *low,
                          double *high) {
  double a[2], b[2];
  osv_effective_shapes(f, rest, se, a, b);
  beta_limits(x, a, b, low, high);
}

/* Limits of an estimate between 0 and 1 with delayed entry. They are Clopper-Pearson
 * limits for the effective number of subjects, at most n, adjusted by the t quantile
 * (Korn & Graubard 1998) with at least 3 degrees of freedom, so that a few subjects are
 * still informative. If the risk set has been empty, events in that gap could not be
 * observed: the lower limit of S is then 0 and the upper limit of F is 1. */
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

/* Limits before the first event among n subjects: the lower limit of S is tail^(1 / n),
 * the upper limit of F 1 minus this */
static void no_event_limits(const osv_exact *x, int survival, double n, double *low,
                            double *high) {
  const double log_limit = osv_log_limit_no_event(n, end_tail(x));
  *low = survival ? exp(log_limit) : 0.0;
  *high = survival ? 1.0 : -expm1(log_limit);
}

/* Writes the numbers from which the limits follow, in place of the limits, see
 * osv_exact_show. The caller computes limits at other confidence levels from them. */
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

/* Exact limits of one row. The fields of `row` that are read depend on the kind of its
 * limits.
 *
 * x    type and tail; also stores the limits of this row, because the next row often has
 *      the same inputs and so the same limits
 * row  the fields that are read, by kind:
 *      NO_EVENT            survival; least: number of subjects or ids
 *      PRODUCT, EFFECTIVE  the shapes a and b, survival; least: NaN or a number of ids.
 *                          With a number, the lower limit of S is at most, or the upper
 *                          limit of F at least, the limit for no event among so many ids
 *      LATE                estimate, rest, std_error, n and survival; least: 0 if the
 *                          risk set has been empty before
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

/* State of the exact limits of one cause at the start of its curve. survival: limits of
 * S, else of F. */
osv_curve_limits osv_limits_start(const osv_exact *exact, osv_subjects subjects,
                                  int survival, size_t n_cause, size_t cause) {
  return (osv_curve_limits){.exact = *exact,
                            .subjects = subjects,
                            .survival = survival,
                            .n_cause = n_cause,
                            .cause = cause,
                            .state = osv_exact_start(subjects.start)};
}

/* Has the estimate reached its final value, at which all have had the event? */
static int is_end(const osv_curve_limits *x, double estimate) {
  return x->survival ? estimate == 0.0 : estimate >= 1.0;
}

static osv_counts counts_from(const osv_counts *counts, size_t i) {
  return (osv_counts){NULL, counts->n_risk + i, NULL, counts->n_event + i,
                      counts->stride};
}

/* Exact limits of row i of a curve; x has been updated by all rows before it */
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

/* Exact limits of the next n rows of a curve. It stops at the first row that has no exact
 * limits.
 *
 * in   counts of the rows; after[n], see osv_risk_after(); estimate and std_error
 * out  low, high; elements without exact limits are not changed
 * Value: the number of rows done. If it is below n, later rows have no exact limits,
 * except those at the end of the curve, see osv_limits_at_end().
 */
size_t osv_limits_update(osv_curve_limits *x, const osv_counts *counts,
                         const double *after, size_t n, const double *estimate,
                         const double *std_error, double *low, double *high) {
  const double *own = counts->n_event + x->cause * counts->stride;
  for (size_t i = 0; i < n; i++) {
    /* events after S has reached 0 do not change the estimate */
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

/* Exact limits of n rows at the end of a curve, where S is 0 or F is 1; x has been
 * updated by all rows before them. */
void osv_limits_at_end(osv_curve_limits *x, const osv_counts *counts, const double *after,
                       size_t n, const double *estimate, const double *std_error,
                       double *low, double *high) {
  for (size_t i = 0; i < n; i++)
    limits_of_row(x, OSV_LIMITS_PRODUCT, counts, after, i, estimate[i], std_error[i],
                  low + i, high + i);
}

enum { BLOCK = 256 };

/* Exact limits of a whole curve: of its first rows and of those at its end. Polls every
 * 256 rows, since one row may take 50 microseconds; OSV_EINTR if it asks to stop. */
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
 * OSV_EINTR if the poll asks to stop. If `want` has the quantile functions of R, call
 * this function on the main thread only, because they may raise warnings.
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
