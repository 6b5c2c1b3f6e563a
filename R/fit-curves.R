# Curves of a table. If only `times` are wanted, long curves are lazy: they are evaluated
# at these times, and the full curve is computed when a method needs it.

# Kaplan-Meier or, with `reverse`, censoring curves
km_curves <- function(table, reverse, conf.type, conf.level, times = NULL) {
  run <- function(table) {
    .Call(C_km, table, reverse, conf.type, conf.level)
  }
  if (!is.null(table$id)) return(cluster_curves(table, TRUE, conf.type, conf.level, run))
  if (is.null(times)) return(run(table))
  lazy <- .Call(C_curves_later, table, FALSE, reverse, conf.type, conf.level)
  if (is.null(lazy)) run(table) else lazy
}

aj_curves <- function(table, aalen, conf.type, conf.level, times = NULL) {
  run <- function(table) {
    .Call(C_aj, table, aalen, conf.type, conf.level)
  }
  if (!is.null(table$id)) return(cluster_curves(table, FALSE, conf.type, conf.level, run))
  if (is.null(times) || aalen) return(run(table))
  lazy <- .Call(C_curves_later, table, TRUE, FALSE, conf.type, conf.level)
  if (is.null(lazy)) run(table) else lazy
}

# With left truncation a small early risk set can become empty: S is then 0 from that time
# on, which is correct by definition but seldom wanted.
note_early_end <- function(fit) {
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
