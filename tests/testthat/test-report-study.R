skip_if_not_installed("rmarkdown")
skip_if_not_installed("ggplot2", "3.5.0")
skip_if_not(rmarkdown::pandoc_available("2.0"), "pandoc")

page_of <- function(study, ...) {
  file <- withr::local_tempfile(fileext = ".html")
  study_report(study, file, ..., quiet = TRUE)
  paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
}

count <- function(page, what) lengths(regmatches(page, gregexpr(what, page)))

# One patient, no strategy, no response, no event of any kind
lone_study <- function() {
  sbrt_study(
    data.frame(
      patient_id = "A", cohort = "OM", sbrt_start = "2021-01-01", progression_date = NA,
      death_date = NA, last_contact = "2021-03-01"
    ),
    data.frame(patient_id = "A", lesion_id = 1, local_failure_date = NA),
    data.frame(
      patient_id = character(), term = character(), grade = integer(),
      onset_date = character()
    )
  )
}

test_that("the simulated cohort: notice first, all numbers equal, all figures inside", {
  page <- page_of(hcc_sbrt)
  body <- sub(".*<body>", "", page)
  expect_match(substr(gsub("<[^>]*>|\\s+", " ", body), 1, 200), "invented")
  expect_match(page, "30 of 30 published numbers are equal", fixed = TRUE)
  expect_false(grepl("<td>NO</td>", page, fixed = TRUE))
  expect_match(page, "prints 55.5", fixed = TRUE)
  figures <- regmatches(page, gregexpr("Figure [0-9][A-F]\\.", page))[[1]]
  expect_setequal(figures, paste0("Figure ", c(
    "1A", "1B", "2A", "2B", "2C", "2D", "2E", "2F", "3A", "3B", "3C", "3D"
  ), "."))
  expect_identical(count(page, "<img "), 12L)
  inside <- "<img src=\"data:image/png;base64,[^\"]+\" [^>]*alt=\"[^\"]{20,}"
  expect_identical(count(page, inside), 12L)
  # Nothing is loaded and no script runs
  expect_false(grepl("<script|<link|<iframe|@import|url\\(", page))
  expect_false(grepl("(src|href)=\"(https?:)?//", page))
  expect_match(page, "do not show that the strategies are equivalent", fixed = TRUE)
})

test_that("a study of one patient without any event has a report", {
  page <- page_of(lone_study())
  expect_false(grepl("invented", page, fixed = TRUE))
  expect_match(page, "Best response was not recorded", fixed = TRUE)
  expect_match(page, "No adverse event was recorded", fixed = TRUE)
  expect_false(grepl("Published numbers", page, fixed = TRUE))
  expect_identical(count(page, "<img "), 3L)
})

test_that("labels with markup are text, in a small study with all parts", {
  tables <- small_tables()
  tables$adverse_events$term <- c("<script>bad()</script>", "a | b & ```", "*x* $y$")
  page <- page_of(do.call(sbrt_study, tables))
  expect_false(grepl("<script", page, fixed = TRUE))
  expect_match(page, "&lt;script&gt;bad()&lt;/script&gt;", fixed = TRUE)
  expect_match(page, "a | b &amp; ```|a | b &amp; &#96;&#96;&#96;")
  expect_match(page, "*x* $y$", fixed = TRUE)
})

test_that("failure half-way leaves the earlier report and no other file", {
  dir <- withr::local_tempdir()
  file <- file.path(dir, "report.html")
  writeLines("the earlier report", file)
  template <- file.path(withr::local_tempdir(), "mine.Rmd")
  writeLines(c("---", "title: x", "---", "```{r}", "logrank_test(1)", "```"), template)
  before <- list.files(tempdir(), all.files = TRUE)
  suppressMessages(expect_error(
    study_report(hcc_sbrt, file, template = template, quiet = TRUE),
    class = "oligosurv_error_input"
  ))
  expect_identical(readLines(file), "the earlier report")
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "report.html")
  expect_identical(grep("^report", list.files(tempdir()), value = TRUE),
    grep("^report", before, value = TRUE)
  )
})

test_that("an own template sees the study, the comparison and the package's functions", {
  template <- withr::local_tempfile(fileext = ".Rmd")
  writeLines(c(
    "---", "title: Mine", "---", "",
    "`r nrow(study$patients)` patients, `r sum(compared$equal)` equal,",
    "`r format_p(0.5)`"
  ), template)
  file <- withr::local_tempfile(fileext = ".html")
  expect_identical(
    withVisible(study_report(hcc_sbrt, file, template = template, quiet = TRUE)),
    list(value = file, visible = FALSE)
  )
  page <- paste(readLines(file), collapse = " ")
  expect_match(page, "37 patients, 30 equal, = 0.500", fixed = TRUE)
  expect_match(page, "invented", fixed = TRUE)
})

test_that("progress is shown step by step unless quiet", {
  template <- withr::local_tempfile(fileext = ".Rmd")
  chunk <- c("```{r, step = \"A {step}\"}", "1", "```")
  writeLines(c("---", "title: Mine", "---", chunk), template)
  file <- withr::local_tempfile(fileext = ".html")
  said <- testthat::capture_messages(study_report(hcc_sbrt, file, template = template))
  expect_match(said, "A {step}", fixed = TRUE, all = FALSE)
  expect_match(said, "Writing the page", fixed = TRUE, all = FALSE)
  expect_length(testthat::capture_messages(
    study_report(hcc_sbrt, file, template = template, quiet = TRUE)
  ), 0L)
})

test_that("what is missing or wrong is said before any work", {
  expect_error(check_report_tools(pandoc = FALSE), "apt-get install pandoc",
    class = "oligosurv_error_dependency"
  )
  expect_error(study_report(1), class = "oligosurv_error_input")
  expect_error(study_report(hcc_sbrt, tempdir()), "`file`",
    class = "oligosurv_error_input"
  )
  expect_error(study_report(hcc_sbrt, "no-such-folder/x.html"), "`file`",
    class = "oligosurv_error_input"
  )
  expect_error(study_report(hcc_sbrt, template = "no-such.Rmd"), "`template`",
    class = "oligosurv_error_input"
  )
})
