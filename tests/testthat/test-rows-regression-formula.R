# Formulas of hazard_ratio(): `.`, ids, strata, unsupported terms.

cohort <- function(n = 60) {
  withr::with_seed(21, data.frame(
    time = round(stats::rexp(n) * 20) + 1, event = stats::rbinom(n, 1, 0.7),
    arm = rep(c("A", "B"), n / 2), sex = rep(c("f", "m", "m"), n / 3),
    age = round(stats::rnorm(n, 65, 8)), site = rep(1:3, each = n / 3),
    id = rep(seq_len(n / 2), each = 2)
  ))
}
d <- cohort()
ratios <- function(...) log(tidy(hazard_ratio(...))$estimate)
peer <- function(...) unname(stats::coef(survival::coxph(...)))

test_that("`.` is all columns that are not time and status, as in coxph()", {
  few <- d[c("time", "event", "arm", "sex", "age")]
  expect_equal(ratios(Surv(time, event) ~ ., few), peer(Surv(time, event) ~ ., few),
    tolerance = 1e-6
  )
  expect_identical(
    ratios(Surv(time, event) ~ ., few), ratios(Surv(time, event) ~ arm + sex + age, few)
  )
  for (formula in list(
    Surv(time, event) ~ . - age, Surv(time, event) ~ (arm + .)^2 - age:sex,
    Surv(time, event) ~ . + log(age), Surv(time, event) ~ .:sex,
    Surv(time, event) ~ -sex + .
  )) {
    expect_equal(ratios(formula, few), suppressWarnings(peer(formula, few)),
      tolerance = 1e-6
    )
  }
  names(few)[3] <- "study arm"
  expect_identical(tidy(hazard_ratio(Surv(time, event) ~ ., few))$term[1], "study arm")
  late <- transform(d[c("time", "event", "age")], entry = 0.5)
  expect_identical(tidy(hazard_ratio(Surv(entry, time, event) ~ ., late))$term, "age")
})

test_that("`.` leaves out ids and strata, however the id is given", {
  want <- tidy(hazard_ratio(Surv(time, event) ~ arm + sex + age + site, d, id = id))
  expect_identical(tidy(hazard_ratio(Surv(time, event) ~ ., d, id = id)), want)
  expect_identical(tidy(hazard_ratio(Surv(time, event) ~ ., d, id = "id")), want)
  expect_identical(tidy(hazard_ratio(Surv(time, event) ~ ., d, id = d$id)), want)
  expect_identical(tidy(hazard_ratio(Surv(time, event) ~ . + cluster(id), d)), want)
  by_site <- hazard_ratio(Surv(time, event) ~ . - id + strata(site), d)
  expect_identical(tidy(by_site)$term, c("arm", "sex", "age"))
})

test_that("`.` does not take in a column that names each row", {
  d$patient <- sprintf("P%02d", seq_len(nrow(d)))
  expect_error(hazard_ratio(Surv(time, event) ~ ., d), "~ . - `patient`", fixed = TRUE,
    class = "oligosurv_error_data"
  )
  expect_identical(
    ratios(Surv(time, event) ~ . - patient, d), ratios(Surv(time, event) ~ ., d[-8])
  )
  expect_error(hazard_ratio(Surv(d$time, d$event) ~ .), "data frame",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ ., d[c("time", "event")]), "no column",
    class = "oligosurv_error_input"
  )
})

test_that("terms that are not supported are errors that say what to write", {
  refused <- function(formula, say) {
    expect_error(hazard_ratio(formula, d), say, class = "oligosurv_error_input")
  }
  refused(Surv(time, event) ~ arm + stats::offset(age), "write it as offset")
  refused(Surv(time, event) ~ arm + I(offset(age)), "offset")
  refused(Surv(time, event) ~ tt(age), "tt.. .*survSplit")
  refused(Surv(time, event) ~ arm + survival::tt(age), "tt.. .*survSplit")
  refused(Surv(time, event) ~ frailty(id) + arm, "frailty.. .*`id = `")
  refused(Surv(time, event) ~ pspline(age, 3), "pspline.. .*ns")
  refused(Surv(time, event) ~ ridge(age), "ridge.. .*firth")
  refused(Surv(time, event) ~ arm - 1, "leave `- 1`")
  refused(Surv(time, event) ~ 0 + arm, "leave `- 1`")
  refused(Surv(time, event) ~ arm + strata(sex) - 1, "leave `- 1`")
  refused(Surv(time, event) ~ arm:strata(sex), "separate terms")
  refused(Surv(time, event) ~ arm * strata(sex), "separate terms")
  refused(Surv(time, event) ~ as.numeric(strata(sex)), "inside another term")
  refused(Surv(time, event) ~ strata(sex), "needs covariates")
  refused(Surv(time, event) ~ NULL, "needs covariates")
  refused(Surv(time, event) ~ arm^age, "not a model formula")
  refused(Surv(time, event) ~ arm + 2, "not a model formula")
  refused(Surv(time, event) ~ log(.), "cannot evaluate")
})

test_that("columns that bear the name of a function are columns", {
  d$offset <- d$age
  d$tt <- d$age
  d[["strata(sex)"]] <- d$arm
  expect_identical(
    ratios(Surv(time, event) ~ offset, d), ratios(Surv(time, event) ~ age, d)
  )
  expect_identical(ratios(Surv(time, event) ~ tt, d), ratios(Surv(time, event) ~ age, d))
  expect_identical(
    ratios(Surv(time, event) ~ `strata(sex)`, d), ratios(Surv(time, event) ~ arm, d)
  )
})

test_that("a sum of columns is read as terms() reads it", {
  for (rhs in c("arm", "x + arm", "x + (arm + k)", "arm + 1")) {
    f <- stats::as.formula(paste("Surv(time, event) ~", rhs))
    got <- oligosurv:::plain_columns(f[[3L]])
    want <- stats::terms(stats::as.formula(paste("~", rhs)))
    expect_identical(got$variables, as.list(attr(want, "variables"))[-1L])
    expect_identical(got$factors, attr(want, "factors") > 0)
    expect_identical(got$names, rownames(got$factors))
  }
  others <- c("arm + arm", "x - arm", "x:arm", "`a b`", "strata(s)", "1", "x + 0", ".")
  for (rhs in others) {
    f <- stats::as.formula(paste("Surv(time, event) ~", rhs))
    expect_null(oligosurv:::plain_columns(f[[3L]]))
  }
})
