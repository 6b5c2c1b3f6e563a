#' Median follow-up by reverse Kaplan-Meier
#'
#' The distribution of the follow-up time that would have been observed if nobody had had
#' the event: censorings are the events of the curve, and events are its censorings.
#'
#' @details With \eqn{c_j} censorings and \eqn{d_j} events among \eqn{n_j} at risk at
#' \eqn{t_j}, the curve is
#' \deqn{\prod_{t_j \le t} \left(1 - \frac{c_j}{n_j - d_j}\right)}{
#'   prod_(t_j <= t) (1 - c_j / (n_j - d_j))}
#' Events at a time leave the risk set before the censorings at that time, as in
#' [kaplan_meier()]. Reversing the status in an ordinary Kaplan-Meier program keeps them
#' at risk and gives other numbers if times are tied (rounded to months, say). Variance
#' and intervals are those of [kaplan_meier()]. Without any censoring the median follow-up
#' cannot be estimated and is `NA`.
#'
#' For overall survival data this is the usual "median follow-up" of a report. [glance()]
#' adds the quartiles, the range of the observed times, their median and range in those
#' without the event ("survivors"), and, with `potential`, Clark's completeness
#' \deqn{C = \frac{\sum \mathrm{observed}}{\sum \mathrm{potential}}}{
#'   C = sum of observed / sum of potential follow-up}
#' where the potential follow-up is the observed time for those who had the event, and the
#' time up to the closing date of the study for the others (Clark, Altman and De Stavola
#' 2002). It is 1 if nobody was lost before the closing date. Both are time under
#' observation: with delayed entry they begin at the entry, with a landmark at the
#' landmark.
#'
#' **Split rows.** If the follow-up of one subject is split into several rows
#' (`Surv(start, stop, status)`, for time-dependent covariates), each split would count as
#' a censoring. With `id`, rows of one id that continue each other within a curve are one
#' subject. Without it there is a warning if at least half of the delayed entries are at a
#' time at which a row is censored.
#'
#' @inheritParams kaplan_meier
#' @param potential `NULL`, or the time from time zero of each row to the closing date of
#'   the study, on the time scale of the exit times and not shortened by a landmark: a
#'   column of `data`, a vector, or one number for all. It is not used for rows with an
#'   event and may be `NA` there.
#' @param id `NULL`, or the id of each row if subjects have several rows: an unquoted
#'   column of `data` or a vector. Their time at risk must not overlap.
#' @return A `follow_up` fit with the methods of [kaplan_meier()]. Its `glance()` has one
#'   row per group with `strata`, `n`, `n.event`, `n.censor` (as the curve counts them:
#'   its events are the censorings), `median`, `conf.low`, `conf.high`, `conf.level`,
#'   `conf.type` of the curve, `q25`, `q75` (the times by which 25 and 75% of the
#'   follow-up had ended), `shortest`, `longest` (observed times), `survivors` (subjects
#'   without the event), `survivors.median`, `survivors.shortest`, `survivors.longest`
#'   (their observed times) and `completeness` (`NA` without `potential`).
#' @section Errors: those of [kaplan_meier()]; `oligosurv_error_domain` for a `potential`
#'   below the observed time of a row without event; `oligosurv_error_data` for rows of
#'   one `id` that overlap.
#' @references Schemper and Smith (1996) \doi{10.1016/0197-2456(96)00075-X};
#'   Clark, Altman and De Stavola (2002) \doi{10.1016/S0140-6736(02)08272-7}.
#' @seealso [kaplan_meier()], [curve_plot()], [result_table()]
#' @examples
#' # one event tied with one censoring at 5: median follow-up 5
#' follow_up(Surv(c(1, 2, 3, 5, 5, 6), c(1, 0, 1, 1, 0, 0)) ~ 1)
#' # two die; one is lost at 2 of 8 possible months, one seen to the end: C = 18 / 24
#' d <- data.frame(month = c(3, 5, 2, 8), death = c(1, 1, 0, 0), possible = c(9, 7, 8, 8))
#' glance(follow_up(Surv(month, death) ~ 1, d, potential = possible))$completeness
#' # the last one in two rows, split at month 3: with `id` still four subjects
#' rows <- data.frame(
#'   id = c(1:4, 4), start = c(0, 0, 0, 0, 3), stop = c(3, 5, 2, 3, 8),
#'   death = c(1, 1, 0, 0, 0)
#' )
#' glance(follow_up(Surv(start, stop, death) ~ 1, rows, id = id))$n
#' @export
follow_up <- function(x, data = NULL, times = NULL, potential = NULL, id = NULL,
                      conf.type = "small-sample", conf.level = 0.95, tie_tol = 1e-9,
                      ...) {
  conf.type <- check_choice(conf.type, curve_conf_types, "conf.type")
  conf.level <- check_level(conf.level)
  times <- check_times(times)
  check_row_dots(x, ...)
  id <- read_id(x, data, captured(substitute(id), NULL, NULL, parent.frame()))
  if (is.null(id)) {
    check_repeated_ids(x, data,
      paste("give one row per patient, or if it is split into rows,", default_id_hint),
      "follow-up is that of patients: use endpoint(study, \"os\")",
      landmark = list(...)$landmark
    )
  }
  potential <- eval_term(substitute(potential), data, parent.frame())
  if (is.object(potential)) potential <- plain_column(potential)
  by_row <- is.numeric(potential) && length(potential) != 1L
  table <- if (by_row || !is.null(id)) {
    follow_up_rows(x, data, id, if (by_row) potential, ...)
  } else {
    as_event_table(x, data, ...)
  }
  table <- pool_events(table)
  if (is.null(id)) warn_split_rows(table, tie_tol) else table <- join_split_rows(table)
  details <- follow_up_details(table, potential)
  table <- join_ties(drop_ids(table), tie_tol)
  fit <- new_kaplan_meier(
    km_curves(table, TRUE, conf.type, conf.level, times),
    table, conf.type, conf.level, times, "follow_up"
  )
  fit$details <- details
  fit
}

# The rows of a formula, with the potential follow-up of each row if it is given
follow_up_rows <- function(x, data, id, potential, ...) {
  if (!inherits(x, "formula")) {
    what <- if (is.null(potential)) "hold no ids" else "need one number as `potential`"
    stop_oligosurv("data", sprintf(
      "event tables %s; give the formula and `data` instead", what
    ), arg = if (is.null(potential)) "id" else "potential")
  }
  table <- row_table(x, data, id, ...)
  if (is.null(potential)) return(table)
  if (max(table$row, 0L) > length(potential)) {
    stop_oligosurv("input", sprintf(
      "`potential` must have one value per row; it has %d, for at least %d rows",
      length(potential), max(table$row)
    ), arg = "potential")
  }
  table$potential <- potential[table$row]
  table
}

# Joins consecutive rows of one id in a curve into one row
join_split_rows <- function(table) {
  n <- length(table$time)
  entry <- double(n)
  if (!is.null(table$entry)) entry[table$entry$row] <- table$entry$time
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  o <- order(curve, table$id, entry, table$time, method = "radix")
  this <- o[-n]
  following <- o[-1L]
  together <- curve[this] == curve[following] & table$id[this] == table$id[following]
  cut <- table$time[this]
  overlap <- together & entry[following] < cut * (1 - default_tie_tol)
  if (any(overlap)) {
    where <- table$row[sort(following[overlap])]
    stop_oligosurv("data", sprintf(
      paste(
        "rows of one id overlap (%s), so they are not the split follow-up of one",
        "subject; give one row, or rows that end before the next begins:",
        "Surv(start, stop, status)"
      ), format_rows(where)
    ), where = where, arg = "id")
  }
  goes_on <- together & table$status[this] == 0L &
    entry[following] <= cut * (1 + default_tie_tol)
  first <- o[c(TRUE, !goes_on)[seq_len(n)]]
  last <- o[c(!goes_on, TRUE)[seq_len(n)]]
  by_time <- order(curve[last], table$time[last], table$status[last], method = "radix")
  columns <- intersect(c("time", "status", "id", "row", "potential"), names(table))
  first_entry <- entry[first][by_time]
  last <- last[by_time]
  curve <- curve[last]
  table[columns] <- lapply(table[columns], `[`, last)
  table$start <- c(0, cumsum(tabulate(curve, length(table$start) - 1L)))
  if (!is.null(table$entry)) {
    sorted <- list(curve = curve, entry = first_entry, start = table$start)
    table$entry <- row_entries(sorted)
  }
  table
}

# Warns if rows without `id` seem to split the follow-up of subjects, that is, if many
# entries are at times at which other rows are censored
warn_split_rows <- function(table, tie_tol) {
  if (is.null(table$entry)) return(invisible())
  table <- join_ties(table, tie_tol)
  late <- !enters_at_origin(table$entry$time, 0)
  times <- sort(unique(table$entry$time[late]))
  sum_at <- function(counts, which) { # counts summed by curve and entry time
    curve <- rep.int(seq_along(counts$start[-1L]), diff(counts$start))
    at <- match(counts$time, times)
    which <- which & !is.na(at)
    key <- (curve - 1) * length(times) + at
    n <- if (is.null(counts$n)) rep(1, length(at)) else counts$n
    rowsum(n[which], key[which])
  }
  enter <- sum_at(table$entry, late)
  censored <- sum_at(table, table$status == 0L)
  met <- match(rownames(enter), rownames(censored))
  goes_on <- sum(pmin(enter[, 1L], censored[met, 1L]), na.rm = TRUE)
  if (goes_on == 0 || goes_on < sum(enter) / 2) return(invisible())
  warn_oligosurv("data", sprintf(
    paste(
      "%s of %s delayed entries are at a time at which a row is censored. This suggests",
      "that the follow-up of subjects is split into rows, and each split would count as",
      "a censoring: name the column that identifies subjects with `id = `"
    ), format_count(goes_on), format_count(sum(enter))
  ))
}

# Shortest and longest observed time of each curve, of all subjects and of those without
# the event (survivors), and the median of the survivors' times. The rows of a curve are
# sorted by time, so positions in them are used.
follow_up_details <- function(table, potential) {
  size <- diff(table$start)
  end <- function(to, present) {
    out <- rep(NA_real_, length(size))
    out[present] <- table$time[to[present]]
    out
  }
  alive <- which(table$status == 0L)
  n <- if (is.null(table$n)) rep(1, length(alive)) else table$n[alive]
  before <- findInterval(table$start, alive) # elements of `alive` in earlier curves
  from <- before[-length(before)]
  to <- before[-1L]
  total <- c(0, cumsum(n))
  survivors <- total[to + 1L] - total[from + 1L]
  median_of <- function(round) {
    k <- total[from + 1L] + round((survivors + 1) / 2)
    end(alive[findInterval(k, total[-1L], left.open = TRUE) + 1L], survivors > 0)
  }
  list(
    shortest = end(table$start[-length(table$start)] + 1, size > 0),
    longest = end(table$start[-1L], size > 0), survivors = survivors,
    survivors.median = (median_of(floor) + median_of(ceiling)) / 2,
    survivors.shortest = end(alive[from + 1L], survivors > 0),
    survivors.longest = end(alive[pmax(to, 1L)], survivors > 0),
    completeness = completeness(table, potential, size)
  )
}

# Ratio of observed to potential follow-up of each curve, both counted from entry
completeness <- function(table, potential, size) {
  if (is.null(potential)) return(rep(NA_real_, length(size)))
  before <- if (is.null(table$entry)) 0 else sum_by_curve(table$entry, table$entry$time)
  possible <- sum_by_curve(table, potential_times(table, potential)) - before
  ifelse(possible > 0, (sum_by_curve(table, table$time) - before) / possible, NA_real_)
}

# Potential follow-up of each row; if it ended with the event, the observed follow-up
potential_times <- function(table, potential) {
  if (!is.numeric(potential)) {
    stop_oligosurv("input", sprintf(
      "`potential` must be numeric; it is %s", describe(potential)
    ), arg = "potential")
  }
  values <- if (length(potential) == 1L) {
    rep(potential, length(table$time))
  } else {
    table$potential
  }
  from <- if (is.null(table$landmark)) 0 else table$landmark$at
  enough <- is.finite(values) & values >= (table$time + from) * (1 - default_tie_tol)
  bad <- table$status == 0L & !enough
  if (any(bad)) {
    where <- if (is.null(table$row)) bad else seq_len(max(table$row)) %in% table$row[bad]
    stop_domain("potential", "at least the observed time where there was no event", where,
      rep_len(potential, length(where)), "row"
    )
  }
  ifelse(table$status == 0L, pmax(values - from, table$time), table$time)
}

#' @rdname follow_up
#' @export
glance.follow_up <- function(x, ...) {
  out <- glance.oligosurv_fit(x, ...)
  q <- fit_quantiles(x, c(0.25, 0.75), TRUE)
  out$q25 <- q$estimate[q$prob == 0.25]
  out$q75 <- q$estimate[q$prob == 0.75]
  out[names(x$details)] <- x$details
  out
}

#' @exportS3Method NULL
result_rows.follow_up <- function(x, ...) {
  r <- NextMethod()
  g <- r$summary
  range <- function(low, high) {
    text <- limits_text(low, high, NULL, no_value)
    in_print(joined_column("%s", ifelse(is.na(low) & is.na(high), no_value, text)))
  }
  r$columns <- c(r$columns, list(
    Quartiles = in_print(joined_column("%s", limits_text(g$q25, g$q75, NULL))),
    Observed = range(g$shortest, g$longest),
    Survivors = in_print(number_column(g$survivors)),
    "Their median" = in_print(number_column(g$survivors.median)),
    "Their range" = range(g$survivors.shortest, g$survivors.longest),
    Completeness = if (!all(is.na(g$completeness))) {
      in_print(joined_column("%s", percent_text(g$completeness)))
    }
  ))
  none <- g$n > 0 & g$survivors == 0
  groups <- if (nlevels(g$strata) > 1L) paste(g$strata[none], collapse = ", ")
  r$details <- c(
    "Quartiles of follow-up; observed times of all and of those without event",
    if (any(none)) {
      where <- paste(c("Not estimable", groups), collapse = " in ")
      paste0(where, ": nobody was censored")
    }
  )
  r
}
