/* Every status code has a text. */
#include "check.h"

int main(void) {
  const osv_status all[] = {OSV_OK, OSV_EDOMAIN, OSV_EORDER, OSV_EFULL, OSV_EINTR};
  for (size_t i = 0; i < COUNT_OF(all); i++)
    for (size_t j = 0; j < i; j++)
      assert(strcmp(osv_status_text(all[i]), osv_status_text(all[j])) != 0);
  assert(strcmp(osv_status_text((osv_status)99), "unknown status") == 0);
  return 0;
}
