/* Sums of a Cox model from cells, against a program that scans every risk set. */
#include "cells_cox.h"

typedef struct {
  double loglik, score[COX_COLUMNS], information[3 * COX_COLUMNS * COX_COLUMNS];
  double raw[COX_COLUMNS], score_g[COX_COLUMNS];
} cox_sums;

static osv_status sums_of(const osv_cox_cells *cells, const double *gamma,
                          const double *g, const osv_poll *poll, cox_sums *got) {
  double *work = room(osv_cox_sums_work(cells, g != NULL), sizeof *work);
  const osv_cox_sums_out out = {g,        &got->loglik, got->score, got->information,
                                got->raw, got->score_g};
  const osv_status status = osv_cox_sums(cells, gamma, poll, work, &out);
  free(work);
  return status;
}

static void compare(const cox_sums *got, const cox_moments *want, size_t p) {
  assert(near(got->loglik, want->loglik, 1e-11));
  for (size_t a = 0; a < p; a++) {
    assert(near(got->score[a], want->score[a], 1e-11));
    for (size_t b = 0; b < p; b++)
      assert(near(got->information[a * p + b], want->information[a * p + b], 1e-11));
  }
}

static void test_random(void) {
  uint64_t seed = 5;
  for (int round = 0; round < 3000; round++) {
    cox_case c;
    cell_case cell;
    random_cox(&c, &seed);
    cells_of(&c, &cell);
    const size_t p = c.rows.p;
    double gamma[COX_COLUMNS], none[COX_COLUMNS * COX_COLUMNS] = {0}, g[COX_ROWS];
    for (size_t a = 0; a < p; a++) gamma[a] = 4.0 * (draw_unit(&seed) - 0.5);
    for (size_t t = 0; t < COX_ROWS; t++) g[t] = 2.0;
    const cox_moments want = direct_cox(&c, gamma, none);
    cox_sums got;
    assert(sums_of(&cell.cells, gamma, NULL, NULL, &got) == OSV_OK);
    compare(&got, &want, p);
    /* a part of the linear predictor may be given as an offset */
    double offset[COX_ROWS], rest[COX_COLUMNS];
    for (size_t a = 0; a < p; a++) rest[a] = a ? gamma[a] : 0.0;
    for (size_t i = 0; i < cell.cells.n; i++) offset[i] = gamma[0] * cell.column[0][i];
    cell.cells.offset = offset;
    assert(sums_of(&cell.cells, rest, NULL, NULL, &got) == OSV_OK);
    compare(&got, &want, p);
    cell.cells.offset = NULL;
    if (round % 2) name_patterns(&cell);
    assert(sums_of(&cell.cells, gamma, g, NULL, &got) == OSV_OK);
    compare(&got, &want, p);
    for (size_t a = 0; a < p; a++) { /* a constant g multiplies the sums */
      assert(near(got.score_g[a], 2.0 * want.score[a], 1e-10));
      assert(near(got.information[2 * p * p + a * p], 4.0 * want.information[a], 1e-10) ||
             p > 1);
    }
  }
}

/* Two equal rows are one cell of size 2 */
static void test_counts(void) {
  const double x[] = {0.3, 1.0}, gamma = 0.7, centre = 0.5, scale = 2.0;
  const double *const column[] = {x};
  const int pattern[] = {0, 1, 0, 1, 0, 1}, event[] = {1, 1, 0, 1, 1, 0};
  const int time[] = {1, 1, 1, 2, 3, 3};
  const double size[] = {2, 3, 1, 2, 1, 2};
  int long_pattern[11], long_event[11], long_time[11];
  size_t n = 0;
  for (size_t i = 0; i < 6; i++)
    for (double k = 0; k < size[i]; k++, n++) {
      long_pattern[n] = pattern[i];
      long_event[n] = event[i];
      long_time[n] = time[i];
    }
  for (int efron = 0; efron < 2; efron++) {
    size_t end = 6, long_end = n;
    osv_cox_cells cells = {.n = 6,
                           .p = 1,
                           .n_pattern = 2,
                           .n_stratum = 1,
                           .x = column,
                           .centre = &centre,
                           .scale = &scale,
                           .pattern = pattern,
                           .size = size,
                           .event = event,
                           .time = time,
                           .stratum_end = &end,
                           .efron = efron};
    cox_sums counts, rows;
    sums_of(&cells, &gamma, NULL, NULL, &counts);
    cells.n = n;
    cells.pattern = long_pattern;
    cells.size = NULL;
    cells.event = long_event;
    cells.time = long_time;
    cells.stratum_end = &long_end;
    sums_of(&cells, &gamma, NULL, NULL, &rows);
    assert(near(counts.loglik, rows.loglik, 1e-14));
    assert(near(counts.score[0], rows.score[0], 1e-14));
    assert(near(counts.information[0], rows.information[0], 1e-14));
  }
}

/* The hazard of a row between its entry and its exit is small compared with the
 * cumulative hazard */
static void test_delayed_entry(void) {
  cell_case cell;
  cox_sums got;
  const double gamma[] = {40.0, 0.0}, more[] = {400.0, 0.0};
  delayed_cells(&cell);
  assert(sums_of(&cell.cells, gamma, NULL, NULL, &got) == OSV_OK);
  assert(near(got.information[3], 0.25, 1e-12) && fabs(got.information[0]) < 1e-12);
  assert(sums_of(&cell.cells, more, NULL, NULL, &got) == OSV_OK); /* recomputed */
  assert(near(got.information[3], 0.25, 1e-12) && fabs(got.information[0]) < 1e-12);
  cell.cells.pattern = cell.pattern; /* with counts no digits are lost */
  assert(sums_of(&cell.cells, gamma, NULL, NULL, &got) == OSV_OK);
  assert(near(got.information[3], 0.25, 1e-12) && fabs(got.information[0]) < 1e-12);
  assert(sums_of(&cell.cells, more, NULL, NULL, &got) == OSV_OK);
  assert(near(got.information[3], 0.25, 1e-12) && fabs(got.information[0]) < 1e-12);
}

/* All algorithms give the same sums: one scan, and a backward and a forward scan */
static void test_ways(void) {
  enum { ROWS = 60, MORE = 2 };
  uint64_t seed = 11;
  double x[MORE][ROWS], centre[MORE] = {0}, scale[MORE], gamma[MORE] = {0}, g[ROWS];
  const double *column[MORE];
  int pattern[ROWS], event[ROWS], time[ROWS];
  size_t end[2] = {25, ROWS};
  for (size_t a = 0; a < MORE; a++) {
    column[a] = x[a];
    scale[a] = 1.0;
    gamma[a] = draw_unit(&seed);
  }
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t a = 0; a < MORE; a++) x[a][i] = draw_unit(&seed);
    pattern[i] = (int)i;
    event[i] = draw_unit(&seed) < 0.6;
    time[i] = (int)(i < 25 ? i / 3 : (i - 25) / 2);
    g[i] = 0.1 * (double)i;
  }
  for (int round = 0; round < 4; round++) {
    osv_cox_cells cells = {.n = ROWS,
                           .p = 2,
                           .n_pattern = ROWS,
                           .n_stratum = 2,
                           .x = column,
                           .centre = centre,
                           .scale = scale,
                           .event = event,
                           .time = time,
                           .stratum_end = end,
                           .efron = round % 2};
    const double by = round < 2 ? 1.0 : 400.0; /* with 400 each time needs its own unit */
    double far[MORE] = {by * gamma[0], by * gamma[1]};
    cox_sums few, general;
    assert(sums_of(&cells, far, g, NULL, &few) == OSV_OK); /* few columns: one scan of
                                                            * rows */
    cells.pattern = pattern; /* too many patterns: backward and forward scans */
    assert(sums_of(&cells, far, g, NULL, &general) == OSV_OK);
    assert(near(few.loglik, general.loglik, 1e-12));
    for (size_t k = 0; k < 12; k++)
      assert(fabs(few.information[k] - general.information[k]) <
             1e-11 * (1.0 + fabs(general.information[k])));
    for (size_t a = 0; a < 2; a++) {
      assert(near(few.raw[a], general.raw[a], 1e-11));
      assert(fabs(few.score[a] - general.score[a]) < 1e-10);
      assert(fabs(few.score_g[a] - general.score_g[a]) < 1e-10);
    }
  }
}

static void test_nothing(void) {
  const osv_cox_cells none = {.n = 0};
  cox_sums got;
  assert(sums_of(&none, NULL, NULL, NULL, &got) == OSV_OK && got.loglik == 0.0);
}

int main(void) {
  test_random();
  test_counts();
  test_delayed_entry();
  test_ways();
  test_nothing();
  return 0;
}
