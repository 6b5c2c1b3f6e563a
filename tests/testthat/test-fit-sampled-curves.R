# Predicted and adjusted curves with sampling weights: estimates of survfit(), standard
# errors from derivatives by the weight of each row.

sampled_rows <- function(n, seed) {
  d <- curve_data(n, seed)
  withr::local_seed(seed)
  d$w <- round(stats::runif(n, 0.3, 3), 2)
  d
}

# Sum of squares, over rows or ids, of weight times derivative of f(weights)
weight_error <- function(f, w, id = seq_along(w)) {
  slope <- vapply(seq_along(w), function(i) {
    h <- 1e-5
    (f(replace(w, i, w[i] + h)) - f(replace(w, i, w[i] - h))) / (2 * h)
  }, f(w))
  slope <- matrix(slope, ncol = length(w))
  sqrt(rowSums(apply(slope, 1, function(s) rowsum(w * s, id)) |> t() |>
    (\(x) x^2)()))
}

at <- c(4, 9, 15)

test_that("survival of one event type, with strata, Efron and Breslow, rows and ids", {
  for (ties in c("efron", "breslow")) {
    d <- sampled_rows(60, 31)
    new <- data.frame(x = 0.5, g = "b", s = "u")
    survival_of <- function(w) {
      peer <- weighted_cox(Surv(time, dead) ~ x + g + strata(s), d, w, ties)
      summary(survival::survfit(peer, new, se.fit = FALSE), at, extend = TRUE)$surv
    }
    fit <- hazard_ratio(Surv(time, dead) ~ x + g + strata(s), d, ties = ties,
      weights = w, weight_type = "sampling"
    )
    p <- tidy(predict(fit, new, times = at, extend = TRUE))
    expect_equal(p$estimate, survival_of(d$w), tolerance = 1e-8)
    expect_equal(p$std.error, weight_error(survival_of, d$w), tolerance = 1e-5)
    by_id <- hazard_ratio(Surv(time, dead) ~ x + g + strata(s), d, ties = ties,
      weights = w, weight_type = "sampling", id = id
    )
    ids <- length(unique(d$id))
    p <- tidy(predict(by_id, new, times = at, extend = TRUE))
    expect_equal(p$std.error,
      weight_error(survival_of, d$w, d$id) * sqrt(ids / (ids - 4)), tolerance = 1e-5
    )
  }
  # twice all weights change nothing
  twice <- hazard_ratio(Surv(time, dead) ~ x + g, d, weights = 2 * w,
    weight_type = "sampling"
  )
  once <- hazard_ratio(Surv(time, dead) ~ x + g, d, weights = w, weight_type = "sampling")
  expect_equal(tidy(predict(twice, new)), tidy(predict(once, new)), tolerance = 1e-8)
})

test_that("incidences of cause-specific models, and adjusted curves", {
  d <- sampled_rows(50, 32)
  weighted <- function(w, form) {
    d$w <- w
    hazard_ratio(form, d, weights = w, weight_type = "sampling")
  }
  new <- data.frame(x = -0.3, g = "c")
  causes <- function(w) {
    tidy(predict(weighted(w, Surv(time, ev) ~ x + g), new, times = at))$estimate
  }
  p <- tidy(predict(weighted(d$w, Surv(time, ev) ~ x + g), new, times = at))
  expect_equal(p$std.error, weight_error(causes, d$w), tolerance = 1e-4)

  adjusted <- function(w) {
    a <- adjusted_curves(weighted(w, Surv(time, dead) ~ x + g), by = g, times = at)
    tidy(a, rows = "differences")$estimate
  }
  a <- adjusted_curves(weighted(d$w, Surv(time, dead) ~ x + g), by = g, times = at)
  n <- nrow(d)
  expect_equal(tidy(a, rows = "differences")$std.error,
    weight_error(adjusted, d$w) * sqrt(n / (n - 4)), tolerance = 1e-4
  )
  # the mean of the curves of all rows, by their weights
  each <- tidy(predict(weighted(d$w, Surv(time, dead) ~ x + g), transform(d, g = "b"),
    times = 9
  ))
  got <- tidy(a)
  expect_equal(got$estimate[got$strata == "b" & got$time == 9],
    stats::weighted.mean(each$estimate, d$w), tolerance = 1e-10
  )
  fg <- hazard_ratio(Surv(time, ev) ~ x, d, "fine-gray", weights = w,
    weight_type = "sampling"
  )
  expect_error(predict(fg, new), "Fine-Gray model with sampling weights",
    class = "oligosurv_error_data"
  )
})
