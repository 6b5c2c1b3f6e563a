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
  expect_match(bytes$value, "zero bytes")
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

test_that("the template has every column, is read back, and is never half written", {
  dir <- file.path(withr::local_tempdir(), "new", "study")
  files <- study_template(dir)
  expect_setequal(dir(dir), c(
    "patients.csv", "lesions.csv", "adverse_events.csv", "assessments.csv",
    "data_dictionary.csv"
  ))
  expect_true(all(file.exists(files)))
  dictionary <- utils::read.csv(
    file.path(dir, "data_dictionary.csv"), colClasses = "character", na.strings = NULL
  )
  expect_identical(dictionary, study_schema())
  schema <- study_schema()
  for (name in unique(schema$table)) {
    header <- readLines(file.path(dir, paste0(name, ".csv")))
    expect_identical(header, paste(schema$column[schema$table == name], collapse = ","))
  }
  problems <- study_problems(dir)
  expect_setequal(problems$table, c("patients", "lesions"))

  unlink(file.path(dir, c("patients.csv", "lesions.csv")))
  before <- dir(dir, all.files = TRUE)
  expect_error(study_template(dir), "assessments.csv", class = "oligosurv_error_input")
  expect_identical(dir(dir, all.files = TRUE), before)
})

test_that("a template where no folder can be is an input error", {
  file <- withr::local_tempfile(lines = "x")
  expect_error(study_template(file.path(file, "a")), class = "oligosurv_error_input")
  expect_error(study_template(NA_character_), class = "oligosurv_error_input")
})
