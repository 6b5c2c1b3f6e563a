# The summary of a hazard_ratio, with tests of all coefficients together.

#' @rdname hazard_ratio-methods
#' @export
summary.hazard_ratio <- function(object, ...) {
  check_no_dots(...)
  test <- tryCatch(as.data.frame(unclass(stats::anova(object)), optional = TRUE)[2L, ],
    oligosurv_error = function(e) NULL
  )
  structure(list(
    table = tidy(object), models = glance(object),
    proportional_hazards = object$proportional_hazards,
    likelihood_ratio = if (!is.null(test) && test[[3L]] > 0) {
      quick_frame(list(statistic = test[[2L]], df = test[[3L]], p.value = test[[4L]]))
    },
    wald = wald_tests(object), object = object
  ), class = "summary.hazard_ratio")
}

# Wald tests that all coefficients of an outcome are 0: chi-square tests or, with degrees
# of freedom from ids, F tests; NULL if none is defined
wald_tests <- function(object) {
  fits <- model_of(object)$fits
  p <- length(model_of(object)$label)
  rows <- lapply(seq_along(fits), function(i) {
    beta <- fits[[i]]$beta
    known <- is.finite(beta) & !is.na(diag(fits[[i]]$var))
    df2 <- object$table$df[(i - 1L) * p + which(known)]
    if (!any(known) || anyNA(df2)) return(NULL)
    root <- tryCatch(chol(fits[[i]]$var[known, known, drop = FALSE]),
      error = raise_time_limit # NULL if there are fewer ids than coefficients
    )
    if (is.null(root)) return(NULL)
    statistic <- sum(backsolve(root, beta[known], transpose = TRUE)^2)
    df <- sum(known)
    row <- list(
      statistic = if (is.finite(df2[1L])) statistic / df else statistic, df = df,
      df2 = df2[1L],
      p.value = stats::pf(statistic / df, df, df2[1L], lower.tail = FALSE)
    )
    quick_frame(c(if (!is.null(names(fits))) list(outcome = names(fits)[i]), row))
  })
  do.call(rbind, rows)
}

#' @export
print.summary.hazard_ratio <- function(x, ...) {
  check_no_dots(...)
  print(x$object)
  lr <- x$likelihood_ratio
  wald <- x$wald
  print_lines(c(
    if (!is.null(lr)) {
      sprintf("likelihood ratio test of all coefficients: chi-square %s on %d df, p %s",
        format(round(lr$statistic, 2), nsmall = 2), lr$df, format_p(lr$p.value)
      )
    },
    if (!is.null(wald)) {
      sprintf("%sWald test of all coefficients: %s %s on %s df, p %s",
        if (is.null(wald$outcome)) "" else paste0(wald$outcome, ": "),
        ifelse(is.finite(wald$df2), "F", "chi-square"),
        format(round(wald$statistic, 2), nsmall = 2),
        ifelse(is.finite(wald$df2), paste(wald$df, "and", wald$df2), wald$df),
        format_p(wald$p.value)
      )
    }
  ))
  ph <- x$proportional_hazards
  if (is.null(ph)) return(invisible(x))
  writeLines("Proportional hazards:")
  print_columns(c(
    if (!is.null(ph$outcome)) list(Outcome = blank_repeats(ph$outcome)),
    list(
      Term = sub("GLOBAL", "all together", ph$term),
      "Chi-square" = format(round(ph$statistic, 2), nsmall = 2),
      df = format(ph$df), P = sub("^= ", "", format_p(ph$p.value))
    )
  ), c("Outcome", "Term"))
  invisible(x)
}
