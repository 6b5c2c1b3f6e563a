/* Influence on a cumulative hazard: by hand, by unit, and interrupts. Fine-Gray models
 * are tested in test_osv_finegray_steps.c. */
#include "check.h"

/* Three cells are at risk from the start; the first two have events, at steps 1 and 2 */
static const double RISK[] = {1, 2, 1}, B[] = {0.5, 2}, JUMP[] = {3, 4}, TIED[] = {0, 1};
static const int EVENT[] = {1, 1, 0}, STRATUM[] = {0, 0, 0};
static const size_t FIRST[] = {0, 0, 1}, LAST[] = {1, 2, 2};

static osv_influence_in three(void) {
  return (osv_influence_in){.n = 3,
                            .n_step = 2,
                            .risk = RISK,
                            .event = EVENT,
                            .first = FIRST,
                            .last = LAST,
                            .stratum = STRATUM,
                            .hazard = B,
                            .jump = JUMP,
                            .tied = TIED};
}

static void test_by_hand(void) {
  const osv_influence_in in = three();
  const size_t at[] = {0, 1, 2};
  double out[9], work[9];
  assert(osv_hazard_influence_work(2) == 9);
  assert(osv_hazard_influence(&in, 3, at, NULL, 3, NULL, work, out) == OSV_OK);
  const double want[] = {0, 0, 0, 3 - 0.5, -1, 0, 3 - 0.5, 4 + 2 - 5, -2};
  assert(all_equal(out, want, 9));
  const size_t unit[] = {1, 0, 1};
  assert(osv_hazard_influence(&in, 1, at + 2, unit, 2, NULL, work, out) == OSV_OK);
  assert(out[0] == 1.0 && out[1] == 0.5);
  const double weight[] = {1, 3, 0.5};
  osv_influence_in sampled = in;
  sampled.weight = weight;
  assert(osv_hazard_influence(&sampled, 1, at + 2, NULL, 3, NULL, work, out) == OSV_OK);
  assert(out[0] == 2.5 && out[1] == 3.0 && out[2] == -1.0);
  osv_influence_in counted = in; /* out[2] of each unit, times the subjects of the cell */
  counted.count = weight;
  assert(osv_hazard_influence(&counted, 1, at + 2, unit, 2, NULL, work, out) == OSV_OK);
  assert(out[0] == 3.0 && out[1] == 2.5 - 1.0);
}

static int stop(void *ctx) {
  return ++*(int *)ctx > 0;
}

static void test_interrupt(void) {
  enum { N = 5000 };
  double *risk = room(N, sizeof *risk), *out = room(N, sizeof *out), work[9];
  int *event = room(N, sizeof *event), *stratum = room(N, sizeof *stratum), asked = 0;
  size_t *first = room(N, sizeof *first);
  const size_t at = 2;
  const osv_poll poll = {stop, &asked};
  osv_influence_in in = three();
  in.n = N;
  in.risk = risk;
  in.event = event;
  in.stratum = stratum;
  in.first = in.last = first;
  assert(osv_hazard_influence(&in, 1, &at, NULL, N, &poll, work, out) == OSV_EINTR);
  assert(asked == 1);
  assert(osv_hazard_influence(&in, 1, &at, NULL, N, &going, work, out) == OSV_OK);
  free(risk);
  free(out);
  free(event);
  free(stratum);
  free(first);
}

int main(void) {
  test_by_hand();
  test_interrupt();
  return 0;
}
