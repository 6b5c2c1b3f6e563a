/* r_sort - the event table of rows with many distinct times: dealt to buckets, which are
 * sorted in cache, see src/osv_bucket.c and src/osv_sort.c. */
#include "r_api.h"

enum { TIME = R_TIME, STATUS, N, START };

/* Distinct (time, status) of all curves, or some number above `most` when there are more,
 * or when the gate closes */
static size_t count_distinct(const double *time, const int *status, const double *start,
                             size_t n_curve, size_t most, r_gate *gate) {
  size_t m = 0;
  for (size_t c = 0; c < n_curve; c++) {
    const size_t from = (size_t)start[c], to = (size_t)start[c + 1];
    for (size_t lo = from; lo < to; lo += OSV_POLL_ROWS) {
      const size_t n = to - lo < OSV_POLL_ROWS ? to - lo : OSV_POLL_ROWS;
      m += osv_compress(time + lo, status + lo, n, NULL, NULL, NULL);
      if (lo > from) m -= time[lo] == time[lo - 1] && status[lo] == status[lo - 1];
      if (m > most || (lo > 0 && gate->poll.fn(gate->poll.ctx))) return most + 1;
    }
  }
  return m;
}

/* Sorted rows made distinct where that at least halves them; else each row counts one. */
static void compress(SEXP ans, size_t n_curve, r_gate *gate) {
  const double *time = REAL(VECTOR_ELT(ans, TIME));
  const int *status = INTEGER(VECTOR_ELT(ans, STATUS));
  double *start = REAL(VECTOR_ELT(ans, START));
  const size_t most = (size_t)start[n_curve] / 2;
  const size_t m = count_distinct(time, status, start, n_curve, most, gate);
  if (m > most) return;
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

/* Rows on their way into buckets of one curve and near-equal times */
typedef struct {
  const osv_rows *rows;
  osv_buckets buckets;
  size_t n_curve, n_bucket;
  int threads;
  size_t *next;  /* [threads * n_bucket] where a stretch puts its next row of a bucket */
  size_t *first; /* [n_bucket + 1] first row of each bucket */
  double *time;
  int *code;
} sorting;

/* Buckets of about 2048 rows, but no more than a cache can deal to, over the range of a
 * sample: what lies outside goes to the first and the last */
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
                   .first = (size_t *)R_alloc(n_bucket + 1, sizeof(size_t))};
}

/* First touch of fresh memory, a large page at a time. Dealing touches all of it within a
 * few rows, which for gigabytes takes longer than an interrupt may wait. */
static void touch(void *memory, size_t bytes, int threads, r_gate *gate) {
  const size_t page = (size_t)1 << 21;
  volatile char *const byte = memory;
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
#pragma omp for nowait
    for (size_t at = 0; at < bytes; at += page)
      if (!gate->poll.fn(gate->poll.ctx)) byte[at] = 0;
    r_gate_wait(gate);
  }
}

/* Counts what each stretch has for each bucket. OSV_EDOMAIN: *bad is the first bad row.
 */
static osv_status count_buckets(const sorting *s, r_gate *gate, size_t *bad) {
  const size_t n_bucket = s->n_bucket, n = s->rows->n;
  osv_status *status = (osv_status *)R_alloc((size_t)s->threads, sizeof *status);
  size_t *where = (size_t *)R_alloc((size_t)s->threads, sizeof *where);
  for (size_t i = 0; i < (size_t)s->threads * n_bucket; i++) s->next[i] = 0;
#pragma omp parallel num_threads(s->threads) if (s->threads > 1)
  {
#pragma omp for nowait
    for (int t = 0; t < s->threads; t++)
      status[t] =
          osv_buckets_count(&s->buckets, s->rows, r_stretch_start(n, s->threads, t),
                            r_stretch_start(n, s->threads, t + 1), &gate->poll,
                            s->next + (size_t)t * n_bucket, where + t);
    r_gate_wait(gate);
  }
  for (int t = 0; t < s->threads; t++) {
    if (status[t] == OSV_OK) continue;
    *bad = where[t];
    return status[t];
  }
  return OSV_OK;
}

/* Lays the buckets out, stretch after stretch in each. Value: rows in all. */
static size_t lay_out(const sorting *s, double *start) {
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

static void deal_rows(const sorting *s, r_gate *gate) {
  const size_t n = s->rows->n, sum = s->first[s->n_bucket];
  touch(s->time, sum * sizeof *s->time, s->threads, gate);
  touch(s->code, sum * sizeof *s->code, s->threads, gate);
  if (atomic_load(&gate->stop)) return; /* the counts are not whole */
#pragma omp parallel num_threads(s->threads) if (s->threads > 1)
  {
#pragma omp for nowait
    for (int t = 0; t < s->threads; t++)
      osv_buckets_fill(&s->buckets, s->rows, r_stretch_start(n, s->threads, t),
                       r_stretch_start(n, s->threads, t + 1), &gate->poll,
                       s->next + (size_t)t * s->n_bucket, s->time, s->code);
    r_gate_wait(gate);
  }
}

static void sort_buckets(const sorting *s, r_gate *gate) {
  const size_t threads = (size_t)s->threads, n_status = (size_t)s->rows->n_status;
  double *scratch_time = (double *)R_alloc(threads * OSV_SORT_SCRATCH, sizeof(double));
  int *scratch_code = (int *)R_alloc(threads * OSV_SORT_SCRATCH, sizeof(int));
  size_t *count = (size_t *)R_alloc(threads * n_status, sizeof *count);
#pragma omp parallel num_threads(s->threads) if (threads > 1)
  {
#pragma omp for schedule(dynamic, 16) nowait
    for (size_t b = 0; b < s->n_bucket; b++) {
      /* in every chunk of 16, so that the main thread, which alone asks R, comes by */
      if (b % 8 == 7 ? gate->poll.fn(gate->poll.ctx) : atomic_load(&gate->stop)) continue;
      const size_t t = (size_t)r_thread_index(), lo = s->first[b];
      osv_sort_bucket(s->time + lo, s->code + lo, s->first[b + 1] - lo, s->rows->n_status,
                      scratch_time + t * OSV_SORT_SCRATCH,
                      scratch_code + t * OSV_SORT_SCRATCH, count + t * n_status);
    }
    r_gate_wait(gate);
  }
}

/* The table by sorting into TIME, STATUS, N and START of ans; interrupted or not, all
 * threads are done when it returns. */
osv_status r_fill_by_sorting(SEXP ans, const osv_rows *rows, size_t n_curve, int threads,
                             size_t *bad, size_t *complete) {
  r_gate gate;
  r_gate_open(&gate);
  sorting work = plan_sorting(rows, n_curve, threads);
  const osv_status status = count_buckets(&work, &gate, bad);
  if (status != OSV_OK) return status;
  *complete = lay_out(&work, r_new_column(ans, START, (R_xlen_t)n_curve + 1));
  work.time = r_new_column(ans, TIME, (R_xlen_t)*complete);
  work.code = r_new_codes(ans, STATUS, (R_xlen_t)*complete);
  deal_rows(&work, &gate);
  if (!atomic_load(&gate.stop)) sort_buckets(&work, &gate);
  if (atomic_load(&gate.stop)) return OSV_EINTR;
  compress(ans, n_curve, &gate);
  return atomic_load(&gate.stop) ? OSV_EINTR : OSV_OK;
}
