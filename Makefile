# The two a user needs: `make study` (report.html from the CSV files), `make test`.
# What takes more than a few lines is in .dev/; what gets built goes into .build/.

FUZZ_SECONDS ?= 10
TORTURE_STEP ?= 1000
FILTER ?=
PACKAGES = Rscript .dev/install.R
IN_LIBRARY = NOT_CRAN=true R_LIBS="$(CURDIR)/.build/library:$$R_LIBS"
TESTTHAT = $(IN_LIBRARY) Rscript .dev/test.R $(FILTER)
SANITIZED = LD_PRELOAD=$$(cc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 \
  UBSAN_OPTIONS=halt_on_error=1

.PHONY: all doc install study site site-test test check check-depends check-newest lint \
  format ctest fuzz asan noomp valgrind torture long bench bench-quick validity clean

all: doc lint test

doc:
	@$(PACKAGES) doc
	Rscript -e 'roxygen2::roxygenise(load_code = "source")'

install:
	@$(PACKAGES) install
	@.dev/into.sh

study:
	@$(PACKAGES) study
	@.dev/into.sh
	@Rscript .dev/study.R

# Scripts of the pages, and what opens them in a browser
WEB = puppeteer-core axe-core mark.js@8.11.1 headroom.js@0.11.0 fuse.js@6.4.6 \
  clipboard@2.0.6 autocomplete.js@0.38.0
NPM = npm install --no-audit --no-fund --silent --prefix .build/browser $(WEB)

site:
	@$(PACKAGES) study site
	-@mkdir -p .build/browser && { ! command -v npm >/dev/null || $(NPM); }
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript .dev/site.R

site-test:
	@$(PACKAGES) browser
	@$(MAKE) --no-print-directory site
	@$(IN_LIBRARY) Rscript -e 'oligosurv::study_report(oligosurv::hcc_sbrt, ".build/report.html", quiet = TRUE)'
	@node .dev/browser.mjs .build/report.html .build/site

test:
	@$(PACKAGES) test
	@rm -rf .build/counts
	@.dev/into.sh .build/library
	-@$(TESTTHAT)
	-@.dev/ctest.sh
	@.dev/count.sh testthat ctest

check:
	@$(PACKAGES) check
	@.dev/check.sh

check-depends:
	@$(PACKAGES) check
	@.dev/check.sh depends

# Under the newest R, in a chroot that is made once; needs root on Debian
check-newest:
	@.dev/newest.sh root
	@$(PACKAGES) study newest
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) .dev/newest.sh

lint:
	@$(PACKAGES) lint
	@.dev/lint.sh

format:
	@$(PACKAGES) format
	find src inst/include tests/ctest -name '*.[ch]' -exec clang-format -i {} +

ctest:
	@.dev/ctest.sh

fuzz:
	@$(PACKAGES) fuzz
	@.dev/ctest.sh fuzz $(FUZZ_SECONDS)

noomp:
	@$(PACKAGES) test
	@R_MAKEVARS_USER=$(CURDIR)/.dev/Makevars.noomp .dev/into.sh .build/library
	@$(TESTTHAT)

asan:
	@$(PACKAGES) test
	@R_MAKEVARS_USER=$(CURDIR)/.dev/Makevars.asan $(SANITIZED) .dev/into.sh .build/library
	@$(SANITIZED) $(TESTTHAT)

valgrind:
	@$(PACKAGES) test valgrind
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) R --vanilla --quiet \
	  -d "valgrind --error-exitcode=99 --leak-check=full --show-leak-kinds=definite" \
	  -f .dev/test.R --args $(FILTER)

torture:
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@OLIGOSURV_TORTURE=$(TORTURE_STEP) $(TESTTHAT)

# Interrupts within 0.2 s and all memory back at 1e8 rows; needs 12 GB
long:
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@OLIGOSURV_LONG=1e8 $(IN_LIBRARY) Rscript .dev/test.R threads

bench bench-quick:
	@$(PACKAGES) bench
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript bench/peers.R $(if $(findstring quick,$@),--quick)

# An hour: coverage of the intervals and size of the tests, by simulation
validity:
	@$(PACKAGES) bench
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript bench/validity.R

clean:
	rm -rf .build report.html src/*.o src/*.so
