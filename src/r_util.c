/* r_util - helpers of the glue for columns, lists and text. */
#include "r_api.h"

#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

/* Requests large pages for newly allocated memory of many megabytes: the first touch of
 * ordinary pages takes longer than most kernels here need to fill them. This is only a
 * hint, and failure does no harm. */
static void hint_large_pages(void *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
  const uintptr_t page = (uintptr_t)1 << 21, from = ((uintptr_t)memory + page - 1) / page;
  const uintptr_t to = ((uintptr_t)memory + bytes) / page;
  if (to > from + 1) madvise((void *)(from * page), (to - from) * page, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)bytes;
#endif
}

/* A new double column, stored (and so protected) in the list at once */
double *r_new_column(SEXP list, int at, R_xlen_t n) {
  SET_VECTOR_ELT(list, at, Rf_allocVector(REALSXP, n));
  double *column = REAL(VECTOR_ELT(list, at));
  hint_large_pages(column, (size_t)n * sizeof *column);
  return column;
}

/* A new integer column, stored (and so protected) in the list at once */
int *r_new_codes(SEXP list, int at, R_xlen_t n) {
  SET_VECTOR_ELT(list, at, Rf_allocVector(INTSXP, n));
  int *column = INTEGER(VECTOR_ELT(list, at));
  hint_large_pages(column, (size_t)n * sizeof *column);
  return column;
}

/* Scratch of n doubles; see R_alloc() for how long it lives */
double *r_scratch(size_t n) {
  double *scratch = (double *)R_alloc(n + 1, sizeof *scratch);
  hint_large_pages(scratch, n * sizeof *scratch);
  return scratch;
}

/* Raises the error for an object of which a component was changed */
void r_stop_changed(const char *object, const char *component) {
  SEXP name = PROTECT(Rf_mkString("oligosurv"));
  SEXP home = PROTECT(R_FindNamespace(name));
  SEXP component_ = PROTECT(Rf_mkString(component));
  SEXP object_ = PROTECT(Rf_mkString(object));
  SEXP call = PROTECT(Rf_lang3(Rf_install("stop_changed_part"), component_, object_));
  Rf_eval(call, home);
  UNPROTECT(5);                                        /* # nocov */
  Rf_error("oligosurv internal error: %s", component); /* # nocov */
}

/* The element of a list, NULL if there is none, or if x is not a list with names */
SEXP r_find_element(SEXP list, const char *name) {
  if (TYPEOF(list) != VECSXP) return R_NilValue;
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  if (TYPEOF(names) != STRSXP) return R_NilValue;
  const R_xlen_t n = Rf_xlength(names);
  for (R_xlen_t i = 0; i < n; i++)
    if (r_same_text(CHAR(STRING_ELT(names, i)), name)) return VECTOR_ELT(list, i);
  return R_NilValue;
}

/* The element of a list made by this package, which must have it; its value may be
 * NULL */
SEXP r_element(SEXP list, const char *name) {
  SEXP names = TYPEOF(list) == VECSXP ? Rf_getAttrib(list, R_NamesSymbol) : R_NilValue;
  const R_xlen_t n = TYPEOF(names) == STRSXP ? Rf_xlength(names) : 0;
  for (R_xlen_t i = 0; i < n; i++)
    if (r_same_text(CHAR(STRING_ELT(names, i)), name)) return VECTOR_ELT(list, i);
  r_stop_changed("event table", name);
}

/* Text that many results share, such as names or classes: created once and preserved */
SEXP r_shared(r_words *words) {
  if (!words->made) {
    R_xlen_t n = 0;
    while (words->text[n]) n++;
    SEXP made = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t i = 0; i < n; i++) SET_STRING_ELT(made, i, Rf_mkChar(words->text[i]));
    MARK_NOT_MUTABLE(made);
    R_PreserveObject(made);
    words->made = made;
    UNPROTECT(1);
  }
  return words->made;
}

/* A list of NULLs with these names */
SEXP r_new_list(r_words *names) {
  SEXP shared = r_shared(names);
  SEXP list = PROTECT(Rf_allocVector(VECSXP, Rf_xlength(shared)));
  Rf_setAttrib(list, R_NamesSymbol, shared);
  UNPROTECT(1);
  return list;
}

/* Is x this one string? */
int r_is_text(SEXP x, const char *text) {
  return TYPEOF(x) == STRSXP && Rf_xlength(x) == 1 &&
         r_same_text(CHAR(STRING_ELT(x, 0)), text);
}

static double uniform(void *unused) {
  (void)unused;
  return unif_rand();
}

/* R's random number generator. The caller must have called GetRNGstate(), and must not
 * run R code while it is used. */
const osv_uniform r_uniform = {uniform, NULL};

/* Reports to an R function how much of a computation is done */
void r_report(SEXP report_, double done) {
  SEXP done_ = PROTECT(Rf_ScalarReal(done));
  SEXP call = PROTECT(Rf_lang2(report_, done_));
  Rf_eval(call, R_GlobalEnv);
  UNPROTECT(2);
}

/* Converts row numbers and offsets, which R counts from `first` and stores as int or
 * double, to size_t counted from 0 */
const size_t *r_sizes(SEXP x_, size_t first) {
  const R_xlen_t n = Rf_xlength(x_);
  size_t *x = (size_t *)R_alloc((size_t)n + 1, sizeof *x);
  const int *const whole = TYPEOF(x_) == INTSXP ? INTEGER_RO(x_) : NULL;
  const double *const number = whole ? NULL : REAL_RO(x_);
  for (R_xlen_t i = 0; i < n; i++)
    x[i] = (whole ? (size_t)whole[i] : (size_t)number[i]) - first;
  return x;
}

/* .Call: a data frame of these columns, of which the first ones are factors with these
 * levels, see R/base-frame.R */
SEXP r_quick_frame(SEXP columns_, SEXP levels_) {
  static r_words class = {{"data.frame"}, NULL};
  SEXP ans = PROTECT(Rf_shallow_duplicate(columns_));
  for (R_xlen_t j = 0; j < Rf_xlength(levels_); j++) /* both lists hold the codes */
    SET_VECTOR_ELT(ans, j, r_quick_factor(VECTOR_ELT(ans, j), VECTOR_ELT(levels_, j)));
  SEXP rows = PROTECT(Rf_allocVector(INTSXP, 2)); /* R's short form of 1 .. n */
  INTEGER(rows)[0] = NA_INTEGER;
  INTEGER(rows)[1] = Rf_xlength(ans) ? -(int)Rf_xlength(VECTOR_ELT(ans, 0)) : 0;
  Rf_setAttrib(ans, R_RowNamesSymbol, rows);
  Rf_setAttrib(ans, R_ClassSymbol, r_shared(&class));
  UNPROTECT(2);
  return ans;
}

/* .Call: a factor with these codes, see R/base-frame.R. The codes themselves become the
 * factor if no other object shares them. */
SEXP r_quick_factor(SEXP code_, SEXP labels_) {
  static r_words class = {{"factor"}, NULL};
  const int shared = MAYBE_SHARED(code_) || ALTREP(code_);
  SEXP ans = PROTECT(shared ? Rf_duplicate(code_) : code_);
  Rf_setAttrib(ans, R_LevelsSymbol, labels_);
  Rf_setAttrib(ans, R_ClassSymbol, r_shared(&class));
  UNPROTECT(1);
  return ans;
}

/* .Call: the constants of osv_core.h that R code also defines */
SEXP r_constants(void) {
  static const char *constants[] = {"default_tie_tol", "same_probability", "few_events",
                                    "few_subjects", ""};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, constants));
  SET_VECTOR_ELT(ans, 0, Rf_ScalarReal(OSV_TIE_TOL));
  SET_VECTOR_ELT(ans, 1, Rf_ScalarReal(OSV_SAME_PROBABILITY));
  SET_VECTOR_ELT(ans, 2, Rf_ScalarReal(OSV_FEW_EVENTS));
  SET_VECTOR_ELT(ans, 3, Rf_ScalarReal(OSV_FEW_SUBJECTS));
  UNPROTECT(1);
  return ans;
}
