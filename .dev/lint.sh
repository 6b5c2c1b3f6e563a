#!/usr/bin/env bash
# Checks style rules, documents, the layout of C, the floors, R code (lintr) and spelling,
# and compiles each kernel without R's headers under strict warnings; fails if any of them
# fails.
set -u
shopt -s nullglob
status=0
.dev/style.sh || status=1
# Checks the documents at the top level, and their map of the kernels
Rscript .dev/docs.R || status=1
Rscript .dev/kernels.R || status=1
c=(src/*.[ch] inst/include/*.h tests/ctest/*.[ch])
if [ ${#c[@]} -gt 0 ]; then clang-format --dry-run -Werror "${c[@]}" || status=1; fi
for compiler in gcc clang; do
  command -v "$compiler" >/dev/null || continue
  for kernel in src/osv_*.c; do
    "$compiler" -std=c11 -O2 -fopenmp-simd -Werror \
      -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
      -Iinst/include -Isrc -c -o /dev/null "$kernel" || status=1
  done
done
Rscript .dev/floors.R || status=1
Rscript .dev/lint.R || status=1
Rscript .dev/spell.R || status=1
exit "$status"
