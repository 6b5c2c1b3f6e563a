# The two a user needs: `make study` and `make test`; `make help` lists all targets.
# What takes more than a few lines is in .dev/; what gets built goes into .build/.

FUZZ_SECONDS ?= 10
FUZZ_R_SECONDS ?= 3600
FUZZ_R_SEED ?= 1
TORTURE_STEP ?= 1000
FILTER ?=
DIR ?=
PACKAGES = Rscript .dev/install.R
# A regular expression as one word of the shell; make reads no $ in it
PATTERN = $(if $(value FILTER),'$(value FILTER)')
IN_LIBRARY = NOT_CRAN=true R_LIBS="$(CURDIR)/.build/library:$$R_LIBS"
TESTTHAT = $(IN_LIBRARY) Rscript .dev/test.R $(PATTERN)

.PHONY: all help doc install study site site-test test check check-depends check-newest \
  lint format ctest fuzz fuzz-r faults limits kills coverage coverage-r bits state asan-c msan \
  valgrind-c tsan check-locales asan noomp valgrind torture long \
  bench bench-quick validity clean

all: doc lint test ## doc, lint and test

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z][-a-z ]*:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

doc: ## writes man/ and NAMESPACE with roxygen2
	@$(PACKAGES) doc
	Rscript -e 'roxygen2::roxygenise(load_code = "source")'

install: ## installs the package and what it needs
	@$(PACKAGES) install
	@.dev/into.sh

study: ## writes report.html of the example, or of your files: DIR=<folder or workbook>
	@$(PACKAGES) study
	@.dev/into.sh
	@Rscript .dev/study.R "$(DIR)"

# Scripts of the pages, and what opens them in a browser
WEB = puppeteer-core axe-core mark.js@8.11.1 headroom.js@0.11.0 fuse.js@6.4.6 \
  clipboard@2.0.6 autocomplete.js@0.38.0
NPM = npm install --no-audit --no-fund --silent --prefix .build/browser $(WEB)

site: ## builds the web site into .build/site
	@$(PACKAGES) study site
	-@mkdir -p .build/browser && { ! command -v npm >/dev/null || $(NPM); }
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript .dev/site.R

site-test: ## opens the site and the report in headless Chromium
	@$(PACKAGES) browser
	@$(MAKE) --no-print-directory site
	@$(IN_LIBRARY) Rscript -e 'oligosurv::study_report(oligosurv::hcc_sbrt, ".build/report.html", quiet = TRUE)'
	@node .dev/browser.mjs .build/report.html .build/site

test: ## runs all tests, in R and in C; FILTER=<regex> picks test files
	@$(PACKAGES) test
	@rm -rf .build/counts
	@.dev/into.sh .build/library
	-@$(TESTTHAT)
	-@.dev/ctest.sh
	@.dev/count.sh testthat ctest

check: ## R CMD check --as-cran on the built tarball
	@$(PACKAGES) check
	@.dev/check.sh

check-depends: ## the same without suggested packages
	@$(PACKAGES) check
	@.dev/check.sh depends

# In a chroot that is made once
check-newest: ## the same with all tests under the newest R; root on Debian
	@.dev/newest.sh root
	@$(PACKAGES) study newest
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) .dev/newest.sh

lint: ## style, layout, documents, strict compilation, spelling
	@$(PACKAGES) lint
	@.dev/lint.sh

format: ## lays out the C code with clang-format
	@$(PACKAGES) format
	find src inst/include tests/ctest -name '*.[ch]' -exec clang-format -i {} +

ctest: ## tests of the C kernels under sanitizers
	@.dev/ctest.sh

fuzz: ## fuzzes the C kernels, FUZZ_SECONDS each
	@$(PACKAGES) fuzz
	@.dev/ctest.sh fuzz $(FUZZ_SECONDS)

fuzz-r: ## odd calls of every exported function; FUZZ_R_SECONDS=60, FUZZ_R_SEED=2
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript .dev/fuzz-r.R --seconds=$(FUZZ_R_SECONDS) --seed=$(FUZZ_R_SEED)

faults: ## lets each allocation, poll and random number of the C code fail in turn; Linux
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) .dev/faults.sh $(PATTERN)

limits: ## seconds of processor time from a time limit to its error, in long operations
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript .dev/limits.R $(PATTERN)

coverage: ## lines and branches of the kernels that the C tests run; needs gcov and Python
	@.dev/coverage.sh

coverage-r: ## lines of R and of the glue that the tests in R run, by covr; an hour
	@$(PACKAGES) test coverage-r
	@.dev/coverage.sh package $(PATTERN)

bits: ## the kernels give the same bits at -O0, -O3, by clang, without OpenMP, ...
	@$(PACKAGES) fuzz
	@.dev/ways.sh bits

asan-c: ## C tests and fuzzers on fixed inputs: AddressSanitizer and UBSan
	@.dev/ways.sh asan

msan: ## the same under MemorySanitizer
	@$(PACKAGES) fuzz
	@.dev/ways.sh msan

valgrind-c: ## the same under valgrind
	@$(PACKAGES) valgrind
	@INPUTS=20 .dev/ways.sh valgrind

state: ## no kernel has data that can be written, so threads share none
	@.dev/ways.sh state

kills: ## writers on full and read-only disks, and killed; a source that breaks off; root
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) .dev/kills.sh $(PATTERN)

tsan: ## tests in R of computations with threads, under ThreadSanitizer; Linux, clang
	@$(PACKAGES) test fuzz
	@.dev/tsan.sh $(PATTERN)

check-locales: ## tests of readers and writers in C, tr_TR, zh_CN, odd time zones; as nobody
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) .dev/locales.sh $(PATTERN)

noomp: ## all tests in R without OpenMP
	@$(PACKAGES) test
	@R_MAKEVARS_USER=$(CURDIR)/.dev/Makevars.noomp .dev/into.sh .build/library
	@$(TESTTHAT)

asan: ## all tests in R under AddressSanitizer and UBSan
	@$(PACKAGES) test
	@.dev/asan.sh $(PATTERN)

valgrind: ## all tests in R under valgrind
	@$(PACKAGES) test valgrind
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) R --vanilla --quiet \
	  -d "valgrind --error-exitcode=99 --leak-check=full --show-leak-kinds=definite" \
	  -f .dev/test.R --args $(PATTERN)

torture: ## all tests in R with frequent garbage collection
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@OLIGOSURV_TORTURE=$(TORTURE_STEP) $(TESTTHAT)

long: ## 1e8 rows (12 GB), 100,000 random patients against slow RECIST
	@$(PACKAGES) test
	@.dev/into.sh .build/library
	@OLIGOSURV_SEQUENCES=100000 $(IN_LIBRARY) Rscript .dev/test.R study-visits
	@OLIGOSURV_LONG=1e8 $(IN_LIBRARY) Rscript .dev/test.R threads

bench bench-quick: ## speed compared with other packages; -quick is two minutes
	@$(PACKAGES) bench
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript bench/peers.R $(if $(findstring quick,$@),--quick)

validity: ## coverage and size by simulation, regressions next to peers; an hour and a half
	@$(PACKAGES) bench
	@.dev/into.sh .build/library
	@$(IN_LIBRARY) Rscript bench/regression-sets.R
	@$(IN_LIBRARY) Rscript bench/validity.R

clean: ## removes what was built
	rm -rf .build report.html src/*.o src/*.so
