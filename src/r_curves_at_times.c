/* r_at - what is asked of curves at a few times, read off them as they go by. */
#include "r_api.h"

#include <math.h>

/* By curve, time asked for and outcome; then by curve and outcome; by curve */
enum {
  ROW,        /* number of distinct times up to the time asked for */
  CUM_EVENT,  /* up to it */
  CUM_CENSOR, /* the same for every outcome */
  ESTIMATE,
  SE,
  LOW,
  HIGH,
  CROSS_AT,   /* by curve, share and outcome: first time S or 1 - F is at or below it */
  CROSS_FLAT, /* 1 where the curve is flat there */
  CROSS_NEXT, /* the next time it moves, NA if it does not */
  CROSS_LOW,  /* the same of the limits */
  CROSS_HIGH,
  N_EVENT, /* by curve and outcome */
  N_CENSOR,
  LAST,  /* by curve: last time, NA without one */
  ENDED, /* is nobody event-free there? */
  SIZE
};
static const char *columns[] = {
    "row",       "cum.event", "cum.censor", "estimate",   "std.error", "conf.low",
    "conf.high", "cross",     "cross.flat", "cross.next", "cross.low", "cross.high",
    "n.event",   "n.censor",  "last",       "ended",      ""};

static const double tie_tol = 1e-9, near = 1e-12; /* as in R/tidy.R and R/quantile.R */

/* What stands at the last row of a curve so far, of one cause */
typedef struct {
  double row, events, censored, estimate, se, low, high;
} reached;

typedef struct {
  const double *times, *shares;
  size_t n_curve, n_time, n_share, n_cause;
  size_t stride;         /* from the estimates of a cause to those of the next */
  int rising;            /* outcomes are incidences */
  int limits;            /* are there any? */
  const int *from_start; /* by curve and outcome: do they hold before the first event, to
                          * cross shares there? */
  double *column[SIZE];
  reached *last; /* by cause */
} asked;

static size_t cell(const asked *x, size_t curve, size_t i, size_t n, size_t cause) {
  return (cause * x->n_curve + curve) * n + i;
}

static void start_asked(const asked *x, size_t c) {
  for (size_t k = 0; k < x->n_cause; k++) {
    x->last[k] = (reached){0.0, 0.0, 0.0, NA_REAL, NA_REAL, NA_REAL, NA_REAL};
    for (size_t i = 0; i < x->n_share; i++) {
      const size_t to = cell(x, c, i, x->n_share, k);
      for (int j = CROSS_AT; j <= CROSS_HIGH; j++) x->column[j][to] = NA_REAL;
      x->column[CROSS_FLAT][to] = 0.0;
    }
    x->column[N_EVENT][cell(x, c, 0, 1, k)] = x->column[N_CENSOR][cell(x, c, 0, 1, k)] =
        0.0;
  }
  x->column[LAST][c] = NA_REAL;
  x->column[ENDED][c] = 0.0;
}

static void put_time(const asked *x, size_t c, size_t k, size_t i, const reached *at) {
  const size_t to = cell(x, c, i, x->n_time, k);
  x->column[ROW][to] = at->row;
  x->column[CUM_EVENT][to] = at->events;
  x->column[CUM_CENSOR][to] = at->censored;
  x->column[ESTIMATE][to] = at->estimate;
  x->column[SE][to] = at->se;
  x->column[LOW][to] = at->low;
  x->column[HIGH][to] = at->high;
}

/* Row i of a piece, after what stood before the piece */
static reached row_of(const asked *x, const r_stream *piece, size_t k, size_t i,
                      const double *events, const double *censored, double before) {
  const size_t at = k * x->stride + i;
  return (reached){before + (double)(i + 1),
                   events[i],
                   censored[i],
                   piece->estimate[at],
                   piece->std_error[at],
                   x->limits ? piece->low[at] : NA_REAL,
                   x->limits ? piece->high[at] : NA_REAL};
}

/* The times asked for, from time i on, that come before the last row of a piece: each is
 * put once, since they ascend. Value: the next of them. */
static size_t take_times(const asked *x, const r_stream *piece, size_t c, size_t k,
                         size_t i, const double *events, const double *censored) {
  const double *time = piece->counts.time;
  const reached before = x->last[k];
  for (size_t row = 0; i < x->n_time; i++) {
    const double t = x->times[i] * (1.0 + tie_tol);
    if (!(t < time[piece->n - 1])) break;
    while (time[row] <= t) row++;
    const reached at =
        row == 0 ? before : row_of(x, piece, k, row - 1, events, censored, before.row);
    put_time(x, c, k, i, &at);
  }
  x->last[k] = row_of(x, piece, k, piece->n - 1, events, censored, before.row);
  return i;
}

/* Value of a falling curve in row i */
static double falling(const asked *x, const double *value, size_t i) {
  return x->rising ? 1.0 - value[i] : value[i];
}

/* First of the rows from .. n - 1 of a piece at which a falling curve is at or below q,
 * else n */
static size_t first_below(const asked *x, const double *value, size_t from, size_t n,
                          double q) {
  size_t i = from;
  while (i < n && !(falling(x, value, i) <= q)) i++;
  return i;
}

static void take_limit(const asked *x, const r_stream *piece, const double *value,
                       size_t from, double q, double *to) {
  if (!ISNA(*to)) return;
  const size_t i = first_below(x, value, from, piece->n, q + near);
  if (i < piece->n) *to = piece->counts.time[i];
}

static void take_estimate(const asked *x, const r_stream *piece, const double *estimate,
                          double q, size_t to) {
  const double *time = piece->counts.time;
  double *const at = x->column[CROSS_AT] + to, *const flat = x->column[CROSS_FLAT] + to;
  double *const next = x->column[CROSS_NEXT] + to;
  size_t i = 0;
  if (ISNA(*at)) {
    i = first_below(x, estimate, 0, piece->n, q + near);
    if (i == piece->n) return;
    *at = time[i];
    *flat = falling(x, estimate, i) >= q - near;
  }
  if (*flat != 1.0 || !ISNA(*next)) return;
  while (i < piece->n && falling(x, estimate, i) >= q - near) i++;
  if (i < piece->n) *next = time[i];
}

static void take_shares(const asked *x, const r_stream *piece, size_t c, size_t k) {
  const size_t own = k * x->stride;
  const double *estimate = piece->estimate + own;
  const double *low = x->limits ? piece->low + own : NULL;
  const double *high = x->limits ? piece->high + own : NULL;
  size_t from = 0; /* limits hold from here on */
  const int from_start = x->from_start[cell(x, c, 0, 1, k)];
  while (!from_start && from < piece->n && falling(x, estimate, from) == 1.0) from++;
  for (size_t i = 0; i < x->n_share; i++) {
    const size_t to = cell(x, c, i, x->n_share, k);
    const double q = x->shares[i];
    take_estimate(x, piece, estimate, q, to);
    if (!x->limits) continue;
    take_limit(x, piece, x->rising ? high : low, from, q, x->column[CROSS_LOW] + to);
    take_limit(x, piece, x->rising ? low : high, from, q, x->column[CROSS_HIGH] + to);
  }
}

/* One piece of curve c: running totals of its counts, and what was asked for; *next is
 * the first time that has not been put */
static void take_piece(const asked *x, const r_stream *piece, size_t c, size_t *next) {
  double events[R_PIECE], censored[R_PIECE];
  const size_t from = *next;
  for (size_t k = 0; k < x->n_cause; k++) {
    double *const n_event = x->column[N_EVENT] + cell(x, c, 0, 1, k);
    double *const n_censor = x->column[N_CENSOR] + cell(x, c, 0, 1, k);
    const double *own = piece->counts.n_event + k * piece->counts.stride;
    for (size_t i = 0; i < piece->n; i++) {
      events[i] = *n_event += own[i];
      censored[i] = *n_censor += piece->counts.n_censor[i];
    }
    *next = take_times(x, piece, c, k, from, events, censored);
    take_shares(x, piece, c, k);
  }
  x->column[LAST][c] = piece->counts.time[piece->n - 1];
  x->column[ENDED][c] = piece->event_free == 0.0;
}

/* A fit whose estimates are made, as they stand in its columns */
typedef struct {
  r_stream base;
  const osv_table *table;
  r_layout layout;
  const double *estimate, *std_error, *low, *high, *event_free;
  osv_counts counts, now; /* of all curves, of this one; none: read from the table */
  int reverse;
  size_t first; /* row of the fit with which the curve begins */
  r_pieces read;
  double *work;
} columns_of;

static void start_columns(r_stream *base, size_t c) {
  columns_of *const x = (columns_of *)base;
  const osv_counts *all = &x->counts;
  const size_t at = x->first = x->layout.first[c];
  if (all->n_risk)
    x->now = (osv_counts){all->time + at, all->n_risk + at, all->n_censor + at,
                          all->n_event + at, all->stride};
  x->read =
      r_pieces_of(x->table, c, all->n_risk ? &x->now : NULL, x->layout.size[c], x->work);
  x->read.reverse = !all->n_risk && x->reverse;
}

static int next_columns(r_stream *base) {
  columns_of *const x = (columns_of *)base;
  if (!r_next_piece(&x->read)) {
    base->status = x->read.status;
    return 0;
  }
  const size_t at = x->first + x->read.at;
  base->n = x->read.n;
  base->counts = x->read.now;
  base->estimate = x->estimate + at;
  base->std_error = x->std_error + at;
  base->low = x->low ? x->low + at : NULL;
  base->high = x->high ? x->high + at : NULL;
  base->event_free = x->event_free[at + base->n - 1];
  return 1;
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

static const double *fit_column(SEXP fit_, const char *name) {
  SEXP column = r_element(fit_, name);
  return Rf_isNull(column) ? NULL : REAL_RO(column);
}

static r_stream *fit_stream(SEXP fit_, const osv_table *table, const r_layout *layout,
                            int reverse, int competing) {
  columns_of *x = (columns_of *)R_alloc(1, sizeof *x);
  *x = (columns_of){
      .base = {.start = start_columns, .next = next_columns},
      .table = table,
      .layout = *layout,
      .estimate = fit_column(fit_, "estimate"),
      .std_error = fit_column(fit_, "std.error"),
      .low = fit_column(fit_, "conf.low"),
      .high = fit_column(fit_, "conf.high"),
      .event_free = fit_column(fit_, competing ? "event.free" : "estimate"),
      .reverse = reverse,
      .work = r_scratch(r_pieces_work((size_t)table->n_status - 1)),
  };
  if (!r_later(r_element(fit_, "n.risk")))
    x->counts = (osv_counts){
        (double *)fit_column(fit_, "time"), (double *)fit_column(fit_, "n.risk"),
        (double *)fit_column(fit_, "n.censor"), (double *)fit_column(fit_, "n.event"),
        (size_t)layout->n_row};
  return &x->base;
}

/* .Call: estimates of a fit at the ascending times_, and where they cross the shares_.
 * The columns of one that nobody has looked at, see r_curves_later(), are not made.
 * from_start_: by curve, then outcome, whether limits hold before the first event.
 *
 * Value: list of double columns, see the enum above; the first index is the time or
 * share, then the curve, then the outcome.
 */
SEXP r_curves_at(SEXP fit_, SEXP reverse_, SEXP from_start_, SEXP times_, SEXP shares_) {
  SEXP table_ = r_element(fit_, "table"), type_ = r_element(fit_, "conf.type");
  SEXP level_ = r_element(fit_, "conf.level");
  const osv_table table = r_table(table_);
  const int competing = Rf_asReal(r_element(fit_, "start_value")) == 0.0;
  const int later = r_later(r_element(fit_, "estimate"));
  const r_layout layout = layout_of(fit_);
  asked x = {.times = REAL_RO(times_),
             .shares = REAL_RO(shares_),
             .n_curve = table.n_curve,
             .n_time = (size_t)Rf_xlength(times_),
             .n_share = (size_t)Rf_xlength(shares_),
             .n_cause = (size_t)table.n_status - 1,
             .stride = later ? R_PIECE : (size_t)layout.n_row,
             .rising = competing,
             .limits = r_has_limits(type_),
             .from_start = LOGICAL_RO(from_start_)};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  for (int j = 0; j < SIZE; j++) {
    const size_t cells = table.n_curve * (j < LAST ? x.n_cause : 1);
    const size_t each = j < CROSS_AT ? x.n_time : j < N_EVENT ? x.n_share : 1;
    x.column[j] = r_new_column(ans, j, (R_xlen_t)(cells * each));
  }
  x.last = (reached *)R_alloc(x.n_cause, sizeof *x.last);
  r_gate gate;
  r_gate_open(&gate);
  const int reverse = Rf_asLogical(reverse_);
  r_stream *stream = !later      ? fit_stream(fit_, &table, &layout, reverse, competing)
                     : competing ? r_aj_stream(&table, &layout, type_, level_)
                                 : r_km_stream(&table, &layout, reverse_, type_, level_);
  stream->poll = &gate.poll;
  size_t read = 0;
  for (size_t c = 0; c < table.n_curve; c++) {
    size_t next = 0;
    start_asked(&x, c);
    stream->start(stream, c);
    while (stream->next(stream)) {
      take_piece(&x, stream, c, &next);
      read += stream->n;
      if (read % OSV_POLL_ROWS < R_PIECE && gate.poll.fn(gate.poll.ctx))
        stream->status = OSV_EINTR;
      if (stream->status != OSV_OK) break;
    }
    if (stream->status != OSV_OK) r_abort_status(stream->status);
    for (size_t k = 0; k < x.n_cause; k++)
      for (size_t i = next; i < x.n_time; i++) put_time(&x, c, k, i, x.last + k);
  }
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_remaining(): of the curves that start_ divides the columns time_ and
 * n_ into (n_ NULL: one subject a row), at all of the ascending at_, or with size_, the
 * number of times of each curve, at its own ones of at_. Curves one after another. */
SEXP r_remaining(SEXP time_, SEXP n_, SEXP start_, SEXP at_, SEXP size_) {
  const R_xlen_t n_curve = Rf_xlength(start_) - 1, n_at = Rf_xlength(at_);
  const int own = !Rf_isNull(size_);
  const double *start = REAL_RO(start_), *at = REAL_RO(at_);
  const double *n = Rf_isNull(n_) ? NULL : REAL_RO(n_), *time = REAL_RO(time_);
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, own ? n_at : n_at * n_curve));
  double *to = REAL(ans);
  for (R_xlen_t c = 0; c < n_curve; c++) {
    const size_t m = own ? (size_t)REAL_RO(size_)[c] : (size_t)n_at;
    osv_remaining(time, n, (size_t)start[c], (size_t)start[c + 1], at, m, to);
    to += m;
    if (own) at += m;
  }
  UNPROTECT(1);
  return ans;
}
