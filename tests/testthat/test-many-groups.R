# Methods process all curves together; a fit of one group alone must give the same.
grouped_rows <- function(n_group, seed) {
  withr::local_seed(seed)
  size <- sample(c(1:4, 20L, 80L), n_group, TRUE)
  n <- sum(size)
  d <- data.frame(
    group = factor(rep(seq_len(n_group), size), seq_len(n_group + 1L)), # one is empty
    time = round(rexp(n, 0.1), sample(0:2, n, TRUE)), event = rbinom(n, 1, 0.6)
  )
  d$status <- factor(d$event * sample(2L, n, TRUE), 0:2, c("censored", "x", "y"))
  d$id <- paste(d$group, sample(3L, n, TRUE))
  d$w <- sample(c(0.5, 1, 2.25), n, TRUE)
  d
}

# Results for all groups against those of each group alone
expect_same_groups <- function(estimator, left, d, ..., times = c(0, 0.5, 3, 10, 1e4)) {
  formula <- function(right) stats::as.formula(paste(left, "~", right))
  all <- estimator(formula("group"), d, ...)
  groups <- levels(d$group)
  alone <- lapply(groups[-length(groups)], function(g) {
    estimator(formula("1"), d[d$group == g, ], ...)
  })
  views <- list(
    tidy, glance, function(fit) tidy(fit, times = times),
    function(fit) tidy(fit, times = times, extend = TRUE), quantile,
    function(fit) quantile(fit, c(0.1, 0.5), midpoint = FALSE)
  )
  for (view in views) {
    together <- view(all)
    together <- together[together$strata != groups[length(groups)], ]
    single <- do.call(rbind, Map(alone, groups[-length(groups)], f = function(fit, g) {
      part <- view(fit)
      part$strata <- factor(g, groups)
      part
    }))
    if (!is.null(single$outcome)) single <- single[order(single$outcome), ]
    row.names(together) <- row.names(single) <- NULL
    expect_identical(together, single)
  }
}

test_that("many groups are as many fits of one group", {
  d <- grouped_rows(40, 1)
  for (type in c("small-sample", "log-log", "none")) {
    expect_same_groups(kaplan_meier, "Surv(time, event)", d, conf.type = type)
    expect_same_groups(cumulative_incidence, "Surv(time, status)", d, conf.type = type)
  }
  expect_same_groups(follow_up, "Surv(time, event)", d)
})

test_that("many groups with thousands of times, with `times =`", {
  d <- grouped_rows(300, 2)
  d$time <- d$time + runif(nrow(d)) / 100
  at <- c(0.5, 3, 10)
  expect_gt(nrow(d), 4096)
  later <- kaplan_meier(Surv(time, event) ~ group, d, times = at)
  expect_true(is_lazy(later))
  one <- function(g) {
    fit <- kaplan_meier(Surv(time, event) ~ 1, d[d$group == g, ], times = at)
    cbind(strata = g, tidy(fit))
  }
  single <- do.call(rbind, lapply(levels(d$group)[1:300], one))
  expect_equal(tidy(later)[1:900, c("n.risk", "estimate", "conf.low", "conf.high")],
    single[c("n.risk", "estimate", "conf.low", "conf.high")],
    tolerance = 1e-14
  )
})

test_that("many groups with ids, late entries, sampling weights and bands", {
  d <- grouped_rows(25, 3)
  d$time <- round(8 * d$time) / 8 # no near-ties across groups
  d$exit <- d$time + 1
  d$entry <- d$time / 2
  expect_same_groups(function(formula, d, ...) {
    suppressMessages(kaplan_meier(formula, d))
  }, "Surv(entry, exit, event)", d)
  views <- list(tidy, glance, function(fit) tidy(fit, times = c(0, 3, 10)))
  fits <- list(
    function(formula, d) kaplan_meier(formula, d, id = id),
    function(formula, d) {
      kaplan_meier(formula, d, weights = w, weight_type = "sampling")
    },
    function(formula, d) survival_band(kaplan_meier(formula, d), "hall-wellner")
  )
  for (make in fits) {
    all <- make(Surv(time, event) ~ group, d)
    for (g in c("3", "9", "25")) {
      alone <- make(Surv(time, event) ~ 1, d[d$group == g, ])
      for (view in views) {
        part <- view(all)
        part <- part[part$strata == g, names(part) != "strata"]
        row.names(part) <- NULL
        single <- view(alone)
        expect_equal(part, single[names(single) != "strata"], tolerance = 1e-12)
      }
    }
  }
})

test_that("details of follow-up: sorted rows and sums by group", {
  d <- grouped_rows(30, 4)
  g <- glance(follow_up(Surv(time, event) ~ group, d, potential = 1000))
  by <- function(x, f, d) as.vector(tapply(x, d$group, f))
  free <- d[d$event == 0, ]
  expect_identical(g$shortest, by(d$time, min, d))
  expect_identical(g$longest, by(d$time, max, d))
  expect_identical(g$survivors, as.double(table(free$group)))
  expect_identical(g$survivors.median, by(free$time, stats::median, free))
  expect_identical(g$survivors.shortest, by(free$time, min, free))
  expect_identical(g$survivors.longest, by(free$time, max, free))
  potential <- ifelse(d$event == 0, 1000, d$time)
  expect_equal(g$completeness, by(d$time, sum, d) / by(potential, sum, d))
})

test_that("summary of an event table counts the states of each group", {
  d <- grouped_rows(30, 5)
  s <- summary(event_table(Surv(time, status) ~ group, d))
  counts <- unclass(table(d$group, d$status))
  for (state in levels(d$status)) expect_identical(s[[state]], as.double(counts[, state]))
  expect_identical(s$n, as.double(rowSums(counts)))
  expect_identical(s$last.time, as.vector(tapply(d$time, d$group, max)))
})

test_that("a print shows the first groups and says how many more there are", {
  d <- grouped_rows(40, 6)
  shown <- function(x, ...) capture.output(print(x, ...))
  groups_in <- function(lines) grep("^[0-9]+ +[0-9]+ +[0-9]+ ", lines, value = TRUE)
  fit <- kaplan_meier(Surv(time, event) ~ group, d)
  expect_length(groups_in(shown(fit)), 20L)
  expect_match(shown(fit), "^[.]{3} and 21 groups more$", all = FALSE)
  expect_length(groups_in(shown(fit, n = 3)), 3L)
  expect_length(groups_in(shown(fit, n = 41)), 41L)
  expect_no_match(shown(fit, n = 41), "more")
  expect_match(shown(follow_up(Surv(time, event) ~ group, d)), "21 groups more",
    all = FALSE
  )
  test <- logrank_test(Surv(time, event) ~ group, d)
  expect_match(shown(test), "21 groups more", all = FALSE)
  banded <- survival_band(kaplan_meier(Surv(time, event) ~ group, d), "equal-precision")
  expect_length(grep("band .* of ", shown(banded)), 20L)
})

test_that("print of an event table counts distinct times and rows", {
  d <- grouped_rows(15, 7)
  for (right in c("group", "1")) {
    table <- event_table(stats::as.formula(paste("Surv(time, status) ~", right)), d)
    long <- as.data.frame(table)
    lines <- capture.output(print(table, n = 4))
    expect_identical(lines[1], sprintf(
      "Event table: %s subjects, %s distinct times, %s rows", format_count(nrow(d)),
      format_count(length(unique(d$time))), format_count(nrow(long))
    ))
    more <- sprintf("... and %s rows more", format_count(nrow(long) - 4L))
    expect_identical(lines[length(lines)], more)
    columns <- setdiff(names(long), c("stratum", if (right == "1") "group"))
    expect_identical(
      lines[-c(1, 2, length(lines))],
      capture.output(print(long[1:4, columns], row.names = FALSE))
    )
  }
})

test_that("twenty thousand groups have quantiles, rows and a print", {
  n <- 1e5
  d <- data.frame(
    group = factor(rep(1:20000, 5)), time = ceiling(seq_len(n) * 0.618034 %% 997),
    event = rep(c(1, 0, 1), length.out = n)
  )
  fit <- kaplan_meier(Surv(time, event) ~ group, d, conf.type = "log-log")
  q <- quantile(fit)
  rows <- tidy(fit, times = c(100, 500))
  g <- glance(fit)
  lines <- capture.output(print(fit))
  expect_identical(c(nrow(q), nrow(rows), nrow(g)), c(60000L, 40000L, 20000L))
  expect_match(lines, "19,980 groups more", all = FALSE)
})
