#' Event table of parts counted on many machines
#'
#' Counts each part of the data on a daemon of the package mirai, on this machine or on
#' others, and adds up the counts.
#'
#' @details Start the daemons before with `mirai::daemons()`; oligosurv must be installed
#'   where they run. A part whose daemon dies is counted again by another one. The parts
#'   are added in their order, and adding counts is exact, so the table is the one of all
#'   rows on one machine, to the bit, whichever daemon counted what.
#'
#'   Make the status a factor with all its levels, and a group too, in every part (for
#'   files, declare `states` and `groups`): tables with different states do not merge, and
#'   groups that are not declared come in the order in which parts show them.
#'
#'   Only what is sent leaves this machine: data frames do; of files the names, which must
#'   be valid on the daemon; functions are called on the daemon, so that rows can be read
#'   where they are.
#'
#' @param parts A list. Each part is a data frame, the name of a file for
#'   [event_table_stream()], or a function without arguments that gives either or an
#'   event table.
#' @param formula `NULL` (files only) or as for [event_table()]; its variables must be
#'   columns of the parts.
#' @param ... Arguments of [event_table()] or, for files, of [event_table_stream()].
#' @param retries How often a part is tried again whose daemon died.
#' @param compute `NULL` or the name of a compute profile of mirai.
#' @return An `event_table`, see [event_table()].
#' @section Errors: `oligosurv_error_input` (arguments), `oligosurv_error_data` (no
#'   daemons, none left, a part whose daemons died too often, parts with different
#'   states), `oligosurv_error_dependency` (mirai is missing); an error in a part keeps
#'   its kind, and its element `part` is the number of the part.
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
  if (!mirai::daemons_set(compute)) {
    stop_oligosurv("data", "there are no daemons; `mirai::daemons(2)` starts two here")
  }
  # An environment would be sent along with everything in it.
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
      "each part must be a data frame, a file name or a function; not so %s",
      format_rows(which(!known), "part")
    ), where = which(!known), arg = "parts")
  }
}

# Runs on a daemon. A condition comes back as a value, with its class.
count_part <- function(part, formula, arguments) {
  tryCatch(suppressMessages({
    if (is.function(part)) part <- part()
    if (inherits(part, "event_table")) {
      part
    } else if (is.character(part)) {
      do.call(event_table_stream, c(list(part), arguments))
    } else {
      do.call(event_table, c(list(formula, part), arguments))
    }
  }), error = identity)
}

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

# An error of a part, of the same kind where it is one of ours
stop_part <- function(i, condition) {
  kind <- sub("oligosurv_error_", "", grep("^oligosurv_error_", class(condition),
    value = TRUE
  ))
  stop_oligosurv(c(kind, "data")[1L],
    sprintf("part %d: %s", i, conditionMessage(condition)),
    part = i, where = condition$where, parent = condition
  )
}

check_daemons <- function(i, value, too_often, compute) {
  if (inherits(value, "miraiInterrupt")) too_often <- TRUE
  left <- mirai::status(compute)$connections
  if (!too_often && left > 0) return(invisible())
  stop_oligosurv("data", sprintf(
    "part %d was not counted, its daemon is gone%s", i,
    if (left == 0) " and none is left" else " once too often"
  ), part = i)
}
