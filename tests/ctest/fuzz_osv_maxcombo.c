/* Any correlation of rank 3 at most: p between that of one variable and of all. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  const size_t k = 1 + take(&b, 1) % OSV_MAX_NORMAL, r = 1 + take(&b, 1) % 3;
  const double c = (double)take(&b, 1) / 32.0;
  double factor[OSV_MAX_NORMAL][3] = {{0.0}},
         correlation[OSV_MAX_NORMAL * OSV_MAX_NORMAL];
  for (size_t i = 0; i < k; i++) {
    double square = 0.0;
    for (size_t l = 0; l < r; l++) {
      factor[i][l] = (double)take(&b, 1) - 127.0;
      square += factor[i][l] * factor[i][l];
    }
    if (square == 0.0) square = factor[i][0] = 1.0;
    for (size_t l = 0; l < r; l++) factor[i][l] /= sqrt(square);
  }
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      correlation[i * k + j] = i == j ? 1.0 : 0.0;
      for (size_t l = 0; l < r && i != j; l++)
        correlation[i * k + j] += factor[i][l] * factor[j][l];
    }
  double p;
  size_t rank;
  assert(osv_max_normal(correlation, k, c, &p, &rank) == OSV_OK);
  const double alone = erfc(c * sqrt(0.5)), most = (double)k * alone;
  assert(rank >= 1 && rank <= r);
  assert(p >= alone * (1.0 - 1e-6) && p <= 1.0 && p <= most * (1.0 + 1e-6));
  return 0;
}
