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
    if (is.na(p)) return("proportional hazards: not checked, for want of events")
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
