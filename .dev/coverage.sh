#!/usr/bin/env bash
# .dev/coverage.sh: lines and branches of the kernels that the C tests run, by gcov. The
# lines that no test runs are in .build/coverage/kernels.txt.
set -eu
work=$PWD/.build/coverage/kernels
rm -rf "$work" && mkdir -p "$work"
flags=(-std=c11 -O0 -g -fopenmp-simd -I"$PWD/inst/include" -I"$PWD/src")
for kernel in "$PWD"/src/osv_*.c; do
  (cd "$work" && "${CC:-cc}" "${flags[@]}" --coverage -c "$kernel")
done
for program in tests/ctest/test_osv_*.c; do
  "${CC:-cc}" "${flags[@]}" -c -o "$work/program.o" "$program"
  "${CC:-cc}" --coverage -o "$work/program" "$work/program.o" "$work"/osv_*.o -lm
  "$work/program"
done
(cd "$work" && gcov --branch-counts --branch-probabilities -- *.gcno >gcov.log 2>&1)
python3 .dev/coverage.py "$work" src >"$work.txt"
grep -v '^  ' "$work.txt"
