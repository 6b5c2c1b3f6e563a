# The Fine-Gray fit of one outcome of hazard_ratio(): the rows for the kernel, the
# variance, and the test of proportional subdistribution hazards.

# Checks `variance`, an argument that only Fine-Gray models have
check_fine_gray_variance <- function(variance, model, is_default) {
  if (is_default) return("censoring")
  variance <- check_choice(variance, c("censoring", "robust"), "variance")
  if (model == "cox") {
    stop_oligosurv("input", paste(
      "`variance` is an argument for Fine-Gray models only; leave it out, or use",
      "model = \"fine-gray\". A Cox model has a robust variance if `id` is given"
    ), arg = "variance")
  }
  variance
}

# The rows as those of a Cox model in which subjects with a competing event stay at risk
# to the last time of the stratum. They show which groups the risk sets compare. They also
# give the transform of time for the test of proportional hazards, which is that of
# cox.zph() for the rows of finegray(). Neither depends on the weights.
fine_gray_obs <- function(rows, cause) {
  obs <- cox_rows(rows, rows$status == cause)
  competing <- which(rows$status != cause & rows$status != 0L)
  last <- rows$time[group_ends(rows$stratum)]
  obs$stop[competing] <- last[match(rows$stratum, unique(rows$stratum))[competing]]
  obs
}

# The rows in the form of read_rows() in r_finegray.c. A row that enters and leaves at
# tied times is never at risk.
fine_gray_rows <- function(rows, cause, ties) {
  o <- seq_along(rows$time)
  if (!is.null(rows$entry)) o <- o[rows$entry < rows$time]
  n <- length(o)
  if (!n) return(list(status = integer()))
  time <- rows$time[o]
  stratum <- rows$stratum[o]
  starts <- which(c(TRUE, time[-1L] != time[-n] | stratum[-1L] != stratum[-n]))
  status <- rows$status[o]
  order <- as.integer(if (is.null(rows$pattern)) o else rows$pattern[o])
  c(
    list(
      kept = o, order = order, offset = rows$design$offset[order],
      status = ifelse(status == cause, 1L, ifelse(status == 0L, 0L, 2L)),
      count = if (!is.null(rows$size)) as.double(rows$size[o]),
      sampled = isTRUE(rows$sampled), time = time[starts],
      time_end = c(starts[-1L] - 1L, n), stratum_end = group_ends(stratum[starts]),
      efron = ties == "efron"
    ),
    late_entries(rows$entry[o], time, stratum, starts)
  )
}

# The number, from 0, of the first time at which each row is at risk, and the rows in this
# order; NULL if all rows of a stratum are at risk from its first time
late_entries <- function(entry, time, stratum, starts) {
  none <- list(first_time = NULL, by_first = NULL)
  if (all(entry == 0L)) return(none)
  key <- (match(stratum, unique(stratum)) - 1) * (max(time) + 1)
  distinct <- (key + time)[starts]
  first <- findInterval(key + entry, distinct)
  if (all(first == findInterval(key, distinct))) return(none)
  list(first_time = first, by_first = order(first) - 1L)
}

# Fits the coefficients that the risk sets identify. obs: see fine_gray_obs(); variance:
# "censoring" or "robust". Returns a list like fit_cox(), with `trend`, the test of
# proportional hazards.
fit_fine_gray <- function(rows, obs, cause, ties, variance) {
  known <- rep(TRUE, ncol(rows$design$x))
  none <- list(known = !known)
  unpaired <- has_unpaired_entries(rows)
  if (unpaired) rows <- add_lone_exits(rows)
  data <- fine_gray_rows(rows, cause, ties)
  if (!any(data$status == 1L)) return(none)
  trend <- km_transform(obs)[data$time + 1L]
  unit <- variance_units(rows)
  sums <- list(
    of_weights = variance == "censoring", unit = unit[data$kept],
    n_unit = if (!is.null(unit)) max(unit), by_row = unpaired
  )
  while (any(known)) {
    data$x <- if (all(known)) rows$design$x else rows$design$x[, known, drop = FALSE]
    fit <- check_risk_sets(.Call(C_finegray, data, sums, trend))
    if (all(fit$identified == 1L)) {
      if (unpaired) {
        data$pairs <- entry_pairs(rows, data$kept)
        score <- matrix(fit$score, ncol = sum(known), byrow = TRUE)
        fit$meat <- as.vector(expected_cross(data$pairs, score))
      }
      result <- fine_gray_result(fit, rows$design$index[known])
      data$x <- NULL
      data$codes <- unique(rows$stratum[data$kept])
      return(c(result, list(
        known = known, data = residual_rows(rows, ties), curve_data = data
      )))
    }
    known[known] <- fit$identified == 1L
  }
  none
}

# The values that residuals() needs
residual_rows <- function(rows, ties) {
  columns <- c("time", "entry", "stratum", "status", "size", "sampled", "row")
  list(rows = rows[intersect(columns, names(rows))], ties = ties)
}

fine_gray_result <- function(fit, index) {
  p <- length(fit$beta)
  square <- function(x) matrix(x, p, p)
  inverse <- inverse_or_na(square(fit$information))
  meat <- square(fit$meat)
  # C fills the upper triangle by row, which is the lower one in R
  meat[upper.tri(meat)] <- t(meat)[upper.tri(meat)]
  list(
    beta = fit$beta / fit$scale, loglik = fit$loglik, monotone = fit$monotone == 1L,
    naive = inverse / outer(fit$scale, fit$scale),
    var = inverse %*% meat %*% inverse / outer(fit$scale, fit$scale),
    trend = if (!is.null(fit$trend)) {
      trend_test(fit$trend, square(fit$information), square(fit$trend_once),
        square(fit$trend_twice), index
      )
    }
  )
}

# The inverse of the information. If a coefficient diverges, its information is almost 0
# or only rounding error; its rows and columns are then NA.
inverse_or_na <- function(information) {
  p <- ncol(information)
  inverse <- matrix(NA_real_, p, p)
  if (!all(is.finite(information))) return(inverse)
  root <- suppressWarnings(chol(information, pivot = TRUE)) # warns of a low rank
  kept <- attr(root, "pivot")[seq_len(attr(root, "rank"))]
  if (length(kept)) inverse[kept, kept] <- chol2inv(root, length(kept))
  inverse
}

# Score tests that the coefficients of each term, and those of all terms, do not change
# with a transform of time: statistic and degrees of freedom. `information` is the
# information matrix of the p coefficients, `twice` that of their p trends, and `once` the
# block that joins the two. The part of `twice` that the coefficients do not explain is
# the variance of `score`.
trend_test <- function(score, information, once, twice, index) {
  p <- length(score)
  columns <- c(unname(split(seq_len(p), index)), list(seq_len(p)))
  chisq <- tryCatch({
    variance <- twice - crossprod(once, solve(information, once))
    vapply(columns, function(at) {
      sum(score[at] * solve(variance[at, at], score[at]))
    }, 0)
  }, error = raise_time_limit) # NULL if a matrix is singular
  if (is.null(chisq)) return(NULL)
  cbind(chisq, lengths(columns))
}

# Firth's penalised likelihood of the coefficients flagged in `known`, see firth_cox()
firth_fine_gray <- function(rows, cause, known, ties, conf.level) {
  data <- fine_gray_rows(rows, cause, ties)
  data$x <- rows$design$x[, known, drop = FALSE]
  # the penalty depends on the sum of the weights
  if (data$sampled) data$count <- data$count / mean(data$count)
  fit <- .Call(C_firth_finegray, data, stats::qchisq(conf.level, 1))
  firth_result(fit, sum(known))
}
