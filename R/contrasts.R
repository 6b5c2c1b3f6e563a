# Groups against a reference: differences and ratios of independent estimates, with
# limits recovered from those of the groups (MOVER).

check_reference <- function(reference, table) {
  if (is.null(reference)) return(1L)
  at <- match(check_string(reference, "reference"), table$groups)
  if (is.na(at)) {
    stop_oligosurv("input", sprintf(
      "`reference` is \"%s\", which is no group; the groups are %s", reference,
      paste0("\"", table$groups, "\"", collapse = ", ")
    ), arg = "reference")
  }
  at
}

# Estimates on the scale on which they are compared, with the distance to each limit:
# that of the standard error, or of the limits themselves.
contrast_scale <- function(x, z, wald, ratio) {
  limit <- list(low = x$conf.low, high = x$conf.high)
  if (ratio) {
    x$std.error <- x$std.error / x$estimate
    x$estimate <- log(x$estimate)
    limit <- lapply(limit, log)
  }
  by_error <- wald & x$conf.type != "exact"
  x$down <- ifelse(by_error, z * x$std.error, x$estimate - limit$low)
  x$up <- ifelse(by_error, z * x$std.error, limit$high - x$estimate)
  x
}

# Why there is no p-value, naming the groups; NA where there is one
contrast_reason <- function(b, a, none, zero) {
  reason <- rep(NA_character_, length(b$estimate))
  put <- function(text, in_b, in_a) {
    at <- which(is.na(reason) & (in_b | in_a))
    group <- ifelse(in_b & in_a, paste(b$group, "and", a$group),
      ifelse(in_b, b$group, a$group)
    )
    reason[at] <<- sprintf("%s in %s", text, group[at])
  }
  put("no estimate", none$b, none$a)
  put("no standard error", is.na(b$std.error), is.na(a$std.error))
  put("the estimate is 0", zero$b, zero$a)
  put("the standard error is 0", b$std.error %in% 0, a$std.error %in% 0)
  reason
}

# Columns of b - a or b / a, whose estimates have a `correlation`. `wald`: limits by the
# standard errors, except where the limits of a group are exact.
contrast_columns <- function(b, a, conf.level, type, wald, ratio, correlation = 0) {
  z <- stats::qnorm((1 - conf.level) / 2, lower.tail = FALSE)
  exact <- list(b = b$conf.type == "exact", a = a$conf.type == "exact")
  none <- list(b = is.na(b$estimate), a = is.na(a$estimate))
  zero <- list(b = ratio & b$estimate %in% 0, a = ratio & a$estimate %in% 0)
  reason <- contrast_reason(b, a, none, zero)
  b <- contrast_scale(b, z, wald, ratio)
  a <- contrast_scale(a, z, wald, ratio)
  estimate <- b$estimate - a$estimate
  apart <- function(b, a) sqrt(pmax(b^2 + a^2 - 2 * correlation * b * a, 0))
  std.error <- apart(b$std.error, a$std.error)
  statistic <- estimate / std.error
  low <- estimate - apart(b$down, a$up)
  high <- estimate + apart(b$up, a$down)
  if (ratio) {
    estimate <- exp(estimate)
    std.error <- estimate * std.error
    low <- exp(low)
    high <- exp(high)
  }
  unless <- function(x, bad) replace(x, bad | is.nan(x), NA_real_)
  none <- none$b | none$a
  unknown <- none | zero$b | zero$a
  no_p <- !is.na(reason)
  types <- rep(type, length(estimate))
  types[!wald | exact$b | exact$a] <- paste("mover,", type)
  types[exact$b & exact$a] <- "mover, exact"
  list(
    estimate = unless(estimate, none | zero$a), std.error = unless(std.error, unknown),
    statistic = unless(statistic, no_p), conf.low = unless(low, unknown),
    conf.high = unless(high, unknown),
    p.value = unless(2 * stats::pnorm(-abs(statistic)), no_p),
    conf.level = rep(conf.level, length(estimate)), conf.type = types, reason = reason
  )
}

# Contrasts of the groups within each stratum. `estimates` holds `n_each` rows a curve,
# curves in order, for one outcome after another; `correlation`: NULL, or in their order.
contrast_frame <- function(estimates, table, reference, n_each, measure, ...,
                           correlation = NULL) {
  n_group <- length(table$groups)
  curve <- as.integer(estimates$strata)
  group <- (curve - 1L) %% n_group + 1L
  b <- which(group != reference)
  a <- b + (reference - group[b]) * n_each
  side <- function(rows) {
    c(
      as.list(estimates[rows, c(
        "estimate", "std.error", "conf.low", "conf.high", "conf.type"
      )]),
      list(group = table$groups[group[rows]])
    )
  }
  names <- intersect(c("time", "tau", "outcome"), names(estimates))
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
      contrast = paste(
        table$groups[group[b]], if (ratio) "/" else "-", table$groups[reference],
        recycle0 = TRUE
      )
    ),
    contrast_columns(side(b), side(a), ratio = ratio, ...,
      correlation = if (is.null(correlation)) 0 else correlation[b]
    )
  ))
}

# The variance that a table leads to, in words
table_variance <- function(table) {
  fit <- list(variance = curve_variance(table))
  if (fit$variance == "cluster") fit$clusters <- format_ids(table)
  format_variance(fit)
}

# What restricted_mean(), rate_difference() and bootstrap_interval() give
new_contrast <- function(class, estimates, contrasts, table, method, interval, keys) {
  sampled <- !is.null(table$weights) && table$weights$type == "sampling"
  table <- drop_ids(table)
  structure(list(
    estimates = estimates, contrasts = contrasts, method = method, interval = interval,
    keys = keys, table = if (sampled) unweighted(table) else table
  ), class = c(class, "oligosurv_contrast"))
}

#' @export
as.data.frame.oligosurv_contrast <- function(x, row.names = NULL, optional = FALSE, ...) {
  tidy(x)
}

#' @rdname restricted_mean
#' @export
glance.oligosurv_contrast <- function(x, ...) {
  check_no_dots(...)
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

#' @export
print.oligosurv_contrast <- function(x, digits = 4L, ...) {
  writeLines(c(
    sprintf(
      "%s: %s (%s)", x$method, format_size(x$table), format_states(x$table)
    ),
    x$interval, format_losses(x$table)
  ))
  show <- function(rows) {
    number <- intersect(names(rows), c(
      "estimate", "std.error", "bias", "conf.low", "conf.high", "share.known"
    ))
    rows[number] <- lapply(rows[number], function(v) format_time(v, "NA"))
    if (!is.null(rows$p.value)) rows$p.value <- format_p(rows$p.value, equals = "")
    drop <- c(
      "conf.level", "statistic", "measure", "reason", "tau", "n.event", "n.censor",
      "cum.event", "cum.censor"
    )
    if (nlevels(rows$strata) == 1L) drop <- c(drop, "strata")
    print(rows[setdiff(names(rows), drop)], row.names = FALSE)
  }
  show(x$estimates)
  if (nrow(x$contrasts) > 0L) show(x$contrasts)
  reasons <- unique(x$contrasts$reason[!is.na(x$contrasts$reason)])
  writeLines(sprintf("p = NA: %s", reasons))
  invisible(x)
}
