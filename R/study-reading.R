# Options for reading the cells of a study: other names of columns, the order of dates,
# codes of levels, words for an empty cell. They form one object, made once from the
# arguments, which file readers, parsers and the study share.

# Checks the arguments of sbrt_study(), read_study() and study_problems() on how to read
# data, and makes one object of them.
study_reading <- function(columns = NULL, dates = NULL, impute = NULL, levels = NULL,
                          missing = NULL, time_unit = NULL, tables = NULL) {
  given <- lapply(list(
    tables = tables, columns = columns, dates = dates, impute = impute, levels = levels,
    missing = missing, time_unit = time_unit
  ), plain_argument)
  list(
    given = given[!vapply(given, is.null, NA)],
    tables = check_table_names(tables),
    columns = check_columns(columns),
    dates = check_per_column(dates, "dates", date_orders),
    impute = check_per_column(impute, "impute", date_imputations),
    levels = check_levels(levels),
    missing = check_missing_words(missing),
    time_unit = if (!is.null(time_unit)) {
      check_choice(time_unit, names(time_units), "time_unit")
    }
  )
}

date_orders <- c("ymd", "dmy", "mdy")

date_imputations <- c("first", "middle", "last")

# The reading options of one column; parsers receive them as `how`.
reading_of <- function(reading, table, column) {
  list(
    dates = for_column(reading$dates, table, column),
    impute = for_column(reading$impute, table, column),
    levels = for_column(reading$levels, table, column),
    missing = reading$missing,
    last_day = if (is.null(reading$last_day)) Sys.Date() else reading$last_day
  )
}

# An option can be given for the study, by table, by column, or by column within a table.
# The most specific one applies.
for_column <- function(option, table, column) {
  keys <- c(paste0(table, "$", column), paste0("$", column), table, "")
  at <- match(keys, names(option))
  option[[at[!is.na(at)][1L]]]
}

# Converts such an option to a list with the names "", "table", "$column" or
# "table$column". `is_value(x)` tells whether `x` is the value for a column and not a list
# of values; `wrong(x)` raises the error about an invalid `x`.
by_column <- function(option, is_value, wrong) {
  if (is.null(option)) return(list())
  option <- plain_argument(option)
  has_names <- function(x) {
    (is.list(x) || is.atomic(x)) && !is.null(names(x)) && all(nzchar(names(x)))
  }
  if (is_value(option)) return(stats::setNames(list(option), ""))
  result <- list()
  add <- function(key, value) result[key] <<- list(value)
  if (!has_names(option)) wrong(option)
  for (name in names(option)) {
    part <- plain_argument(option[[name]])
    if (!name %in% schema_tables$table) {
      if (!is_value(part)) wrong(part)
      add(paste0("$", name), part)
    } else if (is_value(part)) {
      add(name, part)
    } else {
      if (!has_names(part)) wrong(part)
      for (column in names(part)) {
        if (!is_value(part[[column]])) wrong(part[[column]])
        add(paste0(name, "$", column), part[[column]])
      }
    }
  }
  result
}

# Checks `dates` or `impute`: each value is one of `choices`, for the study, by table or
# by column.
check_per_column <- function(x, arg, choices) {
  is_value <- function(x) {
    is.character(x) && length(x) == 1L && is.null(names(x)) && x %in% choices
  }
  by_column(x, is_value, function(wrong) {
    stop_oligosurv("input", sprintf(
      paste(
        "`%s` must be one of %s, for the whole study or by table or column, as in",
        "%s = list(patients = \"%s\", onset_date = \"%s\"); it is %s"
      ), arg, join_words(sprintf("\"%s\"", choices), "or"), arg, choices[1L],
      choices[2L], describe(wrong)
    ), arg = arg)
  })
}

# `levels`: for each column the words of the file and what they mean,
# c("1" = "OP", "2" = "OM"); NA reads a word as empty
check_levels <- function(x) {
  is_value <- function(x) {
    is.atomic(x) && length(x) && !is.null(names(x)) && all(nzchar(names(x))) &&
      (is.character(x) || all(is.na(x))) && !any(names(x) %in% schema_tables$table)
  }
  levels <- by_column(x, is_value, function(wrong) {
    stop_oligosurv("input", sprintf(
      paste(
        "`levels` must give, by column, your words and what they mean, as in",
        "levels = list(cohort = c(\"1\" = \"OP\", \"2\" = \"OM\")); it is %s"
      ), describe(wrong)
    ), arg = "levels")
  })
  columns <- sub("^[^$]*[$]", "", grep("$", names(levels), fixed = TRUE, value = TRUE))
  unknown <- setdiff(columns, schema_all$column)
  if (length(unknown)) {
    stop_oligosurv("input", sprintf(
      "`levels`: the schema has no column %s%s; use the names of study_schema()",
      join_words(sprintf("`%s`", unknown)),
      suggest_name(closest_name(unknown[1L], schema_all$column))
    ), arg = "levels")
  }
  levels
}

# Checks `tables`, which names the file or sheet of each table
check_table_names <- function(x) {
  x <- plain_argument(x)
  known <- schema_tables$table
  ok <- is.null(x) || (is.character(x) && !anyNA(x) && length(x) && all(nzchar(x)) &&
    all(names(x) %in% known) && length(names(x)) && !anyDuplicated(names(x)))
  if (ok) return(x)
  stop_oligosurv("input", sprintf(
    paste(
      "`tables` must name files or sheets by table (%s), as in",
      "c(patients = \"cohort.csv\"); it is %s"
    ), join_words(known, "or"), describe(x)
  ), arg = "tables")
}

# `missing`: further words for an empty cell
check_missing_words <- function(x) {
  if (is.null(x)) return(character())
  x <- plain_argument(x)
  if (!(is.character(x) || is.numeric(x)) || anyNA(x)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`missing` must be the words for an empty cell, as in c(\"-99\", \"unk\");",
        "it is %s"
      ), describe(x)
    ), arg = "missing")
  }
  if (length(x) > most_missing_words) {
    stop_oligosurv("input", sprintf(
      paste(
        "`missing` has %s words, but may have at most %s; give only those that mean an",
        "empty cell, as in c(\"-99\", \"unk\")"
      ), format_count(length(x)), format_count(most_missing_words)
    ), arg = "missing")
  }
  check_text(as.character(x), "missing")
}

# Every column is compared with each of these words, so a whole column of data given by
# mistake would take very long.
most_missing_words <- 1000L
