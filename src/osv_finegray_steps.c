/* osv_finegray_steps - baseline cumulative subdistribution hazard of a Fine-Gray model,
 * and the change of each row in it through the estimated weights. */
#include "osv_finegray_scan.h"

/* Number of event times of the cause, over all strata */
size_t osv_finegray_step_count(const osv_finegray_rows *rows) {
  size_t steps = 0;
  for (size_t t = 0; t < osv_finegray_times(rows); t++)
    steps += (size_t)osv_finegray_has_event(rows, t);
  return steps;
}

/* Computes the steps at the coefficients of the last osv_finegray_moments(). See
 * osv_steps; there must be room for osv_finegray_step_count() steps. Cost O(n + steps
 * p). */
osv_status osv_finegray_steps(osv_finegray *s, const osv_steps *out) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  size_t step = 0;
  for (size_t stratum = 0; stratum < rows->n_stratum; stratum++) {
    const size_t first = osv_finegray_first_time(rows, stratum);
    for (size_t t = first; t < rows->stratum_end[stratum]; t++) {
      if (osv_finegray_stop(s, p + 1)) return OSV_EINTR;
      osv_finegray_tie tie;
      if (!osv_finegray_tied(s, t, step, &tie)) continue;
      out->time[step] = (int)t;
      out->d[step] = tie.d;
      out->a[step] = tie.k0 / tie.s0;
      out->b[step] = tie.a0 / tie.s0 / tie.s0;
      out->tied[step] = tie.a1 / tie.s0 / tie.s0;
      for (size_t k = 0; k < p; k++) {
        const double of_events = tie.a1 > 0.0 ? tie.a1 * s->events[k] : 0.0;
        out->mean[step * p + k] = (tie.a0 * tie.mean[k] - of_events) / tie.s0;
      }
      step++;
    }
    out->end[stratum] = step;
  }
  return OSV_OK;
}

/* Running sums of a stratum; see osv_finegray_paths() */
typedef struct {
  const osv_finegray *model;
  const osv_finegray_paths_out *out;
  size_t late, step;
  double at_risk, competing, moved;
  int of_weights;
} paths;

/* Number of subjects that become at risk at time t; advances `late` past their rows */
static double enter(paths *x, size_t t) {
  const osv_finegray_rows *const rows = x->model->rows;
  double entered = 0.0;
  for (; rows->first_time && x->late < rows->n &&
         rows->first_time[rows->by_first[x->late]] == t;
       x->late++)
    entered += osv_finegray_subjects(rows, rows->by_first[x->late]);
  return entered;
}

static void start_rows(paths *x, size_t from, double entered) {
  const osv_finegray_rows *const rows = x->model->rows;
  for (size_t j = from; j < x->late; j++) {
    x->out->entered[rows->by_first[j]] = entered;
    x->out->first[rows->by_first[j]] = x->step;
  }
}

/* Writes the results of a row that leaves at time t. part: c / Y if it is censored, else
 * 0 */
static void leave(paths *x, size_t i, size_t t, double part) {
  const osv_finegray *const s = x->model;
  double *const stayed = x->out->stayed + i;
  x->out->last[i] = x->step;
  *stayed = x->of_weights ? x->moved - x->out->entered[i] - part : 0.0;
  if (s->rows->status[i] == 2)
    *stayed += osv_finegray_sampling(s->rows, i) * s->risk[i] / fabs(s->weight[t]);
}

/* Processes one time: its step, events, censorings and entries */
static void pass_time(paths *x, size_t t, size_t end, const osv_steps *steps) {
  const osv_finegray *const s = x->model;
  const osv_finegray_rows *const rows = s->rows;
  const size_t from = osv_finegray_from(rows, t), to = rows->time_end[t];
  double events = 0.0, censored = 0.0;
  if (osv_finegray_has_event(rows, t)) {
    x->out->weighted[x->step] = fabs(s->weight[t]) * steps->b[x->step];
    x->out->moved[x->step++] = x->moved;
  }
  for (size_t i = from; i < to; i++) {
    const double part = osv_finegray_count(rows, i) * s->risk[i] / fabs(s->weight[t]);
    *(rows->status[i] ? &events : &censored) += osv_finegray_subjects(rows, i);
    if (rows->status[i] == 2) x->competing += part;
    if (rows->status[i]) leave(x, i, t, 0.0);
  }
  const size_t entering = x->late;
  const double y = x->at_risk - events, entered = t + 1 < end ? enter(x, t + 1) : 0.0;
  const double after = y - censored + entered;
  const int changes = x->of_weights && censored + entered > 0.0 && y > 0.0 && after > 0.0;
  const double c = changes ? x->competing * fmin(y, after) / fmax(y, after) : 0.0;
  for (size_t i = from; i < to; i++)
    if (!rows->status[i]) leave(x, i, t, changes ? c / y : 0.0);
  if (changes) x->moved += c / after - c / y;
  start_rows(x, entering, x->moved - (changes ? c / after : 0.0));
  x->at_risk = after;
}

/* How each row changes the cumulative hazard through the weights W, at the coefficients
 * of the last osv_finegray_moments()
 *
 * in   steps       of osv_finegray_steps()
 *      of_weights  0: the weights are taken as known
 * out  first, last [n]  the row is at risk at the steps first, ..., last - 1
 *      until [n]        from this step on the row has no effect through W
 *      weighted, moved  by step: W b, and the sum `moved` up to the step
 *      entered [n]      subtracted from `moved` as long as the row is at risk
 *      stayed [n]       replaces `moved` - `entered` after the row has left: its value at
 *                       that time, minus c / Y if the row was censored, see leave(). A
 *                       row with a competing event adds (its sampling weight) r / W.
 * Let Y subjects be at risk of being censored, and Y' after the censorings and entries of
 * time v. A subject changes log W at v by [at risk after] / Y' - [at risk before] / Y,
 * and later risk sets by this change times W(t-) times the sum over competing events
 * s <= v of r / W(s-). `moved` is the sum of these changes for a subject that is always
 * at risk. As in osv_finegray_scores() each change is multiplied by
 * min(Y, Y') / max(Y, Y'). Cost O(n).
 */
osv_status osv_finegray_paths(osv_finegray *s, const osv_steps *steps, int of_weights,
                              const osv_finegray_paths_out *out) {
  const osv_finegray_rows *const rows = s->rows;
  paths x = {.model = s, .out = out, .of_weights = of_weights};
  for (size_t stratum = 0; stratum < rows->n_stratum; stratum++) {
    const size_t first = osv_finegray_first_time(rows, stratum),
                 end = rows->stratum_end[stratum], low = osv_finegray_from(rows, first);
    size_t ended = low;
    x.competing = x.moved = x.at_risk = 0.0;
    for (size_t i = low; i < rows->time_end[end - 1]; i++) {
      out->entered[i] = 0.0;
      out->first[i] = x.step;
      if (!rows->first_time) x.at_risk += osv_finegray_subjects(rows, i);
    }
    if (rows->first_time) x.at_risk = enter(&x, first);
    for (size_t t = first; t < end; t++) {
      if (osv_finegray_restarts(s, t)) {
        x.competing = 0.0;
        for (; ended < osv_finegray_from(rows, t); ended++) out->until[ended] = x.step;
      }
      pass_time(&x, t, end, steps);
      if (osv_finegray_stop(s, rows->time_end[t] - osv_finegray_from(rows, t) + 1))
        return OSV_EINTR;
    }
    for (; ended < rows->time_end[end - 1]; ended++) out->until[ended] = x.step;
  }
  return OSV_OK;
}
