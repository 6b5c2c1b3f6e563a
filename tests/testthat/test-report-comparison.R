# The comparison of strategies in study_report().

test_that("a landmark keeps those event-free and followed, and counts from there", {
  pfs <- endpoint(hcc_sbrt, "pfs")
  later <- endpoint(hcc_sbrt, "pfs", landmark = 3)
  died <- function(rows, group) {
    rows <- rows[rows$strategy %in% group, ]
    sprintf("%d of %d", sum(rows$status), nrow(rows))
  }
  expect_identical(comparison_numbers(hcc_sbrt, 3)[["OP-C"]][1], died(later, "OP-C"))
  expect_identical(comparison_numbers(hcc_sbrt)[["OP-C"]][1], died(pfs, "OP-C"))
})

test_that("strategies side by side: published p, differences of the curves", {
  x <- comparison_numbers(hcc_sbrt)
  expect_identical(names(x), c("Result", "OP-N", "OP-C", "OP-C minus OP-N"))
  p <- strsplit(x[["OP-C minus OP-N"]][c(1, 5)], "\n")
  expect_identical(vapply(p, `[`, "", 1), c("P\u00a0=\u00a00.89", "P\u00a0=\u00a00.47"))
  expect_match(vapply(p, `[`, "", 2), "^permutation P\u00a0=\u00a00[.]")
  os <- survival_numbers(hcc_sbrt, "os")
  at_24 <- as.numeric(sub("\n.*", "", os[["At 24 months, %"]][4:5]))
  row <- x[x$Result == "Alive at 24 months, %", ]
  expect_identical(as.numeric(unlist(row[2:3])), at_24)
  expect_equal(as.numeric(sub("\n.*", "", row[[4]])), diff(at_24), tolerance = 0.02)
})

test_that("the interval says what the data cannot exclude, both ways", {
  said <- interval_sentences(endpoint(hcc_sbrt, "os"))
  expect_length(said, 3L)
  expect_match(said[1:2], "from \\d+ percentage points lower to \\d+ .* higher than with")
  expect_match(said[3], "from [0-9.]+ months shorter to [0-9.]+ months longer than")
})

test_that("one group left: nothing to compare", {
  om <- subset(hcc_sbrt, cohort == "OM")
  expect_null(comparison_numbers(om))
  expect_identical(interval_sentences(endpoint(om, "os")), character())
})
