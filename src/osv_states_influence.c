/* osv_states_influence - influence of each id on probabilities of states at one time, and
 * on the mean times in the states. */
#include "osv_core.h"

/* Number of doubles of scratch that osv_states_influence() needs */
size_t osv_states_influence_work(size_t m, size_t n_state) {
  return 2 * (m + 1) * n_state * n_state;
}

/* State of the backward sweep; see osv_states_influence() for the symbols */
typedef struct {
  const osv_state_counts *counts;
  size_t k, first, last; /* the sweep covers the times first .. last - 1 */
  double *g, *z;
} gains;

/* Computes g[j] from g[j + 1]: the width of the interval before time j, plus the
 * expectation over the transitions at time j of what comes after it */
static void step_back(const gains *x, size_t j, double width) {
  const size_t k = x->k;
  double *const g = x->g + j * k * k;
  const double *const after = g + k * k;
  for (size_t a = 0; a < k; a++) {
    const double y = x->counts->n_risk[j * k + a];
    const double *const move = x->counts->n_move + (j * k + a) * k;
    double moved = 0.0;
    for (size_t b = 0; b < k; b++) moved += b == a ? 0.0 : move[b];
    for (size_t c = 0; c < k; c++) {
      double sum = moved > 0.0 ? after[a * k + c] * ((y - moved) / y) : after[a * k + c];
      for (size_t b = 0; b < k; b++)
        if (b != a && move[b] > 0.0) sum += after[b * k + c] * (move[b] / y);
      g[a * k + c] = sum + (a == c ? width : 0.0);
    }
  }
}

static double smaller(double a, double b) {
  return a < b ? a : b;
}

static double larger(double a, double b) {
  return a > b ? a : b;
}

/* Computes g and z at all times */
static void fill_gains(const gains *x, const osv_state_functional *functional,
                       const double *start, const double *probability) {
  const size_t k = x->k;
  const double *const time = x->counts->time;
  const double at = functional->at, from = functional->from;
  double *const end = x->g + x->last * k * k;
  const double begins = x->last > x->first ? larger(time[x->last - 1], from) : from;
  for (size_t i = 0; i < k * k; i++) end[i] = 0.0;
  for (size_t a = 0; a < k; a++)
    end[a * k + a] = functional->area ? larger(at - begins, 0.0) : 1.0;
  for (size_t j = x->last; j-- > x->first;) {
    const double since = j > x->first ? larger(time[j - 1], from) : from;
    step_back(x, j, functional->area ? larger(smaller(time[j], at) - since, 0.0) : 0.0);
  }
  for (size_t i = 0; i < (x->first + 1) * k * k; i++) x->z[i] = 0.0;
  for (size_t j = x->first; j < x->last; j++) {
    const double *const p = j > 0 ? probability + (j - 1) * k : start;
    const double *const g = x->g + (j + 1) * k * k;
    for (size_t a = 0; a < k; a++) {
      const double y = x->counts->n_risk[j * k + a];
      const double *const move = x->counts->n_move + (j * k + a) * k;
      for (size_t c = 0; c < k; c++) {
        double sum = 0.0;
        for (size_t b = 0; b < k; b++)
          if (b != a && move[b] > 0.0) sum += (g[a * k + c] - g[b * k + c]) * move[b] / y;
        const size_t i = a * k + c;
        x->z[(j + 1) * k * k + i] =
            x->z[j * k * k + i] + (y > 0.0 ? sum * p[a] / y : 0.0);
      }
    }
  }
}

/* Influence of each id on the probabilities of osv_states_curve() at one time, or on the
 * mean times in the states up to it.
 *
 * in   as osv_states_error(); functional->from: the time at which the states have the
 *      distribution `start`
 * work osv_states_influence_work(m, k) doubles
 * out  estimate[k], the probabilities, or their integrals from `from` to `at`
 *      influence[n_id * k], by id: the derivatives of the estimates by its weight
 * Formula: H_j is the transition matrix of time j. Row a of g_j is the expected remainder
 * of the estimate given state a just before time j:
 *   g_j = width_j I + H_j g_(j + 1),   estimate = start g_first
 * For integrals width_j is the length of the interval before time j, else 0. The last g
 * is I, or for integrals the length of the remaining interval times I. By the product
 * rule an id at risk in a that goes to b (or stays, b = a) adds
 *   p_a / Y_a (e_b - H_a) g_(j + 1)
 * to its influence. z_j is the sum of these terms over the times before j for ids that
 * stay, so a spell needs only one difference. Cost O(m k^3 + n k).
 */
osv_status osv_states_influence(const osv_state_ids *ids, const osv_state_counts *counts,
                                size_t m, size_t first, const double *start,
                                const double *probability,
                                const osv_state_functional *functional,
                                const osv_poll *poll, double *work, double *estimate,
                                double *influence) {
  const osv_spells *const spells = ids->spells;
  const size_t k = spells->n_state;
  gains x = {counts, k, first, first, work, work + (m + 1) * k * k};
  while (x.last < m && counts->time[x.last] <= functional->at) x.last++;
  if (poll && poll->fn(poll->ctx)) return OSV_EINTR;
  fill_gains(&x, functional, start, probability);
  const double *const g_first = x.g + first * k * k;
  for (size_t c = 0; c < k; c++) {
    estimate[c] = 0.0;
    for (size_t a = 0; a < k; a++) estimate[c] += start[a] * g_first[a * k + c];
  }
  for (size_t id = 0; id < ids->n_id; id++) {
    const int state = ids->at_start[id];
    for (size_t c = 0; c < k; c++)
      influence[id * k + c] =
          state == 0
              ? 0.0
              : (g_first[((size_t)state - 1) * k + c] - estimate[c]) / ids->start_n;
  }
  size_t j = first;
  for (size_t e = 0; e < spells->n_entry; e++) {
    while (j < x.last && !(spells->entry_time[e] < counts->time[j])) j++;
    double *const d =
        influence + ((size_t)ids->id[(size_t)ids->entry_row[e] - 1] - 1) * k;
    const double *const z = x.z + j * k * k + ((size_t)spells->entry_state[e] - 1) * k;
    for (size_t c = 0; c < k; c++) d[c] -= z[c];
  }
  j = first;
  for (size_t i = 0; i < spells->n_row; i++) {
    if (poll && (i + 1) % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    while (j < x.last && counts->time[j] < spells->time[i]) j++;
    const size_t a = (size_t)spells->from[i] - 1;
    const int at_j = j < x.last && counts->time[j] == spells->time[i];
    const size_t after = at_j ? j + 1 : j;
    double *const d = influence + ((size_t)ids->id[i] - 1) * k;
    const double *const z = x.z + after * k * k + a * k;
    for (size_t c = 0; c < k; c++) d[c] += z[c];
    if (!at_j || spells->to[i] == 0) continue;
    const double *const p = j > 0 ? probability + (j - 1) * k : start;
    const double one = p[a] / counts->n_risk[j * k + a];
    const double *const g = x.g + after * k * k;
    const size_t b = (size_t)spells->to[i] - 1;
    for (size_t c = 0; c < k; c++) d[c] += one * (g[b * k + c] - g[a * k + c]);
  }
  return OSV_OK;
}
