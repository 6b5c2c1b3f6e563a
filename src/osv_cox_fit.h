/* osv_cox_fit - prototypes of the Cox fit from counts by covariate pattern. Included by
 * osv_core.h. */
#ifndef OSV_COX_FIT_H
#define OSV_COX_FIT_H

/* The cells of a Cox model: subjects with the same covariates (a pattern) who leave at
 * the same time, with an event or without. They are sorted by stratum, and by time in
 * each stratum. A subject is at risk at t when start < t <= time. */
typedef struct {
  size_t n, p, n_pattern, n_stratum;
  const double *const *x;       /* [p] columns of n_pattern covariates */
  const double *centre, *scale; /* [p] the fit is made in z = (x - centre) scale */
  const int *pattern;           /* [n] from 0; NULL: cell i has the pattern i */
  const double *size;  /* [n] subjects, for events a whole number; NULL: one each */
  int sampled;         /* not 0: each cell is one subject, and size its sampling weight */
  const int *event;    /* [n] not 0: the subjects of the cell have an event */
  const int *time;     /* [n] ranks of the times */
  const int *start;    /* [n] ranks of the starts; NULL: all are at risk from the start */
  const int *by_start; /* [n] cells by stratum, in each by start; NULL with start */
  const size_t *stratum_end; /* [n_stratum] the cell after the last of each stratum */
  int efron;                 /* 0: Breslow's rule for ties */
} osv_cox_cells;

/* Sums over the d factors l = 0 .. d - 1 of a time with d events, whose denominators are
 * D = s0 - f e0 with f = l / d (Efron) or f = 0 (Breslow):
 *   log: sum of log D;  a[k]: of f^k / D;  b[k]: of f^k / D^2 */
typedef struct {
  double log, a[2], b[3];
} osv_cox_tie;
osv_cox_tie osv_cox_tie_sums(double d, double s0, double e0, int efron);

/* See osv_cox_slope() */
size_t osv_cox_slope_work(const osv_cox_cells *cells);
osv_status osv_cox_slope(const osv_cox_cells *cells, const double *gamma,
                         const double *inverse, const osv_poll *poll, double *work,
                         double *slope);

/* See osv_cox_sums(). g by rank of time, or NULL */
typedef struct {
  const double *g;
  double *loglik, *score, *information, *raw, *score_g;
} osv_cox_sums_out;
size_t osv_cox_sums_work(const osv_cox_cells *cells, int with_g);
osv_status osv_cox_sums(const osv_cox_cells *cells, const double *gamma,
                        const osv_poll *poll, double *work, const osv_cox_sums_out *out);

size_t osv_cox_firth_work(const osv_cox_cells *cells);
osv_status osv_cox_firth(const osv_cox_cells *cells, double cut, const osv_poll *poll,
                         double *work, const osv_firth_out *out);

/* See osv_cox_fit() */
typedef struct {
  double *gamma, *variance, *score; /* [p], [p * p], [p] */
  double *loglik;                   /* [2] at coefficients of 0 and at the maximum */
  int *known, *monotone;            /* [p] */
  size_t steps;
} osv_cox_fit_out;
size_t osv_cox_fit_work(const osv_cox_cells *cells);
osv_status osv_cox_fit(const osv_cox_cells *cells, const osv_poll *poll, double *work,
                       osv_cox_fit_out *out);

/* See osv_cox_ph(): statistic and degrees of freedom [n_term + 1] */
typedef struct {
  double *statistic, *df;
} osv_cox_ph_out;
size_t osv_cox_ph_work(const osv_cox_cells *cells);
osv_status osv_cox_ph(const osv_cox_cells *cells, const double *gamma, const double *g,
                      const int *term, int n_term, const osv_poll *poll, double *work,
                      const osv_cox_ph_out *out);

/* See osv_cox_residuals(). Each may be NULL. */
typedef struct {
  double *martingale; /* [n] */
  double *score;      /* [n_unit * p] */
  const int *unit;    /* [n] the unit of each cell, from 0; NULL: unit i is cell i */
  double *schoenfeld; /* [n * p], set for events */
} osv_cox_residuals_out;
size_t osv_cox_residuals_work(const osv_cox_cells *cells);
osv_status osv_cox_residuals(const osv_cox_cells *cells, size_t n_unit,
                             const double *gamma, const osv_poll *poll, double *work,
                             const osv_cox_residuals_out *out);

#endif
