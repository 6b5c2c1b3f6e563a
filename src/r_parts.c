/* r_parts - components of lists that objects keep. A user may have changed them, so each
 * is checked here before its pointer is read; a wrong one raises the error of
 * R/base-objects.R, which names it. */
#include "r_api.h"

#include <float.h>
#include <limits.h>
#include <math.h>

/* Raises the error for a changed object unless the component is `fine` */
void r_check_part(const r_parts *x, int fine, const char *name) {
  if (!fine) r_stop_changed(x->object, name);
}

/* The component; NULL if it is absent or NULL */
SEXP r_part(const r_parts *x, const char *name) {
  return r_find_element(x->list, name);
}

/* n doubles, whatever their values; NULL if may_lack and absent */
const double *r_part_doubles(const r_parts *x, const char *name, R_xlen_t n,
                             int may_lack) {
  SEXP value = r_part(x, name);
  if (may_lack && Rf_isNull(value)) return NULL;
  r_check_part(x, TYPEOF(value) == REALSXP && Rf_xlength(value) == n, name);
  return REAL_RO(value);
}

/* n counts or weights, which are finite and not negative; NULL if absent */
const double *r_part_weights(const r_parts *x, const char *name, R_xlen_t n) {
  const double *const weight = r_part_doubles(x, name, n, 1);
  int bad = 0;
  for (R_xlen_t i = 0; weight && i < n; i++)
    bad |= !(weight[i] >= 0.0 && weight[i] <= DBL_MAX);
  r_check_part(x, !bad, name);
  return weight;
}

/* Are all of these codes from `least` to `most`, least <= most? */
static int are_codes(const int *code, R_xlen_t n, int least, int most) {
  const unsigned range = (unsigned)most - (unsigned)least;
  int bad = 0; /* no branch, so that the loop vectorises */
  for (R_xlen_t i = 0; i < n; i++) bad |= (unsigned)code[i] - (unsigned)least > range;
  return !bad;
}

/* n integers from `least` to `most`; NULL if may_lack and absent */
const int *r_part_codes(const r_parts *x, const char *name, R_xlen_t n, int least,
                        size_t most, int may_lack) {
  SEXP value = r_part(x, name);
  if (may_lack && Rf_isNull(value)) return NULL;
  r_check_part(x, TYPEOF(value) == INTSXP && Rf_xlength(value) == n, name);
  const int *const code = INTEGER_RO(value), top = most > INT_MAX ? INT_MAX : (int)most;
  r_check_part(x, n == 0 || (top >= least && are_codes(code, n, least, top)), name);
  return code;
}

/* n flags: TRUE, FALSE, 1 or 0 */
const int *r_part_flags(const r_parts *x, const char *name, R_xlen_t n) {
  SEXP value = r_part(x, name);
  const int known = TYPEOF(value) == LGLSXP || TYPEOF(value) == INTSXP;
  r_check_part(x, known && Rf_xlength(value) == n, name);
  const int *const flag = TYPEOF(value) == LGLSXP ? LOGICAL_RO(value) : INTEGER_RO(value);
  r_check_part(x, are_codes(flag, n, 0, 1), name);
  return flag;
}

/* One flag that is not missing */
int r_part_flag(const r_parts *x, const char *name) {
  SEXP value = r_part(x, name);
  r_check_part(x, TYPEOF(value) == LGLSXP && Rf_xlength(value) == 1, name);
  const int flag = LOGICAL_RO(value)[0];
  r_check_part(x, flag == TRUE || flag == FALSE, name);
  return flag;
}

/* A number from `least` to `most` */
double r_part_number(const r_parts *x, const char *name, double least, double most) {
  SEXP value = r_part(x, name);
  const int plain = !Rf_isObject(value) && Rf_isNull(Rf_getAttrib(value, R_DimSymbol));
  const int one = Rf_xlength(value) == 1 && plain &&
                  (TYPEOF(value) == REALSXP || TYPEOF(value) == INTSXP);
  const double number = one ? Rf_asReal(value) : NAN;
  r_check_part(x, number >= least && number <= most, name); /* false for NaN */
  return number;
}

/* Row numbers or offsets, integer or double and whole, from `first` to `most`, minus
 * `first`. `name`: that of the component from which they come */
const size_t *r_vector_sizes(const r_parts *x, SEXP value, const char *name, R_xlen_t n,
                             size_t first, size_t most) {
  const int is_whole = TYPEOF(value) == INTSXP;
  r_check_part(x, (is_whole || TYPEOF(value) == REALSXP) && Rf_xlength(value) == n, name);
  const int *const whole = is_whole ? INTEGER_RO(value) : NULL;
  const double *const number = is_whole ? NULL : REAL_RO(value);
  int bad = 0;
  for (R_xlen_t i = 0; i < n; i++) {
    const double v = whole ? (double)whole[i] : number[i];
    bad |= !(v >= (double)first && v <= (double)most && v == floor(v));
  }
  r_check_part(x, !bad, name);
  return r_sizes(value, first);
}

/* The same for n of a component */
const size_t *r_part_sizes(const r_parts *x, const char *name, R_xlen_t n, size_t first,
                           size_t most) {
  return r_vector_sizes(x, r_part(x, name), name, n, first, most);
}

/* Where consecutive blocks of n items end: whole numbers that do not descend, up to n.
 * *size: number of blocks. With `filled` no block is empty. */
const size_t *r_part_ends(const r_parts *x, const char *name, size_t n, int filled,
                          size_t *size) {
  const size_t m = (size_t)Rf_xlength(r_part(x, name));
  const size_t *const end = r_part_sizes(x, name, (R_xlen_t)m, 0, n);
  size_t last = 0;
  int bad = 0;
  for (size_t s = 0; s < m; s++) {
    bad |= end[s] < last + (filled ? 1 : 0);
    last = end[s];
  }
  r_check_part(x, !bad && last == n, name);
  *size = m;
  return end;
}

/* Are the rows first, ..., end - 1 listed once each, by ascending `start` and, among
 * equal ones, by row? */
static int are_by_start(const int *by_start, const int *start, size_t first, size_t end) {
  int bad = 0;
  for (size_t i = first; i < end && !bad; i++) {
    bad = by_start[i] < 0 || (size_t)by_start[i] < first || (size_t)by_start[i] >= end;
    if (bad || i == first) continue;
    const int before = start[by_start[i - 1]], now = start[by_start[i]];
    bad = before > now || (before == now && by_start[i - 1] >= by_start[i]);
  }
  return !bad;
}

/* Checks that the times of each block do not descend and, with delayed entry, that
 * `by_start` orders its rows by start */
void r_check_order(const r_parts *x, const size_t *end, size_t n_block, const int *time,
                   const int *start, const int *by_start) {
  for (size_t s = 0, first = 0; s < n_block; first = end[s++]) {
    int bad = 0;
    for (size_t i = first + 1; i < end[s]; i++) bad |= time[i - 1] > time[i];
    r_check_part(x, !bad, "time");
    if (start) r_check_part(x, are_by_start(by_start, start, first, end[s]), "by_start");
  }
}
