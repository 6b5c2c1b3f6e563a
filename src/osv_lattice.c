/* osv_lattice - counts of times that stand on a lattice: days, months of 30.4375 days,
 * tenths. The place of a time is found by one product, and what stands there is compared,
 * so a time off the lattice is never miscounted, only left to the hash table. */
#include "osv_core.h"

#include <math.h>
#include <string.h>

/* Places per unit of time at which the times of a sample stand apart, and *size, how many
 * places there are; 0 where they would need more than OSV_LATTICE_MOST counts.
 *
 * in  sorted[n]  ascending, finite, >= 0; n_cell: counts a place
 * The step is the least gap between sampled times; times closer than 1e-9 of the last
 * are taken as one.
 */
double osv_lattice_scale(const double *sorted, size_t n, size_t n_cell, size_t *size) {
  if (n == 0) return 0.0;
  const double last = sorted[n - 1];
  double gap = last > 0.0 ? last : 1.0;
  for (size_t i = 1; i < n; i++) {
    const double between = sorted[i] - sorted[i - 1];
    if (between > 1e-9 * last && between < gap) gap = between;
  }
  const double places = 1.125 * last / gap + 64.0;
  if (places * ((double)n_cell + 1.0) > (double)OSV_LATTICE_MOST) return 0.0;
  *size = (size_t)places;
  return 1.0 / gap;
}

/* An empty lattice in arrays of the caller: time[size + 1], n[size * n_cell]. A free
 * place, and the one after the last, holds NaN, which equals no time. */
void osv_lattice_clear(const osv_lattice *lattice) {
  for (size_t p = 0; p <= lattice->size; p++) lattice->time[p] = NAN;
  memset(lattice->n, 0, lattice->size * lattice->n_cell * sizeof *lattice->n);
}

/* Codes of one column, or ones where there is none */
typedef struct {
  const int *code;
  size_t mask;
  unsigned n;
} codes;

static const int one = 1;

static codes codes_of(const int *code, int levels) {
  return (codes){code ? code : &one, code ? SIZE_MAX : 0, (unsigned)levels};
}

static inline size_t count_rows(const osv_lattice *lattice, const osv_rows *rows,
                                size_t from, size_t to, size_t *left, int whole_times,
                                int whole_states) {
  const double scale = lattice->scale, size = (double)lattice->size;
  const unsigned first = (unsigned)rows->status_first,
                 n_status = (unsigned)rows->n_status;
  const codes group = codes_of(rows->group, rows->n_group);
  const codes stratum = codes_of(rows->stratum, rows->n_stratum);
  size_t k = 0;
  for (size_t i = from; i < to; i++) {
    const double t = whole_times ? (double)rows->time_int[i] : rows->time[i];
    const double at = t * scale + 0.5;
    const size_t p = (size_t)(ptrdiff_t)(at >= 0.0 && at < size ? at : size);
    const unsigned g = (unsigned)group.code[i & group.mask] - 1u;
    const unsigned h = (unsigned)stratum.code[i & stratum.mask] - 1u;
    unsigned s;
    if (whole_states) {
      s = (unsigned)rows->status_int[i] - first;
    } else {
      const double x = rows->status[i] - (double)rows->status_first;
      s = x >= 0.0 && x < (double)n_status ? (unsigned)x : n_status;
      if ((double)s != x) s = n_status;
    }
    if ((lattice->time[p] == t) & (s < n_status) & (g < group.n) & (h < stratum.n))
      lattice->n[p * lattice->n_cell + (size_t)((h * group.n + g) * n_status + s)]++;
    else
      left[k++] = i;
  }
  return k;
}

/* Counts the rows [from, to) whose time has a place. Returns how many it has not counted,
 * left[to - from]: those with a time not met yet, off the lattice, or with a missing or
 * bad value. */
size_t osv_lattice_rows(const osv_lattice *lattice, const osv_rows *rows, size_t from,
                        size_t to, size_t *left) {
  if (rows->time)
    return rows->status ? count_rows(lattice, rows, from, to, left, 0, 0)
                        : count_rows(lattice, rows, from, to, left, 0, 1);
  return rows->status ? count_rows(lattice, rows, from, to, left, 1, 0)
                      : count_rows(lattice, rows, from, to, left, 1, 1);
}

/* Counts one row, giving its time the place if that is free; 0 when another time has it
 * or there is none. */
int osv_lattice_place(const osv_lattice *lattice, double time, int cell) {
  const double at = time * lattice->scale + 0.5;
  if (!(at < (double)lattice->size)) return 0;
  const size_t p = (size_t)at;
  if (isnan(lattice->time[p])) lattice->time[p] = time;
  if (lattice->time[p] != time) return 0;
  lattice->n[p * lattice->n_cell + (size_t)cell]++;
  return 1;
}

/* Counts above 0 */
size_t osv_lattice_used(const osv_lattice *lattice) {
  size_t used = 0;
  for (size_t i = 0; i < lattice->size * lattice->n_cell; i++) used += lattice->n[i] > 0;
  return used;
}

/* Adds the counts of `from`, a lattice of the same size, to `into`. 0, with nothing
 * added, when a place holds different times in the two. */
int osv_lattice_add(const osv_lattice *into, const osv_lattice *from) {
  for (size_t p = 0; p < into->size; p++)
    if (into->time[p] != from->time[p] && !isnan(into->time[p]) && !isnan(from->time[p]))
      return 0;
  for (size_t p = 0; p < into->size; p++)
    if (isnan(into->time[p])) into->time[p] = from->time[p];
  for (size_t i = 0; i < into->size * into->n_cell; i++) into->n[i] += from->n[i];
  return 1;
}

/* The event table of the counts of a lattice, whose places ascend in time.
 *
 * out  time, status, n [osv_lattice_used()], start[n_curve + 1]; as osv_tally_sort()
 */
void osv_lattice_table(const osv_lattice *lattice, int n_status, size_t n_curve,
                       double *time, int *status, double *n, double *start) {
  size_t m = 0;
  for (size_t c = 0; c < n_curve; c++) {
    start[c] = (double)m;
    for (size_t p = 0; p < lattice->size; p++) {
      const uint32_t *count = lattice->n + p * lattice->n_cell + c * (size_t)n_status;
      for (int s = 0; s < n_status; s++) {
        if (count[s] == 0) continue;
        time[m] = lattice->time[p];
        status[m] = s;
        n[m++] = (double)count[s];
      }
    }
  }
  start[n_curve] = (double)m;
}
