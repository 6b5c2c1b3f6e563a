# Residuals of a hazard_ratio against residuals.coxph().

types <- c("martingale", "deviance", "score", "dfbeta", "schoenfeld", "scaledsch")

test_that("residuals are coxph()'s: ties, strata, missing values, delayed entry", {
  for (seed in 1:4) {
    d <- cox_rows(seed, 60, ties = seed < 3)
    d$age[7] <- NA
    d$entry <- if (seed %% 2) 0 * d$time else d$time / 3
    formula <- Surv(entry, time, event) ~ age + arm + strata(site)
    quietly(fit <- hazard_ratio(formula, d))
    peer <- survival::coxph(formula, d, control = survival::coxph.control(1e-11))
    for (type in types) {
      expect_equal(residuals(fit, type), residuals(peer, type),
        tolerance = 1e-7, ignore_attr = TRUE, label = paste(type, seed)
      )
    }
    expect_equal(sum(residuals(fit)), 0, tolerance = 1e-10)
  }
})

test_that("one coefficient gives a vector; rows counted by pattern give each row", {
  d <- withr::with_seed(3, data.frame(
    time = sample(30, 5100, TRUE), event = stats::rbinom(5100, 1, 0.6),
    arm = factor(sample(c("A", "B"), 5100, TRUE))
  ))
  d$arm[9] <- NA
  quietly(fit <- hazard_ratio(Surv(time, event) ~ arm, d))
  peer <- survival::coxph(Surv(time, event) ~ arm, d)
  for (type in types) {
    expect_equal(residuals(fit, type), residuals(peer, type),
      tolerance = 1e-6, ignore_attr = TRUE
    )
  }
  expect_equal(unname(model.matrix(fit)), unname(model.matrix(peer)), ignore_attr = TRUE)
})

test_that("by cause, and errors by class", {
  d <- cox_rows(7)
  fit <- hazard_ratio(Surv(time, status) ~ age, d)
  peer <- survival::coxph(Surv(time, status == "death") ~ age, d)
  expect_equal(residuals(fit, outcome = "death"), unname(residuals(peer)),
    tolerance = 1e-6
  )
  expect_error(residuals(fit), "`outcome` must be one",
    class = "oligosurv_error_input"
  )
  expect_error(residuals(fit, "raw", "death"), "`type`", class = "oligosurv_error_input")
  gray <- hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", outcome = "death")
  expect_length(residuals(gray), nrow(d))
  none <- hazard_ratio(Surv(time, 0 * event) ~ age, d)
  expect_error(residuals(none), class = "oligosurv_error_data")
})

test_that("those of Fine-Gray models are coxph()'s with finegray() rows, summed by id", {
  for (seed in 1:6) {
    d <- withr::with_seed(seed, data.frame(
      time = sample(if (seed %% 2) 12 else 1e5, 80, TRUE),
      cause = factor(sample(0:2, 80, TRUE), 0:2, c("none", "a", "b")),
      arm = factor(sample(c("A", "B", "C"), 80, TRUE)), x = stats::rnorm(80),
      w = if (seed > 3) round(stats::rexp(80) + 0.1, 2) else rep(1, 80), row = 1:80
    ))
    long <- survival::finegray(Surv(time, cause) ~ ., d, etype = "a", weights = w)
    for (ties in c("efron", "breslow")) {
      fit <- hazard_ratio(Surv(time, cause) ~ arm + x, d, "fine-gray", "a",
        weights = w, weight_type = "sampling", ties = ties
      )
      peer <- survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ arm + x, long,
        weights = fgwt, ties = ties,
        control = survival::coxph.control(1e-11, toler.chol = 1e-13)
      )
      by_row <- function(x) unname(rowsum(x * long$fgwt, long$row)) / d$w
      expect_equal(residuals(fit), drop(by_row(residuals(peer))), tolerance = 1e-8)
      expect_equal(residuals(fit, "score"), by_row(residuals(peer, "score")),
        tolerance = 1e-8, ignore_attr = TRUE
      )
      expect_equal(residuals(fit, "dfbeta"),
        rowsum(residuals(peer, "dfbeta"), long$row),
        tolerance = 1e-8, ignore_attr = TRUE
      )
      for (type in c("schoenfeld", "scaledsch")) {
        expect_equal(residuals(fit, type), residuals(peer, type),
          tolerance = 1e-8, ignore_attr = TRUE
        )
      }
    }
  }
  expect_identical(residuals(fit, "scaled schoenfeld"), residuals(fit, "scaledsch"))
  expect_error(residuals(fit, "deviance"), "not defined", class = "oligosurv_error_data")
  counts <- hazard_ratio(event_table(Surv(time, cause) ~ arm, d), ~arm, "fine-gray", "a")
  expect_error(residuals(counts), "holds only counts", class = "oligosurv_error_data")
})

test_that("Fine-Gray rows counted by pattern, or with late entry, have residuals each", {
  d <- withr::with_seed(4, data.frame(
    time = sample(30, 5200, TRUE), arm = factor(sample(c("A", "B"), 5200, TRUE)),
    cause = factor(sample(0:2, 5200, TRUE), 0:2, c("none", "a", "b"))
  ))
  f <- Surv(time, cause) ~ arm
  counted <- hazard_ratio(f, d, "fine-gray", "a")
  by_row <- hazard_ratio(f, transform(d, id = 1:5200), "fine-gray", "a", id = id)
  for (type in c("martingale", "score", "schoenfeld")) {
    expect_equal(residuals(counted, type), residuals(by_row, type), tolerance = 1e-8)
  }
  d$entry <- d$time / 2
  late <- hazard_ratio(Surv(entry, time, cause) ~ arm, d, "fine-gray", "a")
  expect_equal(sum(residuals(late)), 0, tolerance = 1e-8)
  expect_lt(abs(sum(residuals(late, "score"))), 1e-6)
})

# Firth's score is that of the likelihood plus half the slope of log det I; its fit has no
# residuals with sum 0, but a variance that dfbeta uses
test_that("Firth fits have residuals with the variance of their likelihood", {
  d <- cox_rows(3, 50)
  fit <- hazard_ratio(Surv(time, event) ~ age + arm, d, firth = TRUE)
  expect_equal(residuals(fit, "dfbeta"), residuals(fit, "score") %*% unname(vcov(fit)),
    ignore_attr = TRUE
  )
  expect_true(all(is.finite(vcov(fit))))
})

test_that("residuals without a finite estimate are an error that says what to do", {
  d <- data.frame(
    t = c(1, 2, 3, 10:16), e = c(0, 0, 0, 1, 0, 1, 1, 0, 1, 1),
    x = c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3)
  )
  # all of A leave before the first event
  d$g <- factor(c("A", "A", "A", "B", "C", "B", "C", "B", "C", "B"))
  for (firth in list(NA, TRUE)) {
    fit <- hazard_ratio(Surv(t, e) ~ g + x, d, firth = firth)
    expect_error(residuals(fit),
      "g: B against A and g: C against A cannot be estimated: .* relevel",
      class = "oligosurv_error_data"
    )
  }
  d$g <- stats::relevel(d$g, "C")
  expect_length(residuals(hazard_ratio(Surv(t, e) ~ g + x, d)), 10L)
  # no event in B
  d$g <- factor(ifelse(d$e == 1, "A", "B"))
  suppressWarnings(fit <- hazard_ratio(Surv(t, e) ~ g, d, firth = FALSE))
  expect_error(residuals(fit), "no finite estimate of g: B against A; firth = NA",
    class = "oligosurv_error_data"
  )
  expect_length(residuals(hazard_ratio(Surv(t, e) ~ g, d)), 10L)
})
