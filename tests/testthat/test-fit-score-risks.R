# brier_score(), calibration() and concordance_index() of a hazard_ratio: the risks are
# those of predict(), for the rows of the fit and for new ones.

score_data <- function(n, seed) {
  d <- curve_data(n, seed)
  d$x[4] <- NA
  d
}

test_that("Cox and Fine-Gray: as with the risks of predict() in a column", {
  d <- score_data(120, 3)
  new <- score_data(80, 4)
  at <- c(5, 10)
  risk_of <- function(fit, rows, ...) {
    p <- suppressMessages(predict(fit, rows, times = at, type = "incidence", ...))
    matrix(tidy(p)$estimate, ncol = 2, byrow = TRUE)
  }
  one <- hazard_ratio(Surv(time, dead) ~ x * g + strata(s), d) |> suppressMessages()
  all <- hazard_ratio(Surv(time, ev) ~ x + g, d) |> suppressMessages()
  fg <- hazard_ratio(Surv(time, ev) ~ x + g, d, "fine-gray", "death") |>
    suppressMessages()
  for (rows in list(d, new)) {
    r <- risk_of(one, rows)
    expect_equal(
      suppressMessages(brier_score(one, rows, times = at))$table$estimate,
      suppressMessages(brier_score(
        Surv(time, dead) ~ r + strata(s), rows, times = at
      ))$table$estimate, tolerance = 1e-12
    )
    for (k in 1:2) {
      fit <- list(all, fg)[[k]]
      r <- risk_of(fit, rows, outcome = "death")
      form <- Surv(time, ev) ~ r
      got <- suppressMessages(brier_score(fit, rows, times = at, outcome = "death"))
      want <- suppressMessages(brier_score(form, rows, times = at, outcome = "death"))
      expect_equal(got$table[-2], want$table[-2], tolerance = 1e-12)
      got <- suppressMessages(calibration(fit, rows, times = at, outcome = "death"))
      want <- suppressMessages(calibration(form, rows, times = at, outcome = "death"))
      expect_equal(tidy(got)[-2], tidy(want)[-2], tolerance = 1e-12)
      expect_equal(glance(got)$slope, glance(want)$slope, tolerance = 1e-9)
    }
    lp <- predict(fg, rows, type = "linear predictor")$estimate |> suppressMessages()
    expect_equal(
      suppressMessages(concordance_index(fg, rows, outcome = "death"))$table$estimate,
      suppressMessages(
        concordance_index(Surv(time, ev) ~ lp, rows, outcome = "death")
      )$table$estimate
    )
  }
  own <- suppressMessages(brier_score(fg, d, times = 5))
  expect_match(own$method, "Apparent Brier score of death")
  expect_match(suppressMessages(brier_score(fg, new, times = 5))$method, "^Brier score")
})

test_that("ids, offsets and rows counted by pattern", {
  d <- score_data(150, 5)
  d$x[4] <- 0
  fit <- hazard_ratio(Surv(time, dead) ~ g + offset(x / 2), d, id = id)
  r <- 1 - tidy(predict(fit, d, times = 6))$estimate
  expect_equal(
    brier_score(fit, d, times = 6, id = id)$table$std.error,
    brier_score(Surv(time, dead) ~ r, d, times = 6, id = id)$table$std.error,
    tolerance = 1e-10
  )
  expect_error(brier_score(fit, d, times = 6), "give the same `id`",
    class = "oligosurv_error_data"
  )
  many <- d[rep(seq_len(150), 40), ]
  counted <- hazard_ratio(Surv(time, dead) ~ g, many)
  r <- 1 - tidy(predict(counted, d, times = 6))$estimate
  expect_equal(
    brier_score(counted, d, times = 6)$table$estimate,
    brier_score(Surv(time, dead) ~ r, d, times = 6)$table$estimate
  )
})

test_that("what is not possible is a classed error", {
  d <- score_data(60, 6)
  d$x[4] <- 0
  data_error <- function(code, say) {
    expect_error(code, say, class = "oligosurv_error_data")
  }
  fit <- hazard_ratio(Surv(time, dead) ~ x + g, d)
  counts <- hazard_ratio(event_table(Surv(time, dead) ~ g, d), ~g)
  causes <- hazard_ratio(Surv(time, ev) ~ x, d)
  first <- hazard_ratio(Surv(time, ev) ~ x, d, outcome = "death")
  data_error(brier_score(counts, d, times = 5), "event table")
  data_error(calibration(counts, d, times = 5), "event table")
  data_error(brier_score(fit, d, times = 1e4), "follow-up ends")
  data_error(brier_score(fit, transform(d, g = "z"), times = 5), "level")
  data_error(brier_score(first, d, times = 5), "relapse is not in the fit")
  input <- function(code, say) expect_error(code, say, class = "oligosurv_error_input")
  input(brier_score(causes, d, times = 5), "`outcome` must be one of")
  input(brier_score(fit, d[c("time", "dead", "x")], times = 5), "no column `g`")
  input(brier_score(fit, times = 5), "must be the data frame")
  strata <- hazard_ratio(Surv(time, dead) ~ x + strata(s), d)
  input(brier_score(strata, d[c("time", "dead", "x")], times = 5), "`s`")
})

test_that("the rows of the fit with other covariates are new ones", {
  d <- score_data(90, 7)
  d$x[4] <- 0
  fit <- hazard_ratio(Surv(time, dead) ~ x + poly(age, 2), transform(d, age = time + x))
  own <- transform(d, age = time + x)
  expect_match(concordance_index(fit, own)$method, "Apparent")
  expect_match(brier_score(fit, own, times = 5)$method, "Apparent")
  centred <- hazard_ratio(Surv(time, dead) ~ I(x - mean(x)), d)
  expect_match(concordance_index(centred, d)$method, "Apparent")
  turned <- transform(own, x = rev(x))
  lp <- predict(fit, turned, type = "linear predictor")$estimate
  got <- concordance_index(fit, turned)
  expect_identical(got$method, "Concordance, Harrell's C")
  expect_equal(got$table$estimate,
    concordance_index(Surv(time, dead) ~ lp, d)$table$estimate, tolerance = 1e-14
  )
  expect_match(brier_score(fit, turned, times = 5)$method, "^Brier")
  # rows with a missing value are told of once
  turned$x[2] <- NA
  told <- capture_messages(concordance_index(fit, rbind(turned, turned[1:3, ])))
  expect_match(told, "2 rows .* .rows 2 and 92.")
  expect_length(told, 1L)
})

test_that("data that lack what the fit needs: covariates elsewhere, unused levels", {
  d <- score_data(60, 8)
  d$x[4] <- 0
  z <- d$x
  fit <- hazard_ratio(Surv(time, dead) ~ z, d)
  expect_equal(concordance_index(fit, d)$table$estimate,
    concordance_index(hazard_ratio(Surv(time, dead) ~ x, d), d)$table$estimate
  )
  expect_error(concordance_index(fit, d[-1, ]), "`data` has no column `z`",
    class = "oligosurv_error_input"
  )
  other <- transform(d, time = rev(time))
  expect_error(concordance_index(fit, other), "`data` has no column `z`",
    class = "oligosurv_error_input"
  )
  # a level in a row without a time, which the fit left out: its ratio is not known
  d$g <- as.character(d$g)
  d$g[5] <- "other"
  d$time[5] <- NA
  fit <- suppressMessages(hazard_ratio(Surv(time, dead) ~ x + g, d))
  expect_match(suppressMessages(concordance_index(fit, d))$method, "Apparent")
  d$time[5] <- 3
  expect_message(got <- concordance_index(fit, d), "1 row .* .row 5.")
  expect_identical(got$models$n, 59)
  d$g[5] <- "new"
  expect_error(concordance_index(fit, d), "level \"new\" .* .row 5. is not in the fit",
    class = "oligosurv_error_data"
  )
  d$g[5:6] <- c("a", "new")
  expect_error(concordance_index(fit, d), "level \"new\" .* .row 6. is not in the fit",
    class = "oligosurv_error_data"
  )
})
