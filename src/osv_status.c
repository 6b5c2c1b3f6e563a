/* osv_status - the text of a status code. */
#include "osv_core.h"

const char *osv_status_text(osv_status status) {
  switch (status) {
    case OSV_OK:
      return "ok";
    case OSV_EDOMAIN:
      return "a value is outside its domain";
    case OSV_EORDER:
      return "times are not ascending";
    case OSV_EFULL:
      return "a table is full";
    case OSV_EINTR:
      return "interrupted";
  }
  return "unknown status";
}
