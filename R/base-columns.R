# Converts columns of special classes. Labelled, integer64, date, unit and nested columns
# become ordinary vectors, or stop with a classed error.

# Converts a column from a database driver to a basic R type. 64-bit integers become
# integers if they fit, else text, because base R would sort and match their bits as
# doubles. `arg`: status, group or strata.
plain_key <- function(x, column, arg) {
  if (inherits(x, "integer64")) {
    need_package("bit64", "reading 64-bit integers")
    text <- as.character(x)
    return(if (all(is.na(text) | nchar(text) < 10L)) as.integer(text) else text)
  }
  if (!is.atomic(x)) {
    stop_oligosurv("input", sprintf(
      "`%s`, column \"%s\", must have one number or text per row; it is %s", arg, column,
      describe(x)
    ), arg = arg)
  }
  if (is.object(x)) as.character(x) else x
}

# The columns of `data` that are picked for an argument, by name
plain_keys <- function(data, picked, arg) {
  names <- unname(picked[[arg]])
  columns <- lapply(names, function(name) plain_key(data[[name]], name, arg))
  stats::setNames(columns, names)
}

# Stops for a factor whose codes have no level, as after a broken import, or whose levels
# are not text. R's own functions stop at such factors too, but each with another message.
check_factor <- function(x, arg) {
  if (!is.factor(x) || .Call(C_codes_fit, x)) return(invisible())
  code <- if (typeof(x) == "integer") as.vector(unclass(x))
  at <- which(code < 1L | code > length(levels(x)))
  what <- if (length(at) && is.character(levels(x))) {
    sprintf("%s has the code %d, but it has %s", format_rows(at[1L]), code[at[1L]],
      count_noun(nlevels(x), "level")
    )
  } else {
    "its codes are not integers, or its levels are not text"
  }
  stop_oligosurv("data", sprintf(
    "`%s` is a broken factor: %s; create it again with factor()", arg, what
  ), arg = arg, where = at)
}

# Stops for a data frame with a broken factor, with a column that does not have one value
# per row, or with a column that has no values, such as a function
check_frame_columns <- function(x, arg) {
  if (length(x) && (!is.character(names(x)) || anyNA(names(x)))) {
    stop_oligosurv("input", sprintf(
      "`%s` has columns without names; give each column a name", arg
    ), arg = arg)
  }
  for (name in names(x)[vapply(unclass(x), is.factor, NA)]) {
    check_factor(unclass(x)[[name]], sprintf("%s$%s", arg, name))
  }
  ok <- vapply(unclass(x), function(v) {
    (is.atomic(v) || is.list(v)) && !is.null(v) && NROW(v) == nrow(x)
  }, NA)
  if (all(ok)) return(x)
  bad <- which(!ok)[1L]
  stop_oligosurv("input", sprintf(
    "column \"%s\" of `%s` must have one value per row (%d); it is %s", names(x)[bad],
    arg, nrow(x), describe(unclass(x)[[bad]])
  ), arg = arg, column = names(x)[bad])
}

# Converts a column whose class only describes how it is stored or shown (64-bit integers;
# labelled numbers and text from haven) to a basic vector. Values that an SPSS column
# declares as missing become NA. The class that Hmisc adds to labelled factors and dates
# is removed; their own class is kept.
plain_column <- function(x) {
  if (inherits(x, "integer64")) return(plain_integer64(x))
  if (!inherits(x, label_classes)) return(x)
  missing <- declared_missing(x)
  below <- setdiff(oldClass(x), c(label_classes, storage_classes))
  if (length(below)) {
    own <- setdiff(label_attributes, if ("difftime" %in% below) "units")
    attributes(x)[own] <- NULL
    class(x) <- below
  } else {
    attributes(x) <- NULL
  }
  x[missing] <- NA
  x
}

# The value of an argument. A labelled vector becomes a basic one, but keeps its names,
# because methods of vctrs, if it is loaded, stop when labelled values are compared.
plain_argument <- function(x) {
  if (!is.object(x) || !inherits(x, label_classes)) return(x) # is.object() is faster
  structure(plain_column(x), names = names(x))
}

label_classes <- c("haven_labelled", "haven_labelled_spss", "labelled", "labelled_spss")

# Classes that only repeat the type of the vector
storage_classes <- c("vctrs_vctr", "numeric", "integer", "double", "character", "logical")

label_attributes <- c(
  "label", "labels", "units", "format.spss", "format.stata", "format.sas",
  "display_width", "na_values", "na_range"
)

# Flags the user-missing values of an SPSS column (haven_labelled_spss), declared as
# single values or as a range
declared_missing <- function(x) {
  values <- attr(x, "na_values", exact = TRUE)
  range <- attr(x, "na_range", exact = TRUE)
  attributes(x) <- NULL
  missing <- logical(length(x))
  if (length(values)) missing <- x %in% as.vector(unclass(values))
  if (length(range) == 2L) {
    range <- as.vector(unclass(range))
    missing <- missing | (!is.na(x) & x >= range[1L] & x <= range[2L])
  }
  missing
}

# bit64 warns of lost precision. This is less than the tolerance of the tie rule.
plain_number <- function(x) {
  if (!inherits(x, "integer64")) return(as.double(x))
  need_package("bit64", "reading 64-bit integers")
  suppressWarnings(as.double(x))
}

# Converts to numbers, or to text if two values would become the same double
plain_integer64 <- function(x) {
  number <- plain_number(x)
  if (any(abs(number) >= 2^53, na.rm = TRUE)) as.character(x) else number
}

date_classes <- c(
  "Date", "POSIXt", "yearmon", "yearqtr", "yearmonth", "yearquarter", "yearweek",
  "dates", "chron", "timeDate", "nanotime"
)

# Some objects store numbers that are not amounts. For these, returns the reason, as the
# end of a message such as "must be numeric, not a date"; else NULL. A lubridate Period
# stores its seconds separately from months and years; a Duration or an Interval is stored
# as its number of seconds.
not_a_number <- function(x) {
  if (!is.object(x)) return(NULL)
  if (inherits(x, date_classes)) return("not a date")
  if (inherits(x, "Period")) {
    return(paste(
      "not a lubridate Period, whose months and years have no fixed length: convert it",
      "first, as in time_length(x, \"months\") or difftime()"
    ))
  }
  if (is.numeric(x) && isS4(x) && !inherits(x, c("Duration", "Interval"))) {
    return(sprintf(
      "not an object of class '%s': convert it first by as.numeric()", class(x)[1L]
    ))
  }
  NULL
}

# Converts a column of groups, ids or covariates. Roman, octal and hexadecimal numbers
# become a factor of their printed text or, with `what = "numbers"`, numbers; a Duration
# becomes its number of seconds. Dates are accepted; other columns for which
# not_a_number() gives a reason are an error.
plain_key_column <- function(x, arg, what = "labels") {
  if (is.object(x)) x <- plain_column(x)
  check_factor(x, arg)
  if (!is.object(x) || is.factor(x)) return(x)
  reason <- if (!inherits(x, date_classes)) not_a_number(x)
  if (!is.null(reason)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be numbers, text or a factor, %s; it is %s", arg, reason, describe(x)
    ), arg = arg)
  }
  if (inherits(x, c("Duration", "Interval"))) return(as.double(x))
  if (!inherits(x, c("roman", "octmode", "hexmode"))) return(x)
  number <- as.vector(unclass(x))
  if (what == "numbers") return(number)
  first <- sort(unique(number))
  factor(as.character(x), as.character(x[match(first, number)]))
}

not_a_length <- function(x) {
  if (inherits(x, date_classes)) return("a length of time, not a date")
  not_a_number(x)
}

plain_time <- function(x, column, arg = "time") {
  reason <- not_a_length(x)
  numeric <- is.numeric(x) || inherits(x, c("difftime", "integer64"))
  if (!numeric || !is.null(reason)) {
    # In SQLite a column with only NULL has no type.
    if (is.logical(x) && all(is.na(x))) return(as.double(x))
    stop_oligosurv("input", sprintf(
      "`%s`, column \"%s\", must be numeric%s; it is %s", arg, column,
      if (is.null(reason)) "" else paste0(", ", reason), describe(x)
    ), arg = arg)
  }
  plain_number(x)
}

is_missing <- function(x) if (is.matrix(x)) rowSums(is.na(x)) > 0 else is.na(x)

# ifelse() drops the class of dates.
as_date <- function(x) structure(as.double(x), class = "Date")

# Formats distinct days only, since formatting dates is slow.
day_text <- function(date) {
  once <- unique(date)
  format(once)[match(date, once)]
}
