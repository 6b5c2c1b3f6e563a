# What a hazard_ratio answers as a fitted model, against coxph().

d <- cox_rows(5, 80, ties = TRUE)
fit <- hazard_ratio(Surv(time, event) ~ age + arm + strata(site), d)
peer <- survival::coxph(Surv(time, event) ~ age + arm + strata(site), d,
  control = survival::coxph.control(1e-11)
)

test_that("coefficients, variance, limits, likelihood, AIC are coxph()'s", {
  expect_equal(unname(coef(fit)), unname(coef(peer)), tolerance = 1e-9)
  expect_named(coef(fit), c("age", "arm b", "arm c"))
  expect_equal(unname(vcov(fit)), unname(vcov(peer)), tolerance = 1e-8)
  expect_identical(colnames(vcov(fit)), names(coef(fit)))
  expect_equal(unname(confint(fit)), unname(confint(peer)), tolerance = 1e-8)
  expect_equal(unname(confint(fit, "arm b", 0.9)),
    unname(confint(peer, "armb", level = 0.9)),
    tolerance = 1e-8
  )
  expect_equal(c(logLik(fit)), peer$loglik[2], tolerance = 1e-12)
  expect_equal(AIC(fit), AIC(peer), tolerance = 1e-12)
  expect_equal(BIC(fit), BIC(peer), tolerance = 1e-12)
  expect_identical(nobs(fit), peer$nevent |> as.integer())
  expect_equal(formula(fit), Surv(time, event) ~ age + arm + strata(site),
    ignore_attr = TRUE
  )
  expect_equal(unname(model.matrix(fit)), unname(model.matrix(peer)), ignore_attr = TRUE)
  expect_equal(summary(fit)$likelihood_ratio$statistic,
    unname(summary(peer)$logtest["test"]),
    tolerance = 1e-9
  )
})

test_that("anova() is the likelihood ratio, against none and between nested models", {
  small <- hazard_ratio(Surv(time, event) ~ age + strata(site), d)
  own <- anova(small, fit)
  other <- anova(survival::coxph(Surv(time, event) ~ age + strata(site), d), peer)
  expect_equal(own[["Chisq"]][2], other[["Chisq"]][2], tolerance = 1e-8)
  expect_identical(own[["Df"]], c(NA, 2L))
  expect_equal(anova(fit, small)[["Chisq"]][2], own[["Chisq"]][2])
  expect_equal(anova(fit)[["Chisq"]][2], 2 * diff(peer$loglik), tolerance = 1e-9)
  expect_output(print(anova(fit)), "Likelihood ratio")
  by_id <- hazard_ratio(Surv(time, event) ~ age, d, id = id)
  expect_error(anova(by_id), "without `id`", class = "oligosurv_error_data")
  expect_error(anova(fit, hazard_ratio(Surv(time, event) ~ age, d[-1, ])), "same rows",
    class = "oligosurv_error_data"
  )
  expect_error(anova(fit, peer), "argument 2", class = "oligosurv_error_input")
})

test_that("by id, by cause, with unknown coefficients, with Firth's likelihood", {
  by_id <- hazard_ratio(Surv(time, event) ~ age + arm, d, id = id)
  expect_equal(unname(sqrt(diag(vcov(by_id)))), by_id$table$std.error)
  expect_equal(exp(unname(confint(by_id))), unname(as.matrix(
    by_id$table[c("conf.low", "conf.high")]
  )), tolerance = 1e-12)
  causes <- hazard_ratio(Surv(time, status) ~ age, d)
  expect_named(coef(causes), c("failure: age", "death: age"))
  expect_identical(vcov(causes)[1, 2], 0)
  twice <- hazard_ratio(Surv(time, event) ~ age + I(2 * age), d)
  expect_identical(is.na(unname(coef(twice))), c(FALSE, TRUE))
  expect_identical(is.na(diag(unname(vcov(twice)))), c(FALSE, TRUE))
  firth <- hazard_ratio(Surv(time, event) ~ age + arm, d, firth = TRUE)
  expect_equal(sqrt(diag(vcov(firth))), firth$table$std.error, ignore_attr = TRUE)
  expect_equal(exp(unname(confint(firth)[, 2])), firth$table$conf.high)
  expect_error(confint(firth, level = 0.9), "conf.level", class = "oligosurv_error_data")
  expect_error(logLik(firth), "no partial likelihood", class = "oligosurv_error_data")
  expect_error(confint(fit, "nosuch"), "`parm`", class = "oligosurv_error_input")
  none <- hazard_ratio(Surv(time, 0 * event) ~ age, d)
  expect_identical(unname(coef(none)), NA_real_)
  expect_identical(c(logLik(none)), 0)
})

test_that("from counts: the same, without residuals", {
  table <- event_table(Surv(time, event) ~ arm + strata(site), d)
  counted <- hazard_ratio(table, ~arm)
  rows <- hazard_ratio(Surv(time, event) ~ arm + strata(site), d)
  expect_equal(coef(counted), coef(rows), tolerance = 1e-12)
  expect_equal(vcov(counted), vcov(rows), tolerance = 1e-11)
  expect_equal(logLik(counted), logLik(rows), tolerance = 1e-12)
  expect_equal(formula(counted), ~arm, ignore_attr = TRUE)
  expect_error(residuals(counted), "event table", class = "oligosurv_error_data")
})

test_that("anova() stops for models whose likelihoods cannot be compared", {
  age <- hazard_ratio(Surv(time, event) ~ age, d)
  arm <- hazard_ratio(Surv(time, event) ~ arm, d)
  stops <- function(words, ...) {
    expect_error(anova(...), words, class = "oligosurv_error_data")
  }
  stops("same strata", age, fit)
  stops("same rule for ties", age,
    hazard_ratio(Surv(time, event) ~ age + arm, d, ties = "breslow")
  )
  stops("of one kind", age,
    hazard_ratio(Surv(time, factor(event, 0:2)) ~ age + arm, d, "fine-gray", "1")
  )
  stops("same rows", age, hazard_ratio(Surv(rev(time), event) ~ age + arm, d))
  stops("argument 1 has covariates that are not in argument 2", age,
    hazard_ratio(Surv(time, event) ~ arm + factor(id %% 3), d)
  )
  stops("nested", age, hazard_ratio(Surv(time, event) ~ I(age^2), d))
})

test_that("anova() accepts nested models in another coding, and offsets", {
  of <- function(formula) hazard_ratio(formula, d)
  spline <- anova(of(Surv(time, event) ~ age),
    of(Surv(time, event) ~ splines::ns(age, 3))
  )
  expect_identical(spline$Df, c(NA, 2L))
  coded <- anova(
    of(Surv(time, event) ~ C(factor(arm), contr.sum)), of(Surv(time, event) ~ arm + age)
  )
  expect_identical(coded$Df, c(NA, 1L))
  fixed <- anova(of(Surv(time, event) ~ arm + offset(age / 50)), of(
    Surv(time, event) ~ arm + age
  ))
  expect_identical(fixed$Df, c(NA, 1L))
  table <- event_table(Surv(time, event) ~ arm + site, d)
  counts <- anova(hazard_ratio(table, ~arm), hazard_ratio(table, ~ arm * site))
  rows <- anova(of(Surv(time, event) ~ arm), of(Surv(time, event) ~ arm * site))
  expect_equal(counts$Chisq, rows$Chisq, tolerance = 1e-9)
})

test_that("limits of a covariate in a tiny unit are those of its coefficient", {
  d$tiny <- d$age * 1e-10
  of_tiny <- hazard_ratio(Surv(time, event) ~ tiny, d)
  of_age <- hazard_ratio(Surv(time, event) ~ age, d)
  expect_equal(unname(confint(of_tiny)) * 1e-10, unname(confint(of_age)),
    tolerance = 1e-9
  )
  tidied <- function(fit) {
    unlist(tidy(fit, exponentiate = FALSE)[c("estimate", "conf.low", "conf.high")])
  }
  expect_equal(tidied(of_tiny) * 1e-10, tidied(of_age), tolerance = 1e-9)
})
