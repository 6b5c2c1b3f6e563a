/* osv_cross - sums of w x x' over many rows x, in blocks that stay in the cache. */
#include "osv_core.h"

enum { TILE = OSV_CROSS_TILE, ROWS = OSV_CROSS_ROWS };

static size_t padded(size_t p) {
  return (p + TILE - 1) / TILE * TILE;
}

/* Number of doubles of scratch for sums of p columns */
size_t osv_cross_work(size_t p) {
  return 2 * ROWS * padded(p);
}

/* Starts with sums of 0
 *
 * work osv_cross_work(p) doubles
 * out  [p * p] zeros, to which rows are added
 */
osv_cross osv_cross_start(size_t p, double *out, double *work) {
  for (size_t k = 0; k < p * p; k++) out[k] = 0.0;
  for (size_t k = 0; k < osv_cross_work(p); k++) work[k] = 0.0;
  return (osv_cross){p, 0, out, work, work + ROWS * padded(p)};
}

/* Adds left' right of n rows to a tile of the sums. The four columns of a row are
 * adjacent, and the sixteen sums stay in registers during the loop over rows. */
static void add_tile(const double *restrict left, const double *restrict right, size_t n,
                     double *restrict tile) {
  double a0[TILE] = {0}, a1[TILE] = {0}, a2[TILE] = {0}, a3[TILE] = {0};
  for (size_t k = 0; k < n; k++, left += TILE, right += TILE) {
#pragma omp simd
    for (int b = 0; b < TILE; b++) {
      a0[b] += left[0] * right[b];
      a1[b] += left[1] * right[b];
      a2[b] += left[2] * right[b];
      a3[b] += left[3] * right[b];
    }
  }
  for (int b = 0; b < TILE; b++) {
    tile[b] = a0[b];
    tile[TILE + b] = a1[b];
    tile[2 * TILE + b] = a2[b];
    tile[3 * TILE + b] = a3[b];
  }
}

/* Adds the rows in the buffers to the sums */
void osv_cross_end(osv_cross *c) {
  const size_t p = c->p, panels = padded(p) / TILE;
  double tile[TILE * TILE];
  for (size_t i = 0; i < panels && c->n > 0; i++) {
    for (size_t j = i; j < panels; j++) {
      add_tile(c->left + i * ROWS * TILE, c->right + j * ROWS * TILE, c->n, tile);
      for (size_t a = 0; a < TILE && i * TILE + a < p; a++)
        for (size_t b = 0; b < TILE && j * TILE + b < p; b++)
          c->out[(i * TILE + a) * p + j * TILE + b] += tile[a * TILE + b];
    }
  }
  c->n = 0;
}

/* Adds w x x' for a row x [p]. Call osv_cross_end() after the last row. Cost O(p^2). */
void osv_cross_add(osv_cross *c, const double *x, double w) {
  const size_t p = c->p, whole = p / TILE * TILE;
  double *restrict left = c->left + c->n * TILE, *restrict right = c->right + c->n * TILE;
  for (size_t a = 0; a < whole; a += TILE) {
    for (size_t b = 0; b < TILE; b++) {
      left[b] = w * x[a + b];
      right[b] = x[a + b];
    }
    left += ROWS * TILE;
    right += ROWS * TILE;
  }
  for (size_t b = 0; b < p - whole; b++) {
    left[b] = w * x[whole + b];
    right[b] = x[whole + b];
  }
  if (++c->n == ROWS) osv_cross_end(c);
}
