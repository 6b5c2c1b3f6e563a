/* The Cox fit: by hand, its score by a slow program, and coefficients without a maximum.
 * */
#include "cells_cox.h"

typedef struct {
  double gamma[COX_COLUMNS], variance[COX_COLUMNS * COX_COLUMNS], score[COX_COLUMNS];
  double loglik[2];
  int known[COX_COLUMNS], monotone[COX_COLUMNS];
} cox_result;

static osv_status fit_of(const osv_cox_cells *cells, const osv_poll *poll,
                         cox_result *got) {
  double *work = room(osv_cox_fit_work(cells), sizeof *work);
  osv_cox_fit_out out = {.gamma = got->gamma,
                         .variance = got->variance,
                         .score = got->score,
                         .loglik = got->loglik,
                         .known = got->known,
                         .monotone = got->monotone};
  const osv_status status = osv_cox_fit(cells, poll, work, &out);
  free(work);
  return status;
}

/* x = 0, 1, 0, 1 with events at times 0 .. 3: the ratio is (sqrt(17) - 1) / 8 */
static void test_by_hand(void) {
  cox_case c = {.x = {0, 1, 0, 1},
                .weight = {1, 1, 1, 1},
                .event = {1, 1, 1, 1},
                .to = {0, 1, 2, 3},
                .stratum_end = {4}};
  cell_case cell;
  finish_cox(&c, 4, 1, 4, 1, 1);
  cells_of(&c, &cell);
  cox_result got;
  assert(fit_of(&cell.cells, NULL, &got) == OSV_OK);
  const double r = (sqrt(17.0) - 1.0) / 8.0;
  assert(near(got.gamma[0], log(r), 1e-14));
  const double information =
      2 * r / ((1 + r) * (1 + r)) + 2 * r / ((1 + 2 * r) * (1 + 2 * r));
  assert(near(got.variance[0], 1.0 / information, 1e-9));
  assert(near(got.loglik[0], -log(24.0), 1e-14));
  c.event[1] = c.event[3] = 0; /* nobody with x = 1 has an event */
  cells_of(&c, &cell);
  assert(fit_of(&cell.cells, NULL, &got) == OSV_OK);
  assert(got.known[0] && got.monotone[0] && got.gamma[0] < -10.0);
}

static void test_random(void) {
  uint64_t seed = 9;
  int fitted = 0;
  for (int round = 0; round < 1000; round++) {
    cox_case c;
    cell_case cell;
    random_cox(&c, &seed);
    cells_of(&c, &cell);
    const size_t p = c.rows.p;
    cox_result got;
    assert(fit_of(&cell.cells, NULL, &got) == OSV_OK);
    double none[COX_COLUMNS * COX_COLUMNS] = {0};
    const cox_moments at = direct_cox(&c, got.gamma, none);
    assert(got.loglik[1] >= got.loglik[0]);
    int all = 1;
    for (size_t a = 0; a < p; a++) all &= got.known[a] && !got.monotone[a];
    fitted += all;
    for (size_t a = 0; all && a < p; a++)
      assert(fabs(at.score[a]) * sqrt(got.variance[a * p + a]) < 1e-9);
  }
  assert(fitted > 800);
}

/* Of equal columns the first is known; a constant column is not known */
static void test_unknown(void) {
  uint64_t seed = 3;
  cox_case c;
  cell_case cell;
  do random_cox(&c, &seed);
  while (c.rows.p < 3);
  for (size_t i = 0; i < c.rows.n; i++) {
    c.x[3 * i + 1] = 5.0;
    c.x[3 * i + 2] = 2.0 * c.x[3 * i] - 1.0;
  }
  cells_of(&c, &cell);
  cox_result got, alone;
  assert(fit_of(&cell.cells, NULL, &got) == OSV_OK);
  assert(got.known[0] && !got.known[1] && !got.known[2]);
  assert(got.gamma[1] == 0.0 && got.variance[4] == 0.0);
  cell.cells.p = 1;
  assert(fit_of(&cell.cells, NULL, &alone) == OSV_OK);
  assert(near(got.gamma[0], alone.gamma[0], 1e-12));
  assert(near(got.variance[0], alone.variance[0], 1e-10));
}

/* With the offset b x, the coefficient of x is less by b, also if the offsets differ so
 * much that the fit begins with a fraction of them. Without a maximum, and if offsets
 * leave nothing of the information, it ends too. */
static void test_offset(void) {
  uint64_t seed = 17;
  for (int round = 0; round < 300; round++) {
    cox_case c;
    cell_case cell;
    random_cox(&c, &seed);
    cells_of(&c, &cell);
    cox_result plain, got;
    assert(fit_of(&cell.cells, NULL, &plain) == OSV_OK);
    double offset[COX_ROWS];
    const double b = round % 3 == 0 ? 5.0 : round % 3 == 1 ? 70.0 : 1e5;
    for (size_t i = 0; i < c.rows.n; i++) offset[i] = b * cell.column[0][i];
    cell.cells.offset = offset;
    const osv_status status = fit_of(&cell.cells, NULL, &got);
    assert(status == OSV_OK || status == OSV_EDOMAIN);
    if (status != OSV_OK || !plain.known[0] || plain.monotone[0] || b > 100.0) continue;
    assert(near(got.gamma[0] + b, plain.gamma[0], 1e-7));
    assert(near(got.loglik[1], plain.loglik[1], 1e-9));
  }
}

/* A fit of enough cells to be interrupted */
static void test_interrupt(void) {
  enum { MANY = 70000 };
  double *x = room(MANY, sizeof *x), centre = 0.0, scale = 1.0;
  int *event = room(MANY, sizeof *event), *time = room(MANY, sizeof *time);
  uint64_t seed = 1;
  size_t end = MANY;
  for (int i = 0; i < MANY; i++) {
    x[i] = draw_unit(&seed);
    event[i] = 1;
    time[i] = i;
  }
  const double *const column[] = {x};
  const osv_cox_cells cells = {.n = MANY,
                               .p = 1,
                               .n_pattern = MANY,
                               .n_stratum = 1,
                               .x = column,
                               .centre = &centre,
                               .scale = &scale,
                               .event = event,
                               .time = time,
                               .stratum_end = &end};
  cox_result got;
  assert(fit_of(&cells, &stopping, &got) == OSV_EINTR);
  assert(fit_of(&cells, &going, &got) == OSV_OK);
  assert(fit_of(&cells, NULL, &got) == OSV_OK && fabs(got.gamma[0]) < 0.1);
  free(x);
  free(event);
  free(time);
}

int main(void) {
  test_by_hand();
  test_random();
  test_unknown();
  test_offset();
  test_interrupt();
  return 0;
}
