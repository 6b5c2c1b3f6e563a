#!/usr/bin/env bash
# .dev/ways.sh bits: kernels built in each way that a user may build them give the same
# bits in all that the C tests compare. The programs of the tests are compiled only once.
# .dev/ways.sh asan | msan | valgrind: the C tests, and the fuzzers on the same inputs each
# time and on those of tests/ctest/corpus, under AddressSanitizer and UBSan,
# MemorySanitizer (clang) or valgrind.
# .dev/ways.sh state: no kernel has data that can be written, so threads share none.
# INPUTS=<number> for each fuzzer, 300 unless given.
set -eu
mode=$1
out=$PWD/.build/ways
inputs=${INPUTS:-300}
rm -rf "$out" && mkdir -p "$out"
common=(-std=c11 -g -Wno-unknown-pragmas -I"$PWD/inst/include" -I"$PWD/src")
gcc=${CC:-gcc}

# kernels <folder> <compiler> <flags>...
kernels() {
  mkdir -p "$out/$1"
  local kernel
  for kernel in src/osv_*.c; do
    "$2" "${common[@]}" "${@:3}" -c -o "$out/$1/$(basename "$kernel" .c).o" "$kernel"
  done
}

bits() {
  local program name way failed=0
  for program in tests/ctest/test_osv_*.c; do
    "$gcc" "${common[@]}" -O1 -DOSV_BITS -c -o "$out/$(basename "$program" .c).o" "$program"
  done
  while read -r way compiler flags; do
    command -v "$compiler" >/dev/null || continue
    # shellcheck disable=SC2086 # flags are words
    kernels "$way" "$compiler" $flags
    : >"$out/$way.txt"
    for program in "$out"/test_osv_*.o; do
      name=$(basename "$program" .o)
      "$gcc" -o "$out/program" "$program" "$out/$way"/osv_*.o -lm
      echo "$name: $("$out/program")" >>"$out/$way.txt"
    done
    if cmp -s "$out/O2.txt" "$out/$way.txt"; then
      echo "$way ($compiler $flags): the same bits"
    else
      failed=1
      echo "$way ($compiler $flags): other bits in"
      diff "$out/O2.txt" "$out/$way.txt" | grep '^>'
    fi
  done <<END
O2 $gcc -O2 -fopenmp-simd
O0 $gcc -O0 -fopenmp-simd
O3 $gcc -O3 -fopenmp-simd
no-openmp $gcc -O2
contract-off $gcc -O2 -fopenmp-simd -ffp-contract=off
avx2 $gcc -O3 -fopenmp-simd -mavx2
fma $gcc -O3 -fopenmp-simd -mavx2 -mfma -ffp-contract=off
clang clang -O2 -fopenmp-simd
clang-O0 clang -O0
clang-O3 clang -O3 -fopenmp-simd
END
  awk '{ sum += $2 } END { print sum, "values of", NR, "programs compared" }' "$out/O2.txt"
  return $failed
}

# checked <compiler> <program that runs it or ""> <flags>...
checked() {
  local compiler=$1 runner=$2 program more kept passed=0 failed=0
  shift 2
  kernels checked "$compiler" "$@"
  "$compiler" "${common[@]}" "$@" -c -o "$out/random.o" tests/ctest/random.c
  for program in tests/ctest/test_osv_*.c tests/ctest/fuzz_osv_*.c; do
    more=()
    case $program in */fuzz_*) more=("$out/random.o") ;; esac
    kept=tests/ctest/corpus/$(basename "${program#*/fuzz_osv_}" .c).txt
    # shellcheck disable=SC2086 # the runner is words
    if "$compiler" "${common[@]}" "$@" -o "$out/program" "$program" "${more[@]}" \
      "$out"/checked/osv_*.o -lm && $runner "$out/program" "$inputs" "$kept"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      echo "FAILED $program"
    fi
  done
  echo "$mode: $passed C programs passed, $failed failed, $inputs inputs of each fuzzer"
  [ "$failed" -eq 0 ]
}

case $mode in
bits) bits ;;
asan) checked "$gcc" "" -O1 -fopenmp-simd -fsanitize=address,undefined \
  -fno-sanitize-recover=all -fno-omit-frame-pointer ;;
msan) checked clang "" -O1 -fsanitize=memory -fsanitize-memory-track-origins \
  -fno-omit-frame-pointer ;;
valgrind) checked "$gcc" "valgrind -q --error-exitcode=9 --leak-check=full" -O1 ;;
state)
  kernels state "$gcc" -O1
  if nm -A "$out"/state/*.o | grep -E ' [bBdDC] '; then exit 1; fi
  echo "state: no kernel has data that can be written"
  ;;
*) echo "ways.sh: bits, asan, msan, valgrind or state" >&2 && exit 2 ;;
esac
