#' Event table: the counts that every estimator here is a function of
#'
#' How many subjects left the risk set at each distinct time, by stratum, group and
#' status. It is small (one row a distinct time and status), can be printed, and two of
#' them are merged with `c()` by adding counts.
#'
#' @details Rows are counted in C: few distinct times (days, months) in one pass without
#'   sorting, many by a radix sort. The table does not depend on the order of the rows or
#'   on the number of threads.
#'
#'   **Threads**, at most `options(oligosurv.threads = )`, 2 unless set, here and in every
#'   estimator, are given work of at least `options(oligosurv.rows_per_thread = )` rows
#'   each, 262,144 unless set: a second one from 524,288 rows (of an estimator: distinct
#'   times) on. With fewer the second would save 10 ms at most, and where other programs
#'   keep the processor busy two take two to eight times as long, waiting for each other.
#'
#'   **Status.** 0/1 or logical for one event type; a factor whose first level is
#'   censoring for competing risks (`censor =` names another level). Numbers 1/2 without a
#'   0 are read as survival reads them, 1 censored and 2 event, with a message; a subset
#'   that happens to be all 1 cannot be told from all events, so `censor = 1` says it, and
#'   every print echoes how the status was read. Two questions are asked instead of
#'   guessed: which labels are censoring where several read like it ("alive" and
#'   "censored"), and what the codes mean of a column named like CNSR of CDISC, in which 1
#'   is censored, or `cens`, `is_censored`. `censor =` answers both; so does
#'   `Surv(AVAL, CNSR == 0)`.
#'
#'   **Labels.** White space at the ends of a label is no part of it: "A" and "A " are one
#'   group, with a message. Several variables give labels such as "sex=0, rx=Obs".
#'
#'   **Missing values** in time, status, group or stratum drop the row, with a message
#'   that counts them; `na.action = na.fail` makes them an error. Missing are also empty
#'   and blank texts and levels, and the values that an SPSS column (`na_values`,
#'   `na_range` of haven) declares missing.
#'
#'   **Left truncation.** `Surv(entry, exit, status)`: a subject is at risk at t when
#'   entry < t <= exit, and those who enter at time 0 are at risk from then on. Entries
#'   are counted beside the exits. Where the follow-up of one subject is split into rows,
#'   each row counts as one: estimates, errors and tests are those of the subjects, but
#'   `n` and the censorings that prints and [glance()][glance.oligosurv_fit] give are of
#'   rows.
#'
#' @param x A formula `Surv(time, status) ~ group + strata(s)` (`~ 1` for one group;
#'   several variables give their combinations), or a data frame with the columns `time`,
#'   `status`, `n` and, where there are any, `group`, `stratum` and `n_entry` (entries at
#'   the time): counts made elsewhere, for example by a database.
#' @param data Data frame in which the variables of the formula are looked up first.
#' @param censor The level of a factor status, or the code of a numeric one, that means
#'   censored; several where several do, which then are one state.
#' @param na.action [stats::na.omit()] or [stats::na.fail()].
#' @param landmark `NULL`, or the time at which the clock starts anew; see [late_group()].
#' @param id,from For the moves between states of [state_occupation()]: whose row it is,
#'   and the state during each row (columns of `data`). The table then counts moves: one
#'   row for each time, `from` and `to`, where "not followed" is before the first and
#'   after the last row of a patient.
#' @param ... For `c()`: event tables to merge. Else not used.
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
