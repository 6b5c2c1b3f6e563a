/* The three algorithms of osv_cox_sums() give the same sums: by row for each number of
 * covariates, by pattern, and by a backward and a forward scan. */
#include "check.h"

enum { ROWS = 120, MOST = 9, PATTERNS = 5, TIMES = 12, LONG = 40000 };

typedef struct {
  osv_cox_cells cells;
  double column[MOST][ROWS], value[MOST][PATTERNS], size[ROWS], g[ROWS];
  double centre[MOST], scale[MOST], gamma[MOST], offset[ROWS];
  const double *by_row[MOST], *by_pattern[MOST];
  int pattern[ROWS], own[ROWS], event[ROWS], time[ROWS], start[ROWS], by_start[ROWS];
  size_t stratum_end[2];
} rows;

typedef struct {
  double loglik, score[MOST], score_g[MOST], raw[MOST], information[3 * MOST * MOST];
} sums;

static osv_status sums_of(const rows *x, const double *g, const osv_poll *poll,
                          sums *got) {
  double *work = room(osv_cox_sums_work(&x->cells, g != NULL), sizeof *work);
  const osv_cox_sums_out out = {g,        &got->loglik, got->score, got->information,
                                got->raw, got->score_g};
  const osv_status status = osv_cox_sums(&x->cells, x->gamma, poll, work, &out);
  free(work);
  return status;
}

/* Rows in two strata with the covariates of PATTERNS patterns. With `late`, every second
 * row enters after the first time. */
static void make_rows(rows *x, size_t p, int late, int tied, double by, uint64_t *seed) {
  *x = (rows){.stratum_end = {ROWS / 2, ROWS}};
  for (size_t a = 0; a < p; a++) {
    x->scale[a] = 1.0;
    x->gamma[a] = by * (draw_unit(seed) - 0.5);
    for (size_t k = 0; k < PATTERNS; k++) x->value[a][k] = draw_unit(seed) - 0.5;
    x->by_row[a] = x->column[a];
    x->by_pattern[a] = x->value[a];
  }
  for (size_t i = 0; i < ROWS; i++) {
    const size_t place = i % (ROWS / 2);
    x->time[i] = 1 + (int)(tied ? place / 5 : place);
    x->event[i] = draw_unit(seed) < 0.6;
    x->size[i] = 1.0 + (double)(draw(seed) % 3);
    x->pattern[i] = (int)(draw(seed) % PATTERNS);
    x->own[i] = (int)i;
    for (size_t a = 0; a < p; a++) x->column[a][i] = x->value[a][x->pattern[i]];
    x->start[i] = late && i % 2 ? (int)(draw(seed) % (unsigned)x->time[i]) : 0;
    x->g[i] = 0.1 * (double)i;
  }
  size_t at = 0;
  for (size_t s = 0; s < 2; s++)
    for (int t = 0; t < ROWS; t++)
      for (size_t i = s * ROWS / 2; i < x->stratum_end[s]; i++)
        if (x->start[i] == t) x->by_start[at++] = (int)i;
  x->cells = (osv_cox_cells){.n = ROWS,
                             .p = p,
                             .n_pattern = ROWS,
                             .n_stratum = 2,
                             .x = x->by_row,
                             .centre = x->centre,
                             .scale = x->scale,
                             .size = x->size,
                             .event = x->event,
                             .time = x->time,
                             .start = late ? x->start : NULL,
                             .by_start = late ? x->by_start : NULL,
                             .stratum_end = x->stratum_end};
}

static void use_patterns(rows *x) {
  x->cells.x = x->by_pattern;
  x->cells.pattern = x->pattern;
  x->cells.n_pattern = PATTERNS;
}

/* Each row is a pattern of its own: too many for the algorithm by pattern */
static void use_scans(rows *x) {
  x->cells.x = x->by_row;
  x->cells.pattern = x->own;
  x->cells.n_pattern = ROWS;
}

static int alike(double a, double b) {
  return fabs(a - b) <= 1e-10 * (1.0 + fabs(b));
}

static void compare(const sums *got, const sums *want, size_t p, int with_g) {
  assert(alike(got->loglik, want->loglik));
  for (size_t a = 0; a < p; a++) {
    assert(alike(got->score[a], want->score[a]) && alike(got->raw[a], want->raw[a]));
    assert(!with_g || alike(got->score_g[a], want->score_g[a]));
  }
  for (size_t k = 0; k < (with_g ? 3 : 1) * p * p; k++)
    assert(alike(got->information[k], want->information[k]));
}

/* Compares a way, by row or by pattern, with the two scans. kind: bits for Efron's rule,
 * sampling weights (by pattern: delayed entry instead of them in half of the cases), a
 * function g, linear predictors so far apart that each time needs its own unit, and tied
 * times */
static void compare_ways(size_t p, int kind, int patterns, uint64_t *seed) {
  rows x;
  sums way, scans;
  const int late = patterns && (kind & 2), far = kind & 8;
  make_rows(&x, p, late, patterns || (kind & 16), far ? (late ? 30.0 : 900.0) : 2.0,
            seed);
  x.cells.efron = kind & 1;
  x.cells.sampled = !late && (kind & (patterns ? 16 : 2)) > 0;
  const double *const g = kind & 4 ? x.g : NULL;
  if (patterns) use_patterns(&x);
  assert(sums_of(&x, g, NULL, &way) == OSV_OK);
  use_scans(&x);
  assert(sums_of(&x, g, NULL, &scans) == OSV_OK);
  compare(&way, &scans, p, g != NULL);
}

static void test_ways(void) {
  uint64_t seed = 21;
  for (size_t p = 1; p <= MOST; p++)
    for (int kind = 0; kind < 64; kind++) compare_ways(p, kind / 2, kind % 2, &seed);
}

/* A time at which all subjects at risk have the weight 0 */
static void test_lost(void) {
  uint64_t seed = 23;
  for (size_t p = 1; p <= MOST; p++) {
    rows x;
    sums got;
    make_rows(&x, p, 0, 1, 2.0, &seed);
    x.cells.sampled = 1;
    for (size_t i = ROWS - 5; i < ROWS; i++) {
      x.size[i] = 0.0;
      x.event[i] = 1;
    }
    assert(sums_of(&x, NULL, NULL, &got) == OSV_EDOMAIN);
    use_patterns(&x);
    assert(sums_of(&x, NULL, NULL, &got) == OSV_EDOMAIN);
    use_scans(&x);
    assert(sums_of(&x, NULL, NULL, &got) == OSV_EDOMAIN);
  }
}

/* Enough rows to be interrupted, with and without events */
static void test_interrupt(void) {
  double *const value = room(LONG, sizeof *value);
  int *const code = room(4 * LONG, sizeof *code);
  size_t end = LONG;
  const double *column[MOST];
  double centre[MOST] = {0}, scale[MOST] = {0};
  for (size_t a = 0; a < MOST; a++) column[a] = value;
  for (size_t i = 0; i < LONG; i++) {
    value[i] = (double)(i % 2);
    code[i] = (int)i % 2;            /* pattern */
    code[LONG + i] = i % 3 == 0;     /* event */
    code[2 * LONG + i] = (int)i / 9; /* time */
    code[3 * LONG + i] = 0;
  }
  for (size_t p = 1; p <= MOST; p++)
    for (int kind = 0; kind < 4; kind++) {
      rows x = {0};
      sums got;
      x.cells = (osv_cox_cells){.n = LONG,
                                .p = p,
                                .n_pattern = kind % 2 ? 2 : LONG,
                                .n_stratum = 1,
                                .x = column,
                                .centre = centre,
                                .scale = scale,
                                .pattern = kind % 2 ? code : NULL,
                                .event = code + (kind < 2 ? LONG : 3 * LONG),
                                .time = code + 2 * LONG,
                                .stratum_end = &end,
                                .efron = 1};
      assert(sums_of(&x, NULL, &stopping, &got) == OSV_EINTR);
      assert(sums_of(&x, NULL, &going, &got) == OSV_OK);
    }
  free(value);
  free(code);
}

/* 1, 2, 3 have mean 2 and variance 2/3 */
static void test_scaling(void) {
  double centre, scale;
  const double few[] = {1.0, 3.0, 2.0}, many[] = {1.0, 2.0, 3.0, 3.0, 2.0, 1.0};
  const double same[] = {7.0, 7.0, 7.0, 7.0, 7.0}, large[] = {1e300, -1e300, 1e300};
  osv_cox_scaling(few, 3, &centre, &scale);
  assert(near(centre, 2.0, 1e-15) && near(scale, sqrt(1.5), 1e-15));
  osv_cox_scaling(many, 6, &centre, &scale);
  assert(near(centre, 2.0, 1e-15) && near(scale, sqrt(1.5), 1e-15));
  osv_cox_scaling(same, 5, &centre, &scale);
  assert(centre == 7.0 && scale == 1.0);
  osv_cox_scaling(large, 3, &centre, &scale);
  assert(near(centre, 1e300 / 3.0, 1e-14) &&
         near(scale, 1e-300 / sqrt(8.0 / 9.0), 1e-14));
  osv_cox_scaling(few, 0, &centre, &scale);
  assert(centre == 0.0 && scale == 1.0);
  osv_cox_scaling(same, 1, &centre, &scale);
  assert(centre == 7.0 && scale == 1.0);
}

int main(void) {
  test_ways();
  test_lost();
  test_interrupt();
  test_scaling();
  return 0;
}
