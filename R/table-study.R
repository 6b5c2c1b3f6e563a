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

sentence_case <- function(x) {
  x <- as.character(x)
  paste0(toupper(substr(x, 1L, 1L)), substring(x, 2L))
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
