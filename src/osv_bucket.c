/* osv_bucket - scatters rows with many distinct times into buckets. A bucket holds one
 * curve and a short range of times, and is small enough to be sorted in the cache.
 */
#include "osv_core.h"

#include <math.h>

/* Index of the bucket of a row. It never decreases as time grows, because rounding a
 * difference and a product preserves order. */
static size_t bucket_of(const osv_buckets *buckets, const osv_rows *rows, double time,
                        int cell) {
  const double x = (time - buckets->low) * buckets->scale;
  const size_t last = buckets->per_curve - 1;
  const size_t b = x < (double)last ? (x > 0.0 ? (size_t)x : 0) : last;
  return (size_t)(cell / rows->n_status) * buckets->per_curve + b;
}

/* Counts the complete rows of [from, to) by bucket.
 *
 * out  count[n_curve * per_curve], added to; *bad as in osv_rows_read()
 */
osv_status osv_buckets_count(const osv_buckets *buckets, const osv_rows *rows,
                             size_t from, size_t to, const osv_poll *poll, size_t *count,
                             size_t *bad) {
  osv_block block;
  for (size_t at = from; at < to; at += OSV_BLOCK) {
    if (poll && at % OSV_POLL_ROWS < OSV_BLOCK && poll->fn(poll->ctx)) return OSV_EINTR;
    const size_t end = to - at < OSV_BLOCK ? to : at + OSV_BLOCK;
    const osv_status status = osv_rows_read(rows, at, end, &block, bad);
    if (status != OSV_OK) return status;
    for (size_t i = 0; i < block.n; i++)
      count[bucket_of(buckets, rows, block.time[i], block.cell[i])]++;
  }
  return OSV_OK;
}

/* Scatters the rows [from, to), which have been counted, into their buckets; next[b] is
 * the position of the next row of bucket b and is advanced. */
osv_status osv_buckets_scatter(const osv_buckets *buckets, const osv_rows *rows,
                               size_t from, size_t to, const osv_poll *poll, size_t *next,
                               double *time, int *status) {
  osv_block block;
  size_t bad;
  for (size_t at = from; at < to; at += OSV_BLOCK) {
    if (poll && at % OSV_POLL_ROWS < OSV_BLOCK && poll->fn(poll->ctx)) return OSV_EINTR;
    const size_t end = to - at < OSV_BLOCK ? to : at + OSV_BLOCK;
    const osv_status state = osv_rows_read(rows, at, end, &block, &bad);
    if (state != OSV_OK) return state;
    for (size_t i = 0; i < block.n; i++) {
      const size_t to_row =
          next[bucket_of(buckets, rows, block.time[i], block.cell[i])]++;
      time[to_row] = block.time[i];
      status[to_row] = block.cell[i] % rows->n_status;
    }
  }
  return OSV_OK;
}
