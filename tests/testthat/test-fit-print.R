# Prints: decimals of a column, lines and blocks that fit into the console.

op <- endpoint(hcc_sbrt, "os")
fit <- kaplan_meier(Surv(time, status) ~ cohort, op)

test_that("numbers of a column have the same decimals, four digits in the median", {
  text <- function(x) number_text(x, NULL, "NA")
  expect_identical(text(c(4.6, 21.2238, 69.06)), c("4.60", "21.22", "69.06"))
  expect_identical(text(c(NA, Inf, 5, 12)), c("NA", "Inf", "5", "12"))
  # no more decimals than a number needs
  expect_identical(text(c(4.5, 2, 3)), c("4.5", "2.0", "3.0"))
  expect_identical(text(c(1234.56, 3650.2)), c("1235", "3650"))
  expect_identical(text(c(0.0012345, 0.002)), c("0.001234", "0.002000"))
  # numbers that would be 0 or very long keep their digits
  expect_identical(text(c(1e-7, 12.5, 13.5)), c("1e-07", "12.5", "13.5"))
  expect_identical(text(c(1.23456e12, 5, 6)), c("1.235e+12", "5", "6"))
  expect_identical(common_decimals(double()), 0L)
  expect_output(print(fit), "NR +[(]4.60\u2013NR[)]")
  expect_output(print(fit), "32.59 [(]21.22\u201369.06[)]")
})

test_that("no line is wider than the console, and no number is lost", {
  results <- list(
    fit, kaplan_meier(Surv(time, status) ~ cohort, op, times = c(12, 24, 36)),
    follow_up(Surv(time, status) ~ cohort, op),
    cumulative_incidence(
      Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "local_failure")
    ),
    logrank_test(Surv(time, status) ~ cohort, op),
    hazard_ratio(Surv(time, status) ~ cohort, op),
    rate_difference(Surv(time, status) ~ cohort, op, times = 12),
    restricted_mean(Surv(time, status) ~ cohort, op), response_rate(hcc_sbrt),
    toxicity_table(hcc_sbrt), flow_table(hcc_sbrt, by = "cohort"), dose_response(hcc_sbrt)
  )
  for (width in c(60, 80)) {
    withr::local_options(width = width)
    for (x in results) {
      expect_lte(max(text_columns(capture.output(print(x)))), width)
      expect_lte(max(text_columns(capture.output(print(result_table(x))))), width)
    }
  }
  words <- function(width) {
    withr::local_options(width = width)
    text <- capture.output(print(results[[2]]))
    regmatches(text, gregexpr("[0-9]+[.][0-9]+", text))
  }
  expect_setequal(unlist(words(60)), unlist(words(200)))
})

test_that("columns without room follow in a block with the labels of the rows", {
  body <- list(
    Group = c("a", "b"), "Rate, %" = c("1", "2"), "95% CI" = c("(0-3)", "(1-4)"),
    Long = rep(strrep("x", 30), 2)
  )
  got <- capture.output(print_columns(body, "Group", 40))
  expect_identical(
    got[1:3], c("Group Rate, % 95% CI", "a           1  (0-3)", "b           2  (1-4)")
  )
  expect_match(got[4], "^Group +Long$")
  expect_length(got, 6L)
  # limits stay with their estimate
  blocks <- column_blocks(c("A", "95% CI", "B", "95% CI"), rep(8, 4), 20)
  expect_identical(blocks, list(1:2, 3:4))
  # headings take two lines before that
  body <- list(Group = "a", "Events observed" = "1", "Observed : expected" = "1.25")
  got <- capture.output(print_columns(body, "Group", 30))
  expect_identical(trimws(got[1:2]), c("Events Observed :", "Group observed   expected"))
  # a label wider than the console is wrapped
  long <- list(Item = strrep("word ", 20), N = "7")
  got <- capture.output(print_columns(long, "Item", 40))
  expect_lte(max(nchar(got)), 40)
  expect_identical(sum(lengths(regmatches(got, gregexpr("word", got)))), 20L)
})

test_that("limits of one kind are said once in a summary", {
  out <- capture.output(print(summary(fit, times = c(12, 24))))
  expect_match(out, "Limits in all rows: exact", all = FALSE, fixed = TRUE)
  expect_false(any(grepl("conf.type", out)))
})

test_that("a group with the name NA is printed", {
  d <- data.frame(t = 1:8, s = c(1, 1, 0, 1, 1, 0, 1, 1))
  d$g <- addNA(factor(c("a", "b", NA, "a", "b", NA, "a", "b")))
  for (x in list(
    kaplan_meier(Surv(t, s) ~ g, d), restricted_mean(Surv(t, s) ~ g, d, tau = 3),
    rate_difference(Surv(t, s) ~ g, d, times = 3), follow_up(Surv(t, s) ~ g, d)
  )) {
    text <- utils::capture.output(print(x))
    expect_match(text, "^(Group|NA|[0-9.]+ +NA) ", all = FALSE)
    expect_no_match(text, "NA: NA")
    expect_s3_class(result_table(x), "result_table")
  }
})

test_that("hundreds of times are printed in blocks, each time once", {
  withr::local_options(width = 80)
  lines <- capture.output(print(
    kaplan_meier(Surv(time, status) ~ cohort, op, times = 1:300)
  ))
  expect_lte(max(text_columns(lines)), 80)
  heads <- unlist(regmatches(lines, gregexpr("At [0-9]+", lines)))
  expect_identical(heads, paste("At", 1:300))
})
