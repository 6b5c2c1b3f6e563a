# What a second reading of rendered reports found in the layout of tables and figures:
# each mark where it is, and where it is not.

test_that("many bars have no space between them, and none covers a longer one", {
  skip_if_not_installed("ggplot2", "3.5.0")
  bars <- function(n) {
    d <- data.frame(change = seq(62, -100, length.out = n),
      answer = rep_len(c("PD", "SD", "PR"), n)
    )
    figure <- waterfall_plot(d, change = "change", response = "answer")
    drawn <- lapply(seq_along(figure$layers), function(i) ggplot2::layer_data(figure, i))
    drawn[[which(vapply(drawn, function(x) !is.null(x$xmin), NA))[1L]]]
  }
  few <- bars(200L)
  expect_equal(unique(round(few$xmax - few$xmin, 9)), 0.8)
  many <- bars(201L)
  expect_equal(unique(round(many$xmax - many$xmin, 9)), 1)
  # by rank, not by response, and with an outline in the colour of the bar
  expect_identical(order(many$xmin), seq_len(201L))
  expect_identical(many$colour, many$fill)
  expect_equal(c(max(many$ymax), min(many$ymin)), c(62, -100))
})

test_that("marks of censoring are left out where a panel has more than 200", {
  rows <- data.frame(line = rep(1:2, each = 150), n.censor = 1)
  one <- rep(1L, 300)
  expect_false(censor_shown(NULL, rows, one))
  expect_true(censor_shown(NULL, rows, rows$line)) # each curve in its own panel
  expect_true(censor_shown(NULL, rows[101:300, ], one[101:300]))
  expect_true(censor_shown(TRUE, rows, one))
})

test_that("an interval in a sentence stays on one line", {
  x <- data.frame(conf.low = 60.4, conf.high = 91.1)
  expect_identical(with_interval("78.9%", x),
    "78.9% (95%\u00a0CI\u00a060.4\u00a0to\u00a091.1)"
  )
  x[] <- NA_real_
  expect_identical(with_interval("78.9%", x), "78.9%")
})

test_that("apostrophes in sentences and tables are curved, also below tables", {
  rows <- endpoint(hcc_sbrt, "local_failure")
  sentence <- test_sentence(fit_by(gray_test, rows, "cohort"), "local failure")
  expect_match(sentence, "^Gray\u2019s test: ")
  expect_identical(curved(c("Holm's method", "'a' <- 1", "5'")),
    c("Holm\u2019s method", "'a' <- 1", "5'")
  )
  table <- new_result_table(data.frame(Name = "O'Brien"), "Gray's", "Holm's method.")
  page <- as.character(report_table(table, to = "html"))
  expect_match(page, "Holm\u2019s method", fixed = TRUE)
  expect_match(page, "Gray\u2019s", fixed = TRUE)
  expect_match(page, "O&#39;Brien", fixed = TRUE) # text of the data is not changed
})

test_that("a short label is not torn in a column of long text of LaTeX", {
  long <- paste("Sections", strrep("x", 40L), "and OP-N and OP-C, log-rank, 2020-01-31")
  lines <- function(text) {
    paste(table_latex(new_result_table(data.frame(Item = "a", Answer = text))),
      collapse = "\n"
    )
  }
  expect_match(lines(long), "\\mbox{OP-N} and \\mbox{OP-C}, log-rank, 2020-01-31",
    fixed = TRUE
  )
  expect_no_match(lines("OP-N and OP-C"), "mbox", fixed = TRUE)
})

test_that("a table of long text is divided by its lines, not by its rows", {
  parts <- function(...) {
    sum(grepl("begin{table}", report_latex(new_result_table(data.frame(...))),
      fixed = TRUE
    ))
  }
  expect_identical(parts(a = 1:24), 1L)
  expect_identical(parts(a = 1:25), 2L)
  long <- strrep("word ", 20L) # 100 letters: three lines
  expect_identical(parts(a = 1:8, b = long), 1L)
  expect_identical(parts(a = 1:9, b = long), 2L)
  expect_identical(latex_lines(data.frame(a = c("x", strrep("y", 41L)))), c(1, 2))
  none <- report_latex(new_result_table(data.frame(a = character())))
  expect_length(grep("begin{table}", none, fixed = TRUE), 1L)
})

test_that("in Word there is space above the caption of a table", {
  table <- new_result_table(data.frame(a = "x"), caption = "A caption", notes = "A note.")
  words <- table_word(table)
  above <- grepl("<w:spacing w:before=\"200\"/>", words, fixed = TRUE)
  expect_identical(above, grepl("A caption</w:t>", words, fixed = TRUE))
  expect_identical(sum(above), 1L)
})
