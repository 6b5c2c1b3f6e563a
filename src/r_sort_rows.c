/* r_sort_rows - makes the event table of rows with many distinct times. Rows are
 * scattered into buckets, which are sorted in the cache, see src/osv_bucket.c and
 * src/osv_sort.c. */
#include "r_api.h"

enum { TIME = R_TIME, STATUS, N, START };

/* State of a count of distinct (time, status) pairs in sorted rows. The count may stop
 * once it exceeds `most`. */
typedef struct {
  const double *time, *start;
  const int *status;
  size_t most, m;
} distinct;

static osv_status count_distinct(void *ctx, size_t c, const osv_poll *poll) {
  distinct *const x = ctx;
  const size_t from = (size_t)x->start[c], to = (size_t)x->start[c + 1];
  for (size_t lo = from; lo < to && x->m <= x->most; lo += OSV_POLL_ROWS) {
    if (lo > from && poll->fn(poll->ctx)) return OSV_EINTR;
    const size_t n = to - lo < OSV_POLL_ROWS ? to - lo : OSV_POLL_ROWS;
    const double *const time = x->time + lo;
    const int *const status = x->status + lo;
    x->m += osv_compress(time, status, n, NULL, NULL, NULL);
    if (lo > from) x->m -= time[0] == time[-1] && status[0] == status[-1];
  }
  return OSV_OK;
}

/* Replaces equal sorted rows by counts if that at least halves their number; otherwise
 * each row has count 1. */
static void compress(SEXP ans, size_t n_curve) {
  const double *time = REAL(VECTOR_ELT(ans, TIME));
  const int *status = INTEGER(VECTOR_ELT(ans, STATUS));
  double *start = REAL(VECTOR_ELT(ans, START));
  distinct x = {time, start, status, (size_t)start[n_curve] / 2, 0};
  r_share(1, n_curve, count_distinct, &x);
  const size_t m = x.m;
  if (m > x.most) return;
  SEXP time_ = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)m));
  SEXP status_ = PROTECT(Rf_allocVector(INTSXP, (R_xlen_t)m));
  double *n = r_new_column(ans, N, (R_xlen_t)m);
  size_t to = 0;
  for (size_t c = 0; c < n_curve; c++) {
    const size_t lo = (size_t)start[c], size = (size_t)start[c + 1] - lo;
    start[c] = (double)to;
    to += osv_compress(time + lo, status + lo, size, REAL(time_) + to,
                       INTEGER(status_) + to, n + to);
  }
  start[n_curve] = (double)to;
  SET_VECTOR_ELT(ans, TIME, time_);
  SET_VECTOR_ELT(ans, STATUS, status_);
  UNPROTECT(2);
}

/* State of sorting rows through buckets, each of one curve and near-equal times */
typedef struct {
  const osv_rows *rows;
  osv_buckets buckets;
  size_t n_curve, n_bucket;
  int threads;        /* number of threads; each counts one stretch of rows */
  size_t *next;       /* [threads * n_bucket] position of the next row of each stretch */
  size_t *first;      /* [n_bucket + 1] first row of each bucket in the sorted rows */
  osv_status *status; /* status of the count of each stretch, and its first bad row */
  size_t *bad;
  double *time;
  int *code;
  double *scratch_time; /* one for each thread */
  int *scratch_code;
  size_t *count;
} sorting;

/* Plans buckets of about 2048 rows over the range of the sampled times, but no more
 * buckets than fit in the cache. Times outside the range go to the first or last
 * bucket. */
static sorting plan_sorting(const osv_rows *rows, size_t n_curve, int threads) {
  const size_t aim = rows->n / 2048 + 1, most = 4096;
  const size_t per_curve = (aim < most ? aim : most) / n_curve + 1;
  const size_t n_bucket = n_curve * per_curve;
  double *sample = r_scratch(2 * R_SAMPLE);
  const size_t m = rows->n < R_SAMPLE ? 0 : r_sample_times(rows, sample);
  const double low = m > 0 ? sample[0] : 0.0, width = m > 0 ? sample[m - 1] - low : 0.0;
  const double scale = width > 0.0 ? (double)per_curve / width : 0.0;
  return (sorting){.rows = rows,
                   .buckets = {low, scale, per_curve},
                   .n_curve = n_curve,
                   .n_bucket = n_bucket,
                   .threads = threads,
                   .next = (size_t *)R_alloc((size_t)threads * n_bucket, sizeof(size_t)),
                   .first = (size_t *)R_alloc(n_bucket + 1, sizeof(size_t)),
                   .status = (osv_status *)R_alloc((size_t)threads, sizeof(osv_status)),
                   .bad = (size_t *)R_alloc((size_t)threads, sizeof(size_t))};
}

/* Writes once to each large page of new memory. Otherwise scattering would touch all
 * pages within a few rows, which for gigabytes takes longer than a user's interrupt may
 * wait. */
enum { PAGE = 1 << 21 };

static osv_status touch_page(void *memory, size_t page, const osv_poll *poll) {
  volatile char *const byte = memory;
  byte[page * PAGE] = 0;
  return poll->fn(poll->ctx) ? OSV_EINTR : OSV_OK;
}

static void touch(void *memory, size_t bytes, int threads) {
  r_share(threads, (bytes + PAGE - 1) / PAGE, touch_page, memory);
}

/* Counts the rows of stretch t by bucket. OSV_EDOMAIN: bad[t] is its first bad row. */
static osv_status count_stretch(void *ctx, size_t t, const osv_poll *poll) {
  const sorting *s = ctx;
  const size_t n = s->rows->n;
  s->status[t] =
      osv_buckets_count(&s->buckets, s->rows, r_stretch_start(n, s->threads, (int)t),
                        r_stretch_start(n, s->threads, (int)t + 1), poll,
                        s->next + t * s->n_bucket, s->bad + t);
  return s->status[t] == OSV_EDOMAIN ? OSV_OK : s->status[t];
}

/* Assigns to each bucket its place in the sorted rows and, within the bucket, to each
 * stretch its part. Value: total number of rows */
static size_t assign_places(const sorting *s, double *start) {
  size_t sum = 0;
  for (size_t b = 0; b < s->n_bucket; b++) {
    s->first[b] = sum;
    for (int t = 0; t < s->threads; t++) {
      const size_t size = s->next[(size_t)t * s->n_bucket + b];
      s->next[(size_t)t * s->n_bucket + b] = sum;
      sum += size;
    }
  }
  s->first[s->n_bucket] = sum;
  for (size_t c = 0; c <= s->n_curve; c++)
    start[c] = (double)s->first[c * s->buckets.per_curve];
  return sum;
}

static osv_status scatter_stretch(void *ctx, size_t t, const osv_poll *poll) {
  const sorting *s = ctx;
  const size_t n = s->rows->n;
  return osv_buckets_scatter(&s->buckets, s->rows, r_stretch_start(n, s->threads, (int)t),
                             r_stretch_start(n, s->threads, (int)t + 1), poll,
                             s->next + t * s->n_bucket, s->time, s->code);
}

/* Number of buckets that one task sorts */
enum { SOME = 8 };

static osv_status sort_some(void *ctx, size_t task, const osv_poll *poll) {
  const sorting *s = ctx;
  const size_t thread = (size_t)r_thread_index(), end = (task + 1) * SOME;
  for (size_t b = task * SOME; b < end && b < s->n_bucket; b++) {
    const size_t lo = s->first[b];
    osv_sort_bucket(s->time + lo, s->code + lo, s->first[b + 1] - lo, s->rows->n_status,
                    s->scratch_time + thread * OSV_SORT_SCRATCH,
                    s->scratch_code + thread * OSV_SORT_SCRATCH,
                    s->count + thread * (size_t)s->rows->n_status);
  }
  return poll->fn(poll->ctx) ? OSV_EINTR : OSV_OK;
}

static void sort_buckets(sorting *s) {
  const size_t threads = (size_t)s->threads;
  s->scratch_time = (double *)R_alloc(threads * OSV_SORT_SCRATCH, sizeof(double));
  s->scratch_code = (int *)R_alloc(threads * OSV_SORT_SCRATCH, sizeof(int));
  s->count = (size_t *)R_alloc(threads * (size_t)s->rows->n_status, sizeof(size_t));
  r_share(s->threads, (s->n_bucket + SOME - 1) / SOME, sort_some, s);
}

/* Fills TIME, STATUS, N and START of ans by sorting. OSV_EDOMAIN: *bad is the first bad
 * row. */
osv_status r_fill_by_sorting(SEXP ans, const osv_rows *rows, size_t n_curve, int threads,
                             size_t *bad, size_t *complete) {
  sorting work = plan_sorting(rows, n_curve, threads);
  const size_t stretches = (size_t)threads;
  for (size_t i = 0; i < stretches * work.n_bucket; i++) work.next[i] = 0;
  r_share(threads, stretches, count_stretch, &work);
  for (size_t t = 0; t < stretches; t++) {
    *bad = work.bad[t];
    if (work.status[t] != OSV_OK) return work.status[t];
  }
  *complete = assign_places(&work, r_new_column(ans, START, (R_xlen_t)n_curve + 1));
  work.time = r_new_column(ans, TIME, (R_xlen_t)*complete);
  work.code = r_new_codes(ans, STATUS, (R_xlen_t)*complete);
  touch(work.time, *complete * sizeof *work.time, threads);
  touch(work.code, *complete * sizeof *work.code, threads);
  r_share(threads, stretches, scatter_stretch, &work);
  sort_buckets(&work);
  compress(ans, n_curve);
  return OSV_OK;
}
