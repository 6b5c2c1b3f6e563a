# Names, references and counts of the coefficients of hazard_ratio().

cohort <- withr::with_seed(23, {
  n <- 60
  d <- data.frame(
    time = round(stats::rexp(n) * 20) + 1, event = stats::rbinom(n, 1, 0.7),
    arm = rep(c("A", "B"), n / 2), sex = rep(c("f", "m", "m"), n / 3),
    age = round(stats::rnorm(n, 65, 8)), stage = factor(sample(1:3, n, TRUE))
  )
  d$status <- factor(d$event * rep(1:2, n / 2), 0:2, c("censored", "failure", "death"))
  d
})
outcome <- quote(Surv(time, event))
odd_names <- c(
  "study arm", "hsa-miR-93-5p", "Age (years)", "2nd line", "a\\b", "a\"b", "a'b", "a`b",
  "a:b", "a + b", "\u00e9t\u00e9", "if", "function", "NA", "TRUE", "ends.", "..end", "~",
  "v1", "strata(x)", "(Intercept)", "(weights)"
)
as_formula <- function(left, right) eval(bquote(.(left) ~ .(right)))
shown <- function(fit) as.data.frame(result_table(fit))[[1]]

test_that("any column name: level, reference and counts are those of a usual name", {
  cause <- quote(Surv(time, status))
  want <- tidy(hazard_ratio(Surv(time, event) ~ arm + age, cohort))
  number <- tidy(hazard_ratio(Surv(time, event) ~ age, cohort))
  crossed <- tidy(hazard_ratio(Surv(time, event) ~ arm * sex, cohort))
  expect_identical(want$n[1], 30)
  expect_identical(want$n.event[1], sum(cohort$event[cohort$arm == "B"]) + 0)
  for (name in odd_names) {
    x <- as.name(name)
    d <- cohort
    d[[name]] <- d$arm
    got <- tidy(hazard_ratio(as_formula(outcome, bquote(.(x) + age)), d))
    expect_identical(got$term, c(name, "age"))
    got$term[1] <- "arm"
    expect_identical(got, want)
    fit <- hazard_ratio(as_formula(outcome, bquote(.(x) * sex)), d)
    got <- tidy(fit)
    same <- c("n", "n.event", "estimate", "p.value")
    expect_identical(got[same], crossed[same])
    expect_identical(got$level[3], paste(name, "B : sex m"))
    expect_identical(shown(fit)[c(1, 3)], paste(name, c(": B against A", " B : sex m"),
      sep = ""
    ))
    d[[name]] <- d$age
    got <- tidy(hazard_ratio(as_formula(outcome, x), d))
    expect_identical(got[-1], number[-1])
  }
})

test_that("the same for logical columns, Fine-Gray, Firth, strata, cluster and id", {
  same <- function(name, formula, plain, ...) {
    d <- cohort
    d[[name]] <- d$arm == "B"
    e <- transform(cohort, arm = arm == "B")
    a <- tidy(hazard_ratio(eval(bquote(.(formula))), d, ...))
    b <- tidy(hazard_ratio(plain, e, ...))
    a$term[a$term == name] <- "arm"
    expect_identical(a, b)
  }
  for (name in c("study arm", "a\\b", "if")) {
    x <- as.name(name)
    same(name, as_formula(outcome, x), Surv(time, event) ~ arm)
    same(name, as_formula(outcome, x), Surv(time, event) ~ arm, firth = TRUE)
    same(name, as_formula(quote(Surv(time, status)), x), Surv(time, status) ~ arm,
      model = "fine-gray"
    )
    same(name, as_formula(outcome, bquote(age + strata(.(x)))),
      Surv(time, event) ~ age + strata(arm)
    )
    same(name, as_formula(outcome, bquote(age + cluster(.(x)))),
      Surv(time, event) ~ age + cluster(arm)
    )
  }
  d <- transform(cohort, pid = rep(1:30, 2))
  names(d)[names(d) == "pid"] <- "patient id"
  expect_identical(
    tidy(hazard_ratio(Surv(time, event) ~ arm, d, id = `patient id`)),
    tidy(hazard_ratio(Surv(time, event) ~ arm, d, id = rep(1:30, 2)))
  )
})

test_that("figures show the name without backticks", {
  skip_if_not_installed("ggplot2")
  d <- cohort
  d$`2nd line` <- d$arm
  fit <- hazard_ratio(Surv(time, event) ~ `2nd line`, d)
  curves <- kaplan_meier(Surv(time, event) ~ `2nd line`, d)
  expect_s3_class(curve_plot(curves, hazard_ratio = fit), "ggplot")
  both <- forest_plot(hazard_ratio(Surv(time, event) ~ `2nd line` * sex, d))
  expect_identical(both$data$label, c(
    "2nd line: B vs A", "sex: m vs f", "2nd line B : sex m"
  ))
})

test_that("no column is compared with NA: interactions, splines, polynomials, matrices", {
  skip_if_not_installed("ggplot2")
  for (right in expression(
    arm * sex, arm:age, age:I(age > 60), splines::ns(age, 3), poly(age, 2),
    arm:poly(age, 2), cut(age, c(0, 60, 70, 100)) + I(age^2), factor(stage) * arm,
    arm / sex, arm:sex, sex %in% arm, scale(age), cbind(age, u = age^2),
    ordered(stage), C(stage, contr.sum), C(stage, contr.helmert):arm,
    I(arm == "B") + log(age), (arm + sex + stage)^2
  )) {
    formula <- as_formula(outcome, right)
    fit <- suppressWarnings(hazard_ratio(formula, cohort, firth = FALSE))
    label <- shown(fit)
    expect_no_match(label, "\\bNA\\b|`")
    expect_no_match(forest_plot(fit)$data$label, "\\bNA\\b|`")
    expect_identical(anyDuplicated(label), 0L)
    expect_match(inline_text(fit), "^HR ([0-9].*95% CI|not estimable)")
    expect_output(print(fit), "Cox regression")
  }
  expect_identical(
    shown(hazard_ratio(Surv(time, event) ~ splines::ns(age, 2) + age:arm, cohort)),
    c("splines::ns(age, 2) 1", "splines::ns(age, 2) 2", "age : arm A", "age : arm B")
  )
})

test_that("coefficients are coxph's in the same order, counts those of the cell", {
  for (right in expression(
    arm * sex * stage, arm / age, arm:sex, sex:age + arm, poly(age, 2):arm,
    stage %in% arm, C(stage, contr.sum) * sex, C(stage, contr.SAS),
    C(stage, contr.treatment(3, 2)):arm, sex:arm:age
  )) {
    formula <- as_formula(outcome, right)
    got <- tidy(suppressWarnings(hazard_ratio(formula, cohort, firth = FALSE)))
    want <- suppressWarnings(survival::coxph(formula, cohort))
    expect_identical(is.na(got$estimate), unname(is.na(stats::coef(want))))
    finite <- which(is.finite(log(got$estimate)))
    expect_equal(log(got$estimate)[finite], unname(stats::coef(want))[finite],
      tolerance = 1e-5
    )
  }
  cell <- tidy(hazard_ratio(Surv(time, event) ~ arm * sex, cohort))[3, ]
  inside <- cohort$arm == "B" & cohort$sex == "m"
  expect_identical(cell$n, sum(inside) + 0)
  expect_identical(cell$n.event, sum(cohort$event[inside]) + 0)
  slope <- tidy(hazard_ratio(Surv(time, event) ~ arm * age, cohort))[3, ]
  expect_identical(slope$level, "arm B : age")
  expect_identical(slope$n, 30)
})

test_that("contrasts set on a factor are used, with their reference where there is one", {
  d <- cohort
  stats::contrasts(d$stage) <- stats::contr.treatment(3, base = 2)
  fit <- tidy(hazard_ratio(Surv(time, event) ~ stage, d))
  expect_identical(fit$level, c("1", "3"))
  expect_identical(fit$reference, c("2", "2"))
  expect_identical(fit$n, as.vector(table(d$stage)[c(1, 3)]) + 0)
  moved <- transform(cohort, stage = stats::relevel(stage, "2"))
  moved <- tidy(hazard_ratio(Surv(time, event) ~ stage, moved))
  expect_equal(fit$estimate, moved$estimate)
  stats::contrasts(d$stage) <- stats::contr.sum(3)
  fit <- tidy(hazard_ratio(Surv(time, event) ~ stage, d))
  expect_identical(fit$level, c("stage 1", "stage 2"))
  expect_identical(fit$reference, c(NA_character_, NA))
  expect_identical(fit$n, c(60, 60))
  attr(d$stage, "contrasts") <- diag(7)
  expect_error(hazard_ratio(Surv(time, event) ~ stage, d), "contrasts",
    class = "oligosurv_error_input"
  )
  attr(d$stage, "contrasts") <- "no.such.contrast"
  expect_error(hazard_ratio(Surv(time, event) ~ stage, d), "contrasts",
    class = "oligosurv_error_input"
  )
})

test_that("main effects are the columns of model.matrix(), in the order of the rows", {
  d <- data.frame(
    whole = 6:1, number = c(0.5, -1, 2, 7, 3, 1e-3),
    level = factor(c("a", "b", "c", "a", "b", "c"))
  )
  d$two <- cbind(d$number^2, 1:6)
  rows <- c(5L, 1L, 6L, 2L)
  sums <- oligosurv:::against_first(levels(d$level))
  got <- oligosurv:::main_effects(
    list(d$whole, d$level[rows], d$two, d$number), list(NULL, sums, NULL, NULL), rows
  )
  want <- stats::model.matrix(~ whole + level + two + number, d)[rows, -1]
  expect_identical(got$x, unname(want), ignore_attr = TRUE)
  expect_identical(got$index, c(1L, 2L, 2L, 3L, 3L, 4L))
  whole <- oligosurv:::main_effects(list(d$level, c(NA, 1:5)), list(sums, NULL))
  expect_identical(whole$x[, 3], c(NA, 1, 2, 3, 4, 5))
  expect_identical(dim(whole$x), c(6L, 3L))
})

test_that("levels with rows come first, unless the user has set contrasts", {
  g <- factor(c("c", NA, "e", "c", "b"), levels = letters[1:5])
  got <- oligosurv:::pick_covariate(g, c(1, 4, 2, 3))
  expect_identical(got, factor(c("c", "c", NA, "e"), levels = c("c", "e", "a", "b", "d")))
  expect_identical(oligosurv:::describe_levels(got, levels(got), "g"), list(
    term = rep("g", 4L), level = c("e", "a", "b", "d"), reference = rep("c", 4L),
    label = c("g e", "g a", "g b", "g d"),
    member = c(list(c(FALSE, FALSE, NA, TRUE)), rep(list(c(FALSE, FALSE, NA, FALSE)), 3L))
  ))
  contrasts(g) <- stats::contr.sum(5)
  got <- oligosurv:::pick_covariate(g, c(4L, 5L))
  expect_identical(levels(got), letters[1:5])
  expect_identical(as.integer(got), c(3L, 2L))
  expect_identical(attr(got, "contrasts"), attr(g, "contrasts"))
})
