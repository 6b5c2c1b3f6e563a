/* Fine-Gray regression: by hand, and against a program that weights every risk set. */
#include "direct_finegray.h"

/* A model that owns its scratch */
typedef struct {
  osv_finegray model;
  double *work;
} fg_model;

static fg_model open_model(const fg_case *c, const osv_poll *poll) {
  const osv_finegray_rows *const rows = &c->rows;
  fg_model m;
  m.work = room(osv_finegray_work(rows), sizeof *m.work);
  m.model = osv_finegray_start(rows, poll, m.work);
  return m;
}

static const double no_inverse[FG_COLUMNS * FG_COLUMNS] = {0};

static void moments_of(const fg_case *c, const double *beta, const double *inverse,
                       fg_moments *got) {
  fg_model m = open_model(c, NULL);
  assert(osv_finegray_moments(&m.model, beta, &got->loglik, got->score) == OSV_OK);
  assert(osv_finegray_information(&m.model, NULL, got->information, NULL) == OSV_OK);
  double *work = room(osv_finegray_scores_work(&c->rows), sizeof *work);
  for (int term = 0; term < 2; term++) {
    memset(got->subject[term], 0, sizeof got->subject[term]);
    const osv_finegray_sums sums = {.of_weights = term, .score = got->subject[term]};
    assert(osv_finegray_scores(&m.model, &sums, work) == OSV_OK);
  }
  const osv_finegray_sums slope = {.inverse = inverse, .slope = got->slope};
  assert(osv_finegray_scores(&m.model, &slope, work) == OSV_OK);
  free(work);
  free(m.work);
}

/* Four subjects x = 0, 1, 0, 1 at times 0 .. 3: a competing event, a censoring, two
 * events. The competing event has x = 0 and the weight 2/3 after the censoring. With
 * r = exp(beta) the log likelihood is -log(1 + r + 2/3) + log(r) - log(r + 2/3). */
static void test_by_hand(void) {
  fg_case c = {.x = {0, 1, 0, 1},
               .count = {1, 1, 1, 1},
               .pattern = {0, 1, 2, 3},
               .status = {2, 0, 1, 1},
               .to = {0, 1, 2, 3},
               .stratum_end = {4}};
  finish_finegray(&c, 4, 1, 1, 0);
  const double b = log(2.0), r = 2.0, w = 2.0 / 3.0;
  const double m[] = {r / (1.0 + r + w), r / (r + w)};
  fg_moments got;
  moments_of(&c, &b, no_inverse, &got);
  assert(near(got.loglik, log(r) - log(1.0 + r + w) - log(r + w), 1e-15));
  assert(near(got.score[0], 1.0 - m[0] - m[1], 1e-15));
  assert(near(got.information[0], m[0] * (1 - m[0]) + m[1] * (1 - m[1]), 1e-15));
  /* hazards of both events; the row with the competing event has r / W(s-) = 1 and weight
   * w */
  const double h[] = {1.0 / (1.0 + r + w), 1.0 / (r + w)};
  assert(near(got.subject[0][0], w * (m[0] * h[0] + m[1] * h[1]), 1e-15));
  /* q of the censoring, with three at risk: it adds (1 - 1/3) q / 3 to the score of the
   * censored row */
  const double q = -w * (m[0] * h[0] + m[1] * h[1]);
  assert(near(got.subject[1][1] - got.subject[0][1], q / 3.0 * (2.0 / 3.0), 1e-15));
  assert(near(got.subject[1][2] - got.subject[0][2], -q / 9.0, 1e-15));
  assert(got.subject[1][0] == got.subject[0][0]);
}

static void test_random(void) {
  uint64_t seed = 11;
  for (int round = 0; round < 1500; round++) {
    fg_case c;
    random_finegray(&c, &seed);
    const size_t p = c.rows.p;
    double beta[FG_COLUMNS];
    for (size_t a = 0; a < p; a++) beta[a] = 4.0 * (draw_unit(&seed) - 0.5);
    double inverse[FG_COLUMNS * FG_COLUMNS];
    for (size_t a = 0; a < p; a++)
      for (size_t b = 0; b <= a; b++)
        inverse[a * p + b] = inverse[b * p + a] = draw_unit(&seed);
    fg_moments got;
    moments_of(&c, beta, inverse, &got);
    const fg_moments want = direct_finegray(&c, beta, inverse);
    assert(near(got.loglik, want.loglik, 1e-12));
    for (size_t a = 0; a < p; a++) {
      assert(near(got.score[a], want.score[a], 1e-12));
      assert(near(got.slope[a], want.slope[a], 1e-11));
      for (size_t b = 0; b < p; b++)
        assert(near(got.information[a * p + b], want.information[a * p + b], 1e-12));
    }
    for (int term = 0; term < 2; term++)
      for (size_t i = 0; i < c.rows.n * p; i++)
        assert(near(got.subject[term][i], want.subject[term][i], 1e-11));
  }
}

/* The sum of squared scores computed row by row equals that of the stored scores */
static void test_squares(void) {
  uint64_t seed = 12;
  for (int round = 0; round < 200; round++) {
    fg_case c;
    do random_finegray(&c, &seed);
    while (c.late);
    const size_t p = c.rows.p;
    const double beta[FG_COLUMNS] = {0.5, -0.5, 0.25};
    fg_moments kept;
    moments_of(&c, beta, no_inverse, &kept);
    fg_model m = open_model(&c, NULL);
    double loglik, score[FG_COLUMNS], meat[FG_COLUMNS * FG_COLUMNS];
    osv_finegray_moments(&m.model, beta, &loglik, score);
    double *work = room(osv_finegray_scores_work(&c.rows), sizeof *work);
    const osv_finegray_sums sums = {.of_weights = 1, .meat = meat};
    assert(osv_finegray_scores(&m.model, &sums, work) == OSV_OK);
    for (size_t a = 0; a < p; a++)
      for (size_t b = a; b < p; b++) {
        double want = 0.0;
        for (size_t i = 0; i < c.rows.n; i++)
          want += c.count[i] * kept.subject[1][i * p + a] * kept.subject[1][i * p + b];
        assert(near(meat[a * p + b], want, 1e-12));
      }
    free(work);
    free(m.work);
  }
}

/* Replaces each row of a counted case by single rows */
static void expand(const fg_case *c, fg_case *to) {
  size_t n = 0;
  *to = *c;
  for (size_t i = 0; i < c->rows.n; i++) {
    for (double k = 0.0; k < c->count[i]; k += 1.0, n++) {
      assert(n < FG_ROWS);
      to->to[n] = c->to[i];
      to->from[n] = c->from[i];
      to->status[n] = c->status[i];
      to->pattern[n] = n;
      to->count[n] = 1.0;
      for (size_t a = 0; a < c->rows.p; a++)
        to->x[n * c->rows.p + a] = c->x[c->pattern[i] * c->rows.p + a];
    }
  }
  finish_finegray(to, n, c->rows.p, c->rows.n_stratum, c->rows.efron);
}

static size_t subjects(const fg_case *c) {
  double sum = 0.0;
  for (size_t i = 0; i < c->rows.n; i++) sum += c->count[i];
  return (size_t)sum;
}

typedef struct {
  double beta[FG_COLUMNS], information[FG_COLUMNS * FG_COLUMNS], loglik[2];
  int identified[FG_COLUMNS], monotone[FG_COLUMNS];
} fg_fit;

static osv_status fit_of(const fg_case *c, const osv_poll *poll, fg_fit *fit) {
  fg_model m = open_model(c, poll);
  double *work = room(osv_finegray_fit_work(c->rows.p), sizeof *work);
  const osv_finegray_out out = {fit->beta, fit->information, fit->loglik, fit->identified,
                                fit->monotone};
  const osv_status status = osv_finegray_fit(&m.model, work, &out);
  free(work);
  free(m.work);
  return status;
}

static void test_counts_are_rows(void) {
  uint64_t seed = 13;
  for (int round = 0; round < 300; round++) {
    fg_case c, rows;
    do random_finegray(&c, &seed);
    while (subjects(&c) > FG_ROWS);
    expand(&c, &rows);
    fg_fit counted, whole;
    assert(fit_of(&c, NULL, &counted) == OSV_OK && fit_of(&rows, NULL, &whole) == OSV_OK);
    int finite = 1;
    for (size_t a = 0; a < c.rows.p; a++) {
      assert(counted.identified[a] == whole.identified[a]);
      assert(counted.monotone[a] == whole.monotone[a]);
      finite &= whole.identified[a] && !whole.monotone[a];
    }
    if (!finite) continue;
    assert(near(counted.loglik[1], whole.loglik[1], 1e-12));
    for (size_t a = 0; a < c.rows.p; a++)
      assert(near(counted.beta[a], whole.beta[a], 1e-9));
    fg_moments one, other;
    moments_of(&c, whole.beta, no_inverse, &one);
    moments_of(&rows, whole.beta, no_inverse, &other);
    for (size_t a = 0; a < c.rows.p * c.rows.p; a++)
      assert(near(one.information[a], other.information[a], 1e-12));
  }
}

/* At the maximum the score is 0, coefficients are identified, and no other point is
 * higher */
static void test_fit(void) {
  uint64_t seed = 14;
  int fitted = 0;
  for (int round = 0; round < 500; round++) {
    fg_case c;
    random_finegray(&c, &seed);
    const size_t p = c.rows.p;
    fg_fit fit;
    assert(fit_of(&c, NULL, &fit) == OSV_OK);
    int finite = 1;
    for (size_t a = 0; a < p; a++) finite &= fit.identified[a] && !fit.monotone[a];
    if (!finite) continue;
    fitted++;
    const fg_moments at = direct_finegray(&c, fit.beta, no_inverse);
    assert(near(at.loglik, fit.loglik[1], 1e-12) && fit.loglik[1] >= fit.loglik[0]);
    for (size_t a = 0; a < p; a++) assert(fabs(at.score[a]) < 1e-7);
  }
  assert(fitted > 300);
}

/* Offsets so far apart that nothing of the information may be left at coefficients of 0,
 * and covariates that are equal but for their last digits: an estimate, or an error */
static void test_far_and_collinear(void) {
  uint64_t seed = 31;
  int lost = 0;
  for (int round = 0; round < 2000; round++) {
    fg_case c;
    fg_fit fit;
    double offset[FG_ROWS];
    random_finegray(&c, &seed);
    const size_t p = c.rows.p;
    const double far = pow(10.0, (double)(draw(&seed) % 4));
    const double near_by = pow(10.0, -5.0 - (double)(draw(&seed) % 5));
    for (size_t i = 0; i < FG_ROWS; i++) {
      offset[i] = far * (draw_unit(&seed) - 0.5);
      for (size_t a = 1; a < p && round % 2; a++)
        c.x[i * p + a] = c.x[i * p] * (1.0 + near_by * draw_unit(&seed));
    }
    if (round % 4 != 1) c.rows.offset = offset;
    const osv_status status = fit_of(&c, NULL, &fit);
    assert(status == OSV_OK || status == OSV_EDOMAIN);
    lost += status != OSV_OK;
    for (size_t a = 0; status == OSV_OK && a < p; a++) assert(isfinite(fit.beta[a]));
  }
  assert(lost > 0);
}

/* Column 2 is twice column 1, and column 3 is constant in every risk set. Rows with x = 0
 * have no events, so the hazard ratio grows without limit. */
static void test_what_has_no_maximum(void) {
  fg_case c = {.x = {0, 0, 7, 1, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 2, 0},
               .count = {1, 1, 1, 1, 1, 1},
               .pattern = {0, 1, 2, 3, 4, 5},
               .status = {0, 1, 2, 1, 0, 1},
               .to = {0, 1, 2, 3, 4, 5},
               .stratum_end = {6}};
  fg_fit fit;
  finish_finegray(&c, 6, 3, 1, 0);
  assert(fit_of(&c, NULL, &fit) == OSV_OK);
  assert(fit.identified[0] && !fit.identified[1] && !fit.identified[2]);
  for (size_t i = 0; i < 6; i++) c.x[i] = c.x[3 * i];
  finish_finegray(&c, 6, 1, 1, 0);
  assert(fit_of(&c, NULL, &fit) == OSV_OK && fit.identified[0] && fit.monotone[0]);
  for (size_t i = 0; i < 6; i++) c.status[i] = 0;
  finish_finegray(&c, 6, 1, 1, 0);
  assert(fit_of(&c, NULL, &fit) == OSV_OK && !fit.identified[0]);
}

/* A trend of 1 with time is the score, and g in the information is linear */
static void test_trend(void) {
  uint64_t seed = 15;
  for (int round = 0; round < 200; round++) {
    fg_case c;
    random_finegray(&c, &seed);
    const size_t p = c.rows.p;
    const double beta[FG_COLUMNS] = {0.5, -0.5, 0.25};
    double one[FG_ROWS], g[FG_ROWS], rest[FG_ROWS];
    for (size_t t = 0; t < FG_ROWS; t++) {
      one[t] = 1.0;
      g[t] = draw_unit(&seed) - 0.5;
      rest[t] = 1.0 - g[t];
    }
    fg_model m = open_model(&c, NULL);
    double loglik, score[FG_COLUMNS], trend[3][FG_COLUMNS];
    double information[4][FG_COLUMNS * FG_COLUMNS];
    const double *of_time[] = {one, g, rest, NULL};
    osv_finegray_moments(&m.model, beta, &loglik, score);
    for (int k = 0; k < 4; k++) {
      if (k < 3) assert(osv_finegray_trend(&m.model, of_time[k], trend[k]) == OSV_OK);
      osv_finegray_information(&m.model, of_time[k], information[k], NULL);
    }
    for (size_t a = 0; a < p; a++) {
      assert(near(trend[0][a], score[a], 1e-12));
      assert(near(trend[1][a] + trend[2][a], score[a], 1e-12));
    }
    for (size_t a = 0; a < p * p; a++) {
      assert(near(information[0][a], information[3][a], 1e-13));
      assert(near(information[1][a] + information[2][a], information[3][a], 1e-12));
    }
    free(m.work);
  }
}

static void test_stops(void) {
  enum { MANY = 300000 };
  double *x = room(MANY, sizeof *x);
  int *status = room(MANY, sizeof *status);
  size_t *time_end = room(MANY, sizeof *time_end), stratum_end = MANY;
  for (size_t i = 0; i < MANY; i++) {
    x[i] = (double)(i % 2);
    status[i] = (int)(i % 3);
    time_end[i] = i + 1;
  }
  const osv_finegray_rows rows = {.n = MANY,
                                  .p = 1,
                                  .n_stratum = 1,
                                  .x = x,
                                  .status = status,
                                  .time_end = time_end,
                                  .stratum_end = &stratum_end};
  double *work = room(osv_finegray_work(&rows), sizeof *work);
  osv_finegray s = osv_finegray_start(&rows, &stopping, work);
  double loglik, score, beta = 0.0;
  assert(osv_finegray_moments(&s, &beta, &loglik, &score) == OSV_EINTR);
  s.poll = NULL;
  assert(osv_finegray_moments(&s, &beta, &loglik, &score) == OSV_OK);
  s.poll = &stopping;
  assert(osv_finegray_information(&s, NULL, &loglik, NULL) == OSV_EINTR);
  double *scratch = room(osv_finegray_scores_work(&rows), sizeof *scratch);
  const osv_finegray_sums sums = {.of_weights = 1, .meat = &score};
  assert(osv_finegray_scores(&s, &sums, scratch) == OSV_EINTR);
  free(scratch);
  free(work);
  free(time_end);
  free(status);
  free(x);
}

int main(void) {
  test_by_hand();
  test_random();
  test_squares();
  test_counts_are_rows();
  test_fit();
  test_far_and_collinear();
  test_what_has_no_maximum();
  test_trend();
  test_stops();
  return 0;
}
