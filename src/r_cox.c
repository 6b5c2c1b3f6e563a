/* r_cox - glue of osv_cox_fit(), osv_cox_firth(), osv_cox_ph(), osv_cox_residuals() and
 * osv_cox_steps(). */
#include "r_api.h"

static const char *const object = "hazard_ratio";

/* Centre and scale of p columns of the model matrix: those of all its columns that
 * r_cox_fit() has found, or, before a fit, from their values */
static double *read_scaling(const r_parts *parts, const double *const *x,
                            const int *column, size_t n, size_t p) {
  const size_t all = (size_t)Rf_ncols(r_part(parts, "x"));
  const double *const known = r_part_doubles(parts, "scaling", 2 * (R_xlen_t)all, 1);
  double *const scaling = r_scratch(2 * p);
  for (size_t a = 0; a < p; a++) {
    double *const centre = scaling + a, *const scale = scaling + p + a;
    if (known) {
      *centre = known[column[a] - 1];
      *scale = known[all + (size_t)column[a] - 1];
      r_check_part(parts, isfinite(*centre) && *scale > 0.0 && isfinite(*scale),
                   "scaling");
    } else {
      osv_cox_scaling(x[a], n, centre, scale);
    }
  }
  return scaling;
}

/* The covariates of the list of cells, with their centre and scale */
static void read_covariates(const r_parts *parts, osv_cox_cells *cells) {
  SEXP x_ = r_part(parts, "x");
  r_check_part(parts, TYPEOF(x_) == REALSXP && Rf_isMatrix(x_), "x");
  const size_t n_pattern = (size_t)Rf_nrows(x_);
  const size_t p = (size_t)Rf_xlength(r_part(parts, "column"));
  const int *const column =
      r_part_codes(parts, "column", (R_xlen_t)p, 1, (size_t)Rf_ncols(x_), 0);
  const double **x = (const double **)R_alloc(p + 1, sizeof *x);
  for (size_t a = 0; a < p; a++) x[a] = REAL_RO(x_) + ((size_t)column[a] - 1) * n_pattern;
  cells->p = p;
  cells->n_pattern = n_pattern;
  cells->x = x;
  cells->centre = read_scaling(parts, x, column, n_pattern, p);
  cells->scale = cells->centre + p;
}

/* Reads the list cells_, which hazard_ratio() keeps in its value: x double[n_pattern, .],
 * column integer [p] (columns of x, from 1), pattern integer (from 0) or, with n_pattern
 * = n, NULL; size double or NULL, sampled logical, event integer or logical, time, start
 * and by_start integer (the last two NULL without left truncation; by_start from 0),
 * stratum_end double, efron logical, offset double[n_pattern] or NULL, scaling: see
 * read_scaling() */
static osv_cox_cells read_cells(SEXP cells_) {
  const r_parts parts = {cells_, object};
  const R_xlen_t n = Rf_xlength(r_part(&parts, "time"));
  osv_cox_cells cells = {.n = (size_t)n};
  cells.time = r_part_codes(&parts, "time", n, 0, INT_MAX, 0);
  cells.event = r_part_flags(&parts, "event", n);
  cells.stratum_end = r_part_ends(&parts, "stratum_end", cells.n, 0, &cells.n_stratum);
  read_covariates(&parts, &cells);
  if (cells.n_pattern > 0)
    cells.pattern = r_part_codes(&parts, "pattern", n, 0, cells.n_pattern - 1, 1);
  r_check_part(&parts, cells.pattern || cells.n_pattern == cells.n, "pattern");
  cells.offset = r_part_doubles(&parts, "offset", (R_xlen_t)cells.n_pattern, 1);
  cells.size = r_part_weights(&parts, "size", n);
  cells.sampled = r_part_flag(&parts, "sampled");
  r_check_part(&parts, cells.size || !cells.sampled, "size");
  cells.efron = r_part_flag(&parts, "efron");
  cells.start = r_part_codes(&parts, "start", n, 0, INT_MAX, 1);
  if (cells.start)
    cells.by_start = r_part_codes(&parts, "by_start", n, 0, INT_MAX, 0);
  else
    r_check_part(&parts, Rf_isNull(r_part(&parts, "by_start")), "start");
  r_check_order(&parts, cells.stratum_end, cells.n_stratum, cells.time, cells.start,
                cells.by_start);
  return cells;
}

/* n doubles that R code passes next to the cells */
static const double *numbers_of(SEXP x_, size_t n, const char *name) {
  if (TYPEOF(x_) != REALSXP || (size_t)Rf_xlength(x_) != n) r_stop_changed(object, name);
  return REAL_RO(x_);
}

static const double *scaled(const osv_cox_cells *cells, SEXP beta_) {
  const double *const beta = numbers_of(beta_, cells->p, "beta");
  double *const gamma = r_scratch(cells->p);
  for (size_t a = 0; a < cells->p; a++) gamma[a] = beta[a] / cells->scale[a];
  return gamma;
}

/* .Call glue of osv_cox_fit()
 *
 * cells_  see read_cells()
 * Value: list(beta, var, loglik, known, monotone, steps), in units of the covariates, and
 * `scaling` [2p], their centres and scales; NULL if rounding errors make a risk set
 * useless
 */
SEXP r_cox_fit(SEXP cells_) {
  static r_words names = {
      {"beta", "var", "loglik", "known", "monotone", "steps", "scaling", NULL}, NULL};
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
  double *const scaling = r_new_column(ans, 6, 2 * (R_xlen_t)p);
  for (size_t a = 0; a < 2 * p; a++) scaling[a] = cells.centre[a];
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
  for (size_t i = 0; i < cells.n; i++)
    if (cells.time[i] >= Rf_xlength(g_)) r_stop_changed(object, "time");
  if (TYPEOF(term_) != INTSXP || (size_t)Rf_xlength(term_) != cells.p)
    r_stop_changed(object, "term");
  SEXP ans = PROTECT(Rf_allocMatrix(REALSXP, n_term + 1, 2));
  const osv_cox_ph_out out = {REAL(ans), REAL(ans) + n_term + 1};
  double *const work = r_scratch(osv_cox_ph_work(&cells));
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status = osv_cox_ph(
      &cells, scaled(&cells, beta_), numbers_of(g_, (size_t)Rf_xlength(g_), "g"),
      INTEGER_RO(term_), n_term, &guard.poll, work, &out);
  if (status != OSV_OK) r_abort_status(status);
  UNPROTECT(1);
  return ans;
}

/* The unit of each cell, from 0; NULL: each cell is a unit. *n_unit: number of units,
 * which are ids of cells or of rows */
static const int *read_units(SEXP unit_, SEXP n_unit_, size_t n, size_t *n_unit) {
  const double units = Rf_isNumeric(n_unit_) ? Rf_asReal(n_unit_) : NAN;
  if (!(units >= 0.0 && units <= INT_MAX)) r_stop_changed(object, "id");
  *n_unit = (size_t)units;
  if (Rf_isNull(unit_)) {
    if (*n_unit != n) r_stop_changed(object, "event");
    return NULL;
  }
  if (TYPEOF(unit_) != INTSXP || (size_t)Rf_xlength(unit_) != n)
    r_stop_changed(object, "id");
  const int *const unit = INTEGER_RO(unit_);
  int bad = 0;
  for (size_t i = 0; i < n; i++) bad |= unit[i] < 0 || (size_t)unit[i] >= *n_unit;
  if (bad) r_stop_changed(object, "id");
  return unit;
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
  const size_t p = cells.p;
  size_t n_unit;
  const int *const unit = read_units(unit_, n_unit_, cells.n, &n_unit);
  SEXP ans = PROTECT(r_new_list(&names));
  SET_VECTOR_ELT(ans, 1, Rf_allocMatrix(REALSXP, (int)p, (int)n_unit));
  osv_cox_residuals_out out = {.score = REAL(VECTOR_ELT(ans, 1)), .unit = unit};
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
