/* osv_finegray - prototypes of Fine-Gray regression; osv_core.h includes them. */
#ifndef OSV_FINEGRAY_H
#define OSV_FINEGRAY_H

/* Sums of w x x', row by row; see osv_cross_add() */
enum { OSV_CROSS_ROWS = 128, OSV_CROSS_TILE = 4 };
typedef struct {
  size_t p, n; /* columns, rows in the buffers */
  double *out; /* [p * p], upper triangle */
  double *left, *right;
} osv_cross;
size_t osv_cross_work(size_t p);
osv_cross osv_cross_start(size_t p, double *out, double *work);
void osv_cross_add(osv_cross *c, const double *x, double w);
void osv_cross_end(osv_cross *c);

/* See osv_centre() */
typedef struct {
  size_t n, p, n_stratum, n_data;
  const double *x;           /* [n_data * p], column by column */
  const int *order;          /* [n] rows of x in the order wanted, from 1 */
  const size_t *stratum_end; /* by stratum: the row after its last, in that order */
} osv_centre_in;
size_t osv_centre_work(size_t n_stratum);
osv_status osv_centre(const osv_centre_in *in, const osv_poll *poll, double *out,
                      double *scale, double *work);

/* The rows of a Fine-Gray model, stratum by stratum, ascending in time; a row may stand
 * for many subjects that are alike. The distinct times are numbered over all strata. */
typedef struct {
  size_t n, p, n_stratum;
  const double *x;           /* by covariate pattern, [p] each, centred and scaled */
  const size_t *pattern;     /* [n]; NULL: row i has pattern i */
  const double *count;       /* [n] subjects of the row; NULL: one each */
  int sampled;               /* not 0: each row is one subject, `count` its weight */
  const int *status;         /* [n] 0 censored, 1 the cause, 2 a competing event */
  const size_t *time_end;    /* by time: the row after its last */
  const size_t *stratum_end; /* by stratum: the time after its last */
  const size_t *first_time;  /* [n], number of the first time at risk; NULL: the first */
  const size_t *by_first;    /* [n] the rows, ascending in first_time; or NULL */
  int efron;                 /* 0: Breslow's rule for ties */
} osv_finegray_rows;

/* A model at one vector of coefficients; made by osv_finegray_start(), moved by
 * osv_finegray_moments() */
typedef struct {
  const osv_finegray_rows *rows;
  const osv_poll *poll;
  size_t n_time, spent;
  double *weight;    /* by time; see osv_finegray_start() */
  double *risk;      /* [n] exp(x'beta), relative to the largest of the stratum */
  double *exposure;  /* [n] scratch */
  double *s0, *mean; /* by time with events, S0 and S1 / S0 [p] */
  double *sum, *rest, *events, *work; /* [p] each, and scratch for osv_cross */
} osv_finegray;
size_t osv_finegray_times(const osv_finegray_rows *rows);
size_t osv_finegray_work(const osv_finegray_rows *rows);
osv_finegray osv_finegray_start(const osv_finegray_rows *rows, const osv_poll *poll,
                                double *work);
osv_status osv_finegray_moments(osv_finegray *s, const double *beta, double *loglik,
                                double *score);
osv_status osv_finegray_information(osv_finegray *s, const double *of_time,
                                    double *information, double *size);
osv_status osv_finegray_trend(osv_finegray *s, const double *of_time, double *score);

/* See osv_finegray_fit() */
typedef struct {
  double *beta, *information, *loglik;
  int *identified, *monotone;
} osv_finegray_out;
size_t osv_finegray_fit_work(size_t p);
osv_status osv_finegray_fit(osv_finegray *s, double *work, const osv_finegray_out *out);

/* Which sums osv_finegray_scores() makes */
typedef struct {
  int of_weights;        /* not 0: with the term for the estimated weights */
  const size_t *unit;    /* [n] or NULL */
  double *score;         /* by unit, [p] each, or NULL */
  double *meat;          /* [p * p], upper triangle, or NULL */
  const double *inverse; /* [p * p], or NULL */
  double *slope;         /* [p], or NULL */
} osv_finegray_sums;
size_t osv_finegray_scores_work(const osv_finegray_rows *rows);
osv_status osv_finegray_scores(osv_finegray *s, const osv_finegray_sums *sums,
                               double *work);
osv_status osv_finegray_residuals(osv_finegray *s, double *martingale,
                                  double *schoenfeld);
size_t osv_finegray_firth_work(const osv_finegray_rows *rows);
osv_status osv_finegray_firth(osv_finegray *s, double cut, double *work,
                              const osv_firth_out *out);

#endif
