#!/usr/bin/env bash
# .dev/faults.sh [filter]: lets each allocation, poll for interrupts and random number of
# the installed package fail in turn, see faults.c and faults.R. Linux only.
set -eu
out=$PWD/.build/faults
mkdir -p "$out"
"${CC:-cc}" -O1 -g -fPIC -shared -Wall -Wextra -o "$out/faults.so" .dev/faults.c -ldl
OLIGOSURV_FAULTS=$out/faults.so LD_PRELOAD=$out/faults.so \
  R --vanilla --quiet --no-echo -f .dev/faults.R --args "$@"
