# Columns of users in other storage: labelled, integer64, date, unit and nested columns
# are converted to plain numbers or keys, or refused with a classed error.

# A driver's column as plain R: 64-bit integers as integers where they fit, else as text,
# which no sorting or matching of base R misreads
plain_key <- function(x) {
  if (inherits(x, "integer64")) {
    need_package("bit64", "reading 64-bit integers")
    text <- as.character(x)
    return(if (all(is.na(text) | nchar(text) < 10L)) as.integer(text) else text)
  }
  if (!is.atomic(x)) {
    stop_oligosurv("input", sprintf(
      "status, groups and strata must be columns of plain values; one is %s", describe(x)
    ))
  }
  if (is.object(x)) as.character(x) else x
}

# A column whose class only says how it is stored or shown (64-bit integers; numbers and
# text with labels, as haven reads them) as the plain vector that it is. Values that an
# SPSS column itself declares missing are missing. A label on top of another class, as
# Hmisc puts it on factors and dates, is taken off; the class below is what they are.
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

label_classes <- c("haven_labelled", "haven_labelled_spss", "labelled", "labelled_spss")

# what only repeats the type of the vector
storage_classes <- c("vctrs_vctr", "numeric", "integer", "double", "character", "logical")

label_attributes <- c(
  "label", "labels", "units", "format.spss", "format.stata", "format.sas",
  "display_width", "na_values", "na_range"
)

# Where an SPSS column (haven_labelled_spss) holds one of its user-missing values: single
# values and a range
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

plain_number <- function(x) {
  if (inherits(x, "integer64")) need_package("bit64", "reading 64-bit integers")
  as.double(x)
}

# As numbers, or as text where a double would not tell two of them apart
plain_integer64 <- function(x) {
  number <- suppressWarnings(plain_number(x)) # bit64 warns where text takes over
  if (any(abs(number) >= 2^53, na.rm = TRUE)) as.character(x) else number
}

date_classes <- c(
  "Date", "POSIXt", "yearmon", "yearqtr", "yearmonth", "yearquarter", "yearweek",
  "dates", "chron", "timeDate", "nanotime"
)

# Why the numbers that an object holds are not what it stands for; NULL where they are. A
# lubridate Period holds its seconds beside months and years; a Duration or an Interval
# is its number of seconds.
not_a_number <- function(x) {
  if (!is.object(x)) return(NULL)
  if (inherits(x, date_classes)) return("no date")
  if (inherits(x, "Period")) {
    return(paste(
      "no lubridate Period, whose months and years have no fixed length: convert it",
      "first, as in time_length(x, \"months\") or difftime()"
    ))
  }
  if (is.numeric(x) && isS4(x) && !inherits(x, c("Duration", "Interval"))) {
    return(sprintf(
      "no object of class '%s': convert it first by as.numeric()", class(x)[1L]
    ))
  }
  NULL
}

# A column of groups, ids or covariates: labels are what as.character() gives of Roman
# numerals and the like, numbers those of a Duration; what not_a_number() names is refused
plain_key_column <- function(x, arg, what = "labels") {
  if (is.object(x)) x <- plain_column(x)
  if (!is.object(x) || is.factor(x)) return(x)
  reason <- if (!inherits(x, date_classes)) not_a_number(x)
  if (!is.null(reason)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be plain values, %s; it is %s", arg, reason, describe(x)
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
  if (inherits(x, date_classes)) return("a length of time and no date")
  not_a_number(x)
}

plain_time <- function(x, column, arg = "time") {
  reason <- not_a_length(x)
  numeric <- is.numeric(x) || inherits(x, c("difftime", "integer64"))
  if (!numeric || !is.null(reason)) {
    # A column of NULL alone has no type in SQLite.
    if (is.logical(x) && all(is.na(x))) return(as.double(x))
    stop_oligosurv("input", sprintf(
      "`%s`, column \"%s\", must be numeric%s; it is %s", arg, column,
      if (is.null(reason)) "" else paste0(", ", reason), describe(x)
    ), arg = arg)
  }
  plain_number(x)
}

is_missing <- function(x) if (is.matrix(x)) rowSums(is.na(x)) > 0 else is.na(x)
