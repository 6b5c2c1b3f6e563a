/* faults - a library that is loaded before R (LD_PRELOAD) and makes the n-th call that
 * oligosurv.so makes of one kind fail, so that the released code is tested as it is.
 *
 * Kinds: 0 counts only; 1 an allocation of R (an error, as when memory is exhausted);
 * 2 a poll for interrupts (an interrupt); 3 a random number (an error, as that of a
 * generator of the user). Polls fall due at once, because the clock seems to leap. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

typedef void *SEXP;
enum { ALLOCATION = 1, POLL = 2, RANDOM = 3, KINDS };
static long calls[KINDS], fail_at;
static int kind_to_fail;
static double leap;
static int polls_in_turn; /* the glue calls R_CheckUserInterrupt() IN_TURN times a poll */
enum { IN_TURN = 6 };

static void *real_of(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  return found ? found : dlsym(RTLD_DEFAULT, name);
}

static int is_ours(void *caller) {
  Dl_info info;
  return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "oligosurv.so");
}

/* Counts a call; does it have to fail? */
static int must_fail(int kind, void *caller) {
  if (!is_ours(caller)) return 0;
  calls[kind]++;
  return kind == kind_to_fail && calls[kind] == fail_at;
}

/* The error of R when memory is exhausted, with a number by which faults.R knows it */
static void fail(void) {
  void (*error)(const char *, ...) = real_of("Rf_error");
  error("cannot allocate vector of size %0.1f Gb", 98765.4);
}

/* .C: the kind and number of the call that fails, and whether polls fall due at once */
void faults_set(int *kind, int *at, int *leaps) {
  memset(calls, 0, sizeof calls);
  kind_to_fail = *kind;
  fail_at = *at;
  leap = *leaps ? 1.0 : 0.0;
  polls_in_turn = 0;
}

/* .C: the calls of each kind since faults_set() */
void faults_count(int *out) {
  for (int k = 1; k < KINDS; k++) out[k - 1] = (int)calls[k];
}

#define WRAP(type, name, parameters, arguments)                              \
  type name parameters {                                                     \
    static type(*real) parameters;                                           \
    if (!real) real = real_of(#name);                                        \
    if (must_fail(ALLOCATION, __builtin_return_address(0))) fail();          \
    return real arguments;                                                   \
  }

WRAP(SEXP, Rf_allocVector, (unsigned type, ptrdiff_t n), (type, n))
WRAP(SEXP, Rf_allocMatrix, (unsigned type, int rows, int columns), (type, rows, columns))
WRAP(SEXP, Rf_mkNamed, (unsigned type, const char **names), (type, names))
WRAP(SEXP, Rf_mkString, (const char *text), (text))
WRAP(SEXP, Rf_mkChar, (const char *text), (text))
WRAP(SEXP, Rf_ScalarReal, (double x), (x))
WRAP(SEXP, Rf_ScalarInteger, (int x), (x))
WRAP(SEXP, Rf_ScalarString, (SEXP x), (x))
WRAP(SEXP, Rf_cons, (SEXP a, SEXP b), (a, b))
WRAP(SEXP, Rf_lang2, (SEXP a, SEXP b), (a, b))
WRAP(SEXP, Rf_list4, (SEXP a, SEXP b, SEXP c, SEXP d), (a, b, c, d))
WRAP(SEXP, Rf_duplicate, (SEXP x), (x))
WRAP(SEXP, Rf_shallow_duplicate, (SEXP x), (x))
WRAP(SEXP, R_new_altrep, (SEXP class, SEXP a, SEXP b), (class, a, b))
WRAP(char *, R_alloc, (size_t n, int size), (n, size))

double unif_rand(void) {
  static double (*real)(void);
  if (!real) real = real_of("unif_rand");
  if (must_fail(RANDOM, __builtin_return_address(0))) fail();
  return real();
}

void R_CheckUserInterrupt(void) {
  static void (*real)(void);
  static int *pending;
  if (!real) {
    real = real_of("R_CheckUserInterrupt");
    pending = dlsym(RTLD_DEFAULT, "R_interrupts_pending");
  }
  void *caller = __builtin_return_address(0);
  const int is_first = is_ours(caller) && polls_in_turn++ % IN_TURN == 0;
  if (is_first && must_fail(POLL, caller) && pending) *pending = 1;
  real();
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  static time_t ahead;
  if (!real) real = real_of("clock_gettime");
  const int status = real(clock, now);
  if (leap != 0.0 && is_ours(__builtin_return_address(0))) now->tv_sec += ahead++;
  return status;
}
