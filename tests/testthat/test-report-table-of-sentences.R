# tests/sentences.csv has every sentence that the report can print, when it does, and the
# test that shows it printed and left out. A sentence that is not in the table fails here.

# Calls whose text is not printed: messages of errors, and patterns
not_printed <- c(
  "stop_oligosurv", "warn_oligosurv", "step", "sub", "gsub", "grepl", "grep", "regexpr",
  "startsWith", "system.file", "need_package", "check_string", "library"
)

# Texts of three or more words in a parsed expression, a paste() of texts as one
texts_of <- function(e, where = "") {
  row <- function(text) data.frame(where = where, sentence = text)
  if (is.character(e)) return(do.call(rbind, lapply(e, row)))
  if (is.call(e)) {
    head <- if (is.name(e[[1L]])) as.character(e[[1L]]) else ""
    if (head %in% not_printed) return(NULL)
    if (head == "<-" && is.name(e[[2L]]) && where == "") where <- as.character(e[[2L]])
    parts <- as.list(e)[-1L]
    only_text <- is.null(names(parts)) && all(vapply(parts, is.character, NA))
    if (head == "paste" && only_text) {
      return(row(paste(unlist(parts), collapse = " ")))
    }
  }
  if (!is.call(e) && !is.pairlist(e) && !is.expression(e)) return(NULL)
  # an argument without a value is the empty name
  kept <- Filter(function(x) !identical(x, quote(f(x, ))[[3L]]), as.list(e))
  do.call(rbind, lapply(kept, texts_of, where = where))
}

is_sentence <- function(text) {
  words <- lengths(regmatches(text, gregexpr("[[:alpha:]]{2,}|%[.0-9]*[sdf]", text)))
  words >= 3L & grepl("[[:alpha:]]{3,} |[.]$", text) & !grepl("^<|<-|\\\\|^\\^", text)
}

# Those of the files R/report-*.R, and of the code of the template
printed_sentences <- function(folder) {
  files <- list.files(file.path(folder, "R"), "^report-.*[.]R$", full.names = TRUE)
  # these hold words of papers, objects for tests, and code of LaTeX
  silent <- "report-(published|published-items|examples|latex)[.]R$"
  files <- grep(silent, files, value = TRUE, invert = TRUE)
  found <- lapply(files, function(file) {
    x <- texts_of(parse(file, keep.source = FALSE))
    if (!is.null(x)) cbind(file = basename(file), x)
  })
  lines <- readLines(file.path(folder, "inst/rmarkdown/study_report.Rmd"))
  fence <- startsWith(lines, "```")
  code <- lines[cumsum(fence) %% 2L == 1L & !fence]
  page <- texts_of(parse(text = code, keep.source = FALSE))
  page$where <- "template"
  found <- do.call(rbind, c(found, list(cbind(file = "study_report.Rmd", page))))
  found <- unique(found[is_sentence(found$sentence), ])
  found[!grepl("must|there is no$", found$sentence), ]
}

test_that("every sentence of the report is in the table, with its condition and test", {
  folder <- test_path("..", "..")
  skip_if_not(file.exists(file.path(folder, "R", "report-text.R")), "R sources")
  known <- utils::read.csv(test_path("..", "sentences.csv"), encoding = "UTF-8")
  found <- printed_sentences(folder)
  expect_gt(nrow(found), 100L)
  key <- function(x) paste(x$file, x$sentence)
  expect_identical(setdiff(key(found), key(known)), character()) # not in the table
  expect_identical(setdiff(key(known), key(found)), character()) # no longer printed
  expect_false(anyDuplicated(key(known)) > 0L)
  expect_true(all(nzchar(known$printed.when)) && all(nzchar(known$test)))
})

test_that("the tests that the table names are there", {
  known <- utils::read.csv(test_path("..", "sentences.csv"), encoding = "UTF-8")
  parts <- strsplit(unique(known$test), ": ", fixed = TRUE)
  for (part in parts) {
    file <- test_path(paste0("test-", part[1L], ".R"))
    expect_true(file.exists(file), info = part[1L])
    title <- paste(part[-1L], collapse = ": ")
    lines <- readLines(file, encoding = "UTF-8")
    there <- any(grepl(sprintf("test_that(\"%s", title), lines, fixed = TRUE))
    expect_true(there, info = paste(part, collapse = ": "))
  }
})

test_that("a sentence is found wherever it is written", {
  sentence <- function(code) {
    x <- texts_of(parse(text = code, keep.source = FALSE))
    if (is.null(x)) character() else x$sentence[is_sentence(x$sentence)]
  }
  expect_identical(sentence("f <- function() paste(\"No patient was\", \"left out.\")"),
    "No patient was left out."
  )
  expect_identical(sentence("f <- function(x) if (x) list(\"The %d patients\")"),
    "The %d patients"
  )
  expect_identical(sentence("stop_oligosurv(\"input\", \"this is not printed\")"),
    character()
  )
})

test_that("sentences that depend on the study, each printed and left out", {
  some <- suppressWarnings(do.call(sbrt_study, full_tables()))
  bare <- without_lesions()
  # an item of a checklist that has neither a section nor a question
  answers <- function(study) checklist("record", report_sections(study))$Answer
  silent <- "This report has no section on this"
  all <- c("strobe", "remark", "record")
  none <- unlist(lapply(all, function(x) checklist(x, character())$Answer))
  expect_true(silent %in% none)
  expect_false(silent %in% answers(some))
  # whose responses last
  expect_match(responder_note(some), "unconfirmed; they can differ from those with a rec")
  tables <- full_tables()
  tables$patients$best_response <- NULL
  measured <- suppressWarnings(do.call(sbrt_study, tables))
  expect_match(responder_note(measured), "measured diameters, unconfirmed[.]$")
  # limits of differences
  moved <- "method of variance estimates recovery"
  expect_match(abbreviations_used(hcc_sbrt), moved, fixed = TRUE)
  expect_no_match(abbreviations_used(bare), moved)
  expect_match(state_methods(hcc_sbrt), "differences of means between groups combine")
  expect_no_match(state_methods(hcc_sbrt[hcc_sbrt$patients$cohort == "OP", ]), "differ")
  # liver function
  expect_true(liver_title %in% report_sections(some))
  expect_match(liver_methods(some), "^Liver function: Child-Pugh score")
  expect_null(liver_methods(bare))
  expect_false(liver_title %in% report_sections(bare))
  # adverse events without days
  tables$adverse_events$onset_date <- NA
  undated <- suppressWarnings(do.call(sbrt_study, tables))
  expect_true(toxicity_recorded(undated) && !has_toxicity(undated))
  expect_true(has_toxicity(some))
})

test_that("the flow is of patients, and of lesions where there are some", {
  skip_if_not_installed("ggplot2", "3.5.0")
  caption <- function(study) {
    page <- list2env(list(study = study, figures = list()))
    page$folder <- withr::local_tempdir()
    flow_figure(page)
    page$figures[[1L]]$caption
  }
  expect_identical(caption(small_study()), "Figure 1. Flow of patients and lesions.")
  expect_identical(caption(without_lesions()), "Figure 1. Flow of patients.")
})
