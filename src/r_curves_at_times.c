/* r_curves_at_times - estimates of curves at given times, and the times at which curves
 * cross given probabilities. Both are computed while a curve is read block by block. */
#include "r_api.h"

#include <math.h>

/* Result columns. ROW to HIGH have an element for each curve, time and outcome, CROSS_AT
 * to CROSS_HIGH for each curve, probability and outcome, N_EVENT and N_CENSOR for each
 * curve and outcome, LAST and ENDED for each curve. */
enum {
  ROW,        /* number of distinct times up to the time */
  CUM_EVENT,  /* events up to the time */
  CUM_CENSOR, /* censorings up to the time, equal for all outcomes */
  ESTIMATE,
  SE,
  LOW,
  HIGH,
  CROSS_AT,   /* first time at which S or 1 - F is at or below the probability */
  CROSS_FLAT, /* 1 if the curve is constant there */
  CROSS_NEXT, /* next time at which the curve changes; NA if it does not change any
               * more */
  CROSS_LOW,  /* the same as CROSS_AT for the limits */
  CROSS_HIGH,
  N_EVENT,
  N_CENSOR,
  LAST,  /* last time, NA without one */
  ENDED, /* 1 if nobody is event-free at the last time */
  SIZE
};
static const char *columns[] = {
    "row",       "cum.event", "cum.censor", "estimate",   "std.error", "conf.low",
    "conf.high", "cross",     "cross.flat", "cross.next", "cross.low", "cross.high",
    "n.event",   "n.censor",  "last",       "ended",      ""};

/* Columns ROW to HIGH of one cause at a row of a curve */
typedef struct {
  double of[CROSS_AT];
} row_values;

typedef struct {
  r_curves all;
  const double *times, *probs;
  size_t n_time, n_prob, n_cause;
  const int *from_start; /* by curve and outcome: 1 if limits hold before the first event,
                          * so that they may cross a probability there */
  double *column[SIZE];
  row_values *last; /* by cause: values at the last row so far */
} results;

/* Index of item i of a curve and cause in a column with n items for each of them */
static size_t cell(const results *x, size_t curve, size_t i, size_t n, size_t cause) {
  return (cause * x->all.table->n_curve + curve) * n + i;
}

static void start_results(const results *x, size_t c) {
  for (size_t k = 0; k < x->n_cause; k++) {
    x->last[k] = (row_values){{0.0, 0.0, 0.0, NA_REAL, NA_REAL, NA_REAL, NA_REAL}};
    for (size_t i = 0; i < x->n_prob; i++) {
      const size_t to = cell(x, c, i, x->n_prob, k);
      for (int j = CROSS_AT; j <= CROSS_HIGH; j++) x->column[j][to] = NA_REAL;
      x->column[CROSS_FLAT][to] = 0.0;
    }
    x->column[N_EVENT][cell(x, c, 0, 1, k)] = 0.0;
    x->column[N_CENSOR][cell(x, c, 0, 1, k)] = 0.0;
  }
  x->column[LAST][c] = NA_REAL;
  x->column[ENDED][c] = 0.0;
}

static void write_time(const results *x, size_t c, size_t k, size_t i,
                       const row_values *at) {
  const size_t to = cell(x, c, i, x->n_time, k);
  for (int j = ROW; j < CROSS_AT; j++) x->column[j][to] = at->of[j];
}

/* One cause in a block of a curve: its counts, its rows, and cumulative totals */
typedef struct {
  const r_blocks *read;
  r_rows rows;
  double events[R_BLOCK], censored[R_BLOCK];
} cause_block;

static row_values values_at(const cause_block *block, size_t i) {
  const r_rows *rows = &block->rows;
  const double row = (double)(block->read->at + i + 1);
  return (row_values){{row, block->events[i], block->censored[i], rows->estimate[i],
                       rows->std_error[i], rows->low ? rows->low[i] : NA_REAL,
                       rows->high ? rows->high[i] : NA_REAL}};
}

/* Writes the estimates at those requested times, from number i on, that are before the
 * last time of the block. Requested times ascend, so each is written once. Value: number
 * of the next requested time */
static size_t write_times(const results *x, const cause_block *block, size_t c, size_t k,
                          size_t i) {
  const double *time = block->read->now.time;
  const size_t n = block->read->n;
  const row_values before = x->last[k];
  for (size_t row = 0; i < x->n_time; i++) {
    const double t = x->times[i] * (1.0 + OSV_TIE_TOL);
    if (!(t < time[n - 1])) break;
    while (time[row] <= t) row++;
    const row_values at = row == 0 ? before : values_at(block, row - 1);
    write_time(x, c, k, i, &at);
  }
  x->last[k] = values_at(block, n - 1);
  return i;
}

/* S or 1 - F in row i */
static double falling(const results *x, const double *value, size_t i) {
  return x->all.survival ? value[i] : 1.0 - value[i];
}

/* First of the rows from .. n - 1 of a block at which a falling curve is at or below q,
 * else n */
static size_t first_below(const results *x, const double *value, size_t from, size_t n,
                          double q) {
  size_t i = from;
  while (i < n && !(falling(x, value, i) <= q)) i++;
  return i;
}

static void find_crossing_limit(const results *x, const r_blocks *read,
                                const double *value, size_t from, double q, double *to) {
  if (!ISNA(*to)) return;
  const size_t i = first_below(x, value, from, read->n, q + OSV_SAME_PROBABILITY);
  if (i < read->n) *to = read->now.time[i];
}

static void find_crossing(const results *x, const r_blocks *read, const double *estimate,
                          double q, size_t to) {
  const double *time = read->now.time;
  double *const at = x->column[CROSS_AT] + to, *const flat = x->column[CROSS_FLAT] + to;
  double *const next = x->column[CROSS_NEXT] + to;
  const size_t n = read->n;
  size_t i = 0;
  if (ISNA(*at)) {
    i = first_below(x, estimate, 0, n, q + OSV_SAME_PROBABILITY);
    if (i == n) return;
    *at = time[i];
    *flat = falling(x, estimate, i) >= q - OSV_SAME_PROBABILITY;
  }
  if (*flat != 1.0 || !ISNA(*next)) return;
  while (i < n && falling(x, estimate, i) >= q - OSV_SAME_PROBABILITY) i++;
  if (i < n) *next = time[i];
}

static void find_crossings(const results *x, const cause_block *block, size_t c,
                           size_t k) {
  const r_rows *rows = &block->rows;
  const r_blocks *read = block->read;
  const int survival = x->all.survival;
  size_t from = 0; /* limits hold from here on */
  const int from_start = x->from_start[cell(x, c, 0, 1, k)];
  while (!from_start && from < read->n && falling(x, rows->estimate, from) == 1.0) from++;
  for (size_t i = 0; i < x->n_prob; i++) {
    const size_t to = cell(x, c, i, x->n_prob, k);
    const double q = x->probs[i];
    find_crossing(x, read, rows->estimate, q, to);
    if (!rows->low) continue;
    find_crossing_limit(x, read, survival ? rows->low : rows->high, from, q,
                        x->column[CROSS_LOW] + to);
    find_crossing_limit(x, read, survival ? rows->high : rows->low, from, q,
                        x->column[CROSS_HIGH] + to);
  }
}

/* Computes the results that follow from the next block of a curve; *next: the first
 * requested time that is not yet written */
static void use_block(const results *x, const r_curve *curve, size_t *next) {
  cause_block block; /* not initialised, because that would write 4 kB per block */
  const r_blocks *read = &curve->read;
  const size_t c = curve->c, from = *next;
  block.read = read;
  for (size_t k = 0; k < x->n_cause; k++) {
    double *const n_event = x->column[N_EVENT] + cell(x, c, 0, 1, k);
    double *const n_censor = x->column[N_CENSOR] + cell(x, c, 0, 1, k);
    const double *own = read->now.n_event + k * read->now.stride;
    for (size_t i = 0; i < read->n; i++) {
      block.events[i] = *n_event += own[i];
      block.censored[i] = *n_censor += read->now.n_censor[i];
    }
    block.rows = r_rows_of_cause(&curve->rows, k, 0);
    *next = write_times(x, &block, c, k, from);
    find_crossings(x, &block, c, k);
  }
  x->column[LAST][c] = read->now.time[read->n - 1];
  x->column[ENDED][c] = curve->rows.event_free[read->n - 1] == 0.0;
}

/* Exact limits of each cause in the block that has just been estimated */
static osv_status add_exact_limits(const r_curve *curve, r_exact *exact, size_t n_cause,
                                   const osv_poll *poll, double *work) {
  const size_t last = curve->read.n - 1;
  for (size_t k = 0; k < n_cause; k++) {
    const r_rows own = r_rows_of_cause(&curve->rows, k, 0);
    const int open = exact[k].open;
    const size_t done = r_exact_block(exact + k, &curve->read, &own);
    if (open && poll->fn(poll->ctx))
      return OSV_EINTR; /* a row may take 50 microseconds */
    if (done > last || !r_is_end(curve->all, &own, last)) continue;
    const r_rows row = r_rows_of_cause(&own, 0, last);
    r_last_time end;
    const osv_status status = r_read_end(curve->all, curve->c, k, poll, work, &end);
    if (status != OSV_OK) return status;
    r_exact_end(exact + k, &end, &row);
  }
  return OSV_OK;
}

/* Scratch for reading a curve */
typedef struct {
  double *work, *end_work;
  r_exact *exact; /* of each cause; NULL if the limits need not be computed */
  size_t read;    /* number of rows read so far, over all curves */
} reading;

static osv_status read_curve(const results *x, size_t c, reading *to,
                             const osv_poll *poll) {
  r_curve curve;
  size_t next = 0;
  start_results(x, c);
  osv_status status = r_open_curve(&curve, &x->all, c, poll, to->work);
  for (size_t k = 0; to->exact && k < x->n_cause; k++)
    to->exact[k] = r_exact_of(&x->all, c, k);
  while (status == OSV_OK && r_next_estimates(&curve)) {
    if (to->exact)
      status = add_exact_limits(&curve, to->exact, x->n_cause, poll, to->end_work);
    if (status != OSV_OK) return status;
    use_block(x, &curve, &next);
    to->read += curve.read.n;
    if (to->read % OSV_POLL_ROWS < R_BLOCK && poll->fn(poll->ctx)) status = OSV_EINTR;
  }
  if (status == OSV_OK) status = curve.read.status;
  for (size_t k = 0; k < x->n_cause; k++)
    for (size_t i = next; i < x->n_time; i++) write_time(x, c, k, i, x->last + k);
  return status;
}

static r_layout layout_of(SEXP fit_) {
  SEXP size_ = r_element(fit_, "size");
  const size_t n = (size_t)Rf_xlength(size_);
  size_t *first = (size_t *)R_alloc(n + 1, sizeof *first);
  size_t *size = (size_t *)R_alloc(n + 1, sizeof *size), sum = 0;
  for (size_t c = 0; c < n; c++) {
    first[c] = sum;
    size[c] = (size_t)REAL_RO(size_)[c];
    sum += size[c];
  }
  return (r_layout){(R_xlen_t)n, first, size, (R_xlen_t)sum};
}

/* A column of a fit, which must not be changed */
static double *fit_column(SEXP fit_, const char *name) {
  SEXP column = r_element(fit_, name);
  return Rf_isNull(column) ? NULL : (double *)REAL_RO(column);
}

/* Uses the stored estimates of a fit */
static void use_columns(r_curves *all, SEXP fit_) {
  const size_t n_row = (size_t)all->layout.n_row;
  all->in_columns = 1;
  all->rows = (r_rows){fit_column(fit_, "estimate"),
                       fit_column(fit_, "std.error"),
                       fit_column(fit_, "conf.low"),
                       fit_column(fit_, "conf.high"),
                       fit_column(fit_, all->survival ? "estimate" : "event.free"),
                       n_row};
  if (!r_is_lazy_column(r_element(fit_, "n.risk")))
    all->counts =
        (osv_counts){fit_column(fit_, "time"), fit_column(fit_, "n.risk"),
                     fit_column(fit_, "n.censor"), fit_column(fit_, "n.event"), n_row};
}

/* Uses the lazy estimates of a fit: each block is estimated when it is read */
static void use_blocks(r_curves *all, size_t n_cause, SEXP fit_) {
  const size_t size = n_cause * R_BLOCK;
  double *const row = r_scratch(R_BLOCK + 4 * size), *const own = row + R_BLOCK;
  all->kind = all->survival ? &r_kaplan_meier : &r_aalen_johansen;
  all->limits = r_limits_of(r_element(fit_, "conf.type"), r_element(fit_, "conf.level"));
  all->subjects = (osv_subjects *)R_alloc(all->table->n_curve + 1, sizeof(osv_subjects));
  const int limits = all->limits.any;
  all->rows = (r_rows){own,
                       own + size,
                       limits ? own + 2 * size : NULL,
                       limits ? own + 3 * size : NULL,
                       all->survival ? own : row,
                       R_BLOCK};
}

/* .Call: estimates of a fit at the ascending times_, and the times at which they cross
 * the probabilities probs_. Lazy columns of the fit stay lazy, see r_curves_later().
 * from_start_: by curve, then outcome, TRUE if limits hold before the first event.
 *
 * Value: list of double columns, see the enum above; the first index is the time or
 * probability, then the curve, then the outcome.
 */
SEXP r_curves_at(SEXP fit_, SEXP from_start_, SEXP times_, SEXP probs_) {
  const osv_table table = r_table(r_element(fit_, "table"));
  results x = {.all = {.table = &table,
                       .layout = layout_of(fit_),
                       .survival = Rf_asReal(r_element(fit_, "start_value")) != 0.0,
                       .reverse = Rf_inherits(fit_, "follow_up")},
               .times = REAL_RO(times_),
               .probs = REAL_RO(probs_),
               .n_time = (size_t)Rf_xlength(times_),
               .n_prob = (size_t)Rf_xlength(probs_),
               .n_cause = (size_t)table.n_status - 1,
               .from_start = LOGICAL_RO(from_start_)};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  for (int j = 0; j < SIZE; j++) {
    const size_t cells = table.n_curve * (j < LAST ? x.n_cause : 1);
    const size_t each = j < CROSS_AT ? x.n_time : j < N_EVENT ? x.n_prob : 1;
    x.column[j] = r_new_column(ans, j, (R_xlen_t)(cells * each));
  }
  x.last = (row_values *)R_alloc(x.n_cause, sizeof *x.last);
  if (r_is_lazy_column(r_element(fit_, "estimate")))
    use_blocks(&x.all, x.n_cause, fit_);
  else
    use_columns(&x.all, fit_);
  reading to = {.work = r_scratch(r_curves_work(&x.all))};
  if (x.all.limits.any) {
    to.end_work = r_scratch(r_blocks_work(x.n_cause));
    to.exact = (r_exact *)R_alloc(x.n_cause, sizeof *to.exact);
  }
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0; c < table.n_curve; c++) {
    const osv_status status = read_curve(&x, c, &to, &guard.poll);
    if (status != OSV_OK) r_abort_status(status);
  }
  UNPROTECT(1);
  return ans;
}
