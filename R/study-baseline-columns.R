# The columns of a baseline table: those that are known before treatment.

outcome_columns <- c(
  "patient_id", "lesion_id", "best_response", "best_change_pct", "courses", "eqd2",
  "total_dose", "total_bed", "total_eqd2", "max_dose", "max_bed"
)

baseline_variables <- function(rows, variables, by) {
  if (!is.null(variables)) {
    variables <- plain_argument(variables)
    unknown <- if (is.character(variables)) setdiff(variables, names(rows))
    if (!is.character(variables) || !length(variables) || length(unknown)) {
      stop_oligosurv("input", sprintf(
        "`variables` must be names of columns; %s", if (length(unknown)) {
          paste("there is no", join_words(sprintf("\"%s\"", unknown)))
        } else {
          paste("it is", describe(variables))
        }
      ), arg = "variables")
    }
    return(unique(variables))
  }
  variables <- baseline_candidates(rows, by)
  if (length(variables)) return(variables)
  stop_oligosurv("input", paste(
    "there is no column of baseline characteristics; name columns in `variables`"
  ), arg = "variables")
}

# Does a column seem to hold an outcome? Its name may say so, such as "Dead?", "OS_months"
# or "Recurrence", or its values, such as dead in "Last status". Outcomes are not baseline
# characteristics.
is_outcome_like <- function(x, name) {
  words <- strsplit(lower_case(name), "[^a-z]+")[[1L]]
  values <- if (is.factor(x)) levels(x) else if (is.character(x)) unique(x)
  any(words %in% death_names) || is_outcome_name(words[nzchar(words)]) ||
    any(grepl("^(dead|died|deceased|alive)\\b", lower_case(values)))
}

death_names <- c("dead", "death", "died", "deceased", "alive", "survival", "vital")

# Is this the name of a time to an event, of its status or of a recurrence? A prior
# recurrence is known at baseline. A lone "fu" may be a drug, as in 5-FU.
is_outcome_name <- function(words) {
  name <- paste(words, collapse = " ")
  endpoint <- "(os|pfs|dfs|rfs|efs|ttp|css|follow ?up)"
  timed <- sub("(", "(fu|", endpoint, fixed = TRUE)
  measure <- "(t|time|days?|weeks?|mo|months?|yrs?|years?|event|status|censor(ed)?)"
  is_time <- grepl(sprintf("^(%s|(%s %s|%s %s)( .*)?|time to .*)$", endpoint, timed,
    measure, measure, timed
  ), name)
  event <- any(words %in% c(
    "recurrence", "recurrences", "recurred", "relapse", "relapses", "relapsed",
    "progressed"
  ))
  earlier <- any(words %in% c("prior", "previous", "before", "baseline", "history"))
  (is_time || event) && !earlier
}

# Does a column number the rows, as an index that a program added? Names of such columns
# are X (read.csv() of a file of write.csv()), Unnamed: 0 (pandas) and ...1 (readr).
is_row_number <- function(x, name) {
  if (!is.numeric(x) || !length(x) || anyNA(x)) return(FALSE)
  counts <- all(x == seq_along(x)) || all(x == seq_along(x) - 1)
  index <- grepl("^(x|v1|unnamed: ?0|[.]{3}1)$", lower_case(name))
  counts && (index || length(x) >= 10L)
}

# Text with more different values is not a category.
most_categories <- 20L

# Columns that can be characteristics: numbers and categories known before SBRT
baseline_candidates <- function(rows, by = NULL) {
  fits <- vapply(rows, function(x) {
    few <- length(unique(x[!is.na(x)])) <= most_categories
    !inherits(x, "Date") && !inherits(x, "POSIXt") && !all(is.na(x)) &&
      (is.numeric(x) || is.logical(x) || is.factor(x) || (is.character(x) && few))
  }, NA)
  outcomes <- c(
    outcome_columns, schema_all$column[schema_all$type %in% c("time", "status")]
  )
  fits[fits] <- !mapply(is_outcome_like, rows[fits], names(rows)[fits])
  fits[fits] <- !mapply(is_row_number, rows[fits], names(rows)[fits])
  setdiff(names(rows)[fits], c(outcomes, by))
}
