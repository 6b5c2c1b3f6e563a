/* Steps of a Fine-Gray model and the influence of rows on its hazard, compared with a
 * computation risk set by risk set. The change of each weight is computed from its
 * definition. */
#include "direct_finegray.h"

/* Adds the influence of all rows on the hazard of the factor of time t to `out` [n] */
static void add_factor(const fg_case *c, const double *r, size_t t, double share,
                       double d, int of_weights, double *hazard, double *out) {
  const size_t n = c->rows.n;
  double w[FG_ROWS], total = 0.0;
  for (size_t i = 0; i < n; i++) {
    const int dies = c->to[i] == t && c->status[i] == 1;
    w[i] = r[i] * fg_in_risk_set(c, i, t) * (dies ? 1.0 - share : 1.0);
    total += c->count[i] * w[i];
  }
  *hazard += 1.0 / total;
  for (size_t i = 0; i < n; i++) {
    if (c->to[i] == t && c->status[i] == 1) out[i] += 1.0 / total / d;
    out[i] -= w[i] / total / total;
    if (!of_weights || w[i] == 0.0 || fg_at_risk(c, i, t)) continue;
    fg_moments moved = {0};
    double change[FG_COLUMNS] = {c->count[i] * w[i] / total / total};
    add_weight_term(c, c->to[i], t, change, &moved);
    for (size_t j = 0; j < n; j++) out[j] += moved.subject[1][j * c->rows.p];
  }
}

static void expect_influence(const fg_case *c, const osv_finegray *model,
                             const fg_steps *s, int of_weights) {
  const size_t n = c->rows.n;
  double jump[FG_ROWS], out[FG_ROWS];
  int stratum[FG_ROWS], event[FG_ROWS];
  size_t n_step = s->end[c->rows.n_stratum - 1];
  for (size_t j = 0; j < n_step; j++) jump[j] = s->a[j] / s->d[j];
  for (size_t i = 0; i < n; i++) {
    stratum[i] = (int)fg_stratum(c, c->to[i]);
    event[i] = c->status[i] == 1;
  }
  const osv_influence_in in = {.n = n,
                               .n_step = n_step,
                               .risk = model->risk,
                               .event = event,
                               .first = s->first,
                               .last = s->last,
                               .stratum = stratum,
                               .hazard = s->b,
                               .jump = jump,
                               .tied = s->tied,
                               .until = s->until,
                               .entered = s->entered,
                               .stayed = s->stayed,
                               .weighted = s->weighted,
                               .moved = s->moved};
  double *work = room(osv_hazard_influence_work(n_step), sizeof *work);
  for (size_t k = 0; k < c->rows.n_stratum; k++) {
    const size_t from = k ? s->end[k - 1] : 0;
    double want[FG_ROWS] = {0}, hazard = 0.0, sum = 0.0;
    for (size_t j = from; j < s->end[k]; j++) {
      const size_t t = (size_t)s->time[j];
      double r[FG_ROWS];
      for (size_t i = 0; i < n; i++) r[i] = stratum[i] == (int)k ? model->risk[i] : 0.0;
      for (double l = 0.0; l < s->d[j]; l += 1.0)
        add_factor(c, r, t, c->rows.efron ? l / s->d[j] : 0.0, s->d[j], of_weights,
                   &hazard, want);
      sum += s->a[j];
      assert(near(sum, hazard, 1e-10));
      size_t at[FG_ROWS];
      for (size_t other = 0; other < c->rows.n_stratum; other++) at[other] = j + 1;
      assert(osv_hazard_influence(&in, 1, at, NULL, n, NULL, work, out) == OSV_OK);
      for (size_t i = 0; i < n; i++)
        if (stratum[i] == (int)k) assert(near(out[i], want[i], 1e-9));
    }
  }
  free(work);
}

static void test_random(void) {
  uint64_t seed = 41;
  for (int round = 0; round < 600; round++) {
    fg_case c;
    fg_steps s;
    double beta[FG_COLUMNS], score[FG_COLUMNS], loglik;
    random_finegray(&c, &seed);
    for (size_t a = 0; a < c.rows.p; a++) beta[a] = 2.0 * (draw_unit(&seed) - 0.5);
    double *work = room(osv_finegray_work(&c.rows), sizeof *work);
    osv_finegray model = osv_finegray_start(&c.rows, NULL, work);
    assert(osv_finegray_moments(&model, beta, &loglik, score) == OSV_OK);
    s.out = (osv_steps){s.end, s.time, s.d, s.a, s.b, s.tied, s.mean};
    assert(osv_finegray_steps(&model, &s.out) == OSV_OK);
    assert(s.end[c.rows.n_stratum - 1] == osv_finegray_step_count(&c.rows));
    const osv_finegray_paths_out paths = {s.first,  s.last,     s.until, s.entered,
                                          s.stayed, s.weighted, s.moved};
    for (int of_weights = 0; of_weights < 2; of_weights++) {
      assert(osv_finegray_paths(&model, &s.out, of_weights, &paths) == OSV_OK);
      expect_influence(&c, &model, &s, of_weights);
    }
    free(work);
  }
}

int main(void) {
  test_random();
  return 0;
}
