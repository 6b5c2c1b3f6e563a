test_that("without competing events Gray's test with rho 0 is near the log-rank test", {
  time <- c(1:8, 3:12) + 0.25 * (0:17)
  group <- rep(1:2, c(8, 10))
  gray <- gray_test(Surv(time, rep(1, 18)) ~ group)
  logrank <- logrank_test(Surv(time, rep(1, 18)) ~ group)
  expect_equal(gray$tests$statistic, logrank$statistic, tolerance = 0.2)
  expect_equal(sum(gray$groups$observed), 18)
})

test_that("by hand: the score, where no one dies of the other cause before", {
  # at 1: one failure, group a 2 of 4; at 2: one failure, group a 1 of 3. All
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

test_that("left truncation and one group are refused by class", {
  late <- Surv(1:2, 2:3, c(1, 1)) ~ c("a", "b")
  expect_error(gray_test(late), class = "oligosurv_error_data")
  expect_error(gray_test(Surv(1:2, c(1, 1)) ~ 1), class = "oligosurv_error_data")
})
