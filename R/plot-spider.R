#' Spider plot of the change over time
#'
#' One line per patient: the change of the sum of diameters from baseline at each
#' assessment, coloured by the recorded best response.
#'
#' @details For a study the sums are those of [visit_response()], by RECIST 1.1: the sum
#' of the target lesions relative to baseline, at each visit at which all of them were
#' measured. A cross marks a visit with a new lesion. Lines start at 0. Dashed lines mark
#' +20% and -30% as in [waterfall_plot()].
#'
#' Colour, line type and the point at the end of a line are those of the best response of
#' the patient, not of the visit: a line above +20% has the colour of SD if the best
#' response was stable disease.
#'
#' @param x An [sbrt_study()] with `assessments`, or a data frame with one row per patient
#'   and assessment, without the baseline.
#' @param keep Which rows are drawn (for a study, which patients), as in
#'   [waterfall_plot()].
#' @param id,time,change,response Names (text) of the columns of a data frame: patient id,
#'   time since baseline, change in percent, best response (`NULL` for none).
#' @param new_lesion `NULL`, or the name of a logical column of the data frame: a cross
#'   marks the assessments with a new lesion.
#' @param unit Unit of the time axis: for a study `"months"`, `"days"` or `"years"`, to
#'   which days are converted; for a data frame a label, nothing is converted.
#' @param title,theme,... As in [waterfall_plot()].
#' @return A ggplot. Its data have one row per point: `id`, `time`, `change`, `response`,
#'   `new`.
#' @section Errors: `oligosurv_error_input` for a missing column; `oligosurv_error_domain`
#'   for a change below -100%, a negative time or an unknown response;
#'   `oligosurv_error_data` when no patient has a baseline and a later assessment;
#'   `oligosurv_error_dependency` without ggplot2.
#' @seealso [waterfall_plot()], [swimmer_plot()], [visit_response()], [save_figure()]
#' @examples
#' d <- data.frame(
#'   patient = c("A", "A", "B", "B"), month = c(2, 5, 2, 4), change = c(-40, -60, 5, 30),
#'   best = c("PR", "PR", "PD", "PD")
#' )
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   spider_plot(d, "patient", "month", "change", "best", unit = "months")
#' }
#' @export
spider_plot <- function(x, id = "patient_id", time = "time", change = "change_pct",
                        response = "best_response", new_lesion = NULL, keep = NULL,
                        unit = "months", title = NULL, theme = NULL, ...) {
  check_no_dots(...)
  theme <- checked_theme(title, theme, "spider_plot()")
  unit <- check_string(unit, "unit")
  kept <- function(rows) kept_rows(rows, keep, env)
  keep <- substitute(keep)
  env <- parent.frame()
  rows <- if (inherits(x, "sbrt_study")) {
    study_changes(x, kept, unit)
  } else {
    columns <- list(id = id, time = time, change = change)
    columns$response <- response
    columns$new_lesion <- new_lesion
    frame_changes(x, columns, kept)
  }
  rows <- spider_points(rows)
  ends <- rows[!duplicated(rows$id, fromLast = TRUE), ]
  top <- max(25, 1.02 * rows$change)
  lines <- muted_colour(theme)
  ggplot2::ggplot(rows, aes_of(x = "time", y = "change", colour = "response")) +
    ggplot2::geom_hline(
      yintercept = c(-30, 20), linetype = "42", linewidth = 0.3, colour = lines
    ) +
    ggplot2::geom_hline(yintercept = 0, linewidth = 0.3, colour = lines) +
    ggplot2::geom_line(aes_of(group = "id", linetype = "response"), linewidth = 0.4) +
    ggplot2::geom_point(aes_of(shape = "response"), data = ends, size = 1.3) +
    ggplot2::geom_point(
      data = rows[rows$new, ], shape = 4, size = 2, stroke = 0.6, show.legend = FALSE
    ) +
    spider_scales(rows$response, is_dark(theme)) +
    ggplot2::scale_x_continuous(
      breaks = time_breaks(max(rows$time), unit), labels = time_axis,
      expand = ggplot2::expansion(mult = c(0.02, 0.03))
    ) +
    change_scale(top) + ggplot2::coord_cartesian(ylim = c(-100, top)) +
    ggplot2::labs(
      x = time_title("Time from baseline", unit), y = "Change from baseline",
      title = title, caption = spider_caption(rows),
      alt = sprintf("Spider plot of %d patients", length(unique(rows$id)))
    ) +
    theme
}

spider_caption <- function(rows) {
  lines <- c(
    if (any(rows$response != "not given")) "Lines: by the recorded best response",
    if (any(rows$new)) "cross: new lesion"
  )
  if (length(lines)) sentence_case(paste(lines, collapse = "; "))
}

# Line types and points distinguish responses when printed in grey
spider_scales <- function(response, dark) {
  levels <- levels(response)
  guide <- if (length(levels) > 1L) {
    ggplot2::guide_legend(nrow = legend_rows(levels))
  } else {
    "none"
  }
  scale <- function(make, values) {
    make(values = values[levels], name = NULL, guide = guide)
  }
  list(
    scale(ggplot2::scale_colour_manual, response_ink(levels, dark)),
    scale(ggplot2::scale_linetype_manual, c(
      CR = "solid", PR = "82", SD = "42", PD = "solid", NE = "12", "not given" = "8212"
    )),
    scale(ggplot2::scale_shape_manual, c(
      CR = 16, PR = 17, SD = 15, PD = 6, NE = 1, "not given" = 5
    ))
  )
}

# Lines need more contrast than bars: SD is darker than in a waterfall plot
response_ink <- function(levels, dark) {
  colour <- response_fill(names(response_colours), dark)
  if (dark) {
    colour[c("CR", "SD")] <- c("#5B93D3", "#BBBBBB")
  } else {
    colour[c("PR", "SD")] <- c("#2B8CC4", "#7A7A7A")
  }
  colour[levels]
}

# The changes in a data frame, from the columns named by the user. `kept` is a function
# that selects the rows to draw.
frame_changes <- function(x, columns, kept) {
  for (arg in names(columns)) columns[[arg]] <- check_string(columns[[arg]], arg)
  x <- kept(rows_with(x, unlist(columns), "a spider plot"))
  column <- function(arg, default) {
    if (arg %in% names(columns)) x[[columns[[arg]]]] else rep(default, nrow(x))
  }
  time <- column("time")
  change <- column("change")
  known <- !is.na(time) & !is.na(change)
  check_double(time[known], "time", 0, "row")
  check_double(change[known], "change", -100, "row")
  out <- data.frame(
    id = as.character(column("id")), time = as.double(time), change = as.double(change),
    response = as.character(column("response", NA)),
    new = yes_no(column("new_lesion", FALSE)) %in% TRUE
  )
  out[known, ]
}

# Change from baseline in the sum of diameters of each patient
study_changes <- function(study, kept, unit) {
  check_choice(unit, names(days_in), "unit")
  if (is.null(study$assessments)) {
    stop_oligosurv("data", paste(
      "the study has no table `assessments`, which a spider plot needs; to plot other",
      "data, give a data frame"
    ), arg = "x")
  }
  study_table(study, "assessments", "diameter_mm", "a spider plot")
  patients <- kept(study$patients)
  visits <- visit_response(study)
  visits <- visits[!is.na(visits$change_pct), ]
  of <- match(visits$patient_id, patients$patient_id)
  given <- as.character(patients$best_response)
  points <- data.frame(
    id = as.character(visits$patient_id), time = visits$day / days_in[[unit]],
    change = visits$change_pct,
    response = if (length(given)) given[of] else rep(NA_character_, length(of)),
    new = visits$new_lesion
  )
  points[!is.na(of), ]
}

# Points sorted by time; each line starts with a change of 0
spider_points <- function(rows) {
  if (is.null(rows) || !nrow(rows)) {
    stop_oligosurv("data", paste(
      "no patient has a baseline and a later assessment, so there is nothing to draw;",
      "check the dates and sizes of the assessments"
    ))
  }
  response <- check_responses(rows$response)
  start <- !duplicated(rows$id)
  zero <- rows[start, ]
  zero$time <- pmin(0, zero$time)
  zero$change <- 0
  zero$new <- FALSE
  rows$response <- response
  zero$response <- response[start]
  rows <- rbind(zero, rows)
  rows <- rows[order(match(rows$id, zero$id), rows$time), ]
  rows$response <- droplevels(rows$response)
  row.names(rows) <- NULL
  rows
}
