#' States over time: probability of each state and mean time in it
#'
#' For patients who move between states, such as alive without progression, progressed, on
#' the next line of therapy and dead: estimates the probability of being in each state at
#' time t (Aalen-Johansen) and the mean time spent in it up to `tau`, by group and with
#' differences between groups.
#'
#' @details **Rows.** Each row is a spell of one patient in one state: from `start` to
#' `end`, after which the patient is in `state`, a factor whose first level means that the
#' row ends without a move (censored, or continued by the next row of the patient).
#' `from` is the state during the row. Without `from` all patients begin in one state,
#' `"initial"` (`from = "alive"` gives it another name), and stay in it until they move.
#' `Surv(time, state)`, with one row per patient, is the case of competing risks.
#'
#' **Estimate.** With \eqn{Y_a} at risk in state a and \eqn{d_{ab}} moves from a to b at
#' a time, the probabilities change by
#' \deqn{p_b \leftarrow p_b + \sum_{a \ne b} p_a \frac{d_{ab}}{Y_a} - p_b \sum_{c \ne b}
#'   \frac{d_{bc}}{Y_b}}{
#'   p_b <- p_b + sum_(a != b) p_a d_ab / Y_a - p_b sum_(c != b) d_bc / Y_b}
#' (Aalen and Johansen 1978). They add up to 1. With two states this is
#' [kaplan_meier()], with moves out of one state only [cumulative_incidence()]. The
#' estimate does not assume that moves depend on the present state only (the Markov
#' property): it is consistent without this assumption if censoring is independent of the
#' states (Datta and Satten 2001).
#'
#' The probability of death is close but not equal to 1 - [kaplan_meier()]: Kaplan-Meier
#' assumes that a censored patient has the prognosis of all patients alive, this estimate
#' that of the patients in the same state.
#'
#' **Ties.** All moves at one time happen simultaneously: a patient who moves to a state
#' at t is at risk there from the next time on. A patient is at risk in its state at t if
#' start < t <= end. Times are tied by the rule of [event_table()].
#'
#' **Start.** If all patients begin in one state, its probability is 1 at time 0, as in
#' [kaplan_meier()], even with delayed entry. If they begin in several states at the same
#' time, the curve starts with the proportions of the states at that time; if at different
#' times, it starts at the first move with the proportions of those then at risk, and
#' nothing is estimated before. Each group has its own start.
#'
#' **Gaps.** Between two rows a patient is not at risk. After the gap the patient is at
#' risk in the state given by `from` (without `from`, in the last known state); a change
#' during the gap is not a move. survival stops with an error for such rows.
#'
#' **Standard errors** are the infinitesimal jackknife by `id`,
#' \deqn{\widehat{\mathrm{Var}}\, p_b(t) = \sum_i D_{ib}(t)^2}{
#'   Var p_b(t) = sum over ids i of D_ib(t)^2}
#' with \eqn{D_i}{D_i} the derivative of p with respect to the weight of id i, including
#' its effect on the proportions at the start. Probabilities and standard errors equal
#' those of `survival::survfit()` with `id` and `istate` to 1e-12 (a test compares them,
#' with ties, delayed entry, weights and returns to a state), except that survfit uses one
#' start for all groups instead of one for each. Time and memory are proportional to the
#' number of rows (times the logarithm of the number of times), not to rows times times.
#'
#' **Mean times** are areas under the probabilities from the start of the curve to `tau`
#' (`NULL`: the smallest last time of the groups). They add up to `tau` minus the start.
#' Their standard errors are computed by the jackknife of the areas themselves; those that
#' survival prints without `influence = TRUE` are interpolated between event times.
#' Differences between groups have limits and p-values as in [restricted_mean()].
#'
#' **Intervals.** `"beta"`: the limits of Clopper and Pearson for the effective number of
#' patients that follows from the standard error, see [restricted_mean()]; for a mean time
#' they are applied to its proportion of the time up to `tau`. `"mid-p"`: the same, but
#' the probability of the observed result counts half. `"plain"`, `"log"`, `"log-log"`,
#' `"logit"`: estimate plus or minus z standard errors on that scale. If the standard
#' error is 0 (a probability of 0 or 1), exact limits are used with every type, for the
#' number of ids of the curve times the proportion not yet censored; `conf.type` is then
#' `exact`. By default differences combine `"mid-p"` limits. A curve of one patient has no
#' standard error.
#'
#' **Weights**: [row_weights]. The weight of a patient must be the same in all rows.
#' **Counts.** An [event_table()] with `from` holds the counts of moves, without patients:
#' the probabilities are the same to the last bit, standard errors are `NA`.
#'
#' @inheritParams restricted_mean
#' @param x A formula `Surv(start, end, state) ~ group + strata(s)`, or
#'   `Surv(time, state) ~ group` for one row per patient; or an [event_table()] with
#'   `from`.
#' @param times `NULL` for all times, or the times at which print, table and [tidy()] give
#'   the probabilities.
#' @param id The patient id of each row: a column of `data`, its name, or a vector. Needed
#'   with `start`.
#' @param from The state during each row: a column of `data`, its name, or a vector; or
#'   one text, the name of the state in which all patients begin.
#' @param extend `TRUE` extends the probabilities, at their last values, beyond the last
#'   time.
#' @param conf.type `"beta"`, `"mid-p"`, `"plain"`, `"log"`, `"log-log"`, `"logit"` or
#'   `"none"`; `NULL`, the default, is `"beta"` for probabilities and means and `"mid-p"`
#'   for differences.
#' @param ... `censor` and `na.action`, see [event_table()]. With `id`, missing values
#'   are an error by default, since the next state of a patient depends on each row.
#' @return A `state_occupation`. `tidy()`: one row per group, state and time, from the
#'   start on: `time`, `state`, `strata`, `n.risk` (in the state just before the time),
#'   `n.event` (moves into it), `n.censor` (censored in it), `estimate` (the
#'   probability), `std.error`, `conf.low`, `conf.high`, `conf.level`, `conf.type`; at
#'   `times`, events since the time before. `tidy(x, rows = "means")`: `state`, `strata`,
#'   `tau`, `n.event`, `estimate` (unit of time) and so on; `tidy(x, rows = "contrasts")`:
#'   differences of mean times as in [restricted_mean()]. `glance()`: one row per group
#'   with `n` (patients), `n.event` (moves), `n.censor`, `tau`.
#' @section Errors: `oligosurv_error_input` for rows with a start but no `id`, a status
#'   whose first level is not censoring, and arguments of the wrong type;
#'   `oligosurv_error_domain` for a start that is not before its end and for a row that
#'   does not begin in the state in which the row before it ends; `oligosurv_error_data`
#'   for rows of one id that overlap or are in two groups, for missing values with `id`,
#'   and for a `tau` after the last time. The element `where` holds the rows.
#' @references Aalen and Johansen (1978) Scandinavian Journal of Statistics 5, 141-150;
#'   Datta and Satten (2001) \doi{10.1016/S0167-7152(01)00155-9}.
#' @seealso [study_states()], [`autoplot()`][autoplot.state_occupation],
#'   [cumulative_incidence()], [restricted_mean()]
#' @examples
#' # A progresses in month 2 and dies in month 6; B dies in month 4 without progression;
#' # C progresses in month 5; D and C are alive in month 8
#' d <- data.frame(
#'   patient = c("A", "A", "B", "C", "C", "D"),
#'   start = c(0, 2, 0, 0, 5, 0), end = c(2, 6, 4, 5, 8, 8),
#'   from = c("stable", "progressed", "stable", "stable", "progressed", "stable"),
#'   state = factor(
#'     c("progressed", "dead", "dead", "progressed", "none", "none"),
#'     c("none", "progressed", "dead")
#'   )
#' )
#' fit <- state_occupation(Surv(start, end, state) ~ 1, d,
#'   id = patient, from = from, tau = 8, times = c(3, 7)
#' )
#' fit
#' # by hand, nobody is censored before month 8: at 3 months 1 of 4 is progressed, at 7
#' # months 1 of 4 (C), dead 2 of 4. Months progressed: (4 + 0 + 3 + 0) / 4 = 1.75
#' tidy(fit, rows = "means")
#' @export
state_occupation <- function(x, data = NULL, times = NULL, tau = NULL, id = NULL,
                             from = NULL, weights = NULL, weight_type = NULL,
                             conf.type = NULL, conf.level = 0.95, reference = NULL,
                             extend = FALSE, tie_tol = 1e-9, ...) {
  if (missing(x)) stop_missing("x")
  check_dots(if (inherits(x, "formula")) c("censor", "na.action"), ...)
  call <- captured(substitute(id), substitute(weights), weight_type, parent.frame())
  call$from <- substitute(from)
  own <- !is.null(conf.type)
  conf.type <- if (own) check_choice(conf.type, state_conf_types, "conf.type") else "beta"
  conf.level <- check_level(conf.level)
  extend <- check_flag(extend, "extend")
  if (!is.null(times)) times <- check_times(times)
  if (!is.null(tau)) tau <- check_number(tau, "tau", 0)
  table <- if (inherits(x, "state_table")) {
    check_counts_alone(data, call)
    check_state_table(x)
    join_ties(known_times(x), tie_tol)
  } else if (inherits(x, "formula")) {
    state_spells(x, data, call, tie_tol, ...)
  } else {
    stop_oligosurv("input", sprintf(paste(
      "`x` must be a formula such as Surv(start, end, state) ~ group, or an",
      "event_table() with `from`; it is %s"
    ), describe(x)), arg = "x")
  }
  reference <- check_reference(reference, table)
  curves <- state_curves(table)
  tau <- states_tau(table, curves, tau, extend, tie_tol)
  options <- list(
    times = times, tau = tau, conf.type = conf.type, conf.level = conf.level,
    extend = extend, contrast_type = if (own) conf.type else "mid-p"
  )
  new_state_occupation(curves, table, reference, options)
}

# Stops for arguments on ids or states of rows, which counts do not have
check_counts_alone <- function(data, call) {
  given <- c("data", "id", "from", "weights")[c(
    !is.null(data), !is.null(call$id), !is.null(call$from), !is.null(call$weights)
  )]
  if (!length(given)) return(invisible())
  stop_oligosurv("input", sprintf(
    "`%s` is used only with a formula, but `x` is an event table; leave it out", given[1L]
  ), arg = given[1L])
}

# The only place that makes a state_occupation
new_state_occupation <- function(curves, table, reference, options) {
  n <- curve_patients(table)
  means <- mean_state_rows(curves, table, n, options, options$conf.type)
  structure(
    list(
      curves = state_rows(curves, table, n, options), means = means,
      contrasts = state_contrasts(curves, table, n, reference, options),
      ends = curve_ends(table, curves), start = curves$start$time, n = n,
      states = table$states, labels = curve_labels(table), origin = table$origin,
      dropped = table$dropped, basis = states_basis(table, options),
      counts = unclass(count_spells(unweighted_spells(table))),
      options = options[c("times", "tau", "conf.type", "conf.level", "extend")]
    ),
    class = "state_occupation"
  )
}

# With sampling weights, counts are numbers of rows
unweighted_spells <- function(table) {
  if (!identical(table$weight_type, "sampling")) return(table)
  table["n"] <- list(NULL)
  table$entry["n"] <- list(NULL)
  table
}

# Number of patients of each curve: ids or, with frequency weights, the subjects they
# represent
curve_patients <- function(table) {
  of_rows <- identical(table$weight_type, "sampling")
  vapply(seq_along(table$start[-1L]), function(i) {
    mine <- rows_of_curve(table$entry$start, i)
    if (of_rows) sum(table$entry$first[mine]) else sum(entry_first(table)[mine])
  }, 0)
}

# Sentences on variance and intervals
states_basis <- function(table, options) {
  if (is.null(table$id)) {
    return("Aalen-Johansen; counts do not hold patients, so there are no standard errors")
  }
  n_id <- table$id_start[length(table$id_start)]
  noun <- if (identical(table$words[2L], "id")) "patient" else table$words[2L]
  weights <- if (!is.null(table$weight_type)) paste0(", ", table$weight_type, " weights")
  sprintf(
    "Aalen-Johansen; infinitesimal jackknife, %s in %s%s; %s%% %s intervals%s",
    count_noun(length(table$time), "spell"), count_noun(n_id, noun),
    if (is.null(weights)) "" else weights, format(100 * options$conf.level),
    options$conf.type, ", exact where the standard error is 0"
  )
}

# The components of a table of states, of which no time may be missing: code that joins
# tied times would not end
known_times <- function(x) {
  x <- unclass(x)
  if (anyNA(c(x$time, x$entry$time))) stop_changed_part("time", "event table")
  x
}
