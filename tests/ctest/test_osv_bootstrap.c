/* Resamples of a curve: statistics by hand, one unit drawn each time, random draws. */
#include "polls.h"

static double always_first(void *ctx) {
  (void)ctx;
  return 1e-9;
}

/* 400 subjects die at different times. Without subject u, the mean up to 400 of the
 * others is (80200 - (u + 1)) / 399. Stops at each poll. */
static osv_status leave_out(void *ctx, const osv_poll *poll) {
  enum { N = 400 };
  double *const time = room(N, sizeof *time), *const value = ctx;
  size_t *const cell = room(N, sizeof *cell);
  for (size_t i = 0; i < N; i++) {
    time[i] = (double)(i + 1);
    cell[i] = N + i; /* status 1 */
  }
  const osv_boot_curve curve = {time, N, N, 2, cell, NULL, NULL};
  const int survival = 0;
  const double tau = N;
  const osv_boot_statistic mean = {OSV_BOOT_AREA, &survival, 1, &tau, 1, 1};
  double *const work = room(osv_boot_work(&curve), sizeof *work);
  const osv_status status =
      osv_leave_one_out(&curve, &mean, poll, work, &(osv_boot_out){value, N, NULL});
  for (size_t i = 0; status == OSV_OK && i < N; i++)
    assert(near(value[i], (80200.0 - (double)(i + 1)) / 399.0, 1e-10));
  free(work);
  free(cell);
  free(time);
  return status;
}

int main(void) {
  double out[400];
  stop_at_polls(leave_out, out);
  assert(leave_out(out, NULL) == OSV_OK);

  /* times 1, 2, 3: an event, a censoring, an event; three units of one row */
  const double time[] = {1.0, 2.0, 3.0};
  const size_t cell[] = {3, 1, 5};
  const osv_boot_curve curve = {time, 3, 3, 2, cell, NULL, NULL};
  const int cause[] = {0, 1};
  const double share[] = {0.5}, at[] = {1.0, 2.5}, tau[] = {3.0};
  double work[64], value[4096], past[4] = {0};
  assert(osv_boot_work(&curve) == 12);

  /* leaving out each unit: {2 censored, 3 event}; {1 event, 3 event}; {1 event, 2
   * censored} */
  const osv_boot_statistic median = {OSV_BOOT_QUANTILE, cause, 1, share, 1, 1};
  assert(osv_leave_one_out(&curve, &median, NULL, work,
                           &(osv_boot_out){value, 3, NULL}) == OSV_OK);
  assert(value[0] == 3.0 && value[1] == 2.0 && value[2] == 1.0);
  const osv_boot_statistic rate = {OSV_BOOT_RATE, cause, 2, at, 2, 1};
  assert(osv_leave_one_out(&curve, &rate, NULL, work, &(osv_boot_out){value, 3, NULL}) ==
         OSV_OK);
  const double want[] = {1.0, 0.5, 0.5, 1.0, 0.5, 0.5, 0.0, 0.5, 0.5, 0.0, 0.5, 0.5};
  assert(all_equal(value, want, 12));

  /* the first unit drawn three times: S is 0 from time 1 on */
  const osv_uniform first = {always_first, NULL};
  const osv_boot_statistic area = {OSV_BOOT_AREA, cause, 2, tau, 1, 1};
  assert(osv_bootstrap(&curve, &area, 2, &first, NULL, work,
                       &(osv_boot_out){value, 2, past}) == OSV_OK);
  assert(value[0] == 1.0 && value[1] == 1.0 && value[2] == 2.0 && past[0] == 0.0);

  /* two units, the first of two rows: it is drawn twice, once or never with probability
   * 1/4, 1/2, 1/4 */
  const size_t start[] = {0, 2, 3};
  const osv_boot_curve by_unit = {time, 3, 2, 2, cell, start, NULL};
  uint64_t state = 1;
  const osv_uniform uniform = {draw_uniform, &state};
  assert(osv_bootstrap(&by_unit, &rate, 1000, &uniform, NULL, work,
                       &(osv_boot_out){value, 1000, past}) == OSV_OK);
  double alone = 0.0;
  for (size_t b = 0; b < 1000; b++) {
    assert(value[b] == 0.5 || value[b] == 1.0 || near(value[b], 2.0 / 3.0, 1e-15));
    alone += value[b] == 1.0;
    assert(near(value[b] + value[2000 + b], 1.0, 1e-15));
  }
  assert(alone > 200.0 && alone < 300.0);
  assert(past[1] > 200.0 && past[1] < 300.0); /* follow-up ends with a censoring at 2 */

  const osv_boot_curve nobody = {time, 0, 0, 2, cell, NULL, NULL};
  assert(osv_leave_one_out(&nobody, &rate, NULL, work, &(osv_boot_out){value, 1, NULL}) ==
         OSV_OK);
  double *many = room(1 << 15, sizeof *many);
  assert(osv_bootstrap(&curve, &median, 1 << 15, &uniform, &stopping, work,
                       &(osv_boot_out){many, 1 << 15, past}) == OSV_EINTR);
  assert(osv_bootstrap(&curve, &median, 1 << 15, &uniform, &going, work,
                       &(osv_boot_out){many, 1 << 15, past}) == OSV_OK);
  free(many);
  return 0;
}
