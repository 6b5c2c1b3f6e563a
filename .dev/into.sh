#!/usr/bin/env bash
# .dev/into.sh [<library>]: builds the tarball, without vignettes, and installs it into
# the library (created if it is missing), by default R's first one. It builds a tarball so
# that no object file of an earlier build with other flags is reused. Nothing is done if
# the library has the package from the same sources, R and compiler flags: a second job
# may then run tests from that library at the same time.
set -eu
library=${1:-$(Rscript -e 'cat(.libPaths()[1])')}
mkdir -p .build "$library"
exec 8>.build/into.lock
if command -v flock >/dev/null; then flock 8; fi # one build at a time
.dev/stage.sh .build/source
made_of=$({
  R --version | head -n 1
  echo "${R_MAKEVARS_USER:-}"
  cd .build/source && find . -type f ! -name '*.o' ! -name '*.so' -print0 | sort -z | xargs -0 cksum
} | cksum)
note=$library/oligosurv/.made-of
[ "$(cat "$note" 2>/dev/null)" != "$made_of" ] || exit 0
echo "[install] oligosurv into $library"
rm -f .build/oligosurv_*.tar.gz
(cd .build && R CMD build --no-build-vignettes source) >.build/install.log 2>&1 &&
  R CMD INSTALL -l "$library" .build/oligosurv_*.tar.gz >>.build/install.log 2>&1 ||
  { cat .build/install.log; exit 1; }
echo "$made_of" >"$note"
