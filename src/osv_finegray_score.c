/* osv_finegray_score - scores of the subjects of a Fine-Gray model, for its sandwich
 * variance: Fine & Gray 1999; with delayed entry Geskus 2011; by id Zhou et al. 2012. */
#include "osv_finegray_scan.h"

/* The sums over later events are stored once for each block of this many times. */
enum { BLOCK = 256 };

/* Running sums of a stratum, each a vector [p] next to its scalar. hazard: sums of h and
 * m h over the events so far, where h is the hazard for r = 1. later: the same sums over
 * later events, multiplied by W, for each time of a block. competing: sums of r / W and
 * r x / W over the competing events so far. stayed: the sum of q (1 / Y - 1 / Y'), see
 * osv_finegray_scores(); q: its value at this time. */
typedef struct {
  osv_finegray *model;
  const osv_finegray_sums *sums;
  osv_cross cross;
  size_t first, end; /* times of the stratum */
  size_t at, late;   /* at: number of earlier events; late: position in by_first */
  double hazard0, competing0, *hazard, *competing, *stayed, *q, *unit, *exposed;
  double *later;  /* [BLOCK * (p + 1)], at time t the sum over events after t */
  double *states; /* by block: the first sums of the next block [p + 1] */
  double at_risk;
} scores;

static size_t n_blocks(size_t n_time) {
  return n_time / BLOCK + 1;
}

/* Number of doubles of scratch that osv_finegray_scores() needs */
size_t osv_finegray_scores_work(const osv_finegray_rows *rows) {
  const size_t p = rows->p;
  return 6 * p + (BLOCK + n_blocks(osv_finegray_times(rows))) * (p + 1);
}

/* Moves the sums over later events, [p + 1] with the scalar last, from time t to time
 * t - 1. *at: number of event times up to t; afterwards up to t - 1 */
static void step_back(osv_finegray *s, size_t t, size_t *at, double *later) {
  const size_t p = s->rows->p;
  osv_finegray_tie tie;
  if (osv_finegray_tied(s, t, *at - 1, &tie)) {
    const double weight = fabs(s->weight[t]) / tie.s0;
    for (size_t a = 0; a < p; a++) later[a] += weight * tie.a0 * tie.mean[a];
    for (size_t a = 0; tie.a1 > 0.0 && a < p; a++)
      later[a] -= weight * tie.a1 * s->events[a];
    later[p] += weight * tie.k0;
    --*at;
  }
  if (osv_finegray_restarts(s, t))
    for (size_t a = 0; a <= p; a++) later[a] = 0.0;
}

/* Stores the sums over later events at the end of each block of the stratum. at: number
 * of event times up to the end of the stratum */
static osv_status keep_states(scores *x, size_t at) {
  const size_t width = x->model->rows->p + 1;
  double *const now = x->later;
  for (size_t a = 0; a < width; a++) now[a] = 0.0;
  for (size_t t = x->end; t-- > x->first;) {
    const size_t in_block = (t - x->first) % BLOCK, block = (t - x->first) / BLOCK;
    if (in_block == BLOCK - 1 || t + 1 == x->end)
      for (size_t a = 0; a < width; a++) x->states[block * width + a] = now[a];
    step_back(x->model, t, &at, now);
    if (osv_finegray_stop(x->model, width)) return OSV_EINTR;
  }
  return OSV_OK;
}

/* Computes `later` for the block of times from `from` to before `to` */
static void fill_block(scores *x, size_t from, size_t to) {
  const size_t width = x->model->rows->p + 1, block = (from - x->first) / BLOCK;
  size_t at = x->at;
  for (size_t t = from; t < to; t++)
    at += (size_t)osv_finegray_has_event(x->model->rows, t);
  double *const last = x->later + (to - 1 - from) * width;
  for (size_t a = 0; a < width; a++) last[a] = x->states[block * width + a];
  for (size_t t = to - 1; t > from; t--) {
    double *const now = x->later + (t - 1 - from) * width;
    for (size_t a = 0; a < width; a++) now[a] = now[a + width];
    step_back(x->model, t, &at, now);
  }
}

/* The vector to which the score of row i is added; zeros if no scores are stored */
static double *unit_of(const scores *x, size_t i) {
  const size_t p = x->model->rows->p;
  if (!x->sums->score) {
    for (size_t a = 0; a < p; a++) x->unit[a] = 0.0;
    return x->unit;
  }
  return x->sums->score + (x->sums->unit ? x->sums->unit[i] : i) * p;
}

/* Adds the score of a unit of one row to the sum of squares */
static void end_row(scores *x, size_t i, const double *unit) {
  if (x->sums->meat)
    osv_cross_add(&x->cross, unit, osv_finegray_count(x->model->rows, i));
}

/* The factor of the score of row i. A row that represents several subjects counts several
 * times in the sum of its unit. If each row is a unit, the stored score is that of one
 * subject. */
static double times_of(const scores *x, size_t i) {
  return x->sums->unit ? osv_finegray_count(x->model->rows, i) : 1.0;
}

/* The factor of the contribution of row i through the weights W, which do not depend on
 * sampling weights */
static double weight_times_of(const scores *x, size_t i) {
  return x->sums->unit ? osv_finegray_subjects(x->model->rows, i) : 1.0;
}

/* Adds the contribution of row i to the slope, c Q x - Q v - 2 x x'W v with Q = x'Wx. c
 * and v are the sums of w r h and w r m h over the events for which it is at risk. */
static void add_to_slope(scores *x, size_t i, double sign, double c, const double *v) {
  const size_t p = x->model->rows->p;
  const double *const z = osv_finegray_x(x->model->rows, i);
  const double count = sign * osv_finegray_count(x->model->rows, i);
  double square = 0.0, across = 0.0;
  for (size_t a = 0; a < p; a++) {
    double z_row = 0.0, v_row = 0.0;
    for (size_t b = 0; b < p; b++) {
      z_row += x->sums->inverse[a * p + b] * z[b];
      v_row += x->sums->inverse[a * p + b] * v[b];
    }
    square += z[a] * z_row;
    across += z[a] * v_row;
  }
  for (size_t a = 0; a < p; a++)
    x->sums->slope[a] += count * (square * (c * z[a] - v[a]) - 2.0 * across * z[a]);
}

/* W v [p], and v'W v */
static double quadratic(const scores *x, const double *v, double *of) {
  const size_t p = x->model->rows->p;
  double sum = 0.0;
  for (size_t a = 0; a < p; a++) {
    of[a] = 0.0;
    for (size_t b = 0; b < p; b++) of[a] += x->sums->inverse[a * p + b] * v[b];
    sum += v[a] * of[a];
  }
  return sum;
}

/* Adds 2 m m'W m of all factors of a time to the slope. With the mean s over the risk
 * set, e = E1 / S0 and q = 1 - f E0 / S0, the term of one factor is
 *   (A - 2 f B + f^2 C) (s - f e) / q^3,  A = s'Ws, B = s'We, C = e'We. */
static void add_means_to_slope(scores *x, const osv_finegray_tie *tie) {
  const size_t p = x->model->rows->p;
  const double *const e = x->model->events, square = quadratic(x, tie->mean, x->exposed);
  if (!(tie->k1 > 0.0)) { /* no tied events, or Breslow's rule */
    for (size_t a = 0; a < p; a++)
      x->sums->slope[a] += 2.0 * tie->d * square * tie->mean[a];
    return;
  }
  const double times = 2.0 * tie->d / tie->factors;
  double across = 0.0, of_s, of_e;
  for (size_t a = 0; a < p; a++) across += x->exposed[a] * e[a];
  const double squares[] = {square, across, quadratic(x, e, x->exposed)};
  osv_cox_tie_third(tie->factors, tie->e0, squares, &of_s, &of_e);
  for (size_t a = 0; a < p; a++)
    x->sums->slope[a] += times * (of_s * tie->mean[a] + of_e * e[a]);
}

/* Value: the sum of w r h over the events for which row i is at risk. Writes the sum of
 * w r m h to x->exposed. */
static double expose(scores *x, size_t i, const osv_finegray_tie *tie, double weight,
                     const double *later) {
  const osv_finegray *const s = x->model;
  const size_t p = s->rows->p;
  const double r = s->risk[i];
  double sum = r * x->hazard0;
  for (size_t a = 0; a < p; a++) x->exposed[a] = r * x->hazard[a];
  if (s->rows->status[i] == 1 && tie->k1 > 0.0) {
    const double part = r / tie->s0;
    sum -= part * tie->k1;
    for (size_t a = 0; a < p; a++)
      x->exposed[a] -= part * (tie->a1 * tie->mean[a] - tie->a2 * s->events[a]);
  } else if (s->rows->status[i] == 2) {
    sum += r / weight * later[p];
    for (size_t a = 0; a < p; a++) x->exposed[a] += r / weight * later[a];
  }
  return sum;
}

/* Adds the score of a row when it leaves. y: the number at risk of being censored, used
 * if the row is censored */
static void leave(scores *x, size_t i, const osv_finegray_tie *tie, double weight,
                  const double *later, double y) {
  osv_finegray *const s = x->model;
  const size_t p = s->rows->p;
  const int status = s->rows->status[i];
  const double *const z = osv_finegray_x(s->rows, i);
  const double c = expose(x, i, tie, weight, later);
  if (x->sums->slope) {
    add_to_slope(x, i, 1.0, c, x->exposed);
    return;
  }
  double *const u = unit_of(x, i), k = times_of(x, i);
  for (size_t a = 0; a < p; a++) u[a] -= k * (z[a] * c - x->exposed[a]);
  if (status == 1) {
    const double mean = tie->k0 / tie->d, rest = tie->k1 / tie->d;
    for (size_t a = 0; a < p; a++) u[a] += k * (z[a] - mean * tie->mean[a]);
    for (size_t a = 0; rest > 0.0 && a < p; a++) u[a] += k * rest * s->events[a];
  } else if (status == 2) {
    const double v = osv_finegray_count(s->rows, i) * s->risk[i] / weight;
    for (size_t a = 0; a < p; a++) x->competing[a] += v * z[a];
    x->competing0 += v;
  }
  if (x->sums->of_weights) {
    const double times = weight_times_of(x, i);
    for (size_t a = 0; a < p; a++) u[a] += times * x->stayed[a];
    for (size_t a = 0; status == 0 && a < p; a++) u[a] += times * x->q[a] / y;
  }
  end_row(x, i, u);
}

/* Adjusts the scores of rows that enter, from position `from` of by_first on: they were
 * not at risk in the sums so far. after: the number at risk including them */
static void enter(scores *x, size_t from, double after) {
  const osv_finegray_rows *const rows = x->model->rows;
  const size_t p = rows->p;
  for (size_t j = from; j < x->late; j++) {
    const size_t i = rows->by_first[j];
    const double *const z = osv_finegray_x(rows, i), r = x->model->risk[i];
    if (x->sums->slope) {
      for (size_t a = 0; a < p; a++) x->exposed[a] = r * x->hazard[a];
      add_to_slope(x, i, -1.0, r * x->hazard0, x->exposed);
      continue;
    }
    double *const u = unit_of(x, i), k = times_of(x, i);
    for (size_t a = 0; a < p; a++) u[a] += k * r * (z[a] * x->hazard0 - x->hazard[a]);
    for (size_t a = 0; x->sums->of_weights && a < p; a++)
      u[a] -= weight_times_of(x, i) * (x->stayed[a] + x->q[a] / after);
  }
}

/* Number of subjects that enter after time t; advances `late` past their rows */
static double count_entries(scores *x, size_t t) {
  const osv_finegray_rows *const rows = x->model->rows;
  double entered = 0.0;
  if (!rows->first_time || t + 1 == x->end) return 0.0;
  for (; x->late < rows->n && rows->first_time[rows->by_first[x->late]] == t + 1;
       x->late++)
    entered += osv_finegray_subjects(rows, rows->by_first[x->late]);
  return entered;
}

/* Adds the events of a time to the sums */
static void add_events(scores *x, size_t t, osv_finegray_tie *tie) {
  osv_finegray *const s = x->model;
  const size_t p = s->rows->p;
  if (osv_finegray_restarts(s, t)) {
    x->competing0 = 0.0;
    for (size_t a = 0; a < p; a++) x->competing[a] = 0.0;
  }
  if (!osv_finegray_tied(s, t, x->at, tie)) return;
  x->at++;
  if (x->sums->slope) add_means_to_slope(x, tie);
  x->hazard0 += tie->k0 / tie->s0;
  for (size_t a = 0; a < p; a++) x->hazard[a] += tie->a0 / tie->s0 * tie->mean[a];
  for (size_t a = 0; tie->a1 > 0.0 && a < p; a++)
    x->hazard[a] -= tie->a1 / tie->s0 * s->events[a];
}

/* Processes one time: events, then censorings, then entries. later: see scores */
static void pass_time(scores *x, size_t t, const double *later) {
  const osv_finegray_rows *const rows = x->model->rows;
  const size_t p = rows->p, from = osv_finegray_from(rows, t), to = rows->time_end[t];
  const double weight = fabs(x->model->weight[t]);
  double events = 0.0, censored = 0.0;
  osv_finegray_tie tie;
  add_events(x, t, &tie);
  for (size_t i = from; i < to; i++) {
    *(rows->status[i] ? &events : &censored) += osv_finegray_subjects(rows, i);
    if (rows->status[i]) leave(x, i, &tie, weight, later, 0.0);
  }
  const size_t entering = x->late;
  const double y = x->at_risk - events, entered = count_entries(x, t);
  const double after = y - censored + entered;
  const int counts = censored + entered > 0.0 && y > 0.0 && after > 0.0;
  const double part = counts ? fmin(y, after) / fmax(y, after) : 0.0;
  for (size_t a = 0; a < p; a++)
    x->q[a] =
        counts ? part * (x->competing[a] * later[p] - x->competing0 * later[a]) : 0.0;
  for (size_t i = from; censored > 0.0 && i < to; i++)
    if (!rows->status[i]) leave(x, i, &tie, weight, later, y);
  for (size_t a = 0; counts && a < p; a++)
    x->stayed[a] += x->q[a] / y * ((after - y) / after);
  enter(x, entering, after);
  x->at_risk = after;
}

static osv_status pass_stratum(scores *x, size_t stratum) {
  osv_finegray *const s = x->model;
  const osv_finegray_rows *const rows = s->rows;
  const size_t p = rows->p, width = p + 1;
  x->first = osv_finegray_first_time(rows, stratum);
  x->end = rows->stratum_end[stratum];
  x->hazard0 = x->competing0 = x->at_risk = 0.0;
  for (size_t a = 0; a < 3 * p; a++) x->hazard[a] = 0.0;
  size_t at = x->at;
  for (size_t t = x->first; t < x->end; t++)
    at += (size_t)osv_finegray_has_event(rows, t);
  const osv_status status = keep_states(x, at);
  if (status != OSV_OK) return status;
  for (; rows->first_time && x->late < rows->n &&
         rows->first_time[rows->by_first[x->late]] == x->first;
       x->late++)
    x->at_risk += osv_finegray_subjects(rows, rows->by_first[x->late]);
  for (size_t i = osv_finegray_from(rows, x->first);
       !rows->first_time && i < rows->time_end[x->end - 1]; i++)
    x->at_risk += osv_finegray_subjects(rows, i);
  for (size_t from = x->first; from < x->end; from += BLOCK) {
    const size_t to = from + BLOCK < x->end ? from + BLOCK : x->end;
    fill_block(x, from, to);
    for (size_t t = from; t < to; t++) {
      pass_time(x, t, x->later + (t - from) * width);
      const size_t n = rows->time_end[t] - osv_finegray_from(rows, t);
      if (osv_finegray_stop(s, (n + 1) * p)) return OSV_EINTR;
    }
  }
  return OSV_OK;
}

/* Scores at the coefficients of the last osv_finegray_moments()
 *
 * in   sums->of_weights  not 0: with the term for the estimated weights W
 *      sums->unit [n]    number of the unit whose score row i is added to; or NULL: each
 *                        row is a unit
 * out  sums->score       by unit, [p] each, zero before; or NULL: no sums are kept, which
 *                        needs unit NULL and no delayed entry
 *      sums->meat [p * p] if `score` is NULL: the sum of squares u u' over subjects
 *      sums->slope [p]    or NULL. If given, only the slope is computed: the traces of
 *                         W dI/dbeta as in osv_cox_slope(), where `inverse` [p * p] is W.
 *                         Cost O(n p^2).
 * work osv_finegray_scores_work() doubles
 * With h(t) = events / S0, m(t) = S1 / S0 and weight w(t) = 1 while at risk, W(t-) /
 * W(s-) after a competing event at s, a subject has the score
 *   u = [event] (x - m(T)) - sum_t w(t) r (x - m(t)) h(t)
 * and, as W is estimated, a sum over times v at which W changes from Y at risk to be
 * censored to Y' at risk after it,
 *   + sum_v q(v) ([at risk before] / Y - [at risk after] / Y') min(Y, Y') / max(Y, Y')
 *   q(v) = sum over competing events s <= v of
 *          r / W(s-) sum_(t > v) (x - m(t)) W(t-) h(t)
 * With c censorings and no entry this is q / Y ([censored] - c / Y), as in Fine & Gray
 * 1999 and cmprsk::crr(). Without the last factor it is the derivative with respect to
 * the weight of the subject. Splitting the follow-up of a unit into rows changes nothing.
 * Cost O(n p); O(n p^2) for the squares.
 */
osv_status osv_finegray_scores(osv_finegray *s, const osv_finegray_sums *sums,
                               double *work) {
  const size_t p = s->rows->p;
  scores x = {.model = s, .sums = sums, .hazard = work};
  x.competing = x.hazard + p;
  x.stayed = x.competing + p;
  x.q = x.stayed + p;
  x.unit = x.q + p;
  x.exposed = x.unit + p;
  x.later = x.exposed + p;
  x.states = x.later + BLOCK * (p + 1);
  if (sums->meat) x.cross = osv_cross_start(p, sums->meat, s->work);
  for (size_t a = 0; sums->slope && a < p; a++) sums->slope[a] = 0.0;
  for (size_t stratum = 0; stratum < s->rows->n_stratum; stratum++) {
    const osv_status status = pass_stratum(&x, stratum);
    if (status != OSV_OK) return status;
  }
  if (sums->meat) osv_cross_end(&x.cross);
  return OSV_OK;
}
