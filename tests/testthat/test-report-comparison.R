test_that("a landmark keeps who is event-free and followed, and counts from there", {
  rows <- data.frame(time = c(1, 3, 3.5, 10), status = c(1, 1, 0, 1))
  expect_identical(landmark_rows(rows, 3)$time, c(0.5, 7))
  pfs <- endpoint(hcc_sbrt, "pfs")
  left <- landmark_rows(pfs, 3)
  expect_identical(nrow(left), sum(pfs$time > 3))
  expect_identical(attr(left, "label"), attr(pfs, "label"))
})

test_that("strategies side by side: published p, differences of the curves", {
  x <- comparison_numbers(hcc_sbrt)
  expect_identical(names(x), c("Result", "OP-N", "OP-C", "OP-C minus OP-N"))
  expect_identical(x[["OP-C minus OP-N"]][c(1, 5)], c("P =\u00a00.89", "P =\u00a00.47"))
  os <- survival_numbers(hcc_sbrt, "os")
  at_24 <- as.numeric(sub("\n.*", "", os[["At 24 months, %"]][4:5]))
  row <- x[x$Result == "Alive at 24 months, %", ]
  expect_identical(as.numeric(unlist(row[2:3])), at_24)
  expect_equal(as.numeric(sub("\n.*", "", row[[4]])), diff(at_24), tolerance = 0.02)
})

test_that("the interval says what the data cannot exclude, both ways", {
  said <- open_sentences(endpoint(hcc_sbrt, "os"))
  expect_length(said, 3L)
  expect_match(said[1:2], "from \\d+ percentage points lower to \\d+ .* higher than with")
  expect_match(said[3], "from [0-9.]+ months less to [0-9.]+ months more than with OP-N")
})

test_that("one group left: nothing to compare", {
  om <- part_of_study(hcc_sbrt, hcc_sbrt$patients$cohort == "OM")
  expect_null(comparison_numbers(om))
  expect_identical(open_sentences(endpoint(om, "os")), character())
})
