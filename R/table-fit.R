# Tables of curves: size, events, median and rates at given times, one row a curve.

#' @rdname result_table
#' @export
result_table.oligosurv_fit <- function(x, times = x$times, unit = NULL, digits = 1L,
                                       extend = FALSE, style = "plain", caption = NULL,
                                       notes = NULL, ...) {
  check_no_dots(...)
  digits <- check_whole(digits, "digits", 0, 10)
  if (!is.null(unit)) check_string(unit, "unit")
  style <- check_choice(style, journal_styles, "style")
  g <- glance.oligosurv_fit(x)
  ci <- level_text(x$conf.level)
  values <- list(estimate_cell(g$median, g$conf.low, g$conf.high, digits))
  names(values) <- with_unit(sprintf("Median (%s CI)", ci), unit)
  values <- c(values, rate_columns_of(x, times, unit, digits, extend, ci))
  values <- lapply(values, journal_point, style)
  body <- quick_frame(c(curve_columns(x, g), values))
  unknown <- unlist(values)
  retitle(
    new_result_table(body, fit_captions[[class(x)[1L]]],
      c(fit_notes(x), cell_notes(unknown)), intersect(c("Outcome", "Group"), names(body))
    ), caption, notes
  )
}

fit_captions <- c(
  kaplan_meier = "Kaplan-Meier estimates",
  cumulative_incidence = "Cumulative incidence with competing risks",
  follow_up = "Follow-up"
)

# Who is in each curve, and how many
curve_columns <- function(x, g) {
  nouns <- id_nouns(x)
  events <- if (inherits(x, "follow_up")) "Without event" else "Events"
  out <- list(
    Outcome = if (!is.null(g$outcome)) blank_repeats(g$outcome),
    Group = as.character(g$strata), N = format_count(g$n), Ids = g$n.id,
    Events = format_count(g$n.event)
  )
  if (nlevels(g$strata) == 1L && !is.null(g$outcome)) out$Group <- NULL
  names(out) <- sub("^Events$", events, names(out))
  names(out) <- sub("^N$", nouns[1L], sub("^Ids$", nouns[2L], names(out)))
  out[lengths(out) > 0L]
}

# What rows and ids are called: "Lesions", "Patients" where the fit knows
id_nouns <- function(x) {
  if (is.null(x$ids)) return(c("N", ""))
  words <- regmatches(x$clusters, regexec("^[0-9]+ (\\w+) in [0-9]+ (\\w+)", x$clusters))
  words <- words[[1L]][-1L]
  if (length(words) != 2L) return(c("Rows", "Ids"))
  paste0(toupper(substr(words, 1L, 1L)), substring(words, 2L))
}

rate_columns_of <- function(x, times, unit, digits, extend, ci) {
  if (is.null(times)) return(NULL)
  at <- tidy_rows(x, times, extend)
  times <- unique(at$time)
  columns <- lapply(times, function(time) {
    r <- at[at$time == time, ]
    estimate_cell(100 * r$estimate, 100 * r$conf.low, 100 * r$conf.high, digits, no_value)
  })
  when <- if (is.null(unit)) {
    paste("At time", format_time(times))
  } else {
    sprintf("At %s %s", format_time(times), unit)
  }
  names(columns) <- sprintf("%s, %% (%s CI)", when, ci)
  columns
}

sentence <- function(x) sub("[.]?$", ".", x)

fit_notes <- function(x) {
  sentence(c(
    sprintf(
      "%s; %s; %s", fit_names[[class(x)[1L]]], format_variance(x),
      format_interval_type(x)
    ),
    paste("Status:", format_states(x$table)), format_losses(x$table)
  ))
}

# Signs that the cells of a table use
cell_notes <- function(cells) {
  explained <- c(
    if (any(grepl("NR", cells, fixed = TRUE))) "NR: not reached",
    if (any(cells == no_value)) paste0(no_value, ": nobody was followed that long")
  )
  if (length(explained)) sentence(paste(explained, collapse = "; "))
}
