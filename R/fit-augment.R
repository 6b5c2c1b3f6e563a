#' Add estimates to the rows of the data
#'
#' Adds to each row of the data the estimate of its curve at its own time, with the column
#' names that broom uses for fitted values.
#'
#' @param x A fit of [kaplan_meier()], [cumulative_incidence()] or [follow_up()].
#' @param data,formula The data and the formula of the fit, since a fit keeps counts and
#'   not rows.
#' @param ... `censor`, `landmark` and `na.action` of the fit.
#' @return `data`, in its order, with the columns `.strata` (label of the curve),
#'   `.n.risk` (at risk just before the time), `.fitted` (estimate at the time), `.se.fit`
#'   (its standard error), `.lower` and `.upper` (its confidence limits). With competing
#'   risks the rows are repeated for each outcome, which is named in `.outcome`. The
#'   columns are `NA` in rows with missing values, which the fit dropped.
#' @section Errors: `oligosurv_error_input` if `data` or `formula` is missing;
#'   `oligosurv_error_data` if `data` has a group that is not in the fit.
#' @seealso [tidy()][tidy.oligosurv_fit], [pseudo_values()]
#' @examples
#' d <- data.frame(month = c(1, 2, 3, 4), status = c(1, 0, 1, 0))
#' fit <- kaplan_meier(Surv(month, status) ~ 1, d)
#' augment(fit, d, Surv(month, status) ~ 1) # S is 3/4 at 1 and 2, 3/8 at 3 and 4
#' @name augment.oligosurv_fit
#' @export
augment.oligosurv_fit <- function(x, data, formula, ...) {
  check_dots(c("censor", "na.action", "landmark"), ...)
  check_fit(x)
  if (missing(data) || !is.data.frame(data)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`data` must be the data frame from which the fit was computed, since the fit",
        "does not keep its rows; it is %s"
      ),
      if (missing(data)) "missing" else describe(data)
    ), arg = "data")
  }
  check_frame_columns(data, "data")
  if (missing(formula) || !inherits(formula, "formula")) {
    stop_oligosurv("input", sprintf(
      "`formula` must be the formula of the fit; it is %s",
      if (missing(formula)) "missing" else describe(formula)
    ), arg = "formula")
  }
  data <- as.data.frame(data)
  rows <- row_table(formula, data, NULL, ...)
  curve <- rep.int(seq_along(rows$start[-1L]), diff(rows$start))
  labels <- curve_labels(x$table)
  strata <- match(curve_labels(rows)[curve], labels)
  if (anyNA(strata)) {
    stop_oligosurv("data", sprintf(
      paste(
        "`data` has the group '%s', which is not in the fit; use the formula and data of",
        "the fit"
      ), curve_labels(rows)[curve[is.na(strata)][1L]]
    ), arg = "formula")
  }
  fitted <- tidy_rows(x, NULL)
  outcomes <- if (is.null(fitted$outcome)) NA else levels(fitted$outcome)
  parts <- lapply(outcomes, function(outcome) {
    mine <- if (is.na(outcome)) fitted else fitted[fitted$outcome == outcome, ]
    out <- data
    if (!is.na(outcome)) out$.outcome <- factor(rep(outcome, nrow(data)), outcomes)
    cbind(out, fitted_at(mine, rows, strata, labels, nrow(data)))
  })
  out <- do.call(rbind, parts)
  row.names(out) <- NULL
  out
}

# Estimates of one outcome at the time of each row; a time that is tied with an event time
# counts as that time.
fitted_at <- function(fitted, rows, strata, labels, n) {
  from <- c(
    .n.risk = "n.risk", .fitted = "estimate", .se.fit = "std.error", .lower = "conf.low",
    .upper = "conf.high"
  )
  out <- matrix(NA_real_, n, length(from), dimnames = list(NULL, names(from)))
  out <- as.data.frame(out)
  for (s in unique(strata)) {
    curve <- fitted[as.integer(fitted$strata) == s, ]
    mine <- strata == s
    at <- findInterval(rows$time[mine] * (1 + default_tie_tol), curve$time)
    out[rows$row[mine], ] <- rbind(curve[NA_integer_, from], curve[from])[at + 1L, ]
  }
  code <- rep(NA_integer_, n)
  code[rows$row] <- strata
  cbind(.strata = factor(labels[code], labels), out)
}
