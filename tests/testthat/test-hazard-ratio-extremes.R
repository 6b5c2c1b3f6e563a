# hazard_ratio() with input at the edge: an answer with a word, or a classed error that
# names the coefficient.

extreme_rows <- function(n = 60) {
  withr::with_seed(1, data.frame(
    time = sample(30, n, TRUE), x = stats::rnorm(n), y = stats::rnorm(n),
    arm = factor(sample(c("A", "B", "C"), n, TRUE)),
    cause = factor(sample(0:2, n, TRUE, c(0.3, 0.4, 0.3)), 0:2, c("none", "a", "b"))
  ))
}

ratios <- function(d, rhs, model, ...) {
  formula <- eval(bquote(Surv(time, cause) ~ .(rhs)))
  quietly(hazard_ratio(formula, d, model, "a", ...))
}

# x times 10^k, or plus 10^10, has the same fit in other units
test_that("covariates may be of any size", {
  d <- extreme_rows()
  for (model in c("cox", "fine-gray")) {
    for (firth in c(FALSE, TRUE)) {
      usual <- ratios(d, quote(x + arm), model, firth = firth)
      for (by in c(1e-100, 1e-10, 1e10, 1e100)) {
        fit <- ratios(transform(d, x = x * by), quote(x + arm), model, firth = firth)
        expect_equal(coef(fit)[[1]] * by, coef(usual)[[1]], tolerance = 1e-7)
        expect_equal(fit$table$statistic, usual$table$statistic, tolerance = 1e-7)
      }
      far <- ratios(transform(d, x = x + 1e10), quote(x + arm), model, firth = firth)
      expect_equal(coef(far), coef(usual), tolerance = 1e-4) # x has six digits left
    }
  }
})

test_that("one outlier leaves the other coefficients in peace", {
  d <- extreme_rows()
  d$x[3] <- 1e8
  for (model in c("cox", "fine-gray")) {
    without <- ratios(d[-3, ], quote(x + arm), model)
    suppressWarnings(fit <- ratios(d, quote(x + arm), model, firth = FALSE))
    # row 3 is as good as out of the risk sets, and x is constant beside it
    expect_equal(coef(fit)[2:3], coef(without)[2:3], tolerance = 0.2)
    expect_true(all(is.finite(coef(ratios(d, quote(x + arm), model)))))
  }
})

test_that("covariates that nearly depend on each other have the estimate of coxph()", {
  d <- extreme_rows()
  d$z <- 2 * d$x + 1e-4 * d$y
  fit <- expect_silent(hazard_ratio(Surv(time, cause == "a") ~ x + z, d, firth = FALSE))
  peer <- survival::coxph(Surv(time, cause == "a") ~ x + z, d,
    control = survival::coxph.control(1e-12, toler.chol = 1e-15)
  )
  expect_equal(coef(fit), stats::coef(peer), tolerance = 1e-4, ignore_attr = TRUE)
  d$z <- 2 * d$x
  twice <- ratios(d, quote(x + z), "cox")
  expect_identical(is.na(unname(coef(twice))), c(FALSE, TRUE))
  expect_output(print(twice), "not estimable: z \\(constant")
})

test_that("without, or with one event there is an answer that says so", {
  d <- extreme_rows()
  d$cause[] <- "none"
  for (model in c("cox", "fine-gray")) {
    none <- ratios(d, quote(x + arm), model)
    expect_true(all(is.na(coef(none))))
    expect_length(coef(none), 3L)
    expect_output(print(none), "not estimable: x, .* \\(no event\\)")
    one <- transform(d, cause = replace(cause, 5:6, c("a", "b")))
    expect_true(is.finite(coef(ratios(one, quote(x), model))))
    expect_output(print(ratios(one, quote(x + y + arm), model)),
      "estimates\\s+are unstable"
    )
    expect_warning(ratios(one, quote(x + y + arm), model, firth = FALSE),
      "no maximum for", class = "oligosurv_warning_data"
    )
    expect_true(all(is.na(coef(ratios(d[0, ], quote(x), model)))))
    expect_true(all(is.na(coef(ratios(d[1, ], quote(x), model)))))
  }
})

test_that("infinite values and too many levels are errors that name the covariate", {
  d <- extreme_rows()
  refused <- function(kind, pattern, d, rhs) {
    for (model in c("cox", "fine-gray")) {
      expect_error(ratios(d, rhs, model), pattern,
        class = paste0("oligosurv_error_", kind)
      )
    }
  }
  refused("domain", "`x` .* finite; row 3", transform(d, x = replace(x, 3, Inf)),
    quote(x + arm)
  )
  refused("domain", "`x` .* up to 2.*e\\+300, which are too large",
    transform(d, x = x * 1e300), quote(x)
  )
  refused("domain", "`x` .* up to 2.*e-300, which are too small",
    transform(d, x = x * 1e-300), quote(x)
  )
  d$many <- factor(seq_len(60), seq_len(1e5))
  refused("data", "`many` has 100,000 levels", d, quote(x + many))
  d$few <- factor(rep_len(1:80, 60), 1:80)
  d$more <- factor(rep_len(1:80, 60), 1:80)
  refused("data", "`few:more` has 6400 levels", d, quote(few:more))
})

test_that("tables of hospitals with different levels add up to those of their rows", {
  d <- extreme_rows(200)
  parts <- list(d[d$arm != "C", ], d[d$arm == "C", ])
  parts <- lapply(parts, droplevels)
  f <- Surv(time, cause) ~ arm
  pooled <- do.call(c, lapply(parts, function(part) event_table(f, part)))
  for (model in c("cox", "fine-gray")) {
    for (firth in c(FALSE, TRUE)) {
      expect_equal(
        tidy(hazard_ratio(pooled, ~arm, model, "a", firth = firth)),
        tidy(hazard_ratio(f, d, model, "a", firth = firth)),
        tolerance = 1e-7
      )
    }
  }
  expect_error(hazard_ratio(pooled, ~ arm + ecog), "without the variable `ecog`",
    class = "oligosurv_error_input"
  )
})

test_that("more subjects than double numbers can count are an error, not a wrong ratio", {
  d <- data.frame(t = c(1, 1, 2, 3, 3, 4), s = 1, x = c(1, 0, 0, 1, 0, 1))
  fit <- function(n) {
    hazard_ratio(Surv(t, s) ~ x, d, weights = rep(n, 6), weight_type = "frequency")
  }
  expect_equal(fit(1e9)$table$estimate, 0.360811, tolerance = 1e-6)
  expect_equal(fit(1.6e9)$table$estimate, 0.360811, tolerance = 1e-6)
  for (n in c(1e10, 1e12, 1e17)) {
    expect_error(fit(n), "`weights` add up to 6e", class = "oligosurv_error_domain")
  }
  table <- event_table(Surv(t, s) ~ x, d)
  table$n <- rep(1e13, length(table$time))
  expect_error(hazard_ratio(table, ~x), "the counts add up to 6e",
    class = "oligosurv_error_domain"
  )
})

# Before, steps were halved as long as rounding errors of the log likelihood, 1e-12 of it,
# made it seem to fall: 1833 evaluations of this likelihood instead of 5.
test_that("rounding errors of a million terms do not make the search creep", {
  skip_on_cran() # takes seconds
  withr::local_seed(5)
  n <- 1e6
  d <- data.frame(x = rnorm(n), g = factor(sample(c("A", "B", "C"), n, TRUE)))
  sample(n %/% 3, n, TRUE) # the draws that follow are those of this seed
  exit <- rexp(n, exp(0.3 * d$x))
  last <- rexp(n, 0.5)
  d$time <- pmin(exit, last)
  d$event <- as.integer(exit <= last)
  fit <- hazard_ratio(Surv(time, event) ~ x + g, d)
  cells <- fit$model$fits[[1L]]$cells
  again <- .Call(C_cox_fit, cells)
  expect_lte(again$steps, 5L)
  expect_equal(again$beta, unname(coef(fit)), tolerance = 1e-14)
  # the score is 0: a further step would be far below a standard error
  score <- rowSums(.Call(C_cox_residuals, cells, again$beta, NULL, n)$score)
  expect_lt(max(abs(score)) / sqrt(n), 1e-9)
})
