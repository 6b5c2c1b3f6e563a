# hazard_ratio() on random sets of rows of every kind, and at the ends of what a
# likelihood determines. bench/regression-sets.R compares many more sets.

test_that("Cox models of random sets are those of coxph()", {
  found <- lapply(1:70, cox_gaps)
  compared <- Filter(is.numeric, found)
  expect_gt(length(compared), 35)
  largest <- function(what) max(vapply(compared, function(x) x[what], 0), na.rm = TRUE)
  expect_lt(largest("beta"), 1e-8)
  expect_lt(largest("var"), 1e-7)
  expect_lt(largest("loglik"), 1e-10)
  expect_lt(largest("ph"), 1e-5)
})

test_that("Fine-Gray models of random sets are those of crr(), else of finegray()", {
  skip_if_not_installed("cmprsk")
  found <- Filter(is.numeric, lapply(1:80, fine_gray_gaps))
  by_crr <- vapply(found, function(x) x["crr"] == 1, NA)
  expect_gt(sum(by_crr), 3)
  expect_gt(sum(!by_crr), 25)
  for (gap in found) {
    expect_lt(gap["beta"], if (gap["crr"] == 1) 1e-6 else 1e-8)
    expect_lt(gap["var"], if (gap["crr"] == 1) 1e-5 else 1e-7)
  }
})

test_that("ids are counted among the rows with a weight", {
  withr::local_seed(4)
  d <- data.frame(
    time = stats::rexp(60), event = 1, x = stats::rnorm(60), id = rep(1:20, each = 3)
  )
  d$n <- ifelse(d$id <= 5, 0, 2)
  fit <- function(d, ...) hazard_ratio(Surv(time, event) ~ x, d, id = id, ...)
  weighted <- fit(d, weights = n, weight_type = "frequency")
  repeated <- d[rep(seq_len(60), d$n), ]
  expect_identical(glance(weighted)$n.id, 15L)
  expect_equal(tidy(weighted), tidy(fit(repeated)), tolerance = 1e-9)
})

test_that("next to ratios of 0 or Inf, what no event determines is not estimated", {
  # events only in b: c against a, without events in either, may be anything
  d <- data.frame(
    t = 1:8, w = c(1, 2, 1, 2, 3, 1, 2, 1),
    e = factor(c(0, 1, 0, 1, 0, 2, 1, 0), 0:2, c("no", "failed", "died")),
    g = factor(c("a", "b", "c", "b", "a", "c", "b", "a"))
  )
  for (model in c("cox", "fine-gray")) {
    fit <- quietly(suppressWarnings(hazard_ratio(Surv(t, e) ~ g, d, model, "failed",
      weights = w, weight_type = "sampling", firth = FALSE
    )))
    expect_identical(tidy(fit)$estimate, c(Inf, NA))
    expect_identical(tidy(fit)$p.value, c(NA_real_, NA_real_))
    expect_output(print(fit), "g: c against a \\(next to ratios of 0 or Inf any value")
  }
  penalised <- tidy(hazard_ratio(Surv(t, e) ~ g, d, "cox", "failed"))
  expect_true(all(is.finite(penalised$estimate)))
})

test_that("columns that nearly depend on each other have a maximum", {
  d <- regression_set(1466)
  expect_no_warning(fit <- hazard_ratio(Surv(time, status == 1) ~ x * b, d,
    ties = "breslow", firth = FALSE
  ))
  peer <- survival::coxph(Surv(time, status == 1) ~ x * b, d,
    ties = "breslow", control = survival::coxph.control(1e-11, toler.chol = 1e-13)
  )
  expect_equal(unname(coef(fit)), unname(coef(peer)), tolerance = 1e-9)
})

# With r the hazard ratio of x, b and e as likely as r, and a and d as 1, the factors are
# r / (2 + 2 r) and 1 / (2 + r), so that r^2 = 2. The last row, e^o times as likely to
# fail, enters after both events.
test_that("by hand: rows that enter later do not blur the risk sets before them", {
  d <- data.frame(
    start = c(0, 0, 0, 0, 2), stop = c(2, 1, 3, 3, 4), event = c(1, 1, 0, 0, 0),
    x = c(0, 1, 0, 1, 0)
  )
  for (o in c(0, 30, 100, 300, 5000)) {
    d$o <- c(0, 0, 0, 0, o)
    fit <- hazard_ratio(Surv(start, stop, event) ~ x + offset(o), d)
    expect_equal(tidy(fit)$estimate, sqrt(2), tolerance = 1e-9)
  }
  # 1 / information: the sum of r / (1 + r)^2 and 2 r / (2 + r)^2
  r <- sqrt(2)
  expect_equal(drop(vcov(fit)), 1 / (r / (1 + r)^2 + 2 * r / (2 + r)^2),
    tolerance = 1e-9, ignore_attr = TRUE
  )
})

test_that("with offsets far apart the maximum is that of the definition", {
  for (seed in c(8, 32, 40, 90)) {
    d <- regression_set(seed, offset = 30)
    fit <- hazard_ratio(Surv(entry, time, status == 1) ~ x + b + offset(o), d)
    rows <- data.frame(start = d$entry, stop = d$time, event = d$status == 1, stratum = 1,
      weight = 1, offset = d$o
    )
    x <- cbind(d$x - mean(d$x), d$b)
    at <- partial_likelihood(rows, x, coef(fit), "efron")
    expect_lt(sum(at$score * solve(at$information, at$score)), 1e-18)
    expect_equal(unname(vcov(fit)), solve(at$information),
      tolerance = 1e-6, ignore_attr = TRUE
    )
  }
})

test_that("Fine-Gray: what rounding leaves of a risk set is never a maximum of Inf", {
  for (seed in c(95, 181, 239, 265)) {
    gap <- fine_gray_gaps(seed)
    expect_true(is.character(gap) || gap["beta"] < 1e-6)
  }
})
