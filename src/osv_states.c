/* osv_states - probabilities of being in each of several states, from counts of moves. */
#include "osv_core.h"
#include "osv_dd.h"

/* Number of doubles of scratch that osv_states_counts() needs */
size_t osv_states_counts_work(size_t n_state) {
  return 3 * n_state;
}

/* Adds n subjects and one row, or removes them, to those in a state */
static void add_to_state(double *state, double n, double row) {
  osv_dd_store(state, osv_dd_add(osv_dd_load(state), (osv_dd){n, 0.0}));
  state[2] += row;
  if (!(state[2] > 0.0)) state[0] = state[1] = 0.0;
}

/* Counts of moves and of subjects at risk, by state.
 *
 * in   spells    of one curve; every spell ends after it starts
 *      m         the number of distinct times at which spells end
 * work osv_states_counts_work(k) doubles
 * out  see osv_state_counts
 * A subject is at risk in its state at t if start < t <= end, so those who move to a
 * state at t are at risk in it from the next time on. The numbers at risk are sums in
 * double-double, and exactly 0 once no row is left in a state, whatever the weights.
 * Cost O(n + m k^2). Value: OSV_EDOMAIN for a state outside 1 .. k, OSV_EORDER if times
 * do not ascend or their number is not m.
 */
osv_status osv_states_counts(const osv_spells *spells, size_t m, const osv_poll *poll,
                             double *work, const osv_state_counts *out) {
  const size_t k = spells->n_state;
  size_t row = 0, entry = 0;
  for (size_t l = 0; l < 3 * k; l++) work[l] = 0.0;
  for (size_t j = 0; j < m; j++) {
    if (row >= spells->n_row) return OSV_EORDER;
    if (poll && (j + 1) % OSV_POLL_ROWS == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    const double t = out->time[j] = spells->time[row];
    if (j > 0 && !(t > out->time[j - 1])) return OSV_EORDER;
    for (; entry < spells->n_entry && spells->entry_time[entry] < t; entry++) {
      const int state = spells->entry_state[entry];
      if (state < 1 || (size_t)state > k) return OSV_EDOMAIN;
      const double n = spells->entry_n ? spells->entry_n[entry] : 1.0;
      add_to_state(work + 3 * ((size_t)state - 1), n, spells->counted ? n : 1.0);
    }
    for (size_t a = 0; a < k; a++) {
      out->n_risk[j * k + a] = work[3 * a];
      out->n_row[j * k + a] = work[3 * a + 2];
      out->n_censor[j * k + a] = 0.0;
      for (size_t b = 0; b < k; b++) out->n_move[(j * k + a) * k + b] = 0.0;
    }
    for (; row < spells->n_row && spells->time[row] == t; row++) {
      const int from = spells->from[row], to = spells->to[row];
      if (from < 1 || (size_t)from > k || to < 0 || (size_t)to > k) return OSV_EDOMAIN;
      const size_t a = (size_t)from - 1;
      const double n = spells->n ? spells->n[row] : 1.0;
      if (to == 0)
        out->n_censor[j * k + a] += n;
      else
        out->n_move[(j * k + a) * k + (size_t)to - 1] += n;
      add_to_state(work + 3 * a, -n, spells->counted ? -n : -1.0);
    }
  }
  return row == spells->n_row ? OSV_OK : OSV_EORDER;
}

/* Number of doubles of scratch that osv_states_curve() needs */
size_t osv_states_curve_work(size_t n_state) {
  return 4 * n_state;
}

/* Probability of each state at each time.
 *
 * in   counts  at m times, of k states
 *      first   the number of the time from which on moves count
 *      start   [k], the distribution of the states before that time
 * work osv_states_curve_work(k) doubles
 * out  probability[m * k], at [j * k + state] just after time j; `start` before `first`
 * Formula, with Y_a at risk and d_ab moves at a time:
 *   p_b <- p_b (Y_b - sum_c d_bc) / Y_b + sum_{a != b} p_a d_ab / Y_a
 *                                                          Aalen & Johansen 1978, (3.1)
 * In double-double, so that with two states the first probability has the bits of the
 * Kaplan-Meier curve of osv_km(). Cost O(m k^2), no division where nobody moves.
 */
void osv_states_curve(const osv_state_counts *counts, size_t m, size_t n_state,
                      size_t first, const double *start, double *work,
                      double *probability) {
  const size_t k = n_state;
  double *const now = work, *const next = work + 2 * k;
  for (size_t a = 0; a < k; a++) osv_dd_store(now + 2 * a, (osv_dd){start[a], 0.0});
  for (size_t j = 0; j < m; j++) {
    for (size_t l = 0; l < 2 * k; l++) next[l] = now[l];
    for (size_t a = 0; j >= first && a < k; a++) {
      const double y = counts->n_risk[j * k + a];
      const double *const d = counts->n_move + (j * k + a) * k;
      double moved = 0.0;
      for (size_t b = 0; b < k; b++) moved += b == a ? 0.0 : d[b];
      if (!(moved > 0.0)) continue;
      /* the flow out is already in the factor; add the flow in from other states */
      const osv_dd p = osv_dd_load(now + 2 * a);
      const osv_dd came = osv_dd_sub(osv_dd_load(next + 2 * a), p);
      const osv_dd stays = osv_dd_mul(p, osv_dd_ratio(y - moved, y));
      osv_dd_store(next + 2 * a,
                   came.hi == 0.0 && came.lo == 0.0 ? stays : osv_dd_add(stays, came));
      for (size_t b = 0; b < k; b++)
        if (b != a && d[b] > 0.0)
          osv_dd_store(next + 2 * b, osv_dd_add(osv_dd_load(next + 2 * b),
                                                osv_dd_mul(p, osv_dd_ratio(d[b], y))));
    }
    for (size_t l = 0; l < 2 * k; l++) now[l] = next[l];
    for (size_t a = 0; a < k; a++) {
      const double p = now[2 * a]; /* rounding may leave it just outside */
      probability[j * k + a] = p < 0.0 ? 0.0 : p > 1.0 ? 1.0 : p;
    }
  }
}
