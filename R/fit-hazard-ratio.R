# Makes the rows, columns and sentences of a hazard_ratio for tidy(), prints and tables.

#' @exportS3Method NULL
result_rows.hazard_ratio <- function(x, exponentiate = TRUE, ...) {
  check_no_dots(...)
  rows <- x$table
  columns <- list(
    Outcome = if (!is.null(rows$outcome)) blank_repeats(rows$outcome),
    Covariate = coefficient_label(rows), N = rows$n, Events = rows$n.event,
    "Hazard ratio" = interval_column(
      rows, "ratio", ratio_digits(c(rows$estimate, rows$conf.low, rows$conf.high))
    ), P = p_column(rows$p.value)
  )
  fine_gray <- any(grepl("^Fine-Gray", rows$method))
  new_result(
    coefficient_rows(x, check_flag(exponentiate, "exponentiate")), x$models,
    scale = "ratio", null = 1, what = "Hazard ratios", table = x$event_table,
    title = paste(unique(x$models$method), collapse = "; "), columns = columns,
    remarks = ratio_remarks(x), label = ratio_label(rows),
    axis = if (fine_gray) "Subdistribution hazard ratio" else "Hazard ratio",
    heading = "HR",
    values = list(
      term = rows$term, value = text_or_blank(rows$level),
      reference = text_or_blank(rows$reference),
      strata = ifelse(is.na(rows$level), rows$term, rows$level)
    ),
    sentence = "HR {number} ({level} CI {ci}; {p})", unknown = "HR not estimable"
  )
}

# The standard error is on the scale of the estimate. By the delta method, that of a ratio
# is the ratio times the standard error of its logarithm.
coefficient_rows <- function(x, exponentiate) {
  rows <- x$table
  if (exponentiate) {
    rows$std.error <- rows$estimate * rows$std.error
  } else {
    values <- log_ratios(x)
    rows[names(values)] <- values
  }
  rows
}

text_or_blank <- function(x) ifelse(is.na(x), "", as.character(x))

# Label of a row in a figure, with the name of the covariate if there are several
ratio_label <- function(rows) {
  several <- length(unique(rows$term)) > 1L
  ifelse(is.na(rows$reference), coefficient_label(rows),
    paste0(if (several) paste0(rows$term, ": "), rows$level, " vs ", rows$reference)
  )
}

# Checks of the model, one sentence each
ratio_remarks <- function(x) {
  models <- x$models
  recipe <- model_of(x)$recipe
  label <- if (is.null(models$outcome)) "" else paste0(models$outcome, ": ")
  few <- models$n.parameter > 0 & models$events.per.parameter < 5
  counts <- sprintf("%s%s for %s", label, vapply(models$n.event, count_noun, "", "event"),
    vapply(models$n.parameter, count_noun, "", "coefficient")
  )
  counts[few] <- sprintf(
    "%s, %s per parameter (below 5): the estimates are unstable", counts[few],
    vapply(round(models$events.per.parameter[few], 1), count_noun, "", "event")
  )
  c(
    paste0(label, ph_sentence(x)), unknown_sentence(x), counts,
    if (length(recipe$offsets)) {
      paste(offset_text(recipe), "in the linear predictor, not estimated")
    },
    if (x$blank) paste("no limits or p:", firth_ignores(x))
  )
}

# Why a fit or its curves have no limits
firth_ignores <- function(x) {
  paste("those of Firth's likelihood would ignore",
    if (identical(x$event_table$weights$type, "sampling")) {
      "how the rows were sampled"
    } else {
      "that rows of one id belong together"
    }
  )
}

# One sentence per outcome on the check of proportional hazards
ph_sentence <- function(x) {
  vapply(seq_len(nrow(x$models)), function(i) {
    p <- x$models$ph.p.value[i]
    if (is.na(p)) {
      none <- x$models$n.parameter[i] == 0
      return(paste("proportional hazards: not checked,", if (none) {
        "as no coefficient can be estimated"
      } else if (grepl("Firth", x$models$method[i], fixed = TRUE)) {
        "as the likelihood was penalised"
      } else {
        "as the test is not defined for these rows"
      }))
    }
    ph <- x$proportional_hazards
    if (!is.null(ph$outcome)) ph <- ph[ph$outcome == x$models$outcome[i], ]
    if (nrow(ph) == 2L) ph <- ph[1L, ] # with one term the global test is the same
    doubtful <- ph$term[ph$p.value < 0.05]
    sprintf(
      "proportional hazards (cox.zph): p %s; %s", format_p(p),
      if (length(doubtful)) {
        sprintf(
          "doubtful for %s, where the ratio is an average over time",
          paste(sub("GLOBAL", "all terms together", doubtful), collapse = ", ")
        )
      } else {
        "no evidence against them"
      }
    )
  }, "")
}

# A coefficient in words: "arm: B against A", "age", "arm B : sex m"
coefficient_label <- function(rows) {
  ifelse(is.na(rows$level), rows$term, ifelse(is.na(rows$reference), rows$level,
    sprintf("%s: %s against %s", rows$term, rows$level, rows$reference)
  ))
}

# The coefficients in words; each outcome has the same
coefficient_labels <- function(x) {
  coefficient_label(x$table[seq_along(model_of(x)$label), ])
}

# Which coefficients are NA and why, one line per outcome
unknown_sentence <- function(x) {
  rows <- x$table
  outcome <- if (is.null(rows$outcome)) rep("", nrow(rows)) else rows$outcome
  outcome <- factor(as.character(outcome), unique(as.character(outcome)))
  unknown <- split(is.na(rows$estimate), outcome)
  labels <- split(coefficient_label(rows), outcome)
  apart <- split(x$apart, outcome)
  lost <- split(x$lost, outcome)
  lines <- Map(function(label, unknown, apart, lost, outcome, n_event) {
    line <- function(which, why) {
      if (!any(which)) return(character())
      paste0(
        if (nzchar(outcome)) paste0(outcome, ": "), "not estimable: ",
        join_words(label[which]), " (", why, ")"
      )
    }
    if (n_event == 0) return(line(unknown, "no event"))
    c(
      line(unknown & apart, paste(
        "the reference level is never at risk together with these when an event occurs;",
        "of three levels or more, relevel() compares the others"
      )),
      line(unknown & lost & !apart, paste(
        "next to ratios of 0 or Inf any value fits the events as well; firth = NA gives",
        "an estimate"
      )),
      line(unknown & !apart & !lost,
        "constant among those at risk at the events, or determined by other covariates"
      )
    )
  }, labels, unknown, apart, lost, names(labels), x$models$n.event)
  unlist(lines, use.names = FALSE)
}

# Returns an integer if the number fits
whole_number <- function(x) if (x <= .Machine$integer.max) as.integer(x) else x

# The first component of a hazard_ratio that is not as hazard_ratio() makes it, or NULL
ratio_fault <- function(x) {
  if (!is.data.frame(x$table)) return("table")
  n <- nrow(x$table)
  for (name in c("apart", "lost")) if (length(x[[name]]) != n) return(name)
  if (!is.numeric(x$table$df) || any(x$table$df < 0, na.rm = TRUE)) return("table")
  if (!is.data.frame(x$models) || !is.integer(x$models$n.parameter)) return("models")
  if (!all(vapply(x$models, is.atomic, NA))) return("models")
  ratios <- unlist(x$table[c("estimate", "conf.low", "conf.high")])
  if (!is.numeric(ratios) || any(ratios < 0, na.rm = TRUE)) return("table")
  tested <- !is.null(x$proportional_hazards)
  if (!tested && !all(is.na(x$models$ph.p.value))) return("proportional_hazards")
  tests <- x$proportional_hazards$outcome
  if (!is.null(tests) && !identical(levels(tests), levels(x$models$outcome))) {
    return("proportional_hazards")
  }
  ranks <- unlist(lapply(x$model$fits, function(fit) {
    c(fit$cells$time, fit$curve$fine_gray$time)
  }))
  if (length(ranks) && max(ranks) > length(distinct_times(x))) return("time")
}
