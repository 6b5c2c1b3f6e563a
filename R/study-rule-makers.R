# Building blocks of the rules in study-rules.R and study-rules-doubtful.R.

# A rule about more than one cell. bad(x, tables) receives the table of the rule and all
# tables, and flags the rows that break the rule; NA counts as not broken. `columns`: the
# columns that the rule reads; a problem is reported for the first. `needs`: the columns
# of other tables that the rule reads.
study_rule <- function(table, columns, rule, bad, severity = "error", needs = character(),
                       kind = "domain") {
  list(
    table = table, columns = columns, rule = rule, bad = bad, severity = severity,
    needs = needs, kind = kind
  )
}

# A rule that warns about repeated rows. `whole`: skips rows with an error in any column.
repeat_rule <- function(table, column) {
  rule <- study_rule(table, column, "the row is the same as an earlier one",
    function(x, tables) repeats(x), "warning"
  )
  rule$whole <- TRUE
  rule
}

# The value of `column` of the patient of each row
patient_value <- function(x, tables, column) {
  patients <- tables$patients
  patients[[column]][match(x$patient_id, patients$patient_id, incomparables = NA)]
}

# Numbers distinct rows in the order of their first appearance; this is much faster than
# comparing them as pasted text.
row_code <- function(columns) {
  code <- rep(1, length(columns[[1L]]))
  for (column in columns) {
    value <- polled(match(column, unique(column)))
    pair <- (code - 1) * max(value, 0) + value
    code <- polled(match(pair, unique(pair)))
  }
  code
}

# Flags rows that equal an earlier one in all columns.
repeats <- function(x) {
  atomic <- all(vapply(x, function(v) is.atomic(v) && length(v) == nrow(x), NA))
  if (atomic) duplicated(row_code(unclass(x))) else duplicated(x)
}

same_but_case <- function(x) {
  id <- unique(x)
  small <- lower_case(id)
  x %in% id[small %in% small[duplicated(small)]]
}

pair_of <- function(x, column) paste(x$patient_id, x[[column]], sep = "\r")

# Flags a line of therapy (or course) that begins before one with a lower number of the
# same patient.
begins_too_early <- function(x, number) {
  o <- order(x$patient_id, x[[number]], x$start_date)
  day <- as.numeric(x$start_date)[o]
  first <- !duplicated(row_code(x[c("patient_id", number)])[o])
  id <- x$patient_id[o]
  latest <- stats::ave(ifelse(first, day, -Inf), id, FUN = function(d) {
    cummax(c(-Inf, d[-length(d)]))
  })
  bad <- logical(nrow(x))
  bad[o] <- first & day < latest
  bad
}

unknown_lesion <- function(x, tables) {
  !is.na(x$lesion_id) & !pair_of(x, "lesion_id") %in% pair_of(tables$lesions, "lesion_id")
}

# An optional column, or NA for every row if the table does not have it
column_or_na <- function(x, column) {
  if (is.null(x[[column]])) rep(NA, NROW(x)) else x[[column]]
}

# Does a column have any value? This works before and after its cells are parsed. An empty
# column, as in study_template(), does not count as given.
is_filled <- function(x) {
  !is.null(x) && (!is.atomic(x) || any(!is.na(cell_text(unique(x)))))
}

# An id of the lesion of an assessment, irradiated or not; NA if there is none.
assessed_lesion <- function(x) {
  own <- column_or_na(x, "lesion_id")
  other <- column_or_na(x, "other_lesion")
  id <- ifelse(is.na(other), NA, paste("other", other))
  ifelse(is.na(own), id, paste("lesion", own))
}

occurs_twice <- function(code) duplicated(code) | duplicated(code, fromLast = TRUE)

measured_twice <- function(x, tables) {
  id <- assessed_lesion(x)
  code <- row_code(list(x$patient_id, x$assessment_date, id))
  !is.na(id) & !is.na(x$assessment_date) & occurs_twice(code)
}

has_columns <- function(x, columns) is.data.frame(x) && all(columns %in% names(x))

# The therapies in `later` whose line is above all other lines of the patient
lines_above <- function(x, later) {
  other <- which(!later)
  line <- tapply(x$line[other], x$patient_id[other], max)[x$patient_id]
  x[which(later & (is.na(line) | x$line > line)), ]
}
