# Columns, functions and objects that are not as usual: an answer, or a classed error that
# says what is wrong.

rows <- data.frame(
  time = c(1, 2, 2, 3, 4, 5, 6, 7), event = c(1, 0, 1, 1, 0, 1, 1, 0),
  status = factor(c(1, 0, 2, 1, 0, 1, 2, 0), 0:2, c("none", "a", "b")),
  arm = rep(c("A", "B"), 4), id = 1:8
)
patients <- function(...) {
  x <- data.frame(
    patient_id = c("A", "B"), sbrt_start = "2021-01-01", progression_date = NA,
    death_date = c("2021-07-20", NA), last_contact = "2021-07-20"
  )
  other <- list(...)
  columns <- unclass(x)
  columns[names(other)] <- other
  structure(columns, class = "data.frame", row.names = 1:2)
}

test_that("a broken factor is refused wherever it is given", {
  codes <- structure(rep(c(1L, 9L), 4), levels = "a", class = "factor")
  levels <- structure(rep(1L, 8), levels = 1:3, class = "factor")
  for (broken in list(codes, levels)) {
    refused <- function(expr) {
      expect_error(expr, "is a broken factor", class = "oligosurv_error_data")
    }
    refused(kaplan_meier(Surv(time, event) ~ broken, rows))
    refused(kaplan_meier(Surv(time, event) ~ arm, rows, id = broken))
    refused(influence_values(Surv(time, event) ~ arm, rows, times = 3, id = broken))
    refused(hazard_ratio(Surv(time, status) ~ arm, rows, outcome = broken))
    refused(late_group(broken, 1))
    refused(sbrt_study(patients(note = broken[1:2])))
    refused(sbrt_study(patients(cohort = broken[1:2])))
    refused(redcap_tables(data.frame(record_id = 1:8, a = broken)))
    refused(omd_class(prior_polymetastatic = broken))
    refused(hcc_sbrt[broken, ])
  }
  # by hand: code 9 of 1 level is in the second element
  error <- tryCatch(late_group(codes, 1), error = identity)
  expect_match(conditionMessage(error), "element|row")
  expect_identical(error$where, c(2L, 4L, 6L, 8L))
})

test_that("a data frame whose columns do not have its rows, or names, is refused", {
  ragged <- structure(list(a = 1:2, b = 1:3), class = "data.frame", row.names = 1:2)
  unnamed <- structure(list(1:2), class = "data.frame", row.names = 1:2)
  holes <- structure(list(a = mean), class = "data.frame", row.names = 1:2)
  for (x in list(ragged, unnamed, holes)) {
    expect_error(sbrt_study(x), class = "oligosurv_error_input")
    expect_error(redcap_tables(x), class = "oligosurv_error_input")
    expect_error(result_table(x), class = "oligosurv_error_input")
    if (!nzchar(system.file(package = "ggplot2"))) next
    expect_error(waterfall_plot(x, change = "a"), class = "oligosurv_error_input")
  }
  expect_error(sbrt_study(patients(note = matrix(1, 1, 2))),
    "`patients` must have one value per row (2)", fixed = TRUE
  )
})

test_that("a labelled column without labels is a column of its values", {
  labelled <- function(x, ...) {
    structure(x, ..., class = c("haven_labelled", "vctrs_vctr", typeof(x)))
  }
  note <- sbrt_study(patients(note = labelled(c("x", "y"))))$patients$note
  expect_identical(as.vector(note), c("x", "y"))
  skip_if_not(nzchar(system.file(package = "vctrs")))
  # loads the package, whose methods refuse comparisons with numbers
  getExportedValue("vctrs", "vec_size")
  hazard <- c(1:8) / 10
  labelled_hazard <- labelled(hazard, labels = c(low = 0.1))
  expect_identical(
    glance(one_sample_test(Surv(time, event) ~ 1, rows, hazard = labelled_hazard)),
    glance(one_sample_test(Surv(time, event) ~ 1, rows, hazard = hazard))
  )
})

test_that("functions and code as arguments are refused by name", {
  for (odd in list(mean, quote(a + b), expression(a), globalenv(), is.na)) {
    refused <- function(expr) expect_error(expr, class = "oligosurv_error_input")
    refused(hazard_ratio(Surv(time, status) ~ arm, rows, outcome = odd))
    refused(calibration(Surv(time, status) ~ I(time / 9), rows, 3, outcome = odd))
    refused(inline_text(kaplan_meier(Surv(time, event) ~ arm, rows), 3, strata = odd))
    refused(baseline_table(hcc_sbrt, variables = odd))
    refused(omd_class(prior_polymetastatic = TRUE, prior_oligometastatic = FALSE,
      months_to_omd = odd, systemic_therapy = TRUE, progressive_lesions = 1
    ))
    refused(hcc_sbrt[list(odd)])
  }
})

test_that("functions of the user: their error, warning and nonsense", {
  one <- function(hazard) one_sample_test(Surv(time, event) ~ 1, rows, hazard = hazard)
  expect_error(one(function(t) stop("no such table")),
    "the function `hazard` stopped: no such table", class = "oligosurv_error_input"
  )
  expect_error(one(function() 1), "`hazard` stopped", class = "oligosurv_error_input")
  expect_error(one(function(t) "a"), "return one number", class = "oligosurv_error_input")
  expect_error(one(function(t) -t), class = "oligosurv_error_domain")
  expect_warning(
    fit <- one(function(t) {
      warning("extrapolated")
      t / 10
    }),
    "extrapolated"
  )
  # by hand: the times add up to 30, so that 3 events are expected
  expect_equal(glance(fit)$expected, 3)
  # a limit of time is not an error of the function
  expect_error(one(function(t) stop("reached elapsed time limit")), class = "simpleError")
})

test_that("text that is not valid in its encoding is shown as bytes", {
  bad <- rawToChar(as.raw(c(0x62, 0xff)))
  for (expr in expression(
    sbrt_study(patients(best_response = bad)), sbrt_study(patients(), bad),
    sbrt_study(patients(), assessments = bad)
  )) {
    error <- expect_error(eval(expr), class = "oligosurv_error")
    expect_true(validEnc(conditionMessage(error)))
  }
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  table <- fit$table
  table$groups <- c("A", bad)
  expect_error(kaplan_meier(table), "`groups`", class = "oligosurv_error_data")
})

test_that("text that R makes when it is read (ALTREP) stays alive as labels", {
  skip_on_cran() # collects garbage at every allocation
  number <- rep_len(101:104, 24)
  d <- data.frame(t = as.numeric(1:24), s = rep(c(1, 0), 12))
  want <- kaplan_meier(Surv(t, s) ~ as.character(c(number)), d)
  d$g <- as.character(number) # not expanded yet
  gctorture2(1, inhibit_release = FALSE)
  got <- tryCatch(kaplan_meier(Surv(t, s) ~ g, d), finally = gctorture2(0))
  expect_identical(got$table$groups, as.character(101:104))
  expect_identical(got$estimate, want$estimate)
})

test_that("times near 2^53 are told apart or merged, never lost", {
  big <- 2^53
  d <- data.frame(time = c(big - 2, big, big + 2, 2 * big), event = 1)
  fit <- kaplan_meier(Surv(time, event) ~ 1, d)
  # equal by the tie rule but for the last
  expect_identical(fit$n.event[fit$n.event > 0], c(3, 1))
  apart <- kaplan_meier(Surv(time, event) ~ 1, d, tie_tol = 0)
  expect_identical(apart$time[apart$n.event > 0], d$time)
  expect_identical(sum(event_table(Surv(time, event) ~ 1, d)$n), 4)
})

test_that("a state by one name needs no data frame", {
  from_frame <- event_table(Surv(time, status) ~ arm, rows, id = id, from = "alive")
  held <- list2env(rows)
  expect_identical(
    as.data.frame(event_table(Surv(time, status) ~ arm, held, id = id, from = "alive")),
    as.data.frame(from_frame)
  )
  with(rows, expect_identical(
    as.data.frame(event_table(Surv(time, status) ~ arm, id = id, from = "alive")),
    as.data.frame(from_frame)
  ))
})

test_that("a changed table of states names its component", {
  moves <- event_table(Surv(time, status) ~ arm, rows, id = id, from = "alive")
  for (name in c("from", "to", "start", "n_state", "groups")) {
    changed <- unclass(moves)
    changed[[name]] <- if (name == "to") replace(moves$to, 8, 99L) else mean
    class(changed) <- class(moves)
    for (use in list(print, state_occupation, result_table, as.data.frame)) {
      expect_error(utils::capture.output(use(changed)), class = "oligosurv_error")
    }
  }
})

test_that("of many sentences equal limits are written once", {
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  times <- seq(0.0001, 7, length.out = 1e5)
  written <- 0L
  usual <- local_internal("limits_text", function(...) {
    written <<- written + 1L
    usual(...)
  })
  text <- inline_text(fit, times = times)
  expect_length(text, 2e5)
  expect_lt(written, 30) # two curves of few steps
  one <- inline_text(fit, times = times[5e4])
  expect_identical(unname(text[5e4]), unname(one[1L]))
})

test_that("limits of times between the same events are those of one of them alone", {
  table <- event_table(Surv(time, status) ~ arm, rows)
  times <- seq(0.001, 7, length.out = 1e5)
  many <- rate_difference(table, times = times)
  # the same bits as alone
  few <- times[c(1, 3e4, 7e4, 1e5)]
  want <- rate_difference(table, times = few)
  got <- many$contrasts[many$contrasts$time %in% few, ]
  expect_identical(as.list(got)[names(want$contrasts)], as.list(want$contrasts))
  expect_true(any(want$contrasts$p.value < 1))
})

test_that("a print has as many rows as R prints of a data frame, and says so", {
  x <- rate_difference(event_table(Surv(time, event) ~ arm, rows), times = 1:7)
  whole <- utils::capture.output(print(x))
  expect_false(any(grepl("are shown", whole)))
  withr::local_options(max.print = 35)
  text <- utils::capture.output(print(x))
  # 7 times of two groups and of their difference
  expect_match(text, "21 rows, of which the first [0-9]+ are shown", all = FALSE)
  most <- as.integer(sub(".*the first ([0-9]+) are.*", "\\1", grep("are shown", text,
    value = TRUE
  )))
  expect_identical(sum(grepl(" to |\u2013", text)), most)
})

test_that("a time limit of R, or too little memory, is no fault of an object", {
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  fit$table <- NULL
  for (text in c(
    "reached elapsed time limit", "reached CPU time limit",
    "cannot allocate vector of size 8.0 Gb",
    "cannot allocate memory block of size 1024 Tb",
    "vector memory limit of 16.0 Gb reached, see mem.maxVSize()",
    "cons memory exhausted (limit reached?)"
  )) {
    fails <- guarded(function(x) stop(text))
    expect_error(fails(fit), text, fixed = TRUE, class = "simpleError")
  }
  fails <- guarded(function(x) stop("other"))
  expect_error(fails(fit), "`table`", class = "oligosurv_error_data")
})

test_that("R's errors of memory are known in other languages, with the number first", {
  is_limit <- function(text, words) is_resource_limit(simpleError(text), words)
  turkish <- "%0.1f Gb boyutunda vekt\u00f6r ayr\u0131lam\u0131yor"
  expect_true(is_limit(sub("%0.1f", "7.5", turkish), turkish))
  expect_false(is_limit("object 'x' not found", turkish))
  german <- "kann Vektor der Gr\u00f6\u00dfe %0.1f GB nicht allozieren"
  expect_true(is_limit(sub("%0.1f", "7.5", german), german))
  expect_false(is_limit("kann Vektor nicht lesen", german))
})

test_that("too little memory is no fault of a function that the user gave", {
  error <- tryCatch(numeric(1e15), error = identity)
  for (class in class(error)) {
    expect_error(pairwise_test(Surv(time, event) ~ arm, rows, function(x) numeric(1e15)),
      conditionMessage(error), fixed = TRUE, class = class
    )
    expect_error(with_function(numeric(1e15), "hazard"), class = class)
  }
  expect_error(pairwise_test(Surv(time, event) ~ arm, rows, function(x) stop("other")),
    "the function `test` stopped: other", class = "oligosurv_error_input"
  )
})

test_that("a computation on many times hears a time limit", {
  table <- event_table(Surv(time, status) ~ arm, rows)
  on.exit(setTimeLimit())
  setTimeLimit(cpu = 0.5, transient = TRUE)
  error <- tryCatch(rate_difference(table, times = seq(1, 1e6)), error = identity)
  setTimeLimit()
  expect_match(conditionMessage(error), "time limit")
})

test_that("every poll of ours hears a time limit that has passed", {
  # R itself reads the clock only in every sixth of its polls (R 4.2)
  polled <- getFromNamespace("polled", "oligosurv")
  used <- function() sum(proc.time()[1:2])
  on.exit(setTimeLimit())
  for (i in 1:7) {
    outcome <- tryCatch({
      setTimeLimit(cpu = 0.02, transient = TRUE)
      start <- used()
      while (used() - start < 0.1) sum(sqrt(seq(0, 1e5)))
      polled("not heard")
    }, error = conditionMessage)
    setTimeLimit()
    expect_match(outcome, "CPU time limit")
  }
})

test_that("a time limit while a column or a condition is evaluated is passed on", {
  limit <- function(...) stop("reached elapsed time limit")
  expect_error(kaplan_meier(Surv(limit(time), event) ~ arm, rows), class = "simpleError")
  expect_error(hazard_ratio(Surv(time, event) ~ limit(arm), rows), class = "simpleError")
  d <- cbind(rows, patient_id = seq_len(nrow(rows)))
  expect_error(kaplan_meier(Surv(time, event) ~ limit(arm), d), class = "simpleError")
  expect_error(hazard_ratio(Surv(time, event) ~ limit(arm), d), class = "simpleError")
  expect_error(kaplan_meier(Surv(time, event) ~ arm, rows, id = limit(1)),
    class = "simpleError"
  )
  expect_error(subset(hcc_sbrt, limit(cohort)), class = "simpleError")
  # other errors are ours
  other <- function(...) stop("no such thing")
  expect_error(kaplan_meier(Surv(other(time), event) ~ arm, rows),
    class = "oligosurv_error_input"
  )
  expect_error(subset(hcc_sbrt, other(cohort)), class = "oligosurv_error_input")
})

test_that("a component that became NA is named", {
  band <- survival_band(kaplan_meier(Surv(time, event) ~ arm, rows))
  band$band[] <- NA
  expect_error(print(band), "`band`", class = "oligosurv_error_data")
  table <- event_table(Surv(time, status) ~ arm, rows)
  for (value in list(NA, mean, c("A", "B"), factor("A"))) {
    table$values <- list(arm = value)
    expect_error(
      suppressMessages(write_counts(table, withr::local_tempfile(), unit = "months")),
      "`values`", class = "oligosurv_error_data"
    )
  }
})

test_that("a broken factor of signs is refused", {
  broken <- structure(c(1L, 9L), levels = "none", class = "factor")
  expect_error(
    child_pugh(20, 40, 1, "none", broken, "umol/l", "g/l"),
    "`encephalopathy` is a broken factor: row 2", class = "oligosurv_error_data"
  )
})

test_that("64-bit times are read without a warning of another package", {
  skip_if_not_installed("bit64")
  as_integer64 <- getExportedValue("bit64", "as.integer64")
  long <- data.frame(time = rows$time, event = rows$event)
  long$time <- as_integer64("9007199254740993") + 4096 * rows$time
  expect_no_warning(fit <- kaplan_meier(Surv(time, event) ~ 1, long, tie_tol = 0))
  expect_identical(sum(fit$n.event), 5)
})

test_that("an id is one value per row, not a data frame with as many columns", {
  d <- data.frame(time = 1:12, event = 1, x = rep(0:2, 4))
  wide <- as.data.frame(matrix(1, 37, 12))
  for (fit in list(kaplan_meier, hazard_ratio, concordance_index)) {
    expect_error(fit(Surv(time, event) ~ x, d, id = wide), "one value per row",
      class = "oligosurv_error_input"
    )
  }
  expect_error(
    hazard_ratio(Surv(time, event) ~ x, d, id = as.data.frame(matrix(1:12, 1))),
    "one value per row", class = "oligosurv_error_input"
  )
})
