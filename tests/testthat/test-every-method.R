# Every S3 method of NAMESPACE gives an answer for an object made of good data, and for
# one made of awkward data an answer or a classed error. The tests fail for a method that
# they do not call.

by_event <- Surv(time, event) ~ group
by_status <- Surv(time, status) ~ group

# An object of each class that has methods, made from rows
of_rows <- list(
  event_table = function(d) event_table(by_status, d),
  oligosurv_fit = function(d) cif(d),
  follow_up = function(d) follow_up(by_event, d),
  summary_oligosurv_fit = function(d) summary(km(d), times = c(1, 3)),
  oligosurv_test = function(d) gray_test(by_status, d),
  maxcombo_test = function(d) maxcombo_test(by_event, d),
  pairwise_test = function(d) pairwise_test(by_event, d),
  one_sample_test = function(d) one_sample_test(by_event, d, hazard = 0.1),
  oligosurv_contrast = function(d) rate_difference(by_event, d, 1:3),
  rate_difference = function(d) rate_difference(by_status, d, 1:3),
  restricted_mean = function(d) restricted_mean(by_event, d),
  state_occupation = function(d) state_occupation(by_status, d),
  state_table = function(d) event_table(by_status, d, from = "alive"),
  hazard_ratio = function(d) hazard_ratio(by_event, d),
  oligosurv_score = function(d) concordance_index(by_status, d),
  calibration = function(d) {
    calibration(Surv(time, event) ~ I(1 / (1 + time)), d, times = 3)
  },
  predicted_curves = function(d) {
    predict(hazard_ratio(by_status, d), data.frame(group = d$group[1:2]))
  },
  summary.hazard_ratio = function(d) summary(hazard_ratio(by_event, d)),
  bootstrap_interval = function(d) bootstrap_interval(by_event, d, n_resamples = 39),
  result_table = function(d) result_table(km(d)),
  data.frame = function(d) tidy(km(d)),
  cumulative_hazard = function(d) cumulative_hazard(km(d)),
  late_group = function(d) late_group(d$group, d$start + 1)
)

# An object of each class that has methods, made from a study
of_study <- list(
  sbrt_study = function(s) s,
  summary.sbrt_study = function(s) summary(s),
  sbrt_endpoint = function(s) endpoint(s, "os"),
  sbrt_table = function(s) dose_table(s),
  baseline_table = function(s) baseline_table(s, by = "cohort"),
  dose_response = function(s) dose_response(s, times = 12),
  dose_table = function(s) dose_table(s),
  failure_pattern = function(s) failure_pattern(s, by = "cohort"),
  flow_table = function(s) flow_table(s),
  omd_class = function(s) omd_class(s),
  response_difference = function(s) response_difference(s, by = "cohort"),
  response_rate = function(s) response_rate(s, by = "cohort"),
  toxicity_table = function(s) toxicity_table(s)
)

# An object of each class that has methods, made from a number
of_numbers <- list(
  sample_size = function(x) {
    sample_size("logrank", hazard_ratio = 0.5, median = x, follow_up = 12)
  }
)

# A marked group as a data frame; a time that is NaN in the data counts as unknown
marked <- function(x) {
  known <- attr(x, "known")
  data.frame(group = as.character(x), known = replace(known, is.na(known), NA))
}

# Draws a plot on a device without a file
drawn <- function(plot) {
  withr::local_pdf(NULL)
  force(plot)
  data.frame()
}

# A call of each generic
uses <- list(
  print = function(x) printed(print(x)), format = function(x) format(x),
  summary = function(x) as.data.frame(unclass(summary(x)), optional = TRUE),
  as.data.frame = function(x) as.data.frame(x), tidy = function(x) tidy(x),
  glance = function(x) glance(x), median = function(x) median(x),
  quantile = function(x) quantile(x, 0.25), plot = function(x) drawn(plot(x)),
  augment = function(x) augment(x, good_rows, by_status),
  autoplot = function(x) built(ggplot2::autoplot(x)),
  result_table = function(x) result_table(x)$body,
  inline_text = function(x) data.frame(inline_text(x)),
  coef = function(x) data.frame(stats::coef(x)), vcov = function(x) data.frame(vcov(x)),
  confint = function(x) data.frame(confint(x)), nobs = function(x) data.frame(nobs(x)),
  logLik = function(x) data.frame(c(stats::logLik(x))),
  formula = function(x) data.frame(format(stats::formula(x))),
  model.matrix = function(x) data.frame(stats::model.matrix(x)),
  anova = function(x) data.frame(stats::anova(x)),
  drop1 = function(x) data.frame(stats::drop1(x)),
  residuals = function(x) data.frame(residuals(x)),
  predict = function(x) predict(x, type = "risk"),
  knit_print = function(x) data.frame(text = as.character(knitr::knit_print(x)))
)

# DESCRIPTION does not name vctrs
of_vctrs <- function(name) getExportedValue("vctrs", name)

# Calls that differ for one class: "generic.class"
uses_of_class <- list(
  # a sample size has no figure; the error is tested here and in test-plot-classes.R
  autoplot.sample_size = function(x) {
    data.frame(text = tryCatch(
      ggplot2::autoplot(x), oligosurv_error_data = conditionMessage
    ))
  },
  c.event_table = function(x) as.data.frame(c(x, x)),
  c.state_table = function(x) as.data.frame(c(x, x)),
  event_table.event_table = function(x) as.data.frame(event_table(x)),
  summary.sbrt_study = function(x) summary(x)$follow_up,
  summary.hazard_ratio = function(x) summary(x)$table,
  print.summary.hazard_ratio = function(x) {
    data.frame(text = utils::capture.output(print(x)))
  },
  plot.hazard_ratio = function(x) drawn(plot(x)),
  `[.sbrt_table` = function(x) x[1, ],
  `[.late_group` = function(x) marked(x[1]),
  `[[.late_group` = function(x) if (length(x)) marked(x[[1]]) else marked(x),
  `[<-.late_group` = function(x) {
    x[1] <- NA
    marked(x)
  },
  `[[<-.late_group` = function(x) {
    x[[1]] <- NA
    marked(x)
  },
  `is.na<-.late_group` = function(x) {
    is.na(x) <- 1
    marked(x)
  },
  `length<-.late_group` = function(x) {
    length(x) <- 2
    marked(x)
  },
  `levels<-.late_group` = function(x) {
    levels(x) <- c("A", "B")
    marked(x)
  },
  as.character.late_group = function(x) data.frame(as.character(x)),
  as.vector.late_group = function(x) data.frame(as.vector(x)),
  c.late_group = function(x) marked(c(x, x)),
  droplevels.late_group = function(x) marked(droplevels(x)),
  relevel.late_group = function(x) {
    if (nlevels(x)) marked(stats::relevel(x, levels(x)[nlevels(x)])) else marked(x)
  },
  rep.late_group = function(x) marked(rep(x, 2)),
  rep.int.late_group = function(x) marked(rep.int(x, 2)),
  rep_len.late_group = function(x) marked(rep_len(x, 3)),
  unique.late_group = function(x) marked(unique(x)),
  vec_cast.late_group.late_group = function(x) marked(of_vctrs("vec_cast")(x, x)),
  vec_proxy.late_group = function(x) {
    proxy <- of_vctrs("vec_proxy")(x)
    stopifnot(identical(names(proxy), c("code", "known")))
    proxy["code"]
  },
  vec_proxy_compare.late_group = function(x) data.frame(of_vctrs("vec_proxy_compare")(x)),
  vec_proxy_equal.late_group = function(x) data.frame(of_vctrs("vec_proxy_equal")(x)),
  vec_proxy_order.late_group = function(x) data.frame(of_vctrs("vec_proxy_order")(x)),
  vec_ptype2.late_group.late_group = function(x) marked(of_vctrs("vec_ptype2")(x, x)),
  vec_restore.late_group = function(x) {
    marked(of_vctrs("vec_restore")(of_vctrs("vec_proxy")(x), x))
  }
)

# Methods with an argument that is not an object of this package
special_of_rows <- list(
  event_table.formula = function(d) as.data.frame(event_table(by_status, d)),
  event_table.data.frame = function(d) {
    as.data.frame(event_table(as.data.frame(event_table(by_status, d))))
  },
  event_table.tbl_lazy = function(d) {
    con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
    withr::defer(DBI::dbDisconnect(con))
    DBI::dbWriteTable(con, "d", d)
    as.data.frame(event_table(dplyr::tbl(con, "d"), "time", "event", group = "group"))
  },
  makeContent.direct_labels = function(d) {
    drawn(print(curve_plot(km(d), labels = "direct")))
  },
  makeContent.risk_table = function(d) drawn(print(curve_plot(km(d)))),
  makeContent.curve_note = function(d) drawn(print(curve_plot(km(d), p.value = TRUE))),
  makeContext.curve_table = function(d) {
    drawn(print(curve_plot(km(d), p.value = TRUE, hazard_ratio = TRUE)))
  },
  makeContent.time_labels = function(d) drawn(print(curve_plot(km(d), times = 1)))
)
special_of_study <- list(
  `[.sbrt_study` = function(s) s[s$patients$patient_id, ]$patients["patient_id"],
  subset.sbrt_study = function(s) subset(s, !is.na(patient_id))$patients["patient_id"],
  makeContent.sized_drawing = function(s) drawn(print(flow_plot(flow_table(s))))
)

# Default methods, which refuse every object
refusals <- list(event_table.default = event_table)

# Generics of packages that must be installed
needed <- c(
  autoplot = "ggplot2", makeContent = "ggplot2", makeContext = "ggplot2",
  knit_print = "knitr",
  event_table.tbl_lazy = "RSQLite", event_table.tbl_lazy = "dbplyr",
  vec_cast = "vctrs", vec_proxy = "vctrs", vec_proxy_compare = "vctrs",
  vec_proxy_equal = "vctrs", vec_proxy_order = "vctrs", vec_ptype2 = "vctrs",
  vec_restore = "vctrs"
)

# Calls of all methods for the objects that `makers` makes
method_calls <- function(makers, special = list()) {
  known <- namespace_of_package()
  calls <- lapply(seq_along(known$methods), function(i) {
    method <- known$methods[i]
    if (!is.null(special[[method]])) return(special[[method]])
    make <- makers[[sub("[.]late_group$", "", known$class[i])]]
    use <- uses_of_class[[method]]
    if (is.null(use)) use <- uses[[known$generic[i]]]
    if (!is.null(make) && !is.null(use)) function(data) use(make(data))
  })
  names(calls) <- known$methods
  packages <- lapply(seq_along(calls), function(i) {
    needed[names(needed) %in% c(known$generic[i], known$methods[i])]
  })
  there <- vapply(packages, function(x) {
    all(vapply(x, requireNamespace, NA, quietly = TRUE))
  }, NA)
  list(
    reached = known$methods[!vapply(calls, is.null, NA)],
    calls = calls[!vapply(calls, is.null, NA) & there]
  )
}

# Makes the object of the same data once, for all of its methods
once <- function(make) {
  data <- made <- NULL
  function(new) {
    if (is.null(made) || !identical(data, new)) {
      made <<- make(new)
      data <<- new
    }
    made
  }
}

test_that("every method of NAMESPACE is reached", {
  reached <- c(
    method_calls(of_rows, special_of_rows)$reached,
    method_calls(of_study, special_of_study)$reached, method_calls(of_numbers)$reached
  )
  expect_setequal(c(reached, names(refusals)), namespace_of_package()$methods)
})

test_that("the generic finds the method of the class, not that of another", {
  known <- namespace_of_package()
  study <- good_study()
  made <- c(
    lapply(of_rows, function(f) f(good_rows)), lapply(of_study, function(f) f(study)),
    lapply(of_numbers, function(f) f(1))
  )
  for (class in names(made)) {
    for (generic in known$generic[known$class == class]) {
      of_generic <- known$class[known$generic == generic]
      found <- intersect(base::class(made[[class]]), of_generic)[1]
      expect_identical(found, class, label = paste(generic, class, sep = "."))
    }
  }
})

test_that("rows: every method answers for good ones, or says why it cannot", {
  skip_on_cran() # takes seconds
  calls <- method_calls(of_rows, special_of_rows)$calls
  expect_answers(calls, good_rows)
  expect_answers_or_errors(calls, awkward_rows)
})

test_that("studies: every method answers for a good one, or says why it cannot", {
  skip_on_cran() # takes seconds
  calls <- method_calls(lapply(of_study, once), special_of_study)$calls
  expect_answers(calls, good_study())
  expect_answers_or_errors(calls, awkward_studies())
})

test_that("numbers: every method answers for 1, or says why it cannot", {
  calls <- method_calls(of_numbers)$calls
  expect_answers(calls, 1)
  expect_answers_or_errors(calls, awkward_numbers)
})

test_that("objects that are not results are refused", {
  for (refuse in list(event_table, inline_text, result_table)) {
    for (x in list(sum, NULL, "text", list(1), quote(a), 1:3)) {
      expect_error(refuse(x), class = "oligosurv_error_input")
    }
  }
})
