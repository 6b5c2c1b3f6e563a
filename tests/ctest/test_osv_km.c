/* Kaplan-Meier curves: a published example, and binomial proportions. */
#include "check.h"

/* 6-MP arm of Freireich 1963: S and Greenwood by hand as in Kalbfleisch & Prentice */
static void test_freireich(void) {
  const double n_risk[] = {21, 17, 15, 12, 11, 7, 6}, n_event[] = {3, 1, 1, 1, 1, 1, 1};
  const double want[] = {18.0 / 21, 18.0 / 21 * 16 / 17};
  double surv[7], risk[7], se[7];
  const osv_km_out out = {surv, risk, se};
  osv_km(n_risk, n_event, 7, &out);
  assert(near(surv[0], want[0], 1e-15) && near(surv[1], want[1], 1e-15));
  assert(near(surv[6], 0.448179, 1e-6));
  assert(near(se[0], 18.0 / 21 * sqrt(3.0 / 21 / 18), 1e-15));
  assert(near(se[1], want[1] * sqrt(3.0 / 21 / 18 + 1.0 / 17 / 16), 1e-15));
  assert(near(se[6], 0.134591, 1e-6));
  for (size_t j = 0; j < 7; j++) assert(near(surv[j] + risk[j], 1.0, 1e-15));
}

/* Without censoring S is exactly k / n, and se is sqrt(S (1 - S) / n) */
static void test_no_censoring(void) {
  enum { N = 1000 };
  double n_risk[N], n_event[N], surv[N], risk[N], se[N];
  for (size_t j = 0; j < N; j++) {
    n_risk[j] = (double)(N - j);
    n_event[j] = 1.0;
  }
  const osv_km_out out = {surv, risk, se};
  osv_km(n_risk, n_event, N, &out);
  for (size_t j = 0; j < N; j++) {
    const double p = (double)(N - 1 - j) / N, q = (double)(j + 1) / N;
    assert(surv[j] == p && risk[j] == q);
    assert(near(se[j], sqrt(p * q / N), 1e-14));
  }
  assert(surv[N - 1] == 0.0 && se[N - 1] == 0.0);
}

static void test_edges(void) {
  const double n_risk[] = {4, 2, 0, 0}, none[] = {0, 0, 0, 0}, all[] = {4, 0, 0, 0};
  double surv[4], risk[4], se[4];
  const osv_km_out out = {surv, risk, se};
  osv_km(n_risk, none, 0, &out);
  osv_km(n_risk, none, 4, &out);
  for (size_t j = 0; j < 4; j++) assert(surv[j] == 1.0 && risk[j] == 0.0 && se[j] == 0.0);
  osv_km(n_risk, all, 4, &out);
  for (size_t j = 0; j < 4; j++) assert(surv[j] == 0.0 && risk[j] == 1.0 && se[j] == 0.0);
  const double huge[] = {0x1p52}, one[] = {1.0};
  osv_km(huge, one, 1, &out);
  assert(risk[0] == 0x1p-52 && near(se[0] * 0x1p52, 1.0, 1e-15));
}

static void test_reverse(void) {
  double n_risk[] = {5, 3, 1}, n_event[] = {1, 2, 0}, n_censor[] = {1, 0, 1};
  osv_km_reverse(n_risk, n_event, n_censor, 3);
  const double want_risk[] = {4, 1, 1}, want_event[] = {1, 0, 1},
               want_censor[] = {1, 2, 0};
  assert(all_equal(n_risk, want_risk, 3) && all_equal(n_event, want_event, 3));
  assert(all_equal(n_censor, want_censor, 3));
}

int main(void) {
  test_freireich();
  test_no_censoring();
  test_edges();
  test_reverse();
  return 0;
}
