/* osv_regression_rows - prototypes of the kernels that prepare the rows of a regression.
 * Included by osv_core.h. */
#ifndef OSV_REGRESSION_ROWS_H
#define OSV_REGRESSION_ROWS_H

int osv_times_ascend(const double *x, size_t n);
void osv_rank_sorted(const double *time, size_t n, const double *distinct,
                     size_t n_distinct, int *rank);
void osv_rank_times(double *time, int *row, size_t n, const double *distinct,
                    size_t n_distinct, double *time2, int *row2, int *rank);
void osv_rank_entries(const double *entry, size_t n, const double *distinct,
                      size_t n_distinct, int *rank);
void osv_by_stratum(const int *stratum, const int *row, const int *rank, size_t n,
                    size_t *next, int *row_to, int *rank_to);
double osv_largest_size(const double *x, size_t n);
int osv_codes_fit(const int *code, size_t n, unsigned most);
int osv_combine_codes(const int *code, size_t n, int size, int *into);
int osv_combine_known(const int *code, size_t n, int size, int *into);
int osv_status_codes(const int *whole, const double *number, size_t n, int first,
                     int n_status, int *code);

/* See osv_sum_by_time(): n cells, sorted by stratum and time */
typedef struct {
  size_t n;
  const double *size;
  const int *time, *stratum, *status; /* ranks and codes; status from 0 */
} osv_cells;
size_t osv_sum_by_time(const osv_cells *x, double *sum, int *at, int *of, double *total);
void osv_sum_at(const double *x, const int *at, size_t n, double *sum);

/* See osv_km_transform(): subjects by rank of the time at which they leave */
typedef struct {
  size_t n;
  const int *stop, *start, *event; /* ranks of times; start NULL: all are at risk from
                                    * time 0 */
  const double *count;             /* subjects of each row; NULL: one each */
} osv_exits;
void osv_km_transform(const osv_exits *exits, size_t most, double *work, double *g);

#endif
