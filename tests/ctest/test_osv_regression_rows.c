/* Ranks, combined codes and the transform of time of a regression: by hand, and against a
 * direct count. */
#include "check.h"

static void test_ranks(void) {
  double time[] = {5.0, 1.0, 5.0, -0.0, 1.0, 9.0}, time2[6];
  int row[] = {0, 1, 2, 3, 4, 5}, row2[6], rank[6];
  osv_rank_times(time, row, 6, NULL, 0, time2, row2, rank);
  const int want_row[] = {3, 1, 4, 0, 2, 5}, want_rank[] = {1, 2, 2, 3, 3, 4};
  for (int i = 0; i < 6; i++) assert(row[i] == want_row[i] && rank[i] == want_rank[i]);
  /* 5 is joined to 1 */
  double joined[] = {9.0, 5.0, 1.0, 0.0};
  const double distinct[] = {0.0, 1.0, 9.0}, twice[] = {0.0, 0.0, 1.0, 1.0, 1.0, 9.0};
  int place[] = {0, 1, 2, 3};
  osv_rank_times(joined, place, 4, distinct, 3, time2, row2, rank);
  assert(rank[0] == 1 && rank[1] == 2 && rank[2] == 2 && rank[3] == 3 && place[0] == 3);
  osv_rank_times(joined, place, 4, twice, 6, time2, row2, rank);
  assert(rank[0] == 1 && rank[1] == 2 && rank[2] == 2 && rank[3] == 3);
  const double entry[] = {0.0, 8.5, 9.0, -1.0};
  osv_rank_entries(entry, 4, distinct, 3, rank);
  assert(rank[0] == 1 && rank[1] == 2 && rank[2] == 3 && rank[3] == 0);
  osv_rank_times(time, row, 0, NULL, 0, time2, row2, rank);
}

static void test_sorted(void) {
  const double time[] = {-0.0, 0.0, 2.0, 2.0, 7.0}, falls[] = {0.0, 2.0, 1.0, 3.0};
  const double missing[] = {0.0, NAN, 3.0}, distinct[] = {0.0, 2.0};
  int rank[5];
  assert(osv_times_ascend(time, 5) && osv_times_ascend(time, 0));
  assert(!osv_times_ascend(falls, 4) && !osv_times_ascend(missing, 3));
  osv_rank_sorted(time, 5, NULL, 0, rank);
  const int want[] = {1, 1, 2, 2, 3};
  for (int i = 0; i < 5; i++) assert(rank[i] == want[i]);
  osv_rank_sorted(time, 5, distinct, 2, rank); /* 7 is joined to 2 */
  for (int i = 0; i < 5; i++) assert(rank[i] == (want[i] < 2 ? 1 : 2));
}

static void test_strata(void) {
  const int stratum[] = {3, 1, 3, 1}, row[] = {2, 1, 0, 3}, rank[] = {1, 2, 2, 3};
  size_t next[3] = {0};
  int row_to[4], rank_to[4];
  osv_by_stratum(stratum, row, rank, 4, next, row_to, rank_to);
  const int want_row[] = {1, 3, 2, 0}, want_rank[] = {2, 3, 1, 2};
  for (int i = 0; i < 4; i++)
    assert(row_to[i] == want_row[i] && rank_to[i] == want_rank[i]);
}

static void test_codes(void) {
  int code[] = {1, 2, INT_MIN, 2};
  const int second[] = {3, 1, 1, INT_MIN};
  assert(osv_combine_codes(second, 4, 3, code));
  assert(code[0] == 3 && code[1] == 4 && code[2] == INT_MIN && code[3] == INT_MIN);
  int known[] = {1, 2, 2};
  const int third[] = {2, 1, 4}, beyond[] = {1, 0, 2}, none[] = {1, INT_MIN, 2};
  assert(osv_combine_known(third, 3, 4, known));
  assert(known[0] == 2 && known[1] == 5 && known[2] == 8);
  assert(!osv_combine_known(third, 3, 3, known));
  assert(!osv_combine_known(beyond, 3, 4, known));
  assert(!osv_combine_known(none, 3, 4, known));
  const int odd[] = {1, INT_MIN, 3, 0};
  assert(osv_codes_fit(odd, 3, 3) && !osv_codes_fit(odd, 3, 2));
  assert(!osv_codes_fit(odd, 4, 3) && osv_codes_fit(odd, 0, 0));
  const double size[] = {1.0, 2.0, 4.0, 8.0, 0.0};
  const int time[] = {1, 1, 1, 1, 2}, stratum[] = {1, 1, 1, 2, 2};
  const int status[] = {2, 0, 2, 0, 1};
  const osv_cells cells = {5, size, time, stratum, status};
  double of_status[3] = {0.0}, total[5];
  int first[5], of[5];
  assert(osv_sum_by_time(&cells, of_status, first, of, total) == 3);
  assert(first[0] == 0 && of[0] == 0 && total[0] == 2.0);
  assert(first[1] == 0 && of[1] == 2 && total[1] == 5.0);
  assert(first[2] == 3 && of[2] == 0 && total[2] == 8.0);
  for (int s = 0; s < 3; s++) assert(of_status[s] == 0.0);
  const double x[] = {1.0, 2.0, 4.0};
  const int at[] = {2, 1, 2};
  double sum[] = {0.0, 0.0};
  osv_sum_at(x, at, 3, sum);
  assert(sum[0] == 2.0 && sum[1] == 5.0);
}

static void test_status(void) {
  const int whole[] = {1, 2, INT_MIN, 1}, more[] = {3, 4};
  const double number[] = {0.0, NAN, 1.0, -0.0, 2.0}, odd[] = {0.5, -1.0, 3.0, INFINITY};
  int code[5];
  assert(!osv_status_codes(whole, NULL, 4, 1, 2, code));
  assert(code[0] == 1 && code[1] == 2 && code[2] == INT_MIN && code[3] == 1);
  assert(osv_status_codes(whole, NULL, 4, 0, 2, code)); /* 2 is no status */
  assert(osv_status_codes(more, NULL, 2, 1, 3, code));
  assert(!osv_status_codes(NULL, number, 5, 0, 3, code));
  assert(code[0] == 1 && code[1] == INT_MIN && code[2] == 2 && code[3] == 1 &&
         code[4] == 3);
  for (int i = 0; i < 4; i++) assert(osv_status_codes(NULL, odd + i, 1, 0, 3, code));
  assert(!osv_status_codes(NULL, odd, 0, 0, 3, code));
}

static void test_sizes(void) {
  const double x[] = {-3.0, NAN, 2.0, 0.0, 1.0, -7.5, NAN}, none[] = {NAN, NAN};
  const double want[] = {0.0, 3.0, 3.0, 3.0, 3.0, 3.0, 7.5, 7.5};
  for (size_t n = 0; n < 8; n++) assert(osv_largest_size(x, n) == want[n]);
  const double endless[] = {1.0, 2.0, 3.0, 4.0, 5.0, -INFINITY};
  assert(osv_largest_size(endless, 5) == 5.0 && osv_largest_size(endless, 6) == INFINITY);
  assert(osv_largest_size(none, 2) == 0.0);
}

/* One minus Kaplan-Meier just before each time, from the definition */
static void test_transform(void) {
  enum { N = 60, MOST = 12 };
  uint64_t state = 5;
  for (int late = 0; late < 2; late++) {
    int stop[N], start[N], event[N];
    double count[N], work[3 * (MOST + 2)], g[MOST + 1], want[MOST + 1];
    for (int i = 0; i < N; i++) {
      stop[i] = i < MOST ? i + 1 : 1 + (int)(draw(&state) % MOST);
      start[i] = (int)(draw(&state) % (unsigned)stop[i]);
      event[i] = draw(&state) % 2 == 0;
      count[i] = 1.0 + (double)(draw(&state) % 3);
    }
    const osv_exits exits = {N, stop, late ? start : NULL, event, count};
    osv_km_transform(&exits, MOST, work, g);
    double surv = 1.0, sum = 0.0, events = 0.0;
    want[0] = 0.0;
    for (int t = 1; t <= MOST; t++) {
      double at_risk = 0.0, d = 0.0;
      for (int i = 0; i < N; i++) {
        if (stop[i] >= t && (!late || start[i] < t)) at_risk += count[i];
        if (stop[i] == t && event[i]) d += count[i];
      }
      want[t] = 1.0 - surv;
      sum += want[t] * d;
      events += d;
      surv *= 1.0 - d / fmax(at_risk, 1.0);
    }
    for (int t = 0; t <= MOST; t++) assert(near(g[t], want[t] - sum / events, 1e-14));
  }
}

int main(void) {
  test_ranks();
  test_sorted();
  test_strata();
  test_status();
  test_sizes();
  test_codes();
  test_transform();
  return 0;
}
