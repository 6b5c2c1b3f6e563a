# Calibration: groups by hand, the curves and models it is made of, and its figure.

risks_of <- function(seed, n = 120) {
  withr::local_seed(seed)
  x <- stats::rnorm(n)
  time <- stats::rexp(n, exp(x) / 20)
  lost <- stats::runif(n, 5, 40)
  cause <- ifelse(time <= lost, sample(1:2, n, TRUE, c(0.7, 0.3)), 0)
  data.frame(
    time = pmin(time, lost), event = as.integer(time <= lost),
    status = factor(cause, 0:2, c("no", "rec", "death")), x = x,
    r = 1 - exp(-12 * exp(x) / 20), r24 = 1 - exp(-24 * exp(x) / 20),
    cluster_id = rep_len(seq_len(n / 2), n)
  )
}

test_that("groups and their ratio by hand", {
  d <- data.frame(month = c(5, 4, 2, 1), dead = 1, risk = c(0.2, 0.4, 0.6, 0.8))
  got <- calibration(Surv(month, dead) ~ risk, d, times = 4, groups = 2)
  expect_identical(got$table$n, c(2L, 2L))
  expect_equal(got$table$predicted, c(0.3, 0.7), tolerance = 1e-15)
  expect_equal(got$table$estimate, c(0.5, 1), tolerance = 1e-15)
  expect_equal(as.double(got$table$n.event), c(1, 2))
  expect_equal(got$summary$ratio, 1.5, tolerance = 1e-15)
  # the exact limits of 1 of 2: 0.0126 to 0.9874
  expect_equal(got$table$conf.low[1], stats::qbeta(0.025, 1, 2), tolerance = 1e-12)
  # equal risks stay together
  got <- calibration(Surv(month, dead) ~ I(0 * risk + 0.5), d, times = 4, groups = 4)
  expect_identical(nrow(got$table), 1L)
  expect_true(is.na(got$summary$slope))
})

test_that("observed risks are those of the curves, by id and with competing risks", {
  d <- risks_of(1)
  got <- calibration(Surv(time, event) ~ r, d, times = 12, groups = 3, id = cluster_id)
  cut <- stats::quantile(d$r, 1:2 / 3, type = 2)
  group <- findInterval(d$r, cut, left.open = TRUE)
  fit <- tidy(kaplan_meier(Surv(time, event) ~ group, d, id = cluster_id), times = 12)
  expect_equal(got$table$estimate, 1 - fit$estimate, tolerance = 1e-14)
  expect_equal(got$table$conf.high, 1 - fit$conf.low, tolerance = 1e-14)
  expect_equal(got$table$std.error, fit$std.error, tolerance = 1e-14)
  got <- calibration(Surv(time, status) ~ r, d, times = 12, groups = 3, outcome = "death")
  fit <- tidy(cumulative_incidence(Surv(time, status) ~ group, d), times = 12)
  fit <- fit[fit$outcome == "death", ]
  expect_equal(got$table$estimate, fit$estimate, tolerance = 1e-14)
  expect_equal(got$table$conf.low, fit$conf.low, tolerance = 1e-14)
})

test_that("the slope is that of a model to the time; of a right model about 1", {
  d <- risks_of(2, 2000)
  d$r <- pmin(d$r, 1 - 1e-8)
  got <- calibration(Surv(time, event) ~ r + I(1 - sqrt(1 - r)), d, times = 12)$summary
  cut <- transform(d, event = event * (time <= 12), time = pmin(time, 12))
  want <- survival::coxph(Surv(time, event) ~ x, cut)
  expect_equal(got$slope, rep(unname(stats::coef(want)), 2), tolerance = 1e-3)
  expect_true(got$slope.low[1] < 1 && 1 < got$slope.high[1])
  expect_true(got$ratio.low[1] < 1 && 1 < got$ratio.high[1])
  expect_gt(got$ratio.low[2], 1)
  # scores twice as far apart halve the slope
  near <- calibration(Surv(time, event) ~ I(1 - exp(-exp(x / 2))), d, times = 12)
  cox <- unname(stats::coef(want))
  expect_equal(near$summary$slope, 2 * cox, tolerance = 1e-8)
  causes <- calibration(Surv(time, status) ~ r, d, times = 12, outcome = "rec")$summary
  cut$status[d$time > 12] <- "no"
  want <- hazard_ratio(Surv(time, status) ~ x, cut, model = "fine-gray", outcome = "rec")
  expect_equal(causes$slope, unname(stats::coef(want)), tolerance = 1e-3)
})

test_that("edges: past the follow-up, risks of 0 and 1, no row, all censored", {
  d <- risks_of(3, 40)
  f <- Surv(time, event) ~ r
  late <- calibration(f, d, times = 1e4)
  expect_true(all(is.na(late$table$estimate) | late$table$estimate == 1))
  expect_no_error(printed(print(late)))
  certain <- calibration(f, transform(d, r = round(r)), times = 12)
  expect_true(is.na(certain$summary$slope))
  empty <- calibration(f, d[0, ], times = 12)
  expect_identical(nrow(empty$table), 0L)
  expect_no_error(printed(print(empty)))
  censored <- calibration(f, transform(d, event = 0), times = 5)
  expect_equal(censored$summary$observed, 0)
  expect_true(is.na(censored$summary$slope))
  expect_error(calibration(f, d, times = 12, groups = 0), class = "oligosurv_error_input")
})

test_that("the figure has the groups, the diagonal and a panel a time", {
  skip_if_not_installed("ggplot2")
  withr::local_pdf(NULL)
  d <- risks_of(1)
  d$other <- 1 - d$r
  one <- calibration(Surv(time, event) ~ r, d, times = 12)
  figure <- ggplot2::autoplot(one)
  expect_equal(figure$data$estimate, one$table$estimate)
  several <- calibration(Surv(time, event) ~ cbind(r, r24) + cbind(other, other), d,
    times = c(12, 24)
  )
  figure <- ggplot2::autoplot(several, unit = "months")
  expect_identical(levels(figure$data$panel), c("At 12 months", "At 24 months"))
  drawn <- ggplot2::ggplot_build(figure)$data
  points <- Filter(function(x) "shape" %in% names(x), drawn)[[1]]
  expect_length(unique(points$shape), 2L) # told apart in grey print
  expect_error(ggplot2::autoplot(calibration(Surv(time, event) ~ r, d[0, ], times = 1)),
    class = "oligosurv_error_data"
  )
})
