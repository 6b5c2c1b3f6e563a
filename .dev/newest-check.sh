#!/bin/sh
# .dev/newest-check.sh: called in the chroot of .dev/newest.sh, where the project is
# /src/oligosurv. Runs R CMD check with all tests, then the README's ten lines with the
# tarball installed into an empty library, and leaves their results in /src/ten-lines.
set -eu
mkdir -p ../check ../empty
cd ../check
R --version | head -n 1
R CMD build ../oligosurv
# No server is contacted, and suggested packages that Debian lacks may be missing
_R_CHECK_CRAN_INCOMING_=false _R_CHECK_SYSTEM_CLOCK_=false _R_CHECK_FORCE_SUGGESTS_=false \
  R CMD check --as-cran --no-manual --no-build-vignettes oligosurv_*.tar.gz ||
  true # check.R decides
grep -h '^\[ FAIL' oligosurv.Rcheck/tests/testthat.Rout* | tail -n 1
cd ../oligosurv
Rscript .dev/check.R ../check
R CMD INSTALL -l ../empty ../check/oligosurv_*.tar.gz
R_LIBS=/src/empty Rscript .dev/ten-lines.R ../ten-lines
