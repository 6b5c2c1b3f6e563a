#' Concordance index of a score
#'
#' Harrell's and Uno's C: of two patients, how often does the one with the higher score
#' have the event first? Allows competing risks, strata, delayed entry, weights and
#' several rows per patient, and compares two scores.
#'
#' @details **Pairs.** A case i with the event at \eqn{t_i} and a row j of the same
#' stratum are a pair if j is at risk at \eqn{t_i} and leaves later, or is censored at
#' \eqn{t_i}, as events come before censorings at the same time. The pair is concordant if
#' i has the higher score, discordant if j has it, and tied if the scores are equal:
#' \deqn{C = \frac{\sum w_{ij} ([x_i > x_j] + [x_i = x_j] / 2)}{\sum w_{ij}}}{
#'   C = sum w_ij ([x_i > x_j] + [x_i = x_j] / 2) / sum w_ij}
#' Pairs with the same event time are not included; they are counted in `tied.time`, or in
#' `tied.both` if their scores are also equal. All pairs are counted in two sweeps over
#' the sorted rows, n log(n) steps for n rows.
#'
#' **`"harrell"`**: \eqn{w_{ij} = 1}{w_ij = 1} (times the weights of the two rows). Its
#' value depends on the censoring. **`"uno"`**: \eqn{w_{ij} = 1 / G(t_i-)^2}{
#' w_ij = 1 / G(t_i-)^2} with G the reverse Kaplan-Meier curve of censoring in the
#' stratum, which removes that dependence if censoring does not depend on the score (Uno
#' et al. 2011). Give a `tau` at which enough subjects are still at risk, because the few
#' pairs with late events have large weights.
#'
#' **Competing risks.** Subjects with a competing event at \eqn{t_j \le t_i} will never
#' have the event and remain controls for all later cases (Wolbers et al. 2009); with
#' `"uno"` these pairs have the weight \eqn{1 / \{G(t_i-) G(t_j-)\}}{1 / (G(t_i-)
#' G(t_j-))} (Wolbers et al. 2014). This measures how well the score orders the cumulative
#' incidences, as in a Fine-Gray model. For cause-specific discrimination give a status
#' with one event type, in which competing events are censored.
#'
#' **Variance.** The infinitesimal jackknife: with \eqn{D_i}{D_i} the derivative of C with
#' respect to the weight of row i, \eqn{\sum_c (\sum_{i \in c} w_i D_i)^2}{sum over c of
#' (sum over i in c of w_i D_i)^2} over rows or, with `id`, over ids; pairs of rows of the
#' same id are compared like any others. Estimate, pairs and variance are those of
#' `survival::concordance(reverse = TRUE)`, `method = "uno"` those of its
#' `timewt = "n/G2"`, except that survival treats the weights as known, as
#' `variance = "robust"` does here. The default, `"censoring"`, includes the influence of
#' row i on G in \eqn{D_i}{D_i}. `"harrell"` does not use G, so the two are the same.
#'
#' **Limits** are computed on the logit scale, or untransformed (`"plain"`). If all pairs
#' are concordant (or all discordant), the standard error is 0, and there are no limits.
#' With few events limits are rough. If all cases belong to one subject, there is no
#' standard error, as the variation between cases is unknown (survival gives one).
#'
#' **For a fit** of [hazard_ratio()] and the `data` that it was fitted to, the score is
#' its linear predictor for each outcome. This is the apparent concordance, which is too
#' high for new patients; [bootstrap_optimism()] estimates by how much. Other `data` with
#' the same columns, also the same rows with other covariates, are new patients with the
#' linear predictors of [`predict()`][predict.hazard_ratio].
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ score + other + strata(s)`, where each term is
#'   a score: numbers, of which only the order matters (`Inf` is the highest; times are
#'   tied within `tie_tol`, scores only if they are equal), or factors with ordered
#'   levels; or a [hazard_ratio()].
#' @param method `"harrell"` or `"uno"`.
#' @param tau `NULL`, or the last time at which an event counts as a case, in the unit of
#'   the data.
#' @param outcome With competing risks: the causes to return; `NULL` for all.
#' @param higher What a higher score means: more `"risk"`, or longer `"survival"`.
#' @param variance For Uno's C: `"censoring"` includes the estimation of the weights in
#'   the variance, `"robust"` does not.
#' @param conf.type `"logit"` or `"plain"`.
#' @param ... `censor`, `na.action` and `landmark`, see [event_table()].
#' @return A `concordance_index`: `table` (what [tidy()] gives), a data frame with
#'   `outcome` (competing risks only), `term`, `estimate`, `std.error`, `conf.low`,
#'   `conf.high`, `conf.level`, `conf.type`, and the weighted pairs `concordant`,
#'   `discordant`, `tied.score`, `tied.time` and `tied.both`; `contrasts`
#'   (`tidy(x, rows = "contrasts")`), each further score minus the first: `outcome`,
#'   `contrast`, `estimate`, `std.error`, `statistic` (z), `conf.low`, `conf.high`,
#'   `p.value`, `conf.level`; `models` ([glance()]), one row per outcome: `n`, `n.id`,
#'   `n.event` (cases, up to `tau`), `tau`, `method`; `table_of_events`, the event table.
#' @section Errors: those of [event_table()], [clustered_rows] and [row_weights];
#'   `oligosurv_error_input` for scores that are neither numbers nor factors;
#'   `oligosurv_error_data` for Uno's C with delayed entry, for fits from an event table
#'   or with a landmark, and for levels in new data that are not in the fit.
#' @references Harrell, Lee and Mark (1996)
#'   \doi{10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4};
#'   Uno, Cai, Pencina, D'Agostino and Wei (2011) \doi{10.1002/sim.4154};
#'   Wolbers, Koller, Witteman and Steyerberg (2009) \doi{10.1097/EDE.0b013e3181a39056};
#'   Wolbers, Blanche, Koller, Witteman and Gerds (2014)
#'   \doi{10.1093/biostatistics/kxt059}.
#' @seealso [brier_score()], [calibration()], [bootstrap_optimism()], [hazard_ratio()]
#' @examples
#' # Cases at 1, 2 and 4. At 1 the score 3 is above 1 but not above 4 and 5: 1 of 3. At 2,
#' # 4 against 1 and 5: 1 of 2. At 4 nobody is left. C = 2 / 5
#' d <- data.frame(
#'   month = 1:4, dead = c(1, 1, 0, 1), score = c(3, 4, 1, 5), other = c(4, 3, 2, 1)
#' )
#' concordance_index(Surv(month, dead) ~ score, d)
#' # G is 1 up to 3: the same by Uno
#' concordance_index(Surv(month, dead) ~ score + other, d, method = "uno")
#' os <- endpoint(hcc_sbrt, "os")
#' os$lesions <- rev(seq_len(nrow(os)))
#' concordance_index(Surv(time, status) ~ lesions, os)
#' @export
concordance_index <- function(x, data = NULL, method = c("harrell", "uno"), tau = NULL,
                              outcome = NULL, higher = c("risk", "survival"), id = NULL,
                              weights = NULL, weight_type = NULL,
                              variance = c("censoring", "robust"),
                              conf.type = c("logit", "plain"), conf.level = 0.95,
                              tie_tol = 1e-9, ...) {
  if (missing(x)) stop_missing("x")
  call <- captured(substitute(id), substitute(weights), weight_type, parent.frame())
  method <- check_choice(method, concordance_methods, "method")
  higher <- check_choice(higher, c("risk", "survival"), "higher")
  variance <- check_choice(variance, c("censoring", "robust"), "variance")
  conf.type <- check_choice(conf.type, c("logit", "plain"), "conf.type")
  conf.level <- check_level(conf.level)
  if (!is.null(tau)) tau <- check_number(tau, "tau", 0)
  fit <- if (inherits(x, "hazard_ratio")) x
  if (!is.null(fit)) {
    with_lp <- rows_of_fit(fit, data, call)
    x <- with_lp$formula
    data <- with_lp$data
  }
  check_row_dots(x, ...)
  rows <- read_scores(x, data, call, tie_tol, read_rank_score, ...)
  own <- !is.null(fit) && with_lp$own && is_own_data(fit, rows)
  if (!is.null(fit) && !own && with_lp$only_own) predictors_of_new(fit, data, call)
  if (method == "uno" && !is.null(rows$entry)) {
    stop_oligosurv("data", paste(
      "the weights of Uno's C are not defined with delayed entry;",
      "use method = \"harrell\""
    ), arg = "method")
  }
  if (is.null(outcome) && !is.null(fit)) outcome <- names(model_of(fit)$fits)
  outcomes <- check_outcomes(outcome, rows$table, "cox")
  parts <- lapply(outcomes, concordance_of_outcome, rows, fit, method,
    if (is.null(tau)) Inf else tau, higher, variance == "censoring", conf.type,
    conf.level
  )
  new_concordance_index(
    parts, outcomes, rows, method, tau, variance, conf.type, own
  )
}

concordance_of_outcome <- function(outcome, rows, fit, method, tau, higher, censoring,
                                   conf.type, conf.level) {
  cause <- if (is.na(outcome)) 1L else match(outcome, rows$table$states) - 1L
  pairs <- concordance_pairs(rows, cause, method, tau)
  scores <- rows$scores
  if (!is.null(fit)) {
    fitted <- names(model_of(fit)$fits)
    at <- if (is.null(fitted)) 1L else match(outcome, fitted)
    scores <- stats::setNames(scores[at], "linear predictor")
  }
  each <- lapply(scores, function(score) {
    concordance_of(if (higher == "risk") score else -score, rows, pairs, censoring)
  })
  numbers <- function(name) unname(vapply(each, `[[`, 0, name))
  estimate <- numbers("estimate")
  influence <- vapply(each, `[[`, double(length(rows$time)), "influence")
  covariance <- influence_variance(matrix(influence, ncol = length(each)), rows)
  error <- sqrt(diag(covariance))
  # if all cases are of one subject, the variance between subjects cannot be estimated
  case <- which(pairs$cells$status == 1L)
  cases <- length(unique(if (is.null(rows$id)) case else rows$id[case]))
  frequency <- identical(rows$weight_type, "frequency") && is.null(rows$id)
  if (cases < 2L && !(frequency && sum(row_weight(rows)[case]) > 1)) {
    covariance[] <- error[] <- NA_real_
  }
  limits <- concordance_limits(estimate, error, conf.type, conf.level)
  count <- vapply(each, `[[`, double(5L), "count")
  w <- row_weight(rows)
  list(
    table = quick_frame(c(
      list(
        term = names(scores), estimate = estimate,
        std.error = replace(error, is.na(estimate), NA_real_),
        conf.low = limits$low, conf.high = limits$high,
        conf.level = rep(conf.level, length(each)),
        conf.type = rep(conf.type, length(each))
      ),
      stats::setNames(lapply(1:5, function(i) unname(count[i, ])), c(
        "concordant", "discordant", "tied.score", "tied.time", "tied.both"
      ))
    )),
    contrasts = concordance_contrasts(names(scores), estimate, covariance, conf.level),
    n.event = sum(w[pairs$cells$status == 1L])
  )
}

# Each further score minus the first one
concordance_contrasts <- function(names, estimate, covariance, conf.level) {
  b <- seq_along(estimate)[-1L]
  difference <- estimate[b] - estimate[1L]
  error <- sqrt(pmax(
    diag(covariance)[b] + covariance[1L, 1L] - 2 * covariance[b, 1L], 0
  ))
  # scores that rank all rows alike have the same influence, up to rounding
  error[which(is.na(difference) | error < rounding_tol)] <- NA_real_
  z <- difference / error
  width <- stats::qnorm((1 + conf.level) / 2) * error
  quick_frame(list(
    contrast = paste(names[b], "-", names[1L], recycle0 = TRUE), estimate = difference,
    std.error = error, statistic = z, conf.low = pmax(difference - width, -1),
    conf.high = pmin(difference + width, 1), p.value = 2 * stats::pnorm(-abs(z)),
    conf.level = rep(conf.level, length(b))
  ))
}

# Binds the parts of several outcomes, with their names in the first column
stack_outcomes <- function(parts, outcomes) {
  if (anyNA(outcomes)) return(parts[[1L]])
  do.call(rbind, Map(function(part, outcome) {
    quick_frame(c(list(outcome = factor(rep(outcome, nrow(part)), outcomes)), part))
  }, parts, outcomes, USE.NAMES = FALSE))
}

new_concordance_index <- function(parts, outcomes, rows, method, tau, variance, conf.type,
                                  apparent) {
  name <- paste(c(
    if (apparent) "Apparent concordance," else "Concordance,",
    if (method == "harrell") "Harrell's C" else "Uno's C",
    if (!is.null(tau)) paste("to tau =", format(tau))
  ), collapse = " ")
  w <- row_weight(rows)
  models <- lapply(parts, function(part) {
    quick_frame(list(
      n = sum(w), n.id = if (is.null(rows$id)) NA_integer_ else max(rows$id, 0L),
      n.event = part$n.event, tau = if (is.null(tau)) NA_real_ else tau, method = name
    ))
  })
  competing <- length(rows$table$states) > 2L
  structure(list(
    table = stack_outcomes(lapply(parts, `[[`, "table"), outcomes),
    contrasts = stack_outcomes(lapply(parts, `[[`, "contrasts"), outcomes),
    models = stack_outcomes(models, outcomes), method = name,
    basis = paste(c(
      if (competing) "those with a competing event stay controls",
      score_variance(rows),
      if (method == "uno" && variance == "robust") "weights taken as known",
      sprintf("%s limits", conf.type)
    ), collapse = "; "),
    table_of_events = rows$table
  ), class = c("concordance_index", "oligosurv_score"))
}

# The variance of a measure of predictions, in words
score_variance <- function(rows) {
  if (is.null(rows$id)) return("variance by the infinitesimal jackknife")
  sprintf("variance by the infinitesimal jackknife, %s in %s",
    count_noun(length(rows$id), "row"), count_noun(max(rows$id, 0L), "id")
  )
}

# `rows`: the rows for tidy(), "estimates" of the scores or "contrasts" between them
#' @exportS3Method NULL
result_rows.concordance_index <- function(x, rows = "estimates", ...) {
  check_no_dots(...)
  rows <- check_choice(rows, c("estimates", "contrasts"), "rows")
  one <- x$table
  two <- x$contrasts
  both <- function(name) c(one[[name]], two[[name]])
  none <- rep(NA_real_, nrow(two))
  count <- function(x) number_column(c(x, none), 0L, na = "", short = TRUE)
  stack <- list(
    estimate = both("estimate"), conf.low = both("conf.low"),
    conf.high = both("conf.high"), conf.level = one$conf.level
  )
  new_result(if (rows == "estimates") one else two, x$models,
    scale = "ratio", shown = one, what = x$method, title = x$method,
    table = x$table_of_events, basis = x$basis,
    columns = list(
      Outcome = if (!is.null(one$outcome)) c(
        as.character(one$outcome), as.character(two$outcome)
      ),
      Score = c(one$term, sub(" - ", " \u2212 ", two$contrast, fixed = TRUE)),
      C = interval_column(stack, "ratio", 3L),
      "Std. error" = in_print(number_column(both("std.error"))),
      P = if (nrow(two)) {
        joined_column(c(rep("%.0s", nrow(one)), rep("%s", nrow(two))),
          p_column(c(rep(NA, nrow(one)), two$p.value))
        )
      },
      Concordant = count(one$concordant), Discordant = count(one$discordant),
      Tied = count(one$tied.score)
    ),
    signs = stats::setNames("not defined", no_value), label = one$term,
    axis = "Concordance index", heading = "C", values = list(term = one$term)
  )
}
