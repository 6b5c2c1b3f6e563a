/* osv_grid - counts of times on an equally spaced grid, such as days, months of 30.4375
 * days, or tenths. One multiplication finds the grid point of a time, which is then
 * compared with the time stored at the point. A time off the grid is therefore never
 * counted as another one; it is left to the hash table. */
#include "osv_core.h"

#include <math.h>
#include <string.h>

/* Resolution of the grid (points per unit of time) at which different sampled times fall
 * on different points; 0 if the grid would need more than `most` counts.
 *
 * in   sorted[n]  ascending, finite, >= 0; n_cell: counts per point; most
 * out  *size      number of points
 * The distance of grid points is the smallest gap between sampled times. Times that
 * differ by less than 1e-9 times the last one count as equal.
 */
double osv_grid_scale(const double *sorted, size_t n, size_t n_cell, size_t most,
                      size_t *size) {
  if (n == 0) return 0.0;
  const double last = sorted[n - 1];
  double gap = last > 0.0 ? last : 1.0;
  for (size_t i = 1; i < n; i++) {
    const double between = sorted[i] - sorted[i - 1];
    if (between > 1e-9 * last && between < gap) gap = between;
  }
  const double places = 1.125 * last / gap + 64.0;
  if (places * ((double)n_cell + 1.0) > (double)most) return 0.0;
  *size = (size_t)places;
  return 1.0 / gap;
}

/* Empties a grid in the caller's arrays, time[size + 1] and n[size * n_cell]. A free
 * point, and the one after the last, hold NaN, which equals no time. */
void osv_grid_clear(const osv_grid *grid) {
  for (size_t p = 0; p <= grid->size; p++) grid->time[p] = NAN;
  memset(grid->n, 0, grid->size * grid->n_cell * sizeof *grid->n);
}

/* The codes of a column. If the column is absent, `code` is a single 1 and `mask` is 0,
 * so that every row reads this 1 and the loop over rows needs no branch. */
typedef struct {
  const int *code;
  size_t mask;
  unsigned n;
} codes;

static const int one = 1;

static codes codes_of(const int *code, int levels) {
  return (codes){code ? code : &one, code ? SIZE_MAX : 0, (unsigned)levels};
}

static inline size_t count_rows(const osv_grid *grid, const osv_rows *rows, size_t from,
                                size_t to, size_t *left, int whole_times,
                                int whole_states, int one_curve) {
  const double scale = grid->scale, size = (double)grid->size;
  const unsigned first = (unsigned)rows->status_first,
                 n_status = (unsigned)rows->n_status;
  const codes group = codes_of(rows->group, rows->n_group);
  const codes stratum = codes_of(rows->stratum, rows->n_stratum);
  size_t k = 0;
  for (size_t i = from; i < to; i++) {
    const double t = whole_times ? (double)rows->time_int[i] : rows->time[i];
    const double at = t * scale + 0.5;
    const size_t p = (size_t)(ptrdiff_t)(at >= 0.0 && at < size ? at : size);
    const unsigned g = one_curve ? 0u : (unsigned)group.code[i & group.mask] - 1u;
    const unsigned h = one_curve ? 0u : (unsigned)stratum.code[i & stratum.mask] - 1u;
    unsigned s;
    if (whole_states) {
      s = (unsigned)rows->status_int[i] - first;
    } else {
      const double x = rows->status[i] - (double)rows->status_first;
      s = x >= 0.0 && x < (double)n_status ? (unsigned)x : n_status;
      if ((double)s != x) s = n_status;
    }
    if ((grid->time[p] == t) & (s < n_status) &
        (one_curve || ((g < group.n) & (h < stratum.n))))
      grid->n[p * grid->n_cell + (size_t)((h * group.n + g) * n_status + s)]++;
    else
      left[k++] = i;
  }
  return k;
}

/* Counts the rows [from, to) whose time is stored in the grid.
 *
 * out  left[to - from]: the rows not counted, with a time that is new or off the grid, or
 *      with a missing or bad value
 * Value: how many are left.
 */
size_t osv_grid_count_rows(const osv_grid *grid, const osv_rows *rows, size_t from,
                           size_t to, size_t *left) {
  if (!rows->group && !rows->stratum && !rows->status) /* such as covariate patterns */
    return rows->time ? count_rows(grid, rows, from, to, left, 0, 1, 1)
                      : count_rows(grid, rows, from, to, left, 1, 1, 1);
  if (rows->time)
    return rows->status ? count_rows(grid, rows, from, to, left, 0, 0, 0)
                        : count_rows(grid, rows, from, to, left, 0, 1, 0);
  return rows->status ? count_rows(grid, rows, from, to, left, 1, 0, 0)
                      : count_rows(grid, rows, from, to, left, 1, 1, 0);
}

/* Counts one row, and stores its time if the point is free. Value: 0 if the point holds
 * another time or the grid ends before this time. */
int osv_grid_count_row(const osv_grid *grid, double time, int cell) {
  const double at = time * grid->scale + 0.5;
  if (!(at < (double)grid->size)) return 0;
  const size_t p = (size_t)at;
  if (isnan(grid->time[p])) grid->time[p] = time;
  if (grid->time[p] != time) return 0;
  grid->n[p * grid->n_cell + (size_t)cell]++;
  return 1;
}

/* Number of counts that are not 0 */
size_t osv_grid_used(const osv_grid *grid) {
  size_t used = 0;
  for (size_t i = 0; i < grid->size * grid->n_cell; i++) used += grid->n[i] > 0;
  return used;
}

/* Adds the counts of `from`, a grid of the same size, to `into`. Value: 0, with nothing
 * added, if a point has different times in the two grids. */
int osv_grid_add(const osv_grid *into, const osv_grid *from) {
  for (size_t p = 0; p < into->size; p++)
    if (into->time[p] != from->time[p] && !isnan(into->time[p]) && !isnan(from->time[p]))
      return 0;
  for (size_t p = 0; p < into->size; p++)
    if (isnan(into->time[p])) into->time[p] = from->time[p];
  for (size_t i = 0; i < into->size * into->n_cell; i++) into->n[i] += from->n[i];
  return 1;
}

/* Converts a grid to an event table. Grid points are already in order of time.
 *
 * out  time, status, n [osv_grid_used()], start[n_curve + 1]; as osv_hash_to_table()
 */
void osv_grid_to_table(const osv_grid *grid, int n_status, size_t n_curve, double *time,
                       int *status, double *n, double *start) {
  size_t m = 0;
  for (size_t c = 0; c < n_curve; c++) {
    start[c] = (double)m;
    for (size_t p = 0; p < grid->size; p++) {
      const uint32_t *count = grid->n + p * grid->n_cell + c * (size_t)n_status;
      for (int s = 0; s < n_status; s++) {
        if (count[s] == 0) continue;
        time[m] = grid->time[p];
        status[m] = s;
        n[m++] = (double)count[s];
      }
    }
  }
  start[n_curve] = (double)m;
}
