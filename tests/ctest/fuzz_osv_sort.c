/* Any bucket: sorting puts it in order and keeps the (time, status) pairs. */
#include "fuzz.h"

enum { MOST = 3 * OSV_SORT_SCRATCH, STATES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static double time[MOST], scratch_time[OSV_SORT_SCRATCH];
  static int status[MOST], scratch_status[OSV_SORT_SCRATCH];
  size_t count[STATES], n = 0;
  bytes b = {data, size};
  while (b.left > 0 && n < MOST) {
    double t = next_time(&b);
    const size_t copies = next_bytes(&b, 1) == 0 ? next_bytes(&b, 2) : 1;
    const int spread = (int)(next_bytes(&b, 1) % 3);
    for (size_t end = n + copies < MOST ? n + copies : MOST; n < end; n++) {
      time[n] = t;
      status[n] = (int)(n % STATES);
      if (spread > 0) t = nextafter(t, spread == 1 ? 0.0 : 1e300) + 0.0;
    }
  }
  const uint64_t before = hash_pairs(time, status, n);
  osv_sort_bucket(time, status, n, STATES, scratch_time, scratch_status, count);
  assert(hash_pairs(time, status, n) == before);
  for (size_t i = 1; i < n; i++)
    assert(time[i] > time[i - 1] ||
           (time[i] == time[i - 1] && status[i] >= status[i - 1]));
  return 0;
}
