/* osv_permute - permutation distribution of a test statistic, sampled or enumerated. */
#include "osv_core.h"

#include <math.h>
#include <string.h>

/* Counts an assignment whose statistic is at least the limit. An undefined statistic
 * (NaN) counts too, so that p is never too small. Polls after every OSV_POLL_ROWS
 * rows. */
static osv_status evaluate(const osv_statistic *test, const int *label, double limit,
                           const osv_poll *poll, size_t *work, double *at_least) {
  double value = 0.0;
  const osv_status status = test->fn(test->ctx, label, &value);
  if (status != OSV_OK) return status;
  *at_least += !(value < limit);
  *work += test->cost;
  if (*work < OSV_POLL_ROWS) return OSV_OK;
  *work = 0;
  return poll && poll->fn(poll->ctx) ? OSV_EINTR : OSV_OK;
}

/* The order of labels from which osv_permute() shuffles. In each stratum the labels of
 * the largest group come last.
 *
 * in      units; k groups
 * scratch size[k]
 * out     pool[units]; moved[strata]: the number of labels before those of the largest
 *         group
 */
void osv_pool_labels(const osv_units *units, size_t k, size_t *size, int *pool,
                     size_t *moved) {
  for (size_t s = 0; s < units->n_stratum; s++) {
    const size_t lo = units->start[s], hi = units->start[s + 1];
    size_t largest = 0, to = lo;
    for (size_t j = 0; j < k; j++) size[j] = 0;
    for (size_t i = lo; i < hi; i++) size[units->label[i]]++;
    for (size_t j = 1; j < k; j++)
      if (size[j] > size[largest]) largest = j;
    for (size_t i = lo; i < hi; i++)
      if (units->label[i] != (int)largest) pool[to++] = units->label[i];
    moved[s] = to - lo;
    while (to < hi) pool[to++] = (int)largest;
  }
}

/* Evaluates a statistic under random assignments: labels are shuffled within each
 * stratum.
 *
 * in      units     with pool and moved of osv_pool_labels()
 *         test, limit
 *         times     number of assignments
 *         uniform   gives numbers in (0, 1)
 * scratch label[units]
 * out     *at_least, added to: assignments with a statistic of at least `limit`
 * Each label outside the largest group, from the last to the first, is swapped with a
 * label drawn from itself and all labels after it. These are the steps of Durstenfeld's
 * shuffle (1964) that decide the groups. All assignments are therefore equally likely,
 * and only one random number is needed for each unit outside the largest group. Every
 * assignment starts from the same order, so the result does not depend on how `times` is
 * split into calls.
 */
osv_status osv_permute(const osv_units *units, const osv_statistic *test, double limit,
                       size_t times, const osv_uniform *uniform, const osv_poll *poll,
                       int *label, double *at_least) {
  const size_t n = units->start[units->n_stratum];
  size_t work = 0;
  for (size_t b = 0; b < times; b++) {
    memcpy(label, units->pool, n * sizeof *label);
    for (size_t s = 0; s < units->n_stratum; s++) {
      const size_t size = units->start[s + 1] - units->start[s];
      int *const part = label + units->start[s];
      for (size_t i = units->moved[s]; i-- > 0;) {
        const size_t pick = i + (size_t)(uniform->fn(uniform->ctx) * (double)(size - i));
        const int swap = part[i];
        part[i] = part[pick];
        part[pick] = swap;
      }
    }
    const osv_status status = evaluate(test, label, limit, poll, &work, at_least);
    if (status != OSV_OK) return status;
  }
  return OSV_OK;
}

/* Advances labels to their next distinct order, lexicographically, by Narayana Pandita's
 * step, O(1) on average. Value: 0 after the last order, when the labels are back in the
 * first. */
static int next_order(int *label, size_t n) {
  size_t i = n;
  while (i > 1 && label[i - 2] >= label[i - 1]) i--;
  if (i > 1) {
    size_t j = n - 1;
    while (label[j] <= label[i - 2]) j--;
    const int swap = label[j];
    label[j] = label[i - 2];
    label[i - 2] = swap;
  }
  for (size_t lo = i > 1 ? i - 1 : 0, hi = n; lo + 1 < hi; lo++, hi--) {
    const int swap = label[lo];
    label[lo] = label[hi - 1];
    label[hi - 1] = swap;
  }
  return i > 1;
}

/* Evaluates a statistic under every assignment, one after another.
 *
 * in      as osv_permute(); times: number of assignments of this call
 * in/out  label[units]: the next assignment; it may start anywhere, since the enumeration
 *         is cyclic
 * out     *at_least, added to
 */
osv_status osv_enumerate(const osv_units *units, const osv_statistic *test, double limit,
                         size_t times, const osv_poll *poll, int *label,
                         double *at_least) {
  size_t work = 0;
  for (size_t b = 0; b < times; b++) {
    const osv_status status = evaluate(test, label, limit, poll, &work, at_least);
    if (status != OSV_OK) return status;
    for (size_t s = 0; s < units->n_stratum; s++)
      if (next_order(label + units->start[s], units->start[s + 1] - units->start[s]))
        break;
  }
  return OSV_OK;
}

/* Covariance of the sums of scores by group, over all assignments.
 *
 * in      score[units]; k groups
 * scratch size[k]
 * out     variance[k * k]
 * Formula of sampling without replacement, summed over strata, with m_j of the m units of
 * a stratum in group j and S2 = sum (a - mean a)^2 / (m - 1) over its units:
 *   V_jl = S2 m_j (delta_jl - m_l / m)
 */
void osv_rank_covariance(const osv_units *units, const double *score, size_t k,
                         double *size, double *variance) {
  for (size_t i = 0; i < k * k; i++) variance[i] = 0.0;
  for (size_t s = 0; s < units->n_stratum; s++) {
    const size_t lo = units->start[s], hi = units->start[s + 1];
    if (hi - lo < 2) continue;
    const double m = (double)(hi - lo);
    double mean = 0.0, square = 0.0;
    for (size_t j = 0; j < k; j++) size[j] = 0.0;
    for (size_t i = lo; i < hi; i++) {
      mean += score[i] / m;
      size[units->label[i]] += 1.0;
    }
    for (size_t i = lo; i < hi; i++) square += (score[i] - mean) * (score[i] - mean);
    square /= m - 1.0;
    for (size_t j = 0; j < k; j++)
      for (size_t l = 0; l < k; l++)
        variance[j * k + l] +=
            square * size[j] * (j == l ? (m - size[j]) / m : -size[l] / m);
  }
}

/* U^2 / V of two groups, which is what osv_quadratic_form() computes in this case. The
 * scores are added in four independent partial sums, so that no addition waits for the
 * previous one. */
static double two_groups(const osv_rank_test *test, const int *label) {
  const double *const score = test->score, *const v = test->variance;
  const size_t n = test->n_unit, whole = n - n % 4, p = v[3] > v[0];
  double first[4] = {0.0, 0.0, 0.0, 0.0}, second[4] = {0.0, 0.0, 0.0, 0.0};
  for (size_t i = 0; i < whole; i += 4)
    for (size_t j = 0; j < 4; j++) {
      const double moved = (double)label[i + j] * score[i + j];
      second[j] += moved;
      first[j] += score[i + j] - moved;
    }
  for (size_t i = whole; i < n; i++) {
    const double moved = (double)label[i] * score[i];
    second[0] += moved;
    first[0] += score[i] - moved;
  }
  test->sum[0] = (first[0] + first[1]) + (first[2] + first[3]);
  test->sum[1] = (second[0] + second[1]) + (second[2] + second[3]);
  return v[3 * p] > 0.0 ? test->sum[p] / v[3 * p] * test->sum[p] : 0.0;
}

/* An osv_statistic, the rank test U' V^- U or (c'U)^2 / c'Vc: U are the sums of the
 * scores by group, V is the same for all assignments, see osv_rank_covariance().
 * Cost O(units + k^3). */
osv_status osv_rank_statistic(void *ctx, const int *label, double *value) {
  const osv_rank_test *test = ctx;
  size_t rank;
  if (test->k == 2 && !test->contrast) {
    *value = two_groups(test, label);
    return OSV_OK;
  }
  for (size_t j = 0; j < test->k; j++) test->sum[j] = 0.0;
  for (size_t i = 0; i < test->n_unit; i++) test->sum[label[i]] += test->score[i];
  *value = osv_test_statistic(test->variance, test->sum, test->contrast, test->k,
                              test->work, &rank);
  return OSV_OK;
}

/* Covariance of q sums of scores in the second of two groups, over all assignments.
 *
 * in   score[q * units], test after test; the labels of the units are 0 and 1
 * out  variance[q * q]
 * Formula, as in osv_rank_covariance() but for two scores a and b, summed over strata
 * with m_1 and m_2 of the m units of a stratum in the two groups:
 *   Cov(U_a, U_b) = S2 m_1 m_2 / m,  S2 = sum (a - mean a) (b - mean b) / (m - 1)
 */
void osv_max_covariance(const osv_units *units, const double *score, size_t q,
                        double *variance) {
  const size_t n = units->start[units->n_stratum];
  for (size_t i = 0; i < q * q; i++) variance[i] = 0.0;
  for (size_t s = 0; s < units->n_stratum; s++) {
    const size_t lo = units->start[s], hi = units->start[s + 1];
    if (hi - lo < 2) continue;
    const double m = (double)(hi - lo);
    double second = 0.0;
    for (size_t i = lo; i < hi; i++) second += (double)units->label[i];
    const double ways = second * ((m - second) / m) / (m - 1.0);
    for (size_t a = 0; a < q; a++)
      for (size_t b = 0; b <= a; b++) {
        const double *const x = score + a * n, *const y = score + b * n;
        double mean_x = 0.0, mean_y = 0.0, product = 0.0;
        for (size_t i = lo; i < hi; i++) {
          mean_x += x[i] / m;
          mean_y += y[i] / m;
        }
        for (size_t i = lo; i < hi; i++) product += (x[i] - mean_x) * (y[i] - mean_y);
        variance[a * q + b] += product * ways;
        variance[b * q + a] = variance[a * q + b];
      }
  }
}

/* Sum of the scores in the second group, as four independent partial sums */
static double second_sum(const double *score, const int *label, size_t n) {
  const size_t whole = n - n % 4;
  double part[4] = {0.0, 0.0, 0.0, 0.0};
  for (size_t i = 0; i < whole; i += 4)
    for (size_t j = 0; j < 4; j++) part[j] += (double)label[i + j] * score[i + j];
  for (size_t i = whole; i < n; i++) part[0] += (double)label[i] * score[i];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

/* An osv_statistic, the largest of several tests: max |U_a| / se_a, with the standard
 * errors over all assignments. A value below 1e-12 is rounding error and counts as 0.
 * If test->limit is set, at_least[a] also counts the assignments in which test a alone
 * reaches limit[a]. Cost O(units q). */
osv_status osv_max_statistic(void *ctx, const int *label, double *value) {
  const osv_max_test *test = ctx;
  double most = 0.0;
  for (size_t a = 0; a < test->q; a++) {
    test->sum[a] = second_sum(test->score + a * test->n_unit, label, test->n_unit);
    double z = fabs(test->sum[a]) * test->scale[a];
    if (z < 1e-12) z = 0.0;
    if (test->limit) test->at_least[a] += z >= test->limit[a];
    if (z > most) most = z;
  }
  *value = most;
  return OSV_OK;
}

/* Scatters the rows of one stratum into the curves of its groups, in time order */
static void scatter_rows(const osv_gray_test *test, size_t stratum, const int *label) {
  const size_t lo = test->start[stratum], hi = test->start[stratum + 1], k = test->k;
  double *const start = test->curve_start;
  for (size_t j = 0; j <= k; j++) start[j] = 0.0;
  for (size_t i = lo; i < hi; i++)
    start[label[test->unit ? test->unit[i] : i] + 1] += 1.0;
  for (size_t j = 0; j < k; j++) {
    start[j + 1] += start[j];
    test->next[j] = (size_t)start[j];
  }
  for (size_t i = lo; i < hi; i++) {
    const size_t to = test->next[label[test->unit ? test->unit[i] : i]]++;
    test->curve_time[to] = test->time[i];
    test->curve_status[to] = test->status[i];
  }
}

/* An osv_statistic, Gray's test. It is recomputed for each assignment, since its score
 * depends on the curves of the groups. NaN where the variance is undefined. Cost as
 * osv_gray(). */
osv_status osv_gray_statistic(void *ctx, const int *label, double *value) {
  const osv_gray_test *test = ctx;
  const size_t k = test->k;
  for (size_t j = 0; j < k; j++)
    test->out.observed[j] = test->out.expected[j] = test->out.score[j] = 0.0;
  for (size_t i = 0; i < k * k; i++) test->out.variance[i] = 0.0;
  for (size_t s = 0; s < test->n_stratum; s++) {
    scatter_rows(test, s, label);
    const osv_status status =
        osv_gray(test->sweep, test->rho, test->poll, test->work, &test->out);
    if (status != OSV_OK) return status;
  }
  size_t rank;
  *value = osv_test_statistic(test->out.variance, test->out.score, test->contrast, k,
                              test->work, &rank);
  for (size_t j = 0; j < k; j++)
    if (isnan(test->out.variance[j * k + j])) *value = NAN;
  return OSV_OK;
}
