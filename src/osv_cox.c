/* osv_cox - moments of the covariates over the risk sets of a Cox model: log likelihood,
 * score, information I, and the derivative of log det I that Firth's penalty needs. */
#include "osv_core.h"

/* Sums over the rows at risk, or over the events of a time: of r, r x and r x x' (upper
 * triangle), and with an inverse W also of r x'Wx and r x'Wx x, where r is the weight of
 * the row times exp(x'beta). `rest` collects rounding errors. */
typedef struct {
  double *value, *rest;
} sums;

typedef struct {
  const osv_cox_rows *rows;
  const double *beta, *inverse;
  size_t square, third,
      size; /* index in the sums of the first r x x', of r x'Wx, and number of sums */
  double *eta, *moment, *mean, *centre;
  sums at_risk, event, both;
} scan;

static size_t sums_size(size_t p, int with_inverse) {
  return 1 + p + p * (p + 1) / 2 + (with_inverse ? 1 + p : 0);
}

/* doubles of scratch that osv_cox_moments() needs */
size_t osv_cox_work(size_t n, size_t p) {
  return n + 2 * p + 7 * sums_size(p, 1);
}

static scan scan_of(const osv_cox_rows *rows, const double *beta, const double *inverse,
                    double *work) {
  const size_t p = rows->p, size = sums_size(p, 1);
  scan s = {.rows = rows, .beta = beta, .inverse = inverse};
  s.square = 1 + p;
  s.third = sums_size(p, 0);
  s.size = sums_size(p, inverse != NULL);
  s.eta = work;
  s.mean = s.eta + rows->n;
  s.centre = s.mean + p;
  s.moment = s.centre + p;
  s.at_risk = (sums){s.moment + size, s.moment + 2 * size};
  s.event = (sums){s.moment + 3 * size, s.moment + 4 * size};
  s.both = (sums){s.moment + 5 * size, s.moment + 6 * size};
  return s;
}

static void clear(const sums *x, size_t size) {
  for (size_t k = 0; k < size; k++) x->value[k] = x->rest[k] = 0.0;
}

/* Writes to s->moment the terms that row i, with this r, adds to the sums */
static void row_moments(const scan *s, size_t i, double r) {
  const size_t p = s->rows->p;
  const double *const x = s->rows->x + i * p;
  double *const v = s->moment, quadratic = 0.0;
  size_t k = s->square;
  v[0] = r;
  for (size_t a = 0; a < p; a++) v[1 + a] = r * x[a];
  for (size_t a = 0; a < p; a++)
    for (size_t b = a; b < p; b++) v[k++] = v[1 + a] * x[b];
  if (!s->inverse) return;
  for (size_t a = 0; a < p; a++) {
    double row = 0.0;
    for (size_t b = 0; b < p; b++) row += s->inverse[a * p + b] * x[b];
    quadratic += x[a] * row;
  }
  v[k++] = r * quadratic;
  for (size_t a = 0; a < p; a++) v[k++] = v[1 + a] * quadratic;
}

/* Adds s->moment to the sums, or with sign -1 subtracts it, which happens only with
 * delayed entry. The sums are then compensated, because a row that is subtracted may be
 * much larger than what remains. */
static void add_moments(const scan *s, const sums *into, double sign) {
  if (s->rows->delayed) {
    for (size_t k = 0; k < s->size; k++)
      osv_sum_split(into->value + k, into->rest + k, sign * s->moment[k]);
  } else {
    for (size_t k = 0; k < s->size; k++) into->value[k] += s->moment[k];
  }
}

/* Writes x'beta of the rows of a stratum. Returns the largest, which the caller subtracts
 * so that no exponential overflows. */
static double linear_predictors(const scan *s, size_t from, size_t to) {
  const size_t p = s->rows->p;
  double top = -INFINITY;
  for (size_t i = from; i < to; i++) {
    double eta = 0.0;
    for (size_t a = 0; a < p; a++) eta += s->rows->x[i * p + a] * s->beta[a];
    s->eta[i] = eta;
    if (eta > top) top = eta;
  }
  return top;
}

/* Adds one factor of the likelihood, from the sums in s->both, to log likelihood, score
 * and information, or with an inverse to the slope. */
static void add_factor(const scan *s, const osv_cox_out *out) {
  const size_t p = s->rows->p;
  const double *const v = s->both.value, total = v[0];
  const double *const square = v + s->square, *const third = v + s->third;
  for (size_t a = 0; a < p; a++) s->mean[a] = v[1 + a] / total;
  if (!s->inverse) {
    *out->loglik -= log(total);
    for (size_t a = 0; a < p; a++) out->score[a] -= s->mean[a];
  } else {
    for (size_t a = 0; a < p; a++) {
      s->centre[a] = 0.0;
      for (size_t b = 0; b < p; b++) s->centre[a] += s->inverse[a * p + b] * s->mean[b];
      out->slope[a] += third[1 + a] / total - s->mean[a] * (third[0] / total);
    }
  }
  size_t k = 0;
  for (size_t a = 0; a < p; a++) {
    for (size_t b = a; b < p; b++) {
      const double covariance = square[k++] / total - s->mean[a] * s->mean[b];
      if (!s->inverse) {
        out->information[a * p + b] += covariance;
        continue;
      }
      out->slope[a] -= 2.0 * covariance * s->centre[b];
      if (a != b) out->slope[b] -= 2.0 * covariance * s->centre[a];
    }
  }
}

/* Adds the d factors of a time with d events. For factor l = 0 .. d - 1 Efron's rule
 * removes the proportion l / d of the events from the risk set; Breslow's rule removes
 * nothing. */
static void add_events(const scan *s, double d, const osv_cox_out *out) {
  for (double l = 0.0; l < d; l += 1.0) {
    const double share = s->rows->efron ? l / d : 0.0;
    for (size_t k = 0; k < s->size; k++) {
      const double all = s->at_risk.value[k] + s->at_risk.rest[k];
      s->both.value[k] = all - share * (s->event.value[k] + s->event.rest[k]);
    }
    add_factor(s, out);
  }
}

/* Adds one stratum. The sweep goes from the last time to the first: a row joins the risk
 * set at the time at which it leaves the study, and is removed after its first time at
 * risk. *quit: the number of rows of by_first that have not been removed. */
static void scan_stratum(const scan *s, size_t first_time, size_t end_time, size_t *quit,
                         const osv_cox_out *out) {
  const osv_cox_rows *const rows = s->rows;
  const size_t low = first_time ? rows->time_end[first_time - 1] : 0;
  const double top = linear_predictors(s, low, rows->time_end[end_time - 1]);
  clear(&s->at_risk, s->size);
  for (size_t t = end_time; t-- > first_time;) {
    const size_t from = t ? rows->time_end[t - 1] : 0;
    double d = 0.0;
    clear(&s->event, s->size);
    for (size_t i = from; i < rows->time_end[t]; i++) {
      row_moments(s, i, rows->weight[i] * exp(s->eta[i] - top));
      add_moments(s, &s->at_risk, 1.0);
      if (!rows->event[i]) continue;
      d += 1.0;
      add_moments(s, &s->event, 1.0);
      if (s->inverse) continue;
      *out->loglik += s->eta[i] - top;
      for (size_t a = 0; a < rows->p; a++) out->score[a] += rows->x[i * rows->p + a];
    }
    add_events(s, d, out);
    for (; *quit > 0 && rows->first_time[rows->by_first[*quit - 1]] >= t; --*quit) {
      if (t == first_time) continue; /* no time is left that would use the sums */
      const size_t i = rows->by_first[*quit - 1];
      row_moments(s, i, rows->weight[i] * exp(s->eta[i] - top));
      add_moments(s, &s->at_risk, -1.0);
    }
  }
}

/* Log likelihood l, score U and information I of a Cox model at beta; or, if the inverse
 * W of I is given, the derivative of log det I by beta, called slope.
 *
 * in   rows     see osv_cox_rows
 *      beta [p]
 *      inverse  [p * p] or NULL
 * work osv_cox_work(n, p) doubles
 * out  without `inverse`: loglik; score [p]; information [p * p], upper triangle
 *      with it: slope [p], the traces of W dI/dbeta_j
 * Sums are over the events e. With r = weight exp(x'beta), E is the mean over the risk
 * set of e with weights r, and m = E x. By Efron's rule a part of the tied events is
 * removed from the risk set.
 *   l = sum_e (x_e'beta - log sum r),  U = sum_e (x_e - m),  I = sum_e E (x - m)(x - m)'
 *   tr(W dI/dbeta) = sum_e E (x - m)'W(x - m) (x - m)
 * Efron 1977, Breslow 1974; the slope as in Heinze & Schemper 2001.
 * Cost O(n p^2 + events p^2).
 */
void osv_cox_moments(const osv_cox_rows *rows, const double *beta, const double *inverse,
                     double *work, const osv_cox_out *out) {
  const size_t p = rows->p;
  const scan s = scan_of(rows, beta, inverse, work);
  size_t quit = rows->n,
         end_time = rows->n_stratum ? rows->stratum_end[rows->n_stratum - 1] : 0;
  if (inverse) {
    for (size_t a = 0; a < p; a++) out->slope[a] = 0.0;
  } else {
    *out->loglik = 0.0;
    for (size_t a = 0; a < p; a++) out->score[a] = 0.0;
    for (size_t a = 0; a < p * p; a++) out->information[a] = 0.0;
  }
  for (size_t stratum = rows->n_stratum; stratum-- > 0;) {
    const size_t first_time = stratum ? rows->stratum_end[stratum - 1] : 0;
    scan_stratum(&s, first_time, end_time, &quit, out);
    end_time = first_time;
  }
}
