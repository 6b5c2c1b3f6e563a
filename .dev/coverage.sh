#!/usr/bin/env bash
# .dev/coverage.sh: lines and branches of the kernels that the C tests run, by gcov, and
# the fuzzers on the same 500 inputs each time and on tests/ctest/corpus. Lines that nothing runs are in
# .build/coverage/kernels.txt, lines with branches that nothing takes in
# .build/coverage/branches.txt.
# .dev/coverage.sh package [filter]: lines of the R code and of the glue that the tests in
# R run, by covr; in .build/coverage/package.txt.
set -eu
if [ "${1:-}" = package ]; then
  mkdir -p .build/coverage
  .dev/stage.sh .build/coverage/source
  exec Rscript .dev/coverage.R "${@:2}"
fi
work=$PWD/.build/coverage/kernels
rm -rf "$work" && mkdir -p "$work"
flags=(-std=c11 -O0 -g -fopenmp-simd -DOSV_ONE_COPY -I"$PWD/inst/include" -I"$PWD/src")
for kernel in "$PWD"/src/osv_*.c; do
  (cd "$work" && "${CC:-cc}" "${flags[@]}" --coverage -c "$kernel")
done
"${CC:-cc}" "${flags[@]}" -c -o "$work/random.o" tests/ctest/random.c
for program in tests/ctest/test_osv_*.c tests/ctest/fuzz_osv_*.c; do
  more=()
  case $program in */fuzz_*) more=("$work/random.o") ;; esac
  "${CC:-cc}" "${flags[@]}" -c -o "$work/program.o" "$program"
  "${CC:-cc}" --coverage -o "$work/program" "$work/program.o" "${more[@]}" \
    "$work"/osv_*.o -lm
  "$work/program" 500 "tests/ctest/corpus/$(basename "${program#*/fuzz_osv_}" .c).txt"
done
(cd "$work" && gcov --branch-counts --branch-probabilities -- *.gcno >gcov.log 2>&1)
python3 .dev/coverage.py "$work" src >"$work.txt"
grep -v '^  ' "$work.txt"
