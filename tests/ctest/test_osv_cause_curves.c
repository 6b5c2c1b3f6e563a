/* Cumulative incidences from hazards: one cause, sums to 1, derivatives, interrupts. */
#include "check.h"

enum { CAUSES = 2, STEPS = 4, PERSONS = 3 };

static const double HAZARD[] = {0.1, 0, 0.2, 0.3, 0, 0.4, 1e-7, 2e-7};

static void curves(const double *hazard, const double *ratio, const size_t *at,
                   size_t n_at, double *incidence, double *slope, double *total) {
  const osv_cause_in in = {.n = PERSONS,
                           .n_cause = CAUSES,
                           .n_step = STEPS,
                           .n_at = n_at,
                           .hazard = hazard,
                           .ratio = ratio,
                           .at = at};
  const osv_cause_out out = {incidence, slope, total};
  double work[CAUSES * (CAUSES + 2)];
  assert(osv_cause_curves(&in, NULL, work, &out) == OSV_OK);
}

static const double RATIO[] = {1, 1, 2, 0.5, 0.1, 3};

static void test_sum(void) {
  const size_t at[] = {0, 1, 2, 4};
  double f[CAUSES * 4 * PERSONS];
  curves(HAZARD, RATIO, at, 4, f, NULL, NULL);
  for (size_t i = 0; i < PERSONS; i++) {
    double all = 0.0;
    for (size_t j = 0; j < STEPS; j++)
      for (size_t k = 0; k < CAUSES; k++)
        all += RATIO[i * CAUSES + k] * HAZARD[j * CAUSES + k];
    assert(f[i] == 0.0);
    assert(near(f[3 * PERSONS + i] + f[7 * PERSONS + i], 1.0 - exp(-all), 1e-14));
  }
  /* by hand: after 0.1 of cause 1 alone, 0.2 and 0.3 together */
  assert(near(f[PERSONS], 1.0 - exp(-0.1), 1e-15) && f[5 * PERSONS] == 0.0);
  assert(near(f[6 * PERSONS], exp(-0.1) * (1.0 - exp(-0.5)) * 0.6, 1e-15));
}

/* If the hazard of a step increases, F_k changes by total - ratio F_k. The slopes are the
 * sums of these changes. */
static void test_derivatives(void) {
  const size_t at[] = {STEPS};
  double f[CAUSES * PERSONS], slope[CAUSES * CAUSES * PERSONS],
      total[CAUSES * CAUSES * STEPS];
  for (size_t i = 0; i < PERSONS; i++) {
    double ratio[CAUSES * PERSONS] = {0}; /* the other persons have no hazard */
    for (size_t k = 0; k < CAUSES; k++) ratio[i * CAUSES + k] = RATIO[i * CAUSES + k];
    curves(HAZARD, ratio, at, 1, f, slope, total);
    for (size_t k = 0; k < CAUSES; k++) {
      for (size_t l = 0; l < CAUSES; l++) {
        const double r = ratio[i * CAUSES + l], f_k = f[k * PERSONS + i];
        double sum = 0.0;
        for (size_t j = 0; j < STEPS; j++) {
          double up[CAUSES * STEPS], down[CAUSES * STEPS], high[CAUSES * PERSONS],
              low[CAUSES * PERSONS];
          memcpy(up, HAZARD, sizeof up);
          memcpy(down, HAZARD, sizeof down);
          up[j * CAUSES + l] += 1e-6;
          down[j * CAUSES + l] -= 1e-6;
          curves(up, ratio, at, 1, high, NULL, NULL);
          curves(down, ratio, at, 1, low, NULL, NULL);
          const double c = total[(j * CAUSES + k) * CAUSES + l];
          const double change = (high[k * PERSONS + i] - low[k * PERSONS + i]) / 2e-6;
          assert(near(c - r * f_k, change, 1e-7));
          sum += c * HAZARD[j * CAUSES + l];
        }
        assert(near(r * slope[(k * CAUSES + l) * PERSONS + i], sum, 1e-14));
      }
    }
  }
}

static int stop(void *ctx) {
  return ++*(int *)ctx > 0;
}

/* Computes slopes without totals, totals without slopes, and totals with weights */
static void test_one_of_them(void) {
  const size_t at[] = {STEPS};
  enum { SLOPES = CAUSES * CAUSES * PERSONS, TOTALS = CAUSES * CAUSES * STEPS };
  double f[CAUSES * PERSONS], slope[SLOPES], total[TOTALS], one[SLOPES], sum[TOTALS];
  curves(HAZARD, RATIO, at, 1, f, slope, total);
  curves(HAZARD, RATIO, at, 1, f, one, NULL);
  assert(all_equal(one, slope, SLOPES));
  curves(HAZARD, RATIO, at, 1, f, NULL, sum);
  assert(all_equal(sum, total, TOTALS));
  const double weight[] = {2, 2, 2};
  const osv_cause_in in = {.n = PERSONS,
                           .n_cause = CAUSES,
                           .n_step = STEPS,
                           .n_at = 1,
                           .hazard = HAZARD,
                           .ratio = RATIO,
                           .at = at,
                           .weight = weight};
  const osv_cause_out out = {f, NULL, sum};
  double work[CAUSES * (CAUSES + 2)];
  assert(osv_cause_curves(&in, NULL, work, &out) == OSV_OK);
  for (size_t k = 0; k < TOTALS; k++) assert(near(sum[k], 2.0 * total[k], 1e-15));
}

static void test_interrupt(void) {
  enum { N = 200 };
  double *ratio = room(N * CAUSES, sizeof *ratio), *f = room(N * CAUSES, sizeof *f);
  double work[CAUSES * (CAUSES + 2)];
  const size_t at = STEPS;
  int asked = 0;
  const osv_poll poll = {stop, &asked};
  const osv_cause_in in = {.n = N,
                           .n_cause = CAUSES,
                           .n_step = STEPS,
                           .n_at = 1,
                           .hazard = HAZARD,
                           .ratio = ratio,
                           .at = &at};
  const osv_cause_out out = {.incidence = f};
  assert(osv_cause_curves(&in, &poll, work, &out) == OSV_EINTR && asked == 1);
  assert(osv_cause_curves(&in, &going, work, &out) == OSV_OK);
  free(ratio);
  free(f);
}

int main(void) {
  test_sum();
  test_derivatives();
  test_one_of_them();
  test_interrupt();
  return 0;
}
