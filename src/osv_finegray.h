/* osv_finegray - prototypes of Fine-Gray regression; osv_core.h includes them. */
#ifndef OSV_FINEGRAY_H
#define OSV_FINEGRAY_H

/* Sums of w x x' over rows; see osv_cross_add() */
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
  const int *order;          /* [n] the rows of x in the requested order, from 1 */
  const size_t *stratum_end; /* by stratum, in that order: the row after its last */
} osv_centre_in;
size_t osv_centre_work(size_t n_stratum);
osv_status osv_centre(const osv_centre_in *in, const osv_poll *poll, double *out,
                      double *scale, double *work);

size_t osv_finegray_times(const osv_finegray_rows *rows);
osv_status osv_finegray_moments(osv_finegray *s, const double *beta, double *loglik,
                                double *score);
osv_status osv_finegray_information(osv_finegray *s, const double *of_time,
                                    double *information, double *size);
osv_status osv_finegray_trend(osv_finegray *s, const double *of_time, double *score);

size_t osv_finegray_firth_work(const osv_finegray_rows *rows);
osv_status osv_finegray_firth(osv_finegray *s, double cut, double *work,
                              const osv_firth_out *out);

#endif
