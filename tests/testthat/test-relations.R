# Changes of the data whose effect on an answer is known, for every estimator: each test
# goes through the list of helper-estimators.R, which must name all of them.

# Rows of one kind with all columns that the estimators read
relation_rows <- function(kind, seed = 1, n = 40) {
  withr::with_seed(seed, {
    time <- switch(kind,
      ties = as.double(sample(12, n, TRUE)),
      continuous = stats::runif(n, 0, 12),
      `zero times` = as.double(sample(0:9, n, TRUE)),
      `many ties` = as.double(sample(c(1, 3, 7), n, TRUE))
    )
    cause <- sample(0:2, n, TRUE, c(0.4, 0.35, 0.25))
    d <- data.frame(
      time = time, cause = cause, event = as.integer(cause > 0),
      status = factor(cause, 0:2, c("censored", "failure", "death")),
      arm = factor(rep_len(c("a", "b", "c"), n)), two = factor(rep_len(c("a", "b"), n)),
      subject = seq_len(n), cluster = sample(ceiling(n / 3), n, TRUE), w = 1
    )
    # the follow-up of each group ends with a subject who is censored last
    last <- seq(n - 2, n)
    d$time[last] <- 13
    d$cause[last] <- d$event[last] <- 0L
    d$status[last] <- "censored"
    d
  })
}
kinds <- c("ties", "continuous", "zero times", "many ties")

# Runs code(e, d, name) for the estimators that `take` selects, on data of each kind
for_each_estimator <- function(code, take = function(e) TRUE, of = kinds) {
  for (name in names(Filter(take, estimators))) {
    for (kind in of) {
      code(estimators[[name]], relation_rows(kind), paste(name, kind, sep = " / "))
    }
  }
}

test_that("the list names every estimator of the package", {
  exports <- getNamespaceExports("oligosurv")
  first <- vapply(exports, function(f) {
    toString(utils::head(names(formals(getExportedValue("oligosurv", f))), 2))
  }, "")
  of_data <- exports[first == "x, data" | startsWith(first, "fit")]
  # of states, scores and predictions, which the rows here do not have, or a figure
  other <- c(
    "state_occupation", "concordance_index", "brier_score", "calibration",
    "bootstrap_optimism", "adjusted_curves", "loglog_plot"
  )
  expect_setequal(c(sub(":.*", "", names(estimators)), other), of_data)
})

test_that("the order of rows", {
  for_each_estimator(function(e, d, name) {
    o <- withr::with_seed(2, sample(nrow(d)))
    want <- answer(e, d)
    got <- answer(e, d[o, ])
    if (e$per_row) {
      key <- intersect(c("outcome", "time", "tau"), names(got[[1]]))
      got[[1]]$row <- o[got[[1]]$row]
      got[[1]] <- got[[1]][do.call(order, got[[1]][c(key, "row")]), ]
    }
    expect_answer(got, want, e, name)
  }, function(e) !identical(e, estimators$bootstrap_interval))
})

test_that("the unit of time", {
  for_each_estimator(function(e, d, name) {
    want <- answer(e, d)
    for (unit in c(8, 30.4375)) {
      other <- answer(e, transform(d, time = time * unit), unit = unit)
      # a power of 2 changes no bit of a sum
      tolerance <- if (unit == 8) e$tolerance else max(e$tolerance, 1e-13)
      expect_answer(other, in_unit(want, e, unit), e, paste(name, unit), tolerance)
    }
  })
})

test_that("rows twice, weights of 2 and counts added to themselves", {
  for_each_estimator(function(e, d, name) {
    d$cluster <- NULL
    d$subject <- NULL
    want <- answer(e, rbind(d, d))
    d$w <- 2
    if (e$weighted) {
      got <- answer(e, d, weights = w, weight_type = "frequency")
      expect_answer(got, want, e, paste(name, "weights"))
    }
    if (e$from_counts) {
      got <- answer_of_counts(e, d, rep(1, nrow(d)), twice = TRUE)
      expect_answer(got, want, e, paste(name, "counts"))
    }
  }, function(e) e$weighted || e$from_counts)
})

test_that("counts in parts that are merged in any order", {
  for_each_estimator(function(e, d, name) {
    want <- answer(e, d)
    part <- withr::with_seed(3, sample(3, nrow(d), TRUE))
    expect_answer(answer_of_counts(e, d, part), want, e, name)
    # a part with one row and one whose groups are not those of the others
    part <- ifelse(d$arm == "c", 3, ifelse(seq_len(nrow(d)) == 7, 1, 2))
    expect_answer(answer_of_counts(e, d, part), want, e, paste(name, "odd parts"))
  }, function(e) e$from_counts)
})

test_that("other labels of the groups, in the same order", {
  labels <- c("1: long, \"arm\" = b", "2 \u00e4 > c", "3 % - strata")
  for_each_estimator(function(e, d, name) {
    other <- d
    levels(other$arm) <- labels
    levels(other$two) <- labels[1:2]
    expect_answer(answer(e, other), relabelled(answer(e, d), labels), e, name)
  })
})

test_that("groups in another order", {
  for_each_estimator(function(e, d, name) {
    want <- answer(e, d)
    d$arm <- factor(d$arm, c("c", "a", "b"))
    d$two <- factor(d$two, c("b", "a"))
    got <- answer(e, d)
    for (i in seq_along(got)) {
      if (is.null(got[[i]]$strata)) next
      key <- intersect(c("outcome", "strata", "time", "prob", "row"), names(got[[i]]))
      sorted <- function(x) {
        x$strata <- as.character(x$strata)
        x[do.call(order, x[key]), ]
      }
      expect_answer(list(sorted(got[[i]])), list(sorted(want[[i]])), e, name)
    }
    if (is.null(got[[1]]$strata) && !is.null(got$glance)) {
      same <- c("n", "n.event", "df", "p.value")
      if (!grepl("trend", name)) { # whose scores are the order
        expect_answer(list(got$glance[names(got$glance) %in% same]),
          list(want$glance[names(want$glance) %in% same]), e, name,
          max(e$tolerance, 1e-12)
        )
      }
    }
  }, function(e) !identical(e, estimators$bootstrap_interval))
})

# Divides rows at times of their own; `start` is where a row begins
split_rows <- function(d) {
  d$start <- 0
  cut <- d$time * rep_len(c(0, 0.25, 0.5, 2), nrow(d))
  first <- d[cut > 0 & cut < d$time, ]
  first$time <- cut[cut > 0 & cut < d$time]
  first$cause <- first$event <- 0L
  first$status[] <- "censored"
  d$start <- ifelse(cut > 0 & cut < d$time, cut, 0)
  rbind(first, d)
}

# What splitting must not change: not the numbers of rows and of their ends, nor the order
# of ids; and a curve has no rows at the times at which others were split
unsplit <- function(got, want) {
  got <- lapply(got, as.data.frame)
  curve <- !is.null(got[[1]]$n.risk)
  if (curve && nrow(got[[1]]) > nrow(want[[1]])) {
    at <- function(x) paste(x$outcome, x$strata, x$time)
    got[[1]] <- got[[1]][at(got[[1]]) %in% at(want[[1]]), ]
  }
  lapply(got, function(x) {
    if (!is.null(x$id)) {
      x <- x[do.call(order, x[intersect(c("outcome", "time", "tau", "id"), names(x))]), ]
    }
    x[setdiff(names(x), c("n", "n.censor", "cum.censor", "method"))]
  })
}

not_drawn <- c("std.error", "statistic", "p.value", "conf.low", "conf.high")

test_that("follow-up that is split into rows, by id or of unnamed subjects", {
  for_each_estimator(function(e, d, name) {
    d <- d[d$time > 0, ]
    late <- formula_of(e, late = TRUE)
    if (e$by_id) {
      want <- answer(e, d, id = subject)
      got <- answer(e, split_rows(d), x = late, id = subject)
      expect_answer(unsplit(got, want), unsplit(want, want), e, paste(name, "id"),
        max(e$tolerance, 1e-12)
      )
      # several subjects of one id; follow_up() takes one
      d$subject <- if (identical(e, estimators$follow_up)) d$subject else d$cluster
      want <- answer(e, d, id = subject)
      got <- answer(e, split_rows(d), x = late, id = subject)
      if (identical(e, estimators$`hazard_ratio: Firth`)) {
        # its limits are from draws of one row of each id, which needs whole rows
        want[[1]] <- want[[1]][setdiff(names(want[[1]]), not_drawn)]
        got[[1]] <- got[[1]][setdiff(names(got[[1]]), not_drawn)]
      }
      expect_answer(unsplit(got, want), unsplit(want, want), e, paste(name, "cluster"),
        max(e$tolerance, 1e-12)
      )
    }
    if (!e$per_row && !e$row_sums) {
      d$subject <- NULL
      want <- answer(e, d)
      got <- answer(e, split_rows(d), x = late)
      expect_answer(unsplit(got, want), unsplit(want, want), e, name,
        max(e$tolerance, 1e-12)
      )
    }
  }, function(e) e$late && !identical(e, estimators$bootstrap_interval))
})

test_that("those who are censored last may be censored later", {
  moved <- function(answer) {
    lapply(lapply(answer, as.data.frame), function(part) {
      number <- vapply(part, is.double, NA)
      part[number] <- lapply(part[number], function(x) replace(x, x %in% 13.75, 13))
      part
    })
  }
  for_each_estimator(function(e, d, name) {
    # the last three are censored at 13, one of each group
    later <- transform(d, time = ifelse(time == 13, 13.75, time))
    expect_answer(moved(answer(e, later)), answer(e, d), e, name)
  }, function(e) {
    # follow-up and the expected events depend on it
    !identical(e, estimators$follow_up) && !identical(e, estimators$one_sample_test)
  })
})

# Limits are those for the number of subjects of the whole curve, and exact limits ask
# whether more enter than leave at any of its times
test_that("a subject who enters after the end changes no estimate or error before it", {
  known <- function(answer) {
    lapply(answer, function(x) x[setdiff(names(x), c("conf.low", "conf.high"))])
  }
  for_each_estimator(function(e, d, name) {
    d$start <- d$time * rep_len(c(0, 0, 0.5), nrow(d))
    d <- d[d$time > 0, ]
    late <- formula_of(e, late = TRUE)
    want <- answer(e, d, x = late)
    last <- transform(d[d$time == 13, ], start = 14, time = 15, subject = subject + 100)
    got <- answer(e, rbind(d, last), x = late)
    expect_answer(known(unsplit(got, want)), known(unsplit(want, want)), e, name,
      max(e$tolerance, 1e-13)
    )
  }, function(e) {
    # the follow-up of the new subject counts, and p-values of rates are from the limits
    other <- c(
      "follow_up", "one_sample_test", "survival_band", "rate_difference",
      "rate_difference: causes", "bootstrap_interval"
    )
    e$late && !e$per_row && !any(vapply(estimators[other], identical, NA, e))
  })
})

test_that("integers, logical status, text and other data frames", {
  others <- list(
    integers = function(d) transform(d, time = as.integer(time)),
    doubles = function(d) transform(d, event = as.double(event)),
    logical = function(d) transform(d, event = event == 1),
    text = function(d) transform(d, arm = as.character(arm), two = as.character(two)),
    `unused level` = function(d) {
      transform(d, arm = factor(arm, c("a", "b", "c", "d"))[seq_along(arm), drop = TRUE])
    },
    list = function(d) as.list(d),
    names = function(d) `rownames<-`(d, paste("row", rev(seq_len(nrow(d)))))
  )
  for_each_estimator(function(e, d, name) {
    want <- answer(e, d)
    for (other in names(others)) {
      got <- answer(e, others[[other]](d))
      expect_answer(got, want, e, paste(name, other), tolerance = 0)
    }
  }, of = c("ties", "zero times"))
})

test_that("one thread or two, to the bit", {
  skip_on_cran() # takes seconds
  withr::local_options(oligosurv.rows_per_thread = 1) # two threads from 65,536 rows
  slow <- c("logrank_test: exact", "bootstrap_interval", "pseudo_values")
  some <- estimators[!sub(": means", "", names(estimators)) %in% slow]
  d <- relation_rows("continuous", n = 7e4)
  for (name in names(some)) {
    e <- some[[name]]
    one <- withr::with_options(list(oligosurv.threads = 1), answer(e, d))
    two <- withr::with_options(list(oligosurv.threads = 2), answer(e, d))
    expect_identical(two, one, label = name)
  }
})
