/* Firth's likelihood of logistic regression. Its maximum is known: it is that of data
 * with half an event and half a non-event more. Also likelihoods that fail, and a search
 * that does not end. */
#include "check.h"

/* s events of n subjects; the call numbered `fails_at` fails, from 1 */
typedef struct {
  double n, s;
  int calls, fails_at;
  osv_status how;
} binomial;

static int fails(binomial *x) {
  return ++x->calls == x->fails_at;
}

static osv_status moments(void *ctx, const double *beta, double *loglik, double *score,
                          double *information) {
  binomial *const x = ctx;
  const double p = 1.0 / (1.0 + exp(-*beta));
  *loglik = x->s * *beta - x->n * log1p(exp(*beta));
  *score = x->s - x->n * p;
  *information = x->n * p * (1.0 - p);
  return fails(x) ? x->how : OSV_OK;
}

/* tr(I^-1 dI/dbeta) = 1 - 2 p */
static osv_status slope(void *ctx, const double *beta, const double *inverse,
                        double *result) {
  binomial *const x = ctx;
  const double p = 1.0 / (1.0 + exp(-*beta));
  *result = *inverse * x->n * p * (1.0 - p) * (1.0 - 2.0 * p);
  return fails(x) ? x->how : OSV_OK;
}

static osv_status firth(const osv_likelihood *likelihood, double got[5]) {
  double variance, *work = room(osv_firth_work(likelihood->p), sizeof *work);
  const osv_firth_out out = {got, got + 1, got + 2, got + 3, got + 4, &variance};
  const osv_status status = osv_firth_of(likelihood, 3.84, NULL, work, &out);
  free(work);
  return status;
}

/* l* is a likelihood with half an event and half a non-event more */
static double penalised(const binomial *x, double beta) {
  return (x->s + 0.5) * beta - (x->n + 1.0) * log1p(exp(beta));
}

static void test_binomial(void) {
  for (double s = 0.0; s <= 10.0; s += 1.0) {
    binomial x = {.n = 10.0, .s = s};
    const osv_likelihood likelihood = {1, &x, moments, slope};
    double got[5];
    assert(firth(&likelihood, got) == OSV_OK);
    const double want = log((s + 0.5) / (10.5 - s)), p = (s + 0.5) / 11.0;
    assert(near(got[0], want, 1e-10));
    assert(near(got[1], 1.0 / sqrt(10.0 * p * (1.0 - p)), 1e-10));
    for (int k = 2; k < 4; k++)
      assert(near(2.0 * (penalised(&x, want) - penalised(&x, got[k])), 3.84, 1e-9));
    assert(near(got[4], 2.0 * (penalised(&x, want) - penalised(&x, 0.0)), 1e-10));
    /* a call that fails ends the search with its status */
    const int calls = x.calls;
    for (int at = 1; at <= calls; at++) {
      x = (binomial){.n = 10.0, .s = s, .fails_at = at, .how = OSV_EINTR};
      assert(firth(&likelihood, got) == OSV_EINTR && x.calls == at);
    }
    x = (binomial){.n = 10.0, .s = s, .fails_at = 1, .how = OSV_EDOMAIN};
    assert(firth(&likelihood, got) == OSV_EDOMAIN);
    /* a first step out of the domain is halved */
    x = (binomial){.n = 10.0, .s = s, .fails_at = 3, .how = OSV_EDOMAIN};
    assert(firth(&likelihood, got) == OSV_OK && near(got[0], want, 1e-10));
  }
  binomial nobody = {.n = 0.0};
  const osv_likelihood empty = {1, &nobody, moments, slope};
  double got[5];
  assert(firth(&empty, got) == OSV_EDOMAIN); /* no information */
}

/* The score predicts an increase that the likelihood does not have, so the steps never
 * end. The predicted increase decides whether the last point counts as the maximum. */
static osv_status level(void *ctx, const double *beta, double *loglik, double *score,
                        double *information) {
  (void)beta;
  *loglik = 0.0;
  *score = *(double *)ctx;
  *information = 1.0;
  return OSV_OK;
}

static osv_status no_slope(void *ctx, const double *beta, const double *inverse,
                           double *result) {
  (void)ctx;
  (void)beta;
  (void)inverse;
  *result = 0.0;
  return OSV_OK;
}

static void test_never_settles(void) {
  double rise = 1e-2, got[5];
  const osv_likelihood likelihood = {1, &rise, level, no_slope};
  assert(firth(&likelihood, got) == OSV_EDOMAIN);
}

int main(void) {
  test_binomial();
  test_never_settles();
  return 0;
}
