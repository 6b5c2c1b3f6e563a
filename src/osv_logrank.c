/* osv_logrank - weighted log-rank tests of k curves, scores by subject and by cluster. */
#include "osv_core.h"
#include "osv_counts.h"
#include "osv_dd.h"

typedef struct {
  osv_weight kind;
  double rho, gamma;
  osv_dd surv; /* pooled S(t-) of the stratum, or S~(t-), see osv_logrank() */
} weighting;

/* Weight of a time with d events among n at risk; advances the pooled curve past this
 * time */
static double next_weight(weighting *w, double n, double d) {
  if (w->kind == OSV_WEIGHT_LOGRANK) return 1.0;
  if (w->kind == OSV_WEIGHT_GEHAN) return n;
  if (w->kind == OSV_WEIGHT_TARONE_WARE) return sqrt(n);
  if (w->kind == OSV_WEIGHT_PETO_PETO || w->kind == OSV_WEIGHT_MODIFIED_PETO) {
    w->surv = osv_dd_mul(w->surv, osv_dd_ratio(n + 1.0 - d, n + 1.0));
    return w->kind == OSV_WEIGHT_PETO_PETO ? w->surv.hi : w->surv.hi * (n / (n + 1.0));
  }
  const double before = w->surv.hi, risk = osv_dd_one_minus(w->surv).hi;
  w->surv = osv_dd_mul(w->surv, osv_dd_ratio(n - d, n));
  if (w->kind == OSV_WEIGHT_KAPLAN_MEIER) return w->surv.hi;
  return pow(before, w->rho) * pow(risk, w->gamma);
}

/* Number of doubles of scratch that osv_logrank() needs */
size_t osv_logrank_work(size_t k) {
  return k * (k + 2);
}

/* Sums for two groups. Only the score and variance of the first group are kept: the
 * second group has the negative score and the same variance, and the covariance is the
 * negative variance. */
typedef struct {
  double observed[2];
  osv_dd expected[2], score, variance;
} pair_sums;

/* Adds a time with d_0 + d_1 = d events among n_0 and n_1. ties: the factor (n - d) / (n
 * - 1) */
static inline void add_pair(pair_sums *sums, weighting *w, double d_0, double d_1,
                            double d, double ties, double n_0, double n_1) {
  const double n = n_0 + n_1, wt = next_weight(w, n, d), second = n_1 / n;
  sums->observed[0] += d_0;
  sums->observed[1] += d_1;
  osv_sum_add(sums->expected, d * n_0 / n);
  osv_sum_add(sums->expected + 1, d * second);
  osv_sum_add(&sums->score, wt * ((d_0 * n_1 - d_1 * n_0) / n));
  osv_sum_add(&sums->variance, wt * wt * d * ties / n * n_0 * second);
}

/* Adds a block of times. The events are listed first, without branches, because the
 * processor cannot predict their positions. */
static void add_block(pair_sums *sums, weighting *w, const osv_time_block *block) {
  size_t event[OSV_TIME_BLOCK], m = 0;
  for (size_t i = 0; i < block->m; i++) {
    event[m] = i;
    m += block->status[i] != 0;
  }
  for (size_t e = 0; e < m; e++) {
    const size_t i = event[e];
    const double second = (double)(int)block->second[i];
    add_pair(sums, w, 1.0 - second, second, 1.0, 1.0, block->n_risk[0][i],
             block->n_risk[1][i]);
  }
}

/* Adds the current time of the sweep */
static void add_pair_time(pair_sums *sums, weighting *w, const osv_sweep *sweep) {
  const double n_0 = sweep->n_risk[0], n_1 = sweep->n_risk[1], n = n_0 + n_1;
  const double d = sweep->d[0] + sweep->d[1];
  const double ties = n > 1.0 ? (n - d) / (n - 1.0) : 0.0;
  if (d > 0.0) add_pair(sums, w, sweep->d[0], sweep->d[1], d, ties, n_0, n_1);
}

/* Adds the sums of two groups to the results of the test */
static void write_pair(const pair_sums *sums, const osv_test_out *out) {
  static const double sign[2] = {1.0, -1.0};
  for (size_t j = 0; j < 2; j++) {
    out->observed[j] += sums->observed[j];
    out->expected[j] += osv_sum_value(sums->expected[j]);
    out->score[j] += sign[j] * osv_sum_value(sums->score);
    for (size_t l = 0; l < 2; l++)
      out->variance[2 * j + l] += sign[j] * sign[l] * osv_sum_value(sums->variance);
  }
}

/* Adds the current time of the sweep for any number of groups. rest[k * (k + 2)] collects
 * the rounding errors of expected counts, scores and variance, in that order. */
static void add_time(const osv_sweep *sweep, weighting *w, const osv_test_out *out,
                     double *rest) {
  const size_t k = sweep->k;
  double *const rest_u = rest + k, *const rest_v = rest + 2 * k, n = 0.0, d = 0.0;
  for (size_t j = 0; j < k; j++) {
    n += sweep->n_risk[j];
    d += sweep->d[j];
  }
  if (d == 0.0) return;
  const double wt = next_weight(w, n, d);
  const double f = n > 1.0 ? wt * wt * d * ((n - d) / (n - 1.0)) / n : 0.0;
  for (size_t j = 0; j < k; j++) {
    const double n_j = sweep->n_risk[j];
    out->observed[j] += sweep->d[j];
    osv_sum_split(out->expected + j, rest + j, d * n_j / n);
    osv_sum_split(out->score + j, rest_u + j, wt * ((sweep->d[j] * n - d * n_j) / n));
    double *const v = out->variance + j * k, *const rest_j = rest_v + j * k;
    osv_sum_split(v + j, rest_j + j, f * n_j * ((n - n_j) / n));
    for (size_t l = 0; l < j; l++)
      osv_sum_split(v + l, rest_j + l, -f * n_j * (sweep->n_risk[l] / n));
  }
}

/* Adds one stratum to a test.
 *
 * in   sweep: a sweep over the k curves of the stratum
 * work osv_logrank_work(k) doubles
 * out  observed, expected, score [k], variance [k * k]: added to, so strata sum up
 * Formulas, with d_j events among n_j at risk in group j, d among n in all, weight w:
 *   U_j  = sum w (d_j - d n_j / n)                                      Mantel 1966
 *   V_jl = sum w^2 d (n - d) / (n - 1) n_j / n (delta_jl - n_l / n)     hypergeometric
 *   w    = 1, n, sqrt(n), S~(t) = prod (1 - d / (n + 1)), S~(t) n / (n + 1), S(t)
 *          or S(t-)^rho (1 - S(t-))^gamma with S pooled in the stratum
 *   Gehan 1965, Tarone & Ware 1977, Peto & Peto 1972, Fleming & Harrington 1991
 * U is summed time by time, since the difference O - E at the end would lose digits. All
 * sums are compensated.
 * Cost O(rows + times k + event times k^2).
 */
osv_status osv_logrank(osv_sweep *sweep, osv_weight weight, double rho, double gamma,
                       const osv_poll *poll, double *work, const osv_test_out *out) {
  const size_t k = sweep->k;
  weighting w = {weight, rho, gamma, {1.0, 0.0}};
  const int by_blocks = osv_sweep_has_blocks(sweep);
  pair_sums sums = {{0.0, 0.0}, {{0.0, 0.0}, {0.0, 0.0}}, {0.0, 0.0}, {0.0, 0.0}};
  osv_time_block block;
  block.m = 0;
  for (size_t i = 0; i < k * (k + 2); i++) work[i] = 0.0;
  osv_sweep_start(sweep);
  const size_t each = k == 2 ? 1 : k * k; /* a time takes longer with many groups */
  for (size_t done = 0;; done += (block.m + 1) * each) {
    if (osv_is_due(&done) && poll && poll->fn(poll->ctx)) return OSV_EINTR;
    const int whole = by_blocks && osv_sweep_block(sweep, &block);
    if (by_blocks) add_block(&sums, &w, &block);
    if (whole) continue;
    if (!osv_sweep_next(sweep)) break;
    if (k == 2)
      add_pair_time(&sums, &w, sweep);
    else
      add_time(sweep, &w, out, work);
  }
  for (size_t j = 0; j < k; j++) {
    out->expected[j] += work[j];
    out->score[j] += work[k + j];
    for (size_t l = 0; l <= j; l++) {
      out->variance[j * k + l] += work[(2 + j) * k + l];
      out->variance[l * k + j] = out->variance[j * k + l];
    }
  }
  if (k == 2) write_pair(&sums, out);
  return OSV_OK;
}

/* Scores of the subjects of one stratum. U_j is the sum of the scores in group j for any
 * assignment to groups, since the weights depend on the pooled risk set alone.
 *
 * in   time[n] ascending, status[n] 0 censored, else an event
 * out  score[n]; they sum to 0
 * Formula: a_i = w(t_i) [event] - sum over event times t <= t_i of w(t) d / n
 */
osv_status osv_logrank_scores(const double *time, const int *status, size_t n,
                              osv_weight weight, double rho, double gamma,
                              double *score) {
  weighting w = {weight, rho, gamma, {1.0, 0.0}};
  osv_dd hazard = {0.0, 0.0};
  for (size_t i = 0, end; i < n; i = end) {
    double d = 0.0, wt = 0.0;
    for (end = i; end < n && time[end] == time[i]; end++) d += status[end] != 0;
    if (end < n && time[end] < time[i]) return OSV_EORDER;
    const double at_risk = (double)(n - i);
    if (d > 0.0) {
      wt = next_weight(&w, at_risk, d);
      hazard = osv_dd_add(hazard, osv_dd_ratio(wt * d, at_risk));
    }
    for (size_t j = i; j < end; j++)
      score[j] = (status[j] != 0 ? wt - hazard.hi : -hazard.hi) - hazard.lo;
  }
  return OSV_OK;
}

/* Adds one stratum to the scores by cluster: what the rows of each id contribute to U.
 *
 * in   sweep: a sweep over a table in which each row has an id and counts n subjects
 * work k doubles
 * out  u[id * k + j] += sum over the rows of the id and over the times of
 *   w (dN_i - Y_i d / n) (delta_gj - n_j / n)
 * where g is the group of the row, dN_i is 1 at its event and Y_i is 1 from its entry to
 * its exit. Over all ids u sums to U. The variance is the sum of u u' over ids: Lee, Wei
 * & Amato 1992, with the weights w taken as fixed. Cost O(rows k + event times k).
 */
osv_status osv_logrank_ids(osv_sweep *sweep, osv_weight weight, double rho, double gamma,
                           const osv_poll *poll, double *work, const osv_id_scores *out) {
  const size_t k = sweep->k;
  weighting w = {weight, rho, gamma, {1.0, 0.0}};
  double *const mean = work;
  double all = 0.0; /* mean[j]: sum of w d n_j / n^2; all: of w d / n */
  for (size_t j = 0; j < k; j++) mean[j] = 0.0;
  osv_sweep_start(sweep);
  for (size_t done = 0;; done += k * k) {
    if (osv_is_due(&done) && poll && poll->fn(poll->ctx)) return OSV_EINTR;
    osv_sweep_mark(sweep, out);
    if (!osv_sweep_next(sweep)) return OSV_OK;
    for (size_t g = 0; g < k && out->entry_row; g++)
      for (size_t i = out->entered[g]; i < sweep->entry_at[g]; i++) {
        const size_t row = (size_t)out->entry_row[i] - 1;
        double *const u = out->u + k * (size_t)(out->id[row] - 1);
        const double n_row = osv_row_n(sweep->table, row);
        for (size_t j = 0; j < k; j++) u[j] -= n_row * mean[j];
        u[g] += n_row * all;
      }
    double n = 0.0, d = 0.0;
    for (size_t j = 0; j < k; j++) {
      n += sweep->n_risk[j];
      d += sweep->d[j];
    }
    const double wt = d > 0.0 ? next_weight(&w, n, d) : 0.0, hazard = wt * d / n;
    all += hazard;
    for (size_t j = 0; j < k; j++) mean[j] += hazard * sweep->n_risk[j] / n;
    for (size_t g = 0; g < k; g++)
      for (size_t i = out->from[g]; i < sweep->at[g]; i++) {
        const double event = sweep->table->status[i] != 0 ? wt : 0.0;
        double *const u = out->u + k * (size_t)(out->id[i] - 1);
        const double n_row = osv_row_n(sweep->table, i);
        for (size_t j = 0; j < k; j++)
          u[j] += n_row * (mean[j] - event * sweep->n_risk[j] / n);
        u[g] += n_row * (event - all);
      }
  }
}
