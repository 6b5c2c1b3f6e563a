/* r_curve_columns - all curves of an event table as columns, computed now or lazily. */
#include "r_api.h"

/* Columns of curves of competing risks; those of survival have no EVENT_FREE */
enum { TIME, N_RISK, N_EVENT, N_CENSOR, EVENT_FREE, ESTIMATE, SE, LOW, HIGH, SIZE };
static r_words km_columns = {{"time", "n_risk", "n_event", "n_censor", "surv",
                              "std_error", "conf_low", "conf_high", "size"},
                             NULL};
static r_words aj_columns = {{"time", "n_risk", "n_event", "n_censor", "surv", "cif",
                              "std_error", "conf_low", "conf_high", "size"},
                             NULL};

/* The arguments of a call that estimates curves */
typedef struct {
  SEXP table_, conf_type_, level_;
  int survival, reverse, aalen;
} request;

/* Converts a request to an R list, which is stored for columns that are computed later */
static SEXP list_of(const request *x) {
  SEXP list = PROTECT(Rf_list4(x->table_, x->conf_type_, x->level_, R_NilValue));
  SEXP which = Rf_allocVector(INTSXP, 3);
  SETCADDDR(list, which);
  INTEGER(which)[0] = x->survival;
  INTEGER(which)[1] = x->reverse;
  INTEGER(which)[2] = x->aalen;
  UNPROTECT(1);
  return list;
}

static request request_of(SEXP list) {
  const int *which = INTEGER_RO(CADDDR(list));
  return (request){CAR(list), CADR(list), CADDR(list), which[0], which[1], which[2]};
}

/* Position of a column in the list of results */
static int place(const request *want, int column) {
  return column - (want->survival && column > EVENT_FREE);
}

static SEXP new_result(const request *want) {
  return r_new_list(want->survival ? &km_columns : &aj_columns);
}

static int is_count(int column) {
  return column >= N_RISK && column <= N_CENSOR;
}

/* Returns 0 if each row of the table is a distinct time of its curve; the output then
 * shares the times of the table. Returns 1 if the times have to be written. */
static int has_own_times(const request *want, R_xlen_t n_row, SEXP ans) {
  SEXP time_ = r_element(want->table_, "time");
  if (Rf_xlength(time_) != n_row) return 1;
  SET_VECTOR_ELT(ans, TIME, time_);
  return 0;
}

static r_curves curves_of(const request *want, const osv_table *table, SEXP ans) {
  return (r_curves){.table = table,
                    .layout = r_curve_layout(table, ans, place(want, SIZE)),
                    .kind = want->survival ? &r_kaplan_meier
                            : want->aalen  ? &r_aalen_variance
                                           : &r_aalen_johansen,
                    .survival = want->survival,
                    .reverse = want->reverse,
                    .limits = r_limits_of(want->conf_type_, want->level_),
                    .in_columns = 1};
}

static osv_status count_curve(void *ctx, size_t c, const osv_poll *poll) {
  const r_curves *all = ctx;
  const osv_counts to = r_counts_of(all, c);
  return r_fill_counts(all, c, poll, &to);
}

/* Computes only the columns of counts, each at its position in the result */
static SEXP make_counts(SEXP list) {
  const request want = request_of(list);
  const osv_table table = r_table(want.table_);
  SEXP ans = PROTECT(new_result(&want));
  r_curves all = curves_of(&want, &table, ans);
  const R_xlen_t n_row = all.layout.n_row, n_cause = table.n_status - 1;
  all.counts = (osv_counts){NULL, r_new_column(ans, N_RISK, n_row),
                            r_new_column(ans, N_CENSOR, n_row),
                            r_new_column(ans, N_EVENT, n_row * n_cause), (size_t)n_row};
  r_share(r_thread_count((double)n_row), table.n_curve, count_curve, &all);
  UNPROTECT(1);
  return ans;
}

/* Makes the columns of the result. If `make` is not NULL, it computes all of them on
 * first access. If it is NULL, the columns are computed now, except for the counts of
 * long curves that can be read block by block: few calls read these, so they stay
 * lazy. */
static void new_columns(r_curves *all, const request *want, r_maker *make, SEXP ans) {
  const R_xlen_t n_row = all->layout.n_row, n_cause = all->table->n_status - 1;
  const int lazy_counts = n_row > R_LAZY_ROWS && r_can_stream(all->table);
  if (!make && lazy_counts) make = make_counts;
  SEXP source = PROTECT(make ? r_lazy_source(make, list_of(want)) : R_NilValue);
  const int all_lazy = make && make != make_counts;
  double *column[SIZE] = {NULL};
  for (int j = has_own_times(want, n_row, ans) ? TIME : N_RISK; j < SIZE; j++) {
    if ((j == EVENT_FREE && want->survival) || (j >= LOW && !all->limits.any)) continue;
    const int at = place(want, j), by_cause = j == N_EVENT || j >= ESTIMATE;
    const R_xlen_t n = n_row * (by_cause ? n_cause : 1);
    if (all_lazy || (make && is_count(j)))
      SET_VECTOR_ELT(ans, at, r_lazy_column(source, at, n));
    else
      column[j] = r_new_column(ans, at, n);
  }
  all->counts = (osv_counts){column[TIME], column[N_RISK], column[N_CENSOR],
                             column[N_EVENT], (size_t)n_row};
  all->rows = (r_rows){column[ESTIMATE],
                       column[SE],
                       column[LOW],
                       column[HIGH],
                       column[want->survival ? ESTIMATE : EVENT_FREE],
                       (size_t)n_row};
  UNPROTECT(1);
}

/* State of a computation that writes all curves to columns. end: the counts needed for
 * the exact limits at the last time, by curve and cause. It is NULL if the counts are
 * stored as columns or there are no exact limits. */
typedef struct {
  const r_curves *all;
  size_t n_cause, work_size; /* work_size: number of doubles of scratch of one thread */
  double *work;
  r_last_time *end;
} writing;

/* Estimates curve c, and stores the counts needed for the exact limits at its end */
static osv_status write_curve(void *ctx, size_t c, const osv_poll *poll) {
  const writing *x = ctx;
  const size_t m = x->all->layout.size[c];
  double *work = x->work + (size_t)r_thread_index() * x->work_size;
  r_curve curve;
  osv_status status = r_open_curve(&curve, x->all, c, poll, work);
  while (status == OSV_OK && r_next_estimates(&curve)) {
    const size_t at = curve.read.at;
    if (at > 0 && at % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) status = OSV_EINTR;
  }
  if (status == OSV_OK) status = curve.read.status;
  for (size_t k = 0; x->end && m > 0 && status == OSV_OK && k < x->n_cause; k++) {
    const r_rows all = r_rows_at(x->all, c, m - 1), own = r_rows_of_cause(&all, k, 0);
    if (r_is_end(x->all, &own, 0))
      status = r_read_end(x->all, c, k, poll, work, x->end + c * x->n_cause + k);
  }
  return status;
}

/* Exact limits of one cause of a curve whose counts are stored as columns */
static osv_status exact_from_columns(const writing *x, size_t c, size_t cause,
                                     const osv_poll *poll, const double *after) {
  r_exact exact = r_exact_of(x->all, c, cause);
  const osv_counts counts = r_counts_of(x->all, c);
  const r_rows all = r_rows_at(x->all, c, 0), own = r_rows_of_cause(&all, cause, 0);
  return osv_limits_whole(&exact.limits, &counts, after, x->all->layout.size[c],
                          own.estimate, own.std_error, poll, own.low, own.high);
}

/* Exact limits of one cause of a curve that is read block by block */
static osv_status exact_from_blocks(const writing *x, size_t c, size_t cause,
                                    const osv_poll *poll) {
  const size_t m = x->all->layout.size[c];
  r_exact exact = r_exact_of(x->all, c, cause);
  r_blocks read = r_blocks_of(x->all->table, c, NULL, m, x->all->reverse, x->work);
  size_t done = 0;
  while (exact.open && r_next_block(&read)) {
    const r_rows all = r_rows_at(x->all, c, read.at);
    const r_rows own = r_rows_of_cause(&all, cause, 0);
    done = read.at + r_exact_block(&exact, &read, &own);
    if (poll->fn(poll->ctx)) return OSV_EINTR; /* a row may take 50 microseconds */
  }
  if (done == m) return OSV_OK;
  const r_rows all = r_rows_at(x->all, c, m - 1), own = r_rows_of_cause(&all, cause, 0);
  if (r_is_end(x->all, &own, 0))
    r_exact_end(&exact, x->end + c * x->n_cause + cause, &own);
  return OSV_OK;
}

static void write_exact_limits(const writing *x) {
  const r_curves *all = x->all;
  double *after = x->end ? NULL : r_scratch(r_longest_curve(&all->layout));
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0; c < all->table->n_curve; c++) {
    const osv_counts counts = r_counts_of(all, c);
    if (after)
      osv_risk_after(all->table, c, &counts, all->layout.size[c], all->reverse, after);
    for (size_t k = 0; k < x->n_cause; k++) {
      const osv_status status = after ? exact_from_columns(x, c, k, &guard.poll, after)
                                      : exact_from_blocks(x, c, k, &guard.poll);
      if (status != OSV_OK) r_abort_status(status);
    }
  }
}

static SEXP estimate_columns(const request *want) {
  const osv_table table = r_table(want->table_);
  SEXP ans = PROTECT(new_result(want));
  r_curves all = curves_of(want, &table, ans);
  new_columns(&all, want, NULL, ans);
  const int threads = r_thread_count((double)all.layout.n_row);
  writing x = {&all, (size_t)table.n_status - 1, r_curves_work(&all), NULL, NULL};
  x.work = r_scratch((size_t)threads * x.work_size);
  if (all.limits.any) {
    all.subjects = (osv_subjects *)R_alloc(table.n_curve + 1, sizeof *all.subjects);
    if (!all.counts.n_risk)
      x.end = (r_last_time *)R_alloc(table.n_curve * x.n_cause + 1, sizeof *x.end);
  }
  r_share(threads, table.n_curve, write_curve, &x);
  if (all.limits.any) write_exact_limits(&x);
  UNPROTECT(1);
  return ans;
}

/* .Call: Kaplan-Meier curves of an event table with one event type.
 *
 * reverse_: TRUE for the reverse curve (censorings as events). conf_type_, level_: the
 * pointwise limits; exact ones where osv_which_limits() says so; "none": no limits.
 * Value: list of double columns, curves one after another, one row per distinct time, and
 * `size` double[n_curve], rows of each curve.
 */
SEXP r_km(SEXP table_, SEXP reverse_, SEXP conf_type_, SEXP level_) {
  const request want = {table_, conf_type_, level_, 1, Rf_asLogical(reverse_), 0};
  return estimate_columns(&want);
}

/* .Call: Aalen-Johansen curves of an event table.
 *
 * aalen_: TRUE for the standard errors of osv_aalen().
 * Value: list of double columns. time, n_risk, n_censor, surv: one row per curve and
 * distinct time, curves one after another; n_event, cif, std_error, conf_low, conf_high:
 * the same rows for the first cause, then for the second, ...; size double[n_curve].
 */
SEXP r_aj(SEXP table_, SEXP aalen_, SEXP conf_type_, SEXP level_) {
  const request want = {table_, conf_type_, level_, 0, 0, Rf_asLogical(aalen_)};
  return estimate_columns(&want);
}

static SEXP make_columns(SEXP list) {
  const request want = request_of(list);
  return estimate_columns(&want);
}

/* .Call: the value of r_km(), or of r_aj() if competing_, in which every column but the
 * times is computed on first access. NULL if that saves too little, or if the curves
 * cannot be read block by block */
SEXP r_curves_later(SEXP table_, SEXP competing_, SEXP reverse_, SEXP conf_type_,
                    SEXP level_) {
  const osv_table table = r_table(table_);
  if (table.start[table.n_curve] <= R_LAZY_ROWS || !r_can_stream(&table))
    return R_NilValue;
  const request want = {
      table_, conf_type_, level_, !Rf_asLogical(competing_), Rf_asLogical(reverse_), 0};
  SEXP ans = PROTECT(new_result(&want));
  r_curves all = curves_of(&want, &table, ans);
  new_columns(&all, &want, make_columns, ans);
  UNPROTECT(1);
  return ans;
}

/* .Call: is x a column that has not been computed yet? */
SEXP r_is_later(SEXP x_) {
  return Rf_ScalarLogical(r_is_lazy_column(x_));
}
