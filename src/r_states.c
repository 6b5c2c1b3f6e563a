/* r_states - glue of osv_states_counts(), osv_states_curve(), osv_states_error() and
 * osv_states_influence(): states over time. */
#include "r_api.h"

#include <math.h>

/* The vectors of a table of spells of all curves, one after another; with ids also those
 * of the ids */
typedef struct {
  size_t n_state, n_curve;
  const double *start, *entry_start, *id_start; /* offsets of the curves */
  const double *time, *n, *entry_time, *entry_n;
  const int *from, *to, *id, *entry_state, *entry_row;
  int counted;
} spells;

/* Reads a column of times, of which none may be missing: tied times are found by == */
static const double *times_of(const r_parts *parts, R_xlen_t n) {
  const double *const x = r_part_doubles(parts, "time", n, 0);
  int bad = 0;
  for (R_xlen_t i = 0; i < n; i++) bad |= ISNAN(x[i]);
  r_check_part(parts, !bad, "time");
  return x;
}

/* Reads a column of offsets, whole numbers that do not descend from 0 to n */
static const double *offsets_of(const r_parts *parts, const char *name, R_xlen_t n_curve,
                                R_xlen_t n) {
  const double *const x = r_part_doubles(parts, name, n_curve + 1, 0);
  int bad = x[0] != 0.0 || x[n_curve] != (double)n;
  for (R_xlen_t c = 0; c < n_curve; c++)
    bad |= !(x[c] <= x[c + 1] && x[c] == floor(x[c]));
  r_check_part(parts, !bad, name);
  return x;
}

/* Number of rows, entries or ids of curve c */
static size_t size_of(const double *start, size_t c) {
  return (size_t)(start[c + 1] - start[c]);
}

/* Checks that codes of ids, and of the rows of entries, are within their curve */
static void check_within(const r_parts *parts, const int *code, const double *rows,
                         const double *most, size_t n_curve, const char *what) {
  for (size_t c = 0; c < n_curve; c++)
    for (size_t i = (size_t)rows[c]; i < (size_t)rows[c + 1]; i++)
      r_check_part(parts, (size_t)code[i] <= size_of(most, c), what);
}

/* Reads table_, a list of time, from, to (0 censored), n (or NULL), counted (TRUE if n
 * are numbers of subjects, FALSE if weights), start, n_state and entry, a list of time,
 * state, n, start. With `ids` also id, numbered from 1 within each curve, id_start and,
 * in entry, row, the row of each entry within the curve. */
static spells spells_of(SEXP table_, int ids) {
  const r_parts all = {table_, "event table"};
  const r_parts of_entry = {r_part(&all, "entry"), "event table"};
  const R_xlen_t n_curve = Rf_xlength(r_part(&all, "start")) - 1;
  const R_xlen_t n = Rf_xlength(r_part(&all, "time"));
  const R_xlen_t n_entry = Rf_xlength(r_part(&of_entry, "time"));
  const size_t k = (size_t)r_part_number(&all, "n_state", 1.0, INT_MAX);
  r_check_part(&all, n_curve >= 0, "start");
  spells x = {.n_state = k, .n_curve = (size_t)n_curve};
  x.start = offsets_of(&all, "start", n_curve, n);
  x.time = times_of(&all, n);
  x.n = r_part_doubles(&all, "n", n, 1);
  x.from = r_part_codes(&all, "from", n, 1, k, 0);
  x.to = r_part_codes(&all, "to", n, 0, k, 0);
  x.entry_start = offsets_of(&of_entry, "start", n_curve, n_entry);
  x.entry_time = times_of(&of_entry, n_entry);
  x.entry_n = r_part_doubles(&of_entry, "n", n_entry, 1);
  x.entry_state = r_part_codes(&of_entry, "state", n_entry, 1, k, 0);
  x.counted = r_part_flag(&all, "counted");
  if (!ids) return x;
  const double *last = r_part_doubles(&all, "id_start", n_curve + 1, 0);
  r_check_part(&all, last[n_curve] <= INT_MAX, "id_start");
  x.id_start = offsets_of(&all, "id_start", n_curve, (R_xlen_t)last[n_curve]);
  x.id = r_part_codes(&all, "id", n, 1, INT_MAX, 0);
  x.entry_row = r_part_codes(&of_entry, "row", n_entry, 1, INT_MAX, 0);
  check_within(&all, x.id, x.start, x.id_start, x.n_curve, "id");
  check_within(&all, x.entry_row, x.entry_start, x.start, x.n_curve, "row");
  return x;
}

static osv_spells curve_of(const spells *x, size_t c) {
  const size_t lo = (size_t)x->start[c], entry = (size_t)x->entry_start[c];
  return (osv_spells){.n_state = x->n_state,
                      .n_row = size_of(x->start, c),
                      .time = x->time + lo,
                      .from = x->from + lo,
                      .to = x->to + lo,
                      .n = x->n ? x->n + lo : NULL,
                      .n_entry = size_of(x->entry_start, c),
                      .entry_time = x->entry_time + entry,
                      .entry_state = x->entry_state + entry,
                      .entry_n = x->entry_n ? x->entry_n + entry : NULL,
                      .counted = x->counted};
}

enum { TIME, N_RISK, N_CENSOR, N_MOVE, N_ROW, SIZE };
static const char *count_names[] = {"time",  "n_risk", "n_censor", "n_move",
                                    "n_row", "size",   ""};

/* .Call glue of osv_states_counts(). Value: list of time double[m], of all curves one
 * after another; n_risk, n_censor, n_row double[states, m]; n_move double[to, from, m];
 * size, the number of times of each curve. */
SEXP r_states_counts(SEXP table_) {
  const spells x = spells_of(table_, 0);
  const size_t k = x.n_state;
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, count_names));
  double *size = r_new_column(ans, SIZE, (R_xlen_t)x.n_curve);
  size_t m = 0;
  for (size_t c = 0; c < x.n_curve; c++) {
    const size_t n = osv_count_times(x.time + (size_t)x.start[c], size_of(x.start, c));
    size[c] = (double)n;
    m += n;
  }
  osv_state_counts out = {.time = r_new_column(ans, TIME, (R_xlen_t)m),
                          .n_risk = r_new_column(ans, N_RISK, (R_xlen_t)(m * k)),
                          .n_censor = r_new_column(ans, N_CENSOR, (R_xlen_t)(m * k)),
                          .n_move = r_new_column(ans, N_MOVE, (R_xlen_t)(m * k * k)),
                          .n_row = r_new_column(ans, N_ROW, (R_xlen_t)(m * k))};
  double *work = r_scratch(osv_states_counts_work(k));
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0; c < x.n_curve; c++) {
    const osv_spells curve = curve_of(&x, c);
    const size_t n = (size_t)size[c];
    const osv_status status = osv_states_counts(&curve, n, &guard.poll, work, &out);
    if (status != OSV_OK) r_abort_status(status);
    out = (osv_state_counts){out.time + n, out.n_risk + n * k, out.n_censor + n * k,
                             out.n_move + n * k * k, out.n_row + n * k};
  }
  UNPROTECT(1);
  return ans;
}

/* The counts of r_states_counts(), and the initial distribution of each curve from the
 * list begin_: first (number of the time from which on moves count, from 0), p0
 * double[states, curves] and, with ids, n (number of subjects in the initial
 * distribution), state and square (by id, see osv_state_ids) */
typedef struct {
  osv_state_counts counts;
  const double *size, *first, *p0, *n, *square;
  const int *state;
  size_t m;
} curves;

static double *writable(const double *x) {
  return (double *)x; /* osv_state_counts is for input and output, so it is not const;
                       * kernels only read it */
}

static curves curves_of(const spells *x, SEXP counts_, SEXP begin_, int ids) {
  const r_parts counts = {counts_, "state_occupation"};
  const r_parts begin = {begin_, "state_occupation"};
  const R_xlen_t k = (R_xlen_t)x->n_state, n_curve = (R_xlen_t)x->n_curve;
  const R_xlen_t m = Rf_xlength(r_part(&counts, "time"));
  curves y = {.m = (size_t)m};
  y.counts.time = writable(r_part_doubles(&counts, "time", m, 0));
  y.counts.n_risk = writable(r_part_doubles(&counts, "n_risk", m * k, 0));
  y.counts.n_move = writable(r_part_doubles(&counts, "n_move", m * k * k, 0));
  y.size = r_part_doubles(&counts, "size", n_curve, 0);
  y.first = r_part_doubles(&begin, "first", n_curve, 0);
  y.p0 = r_part_doubles(&begin, "p0", n_curve * k, 0);
  double sum = 0.0;
  for (R_xlen_t c = 0; c < n_curve; c++) {
    r_check_part(&counts, y.size[c] >= 0.0 && y.size[c] == floor(y.size[c]), "size");
    r_check_part(&begin, y.first[c] >= 0.0 && y.first[c] <= y.size[c], "first");
    sum += y.size[c];
  }
  r_check_part(&counts, sum == (double)m, "size");
  if (!ids) return y;
  const R_xlen_t n_id = (R_xlen_t)x->id_start[x->n_curve];
  y.n = r_part_doubles(&begin, "n", n_curve, 0);
  y.square = r_part_doubles(&begin, "square", n_id, 0);
  y.state = r_part_codes(&begin, "state", n_id, 0, x->n_state, 0);
  return y;
}

static osv_state_counts counts_at(const curves *y, size_t at, size_t k) {
  return (osv_state_counts){.time = y->counts.time + at,
                            .n_risk = y->counts.n_risk + at * k,
                            .n_move = y->counts.n_move + at * k * k};
}

static osv_state_ids ids_of(const spells *x, const curves *y, size_t c,
                            const osv_spells *curve) {
  const size_t id = (size_t)x->id_start[c];
  return (osv_state_ids){.spells = curve,
                         .id = x->id + (size_t)x->start[c],
                         .entry_row = x->entry_row + (size_t)x->entry_start[c],
                         .n_id = size_of(x->id_start, c),
                         .square = y->square + id,
                         .at_start = y->state + id,
                         .start_n = y->n[c]};
}

/* .Call glue of osv_states_curve() and, if ids_, of osv_states_error(). Value: list of
 * probability and std_error double[states, m]; the latter is empty without ids. */
SEXP r_states_curves(SEXP table_, SEXP counts_, SEXP begin_, SEXP ids_) {
  static const char *names[] = {"probability", "std_error", ""};
  const int ids = Rf_asLogical(ids_) == TRUE;
  const spells x = spells_of(table_, ids);
  const curves y = curves_of(&x, counts_, begin_, ids);
  const size_t k = x.n_state;
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *probability = r_new_column(ans, 0, (R_xlen_t)(y.m * k));
  double *std_error = r_new_column(ans, 1, ids ? (R_xlen_t)(y.m * k) : 0);
  size_t work_size = osv_states_curve_work(k), n_id = 0, at = 0;
  for (size_t c = 0; ids && c < x.n_curve; c++) {
    const size_t n = size_of(x.id_start, c);
    const size_t size = osv_states_error_work((size_t)y.size[c], k, n);
    if (size > work_size) work_size = size;
    if (n > n_id) n_id = n;
  }
  double *work = r_scratch(work_size);
  size_t *updated = (size_t *)R_alloc(n_id + 1, sizeof *updated);
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0; c < x.n_curve; c++) {
    const size_t m = (size_t)y.size[c], first = (size_t)y.first[c];
    const osv_spells curve = curve_of(&x, c);
    const osv_state_counts counts = counts_at(&y, at, k);
    osv_states_curve(&counts, m, k, first, y.p0 + c * k, work, probability + at * k);
    if (ids) {
      const osv_state_ids mine = ids_of(&x, &y, c, &curve);
      const osv_status status =
          osv_states_error(&mine, &counts, m, first, y.p0 + c * k, probability + at * k,
                           &guard.poll, work, updated, std_error + at * k);
      if (status != OSV_OK) r_abort_status(status);
    }
    at += m;
  }
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_states_influence(): probabilities at the time at_, or with area_
 * their integrals between the times from_ (by curve) and at_. Value: list of estimate
 * double[states, curves] and influence double[states, ids]. */
SEXP r_states_influence(SEXP table_, SEXP counts_, SEXP begin_, SEXP probability_,
                        SEXP from_, SEXP at_, SEXP area_) {
  static const char *names[] = {"estimate", "influence", ""};
  const spells x = spells_of(table_, 1);
  const curves y = curves_of(&x, counts_, begin_, 1);
  const size_t k = x.n_state, n_id = (size_t)x.id_start[x.n_curve];
  if (TYPEOF(probability_) != REALSXP || TYPEOF(from_) != REALSXP ||
      (size_t)Rf_xlength(probability_) != y.m * k ||
      (size_t)Rf_xlength(from_) != x.n_curve)
    r_stop_changed("state_occupation", "probability");
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *estimate = r_new_column(ans, 0, (R_xlen_t)(x.n_curve * k));
  double *influence = r_new_column(ans, 1, (R_xlen_t)(n_id * k));
  size_t most = 0, at = 0;
  for (size_t c = 0; c < x.n_curve; c++)
    if ((size_t)y.size[c] > most) most = (size_t)y.size[c];
  double *work = r_scratch(osv_states_influence_work(most, k));
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0; c < x.n_curve; c++) {
    const size_t m = (size_t)y.size[c];
    const osv_spells curve = curve_of(&x, c);
    const osv_state_counts counts = counts_at(&y, at, k);
    const osv_state_ids mine = ids_of(&x, &y, c, &curve);
    const osv_state_functional functional = {Rf_asLogical(area_) == TRUE,
                                             REAL_RO(from_)[c], Rf_asReal(at_)};
    const osv_status status = osv_states_influence(
        &mine, &counts, m, (size_t)y.first[c], y.p0 + c * k,
        REAL_RO(probability_) + at * k, &functional, &guard.poll, work, estimate + c * k,
        influence + (size_t)x.id_start[c] * k);
    if (status != OSV_OK) r_abort_status(status);
    at += m;
  }
  UNPROTECT(1);
  return ans;
}
