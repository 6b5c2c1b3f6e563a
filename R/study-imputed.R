# Incomplete dates (without a day, or without a month), which the argument `impute`
# completes: the days they get, the limits from other dates of the patient, and the list
# of these dates.

# The first, middle or last day of each span. The span of a complete date is that day.
imputed_day <- function(span, impute = NULL) {
  if (is.null(impute)) impute <- "first"
  if (impute == "last") return(span$to)
  day <- span$from
  open <- which(span$from < span$to)
  if (impute == "first" || !length(open)) return(day)
  year <- as.POSIXlt(span$from[open])$year + 1900
  month <- as.POSIXlt(span$from[open])$mon + 1
  whole <- as.numeric(span$to[open]) - as.numeric(span$from[open]) > 31
  day[open] <- make_day(year, ifelse(whole, 7, month), ifelse(whole, 1, 15))
  day
}

incomplete_rule <- function(span) {
  whole <- as.numeric(span$to) - as.numeric(span$from) > 31
  ifelse(whole,
    paste(
      "has no month; say which day of the year it stands for, as in impute = \"middle\"",
      "(1 July), \"first\" or \"last\""
    ),
    paste(
      "has no day; say which day of the month it stands for, as in impute = \"middle\"",
      "(the 15th), \"first\" or \"last\""
    )
  )
}

no_imputed <- data.frame(
  table = character(), row = integer(), column = character(), written = character(),
  from = as.Date(character()), to = as.Date(character())
)

# The incomplete cells of one parsed column
imputed_cells <- function(result, table, column) {
  at <- which(!is.na(result$from))
  if (!length(at)) return(no_imputed)
  data.frame(
    table = table, row = at, column = column, written = result$text[at],
    from = result$from[at], to = result$to[at]
  )
}

# Moves imputed days into the limits set by other dates of the patient, as far as the
# written month or year allows. A contradiction is left to the checks. Columns that limit
# others come first. Returns the tables, and the cells with the day that was read.
settle_imputed <- function(tables, cells, cutoff) {
  if (!nrow(cells)) return(list(tables = tables, imputed = imputed_dates(NULL)))
  place <- match(cells$column, c("sbrt_start", "death_date", "last_contact"))
  cells <- cells[order(place, na.last = TRUE), ]
  last <- if (is.null(cutoff)) Sys.Date() else cutoff
  cells$read <- as.Date(NA)
  group <- paste(cells$table, cells$column)
  for (key in unique(group)) {
    at <- which(group == key)
    table <- cells$table[at[1L]]
    column <- cells$column[at[1L]]
    rows <- cells$row[at]
    waiting <- cells[is.na(cells$read), ]
    limit <- date_limits(tables, table, column, waiting)
    low <- pmax(limit$low[rows], as.numeric(cells$from[at]))
    high <- pmin(limit$high[rows], as.numeric(cells$to[at]), as.numeric(last))
    day <- as.numeric(tables[[table]][[column]][rows])
    moved <- ifelse(low <= high, pmin(pmax(day, low), high), day)
    cells$read[at] <- structure(moved, class = "Date")
    tables[[table]][[column]][rows] <- cells$read[at]
  }
  list(tables = tables, imputed = imputed_dates(cells))
}

# The earliest and latest day, as numbers, that the orders of dates in the schema allow in
# each row of a column. If another date is incomplete and not settled yet, the limit is
# the first or last day that it can mean.
date_limits <- function(tables, table, column, waiting) {
  n <- nrow(tables[[table]])
  limit <- list(low = rep(-Inf, n), high = rep(Inf, n))
  for (i in seq_len(nrow(schema_orders))) {
    rule <- schema_orders[i, ]
    after <- rule$relation == ">="
    own <- rule$table == table && rule$column == column
    if (own && (rule$severity == "error" || !after)) {
      day <- day_beside(tables, table, rule$other, waiting, after)
    } else if (!own && rule$other == column && rule$severity == "error") {
      after <- !after
      day <- day_against(tables, table, rule, waiting, after)
    } else {
      next
    }
    if (is.null(day)) next
    if (after) limit$low <- pmax(limit$low, day, na.rm = TRUE)
    if (!after) limit$high <- pmin(limit$high, day, na.rm = TRUE)
  }
  limit
}

# The days of a column as numbers; NULL if there is no such column. Dates that are not
# settled yet are set to the first (`earliest`) or last day that they can mean.
days_of <- function(tables, table, column, waiting, earliest) {
  x <- tables[[table]]
  if (!has_columns(x, c("patient_id", column)) || !inherits(x[[column]], "Date")) {
    return(NULL)
  }
  day <- as.numeric(x[[column]])
  open <- waiting[waiting$table == table & waiting$column == column, ]
  day[open$row] <- as.numeric(if (earliest) open$from else open$to)
  day
}

# The day in `column` of the same row, or else of its patient
day_beside <- function(tables, table, column, waiting, earliest) {
  if (column %in% names(tables[[table]])) {
    return(days_of(tables, table, column, waiting, earliest))
  }
  day <- days_of(tables, "patients", column, waiting, earliest)
  if (is.null(day)) return(NULL)
  ids <- tables[[table]]$patient_id
  day[match(ids, tables$patients$patient_id, incomparables = NA)]
}

# The day that a rule compares with a column of `table`: the day in the same row or, in a
# rule between tables, the latest or earliest day of each patient in the other table
day_against <- function(tables, table, rule, waiting, latest) {
  day <- days_of(tables, rule$table, rule$column, waiting, latest)
  if (is.null(day) || rule$table == table) return(day)
  other <- tables[[rule$table]]
  if (table != "patients" || rule$other %in% names(other)) return(NULL)
  by <- order(day, decreasing = latest)
  day[by][match(tables$patients$patient_id, other$patient_id[by])]
}

# The list of imputed cells that a study stores: their place, what was written, what was
# read
imputed_dates <- function(cells) {
  if (is.null(cells)) cells <- cbind(no_imputed, read = as.Date(character()))
  table <- match(cells$table, schema_tables$table)
  cells <- cells[order(table, match(cells$column, schema_all$column), cells$row), ]
  cells <- cells[c("table", "row", "column", "written", "read")]
  rownames(cells) <- NULL
  cells
}

imputed_notes <- function(imputed) {
  if (!NROW(imputed)) return(no_problems)
  new_problems(imputed$table, imputed$column, imputed$row, imputed$written,
    "is an incomplete date, completed as `impute` says; see `imputed` of the study",
    "note"
  )
}

# The imputed cells that a study still has: it may have been edited since.
imputed_now <- function(study) {
  x <- unclass(study)$imputed
  if (is.null(x)) return(NULL)
  kept <- vapply(seq_len(nrow(x)), function(i) {
    x$read[i] %in% study[[x$table[i]]][[x$column[i]]][x$row[i]]
  }, NA)
  x[kept, ]
}

# The days that incomplete dates get, in words; `impute` is the argument of the study
imputed_words <- function(impute) {
  impute <- unique(unlist(impute))
  if (length(impute) != 1L) return("a day as declared for each column")
  switch(impute,
    middle = "the middle of the month or year (the 15th or 1 July)",
    sprintf("the %s day of the month or year", impute)
  )
}

# The part of a sentence that says how many dates were imputed; "" if none
imputed_text <- function(study) {
  imputed <- imputed_now(study)
  if (!NROW(imputed)) return("")
  column <- paste(imputed$column, "of", gsub("_", " ", imputed$table))
  count <- table(factor(column, unique(column)))
  sprintf(
    "; %s (%s) %s completed to %s, as far as other dates of the patient allow it",
    count_noun(nrow(imputed), "incomplete date"),
    join_words(sprintf_counts("%d in %s", count, names(count))),
    if (nrow(imputed) == 1L) "was" else "were",
    imputed_words(attr(study, "reading")$given$impute)
  )
}
