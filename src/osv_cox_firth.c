/* osv_cox_firth - Cox regression by Firth's penalised likelihood. */
#include "osv_core.h"

typedef struct {
  const osv_cox_cells *cells;
  const osv_poll *poll;
  double *raw, *work;
} context;

/* Number of doubles of scratch that osv_cox_firth() needs */
size_t osv_cox_firth_work(const osv_cox_cells *cells) {
  const size_t sums = osv_cox_sums_work(cells, 0), slope = osv_cox_slope_work(cells);
  return osv_firth_work(cells->p) + cells->p + (sums > slope ? sums : slope);
}

/* A variance of a covariate over the risk sets is rounding error if it is below this
 * proportion of its second moment. */
static const double LEAST_SHARE = 1e-14;

/* If a risk set has the sum 0, or if the information is rounding error, the log
 * likelihood is set to -Inf, and the search takes a shorter step. */
static osv_status moments(void *ctx, const double *beta, double *loglik, double *score,
                          double *information) {
  const context *const x = ctx;
  const osv_cox_sums_out out = {NULL, loglik, score, information, x->raw, NULL};
  const osv_status status = osv_cox_sums(x->cells, beta, x->poll, x->work, &out);
  int lost = status == OSV_EDOMAIN;
  for (size_t a = 0, p = x->cells->p; status == OSV_OK && a < p; a++)
    lost |= !(information[a * p + a] > LEAST_SHARE * x->raw[a]);
  if (lost) *loglik = -INFINITY;
  return lost ? OSV_OK : status;
}

static osv_status slope(void *ctx, const double *beta, const double *inverse,
                        double *result) {
  const context *const x = ctx;
  return osv_cox_slope(x->cells, beta, inverse, x->poll, x->work, result);
}

/* osv_firth_of() for a Cox model, in coefficients of the scaled covariates
 *
 * in   cells  see osv_cox_cells; cut, poll: see osv_firth_of()
 * work osv_cox_firth_work(cells) doubles
 * Cost of one step: that of osv_cox_sums() and osv_cox_slope(), and O(p^3).
 */
osv_status osv_cox_firth(const osv_cox_cells *cells, double cut, const osv_poll *poll,
                         double *work, const osv_firth_out *out) {
  context x = {cells, poll, work + osv_firth_work(cells->p), NULL};
  x.work = x.raw + cells->p;
  const osv_likelihood likelihood = {cells->p, &x, moments, slope};
  return osv_firth_of(&likelihood, cut, poll, work, out);
}
