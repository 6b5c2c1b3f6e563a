/* r_cluster - glue for curves and tests with cluster ids. */
#include "r_api.h"

#include <string.h>

enum { SE, LOW, HIGH, N_ID, KEPT, IDS, START, SIZE };
static const char *names[] = {"std_error", "conf_low", "conf_high", "n_id",
                              "kept",      "ids",      "start",     ""};

/* One curve: counts and estimates are in scratch, limits in the output */
typedef struct {
  size_t m, n_cause, stride;
  osv_counts counts;
  osv_cluster_out out;
  double *rest;  /* 1 - F of one cause */
  double *event; /* scratch of osv_cluster_limits() */
  int gains;     /* 1: ids have delayed entry */
  double *seen;  /* events of one cause; with sampling weights each row counts as 1 */
} curve;

/* The ids of a table with one row per subject; *n_id: their number. If the table has
 * weights, n is the weight of each row. */
static const int *ids_of(SEXP table_, size_t *n_id) {
  SEXP id_ = r_element(table_, "id");
  if (Rf_xlength(id_) != Rf_xlength(r_element(table_, "time")))
    Rf_error("oligosurv internal error: ids of an event table"); /* # nocov */
  *n_id = (size_t)Rf_asReal(r_element(table_, "n_id"));
  return INTEGER_RO(id_);
}

static curve new_curve(const osv_table *table, size_t rows) {
  curve x = {.n_cause = (size_t)table->n_status - 1, .stride = rows + 1};
  const size_t n = x.stride;
  double *column = (double *)R_alloc(n * (8 + 3 * x.n_cause), sizeof *column);
  x.counts = (osv_counts){column, column + n, column + 2 * n, column + 8 * n, n};
  x.out.surv = column + 3 * n;
  x.rest = column + 4 * n;
  x.event = column + 5 * n;
  x.out.after = column + 6 * n;
  x.seen = column + 7 * n;
  x.out.cif = x.counts.n_event + x.n_cause * n;
  x.out.std_error = x.out.cif + x.n_cause * n;
  return x;
}

/* 1 - F of one cause, summed from the other probabilities to avoid cancellation */
static void fill_rest(const curve *x, size_t cause) {
  for (size_t j = 0; j < x->m; j++) {
    x->rest[j] = x->out.surv[j];
    for (size_t k = 0; k < x->n_cause; k++)
      if (k != cause) x->rest[j] += x->out.cif[k * x->stride + j];
  }
}

/* Events of one cause of curve c at each time: their number if `rows`, else the sum of
 * their weights
 */
static void count_events(const osv_table *table, size_t c, const curve *x, size_t cause,
                         int rows) {
  size_t row = (size_t)table->start[c];
  const size_t end = (size_t)table->start[c + 1];
  for (size_t j = 0; j < x->m; j++) {
    x->seen[j] = rows ? 0.0 : x->counts.n_event[cause * x->stride + j];
    if (!rows) continue;
    for (; row < end && table->time[row] <= x->counts.time[j]; row++)
      x->seen[j] += table->status[row] == (int)cause + 1;
  }
}

/* Writes standard errors and limits of one cause of a curve to the output: of F or, with
 * `survival`, of 1 - F. With a single id they are NA, because the variation between ids
 * cannot be estimated. */
static void write_cause(const curve *x, size_t cause, int survival,
                        const r_limits *limits, const osv_poll *poll, double *se,
                        double *low, double *high) {
  const double *f = x->out.cif + cause * x->stride;
  fill_rest(x, cause);
  memcpy(se, x->out.std_error + cause * x->stride, x->m * sizeof *se);
  const osv_status status =
      osv_cluster_limits(&limits->exact, limits->z, &x->counts, x->m, x->n_cause, cause,
                         survival, &x->out, x->seen, x->rest, poll, x->event, low, high);
  if (status != OSV_OK) r_abort_status(status);
  if (*x->out.ids >= 2.0) return;
  for (size_t j = 0; j < x->m; j++)
    if (f[j] > 0.0 && x->rest[j] > 0.0) se[j] = low[j] = high[j] = NA_REAL;
}

/* .Call glue of osv_cluster_aj(), all curves of a table of rows with ids.
 *
 * table_: an event table of rows with the elements n (weights or NULL), id (int, 1 ..
 * n_id, one per row) and n_id. survival_: TRUE for limits of 1 - F, with one cause.
 * conf_type_, level_: as in r_aj(). by_row_: TRUE for sampling weights: the small-sample
 * type then decides by the number of rows with an event, not by their weight, and limits
 * before the first event use Kish's effective number of ids.
 * Value: list of std_error, conf_low, conf_high with the rows of r_aj(); n_id, distinct
 * ids at risk just before each time of each curve; kept, see osv_cluster_aj(), at each
 * time of each curve; ids, the number of ids of each curve; start, effective ids at risk
 * at the start of each curve.
 */
SEXP r_cluster_curves(SEXP table_, SEXP survival_, SEXP conf_type_, SEXP level_,
                      SEXP by_row_) {
  const osv_table table = r_table(table_);
  const r_limits limits = r_limits_of(conf_type_, level_);
  const size_t n_cause = (size_t)table.n_status - 1;
  const int by_row = Rf_asLogical(by_row_);
  size_t n_id;
  const int *id = ids_of(table_, &n_id);
  const osv_cluster_rows rows = {&table, id, r_entry_rows(table_, &table), by_row};
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  const r_layout layout = r_curve_layout(&table, ans, IDS);
  double *column[SIZE];
  for (int j = 0; j < IDS; j++)
    column[j] = r_new_column(ans, j, layout.n_row * (j >= N_ID ? 1 : (R_xlen_t)n_cause));
  column[IDS] = REAL(VECTOR_ELT(ans, IDS));
  column[START] = r_new_column(ans, START, (R_xlen_t)table.n_curve);
  const size_t work_size = osv_cluster_work(n_id, table.n_status - 1);
  double *work = (double *)R_alloc(work_size + 1, sizeof *work);
  curve x = new_curve(&table, (size_t)layout.n_row);
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0; c < table.n_curve; c++) {
    const size_t first = layout.first[c];
    x.m = layout.size[c];
    x.out.n_id = column[N_ID] + first;
    x.out.kept = column[KEPT] + first;
    x.out.ids = column[IDS] + c;
    x.out.start = column[START] + c;
    x.out.gains = &x.gains;
    osv_status status = osv_curve_counts(&table, c, x.m, &guard.poll, &x.counts);
    if (status == OSV_OK)
      status = osv_cluster_aj(&rows, c, &x.counts, x.m, &guard.poll, work, &x.out);
    if (status != OSV_OK) r_abort_status(status);
    for (size_t k = 0; k < n_cause; k++) {
      const size_t at = k * (size_t)layout.n_row + first;
      count_events(&table, c, &x, k, by_row);
      write_cause(&x, k, Rf_asLogical(survival_), &limits, &guard.poll, column[SE] + at,
                  column[LOW] + at, column[HIGH] + at);
    }
  }
  UNPROTECT(1);
  return ans;
}

/* Sets statistic and rank of a test without the groups of out_, see osv_project_out() */
static void set_statistic_without(size_t k, SEXP contrast_, const int *out,
                                  const osv_test_out *sums, const r_statistic *to) {
  double *score = (double *)R_alloc(k + k * k, sizeof *score), *variance = score + k;
  memcpy(score, sums->score, k * sizeof *score);
  memcpy(variance, sums->variance, k * k * sizeof *score);
  osv_project_out(variance, score, k, out);
  const osv_test_out rest = {.score = score, .variance = variance};
  r_set_statistic(k, contrast_, &rest, to);
}

/* .Call glue of osv_logrank_ids() and osv_gray_ids(). test_: a value of r_logrank(),
 * or one cause of that of r_gray(). Value: the same with the variance by id, and its
 * statistic and rank without the groups that out_ (logical[k] or NULL) excludes. spec_:
 * the test from test_spec(); its cause is NULL for the log-rank family. */
SEXP r_cluster_test(SEXP table_, SEXP test_, SEXP spec_, SEXP contrast_, SEXP out_) {
  const osv_table table = r_table(table_);
  SEXP cause_ = r_element(spec_, "cause");
  const int cause = Rf_isNull(cause_) ? 0 : Rf_asInteger(cause_);
  const int weight = cause ? 0 : Rf_asInteger(r_element(spec_, "weight"));
  const double rho = Rf_asReal(r_element(spec_, "rho"));
  const double gamma = Rf_asReal(r_element(spec_, "gamma"));
  SEXP ans = PROTECT(Rf_duplicate(test_));
  const size_t k = (size_t)Rf_xlength(r_element(ans, "score"));
  const osv_test_out out = {.score = REAL(r_element(ans, "score")),
                            .variance = REAL(r_element(ans, "variance"))};
  size_t n_id;
  osv_id_scores scores = {.id = ids_of(table_, &n_id),
                          .entry_row = r_entry_rows(table_, &table)};
  scores.from = (size_t *)R_alloc(2 * k, sizeof(size_t));
  scores.entered = scores.from + k;
  scores.u = (double *)R_alloc(n_id * k + 1, sizeof(double));
  memset(scores.u, 0, n_id * k * sizeof(double));
  double *work = (double *)R_alloc(osv_gray_ids_work(k), sizeof *work);
  osv_sweep sweep = r_new_sweep(&table, k, cause);
  r_guard guard;
  r_guard_open(&guard);
  for (; sweep.first_curve < table.n_curve; sweep.first_curve += k) {
    const osv_status status = cause == 0
                                  ? osv_logrank_ids(&sweep, (osv_weight)weight, rho,
                                                    gamma, &guard.poll, work, &scores)
                                  : osv_gray_ids(&sweep, rho, &guard.poll, work, &scores);
    if (status != OSV_OK) r_abort_status(status);
  }
  osv_cluster_variance(scores.u, n_id, k, out.variance);
  const r_statistic to = {REAL(r_element(ans, "statistic")), REAL(r_element(ans, "rank")),
                          REAL(r_element(ans, "p.value"))};
  if (Rf_isNull(out_))
    r_set_statistic(k, contrast_, &out, &to);
  else
    set_statistic_without(k, contrast_, LOGICAL_RO(out_), &out, &to);
  UNPROTECT(1);
  return ans;
}
