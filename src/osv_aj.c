/* osv_aj - Aalen-Johansen cumulative incidence of each cause. */
#include "osv_core.h"
#include "osv_dd.h"

/* Offsets of the values stored for each cause: F, Var F and K of osv_aj(), two doubles
 * each, and the standard error */
enum { CIF = 0, VAR = 2, COV = 4, SE = 6, PER_CAUSE = 7 };

/* Number of doubles of scratch that osv_aj() needs */
size_t osv_aj_work(int n_cause) {
  return PER_CAUSE * (size_t)n_cause;
}

static osv_dd load(const double *x) {
  return (osv_dd){x[0], x[1]};
}

static void store(double *x, osv_dd a) {
  x[0] = a.hi;
  x[1] = a.lo;
}

/* Sets the number at risk to n. It differs from `left`, the number just after the
 * previous events, if subjects were censored or entered in between. */
static void move_risk_set(osv_aj_state *s, double n) {
  const osv_dd moved = osv_dd_add(osv_dd_ratio(1.0, n), osv_dd_ratio(-1.0, s->left));
  s->mass = osv_dd_div_double(osv_dd_scale(s->mass, s->left), n);
  s->drift = osv_dd_add(s->drift, moved);
  s->both = osv_dd_mul(s->mass, s->drift);
  s->rest = osv_dd_add(s->mass, (osv_dd){-s->both.hi, -s->both.lo});
}

/* Adds d events of one cause to x: its F, Var F, K and standard error */
static void add_events(const osv_aj_state *s, double d, double *x) {
  const osv_dd k = load(x + COV);
  osv_dd rise = s->mass, drift = s->both, rest = s->rest;
  if (d != 1.0) {
    rise = osv_dd_scale(rise, d);
    drift = osv_dd_scale(drift, d);
    rest = osv_dd_add(s->mass, (osv_dd){-drift.hi, -drift.lo});
  }
  const osv_dd slope = osv_dd_add(rest, (osv_dd){-2.0 * k.hi, -2.0 * k.lo});
  store(x + CIF, osv_dd_add(load(x + CIF), rise));
  store(x + VAR, osv_dd_add(load(x + VAR), osv_dd_mul(rise, slope)));
  store(x + COV, osv_dd_add(k, drift));
  /* where F is 1, the computed variance is only rounding error */
  x[SE] = x[VAR] > 0.0 && x[CIF] < 1.0 ? sqrt(x[VAR]) : 0.0;
}

osv_aj_state osv_aj_start(int n_cause, double *work) {
  for (size_t i = 0; i < osv_aj_work(n_cause); i++) work[i] = 0.0;
  const osv_dd one = {1.0, 0.0}, zero = {0.0, 0.0};
  return (osv_aj_state){one, one, one, zero, .left = 1.0, .surv = 1.0, .cause = work};
}

/* Called when S has reached 0. If only one cause has had events, its F is then exactly 1,
 * and rounding errors of summed weights are removed. */
static void end_curve(double *cause, size_t n_cause) {
  size_t seen = 0, last = 0;
  for (size_t k = 0; k < n_cause; k++) {
    if (!(cause[PER_CAUSE * k + CIF] > 0.0)) continue;
    last = PER_CAUSE * k;
    seen++;
  }
  if (seen != 1) return;
  store(cause + last + CIF, (osv_dd){1.0, 0.0});
  cause[last + SE] = 0.0;
}

/* Estimates the next m times of a curve. In the arrays of `out` each cause begins
 * `stride` after the one before. */
void osv_aj_update(osv_aj_state *state, const osv_counts *counts, size_t m, int n_cause,
                   const osv_aj_out *out, size_t stride) {
  const size_t n_k = (size_t)n_cause;
  osv_aj_state s = *state;
  for (size_t j = 0; j < m; j++) {
    const double n = counts->n_risk[j];
    double d = 0.0;
    for (size_t k = 0; k < n_k; k++) d += counts->n_event[k * counts->stride + j];
    if (d > 0.0 && s.surv > 0.0) {
      if (n != s.left) move_risk_set(&s, n);
      s.left = n - d;
      s.surv = s.left > 0.0 ? osv_dd_scale(s.mass, s.left).hi : 0.0;
      for (size_t k = 0; k < n_k; k++) {
        const double own = counts->n_event[k * counts->stride + j];
        if (own > 0.0) add_events(&s, own, s.cause + PER_CAUSE * k);
      }
      if (s.surv == 0.0) end_curve(s.cause, n_k);
    }
    out->surv[j] = s.surv;
    for (size_t k = 0; k < n_k; k++) {
      out->cif[k * stride + j] = s.cause[PER_CAUSE * k + CIF];
      out->std_error[k * stride + j] = s.cause[PER_CAUSE * k + SE];
    }
  }
  *state = s;
}

/* Estimates one curve from its counts.
 *
 * in   counts at the m distinct times, ascending
 * work osv_aj_work(n_cause) doubles
 * out  surv[m], the event-free curve; cif and std_error by cause, with the stride of
 *      counts
 * Formulas, with h_k = d_k / n, h = sum h_k and S the curve just before the time:
 *   F_k <- F_k + S h_k                                Aalen & Johansen 1978
 *   S   <- S (1 - h)
 * The variance is of Greenwood's type: the increments are multinomial given the risk set,
 * Cov(h_k, h_l) = h_k (delta_kl - h_l) / n. It is updated from time to time by
 *   Var F_k     <- Var F_k + 2 h_k Cov(S, F_k) + h_k^2 Var S + S^2 h_k (1 - h_k) / n
 *   Cov(S, F_k) <- (1 - h) (Cov(S, F_k) + h_k Var S - S^2 h_k / n)
 *   Var S       <- (1 - h)^2 Var S + S^2 h (1 - h) / n
 * The code uses g = S / n, r = 1 / n - Var S / S^2 and K_k = -Cov(S, F_k) / S, in which
 * these formulas become
 *   F_k <- F_k + g d_k,  Var F_k <- Var F_k + g d_k (g - K_k - K_k'),
 *   K_k <- K_k' = K_k + g d_k r.
 * Events do not change g and r. If n' subjects are at risk at the next time, instead of
 * the n - d left after the events,
 *   g <- g (n - d) / n',  r <- r + 1 / n' - 1 / (n - d).
 * With one cause Var F is Greenwood's variance. Where F is near 1 the differences cancel,
 * so that double-double is needed. Cost O(m n_cause).
 */
void osv_aj(const osv_counts *counts, size_t m, int n_cause, double *work,
            const osv_aj_out *out) {
  osv_aj_state state = osv_aj_start(n_cause, work);
  osv_aj_update(&state, counts, m, n_cause, out, counts->stride);
}
