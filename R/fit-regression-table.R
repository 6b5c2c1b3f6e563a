# The coefficients of one outcome of hazard_ratio() as a table, and what describes its
# method.

# Subjects and events by row of the model matrix
pattern_counts <- function(rows, event) {
  counted <- !is.null(rows$size) && !isTRUE(rows$sampled)
  size <- if (counted) rows$size else rep(1, length(event))
  if (is.null(rows$pattern)) return(list(n = size, event = size * event))
  sums <- function(x) {
    sum <- rowsum(x, rows$pattern)
    out <- double(nrow(rows$design$x))
    replace(out, as.integer(rownames(sum)), sum)
  }
  list(n = sums(size), event = sums(size * event))
}

regression_method <- function(model, rows, penalise, ties, correction, variance) {
  strata <- length(unique(rows$stratum))
  paste(c(
    if (model == "cox") {
      paste0("Cox regression", if (length(rows$table$states) > 2L) " (cause-specific)")
    } else {
      "Fine-Gray regression"
    },
    if (ties == "efron") "Efron ties" else "Breslow ties",
    if (strata > 1L) paste(strata, "strata"),
    if (penalise) {
      "Firth's penalised likelihood with profile limits"
    } else if (!is.null(correction)) {
      id_method(correction)
    } else if (isTRUE(rows$sampled) || (model == "fine-gray" && variance == "robust")) {
      "robust variance"
    },
    if (isTRUE(rows$sampled)) "sampling weights",
    if (model == "fine-gray" && !penalise && variance == "censoring") {
      "variance with the term for estimated censoring"
    }
  ), collapse = ", ")
}

id_method <- function(correction) {
  if (correction$df <= 0) {
    return(sprintf(
      "robust variance by id not defined for %s", count_noun(correction$n_id, "id")
    ))
  }
  sprintf(
    "robust variance by id (%s ids: times %s/%s, t with %s degrees of freedom)",
    format_count(correction$n_id), format_count(correction$n_id),
    format_count(correction$df), format_count(correction$df)
  )
}

coefficient_table <- function(values, known, apart, design, count, conf.level, method) {
  values <- unclass(values)
  spread <- function(name) {
    full <- rep(NA_real_, length(known))
    if (!is.null(values[[name]])) full[known] <- values[[name]]
    replace(full, apart, NA_real_)
  }
  in_level <- function(x) {
    vapply(design$member, function(of) if (is.null(of)) sum(x) else sum(of * x), 0)
  }
  quick_frame(list(
    term = design$term, level = design$level, reference = design$reference,
    n = in_level(count$n), n.event = in_level(count$event),
    estimate = exp(spread("log.ratio")),
    std.error = spread("std.error"), statistic = spread("statistic"), df = spread("df"),
    p.value = spread("p.value"), conf.low = exp(spread("low")),
    conf.high = exp(spread("high")), conf.level = rep(conf.level, length(known)),
    method = rep(method, length(known))
  ))
}
