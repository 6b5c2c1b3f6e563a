/* r_lazy_columns - numeric vectors that are computed on first access. R code cannot tell
 * them from ordinary vectors. */
#include "r_api.h"

#include <R_ext/Altrep.h>

static R_altrep_class_t lazy_class;

/* Contents of a source, which is shared by columns that are computed together: the
 * function that computes them, its argument, and the computed columns until each has been
 * used */
enum { MAKE, WHAT, COLUMNS, SOURCE_SIZE };
/* Contents of data1 of a lazy column; data2 holds its values once they are computed */
enum { SOURCE, WHICH, N_VALUE, COLUMN_SIZE };

static R_xlen_t length_of(SEXP x) {
  return (R_xlen_t)Rf_asReal(VECTOR_ELT(R_altrep_data1(x), N_VALUE));
}

static SEXP compute(SEXP source) {
  r_maker *make = (r_maker *)R_ExternalPtrAddrFn(VECTOR_ELT(source, MAKE));
  return make(VECTOR_ELT(source, WHAT));
}

static SEXP values_of(SEXP x) {
  SEXP values = R_altrep_data2(x);
  if (!Rf_isNull(values)) return values;
  SEXP source = VECTOR_ELT(R_altrep_data1(x), SOURCE);
  const int which = Rf_asInteger(VECTOR_ELT(R_altrep_data1(x), WHICH));
  const void *top = vmaxget();
  if (Rf_isNull(VECTOR_ELT(source, COLUMNS)) ||
      Rf_isNull(VECTOR_ELT(VECTOR_ELT(source, COLUMNS), which)))
    SET_VECTOR_ELT(source, COLUMNS, compute(source));
  SEXP columns = VECTOR_ELT(source, COLUMNS);
  R_set_altrep_data2(x, VECTOR_ELT(columns, which));
  SET_VECTOR_ELT(columns, which, R_NilValue);
  vmaxset(top);
  return R_altrep_data2(x);
}

static void *pointer_of(SEXP x, Rboolean writable) {
  (void)writable;
  return REAL(values_of(x));
}

static const void *pointer_if_computed(SEXP x) {
  SEXP values = R_altrep_data2(x);
  return Rf_isNull(values) ? NULL : (const void *)REAL_RO(values);
}

/* Makes a source of lazy columns: make(what_) returns the list of all of them */
SEXP r_lazy_source(r_maker *make, SEXP what_) {
  PROTECT(what_);
  SEXP source = PROTECT(Rf_allocVector(VECSXP, SOURCE_SIZE));
  SET_VECTOR_ELT(source, MAKE,
                 R_MakeExternalPtrFn((DL_FUNC)make, R_NilValue, R_NilValue));
  SET_VECTOR_ELT(source, WHAT, what_);
  UNPROTECT(2);
  return source;
}

/* Makes the lazy column of n values that is element `which` of the list of a source */
SEXP r_lazy_column(SEXP source_, int which, R_xlen_t n) {
  SEXP self = PROTECT(Rf_allocVector(VECSXP, COLUMN_SIZE));
  SET_VECTOR_ELT(self, SOURCE, source_);
  SET_VECTOR_ELT(self, WHICH, Rf_ScalarInteger(which));
  SET_VECTOR_ELT(self, N_VALUE, Rf_ScalarReal((double)n));
  SEXP x = R_new_altrep(lazy_class, self, R_NilValue);
  UNPROTECT(1);
  return x;
}

/* Is x a lazy column that has not been computed yet? */
int r_is_lazy_column(SEXP x) {
  return ALTREP(x) && R_altrep_inherits(x, lazy_class) && Rf_isNull(R_altrep_data2(x));
}

void r_lazy_init(DllInfo *dll) {
  lazy_class = R_make_altreal_class("lazy_column", "oligosurv", dll);
  R_set_altrep_Length_method(lazy_class, length_of);
  R_set_altvec_Dataptr_method(lazy_class, pointer_of);
  R_set_altvec_Dataptr_or_null_method(lazy_class, pointer_if_computed);
}
