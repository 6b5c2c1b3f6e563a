/* r_deferred - columns of a fit that are made when somebody looks at them: the counts of
 * a long curve, of which the event table says it all and which few ask for, and all
 * columns where estimates at some times are asked for. To R they are vectors like any
 * other. */
#include "r_api.h"

#include <R_ext/Altrep.h>

static R_altrep_class_t deferred;

/* What the columns of one fit share. ESTIMATES: NULL where they are counts, else
 * conf_type and level of r_km() or, COMPETING, r_aj() */
enum { TABLE, COMPETING, REVERSE, ESTIMATES, COLUMNS, SOURCE_SIZE };
/* The first part of a column; the second is its values once they are made */
enum { SOURCE, WHICH, N_VALUE, COLUMN_SIZE };
enum { N_RISK, N_EVENT, N_CENSOR, N_COLUMN };

static R_xlen_t length_of(SEXP x) {
  return (R_xlen_t)Rf_asReal(VECTOR_ELT(R_altrep_data1(x), N_VALUE));
}

/* Counts of all curves */
typedef struct {
  osv_table table;
  r_layout layout;
  int reverse;
  double *column[N_COLUMN];
} job;

static osv_status count_curve(void *ctx, size_t c, const osv_poll *poll) {
  const job *x = ctx;
  const size_t at = x->layout.first[c], m = x->layout.size[c];
  const osv_counts counts = {NULL, x->column[N_RISK] + at, x->column[N_CENSOR] + at,
                             x->column[N_EVENT] + at, (size_t)x->layout.n_row};
  const osv_status status = osv_curve_counts(&x->table, c, m, poll, &counts);
  if (x->reverse && status == OSV_OK)
    osv_km_reverse(counts.n_risk, counts.n_event, counts.n_censor, m);
  return status;
}

static SEXP make_counts(SEXP source, SEXP threads_) {
  SEXP table_ = VECTOR_ELT(source, TABLE);
  SEXP ans = PROTECT(Rf_allocVector(VECSXP, N_COLUMN + 1));
  job x = {.table = r_table(table_),
           .reverse = Rf_asLogical(VECTOR_ELT(source, REVERSE))};
  x.layout = r_curve_layout(&x.table, ans, N_COLUMN);
  const R_xlen_t n_row = x.layout.n_row, n_cause = x.table.n_status - 1;
  for (int j = 0; j < N_COLUMN; j++)
    x.column[j] = r_new_column(ans, j, n_row * (j == N_EVENT ? n_cause : 1));
  r_share(r_thread_count(threads_, (double)n_row), x.table.n_curve, count_curve, &x);
  UNPROTECT(1);
  return ans;
}

static SEXP make_columns(SEXP source) {
  SEXP threads_ = PROTECT(r_quick_threads());
  if (Rf_isNull(threads_)) threads_ = Rf_ScalarInteger(1);
  PROTECT(threads_);
  SEXP table_ = VECTOR_ELT(source, TABLE), reverse_ = VECTOR_ELT(source, REVERSE);
  SEXP estimates = VECTOR_ELT(source, ESTIMATES), ans;
  if (Rf_isNull(estimates)) {
    ans = make_counts(source, threads_);
  } else {
    SEXP type_ = VECTOR_ELT(estimates, 0), level_ = VECTOR_ELT(estimates, 1);
    ans = Rf_asLogical(VECTOR_ELT(source, COMPETING))
              ? r_aj(table_, Rf_ScalarLogical(0), type_, level_, threads_)
              : r_km(table_, reverse_, type_, level_, threads_);
  }
  UNPROTECT(2);
  return ans;
}

static SEXP values_of(SEXP x) {
  SEXP values = R_altrep_data2(x);
  if (!Rf_isNull(values)) return values;
  SEXP source = VECTOR_ELT(R_altrep_data1(x), SOURCE);
  const int which = Rf_asInteger(VECTOR_ELT(R_altrep_data1(x), WHICH));
  const void *top = vmaxget();
  if (Rf_isNull(VECTOR_ELT(source, COLUMNS)) ||
      Rf_isNull(VECTOR_ELT(VECTOR_ELT(source, COLUMNS), which)))
    SET_VECTOR_ELT(source, COLUMNS, make_columns(source));
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

static const void *pointer_if_made(SEXP x) {
  SEXP values = R_altrep_data2(x);
  return Rf_isNull(values) ? NULL : (const void *)REAL_RO(values);
}

static SEXP new_deferred(SEXP source, int which, R_xlen_t n) {
  SEXP self = PROTECT(Rf_allocVector(VECSXP, COLUMN_SIZE));
  SET_VECTOR_ELT(self, SOURCE, source);
  SET_VECTOR_ELT(self, WHICH, Rf_ScalarInteger(which));
  SET_VECTOR_ELT(self, N_VALUE, Rf_ScalarReal((double)n));
  SEXP x = R_new_altrep(deferred, self, R_NilValue);
  UNPROTECT(1);
  return x;
}

static SEXP new_source(SEXP table_, int reverse) {
  SEXP source = PROTECT(Rf_allocVector(VECSXP, SOURCE_SIZE));
  SET_VECTOR_ELT(source, TABLE, table_);
  SET_VECTOR_ELT(source, REVERSE, Rf_ScalarLogical(reverse));
  UNPROTECT(1);
  return source;
}

/* Puts n_risk, n_event (of all causes) and n_censor of a table into list[at[0 .. 2]] */
void r_defer_counts(SEXP list, const int *at, SEXP table_, const r_layout *layout,
                    int reverse) {
  SEXP source = PROTECT(new_source(table_, reverse));
  const R_xlen_t n_cause = Rf_xlength(r_element(table_, "states")) - 1;
  for (int j = 0; j < N_COLUMN; j++)
    SET_VECTOR_ELT(list, at[j],
                   new_deferred(source, j, layout->n_row * (j == N_EVENT ? n_cause : 1)));
  UNPROTECT(1);
}

/* .Call: what r_km() or, competing_, r_aj() would give, with every column but the times
 * left for later; NULL where that is not worth it, or cannot be */
SEXP r_curves_later(SEXP table_, SEXP competing_, SEXP reverse_, SEXP conf_type_,
                    SEXP level_) {
  const osv_table table = r_table(table_);
  if (table.start[table.n_curve] <= R_DEFER_ROWS || !r_is_plain(&table))
    return R_NilValue;
  const int competing = Rf_asLogical(competing_), size = competing ? 9 : 8;
  const int columns = r_has_limits(conf_type_) ? size : size - 2;
  const int first_by_cause = competing ? 5 : 4;
  SEXP ans = PROTECT(r_new_list(competing ? &r_aj_columns : &r_km_columns));
  const r_layout layout = r_curve_layout(&table, ans, size);
  SEXP source = PROTECT(new_source(table_, Rf_asLogical(reverse_)));
  SET_VECTOR_ELT(source, COMPETING, competing_);
  SEXP estimates = PROTECT(Rf_allocVector(VECSXP, 2));
  SET_VECTOR_ELT(estimates, 0, conf_type_);
  SET_VECTOR_ELT(estimates, 1, level_);
  SET_VECTOR_ELT(source, ESTIMATES, estimates);
  const int own_time = r_put_time(ans, 0, table_, layout.n_row);
  for (int j = own_time ? 0 : 1; j < columns; j++) {
    const int by_cause = j == 2 || j >= first_by_cause;
    SET_VECTOR_ELT(
        ans, j,
        new_deferred(source, j, layout.n_row * (by_cause ? table.n_status - 1 : 1)));
  }
  UNPROTECT(3);
  return ans;
}

/* Is x a column that nobody has looked at? */
int r_later(SEXP x) {
  return ALTREP(x) && R_altrep_inherits(x, deferred) && Rf_isNull(R_altrep_data2(x));
}

/* .Call: the same */
SEXP r_is_later(SEXP x_) {
  return Rf_ScalarLogical(r_later(x_));
}

void r_deferred_init(DllInfo *dll) {
  deferred = R_make_altreal_class("deferred", "oligosurv", dll);
  R_set_altrep_Length_method(deferred, length_of);
  R_set_altvec_Dataptr_method(deferred, pointer_of);
  R_set_altvec_Dataptr_or_null_method(deferred, pointer_if_made);
}
