# Objects that a user changed: an answer, or an error that names the component

rows <- data.frame(
  time = c(1, 2, 2, 3, 4, 5, 6, 7), event = c(1, 0, 1, 1, 0, 1, 1, 0),
  status = factor(c(1, 0, 2, 1, 0, 1, 2, 0), 0:2, c("none", "a", "b")),
  arm = rep(c("A", "B"), 4)
)

# An object with other components, or, with `.name`, without one
within_object <- function(x, ..., .name = NULL) {
  class <- oldClass(x)
  x <- unclass(x)
  new <- list(...)
  x[names(new)] <- new
  x[.name] <- NULL
  structure(x, class = class)
}

changed <- function(expr) {
  tryCatch({
    suppressMessages(utils::capture.output(expr))
    "answer"
  }, oligosurv_error_data = function(e) e$component)
}

test_that("a test, a contrast, a model and a table name the changed component", {
  test <- logrank_test(Surv(time, event) ~ arm, rows)
  expect_identical(changed(print(within_object(test, method = mean))), "method")
  expect_identical(changed(print(within_object(test, p_method = NULL))), "p_method")
  expect_identical(changed(print(within_object(test, statistic = "1"))), "statistic")
  causes <- gray_test(Surv(time, status) ~ arm, rows)
  expect_identical(changed(print(within_object(causes, groups = TRUE))), "groups")
  ratio <- hazard_ratio(Surv(time, event) ~ arm, rows)
  expect_identical(changed(vcov(within_object(ratio, model = Inf))), "model")
  rate <- rate_difference(Surv(time, event) ~ arm, rows, 3)
  expect_identical(changed(glance(within_object(rate, method = mean))), "method")
  table <- result_table(test)
  expect_identical(changed(print(within_object(table, body = 0))), "body")
  # says what stopped, as an object of a rare kind may be as it was made
  expect_error(print(within_object(test, method = mean)),
    paste(
      "a computation with the logrank_test stopped \\(.+\\), and `method` is missing or",
      "not of a kind that logrank_test\\(\\) makes; if you changed the logrank_test,"
    )
  )
})

test_that("so do fits, whose columns are read in C", {
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  for (name in c("time", "n.risk", "std.error", "conf.low", "size")) {
    expect_identical(changed(median(within_object(fit, .name = name))), name)
  }
  expect_identical(changed(print(within_object(fit, variance = mean))), "variance")
})

test_that("emptied lists, lists of other things and numbers without rows are named", {
  ratio <- hazard_ratio(Surv(time, event) ~ arm, rows)
  model <- unclass(ratio)$model
  new <- data.frame(arm = "A")
  empty <- within_object(ratio, model = model[0L])
  expect_identical(changed(predict(empty, new, times = 3)), "model")
  expect_identical(changed(anova(empty)), "model")
  other <- within_object(ratio, model = replace(model, "fits", list(list(99L))))
  expect_identical(changed(residuals(other, type = "score")), "fits")
  other <- within_object(ratio, model = replace(model, "x", list(rev(model$x))))
  expect_identical(changed(model.matrix(other)), "x")
  score <- concordance_index(Surv(time, event) ~ time, rows)
  expect_identical(
    changed(print(within_object(score, table_of_events = list()))), "table_of_events"
  )
})

test_that("a column that is shorter than the others is not read beyond its end", {
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows, id = rep(1:4, 2))
  for (n in list(as.integer(fit$n.id), fit$n.id[-1L])) {
    expect_identical(changed(as.data.frame(within_object(fit, n.id = n))), "n.id")
  }
})

test_that("a table of states with missing times is an error, not an endless loop", {
  moves <- event_table(Surv(time, status) ~ arm, rows, from = "none")
  times <- list(rep(NaN, length(moves$time)), replace(moves$time, 2L, NA))
  for (time in times) {
    expect_identical(changed(state_occupation(within_object(moves, time = time))), "time")
  }
  entry <- moves$entry
  entry$time[1L] <- NaN
  expect_identical(changed(state_occupation(within_object(moves, entry = entry))), "time")
})

test_that("every component of every class can go, shrink, or change its type", {
  skip_on_cran()
  changes <- list(
    gone = function(v) NULL, short = function(v) if (length(v)) v[-length(v)],
    text = function(v) if (is.character(v)) v else rep("x", length(v)),
    code = function(v) quote(a + b)
  )
  uses <- list(print = print, tidy = tidy, result_table = result_table)
  # broom, where it is loaded, has methods for data frames and lists
  own <- getNamespaceInfo("oligosurv", "S3methods")
  tidied <- own[own[, 1L] == "tidy", 2L]
  examples <- getFromNamespace("example_objects", "oligosurv")()
  first <- !duplicated(vapply(examples, function(x) class(x)[1L], ""))
  tried <- 0
  for (x in examples[first]) {
    # without tests of proportional hazards, a model with them is an older one
    for (name in setdiff(names(unclass(x)), "proportional_hazards")) {
      for (change in changes) {
        y <- unclass(x)
        y[name] <- list(change(y[[name]]))
        class(y) <- class(x)
        for (use in uses[c(TRUE, any(class(x) %in% tidied), TRUE)]) {
          outcome <- tryCatch({
            suppressWarnings(suppressMessages(utils::capture.output(use(y))))
            "answer"
          }, oligosurv_error = function(e) "classed", error = conditionMessage)
          # R itself refuses what has no method
          if (grepl("no applicable method|cannot coerce class", outcome)) next
          tried <- tried + 1
          known <- outcome %in% c("answer", "classed")
          if (!known) fail(paste(class(x)[1L], name, outcome))
        }
      }
    }
  }
  expect_gt(tried, 1000)
})

test_that("objects as they were made are never called changed", {
  wrong_parts <- getFromNamespace("wrong_parts", "oligosurv")
  unlike_parts <- getFromNamespace("unlike_parts", "oligosurv")
  for (x in getFromNamespace("example_objects", "oligosurv")()) {
    expect_length(wrong_parts(x), 0)
    expect_length(unlike_parts(x), 0)
  }
  # other arguments and formulas make components of other kinds
  causes <- Surv(time, status) ~ arm
  unchanged <- list(
    kaplan_meier(Surv(time, event) ~ arm, rows, times = c(2, 5)),
    kaplan_meier(Surv(time, event) ~ arm, rows, conf.type = "none"),
    cumulative_incidence(causes, rows, id = rep(1:4, 2)),
    logrank_test(Surv(time, event) ~ arm, rows, trend = TRUE),
    gray_test(causes, rows, trend = TRUE),
    event_table(Surv(time, event) ~ 1, rows),
    restricted_mean(Surv(time, event) ~ 1, rows, tau = 3)
  )
  for (x in unchanged) {
    expect_length(wrong_parts(x), 0)
    expect_length(unlike_parts(x), 0)
  }
  # an error that has another cause keeps its own message
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  expect_error(summary(fit, times = "a"), class = "oligosurv_error_input")
})

test_that("an object of an older version is refused by name", {
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  old <- within_object(fit, start_value = NULL, variance = NULL)
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(old, file)
  expect_identical(changed(print(readRDS(file))), "start_value")
})

# Objects as another version of the package might have made them
objects_of_other_layout <- function() {
  made <- Filter(Negate(is.factor), getFromNamespace("example_objects", "oligosurv")())
  bare <- lapply(unique(lapply(made, class)), function(class) {
    structure(list(), class = class)
  })
  lay_out <- function(..., class) structure(list(...), class = class)
  c(bare, list(
    structure(data.frame(time = 1:2, group = "A", status = 1L, n = 1),
      class = c("event_table", "data.frame")
    ),
    structure(1, class = "event_table"), structure(1, class = "state_table"),
    lay_out(time = 1:2, n.risk = 2:1, surv = c(0.5, 0), call = quote(kaplan_meier(x)),
      class = class(kaplan_meier(Surv(time, event) ~ 1, rows))
    ),
    lay_out(statistic = c(chisq = 1), parameter = c(df = 1), p.value = 0.3,
      class = class(logrank_test(Surv(time, event) ~ arm, rows))
    ),
    lay_out(coefficients = c(a = 1), var = matrix(1), loglik = c(-1, -2),
      class = class(hazard_ratio(Surv(time, event) ~ arm, rows))
    ),
    lay_out(patients = data.frame(id = 1:2), class = "sbrt_study")
  ))
}

# Is there a method for one of the classes of this package? Others may have methods for
# any data frame or list.
has_own_method <- function(generic, x) {
  own <- setdiff(class(x), c("data.frame", "list", "numeric"))
  any(vapply(own, function(class) {
    !is.null(utils::getS3method(generic, class, optional = TRUE))
  }, NA))
}

test_that("objects of another layout, from a file, are answers or errors of ours", {
  skip_on_cran()
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(objects_of_other_layout(), file, ascii = TRUE)
  uses <- list(
    print = print, summary = summary, tidy = tidy, glance = glance,
    frame = as.data.frame, table = result_table, c = function(x) c(x, x),
    curve = kaplan_meier, test = logrank_test, counts = function(x) write_counts(x, file),
    survfit = as_survfit, endpoint = function(x) endpoint(x, "os"), rate = response_rate
  )
  tried <- 0
  for (x in readRDS(file)) {
    for (use in names(uses)) {
      outcome <- tryCatch({
        suppressMessages(suppressWarnings(utils::capture.output(uses[[use]](x))))
        "answer"
      }, oligosurv_error = function(e) "classed", error = conditionMessage)
      # R itself refuses what has no method; broom, where it is loaded, in other words
      if (grepl("no applicable method|cannot coerce class", outcome)) next
      if (use %in% c("tidy", "glance") && !has_own_method(use, x)) next
      tried <- tried + 1
      if (!outcome %in% c("answer", "classed")) fail(paste(class(x)[1L], use, outcome))
    }
  }
  expect_gt(tried, 300)
})

test_that("an event table is checked before C reads it", {
  table <- event_table(Surv(time, status) ~ arm, rows)
  wrong <- list(
    start = within_object(table, start = c(0, 1e9, 8)),
    start = within_object(table, start = c(0, 2.5, 8)),
    start = within_object(table, start = c(0, NA, 8)),
    status = within_object(table, status = rep(99L, 8)),
    status = within_object(table, status = rep(NA_integer_, 8)),
    time = within_object(table, time = as.integer(table$time)),
    time = within_object(table, time = rev(table$time)),
    time = within_object(table, time = table$time * NaN),
    n = within_object(table, n = -table$n), n = within_object(table, n = 1),
    states = within_object(table, states = NULL),
    groups = within_object(table, groups = "A"),
    groups = within_object(table, groups = 1:2),
    strata = within_object(table, strata = character()),
    entry = within_object(table, entry = list(time = 0, n = NULL, start = c(0, 1))),
    coding = within_object(table, coding = "2/3"),
    dropped = within_object(table, dropped = NULL),
    landmark = within_object(table, landmark = 3)
  )
  for (i in seq_along(wrong)) {
    x <- wrong[[i]]
    of <- names(wrong)[i]
    expect_identical(changed(cumulative_incidence(x)), of)
    expect_identical(changed(gray_test(x)), of)
    expect_identical(changed(as.data.frame(x)), of)
    expect_identical(changed(print(x)), of)
    expect_identical(changed(c(table, x)), of)
  }
  expect_identical(changed(cumulative_incidence(table)), "answer")
})

test_that("starts that do not belong to the rows are an error, not a request of memory", {
  d <- data.frame(
    time = 1:4, status = factor(c("x", "c", "x", "c")), group = c("a", "a", "b", "b")
  )
  moves <- event_table(Surv(time, status) ~ group, d, from = "alive")
  for (at in seq_along(moves$start)) {
    for (value in c(2^31, -1e9, 1e15, NA)) {
      changed <- moves
      changed$start[at] <- value
      for (f in list(tidy, print, glance, as.data.frame)) {
        expect_error(f(changed), "`start`", class = "oligosurv_error_data")
      }
    }
  }
  changed <- moves
  changed$entry$start[3] <- 2^31
  expect_error(tidy(changed), "`entry`", class = "oligosurv_error_data")
})

test_that("values that no function of ours writes name their component", {
  pairs <- pairwise_test(Surv(time, event) ~ arm, rows)
  expect_identical(changed(print(within_object(pairs, adjust = "all"))), "adjust")
  moves <- event_table(Surv(time, status) ~ arm, rows, from = "none")
  late <- within_object(moves, time = rev(moves$time))
  expect_identical(changed(state_occupation(late)), "time")
  counts <- event_table(Surv(time, event) ~ arm, rows)
  values <- list(arm = data.frame(arm = 1:2))
  expect_identical(changed(pairwise_test(within_object(counts, values = values))),
    "values"
  )
  found <- state_occupation(moves, times = 3)
  fewer <- replace(found$counts, "from", list(found$counts$from[1L]))
  expect_identical(changed(tidy(within_object(found, counts = fewer), times = 2)),
    "counts"
  )
  fit <- hazard_ratio(Surv(time, event) ~ arm, rows)
  below <- transform(fit$table, conf.high = -1)
  expect_identical(changed(confint(within_object(fit, table = below), level = 0.9)),
    "table"
  )
  untested <- within_object(fit, .name = "proportional_hazards")
  expect_identical(changed(result_table(untested)), "proportional_hazards")
  skip_if_not_installed("ggplot2")
  drawn <- quote(ggplot2::autoplot(within_object(found, counts = fewer)))
  expect_identical(changed(eval(drawn)), "counts")
  nothing <- structure(list(1), class = "hazard_ratio")
  figure <- quote(curve_plot(kaplan_meier(counts), hazard_ratio = nothing))
  expect_identical(changed(eval(figure)), "table")
})

test_that("code joined to a late_group and further arguments of its print are errors", {
  x <- late_group(factor(c("a", "b")), known = 1:2)
  expect_error(c(x, quote(a)), class = "oligosurv_error_input")
  expect_error(print(x, n = 1), class = "oligosurv_error_input")
  expect_output(print(x), "Known at 1 to 2")
})
