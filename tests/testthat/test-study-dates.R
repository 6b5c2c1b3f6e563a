# Dates of a study: every form with its day or its exact message, the order of a column,
# day numbers, times, shifted years, and random dates in fifteen forms.

# Parses cells of patients$sbrt_start, with a cut-off that fixes two-digit years.
read_cells <- function(x, ...) {
  how <- reading_of(study_reading(...), "patients", "sbrt_start")
  how$last_day <- as.Date("2026-11-29")
  spec <- list(type = "date", table = "patients", column = "sbrt_start")
  parse_column(x, spec, how)
}

need <- "must be a date, best written yyyy-mm-dd"
no_day <- paste(
  "has no day; say which day of the month it stands for, as in impute = \"middle\"",
  "(the 15th), \"first\" or \"last\""
)
no_month <- paste(
  "has no month; say which day of the year it stands for, as in impute = \"middle\"",
  "(1 July), \"first\" or \"last\""
)
blank <- function(need, text) {
  sprintf("%s; if it stands for an empty cell, give missing = \"%s\"", need, text)
}
far <- function(text) blank("must be a day from 1950-01-01 to 2099-12-31", text)
other <- function(order, code) {
  sprintf("must be %s, as dates = \"%s\" says; this is day/month/year", order, code)
}
either <- function(text, orders, days) {
  sprintf("can be %s: \"%s\" is %s; say which by `dates`, as in %s", orders, text, days,
    "dates = list(patients = c(sbrt_start = \"dmy\"))"
  )
}
two <- "day/month/year or month/day/year"

# written | dates | impute | the day, or the message
forms <- rbind(
  c("2020-01-31", NA, NA, "2020-01-31"), c("2020/01/31", NA, NA, "2020-01-31"),
  c("2020-1-5", NA, NA, "2020-01-05"), c("2020.01.31", "mdy", NA, "2020-01-31"),
  c("31-Jan-2020", NA, NA, "2020-01-31"), c("31 January 2020", NA, NA, "2020-01-31"),
  c("01JAN2021", NA, NA, "2021-01-01"), c("20-May-18", NA, NA, "2018-05-20"),
  c("20-May-27", NA, NA, far("20-May-27")),
  c("31.01.2020", NA, NA, "2020-01-31"), c("1.2.2020", NA, NA, "2020-02-01"),
  c("1.2.2020", "mdy", NA, "2020-01-02"), c("1.2.20", NA, NA, "2020-02-01"),
  c("20200131", NA, NA, "2020-01-31"), c("31012020", NA, NA, "2020-01-31"),
  c("01022020", "mdy", NA, "2020-01-02"),
  c("2020-01-31 08:30", NA, NA, "2020-01-31"),
  c("2020-01-31 00:00:00", NA, NA, "2020-01-31"),
  c("2020-01-31T00:00:00Z", NA, NA, "2020-01-31"),
  c("31/01/2020 8:30 PM", NA, NA, "2020-01-31"),
  c("31/01/2020", NA, NA, "2020-01-31"), c("01/31/2020", NA, NA, "2020-01-31"),
  c("5/5/2020", NA, NA, "2020-05-05"), c("27/10/2008", NA, NA, "2008-10-27"),
  c("1/2/2020", NA, NA, either("1/2/2020", two, "2020-02-01 or 2020-01-02")),
  c("1/2/2020", "dmy", NA, "2020-02-01"), c("1/2/2020", "mdy", NA, "2020-01-02"),
  c("1/2/2020", "ymd", NA, other("year/month/day", "ymd")),
  c("31/01/2020", "mdy", NA, other("month/day/year", "mdy")),
  c("1/2/20", "ymd", NA, "2001-02-20"), c("1/2/20", "dmy", NA, "2020-02-01"),
  c("20/05/18", NA, NA, either("20/05/18", "day/month/year or year/month/day",
    "2018-05-20 or 2020-05-18"
  )),
  c("05/20/18", NA, NA, "2018-05-20"),
  c("43861", NA, NA, "2020-01-31"), c("43861.5", NA, NA, "2020-01-31"),
  c("17897", NA, NA,
    paste0(need, "; this looks like days since 1970, as R stores a Date")
  ),
  c("2020-08", NA, NA, no_day), c("08/2020", NA, NA, no_day),
  c("Aug 2020", NA, NA, no_day), c("UN/AUG/2020", NA, NA, no_day),
  c("2020-08-UN", NA, NA, no_day), c("00/08/2020", NA, NA, no_day),
  c("2020", NA, NA, no_month), c("UNK/UNK/2020", NA, NA, no_month),
  c("2020-08", NA, "first", "2020-08-01"), c("08/2020", NA, "middle", "2020-08-15"),
  c("Aug 2020", NA, "last", "2020-08-31"), c("UN/AUG/2020", NA, "first", "2020-08-01"),
  c("2020-08-UN", NA, "middle", "2020-08-15"), c("00/08/2020", NA, "last", "2020-08-31"),
  c("UN/08/2020", NA, "middle", "2020-08-15"),
  c("08/UN/2020", NA, "middle", "2020-08-15"),
  c("2020", NA, "first", "2020-01-01"), c("2020", NA, "middle", "2020-07-01"),
  c("UN/UNK/2020", NA, "last", "2020-12-31"), c("2020-UN-15", NA, "first", "2020-01-01"),
  c("2020-13-01", NA, NA, paste0(need, "; this day does not exist")),
  c("30/02/2020", NA, NA, paste0(need, "; this day does not exist")),
  c("2021-02-29", NA, "first", paste0(need, "; this day does not exist")),
  c("UNK", NA, "first", blank(need, "UNK")),
  c("9999-12-31", NA, NA, far("9999-12-31")),
  c("about 2020", NA, "first", need)
)

test_that("every form of a date is its day or says exactly what to do", {
  for (i in seq_len(nrow(forms))) {
    options <- list(dates = forms[i, 2], impute = forms[i, 3])
    options <- options[!is.na(options)]
    found <- do.call(read_cells, c(list(forms[i, 1]), options))
    said <- if (is.na(found$rule)) format(found$value) else found$rule
    expect_identical(said, forms[i, 4], label = toString(forms[i, 1:3]))
  }
})

test_that("random dates in fifteen forms are read back", {
  withr::local_seed(20261129)
  day <- as.Date("1990-01-01") + sample.int(13000, 200, replace = TRUE)
  part <- as.POSIXlt(day)
  month <- month.abb[part$mon + 1]
  form <- function(x) format(day, x)
  written <- list(
    form("%Y-%m-%d"), form("%Y/%m/%d"), form("%Y.%m.%d"), form("%Y%m%d"),
    sprintf("%d-%d-%d", part$year + 1900L, part$mon + 1L, part$mday),
    form("%Y-%m-%dT00:00:00Z"), form("%Y-%m-%d 00:00:00"),
    sprintf("%02d%s%d", part$mday, toupper(month), part$year + 1900L),
    sprintf("%d-%s-%02d", part$mday, month, part$year %% 100L),
    sprintf("%d. %s %d", part$mday, month.name[part$mon + 1], part$year + 1900L),
    sprintf("%s %d, %d", month, part$mday, part$year + 1900L),
    as.character(as.numeric(day) + 25569)
  )
  for (x in written) {
    for (order in list(NULL, "ymd", "dmy", "mdy")) {
      expect_identical(read_cells(x, dates = order)$value, day, label = x[1])
    }
  }
  ordered <- list(
    dmy = form("%d/%m/%Y"), dmy = form("%d-%m-%y"), dmy = form("%d.%m.%Y"),
    mdy = form("%m/%d/%Y"), mdy = form("%m/%d/%y"), ymd = form("%y/%m/%d"),
    dmy = form("%d%m%Y")
  )
  for (i in seq_along(ordered)) {
    found <- read_cells(ordered[[i]], dates = names(ordered)[i])
    expect_identical(found$value, day, label = ordered[[i]][1])
  }
  # Without `dates`, two hundred days contain some above 12
  expect_identical(read_cells(form("%d/%m/%Y"))$value, day)
  expect_identical(read_cells(form("%m/%d/%Y"))$value, day)
  # and all forms that are one day only may be mixed in one column
  mixed <- vapply(seq_along(day), function(i) written[[1 + i %% 12]][i], "")
  expect_identical(read_cells(mixed)$value, day)
})

test_that("a day above 12 decides the order of its column", {
  found <- read_cells(c("01/02/2020", NA, "13/04/2020", "2020-05-01", "UN/05/2020"))
  expect_identical(format(found$value[1:4]),
    c("2020-02-01", NA, "2020-04-13", "2020-05-01")
  )
  expect_identical(found$rule, c(NA, NA, NA, NA, no_day))
  found <- read_cells(c("01/02/2020", "04/13/2020"))
  expect_identical(format(found$value), c("2020-01-02", "2020-04-13"))
  # Dots are always day.month.year, so that they say nothing about slashes.
  found <- read_cells(c("01/02/2020", "04/13/2020", "13.4.2020", "1.2.2020"))
  expect_identical(format(found$value),
    c("2020-01-02", "2020-04-13", "2020-04-13", "2020-02-01")
  )
})

test_that("a column with two orders is an error that names cells of both", {
  found <- read_cells(c("01/02/2020", "13/04/2020", "04/15/2020", "2020-01-01"))
  expect_identical(is.na(found$rule), c(FALSE, FALSE, FALSE, TRUE))
  expect_identical(unique(found$rule[1:3]), paste(
    "cannot be read, because the column has dates in more than one order:",
    "\"13/04/2020\" is day/month/year and \"04/15/2020\" is month/day/year; write them",
    "all as yyyy-mm-dd"
  ))
})

test_that("`dates` goes by study, table or column, for data frames and folders", {
  tables <- small_tables()
  slashed <- function(x) sub("(....)-(..)-(..)", "\\3/\\2/\\1", x)
  tables$patients[4:7] <- lapply(tables$patients[4:7], slashed)
  tables$lesions$local_failure_date <- slashed(tables$lesions$local_failure_date)
  tables$adverse_events$onset_date <- slashed(tables$adverse_events$onset_date)
  plain <- tables_of(small_study())
  dir <- write_tables(tables)
  by_table <- list(patients = "dmy", lesions = "dmy", adverse_events = "dmy")
  for (dates in list("dmy", by_table)) {
    study <- do.call(sbrt_study, c(tables, dates = list(dates)))
    expect_identical(tables_of(study), plain)
    expect_identical(tables_of(read_study(dir, dates = dates)), plain)
    expect_identical(nrow(study_problems(dir, dates = dates)), 0L)
  }
  error <- expect_error(read_study(dir), class = "oligosurv_error_domain")
  # What the message shows can be pasted.
  text <- sub(".*For the order of dates, use dates = (list\\(.*?\\)), or .*", "\\1",
    conditionMessage(error)
  )
  dates <- eval(parse(text = text))
  expect_identical(tables_of(read_study(dir, dates = dates)), plain)
})

test_that("day numbers of a spreadsheet are read among other dates, with a note", {
  tables <- small_tables()
  tables$patients$sbrt_start <- c("44197", "01/01/2021", "2021-01-01", "44197.0")
  expect_message(study <- do.call(sbrt_study, tables), paste(
    "patients, column `sbrt_start`, rows 1 and 4: is read as the day number of a",
    "spreadsheet: \"44197\" is 2021-01-01"
  ), class = "oligosurv_message")
  expect_identical(tables_of(study), tables_of(small_study()))
  notes <- study_problems(study)
  expect_identical(notes$severity, c("note", "note"))
  expect_identical(study$problems, notes)
  expect_match(capture.output(study), "^2 notes on how", all = FALSE)
  expect_no_match(capture.output(study), "Doubtful")
})

test_that("days of classes of R are the days in their own time zone", {
  berlin <- as.POSIXct("2021-01-01 00:30", tz = "Europe/Berlin")
  expect_identical(read_cells(berlin)$value, as.Date("2021-01-01"))
  expect_identical(read_cells(as.POSIXlt(berlin))$value, as.Date("2021-01-01"))
  late <- as.POSIXct("2020-12-31 23:59:59", tz = "America/Los_Angeles")
  expect_identical(read_cells(late)$value, as.Date("2020-12-31"))
  expect_identical(read_cells(as.Date("2021-01-01") + 0.9)$value, as.Date("2021-01-01"))
  day <- as.Date("2021-01-01")
  expect_identical(read_cells(structure(18628L, class = "Date"))$value, day)
  expect_identical(read_cells(c(20210101, 44197, NA))$value, day + c(0, 0, NA))
  expect_identical(read_cells(factor(c("1.1.2021", NA)))$value, day + c(0, NA))
})

test_that("midnight of another time zone is a warning that says what to type", {
  utc <- as.POSIXct(tz = "UTC",
    c("2020-12-31 23:00", "2021-01-31 23:00", "2021-06-30 22:00")
  )
  expect_identical(read_cells(utc)$doubt, rep(paste(
    "has the time 22:00 or 23:00 in all cells, which may be midnight of another time",
    "zone, so that the day is wrong; give the day there, as in as.Date(x, tz =",
    "\"Europe/Berlin\")"
  ), 3))
  text <- read_cells(format(utc, "%Y-%m-%dT%H:%M:%SZ"))
  expect_match(text$doubt, "22:00 or 23:00 in all cells.*export days without a time$")
  there <- as.Date(utc, tz = "Europe/Berlin")
  expect_identical(read_cells(there)$doubt, rep(NA_character_, 3))
  for (fine in list(
    utc[1], as.POSIXct(c("2021-01-01 08:30:00", "2021-01-02 14:10:00"), tz = "UTC"),
    as.POSIXct(c("2021-01-01 12:00:00", "2021-01-02 12:00:00"), tz = "UTC"),
    c("2021-01-01 00:00", "2021-01-02 23:00"), c("2021-01-01", "2021-01-02 23:00")
  )) {
    expect_identical(read_cells(fine)$doubt, rep(NA_character_, length(fine)))
  }
})

test_that("years that were shifted in the whole study are one warning", {
  for (by in c(-120, 150)) {
    tables <- small_tables()
    shift <- function(x) {
      year <- as.integer(substr(x, 1, 4)) + by
      ifelse(is.na(x), NA, paste0(year, substr(x, 5, 10)))
    }
    tables$patients[4:7] <- lapply(tables$patients[4:7], shift)
    tables$lesions$local_failure_date <- shift(tables$lesions$local_failure_date)
    tables$adverse_events$onset_date <- shift(tables$adverse_events$onset_date)
    expect_warning(study <- do.call(sbrt_study, tables), "has 1 doubtful value.*shifted")
    expect_identical(endpoint(study, "os")$time, endpoint(small_study(), "os")$time)
    expect_identical(study_problems(study)$severity, "warning")
  }
})

test_that("one impossible year is an error that names `missing`, which helps", {
  tables <- with_cell(small_tables(), "patients", "death_date", 2, "9999-12-31")
  found <- study_problems(tables)
  expect_match(found$rule, "give missing = \"9999-12-31\"")
  study <- suppressMessages(do.call(sbrt_study, c(tables, missing = "9999-12-31")))
  expect_identical(study$patients, small_study()$patients)
  tables <- with_cell(small_tables(), "patients", "sbrt_start", 2, "n/a")
  found <- study_problems(tables)
  expect_match(found$rule[1L], "seems to mean a missing value and is read as empty")
  expect_identical(found$rule[2L], "must not be empty")
})

test_that("a column outside the schema is text in the study and dates where it is used", {
  tables <- small_tables()
  tables$patients$surgery_date <- c("13/02/2021", "01/03/2021", NA, NA)
  tables$patients$note <- c("2021-02-13", "none so far", NA, NA)
  study <- do.call(sbrt_study, tables)
  expect_identical(study$patients$surgery_date, tables$patients$surgery_date)
  expect_identical(own_dates(study, "patients", "surgery_date"),
    as.Date(c("2021-02-13", "2021-03-01", NA, NA))
  )
  expect_error(own_dates(study, "patients", "note"),
    "column `note` of the table patients does not hold dates: row 2 must be a date",
    class = "oligosurv_error_data"
  )
  expect_null(own_dates(study, "patients", "absent"))
})

test_that("a cut-off may be written in every form with one reading", {
  for (day in c("31/12/2022", "31 Dec 2022", "2022-12-31 00:00:00")) {
    expect_identical(small_study(cutoff = day)$cutoff, as.Date("2022-12-31"))
  }
  input <- "oligosurv_error_input"
  expect_error(small_study(cutoff = "1/2/2022"), "`cutoff`", class = input)
  expect_error(small_study(cutoff = "2022-12"), "`cutoff`", class = input)
})
