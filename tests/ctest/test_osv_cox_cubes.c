/* Sums over Efron's factors for Firth's penalty: by hand, and one by one. */
#include "check.h"

static void test_by_hand(void) {
  double cubes[4];
  osv_cox_tie_cubes(1.0, 0.7, cubes);
  assert(cubes[0] == 1.0 && cubes[1] == 0.0 && cubes[3] == 0.0);
  osv_cox_tie_cubes(2.0, 1.0, cubes); /* 1 and 1 / (1 - 1/2)^3 = 8, f = 1/2 */
  assert(cubes[0] == 9.0 && cubes[1] == 4.0 && cubes[2] == 2.0 && cubes[3] == 1.0);
  const double square[] = {1.0, 2.0, 3.0};
  double of_s, of_v;
  osv_cox_tie_third(2.0, 1.0, square, &of_s, &of_v);
  assert(of_s == 9.0 - 16.0 + 6.0 && of_v == -(4.0 - 8.0 + 3.0));
}

static void test_many(void) {
  const double many[] = {2, 33, 64, 65, 66, 80, 81, 130, 1000, 20000, 1000000};
  const double share[] = {1.0, 1 - 1e-9, 0.99, 0.9,  0.6,  0.41,  0.4, 0.39,
                          0.3, 0.2,      0.05, 1e-3, 1e-7, 1e-12, 0.0};
  for (size_t i = 0; i < COUNT_OF(many); i++)
    for (size_t j = 0; j < COUNT_OF(share); j++) {
      const double d = many[i], e = share[j];
      double got[4];
      long double want[4] = {0, 0, 0, 0};
      osv_cox_tie_cubes(d, e, got);
      for (double l = 0; l < d; l++) {
        const long double f = l / (long double)d, by = 1 / (1 - f * e);
        long double term = by * by * by;
        for (int k = 0; k < 4; k++, term *= f) want[k] += term;
      }
      for (int k = 0; k < 4; k++) assert(fabsl(got[k] - want[k]) <= 1e-11L * want[k]);
    }
}

/* Factors are never counted one by one if there are many */
static void test_huge(void) {
  double cubes[4];
  osv_cox_tie_cubes(1e17, 0.5, cubes); /* integrals of f^k / (1 - f / 2)^3 */
  assert(near(cubes[0] / 1e17, 3.0, 1e-12));
  osv_cox_tie_cubes(1e17, 0.0, cubes);
  for (int k = 0; k < 4; k++) assert(near(cubes[k] * (k + 1) / 1e17, 1.0, 1e-12));
}

int main(void) {
  test_by_hand();
  test_many();
  test_huge();
  return 0;
}
