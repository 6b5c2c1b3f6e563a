# The baseline of a hazard_ratio: its steps, and the influence of rows on them. "Persons"
# are those for whom curves are predicted; "cells" are the rows or counts of the fit.

# The models whose hazards determine the curves: one model, or with competing risks and
# Cox models the models of all causes. Returns a list: `steps` by cause, see cox_steps();
# `last`, the rank of the last follow-up of each stratum; `codes`, the numbers of these
# strata.
curve_job <- function(model, outcomes) {
  steps <- lapply(outcomes, function(outcome) {
    detail <- model$fits[[outcome]]
    check_curve_fit(detail$curve, model, outcome)
    make <- if (is.null(detail$cells)) fine_gray_steps else cox_steps
    make(model, detail)
  })
  list(steps = steps, codes = steps[[1L]]$codes, last = steps[[1L]]$last)
}

check_curve_fit <- function(curve, model, outcome) {
  of <- if (is.character(outcome)) sprintf(" of %s", outcome) else ""
  if (length(curve$infinite)) {
    stop_oligosurv("data", sprintf(
      paste(
        "the hazard ratio%s is 0 or infinite for %s, so no curve can be predicted;",
        "firth = NA in hazard_ratio() gives a finite one"
      ), of, join_words(curve$infinite)
    ), arg = "object")
  }
  if (is.null(curve$beta) && is.null(curve$fine_gray) &&
      is.null(model$fits[[outcome]]$cells)) {
    stop_oligosurv("data", sprintf(
      "no coefficient%s could be estimated, so no curve can be predicted; %s", of,
      "use covariates that differ between those at risk"
    ), arg = "object")
  }
}

# The model matrix of the coefficients of a fit
known_columns <- function(x, curve) x[, curve$known, drop = FALSE]

invert_information <- function(information, p) {
  if (!p) return(matrix(0, 0L, 0L))
  chol2inv(check_risk_sets(
    tryCatch(chol(matrix(information, p, p)), error = raise_time_limit)
  ))
}

# Converts the cumulative numbers of cells by stratum to the stratum of each cell
stratum_of_cells <- function(end) rep.int(seq_along(end), diff(c(0, end)))

# Steps of a Cox model. By step: `rank` of the time, `d` events, hazard `a` and its
# variance `b`, `tied` and `mean` [p, steps], see osv_steps in C. By stratum: `end`,
# `codes`, `top` (the linear predictor to which these hazards belong), `centre` of the
# covariates [p, strata], and the rank `last`. `bread` is the inverse information. Cells
# have their `row` of the model matrix, `size`, `id`, and the elements of osv_influence_in
# in C.
cox_steps <- function(model, detail) {
  cells <- detail$cells
  curve <- detail$curve
  beta <- as.double(curve$beta)
  cells$column <- curve$known
  out <- check_risk_sets(.Call(C_cox_steps, cells, beta))
  p <- length(beta)
  n <- length(cells$time)
  stratum <- stratum_of_cells(cells$stratum_end)
  row <- if (is.null(cells$pattern)) seq_len(n) else cells$pattern + 1L
  strata <- length(cells$stratum_end)
  lp <- as.vector(known_columns(model$x, curve) %*% beta)
  if (!is.null(model$offset)) lp <- lp + model$offset
  within <- steps_within(out$time, out$end)
  steps <- list(
    rank = out$time, d = out$d, a = out$a, b = out$b, tied = out$tied,
    mean = matrix(out$mean, p, length(out$time)), end = out$end, codes = model$stratum,
    top = rep(max(lp), strata), centre = matrix(out$centre, p, strata),
    last = cells$time[cells$stratum_end], bread = invert_information(out$information, p),
    sampled = cells$sampled,
    cells = list(
      row = row, size = cells$size, id = model$id, risk = out$risk[row],
      event = as.integer(cells$event), stratum = stratum,
      first = if (is.null(cells$start)) {
        c(0, out$end)[stratum]
      } else {
        steps_until(within, stratum, cells$start)
      },
      last = steps_until(within, stratum, cells$time), until = NULL, entered = NULL,
      stayed = NULL, weighted = NULL, moved = NULL
    )
  )
  # with sampling weights, the number of events of a step is the sum of their weights
  if (cells$sampled) steps$d <- weight_of_events(steps)
  steps$score <- function(unit, n_unit) {
    unit_from_0 <- if (!is.null(unit)) unit - 1L
    by_unit <- check_risk_sets(
      .Call(C_cox_residuals, cells, beta, unit_from_0, n_unit)
    )
    score <- t(by_unit$score)
    if (is.null(unit) && !is.null(cells$size)) score / cells$size else score
  }
  steps$curve <- curve
  steps
}

# The sum of the sampling weights of the events of each step
weight_of_events <- function(steps) {
  cells <- steps$cells
  event <- cells$event == 1L
  as.vector(rowsum(cells$size[event], cells$last[event]))
}

# Steps of a Fine-Gray model, in the same form
fine_gray_steps <- function(model, detail) {
  curve <- detail$curve
  data <- curve$fine_gray
  data$x <- known_columns(model$x, curve)
  id <- if (!is.null(model$id)) model$id[data$kept]
  unit <- if (is.null(id) && data$sampled) seq_along(data$kept) else id
  sums <- list(
    of_weights = curve$variance == "censoring", unit = unit,
    n_unit = if (!is.null(id)) max(model$id) else length(unit)
  )
  out <- check_risk_sets(.Call(C_finegray_steps, data, as.double(curve$beta), sums))
  p <- length(curve$beta)
  ends <- data$time_end[data$stratum_end]
  stratum <- stratum_of_cells(ends)
  rows <- split(data$order, stratum)
  lp <- as.vector(data$x %*% curve$beta)
  if (!is.null(model$offset)) lp <- lp + model$offset
  score <- t(matrix(out$score, p))
  list(
    rank = data$time[out$time + 1L], d = out$d, a = out$a, b = out$b, tied = out$tied,
    mean = matrix(out$mean, p, length(out$time)), end = out$end, codes = data$codes,
    top = vapply(rows, function(at) max(lp[at]), 0),
    centre = matrix(vapply(rows, function(at) {
      colMeans(data$x[at, , drop = FALSE])
    }, double(p)), p),
    last = data$time[data$stratum_end], bread = invert_information(out$information, p),
    sampled = data$sampled,
    cells = list(
      row = data$order, size = data$count, id = id, risk = out$risk,
      event = as.integer(data$status == 1L), stratum = stratum, first = out$first,
      last = out$last, until = out$until, entered = out$entered, stayed = out$stayed,
      weighted = out$weighted, moved = out$moved, pairs = data$pairs
    ),
    score = function(unit, n_unit) score, curve = curve
  )
}

# The ranks of the steps of each stratum
steps_within <- function(rank, end) {
  lapply(seq_along(end), function(s) {
    list(before = c(0, end)[s], rank = rank[step_range(end, s)])
  })
}

step_range <- function(end, s) {
  from <- c(0, end)[s]
  from + seq_len(end[s] - from)
}

# The number of steps up to a rank of time, plus all steps of the strata before
steps_until <- function(within, stratum, rank) {
  out <- double(length(rank))
  for (s in seq_along(within)) {
    at <- stratum == s
    out[at] <- within[[s]]$before + findInterval(rank[at], within[[s]]$rank)
  }
  out
}

# Sums of x up to each of the step numbers `at`
running_sums <- function(x, at) c(0, cumsum(x))[at + 1L]

# The same for each row of x
running_rows <- function(x, at) {
  sums <- vapply(seq_len(nrow(x)), function(k) running_sums(x[k, ], at), at + 0)
  matrix(sums, nrow(x), length(at), byrow = TRUE)
}

# Baseline sums of a stratum at ascending ranks of time: cumulative `hazard`, its
# `variance`, `mean` [p, ranks], and the number of steps `at`
baseline_at <- function(steps, s, ranks) {
  own <- step_range(steps$end, s)
  at <- findInterval(ranks, steps$rank[own])
  list(
    hazard = running_sums(steps$a[own], at), variance = running_sums(steps$b[own], at),
    at = at, mean = running_rows(steps$mean[, own, drop = FALSE], at)
  )
}

# What the curves of a stratum have in common, whoever the persons are: by cause the
# `sums` of baseline_at(), and with several causes their `joined` steps
stratum_base <- function(job, s, ranks) {
  list(
    sums = lapply(job$steps, baseline_at, s, ranks),
    joined = if (length(job$steps) > 1L) joined_steps(job, s, ranks)
  )
}

# The steps of all causes in a stratum up to the last of the ranks, merged: `rank`;
# `hazard` [causes, steps]; and by cause the numbers `own` of its steps among all steps of
# the cause, and `at` among the merged ones
joined_steps <- function(job, s, ranks) {
  own <- lapply(job$steps, function(steps) {
    own <- step_range(steps$end, s)
    own[steps$rank[own] <= max(ranks)]
  })
  of_cause <- Map(function(steps, own) steps$rank[own], job$steps, own)
  rank <- sort(unique(unlist(of_cause)))
  hazard <- matrix(0, length(job$steps), length(rank))
  at <- lapply(of_cause, match, rank)
  for (l in seq_along(own)) hazard[l, at[[l]]] <- job$steps[[l]]$a[own[[l]]]
  list(rank = rank, hazard = hazard, at = at, own = own)
}

# The design rows of persons for one cause: covariates `x` of the coefficients in the fit,
# and `ratio`, the hazard ratio to `top` of their stratum
persons_for <- function(steps, x, stratum, offset) {
  x <- known_columns(x, steps$curve)
  lp <- as.vector(x %*% steps$curve$beta) + offset
  list(x = x, ratio = exp(lp - steps$top[stratum]))
}

# Flags persons whose hazard ratio to covariates of 0 is determined by the fit
has_known_ratio <- function(model, outcome, x, steps = NULL) {
  if (is.null(steps)) steps <- curve_job(model, outcome)$steps[[1L]]
  is_estimable(steps, model$x, x, rep(1L, nrow(x)), contrast = TRUE)
}

# Flags persons whose hazard is determined by the fit. A coefficient is NA if, in the risk
# sets of events, its covariate is a constant plus a linear combination of others (the
# same in all strata); there it has no effect. Persons for whom this relation holds too
# have curves. contrast: only the ratio to covariates of 0 matters, not the constant.
is_estimable <- function(steps, model_x, x, stratum, contrast = FALSE) {
  known <- steps$curve$known
  other <- setdiff(seq_len(ncol(model_x)), known)
  if (!length(other)) return(rep(TRUE, nrow(x)))
  cells <- steps$cells
  at_risk <- cells$last > cells$first
  rows <- unique(cbind(cells$row, cells$stratum)[at_risk, , drop = FALSE])
  group <- factor(rows[, 2L], seq_along(steps$end))
  seen <- model_x[rows[, 1L], , drop = FALSE]
  means <- rowsum(seen, as.integer(group)) / as.vector(table(group)[table(group) > 0])
  centred <- seen - means[match(as.integer(group), as.integer(rownames(means))), ,
    drop = FALSE
  ]
  size <- apply(abs(rbind(model_x, x)), 2L, max, 1e-300)
  weights <- if (length(known)) {
    qr.coef(qr(centred[, known, drop = FALSE]), centred[, other, drop = FALSE])
  } else {
    matrix(0, 0L, length(other))
  }
  weights[is.na(weights)] <- 0
  off <- function(z) z[, other, drop = FALSE] - z[, known, drop = FALSE] %*% weights
  holds <- apply(abs(off(centred)), 2L, max, 0) <= 1e-8 * size[other]
  constant <- off(means)[match(stratum, as.integer(rownames(means))), , drop = FALSE]
  gap <- off(x) - if (contrast) 0 else constant
  same <- sweep(abs(gap), 2L, 1e-8 * size[other], "<=") & rep(holds, each = nrow(x))
  rowSums(same) %in% length(other)
}
