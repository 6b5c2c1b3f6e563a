/* Other estimators, lower limits and bands of a survival curve, worked by hand. */
#include "check.h"

/* 4 at risk, 1 event; 3 at risk, 2 events: H = 1/4, then 1/4 + 2/3 or 1/4 + 1/3 + 1/2 */
static void test_breslow(void) {
  const double n_risk[] = {4, 3}, n_event[] = {1, 2};
  double surv[2], risk[2], se[2];
  const osv_km_out out = {surv, risk, se};
  osv_breslow(n_risk, n_event, 2, 0, &out);
  assert(near(surv[0], exp(-0.25), 1e-15) && near(surv[1], exp(-11.0 / 12.0), 1e-15));
  assert(near(se[1], surv[1] * sqrt(1.0 / 16.0 + 2.0 / 9.0), 1e-15));
  osv_breslow(n_risk, n_event, 2, 1, &out);
  assert(near(surv[1], exp(-13.0 / 12.0), 1e-15));
  assert(near(se[1], surv[1] * sqrt(1.0 / 16.0 + 1.0 / 9.0 + 1.0 / 4.0), 1e-15));
  for (size_t j = 0; j < 2; j++) assert(near(surv[j] + risk[j], 1.0, 1e-15));
}

/* S = 1, 3/4, 3/4, 0 with 8, 8, 4, 1 at risk (arbitrary numbers) */
static double n_risk[] = {8, 8, 4, 1}, n_event[] = {0, 2, 0, 1};
static double surv[] = {1, 0.75, 0.75, 0}, risk[] = {0, 0.25, 0.25, 1};
static double std_error[] = {0, 0.15, 0.15, 0};
static const osv_km_out km = {surv, risk, std_error};

/* Limits of rows with S = 0 or 1 are unchanged. Lower limits: "modified" multiplies the
 * width by sqrt(8 / 4), "peto" uses S sqrt((1 - S) / n). Upper limits: usual formula. */
static void test_lower(void) {
  const double low_of[][2] = {
      {0.45, 0.45},
      {0.75 - 2.0 * 0.75 * sqrt(0.25 / 8.0), 0.75 - 2.0 * 0.75 * sqrt(0.25 / 4.0)},
      {0.45, 0.75 - 0.3 * sqrt(2.0)}};
  for (int lower = OSV_LOWER_USUAL; lower <= OSV_LOWER_MODIFIED; lower++) {
    double low[] = {0.6, -1, -1, 0}, high[] = {1, -1, -1, 0.4}, work[12];
    osv_survival_limits(OSV_CONF_PLAIN, 2.0, (osv_lower)lower, n_risk, n_event, &km, 4,
                        work, low, high);
    assert(low[0] == 0.6 && high[0] == 1.0 && low[3] == 0.0 && high[3] == 0.4);
    for (size_t j = 1; j < 3; j++) {
      assert(near(low[j], low_of[lower][j - 1], 1e-15));
      assert(near(high[j], 1.0, 1e-15));
    }
  }
}

/* Only rows with S inside (0, 1) have a band; v = (0.15 / 0.75)^2 = 0.04, n = 8 */
static void test_band(void) {
  const double time[] = {1, 2, 3, 4}, v = 0.04, a = 8.0 * v / (1.0 + 8.0 * v);
  for (int band = OSV_BAND_HALL_WELLNER; band <= OSV_BAND_EQUAL_PRECISION; band++) {
    osv_band_request want = {(osv_band)band, OSV_CONF_PLAIN, 0.95, {0.0, INFINITY}};
    double low[] = {9, 9, 9, 9}, high[] = {9, 9, 9, 9}, work[8], from, to;
    const double c =
        osv_band_limits(&want, time, n_risk, &km, 4, work, low, high, &from, &to);
    assert(c == osv_band_critical((osv_band)band, 0.95, a, a) && from == 2.0 &&
           to == 3.0);
    const double half =
        band == OSV_BAND_HALL_WELLNER ? c * 0.75 * (1.0 + 8.0 * v) / sqrt(8.0) : c * 0.15;
    for (size_t j = 1; j < 3; j++) {
      assert(near(low[j], fmax(0.75 - half, 0.0), 1e-14));
      assert(near(high[j], fmin(0.75 + half, 1.0), 1e-14));
    }
    assert(low[0] == 9.0 && high[0] == 9.0 && low[3] == 9.0 && high[3] == 9.0);
    /* the band from 2.5 uses the variance of the row at 2, which is outside the band */
    double later[] = {9, 9, 9, 9};
    want.range[0] = 2.5;
    assert(osv_band_limits(&want, time, n_risk, &km, 4, work, later, high, &from, &to) ==
           c);
    assert(from == 2.5 && to == 3.0 && later[1] == 9.0 && later[2] == low[2]);
    /* a range may begin at a time of the band, or after its last one */
    want.range[0] = 3.0;
    assert(osv_band_limits(&want, time, n_risk, &km, 4, work, later, high, &from, &to) ==
           c);
    assert(from == 3.0 && to == 3.0 && later[1] == 9.0 && later[2] == low[2]);
    want.range[0] = 3.5;
    later[2] = 9.0;
    assert(osv_band_limits(&want, time, n_risk, &km, 4, work, later, high, &from, &to) ==
           0.0);
    assert(later[2] == 9.0);
    want.range[1] = 1.5;
    assert(osv_band_limits(&want, time, n_risk, &km, 4, work, low, high, &from, &to) ==
           0.0);
  }
}

int main(void) {
  test_breslow();
  test_lower();
  test_band();
  return 0;
}
