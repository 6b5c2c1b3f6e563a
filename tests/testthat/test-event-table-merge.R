# c() of event tables: hospitals that add their counts get what their rows would give.

all_rows <- hospital_rows(n = 600)

# The sum of the tables of three hospitals
pooled <- function(formula, d = all_rows) {
  parts <- unname(split(d, d$hospital))
  do.call(c, lapply(parts, function(rows) written(event_table(formula, rows))))
}

expect_same_fit <- function(a, b) {
  expect_equal(tidy(a), tidy(b), tolerance = 1e-12)
  expect_equal(glance(a), glance(b), tolerance = 1e-12)
}

test_that("curves, tests and regression of three hospitals are those of their rows", {
  d <- all_rows
  f <- Surv(day, dead) ~ arm
  expect_same_fit(kaplan_meier(pooled(f)), kaplan_meier(f, d))
  expect_same_fit(logrank_test(pooled(f)), logrank_test(f, d))
  f <- Surv(day, status) ~ arm
  expect_same_fit(cumulative_incidence(pooled(f)), cumulative_incidence(f, d))
  expect_same_fit(gray_test(pooled(f)), gray_test(f, d))
  by_hospital <- Surv(day, status) ~ arm + strata(hospital)
  expect_same_fit(gray_test(pooled(by_hospital)), gray_test(by_hospital, d))
  expect_same_fit(logrank_test(pooled(Surv(day, dead) ~ arm + strata(hospital))),
    logrank_test(Surv(day, dead) ~ arm + strata(hospital), d)
  )
  f <- Surv(day, status) ~ arm + ecog + age
  table <- pooled(f)
  for (model in c("cox", "fine-gray")) {
    for (rhs in list(~ arm + ecog, ~ arm * factor(ecog), ~ splines::ns(age, 3) + arm)) {
      expect_same_fit(hazard_ratio(table, rhs, model),
        hazard_ratio(stats::update(rhs, Surv(day, status) ~ .), d, model)
      )
    }
  }
  late <- Surv(entry, day, dead) ~ arm
  expect_same_fit(quietly(kaplan_meier(pooled(late))), quietly(kaplan_meier(late, d)))
  expect_same_fit(hazard_ratio(pooled(late), ~arm), hazard_ratio(late, d))
})

test_that("one hospital may count in its database", {
  skip_if_not_installed("dbplyr")
  skip_if_not_installed("RSQLite")
  d <- all_rows
  parts <- split(d, d$hospital)
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  withr::defer(DBI::dbDisconnect(con))
  third <- transform(parts[[3L]], status = as.character(status))
  DBI::dbWriteTable(con, "patients", third)
  counted <- event_table(dplyr::tbl(con, "patients"), "day", "status",
    group = c("ecog", "arm"), states = levels(d$status)
  )
  table <- c(
    written(event_table(Surv(day, status) ~ arm + ecog, parts[[1L]])),
    written(event_table(Surv(day, status) ~ arm + ecog, parts[[2L]])), written(counted)
  )
  for (model in c("cox", "fine-gray")) {
    expect_same_fit(hazard_ratio(table, ~ arm + ecog, model),
      hazard_ratio(Surv(day, status) ~ arm + ecog, d, model)
    )
  }
  expect_same_fit(cumulative_incidence(table),
    cumulative_incidence(Surv(day, status) ~ arm + ecog, d)
  )
})

test_that("hospitals may have other levels, in another order", {
  d <- all_rows
  d$site <- c("liver", "lung", "bone")[1 + d$ecog]
  here <- d$hospital == "K\u00f6ln"
  d <- d[!(here & d$site == "bone"), ] # no bone there
  here <- d$hospital == "K\u00f6ln"
  one <- event_table(Surv(day, status) ~ site + arm, d[!here, ])
  two <- event_table(Surv(day, status) ~ arm + site, d[here, ])
  whole <- event_table(Surv(day, status) ~ site + arm, d)
  both <- c(written(one), written(two))
  expect_identical(as.data.frame(both), as.data.frame(whole))
  expect_identical(both$values, whole$values)
  back <- c(written(two), written(one)) # variables in the order of the first table
  expect_identical(as.data.frame(back),
    as.data.frame(event_table(Surv(day, status) ~ arm + site, d))
  )
  numbers <- c(
    event_table(Surv(day, dead) ~ age, d[d$age > 60, ]),
    event_table(Surv(day, dead) ~ age, d[d$age <= 60, ])
  )
  expect_identical(as.data.frame(numbers),
    as.data.frame(event_table(Surv(day, dead) ~ age, d))
  )
  declared <- function(levels, rows) {
    event_table(Surv(day, dead) ~ factor(site, levels), d[rows, ])
  }
  both <- c(
    declared(c("lung", "liver"), d$site != "bone"),
    declared(c("bone", "liver"), d$site == "bone")
  )
  expect_identical(both$groups, c("lung", "liver", "bone"))
})

test_that("causes may be in another order, but not others", {
  d <- all_rows
  here <- d$hospital == "K\u00f6ln"
  turned <- transform(d, status = factor(status, levels(status)[c(1, 3, 2)]))
  both <- c(
    event_table(Surv(day, status) ~ arm, d[!here, ]),
    event_table(Surv(day, status) ~ arm, turned[here, ])
  )
  expect_identical(as.data.frame(both),
    as.data.frame(event_table(Surv(day, status) ~ arm, d))
  )
  no_death <- droplevels(d[here & d$status != "death", ])
  expect_error(
    c(
      event_table(Surv(day, status) ~ arm, d),
      event_table(Surv(day, status) ~ arm, no_death)
    ),
    "levels = c[(]\"censored\", \"local failure\", \"death\"[)]",
    class = "oligosurv_error_data"
  )
})

test_that("tables that do not fit are errors that name the file and say what to do", {
  d <- all_rows
  a <- read_lines(counts_text(event_table(Surv(day, dead) ~ arm + ecog, d)), "a.csv")
  from <- function(formula, rows = d, name = "b.csv", ...) {
    read_lines(counts_text(event_table(formula, rows, ...)), name)
  }
  refused <- function(table, message) {
    error <- expect_error(c(a, table), message, class = "oligosurv_error_data")
    expect_identical(error$argument, 2L)
    expect_identical(error$file, "b.csv")
  }
  refused(from(Surv(day, dead) ~ arm),
    "argument 2 [(]\"b.csv\"[)] was counted without `ecog`"
  )
  refused(from(Surv(day, dead) ~ 1), "counted without groups")
  refused(from(Surv(day, dead) ~ arm + factor(ecog)), "without `ecog`")
  refused(from(Surv(day, dead) ~ arm + ecog, transform(d, ecog = paste0("x", ecog))),
    "`ecog` has labels in argument 2 .*, but numbers in argument 1"
  )
  expect_error(c(from(Surv(entry, day, dead) ~ arm + ecog), a), "\"a.csv\".* entry times",
    class = "oligosurv_error_data"
  )
  refused(from(Surv(day, status) ~ arm + ecog), "different states")
  months <- a
  months$origin$unit <- "months"
  months$file <- "b.csv"
  refused(months, "in months, those of argument 1 .* in days; create one of .* 30.4375")
  expect_error(c(from(Surv(day, dead) ~ arm), a), "argument 1 .* without `ecog`",
    class = "oligosurv_error_data"
  )
  strata <- from(Surv(day, dead) ~ arm + ecog + strata(hospital))
  error <- expect_error(c(strata, a), "\"a.csv\".* counted without strata",
    class = "oligosurv_error_data"
  )
  expect_identical(error$file, "a.csv")
})

test_that("a table without a unit is taken to have that of the others, with a message", {
  table <- event_table(Surv(day, dead) ~ arm, all_rows)
  expect_message(both <- c(written(table), table), "argument 2 does not say the unit")
  expect_identical(both$origin$unit, "days")
  expect_no_message(both <- c(table, table))
  expect_null(both$origin)
  expect_null(c(written(table), written(table))$file)
})

test_that("tables with and without weights do not mix", {
  d <- all_rows
  weighted <- kaplan_meier(Surv(day, dead) ~ arm, d,
    weights = rep(1.5, 600), weight_type = "frequency"
  )$table
  expect_error(c(weighted, event_table(Surv(day, dead) ~ arm, d)), "argument 2 has no",
    class = "oligosurv_error_data"
  )
})
