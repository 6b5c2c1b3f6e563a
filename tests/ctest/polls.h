/* polls - stops a computation at each of its polls in turn. */
#ifndef OSV_POLLS_H
#define OSV_POLLS_H

#include "check.h"

/* Stops at poll number `at`, from 0 */
typedef struct {
  size_t asked, at;
} poll_count;

static inline int stops_here(void *ctx) {
  poll_count *const x = ctx;
  return x->asked++ == x->at;
}

/* Runs a computation to its end. Then runs it again for ten of its polls, including the
 * first and the last, and stops it at that poll. It must return OSV_EINTR without another
 * poll. */
static inline void stop_at_polls(osv_status (*run)(void *ctx, const osv_poll *poll),
                                 void *ctx) {
  poll_count count = {0, SIZE_MAX};
  const osv_poll poll = {stops_here, &count};
  assert(run(ctx, &poll) == OSV_OK);
  const size_t polls = count.asked, most = polls < 10 ? polls : 10;
  assert(polls > 0);
  for (size_t i = 0; i < most; i++) {
    count = (poll_count){0, most > 1 ? i * (polls - 1) / (most - 1) : 0};
    assert(run(ctx, &poll) == OSV_EINTR);
    assert(count.asked == count.at + 1);
  }
}

#endif
