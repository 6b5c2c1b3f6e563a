/* Pairs of four rows by hand, and of random rows against a sum over all pairs. */
#include "direct_concordance.h"
#include "polls.h"

/* Cases at 1 and 2, censored at 2, case at 3; scores 1, 0, 0, 2 (ranks) */
static void by_hand(void) {
  const int time[] = {1, 2, 2, 3}, status[] = {1, 1, 0, 1}, score[] = {1, 0, 0, 2};
  const size_t end[] = {4};
  const osv_pairs pairs = {.n = 4,
                           .n_stratum = 1,
                           .stratum_end = end,
                           .time = time,
                           .status = status,
                           .score = score};
  double work[256];
  pair_sums got;
  const osv_pairs_out out = sums_out(&got);
  assert(osv_concordance_work(4) <= COUNT_OF(work));
  assert(osv_concordance(&pairs, NULL, work, &out) == OSV_OK);
  /* case 1 against 0, 0 and 2; case 2 against 0 (tied; censored at its time) and 2 */
  const double count[] = {2, 2, 1, 0, 0};
  assert(all_equal(got.count, count, 5));
  const double case_won[] = {2, 0.5, 0, 0}, control_all[] = {0, 1, 2, 2};
  assert(all_equal(got.won[OSV_CASE], case_won, 4));
  assert(all_equal(got.all[OSV_CONTROL], control_all, 4));
}

typedef struct {
  const osv_pairs *pairs;
  const osv_pairs_out *out;
  double *work;
} run_of;

static osv_status run(void *ctx, const osv_poll *poll) {
  const run_of *const x = ctx;
  return osv_concordance(x->pairs, poll, x->work, x->out);
}

int main(void) {
  by_hand();
  uint64_t seed = 17;
  static double work[8 * PAIR_ROWS + 512];
  assert(osv_concordance_work(PAIR_ROWS) <= COUNT_OF(work));
  for (int run = 0; run < 4000; run++) {
    pair_case x;
    pair_sums got;
    random_pairs(&x, &seed);
    const osv_pairs_out out = sums_out(&got);
    assert(osv_concordance(&x.pairs, NULL, work, &out) == OSV_OK);
    same_pairs(&x, &got);
  }
  /* many ranks: three levels of the tree; every pair is concordant */
  enum { MANY = 70000 };
  int *const time = room(MANY, sizeof *time), *const ones = room(MANY, sizeof *ones);
  int *const score = room(MANY, sizeof *score);
  double *const sums = room(4 * MANY, sizeof *sums);
  double *const scratch = room(osv_concordance_work(MANY), sizeof *scratch), count[5];
  const size_t end[] = {MANY};
  for (int i = 0; i < MANY; i++) {
    time[i] = i;
    ones[i] = 1;
    score[i] = MANY - 1 - i;
  }
  const osv_pairs pairs = {.n = MANY,
                           .n_stratum = 1,
                           .stratum_end = end,
                           .time = time,
                           .status = ones,
                           .score = score};
  const osv_pairs_out out = {count,
                             {sums, sums + MANY, NULL, NULL},
                             {sums + 2 * MANY, sums + 3 * MANY, NULL, NULL}};
  assert(osv_concordance(&pairs, NULL, scratch, &out) == OSV_OK);
  assert(count[OSV_CONCORDANT] == MANY * (MANY - 1.0) / 2.0);
  assert(count[OSV_DISCORDANT] == 0.0 && count[OSV_TIED_SCORE] == 0.0);
  assert(osv_concordance(&pairs, &stopping, scratch, &out) == OSV_EINTR);
  stop_at_polls(run, &(run_of){&pairs, &out, scratch});
  assert(osv_concordance(&pairs, &going, scratch, &out) == OSV_OK);
  free(time);
  free(ones);
  free(score);
  free(sums);
  free(scratch);
  return 0;
}
