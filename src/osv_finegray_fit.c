/* osv_finegray_fit - Fine-Gray regression by Newton's method. */
#include "osv_finegray_scan.h"

#include <float.h>
#include <math.h>

/* The rules of coxph() are used. The log likelihood has converged if its relative change
 * is below SETTLED. A coefficient has no finite maximum if the next step still changes it
 * by MOVES standard deviations of its covariate, and by at least half of the step
 * before. */
enum { MOST_STEPS = 60, MOST_HALVINGS = 40 };
static const double SETTLED = 1e-9, MOVES = 1e-3, SINGULAR = 1e-12;

/* Number of doubles of scratch that osv_finegray_fit() needs */
size_t osv_finegray_fit_work(size_t p) {
  return 6 * p + p * p;
}

/* Cholesky factor L of the information. A column is identified if the part that earlier
 * columns do not explain is above rounding error. Returns the number of identified
 * columns. */
static size_t factorise(const double *information, const double *size, size_t p,
                        double *root, int *identified) {
  size_t rank = 0;
  for (size_t j = 0; j < p; j++) {
    double pivot = information[j * p + j];
    for (size_t k = 0; k < j; k++) {
      double sum = information[j * p + k];
      for (size_t l = 0; l < k; l++) sum -= root[j * p + l] * root[k * p + l];
      root[j * p + k] = identified[k] ? sum / root[k * p + k] : 0.0;
      pivot -= root[j * p + k] * root[j * p + k];
    }
    identified[j] = pivot > SINGULAR * size[j];
    root[j * p + j] = identified[j] ? sqrt(pivot) : 1.0;
    rank += identified[j] != 0;
  }
  return rank;
}

/* Newton's step L^-T L^-1 U for the identified columns. Returns U'step, which is 0 at the
 * maximum and otherwise twice the predicted increase of the log likelihood. */
static double newton_step(const double *root, const double *score, const int *identified,
                          size_t p, double *step) {
  double gain = 0.0;
  for (size_t j = 0; j < p; j++) {
    step[j] = identified[j] ? score[j] : 0.0;
    for (size_t k = 0; k < j; k++) step[j] -= root[j * p + k] * step[k];
    step[j] = identified[j] ? step[j] / root[j * p + j] : 0.0;
    gain += step[j] * step[j];
  }
  for (size_t j = p; j-- > 0;) {
    for (size_t k = j + 1; k < p; k++) step[j] -= root[k * p + j] * step[k];
    step[j] /= root[j * p + j];
  }
  return gain;
}

/* Returns 1 if the step still changes differences between linear predictors. If
 * covariates are nearly collinear, rounding errors change coefficients, but not linear
 * predictors. */
static int moves_apart(const osv_finegray_rows *rows, const double *step) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < rows->n; i++) {
    const double *const x = osv_finegray_x(rows, i);
    double eta = 0.0;
    for (size_t a = 0; a < rows->p; a++) eta += x[a] * step[a];
    low = fmin(low, eta);
    high = fmax(high, eta);
  }
  return high - low >= MOVES;
}

/* Marks coefficients that do not converge; returns their number */
static int still_moving(const osv_finegray_rows *rows, const double *step,
                        const double *last, int *monotone) {
  const size_t p = rows->p;
  int found = 0;
  for (size_t a = 0; a < p; a++) {
    monotone[a] = fabs(step[a]) >= MOVES && fabs(step[a]) >= fabs(last[a]) / 2.0;
    found += monotone[a];
  }
  if (!found || moves_apart(rows, step)) return found;
  for (size_t a = 0; a < p; a++) monotone[a] = 0;
  return 0;
}

typedef struct {
  double *score, *trial, *next_score, *step, *last, *size, *root;
} search;

/* Moves to beta + step; the step is halved until the log likelihood does not decrease. If
 * the predicted `gain` is below the rounding errors of the log likelihood, which then
 * says nothing, the step is taken whole. Afterwards the model s is at the new
 * coefficients. Sets *moved to 0 if no step is short enough. */
static osv_status line_search(osv_finegray *s, const search *x, double gain, double *beta,
                              double *loglik, int *moved) {
  const size_t p = s->rows->p;
  const int unseen = gain < OSV_LOGLIK_ERROR * fabs(*loglik);
  const double least = unseen ? -DBL_MAX : *loglik - 1e-13 * fabs(*loglik);
  double part = 1.0;
  *moved = 0;
  for (int halving = 0; halving < MOST_HALVINGS && !*moved; halving++, part /= 2.0) {
    double value;
    for (size_t a = 0; a < p; a++) x->trial[a] = beta[a] + part * x->step[a];
    const osv_status status = osv_finegray_moments(s, x->trial, &value, x->next_score);
    if (status != OSV_OK) return status;
    if (!(value >= least)) continue;
    *moved = 1;
    *loglik = value;
    for (size_t a = 0; a < p; a++) {
      beta[a] = x->trial[a];
      x->score[a] = x->next_score[a];
      x->last[a] = part * x->step[a];
    }
  }
  return *moved ? OSV_OK : osv_finegray_moments(s, beta, loglik, x->score);
}

/* Log likelihood, score and information at coefficients of 0 */
static osv_status evaluate(osv_finegray *s, const search *x,
                           const osv_finegray_out *out) {
  const osv_status status = osv_finegray_moments(s, out->estimate, out->loglik, x->score);
  if (status != OSV_OK) return status;
  if (!isfinite(out->loglik[0])) return OSV_EDOMAIN;
  return osv_finegray_information(s, NULL, out->information, x->size);
}

/* Finds the coefficients that the risk sets identify. They do not depend on the offsets,
 * so they are determined without offsets. Afterwards log likelihood, score and
 * information are those with offsets. */
static osv_status identify(osv_finegray *s, const search *x,
                           const osv_finegray_out *out) {
  osv_finegray_rows plain = *s->rows;
  const osv_finegray_rows *const rows = s->rows;
  plain.offset = NULL;
  s->rows = &plain;
  osv_status status = evaluate(s, x, out);
  s->rows = rows;
  if (status != OSV_OK) return status;
  factorise(out->information, x->size, rows->p, x->root, out->identified);
  if (rows->offset) status = evaluate(s, x, out);
  out->loglik[1] = out->loglik[0];
  return status;
}

/* Maximises the partial likelihood by Newton's method, starting from coefficients of 0
 *
 * in   s  the model; covariates centred, with standard deviation 1
 * work osv_finegray_fit_work(p) doubles
 * out  loglik [2]         at 0 and at the maximum
 *      estimate [p], information [p * p] there
 *      identified [p]     0 for a coefficient that the risk sets do not determine. Of
 *                         collinear columns the first are kept, as in coxph(). If any is
 *                         0 there is no fit and estimate is 0; the caller has to omit
 *                         these columns.
 *      monotone [p]       not 0 for a coefficient that diverges
 * Ends when U'I^-1 U is below 1e-18, so that every score times its standard error is
 * below 1e-9, or when rounding allows no further step. The model s is left at beta. A
 * step costs O(n p^2); usually there are four to seven steps.
 * OSV_EDOMAIN: rounding leaves nothing of the sum over a risk set, see
 * osv_finegray_moments(), or of the information.
 */
osv_status osv_finegray_fit(osv_finegray *s, double *work, const osv_finegray_out *out) {
  const size_t p = s->rows->p;
  const search x = {work,         work + p,     work + 2 * p, work + 3 * p,
                    work + 4 * p, work + 5 * p, work + 6 * p};
  double *const loglik = out->loglik + 1;
  for (size_t a = 0; a < p; a++) {
    out->estimate[a] = x.last[a] = 0.0;
    out->monotone[a] = 0;
  }
  osv_status status = identify(s, &x, out);
  if (status != OSV_OK) return status;
  for (size_t a = 0; a < p; a++)
    if (!out->identified[a]) return OSV_OK;
  if (factorise(out->information, x.size, p, x.root, out->identified) < p)
    return OSV_EDOMAIN;
  double before = 0.0;
  for (int steps = 0; steps < MOST_STEPS; steps++) {
    double gain = newton_step(x.root, x.score, out->identified, p, x.step);
    const double old = *loglik;
    if (!(gain >= 1e-18)) break;
    if (steps > 0 && fabs(*loglik - before) <= SETTLED * fabs(*loglik) &&
        still_moving(s->rows, x.step, x.last, out->monotone))
      break;
    int moved;
    status = line_search(s, &x, gain, out->estimate, loglik, &moved);
    if (status != OSV_OK || !moved) return status;
    before = old;
    status = osv_finegray_information(s, NULL, out->information, x.size);
    if (status != OSV_OK) return status;
    if (factorise(out->information, x.size, p, x.root, out->identified) < p) {
      /* no maximum: the information became 0, and the last step shows which coefficients
       * diverge */
      still_moving(s->rows, x.last, x.last, out->monotone);
      for (size_t a = 0; a < p; a++) out->identified[a] = 1;
      return OSV_OK;
    }
  }
  return OSV_OK;
}
