# The list of all estimators, each as a function of rows or counts with its properties.
# test-relations.R applies every relation to every estimator.

# Makes an entry of the list. `run(x, data, unit, ...)` returns a list of data frames.
# `unit` is the unit of its time arguments; columns named in `time` are in the unit of the
# data. Properties: causes: allows several causes of failure; two: needs two groups;
# from_counts: accepts an event table; by_id, weighted: has these arguments; late: allows
# delayed entry; per_row: one value per row of the data; row_sums: its variance is a sum
# over rows, so that rows of one subject need their id; tolerance: 0 if sums do not depend
# on the order of rows.
estimator <- function(run, time = character(), causes = FALSE, two = FALSE,
                      from_counts = TRUE, by_id = TRUE, weighted = TRUE, late = TRUE,
                      per_row = FALSE, row_sums = FALSE, tolerance = 0) {
  list(
    run = run, time = time, causes = causes, two = two, from_counts = from_counts,
    by_id = by_id, weighted = weighted, late = late, per_row = per_row,
    row_sums = row_sums, tolerance = tolerance
  )
}

curve_answer <- function(fit) {
  list(
    tidy(fit), glance = glance(fit), quantiles = quantile(fit, c(0.25, 0.5, 0.75))
  )
}
test_answer <- function(test) list(as.data.frame(test), glance = glance(test))
contrast_answer <- function(x) list(x$estimates, contrasts = as.data.frame(x))

curves <- list(
  kaplan_meier = estimator(function(x, data, unit, ...) {
    curve_answer(kaplan_meier(x, data, ...))
  }),
  `kaplan_meier: exact, at times` = estimator(function(x, data, unit, ...) {
    curve_answer(kaplan_meier(x, data, times = c(0, 2, 7) * unit, conf.type = "exact",
      ...
    ))
  }),
  `kaplan_meier: from` = estimator(function(x, data, unit, ...) {
    curve_answer(kaplan_meier(x, data, from = 2 * unit, ...))
  }),
  cumulative_incidence = estimator(function(x, data, unit, ...) {
    curve_answer(cumulative_incidence(x, data, ...))
  }, causes = TRUE),
  `cumulative_incidence: Aalen's variance` = estimator(function(x, data, unit, ...) {
    curve_answer(cumulative_incidence(x, data, variance = "aalen", ...))
  }, causes = TRUE, by_id = FALSE),
  `cumulative_incidence: jackknife` = estimator(function(x, data, unit, ...) {
    curve_answer(cumulative_incidence(x, data, variance = "jackknife", ...))
  }, causes = TRUE, row_sums = TRUE),
  follow_up = estimator(function(x, data, unit, ...) {
    curve_answer(follow_up(x, data, potential = 13 * unit, ...))
  }, time = c("q25", "q75", "shortest", "longest", paste0("survivors.", c(
    "median", "shortest", "longest"
  ))), weighted = FALSE, row_sums = TRUE),
  cumulative_hazard = estimator(function(x, data, unit, ...) {
    list(as.data.frame(cumulative_hazard(kaplan_meier(x, data, ...))))
  }, by_id = FALSE, weighted = FALSE),
  survival_band = estimator(function(x, data, unit, ...) {
    list(tidy(survival_band(kaplan_meier(x, data, ...), "equal-precision")))
  }, by_id = FALSE, weighted = FALSE),
  survival_estimate = estimator(function(x, data, unit, ...) {
    list(tidy(survival_estimate(kaplan_meier(x, data, ...), "fleming-harrington")))
  }, by_id = FALSE, weighted = FALSE),
  as_survfit = estimator(function(x, data, unit, ...) {
    curves <- unclass(as_survfit(kaplan_meier(x, data, ...)))
    rows <- as.data.frame(curves[c("time", "n.risk", "n.event", "surv", "std.err")])
    list(cbind(rows, strata = rep(names(curves$strata), curves$strata)))
  }, weighted = FALSE)
)

comparisons <- list(
  logrank_test = estimator(function(x, data, unit, ...) {
    test_answer(logrank_test(x, data, ...))
  }),
  `logrank_test: Peto and Peto` = estimator(function(x, data, unit, ...) {
    test_answer(logrank_test(x, data, weight = "peto-peto", ...))
  }),
  `logrank_test: trend` = estimator(function(x, data, unit, ...) {
    test_answer(logrank_test(x, data, weight = "gehan", trend = TRUE, ...))
  }),
  `logrank_test: exact` = estimator(function(x, data, unit, ...) {
    few <- as.data.frame(data)[data$subject <= 10, ]
    test_answer(logrank_test(x, few, method = "exact", ...))
  }, two = TRUE, from_counts = FALSE, by_id = FALSE, weighted = FALSE, late = FALSE,
    tolerance = 1e-12
  ),
  gray_test = estimator(function(x, data, unit, ...) {
    test_answer(gray_test(x, data, ...))
  }, causes = TRUE, tolerance = 1e-12),
  maxcombo_test = estimator(function(x, data, unit, ...) {
    test_answer(maxcombo_test(x, data, ...))
  }, two = TRUE, weighted = FALSE, tolerance = 1e-12),
  pairwise_test = estimator(function(x, data, unit, ...) {
    list(tidy(pairwise_test(x, data, ...)))
  }),
  `pairwise_test: Gray` = estimator(function(x, data, unit, ...) {
    list(tidy(pairwise_test(x, data, test = gray_test, ...)))
  }, causes = TRUE, tolerance = 1e-12),
  one_sample_test = estimator(function(x, data, unit, ...) {
    list(tidy(one_sample_test(x, data, hazard = 0.1 / unit, ...)))
  }, by_id = FALSE, weighted = FALSE, tolerance = 1e-13),
  restricted_mean = estimator(function(x, data, unit, ...) {
    contrast_answer(restricted_mean(x, data, tau = 6 * unit, ...))
  }, time = "area", tolerance = 1e-13),
  `restricted_mean: time lost` = estimator(function(x, data, unit, ...) {
    contrast_answer(restricted_mean(x, data, tau = 6 * unit, ...))
  }, time = "area", causes = TRUE, tolerance = 1e-13),
  rate_difference = estimator(function(x, data, unit, ...) {
    contrast_answer(rate_difference(x, data, times = c(2, 6) * unit, ...))
  }),
  `rate_difference: causes` = estimator(function(x, data, unit, ...) {
    contrast_answer(rate_difference(x, data, times = 6 * unit, ...))
  }, causes = TRUE),
  bootstrap_interval = estimator(function(x, data, unit, ...) {
    withr::local_seed(1) # use the same resamples for rows in the same order
    list(tidy(bootstrap_interval(x, data, n_resamples = 39, ...)))
  }, time = "area", from_counts = FALSE, weighted = FALSE)
)

regression <- function(fit, causes = FALSE, row_sums = FALSE) {
  estimator(function(x, data, unit, ...) {
    if (is.null(data)) data <- ~group # the group of an event table
    x <- fit(x, data, ...)
    list(tidy(x), glance = glance(x), hazards = x$proportional_hazards)
  }, causes = causes, weighted = FALSE, row_sums = row_sums, tolerance = 1e-8)
}
regressions <- list(
  hazard_ratio = regression(function(...) hazard_ratio(...)),
  `hazard_ratio: Breslow` = regression(function(...) hazard_ratio(..., ties = "breslow")),
  `hazard_ratio: Firth` = regression(function(...) hazard_ratio(..., firth = TRUE)),
  `hazard_ratio: causes` = regression(function(...) hazard_ratio(...), causes = TRUE),
  `hazard_ratio: Fine-Gray` = regression(function(...) {
    hazard_ratio(..., model = "fine-gray", outcome = "failure")
  }, causes = TRUE, row_sums = TRUE)
)

row_values <- list(
  pseudo_values = estimator(function(x, data, unit, ...) {
    list(pseudo_values(x, data, times = c(2, 6) * unit, ...))
  }, causes = TRUE),
  `pseudo_values: means` = estimator(function(x, data, unit, ...) {
    list(pseudo_values(x, data, tau = 6 * unit, ...))
  }, time = c("tau", "pseudo.value"), tolerance = 1e-12),
  influence_values = estimator(function(x, data, unit, ...) {
    list(influence_values(x, data, times = c(2, 6) * unit, ...))
  })
)
row_values <- lapply(row_values, utils::modifyList, list(
  per_row = TRUE, from_counts = FALSE, weighted = FALSE
))

estimators <- c(curves, comparisons, regressions, row_values)

formula_of <- function(e, late = FALSE) {
  time <- if (late) "Surv(start, time, %s) ~ group" else "Surv(time, %s) ~ group"
  stats::as.formula(sprintf(time, if (e$causes) "status" else "event"))
}

# The answer of estimator `e` for rows `d`; `...` are additional arguments of the
# estimator
answer <- function(e, d, x = formula_of(e), unit = 1, ...) {
  if (!is.null(d)) d$group <- if (e$two) d$two else d$arm
  quietly(e$run(x, d, unit, ...))
}

# Compares answers; `name` says which estimator and data failed
expect_answer <- function(got, want, e, name, tolerance = e$tolerance) {
  plain <- function(x) lapply(x, function(part) if (!is.null(part)) as.data.frame(part))
  testthat::expect_equal(plain(got), plain(want),
    tolerance = tolerance, ignore_attr = c("class", "row.names"), label = name,
    expected.label = "the answer to the rows as they were"
  )
}

# The answer for counts of rows that are counted in parts and merged
answer_of_counts <- function(e, d, part, twice = FALSE) {
  d$group <- if (e$two) d$two else d$arm
  tables <- lapply(split(d, part), function(rows) event_table(formula_of(e), rows))
  if (twice) tables <- c(tables, tables)
  names(tables) <- NULL
  answer(e, NULL, x = do.call(c, tables))
}

# Multiplies every column that is in the unit of the data by `unit`
in_unit <- function(answer, e, unit) {
  limits <- c("estimate", "conf.low", "conf.high")
  parts <- names(answer)
  for (i in seq_along(answer)) {
    x <- answer[[i]]
    if (is.null(x)) next
    columns <- c("time", "tau", setdiff(e$time, "area"))
    rows <- rep(TRUE, nrow(x))
    if ("area" %in% e$time) {
      columns <- c(columns, limits, "std.error", "bias")
      if (!is.null(x$measure)) rows <- x$measure == "difference"
    } else if (identical(parts[i], "quantiles")) {
      columns <- c(columns, limits)
    } else if (identical(parts[i], "glance") && !is.null(x$median)) {
      columns <- c(columns, "median", limits)
    }
    for (column in intersect(columns, names(x))) {
      at <- if (column == "tau") TRUE else rows
      x[[column]][at] <- x[[column]][at] * unit
    }
    answer[[i]] <- x
  }
  answer
}

# The answer with labels "a", "b", "c" of groups replaced by new ones
relabelled <- function(answer, labels) {
  new <- stats::setNames(labels, c("a", "b", "c"))
  replaced <- function(x) {
    pair <- grepl("^[abc] [-/] [abc]$", x)
    x[pair] <- paste0(new[substr(x[pair], 1, 1)], substr(x[pair], 2, 4),
      new[substr(x[pair], 5, 5)]
    )
    ifelse(x %in% names(new), new[x], x)
  }
  lapply(answer, function(part) {
    for (column in names(part)) {
      x <- part[[column]]
      if (is.factor(x)) levels(part[[column]]) <- replaced(levels(x))
      if (is.character(x)) part[[column]] <- unname(replaced(x))
    }
    part
  })
}
