/* Critical values of bands: published values, closed forms, both types compared. */
#include "check.h"

/* Kolmogorov's limit distribution for the range 0 to 1, and Hall & Wellner's table */
static void test_hall_wellner(void) {
  const double c = 1.3580986393225505;
  assert(near(osv_band_critical(OSV_BAND_HALL_WELLNER, 0.95, 0.0, 1.0), c, 1e-10));
  assert(near(osv_band_critical(OSV_BAND_HALL_WELLNER, 0.95, 0.1, 0.6), 1.3211, 5e-5));
  assert(near(osv_band_critical(OSV_BAND_HALL_WELLNER, 0.95, 0.0, 0.1), 0.6825, 5e-5));
  /* the closed form for ranges from 0 on, Hall & Wellner 1980: a reflected Brownian
   * motion */
  const double a = 0.4, k = 1.1, r = k * sqrt((1.0 - a) / a), d = 1.0 / (1.0 - a);
  double want = erf(k / sqrt(2.0 * a * (1.0 - a)));
  for (int i = 1; i < 9; i++)
    want += 2.0 * (i % 2 ? -1.0 : 1.0) * exp(-2.0 * i * i * k * k) * 0.5 *
            (erf(r * (2.0 * i + d) / sqrt(2.0)) - erf(r * (2.0 * i - d) / sqrt(2.0)));
  assert(near(osv_band_probability(OSV_BAND_HALL_WELLNER, k, 0.0, a), want, 1e-13));
}

/* At a single time the distribution is normal. The probability decreases with the span,
 * without a jump where the approximation for short spans begins */
static void test_spans(void) {
  for (int band = OSV_BAND_HALL_WELLNER; band <= OSV_BAND_EQUAL_PRECISION; band++) {
    const double scale = band == OSV_BAND_HALL_WELLNER ? 0.5 : 1.0;
    const double c = osv_band_critical((osv_band)band, 0.95, 0.5, 0.5);
    assert(near(c, 1.959963984540054 * scale, 1e-10));
    double before = 1.0, step = 0.0;
    for (int i = 0; i < 60; i++) {
      const double span = 0.0005 * i, to = 1.0 / (1.0 + exp(-2.0 * span));
      const double p = osv_band_probability((osv_band)band, 2.5 * scale, 0.5, to);
      assert(p < before && p > 0.9);
      /* the probability decreases like the square root of the span: ever more slowly */
      if (i > 2) assert(before - p < step * (1.0 + 1e-6));
      step = before - p;
      before = p;
    }
  }
}

/* Over a short span from 1/2 on, bridge and scaled bridge are both nearly a Brownian
 * motion, so the two probabilities are nearly equal */
static void test_close(void) {
  const double to = 0.50001, c = 2.2;
  const double p = osv_band_probability(OSV_BAND_HALL_WELLNER, 0.5 * c, 0.5, to);
  const double q = osv_band_probability(OSV_BAND_EQUAL_PRECISION, c, 0.5, to);
  assert(near(p, q, 1e-5));
}

static void test_levels(void) {
  for (double level = 0.01; level < 1.0; level += 0.049)
    for (int band = OSV_BAND_HALL_WELLNER; band <= OSV_BAND_EQUAL_PRECISION; band++) {
      const double c = osv_band_critical((osv_band)band, level, 0.2, 0.7);
      assert(near(osv_band_probability((osv_band)band, c, 0.2, 0.7), level, 1e-11));
    }
  assert(osv_band_probability(OSV_BAND_HALL_WELLNER, 1e-9, 0.2, 0.7) == 0.0);
}

int main(void) {
  test_hall_wellner();
  test_spans();
  test_close();
  test_levels();
  return 0;
}
