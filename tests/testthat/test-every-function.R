# Every exported function gives an answer to good data, and to awkward data an answer or a
# classed error; no crash, no internal warning, no NaN. Calls are named by their function,
# with a variant after a colon. The tests fail for an exported function without a call,
# and for a call that never gives an answer.

# The event table of the rows, streamed from a file
streamed <- function(d) {
  file <- withr::local_tempfile(fileext = ".csv")
  # columns of a file have equal lengths and no class
  utils::write.csv(as.data.frame(lapply(d, as.vector)), file, row.names = FALSE)
  event_table_stream(file, "time", "status", group = "group", states = codes)
}

row_calls <- list(
  Surv = function(d) as.data.frame(event_table(Surv(time, event) ~ 1, d)),
  strata = function(d) {
    tidy(kaplan_meier(Surv(time, event) ~ group + strata(id), d))
  },
  event_table = function(d) as.data.frame(event_table(Surv(time, status) ~ group, d)),
  `kaplan_meier: times` = function(d) tidy(km(d, times = c(0, 2, 9))),
  `kaplan_meier: exact limits by id` = function(d) {
    tidy(km(d, conf.type = "exact", id = id))
  },
  survival_band = function(d) tidy(survival_band(km(d), "hall-wellner")),
  `survival_band: equal precision` = function(d) {
    tidy(survival_band(survival_estimate(km(d), conf.lower = "peto"), "equal-precision"))
  },
  survival_estimate = function(d) tidy(survival_estimate(km(d), "fleming-harrington")),
  `kaplan_meier: from` = function(d) tidy(km(d, from = 1)),
  `kaplan_meier: landmark` = function(d) tidy(km(d, landmark = 2)),
  `kaplan_meier: frequency weights` = function(d) {
    tidy(km(d, weights = w, weight_type = "frequency"))
  },
  `kaplan_meier: sampling weights` = function(d) {
    tidy(km(d, weights = w, weight_type = "sampling"))
  },
  `kaplan_meier: entries` = function(d) {
    tidy(kaplan_meier(Surv(start, time, event) ~ group, d, conf.type = "mid-p"))
  },
  `cumulative_incidence: jackknife` = function(d) tidy(cif(d, variance = "jackknife")),
  `cumulative_incidence: by id` = function(d) glance(cif(d, id = id)),
  `cumulative_incidence: frequency weights` = function(d) {
    tidy(cif(d, weights = w, weight_type = "frequency"))
  },
  `cumulative_incidence: sampling weights` = function(d) {
    tidy(cif(d, weights = w, weight_type = "sampling"))
  },
  augment = function(d) {
    f <- Surv(time, event) ~ group
    rows <- augment(kaplan_meier(f, d), d, f)
    # without the columns of the data, which augment() only copies
    rows[setdiff(names(rows), names(d))]
  },
  follow_up = function(d) glance(follow_up(Surv(time, event) ~ group, d, potential = 9)),
  cumulative_hazard = function(d) cumulative_hazard(km(d)),
  `as_survfit: Kaplan-Meier` = function(d) {
    unclass(as_survfit(km(d)))[c("time", "surv", "n.risk", "n.event", "cumhaz")]
  },
  `as_survfit: cumulative incidence` = function(d) {
    unclass(as_survfit(cif(d)))[c("time", "pstate", "n.risk", "std.err", "cumhaz")]
  },
  tidy = function(d) tidy(logrank_test(Surv(time, event) ~ group, d)),
  glance = function(d) glance(gray_test(Surv(time, status) ~ group, d)),
  `logrank_test: trend` = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d,
      weight = "fleming-harrington", rho = 1, gamma = 1, trend = TRUE
    ))
  },
  `logrank_test: exact` = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d, method = "exact"))
  },
  `logrank_test: permutation by id` = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d, id = id, method = "permutation",
      n_permutations = 19
    ))
  },
  `logrank_test: weights` = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d, weights = w,
      weight_type = "frequency"
    ))
  },
  `gray_test: permutation` = function(d) {
    glance(gray_test(Surv(time, status) ~ group, d, rho = 1, method = "permutation",
      n_permutations = 19
    ))
  },
  `gray_test: weights` = function(d) {
    glance(gray_test(Surv(time, status) ~ group, d, weights = w,
      weight_type = "frequency"
    ))
  },
  maxcombo_test = function(d) glance(maxcombo_test(Surv(time, event) ~ group, d)),
  `pairwise_test: log-rank` = function(d) {
    tidy(pairwise_test(Surv(time, event) ~ group, d))
  },
  `pairwise_test: Gray` = function(d) {
    tidy(pairwise_test(Surv(time, status) ~ group, d, test = gray_test))
  },
  one_sample_test = function(d) {
    glance(one_sample_test(Surv(time, event) ~ group, d, hazard = 0.1))
  },
  restricted_mean = function(d) {
    both <- restricted_mean(Surv(time, status) ~ group, d)
    list(both$estimates, both$contrasts)
  },
  rate_difference = function(d) tidy(rate_difference(Surv(time, event) ~ group, d, 0:3)),
  state_occupation = function(d) {
    x <- state_occupation(Surv(time, status) ~ group, d)
    list(tidy(x), x$means, x$contrasts)
  },
  `state_occupation: spells` = function(d) {
    tidy(state_occupation(Surv(start, time, status) ~ 1, d, id = seq_along(time)))
  },
  `state_occupation: weights` = function(d) {
    tidy(state_occupation(Surv(time, status) ~ 1, d, weights = w,
      weight_type = "sampling"
    ))
  },
  `event_table: moves` = function(d) {
    as.data.frame(event_table(Surv(time, status) ~ group, d, from = "alive"))
  },
  `hazard_ratio: one event` = function(d) {
    tidy(hazard_ratio(Surv(time, event) ~ group, d))
  },
  `hazard_ratio: causes` = function(d) tidy(hazard_ratio(Surv(time, status) ~ group, d)),
  adjusted_curves = function(d) {
    fit <- hazard_ratio(Surv(time, event) ~ group, d)
    tidy(adjusted_curves(fit, "group", tau = 0, extend = TRUE))
  },
  `adjusted_curves: causes` = function(d) {
    tidy(adjusted_curves(hazard_ratio(Surv(time, status) ~ group, d), "group"))
  },
  pseudo_values = function(d) pseudo_values(Surv(time, status) ~ group, d, times = 0:3),
  influence_values = function(d) {
    influence_values(Surv(time, event) ~ group, d, times = 0:3)
  },
  bootstrap_interval = function(d) {
    tidy(bootstrap_interval(Surv(time, event) ~ group, d, n_resamples = 39))
  },
  concordance_index = function(d) {
    both <- concordance_index(Surv(time, status) ~ w + group, d)
    list(both$table, both$contrasts, glance(both))
  },
  `concordance_index: Uno, by id` = function(d) {
    tidy(concordance_index(Surv(time, event) ~ group + strata(id), d,
      method = "uno", tau = 5, id = id
    ))
  },
  `concordance_index: weights` = function(d) {
    tidy(concordance_index(Surv(time, event) ~ group, d,
      weights = w, weight_type = "sampling"
    ))
  },
  `concordance_index: entries` = function(d) {
    tidy(concordance_index(Surv(start, time, event) ~ w, d))
  },
  brier_score = function(d) {
    risk <- Surv(time, status) ~ I(time / (1 + time)) + I(1 / (1 + time))
    all <- brier_score(risk, d, times = 3, outcome = "death", id = id)
    list(all$table, all$contrasts, glance(all))
  },
  calibration = function(d) {
    all <- calibration(Surv(time, event) ~ I(1 / (1 + time)), d, times = 3)
    list(all$table, all$summary)
  },
  bootstrap_optimism = function(d) {
    withr::local_seed(1)
    tidy(bootstrap_optimism(Surv(time, event) ~ group, d, times = 3, n_resamples = 39))
  },
  late_group = function(d) {
    late <- late_group(d$group, d$start + 1)
    glance(logrank_test(Surv(time, event) ~ late, d, landmark = 1))
  },
  inline_text = function(d) data.frame(inline_text(km(d))),
  result_table = function(d) result_table(cif(d))$body,
  save_table = function(d) {
    file <- withr::local_tempfile(fileext = ".md")
    save_table(result_table(km(d)), file)
    data.frame(readLines(file))
  },
  event_table_stream = function(d) as.data.frame(streamed(d)),
  write_counts = function(d) {
    file <- withr::local_tempfile(fileext = ".csv")
    table <- event_table(Surv(time, status) ~ group, d)
    as.data.frame(write_counts(table, file, "days", time_grid = 2))
  },
  read_counts = function(d) {
    file <- withr::local_tempfile(fileext = ".csv")
    write_counts(event_table(Surv(time, status) ~ group, d), file, "days")
    as.data.frame(read_counts(file))
  },
  curve_plot = function(d) built(curve_plot(cif(d))),
  loglog_plot = function(d) built(loglog_plot(km(d))),
  `curve_plot: times` = function(d) built(curve_plot(km(d), times = 0)),
  `curve_plot: p.value` = function(d) built(curve_plot(km(d), p.value = TRUE)),
  forest_plot = function(d) {
    built(forest_plot(hazard_ratio(Surv(time, event) ~ group, d)))
  },
  save_figure = function(d) {
    file <- withr::local_tempfile(fileext = ".pdf")
    save_figure(curve_plot(km(d)), file)
    data.frame(size = file.size(file))
  }
)

# The tables of a study, as input of sbrt_study()
tables_of_study <- function(s) {
  lapply(unclass(s)[c("patients", "lesions", "adverse_events", "assessments")],
    function(x) if (!is.null(x)) as.data.frame(x)
  )
}

study_calls <- list(
  sbrt_study = function(s) {
    as.data.frame(do.call(sbrt_study, tables_of_study(s))$patients)
  },
  redcap_tables = function(s) redcap_tables(redcap_export(s))$lesions,
  wider_dates = function(s) {
    x <- s$patients[!is.na(s$patients$death_date), ]
    d <- data.frame(patient_id = x$patient_id, when = x$death_date)
    d$what <- rep("dead", nrow(d))
    wider_dates(d, "what", "when", c(dead = "death_date"))
  },
  read_study = function(s) {
    dir <- write_tables(Filter(Negate(is.null), tables_of_study(s)))
    as.data.frame(read_study(dir)$lesions)
  },
  longer_lesions = function(s) {
    d <- data.frame(patient_id = s$patients$patient_id, dose_1 = 50, dose_2 = 24)
    longer_lesions(d, c(dose_gy = "dose_#"))
  },
  longer_events = function(s) {
    d <- data.frame(patient_id = s$patients$patient_id, fatigue_grade = 1)
    longer_events(d, c(grade = "#_grade"))
  },
  `endpoint: lesions` = function(s) as.data.frame(endpoint(s, "local_failure", "lesion")),
  `endpoint: late toxicity` = function(s) as.data.frame(endpoint(s, "late_toxicity")),
  best_response = function(s) as.data.frame(best_response(s)),
  response_rate = function(s) as.data.frame(response_rate(s, by = "cohort")),
  response_difference = function(s) as.data.frame(response_difference(s, by = "cohort")),
  failure_pattern = function(s) as.data.frame(failure_pattern(s)),
  adtte = function(s) adtte(s),
  study_states = function(s) as.data.frame(study_states(s)),
  toxicity_table = function(s) as.data.frame(toxicity_table(s)),
  baseline_table = function(s) as.data.frame(baseline_table(s)),
  dose_table = function(s) as.data.frame(dose_table(s)),
  lesion_dose = function(s) as.data.frame(lesion_dose(s)),
  dose_response = function(s) as.data.frame(dose_response(s, times = 12)),
  flow_table = function(s) as.data.frame(flow_table(s)),
  flow_plot = function(s) built(flow_plot(flow_table(s))),
  omd_class = function(s) as.data.frame(omd_class(s)),
  visit_response = function(s) as.data.frame(visit_response(s)),
  waterfall_plot = function(s) built(waterfall_plot(s)),
  swimmer_plot = function(s) built(swimmer_plot(s)),
  spider_plot = function(s) built(spider_plot(s)),
  study_problems = function(s) as.data.frame(study_problems(s)),
  compare_published = function(s) as.data.frame(compare_published(s))
)

# A report with one line of text; the whole report is tested in test-report-study.R
short_report <- function(s) {
  template <- withr::local_tempfile(fileext = ".Rmd")
  file <- withr::local_tempfile(fileext = ".html")
  writeLines(c("---", "title: Study", "---", "`r nrow(study$patients)`"), template)
  study_report(s, file, template = template, quiet = TRUE)
  data.frame(size = file.size(file))
}

# Calls whose good data are the number 1
number_calls <- list(
  `bed: dose` = function(x) data.frame(bed(x, 5)),
  `bed: fractions` = function(x) data.frame(bed(10, x)),
  eqd2 = function(x) data.frame(eqd2(10, 5, alpha_beta = x)),
  albi = function(x) albi(4, x, "g/dl", "mg/dl"),
  child_pugh = function(x) child_pugh(1, 4, x, "none", "none", "mg/dl", "g/dl"),
  format_p_value = function(x) data.frame(format_p_value(x)),
  `sample_size: time` = function(x) {
    sample_size("single-arm", p0 = 0.8, p1 = 0.92, method = "kaplan-meier", time = x)
  },
  `sample_size: median` = function(x) {
    sample_size("logrank", hazard_ratio = 0.5, median = x, follow_up = 12)
  },
  simulate_study = function(x) as.data.frame(simulate_study(x)$patients),
  `simulate_study: lesions` = function(x) {
    as.data.frame(simulate_study(3, lesions = x)$lesions)
  },
  recist = function(x) data.frame(recist(confirm_days = x)$confirm_days),
  mrecist = function(x) data.frame(mrecist(sd_days = x)$sd_days),
  visits = function(x) data.frame(visits(sd_days = x)$sd_days),
  curve_options = function(x) data.frame(curve_options(min_risk = x)$min_risk),
  theme_oligosurv = function(x) list(theme_oligosurv(x)$text$size),
  study_schema = function(x) study_schema(),
  study_template = function(x) {
    withr::local_dir(withr::local_tempdir())
    study_template(if (identical(x, 1)) "." else x)
    data.frame(list.files())
  }
)

# Calls in child processes: tinytable does not load with an older xfun, and if that is
# loaded later (by knitr) an error is printed
process_calls <- list(
  event_table_parts = function(d) {
    as.data.frame(
      event_table_parts(list(d), Surv(time, status) ~ group, compute = "every")
    )
  },
  as_tinytable = function(d) list(class(as_tinytable(result_table(km(d)))))
)

test_that("every exported function has a call, and every call a name of its own", {
  calls <- c(
    names(row_calls), names(study_calls), names(number_calls), names(process_calls),
    "study_report"
  )
  expect_identical(anyDuplicated(calls), 0L)
  expect_setequal(sub(":.*", "", calls), namespace_of_package()$exports)
})

test_that("rows: every call answers to good ones, or says why it cannot", {
  skip_on_cran() # takes seconds
  skip_if_not_installed("ggplot2")
  expect_answers(row_calls, good_rows)
  expect_answers_or_errors(row_calls, awkward_rows)
})

test_that("studies: every call answers to a good one, or says why it cannot", {
  skip_if_not_installed("ggplot2")
  expect_answers(study_calls, good_study())
  expect_answers_or_errors(study_calls, awkward_studies())
})

test_that("numbers: every call answers to 1, or says why it cannot", {
  skip_if_not_installed("ggplot2")
  withr::local_seed(1)
  expect_answers(number_calls, 1)
  # an unusual dose per fraction gives a warning
  expect_answers_or_errors(number_calls, awkward_numbers,
    allowed = c(good_outcomes, "oligosurv_warning_domain")
  )
})

test_that("a report is written of a good study and of awkward ones", {
  skip_on_cran() # takes seconds
  skip_if_not_installed("rmarkdown")
  skip_if_not_installed("ggplot2", "3.5.0")
  skip_if_not(rmarkdown::pandoc_available("2.0"), "pandoc")
  expect_answers(list(study_report = short_report), good_study())
  expect_answers_or_errors(list(study_report = short_report), awkward_studies())
})

test_that("rows counted on a daemon: an answer or a classed error", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  mirai::daemons(1, .compute = "every")
  withr::defer(mirai::daemons(0, .compute = "every"))
  withr::local_options(cli.progress_show_after = 600)
  expect_answers(process_calls["event_table_parts"], good_rows)
  expect_answers_or_errors(process_calls["event_table_parts"], awkward_rows)
})

test_that("a table for tinytable: an answer or a classed error", {
  skip_on_cran()
  skip_if(!nzchar(system.file(package = "tinytable")), "tinytable")
  dir <- withr::local_tempdir()
  rows <- c(list(`good data` = good_rows), awkward_rows)
  call <- process_calls$as_tinytable
  dump(c("rows", "call", "outcome_of", "has_nan", "frames_of", "km"),
    file.path(dir, "rows.R")
  )
  writeLines(c(
    sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = "")),
    sprintf("setwd(%s)", deparse(dir)), "library(oligosurv)", "source(\"rows.R\")",
    "saveRDS(vapply(rows, outcome_of, \"\", call = call), \"out.rds\")"
  ), file.path(dir, "run.R"))
  system2(file.path(R.home("bin"), "Rscript"),
    c("--vanilla", shQuote(file.path(dir, "run.R"))), stdout = FALSE, stderr = FALSE
  )
  out <- readRDS(file.path(dir, "out.rds"))
  names(out) <- paste("as_tinytable /", names(out))
  expect_identical(out[!out %in% good_outcomes], out[0])
  expect_identical(out[["as_tinytable / good data"]], "answer")
})

test_that("odd columns: an answer or a classed error, and the answer of usual ones", {
  skip_if_not_installed("ggplot2")
  # functions that write, draw or compute with the columns have separate tests
  names <- c(
    "curve_plot", "forest_plot", "save_figure", "save_table", "event_table_stream",
    "late_group", "hazard_ratio"
  )
  calls <- row_calls[!sub(":.*", "", names(row_calls)) %in% names]
  expect_answers_or_errors(calls, odd_rows)
  d <- with_columns(group = factor(rep(1:2, 4)))
  for (odd in odd_rows[c("64 bits", "labelled")]) {
    for (f in list(
      function(d) tidy(cif(d, weights = w, weight_type = "sampling", id = id)),
      function(d) glance(logrank_test(Surv(time, event) ~ group, d, id = id)),
      function(d) tidy(km(d, weights = w, weight_type = "frequency")),
      function(d) tidy(hazard_ratio(Surv(time, event) ~ strata(group) + w, d, id = id))
    )) {
      expect_equal(f(odd), f(d), ignore_attr = TRUE)
    }
  }
})

test_that("an argument that a function does not take is named, never used elsewhere", {
  d <- awkward_rows[["times 0"]]
  of_rows <- list(
    event_table, kaplan_meier, cumulative_incidence, follow_up, logrank_test, gray_test,
    maxcombo_test, restricted_mean, bootstrap_interval, hazard_ratio, state_occupation,
    function(...) one_sample_test(..., hazard = 1),
    function(...) rate_difference(..., times = 1),
    function(...) pseudo_values(..., times = 1),
    function(...) influence_values(..., times = 1),
    function(x, data, ...) augment(kaplan_meier(x, data), data, x, ...)
  )
  for (f in of_rows) {
    expect_error(f(Surv(time, event) ~ group, d, use = nobody), "`use`",
      class = "oligosurv_error_input"
    )
  }
  expect_error(pairwise_test(Surv(time, event) ~ group, d, use = 1), "`use`",
    class = "oligosurv_error_input"
  )
  for (f in list(follow_up, bootstrap_interval, pseudo_values)) {
    expect_error(f(Surv(time, event) ~ group, d, weights = nobody), "`weights`",
      class = "oligosurv_error_input"
    )
  }
})
