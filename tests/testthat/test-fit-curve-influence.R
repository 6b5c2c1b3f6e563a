# What each subject changes in curves, against numerical derivatives by case weights.

at <- c(3, 10, 20)

# Standard errors from influences [values, rows], with the rows of an id added up
errors_by <- function(influence, id, p) {
  by_id <- influence %*% stats::model.matrix(~ factor(id) - 1)
  g <- ncol(by_id)
  sqrt(rowSums(by_id^2) * g / (g - p - 1))
}

test_that("by id, errors of survival are those of derivatives by weights", {
  d <- curve_data(30, 11)
  new <- data.frame(x = 0.5, g = "b", s = "v")
  for (ties in c("breslow", "efron")) {
    for (formula in c(Surv(time, dead) ~ x + g, Surv(time, dead) ~ x + g + strata(s))) {
      survival <- function(w) {
        as.vector(exp(-cox_hazards(weighted_cox(formula, d, w, ties), new, at)))
      }
      influence <- by_weight(survival, nrow(d))
      ours <- tidy(predict(hazard_ratio(formula, d, ties = ties, id = id), new, at))
      expect_equal(ours$estimate, survival(rep(1, nrow(d))), tolerance = 1e-9)
      expect_equal(ours$std.error, errors_by(influence, d$id, 3), tolerance = 1e-6)
    }
  }
})

test_that("late entry and split follow-up leave the influence right", {
  d <- curve_data(40, 12)
  new <- data.frame(x = 0.5, g = "b", s = "v")
  late <- Surv(entry, time, dead) ~ x + g
  survival <- function(w) as.vector(exp(-cox_hazards(weighted_cox(late, d, w), new, at)))
  fit <- hazard_ratio(late, d, id = seq_len(nrow(d)))
  expect_equal(tidy(predict(fit, new, at))$std.error,
    errors_by(by_weight(survival, nrow(d)), seq_len(nrow(d)), 3), tolerance = 1e-6
  )
  d$id <- seq_len(nrow(d))
  cut <- survival::survSplit(Surv(time, dead) ~ ., d, cut = c(4, 9))
  whole <- hazard_ratio(Surv(time, dead) ~ x + g, d, id = id)
  split <- hazard_ratio(Surv(tstart, time, dead) ~ x + g, cut, id = id)
  expect_equal(tidy(predict(split, new, at)), tidy(predict(whole, new, at)),
    tolerance = 1e-10
  )
  expect_equal(
    tidy(adjusted_curves(split, g, at)), tidy(adjusted_curves(whole, g, at)),
    tolerance = 1e-10
  )
})

# Incidences [times by cause, rows of new] of two causes, from coxph()
cause_incidences <- function(d, w, new) {
  h <- lapply(c("relapse", "death"), function(k) {
    d$k <- d$ev == k
    hazard <- cox_hazards(weighted_cox(Surv(time, k) ~ x + g, d, w), new, 0:max(d$time))
    apply(rbind(0, hazard), 2, diff)
  })
  vapply(seq_len(nrow(new)), function(i) {
    s <- 1
    f <- c(0, 0)
    path <- vapply(seq_len(nrow(h[[1]])), function(j) {
      step <- c(h[[1]][j, i], h[[2]][j, i])
      if (sum(step) > 0) f <<- f + s * (1 - exp(-sum(step))) * step / sum(step)
      s <<- s * exp(-sum(step))
      f
    }, f)
    as.vector(t(path[, at + 1]))
  }, double(6))
}

test_that("the same holds for incidences of several causes, and their averages", {
  d <- curve_data(34, 15)
  new <- data.frame(x = 0.5, g = "b", s = "u")
  single <- by_weight(function(w) as.vector(cause_incidences(d, w, new)), nrow(d))
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d, id = id)
  ours <- tidy(predict(fit, new, at))
  expect_equal(ours$estimate, as.vector(cause_incidences(d, rep(1, 34), new)),
    tolerance = 1e-9
  )
  expect_equal(ours$std.error, errors_by(single, d$id, 3), tolerance = 1e-6)
  all_b <- transform(d, g = "b")
  average <- by_weight(function(w) {
    as.vector(cause_incidences(d, w, all_b) %*% w) / sum(w)
  }, nrow(d))
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d)
  ours <- tidy(adjusted_curves(fit, g, at, values = "b"))
  expect_equal(ours$std.error, sqrt(rowSums(average^2) * 34 / 30), tolerance = 1e-6)
  free <- tidy(adjusted_curves(fit, g, at, values = "b", type = "survival"))
  expect_equal(free$std.error, sqrt(
    rowSums((average[1:3, ] + average[4:6, ])^2) * 34 / 30
  ), tolerance = 1e-6
  )
})

test_that("Fine-Gray errors count the estimated weights", {
  # the weights of the package are damped by min(Y, Y') / max(Y, Y') at each censoring,
  # so the derivative by case weights differs by one in the number at risk
  d <- curve_data(60, 14)
  new <- data.frame(x = 0.5, g = "b", s = "u")
  incidence <- function(w) {
    rows <- survival::finegray(Surv(time, ev) ~ ., transform(d, w = w),
      weights = w, etype = "relapse"
    )
    peer <- suppressWarnings(survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ x + g,
      rows,
      weights = fgwt, ties = "breslow", control = tight
    ))
    as.vector(1 - exp(-cox_hazards(peer, new, at)))
  }
  fit <- hazard_ratio(Surv(time, ev) ~ x + g, d, model = "fine-gray", outcome = "relapse")
  ours <- tidy(predict(fit, new, at))
  direct <- sqrt(rowSums(by_weight(incidence, nrow(d))^2))
  expect_equal(ours$std.error, direct, tolerance = 0.01)
  known <- hazard_ratio(Surv(time, ev) ~ x + g, d,
    model = "fine-gray", outcome = "relapse", variance = "robust"
  )
  expect_gt(max(abs(tidy(predict(known, new, at))$std.error - ours$std.error)), 1e-5)
})

# Before, a row of w subjects added its influence to the sum of its id only once.
test_that("with ids and frequency weights, curves have the errors of the rows repeated", {
  d <- withr::with_seed(11, data.frame(
    id = rep(1:20, 3), time = stats::rexp(60), st = stats::rbinom(60, 1, 0.7),
    x = stats::rnorm(60), arm = factor(rep(c("A", "B"), 30)), w = rep(1:3, 20)
  ))
  d$how <- factor(d$st * rep(1:2, c(35, 25)), 0:2)
  times <- c(0.2, 0.5, 1)
  new <- data.frame(x = 0:1, arm = "A")
  all <- d[rep(1:60, d$w), ]
  for (model in c("cox", "causes", "fine-gray", "robust")) {
    fine_gray <- model %in% c("fine-gray", "robust")
    arguments <- c(
      list(if (model == "cox") Surv(time, st) ~ x + arm else Surv(time, how) ~ x + arm),
      list(model = if (fine_gray) "fine-gray" else "cox"),
      if (fine_gray) list(variance = if (model == "robust") model else "censoring")
    )
    counted <- do.call(hazard_ratio, c(arguments, list(data = d, id = d$id, weights = d$w,
      weight_type = "frequency"
    )))
    repeated <- do.call(hazard_ratio, c(arguments, list(data = all, id = all$id)))
    expect_equal(vcov(counted), vcov(repeated), tolerance = 1e-9)
    expect_equal(tidy(predict(counted, new, times = times)),
      tidy(predict(repeated, new, times = times)),
      tolerance = 1e-9
    )
    expect_equal(tidy(adjusted_curves(counted, by = "arm", times = times)),
      tidy(adjusted_curves(repeated, by = "arm", times = times)),
      tolerance = 1e-9
    )
  }
})

test_that("a stratum with the rows of one id has no errors of curves", {
  d <- withr::with_seed(5, data.frame(
    id = c(rep(1:8, each = 2), 9, 9), s = rep(1:2, c(16, 2)), time = stats::rexp(18),
    dead = rep(1:0, 9), x = stats::rnorm(18), w = 1.5
  ))
  at <- function(fit) tidy(predict(fit, data.frame(x = 0, s = 1:2), times = 0.5))
  fit <- hazard_ratio(Surv(time, dead) ~ x + strata(s), d, id = id)
  expect_identical(is.na(at(fit)$std.error), c(FALSE, TRUE))
  one <- hazard_ratio(Surv(time, dead) ~ x + strata(s), d[-18, ],
    weights = w, weight_type = "sampling"
  )
  expect_identical(is.na(at(one)$conf.low), c(FALSE, TRUE))
})
