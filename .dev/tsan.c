/* tsan - R inside a program that is built with ThreadSanitizer, because R itself is not:
 * tsan <script.R>. The script may load packages that are built in the same way. */
#include <Rembedded.h>
#include <Rinternals.h>

int main(int argc, char **argv) {
  char *args[] = {"R", "--vanilla", "--no-echo", "--gui=none"};
  if (argc < 2) return 2;
  Rf_initEmbeddedR(4, args);
  int failed = 0;
  SEXP file = PROTECT(Rf_mkString(argv[1]));
  SEXP call = PROTECT(Rf_lang2(Rf_install("source"), file));
  R_tryEval(call, R_GlobalEnv, &failed);
  UNPROTECT(2);
  Rf_endEmbeddedR(0);
  return failed;
}
