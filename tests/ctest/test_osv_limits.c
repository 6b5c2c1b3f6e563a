/* The type of limits of each row; exact limits against sums of binomial probabilities. */
#include "polls.h"
#include "quantiles.h"

enum { MOST = 80 };

/* Estimates and limits of one curve at all of its times */
typedef struct {
  size_t m;
  osv_counts counts;
  double time[MOST], n_risk[MOST], n_censor[MOST], n_event[2 * MOST];
  double estimate[2 * MOST], rest[MOST], std_error[2 * MOST], free[MOST];
  double low[MOST], high[MOST];
} curve;

static void count(const osv_table *table, curve *x) {
  x->m = osv_count_times(table->time, (size_t)table->start[1]);
  x->counts = (osv_counts){x->time, x->n_risk, x->n_censor, x->n_event, MOST};
  assert(osv_curve_counts(table, 0, x->m, NULL, &x->counts) == OSV_OK);
}

static osv_confidence want_of(osv_conf type, double level) {
  return (osv_confidence){type, level, &test_quantiles};
}

static void limits_of_s(const osv_table *table, osv_conf type, double level, curve *x) {
  double after[MOST];
  const osv_confidence want = want_of(type, level);
  count(table, x);
  const osv_km_out km = {x->estimate, x->rest, x->std_error};
  osv_km(x->n_risk, x->n_event, x->m, &km);
  assert(osv_km_limits(&want, table, 0, &x->counts, x->m, &km, NULL, after, x->low,
                       x->high) == OSV_OK);
}

static void limits_of_f(const osv_table *table, osv_conf type, size_t cause, curve *x) {
  double after[MOST], work[64];
  const osv_confidence want = want_of(type, 0.95);
  count(table, x);
  const osv_aj_out aj = {x->free, x->estimate, x->std_error};
  osv_aj(&x->counts, x->m, table->n_status - 1, work, &aj);
  assert(osv_aj_limits(&want, table, 0, &x->counts, x->m, cause, &aj, NULL, after, x->low,
                       x->high) == OSV_OK);
}

/* n subjects at times 1 .. n with the given statuses; NULL: an event at each time */
static osv_table one_each(size_t n, const int *status, int n_status, double *time,
                          int *own, double *start) {
  for (size_t i = 0; i < n; i++) {
    time[i] = (double)i + 1.0;
    own[i] = status ? status[i] : 1;
  }
  start[0] = 0.0;
  start[1] = (double)n;
  return table_of(time, own, NULL, start, 1, n_status);
}

/* Without censoring the exact limits of S are those of Clopper and Pearson; the mid-p
 * limits are where the mean of the two tails equals alpha / 2. */
static void test_binomial(void) {
  double time[MOST], start[2];
  int status[MOST];
  for (size_t n = 1; n <= 30; n += 7) {
    const osv_table table = one_each(n, NULL, 2, time, status, start);
    curve exact, mid;
    limits_of_s(&table, OSV_CONF_EXACT, 0.95, &exact);
    limits_of_s(&table, OSV_CONF_MID_P, 0.95, &mid);
    for (size_t j = 0; j < n; j++) {
      const double left = (double)(n - j - 1), size = (double)n;
      assert(near(exact.estimate[j], left / size, 1e-15));
      if (left > 0.0) assert(near(binomial_tail(left, size, exact.low[j]), 0.025, 1e-10));
      assert(near(binomial_tail(left + 1.0, size, exact.high[j]), 0.975, 1e-10));
      if (left == 0.0) {
        assert(exact.low[j] == 0.0 && mid.low[j] == 0.0);
        assert(near(binomial_tail(1.0, size, mid.high[j]), 0.95, 1e-10));
        continue;
      }
      const double low = mid.low[j], high = mid.high[j];
      assert(exact.low[j] < low && high < exact.high[j]);
      assert(near(binomial_tail(left, size, low) + binomial_tail(left + 1.0, size, low),
                  0.05, 1e-10));
      assert(near(binomial_tail(left, size, high) + binomial_tail(left + 1.0, size, high),
                  1.95, 1e-10));
    }
  }
}

/* The small-sample type is exact in all rows of 50 subjects, and up to 5 events of 51 */
static void test_small_sample(void) {
  double time[MOST], start[2];
  int status[MOST];
  for (size_t n = 50; n <= 51; n++) {
    const osv_table table = one_each(n, NULL, 2, time, status, start);
    curve small, exact, formula;
    limits_of_s(&table, OSV_CONF_SMALL_SAMPLE, 0.95, &small);
    limits_of_s(&table, OSV_CONF_EXACT, 0.95, &exact);
    limits_of_s(&table, OSV_CONF_LOGLOG, 0.95, &formula);
    for (size_t j = 0; j < n; j++) {
      const int is_exact = n == 50 || j < 5 || j + 1 == n;
      const curve *want = is_exact ? &exact : &formula;
      assert(near(small.low[j], want->low[j], 1e-14));
      assert(near(small.high[j], want->high[j], 1e-14));
      if (j + 1 < n) assert(exact.low[j] != formula.low[j]);
    }
  }
}

/* Formulas give no limits before the first event and at the end, so exact limits are
 * used. */
static void test_ends(void) {
  const int status[] = {0, 0, 1, 0, 1, 1};
  double time[MOST], start[2];
  int own[MOST];
  const osv_table table = one_each(6, status, 2, time, own, start);
  curve x;
  limits_of_s(&table, OSV_CONF_PLAIN, 0.9, &x);
  assert(near(x.low[0], pow(0.05, 1.0 / 5.0), 1e-14) && x.high[0] == 1.0);
  assert(near(x.low[1], pow(0.05, 1.0 / 4.0), 1e-14) && x.high[1] == 1.0);
  assert(x.low[5] == 0.0 && x.high[5] > 0.0 && x.high[5] < 1.0);
  const double se = x.std_error[2];
  assert(x.estimate[2] == 0.75 && near(x.low[2], 0.75 - 1.6448536269514722 * se, 1e-12));
}

/* Limits of a cause without events use its subdistribution risk set. Of 5 one dies, so 4
 * are left; then one of them is censored, which reduces 4 to 3. F of a single cause is 1
 * - S. */
static void test_causes(void) {
  const int status[] = {2, 0, 2, 2, 0};
  double time[MOST], start[2];
  int own[MOST];
  const osv_table table = one_each(5, status, 3, time, own, start);
  curve x, s, f;
  limits_of_f(&table, OSV_CONF_LOG, 0, &x);
  assert(x.low[0] == 0.0 && near(x.high[0], 1.0 - pow(0.025, 1.0 / 5.0), 1e-14));
  assert(near(x.high[1], 1.0 - pow(0.025, 1.0 / (5.0 * 3.0 / 4.0)), 1e-13));
  const osv_table one = one_each(60, NULL, 2, time, own, start);
  limits_of_s(&one, OSV_CONF_SMALL_SAMPLE, 0.95, &s);
  limits_of_f(&one, OSV_CONF_SMALL_SAMPLE, 0, &f);
  for (size_t j = 0; j < 60; j++) {
    assert(near(f.low[j], 1.0 - s.high[j], 1e-13));
    assert(near(f.high[j], 1.0 - s.low[j], 1e-13));
  }
}

/* Exact 95% limits of S of five subjects with delayed entry */
static void exact_of_five(const double *time, const int *status, const double *entry,
                          curve *x) {
  const double start[] = {0, 5};
  const osv_table table =
      with_entries(table_of(time, status, NULL, start, 1, 2), entry, NULL, start);
  limits_of_s(&table, OSV_CONF_EXACT, 0.95, x);
}

/* 2 are at risk from the start, 3 enter at 1.5, and one of 5 fails at 2: S = 4/5, se^2 =
 * 4/125. The effective number is 5; the t quantile (4 df) over z is 2.776445 /
 * 1.959964. */
static void test_late(void) {
  const double time[] = {2, 3, 4, 5, 6}, entry[] = {0, 0, 1.5, 1.5, 1.5};
  const int status[] = {1, 0, 0, 0, 0};
  curve x;
  exact_of_five(time, status, entry, &x);
  const double widen = 2.7764451051977987 / 1.959963984540054;
  const double n = 0.8 * 0.2 / (4.0 / 125.0 * widen * widen);
  const double low = test_qbeta(0.025, 0.8 * n, 0.2 * n + 1.0, 1, 0);
  const double high = test_qbeta(0.025, 0.8 * n + 1.0, 0.2 * n, 0, 0);
  assert(near(x.low[0], low, 1e-9) && near(x.high[0], high, 1e-9));
}

/* After an empty risk set the curve is unknown, so the lower limit is 0. */
static void test_gap(void) {
  const double time[] = {1, 2, 5, 6, 7}, entry[] = {0, 0, 3, 3, 3};
  const int status[] = {1, 0, 1, 0, 0};
  curve x;
  exact_of_five(time, status, entry, &x);
  assert(x.low[0] > 0.0);
  for (size_t j = 1; j < x.m; j++) assert(x.low[j] == 0.0 && x.high[j] < 1.0);
}

/* S reaches 0 at 1 by an event of cause 2. Later entries change nothing: even after they
 * have an event of cause 1, the limits of cause 1 are those without events. */
static void test_after_end(void) {
  double time[] = {1, 5}, entry[] = {0, 3}, start[] = {0, 2};
  int status[] = {2, 1};
  const osv_table table =
      with_entries(table_of(time, status, NULL, start, 1, 3), entry, NULL, start);
  curve x;
  limits_of_f(&table, OSV_CONF_EXACT, 0, &x);
  assert(x.estimate[0] == 0.0 && x.estimate[1] == 0.0);
  for (size_t j = 0; j < 2; j++)
    assert(x.low[j] == 0.0 && x.high[j] == -expm1(osv_log_limit_no_event(1.0, 0.025)));
}

static void test_which(void) {
  const osv_limits_row inside = {.events = 5.0}, more = {.events = 6.0};
  const osv_limits_row first = {.at_start = 1, .no_event = 1}, last = {.at_end = 1};
  const osv_limits_row late = {.events = 5.0, .late = 1};
  osv_limits_row id = {.events = 6.0, .by_id = 1, .n_id = 9.0};
  assert(osv_which_limits(OSV_CONF_SMALL_SAMPLE, &inside) == OSV_LIMITS_PRODUCT);
  assert(osv_which_limits(OSV_CONF_SMALL_SAMPLE, &more) == OSV_LIMITS_FORMULA);
  assert(osv_which_limits(OSV_CONF_MID_P, &more) == OSV_LIMITS_PRODUCT);
  assert(osv_which_limits(OSV_CONF_LOGIT, &inside) == OSV_LIMITS_FORMULA);
  assert(osv_which_limits(OSV_CONF_LOGIT, &first) == OSV_LIMITS_NO_EVENT);
  const osv_limits_row none_yet = {.at_start = 1};
  assert(osv_which_limits(OSV_CONF_LOGIT, &none_yet) == OSV_LIMITS_PRODUCT);
  assert(osv_which_limits(OSV_CONF_LOGIT, &last) == OSV_LIMITS_PRODUCT);
  assert(osv_which_limits(OSV_CONF_SMALL_SAMPLE, &late) == OSV_LIMITS_LATE);
  assert(osv_which_limits(OSV_CONF_PLAIN, &id) == OSV_LIMITS_FORMULA);
  assert(osv_which_limits(OSV_CONF_EXACT, &id) == OSV_LIMITS_EFFECTIVE);
  id.no_spread = 1;
  assert(osv_which_limits(OSV_CONF_PLAIN, &id) == OSV_LIMITS_EFFECTIVE);
  id.n_id = 1.0;
  assert(osv_which_limits(OSV_CONF_EXACT, &id) == OSV_LIMITS_UNKNOWN);
  assert(osv_conf_of_size(OSV_CONF_SMALL_SAMPLE, 50.0) == OSV_CONF_EXACT);
  assert(osv_conf_of_size(OSV_CONF_SMALL_SAMPLE, 51.0) == OSV_CONF_SMALL_SAMPLE);
  assert(osv_conf_of_size(OSV_CONF_PLAIN, 9.0) == OSV_CONF_PLAIN);
}

/* 4 ids of one row each: one fails, F = 1/4 with standard error sqrt(3 / 64). With fewer
 * than 2 effective ids the limits are undefined. */
static void test_ids(void) {
  double n_risk = 4, n_event = 1, n_id = 4, after = 3, surv = 0.75, cif = 0.25;
  double se = sqrt(3.0 / 64.0), kept = 4, ids = 4, start = 4, low, high, event;
  const double rest = 0.75, events = 1;
  int gains = 0;
  const osv_counts counts = {NULL, &n_risk, NULL, &n_event, 1};
  const osv_cluster_out out = {&n_id, &after, &surv,  &cif,  &se,
                               &kept, &ids,   &start, &gains};
  const osv_exact want = osv_exact_of(OSV_CONF_EXACT, 0.025, &test_quantiles);
  osv_cluster_limits(&want, 1.96, &counts, 1, 1, 0, 0, &out, &events, &rest, NULL, &event,
                     &low, &high);
  /* the small-sample factor 4 / 3 leaves 3 effective ids */
  assert(near(low, test_qbeta(0.025, 0.75, 3.25, 1, 0), 1e-10));
  assert(near(high, test_qbeta(0.025, 1.75, 2.25, 0, 0), 1e-10));
  double low_s, high_s;
  osv_cluster_limits(&want, 1.96, &counts, 1, 1, 0, 1, &out, &events, &rest, NULL, &event,
                     &low_s, &high_s);
  assert(low_s == 1.0 - high && high_s == 1.0 - low);
  ids = 1;
  osv_cluster_limits(&want, 1.96, &counts, 1, 1, 0, 0, &out, &events, &rest, NULL, &event,
                     &low, &high);
  assert(isnan(low) && isnan(high));
}

/* Instead of limits, writes beta shapes and other numbers that determine the limits */
static void test_shown(void) {
  const osv_basis product = {
      .kind = OSV_LIMITS_PRODUCT, .a = {1, 2}, .b = {4, 3}, .least = NAN};
  const osv_basis late = {.kind = OSV_LIMITS_LATE, .n = 7, .least = 0.0};
  osv_exact x = osv_exact_of(OSV_CONF_EXACT, 0.025, &test_quantiles);
  double low, high;
  x.show = OSV_SHOW_A;
  osv_exact_limits(&x, &product, &low, &high);
  assert(low == 1.0 && high == 2.0);
  x.show = OSV_SHOW_B;
  osv_exact_limits(&x, &product, &low, &high);
  assert(low == 4.0 && high == 3.0);
  x.show = OSV_SHOW_NUMBERS;
  osv_exact_limits(&x, &product, &low, &high);
  assert(low == 0.0 && high == 0.0);
  osv_exact_limits(&x, &late, &low, &high);
  assert(low == 7.0 && high == 1.0);
  x.show = OSV_SHOW_A; /* late limits have no shapes */
  osv_exact_limits(&x, &late, &low, &high);
  assert(low == 0.0 && high == 0.0);
  x.show = OSV_SHOW_NUMBERS;
  const osv_basis no_gap = {.kind = OSV_LIMITS_LATE, .n = 7, .least = NAN};
  osv_exact_limits(&x, &no_gap, &low, &high);
  assert(low == 7.0 && high == 0.0);
  const osv_basis floor_of = {
      .kind = OSV_LIMITS_PRODUCT, .a = {1, 2}, .b = {4, 3}, .least = 3};
  osv_exact_limits(&x, &floor_of, &low, &high);
  assert(low == 0.0 && high == 4.0);
}

/* All of 4 ids fail, one at 1 and three at 2. At 2 F is 1, with the Clopper-Pearson lower
 * limit 0.025^(1/4). At 1 the type determines the limits: the formula, or 1 of 4. */
static void test_ids_all_fail(void) {
  double n_risk[] = {4, 3}, n_event[] = {1, 3}, n_id[] = {4, 3}, after[] = {3, 0};
  double surv[] = {0.75, 0}, cif[] = {0.25, 1}, se[] = {sqrt(3.0 / 64), 0};
  double kept[] = {4, 4}, ids = 4, start = 4, low[2], high[2], event[2];
  const double rest[] = {0.75, 0}, events[] = {60, 3}; /* events: not few */
  int gains = 0;
  const osv_counts counts = {NULL, n_risk, NULL, n_event, 2};
  const osv_cluster_out out = {n_id, after, surv, cif, se, kept, &ids, &start, &gains};
  osv_exact want = osv_exact_of(OSV_CONF_PLAIN, 0.025, &test_quantiles);
  for (int survival = 0; survival < 2; survival++) {
    assert(osv_cluster_limits(&want, 1.96, &counts, 2, 1, 0, survival, &out, events, rest,
                              NULL, event, low, high) == OSV_OK);
    const double f = survival ? 1.0 - high[1] : low[1];
    assert(near(f, pow(0.025, 0.25), 1e-10));
    assert(survival ? low[1] == 0.0 : high[1] == 1.0);
    const double middle = survival ? 0.75 : 0.25;
    assert(near(low[0], fmax(0.0, middle - 1.96 * se[0]), 1e-12));
    assert(near(high[0], fmin(1.0, middle + 1.96 * se[0]), 1e-12));
  }
  /* with a standard error of 0 the limits are binomial for 4 ids */
  se[0] = 0.0;
  assert(osv_cluster_limits(&want, 1.96, &counts, 2, 1, 0, 0, &out, events, rest, NULL,
                            event, low, high) == OSV_OK);
  assert(near(low[0], test_qbeta(0.025, 1.0, 4.0, 1, 0), 1e-10));
  assert(near(high[0], test_qbeta(0.025, 2.0, 3.0, 0, 0), 1e-10));
  /* with more than 1023 rows it can be stopped */
  enum { MANY = 1024 };
  double *of = room(12 * MANY, sizeof *of);
  const osv_counts long_counts = {NULL, of, NULL, of + MANY, MANY};
  const osv_cluster_out long_out = {of + 2 * MANY, of + 3 * MANY, of + 4 * MANY,
                                    of + 5 * MANY, of + 6 * MANY, of + 7 * MANY,
                                    &ids,          &start,        &gains};
  for (int j = 0; j < MANY; j++) of[7 * MANY + j] = 4.0;
  for (int j = 0; j < MANY; j++) of[8 * MANY + j] = 1.0; /* no event: F = 0 */
  assert(osv_cluster_limits(&want, 1.96, &long_counts, MANY, 1, 0, 0, &long_out, of,
                            of + 8 * MANY, &stopping, of + 9 * MANY, of + 10 * MANY,
                            of + 11 * MANY) == OSV_EINTR);
  assert(osv_cluster_limits(&want, 1.96, &long_counts, MANY, 1, 0, 0, &long_out, of,
                            of + 8 * MANY, &going, of + 9 * MANY, of + 10 * MANY,
                            of + 11 * MANY) == OSV_OK);
  assert(near(of[12 * MANY - 1], 1.0 - pow(0.025, 0.25), 1e-12));
  free(of);
}

/* 600 subjects die at different times; polls every 256 rows */
static osv_status many_rows(void *ctx, const osv_poll *poll) {
  enum { N = 600 };
  double *of = room(9 * N, sizeof *of);
  const osv_counts counts = {of, of + N, of + 2 * N, of + 3 * N, N};
  const osv_km_out km = {of + 4 * N, of + 5 * N, of + 6 * N};
  int *status = room(N, sizeof *status);
  const double start[] = {0, N};
  (void)ctx;
  for (int i = 0; i < N; i++) {
    of[i] = i + 1.0;
    status[i] = 1;
    counts.n_risk[i] = N - i;
    counts.n_event[i] = 1.0;
  }
  const osv_table table = table_of(of, status, NULL, start, 1, 2);
  osv_km(counts.n_risk, counts.n_event, N, &km);
  const osv_confidence want = want_of(OSV_CONF_EXACT, 0.95);
  double *rest = room(3 * N, sizeof *rest);
  const osv_status result = osv_km_limits(&want, &table, 0, &counts, N, &km, poll, rest,
                                          rest + N, rest + 2 * N);
  /* binomial limits, since nobody is censored */
  if (result == OSV_OK) {
    assert(near(rest[N + 99], test_qbeta(0.025, 500.0, 101.0, 1, 0), 1e-9));
    assert(near(rest[3 * N - 1], -expm1(log(0.025) / N), 1e-9));
    assert(rest[2 * N - 1] == 0.0);
  }
  free(rest);
  free(status);
  free(of);
  return result;
}

static void test_poll(void) {
  stop_at_polls(many_rows, NULL);
  double time[MOST], start[2], after[MOST];
  int status[MOST];
  const osv_table table = one_each(3, NULL, 2, time, status, start);
  curve x;
  limits_of_s(&table, OSV_CONF_EXACT, 0.95, &x);
  const osv_km_out km = {x.estimate, x.rest, x.std_error};
  const osv_confidence want = want_of(OSV_CONF_EXACT, 0.95);
  assert(osv_km_limits(&want, &table, 0, &x.counts, 3, &km, &stopping, after, x.low,
                       x.high) == OSV_EINTR);
  assert(osv_km_limits(&want, &table, 0, &x.counts, 3, &km, &going, after, x.low,
                       x.high) == OSV_OK);
}

int main(void) {
  test_which();
  test_binomial();
  test_small_sample();
  test_ends();
  test_causes();
  test_late();
  test_gap();
  test_after_end();
  test_ids();
  test_ids_all_fail();
  test_shown();
  test_poll();
  return 0;
}
