/* Areas under curves: by hand, as sample means without censoring, limits. */
#include "check.h"

/* Cause 1 at 2 and 5; cause 2 and a censoring at 3; tau = 7. Expected time lost to cause
 * 1 of a subject event-free after a time: 8/15 after 2, 2/3 after 3, 0 after 5. */
static void test_by_hand(void) {
  double time[] = {2, 3, 5, 8}, n_risk[] = {6, 5, 3, 2}, n_censor[] = {0, 1, 0, 2};
  double n_event[] = {1, 0, 1, 0, 0, 1, 0, 0};
  const osv_counts counts = {time, n_risk, n_censor, n_event, 4};
  osv_area_out first, second;
  osv_area(&counts, 4, 2, 0, 7.0, &first);
  osv_area(&counts, 4, 2, 1, 7.0, &second);
  assert(near(first.lost, 5.0 / 6 + 2.0 * 2 / 9, 1e-15));
  assert(near(second.lost, 4.0 / 6, 1e-15));
  assert(near(first.kept, 7.0 - first.lost, 1e-15));
  const double left = 5.0 - 8.0 / 15, at_2 = left * left * 5 / 36 / 6;
  const double at_3 = 25.0 / 36 / 5 * (4.0 / 9) * 4 / 25, at_5 = 4.0 / 9 / 3 * 4 * 2 / 9;
  assert(near(first.std_error, sqrt(at_2 + at_3 + at_5), 1e-15));
}

/* Without censoring the time lost is the mean over all subjects of max(tau - T, 0) for an
 * event of the cause and 0 otherwise, and its variance is that of a mean */
static void check_plain_means(int n_cause, double unit) {
  enum { M = 200 };
  const size_t n_k = (size_t)n_cause;
  double time[M], n_risk[M], n_censor[M] = {0};
  double *n_event = room(n_k * M, sizeof *n_event);
  uint64_t seed = 5;
  double left = 0.0;
  for (size_t i = 0; i < n_k * M; i++) left += n_event[i] = (double)(draw(&seed) % 4);
  const double n = left;
  for (size_t j = 0; j < M; j++) {
    time[j] = unit * (double)(j + 1);
    n_risk[j] = left;
    for (size_t k = 0; k < n_k; k++) left -= n_event[k * M + j];
  }
  const osv_counts counts = {time, n_risk, n_censor, n_event, M};
  const double tau[] = {0.0, 0.5, 1.0, 77.25, 200.0, 300.0};
  for (size_t i = 0; i < COUNT_OF(tau); i++) {
    double total = 0.0;
    for (int k = 0; k < n_cause; k++) {
      double mean = 0.0, square = 0.0;
      for (size_t j = 0; j < M && time[j] < unit * tau[i]; j++) {
        const double lost = tau[i] - (double)(j + 1), d = n_event[(size_t)k * M + j];
        mean += d * lost / n;
        square += d * lost * lost / n;
      }
      osv_area_out out;
      osv_area(&counts, M, n_cause, k, unit * tau[i], &out);
      assert(near(out.lost / unit, mean, 1e-14));
      assert(near(out.kept / unit, tau[i] - mean, 1e-13));
      assert(near(out.std_error / unit, sqrt((square - mean * mean) / n), 1e-12));
      total += out.lost / unit;
    }
    assert(total <= tau[i] * (1.0 + 1e-15));
  }
  free(n_event);
}

static void test_edges(void) {
  double time[] = {2, 4}, n_risk[] = {3, 2}, n_censor[] = {1, 2}, none[4] = {0};
  const double after[] = {2, 0}, entered[] = {0, 2};
  const osv_counts censored = {time, n_risk, n_censor, none, 2};
  osv_area_out out;
  double low, high;
  osv_area(&censored, 0, 1, 0, 5.0, &out); /* no rows */
  assert(out.kept == 5.0 && out.lost == 0.0 && out.std_error == 0.0);
  osv_area(&censored, 2, 2, 1, 5.0, &out);
  assert(out.kept == 5.0 && out.lost == 0.0 && out.std_error == 0.0);
  osv_area_limits(&censored, 2, 2, 1, after, 3.0, 5.0, 0.25, &low, &high);
  assert(near(low, 2 * pow(0.25, 1.0 / 3) + 2 * 0.5, 1e-15) && high == 5.0);
  osv_area_limits(&censored, 2, 2, 1, after, 3.0, 3.0, 0.25, &low, &high);
  assert(near(low, 2 * pow(0.25, 1.0 / 3) + 0.5, 1e-15) && high == 3.0);
  /* deaths are not losses to follow-up for the other cause: still 3 of 3 */
  double death[] = {1, 0, 0, 0};
  const osv_counts deaths = {time, n_risk, none, death, 2};
  osv_area_limits(&deaths, 2, 2, 1, after, 3.0, 3.0, 0.25, &low, &high);
  assert(near(low, 3 * pow(0.25, 1.0 / 3), 1e-15));
  /* 1 at risk from the start, 2 more enter: the limits are based on 1 */
  const double more[] = {2, 0};
  osv_area_limits(&censored, 2, 1, 0, more, 1.0, 3.0, 0.25, &low, &high);
  assert(near(low, 3 * 0.25, 1e-15));
  /* all have the event at 2: S is 0, even after later entries */
  double together[] = {3, 0};
  const osv_counts ended = {time, n_risk, none, together, 2};
  osv_area(&ended, 2, 1, 0, 5.0, &out);
  assert(out.kept == 2.0 && out.lost == 3.0 && out.std_error == 0.0);
  osv_area_limits(&ended, 2, 1, 0, entered, 3.0, 5.0, 0.25, &low, &high);
  assert(near(low, 2 * pow(0.25, 1.0 / 3), 1e-15));
  assert(near(high, 2 + 3 * (1 - pow(0.25, 1.0 / 3)), 1e-15));
}

int main(void) {
  test_by_hand();
  for (int n_cause = 1; n_cause <= 3; n_cause++) {
    check_plain_means(n_cause, 1.0);
    check_plain_means(n_cause, 0x1p900);
    check_plain_means(n_cause, 0x1p-900);
  }
  test_edges();
  return 0;
}
