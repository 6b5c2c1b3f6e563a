#' Estimators, lower limits and bands of a survival curve
#'
#' What [kaplan_meier()] gives beside the product-limit curve with pointwise limits:
#' `estimator`, `conf.lower`, the interval types `"mid-p"` and `"small-sample"`, `band`
#' and `start`.
#'
#' @details **`estimator`.** `"breslow"` is \eqn{e^{-H}}{exp(-H)} with the cumulative
#'   hazard H of Nelson and Aalen, `"fleming-harrington"` the same with events of one time
#'   taken one by one (SAS has the same names; survival: `stype = 2` with `ctype = 1` and
#'   `2`), see [cumulative_hazard()]. The standard error is
#'   \eqn{e^{-H} \mathrm{se}(H)}{exp(-H) se(H)}. Without ties the two are one; neither
#'   falls to 0.
#'
#'   **`conf.lower`** widens lower limits while subjects leave and nobody fails, by the
#'   number still at risk, n: the standard error of the lower limit is
#'   \eqn{S \sqrt{(1 - S) / n}}{S sqrt((1 - S) / n)} with `"peto"`, and
#'   \eqn{s \sqrt{n' / n}}{s sqrt(n' / n)} with `"modified"`, n' at risk at the last event
#'   time. Upper limits stay.
#'
#'   **`conf.type = "mid-p"`** is the mid-p form of `"exact"`: quantiles of the even
#'   mixture of the distributions behind the lower and the upper exact limit. Shorter;
#'   covers the level on the average, not at least.
#'
#'   **`conf.type = "small-sample"`**, the default, has exact limits in curves of up to 50
#'   subjects; in larger ones as long as the curve (of a cause) has had at most 5 events,
#'   and log-log limits after them. In small groups nothing else keeps its level: of 9 to
#'   37 subjects none of whom is censored, with 3 to 50% of events (a sum over the
#'   binomial law), 95% log-log intervals of S cover from 90.9% on and mid-p ones from
#'   92.3% on, these from 95.1% on; with staggered censoring (simulated) log-log intervals
#'   cover 91.7 to 98.1% (S) and 93.2 to 99.7% (F), these 95.1% and more. That holds for
#'   right-censored data; for left truncation see [kaplan_meier()]. With the
#'   jackknife (`id`, sampling weights) ids (or rows) are counted, not subjects: with
#'   lesions of 9 to 37 patients log-log limits cover from 91.6% on, these from 94.5% on.
#'   Events of sampling weights are counted as rows. [tidy()] says in each row which
#'   limits stand there, `exact` or `log-log`.
#'
#'   **`band`**: limits that hold the whole curve between two times, not one point of it,
#'   in the columns `band.low` and `band.high`, on `band_scale`. With n the
#'   subjects of the curve, v the variance of \eqn{\log S}{log S} and
#'   \eqn{a = n v / (1 + n v)}{a = n v / (1 + n v)} at the two times, \eqn{z s}{z s} of
#'   the interval formulas becomes
#'   \deqn{\textrm{Hall-Wellner: } S (1 + n v) k / \sqrt{n}, \quad
#'     \textrm{equal precision: } c s}{
#'     Hall-Wellner: S (1 + n v) k / sqrt(n); equal precision: c s}
#'   where k bounds a Brownian bridge and c a bridge over its standard deviation from
#'   \eqn{a_L}{a_L} to \eqn{a_U}{a_U} with probability `conf.level`. Both are computed,
#'   not looked up: k by reflection, c by the eigenfunctions of the Ornstein-Uhlenbeck
#'   process (published tables of c rest on an approximation: 2.8826 for 0.1 to 0.6 at
#'   95%, here 2.8873). The times are `band_range`, by default, and at most, from the
#'   first event to the last time at which S is above 0; outside them the columns are
#'   `NA`. A band is nowhere narrower than the exact limits of a point, where `conf.type`
#'   has those. Simulated over the whole of that range at 9 to 37 subjects with 10 to 50%
#'   of events by month 24 of 72, 95% bands as they are by default cover 95.9% and more;
#'   those of the formula alone on the arcsine scale, which Borgan and Liestol (1990)
#'   found best, 89 to 99%, on the log-log scale 83 to 94%.
#'
#'   **`start`**: survival given event-free just after `start`,
#'   \deqn{S(t \mid T > s) = S(t) / S(s) = \prod_{s < t_j \le t} (1 - d_j / n_j)}{
#'     S(t | T > s) = S(t) / S(s) = prod_(s < t_j <= t) (1 - d_j / n_j)}
#'   with the Greenwood sum over the same times: rows that leave by `start` play no part.
#'   The clock stays that of the data ([late_group()] has the landmark that restarts it);
#'   the first row of [tidy()] is at `start`, and earlier `times` are an error. An event
#'   at `start` itself has happened; `survival::survfit(start.time =)` keeps it in.
#' @section Errors: `oligosurv_error_input` for `conf.lower` with exact limits and for
#'   exact limits of another estimator, which rest on the product-limit curve, and for
#'   these options without limits (`conf.type = "none"`);
#'   `oligosurv_error_data` for these options with `id` or sampling weights, whose
#'   variance they would ignore, and for Hall-Wellner bands with left truncation;
#'   `oligosurv_error_domain` for times before `start`.
#' @references Fleming and Harrington (1984) \doi{10.1080/03610928408828837};
#'   Peto et al. (1977) \doi{10.1038/bjc.1977.1};
#'   Dorey and Korn (1987) Statistics in Medicine 6, 679-687;
#'   Fay and Brittain (2016) \doi{10.1002/sim.6905};
#'   Hall and Wellner (1980) \doi{10.1093/biomet/67.1.133};
#'   Nair (1984) \doi{10.1080/00401706.1984.10487964};
#'   Borgan and Liestol (1990) Scandinavian Journal of Statistics 17, 35-41.
#' @examples
#' d <- data.frame(month = c(2, 3, 3, 5, 8, 9, 12, 15), dead = c(1, 1, 1, 0, 1, 0, 1, 0))
#' # all at once: H(3) = 1/8 + 2/7; one by one: 1/8 + 1/7 + 1/6
#' fit <- kaplan_meier(Surv(month, dead) ~ 1, d, estimator = "fleming-harrington")
#' -log(summary(fit, times = 3)$estimate) # 0.4345238
#' # among those event-free after 3 months: S(9) / S(3) = 3/4
#' kaplan_meier(Surv(month, dead) ~ 1, d, start = 3, times = 9)
#' # curve_plot() draws the band, fainter, behind the limits of each time
#' kaplan_meier(Surv(month, dead) ~ 1, d, band = "hall-wellner")
#' @name survival_band
NULL

survival_estimators <- c("kaplan-meier", "breslow", "fleming-harrington")
lower_types <- c("usual", "peto", "modified")
band_types <- c("none", "hall-wellner", "equal-precision")
band_names <- c("hall-wellner" = "Hall-Wellner", "equal-precision" = "equal-precision")

band_scales <- c("arcsin", "plain", "log", "log-log", "logit")

# Exact limits rest on the product-limit curve. check_survival_options() checks the
# choices.
default_conf_type <- function(estimator, conf.lower) {
  usual <- mapply(function(x, all) identical(x, all) || identical(x, all[1L]),
    list(estimator, conf.lower), list(survival_estimators, lower_types)
  )
  if (all(usual)) "small-sample" else "log-log"
}

# The options as C_km_more() reads them; NULL when all are the usual
check_survival_options <- function(estimator, conf.lower, band, band_range, band_scale,
                                   conf.type, conf.level) {
  estimator <- check_choice(estimator, survival_estimators, "estimator")
  conf.lower <- check_choice(conf.lower, lower_types, "conf.lower")
  band <- check_choice(band, band_types, "band")
  band_scale <- check_choice(band_scale, band_scales, "band_scale")
  if (band == "none" && !is.null(band_range)) {
    stop_oligosurv("input", "`band_range` goes with `band`", arg = "band_range")
  }
  codes <- c(
    estimator = match(estimator, survival_estimators) - 1L,
    lower = match(conf.lower, lower_types) - 1L, band = match(band, band_types) - 2L
  )
  if (all(codes == c(0L, 0L, -1L))) return(NULL)
  on_curve <- any(codes[1:2] != 0L) && has_exact_limits(conf.type)
  if (on_curve || conf.type == "none") {
    other <- c("estimator", "conf.lower", "band")[codes != c(0L, 0L, -1L)][1L]
    stop_oligosurv("input", sprintf(
      "conf.type = \"%s\" has %s and does not go with `%s`", conf.type,
      if (conf.type == "none") "no limits" else "limits of its own", other
    ), arg = other)
  }
  c(as.list(codes), list(
    range = check_band_range(band_range), scale = band_scale, conf.type = conf.type,
    conf.level = conf.level
  ))
}

has_exact_limits <- function(conf.type) {
  conf.type %in% c("small-sample", "exact", "mid-p")
}

check_band_range <- function(range) {
  if (is.null(range)) return(c(0, Inf))
  range <- check_double(range, "band_range", 0)
  if (length(range) == 2L && range[1L] < range[2L]) return(range)
  stop_oligosurv("input", "`band_range` must be two times, the earlier first",
    arg = "band_range"
  )
}

# A fit with what the options of survival_band change or add
add_survival_options <- function(fit, curves, options) {
  if (fit$variance != "greenwood") {
    stop_oligosurv("data", paste(
      "`estimator`, `conf.lower` and `band` do not go with `id` or sampling weights,",
      "whose variance they would ignore"
    ), arg = "id")
  }
  hall_wellner <- options$band == 0L
  if (hall_wellner && !is.null(fit$table$entry)) {
    stop_oligosurv("data", paste(
      "the Hall-Wellner band is not defined with left truncation;",
      "band = \"equal-precision\" is"
    ), arg = "band")
  }
  more <- .Call(C_km_more, curves, options)
  fit$estimate <- more$surv
  fit$std.error <- more$std_error
  fit$conf.low <- more$conf_low
  fit$conf.high <- more$conf_high
  fit$estimator <- survival_estimators[options$estimator + 1L]
  fit$conf.lower <- lower_types[options$lower + 1L]
  if (options$band < 0L) return(fit)
  fit$band.low <- more$band_low
  fit$band.high <- more$band_high
  if (has_exact_limits(fit$conf.type)) {
    fit$band.low <- pmin(more$band_low, fit$conf.low)
    fit$band.high <- pmax(more$band_high, fit$conf.high)
  }
  fit$band <- list(
    type = band_types[options$band + 2L], scale = options$scale, from = more$from,
    to = more$to, critical = more$critical
  )
  fit
}

# The band of a fit in words, a line a curve
format_band <- function(fit) {
  if (is.null(fit$band)) return(NULL)
  labels <- utils::head(curve_labels(fit$table), most_shown)
  of <- lapply(fit$band[c("from", "to", "critical")], utils::head, most_shown)
  text <- sprintf(
    "%s%% %s band (%s)%s: %s", format(100 * fit$conf.level), band_names[[fit$band$type]],
    fit$band$scale, if (length(labels) > 1L) paste(" of", labels) else "",
    ifelse(is.na(of$critical), "none, no time with an estimate between 0 and 1",
      sprintf("from %s to %s, critical value %s", format_time(of$from),
        format_time(of$to), formatC(of$critical, digits = 4, format = "f")
      )
    )
  )
  c(text, format_more_groups(fit$table, most_shown))
}

# The table of those who are in it after `start`; the clock stays
table_from <- function(table, start) {
  start <- check_number(start, "start", 0)
  gone <- table$time <= start * (1 + default_tie_tol)
  n <- if (is.null(table$n)) rep(1, length(gone)) else table$n
  event <- table$status > 0L
  if (!is.null(table$entry)) {
    by_row <- !is.null(table$entry$row)
    table$entry <- if (by_row) {
      row_entries_from(table, start, gone)
    } else {
      entries_from(table, start, gone, n)
    }
  }
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  rows <- intersect(c("time", "status", "n", "id", "row"), names(table))
  rows <- rows[lengths(table[rows]) > 0L]
  table[rows] <- lapply(table[rows], `[`, !gone)
  table$start <- c(0, cumsum(tabulate(curve[!gone], length(table$start) - 1L)))
  if (!is.null(table$id)) {
    table$id <- match(table$id, unique(table$id))
    table$n_id <- max(table$id, 0L)
  }
  if (!is.null(table$weights)) {
    w <- if (is.null(table$id)) NA_real_ else table$n
    table$weights[c("n_row", "total", "effective")] <-
      describe_weights(w, "")[c("n_row", "total", "effective")]
    if (is.null(table$id)) table$weights[c("n_row", "total")] <- list(NA, sum(table$n))
  }
  table$from <- list(
    at = start, event = sum(n[gone & event]), censored = sum(n[gone & !event])
  )
  table
}

# Those at risk just after `start` enter then
entries_from <- function(table, start, gone, n) {
  entry <- table$entry
  early <- entry$time <= start
  size <- if (is.null(entry$n)) rep(1, length(early)) else entry$n
  k <- length(entry$start) - 1L
  sum_by_curve <- function(x, start) {
    total <- c(0, cumsum(x))
    diff(total[start + 1])
  }
  at_risk <- sum_by_curve(size * early, entry$start) -
    sum_by_curve(n * gone, table$start)
  curve <- c(seq_len(k), rep.int(seq_len(k), diff(entry$start))[!early])
  o <- order(curve)
  list(
    time = c(rep(start, k), entry$time[!early])[o], n = c(at_risk, size[!early])[o],
    start = c(0, cumsum(tabulate(curve, k)))
  )
}

# The same where each entry knows its row
row_entries_from <- function(table, start, gone) {
  entry <- table$entry
  stays <- !gone[entry$row]
  curve <- rep.int(seq_along(entry$start[-1L]), diff(entry$start))
  list(
    time = pmax(entry$time[stays], start), n = entry$n[stays],
    start = c(0, cumsum(tabulate(curve[stays], length(entry$start) - 1L))),
    row = cumsum(!gone)[entry$row[stays]]
  )
}

# The time at which the clock of a table starts
table_origin <- function(table) {
  if (is.null(table$from)) 0 else table$from$at
}

check_from <- function(times, table) {
  early <- times < table_origin(table) * (1 - default_tie_tol)
  if (!any(early)) return(times)
  stop_domain("times", sprintf(
    "at least `start`, %s", format(table_origin(table))
  ), early, times)
}

format_from <- function(from) {
  if (is.null(from)) return(NULL)
  sprintf(
    "Given event-free at %s: left out %s with an event by then, %s with no longer %s",
    format(from$at), count_noun(from$event, "subject"), format_count(from$censored),
    "follow-up"
  )
}
