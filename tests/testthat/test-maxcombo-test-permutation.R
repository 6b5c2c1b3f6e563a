# Exact and permutation p-values of the MaxCombo test, against all assignments.

# Score of the second group under each weight, by the formula
weighted_scores <- function(time, event, second, weights = powers) {
  surv <- 1
  out <- numeric(length(weights))
  for (t in sort(unique(time[event > 0]))) {
    at <- time >= t
    dead <- time == t & event > 0
    w <- vapply(weights, function(p) surv^p[1] * (1 - surv)^p[2], 0)
    out <- out + w * (sum(second[dead]) - sum(dead) * mean(second[at]))
    surv <- surv * (1 - sum(dead) / sum(at))
  }
  out
}

# Scores of all assignments, one per column; combn() lists the members of the second group
scores_of_all <- function(time, event, m, weights = powers) {
  utils::combn(length(time), m, function(set) {
    weighted_scores(time, event, seq_along(time) %in% set, weights)
  })
}

# p of the largest |U_a| / sd_a and of each; sd is over all assignments
enumerated <- function(all, observed) {
  error <- sqrt(rowMeans(all^2))
  used <- error > 1e-12
  z <- abs(all[used, , drop = FALSE]) / error[used]
  z_0 <- abs(observed[used]) / error[used]
  list(
    statistic = max(z_0), p = mean(apply(z, 2, max) >= max(z_0) - 1e-9),
    each = rowMeans(z >= z_0 - 1e-9), z = observed / error
  )
}

test_that("exact p: every assignment enumerated, with ties and unequal groups too", {
  for (d in small_sets) {
    got <- maxcombo_test(Surv(time, event) ~ group, d, method = "exact")
    all <- scores_of_all(d$time, d$event, sum(d$group == 2))
    want <- enumerated(all, weighted_scores(d$time, d$event, d$group == 2))
    expect_equal(got$statistic, want$statistic, tolerance = 1e-12)
    expect_equal(got$components$z, want$z, tolerance = 1e-12)
    expect_equal(got$p.value, want$p, tolerance = 1e-14)
    expect_equal(got$components$p.value, want$each, tolerance = 1e-14)
    correlation <- stats::cov2cor(all %*% t(all))
    expect_equal(unname(got$correlation), correlation, tolerance = 1e-12)
    expect_identical(got$p.std.error, 0)
    expect_match(got$method, sprintf("exact over %d assignments$", ncol(all)))
    turned <- maxcombo_test(Surv(time, event) ~ I(-group), d, method = "exact")
    expect_equal(turned$p.value, got$p.value, tolerance = 1e-14)
  }
})

test_that("exact p of other weights, more than four of them linearly independent", {
  d <- data.frame(time = 1:12, event = rep(c(1, 1, 1, 0), 3), group = rep(1:2, 6))
  weights <- lapply(0:5, function(i) c(0, i^2 / 2))
  got <- maxcombo_test(Surv(time, event) ~ group, d, powers = weights, method = "exact")
  all <- scores_of_all(d$time, d$event, 6, weights)
  want <- enumerated(all, weighted_scores(d$time, d$event, d$group == 2, weights))
  expect_equal(got$p.value, want$p, tolerance = 1e-14)
  expect_identical(got$df, qr(stats::cov2cor(all %*% t(all)), tol = 1e-9)$rank)
  expect_gt(got$df, 4L)
  expect_error(maxcombo_test(Surv(time, event) ~ group, d, powers = weights),
    "permutation", class = "oligosurv_error_input"
  )
})

test_that("exact p with strata: assignments within each", {
  a <- small_sets$untied
  b <- data.frame(
    time = c(2, 4, 4, 7, 8), event = c(1, 1, 0, 1, 1), group = c(2, 1, 1, 2, 1)
  )
  d <- rbind(cbind(a, s = 1), cbind(b, s = 2))
  got <- maxcombo_test(Surv(time, event) ~ group + strata(s), d, method = "exact")
  first <- scores_of_all(a$time, a$event, 4)
  second <- scores_of_all(b$time, b$event, 2)
  pairs <- expand.grid(seq_len(ncol(first)), seq_len(ncol(second)))
  all <- first[, pairs[[1]]] + second[, pairs[[2]]]
  observed <- weighted_scores(a$time, a$event, a$group == 2) +
    weighted_scores(b$time, b$event, b$group == 2)
  want <- enumerated(all, observed)
  expect_equal(got$p.value, want$p, tolerance = 1e-14)
  expect_equal(got$statistic, want$statistic, tolerance = 1e-12)
  expect_match(got$method, "2 strata, exact over 700 assignments", fixed = TRUE)
})

test_that("exact p by id: whole ids change groups", {
  d <- data.frame(
    time = c(1, 2, 2, 3, 4, 5, 6, 6, 7, 9, 10),
    event = c(1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1),
    id = c(1, 1, 2, 3, 3, 4, 5, 5, 5, 6, 7)
  )
  d$group <- ifelse(d$id %in% c(2, 5, 7), "b", "a")
  got <- maxcombo_test(Surv(time, event) ~ group, d, method = "exact", id = id)
  scores <- function(ids) weighted_scores(d$time, d$event, d$id %in% ids)
  want <- enumerated(utils::combn(7, 3, scores), scores(c(2, 5, 7)))
  expect_equal(got$p.value, want$p, tolerance = 1e-14)
  expect_equal(got$statistic, want$statistic, tolerance = 1e-12)
  expect_null(got$df2)
  d$group[1] <- "b"
  expect_error(maxcombo_test(Surv(time, event) ~ group, d, method = "exact", id = id),
    "more than one group", class = "oligosurv_error_data"
  )
})

test_that("permutation p is near the exact one; one weight is the log-rank test", {
  f <- Surv(time, event) ~ group
  for (d in small_sets) {
    exact <- maxcombo_test(f, d, method = "exact")
    withr::local_seed(12)
    drawn <- maxcombo_test(f, d, method = "permutation", n_permutations = 20000)
    expect_lt(abs(drawn$p.value - exact$p.value), 4 * drawn$p.std.error)
    expect_true(all(abs(drawn$components$p.value - exact$components$p.value) < 0.02))
    expect_identical(drawn$statistic, exact$statistic)
    p <- drawn$p.value
    expect_equal(drawn$p.std.error, sqrt(p * (1 - p) / 20001), tolerance = 1e-12)
    withr::local_seed(12)
    again <- maxcombo_test(f, d, method = "permutation", n_permutations = 20000)
    expect_identical(glance(again), glance(drawn))
  }
  d <- two_group_rows("ties", 5)
  for (p in powers) {
    withr::local_seed(3)
    one <- maxcombo_test(f, d, list(p), method = "permutation", n_permutations = 999)
    withr::local_seed(3)
    alone <- logrank_test(f, d, "fleming-harrington", p[1], p[2], "permutation", 999)
    expect_identical(one$p.value, alone$p.value)
    expect_equal(one$statistic^2, alone$statistic, tolerance = 1e-12)
  }
  withr::local_seed(4)
  counted <- maxcombo_test(event_table(f, d), method = "permutation")
  withr::local_seed(4)
  expect_identical(
    counted$p.value, maxcombo_test(f, d, method = "permutation")$p.value
  )
})

test_that("permutations: errors by class", {
  f <- Surv(time, event) ~ group
  many <- data.frame(time = 1:40, event = 1, group = rep(1:2, 20))
  error <- expect_error(maxcombo_test(f, many, method = "exact"),
    "137,846,528,820.*permutation", class = "oligosurv_error_data"
  )
  expect_equal(error$n_assignments, choose(40, 20))
  expect_error(maxcombo_test(f, many, method = "bootstrap"), "method",
    class = "oligosurv_error_input"
  )
  expect_error(maxcombo_test(f, many, method = "permutation", n_permutations = 0),
    "n_permutations", class = "oligosurv_error_input"
  )
  expect_error(
    maxcombo_test(Surv(time - 1, time, event) ~ group, many, method = "permutation"),
    "left truncation", class = "oligosurv_error_data"
  )
  for (method in c("permutation", "exact")) {
    none <- maxcombo_test(Surv(1:4, rep(0, 4)) ~ c(1, 1, 2, 2), method = method)
    expect_identical(c(none$statistic, none$p.value, none$p.std.error), rep(NA_real_, 3))
    expect_identical(none$reason, "no events")
    lone <- maxcombo_test(Surv(1:4, rep(1, 4)) ~ c(1, 1, 2, 2),
      id = c(1, 1, 2, 3), method = method
    )
    expect_false(is.na(lone$p.value))
  }
})
