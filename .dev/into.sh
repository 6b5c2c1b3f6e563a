#!/usr/bin/env bash
# .dev/into.sh [<library>]: builds the tarball, without vignettes, and installs it into
# the library (created if it is missing), by default R's first one. It builds a tarball so
# that no object file of an earlier build with other flags is reused.
set -eu
library=${1:-$(Rscript -e 'cat(.libPaths()[1])')}
mkdir -p .build "$library"
echo "[install] oligosurv into $library"
rm -f .build/oligosurv_*.tar.gz
.dev/stage.sh .build/source
(cd .build && R CMD build --no-build-vignettes source) >.build/install.log 2>&1 &&
  R CMD INSTALL -l "$library" .build/oligosurv_*.tar.gz >>.build/install.log 2>&1 ||
  { cat .build/install.log; exit 1; }
