#' Event table: the counts that every estimator here is a function of
#'
#' How many subjects left the risk set at each distinct time, by stratum, group and
#' status. It is small (one row per distinct time and status) and can be printed; `c()`
#' merges several tables by adding their counts.
#'
#' @details Rows are counted in C: in one pass without sorting if there are few distinct
#'   times (days, months), by a radix sort if there are many. The table does not depend on
#'   the order of the rows or on the number of threads.
#'
#'   **Threads.** Here and in every estimator at most `options(oligosurv.threads = )`
#'   threads are used, 2 by default. Each thread gets at least
#'   `options(oligosurv.rows_per_thread = )` rows (in estimators: distinct times), 262,144
#'   by default, so a second thread is used from 524,288 rows on. With fewer rows it would
#'   save 10 ms at most; and if other programs keep the processor busy, two threads take
#'   two to eight times as long, as they wait for each other.
#'
#'   **Status.** 0/1 or logical for one event type; a factor whose first level is
#'   censoring for competing risks (`censor =` names another level). Numbers 1/2 without a
#'   0 are read as survival reads them, 1 censored and 2 event, with a message. If all
#'   codes of a subset are 1, they are read as events; give `censor = 1` if they are
#'   censorings. Every print shows how the status was read. Two cases are errors instead
#'   of guesses: several labels that look like censoring ("alive" and "censored"), and a
#'   column whose name suggests that 1 means censored, such as CNSR of CDISC, `cens` or
#'   `is_censored`. In both cases give `censor =`, or for the second
#'   `Surv(AVAL, CNSR == 0)`. Value labels (haven) such as 0 = dead, 1 = alive are an
#'   error too.
#'
#'   **Labels.** White space at the ends of labels is ignored: "A" and "A " are one group,
#'   with a message. Several variables give labels such as "sex=0, rx=Obs".
#'
#'   **Missing values** in time, status, group or stratum: the row is dropped, and a
#'   message counts these rows; with `na.action = na.fail` they are an error. Empty and
#'   blank texts and levels are missing too, and so are the values that a column from SPSS
#'   declares missing (`na_values`, `na_range` of haven). A status with the label `n/a`,
#'   `-` or another word for a missing value is an error: it would be an event.
#'
#'   **Left truncation.** `Surv(entry, exit, status)`: a subject is at risk at t if entry
#'   < t <= exit; those who enter at time 0 are at risk from the start. Entries are
#'   counted as well as exits. If the follow-up of one subject is split into rows, each
#'   row counts separately: estimates, standard errors and tests are those of the
#'   subjects, but `n` and the number of censorings in prints and in
#'   [glance()][glance.oligosurv_fit] are numbers of rows.
#'
#' @param x A formula `Surv(time, status) ~ group + strata(s)` (`~ 1` for one group;
#'   several variables give their combinations), or a data frame with the columns `time`,
#'   `status`, `n` and, if needed, `group`, `stratum` and `n_entry` (entries at the time):
#'   counts made elsewhere, for example by a database.
#' @param data Data frame in which the variables of the formula are looked up first.
#' @param censor The level of a factor status, or the code of a numeric one, that means
#'   censored. Several are joined to one state.
#' @param na.action [stats::na.omit()] or [stats::na.fail()].
#' @param landmark `NULL`, or the time from which follow-up is counted (the landmark); see
#'   [late_group()].
#' @param id,from For [state_occupation()]: the patient id of each row and the state
#'   during each row (columns of `data`). The table then counts moves between states: one
#'   row for each time, `from` and `to`, where "not followed" is the state before the
#'   first and after the last row of a patient.
#' @param ... For `c()`: event tables to merge. Otherwise not used.
#' @return An `event_table`. `as.data.frame()` gives one row for each stratum, group,
#'   distinct time and status: `time` (the unit of the data), `stratum`, `group`, `status`
#'   (factors) and `n`, with left truncation also `n_entry`.
#' @section Errors: `oligosurv_error_input` (type or length), `oligosurv_error_domain`
#'   (times that are negative or infinite, unknown status codes; element `where` holds the
#'   rows), `oligosurv_error_data` (missing values with `na.fail`; several rows of one
#'   patient, see [clustered_rows]).
#' @seealso [event_table_stream()], [event_table_parts()], [kaplan_meier()]
#' @examples
#' d <- data.frame(
#'   month = c(6, 6, 6, 7, 10), status = c(1, 1, 0, 1, 0),
#'   arm = c("A", "B", "A", "A", "B")
#' )
#' event_table(Surv(month, status) ~ arm, d)
#' as.data.frame(event_table(Surv(month, status) ~ 1, d))
#' @order 1
#' @export
event_table <- function(x, ...) UseMethod("event_table")

#' @export
event_table.default <- function(x, ...) {
  stop_oligosurv("input", sprintf(
    "`x` must be a formula, an event table or a data frame of counts; it is %s",
    describe(x)
  ), arg = "x")
}

#' @export
event_table.event_table <- function(x, ...) check_event_table(x)

#' @rdname event_table
#' @export
event_table.formula <- function(x, data = NULL, censor = NULL,
                                na.action = stats::na.omit, landmark = NULL, id = NULL,
                                from = NULL, ...) {
  if (!missing(id) || !missing(from)) {
    call <- captured(substitute(id), NULL, NULL, parent.frame())
    call$from <- substitute(from)
    if (!is.null(call$id) || !is.null(call$from)) {
      check_no_dots(...)
      return(state_table(x, data, call, censor, if (!missing(na.action)) na.action))
    }
  }
  if (is.null(censor) && is.null(landmark) && ...length() == 0L) {
    easy <- easy_table(x, data, 0)
    if (!is.null(easy)) return(easy)
  }
  check_repeated_ids(x, data, paste(
    "counts do not keep the patient of each row: give the formula and `data` to the",
    "estimator, with `id = %s`"
  ), landmark = landmark)
  count_formula(x, data, censor, na.action, landmark, ...)
}
