/* Any numbers: a quantile lies between 0 and 1, or is reported as undefined. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  const int upper = (int)next_bytes(&b, 1) & 1;
  double value[4];
  for (int i = 0; i < 4; i++) /* any bits, or valid values of a tail or a shape */
    switch (next_bytes(&b, 1) % 3) {
      case 0:
        value[i] = next_bits(&b);
        break;
      case 1:
        value[i] = (double)next_bytes(&b, 2) / 65536.0;
        break;
      default:
        value[i] = (double)next_bytes(&b, 2) / 128.0;
    }
  double x = NAN;
  if (osv_beta_quantile(value[0], value[1], value[2], -value[3], upper, &x))
    assert(x > 0.0 && x <= 1.0);
  else
    assert(isnan(x));
  return 0;
}
