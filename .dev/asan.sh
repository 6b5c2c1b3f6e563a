#!/usr/bin/env bash
# .dev/asan.sh [regex]: all tests in R, or those of some files, under AddressSanitizer and
# UBSan. Its runtime is loaded before R, and so before every program that R starts; ps,
# pgrep and pkill would then hang in its start, and run without it.
set -eu
export R_MAKEVARS_USER=$PWD/.dev/Makevars.asan
export UBSAN_OPTIONS=halt_on_error=1
# An allocation that is too large must be R's error, as without sanitizers
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
programs=$PWD/.build/programs
mkdir -p "$programs"
for name in ps pgrep pkill; do
  path=$(command -v "$name") || continue
  printf '#!/bin/sh\nunset LD_PRELOAD\nexec %s "$@"\n' "$path" >"$programs/$name"
  chmod +x "$programs/$name"
done
runtime=$(cc -print-file-name=libasan.so)
LD_PRELOAD=$runtime .dev/into.sh .build/library
export NOT_CRAN=true R_LIBS=$PWD/.build/library:${R_LIBS:-}
PATH=$programs:$PATH LD_PRELOAD=$runtime exec Rscript .dev/test.R "$@"
