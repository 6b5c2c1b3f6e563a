# Names of groups, states and causes that are the same text when they are joined by a
# point: "a" with "b.c" and "a.b" with "c" are different curves.

of_names <- function(groups, outcomes) {
  data.frame(
    time = c(1, 2, 3, 4, 5, 6, 1.5, 2.5),
    status = factor(c(1, 2, 0, 1, 2, 0, 1, 2), 0:2, c("censored", outcomes)),
    group = factor(rep(1:2, 4), labels = groups), id = 1:8
  )
}
joined <- of_names(c("a", "a.b"), c("b.c", "c"))
other <- of_names(c("A", "B"), c("x", "y"))
more <- Surv(time, status) ~ group

test_that("states at given times do not depend on the names of groups and states", {
  numbers <- c("time", "n.risk", "n.event", "n.censor", "estimate", "std.error",
    "conf.low", "conf.high")
  rows <- lapply(list(joined, other), function(d) {
    tidy(state_occupation(more, d, times = 1:5))
  })
  expect_identical(rows[[1L]][numbers], rows[[2L]][numbers])
  expect_identical(as.integer(rows[[1L]]$state), as.integer(rows[[2L]]$state))
  expect_identical(as.integer(rows[[1L]]$strata), as.integer(rows[[2L]]$strata))
})

test_that("figures have a line for each group and state or cause", {
  skip_if_not_installed("ggplot2", "3.5.0")
  areas <- lapply(list(joined, other), function(d) {
    x <- ggplot2::autoplot(state_occupation(more, d))$data
    list(x[c("time", "estimate", "low", "high")], as.integer(factor(x$line)))
  })
  expect_identical(areas[[1L]], areas[[2L]])
  stacked <- lapply(list(joined, other), function(d) {
    fit <- cumulative_incidence(more, d)
    x <- curve_plot(fit, options = curve_options(stacked = TRUE))$data
    list(x[c("time", "low", "high")], as.integer(factor(x$line)))
  })
  expect_identical(stacked[[1L]], stacked[[2L]])
})

test_that("curves of states whose times were changed give a classed error", {
  x <- state_occupation(more, other, times = 1:5)
  x$curves$time <- rev(x$curves$time)
  expect_error(tidy(x), "`curves`", class = "oligosurv_error_data")
  x <- state_occupation(more, other)
  levels(x$curves$strata) <- rep("b\xff", 2)
  expect_error(result_table(x, times = 3), class = "oligosurv_error_data")
})
