#' Differences of response rates between groups
#'
#' Objective response and disease control of each group minus those of a reference group,
#' with score or exact limits that are valid in small groups and at 0 or 100%.
#'
#' @details With \eqn{r_1} of \eqn{n_1} in the reference group, \eqn{r_2} of \eqn{n_2} in
#' the other, \eqn{N = n_1 + n_2} and \eqn{d = r_2 / n_2 - r_1 / n_1}:
#'
#' **`"miettinen-nurminen"`** (1985) inverts the score test: the limits are the
#' \eqn{\delta}{delta} with \eqn{|z(\delta)| = z_{1 - \alpha/2}}{|z(delta)| = z}, where
#' \deqn{z(\delta) = \frac{d - \delta}{\sqrt{\{\tilde p_1 (1 - \tilde p_1) / n_1 +
#'   \tilde p_2 (1 - \tilde p_2) / n_2\} N / (N - 1)}}}{
#'   z(delta) = (d - delta) / sqrt((q1 (1 - q1) / n1 + q2 (1 - q2) / n2) N / (N - 1))}
#' with the maximum likelihood rates \eqn{\tilde p}{q} under \eqn{p_2 - p_1 =
#' \delta}{p2 - p1 = delta}.
#'
#' **`"newcombe"`** (1998, method 10) combines the Wilson limits (l, u) of both groups as
#' [rate_difference()] does.
#'
#' **`"exact"`** (Chan and Zhang 1999) inverts two one-sided exact tests ordered by
#' \eqn{z(\delta)}{z(delta)}: the tail probability is the maximum over the unknown common
#' rate, searched on a grid of 401 values, which misses the maximum by at most 1e-5, so
#' coverage is at least `conf.level` minus 1e-5. It is available for patients only.
#'
#' P-values are two-sided and agree with the interval: p is the level 1 - `conf.level` at
#' which a limit is 0, so p is below 0.05 if and only if the 95% interval excludes 0. For
#' `"miettinen-nurminen"` this is the p-value of \eqn{z(0)}{z(0)}; for `"exact"` it is
#' twice the smaller of two tails, each the maximum over the differences on its side of 0,
#' as for the interval.
#'
#' Lesions of one patient are not independent: r and n of both groups are divided by the
#' design effect of the two groups together (Rao and Scott 1992),
#' \deqn{\frac{m}{m - 2} \frac{\sum_c (\sum_{i \in c} (y_i - p_i))^2}{
#'   \sum_i p_i (1 - p_i)}}{
#'   m / (m - 2) (sum over c of (sum over i in c of (y_i - p_i))^2) /
#'   (sum over i of p_i (1 - p_i))}
#' over the m patients c with their lesions i, \eqn{y_i} 1 for the outcome and \eqn{p_i}
#' the rate of the group of the lesion, and at least 1. A separate design effect for each
#' group would be estimated from few patients: in simulations without a difference, with
#' groups of 28 and 9 or 19 and 18 patients with 65 lesions, it rejected up to 7.5% at the
#' 5% level, the common design effect 3.8 to 6.0%. A patient with lesions in two groups is
#' an error.
#' @inheritParams response_rate
#' @param by Name (text) of the column of groups.
#' @param method Method of the limits; see Details.
#' @param reference The group with which the others are compared; by default the first.
#' @return A data frame of class `response_difference` with one row per outcome and
#'   contrast: `outcome`, `contrast` (`OM - OP`), `n.1`, `event.1`, `rate.1` (of the
#'   reference) and `n.2`, `event.2`, `rate.2`: the number of rows in the denominator (the
#'   evaluable, or all), the number with the outcome, and the proportion; `estimate`
#'   (difference of proportions), `conf.low`, `conf.high`, `p.value`, `conf.level`,
#'   `conf.type`; for lesions also `design.effect`. The results of a group without
#'   evaluable rows are `NA`.
#' @section Errors:
#' Those of [response_rate()]; `oligosurv_error_data` for one group, for a patient in two
#' groups, and for exact limits of lesions.
#' @references Miettinen and Nurminen (1985) \doi{10.1002/sim.4780040211}; Farrington and
#'   Manning (1990) \doi{10.1002/sim.4780091208}; Newcombe (1998) Statistics in Medicine
#'   17, 873-890; Chan and Zhang (1999) \doi{10.1111/j.0006-341X.1999.01202.x}; Rao and
#'   Scott (1992) \doi{10.2307/2532311}.
#' @seealso [response_rate()], [rate_difference()]
#' @examples
#' # 5 of 9 OM minus 12 of 27 OP
#' response_difference(hcc_sbrt, "cohort")
#' response_difference(hcc_sbrt, "cohort", method = "exact")
#' # From dated visits of a simulated study, PR and CR confirmed
#' set.seed(1)
#' study <- simulate_study(60)
#' response_difference(study, "cohort", criteria = recist(confirm = TRUE))
#' @export
response_difference <- function(study, by, level = c("patient", "lesion"),
                                criteria = c("given", "recist", "mrecist", "visits"),
                                method = c("miettinen-nurminen", "newcombe", "exact"),
                                conf.level = 0.95, reference = NULL,
                                denominator = c("evaluable", "all"), ...) {
  check_no_dots(...)
  level <- check_choice(level, c("patient", "lesion"), "level")
  criteria <- check_criteria(criteria, all_criteria)
  method <- check_choice(method, c("miettinen-nurminen", "newcombe", "exact"), "method")
  conf.level <- check_level(conf.level)
  if (level == "lesion" && method == "exact") {
    stop_oligosurv("data", paste(
      "`method = \"exact\"` is not available for lesions, which are clustered;",
      "use \"miettinen-nurminen\" or \"newcombe\""
    ), arg = "method")
  }
  denominator <- check_choice(denominator, c("evaluable", "all"), "denominator")
  rows <- counted_responses(best_response(study, level, criteria), denominator)
  by <- check_string(by, "by")
  strata <- group_of(rows, by, level)
  strata <- set_reference(strata, reference)
  if (level == "lesion") check_whole_patients(rows$patient_id, strata, by)
  blocks <- lapply(names(response_outcomes), function(name) {
    happened <- rows[[response_outcomes[[name]]]]
    id <- if (level == "lesion") rows$patient_id
    cbind(outcome = name, difference_rows(happened, strata, id, method, conf.level))
  })
  new_response_table(blocks, "response_difference", level, by, strata, criteria,
    denominator
  )
}

set_reference <- function(strata, reference) {
  if (nlevels(strata) < 2L) {
    stop_oligosurv("data", paste(
      "response_difference() compares groups, but the column of `by` has only one"
    ), arg = "by")
  }
  if (is.null(reference)) return(strata)
  reference <- check_string(reference, "reference")
  if (!reference %in% levels(strata)) {
    stop_oligosurv("input", sprintf(
      "`reference` is \"%s\"; it must be one of the groups %s", reference,
      join_words(paste0("\"", levels(strata), "\""))
    ), arg = "reference")
  }
  factor(strata, c(reference, setdiff(levels(strata), reference)))
}

check_whole_patients <- function(id, strata, by) {
  groups <- unique(data.frame(id, strata)[!is.na(strata), ])
  torn <- unique(groups$id[duplicated(groups$id)])
  if (length(torn)) {
    stop_oligosurv("data", sprintf(paste(
      "%s %s lesions in several groups of %s; all lesions of a patient must be in one",
      "group"
    ), format_rows(torn, "patient", 3L), if (length(torn) == 1L) "has" else "have", by
    ), arg = "by")
  }
}

difference_rows <- function(happened, strata, id, method, conf.level) {
  n <- as.integer(tabulate(strata[!is.na(happened)], nlevels(strata)))
  r <- as.integer(tabulate(strata[which(happened)], nlevels(strata)))
  lines <- lapply(seq_along(n)[-1L], function(g) {
    pair <- c(1L, g)
    design <- if (is.null(id)) 1 else common_effect(happened, strata, id, pair)
    limits <- difference_limits(r[pair] / design, n[pair] / design, method, conf.level)
    data.frame(
      contrast = paste(levels(strata)[g], "-", levels(strata)[1L]), n.1 = n[1L],
      event.1 = r[1L], rate.1 = ratio_of(r[1L], n[1L]), n.2 = n[g], event.2 = r[g],
      rate.2 = ratio_of(r[g], n[g]),
      estimate = ratio_of(r[g], n[g]) - ratio_of(r[1L], n[1L]), conf.low = limits[1L],
      conf.high = limits[2L], p.value = limits[3L], conf.level = conf.level,
      conf.type = method, design.effect = design
    )
  })
  lines <- do.call(rbind, lines)
  if (!is.null(id)) return(lines)
  lines[setdiff(names(lines), "design.effect")]
}

# Common design effect of the lesions of two groups, from residuals around the group
# rates. It is the number of lesions per patient if both rates are 0 or 1, as in
# response_effects(), or if there are fewer than 3 patients.
common_effect <- function(happened, strata, id, pair) {
  rows <- which(as.integer(strata) %in% pair & !is.na(happened))
  m <- length(unique(id[rows]))
  if (m == 0L) return(NA_real_)
  p <- stats::ave(as.double(happened[rows]), as.integer(strata)[rows])
  within <- sum(p * (1 - p))
  if (m < 3L || within == 0) return(length(rows) / m)
  excess <- rowsum(happened[rows] - p, id[rows])
  max(1, m / (m - 2) * sum(excess^2) / within)
}

ratio_of <- function(r, n) if (n > 0) r / n else NA_real_

# Returns lower limit, upper limit and p-value of r[2] / n[2] - r[1] / n[1]
difference_limits <- function(r, n, method, conf.level) {
  if (anyNA(n) || any(n == 0)) return(rep(NA_real_, 3L))
  z <- stats::qnorm((1 - conf.level) / 2, lower.tail = FALSE)
  if (method == "exact") return(exact_difference(r, n, (1 - conf.level) / 2))
  if (method == "newcombe") return(c(newcombe(r, n, z), newcombe_p(r, n, z)))
  p <- 2 * stats::pnorm(-abs(score_z(r[1L], n[1L], r[2L], n[2L], 0)))
  c(score_limits(r, n, z), p)
}

wilson <- function(r, n, z) {
  middle <- (r + z^2 / 2) / (n + z^2)
  half <- z / (n + z^2) * sqrt(r * (n - r) / n + z^2 / 4)
  # the lower limit is exactly 0 for r = 0, the upper exactly 1 for r = n
  cbind(ifelse(r == 0, 0, middle - half), ifelse(r == n, 1, middle + half))
}

newcombe <- function(r, n, z) {
  p <- r / n
  w <- wilson(r, n, z)
  d <- p[2L] - p[1L]
  c(
    d - sqrt((p[2L] - w[2L, 1L])^2 + (w[1L, 2L] - p[1L])^2),
    d + sqrt((w[2L, 2L] - p[2L])^2 + (p[1L] - w[1L, 1L])^2)
  )
}

# The p-value: 1 - the confidence level at which Newcombe's interval touches 0
newcombe_p <- function(r, n, z) {
  d <- r[2L] / n[2L] - r[1L] / n[1L]
  if (d == 0) return(1)
  gap <- function(i, z) {
    vapply(z, function(z) sign(d) * newcombe(r, n, z)[if (d > 0) 1L else 2L], 0)
  }
  2 * stats::pnorm(-boundary_z(gap, z))
}

# Maximum likelihood estimates of both rates if the second is `delta` above the first: the
# root of a cubic (Farrington and Manning 1990, appendix). `delta` is a single number.
restricted_rates <- function(r1, n1, r2, n2, delta) {
  k <- n1 / n2
  p1 <- r1 / n1
  p2 <- r2 / n2
  a <- 1 + k
  b <- -(1 + k + p2 + k * p1 + delta * (k + 2))
  c <- delta^2 + delta * (2 * p2 + k + 1) + p2 + k * p1
  d <- -p2 * delta * (1 + delta)
  v <- b^3 / (3 * a)^3 - b * c / (6 * a^2) + d / (2 * a)
  u <- ifelse(v < 0, -1, 1) * sqrt(pmax(0, b^2 / (3 * a)^2 - c / (3 * a)))
  ratio <- ifelse(u == 0, 0, v / u^3)
  angle <- (pi + acos(pmin(1, pmax(-1, ratio)))) / 3
  second <- 2 * u * cos(angle) - b / (3 * a)
  second <- pmin(min(1, 1 + delta), pmax(max(0, delta), second))
  list(first = second - delta, second = second)
}

score_z <- function(r1, n1, r2, n2, delta) {
  q <- lapply(restricted_rates(r1, n1, r2, n2, delta), function(x) pmin(1, pmax(0, x)))
  n <- n1 + n2
  v <- (q$first * (1 - q$first) / n1 + q$second * (1 - q$second) / n2) * n / max(n - 1, 1)
  gap <- r2 / n2 - r1 / n1 - delta
  ifelse(abs(gap) < 1e-12, 0, gap / sqrt(pmax(v, 1e-300)))
}

score_limits <- function(r, n, z) {
  d <- r[2L] / n[2L] - r[1L] / n[1L]
  at <- function(delta) score_z(r[1L], n[1L], r[2L], n[2L], delta)
  # The score decreases in delta. Bisection between -1 (or 1) and the estimate `d` finds
  # the limit, at which the score is z (or -z).
  low <- if (at(-1) <= z) -1 else bisect(function(x) at(x) > z, -1, d)
  high <- if (at(1) >= -z) 1 else bisect(function(x) at(x) >= -z, d, 1)
  c(low, high)
}

# Finds where `test` turns from TRUE (at `low`) to FALSE (at `high`)
bisect <- function(test, low, high) {
  for (i in 1:60) {
    middle <- (low + high) / 2
    if (test(middle)) low <- middle else high <- middle
  }
  (low + high) / 2
}

# Upper and lower tail probability of z at `delta`, each maximised over the rates with
# this difference
exact_tails <- function(r, n, delta) {
  p1 <- seq(max(0, -delta), min(1, 1 - delta), length.out = 401L)
  x1 <- 0:n[1L]
  x2 <- 0:n[2L]
  z <- outer(x1, x2, function(a, b) score_z(a, n[1L], b, n[2L], delta))
  observed <- z[r[1L] + 1L, r[2L] + 1L]
  a <- outer(x1, p1, function(x, p) stats::dbinom(x, n[1L], p))
  b <- outer(x2, p1, function(x, p) stats::dbinom(x, n[2L], pmin(1, pmax(0, p + delta))))
  near <- 1e-9 * max(1, abs(observed))
  tail <- function(inside) max(colSums(a * (inside %*% b)))
  c(above = tail(z >= observed - near), below = tail(z <= observed + near))
}

exact_difference <- function(r, n, a) {
  d <- r[2L] / n[2L] - r[1L] / n[1L]
  grid <- sort(unique(c((-50:50) / 50, d)))
  tails <- vapply(grid, function(delta) exact_tails(r, n, delta), double(2L))
  # the widest range of accepted grid points, in case the tails are not monotone
  kept <- function(name) range(which(tails[name, ] > a))
  first <- kept("above")[1L]
  last <- kept("below")[2L]
  low <- if (first == 1L) {
    -1
  } else {
    bisect(function(x) exact_tails(r, n, x)[["above"]] <= a, grid[first - 1L],
      grid[first]
    )
  }
  high <- if (last == length(grid)) {
    1
  } else {
    bisect(function(x) exact_tails(r, n, x)[["below"]] > a, grid[last], grid[last + 1L])
  }
  # The p-value: 1 - the confidence level at which one of the two limits is 0
  p <- 2 * min(max(tails["above", grid <= 0]), max(tails["below", grid >= 0]))
  c(low, high, min(1, p))
}

difference_methods <- c(
  "miettinen-nurminen" = "Miettinen-Nurminen score limits and P",
  newcombe = "Newcombe's limits of the differences (hybrid score), P by their inversion",
  exact = "exact unconditional limits and P (Chan and Zhang)"
)

#' @exportS3Method NULL
result_rows.response_difference <- function(x, ...) {
  check_no_dots(...)
  needed <- c(
    "outcome", "contrast", "estimate", "conf.low", "conf.high", "p.value", "conf.type",
    "n.1", "n.2", "event.1", "event.2", "rate.1", "rate.2"
  )
  if (!is_whole(x, needed)) return(NULL)
  level <- attr(x, "level")
  rows <- as.data.frame(x)
  rate <- function(event, n, share) {
    joined_column("%s of %s (%s%%)", event, n, number_column(100 * share, console = 1L))
  }
  new_result(rows, study_summary(x),
    scale = "points", null = 0,
    what = sprintf("Differences of best response of %ss%s", level,
      c(attr(x, "source"), "")[1L]
    ),
    basis = c(
      difference_methods[[as.character(x$conf.type[1L])]],
      if (level == "lesion") {
        paste(
          "numbers of lesions are divided by the common design effect of lesions in one",
          "patient, that of the two groups together"
        )
      },
      if (identical(attr(x, "denominator"), "all")) outcome_words(x)
    ),
    columns = list(
      Outcome = blank_repeats(sentence_case(x$outcome)),
      Comparison = sub(" - ", " \u2212 ", x$contrast, fixed = TRUE),
      First = rate(x$event.2, x$n.2, x$rate.2), Second = rate(x$event.1, x$n.1, x$rate.1),
      Difference = interval_column(rows, "points"), P = p_column(x$p.value)
    ),
    remarks = left_out_text(x, level), signs = stats::setNames("not defined", no_value),
    label = sub(" - ", " minus ", x$contrast, fixed = TRUE),
    axis = "Difference of response", heading = "Difference",
    values = list(strata = as.character(x$contrast))
  )
}
