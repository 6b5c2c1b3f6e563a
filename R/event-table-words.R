# What a print says about the counts behind a result: states, losses, landmark, extent.

# How the status was read, as in: 0 is censored (41), 1 is local failure (12)
format_states <- function(table, counts = count_states(table)) {
  code <- seq_along(table$states) - 1L
  if (table$coding == "1/2") code <- code + 1L
  paste0(code, " = ", table$states, " (", format_count(counts), ")",
    collapse = ", "
  )
}

# Size of a table and how its status was read
format_counts <- function(table) {
  counts <- count_states(table)
  states <- format_states(table, counts)
  size <- if (is.null(table$weights)) {
    count_noun(sum(counts), "subject")
  } else {
    format_size(table)
  }
  sprintf("%s (%s)", size, states)
}

# Subjects, distinct times and rows of an event table, and the first n of these rows
extent_of <- function(table, n) {
  subjects <- sum(count_states(table))
  if (!is.null(table$entry)) { # these are in other rows
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

# Lines that say what was lost or joined on the way to the table
format_losses <- function(table) {
  c(
    if (!is.null(table$landmark)) format_landmark(table$landmark),
    if (!is.null(table$from)) format_from(table$from),
    if (!is.null(table$weights) && table$weights$zero > 0) {
      sprintf("%s of weight 0 left out", count_noun(table$weights$zero, "row"))
    },
    if (table$dropped > 0) {
      sprintf("%s dropped for missing values", count_noun(table$dropped, "row"))
    },
    if (table$joined > 0) {
      sprintf(
        "%s joined to an earlier one by the tie rule", count_noun(table$joined, "time")
      )
    }
  )
}

format_from <- function(from) {
  sprintf(
    "Given event-free at %s: left out %s with an event by then, %s with no longer %s",
    format(from$at), count_noun(from$event, "subject"), format_count(from$censored),
    "follow-up"
  )
}

# What a landmark left out, in words
format_landmark <- function(landmark) {
  sprintf(
    "Landmark at %s: left out %s with an event by then, %s with no longer follow-up",
    format(landmark$at), count_noun(landmark$event, "row"),
    format_count(landmark$censored)
  )
}

# Groups that a print shows unless asked for more
most_shown <- 20L

# The rows of the first n groups or strata, whose factor is named `by`
first_groups <- function(x, n, by = "strata") {
  if (nlevels(x[[by]]) <= n) return(x)
  x[as.integer(x[[by]]) <= n, ]
}

format_more_groups <- function(table, n, labels = curve_labels(table)) {
  more <- length(labels) - n
  if (more > 0) sprintf("... and %s more", count_noun(more, "group")) else character()
}

#' @export
print.event_table <- function(x, n = 10L, ...) {
  extent <- extent_of(x, n)
  nouns <- c("subject", "distinct time", "row")
  writeLines(c(
    paste("Event table:", paste(mapply(count_noun, extent[1:3], nouns), collapse = ", ")),
    paste("Status:", format_states(x)), format_losses(x)
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
