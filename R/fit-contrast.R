# Compares groups with a reference: differences and ratios of independent estimates. Their
# limits are recovered from those of the groups (MOVER).

check_reference <- function(reference, table) {
  if (is.null(reference)) return(1L)
  at <- match(check_string(reference, "reference"), table$groups)
  if (is.na(at)) {
    stop_oligosurv("input", sprintf(
      "`reference` is \"%s\", which is not a group; the groups are %s", reference,
      paste0("\"", table$groups, "\"", collapse = ", ")
    ), arg = "reference")
  }
  at
}

# Are the rows dependent (several rows per id) or do they have sampling weights? The
# events are then not binomial, which mid-p limits require. Rows of one id that are never
# at risk at the same time are the split follow-up of one subject, unless a row begins
# after an event.
is_clustered <- function(table) {
  if (is.null(table$id)) return(FALSE)
  if (identical(table$weights$type, "sampling")) return(TRUE)
  if (table$n_id == length(table$id)) return(FALSE)
  if (is.null(table$entry)) return(TRUE)
  entry <- double(length(table$id))
  entry[table$entry$row] <- table$entry$time
  if (overlaps(list(patient = table$id, entry = entry, time = table$time))) return(TRUE)
  o <- order(table$id, entry, table$time)
  any(duplicated(table$id[o], fromLast = TRUE) & table$status[o] != 0L)
}

# Transforms estimates to the scale on which they are compared (logarithms for ratios).
# Adds the columns `down` and `up`, the distances from the estimate to its lower and upper
# limit. In rows flagged by `by_error` both are z standard errors instead.
contrast_scale <- function(x, z, by_error, ratio) {
  limit <- list(low = x$conf.low, high = x$conf.high)
  if (ratio) {
    x$std.error <- x$std.error / x$estimate
    x$estimate <- log(x$estimate)
    limit <- lapply(limit, log)
  }
  # at a very low confidence level a limit may be on the other side of the estimate
  x$down <- polled(
    ifelse(by_error, z * x$std.error, pmax(x$estimate - limit$low, 0))
  )
  x$up <- polled(ifelse(by_error, z * x$std.error, pmax(limit$high - x$estimate, 0)))
  x
}

# For each contrast, the reason why it has no p-value, with the names of the groups that
# cause this; NA if it has a p-value
contrast_reason <- function(b, a, zero) {
  reason <- rep(NA_character_, length(b$estimate))
  put <- function(text, in_b, in_a) {
    at <- which(is.na(reason) & (in_b | in_a))
    group <- ifelse(in_b & in_a, paste(b$group, "and", a$group),
      ifelse(in_b, b$group, a$group)
    )
    polled()
    reason[at] <<- sprintf("%s in %s", text, group[at])
  }
  none <- function(x) is.na(x$conf.low) | is.na(x$conf.high)
  put("no estimate", is.na(b$estimate), is.na(a$estimate))
  put("the estimate is 0", zero$b, zero$a)
  put("no standard error", is.na(b$std.error), is.na(a$std.error))
  put("no limits", none(b), none(a))
  reason
}

# Combines the standard errors (or distances to a limit) b and a of two estimates with a
# `correlation` to that of their difference. The result is infinite if b or a is infinite,
# such as the distance to a limit of 0 on the log scale.
apart <- function(b, a, correlation) {
  polled()
  out <- sqrt(pmax(b^2 + a^2 - 2 * correlation * b * a, 0))
  replace(out, which(is.infinite(b) | is.infinite(a)), Inf)
}

# The signed normal quantile at which the interval of b - a touches 0. `side(name, i, z)`
# returns the rows i of b or a, with their distances at the normal quantiles z.
contrast_deviate <- function(difference, side, correlation, z, known) {
  gap <- function(i, z) {
    b <- side("b", i, z)
    a <- side("a", i, z)
    above <- difference[i] > 0
    far <- apart(
      ifelse(above, b$down, b$up), ifelse(above, a$up, a$down), correlation[i]
    )
    abs(difference[i]) - far
  }
  out <- rep(NA_real_, length(difference))
  out[known] <- 0
  at <- which(known & difference != 0)
  out[at] <- sign(difference[at]) * boundary_z(gap, rep(z, length(at)), at)
  out
}

# Result columns of b - a or b / a for estimates with a `correlation`. `wald`: limits are
# from standard errors, except where the limits of a group are exact. limits_at: a list of
# two functions, b and a, of row numbers and one-sided tail probabilities; they return the
# limits of a group, low and high. `most`: the largest possible difference.
contrast_columns <- function(b, a, conf.level, type, wald, ratio, limits_at,
                             correlation = 0, most = Inf) {
  z <- stats::qnorm((1 - conf.level) / 2, lower.tail = FALSE)
  n <- length(b$estimate)
  correlation <- rep_len(correlation, n)
  exact <- list(b = b$conf.type == "exact", a = a$conf.type == "exact")
  by_error <- lapply(exact, function(x) wald & !x)
  none <- is.na(b$estimate) | is.na(a$estimate)
  zero <- list(b = ratio & b$estimate %in% 0, a = ratio & a$estimate %in% 0)
  reason <- contrast_reason(b, a, zero)
  rows <- list(b = b, a = a)
  side <- function(name, i, z) {
    x <- lapply(rows[[name]], `[`, i)
    if (!all(by_error[[name]][i])) {
      limits <- limits_at[[name]](i, stats::pnorm(-z))
      x$conf.low <- limits$low
      x$conf.high <- limits$high
    }
    contrast_scale(x, z, by_error[[name]][i], ratio)
  }
  b <- contrast_scale(b, z, by_error$b, ratio)
  a <- contrast_scale(a, z, by_error$a, ratio)
  estimate <- b$estimate - a$estimate
  std.error <- apart(b$std.error, a$std.error, correlation)
  low <- estimate - apart(b$down, a$up, correlation)
  high <- estimate + apart(b$up, a$down, correlation)
  known <- is.na(reason)
  statistic <- contrast_deviate(
    estimate, side, correlation, z, known & !(by_error$b & by_error$a)
  )
  of_errors <- known & by_error$b & by_error$a
  statistic[of_errors] <- (estimate / std.error)[of_errors]
  statistic[is.nan(statistic)] <- NA_real_
  reason[known & is.na(statistic)] <-
    "no confidence level was found at which the interval just reaches no difference"
  if (ratio) {
    estimate <- exp(estimate)
    std.error <- estimate * std.error
    low <- exp(low)
    high <- exp(high)
  } else {
    low <- pmax(low, -most)
    high <- pmin(high, most)
  }
  polled()
  unless <- function(x, bad) replace(x, bad | is.nan(x), NA_real_)
  unknown <- none | zero$b | zero$a
  types <- rep(type, n)
  types[!wald | exact$b | exact$a] <- paste("mover,", type)
  types[exact$b & exact$a] <- "mover, exact"
  list(
    estimate = unless(estimate, none | zero$a), std.error = unless(std.error, unknown),
    statistic = statistic, conf.low = unless(low, unknown),
    conf.high = unless(high, unknown), p.value = 2 * stats::pnorm(-abs(statistic)),
    conf.level = rep(conf.level, n), conf.type = types, reason = reason
  )
}

# Contrasts of the groups within each stratum. `estimates` holds `n_each` rows per curve,
# curves in order, for one outcome after another; `correlation` is NULL or has their
# order. limits_at(rows, tail) returns limits of rows of `estimates`, low and high, with
# probability `tail` on each side.
contrast_frame <- function(estimates, table, reference, n_each, measure, limits_at, ...,
                           correlation = NULL) {
  n_group <- length(table$groups)
  curve <- as.integer(estimates$strata)
  group <- (curve - 1L) %% n_group + 1L
  b <- polled(which(group != reference))
  a <- b + (reference - group[b]) * n_each
  side <- function(rows) {
    polled()
    c(
      as.list(estimates[rows, c(
        "estimate", "std.error", "conf.low", "conf.high", "conf.type"
      )]),
      list(group = table$groups[group[rows]])
    )
  }
  names <- intersect(c("time", "tau", "outcome", "state"), names(estimates))
  keys <- as.list(estimates[b, names, drop = FALSE])
  if (length(table$strata) > 1L) {
    stratum <- (curve[b] - 1L) %/% n_group + 1L
    keys$stratum <- factor(table$strata[stratum], table$strata)
  }
  ratio <- measure == "ratio"
  quick_frame(c(
    keys,
    list(
      measure = rep(measure, length(b)),
      contrast = polled(paste(
        table$groups, if (ratio) "/" else "-", table$groups[reference]
      )[group[b]])
    ),
    contrast_columns(side(b), side(a), ratio = ratio, ...,
      limits_at = list(
        b = function(i, tail) limits_at(b[i], tail),
        a = function(i, tail) limits_at(a[i], tail)
      ),
      correlation = if (is.null(correlation)) 0 else correlation[b]
    )
  ))
}

# The type of variance for a table, in words
table_variance <- function(table) {
  variance <- curve_variance(table)
  ids <- if (variance == "cluster") format_ids(table)
  paste(c(word_of(variance_names, variance, "variance"), ids), collapse = ", ")
}

# Constructor of the results of restricted_mean(), rate_difference(), bootstrap_interval()
new_contrast <- function(class, estimates, contrasts, table, method, interval, keys) {
  sampled <- !is.null(table$weights) && table$weights$type == "sampling"
  table <- drop_ids(table)
  structure(list(
    estimates = estimates, contrasts = contrasts, method = method, interval = interval,
    keys = keys, table = if (sampled) unweighted(table) else table
  ), class = c(class, "oligosurv_contrast"))
}

# `rows`: the rows for tidy(), "estimates" of the groups or "contrasts" between them;
# `measure`: the contrasts that sentences and figures show, "difference" or "ratio"
#' @exportS3Method NULL
result_rows.oligosurv_contrast <- function(x, rows = NULL, measure = "difference", ...) {
  check_no_dots(...)
  kinds <- c("estimates", "contrasts")
  rates <- inherits(x, "rate_difference")
  rows <- if (is.null(rows)) kinds[1L + rates] else check_choice(rows, kinds, "rows")
  measure <- check_choice(measure, c("difference", "ratio"), "measure")
  spec <- contrast_spec(x)
  contrasts <- nrow(x$contrasts) > 0L
  ratio <- contrasts && measure == "ratio"
  shown <- if (contrasts && spec$compares) {
    x$contrasts[x$contrasts$measure == measure, ]
  } else {
    x$estimates
  }
  new_result(x[[rows]], contrast_summary(x),
    scale = if (ratio) "ratio" else if (contrasts && rates) "points" else spec$scale,
    null = if (!contrasts || !spec$compares) NA else if (ratio) 1 else 0,
    shown = shown, unit = table_unit(x$table), what = x$method, title = x$method,
    table = x$table, basis = x$interval, columns = contrast_columns_of(x, spec),
    remarks = if (contrasts && "ratio" %in% x$contrasts$measure) "Ratios have no unit",
    signs = c(
      NR = "not reached", undefined_sign(x$contrasts),
      if (all(is.na(x$contrasts$reason))) not_followed
    ),
    label = contrast_label(shown, table_unit(x$table)),
    axis = contrast_axis(x, contrasts),
    heading = if (contrasts && spec$compares) "Difference" else "Estimate",
    values = list(contrast = names_of(shown), strata = names_of(shown))
  )
}

names_of <- function(rows) {
  as.character(if (is.null(rows$contrast)) rows$strata else rows$contrast)
}

# What each class estimates: scale, name, and whether its main results are the contrasts
contrast_spec <- function(x) {
  rate <- !is.null(x$estimates$time)
  list(
    scale = if (rate) "probability" else "time",
    name = if (rate) {
      "Rate"
    } else if (inherits(x, "restricted_mean")) {
      "Mean"
    } else {
      "Estimate"
    },
    compares = !inherits(x, "bootstrap_interval")
  )
}

contrast_summary <- function(x) {
  causes <- x$table$states[-1L]
  counts <- count_states(x$table)
  k <- length(causes)
  columns <- c(
    if (k > 1L) list(outcome = factor(causes, causes)), lapply(x$keys, rep, k),
    list(
      n = rep(sum(counts), k), n.event = counts[-1L], n.censor = rep(counts[1L], k),
      method = rep(x$method, k)
    )
  )
  quick_frame(columns)
}

# The columns of a print or table: first the rows of the groups, then those of contrasts
contrast_columns_of <- function(x, spec) {
  one <- x$estimates
  two <- x$contrasts
  both <- function(name) c(as.character(one[[name]]), as.character(two[[name]]))
  number <- function(name) c(one[[name]], two[[name]])
  stack <- list(
    estimate = number("estimate"), conf.low = number("conf.low"),
    conf.high = number("conf.high"), conf.level = one$conf.level
  )
  part <- c(rep(1L, nrow(one)), 2L + (two$measure == "ratio"))
  times <- ifelse(part == 3L, 1, scale_factors[[spec$scale]])
  once <- unique(two$contrast) # few, even with many times
  against <- sub(" - ", " \u2212 ", once, fixed = TRUE)
  against <- sub(" / ", " : ", against, fixed = TRUE)[match(two$contrast, once)]
  if (!is.null(two$stratum)) against <- sprintf("%s, %s", two$stratum, against)
  columns <- list(
    Outcome = if (!is.null(one$outcome)) both("outcome"),
    Time = if (!is.null(one$time)) time_column(number("time")),
    Quantile = if (!is.null(one$prob)) paste0(100 * number("prob"), "%"),
    Group = c(label_text(one$strata), against),
    value = interval_column(stack, spec$scale, part = part,
      na = if (is.null(one$prob)) no_value else "NR"
    ),
    "Std. error" = in_print(number_column(times * number("std.error"), na = "",
      console = console_digits[[spec$scale]]
    )),
    Bias = if (!is.null(one$bias)) {
      in_print(number_column(times * number("bias"), na = ""))
    },
    P = if (!is.null(two$p.value) && nrow(two)) {
      joined_column(c(rep("%.0s", nrow(one)), rep("%s", nrow(two))),
        p_column(c(rep(NA, nrow(one)), two$p.value))
      )
    },
    "Resamples with a value" = if (!is.null(one$share.known)) {
      joined_column("%s%%", number_column(100 * number("share.known"), 0L, console = 2L))
    }
  )
  names(columns)[5L] <- spec$name
  columns
}

# Labels of contrasts, or of groups, in a figure
contrast_label <- function(rows, unit) {
  if (is.null(rows$contrast)) return(as.character(rows$strata))
  against <- sub(" - ", " minus ", rows$contrast, fixed = TRUE)
  if (!is.null(rows$stratum)) against <- sprintf("%s: %s", rows$stratum, against)
  if (is.null(rows$time)) return(against)
  paste(against, "at", with_unit_value(rows$time, unit))
}

contrast_axis <- function(x, contrasts) {
  if (!inherits(x, "restricted_mean")) return(x$method)
  sprintf(if (contrasts) {
    "Difference of restricted means to %s"
  } else {
    "Restricted mean to %s"
  }, format_time(x$keys$tau))
}
