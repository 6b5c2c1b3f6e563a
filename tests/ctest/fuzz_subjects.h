/* fuzz_subjects - converts bytes of libFuzzer to subjects: curves, ids, entries. */
#ifndef OSV_FUZZ_SUBJECTS_H
#define OSV_FUZZ_SUBJECTS_H

#include "direct.h"
#include "fuzz.h"

/* At most MOST_ROWS rows, weights up to 256; one byte selects weights and entries */
static inline subjects next_subjects(bytes *b, size_t n_curve, int n_status) {
  const uint64_t kind = next_bytes(b, 1);
  const size_t n = next_bytes(b, 1) % MOST_ROWS, n_id = 1 + next_bytes(b, 1) % MOST_ROWS;
  subjects x = new_subjects(n, n_curve, n_status, n_id);
  for (size_t i = 0; i < n; i++) {
    x.time[i] = next_time(b);
    if (kind & 2) {
      const double entry = next_time(b);
      if (x.time[i] == 0.0) x.time[i] = 1.0; /* an exit must be after the entry at 0 */
      x.entry[i] = entry < x.time[i] ? entry : 0.0;
    }
    x.weight[i] = (double)(1 + next_bytes(b, kind & 1));
    x.status[i] = (int)(next_bytes(b, 1) % (uint64_t)n_status);
    x.curve[i] = (int)(next_bytes(b, 1) % n_curve);
    x.id[i] = 1 + (int)(next_bytes(b, 1) % n_id);
  }
  make_table(&x, kind & 1, (kind & 2) != 0);
  return x;
}

#endif
