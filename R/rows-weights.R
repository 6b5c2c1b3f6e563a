#' Weights of rows: `weights` and `weight_type`
#'
#' A weight is either the number of subjects that a row represents, or a sampling weight
#' that makes rows represent a population. Both give the same estimate but different
#' standard errors, so `weight_type` must say which it is.
#'
#' @details **`"frequency"`**: a row of weight w represents w subjects. Estimates,
#'   variances, intervals and tests are those of the rows repeated w times; w may be
#'   fractional for curves, means and rates, but must be a whole number if a test or a
#'   jackknife treats subjects one by one. `n`, `n.risk`, `n.event` and `n.censor` are
#'   sums of weights.
#'
#'   **`"sampling"`**: a row was sampled with a probability, or is reweighted for a
#'   probability, in proportion to 1 / w (inverse probability weights). Estimates are
#'   computed from weighted counts; the variance is the infinitesimal jackknife,
#'   \deqn{\widehat{\mathrm{Var}} = \sum_c \left(\sum_{i \in c} w_i D_i\right)^2}{
#'     Var = sum over c of (sum over i in c of w_i D_i)^2}
#'   with \eqn{D_i}{D_i} the derivative with respect to the weight of row i; c is a single
#'   row or, with `id`, all rows of an id. The variance does not change if all weights are
#'   doubled. Weights are treated as known. Counts (`n.risk`, ...) stay counts of rows;
#'   `weight.risk` and `weight.event`, the last columns of [tidy()], are the sums of
#'   weights at risk and of events. Tests of groups do not accept sampling weights,
#'   because their p-values would ignore the design. [restricted_mean()] and
#'   [rate_difference()] accept them, with standard errors by the jackknife.
#'
#'   If the estimate is 0 or 1, the exact limits use the number of subjects (frequency)
#'   or, with sampling weights, the effective number of rows or ids at risk,
#'   \eqn{(\sum w)^2 / \sum w^2}{(sum w)^2 / sum w^2} (Kish 1965; w is the mean weight of
#'   the rows of an id). Rows of weight 0 are omitted, and the print says how many. Rows
#'   with a missing weight are dropped like those with other missing values. Weights are
#'   summed in sorted order and in double-double precision, so results do not depend on
#'   the order of the rows.
#' @section Errors: `oligosurv_error_input` for weights that are not one number per row
#'   and for `weights` without `weight_type`; `oligosurv_error_domain` for negative or
#'   infinite weights and for those above 0 but outside 1e-80 to 1e80;
#'   `oligosurv_error_data` for weights with an [event_table()], for sampling weights in a
#'   test, and for fractional frequencies where whole subjects are needed.
#' @references Therneau and Grambsch (2000) \doi{10.1007/978-1-4757-3294-8};
#'   Kish (1965) Survey Sampling, 11.7.
#' @examples
#' # two of the three rows stand for two subjects each: S(1) = 1 - 2/5
#' d <- data.frame(month = 1:3, dead = c(1, 0, 1), n = c(2, 1, 2))
#' f <- Surv(month, dead) ~ 1
#' kaplan_meier(f, d, weights = n, weight_type = "frequency", times = 1)
#' # se(1) = sqrt(2/5 * 3/5 / 5) = 0.2191; with sampling weights D = (-3, 2, 2) / 25, so
#' # Var = (2 * 3/25)^2 + (2/25)^2 + (2 * 2/25)^2 = 56/625 and se = 0.2993
#' kaplan_meier(f, d, weights = n, weight_type = "sampling", times = 1)
#' @name row_weights
NULL

# Rows with weights. Frequencies are added up to a table of counts. Sampling weights, and
# frequencies with ids, stay by row in a table with ids in which `n` holds the weights.
# Both tables have the element `weights`, a list: `type`; `n_row`, number of rows with a
# positive weight; `zero`, number of rows of weight 0, which are omitted; `total`, sum of
# the weights; `effective`, Kish's effective number of rows, sum(w)^2 / sum(w^2).

weight_types <- c("frequency", "sampling")

check_weight_type <- function(type) {
  if (!is.null(type)) return(check_choice(type, weight_types, "weight_type"))
  stop_oligosurv("input", paste(
    "say what the weights are: `weight_type = \"frequency\"` (numbers of subjects) or",
    "`\"sampling\"` (inverse probability weights)"
  ), arg = "weight_type")
}

check_weights_of_test <- function(type, who) {
  if (type == "frequency") return(invisible())
  stop_oligosurv("data", sprintf(paste(
    "%s() accepts frequency weights only: with sampling weights its p-value would",
    "ignore how the rows were sampled"
  ), who), arg = "weight_type")
}

# Frequencies must be whole numbers for methods that treat subjects one by one.
check_whole_weights <- function(table, who) {
  if (is.null(table$weights)) return(table)
  at <- which(table$n != floor(table$n))[1L]
  if (is.na(at)) return(table)
  stop_oligosurv("data", sprintf(
    paste(
      "%s treats subjects one by one, so frequency weights must be whole numbers; at",
      "time %s the count is %s"
    ), who, format(table$time[at]), format(table$n[at])
  ), arg = "weights")
}

check_weights <- function(w, n) {
  w <- plain_column(w)
  if (!is.numeric(w) || length(w) != n) {
    stop_oligosurv("input", sprintf(
      "`weights` must be one number per row (%d); it is %s", n, describe(w)
    ), arg = "weights")
  }
  bad <- !is.na(w) & !(is.finite(w) & w >= 0)
  if (any(bad)) stop_domain("weights", "finite and not negative", bad, w, "row")
  # squares of weights and products of three weights must not overflow or become 0
  bad <- !is.na(w) & w > 0 & (w < 1e-80 | w > 1e80)
  if (any(bad)) stop_domain("weights", "0 or between 1e-80 and 1e80", bad, w, "row")
  as.double(w)
}

describe_weights <- function(w, type) {
  total <- sum(sort(w))
  list(
    type = type, n_row = length(w), total = total,
    effective = if (length(w)) total^2 / sum(sort(w)^2) else 0
  )
}

sum_sorted <- function(sorted, status) {
  .Call(C_sum_cells, sorted$time, status, sorted$weight, sorted$start)
}

# Replaces sums of sampling weights by numbers of rows; the weighted numbers of events of
# the curves are stored as `weight_event`
count_unweighted <- function(curves, counts) {
  curves$weight_event <- curves$n_event
  same <- c("n_risk", "n_event", "n_censor")
  curves[same] <- counts[same]
  curves
}

# Removes the weights of a table, so that each of its rows counts once
unweighted <- function(table) {
  table["n"] <- list(NULL)
  if (!is.null(table$entry)) table$entry["n"] <- list(NULL)
  table
}

# Text such as "37 subjects", or the number of rows and the meaning of their weights
format_size <- function(table) {
  w <- table$weights
  if (is.null(w)) return(count_noun(sum(count_states(table)), "subject"))
  text <- sprintf("%s weight %s", w$type, format(w$total, digits = 6))
  if (!is.na(w$n_row)) text <- paste(count_noun(w$n_row, "row"), "of", text)
  if (w$type == "frequency") return(text)
  sprintf("%s, effective number %s", text, format(w$effective, digits = 3))
}
