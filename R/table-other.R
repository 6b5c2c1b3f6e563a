# Tables of one-sample and combined tests, bootstrap, differences of response, dose bands,
# disease states and sample sizes.

#' @rdname result_table
#' @export
result_table.one_sample_test <- function(x, style = "plain", caption = NULL, notes = NULL,
                                         ...) {
  check_no_dots(...)
  style <- check_choice(style, journal_styles, "style")
  rows <- x$tests
  body <- list(
    Group = if (nlevels(rows$strata) > 1L) as.character(rows$strata),
    N = format_count_each(rows$n), Observed = format_count_each(rows$observed),
    Expected = journal_point(number_text(rows$expected, 1L), style),
    ratio = journal_point(
      estimate_cell(rows$ratio, rows$conf.low, rows$conf.high, 2L, no_value), style
    ),
    "Exact P" = format_p_value(rows$p.exact, style, na = no_value),
    "Chi-square P" = format_p_value(rows$p.value, style, na = no_value)
  )
  names(body)[names(body) == "ratio"] <- sprintf(
    "Observed : expected (%s CI)", level_text(rows$conf.level)
  )
  body <- quick_frame(body[!vapply(body, is.null, NA)])
  retitle(
    new_result_table(body, "Events observed and expected", sentence(c(
      paste(
        "One-sample log-rank test against the given hazard: exact Poisson limits and P;",
        "chi-square with 1 degree of freedom"
      ),
      paste("Status:", format_states(x$table)), format_losses(x$table)
    )), intersect("Group", names(body))), caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.maxcombo_test <- function(x, style = "plain", caption = NULL, notes = NULL,
                                       ...) {
  check_no_dots(...)
  style <- check_choice(style, journal_styles, "style")
  each <- x$components
  small <- small_sample_p(x)
  letter <- if (is.null(x$df2)) "Z" else "t"
  body <- quick_frame(list(
    Test = c(
      sprintf("Fleming-Harrington (%s, %s)", format(each$rho), format(each$gamma)),
      "Largest of them"
    ),
    Z = journal_point(number_text(c(each$z, x$statistic), 2L, no_value), style),
    P = format_p_value(c(each$p.value, x$p.value), style, na = no_value)
  ))
  body$Z[nrow(body)] <- sprintf("|%s| = %s", letter, body$Z[nrow(body)])
  names(body)[2L] <- letter
  if (!is.null(small)) {
    body[["Permutation P"]] <- c(
      character(nrow(each)), format_p_value(small$p.value, style, na = no_value)
    )
  }
  retitle(
    new_result_table(body, x$method, sentence(c(
      sprintf(paste(
        "P of the largest: two-sided, %s; those of single tests are not adjusted"
      ), maxcombo_law(x)),
      if (!is.null(small)) gsub("\n", " ", small_sample_note(x), fixed = TRUE),
      if (anyNA(each$z) && is.na(x$reason)) {
        sprintf("%s: that weight has a variance of 0 here and takes no part", no_value)
      },
      paste("Status:", format_states(x$table)), format_losses(x$table),
      if (!is.na(x$reason)) sprintf("%s: not defined, %s", no_value, x$reason)
    )), "Test"), caption, notes
  )
}

# What p rests on
maxcombo_law <- function(x) {
  if (x$p_method %in% c("permutation", "exact")) {
    return(sprintf("from %s of subjects to groups", if (x$p_method == "exact") {
      "all assignments"
    } else {
      "random assignments"
    }))
  }
  if (is.null(x$df2)) return("from the joint normal distribution of the tests")
  sprintf("from their joint t distribution with %s of freedom", if (is.na(x$df2)) {
    "no degrees"
  } else {
    count_noun(x$df2, "degree")
  })
}

#' @rdname result_table
#' @export
result_table.bootstrap_interval <- function(x, unit = NULL, digits = 1L, style = "plain",
                                            caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  digits <- check_whole(digits, "digits", 0, 10)
  if (!is.null(unit)) check_string(unit, "unit")
  style <- check_choice(style, journal_styles, "style")
  rate <- !is.null(x$estimates$time)
  scale <- if (rate) 100 else 1
  open <- if (!is.null(x$estimates$prob)) "NR" else no_value
  part <- function(rows, label) {
    quick_frame(c(
      if (!is.null(rows$outcome)) list(Outcome = as.character(rows$outcome)),
      if (rate) list(Time = with_unit_value(rows$time, unit)),
      if (!is.null(rows$prob)) list(Quantile = paste0(100 * rows$prob, "%")),
      list(
        Group = label,
        value = journal_point(estimate_cell(scale * rows$estimate, scale * rows$conf.low,
          scale * rows$conf.high, digits, open
        ), style),
        Known = paste0(number_text(100 * rows$share.known, 0L), "%")
      )
    ))
  }
  two <- x$contrasts
  body <- rbind(
    part(x$estimates, as.character(x$estimates$strata)),
    if (nrow(two)) part(two, sub(" - ", " \u2212 ", two$contrast, fixed = TRUE))
  )
  what <- if (rate) "Rate, %" else with_unit("Estimate", unit)
  names(body) <- sub("^value$",
    sprintf("%s (%s CI)", what, level_text(x$estimates$conf.level)), names(body)
  )
  names(body)[ncol(body)] <- "Resamples with a value"
  retitle(
    new_result_table(body, x$method, sentence(c(
      x$interval, "Subjects are drawn with all their rows",
      paste("Status:", format_states(x$table)), format_losses(x$table),
      cell_notes(body[[ncol(body) - 1L]])
    )), intersect(c("Outcome", "Quantile", "Group"), names(body))), caption, notes
  )
}

difference_methods <- c(
  "miettinen-nurminen" = "Miettinen-Nurminen score limits and P",
  newcombe = "Newcombe's limits of the differences (hybrid score), P by their inversion",
  exact = "Exact unconditional limits and P"
)

#' @rdname result_table
#' @export
result_table.response_difference <- function(x, digits = 1L, style = "plain",
                                             caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  if (!all(c("contrast", "rate.1", "rate.2", "conf.type") %in% names(x))) {
    return(result_table(as.data.frame(x), caption, notes, digits))
  }
  digits <- check_whole(digits, "digits", 0, 10)
  style <- check_choice(style, journal_styles, "style")
  rate <- function(event, n, share) {
    text <- sprintf("%s of %s (%s%%)", format_count_each(event), format_count_each(n),
      number_text(100 * share, digits, no_value)
    )
    journal_point(text, style)
  }
  body <- list(
    Outcome = blank_repeats(sentence_case(x$outcome)),
    Comparison = sub(" - ", " \u2212 ", x$contrast, fixed = TRUE),
    First = rate(x$event.2, x$n.2, x$rate.2), Second = rate(x$event.1, x$n.1, x$rate.1),
    value = journal_point(estimate_cell(
      100 * x$estimate, 100 * x$conf.low, 100 * x$conf.high, digits, no_value
    ), style),
    P = format_p_value(x$p.value, style, na = no_value)
  )
  names(body)[names(body) == "value"] <- sprintf(
    "Difference, percentage points (%s CI)", level_text(x$conf.level)
  )
  lesions <- attr(x, "level") == "lesion"
  left <- attr(x, "left_out")
  retitle(
    new_result_table(quick_frame(body),
      sprintf("Differences of the response of %ss", attr(x, "level")),
      sentence(c(
        difference_methods[[as.character(x$conf.type[1L])]],
        if (lesions) {
          paste(
            "Numbers of lesions are divided by the design effect of lesions in one",
            "patient, common to the two groups"
          )
        },
        if (isTRUE(left > 0)) {
          sprintf("%s without a value of %s", count_noun(left, attr(x, "level")),
            attr(x, "by")
          )
        }
      )), c("Outcome", "Comparison")
    ), caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.dose_response <- function(x, digits = 1L, style = "plain", caption = NULL,
                                       notes = NULL, ...) {
  check_no_dots(...)
  needed <- c("band", "n", "n.id", "n.event", "time", "estimate", "conf.low", "conf.high")
  if (!all(needed %in% names(x))) {
    return(result_table(as.data.frame(x), caption, notes, digits))
  }
  digits <- check_whole(digits, "digits", 0, 10)
  style <- check_choice(style, journal_styles, "style")
  body <- list(
    "BED, Gy" = as.character(x$band), "Median BED" = number_text(x$median_bed, digits),
    Lesions = format_count_each(x$n), Patients = format_count_each(x$n.id),
    Failures = format_count_each(x$n.event), Month = format_time(x$time),
    value = estimate_cell(
      100 * x$estimate, 100 * x$conf.low, 100 * x$conf.high, digits, no_value
    )
  )
  names(body)[names(body) == "value"] <- sprintf(
    "Local failure, %% (%s CI)", level_text(x$conf.level)
  )
  body <- quick_frame(lapply(body, journal_point, style))
  tests <- attr(x, "tests")
  left <- attr(x, "left_out")
  retitle(
    new_result_table(body, "Local failure of lesions by biologically effective dose",
      sentence(c(
        paste(
          "Aalen-Johansen cumulative incidence, death competing; limits from the",
          "infinitesimal jackknife by patient"
        ),
        if (!is.null(tests)) {
          sprintf("Trend, %s: %s", ifelse(is.na(tests$method), tests$test, tests$method),
            ifelse(is.na(tests$p.value), tests$reason,
              format_p_value(tests$p.value, style, TRUE)
            )
          )
        },
        if (isTRUE(left > 0)) {
          sprintf("%s without %s", count_noun(left, "lesion"), attr(x, "by"))
        },
        cell_notes(body[[ncol(body)]])
      )), "BED, Gy"
    ), caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.omd_class <- function(x, digits = 1L, caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  if (!"state" %in% names(x)) {
    return(result_table(as.data.frame(x), caption, notes, digits))
  }
  digits <- check_whole(digits, "digits", 0, 10)
  n <- tabulate(factor(x$state, omd_states), length(omd_states))
  none <- sum(is.na(x$state))
  states <- c(sentence_case(omd_states), if (none > 0L) "Not decided")
  n <- c(n, if (none > 0L) none)
  body <- quick_frame(list(
    State = states,
    "Patients, n (%)" = sprintf("%s (%s)", format_count_each(n),
      number_text(100 * n / max(1L, nrow(x)), digits)
    )
  ))
  retitle(
    new_result_table(body, "States of oligometastatic disease", sentence(c(
      "EORTC/ESTRO consensus (Guckenberger et al. 2020), from the answers given",
      if (none > 0L) "Not decided: an answer that the state depends on is missing"
    ))), caption, notes
  )
}

#' @rdname result_table
#' @export
result_table.sample_size <- function(x, digits = 1L, caption = NULL, notes = NULL, ...) {
  check_no_dots(...)
  digits <- check_whole(digits, "digits", 0, 10)
  percent <- function(v) paste0(number_text(100 * v, digits), "%")
  items <- list(
    "Patients" = x$n, "First group" = x$n.1, "Second group" = x$n.2,
    "Analysed, after losses" = x$n.analysed, "Events" = x$n.event,
    "Successes needed" = x$cutoff
  )
  whole <- vapply(items, function(v) if (is.na(v)) "" else format_count(v), "")
  rates <- c(
    "Type I error" = percent(x$alpha), "Power" = percent(x$power),
    "Type I error, exact" = if (!is.na(x$alpha.exact)) percent(x$alpha.exact),
    "Power, exact" = if (!is.na(x$power.exact)) percent(x$power.exact)
  )
  value <- c(whole[nzchar(whole)], rates)
  retitle(
    new_result_table(
      quick_frame(list(Item = names(value), Value = unname(value))), "Sample size",
      sentence(sprintf("%s, %s; %s-sided",
        c("single-arm" = "Single-arm design", logrank = "Log-rank test")[[x$design]],
        size_names[[x$method]],
        if (x$sided == 2) "two" else "one"
      ))
    ), caption, notes
  )
}

#' @exportS3Method knitr::knit_print
knit_print.one_sample_test <- function(x, ...) table_knit(x)

#' @exportS3Method knitr::knit_print
knit_print.response_difference <- function(x, ...) table_knit(x)

#' @exportS3Method knitr::knit_print
knit_print.dose_response <- function(x, ...) table_knit(x)

#' @exportS3Method knitr::knit_print
knit_print.omd_class <- function(x, ...) table_knit(x)

#' @exportS3Method knitr::knit_print
knit_print.sample_size <- function(x, ...) table_knit(x)
