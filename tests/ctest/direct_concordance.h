/* direct_concordance - random rows with scores, and a computation pair by pair. */
#ifndef OSV_DIRECT_CONCORDANCE_H
#define OSV_DIRECT_CONCORDANCE_H

#include "check.h"

enum { PAIR_ROWS = 48 };
typedef struct {
  int time[PAIR_ROWS], start[PAIR_ROWS], by_start[PAIR_ROWS], status[PAIR_ROWS];
  int score[PAIR_ROWS];
  double weight[PAIR_ROWS], pair[PAIR_ROWS], left[PAIR_ROWS];
  size_t end[3];
  osv_pairs pairs;
} pair_case;

typedef struct {
  double count[OSV_N_PAIR_COUNT], won[OSV_N_ROLE][PAIR_ROWS], all[OSV_N_ROLE][PAIR_ROWS];
} pair_sums;

static inline osv_pairs_out sums_out(pair_sums *x) {
  osv_pairs_out out = {.count = x->count};
  for (int r = 0; r < OSV_N_ROLE; r++) {
    out.won[r] = x->won[r];
    out.all[r] = x->all[r];
  }
  return out;
}

/* Random rows in up to three strata, some of them empty. A random number selects which
 * optional columns there are. */
static inline void random_pairs(pair_case *x, uint64_t *seed) {
  const uint64_t kind = draw(seed);
  const size_t n = draw(seed) % PAIR_ROWS, n_stratum = 1 + draw(seed) % 3;
  const int times = 1 + (int)(draw(seed) % 12), statuses = kind & 1 ? 3 : 2;
  x->pairs = (osv_pairs){.n = n,
                         .n_stratum = n_stratum,
                         .stratum_end = x->end,
                         .time = x->time,
                         .start = kind & 2 ? x->start : NULL,
                         .by_start = kind & 2 ? x->by_start : NULL,
                         .status = x->status,
                         .score = x->score,
                         .weight = kind & 4 ? x->weight : NULL,
                         .pair = kind & 8 ? x->pair : NULL,
                         .left = kind & 16 ? x->left : NULL,
                         .competing = statuses == 3};
  size_t from = 0;
  for (size_t s = 0; s < n_stratum; s++) {
    const size_t end = s + 1 == n_stratum ? n : from + draw(seed) % (n - from + 1);
    const uint64_t ranks = 1 + draw(seed) % (end - from + 1);
    x->end[s] = end;
    for (size_t i = from; i < end; i++) {
      size_t j = i;
      const int time = 1 + (int)(draw(seed) % (uint64_t)times);
      for (; j > from && x->time[j - 1] > time; j--) x->time[j] = x->time[j - 1];
      x->time[j] = time;
    }
    for (size_t i = from; i < end; i++) {
      x->start[i] = (int)(draw(seed) % (uint64_t)x->time[i]);
      x->status[i] = (int)(draw(seed) % (uint64_t)statuses);
      x->score[i] = (int)(draw(seed) % (ranks < end - from ? ranks : end - from));
      x->weight[i] = (double)(draw(seed) % 5) / 2.0;
      x->pair[i] = (double)(1 + draw(seed) % 9) / 4.0;
      x->left[i] = (double)(1 + draw(seed) % 9) / 8.0;
      size_t j = i;
      for (; j > from && x->start[x->by_start[j - 1]] > x->start[i]; j--)
        x->by_start[j] = x->by_start[j - 1];
      x->by_start[j] = (int)i;
    }
    from = end;
  }
}

/* Adds the pair of case i and control j */
static inline void add_pair(const osv_pairs *p, pair_sums *sum, size_t i, size_t j,
                            int gone, double weight) {
  const int result = p->score[i] > p->score[j]   ? OSV_CONCORDANT
                     : p->score[i] < p->score[j] ? OSV_DISCORDANT
                                                 : OSV_TIED_SCORE;
  const double wi = p->weight ? p->weight[i] : 1.0, wj = p->weight ? p->weight[j] : 1.0;
  const double won = result == OSV_CONCORDANT   ? 1.0
                     : result == OSV_TIED_SCORE ? 0.5
                                                : 0.0;
  const int as_case = gone ? OSV_CASE_OF_GONE : OSV_CASE;
  const int as_control = gone ? OSV_GONE : OSV_CONTROL;
  sum->count[result] += wi * wj * weight;
  sum->won[as_case][i] += wj * weight * won;
  sum->all[as_case][i] += wj * weight;
  sum->won[as_control][j] += wi * weight * won;
  sum->all[as_control][j] += wi * weight;
}

static inline void direct_pairs(const osv_pairs *p, pair_sums *sum) {
  memset(sum, 0, sizeof *sum);
  for (size_t s = 0, from = 0; s < p->n_stratum; from = p->stratum_end[s++])
    for (size_t i = from; i < p->stratum_end[s]; i++)
      for (size_t j = from; p->status[i] == 1 && j < p->stratum_end[s]; j++) {
        const double pair = p->pair ? p->pair[i] : 1.0;
        const double left = p->left ? p->left[i] * p->left[j] : 1.0;
        const double w = p->weight ? p->weight[i] * p->weight[j] : 1.0;
        if (j < i && p->status[j] == 1 && p->time[j] == p->time[i])
          sum->count[p->score[i] == p->score[j] ? OSV_TIED_BOTH : OSV_TIED_TIME] +=
              w * pair;
        if (p->status[j] == 2 && p->time[j] <= p->time[i])
          add_pair(p, sum, i, j, 1, left);
        else if ((p->time[j] > p->time[i] ||
                  (p->time[j] == p->time[i] && p->status[j] == 0)) &&
                 (!p->start || p->start[j] < p->time[i]))
          add_pair(p, sum, i, j, 0, pair);
      }
}

static inline void same_pairs(const pair_case *x, const pair_sums *got) {
  pair_sums want;
  direct_pairs(&x->pairs, &want);
  for (int k = 0; k < OSV_N_PAIR_COUNT; k++)
    assert(near(got->count[k], want.count[k], 1e-13));
  for (int r = 0; r < (x->pairs.competing ? OSV_N_ROLE : OSV_GONE); r++)
    for (size_t i = 0; i < x->pairs.n; i++)
      assert(near(got->won[r][i], want.won[r][i], 1e-13) &&
             near(got->all[r][i], want.all[r][i], 1e-13));
}

#endif
