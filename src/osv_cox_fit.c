/* osv_cox_fit - the maximum of the partial likelihood by Newton's method. */
#include "osv_cox_scan.h"

#include <float.h>

enum { MOST_STEPS = 60, MOST_HALVINGS = 40 };

/* raw[i] is the second moment of covariate i over the risk sets of events, before means
 * are subtracted. A coefficient is not identified if the variance that remains, given the
 * earlier covariates, is below LEAST_SHARE times raw[i]: it is then mostly rounding
 * error. During the search, pivots of the information need only be above NO_SHARE times
 * raw[i]. */
static const double LEAST_SHARE = 1e-11, NO_SHARE = 1e-14;

/* The gain of a Newton step is score'step, its squared length in standard errors. The fit
 * has converged if this length is below 1e-9. It has also converged if the step is so
 * much shorter than the one before that the information no longer changes, since its
 * relative change is about twice the ratio of the gains. The likelihood is monotone if it
 * hardly increases while a coefficient, in standard deviations of its covariate, still
 * changes by at least half of its last change. Near a maximum, even with nearly collinear
 * covariates, steps become shorter faster than that. */
static const double CONVERGED = 1e-18, SMALL = 1e-8, SMALLER = 1e-10;
static const double HARDLY = 1e-10, MOVES = 1e-3;

/* Largest range of offsets with which the climb may begin at gamma = 0; see approach() */
static const double CLOSE = 30.0;

typedef struct {
  const osv_cox_cells *cells;
  const osv_poll *poll;
  size_t p;
  double *gamma, *next, *score, *information, *raw, *root, *step, *work;
  double loglik;
  int *known;
  int stopped; /* 1: the user has requested a stop during matrix computations */
} search;

static int stops(search *s) {
  if (osv_poll_row(s->poll, s->p)) s->stopped = 1;
  return s->stopped;
}

/* Number of doubles of scratch that osv_cox_fit() needs */
size_t osv_cox_fit_work(const osv_cox_cells *cells) {
  const size_t p = cells->p;
  return osv_cox_sums_work(cells, 0) + 4 * p + 2 * p * p +
         (cells->offset ? cells->n_pattern : 0);
}

static osv_status evaluate(search *s, const double *gamma, double *loglik) {
  const osv_cox_sums_out out = {NULL, loglik, s->score, s->information, s->raw, NULL};
  const osv_status status = osv_cox_sums(s->cells, gamma, s->poll, s->work, &out);
  if (status == OSV_EDOMAIN || (status == OSV_OK && !isfinite(*loglik))) {
    *loglik = -INFINITY;
    return OSV_OK;
  }
  return status;
}

/* Lower Cholesky factor of the information of the known coefficients. A row is 0 if its
 * coefficient is not known, or if its pivot is not above `share` times its raw moment.
 * Returns 1 if the rows of all known coefficients are in the factor. */
static int decompose(search *s, double share) {
  const size_t p = s->p;
  double *const root = s->root;
  int all = 1;
  for (size_t i = 0; i < p && !stops(s); i++) {
    double *const row = root + i * p, pivot = s->information[i * p + i];
    for (size_t j = 0; j < i; j++) {
      const double *const other = root + j * p;
      row[j] = s->known[i] && other[j] > 0.0 ? s->information[i * p + j] : 0.0;
      if (row[j] == 0.0 && !(other[j] > 0.0)) continue;
      for (size_t k = 0; k < j; k++) row[j] -= row[k] * other[k];
      row[j] /= other[j];
      pivot -= row[j] * row[j];
    }
    const int usable = s->known[i] && pivot > share * s->raw[i];
    row[i] = usable ? sqrt(pivot) : 0.0;
    for (size_t j = 0; j < i && !usable; j++) row[j] = 0.0;
    all &= usable || !s->known[i];
  }
  return all;
}

/* Solves I x = b in place for the coefficients with a row in the factor; the others
 * become 0 */
static void solve(const search *s, double *b) {
  const size_t p = s->p;
  const double *const root = s->root;
  for (size_t i = 0; i < p; i++) {
    for (size_t k = 0; k < i; k++) b[i] -= root[i * p + k] * b[k];
    b[i] = root[i * p + i] > 0.0 ? b[i] / root[i * p + i] : 0.0;
  }
  for (size_t i = p; i-- > 0;) {
    for (size_t k = i + 1; k < p; k++) b[i] -= root[k * p + i] * b[k];
    b[i] = root[i * p + i] > 0.0 ? b[i] / root[i * p + i] : 0.0;
  }
}

/* Newton's step. Returns score'step, which is twice the predicted increase of the log
 * likelihood. *longest: the largest change of a coefficient */
static double newton_step(search *s, double *longest) {
  double gain = 0.0;
  *longest = 0.0;
  for (size_t a = 0; a < s->p; a++) s->step[a] = s->score[a];
  solve(s, s->step);
  for (size_t a = 0; a < s->p; a++) {
    gain += s->step[a] * s->score[a];
    *longest = fmax(*longest, fabs(s->step[a]));
  }
  return gain;
}

/* Takes the step, halved until the log likelihood does not decrease. If the predicted
 * `gain` is below the rounding errors of the log likelihood, which then says nothing, the
 * step is taken whole. *moved: 1 if a step was found */
static osv_status take_step(search *s, double gain, int *moved) {
  const int unseen = gain < OSV_LOGLIK_ERROR * fabs(s->loglik);
  const double least = unseen ? -DBL_MAX : s->loglik - 1e-12 * fabs(s->loglik);
  double share = 1.0, loglik;
  *moved = 0;
  for (int halving = 0; halving < MOST_HALVINGS; halving++, share /= 2.0) {
    for (size_t a = 0; a < s->p; a++) s->next[a] = s->gamma[a] + share * s->step[a];
    const osv_status status = evaluate(s, s->next, &loglik);
    if (status != OSV_OK) return status;
    if (!(loglik >= least)) continue;
    for (size_t a = 0; a < s->p; a++) s->gamma[a] = s->next[a];
    s->loglik = loglik;
    *moved = 1;
    return OSV_OK;
  }
  return evaluate(s, s->gamma, &loglik);
}

/* A last Newton step that makes the score 0 up to rounding errors, without another
 * evaluation of the likelihood */
static void last_step(search *s, double gain) {
  for (size_t a = 0; a < s->p; a++) s->gamma[a] += s->step[a];
  s->loglik += gain / 2.0;
}

/* Inverse of the information; 0 in rows and columns that are not in the factor */
static void invert(search *s, double *variance) {
  const size_t p = s->p;
  for (size_t a = 0; a < p && !stops(s); a++) {
    double *const column = variance + a * p;
    for (size_t b = 0; b < p; b++) column[b] = a == b;
    solve(s, column);
  }
}

static search new_search(const osv_cox_cells *cells, const osv_poll *poll, double *work,
                         const osv_cox_fit_out *out) {
  const size_t p = cells->p;
  search s = {.cells = cells, .poll = poll, .p = p};
  s.gamma = out->gamma;
  s.score = out->score;
  s.known = out->known;
  s.next = work;
  s.raw = s.next + p;
  s.step = s.raw + p;
  s.information = s.step + p;
  s.root = s.information + p * p;
  s.work = s.root + p * p;
  return s;
}

/* Largest minus smallest of n values */
static double spread_of(const double *x, size_t n) {
  double low = INFINITY, high = -INFINITY;
  for (size_t k = 0; k < n; k++) {
    low = fmin(low, x[k]);
    high = fmax(high, x[k]);
  }
  return n ? high - low : 0.0;
}

/* Returns 1 if the step still changes differences between linear predictors. If
 * covariates are nearly collinear, rounding errors change coefficients, but not linear
 * predictors. */
static int moves_apart(const search *s) {
  const osv_cox_cells *const c = s->cells;
  double *const eta = s->work;
  for (size_t k = 0; k < c->n_pattern; k++) eta[k] = 0.0;
  for (size_t a = 0; a < s->p; a++) {
    const double by = s->step[a] * c->scale[a], centre = c->centre[a];
    for (size_t k = 0; k < c->n_pattern; k++) eta[k] += (c->x[a][k] - centre) * by;
  }
  return spread_of(eta, c->n_pattern) >= MOVES;
}

/* Newton's steps from gamma, where score and information are those of gamma.
 * *still_moves: 1 if the likelihood increases without limit */
static osv_status climb(search *s, int *still_moves, size_t *steps) {
  int moved = 1, all = decompose(s, NO_SHARE);
  double longest, before = 0.0, last = 0.0;
  *still_moves = 0;
  if (s->stopped) return OSV_EINTR;
  for (size_t step = 0;; step++, ++*steps) {
    const double gain = newton_step(s, &longest);
    const int end = !moved || !all || step == MOST_STEPS;
    *still_moves = longest >= MOVES && longest >= last / 2.0;
    if (*still_moves && (end || gain < HARDLY)) *still_moves = moves_apart(s);
    const int flat = gain < HARDLY && *still_moves;
    const int done = gain < CONVERGED || (gain < SMALL && gain < SMALLER * before);
    if (done && !flat) last_step(s, gain);
    if (done || flat || end) return OSV_OK;
    before = gain;
    last = longest;
    const osv_status status = take_step(s, gain, &moved);
    if (status != OSV_OK) return status;
    all = decompose(s, NO_SHARE);
    if (s->stopped) return OSV_EINTR;
  }
}

/* Finds the coefficients that the risk sets identify. They are the same at all values of
 * coefficients and offsets, and are determined at 0, where rounding errors are
 * smallest. */
static osv_status identify(search *s) {
  osv_cox_cells plain = *s->cells;
  const osv_cox_cells *const cells = s->cells;
  plain.offset = NULL;
  s->cells = &plain;
  const osv_status status = evaluate(s, s->gamma, &s->loglik);
  s->cells = cells;
  if (status != OSV_OK) return status;
  decompose(s, LEAST_SHARE);
  if (s->stopped) return OSV_EINTR;
  for (size_t a = 0; a < s->p; a++) s->known[a] = s->root[a * s->p + a] > 0.0;
  return cells->offset ? evaluate(s, s->gamma, &s->loglik) : OSV_OK;
}

/* If offsets differ widely, no information is left at gamma = 0. The model is then fitted
 * with a fraction of the offsets first; the fraction is doubled from fit to fit, and each
 * maximum is near twice the previous one. Moves gamma to the point at which the climb
 * with the full offsets begins; back to 0 if one of these fits has no maximum. */
static osv_status approach(search *s, double *offset, size_t *steps) {
  const osv_cox_cells *const cells = s->cells;
  const size_t n = cells->n_pattern;
  const double spread = spread_of(cells->offset, n);
  osv_cox_cells part = *cells;
  part.offset = offset;
  osv_status status = OSV_OK;
  int still_moves = 0;
  for (double share = CLOSE / spread; share < 1.0 && status == OSV_OK; share *= 2.0) {
    for (size_t k = 0; k < n; k++) offset[k] = share * cells->offset[k];
    s->cells = &part;
    status = evaluate(s, s->gamma, &s->loglik);
    if (status == OSV_OK) status = climb(s, &still_moves, steps);
    const double by = still_moves ? 0.0 : fmin(2.0, 1.0 / share);
    for (size_t a = 0; a < s->p; a++) s->gamma[a] *= by;
    if (still_moves) break;
  }
  s->cells = cells;
  return status == OSV_OK ? evaluate(s, s->gamma, &s->loglik) : status;
}

/* The coefficients gamma of the scaled covariates that maximise the partial likelihood.
 *
 * in   cells  see osv_cox_cells
 *      poll   or NULL
 * work osv_cox_fit_work() doubles
 * out  gamma; variance, the inverse information; score at gamma; loglik;
 *      known     0: not identified. gamma, variance and score are then 0, and the other
 *                results are those of a model without this coefficient. Of collinear
 *                covariates the first ones are known.
 *      monotone  1: the likelihood increases without limit in this coefficient, and gamma
 *                is a value at which it hardly increases any more
 *      steps     number of Newton steps
 * OSV_EDOMAIN: rounding leaves nothing of the sum over a risk set, see osv_cox_sums(), or
 * the offsets are so far apart that nothing of the information is left at gamma = 0.
 */
osv_status osv_cox_fit(const osv_cox_cells *cells, const osv_poll *poll, double *work,
                       osv_cox_fit_out *out) {
  const size_t p = cells->p;
  double *const offset = work;
  search s = new_search(cells, poll, work + (cells->offset ? cells->n_pattern : 0), out);
  for (size_t a = 0; a < p; a++) {
    out->gamma[a] = 0.0;
    out->known[a] = 1;
    out->monotone[a] = 0;
  }
  out->steps = 0;
  osv_status status = identify(&s);
  if (status != OSV_OK) return status;
  out->loglik[0] = s.loglik;
  if (cells->offset && spread_of(cells->offset, cells->n_pattern) > CLOSE)
    status = approach(&s, offset, &out->steps);
  int still_moves, dark = 0; /* not 0: nothing shows where the maximum is */
  if (status == OSV_OK) status = climb(&s, &still_moves, &out->steps);
  if (status != OSV_OK) return status;
  for (size_t a = 0; a < p; a++) {
    const int lost = out->known[a] && !(s.root[a * p + a] > 0.0);
    dark |= lost && out->gamma[a] == 0.0;
    out->monotone[a] = lost || (still_moves && fabs(s.step[a]) >= MOVES);
    if (!out->known[a]) out->score[a] = 0.0;
  }
  out->loglik[1] = s.loglik;
  if (dark || !isfinite(s.loglik)) return OSV_EDOMAIN;
  invert(&s, out->variance);
  return s.stopped ? OSV_EINTR : OSV_OK;
}
