/* r_concordance - glue of osv_concordance(), the concordance of a score with survival
 * times. */
#include "r_api.h"

/* Checks the rows of each stratum: times ascend, ranks of scores are below the number of
 * rows, and by_start is a permutation of the rows in order of start. Returns the largest
 * number of rows. */
static size_t check_strata(const r_parts *parts, const osv_pairs *pairs) {
  size_t from = 0, most = 0;
  int *const seen = (int *)R_alloc(pairs->n + 1, sizeof *seen);
  for (size_t i = 0; i < pairs->n; i++) seen[i] = 0;
  for (size_t s = 0; s < pairs->n_stratum; s++) {
    const size_t end = pairs->stratum_end[s];
    int right = 1;
    for (size_t i = from; right && i < end; i++) {
      right = (size_t)pairs->score[i] < end - from &&
              (i == from || pairs->time[i] >= pairs->time[i - 1]);
      if (!right || !pairs->start) continue;
      const size_t row = (size_t)pairs->by_start[i];
      right = row >= from && row < end && !seen[row]++ &&
              (i == from || pairs->start[row] >= pairs->start[pairs->by_start[i - 1]]) &&
              pairs->start[i] < pairs->time[i];
    }
    r_check_part(parts, right, "time");
    if (end - from > most) most = end - from;
    from = end;
  }
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
  const r_parts parts = {pairs_, "concordance_index"};
  const R_xlen_t n = Rf_xlength(r_part(&parts, "time"));
  const int competing = r_part_flag(&parts, "competing");
  osv_pairs pairs = {.n = (size_t)n, .competing = competing};
  pairs.stratum_end = r_part_ends(&parts, "stratum_end", pairs.n, 0, &pairs.n_stratum);
  pairs.time = r_part_codes(&parts, "time", n, 0, INT_MAX, 0);
  pairs.start = r_part_codes(&parts, "start", n, 0, INT_MAX, 1);
  if (pairs.start) pairs.by_start = r_part_codes(&parts, "by_start", n, 0, INT_MAX, 0);
  pairs.status = r_part_codes(&parts, "status", n, 0, 1 + (size_t)competing, 0);
  pairs.score = r_part_codes(&parts, "score", n, 0, INT_MAX, 0);
  pairs.weight = r_part_weights(&parts, "weight", n);
  pairs.pair = r_part_weights(&parts, "pair", n);
  pairs.left = r_part_weights(&parts, "left", n);
  const size_t most = check_strata(&parts, &pairs);
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
