# The rows of adjusted_curves(): curves, restricted means, and their differences.

new_adjusted_curves <- function(parts, fit, settings, outcomes, group, by) {
  competing <- is.character(outcomes) && settings$type != "survival"
  labels <- group_texts(group$groups, by)
  named <- list(
    labels = labels, outcomes = outcomes, competing = competing,
    one = is.integer(outcomes), settings = settings
  )
  stack <- function(make) {
    rows <- do.call(rbind, lapply(seq_along(parts), function(i) {
      part <- parts[[i]]
      do.call(rbind, lapply(seq_along(part$causes), function(j) {
        cause <- if (length(parts) > 1L) i else j
        make(part, part$causes[j], cause, named)
      }))
    }))
    if (!competing) rows$outcome <- NULL
    rows
  }
  structure(list(
    curves = stack(adjusted_rows), differences = stack(curve_difference_rows),
    means = stack(mean_rows_of), mean.differences = stack(mean_difference_rows),
    by = by, reference = labels[settings$reference], tau = parts[[1L]]$grid$tau,
    type = settings$type, times = settings$times, models = fit$models,
    event_table = fit$event_table,
    unknown = labels[sort(unique(unlist(lapply(parts, `[[`, "unknown"))))],
    variance = prediction_variance(fit, parts),
    of = if (is.character(outcomes) && settings$type == "survival") "free of all events"
  ), class = c("adjusted_curves", "predicted_curves"))
}

group_texts <- function(groups, by) {
  if (!is.numeric(groups)) return(groups)
  paste0(by, "=", vapply(groups, format, "", digits = 6, trim = TRUE))
}

# The rows of the grid at the requested times; all rows if these are NULL
grid_rows <- function(grid, settings) {
  times <- settings$times
  if (is.null(times)) return(list(at = seq_along(grid$time), time = grid$time))
  at <- findInterval(times * (1 + default_tie_tol), grid$time)
  list(at = pmax(at, 1L), time = times)
}

# Flags times after the last follow-up of a group
is_past <- function(time, last, settings) {
  if (settings$extend || is.na(last)) return(rep(FALSE, length(time)))
  time * (1 - default_tie_tol) > last
}

outcome_factor <- function(cause, n, named) {
  if (!named$competing) return(rep(NA, n))
  quick_factor(rep(cause, n), named$outcomes)
}

adjusted_rows <- function(part, k, cause, named) {
  settings <- named$settings
  rows <- grid_rows(part$grid, settings)
  m <- length(rows$at)
  do.call(rbind, lapply(seq_along(named$labels), function(i) {
    incidence <- part$all$estimate[[i]][rows$at, k]
    error <- sqrt(pmax(part$all$covariance[i, i, rows$at, k], 0))
    past <- is_past(rows$time, part$last[i], settings)
    incidence[past] <- error[past] <- NA
    survival <- settings$type == "survival"
    estimate <- if (survival) 1 - incidence else incidence
    limits <- probability_limits(estimate, error, settings$conf.type,
      settings$conf.level, part$df, complement = named$one && !survival
    )
    quick_frame(list(
      time = rows$time, outcome = outcome_factor(cause, m, named),
      strata = quick_factor(rep(i, m), named$labels), estimate = estimate,
      std.error = error, conf.low = limits$low, conf.high = limits$high,
      conf.level = rep(settings$conf.level, m), conf.type = rep(settings$conf.type, m)
    ))
  }))
}

# Columns of estimates with normal (or t) limits. most: the largest possible value
symmetric_columns <- function(estimate, error, level, df, low, high, test) {
  z <- if (df > 0) stats::qt((1 + level) / 2, df) else NA_real_
  width <- z * error
  statistic <- ifelse(error > 0, estimate / error, NA_real_)
  columns <- list(estimate = estimate, std.error = error)
  if (test) {
    columns$statistic <- statistic
    columns$p.value <- if (df > 0) 2 * stats::pt(-abs(statistic), df) else statistic * NA
  }
  known <- error > 0
  c(columns, list(
    conf.low = ifelse(known, pmax(estimate - width, low), NA_real_),
    conf.high = ifelse(known, pmin(estimate + width, high), NA_real_),
    conf.level = rep(level, length(estimate))
  ))
}

others <- function(named) setdiff(seq_along(named$labels), named$settings$reference)

contrast_text <- function(i, named) {
  paste(named$labels[i], "-", named$labels[named$settings$reference])
}

# Standard error of a difference from the covariances [groups, groups, .]
difference_error <- function(covariance, i, r) {
  sqrt(pmax(covariance[i, i, ] + covariance[r, r, ] - 2 * covariance[i, r, ], 0))
}

curve_difference_rows <- function(part, k, cause, named) {
  settings <- named$settings
  rows <- grid_rows(part$grid, settings)
  m <- length(rows$at)
  r <- settings$reference
  covariance <- part$all$covariance[, , rows$at, k, drop = FALSE]
  dim(covariance) <- dim(covariance)[1:3]
  sign <- if (settings$type == "survival") -1 else 1
  do.call(rbind, lapply(others(named), function(i) {
    estimate <- sign * (part$all$estimate[[i]][rows$at, k] -
      part$all$estimate[[r]][rows$at, k])
    past <- is_past(rows$time, part$last[i], settings) |
      is_past(rows$time, part$last[r], settings)
    estimate[past] <- NA
    error <- replace(difference_error(covariance, i, r), past, NA)
    quick_frame(c(
      list(
        time = rows$time, outcome = outcome_factor(cause, m, named),
        contrast = rep(contrast_text(i, named), m)
      ),
      symmetric_columns(estimate, error, settings$conf.level, part$df, -1, 1, TRUE)
    ))
  }))
}

# The restricted mean of each group: mean survival time, or mean time lost to the cause
group_means <- function(part, k, settings) {
  lost <- vapply(part$all$estimate, function(x) sum(x[, k] * part$grid$width), 0)
  if (settings$type == "survival") part$grid$tau - lost else lost
}

mean_rows_of <- function(part, k, cause, named) {
  settings <- named$settings
  estimate <- group_means(part, k, settings)
  error <- sqrt(diag(part$all$area[[k]]))
  error[is.na(estimate)] <- NA
  m <- length(estimate)
  quick_frame(c(
    list(
      outcome = outcome_factor(cause, m, named),
      strata = quick_factor(seq_len(m), named$labels), tau = rep(part$grid$tau, m)
    ),
    symmetric_columns(estimate, error, settings$conf.level, part$df, 0, part$grid$tau,
      FALSE
    )
  ))
}

mean_difference_rows <- function(part, k, cause, named) {
  settings <- named$settings
  r <- settings$reference
  at <- others(named)
  means <- group_means(part, k, settings)
  v <- part$all$area[[k]]
  error <- sqrt(pmax(diag(v)[at] + v[r, r] - 2 * v[cbind(at, rep(r, length(at)))], 0))
  estimate <- means[at] - means[r]
  error[is.na(estimate)] <- NA
  quick_frame(c(
    list(
      outcome = outcome_factor(cause, length(at), named),
      contrast = contrast_text(at, named), tau = rep(part$grid$tau, length(at))
    ),
    symmetric_columns(estimate, error, settings$conf.level, part$df, -part$grid$tau,
      part$grid$tau, TRUE
    )
  ))
}

# The rows for tidy(x, rows = ). The restricted means are remarks in the record of the
# curves.
#' @exportS3Method NULL
result_rows.adjusted_curves <- function(x, rows = "curves", times = NULL, ...) {
  check_no_dots(...)
  kinds <- c("curves", "differences", "means", "mean.differences")
  rows <- check_choice(rows, kinds, "rows")
  x$remarks <- c(sprintf("adjusted for the other covariates; groups: %s", x$by),
    mean_sentences(x)
  )
  record <- result_rows.predicted_curves(x, times)
  record$rows <- switch(rows,
    curves = record$rows, means = x$means, mean.differences = x$mean.differences,
    differences = if (is.null(times)) {
      x$differences
    } else {
      at <- x$differences
      at$strata <- factor(at$contrast, unique(at$contrast))
      out <- read_curves(list(curves = at, times = x$times), times)
      out$p.value[is.na(out$estimate)] <- out$statistic[is.na(out$estimate)] <- NA
      out[setdiff(names(out), "strata")]
    }
  )
  record
}

# One sentence for each mean and each difference of means
mean_sentences <- function(x) {
  unit <- table_unit(x$event_table)
  limits <- function(rows) {
    text <- number_text(rows$estimate, 2L, no_value)
    ifelse(is.na(rows$conf.low), text,
      paste0(text, " (", limits_text(rows$conf.low, rows$conf.high, 2L), ")")
    )
  }
  outcome <- function(rows) {
    if (is.null(rows$outcome)) "" else paste0(" (", rows$outcome, ")")
  }
  what <- sprintf(
    "%s to %s",
    if (x$type == "survival") "restricted mean survival" else "mean time lost",
    with_unit_value(x$tau, unit)
  )
  differences <- x$mean.differences
  c(
    sprintf("%s%s, %s: %s", what, outcome(x$means), x$means$strata, limits(x$means)),
    if (nrow(differences)) {
      sprintf("%s%s, %s: %s, p %s", what, outcome(differences),
        sub(" - ", " \u2212 ", differences$contrast, fixed = TRUE), limits(differences),
        ifelse(is.na(differences$p.value), no_value, format_p(differences$p.value))
      )
    }
  )
}
