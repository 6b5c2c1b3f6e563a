/* osv_concordance - pairs of subjects in which the higher score has the earlier event. */
#include "osv_core.h"

/* A tree with the sums of weights by rank of the score. Its leaves are the ranks, and
 * each node holds the sums of its eight children in one cache line. The sums below and
 * above a rank are therefore fast. They are sums of nodes, never a total minus a part, so
 * they have no cancellation error. */
enum { FAN = 8, MOST_LEVELS = 22 };
typedef struct {
  double *sum;
  size_t n_level, size, base[MOST_LEVELS];
} rank_tree;

typedef struct {
  double below, equal, above;
} rank_sums;

static rank_tree tree_of(double *sum, size_t n_rank) {
  rank_tree tree = {.sum = sum};
  for (size_t n = n_rank;;) {
    n = (n + FAN - 1) / FAN;
    tree.base[tree.n_level++] = tree.size;
    tree.size += n * FAN;
    if (n <= 1) return tree;
  }
}

static void tree_clear(const rank_tree *tree) {
  for (size_t i = 0; i < tree->size; i++) tree->sum[i] = 0.0;
}

static void tree_add(const rank_tree *tree, size_t rank, double weight) {
  for (size_t level = 0; level < tree->n_level; level++, rank /= FAN)
    tree->sum[tree->base[level] + rank] += weight;
}

/* Sets a leaf and recomputes the sums above it */
static void tree_set(const rank_tree *tree, size_t rank, double value) {
  tree->sum[rank] = value;
  for (size_t level = 1; level < tree->n_level; level++) {
    rank /= FAN;
    const double *child = tree->sum + tree->base[level - 1] + rank * FAN;
    double sum = 0.0;
    for (size_t i = 0; i < FAN; i++) sum += child[i];
    tree->sum[tree->base[level] + rank] = sum;
  }
}

static rank_sums tree_read(const rank_tree *tree, size_t rank) {
  rank_sums out = {0.0, tree->sum[rank], 0.0};
  for (size_t level = 0; level < tree->n_level; level++, rank /= FAN) {
    const double *slot = tree->sum + tree->base[level] + rank / FAN * FAN;
    const size_t own = rank % FAN;
    for (size_t i = 0; i < own; i++) out.below += slot[i];
    for (size_t i = own + 1; i < FAN; i++) out.above += slot[i];
  }
  return out;
}

/* One stratum, rows from .. end - 1, with its trees. risk: controls at risk. gone:
 * controls with an earlier competing event. early, late: cases before and after the
 * current time. by_rank: scratch, one number for each rank. */
typedef struct {
  const osv_pairs *pairs;
  const osv_pairs_out *out;
  const osv_poll *poll;
  size_t from, end, steps;
  rank_tree risk, gone, early, late;
  double *by_rank;
} stratum;

enum { CENSORED, CASE, COMPETING };

static double at(const double *x, size_t i) {
  return x ? x[i] : 1.0;
}

static int stopped(stratum *s) {
  return s->poll && ++s->steps % OSV_POLL_ROWS == 0 && s->poll->fn(s->poll->ctx);
}

static size_t rank_of(const stratum *s, size_t i) {
  return (size_t)s->pairs->score[i];
}

/* Adds the pairs of row i as a case; they are concordant if the control has a lower
 * score. weight: weight of these pairs */
static void add_case(const stratum *s, size_t i, int role, rank_sums controls,
                     double weight) {
  const double own = at(s->pairs->weight, i) * weight;
  s->out->won[role][i] = weight * (controls.below + 0.5 * controls.equal);
  s->out->all[role][i] = weight * (controls.below + controls.equal + controls.above);
  s->out->count[OSV_CONCORDANT] += own * controls.below;
  s->out->count[OSV_DISCORDANT] += own * controls.above;
  s->out->count[OSV_TIED_SCORE] += own * controls.equal;
}

/* Adds the pairs of row i as a control; they are concordant if the case has a higher
 * score */
static void add_control(const stratum *s, size_t i, int role, rank_sums cases,
                        double weight) {
  s->out->won[role][i] += weight * (cases.above + 0.5 * cases.equal);
  s->out->all[role][i] += weight * (cases.below + cases.equal + cases.above);
}

/* Counts the pairs of cases with the same time, rows from .. end - 1 */
static void count_tied_times(const stratum *s, size_t from, size_t end) {
  double before = 0.0;
  for (size_t i = from; i < end; i++) {
    if (s->pairs->status[i] != CASE) continue;
    const double w = at(s->pairs->weight, i), own = w * at(s->pairs->pair, i);
    double *same = s->by_rank + rank_of(s, i);
    s->out->count[OSV_TIED_BOTH] += own * *same;
    s->out->count[OSV_TIED_TIME] += own * (before - *same);
    *same += w;
    before += w;
  }
  for (size_t i = from; i < end; i++) s->by_rank[rank_of(s, i)] = 0.0;
}

/* Removes rows from the tree that start at this time or later. in_leaf counts the rows of
 * a leaf, so that a leaf without rows is set to exactly 0. */
static size_t leave_at_entry(const stratum *s, size_t entered, int time,
                             double *in_leaf) {
  const osv_pairs *p = s->pairs;
  for (; entered > s->from; entered--) {
    const size_t i = (size_t)p->by_start[entered - 1];
    if (p->start[i] < time) break;
    const size_t rank = rank_of(s, i);
    in_leaf[rank] -= 1.0;
    tree_set(&s->risk, rank,
             in_leaf[rank] > 0.0 ? s->risk.sum[rank] - at(p->weight, i) : 0.0);
  }
  return entered;
}

static void enter_risk(const stratum *s, size_t i, double *in_leaf) {
  tree_add(&s->risk, rank_of(s, i), at(s->pairs->weight, i));
  if (s->pairs->start) in_leaf[rank_of(s, i)] += 1.0;
}

/* Sweeps backwards in time. It pairs each case with the controls at risk, and each
 * subject with a competing event with the later cases. */
static osv_status sweep_back(stratum *s, double *in_leaf) {
  const osv_pairs *p = s->pairs;
  size_t entered = s->end;
  for (size_t end = s->end, from; end > s->from; end = from) {
    const int time = p->time[end - 1];
    for (from = end; from > s->from && p->time[from - 1] == time;) from--;
    if (p->start) entered = leave_at_entry(s, entered, time, in_leaf);
    for (size_t i = from; i < end; i++) {
      if (stopped(s)) return OSV_EINTR;
      if (p->status[i] == CENSORED) enter_risk(s, i, in_leaf);
    }
    for (size_t i = from; i < end; i++) {
      if (p->status[i] != CASE) continue;
      add_case(s, i, OSV_CASE, tree_read(&s->risk, rank_of(s, i)), at(p->pair, i));
      if (p->competing)
        tree_add(&s->late, rank_of(s, i), at(p->weight, i) * at(p->left, i));
    }
    for (size_t i = from; i < end; i++) {
      if (p->status[i] == COMPETING)
        add_control(s, i, OSV_GONE, tree_read(&s->late, rank_of(s, i)), at(p->left, i));
      if (p->status[i] != CENSORED) enter_risk(s, i, in_leaf);
    }
    count_tied_times(s, from, end);
  }
  return OSV_OK;
}

/* Rows that enter before this time are not paired with the cases before their entry:
 * subtracts these pairs. */
static size_t enter_before(const stratum *s, size_t entered, int time) {
  const osv_pairs *p = s->pairs;
  for (; entered < s->end; entered++) {
    const size_t i = (size_t)p->by_start[entered];
    if (p->start[i] >= time) break;
    add_control(s, i, OSV_CONTROL, tree_read(&s->early, rank_of(s, i)), -1.0);
  }
  return entered;
}

/* Sweeps forwards in time. It pairs each row with the cases before it leaves, and each
 * case with the subjects who had a competing event before. */
static osv_status sweep_forth(stratum *s) {
  const osv_pairs *p = s->pairs;
  size_t entered = s->from;
  for (size_t from = s->from, end; from < s->end; from = end) {
    const int time = p->time[from];
    for (end = from; end < s->end && p->time[end] == time;) end++;
    if (p->start) entered = enter_before(s, entered, time);
    for (size_t i = from; i < end; i++) {
      if (stopped(s)) return OSV_EINTR;
      if (p->status[i] == CENSORED) continue;
      add_control(s, i, OSV_CONTROL, tree_read(&s->early, rank_of(s, i)), 1.0);
      if (p->status[i] == COMPETING)
        tree_add(&s->gone, rank_of(s, i), at(p->weight, i) * at(p->left, i));
    }
    for (size_t i = from; i < end; i++) {
      if (p->status[i] != CASE) continue;
      tree_add(&s->early, rank_of(s, i), at(p->weight, i) * at(p->pair, i));
      if (p->competing)
        add_case(s, i, OSV_CASE_OF_GONE, tree_read(&s->gone, rank_of(s, i)),
                 at(p->left, i));
    }
    for (size_t i = from; i < end; i++)
      if (p->status[i] == CENSORED)
        add_control(s, i, OSV_CONTROL, tree_read(&s->early, rank_of(s, i)), 1.0);
  }
  return OSV_OK;
}

/* Number of doubles of scratch that osv_concordance() needs for strata of up to n rows */
size_t osv_concordance_work(size_t n) {
  return 4 * tree_of(NULL, n).size + 2 * n;
}

/* Weighted numbers of concordant and discordant pairs, and the contribution of each row
 *
 * in   pairs->stratum_end[n_stratum]  where each stratum ends
 *      time[n]       ranks of the times, ascending within strata; equal if tied
 *      start[n]      a row is at risk at the ranks above this; NULL: from the first rank
 *      by_start[n]   the rows (from 0) by stratum and start; NULL without start
 *      status[n]     0 censored, 1 case, 2 competing event (only if `competing`)
 *      score[n]      ranks from 0, below the number of rows of the stratum
 *      weight[n], pair[n], left[n]  not negative; NULL: 1
 *      poll          may be NULL
 * work osv_concordance_work() doubles for the largest stratum
 * out  count[5]      sums over all pairs, see below: concordant, discordant, tied score,
 *                    tied time, both tied
 *      won[r], all[r] double[n], for a row in the role r: derivatives by the weight of
 *                    the row, won of concordant + tied score / 2, all of concordant +
 *                    discordant + tied score. They may be NULL for the roles of competing
 *                    events, unless `competing` is set.
 * A case i at t_i and a row j of its stratum are a pair
 *   if j is at risk at t_i and leaves later, or is censored at t_i (an event comes before
 *   a censoring), with the weight w_i w_j pair_i; two cases at one time have tied times;
 *   if j had a competing event at t_j <= t_i, with the weight w_i w_j left_i left_j.
 * It is concordant if the score of i is the higher one. Harrell, Lee & Mark 1996; with
 * pair = 1 / G(t-)^2 Uno, Cai, Pencina, D'Agostino & Wei 2011; competing events: Wolbers,
 * Koller, Witteman & Steyerberg 2009 (left 1), Wolbers, Blanche, Koller, Witteman & Gerds
 * 2014 (left 1 / G(t-)). Cost O(n log n), two sweeps. Value: OSV_OK or OSV_EINTR.
 */
osv_status osv_concordance(const osv_pairs *pairs, const osv_poll *poll, double *work,
                           const osv_pairs_out *out) {
  stratum s = {.pairs = pairs, .out = out, .poll = poll};
  for (int i = 0; i < OSV_N_PAIR_COUNT; i++) out->count[i] = 0.0;
  for (int role = 0; role < (pairs->competing ? OSV_N_ROLE : OSV_GONE); role++)
    for (size_t i = 0; i < pairs->n; i++) out->won[role][i] = out->all[role][i] = 0.0;
  for (size_t k = 0; k < pairs->n_stratum; k++, s.from = s.end) {
    s.end = pairs->stratum_end[k];
    size_t n_rank = 0;
    for (size_t i = s.from; i < s.end; i++)
      if (rank_of(&s, i) >= n_rank) n_rank = rank_of(&s, i) + 1;
    rank_tree *const trees[] = {&s.risk, &s.early, &s.gone, &s.late};
    double *next = work;
    for (int i = 0; i < (pairs->competing ? 4 : 2); i++) {
      *trees[i] = tree_of(next, n_rank);
      tree_clear(trees[i]);
      next += trees[i]->size;
    }
    s.by_rank = next;
    for (size_t i = 0; i < 2 * n_rank; i++) next[i] = 0.0;
    if (sweep_back(&s, next + n_rank) != OSV_OK) return OSV_EINTR;
    if (sweep_forth(&s) != OSV_OK) return OSV_EINTR;
  }
  return OSV_OK;
}
