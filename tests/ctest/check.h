/* check - helpers of all C tests. Assertions are active whatever the compiler flags. */
#ifndef OSV_CHECK_H
#define OSV_CHECK_H

#undef NDEBUG
#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "osv_core.h"

#define COUNT_OF(x) (sizeof(x) / sizeof((x)[0]))

#ifdef OSV_BITS
/* For .dev/ways.sh bits: the program prints at its end the number of values it has
 * compared, and a hash of all their bits */
#include <stdio.h>
static uint64_t bits_seen, bits_hash;
static inline void print_bits(void) {
  printf("%llu values, %016llx\n", (unsigned long long)bits_seen,
         (unsigned long long)bits_hash);
}
static inline void note_bits(double x) {
  uint64_t bits;
  if (bits_seen++ == 0) atexit(print_bits);
  memcpy(&bits, &x, sizeof bits);
  if (isnan(x)) bits = 1; /* compilers differ in the sign of NaN */
  bits_hash = (bits_hash ^ bits) * UINT64_C(0x100000001B3) + bits_seen;
}
#else
#define note_bits(x)
#endif

/* Equal up to tol, relative to the wanted value if that is above 1 */
static inline int near(double got, double want, double tol) {
  note_bits(got);
  return fabs(got - want) <= tol * fmax(1.0, fabs(want));
}

static inline int all_equal(const double *got, const double *want, size_t n) {
  for (size_t i = 0; i < n; i++) note_bits(got[i]);
  return memcmp(got, want, n * sizeof *got) == 0;
}

/* splitmix64 (Steele, Lea & Flood 2014): the same random numbers on every machine */
static inline uint64_t draw(uint64_t *state) {
  uint64_t x = *state += UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return x ^ (x >> 31);
}

static inline double draw_unit(uint64_t *state) {
  return (double)(draw(state) >> 11) / 9007199254740992.0;
}

/* A hash of all (time, status) pairs that does not depend on their order */
static inline uint64_t hash_pairs(const double *time, const int *status, size_t n) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t bits;
    memcpy(&bits, time + i, sizeof bits);
    bits ^= (uint64_t)status[i] << 60;
    sum += draw(&bits);
  }
  return sum;
}

/* Zeroed memory for n elements, never NULL */
static inline void *room(size_t n, size_t size) {
  void *x = calloc(n ? n : 1, size);
  assert(x);
  return x;
}

/* An event table without left truncation */
static inline osv_table table_of(const double *time, const int *status, const double *n,
                                 const double *start, size_t n_curve, int n_status) {
  return (osv_table){.time = time,
                     .status = status,
                     .n = n,
                     .start = start,
                     .n_curve = n_curve,
                     .n_status = n_status};
}

/* The table with delayed entries, ascending in each curve; n NULL: one subject each */
static inline osv_table with_entries(osv_table table, const double *time, const double *n,
                                     const double *start) {
  table.entry_time = time;
  table.entry_n = n;
  table.entry_start = start;
  return table;
}

/* Probability of d or more events in n subjects, each with the probability x */
static inline double binomial_tail(double d, double n, double x) {
  double sum = 0.0;
  for (double i = d; i <= n; i += 1.0)
    sum += exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(x) +
               (n - i) * log1p(-x));
  return sum;
}

/* An osv_uniform that calls draw_unit(); ctx is its state */
static inline double draw_uniform(void *ctx) {
  return draw_unit(ctx);
}

/* A poll that stops the kernel at once */
static inline int stop_now(void *ctx) {
  (void)ctx;
  return 1;
}

static const osv_poll stopping = {stop_now, NULL};

/* A poll that lets the kernel continue */
static inline int go_on(void *ctx) {
  (void)ctx;
  return 0;
}

static const osv_poll going = {go_on, NULL};

#endif
