/* osv_linalg - quadratic forms in a covariance matrix that may lack full rank. */
#include "osv_core.h"

#include <math.h>

/* U' V^- U of score U and variance V, where V^- is a generalised inverse, by Gaussian
 * elimination with diagonal pivoting.
 *
 * in   variance[k * k] symmetric, positive semidefinite; score[k] in its range
 * work k * (k + 2) doubles
 * out  *rank: the number of pivots above 1e-10 of their original diagonal entry
 * Cost O(k^2 rank).
 */
double osv_quadratic_form(const double *variance, const double *score, size_t k,
                          double *work, size_t *rank) {
  double *const a = work, *const u = work + k * k, *const diagonal = u + k;
  for (size_t i = 0; i < k * k; i++) a[i] = variance[i];
  for (size_t i = 0; i < k; i++) {
    u[i] = score[i];
    diagonal[i] = variance[i * k + i];
  }
  double q = 0.0;
  for (*rank = 0; *rank < k; ++*rank) {
    size_t p = k;
    for (size_t i = 0; i < k; i++)
      if (diagonal[i] > 0.0 && a[i * k + i] > 1e-10 * diagonal[i] &&
          (p == k || a[i * k + i] > a[p * k + p]))
        p = i;
    if (p == k) break;
    const double pivot = a[p * k + p];
    q += u[p] / pivot * u[p];
    for (size_t i = 0; i < k; i++) {
      if (i == p) continue;
      const double f = a[i * k + p] / pivot;
      u[i] -= f * u[p];
      for (size_t j = 0; j < k; j++)
        if (j != p) a[i * k + j] -= f * a[p * k + j];
    }
    diagonal[p] = 0.0; /* used as a pivot */
  }
  return q;
}

/* Removes component p from a score by regression: subtracts from the other components
 * their regression on it, and from the variance the part it explains. A variance of which
 * only rounding error remains is set to 0. */
static void project_out(double *variance, double *score, size_t k, size_t p) {
  const double *const row = variance + p * k;
  for (size_t i = 0; i < k; i++) {
    if (i == p) continue;
    double *const v = variance + i * k;
    const double f = v[p] / row[p], whole = v[i];
    for (size_t j = 0; j < k; j++)
      if (j != p) v[j] -= f * row[j];
    score[i] -= f * score[p];
    if (!(v[i] > 1e-10 * whole)) v[i] = 0.0;
  }
}

/* Projects some components out of a score. L are the components that `out` marks. Score U
 * and variance V become
 *   U - B U_L,  V - B V_L',  B = V_L V_LL^-
 * so that the remaining components are uncorrelated with U_L.
 *
 * in      out[k]                      not 0 for a component to project out
 * in/out  variance[k * k], score[k]   0 afterwards for the components of L and for those
 *         of which only rounding error is left
 * Cost O(k^2) for each component of L.
 */
void osv_project_out(double *variance, double *score, size_t k, const int *out) {
  for (size_t p = 0; p < k; p++) {
    if (!out[p]) continue;
    if (variance[p * k + p] > 0.0) project_out(variance, score, k, p);
    for (size_t i = 0; i < k; i++) variance[i * k + p] = variance[p * k + i] = 0.0;
    score[p] = 0.0;
  }
  for (size_t p = 0; p < k; p++) {
    if (variance[p * k + p] > 0.0) continue;
    for (size_t i = 0; i < k; i++) variance[i * k + p] = variance[p * k + i] = 0.0;
    score[p] = 0.0;
  }
}

/* Chi-square statistic of a test: U' V^- U, or (c'U)^2 / c'Vc with a contrast c.
 *
 * in   contrast[k] or NULL; the rest as osv_quadratic_form()
 * out  *rank: the degrees of freedom, 0 where the statistic is undefined
 * Adding a constant to c does not change the exact value. A centred c gives the smallest
 * rounding error.
 */
double osv_test_statistic(const double *variance, const double *score,
                          const double *contrast, size_t k, double *work, size_t *rank) {
  if (!contrast) return osv_quadratic_form(variance, score, k, work, rank);
  double u = 0.0, v = 0.0, scale = 0.0;
  for (size_t i = 0; i < k; i++) {
    u += contrast[i] * score[i];
    scale += contrast[i] * contrast[i] * variance[i * k + i];
    for (size_t j = 0; j < k; j++) v += contrast[i] * contrast[j] * variance[i * k + j];
  }
  *rank = v > 1e-10 * scale;
  return *rank ? u / v * u : 0.0;
}
