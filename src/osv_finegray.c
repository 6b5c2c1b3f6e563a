/* osv_finegray - partial likelihood of a Fine-Gray model, with score and information, in
 * one sweep forward and one backward over the rows. */
#include "osv_finegray_scan.h"

enum { POLL_COST = 1 << 18 };

/* Polls after about POLL_COST operations. Returns 1 if the caller should stop. */
int osv_finegray_stop(osv_finegray *s, size_t cost) {
  s->spent += cost;
  if (s->spent < POLL_COST) return 0;
  s->spent = 0;
  return s->poll && s->poll->fn(s->poll->ctx);
}

/* Number of distinct times of all strata */
size_t osv_finegray_times(const osv_finegray_rows *rows) {
  return rows->n_stratum ? rows->stratum_end[rows->n_stratum - 1] : 0;
}

/* Number of times with an event of the cause */
static size_t event_times(const osv_finegray_rows *rows) {
  size_t found = 0;
  for (size_t t = 0; t < osv_finegray_times(rows); t++)
    found += (size_t)osv_finegray_has_event(rows, t);
  return found;
}

/* Number of doubles of scratch that osv_finegray_start() needs */
size_t osv_finegray_work(const osv_finegray_rows *rows) {
  const size_t n = rows->n, p = rows->p;
  return 2 * n + osv_finegray_times(rows) + event_times(rows) * (p + 1) + 3 * p +
         osv_cross_work(p) + 2 * (p * p + 1);
}

/* Weights of one stratum, see osv_finegray_start(). next: first position in by_first that
 * has not been read; value: the next such position */
static size_t stratum_weights(const osv_finegray_rows *rows, size_t first, size_t end,
                              size_t next, double *weight) {
  double at_risk = 0.0, product = 1.0;
  size_t late = next;
  if (!rows->first_time) {
    for (size_t i = osv_finegray_from(rows, first); i < rows->time_end[end - 1]; i++)
      at_risk += osv_finegray_subjects(rows, i);
  }
  for (; rows->first_time && late < rows->n &&
         rows->first_time[rows->by_first[late]] <= first;
       late++)
    at_risk += osv_finegray_subjects(rows, rows->by_first[late]);
  weight[first] = 1.0;
  for (size_t t = first; t < end; t++) {
    double events = 0.0, leave = 0.0, enter = 0.0;
    for (size_t i = osv_finegray_from(rows, t); i < rows->time_end[t]; i++) {
      leave += osv_finegray_subjects(rows, i);
      if (rows->status[i] != 0) events += osv_finegray_subjects(rows, i);
    }
    for (; rows->first_time && late < rows->n &&
           rows->first_time[rows->by_first[late]] == t + 1 && t + 1 < end;
         late++)
      enter += osv_finegray_subjects(rows, rows->by_first[late]);
    const double before = at_risk - events;
    at_risk += enter - leave;
    if (t + 1 == end) break;
    if (before > 0.0) product = product / before * at_risk;
    weight[t + 1] = before > 0.0 ? product : -(product = 1.0);
  }
  return late;
}

/* Sets up a model; osv_finegray_moments() then sets its coefficients.
 *
 * in   rows  see osv_finegray_rows; must outlive the model
 *      poll  or NULL; called at least every few hundred thousand operations
 * work osv_finegray_work() doubles, kept by the model
 * out  weight by time t: W(t-) = G(t-) H(t-), where G is the product-limit estimate of
 *      being uncensored and H that of having entered, so that a subject with a competing
 *      event at s has the weight W(t-) / W(s-) in later risk sets (Geskus 2011). Events
 *      come before censorings of the same time, censorings before entries, and a subject
 *      is at risk when entry < t <= exit. At each time W is multiplied by
 *        (number at risk after it) / (number at risk at it - events),
 *      which is (Y - c) / Y of G times Y' / (Y' - e) of H with c censorings, e entries
 *      and Y' = Y - c + e. Splitting follow-up into rows therefore changes nothing.
 *      If all at risk have an event and others enter later, W restarts at 1 and is stored
 *      with a negative sign. Subjects with an earlier competing event are then in no
 *      later risk set.
 */
osv_finegray osv_finegray_start(const osv_finegray_rows *rows, const osv_poll *poll,
                                double *work) {
  const size_t n = rows->n, p = rows->p, n_event_time = event_times(rows);
  osv_finegray s = {.rows = rows, .poll = poll};
  s.n_time = osv_finegray_times(rows);
  s.weight = work;
  s.risk = s.weight + s.n_time;
  s.exposure = s.risk + n;
  s.s0 = s.exposure + n;
  s.mean = s.s0 + n_event_time;
  s.sum = s.mean + n_event_time * p;
  s.rest = s.sum + p;
  s.events = s.rest + p;
  s.work = s.events + p;
  size_t late = 0;
  for (size_t stratum = 0; stratum < rows->n_stratum; stratum++) {
    const size_t first = osv_finegray_first_time(rows, stratum);
    late = stratum_weights(rows, first, rows->stratum_end[stratum], late, s.weight);
  }
  return s;
}

/* Sums over the factors of a time with events, see osv_finegray_tie; at: number of event
 * times before it. Writes e1 to s->events. Returns 0 if the time has no event. */
int osv_finegray_tied(const osv_finegray *s, size_t time, size_t at,
                      osv_finegray_tie *tie) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  *tie = (osv_finegray_tie){.d = 0.0};
  for (size_t i = osv_finegray_from(rows, time); i < rows->time_end[time]; i++) {
    if (rows->status[i] != 1) continue;
    tie->d += osv_finegray_count(rows, i);
    tie->factors += osv_finegray_subjects(rows, i);
  }
  const double d = tie->d, factors = tie->factors;
  if (d == 0.0) return 0;
  tie->s0 = s->s0[at];
  tie->mean = s->mean + at * p;
  tie->k0 = tie->a0 = d;
  if (!rows->efron || factors <= 1.0) return 1;
  double e0 = 0.0;
  for (size_t a = 0; a < p; a++) s->events[a] = 0.0;
  for (size_t i = osv_finegray_from(rows, time); i < rows->time_end[time]; i++) {
    if (rows->status[i] != 1) continue;
    const double r = osv_finegray_count(rows, i) * s->risk[i] / tie->s0;
    const double *const x = osv_finegray_x(rows, i);
    e0 += r;
    for (size_t a = 0; a < p; a++) s->events[a] += r * x[a];
  }
  const osv_cox_tie sums = osv_cox_tie_sums(factors, 1.0, e0, 1);
  const double each = d / factors;
  tie->e0 = e0;
  tie->log_q = each * sums.log;
  tie->k0 = each * sums.a[0];
  tie->k1 = each * sums.a[1];
  tie->a0 = each * sums.b[0];
  tie->a1 = each * sums.b[1];
  tie->a2 = each * sums.b[2];
  return 1;
}

/* Computes x'beta and exp(x'beta) relative to the largest of the stratum, and adds the
 * contribution of the events to log likelihood and score */
static osv_status predict_stratum(osv_finegray *s, size_t from, size_t to,
                                  const double *beta, double *loglik, double *score) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  double top = -INFINITY;
  for (size_t i = from; i < to; i++) {
    const double *const x = osv_finegray_x(rows, i);
    double eta = rows->offset ? rows->offset[i] : 0.0;
    for (size_t a = 0; a < p; a++) eta += x[a] * beta[a];
    s->risk[i] = eta;
    if (eta > top) top = eta;
    if (osv_finegray_stop(s, p)) return OSV_EINTR;
  }
  for (size_t i = from; i < to; i++) {
    const double eta = s->risk[i] - top;
    s->risk[i] = exp(eta);
    if (rows->status[i] != 1) continue;
    const double count = osv_finegray_count(rows, i), *const x = osv_finegray_x(rows, i);
    *loglik += count * eta;
    for (size_t a = 0; a < p; a++) score[a] += count * x[a];
  }
  return OSV_OK;
}

/* Sweeps forward: adds to S0 and S1 of each event time t the weighted sums over subjects
 * with a competing event before t. *at: number of event times of all strata so far */
static osv_status sum_competing(osv_finegray *s, size_t first, size_t end, size_t *at) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  double s0 = 0.0;
  for (size_t a = 0; a < p; a++) s->sum[a] = 0.0;
  for (size_t t = first; t < end; t++) {
    const size_t from = osv_finegray_from(rows, t), to = rows->time_end[t];
    const double weight = fabs(s->weight[t]);
    if (osv_finegray_restarts(s, t)) {
      s0 = 0.0;
      for (size_t a = 0; a < p; a++) s->sum[a] = 0.0;
    }
    if (osv_finegray_has_event(rows, t)) {
      s->s0[*at] = weight * s0;
      for (size_t a = 0; a < p; a++) s->mean[*at * p + a] = weight * s->sum[a];
      ++*at;
    }
    for (size_t i = from; i < to; i++) {
      if (rows->status[i] != 2) continue;
      const double r = osv_finegray_count(rows, i) * s->risk[i] / weight;
      const double *const x = osv_finegray_x(rows, i);
      s0 += r;
      for (size_t a = 0; a < p; a++) s->sum[a] += r * x[a];
    }
    if (osv_finegray_stop(s, (to - from + 1) * p)) return OSV_EINTR;
  }
  return OSV_OK;
}

/* Adds r and r x of row i to the sums; with sign -1 subtracts them, which happens only
 * with delayed entry. The sums are then compensated. */
static void add_at_risk(const osv_finegray *s, size_t i, double sign, double *s0) {
  const size_t p = s->rows->p;
  const double r = sign * osv_finegray_count(s->rows, i) * s->risk[i];
  const double *const x = osv_finegray_x(s->rows, i);
  if (!s->rows->first_time) {
    s0[0] += r;
    for (size_t a = 0; a < p; a++) s->sum[a] += r * x[a];
    return;
  }
  osv_sum_split(s0, s0 + 1, r);
  for (size_t a = 0; a < p; a++) osv_sum_split(s->sum + a, s->rest + a, r * x[a]);
}

/* Returns 1 if rounding errors make the sum over a risk set useless; it must be at least
 * e0, the sum over its events. With delayed entry far larger rows may have been
 * subtracted from it. */
static int is_lost(double total, double e0) {
  return !(total > 1e-150 && total > 0.5 * e0);
}

/* Sweeps backward: computes S0 and the mean of each event time, and adds their
 * contribution to log likelihood and score. *at: number of event times up to and
 * including this stratum; *late: number of rows of by_first that are still to be
 * removed. */
static osv_status sum_at_risk(osv_finegray *s, size_t first, size_t end, size_t *at,
                              size_t *late, double *loglik, double *score) {
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p;
  double s0[2] = {0.0, 0.0};
  for (size_t a = 0; a < p; a++) s->sum[a] = s->rest[a] = 0.0;
  for (size_t t = end; t-- > first;) {
    const size_t from = osv_finegray_from(rows, t), to = rows->time_end[t];
    int events = 0;
    double e0 = 0.0;
    for (size_t i = from; i < to; i++) {
      add_at_risk(s, i, 1.0, s0);
      if (rows->status[i] != 1) continue;
      e0 += osv_finegray_count(rows, i) * s->risk[i];
      events = 1;
    }
    if (events) {
      double *const mean = s->mean + --*at * p, total;
      s->s0[*at] += s0[0] + s0[1];
      total = s->s0[*at];
      if (is_lost(total, e0)) {
        *loglik = -INFINITY;
        return OSV_OK;
      }
      for (size_t a = 0; a < p; a++)
        mean[a] = (mean[a] + (s->sum[a] + s->rest[a])) / total;
      osv_finegray_tie tie;
      osv_finegray_tied(s, t, *at, &tie);
      *loglik -= tie.d * log(total) + tie.log_q;
      for (size_t a = 0; a < p; a++) score[a] -= tie.k0 * mean[a];
      for (size_t a = 0; tie.k1 > 0.0 && a < p; a++) score[a] += tie.k1 * s->events[a];
    }
    for (; rows->first_time && *late > 0 &&
           rows->first_time[rows->by_first[*late - 1]] >= t;
         --*late)
      if (t > first) add_at_risk(s, rows->by_first[*late - 1], -1.0, s0);
    if (osv_finegray_stop(s, (to - from + 1) * p)) return OSV_EINTR;
  }
  return OSV_OK;
}

/* Moves the model to coefficients beta [p] and computes log likelihood and score [p].
 *
 * With r = exp(x'beta) and W of osv_finegray_start(), the sums of a risk set are those
 * over the rows at risk and those over the competing events s < t,
 *   S0(t) = sum r + W(t-) sum_(s < t) r / W(s-),  S1(t) the same with r x,
 *   l = sum over events of (x'beta - log S0),  score = sum over events of (x - S1 / S0),
 * Fine & Gray 1999. For d tied events Breslow's rule adds the same term to each. Efron's
 * rule subtracts the fraction l / d of the tied events from S0 and S1 in the l-th term,
 * as coxph() does with the rows of finegray().
 * Each sum is accumulated in the direction in which it grows, so the cost is O(n p).
 * OSV_EINTR if the poll asks to stop. If rounding leaves nothing of the sum over a risk
 * set, loglik is -INFINITY, and neither the score nor the model can be used.
 */
osv_status osv_finegray_moments(osv_finegray *s, const double *beta, double *loglik,
                                double *score) {
  const osv_finegray_rows *const rows = s->rows;
  size_t at = 0, late = rows->n;
  *loglik = 0.0;
  for (size_t a = 0; a < rows->p; a++) score[a] = 0.0;
  for (size_t stratum = 0; stratum < rows->n_stratum; stratum++) {
    const size_t first = osv_finegray_first_time(rows, stratum),
                 end = rows->stratum_end[stratum];
    osv_status status = predict_stratum(s, osv_finegray_from(rows, first),
                                        rows->time_end[end - 1], beta, loglik, score);
    if (status == OSV_OK) status = sum_competing(s, first, end, &at);
    if (status != OSV_OK) return status;
  }
  for (size_t stratum = rows->n_stratum; stratum-- > 0;) {
    const osv_status status =
        sum_at_risk(s, osv_finegray_first_time(rows, stratum), rows->stratum_end[stratum],
                    &at, &late, loglik, score);
    if (status != OSV_OK || *loglik == -INFINITY) return status;
  }
  return OSV_OK;
}
