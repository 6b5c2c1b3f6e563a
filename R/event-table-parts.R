#' Count the parts of a data set on several machines
#'
#' Counts each part of the data on a daemon of the package mirai, on this machine or on
#' others, and adds up the counts.
#'
#' @details Start the daemons first, with `mirai::daemons()`; oligosurv must be installed
#'   where they run. If a daemon dies, another one counts its part again. The counts are
#'   added in the order of the parts, and adding counts is exact, so the table is
#'   bit-identical to that of all rows counted on one machine.
#'
#'   In every part, status and group must be factors with all their levels (for files,
#'   declare `states` and `groups`), because tables with different states cannot be
#'   merged. Groups that are not declared are in sorted order if they are sorted in each
#'   part; otherwise they are in the order of the first part that has them.
#'
#'   A part that is a data frame is sent to a daemon. For a file only its name is sent,
#'   and the file must exist under that name on the daemon's machine. A function is called
#'   on the daemon, so that the rows can be read where they are stored.
#'
#' @param parts A list. Each part is a data frame, the name of a file for
#'   [event_table_stream()], or a function without arguments that returns one of these or
#'   an event table.
#' @param formula A formula as for [event_table()], whose variables must be columns of the
#'   parts, or `NULL` if all parts are files.
#' @param ... Arguments of [event_table()] or, for files, of [event_table_stream()].
#' @param retries How often a part is counted again after its daemon died.
#' @param compute `NULL` or the name of a compute profile of mirai.
#' @return An `event_table`, see [event_table()].
#' @section Errors: `oligosurv_error_input` (arguments), `oligosurv_error_data` (there are
#'   no daemons, all of them died, the daemons that counted a part died too often, the
#'   parts have different states), `oligosurv_error_dependency` (mirai is missing). An
#'   error in a part keeps its class; its element `part` is the number of the part.
#' @seealso [event_table()], [event_table_stream()]
#' @examples
#' if (requireNamespace("mirai", quietly = TRUE) && interactive()) {
#'   mirai::daemons(2)
#'   d <- data.frame(
#'     month = c(6, 6, 6, 7, 10), status = c(1, 1, 0, 1, 0),
#'     arm = factor(c("A", "B", "A", "A", "B"))
#'   )
#'   print(event_table_parts(list(d[1:2, ], d[3:5, ]), Surv(month, status) ~ arm))
#'   mirai::daemons(0)
#' }
#' @export
event_table_parts <- function(parts, formula = NULL, ..., retries = 2, compute = NULL) {
  check_parts(parts, formula)
  retries <- check_whole(retries, "retries", 0, 1e6)
  need_package("mirai", "counting on many machines")
  if (!is.null(compute)) check_profile(compute)
  if (!mirai::daemons_set(compute)) {
    stop_oligosurv("data", paste(
      "no mirai daemons are running; start them first, for example two on this machine",
      "with `mirai::daemons(2)`"
    ))
  }
  # The environment of the formula, with all its objects, would be sent to the daemons.
  if (!is.null(formula)) environment(formula) <- globalenv()
  tables <- count_parts(parts, formula, list(...), retries, compute)
  merged <- do.call(c, tables)
  if (merged$dropped > 0) tell_missing(merged$dropped, stats::na.omit)
  merged
}

check_parts <- function(parts, formula) {
  if (!is.list(parts) || is.data.frame(parts) || !length(parts)) {
    stop_oligosurv("input", sprintf(
      "`parts` must be a list of at least one part; it is %s", describe(parts)
    ), arg = "parts")
  }
  if (!is.null(formula) && !inherits(formula, "formula")) {
    stop_oligosurv("input", sprintf(
      "`formula` must be NULL or a formula; it is %s", describe(formula)
    ), arg = "formula")
  }
  known <- vapply(parts, function(part) {
    is.function(part) || is.data.frame(part) || (is.character(part) && length(part) == 1L)
  }, NA)
  if (!all(known)) {
    stop_oligosurv("input", sprintf(
      "`parts`: each must be a data frame, a file name or a function; %s %s not",
      format_rows(which(!known), "part"), if (sum(!known) == 1L) "is" else "are"
    ), where = which(!known), arg = "parts")
  }
}

check_profile <- function(compute) {
  if (nzchar(check_string(compute, "compute"))) return(invisible())
  stop_oligosurv("input", "`compute` must be NULL or a name; it is \"\"", arg = "compute")
}

# Counts one part, on a daemon. An error is returned as a value, so that it keeps its
# class.
count_part <- function(part, formula, arguments) {
  tryCatch(suppressMessages({
    if (is.function(part)) part <- part()
    if (inherits(part, "event_table")) {
      part
    } else if (is.character(part)) {
      do.call(event_table_stream, c(list(part), arguments), quote = TRUE)
    } else {
      do.call(event_table, c(list(formula, part), arguments), quote = TRUE)
    }
  }), error = identity)
}

# Sends all parts to the daemons and polls for results until every part has been counted.
count_parts <- function(parts, formula, arguments, retries, compute) {
  task <- quote(count(part, formula, arguments)) # evaluated on a daemon
  start <- function(part) {
    mirai::mirai(task,
      count = count_part, part = part, formula = formula, arguments = arguments,
      .compute = compute
    )
  }
  tasks <- lapply(parts, start)
  on.exit(for (task in tasks) mirai::stop_mirai(task))
  tables <- vector("list", length(parts))
  deaths <- numeric(length(parts))
  open <- seq_along(parts)
  bar <- cli::cli_progress_bar("Counting parts", total = length(parts), clear = TRUE)
  while (length(open)) {
    for (i in open) {
      if (mirai::unresolved(tasks[[i]])) next
      value <- tasks[[i]]$data
      if (inherits(value, "event_table")) {
        tables[[i]] <- value
        next
      }
      if (inherits(value, "condition")) stop_part(i, value)
      deaths[i] <- deaths[i] + 1
      check_daemons(i, value, deaths[i] > retries, compute)
      tasks[[i]] <- start(parts[[i]])
    }
    open <- open[vapply(tables[open], is.null, NA)]
    cli::cli_progress_update(set = length(parts) - length(open), id = bar)
    Sys.sleep(0.005)
  }
  cli::cli_progress_done(id = bar)
  tables
}

# Raises the error of a part again and keeps its class if it is an error of this package.
stop_part <- function(i, condition) {
  kind <- sub("oligosurv_error_", "", grep("^oligosurv_error_", class(condition),
    value = TRUE
  ))
  stop_oligosurv(c(kind, "data")[1L],
    sprintf("part %d: %s", i, conditionMessage(condition)),
    part = i, where = condition$where, parent = condition
  )
}

# Stops when the part has been retried too often or no daemon is left to count it.
check_daemons <- function(i, value, too_often, compute) {
  if (inherits(value, "miraiInterrupt")) too_often <- TRUE
  left <- mirai::status(compute)$connections
  if (!too_often && left > 0) return(invisible())
  stop_oligosurv("data", sprintf(
    "part %d was not counted: its daemon stopped%s", i,
    if (left == 0) {
      ", and no daemon is left; start new ones with `mirai::daemons()`"
    } else {
      " more often than `retries` allows; raise `retries` or make the parts smaller"
    }
  ), part = i)
}
