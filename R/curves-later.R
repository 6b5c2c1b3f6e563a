# Long curves of which only some times are asked for: nothing as long as a curve is made
# before somebody looks at the columns of the fit. See src/r_deferred.c and src/r_at.c.

# Kaplan-Meier or, with `reverse`, censoring curves; columns for later where only `times`
# are asked for
km_curves <- function(table, reverse, conf.type, conf.level, times = NULL) {
  later <- if (!is.null(times) && is.null(table$id)) {
    .Call(C_curves_later, table, FALSE, reverse, conf.type, conf.level)
  }
  if (!is.null(later)) return(later)
  .Call(C_km, table, reverse, conf.type, conf.level, max_threads())
}

aj_curves <- function(table, aalen, conf.type, conf.level, times = NULL) {
  later <- if (!is.null(times) && !aalen && is.null(table$id)) {
    .Call(C_curves_later, table, TRUE, FALSE, conf.type, conf.level)
  }
  if (!is.null(later)) return(later)
  .Call(C_aj, table, aalen, conf.type, conf.level, max_threads())
}

# Has nobody looked at the columns of a fit?
is_later <- function(fit) .Call(C_is_later, fit$estimate)

# What is asked of such a fit; indexed by time or share, then curve, then outcome
read_along <- function(fit, times = double(), shares = double()) {
  times <- pmax(times, table_origin(fit$table))
  .Call(
    C_curves_at, fit, inherits(fit, "follow_up"), limits_from_start(fit), times, shares
  )
}

# What outcome_at() says, from what was read along the curves
outcome_along <- function(along, fit, outcome, times, extend) {
  curve <- rep(seq_along(fit$size), each = length(times))
  at <- (outcome - 1L) * length(curve) + seq_along(curve)
  out <- c(
    list(curve = curve, time = rep(times, length(fit$size))),
    lapply(along[c(
      "n.risk", "cum.event", "cum.censor", "estimate", "std.error", "conf.low",
      "conf.high"
    )], `[`, at)
  )
  sizes <- curve_sizes(fit$table)
  none <- along$row[at] == 0 & sizes[curve] > 0
  limits <- limits_no_event(sizes, fit$start_value, fit$conf.level, fit$conf.type)
  out$estimate[none] <- fit$start_value
  out$std.error[none] <- 0
  out$conf.low[none] <- limits$low[curve[none]]
  out$conf.high[none] <- limits$high[curve[none]]
  out$n.event <- since_before(out$cum.event, curve)
  out$n.censor <- since_before(out$cum.censor, curve)
  if (!extend) {
    last <- ifelse(fit$size == 0, table_origin(fit$table), along$last)
    past <- out$time * (1 - default_tie_tol) > last[curve] & along$ended[curve] == 0
    for (column in c("estimate", "std.error", "conf.low", "conf.high")) {
      out[[column]][past] <- NA_real_
    }
  }
  quick_frame(out)
}

# Quantile and limits in columns, with the rows of quantile_matrix()
quantiles_along <- function(fit, probs, midpoint) {
  along <- read_along(fit, shares = 1 - probs)
  half <- midpoint & along$cross.flat == 1 & !is.na(along$cross.next)
  estimate <- ifelse(half, (along$cross + along$cross.next) / 2, along$cross)
  low <- along$cross.low
  high <- along$cross.high
  if (limits_from_start(fit)) { # they may be past the share before any event
    start <- limits_no_event(
      curve_sizes(fit$table), fit$start_value, fit$conf.level, fit$conf.type
    )
    falling <- function(x) if (fit$start_value == 0) 1 - x else x
    bounds <- if (fit$start_value == 0) start[c("high", "low")] else start
    shares <- rep(1 - probs, length.out = length(low))
    curve <- rep(seq_along(fit$size), each = length(probs), length.out = length(low))
    add <- curve_sizes(fit$table) > 0
    at_start <- function(x) add[curve] & falling(x)[curve] <= shares + 1e-12
    origin <- table_origin(fit$table)
    low[at_start(bounds[[1L]])] <- origin
    high[at_start(bounds[[2L]])] <- origin
  }
  matrix(c(estimate, low, high), ncol = 3L)
}
