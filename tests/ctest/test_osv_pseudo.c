/* Pseudo-values and influence of four subjects, by hand. */
#include "check.h"

int main(void) {
  /* times 1 .. 4: event, censored, event, event; F(3) = 5/8 */
  double time[] = {1, 2, 3, 4}, n_risk[] = {4, 3, 2, 1};
  double n_censor[] = {0, 1, 0, 0}, n_event[] = {1, 0, 1, 1};
  const osv_counts counts = {time, n_risk, n_censor, n_event, 4};
  double work[8], estimate, left_out[8], influence[8], passed[5];
  const osv_pseudo_out out = {left_out, influence, passed};
  osv_functional functional;
  assert(osv_pseudo_work(4) == 8);
  functional = (osv_functional){0, 0, 3.0};
  estimate = osv_pseudo(&counts, 4, 1, &functional, work, &out);
  assert(near(estimate, 5.0 / 8.0, 1e-16));
  /* F(3) leaving out each subject: 1/2, 2/3, 1/3, 1 */
  assert(near(left_out[4], 2.5 - 1.5, 1e-15) && near(left_out[1], 2.5 - 2.0, 1e-15));
  assert(near(left_out[6], 2.5 - 1.0, 1e-15) && near(left_out[7], 2.5 - 3.0, 1e-15));
  const double sum = influence[4] + influence[1] + influence[6] + influence[7];
  assert(near(sum, 0.0, 1e-16));
  /* time lost up to 2: 1 for the first subject, 0 for the others */
  functional = (osv_functional){0, 1, 2.0};
  estimate = osv_pseudo(&counts, 4, 1, &functional, work, &out);
  assert(estimate == 0.25 && near(left_out[4], 1.0, 1e-15));
  assert(near(left_out[7], 0.0, 1e-15));
  functional = (osv_functional){0, 0, 3.0};
  estimate = osv_pseudo(&counts, 0, 1, &functional, work, &out);
  assert(estimate == 0.0);
  return 0;
}
