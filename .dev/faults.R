# Rscript .dev/faults.R [filter], started by .dev/faults.sh. In every estimator it makes
# each allocation, poll for interrupts and random number of the glue fail in turn. It
# checks that the failure is reported, that nothing is left behind, and that the next call
# gives the right result.
# Leaves the counts in .build/counts/faults.

suppressPackageStartupMessages({
  library(testthat)
  library(oligosurv)
})
attach(asNamespace("oligosurv"), name = "internal", warn.conflicts = FALSE)
for (file in c("data", "rows", "estimators")) {
  source(file.path("tests/testthat", paste0("helper-", file, ".R")))
}
relations <- parse("tests/testthat/test-relations.R")
for (step in relations) if (identical(step[[1]], as.name("<-"))) eval(step)
dyn.load(Sys.getenv("OLIGOSURV_FAULTS"))

fault <- function(kind = 0L, at = 0L, leap = FALSE) {
  .C("faults_set", as.integer(kind), as.integer(at), as.integer(leap))
  invisible()
}
counted <- function() .C("faults_count", integer(3))[[1]]
kinds <- c(allocation = 1L, poll = 2L, random = 3L)

# Calls in addition to the estimators of test-relations.R: those that read rows in other
# ways, draw random numbers, or compute columns on first access
few <- relation_rows("ties")
long <- relation_rows("continuous", n = 12000)
few$group <- few$arm
long$group <- long$arm
calls <- lapply(estimators, function(e) function() answer(e, few))
is_follow_up <- function(e) identical(e, estimators$follow_up)
# when ids are resampled, each id must be in one group
in_groups <- Filter(function(e) {
  e$by_id && !identical(e, estimators$bootstrap_interval)
}, estimators)
by_id <- lapply(in_groups, function(e) {
  if (is_follow_up(e)) return(function() answer(e, few, id = subject))
  function() answer(e, few, id = cluster)
})
late <- lapply(Filter(function(e) e$late && !is_follow_up(e), estimators), function(e) {
  function() answer(e, split_rows(few[few$time > 0, -7]), x = formula_of(e, TRUE))
})
calls <- c(calls, stats::setNames(by_id, paste(names(by_id), "by id")),
  stats::setNames(late, paste(names(late), "late"))
)
seeded <- function(code) withr::with_seed(1, code)
calls <- c(calls, list(
  `permutation` = function() {
    seeded(glance(logrank_test(Surv(time, event) ~ group, few,
      method = "permutation", n_permutations = 49
    )))
  },
  `permutation, Gray` = function() {
    seeded(glance(gray_test(Surv(time, status) ~ group, few,
      method = "permutation", n_permutations = 49
    )))
  },
  `permutation, MaxCombo` = function() {
    seeded(glance(maxcombo_test(Surv(time, event) ~ two, few,
      method = "permutation", n_permutations = 49
    )))
  },
  `bootstrap` = function() {
    seeded(tidy(bootstrap_interval(Surv(time, event) ~ group, few, "rate",
      times = 5, n_resamples = 49
    )))
  },
  `event table` = function() as.data.frame(event_table(Surv(time, status) ~ group, long)),
  `event table, sorted` = function() event_table(Surv(time + 0, event) ~ arm, long),
  `long curve` = function() tidy(kaplan_meier(Surv(time, event) ~ group, long)),
  `long curve at times` = function() {
    summary(kaplan_meier(Surv(time, event) ~ group, long, times = 3))
  },
  `print` = function() {
    utils::capture.output(print(cumulative_incidence(Surv(time, status) ~ group, few)))
  },
  `long regression` = function() {
    tidy(hazard_ratio(Surv(time, event) ~ group + w0, transform(long, w0 = sin(time))))
  }
))
filter <- commandArgs(trailingOnly = TRUE)
if (length(filter)) calls <- calls[grepl(filter[1], names(calls))]

# The state that a call must leave unchanged
state <- function() {
  list(
    connections = nrow(showConnections()), devices = grDevices::dev.list(),
    options = options()[c("warn", "digits", "cli.progress_show_after")],
    files = list.files(tempdir())
  )
}

# Runs calls with one fault each. Value: the class of the condition raised, or "answer"
outcome_of <- function(call) {
  tryCatch({
    call()
    "answer"
  }, interrupt = function(e) "interrupt", error = function(e) {
    if (inherits(e, "oligosurv_error")) return(class(e)[1])
    message <- conditionMessage(e)
    if (grepl("98765.4 Gb", message, fixed = TRUE)) "error" else message
  })
}

wrong <- character()
injected <- stats::setNames(numeric(3), names(kinds))
note <- function(...) {
  cat("FAILED", ..., "\n")
  wrong <<- c(wrong, paste(...))
}

for (name in names(calls)) {
  call <- calls[[name]]
  fault()
  want <- call() # also computes what is cached for later calls
  before <- state()
  for (kind in names(kinds)) {
    leap <- kind == "poll"
    fault(leap = leap)
    call()
    most <- counted()[kinds[[kind]]]
    expected <- if (kind == "poll") "interrupt" else "error"
    at <- unique(round(seq(1, most, length.out = min(most, 150))))
    for (i in if (most > 0) at) {
      fault(kinds[[kind]], i, leap)
      got <- outcome_of(call)
      fault()
      injected[[kind]] <- injected[[kind]] + 1
      if (got != expected) note(name, "/", kind, i, "of", most, ":", got)
    }
    if (!identical(state(), before)) note(name, "/", kind, ": something is left behind")
    if (!isTRUE(all.equal(call(), want, tolerance = 0))) {
      note(name, "/", kind, ": another answer afterwards")
    }
  }
}

# Memory: repeated failures of one call must not add up
used <- function() {
  gc(FALSE)
  sum(gc(FALSE)[, 2L])
}
if ("long curve" %in% names(calls)) {
  call <- calls[["long curve"]]
  fault(0L)
  call()
  most <- counted()[1]
  before <- used()
  for (i in rep_len(seq_len(most), 300)) {
    fault(1L, i)
    outcome_of(call)
  }
  fault()
  if (used() - before > 2) note("long curve: memory is kept after failures")
}

cat(sprintf("faults injected: %s\n", paste(injected, names(kinds), collapse = ", ")))
dir.create(".build/counts", recursive = TRUE, showWarnings = FALSE)
writeLines(paste(sum(injected) - length(wrong), length(wrong), 0), ".build/counts/faults")
quit(status = as.integer(length(wrong) > 0))
