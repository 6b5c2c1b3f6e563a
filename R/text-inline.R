#' Results in a sentence
#'
#' A number with its interval, as it stands in the text of a paper, taken from the result
#' itself: `` `r inline_text(fit, unit = "months")` `` in R Markdown gives
#' "34.9 months (95% CI 24.1-NR)", and cannot be left behind when the data change.
#'
#' @details What is written by default, and the names a `pattern` may use in braces:
#'
#' | result | text | names |
#' |---|---|---|
#' | fit, no `time` | `34.9 months (95% CI 24.1-NR)`, the median | `estimate`, `unit`, `level`, `conf.low`, `conf.high`, `strata`, `outcome`, `n`, `n.event` |
#' | fit at `time` | `44.7% (95% CI 23.9-63.6)` | the same and `time`, `n.risk` |
#' | test | `P = 0.47 (log-rank test)` | `p`, `test`, `statistic`, `df`, `outcome` |
#' | pairs | `P = 0.47 (log-rank test, holm)` | `p`, `test`, `adjust`, `group1`, `group2`, `outcome` |
#' | `hazard_ratio()` | `HR 1.20 (95% CI 0.50-2.90; P = 0.66)` | `estimate`, `level`, `conf.low`, `conf.high`, `p`, `term`, `value`, `reference` |
#' | `rate_difference()` | `8.0 percentage points (95% CI ...; P = 0.66)` | and `time`, `contrast` |
#' | `restricted_mean()` | `2.4 months (95% CI ...; P = 0.42)` | and `measure`, `contrast` |
#' | `response_rate()` | `47.2% (17 of 36; 95% CI 30.4-64.5)` | and `n.event`, `n.evaluable` |
#' | `response_difference()` | `11.1 percentage points (95% CI ...; P = 0.57)` | and `contrast` |
#' | `one_sample_test()` | `17 of 9.5 expected (ratio 1.80, 95% CI 1.05-2.88; P = 0.034)` | `observed`, `expected`, `ratio` and the like |
#' | `bootstrap_interval()` | `32.6 months (95% CI 25.0-69.1)` | and `strata`, `time` |
#'
#' Names are replaced by text and nothing else: a pattern is never run as code.
#' @param x A result.
#' @param time `NULL` for the median, or one time for the rate there (for a
#'   [rate_difference()]: one of its times).
#' @param strata,outcome `NULL` for all, or labels of the groups (curves, contrasts) and
#'   outcomes wanted.
#' @param unit `NULL`, or the unit of time, such as `"months"`.
#' @param digits Decimals.
#' @param style How p-values and decimal points are printed, see [format_p_value()].
#' @param pattern `NULL` for the text above, or a text with names in braces.
#' @param extend See [tidy()][tidy.oligosurv_fit].
#' @param measure For [restricted_mean()]: `"difference"` or `"ratio"`.
#' @param ... Not used.
#' @return Text: one element a row of the result, with names (group, outcome, contrast)
#'   where there are several.
#' @section Errors: `oligosurv_error_input` for a group, outcome or name that is not
#'   there.
#' @seealso [result_table()]
#' @examples
#' os <- endpoint(hcc_sbrt, "os")
#' fit <- kaplan_meier(Surv(time, status) ~ 1, os)
#' inline_text(fit, unit = "months")
#' inline_text(fit, time = 24)
#' by_cohort <- kaplan_meier(Surv(time, status) ~ cohort, os)
#' inline_text(by_cohort, strata = "OM", unit = "months")
#' inline_text(by_cohort, 12, pattern = "{estimate} of {strata} ({n.risk} at risk)")
#' inline_text(logrank_test(Surv(time, status) ~ cohort, os), style = "jama")
#' @export
inline_text <- function(x, ...) UseMethod("inline_text")

#' @export
inline_text.default <- function(x, ...) {
  stop_oligosurv("input", sprintf(
    "`x` has no text for a sentence: it is %s", describe(x)
  ), arg = "x")
}

# Braces by the text of their names; all values are columns of text
fill_pattern <- function(pattern, values, labels = NULL) {
  check_string(pattern, "pattern")
  asked <- unique(regmatches(pattern, gregexpr("[{][^{}]*[}]", pattern))[[1L]])
  unknown <- setdiff(gsub("[{}]", "", asked), names(values))
  if (length(unknown)) {
    stop_oligosurv("input", sprintf(
      "`pattern`: there is no %s; there are %s", join_words(sprintf("{%s}", unknown)),
      join_words(names(values))
    ), arg = "pattern")
  }
  n <- length(values[[1L]])
  pieces <- strsplit(gsub("([{][^{}]*[}])", "\u0001\\1\u0001", pattern), "\u0001")[[1L]]
  filled <- lapply(pieces, function(piece) {
    if (piece %in% asked) as.character(values[[gsub("[{}]", "", piece)]]) else piece
  })
  text <- do.call(paste0, c(list(character(n)), filled))
  if (length(text) > 1L) names(text) <- labels
  text
}

# Rows of the groups and outcomes asked for
rows_wanted <- function(rows, strata, outcome, column = "strata") {
  pick <- function(rows, wanted, column, arg) {
    if (is.null(wanted)) return(rows)
    known <- unique(as.character(rows[[column]]))
    wanted <- as.character(wanted)
    if (!all(wanted %in% known)) {
      stop_oligosurv("input", sprintf(
        "`%s`: there is no \"%s\"; there are %s", arg, setdiff(wanted, known)[1L],
        paste0("\"", known, "\"", collapse = ", ")
      ), arg = arg)
    }
    rows[as.character(rows[[column]]) %in% wanted, , drop = FALSE]
  }
  pick(pick(rows, strata, column, "strata"), outcome, "outcome", "outcome")
}

outcome_text <- function(rows) {
  if (is.null(rows$outcome)) rep("", nrow(rows)) else as.character(rows$outcome)
}

row_labels <- function(rows, columns) {
  columns <- Filter(function(name) length(unique(rows[[name]])) > 1L, columns)
  if (!length(columns)) return(NULL)
  do.call(paste, c(lapply(rows[columns], as.character), sep = ", "))
}

ends_of <- function(low, high, digits, na, style) {
  list(
    conf.low = journal_point(number_text(low, digits, na), style),
    conf.high = journal_point(number_text(high, digits, na), style),
    ci = journal_point(limits_text_each(low, high, digits, na), style)
  )
}

limits_text_each <- function(low, high, digits, na) {
  vapply(seq_along(low), function(i) limits_text(low[i], high[i], digits, na), "")
}

#' @rdname inline_text
#' @export
inline_text.oligosurv_fit <- function(x, time = NULL, strata = NULL, outcome = NULL,
                                      unit = NULL, digits = 1L, style = "plain",
                                      pattern = NULL, extend = FALSE, ...) {
  check_no_dots(...)
  digits <- check_whole(digits, "digits", 0, 10)
  style <- check_choice(style, journal_styles, "style")
  rate <- !is.null(time)
  rows <- if (rate) {
    tidy_rows(x, check_number(time, "time", 0), extend)
  } else {
    glance.oligosurv_fit(x)
  }
  rows <- rows_wanted(rows, strata, outcome)
  scale <- if (rate) 100 else 1
  middle <- scale * (if (rate) rows$estimate else rows$median)
  number <- journal_point(number_text(middle, digits), style)
  words <- if (rate) "%" else if (is.null(unit)) "" else paste0(" ", unit)
  known <- !is.na(middle)
  values <- c(
    list(
      estimate = paste0(number, if (rate) ifelse(known, "%", "") else ""),
      unit = rep(if (is.null(unit)) "" else unit, nrow(rows)),
      level = rep(level_text(x$conf.level), nrow(rows)), strata = rows$strata,
      outcome = outcome_text(rows)
    ),
    ends_of(scale * rows$conf.low, scale * rows$conf.high, digits, "NR", style),
    if (rate) {
      list(time = format_time(rows$time), n.risk = format_count_each(rows$n.risk))
    } else {
      list(n = format_count_each(rows$n), n.event = format_count_each(rows$n.event))
    }
  )
  values$number <- paste0(number, ifelse(known, words, ""))
  if (!is.null(pattern)) {
    return(fill_pattern(pattern, values, row_labels(rows, c("outcome", "strata"))))
  }
  text <- fill_pattern("{number} ({level} CI {ci})", values,
    row_labels(rows, c("outcome", "strata"))
  )
  # nothing is known where neither the estimate nor a limit is
  none <- !known & is.na(rows$conf.low) & is.na(rows$conf.high)
  replace(text, none, values$number[none])
}

#' @rdname inline_text
#' @export
inline_text.oligosurv_test <- function(x, outcome = NULL, style = "plain",
                                       pattern = "{p} ({test})", ...) {
  check_no_dots(...)
  rows <- rows_wanted(test_results(x), NULL, outcome)
  fill_pattern(pattern, test_values(rows, rows$p.value, x$method, style),
    row_labels(rows, "outcome")
  )
}

# "Log-rank test" within a sentence; a name keeps its letter
in_sentence <- function(method) {
  ifelse(grepl("^Log-rank", method), sub("^L", "l", method), method)
}

test_values <- function(rows, p, method, style) {
  list(
    p = format_p_value(p, style, prefix = TRUE),
    test = rep_len(in_sentence(method), nrow(rows)),
    statistic = journal_point(number_text(rows$statistic, 2L, "NA"), style),
    df = df_text(rows),
    outcome = outcome_text(rows)
  )
}

#' @rdname inline_text
#' @export
inline_text.pairwise_test <- function(x, outcome = NULL, style = "plain",
                                      pattern = "{p} ({test}, {adjust})", ...) {
  check_no_dots(...)
  rows <- rows_wanted(x$tests, NULL, outcome)
  values <- test_values(rows, rows$p.adjusted, rows$method, style)
  values[c("group1", "group2", "adjust")] <- lapply(
    rows[c("group1", "group2", "adjust")], as.character
  )
  rows$pair <- sprintf("%s against %s", rows$group1, rows$group2)
  fill_pattern(pattern, values, row_labels(rows, c("outcome", "pair")))
}

# Values of an estimate with limits and p
estimate_values <- function(rows, scale, digits, style, unit = "") {
  n <- nrow(rows)
  p <- if (is.null(rows$p.value)) rep(NA_real_, n) else rows$p.value
  c(
    list(
      estimate = journal_point(number_text(scale * rows$estimate, digits, "NA"), style),
      unit = rep(unit, n), level = rep(level_text(rows$conf.level), n),
      p = format_p_value(p, style, prefix = TRUE),
      outcome = outcome_text(rows)
    ),
    ends_of(scale * rows$conf.low, scale * rows$conf.high, digits, "NA", style)
  )
}

#' @rdname inline_text
#' @export
inline_text.hazard_ratio <- function(x, strata = NULL, outcome = NULL, digits = 2L,
                                     style = "plain",
                                     pattern = "HR {estimate} ({level} CI {ci}; {p})",
                                     ...) {
  check_no_dots(...)
  rows <- x$table
  rows$label <- ifelse(is.na(rows$level), rows$term, rows$level)
  rows <- rows_wanted(rows, strata, outcome, "label")
  values <- estimate_values(rows, 1, check_whole(digits, "digits", 0, 10), style)
  blank <- function(v) ifelse(is.na(v), "", as.character(v))
  values$term <- rows$term
  values$value <- blank(rows$level)
  values$reference <- blank(rows$reference)
  unknown <- is.na(rows$estimate)
  values$estimate[unknown] <- "not estimable"
  text <- fill_pattern(pattern, values, row_labels(rows, c("outcome", "label")))
  if (!missing(pattern)) return(text)
  text[unknown] <- "HR not estimable"
  # an estimate by Firth's likelihood with lesions has no limits and no p
  bare <- !unknown & is.na(rows$conf.low) & is.na(rows$conf.high) & is.na(rows$p.value)
  text[bare] <- sprintf("HR %s (no confidence interval)", values$estimate[bare])
  text
}

#' @rdname inline_text
#' @export
inline_text.rate_difference <- function(x, time = NULL, strata = NULL, outcome = NULL,
                                        digits = 1L, style = "plain",
                                        pattern = paste0(
                                          "{estimate} percentage points ",
                                          "({level} CI {ci}; {p})"
                                        ), ...) {
  check_no_dots(...)
  rows <- rows_wanted(x$contrasts, strata, outcome, "contrast")
  if (!is.null(time)) {
    rows <- rows[rows$time %in% check_times(time), , drop = FALSE]
    if (!nrow(rows)) {
      stop_oligosurv("input", sprintf(
        "`time` must be among %s", join_words(format_time(unique(x$contrasts$time)))
      ), arg = "time")
    }
  }
  values <- estimate_values(rows, 100, check_whole(digits, "digits", 0, 10), style)
  values$time <- format_time(rows$time)
  values$contrast <- rows$contrast
  fill_pattern(pattern, values, row_labels(rows, c("outcome", "contrast", "time")))
}

#' @rdname inline_text
#' @export
inline_text.restricted_mean <- function(x, strata = NULL, outcome = NULL, unit = NULL,
                                        measure = c("difference", "ratio"), digits = NULL,
                                        style = "plain", pattern = NULL, ...) {
  check_no_dots(...)
  measure <- check_choice(measure, c("difference", "ratio"), "measure")
  two <- nrow(x$contrasts) > 0L
  rows <- if (two) x$contrasts[x$contrasts$measure == measure, ] else x$estimates
  rows <- rows_wanted(rows, strata, outcome, if (two) "contrast" else "strata")
  if (is.null(digits)) digits <- if (two && measure == "ratio") 2L else 1L
  digits <- check_whole(digits, "digits", 0, 10)
  words <- if (is.null(unit) || (two && measure == "ratio")) "" else paste0(" ", unit)
  values <- estimate_values(rows, 1, digits, style, words)
  values$measure <- rep(measure, nrow(rows))
  values$contrast <- if (two) rows$contrast else as.character(rows$strata)
  if (is.null(pattern)) {
    pattern <- if (two) {
      "{estimate}{unit} ({level} CI {ci}; {p})"
    } else {
      "{estimate}{unit} ({level} CI {ci})"
    }
  }
  fill_pattern(pattern, values, row_labels(rows, c("outcome", "contrast", "strata")))
}

#' @rdname inline_text
#' @export
inline_text.response_rate <- function(x, strata = NULL, outcome = "objective response",
                                      digits = 1L, style = "plain",
                                      pattern = paste0(
                                        "{estimate}% ({n.event} of {n.evaluable}; ",
                                        "{level} CI {ci})"
                                      ), ...) {
  check_no_dots(...)
  rows <- rows_wanted(as.data.frame(x), strata, outcome)
  values <- estimate_values(rows, 100, check_whole(digits, "digits", 0, 10), style)
  values$n.event <- format_count_each(rows$n.event)
  values$n.evaluable <- format_count_each(rows$n.evaluable)
  values$strata <- as.character(rows$strata)
  fill_pattern(pattern, values, row_labels(rows, c("outcome", "strata")))
}

#' @rdname inline_text
#' @export
inline_text.response_difference <- function(x, strata = NULL,
                                            outcome = "objective response", digits = 1L,
                                            style = "plain",
                                            pattern = paste0(
                                              "{estimate} percentage points ",
                                              "({level} CI {ci}; {p})"
                                            ), ...) {
  check_no_dots(...)
  rows <- rows_wanted(as.data.frame(x), strata, outcome, "contrast")
  values <- estimate_values(rows, 100, check_whole(digits, "digits", 0, 10), style)
  values$contrast <- as.character(rows$contrast)
  fill_pattern(pattern, values, row_labels(rows, c("outcome", "contrast")))
}

#' @rdname inline_text
#' @export
inline_text.one_sample_test <- function(x, strata = NULL, digits = 2L, style = "plain",
                                        pattern = paste0(
                                          "{observed} of {expected} expected ",
                                          "(ratio {ratio}, {level} CI {ci}; {p})"
                                        ), ...) {
  check_no_dots(...)
  rows <- rows_wanted(x$tests, strata, NULL)
  rows$estimate <- rows$ratio
  rows$p.value <- rows$p.exact
  values <- estimate_values(rows, 1, check_whole(digits, "digits", 0, 10), style)
  values$ratio <- values$estimate
  values$observed <- format_count_each(rows$observed)
  values$expected <- journal_point(number_text(rows$expected, 1L), style)
  values$strata <- as.character(rows$strata)
  fill_pattern(pattern, values, row_labels(rows, "strata"))
}

#' @rdname inline_text
#' @export
inline_text.bootstrap_interval <- function(x, time = NULL, strata = NULL, outcome = NULL,
                                           unit = NULL, digits = 1L, style = "plain",
                                           pattern = NULL, ...) {
  check_no_dots(...)
  rows <- rows_wanted(x$estimates, strata, outcome)
  rate <- !is.null(rows$time)
  if (!is.null(time) && rate) rows <- rows[rows$time %in% check_times(time), ]
  words <- if (rate) "%" else if (is.null(unit)) "" else paste0(" ", unit)
  values <- estimate_values(
    rows, if (rate) 100 else 1, check_whole(digits, "digits", 0, 10), style, words
  )
  values$strata <- as.character(rows$strata)
  values$time <- if (rate) format_time(rows$time) else rep("", nrow(rows))
  if (!is.null(rows$prob)) {
    values$estimate[is.na(rows$estimate)] <- "NR"
    values$ci <- journal_point(
      limits_text_each(rows$conf.low, rows$conf.high, digits, "NR"), style
    )
  }
  if (is.null(pattern)) pattern <- "{estimate}{unit} ({level} CI {ci})"
  fill_pattern(pattern, values, row_labels(rows, c("outcome", "strata", "time")))
}
