#!/usr/bin/env bash
# .dev/check.sh: builds the tarball with its vignettes and runs R CMD check --as-cran on it,
# in .build/check. No PDF manual, because it needs LaTeX; help pages are checked anyway.
# .dev/check.sh depends: the same without vignettes, and without suggested packages except
# for testthat and the builders of vignettes, in .build/check-depends.
set -eu
mode=${1:-}
dir=.build/check${mode:+-$mode}
build=() check=(--as-cran --no-manual)
if [ "$mode" = depends ]; then
  build=(--no-build-vignettes)
  check+=(--ignore-vignettes)
  export _R_CHECK_DEPENDS_ONLY_=true _R_CHECK_FORCE_SUGGESTS_=false
  export _R_CHECK_CRAN_INCOMING_=false # it fails without vignettes
fi
# Leaves out the submission checks that send requests to servers.
export _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=false
rm -rf "$dir"
mkdir -p "$dir"
.dev/stage.sh "$dir/source"
cd "$dir"
R CMD build "${build[@]}" source
R CMD check "${check[@]}" oligosurv_*.tar.gz || true # check.R decides
cd ../..
Rscript .dev/check.R "$dir"
