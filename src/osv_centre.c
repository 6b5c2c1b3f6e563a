/* osv_centre - centres and scales covariates, in the row order of a regression. */
#include "osv_core.h"

enum { COLUMNS = 8 }; /* number of columns that fill one cache line of the output */

/* A column is constant if its variation within strata is below this proportion of its
 * size. */
static const double CONSTANT = 1e-12;

/* Largest absolute value; 1 if all are 0 */
static double largest(const double *x, size_t n) {
  double top = 0.0;
  for (size_t i = 0; i < n; i++)
    if (fabs(x[i]) > top) top = fabs(x[i]);
  return top > 0.0 ? top : 1.0;
}

/* Mean and sum of squared deviations of x / top over a range of rows */
static void spread(const osv_centre_in *in, const double *x, double top, size_t from,
                   size_t to, double *mean, double *squares, double *size) {
  double sum = 0.0;
  for (size_t i = from; i < to; i++) sum += x[in->order[i] - 1] / top;
  *mean = to > from ? sum / (double)(to - from) : 0.0;
  for (size_t i = from; i < to; i++) {
    const double value = x[in->order[i] - 1] / top, off = value - *mean;
    *squares += off * off;
    *size += value * value;
  }
}

/* Number of doubles of scratch that osv_centre() needs */
size_t osv_centre_work(size_t n_stratum) {
  return n_stratum * COLUMNS;
}

/* Covariates row by row, centred within strata and divided by their standard deviation
 *
 * in   in    see osv_centre_in; x finite
 *      poll  or NULL
 * work osv_centre_work(n_stratum) doubles
 * out  out [n * p]  row by row
 *      scale [p]    the divisor of each column; 0 for a column that is constant within
 *                   strata and therefore 0 in `out`
 * Centring does not change the partial likelihood, but avoids a loss of digits.
 * Cost O(n p). OSV_EINTR if the poll asks to stop.
 */
osv_status osv_centre(const osv_centre_in *in, const osv_poll *poll, double *out,
                      double *scale, double *work) {
  const size_t n = in->n, p = in->p, strata = in->n_stratum;
  for (size_t first = 0; first < p; first += COLUMNS) {
    const size_t columns = p - first < COLUMNS ? p - first : COLUMNS;
    for (size_t j = 0; j < columns; j++) {
      const double *const x = in->x + (first + j) * in->n_data,
                          top = largest(x, in->n_data);
      double squares = 0.0, size = 0.0;
      for (size_t s = 0; s < strata; s++)
        spread(in, x, top, s ? in->stratum_end[s - 1] : 0, in->stratum_end[s],
               work + s * COLUMNS + j, &squares, &size);
      const int varies = sqrt(squares) > CONSTANT * sqrt(size);
      scale[first + j] = varies ? top * sqrt(squares / (double)n) : 0.0;
      for (size_t s = 0; s < strata; s++) work[s * COLUMNS + j] *= top;
      if (poll && poll->fn(poll->ctx)) return OSV_EINTR;
    }
    size_t s = 0;
    for (size_t i = 0; i < n; i++) {
      const size_t row = (size_t)in->order[i] - 1;
      while (i >= in->stratum_end[s]) s++;
      for (size_t j = 0; j < columns; j++) {
        const double off = in->x[(first + j) * in->n_data + row] - work[s * COLUMNS + j];
        out[i * p + first + j] = scale[first + j] > 0.0 ? off / scale[first + j] : 0.0;
      }
    }
  }
  return OSV_OK;
}
