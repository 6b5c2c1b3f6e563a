#!/bin/sh
# .dev/newest-check.sh: what .dev/newest.sh runs in its chroot, where this folder is
# /src/oligosurv: R CMD check with all tests, then the tarball in an empty library and the
# README's ten lines with it, whose results are left in /src/ten-lines.
set -eu
mkdir -p ../check ../empty
cd ../check
R --version | head -n 1
R CMD build ../oligosurv
# Nothing is asked of servers, and Debian lacks some of the suggested packages
_R_CHECK_CRAN_INCOMING_=false _R_CHECK_SYSTEM_CLOCK_=false _R_CHECK_FORCE_SUGGESTS_=false \
  R CMD check --as-cran --no-manual --no-build-vignettes oligosurv_*.tar.gz ||
  true # the verdict is check.R's
grep -h '^\[ FAIL' oligosurv.Rcheck/tests/testthat.Rout* | tail -n 1
cd ../oligosurv
Rscript .dev/check.R ../check
R CMD INSTALL -l ../empty ../check/oligosurv_*.tar.gz
R_LIBS=/src/empty Rscript .dev/ten-lines.R ../ten-lines
