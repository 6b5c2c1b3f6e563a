# Facts about a fit (sizes, labels and limits of its curves), quantiles and counts
# evaluated along the curves, and the text and columns of a print.

exact_conf_types <- c("small-sample", "exact", "mid-p")

# Facts about the curves of a fit, computed once per print or table: `labels`; `size`,
# number of subjects or rows; `origin`, time at which the curves start; `n`, number of
# units: ids if the fit has them, rows if each is a sampling unit, else subjects; `low`
# and `high`, exact limits before the first event, from the number at risk at the start;
# `from_start`, by outcome, TRUE if limits are defined before the first event.
fit_facts <- function(fit) {
  subjects <- .Call(C_fit_subjects, fit) # stops like check_fit()
  size <- subjects$size
  type <- fit$conf.type
  by_row <- !is.null(fit$limit_start)
  n <- if (by_row) fit$limit_start else subjects$start
  tail <- (1 - fit$conf.level) / if (type == "mid-p") 1 else 2
  bound <- ifelse(n > 0, exp(log(tail) / n), 0) # the exact limit without an event
  one <- rep(1, length(n))
  limits <- if (fit$start_value == 1) list(bound, one) else list(1 - one, 1 - bound)
  if (type == "none") limits <- list(NA * one, NA * one)
  exact <- rep(type %in% exact_conf_types, length(size) * max(1L, length(fit$outcomes)))
  if (exact[1L] && !is.null(fit$table$entry)) {
    exact <- !subjects$gains | events_of_curves(fit) == 0
  }
  list(
    labels = curve_labels(fit$table), size = size, origin = c(fit$table$from$at, 0)[1L],
    n = if (!is.null(fit$ids)) fit$ids else if (by_row) size else subjects$n,
    low = limits[[1L]], high = limits[[2L]], from_start = exact
  )
}

# Stops for a fit of which the user removed, shortened or replaced a component that C code
# reads. Its columns hold all curves, one after another, and `size` holds their lengths.
check_fit <- function(fit) {
  bad <- .Call(C_fit_fault, fit)
  if (is.null(bad)) return(invisible(fit))
  stop_changed(class(fit)[1L], bad, paste0(class(fit)[1L], "()"))
}

# The first component of a fit that is not as its function makes it, or NULL. Those that
# only R code reads are compared when a computation has failed, see unlike_parts().
fit_fault <- function(fit) {
  bad <- .Call(C_fit_fault, fit)
  if (!is.null(bad)) return(bad)
  of_curves <- lengths(fit$details) == length(fit$size) # of follow_up()
  if (!all(of_curves)) return("details")
  if (anyNA(fit$time)) return("time")
  curve <- rep.int(seq_along(fit$size), fit$size)
  if (is.unsorted(order(curve, fit$time))) "time"
}

# Number of events of each curve, by outcome. From it fit_facts() decides whether limits
# are defined before the first event; only exact limits are. With delayed entry, the few
# subjects first at risk would determine the limits of all quantiles, so exact limits are
# used only from the first event on, unless there is no event.
events_of_curves <- function(fit) {
  n_curve <- length(fit$size)
  curve <- factor(rep.int(seq_len(n_curve), fit$size), seq_len(n_curve))
  by_outcome <- split(fit$n.event, rep(seq_len(max(1L, length(fit$outcomes))),
    each = length(fit$time)
  ))
  as.vector(vapply(by_outcome, function(n) {
    as.vector(tapply(n, curve, sum, default = 0))
  }, double(n_curve)))
}

# Evaluates a fit at times and at probabilities. Results are indexed by time or
# probability, then curve, then outcome.
read_along <- function(fit, facts, times = double(), shares = double()) {
  .Call(C_curves_at, fit, facts$from_start, pmax(times, facts$origin), shares)
}

# Columns of the quantiles of a fit; `along` is the fit evaluated at 1 - probs.
fit_quantiles <- function(fit, probs, midpoint, facts = fit_facts(fit),
                          along = read_along(fit, facts, shares = 1 - probs)) {
  n_prob <- length(probs)
  n <- length(along$cross)
  curve <- rep(seq_along(fit$size), each = n_prob, length.out = n)
  estimate <- along$cross
  half <- which(midpoint & along$cross.flat == 1 & !is.na(along$cross.next))
  estimate[half] <- (along$cross[half] + along$cross.next[half]) / 2
  low <- along$cross.low
  high <- along$cross.high
  if (any(facts$from_start)) { # a limit may be beyond 1 - p before the first event
    rising <- fit$start_value == 0
    defined <- rep(facts$from_start, each = n_prob) & facts$size[curve] > 0
    at_start <- function(x) {
      defined & (if (rising) 1 - x else x)[curve] <= rep_len(1 - probs, n) + rounding_tol
    }
    low[at_start(if (rising) facts$high else facts$low)] <- facts$origin
    high[at_start(if (rising) facts$low else facts$high)] <- facts$origin
  }
  c(
    if (!is.null(fit$outcomes)) {
      outcome <- rep(seq_along(fit$outcomes), each = n / length(fit$outcomes))
      list(outcome = quick_factor(outcome, fit$outcomes))
    },
    list(
      strata = structure(curve, levels = facts$labels, class = "factor"),
      prob = rep_len(probs, n),
      estimate = estimate, conf.low = low, conf.high = high,
      conf.level = rep(fit$conf.level, n), conf.type = rep(fit$conf.type, n)
    )
  )
}

# Counts and median of each curve, by outcome
fit_summary <- function(x, facts) {
  along <- read_along(x, facts, shares = 0.5)
  q <- fit_quantiles(x, 0.5, TRUE, facts, along)
  n <- length(q$estimate)
  out <- c(q[intersect(c("outcome", "strata"), names(q))], list(
    n = rep_len(facts$size, n), n.event = along$n.event, n.censor = along$n.censor,
    median = q$estimate
  ), q[c("conf.low", "conf.high", "conf.level", "conf.type")])
  if (!is.null(x$ids)) {
    out$n.id <- rep_len(x$ids, n)
    out$design.effect <- design_effects(x)
    if (!is.null(x$id_size)) {
      out$intra.correlation <- intra_correlation(
        out$design.effect, rep_len(x$id_size, n)
      )
    }
  }
  out
}

# The record of a fit. Its rows are medians or, with `times`, the estimates at these
# times. The columns of its table include both.
#' @exportS3Method NULL
result_rows.oligosurv_fit <- function(x, times = NULL, extend = FALSE, ...) {
  if (...length()) check_no_dots(...)
  facts <- fit_facts(x)
  words <- fit_words(x, facts)
  g <- if (inherits(x, "follow_up")) glance(x) else fit_summary(x, facts)
  new_result(
    quick_frame(if (is.null(times)) {
      c(g, list(estimate = g$median))
    } else {
      tidy_rows(x, times, extend, facts)
    }),
    quick_frame(g),
    scale = if (is.null(times)) "time" else "probability", unit = x$table$origin$unit,
    what = fit_captions[[class(x)[1L]]], title = words[1L], table = x$table,
    basis = words[-1L],
    columns = fit_columns(x, g, if (is.null(times)) x$times else times, extend, facts),
    group = g$strata,
    signs = c(NR = "not reached", not_followed),
    sentence = "{number} ({level} CI {ci})", unknown = "NR"
  )
}

fit_captions <- c(
  kaplan_meier = "Kaplan-Meier estimates",
  cumulative_incidence = "Cumulative incidence with competing risks",
  follow_up = "Follow-up"
)

fit_columns <- function(x, g, times, extend, facts) {
  nouns <- if (is.null(x$ids)) c("N", "") else id_nouns(x)
  events <- if (inherits(x, "follow_up")) "Without event" else "Events"
  columns <- list(
    Outcome = if (!is.null(g$outcome)) blank_repeats(g$outcome),
    Group = if (is.null(g$outcome)) g$strata else group_column(g$strata),
    n = g$n, ids = g$n.id, events = g$n.event,
    Median = interval_column(c(g, list(estimate = g$median)), "time", na = "NR"),
    "Design effect" = if (!is.null(g$design.effect)) {
      in_print(number_column(g$design.effect, na = "", console = 2L))
    },
    Correlation = if (!is.null(g$intra.correlation)) {
      in_print(number_column(g$intra.correlation, na = "", console = 2L))
    }
  )
  names(columns)[3:5] <- c(nouns, events)
  if (is.null(times)) return(columns)
  at <- tidy_rows(x, times, extend, facts)
  at <- as.list(at)[c("time", "estimate", "conf.low", "conf.high", "conf.level")]
  shown <- unique(at$time)
  of_time <- split(seq_along(at$time), match(at$time, shown))
  c(columns, Map(function(rows, time) {
    interval_column(lapply(at, `[`, rows), "probability", at = time)
  }, stats::setNames(of_time, shown), shown))
}

# Nouns for rows and ids, such as "Lesions" and "Patients", if the fit holds them
id_nouns <- function(x) {
  words <- regmatches(x$clusters, regexec("^[0-9]+ (\\w+) in [0-9]+ (\\w+)", x$clusters))
  words <- words[[1L]][-1L]
  if (length(words) == 2L) sentence_case(words) else c("Rows", "Ids")
}

fit_names <- c(
  kaplan_meier = "Kaplan-Meier", follow_up = "Follow-up, reverse Kaplan-Meier",
  cumulative_incidence = "Cumulative incidence, Aalen-Johansen"
)

variance_names <- c(
  greenwood = "Greenwood-type variance", aalen = "Aalen's variance, as cmprsk",
  jackknife = "Infinitesimal jackknife variance",
  cluster = "Robust (infinitesimal jackknife) variance"
)

# The first lines of a print: estimator; variance and intervals; band
fit_words <- function(fit, facts) {
  title <- word_of(fit_names, class(fit)[1L], "class")
  ids <- if (fit$variance == "cluster") fit$clusters
  variance <- word_of(variance_names, fit$variance, "variance")
  variance <- paste(c(variance, ids), collapse = ", ")
  if (!is.null(fit$estimator) && fit$estimator != "kaplan-meier") {
    hazard <- c(breslow = "Breslow", "fleming-harrington" = "Fleming-Harrington")
    title <- sprintf("%s survival, exp(-H)", word_of(hazard, fit$estimator, "estimator"))
    variance <- "Variance of the cumulative hazard"
  }
  type <- paste0(format(100 * fit$conf.level), "% ", fit$conf.type, " intervals")
  intervals <- switch(fit$conf.type,
    none = "no intervals", exact = , "mid-p" = type, "small-sample" = {
      by_row <- fit$variance %in% c("cluster", "jackknife")
      noun <- if (!is.null(fit$ids)) "ids" else if (by_row) "rows" else "subjects"
      is_small <- facts$n <= few_subjects
      small <- sprintf("in curves of up to %d %s", few_subjects, noun)
      large <- sprintf("up to %d events and at 0 or 1, else log-log", few_events)
      limits <- c(if (any(is_small)) small, if (!all(is_small)) large)
      sprintf("%s (exact %s)", type, paste(limits, collapse = ", "))
    }, {
      peto <- c(peto = "Peto's", modified = "the modified")
      lower <- if (!is.null(fit$conf.lower) && fit$conf.lower != "usual") {
        word <- word_of(peto, fit$conf.lower, "conf.lower")
        sprintf("lower ones by %s effective n", word)
      }
      paste(c(type, lower, "exact where the estimate is 0 or 1"), collapse = ", ")
    }
  )
  c(
    title, paste0(variance, "; ", intervals),
    if (!is.null(fit$band)) format_band(fit$band, fit$conf.level, facts$labels)
  )
}

# Describes a band, one line per curve
format_band <- function(band, conf.level, labels) {
  shown <- utils::head(labels, most_shown)
  of <- lapply(band[c("from", "to", "critical")], utils::head, most_shown)
  more <- length(labels) - most_shown
  c(
    sprintf(
      "%s%% %s band (%s)%s: %s", format(100 * conf.level),
      word_of(band_names, band$type, "band"), band$scale,
      if (length(shown) > 1L) paste(" of", shown) else "",
      ifelse(is.na(of$critical), sprintf(
        "none, no time%s with an estimate between 0 and 1",
        if (isTRUE(band$of_range)) " in `range`" else ""
      ),
        sprintf("from %s to %s, critical value %s", format_time(of$from),
          format_time(of$to), formatC(of$critical, digits = 4, format = "f")
        )
      )
    ),
    if (more > 0) sprintf("... and %s more", count_noun(more, "group"))
  )
}
