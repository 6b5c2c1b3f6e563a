# dose_table(): items, completeness, groups.

dose_study <- function(...) {
  tables <- small_tables()
  tables$lesions$dose_gy <- c("30", "40", "50", "60", "")
  tables$lesions$treatment_days <- c("10", "12", "", "", "")
  tables$lesions$dose_algorithm <- c("Monte Carlo", "AAA", "Monte Carlo", "", "")
  extra <- list(...)
  tables$lesions[names(extra)] <- extra
  do.call(sbrt_study, tables)
}

test_that("items are summarised over the lesions that have them", {
  x <- dose_table(dose_study())
  row <- function(column) as.data.frame(x[x$column == column, ])
  dose <- row("dose_gy")
  expect_identical(c(dose$n, dose$n.reported), c(5L, 4L))
  expect_equal(
    unlist(dose[c("median", "q1", "q3", "min", "max")], use.names = FALSE),
    c(45, 37.5, 52.5, 30, 60)
  )
  # 5 fractions: 30 Gy is 48 Gy10, 40 is 72, 50 is 100, 60 is 132
  expect_equal(row("bed")$median, 86, tolerance = 1e-12)
  expect_identical(row("dose_algorithm")$text, "Monte Carlo (2), AAA (1)")
  expect_identical(row("dose_algorithm")$median, NA_real_)
  expect_identical(row("ptv_cm3")$n.reported, 0L)
  expect_identical(row("ptv_cm3")$text, NA_character_)
})

test_that("completeness counts items and cells, per report", {
  x <- dose_table(dose_study())
  complete <- attr(x, "completeness")
  expect_identical(complete$asked_by, c("TG-101", "ICRU 91"))
  # All have fractions; some have dose, treatment time and algorithm
  expect_identical(complete$n.complete, c(1L, 1L))
  expect_identical(complete$n.partial, c(3L, 3L))
  expect_equal(complete$cells_pct, 100 * (5 + 4 + 2 + 3) / (5 * complete$n.items))
  expect_identical(complete$n.items, c(11L, 15L))
  by <- attr(dose_table(dose_study(), by = "cohort"), "completeness")
  expect_identical(as.character(by$strata), c("OP", "OP", "OM", "OM"))
  expect_identical(by$n.complete, c(1L, 1L, 2L, 2L))
  # Fills in every item
  items <- dose_items[dose_items$asked_by != "derived", ]
  all <- lapply(items$column, function(column) {
    spec <- schema_all[schema_all$table == "lesions" & schema_all$column == column, ]
    expect_identical(nrow(spec), 1L)
    expect_identical(spec$unit, items$unit[items$column == column])
    rep(if (spec$type == "text") "said" else if (nzchar(spec$lower)) spec$lower else 1, 5)
  })
  names(all) <- items$column
  all$dose_gy <- rep(20, 5)
  full <- attr(dose_table(do.call(dose_study, all)), "completeness")
  expect_identical(full$n.complete, full$n.items)
  expect_identical(full$cells_pct, c(100, 100))
})

test_that("groups, rows without one, one lesion", {
  by <- dose_table(dose_study(), by = "strategy")
  expect_identical(levels(by$strata), c("OP-N", "OP-C"))
  expect_identical(by$n[by$column == "dose_gy"], c(2L, 2L))
  expect_output(print(by), "Left out: 1 lesion without a value of strategy")
  expect_error(dose_table(dose_study(), by = "sex"), class = "oligosurv_error_input")
  again <- dose_study()
  again$courses <- data.frame(
    patient_id = "C", lesion_id = "1", course = 2L, dose_gy = 40, fractions = 5L,
    start_date = as.Date("2021-01-05")
  )
  expect_equal(dose_table(again)$max[6], 132 + 72, tolerance = 1e-12)
  lone <- dose_study()
  lone$lesions <- lone$lesions[1, ]
  expect_identical(dose_table(lone)$min[1], 30)
})

test_that("the print is as expected, also of some rows", {
  expect_snapshot(print(dose_table(dose_study(), alpha_beta = 3)))
  expect_output(print(dose_table(hcc_sbrt)[c("item", "n")]), "Fractions")
  plain <- as.data.frame(dose_table(hcc_sbrt))
  expect_null(attr(plain, "completeness"))
})

test_that("completeness of the example of the help page", {
  tables <- lapply(small_tables(), function(x) x[x$patient_id == "A", ])
  tables$lesions$prescription_isodose_pct <- 80
  tables$lesions$ptv_cm3 <- c(20, NA)
  done <- attr(dose_table(do.call(sbrt_study, tables)), "completeness")
  expect_identical(done$n.items, c(11L, 15L))
  expect_identical(done$n.complete, c(3L, 3L))
  expect_identical(done$n.partial, c(0L, 1L))
  expect_equal(done$cells_pct, 100 * c(6 / 22, 7 / 30), tolerance = 1e-12)
})
