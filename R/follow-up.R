#' Median follow-up by reverse Kaplan-Meier
#'
#' The distribution of follow-up time had nobody had the event: censorings are the
#' events of the curve, and events are its censorings.
#'
#' @details With \eqn{c_j} censorings and \eqn{d_j} events among \eqn{n_j} at risk at
#' \eqn{t_j}, the curve is
#' \deqn{\prod_{t_j \le t} \left(1 - \frac{c_j}{n_j - d_j}\right)}{
#'   prod_(t_j <= t) (1 - c_j / (n_j - d_j))}
#' Events at a time leave the risk set before the censorings at that time, as in
#' [kaplan_meier()]. Turning the status round in an ordinary Kaplan-Meier program keeps
#' them at risk and gives other numbers where times are tied (rounded to months, say).
#' Variance and intervals are those of [kaplan_meier()]. Without any censoring the
#' median follow-up is not estimable and `NA`.
#'
#' For overall survival data this is the usual "median follow-up" of a report.
#'
#' @inheritParams kaplan_meier
#' @return A `follow_up` fit with the methods of [kaplan_meier()].
#' @section Errors: those of [kaplan_meier()]. Competing events all count as events.
#' @references Schemper and Smith (1996) \doi{10.1016/0197-2456(96)00075-X}.
#' @examples
#' # one event tied with one censoring at 5: median follow-up 5
#' follow_up(Surv(c(1, 2, 3, 5, 5, 6), c(1, 0, 1, 1, 0, 0)) ~ 1)
#' @export
follow_up <- function(x, data = NULL, conf.type = "log-log", conf.level = 0.95,
                      times = NULL, tie_tol = 1e-9, ...) {
  conf.type <- check_choice(conf.type, conf_types, "conf.type")
  conf.level <- check_level(conf.level)
  times <- check_times(times)
  check_repeated_ids(data, "follow-up is that of patients: use endpoint(study, \"os\")")
  table <- join_ties(pool_events(as_event_table(x, data, ...)), tie_tol)
  new_kaplan_meier(
    .Call(C_km, table, TRUE, conf.type, conf.level, max_threads()),
    table, conf.type, conf.level, times, "follow_up"
  )
}

# All causes as one event
pool_events <- function(table) {
  if (length(table$states) == 2L) return(table)
  table$status <- pmin(table$status, 1L)
  table$states <- c(table$states[1L], "any event")
  table
}
