/* Steps of a Cox model: by hand, and risk set by risk set. */
#include "cells_cox.h"

static void find_steps(const osv_cox_cells *cells, const double *gamma, cox_steps *s) {
  s->out = (osv_steps){s->end, s->time, s->d, s->a, s->b, s->tied, s->mean};
  double *work = room(osv_cox_steps_work(cells), sizeof *work);
  assert(osv_cox_steps(cells, gamma, NULL, work, &s->out, s->risk) == OSV_OK);
  free(work);
}

static void test_by_hand(void) {
  /* two of three die at 0, x = 0 and 1: at coefficient 0 Efron's hazard is 1/3 + 1/2 */
  cox_case c = {.x = {0, 1, 1},
                .weight = {1, 1, 1},
                .event = {1, 1, 0},
                .to = {0, 0, 1},
                .stratum_end = {2}};
  cell_case cell;
  cox_steps s;
  const double gamma = 0.0;
  finish_cox(&c, 3, 1, 2, 1, 1);
  cells_of(&c, &cell);
  assert(osv_cox_step_count(&cell.cells) == 1);
  find_steps(&cell.cells, &gamma, &s);
  assert(s.end[0] == 1 && s.time[0] == 0 && s.d[0] == 2.0 && s.risk[1] == 1.0);
  assert(near(s.a[0], 1.0 / 3 + 1.0 / 2, 1e-15) &&
         near(s.b[0], 1.0 / 9 + 1.0 / 4, 1e-15));
  assert(near(s.tied[0], 0.5 / 4, 1e-15));
  assert(near(s.mean[0], 2.0 / 9 + 1.5 / 4, 1e-15)); /* means 2/3 and 1.5/2, over 3, 2 */
  cell.cells.efron = 0;
  find_steps(&cell.cells, &gamma, &s);
  assert(near(s.a[0], 2.0 / 3, 1e-15) && s.tied[0] == 0.0);
  assert(near(s.mean[0], 2.0 * (2.0 / 3) / 3, 1e-15));
}

/* Checks hazard, variance and mean of one time, computed from its risk set */
static void expect_step(const cox_case *c, const double *gamma, const cox_steps *s,
                        size_t k, size_t low, size_t high) {
  const size_t n = c->rows.n, p = c->rows.p, t = (size_t)s->time[k];
  double a = 0.0, b = 0.0, mean[COX_COLUMNS] = {0}, top = -INFINITY, eta[COX_ROWS];
  for (size_t i = 0; i < n; i++) {
    eta[i] = 0.0;
    for (size_t j = 0; j < p; j++) eta[i] += gamma[j] * c->x[i * p + j];
    top = fmax(top, eta[i]);
  }
  for (double l = 0.0; l < s->d[k]; l += 1.0) {
    double total = 0.0, sum[COX_COLUMNS] = {0};
    for (size_t i = 0; i < n; i++) {
      if (c->from[i] > t || c->to[i] < t || c->to[i] < low || c->to[i] >= high) continue;
      const int dies = c->to[i] == t && c->event[i];
      const double w = c->weight[i] * exp(eta[i] - top) *
                       (dies && c->rows.efron ? 1.0 - l / s->d[k] : 1.0);
      total += w;
      for (size_t j = 0; j < p; j++) sum[j] += w * c->x[i * p + j];
    }
    a += 1.0 / total;
    b += 1.0 / total / total;
    for (size_t j = 0; j < p; j++) mean[j] += sum[j] / total / total;
  }
  assert(near(s->a[k], a, 1e-10) && near(s->b[k], b, 1e-10));
  for (size_t j = 0; j < p; j++) assert(near(s->mean[k * p + j], mean[j], 1e-9));
}

static void test_random(void) {
  uint64_t seed = 31;
  for (int round = 0; round < 500; round++) {
    cox_case c;
    cell_case cell;
    cox_steps s;
    double gamma[COX_COLUMNS];
    random_cox(&c, &seed);
    cells_of(&c, &cell);
    for (size_t a = 0; a < c.rows.p; a++) gamma[a] = 2.0 * (draw_unit(&seed) - 0.5);
    find_steps(&cell.cells, gamma, &s);
    size_t k = 0;
    for (size_t stratum = 0; stratum < c.rows.n_stratum; stratum++) {
      const size_t low = stratum ? c.stratum_end[stratum - 1] : 0;
      for (; k < s.end[stratum]; k++)
        expect_step(&c, gamma, &s, k, low, c.stratum_end[stratum]);
    }
    assert(k == osv_cox_step_count(&cell.cells));
    name_patterns(&cell);
    cox_steps again;
    find_steps(&cell.cells, gamma, &again);
    for (size_t j = 0; j < k; j++) assert(near(again.a[j], s.a[j], 1e-12));
  }
}

/* Rounding errors make a risk set useless after much larger rows were subtracted */
static void test_lost(void) {
  cell_case cell;
  cox_steps s;
  const double gamma[] = {40.0, 0.0}, more[] = {400.0, 0.0};
  delayed_cells(&cell);
  find_steps(&cell.cells, gamma, &s);
  assert(near(s.a[0], exp(40.0) / 3.0, 1e-12) && near(s.a[1], 0.5, 1e-12));
  s.out = (osv_steps){s.end, s.time, s.d, s.a, s.b, s.tied, s.mean};
  double *work = room(osv_cox_steps_work(&cell.cells), sizeof *work);
  assert(osv_cox_steps(&cell.cells, more, NULL, work, &s.out, s.risk) == OSV_EDOMAIN);
  free(work);
}

int main(void) {
  test_by_hand();
  test_lost();
  test_random();
  return 0;
}
