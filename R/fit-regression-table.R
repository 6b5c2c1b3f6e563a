# The coefficients of one outcome of hazard_ratio() as a table, with the description of
# the method.

# Subjects (`n`, NULL if each row is one) and events by row of the model matrix, and their
# totals `all`
pattern_counts <- function(rows, event) {
  counted <- !is.null(rows$size) && !rows$sampled
  if (!counted && is.null(rows$pattern)) {
    return(list(n = NULL, event = event, all = c(length(event), sum(event))))
  }
  n <- if (counted) rows$size else rep(1, length(event))
  d <- n * event
  if (!is.null(rows$pattern)) {
    sums <- function(x) .Call(C_sum_at, as.double(x), rows$pattern, nrow(rows$design$x))
    n <- sums(n)
    d <- sums(d)
  }
  list(n = n, event = d, all = c(sum(n), sum(d)))
}

regression_method <- function(model, rows, penalise, ties, correction, variance,
                              draws = FALSE) {
  strata <- length(group_ends(rows$stratum))
  paste(c(
    if (model == "cox") {
      if (length(.subset2(rows$table, "states")) > 2L) {
        "Cox regression (cause-specific)"
      } else {
        "Cox regression"
      }
    } else {
      "Fine-Gray regression"
    },
    if (ties == "efron") "Efron ties" else "Breslow ties",
    if (strata > 1L) paste(strata, "strata"),
    if (penalise) {
      paste(c("Firth's penalised likelihood with profile limits", if (draws) {
        sprintf("of one row of each id (medians of %d draws)", firth_draws)
      }), collapse = " ")
    } else if (!is.null(correction)) {
      id_method(correction)
    } else if (rows$sampled || (model == "fine-gray" && variance == "robust")) {
      "robust variance"
    },
    if (rows$sampled) "sampling weights",
    if (model == "fine-gray" && !penalise && variance == "censoring") {
      "variance with the term for estimated censoring"
    },
    if (model == "fine-gray" && !penalise && has_unpaired_entries(rows)) {
      "expected over the pairs of entry and exit"
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
  p <- length(known)
  if (!all(known) || any(apart) || is.null(values$df)) {
    spread <- function(name) {
      full <- rep(NA_real_, p)
      if (!is.null(values[[name]])) full[known] <- values[[name]]
      replace(full, apart, NA_real_)
    }
    columns <- c("log.ratio", "std.error", "statistic", "df", "p.value", "low", "high")
    values <- stats::setNames(lapply(columns, spread), columns)
  }
  n <- rep(as.double(count$all[1L]), p)
  n.event <- rep(as.double(count$all[2L]), p)
  each <- count$n
  for (j in seq_len(p)) {
    of <- design$member[[j]]
    if (is.null(of)) next
    n[j] <- sum(if (is.null(each)) of else of * each)
    n.event[j] <- sum(of * count$event)
  }
  quick_frame(list(
    term = design$term, level = design$level, reference = design$reference, n = n,
    n.event = n.event, estimate = exp(values$log.ratio), std.error = values$std.error,
    statistic = values$statistic, df = values$df, p.value = values$p.value,
    conf.low = exp(values$low), conf.high = exp(values$high),
    conf.level = rep(conf.level, p), method = rep(method, p)
  ))
}
