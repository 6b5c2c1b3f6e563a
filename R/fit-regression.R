# The fit of one outcome of hazard_ratio() by survival::coxph(): rows at risk, which
# coefficients are identified, variance by id and tests.

# The fit of the coefficients that the risk sets identify (`known`): beyond what
# estimable() sees in the rows, a covariate may be constant among those at risk whenever
# an event occurs, as where a whole group leaves before the first event.
fit_identified <- function(obs, design, known, ties, robust) {
  if (any(known)) {
    x <- design$x[obs$row, known, drop = FALSE]
    fit <- fit_coxph(obs, x, design$index[known], ties, robust)
    if (all(fit$settled)) return(c(fit, list(known = known)))
    identified <- in_risk_sets(obs, x, ties)
    if (all(identified)) return(c(fit, list(known = known)))
    known[known] <- identified
    return(fit_identified(obs, design, known, ties, robust))
  }
  list(known = known, settled = logical(), fit = NULL)
}

# Small-sample correction of the variance by id, a sum of squares over G ids whose p + 1
# degrees of freedom are taken: it is multiplied by G / (G - p - 1), and t with G - p - 1
# degrees of freedom takes the place of the normal distribution. NULL without ids.
id_correction <- function(id, p) {
  if (is.null(id)) return(NULL)
  n_id <- max(id, 0L)
  df <- n_id - p - 1
  list(n_id = n_id, df = df, factor = if (df > 0) n_id / df else NA_real_)
}

cox_rows <- function(rows, event) {
  n <- length(event)
  list(
    start = rows$entry, stop = rows$time, event = event, weight = rep(1, n),
    stratum = rows$stratum, row = seq_len(n), id = rows$id
  )
}

# Who had another event stays at risk, with the weights of finegray()
fine_gray_rows <- function(rows, cause) {
  status <- factor(
    ifelse(rows$status == cause, 1L, ifelse(rows$status == 0L, 0L, 2L)), 0:2
  )
  if (any(rows$entry > 0)) {
    stop_oligosurv("data", "a Fine-Gray model is not fitted here to left-truncated data")
  }
  d <- data.frame(
    time = rows$time, status = status, stratum = rows$stratum, row = seq_along(status)
  )
  long <- if (any(status == "2") && any(status == "1")) {
    survival::finegray(Surv(time, status) ~ row + strata(stratum), d, etype = "1")
  } else {
    data.frame(
      row = d$row, fgstart = 0, fgstop = d$time, fgstatus = status == "1", fgwt = 1
    )
  }
  list(
    start = long$fgstart, stop = long$fgstop, event = long$fgstatus == 1,
    weight = long$fgwt, stratum = rows$stratum[long$row], row = long$row,
    id = if (is.null(rows$id)) long$row else rows$id[long$row]
  )
}

# Columns that the rows can tell apart, within strata: a largest set of them, the first
# of those that depend on each other
estimable <- function(x, stratum) {
  split <- decompose_within(x, stratum)
  seq_len(ncol(x)) %in% split$kept
}

# Numbers of the columns `kept` and `dependent`, and what each dependent one is as a sum
# of those kept (`weights`, a row a kept column); columns without variation within strata
# are in neither
decompose_within <- function(x, stratum) {
  if (!nrow(x)) return(list(kept = integer(), dependent = integer()))
  x <- scale_columns(x)
  centred <- x - rowsum(x, stratum)[as.character(stratum), , drop = FALSE] /
    as.vector(table(stratum)[as.character(stratum)])
  size <- sqrt(colSums(centred^2))
  some <- size > 1e-10 * sqrt(colSums(x^2))
  decomposed <- qr(sweep(centred[, some, drop = FALSE], 2L, size[some], "/"), tol = 1e-9)
  first <- seq_len(decomposed$rank)
  rest <- setdiff(seq_len(sum(some)), first)
  root <- qr.R(decomposed)
  list(
    kept = which(some)[decomposed$pivot[first]],
    dependent = which(some)[decomposed$pivot[rest]],
    weights = if (length(first) && length(rest)) {
      backsolve(root[first, first, drop = FALSE], root[first, rest, drop = FALSE])
    }
  )
}

# Whether the coefficient of each column alone is determined, not only a sum of it and
# others: its unit vector is in the space of the differences within strata, so it is part
# of no dependence between columns.
is_determined <- function(x, stratum) {
  if (!nrow(x)) return(rep(FALSE, ncol(x)))
  split <- decompose_within(x, stratum)
  kept <- split$kept
  if (!is.null(split$weights)) {
    kept <- kept[apply(abs(split$weights), 1L, max) < 1e-7]
  }
  seq_len(ncol(x)) %in% kept
}

# For each row the number of its chain of risk sets: rows that are at risk at the same
# event are compared, and so are those that a third row links. NA: at risk at no event.
risk_set_chains <- function(obs) {
  chain <- rep(NA_integer_, length(obs$stop))
  last <- 0L
  for (rows in split(seq_along(obs$stop), obs$stratum)) {
    times <- sort(unique(obs$stop[rows][obs$event[rows]]))
    if (!length(times)) next
    first <- findInterval(obs$start[rows], times) + 1L
    final <- findInterval(obs$stop[rows], times)
    at_risk <- first <= final
    linked <- cumsum(
      tabulate(first[at_risk], length(times)) - tabulate(final[at_risk], length(times))
    ) > 0
    number <- last + cumsum(c(TRUE, !linked[-length(times)]))
    chain[rows[at_risk]] <- number[first[at_risk]]
    last <- max(number)
  }
  chain
}

# Coefficients that would be named after a comparison that no risk set makes. Where the
# reference of a factor never meets its other levels, the columns that are kept compare
# those with each other; they stay in the model, but "B against A" is not what they say.
# This holds for the levels of a factor and then for all terms that it interacts with.
# Of covariates that determine each other the first is kept, as in coxph().
not_compared <- function(obs, design, known) {
  apart <- rep(FALSE, length(known))
  single <- which(colSums(design$factors) == 1)
  for (term in single) {
    variable <- which(design$factors[, term])
    columns <- which(design$index == term)
    if (length(columns) >= design$levels[variable] || all(known[columns])) next
    chain <- risk_set_chains(obs)
    seen <- !is.na(chain)
    alone <- function(j) {
      !is_determined(design$x[obs$row[seen], j, drop = FALSE], chain[seen])
    }
    lost <- alone(columns)
    if (!all(lost) && !any(lost & known[columns])) next
    apart[columns] <- apart[columns] | lost
    with <- design$factors[, design$factors[variable, ], drop = FALSE]
    inside <- colSums(design$factors[rowSums(with) == 0, , drop = FALSE]) == 0
    family <- which(inside[design$index])
    apart[family] <- apart[family] | alone(family)
  }
  apart
}

# Columns divided by their largest absolute value, so that no square overflows
scale_columns <- function(x) {
  largest <- apply(abs(x), 2L, max, 0)
  sweep(x, 2L, ifelse(largest > 0, largest, 1), "/")
}

# The rank of the information is the same for all coefficients; at 0 no risk set has lost
# its weight, as it has where the likelihood is monotone.
in_risk_sets <- function(obs, x, ties) {
  control <- survival::coxph.control(iter.max = 0)
  fit <- run_coxph(obs, scale_columns(x), seq_len(ncol(x)), ties, FALSE,
    control = control
  )
  diag(fit$var) > 0
}

run_coxph <- function(obs, x, index, ties, robust, ...) {
  d <- data.frame(obs[c("start", "stop", "event", "weight", "stratum")])
  d$id <- if (is.null(obs$id)) obs$row else obs$id
  names <- paste0("x", seq_along(unique(index)))
  for (i in seq_along(names)) {
    d[[names[i]]] <- unname(x[, index == unique(index)[i], drop = FALSE])
  }
  # coxph() is faster and steadier without entry times
  response <- if (all(obs$start == 0)) {
    quote(Surv(stop, event))
  } else {
    quote(Surv(start, stop, event))
  }
  formula <- stats::reformulate(c(names, "strata(stratum)"), response)
  tryCatch(
    suppressWarnings(survival::coxph(formula, d,
      weights = d$weight, ties = ties, robust = robust, cluster = d$id, ...
    )),
    error = function(e) {
      stop_oligosurv("data", sprintf(
        "the model could not be fitted to %d rows and %d coefficients: %s",
        nrow(d), ncol(x), conditionMessage(e)
      ), arg = "x")
    }
  )
}

# The fit, and for each coefficient whether it has settled: at a maximum one more Newton
# step goes nowhere, where the likelihood is monotone it goes on by a fixed length. A
# coefficient that coxph() gives up on is NA and not settled.
fit_coxph <- function(obs, x, index, ties, robust) {
  fit <- run_coxph(obs, x, index, ties, robust)
  at <- stats::coef(fit)
  if (anyNA(at)) return(list(fit = fit, settled = !is.na(unname(at))))
  control <- survival::coxph.control(iter.max = 1)
  again <- run_coxph(obs, x, index, ties, robust, init = at, control = control)
  moved <- abs(stats::coef(again) - at) * apply(x, 2L, stats::sd)
  list(fit = fit, settled = is.finite(moved) & moved < 1e-3)
}

# Limits and p of the normal distribution, or of t with the correction by id
wald <- function(fit, monotone, conf.level, correction) {
  b <- unname(stats::coef(fit))
  error <- unname(sqrt(diag(stats::vcov(fit))))
  df <- Inf
  if (!is.null(correction)) {
    error <- error * sqrt(correction$factor)
    df <- if (correction$df > 0) correction$df else NA_real_
  }
  error[monotone] <- NA
  width <- stats::qt((1 + conf.level) / 2, df) * error
  z <- b / error
  monotone <- monotone & !is.na(b)
  b[monotone] <- sign(b[monotone]) * Inf
  data.frame(
    log.ratio = b, std.error = error, statistic = z, df = df,
    p.value = 2 * stats::pt(-abs(z), df),
    low = ifelse(monotone, -Inf, b - width), high = ifelse(monotone, Inf, b + width)
  )
}

# Whether rows of one id are to be taken as more than one subject: two are at risk at the
# same time, or there are two events. Else they are the pieces of one follow-up (a
# covariate that changes, a split), and the likelihood is that of the whole.
has_clusters <- function(rows) {
  if (!anyDuplicated(rows$id)) return(FALSE)
  if (anyDuplicated(rows$id[rows$status > 0])) return(TRUE)
  by_id <- order(rows$id, rows$entry, rows$time)
  id <- rows$id[by_id]
  n <- length(id)
  same <- id[-1L] == id[-n]
  any(same & rows$entry[by_id][-1L] < rows$time[by_id][-n])
}

blank_after_first <- function(values, clustered) {
  if (clustered) values[-1L] <- NA_real_
  values
}

warn_monotone <- function(labels) {
  warn_oligosurv("data", sprintf(
    paste(
      "the likelihood has no maximum for %s: the estimate is 0 or Inf and has no limits;",
      "firth = NA gives a finite one"
    ), join_words(labels)
  ))
}
