# Describes an event table in prints and fits: sizes and labels of its curves, states,
# rows left out, landmark and extent. Also print() and summary() of the class.

# Number of subjects by status, over all curves
count_states <- function(table) {
  status <- table$status
  n <- table$n
  states <- seq_along(table$states) - 1L
  if (is.null(n)) { # avoids a copy of a long column
    events <- tabulate(status, length(states) - 1L)
    return(c(length(status) - sum(events), events))
  }
  vapply(states, function(s) sum(n[status == s]), 0)
}

# Labels of the curves, which are strata by groups with groups running fastest. They
# consist of the labels of the groups, of the strata, or of both with the names of their
# variables if these are known.
curve_labels <- function(table) {
  if (length(table$strata) == 1L) return(table$groups)
  if (length(table$groups) == 1L) return(table$strata)
  groups <- rep(table$groups, length(table$strata))
  strata <- rep(table$strata, each = length(table$groups))
  variables <- table$variables
  if (is.null(variables)) return(join_labels(list(groups, strata), NULL))
  names <- vapply(variables[c("group", "stratum")], function(x) {
    if (length(x) == 1L) x else ""
  }, "")
  join_labels(list(groups, strata), names)
}

# Number of subjects of each curve, a double each
curve_sizes <- function(table) .Call(C_curve_sizes, table)

# Number of subjects of each curve at risk at table_origin(). With left truncation, only
# those who have entered by then count.
curve_starters <- function(table) {
  if (is.null(table$entry)) return(curve_sizes(table))
  at_zero <- enters_at_origin(table$entry$time, table_origin(table))
  n <- if (is.null(table$entry$n)) as.double(at_zero) else table$entry$n * at_zero
  total <- c(0, cumsum(n))
  diff(total[table$entry$start + 1])
}

# The time from which the curves of a table start: 0 or its conditioning time
table_origin <- function(table) {
  if (is.null(table$from)) 0 else table$from$at
}

# Describes an event table in words. `size`: number of subjects, or the meaning of the
# weights. `states`: how the status was read, as in 0 = censored (41), 1 = local failure
# (12). `losses`: lines on rows that were dropped and times that were merged.
table_words <- function(table) {
  code <- seq_along(table$states) - if (table$coding == "1/2") 0L else 1L
  counts <- count_states(table)
  list(
    size = if (is.null(table$weights)) {
      count_noun(sum(counts), "subject")
    } else {
      format_size(table)
    },
    states = paste0(code, " = ", table$states,
      " (", format_count(counts), ")", collapse = ", "
    ),
    losses = c(
      if (!is.null(table$landmark)) left_before("Landmark at", table$landmark, "row"),
      if (!is.null(table$from)) left_before("Given event-free at", table$from, "subject"),
      if (!is.null(table$weights) && table$weights$zero > 0) {
        sprintf("%s of weight 0 left out", count_noun(table$weights$zero, "row"))
      },
      if (table$dropped > 0) {
        sprintf("%s dropped for missing values", count_noun(table$dropped, "row"))
      },
      if (table$joined > 0) {
        sprintf("%s merged with an earlier one by the tie rule",
          count_noun(table$joined, "time")
        )
      }
    )
  )
}

# A line on the rows or subjects that were left out at a landmark or conditioning time
left_before <- function(words, at, noun) {
  if (is.null(at)) return(NULL)
  sprintf("%s %s: left out %s with an event by then, %s not followed beyond it", words,
    format(at$at), count_noun(at$event, noun), format_count(at$censored)
  )
}

# Number of subjects, distinct times and rows of an event table, and its first n rows
extent_of <- function(table, n) {
  subjects <- sum(count_states(table))
  if (!is.null(table$entry)) { # entries are in separate rows
    long <- as.data.frame(table)
    times <- length(unique(long$time))
    return(list(subjects, times, nrow(long), long[seq_len(min(n, nrow(long))), ]))
  }
  extent <- .Call(C_table_extent, table, as.double(max(n, 0)))
  at <- seq_len(extent[3L])
  columns <- c("time", "status", if (!is.null(table$n)) "n")
  table[columns] <- lapply(table[columns], `[`, at)
  table$start <- pmin(table$start, extent[3L])
  list(subjects, extent[1L], extent[2L], as.data.frame(table))
}

# Largest number of groups that a print shows by default
most_shown <- 20L

#' @export
print.event_table <- function(x, n = 10L, ...) {
  check_event_table(x)
  n <- check_shown(n)
  extent <- extent_of(x, n)
  nouns <- c("subject", "distinct time", "row")
  words <- table_words(x)
  writeLines(c(
    paste("Event table:", paste(mapply(count_noun, extent[1:3], nouns), collapse = ", ")),
    paste("Status:", words$states), words$losses
  ))
  shown <- extent[[4L]]
  if (length(x$strata) == 1L) shown$stratum <- NULL
  if (length(x$groups) == 1L) shown$group <- NULL
  print(shown, row.names = FALSE)
  if (extent[[3L]] > n) {
    writeLines(sprintf("... and %s rows more", format_count(extent[[3L]] - n)))
  }
  invisible(x)
}

#' @export
summary.event_table <- function(object, ...) {
  check_event_table(object)
  labels <- curve_labels(object)
  n <- if (is.null(object$n)) 1 else object$n
  counts <- vapply(seq_along(object$states) - 1L, function(state) {
    total <- c(0, cumsum(n * (object$status == state)))
    diff(total[object$start + 1])
  }, double(length(labels)))
  counts <- matrix(counts, length(labels), dimnames = list(NULL, object$states))
  last <- object$time[pmax(object$start[-1L], 1)]
  last[diff(object$start) == 0] <- NA
  data.frame(
    strata = factor(labels, labels), n = rowSums(counts), counts, last.time = last,
    check.names = FALSE
  )
}
