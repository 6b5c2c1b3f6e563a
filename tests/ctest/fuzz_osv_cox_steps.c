/* Any rows and coefficients: the hazard of each step follows from its risk set; means are
 * within the range of the covariates; curves decrease from at most 1 to at least 0;
 * martingale residuals and scores follow from the steps, and sum to those of the
 * likelihood. */
#include "cells_cox.h"
#include "fuzz.h"

/* Sums of rows whose hazards differ by up to e^LARGEST keep enough digits. */
enum { LARGEST = 30 };

static int in_risk_set(const osv_cox_cells *c, size_t i, int time) {
  return (!c->start || c->start[i] < time) && c->time[i] >= time;
}

/* Checks the hazard and its variance at a time, from the cells from .. to - 1 of its
 * stratum */
static void check_step(const osv_cox_cells *c, const cox_steps *s, size_t k, size_t from,
                       size_t to) {
  const int time = s->time[k];
  double hazard = 0.0, square = 0.0, d = 0.0;
  for (size_t i = from; i < to; i++) d += c->event[i] && c->time[i] == time;
  assert(d == s->d[k] && d > 0.0);
  for (double l = 0.0; l < d; l += 1.0) {
    long double total = 0.0L;
    for (size_t i = from; i < to; i++) {
      if (!in_risk_set(c, i, time)) continue;
      const int dies = c->event[i] && c->time[i] == time;
      total += (long double)c->size[i] * s->risk[c->pattern ? (size_t)c->pattern[i] : i] *
               (dies && c->efron ? 1.0L - l / d : 1.0L);
    }
    hazard += (double)(1.0L / total);
    square += (double)(1.0L / total / total);
  }
  assert(near(s->a[k] / hazard, 1.0, 1e-8) && near(s->b[k] / square, 1.0, 1e-8));
  assert(s->tied[k] >= 0.0 && s->tied[k] <= s->b[k]);
  for (size_t j = 0; j < c->p; j++) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = from; i < to; i++) {
      if (!in_risk_set(c, i, time)) continue;
      const double x = c->x[j][c->pattern ? (size_t)c->pattern[i] : i];
      low = fmin(low, x);
      high = fmax(high, x);
    }
    const double mean = s->mean[k * c->p + j] / s->a[k];
    assert(mean >= low - 1e-6 && mean <= high + 1e-6);
  }
}

/* Checks S of a subject and its martingale residual: event minus r times the hazard while
 * at risk. Under Efron's rule an event is exposed to only a part of the hazard of its own
 * time. Value: r times the cumulative hazard; with delayed entry it is the difference of
 * two such values. */
static double check_cell(const osv_cox_cells *c, const cox_steps *s, size_t i,
                         size_t first, size_t end, double martingale) {
  const double r = s->risk[c->pattern ? (size_t)c->pattern[i] : i];
  double hazard = 0.0, whole = 0.0, before = 1.0;
  for (size_t k = first; k < end; k++) {
    whole += s->a[k];
    const double surv = exp(-r * whole);
    assert(surv >= 0.0 && surv <= before);
    before = surv;
    if (in_risk_set(c, i, s->time[k])) hazard += s->a[k];
  }
  const double most = c->size[i] * r * hazard, event = c->event[i] ? c->size[i] : 0.0;
  const double slack = 1e-8 * (1.0 + c->size[i] * r * whole);
  assert(martingale <= event + slack && martingale >= event - most - slack);
  if (!c->event[i] || !c->efron) assert(fabs(martingale - (event - most)) <= slack);
  return c->size[i] * r * whole;
}

static void check_residuals(const osv_cox_cells *c, const double *beta,
                            const cox_steps *s) {
  const size_t n = c->n, p = c->p;
  double martingale[COX_ROWS], score[COX_ROWS * COX_COLUMNS], raw[COX_COLUMNS], loglik;
  double schoenfeld[COX_ROWS * COX_COLUMNS], whole[COX_COLUMNS], sum = 0.0;
  double information[COX_COLUMNS * COX_COLUMNS], exposed = 1.0;
  const osv_cox_residuals_out out = {martingale, score, NULL, schoenfeld};
  double *work = room(osv_cox_residuals_work(c), sizeof *work);
  assert(osv_cox_residuals(c, n, beta, NULL, work, &out) == OSV_OK);
  free(work);
  for (size_t stratum = 0, i = 0; stratum < c->n_stratum; stratum++)
    for (; i < c->stratum_end[stratum]; i++)
      exposed += check_cell(c, s, i, stratum ? s->end[stratum - 1] : 0, s->end[stratum],
                            martingale[i]);
  for (size_t i = 0; i < n; i++) sum += martingale[i];
  assert(fabs(sum) <= 1e-9 * exposed);
  work = room(osv_cox_sums_work(c, 0), sizeof *work);
  const osv_cox_sums_out sums = {NULL, &loglik, whole, information, raw, NULL};
  assert(osv_cox_sums(c, beta, NULL, work, &sums) == OSV_OK && loglik <= 1e-9);
  free(work);
  for (size_t a = 0; a < p; a++) {
    double scores = 0.0, events = 0.0;
    for (size_t i = 0; i < n; i++) {
      scores += score[i * p + a];
      events += schoenfeld[i * p + a];
    }
    assert(fabs(scores - whole[a]) <= 1e-8 * exposed);
    assert(fabs(events - whole[a]) <= 1e-8 * exposed);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  uint64_t seed = next_bytes(&b, 4);
  cox_case c;
  cell_case cell;
  cox_steps s;
  double beta[COX_COLUMNS], least = 1.0;
  random_cox(&c, &seed);
  const size_t p = c.rows.p;
  for (size_t i = 0; i < c.rows.n * p; i++)
    if (next_bytes(&b, 1) % 4 == 0) c.x[i] = (double)next_bytes(&b, 1) / 16.0 - 8.0;
  for (size_t a = 0; a < p; a++) beta[a] = (double)next_bytes(&b, 1) / 64.0 - 2.0;
  cells_of(&c, &cell);
  if (next_bytes(&b, 1) % 2) name_patterns(&cell);
  const osv_cox_cells *const cells = &cell.cells;
  s.out = (osv_steps){s.end, s.time, s.d, s.a, s.b, s.tied, s.mean};
  double *work = room(osv_cox_steps_work(cells), sizeof *work);
  const osv_status found = osv_cox_steps(cells, beta, NULL, work, &s.out, s.risk);
  free(work);
  if (found != OSV_OK) { /* rounding left nothing of a risk set of late entries */
    assert(found == OSV_EDOMAIN && cells->start);
    return 0;
  }
  assert(s.end[cells->n_stratum - 1] == osv_cox_step_count(cells));
  for (size_t i = 0; i < cells->n; i++) {
    assert(s.risk[i] >= 0.0 && s.risk[i] <= 1.0);
    least = fmin(least, s.risk[i]);
  }
  if (least < exp(-LARGEST)) return 0;
  for (size_t stratum = 0, k = 0; stratum < cells->n_stratum; stratum++) {
    const size_t from = stratum ? cells->stratum_end[stratum - 1] : 0;
    for (const size_t first = k; k < s.end[stratum]; k++) {
      assert(k == first || s.time[k] > s.time[k - 1]);
      check_step(cells, &s, k, from, cells->stratum_end[stratum]);
    }
  }
  check_residuals(cells, beta, &s);
  return 0;
}
