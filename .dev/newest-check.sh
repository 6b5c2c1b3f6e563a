#!/bin/sh
# .dev/newest-check.sh: called in the chroot of .dev/newest.sh, where the project is
# /src/oligosurv. Runs R CMD check with all tests, then the README's ten lines with the
# package that R CMD check installed, from the tarball, into a library of its own, and
# leaves their results in /src/ten-lines.
set -eu
mkdir -p ../check
cd ../check
R --version | head -n 1
R CMD build ../oligosurv
# No server is contacted, and suggested packages that Debian lacks may be missing. The
# code of the vignettes ran when R CMD build made them; without --no-vignettes it would
# run again.
_R_CHECK_CRAN_INCOMING_=false _R_CHECK_SYSTEM_CLOCK_=false _R_CHECK_FORCE_SUGGESTS_=false \
  R CMD check --as-cran --no-manual --no-vignettes oligosurv_*.tar.gz ||
  true # check.R decides
grep -h '^\[ FAIL' oligosurv.Rcheck/tests/testthat.Rout* | tail -n 1
cd ../oligosurv
Rscript .dev/check.R ../check
R_LIBS=/src/check/oligosurv.Rcheck Rscript .dev/ten-lines.R ../ten-lines
