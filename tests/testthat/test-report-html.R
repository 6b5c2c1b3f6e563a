# Blocks of the HTML report: escaping and tables.

test_that("nothing from data is markup: tags, quotes, code fences", {
  bad <- "<script>alert('x')</script> & \"q\" ```\n<b> | $x$"
  escaped <- html_escape(bad)
  expect_false(grepl("[<>\"'`]", escaped))
  expect_match(escaped, "&lt;script&gt;", fixed = TRUE)
  skip_if_not_installed("knitr")
  table <- as.character(report_table(data.frame(Event = bad, n = "1"), bad, note = bad))
  # The only fences are those of the block itself
  expect_identical(lengths(regmatches(table, gregexpr("```", table))), 2L)
  expect_false(grepl("<script", table, fixed = TRUE))
  expect_false(grepl("<b>", table, fixed = TRUE))
})

test_that("a table has a caption, and scopes for its columns and rows", {
  skip_if_not_installed("knitr")
  x <- data.frame(Group = c("OP", "OM"), Median = c("11.2\n7.1 to 17.1", NA), Note = "a")
  table <- as.character(report_table(x, "A caption", text = "Note"))
  expect_match(table, "<caption>A caption</caption>", fixed = TRUE)
  count <- function(what) lengths(regmatches(table, gregexpr(what, table, fixed = TRUE)))
  expect_identical(count("<th scope=\"col\""), 3L)
  expect_identical(count("<th scope=\"row\""), 2L)
  expect_match(table, "11.2<br><span class=\"limits\">7.1 to 17.1</span>", fixed = TRUE)
  expect_identical(count("<td class=\"number\">"), 2L)
  expect_false(grepl("NA", table, fixed = TRUE))
})
