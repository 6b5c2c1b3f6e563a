#' Results in a sentence
#'
#' A number with its interval, formatted for the text of a paper: `` `r inline_text(fit)`
#' `` in R Markdown gives "34.9 months (95% CI 21.2-69.1)". The text is updated whenever
#' the data change.
#'
#' @details The table shows the default text and the names that a `pattern` may use in
#' braces. Every result has `estimate`, `unit`, `number` (both together), `level`,
#' `conf.low`, `conf.high`, `ci`, `p` and the columns of its [tidy()][results], and:
#'
#' | result | text | names |
#' |---|---|---|
#' | fit, no `times` | `34.9 months (95% CI 24.1-NR)`, the median | `n`, `n.event` |
#' | fit at `times` | `44.7% (95% CI 23.9-63.6)` | `time`, `n.risk` |
#' | test | `P = 0.47 (log-rank test)` | `test`, `statistic`, `df` |
#' | pairs | `P = 0.47 (log-rank test, holm)`, adjusted | `test`, `adjust`, `group1`, `group2` |
#' | `hazard_ratio()` | `HR 1.20 (95% CI 0.50-2.90; P = 0.66)` | `term`, `value`, `reference` |
#' | `rate_difference()` | `8.0 percentage points (95% CI ...; P = 0.66)` | `time`, `contrast` |
#' | `restricted_mean()` | `2.4 months (95% CI ...; P = 0.42)` | `measure`, `contrast` |
#' | `state_occupation()` | `4.8 months (95% CI 1.1-7.6)`, the mean time, or with `rows = "probabilities"` the rate | `state`, `time` |
#' | `bootstrap_interval()` | `32.6 months (95% CI 25.0-69.1)` | `strata`, `time` |
#' | `response_rate()` | `47.2% (17 of 36; 95% CI 30.4-64.5)` | `n.event`, `n.evaluable` |
#' | `response_difference()` | `11.1 percentage points (95% CI ...; P = 0.57)` | `contrast` |
#' | `concordance_index()`, `brier_score()` | `0.72 (95% CI 0.61-0.81)` | `term` |
#' | `calibration()` | `predicted 30.0%, observed 50.0% (95% CI 1.3-98.7)`, for each group | `term`, `group`, `predicted` |
#' | `bootstrap_optimism()` | `0.68 (95% CI 0.60-0.75)`, corrected | `measure`, `optimism` |
#' | `one_sample_test()` | `17 of 9.5 expected (ratio 1.80, 95% CI 1.05-2.88; P = 0.034)`, exact P | `observed`, `expected`, `ratio` |
#' | `dose_response()` | `16.7% (95% CI 1.8-50.1)` | `band`, `time` |
#' | `sample_size()` | `104 patients` | `n.1`, `n.2`, `n.event` |
#' | tables of a study | one sentence per row | columns of the table |
#'
#' Names are only replaced by text; a pattern is never run as code.
#' @param x A result, see [results].
#' @param times For a fit: `NULL` for the median, or the times of the rates. For a
#'   [rate_difference()] or a bootstrap of rates: a selection of its times.
#' @param strata,outcome `NULL` for all, or labels of the groups (curves, contrasts) and
#'   outcomes to include. For response rates `outcome = NULL` is the objective response.
#' @param unit The unit of time, such as `"months"`; `NULL` for that of the data, where
#'   they come from [endpoint()]. Nothing is converted.
#' @param digits Decimals; `NULL` is 1, and 2 for ratios.
#' @param style How p-values and decimal points are printed, see [format_p_value()].
#' @param pattern `NULL` for the text above, or a text with names in braces.
#' @param ... Options of the result: `extend` for a fit, see [tidy()][tidy.oligosurv_fit];
#'   `measure = "ratio"` for [restricted_mean()].
#' @return Text: one element per row of the result, with names (group, outcome, contrast)
#'   if there are several.
#' @section Errors: `oligosurv_error_input` for a group, outcome, time or name that does
#'   not exist.
#' @seealso [results], [result_table()]
#' @examples
#' os <- endpoint(hcc_sbrt, "os")
#' fit <- kaplan_meier(Surv(time, status) ~ 1, os)
#' inline_text(fit)
#' inline_text(fit, times = 24)
#' by_cohort <- kaplan_meier(Surv(time, status) ~ cohort, os)
#' inline_text(by_cohort, strata = "OM")
#' inline_text(by_cohort, 12, pattern = "{estimate} of {strata} ({n.risk} at risk)")
#' inline_text(logrank_test(Surv(time, status) ~ cohort, os), style = "jama")
#' @export
inline_text <- function(x, times = NULL, strata = NULL, outcome = NULL, unit = NULL,
                        digits = NULL, style = "plain", pattern = NULL, ...) {
  style <- check_choice(style, journal_styles, "style")
  of_fit <- inherits(x, "oligosurv_fit")
  r <- read_result(x, if (of_fit) times, unit, ...)
  if (is.null(r)) result_rows.default(x)
  if (is.null(digits)) digits <- if (r$scale == "ratio") 2L else 1L
  digits <- check_whole(digits, "digits", 0, 10)
  values <- row_values_of(r, digits, style)
  if (is.null(outcome) && inherits(x, c("response_rate", "response_difference"))) {
    outcome <- "objective response"
  }
  wanted <- rows_wanted(values, list(strata = strata, outcome = outcome))
  if (!of_fit && !is.null(times)) wanted <- wanted & at_times(r$shown, times)
  own <- !is.null(pattern)
  if (!own) pattern <- default_pattern(r)
  labels <- row_labels(values, wanted)
  text <- fill_pattern(pattern, lapply(values, `[`, wanted), labels)
  if (own || is.null(r$shown$conf.low)) return(text)
  known <- lapply(r$shown[c("estimate", "conf.low", "conf.high")], function(v) {
    !is.na(v[wanted])
  })
  limits <- known$conf.low | known$conf.high
  text[!known$estimate & !limits] <- r$unknown
  bare <- known$estimate & !limits
  text[bare] <- sub("[(].*", "(no confidence interval)", text[bare])
  text
}

default_pattern <- function(r) {
  if (!is.null(r$sentence)) return(r$sentence)
  if (is.null(r$shown$p.value)) return("{number} ({level} CI {ci})")
  "{number} ({level} CI {ci}; {p})"
}

# Formats every row. The names of the result can be used in a pattern.
row_values_of <- function(r, digits, style) {
  rows <- r$shown
  n <- nrow(rows)
  texts <- names(rows)[vapply(rows, is.atomic, NA)]
  values <- lapply(stats::setNames(nm = texts), function(name) {
    value_text(rows[[name]], name, style)
  })
  if (!is.null(rows$conf.low)) values <- c(estimate_values(r, digits, style), values)
  values <- c(r$values, values)
  p <- if (is.null(r$values$p.value)) rows$p.value else r$values$p.value
  if (is.null(p)) p <- rep(NA_real_, n)
  values$p <- format_p_value(p, style, prefix = TRUE)
  if (is.null(values$outcome)) values$outcome <- rep("", n)
  values <- values[!duplicated(names(values))]
  numbers <- intersect(names(values), c(
    "estimate", "number", "conf.low", "conf.high", "ci", "statistic", "expected", "ratio"
  ))
  values[numbers] <- lapply(values[numbers], journal_point, style)
  values
}

# Formats counts in full, times and other numbers as print() does, and labels unchanged
value_text <- function(v, name, style) {
  if (!is.numeric(v)) return(ifelse(is.na(v), "", as.character(v)))
  if (grepl("^n($|[.])|^observed$", name)) {
    return(format_count(v, style = style, each = TRUE))
  }
  if (name == "expected") number_text(v, 1L, "NA") else format_time(v, "NA")
}

# The estimate with its limits and unit. Percentages have a percent sign.
estimate_values <- function(r, digits, style) {
  rows <- r$shown
  times <- scale_factors[[r$scale]]
  na <- if (r$unknown == "NR" || !is.null(rows$prob)) "NR" else "NA"
  number <- function(v, none = na) number_text(times * v, digits, none)
  unit <- if (r$scale == "time") r$unit else scale_units[[r$scale]]
  unit <- if (is.null(unit)) "" else unit
  known <- !is.na(rows$estimate)
  sign <- if (r$scale == "probability") unit else ""
  none <- if (na == "NR") na else "not estimable"
  estimate <- paste0(number(rows$estimate, none), ifelse(known, sign, ""))
  words <- if (nzchar(sign) || !nzchar(unit)) "" else paste0(" ", unit)
  ends <- limits_each(times * rows$conf.low, times * rows$conf.high, digits, na)
  list(
    estimate = estimate, number = paste0(estimate, ifelse(known, words, "")),
    unit = rep(if (nzchar(sign)) "" else unit, nrow(rows)),
    level = rep(level_text(rows$conf.level), nrow(rows)),
    conf.low = number(rows$conf.low), conf.high = number(rows$conf.high),
    ci = as.character(unlist(ends))
  )
}

# TRUE for the rows of the requested groups and outcomes
rows_wanted <- function(values, wanted) {
  keep <- rep(TRUE, length(values$p))
  for (arg in names(wanted)) {
    if (is.null(wanted[[arg]])) next
    wanted[[arg]] <- plain_column(wanted[[arg]])
    if (!is.atomic(wanted[[arg]])) {
      stop_oligosurv("input", sprintf(
        "`%s` must be labels of the result; it is %s", arg, describe(wanted[[arg]])
      ), arg = arg)
    }
    check_factor(wanted[[arg]], arg)
    known <- unique(as.character(values[[arg]]))
    labels <- as.character(wanted[[arg]])
    if (!all(labels %in% known)) {
      stop_oligosurv("input", sprintf(
        "`%s` must be one or more of %s; it contains \"%s\"", arg,
        paste0("\"", known, "\"", collapse = ", "), setdiff(labels, known)[1L]
      ), arg = arg)
    }
    keep <- keep & as.character(values[[arg]]) %in% labels
  }
  keep
}

# TRUE for the rows at the requested times
at_times <- function(rows, times) {
  at <- rows$time %in% check_times(times)
  if (any(at)) return(at)
  stop_oligosurv("input", if (is.null(rows$time)) {
    "`times` cannot be used with this result, which has no times"
  } else {
    sprintf("`times` must be among %s", join_words(format_time(unique(rows$time))))
  }, arg = "times")
}

# Labels of the rows, made from the columns in which they differ
row_labels <- function(values, wanted) {
  columns <- c("outcome", "strata", "contrast", "label", "group1", "group2", "time")
  columns <- lapply(values[intersect(columns, names(values))], `[`, wanted)
  columns <- columns[!duplicated(columns)]
  columns <- Filter(function(v) length(unique(v)) > 1L, columns)
  if (length(columns)) do.call(paste, c(unname(columns), sep = ", "))
}

# Replaces each {name} in the pattern by the text with that name. `values` holds texts
# only.
fill_pattern <- function(pattern, values, labels = NULL) {
  pattern <- check_string(pattern, "pattern")
  asked <- unique(regmatches(pattern, gregexpr("[{][^{}]*[}]", pattern))[[1L]])
  unknown <- setdiff(gsub("[{}]", "", asked), names(values))
  if (length(unknown)) {
    stop_oligosurv("input", sprintf(
      "`pattern` has %s, which this result does not have; it has %s",
      join_words(sprintf("{%s}", unknown)), join_words(names(values))
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
