#!/usr/bin/env bash
# .dev/coverage.sh kernels: lines and branches of the kernels that the C tests run, by
# gcov. .dev/coverage.sh suite [filter]: the same of kernels and glue for the tests in R.
# .dev/coverage.sh r [filter]: lines of R code that the tests in R run, by the package
# covr. Uncovered lines are in .build/coverage/<step>.txt, totals on the screen.
set -eu
step=${1:-kernels}
out=$PWD/.build/coverage
mkdir -p "$out"

# Sums gcov's output of the objects in a folder; sources are in another
summarise() { # <folder of objects> <folder of sources>
  (cd "$1" && gcov --branch-counts --branch-probabilities --object-directory . \
    -- *.gcno >gcov.log 2>&1)
  python3 .dev/coverage.py "$1" "$2" >"$out/$step.txt"
  grep -v '^  ' "$out/$step.txt"
}

case $step in
  kernels)
    work=$out/kernels
    rm -rf "$work" && mkdir -p "$work"
    flags=(-std=c11 -O0 -g -fopenmp-simd --coverage -I"$PWD/inst/include" -I"$PWD/src")
    for kernel in src/osv_*.c; do
      (cd "$work" && "${CC:-cc}" "${flags[@]}" -c "$OLDPWD/$kernel")
    done
    for program in tests/ctest/test_osv_*.c; do
      "${CC:-cc}" "${flags[@]}" -fno-profile-arcs -fno-test-coverage -c \
        -o "$work/program.o" "$program"
      "${CC:-cc}" --coverage -o "$work/program" "$work/program.o" "$work"/osv_*.o -lm
      "$work/program"
    done
    summarise "$work" "$PWD/src"
    ;;
  suite)
    # counters are written beside the sources of the build, which stay
    R_MAKEVARS_USER=$PWD/.dev/Makevars.coverage .dev/into.sh "$out/library"
    work=$out/suite
    rm -rf "$work" && cp -r .build/source/src "$work"
    (cd "$work" && rm -f ./*.o ./*.so && printf '%s\n' '#include <R.h>' >/dev/null &&
      MAKEFLAGS= R_MAKEVARS_USER=$OLDPWD/.dev/Makevars.coverage R CMD SHLIB -o oligosurv.so ./*.c \
        >build.log 2>&1)
    cp "$work/oligosurv.so" "$out/library/oligosurv/libs/"
    NOT_CRAN=true R_LIBS="$out/library:${R_LIBS:-}" Rscript .dev/test.R "${@:2}" || true
    summarise "$work" "$PWD/src"
    ;;
  r)
    Rscript .dev/coverage.R "${@:2}" >"$out/r.txt"
    grep -v '^  ' "$out/r.txt"
    ;;
esac
