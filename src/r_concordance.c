/* r_concordance - glue of osv_concordance(), the concordance of a score with survival
 * times. */
#include "r_api.h"

/* A column of the list pairs_, or NULL. Raises an error if it has another type or
 * length. */
static SEXP column_of(SEXP pairs_, const char *name, SEXPTYPE type, R_xlen_t n) {
  SEXP x_ = r_element(pairs_, name);
  if (!Rf_isNull(x_) && (TYPEOF(x_) != (int)type || Rf_xlength(x_) != n))
    Rf_error("oligosurv internal error: `%s` of r_concordance()", name); /* # nocov */
  return x_;
}

/* A column of n whole numbers between `least` and `most` */
static const int *codes_of(SEXP pairs_, const char *name, R_xlen_t n, int least,
                           int most) {
  SEXP x_ = column_of(pairs_, name, INTSXP, n);
  if (Rf_isNull(x_)) return NULL;
  const int *const x = INTEGER_RO(x_);
  for (R_xlen_t i = 0; i < n; i++)
    if (x[i] < least || x[i] > most)
      Rf_error("oligosurv internal error: `%s` of r_concordance()", name); /* # nocov */
  return x;
}

/* A column of n numbers that are at least 0 */
static const double *weights_of(SEXP pairs_, const char *name, R_xlen_t n) {
  SEXP x_ = column_of(pairs_, name, REALSXP, n);
  if (Rf_isNull(x_)) return NULL;
  const double *const x = REAL_RO(x_);
  for (R_xlen_t i = 0; i < n; i++)
    if (!(x[i] >= 0.0))
      Rf_error("oligosurv internal error: `%s` of r_concordance()", name); /* # nocov */
  return x;
}

/* Checks the rows of each stratum: times ascend, ranks of scores are below the number of
 * rows, and by_start is a permutation of the rows in order of start. Returns the largest
 * number of rows. */
static size_t check_strata(const osv_pairs *pairs) {
  size_t from = 0, most = 0;
  int *const seen = (int *)R_alloc(pairs->n + 1, sizeof *seen);
  for (size_t i = 0; i < pairs->n; i++) seen[i] = 0;
  for (size_t s = 0; s < pairs->n_stratum; s++) {
    const size_t end = pairs->stratum_end[s];
    int right = end >= from && end <= pairs->n;
    for (size_t i = from; right && i < end; i++) {
      right = (size_t)pairs->score[i] < end - from &&
              (i == from || pairs->time[i] >= pairs->time[i - 1]);
      if (!right || !pairs->start) continue;
      const size_t row = (size_t)pairs->by_start[i];
      right = row >= from && row < end && !seen[row]++ &&
              (i == from || pairs->start[row] >= pairs->start[pairs->by_start[i - 1]]) &&
              pairs->start[i] < pairs->time[i];
    }
    if (!right) Rf_error("oligosurv internal error: r_concordance() rows"); /* # nocov */
    if (end - from > most) most = end - from;
    from = end;
  }
  if (from != pairs->n) Rf_error("oligosurv internal error: r_concordance() strata");
  return most;
}

/* .Call glue of osv_concordance()
 *
 * pairs_  list of stratum_end double, time, start, by_start, status and score integer[n],
 *         weight, pair and left double[n], competing logical; start, by_start, weight,
 *         pair and left may be NULL
 * Value: list of count double[5]; won and all, double[n, roles], 2 roles, or 4 with
 * competing events
 */
SEXP r_concordance(SEXP pairs_) {
  static r_words names = {{"count", "won", "all", NULL}, NULL};
  SEXP time_ = r_element(pairs_, "time"), stratum_ = r_element(pairs_, "stratum_end");
  const R_xlen_t n = Rf_xlength(time_);
  const int competing = Rf_asLogical(r_element(pairs_, "competing")) == TRUE;
  if (TYPEOF(stratum_) != REALSXP || n > INT_MAX)
    Rf_error("oligosurv internal error: strata of r_concordance()"); /* # nocov */
  const osv_pairs pairs = {.n = (size_t)n,
                           .n_stratum = (size_t)Rf_xlength(stratum_),
                           .stratum_end = r_sizes(stratum_, 0),
                           .time = codes_of(pairs_, "time", n, 0, INT_MAX),
                           .start = codes_of(pairs_, "start", n, 0, INT_MAX),
                           .by_start = codes_of(pairs_, "by_start", n, 0, INT_MAX),
                           .status = codes_of(pairs_, "status", n, 0, 1 + competing),
                           .score = codes_of(pairs_, "score", n, 0, INT_MAX),
                           .weight = weights_of(pairs_, "weight", n),
                           .pair = weights_of(pairs_, "pair", n),
                           .left = weights_of(pairs_, "left", n),
                           .competing = competing};
  if (n > 0 &&
      (!pairs.time || !pairs.status || !pairs.score || !pairs.start != !pairs.by_start))
    Rf_error("oligosurv internal error: columns of r_concordance()"); /* # nocov */
  const size_t most = check_strata(&pairs);
  const R_xlen_t n_role = competing ? OSV_N_ROLE : OSV_GONE;
  SEXP ans = PROTECT(r_new_list(&names));
  osv_pairs_out out = {.count = r_new_column(ans, 0, OSV_N_PAIR_COUNT)};
  double *const won = r_new_column(ans, 1, n * n_role);
  double *const all = r_new_column(ans, 2, n * n_role);
  for (R_xlen_t role = 0; role < n_role; role++) {
    out.won[role] = won + role * n;
    out.all[role] = all + role * n;
  }
  double *const work = r_scratch(osv_concordance_work(most));
  r_guard guard;
  r_guard_open(&guard);
  const osv_status status = osv_concordance(&pairs, &guard.poll, work, &out);
  if (status != OSV_OK) r_abort_status(status);
  UNPROTECT(1);
  return ans;
}
