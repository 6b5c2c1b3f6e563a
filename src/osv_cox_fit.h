/* osv_cox_fit - prototypes of the Cox fit from counts by covariate pattern. Included by
 * osv_core.h. */
#ifndef OSV_COX_FIT_H
#define OSV_COX_FIT_H

/* A time with d events contributes d factors to the partial likelihood, l = 0 .. d - 1.
 * Their denominators are D = s0 - f e0, where f = l / d (Efron) or f = 0 (Breslow). Sums
 * over these factors: `log` of log D, a[k] of f^k / D, b[k] of f^k / D^2. */
typedef struct {
  double log, a[2], b[3];
} osv_cox_tie;
osv_cox_tie osv_cox_tie_sums(double d, double s0, double e0, int efron);
void osv_cox_tie_cubes(double d, double e, double cubes[4]);
void osv_cox_tie_third(double d, double e, const double square[3], double *of_s,
                       double *of_v);
void osv_cox_scaling(const double *x, size_t n, double *centre, double *scale);

/* See osv_cox_slope() */
size_t osv_cox_slope_work(const osv_cox_cells *cells);
osv_status osv_cox_slope(const osv_cox_cells *cells, const double *gamma,
                         const double *inverse, const osv_poll *poll, double *work,
                         double *slope);

/* See osv_cox_sums(). g: values by rank of time, or NULL */
typedef struct {
  const double *g;
  double *loglik, *score, *information, *raw, *score_g;
} osv_cox_sums_out;
size_t osv_cox_sums_work(const osv_cox_cells *cells, int with_g);
osv_status osv_cox_sums(const osv_cox_cells *cells, const double *gamma,
                        const osv_poll *poll, double *work, const osv_cox_sums_out *out);

#endif
