/* r_cox - glue of osv_cox_fit(), osv_cox_firth(), osv_cox_ph(), osv_cox_residuals() and
 * osv_cox_steps(). */
#include "r_api.h"

static const int *whole_or_null(SEXP x_) {
  if (Rf_isNull(x_)) return NULL;
  return TYPEOF(x_) == LGLSXP ? LOGICAL_RO(x_) : INTEGER_RO(x_);
}

/* Reads the list cells_: x double[n_pattern, .], column integer [p] (columns of x, from
 * 1), pattern integer or NULL (from 0), size double or NULL, sampled logical, event
 * integer or logical, time, start and by_start integer (the last two NULL without left
 * truncation; by_start from 0), stratum_end double, efron logical, offset
 * double[n_pattern] or NULL */
static osv_cox_cells read_cells(SEXP cells_) {
  SEXP x_ = r_element(cells_, "x"), column_ = r_element(cells_, "column");
  SEXP size_ = r_element(cells_, "size"), stratum_ = r_element(cells_, "stratum_end");
  const size_t p = (size_t)Rf_xlength(column_), n_pattern = (size_t)Rf_nrows(x_);
  const double **x = (const double **)R_alloc(p + 1, sizeof *x);
  double *const centre = r_scratch(2 * p), *const scale = centre + p;
  for (size_t a = 0; a < p; a++) {
    x[a] = REAL_RO(x_) + ((size_t)INTEGER_RO(column_)[a] - 1) * n_pattern;
    osv_cox_scaling(x[a], n_pattern, centre + a, scale + a);
  }
  return (osv_cox_cells){.n = (size_t)Rf_xlength(r_element(cells_, "time")),
                         .p = p,
                         .n_pattern = n_pattern,
                         .n_stratum = (size_t)Rf_xlength(stratum_),
                         .x = x,
                         .centre = centre,
                         .scale = scale,
                         .pattern = whole_or_null(r_element(cells_, "pattern")),
                         .size = Rf_isNull(size_) ? NULL : REAL_RO(size_),
                         .sampled = Rf_asLogical(r_element(cells_, "sampled")),
                         .event = whole_or_null(r_element(cells_, "event")),
                         .time = whole_or_null(r_element(cells_, "time")),
                         .start = whole_or_null(r_element(cells_, "start")),
                         .by_start = whole_or_null(r_element(cells_, "by_start")),
                         .stratum_end = r_sizes(stratum_, 0),
                         .efron = Rf_asLogical(r_element(cells_, "efron")),
                         .offset = r_numbers_or_null(cells_, "offset")};
}

static const double *scaled(const osv_cox_cells *cells, SEXP beta_) {
  double *const gamma = r_scratch(cells->p);
  for (size_t a = 0; a < cells->p; a++) gamma[a] = REAL_RO(beta_)[a] / cells->scale[a];
  return gamma;
}

/* .Call glue of osv_cox_fit()
 *
 * cells_  see read_cells()
 * Value: list(beta, var, loglik, known, monotone, steps), in units of the covariates;
 * NULL if rounding errors make a risk set useless
 */
SEXP r_cox_fit(SEXP cells_) {
  static r_words names = {{"beta", "var", "loglik", "known", "monotone", "steps", NULL},
                          NULL};
  const osv_cox_cells cells = read_cells(cells_);
  const size_t p = cells.p;
  SEXP ans = PROTECT(r_new_list(&names));
  double *const beta = r_new_column(ans, 0, (R_xlen_t)p);
  SET_VECTOR_ELT(ans, 1, Rf_allocMatrix(REALSXP, (int)p, (int)p));
  osv_cox_fit_out out = {.gamma = beta,
                         .variance = REAL(VECTOR_ELT(ans, 1)),
                         .score = r_scratch(p),
                         .loglik = r_new_column(ans, 2, 2)};
  SET_VECTOR_ELT(ans, 3, Rf_allocVector(LGLSXP, (R_xlen_t)p));
  SET_VECTOR_ELT(ans, 4, Rf_allocVector(LGLSXP, (R_xlen_t)p));
  out.known = LOGICAL(VECTOR_ELT(ans, 3));
  out.monotone = LOGICAL(VECTOR_ELT(ans, 4));
  double *const work = r_scratch(osv_cox_fit_work(&cells));
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status = osv_cox_fit(&cells, &guard.poll, work, &out);
  if (status == OSV_EDOMAIN) {
    UNPROTECT(1);
    return R_NilValue;
  }
  if (status != OSV_OK) r_abort_status(status);
  for (size_t a = 0; a < p; a++) {
    beta[a] *= cells.scale[a];
    for (size_t b = 0; b < p; b++)
      out.variance[a * p + b] *= cells.scale[a] * cells.scale[b];
  }
  SET_VECTOR_ELT(ans, 5, Rf_ScalarInteger((int)out.steps));
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_cox_firth()
 *
 * cut_ double, see osv_firth_of()
 * Value: double[p, 5 + p] of estimate, standard error, limits, likelihood ratio and
 * variance, in units of the covariates; NULL if the events do not identify the
 * coefficients
 */
SEXP r_cox_firth(SEXP cells_, SEXP cut_) {
  const osv_cox_cells cells = read_cells(cells_);
  const size_t p = cells.p;
  SEXP ans = PROTECT(Rf_allocMatrix(REALSXP, (int)p, (int)p + 5));
  double *const at = REAL(ans), *const work = r_scratch(osv_cox_firth_work(&cells));
  const osv_firth_out out = {at, at + p, at + 2 * p, at + 3 * p, at + 4 * p, at + 5 * p};
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status =
      osv_cox_firth(&cells, Rf_asReal(cut_), &guard.poll, work, &out);
  if (status == OSV_EINTR) r_abort_status(status);
  for (size_t k = 0; k < 4 * p; k++) at[k] *= cells.scale[k % p];
  for (size_t k = 0; k < p * p; k++)
    out.variance[k] *= cells.scale[k % p] * cells.scale[k / p];
  UNPROTECT(1);
  return status == OSV_OK ? ans : R_NilValue;
}

/* .Call glue of osv_cox_ph()
 *
 * beta_ double[p]; g_ double, by rank of time from 0; term_ integer[p], 1 .. n_term
 * Value: double[n_term + 1, 2] of statistic and degrees of freedom
 */
SEXP r_cox_ph(SEXP cells_, SEXP beta_, SEXP g_, SEXP term_, SEXP n_term_) {
  const osv_cox_cells cells = read_cells(cells_);
  const int n_term = Rf_asInteger(n_term_);
  SEXP ans = PROTECT(Rf_allocMatrix(REALSXP, n_term + 1, 2));
  const osv_cox_ph_out out = {REAL(ans), REAL(ans) + n_term + 1};
  double *const work = r_scratch(osv_cox_ph_work(&cells));
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status =
      osv_cox_ph(&cells, scaled(&cells, beta_), REAL_RO(g_), INTEGER_RO(term_), n_term,
                 &guard.poll, work, &out);
  if (status != OSV_OK) r_abort_status(status);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_cox_residuals()
 *
 * unit_ integer[n] from 0, or NULL: each cell is its own unit; n_unit_ number of units
 * Value: list(martingale [n], score [p, n_unit], schoenfeld [p, n]), in units of the
 * covariates; with unit_ only the scores; NULL if rounding errors make a risk set useless
 */
SEXP r_cox_residuals(SEXP cells_, SEXP beta_, SEXP unit_, SEXP n_unit_) {
  static r_words names = {{"martingale", "score", "schoenfeld", NULL}, NULL};
  const osv_cox_cells cells = read_cells(cells_);
  const size_t p = cells.p, n_unit = (size_t)Rf_asInteger(n_unit_);
  SEXP ans = PROTECT(r_new_list(&names));
  SET_VECTOR_ELT(ans, 1, Rf_allocMatrix(REALSXP, (int)p, (int)n_unit));
  osv_cox_residuals_out out = {.score = REAL(VECTOR_ELT(ans, 1)),
                               .unit = whole_or_null(unit_)};
  if (!out.unit) {
    out.martingale = r_new_column(ans, 0, (R_xlen_t)cells.n);
    SET_VECTOR_ELT(ans, 2, Rf_allocMatrix(REALSXP, (int)p, (int)cells.n));
    out.schoenfeld = REAL(VECTOR_ELT(ans, 2));
  }
  double *const work = r_scratch(osv_cox_residuals_work(&cells));
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status =
      osv_cox_residuals(&cells, n_unit, scaled(&cells, beta_), &guard.poll, work, &out);
  if (status == OSV_EDOMAIN) {
    UNPROTECT(1);
    return R_NilValue;
  }
  if (status != OSV_OK) r_abort_status(status);
  for (size_t i = 0; i < n_unit * p; i++) out.score[i] /= cells.scale[i % p];
  for (size_t i = 0; out.schoenfeld && i < cells.n * p; i++)
    out.schoenfeld[i] /= cells.scale[i % p];
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_cox_steps() and osv_cox_sums()
 *
 * beta_ double[p]
 * Value: list(end, time, d, a, b, tied, mean [p, steps], risk [n_pattern], information
 * [p, p], centre [p]) in units of the covariates. `mean` is relative to `centre`; `end`
 * is by stratum. NULL if rounding errors make a risk set useless.
 */
SEXP r_cox_steps(SEXP cells_, SEXP beta_) {
  static r_words names = {{"end", "time", "d", "a", "b", "tied", "mean", "risk",
                           "information", "centre", NULL},
                          NULL};
  const osv_cox_cells cells = read_cells(cells_);
  const size_t p = cells.p, steps = osv_cox_step_count(&cells);
  SEXP ans = PROTECT(r_new_list(&names));
  size_t *end = (size_t *)R_alloc(cells.n_stratum + 1, sizeof *end);
  double *const stratum_end = r_new_column(ans, 0, (R_xlen_t)cells.n_stratum);
  const osv_steps out = {.end = end,
                         .time = r_new_codes(ans, 1, (R_xlen_t)steps),
                         .d = r_new_column(ans, 2, (R_xlen_t)steps),
                         .a = r_new_column(ans, 3, (R_xlen_t)steps),
                         .b = r_new_column(ans, 4, (R_xlen_t)steps),
                         .tied = r_new_column(ans, 5, (R_xlen_t)steps),
                         .mean = r_new_column(ans, 6, (R_xlen_t)(p * steps))};
  double *const risk = r_new_column(ans, 7, (R_xlen_t)cells.n_pattern);
  double *const information = r_new_column(ans, 8, (R_xlen_t)(p * p));
  double *const centre = r_new_column(ans, 9, (R_xlen_t)p);
  const double *const gamma = scaled(&cells, beta_);
  double loglik;
  const osv_cox_sums_out sums = {.loglik = &loglik,
                                 .score = r_scratch(p),
                                 .information = information,
                                 .raw = r_scratch(p)};
  double *const work = r_scratch(osv_cox_steps_work(&cells));
  double *const sums_work = r_scratch(osv_cox_sums_work(&cells, 0));
  r_guard guard;
  r_guard_open(&guard);
  osv_status status = osv_cox_steps(&cells, gamma, &guard.poll, work, &out, risk);
  if (status == OSV_OK && p > 0)
    status = osv_cox_sums(&cells, gamma, &guard.poll, sums_work, &sums);
  if (status == OSV_EDOMAIN) {
    UNPROTECT(1);
    return R_NilValue;
  }
  if (status != OSV_OK) r_abort_status(status);
  for (size_t s = 0; s < cells.n_stratum; s++) stratum_end[s] = (double)end[s];
  for (size_t a = 0; a < p; a++) {
    centre[a] = cells.centre[a];
    for (size_t j = 0; j < steps; j++) out.mean[j * p + a] /= cells.scale[a];
    for (size_t b = 0; b < p; b++)
      information[a * p + b] /= cells.scale[a] * cells.scale[b];
  }
  UNPROTECT(1);
  return ans;
}
