#include "r_api.h"

#include <stdint.h>
#include <string.h>

/* The small case of R/formula.R and R/event-table.R without their microseconds: at 37
 * rows reading a formula in R costs more than every estimate. What groups, states and
 * labels are is defined in R (R/event-table-labels.R). This file takes only columns for
 * which none of those rules makes a difference; everything else, wrong or in doubt, is
 * left to R, which has the messages.
 */

enum { MOST_ROWS = 4096, MOST_LABELS = 16, MOST_LEVELS = 256 };

enum {
  TIME,
  STATUS,
  N,
  START,
  STATES,
  GROUPS,
  STRATA,
  CODING,
  DROPPED,
  JOINED,
  ORIGIN = 12,
  VARIABLES
};
static r_words names = {
    {"time", "status", "n", "start", "states", "groups", "strata", "coding", "dropped",
     "joined", "entry", "landmark", "origin", "variables"},
    NULL};
static r_words table_class = {{"event_table"}, NULL};
static r_words two_states = {{"censored", "event"}, NULL};
static r_words one_group = {{"All"}, NULL};
static r_words numbers = {{"0/1"}, NULL};
static r_words levels = {{"factor"}, NULL};

/* Is it a label that every encoding, locale and rule of R reads alike: printing ASCII
 * without blanks at its ends? */
static int is_ascii_label(SEXP label) {
  if (label == NA_STRING) return 0;
  const char *text = CHAR(label);
  size_t n = 0;
  for (; text[n] != '\0'; n++)
    if (text[n] < ' ' || text[n] > '~') return 0;
  return n > 0 && text[0] != ' ' && text[n - 1] != ' ';
}

/* Strings of ASCII are kept once by R, so equal ones have one address */
static int are_distinct(SEXP labels) {
  const R_xlen_t k = Rf_xlength(labels);
  for (R_xlen_t i = 1; i < k; i++)
    for (R_xlen_t j = 0; j < i; j++)
      if (STRING_ELT(labels, i) == STRING_ELT(labels, j)) return 0;
  return 1;
}

/* Levels of an ordinary factor, else NULL: late groups and others have rules of their
 * own */
static SEXP ascii_levels(SEXP x) {
  SEXP class_ = Rf_getAttrib(x, R_ClassSymbol);
  const R_xlen_t k = Rf_xlength(class_);
  if (TYPEOF(x) != INTSXP || k < 1 || k > 2 ||
      strcmp(CHAR(STRING_ELT(class_, k - 1)), "factor") != 0 ||
      (k == 2 && strcmp(CHAR(STRING_ELT(class_, 0)), "ordered") != 0))
    return R_NilValue;
  SEXP labels = Rf_getAttrib(x, R_LevelsSymbol);
  if (TYPEOF(labels) != STRSXP || Rf_isObject(labels) || Rf_xlength(labels) > MOST_LEVELS)
    return R_NilValue;
  for (R_xlen_t i = 0; i < Rf_xlength(labels); i++)
    if (!is_ascii_label(STRING_ELT(labels, i))) return R_NilValue;
  return are_distinct(labels) ? labels : R_NilValue;
}

/* The column of `data` that a symbol names; NULL where there is none. Variables of the
 * formula's environment are left to R: they may be promises, active bindings or missing
 * arguments, which only evaluation tells apart. So are names beyond ASCII, whose bytes
 * say nothing without their encodings. */
static SEXP plain_value(SEXP expr, SEXP data) {
  if (TYPEOF(expr) != SYMSXP || TYPEOF(data) != VECSXP) return R_NilValue;
  SEXP columns = Rf_getAttrib(data, R_NamesSymbol), name = PRINTNAME(expr);
  if (TYPEOF(columns) != STRSXP || !is_ascii_label(name)) return R_NilValue;
  for (R_xlen_t i = 0; i < Rf_xlength(columns); i++)
    if (strcmp(CHAR(STRING_ELT(columns, i)), CHAR(name)) == 0) return VECTOR_ELT(data, i);
  return R_NilValue;
}

static int is_call_to(SEXP expr, const char *name, int n_args) {
  return TYPEOF(expr) == LANGSXP && Rf_xlength(expr) == n_args + 1 &&
         TYPEOF(CAR(expr)) == SYMSXP && strcmp(CHAR(PRINTNAME(CAR(expr))), name) == 0;
}

static int is_one(SEXP expr) {
  return TYPEOF(expr) == REALSXP && Rf_xlength(expr) == 1 && REAL_RO(expr)[0] == 1.0;
}

/* First labels that everybody reads as censoring; R knows more of them */
static int says_censored(SEXP label) {
  static const char *known[] = {"0", "censored", "Censored", "censor", "none", "alive"};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(CHAR(label), known[i]) == 0) return 1;
  return 0;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does text hold `word` (small letters) from `at` on, whatever its capitals? */
static int holds_at(const char *text, size_t at, const char *word) {
  for (size_t i = 0; word[i] != '\0'; i++)
    if (lower(text[at + i]) != word[i]) return 0;
  return 1;
}

static int holds(const char *text, const char *word) {
  for (size_t at = 0; text[at] != '\0'; at++)
    if (holds_at(text, at, word)) return 1;
  return 0;
}

/* Might R's looks_censored() be true of a later label? Then R has to ask. True of every
 * label of which that is, and of some others. */
static int may_say_censored(SEXP label) {
  static const char *begin[] = {
      "0",     "(",    "cens", "right",  "left", "admin", "is",  "no",  "alive", "living",
      "still", "lost", "end",  "follow", "ltfu", "lfu",   "ned", "awd", "false"};
  const char *text = CHAR(label) + strspn(CHAR(label), "-_./ ");
  for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
    if (holds_at(text, 0, begin[i])) return 1;
  return holds(text, "free");
}

/* Might R's names_censoring() be true of the name of the status? */
static int may_name_censoring(SEXP name) {
  const char *text = CHAR(PRINTNAME(name));
  return holds(text, "cens") || holds(text, "cnsr") || holds(text, "zens");
}

/* Does `a` sort before `b`, by R's own rule for text */
static int sorts_before(SEXP a, SEXP b) {
  SEXP left = PROTECT(Rf_ScalarString(a)), right = PROTECT(Rf_ScalarString(b));
  SEXP call = PROTECT(Rf_lang3(Rf_install("<"), left, right));
  const int before = Rf_asLogical(Rf_eval(call, R_BaseEnv)) == 1;
  UNPROTECT(3);
  return before;
}

/* Ranks of k labels in R's order; 0 where the locale does not put all of them into one
 * order, for which R has a rule */
static int rank_labels(const SEXP *label, int k, int *rank) {
  int taken[MOST_LABELS] = {0};
  for (int a = 0; a < k; a++) rank[a] = 0;
  for (int a = 0; a < k; a++)
    for (int b = 0; b < a; b++) {
      const int less = sorts_before(label[a], label[b]);
      if (less == sorts_before(label[b], label[a])) return 0;
      rank[less ? b : a]++;
    }
  for (int a = 0; a < k; a++)
    if (taken[rank[a]]++) return 0;
  return 1;
}

/* Text as the codes and sorted labels that read_labels() of R gives; NULL where there are
 * NA, more than MOST_LABELS values, other text than ASCII, or no order of them */
static SEXP code_text(SEXP x, int *code) {
  SEXP label[MOST_LABELS];
  int k = 0, rank[MOST_LABELS];
  const R_xlen_t n = Rf_xlength(x);
  for (R_xlen_t i = 0; i < n; i++) {
    SEXP value = STRING_ELT(x, i);
    int at = 0;
    while (at < k && label[at] != value) at++;
    if (at == k) {
      if (k == MOST_LABELS || !is_ascii_label(value)) return R_NilValue;
      label[k++] = value;
    }
    code[i] = at;
  }
  if (k == 0 || !rank_labels(label, k, rank)) return R_NilValue;
  SEXP labels = PROTECT(Rf_allocVector(STRSXP, k));
  for (int a = 0; a < k; a++) SET_STRING_ELT(labels, rank[a], label[a]);
  for (R_xlen_t i = 0; i < n; i++) code[i] = rank[code[i]] + 1;
  UNPROTECT(1);
  return labels;
}

/* Codes (in *code) and labels of a grouping variable of n rows */
static SEXP plain_groups(SEXP x, R_xlen_t n, const int **code) {
  if (Rf_xlength(x) != n) return R_NilValue;
  if (TYPEOF(x) == STRSXP && !Rf_isObject(x)) {
    int *coded = (int *)R_alloc((size_t)n + 1, sizeof *coded);
    *code = coded;
    return code_text(x, coded);
  }
  SEXP labels = ascii_levels(x);
  if (Rf_xlength(labels) == 0) return R_NilValue;
  *code = INTEGER_RO(x);
  return labels;
}

/* Puts the status into rows and the labels and coding of the states into the table */
static int plain_status(SEXP x, osv_rows *rows, SEXP table) {
  SEXP states = R_NilValue;
  if (Rf_isObject(x)) {
    states = ascii_levels(x);
    if (Rf_xlength(states) < 2 || !says_censored(STRING_ELT(states, 0))) return 0;
    for (R_xlen_t i = 1; i < Rf_xlength(states); i++)
      if (may_say_censored(STRING_ELT(states, i))) return 0;
    rows->status_int = INTEGER_RO(x);
    rows->status_first = 1;
    rows->n_status = (int)Rf_xlength(states);
    SET_VECTOR_ELT(table, CODING, r_shared(&levels));
  } else {
    if (TYPEOF(x) == REALSXP)
      rows->status = REAL_RO(x);
    else if (TYPEOF(x) == INTSXP)
      rows->status_int = INTEGER_RO(x);
    else if (TYPEOF(x) == LGLSXP)
      rows->status_int = LOGICAL_RO(x);
    else
      return 0;
    rows->n_status = 2; /* code 2 is R's to read */
    states = r_shared(&two_states);
    SET_VECTOR_ELT(table, CODING, r_shared(&numbers));
  }
  SET_VECTOR_ELT(table, STATES, states);
  return 1;
}

/* Is `name` the schema's name of a column of ids, in any case and with any separators? */
static int names_id(const char *name, const char *id) {
  for (; *name; name++) {
    if (*name == '_' || *name == '.' || *name == '-' || *name == ' ') continue;
    const char lower = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
    if (*id == '\0' || lower != *id++) return 0;
  }
  return *id == '\0';
}

/* May a label be blank or have white space at its ends, which is no part of it? */
static int may_be_padded(SEXP label) {
  const char *text = CHAR(label);
  const size_t n = strlen(text);
  return n == 0 || text[0] <= ' ' || text[0] > '~' || text[n - 1] <= ' ' ||
         text[n - 1] > '~';
}

/* Does text occur twice? Equal strings of one encoding share their CHARSXP; 1 where that
 * cannot be told. A table of at least twice as many slots, probed in order. */
static int has_repeats(SEXP x) {
  if (TYPEOF(x) != STRSXP || Rf_isObject(x)) return 1;
  const size_t n = (size_t)Rf_xlength(x);
  size_t slots = 16;
  while (slots < 2 * n) slots *= 2;
  SEXP *seen = (SEXP *)R_alloc(slots, sizeof *seen);
  memset(seen, 0, slots * sizeof *seen);
  for (size_t i = 0; i < n; i++) {
    SEXP value = STRING_ELT(x, (R_xlen_t)i);
    if (value == NA_STRING || may_be_padded(value) ||
        Rf_getCharCE(value) != Rf_getCharCE(STRING_ELT(x, 0)))
      return 1;
    size_t at = ((size_t)(uintptr_t)value >> 4) * 0x9E3779B1u & (slots - 1);
    while (seen[at] && seen[at] != value) at = (at + 1) & (slots - 1);
    if (seen[at]) return 1;
    seen[at] = value;
  }
  return 0;
}

/* Columns that make check_repeated_ids() of R look closer: of lesions, or of patients
 * with several rows */
static int may_repeat_ids(SEXP data, R_xlen_t n) {
  SEXP columns = Rf_getAttrib(data, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(columns); i++) {
    const char *name = CHAR(STRING_ELT(columns, i));
    if (names_id(name, "lesionid")) return 1;
    if (!names_id(name, "patientid")) continue;
    SEXP id = VECTOR_ELT(data, i);
    if (Rf_xlength(id) != n || has_repeats(id)) return 1;
  }
  return 0;
}

/* Times at which groups became known, see check_late_groups() of R */
static int has_known_times(SEXP expr, SEXP data) {
  SEXP x = expr ? plain_value(expr, data) : R_NilValue;
  return Rf_isObject(x) && !Rf_isNull(Rf_getAttrib(x, Rf_install("known")));
}

/* What R has rules for beside the columns of the formula, see time_origin(),
 * check_repeated_ids() and check_late_groups(): 0 for rows that may not be independent,
 * for groups by what is found out later, and in rows of endpoint() for another time than
 * its own; else 1 */
static int read_endpoint(SEXP data, SEXP time, SEXP group, SEXP stratum, SEXP table) {
  static r_words origin_names = {{"unit", "label"}, NULL};
  if (TYPEOF(data) == VECSXP && may_repeat_ids(data, Rf_xlength(time))) return 0;
  if (has_known_times(group, data) || has_known_times(stratum, data)) return 0;
  if (!Rf_inherits(data, "sbrt_endpoint")) return 1;
  static const char *found_out_later[] = {"best_response", "best_change_pct"};
  for (int i = 0; i < 2; i++) {
    SEXP later = Rf_install(found_out_later[i]);
    if (group == later || stratum == later) return 0;
  }
  if (r_is_text(Rf_getAttrib(data, Rf_install("level")), "lesion") ||
      time != plain_value(Rf_install("time"), data))
    return 0;
  SEXP origin = r_new_list(&origin_names);
  SET_VECTOR_ELT(table, ORIGIN, origin);
  SET_VECTOR_ELT(origin, 0, Rf_getAttrib(data, Rf_install("unit")));
  SET_VECTOR_ELT(origin, 1, Rf_getAttrib(data, Rf_install("label")));
  return 1;
}

/* The names of the variables, which labels of groups and strata together need */
static void put_variables(SEXP group, SEXP stratum, SEXP table) {
  static r_words kinds = {{"group", "stratum"}, NULL};
  SEXP variables = r_new_list(&kinds);
  SET_VECTOR_ELT(table, VARIABLES, variables);
  SET_VECTOR_ELT(variables, 0, Rf_ScalarString(PRINTNAME(group)));
  SET_VECTOR_ELT(variables, 1, Rf_ScalarString(PRINTNAME(stratum)));
}

/* Time, status, groups and strata of a plain formula; 0 where it is not plain */
static int read_plain(SEXP formula, SEXP data, osv_rows *rows, SEXP table) {
  if (!is_call_to(formula, "~", 2) || !is_call_to(CADR(formula), "Surv", 2)) return 0;
  SEXP surv = CDR(CADR(formula)), right = CADDR(formula), group = right, stratum = NULL;
  if (TAG(surv) != R_NilValue || TAG(CDR(surv)) != R_NilValue) return 0;
  if (is_call_to(right, "+", 2)) {
    group = CADR(right);
    if (!is_call_to(CADDR(right), "strata", 1)) return 0;
    stratum = CADR(CADDR(right));
  }
  SEXP time = plain_value(CAR(surv), data);
  const R_xlen_t n = Rf_xlength(time);
  if (Rf_isObject(time) || n == 0 || n > MOST_ROWS) return 0;
  if (!read_endpoint(data, time, group, stratum, table)) return 0;
  rows->n = (size_t)n;
  if (TYPEOF(time) == REALSXP)
    rows->time = REAL_RO(time);
  else if (TYPEOF(time) == INTSXP)
    rows->time_int = INTEGER_RO(time);
  else
    return 0;
  SEXP status = plain_value(CADR(surv), data);
  if (Rf_xlength(status) != n || may_name_censoring(CADR(surv)) ||
      !plain_status(status, rows, table))
    return 0;
  SET_VECTOR_ELT(table, GROUPS, r_shared(&one_group));
  SET_VECTOR_ELT(table, STRATA, r_shared(&one_group));
  if (!is_one(group)) {
    SEXP labels = plain_groups(plain_value(group, data), n, &rows->group);
    if (Rf_isNull(labels)) return 0;
    SET_VECTOR_ELT(table, GROUPS, labels);
  }
  if (stratum) {
    SEXP labels = plain_groups(plain_value(stratum, data), n, &rows->stratum);
    if (Rf_isNull(labels)) return 0;
    SET_VECTOR_ELT(table, STRATA, labels);
    if (!is_one(group)) put_variables(group, stratum, table);
  }
  rows->n_group = (int)Rf_xlength(VECTOR_ELT(table, GROUPS));
  rows->n_stratum = (int)Rf_xlength(VECTOR_ELT(table, STRATA));
  return (double)rows->n_status * rows->n_group * rows->n_stratum < 1e6;
}

/* A tolerance of the tie rule, or -1 */
static double tie_tol(SEXP tol_) {
  const double tol =
      TYPEOF(tol_) == REALSXP && Rf_xlength(tol_) == 1 ? REAL_RO(tol_)[0] : -1.0;
  return tol <= 1e-3 ? tol : -1.0;
}

/* Are all times of the table apart by the tie rule? */
static int joins_nothing(SEXP table_, double tol) {
  if (tol == 0.0) return 1;
  const osv_table table = r_table(table_);
  size_t *at = (size_t *)R_alloc(2 * (table.n_curve + 1), sizeof *at);
  return osv_join_times(&table, tol, at, at + table.n_curve + 1, NULL) == 0;
}

/* Counts the rows into the table; 0 where some are missing, bad or joined by the rule */
static int count_plain(const osv_rows *rows, double tol, SEXP table) {
  SEXP counts = PROTECT(r_count_rows(rows, 1));
  for (int i = TIME; i <= START; i++) SET_VECTOR_ELT(table, i, VECTOR_ELT(counts, i));
  const int whole = Rf_asReal(r_element(counts, "complete")) == (double)rows->n &&
                    Rf_asReal(r_element(counts, "bad")) == 0.0;
  UNPROTECT(1);
  return whole && joins_nothing(table, tol);
}

/* .Call: formula_, data_ (NULL or a list) and tie_tol -> the event table that
 * estimator_table() gives without `id` and other arguments, or NULL: at most 4096 whole
 * rows, Surv() of two variables, right of the `~` 1 or one factor or text, with at most
 * one stratum, nothing missing, out of its domain, coded 1/2, or joined by the tie rule.
 */
SEXP r_plain_table(SEXP formula_, SEXP data_, SEXP tol_) {
  const double tol = tie_tol(tol_);
  if (!(tol >= 0.0)) return R_NilValue;
  SEXP table = PROTECT(r_new_list(&names));
  osv_rows rows = {0};
  if (read_plain(formula_, data_, &rows, table) && count_plain(&rows, tol, table)) {
    r_new_column(table, DROPPED, 1)[0] = 0.0;
    r_new_column(table, JOINED, 1)[0] = 0.0;
    Rf_setAttrib(table, R_ClassSymbol, r_shared(&table_class));
  } else {
    table = R_NilValue;
  }
  UNPROTECT(1);
  return table;
}

/* The table of an estimator call without `id` and other arguments, or NULL: of a plain
 * formula, or a small event table of counts alone in which the tie rule joins nothing */
SEXP r_quick_table(SEXP x_, SEXP data_, SEXP tol_) {
  if (Rf_inherits(x_, "formula")) return r_plain_table(x_, data_, tol_);
  if (!Rf_isNull(data_) || TYPEOF(x_) != VECSXP || !Rf_inherits(x_, "event_table") ||
      Rf_xlength(x_) != Rf_xlength(r_shared(&names)) ||
      !Rf_isNull(r_element(x_, "entry")) || Rf_xlength(r_element(x_, "time")) > MOST_ROWS)
    return R_NilValue;
  const double tol = tie_tol(tol_);
  return tol >= 0.0 && joins_nothing(x_, tol) ? x_ : R_NilValue;
}

/* The option of threads as the glue reads it, or NULL where R has to complain */
SEXP r_quick_threads(void) {
  SEXP option = Rf_GetOption1(Rf_install("oligosurv.threads"));
  if (Rf_isNull(option)) return Rf_ScalarInteger(2);
  if (Rf_isObject(option) || Rf_xlength(option) != 1 ||
      (TYPEOF(option) != REALSXP && TYPEOF(option) != INTSXP))
    return R_NilValue;
  const double threads = Rf_asReal(option);
  if (!(threads >= 1.0)) return R_NilValue;
  return Rf_ScalarInteger(threads < 1024.0 ? (int)threads : 1024);
}
