/* r_finegray - glue of the kernels of Fine-Gray regression. */
#include "r_api.h"

#include <math.h>

enum {
  BETA,
  LOGLIK,
  INFORMATION,
  IDENTIFIED,
  MONOTONE,
  SCALE,
  MEAT,
  TREND,
  TREND_ONCE,
  TREND_TWICE,
  SCORE
};
static r_words names = {
    {"beta", "loglik", "information", "identified", "monotone", "scale", "meat", "trend",
     "trend_once", "trend_twice", "score", NULL},
    NULL};

static const char *const object = "hazard_ratio";

/* The entries of the rows: NULL, or positions of first_time at which each row is first at
 * risk, and by_first, which orders the rows by it */
static void read_entries(const r_parts *parts, osv_finegray_rows *rows) {
  if (Rf_isNull(r_part(parts, "first_time"))) {
    r_check_part(parts, Rf_isNull(r_part(parts, "by_first")), "first_time");
    return;
  }
  const R_xlen_t n = (R_xlen_t)rows->n;
  const size_t n_time = osv_finegray_times(rows);
  rows->first_time = r_part_sizes(parts, "first_time", n, 0, n_time);
  rows->by_first = r_part_sizes(parts, "by_first", n, 0, rows->n);
  int bad = 0;
  for (size_t i = 0; i < rows->n && !bad; i++) {
    bad = rows->by_first[i] >= rows->n;
    if (bad || i == 0) continue;
    const size_t last = rows->by_first[i - 1], now = rows->by_first[i];
    const size_t before = rows->first_time[last], at = rows->first_time[now];
    bad = before > at || (before == at && last >= now); /* so no row is there twice */
  }
  r_check_part(parts, !bad, "by_first");
}

/* Reads the rows of a Fine-Gray model from the sorted list rows_, which hazard_ratio()
 * keeps in its value: status integer[n]; time_end, stratum_end, first_time, by_first
 * whole numbers, 0-based; count and offset double[n] or NULL; sampled and efron logical.
 * The covariates x double[., p] are in the order of the data; order integer[n] sorts
 * them. */
static osv_finegray_rows read_rows(SEXP rows_) {
  const r_parts parts = {rows_, object};
  SEXP x_ = r_part(&parts, "x");
  r_check_part(&parts, TYPEOF(x_) == REALSXP && Rf_isMatrix(x_), "x");
  const R_xlen_t n = Rf_xlength(r_part(&parts, "status"));
  osv_finegray_rows rows = {.n = (size_t)n, .p = (size_t)Rf_ncols(x_)};
  rows.status = r_part_codes(&parts, "status", n, 0, 2, 0);
  r_part_codes(&parts, "order", n, 1, (size_t)Rf_nrows(x_), 0);
  size_t n_time;
  rows.time_end = r_part_ends(&parts, "time_end", rows.n, 1, &n_time);
  rows.stratum_end = r_part_ends(&parts, "stratum_end", n_time, 1, &rows.n_stratum);
  r_check_part(&parts, rows.n_stratum > 0, "stratum_end");
  rows.count = r_part_weights(&parts, "count", n);
  rows.offset = r_part_doubles(&parts, "offset", n, 1);
  rows.sampled = r_part_flag(&parts, "sampled");
  r_check_part(&parts, rows.count || !rows.sampled, "count");
  rows.efron = r_part_flag(&parts, "efron");
  read_entries(&parts, &rows);
  return rows;
}

/* How the scores are summed: of variance_, a list of of_weights, logical; unit
 * integer[n], from 1, or NULL: each row is a unit; n_unit, their number */
typedef struct {
  int of_weights;
  const size_t *unit;
  size_t n_unit;
} units;

static units read_units(SEXP variance_, size_t n) {
  const r_parts parts = {variance_, object};
  units x = {.of_weights = r_part_flag(&parts, "of_weights"), .n_unit = n};
  if (Rf_isNull(r_part(&parts, "unit"))) return x;
  x.n_unit = (size_t)r_part_number(&parts, "n_unit", 0.0, INT_MAX);
  x.unit = r_part_sizes(&parts, "unit", (R_xlen_t)n, 1, x.n_unit);
  return x;
}

/* The coefficients beta_ [p] in units of the scaled covariates */
static const double *scaled(SEXP beta_, const double *scale, size_t p) {
  if (TYPEOF(beta_) != REALSXP || (size_t)Rf_xlength(beta_) != p)
    r_stop_changed(object, "beta");
  double *const beta = r_scratch(p);
  for (size_t a = 0; a < p; a++) beta[a] = REAL_RO(beta_)[a] * scale[a];
  return beta;
}

/* Centres and scales the covariates for the kernels; their scales are part of the
 * result */
static osv_status centre(SEXP rows_, osv_finegray_rows *rows, const osv_poll *poll,
                         double *scale) {
  size_t *row_end = (size_t *)R_alloc(rows->n_stratum, sizeof *row_end);
  for (size_t s = 0; s < rows->n_stratum; s++)
    row_end[s] = rows->time_end[rows->stratum_end[s] - 1];
  const osv_centre_in in = {rows->n,
                            rows->p,
                            rows->n_stratum,
                            (size_t)Rf_nrows(r_element(rows_, "x")),
                            REAL_RO(r_element(rows_, "x")),
                            INTEGER_RO(r_element(rows_, "order")),
                            row_end};
  double *const x = r_scratch(rows->n * rows->p);
  rows->x = x;
  return osv_centre(&in, poll, x, scale, r_scratch(osv_centre_work(rows->n_stratum)));
}

/* The model of rows_, whose covariates are centred and divided by `scale` [p] */
static osv_finegray open_model(SEXP rows_, osv_finegray_rows *rows, const osv_poll *poll,
                               double *scale) {
  const osv_status status = centre(rows_, rows, poll, scale);
  if (status != OSV_OK) r_abort_status(status);
  return osv_finegray_start(rows, poll, r_scratch(osv_finegray_work(rows)));
}

/* The sum of squares of scores, by unit if there are units. Without units, only rows with
 * delayed entry need a stored score for each row. */
static osv_status sum_squares(osv_finegray *s, const units *units, double *meat) {
  const size_t p = s->rows->p, *unit = units->unit, n = units->n_unit;
  osv_finegray_sums sums = {.of_weights = units->of_weights, .unit = unit};
  double *const work = r_scratch(osv_finegray_scores_work(s->rows));
  if (!unit && !s->rows->first_time) {
    sums.meat = meat;
    return osv_finegray_scores(s, &sums, work);
  }
  sums.score = r_scratch(n * p);
  for (size_t k = 0; k < n * p; k++) sums.score[k] = 0.0;
  const osv_status status = osv_finegray_scores(s, &sums, work);
  osv_cross cross = osv_cross_start(p, meat, s->work);
  for (size_t i = 0; i < n; i++)
    osv_cross_add(&cross, sums.score + i * p,
                  unit || !s->rows->count ? 1.0 : s->rows->count[i]);
  osv_cross_end(&cross);
  return status;
}

/* Stores the score [p] of one subject of each row */
static osv_status keep_scores(osv_finegray *s, int of_weights, double *score) {
  const osv_finegray_sums sums = {.of_weights = of_weights, .score = score};
  for (size_t k = 0; k < s->rows->n * s->rows->p; k++) score[k] = 0.0;
  return osv_finegray_scores(s, &sums, r_scratch(osv_finegray_scores_work(s->rows)));
}

/* Score and information of a trend with time */
static osv_status find_trend(osv_finegray *s, SEXP trend_, SEXP ans) {
  const R_xlen_t p = (R_xlen_t)s->rows->p;
  if (TYPEOF(trend_) != REALSXP || (size_t)Rf_xlength(trend_) != s->n_time)
    r_stop_changed(object, "time");
  const double *const once = REAL_RO(trend_);
  double *const twice = r_scratch(s->n_time);
  for (size_t t = 0; t < s->n_time; t++) twice[t] = once[t] * once[t];
  osv_status status = osv_finegray_trend(s, once, r_new_column(ans, TREND, p));
  if (status == OSV_OK)
    status =
        osv_finegray_information(s, once, r_new_column(ans, TREND_ONCE, p * p), NULL);
  if (status == OSV_OK)
    status =
        osv_finegray_information(s, twice, r_new_column(ans, TREND_TWICE, p * p), NULL);
  return status;
}

/* .Call glue of osv_finegray_fit(), osv_finegray_scores() and osv_finegray_trend()
 *
 * rows_      see read_rows()
 * variance_  see read_units(); also by_row, logical
 * trend_     double by time
 * Value: list of beta [p], loglik [2], information [p, p], identified and monotone [p] of
 * osv_finegray_fit() and scale [p] of osv_centre(), by which beta is to be divided. If
 * all coefficients are identified also meat [p, p], the sum of squares of the scores, or
 * instead, if by_row, score [p, n]; and, if none is monotone, trend [p] with its
 * information with the coefficients, trend_once, and with itself, trend_twice [p, p].
 * NULL if rounding errors make a risk set useless.
 */
SEXP r_finegray(SEXP rows_, SEXP variance_, SEXP trend_) {
  osv_finegray_rows rows = read_rows(rows_);
  const units units = read_units(variance_, rows.n);
  const R_xlen_t p = (R_xlen_t)rows.p;
  SEXP ans = PROTECT(r_new_list(&names));
  const osv_finegray_out out = {
      .estimate = r_new_column(ans, BETA, p),
      .information = r_new_column(ans, INFORMATION, p * p),
      .loglik = r_new_column(ans, LOGLIK, 2),
      .identified = r_new_codes(ans, IDENTIFIED, p),
      .monotone = r_new_codes(ans, MONOTONE, p),
  };
  r_guard guard;
  r_guard_open(&guard);
  osv_finegray s = open_model(rows_, &rows, &guard.poll, r_new_column(ans, SCALE, p));
  osv_status status =
      osv_finegray_fit(&s, r_scratch(osv_finegray_fit_work(rows.p)), &out);
  int whole = 1, finite = 1;
  for (R_xlen_t a = 0; a < p && status == OSV_OK; a++) {
    whole &= out.identified[a] != 0;
    finite &= !out.monotone[a];
  }
  if (status == OSV_OK && whole && Rf_asLogical(r_element(variance_, "by_row")))
    status =
        keep_scores(&s, units.of_weights, r_new_column(ans, SCORE, p * (R_xlen_t)rows.n));
  else if (status == OSV_OK && whole)
    status = sum_squares(&s, &units, r_new_column(ans, MEAT, p * p));
  if (status == OSV_OK && whole && finite) status = find_trend(&s, trend_, ans);
  if (status == OSV_EDOMAIN) {
    UNPROTECT(1);
    return R_NilValue;
  }
  if (status != OSV_OK) r_abort_status(status);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_finegray_residuals()
 *
 * rows_  see read_rows(); beta_ double[p]
 * Value: list(martingale [n], score [p, n], schoenfeld [p, n]) per subject, in units of
 * the covariates and in the order of rows_; the scores treat the weights as known.
 */
SEXP r_finegray_residuals(SEXP rows_, SEXP beta_) {
  static r_words columns = {{"martingale", "score", "schoenfeld", NULL}, NULL};
  osv_finegray_rows rows = read_rows(rows_);
  const size_t n = rows.n, p = rows.p;
  SEXP ans = PROTECT(r_new_list(&columns));
  double *const martingale = r_new_column(ans, 0, (R_xlen_t)n);
  for (int k = 1; k <= 2; k++)
    SET_VECTOR_ELT(ans, k, Rf_allocMatrix(REALSXP, (int)p, (int)n));
  double *const score = REAL(VECTOR_ELT(ans, 1)), *const at = REAL(VECTOR_ELT(ans, 2));
  double *const scale = r_scratch(p), loglik;
  r_guard guard;
  r_guard_open(&guard);
  osv_finegray s = open_model(rows_, &rows, &guard.poll, scale);
  const double *const beta = scaled(beta_, scale, p);
  const osv_finegray_sums sums = {.score = score};
  for (size_t k = 0; k < n * p; k++) score[k] = 0.0;
  osv_status status = osv_finegray_moments(&s, beta, &loglik, r_scratch(p));
  if (status == OSV_OK && !isfinite(loglik)) status = OSV_EDOMAIN;
  if (status == OSV_OK)
    status = osv_finegray_information(&s, NULL, r_scratch(p * p), NULL);
  if (status == OSV_OK)
    status = osv_finegray_scores(&s, &sums, r_scratch(osv_finegray_scores_work(&rows)));
  if (status == OSV_OK) status = osv_finegray_residuals(&s, martingale, at);
  if (status == OSV_EDOMAIN) {
    UNPROTECT(1);
    return R_NilValue;
  }
  if (status != OSV_OK) r_abort_status(status);
  for (size_t k = 0; k < n * p; k++) {
    score[k] *= scale[k % p];
    at[k] *= scale[k % p];
  }
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_finegray_firth()
 *
 * rows_  see read_rows(); cut_ double, see osv_firth_of()
 * Value: double[p, 5 + p] of estimate, standard error, limits, likelihood ratio and
 * variance; NULL if the events do not identify the coefficients.
 */
SEXP r_firth_finegray(SEXP rows_, SEXP cut_) {
  osv_finegray_rows rows = read_rows(rows_);
  const size_t p = rows.p;
  SEXP ans = PROTECT(Rf_allocMatrix(REALSXP, (int)p, (int)p + 5));
  double *const at = REAL(ans), *const scale = r_scratch(p);
  const osv_firth_out out = {at, at + p, at + 2 * p, at + 3 * p, at + 4 * p, at + 5 * p};
  r_guard guard;
  r_guard_open(&guard);
  osv_finegray s = open_model(rows_, &rows, &guard.poll, scale);
  const osv_status status = osv_finegray_firth(
      &s, Rf_asReal(cut_), r_scratch(osv_finegray_firth_work(&rows)), &out);
  if (status == OSV_EINTR) r_abort_status(status);
  for (size_t k = 0; k < 4 * p; k++) at[k] /= scale[k % p];
  for (size_t k = 0; k < p * p; k++) out.variance[k] /= scale[k % p] * scale[k / p];
  UNPROTECT(1);
  return status == OSV_OK ? ans : R_NilValue;
}

/* The steps and paths of a model as columns of ans_, see r_finegray_steps() */
static osv_status find_paths(osv_finegray *s, int of_weights, const double *scale,
                             SEXP ans_) {
  const size_t n = s->rows->n, p = s->rows->p, strata = s->rows->n_stratum;
  const size_t n_step = osv_finegray_step_count(s->rows);
  size_t *end = (size_t *)R_alloc(strata + 3 * n, sizeof *end);
  const osv_steps steps = {.end = end,
                           .time = r_new_codes(ans_, 1, (R_xlen_t)n_step),
                           .d = r_new_column(ans_, 2, (R_xlen_t)n_step),
                           .a = r_new_column(ans_, 3, (R_xlen_t)n_step),
                           .b = r_new_column(ans_, 4, (R_xlen_t)n_step),
                           .tied = r_new_column(ans_, 5, (R_xlen_t)n_step),
                           .mean = r_new_column(ans_, 6, (R_xlen_t)(p * n_step))};
  const osv_finegray_paths_out paths = {
      .first = end + strata,
      .last = end + strata + n,
      .until = end + strata + 2 * n,
      .entered = r_new_column(ans_, 12, (R_xlen_t)n),
      .stayed = r_new_column(ans_, 13, (R_xlen_t)n),
      .weighted = r_new_column(ans_, 14, (R_xlen_t)n_step),
      .moved = r_new_column(ans_, 15, (R_xlen_t)n_step)};
  osv_status status = osv_finegray_steps(s, &steps);
  if (status == OSV_OK) status = osv_finegray_paths(s, &steps, of_weights, &paths);
  double *const stratum_end = r_new_column(ans_, 0, (R_xlen_t)strata);
  for (size_t k = 0; k < strata; k++) stratum_end[k] = (double)end[k];
  const size_t *const of_rows[] = {paths.first, paths.last, paths.until};
  for (int j = 0; j < 3; j++) {
    double *const column = r_new_column(ans_, 9 + j, (R_xlen_t)n);
    for (size_t i = 0; i < n && status == OSV_OK; i++) column[i] = (double)of_rows[j][i];
  }
  for (size_t k = 0; k < p * n_step; k++) steps.mean[k] *= scale[k % p];
  return status;
}

/* .Call glue of osv_finegray_steps(), osv_finegray_paths() and osv_finegray_scores()
 *
 * rows_, variance_  see r_finegray()
 * beta_  double[p] in units of the covariates
 * Value: list of end (by stratum), time, d, a, b, tied and mean [p, steps] of osv_steps;
 * risk [n]; information [p, p]; first, last, until, entered and stayed [n]; weighted and
 * moved by step; and score [p, n_unit], by row without units. Units are those of the
 * covariates, means about the centre of the stratum.
 */
SEXP r_finegray_steps(SEXP rows_, SEXP beta_, SEXP variance_) {
  static r_words step_names = {
      {"end", "time", "d", "a", "b", "tied", "mean", "risk", "information", "first",
       "last", "until", "entered", "stayed", "weighted", "moved", "score", NULL},
      NULL};
  osv_finegray_rows rows = read_rows(rows_);
  const units units = read_units(variance_, rows.n);
  const size_t p = rows.p, n_unit = units.n_unit;
  SEXP ans = PROTECT(r_new_list(&step_names));
  double *const risk = r_new_column(ans, 7, (R_xlen_t)rows.n), *const scale =
                                                                   r_scratch(p);
  double *const information = r_new_column(ans, 8, (R_xlen_t)(p * p));
  double *const score = r_new_column(ans, 16, (R_xlen_t)(p * n_unit));
  double *const total = r_scratch(p);
  double loglik;
  for (size_t k = 0; k < p * n_unit; k++) score[k] = 0.0;
  r_guard guard;
  r_guard_open(&guard);
  osv_finegray s = open_model(rows_, &rows, &guard.poll, scale);
  const double *const gamma = scaled(beta_, scale, p);
  const osv_finegray_sums sums = {
      .of_weights = units.of_weights, .unit = units.unit, .score = score};
  osv_status status = osv_finegray_moments(&s, gamma, &loglik, total);
  if (status == OSV_OK && !isfinite(loglik)) status = OSV_EDOMAIN;
  if (status == OSV_OK) status = osv_finegray_information(&s, NULL, information, NULL);
  if (status == OSV_OK)
    status = osv_finegray_scores(&s, &sums, r_scratch(osv_finegray_scores_work(&rows)));
  if (status == OSV_OK) status = find_paths(&s, units.of_weights, scale, ans);
  if (status == OSV_EDOMAIN) {
    UNPROTECT(1);
    return R_NilValue;
  }
  if (status != OSV_OK) r_abort_status(status);
  for (size_t i = 0; i < rows.n; i++) risk[i] = s.risk[i];
  for (size_t k = 0; k < p * p; k++) information[k] *= scale[k % p] * scale[k / p];
  for (size_t k = 0; k < p * n_unit; k++) score[k] *= scale[k % p];
  UNPROTECT(1);
  return ans;
}
