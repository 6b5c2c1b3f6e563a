/* osv_dd - double-double numbers: about 32 digits, for long products and sums.
 *
 * Error-free sum: Knuth 1969; error-free product: Dekker 1971, or one fused
 * multiply-add where the machine has it. The lo part is at most half an ulp of hi.
 */
#ifndef OSV_DD_H
#define OSV_DD_H

#include <math.h>

typedef struct {
  double hi, lo;
} osv_dd;

static inline osv_dd osv_two_sum(double a, double b) {
  const double s = a + b, z = s - a;
  return (osv_dd){s, (a - (s - z)) + (b - z)};
}

static inline osv_dd osv_two_prod(double a, double b) {
  const double p = a * b;
#ifdef FP_FAST_FMA
  return (osv_dd){p, fma(a, b, -p)};
#else
  const double split = 134217729.0; /* 2^27 + 1 */
  const double ta = split * a, tb = split * b;
  const double ah = ta - (ta - a), al = a - ah, bh = tb - (tb - b), bl = b - bh;
  return (osv_dd){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
#endif
}

/* Renormalises hi + lo, |lo| <= |hi|, so that the two parts do not overlap. */
static inline osv_dd osv_dd_renormalise(double hi, double lo) {
  const double s = hi + lo;
  return (osv_dd){s, lo - (s - hi)};
}

/* Loads and stores double-doubles as two doubles of an array */
static inline osv_dd osv_dd_load(const double *x) {
  return (osv_dd){x[0], x[1]};
}

static inline void osv_dd_store(double *x, osv_dd a) {
  x[0] = a.hi;
  x[1] = a.lo;
}

static inline osv_dd osv_dd_add(osv_dd a, osv_dd b) {
  const osv_dd s = osv_two_sum(a.hi, b.hi);
  return osv_dd_renormalise(s.hi, s.lo + (a.lo + b.lo));
}

static inline osv_dd osv_dd_sub(osv_dd a, osv_dd b) {
  return osv_dd_add(a, (osv_dd){-b.hi, -b.lo});
}

static inline osv_dd osv_dd_mul(osv_dd a, osv_dd b) {
  const osv_dd p = osv_two_prod(a.hi, b.hi);
  return osv_dd_renormalise(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline osv_dd osv_dd_scale(osv_dd a, double f) {
  const osv_dd p = osv_two_prod(a.hi, f);
  return osv_dd_renormalise(p.hi, p.lo + a.lo * f);
}

/* a / b for two doubles, b != 0 */
static inline osv_dd osv_dd_ratio(double a, double b) {
  const double q = a / b;
  const osv_dd p = osv_two_prod(q, b);
  return osv_dd_renormalise(q, ((a - p.hi) - p.lo) / b);
}

/* a / b for a double b != 0 */
static inline osv_dd osv_dd_div_double(osv_dd a, double b) {
  const double q = a.hi / b;
  const osv_dd p = osv_two_prod(q, b);
  return osv_dd_renormalise(q, (((a.hi - p.hi) - p.lo) + a.lo) / b);
}

/* a / b, b != 0 */
static inline osv_dd osv_dd_div(osv_dd a, osv_dd b) {
  const double q = a.hi / b.hi;
  const osv_dd p = osv_dd_mul(b, (osv_dd){-q, 0.0}), rest = osv_dd_add(a, p);
  return osv_dd_renormalise(q, rest.hi / b.hi);
}

/* The next two functions, *sum += x and a * b, are the steps of long sums and products.
 * They do not renormalise, so no step waits for the low part of the previous one; the
 * caller calls osv_dd_renormalise() or osv_sum_value() at the end. */
static inline void osv_sum_add(osv_dd *sum, double x) {
  const osv_dd s = osv_two_sum(sum->hi, x);
  *sum = (osv_dd){s.hi, sum->lo + s.lo};
}

static inline osv_dd osv_product_of(osv_dd a, osv_dd b) {
  const osv_dd p = osv_two_prod(a.hi, b.hi);
  return (osv_dd){p.hi, a.lo * b.hi + (p.lo + a.hi * b.lo)};
}

static inline double osv_sum_value(osv_dd sum) {
  return sum.hi + sum.lo;
}

/* *sum += x; *rest collects the rounding errors. */
static inline void osv_sum_split(double *sum, double *rest, double x) {
  const osv_dd s = osv_two_sum(*sum, x);
  *sum = s.hi;
  *rest += s.lo;
}

/* 1 - a, to full relative accuracy however close a is to 1 */
static inline osv_dd osv_dd_one_minus(osv_dd a) {
  return osv_dd_add((osv_dd){1.0, 0.0}, (osv_dd){-a.hi, -a.lo});
}

#endif
