# Tables of response and toxicity.

#' @rdname result_table
#' @export
result_table.response_rate <- function(x, digits = 1L, style = "plain", caption = NULL,
                                       notes = NULL, ...) {
  check_no_dots(...)
  if (!all(rate_columns %in% names(x))) {
    return(result_table(as.data.frame(x), caption, notes, digits))
  }
  digits <- check_whole(digits, "digits", 0, 10)
  style <- check_choice(style, journal_styles, "style")
  level <- attr(x, "level")
  lesions <- level == "lesion"
  body <- list(
    Outcome = blank_repeats(sentence_case(x$outcome)),
    Group = if (nlevels(x$strata) > 1L) as.character(x$strata),
    Patients = if (lesions) format_count(x$n.id), Evaluable = format_count(x$n.evaluable),
    "With it" = format_count(x$n.event),
    value = journal_point(estimate_cell(
      100 * x$estimate, 100 * x$conf.low, 100 * x$conf.high, digits, no_value
    ), style)
  )
  names(body)[names(body) == "value"] <- sprintf(
    "Rate, %% (%s CI)", level_text(x$conf.level)
  )
  body <- quick_frame(body[lengths(body) > 0L])
  left <- attr(x, "left_out")
  retitle(
    new_result_table(body, sprintf("Best response of %ss", level), sentence(c(
      paste(
        "Objective response: CR or PR; disease control: CR, PR or SD; both among the",
        "evaluable"
      ),
      if (lesions) {
        paste(
          "Clopper-Pearson intervals on the number of lesions over the design effect of",
          "several lesions in one patient (Rao and Scott 1992)"
        )
      } else {
        "Clopper-Pearson (exact) intervals"
      },
      if (isTRUE(left > 0)) {
        sprintf("%s without a value of %s", count_noun(left, level), attr(x, "by"))
      },
      if (any(body[[ncol(body)]] == no_value)) paste0(no_value, ": nobody evaluable")
    )), intersect(c("Outcome", "Group"), names(body))),
    caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.toxicity_table <- function(x, digits = 1L, style = "plain", caption = NULL,
                                        notes = NULL, ...) {
  check_no_dots(...)
  if (!all(toxicity_columns %in% names(x))) {
    return(result_table(as.data.frame(x), caption, notes, digits))
  }
  digits <- check_whole(digits, "digits", 0, 10)
  style <- check_choice(style, journal_styles, "style")
  # A term that nobody had in a phase says nothing there
  seen <- stats::ave(x$any_grade, x$phase, x$term, FUN = sum) > 0 | x$term == any_event
  left <- attr(x, "left_out")
  window <- format(attr(x, "window"))
  x <- x[seen, ]
  share <- function(n, pct) {
    text <- sprintf("%s (%s)", format_count_each(n), number_text(pct, digits, no_value))
    journal_point(text, style)
  }
  grades <- as.data.frame(x)[paste0("grade_", 1:5)]
  names(grades) <- paste("Grade", 1:5)
  worst <- max(which(colSums(grades) > 0), 3L)
  grades <- grades[seq_len(worst)]
  grades <- lapply(grades, format_count_each)
  body <- c(
    list(
      Phase = sentence_case(blank_repeats(x$phase)),
      Event = blank_repeats(x$term),
      Group = if (nlevels(x$strata) > 1L) sprintf("%s (N = %d)", x$strata, x$n)
    ), grades,
    list(
      "Any, n (%)" = share(x$any_grade, x$any_grade_pct),
      "Grade 3 or more, n (%)" = share(x$grade_3_plus, x$grade_3_plus_pct)
    )
  )
  body <- quick_frame(body[!vapply(body, is.null, NA)])
  retitle(
    new_result_table(body, "Adverse events: patients by worst grade", sentence(c(
      sprintf("Acute: first day on day 0 to %s after the start of SBRT; late: after it",
        window
      ),
      "Each patient counts once per event and phase; percentages are of all patients",
      if (worst < 5L) paste("No event of grade", if (worst < 4L) "4 or 5" else "5"),
      if (isTRUE(left > 0)) {
        sprintf("%s without a value of %s", count_noun(left, "patient"), attr(x, "by"))
      }
    )), intersect(c("Phase", "Event", "Group"), names(body))),
    caption, notes
  )
}

format_count_each <- function(n) vapply(n, format_count, "")

#' @rdname result_table
#' @export
result_table.baseline_table <- function(x, caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  body <- format(x)
  names(body)[1:2] <- c("Characteristic", "Level")
  if (all(body$Level == "")) body$Level <- NULL
  left <- attr(x, "left_out")
  title <- paste0("Characteristics of ", attr(x, "level"), "s")
  retitle(
    new_result_table(body, title, sentence(c(
      "Median (quartiles; range) or n (%)",
      if (!is.null(body$SMD)) "SMD: standardised mean difference",
      if (!is.null(x$test)) {
        paste("P:", paste(unique(x$test[!is.na(x$test)]), collapse = ", "))
      },
      if (isTRUE(left > 0)) {
        sprintf("%s without a value of %s", count_noun(left, attr(x, "level")),
          attr(x, "by")
        )
      }
    )), c("Characteristic", "Level")), caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.flow_table <- function(x, caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  text <- function(v) ifelse(is.na(v), "", format_count_each(v))
  body <- list(
    Step = sentence_case(blank_repeats(x$step)),
    Group = if (nlevels(x$strata) > 1L) as.character(x$strata),
    Patients = text(x$n.patients), Lesions = text(x$n.lesions), Events = text(x$n.event),
    "Left out" = x$reason
  )
  body <- quick_frame(body[!vapply(body, is.null, NA)])
  retitle(
    new_result_table(body, "Flow of patients and lesions",
      left = intersect(c("Step", "Group", "Left out"), names(body))
    ), caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.dose_table <- function(x, digits = 1L, caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  digits <- check_whole(digits, "digits", 0, 10)
  value <- ifelse(is.na(x$median), x$text,
    sprintf("%s (%s\u2013%s; %s\u2013%s)", short_number(x$median, digits),
      short_number(x$q1, digits), short_number(x$q3, digits), short_number(x$min, digits),
      short_number(x$max, digits)
    )
  )
  asked <- x$asked_by
  body <- list(
    Item = with_units(blank_repeats(x$item), x$unit),
    "Asked by" = ifelse(asked == "derived", "", asked),
    Group = if (nlevels(x$strata) > 1L) as.character(x$strata),
    Reported = sprintf("%d of %d", x$n.reported, x$n), Value = value
  )
  body <- quick_frame(body[!vapply(body, is.null, NA)])
  retitle(
    new_result_table(body, "Dose of the lesions", sentence(c(
      "Median (quartiles; range), or values (lesions)",
      "Both: AAPM TG-101 and ICRU 91 ask for it"
    )), intersect(c("Item", "Asked by", "Group"), names(body))), caption, notes
  )
}

with_units <- function(label, unit) {
  ifelse(nzchar(unit) & nzchar(label), sprintf("%s, %s", label, unit), label)
}

# At most so many decimals, none that say nothing
short_number <- function(x, digits) {
  sub("[.]?0+$", "", sub("(^-?[0-9]+$)", "\\1.", number_text(x, digits, "")))
}

#' @exportS3Method knitr::knit_print
knit_print.baseline_table <- function(x, ...) table_knit(x)

#' @exportS3Method knitr::knit_print
knit_print.flow_table <- function(x, ...) table_knit(x)

#' @exportS3Method knitr::knit_print
knit_print.dose_table <- function(x, ...) table_knit(x)
