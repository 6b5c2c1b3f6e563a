# Permutation and exact p-values, and tests of trend.

test_that("permutation p is the exact one within its standard error", {
  for (formula in list(
    Surv(time, event) ~ two, Surv(time, event) ~ three + strata(stratum)
  )) {
    exact <- logrank_test(formula, tiny, method = "exact")
    withr::local_seed(20)
    drawn <- logrank_test(formula, tiny, method = "permutation", n_permutations = 20000)
    expect_lt(abs(drawn$p.value - exact$p.value), 4 * drawn$p.std.error)
    expect_identical(drawn$statistic, exact$statistic)
    p <- drawn$p.value
    expect_equal(drawn$p.std.error, sqrt(p * (1 - p) / 20001), tolerance = 1e-12)
    expect_equal(p * 20001, round(p * 20001), tolerance = 1e-10)
  }
  exact <- gray_test(Surv(time, status) ~ three, tiny, method = "exact")$tests
  withr::local_seed(20)
  drawn <- gray_test(Surv(time, status) ~ three, tiny,
    method = "permutation", n_permutations = 20000
  )$tests
  expect_true(all(abs(drawn$p.value - exact$p.value) < 4 * drawn$p.std.error))
})

test_that("`id`: one row an id changes nothing, repeated ids move together", {
  run <- function(...) {
    withr::local_seed(8)
    gray_test(Surv(time, status) ~ two + strata(stratum), tiny,
      method = "permutation", n_permutations = 300, ...
    )
  }
  expect_identical(run(id = 1:9)$tests, run()$tests)
  d <- transform(tiny, id = c(1, 2, 3, 1, 3, 4, 5, 4, 6))
  got <- logrank_test(Surv(time, event) ~ two, d, id = id, method = "exact")
  score <- tapply(oracle_scores(d$time, d$event), d$id, sum)
  u <- apply(utils::combn(6, 3), 2, function(a) abs(sum(score[a])))
  expect_equal(got$p.value, mean(u >= abs(sum(score[c(1, 2, 5)])) - 1e-12))
  expect_match(got$method, "exact over 20 assignments")
  expect_error(
    logrank_test(Surv(time, event) ~ three, d, id = id, method = "permutation"),
    "more than one", class = "oligosurv_error_data"
  )
})

test_that("set.seed() reproduces a permutation p; the generator moves on", {
  run <- function() {
    logrank_test(Surv(time, event) ~ two, tiny, method = "permutation",
      n_permutations = 500
    )$p.value
  }
  withr::local_seed(5)
  first <- c(run(), run())
  withr::local_seed(5)
  expect_identical(c(run(), run()), first)
  withr::local_seed(5)
  run()
  after <- stats::runif(1)
  withr::local_seed(5)
  expect_false(after == stats::runif(1))
})

test_that("labels are permuted as documented in C, however the work is divided", {
  table <- event_table(Surv(time, event) ~ two, tiny)
  rows <- subject_rows(table)
  withr::local_seed(9)
  got <- logrank_test(table, method = "permutation", n_permutations = 300)
  withr::local_seed(9)
  in_order <- oracle_scores(rows$time, rows$status)
  largest <- which.max(tabulate(rows$label + 1L)) - 1L
  pool <- c(rows$label[rows$label != largest], rows$label[rows$label == largest])
  u <- replicate(300, {
    x <- pool
    for (i in sum(rows$label != largest):1) {
      pick <- i + floor(stats::runif(1) * (9 - i + 1))
      x[c(i, pick)] <- x[c(pick, i)]
    }
    sum(in_order[x == 0])
  })
  observed <- abs(sum(in_order[rows$label == 0]))
  expect_equal(got$p.value, (1 + sum(abs(u) >= observed * (1 - 1e-9))) / 301)

  d <- withr::with_seed(1, data.frame(
    time = stats::rexp(3000), event = 1, group = rep(1:2, 1500)
  ))
  test <- logrank_test(Surv(time, event) ~ group, d)
  seen <- numeric()
  draw <- function(times) {
    .Call(C_permute, subject_rows(test$table), 2L, test$spec, times, FALSE,
      function(done) seen <<- c(seen, done, stats::runif(0))
    )$at_least
  }
  withr::local_seed(4)
  whole <- draw(2000)
  expect_identical(seen, c(699, 1398))
  withr::local_seed(4)
  expect_identical(draw(1000) + draw(1) + draw(999), whole)
})

test_that("printing a small asymptotic test adds a permutation p and keeps the seed", {
  test <- logrank_test(Surv(time, event) ~ two, tiny)
  withr::local_seed(3)
  want <- stats::runif(2)
  withr::local_seed(3)
  out <- capture.output(print(test))
  expect_identical(stats::runif(2), want)
  exact <- logrank_test(Surv(time, event) ~ two, tiny, method = "exact")
  shown <- small_sample_p(test)
  expect_lt(abs(shown$p.value - exact$p.value), 4 * shown$p.std.error)
  expect_match(out, sprintf("permutation p = %.3f", shown$p.value), all = FALSE)
  expect_match(out, "9999 permutations with a fixed seed", all = FALSE)

  old <- RNGkind()
  withr::defer(do.call(RNGkind, as.list(old)))
  RNGkind("Wichmann-Hill", "Box-Muller", "Rounding") |> suppressWarnings()
  withr::local_seed(3)
  want <- stats::runif(2)
  withr::local_seed(3)
  expect_identical(small_sample_p(test), shown)
  expect_identical(stats::runif(2), want)

  home <- globalenv()
  seed <- home$.Random.seed
  withr::defer(home$.Random.seed <- seed)
  rm(".Random.seed", envir = home)
  expect_identical(small_sample_p(test), shown)
  expect_false(exists(".Random.seed", home, inherits = FALSE))
  expect_identical(RNGkind()[1], "Wichmann-Hill")
})

test_that("large, permuted and undefined tests print no second p", {
  large <- logrank_test(
    Surv(rep(1:60, 2), rep(1, 120)) ~ rep(c("a", "b"), each = 60)
  )
  expect_null(small_sample_p(large))
  expect_null(small_sample_p(
    logrank_test(Surv(time, event) ~ two, tiny, method = "exact")
  ))
  expect_null(small_sample_p(logrank_test(Surv(time, 0 * event) ~ two, tiny)))
  expect_output(print(logrank_test(Surv(time, 0 * event) ~ two, tiny)), "no events")
})

test_that("edges: no events, all tied, one subject per group, an empty group", {
  for (method in c("permutation", "exact")) {
    none <- logrank_test(Surv(time, 0 * event) ~ two, tiny, method = method)
    expect_identical(c(none$statistic, none$p.value, none$p.std.error), rep(NA_real_, 3))
    expect_identical(none$reason, "no events")
    tied <- logrank_test(Surv(rep(1, 9), rep(1, 9)) ~ two, tiny, method = method)
    expect_identical(tied$p.value, NA_real_)
    lone <- logrank_test(Surv(1:2, c(1, 0)) ~ c("a", "b"), method = method)
    expect_equal(lone$p.value, 1)
    empty <- logrank_test(
      Surv(1:4, c(1, 1, 0, 1)) ~ factor(c("a", "b", "a", "b"), c("a", "b", "c")),
      method = method
    )
    expect_identical(empty$df, 1L)
    expect_false(is.na(empty$p.value))
    gray <- gray_test(Surv(time, status) ~ two, transform(tiny, status = status[3]),
      method = method
    )
    expect_identical(gray$tests$p.value, c(NA_real_, NA_real_))
  }
})

test_that("errors by class", {
  expect_error(
    logrank_test(Surv(time, event) ~ two, tiny, method = "bootstrap"), "method",
    class = "oligosurv_error_input"
  )
  for (n in list(0, 1.5, NA, "9")) {
    expect_error(
      logrank_test(Surv(time, event) ~ two, tiny, n_permutations = n), "n_permutations",
      class = "oligosurv_error_input"
    )
  }
  many <- data.frame(time = 1:40, event = 1, group = rep(1:2, 20))
  error <- expect_error(
    logrank_test(Surv(time, event) ~ group, many, method = "exact"), "137,846,528,820",
    class = "oligosurv_error_data"
  )
  expect_equal(error$n_assignments, choose(40, 20))
  expect_error(
    logrank_test(Surv(time - 1, time, event) ~ group, many, method = "permutation"),
    "left truncation", class = "oligosurv_error_data"
  )
})

test_that("trend: signed root, invariance of the scores, errors", {
  plain <- logrank_test(Surv(time, event) ~ three, tiny)
  got <- logrank_test(Surv(time, event) ~ three, tiny, trend = c(1, 2, 5))
  c <- c(1, 2, 5)
  z <- sum(c * plain$score) / sqrt(drop(c %*% plain$variance %*% c))
  expect_equal(got$z, z, tolerance = 1e-13)
  expect_equal(got$statistic, z^2, tolerance = 1e-13)
  expect_identical(got$df, 1L)
  expect_equal(got$p.value, 2 * stats::pnorm(-abs(z)), tolerance = 1e-12)
  moved <- logrank_test(Surv(time, event) ~ three, tiny, trend = 7 - 3 * c)
  expect_equal(moved$z, -z, tolerance = 1e-13)
  expect_identical(
    logrank_test(Surv(time, event) ~ three, tiny, trend = TRUE)$z,
    logrank_test(Surv(time, event) ~ three, tiny, trend = 1:3)$z
  )
  two <- logrank_test(Surv(time, event) ~ two, tiny)
  expect_equal(
    logrank_test(Surv(time, event) ~ two, tiny, trend = TRUE)$statistic, two$statistic,
    tolerance = 1e-13
  )
  expect_true("z" %in% names(glance(got)))

  gray <- gray_test(Surv(time, status) ~ three, tiny)
  along <- gray_test(Surv(time, status) ~ three, tiny, trend = c)
  for (k in 1:2) {
    expect_equal(
      along$tests$statistic[k],
      sum(c * gray$score[[k]])^2 / drop(c %*% gray$variance[[k]] %*% c),
      tolerance = 1e-12
    )
  }
  for (trend in list(1:2, c(1, 1, 1), "up", c(1, NA, 3))) {
    expect_error(logrank_test(Surv(time, event) ~ three, tiny, trend = trend), "trend",
      class = "oligosurv_error"
    )
  }
})
