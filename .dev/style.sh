#!/usr/bin/env bash
# Checks rules of this project that no compiler, formatter or linter checks.
set -u
found=0
shopt -s nullglob globstar
# ini[t].c is a pattern, so that nullglob drops it if the file does not exist
kernels=(src/osv_*.[ch]) glue=(src/r_*.[ch] src/ini[t].c) c=(src/*.[ch])
own_r=()
for file in R/*.R; do [ "$file" = R/base-conditions.R ] || own_r+=("$file"); done

# deny <what is wrong> <pattern> <file>...
deny() {
  local what=$1 pattern=$2 hits
  shift 2
  [ $# -gt 0 ] || return 0
  hits=$(grep -nHP -- "$pattern" "$@") || return 0
  printf '%s:\n%s\n' "$what" "$hits"
  found=1
}

deny "an R name in a kernel" '\b(SEXP|R_\w{3,}|Rf_\w+|Rprintf|REprintf)\b|<(R|Rinternals)\.h>|<R_ext/' "${kernels[@]}"
deny "allocation, printing or exit in a kernel" \
  '\b(malloc|calloc|realloc|free|alloca|v?f?printf|puts|exit|abort|longjmp|setjmp)\s*\(' "${kernels[@]}"
deny "a heap of its own in glue" '\b(malloc|calloc|realloc|free|R_Calloc|R_Free|R_chk_\w+)\s*\(' "${glue[@]}"
deny "the number of threads is not ours to set" '\bomp_set_num_threads\b' "${c[@]}"
deny "a parallel region without num_threads" '#pragma omp parallel(?!.*num_threads)(?!.*\\$)' "${c[@]}"
deny "a line of more than 90 characters" '^.{91,}' "${c[@]}" tests/ctest/*.[ch] inst/include/*.h
deny "a length in an int" '\bint n\b|\b(Rf_)?length\s*\(' "${c[@]}"
deny "a condition made outside R/base-conditions.R" '^[^#]*(?<![\w.])(stop|warning|message)\(' "${own_r[@]}"
deny "a line that is left for later" '\b(TODO|FIXME|XXX)\b' R/*.R "${c[@]}" tests/**/*.[Rc]
deny "a seed that outlives its test (withr::local_seed() does not)" \
  '^[^#"]*(?<![\w.])set\.seed\(' tests/testthat/*.R
# NEWS.md begins with the version of DESCRIPTION or, between releases, with "development"
version=$(sed -n 's/^Version: //p' DESCRIPTION)
case $version in
  *.9???) heading="# oligosurv (development version)" ;;
  *) heading="# oligosurv $version" ;;
esac
if [ "$(head -n 1 NEWS.md)" != "$heading" ]; then
  echo "NEWS.md does not begin with '$heading'"
  found=1
fi
# Tests that start a server, a daemon or another process do not run on CRAN
for file in $(grep -lE '\b(system2?|daemons|initdb)\(' tests/testthat/*.R); do
  grep -q 'skip_on_cran()' "$file" && continue
  echo "$file starts a process and has no skip_on_cran()"
  found=1
done
# Checks that each R file has tests, by name or by the map of tests/README.md
.dev/test-map.sh || found=1
exit "$found"
