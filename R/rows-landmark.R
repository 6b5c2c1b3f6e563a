#' Landmark analysis, and groups that are known only later
#'
#' A group that becomes known during follow-up (response, a switch of therapy) must not be
#' compared from time zero: those who fail early cannot join the group, so its curve
#' begins with a period in which nobody can fail (immortal time). `late_group()` marks a
#' grouping column with the time at which each value became known; curves, tests and
#' regressions then stop unless follow-up is counted from that time or later.
#'
#' @details **Landmark.** With `landmark = 3` (an argument of [endpoint()] and, through
#' `...`, of every function that takes a formula) rows whose time is above 3 are kept and
#' their time is counted from 3; rows with an event or the end of follow-up at or before 3
#' (up to the tie tolerance, relative 1e-9) are omitted, and the print says how many.
#' Choose the landmark before looking at the data; the result applies to those who reach
#' it (Anderson, Cain and Gelber 1983).
#'
#' **What is an error.** A formula with a column marked by `late_group()` if, in a row
#' that is kept, the value became known after the row entered the risk set, or at an
#' unknown time. Also a formula with `best_response`, `best_change_pct` or another column
#' of [best_response()] (`responder`, `controlled`, `evaluable`, `response_date`,
#' `progression_visit`) in rows of an [endpoint()], if it is not marked (a warning if the
#' rows lost their class, as in [merge()]). A row is at risk from the start of follow-up
#' or, with delayed entry, from its entry: `Surv(known, time, status) ~ group` compares
#' each group from the time at which it was known, and a patient who changes group may
#' have two rows, one that ends and one that enters at the change.
#'
#' **What keeps the mark.** The times move with the values in `[`, `c()`, `rep()`,
#' `rbind()` and `merge()` of data frames, `factor()`, `relevel()`, `reorder()`,
#' `droplevels()`, `levels<-` and in dplyr, tidyr and tibble. Combining marked with
#' unmarked values is an error; missing values have no time. data.table moves values
#' without their times; a formula with such a column stops and asks to mark it again.
#' Functions that make new values from the groups lose the mark: `as.character()`,
#' `as.integer()`, `paste()`, `ifelse()`, `unlist()`, `interaction()`,
#' `data.table::rbindlist()`, and writing to a file. Inside a formula they are recognised:
#' `~ paste(group)` is an error like `~ group`.
#'
#' @param x Groups: a factor, text, logical or whole numbers.
#' @param known When each value was known, of the length of `x` or one for all: numbers in
#'   the unit of the analysis, counted from its time zero (before any landmark), or, with
#'   `origin`, dates. A value known from the beginning has 0; `NA` is unknown.
#' @param origin `NULL`, or dates: the day of time zero of each row (`sbrt_start`), as in
#'   [endpoint()].
#' @param unit Unit of the analysis when `known` is a date: `"months"`, `"days"`,
#'   `"years"`, as in [endpoint()].
#' @param ... Not used.
#' @return `x` as a factor of class `late_group`. Its attribute `known` holds the times,
#'   in the order of `x`.
#' @section Errors: `oligosurv_error_input` (types, lengths). In the functions that use
#'   the column: `oligosurv_error_data`, with the rows in `where`.
#' @references Anderson, Cain and Gelber (1983) \doi{10.1200/JCO.1983.1.11.710}.
#' @seealso [endpoint()], [logrank_test()]
#' @examples
#' d <- data.frame(
#'   month = c(1, 2, 4, 6, 8, 9, 12, 14), dead = c(1, 1, 1, 0, 1, 1, 0, 1),
#'   response_month = c(NA, NA, 3, NA, 2, NA, 3, 2)
#' )
#' # Responders cannot die before month 2 or 3: the comparison from time zero is refused.
#' d$response <- late_group(
#'   ifelse(is.na(d$response_month), "no", "yes"),
#'   known = ifelse(is.na(d$response_month), 3, d$response_month)
#' )
#' try(logrank_test(Surv(month, dead) ~ response, d))
#' # From the landmark at month 3 it is fair: 6 of 8 are kept.
#' logrank_test(Surv(month, dead) ~ response, d, landmark = 3)
#' # So is delayed entry: each patient counts from the time at which the group was known.
#' # Those whose time ends by then have no row.
#' d$known <- attr(d$response, "known")
#' logrank_test(Surv(known, month, dead) ~ response, d[d$month > d$known, ])
#' # The same for an endpoint from dates
#' endpoint(hcc_sbrt, "os", landmark = 3)
#' @name landmark
#' @export
late_group <- function(x, known, origin = NULL, unit = c("months", "days", "years"),
                       ...) {
  check_no_dots(...)
  unit <- check_choice(unit, names(days_in), "unit")
  x <- plain_key_column(x, "x")
  known <- plain_column(known)
  if (!is.atomic(x) || is.null(x) || is.raw(x)) {
    stop_oligosurv("input", sprintf("`x` must be a vector of groups; it is %s",
      describe(x)
    ), arg = "x")
  }
  if (!is.null(origin)) {
    dated <- inherits(known, "Date") && inherits(origin, "Date")
    if (!dated || !length(origin) %in% c(1L, length(x))) {
      stop_oligosurv("input", paste(
        "with `origin`, both `known` and `origin` must be dates (class Date), one for",
        "each of `x` or one for all"
      ), arg = "origin")
    }
    known <- (as.numeric(known) - as.numeric(origin)) / days_in[[unit]]
  }
  reason <- not_a_number(known)
  ok <- is.numeric(known) || (is.atomic(known) && all(is.na(known)))
  if (!ok || !is.null(reason) ||
    !length(known) %in% c(1L, length(x))) {
    stop_oligosurv("input", paste0(
      "`known` must be times since time zero, one for each of `x` or one for all; dates ",
      "need `origin`",
      if (!is.null(reason)) sprintf(" (it is %s; %s)", describe(known), reason)
    ), arg = "known")
  }
  new_late_group(factor(x), rep_len(as.double(known), length(x)))
}

# Columns of an endpoint, or of best_response(), whose values become known only after time
# zero
found_out_later <- c(
  "best_response", "best_change_pct", "evaluable", "responder", "controlled",
  "response_date", "progression_visit"
)

# Does `data` hold the rows of an endpoint, even if merge() or another function removed
# their class?
is_from_endpoint <- function(data) {
  inherits(data, "sbrt_endpoint") ||
    all(c("patient_id", "time", "status", "audit") %in% names(data))
}

# Stops if `name` is an unmarked column of best_response() in rows of an endpoint. Rows
# that lost their class may be counted from a landmark, so there it is a warning.
check_found_out_later <- function(name, data, landmark) {
  if (inherits(data, "sbrt_endpoint")) {
    stop_oligosurv("data", sprintf(
      paste(
        "the value of `%s` becomes known only after time zero, so curves of its groups",
        "would start with a time in which nobody can fail (immortal time); mark it",
        "with late_group() and use a landmark"
      ), name
    ), arg = name)
  }
  if (!is.null(landmark) || !is_from_endpoint(data)) return(invisible())
  warn_oligosurv("data", sprintf(
    paste(
      "the value of `%s` becomes known only after time zero: unless times are counted",
      "from a landmark by which it was known, curves of its groups start with a time in",
      "which nobody can fail (immortal time); see late_group()"
    ), name
  ), arg = name)
}

# Stops if a value of a late_group became known only after its row was at risk. `unsure`:
# values may have been moved without their times. is_in_step() cannot detect this if rows
# of the same group changed places.
check_known <- function(name, value, from, rows, unsure = FALSE) {
  if (!is_in_step(value)) {
    stop_oligosurv("data", sprintf(
      paste(
        "the values of `%s` were moved or changed, but not the times at which they",
        "became known (as data.table does); mark it again with late_group() afterwards"
      ), name
    ), arg = name)
  }
  known <- attr(value, "known")
  kept <- rows$kept
  if (length(kept) != length(value)) kept <- rep(TRUE, length(value))
  begin <- rep(from, length(value)) # start of the time at risk of each row
  late_entry <- length(rows$entry) == sum(kept)
  if (late_entry) {
    begin[kept] <- from + pmax(as.double(rows$entry), 0, na.rm = TRUE)
  } else if (unsure) { # the latest time of the group is safe for any order of rows
    known <- stats::ave(known, as_plain_factor(value), FUN = max)
  }
  late <- kept & !is.na(value) & (is.na(known) | known > begin * (1 + default_tie_tol))
  if (!any(late)) return(invisible())
  where <- which(late)
  latest <- if (anyNA(known[late])) {
    "some at an unknown time"
  } else {
    paste("the latest at", format(max(known[late]), digits = 4))
  }
  stop_oligosurv("data", sprintf(
    paste(
      "`%s` becomes known only after the start of follow-up at %s%s (%s; %s): a patient",
      "who fails before that cannot be in the group, so its curve would start with a",
      "period in which nobody can fail (immortal time). Use a later `landmark` here or",
      "in endpoint()%s"
    ), name, format(from, digits = 4),
    if (late_entry) " and after the row enters" else "", format_rows(where), latest,
    if (late_entry) ", or let the row enter when its group is known" else ""
  ), where = where, arg = name)
}

# Restarts the columns of a formula at the landmark. `kept` flags the rows that remain,
# `row` gives their numbers, and `landmark` counts the rows left out.
restart_at <- function(rows, landmark) {
  landmark <- check_number(landmark, "landmark", 0, open = TRUE)
  count_rows(rows) # finds bad values before any row is left out
  rows <- recode_from_one(rows)
  past <- as.double(rows$time) <= landmark * (1 + default_tie_tol)
  kept <- is.na(past) | !past
  event <- as.integer(rows$status)[!kept] > if (is.factor(rows$status)) 1L else 0L
  columns <- intersect(row_columns, names(rows))
  rows[columns] <- lapply(rows[columns], function(x) x[kept])
  rows$time <- rows$time - landmark
  if (!is.null(rows$entry)) { # entries at the landmark, up to rounding, are not late
    late <- rows$entry > landmark * (1 + default_tie_tol)
    rows$entry <- ifelse(late, rows$entry - landmark, 0)
  }
  rows$kept <- kept
  rows$row <- which(kept)
  rows$landmark <- list(
    at = landmark, event = sum(event, na.rm = TRUE),
    censored = sum(!event, na.rm = TRUE)
  )
  rows
}

row_columns <- c("entry", "time", "status", "group", "stratum", "id", "weight")

# Tables are merged only if they have the same landmark; their counts of rows left out are
# added.
merge_landmarks <- function(landmarks) {
  at <- lapply(landmarks, `[[`, "at")
  if (length(unique(at)) > 1L) {
    stop_oligosurv("data", paste(
      "event tables with different landmarks cannot be merged; create all of them again",
      "with the same `landmark`"
    ))
  }
  if (is.null(at[[1L]])) return(NULL)
  total <- function(name) sum(vapply(landmarks, `[[`, 0L, name))
  list(at = at[[1L]], event = total("event"), censored = total("censored"))
}
