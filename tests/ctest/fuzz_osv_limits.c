/* Any table, left truncated or not: limits of S and F stay inside [0, 1], contain the
 * estimate, widen with the confidence level, and differ where the estimate is 0 or 1. */
#include "fuzz.h"
#include "quantiles.h"

static const osv_conf types[] = {OSV_CONF_SMALL_SAMPLE, OSV_CONF_EXACT, OSV_CONF_MID_P,
                                 OSV_CONF_LOGLOG,       OSV_CONF_PLAIN, OSV_CONF_LOGIT};

/* Reads as many entries as subjects, each before the exits of the rows */
static void take_entries(bytes *b, fuzz_table *x, double *time, double *n) {
  const size_t rows = (size_t)x->start[1];
  double sorted[MOST_ROWS][2];
  for (size_t i = 0; i < rows; i++) {
    const double part = (double)(next_bytes(b, 1) % 4) / 4.0;
    sorted[i][0] = x->time[i] > 0.0 ? x->time[i] * part : -1.0;
    sorted[i][1] = x->table.n ? x->n[i] : 1.0;
  }
  qsort(sorted, rows, sizeof sorted[0], ascending);
  for (size_t i = 0; i < rows; i++) {
    time[i] = sorted[i][0];
    n[i] = sorted[i][1];
  }
  x->table = with_entries(x->table, time, x->table.n ? n : NULL, x->start);
}

typedef struct {
  double low[MOST_ROWS], high[MOST_ROWS];
} limits;

static void check_limits(const double *estimate, size_t m, const limits *x,
                         const limits *wider) {
  const double slack = 1e-9;
  for (size_t j = 0; j < m; j++) {
    assert(x->low[j] >= 0.0 && x->high[j] <= 1.0);
    assert(x->low[j] <= estimate[j] + slack && x->high[j] >= estimate[j] - slack);
    assert(wider->low[j] <= x->low[j] + slack && wider->high[j] >= x->high[j] - slack);
    if (estimate[j] == 0.0) assert(x->low[j] == 0.0 && x->high[j] > 0.0);
    if (estimate[j] == 1.0) assert(x->high[j] == 1.0 && x->low[j] < 1.0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static fuzz_table x;
  double entry[MOST_ROWS], entry_n[MOST_ROWS], after[MOST_ROWS];
  double time[MOST_ROWS], n_risk[MOST_ROWS], n_censor[MOST_ROWS];
  double n_event[MOST_CAUSES * MOST_ROWS], surv[MOST_ROWS], rest[MOST_ROWS];
  double cif[MOST_CAUSES * MOST_ROWS], se[MOST_CAUSES * MOST_ROWS], work[64];
  bytes b = {data, size};
  const int n_cause = (int)(1 + next_bytes(&b, 1) % MOST_CAUSES),
            late = (int)next_bytes(&b, 1) % 2;
  const osv_conf type = types[next_bytes(&b, 1) % COUNT_OF(types)];
  next_table(&b, 1, n_cause + 1, &x);
  for (size_t i = 0; i < (size_t)x.start[1]; i++) x.n[i] = fmod(x.n[i], 40.0) + 1.0;
  if (late) take_entries(&b, &x, entry, entry_n);
  const size_t m = osv_count_times(x.time, (size_t)x.start[1]);
  const osv_counts counts = {time, n_risk, n_censor, n_event, MOST_ROWS};
  if (osv_curve_counts(&x.table, 0, m, NULL, &counts) != OSV_OK) return 0;
  limits l[2];
  for (int k = 0; k < n_cause; k++) {
    for (int i = 0; i < 2; i++) {
      const osv_confidence want = {type, i ? 0.99 : 0.9, &test_quantiles};
      const osv_aj_out aj = {surv, cif, se};
      osv_aj(&counts, m, n_cause, work, &aj);
      osv_aj_limits(&want, &x.table, 0, &counts, m, (size_t)k, &aj, NULL, after, l[i].low,
                    l[i].high);
    }
    check_limits(cif + k * MOST_ROWS, m, l, l + 1);
  }
  for (int i = 0; n_cause == 1 && i < 2; i++) {
    const osv_confidence want = {type, i ? 0.99 : 0.9, &test_quantiles};
    const osv_km_out km = {surv, rest, se};
    osv_km(n_risk, n_event, m, &km);
    osv_km_limits(&want, &x.table, 0, &counts, m, &km, NULL, after, l[i].low, l[i].high);
  }
  if (n_cause == 1) check_limits(surv, m, l, l + 1);
  return 0;
}
