# Text of numbers and of arguments in messages, tables and sentences.

test_that("numbers beyond the precision of a double are not written out", {
  expect_identical(number_text(c(2.04698e26, 12.345, -3e9), 1), c(
    "2.047e+26", "12.3", "\u22123e+09"
  ))
})

test_that("a factor is not described like its label", {
  expect_identical(describe(factor(60)), "a factor of length 1")
  expect_identical(describe("60"), "\"60\"")
})

test_that("counts have separators from 10,000 on, positions have none", {
  expect_identical(format_count(c(9999L, 10000L, 1234567L, 1e5)),
    c("9999", "10,000", "1,234,567", "100,000")
  )
  expect_identical(format_count(integer()), character())
  expect_identical(count_noun(12000, "patient"), "12,000 patients")
  expect_identical(
    format_count(c(12000, NA, 2.5), "", each = TRUE), c("12,000", "", "2.5")
  )
  expect_identical(format_count(12000, style = "lancet"), "12\u2009000")
  expect_identical(sprintf_counts("%d of %d (%s)", 12000L, 1e5, "text"),
    "12,000 of 100,000 (text)"
  )
  expect_identical(sprintf_counts("%d", integer()), character())
  expect_identical(format_position(123456), "123456")
  expect_identical(format_rows(c(20000, 30000)), "rows 20000 and 30000")
  expect_identical(format_rows(1:20000), "rows 1, 2, 3, 4, 5 and 19,995 more")
})

test_that("tables and sentences of estimates write counts in the same way", {
  d <- data.frame(time = rep(1:3, 5000), status = rep(c(1, 0, 1), 5000))
  fit <- kaplan_meier(Surv(time, status) ~ 1, d)
  expect_true("15,000" %in% unlist(result_table(fit)$body))
  expect_match(paste(result_table(fit)$notes, collapse = " "), "(10,000)", fixed = TRUE)
  expect_match(inline_text(fit, pattern = "{n} patients"), "15,000 patients")
  flow <- excluded_text("12,000 no imaging, 30 other", 12030, FALSE)
  expect_identical(gsub("\u00a0", " ", flow),
    "Excluded (n = 12,030):\nno imaging (n = 12,000)\nother (n = 30)"
  )
})
