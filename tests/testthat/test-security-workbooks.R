# Hostile workbooks: what SECURITY.md promises of files that unpack to too much, and of
# macros, formulas, entities and paths inside a workbook.

small_workbook <- normalizePath(test_path("excel", "small-study.xlsx"))

sheet_text_of <- function(file) {
  if (!file.exists(file)) return("")
  if (endsWith(file, ".xlsx")) {
    file <- utils::unzip(file, first_sheet, exdir = withr::local_tempdir())
  }
  paste(readLines(file, warn = FALSE, encoding = "UTF-8"), collapse = "\n")
}

# The workbook of the small study with a part of it changed by `change`
changed_workbook <- function(part, change, extra = NULL, frame = parent.frame()) {
  skip_if(!nzchar(Sys.which("zip")), "the program zip makes the workbook")
  skip_if_not_installed("readxl")
  dir <- withr::local_tempdir(.local_envir = frame)
  utils::unzip(small_workbook, exdir = dir)
  file <- file.path(dir, part)
  writeLines(change(sheet_text_of(file)), file, useBytes = TRUE)
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
  withr::local_dir(withr::local_tempdir())
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

test_that("a workbook that unpacks to too much is refused before anything reads it", {
  skip_on_cran()
  for (part in c("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml")) {
    file <- changed_workbook(part, function(x) paste0(x, strrep(" ", 3e6)))
    expect_lt(file.size(file), 2e5)
    local({
      local_internal("most_unpacked", 2e6)
      problems <- study_problems(file)
      expect_identical(problems$rule, paste(
        "the file study.xlsx unpacks to 3 MB, too much to be a study; copy the cells of",
        "your tables into a new workbook and save it"
      ))
      expect_error(read_study(file), "unpacks to 3 MB", class = "oligosurv_error")
      dir <- withr::local_tempdir()
      file.copy(file, file.path(dir, "patients.xlsx"))
      expect_match(study_problems(dir)$rule, "unpacks to 3 MB", all = FALSE)
    })
  }
})

# Writes another length into the list of contents of a zip archive
with_length <- function(file, part, length) {
  bytes <- readBin(file, "raw", 1e7)
  at <- grepRaw(c(as.raw(c(0x50, 0x4b, 1, 2))), bytes, all = TRUE, fixed = TRUE)
  name <- grepRaw(part, bytes, all = TRUE, fixed = TRUE) - 46L
  here <- at[at %in% name]
  new <- as.raw(bitwAnd(bitwShiftR(length, c(0, 8, 16, 24)), 255L))
  bytes[here + 24:27] <- new
  writeBin(bytes, file)
}

test_that("the true limit is 500 MB; a false length in the list does not matter", {
  skip_on_cran()
  file <- changed_workbook(first_sheet, identity)
  with_length(file, first_sheet, 6e8)
  expect_match(study_problems(file)$rule, "unpacks to 600 MB")
  # a part that is longer than it says is read to the length that it says
  file <- changed_workbook(first_sheet, function(x) paste0(x, strrep(" ", 3e6)))
  with_length(file, first_sheet, 100L)
  local_internal("most_unpacked", 2e6)
  expect_match(study_problems(file)$rule, "cannot be read as an Excel workbook",
    all = FALSE
  )
})

test_that("an unreadable workbook is one finding, also if `tables` names its sheets", {
  skip_if_not_installed("readxl")
  file <- withr::local_tempfile(fileext = ".xlsx", lines = "patient_id")
  for (tables in list(NULL, c(patients = "Sheet1"))) {
    problems <- study_problems(file, tables = tables)
    expect_match(problems$rule, "cannot be read as an Excel workbook; save it again")
    expect_identical(problems$table, "patients")
  }
})

test_that("macros, formulas and paths in a workbook do nothing", {
  skip_on_cran()
  withr::local_dir(withr::local_tempdir())
  first <- function(new) {
    function(x) sub("<v>[^<]*</v>", new, x)
  }
  plain <- read_study(small_workbook)
  # a workbook with macros in it, renamed from .xlsm
  file <- changed_workbook("xl/vbaProject.bin", function(x) "macro")
  expect_identical(read_study(file), plain)
  macros <- sub("xlsx$", "xlsm", file)
  file.copy(file, macros)
  expect_error(read_study(macros), "an Excel workbook (.xlsx, .xls) or a CSV file",
    fixed = TRUE, class = "oligosurv_error_input"
  )
  # the value that was saved stands, whatever the formula says
  text <- sheet_text_of(small_workbook)
  value <- regmatches(text, regexpr("(?<=<v>)[^<]*", text, perl = TRUE))
  file <- changed_workbook(first_sheet,
    first(sprintf("<f>cmd|' /C touch pwned'!A0</f><v>%s</v>", value))
  )
  expect_identical(read_study(file), plain)
  file <- changed_workbook("xl/_rels/workbook.xml.rels", function(x) {
    gsub("worksheets/sheet1.xml", "../../../../etc/passwd", x)
  })
  expect_match(study_problems(file)$rule, "cannot be read as an Excel workbook")
  expect_identical(list.files(), character())
})

test_that("entities that grow a thousandfold each are not expanded", {
  skip_on_cran()
  names <- c("a", paste0("a", 1:6))
  grown <- c("aaaaaaaaaa", strrep(paste0("&", names[-7L], ";"), 1000))
  doctype <- sprintf("<!DOCTYPE x [%s]>",
    paste0(sprintf("<!ENTITY %s \"%s\">", names, grown), collapse = "")
  )
  file <- changed_workbook(first_sheet, function(x) {
    x <- sub("(<\\?xml[^>]*>)", paste0("\\1", gsub("&", "\\&", doctype)), x)
    sub("<v>[^<]*</v>", "<v>\\&a6;</v>", x)
  })
  shown <- utils::capture.output(print(as.list(study_problems(file))))
  expect_lt(sum(nchar(shown)), 1e4)
})
