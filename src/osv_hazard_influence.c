/* osv_hazard_influence - influence of each subject on a baseline cumulative hazard. */
#include "osv_core.h"

enum { POLL_CELLS = 1 << 12 };

/* Number of doubles of scratch that osv_hazard_influence() needs */
size_t osv_hazard_influence_work(size_t n_step) {
  return 3 * (n_step + 1);
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Cumulative sums before each step: of `hazard`, of `weighted`, and of their product with
 * `moved` */
static void add_up(const osv_influence_in *in, double *hazard, double *weighted,
                   double *moved) {
  hazard[0] = weighted[0] = moved[0] = 0.0;
  for (size_t j = 0; j < in->n_step; j++) {
    hazard[j + 1] = hazard[j] + in->hazard[j];
    if (!in->weighted) continue;
    weighted[j + 1] = weighted[j] + in->weighted[j];
    moved[j + 1] = moved[j] + in->weighted[j] * in->moved[j];
  }
}

/* Influence of the subjects of each cell on the cumulative hazard of its stratum, in
 * which each step is multiplied by a weight
 *
 * in   at [n_stratum * n_at]  by stratum: the number of steps up to each of n_at
 *                             ascending times, plus those of the strata before
 *      unit [n]   from 0, or NULL: each cell is a unit
 * work osv_hazard_influence_work() doubles
 * out  out [n_unit * n_at], units fastest: sums over the subjects of a unit
 * While a subject is at risk its influence decreases by r times the sum of b; its event
 * adds a / d + r `tied`. In a Fine-Gray model its influence through the estimated weights
 * is added, see osv_finegray_paths(). The result is the derivative with respect to the
 * weight of the subject, as in Reid 1981 and Barlow & Prentice 1988. A sampling weight
 * multiplies all but the influence through the estimated weights, which do not depend on
 * it. Cost O(n n_at).
 */
osv_status osv_hazard_influence(const osv_influence_in *in, size_t n_at, const size_t *at,
                                const size_t *unit, size_t n_unit, const osv_poll *poll,
                                double *work, double *out) {
  double *const hazard = work, *const weighted = hazard + in->n_step + 1,
                *const moved = weighted + in->n_step + 1;
  add_up(in, hazard, weighted, moved);
  for (size_t k = 0; k < n_unit * n_at; k++) out[k] = 0.0;
  for (size_t i = 0; i < in->n; i++) {
    if (poll && i % POLL_CELLS == POLL_CELLS - 1 && poll->fn(poll->ctx)) return OSV_EINTR;
    const size_t f = in->first[i], l = in->last[i];
    const size_t *const steps = at + (size_t)in->stratum[i] * n_at;
    const double weight = in->weight ? in->weight[i] : 1.0;
    const double count = in->count ? in->count[i] : 1.0;
    double *const to = out + (unit ? unit[i] : i);
    for (size_t k = 0; k < n_at; k++) {
      const size_t now = steps[k];
      if (now <= f) continue;
      const size_t e = least(now, l);
      double sum = 0.0;
      if (e > f) {
        sum = -weight * in->risk[i] * (hazard[e] - hazard[f]);
        if (in->weighted)
          sum -= moved[e] - moved[f] - in->entered[i] * (weighted[e] - weighted[f]);
        if (in->event[i] && now >= l)
          sum += weight * (in->jump[l - 1] + in->risk[i] * in->tied[l - 1]);
      }
      if (in->weighted && now > l && in->until[i] > l)
        sum -= in->stayed[i] * (weighted[least(now, in->until[i])] - weighted[l]);
      to[k * n_unit] += count * sum;
    }
  }
  return OSV_OK;
}
