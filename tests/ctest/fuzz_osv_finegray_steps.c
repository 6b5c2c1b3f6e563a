/* Any rows and coefficients: the subdistribution hazard of each step follows from its
 * weighted risk set; incidences increase from 0 to at most 1; the steps of the rows are
 * in order. */
#include "direct_finegray.h"
#include "fuzz.h"

static void check_step(const fg_case *c, const osv_finegray *model, const fg_steps *s,
                       size_t k) {
  const size_t t = (size_t)s->time[k], p = c->rows.p;
  double d = 0.0, hazard = 0.0, square = 0.0, low[FG_COLUMNS], high[FG_COLUMNS];
  for (size_t a = 0; a < p; a++) {
    low[a] = INFINITY;
    high[a] = -INFINITY;
  }
  for (size_t i = 0; i < c->rows.n; i++) {
    if (c->to[i] == t && c->status[i] == 1) d += c->count[i];
    for (size_t a = 0; a < p; a++) {
      low[a] = fmin(low[a], c->x[c->pattern[i] * p + a]);
      high[a] = fmax(high[a], c->x[c->pattern[i] * p + a]);
    }
  }
  assert(d == s->d[k] && d > 0.0);
  for (double l = 0.0; l < d; l += 1.0) {
    long double total = 0.0L;
    for (size_t i = 0; i < c->rows.n; i++) {
      const int dies = c->to[i] == t && c->status[i] == 1;
      total += (long double)c->count[i] * model->risk[i] * fg_in_risk_set(c, i, t) *
               (dies && c->rows.efron ? 1.0L - l / d : 1.0L);
    }
    hazard += (double)(1.0L / total);
    square += (double)(1.0L / total / total);
  }
  assert(near(s->a[k] / hazard, 1.0, 1e-8) && near(s->b[k] / square, 1.0, 1e-8));
  assert(s->tied[k] >= 0.0 && s->tied[k] <= s->b[k]);
  for (size_t a = 0; a < p; a++) {
    const double mean = s->mean[k * p + a] / s->a[k];
    assert(mean >= low[a] - 1e-6 && mean <= high[a] + 1e-6);
  }
}

static void check_rows(const fg_case *c, const osv_finegray *model, const fg_steps *s) {
  for (size_t i = 0; i < c->rows.n; i++) {
    const size_t stratum = fg_stratum(c, c->to[i]);
    const size_t low = stratum ? s->end[stratum - 1] : 0, high = s->end[stratum];
    assert(low <= s->first[i] && s->first[i] <= s->last[i] && s->last[i] <= s->until[i] &&
           s->until[i] <= high);
    assert(isfinite(s->entered[i]) && isfinite(s->stayed[i]));
    double sum = 0.0, before = 0.0;
    for (size_t k = low; k < high; k++) {
      sum += s->a[k];
      const double cif = -expm1(-model->risk[i] * sum);
      assert(cif >= before && cif <= 1.0);
      before = cif;
      const int at_risk = fg_at_risk(c, i, (size_t)s->time[k]);
      assert(at_risk == (k >= s->first[i] && k < s->last[i]));
      assert(s->weighted[k] >= 0.0 && isfinite(s->moved[k]));
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes b = {data, size};
  uint64_t seed = next_bytes(&b, 4);
  fg_case c;
  fg_steps s;
  random_finegray(&c, &seed);
  const size_t n = c.rows.n, p = c.rows.p;
  double beta[FG_COLUMNS], score[FG_COLUMNS], loglik;
  for (size_t i = 0; i < n * p; i++)
    if (next_bytes(&b, 1) % 4 == 0) c.x[i] = (double)next_bytes(&b, 1) / 16.0 - 8.0;
  for (size_t i = 0; i < n; i++)
    if (next_bytes(&b, 1) % 8 == 0) c.status[i] = (int)(next_bytes(&b, 1) % 3);
  for (size_t a = 0; a < p; a++) beta[a] = (double)next_bytes(&b, 1) / 64.0 - 2.0;
  double *work = room(osv_finegray_work(&c.rows), sizeof *work);
  osv_finegray model = osv_finegray_start(&c.rows, NULL, work);
  assert(osv_finegray_moments(&model, beta, &loglik, score) == OSV_OK);
  int whole = !isnan(loglik);
  for (size_t i = 0; i < n; i++) whole &= model.risk[i] > 1e-6;
  s.out = (osv_steps){s.end, s.time, s.d, s.a, s.b, s.tied, s.mean};
  assert(osv_finegray_steps(&model, &s.out) == OSV_OK);
  assert(s.end[c.rows.n_stratum - 1] == osv_finegray_step_count(&c.rows));
  const osv_finegray_paths_out paths = {s.first,  s.last,     s.until, s.entered,
                                        s.stayed, s.weighted, s.moved};
  for (int of_weights = 0; of_weights < 2 && whole; of_weights++) {
    assert(osv_finegray_paths(&model, &s.out, of_weights, &paths) == OSV_OK);
    check_rows(&c, &model, &s);
  }
  for (size_t k = 0; k < s.end[c.rows.n_stratum - 1] && whole; k++)
    check_step(&c, &model, &s, k);
  free(work);
  return 0;
}
