/* osv_cox_ph - score test of proportional hazards. */
#include "osv_core.h"

/* If less than this proportion of a variance remains, given the coefficients, it is
 * rounding error and the test is not defined. */
static const double LEAST_SHARE = 1e-10;

/* Number of doubles of scratch that osv_cox_ph() needs */
size_t osv_cox_ph_work(const osv_cox_cells *cells) {
  const size_t p = cells->p;
  return osv_cox_sums_work(cells, 1) + 1 + 3 * p + 3 * p * p + p * (2 * p + 3);
}

/* Replaces C by C - B A^-1 B for symmetric p x p matrices A, B and C; A is overwritten.
 * Sets *definite to 1 if A is positive definite, else to 0. */
static osv_status eliminate(double *a, double *b, double *c, size_t p,
                            const osv_poll *poll, int *definite) {
  *definite = 0;
  for (size_t i = 0; i < p; i++) { /* lower Cholesky factor L of A, and B <- L^-1 B */
    if (osv_poll_row(poll, p)) return OSV_EINTR;
    double pivot = a[i * p + i];
    for (size_t k = 0; k < i; k++) {
      double sum = a[i * p + k];
      for (size_t l = 0; l < k; l++) sum -= a[i * p + l] * a[k * p + l];
      a[i * p + k] = sum / a[k * p + k];
      pivot -= a[i * p + k] * a[i * p + k];
    }
    if (!(pivot > 0.0)) return OSV_OK;
    a[i * p + i] = sqrt(pivot);
    for (size_t j = 0; j < p; j++) {
      for (size_t k = 0; k < i; k++) b[i * p + j] -= a[i * p + k] * b[k * p + j];
      b[i * p + j] /= a[i * p + i];
    }
  }
  for (size_t i = 0; i < p; i++) {
    if (osv_poll_row(poll, p)) return OSV_EINTR;
    for (size_t k = 0; k < p; k++)
      for (size_t j = 0; j < p; j++) c[i * p + j] -= b[k * p + i] * b[k * p + j];
  }
  *definite = 1;
  return OSV_OK;
}

/* The statistic of the coefficients of `term` (0: all) */
static double statistic_of(const double *variance, const double *score, size_t p,
                           const int *term, int which, double *work, double *df) {
  double *const v = work, *const u = work + p * p, *const scratch = u + p;
  size_t m = 0, rank, row = 0;
  for (size_t a = 0; a < p; a++) m += which == 0 || term[a] == which;
  for (size_t a = 0; a < p; a++) {
    size_t column = 0;
    if (which != 0 && term[a] != which) continue;
    u[row] = score[a];
    for (size_t b = 0; b < p; b++)
      if (which == 0 || term[b] == which) v[row * m + column++] = variance[a * p + b];
    row++;
  }
  const double statistic = osv_quadratic_form(v, u, m, scratch, &rank);
  *df = (double)m;
  return rank == m ? statistic : NAN;
}

/* Score tests of coefficients that change with time, beta + theta g(t); the hypothesis is
 * theta = 0.
 *
 * in   cells, gamma [p]  at the maximum, all coefficients identified
 *      g      by rank of time, centred at its mean over the events
 *      term   [p] the term of each coefficient, 1 .. n_term
 * work osv_cox_ph_work() doubles
 * out  statistic, df [n_term + 1] of each term and of all together; NaN: not defined
 * With I_k the information of order k, U_g the score of theta, V = I_2 - I_1 I_0^-1 I_1:
 * U_g' V^-1 U_g over the coefficients of a term. Grambsch & Therneau 1994, without their
 * approximation that I is the same at all times. Costs one call of osv_cox_sums() with g.
 */
osv_status osv_cox_ph(const osv_cox_cells *cells, const double *gamma, const double *g,
                      const int *term, int n_term, const osv_poll *poll, double *work,
                      const osv_cox_ph_out *out) {
  const size_t p = cells->p, square = p * p;
  double *const loglik = work, *const score = work + 1, *const raw = score + p;
  double *const score_g = raw + p, *const information = score_g + p;
  double *const scratch = information + 3 * square;
  double *const sums_work = scratch + p * (2 * p + 3);
  const osv_cox_sums_out sums = {g, loglik, score, information, raw, score_g};
  osv_status status = osv_cox_sums(cells, gamma, poll, sums_work, &sums);
  if (status != OSV_OK) return status;
  double *const variance = information + 2 * square;
  for (size_t a = 0; a < p; a++) raw[a] = variance[a * p + a];
  int defined;
  status = eliminate(information, information + square, variance, p, poll, &defined);
  if (status != OSV_OK) return status;
  for (size_t a = 0; a < p; a++) defined &= variance[a * p + a] > LEAST_SHARE * raw[a];
  for (int k = 0; k <= n_term; k++) {
    const int which = k < n_term ? k + 1 : 0;
    out->statistic[k] =
        statistic_of(variance, score_g, p, term, which, scratch, out->df + k);
    if (!defined) out->statistic[k] = NAN;
  }
  return OSV_OK;
}
