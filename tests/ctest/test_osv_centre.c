/* Covariates centred within strata and divided by their standard deviation. */
#include "check.h"

static osv_status centre(const osv_centre_in *in, const osv_poll *poll, double *out,
                         double *scale) {
  double *work = room(osv_centre_work(in->n_stratum), sizeof *work);
  const osv_status status = osv_centre(in, poll, out, scale, work);
  free(work);
  return status;
}

/* The rows 4, 2, 5, 1 are the strata (1, 3) and (10, 14), whose means are 2 and 12. The
 * differences are -1, 1, -2, 2, and the standard deviation is sqrt(10 / 4). Row 3, with
 * 99, is not read. */
static void test_by_hand(void) {
  const double x[] = {14, 3, 99, 1, 10};
  const int order[] = {4, 2, 5, 1};
  const size_t stratum_end[] = {2, 4};
  const osv_centre_in in = {4, 1, 2, 5, x, order, stratum_end};
  double out[4], scale;
  assert(centre(&in, NULL, out, &scale) == OSV_OK);
  const double sd = sqrt(2.5), want[] = {-1.0 / sd, 1.0 / sd, -2.0 / sd, 2.0 / sd};
  assert(near(scale, sd, 1e-15));
  for (size_t i = 0; i < 4; i++) assert(near(out[i], want[i], 1e-15));
  assert(centre(&in, &stopping, out, &scale) == OSV_EINTR);
  assert(centre(&in, &going, out, &scale) == OSV_OK);
}

/* Columns that are constant within strata: exactly, up to rounding, and 0 */
static void test_constant(void) {
  const double x[] = {7, 7, 8, 8, 5, 5 + 1e-12, 5, 5, 0, 0, 0, 0};
  const int order[] = {1, 2, 3, 4};
  const size_t stratum_end[] = {2, 4};
  const osv_centre_in in = {4, 3, 2, 4, x, order, stratum_end};
  double out[12], scale[3];
  assert(centre(&in, NULL, out, scale) == OSV_OK);
  for (size_t j = 0; j < 3; j++) assert(scale[j] == 0.0);
  for (size_t k = 0; k < 12; k++) assert(out[k] == 0.0);
}

/* More columns than are written at once. Column j has the values 0, 1, 2 times f. Its
 * mean is f and its standard deviation sqrt(2 / 3) |f|, whether or not f * f
 * overflows. */
static void test_many_columns(void) {
  enum { N = 3, P = 19 };
  double x[P * N], out[N * P], scale[P], factor[P];
  for (size_t j = 0; j < P; j++) {
    factor[j] = ldexp(j % 2 ? -1.0 : 1.0, 100 * ((int)j - 9));
    for (size_t i = 0; i < N; i++) x[j * N + i] = (double)i * factor[j];
  }
  const int order[] = {1, 2, 3};
  const size_t stratum_end[] = {N};
  const osv_centre_in in = {N, P, 1, N, x, order, stratum_end};
  assert(centre(&in, NULL, out, scale) == OSV_OK);
  const double sd = sqrt(2.0 / 3.0);
  for (size_t j = 0; j < P; j++) {
    const double sign = factor[j] > 0.0 ? 1.0 : -1.0;
    assert(near(scale[j] / fabs(factor[j]), sd, 1e-15));
    for (size_t i = 0; i < N; i++)
      assert(near(out[i * P + j], sign * ((double)i - 1.0) / sd, 1e-15));
  }
}

int main(void) {
  test_by_hand();
  test_constant();
  test_many_columns();
  return 0;
}
