# The parser of date columns. It finds the order of day and month in a column and the day
# of each cell, and reports cells that are not one day or are out of range.

date_needed <- "must be a date, best written yyyy-mm-dd"

date_far <- function() {
  sprintf("must be a day from %s to %s", date_range[1L], date_range[2L])
}

# Besides the value and the broken rule, returns for each cell: `note`, if it was read in
# an unusual form; `doubt`, a warning; `from` and `to`, the first and last day that an
# incomplete date can mean.
parse_date <- function(x, spec, how) {
  text <- date_text(x)
  if (all(is.na(text))) return(no_dates(length(text)))
  forms <- date_forms(text)
  order <- column_order(forms, text, how, spec)
  span <- date_span(date_parts(forms, order$order, how$last_day))
  span[!is.na(order$rule) | misplaced(forms, order$order), ] <- NA
  serial <- as_serial(forms)
  value <- serial
  value[is.na(value)] <- imputed_day(span, how$impute)[is.na(value)]
  span$from[is.na(span$from)] <- span$to[is.na(span$to)] <- serial[is.na(span$from)]
  open <- !is.na(span$from) & span$from < span$to
  rule <- ifelse(is.na(text) | !is.na(span$from), NA, unreadable_date(text, forms))
  rule[!is.na(order$rule)] <- order$rule[!is.na(order$rule)]
  far <- !is.na(value) & (value < date_range[1L] | value > date_range[2L])
  if (any(far)) rule[far] <- sprintf(
    "%s; if it stands for an empty cell, give missing = \"%s\"", date_far(), text[far]
  )
  # Some databases use the year 0 for a missing date.
  open <- open & span$from >= as.Date("1000-01-01")
  if (is.null(how$impute) && any(open)) rule[open] <- incomplete_rule(span[open, ])
  wrong <- which(!is.na(rule))
  if (length(wrong)) value[wrong[!startsWith(rule[wrong], date_far())]] <- NA
  span[!open | !is.na(rule), ] <- NA
  note <- rep(NA_character_, length(text))
  note[!is.na(serial)] <- serial_note(text, serial)
  c(parsed(value, rule, note), list(
    doubt = lost_zone(forms, inherits(x, "POSIXct")),
    from = span$from, to = span$to
  ))
}

# What parse_date() returns for a column of `n` empty cells
no_dates <- function(n) {
  day <- rep(as.Date(NA), n)
  c(parsed(day, no_rule(n)), list(doubt = no_rule(n), from = day, to = day))
}

# Text of cells; a time keeps its day and hour in its own time zone.
date_text <- function(x) {
  if (inherits(x, "Date")) {
    # A Date may have a fraction of a day, which its text would round.
    return(cell_text(structure(floor(as.double(x)), class = "Date")))
  }
  if (!inherits(x, "POSIXct")) return(cell_text(x))
  part <- as.POSIXlt(x)
  known <- !is.na(part$year)
  text <- rep(NA_character_, length(x))
  text[known] <- sprintf("%04d-%02d-%02d %02d:%02d", as.integer(part$year + 1900L),
    as.integer(part$mon + 1L), part$mday, part$hour, part$min
  )[known]
  sub(" 00:00$", "", text)
}

order_names <- c(
  dmy = "day/month/year", mdy = "month/day/year", ymd = "year/month/day"
)

# The `order` of day, month and year in each cell of a column, and a `rule`, the text of a
# problem, for open forms (see date_forms()) that are not one day in this order. The order
# is the declared one; without it, the order in which all open forms are dates, so that
# cells that are a date in only one order determine it for the other cells.
column_order <- function(forms, text, how, spec) {
  rule <- rep(NA_character_, nrow(forms))
  # Dates with dots begin with the day, unless the study declares another order.
  order <- rep(if (is.null(how$dates)) "dmy" else how$dates, nrow(forms))
  open <- which(forms$kind %in% "open" & !(forms$dots & is.null(how$dates)))
  if (!length(open)) return(list(order = order, rule = rule))
  days <- lapply(stats::setNames(nm = names(order_names)), function(order) {
    read_open(forms[open, ], order, how$last_day)
  })
  fits <- vapply(days, function(day) !is.na(day), logical(length(open)))
  fits <- matrix(fits, ncol = 3L, dimnames = list(NULL, names(days)))
  if (!is.null(how$dates)) {
    wrong <- !fits[, how$dates]
    rule[open[wrong]] <- undeclared_rule(fits[wrong, , drop = FALSE], how$dates)
    return(list(order = order, rule = rule))
  }
  # Cells that are not a date in any order do not help to find the order.
  some <- rowSums(fits) > 0
  orders <- names(days)[colSums(!fits[some, , drop = FALSE]) == 0]
  if (!length(orders)) {
    rule[open[some]] <- contradictory_rule(fits[some, , drop = FALSE], text[open[some]])
    return(list(order = order, rule = rule))
  }
  order[open] <- orders[1L]
  same <- vapply(days[orders], function(day) day == days[[orders[1L]]], !open)
  differ <- which(some & rowSums(!matrix(same, ncol = length(orders))) > 0)
  if (length(differ)) {
    first <- vapply(days[orders], function(day) format(day[differ[1L]]), "")
    rule[open[differ]] <- ambiguous_rule(text[open[differ[1L]]], orders, first, spec)
  }
  list(order = order, rule = rule)
}

# The day of open forms in one order; NA if it is not a day; the first day of an
# incomplete date. The order "ymd" is possible only with a year of two digits, because
# forms that begin with a year of four digits are not open.
read_open <- function(forms, order, last_day) {
  parts <- date_parts(forms, order, last_day)
  day <- date_span(parts)$from
  far <- !is.na(day) & (day < date_range[1L] | day > date_range[2L])
  wrong <- misplaced(forms, order) | (forms$short & far) |
    (order == "ymd" & !forms$short)
  day[wrong] <- NA
  day
}

ambiguous_rule <- function(text, orders, days, spec) {
  sprintf(
    "can be %s: \"%s\" is %s; say which by `dates`, as in %s",
    join_words(order_names[orders], "or"), text, join_words(unname(days), "or"),
    dates_call(spec$table, spec$column)
  )
}

contradictory_rule <- function(fits, text) {
  alone <- rowSums(fits) == 1
  example <- vapply(names(order_names), function(order) {
    at <- which(alone & fits[, order])
    if (length(at)) sprintf("\"%s\" is %s", text[at[1L]], order_names[[order]]) else ""
  }, "")
  rule <- sprintf(
    paste(
      "cannot be read, because the column has dates in more than one order: %s; write",
      "them all as yyyy-mm-dd"
    ), join_words(example[nzchar(example)])
  )
  rep(rule, nrow(fits))
}

undeclared_rule <- function(fits, declared) {
  other <- apply(fits, 1L, function(x) c(names(order_names)[x], NA)[1L])
  ifelse(is.na(other), paste0(date_needed, "; this day does not exist"), sprintf(
    "must be %s, as dates = \"%s\" says; this is %s", order_names[[declared]], declared,
    order_names[other]
  ))
}

# Reads day numbers of spreadsheets from 1970 on. Smaller numbers are not read, because
# they are more likely day numbers of R, which start in 1970.
as_serial <- function(forms) {
  serial <- !is.na(forms$s) & forms$s >= 25569 & forms$s < 73051
  day <- rep(as.Date(NA), nrow(forms))
  if (any(serial)) day[serial] <- as.Date("1899-12-30") + floor(forms$s[serial])
  day
}

serial_note <- function(text, serial) {
  first <- match(FALSE, is.na(serial))
  if (is.na(first)) return(NA_character_)
  sprintf(
    paste(
      "is read as the day number of a spreadsheet: \"%s\" is %s (it would be 1462 days",
      "later in a workbook that counts from 1904)"
    ), text[first], format(serial[first])
  )
}

# The rule for each cell that could not be read as a day
unreadable_date <- function(text, forms) {
  rule <- rep(date_needed, length(text))
  rule[forms$kind %in% c("known", "open")] <-
    paste0(date_needed, "; this day does not exist")
  rule[forms$kind %in% "serial"] <- paste0(
    date_needed, "; this looks like days since 1970, as R stores a Date"
  )
  words <- !grepl("[0-9]", text)
  rule[words] <- sprintf("%s; if it stands for an empty cell, give missing = \"%s\"",
    date_needed, text[words]
  )
  rule
}

# A warning for cells with a time that may be midnight of another time zone, written in
# UTC. It is given if all times of the column are the same full or half hour, or two that
# are an hour apart (summer and winter). Midnight, and noon as a usual placeholder, give
# no warning.
lost_zone <- function(forms, is_time) {
  clock <- forms$clock
  doubt <- rep(NA_character_, length(clock))
  times <- clock[!is.na(forms$kind)]
  shifted <- length(times) > 1L && !anyNA(times) && all(times %% 30L == 0L) &&
    diff(range(times)) %in% c(0L, 60L) && !any(times %in% c(0L, 720L))
  if (!shifted) return(doubt)
  hours <- sprintf("%02d:%02d", sort(unique(times)) %/% 60L, sort(unique(times)) %% 60L)
  doubt[!is.na(clock)] <- sprintf(
    paste(
      "has the time %s in all cells, which may be midnight of another time zone, so that",
      "the day is wrong; %s"
    ), join_words(hours, "or"),
    if (is_time) "give the day there, as in as.Date(x, tz = \"Europe/Berlin\")" else
      "export days without a time"
  )
  doubt
}

# Days outside `date_range`, which parse_date() keeps. If all dates of a study are
# outside, they were shifted on purpose to protect the patients. Otherwise these days are
# errors, and become NA so that they cause no further errors.
settle_far_dates <- function(tables, problems) {
  far <- startsWith(problems$rule, date_far())
  if (!any(far)) return(list(tables = tables, problems = problems, shifted = FALSE))
  dates <- schema_all[schema_all$type == "date", ]
  count <- mapply(function(table, column) {
    x <- tables[[table]][[column]]
    if (inherits(x, "Date")) sum(!is.na(x)) else 0L
  }, dates$table, dates$column)
  shifted <- sum(far) > 1L && sum(count) == sum(far)
  cells <- problems[far, ]
  if (shifted) {
    problems <- bind_problems(list(problems[!far, ], new_problems(cells$table[1L],
      cells$column[1L], cells$row[1L], cells$value[1L],
      sprintf(
        paste(
          "as all dates of the study, is not from %s to %s: the years seem to be",
          "shifted; they are used as they are"
        ), date_range[1L], date_range[2L]
      ), "warning"
    )))
    return(list(tables = tables, problems = problems, shifted = TRUE))
  }
  for (key in unique(paste0(cells$table, "$", cells$column))) {
    at <- which(paste0(cells$table, "$", cells$column) == key)
    tables[[cells$table[at[1L]]]][[cells$column[at[1L]]]][cells$row[at]] <- NA
  }
  list(tables = tables, problems = problems, shifted = FALSE)
}
