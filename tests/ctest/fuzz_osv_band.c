/* Any bounds and times: p is in [0, 1], and equals the level at the critical value. */
#include "fuzz.h"

static double unit(bytes *b) {
  return ((double)next_bytes(b, 4) + 1.0) / 4294967298.0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  const double c = 6.0 * unit(&b), u = unit(&b), v = unit(&b), level = unit(&b);
  const double from = u < v ? u : v, to = u < v ? v : u;
  for (int band = OSV_BAND_HALL_WELLNER; band <= OSV_BAND_EQUAL_PRECISION; band++) {
    const double p = osv_band_probability((osv_band)band, c, from, to);
    assert(p > -1e-7 && p < 1.0 + 1e-7);
    if (level < 0.5 || level > 0.9999) continue;
    const double k = osv_band_critical((osv_band)band, level, from, to);
    assert(near(osv_band_probability((osv_band)band, k, from, to), level, 1e-7));
  }
  return 0;
}
