#!/usr/bin/env bash
# .dev/ctest.sh: builds each tests/ctest/test_osv_*.c with all kernels under ASan and
# UBSan, runs it, and leaves the counts of programs in .build/counts/ctest.
# .dev/ctest.sh fuzz <seconds> [filter]: the same for fuzz_osv_*.c with clang's libFuzzer,
# which begins with the inputs of tests/ctest/corpus. KEEP=yes adds to them the new inputs
# that reach further branches. FAST=yes leaves AddressSanitizer out and optimises, for four
# times as many inputs.
set -u
mode=${1:-test}
out=.build/ctest
mkdir -p "$out" .build/counts
shopt -s nullglob
programs=(tests/ctest/"${mode}"_osv_*.c)
flags=(-std=c11 -g -O1 -fopenmp-simd -Wall -Wextra -Iinst/include -Isrc -fno-omit-frame-pointer
  -fno-sanitize-recover=all)
if [ "$mode" = fuzz ]; then
  compiler=clang checked=address,undefined
  [ "${FAST:-}" != yes ] || { checked=undefined && flags+=(-O2); }
  in_kernel=fuzzer-no-link,$checked in_program=fuzzer,$checked
else
  compiler=${CC:-cc} in_kernel=address,undefined in_program=address,undefined
fi

objects=()
for kernel in src/osv_*.c; do
  object=$out/$mode-$(basename "$kernel" .c).o
  "$compiler" "${flags[@]}" -fsanitize="$in_kernel" -c -o "$object" "$kernel" || exit 1
  objects+=("$object")
done

run_test() { "$1"; }

run_fuzz() {
  local name=${1##*/} kept=tests/ctest/corpus/${1##*/fuzz_osv_}.txt
  local inputs=$out/corpus/$name log=$out/$name.log
  rm -rf "$inputs" && python3 .dev/corpus.py unpack "$kept" "$inputs"
  "$1" -max_total_time="$seconds" -max_len=400 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$out/" "$inputs" >"$log" 2>&1 || { cat "$log" && return 1; }
  runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")))
  [ "${KEEP:-}" = yes ] || return 0
  rm -rf "$inputs.few" && mkdir "$inputs.few" &&
    "$1" -merge=1 -max_len=400 "$inputs.few" "$inputs" >>"$log" 2>&1 &&
    python3 .dev/corpus.py pack "$inputs.few" "$kept"
}

seconds=${2:-10} passed=0 failed=0 runs=0
for program in "${programs[@]}"; do
  name=$(basename "$program" .c)
  [[ $name =~ ${3:-.} ]] || continue
  if "$compiler" "${flags[@]}" -fsanitize="$in_program" -o "$out/$name" "$program" \
    "${objects[@]}" -lm && "run_$mode" "$out/$name"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $program"
  fi
done
echo "$passed $failed 0" >".build/counts/c$mode"
echo "C programs ($mode): $passed passed, $failed failed"
[ "$mode" != fuzz ] || echo "$runs inputs"
[ "$failed" -eq 0 ]
