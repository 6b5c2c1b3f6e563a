/* Any rows: counting and sorting report the same bad row or make the same table. */
#include "fuzz.h"

enum { MOST = 1024, GROUPS = 3, STATES = 4, PER_CURVE = 7, SLOTS = 4096, POINTS = 100 };

typedef struct {
  size_t m;
  double time[MOST], n[MOST], start[GROUPS + 1];
  int status[MOST];
} result;

static void count(const osv_rows *rows, int with_grid, result *x, size_t *complete,
                  size_t *bad) {
  osv_slot *slot = room(SLOTS, sizeof *slot);
  osv_hash hash = {slot, SLOTS, 0};
  static double point[POINTS + 1];
  static uint32_t point_n[POINTS * GROUPS * STATES];
  const osv_grid grid = {1.0, with_grid ? POINTS : 0, GROUPS * STATES, point, point_n};
  osv_grid_clear(&grid);
  size_t at = 0;
  *complete = 0;
  const osv_status state =
      osv_hash_count_rows(&hash, &grid, rows, rows->n, SLOTS / 2, NULL, &at, complete);
  assert(state == OSV_OK || state == OSV_EDOMAIN);
  assert(osv_hash_add_grid(&hash, &grid) == OSV_OK);
  *bad = state == OSV_OK ? rows->n : at;
  static double scratch_time[2 * MOST];
  static int scratch_index[2 * MOST];
  size_t cell_end[GROUPS * STATES];
  x->m = hash.used;
  if (state == OSV_OK)
    osv_hash_to_table(&hash, STATES, GROUPS, x->time, x->status, x->n, x->start,
                      scratch_time, scratch_index, cell_end);
  free(slot);
}

/* Sorts by buckets whose range excludes many of the times. Returns the status of
 * osv_buckets_count(). */
static osv_status sort(const osv_rows *rows, size_t complete, size_t *bad, result *x) {
  const osv_buckets buckets = {1.0, PER_CURVE / 2.0, PER_CURVE};
  size_t next[GROUPS * PER_CURVE] = {0}, first[GROUPS * PER_CURVE + 1] = {0};
  const osv_status state = osv_buckets_count(&buckets, rows, 0, rows->n, NULL, next, bad);
  if (state != OSV_OK) return state;
  double *time = room(complete, sizeof *time);
  int *status = room(complete, sizeof *status);
  for (size_t b = 0; b < COUNT_OF(next); b++) {
    first[b + 1] = first[b] + next[b];
    next[b] = first[b];
  }
  assert(first[COUNT_OF(next)] == complete);
  assert(osv_buckets_scatter(&buckets, rows, 0, rows->n, NULL, next, time, status) ==
         OSV_OK);
  static double scratch_time[OSV_SORT_SCRATCH];
  static int scratch_status[OSV_SORT_SCRATCH];
  size_t states[STATES];
  for (size_t b = 0; b < COUNT_OF(next); b++)
    osv_sort_bucket(time + first[b], status + first[b], first[b + 1] - first[b], STATES,
                    scratch_time, scratch_status, states);
  x->m = 0;
  for (size_t g = 0; g < GROUPS; g++) {
    const size_t lo = first[g * PER_CURVE], hi = first[(g + 1) * PER_CURVE];
    x->start[g] = (double)x->m;
    x->m += osv_compress(time + lo, status + lo, hi - lo, x->time + x->m,
                         x->status + x->m, x->n + x->m);
  }
  x->start[GROUPS] = (double)x->m;
  free(time);
  free(status);
  return OSV_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static double time[MOST], status[MOST];
  static int time_int[MOST], status_int[MOST], group[MOST];
  static result counted, sorted;
  bytes b = {data, size};
  const uint64_t types = next_bytes(&b, 1);
  size_t n = 0;
  for (; n < MOST && b.left > 0; n++) {
    const uint64_t kind = next_bytes(&b, 1);
    time[n] = kind == 255 ? next_bits(&b) : kind > 250 ? NAN : next_time(&b);
    time_int[n] = kind > 250 ? INT_MIN : (int)next_bytes(&b, kind % 3) - (kind == 249);
    status[n] = kind == 254 ? next_bits(&b) : (double)(next_bytes(&b, 1) % STATES);
    status_int[n] = (int)(kind % STATES) + (kind == 248);
    group[n] = kind == 247 ? INT_MIN : 1 + (int)(kind / 4 % GROUPS);
  }
  const osv_rows rows = {.n = n,
                         .time = types & 1 ? NULL : time,
                         .time_int = types & 1 ? time_int : NULL,
                         .status = types & 2 ? NULL : status,
                         .status_int = types & 2 ? status_int : NULL,
                         .n_status = STATES,
                         .group = types & 4 ? NULL : group,
                         .n_group = GROUPS,
                         .n_stratum = 1};
  size_t complete, bad, bad_sorted = n;
  count(&rows, types & 8 ? 1 : 0, &counted, &complete, &bad);
  const osv_status state = sort(&rows, complete, &bad_sorted, &sorted);
  assert((state == OSV_EDOMAIN) == (bad < n) && bad_sorted == bad);
  if (bad < n) return 0;
  double sum = 0.0;
  for (size_t i = 0; i < counted.m; i++) sum += counted.n[i];
  assert(sum == (double)complete && counted.m == sorted.m);
  assert(all_equal(counted.time, sorted.time, counted.m));
  assert(all_equal(counted.n, sorted.n, counted.m));
  assert(all_equal(counted.start, sorted.start, GROUPS + 1));
  assert(memcmp(counted.status, sorted.status, counted.m * sizeof(int)) == 0);
  return 0;
}
