# Numbers in cells: units, decimal commas, thousands separators.

number <- function(x, column, table = "lesions", comma = FALSE) {
  schema <- study_schema()
  spec <- schema[schema$table == table & schema$column == column, ]
  parser_of(spec)(x, spec, list(comma = comma))
}

test_that("units of the schema are read and others converted, with a note", {
  read <- number(c("50", "50 Gy", "50gray", "5000 cGy", NA), "dose_gy")
  expect_identical(read$value, c(50, 50, 50, 50, NA))
  expect_identical(is.na(read$note), c(TRUE, TRUE, TRUE, FALSE, TRUE))
  expect_identical(read$note[4], "is converted from cGy to Gy")
  expect_identical(number(c("2.5 cm", "30mm", "7"), "diameter_mm")$value, c(25, 30, 7))
  expect_identical(
    number(c("12 cc", "12.5 ml", "3 cm\u00b3", "4 cm^3", "2000 mm3"), "gtv_cm3")$value,
    c(12, 12.5, 3, 4, 2)
  )
  percent <- number(c("95 %", "80%", "70 percent"), "prescription_isodose_pct")
  expect_identical(percent$value, c(95, 80, 70))
  counts <- number(c("5 fx", "3 fractions", "1"), "fractions")
  expect_identical(counts$value, c(5L, 3L, 1L))
  expect_identical(number(c("2 weeks", "10 days"), "treatment_days")$value, c(14L, 10L))
  grades <- c("Grade 2", "G3", "CTCAE grade 1", "4")
  expect_identical(number(grades, "grade", "adverse_events")$value, c(2L, 3L, 1L, 4L))
})

test_that("a unit that is not understood is named", {
  expect_identical(number("50 mSv", "dose_gy")$rule, paste0(
    "must be a number from 0.1 to 150 Gy; the unit \"mSv\" is not understood here: ",
    "write the number in Gy"
  ))
  expect_match(number("2 Gy", "conformity_index")$rule, "write the number without \"Gy\"")
  for (odd in c("5x10", "<10", "10-12", "5 0", "I")) {
    expect_identical(number(odd, "dose_gy")$rule, "must be a number from 0.1 to 150 Gy",
      label = odd
    )
  }
})

test_that("a number that is outside its range in this unit says what to write", {
  range <- "must be a number from 0.1 to 150 Gy"
  for (dose in list("5000", c(5000, 4500))) {
    expect_identical(unique(number(dose, "dose_gy")$rule),
      paste0(range, "; if it is in cGy, write the unit too, as in 5000 cGy")
    )
  }
  expect_identical(number(c("0", "20000"), "dose_gy")$rule, c(range, range))
  isodose <- number(c("0.8", "0.65", "0.05", "1.5", "80"), "prescription_isodose_pct")
  range <- "must be a number from 10 to 100 %"
  expect_identical(isodose$rule,
    c(rep(paste0(range, "; write 80 for 80%, not 0.8"), 2), range, range, NA)
  )
  expect_match(number("9000", "ptv_cm3")$rule, "as in 9000 mm3")
})

test_that("a sign may stand apart from its number", {
  change <- number(c("- 30 %", "\u2212 30", "+ 5", "-30"), "best_change_pct", "patients")
  expect_identical(change$value, c(-30, -30, 5, -30))
})

test_that("decimal commas are read where no number of the column has a point", {
  expect_identical(number(c("7,5", "50", "0,25"), "dose_gy")$value, c(7.5, 50, 0.25))
  expect_match(number(c("7,5", "50"), "dose_gy")$note[1], "decimal comma")
  expect_true(is.na(number(c("7,5", "50"), "dose_gy", comma = TRUE)$note[1]))
  mixed <- number(c("7,5", "50.5"), "dose_gy")
  expect_identical(mixed$value, c(NA, 50.5))
  expect_match(mixed$rule[1], "it has a comma")
  # 1,125 alone may be 1125
  expect_match(number("1,125", "dose_gy")$rule, "may separate decimals or thousands")
  expect_identical(number("1,125", "dose_gy", comma = TRUE)$value, 1.125)
  expect_identical(number(c("1,125", "2,5"), "dose_gy")$value, c(1.125, 2.5))
  for (odd in c("1,030.5", "1.030,5", "1 030.5", "1'030", "1,030,000")) {
    expect_match(number(odd, "ptv_cm3")$rule, "without a thousands separator",
      label = odd
    )
  }
})

test_that("numbers are taken as they are, and kept to the last bit", {
  x <- c(0.1 + 0.2, 50, NA, 1 / 3)
  expect_identical(number(x, "dose_gy")$value, x)
  expect_identical(number(c("1e1", ".5", "5."), "dose_gy")$value, c(10, 0.5, 5))
})
