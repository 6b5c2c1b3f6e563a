# Optimism: apparent values, the algorithm written out, baseline risks, edges and errors.

model_data <- function(seed, n = 60) {
  withr::local_seed(seed)
  x <- stats::rnorm(n)
  time <- round(stats::rexp(n, exp(x) / 20), 1) + 0.1
  lost <- round(stats::runif(n, 5, 40), 1)
  cause <- ifelse(time <= lost, sample(1:2, n, TRUE), 0)
  data.frame(
    time = pmin(time, lost), event = as.integer(time <= lost), x = x,
    status = factor(cause, 0:2, c("no", "rec", "death")), y = stats::rnorm(n),
    arm = rep_len(c("A", "B", "C"), n), stratum = rep_len(c("s", "t"), n),
    cluster_id = rep_len(seq_len(n / 2), n)
  )
}

test_that("apparent values are those of the fit", {
  d <- model_data(1)
  f <- Surv(time, event) ~ x + y + arm + strata(stratum)
  withr::local_seed(1)
  got <- bootstrap_optimism(f, d, times = c(6, 12), n_resamples = 39)$table
  fit <- hazard_ratio(f, d)
  expect_equal(got$apparent[1], concordance_index(fit, d)$table$estimate,
    tolerance = 1e-12
  )
  expect_equal(got$apparent[2], 1, tolerance = 1e-8)
  # risks of survival's curves, with Efron's baseline hazard
  cox <- survival::coxph(f, d)
  risk <- vapply(c(6, 12), function(t) {
    1 - exp(-stats::predict(cox, transform(d, time = t), type = "expected"))
  }, double(60))
  brier <- brier_score(Surv(time, event) ~ risk, d, times = c(6, 12))$table$estimate
  d$risk <- risk
  brier <- brier_score(Surv(time, event) ~ risk + strata(stratum), d, times = c(6, 12))
  expect_equal(got$apparent[3:4], brier$table$estimate, tolerance = 1e-8)
  expect_equal(got$estimate, got$apparent - got$optimism, tolerance = 1e-15)
})

test_that("optimism is that of the algorithm written out, patients with all their rows", {
  d <- model_data(2)
  f <- Surv(time, event) ~ x + y
  withr::local_seed(9)
  got <- bootstrap_optimism(f, d, n_resamples = 39, id = cluster_id)
  withr::local_seed(9)
  in_time <- unique(d$cluster_id[order(d$time)])
  by_id <- split(seq_len(nrow(d)), match(d$cluster_id, in_time))
  change <- vapply(1:39, function(i) {
    drawn <- d[unlist(by_id[sample.int(30, replace = TRUE)]), ]
    fit <- survival::coxph(f, drawn, eps = 1e-11, iter.max = 50)
    c_of <- function(d) {
      d$lp <- stats::predict(fit, d, type = "lp")
      c(
        concordance_index(Surv(time, event) ~ lp, d)$table$estimate,
        unname(stats::coef(survival::coxph(Surv(time, event) ~ lp, d, eps = 1e-11)))
      )
    }
    c_of(drawn) - c_of(d)
  }, double(2))
  expect_equal(got$table$optimism, rowMeans(change), tolerance = 1e-7)
  withr::local_seed(9)
  again <- bootstrap_optimism(f, d, n_resamples = 39, id = cluster_id)
  expect_identical(again, got)
  expect_identical(glance(got)$n.id, 30L)
})

test_that("Fine-Gray and cause-specific models, groups without events, delayed entry", {
  d <- model_data(3)
  f <- Surv(time, status) ~ x + arm
  withr::local_seed(1)
  for (model in c("cox", "fine-gray")) {
    got <- bootstrap_optimism(f, d, model = model, outcome = "rec", n_resamples = 39)
    fit <- hazard_ratio(f, d, model = model, outcome = "rec")
    expect_equal(got$table$apparent[1],
      concordance_index(fit, d, outcome = "rec")$table$estimate, tolerance = 1e-12
    )
    expect_true(all(is.finite(got$table$estimate)))
  }
  d$event[d$arm == "C"] <- 0
  got <- bootstrap_optimism(Surv(time, event) ~ arm, d, n_resamples = 39)$table
  fit <- hazard_ratio(Surv(time, event) ~ arm, d) # by Firth's penalty
  expect_equal(got$apparent[1], concordance_index(fit, d)$table$estimate)
  expect_true(is.finite(got$estimate[1]))
  late <- transform(d, start = pmax(0, time - 8))
  got <- bootstrap_optimism(Surv(start, time, event) ~ x, late, n_resamples = 39)
  expect_true(all(is.finite(got$table$estimate)))
  expect_error(
    bootstrap_optimism(Surv(start, time, event) ~ x, late, times = 5), "delayed entry",
    class = "oligosurv_error_data"
  )
})

test_that("edges and errors", {
  d <- model_data(4)
  f <- Surv(time, event) ~ x
  withr::local_seed(1)
  none <- bootstrap_optimism(f, transform(d, event = 0), n_resamples = 39)
  expect_true(all(is.na(none$table$estimate)))
  expect_no_error(printed(print(none)))
  few <- function() bootstrap_optimism(f, d, n_resamples = 10)
  expect_error(few(), class = "oligosurv_error_input")
  expect_error(bootstrap_optimism(event_table(f, d)), class = "oligosurv_error_input")
  expect_error(
    bootstrap_optimism(Surv(time, status) ~ x, d, n_resamples = 39), "must be one of",
    class = "oligosurv_error_input"
  )
  expect_error(
    bootstrap_optimism(Surv(time, status) ~ x, d, times = 5, outcome = "rec"),
    "competing risks", class = "oligosurv_error_data"
  )
  expect_error(bootstrap_optimism(f, d, model = "fine-gray"), "needs competing risks",
    class = "oligosurv_error_data"
  )
  # useless covariates: the corrected slope is far below 1
  d[paste0("z", 1:6)] <- matrix(stats::rnorm(360), 60)
  got <- bootstrap_optimism(Surv(time, event) ~ y + z1 + z2 + z3 + z4 + z5 + z6, d,
    n_resamples = 99
  )$table
  expect_lt(got$estimate[2], 0.6)
  expect_gt(got$optimism[1], 0.05)
})
