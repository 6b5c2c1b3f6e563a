#' Forest plot of estimates with their intervals
#'
#' A table with a picture of its intervals: one row per estimate, with its name and counts
#' on the left, point and interval in the middle, and the numbers and P on the right;
#' ratios on a log axis with a line at 1, differences with a line at 0.
#'
#' @details The figure is laid out when it is drawn, for its width at that time: a journal
#' page of 174 mm shows all columns; in a column of 85 mm the counts are joined to
#' "events/N", or omitted if the names need the room, and long names wrap. The estimate,
#' its interval and P are always shown. Limits beyond the axis end in an arrow; the axis
#' holds the estimates and limits within a factor of 50 of 1, or those of `xlim`. A row
#' without an estimate says so. Labels are shown as text, whatever they contain.
#'
#' Rows have subheadings if there are several outcomes, if `x` is a list of results (one
#' subheading per name) and if a data frame has a column `group`.
#'
#' Breaks and labels that you add by `+ ggplot2::scale_x_continuous()` are used, as is the
#' axis title of `+ ggplot2::labs(x = )`; fonts are those of `theme`.
#'
#' @param x A result with estimates and intervals, see [results]; a named list of such
#'   results on one scale, such as several models; or a data frame with the columns
#'   `label`, `estimate`, `conf.low`, `conf.high` and, optionally, `p.value`, `group`
#'   (subheadings), `n` and `n.event` (counts). `ggplot2::autoplot()` of such a result is
#'   its forest plot, with the same arguments.
#' @param ratio For a data frame: `TRUE` for ratios, `FALSE` for differences, `NA` for
#'   estimates without a null value, such as rates of single groups.
#' @param heading Heading of the numbers on the right; `NULL` for the default.
#' @param xlab,title Titles of the axis and the figure; `NULL` for the defaults.
#' @param xlim `NULL`, or two numbers: the ends of the axis.
#' @param theme As in [waterfall_plot()].
#' @param columns `NULL` for the counts of the result if there is room for them. Otherwise
#'   the columns on the left, which are then always shown: names of columns of the data
#'   frame or of [tidy()][results], with the headings as names, as in `c(Patients = "n")`.
#'   `character()` for none.
#' @param favours `NULL`, or two texts below the axis, with arrows away from no effect: to
#'   its left and to its right, such as `c("Favours SBRT", "Favours drugs")`.
#' @param style How p-values and decimal points are printed, see [format_p_value()].
#' @return A ggplot. Its data have one row per estimate: `label`, `group`, `estimate`,
#'   `conf.low`, `conf.high`, `p.value`, `place` (1 is the lowest row), `text` and `p`
#'   (the texts on the right).
#' @section Errors: `oligosurv_error_input` for another object, missing columns, results
#'   on different scales or a wrong `xlim` or `favours`; `oligosurv_error_domain` for
#'   ratios below 0; `oligosurv_error_data` without rows or with more than 60;
#'   `oligosurv_error_dependency` without ggplot2.
#' @seealso [hazard_ratio()], [rate_difference()], [restricted_mean()], [save_figure()]
#' @examples
#' d <- data.frame(
#'   label = c("age, per year", "OP-C vs OP-N"), estimate = c(1.02, 1.53),
#'   conf.low = c(0.97, 0.48), conf.high = c(1.07, 4.94), p.value = c(0.4, 0.47),
#'   n = c(28, 16), n.event = c(14, 8)
#' )
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   forest_plot(d, favours = c("Lower risk", "Higher risk"))
#'   # two models in one figure
#'   os <- endpoint(hcc_sbrt, "os")
#'   pfs <- endpoint(hcc_sbrt, "pfs")
#'   forest_plot(list(
#'     "Overall survival" = hazard_ratio(Surv(time, status) ~ cohort, os),
#'     "Progression-free survival" = hazard_ratio(Surv(time, status) ~ cohort, pfs)
#'   ))
#' }
#' @export
forest_plot <- function(x, ratio = TRUE, heading = NULL, xlab = NULL, title = NULL,
                        xlim = NULL, theme = NULL, columns = NULL, favours = NULL,
                        style = "plain") {
  need_package("ggplot2", "forest_plot()")
  style <- check_choice(style, journal_styles, "style")
  parts <- forest_parts(x, ratio)
  parts$favours <- check_favours(favours, parts$ratio)
  if (!is.null(heading)) parts$heading <- check_string(heading, "heading")
  if (!is.null(xlab)) parts$xlab <- check_string(xlab, "xlab")
  if (!is.null(title)) check_string(title, "title")
  theme <- full_theme(theme)
  rows <- forest_rows(parts, style)
  parts$sets <- forest_columns(parts, columns)
  check_headings(parts)
  xlim <- forest_limits(rows, parts$ratio, xlim)
  draw_forest(clip_rows(rows, xlim), parts, xlim, title, theme)
}

# The autoplot() method of results with estimates and intervals
#' @rawNamespace
#' S3method(ggplot2::autoplot, oligosurv_contrast, autoplot_forest)
#' S3method(ggplot2::autoplot, oligosurv_score, autoplot_forest)
#' S3method(ggplot2::autoplot, one_sample_test, autoplot_forest)
#' S3method(ggplot2::autoplot, response_rate, autoplot_forest)
#' S3method(ggplot2::autoplot, response_difference, autoplot_forest)
#' S3method(ggplot2::autoplot, dose_response, autoplot_forest)
autoplot_forest <- function(object, ...) forest_plot(object, ...)

# Contents of a forest plot: rows, type of axis, and texts
forest_parts <- function(x, ratio) {
  if (is.list(x) && is.null(attr(x, "class"))) return(list_parts(x, ratio))
  r <- tryCatch(result_rows(x), oligosurv_error_input = function(e) NULL)
  if (!is.null(r$shown$conf.low) && !inherits(x, "oligosurv_fit")) {
    return(result_parts(r))
  }
  needed <- c("label", "estimate", "conf.low", "conf.high")
  if (!is.data.frame(x) || !all(needed %in% names(x))) {
    stop_oligosurv("input", sprintf(paste(
      "`x` must be a result with intervals, a named list of them or a data frame with",
      "%s; it is %s"
    ), join_words(sprintf("`%s`", needed)), describe(x)), arg = "x")
  }
  ratio <- if (identical(ratio, NA)) NA else check_flag(ratio, "ratio")
  check_text(x$label, "x$label")
  rows <- as.data.frame(x)
  if (!is.null(rows$group)) rows$group <- as.character(check_text(x$group, "x$group"))
  list(
    rows = rows, ratio = ratio,
    format = if (isTRUE(ratio)) ratio_number else difference_number,
    heading = "Estimate (interval)", xlab = "Estimate"
  )
}

result_parts <- function(r) {
  rows <- r$shown
  rows$label <- check_text(as.character(r$label), "x$label")
  # if the result has an exact P, sentences and figures show it
  if (!is.null(r$values$p.value)) rows$p.value <- r$values$p.value
  if (length(unique(rows$outcome)) > 1L) {
    outcome <- sentence_case(rows$outcome)
    if (all(rows$label == "All")) rows$label <- outcome else rows$group <- outcome
  }
  heading <- r$heading
  if (r$scale == "time" && !is.null(r$unit)) heading <- paste0(heading, ", ", r$unit)
  list(
    rows = rows, ratio = if (is.na(r$null)) NA else r$null == 1,
    percent = scale_factors[[r$scale]] == 100, format = forest_number(r$scale),
    heading = sprintf("%s (%s CI)", heading, level_text(rows$conf.level)),
    xlab = text_part(if (r$scale == "time") time_title(r$axis, r$unit) else r$axis)
  )
}

# Several results, each with its name as a subheading
list_parts <- function(x, ratio) {
  names <- names(x)
  if (!length(x) || is.null(names) || !all(nzchar(names)) || anyDuplicated(names)) {
    stop_oligosurv("input", sprintf(paste(
      "`x` must be a result, a data frame or a list of results with a name each, such as",
      "list(OS = model_1, PFS = model_2); it is a list of %s%s"
    ), count_noun(length(x), "element"), if (length(x)) " without such names" else ""),
    arg = "x")
  }
  parts <- lapply(x, forest_parts, ratio)
  kind <- vapply(parts, function(p) paste(p$ratio, p$percent, p$heading), "")
  other <- which(kind != kind[1L])
  if (length(other)) {
    stop_oligosurv("input", sprintf(
      "the results of `x` must be on one scale; `%s` is \"%s\" but `%s` is \"%s\"",
      names[1L], parts[[1L]]$heading, names[other[1L]], parts[[other[1L]]]$heading
    ), arg = "x")
  }
  rows <- Map(function(part, name) {
    rows <- part$rows
    rows$group <- if (is.null(rows$group)) {
      rep(name, nrow(rows))
    } else {
      paste(name, rows$group, sep = ": ")
    }
    rows
  }, parts, names)
  shared <- Reduce(intersect, lapply(rows, names))
  first <- parts[[1L]]
  first$rows <- do.call(rbind, c(
    lapply(rows, function(r) as.data.frame(r)[shared]), make.row.names = FALSE
  ))
  axes <- unique(vapply(parts, `[[`, "", "xlab"))
  if (length(axes) > 1L) first$xlab <- paste(axes, collapse = " or ")
  first
}

check_favours <- function(favours, ratio) {
  if (is.null(favours)) return(NULL)
  favours <- plain_argument(favours)
  if (!is.character(favours) || length(favours) != 2L || anyNA(favours)) {
    stop_oligosurv("input", sprintf(paste(
      "`favours` must be two texts, to the left and to the right of no effect, such as",
      "c(\"Favours SBRT\", \"Favours drugs\"); it is %s"
    ), describe(favours)), arg = "favours")
  }
  if (is.na(ratio)) {
    stop_oligosurv("input", paste(
      "`favours` is for ratios and differences, but these estimates have no value of no",
      "effect; leave `favours` out"
    ), arg = "favours")
  }
  shorten(favours, 80L)
}

# Returns the function that formats the estimates printed on the right
forest_number <- function(scale) {
  switch(scale,
    probability = , points = function(v) number_text(100 * v, 1L, no_value),
    time = function(v) {
      digits <- if (max(abs(v[is.finite(v)]), 0) < 100) 1L else 0L
      number_text(v, digits, no_value)
    },
    ratio_number
  )
}

# Formats estimates of any size with the same number of decimals in a row
difference_number <- function(v) {
  size <- max(abs(v[is.finite(v)]), 0)
  digits <- if (size < 0.1) 3L else if (size < 10) 2L else if (size < 1000) 1L else 0L
  number_text(v, digits, no_value)
}

most_forest <- 60L

# Rows from top to bottom, with the numbers printed at their right
forest_rows <- function(parts, style = "plain") {
  rows <- parts$rows
  n <- nrow(rows)
  if (n == 0L || n > most_forest) {
    stop_oligosurv("data", if (n == 0L) {
      "`x` must have at least one estimate to draw; it has none"
    } else {
      sprintf(
        "the figure has %d rows, but at most %d fit in one; draw several figures", n,
        most_forest
      )
    }, arg = "x")
  }
  if (is.null(rows$p.value)) rows$p.value <- rep(NA_real_, n)
  numbers <- c("estimate", "conf.low", "conf.high", "p.value")
  for (name in numbers) {
    if (all(is.na(rows[[name]]))) rows[[name]] <- rep(NA_real_, n)
    if (!is.numeric(rows[[name]])) {
      stop_oligosurv("input", sprintf(
        "`%s` must be numeric; it is %s", name, describe(rows[[name]])
      ), arg = "x", column = name)
    }
    below <- isTRUE(parts$ratio) & !is.na(rows[[name]]) & rows[[name]] < 0
    if (any(below)) {
      stop_domain(name, "at least 0, being a ratio", below, rows[[name]], "row")
    }
  }
  data.frame(
    label = shorten(as.character(rows$label), 90L),
    group = if (is.null(rows$group)) rep("", n) else shorten(rows$group, 90L),
    rows[numbers], place = rev(seq_len(n)), text = interval_text_of(rows, parts, style),
    p = format_p_value(rows$p.value, style, na = "")
  )
}

# "0.58 (0.42-0.81)" with an en dash, or "to" where a limit is negative or not known
interval_text_of <- function(rows, parts, style) {
  number <- function(v) {
    text <- parts$format(v)
    text[is.infinite(v)] <- ifelse(v[is.infinite(v)] > 0, "\u221e", "\u2212\u221e")
    text
  }
  text <- paste0(number(rows$estimate), if (isTRUE(parts$percent)) "%")
  ends <- c(rows$conf.low, rows$conf.high)
  sign <- if (anyNA(rows$conf.low) != anyNA(rows$conf.high)) " to " else range_sign(ends)
  limits <- sprintf(" (%s%s%s)", number(rows$conf.low), sign, number(rows$conf.high))
  none <- is.na(rows$conf.low) & is.na(rows$conf.high)
  text <- paste0(text, ifelse(none, "", limits))
  journal_point(ifelse(is.na(rows$estimate), "not estimable", text), style)
}

# Checks headings now, because an error when the figure is drawn would not name the object
check_headings <- function(parts) {
  if (length(parts$heading) == 1L && length(parts$xlab) == 1L) return(invisible())
  stop_oligosurv("data", paste(
    "`x` has no heading for its numbers, because it was changed after it was created;",
    "create it again"
  ), arg = "x")
}

# Sets of columns on the left, from the widest to the narrowest. The first set that fits
# is drawn. A column is a list of `heading` and `text`.
forest_columns <- function(parts, columns) {
  rows <- parts$rows
  column <- function(heading, x) {
    if (is.character(x)) check_text(x, paste0("x$", heading))
    list(list(heading = heading, text = count_text(x)))
  }
  if (!is.null(columns)) {
    columns <- plain_argument(columns)
    if (!is.character(columns) || anyNA(columns) || !all(columns %in% names(rows))) {
      stop_oligosurv("input", sprintf(
        "`columns` must be names of columns, among %s; it is %s",
        join_words(setdiff(names(rows), c("label", "group"))),
        if (is.character(columns)) {
          paste0("\"", setdiff(columns, names(rows))[1L], "\"")
        } else {
          describe(columns)
        }
      ), arg = "columns")
    }
    headings <- if (is.null(names(columns))) columns else names(columns)
    headings[!nzchar(headings)] <- columns[!nzchar(headings)]
    return(list(unlist(
      Map(function(h, name) column(h, rows[[name]]), headings, columns),
      recursive = FALSE, use.names = FALSE
    )))
  }
  share <- function(heading, k, n) {
    column(heading, ifelse(is.na(k) | is.na(n), "", paste0(k, "/", n)))
  }
  if (!is.null(rows$observed) && !is.null(rows$expected)) {
    expected <- column("Expected", number_text(rows$expected, 1L, ""))
    both <- c(column("Observed", rows$observed), expected)
    return(list(c(column("N", rows$n), both), both, list()))
  }
  if (!is.null(rows$event.1)) {
    return(list(c(
      share("First", rows$event.2, rows$n.2), share("Second", rows$event.1, rows$n.1)
    ), list()))
  }
  n <- if (is.null(rows$n.evaluable)) rows$n else rows$n.evaluable
  k <- rows$n.event
  if (is.null(n)) return(list(if (!is.null(k)) column("Events", k), list()))
  if (is.null(k)) return(list(column("N", n), list()))
  if (!is.null(rows$n.evaluable)) return(list(share("n/N", k, n), list()))
  list(c(column("N", n), column("Events", k)), share("Events/N", k, n), list())
}

count_text <- function(x) {
  if (!is.numeric(x)) return(ifelse(is.na(x), "", shorten(as.character(x), 40L)))
  if (all(x == round(x), na.rm = TRUE)) return(format_count(x, ""))
  number_text(x, NULL, "")
}

forest_limits <- function(rows, ratio, xlim) {
  null <- if (isTRUE(ratio)) 1 else if (isFALSE(ratio)) 0
  if (!is.null(xlim)) {
    xlim <- check_double(xlim, "xlim")
    if (isTRUE(ratio) && any(xlim <= 0)) {
      stop_domain("xlim", "above 0, because the axis of ratios is logarithmic", xlim <= 0,
        xlim
      )
    }
    if (length(xlim) != 2L || xlim[1L] >= xlim[2L]) {
      stop_oligosurv("input", sprintf(
        "`xlim` must be two numbers, the smaller first; it is %s",
        paste(format(xlim, trim = TRUE), collapse = ", ")
      ), arg = "xlim")
    }
    return(xlim)
  }
  values <- c(rows$estimate, rows$conf.low, rows$conf.high, null)
  values <- values[is.finite(values)]
  if (!length(values)) return(c(0, 1))
  if (isTRUE(ratio)) {
    near <- range(pmin(pmax(values, 1 / 50), 50))
    return(near * c(0.9, 1.1))
  }
  range <- range(values)
  gap <- if (diff(range) > 0) 0.03 * diff(range) else 1
  range + c(-gap, gap)
}

# Clips intervals to the axis and flags those that extend beyond it
clip_rows <- function(rows, xlim) {
  inside <- function(x) pmin(pmax(x, xlim[1L]), xlim[2L])
  rows$low <- inside(rows$conf.low)
  rows$high <- inside(rows$conf.high)
  rows$more_low <- !is.na(rows$conf.low) & rows$conf.low < xlim[1L]
  rows$more_high <- !is.na(rows$conf.high) & rows$conf.high > xlim[2L]
  rows
}

# A part of a result that must be text: R stops for other values, and with_object() says
# which component is not of its kind
text_part <- function(x) {
  if (!is.null(x)) validUTF8(x)
  x
}
