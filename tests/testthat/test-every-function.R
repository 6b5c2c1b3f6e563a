# Every exported function that takes rows, a fit or a study, on awkward ones: an answer or
# a classed error; no crash, no warning from inside, no NaN. The list of functions is
# that of the package: a new one without a call here fails.

codes <- c("censored", "failure", "death")

rows_of <- function(time, cause, group = rep_len(c("a", "b"), length(time)), w = 1) {
  data.frame(
    time = time, cause = cause, event = as.integer(cause > 0),
    group = factor(group, c("a", "b")), status = factor(cause, 0:2, codes), w = w,
    id = rep_len(rep(1:4, each = 2), length(time)), start = time * 0
  )
}

awkward_rows <- list(
  `zero events` = rows_of(1:6, rep(0, 6)),
  `one event` = rows_of(1:6, c(0, 0, 1, 0, 0, 0)),
  `one subject` = rows_of(3, 1),
  `no rows` = rows_of(3, 1)[0, ],
  `an empty group` = rows_of(1:4, c(1, 0, 2, 1), "a"),
  `all tied` = rows_of(rep(5, 6), c(0, 1, 2, 0, 1, 2)),
  `all tied, all events` = rows_of(rep(5, 6), rep(1, 6)),
  `one cluster` = transform(rows_of(1:6, c(1, 0, 2, 1, 0, 1)), id = 1),
  `weights 0` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = 0),
  `some weights 0` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = c(0, 0, 0, 1, 1, 1)),
  `huge weights` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = c(1e15, 1, 1e12, 1, 1, 3)),
  `tiny weights` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = c(1e-12, 1, 1, 1, 1e-9, 3)),
  `times 0` = rows_of(c(0, 0, 0, 1, 2), c(1, 0, 2, 1, 0)),
  `one ulp apart` = rows_of(1 + c(0, 1, 0, 1) * .Machine$double.eps, c(1, 0, 2, 1)),
  `NA and NaN` = rows_of(c(1, NA, NaN, 4, 5), c(1, 0, 2, 1, NA)),
  negative = rows_of(c(1, -2, 3, 4), c(1, 0, 2, 1)),
  infinite = rows_of(c(1, Inf, 3, 4), c(1, 0, 2, 1)),
  `negative weight` = rows_of(1:4, c(1, 0, 2, 1), w = c(1, -1, 1, NaN))
)

# The same eight rows with a column of a type that nobody asked for
plain_rows <- rows_of(c(1, 2, 2, 3, 4, 5, 6, 7), c(1, 0, 2, 1, 0, 1, 2, 0), w = 1:2)
with_columns <- function(...) {
  new <- list(...)
  x <- plain_rows
  for (column in names(new)) x[[column]] <- new[[column]]
  x
}
labelled <- function(x) {
  class <- c("haven_labelled", "vctrs_vctr", "double")
  structure(as.double(x), class = class, labels = c(low = 1, high = 2))
}
wide <- if (requireNamespace("bit64", quietly = TRUE)) bit64::as.integer64 else identity

odd_rows <- list(
  `unused and missing levels` = with_columns(
    group = addNA(factor(c(NA, rep(c("a", "b"), 3), "a"), c("z", "a", "y", "b"))),
    status = addNA(replace(plain_rows$status, 1, NA))
  ),
  `group all missing` = with_columns(group = factor(rep(NA, 8))),
  `64 bits` = with_columns(
    time = wide(plain_rows$time), event = wide(plain_rows$event), w = wide(plain_rows$w),
    group = wide(rep(1:2, 4)), id = wide(plain_rows$id)
  ),
  labelled = with_columns(
    time = labelled(plain_rows$time), event = labelled(plain_rows$event),
    w = labelled(plain_rows$w), group = labelled(rep(1:2, 4)),
    id = labelled(plain_rows$id)
  ),
  difftime = with_columns(time = as.difftime(plain_rows$time, units = "weeks")),
  `date and time` = with_columns(time = as.POSIXct("2020-01-01") + plain_rows$time),
  `dates as groups and ids` = with_columns(
    group = as.Date("2020-01-01") + rep(0:1, 4), id = as.Date("2020-01-01") + 1:8
  ),
  raw = with_columns(group = as.raw(rep(1:2, 4))),
  `list column` = with_columns(group = I(as.list(rep(1:2, 4)))),
  `list of times` = with_columns(time = I(as.list(plain_rows$time))),
  `matrix columns` = with_columns(
    group = matrix(rep(1:2, 8), 8), id = matrix(plain_rows$id, 8, 1)
  ),
  `matrix of times` = with_columns(time = matrix(plain_rows$time, 8, 2)),
  `row a group` = with_columns(group = factor(letters[1:8])),
  `id missing` = with_columns(id = replace(as.character(plain_rows$id), 3, NA)),
  `entry at exit` = with_columns(start = plain_rows$time),
  `entry missing` = with_columns(start = replace(plain_rows$start, 2, NaN)),
  `entry near exit` = with_columns(start = plain_rows$time * (1 - 1e-12)),
  `text for numbers` = with_columns(time = "1", event = "0", w = "1"),
  `status 3` = with_columns(event = rep(0:3, 2), status = factor(rep("censored", 8))),
  `status 1.5` = with_columns(event = plain_rows$event + 0.5),
  `complex times` = with_columns(time = plain_rows$time + 0i),
  `largest times` = with_columns(time = plain_rows$time * 1e307),
  `smallest times` = with_columns(time = plain_rows$time * 5e-324),
  `weights past 1e80` = with_columns(w = c(1e308, 1e-320)),
  `weights at 1e80` = with_columns(w = c(1e80, 1e-80)),
  `odd labels` = with_columns(group = factor(plain_rows$group, labels = c("", "%s<b>"))),
  `no text` = with_columns(group = factor(plain_rows$group, labels = c("\xff", "b"))),
  `columns missing` = plain_rows["time"],
  `lengths differ` = replace(as.list(plain_rows), "time", list(1:3))
)

km <- function(d, ...) kaplan_meier(Surv(time, event) ~ group, d, ...)
cif <- function(d, ...) cumulative_incidence(Surv(time, status) ~ group, d, ...)
built <- function(plot) {
  ggplot2::ggplot_build(plot)
  data.frame()
}

streamed <- function(d) {
  file <- withr::local_tempfile(fileext = ".csv")
  utils::write.csv(d, file, row.names = FALSE)
  event_table_stream(file, "time", "status",
    group = "group", status_levels = codes, progress = FALSE
  )
}

row_calls <- list(
  strata = function(d) {
    tidy(kaplan_meier(Surv(time, event) ~ group + strata(id), d))
  },
  event_table = function(d) as.data.frame(event_table(Surv(time, status) ~ group, d)),
  kaplan_meier = function(d) tidy(km(d, times = c(0, 2, 9))),
  augment = function(d) {
    rows <- augment(kaplan_meier(Surv(time, event) ~ group, d), d,
      Surv(time, event) ~ group
    )
    # The columns of the data are as they were
    rows[setdiff(names(rows), names(d))]
  },
  kaplan_meier = function(d) tidy(km(d, conf.type = "exact", id = id)),
  kaplan_meier = function(d) tidy(survival_band(km(d), "hall-wellner")),
  survival_band = function(d) {
    tidy(survival_band(survival_estimate(km(d), conf.lower = "peto"), "equal-precision"))
  },
  survival_estimate = function(d) tidy(survival_estimate(km(d), "fleming-harrington")),
  kaplan_meier = function(d) tidy(km(d, from = 1)),
  kaplan_meier = function(d) tidy(km(d, landmark = 2)),
  kaplan_meier = function(d) tidy(km(d, weights = w, weight_type = "frequency")),
  kaplan_meier = function(d) tidy(km(d, weights = w, weight_type = "sampling")),
  kaplan_meier = function(d) {
    tidy(kaplan_meier(Surv(start, time, event) ~ group, d, conf.type = "mid-p"))
  },
  cumulative_incidence = function(d) tidy(cif(d, variance = "jackknife")),
  cumulative_incidence = function(d) glance(cif(d, id = id)),
  cumulative_incidence = function(d) tidy(cif(d, weights = w, weight_type = "frequency")),
  cumulative_incidence = function(d) tidy(cif(d, weights = w, weight_type = "sampling")),
  follow_up = function(d) glance(follow_up(Surv(time, event) ~ group, d, potential = 9)),
  cumulative_hazard = function(d) cumulative_hazard(km(d)),
  as_survfit = function(d) {
    unclass(as_survfit(km(d)))[c("time", "surv", "n.risk", "n.event", "cumhaz")]
  },
  as_survfit = function(d) {
    unclass(as_survfit(cif(d)))[c("time", "pstate", "n.risk", "std.err", "cumhaz")]
  },
  tidy = function(d) tidy(logrank_test(Surv(time, event) ~ group, d)),
  glance = function(d) glance(gray_test(Surv(time, status) ~ group, d)),
  logrank_test = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d,
      weight = "fleming-harrington", rho = 1, gamma = 1, trend = TRUE
    ))
  },
  logrank_test = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d, method = "exact"))
  },
  logrank_test = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d, id = id, method = "permutation",
      n_permutations = 19
    ))
  },
  logrank_test = function(d) {
    glance(logrank_test(Surv(time, event) ~ group, d, weights = w,
      weight_type = "frequency"
    ))
  },
  gray_test = function(d) {
    glance(gray_test(Surv(time, status) ~ group, d, rho = 1, method = "permutation",
      n_permutations = 19
    ))
  },
  gray_test = function(d) {
    glance(gray_test(Surv(time, status) ~ group, d, weights = w,
      weight_type = "frequency"
    ))
  },
  maxcombo_test = function(d) glance(maxcombo_test(Surv(time, event) ~ group, d)),
  pairwise_test = function(d) tidy(pairwise_test(Surv(time, event) ~ group, d)),
  pairwise_test = function(d) {
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
  hazard_ratio = function(d) tidy(hazard_ratio(Surv(time, event) ~ group, d)),
  hazard_ratio = function(d) tidy(hazard_ratio(Surv(time, status) ~ group, d)),
  pseudo_values = function(d) pseudo_values(Surv(time, status) ~ group, d, times = 0:3),
  influence_values = function(d) {
    influence_values(Surv(time, event) ~ group, d, times = 0:3)
  },
  bootstrap_interval = function(d) {
    tidy(bootstrap_interval(Surv(time, event) ~ group, d, n_resamples = 39))
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
  curve_plot = function(d) built(curve_plot(cif(d))),
  curve_plot = function(d) built(curve_plot(km(d), p_value = TRUE)),
  forest_plot = function(d) {
    built(forest_plot(hazard_ratio(Surv(time, event) ~ group, d)))
  },
  save_figure = function(d) {
    file <- withr::local_tempfile(fileext = ".pdf")
    save_figure(curve_plot(km(d)), file)
    data.frame()
  }
)

# Studies cut out of the simulated cohort
study_of <- function(patients, keep_events = TRUE) {
  rows <- function(part) {
    x <- as.data.frame(hcc_sbrt[[part]])
    x[x$patient_id %in% patients, , drop = FALSE]
  }
  events <- rows("adverse_events")
  suppressMessages(sbrt_study(
    rows("patients"), rows("lesions"), if (keep_events) events else events[0, ],
    cutoff = hcc_sbrt$cutoff
  ))
}

awkward_studies <- function() {
  p <- as.data.frame(hcc_sbrt$patients)
  list(
    `one patient` = study_of(p$patient_id[1]),
    `nobody died` = study_of(p$patient_id[is.na(p$death_date)]),
    `one cohort` = study_of(p$patient_id[p$cohort == "OM"]),
    `no adverse events` = study_of(p$patient_id[1:5], FALSE)
  )
}

study_calls <- list(
  endpoint = function(s) as.data.frame(endpoint(s, "local_failure", "lesion")),
  endpoint = function(s) as.data.frame(endpoint(s, "late_toxicity")),
  best_response = function(s) as.data.frame(best_response(s)),
  response_rate = function(s) as.data.frame(response_rate(s, by = "cohort")),
  response_difference = function(s) as.data.frame(response_difference(s, by = "cohort")),
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

# Functions of numbers, files, settings or other machines, with tests of their own, and
# one that is survival's own
elsewhere <- c(
  "Surv", "bed", "eqd2", "format_p_value", "sample_size", "simulate_study",
  "theme_oligosurv", "study_schema", "study_template", "read_study", "sbrt_study",
  "study_report", "event_table_parts", "as_tinytable"
)

frames_of <- function(x) {
  if (is.data.frame(x)) list(x) else if (is.list(x)) x else list(as.data.frame(x))
}

# "answer", or the class of the error; anything else is named
outcome_of <- function(call, data) {
  got <- tryCatch(
    withCallingHandlers(frames_of(call(data)), message = function(m) {
      if (inherits(m, "oligosurv_message")) invokeRestart("muffleMessage")
    }),
    oligosurv_error = function(e) class(e)[1L], warning = identity, error = identity
  )
  if (inherits(got, "oligosurv_error_internal")) return("internal error")
  if (is.character(got)) return(got)
  if (inherits(got, "condition")) return(conditionMessage(got))
  nan <- vapply(got, function(frame) {
    columns <- if (is.list(frame)) frame else list(frame)
    any(vapply(columns, function(x) is.numeric(x) && any(is.nan(x)), NA))
  }, NA)
  if (any(nan)) "NaN" else "answer"
}

good_outcomes <- c("answer", paste0("oligosurv_error_", c("data", "domain", "input")))

bad_outcomes <- function(calls, data) {
  out <- unlist(lapply(names(data), function(name) {
    got <- vapply(calls, outcome_of, "", data[[name]])
    stats::setNames(got, sprintf("%s %d / %s", names(calls), seq_along(calls), name))
  }))
  bad <- out[!out %in% good_outcomes]
  if (length(bad)) bad else character()
}

test_that("every exported function has a call", {
  exports <- getNamespaceExports("oligosurv")
  exports <- exports[vapply(exports, function(x) {
    is.function(getExportedValue("oligosurv", x))
  }, NA)]
  covered <- c(names(row_calls), names(study_calls), elsewhere)
  expect_identical(setdiff(exports, covered), character())
  expect_identical(setdiff(covered, exports), character())
})

test_that("rows: an answer or a classed error", {
  skip_on_cran() # takes seconds
  skip_if_not_installed("ggplot2")
  expect_identical(bad_outcomes(row_calls, awkward_rows), character()[0])
})

# In a process of its own: tinytable does not load beside an older xfun, and when that
# is loaded later (by knitr) an error is printed
test_that("as_tinytable(): an answer or a classed error", {
  skip_on_cran()
  skip_if(!nzchar(system.file(package = "tinytable")), "tinytable")
  dir <- withr::local_tempdir()
  dump(c("awkward_rows", "outcome_of", "frames_of", "km"), file.path(dir, "rows.R"))
  writeLines(c(
    sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = "")),
    sprintf("setwd(%s)", deparse(dir)), "library(oligosurv)", "source(\"rows.R\")",
    "call <- function(d) list(class(as_tinytable(result_table(km(d)))))",
    "saveRDS(vapply(awkward_rows, outcome_of, \"\", call = call), \"out.rds\")"
  ), file.path(dir, "run.R"))
  system2(file.path(R.home("bin"), "Rscript"),
    c("--vanilla", shQuote(file.path(dir, "run.R"))), stdout = FALSE, stderr = FALSE
  )
  out <- readRDS(file.path(dir, "out.rds"))
  expect_identical(out[!out %in% good_outcomes], out[0])
  expect_gt(sum(out == "answer"), 5)
})

test_that("odd columns: an answer or a classed error, and the answer of plain ones", {
  skip_if_not_installed("ggplot2")
  # what writes, draws or computes with the columns itself is not of interest here
  names <- c(
    "curve_plot", "forest_plot", "save_figure", "save_table", "event_table_stream",
    "late_group", "hazard_ratio"
  )
  calls <- row_calls[!names(row_calls) %in% names]
  expect_identical(bad_outcomes(calls, odd_rows), character()[0])
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
    maxcombo_test, restricted_mean, bootstrap_interval, hazard_ratio,
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
  for (f in list(follow_up, bootstrap_interval, hazard_ratio, pseudo_values)) {
    expect_error(f(Surv(time, event) ~ group, d, weights = nobody), "`weights`",
      class = "oligosurv_error_input"
    )
  }
})

test_that("studies: an answer or a classed error", {
  skip_if_not_installed("ggplot2")
  expect_identical(bad_outcomes(study_calls, awkward_studies()), character()[0])
})
