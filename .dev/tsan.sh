#!/usr/bin/env bash
# .dev/tsan.sh [filter]: the R tests of computations that use threads, with two threads,
# under ThreadSanitizer, on Linux with clang and libomp. First a race that is made on
# purpose must be found. Status 1 if another one is.
set -eu
filter=${1:-'^(base-threads|digits|many-groups|gray-test|logrank-test|kaplan-meier|cumulative-incidence|event-table|state-occupation|hazard-ratio)$'}
out=$PWD/.build/tsan
rm -rf "$out" && mkdir -p "$out/library"
flags=(-g -O1 -fPIC -fsanitize=thread -fopenmp)
R_HOME=$(R RHOME)
include=$(R CMD config --cppflags)
archer=$(find /usr/lib/llvm-* -name libarcher.so | head -n 1)
export R_HOME LD_LIBRARY_PATH=$R_HOME/lib:$(dirname "$archer")

# shellcheck disable=SC2086 # words
clang "${flags[@]}" $include -rdynamic -o "$out/tsan" .dev/tsan.c -L"$R_HOME/lib" -lR
# libarcher tells ThreadSanitizer what libomp does; the thread of cli only counts time
run() {
  env CLI_NO_THREAD=1 OMP_TOOL_LIBRARIES="$archer" \
    TSAN_OPTIONS="ignore_noninstrumented_modules=1" "$out/tsan" "$1" 2>&1
}

cat >"$out/race.c" <<'END'
#include <Rinternals.h>
int total;
SEXP race(SEXP n_) {
  const int n = Rf_asInteger(n_);
#pragma omp parallel for num_threads(2)
  for (int i = 0; i < n; i++) total += i;
  return Rf_ScalarInteger(total);
}
END
# shellcheck disable=SC2086 # words
clang "${flags[@]}" -shared $include -o "$out/race.so" "$out/race.c"
echo "dyn.load('$out/race.so'); .Call('race', 1000L)" >"$out/race.R"
run "$out/race.R" >"$out/race.log" || true
grep -q "WARNING: ThreadSanitizer: data race" "$out/race.log" ||
  { echo "ThreadSanitizer does not find a race here" && exit 1; }

cat >"$out/Makevars" <<END
CC = clang
CFLAGS = -g -O1 -fPIC -fsanitize=thread -fno-omit-frame-pointer
SHLIB_OPENMP_CFLAGS = -fopenmp
END
.dev/stage.sh .build/source
(cd .build && R CMD build --no-build-vignettes source &&
  R_MAKEVARS_USER=$out/Makevars R CMD INSTALL --no-test-load --no-docs -l "$out/library" \
    oligosurv_*.tar.gz) >"$out/install.log" 2>&1 || { cat "$out/install.log" && exit 1; }
cat >"$out/tests.R" <<END
.libPaths(c("$out/library", .libPaths()))
Sys.setenv(NOT_CRAN = "true")
options(oligosurv.threads = 2L)
library(oligosurv)
done <- as.data.frame(testthat::test_dir("$PWD/tests/testthat",
  filter = "$filter", package = "oligosurv", load_package = "installed",
  reporter = "silent", stop_on_failure = FALSE
))
# a test that starts an R of its own cannot load the package there
writeLines(unique(done\$file[done\$failed > 0 | done\$error]))
cat(sum(done\$nb), "expectations in", length(unique(done\$file)), "test files\n")
END
run "$out/tests.R" >"$out/tests.log" || true
grep -h -A 12 "WARNING: ThreadSanitizer" "$out/tests.log" || true
tail -n 3 "$out/tests.log"
races=$(grep -c "WARNING: ThreadSanitizer" "$out/tests.log" || true)
echo "data races: $races"
[ "$races" -eq 0 ] && grep -q "expectations in" "$out/tests.log"
