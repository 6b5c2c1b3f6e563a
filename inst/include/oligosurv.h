/* oligosurv - core types and kernels, which need no R header, and the look-up of the
 * kernels by other R packages.
 *
 * An event table is the sufficient statistic of every estimator here: how many
 * subjects left the risk set at each time, by curve (stratum x group) and status.
 *
 * A package with `LinkingTo: oligosurv` and `Imports: oligosurv` calls the kernels like
 * this:
 *   #define OLIGOSURV_LOOKUP
 *   #include <oligosurv.h>
 *   ...
 *   const osv_api osv = osv_api_get();
 *   const osv_table table = osv.table_of(table_);
 * The contract of each kernel is above its definition in src/osv_<name>.c, and in
 * vignette("c-api").
 */
#ifndef OLIGOSURV_H
#define OLIGOSURV_H

#include <stddef.h>
#include <stdint.h>

/* Version of the binary interface: it increases when a type or meaning below changes. As
 * long as it is 0, there may be changes without an increase. */
#define OSV_ABI 0

typedef enum {
  OSV_OK = 0,
  OSV_EDOMAIN, /* a value outside its domain */
  OSV_EORDER,  /* times not ascending */
  OSV_EFULL,   /* the caller's array is full; give a larger one and continue */
  OSV_EINTR    /* the poll requested a stop */
} osv_status;

/* fn(ctx) != 0 tells a kernel to stop. Kernels call it every OSV_POLL_ROWS rows. */
typedef struct {
  int (*fn)(void *ctx);
  void *ctx;
} osv_poll;
enum { OSV_POLL_ROWS = 1 << 16 };

/* Curve c has the rows start[c] .. start[c + 1] - 1, ascending in time. Rows of the same
 * time are in any order and may repeat a status. Offsets are double because R has no
 * 64-bit integer; they are whole numbers below 2^53. */
typedef struct {
  const double *time;
  const int *status; /* 0 censored, 1 .. n_status - 1 the causes */
  const double *n;   /* subjects of the row; NULL: one each */
  const double *start;
  size_t n_curve;
  int n_status;
  /* Delayed entries, NULL without left truncation. Those of curve c begin at
   * entry_start[c], ascending in time. A subject is at risk at t if entry < t <= exit. */
  const double *entry_time, *entry_n, *entry_start;
} osv_table;

/* Counts of one curve by distinct time; n_event by cause: n_event[cause * stride + i] */
typedef struct {
  double *time, *n_risk, *n_censor, *n_event;
  size_t stride;
} osv_counts;

typedef struct {
  double *surv, *risk, *std_error;
} osv_km_out;

typedef struct {
  double *surv, *cif, *std_error; /* cif, std_error by cause: [cause * stride + i] */
} osv_aj_out;

typedef enum {
  OSV_CONF_PLAIN,
  OSV_CONF_LOG,
  OSV_CONF_LOGLOG,
  OSV_CONF_LOGIT,
  OSV_CONF_ARCSIN,
  OSV_CONF_EXACT,
  OSV_CONF_MID_P,
  OSV_CONF_SMALL_SAMPLE
} osv_conf;

/* Distribution functions with the signatures of Rmath.h; in R these are {Rf_qbeta,
 * Rf_pbeta, Rf_lbeta, Rf_qt, Rf_qnorm5}, which only the main thread may call. */
typedef struct {
  double (*qbeta)(double p, double a, double b, int lower, int log_p);
  double (*pbeta)(double x, double a, double b, int lower, int log_p);
  double (*lbeta)(double a, double b);
  double (*qt)(double p, double df, int lower, int log_p);
  double (*qnorm)(double p, double mean, double sd, int lower, int log_p);
} osv_quantiles;

/* The requested confidence limits */
typedef struct {
  osv_conf type;
  double level; /* inside (0, 1) */
  const osv_quantiles *quantiles;
} osv_confidence;

/* A sweep over the event times of several curves together. The arrays have length k. `at`
 * is the next row of each curve and `entry_at` its next entry; n_risk, d, other and left
 * are its counts at the current time, see osv_sweep_next(). cause: 0 for events of any
 * cause. */
typedef struct {
  const osv_table *table;
  size_t first_curve, k;
  int cause;
  size_t *at;
  double *n_risk, *d, *other, *left;
  size_t *entry_at; /* only with left truncation */
  /* NULL: whole curves; else, without left truncation, the rows of the table at which the
   * sweep starts and ends in each curve */
  const size_t *from, *to;
} osv_sweep;

typedef enum {
  OSV_WEIGHT_LOGRANK,
  OSV_WEIGHT_GEHAN,
  OSV_WEIGHT_TARONE_WARE,
  OSV_WEIGHT_PETO_PETO,
  OSV_WEIGHT_FLEMING_HARRINGTON,
  OSV_WEIGHT_MODIFIED_PETO,
  OSV_WEIGHT_KAPLAN_MEIER
} osv_weight;

typedef struct {
  double *observed, *expected; /* [k], unweighted counts */
  double *score, *variance;    /* [k], [k * k], weighted */
} osv_test_out;

/* ---- regression ---- */

/* The cells of a Cox model: subjects with the same covariates (a pattern) who leave at
 * the same time, with an event or without. Cells are sorted by stratum and then by time.
 * A subject is at risk at t if start < t <= time. */
typedef struct {
  size_t n, p, n_pattern, n_stratum;
  const double *const *x;       /* [p] columns of n_pattern covariates */
  const double *centre, *scale; /* [p] the model is fitted to z = (x - centre) scale */
  const int *pattern;           /* [n] from 0; NULL: cell i has the pattern i */
  const double *size;  /* [n] number of subjects, whole for events; NULL: one each */
  int sampled;         /* not 0: each cell is one subject, and size is its sampling
                        * weight */
  const int *event;    /* [n] not 0: all subjects of the cell have the event */
  const int *time;     /* [n] ranks of the times */
  const int *start;    /* [n] ranks of the starts; NULL: all are at risk from the start */
  const int *by_start; /* [n] the cells, sorted by stratum and start; NULL if start is */
  const size_t *stratum_end; /* [n_stratum] the cell after the last of each stratum */
  int efron;                 /* 0: Breslow's rule for ties */
  const double *offset;      /* [n_pattern] added to the linear predictor; NULL: 0 */
} osv_cox_cells;

/* See osv_cox_fit() */
typedef struct {
  double *gamma, *variance, *score; /* [p], [p * p], [p] */
  double *loglik;                   /* [2] at coefficients of 0 and at the maximum */
  int *known, *monotone;            /* [p] */
  size_t steps;
} osv_cox_fit_out;

/* By coefficient, each [p], and the variance [p * p]; see osv_firth_of() */
typedef struct {
  double *estimate, *std_error, *low, *high, *ratio, *variance;
} osv_firth_out;

/* The rows of a Fine-Gray model, by stratum, ascending in time. A row may represent
 * several subjects with the same values. The distinct times are numbered over all
 * strata. */
typedef struct {
  size_t n, p, n_stratum;
  const double *x;           /* [p] for each covariate pattern, centred and scaled */
  const size_t *pattern;     /* [n]; NULL: row i has pattern i */
  const double *count;       /* [n] subjects of the row; NULL: one each */
  int sampled;               /* not 0: each row is one subject, `count` its weight */
  const int *status;         /* [n] 0 censored, 1 the cause, 2 a competing event */
  const size_t *time_end;    /* by time: the row after its last */
  const size_t *stratum_end; /* by stratum: the time after its last */
  const size_t *first_time;  /* [n] index of the first time at risk; NULL: the first of
                              * all */
  const size_t *by_first;    /* [n] the rows, ascending in first_time; or NULL */
  int efron;                 /* 0: Breslow's rule for ties */
  const double *offset;      /* [n] added to the linear predictor; NULL: 0 */
} osv_finegray_rows;

/* A Fine-Gray model at given coefficients. osv_finegray_start() sets it up,
 * osv_finegray_moments() sets the coefficients. */
typedef struct {
  const osv_finegray_rows *rows;
  const osv_poll *poll;
  size_t n_time, spent;
  double *weight;    /* by time; see osv_finegray_start() */
  double *risk;      /* [n] exp(x'beta) divided by the largest of the stratum */
  double *exposure;  /* [n] scratch */
  double *s0, *mean; /* by time with events: S0, and S1 / S0 [p] */
  double *sum, *rest, *events, *work; /* [p] each; work is for osv_cross */
} osv_finegray;

/* See osv_finegray_fit() */
typedef struct {
  double *estimate, *information, *loglik;
  int *identified, *monotone;
} osv_finegray_out;

/* Which sums osv_finegray_scores() computes */
typedef struct {
  int of_weights;        /* not 0: add the term for the estimated weights */
  const size_t *unit;    /* [n] or NULL */
  double *score;         /* by unit, [p] each, or NULL */
  double *meat;          /* [p * p], upper triangle, or NULL */
  const double *inverse; /* [p * p], or NULL */
  double *slope;         /* [p], or NULL */
} osv_finegray_sums;

/* See osv_cox_ph(): statistic and degrees of freedom [n_term + 1] */
typedef struct {
  double *statistic, *df;
} osv_cox_ph_out;

/* See osv_cox_residuals(). Each may be NULL. */
typedef struct {
  double *martingale; /* [n] */
  double *score;      /* [n_unit * p] */
  const int *unit;    /* [n] the unit of each cell, from 0; NULL: unit i is cell i */
  double *schoenfeld; /* [n * p], set for events */
} osv_cox_residuals_out;

/* The event times of a regression, called steps, by stratum and ascending. The hazards
 * are those of a subject with r = 1, where r is exp(x'beta) divided by the largest of the
 * data, and x is centred and scaled. A step with d events has d factors, with the
 * denominators D = s0 - f e0: s0 and e0 are the sums of r over the risk set and over the
 * events, and f is 0, 1 / d, ..., (d - 1) / d (Efron) or always 0 (Breslow). */
typedef struct {
  size_t *end;  /* by stratum: the number after its last step */
  int *time;    /* Cox: rank of the time; Fine-Gray: its index over all strata, from 0 */
  double *d;    /* events */
  double *a;    /* hazard: sum of 1 / D over the factors of tied events */
  double *b;    /* variance of a: sum of 1 / D^2 */
  double *tied; /* sum of f / D^2. With Efron's rule a subject with an event at this step
                 * has b - tied in place of b. */
  double *mean; /* [p] by step: sum of (mean over the risk set) / D */
} osv_steps;

/* ---- the kernels that other packages may call ---- */

typedef const char *osv_status_text_fn(osv_status status);
typedef size_t osv_count_times_fn(const double *time, size_t n);
typedef osv_status osv_curve_counts_fn(const osv_table *table, size_t curve, size_t m,
                                       const osv_poll *poll, const osv_counts *out);
typedef void osv_km_fn(const double *n_risk, const double *n_event, size_t m,
                       const osv_km_out *out);
typedef void osv_hazard_fn(const double *n_risk, const double *n_event, size_t m,
                           int one_by_one, double *hazard, double *variance);
typedef size_t osv_aj_work_fn(int n_cause);
typedef void osv_aj_fn(const osv_counts *counts, size_t m, int n_cause, double *work,
                       const osv_aj_out *out);
typedef osv_status osv_aalen_fn(const osv_counts *counts, size_t m, int n_cause,
                                const osv_poll *poll, double *std_error);
typedef void osv_interval_fn(osv_conf type, double z, const double *estimate,
                             const double *complement, const double *std_error, size_t m,
                             double *low, double *high);
typedef osv_status osv_km_limits_fn(const osv_confidence *want, const osv_table *table,
                                    size_t curve, const osv_counts *counts, size_t m,
                                    const osv_km_out *km, const osv_poll *poll,
                                    double *after, double *low, double *high);
typedef osv_status osv_aj_limits_fn(const osv_confidence *want, const osv_table *table,
                                    size_t curve, const osv_counts *counts, size_t m,
                                    size_t cause, const osv_aj_out *aj,
                                    const osv_poll *poll, double *after, double *low,
                                    double *high);
typedef size_t osv_logrank_work_fn(size_t k);
typedef osv_status osv_logrank_fn(osv_sweep *sweep, osv_weight weight, double rho,
                                  double gamma, const osv_poll *poll, double *work,
                                  const osv_test_out *out);
typedef size_t osv_gray_work_fn(size_t k);
typedef osv_status osv_gray_fn(osv_sweep *sweep, double rho, const osv_poll *poll,
                               double *work, const osv_test_out *out);
typedef double osv_test_statistic_fn(const double *variance, const double *score,
                                     const double *contrast, size_t k, double *work,
                                     size_t *rank);

typedef size_t osv_cox_fit_work_fn(const osv_cox_cells *cells);
typedef osv_status osv_cox_fit_fn(const osv_cox_cells *cells, const osv_poll *poll,
                                  double *work, osv_cox_fit_out *out);
typedef size_t osv_cox_firth_work_fn(const osv_cox_cells *cells);
typedef osv_status osv_cox_firth_fn(const osv_cox_cells *cells, double cut,
                                    const osv_poll *poll, double *work,
                                    const osv_firth_out *out);
typedef size_t osv_cox_ph_work_fn(const osv_cox_cells *cells);
typedef osv_status osv_cox_ph_fn(const osv_cox_cells *cells, const double *gamma,
                                 const double *g, const int *term, int n_term,
                                 const osv_poll *poll, double *work,
                                 const osv_cox_ph_out *out);
typedef size_t osv_cox_residuals_work_fn(const osv_cox_cells *cells);
typedef osv_status osv_cox_residuals_fn(const osv_cox_cells *cells, size_t n_unit,
                                        const double *gamma, const osv_poll *poll,
                                        double *work, const osv_cox_residuals_out *out);
typedef size_t osv_cox_step_count_fn(const osv_cox_cells *cells);
typedef size_t osv_cox_steps_work_fn(const osv_cox_cells *cells);
typedef osv_status osv_cox_steps_fn(const osv_cox_cells *cells, const double *gamma,
                                    const osv_poll *poll, double *work,
                                    const osv_steps *out, double *risk);
typedef size_t osv_finegray_work_fn(const osv_finegray_rows *rows);
typedef osv_finegray osv_finegray_start_fn(const osv_finegray_rows *rows,
                                           const osv_poll *poll, double *work);
typedef size_t osv_finegray_fit_work_fn(size_t p);
typedef osv_status osv_finegray_fit_fn(osv_finegray *s, double *work,
                                       const osv_finegray_out *out);
typedef size_t osv_finegray_scores_work_fn(const osv_finegray_rows *rows);
typedef osv_status osv_finegray_scores_fn(osv_finegray *s, const osv_finegray_sums *sums,
                                          double *work);
typedef osv_status osv_finegray_residuals_fn(osv_finegray *s, double *martingale,
                                             double *schoenfeld);
typedef size_t osv_finegray_step_count_fn(const osv_finegray_rows *rows);
typedef osv_status osv_finegray_steps_fn(osv_finegray *s, const osv_steps *out);

/* R registers each kernel as "osv_<name>"; its type is osv_<name>_fn. */
#define OSV_KERNELS(X)    \
  X(status_text)          \
  X(count_times)          \
  X(curve_counts)         \
  X(km)                   \
  X(hazard)               \
  X(aj_work)              \
  X(aj)                   \
  X(aalen)                \
  X(interval)             \
  X(km_limits)            \
  X(aj_limits)            \
  X(logrank_work)         \
  X(logrank)              \
  X(gray_work)            \
  X(gray)                 \
  X(test_statistic)       \
  X(cox_fit_work)         \
  X(cox_fit)              \
  X(cox_firth_work)       \
  X(cox_firth)            \
  X(cox_ph_work)          \
  X(cox_ph)               \
  X(cox_residuals_work)   \
  X(cox_residuals)        \
  X(cox_step_count)       \
  X(cox_steps_work)       \
  X(cox_steps)            \
  X(finegray_work)        \
  X(finegray_start)       \
  X(finegray_fit_work)    \
  X(finegray_fit)         \
  X(finegray_scores_work) \
  X(finegray_scores)      \
  X(finegray_residuals)   \
  X(finegray_step_count)  \
  X(finegray_steps)

#ifdef OLIGOSURV_LOOKUP

#ifndef R_NO_REMAP
#define R_NO_REMAP
#endif
#include <R_ext/Rdynload.h>
#include <Rinternals.h>

typedef int osv_abi_fn(void);

/* The columns of an R event_table, not copied: valid while the R object is protected */
typedef osv_table osv_table_of_fn(SEXP event_table);

typedef struct {
#define OSV_FIELD(name) osv_##name##_fn *name;
  OSV_KERNELS(OSV_FIELD)
#undef OSV_FIELD
  osv_table_of_fn *table_of;
} osv_api;

/* Looks up all kernels. Raises an R error if the installed oligosurv has another ABI than
 * the header with which the client was compiled. */
static inline osv_api osv_api_get(void) {
  osv_abi_fn *const abi = (osv_abi_fn *)R_GetCCallable("oligosurv", "osv_abi");
  if (abi() != OSV_ABI)
    Rf_error("compiled for ABI %d of oligosurv, but %d is installed: install again",
             OSV_ABI, abi());
  osv_api api;
#define OSV_LOOK_UP(name) \
  api.name = (osv_##name##_fn *)R_GetCCallable("oligosurv", "osv_" #name);
  OSV_KERNELS(OSV_LOOK_UP)
#undef OSV_LOOK_UP
  api.table_of = (osv_table_of_fn *)R_GetCCallable("oligosurv", "osv_table_of");
  return api;
}

#endif

#endif
