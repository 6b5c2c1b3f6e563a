/* cells_cox - the random rows of direct_cox.h as cells, one a row or counted by pattern.
 * */
#ifndef OSV_CELLS_COX_H
#define OSV_CELLS_COX_H

#include "direct_cox.h"

typedef struct {
  osv_cox_cells cells;
  double column[COX_COLUMNS][COX_ROWS], size[COX_ROWS], centre[COX_COLUMNS];
  double scale[COX_COLUMNS];
  const double *x[COX_COLUMNS];
  int pattern[COX_ROWS], event[COX_ROWS], time[COX_ROWS], start[COX_ROWS];
  int by_start[COX_ROWS];
  size_t stratum_end[COX_ROWS];
} cell_case;

/* Makes one cell of each row. Weights of events become 1, because in direct_cox.h only
 * the risk sets are weighted. */
static inline void cells_of(cox_case *c, cell_case *to) {
  const size_t n = c->rows.n, p = c->rows.p;
  for (size_t i = 0; i < n; i++) {
    if (c->event[i]) c->weight[i] = 1.0;
    to->size[i] = c->weight[i];
    to->event[i] = c->event[i];
    to->time[i] = (int)c->to[i];
    to->start[i] = (int)c->from[i] - 1;
    to->by_start[i] = (int)c->by_first[i];
    for (size_t a = 0; a < p; a++) to->column[a][i] = c->x[i * p + a];
  }
  for (size_t a = 0; a < p; a++) {
    to->x[a] = to->column[a];
    to->centre[a] = 0.0;
    to->scale[a] = 1.0;
  }
  for (size_t s = 0; s < c->rows.n_stratum; s++)
    to->stratum_end[s] = c->stratum_end[s] ? c->time_end[c->stratum_end[s] - 1] : 0;
  to->cells = (osv_cox_cells){.n = n,
                              .p = p,
                              .n_pattern = n,
                              .n_stratum = c->rows.n_stratum,
                              .x = to->x,
                              .centre = to->centre,
                              .scale = to->scale,
                              .size = to->size,
                              .event = to->event,
                              .time = to->time,
                              .start = c->rows.delayed ? to->start : NULL,
                              .by_start = c->rows.delayed ? to->by_start : NULL,
                              .stratum_end = to->stratum_end,
                              .efron = c->rows.efron};
}

/* Numbers the patterns in the opposite order of the cells */
static inline void name_patterns(cell_case *c) {
  const size_t n = c->cells.n;
  for (size_t a = 0; a < c->cells.p; a++)
    for (size_t i = 0; i < n / 2; i++) {
      const double kept = c->column[a][i];
      c->column[a][i] = c->column[a][n - 1 - i];
      c->column[a][n - 1 - i] = kept;
    }
  for (size_t i = 0; i < n; i++) c->pattern[i] = (int)(n - 1 - i);
  c->cells.pattern = c->pattern;
}

/* Memory for the result of osv_cox_steps() */
typedef struct {
  osv_steps out;
  size_t end[COX_ROWS];
  int time[COX_ROWS];
  double d[COX_ROWS], a[COX_ROWS], b[COX_ROWS], tied[COX_ROWS];
  double mean[COX_ROWS * COX_COLUMNS], risk[COX_ROWS];
} cox_steps;

/* Two rows with a relative hazard of e^gamma[0] enter after the first event and leave at
 * the second. They differ in the second covariate. Its information is 1/4, because at all
 * other times it is 0 for everybody at risk. */
static inline void delayed_cells(cell_case *to) {
  const double x0[] = {0, 0, 1, 1, 0}, x1[] = {0, 0, 0, 1, 0};
  const int event[] = {1, 1, 0, 0, 1}, time[] = {1, 2, 2, 2, 3},
            start[] = {0, 0, 1, 1, 0};
  const int by_start[] = {0, 1, 4, 2, 3};
  for (size_t i = 0; i < 5; i++) {
    to->column[0][i] = x0[i];
    to->column[1][i] = x1[i];
    to->event[i] = event[i];
    to->time[i] = time[i];
    to->start[i] = start[i];
    to->by_start[i] = by_start[i];
    to->pattern[i] = (int)i;
  }
  for (size_t a = 0; a < 2; a++) {
    to->x[a] = to->column[a];
    to->centre[a] = 0.0;
    to->scale[a] = 1.0;
  }
  to->stratum_end[0] = 5;
  to->cells = (osv_cox_cells){.n = 5,
                              .p = 2,
                              .n_pattern = 5,
                              .n_stratum = 1,
                              .x = to->x,
                              .centre = to->centre,
                              .scale = to->scale,
                              .event = to->event,
                              .time = to->time,
                              .start = to->start,
                              .by_start = to->by_start,
                              .stratum_end = to->stratum_end,
                              .efron = 1};
}

#endif
