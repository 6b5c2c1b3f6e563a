# read_study(): files in the formats of spreadsheets, and broken files.

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

test_that("other columns are text, or numbers if all cells are ordinary numbers", {
  tables <- small_tables()
  tables$patients$age <- c(61L, 72L, NA, 55L)
  tables$patients$ki67 <- c(0.5, 10, NA, -2)
  tables$patients$centre <- c("001", "002", "010", "1")
  tables$patients$code <- c("1E2", "2E3", "3E1", "5")
  tables$patients$sex <- c("F", "F", "T", NA)
  tables$patients$long <- c("1234567890123456", "1", "2", "3")
  tables$patients$drug <- c("a, b", "a \"b\"", "5", NA)
  tables$patients$psa <- c(".5", "1.2", "-.25", NA) # as SPSS writes numbers below 1
  study <- read_study(write_tables(tables))
  expect_identical(study$patients$psa, c(0.5, 1.2, -0.25, NA))
  expect_identical(study$patients$age, tables$patients$age)
  for (name in c("ki67", "centre", "code", "sex", "long", "drug")) {
    expect_identical(study$patients[[name]], tables$patients[[name]], label = name)
  }
})

test_that("labels of other columns that differ only in capitals are found", {
  tables <- small_tables()
  tables$patients$sex <- c("male", "Male", "female ", "male")
  tables$patients$stage <- factor(c("ii", "II", NA, "II"))
  tables$patients$note <- c("a", "A", "b", "")
  problems <- suppressWarnings(study_problems(tables))
  expect_identical(problems$column, c("sex", "stage", "note"))
  expect_identical(problems$row, c(2L, 1L, 2L))
  expect_identical(unique(problems$severity), "warning")
  expect_match(problems$rule, "differs from a more frequent label only in capital")
  # text with many different values is no category
  long <- tables$patients[rep(1, 25), ]
  long$patient_id <- paste0("P", 1:25)
  long[c("sex", "stage")] <- NULL
  long$note <- c("A", letters[1:24])
  expect_length(study_problems(list(patients = long))$row, 0L)
})

test_that("a missing folder or file is an input error", {
  expect_error(read_study(tempfile()), class = "oligosurv_error_input")
  expect_error(read_study(1), class = "oligosurv_error_input")
  dir <- write_tables(small_tables()[c("lesions", "adverse_events")])
  error <- tryCatch(read_study(dir), oligosurv_error = identity)
  expect_s3_class(error, "oligosurv_error_input")
  expect_identical(error$problems$rule, "the file patients.csv is missing")
})

lesions_text <- function(text) {
  dir <- write_tables(small_tables(), frame = parent.frame())
  writeBin(if (is.raw(text)) text else charToRaw(text), file.path(dir, "lesions.csv"))
  study_problems(dir)
}

test_that("files that are not tables are found, not read in part", {
  expect_match(lesions_text("")$rule[1], "lesions.csv is empty")
  expect_match(lesions_text("\n \n")$rule[1], "lesions.csv is empty")
  bytes <- lesions_text(as.raw(c(0xff, 0xfe, 0x41)))
  expect_match(bytes$rule, "broken UTF-16")
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

test_that("Latin-1 text is read, with a warning that shows a word", {
  text <- c(
    charToRaw("patient_id,lesion_id,local_failure_date,site\nA,1,,lung\nB,1,,N"),
    as.raw(0xfc), charToRaw("rnberg\nC,1,,lung\nD,1,,lung\n")
  )
  dir <- write_tables(small_tables())
  writeBin(text, file.path(dir, "lesions.csv"))
  problems <- study_problems(dir)
  expect_identical(problems$value, "N\u00fcrnberg")
  expect_identical(problems$severity, "warning")
  expect_match(problems$rule, "lesions.csv is not UTF-8 and is read as Latin-1")
  expect_identical(gather_files(dir)$tables$lesions$site[2], "N\u00fcrnberg")
})

test_that("bytes that are not UTF-8 among UTF-8 text are found by their cell", {
  text <- c(
    charToRaw("patient_id,lesion_id,local_failure_date,site\nA,1,,"),
    charToRaw(enc2utf8("l\u00fcng\nB,1,,N")),
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

test_that("decimal commas of a semicolon file are read, but not next to points", {
  text <- paste0("patient_id;lesion_id;local_failure_date;dose_gy\n",
    "A;1;;7,5\nB;1;;50\nC;1;;50\nD;1;;%s\n"
  )
  expect_identical(nrow(lesions_text(sprintf(text, "1,125"))), 0L)
  problems <- lesions_text(sprintf(text, "1.125"))
  expect_identical(problems$row, 1L)
  expect_match(problems$rule, "it has a comma")
})

test_that("an empty row in the middle keeps the numbers of the rows after it", {
  problems <- lesions_text(
    "patient_id,lesion_id,local_failure_date\nA,1,\n,,\nB,1,nie\nC,1,\nD,1,\n"
  )
  expect_setequal(problems$row, c(2L, 2L, 3L))
})

test_that("UTF-16 text is read, with and without a byte order mark", {
  text <- "patient_id,lesion_id,local_failure_date\nA,1,\nB,1,\nC,1,\nD,1,\n"
  utf16 <- function(order) iconv(text, "UTF-8", order, toRaw = TRUE)[[1L]]
  expect_identical(nrow(lesions_text(c(as.raw(c(0xff, 0xfe)), utf16("UTF-16LE")))), 0L)
  expect_identical(nrow(lesions_text(c(as.raw(c(0xfe, 0xff)), utf16("UTF-16BE")))), 0L)
  expect_identical(nrow(lesions_text(utf16("UTF-16LE"))), 0L)
})

test_that("the kind of a file that is not text is named", {
  cases <- list(
    "Excel workbook or another zip" = as.raw(c(0x50, 0x4b, 3, 4, 0, 0)),
    "old Excel" = as.raw(c(0xd0, 0xcf, 0x11, 0xe0, 0xa1)),
    "compressed" = as.raw(c(0x1f, 0x8b, 8, 0)), "PDF" = charToRaw("%PDF-1.4"),
    "not text" = as.raw(c(65, 44, 66, 0, 67, 10, 65, 66, 67, 68, 0, 1, 66, 67, 68, 69))
  )
  for (i in seq_along(cases)) {
    problems <- lesions_text(cases[[i]])
    expect_identical(nrow(problems), 1L)
    expect_match(problems$rule, names(cases)[i])
    expect_match(problems$rule, "^the file lesions.csv is ")
  }
})

test_that("a single file is the table of patients; another table names the folder", {
  dir <- write_tables(small_tables())
  expect_identical(nrow(gather_files(file.path(dir, "patients.csv"))$tables$patients), 4L)
  problems <- study_problems(file.path(dir, "patients.csv"))
  expect_match(problems$rule, all = FALSE,
    "only this file is read; read_study\\(\".*also reads adverse"
  )
  error <- tryCatch(read_study(file.path(dir, "lesions.csv")), error = identity)
  expect_s3_class(error, "oligosurv_error_input")
  expect_match(conditionMessage(error), sprintf("read_study(\"%s\")", dir), fixed = TRUE)
})

test_that("optional tables are read where they exist", {
  expect_identical(read_study(write_tables(full_tables())), full_study())
})

test_that("a row with too few fields is found, it may have been cut", {
  problems <- lesions_text(paste0(
    "patient_id,lesion_id,local_failure_date,dose_gy\n",
    "A,1,,50\nB,1,,50\nC,1\n\nD,1,,\n"
  ))
  expect_identical(problems$row[problems$severity == "warning"], 3L)
  expect_match(problems$rule[problems$severity == "warning"], "fewer fields")
  expect_identical(problems$value[problems$severity == "warning"], "C,1,,")
  # row numbers are also right after a text of two lines
  problems <- lesions_text(paste0(
    "patient_id,lesion_id,local_failure_date,site\n",
    "A,1,,\"lung,\nleft\"\nB,1,\nC,1,,x\nD,1,,x\n"
  ))
  expect_identical(problems$row[grepl("fewer", problems$rule)], 2L)
})

test_that("the line of a spreadsheet that names the separator is not a row", {
  dir <- write_tables(small_tables(), separator = ";")
  for (name in names(small_tables())) {
    file <- file.path(dir, paste0(name, ".csv"))
    writeLines(c("sep=;", readLines(file)), file)
  }
  expect_identical(read_study(dir), small_study())
})

test_that("file names count in any case, with .txt and .tsv; similar ones are named", {
  dir <- write_tables(full_tables())
  files <- file.path(dir, c("lesions.csv", "therapies.csv", "adverse_events.csv"))
  other <- c("Lesions.CSV", "therapies.txt", "Adverse Events.tsv")
  file.rename(files, file.path(dir, other))
  expect_identical(read_study(dir), full_study())
  file.rename(
    file.path(dir, c("Lesions.CSV", "therapies.txt")),
    file.path(dir, c("Lesions (1).CSV", "therapie.txt"))
  )
  problems <- study_problems(dir)
  expect_identical(problems$table, c("lesions", "therapies"))
  expect_identical(problems$rule, c(
    "the file lesions.csv is missing; rename Lesions (1).CSV if it is meant",
    "the file therapies.csv is missing; rename therapie.txt if it is meant"
  ))
  expect_identical(problems$severity, c("warning", "warning"))
})

# Broken files: the text of lesions.csv, the row and the rule
test_that("broken files are found by row", {
  top <- "patient_id,lesion_id,local_failure_date,dose_gy,site\n"
  end <- "C,1,,50,x\nD,1,,50,x\n"
  cases <- list(
    list(paste0(top, "A,1,,50,x\nB,1,,50,x\n", top, end), 3L, "patient_id of the table"),
    list(paste0("Lesions of 2021\n", top, "A,1,,50,x\n"), NA, "above the column names"),
    list(paste0(top, "A,1,,50,x\nB,1,,5 0,x\n", end), 2L, "0.1 to 150"),
    list(paste0(top, "A,1,,5.5,x\nB,1,,\"50,5\",x\n", end), 2L, "has a comma"),
    list(paste0(top, "A,1,,50,x\nB;1;;50;x\n", end), 2L, "patient_id of the table"),
    list(paste0(top, "A,1,,50,x\nB,1,'2021-03-01',50,x\n", end), 2L, "yyyy-mm-dd"),
    list(paste0(top, "A,1,,50,#VALUE!\nB,1,,50,x\n", end), 1L, "error value"),
    list(paste0(top, "Total,,,100,\nA,1,,50,x\nB,1,,50,x\n", end), 1L, "must be a pat"),
    list(paste0(top, "A,1,,50,x,,,y\nB,1,,50,x\n", end), 1L, "more fields"),
    list(sub("dose_gy", "site", paste0(top, "A,1,,50,x\nB,1,,50,x\n", end)), NA,
      "more than once"
    )
  )
  for (case in cases) {
    problems <- lesions_text(case[[1]])
    found <- problems[grepl(case[[3]], problems$rule), ]
    expect_true(case[[2]] %in% found$row, label = case[[1]])
    expect_true(all(found$table == "lesions"))
  }
})
