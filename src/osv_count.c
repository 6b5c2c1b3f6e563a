/* osv_count - counts rows by time and cell in a hash table, without sorting them. */
#include "osv_core.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* Time of row i. Here and below, *complete is set to 0 if the value is missing. */
static double read_time(const osv_rows *rows, size_t i, int *complete) {
  if (rows->time) {
    const double t = rows->time[i];
    if (isnan(t)) *complete = 0;
    return t + 0.0; /* -0 becomes 0 */
  }
  if (rows->time_int[i] == INT_MIN) *complete = 0;
  return (double)rows->time_int[i];
}

static int read_code(const int *code, size_t i, int *complete) {
  if (!code) return 1;
  if (code[i] == INT_MIN) *complete = 0;
  return code[i];
}

/* 0-based status; -1 if the value is not a status code */
static int read_status(const osv_rows *rows, size_t i, int *complete) {
  double s;
  if (rows->status) {
    s = rows->status[i];
    if (isnan(s)) *complete = 0;
  } else {
    s = (double)read_code(rows->status_int, i, complete);
  }
  s -= (double)rows->status_first;
  if (!(s >= 0.0 && s < (double)rows->n_status) || s != floor(s)) return -1;
  return (int)s;
}

/* The next functions read one column of a block each. Their loops are branch-free so that
 * they vectorise. They return 1 if all values are complete and allowed; otherwise the
 * output is not used. */

/* Adds (code - 1) * step to each cell */
static int add_codes(const int *code, size_t n, int step, int *cell) {
  unsigned worst = 0;
#pragma omp simd reduction(| : worst)
  for (size_t i = 0; i < n; i++) {
    const unsigned c = (unsigned)code[i] - 1u;
    worst |= c | (unsigned)code[i]; /* a missing code, INT_MIN, sets the sign bit */
    cell[i] = (int)((unsigned)cell[i] + c * (unsigned)step);
  }
  return worst <= INT_MAX;
}

static int read_all_times(const osv_rows *rows, size_t from, size_t n, double *time) {
  unsigned odd = 0;
  if (rows->time) {
    const double *x = rows->time + from;
#pragma omp simd reduction(| : odd)
    for (size_t i = 0; i < n; i++) {
      time[i] = x[i] + 0.0;
      odd |= (unsigned)!((x[i] >= 0.0) & (x[i] < INFINITY));
    }
    return !odd;
  }
  const int *x = rows->time_int + from;
#pragma omp simd reduction(| : odd)
  for (size_t i = 0; i < n; i++) {
    time[i] = (double)x[i];
    odd |= (unsigned)x[i];
  }
  return odd <= INT_MAX;
}

static int read_all_states(const osv_rows *rows, size_t from, size_t n, int *cell) {
  if (rows->status_int) {
    const unsigned first = (unsigned)rows->status_first, count = (unsigned)rows->n_status;
    const int *x = rows->status_int + from;
    unsigned outside = 0;
#pragma omp simd reduction(| : outside)
    for (size_t i = 0; i < n; i++) {
      const unsigned s = (unsigned)x[i] - first;
      cell[i] = (int)s;
      outside |= s >= count;
    }
    return !outside;
  }
  const double first = (double)rows->status_first, count = (double)rows->n_status;
  const double *x = rows->status + from;
  unsigned odd = 0;
  for (size_t i = 0; i < n; i++) {
    const double s = x[i] - first;
    const int inside = (s >= 0.0) & (s < count);
    cell[i] = inside ? (int)s : 0;
    odd |= (unsigned)!(inside & ((double)cell[i] == s));
  }
  return !odd;
}

/* Reads all rows of [from, to), column by column. Value: 0 if a value is missing or not
 * allowed; then the rows must be read one by one. */
static int read_all(const osv_rows *rows, size_t from, size_t to, osv_block *block) {
  block->n = to - from;
  return read_all_times(rows, from, block->n, block->time) &&
         read_all_states(rows, from, block->n, block->cell) &&
         (!rows->group ||
          add_codes(rows->group + from, block->n, rows->n_status, block->cell)) &&
         (!rows->stratum || add_codes(rows->stratum + from, block->n,
                                      rows->n_status * rows->n_group, block->cell));
}

/* Reads the complete rows of [from, to), at most OSV_BLOCK, into one block.
 *
 * out  block; after OSV_EDOMAIN *bad, the 0-based row of a time that is negative or
 *      infinite, or of a status that is not a code
 * The caller guarantees group codes of 1 .. n_group and stratum codes of 1 .. n_stratum.
 */
osv_status osv_rows_read(const osv_rows *rows, size_t from, size_t to, osv_block *block,
                         size_t *bad) {
  if (read_all(rows, from, to, block)) return OSV_OK;
  size_t k = 0;
  for (size_t i = from; i < to; i++) {
    int complete = 1;
    const double t = read_time(rows, i, &complete);
    const int s = read_status(rows, i, &complete);
    const int g = read_code(rows->group, i, &complete);
    const int h = read_code(rows->stratum, i, &complete);
    if (!complete) continue;
    if (!(t >= 0.0 && t < INFINITY) || s < 0) {
      *bad = i;
      return OSV_EDOMAIN;
    }
    block->time[k] = t;
    block->cell[k] = ((h - 1) * rows->n_group + g - 1) * rows->n_status + s;
    k++;
  }
  block->n = k;
  return OSV_OK;
}

static uint64_t bits_of(double x) {
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

/* The slot of (time, cell), or the free slot where it belongs. Multiplicative hashing
 * (Knuth, vol. 3, 6.4): the high bits of the product depend on all bits of the key. */
static osv_slot *find_slot(const osv_hash *hash, double time, int cell) {
  uint64_t h = bits_of(time) * UINT64_C(0x9E3779B97F4A7C15);
  h = (h ^ (h >> 32) ^ (uint64_t)cell) * UINT64_C(0xD6E8FEB86659FD93);
  size_t i = (size_t)(h >> 32) & (hash->size - 1);
  for (;;) {
    osv_slot *slot = hash->slot + i;
    if (slot->n == 0.0 || (slot->time == time && slot->cell == cell)) return slot;
    i = (i + 1) & (hash->size - 1);
  }
}

/* Adds n subjects to a count; the caller ensures that a slot is free. */
static void hash_add(osv_hash *hash, double time, int cell, double n) {
  osv_slot *slot = find_slot(hash, time, cell);
  if (slot->n == 0.0) {
    slot->time = time;
    slot->cell = cell;
    hash->used++;
  }
  slot->n += n;
}

/* Counts the rows left[], which osv_grid_count_rows() has not counted. A new time is
 * stored at its grid point if that is free; other rows go to the hash table. */
static osv_status count_left(osv_hash *hash, const osv_grid *grid, const osv_rows *rows,
                             const size_t *left, size_t n_left, osv_block *row,
                             size_t *at, size_t *complete) {
  for (size_t i = 0; i < n_left; i++) {
    const osv_status status = osv_rows_read(rows, left[i], left[i] + 1, row, at);
    if (status != OSV_OK) return status;
    *complete += row->n;
    if (row->n == 1 && !osv_grid_count_row(grid, row->time[0], row->cell[0]))
      hash_add(hash, row->time[0], row->cell[0], 1.0);
  }
  return OSV_OK;
}

/* Number of rows that are counted as one block in a hash table of this size */
size_t osv_hash_block(size_t size) {
  return size / 4 < OSV_BLOCK ? size / 4 : OSV_BLOCK;
}

/* Counts the rows *at .. to - 1. Times on the grid are counted there (NULL: no grid), all
 * others in the hash table.
 *
 * limit    distinct (time, cell) pairs in the hash table at which to stop, <= size / 2
 * in, out  *at: the next row to read, also when the call returns early;
 *          *complete grows by the rows counted
 * OSV_EFULL: the hash table has more than `limit` pairs; go on with a larger one.
 * OSV_EDOMAIN: *at is the bad row. Cost O(1) a row. Beyond `limit` the hash table has
 * room for the rows of a block, see osv_hash_block(), so a block never overfills it.
 */
osv_status osv_hash_count_rows(osv_hash *hash, const osv_grid *grid, const osv_rows *rows,
                               size_t to, size_t limit, const osv_poll *poll, size_t *at,
                               size_t *complete) {
  osv_block block;
  size_t left[OSV_BLOCK];
  const size_t most = osv_hash_block(hash->size);
  while (*at < to) {
    if (hash->used > limit) return OSV_EFULL;
    if (poll && *at % OSV_POLL_ROWS < most && poll->fn(poll->ctx)) return OSV_EINTR;
    const size_t from = *at, end = to - from < most ? to : from + most;
    osv_status status;
    if (grid && grid->size > 0) {
      const size_t n_left = osv_grid_count_rows(grid, rows, from, end, left);
      *complete += end - from - n_left;
      status = count_left(hash, grid, rows, left, n_left, &block, at, complete);
    } else {
      status = osv_rows_read(rows, from, end, &block, at);
      for (size_t i = 0; status == OSV_OK && i < block.n; i++)
        hash_add(hash, block.time[i], block.cell[i], 1.0);
      *complete += status == OSV_OK ? block.n : 0;
    }
    if (status != OSV_OK) return status;
    *at = end;
  }
  return OSV_OK;
}

/* Adds every count of one hash table to another; OSV_EFULL, with nothing added, when that
 * could become more than half full. */
osv_status osv_hash_merge(osv_hash *into, const osv_hash *from) {
  if (into->used + from->used > into->size / 2) return OSV_EFULL;
  for (size_t i = 0; i < from->size; i++)
    if (from->slot[i].n > 0.0)
      hash_add(into, from->slot[i].time, from->slot[i].cell, from->slot[i].n);
  return OSV_OK;
}

/* Adds every count of a grid to a hash table; OSV_EFULL, with nothing added, when that
 * could become more than half full. */
osv_status osv_hash_add_grid(osv_hash *into, const osv_grid *from) {
  if (into->used + osv_grid_used(from) > into->size / 2) return OSV_EFULL;
  for (size_t i = 0; i < from->size * from->n_cell; i++)
    if (from->n[i] > 0)
      hash_add(into, from->time[i / from->n_cell], (int)(i % from->n_cell),
               (double)from->n[i]);
  return OSV_OK;
}

/* Makes an event table of a hash table: sorted by curve, time and status.
 *
 * out      time, status, n [used]; start [n_curve + 1]
 * scratch  scratch_time [2 used], scratch_index [2 used], cell_end [n_curve * n_status]
 * Slots are first scattered into their cells, which puts the statuses of a curve in
 * order; the radix sort by time that follows is stable and keeps that order.
 */
void osv_hash_to_table(const osv_hash *hash, int n_status, size_t n_curve, double *time,
                       int *status, double *n, double *start, double *scratch_time,
                       int *scratch_index, size_t *cell_end) {
  const size_t n_cell = n_curve * (size_t)n_status;
  memset(cell_end, 0, n_cell * sizeof *cell_end);
  for (size_t i = 0; i < hash->size; i++)
    if (hash->slot[i].n > 0.0) cell_end[hash->slot[i].cell]++;
  size_t sum = 0;
  for (size_t c = 0; c < n_cell; c++) {
    if (c % (size_t)n_status == 0) start[c / (size_t)n_status] = (double)sum;
    const size_t size = cell_end[c];
    cell_end[c] = sum;
    sum += size;
  }
  start[n_curve] = (double)sum;
  for (size_t i = 0; i < hash->size; i++) {
    const osv_slot *slot = hash->slot + i;
    if (slot->n == 0.0) continue;
    const size_t to = cell_end[slot->cell]++;
    scratch_time[to] = slot->time;
    scratch_index[to] = (int)i;
  }
  for (size_t c = 0; c < n_curve; c++) {
    const size_t lo = (size_t)start[c], size = (size_t)start[c + 1] - lo;
    osv_sort_radix(scratch_time + lo, scratch_index + lo, size, scratch_time + sum,
                   scratch_index + sum);
    for (size_t i = lo; i < lo + size; i++) {
      const osv_slot *slot = hash->slot + scratch_index[i];
      time[i] = slot->time;
      status[i] = slot->cell % n_status;
      n[i] = slot->n;
    }
  }
}
