# Compares the two strategies from SBRT and from a landmark. The groups were formed after
# time zero, so this is not a comparison of treatments. It shows which differences are
# compatible with the data.

# Compares two groups by progression-free and overall survival, from SBRT (`at` 0) or from
# a landmark in months; NULL unless there are two groups.
comparison_numbers <- function(study, at = 0) {
  parts <- lapply(endpoints_of(study, names(comparison_words)), function(what) {
    rows <- endpoint(study, what, landmark = if (at > 0) at)
    comparison_rows(rows, comparison_words[[what]])
  })
  do.call(rbind, parts)
}

# Labels of the endpoints: the event, event-free at a time, and mean event-free time
comparison_words <- list(
  pfs = c(
    "Progression or death", "Progression-free at %d months, %%",
    "Restricted mean progression-free time, months (to %s months)"
  ),
  os = c(
    "Death", "Alive at %d months, %%",
    "Restricted mean survival time, months (to %s months)"
  )
)

# Test, differences of rates and restricted means of two groups, or NULL. The restriction
# time is 24 months, or less if a group has shorter follow-up.
compare_two <- function(rows, by = "strategy") {
  differences <- two_differences(rows, by)
  if (is.null(differences)) return(NULL)
  test <- fit_by(logrank_test, rows, by)
  c(differences, list(
    counts = as.data.frame(test), test = glance(test), permuted = small_sample_p(test)
  ))
}

two_differences <- function(rows, by = "strategy") {
  rows <- rows[!is.na(rows[[by]]), ]
  groups <- levels(droplevels(rows[[by]]))
  if (length(groups) != 2L) return(NULL)
  last <- vapply(groups, function(name) max(rows$time[rows[[by]] == name]), 0)
  tau <- min(last, 24)
  list(
    groups = groups, tau = tau,
    rates = fit_by(rate_difference, rows, by, times = landmarks),
    area = fit_by(restricted_mean, rows, by, tau = tau)
  )
}

# The measure ("rate" or "mean") and the type of the limits of each difference between the
# strategies in the report, from time zero and from the landmark; NULL without differences
comparison_limits <- function(study) {
  parts <- lapply(list(NULL, landmark_month), function(at) {
    lapply(endpoints_of(study, names(comparison_words)), function(what) {
      x <- two_differences(endpoint(study, what, landmark = at))
      if (is.null(x)) return(NULL)
      means <- x$area
      means$contrasts <- means$contrasts[means$contrasts$measure == "difference", ]
      rbind(difference_types(x$rates, "rate"), if (x$tau >= least_tau) {
        difference_types(means, "mean")
      })
    })
  })
  limits <- do.call(rbind, unlist(parts, recursive = FALSE))
  if (NROW(limits)) limits
}

# Types of the limits of differences, and "exact" if those of one of the groups are
difference_types <- function(fit, measure) {
  known <- !is.na(fit$contrasts$conf.low)
  if (!any(known)) return(NULL)
  exact <- any(fit$estimates$conf.type %in% "exact" & !is.na(fit$estimates$conf.low))
  data.frame(measure, conf.type = c(fit$contrasts$conf.type[known], if (exact) "exact"))
}

landmark_month <- 3

comparison_rows <- function(rows, words) {
  x <- compare_two(rows)
  if (is.null(x)) return(NULL)
  row <- function(label, values, difference) {
    stats::setNames(
      data.frame(label, values[1L], values[2L], difference),
      c("Result", x$groups, sprintf("%s minus %s", x$groups[2L], x$groups[1L]))
    )
  }
  rate <- function(month) {
    of <- x$rates$estimates[x$rates$estimates$time == month, ]
    d <- x$rates$contrasts[x$rates$contrasts$time == month, ]
    row(sprintf(words[2L], month), number_text(100 * of$estimate, na = "\u2013"),
      difference_cell(100 * d$estimate, 100 * d$conf.low, 100 * d$conf.high)
    )
  }
  mean_rows <- x$area$contrasts[x$area$contrasts$measure == "difference", ]
  rbind(
    row(words[1L], sprintf_counts("%d of %d", x$counts$observed, x$counts$n),
      paste0(defined_p(x$test$p.value), if (!is.null(x$permuted)) {
        paste0("\npermutation ", defined_p(x$permuted$p.value))
      })
    ),
    rate(12), rate(24),
    if (x$tau >= least_tau) row(sprintf(words[3L], format_window(x$tau)),
      number_text(x$area$estimates$estimate),
      difference_cell(mean_rows$estimate, mean_rows$conf.low, mean_rows$conf.high)
    )
  )
}

# A difference with its limits, which have as many decimals as show whether 0 is inside
difference_cell <- function(estimate, low, high) {
  digits <- decimals_from_zero(c(low, high), 1L)
  interval_text(estimate, low, high, digits, na = "\u2013")
}

# The number of decimals, from `digits` on, with which limits that are not 0 do not look
# as if they were; two more at most
decimals_from_zero <- function(limits, digits) {
  limits <- limits[!is.na(limits) & limits != 0]
  for (more in 0:2) {
    if (all(round(limits, digits + more) != 0)) break
  }
  digits + more
}

least_tau <- 1 # months; a mean over a shorter time is not informative

# "P = 0.4", or a text that P is not defined if there are no events
defined_p <- function(p) {
  if (is.na(p)) "P not defined" else p_with_sign(p)
}

# Sentences with the confidence intervals of the differences: of the rates at each time in
# `landmarks`, then of the restricted mean
interval_sentences <- function(rows) {
  x <- compare_two(rows)
  if (is.null(x)) return(character())
  range_text <- function(d, scale, unit, digits, less, more) {
    if (is.na(d$conf.low) || is.na(d$conf.high)) return(NA_character_)
    ends <- scale * c(d$conf.low, d$conf.high)
    size <- number_text(abs(ends), decimals_from_zero(ends, digits))
    unit <- ifelse(size == "1", sub("s$", "", unit), unit)
    word <- ifelse(ends < 0, less, more)
    if (word[1L] != word[2L]) {
      return(paste("from", sprintf(unit[1L], size[1L]), word[1L], "to",
        sprintf(unit[2L], size[2L]), word[2L]
      ))
    }
    order <- if (ends[2L] < 0) 2:1 else 1:2
    last <- order[2L]
    paste("from", size[order[1L]], "to", sprintf(unit[last], size[last]), word[1L])
  }
  rates <- vapply(landmarks, function(month) {
    d <- x$rates$contrasts[x$rates$contrasts$time == month, ]
    range_text(d, 100, "%s percentage points", 0L, "lower", "higher")
  }, "")
  means <- x$area$contrasts[x$area$contrasts$measure == "difference", ]
  means <- if (x$tau >= least_tau) {
    range_text(means, 1, "%s months", 1L, "shorter", "longer")
  } else {
    NA
  }
  about <- c(
    sprintf("at %d months", landmarks),
    sprintf("restricted mean to %s months", format_window(x$tau))
  )
  text <- c(rates, means)
  sprintf(
    "%s, %s: with %s %s than with %s.", attr(rows, "label"), about,
    x$groups[2L], text, x$groups[1L]
  )[!is.na(text)]
}

format_window <- function(x) format(signif(x, 3))
