/* V = A A', U = V x: the form is finite and not negative, its rank at most that of A. */
#include "fuzz.h"

enum { MOST_GROUPS = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  const size_t k = next_bytes(&b, 1) % (MOST_GROUPS + 1),
               r = next_bytes(&b, 1) % (MOST_GROUPS + 1);
  double a[MOST_GROUPS * MOST_GROUPS], v[MOST_GROUPS * MOST_GROUPS] = {0};
  double u[MOST_GROUPS] = {0}, work[MOST_GROUPS * (MOST_GROUPS + 2)];
  for (size_t i = 0; i < k * r; i++) a[i] = (double)next_bytes(&b, 2) - 32768.0;
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++)
      for (size_t l = 0; l < r; l++) v[i * k + j] += a[i * r + l] * a[j * r + l];
  for (size_t j = 0; j < k; j++) {
    const double x = (double)next_bytes(&b, 1) / 256.0;
    for (size_t i = 0; i < k; i++) u[i] += v[i * k + j] * x;
  }
  size_t rank = k + 1;
  const double q = osv_quadratic_form(v, u, k, work, &rank);
  assert(isfinite(q) && q >= 0.0 && rank <= k && rank <= r);
  return 0;
}
