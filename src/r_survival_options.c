/* r_survival_options - glue for other estimators, lower limits and bands of survival
 * curves, and for cumulative hazards. */
#include "r_api.h"

#include <Rmath.h>

enum { SURV, SE, LOW, HIGH, BAND_LOW, BAND_HIGH, FROM, TO, CRITICAL, SIZE };
static const char *names[] = {"surv",     "std_error", "conf_low", "conf_high",
                              "band_low", "band_high", "from",     "to",
                              "critical", ""};

/* One curve: the columns of r_km(), the output, and scratch */
typedef struct {
  size_t m;
  const double *time, *n_risk, *n_event;
  osv_km_out km;
  double *low, *high, *band_low, *band_high;
  double *work; /* 3 m doubles */
} curve;

static const double *in(SEXP curves_, const char *name) {
  return REAL_RO(r_element(curves_, name));
}

/* The options that R/survival-band.R passes */
typedef struct {
  int estimator, has_band;
  osv_lower lower;
  osv_conf type;
  double z;
  osv_band_request band;
} options;

static options options_of(SEXP spec_) {
  const int band = Rf_asInteger(r_element(spec_, "band"));
  const double level = Rf_asReal(r_element(spec_, "conf.level"));
  const double *range = REAL_RO(r_element(spec_, "range"));
  return (options){.estimator = Rf_asInteger(r_element(spec_, "estimator")),
                   .lower = (osv_lower)Rf_asInteger(r_element(spec_, "lower")),
                   .type = r_conf_type(r_element(spec_, "conf.type")),
                   .z = Rf_qnorm5((1.0 - level) / 2.0, 0.0, 1.0, 0, 0),
                   .has_band = band >= 0,
                   .band = {.band = band >= 0 ? (osv_band)band : OSV_BAND_HALL_WELLNER,
                            .scale = r_conf_type(r_element(spec_, "scale")),
                            .level = level,
                            .range = {range[0], range[1]}}};
}

static void estimate_curve(const curve *x, const options *spec) {
  if (spec->estimator > 0)
    osv_breslow(x->n_risk, x->n_event, x->m, spec->estimator == 2, &x->km);
  else
    osv_km(x->n_risk, x->n_event, x->m, &x->km);
  if (spec->estimator > 0 || spec->lower != OSV_LOWER_USUAL)
    osv_survival_limits(spec->type, spec->z, spec->lower, x->n_risk, x->n_event, &x->km,
                        x->m, x->work, x->low, x->high);
}

/* Computes the band of a curve. Value: its critical value, NA without a band. */
static double add_band(const curve *x, const options *spec, double *from, double *to) {
  *from = *to = NA_REAL;
  for (size_t j = 0; j < x->m; j++) x->band_low[j] = x->band_high[j] = NA_REAL;
  const double critical = osv_band_limits(&spec->band, x->time, x->n_risk, &x->km, x->m,
                                          x->work, x->band_low, x->band_high, from, to);
  return critical > 0.0 ? critical : NA_REAL;
}

/* .Call: applies the options of kaplan_meier() that change estimates or limits, or add a
 * band, to the counts of its curves.
 *
 * curves_: value of r_km(). spec_: list of estimator (0 Kaplan-Meier, 1 exp(-H) with H of
 * Nelson and Aalen, 2 the same with tied events one by one), lower (osv_lower), band (-1
 * none, else osv_band), range and scale (of the band), conf.type, conf.level.
 * Value: surv, std_error, conf_low, conf_high, band_low, band_high with the rows of
 * curves_; from, to, critical of the band of each curve.
 */
SEXP r_km_more(SEXP curves_, SEXP spec_) {
  const double *size = in(curves_, "size");
  const R_xlen_t n_row = Rf_xlength(r_element(curves_, "time"));
  const R_xlen_t n_curve = Rf_xlength(r_element(curves_, "size"));
  const options spec = options_of(spec_);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *column[SIZE];
  for (int j = 0; j < SIZE; j++)
    column[j] = r_new_column(ans, j, j < FROM ? n_row : n_curve);
  double *scratch = r_scratch(4 * (size_t)n_row);
  size_t at = 0;
  for (R_xlen_t c = 0; c < n_curve; c++) {
    r_check_user();
    const size_t m = (size_t)size[c];
    const curve x = {.m = m,
                     .time = in(curves_, "time") + at,
                     .n_risk = in(curves_, "n_risk") + at,
                     .n_event = in(curves_, "n_event") + at,
                     .km = {column[SURV] + at, scratch, column[SE] + at},
                     .low = column[LOW] + at,
                     .high = column[HIGH] + at,
                     .band_low = column[BAND_LOW] + at,
                     .band_high = column[BAND_HIGH] + at,
                     .work = scratch + m};
    for (size_t j = 0; j < m; j++) {
      x.low[j] = in(curves_, "conf_low")[at + j];
      x.high[j] = in(curves_, "conf_high")[at + j];
    }
    estimate_curve(&x, &spec);
    column[CRITICAL][c] = NA_REAL;
    if (spec.has_band)
      column[CRITICAL][c] = add_band(&x, &spec, column[FROM] + c, column[TO] + c);
    at += m;
  }
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_hazard(): the cumulative hazard and its variance, one curve after
 * another. event_: the events of one cause, in the rows of n_risk_. */
SEXP r_hazard(SEXP n_risk_, SEXP event_, SEXP size_, SEXP one_by_one_) {
  static const char *columns[] = {"hazard", "variance", ""};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  const R_xlen_t n_row = Rf_xlength(n_risk_);
  double *hazard = r_new_column(ans, 0, n_row), *variance = r_new_column(ans, 1, n_row);
  double sum = 0.0;
  for (R_xlen_t c = 0; c < Rf_xlength(size_); c++) sum += REAL_RO(size_)[c];
  if (sum != (double)n_row || Rf_xlength(event_) != n_row)
    Rf_error("oligosurv internal error: lengths of r_hazard()"); /* # nocov */
  size_t at = 0;
  for (R_xlen_t c = 0; c < Rf_xlength(size_); c++) {
    const size_t m = (size_t)REAL_RO(size_)[c];
    osv_hazard(REAL_RO(n_risk_) + at, REAL_RO(event_) + at, m, Rf_asLogical(one_by_one_),
               hazard + at, variance + at);
    at += m;
  }
  UNPROTECT(1);
  return ans;
}
