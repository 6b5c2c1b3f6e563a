/* osv_logrank - weighted log-rank tests of k curves. */
#include "osv_core.h"
#include "osv_dd.h"

typedef struct {
  osv_weight kind;
  double rho, gamma;
  osv_dd surv; /* S of the stratum up to the time before, or S~ */
} weighting;

/* Weight of a time with d events among n; carries the curve it needs past that time. */
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

/* doubles of scratch that osv_logrank() needs */
size_t osv_logrank_work(size_t k) {
  return k * (k + 2);
}

/* *sum += x; what is lost to rounding goes to *rest */
static void add_to(double *sum, double *rest, double x) {
  const osv_dd s = osv_two_sum(*sum, x);
  *sum = s.hi;
  *rest += s.lo;
}

/* Two groups: what the second group's score and the other covariances are follows from
 * the first's */
typedef struct {
  double observed[2];
  osv_dd expected[2], score, variance;
} pair_sums;

/* A time with d_0 and d_1, in all d, events among n_0 and n_1; ties: (n - d) / (n - 1) */
static inline void add_pair(pair_sums *sums, weighting *w, double d_0, double d_1,
                            double d, double ties, double n_0, double n_1) {
  const double n = n_0 + n_1, wt = next_weight(w, n, d), share = n_1 / n;
  sums->observed[0] += d_0;
  sums->observed[1] += d_1;
  osv_sum_add(sums->expected, d * n_0 / n);
  osv_sum_add(sums->expected + 1, d * share);
  osv_sum_add(&sums->score, wt * ((d_0 * n_1 - d_1 * n_0) / n));
  osv_sum_add(&sums->variance, wt * wt * d * ties / n * n_0 * share);
}

/* The times of a run, one event each: where they are comes first, as no processor can
 * guess it */
static void add_run(pair_sums *sums, weighting *w, const osv_run *run) {
  size_t event[OSV_RUN], m = 0;
  for (size_t i = 0; i < run->m; i++) {
    event[m] = i;
    m += run->status[i] != 0;
  }
  for (size_t e = 0; e < m; e++) {
    const size_t i = event[e];
    const double second = (double)(int)run->second[i];
    add_pair(sums, w, 1.0 - second, second, 1.0, 1.0, run->n_risk[0][i],
             run->n_risk[1][i]);
  }
}

/* The time of a walk */
static void add_pair_time(pair_sums *sums, weighting *w, const osv_walk *walk) {
  const double n_0 = walk->n_risk[0], n_1 = walk->n_risk[1], n = n_0 + n_1;
  const double d = walk->d[0] + walk->d[1];
  const double ties = n > 1.0 ? (n - d) / (n - 1.0) : 0.0;
  if (d > 0.0) add_pair(sums, w, walk->d[0], walk->d[1], d, ties, n_0, n_1);
}

static void put_pair(const pair_sums *sums, const osv_test_out *out) {
  static const double sign[2] = {1.0, -1.0};
  for (size_t j = 0; j < 2; j++) {
    out->observed[j] += sums->observed[j];
    out->expected[j] += osv_sum_value(sums->expected[j]);
    out->score[j] += sign[j] * osv_sum_value(sums->score);
    for (size_t l = 0; l < 2; l++)
      out->variance[2 * j + l] += sign[j] * sign[l] * osv_sum_value(sums->variance);
  }
}

/* The time of the walk, with what its sums lose to rounding in `rest`, laid out as the
 * sums are: the expected counts, the scores, the covariances */
static void add_time(const osv_walk *walk, weighting *w, const osv_test_out *out,
                     double *rest) {
  const size_t k = walk->k;
  double *const rest_u = rest + k, *const rest_v = rest + 2 * k, n = 0.0, d = 0.0;
  for (size_t j = 0; j < k; j++) {
    n += walk->n_risk[j];
    d += walk->d[j];
  }
  if (d == 0.0) return;
  const double wt = next_weight(w, n, d);
  const double f = n > 1.0 ? wt * wt * d * ((n - d) / (n - 1.0)) / n : 0.0;
  for (size_t j = 0; j < k; j++) {
    const double n_j = walk->n_risk[j];
    out->observed[j] += walk->d[j];
    add_to(out->expected + j, rest + j, d * n_j / n);
    add_to(out->score + j, rest_u + j, wt * ((walk->d[j] * n - d * n_j) / n));
    double *const v = out->variance + j * k, *const rest_j = rest_v + j * k;
    add_to(v + j, rest_j + j, f * n_j * ((n - n_j) / n));
    for (size_t l = 0; l < j; l++)
      add_to(v + l, rest_j + l, -f * n_j * (walk->n_risk[l] / n));
  }
}

/* Adds one stratum to a test.
 *
 * in   walk over the k curves of the stratum
 * work osv_logrank_work(k) doubles
 * out  observed, expected, score [k], variance [k * k]: added to, so strata sum up
 * Formulas, with d_j events among n_j at risk in group j, d among n in all, weight w:
 *   U_j  = sum w (d_j - d n_j / n)                                      Mantel 1966
 *   V_jl = sum w^2 d (n - d) / (n - 1) n_j / n (delta_jl - n_l / n)     hypergeometric
 *   w    = 1, n, sqrt(n), S~(t) = prod (1 - d / (n + 1)), S~(t) n / (n + 1), S(t)
 *          or S(t-)^rho (1 - S(t-))^gamma with S pooled in the stratum
 *   Gehan 1965, Tarone & Ware 1977, Peto & Peto 1972, Fleming & Harrington 1991
 * U sums the differences of each time; O - E at the end would lose digits. All sums are
 * compensated.
 * Cost O(rows + times k + event times k^2).
 */
osv_status osv_logrank(osv_walk *walk, osv_weight weight, double rho, double gamma,
                       const osv_poll *poll, double *work, const osv_test_out *out) {
  const size_t k = walk->k;
  weighting w = {weight, rho, gamma, {1.0, 0.0}};
  const int plain = osv_walk_is_plain(walk);
  pair_sums sums = {{0.0, 0.0}, {{0.0, 0.0}, {0.0, 0.0}}, {0.0, 0.0}, {0.0, 0.0}};
  osv_run run;
  run.m = 0;
  for (size_t i = 0; i < k * (k + 2); i++) work[i] = 0.0;
  osv_walk_start(walk);
  for (size_t step = 1;; step += run.m + 1) {
    if (poll && step % OSV_POLL_ROWS <= run.m && poll->fn(poll->ctx)) return OSV_EINTR;
    const int whole = plain && osv_walk_run(walk, &run);
    if (plain) add_run(&sums, &w, &run);
    if (whole) continue;
    if (!osv_walk_next(walk)) break;
    if (k == 2)
      add_pair_time(&sums, &w, walk);
    else
      add_time(walk, &w, out, work);
  }
  for (size_t j = 0; j < k; j++) {
    out->expected[j] += work[j];
    out->score[j] += work[k + j];
    for (size_t l = 0; l <= j; l++) {
      out->variance[j * k + l] += work[(2 + j) * k + l];
      out->variance[l * k + j] = out->variance[j * k + l];
    }
  }
  if (k == 2) put_pair(&sums, out);
  return OSV_OK;
}

/* Scores of the subjects of one stratum: U_j is the sum of the scores in group j, whoever
 * is in it, since the weights depend on the pooled risk set alone.
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

/* Adds one stratum to the scores of the ids: what the rows of each add to the score U.
 *
 * in   walk over a table with one row a subject, or n of them, and the ids of its rows
 * work k doubles
 * out  u[id * k + j] grows, over the rows of the id, by
 *        sum w (dN_i - Y_i d / n) (delta_gj - n_j / n),  g the group of the row,
 *      Y_i from its entry to its exit
 * Over all ids they sum to U; the variance is the sum of u u' over ids: Lee, Wei & Amato
 * 1992, the weights w taken as given. Cost O(rows k + event times k).
 */
osv_status osv_logrank_ids(osv_walk *walk, osv_weight weight, double rho, double gamma,
                           const osv_poll *poll, double *work, const osv_id_scores *out) {
  const size_t k = walk->k;
  weighting w = {weight, rho, gamma, {1.0, 0.0}};
  double *const mean = work;
  double all = 0.0; /* sums of w d n_j / n^2, and of w d / n */
  for (size_t j = 0; j < k; j++) mean[j] = 0.0;
  osv_walk_start(walk);
  for (size_t step = 1;; step++) {
    if (poll && step % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    osv_walk_mark(walk, out);
    if (!osv_walk_next(walk)) return OSV_OK;
    for (size_t g = 0; g < k && out->entry_row; g++)
      for (size_t i = out->entered[g]; i < walk->entry_at[g]; i++) {
        const size_t row = (size_t)out->entry_row[i] - 1;
        double *const u = out->u + k * (size_t)(out->id[row] - 1);
        const double n_row = walk->table->n ? walk->table->n[row] : 1.0;
        for (size_t j = 0; j < k; j++) u[j] -= n_row * mean[j];
        u[g] += n_row * all;
      }
    double n = 0.0, d = 0.0;
    for (size_t j = 0; j < k; j++) {
      n += walk->n_risk[j];
      d += walk->d[j];
    }
    const double wt = d > 0.0 ? next_weight(&w, n, d) : 0.0, hazard = wt * d / n;
    all += hazard;
    for (size_t j = 0; j < k; j++) mean[j] += hazard * walk->n_risk[j] / n;
    for (size_t g = 0; g < k; g++)
      for (size_t i = out->from[g]; i < walk->at[g]; i++) {
        const double event = walk->table->status[i] != 0 ? wt : 0.0;
        double *const u = out->u + k * (size_t)(out->id[i] - 1);
        const double n_row = walk->table->n ? walk->table->n[i] : 1.0;
        for (size_t j = 0; j < k; j++)
          u[j] += n_row * (mean[j] - event * walk->n_risk[j] / n);
        u[g] += n_row * (event - all);
      }
  }
}
