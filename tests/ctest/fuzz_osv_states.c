/* Any spells: probabilities sum to 1; standard errors equal those of a direct
 * computation; the influences on mean times sum to those on a constant. */
#include "fuzz.h"
#include "spells.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static spell_rows x;
  static double variance[MOST_SPELLS * MOST_STATES], d[MOST_SPELLS * MOST_STATES];
  bytes b = {data, size};
  x.n = 0;
  x.k = (size_t)(1 + next_bytes(&b, 1) % MOST_STATES);
  x.n_id = 0;
  while (x.n < MOST_SPELLS && b.left > 0) {
    double t = (double)(next_bytes(&b, 1) % 4);
    int state = 1;
    x.n_id++;
    for (; x.n < MOST_SPELLS; x.n++) {
      const uint64_t byte = next_bytes(&b, 1), gap = next_bytes(&b, 1);
      const double end = t + 1.0 + (double)(byte % 16) / (gap % 5 == 0 ? 3.0 : 1.0);
      int to = (int)(byte / 16 % (x.k + 1));
      if (to == state) to = 0;
      x.begin[x.n] = t;
      x.end[x.n] = end;
      x.state[x.n] = state;
      x.to[x.n] = to;
      x.id[x.n] = (int)x.n_id;
      if (to > 0) state = to;
      t = end + (double)(gap / 64);
      if (gap % 3 == 0) {
        x.n++;
        break;
      }
    }
  }
  sort_spells(&x);
  run_spells(&x);
  direct_variance(&x, variance);
  for (size_t j = 0; j < x.m; j++) {
    double sum = 0.0;
    for (size_t a = 0; a < x.k; a++) {
      const size_t i = j * x.k + a;
      assert(x.p[i] >= -1e-15 && x.p[i] <= 1.0 + 1e-15);
      assert(fabs(x.error[i] - sqrt(variance[i])) <= 1e-7);
      assert(fabs(x.error[i] * x.error[i] - variance[i]) <= 1e-13);
      sum += x.p[i];
    }
    assert(fabs(sum - 1.0) <= 1e-13);
  }
  const osv_state_functional area = {1, 0.0, 10.0};
  double *work = room(osv_states_influence_work(x.m, x.k), sizeof *work);
  double mean[MOST_STATES], total = 0.0;
  assert(osv_states_influence(&x.ids, &x.counts, x.m, 0, x.start, x.p, &area, NULL, work,
                              mean, d) == OSV_OK);
  for (size_t a = 0; a < x.k; a++) total += mean[a];
  assert(fabs(total - 10.0) <= 1e-12);
  for (size_t id = 0; id < x.n_id; id++) {
    double sum = 0.0;
    for (size_t a = 0; a < x.k; a++) sum += d[id * x.k + a];
    assert(fabs(sum) <= 1e-12);
  }
  free(work);
  return 0;
}
