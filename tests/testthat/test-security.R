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

test_that("a spreadsheet computes nothing from a file of counts, which stays exact", {
  label <- c(attacks, "\\=1", "-1", "+2.5", "-", "=", "a=1", "@", "\\")
  rows <- data.frame(time = seq_along(label), event = 1, arm = factor(label, label))
  table <- event_table(Surv(time, event) ~ arm, rows)
  file <- withr::local_tempfile(fileext = ".csv")
  write_counts(table, file, unit = "days")
  cells <- utils::read.csv(file, comment.char = "#", colClasses = "character")$group
  expect_identical(grep("^[=+@-]", cells, value = TRUE), c("-1", "+2.5")) # are numbers
  expect_true("\\=HYPERLINK(\"http://x\")" %in% cells)
  expect_true("\\\\=1" %in% cells)
  expect_identical(read_counts(file)$groups, label)
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

test_that("counts and figures replace a link too; a template is not written over one", {
  skip_on_os("windows")
  dir <- local_trap()
  writeLines("secret", "secret.txt")
  file.symlink("secret.txt", "a.csv")
  table <- event_table(Surv(time, event) ~ 1, data.frame(time = 1:3, event = 1))
  write_counts(table, "a.csv", unit = "days")
  file.symlink("secret.txt", "a.png")
  save_figure(function() plot(1), "a.png", dpi = 50)
  expect_identical(Sys.readlink(c("a.csv", "a.png")), c("", ""))
  dir.create("template")
  file.symlink(file.path(dir, "secret.txt"), "template/patients.csv")
  expect_error(study_template("template"), "already has patients.csv",
    class = "oligosurv_error_input"
  )
  expect_identical(list.files("template"), "patients.csv")
  expect_identical(readLines("secret.txt"), "secret")
})

test_that("a file of a study that is a folder, a link to itself or a pipe is a finding", {
  skip_on_os("windows")
  for (make in c("mkdir", "ln -s patients.csv", "mkfifo")) {
    dir <- withr::local_tempdir()
    system(paste("cd", shQuote(dir), "&&", make, "patients.csv"))
    problems <- study_problems(dir)
    expect_match(problems$rule[problems$table == "patients"], "patients.csv", all = FALSE)
    expect_true(all(problems$severity == "error"))
  }
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

test_that("every name that goes into SQL is quoted: times, entry, strata, ids, text", {
  skip_if_not_installed("RSQLite")
  skip_if_not_installed("dbplyr")
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  withr::defer(DBI::dbDisconnect(con))
  evil <- function(x) paste0(x, "\"`]); DROP TABLE d; --")
  rows <- data.frame(t = 2:5, s = c("x'y", "0", "x'y", "0"), st = "'; DROP TABLE d; --")
  rows$e <- 0
  names(rows) <- evil(names(rows))
  DBI::dbWriteTable(con, "d", rows)
  table <- event_table(dplyr::tbl(con, "d"), evil("t"), evil("s"), strata = evil("st"),
    entry = evil("e"), censor = "0")
  expect_identical(table$states, c("0", "x'y"))
  expect_identical(table$strata, "'; DROP TABLE d; --")
  expect_identical(sum(table$n), 4)
  expect_true(DBI::dbExistsTable(con, "d"))
})

test_that("a report has no script, link or picture of the data", {
  skip_on_cran() # takes seconds
  skip_if_not_installed("xml2")
  skip_if_not_installed("rmarkdown")
  skip_if_not(rmarkdown::pandoc_available("2.0"), "pandoc")
  local_trap()
  more <- c("<img src=x onerror=alert(1)>", "![](http://evil/x.png)", "```{r} 1 ```")
  tables <- small_tables()
  cohort <- factor(tables$patients$cohort)
  tables$patients$cohort <- more[as.integer(cohort)]
  tables$patients$strategy <- c(attacks[1L], attacks[11L])[
    as.integer(factor(tables$patients$strategy))
  ]
  tables$lesions$site <- rep_len(c(more, attacks), nrow(tables$lesions))
  tables$adverse_events$term <- rep_len(attacks[1:3], nrow(tables$adverse_events))
  study <- suppressWarnings(suppressMessages(do.call(sbrt_study, tables)))
  study_report(study, "a.html", title = attacks[1L], authors = c(more, attacks),
    labels = c(cohort = attacks[2L]), quiet = TRUE)
  expect_identical(list.files(), "a.html")
  page <- xml2::read_html("a.html", options = "HUGE")
  of <- function(what) xml2::xml_text(xml2::xml_find_all(page, what))
  expect_length(of("//script"), 1L)
  expect_identical(of("//@*[starts-with(name(), 'on')]"), character())
  expect_match(of("//@href"), "^(#|data:text/csv)") # contents, and the CSV of figures
  expect_true(all(startsWith(of("//@src"), "data:")))
  expect_identical(of("//title"), attacks[1L])
  expect_match(of("//body"), more[2L], fixed = TRUE)
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
