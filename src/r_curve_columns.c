#include "r_api.h"

enum { TIME, N_RISK, N_EVENT, N_CENSOR, SURV, SE, LOW, HIGH, SIZE };
r_words r_km_columns = {{"time", "n_risk", "n_event", "n_censor", "surv", "std_error",
                         "conf_low", "conf_high", "size"},
                        NULL};

/* What is asked for, and where it goes */
typedef struct {
  const osv_table *table;
  r_layout layout;
  double *column[SIZE]; /* NULL: not wanted */
  int reverse;
  r_limits limits;
} job;

/* Estimates of the rows of a piece that have events, after those that stood before it;
 * of[row] is the place of what stands at that row */
typedef struct {
  double n_risk[R_PIECE], n_event[R_PIECE];
  double surv[R_PIECE + 1], risk[R_PIECE + 1], se[R_PIECE + 1];
  double low[R_PIECE + 1], high[R_PIECE + 1];
  size_t of[R_PIECE];
} estimates;

static void start_curve(estimates *x) {
  x->surv[0] = x->low[0] = x->high[0] = 1.0;
  x->risk[0] = x->se[0] = 0.0;
}

/* Estimates at the next n times of a curve */
static void estimate_piece(const job *x, const osv_counts *now, size_t n,
                           osv_km_state *state, estimates *out) {
  size_t moved = 0;
  for (size_t i = 0; i < n; i++) {
    out->n_risk[moved] = now->n_risk[i];
    out->n_event[moved] = now->n_event[i];
    moved += now->n_event[i] > 0.0;
    out->of[i] = moved;
  }
  const osv_km_out km = {out->surv + 1, out->risk + 1, out->se + 1};
  osv_km_more(state, out->n_risk, out->n_event, moved, &km);
  if (x->limits.any)
    osv_interval(x->limits.type, x->limits.z, km.surv, km.risk, km.std_error, moved,
                 out->low + 1, out->high + 1);
}

/* The last estimates stand before the next piece */
static void end_piece(estimates *x, size_t n) {
  const size_t last = x->of[n - 1];
  x->surv[0] = x->surv[last];
  x->risk[0] = x->risk[last];
  x->se[0] = x->se[last];
  x->low[0] = x->low[last];
  x->high[0] = x->high[last];
}

static void spread(const double *value, const size_t *of, size_t n, double *to) {
  for (size_t i = 0; i < n; i++) to[i] = value[of[i]];
}

/* The rows of a piece where they go */
typedef struct {
  double *surv, *se, *low, *high; /* the last two NULL without limits */
} piece_rows;

static piece_rows rows_at(const job *x, size_t at) {
  double *const *column = x->column;
  return (piece_rows){column[SURV] + at, column[SE] + at,
                      x->limits.any ? column[LOW] + at : NULL,
                      x->limits.any ? column[HIGH] + at : NULL};
}

static void put_rows(const estimates *x, size_t n, const piece_rows *to) {
  spread(x->surv, x->of, n, to->surv);
  spread(x->se, x->of, n, to->se);
  if (to->low) spread(x->low, x->of, n, to->low);
  if (to->high) spread(x->high, x->of, n, to->high);
}

/* Counts of curve c where the table holds sums or late entries, in the columns */
static osv_status whole_counts(const job *x, size_t c, const osv_poll *poll,
                               const osv_counts *whole) {
  const size_t m = x->layout.size[c];
  const osv_status status = osv_curve_counts(x->table, c, m, poll, whole);
  if (status == OSV_OK && x->reverse)
    osv_km_reverse(whole->n_risk, whole->n_event, whole->n_censor, m);
  return status;
}

static osv_counts columns_of(const job *x, size_t c) {
  const size_t at = x->layout.first[c];
  double *const *column = x->column;
  if (!column[N_RISK]) return (osv_counts){0}; /* left for later */
  return (osv_counts){column[TIME] ? column[TIME] + at : NULL, column[N_RISK] + at,
                      column[N_CENSOR] + at, column[N_EVENT] + at, x->layout.size[c]};
}

/* Where S has come to 0 at the last time of a curve that was read from rows: its counts,
 * and what its exact limits rest on up to the time before */
typedef struct {
  double n_risk, n_event, after;
  osv_exact_state state;
} last_time;

static osv_counts counts_from(const osv_counts *x, size_t i) {
  return (osv_counts){NULL, x->n_risk + i, x->n_censor + i, x->n_event + i, x->stride};
}

/* Reads curve c once more for the exact limit at its end */
static osv_status read_end(const job *x, size_t c, const osv_poll *poll, double *work,
                           last_time *end) {
  *end = (last_time){
      .state = osv_exact_start(osv_count_subjects(x->table, c, x->reverse).start)};
  r_pieces read = r_pieces_of(x->table, c, NULL, x->layout.size[c], work);
  read.reverse = x->reverse;
  while (r_next_piece(&read)) {
    const osv_counts *now = &read.now;
    const size_t last = read.n - 1, at_end = read.at + read.n == x->layout.size[c];
    osv_exact_more(&end->state, now, 1, 0, read.after, read.n, at_end ? last : read.n,
                   NULL);
    end->n_risk = now->n_risk[last];
    end->n_event = now->n_event[last];
    end->after = read.after[last];
    if (read.at % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
  }
  return read.status;
}

/* Curve c into the columns, but for its exact limits */
static osv_status estimate_curve(const job *x, size_t c, const osv_poll *poll,
                                 double *work, last_time *end) {
  const size_t first = x->layout.first[c], m = x->layout.size[c];
  const osv_counts whole = columns_of(x, c);
  const int plain = !x->column[N_RISK];
  osv_status status = plain ? OSV_OK : whole_counts(x, c, poll, &whole);
  if (status != OSV_OK) return status;
  r_pieces read = r_pieces_of(x->table, c, plain ? NULL : &whole, m, work);
  read.reverse = x->reverse;
  osv_km_state state = osv_km_start();
  estimates now;
  start_curve(&now);
  while (r_next_piece(&read)) {
    const size_t at = first + read.at, n = read.n;
    estimate_piece(x, &read.now, n, &state, &now);
    for (size_t i = 0; plain && x->column[TIME] && i < n; i++)
      x->column[TIME][at + i] = read.now.time[i];
    const piece_rows to = rows_at(x, at);
    put_rows(&now, n, &to);
    end_piece(&now, n);
    if (read.at > 0 && read.at % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx))
      return OSV_EINTR;
  }
  if (read.status == OSV_OK && plain && x->limits.any && m > 0 && now.surv[0] == 0.0)
    read.status = read_end(x, c, poll, work, end);
  return read.status;
}

/* What is asked for of curve c: its type of limits goes by its size */
static job job_of_curve(const job *x, size_t c) {
  job own = *x;
  own.limits = r_limits_of_curve(x->limits, x->table, c, x->reverse);
  return own;
}

/* Exact limits of the rows of a piece before and, where the type has them, at few events.
 * Value: the rows done. */
static size_t put_exact_piece(r_exact *exact, const r_pieces *read,
                              const piece_rows *rows) {
  const size_t n = r_exact_rows(exact, &read->now, read->n, rows->surv);
  r_exact_limits(exact, &read->now, read->after, n, rows->surv, rows->se, rows->low,
                 rows->high);
  return n;
}

/* Exact limits of the last time of a curve, see read_end() */
static void put_exact_end(const job *x, last_time *end, const piece_rows *rows) {
  const osv_counts last = {NULL, &end->n_risk, NULL, &end->n_event, 1};
  r_exact exact = r_exact_start(&x->limits, 1, 1, 0);
  exact.state = end->state;
  r_exact_limits(&exact, &last, &end->after, 1, rows->surv, rows->se, rows->low,
                 rows->high);
}

/* Exact limits of one curve where S is 1 or 0, and where `type` has them: beta quantiles
 * of R, which may raise warnings, so the main thread only. */
static void put_exact(const job *all, size_t c, double *work, double *after,
                      last_time *end) {
  const job own = job_of_curve(all, c), *const x = &own;
  const size_t first = x->layout.first[c], m = x->layout.size[c];
  const osv_counts whole = columns_of(x, c);
  const int plain = !x->column[N_RISK];
  r_pieces read = r_pieces_of(x->table, c, plain ? NULL : &whole, m, work);
  read.reverse = x->reverse;
  if (!plain) osv_risk_after(x->table, c, &whole, m, x->reverse, after);
  read.all_after = after;
  r_exact exact = r_exact_start(&x->limits, 1, 1, 0);
  size_t done = 0, ended = m;
  while (done == read.at + read.n && r_next_piece(&read)) {
    const piece_rows rows = rows_at(x, first + read.at);
    done = read.at + put_exact_piece(&exact, &read, &rows);
    R_CheckUserInterrupt(); /* a row may take 50 microseconds */
  }
  while (ended > done && x->column[SURV][first + ended - 1] == 0.0) ended--;
  if (ended == m) return;
  if (plain) {
    const piece_rows rows = rows_at(x, first + m - 1);
    put_exact_end(x, end, &rows);
    return;
  }
  const osv_counts rest = counts_from(&whole, done);
  osv_exact_more(&exact.state, &rest, 1, 0, after + done, ended - done, ended - done,
                 NULL);
  for (size_t lo = ended; lo < m; lo += R_PIECE) {
    const osv_counts now = counts_from(&whole, lo);
    const piece_rows rows = rows_at(x, first + lo);
    r_exact_limits(&exact, &now, after + lo, m - lo < R_PIECE ? m - lo : R_PIECE,
                   rows.surv, rows.se, rows.low, rows.high);
    R_CheckUserInterrupt();
  }
}

/* A curve of a plain table as it is read, on the main thread */
typedef struct {
  r_stream base;
  job all, job; /* of all curves, of this one */
  size_t curve;
  r_pieces read;
  osv_km_state state;
  estimates now;
  r_exact exact;
  int open; /* are exact limits still to come from the start of the curve? */
  double surv[R_PIECE], se[R_PIECE], low[R_PIECE], high[R_PIECE];
  double *work, *end_work;
} stream;

static void start_stream(r_stream *base, size_t c) {
  stream *const x = (stream *)base;
  x->job = job_of_curve(&x->all, c);
  x->curve = c;
  x->read = r_pieces_of(x->job.table, c, NULL, x->job.layout.size[c], x->work);
  x->read.reverse = x->job.reverse;
  x->state = osv_km_start();
  start_curve(&x->now);
  x->exact = r_exact_start(&x->job.limits, 1, 1, 0);
  x->open = x->job.limits.any;
}

static int next_piece(r_stream *base) {
  stream *const x = (stream *)base;
  if (!r_next_piece(&x->read)) {
    base->status = x->read.status;
    return 0;
  }
  const size_t n = x->read.n;
  const int limits = x->job.limits.any;
  const piece_rows rows = {x->surv, x->se, limits ? x->low : NULL,
                           limits ? x->high : NULL};
  estimate_piece(&x->job, &x->read.now, n, &x->state, &x->now);
  put_rows(&x->now, n, &rows);
  size_t done = 0;
  if (x->open) {
    done = put_exact_piece(&x->exact, &x->read, &rows);
    if (base->poll->fn(base->poll->ctx)) {
      base->status = OSV_EINTR;
      return 0;
    }
  }
  x->open = x->open && done == n;
  if (limits && x->surv[n - 1] == 0.0 && done < n) {
    const piece_rows last = {x->surv + n - 1, x->se + n - 1, x->low + n - 1,
                             x->high + n - 1};
    last_time end;
    base->status = read_end(&x->job, x->curve, base->poll, x->end_work, &end);
    if (base->status != OSV_OK) return 0;
    put_exact_end(&x->job, &end, &last);
  }
  end_piece(&x->now, n);
  base->n = n;
  base->counts = x->read.now;
  base->event_free = x->surv[n - 1];
  return 1;
}

static job describe(const osv_table *table, SEXP reverse_, SEXP conf_type_, SEXP level_) {
  return (job){.table = table,
               .reverse = Rf_asLogical(reverse_),
               .limits = r_limits_of(conf_type_, level_)};
}

/* Streams of the curves of a plain table, one after another */
r_stream *r_km_stream(const osv_table *table, const r_layout *layout, SEXP reverse_,
                      SEXP conf_type_, SEXP level_) {
  stream *x = (stream *)R_alloc(1, sizeof *x);
  x->all = describe(table, reverse_, conf_type_, level_);
  x->all.layout = *layout;
  x->work = r_scratch(r_pieces_work(1));
  x->end_work = r_scratch(r_pieces_work(1));
  x->base = (r_stream){.start = start_stream,
                       .next = next_piece,
                       .estimate = x->surv,
                       .std_error = x->se,
                       .low = x->low,
                       .high = x->high};
  return &x->base;
}

/* The columns of the output, those of counts left for later where the table is long */
static void make_columns(job *x, SEXP table_, SEXP ans) {
  const osv_table *table = x->table;
  x->layout = r_curve_layout(table, ans, SIZE);
  const R_xlen_t n_row = x->layout.n_row;
  const int own_time = r_put_time(ans, TIME, table_, n_row);
  const int later = r_is_plain(table) && n_row > R_DEFER_ROWS;
  for (int j = own_time ? TIME : N_RISK; j < (x->limits.any ? SIZE : LOW); j++)
    if (!later || j < N_RISK || j > N_CENSOR) x->column[j] = r_new_column(ans, j, n_row);
  const int counts[] = {N_RISK, N_EVENT, N_CENSOR};
  if (later) r_defer_counts(ans, counts, table_, &x->layout, x->reverse);
}

/* All curves, and what the threads need for them */
typedef struct {
  const job *x;
  double *work;
  size_t work_size; /* of one thread */
  last_time *end;
} curves;

static osv_status fit_curve(void *ctx, size_t c, const osv_poll *poll) {
  const curves *all = ctx;
  double *work = all->work + (size_t)r_thread_index() * all->work_size;
  return estimate_curve(all->x, c, poll, work, all->end + c);
}

/* .Call glue of osv_km(), all curves of an event table with one event type.
 *
 * reverse_: TRUE for the reverse curve (censorings as events). conf_type_, level_: the
 * pointwise limits; exact ones stand where S is 0 or 1; "none" leaves them out.
 * Value: list of double columns, curves one after another, one row a distinct time, and
 * `size` double[n_curve], rows of each curve.
 */
SEXP r_km(SEXP table_, SEXP reverse_, SEXP conf_type_, SEXP level_, SEXP threads_) {
  const osv_table table = r_table(table_);
  SEXP ans = PROTECT(r_new_list(&r_km_columns));
  job x = describe(&table, reverse_, conf_type_, level_);
  make_columns(&x, table_, ans);
  const int threads = r_thread_count(threads_, (double)x.layout.n_row);
  const size_t work_size = x.column[N_RISK] ? 0 : r_pieces_work(1);
  curves all = {&x, r_scratch((size_t)threads * work_size), work_size,
                (last_time *)R_alloc(table.n_curve + 1, sizeof(last_time))};
  r_share(threads, table.n_curve, fit_curve, &all);
  double *after =
      x.limits.any && x.column[N_RISK] ? r_scratch(r_most_rows(&x.layout)) : NULL;
  for (size_t c = 0; x.limits.any && c < table.n_curve; c++)
    put_exact(&x, c, all.work, after, all.end + c);
  UNPROTECT(1);
  return ans;
}
