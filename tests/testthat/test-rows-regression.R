# Rows of hazard_ratio(): labels, references, missing values.

d <- withr::with_seed(22, data.frame(
  time = round(stats::rexp(60) * 20) + 1, event = stats::rbinom(60, 1, 0.7),
  arm = rep(c("A", "B"), 30), age = round(stats::rnorm(60, 65, 8))
))

test_that("blanks around labels do not count, an empty label is a missing value", {
  plain <- tidy(hazard_ratio(Surv(time, event) ~ arm, d[-(1:4), ]))
  odd <- d
  odd$arm[5:10] <- paste0(" ", odd$arm[5:10], "\t")
  odd$arm[1:4] <- c("", " ", "\t", NA)
  expect_message(
    expect_message(fit <- hazard_ratio(Surv(time, event) ~ arm, odd), "trailing white"),
    "4 rows with a missing .*rows 1, 2, 3 and 4"
  )
  expect_identical(tidy(fit), plain)
  odd$arm <- factor(odd$arm, c("B", "A", "B\u00a0", unique(odd$arm)[c(1:3, 5:6)]))
  suppressMessages(declared <- hazard_ratio(Surv(time, event) ~ arm, odd))
  expect_identical(tidy(declared)$reference, "B") # declared order, not alphabetical
  expect_equal(tidy(declared)$estimate, 1 / plain$estimate, tolerance = 1e-6)
  odd <- transform(d, arm = addNA(arm))
  expect_identical(
    tidy(hazard_ratio(Surv(time, event) ~ arm, odd))$level, "B"
  )
  odd$arm <- rep(c("A", "A "), 30)
  expect_error(suppressMessages(hazard_ratio(Surv(time, event) ~ arm, odd)),
    "only one level",
    class = "oligosurv_error_data"
  )
})

test_that("the reference is a level with rows that are analysed", {
  odd <- d
  odd$arm[1:20] <- "0 none"
  odd$time[1:20] <- NA
  fit <- tidy(suppressMessages(hazard_ratio(Surv(time, event) ~ arm, odd)))
  want <- tidy(hazard_ratio(Surv(time, event) ~ arm, d[-(1:20), ]))
  expect_identical(fit$reference, c("A", "A"))
  expect_identical(fit$level, c("B", "0 none"))
  expect_identical(fit$estimate, c(want$estimate, NA))
  expect_identical(fit$n, c(20, 0))
})

test_that("missing values of each covariate are counted, infinite ones are an error", {
  odd <- d
  odd$age[3] <- NaN
  odd$arm[7] <- NA
  expect_message(
    fit <- hazard_ratio(Surv(time, event) ~ arm + poly(age > 60, 1) * age, odd[-3, ]),
    "1 row with"
  )
  expect_message(
    fit <- hazard_ratio(Surv(time, event) ~ cbind(age, age^2) + arm, odd),
    "2 rows with a missing .*rows 3 and 7"
  )
  expect_identical(glance(fit)$n, 58L)
  odd$age[3] <- -Inf
  wrong <- expect_error(hazard_ratio(Surv(time, event) ~ age, odd), "`age`.*row 3",
    class = "oligosurv_error_domain"
  )
  expect_identical(wrong$where, 3L)
  wrong <- expect_error(
    hazard_ratio(Surv(time, event) ~ log(age - min(d$age)), d),
    class = "oligosurv_error_domain"
  )
  expect_identical(wrong$where, which(d$age == min(d$age)))
  odd$time[1:2] <- 1
  wrong <- expect_error(
    hazard_ratio(Surv(time, event) ~ age, odd, landmark = 1), "row 3",
    class = "oligosurv_error_domain"
  )
})

test_that("columns of other classes: an answer or a classed error", {
  odd <- d
  odd$labelled <- structure(rep(1:2, 30), labels = c(a = 1L, b = 2L),
    class = c("haven_labelled", "vctrs_vctr", "integer")
  )
  expect_identical(
    tidy(hazard_ratio(Surv(time, event) ~ labelled, odd))$estimate,
    tidy(hazard_ratio(Surv(time, event) ~ I(rep(1:2, 30)), odd))$estimate
  )
  odd$date <- as.Date("2020-01-01") + 1:60
  odd$list <- as.list(1:60)
  odd$surv <- survival::Surv(odd$time, odd$event)
  for (name in c("date", "list", "surv")) {
    expect_error(
      hazard_ratio(stats::reformulate(name, quote(Surv(time, event))), odd), name,
      class = "oligosurv_error_input"
    )
  }
  odd$latin <- rep(c("m\xe4nnlich", "w"), 30)
  Encoding(odd$latin) <- "UTF-8"
  expect_error(hazard_ratio(Surv(time, event) ~ latin, odd),
    class = "oligosurv_error_input"
  )
})

test_that("covariates of any size have the ratio of their unit", {
  one <- tidy(hazard_ratio(Surv(time, event) ~ age + arm, d), exponentiate = FALSE)
  for (unit in c(1e10, 1e-10)) {
    scaled <- hazard_ratio(Surv(time, event) ~ I(unit * age) + arm, d)
    scaled <- tidy(scaled, exponentiate = FALSE)
    expect_equal(scaled$std.error, one$std.error / c(unit, 1), tolerance = 1e-6)
    expect_equal(scaled$p.value, one$p.value, tolerance = 1e-6)
  }
})

test_that("a landmark leaves rows out before covariates are looked at", {
  late <- hazard_ratio(Surv(time, event) ~ arm * age, d, landmark = 5)
  cut <- d[d$time > 5, ]
  cut$time <- cut$time - 5
  expect_equal(tidy(late), tidy(hazard_ratio(Surv(time, event) ~ arm * age, cut)))
})

test_that("rows that are easy to read give the fit of the same rows read in full", {
  d <- withr::with_seed(44, data.frame(
    month = round(stats::rexp(60) * 9, 1) + 0.1, event = stats::rbinom(60, 1, 0.6),
    arm = sample(c("A", "B"), 60, TRUE), age = stats::rnorm(60)
  ))
  easy <- hazard_ratio(Surv(month, event) ~ arm + age, d)
  full <- hazard_ratio(Surv(month, event) ~ arm + age, d, censor = 0)
  expect_equal(tidy(easy), tidy(full), tolerance = 1e-14)
  expect_identical(residuals(easy), residuals(full))
  d$age[7] <- NA # rows to leave out are known after the covariates have been read
  expect_message(less <- hazard_ratio(Surv(month, event) ~ arm + age, d), "row 7")
  without <- hazard_ratio(Surv(month, event) ~ arm + age, d[-7, ])
  expect_identical(tidy(less), tidy(without))
})
