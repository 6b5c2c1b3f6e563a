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

# What is asked of a fit; indexed by time or share, then curve, then outcome
read_along <- function(fit, times = double(), shares = double()) {
  times <- pmax(times, table_origin(fit$table))
  from_start <- limits_from_start(fit)
  c(
    .Call(C_curves_at, fit, inherits(fit, "follow_up"), from_start, times, shares),
    list(from_start = from_start)
  )
}

# With left truncation a small early risk set can empty itself: S is 0 from there on,
# right by definition and seldom what is wanted.
note_early_end <- function(fit) {
  if (is.null(fit$table$entry)) return(fit)
  event_free <- if (is.null(fit$event.free)) fit$estimate else fit$event.free
  zero <- which(event_free == 0)
  curve <- rep.int(seq_along(fit$size), fit$size)[zero]
  for (at in zero[!duplicated(curve) & duplicated(curve, fromLast = TRUE)]) {
    inform_oligosurv(sprintf(
      paste(
        "curve %s falls to 0 at time %s, when all %s at risk have the event, and stays",
        "there though others enter later"
      ),
      curve_labels(fit$table)[curve[zero == at]], format(fit$time[at]),
      format_count(fit$n.risk[at])
    ))
  }
  fit
}
