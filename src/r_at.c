/* r_at - what is asked of long curves at a few times, read off them as they go by. */
#include "r_api.h"

#include <math.h>

/* By curve, time asked for and outcome; then by curve and outcome; by curve */
enum {
  ROW,        /* number of distinct times up to the time asked for */
  N_RISK,     /* just before it */
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
    "row",        "n.risk",    "cum.event", "cum.censor", "estimate",   "std.error",
    "conf.low",   "conf.high", "cross",     "cross.flat", "cross.next", "cross.low",
    "cross.high", "n.event",   "n.censor",  "last",       "ended",      ""};

static const double tie_tol = 1e-9, near = 1e-12; /* as in R/tidy.R and R/quantile.R */

/* What stands at the last row of a curve so far, of one cause */
typedef struct {
  double row, events, censored, estimate, se, low, high;
} reached;

typedef struct {
  const osv_table *table;
  const double *times, *shares;
  size_t n_time, n_share, n_cause;
  int rising;     /* outcomes are incidences */
  int limits;     /* are there any? */
  int from_start; /* do they hold before the first event, to cross shares there? */
  double *column[SIZE];
  reached *last; /* by cause */
} asked;

static size_t cell(const asked *x, size_t curve, size_t i, size_t n, size_t cause) {
  return (cause * x->table->n_curve + curve) * n + i;
}

static void start_asked(const asked *x, size_t c) {
  const osv_table *table = x->table;
  const size_t from = (size_t)table->start[c], end = (size_t)table->start[c + 1];
  for (size_t k = 0; k < x->n_cause; k++) {
    x->last[k] = (reached){0.0, 0.0, 0.0, NA_REAL, NA_REAL, NA_REAL, NA_REAL};
    for (size_t i = 0; i < x->n_time; i++)
      x->column[N_RISK][cell(x, c, i, x->n_time, k)] =
          (double)(end -
                   osv_first_time(table->time, from, end, x->times[i] * (1.0 - tie_tol)));
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
  const size_t at = k * R_PIECE + i;
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
  const double *estimate = piece->estimate + k * R_PIECE;
  const double *low = piece->low + k * R_PIECE, *high = piece->high + k * R_PIECE;
  size_t from = 0; /* limits hold from here on */
  while (!x->from_start && from < piece->n && falling(x, estimate, from) == 1.0) from++;
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

/* .Call: estimates of a fit that nobody has looked at, see r_curves_later(), at the
 * ascending times_ and where they cross the shares_.
 *
 * Value: list of double columns, see the enum above; the first index is the time or
 * share, then the curve, then the outcome.
 */
SEXP r_curves_at(SEXP fit_, SEXP reverse_, SEXP from_start_, SEXP times_, SEXP shares_) {
  SEXP table_ = r_element(fit_, "table"), type_ = r_element(fit_, "conf.type");
  SEXP level_ = r_element(fit_, "conf.level");
  const osv_table table = r_table(table_);
  const int competing = Rf_asReal(r_element(fit_, "start_value")) == 0.0;
  asked x = {.table = &table,
             .times = REAL_RO(times_),
             .shares = REAL_RO(shares_),
             .n_time = (size_t)Rf_xlength(times_),
             .n_share = (size_t)Rf_xlength(shares_),
             .n_cause = (size_t)table.n_status - 1,
             .rising = competing,
             .limits = r_has_limits(type_),
             .from_start = Rf_asLogical(from_start_)};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, columns));
  SEXP size_ = PROTECT(Rf_allocVector(VECSXP, 1));
  const r_layout layout = r_curve_layout(&table, size_, 0);
  for (int j = 0; j < SIZE; j++) {
    const size_t cells = table.n_curve * (j < LAST ? x.n_cause : 1);
    const size_t each = j < CROSS_AT ? x.n_time : j < N_EVENT ? x.n_share : 1;
    x.column[j] = r_new_column(ans, j, (R_xlen_t)(cells * each));
  }
  x.last = (reached *)R_alloc(x.n_cause, sizeof *x.last);
  r_gate gate;
  r_gate_open(&gate);
  r_stream *stream = competing ? r_aj_stream(&table, &layout, type_, level_)
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
  UNPROTECT(2);
  return ans;
}
