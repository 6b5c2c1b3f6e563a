# Contents of a figure of curves, computed before anything is drawn. Both ggplot2 and base
# graphics use them.

# Computes the contents of a figure. `fits`: value of check_fits(); `options`: arguments
# of curve_plot() and curve_options()
curve_figure <- function(fits, options) {
  outcome <- lapply(fits, function(fit) {
    if (options$stacked) return(stacked_outcomes(fit))
    check_outcome(options$outcome, fit, length(fits) > 1L)
  })
  check_naive(options$naive, fits, outcome)
  unit <- figure_unit(fits, options$unit)
  curves <- curve_names(fits, outcome, figure_facet(options, fits))
  risk_table <- check_risk_table(options$risk_table, fits)
  last <- max(0, unlist(lapply(fits, last_times)), options$times, na.rm = TRUE)
  breaks_for <- if (is.null(options$breaks)) {
    width_breaks(last, unit, curves, widest_number(fits, risk_table, options), options)
  }
  breaks <- if (is.null(options$breaks)) breaks_for(column_mm) else options$breaks
  rows <- figure_rows(fits, curves, drawn_rows)
  rows <- mark_thin(rows, options$min_risk)
  thinned <- any(rows$thin)
  if (options$below_min == "stop") rows <- rows[!rows$thin, ]
  figure <- list(
    rows = rows, thinned = thinned, stacked = options$stacked, facet = curves$facet,
    quantiles = quantile_guides(fits, curves, options),
    at = if (!is.null(options$times)) {
      at <- figure_rows(fits, curves, function(fit) {
        tidy_rows(fit, times_from_start(fit, options$times))
      })
      shown_at(at, rows)
    },
    naive = if (options$naive) naive_rows(fits[[1L]], curves, rows),
    text = c(
      figure_test(options$p.value, fits, outcome, options$style),
      figure_ratio(options$hazard_ratio, fits, outcome, options$style)
    ),
    rising = all(vapply(fits, `[[`, 0, "start_value") == 0),
    breaks = breaks, breaks_for = breaks_for,
    xlim = c(0, if (max(last, breaks) > 0) max(last, breaks) else 1),
    ylim = options$ylim, xlab = time_title(options$xlab, unit),
    ylab = if (is.null(options$ylab)) default_ylab(fits, outcome) else options$ylab
  )
  if (figure$stacked) figure$rows <- stack_rows(rows, curves)
  figure$censor <- censor_shown(
    options$censor, figure$rows, panel_number(figure$rows, figure)
  )
  figure$count <- function(times) {
    risk_rows(fits, curves, times, risk_table, options$style)
  }
  figure$risk <- figure$count(breaks)
  figure$risk_titles <- given_titles(risk_titles(fits, risk_table), options$risk_title)
  as_given <- c(
    "linewidth", "colours", "linetype", "mark", "interval", "legend_title", "style"
  )
  figure[as_given] <- options[as_given]
  figure$caption <- figure_caption(figure, curves, fits, options)
  figure$alt <- figure_alt(fits, curves)
  figure
}

# The points at which each curve reaches the requested quantiles: the time `estimate` and
# the `level` of the curve; NULL for none
quantile_guides <- function(fits, curves, options) {
  probs <- c(options$quantiles, if (options$median) 0.5)
  if (!length(probs)) return(NULL)
  rows <- figure_rows(fits, curves, function(fit) {
    x <- stats::quantile(fit, sort(unique(probs)))
    x$level <- if (fit$start_value == 0) x$prob else 1 - x$prob
    x
  })
  rows[!is.na(rows$estimate), ]
}

# The causes to draw from a fit; NA for one event type. Several fits may have different
# causes; each uses its own.
check_outcome <- function(outcome, fit, several = FALSE) {
  if (is.null(fit$outcomes)) {
    if (is.null(outcome) || several) return(NA_character_)
    stop_oligosurv("input", paste(
      "`outcome` selects causes of cumulative_incidence(), but `x` has one event type;",
      "leave `outcome` out"
    ), arg = "outcome")
  }
  if (is.null(outcome)) return(fit$outcomes[1L])
  outcome <- check_labels(outcome, "outcome")
  if (several) outcome <- intersect(outcome, fit$outcomes)
  if (!length(outcome) || !all(outcome %in% fit$outcomes)) {
    stop_oligosurv("input", sprintf(
      "`outcome` must be one or more of %s; it is %s",
      paste0("\"", fit$outcomes, "\"", collapse = ", "), describe(outcome)
    ), arg = "outcome")
  }
  outcome
}

stacked_outcomes <- function(fit) {
  if (!is.null(fit$outcomes)) return(fit$outcomes)
  stop_oligosurv("input", paste(
    "`stacked = TRUE` stacks causes of cumulative_incidence(), but `x` has one event",
    "type; leave `stacked` out"
  ), arg = "stacked")
}

check_naive <- function(naive, fits, outcome) {
  if (!naive) return(invisible())
  one <- length(fits) == 1L && length(outcome[[1L]]) == 1L
  if (one && !is.null(fits[[1L]]$outcomes) && is.null(fits[[1L]]$ids)) {
    return(invisible())
  }
  stop_oligosurv("input", paste(
    "`naive = TRUE` needs a single cumulative_incidence() fit without `id` and one cause",
    "in `outcome`"
  ), arg = "naive")
}

# The unit given by the user, or the unit that all endpoints have
figure_unit <- function(fits, unit) {
  if (!is.null(unit)) return(check_string(unit, "unit"))
  units <- unique(lapply(fits, function(fit) fit$table$origin$unit))
  if (length(units) > 1L) {
    stop_oligosurv("data", sprintf(
      "the fits have times in different units: %s; use one unit in endpoint()",
      join_words(vapply(units, function(u) if (is.null(u)) "not known" else u, ""))
    ), arg = "x")
  }
  units[[1L]]
}

time_title <- function(xlab, unit) {
  named <- is.null(unit) || grepl(lower_case(unit), lower_case(xlab), fixed = TRUE)
  if (named) return(xlab)
  sprintf("%s (%s)", xlab, unit)
}

figure_facet <- function(options, fits) {
  facet <- options$facet
  if (options$stacked) {
    if (length(fits) > 1L) {
      stop_oligosurv("input", sprintf(
        "`stacked = TRUE` needs a single fit; `x` has %d: draw each on its own",
        length(fits)
      ), arg = "stacked")
    }
    labels <- curve_labels(fits[[1L]]$table)[curve_sizes(fits[[1L]]$table) > 0]
    return(if (length(labels) > 1L) "strata")
  }
  if (is.null(facet)) return(NULL)
  check_choice(facet, c("group", "stratum", "outcome", "endpoint"), "facet")
}

most_curves <- 12L

# Number of the panel in which each row is drawn
panel_number <- function(rows, figure) {
  if (is.null(figure$facet)) rep(1L, nrow(rows)) else as.integer(rows[[figure$facet]])
}

# One row per curve, in order, with its labels. The name of a curve, `curve`, joins the
# labels that differ between curves, except the label that defines panels. `panels`
# numbers the panels.
curve_names <- function(fits, outcome, facet) {
  parts <- lapply(seq_along(fits), function(i) {
    table <- fits[[i]]$table
    labels <- curve_labels(table)
    k <- length(table$groups)
    each <- data.frame(
      fit = rep(i, length(labels)), strata = labels,
      group = rep_len(table$groups, length(labels)),
      stratum = rep(table$strata, each = k),
      endpoint = rep(if (is.null(names(fits))) "" else names(fits)[i], length(labels)),
      present = curve_sizes(table) > 0
    )
    do.call(rbind, lapply(outcome[[i]], function(o) cbind(each, outcome = o)))
  })
  all <- do.call(rbind, parts)
  curves <- all[all$present, ]
  if (!nrow(curves)) {
    stop_oligosurv("data", paste(
      "the fit has no subjects, so there is nothing to draw; check which rows of the",
      "data it used"
    ))
  }
  kind <- c("endpoint", "strata", "outcome")
  if (identical(facet, "group")) kind[2L] <- "stratum"
  if (identical(facet, "stratum")) kind[2L] <- "group"
  kind <- if (identical(facet, "strata")) "outcome" else setdiff(kind, facet)
  curves$curve <- joined_labels(curves, kind, facet)
  # the number at risk is shared by all causes
  curves$pool <- joined_labels(curves, setdiff(kind, "outcome"), facet)
  check_curves(curves, facet)
  curves$line <- seq_len(nrow(curves))
  list(
    rows = curves, absent = unique(all$strata[!all$present]), facet = facet,
    panels = if (is.null(facet)) 1L else length(unique(curves[[facet]]))
  )
}

# The labels of each curve that differ between curves
joined_labels <- function(curves, kind, facet) {
  told <- kind[vapply(curves[kind], function(v) length(unique(v)) > 1L, NA)]
  if (length(told)) {
    return(apply(as.matrix(curves[told]), 1L, function(v) {
      v <- v[!is.na(v) & !(names(v) == "strata" & v == "All")]
      paste(v, collapse = ", ")
    }))
  }
  if (is.null(facet)) curves$strata else rep("All", nrow(curves))
}

check_curves <- function(curves, facet) {
  panel <- if (is.null(facet)) rep("", nrow(curves)) else as.character(curves[[facet]])
  n <- max(table(panel), length(unique(curves$curve)))
  if (n > most_curves || length(unique(panel)) > most_curves) {
    stop_oligosurv("data", sprintf(paste(
      "the figure has %d %s, but at most %d can be told apart; draw fewer groups, or",
      "several figures"
    ), if (n > most_curves) n else length(unique(panel)),
    if (n > most_curves) "curves" else "panels", most_curves))
  }
}

default_ylab <- function(fits, outcome) {
  class <- unique(vapply(fits, function(fit) class(fit)[1L], ""))
  if (length(class) > 1L) return("Probability")
  if (class == "follow_up") return("Under follow-up")
  if (class == "kaplan_meier") {
    named <- unique(lapply(fits, function(fit) fit$table$origin$label))
    label <- if (length(named) == 1L) named[[1L]]
    return(if (is.null(label)) "Survival" else wrap_text(shorten(label, 60), 30))
  }
  causes <- unique(unlist(outcome))
  if (length(causes) > 1L || length(fits) > 1L) return("Cumulative incidence")
  paste0("Cumulative incidence\nof ", wrap_text(shorten(causes, 60), 30))
}

figure_alt <- function(fits, curves) {
  kind <- unique(vapply(fits, function(fit) {
    word_of(fit_names, class(fit)[1L], "class")
  }, ""))
  sprintf(
    "%s curves of %s", paste(kind, collapse = " and "),
    paste(unique(curves$rows$curve), collapse = ", ")
  )
}
