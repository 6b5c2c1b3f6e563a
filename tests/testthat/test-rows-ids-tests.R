# Tests of lesions in patients by id: the log-rank family, Gray's test and pairwise tests.

test_that("log-rank by id is the robust score test of coxph(cluster =)", {
  for (seed in seq(2, 60, 2)) {
    d <- random_lesions(seed)
    f <- Surv(time, event) ~ group
    if (seed %% 3 == 0) f <- Surv(time, event) ~ group + strata(stratum)
    got <- logrank_test(f, d, id = patient)
    want <- as.vector(survival::coxph(f, d, cluster = patient)$rscore)
    # F for n ids is the robust score test times (n - 1) / n, divided by its df; a group
    # with a single id is left out
    ids <- tapply(d$patient, d$group, function(id) length(unique(id)))
    if (is.na(got$reason) && all(ids > 1)) {
      n <- length(unique(d$patient))
      expect_identical(got$df2, n - 1L)
      expect_equal(got$statistic * got$df * n / (n - 1), want, tolerance = 1e-9)
    }
    plain <- logrank_test(f, d)
    expect_identical(got$groups, plain$groups)
    expect_identical(got$score, plain$score)
  }
  expect_match(
    got$method,
    "^Log-rank test, 2 strata, clustered by id .\\d+ rows in \\d+ ids., F.1, \\d+.$"
  )
})

# Gray's score with case weights, from its definition, to be differentiated numerically
weighted_gray_score <- function(d, w, of = "failure") {
  score <- 0
  for (s in unique(d$stratum)) {
    at <- d$stratum == s
    surv <- rep(1, nlevels(d$group))
    cif <- 0 * surv
    for (t in sort(unique(d$time[at & d$cause > 0]))) {
      total <- function(rows) {
        as.vector(tapply(w * (at & rows), d$group, sum, default = 0))
      }
      n <- total(d$time >= t)
      d1 <- total(d$time == t & d$status == of)
      any <- total(d$time == t & d$cause > 0)
      r <- ifelse(n > 0, n * (1 - cif) / surv, 0)
      if (sum(d1) > 0) score <- score + d1 - sum(d1) * r / sum(r)
      cif <- cif + ifelse(n > 0, surv * d1 / n, 0)
      surv <- ifelse(n > 0, surv * (n - any) / n, surv)
    }
  }
  score
}

test_that("Gray by id: the variance is that of the numerical derivative of the score", {
  for (seed in 1:12) {
    d <- random_lesions(seed)
    if (seed %% 3) d$stratum <- "x"
    f <- Surv(time, status) ~ group + strata(stratum)
    test <- gray_test(f, d, id = patient)
    step <- 1e-5
    derivative <- vapply(seq_len(nrow(d)), function(i) {
      up <- down <- rep(1, nrow(d))
      up[i] <- 1 + step
      down[i] <- 1 - step
      (weighted_gray_score(d, up) - weighted_gray_score(d, down)) / (2 * step)
    }, double(nlevels(d$group)))
    by_id <- rowsum(t(derivative), d$patient)
    expect_equal(test$variance$failure, crossprod(by_id),
      tolerance = 1e-7, ignore_attr = TRUE
    )
    expect_equal(unname(test$score$failure), rowSums(derivative), tolerance = 1e-7)
  }
})

test_that("Gray by id: close to leaving out one patient at a time", {
  d <- withr::with_seed(9, {
    n <- 400
    data.frame(
      time = stats::rexp(n), status = factor(sample(0:2, n, TRUE), 0:2),
      group = factor(rep(c("a", "b"), n / 2)), patient = rep(seq_len(n / 4), each = 4)
    )
  })
  score <- function(rows) gray_test(Surv(time, status) ~ group, rows)$score[["1"]][1]
  left_out <- vapply(unique(d$patient), function(p) score(d[d$patient != p, ]), 0)
  jackknife <- sum((score(d) - left_out)^2)
  robust <- gray_test(Surv(time, status) ~ group, d, id = patient)$variance[["1"]][1, 1]
  expect_equal(jackknife, robust, tolerance = 0.02)
})

test_that("every lesion of a patient doubled: the clustered tests do not move", {
  d <- random_lesions(8)
  twice <- rbind(d, d)
  single <- gray_test(Surv(time, status) ~ group, d, id = patient)
  double <- gray_test(Surv(time, status) ~ group, twice, id = patient)
  expect_equal(double$tests, single$tests, tolerance = 1e-12)
  single <- logrank_test(Surv(time, event) ~ group, d, id = patient)
  double <- logrank_test(Surv(time, event) ~ group, twice, id = patient)
  expect_equal(double$statistic, single$statistic, tolerance = 1e-12)
})

test_that("trend by id is the one contrast of score and variance", {
  d <- random_lesions(11)
  test <- logrank_test(Surv(time, event) ~ group, d, id = patient, trend = TRUE)
  c <- seq_along(levels(d$group))
  plain <- logrank_test(Surv(time, event) ~ group, d, id = patient)
  want <- sum(c * plain$score)^2 / drop(c %*% plain$variance %*% c)
  n <- length(unique(d$patient))
  expect_equal(test$statistic, want * (n - 1) / n, tolerance = 1e-10)
  expect_identical(test$df, 1L)
  expect_equal(test$p.value, 2 * stats::pt(-abs(test$z), n - 1), tolerance = 1e-12)
})

test_that("log-rank tests by id use the F distribution, and every display says so", {
  f <- Surv(time, event) ~ group
  d <- random_lesions(9) # three groups
  n <- length(unique(d$patient))
  for (weight in c("logrank", "gehan", "peto-peto")) {
    test <- logrank_test(f, d, weight, id = patient)
    t <- drop(test$score[-1] %*% solve(test$variance[-1, -1], test$score[-1]))
    expect_equal(test$statistic, t * (n - 1) / n / 2, tolerance = 1e-9)
    expect_equal(test$p.value, stats::pf(test$statistic, 2, n - 1, lower.tail = FALSE))
    expect_identical(c(test$df, test$df2), c(2L, n - 1L))
  }
  test <- logrank_test(f, d, id = patient)
  expect_identical(names(tidy(test)),
    c("statistic", "num.df", "den.df", "p.value", "method")
  )
  law <- sprintf("F(2, %d)", n - 1)
  expect_match(test$method, law, fixed = TRUE)
  line <- sprintf("F = %.4g, df = 2 and %d, p ", test$statistic, n - 1)
  expect_output(print(test), line, fixed = TRUE)
  table <- result_table(test)
  expect_identical(
    table$body[["F (df)"]][1], sprintf("%.2f (2, %d)", test$statistic, n - 1)
  )
  expect_match(table$notes[1], "P from the F distribution")
  expect_match(inline_text(test), law, fixed = TRUE)
  expect_identical(
    inline_text(test, pattern = "F({df}) = {statistic}"),
    sprintf("%s = %.2f", law, test$statistic)
  )
  expect_match(test_sentence(test), sprintf("F %.2f, 2 and %d df", test$statistic, n - 1))
  plain <- logrank_test(f, d)
  expect_null(plain$df2)
  expect_false("den.df" %in% names(tidy(plain)))
  expect_true("Chi-square (df)" %in% names(result_table(plain)$body))
})

test_that("Gray's test by id keeps the chi-square distribution", {
  d <- random_lesions(9)
  test <- gray_test(Surv(time, status) ~ group, d, id = patient)
  for (k in 1:2) {
    u <- test$score[[k]][-1]
    t <- drop(u %*% solve(test$variance[[k]][-1, -1], u))
    expect_equal(test$tests$statistic[k], t, tolerance = 1e-9)
  }
  expect_equal(
    test$tests$p.value, stats::pchisq(test$tests$statistic, 2, lower.tail = FALSE)
  )
  expect_null(test$tests$df2)
})

test_that("pairs by id count the ids of the pair", {
  d <- random_lesions(9)
  d$patient <- paste(d$group, d$patient) # no patient is in two groups
  pairs <- tidy(pairwise_test(Surv(time, event) ~ group, d, id = patient))
  for (i in 1:3) {
    part <- d[d$group %in% c(pairs$group1[i], pairs$group2[i]) |
      d$group %in% unlist(lapply(pairs[i, c("group1", "group2")], as.character)), ]
    part$group <- factor(part$group)
    alone <- logrank_test(Surv(time, event) ~ group, part, id = patient)
    expect_equal(pairs$p.value[i], alone$p.value, tolerance = 1e-12)
    expect_identical(pairs$den.df[i], length(unique(part$patient)) - 1L)
    expect_identical(pairs$method[i], alone$method)
  }
})

test_that("print adds the p of permutations of whole ids where a group has few", {
  d <- random_lesions(12)
  d$patient <- paste(d$group, d$patient)
  f <- Surv(time, event) ~ group
  test <- logrank_test(f, d, id = patient)
  shown <- small_sample_p(test)
  want <- with_fixed_seed(
    logrank_test(f, d, id = patient, method = "permutation")$p.value
  )
  expect_identical(shown$p.value, want)
  expect_output(print(test), sprintf("(permutation p = %.3f)", want), fixed = TRUE)
  expect_output(print(test), "fewer than 50 ids", fixed = TRUE, width = 200)
  expect_match(names(result_table(test)$body), "Permutation P", all = FALSE)
  gray <- gray_test(Surv(time, status) ~ group, d, id = patient)
  expect_identical(nrow(small_sample_p(gray)), 2L)
  # no permutation p-value: the test cannot be permuted, or it has enough ids
  torn <- transform(d, patient = rep_len(1:9, nrow(d)))
  expect_null(small_sample_p(logrank_test(f, torn, id = patient)))
  late <- logrank_test(Surv(time / 2, time, event) ~ group, d, id = patient)
  expect_null(small_sample_p(late))
  large <- withr::with_seed(1, data.frame(
    time = stats::rexp(300), event = 1, group = rep(c("a", "b"), each = 150), id = 1:150
  ))
  large$id <- paste(large$group, rep(1:75, 4))
  expect_null(small_sample_p(logrank_test(f, large, id = id)))
  expect_null(logrank_test(f, large, id = id)$rows)
})

# Score and variance conditional on the score of the groups with a single id
taken_out <- function(score, variance, out) {
  b <- variance[, out, drop = FALSE] %*% solve(variance[out, out])
  list(
    score = as.vector(score - b %*% score[out])[!out],
    variance = (variance - b %*% variance[out, , drop = FALSE])[!out, !out]
  )
}

test_that("a group with a single id is left out of a test of several, with a note", {
  d <- withr::with_seed(4, data.frame(
    time = stats::rexp(40), event = stats::rbinom(40, 1, 0.8), patient = rep(1:20, 2)
  ))
  d$status <- factor(ifelse(d$event == 0, 0, 1 + d$patient %% 2), 0:2)
  d$group <- factor(c("one", rep(c("x", "y", "z"), c(6, 6, 7)))[d$patient])
  test <- logrank_test(Surv(time, event) ~ group, d, id = patient)
  out <- levels(d$group) == "one"
  expect_identical(names(test$score)[out], "one")
  rest <- taken_out(test$score, test$variance, out)
  t <- drop(rest$score[-1] %*% solve(rest$variance[-1, -1], rest$score[-1]))
  expect_identical(c(test$df, test$df2), c(2L, 18L))
  expect_equal(test$statistic, t * 18 / 19 / 2, tolerance = 1e-9)
  expect_match(test$method, "one not compared (one id), F(2, 18)", fixed = TRUE)
  # coxph's robust score test is the sum of this and the square of that group's score
  peer <- survival::coxph(Surv(time, event) ~ group, d,
    cluster = patient, ties = "breslow", init = c(0, 0, 0),
    control = survival::coxph.control(iter.max = 0)
  )$rscore
  lone <- test$score[["one"]]^2 / test$variance["one", "one"]
  expect_equal(t + lone, drop(peer), tolerance = 1e-9)

  trend <- logrank_test(Surv(time, event) ~ group, d, id = patient, trend = c(9, 1, 2, 3))
  expect_equal(
    trend$statistic,
    18 / 19 * sum(1:3 * rest$score)^2 / drop(1:3 %*% rest$variance %*% 1:3),
    tolerance = 1e-9
  )
  expect_identical(trend$df2, 18L)

  gray <- gray_test(Surv(time, status) ~ group, d, id = patient)
  for (k in 1:2) {
    rest <- taken_out(gray$score[[k]], gray$variance[[k]], out)
    t <- drop(rest$score[-1] %*% solve(rest$variance[-1, -1], rest$score[-1]))
    expect_equal(gray$tests$statistic[k], t, tolerance = 1e-9)
    expect_identical(gray$tests$df[k], 2L)
  }
  expect_match(gray$method, "one not compared (one id)", fixed = TRUE)

  levels(d$group) <- c("one", "x", "y", "y")
  d$group <- as.character(d$group)
  d$group[d$patient == 7] <- "two" # the last of the six patients of x
  several <- logrank_test(Surv(time, event) ~ group, d, id = patient)
  rest <- taken_out(several$score, several$variance, c(TRUE, TRUE, FALSE, FALSE))
  expect_identical(names(several$score)[1:2], c("one", "two"))
  expect_equal(several$statistic, 17 / 18 * rest$score[1]^2 / rest$variance[1, 1],
    tolerance = 1e-9
  )
  expect_match(several$method, "one, two not compared", fixed = TRUE)
})

test_that("leaving out the group of a single id gives the test without its rows", {
  # Not exactly equal: the rows stay at risk. With many patients the effect is small.
  d <- withr::with_seed(3, data.frame(
    time = stats::rexp(900), event = 1, patient = rep(1:300, 3)
  ))
  d$group <- factor(c("one", rep(c("x", "y"), length.out = 299))[d$patient])
  all <- logrank_test(Surv(time, event) ~ group, d, id = patient)
  rest <- logrank_test(Surv(time, event) ~ group, droplevels(d[d$group != "one", ]),
    id = patient
  )
  expect_equal(all$p.value, rest$p.value, tolerance = 0.05)
  expect_identical(all$df2, rest$df2)
})

test_that("with two groups, one of a single id, the test is undefined with the reason", {
  d <- data.frame(
    time = 1:6, event = c(1, 0, 1, 1, 0, 1), group = rep(c("a", "b"), each = 3),
    patient = c(1, 1, 1, 2, 3, 4)
  )
  test <- logrank_test(Surv(time, event) ~ group, d, id = patient)
  expect_identical(test$statistic, NA_real_)
  expect_identical(test$p.value, NA_real_)
  expect_match(test$reason, "rows of a all belong to one id")
  expect_identical(c(test$df, test$df2), c(0L, NA))
  # the p-value is the proportion of assignments of whole ids
  expect_output(print(test), "one id.*permutation p = ")
  exact <- logrank_test(Surv(time, event) ~ group, d, id = patient, method = "exact")
  expect_match(exact$method, "exact over 4 assignments")
  expect_lt(abs(small_sample_p(test)$p.value - exact$p.value), 0.03)
  all <- logrank_test(Surv(time, event) ~ patient, d, id = patient)
  expect_match(all$reason, "rows of 2, 3, 4|rows of 1, 2, 3, 4")
  d$event <- 0
  test <- logrank_test(Surv(time, event) ~ group, d, id = patient)
  expect_identical(test$reason, "no events")
})
