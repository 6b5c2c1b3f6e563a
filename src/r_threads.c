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
static pid_t home_pid; /* written once, when the library is loaded */
#endif

/* What stopped a work: an interrupt or an error, such as that of a limit of time. Kept
 * from the poll that met it, within a parallel region, until it can be raised. */
static SEXP met; /* a cell that is there for good, whose CAR it is */

void r_threads_init(void) {
  met = Rf_cons(R_NilValue, R_NilValue);
  R_PreserveObject(met);
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

/* How many rows each thread has at least. Where another process has the other core, a
 * second thread is waited for several milliseconds in each region: some 25 in all where
 * half a million times are sorted, which one thread does in 20. */
static double rows_per_thread(void) {
  enum { USUAL = 1 << 18 };
  SEXP option = Rf_GetOption1(Rf_install("oligosurv.rows_per_thread"));
  const double rows =
      Rf_isNumeric(option) && Rf_xlength(option) == 1 ? Rf_asReal(option) : 0;
  return rows >= 1.0 ? rows : USUAL;
}

/* Threads for n_row rows: at most what the user allows, what OpenMP and its environment
 * variables allow, and what the rows are worth; 1 in a forked process, where the threads
 * of the parent do not exist. */
int r_thread_count(SEXP threads_, double n_row) {
  enum { FEW = 1 << 16 }; /* not worth the question */
  int threads = Rf_asInteger(threads_);
#ifdef _OPENMP
  if (threads > omp_get_thread_limit()) threads = omp_get_thread_limit();
  if (threads > omp_get_max_threads()) threads = omp_get_max_threads();
#else
  threads = 1;
#endif
  if (threads <= 1 || n_row < FEW || is_fork()) return 1;
  const double most = n_row / rows_per_thread();
  if (threads > most) threads = (int)most;
  return threads < 1 ? 1 : threads;
}

int r_thread_index(void) {
#ifdef _OPENMP
  return omp_get_thread_num();
#else
  return 0;
#endif
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
  return SETCAR(met, condition);
}

static SEXP check(void *unused) {
  (void)unused;
  R_CheckUserInterrupt();
  return R_NilValue;
}

static void ask_r(void *unused) {
  static r_words kinds = {{"interrupt", "error", NULL}, NULL};
  R_tryCatch(check, unused, r_shared(&kinds), keep, unused, NULL, unused);
}

/* Takes what stopped the work: NULL where it left no condition */
SEXP r_take_condition(void) {
  SEXP condition = CAR(met);
  SETCAR(met, R_NilValue);
  return condition;
}

/* Nothing may jump over the workers, so that a condition is caught at the bottom, and the
 * way to the top level ends here. A question takes R ten microseconds or more, and 20 kB
 * until its next collection of garbage. */
static int poll_gate(void *ctx) {
  enum { EVERY_MS = 40 }; /* a fifth of the 0.2 s that a user waits at most */
  r_gate *gate = ctx;
  if (r_thread_index() == 0 && !atomic_load(&gate->stop)) {
    const double now = clock_now();
    if (now - gate->asked >= EVERY_MS) {
      gate->asked = now;
      if (!R_ToplevelExec(ask_r, NULL) || CAR(met) != R_NilValue)
        atomic_store(&gate->stop, 1);
    }
  }
  return atomic_load(&gate->stop);
}

/* Raises what an earlier region met when all of its work was done */
static void raise_met(void) {
  if (CAR(met) != R_NilValue) r_abort_status(OSV_EINTR);
}

void r_gate_open(r_gate *gate) {
  raise_met();
  gate->poll = (osv_poll){poll_gate, gate};
  atomic_init(&gate->stop, 0);
  gate->asked = clock_now();
}

static void sleep_a_little(void) {
#ifdef _WIN32
  Sleep(1);
#else
  nanosleep(&(struct timespec){0, 50000}, NULL);
#endif
}

/* What the threads of a region share */
typedef struct {
  r_gate gate;
  atomic_size_t turn;
  atomic_int done; /* threads that have ended their part */
  size_t n;
  r_piece_of_work *work;
  void *ctx;
  osv_status *status;
} sharing;

/* Threads of the region that this one is in */
static int region_size(void) {
#ifdef _OPENMP
  return omp_get_num_threads();
#else
  return 1;
#endif
}

/* The end of a parallel region, which every thread of it calls: the main thread goes on
 * asking R while it waits for the others. */
static void wait_for_others(sharing *x) {
  atomic_fetch_add(&x->done, 1);
  if (r_thread_index() != 0) return;
  for (int tries = 0; atomic_load(&x->done) < region_size(); tries++) {
    if (tries < 4096) continue; /* they seldom take long */
    if (tries % 64 == 0) x->gate.poll.fn(x->gate.poll.ctx);
    sleep_a_little();
  }
}

static void take_turns(sharing *x) {
  enum { SOME = 8 }; /* pieces may be too small to ask for themselves */
  const osv_poll *poll = &x->gate.poll;
  size_t own = 0; /* counted by each thread: the main one alone asks R */
  for (size_t i; (i = atomic_fetch_add(&x->turn, 1)) < x->n; own++) {
    if (own % SOME == SOME - 1 && poll->fn(poll->ctx)) break;
    x->status[i] = x->work(x->ctx, i, poll);
  }
  wait_for_others(x);
}

/* Does the pieces 0 .. n - 1 of a work, one at a time to whichever thread is free, and
 * raises the status of the first that fails, or what stopped them. One thread needs no
 * parallel region, which costs more than the curves of a small study. */
void r_share(int threads, size_t n, r_piece_of_work *work, void *ctx) {
  enum { FEW = 8 };
  osv_status few[FEW];
  sharing x = {.n = n, .work = work, .ctx = ctx, .status = few};
  if (n > FEW) x.status = (osv_status *)R_alloc(n, sizeof *x.status);
  for (size_t i = 0; i < n; i++) x.status[i] = OSV_EINTR; /* until it has had its turn */
  atomic_init(&x.turn, 0);
  atomic_init(&x.done, 0);
  r_gate_open(&x.gate);
  if (threads > 1) {
#pragma omp parallel num_threads(threads)
    take_turns(&x);
  } else {
    take_turns(&x);
  }
  for (size_t i = 0; i < n; i++)
    if (x.status[i] != OSV_OK) r_abort_status(x.status[i]);
  if (atomic_load(&x.gate.stop)) r_abort_status(OSV_EINTR);
}

/* The option of threads as the glue reads it, or NULL where R has to complain */
SEXP r_quick_threads(void) {
  SEXP option = Rf_GetOption1(Rf_install("oligosurv.threads"));
  if (Rf_isNull(option)) return Rf_ScalarInteger(2);
  if (Rf_isObject(option) || Rf_xlength(option) != 1 ||
      (TYPEOF(option) != REALSXP && TYPEOF(option) != INTSXP))
    return R_NilValue;
  const double threads = Rf_asReal(option);
  if (!(threads >= 1.0)) return R_NilValue;
  return Rf_ScalarInteger(threads < 1024.0 ? (int)threads : 1024);
}
