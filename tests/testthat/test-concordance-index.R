# Concordance: pairs by hand, a program over all pairs, survival, what must not matter.

# All pairs one by one, with the weights of Wolbers et al. and Uno et al.
all_pairs <- function(d, g = function(t) rep(1, length(t)), tau = Inf) {
  won <- all <- 0
  for (i in which(d$cause == 1 & d$time <= tau)) {
    for (j in seq_len(nrow(d))[-i]) {
      at_risk <- d$time[j] > d$time[i] || (d$time[j] == d$time[i] && d$cause[j] == 0)
      gone <- d$cause[j] == 2 && d$time[j] <= d$time[i]
      if (d$stratum[i] != d$stratum[j] || !(at_risk || gone)) next
      if (!gone && d$start[j] >= d$time[i]) next
      w <- d$w[i] * d$w[j] / g(d$time[i]) / g(if (gone) d$time[j] else d$time[i])
      won <- won + w * (sign(d$x[i] - d$x[j]) + 1) / 2
      all <- all + w
    }
  }
  won / all
}

# The curve of censoring just before t, events first
censoring_before <- function(d) {
  function(t) {
    vapply(t, function(t) {
      s <- unique(d$time[d$cause == 0 & d$time < t])
      prod(vapply(s, function(s) {
        1 - sum(d$w[d$time == s & d$cause == 0]) /
          sum(d$w[d$time > s | (d$time == s & d$cause == 0)])
      }, 0))
    }, 0)
  }
}

scored_rows <- function(seed, n = 50) {
  withr::local_seed(seed)
  cause <- sample(0:2, n, TRUE, c(0.4, 0.4, 0.2))
  time <- sample(2:15, n, TRUE)
  data.frame(
    time = time, start = pmax(0, time - sample(12, n, TRUE)), cause = cause,
    event = as.integer(cause == 1), status = factor(cause, 0:2, c("no", "rec", "death")),
    x = sample(12, n, TRUE), y = round(stats::rnorm(n), 1),
    stratum = sample(c("a", "b"), n, TRUE), w = sample(1:6, n, TRUE) / 2,
    cluster_id = sample(20, n, TRUE)
  )
}

test_that("pairs by hand: the example of the help page", {
  d <- data.frame(
    month = 1:4, dead = c(1, 1, 0, 1), score = c(3, 4, 1, 5), other = c(4, 3, 2, 1)
  )
  got <- concordance_index(Surv(month, dead) ~ score + other, d)
  expect_identical(got$table$estimate, c(2 / 5, 1))
  expect_identical(got$table$concordant, c(2, 5))
  expect_identical(got$table$discordant, c(3, 0))
  # D of the four rows, C = 2/5 of 5 pairs: what a row adds to won less C times all
  d_rows <- (c(1, 1, 2, 0) - 2 / 5 * c(3, 3, 2, 2)) / 5
  expect_equal(got$table$std.error[1], sqrt(sum(d_rows^2)), tolerance = 1e-14)
  # all pairs concordant: no standard error, no limits
  expect_identical(got$table$std.error[2], 0)
  expect_true(is.na(got$table$conf.low[2]))
  expect_identical(tidy(got, rows = "contrasts")$estimate, 3 / 5)
  uno <- concordance_index(Surv(month, dead) ~ score, d, method = "uno", tau = 3)
  expect_identical(uno$table$estimate, 2 / 5)
  up <- concordance_index(Surv(month, dead) ~ score, d, higher = "survival")
  expect_equal(up$table$estimate, 3 / 5, tolerance = 1e-15)
})

test_that("values are those of a program over all pairs", {
  for (seed in 1:15) {
    d <- scored_rows(seed)
    f <- Surv(time, status) ~ x + strata(stratum)
    got <- concordance_index(f, d, outcome = "rec", weights = w, weight_type = "sampling")
    d$start <- 0
    expect_equal(got$table$estimate, all_pairs(d), tolerance = 1e-13)
    d <- scored_rows(seed)
    late <- concordance_index(Surv(start, time, status) ~ x, d, outcome = "rec")
    one <- transform(d, stratum = "a", w = 1)
    expect_equal(late$table$estimate, all_pairs(one), tolerance = 1e-13)
    uno <- concordance_index(Surv(time, status) ~ x, d,
      method = "uno", tau = 12, outcome = "rec", weights = w, weight_type = "sampling"
    )
    one <- transform(d, stratum = "a", start = 0)
    want <- all_pairs(one, censoring_before(one), 12)
    expect_equal(uno$table$estimate, want, tolerance = 1e-13)
  }
})

test_that("estimate, pairs and variance equal survival::concordance to 1e-12", {
  peer <- getExportedValue("survival", "concordance")
  columns <- c("concordant", "discordant", "tied.score", "tied.time", "tied.both")
  same <- function(got, want) {
    count <- if (is.matrix(want$count)) colSums(want$count) else want$count
    expect_equal(got$table$estimate, unname(want$concordance), tolerance = 1e-12)
    expect_equal(got$table$std.error^2, c(want$var), tolerance = 1e-12)
    expect_equal(
      unlist(got$table[columns], use.names = FALSE), unname(count), tolerance = 1e-12
    )
  }
  for (seed in 1:25) {
    d <- scored_rows(seed, if (seed %% 2) 60 else 12)
    if (sum(d$event) < 2) next
    plain <- peer(Surv(time, event) ~ x, d, reverse = TRUE)
    same(concordance_index(Surv(time, event) ~ x, d), plain)
    same(
      concordance_index(Surv(time, event) ~ x + strata(stratum), d,
        weights = w, weight_type = "sampling", id = cluster_id
      ),
      peer(Surv(time, event) ~ x + strata(stratum), d,
        weights = w, cluster = cluster_id, reverse = TRUE
      )
    )
    same(
      concordance_index(Surv(start, time, event) ~ x, d),
      peer(Surv(start, time, event) ~ x, d, reverse = TRUE)
    )
    for (tau in c(9, 15)) {
      if (sum(d$event & d$time <= tau) < 2) next # survival has an error of 0 for one case
      uno <- concordance_index(Surv(time, event) ~ x, d,
        method = "uno", tau = tau, variance = "robust", weights = w,
        weight_type = "sampling"
      )
      same(uno, peer(Surv(time, event) ~ x, d,
        weights = w, timewt = "n/G2", ymax = tau, reverse = TRUE
      ))
    }
  }
  # two scores: survival has their joint variance
  d <- scored_rows(1)
  both <- peer(Surv(time, event) ~ x + y, d, reverse = TRUE)
  got <- concordance_index(Surv(time, event) ~ x + y, d)
  expect_equal(got$contrasts$std.error^2, sum(both$var * c(1, -1, -1, 1)),
    tolerance = 1e-12
  )
  expect_equal(got$contrasts$estimate, unname(diff(both$concordance)), tolerance = 1e-12)
})

test_that("the variance is that of numerical derivatives by the weights", {
  d <- scored_rows(7, 40)
  d$w <- d$w + stats::qnorm(stats::ppoints(40)) / 20
  f <- Surv(time, status) ~ x + strata(stratum)
  value <- function(d) {
    concordance_index(f, d, method = "uno", tau = 12, weights = w,
      weight_type = "sampling"
    )$table
  }
  h <- 1e-5
  slope <- vapply(seq_len(40), function(i) {
    up <- down <- d
    up$w[i] <- up$w[i] + h
    down$w[i] <- down$w[i] - h
    (value(up)$estimate - value(down)$estimate) / (2 * h)
  }, double(2))
  expect_equal(value(d)$std.error, sqrt(rowSums((slope * rep(d$w, each = 2))^2)),
    tolerance = 1e-7
  )
})

test_that("a frequency is as many rows; order, unit and other scales change nothing", {
  d <- scored_rows(3)
  d$w <- 2 * d$w
  f <- Surv(time, status) ~ x + y + strata(stratum)
  for (method in c("harrell", "uno")) {
    counted <- concordance_index(f, d, method, weights = w, weight_type = "frequency")
    repeated <- concordance_index(f, d[rep(seq_len(nrow(d)), d$w), ], method)
    expect_equal(counted$table, repeated$table, tolerance = 1e-12)
    expect_equal(counted$contrasts, repeated$contrasts, tolerance = 1e-12)
    base <- concordance_index(f, d, method)$table
    o <- rev(seq_len(nrow(d)))
    expect_equal(concordance_index(f, d[o, ], method)$table, base, tolerance = 1e-13)
    other <- transform(d, time = time / 30.4375, x = exp(x), y = factor(y))
    expect_equal(concordance_index(f, other, method)$table, base, tolerance = 1e-13)
  }
  # a score that is turned round, strata that are one, weights that are doubled
  turned <- concordance_index(Surv(time, event) ~ I(-x), d)$table
  base <- concordance_index(Surv(time, event) ~ x, d)$table
  expect_equal(turned$estimate, 1 - base$estimate, tolerance = 1e-14)
  expect_equal(turned$conf.low, 1 - base$conf.high, tolerance = 1e-13)
  # a competing cause that does not occur
  empty <- transform(d, status = factor(event, 0:2, c("no", "rec", "death")))
  causes <- concordance_index(Surv(time, status) ~ x, empty)$table
  expect_equal(causes$estimate, c(base$estimate, NA))
})

test_that("a fit: its linear predictor, by outcome, with strata, ids and missing rows", {
  d <- scored_rows(11, 80)
  d$y[3] <- NA
  fit <- hazard_ratio(Surv(time, event) ~ x + y + strata(stratum), d)
  got <- suppressMessages(concordance_index(fit, d))
  cox <- survival::coxph(Surv(time, event) ~ x + y + strata(stratum), d)
  want <- getExportedValue("survival", "concordance")(cox)
  expect_equal(got$table$estimate, unname(want$concordance), tolerance = 1e-12)
  expect_match(got$method, "Apparent")
  d$y[3] <- 0
  causes <- hazard_ratio(Surv(time, status) ~ x + y, d, model = "fine-gray")
  got <- concordance_index(causes, d)
  for (k in 1:2) {
    b <- stats::coef(causes)[2 * k - 1:0]
    d$lp <- b[1] * d$x + b[2] * d$y
    one <- concordance_index(Surv(time, status) ~ lp, d)
    expect_equal(got$table$estimate[k], one$table$estimate[k], tolerance = 1e-14)
  }
  # 5,000 rows of factors are counted by pattern
  withr::local_seed(1)
  many <- data.frame(
    time = sample(50, 6000, TRUE), event = stats::rbinom(6000, 1, 0.5),
    arm = factor(sample(c("A", "B", "C"), 6000, TRUE))
  )
  fit <- hazard_ratio(Surv(time, event) ~ arm, many)
  lp <- c(0, stats::coef(fit))[many$arm]
  expect_identical(
    concordance_index(fit, many)$table$estimate,
    concordance_index(Surv(time, event) ~ lp, many)$table$estimate
  )
  fewer <- concordance_index(fit, many[-1, ])
  expect_identical(fewer$method, "Concordance, Harrell's C") # of new rows
  expect_identical(
    fewer$table$estimate,
    concordance_index(Surv(time, event) ~ lp[-1], many[-1, ])$table$estimate
  )
  by_id <- hazard_ratio(Surv(time, event) ~ x, d, id = cluster_id)
  expect_error(concordance_index(by_id, d), "give the same `id`",
    class = "oligosurv_error_data"
  )
  expect_silent(concordance_index(by_id, d, id = cluster_id))
  counts <- hazard_ratio(event_table(Surv(time, event) ~ arm, many), ~arm)
  expect_error(concordance_index(counts, many), "event table",
    class = "oligosurv_error_data"
  )
})

test_that("edges: no event, one row, constant and infinite scores, weight 0, no pairs", {
  d <- data.frame(time = 1:6, event = c(1, 0, 1, 1, 0, 1), x = c(3, 1, 2, 5, 4, 6))
  f <- Surv(time, event) ~ x
  value <- function(d, ...) concordance_index(f, d, ...)$table
  none <- value(transform(d, event = 0))
  expect_true(is.na(none$estimate) && is.na(none$std.error))
  expect_identical(none$concordant, 0)
  expect_true(is.na(value(d[1, ])$estimate))
  expect_true(is.na(value(d, tau = 0.5)$estimate))
  constant <- value(transform(d, x = 7))
  expect_identical(constant$estimate, 0.5)
  expect_identical(constant$std.error, 0)
  infinite <- transform(d, x = c(3, -Inf, 2, 5, 4, Inf))
  expect_identical(value(infinite), value(d))
  extra <- rbind(transform(d, w = 1), data.frame(time = 2, event = 1, x = 9, w = 0))
  expect_equal(value(extra, weights = w, weight_type = "sampling"), value(d),
    tolerance = 1e-15
  )
  expect_message(value(transform(d, x = replace(x, 2, NA))), "1 row")
  expect_identical(value(transform(d, time = 3))$tied.time, 6)
  printed <- capture.output(print(concordance_index(f, transform(d, event = 0))))
  expect_match(printed, "not defined", all = FALSE)
  # one case: an estimate without a standard error, also with two rows of one id
  one <- concordance_index(Surv(time, event) ~ x + I(-x), transform(d, event = time == 3))
  expect_equal(one$table$estimate, c(0, 1))
  expect_true(all(is.na(one$table$std.error), is.na(one$contrasts$p.value)))
  lone <- transform(d, event = as.integer(time %in% 3:4), who = c(1, 2, 3, 3, 4, 5))
  expect_true(is.na(value(lone, id = who)$std.error))
  expect_false(is.na(value(lone)$std.error))
  # scores in the same order have no difference and no p-value
  same <- concordance_index(Surv(time, event) ~ x + exp(x), d)$contrasts
  expect_identical(same$estimate, 0)
  expect_true(is.na(same$p.value))
})

test_that("errors name the argument", {
  d <- scored_rows(1)
  input <- function(code, pattern) {
    expect_error(code, pattern, class = "oligosurv_error_input")
  }
  input(concordance_index(Surv(time, event) ~ 1, d), "needs a score")
  input(concordance_index(Surv(time, event) ~ as.character(x), d), "one number per row")
  input(concordance_index(d), "must be a formula")
  input(concordance_index(Surv(time, event) ~ x * y, d), "arithmetic inside I")
  fit <- hazard_ratio(Surv(time, event) ~ x, d)
  input(brier_score(fit, times = 5), "must be the data frame")
  input(bootstrap_optimism(fit, d), "covariates")
  input(concordance_index(Surv(time, event) ~ x, d, metod = "uno"), "did you mean")
  input(concordance_index(Surv(time, event) ~ x, d, weights = w), "weight_type")
  input(concordance_index(Surv(time, status) ~ x, d, outcome = "relapse"), "among")
  expect_error(
    concordance_index(Surv(start, time, event) ~ x, d, method = "uno"), "delayed entry",
    class = "oligosurv_error_data"
  )
  expect_error(concordance_index(event_table(Surv(time, event) ~ 1, d)),
    "each row needs its own score",
    class = "oligosurv_error_input"
  )
})

test_that("plain limits are Wald's, within 0 and 1", {
  for (seed in 1:3) {
    d <- scored_rows(seed, 30)
    row <- tidy(concordance_index(Surv(time, event) ~ x, d, conf.type = "plain"))
    half <- stats::qnorm(0.975) * row$std.error
    expect_equal(row$conf.low, row$estimate - half, tolerance = 1e-14)
    expect_equal(row$conf.high, row$estimate + half, tolerance = 1e-14)
    expect_identical(row$conf.type, "plain")
  }
  # by hand: 5 of 6 pairs are concordant
  few <- data.frame(time = 1:4, event = 1, x = c(4, 3, 1, 2))
  row <- tidy(concordance_index(Surv(time, event) ~ x, few, conf.type = "plain"))
  expect_equal(row$estimate, 5 / 6, tolerance = 1e-15)
  expect_identical(row$conf.high, 1)
})

test_that("a fit from a landmark needs its predictions as a column", {
  d <- scored_rows(1)
  fit <- hazard_ratio(Surv(time, event) ~ x, d, landmark = min(d$time) / 2)
  error <- expect_error(concordance_index(fit, d), "was fitted with a landmark",
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "data")
  d$lp <- d$x * stats::coef(fit)
  expect_identical(
    tidy(concordance_index(Surv(time, event) ~ lp, d))$estimate,
    tidy(concordance_index(Surv(time, event) ~ I(sign(lp / x)[1] * x), d))$estimate
  )
})

test_that("a data frame whose columns differ in length is refused for a fit", {
  d <- data.frame(time = 1:12, event = rep(c(1, 0, 1), 4), x = rep(c(2, 5, 3, 7), 3))
  fit <- hazard_ratio(Surv(time, event) ~ x, d)
  for (odd in list(matrix(1:4, 2), numeric_version("1.2"))) {
    broken <- unclass(d)
    broken$time <- odd
    class(broken) <- "data.frame"
    expect_error(concordance_index(fit, broken), "column \"time\" of `data`",
      class = "oligosurv_error_input"
    )
  }
})

test_that("a fit of one of several outcomes has its own outcome", {
  d <- withr::with_seed(8, data.frame(
    time = stats::rexp(60), how = factor(sample(0:2, 60, TRUE)), x = stats::rnorm(60)
  ))
  for (model in c("cox", "fine-gray")) {
    fit <- hazard_ratio(Surv(time, how) ~ x, d, outcome = "2", model = model)
    expect_equal(tidy(concordance_index(fit, d)),
      tidy(concordance_index(fit, d, outcome = "2"))
    )
  }
})
