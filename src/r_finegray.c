/* r_finegray - glue of the kernels of Fine-Gray regression. */
#include "r_api.h"

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
  TREND_TWICE
};
static r_words names = {{"beta", "loglik", "information", "identified", "monotone",
                         "scale", "meat", "trend", "trend_once", "trend_twice", NULL},
                        NULL};

static const size_t *sizes_or_null(SEXP list_, const char *name, size_t first) {
  SEXP x_ = r_element(list_, name);
  return Rf_isNull(x_) ? NULL : r_sizes(x_, first);
}

/* The rows of a Fine-Gray model from the list rows_, sorted: status integer[n]; time_end,
 * stratum_end, first_time, by_first double, 0-based; count double[n]; sampled and efron
 * logical. The
 * covariates, x double[n, p], are in the order of the data, order integer[n] sorts
 * them. */
static osv_finegray_rows read_rows(SEXP rows_) {
  SEXP x_ = r_element(rows_, "x"), stratum_ = r_element(rows_, "stratum_end");
  SEXP count_ = r_element(rows_, "count"), status_ = r_element(rows_, "status");
  const osv_finegray_rows rows = {.n = (size_t)Rf_xlength(status_),
                                  .p = (size_t)Rf_ncols(x_),
                                  .n_stratum = (size_t)Rf_xlength(stratum_),
                                  .count = Rf_isNull(count_) ? NULL : REAL_RO(count_),
                                  .sampled = Rf_asLogical(r_element(rows_, "sampled")),
                                  .status = INTEGER_RO(status_),
                                  .time_end = r_sizes(r_element(rows_, "time_end"), 0),
                                  .stratum_end = r_sizes(stratum_, 0),
                                  .first_time = sizes_or_null(rows_, "first_time", 0),
                                  .by_first = sizes_or_null(rows_, "by_first", 0),
                                  .efron = Rf_asLogical(r_element(rows_, "efron"))};
  if (rows.n_stratum == 0 || (size_t)Rf_xlength(r_element(rows_, "order")) != rows.n)
    Rf_error(
        "oligosurv internal error: lengths of the rows of r_finegray()"); /* # nocov */
  return rows;
}

/* The covariates as the kernels read them; their scales go to the result */
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

/* The sum of squares of scores, by unit if there are units; without units, late entries
 * need the score of each row, which other rows do not. */
static osv_status sum_squares(osv_finegray *s, SEXP variance_, double *meat) {
  const size_t p = s->rows->p, *unit = sizes_or_null(variance_, "unit", 1);
  osv_finegray_sums sums = {
      .of_weights = Rf_asLogical(r_element(variance_, "of_weights")), .unit = unit};
  double *const work = r_scratch(osv_finegray_scores_work(s->rows));
  if (!unit && !s->rows->first_time) {
    sums.meat = meat;
    return osv_finegray_scores(s, &sums, work);
  }
  const size_t n = unit ? (size_t)Rf_asReal(r_element(variance_, "n_unit")) : s->rows->n;
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

/* Score and information of a trend with time */
static osv_status find_trend(osv_finegray *s, SEXP trend_, SEXP ans) {
  const R_xlen_t p = (R_xlen_t)s->rows->p;
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
 * variance_  list of of_weights logical; unit integer[n], from 1, or NULL; n_unit
 * trend_     double by time
 * Value: list of beta [p], loglik [2], information [p, p], identified and monotone [p] of
 * osv_finegray_fit() and scale [p] of osv_centre(), by which beta is to be divided. If
 * all coefficients are identified also meat [p, p], the sum of squares of the scores;
 * and, if none is monotone, trend [p] with its information with the coefficients,
 * trend_once, and with itself, trend_twice [p, p].
 */
SEXP r_finegray(SEXP rows_, SEXP variance_, SEXP trend_) {
  osv_finegray_rows rows = read_rows(rows_);
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
  if (status == OSV_OK && whole)
    status = sum_squares(&s, variance_, r_new_column(ans, MEAT, p * p));
  if (status == OSV_OK && whole && finite) status = find_trend(&s, trend_, ans);
  if (status != OSV_OK) r_abort_status(status);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_finegray_residuals()
 *
 * rows_  see read_rows(); beta_ double[p]
 * Value: list(martingale [n], score [p, n], schoenfeld [p, n]) per subject, in units of the
 * covariates and in the order of rows_; the scores take the weights as known.
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
  double *const scale = r_scratch(p), *const beta = r_scratch(p), loglik;
  r_guard guard;
  r_guard_open(&guard);
  osv_finegray s = open_model(rows_, &rows, &guard.poll, scale);
  for (size_t a = 0; a < p; a++) beta[a] = REAL_RO(beta_)[a] * scale[a];
  const osv_finegray_sums sums = {.score = score};
  for (size_t k = 0; k < n * p; k++) score[k] = 0.0;
  osv_status status = osv_finegray_moments(&s, beta, &loglik, r_scratch(p));
  if (status == OSV_OK)
    status = osv_finegray_information(&s, NULL, r_scratch(p * p), NULL);
  if (status == OSV_OK)
    status = osv_finegray_scores(&s, &sums, r_scratch(osv_finegray_scores_work(&rows)));
  if (status == OSV_OK) status = osv_finegray_residuals(&s, martingale, at);
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
 * variance; NULL if
 * the events do not identify the coefficients.
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
