#!/usr/bin/env bash
# Builds the tarball with its vignettes and runs R CMD check --as-cran on it, in
# .build/check. No PDF manual: that needs LaTeX, and the help pages are checked anyway.
set -eu
rm -rf .build/check
mkdir -p .build/check
.dev/stage.sh .build/source
cd .build/check
R CMD build ../source
# The submission checks that ask servers on the network are left out.
_R_CHECK_CRAN_INCOMING_REMOTE_=false R CMD check --as-cran --no-manual oligosurv_*.tar.gz ||
  true # the verdict is check.R's
cd ../..
Rscript .dev/check.R .build/check
