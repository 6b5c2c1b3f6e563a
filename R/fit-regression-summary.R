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
    wald = wald_tests(object), terms = term_tests(object), object = object
  ), class = "summary.hazard_ratio")
}

# Wald tests that all coefficients of an outcome are 0, and those of each term: chi-square
# tests or, with degrees of freedom from ids, F tests; NULL if none is defined
wald_tests <- function(object) {
  each_outcome(object, function(fit, df2) {
    list(wald_test(fit, df2, seq_along(fit$beta)))
  })
}

term_tests <- function(object) {
  index <- model_of(object)$index
  terms <- object$table$term[match(unique(index), index)]
  each_outcome(object, function(fit, df2) {
    Map(function(term, j) {
      row <- wald_test(fit, df2, which(index == j))
      if (!is.null(row)) c(list(term = term), row)
    }, terms, unique(index))
  })
}

# The rows that `tests` makes from each outcome's fit and degrees of freedom, as a table
each_outcome <- function(object, tests) {
  fits <- model_of(object)$fits
  p <- length(model_of(object)$label)
  rows <- lapply(seq_along(fits), function(i) {
    made <- tests(fits[[i]], object$table$df[(i - 1L) * p + seq_len(p)])
    lapply(made[lengths(made) > 0L], function(row) {
      quick_frame(c(if (!is.null(names(fits))) list(outcome = names(fits)[i]), row))
    })
  })
  rows <- do.call(rbind, unlist(rows, FALSE))
  if (!is.null(rows)) rownames(rows) <- NULL
  rows
}

# The Wald test that the coefficients `at` are 0. Those that are not known are left out;
# NULL if none is known, or if the fit has no Wald tests.
wald_test <- function(fit, df2, at) {
  known <- at[is.finite(fit$beta[at]) & !is.na(diag(fit$var)[at])]
  if (!length(known) || anyNA(df2[known])) return(NULL)
  root <- tryCatch(chol(fit$var[known, known, drop = FALSE]),
    error = raise_time_limit # NULL if there are fewer ids than coefficients
  )
  if (is.null(root)) return(NULL)
  statistic <- sum(backsolve(root, fit$beta[known], transpose = TRUE)^2)
  df <- length(known)
  df2 <- df2[known[1L]]
  list(
    statistic = if (is.finite(df2)) statistic / df else statistic, df = df, df2 = df2,
    p.value = stats::pf(statistic / df, df, df2, lower.tail = FALSE)
  )
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
        wald_name(wald), format(round(wald$statistic, 2), nsmall = 2, trim = TRUE),
        wald_df(wald),
        format_p(wald$p.value)
      )
    }
  ))
  terms <- x$terms
  if (any(terms$df > 1)) {
    print_tests("Wald tests of terms:", terms, wald_name(terms[1L, ]), wald_df(terms))
  }
  ph <- x$proportional_hazards
  if (is.null(ph)) return(invisible(x))
  ph$term <- sub("GLOBAL", "all together", ph$term)
  print_tests("Proportional hazards:", ph, "chi-square", format(ph$df))
  invisible(x)
}

wald_name <- function(tests) ifelse(is.finite(tests$df2), "F", "chi-square")

wald_df <- function(tests) {
  ifelse(is.finite(tests$df2), paste(tests$df, "and", tests$df2), tests$df)
}

# One row per outcome and term
print_tests <- function(title, tests, statistic, df) {
  writeLines(title)
  columns <- list(
    Outcome = if (!is.null(tests$outcome)) blank_repeats(tests$outcome),
    Term = tests$term, format(round(tests$statistic, 2), nsmall = 2), df = df,
    P = sub("^= ", "", format_p(tests$p.value))
  )
  names(columns)[3L] <- sub("^c", "C", statistic)
  print_columns(columns[lengths(columns) > 0L], c("Outcome", "Term"))
}
