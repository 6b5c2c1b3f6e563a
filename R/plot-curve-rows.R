# Rows of a figure of curves (points of the curves, stacked areas, numbers at risk), and
# texts about them.

most_drawn <- 20000L

drawn_steps <- 5000L

# The rows to draw: all rows or, for long curves, rows at evenly spaced times that are so
# dense that the figure looks the same. Each curve ends at its own last time.
drawn_rows <- function(fit) {
  if (length(fit$time) <= most_drawn) return(tidy_rows(fit, NULL))
  last <- last_times(fit)
  even <- seq(table_origin(fit$table), max(last, na.rm = TRUE), length.out = drawn_steps)
  rows <- tidy_rows(fit, c(even, last[!is.na(last)]))
  rows[which(rows$time <= last[as.integer(rows$strata)]), ]
}

# The last time of each curve, NA for a curve without subjects
last_times <- function(fit) read_along(fit, fit_facts(fit))$last

# Unless the user says so, marks of censoring are drawn up to 200 in a panel: more of them
# would hide its curves
censor_shown <- function(censor, rows, panel) {
  if (!is.null(censor)) return(censor)
  max(0, table(panel[rows$n.censor > 0])) <= 200
}

# Sets `thin`: TRUE after the last time with at least `min_risk` subjects (or ids) at risk
mark_thin <- function(rows, min_risk) {
  rows$thin <- rep(FALSE, nrow(rows))
  if (min_risk == 0) return(rows)
  n <- if (is.null(rows$n.id)) rows$n.risk else rows$n.id
  for (line in levels(rows$line)) {
    mine <- rows$line == line
    enough <- rows$time[mine & n >= min_risk]
    rows$thin[mine] <- rows$time[mine] > max(0, enough)
  }
  rows
}

# Drops estimates at times after the end of their curve
shown_at <- function(at, rows) {
  last <- tapply(rows$time, rows$line, max)
  at[!is.na(at$estimate) & at$time <= last[as.character(at$line)], ]
}

# Rows of 1 - Kaplan-Meier for the drawn cause, with other causes treated as censored, up
# to the last drawn time of each curve
naive_rows <- function(fit, curves, rows) {
  outcome <- as.character(rows$outcome[1L])
  table <- fit$table
  cause <- match(outcome, table$states) - 1L
  table$status <- as.integer(table$status == cause)
  table$states <- c(table$states[1L], outcome)
  naive <- kaplan_meier(c(table), tie_tol = 0)
  naive_rows <- figure_rows(list(naive), curves, function(fit) {
    out <- drawn_rows(fit)
    out$estimate <- 1 - out$estimate
    out$outcome <- rep(outcome, nrow(out))
    out
  })
  last <- tapply(rows$time, rows$line, max)
  naive_rows[naive_rows$time <= last[as.character(naive_rows$line)], ]
}

# Caption on 1 - Kaplan-Meier. It compares its last value with that of the cumulative
# incidence, for the curve in which they differ most.
naive_text <- function(naive, rows) {
  end <- function(x) {
    x <- x[!is.na(x$estimate), ]
    x[!duplicated(x$line, fromLast = TRUE), ]
  }
  naive <- end(naive)
  right <- end(rows)
  right <- right$estimate[match(naive$line, right$line)]
  at <- which.max(naive$estimate - right)
  sprintf(
    paste(
      "Grey: 1 - Kaplan-Meier, which treats the other causes as censored and",
      "overestimates: it ends at %s instead of %s"
    ),
    percent_axis(round(naive$estimate[at], 3)), percent_axis(round(right[at], 3))
  )
}

# Stacked areas from `low` to `high`: one per cause, and the event-free probability on top
stack_rows <- function(rows, curves) {
  causes <- levels(rows$outcome)
  free <- "event-free"
  while (free %in% causes) free <- paste0(free, " ")
  parts <- lapply(split(rows, rows$strata), function(x) {
    low <- 0
    areas <- lapply(split(x, x$outcome), function(area) {
      area$low <- low + 0 * area$estimate
      low <<- low + area$estimate
      area$high <- low
      area
    })
    top <- areas[[1L]]
    top$estimate <- 1 - low
    top[c("std.error", "conf.low", "conf.high")] <- NA_real_
    top$low <- low
    top$high <- rep(1, nrow(top))
    areas[[free]] <- top
    all <- do.call(rbind, areas)
    all$curve <- factor(rep(c(causes, free), each = nrow(top)), c(free, rev(causes)))
    all
  })
  out <- do.call(rbind, parts)
  out$line <- line_of(out$curve, out$strata)
  row.names(out) <- NULL
  out
}

risk_kinds <- c("risk", "events", "censored", "ids")

check_risk_table <- function(risk_table, fits) {
  risk_table <- plain_argument(risk_table)
  known <- is.character(risk_table) && length(risk_table) > 0L &&
    (identical(risk_table, "none") || all(risk_table %in% risk_kinds))
  if (!known) {
    stop_oligosurv("input", sprintf(
      "`risk_table` must be \"none\" or one or more of %s; it is %s",
      paste0("\"", risk_kinds, "\"", collapse = ", "), describe(risk_table)
    ), arg = "risk_table")
  }
  if ("ids" %in% risk_table && any(vapply(lapply(fits, `[[`, "ids"), is.null, NA))) {
    stop_oligosurv("input", paste(
      "`risk_table = \"ids\"` needs fits made with `id`; fit again with `id`, or use",
      "risk_table = \"risk\""
    ), arg = "risk_table")
  }
  unique(risk_table)
}

# Numbers under the axis: one row per curve, break of the axis and block. A block is the
# part of the table with one kind of number; `row` is its line in the block. If a panel
# shows several causes, only numbers of events have a row for each cause.
risk_rows <- function(fits, curves, breaks, risk_table, style = "plain") {
  rows <- figure_rows(fits, curves, function(fit) {
    tidy_rows(fit, times_from_start(fit, breaks))
  })
  pooled <- pool_outcomes(rows, curves)
  number <- function(rows, kind) {
    format_number(rows[[c(
      risk = "n.risk", events = "cum.event", censored = "cum.censor", ids = "n.id"
    )[[kind]]]], style)
  }
  block <- function(i, rows, label) {
    rows$row <- as.integer(rows$curve)
    rows$name <- risk_names(rows$curve)
    rows$block <- rep(i, nrow(rows))
    rows$label <- label
    rows
  }
  if (length(risk_table) > 1L) {
    return(do.call(rbind, lapply(seq_along(risk_table), function(i) {
      kind <- risk_table[i]
      each <- kind == "events" && !identical(curves$facet, "strata")
      mine <- if (each) rows else pooled
      block(i, mine, number(mine, kind))
    })))
  }
  at_risk <- number(pooled, "risk")
  if (risk_table %in% c("none", "risk")) return(block(1L, pooled, at_risk))
  block(1L, pooled, sprintf("%s (%s)", at_risk, number(pooled, risk_table)))
}

# Names of the rows of the table: those of the curves, shortened; a single curve needs
# none
risk_names <- function(curve) {
  labels <- levels(curve)
  if (length(labels) == 1L) return(rep("", length(curve)))
  most <- if (max(text_em(labels)) > 9) 60L else 30L
  shorten(labels, most)[as.integer(curve)]
}

# Times at which the fit is defined: a conditional curve begins at its conditioning time
times_from_start <- function(fit, times) times[times >= table_origin(fit$table)]

# Keeps one row per group, panel and time; the events of all causes in the panel are added
# up
pool_outcomes <- function(rows, curves) {
  pool <- curves$rows$pool[as.integer(as.character(rows$line))]
  rows$curve <- factor(pool, unique(curves$rows$pool))
  panel <- panel_number(rows, curves)
  key <- paste(as.integer(rows$curve), panel, rows$time, sep = "\r")
  total <- tapply(rows$cum.event, key, sum)
  rows <- rows[!duplicated(key), ]
  rows$cum.event <- as.vector(total[key[!duplicated(key)]])
  rows
}

# Title of each block of the table; `NULL` for no table
risk_titles <- function(fits, risk_table) {
  if (identical(risk_table, "none")) return(NULL)
  words <- fits[[1L]]$words
  if (is.null(words) || words[1L] == "row") words <- c("", "ids")
  plural <- function(x) if (x %in% c("", "ids")) x else paste0(x, "s")
  at_risk <- function(word) sentence_case(trimws(paste(plural(word), "at risk")))
  follow <- inherits(fits[[1L]], "follow_up")
  name <- c(
    risk = at_risk(words[1L]), events = if (follow) "Censored" else "Events",
    censored = if (follow) "Events" else "Censored", ids = at_risk(words[2L])
  )
  if (length(risk_table) > 1L) return(unname(name[risk_table]))
  if (risk_table == "risk") return(unname(name["risk"]))
  bracket <- if (risk_table == "ids") plural(words[2L]) else lower_case(name[risk_table])
  sprintf("%s (%s)", name["risk"], bracket)
}

# The default titles of the blocks, or the titles given by the user
given_titles <- function(titles, given) {
  if (is.null(titles) || is.null(given)) return(titles)
  if (length(given) == length(titles)) return(given)
  stop_oligosurv("input", sprintf(
    "`risk_title` has %d titles; the table has %d: %s", length(given), length(titles),
    paste0("\"", titles, "\"", collapse = ", ")
  ), arg = "risk_title")
}

figure_caption <- function(figure, curves, fits, options) {
  banded <- !is.null(figure$rows$band.low) && !all(is.na(figure$rows$band.low))
  lines <- c(
    if (banded && options$conf.int) band_text(fits),
    if (length(curves$absent)) {
      paste("No subjects:", paste(shorten(curves$absent, 30), collapse = ", "))
    },
    if (figure$thinned) {
      ids <- !is.null(figure$rows$n.id)
      sprintf(
        "%s %s once fewer than %s%s are at risk",
        if (figure$stacked) "Areas" else "Curves",
        if (options$below_min == "stop") "end" else "are dimmed",
        format_number(options$min_risk), if (ids) " ids" else ""
      )
    },
    if (!is.null(figure$naive)) naive_text(figure$naive, figure$rows),
    cut_text(figure, options)
  )
  if (length(lines)) paste(wrap_text(lines, 64), collapse = "\n")
}

# Caption on an axis that does not show everything: one that starts above 0%, or ends
# below a curve or its limits
cut_text <- function(figure, options) {
  if (figure$stacked) return(NULL)
  shown <- c("estimate", if (options$conf.int) c("conf.high", "band.high"))
  top <- figure$rows[intersect(shown, names(figure$rows))]
  # the area between the limits ends at the last time of a curve
  line <- line_of(figure$rows$curve, figure$rows$strata)
  at_end <- figure$rows$time == stats::ave(figure$rows$time, line, FUN = max)
  for (column in setdiff(names(top), "estimate")) top[[column]][at_end] <- NA
  above <- function(column) any(top[[column]] > figure$ylim[2L] + 1e-9, na.rm = TRUE)
  over <- vapply(names(top), above, NA)
  c(
    if (figure$ylim[1L] > 0) {
      sprintf("The vertical axis starts at %s", percent_axis(figure$ylim[1L]))
    },
    if (any(over)) {
      sprintf("%s above %s are cut", if (over[["estimate"]]) "Curves" else "Intervals",
        percent_axis(figure$ylim[2L])
      )
    }
  )
}

# Caption on the two shades of a figure with a band
band_text <- function(fits) {
  fits <- Filter(function(fit) !is.null(fit$band), fits)
  name <- vapply(fits, function(fit) {
    sprintf("%s%% %s", format(100 * fit$conf.level),
      word_of(band_names, fit$band$type, "band")
    )
  }, "")
  sprintf(
    "Faint shade: simultaneous %s band; strong shade: pointwise confidence intervals",
    paste(unique(name), collapse = " or ")
  )
}

# Binds the rows that the function `get` returns for each fit, and adds the columns of
# curve_names() as factors: `curve` is the name of a curve, which may occur in several
# panels; `line` is the number of the curve, which occurs once.
figure_rows <- function(fits, curves, get) {
  named <- curves$rows
  factors <- c("curve", "line", "group", "stratum", "endpoint")
  parts <- lapply(seq_along(fits), function(i) {
    rows <- get(fits[[i]])
    if (is.null(rows$outcome)) rows$outcome <- NA_character_
    mine <- named[named$fit == i, ]
    key <- function(x) paste(as.character(x$strata), as.character(x$outcome), sep = "\r")
    at <- match(key(rows), key(mine))
    rows <- rows[!is.na(at), ]
    at <- at[!is.na(at)]
    rows[factors] <- mine[at, factors]
    rows[order(at), ]
  })
  bands <- c("band.low", "band.high")
  if (any(vapply(parts, function(x) !is.null(x$band.low), NA))) {
    parts <- lapply(parts, function(x) {
      if (is.null(x$band.low)) x[bands] <- rep(NA_real_, nrow(x))
      x
    })
  }
  shared <- Reduce(intersect, lapply(parts, names))
  rows <- do.call(rbind, lapply(parts, function(x) {
    x$outcome <- as.character(x$outcome)
    x$strata <- as.character(x$strata)
    x[shared]
  }))
  in_order <- c("curve", "line", "group", "stratum", "endpoint", "strata", "outcome")
  rows[in_order] <- lapply(in_order, function(name) {
    factor(rows[[name]], unique(named[[name]]))
  })
  if (all(is.na(rows$outcome))) rows$outcome <- NULL
  row.names(rows) <- NULL
  rows
}
