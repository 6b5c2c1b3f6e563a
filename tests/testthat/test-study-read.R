test_that("files give the study that the data frames give", {
  dir <- write_tables(small_tables())
  expect_identical(read_study(dir), small_study())
  expect_identical(
    read_study(dir, cutoff = "2022-06-30"), small_study(cutoff = as.Date("2022-06-30"))
  )
})

test_that("separator, byte order mark, line ends and blank last lines do not matter", {
  dir <- write_tables(small_tables(), separator = ";")
  expect_identical(read_study(dir), small_study())
  tabs <- write_tables(small_tables(), separator = "\t")
  expect_identical(read_study(tabs), small_study())
  for (name in names(small_tables())) {
    file <- file.path(dir, paste0(name, ".csv"))
    text <- paste(c(readLines(file), ";;;", ""), collapse = "\r\n")
    writeBin(c(as.raw(c(0xef, 0xbb, 0xbf)), charToRaw(text)), file)
  }
  expect_identical(read_study(dir), small_study())
})

test_that("other columns are kept with their type", {
  tables <- small_tables()
  tables$patients$age <- c(61L, 72L, NA, 55L)
  tables$patients$drug <- c("a, b", "a \"b\"", "5", NA)
  study <- read_study(write_tables(tables))
  expect_identical(study$patients$age, tables$patients$age)
  expect_identical(study$patients$drug, tables$patients$drug)
})

test_that("a missing folder or file is an input error", {
  expect_error(read_study(tempfile()), class = "oligosurv_error_input")
  expect_error(read_study(1), class = "oligosurv_error_input")
  dir <- write_tables(small_tables()[c("patients", "lesions")])
  error <- tryCatch(read_study(dir), oligosurv_error = identity)
  expect_s3_class(error, "oligosurv_error_input")
  expect_identical(error$problems$rule, "the file adverse_events.csv is missing")
})

lesions_text <- function(text) {
  dir <- write_tables(small_tables(), frame = parent.frame())
  writeBin(if (is.raw(text)) text else charToRaw(text), file.path(dir, "lesions.csv"))
  study_problems(dir)
}

test_that("files that are no table are found, not read in part", {
  expect_match(lesions_text("")$rule[1], "lesions.csv is empty")
  expect_match(lesions_text("\n \n")$rule[1], "lesions.csv is empty")
  bytes <- lesions_text(as.raw(c(0xff, 0xfe, 0x41, 0)))
  expect_match(bytes$rule, "UTF-16")
  open <- "patient_id,lesion_id,local_failure_date\nA,\"1,\nA,2,\n"
  expect_match(lesions_text(open)$rule[1], "quotation mark")
})

test_that("a row with too many fields is found by its row", {
  problems <- lesions_text(paste0(
    "patient_id,lesion_id,local_failure_date,dose_gy\n",
    "A,1,,50\nB,1,,7,5\nC,1,,50\nD,1,,50\n"
  ))
  expect_identical(problems$table, "lesions")
  expect_identical(problems$row, 2L)
  expect_match(problems$rule, "more fields")
})

test_that("bytes that are not UTF-8 are found by their cell", {
  text <- c(
    charToRaw("patient_id,lesion_id,local_failure_date,site\nA,1,,lung\nB,1,,N"),
    as.raw(0xfc), charToRaw("rnberg\nC,1,,lung\nD,1,,lung\n")
  )
  problems <- lesions_text(text)
  expect_identical(problems$column, "site")
  expect_identical(problems$row, 2L)
  expect_match(problems$rule, "UTF-8")
})

test_that("UTF-8 text is read as such in every locale", {
  text <- "patient_id,lesion_id,local_failure_date,site\nA,1,,N\u00fcrnberg\n"
  dir <- withr::local_tempdir()
  writeBin(charToRaw(enc2utf8(text)), file.path(dir, "lesions.csv"))
  lesions <- gather_files(dir)$tables$lesions
  expect_identical(lesions$site, "N\u00fcrnberg")
})

test_that("a comma as decimal sign is found also where semicolons separate", {
  problems <- lesions_text(paste0(
    "patient_id;lesion_id;local_failure_date;dose_gy\n",
    "A;1;;7,5\nB;1;;50\nC;1;;50\nD;1;;50\n"
  ))
  expect_identical(problems$row, 1L)
  expect_match(problems$rule, "this has a comma")
})

test_that("an empty row in the middle keeps the numbers of the rows after it", {
  problems <- lesions_text(
    "patient_id,lesion_id,local_failure_date\nA,1,\n,,\nB,1,nie\nC,1,\nD,1,\n"
  )
  expect_setequal(problems$row, c(2L, 2L, 3L))
})

test_that("a file that is no text in UTF-8 is named for what it is", {
  utf16 <- function(text, order) {
    iconv(text, "UTF-8", order, toRaw = TRUE)[[1L]]
  }
  text <- "patient_id,lesion_id\nA,1\n"
  cases <- list(
    "UTF-16" = c(as.raw(c(0xff, 0xfe)), utf16(text, "UTF-16LE")),
    "UTF-16" = c(as.raw(c(0xfe, 0xff)), utf16(text, "UTF-16BE")),
    "UTF-16" = utf16(text, "UTF-16LE"),
    "Excel workbook or another zip" = as.raw(c(0x50, 0x4b, 3, 4, 0, 0)),
    "old Excel" = as.raw(c(0xd0, 0xcf, 0x11, 0xe0, 0xa1)),
    "compressed" = as.raw(c(0x1f, 0x8b, 8, 0)), "PDF" = charToRaw("%PDF-1.4"),
    "binary" = as.raw(c(65, 44, 66, 0, 67, 10, 65, 66, 67, 68, 0, 1, 66, 67, 68, 69))
  )
  for (i in seq_along(cases)) {
    problems <- lesions_text(cases[[i]])
    expect_identical(nrow(problems), 1L)
    expect_match(problems$rule, names(cases)[i])
    expect_match(problems$rule, "^the file lesions.csv is ")
  }
})

test_that("a file given for its folder is an input error that says so", {
  dir <- write_tables(small_tables())
  error <- tryCatch(read_study(file.path(dir, "patients.csv")), error = identity)
  expect_s3_class(error, "oligosurv_error_input")
  expect_match(conditionMessage(error), "Its folder is", fixed = TRUE)
})

test_that("optional tables are read where they are there", {
  expect_identical(read_study(write_tables(full_tables())), full_study())
})
