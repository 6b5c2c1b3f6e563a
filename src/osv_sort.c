/* osv_sort - sorts (time, status) pairs and counts the distinct ones.
 *
 * Times are >= 0 and never -0, so their bit patterns have the same order.
 */
#include "osv_core.h"
#include "osv_dd.h"

#include <string.h>

static uint64_t key_of(double x) {
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

enum { DIGIT = 8, RADIX = 1 << DIGIT, INSERTION = 24 };

static size_t digit_of(double x, int shift) {
  return (size_t)(key_of(x) >> shift) & (RADIX - 1);
}

static void sort_insertion(double *key, int *code, size_t n) {
  for (size_t i = 1; i < n; i++) {
    const double k = key[i];
    const int c = code[i];
    size_t j = i;
    for (; j > 0 && key[j - 1] > k; j--) {
      key[j] = key[j - 1];
      code[j] = code[j - 1];
    }
    key[j] = k;
    code[j] = c;
  }
}

/* Returns the bits in which not all keys are equal */
static uint64_t varying_bits(const double *key, size_t n) {
  uint64_t vary = 0;
  for (size_t i = 1; i < n; i++) vary |= key_of(key[i]) ^ key_of(key[0]);
  return vary;
}

/* A stable radix sort by the digits of 8 bits in which keys differ, least significant
 * first */
static void sort_digits(double *key, int *code, size_t n, uint64_t vary, double *key2,
                        int *code2) {
  double *from = key, *to = key2;
  int *code_from = code, *code_to = code2;
  for (int shift = 0; shift < 64; shift += DIGIT) {
    if (!((vary >> shift) & (RADIX - 1))) continue;
    size_t next[RADIX] = {0};
    for (size_t i = 0; i < n; i++) next[digit_of(from[i], shift)]++;
    for (size_t d = 0, sum = 0; d < RADIX; d++) {
      const size_t size = next[d];
      next[d] = sum;
      sum += size;
    }
    for (size_t i = 0; i < n; i++) {
      const size_t at = next[digit_of(from[i], shift)]++;
      to[at] = from[i];
      code_to[at] = code_from[i];
    }
    double *const swap = from;
    int *const code_swap = code_from;
    from = to;
    to = swap;
    code_from = code_to;
    code_to = code_swap;
  }
  if (from != key) {
    memcpy(key, from, n * sizeof *key);
    memcpy(code, code_from, n * sizeof *code);
  }
}

/* Many keys that differ in many bits are sorted by the highest 33 of them, in three
 * digits. Different times seldom agree in all of these. */
enum { LARGE = 2048, WIDE = 11, WIDE_RADIX = 1 << WIDE, WIDE_DIGITS = 3 };

/* Number of digits of 8 bits in which keys differ */
static int count_digits(uint64_t vary) {
  int count = 0;
  for (; vary; vary >>= DIGIT) count += (vary & (RADIX - 1)) != 0;
  return count;
}

static int highest_bit(uint64_t x) {
  int bit = 0;
  for (int step = 32; step > 0; step /= 2)
    if (x >> step) {
      x >>= step;
      bit += step;
    }
  return bit;
}

/* One pass of the stable sort. next: number of keys of each digit. Value: 0, with nothing
 * moved, if all keys have the same digit */
static int scatter(const double *key, const int *code, size_t n, int shift,
                   uint32_t *next, double *key_to, int *code_to) {
  if (next[(size_t)(key_of(key[0]) >> shift) & (WIDE_RADIX - 1)] == n) return 0;
  for (uint32_t d = 0, sum = 0; d < WIDE_RADIX; d++) {
    const uint32_t size = next[d];
    next[d] = sum;
    sum += size;
  }
  for (size_t i = 0; i < n; i++) {
    const size_t at = next[(size_t)(key_of(key[i]) >> shift) & (WIDE_RADIX - 1)]++;
    key_to[at] = key[i];
    code_to[at] = code[i];
  }
  return 1;
}

/* Value: the lowest bit by which the keys are now sorted */
static int sort_wide(double *key, int *code, size_t n, uint64_t vary, double *key2,
                     int *code2) {
  const int above = highest_bit(vary) + 1 - WIDE * WIDE_DIGITS;
  const int low = above > 0 ? above : 0;
  uint32_t next[WIDE_DIGITS][WIDE_RADIX] = {{0}};
  for (size_t i = 0; i < n; i++)
    for (int digit = 0; digit < WIDE_DIGITS; digit++)
      next[digit][(key_of(key[i]) >> (low + digit * WIDE)) & (WIDE_RADIX - 1)]++;
  int moved = 0; /* 1: the keys are in key2 */
  for (int digit = 0; digit < WIDE_DIGITS; digit++) {
    const int shift = low + digit * WIDE;
    moved ^= moved ? scatter(key2, code2, n, shift, next[digit], key, code)
                   : scatter(key, code, n, shift, next[digit], key2, code2);
  }
  if (moved) {
    memcpy(key, key2, n * sizeof *key);
    memcpy(code, code2, n * sizeof *code);
  }
  return low;
}

/* Stable radix sort by key. scratch key2[n], code2[n]; cost O(n) */
void osv_sort_radix(double *key, int *code, size_t n, double *key2, int *code2) {
  if (n <= INSERTION) {
    sort_insertion(key, code, n);
    return;
  }
  const uint64_t vary = varying_bits(key, n);
  if (vary == 0) return;
  if (n < LARGE || n > UINT32_MAX || count_digits(vary) <= WIDE_DIGITS) {
    sort_digits(key, code, n, vary, key2, code2);
    return;
  }
  const int low = sort_wide(key, code, n, vary, key2, code2);
  for (size_t from = 0, to = 1; low > 0 && from < n; from = to++) {
    while (to < n && (key_of(key[to]) ^ key_of(key[from])) >> low == 0) to++;
    if (to - from > 1) osv_sort_radix(key + from, code + from, to - from, key2, code2);
  }
}

enum { CELLS = 4096, CROWDED = 32 };

/* Sorts keys that are spread evenly over their range: scatters them into intervals of
 * equal width and finishes by insertion sort. Value: 0, with nothing moved, if an
 * interval would have more than CROWDED keys. */
static int sort_spread(double *key, int *code, size_t n, double *key2, int *code2) {
  double low = key[0], high = key[0];
  for (size_t i = 1; i < n; i++) {
    low = key[i] < low ? key[i] : low;
    high = key[i] > high ? key[i] : high;
  }
  const size_t cells = n < CELLS ? n : CELLS;
  const double scale = (double)(cells - 1) / (high - low);
  if (!(scale < 1e300)) return 0;
  unsigned next[CELLS] = {0}, most = 0;
  for (size_t i = 0; i < n; i++) {
    const unsigned size = ++next[(size_t)(ptrdiff_t)((key[i] - low) * scale)];
    most = size > most ? size : most;
  }
  if (most > CROWDED) return 0;
  for (size_t c = 0, sum = 0; c < cells; c++) {
    const unsigned size = next[c];
    next[c] = (unsigned)sum;
    sum += size;
  }
  for (size_t i = 0; i < n; i++) {
    const size_t at = next[(size_t)(ptrdiff_t)((key[i] - low) * scale)]++;
    key2[at] = key[i];
    code2[at] = code[i];
  }
  memcpy(key, key2, n * sizeof *key);
  memcpy(code, code2, n * sizeof *code);
  sort_insertion(key, code, n);
  return 1;
}

/* In-place radix sort, most significant varying digit first, until each part fits into
 * the scratch. It is for buckets that one outlier or many near-equal times made too
 * large. */
static void sort_large(double *key, int *code, size_t n, double *key2, int *code2) {
  const uint64_t vary = varying_bits(key, n);
  if (vary == 0) return;
  if (n <= OSV_SORT_SCRATCH) {
    if (n <= INSERTION || !sort_spread(key, code, n, key2, code2))
      osv_sort_radix(key, code, n, key2, code2);
    return;
  }
  int shift = 64 - DIGIT;
  while (!((vary >> shift) & (RADIX - 1))) shift -= DIGIT;
  size_t end[RADIX] = {0}, next[RADIX];
  for (size_t i = 0; i < n; i++) end[digit_of(key[i], shift)]++;
  for (size_t d = 0, sum = 0; d < RADIX; d++) {
    next[d] = sum;
    end[d] = sum += end[d];
  }
  for (size_t d = 0; d < RADIX; d++) {
    while (next[d] < end[d]) {
      const size_t i = next[d], b = digit_of(key[i], shift), j = next[b]++;
      const double k = key[i];
      const int c = code[i];
      key[i] = key[j];
      code[i] = code[j];
      key[j] = k;
      code[j] = c;
    }
  }
  for (size_t d = 0; d < RADIX; d++) {
    const size_t lo = d ? end[d - 1] : 0;
    sort_large(key + lo, code + lo, end[d] - lo, key2, code2);
  }
}

/* Orders the statuses within each run of equal times */
static void order_runs(const double *time, int *status, size_t n, int n_status,
                       size_t *count) {
  for (size_t lo = 0, hi = 0; lo < n; lo = hi) {
    while (hi < n && time[hi] == time[lo]) hi++;
    if (hi - lo < 2) continue;
    memset(count, 0, (size_t)n_status * sizeof *count);
    for (size_t i = lo; i < hi; i++) count[status[i]]++;
    size_t i = lo;
    for (int s = 0; s < n_status; s++)
      for (size_t k = count[s]; k > 0; k--) status[i++] = s;
  }
}

/* Sorts one bucket by (time, status). scratch: OSV_SORT_SCRATCH times and statuses,
 * status_count[n_status]. */
void osv_sort_bucket(double *time, int *status, size_t n, int n_status,
                     double *scratch_time, int *scratch_status, size_t *status_count) {
  sort_large(time, status, n, scratch_time, scratch_status);
  order_runs(time, status, n, n_status, status_count);
}

/* Counts equal rows of one sorted curve: writes time, status and n of each distinct
 * (time, status). If out_time is NULL it only counts. Value: number of distinct pairs */
size_t osv_compress(const double *time, const int *status, size_t n, double *out_time,
                    int *out_status, double *out_n) {
  size_t m = 0;
  for (size_t lo = 0, hi = 0; lo < n; lo = hi) {
    while (hi < n && time[hi] == time[lo] && status[hi] == status[lo]) hi++;
    if (out_time) {
      out_time[m] = time[lo];
      out_status[m] = status[lo];
      out_n[m] = (double)(hi - lo);
    }
    m++;
  }
  return m;
}

/* osv_compress() with weights: n is the sum of the weights of a (time, status). The sum
 * is computed in double-double. If rows are also sorted by weight, it does not depend on
 * the row order of the data. */
size_t osv_sum_cells(const double *time, const int *status, const double *weight,
                     size_t n, double *out_time, int *out_status, double *out_n) {
  size_t m = 0;
  for (size_t lo = 0, hi = 0; lo < n; lo = hi) {
    osv_dd sum = {0.0, 0.0};
    for (; hi < n && time[hi] == time[lo] && status[hi] == status[lo]; hi++)
      sum = osv_dd_add(sum, (osv_dd){weight[hi], 0.0});
    out_time[m] = time[lo];
    out_status[m] = status[lo];
    out_n[m] = sum.hi;
    m++;
  }
  return m;
}
