/* osv_firth - regression by Firth's penalised likelihood, with profile limits. */
#include "osv_core.h"

enum { MOST_STEPS = 500, MOST_ROOT_STEPS = 200 };

static const double LONGEST = 2.0;

/* A pivot of the information below SINGULAR times its diagonal is rounding error. A
 * predicted increase of l* below SETTLED may be rounding error too. */
static const double SINGULAR = 1e-13, SETTLED = 1e-6;

/* A point of the penalised log likelihood l* = l + log|I| / 2, with its score and the
 * information I */
typedef struct {
  double loglik, *beta, *score, *information, *inverse;
} point;

typedef struct {
  const osv_likelihood *likelihood;
  const osv_poll *poll;
  osv_status status; /* of the likelihood */
  size_t p;
  double tolerance; /* maximise() stops after a step with a smaller gain */
  double longest;   /* largest change of a coefficient in one step */
  double *step, *slope, *root;
  double *excess, *curvature; /* curvature = I + excess, approximates -d2 l* / dbeta2 */
  point now, next;
  point inner; /* last point at which twice the fall of l* is below the cut, see fall() */
} search;

static size_t point_size(size_t p) {
  return 2 * p + 2 * p * p;
}

/* Number of doubles of scratch that osv_firth_of() needs */
size_t osv_firth_work(size_t p) {
  return 4 * point_size(p) + 2 * p + 3 * p * p;
}

static double *take(double **work, size_t n) {
  double *const x = *work;
  *work += n;
  return x;
}

static point new_point(size_t p, double **work) {
  point x;
  x.loglik = -INFINITY;
  x.beta = take(work, p);
  x.score = take(work, p);
  x.information = take(work, p * p);
  x.inverse = take(work, p * p);
  return x;
}

static void copy_point(const point *from, point *to, size_t p) {
  to->loglik = from->loglik;
  for (size_t k = 0; k < point_size(p); k++) to->beta[k] = from->beta[k];
}

static int stops(search *s) {
  if (s->status == OSV_OK && osv_poll_row(s->poll, s->p)) s->status = OSV_EINTR;
  return s->status == OSV_EINTR;
}

/* Lower Cholesky factor, in s->root, of the symmetric matrix `a` without row and column
 * `fixed` (p: of the whole matrix). Returns its size, or 0 if `a` is not positive
 * definite or the user has requested a stop. */
static size_t cholesky(search *s, const double *a, size_t fixed) {
  const size_t p = s->p;
  double *const root = s->root;
  size_t row = 0;
  for (size_t i = 0; i < p; i++) {
    if (stops(s)) return 0;
    if (i == fixed) continue;
    size_t column = 0;
    for (size_t j = 0; j <= i; j++) {
      if (j == fixed) continue;
      double sum = a[i * p + j];
      for (size_t k = 0; k < column; k++) sum -= root[row * p + k] * root[column * p + k];
      if (row == column && !(sum > SINGULAR * a[i * p + i])) return 0;
      root[row * p + column] =
          row == column ? sqrt(sum) : sum / root[column * p + column];
      column++;
    }
    row++;
  }
  return row;
}

/* Solves (L L') x = b in place, for the first m rows of L */
static void solve(const double *root, size_t p, size_t m, double *b) {
  for (size_t i = 0; i < m; i++) {
    for (size_t k = 0; k < i; k++) b[i] -= root[i * p + k] * b[k];
    b[i] /= root[i * p + i];
  }
  for (size_t i = m; i-- > 0;) {
    for (size_t k = i + 1; k < m; k++) b[i] -= root[k * p + i] * b[k];
    b[i] /= root[i * p + i];
  }
}

/* Sets l* at x->beta; -Inf outside the domain of the likelihood, or if the information is
 * not positive definite */
static void penalised(search *s, point *x) {
  const size_t p = s->p;
  const osv_status status = s->likelihood->moments(s->likelihood->ctx, x->beta,
                                                   &x->loglik, x->score, x->information);
  if (status != OSV_OK) {
    if (status != OSV_EDOMAIN) s->status = status;
    x->loglik = -INFINITY;
    return;
  }
  for (size_t a = 0; a < p; a++)
    for (size_t b = 0; b < a; b++) x->information[a * p + b] = x->information[b * p + a];
  if (!isfinite(x->loglik) || cholesky(s, x->information, p) < p) {
    x->loglik = -INFINITY;
    return;
  }
  for (size_t a = 0; a < p; a++) x->loglik += log(s->root[a * p + a]);
}

/* Computes the inverse of the information and the score of l*, which is the score of l
 * plus half the derivative of log det I. penalised() must have been called for this
 * point. */
static void penalised_score(search *s, point *x) {
  const size_t p = s->p;
  cholesky(s, x->information, p);
  for (size_t a = 0; a < p; a++) {
    double *const column = x->inverse + a * p;
    for (size_t b = 0; b < p; b++) column[b] = a == b;
    solve(s->root, p, p, column);
    if (stops(s)) return;
  }
  const osv_status status =
      s->likelihood->slope(s->likelihood->ctx, x->beta, x->inverse, s->slope);
  if (status != OSV_OK) s->status = status;
  for (size_t a = 0; a < p; a++) x->score[a] += s->slope[a] / 2.0;
}

/* Updates `excess`, the curvature of l* minus the information, after a step, so that the
 * curvature maps the step to the observed change of the score (symmetric rank-one
 * update). Without it, the penalty may make Newton's steps overshoot for ever. */
static void learn_curvature(search *s, size_t fixed) {
  const size_t p = s->p;
  double *const miss = s->slope, along = 0.0, size = 0.0, length = 0.0;
  for (size_t a = 0; a < p; a++) {
    miss[a] = s->now.score[a] - s->next.score[a];
    for (size_t b = 0; b < p; b++)
      miss[a] -= (s->next.information[a * p + b] + s->excess[a * p + b]) *
                 (s->next.beta[b] - s->now.beta[b]);
    if (a == fixed) miss[a] = 0.0;
    const double step = s->next.beta[a] - s->now.beta[a];
    along += miss[a] * step;
    size += miss[a] * miss[a];
    length += step * step;
  }
  if (!(fabs(along) > 1e-6 * sqrt(size * length))) return;
  for (size_t a = 0; a < p; a++)
    for (size_t b = 0; b < p; b++) s->excess[a * p + b] += miss[a] / along * miss[b];
}

/* Newton's step of all coefficients except `fixed`; none changes by more than s->longest.
 * If I + excess is not positive definite, excess is reset to 0 and I alone is used.
 * Returns the gain, score'step before the step is shortened, which is twice the predicted
 * increase of l*; NaN if the information is not positive definite. */
static double newton_step(search *s, size_t fixed, int *shortened) {
  const size_t p = s->p;
  for (size_t k = 0; k < p * p; k++)
    s->curvature[k] = s->now.information[k] + s->excess[k];
  size_t m = cholesky(s, s->curvature, fixed), k = 0;
  if (m == 0) {
    for (k = 0; k < p * p; k++) s->excess[k] = 0.0;
    m = cholesky(s, s->now.information, fixed);
    k = 0;
  }
  double gain = 0.0, longest = 0.0;
  if (m == 0) return NAN;
  for (size_t a = 0; a < p; a++)
    if (a != fixed) s->step[k++] = s->now.score[a];
  solve(s->root, p, m, s->step);
  for (size_t a = p; a-- > 0;) s->step[a] = a == fixed ? 0.0 : s->step[--k];
  for (size_t a = 0; a < p; a++) {
    gain += s->step[a] * s->now.score[a];
    longest = fmax(longest, fabs(s->step[a]));
  }
  *shortened = longest > s->longest;
  for (size_t a = 0; *shortened && a < p; a++) s->step[a] *= s->longest / longest;
  return gain;
}

/* Moves s->now to the maximum of l* while the coefficient `fixed` keeps its value (p: all
 * coefficients are free). Each step is halved until l* does not decrease. The longest
 * step allowed doubles after a full step of that length, because the coefficient of a
 * covariate with an outlier may be large. OSV_EDOMAIN: no maximum was found. */
static osv_status maximise(search *s, size_t fixed) {
  const size_t p = s->p;
  penalised(s, &s->now);
  if (!isfinite(s->now.loglik)) return s->status != OSV_OK ? s->status : OSV_EDOMAIN;
  penalised_score(s, &s->now);
  if (s->status != OSV_OK) return s->status;
  if (p == 1 && fixed == 0) return OSV_OK; /* no coefficient is free */
  s->longest = LONGEST;
  double gain = INFINITY;
  for (int iteration = 0; iteration < MOST_STEPS; iteration++) {
    int shortened = 0;
    gain = newton_step(s, fixed, &shortened);
    if (s->status != OSV_OK) return s->status;
    if (isnan(gain)) return OSV_EDOMAIN;
    /* l* above this value has not decreased, apart from rounding errors */
    const double least = s->now.loglik - 1e-14 * fmax(1.0, fabs(s->now.loglik));
    double part = 1.0;
    for (;; part /= 2.0) {
      if (s->poll && s->poll->fn(s->poll->ctx)) return OSV_EINTR;
      double longest = 0.0;
      for (size_t a = 0; a < p; a++) {
        s->next.beta[a] = s->now.beta[a] + part * s->step[a];
        longest = fmax(longest, fabs(part * s->step[a]));
      }
      penalised(s, &s->next);
      if (s->status != OSV_OK) return s->status;
      if (s->next.loglik >= least || longest < 1e-12) break;
    }
    if (!(s->next.loglik >= least)) return OSV_OK;
    s->longest = shortened && part == 1.0 ? 2.0 * s->longest : LONGEST;
    penalised_score(s, &s->next);
    if (s->status != OSV_OK) return s->status;
    learn_curvature(s, fixed);
    copy_point(&s->next, &s->now, p);
    if (gain < s->tolerance) return OSV_OK;
  }
  return gain < SETTLED ? OSV_OK : OSV_EDOMAIN;
}

/* Sets coefficient j to `value`. The others move to the maximum of l* that the
 * information at s->now predicts, as a starting point for maximise(). */
static void move_along(search *s, size_t j, double value) {
  const size_t p = s->p, m = cholesky(s, s->now.information, j);
  const double by = value - s->now.beta[j];
  size_t k = 0;
  for (size_t a = 0; a < p; a++)
    if (a != j) s->step[k++] = -by * s->now.information[a * p + j];
  if (m > 0) solve(s->root, p, m, s->step);
  for (size_t a = p, i = m; m > 0 && a-- > 0;)
    if (a != j) s->now.beta[a] += s->step[--i];
  s->now.beta[j] = value;
}

/* Twice the decrease of l* from its maximum `most` to its maximum with coefficient j
 * fixed at `value`. *above: this minus `cut`; *slope: its derivative with respect to
 * `value`. If the information is not positive definite, l* is -Inf, *above is Inf, and
 * the next search starts from s->inner. */
static osv_status fall(search *s, size_t j, double value, double most, double cut,
                       double *above, double *slope) {
  move_along(s, j, value);
  const osv_status status = maximise(s, j);
  if (status == OSV_EDOMAIN) {
    s->status = OSV_OK;
    copy_point(&s->inner, &s->now, s->p);
    *above = INFINITY;
    *slope = 0.0;
    return OSV_OK;
  }
  *above = 2.0 * (most - s->now.loglik) - cut;
  *slope = -2.0 * s->now.score[j];
  if (*above < 0.0) copy_point(&s->now, &s->inner, s->p);
  return status;
}

/* The value of coefficient j, on one side of its estimate, at which twice the decrease of
 * l* is `cut`. It exists in every model: far from the estimate the information and
 * therefore the penalty go to 0. The search uses Newton's steps inside a bracket, and
 * bisection where they leave it. width: its first step, negative for the lower limit.
 * OSV_EDOMAIN: rounding makes l* -Inf before its fall reaches the cut. */
static osv_status profile_limit(search *s, const point *best, size_t j, double cut,
                                double width, double *limit) {
  double inner = best->beta[j], outer = inner + width, above, slope, outer_above;
  copy_point(best, &s->now, s->p);
  copy_point(best, &s->inner, s->p);
  for (;;) {
    const osv_status status = fall(s, j, outer, best->loglik, cut, &above, &slope);
    if (status != OSV_OK) return status;
    if (above >= 0.0) break;
    inner = outer;
    outer = best->beta[j] + 2.0 * (outer - best->beta[j]);
  }
  double at = outer;
  outer_above = above;
  for (int i = 0; i < MOST_ROOT_STEPS && fabs(above) > 1e-12 * cut; i++) {
    if (above >= 0.0) {
      outer = at;
      outer_above = above;
    } else {
      inner = at;
    }
    const double before = at, newton = at - above / slope;
    const int inside = (newton - inner) * (newton - outer) < 0.0;
    at = inside ? newton : (inner + outer) / 2.0;
    if (fabs(at - before) <= 1e-13 * fmax(1.0, fabs(at))) break;
    const osv_status status = fall(s, j, at, best->loglik, cut, &above, &slope);
    if (status != OSV_OK) return status;
  }
  *limit = at;
  return isfinite(outer_above) ? OSV_OK : OSV_EDOMAIN;
}

/* Estimates that maximise l* = l + log|I| / 2, with profile limits and likelihood ratios.
 *
 * in   likelihood  see osv_likelihood
 *      cut    chi-square quantile of the level of the limits
 *      poll   or NULL; called before every evaluation of l* along a step, and in work on
 *             large matrices
 * work osv_firth_work(p) doubles
 * out  estimate, variance (the inverse information), std_error (from it), low and high
 *      (at which twice the decrease of the profile of l* is `cut`), ratio (twice the
 *      decrease of the profile at the value 0)
 * Heinze & Schemper 2001. OSV_EDOMAIN: the events do not identify the coefficients.
 * A limit takes about a dozen steps, each of one call of the likelihood and O(p^3).
 */
osv_status osv_firth_of(const osv_likelihood *likelihood, double cut,
                        const osv_poll *poll, double *work, const osv_firth_out *out) {
  const size_t p = likelihood->p;
  search s = {.likelihood = likelihood, .poll = poll, .p = p};
  s.step = take(&work, p);
  s.slope = take(&work, p);
  s.root = take(&work, p * p);
  s.excess = take(&work, p * p);
  s.curvature = take(&work, p * p);
  for (size_t k = 0; k < p * p; k++) s.excess[k] = 0.0;
  s.now = new_point(p, &work);
  s.next = new_point(p, &work);
  s.inner = new_point(p, &work);
  point best = new_point(p, &work);
  for (size_t a = 0; a < p; a++) s.now.beta[a] = 0.0;
  s.tolerance = 1e-24;
  osv_status status = maximise(&s, p);
  if (status != OSV_OK) return status;
  copy_point(&s.now, &best, p);
  for (size_t k = 0; k < p * p; k++) out->variance[k] = best.inverse[k];
  s.tolerance = 1e-11; /* tolerance of l*; a smaller one would not change the limits */
  for (size_t j = 0; j < p; j++) {
    double above, slope;
    out->estimate[j] = best.beta[j];
    out->std_error[j] = sqrt(best.inverse[j * p + j]);
    const double width = sqrt(cut) * out->std_error[j];
    status = profile_limit(&s, &best, j, cut, -width, out->low + j);
    if (status == OSV_OK) status = profile_limit(&s, &best, j, cut, width, out->high + j);
    copy_point(&best, &s.now, p);
    if (status == OSV_OK) status = fall(&s, j, 0.0, best.loglik, 0.0, &above, &slope);
    if (status != OSV_OK) return status;
    if (!isfinite(above)) return OSV_EDOMAIN;
    out->ratio[j] = fmax(above, 0.0);
  }
  return OSV_OK;
}
