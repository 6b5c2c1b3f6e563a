/* r_count_rows - counts rows into an event table; without sorting if times repeat. */
#include "r_api.h"

#include <math.h>

enum { TIME = R_TIME, STATUS, N, START, COMPLETE, BAD };
static r_words names = {{"time", "status", "n", "start", "complete", "bad"}, NULL};

/* The columns of R, without a copy. ALTREP vectors are expanded here, because only the
 * main thread may do that.
 */
static osv_rows rows_of(SEXP rows_) {
  SEXP time_ = r_element(rows_, "time"), status_ = r_element(rows_, "status");
  SEXP group_ = r_element(rows_, "group"), stratum_ = r_element(rows_, "stratum");
  return (osv_rows){.n = (size_t)Rf_xlength(time_),
                    .time = TYPEOF(time_) == REALSXP ? REAL_RO(time_) : NULL,
                    .time_int = TYPEOF(time_) == INTSXP ? INTEGER_RO(time_) : NULL,
                    .status = TYPEOF(status_) == REALSXP ? REAL_RO(status_) : NULL,
                    .status_int = TYPEOF(status_) == INTSXP   ? INTEGER_RO(status_)
                                  : TYPEOF(status_) == LGLSXP ? LOGICAL_RO(status_)
                                                              : NULL,
                    .status_first = Rf_asInteger(r_element(rows_, "status_first")),
                    .n_status = Rf_asInteger(r_element(rows_, "n_status")),
                    .group = Rf_isNull(group_) ? NULL : INTEGER_RO(group_),
                    .stratum = Rf_isNull(stratum_) ? NULL : INTEGER_RO(stratum_),
                    .n_group = Rf_asInteger(r_element(rows_, "n_group")),
                    .n_stratum = Rf_asInteger(r_element(rows_, "n_stratum"))};
}

static osv_hash new_hash(size_t size) {
  osv_hash hash = {(osv_slot *)R_alloc(size, sizeof(osv_slot)), size, 0};
  for (size_t i = 0; i < size; i++) hash.slot[i].n = 0.0;
  return hash;
}

/* The range of rows that one thread counts */
typedef struct {
  osv_hash hash;
  osv_grid grid;
  size_t at, end, complete;
  osv_status status;
} stretch;

/* Number of used slots at which osv_hash_count_rows() stops, so that the hash table can
 * be enlarged or replaced by sorting. It leaves room for one more block of rows. */
static size_t slot_limit(size_t size, size_t n_row) {
  return n_row <= size / 2 ? n_row : size / 2 - osv_hash_block(size);
}

static size_t slots_for(size_t used) {
  size_t size = 4096;
  while (size / 2 < used + OSV_BLOCK) size *= 2;
  return size;
}

static osv_hash grown(const osv_hash *old, size_t size) {
  osv_hash hash = new_hash(size);
  osv_hash_merge(&hash, old);
  return hash;
}

/* Plans a grid for the times of many rows from a sample of them, without allocating its
 * arrays. Size 0 means no grid. *spread is set if almost all sampled times differ: there
 * are then tens of thousands of distinct times, too many for a hash table. */
static osv_grid plan_grid(const osv_rows *rows, int *spread) {
  osv_grid plan = {.n_cell = (size_t)rows->n_status * (size_t)rows->n_group *
                             (size_t)rows->n_stratum};
  *spread = 0;
  if (rows->n < 4096) return plan;
  double *time = (double *)R_alloc(2 * R_SAMPLE, sizeof *time);
  const size_t m = r_sample_times(rows, time);
  /* FEW_COUNTS: 128 kB always fit in the cache. MOST_COUNTS: with many rows, clearing and
   * reading a larger grid is still cheap. */
  enum { FEW_COUNTS = 1 << 15, MOST_COUNTS = 1 << 20 };
  const size_t aim = rows->n / 2 < MOST_COUNTS ? rows->n / 2 : MOST_COUNTS;
  plan.scale = osv_grid_scale(time, m, plan.n_cell, aim > FEW_COUNTS ? aim : FEW_COUNTS,
                              &plan.size);
  *spread = plan.size == 0 && m > R_SAMPLE / 2 && osv_count_times(time, m) + 2 >= m;
  if (rows->n < 16384) plan.size = 0;      /* clearing costs more than it saves */
  if (rows->n > UINT32_MAX) plan.size = 0; /* counts could overflow */
  return plan;
}

static osv_grid new_grid(osv_grid plan) {
  if (plan.size == 0) return plan;
  plan.time = (double *)R_alloc(plan.size + 1, sizeof *plan.time);
  plan.n = (uint32_t *)R_alloc(plan.size * plan.n_cell, sizeof *plan.n);
  osv_grid_clear(&plan);
  return plan;
}

/* Merges the grids of the other stretches into that of the first, as long as each point
 * has the same time in all grids. Value: 1 if the first grid then holds all counts, which
 * requires that all times were on the grid. */
static int merge_grids(stretch *part, int threads) {
  int merged = part[0].grid.size > 0;
  for (int t = 0; t < threads; t++) merged = merged && part[t].hash.used == 0;
  for (int t = 1; t < threads && merged; t++) {
    merged = osv_grid_add(&part[0].grid, &part[t].grid);
    if (merged) part[t].grid.size = 0;
  }
  return merged;
}

typedef struct {
  const osv_rows *rows;
  stretch *part;
} counting;

/* Counts the rest of stretch t if it is incomplete: part[t].status is then OSV_EFULL */
static osv_status count_stretch(void *ctx, size_t t, const osv_poll *poll) {
  const counting *x = ctx;
  stretch *const part = x->part + t;
  if (part->status != OSV_EFULL) return OSV_OK;
  part->status = osv_hash_count_rows(&part->hash, &part->grid, x->rows, part->end,
                                     slot_limit(part->hash.size, x->rows->n), poll,
                                     &part->at, &part->complete);
  return part->status == OSV_EINTR ? OSV_EINTR : OSV_OK;
}

/* Counts all rows without sorting. Returns the hash table of counts. Its size is 0 if all
 * counts are in *grid, or if so many times are distinct that sorting is cheaper (*status
 * is then OSV_EFULL). */
static osv_hash count_unsorted(const osv_rows *rows, int threads, osv_status *status,
                               size_t *bad, size_t *complete, osv_grid *grid) {
  const size_t n = rows->n, give_up = n / 8 + 16384;
  int spread;
  const osv_grid plan = plan_grid(rows, &spread);
  *status = OSV_EFULL;
  if (spread) return (osv_hash){0};
  stretch *part = (stretch *)R_alloc((size_t)threads, sizeof *part);
  /* with a grid, few counts are left for the hash table, which can grow if needed */
  const size_t slots = n <= 64 ? 128 : plan.size > 0 ? 512 : n <= 512 ? 1024 : 4096;
  for (int t = 0; t < threads; t++) {
    part[t] = (stretch){.hash = new_hash(slots),
                        .grid = new_grid(plan),
                        .at = r_stretch_start(n, threads, t),
                        .end = r_stretch_start(n, threads, t + 1),
                        .status = OSV_EFULL};
  }
  for (int open = 1; open;) {
    counting x = {rows, part};
    r_share(threads, (size_t)threads, count_stretch, &x);
    open = 0;
    for (int t = 0; t < threads; t++) {
      *status = part[t].status;
      *bad = part[t].at;
      if (*status != OSV_OK && *status != OSV_EFULL) return (osv_hash){0};
      if (*status == OSV_OK) continue;
      if (part[t].hash.used > give_up ||
          (part[t].at - r_stretch_start(n, threads, t) < 65536 &&
           part[t].hash.used > 16384))
        return (osv_hash){0};
      part[t].hash = grown(&part[t].hash, part[t].hash.size * 4);
      open = 1;
    }
  }
  *status = OSV_OK;
  *complete = 0;
  for (int t = 0; t < threads; t++) *complete += part[t].complete;
  if (merge_grids(part, threads)) {
    *grid = part[0].grid;
    return (osv_hash){0};
  }
  osv_hash *all = &part[0].hash;
  for (int t = 0; t < threads; t++) {
    const size_t used = (t > 0 ? part[t].hash.used : 0) + osv_grid_used(&part[t].grid);
    if (all->used + used > all->size / 2) *all = grown(all, slots_for(all->used + used));
    if (t > 0) osv_hash_merge(all, &part[t].hash);
    osv_hash_add_grid(all, &part[t].grid);
  }
  return *all;
}

static void fill_from_hash(SEXP ans, const osv_hash *hash, int n_status, size_t n_curve) {
  const size_t used = hash->used;
  double *time = r_new_column(ans, TIME, (R_xlen_t)used);
  int *status = r_new_codes(ans, STATUS, (R_xlen_t)used);
  double *n = r_new_column(ans, N, (R_xlen_t)used);
  double *start = r_new_column(ans, START, (R_xlen_t)n_curve + 1);
  osv_hash_to_table(hash, n_status, n_curve, time, status, n, start,
                    (double *)R_alloc(2 * used + 1, sizeof(double)),
                    (int *)R_alloc(2 * used + 1, sizeof(int)),
                    (size_t *)R_alloc(n_curve * (size_t)n_status, sizeof(size_t)));
}

static void fill_from_grid(SEXP ans, const osv_grid *grid, int n_status, size_t n_curve) {
  const R_xlen_t used = (R_xlen_t)osv_grid_used(grid);
  double *time = r_new_column(ans, TIME, used);
  int *status = r_new_codes(ans, STATUS, used);
  double *n = r_new_column(ans, N, used);
  osv_grid_to_table(grid, n_status, n_curve, time, status, n,
                    r_new_column(ans, START, (R_xlen_t)n_curve + 1));
}

/* The counts of rows: list of time double[m], status int[m], n double[m] or NULL (one
 * each), start double[n_curve + 1], complete (rows counted) and bad, the 1-based row at
 * which a value outside its domain stopped the count, else 0. Few distinct times are
 * counted in one pass; many are sorted. The result does not depend on the order of the
 * rows or on the number of threads. */
SEXP r_count_rows(const osv_rows *rows, int threads) {
  const size_t n_curve = (size_t)rows->n_group * (size_t)rows->n_stratum;
  SEXP ans = PROTECT(r_new_list(&names));
  size_t bad = 0, complete = 0;
  osv_status status;
  osv_grid grid = {0};
  const osv_hash hash = count_unsorted(rows, threads, &status, &bad, &complete, &grid);
  if (status == OSV_OK && grid.size > 0)
    fill_from_grid(ans, &grid, rows->n_status, n_curve);
  else if (status == OSV_OK)
    fill_from_hash(ans, &hash, rows->n_status, n_curve);
  else if (status == OSV_EFULL)
    status = r_fill_by_sorting(ans, rows, n_curve, threads, &bad, &complete);
  if (status != OSV_OK && status != OSV_EDOMAIN) r_abort_status(status);
  SET_VECTOR_ELT(ans, COMPLETE, Rf_ScalarReal((double)complete));
  SET_VECTOR_ELT(ans, BAD,
                 Rf_ScalarReal(status == OSV_EDOMAIN ? (double)bad + 1.0 : 0.0));
  UNPROTECT(1);
  return ans;
}

/* .Call glue of the counting kernels. rows_: list of the columns of osv_rows. Value: see
 * r_count_rows(). */
SEXP r_count(SEXP rows_) {
  const osv_rows rows = rows_of(rows_);
  return r_count_rows(&rows, r_thread_count((double)rows.n));
}
