#include "r_api.h"

enum { TIME, N_RISK, N_EVENT, N_CENSOR, SURV, CIF, SE, LOW, HIGH, SIZE };
r_words r_aj_columns = {{"time", "n_risk", "n_event", "n_censor", "surv", "cif",
                         "std_error", "conf_low", "conf_high", "size"},
                        NULL};

/* What is asked for, and where it goes */
typedef struct {
  const osv_table *table;
  r_layout layout;
  double *column[SIZE]; /* NULL: not wanted, or left for later */
  size_t n_cause;
  int aalen;
  r_limits limits;
} job;

/* A column of curve c; those of all causes one after another */
static double *column_of(const job *x, int column, size_t c, size_t cause) {
  double *const first = x->column[column];
  return first ? first + cause * (size_t)x->layout.n_row + x->layout.first[c] : NULL;
}

static int counts_later(const job *x) {
  return !x->column[N_RISK];
}

static osv_counts whole_counts(const job *x, size_t c) {
  return (osv_counts){column_of(x, TIME, c, 0), column_of(x, N_RISK, c, 0),
                      column_of(x, N_CENSOR, c, 0), column_of(x, N_EVENT, c, 0),
                      (size_t)x->layout.n_row};
}

static r_pieces reader(const job *x, size_t c, const osv_counts *whole, double *work) {
  return r_pieces_of(x->table, c, counts_later(x) ? NULL : whole, x->layout.size[c],
                     work);
}

/* The rows of a piece where they go, those of all causes `stride` apart */
typedef struct {
  double *surv, *cif, *se, *low, *high; /* the last two NULL without limits */
  size_t stride;
} piece_rows;

static double *row_of(double *column, size_t offset) {
  return column ? column + offset : NULL;
}

static piece_rows rows_at(const job *x, size_t c, size_t at) {
  return (piece_rows){
      column_of(x, SURV, c, 0) + at,        column_of(x, CIF, c, 0) + at,
      column_of(x, SE, c, 0) + at,          row_of(column_of(x, LOW, c, 0), at),
      row_of(column_of(x, HIGH, c, 0), at), (size_t)x->layout.n_row};
}

/* The row before a piece, of one cause; rest: 1 - F */
typedef struct {
  double cif, rest;
} before;

/* Limits of n rows of one cause. 1 - F is summed from the event-free curve and the other
 * causes, so that it keeps its digits where F is near 1; it stays while F does. */
static void put_limits(const job *x, size_t cause, const piece_rows *to, size_t n,
                       before *last) {
  double rest[R_PIECE];
  const size_t own = cause * to->stride;
  const double *const f = to->cif + own;
  for (size_t i = 0; i < n; i++) {
    if (f[i] != last->cif) {
      last->cif = f[i];
      last->rest = to->surv[i];
      for (size_t k = 0; k < x->n_cause; k++)
        if (k != cause) last->rest += to->cif[k * to->stride + i];
    }
    rest[i] = last->rest;
  }
  double *const low = to->low + own, *const high = to->high + own;
  if (x->n_cause > 1 || x->limits.type != OSV_CONF_SMALL_SAMPLE) {
    osv_interval(x->limits.type, x->limits.z, f, rest, to->se + own, n, low, high);
    return;
  }
  /* F = 1 - S: one default interval for the two */
  osv_interval(x->limits.type, x->limits.z, rest, f, to->se + own, n, high, low);
  for (size_t i = 0; i < n; i++) {
    low[i] = 1.0 - low[i];
    high[i] = 1.0 - high[i];
  }
}

/* Scratch of a thread: of the kernel, the rows before a piece, and what reads pieces */
typedef struct {
  double *kernel, *piece;
  before *last;
} scratch;

static scratch new_scratch(const job *x) {
  const size_t n = x->n_cause;
  return (scratch){r_scratch(osv_aj_work((int)n)),
                   counts_later(x) ? r_scratch(r_pieces_work(n)) : NULL,
                   (before *)R_alloc(n, sizeof(before))};
}

static void start_limits(const job *x, before *last) {
  for (size_t k = 0; k < x->n_cause; k++) last[k] = (before){.rest = 1.0};
}

/* Standard errors of osv_aalen(), and limits with them */
static osv_status put_aalen(const job *x, size_t c, const osv_poll *poll, before *last) {
  const size_t m = x->layout.size[c];
  const osv_counts whole = whole_counts(x, c);
  const osv_status status =
      osv_aalen(&whole, m, (int)x->n_cause, poll, column_of(x, SE, c, 0));
  for (size_t at = 0; x->limits.any && status == OSV_OK && at < m; at += R_PIECE) {
    const piece_rows to = rows_at(x, c, at);
    for (size_t k = 0; k < x->n_cause; k++)
      put_limits(x, k, &to, m - at < R_PIECE ? m - at : R_PIECE, last + k);
    if (at > 0 && at % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
  }
  return status;
}

/* Curve c into the columns, but for its exact limits */
static osv_status estimate_curve(const job *x, size_t c, const osv_poll *poll,
                                 const scratch *work) {
  const int n_cause = (int)x->n_cause;
  const osv_counts whole = whole_counts(x, c);
  if (!counts_later(x)) {
    const osv_status status =
        osv_curve_counts(x->table, c, x->layout.size[c], poll, &whole);
    if (status != OSV_OK) return status;
  }
  osv_aj_state state = osv_aj_start(n_cause, work->kernel);
  start_limits(x, work->last);
  r_pieces read = reader(x, c, &whole, work->piece);
  while (r_next_piece(&read)) {
    const size_t at = read.at;
    const piece_rows to = rows_at(x, c, at);
    const osv_aj_out out = {to.surv, to.cif, to.se};
    osv_aj_more(&state, &read.now, read.n, n_cause, &out, to.stride);
    for (size_t i = 0; counts_later(x) && x->column[TIME] && i < read.n; i++)
      column_of(x, TIME, c, 0)[at + i] = read.now.time[i];
    for (size_t k = 0; x->limits.any && !x->aalen && k < x->n_cause; k++)
      put_limits(x, k, &to, read.n, work->last + k);
    if (at > 0 && at % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
  }
  if (read.status != OSV_OK || !x->aalen) return read.status;
  return put_aalen(x, c, poll, work->last);
}

/* What is asked for of curve c: its type of limits goes by its size */
static job job_of_curve(const job *x, size_t c) {
  job own = *x;
  own.limits = r_limits_of_curve(x->limits, x->table, c, 0);
  return own;
}

/* Exact limits of the rows of a piece before the first event of a cause and, where the
 * type has them, at few events. Value: the rows done. */
static size_t put_exact_piece(r_exact *exact, const r_pieces *read,
                              const piece_rows *rows) {
  const size_t own = exact->cause * rows->stride;
  const size_t n = r_exact_rows(exact, &read->now, read->n, rows->cif + own);
  r_exact_limits(exact, &read->now, read->after, n, rows->cif + own, rows->se + own,
                 rows->low + own, rows->high + own);
  return n;
}

/* Exact limits of the rows from .. m - 1, where F is 1, into low and high[m - from]:
 * every event was of this cause, so that F = 1 - S with the limits of S */
static void put_exact_end(const job *x, size_t c, size_t cause, size_t from, double *work,
                          const double *after, double *low, double *high) {
  const osv_counts whole = whole_counts(x, c);
  const double end = r_end_tail(x->limits.type, x->limits.tail);
  osv_exact_state state = osv_exact_start(x->limits.subjects.start);
  double shape[5][R_PIECE];
  const osv_exact_out beta = {shape[0], shape[1], shape[2], shape[3], shape[4]};
  r_pieces read = reader(x, c, &whole, work);
  read.all_after = after;
  while (r_next_piece(&read)) {
    if (read.at % OSV_POLL_ROWS == 0) R_CheckUserInterrupt();
    const size_t skip = from <= read.at           ? 0
                        : from - read.at < read.n ? from - read.at
                                                  : read.n;
    osv_exact_more(&state, &read.now, x->n_cause, cause, read.after, skip, read.n, &beta);
    for (size_t i = skip; i < read.n; i++) {
      const size_t row = read.at + i - from;
      low[row] = r_beta_quantile(end, beta.high_b[i - skip], beta.high_a[i - skip], 0);
      high[row] = 1.0;
    }
  }
}

/* Exact limits of one cause where F is 0 or 1, and where `type` has them. Beta quantiles
 * of R may raise warnings, so the main thread only. */
static void put_exact(const job *x, size_t c, size_t cause, double *work,
                      const double *after) {
  const osv_counts whole = whole_counts(x, c);
  const double *f = column_of(x, CIF, c, cause);
  r_exact exact = r_exact_start(&x->limits, 0, x->n_cause, cause);
  size_t done = 0, ended = x->layout.size[c];
  r_pieces read = reader(x, c, &whole, work);
  read.all_after = after;
  while (done == read.at + read.n && r_next_piece(&read)) {
    const piece_rows rows = rows_at(x, c, read.at);
    done = read.at + put_exact_piece(&exact, &read, &rows);
    R_CheckUserInterrupt(); /* a row may take 50 microseconds */
  }
  while (ended > done && f[ended - 1] >= 1.0) ended--;
  if (ended < x->layout.size[c])
    put_exact_end(x, c, cause, ended, work, after, column_of(x, LOW, c, cause) + ended,
                  column_of(x, HIGH, c, cause) + ended);
}

/* The same of all causes of curve c; after: scratch where the counts are columns */
static void put_exact_curve(const job *all, size_t c, double *work, double *after) {
  const job x = job_of_curve(all, c);
  const osv_counts whole = whole_counts(&x, c);
  if (after) osv_risk_after(x.table, c, &whole, x.layout.size[c], 0, after);
  for (size_t k = 0; k < x.n_cause; k++) put_exact(&x, c, k, work, after);
}

/* A curve of a plain table as it is read, on the main thread */
typedef struct {
  r_stream base;
  job all, job; /* of all curves, of this one */
  size_t curve;
  r_pieces read;
  osv_aj_state state;
  scratch work;
  r_exact *exact; /* by cause */
  int *open;      /* by cause: are exact limits still to come from the start? */
  piece_rows rows;
  double *end_work;
} stream;

static void start_stream(r_stream *base, size_t c) {
  stream *const x = (stream *)base;
  x->job = job_of_curve(&x->all, c);
  x->curve = c;
  x->read = reader(&x->job, c, NULL, x->work.piece);
  x->state = osv_aj_start((int)x->job.n_cause, x->work.kernel);
  start_limits(&x->job, x->work.last);
  for (size_t k = 0; k < x->job.n_cause; k++) {
    x->exact[k] = r_exact_start(&x->job.limits, 0, x->job.n_cause, k);
    x->open[k] = 1;
  }
}

/* Limits of a cause in a piece, the exact ones too */
static void put_all_limits(stream *x, size_t k) {
  const size_t n = x->read.n, own = k * R_PIECE;
  put_limits(&x->job, k, &x->rows, n, x->work.last + k);
  size_t done = 0;
  if (x->open[k]) {
    done = put_exact_piece(x->exact + k, &x->read, &x->rows);
    if (x->base.poll->fn(x->base.poll->ctx)) x->base.status = OSV_EINTR;
  }
  x->open[k] = x->open[k] && done == n;
  if (done == n || !(x->rows.cif[own + n - 1] >= 1.0)) return;
  put_exact_end(&x->job, x->curve, k, x->read.at + n - 1, x->end_work, NULL,
                x->rows.low + own + n - 1, x->rows.high + own + n - 1);
}

static int next_piece(r_stream *base) {
  stream *const x = (stream *)base;
  if (!r_next_piece(&x->read)) {
    base->status = x->read.status;
    return 0;
  }
  const osv_aj_out out = {x->rows.surv, x->rows.cif, x->rows.se};
  osv_aj_more(&x->state, &x->read.now, x->read.n, (int)x->job.n_cause, &out, R_PIECE);
  for (size_t k = 0; x->job.limits.any && k < x->job.n_cause; k++) put_all_limits(x, k);
  base->n = x->read.n;
  base->counts = x->read.now;
  base->event_free = x->rows.surv[base->n - 1];
  return 1;
}

static job describe(const osv_table *table, SEXP aalen_, SEXP conf_type_, SEXP level_) {
  return (job){.table = table,
               .n_cause = (size_t)table->n_status - 1,
               .aalen = Rf_asLogical(aalen_),
               .limits = r_limits_of(conf_type_, level_)};
}

/* Streams of the curves of a plain table, one after another */
r_stream *r_aj_stream(const osv_table *table, const r_layout *layout, SEXP conf_type_,
                      SEXP level_) {
  stream *x = (stream *)R_alloc(1, sizeof *x);
  x->all = describe(table, Rf_ScalarLogical(0), conf_type_, level_);
  x->all.layout = *layout;
  const size_t n_cause = x->all.n_cause;
  x->work = new_scratch(&x->all);
  x->end_work = r_scratch(r_pieces_work(n_cause));
  x->exact = (r_exact *)R_alloc(n_cause, sizeof *x->exact);
  x->open = (int *)R_alloc(n_cause, sizeof *x->open);
  double *const rows = r_scratch((1 + 4 * n_cause) * R_PIECE);
  const size_t size = n_cause * R_PIECE;
  x->rows = (piece_rows){rows,
                         rows + R_PIECE,
                         rows + R_PIECE + size,
                         rows + R_PIECE + 2 * size,
                         rows + R_PIECE + 3 * size,
                         R_PIECE};
  x->base = (r_stream){.start = start_stream,
                       .next = next_piece,
                       .estimate = x->rows.cif,
                       .std_error = x->rows.se,
                       .low = x->rows.low,
                       .high = x->rows.high};
  return &x->base;
}

/* The columns of the output, those of counts left for later where the table is long */
static void make_columns(job *x, SEXP table_, SEXP ans) {
  x->layout = r_curve_layout(x->table, ans, SIZE);
  const R_xlen_t n_row = x->layout.n_row;
  const int own_time = r_put_time(ans, TIME, table_, n_row);
  const int later = r_is_plain(x->table) && !x->aalen && n_row > R_DEFER_ROWS;
  for (int j = own_time ? TIME : N_RISK; j < (x->limits.any ? SIZE : LOW); j++) {
    if (later && j >= N_RISK && j <= N_CENSOR) continue;
    const int by_cause = j == N_EVENT || j > SURV;
    x->column[j] = r_new_column(ans, j, n_row * (by_cause ? (R_xlen_t)x->n_cause : 1));
  }
  const int counts[] = {N_RISK, N_EVENT, N_CENSOR};
  if (later) r_defer_counts(ans, counts, table_, &x->layout, 0);
}

/* All curves, and scratch of each thread */
typedef struct {
  const job *x;
  scratch *work;
} curves;

static osv_status fit_curve(void *ctx, size_t c, const osv_poll *poll) {
  const curves *all = ctx;
  return estimate_curve(all->x, c, poll, all->work + r_thread_index());
}

/* .Call glue of osv_aj(), all curves of an event table.
 *
 * aalen_: TRUE for the standard errors of osv_aalen(). conf_type_ "none": no limits.
 * Value: list of double columns. time, n_risk, n_censor, surv: one row a curve and
 * distinct time, curves one after another; n_event, cif, std_error, conf_low, conf_high:
 * the same rows for the first cause, then for the second, ...; size double[n_curve].
 */
SEXP r_aj(SEXP table_, SEXP aalen_, SEXP conf_type_, SEXP level_, SEXP threads_) {
  const osv_table table = r_table(table_);
  SEXP ans = PROTECT(r_new_list(&r_aj_columns));
  job x = describe(&table, aalen_, conf_type_, level_);
  make_columns(&x, table_, ans);
  const int threads = r_thread_count(threads_, (double)x.layout.n_row);
  curves all = {&x, (scratch *)R_alloc((size_t)threads, sizeof(scratch))};
  for (int t = 0; t < threads; t++) all.work[t] = new_scratch(&x);
  r_share(threads, table.n_curve, fit_curve, &all);
  double *after =
      x.limits.any && !counts_later(&x) ? r_scratch(r_most_rows(&x.layout)) : NULL;
  for (size_t c = 0; x.limits.any && c < table.n_curve; c++)
    put_exact_curve(&x, c, all.work[0].piece, after);
  UNPROTECT(1);
  return ans;
}
