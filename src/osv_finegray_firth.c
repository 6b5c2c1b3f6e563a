/* osv_finegray_firth - Fine-Gray regression by Firth's penalised likelihood. */
#include "osv_core.h"

typedef struct {
  osv_finegray *model;
  double *work;
} context;

/* Number of doubles of scratch that osv_finegray_firth() needs */
size_t osv_finegray_firth_work(const osv_finegray_rows *rows) {
  return osv_firth_work(rows->p) + osv_finegray_scores_work(rows);
}

static osv_status moments(void *ctx, const double *beta, double *loglik, double *score,
                          double *information) {
  osv_finegray *const s = ((context *)ctx)->model;
  const osv_status status = osv_finegray_moments(s, beta, loglik, score);
  return status == OSV_OK ? osv_finegray_information(s, NULL, information, NULL) : status;
}

static osv_status slope(void *ctx, const double *beta, const double *inverse,
                        double *result) {
  const context *const x = ctx;
  const osv_finegray_sums sums = {.inverse = inverse, .slope = result};
  (void)beta;
  return osv_finegray_scores(x->model, &sums, x->work);
}

/* osv_firth_of() for a Fine-Gray model; the weights of competing events are treated as
 * known.
 *
 * in   s, cut  see osv_finegray_start() and osv_firth_of()
 * work osv_finegray_firth_work(rows) doubles
 * Cost of one step O(n p^2 + p^3).
 */
osv_status osv_finegray_firth(osv_finegray *s, double cut, double *work,
                              const osv_firth_out *out) {
  context x = {s, work + osv_firth_work(s->rows->p)};
  const osv_likelihood likelihood = {s->rows->p, &x, moments, slope};
  return osv_firth_of(&likelihood, cut, s->poll, work, out);
}
