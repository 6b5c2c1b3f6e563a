mp <- c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35)
mp_relapse <- c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
placebo <- c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
freireich <- data.frame(
  week = c(mp, placebo), relapse = c(mp_relapse, rep(1, 21)),
  arm = rep(c("6-MP", "placebo"), each = 21)
)

cohort <- function(seed, n = 60, ties = FALSE) {
  withr::with_seed(seed, {
    d <- data.frame(
      time = stats::rexp(n), cause = sample(0:2, n, TRUE), age = stats::rnorm(n, 60, 9),
      arm = factor(sample(c("a", "b", "c"), n, TRUE)), site = sample(1:2, n, TRUE),
      id = rep(seq_len(n / 2), 2)
    )
    if (ties) d$time <- ceiling(d$time * 4)
    d$status <- factor(d$cause, 0:2, c("censored", "failure", "death"))
    d$event <- as.integer(d$cause > 0)
    d
  })
}

test_that("values by hand: two subjects a group, no ties", {
  d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
  fit <- tidy(hazard_ratio(Surv(month, dead) ~ arm, d))
  ratio <- (sqrt(17) - 1) / 8
  expect_equal(fit$estimate, ratio, tolerance = 1e-8)
  info <- 2 * ratio / (1 + ratio)^2 + 2 * ratio / (1 + 2 * ratio)^2
  expect_equal(fit$std.error, sqrt(1 / info), tolerance = 1e-6)
  expect_equal(fit$statistic, log(ratio) * sqrt(info), tolerance = 1e-6)
  expect_equal(fit$conf.high, ratio * exp(stats::qnorm(0.975) / sqrt(info)),
    tolerance = 1e-6
  )
  expect_identical(fit[c("term", "level", "reference", "n", "n.event")], data.frame(
    term = "arm", level = "B", reference = "A", n = 2, n.event = 2
  ))
})

test_that("Freireich et al. 1963: log hazard ratio 1.57 (Efron), se 0.412", {
  fit <- tidy(hazard_ratio(Surv(week, relapse) ~ arm, freireich))
  expect_equal(round(log(fit$estimate), 2), 1.57)
  expect_equal(round(fit$std.error, 3), 0.412)
})

test_that("Cox is coxph with Efron ties: numbers, factors, strata, interactions", {
  for (ties in c(FALSE, TRUE)) {
    d <- cohort(3, ties = ties)
    fit <- hazard_ratio(Surv(time, event) ~ log(age) * arm + strata(site), d)
    peer <- survival::coxph(Surv(time, event) ~ log(age) * arm + strata(site), d)
    expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-6)
    expect_equal(tidy(fit)$std.error, unname(sqrt(diag(stats::vcov(peer)))),
      tolerance = 1e-6
    )
    expect_equal(fit$proportional_hazards$p.value,
      unname(survival::cox.zph(peer)$table[, "p"]),
      tolerance = 1e-6
    )
  }
  expect_identical(tidy(fit)$term, rep(c("log(age)", "arm", "log(age):arm"), c(1, 2, 2)))
  expect_identical(tidy(fit)$level[1:3], c(NA, "b", "c"))
})

test_that("Breslow: 1.509, se 0.410, ratio 4.523 (Kleinbaum and Klein 2012, chapter 3)", {
  fit <- hazard_ratio(Surv(week, relapse) ~ arm, freireich, ties = "breslow")
  expect_equal(round(log(tidy(fit)$estimate), 3), 1.509)
  expect_equal(round(tidy(fit)$std.error, 3), 0.410)
  expect_equal(round(tidy(fit)$estimate, 3), 4.523)
  expect_output(print(fit), "^Cox regression, Breslow ties")
})

test_that("one tie by hand: 1/2 by Breslow, 1 / sqrt(6) by Efron", {
  # A and B fail at 1 beside B, who fails at 2. Breslow r / (1 + 2 r)^2; Efron
  # r / ((1 + 2 r) (1 + 2 r - (1 + r) / 2))
  d <- data.frame(t = c(1, 1, 2), e = 1, arm = c("A", "B", "B"))
  ratio <- function(...) tidy(hazard_ratio(Surv(t, e) ~ arm, d, firth = FALSE, ...))
  expect_equal(ratio(ties = "breslow")$estimate, 1 / 2, tolerance = 1e-6)
  expect_equal(ratio(ties = "efron")$estimate, 1 / sqrt(6), tolerance = 1e-6)
  expect_identical(ratio(), ratio(ties = "efron"))
})

test_that("ties are those of coxph(ties = ) in each model", {
  d <- cohort(3, ties = TRUE)
  d$entry <- d$time / 3
  numbers <- function(fit) c(log(fit$estimate), fit$std.error)
  peer <- function(...) {
    fit <- survival::coxph(...)
    unname(c(stats::coef(fit), sqrt(diag(stats::vcov(fit)))))
  }
  long <- survival::finegray(Surv(time, status) ~ ., d[c("time", "status", "age", "arm")],
    etype = "failure"
  )
  for (ties in c("efron", "breslow")) {
    ours <- function(...) tidy(hazard_ratio(..., data = d, ties = ties))
    expect_equal(
      numbers(ours(Surv(time, event) ~ age + arm + strata(site))),
      peer(Surv(time, event) ~ age + arm + strata(site), d, ties = ties),
      tolerance = 1e-6
    )
    expect_equal(
      numbers(ours(Surv(entry, time, event) ~ age + arm)),
      peer(Surv(entry, time, event) ~ age + arm, d, ties = ties),
      tolerance = 1e-6
    )
    expect_equal(
      numbers(ours(Surv(time, status) ~ age + arm, outcome = "death")),
      peer(Surv(time, status == "death") ~ age + arm, d, ties = ties),
      tolerance = 1e-6
    )
    gray <- ours(Surv(time, status) ~ age + arm, model = "fine-gray", outcome = "failure")
    expect_equal(log(gray$estimate), unname(stats::coef(survival::coxph(
      Surv(fgstart, fgstop, fgstatus) ~ age + arm, long, weights = fgwt, ties = ties
    ))), tolerance = 1e-6)
    expect_match(gray$method[1], ties, ignore.case = TRUE)
  }
  usual <- tidy(hazard_ratio(Surv(time, status) ~ age, d, "fine-gray"))
  expect_identical(
    usual, tidy(hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", ties = "breslow"))
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, ties = "exact"), "`ties`",
    class = "oligosurv_error_input"
  )
})

test_that("Firth takes the tie rule: coxphf's is Breslow's", {
  skip_if_not_installed("coxphf")
  d <- cohort(8, ties = TRUE)
  d$event[d$arm == "c"] <- 0
  d$c <- as.integer(d$arm == "c")
  fit <- tidy(hazard_ratio(Surv(time, event) ~ age + c, d, ties = "breslow"))
  peer <- getExportedValue("coxphf", "coxphf")(Surv(time, event) ~ age + c, d,
    epsilon = 1e-12, gconv = 1e-12, maxit = 500
  )
  expect_match(fit$method[1], "Breslow ties, Firth")
  expect_equal(log(fit$estimate), unname(peer$coefficients), tolerance = 1e-6)
  expect_equal(fit$conf.high, unname(peer$ci.upper), tolerance = 1e-5)
})

test_that("id gives coxph's cluster variance times G / (G - p - 1), and t", {
  d <- cohort(4)
  d$one <- d$event * (d$cause == 1)
  corrected <- function(fit, peer) {
    p <- length(stats::coef(peer))
    error <- unname(sqrt(diag(stats::vcov(peer)))) * sqrt(30 / (30 - p - 1))
    b <- unname(stats::coef(peer))
    expect_equal(fit$std.error, error, tolerance = 1e-5)
    expect_identical(fit$df, rep(30 - p - 1, p))
    expect_equal(fit$statistic, b / error, tolerance = 1e-5)
    expect_equal(fit$p.value, 2 * stats::pt(-abs(b / error), 30 - p - 1),
      tolerance = 1e-5
    )
    width <- stats::qt(0.975, 30 - p - 1) * error
    expect_equal(log(fit$conf.low), b - width, tolerance = 1e-5)
    expect_equal(log(fit$conf.high), b + width, tolerance = 1e-5)
  }
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  corrected(tidy(fit), survival::coxph(Surv(time, event) ~ arm, d, cluster = id))
  corrected(
    tidy(hazard_ratio(Surv(time, event) ~ age, d, id = id)),
    survival::coxph(Surv(time, event) ~ age, d, cluster = id)
  )
  stratified <- Surv(time, status) ~ arm + age + strata(site)
  by_cause <- tidy(hazard_ratio(stratified, d, id = id))
  corrected(by_cause[by_cause$outcome == "failure", ], survival::coxph(
    Surv(time, cause == 1) ~ arm + age + strata(site), d, cluster = id
  ))
  long <- survival::finegray(Surv(time, status) ~ ., d[c("time", "status", "age", "id")],
    etype = "failure"
  )
  corrected(tidy(hazard_ratio(Surv(time, status) ~ age, d, "fine-gray",
    outcome = "failure", id = id
  )), survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ age, long,
    weights = fgwt, cluster = id, ties = "breslow"
  ))
  expect_match(
    glance(fit)$method, "30 ids: times 30/27, t with 27 degrees of freedom", fixed = TRUE
  )
  expect_identical(glance(fit)$n.id, 30L)
  expect_output(print(fit), "t with 27 degrees of freedom")
  alone <- hazard_ratio(Surv(time, event) ~ arm, d)
  expect_identical(tidy(alone)$df, c(Inf, Inf))
  expect_identical(glance(alone)$n.id, NA_integer_)
  for (other in list(
    hazard_ratio(Surv(time, event) ~ arm, d, id = "id"),
    hazard_ratio(Surv(time, event) ~ arm, d, id = d$id + 0.5),
    hazard_ratio(Surv(time, event) ~ arm + cluster(id), d)
  )) {
    expect_identical(tidy(other), tidy(fit))
  }
})

test_that("p is below 5% where the 95% limits leave out 1, also by id", {
  for (seed in 1:20) {
    d <- cohort(seed, 24)
    fit <- tidy(hazard_ratio(Surv(time, event) ~ age + I(site == 2), d, id = id))
    out <- fit$conf.low > 1 | fit$conf.high < 1
    expect_identical(fit$p.value < 0.05, out)
  }
})

test_that("as many ids as coefficients leave no error", {
  d <- cohort(4)
  d$id <- rep(1:3, 20)
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  alone <- tidy(hazard_ratio(Surv(time, event) ~ arm, d))
  expect_identical(tidy(fit)$estimate, alone$estimate)
  for (name in c("std.error", "df", "p.value", "conf.low", "conf.high")) {
    expect_identical(tidy(fit)[[name]], c(NA_real_, NA))
  }
  expect_output(print(fit), "not defined for 3 ids")
  one <- tidy(hazard_ratio(Surv(time, event) ~ age, d, id = id))
  expect_identical(one$df, 1)
  expect_false(anyNA(one$conf.low))
})

# Groups that cannot be compared: B leaves before the first event, D has no rows
early <- data.frame(
  t = c(1, 2, 3, 10:16), e = c(0, 0, 0, 1, 0, 1, 1, 0, 1, 1),
  g = factor(c("B", "B", "B", rep(c("A", "C"), length = 7)), c("A", "B", "C", "D")),
  id = c(1, 2, 1, 2, 3, 4, 5, 6, 7, 8)
)
early$s <- factor(early$e * c(rep(1, 6), 2, 1, 2, 1), 0:2, c("none", "LF", "death"))

test_that("what is not identified is NA, the others are what they are without it", {
  rest <- early[early$g != "B", ]
  rest$g <- droplevels(rest$g)
  numbers <- c("estimate", "std.error", "p.value", "conf.low", "conf.high")
  for (firth in list(NA, TRUE, FALSE)) {
    fit <- tidy(hazard_ratio(Surv(t, e) ~ g, early, firth = firth))
    expect_identical(is.na(fit$estimate), c(TRUE, FALSE, TRUE))
    expect_equal(fit[2, numbers],
      tidy(hazard_ratio(Surv(t, e) ~ g, rest, firth = firth))[numbers],
      ignore_attr = TRUE, tolerance = 1e-6
    )
  }
  expect_equal(log(fit$estimate[2]),
    unname(stats::coef(survival::coxph(Surv(t, e) ~ g, early))["gC"]),
    tolerance = 1e-6
  )
  fit <- hazard_ratio(Surv(t, e) ~ g, early)
  expect_equal(fit$proportional_hazards$p.value[1],
    survival::cox.zph(survival::coxph(Surv(t, e) ~ g, rest))$table["g", "p"],
    tolerance = 1e-6, ignore_attr = TRUE
  )
  expect_identical(glance(fit)$n.parameter, 1L)
  expect_identical(glance(fit)$events.per.parameter, 5)
  expect_output(print(fit), "not estimable: g: B against A and g: D against A")
})

test_that("a reference that leaves before the first event is compared with nothing", {
  d <- transform(early, x = c(3, 1, 4, 1, 5, 9, 2, 6, 5, 3))
  d$g <- factor(c("A", "A", "A", "B", "C", "B", "C", "B", "C", "B"))
  fit <- hazard_ratio(Surv(t, e) ~ g, d)
  expect_identical(tidy(fit)$estimate, c(NA_real_, NA))
  expect_identical(tidy(fit)$reference, c("A", "A"))
  expect_identical(glance(fit)$n.parameter, 0L)
  expect_null(fit$proportional_hazards)
  expect_output(print(fit), "g: B against A and g: C against A (the reference level is",
    fixed = TRUE
  )
  # survival::coxph() with C as the reference
  moved <- transform(d, g = stats::relevel(g, "C"))
  peer <- survival::coxph(Surv(t, e) ~ g, moved)
  expect_equal(tidy(hazard_ratio(Surv(t, e) ~ g, moved))$estimate,
    unname(exp(stats::coef(peer))),
    tolerance = 1e-6
  )
  # other covariates are adjusted for B against C as before
  for (firth in list(NA, TRUE)) {
    both <- tidy(hazard_ratio(Surv(t, e) ~ g + x, d, firth = firth))
    other <- tidy(hazard_ratio(Surv(t, e) ~ g + x, moved, firth = firth))
    expect_identical(is.na(both$estimate), c(TRUE, TRUE, FALSE))
    expect_equal(both$estimate[3], other$estimate[3], tolerance = 1e-6)
    expect_equal(both$conf.low[3], other$conf.low[3], tolerance = 1e-6)
  }
  # the slope of x in A, and differences from it, are in no risk set either
  slope <- tidy(hazard_ratio(Surv(t, e) ~ g * x, d))
  expect_identical(slope$estimate, rep(NA_real_, 5))
  for (model in c("cox", "fine-gray")) {
    expect_identical(
      tidy(hazard_ratio(Surv(t, s) ~ g, d, model, "LF"))$estimate, c(NA_real_, NA)
    )
  }
})

test_that("levels that meet the reference in no stratum are not compared with it", {
  d <- data.frame(
    t = 1:8, e = 1, g = c("A", "A", "A", "A", "B", "C", "B", "C"), s = rep(1:2, each = 4)
  )
  for (firth in list(NA, TRUE, FALSE)) {
    fit <- tidy(hazard_ratio(Surv(t, e) ~ g + strata(s), d, firth = firth))
    expect_identical(fit$estimate, c(NA_real_, NA))
  }
  # the same as risk sets at other times
  d$start <- ifelse(d$s == 1, 0, 4)
  suppressMessages(fit <- hazard_ratio(Surv(start, t, e) ~ g, d))
  expect_identical(tidy(fit)$estimate, c(NA_real_, NA))
  # A meets D, and B meets C: only D against A is known
  d <- data.frame(
    t = 1:16, e = 1, g = c(rep(c("A", "D"), 4), rep(c("B", "C"), 4)),
    s = rep(1:2, each = 8)
  )
  fit <- tidy(hazard_ratio(Surv(t, e) ~ g + strata(s), d))
  expect_identical(is.na(fit$estimate), c(TRUE, TRUE, FALSE))
  first <- tidy(hazard_ratio(Surv(t, e) ~ g, d[d$s == 1, ]))
  expect_equal(fit$estimate[3], first$estimate, tolerance = 1e-6)
  # one row of B beside A links all
  d$g[2] <- "B"
  fit <- tidy(hazard_ratio(Surv(t, e) ~ g + strata(s), d))
  peer <- survival::coxph(Surv(t, e) ~ g + strata(s), d)
  expect_equal(log(fit$estimate), unname(stats::coef(peer)), tolerance = 1e-6)
})

test_that("Firth's limits of a follow-up that is split are those of the whole", {
  d <- data.frame(
    i = 1:8, t = 1:8, e = c(1, 0, 1, 0, 1, 0, 0, 0), g = factor(rep(1:2, 4))
  )
  numbers <- c("estimate", "std.error", "p.value", "conf.low", "conf.high")
  whole <- tidy(hazard_ratio(Surv(t, e) ~ g, d))
  expect_equal(unlist(whole[c("estimate", "conf.low", "conf.high", "p.value")]),
    c(0.143, 0.00106, 1.47, 0.112),
    tolerance = 0.005, ignore_attr = TRUE
  )
  for (cut in list(2, c(2.5, 4), 1:7)) {
    long <- survival::survSplit(Surv(t, e) ~ ., d, cut = cut, start = "a")
    long <- long[rev(seq_len(nrow(long))), ]
    suppressMessages(fit <- hazard_ratio(Surv(a, t, e) ~ g, long, id = i))
    expect_equal(tidy(fit)[numbers], whole[numbers], tolerance = 1e-5)
    expect_false(fit$blank)
  }
  # rows that overlap, and a second event, are still more than one
  long <- survival::survSplit(Surv(t, e) ~ ., d, cut = 2, start = "a")
  over <- transform(long, a = ifelse(a == 2 & i == 5, 1, a))
  again <- transform(long, e = ifelse(i == 5, 1, e))
  for (rows in list(over, again, rbind(long, long))) {
    suppressMessages(fit <- hazard_ratio(Surv(a, t, e) ~ g, rows, id = i))
    expect_identical(tidy(fit)$conf.low, NA_real_)
    expect_identical(tidy(fit)$p.value, NA_real_)
  }
})

test_that("the same by id, by cause, in Fine-Gray, with either tie rule", {
  fit <- tidy(hazard_ratio(Surv(t, e) ~ g, early, id = id))
  peer <- survival::coxph(Surv(t, e) ~ I(g == "C"), early, cluster = id)
  expect_identical(fit$df[2], 6)
  expect_equal(fit$std.error, c(NA, sqrt(stats::vcov(peer)[1] * 8 / 6), NA),
    tolerance = 1e-6
  )
  for (model in c("cox", "fine-gray")) {
    for (ties in c("efron", "breslow")) {
      fit <- tidy(hazard_ratio(Surv(t, s) ~ g, early, model, "LF", ties = ties))
      expect_identical(is.na(fit$estimate), c(TRUE, FALSE, TRUE))
      expect_false(is.na(fit$conf.low[2]))
    }
  }
})

test_that("covariates without variation among those at risk at the events are NA", {
  d <- data.frame(
    t = 1:8, e = c(1, 1, 0, 1, 0, 0, 0, 0), s = c(1, 1, 1, 1, 2, 2, 2, 2),
    arm = c("A", "A", "A", "A", "A", "B", "B", "A"), x = c(2, 5, 1, 4, 3, 2, 1, 7)
  )
  estimate <- function(...) tidy(hazard_ratio(..., data = d))$estimate
  expect_identical(estimate(Surv(t, e) ~ arm + strata(s)), NA_real_)
  both <- estimate(Surv(t, e) ~ arm + x + strata(s))
  expect_identical(both, c(NA, estimate(Surv(t, e) ~ x + strata(s))))
  expect_identical(estimate(Surv(t, e) ~ I(0 * t) + x + strata(s))[2], both[2])
  twice <- estimate(Surv(t, e) ~ x + I(2 * x) + arm)
  expect_identical(is.na(twice), c(FALSE, TRUE, FALSE))
  expect_identical(estimate(Surv(t, e) ~ I(0 * t)), NA_real_)
  # the last of collinear columns, as in coxph()
  d <- cohort(13)
  fit <- tidy(hazard_ratio(Surv(time, event) ~ arm + age + I(arm == "b") + I(3 - age), d))
  peer <- suppressWarnings(
    survival::coxph(Surv(time, event) ~ arm + age + I(arm == "b") + I(3 - age), d)
  )
  expect_identical(is.na(fit$estimate), unname(is.na(stats::coef(peer))))
  expect_equal(log(fit$estimate)[1:3], unname(stats::coef(peer))[1:3], tolerance = 1e-6)
})

test_that("survival's singtest: the pattern of NA and the values", {
  one <- data.frame(
    time = c(4, 3, 1, 1, 2, 2, 3), status = c(1, NA, 1, 0, 1, 1, 0),
    x = c(0, 2, 1, 1, 1, 0, 0)
  )
  from <- rep(10 * 0:3, each = 7)
  d <- data.frame(
    a = from, b = from + one$time, status = rep(one$status, 4),
    x = c(one$x + 1:7, rep(one$x, 3)), epoch = factor(rep(1:4, each = 7))
  )
  suppressMessages(fit <- hazard_ratio(Surv(a, b, status) ~ x * epoch, d))
  peer <- stats::coef(survival::coxph(Surv(a, b, status) ~ x * epoch, d))
  expect_identical(is.na(tidy(fit)$estimate), unname(is.na(peer)))
  expect_equal(log(tidy(fit)$estimate), unname(peer), tolerance = 1e-5)
  expect_output(print(fit), "test is not defined")
})

test_that("what is not estimable says so in tables, sentences and figures", {
  skip_if_not_installed("ggplot2")
  fit <- hazard_ratio(Surv(t, e) ~ g, early)
  x <- result_table(fit)
  expect_identical(as.data.frame(x)[[4]][1], as.data.frame(x)[[4]][3])
  expect_match(paste(x$notes, collapse = " "), "Not estimable: g: B against A and g: D")
  expect_identical(forest_plot(fit)$data$text[1], "not estimable")
  expect_identical(unname(inline_text(fit)[c(1, 3)]), rep("HR not estimable", 2))
  expect_match(inline_text(fit)[2], "^HR [0-9.]+ \\(95% CI ")
  expect_identical(
    inline_text(fit, "B", pattern = "{value} v {reference}: {estimate}"),
    "B v A: not estimable"
  )
  curves <- kaplan_meier(Surv(t, e) ~ g, early)
  expect_s3_class(curve_plot(curves, hazard.ratio = fit), "ggplot")
  text <- oligosurv:::ratio_text(fit, curves, "any")
  expect_identical(unname(text)[1], "HR not estimable, B vs A")
  none <- hazard_ratio(Surv(t, 0 * e) ~ g, early)
  expect_true(all(is.na(tidy(none)$estimate)))
  expect_identical(glance(none)$events.per.parameter, NA_real_)
  expect_output(print(none), "D against A (no event)", fixed = TRUE)
  expect_s3_class(forest_plot(none), "ggplot")
  expect_s3_class(result_table(none), "result_table")
})

test_that("left truncation is coxph's counting form", {
  d <- cohort(5)
  d$entry <- d$time / 3
  fit <- tidy(hazard_ratio(Surv(entry, time, event) ~ age, d))
  peer <- survival::coxph(Surv(entry, time, event) ~ age, d)
  expect_equal(log(fit$estimate), unname(stats::coef(peer)), tolerance = 1e-8)
})

test_that("Fine-Gray agrees with crr: coefficients to 1e-6, errors to 1%", {
  skip_if_not_installed("cmprsk")
  for (seed in 1:5) {
    d <- cohort(seed, 80)
    fit <- tidy(hazard_ratio(Surv(time, status) ~ age + arm, d, "fine-gray"))
    for (k in 1:2) {
      x <- stats::model.matrix(~ age + arm, d)[, -1]
      peer <- cmprsk::crr(d$time, d$cause, x, failcode = k, gtol = 1e-10)
      ours <- fit[fit$outcome == levels(d$status)[k + 1], ]
      expect_lt(max(abs(log(ours$estimate) - peer$coef)), 1e-6)
      expect_equal(ours$std.error, sqrt(diag(peer$var)), tolerance = 0.01)
    }
  }
})

test_that("without censoring a Fine-Gray model is Cox with the others kept to the end", {
  d <- cohort(6)
  d$status[d$status == "censored"] <- "death"
  d$kept <- ifelse(d$status == "failure", d$time, 99)
  fit <- hazard_ratio(Surv(time, status) ~ age, d, "fine-gray", outcome = "failure")
  peer <- survival::coxph(Surv(kept, status == "failure") ~ age, d, ties = "breslow")
  expect_equal(log(tidy(fit)$estimate), unname(stats::coef(peer)), tolerance = 1e-8)
})

test_that("Cox with competing risks is cause-specific, one model a cause", {
  d <- cohort(7)
  fit <- hazard_ratio(Surv(time, status) ~ age, d)
  for (cause in c("failure", "death")) {
    d$this <- d$status == cause
    peer <- survival::coxph(Surv(time, this) ~ age, d)
    expect_equal(log(tidy(fit)$estimate[tidy(fit)$outcome == cause]),
      unname(stats::coef(peer)),
      tolerance = 1e-8
    )
  }
  one <- hazard_ratio(Surv(time, status) ~ age, d, outcome = "death")
  expect_identical(tidy(one)$estimate, tidy(fit)$estimate[2])
  expect_match(glance(one)$method, "cause-specific")
})

test_that("a group without events: Firth by hand, limits on the profile", {
  d <- data.frame(month = 1:4, dead = c(1, 0, 1, 0), arm = c("A", "B", "A", "B"))
  fit <- tidy(hazard_ratio(Surv(month, dead) ~ arm, d))
  expect_equal(fit$estimate, 0.2, tolerance = 1e-8)
  penalised <- function(r) log(r) / 2 - 3 * log(1 + r)
  deviance <- 2 * (penalised(0.2) - penalised(1))
  expect_equal(fit$p.value, stats::pchisq(deviance, 1, lower.tail = FALSE),
    tolerance = 1e-8
  )
  expect_equal(fit$statistic, -sqrt(deviance), tolerance = 1e-8)
  drop <- 2 * (penalised(0.2) - penalised(c(fit$conf.low, fit$conf.high)))
  expect_equal(drop, rep(stats::qchisq(0.95, 1), 2), tolerance = 1e-6)
  expect_match(fit$method, "Firth")
  expect_equal(fit$std.error, 1 / sqrt(2 * 0.2 / 1.2^2), tolerance = 1e-8)
})

test_that("firth = TRUE always, FALSE never, NA where needed", {
  d <- cohort(8)
  expect_no_match(tidy(hazard_ratio(Surv(time, event) ~ arm, d))$method, "Firth")
  always <- tidy(hazard_ratio(Surv(time, event) ~ arm, d, firth = TRUE))
  expect_match(always$method, "Firth")
  d$event[d$arm == "c"] <- 0
  expect_match(tidy(hazard_ratio(Surv(time, event) ~ age + arm, d))$method, "Firth")
  expect_warning(
    never <- hazard_ratio(Surv(time, event) ~ age + arm, d, firth = FALSE), "arm c:",
    class = "oligosurv_warning_data"
  )
  expect_identical(tidy(never)$estimate[3], 0)
  expect_identical(tidy(never)$conf.high[3], Inf)
  expect_identical(tidy(never)$p.value[3], NA_real_)
  peer <- survival::coxph(Surv(time, event) ~ age + arm, d, subset = arm != "c")
  expect_equal(log(tidy(never)$estimate[1:2]), unname(stats::coef(peer)[1:2]),
    tolerance = 1e-6
  )
})

test_that("Firth with repeated ids keeps the estimate and gives no limits", {
  d <- cohort(9)
  d$event[d$arm == "c"] <- 0
  alone <- tidy(hazard_ratio(Surv(time, event) ~ arm, d))
  fit <- hazard_ratio(Surv(time, event) ~ arm, d, id = id)
  expect_identical(tidy(fit)$estimate, alone$estimate)
  expect_true(all(is.na(tidy(fit)[c("conf.low", "conf.high", "p.value")])))
  expect_output(print(fit), "would ignore that rows of one id")
})

test_that("invariants: row order, unit of time, coding of the status, event table", {
  d <- cohort(10, ties = TRUE)
  base <- tidy(hazard_ratio(Surv(time, event) ~ arm, d))
  o <- rev(seq_len(nrow(d)))
  expect_equal(tidy(hazard_ratio(Surv(time, event) ~ arm, d[o, ])), base)
  expect_identical(tidy(hazard_ratio(Surv(time * 30.4, event) ~ arm, d)), base)
  expect_identical(tidy(hazard_ratio(Surv(time, event == 1) ~ arm, d)), base)
  expect_message(
    two <- hazard_ratio(Surv(time, event + 1) ~ arm, d), "1 = censored, 2 = event"
  )
  expect_identical(tidy(two)$estimate, base$estimate)
  counted <- tidy(hazard_ratio(event_table(Surv(time, event) ~ arm, d)))
  expect_equal(counted$estimate, base$estimate)
  close <- d$time * (1 + 1e-12 * seq_along(d$time))
  near <- hazard_ratio(Surv(close, event) ~ arm, d)
  expect_identical(tidy(near)$estimate, base$estimate)
})

test_that("edges: no event, empty level, aliased column, missing values, time 0", {
  d <- cohort(11)
  none <- hazard_ratio(Surv(time, rep(0, 60)) ~ arm + age, d)
  expect_identical(tidy(none)$estimate, rep(NA_real_, 3))
  expect_output(print(none), "not checked")
  d$empty <- factor(d$arm, c("none", "a", "b", "c"))
  fit <- tidy(hazard_ratio(Surv(time, event) ~ empty, d))
  expect_identical(fit$reference, rep("a", 3))
  expect_identical(fit$level, c("b", "c", "none"))
  expect_identical(is.na(fit$estimate), c(FALSE, FALSE, TRUE))
  expect_identical(fit$n[3], 0)
  twice <- tidy(hazard_ratio(Surv(time, event) ~ age + I(2 * age), d))
  expect_identical(is.na(twice$estimate), c(FALSE, TRUE))
  d$age[4] <- NA
  expect_message(
    part <- hazard_ratio(Surv(time, event) ~ age, d), "1 row with a missing .*row 4"
  )
  expect_equal(
    tidy(part)$estimate, tidy(hazard_ratio(Surv(time, event) ~ age, d[-4, ]))$estimate
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, na.action = stats::na.fail),
    class = "oligosurv_error_data"
  )
  zero <- data.frame(t = c(0, 1, 2, 3), e = 1, g = c("a", "b", "a", "b"))
  expect_equal(
    tidy(hazard_ratio(Surv(t, e) ~ g, zero))$estimate, (sqrt(17) - 1) / 8,
    tolerance = 1e-8
  )
  one <- hazard_ratio(Surv(time, event) ~ age, d[1, ])
  expect_identical(tidy(one)$estimate, NA_real_)
})

test_that("lesions need an id; few events are said", {
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_error(hazard_ratio(Surv(time, status) ~ cohort, lesions), "id = patient_id",
    class = "oligosurv_error_data"
  )
  os <- endpoint(hcc_sbrt, "os")
  fit <- hazard_ratio(Surv(time, status) ~ cohort, os)
  expect_identical(glance(fit)$n, 37L)
  small <- hazard_ratio(Surv(time, status) ~ cohort, os[os$status == 0 | os$time < 6, ])
  expect_output(print(small), "events per parameter \\(below 5\\)")
})

test_that("print says the model, the status, the ratios and the check", {
  expect_snapshot(hazard_ratio(Surv(week, relapse) ~ arm, freireich))
})

test_that("errors by class", {
  d <- cohort(12)
  expect_error(hazard_ratio(Surv(time, event) ~ 1, d), class = "oligosurv_error_input")
  expect_error(hazard_ratio(Surv(time, event) ~ age - 1, d),
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ nosuch, d), "columns of `data`",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age:strata(site), d), "strata",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, "fine-gray"), "competing",
    class = "oligosurv_error_data"
  )
  expect_error(hazard_ratio(Surv(time, status) ~ age, d, outcome = "cure"), "failure",
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, id = nosuch),
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, id = 1:3),
    class = "oligosurv_error_input"
  )
  expect_error(hazard_ratio(Surv(-time, event) ~ age, d),
    class = "oligosurv_error_domain"
  )
  d$same <- "x"
  expect_error(hazard_ratio(Surv(time, event) ~ same, d), "one level",
    class = "oligosurv_error_data"
  )
  expect_error(hazard_ratio(d), class = "oligosurv_error_input")
  expect_error(hazard_ratio(Surv(time, event) ~ age, d, firth = "yes"),
    class = "oligosurv_error_input"
  )
})
