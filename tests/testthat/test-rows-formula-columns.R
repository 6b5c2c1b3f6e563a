# Columns of a formula whose class gives their numbers another meaning.

d <- formula_rows

test_that("NaN is a missing group, and 64-bit integers are numbers", {
  expect_message(
    fit <- kaplan_meier(Surv(t, s) ~ c(NaN, 1, 1, 2), d), "row 1"
  )
  expect_identical(levels(tidy(fit)$strata), c("1", "2"))
  skip_if_not_installed("bit64")
  big <- transform(d, t = bit64::as.integer64(t), s = bit64::as.integer64(s))
  expect_identical(
    tidy(kaplan_meier(Surv(t, s) ~ 1, big)), tidy(kaplan_meier(Surv(t, s) ~ 1, d))
  )
})

test_that("numbers whose class changes their meaning are refused or read correctly", {
  lubri <- function(name) getExportedValue("lubridate", name)
  d <- data.frame(s = c(1, 0, 1, 1))
  d$months <- structure(2020 + 1:4 / 12, class = "yearmon")
  expect_error(kaplan_meier(Surv(months, s) ~ 1, d), "not a date",
    class = "oligosurv_error_input"
  )
  expect_error(kaplan_meier(Surv(1:4, months) ~ 1, d), class = "oligosurv_error_input")
  # entry and exit have different units
  d$exit <- as.difftime(c(2, 3, 4, 5), units = "weeks")
  d$entry <- as.difftime(c(0, 7, 14, 14), units = "days")
  expect_identical(
    tidy(kaplan_meier(Surv(entry, exit, s) ~ 1, d)),
    tidy(kaplan_meier(Surv(c(0, 1, 2, 2), 2:5, s) ~ 1, d))
  )
  withr::local_envvar(TZ = "UTC")
  skip_if_not_installed("lubridate")
  periods <- list(
    months(1:4), lubri("years")(1:4), lubri("days")(1:4),
    lubri("period")(1:4, "week"),
    lubri("as.period")(lubri("interval")(
      as.Date("2020-01-01"),
      as.Date(c("2020-04-01", "2020-05-01", "2020-06-01", "2021-01-01"))
    ))
  )
  periods[[1]] <- lubri("period")(1:4, "month")
  for (p in periods) {
    d$p <- p
    for (formula in list(
      Surv(p, s) ~ 1, Surv(p, s) ~ s, Surv(p, 9:12, s) ~ 1, Surv(1:4, p) ~ 1
    )) {
      expect_error(kaplan_meier(formula, d), "lubridate Period.*time_length",
        class = "oligosurv_error_input"
      )
    }
    expect_error(kaplan_meier(Surv(1:4, s) ~ 1, d, times = p),
      class = "oligosurv_error_input"
    )
    expect_error(kaplan_meier(Surv(1:4, s) ~ 1, d, landmark = p[1]), "Period",
      class = "oligosurv_error_input"
    )
  }
  seconds <- tidy(kaplan_meier(Surv(60 * (1:4), s) ~ 1, d))
  start <- as.POSIXct("2020-01-01", tz = "UTC")
  for (time in list(
    lubri("dminutes")(1:4), lubri("interval")(start, start + 60 * (1:4)),
    as.difftime(60 * (1:4), units = "secs"), structure(60 * (1:4), units = "secs",
      class = c("hms", "difftime")
    )
  )) {
    expect_identical(tidy(kaplan_meier(Surv(time, d$s) ~ 1)), seconds)
  }
})

test_that("values that an SPSS column declares missing are missing", {
  spss <- function(x, ...) {
    structure(x, ...,
      class = c("haven_labelled_spss", "haven_labelled", "vctrs_vctr", typeof(x))
    )
  }
  d <- data.frame(id = c(1, 1, 2, 3))
  d$t <- spss(c(2, 4, 999, 8), na_values = c(999, 998))
  d$s <- spss(c(0, 1, 0, -9), na_range = c(-Inf, -1))
  d$g <- spss(c("a", "b", "x", "b"), na_values = "x")
  d$w <- spss(c(1L, 2L, 1L, 99L), na_values = 98L, na_range = c(90, 100))
  d$entry <- spss(c(0, 1, 0, 77), na_values = 77)
  n_of <- function(formula, ...) {
    suppressMessages(sum(glance(kaplan_meier(formula, d, ...))$n))
  }
  expect_identical(n_of(Surv(t, rep(1, 4)) ~ 1), 3)
  expect_identical(n_of(Surv(1:4, s) ~ 1), 3)
  expect_identical(n_of(Surv(1:4, c(0, 1, 0, 1)) ~ g), 3)
  expect_identical(n_of(Surv(1:4, c(0, 1, 0, 1)) ~ strata(g)), 3)
  expect_identical(n_of(Surv(1:4, c(0, 1, 0, 1)) ~ g, id = id), 3)
  expect_identical(n_of(Surv(entry, 11:14, c(0, 1, 0, 1)) ~ 1), 3)
  # the remaining weights are 1, 2 and 1
  expect_identical(
    n_of(Surv(1:4, c(0, 1, 0, 1)) ~ 1, weights = w, weight_type = "frequency"), 4
  )
  d$id <- spss(c(1, 1, 2, 9), na_values = 9)
  expect_identical(n_of(Surv(1:4, c(0, 1, 0, 1)) ~ 1, id = id), 3)
  expect_message(kaplan_meier(Surv(t, rep(1, 4)) ~ 1, d), "row 3")
  d$t <- structure(c(2, 4, NA, 8),
    labels = c(a = 4), class = c("haven_labelled", "double")
  )
  expect_identical(n_of(Surv(t, rep(1, 4)) ~ 1), 3)
})

test_that("an empty id is missing, and ids beyond 2^53 stay distinct", {
  d <- data.frame(t = 1:6, s = c(1, 0, 1, 1, 0, 1), id = c("a", "", "b", " ", "b", "c"))
  expect_message(fit <- kaplan_meier(Surv(t, s) ~ 1, d, id = id), "rows 2 and 4")
  expect_identical(glance(fit)$n, 4)
  skip_if_not_installed("bit64")
  big <- bit64::as.integer64("9007199254740992") + 0:5
  d$id <- big
  d$g <- big
  expect_identical(glance(kaplan_meier(Surv(t, s) ~ 1, d, id = id))$n.id, 6)
  expect_identical(nrow(glance(kaplan_meier(Surv(t, s) ~ g, d))), 6L)
})

test_that("entries and times given as different difftime units are in one unit", {
  skip_if_not_installed("lubridate")
  days <- getExportedValue("lubridate", "ddays")
  t <- c(3, 5, 8, 12, 20, 24)
  s <- c(1, 0, 1, 1, 0, 1)
  e <- c(0, 1, 2, 3, 4, 5)
  d <- list(
    t = t, e = e, s = s, et = as.difftime(e * 24, units = "hours"), td = days(t),
    ed = days(e), tt = as.difftime(t, units = "days")
  )
  right <- kaplan_meier(Surv(e, t, s) ~ 1, d)
  seconds <- kaplan_meier(Surv(et, td, s) ~ 1, d)
  expect_equal(tidy(seconds)$time, tidy(right)$time * 86400)
  expect_equal(tidy(seconds)$estimate, tidy(right)$estimate)
  expect_equal(tidy(kaplan_meier(Surv(ed, tt, s) ~ 1, d)), tidy(right))
  expect_equal(
    tidy(kaplan_meier(Surv(ed, td, s) ~ 1, d))$estimate, tidy(right)$estimate
  )
})

test_that("columns that print other values than they store are refused as group or id", {
  d <- data.frame(t = c(3, 5, 8, 12, 20, 24), s = c(1, 0, 1, 1, 0, 1))
  code <- c(1, 2, 1, 2, 1, 2)
  d$roman <- utils::as.roman(code)
  d$mode <- as.octmode(code)
  expect_identical(event_table(Surv(t, s) ~ roman, d)$groups, c("I", "II"))
  expect_identical(event_table(Surv(t, s) ~ mode, d)$groups, c("1", "2"))
  d$roman[1] <- NA
  expect_message(event_table(Surv(t, s) ~ roman, d), "row 1\\b")
  d$roman[1] <- utils::as.roman(1)
  for (x in c("roman", "mode")) {
    expect_equal(
      tidy(hazard_ratio(stats::reformulate(x, quote(Surv(t, s))), d))$estimate,
      tidy(hazard_ratio(Surv(t, s) ~ code, d))$estimate
    )
  }
  skip_if_not_installed("lubridate")
  d$period <- getExportedValue("lubridate", "period")(code, "month")
  refused <- function(code) {
    expect_error(code, "Period", class = "oligosurv_error_input")
  }
  refused(event_table(Surv(t, s) ~ period, d))
  refused(event_table(Surv(t, s) ~ strata(period), d))
  refused(hazard_ratio(Surv(t, s) ~ period, d))
  refused(kaplan_meier(Surv(t, s) ~ 1, d, id = period))
  refused(kaplan_meier(Surv(t, s) ~ cluster(period), d))
  refused(late_group(code, known = d$period))
  refused(late_group(d$period, known = 1))
  d$duration <- getExportedValue("lubridate", "ddays")(code)
  expect_identical(event_table(Surv(t, s) ~ duration, d)$groups, c("86400", "172800"))
})

test_that("an S4 class around numbers is refused until as.numeric() says what it is", {
  methods::setClass("oligosurv_dose", contains = "numeric", where = globalenv())
  withr::defer(methods::removeClass("oligosurv_dose", where = globalenv()))
  d <- data.frame(t = 1:8, s = rep(0:1, 4), x = c(3, 1, 4, 1, 5, 9, 2, 6))
  d$dose <- methods::new("oligosurv_dose", d$x)
  for (f in list(Surv(dose, s) ~ 1, Surv(t, dose) ~ 1, Surv(t, s) ~ dose)) {
    expect_error(kaplan_meier(f, d),
      "not an object of class 'oligosurv_dose': convert it first by as.numeric()",
      fixed = TRUE, class = "oligosurv_error_input"
    )
  }
  error <- expect_error(hazard_ratio(Surv(t, s) ~ dose, d), "as.numeric",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "dose")
  expect_identical(
    tidy(hazard_ratio(Surv(t, s) ~ as.numeric(dose), d))$estimate,
    tidy(hazard_ratio(Surv(t, s) ~ x, d))$estimate
  )
})
