# Word tables: widths and sizes.

test_that("no word of a heading is torn, and the widths fill the page", {
  body <- data.frame(
    Group = c("OP", ""), Events = c("14", "3"), P = c("0.57", "<0.001"),
    long = rep(strrep("a long text of many words ", 6), 2), check.names = FALSE
  )
  layout <- word_layout(body)
  expect_equal(sum(layout$widths), 9360, tolerance = 1e-3)
  # the letters in points, bold, and both margins of 5.4 points
  need <- vapply(seq_along(body), function(j) {
    words <- split_words(c(names(body)[j], body[[j]]))
    max(text_em(words)) * layout$half_points / 2 * 1.05 + 10.8
  }, 0)
  expect_true(all(layout$widths / 20 >= need))
  # the long text has the room that the others do not need
  expect_gt(layout$widths[4], sum(layout$widths[1:3]))
  expect_identical(layout$half_points, 18L)
  # twelve columns: smaller type
  many <- as.data.frame(stats::setNames(
    rep(list("28 (100.0)"), 14), paste0("Heading", letters[1:14])
  ))
  expect_lt(word_layout(many)$half_points, 18L)
  expect_length(word_layout(body[0, ])$widths, 4L)
})

test_that("rows with an empty first cell are as high as others, widths are fixed", {
  table <- result_table(data.frame(a = c("x", ""), b = 1:2))
  text <- paste(table_word(table), collapse = "")
  count <- function(pattern) lengths(regmatches(text, gregexpr(pattern, text)))
  # each paragraph of a cell has its size on the paragraph mark: 3 rows of 2 cells
  sized <- "<w:jc w:val=\"(left|right)\"/><w:rPr><w:sz w:val=\"18\"/></w:rPr>"
  expect_identical(count(sized), 6L)
  expect_match(text, "<w:tblLayout w:type=\"fixed\"/>", fixed = TRUE)
  expect_match(text, "<w:tblW w:w=\"93[56][0-9]\" w:type=\"dxa\"/>")
})

test_that("no range is torn: lines of cells wider than their column end between words", {
  cell <- "25 (17\u201328.5; 11\u201348)"
  layout <- list(widths = c(1100L, 3000L), half_points = 18L)
  lines <- strsplit(keep_ranges(c(cell, cell), layout), torn, fixed = TRUE)
  expect_identical(lines[[1]], c("25", "(17\u201328.5;", "11\u201348)"))
  expect_identical(lines[[2]], cell)
  # only ranges: Word itself wraps other text
  expect_identical(keep_ranges(c("a long text of words", ""), layout),
    c("a long text of words", "")
  )
  run <- word_run(paste("25", "(17\u201328.5)", sep = torn))
  expect_match(run, "25</w:t><w:br/><w:t xml:space=\"preserve\">(17", fixed = TRUE)
})

test_that("the number of a group is not torn", {
  expect_identical(keep_counts(c("OP (N = 28)", "All (n = 4)", "P = 0.5", "a = 3")),
    c("OP (N\u00a0=\u00a028)", "All (n\u00a0=\u00a04)", "P = 0.5", "a = 3")
  )
})

test_that("a number with its interval stays on one line, and its type is legible", {
  # the table of the models: seven columns, text in the first two
  body <- data.frame(
    Endpoint = c("Progression-free survival", ""),
    Covariate = c("Cohort: OM against OP", "Lesions treated, per lesion"),
    Patients = "37", Events = "27", "Hazard ratio (95%\u00a0CI)" = c(
      "1.36 (0.57\u20133.28)", "6.20 (2.65\u201314.50)"
    ), P = "0.49", "P (PH)" = "0.061", check.names = FALSE
  )
  layout <- word_layout(body)
  expect_gte(layout$half_points, 16L)
  need <- max(text_em(body[[5L]])) * layout$half_points / 2 + 10.8
  expect_gte(layout$widths[5L] / 20, need)
  # no column of text is narrower than that of the patients
  expect_true(all(layout$widths[1:2] > layout$widths[3L]))
})

test_that("notes are on the page of the table", {
  table <- new_result_table(data.frame(a = 1:20), "Title", c("First.", "Second."))
  word <- table_word(table)
  kept <- grepl("<w:keepNext/>", word, fixed = TRUE)
  row <- function(text) grep(sprintf(">%s<", text), word)
  expect_true(all(kept[c(row("20"), row("First[.]"))]))
  expect_false(any(kept[c(row("10"), row("Second[.]"))]))
})

test_that("a column of many long cells gets more room than one with a single one", {
  body <- data.frame(
    Endpoint = c("Progression-free survival or death", rep("", 5L)),
    Covariate = rep("Cohort: centre B against centre A or C", 6L),
    Patients = "90", Events = "80",
    "Hazard ratio (95%\u00a0CI)" = "1.52 (0.87\u20132.65)",
    check.names = FALSE
  )
  widths <- word_layout(body)$widths
  expect_gt(widths[2L], 1.3 * widths[1L])
  expect_lte(sum(widths), page_twips + 5)
  # room that one column does not need is left to the others
  more <- spread_widths(c(1000, 1000, 1000), c(1100, 9000, 1000), c(9, 1, 1))
  expect_equal(more, c(1100, page_twips - 2100, 1000))
  expect_identical(spread_widths(c(5000, 5000), c(6000, 6000)), c(5000, 5000))
})

test_that("a table of many lines is divided between rows, also if it has few rows", {
  body <- data.frame(Item = as.character(1:6), Answer = "short")
  expect_true(all(rows_kept(body, word_lines(body, word_layout(body)))))
  long <- paste(rep("a sentence of some words", 12L), collapse = " ")
  body$Answer <- long
  lines <- word_lines(body, word_layout(body))
  expect_true(all(lines >= 3))
  expect_identical(rows_kept(body, lines), c(TRUE, FALSE, FALSE, FALSE, TRUE, FALSE))
  body$Answer <- "1.0\n0.5\u20132.0"
  expect_identical(word_lines(body, word_layout(body)), rep(2, 6))
  expect_identical(word_lines(body[0L, ], word_layout(body)), numeric())
})
