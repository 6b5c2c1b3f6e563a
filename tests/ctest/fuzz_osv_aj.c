/* Any counts: incidences increase, sum to 1 with S, and have finite standard errors. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  static fuzz_counts c;
  double surv[MOST_ROWS], cif[MOST_CAUSES * MOST_ROWS], se[MOST_CAUSES * MOST_ROWS];
  bytes b = {data, size};
  const int n_cause = (int)(1 + next_bytes(&b, 1) % MOST_CAUSES);
  double *work = room(osv_aj_work(n_cause), sizeof *work);
  next_table(&b, 1, n_cause + 1, &x);
  count_curve(&x.table, 0, &c);
  const osv_counts counts = {c.time, c.n_risk, c.n_censor, c.n_event, MOST_ROWS};
  const osv_aj_out out = {surv, cif, se};
  osv_aj(&counts, c.m, n_cause, work, &out);
  for (size_t j = 0; j < c.m; j++) {
    double sum = surv[j];
    assert(surv[j] >= 0.0 && surv[j] <= (j ? surv[j - 1] : 1.0));
    for (size_t k = 0; k < (size_t)n_cause; k++) {
      const size_t i = k * MOST_ROWS + j;
      sum += cif[i];
      assert(cif[i] >= (j ? cif[i - 1] : 0.0));
      assert(se[i] >= 0.0 && se[i] <= 0.5 + 1e-12);
    }
    assert(fabs(sum - 1.0) <= 1e-12);
  }
  free(work);
  return 0;
}
