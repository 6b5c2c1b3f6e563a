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
})

fine_gray <- function(d, w, ..., form = Surv(time, ev) ~ x + strata(s)) {
  d$w <- w
  hazard_ratio(form, d, "fine-gray", "relapse",
    weights = w, weight_type = "sampling", ...
  )
}

test_that("incidences of a Fine-Gray model: survfit() of weighted finegray() rows", {
  d <- sampled_rows(60, 33)
  new <- data.frame(x = 0.5, s = "u")
  long <- survival::finegray(Surv(time, ev) ~ ., d[c("time", "ev", "x", "w")],
    etype = "relapse", weights = w
  )
  peer <- survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ x, long,
    weights = fgwt, ties = "breslow"
  )
  surv <- summary(survival::survfit(peer, new, se.fit = FALSE), at, extend = TRUE)$surv
  fit <- fine_gray(d, d$w, form = Surv(time, ev) ~ x)
  expect_equal(tidy(predict(fit, new, times = at))$estimate, 1 - surv, tolerance = 1e-7)
})

test_that("errors of a Fine-Gray model: derivatives by the weights, by row and by id", {
  d <- sampled_rows(60, 33)
  new <- data.frame(x = 0.5, s = "u")
  for (ties in c("efron", "breslow")) {
    for (late in c(FALSE, TRUE)) {
      form <- if (late) Surv(time / 3, time, ev) ~ x else Surv(time, ev) ~ x + strata(s)
      of <- function(...) fine_gray(d, ..., ties = ties, variance = "robust", form = form)
      incidence <- function(w) tidy(predict(of(w), new, times = at))$estimate
      p <- tidy(predict(of(d$w), new, times = at))
      expect_equal(p$std.error, weight_error(incidence, d$w), tolerance = 1e-4)
      n_id <- length(unique(d$id))
      p <- tidy(predict(of(d$w, id = id), new, times = at))
      expect_equal(p$std.error,
        weight_error(incidence, d$w, d$id) * sqrt(n_id / (n_id - 2)), tolerance = 1e-4
      )
    }
  }
  adjusted <- function(w) {
    a <- adjusted_curves(
      fine_gray(d, w, variance = "robust", form = Surv(time, ev) ~ x + g),
      by = g, times = at
    )
    tidy(a, rows = "differences")[c("estimate", "std.error")]
  }
  n <- nrow(d)
  expect_equal(adjusted(d$w)$std.error,
    weight_error(function(w) adjusted(w)$estimate, d$w) * sqrt(n / (n - 4)),
    tolerance = 1e-3
  )
})

test_that("with the term for estimated censoring: equal weights, and a jackknife", {
  d <- sampled_rows(60, 34)
  d$t0 <- d$time / 3
  new <- data.frame(x = c(0.5, -1), s = c("u", "v"))
  for (form in c(Surv(time, ev) ~ x + strata(s), Surv(t0, time, ev) ~ x)) {
    plain <- hazard_ratio(form, d, "fine-gray", "relapse")
    equal <- fine_gray(d, rep(2, 60), form = form)
    expect_equal(tidy(predict(equal, new)), tidy(predict(plain, new)), tolerance = 1e-8)
    by_id <- hazard_ratio(form, d, "fine-gray", "relapse", id = id)
    equal <- fine_gray(d, rep(0.5, 60), form = form, id = id)
    expect_equal(tidy(predict(equal, new)), tidy(predict(by_id, new)), tolerance = 1e-8)
  }
  d <- sampled_rows(400, 35)
  value <- function(d) {
    tidy(predict(fine_gray(d, d$w, form = Surv(time, ev) ~ x), new[1L, ], times = 9))
  }
  all <- value(d)
  left_out <- vapply(seq_len(nrow(d)), function(i) value(d[-i, ])$estimate, 0)
  expect_equal(all$std.error^2, sum((left_out - all$estimate)^2), tolerance = 0.05)
})

test_that("Firth's estimate with sampling weights has curves, but no limits", {
  d <- sampled_rows(60, 36)
  d$ev[d$g == "c" & d$ev == "relapse"] <- "death"
  fits <- list(
    fine_gray(d, d$w, form = Surv(time, ev) ~ g),
    hazard_ratio(Surv(time, ev == "relapse") ~ g, d, weights = w,
      weight_type = "sampling"
    )
  )
  for (fit in fits) {
    p <- predict(fit, data.frame(g = c("a", "c")), times = at)
    expect_false(anyNA(tidy(p)$estimate))
    expect_true(all(is.na(tidy(p)[c("std.error", "conf.low", "conf.high")])))
    expect_output(print(p),
      "No standard errors or limits: those of Firth's\\s+likelihood"
    )
    a <- adjusted_curves(fit, by = g, times = at)
    expect_true(all(is.na(tidy(a, rows = "differences")$std.error)))
    expect_false(any(grepl("log-log", utils::capture.output(print(a)))))
  }
})
