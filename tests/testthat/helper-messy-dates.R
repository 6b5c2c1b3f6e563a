# Forms of dates, for helper-messy.R.

# Rewrites all dates of the tables by `change`, a function of a Date
dates_as <- function(change, tables = names(messy_tables()), columns = NULL) {
  function(x) {
    for (name in tables) {
      dates <- grep("_date$|sbrt_start|last_contact", names(x[[name]]), value = TRUE)
      for (column in if (is.null(columns)) dates else intersect(columns, dates)) {
        day <- as.Date(x[[name]][[column]])
        x[[name]][[column]] <- ifelse(is.na(day), NA, change(day))
      }
    }
    x
  }
}

# Formats days without the name of a month, which would depend on the locale
part_of <- function(pattern) function(day) format(day, pattern)

three_letters <- function(day) toupper(month.abb[as.integer(format(day, "%m"))])

with_date <- function(column, row, value) {
  function(tables) with_cell(tables, "patients", column, row, value)
}

messy_forms_dates <- function() {
  form <- function(pattern, ...) messy_form(dates_as(part_of(pattern)), ...)
  # Only a month or a year instead of the first progression, which was on 2020-08-17
  incomplete <- function(text, day, impute) {
    messy_form(with_date("progression_date", 1L, text), list(impute = impute),
      but = with_date("progression_date", 1L, day), says = "is an incomplete date"
    )
  }
  early <- c("2020-01-05", "2020-02-06", "2020-03-07", "2020-04-08", "2020-05-09",
    "2020-06-10")
  list(
    `dd/mm/yyyy` = form("%d/%m/%Y"),
    `dd/mm/yyyy, days up to 12` = messy_form(
      function(tables) {
        tables$patients$sbrt_start <- format(as.Date(early), "%d/%m/%Y")
        tables
      }, list(dates = "dmy"), but = function(tables) {
        tables$patients$sbrt_start <- early
        tables
      }, advice = TRUE
    ),
    `dd.mm.yyyy` = form("%d.%m.%Y"),
    `m/d/yy` = messy_form(dates_as(function(day) {
      gsub("(^|/)0", "\\1", format(day, "%m/%d/%y"))
    }), list(dates = "mdy", cutoff = "2024-12-31")),
    `day numbers` = messy_form(dates_as(function(day) {
      as.character(as.integer(day) + 25569L)
    }), says = "is read as the day number of a spreadsheet"),
    `2020/01/15` = form("%Y/%m/%d"),
    `2020-1-5` = messy_form(dates_as(function(day) gsub("-0", "-", format(day)))),
    `2020-01-15 08:30` = messy_form(dates_as(function(day) paste(format(day), "08:30"),
      columns = "last_contact"
    ), says = "may be midnight of another time zone"),
    `2020-01-15T00:00:00Z` = form("%Y-%m-%dT00:00:00Z"),
    `15JAN2020` = messy_form(dates_as(function(day) {
      paste0(format(day, "%d"), three_letters(day), format(day, "%Y"))
    })),
    `15 Jan 2020` = messy_form(dates_as(function(day) {
      paste(format(day, "%d"), three_letters(day), format(day, "%Y"))
    })),
    `2020-08` = incomplete("2020-08", "2020-08-15", "middle"),
    `UN/AUG/2020` = incomplete("UN/AUG/2020", "2020-08-01", "first"),
    `2020-08-UN` = incomplete("2020-08-UN", "2020-08-31", "last"),
    `2020` = incomplete("2020", "2020-07-01", "middle"),
    `2020-08 without impute` = messy_form(with_date("progression_date", 1L, "2020-08"),
      message = "as in impute = "
    )
  )
}
