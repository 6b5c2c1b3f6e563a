/* osv_aj - Aalen-Johansen cumulative incidence of each cause. */
#include "osv_core.h"
#include "osv_dd.h"

/* Carried for each cause */
typedef struct {
  osv_dd cif, var, cov; /* F, Var F, K */
  double std_error;
} cause_sums;

/* doubles of scratch that osv_aj() needs */
size_t osv_aj_work(int n_cause) {
  return (size_t)n_cause * (sizeof(cause_sums) / sizeof(double));
}

osv_aj_state osv_aj_start(int n_cause, double *work) {
  for (size_t i = 0; i < osv_aj_work(n_cause); i++) work[i] = 0.0;
  const osv_dd one = {1.0, 0.0}, zero = {0.0, 0.0};
  return (osv_aj_state){one, one, one, zero, .left = 1.0, .surv = 1.0, .cause = work};
}

/* Times are taken a chunk at once, and what all times need is done for all of them before
 * what the next step needs: no processor can guess which times have events, of which
 * cause, and where subjects were censored, so nothing here branches on it. */
enum { CHUNK = 256 };

typedef struct {
  size_t m, live;         /* times; those up to the one at which S reaches 0 */
  size_t n_event, n_move; /* times with events; changes of the risk set beside them */
  double d[CHUNK];        /* events of all causes */
  size_t row[CHUNK];      /* the times with events */
  size_t passed[CHUNK];   /* times with events up to each time */
  size_t state_of[CHUNK]; /* changes of the risk set up to each time with events */
  double from[CHUNK], to[CHUNK]; /* those at risk before and after each change */
  osv_dd mass[CHUNK + 1], both[CHUNK + 1], rest[CHUNK + 1]; /* after each of them */
} chunk;

/* The times with events */
static void find_events(chunk *x, const osv_counts *counts, size_t n_cause) {
  for (size_t i = 0; i < x->m; i++) x->d[i] = counts->n_event[i];
  for (size_t k = 1; k < n_cause; k++)
    for (size_t i = 0; i < x->m; i++) x->d[i] += counts->n_event[k * counts->stride + i];
  x->n_event = 0;
  for (size_t i = 0; i < x->m; i++) {
    x->row[x->n_event] = i;
    x->n_event += x->d[i] > 0.0;
    x->passed[i] = x->n_event;
  }
}

/* Where those at risk are not those whom the events before have left: some were censored
 * since, or entered. Where nobody is left the curve ends. */
static void find_moves(chunk *x, osv_aj_state *s, const double *n_risk) {
  double left = s->left;
  size_t n_move = 0;
  x->live = x->m;
  for (size_t e = 0; e < x->n_event; e++) {
    const size_t i = x->row[e];
    x->from[n_move] = left;
    x->to[n_move] = n_risk[i];
    n_move += n_risk[i] != left;
    x->state_of[i] = n_move;
    left = n_risk[i] - x->d[i];
    if (left > 0.0) continue;
    x->live = i + 1;
    x->n_event = e + 1;
  }
  s->left = left;
  x->n_move = n_move;
}

/* The state of the curve after each change of the risk set */
static void move_risk_sets(chunk *x, osv_aj_state *s) {
  x->mass[0] = s->mass;
  x->both[0] = s->both;
  x->rest[0] = s->rest;
  osv_dd mass = s->mass;
  for (size_t q = 0; q < x->n_move; q++) {
    const double from = x->from[q], to = x->to[q];
    const osv_dd ratio = osv_dd_ratio(from, to), product = osv_two_prod(from, to);
    osv_sum_add_dd(&s->drift, osv_dd_div(osv_two_sum(from, -to), product));
    mass = osv_product_of(mass, ratio);
    const osv_dd g = osv_sum_tidy(mass);
    const osv_dd both = osv_dd_mul(g, osv_sum_tidy(s->drift));
    x->mass[q + 1] = g;
    x->both[q + 1] = both;
    x->rest[q + 1] = osv_dd_add(g, (osv_dd){-both.hi, -both.lo});
  }
  s->drift = osv_sum_tidy(s->drift);
  s->mass = x->mass[x->n_move];
  s->both = x->both[x->n_move];
  s->rest = x->rest[x->n_move];
}

static void put_surv(const chunk *x, osv_aj_state *s, const double *n_risk, double *out) {
  double surv[CHUNK + 1];
  surv[0] = s->surv;
  for (size_t e = 0; e < x->n_event; e++) {
    const size_t i = x->row[e];
    const double left = n_risk[i] - x->d[i];
    surv[e + 1] = left > 0.0 ? osv_dd_scale(x->mass[x->state_of[i]], left).hi : 0.0;
  }
  for (size_t i = 0; i < x->live; i++) out[i] = surv[x->passed[i]];
  s->surv = surv[x->n_event];
  for (size_t i = x->live; i < x->m; i++) out[i] = s->surv;
}

/* d events of one cause at a time */
static void add_events(cause_sums *sums, double d, osv_dd rise, osv_dd drift, osv_dd rest,
                       osv_dd mass) {
  if (d != 1.0) {
    rise = osv_dd_scale(rise, d);
    drift = osv_dd_scale(drift, d);
    rest = osv_dd_add(mass, (osv_dd){-drift.hi, -drift.lo});
  }
  const osv_dd twice = {-2.0 * sums->cov.hi, -2.0 * sums->cov.lo};
  osv_sum_add_dd(&sums->cif, rise);
  osv_sum_add_dd(&sums->var, osv_dd_mul(rise, osv_dd_add(rest, twice)));
  osv_sum_add_dd(&sums->cov, drift);
}

/* One cause with its events at each time */
static void put_cause(const chunk *x, cause_sums *sums, const double *events, double *out,
                      double *std_error) {
  size_t row[CHUNK], passed[CHUNK], n = 0;
  double cif[CHUNK + 1], se[CHUNK + 1];
  cif[0] = osv_sum_value(sums->cif);
  se[0] = sums->std_error;
  for (size_t i = 0; i < x->live; i++) {
    row[n] = i;
    n += events[i] > 0.0;
    passed[i] = n;
  }
  cause_sums now = *sums;
  for (size_t e = 0; e < n; e++) {
    const size_t i = row[e], q = x->state_of[i];
    add_events(&now, events[i], x->mass[q], x->both[q], x->rest[q], x->mass[q]);
    cif[e + 1] = osv_sum_value(now.cif);
    se[e + 1] = osv_sum_value(now.var);
  }
  for (size_t e = 1; e <= n;
       e++) /* where F is 1 rounding alone is left of the variance */
    se[e] = se[e] > 0.0 && cif[e] < 1.0 ? sqrt(se[e]) : 0.0;
  for (size_t i = 0; i < x->live; i++) {
    out[i] = cif[passed[i]];
    std_error[i] = se[passed[i]];
  }
  for (size_t i = x->live; i < x->m; i++) {
    out[i] = cif[n];
    std_error[i] = se[n];
  }
  sums->cif = osv_sum_tidy(now.cif);
  sums->var = osv_sum_tidy(now.var);
  sums->cov = osv_sum_tidy(now.cov);
  sums->std_error = se[n];
}

/* The next m times of a curve; out has a stride of its own */
void osv_aj_more(osv_aj_state *state, const osv_counts *counts, size_t m, int n_cause,
                 const osv_aj_out *out, size_t stride) {
  cause_sums *const sums = (cause_sums *)(void *)state->cause;
  chunk x;
  for (size_t lo = 0; lo < m; lo += CHUNK) {
    const osv_counts now = {NULL, counts->n_risk + lo, NULL, counts->n_event + lo,
                            counts->stride};
    x.m = m - lo < CHUNK ? m - lo : CHUNK;
    find_events(&x, &now, (size_t)n_cause);
    if (!(state->surv > 0.0)) x.n_event = 0;
    find_moves(&x, state, now.n_risk);
    if (!(state->surv > 0.0)) x.live = 0;
    move_risk_sets(&x, state);
    put_surv(&x, state, now.n_risk, out->surv + lo);
    for (size_t k = 0; k < (size_t)n_cause; k++)
      put_cause(&x, sums + k, now.n_event + k * now.stride, out->cif + k * stride + lo,
                out->std_error + k * stride + lo);
  }
}

/* One curve from its counts.
 *
 * in   counts at the m distinct times, ascending
 * work osv_aj_work(n_cause) doubles
 * out  surv[m] event-free; cif and std_error by cause, with the stride of counts
 * Formulas, with h_k = d_k / n, h = sum h_k and S the curve just before the time:
 *   F_k <- F_k + S h_k                                Aalen & Johansen 1978
 *   S   <- S (1 - h)
 * Variance of Greenwood type: the increments are multinomial given the risk set,
 * Cov(h_k, h_l) = h_k (delta_kl - h_l) / n, carried forward as
 *   Var F_k     <- Var F_k + 2 h_k Cov(S, F_k) + h_k^2 Var S + S^2 h_k (1 - h_k) / n
 *   Cov(S, F_k) <- (1 - h) (Cov(S, F_k) + h_k Var S - S^2 h_k / n)
 *   Var S       <- (1 - h)^2 Var S + S^2 h (1 - h) / n
 * In g = S / n, r = 1 / n - Var S / S^2 and K_k = -Cov(S, F_k) / S this is
 *   F_k <- F_k + g d_k,  Var F_k <- Var F_k + g d_k (g - K_k - K_k'),
 *   K_k <- K_k' = K_k + g d_k r,
 * and events leave g and r as they are: where n' follow the n - d that events left,
 *   g <- g (n - d) / n',  r <- r + 1 / n' - 1 / (n - d).
 * With one cause Var F is Greenwood's. The differences cancel where F is near 1:
 * double-double. Cost O(m n_cause).
 */
void osv_aj(const osv_counts *counts, size_t m, int n_cause, double *work,
            const osv_aj_out *out) {
  osv_aj_state state = osv_aj_start(n_cause, work);
  osv_aj_more(&state, counts, m, n_cause, out, counts->stride);
}
