# Standardised curves against averages of predictions, their derivatives by weights, and
# a bootstrap.

at <- c(3, 10, 20)

test_that("adjusted curves are averages of predictions", {
  d <- curve_data(50, 21)
  check <- function(formula, ...) {
    fit <- hazard_ratio(formula, d, ...)
    a <- tidy(adjusted_curves(fit, g, at))
    for (level in c("a", "b", "c")) {
      p <- tidy(predict(fit, transform(d, g = level), at))
      cause <- if (is.null(p$outcome)) rep(1, nrow(p)) else p$outcome
      mean <- tapply(p$estimate, list(p$time, cause), mean)
      mine <- a[a$strata == level, ]
      if (!is.null(mine$outcome)) mine <- mine[order(mine$outcome, mine$time), ]
      expect_equal(mine$estimate, as.vector(mean), tolerance = 1e-12)
    }
  }
  check(Surv(time, dead) ~ x + g)
  check(Surv(time, dead) ~ x * g + strata(s), ties = "breslow")
  check(Surv(entry, time, dead) ~ splines::ns(x, 2) + g)
  check(Surv(time, ev) ~ x + g + s)
  check(Surv(time, ev) ~ x * g, model = "fine-gray")
})

test_that("with strata as groups everybody has the baseline of the stratum", {
  d <- curve_data(50, 22)
  fit <- hazard_ratio(Surv(time, dead) ~ x + g + strata(s), d)
  a <- tidy(adjusted_curves(fit, s, at))
  for (level in c("u", "v")) {
    p <- tidy(predict(fit, transform(d, s = level), at))
    mean <- as.vector(tapply(p$estimate, p$time, mean))
    expect_equal(a$estimate[a$strata == level], mean, tolerance = 1e-12)
  }
})

test_that("errors of curves, differences and means are those of derivatives", {
  d <- curve_data(24, 23)
  d$g[d$g == "c"] <- "a"
  for (formula in c(Surv(time, dead) ~ x + g, Surv(time, dead) ~ x + g + strata(s))) {
    last <- min(tapply(d$time, d$s, max))
    grid <- 0:(last - 1)
    curves <- function(w) {
      fit <- weighted_cox(formula, d, w)
      unlist(lapply(c("a", "b"), function(level) {
        s <- exp(-cox_hazards(fit, transform(d, g = level), c(at[1:2], grid)))
        s <- as.vector(s %*% w) / sum(w)
        c(s[1:2], sum(s[-(1:2)])) # a mean to `last`, as times are whole numbers
      }))
    }
    influence <- by_weight(curves, nrow(d))
    n <- nrow(d)
    error <- function(x) sqrt(sum(x^2) * n / (n - 3))
    a <- adjusted_curves(hazard_ratio(formula, d), g, at[1:2], tau = last)
    expect_equal(tidy(a)$std.error, apply(influence[c(1, 2, 4, 5), ], 1, error),
      tolerance = 1e-6
    )
    means <- tidy(a, rows = "means")
    expect_equal(means$estimate, curves(rep(1, n))[c(3, 6)], tolerance = 1e-9)
    expect_equal(means$std.error, apply(influence[c(3, 6), ], 1, error), tolerance = 1e-6)
    change <- influence[4:6, ] - influence[1:3, ]
    expect_equal(tidy(a, rows = "differences")$std.error,
      apply(change[1:2, ], 1, error),
      tolerance = 1e-6
    )
    of_means <- tidy(a, rows = "mean.differences")
    expect_equal(of_means$std.error, error(change[3, ]), tolerance = 1e-6)
    expect_equal(of_means$p.value, 2 * stats::pt(-abs(of_means$statistic), n - 3))
  }
})

test_that("a bootstrap of subjects agrees", {
  skip_on_cran()
  d <- curve_data(150, 24)
  f <- Surv(time, ev) ~ x + g
  for (model in c("cox", "fine-gray")) {
    a <- adjusted_curves(hazard_ratio(f, d, model = model), g, 6, tau = 10)
    withr::local_seed(1)
    draws <- replicate(150, {
      b <- adjusted_curves(
        hazard_ratio(f, d[sample(nrow(d), replace = TRUE), ], model = model), g, 6,
        tau = 10, conf.type = "none"
      )
      c(b$differences$estimate, b$mean.differences$estimate)
    })
    ours <- c(a$differences$std.error, a$mean.differences$std.error)
    expect_lt(max(abs(apply(draws, 1, stats::sd) / ours - 1)), 0.25)
  }
})

test_that("counts give what rows give, and blocks of memory change nothing", {
  d <- curve_data(80, 25)
  same <- function(x, y) {
    for (rows in c("curves", "differences", "means", "mean.differences")) {
      expect_equal(tidy(x, rows = rows), tidy(y, rows = rows), tolerance = 1e-12)
    }
  }
  t1 <- event_table(Surv(time, dead) ~ g + s, d)
  rows <- hazard_ratio(Surv(time, dead) ~ g + s, d)
  counts <- hazard_ratio(t1, ~ g + s)
  same(adjusted_curves(counts, g), adjusted_curves(rows, g))
  new <- data.frame(g = c("a", "c"), s = "v")
  expect_equal(tidy(predict(counts, new)), tidy(predict(rows, new)), tolerance = 1e-12)
  t2 <- event_table(Surv(time, ev) ~ g + strata(s), d)
  for (model in c("cox", "fine-gray")) {
    rows <- hazard_ratio(Surv(time, ev) ~ g + strata(s), d, model = model)
    counts <- hazard_ratio(t2, ~g, model = model)
    same(adjusted_curves(counts, g), adjusted_curves(rows, g))
  }
  same(adjusted_curves(counts, "strata"), adjusted_curves(rows, "strata"))
  many <- d[rep(seq_len(80), 70), ] # enough rows to be counted by pattern
  rows <- hazard_ratio(Surv(time, dead) ~ g + s, many)
  counts <- hazard_ratio(event_table(Surv(time, dead) ~ g + s, many), ~ g + s)
  same(adjusted_curves(counts, g), adjusted_curves(rows, g))
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d)
  all <- adjusted_curves(fit, g)
  local_internal("most_numbers", 700)
  local_internal("numbers_in_block", 700)
  same(adjusted_curves(fit, g), all)
})

# Fits of each kind whose influences are computed in a way of their own
fits_of_each_kind <- function(d) {
  d$w <- 1 + d$id %% 3 / 2
  one <- Surv(entry, time, dead) ~ x + g + strata(s)
  causes <- Surv(time, ev) ~ x + g + strata(s)
  counts <- event_table(Surv(entry, time, ev) ~ g + strata(s), d)
  list(
    hazard_ratio(one, d), hazard_ratio(one, d, id = id),
    hazard_ratio(one, d, weights = w, weight_type = "sampling"), hazard_ratio(causes, d),
    hazard_ratio(causes, d, id = id), hazard_ratio(causes, d, model = "fine-gray"),
    hazard_ratio(causes, d, model = "fine-gray", variance = "robust", id = id),
    hazard_ratio(causes, d, model = "fine-gray", weights = w, weight_type = "sampling"),
    hazard_ratio(counts, ~g, model = "fine-gray")
  )
}

test_that("the influence on an area is the sum of those on the curve", {
  for (fit in fits_of_each_kind(curve_data(60, 26))) {
    model <- model_of(fit)
    job <- curve_job(model,
      prediction_jobs(fit, prediction_outcomes(fit, NULL), "incidence")[[1L]]
    )
    robust <- robust_units(job, model, always = TRUE)
    standard <- standard_persons(job, model)
    group <- find_standard_group("g", NULL, fit)
    persons <- persons_in_group(job, model, standard, group, 2L)
    ranks <- c(0L, seq(2L, length(distinct_times(fit)), 2L))
    widths <- sqrt(seq_along(ranks))
    average <- average_curves(job, persons, ranks, widths)
    curves <- standard_influence(job, average, persons, standard, ranks, robust,
      function(l, s) hazard_influence(robust$strata[[l]][[s]], ranks)
    )
    sums <- vapply(curves, function(x) x %*% widths, double(robust$units$n))
    area <- standard_area_influence(average, persons, standard, ranks, widths, robust)
    expect_equal(area, sums, tolerance = 1e-12)
  }
})

test_that("curves and means do not depend on the times that are asked for", {
  for (fit in fits_of_each_kind(curve_data(60, 27))) {
    all <- adjusted_curves(fit, g)
    some <- adjusted_curves(fit, g, at)
    for (rows in c("curves", "differences")) {
      expect_equal(tidy(some, rows = rows), tidy(all, rows = rows, times = at),
        tolerance = 1e-12, ignore_attr = "row.names"
      )
    }
    expect_identical(some$means, all$means)
    expect_identical(some$mean.differences, all$mean.differences)
  }
})
