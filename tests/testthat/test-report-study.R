# study_report(): HTML, Word and PDF, templates, failures.

skip_if_not_installed("rmarkdown")
skip_if_not_installed("ggplot2", "3.5.0")
skip_if_not(rmarkdown::pandoc_available("2.0"), "pandoc")

page_of <- function(study, ...) {
  file <- withr::local_tempfile(fileext = ".html")
  study_report(study, file, ..., quiet = TRUE)
  paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
}

# Perl's expressions, because R's own take seconds for a page with pictures
all_of <- function(page, what) regmatches(page, gregexpr(what, page, perl = TRUE))[[1]]
count <- function(page, what) length(all_of(page, what))

# Used in place of expect_match(), which writes the whole page as a message even if it has
# the text; this takes seconds
expect_in <- function(page, what, ...) expect_true(grepl(what, page, ...), label = what)
expect_not_in <- function(page, what, ...) {
  expect_false(grepl(what, page, ...), label = what)
}

# Reads one attribute of each tag; "" if it is missing
attribute <- function(tags, name) {
  found <- regexec(sprintf(" %s=\"([^\"]*)\"", name), tags)
  vapply(regmatches(tags, found), function(x) c(x, "", "")[2], "")
}

# A study of one patient without strategy, response or events
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

# The page of the cohort, rendered once
page_of_cohort <- local({
  page <- NULL
  function() {
    if (is.null(page)) page <<- page_of(hcc_sbrt)
    page
  }
})

test_that("the simulated cohort: notice first, all numbers equal, all figures inside", {
  page <- page_of_cohort()
  body <- substr(sub("(?s).*<h1>", "", page, perl = TRUE), 1, 20000)
  expect_match(substr(gsub("<[^>]*>|\\s+", " ", body), 1, 200), "invented")
  expect_in(page, "30 of 30 published numbers are equal", fixed = TRUE)
  expect_not_in(page, "<td[^>]*>NO</td>", perl = TRUE)
  expect_in(page, "prints 55.5", fixed = TRUE)
  # figures in order of appearance; those of the publication have their name
  captions <- all_of(page, "<figcaption>Figure [0-9]+")
  expect_identical(captions, paste0("<figcaption>Figure ", 1:17))
  published <- sub("of.*", "", all_of(page, "Figure [0-9][A-F] of the publication"))
  expect_setequal(trimws(published), paste0("Figure ", c(
    "1A", "1B", "2A", "2B", "2C", "2D", "2E", "2F", "3A", "3B", "3C", "3D"
  )))
  pictures <- all_of(page, "<img [^>]*>")
  expect_length(pictures, 17L)
  expect_match(attribute(pictures, "src"), "^data:image/svg[+]xml;base64,.{200}")
  expect_gte(min(nchar(attribute(pictures, "alt"))), 20L)
  # The page loads nothing; its only script is its own
  expect_identical(count(page, "<script"), 1L)
  for (loads in c(
    "<script [^>]*src|<link|<iframe|@import|url\\(", "(src|href)=\"(https?:)?//",
    "fetch\\(|XMLHttpRequest|import\\("
  )) {
    expect_false(grepl(loads, page, perl = TRUE), label = loads)
  }
  expect_in(page, "prefers-color-scheme: dark", fixed = TRUE)
  text <- text_of_page(page)
  for (one in sentences_of("report-study: the simulated cohort")) expect_in(text, one)
})

test_that("the numbers of a curve are in the page as CSV", {
  skip_if_not_installed("jsonlite")
  page <- page_of_cohort()
  links <- all_of(page, "download=\"figure-1.csv\" href=\"[^\"]*\"")
  data <- sub(".*base64,", "", sub("\"$", "", links))
  decode <- getExportedValue("jsonlite", "base64_dec")
  curve <- utils::read.csv(text = rawToChar(decode(data)))
  fit <- tidy(kaplan_meier(Surv(time, status) ~ 1, endpoint(hcc_sbrt, "os")))
  expect_equal(curve$estimate, fit$estimate, tolerance = 1e-5)
  expect_equal(curve$n.risk, fit$n.risk)
})

test_that("a study of one patient without any event has a report", {
  page <- page_of(lone_study())
  expect_false(grepl("invented", page, fixed = TRUE))
  expect_not_in(page, "<h2[^>]*>(Response|Toxicity|Models|Dose)")
  expect_in(page, "adverse events not recorded", fixed = TRUE)
  expect_in(page, "1 patient with 1 lesion was treated", fixed = TRUE)
  expect_false(grepl("Comparison with published numbers", page, fixed = TRUE))
  expect_identical(count(page, "<img "), 4L)
})

test_that("title and authors are those of the user, as text", {
  template <- withr::local_tempfile(fileext = ".Rmd")
  writeLines(c("---", "title: Mine", "---", "", "Text."), template)
  page <- page_of(hcc_sbrt, template = template, title = "SBRT <i> & \"more\"",
    authors = c("A. One", "B. Two")
  )
  expect_in(page, "<h1>SBRT &lt;i&gt; &amp; ", fixed = TRUE)
  expect_in(page, "A. One, B. Two", fixed = TRUE)
  page <- page_of(hcc_sbrt, template = template)
  expect_in(page, "<h1>Mine</h1>", fixed = TRUE)
  expect_not_in(page, "class=\"authors\"")
  file <- withr::local_tempfile(fileext = ".html")
  expect_error(study_report(hcc_sbrt, file, title = 1), class = "oligosurv_error_input")
  expect_error(study_report(hcc_sbrt, file, authors = 1), class = "oligosurv_error_input")
  expect_error(study_report(hcc_sbrt, file, covariates = "age"), "no \"age\"",
    class = "oligosurv_error_input"
  )
  expect_error(study_report(hcc_sbrt, file, labels = c(age = "Age")), "`labels`",
    class = "oligosurv_error_input"
  )
  expect_identical(with_labels(hcc_sbrt, NULL), hcc_sbrt)
})

test_that("labels with markup are text, in a small study with all parts", {
  skip_on_cran() # takes seconds
  tables <- full_tables()
  tables$adverse_events$term <- c("<script>bad()</script>", "a | b & ```", "*x* $y$")
  page <- page_of(suppressWarnings(do.call(sbrt_study, tables)))
  text <- text_of_page(page)
  other <- text_of_page(page_of_cohort())
  for (one in sentences_of("report-study: labels with markup are text")) {
    expect_in(text, one)
    expect_not_in(other, one)
  }
  expect_identical(count(page, "<script"), 1L)
  expect_in(page, "&lt;script&gt;bad()&lt;/script&gt;", fixed = TRUE)
  expect_in(page, "a | b &amp; ```|a | b &amp; &#96;&#96;&#96;", perl = TRUE)
  expect_in(page, "*x* $y$", fixed = TRUE)
})

test_that("Word: native tables, headings, pictures with text; notice first", {
  skip_on_cran() # takes seconds
  skip_if_not_installed("xml2")
  file <- withr::local_tempfile(fileext = ".docx")
  study_report(hcc_sbrt, file, quiet = TRUE)
  dir <- withr::local_tempdir()
  utils::unzip(file, exdir = dir)
  doc <- xml2::read_xml(file.path(dir, "word/document.xml"))
  of <- function(what) xml2::xml_find_all(doc, what)
  text <- xml2::xml_text(of("//w:p"))
  expect_match(text[1:4], "The patients in this report are invented", all = FALSE)
  expect_match(text, "30 of 30 published numbers are equal", fixed = TRUE, all = FALSE)
  expect_gte(length(of("//w:tbl")), 20L)
  expect_identical(length(of("//w:tbl//w:tblHeader")), length(of("//w:tbl")))
  expect_gte(length(of("//w:pStyle[@w:val='Heading2']")), 15L)
  # contents are filled: links to headings
  links <- xml2::xml_attr(of("//w:hyperlink"), "anchor")
  expect_true(all(c("main-results", "methods", "overall-survival") %in% links))
  marks <- xml2::xml_attr(of("//w:bookmarkStart"), "name")
  expect_identical(setdiff(links, marks), character())
  pictures <- of("//*[local-name()='docPr']")
  expect_length(pictures, 17L)
  # described by what they show, not by the caption below them
  described <- xml2::xml_attr(pictures, "descr")
  expect_true(all(nchar(described) > 20L & !startsWith(described, "Figure")))
  expect_identical(xml2::xml_attr(pictures, "title"), rep("", 17L))
  captions <- xml2::xml_text(of("//w:p[w:pPr/w:pStyle/@w:val='ImageCaption']"))
  expect_identical(sum(startsWith(captions, "Figure ")), 17L)
  # the contents are one paragraph
  expect_length(of("//w:p[w:hyperlink/@w:anchor='main-results']//w:hyperlink"),
    length(links)
  )
})

test_that("PDF without LaTeX is an error before any computation", {
  expect_error(check_latex(c(xelatex = "", lualatex = "")), "texlive-xetex",
    class = "oligosurv_error_dependency"
  )
  expect_identical(check_latex(c(xelatex = "", lualatex = "/x/lualatex")), "lualatex")
})

test_that("the code of the figures draws them from the study alone", {
  page <- new.env()
  page$study <- hcc_sbrt
  page$figures <- list()
  survival_figure(page, "os", "2F", "cohort")
  failure_figure(page, "2A")
  waterfall_figures(page, "strategy", "3")
  expect_length(page$figures, 4L)
  own <- new.env(parent = asNamespace("oligosurv"))
  own$study <- hcc_sbrt
  own$theme <- figure_theme()
  own$autoplot <- ggplot2::autoplot
  for (figure in page$figures) {
    again <- eval(parse(text = deparse(figure$code)), own)
    expect_s3_class(again, "ggplot")
  }
  text <- as.character(figure_code(page$figures))
  expect_match(text, "# Figure 1\nrows <- endpoint(study, \"os\")", fixed = TRUE)
})

test_that("checklists point to sections that are there, or say what is missing", {
  sections <- report_sections(hcc_sbrt)
  page <- page_of_cohort()
  titles <- all_of(page, "<h2[^>]*>[^<]*")
  titles <- sub(".*>", "", titles)
  expect_identical(setdiff(sections, titles), character())
  strobe <- checklist("strobe", sections)
  expect_match(strobe$Answer, "^Sections? \u201c|^To be added|^This report has")
  expect_match(strobe$Answer[strobe$Item == "17"], "OP-N and OP-C", fixed = TRUE)
  alone <- checklist("remark", report_sections(lone_study()))
  expect_match(alone$Answer[alone$Item == "15"], "no section on this", fixed = TRUE)
  expect_match(alone$Answer[alone$Item == "16"], "To be added .* a model", fixed = FALSE)
})

test_that("sums of the data change with the data and with nothing else", {
  one <- data_hashes(hcc_sbrt)
  expect_identical(one, data_hashes(hcc_sbrt))
  other <- hcc_sbrt
  other$lesions$dose_gy[1] <- other$lesions$dose_gy[1] + 1
  expect_identical(data_hashes(other)$MD5 == one$MD5, c(TRUE, FALSE, TRUE))
  expect_identical(one$Rows, c("37", "65", as.character(nrow(hcc_sbrt$adverse_events))))
  # every table of the study, not those of the example alone
  expect_identical(data_hashes(full_study())$Table, c(
    "patients", "lesions", "adverse events", "courses", "assessments", "therapies",
    "liver function"
  ))
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
  expect_in(page, "37 patients, 30 equal, = 0.500", fixed = TRUE)
  expect_in(page, "invented", fixed = TRUE)
})

test_that("progress is shown step by step unless quiet", {
  template <- withr::local_tempfile(fileext = ".Rmd")
  chunk <- c("```{r, step = \"A {step}\"}", "1", "```")
  writeLines(c("---", "title: Mine", "---", chunk), template)
  file <- withr::local_tempfile(fileext = ".html")
  said <- testthat::capture_messages(study_report(hcc_sbrt, file, template = template))
  expect_match(said, "A {step}", fixed = TRUE, all = FALSE)
  expect_match(said, "Writing the report", fixed = TRUE, all = FALSE)
  expect_length(testthat::capture_messages(
    study_report(hcc_sbrt, file, template = template, quiet = TRUE)
  ), 0L)
})

test_that("missing or wrong arguments are errors before any computation", {
  expect_error(check_report_tools(pandoc = FALSE), "apt-get install pandoc",
    class = "oligosurv_error_dependency"
  )
  expect_error(study_report(1), class = "oligosurv_error_input")
  expect_error(study_report(hcc_sbrt, "x.rtf"), "[.]docx",
    class = "oligosurv_error_input"
  )
  expect_error(study_report(hcc_sbrt, tempdir()), "`file`",
    class = "oligosurv_error_input"
  )
  expect_error(study_report(hcc_sbrt, "no-such-folder/x.html"), "`file`",
    class = "oligosurv_error_input"
  )
  expect_error(study_report(hcc_sbrt, "x.html", template = "no-such.Rmd"), "`template`",
    class = "oligosurv_error_input"
  )
})

test_that("the template of a user renders, to a page and to Word, with its own numbers", {
  skip_on_cran() # takes seconds
  dir <- withr::local_tempdir()
  template <- system.file("rmarkdown/templates/sbrt-report", package = "oligosurv")
  expect_true(file.exists(file.path(template, "template.yaml")))
  draft <- file.path(dir, "paper.Rmd")
  file.copy(file.path(template, "skeleton/skeleton.Rmd"), draft)
  for (format in c("html_document", "word_document")) {
    made <- rmarkdown::render(draft, format, quiet = TRUE, envir = new.env())
    expect_gt(file.size(made), 1e4)
  }
  lines <- readLines(file.path(dir, "paper.html"), warn = FALSE, encoding = "UTF-8")
  page <- paste(lines[!grepl("data:", lines, fixed = TRUE)], collapse = " ")
  expect_in(page, "34.9 months \\(95% CI 21.2\u201369.1\\)")
  expect_in(page, "Characteristics of patients", fixed = TRUE)
})

test_that("a classed error keeps its class where knitr replaces it, others stay", {
  replaced <- function(expr) tryCatch(expr, error = function(e) stop(conditionMessage(e)))
  expect_error(
    keep_error_class(replaced(stop_oligosurv("data", "too few rows", where = 3L))),
    "too few rows", class = "oligosurv_error_data"
  )
  # an error that the code of the template has handled is not raised again
  expect_error(
    keep_error_class({
      try(stop_oligosurv("data", "handled"), silent = TRUE)
      stop("another error")
    }), "another error", class = "simpleError"
  )
  expect_identical(keep_error_class(1), 1)
})

test_that("a diagram of few boxes is no higher than these, and code fits the page", {
  skip_if_not_installed("ggplot2", "3.5.0")
  code <- quote(flow_plot(flow_table(study), theme = theme))
  height <- function(study) {
    report_height(flow_plot(flow_table(study), theme = figure_theme()), code)
  }
  few <- height(twelve_studies()$lesions_alone())
  expect_true(few > 0.8 && few < 2)
  expect_true(height(hcc_sbrt) > 3 && height(hcc_sbrt) <= 4.6)
  expect_identical(report_height(NULL, quote({
    fit
  })), 4.6)
  long <- quote(autoplot(kaplan_meier(Surv(time, status) ~ 1, rows),
    xlab = "Months from the first day of SBRT", unit = "months", min_risk = 3
  ))
  expect_lte(max(nchar(code_lines(long))), 68L)
  expect_identical(str2lang(paste(code_lines(long), collapse = "\n")), long)
})
