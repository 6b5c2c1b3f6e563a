#!/usr/bin/env bash
# .dev/ctest.sh: builds each tests/ctest/test_osv_*.c with all kernels under ASan and
# UBSan, runs it, and leaves the counts of programs in .build/counts/ctest.
# .dev/ctest.sh fuzz <seconds>: the same for fuzz_osv_*.c with clang's libFuzzer.
set -u
mode=${1:-test}
out=.build/ctest
mkdir -p "$out" .build/counts
shopt -s nullglob
kernels=(src/osv_*.c)
programs=(tests/ctest/"${mode}"_osv_*.c)
flags=(-std=c11 -g -O1 -Wall -Wextra -Iinst/include -Isrc -fno-omit-frame-pointer
  -fno-sanitize-recover=all)

run_test() {
  ${CC:-cc} "${flags[@]}" -fsanitize=address,undefined -o "$2" "$1" "${kernels[@]}" -lm &&
    "$2"
}

run_fuzz() {
  clang "${flags[@]}" -fsanitize=fuzzer,address,undefined -o "$2" "$1" "${kernels[@]}" -lm &&
    (cd "$out" && "./${2##*/}" -max_total_time="$seconds" -verbosity=0)
}

seconds=${2:-10} passed=0 failed=0
for program in "${programs[@]}"; do
  name=$(basename "$program" .c)
  if "run_$mode" "$program" "$out/$name"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $program"
  fi
done
echo "$passed $failed 0" >".build/counts/c$mode"
echo "C programs ($mode): $passed passed, $failed failed"
[ "$failed" -eq 0 ]
