/* Aalen-Johansen curves: by hand, against multinomial proportions, edge cases. */
#include "check.h"

/* Six subjects: cause 1 at 2; cause 2 and a censoring at 3; cause 1 at 5 */
static void test_by_hand(void) {
  double time[] = {2, 3, 5, 8}, n_risk[] = {6, 5, 3, 2}, n_censor[] = {0, 1, 0, 2};
  double n_event[] = {1, 0, 1, 0, 0, 1, 0, 0};
  double surv[4], cif[8], se[8], work[14];
  const osv_counts counts = {time, n_risk, n_censor, n_event, 4};
  const osv_aj_out out = {surv, cif, se};
  assert(osv_aj_work(2) == COUNT_OF(work));
  osv_aj(&counts, 4, 2, work, &out);
  const double want_surv[] = {5.0 / 6, 2.0 / 3, 4.0 / 9, 4.0 / 9};
  const double want_cif[] = {1.0 / 6, 1.0 / 6, 7.0 / 18, 7.0 / 18,
                             0,       1.0 / 6, 1.0 / 6,  1.0 / 6};
  for (size_t j = 0; j < 4; j++) assert(near(surv[j], want_surv[j], 1e-15));
  for (size_t j = 0; j < 8; j++) assert(near(cif[j], want_cif[j], 1e-15));
  assert(near(se[0], sqrt(5.0 / 6 / 6 / 6), 1e-15)); /* binomial: 1 of 6 */
  assert(se[4] == 0.0 && near(se[5], sqrt(5.0 / 6 / 6 / 6), 1e-15));
}

/* Without censoring every F is a multinomial proportion; S and all F sum to 1 */
static void check_multinomial(int n_cause) {
  enum { M = 300 };
  const size_t n_k = (size_t)n_cause;
  double time[M], n_risk[M], n_censor[M] = {0}, surv[M];
  double *n_event = room(n_k * M, sizeof *n_event), *cif = room(n_k * M, sizeof *cif);
  double *se = room(n_k * M, sizeof *se),
         *work = room(osv_aj_work(n_cause), sizeof *work);
  double *total = room(n_k, sizeof *total);
  uint64_t seed = 11;
  double left = 0.0;
  for (size_t i = 0; i < n_k * M; i++) left += n_event[i] = (double)(draw(&seed) % 3);
  const double n = left;
  for (size_t j = 0; j < M; j++) {
    time[j] = (double)j;
    n_risk[j] = left;
    for (size_t k = 0; k < n_k; k++) left -= n_event[k * M + j];
  }
  const osv_counts counts = {time, n_risk, n_censor, n_event, M};
  const osv_aj_out out = {surv, cif, se};
  osv_aj(&counts, M, n_cause, work, &out);
  for (size_t j = 0; j < M; j++) {
    double sum = surv[j];
    for (size_t k = 0; k < n_k; k++) {
      const size_t i = k * M + j;
      total[k] += n_event[i];
      const double f = total[k] / n;
      sum += cif[i];
      assert(near(cif[i], f, 1e-15));
      assert(near(se[i], sqrt(f * (1.0 - f) / n), 1e-13));
    }
    assert(near(sum, 1.0, 1e-14));
  }
  assert(surv[M - 1] == 0.0);
  free(n_event);
  free(cif);
  free(se);
  free(work);
  free(total);
}

/* With one cause F is 1 - S of Kaplan-Meier, with the same standard error */
static void test_one_cause(void) {
  double time[] = {1, 2, 3, 4, 5}, n_censor[] = {2, 0, 1, 1, 0}, work[7];
  double n_risk[] = {20, 15, 12, 9, 4}, n_event[] = {3, 3, 2, 4, 4};
  double surv[5], risk[5], km_se[5], aj_surv[5], cif[5], se[5];
  const osv_km_out km = {surv, risk, km_se};
  const osv_counts counts = {time, n_risk, n_censor, n_event, 5};
  const osv_aj_out aj = {aj_surv, cif, se};
  osv_km(n_risk, n_event, 5, &km);
  osv_aj(&counts, 5, 1, work, &aj);
  for (size_t j = 0; j < 5; j++) {
    assert(near(cif[j], risk[j], 1e-15) && near(aj_surv[j], surv[j], 1e-15));
    assert(near(se[j], km_se[j], 1e-15));
  }
  assert(aj_surv[4] == 0.0 && cif[4] == 1.0 && se[4] == 0.0);
}

static void test_edges(void) {
  double time[] = {1, 2}, n_risk[] = {2, 1}, n_censor[] = {1, 1}, none[4] = {0};
  double surv[2], cif[4], se[4], work[14];
  const osv_counts counts = {time, n_risk, n_censor, none, 2};
  const osv_aj_out out = {surv, cif, se};
  osv_aj(&counts, 0, 2, work, &out);
  osv_aj(&counts, 2, 2, work, &out); /* all censored */
  for (size_t i = 0; i < 4; i++) assert(cif[i] == 0.0 && se[i] == 0.0);
  assert(surv[0] == 1.0 && surv[1] == 1.0);
  double one_event[] = {0, 0, 1, 0}, one_risk[] = {1, 0};
  const osv_counts one = {time, one_risk, none, one_event, 2};
  osv_aj(&one, 2, 2, work, &out); /* one subject: the second cause */
  assert(surv[0] == 0.0 && cif[2] == 1.0 && cif[0] == 0.0 && se[2] == 0.0);
  double late_risk[] = {1, 5}, late_event[] = {1, 1, 0, 1};
  const osv_counts late = {time, late_risk, none, late_event, 2};
  osv_aj(&late, 2, 2, work, &out); /* S stays 0 after later entries */
  assert(surv[1] == 0.0 && cif[1] == 1.0 && cif[3] == 0.0 && se[1] == 0.0);
}

int main(void) {
  test_by_hand();
  for (int n_cause = 1; n_cause <= 3; n_cause++) check_multinomial(n_cause);
  test_one_cause();
  test_edges();
  return 0;
}
