# Text of numbers and of what a result is made from, the same in every print

# How the status was read, as in: 0 is censored (41), 1 is local failure (12)
format_states <- function(table) {
  code <- seq_along(table$states) - 1L
  if (table$coding == "1/2") code <- code + 1L
  paste0(code, " = ", table$states, " (", format_count(count_states(table)), ")",
    collapse = ", "
  )
}

format_count <- function(n) format(n, scientific = FALSE, trim = TRUE)

# "1 row", "2 rows"
count_noun <- function(n, noun) paste0(format_count(n), " ", noun, if (n != 1) "s")

# Times and estimates as a reader wants them; NA is `na`
format_time <- function(x, na = "NR") {
  ifelse(is.na(x), na, vapply(x, function(v) format(signif(v, 4)), ""))
}

# "= 0.042" after the letter p in a line of text; `equals = ""` in a column
format_p <- function(p, digits = 3L, equals = "= ") {
  ifelse(is.na(p), "NA", ifelse(p < 10^-digits, paste0("< ", format(10^-digits)),
    paste0(equals, formatC(p, digits = digits, format = "f"))
  ))
}

# Lines that say what was lost or joined on the way to the table
format_losses <- function(table) {
  c(
    format_landmark(table$landmark), format_from(table$from),
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

# Which limits a small-sample fit has
format_small_sample <- function(fit) {
  by_row <- fit$variance %in% c("cluster", "jackknife")
  what <- if (!is.null(fit$ids)) "ids" else if (by_row) "rows" else "subjects"
  small <- sprintf("exact in curves of up to %d %s", few_subjects, what)
  is_small <- fit_sizes(fit) <= few_subjects
  if (all(is_small)) return(small)
  large <- sprintf("exact up to %d events and at 0 or 1, else log-log", few_events)
  if (any(is_small)) sub("exact", paste0(small, ","), large) else large
}

format_interval_type <- function(fit) {
  if (fit$conf.type == "none") return("no intervals")
  type <- paste0(format(100 * fit$conf.level), "% ", fit$conf.type, " intervals")
  if (fit$conf.type %in% c("exact", "mid-p")) return(type)
  if (fit$conf.type == "small-sample") {
    return(sprintf("%s (%s)", type, format_small_sample(fit)))
  }
  if (!is.null(fit$conf.lower) && fit$conf.lower != "usual") {
    how <- c(peto = "Peto's", modified = "the modified")[[fit$conf.lower]]
    type <- sprintf("%s, lower ones by %s effective n", type, how)
  }
  paste0(type, ", exact where the estimate is 0 or 1")
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

fit_names <- c(
  kaplan_meier = "Kaplan-Meier", follow_up = "Follow-up, reverse Kaplan-Meier",
  cumulative_incidence = "Cumulative incidence, Aalen-Johansen"
)

format_estimator <- function(fit) {
  other <- !is.null(fit$estimator) && fit$estimator != "kaplan-meier"
  if (!other) return(fit_names[[class(fit)[1]]])
  sprintf("%s survival, exp(-H)", c(
    breslow = "Breslow", "fleming-harrington" = "Fleming-Harrington"
  )[[fit$estimator]])
}

format_variance <- function(fit) {
  if (!is.null(fit$estimator) && fit$estimator != "kaplan-meier") {
    return("Variance of the cumulative hazard")
  }
  switch(fit$variance,
    greenwood = "Greenwood-type variance",
    aalen = "Aalen's variance, as cmprsk",
    jackknife = "Infinitesimal jackknife variance",
    cluster = sprintf("Robust (infinitesimal jackknife) variance, %s", fit$clusters)
  )
}

# First lines of every printed fit: what was estimated from what, and how
fit_header <- function(fit) {
  c(
    sprintf(
      "%s: %s (%s)", format_estimator(fit),
      format_size(fit$table), format_states(fit$table)
    ),
    sprintf("%s; %s", format_variance(fit), format_interval_type(fit)), format_band(fit),
    format_losses(fit$table)
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
print.oligosurv_fit <- function(x, n = most_shown, ...) {
  print_curves(x, n)
  writeLines(format_more_groups(x$table, n))
  invisible(x)
}

print_curves <- function(x, n) {
  writeLines(fit_header(x))
  g <- first_groups(glance.oligosurv_fit(x), n)
  shown <- g[intersect(c("outcome", "strata"), names(g))]
  shown$n <- format_count(g$n)
  events <- if (inherits(x, "follow_up")) "censored" else "events"
  shown[[events]] <- format_count(g$n.event)
  shown$median <- format_time(g$median)
  if (x$conf.type != "none") {
    shown[[paste0(format(100 * x$conf.level), "% CI")]] <- sprintf(
      "(%s-%s)", format_time(g$conf.low), format_time(g$conf.high)
    )
  }
  if (!is.null(g$n.id)) {
    shown$ids <- g$n.id
    shown[["design effect"]] <- formatC(g$design.effect, digits = 2, format = "f")
    if (!is.null(g$intra.correlation)) {
      shown$correlation <- formatC(g$intra.correlation, digits = 2, format = "f")
    }
  }
  if (nlevels(shown$strata) == 1L) shown$strata <- NULL
  print(shown, row.names = FALSE)
  if (anyNA(g$median)) writeLines("NR: not reached")
  if (!is.null(x$times)) {
    print(first_groups(tidy_rows(x), n), row.names = FALSE, digits = 4)
  }
}

# What the statistic of a test is, and its degrees of freedom: two numbers of an F test
statistic_name <- function(rows) if (is.null(rows$df2)) "chi-square" else "F"

df_text <- function(rows, between = ", ") {
  if (is.null(rows$df2)) return(as.character(rows$df))
  ifelse(is.na(rows$df2), rows$df, paste(rows$df, rows$df2, sep = between))
}

# "chi-square = 16.79, df = 1, p < 0.001 (permutation p < 0.001)", a line a result; small:
# value of small_sample_p()
test_lines <- function(x, small) {
  rows <- test_results(x)
  vapply(seq_len(nrow(rows)), function(i) {
    r <- rows[i, ]
    permuted <- if (!is.null(small) && !is.na(small$p.value[i])) {
      paste("permutation p", format_p(small$p.value[i]))
    }
    line <- if (is.na(r$statistic)) {
      paste0(
        "not defined: ", r$reason, if (!is.null(permuted)) sprintf(" (%s)", permuted)
      )
    } else {
      remarks <- c(
        if (!is.null(r$z)) sprintf("%s = %.3g", if (is.null(r$df2)) "z" else "t", r$z),
        if (identical(x$p_method, "permutation")) {
          sprintf("Monte Carlo standard error %.2g", r$p.std.error)
        },
        permuted
      )
      paste0(
        sprintf("%s = %.4g, df = %s, p ", statistic_name(r), r$statistic,
          df_text(r, " and ")
        ), format_p(r$p.value),
        if (length(remarks)) sprintf(" (%s)", paste(remarks, collapse = "; "))
      )
    }
    if (is.null(r$outcome)) line else paste0(r$outcome, ": ", line)
  }, "")
}

#' @export
print.oligosurv_test <- function(x, n = most_shown, ...) {
  small <- small_sample_p(x)
  writeLines(c(x$method, sprintf("Status: %s", format_states(x$table))))
  writeLines(format_losses(x$table))
  groups <- first_groups(x$groups, n, "group")
  counts <- c("n", "observed")
  groups[counts] <- lapply(groups[counts], format_count)
  groups$expected <- formatC(groups$expected, digits = 2, format = "f")
  print(groups, row.names = FALSE)
  writeLines(format_more_groups(x$table, n, x$table$groups))
  writeLines(test_lines(x, small))
  if (!is.null(small)) writeLines(small_sample_note(x))
  invisible(x)
}
