# What people see of a hazard_ratio

#' @rdname tidy.oligosurv_test
#' @export
tidy.hazard_ratio <- function(x, ...) {
  check_no_dots(...)
  x$table
}

#' @rdname tidy.oligosurv_test
#' @export
glance.hazard_ratio <- function(x, ...) {
  check_no_dots(...)
  x$models
}

#' @export
as.data.frame.hazard_ratio <- function(x, row.names = NULL, optional = FALSE, ...) {
  x$table
}

#' @export
print.hazard_ratio <- function(x, ...) {
  models <- x$models
  label <- if (is.null(models$outcome)) "" else paste0(models$outcome, ": ")
  writeLines(c(
    unique(models$method),
    sprintf(
      "%s subjects (%s)", format_count(sum(count_states(x$event_table))),
      format_states(x$event_table)
    ), format_losses(x$event_table)
  ))
  shown <- x$table[intersect(
    c("outcome", "term", "level", "reference", "n", "n.event"), names(x$table)
  )]
  empty <- vapply(shown, function(v) all(is.na(v)), NA)
  shown <- shown[!empty]
  shown[] <- lapply(shown, function(v) ifelse(is.na(v), "", as.character(v)))
  shown$HR <- format_time(x$table$estimate, "NA")
  shown[[paste0(format(100 * x$conf.level), "% CI")]] <- sprintf(
    "(%s-%s)", format_time(x$table$conf.low, "NA"), format_time(x$table$conf.high, "NA")
  )
  shown$p <- format_p(x$table$p.value, equals = "")
  print(shown, row.names = FALSE)
  writeLines(paste0(label, ph_sentence(x)))
  writeLines(unknown_sentence(x))
  few <- which(models$n.parameter > 0 & models$events.per.parameter < 5)
  writeLines(sprintf(
    "%sonly %s events per parameter (below 5): the estimates are unstable", label[few],
    format(round(models$events.per.parameter[few], 1), drop0trailing = TRUE)
  ))
  if (x$blank) {
    writeLines(paste(
      "No limits or p: those of Firth's likelihood would ignore that rows of one id",
      "belong together"
    ))
  }
  invisible(x)
}

# One sentence an outcome on the check of proportional hazards
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
    if (nrow(ph) == 2L) ph <- ph[1L, ] # one term: all together says it again
    doubtful <- ph$term[ph$p.value < 0.05]
    sprintf(
      "proportional hazards (cox.zph): p %s; %s", format_p(p),
      if (length(doubtful)) {
        sprintf(
          "doubtful for %s, where the ratio is an average over time",
          paste(sub("GLOBAL", "all terms together", doubtful), collapse = ", ")
        )
      } else {
        "no sign against them"
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

# Which coefficients are NA and why, a line an outcome
unknown_sentence <- function(x) {
  rows <- x$table
  outcome <- if (is.null(rows$outcome)) rep("", nrow(rows)) else rows$outcome
  outcome <- factor(as.character(outcome), unique(as.character(outcome)))
  unknown <- split(is.na(rows$estimate), outcome)
  labels <- split(coefficient_label(rows), outcome)
  apart <- split(x$apart, outcome)
  lines <- Map(function(label, unknown, apart, outcome, n_event) {
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
      line(unknown & !apart,
        "constant among those at risk at the events, or determined by other covariates"
      )
    )
  }, labels, unknown, apart, names(labels), x$models$n.event)
  unlist(lines, use.names = FALSE)
}
