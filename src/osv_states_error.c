/* osv_states_error - standard errors of probabilities of states: the infinitesimal
 * jackknife by id, for all times in one sweep. */
#include "osv_core.h"

/* Products of the steps are stored for blocks of 2^LEAF times, of twice as many times,
 * and so on. */
enum { LEAF = 3, LEVELS = 64 };

/* A sweep along a curve of k states; see osv_states_error() for the symbols */
typedef struct {
  const osv_state_ids *ids;
  const osv_state_counts *counts;
  const double *start, *probability; /* before the first time; after each time */
  size_t m, k, first;
  size_t level[LEVELS]; /* number of blocks that are smaller than 2^level times */
  double *block;        /* of each block: P [k * k], then R [k * k], row by row */
  double *v;            /* [k * k], sum over ids of c D' D */
  double *c;            /* [k * k], by state, sum of c D over the ids in this state */
  double *q;            /* [k], by state, sum of c over the ids in this state */
  double *rows;         /* [k], by state, number of ids in it */
  double *step;         /* [k * k], the step s_a of each state a at the current time */
  double *old, *made;   /* [k] */
  double *d;            /* [n_id * k], D of each id after the first `at` times */
  size_t *at;           /* [n_id] */
} sweep;

static size_t count_blocks(size_t m, size_t level[LEVELS]) {
  size_t n = 0;
  for (size_t l = 0; l < LEVELS; l++) {
    level[l] = n;
    if (l >= LEAF) n += m >> l;
  }
  return n;
}

/* Number of doubles of scratch that osv_states_error() needs */
size_t osv_states_error_work(size_t m, size_t n_state, size_t n_id) {
  size_t level[LEVELS];
  const size_t k = n_state;
  return 2 * k * k * count_blocks(m, level) + 3 * k * k + 4 * k + n_id * k;
}

/* p / Y of a state just before time j */
static double per_subject(const sweep *s, size_t j, size_t a) {
  const double *const p = j > 0 ? s->probability + (j - 1) * s->k : s->start;
  return p[a] / s->counts->n_risk[j * s->k + a];
}

/* x <- x H + w s_a, where H is the transition matrix and s_a the step of time j */
static void apply_time(const sweep *s, size_t j, double *x, size_t a, double w) {
  const size_t k = s->k;
  if (j < s->first) return;
  for (size_t b = 0; b < k; b++) s->old[b] = x[b];
  for (int flow = 0; flow < 2; flow++)
    for (size_t b = 0; b < k; b++) {
      const double y = s->counts->n_risk[j * k + b];
      const double *const move = s->counts->n_move + (j * k + b) * k;
      double moved = 0.0;
      for (size_t l = 0; l < k; l++) moved += l == b ? 0.0 : move[l];
      if (!(moved > 0.0)) continue;
      const double gain = b == a && w > 0.0 ? w * per_subject(s, j, b) : 0.0;
      if (!flow)
        x[b] = s->old[b] * ((y - moved) / y) + gain * (moved / y);
      else
        for (size_t l = 0; l < k; l++)
          if (l != b && move[l] > 0.0) x[l] += (s->old[b] - gain) * (move[l] / y);
    }
}

static void apply_block(const sweep *s, size_t block, double *x, size_t a, double w) {
  const size_t k = s->k;
  const double *const p = s->block + 2 * k * k * block, *const r = p + k * k;
  for (size_t b = 0; b < k; b++) s->made[b] = w > 0.0 ? w * r[a * k + b] : 0.0;
  for (size_t l = 0; l < k; l++)
    for (size_t b = 0; b < k; b++) s->made[b] += x[l] * p[l * k + b];
  for (size_t b = 0; b < k; b++) x[b] = s->made[b];
}

/* Applies the steps of the times from .. to - 1 to x, in blocks of up to 2^most times */
static void apply_times(const sweep *s, size_t from, size_t to, size_t most, double *x,
                        size_t a, double w) {
  while (from < to) {
    size_t l = 0;
    while (l < most && from % ((size_t)2 << l) == 0 && to - from >= (size_t)2 << l) l++;
    if (l >= LEAF) {
      apply_block(s, s->level[l] + (from >> l), x, a, w);
      from += (size_t)1 << l;
    } else {
      apply_time(s, from++, x, a, w);
    }
  }
}

/* Computes the products of all blocks that end with time j from those of smaller
 * blocks */
static void make_blocks(const sweep *s, size_t j) {
  const size_t k = s->k, end = j + 1;
  for (size_t l = LEAF; l < LEVELS && end % ((size_t)1 << l) == 0; l++) {
    const size_t from = end - ((size_t)1 << l);
    double *const p = s->block + 2 * k * k * (s->level[l] + (from >> l));
    for (size_t i = 0; i < 2 * k * k; i++) p[i] = 0.0;
    for (size_t a = 0; a < k; a++) {
      p[a * k + a] = 1.0;
      apply_times(s, from, end, l - 1, p + a * k, 0, 0.0);
      apply_times(s, from, end, l - 1, p + (k + a) * k, a, 1.0);
    }
  }
}

/* Updates D of an id to its value after the first `to` times. Since its last update the
 * id was at risk in state a (w = 1), or in no state (w = 0). */
static double *update_id(const sweep *s, size_t id, size_t to, size_t a, double w) {
  double *const x = s->d + id * s->k;
  size_t most = 0;
  while (most + 1 < LEVELS && to >> (most + 1)) most++;
  apply_times(s, s->at[id], to, most, x, a, w);
  s->at[id] = to;
  return x;
}

/* Adds an id with D = x to the sums of the ids in state a; with f = -1 removes it */
static void count_id(const sweep *s, size_t id, const double *x, size_t a, double f) {
  const size_t k = s->k;
  const double c = f * s->ids->square[id];
  s->rows[a] += f;
  s->q[a] += c;
  for (size_t b = 0; b < k; b++) s->c[a * k + b] += c * x[b];
  if (s->rows[a] > 0.0) return;
  s->q[a] = 0.0;
  for (size_t b = 0; b < k; b++) s->c[a * k + b] = 0.0;
}

/* v += f x' x */
static void add_square(const sweep *s, const double *x, double f) {
  for (size_t a = 0; a < s->k; a++)
    for (size_t b = 0; b < s->k; b++) s->v[a * s->k + b] += f * x[a] * x[b];
}

/* Applies the step of time j to v and to the sums of the ids that do not move */
static void step_sums(const sweep *s, size_t j) {
  const size_t k = s->k;
  if (j < s->first) return;
  for (size_t i = 0; i < k * k; i++) s->step[i] = 0.0;
  for (size_t a = 0; a < k; a++) {
    if (s->rows[a] > 0.0) apply_time(s, j, s->step + a * k, a, 1.0);
    apply_time(s, j, s->c + a * k, 0, 0.0);
  }
  /* V <- H' V H: multiplies the rows of the symmetric V, then those of the transposed
   * result */
  for (int side = 0; side < 2; side++) {
    for (size_t a = 0; a < k; a++) apply_time(s, j, s->v + a * k, 0, 0.0);
    for (size_t a = 0; a < k; a++)
      for (size_t b = 0; b < a; b++) {
        const double x = s->v[a * k + b];
        s->v[a * k + b] = s->v[b * k + a];
        s->v[b * k + a] = x;
      }
  }
  for (size_t l = 0; l < k; l++) {
    const double *const x = s->step + l * k;
    double *const c = s->c + l * k;
    for (size_t a = 0; a < k; a++)
      for (size_t b = 0; b < k; b++)
        s->v[a * k + b] += c[a] * x[b] + x[a] * c[b] + s->q[l] * x[a] * x[b];
    for (size_t a = 0; a < k; a++) c[a] += s->q[l] * x[a];
  }
}

static int is_move(const osv_spells *x, size_t row) {
  return x->to[row] != 0 && x->to[row] != x->from[row];
}

/* Processes the rows that end at time j, from `row` to `end` - 1 */
static void step_time(const sweep *s, size_t j, size_t row, size_t end) {
  const osv_spells *const spells = s->ids->spells;
  for (size_t i = row; i < end; i++) {
    if (!is_move(spells, i)) continue;
    const size_t id = (size_t)s->ids->id[i] - 1, a = (size_t)spells->from[i] - 1;
    const double *const x = update_id(s, id, j, a, 1.0);
    count_id(s, id, x, a, -1.0);
    add_square(s, x, -s->ids->square[id]);
  }
  step_sums(s, j);
  make_blocks(s, j);
  for (size_t i = row; i < end; i++) {
    const size_t id = (size_t)s->ids->id[i] - 1, a = (size_t)spells->from[i] - 1;
    double *const x = update_id(s, id, j + 1, a, 1.0);
    if (!is_move(spells, i)) {
      count_id(s, id, x, a, -1.0);
      continue;
    }
    if (j >= s->first) {
      const double one = per_subject(s, j, a);
      x[a] -= one;
      x[(size_t)spells->to[i] - 1] += one;
    }
    add_square(s, x, s->ids->square[id]);
  }
}

/* Variance of the probability p of state a. If p is above 1/2 it is computed as the
 * variance of the sum of the other probabilities, which is the same: near 1 rounding
 * errors are then as small as the variance. */
static double variance_of(const sweep *s, double p, size_t a) {
  const size_t k = s->k;
  double sum = 0.0;
  if (p <= 0.5) return s->v[a * k + a];
  for (size_t b = 0; b < k; b++)
    for (size_t l = 0; l < k; l++)
      if (b != a && l != a) sum += s->v[b * k + l];
  return sum;
}

static void start_sums(const sweep *s) {
  const size_t k = s->k;
  for (size_t i = 0; i < 3 * k * k + 2 * k; i++) s->v[i] = 0.0; /* v, c, step, q, rows */
  for (size_t id = 0; id < s->ids->n_id; id++) {
    double *const x = s->d + id * k;
    const int state = s->ids->at_start[id];
    s->at[id] = 0;
    for (size_t b = 0; b < k; b++)
      x[b] =
          state == 0 ? 0.0 : (((size_t)state == b + 1) - s->start[b]) / s->ids->start_n;
    if (state != 0) add_square(s, x, s->ids->square[id]);
  }
}

/* Standard errors of the probabilities of osv_states_curve().
 *
 * in   ids          the spells of the curve, with the id of each; an id is in one spell
 *                   at a time. ids->square: of a weight w, w for frequencies, w^2 for
 *                   sampling weights
 *      counts, m    from osv_states_counts()
 *      first, start, probability  of osv_states_curve()
 * work osv_states_error_work(m, k, n_id) doubles; at [n_id]
 * out  std_error[m * k]
 * Formula: Var p_b(t) = sum over ids of c D_b(t)^2, with D(t) the derivative of p(t) by
 * the weight of the id. With H the transition matrix of a time, H_a its row of state a,
 *   D <- D H + [at risk in a] p_a / Y_a (e_new - H_a),
 * e_new the state right after the time: the product rule for p <- p H. D starts with
 * (e_a - start) / start_n for those that count for the start.
 * Cost: updating D of all ids at each time would take O(n m). Instead two sums are
 * updated: V = sum of c D' D over all ids, and C_a = sum of c D over the ids at risk in
 * a, which share the step s_a of those who stay. Only an id that moves or leaves needs
 * its own D. Its steps since its entry are affine maps, D -> D P + R_a. Their
 * compositions are stored for blocks of 8, 16, ... times, so one D takes O(k^2 log m),
 * and all together take O(m k^3 + n k^2 log m). No step is inverted, because P is
 * singular whenever a state becomes empty.
 */
osv_status osv_states_error(const osv_state_ids *ids, const osv_state_counts *counts,
                            size_t m, size_t first, const double *start,
                            const double *probability, const osv_poll *poll, double *work,
                            size_t *at, double *std_error) {
  const osv_spells *const spells = ids->spells;
  const size_t k = spells->n_state;
  sweep s = {.ids = ids,
             .counts = counts,
             .start = start,
             .probability = probability,
             .m = m,
             .k = k,
             .first = first,
             .at = at};
  s.block = work;
  s.v = work + 2 * k * k * count_blocks(m, s.level);
  s.c = s.v + k * k;
  s.step = s.c + k * k;
  s.q = s.step + k * k;
  s.rows = s.q + k;
  s.old = s.rows + k;
  s.made = s.old + k;
  s.d = s.made + k;
  start_sums(&s);
  size_t row = 0, entry = 0;
  for (size_t j = 0; j < m; j++) {
    if (poll && (j + 1) % 4096 == 0 && poll->fn(poll->ctx)) return OSV_EINTR;
    for (; entry < spells->n_entry && spells->entry_time[entry] < counts->time[j];
         entry++) {
      const size_t id = (size_t)ids->id[(size_t)ids->entry_row[entry] - 1] - 1;
      const double *const x = update_id(&s, id, j, 0, 0.0);
      count_id(&s, id, x, (size_t)spells->entry_state[entry] - 1, 1.0);
    }
    size_t end = row;
    while (end < spells->n_row && spells->time[end] == counts->time[j]) end++;
    step_time(&s, j, row, end);
    row = end;
    for (size_t a = 0; a < k; a++) {
      const double v = variance_of(&s, probability[j * k + a], a);
      std_error[j * k + a] = v > 0.0 ? sqrt(v) : 0.0;
    }
  }
  return OSV_OK;
}
