/* r_read_table - reads an event table of R, which a user may have changed. Every pointer
 * into a table comes from r_table(), after its types, lengths and offsets were
 * checked. */
#include "r_api.h"

#include <math.h>
#include <string.h>

/* R code reads vectors with dimensions in another way */
static int has_dim(SEXP x) {
  return !Rf_isNull(Rf_getAttrib(x, R_DimSymbol));
}

/* Are these the offsets of curves: whole, from 0, not descending, up to n? */
static int are_offsets(SEXP start_, double n) {
  const R_xlen_t m = Rf_xlength(start_);
  if (TYPEOF(start_) != REALSXP || m < 1 || has_dim(start_)) return 0;
  const double *start = REAL_RO(start_);
  int bad = start[0] != 0.0 || start[m - 1] != n;
  for (R_xlen_t i = 1; i < m; i++) /* also refuses NaN */
    bad |= !(start[i] >= start[i - 1] && start[i] <= n && start[i] == floor(start[i]));
  return !bad;
}

/* Is x NULL or a column of n doubles? */
static int is_count_column(SEXP x, R_xlen_t n) {
  return Rf_isNull(x) || (TYPEOF(x) == REALSXP && Rf_xlength(x) == n && !has_dim(x));
}

/* The components of a table that kernels read, each NULL if absent */
enum { TIME, STATUS, N, START, STATES, ENTRY, N_PART };
static const char *const part_names[] = {"time",  "status", "n",
                                         "start", "states", "entry"};

/* Finds the named elements of a list; NULL if absent. One pass over its names is enough,
 * because small tables are read often. */
static void find_elements(SEXP list, const char *const *wanted, int n_wanted, SEXP *to) {
  for (int j = 0; j < n_wanted; j++) to[j] = R_NilValue;
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  if (TYPEOF(list) != VECSXP || TYPEOF(names) != STRSXP) return;
  for (R_xlen_t i = Rf_xlength(names); i-- > 0;) { /* backwards, so that the first of
                                                    * equal names is used */
    const char *const name = CHAR(STRING_ELT(names, i));
    for (int j = 0; j < n_wanted; j++)
      if (r_same_text(name, wanted[j])) to[j] = VECTOR_ELT(list, i);
  }
}

static void find_parts(SEXP table_, SEXP *part) {
  find_elements(table_, part_names, N_PART, part);
}

/* Is the type or length of the entries wrong? */
static int wrong_entry(SEXP entry_, SEXP start_) {
  SEXP part[N_PART];
  find_parts(entry_, part);
  const R_xlen_t n = Rf_xlength(part[TIME]);
  return TYPEOF(part[TIME]) != REALSXP || has_dim(part[TIME]) ||
         !is_count_column(part[N], n) || Rf_xlength(part[START]) != Rf_xlength(start_) ||
         !are_offsets(part[START], (double)n);
}

/* The first component whose type or length does not match the others, or NULL. The time
 * needed does not depend on the number of rows. */
static const char *wrong_shape(SEXP *part) {
  const R_xlen_t n = Rf_xlength(part[TIME]);
  if (TYPEOF(part[TIME]) != REALSXP || has_dim(part[TIME])) return "time";
  if (TYPEOF(part[STATUS]) != INTSXP || Rf_xlength(part[STATUS]) != n ||
      has_dim(part[STATUS]))
    return "status";
  if (!is_count_column(part[N], n)) return "n";
  if (!are_offsets(part[START], (double)n)) return "start";
  if (TYPEOF(part[STATES]) != STRSXP || Rf_xlength(part[STATES]) < 1) return "states";
  if (Rf_isNull(part[ENTRY])) return NULL;
  return wrong_entry(part[ENTRY], part[START]) ? "entry" : NULL;
}

/* Are times finite, not negative and ascending in each curve? */
static int are_times(SEXP time_, SEXP start_) {
  const double *time = REAL_RO(time_), *start = REAL_RO(start_);
  int bad = 0;
  for (R_xlen_t c = 0; c + 1 < Rf_xlength(start_); c++) {
    double last = 0.0;
    for (R_xlen_t i = (R_xlen_t)start[c]; i < (R_xlen_t)start[c + 1]; i++) {
      bad |= !(time[i] >= last);
      last = time[i];
    }
    bad |= !isfinite(last);
  }
  return !bad;
}

static int are_counts(SEXP n_) {
  if (Rf_isNull(n_)) return 1;
  const R_xlen_t m = Rf_xlength(n_);
  const double *n = REAL_RO(n_);
  int bad = 0;
  for (R_xlen_t i = 0; i < m; i++) bad |= !(n[i] >= 0.0 && isfinite(n[i]));
  return !bad;
}

static osv_table table_of(SEXP *part) {
  osv_table table = {.time = REAL_RO(part[TIME]),
                     .status = INTEGER_RO(part[STATUS]),
                     .n = Rf_isNull(part[N]) ? NULL : REAL_RO(part[N]),
                     .start = REAL_RO(part[START]),
                     .n_curve = (size_t)Rf_xlength(part[START]) - 1,
                     .n_status = (int)Rf_xlength(part[STATES])};
  if (!Rf_isNull(part[ENTRY])) {
    SEXP entry[N_PART];
    find_parts(part[ENTRY], entry);
    table.entry_time = REAL_RO(entry[TIME]);
    table.entry_n = Rf_isNull(entry[N]) ? NULL : REAL_RO(entry[N]);
    table.entry_start = REAL_RO(entry[START]);
  }
  return table;
}

/* Are at least those who leave at each time of a curve at risk before it? Those who enter
 * at a time are at risk after it, see osv_curve_counts(). */
static int are_at_risk(const osv_table *table, size_t curve) {
  const size_t lo = (size_t)table->start[curve], hi = (size_t)table->start[curve + 1];
  const size_t first = (size_t)table->entry_start[curve];
  size_t entry = (size_t)table->entry_start[curve + 1];
  double at_risk = 0.0, left = 0.0; /* `left`: all who leave at this time or later */
  for (size_t i = hi; i > lo;) {
    const double t = table->time[i - 1];
    double leavers = 0.0;
    for (; i > lo && table->time[i - 1] == t; i--)
      leavers += table->n ? table->n[i - 1] : 1.0;
    for (; entry > first && table->entry_time[entry - 1] >= t; entry--)
      at_risk -= table->entry_n ? table->entry_n[entry - 1] : 1.0;
    left += leavers;
    at_risk += leavers;
    if (at_risk < leavers - 1e-9 * left) return 0;
  }
  return 1;
}

/* The first component with wrong values, in a table whose components have the right
 * shape */
static const char *wrong_values(SEXP *part) {
  const int *status = INTEGER_RO(part[STATUS]);
  const int n_status = (int)Rf_xlength(part[STATES]);
  const R_xlen_t n_row = Rf_xlength(part[STATUS]);
  int bad = 0;
  for (R_xlen_t i = 0; i < n_row; i++) bad |= (status[i] < 0) | (status[i] >= n_status);
  if (bad) return "status";
  if (!are_times(part[TIME], part[START])) return "time";
  if (!are_counts(part[N])) return "n";
  if (Rf_isNull(part[ENTRY])) return NULL;
  SEXP entry[N_PART];
  find_parts(part[ENTRY], entry);
  if (!are_times(entry[TIME], entry[START]) || !are_counts(entry[N])) return "entry";
  const osv_table table = table_of(part);
  for (size_t c = 0; c < table.n_curve; c++)
    if (!are_at_risk(&table, c)) return "entry";
  return NULL;
}

/* Do two of a few texts repeat? R keeps equal text once. */
static int repeats(SEXP text_) {
  for (R_xlen_t i = 1; i < Rf_xlength(text_); i++)
    for (R_xlen_t j = 0; j < i; j++)
      if (STRING_ELT(text_, i) == STRING_ELT(text_, j)) return 1;
  return 0;
}

/* The first component that only R code reads and whose type or length is wrong, or NULL.
 * Each curve must be one group in one stratum. */
static const char *wrong_notes(SEXP table_, double n_curve) {
  enum { GROUPS, STRATA, CODING, DROPPED, JOINED, VARIABLES, N_NAME = 11 };
  static const char *const names[] = {"groups", "strata",    "coding",   "dropped",
                                      "joined", "variables", "landmark", "origin",
                                      "values", "weights",   "from"};
  SEXP note[N_NAME];
  find_elements(table_, names, N_NAME, note);
  const double n_strata = (double)Rf_xlength(note[STRATA]);
  if (TYPEOF(note[STRATA]) != STRSXP || n_strata < 1.0) return "strata";
  if (TYPEOF(note[GROUPS]) != STRSXP ||
      (double)Rf_xlength(note[GROUPS]) * n_strata != n_curve)
    return "groups";
  for (int j = DROPPED; j <= JOINED; j++)
    if (!Rf_isNumeric(note[j]) || Rf_xlength(note[j]) != 1 ||
        !R_FINITE(Rf_asReal(note[j])))
      return names[j];
  for (int j = VARIABLES; j < N_NAME; j++)
    if (!Rf_isNull(note[j]) && TYPEOF(note[j]) != VECSXP) return names[j];
  for (int j = 0; j < 2 && !Rf_isNull(note[VARIABLES]); j++) {
    SEXP x = r_find_element(note[VARIABLES], j == 0 ? "group" : "stratum");
    if (Rf_isObject(note[VARIABLES]) || !(Rf_isNull(x) || TYPEOF(x) == STRSXP))
      return "variables";
  }
  const int known = r_is_text(note[CODING], "0/1") || r_is_text(note[CODING], "1/2") ||
                    r_is_text(note[CODING], "factor");
  return known ? NULL : "coding";
}

/* The first wrong component of an event table, or NULL */
const char *r_wrong_part(SEXP table_) {
  SEXP part[N_PART];
  find_parts(table_, part);
  const char *wrong = wrong_shape(part);
  if (!wrong) wrong = wrong_values(part);
  if (!wrong && repeats(part[STATES])) wrong = "states";
  return wrong ? wrong : wrong_notes(table_, (double)Rf_xlength(part[START]) - 1.0);
}

/* .Call: the value of r_wrong_part(), see check_event_table() in R */
SEXP r_table_fault(SEXP table_) {
  const char *wrong = r_wrong_part(table_);
  return wrong ? Rf_mkString(wrong) : R_NilValue;
}

/* The event table of R/event-table.R in the form that kernels read */
osv_table r_table(SEXP table_) {
  SEXP part[N_PART];
  find_parts(table_, part);
  const char *wrong = wrong_shape(part);
  if (wrong) r_stop_changed("event table", wrong);
  return table_of(part);
}

/* Like r_table(), for counts that C code has just made; their states may not be set
 * yet */
osv_table r_table_of_counts(SEXP counts_) {
  SEXP part[N_PART];
  find_parts(counts_, part);
  return table_of(part);
}

/* Is x a single number from low to high? */
static int is_number_in(SEXP x, double low, double high) {
  if (!Rf_isNumeric(x) || Rf_xlength(x) != 1 || has_dim(x)) return 0;
  const double value = Rf_asReal(x);
  return value >= low && value <= high; /* false for NaN */
}

/* Is x a column of n doubles? With may_lack, NULL is allowed too. */
static int is_column(SEXP x, R_xlen_t n, int may_lack) {
  return (may_lack && Rf_isNull(x)) ||
         (TYPEOF(x) == REALSXP && Rf_xlength(x) == n && !has_dim(x));
}

/* Do sizes_ hold the number of distinct times of each curve? */
static int are_curve_sizes(SEXP sizes_, const osv_table *table) {
  if (!is_column(sizes_, (R_xlen_t)table->n_curve, 0)) return 0;
  for (size_t c = 0; c < table->n_curve; c++) {
    const size_t lo = (size_t)table->start[c], n = (size_t)table->start[c + 1] - lo;
    if (REAL_RO(sizes_)[c] != (double)osv_count_times(table->time + lo, n)) return 0;
  }
  return 1;
}

/* The first wrong component that only fits with ids or weights have, or NULL. n: rows of
 * all curves of one cause */
static const char *wrong_extra(SEXP fit_, R_xlen_t n, R_xlen_t n_cause,
                               R_xlen_t n_curve) {
  static const char *const by_curve[] = {"ids", "ids_start", "limit_start", "id_size"};
  if (!is_column(r_find_element(fit_, "n.id"), n, 1)) return "n.id";
  if (!is_column(r_find_element(fit_, "naive.error"), n * n_cause, 1))
    return "naive.error";
  for (int j = 0; j < 4; j++) {
    SEXP x = r_find_element(fit_, by_curve[j]);
    if (!Rf_isNull(x) && (!Rf_isNumeric(x) || Rf_xlength(x) != n_curve || has_dim(x)))
      return by_curve[j];
  }
  SEXP weights_ = r_find_element(fit_, "weights");
  if (Rf_isNull(weights_)) return NULL;
  SEXP table_ = r_find_element(weights_, "table");
  const int fine = Rf_inherits(table_, "event_table") && !r_wrong_part(table_) &&
                   Rf_xlength(r_find_element(table_, "start")) == n_curve + 1 &&
                   is_column(r_find_element(weights_, "event"), n * n_cause, 0);
  return fine ? NULL : "weights";
}

/* The first wrong component of a fit, or NULL. Lazy columns stay lazy. */
static const char *wrong_of_fit(SEXP fit_) {
  static const char *const columns[] = {"time",     "n.risk",    "n.censor",  "n.event",
                                        "estimate", "std.error", "conf.low",  "conf.high",
                                        "band.low", "band.high", "event.free"};
  enum { N_EVENT = 3, LOW = 6, BAND = 8, FREE = 10, N_COLUMN };
  SEXP table_ = r_find_element(fit_, "table"), type_ = r_find_element(fit_, "conf.type");
  if (!Rf_inherits(table_, "event_table") || r_wrong_part(table_)) return "table";
  if (!r_is_limits_type(type_)) return "conf.type";
  if (!is_number_in(r_find_element(fit_, "conf.level"), 1e-12, 1.0 - 1e-12))
    return "conf.level";
  SEXP start_ = r_find_element(fit_, "start_value");
  if (!is_number_in(start_, 0.0, 1.0)) return "start_value";
  const osv_table table = r_table(table_);
  SEXP outcomes_ = r_find_element(fit_, "outcomes");
  const int causes = !Rf_isNull(outcomes_);
  if (causes && (TYPEOF(outcomes_) != STRSXP || Rf_xlength(outcomes_) < 1))
    return "outcomes";
  if (causes && Rf_xlength(outcomes_) != table.n_status - 1) return "outcomes";
  if (!are_curve_sizes(r_find_element(fit_, "size"), &table)) return "size";
  R_xlen_t n = 0;
  for (size_t c = 0; c < table.n_curve; c++)
    n += (R_xlen_t)REAL_RO(r_find_element(fit_, "size"))[c];
  for (int j = 0; j < N_COLUMN; j++) {
    const int by_cause = causes && j >= N_EVENT && j < BAND;
    const int may_lack = (j >= LOW && j < BAND && !r_has_limits(type_)) ||
                         (j >= BAND && j < FREE) || (j == FREE && !causes);
    if (!is_column(r_find_element(fit_, columns[j]),
                   by_cause ? n * Rf_xlength(outcomes_) : n, may_lack))
      return columns[j];
  }
  return wrong_extra(fit_, n, causes ? Rf_xlength(outcomes_) : 1,
                     (R_xlen_t)table.n_curve);
}

/* .Call: the first wrong component of a fit, or NULL, see check_fit() in R */
SEXP r_fit_fault(SEXP fit_) {
  const char *const wrong = wrong_of_fit(fit_);
  return wrong ? Rf_mkString(wrong) : R_NilValue;
}

/* The event table of a fit, of which all components have been checked */
osv_table r_table_of_fit(SEXP fit_) {
  const char *const wrong = wrong_of_fit(fit_);
  if (wrong) {
    SEXP class_ = Rf_getAttrib(fit_, R_ClassSymbol);
    r_stop_changed(Rf_isNull(class_) ? "fit" : CHAR(STRING_ELT(class_, 0)), wrong);
  }
  return r_table(r_find_element(fit_, "table"));
}

/* r_table() for C code of other packages, whose argument has not been checked */
osv_table r_table_of(SEXP event_table) {
  if (!Rf_inherits(event_table, "event_table"))
    Rf_error("an event_table of the R package oligosurv is needed");
  const char *wrong = r_wrong_part(event_table);
  if (wrong) r_stop_changed("event table", wrong);
  return r_table(event_table);
}
