# What SECURITY.md promises, against an attack of each kind on every reader and writer:
# text of data is never code, and files outside those named are neither read nor written.

attacks <- c(
  "<script>alert(1)</script>", "`r writeLines('x', 'pwned')`", "\\input{/etc/passwd}",
  "=HYPERLINK(\"http://x\")", "+1+1", "@SUM(A1)", "-2+3", "$(touch pwned)",
  "'; DROP TABLE d; --", "../../pwned", "[x](javascript:alert(2))", "%s%n", "{{pwned}}"
)

attacked <- function(labels = attacks) {
  d <- data.frame(
    time = seq_len(2 * length(labels)), event = 1,
    arm = factor(rep(labels, 2), labels)
  )
  kaplan_meier(Surv(time, event) ~ arm, d)
}

# An empty folder as working folder; the test fails if a file named pwned appears
local_trap <- function(frame = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = frame)
  withr::local_dir(dir, .local_envir = frame)
  withr::defer({
    expect_false(any(grepl("pwned", list.files(c(dir, dirname(dir)), "^pwned"))))
  }, frame)
  dir
}

test_that("labels are text in HTML, Markdown and LaTeX", {
  local_trap()
  fit <- attacked()
  written <- lapply(c(html = "a.html", md = "a.md", tex = "a.tex"), function(file) {
    save_table(fit, file)
    paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
  })
  expect_no_match(written$html, "<script", fixed = TRUE)
  expect_match(written$html, "&lt;script&gt;alert(1)&lt;/script&gt;", fixed = TRUE)
  expect_no_match(written$md, "(^|[^\\\\])<script")
  expect_no_match(written$md, "(^|[^\\\\])\\[x")
  expect_no_match(written$md, "(^|[^\\\\])`r ") # an R chunk has a bare backtick
  expect_no_match(written$tex, "\\input", fixed = TRUE)
  expect_match(written$tex, "\\textbackslash{}input\\{/etc/passwd\\}", fixed = TRUE)
})

test_that("labels are text in the figures and in sentences", {
  local_trap()
  skip_on_cran()
  save_figure(curve_plot(attacked(attacks[1:6])), "a.svg")
  drawn <- paste(readLines("a.svg", warn = FALSE), collapse = "")
  expect_no_match(drawn, "<script", fixed = TRUE)
  text <- inline_text(attacked(), times = 3, strata = attacks[2L])
  expect_type(text, "character")
})

test_that("a spreadsheet computes nothing from the CSV of a figure", {
  curve_csv <- getFromNamespace("curve_csv", "oligosurv")
  table <- utils::read.csv(text = curve_csv(attacked()), check.names = FALSE)
  expect_setequal(grep("^[=+@-]", table$strata, value = TRUE), character())
  expect_true("'=HYPERLINK(\"http://x\")" %in% table$strata)
})

test_that("names of files are names, whatever they contain", {
  dir <- local_trap()
  names <- c("a;touch pwned;.md", "$(touch pwned).md", "`touch pwned`.html", "a b'.tex")
  for (name in names) {
    save_table(attacked(), name)
    expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), name)
    unlink(name)
  }
  skip_on_cran()
  save_figure(function() plot(1), "$(touch pwned).pdf")
  expect_identical(list.files(dir), "$(touch pwned).pdf")
  skip_if_not(rmarkdown::pandoc_available("2.0"))
  save_table(attacked(), "$(touch pwned);.docx")
  expect_setequal(list.files(dir), c("$(touch pwned).pdf", "$(touch pwned);.docx"))
})

test_that("a link is replaced, not written through", {
  skip_on_os("windows")
  local_trap()
  writeLines("secret", "secret.txt")
  file.symlink("secret.txt", "a.md")
  save_table(attacked(), "a.md")
  expect_identical(readLines("secret.txt"), "secret")
  expect_identical(Sys.readlink("a.md"), "")
})

test_that("cells of a study are never paths, code or patterns", {
  local_trap()
  tables <- small_tables()
  id <- c("../../pwned", "$(touch pwned)", "`r 1`", "=1+1")
  for (name in names(tables)) {
    known <- match(tables[[name]]$patient_id, c("A", "B", "C", "D"))
    tables[[name]]$patient_id <- id[known]
  }
  study <- read_study(write_tables(tables))
  expect_identical(as.character(study$patients$patient_id), id)
  expect_identical(nrow(endpoint(study, "os")), 4L)
  expect_length(list.files(), 0)
})

test_that("names of columns are quoted in SQL", {
  skip_if_not_installed("RSQLite")
  skip_if_not_installed("dbplyr")
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  withr::defer(DBI::dbDisconnect(con))
  evil <- "x\"; DROP TABLE d; --"
  rows <- data.frame(t = 1:4, s = c(1, 0, 1, 0), g = c("'; DROP TABLE d; --", "a"))
  names(rows)[3L] <- evil
  DBI::dbWriteTable(con, "d", rows)
  table <- event_table(dplyr::tbl(con, "d"), "t", "s", group = evil)
  expect_setequal(table$groups, c("'; DROP TABLE d; --", "a"))
  expect_true(DBI::dbExistsTable(con, "d"))
})

small_workbook <- normalizePath(test_path("excel", "small-study.xlsx"))

# The workbook of the small study with a part of it changed by `change`
changed_workbook <- function(part, change, extra = NULL, frame = parent.frame()) {
  skip_if(!nzchar(Sys.which("zip")), "the program zip makes the workbook")
  skip_if_not_installed("readxl")
  dir <- withr::local_tempdir(.local_envir = frame)
  utils::unzip(small_workbook, exdir = dir)
  file <- file.path(dir, part)
  text <- paste(readLines(file, warn = FALSE, encoding = "UTF-8"), collapse = "\n")
  writeLines(change(text), file, useBytes = TRUE)
  to <- file.path(withr::local_tempdir(.local_envir = frame), "study.xlsx")
  withr::with_dir(dir, utils::zip(to, c(list.files(), extra), flags = "-r9Xq"))
  to
}

first_sheet <- "xl/worksheets/sheet1.xml"

test_that("a cell at the end of a sheet does not take all memory", {
  skip_on_cran()
  far <- "<row r=\"1048576\"><c r=\"XFD1048576\" t=\"n\"><v>1</v></c></row></sheetData>"
  file <- changed_workbook(first_sheet, function(x) sub("</sheetData>", far, x))
  problems <- study_problems(file)
  expect_match(problems$rule, "row 1048576 and one in column 16384, too far", all = FALSE)
  # one that only has a format is no cell
  empty <- "<row r=\"1048576\"><c r=\"XFD1048576\" s=\"0\"/></row></sheetData>"
  file <- changed_workbook(first_sheet, function(x) sub("</sheetData>", empty, x))
  expect_identical(nrow(study_problems(file)), 0L)
})

test_that("a workbook cannot read files by external entities, or write outside", {
  skip_on_cran()
  local_trap()
  writeLines("top secret", "secret.txt")
  file <- changed_workbook(first_sheet, function(x) {
    sub("(<\\?xml[^>]*>)?", "\\1<!DOCTYPE x [<!ENTITY e SYSTEM \"secret.txt\">]>", x)
  })
  shown <- tryCatch(
    utils::capture.output(print(as.list(study_problems(file)))),
    oligosurv_error = conditionMessage
  )
  expect_false(any(grepl("top secret", shown)))
  expect_identical(list.files(), "secret.txt")
})

test_that("data are never unserialized", {
  dir <- local_trap()
  saveRDS(small_study(), "patients.rds")
  expect_error(read_study("patients.rds"), class = "oligosurv_error")
  expect_error(read_study(dir), class = "oligosurv_error")
  expect_error(event_table_stream("patients.rds", "time", "status"),
    class = "oligosurv_error"
  )
})
