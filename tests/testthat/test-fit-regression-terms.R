# Tests of the terms of a hazard_ratio: drop1(), and the Wald tests of summary().

four <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
lung <- local({
  d <- survival::lung
  d <- d[d$ph.ecog %in% 0:2 & !is.na(d$inst), ] # the one patient of ECOG 3 separates
  transform(d, dead = status - 1, ecog = factor(ph.ecog), man = sex == 1)
})

# By hand: see the help of hazard_ratio(); the null model has the factors 1/4, 1/3, 1/2
test_that("with one term drop1() is the test of anova()", {
  fit <- hazard_ratio(Surv(month, dead) ~ arm, four)
  left <- drop1(fit)
  expect_s3_class(left, c("anova", "data.frame"), exact = TRUE)
  expect_identical(rownames(left), c("<none>", "arm"))
  expect_equal(left$AIC, c(stats::AIC(fit), 2 * log(24)))
  expect_equal(left$LRT[2], anova(fit)$Chisq[2])
  expect_equal(left[["Pr(>Chi)"]][2], anova(fit)[["Pr(>|Chi|)"]][2])
  expect_identical(names(drop1(fit, test = "none")), c("Df", "AIC"))
  expect_output(print(left), "left out of the model in turn.*Surv\\(month, dead\\) ~ arm")
})

test_that("each term has the likelihood ratio of coxph() without it", {
  compare <- function(formula, tolerance = 1e-7) {
    got <- drop1(hazard_ratio(formula, lung))
    peer <- stats::drop1(
      survival::coxph(formula, lung, control = survival::coxph.control(1e-11)),
      test = "Chisq"
    )
    peer <- peer[!grepl("strata", rownames(peer)), ] # it is no covariate
    expect_identical(rownames(got), rownames(peer))
    expect_equal(unlist(got), unlist(peer), tolerance = tolerance, ignore_attr = TRUE)
  }
  compare(Surv(time, dead) ~ age + sex + ecog)
  compare(Surv(time, dead) ~ ecog + age + sex + strata(inst))
  compare(Surv(time, dead) ~ age * sex + ecog) # the main effects stay
  compare(Surv(time, dead) ~ splines::ns(age, 3) + sex)
  compare(Surv(time, dead) ~ ecog + sex + offset(age / 50))
})

test_that("a term is left out of the fits of all causes, and of counts", {
  d <- lung
  d$how <- factor(ifelse(d$dead == 0, "censored", ifelse(d$age > 60, "old", "young")))
  fit <- hazard_ratio(Surv(time, how) ~ sex + ecog, d)
  without <- hazard_ratio(Surv(time, how) ~ sex, d)
  expect_equal(drop1(fit, "ecog")$LRT[2], anova(without, fit)$Chisq[2])
  expect_identical(drop1(fit, ~ ecog)$Df[2], 4)
  rows <- hazard_ratio(Surv(time, dead) ~ man + ecog, d)
  counts <- hazard_ratio(event_table(Surv(time, dead) ~ man + ecog, d), ~ man + ecog)
  expect_equal(drop1(counts)$LRT, drop1(rows)$LRT, tolerance = 1e-10)
})

test_that("a column that only this term determined comes back", {
  d <- transform(lung, twice = 2 * age + 1)
  left <- drop1(hazard_ratio(Surv(time, dead) ~ age + twice + sex, d))
  expect_equal(left$LRT[2:3], c(0, 0), tolerance = 1e-8)
  expect_identical(left$Df[2:4], c(0, 0, 1))
  expect_identical(is.na(left[["Pr(>Chi)"]]), c(TRUE, TRUE, TRUE, FALSE))
})

test_that("fits without a likelihood and unknown terms are errors", {
  fit <- hazard_ratio(Surv(time, dead) ~ age * sex, lung)
  expect_error(drop1(fit, "age"), "`scope` must be among \"age:sex\"",
    class = "oligosurv_error_input"
  )
  expect_error(drop1(fit, 1), class = "oligosurv_error_input")
  expect_error(drop1(fit, test = "F"), "\"Chisq\"", class = "oligosurv_error_input")
  expect_error(drop1(hazard_ratio(Surv(time, dead) ~ age, lung, id = inst)),
    "without `id`", class = "oligosurv_error_data"
  )
  expect_error(drop1(hazard_ratio(Surv(time, dead) ~ age, lung, firth = TRUE)),
    "no partial likelihood", class = "oligosurv_error_data"
  )
})

test_that("summary() has a Wald test of each term", {
  fit <- hazard_ratio(Surv(time, dead) ~ age + ecog, lung)
  tests <- summary(fit)$terms
  b <- coef(fit)[-1]
  statistic <- drop(b %*% solve(vcov(fit)[-1, -1]) %*% b)
  expect_identical(tests$term, c("age", "ecog"))
  expect_equal(tests$statistic, c(tidy(fit)$statistic[1]^2, statistic))
  expect_identical(tests$df, 1:2)
  expect_equal(tests$p.value[2], stats::pchisq(statistic, 2, lower.tail = FALSE))
  expect_output(print(summary(fit)), "Wald tests of terms:\nTerm +Chi-square df +P")
  by_id <- summary(hazard_ratio(Surv(time, dead) ~ age + ecog, lung, id = inst))
  expect_output(print(by_id), "Term +F +df +P")
})

test_that("the terms of each cause are tested", {
  d <- lung
  d$how <- factor(ifelse(d$dead == 0, "censored", ifelse(d$age > 60, "old", "young")))
  for (model in c("cox", "fine-gray")) {
    tests <- summary(hazard_ratio(Surv(time, how) ~ sex + ecog, d, model = model))$terms
    expect_identical(tests$outcome, rep(c("old", "young"), each = 2))
    expect_identical(tests$term, rep(c("sex", "ecog"), 2))
  }
})
