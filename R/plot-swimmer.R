#' Swimmer plot of a study
#'
#' One bar per patient from the first day of SBRT to death or last contact, the longest on
#' top, with marks at progression, first local failure and death; an arrow marks patients
#' alive at last contact.
#'
#' @param x An [sbrt_study()].
#' @param keep Which patients are drawn, as in [waterfall_plot()].
#' @param fill Name (text) of the column of the patients by which bars are coloured;
#'   `NULL` for one colour, which is also the default if there is no `best_response`. Best
#'   responses have the colours of [waterfall_plot()].
#' @param marks `NULL`, or names of further date columns of the patients, with their text
#'   in the legend as names: `c("next therapy" = "next_therapy_date")`. A column that is
#'   not in the schema, and therefore text in the study, is read as dates here, by the
#'   rules of [sbrt_study()].
#' @param unit Unit of the time axis, to which days are converted: `"months"`, `"days"` or
#'   `"years"`.
#' @param title `NULL` or a title.
#' @param theme `NULL` for [theme_oligosurv()], or a ggplot2 theme.
#' @param ... Not used.
#' @return A ggplot. Its data have one row per patient: `patient`, `rank`, `time` (in
#'   `unit`), `fill`, `ongoing`; the marks are in the layer of points.
#' @section Errors: `oligosurv_error_input` when `x` is not a study, or for a missing
#'   column or one without dates; `oligosurv_error_data` without patients or with more
#'   than 120; `oligosurv_error_dependency` without ggplot2.
#' @seealso [waterfall_plot()], [spider_plot()], [save_figure()]
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   # 9 OM patients, 3 of them dead: 6 arrows
#'   swimmer_plot(hcc_sbrt, keep = cohort == "OM")
#' }
#' @export
swimmer_plot <- function(x, keep = NULL, fill = "best_response", marks = NULL,
                         unit = c("months", "days", "years"), title = NULL, theme = NULL,
                         ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme, "swimmer_plot()")
  check_study(x)
  unit <- check_choice(unit, names(days_in), "unit")
  rows <- kept_rows(x$patients, substitute(keep), parent.frame())
  if (missing(fill) && !"best_response" %in% names(rows)) fill <- NULL
  bars <- swimmer_bars(x, rows, fill, unit)
  points <- swimmer_marks(x, bars, marks, unit)
  arrows <- bars[bars$ongoing, ]
  reach <- 0.03 * max(bars$time, 1e-9)
  arrows$to <- arrows$time + reach
  ink <- ink_of(theme)
  paper <- if (is_dark(theme)) "#1B1F24" else "white"
  figure <- ggplot2::ggplot(bars, aes_of(x = "time", y = "rank")) +
    ggplot2::geom_col(aes_of(fill = "fill"), orientation = "y", width = 0.7) +
    ggplot2::geom_segment(aes_of(xend = "to", yend = "rank"),
      data = arrows, linewidth = 0.4, colour = ink,
      arrow = grid::arrow(length = grid::unit(3, "pt"), type = "closed")
    ) +
    ggplot2::geom_point(aes_of(shape = "mark"),
      data = points, size = 1.5, stroke = 0.5, colour = ink, fill = paper
    ) +
    swimmer_scales(bars, points, is_dark(theme)) +
    ggplot2::scale_x_continuous(
      breaks = time_breaks(max(bars$time), unit), labels = time_axis,
      expand = ggplot2::expansion(mult = c(0.005, 0.04))
    ) +
    ggplot2::labs(
      x = if (is.null(pair_table(x, "os"))) {
        sprintf("Time since the first day of SBRT (%s)", unit)
      } else {
        sprintf("Time (%s)", unit)
      }, y = NULL, title = title,
      caption = if (nrow(arrows)) "Arrow: alive at last contact",
      alt = sprintf(
        "Swimmer plot of %d patients, %d of them alive at last contact", nrow(bars),
        nrow(arrows)
      )
    ) +
    theme + ggplot2::theme(
      axis.ticks.y = ggplot2::element_blank(), axis.line.y = ggplot2::element_blank(),
      legend.box = "vertical", legend.spacing.y = grid::unit(1, "pt"),
      legend.key.width = grid::unit(1.2 * theme$text$size, "pt")
    )
  with_height(figure, lines_mm(nrow(bars) + 9, theme), 0.5)
}

most_swimmers <- 120L

swimmer_bars <- function(study, rows, fill, unit) {
  if (nrow(rows) > most_swimmers) {
    stop_oligosurv("data", sprintf(
      "%d patients do not fit in one figure, which holds %d; select some with `keep`",
      nrow(rows), most_swimmers
    ), arg = "keep")
  }
  if (!is.null(fill) && !check_string(fill, "fill") %in% names(rows)) {
    stop_oligosurv("input", sprintf(
      "the patients have no column `%s`; `fill` must be the name of one", fill
    ), arg = "fill")
  }
  os <- endpoint(study, "os", unit = unit)
  os <- os[match(rows$patient_id, os$patient_id), ]
  time <- os$time
  value <- if (is.null(fill)) rep("", nrow(rows)) else rows[[fill]]
  if (!is.factor(value)) value <- factor(value)
  value <- factor(
    ifelse(is.na(value), "not given", as.character(value)), c(levels(value), "not given")
  )
  at <- order(time, rows$patient_id, na.last = NA)
  data.frame(
    patient = rows$patient_id[at], rank = seq_along(at), time = time[at],
    fill = droplevels(value)[at], ongoing = os$status[at] == 0L
  )
}

# Times of the marks. The levels of the factor `mark` are in the order of the legend.
swimmer_marks <- function(study, bars, marks, unit) {
  rows <- match(bars$patient, study$patients$patient_id)
  patients <- study$patients[rows, , drop = FALSE]
  times <- lapply(
    list(progression = "pfs", "local failure" = "local_failure", death = "os"),
    swimmer_events, study = study, bars = bars, unit = unit
  )
  if (!is.null(marks)) {
    marks <- plain_argument(marks)
    named <- is.character(marks) && !is.null(names(marks)) && all(nzchar(names(marks)))
    at <- match(bars$patient, study$patients$patient_id)
    days <- if (named) lapply(marks, function(m) own_dates(study, "patients", m)[at])
    if (!named || any(lengths(days) != nrow(bars))) {
      stop_oligosurv("input", paste(
        "`marks` must name date columns of the patients, as in",
        "c(\"next therapy\" = \"next_therapy_date\")"
      ), arg = "marks")
    }
    times <- c(times, lapply(days, function(day) {
      as.numeric(day - patients$sbrt_start) / days_in[[unit]]
    }))
  }
  parts <- lapply(names(times), function(mark) {
    time <- times[[mark]]
    known <- which(!is.na(time))
    data.frame(
      time = time[known], rank = bars$rank[known], mark = rep(mark, length(known))
    )
  })
  points <- do.call(rbind, parts)
  points$mark <- factor(points$mark, names(times))
  points
}

# Time of an event of each patient, NA without the event. Progression is the event of
# progression-free survival, unless that event is death.
swimmer_events <- function(study, what, bars, unit) {
  none <- rep(NA_real_, nrow(bars))
  if (!has_endpoint(study, what)) return(none)
  x <- suppressMessages(endpoint(study, what, unit = unit))
  x <- x[match(bars$patient, x$patient_id), ]
  first <- if (is.factor(x$status)) levels(x$status)[2L] else 1L
  time <- ifelse(x$status %in% first, x$time, NA)
  if (what != "pfs") return(time)
  if (is.null(pair_table(study, what))) {
    given <- is.na(study$patients$progression_date)
    time[given[match(bars$patient, study$patients$patient_id)]] <- NA
    return(time)
  }
  dead <- !bars$ongoing & abs(time - bars$time) <= default_tie_tol * bars$time
  ifelse(dead, NA, time)
}

mark_shapes <- c(24, 23, 4, 21, 22, 25, 8, 3)

swimmer_scales <- function(bars, points, dark) {
  values <- levels(bars$fill)
  plain <- identical(values, "")
  colour <- if (all(values %in% names(response_colours))) {
    response_fill(values, dark)
  } else {
    rep_len(c(if (dark) curve_colours_dark else curve_colours[-7L]), length(values))
  }
  if (plain) colour <- if (dark) "grey45" else "grey75"
  shown <- levels(droplevels(points$mark))
  list(
    ggplot2::scale_fill_manual(
      values = unname(colour), limits = values, labels = legend_text, name = NULL,
      guide = if (plain) {
        "none"
      } else {
        ggplot2::guide_legend(order = 1, nrow = legend_rows(legend_text(values)))
      }
    ),
    ggplot2::scale_shape_manual(
      values = mark_shapes[match(shown, levels(points$mark))], limits = shown,
      labels = legend_text, name = NULL, guide = ggplot2::guide_legend(order = 2)
    ),
    ggplot2::scale_y_continuous(
      breaks = bars$rank,
      labels = if (nrow(bars) > 60L) NULL else shorten(as.character(bars$patient), 20L),
      guide = ggplot2::guide_axis(check.overlap = TRUE),
      expand = ggplot2::expansion(add = 0.4)
    )
  )
}
