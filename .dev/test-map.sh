#!/usr/bin/env bash
# Fails unless every R file has a test file of its name or an entry in tests/README.md,
# and every test file has an R file of its name or an entry in tests/README.md.
set -u
map=tests/README.md status=0
say() {
  echo "$1"
  status=1
}
for file in R/*.R; do
  name=$(basename "$file" .R)
  [ -e "tests/testthat/test-$name.R" ] || grep -qF "\`$name\`" "$map" ||
    say "$file has no test-$name.R and is not in $map"
done
for file in tests/testthat/test-*.R; do
  name=${file#tests/testthat/test-}
  [ -e "R/$name" ] || grep -qF "| \`test-$name\` |" "$map" ||
    say "$file has no R/$name and is not in $map"
done
# The names of R files are in the first column of the last table
for name in $(sed '1,/^| R file |/d' "$map" | cut -d'|' -f2 | grep -oE '`[a-z-]+`' | tr -d '`'); do
  [ -e "R/$name.R" ] || say "$map names R/$name.R, which is not there"
done
for name in $(grep -oE '`(test|helper)-[a-z-]+[.]R`' "$map" | tr -d '`' | sort -u); do
  [ -e "tests/testthat/$name" ] || say "$map names $name, which is not there"
done
exit "$status"
