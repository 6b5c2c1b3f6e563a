# Tables of tests, and of what groups differ by.

#' @rdname result_table
#' @export
result_table.oligosurv_test <- function(x, style = "plain", caption = NULL, notes = NULL,
                                        ...) {
  check_no_dots(...)
  style <- check_choice(style, journal_styles, "style")
  rows <- test_results(x)
  small <- small_sample_p(x)
  g <- x$groups
  first <- if (is.null(g$outcome)) seq_len(nrow(g)) == 1L else !duplicated(g$outcome)
  once <- function(text) replace(character(nrow(g)), which(first), text)
  chi <- ifelse(is.na(rows$statistic), no_value, number_text(rows$statistic, 2L))
  body <- list(
    Outcome = if (!is.null(g$outcome)) blank_repeats(g$outcome),
    Group = as.character(g$group), N = format_count(g$n),
    Observed = format_count(g$observed),
    Expected = journal_point(number_text(g$expected, 1L), style),
    statistic = once(journal_point(sprintf("%s (%s)", chi, df_text(rows)), style)),
    P = once(format_p_value(rows$p.value, style, na = no_value)),
    "Permutation P" = if (!is.null(small)) {
      once(format_p_value(small$p.value, style, na = no_value))
    }
  )
  names(body)[names(body) == "statistic"] <- statistic_head(rows)
  body <- quick_frame(body[lengths(body) > 0L])
  reasons <- unique(rows$reason[!is.na(rows$reason)])
  retitle(
    new_result_table(body, x$method, sentence(c(
      sprintf("%s; %s", x$method, if (!x$p_method %in% c("asymptotic", "by id")) {
        paste(x$p_method, "P")
      } else if (is.null(rows$df2)) {
        "two-sided chi-square P"
      } else {
        "P from the F distribution"
      }),
      if (!is.null(small)) gsub("\n", " ", small_sample_note(x), fixed = TRUE),
      paste("Status:", format_states(x$table)), format_losses(x$table),
      sprintf("%s: not defined, %s", no_value, reasons)
    )), intersect(c("Outcome", "Group"), names(body))),
    caption, notes
  )
}

# "Chi-square (df)" or "F (df)"
statistic_head <- function(rows) sprintf("%s (df)", sentence_case(statistic_name(rows)))

pair_statistic_head <- function(rows) {
  if (!all(startsWith(rows$method, "MaxCombo"))) return(statistic_head(rows))
  if (is.null(rows$df2)) "Largest |z| (df)" else "Largest |t| (df)"
}

#' @rdname result_table
#' @export
result_table.pairwise_test <- function(x, style = "plain", caption = NULL, notes = NULL,
                                       ...) {
  check_no_dots(...)
  style <- check_choice(style, journal_styles, "style")
  rows <- x$tests
  chi <- ifelse(is.na(rows$statistic), no_value,
    sprintf("%s (%s)", number_text(rows$statistic, 2L), df_text(rows))
  )
  body <- list(
    Outcome = if (!is.null(rows$outcome)) blank_repeats(rows$outcome),
    Pair = sprintf("%s against %s", rows$group1, rows$group2),
    statistic = journal_point(chi, style),
    P = format_p_value(rows$p.value, style, na = no_value),
    "Adjusted P" = format_p_value(rows$p.adjusted, style, na = no_value)
  )
  names(body)[names(body) == "statistic"] <- pair_statistic_head(rows)
  body <- quick_frame(body[lengths(body) > 0L])
  reasons <- unique(rows$reason[!is.na(rows$reason)])
  retitle(
    new_result_table(body, "Pairs of groups", sentence(c(
      sprintf(
        "%s; P adjusted by %s for the number of pairs", pairwise_method(x), x$adjust
      ),
      paste("Status:", format_states(x$table)), format_losses(x$table),
      sprintf("%s: not defined, %s", no_value, reasons)
    )), intersect(c("Outcome", "Pair"), names(body))),
    caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.oligosurv_contrast <- function(x, unit = NULL, digits = 1L, style = "plain",
                                            caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  digits <- check_whole(digits, "digits", 0, 10)
  if (!is.null(unit)) check_string(unit, "unit")
  style <- check_choice(style, journal_styles, "style")
  rates <- inherits(x, "rate_difference")
  one <- contrast_rows(x$estimates, rates, digits, unit)
  two <- if (nrow(x$contrasts)) contrast_rows(x$contrasts, rates, digits, unit, style)
  body <- rbind(cbind(one, P = rep("", nrow(one))), two)
  if (is.null(two)) body$P <- NULL
  what <- if (rates) "Rate, %" else with_unit("Mean", unit)
  head <- sprintf("%s (%s CI)", what, level_text(x$estimates$conf.level))
  names(body)[names(body) == "value"] <- head
  body[[head]] <- journal_point(body[[head]], style)
  reasons <- unique(x$contrasts$reason[!is.na(x$contrasts$reason)])
  retitle(
    new_result_table(body, x$method, sentence(c(
      x$interval, if (nrow(x$contrasts) && !rates) "Ratios have no unit",
      paste("Status:", format_states(x$table)), format_losses(x$table),
      sprintf("P %s: %s", no_value, reasons), cell_notes(body[[head]])
    )), intersect(c("Outcome", "Group"), names(body))),
    caption, notes
  )
}

# Rows of groups, or of their differences and ratios
contrast_rows <- function(rows, rates, digits, unit, style = NULL) {
  scale <- if (rates) 100 else 1
  ratio <- if (is.null(rows$measure)) rep(FALSE, nrow(rows)) else rows$measure == "ratio"
  shown <- function(i, scale, digits) {
    estimate_cell(
      scale * rows$estimate[i], scale * rows$conf.low[i], scale * rows$conf.high[i],
      digits, no_value
    )
  }
  value <- character(nrow(rows))
  value[!ratio] <- shown(!ratio, scale, digits)
  value[ratio] <- shown(ratio, 1, 2L)
  label <- if (is.null(rows$contrast)) {
    as.character(rows$strata)
  } else {
    sub(" / ", " : ", sub(" - ", " \u2212 ", rows$contrast, fixed = TRUE), fixed = TRUE)
  }
  if (!is.null(rows$stratum)) label <- sprintf("%s, %s", rows$stratum, label)
  columns <- list(
    Outcome = if (!is.null(rows$outcome)) as.character(rows$outcome),
    Time = if (rates) with_unit_value(rows$time, unit), Group = label, value = value,
    P = if (!is.null(style)) format_p_value(rows$p.value, style, na = no_value)
  )
  quick_frame(columns[!vapply(columns, is.null, NA)])
}

with_unit_value <- function(x, unit) {
  if (is.null(unit)) format_time(x) else paste(format_time(x), unit)
}

#' @rdname result_table
#' @export
result_table.hazard_ratio <- function(x, style = "plain", caption = NULL, notes = NULL,
                                      ...) {
  check_no_dots(...)
  style <- check_choice(style, journal_styles, "style")
  rows <- x$table
  digits <- ratio_digits(c(rows$estimate, rows$conf.low, rows$conf.high))
  body <- list(
    Outcome = if (!is.null(rows$outcome)) blank_repeats(rows$outcome),
    Covariate = coefficient_label(rows), N = format_count(rows$n),
    Events = format_count(rows$n.event),
    value = journal_point(
      estimate_cell(rows$estimate, rows$conf.low, rows$conf.high, digits, no_value), style
    ),
    P = format_p_value(rows$p.value, style, na = no_value)
  )
  names(body)[names(body) == "value"] <- sprintf(
    "Hazard ratio (%s CI)", level_text(x$conf.level)
  )
  body <- quick_frame(body[lengths(body) > 0L])
  models <- x$models
  label <- if (is.null(models$outcome)) "" else paste0(models$outcome, ": ")
  retitle(
    new_result_table(body, "Hazard ratios", sentence(c(
      unique(models$method), sentence_case(paste0(label, ph_sentence(x))),
      sentence_case(unknown_sentence(x)),
      sprintf("%s%s for %s", label, vapply(models$n.event, count_noun, "", "event"),
        vapply(models$n.parameter, count_noun, "", "coefficient")
      ),
      paste("Status:", format_states(x$event_table)), format_losses(x$event_table)
    )), intersect(c("Outcome", "Covariate"), names(body))),
    caption, notes
  )
}
