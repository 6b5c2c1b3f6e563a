#!/usr/bin/env bash
# .dev/count.sh <step>...: adds up the files .build/counts/<step>, each with the numbers
# of tests that passed, failed and were skipped. A step without such a file has crashed,
# which counts as one failure. Fails unless a test passed and none failed.
set -u
passed=0 failed=0 skipped=0
for step in "$@"; do
  read -r p f s 2>/dev/null <".build/counts/$step" || { p=0 f=1 s=0; }
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
