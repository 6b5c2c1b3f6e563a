#' Hazard ratios: Cox and Fine-Gray regression
#'
#' Fits the model with survival and gives one tidy table; where a group has no event, the
#' penalised likelihood of Firth takes over, whose estimate is finite.
#'
#' @details **Cox.** The hazard is \eqn{\lambda_s(t) \exp(x'\beta)}{lambda_s(t)
#' exp(x'beta)} with a baseline of its own in each stratum; ties as Efron. With competing
#' risks it is that of each cause, the others being censored (cause-specific).
#'
#' **Fine-Gray.** The same model for the subdistribution hazard of one cause: who had
#' another event stays at risk with the weight G(t-)/G(s-), s the time of that event and G
#' the reverse Kaplan-Meier curve of censoring (of each stratum), as
#' `survival::finegray()` makes it; ties as Breslow, variance robust. Estimates are those
#' of `cmprsk::crr()` unless censorings are tied with events, where crr takes the
#' censorings first. The ratio orders the cumulative incidences; it is not a ratio of
#' rates among those at risk.
#'
#' **Firth.** When no event occurs in a group (or a covariate separates who fails) the
#' likelihood has no maximum. Then \eqn{\ell^*(\beta) = \ell(\beta) + \frac12 \log
#' |I(\beta)|}{l*(beta) = l(beta) + log|I(beta)| / 2} is maximised; limits are where
#' \eqn{2 (\ell^*_{max} - \ell^*_{profile})}{2 (l*max - l*profile)} passes the chi-square
#' quantile, and p comes from that ratio at a hazard ratio of 1. `statistic` is its signed
#' root. This is plain R over all risk sets, meant for small studies.
#'
#' **Clusters.** `id` makes the variance robust to rows of one subject being alike (the
#' sum of their influence is taken). Rows of an [endpoint()] with repeated patients and no
#' `id` are an error. Firth's limits cannot take clusters: with repeated ids they are
#' `NA`, and the estimate stands alone.
#'
#' **Proportional hazards.** `survival::cox.zph()`: correlation of the scaled Schoenfeld
#' residuals with the Kaplan-Meier transform of time, for each term and for all together.
#'
#' Only the order of the times matters, so the unit does not. Factors are compared with
#' their first level that has rows; ordered factors too, without polynomials.
#'
#' @inheritParams kaplan_meier
#' @param x A formula `Surv(time, status) ~ covariates + strata(s)` (factors, numbers,
#'   interactions), or an [event_table()] with groups.
#' @param model `"cox"` or `"fine-gray"`.
#' @param outcome With competing risks: the causes wanted; `NULL` for all.
#' @param id `NULL`, a column of `data` (its name or the bare column) or a vector: whose
#'   row it is. `cluster()` in the formula is the same.
#' @param firth `NA`: where it is needed; `TRUE`: always; `FALSE`: never (then the
#'   estimate is 0 or `Inf`, with a warning).
#' @return A `hazard_ratio`: a list of
#'   `table` (what [tidy()] and `as.data.frame()` give), one row a coefficient: `outcome`
#'   (competing risks only), `term`, `level` and `reference` (factors; else `NA`), `n` and
#'   `n.event` (of the level; of all rows for a number), `estimate` (hazard ratio),
#'   `std.error` (**of the log** hazard ratio), `statistic` (z), `p.value`, `conf.low`,
#'   `conf.high`, `conf.level`, `method`;
#'   `proportional_hazards` (`outcome`, `term`, `statistic`, `df`, `p.value`; the last row
#'   of an outcome is `GLOBAL`); and `models` (what [glance()] gives), one row an outcome:
#'   `n`, `n.event`, `n.parameter`, `events.per.parameter`, `ph.p.value`, `method`.
#'   Coefficients that the rows cannot tell (an empty level, no event at all) are `NA`.
#' @section Errors: those of [event_table()]; `oligosurv_error_data` for repeated patients
#'   without `id` or one event type in a Fine-Gray model; `oligosurv_error_input` for a
#'   formula without covariates or an unknown outcome.
#' @references Cox (1972) \doi{10.1111/j.2517-6161.1972.tb00899.x};
#'   Fine and Gray (1999) \doi{10.1080/01621459.1999.10474144};
#'   Heinze and Schemper (2001) \doi{10.1111/j.0006-341X.2001.00114.x};
#'   Grambsch and Therneau (1994) \doi{10.1093/biomet/81.3.515}.
#' @seealso [logrank_test()], [gray_test()], [forest_plot()], [result_table()]
#' @examples
#' # By hand: with r the ratio, 2 r / (1 + r) + 2 r / (1 + 2 r) = 1, so
#' # r = (sqrt(17) - 1) / 8 = 0.3904
#' d <- data.frame(month = 1:4, dead = 1, arm = c("A", "B", "A", "B"))
#' hazard_ratio(Surv(month, dead) ~ arm, d)
#' # nobody in B dies: l* = log(r) / 2 - 3 log(1 + r), largest at r = 1/5
#' d$dead <- c(1, 0, 1, 0)
#' hazard_ratio(Surv(month, dead) ~ arm, d)
#' @export
hazard_ratio <- function(x, data = NULL, model = c("cox", "fine-gray"), outcome = NULL,
                         id = NULL, conf.level = 0.95, firth = NA, tie_tol = 1e-9, ...) {
  id <- list(expr = substitute(id), env = parent.frame())
  check_row_dots(x, ...)
  model <- check_choice(model, c("cox", "fine-gray"), "model")
  conf.level <- check_level(conf.level)
  firth <- if (identical(firth, NA)) NA else check_flag(firth, "firth")
  if (inherits(x, "event_table")) {
    data <- subjects_of(as_event_table(x, data))
    x <- attr(data, "formula")
  }
  id <- read_id(x, data, id)
  rows <- read_regression(x, data, id, tie_tol, ...)
  outcomes <- check_outcomes(outcome, rows$table, model)
  fits <- lapply(outcomes, fit_hazard_ratio, rows, model, conf.level, firth)
  new_hazard_ratio(fits, outcomes, rows, conf.level)
}

# The rows that an event table was counted from
subjects_of <- function(table) {
  if (!is.null(table$entry)) {
    stop_oligosurv("data",
      "entries and exits of an event table cannot be paired; give the rows", arg = "x"
    )
  }
  long <- as.data.frame(table)
  rows <- long[rep.int(seq_len(nrow(long)), long$n), ]
  if (length(table$states) == 2L) rows$status <- as.integer(rows$status) - 1L
  terms <- c("group", if (length(table$strata) > 1L) "strata(stratum)")
  structure(rows, formula = stats::reformulate(terms, quote(Surv(time, status))))
}

# Which outcomes are fitted: NA when there is one event type
check_outcomes <- function(outcome, table, model) {
  causes <- table$states[-1L]
  if (length(causes) == 1L) {
    if (model == "fine-gray") {
      stop_oligosurv("data", paste(
        "a Fine-Gray model needs competing risks, but the status has one event type;",
        "use model = \"cox\""
      ), arg = "model")
    }
    if (is.null(outcome)) return(NA_character_)
  }
  if (is.null(outcome)) return(causes)
  unknown <- setdiff(outcome, causes)
  if (length(unknown) || !length(outcome)) {
    stop_oligosurv("input", sprintf(
      "`outcome` must be among %s; it is %s", paste0("\"", causes, "\"", collapse = ", "),
      describe(outcome)
    ), arg = "outcome")
  }
  unique(as.character(outcome))
}

fit_hazard_ratio <- function(outcome, rows, model, conf.level, firth) {
  cause <- if (is.na(outcome)) 1L else match(outcome, rows$table$states) - 1L
  event <- rows$status == cause
  ties <- if (model == "cox") "efron" else "breslow"
  obs <- if (model == "cox") cox_rows(rows, event) else fine_gray_rows(rows, cause)
  design <- rows$design
  known <- estimable(design$x, rows$stratum) & any(event)
  x <- design$x[obs$row, known, drop = FALSE]
  robust <- model == "fine-gray" || !is.null(rows$id)
  fit <- if (any(known)) fit_coxph(obs, x, design$term[known], ties, robust)
  monotone <- if (any(known)) !fit$settled else logical()
  penalise <- any(known) && (isTRUE(firth) || (is.na(firth) && any(monotone)))
  values <- if (penalise) {
    clustered <- anyDuplicated(rows$id) > 0L
    blank_inference(firth_fit(obs, x, ties, conf.level), clustered)
  } else if (any(known)) {
    wald(fit$fit, monotone, conf.level)
  }
  if (!penalise && any(monotone)) warn_monotone(colnames(x)[monotone])
  method <- regression_method(model, rows, penalise)
  list(
    table = coefficient_table(values, known, design, event, conf.level, method),
    ph = if (any(known) && !any(monotone)) proportional_hazards(fit$fit, design, known),
    n = length(event), n.event = sum(event), n.parameter = sum(known), method = method,
    blank = penalise && anyDuplicated(rows$id) > 0L
  )
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

# Columns that the rows can tell apart, within strata
estimable <- function(x, stratum) {
  centred <- x - rowsum(x, stratum)[as.character(stratum), , drop = FALSE] /
    as.vector(table(stratum)[as.character(stratum)])
  size <- sqrt(colSums(centred^2))
  some <- size > 1e-10 * pmax(1, sqrt(colSums(x^2)))
  decomposed <- qr(sweep(centred[, some, drop = FALSE], 2L, size[some], "/"), tol = 1e-9)
  seq_along(some) %in% which(some)[decomposed$pivot[seq_len(decomposed$rank)]]
}

# The fit, and for each coefficient whether it has settled: at a maximum one more Newton
# step goes nowhere, where the likelihood is monotone it goes on by a fixed length.
fit_coxph <- function(obs, x, term, ties, robust) {
  d <- data.frame(obs[c("start", "stop", "event", "weight", "stratum")])
  d$id <- if (is.null(obs$id)) obs$row else obs$id
  names <- paste0("x", seq_along(unique(term)))
  for (i in seq_along(names)) {
    d[[names[i]]] <- unname(x[, term == unique(term)[i], drop = FALSE])
  }
  formula <- stats::reformulate(
    c(names, "strata(stratum)"), quote(Surv(start, stop, event))
  )
  run <- function(...) {
    suppressWarnings(survival::coxph(formula, d,
      weights = d$weight, ties = ties, robust = robust, cluster = d$id, ...
    ))
  }
  fit <- run()
  control <- survival::coxph.control(iter.max = 1)
  step <- stats::coef(run(init = stats::coef(fit), control = control)) - stats::coef(fit)
  moved <- abs(step) * apply(x, 2L, stats::sd)
  list(fit = fit, settled = is.finite(moved) & moved < 1e-3)
}

wald <- function(fit, monotone, conf.level) {
  b <- unname(stats::coef(fit))
  error <- unname(sqrt(diag(stats::vcov(fit))))
  b[monotone] <- sign(b[monotone]) * Inf
  error[monotone] <- NA
  width <- stats::qnorm((1 + conf.level) / 2) * error
  z <- ifelse(monotone, NA, b / error)
  data.frame(
    log.ratio = b, std.error = error, statistic = z, p.value = 2 * stats::pnorm(-abs(z)),
    low = ifelse(monotone, -Inf, b - width), high = ifelse(monotone, Inf, b + width)
  )
}

blank_inference <- function(values, clustered) {
  if (clustered) values[-1L] <- NA_real_
  values
}

warn_monotone <- function(columns) {
  warn_oligosurv("data", sprintf(
    paste(
      "the likelihood has no maximum for %s: the estimate is 0 or Inf and has no limits;",
      "firth = NA gives a finite one"
    ), paste0("`", columns, "`", collapse = ", ")
  ))
}

regression_method <- function(model, rows, penalise) {
  strata <- length(unique(rows$stratum))
  paste(c(
    if (model == "cox") {
      paste0(
        "Cox regression", if (length(rows$table$states) > 2L) " (cause-specific)",
        ", Efron ties"
      )
    } else {
      "Fine-Gray regression, Breslow ties"
    },
    if (strata > 1L) paste(strata, "strata"),
    if (penalise) {
      "Firth's penalised likelihood with profile limits"
    } else if (!is.null(rows$id)) {
      "robust variance by id"
    } else if (model == "fine-gray") {
      "robust variance"
    }
  ), collapse = ", ")
}

coefficient_table <- function(values, known, design, event, conf.level, method) {
  spread <- function(name) {
    full <- rep(NA_real_, length(known))
    full[known] <- values[[name]]
    full
  }
  in_level <- function(x) colSums(design$member * x)
  quick_frame(list(
    term = design$term, level = design$level, reference = design$reference,
    n = in_level(1), n.event = in_level(event), estimate = exp(spread("log.ratio")),
    std.error = spread("std.error"), statistic = spread("statistic"),
    p.value = spread("p.value"), conf.low = exp(spread("low")),
    conf.high = exp(spread("high")), conf.level = rep(conf.level, length(known)),
    method = rep(method, length(known))
  ))
}

proportional_hazards <- function(fit, design, known) {
  test <- tryCatch(survival::cox.zph(fit)$table, error = function(e) NULL)
  if (is.null(test)) return(NULL)
  quick_frame(list(
    term = c(unique(design$term[known]), "GLOBAL"), statistic = unname(test[, "chisq"]),
    df = unname(test[, "df"]), p.value = unname(test[, "p"])
  ))
}

new_hazard_ratio <- function(fits, outcomes, rows, conf.level) {
  stack <- function(name) {
    parts <- Map(function(fit, outcome) {
      part <- fit[[name]]
      if (is.null(part) || is.na(outcome)) return(part)
      cbind(outcome = factor(rep(outcome, nrow(part)), outcomes), part)
    }, fits, outcomes)
    do.call(rbind, parts)
  }
  fits <- lapply(fits, function(fit) {
    overall <- fit$ph$p.value[fit$ph$term == "GLOBAL"]
    fit$model <- quick_frame(list(
      n = fit$n, n.event = fit$n.event, n.parameter = fit$n.parameter,
      events.per.parameter = fit$n.event / fit$n.parameter,
      ph.p.value = if (length(overall)) overall else NA_real_, method = fit$method
    ))
    fit
  })
  structure(list(
    table = stack("table"), proportional_hazards = stack("ph"), models = stack("model"),
    conf.level = conf.level, event_table = rows$table,
    blank = any(vapply(fits, `[[`, NA, "blank"))
  ), class = "hazard_ratio")
}
