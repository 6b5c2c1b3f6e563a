# Limits and p-values of restricted means and their contrasts.

# Limits of the difference in event-free time of two groups of four, by hand from beta
# shapes
by_hand <- function(tail, mid = TRUE) {
  p <- c(5, 4) / 6
  widen <- stats::qt(tail, 3) / stats::qnorm(tail)
  n <- p * (1 - p) / (c(3 / 4, 9 / 8) / 36 * widen^2)
  half <- function(x, i) {
    (stats::pbeta(x, n[i] * p[i], n[i] * (1 - p[i]) + 1) +
      stats::pbeta(x, n[i] * p[i] + 1, n[i] * (1 - p[i]))) / 2
  }
  limit <- function(i, share) {
    6 * stats::uniroot(function(x) half(x, i) - share, c(0, 1), tol = 1e-14)$root
  }
  low <- c(limit(1, tail), limit(2, tail))
  high <- c(limit(1, 1 - tail), limit(2, 1 - tail))
  -1 + c(
    -sqrt((4 - low[2])^2 + (high[1] - 5)^2), sqrt((high[2] - 4)^2 + (5 - low[1])^2)
  )
}

test_that("contrasts: MOVER of mid-p limits by default, and p by their inversion", {
  fit <- restricted_mean(Surv(month, death) ~ arm, arms, tau = 6)
  row <- fit$contrasts[1, ]
  expect_identical(fit$contrasts$conf.type, c("mover, mid-p", "mover, mid-p"))
  expect_identical(tidy(fit)$conf.type, c("beta", "beta"))
  expect_equal(c(row$conf.low, row$conf.high), by_hand(0.025), tolerance = 1e-8)
  p <- stats::uniroot(function(p) by_hand(p / 2)[2], c(0.2, 0.9), tol = 1e-12)$root
  expect_equal(row$p.value, p, tolerance = 1e-7)
  expect_equal(row$statistic, stats::qnorm(p / 2), tolerance = 1e-7)
  mid <- restricted_mean(Surv(month, death) ~ arm, arms, tau = 6, conf.type = "mid-p")
  expect_identical(mid$contrasts, fit$contrasts)
  expect_identical(tidy(mid)$conf.type, c("mid-p", "mid-p"))
  expect_true(all(tidy(mid)$conf.low > tidy(fit)$conf.low))
  expect_output(print(fit), "beta intervals, .*contrasts by MOVER \\(mid-p\\), p by inv")
})

test_that("p is below 1 - conf.level exactly where the interval leaves out 0, or 1", {
  found <- 0
  for (kind in c("ties", "continuous", "no event", "rare", "all events")) {
    d <- random_rows(kind, 6)
    d$id <- rep_len(seq_len(ceiling(nrow(d) * 0.6)), nrow(d))
    d$w <- rep_len(1:3, nrow(d))
    tau <- stats::quantile(d$time, 0.5, type = 1, names = FALSE)
    for (level in c(0.5, 0.9, 0.95, 0.99)) {
      for (type in list(NULL, "beta", "mid-p", "plain")) {
        mean_of <- function(f, ...) {
          restricted_mean(f, d, tau,
            conf.level = level, extend = TRUE, conf.type = type, ...
          )
        }
        for (fit in list(
          mean_of(Surv(time, event) ~ group), mean_of(Surv(time, status) ~ group),
          mean_of(Surv(time, status) ~ group, id = id),
          mean_of(Surv(time, event) ~ group, weights = w, weight_type = "sampling")
        )) {
          rows <- fit$contrasts[!is.na(fit$contrasts$conf.low), ]
          expect_false(anyNA(rows$p.value))
          null <- ifelse(rows$measure == "ratio", 1, 0)
          expect_identical(
            rows$p.value < 1 - level, rows$conf.low > null | rows$conf.high < null
          )
          found <- found + sum(rows$p.value < 1 - level)
        }
      }
    }
  }
  expect_gt(found, 50)
})

test_that("by id, with sampling weights and late entry contrasts have the beta limits", {
  d <- transform(arms, id = c(1, 1:7), w = 1, entry = c(0, 0, 0, 3, 0, 0, 0, 2))
  type <- function(...) unique(restricted_mean(..., tau = 6)$contrasts$conf.type)
  expect_identical(type(Surv(month, death) ~ arm, d), "mover, mid-p")
  expect_identical(type(Surv(month, death) ~ arm, d, id = id), "mover, beta")
  expect_identical(type(Surv(month, death) ~ arm, d, id = 1:8), "mover, mid-p")
  sampled <- type(Surv(month, death) ~ arm, d, weights = w, weight_type = "sampling")
  expect_identical(sampled, "mover, beta")
  expect_identical(type(Surv(entry, month, death) ~ arm, d), "mover, beta")
  # split follow-up is not delayed entry: limits and p equal those of unsplit rows
  split <- d[rep(1:8, each = 2), ]
  first <- rep(c(TRUE, FALSE), 8)
  split$from <- ifelse(first, 0, 0.5)
  split$month[first] <- 0.5
  split$death[first] <- 0
  got <- restricted_mean(Surv(from, month, death) ~ arm, split, tau = 6)
  want <- restricted_mean(Surv(month, death) ~ arm, d, tau = 6)
  expect_equal(got$contrasts, want$contrasts, tolerance = 1e-9)
  expect_equal(tidy(got), tidy(want), tolerance = 1e-9)
})

test_that("tau after a last time at which all at risk have the event", {
  # in B S is 0 from 7 on, so it is known up to tau; A ends with a censoring at 8
  fit <- restricted_mean(Surv(month, death) ~ arm, arms, tau = 8)
  expect_equal(tidy(fit)$estimate, c(5 + 2 * 3 / 8, 4.5), tolerance = 1e-15)
  dead <- data.frame(t = c(1, 2, 3, 4), e = 1, g = rep(c("a", "b"), each = 2))
  fit <- restricted_mean(Surv(t, e) ~ g, dead, tau = 10)
  expect_equal(tidy(fit)$estimate, c(1.5, 3.5), tolerance = 1e-15)
  extended <- restricted_mean(Surv(t, e) ~ g, dead, tau = 10, extend = TRUE)
  expect_identical(fit$contrasts, extended$contrasts)
  # competing risks: nobody is event-free after 4. Error: last event ties with a censoring
  cause <- factor(c(1, 2, 1, 2), 0:2)
  lost <- restricted_mean(Surv(1:4, cause) ~ 1, tau = 10)
  expect_equal(tidy(lost)$estimate, c((9 + 7) / 4, (8 + 6) / 4), tolerance = 1e-15)
  expect_error(
    restricted_mean(Surv(c(1, 2, 2), c(1, 1, 0)) ~ 1, tau = 5),
    class = "oligosurv_error_data"
  )
  # the risk set became empty early, others enter later: S stays 0
  expect_message(late <- restricted_mean(
    Surv(c(0, 3, 3), c(2, 5, 6), c(1, 1, 0)) ~ 1, tau = 9
  ), "falls to 0")
  expect_identical(tidy(late)$estimate, 2)
  by_id <- restricted_mean(Surv(t, e) ~ g, transform(dead, id = 1:4), tau = 10, id = id)
  expect_equal(tidy(by_id)$estimate, c(1.5, 3.5), tolerance = 1e-15)
})

test_that("beta limits: Clopper-Pearson on the effective number, MOVER for contrasts", {
  fit <- restricted_mean(Surv(month, death) ~ arm, arms, tau = 6)
  p <- c(5, 4) / 6
  widen <- stats::qt(0.975, 3) / stats::qnorm(0.975)
  n <- p * (1 - p) / (c(3 / 4, 9 / 8) / 36 * widen^2)
  rows <- tidy(fit)
  expect_identical(rows$conf.type, c("beta", "beta"))
  low <- 6 * stats::qbeta(0.025, n * p, n - n * p + 1)
  high <- 6 * stats::qbeta(0.975, n * p + 1, n - n * p)
  expect_equal(rows$conf.low, low, tolerance = 1e-12)
  expect_equal(rows$conf.high, high, tolerance = 1e-12)
  contrasts <- restricted_mean(
    Surv(month, death) ~ arm, arms, tau = 6, conf.type = "beta"
  )$contrasts
  expect_identical(contrasts$conf.type, c("mover, beta", "mover, beta"))
  expect_equal(contrasts$conf.low, c(
    -1 - sqrt((4 - low[2])^2 + (high[1] - 5)^2),
    0.8 * exp(-sqrt(log(4 / low[2])^2 + log(high[1] / 5)^2))
  ), tolerance = 1e-12)
  expect_equal(contrasts$conf.high, c(
    -1 + sqrt((high[2] - 4)^2 + (5 - low[1])^2),
    0.8 * exp(sqrt(log(high[2] / 4)^2 + log(5 / low[1])^2))
  ), tolerance = 1e-12)
  # the limits of the time lost are tau minus those of the mean
  lost <- transform(arms, cause = factor(death, 0:2, c("censored", "death", "never")))
  lost <- tidy(restricted_mean(Surv(month, cause) ~ arm, lost, tau = 6))
  expect_equal(6 - lost$conf.low[1:2], high, tolerance = 1e-12)
  wide <- tidy(restricted_mean(
    Surv(month, death) ~ arm, arms, tau = 6, conf.level = 0.99
  ))
  expect_true(all(wide$conf.low < low & wide$conf.high > high))
})

test_that("beta limits cover in groups of 9 where Wald's do not", {
  d <- withr::with_seed(2, {
    data.frame(fail = stats::rexp(9 * 400, 0.03), end = stats::runif(9 * 400, 6, 40))
  })
  d <- transform(d, time = pmin(fail, end), event = fail <= end)
  d$set <- factor(rep(1:400, each = 9))
  truth <- (1 - exp(-0.03 * 12)) / 0.03
  cover <- vapply(c("beta", "plain"), function(type) {
    rows <- tidy(restricted_mean(Surv(time, event) ~ set, d,
      tau = 12, extend = TRUE, conf.type = type
    ))
    mean(rows$conf.low <= truth & truth <= rows$conf.high)
  }, 0)
  expect_gt(cover[["beta"]], 0.94)
  expect_lt(cover[["plain"]], 0.91)
})

test_that("before the first time the mean is tau, with its exact limits", {
  early <- restricted_mean(Surv(month, death) ~ arm, arms, tau = 0.5)
  rows <- tidy(early)
  expect_identical(rows$estimate, c(0.5, 0.5))
  expect_identical(rows$std.error, c(0, 0))
  expect_equal(rows$conf.low, rep(0.5 * 0.025^(1 / 4), 2), tolerance = 1e-15)
  expect_identical(rows$conf.high, c(0.5, 0.5))
  expect_identical(rows$conf.type, c("exact", "exact"))
  difference <- early$contrasts[1, ]
  expect_equal(difference$conf.high, 0.5 * (1 - 0.025^(1 / 4)), tolerance = 1e-14)
  expect_identical(difference$p.value, 1) # the means are equal
  expect_identical(difference$conf.type, "mover, exact")
})

test_that("without events, or when all fail together, the limits are exact areas", {
  rows <- tidy(restricted_mean(Surv(c(2, 4, 4), c(0, 0, 0)) ~ 1))
  expect_identical(rows$estimate, 4)
  expect_equal(rows$conf.low, 2 * 0.025^(1 / 3) + 2 * 0.025^(1 / 2), tolerance = 1e-15)
  together <- restricted_mean(Surv(c(2, 2, 2), c(1, 1, 1)) ~ 1, tau = 5, extend = TRUE)
  together <- tidy(together)
  expect_identical(together$estimate, 2)
  expect_equal(together$conf.low, 2 * 0.025^(1 / 3), tolerance = 1e-15)
  expect_equal(together$conf.high, 2 + 3 * (1 - 0.025^(1 / 3)), tolerance = 1e-15)
  # no deaths: the time lost to death is 0. Failures are not losses to follow-up, so the
  # limit is that of 0 deaths in 3 subjects: at most 1 - 0.025^(1 / 3)
  status <- factor(c(1, 1, 0), 0:2, c("censored", "failure", "death"))
  lost <- tidy(restricted_mean(Surv(c(1, 2, 4), status) ~ 1))
  expect_identical(lost$conf.type, c("beta", "exact"))
  expect_identical(lost$estimate[2], 0)
  expect_equal(lost$conf.high[2], 4 * (1 - 0.025^(1 / 3)), tolerance = 1e-15)
  # 3 subjects are followed to 1, when one is censored, then 2
  status <- factor(c(0, 1, 1), 0:2, c("censored", "failure", "death"))
  lost <- tidy(restricted_mean(Surv(c(1, 2, 4), status) ~ 1))
  expect_equal(lost$conf.high[2], 4 - 0.025^(1 / 3) - 3 * 0.025^(1 / 2),
    tolerance = 1e-15
  )
  status <- factor(c(1, 1, 0), 0:2, c("censored", "failure", "death"))
  ratio <- restricted_mean(Surv(rep(1:3, 2), rep(status, 2)) ~ rep(c("a", "b"), each = 3))
  ratio <- ratio$contrasts[4, ]
  expect_identical(ratio$estimate, NA_real_)
  expect_match(ratio$reason, "the estimate is 0 in b and a")
})

test_that("a cause without an event has a lower limit of exactly 0", {
  d <- withr::with_seed(1, data.frame(
    set = factor(rep(1:100, each = 9)), time = stats::rexp(900), group = 1:2,
    status = factor(sample(c(0, 2), 900, TRUE), 0:2)
  ))
  expect_silent(fit <- restricted_mean(
    Surv(time, status) ~ group + strata(set), d, tau = 0.3, extend = TRUE
  ))
  rows <- tidy(fit)
  none <- rows$outcome == "1"
  expect_identical(rows$conf.low[none], rep(0, sum(none)))
  expect_true(all(rows$conf.high[none] > 0 & rows$conf.high[none] <= 0.3))
})
