/* r_threads - parallel tasks, the interrupt guard, and the R conditions that end a
 * computation. */
#include "r_api.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <time.h>
#endif
#ifdef _OPENMP
#include <omp.h>
#endif
#ifndef _WIN32
#include <unistd.h>
static pid_t home_pid; /* process that loaded the library; written once */
#endif

/* The R condition that ended a computation: an interrupt or an error, such as that of
 * setTimeLimit(). A poll catches it inside a parallel region, where it cannot be raised.
 * Until then it is stored as the CAR of this preserved cell. */
static SEXP pending;

void r_threads_init(void) {
  pending = Rf_cons(R_NilValue, R_NilValue);
  R_PreserveObject(pending);
#ifndef _WIN32
  home_pid = getpid();
#endif
}

static int is_fork(void) {
#ifdef _WIN32
  return 0;
#else
  return getpid() != home_pid;
#endif
}

/* Is an option unset, or one number that is not too small? Otherwise R code checks it. */
static int is_usual_option(SEXP name) {
  SEXP value = Rf_GetOption1(name);
  if (Rf_isNull(value)) return 1;
  return (TYPEOF(value) == INTSXP || TYPEOF(value) == REALSXP) && !Rf_isObject(value) &&
         Rf_xlength(value) == 1 && Rf_asReal(value) >= 1.0;
}

static int has_usual_options(void) {
  static SEXP threads, rows; /* symbols, which R never frees */
  if (!threads) threads = Rf_install("oligosurv.threads");
  if (!rows) rows = Rf_install("oligosurv.rows_per_thread");
  return is_usual_option(threads) && is_usual_option(rows);
}

/* The number of threads that R/base-checks.R allows for n_row rows. An invalid option is
 * an R error. */
static int threads_allowed(double n_row) {
  SEXP name = PROTECT(Rf_mkString("oligosurv"));
  SEXP home = PROTECT(R_FindNamespace(name));
  SEXP n_row_ = PROTECT(Rf_ScalarReal(n_row));
  SEXP call = PROTECT(Rf_lang2(Rf_install("max_threads"), n_row_));
  const int threads = Rf_asInteger(Rf_eval(call, home));
  UNPROTECT(4);
  return threads;
}

/* Number of threads for n_row rows: at most what the user and OpenMP (with its
 * environment variables) allow, and no more than save time for so many rows. It is 1 in a
 * forked process, which does not have the threads of its parent. */
int r_thread_count(double n_row) {
  enum { FEW = 1 << 16 }; /* below this, R is called only for an invalid option */
  int threads = 1;
  if (n_row >= FEW || !has_usual_options()) threads = threads_allowed(n_row);
#ifdef _OPENMP
  if (threads > omp_get_thread_limit()) threads = omp_get_thread_limit();
  if (threads > omp_get_max_threads()) threads = omp_get_max_threads();
#else
  threads = 1;
#endif
  return threads <= 1 || n_row < FEW || is_fork() ? 1 : threads;
}

int r_thread_index(void) {
#ifdef _OPENMP
  return omp_get_thread_num();
#else
  return 0;
#endif
}

/* Raises the R condition of a status that is not OSV_OK. All worker threads must have
 * ended. */
void r_abort_status(osv_status status) {
  SEXP name = PROTECT(Rf_mkString("oligosurv"));
  SEXP home = PROTECT(R_FindNamespace(name));
  SEXP text = PROTECT(Rf_mkString(osv_status_text(status)));
  SEXP interrupt = PROTECT(Rf_ScalarLogical(status == OSV_EINTR));
  SEXP condition = PROTECT(CAR(pending));
  SETCAR(pending, R_NilValue);
  SEXP call = PROTECT(Rf_lang4(Rf_install("abort_status"), text, interrupt, condition));
  Rf_eval(call, home);
  UNPROTECT(6); /* # nocov */
}

/* Milliseconds of a clock that never goes back */
static double clock_now(void) {
#ifdef _WIN32
  return (double)GetTickCount64();
#else
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
#endif
}

static SEXP keep(SEXP condition, void *unused) {
  (void)unused;
  return SETCAR(pending, condition);
}

/* Raises an interrupt, or the error of a time limit. Some versions of R (4.2 is one) read
 * the clock for setTimeLimit() only in every sixth call of R_CheckUserInterrupt(). */
void r_check_user(void) {
  enum { CALLS_TO_CLOCK = 6 };
  for (int i = 0; i < CALLS_TO_CLOCK; i++) R_CheckUserInterrupt();
}

static SEXP check(void *unused) {
  (void)unused;
  r_check_user();
  return R_NilValue;
}

static void poll_r(void *unused) {
  static r_words kinds = {{"interrupt", "error", NULL}, NULL};
  R_tryCatch(check, unused, r_shared(&kinds), keep, unused, NULL, unused);
}

/* The poll of a guard. No error may leave a parallel region while its workers run, so
 * poll_r() catches conditions, and jumps to the top level end here. Each poll costs R at
 * least ten microseconds, and 20 kB until its next garbage collection. */
static int poll_guard(void *ctx) {
  enum { EVERY_MS = 40 }; /* a fifth of 0.2 s, the longest time a user should wait */
  r_guard *guard = ctx;
  if (r_thread_index() == 0 && !atomic_load(&guard->stop)) {
    const double now = clock_now();
    if (now - guard->polled >= EVERY_MS) {
      guard->polled = now;
      if (!R_ToplevelExec(poll_r, NULL) || CAR(pending) != R_NilValue)
        atomic_store(&guard->stop, 1);
    }
  }
  return atomic_load(&guard->stop);
}

/* Raises a condition that an earlier region found after all of its tasks were done */
static void raise_pending(void) {
  if (CAR(pending) != R_NilValue) r_abort_status(OSV_EINTR);
}

void r_guard_open(r_guard *guard) {
  raise_pending();
  r_check_user(); /* R code may have run for a long time before this call */
  guard->poll = (osv_poll){poll_guard, guard};
  atomic_init(&guard->stop, 0);
  guard->polled = clock_now();
}

/* .Call: polls for interrupts and returns x, see R/base-conditions.R */
SEXP r_polled(SEXP x_) {
  r_check_user();
  return x_;
}

static void sleep_a_little(void) {
#ifdef _WIN32
  Sleep(1);
#else
  nanosleep(&(struct timespec){0, 50000}, NULL);
#endif
}

/* State of a parallel region */
typedef struct {
  r_guard guard;
  atomic_size_t turn;
  atomic_int done; /* number of threads that have finished */
  size_t n;
  r_task *task;
  void *ctx;
  osv_status *status;
} region;

/* Number of threads in the region of the calling thread */
static int region_size(void) {
#ifdef _OPENMP
  return omp_get_num_threads();
#else
  return 1;
#endif
}

/* Called by every thread at the end of a parallel region. The main thread keeps polling R
 * while it waits for the others. */
static void wait_for_others(region *x) {
  atomic_fetch_add(&x->done, 1);
  if (r_thread_index() != 0) return;
  for (int tries = 0; atomic_load(&x->done) < region_size(); tries++) {
    if (tries < 4096) continue; /* usually they do not take long */
    if (tries % 64 == 0) x->guard.poll.fn(x->guard.poll.ctx);
    sleep_a_little();
  }
}

static void run_tasks(region *x) {
  enum { SOME = 8 }; /* one task may be too small to poll */
  const osv_poll *poll = &x->guard.poll;
  /* Number of tasks that this thread has run. With a count shared by all threads, the
   * polls could always fall to other threads than the main thread, but only that one
   * polls R. */
  size_t own = 0;
  for (size_t i; (i = atomic_fetch_add(&x->turn, 1)) < x->n; own++) {
    if (own % SOME == SOME - 1 && poll->fn(poll->ctx)) break;
    x->status[i] = x->task(x->ctx, i, poll);
  }
  wait_for_others(x);
}

/* Runs tasks 0 .. n - 1, each on the next free thread. Then raises the status of the
 * first task that failed, or the condition that ended them. A single thread does not open
 * a parallel region, because that costs more than the curves of a small study. */
void r_share(int threads, size_t n, r_task *task, void *ctx) {
  enum { FEW = 8 };
  osv_status few[FEW];
  region x = {.n = n, .task = task, .ctx = ctx, .status = few};
  if (n > FEW) x.status = (osv_status *)R_alloc(n, sizeof *x.status);
  for (size_t i = 0; i < n; i++) x.status[i] = OSV_EINTR; /* not yet run */
  atomic_init(&x.turn, 0);
  atomic_init(&x.done, 0);
  r_guard_open(&x.guard);
  if (threads > 1) {
#pragma omp parallel num_threads(threads)
    run_tasks(&x);
  } else {
    run_tasks(&x);
  }
  for (size_t i = 0; i < n; i++)
    if (x.status[i] != OSV_OK) r_abort_status(x.status[i]);
  if (atomic_load(&x.guard.stop)) r_abort_status(OSV_EINTR);
}
