# gray_test(): the score by hand, strata, left truncation.

test_that("without competing events Gray's test with rho 0 is near the log-rank test", {
  time <- c(1:8, 3:12) + 0.25 * (0:17)
  group <- rep(1:2, c(8, 10))
  gray <- gray_test(Surv(time, rep(1, 18)) ~ group)
  logrank <- logrank_test(Surv(time, rep(1, 18)) ~ group)
  expect_equal(gray$tests$statistic, logrank$statistic, tolerance = 0.2)
  expect_equal(sum(gray$groups$observed), 18)
})

test_that("by hand: the score, where no one dies of the other cause before", {
  # time 1: one failure, group a is 2 of 4; time 2: one failure, group a is 1 of 3.
  # S_j = 1 - F_j, so R_j = n_j and the score is that of the log-rank test.
  k <- factor(c(1, 0, 1, 0), 0:2, c("censored", "x", "y"))
  test <- gray_test(Surv(1:4, k) ~ c("a", "a", "b", "b"))
  expect_equal(test$score$x[["a"]], 1 - 2 / 4, tolerance = 1e-14)
})

test_that("scores sum to 0 over groups, variances too; results go by name", {
  withr::local_seed(8)
  time <- sample(15, 80, TRUE)
  k <- factor(sample(0:2, 80, TRUE), 0:2, c("censored", "x", "y"))
  g <- sample(c("a", "b", "c"), 80, TRUE)
  test <- gray_test(Surv(time, k) ~ g)
  for (cause in c("x", "y")) {
    expect_equal(sum(test$score[[cause]]), 0, tolerance = 1e-12)
    sums <- rowSums(test$variance[[cause]])
    expect_equal(sums, c(a = 0, b = 0, c = 0), tolerance = 1e-12)
  }
  expect_identical(as.character(test$tests$outcome), c("x", "y"))
  expect_identical(test$tests$df, c(2L, 2L))
  swapped <- gray_test(Surv(time, factor(k, c("censored", "y", "x"))) ~ g)
  expect_identical(rev(swapped$tests$statistic), test$tests$statistic)
})

test_that("left truncation: the formulas with those who have entered", {
  defined <- 0
  for (seed in 1:20) {
    d <- random_rows(if (seed %% 2) "ties" else "continuous", seed)
    late <- withr::with_seed(seed, sample(c(0, 0, 0, 0.3, 0.6), nrow(d), TRUE))
    d$entry <- d$time * late
    d$entry[d$time < stats::median(d$time)] <- 0
    got <- gray_test(Surv(entry, time, status) ~ group + strata(stratum), d)$tests
    if (anyNA(got$statistic)) next
    defined <- defined + 1
    for (of in 1:2) {
      want <- oracle_gray(d$time, d$cause, d$group, of, d$stratum, entry = d$entry)
      expect_equal(got$statistic[of], want$statistic, tolerance = 1e-8)
      expect_identical(got$df[of], want$df)
    }
    d$entry <- 0
    none <- gray_test(Surv(entry, time, status) ~ group, d)$tests
    # compares two kernels: two groups without delayed entry use a single sweep
    expect_equal(none, gray_test(Surv(time, status) ~ group, d)$tests, tolerance = 1e-13)
  }
  expect_gt(defined, 10)
})

test_that("left truncation after a curve has fallen to 0 leaves the test undefined", {
  d <- data.frame(
    entry = c(0, 2, 3, 0, 0, 0), exit = c(1, 5, 6, 2, 4, 7),
    s = factor(c(1, 0, 1, 1, 2, 0), 0:2), g = rep(c("a", "b"), each = 3)
  )
  test <- gray_test(Surv(entry, exit, s) ~ g, d)
  expect_identical(test$tests$p.value, c(NA_real_, NA_real_))
  expect_match(test$tests$reason, "of a falls to 0 at time 1, and others enter later")
  expect_error(gray_test(Surv(entry, exit, s) ~ g, d, method = "permutation"),
    class = "oligosurv_error_data"
  )
})

test_that("one group is refused by class", {
  expect_error(gray_test(Surv(1:2, c(1, 1)) ~ 1), class = "oligosurv_error_data")
})
