#!/usr/bin/env bash
# .dev/count.sh <step>...: adds up .build/counts/<step> ("passed failed skipped"); a step
# without counts crashed: one failure. Fails unless tests ran and none failed.
set -u
passed=0 failed=0 skipped=0
for step in "$@"; do
  read -r p f s 2>/dev/null <".build/counts/$step" || { p=0 f=1 s=0; }
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
