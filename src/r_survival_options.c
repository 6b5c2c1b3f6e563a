#include "r_api.h"

#include <Rmath.h>

enum { SURV, SE, LOW, HIGH, BAND_LOW, BAND_HIGH, FROM, TO, CRITICAL, SIZE };
static const char *names[] = {"surv",     "std_error", "conf_low", "conf_high",
                              "band_low", "band_high", "from",     "to",
                              "critical", ""};

/* One curve: what r_km() gave, what comes out, scratch of m doubles each */
typedef struct {
  size_t m;
  const double *time, *n_risk, *n_event;
  double *surv, *se, *low, *high, *band_low, *band_high;
  double *risk, *error, *unused;
} curve;

static const double *in(SEXP curves_, const char *name) {
  return REAL_RO(r_element(curves_, name));
}

/* S = exp(-H) and its error S sd(H) in place of Kaplan and Meier's */
static void put_from_hazard(const curve *x, int one_by_one) {
  osv_hazard(x->n_risk, x->n_event, x->m, one_by_one, x->risk, x->error);
  for (size_t j = 0; j < x->m; j++) {
    const double hazard = x->risk[j];
    x->surv[j] = exp(-hazard);
    x->risk[j] = -expm1(-hazard);
    x->se[j] = x->surv[j] * sqrt(x->error[j]);
  }
}

static int is_open(const curve *x, size_t j) {
  return x->surv[j] > 0.0 && x->risk[j] > 0.0;
}

/* Copies limits of the rows that have an interval; the exact ones of the others stay */
static void keep_exact(const curve *x, const double *from, double *to) {
  for (size_t j = 0; j < x->m; j++)
    if (is_open(x, j)) to[j] = from[j];
}

static void put_limits(const curve *x, osv_conf type, double z, osv_lower lower) {
  osv_interval(type, z, x->surv, x->risk, x->se, x->m, x->error, x->unused);
  keep_exact(x, x->error, x->low);
  keep_exact(x, x->unused, x->high);
  if (lower == OSV_LOWER_USUAL) return;
  osv_lower_error(lower, x->n_risk, x->n_event, x->surv, x->risk, x->se, x->m, x->unused);
  osv_interval(type, z, x->surv, x->risk, x->unused, x->m, x->error, x->band_high);
  keep_exact(x, x->error, x->low);
}

/* The band of one curve from its first to its last time inside `range` at which the
 * estimate is between 0 and 1; a: the time of the bridge, n v / (1 + n v), v the variance
 * of log S. Value: the critical value; NA without such a time. */
static double put_band(const curve *x, osv_band band, osv_conf type, double level,
                       const double *range, double *from, double *to) {
  size_t first = x->m, last = 0;
  for (size_t j = 0; j < x->m; j++) {
    x->band_low[j] = x->band_high[j] = NA_REAL;
    if (!is_open(x, j) || x->time[j] > range[1]) continue;
    if (first == x->m || x->time[j] <= range[0]) first = j;
    last = j;
  }
  *from = *to = NA_REAL;
  if (first == x->m) return NA_REAL;
  *from = fmax(x->time[first], range[0]);
  *to = x->time[last];
  const double n = x->n_risk[0];
  for (size_t j = first; j <= last; j++) {
    const double v = x->se[j] / x->surv[j] * (x->se[j] / x->surv[j]);
    x->error[j] =
        band == OSV_BAND_HALL_WELLNER ? x->surv[j] * (1.0 + n * v) / sqrt(n) : x->se[j];
    x->unused[j] = n * v / (1.0 + n * v);
  }
  const double c = osv_band_critical(band, level, x->unused[first], x->unused[last]);
  osv_interval(type, c, x->surv + first, x->risk + first, x->error + first,
               last - first + 1, x->band_low + first, x->band_high + first);
  for (size_t j = first; j <= last && x->time[j] < range[0]; j++)
    x->band_low[j] = x->band_high[j] = NA_REAL;
  return c;
}

/* What kaplan_meier() is asked for beyond the usual, from the counts of its curves.
 *
 * curves_: value of r_km(). spec_: list of estimator (0 Kaplan-Meier, 1 exp(-H) with H of
 * Nelson and Aalen, 2 with H one by one), lower (osv_lower), band (-1 none, else
 * osv_band), range and scale (of the band), conf.type, conf.level.
 * Value: surv, std_error, conf_low, conf_high, band_low, band_high with the rows of
 * curves_; from, to, critical of the band of each curve.
 */
SEXP r_km_more(SEXP curves_, SEXP spec_) {
  const double *size = in(curves_, "size");
  const R_xlen_t n_row = Rf_xlength(r_element(curves_, "time"));
  const R_xlen_t n_curve = Rf_xlength(r_element(curves_, "size"));
  const int estimator = Rf_asInteger(r_element(spec_, "estimator"));
  const int band = Rf_asInteger(r_element(spec_, "band"));
  const osv_lower lower = (osv_lower)Rf_asInteger(r_element(spec_, "lower"));
  const osv_conf type = r_conf_type(r_element(spec_, "conf.type"));
  const osv_conf scale = r_conf_type(r_element(spec_, "scale"));
  const double level = Rf_asReal(r_element(spec_, "conf.level"));
  const double z = Rf_qnorm5((1.0 - level) / 2.0, 0.0, 1.0, 0, 0);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *column[SIZE];
  for (int j = 0; j < SIZE; j++)
    column[j] = r_new_column(ans, j, j < FROM ? n_row : n_curve);
  double *scratch = (double *)R_alloc(3 * (size_t)n_row + 1, sizeof *scratch);
  size_t at = 0;
  for (R_xlen_t c = 0; c < n_curve; c++) {
    R_CheckUserInterrupt();
    const size_t m = (size_t)size[c];
    const curve x = {.m = m,
                     .time = in(curves_, "time") + at,
                     .n_risk = in(curves_, "n_risk") + at,
                     .n_event = in(curves_, "n_event") + at,
                     .surv = column[SURV] + at,
                     .se = column[SE] + at,
                     .low = column[LOW] + at,
                     .high = column[HIGH] + at,
                     .band_low = column[BAND_LOW] + at,
                     .band_high = column[BAND_HIGH] + at,
                     .risk = scratch,
                     .error = scratch + m,
                     .unused = scratch + 2 * m};
    for (size_t j = 0; j < m; j++) {
      x.low[j] = in(curves_, "conf_low")[at + j];
      x.high[j] = in(curves_, "conf_high")[at + j];
    }
    const osv_km_out km = {x.surv, x.risk, x.se};
    osv_km(x.n_risk, x.n_event, m, &km);
    if (estimator > 0) put_from_hazard(&x, estimator == 2);
    if (estimator > 0 || lower != OSV_LOWER_USUAL) put_limits(&x, type, z, lower);
    column[CRITICAL][c] = NA_REAL;
    if (band >= 0)
      column[CRITICAL][c] =
          put_band(&x, (osv_band)band, scale, level, REAL_RO(r_element(spec_, "range")),
                   column[FROM] + c, column[TO] + c);
    at += m;
  }
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_hazard(): hazard and its variance, curves one after another; event_:
 * the events of one cause with the rows of n_risk_. */
SEXP r_hazard(SEXP n_risk_, SEXP event_, SEXP size_, SEXP one_by_one_) {
  static const char *columns[] = {"hazard", "variance", ""};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  const R_xlen_t n_row = Rf_xlength(n_risk_);
  double *hazard = r_new_column(ans, 0, n_row), *variance = r_new_column(ans, 1, n_row);
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
