/* Any rows: the sums equal those of a loop over all pairs. */
#include "direct_concordance.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  uint64_t seed = next_bytes(&b, 8);
  pair_case x;
  pair_sums got;
  random_pairs(&x, &seed);
  for (size_t i = 0; i < x.pairs.n; i++) {
    const uint64_t kind = next_bytes(&b, 1);
    if (kind % 4 == 1) x.status[i] = 1;
    if (kind % 4 == 2) x.score[i] = 0;
    if (kind % 8 == 3) x.weight[i] = (double)next_bytes(&b, 2);
  }
  double *const work = room(osv_concordance_work(PAIR_ROWS), sizeof *work);
  const osv_pairs_out out = sums_out(&got);
  assert(osv_concordance(&x.pairs, NULL, work, &out) == OSV_OK);
  same_pairs(&x, &got);
  free(work);
  return 0;
}
