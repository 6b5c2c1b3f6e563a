# baseline_table(): numbers by hand, standardised mean differences, prints.

people <- data.frame(
  arm = rep(c("a", "b"), c(4, 6)),
  age = c(50, 60, 70, NA, 40, 50, 60, 70, 80, 90),
  sex = factor(c("f", "m", "m", "m", "f", "f", "f", "m", NA, "m"), c("f", "m")),
  smoker = c(TRUE, FALSE, TRUE, FALSE, rep(TRUE, 5), NA)
)

test_that("numbers, categories and missing values are those counted by hand", {
  x <- baseline_table(people, by = "arm")
  row <- function(...) as.data.frame(subset(x, ...))
  age <- row(variable == "age" & category == "")
  expect_identical(as.character(age$strata), c("All", "a", "b"))
  expect_identical(age$n, c(10L, 4L, 6L))
  expect_identical(age$count, c(9L, 3L, 6L))
  expect_equal(age$median, c(60, 60, 65))
  expect_equal(age$q1, c(50, 55, 52.5))
  expect_equal(age$q3, c(70, 65, 77.5))
  expect_equal(c(age$min, age$max), c(40, 50, 40, 90, 70, 90))
  expect_equal(age$mean, c(570 / 9, 60, 65), tolerance = 1e-12)
  expect_equal(age$sd[2], 10)
  missing <- row(variable == "age" & category == "missing")
  expect_identical(missing$count, c(1L, 1L, 0L))
  expect_equal(missing$pct, c(10, 25, 0))
  # percentages of known values: 5 of 9 are men, 3 of 4 in a and 2 of 5 in b
  men <- row(variable == "sex" & category == "m")
  expect_identical(men$count, c(5L, 3L, 2L))
  expect_equal(men$pct, 100 * c(5 / 9, 3 / 4, 2 / 5))
  expect_identical(men$text[2], "3 (75.0%)")
  expect_identical(row(variable == "smoker")$category[c(1, 4, 7)],
    c("yes", "no", "missing")
  )
  expect_null(x$p.value)
})

test_that("standardised mean differences by their formulas", {
  x <- baseline_table(people, by = "arm")
  smd <- function(name) x$smd[match(name, x$variable)]
  known <- split(people$age, people$arm)
  pooled <- sqrt((stats::var(known$a, na.rm = TRUE) + stats::var(known$b)) / 2)
  expect_equal(smd("age"), 5 / pooled, tolerance = 1e-12)
  # two levels: difference of proportions divided by the root of the mean of p (1 - p)
  p <- c(3 / 4, 2 / 5)
  expect_equal(smd("sex"), abs(diff(p)) / sqrt(mean(p * (1 - p))), tolerance = 1e-12)
  # three groups: the largest of the pairwise differences
  three <- data.frame(g = rep(c("a", "b", "c"), each = 4), v = c(1:4, 3:6, 2:5))
  expect_equal(baseline_table(three, by = "g")$smd[1], 2 / stats::sd(1:4))
})

test_that("the difference of three levels is that of the inverted covariance", {
  a <- factor(rep(c("x", "y", "z"), c(10, 6, 4)))
  b <- factor(rep(c("x", "y", "z"), c(3, 8, 9)))
  p <- c(6, 4) / 20
  q <- c(8, 9) / 20
  mean_covariance <- (diag(p) - p %o% p + diag(q) - q %o% q) / 2
  want <- sqrt(drop(t(q - p) %*% solve(mean_covariance) %*% (q - p)))
  expect_equal(category_smd(a, b), want, tolerance = 1e-10)
  # the order of levels has no effect
  turn <- function(x) factor(x, c("z", "x", "y"))
  expect_equal(category_smd(turn(a), turn(b)), want, tolerance = 1e-10)
  # an empty level changes nothing; without a common level the difference is not finite
  more <- function(x) factor(x, c("none", "x", "y", "z"))
  expect_equal(category_smd(more(a), more(b)), want, tolerance = 1e-10)
  expect_identical(category_smd(a[1:2], b[c(4, 5, 19)]), NA_real_)
  expect_identical(category_smd(a, a), 0)
})

test_that("edges: one row, nobody, all missing, constant", {
  lone <- baseline_table(data.frame(age = 7, sex = "f"))
  expect_identical(lone$median[1], 7)
  expect_identical(lone$sd[1], NA_real_)
  expect_identical(lone$text, c("7 (7\u20137; 7\u20137)", "1 (100.0%)"))
  empty <- baseline_table(people[0, ], "age")
  expect_identical(c(empty$n, empty$count), c(0L, 0L))
  expect_identical(empty$text, "NA")
  none <- baseline_table(data.frame(age = c(NA_real_, NA), g = 1:2), "age")
  expect_identical(none$count, c(0L, 2L))
  same <- data.frame(g = c("a", "a", "b", "b"), v = 3, w = c(1, 1, 2, 2))
  expect_identical(baseline_table(same, "v", by = "g")$smd[1], 0)
  expect_identical(baseline_table(same, "w", by = "g")$smd[1], NA_real_)
})

test_that("tests only on request, and not of lesions", {
  x <- baseline_table(people, c("age", "sex"), by = "arm", test = TRUE)
  expect_equal(
    x$p.value[x$variable == "age"][1], stats::kruskal.test(age ~ arm, people)$p.value
  )
  expect_equal(
    x$p.value[x$variable == "sex"][1],
    stats::fisher.test(table(people$sex, people$arm))$p.value
  )
  expect_identical(unique(x$test), c("Kruskal-Wallis", "Fisher's exact"))
  expect_error(baseline_table(people, by = NULL, test = TRUE), "only one",
    class = "oligosurv_error_data"
  )
  expect_error(
    baseline_table(hcc_sbrt, by = "cohort", level = "lesion", test = TRUE),
    "not independent", class = "oligosurv_error_data"
  )
})

test_that("a study gives its patients and its lesions", {
  x <- baseline_table(hcc_sbrt)
  expect_identical(x$n, rep(37L, nrow(x)))
  expect_identical(x$count[x$category == "OP"], 28L)
  expect_identical(x$mean[x$variable == "lesions"], 65 / 37)
  expect_false(any(c("best_response", "patient_id", "sbrt_start") %in% x$variable))
  lesions <- baseline_table(hcc_sbrt, by = "strategy", level = "lesion")
  expect_true(all(c("site", "bed", "diameter_mm") %in% lesions$variable))
  expect_output(print(lesions), "Left out: 17 lesions without a value of strategy")
  dose <- dose_table(hcc_sbrt)
  expect_identical(
    lesions$median[lesions$variable == "bed" & lesions$strata == "All"],
    dose$median[dose$column == "bed"]
  )
})

test_that("requests that cannot be met are errors by class", {
  input <- "oligosurv_error_input"
  expect_error(baseline_table(people, "x"), "there is no \"x\"", class = input)
  expect_error(baseline_table(people, by = "x"), class = input)
  expect_error(baseline_table(people, 1), "`variables`", class = input)
  expect_error(baseline_table(people, level = "lesion"), class = input)
  expect_error(baseline_table(1), class = input)
  expect_error(baseline_table(people, test = NA), class = input)
  expect_error(baseline_table(people, labels = c(x = "X")), "`labels`", class = input)
  expect_error(baseline_table(data.frame(d = Sys.Date())), "no column", class = input)
  expect_error(baseline_table(data.frame(v = c(1, Inf))), "row 2",
    class = "oligosurv_error_domain"
  )
})

test_that("the print is as expected, and format() gives text", {
  x <- baseline_table(people, by = "arm", test = TRUE, labels = c(age = "Age, years"))
  expect_snapshot(print(x))
  text <- format(x)
  expect_identical(names(text), c(
    "variable", "category", "All (n = 10)", "a (n = 4)", "b (n = 6)", "SMD", "p"
  ))
  expect_identical(text[["a (n = 4)"]][1], "60 (55\u201365; 50\u201370)")
  expect_output(print(x[c("variable", "n")]), "variable")
})

test_that("labels and units of columns stay with a study and name the rows", {
  tables <- small_tables()
  tables$patients$age <- structure(c(61, 62, 63, 64), label = "Age", units = "years")
  names(tables$lesions)[3] <- "Organ"
  study <- do.call(sbrt_study, c(tables, list(
    columns = list(lesions = c(site = "Organ"))
  )))
  labels <- function(x) unique(x$label)
  expect_identical(labels(baseline_table(study, c("age", "cohort"))),
    c("Age, years", "Cohort")
  )
  expect_identical(
    labels(baseline_table(study, c("site", "age"), level = "lesion")),
    c("Organ", "Age, years")
  )
  expect_identical(
    labels(baseline_table(study, "age", labels = c(age = "Years"))), "Years"
  )
  for (x in list(
    endpoint(study, "os"), endpoint(study, "local_failure", "lesion"),
    endpoint(study, "os", landmark = 2, unit = "months"), lesion_dose(study)
  )) {
    expect_identical(attr(x$age, "label"), "Age")
    expect_identical(attr(x$age, "units"), "years")
  }
})

test_that("the differences of the help page", {
  x <- data.frame(
    group = rep(c("a", "b"), c(3, 3)), age = c(61, 62, 63, 62, 63, 64)
  )
  expect_equal(baseline_table(x, "age", "group")$smd[1], 1, tolerance = 1e-12)
  x <- data.frame(
    group = rep(c("a", "b"), c(5, 4)), sex = c("w", "m", "m", "m", NA, "w", "w", "w", "m")
  )
  table <- baseline_table(x, "sex", "group")
  expect_equal(table$smd[1], 0.5 / sqrt(0.1875), tolerance = 1e-12)
  one <- table[table$strata == "a", ]
  expect_identical(one$pct[match(c("w", "missing"), one$category)], c(25, 20))
})

test_that("a strategy is missing only where a cohort has strategies", {
  x <- data.frame(cohort = rep(c("OP", "OM"), c(4, 3)), strategy = NA_character_)
  x$strategy[1:3] <- c("OP-N", "OP-C", "OP-C")
  table <- as.data.frame(baseline_table(x, "strategy", by = "cohort"))
  missing <- table[table$category == "missing", ]
  at <- match(c("All", "OP", "OM"), missing$strata)
  expect_identical(missing$count[at], c(1L, 1L, 0L))
  first <- table[table$category == "OP-N" & table$strata == "All", ]
  expect_equal(first$pct, 100 / 3, tolerance = 1e-14)
  expect_identical(first$n, 7L)
})

test_that("percentages that are not of all patients are said to be so", {
  note <- "Percentages of categories: of those with a known value."
  # 9 patients are in the cohort without strategies: 12 of 28 are 42.9%, not of 37
  table <- result_table(baseline_table(hcc_sbrt, by = "cohort"))
  expect_identical(table$body[1L, 3L], "12 (42.9%)")
  expect_true(note %in% table$notes)
  x <- data.frame(sex = c("f", "f", "m", NA), age = c(50, NA, 60, 70))
  expect_true(note %in% result_table(baseline_table(x, "sex"))$notes)
  expect_false(note %in% result_table(baseline_table(x[1:3, ], "sex"))$notes)
  expect_false(note %in% result_table(baseline_table(x, "age"))$notes)
})

test_that("a table too large for Fisher's test has a chi-square test", {
  withr::local_seed(1)
  x <- data.frame(v = sample(letters, 400, TRUE), g = sample(LETTERS[1:8], 400, TRUE))
  table <- baseline_table(x, "v", by = "g", test = TRUE)
  expect_identical(unique(table$test), "chi-square")
  # sum of (observed - expected)^2 / expected, without correction
  n <- table(x$v, x$g)
  e <- outer(rowSums(n), colSums(n)) / sum(n)
  p <- stats::pchisq(sum((n - e)^2 / e), 25 * 7, lower.tail = FALSE)
  expect_equal(unique(table$p.value), p, tolerance = 1e-12)
  expect_output(print(table), "P: chi-square")
})

test_that("a list is no characteristic", {
  x <- data.frame(id = 1:2)
  x$sites <- list("liver", c("lung", "bone"))
  error <- expect_error(baseline_table(x, "sites"), paste(
    "the column `sites` of `variables` is .*; it must hold numbers or categories"
  ), class = "oligosurv_error_input")
  expect_identical(error$arg, "variables")
})

test_that("rows beyond the end of a table are an error", {
  table <- baseline_table(hcc_sbrt)
  n <- nrow(table)
  expect_identical(nrow(table[n, ]), 1L)
  for (i in list(n + 1, c(1, NA, 1e4))) {
    error <- expect_error(table[i, ],
      sprintf("there is no row %s; the table has %d rows", format(max(i, na.rm = TRUE),
        big.mark = "", scientific = FALSE
      ), n), class = "oligosurv_error_input"
    )
    expect_identical(error$arg, "i")
  }
})
