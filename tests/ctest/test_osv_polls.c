/* Regressions of many rows or columns, stopped at their polls. */
#include "polls.h"

enum { ROWS = 90000, FEW = 600, P = 3, STRATA = 2, TIES = 2, COLUMNS = 260 };

/* Rows in two strata, two at each time; with delayed entry each row enters half-way */
typedef struct {
  size_t n;
  double column[P][ROWS], x[ROWS * P], one[P], zero[P], g[ROWS];
  const double *columns[P];
  int event[ROWS], status[ROWS], time[ROWS], start[ROWS], by_start[ROWS], term[P];
  size_t time_end[ROWS], stratum_time[STRATA], stratum_cell[STRATA];
  size_t first[ROWS], by_first[ROWS];
  osv_cox_cells cells;
  osv_finegray_rows rows;
} big;

static void fill(big *b, size_t n, int delayed) {
  uint64_t seed = 5;
  b->n = n;
  for (size_t i = 0; i < n; i++) {
    const size_t half = i * STRATA / n, low = half * (n / STRATA / TIES);
    const size_t t = i / TIES, late = delayed ? (t - low) / 2 : 0;
    for (size_t a = 0; a < P; a++)
      b->x[i * P + a] = b->column[a][i] = draw_unit(&seed) - 0.5;
    b->time[i] = (int)t;
    b->event[i] = draw(&seed) % 3 > 0;
    b->status[i] = (int)(draw(&seed) % 3);
    b->first[i] = low + late;
    b->start[i] = (int)(low + late) - 1;
    b->by_first[i] = i; /* `first` ascends */
    b->by_start[i] = (int)i;
    b->g[i] = (double)i / (double)n - 0.5;
    b->time_end[t] = i + 1;
  }
  for (size_t a = 0; a < P; a++) {
    b->columns[a] = b->column[a];
    b->one[a] = 1.0;
    b->zero[a] = 0.0;
    b->term[a] = a == 0 ? 1 : 2;
  }
  for (size_t s = 0; s < STRATA; s++) {
    b->stratum_cell[s] = (s + 1) * (n / STRATA);
    b->stratum_time[s] = b->stratum_cell[s] / TIES;
  }
  b->cells = (osv_cox_cells){.n = n,
                             .p = P,
                             .n_pattern = n,
                             .n_stratum = STRATA,
                             .x = b->columns,
                             .centre = b->zero,
                             .scale = b->one,
                             .event = b->event,
                             .time = b->time,
                             .start = delayed ? b->start : NULL,
                             .by_start = delayed ? b->by_start : NULL,
                             .stratum_end = b->stratum_cell,
                             .efron = 1};
  b->rows = (osv_finegray_rows){.n = n,
                                .p = P,
                                .n_stratum = STRATA,
                                .x = b->x,
                                .status = b->status,
                                .time_end = b->time_end,
                                .stratum_end = b->stratum_time,
                                .first_time = delayed ? b->first : NULL,
                                .by_first = delayed ? b->by_first : NULL,
                                .efron = 1};
}

static const double gamma_of[P] = {0.5, -0.25, 0.125};
static const double inverse_of[P * P] = {1, 0, 0, 0, 1, 0, 0, 0, 1};

static osv_status cox_fit(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double gamma[P], variance[P * P], score[P], loglik[2];
  int known[P], monotone[P];
  osv_cox_fit_out out = {gamma, variance, score, loglik, known, monotone, 0};
  double *work = room(osv_cox_fit_work(&b->cells), sizeof *work);
  const osv_status status = osv_cox_fit(&b->cells, poll, work, &out);
  free(work);
  return status;
}

static osv_status cox_firth(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double of[5][P], variance[P * P];
  const osv_firth_out out = {of[0], of[1], of[2], of[3], of[4], variance};
  double *work = room(osv_cox_firth_work(&b->cells), sizeof *work);
  const osv_status status = osv_cox_firth(&b->cells, 3.84, poll, work, &out);
  free(work);
  return status;
}

static osv_status cox_ph(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double statistic[3], df[3];
  const osv_cox_ph_out out = {statistic, df};
  double *work = room(osv_cox_ph_work(&b->cells), sizeof *work);
  const osv_status status =
      osv_cox_ph(&b->cells, gamma_of, b->g, b->term, 2, poll, work, &out);
  if (status == OSV_OK)
    assert(df[0] == 1.0 && df[1] == 2.0 && df[2] == 3.0 && statistic[2] > 0.0);
  free(work);
  return status;
}

static osv_status cox_residuals(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double *const kept = room(ROWS * (2 * P + 1), sizeof *kept), *const score = kept + ROWS;
  const osv_cox_residuals_out out = {kept, score, NULL, score + ROWS * P};
  double *work = room(osv_cox_residuals_work(&b->cells), sizeof *work);
  const osv_status status =
      osv_cox_residuals(&b->cells, b->n, gamma_of, poll, work, &out);
  double sum = 0.0;
  for (size_t i = 0; i < b->n; i++) sum += kept[i];
  if (status == OSV_OK) assert(near(sum, 0.0, 1e-7)); /* martingale residuals */
  free(work);
  free(kept);
  return status;
}

static osv_status cox_steps(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double *const of = room(ROWS * (P + 5), sizeof *of);
  int *const time = room(ROWS, sizeof *time);
  size_t end[STRATA];
  const osv_steps out = {end,           time,          of,           of + ROWS,
                         of + 2 * ROWS, of + 3 * ROWS, of + 5 * ROWS};
  double *work = room(osv_cox_steps_work(&b->cells), sizeof *work);
  const osv_status status =
      osv_cox_steps(&b->cells, gamma_of, poll, work, &out, of + 4 * ROWS);
  if (status == OSV_OK) assert(end[STRATA - 1] == osv_cox_step_count(&b->cells));
  free(work);
  free(time);
  free(of);
  return status;
}

static osv_status cox_slope(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double slope[P];
  double *work = room(osv_cox_slope_work(&b->cells), sizeof *work);
  const osv_status status =
      osv_cox_slope(&b->cells, gamma_of, inverse_of, poll, work, slope);
  free(work);
  return status;
}

static osv_status finegray_fit(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double beta[P], information[P * P], loglik[2];
  int identified[P], monotone[P];
  const osv_finegray_out out = {beta, information, loglik, identified, monotone};
  double *work = room(osv_finegray_work(&b->rows), sizeof *work);
  double *scratch = room(osv_finegray_fit_work(P), sizeof *scratch);
  osv_finegray model = osv_finegray_start(&b->rows, poll, work);
  const osv_status status = osv_finegray_fit(&model, scratch, &out);
  free(scratch);
  free(work);
  return status;
}

static osv_status finegray_firth(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double of[5][P], variance[P * P];
  const osv_firth_out out = {of[0], of[1], of[2], of[3], of[4], variance};
  double *work = room(osv_finegray_work(&b->rows), sizeof *work);
  double *scratch = room(osv_finegray_firth_work(&b->rows), sizeof *scratch);
  osv_finegray model = osv_finegray_start(&b->rows, poll, work);
  const osv_status status = osv_finegray_firth(&model, 3.84, scratch, &out);
  free(scratch);
  free(work);
  return status;
}

/* Computes everything that is defined for a model at given coefficients */
static osv_status finegray_sums(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double loglik, score[P], information[P * P], slope[P];
  double *const kept = room(ROWS * (P + 1), sizeof *kept);
  double *work = room(osv_finegray_work(&b->rows), sizeof *work);
  double *scratch = room(osv_finegray_scores_work(&b->rows), sizeof *scratch);
  osv_finegray model = osv_finegray_start(&b->rows, poll, work);
  const osv_finegray_sums sums = {.of_weights = 1, .score = kept};
  const osv_finegray_sums traces = {.inverse = inverse_of, .slope = slope};
  osv_status status = osv_finegray_moments(&model, gamma_of, &loglik, score);
  if (status == OSV_OK)
    status = osv_finegray_information(&model, NULL, information, NULL);
  if (status == OSV_OK) status = osv_finegray_scores(&model, &sums, scratch);
  if (status == OSV_OK) status = osv_finegray_scores(&model, &traces, scratch);
  if (status == OSV_OK) status = osv_finegray_trend(&model, b->g, score);
  if (status == OSV_OK) status = osv_finegray_residuals(&model, kept, kept + ROWS);
  free(scratch);
  free(work);
  free(kept);
  return status;
}

static osv_status finegray_steps(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  double loglik, score[P];
  double *const of = room(ROWS * (P + 8), sizeof *of);
  int *const time = room(ROWS, sizeof *time);
  size_t end[STRATA], *const at = room(3 * ROWS, sizeof *at);
  double *work = room(osv_finegray_work(&b->rows), sizeof *work);
  osv_finegray model = osv_finegray_start(&b->rows, poll, work);
  const osv_steps out = {end,           time,          of,           of + ROWS,
                         of + 2 * ROWS, of + 3 * ROWS, of + 8 * ROWS};
  const osv_finegray_paths_out paths = {
      at,           at + ROWS, at + 2 * ROWS, of + 4 * ROWS, of + 5 * ROWS, of + 6 * ROWS,
      of + 7 * ROWS};
  osv_status status = osv_finegray_moments(&model, gamma_of, &loglik, score);
  if (status == OSV_OK) status = osv_finegray_steps(&model, &out);
  if (status == OSV_OK) status = osv_finegray_paths(&model, &out, 1, &paths);
  free(work);
  free(at);
  free(time);
  free(of);
  return status;
}

/* Many columns: polls also in the work on matrices */
static osv_status wide_fit(void *ctx, const osv_poll *poll) {
  const big *const b = ctx;
  osv_cox_cells cells = b->cells;
  static double gamma[COLUMNS], variance[COLUMNS * COLUMNS], score[COLUMNS], loglik[2];
  static double one[COLUMNS], zero[COLUMNS];
  static const double *columns[COLUMNS];
  static int known[COLUMNS], monotone[COLUMNS];
  for (size_t a = 0; a < COLUMNS; a++) {
    columns[a] = b->x + a * FEW;
    one[a] = 1.0;
  }
  cells.p = COLUMNS;
  cells.x = columns;
  cells.centre = zero;
  cells.scale = one;
  osv_cox_fit_out out = {gamma, variance, score, loglik, known, monotone, 0};
  double *work = room(osv_cox_fit_work(&cells), sizeof *work);
  const osv_status status = osv_cox_fit(&cells, poll, work, &out);
  for (size_t a = 0; status == OSV_OK && a < COLUMNS; a++)
    assert(known[a] && fabs(score[a]) < 1e-6);
  free(work);
  return status;
}

int main(void) {
  big *const b = room(1, sizeof *b);
  for (int delayed = 0; delayed < 2; delayed++) {
    fill(b, ROWS, delayed);
    stop_at_polls(cox_fit, b);
    stop_at_polls(cox_ph, b);
    stop_at_polls(cox_residuals, b);
    stop_at_polls(cox_steps, b);
    stop_at_polls(cox_slope, b);
    stop_at_polls(finegray_fit, b);
    stop_at_polls(finegray_sums, b);
    stop_at_polls(finegray_steps, b);
  }
  fill(b, FEW, 0);
  uint64_t seed = 6;
  for (size_t i = 0; i < COLUMNS * FEW; i++) b->x[i] = draw_unit(&seed) - 0.5;
  stop_at_polls(wide_fit, b);
  stop_at_polls(cox_firth, b);
  stop_at_polls(finegray_firth, b);
  free(b);
  return 0;
}
