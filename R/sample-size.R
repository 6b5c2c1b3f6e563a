#' Sample size for a local control rate or a log-rank test
#'
#' Computes how many patients (lesions, events) a study needs.
#'
#' @details **`"single-arm"`, `method = "exact"`**: the smallest n for which there is a
#' cut-off r such that the probability of r or more controlled patients among n is at most
#' `alpha` if the control rate is `p0`, and at least `power` if it is `p1` (A'Hern 2001).
#' Power is not a monotone function of n: some larger n have slightly less power.
#'
#' **`"single-arm"`, `method = "kaplan-meier"`**: the control rate at `time` is
#' estimated from censored data, and `p0` is rejected if the lower log-log limit of
#' [kaplan_meier()] at that time (level 1 - 2 `alpha`; 1 - `alpha` with `sided = 2`) is
#' above `p0`. Patients who are censored before `time` carry less information, so the
#' exact n is multiplied by the ratio of the variances of the estimate with and without
#' censoring,
#' \deqn{\frac{p_1}{1 - p_1} \int_0^t \frac{\lambda}{S(u) G(u)} du}{
#'   p1 / (1 - p1) * integral of lambda / (S G) from 0 to t}
#' with hazard \eqn{\lambda} and censoring curve G under `p1`, where S is exponential.
#' Accrual is uniform over `accrual`, and follow-up continues for `follow_up` after the
#' last entry: \eqn{G(u)} is 1 up to `follow_up` and falls linearly to 0 at `accrual +
#' follow_up`. If all patients are followed up to `time`, the ratio is 1 and the design is
#' the exact one. In simulations with `p0` of 0.5 to 0.9, power 0.8 and 0.9, and complete
#' or incomplete follow-up up to `time`, the power of this test was on average 0.01 below
#' the planned power, and at most 0.07 below it (with `p0` of 0.9 and follow-up of a
#' quarter of `time`). An exact n above 10 000 is replaced by that of the arcsine
#' transformation, \eqn{(z_\alpha + z_\beta)^2 /
#' \{4 (\arcsin\sqrt{p_1} - \arcsin\sqrt{p_0})^2\}}{ (z_alpha + z_beta)^2 / (4
#' (asin(sqrt(p1)) - asin(sqrt(p0)))^2)}.
#'
#' **`"logrank"`**: with the hazard ratio \eqn{\theta} of group 2 against group 1 and k =
#' n2 / n1, the number of events is
#' \deqn{d = \frac{(z_\alpha + z_\beta)^2 (1 + k)^2}{k (\log \theta)^2}\
#'   \mbox{(Schoenfeld)}, \quad
#'   d = \frac{(z_\alpha + z_\beta)^2 (1 + k \theta)^2}{k (1 - \theta)^2}\
#'   \mbox{(Freedman)}}{
#'   d = (z_alpha + z_beta)^2 (1 + k)^2 / (k log(theta)^2) (Schoenfeld),
#'   d = (z_alpha + z_beta)^2 (1 + k theta)^2 / (k (1 - theta)^2) (Freedman)}
#' and, with `median` survival in group 1 and exponential curves, the number of patients
#' is d divided by the probability of an event, averaged over the two groups by size. In
#' a group with hazard \eqn{\lambda}, uniform accrual over a (`accrual`) and follow-up f
#' after the last entry (`follow_up`), this probability is
#' \eqn{1 - (e^{-\lambda f} - e^{-\lambda (a + f)}) / (\lambda a)}{
#' 1 - (exp(-lambda f) - exp(-lambda (a + f))) / (lambda a)}.
#'
#' Numbers are rounded up. Lesions of one patient are not independent: with m lesions per
#' patient and correlation rho, use the `design_effect` 1 + (m - 1) rho; n then counts
#' lesions. `dropout` is the proportion of patients without any data.
#' @param design `"single-arm"` or `"logrank"`.
#' @param p0,p1 Rates of local control under the null and the alternative hypothesis, p0
#'   below p1.
#' @param hazard_ratio Hazard ratio of group 2 against group 1, not 1.
#' @param method `"exact"` or `"kaplan-meier"` for a single arm, `"schoenfeld"` or
#'   `"freedman"` for the log-rank test; the first is the default.
#' @param alpha,power Significance level and power, between 0 and 1.
#' @param sided 1 or 2; by default 1 for a single arm, 2 for the log-rank test.
#' @param time Time at which the control rate is estimated.
#' @param median,accrual,follow_up Median survival of group 1, duration of accrual, and
#'   follow-up after the last entry (by default `time`), all in the unit of `time`.
#' @param ratio Ratio n2 / n1 of the group sizes.
#' @param design_effect Design effect of several lesions per patient, at least 1.
#' @param dropout Proportion of patients without any data, from 0 to 0.99.
#' @return A data frame of class `sample_size` with one row: `design`, `method`, `n`
#'   (number to recruit; `NA` if only events are computed), `n.1`, `n.2` (group sizes;
#'   `NA` for one arm), `n.analysed` (before `design_effect` and `dropout`), `n.event`
#'   (log-rank test), `cutoff` (exact method: smallest number controlled that rejects p0),
#'   `alpha`, `power` (as given), `alpha.exact`, `power.exact` (exact method) and `sided`.
#' @section Errors:
#' `oligosurv_error_input` for arguments that are missing or out of range;
#' `oligosurv_error_data` if nobody is followed up to `time`, or if an exact design needs
#' more than 10 000 subjects.
#' @references A'Hern (2001) \doi{10.1002/sim.721}; Schoenfeld (1983)
#'   \doi{10.2307/2531021}; Freedman (1982) \doi{10.1002/sim.4780010204}.
#' @seealso [simulate_study()], [logrank_test()]
#' @examples
#' # A'Hern 2001: 25 patients, 6 or more
#' sample_size("single-arm", p0 = 0.1, p1 = 0.3)
#' # all patients are followed up to 12 months: the exact design, 59 patients
#' sample_size("single-arm", p0 = 0.85, p1 = 0.95, method = "kaplan-meier", time = 12,
#'   accrual = 24, follow_up = 12
#' )
#' # some are followed for 6 months only: 57 * 1.0775 is 62, with the design effect 75
#' sample_size("single-arm", p0 = 0.8, p1 = 0.92, method = "kaplan-meier", time = 12,
#'   accrual = 24, follow_up = 6, design_effect = 1.2
#' )
#' # 4 (1.96 + 0.84)^2 / log(2)^2 = 65.3 events
#' sample_size("logrank", hazard_ratio = 0.5, median = 11, accrual = 24, follow_up = 12)
#' @export
sample_size <- function(design = c("single-arm", "logrank"), p0 = NULL, p1 = NULL,
                        hazard_ratio = NULL, method = NULL, alpha = 0.05, power = 0.8,
                        sided = NULL, time = NULL, median = NULL, accrual = 0,
                        follow_up = time, ratio = 1, design_effect = 1, dropout = 0) {
  design <- check_choice(design, names(size_methods), "design")
  known <- size_methods[[design]]
  method <- check_choice(if (is.null(method)) known else method, known, "method")
  if (is.null(sided)) sided <- if (design == "logrank") 2 else 1
  spec <- list(
    p0 = p0, p1 = p1, hazard_ratio = hazard_ratio, time = time, median = median,
    follow_up = follow_up, method = method,
    sided = check_whole(sided, "sided", 1, 2), alpha = check_level(alpha, "alpha"),
    power = check_level(power, "power"),
    accrual = check_number(accrual, "accrual", 0),
    ratio = check_number(ratio, "ratio", 0, Inf, open = TRUE),
    design_effect = check_number(design_effect, "design_effect", 1),
    dropout = check_number(dropout, "dropout", 0, 0.99)
  )
  spec$tail <- spec$alpha / spec$sided
  spec$z <- stats::qnorm(spec$tail, lower.tail = FALSE) + stats::qnorm(spec$power)
  result <- if (design == "logrank") size_logrank(spec) else size_single_arm(spec)
  base <- data.frame(
    design = design, method = method, n = NA_real_, n.1 = NA_real_, n.2 = NA_real_,
    n.analysed = NA_real_, n.event = NA_real_, cutoff = NA_real_, alpha = spec$alpha,
    power = spec$power, alpha.exact = NA_real_, power.exact = NA_real_,
    sided = spec$sided
  )
  base[names(result)] <- result
  structure(base, spec = spec, class = c("sample_size", "data.frame"))
}

size_methods <- list(
  "single-arm" = c("exact", "kaplan-meier"), "logrank" = c("schoenfeld", "freedman")
)

# Rounds up, unless x is a whole number apart from rounding error
round_up <- function(x) ceiling(x * (1 - rounding_tol))

# Allows for the design effect and for dropout.
inflate <- function(n, spec) round_up(n * spec$design_effect / (1 - spec$dropout))

# Checks an argument that only some designs need, and that therefore has no default
require_number <- function(x, arg, design, ...) {
  if (is.null(x)) {
    stop_oligosurv("input", sprintf("`%s` is missing; %s needs it", arg, design),
      arg = arg
    )
  }
  check_number(x, arg, ..., open = TRUE)
}

size_single_arm <- function(spec) {
  p0 <- require_number(spec$p0, "p0", "a single arm", 0, 1)
  p1 <- require_number(spec$p1, "p1", "a single arm", 0, 1)
  if (p1 <= p0) {
    stop_oligosurv("input", sprintf(
      "`p1` must be above `p0`; `p1` is %s and `p0` is %s", format(p1), format(p0)
    ), arg = "p1")
  }
  if (spec$method == "kaplan-meier") return(size_kaplan_meier(p0, p1, spec))
  exact <- exact_single_arm(p0, p1, spec)
  if (is.null(exact)) {
    stop_oligosurv("data", paste(
      "`p1` is so close to `p0` that an exact design needs more than 10 000 subjects;",
      "use method = \"kaplan-meier\""
    ), arg = "p1")
  }
  c(list(n = inflate(exact$n.analysed, spec)), exact)
}

# The smallest exact design; NULL if it needs more than 10 000 subjects
exact_single_arm <- function(p0, p1, spec) {
  n <- seq_len(10000L)
  below <- stats::qbinom(spec$tail, n, p0, lower.tail = FALSE)
  reached <- stats::pbinom(below, n, p1, lower.tail = FALSE)
  first <- match(TRUE, reached >= spec$power)
  if (is.na(first)) return(NULL)
  list(
    n.analysed = first, cutoff = below[first] + 1,
    alpha.exact = stats::pbinom(below[first], first, p0, lower.tail = FALSE),
    power.exact = reached[first]
  )
}

size_kaplan_meier <- function(p0, p1, spec) {
  t <- require_number(spec$time, "time", "method = \"kaplan-meier\"", 0, Inf)
  f <- check_number(spec$follow_up, "follow_up", 0)
  a <- spec$accrual
  if (t > f && t >= a + f) {
    stop_oligosurv("data", sprintf(
      paste(
        "`time` is %s, but accrual and follow-up together are %s, so nobody is followed",
        "up to `time`; increase `follow_up`"
      ), format(t), format(a + f)
    ), arg = "time")
  }
  hazard <- -log(p1) / t
  # integrated in two intervals, because the censoring curve has a kink at `follow_up`
  full <- expm1(hazard * min(t, f))
  part <- if (t > f) {
    stats::integrate(function(u) hazard * exp(hazard * u) * a / (a + f - u), f, t,
      rel.tol = 1e-10
    )$value
  } else {
    0
  }
  ratio <- p1 / (1 - p1) * (full + part)
  exact <- exact_single_arm(p0, p1, spec)
  arcsine <- spec$z^2 / (4 * (asin(sqrt(p1)) - asin(sqrt(p0)))^2)
  n <- round_up(ratio * if (is.null(exact)) arcsine else exact$n.analysed)
  list(n = inflate(n, spec), n.analysed = n)
}

logrank_events <- function(hr, ratio, z, method) {
  if (method == "schoenfeld") return(z^2 * (1 + ratio)^2 / (ratio * log(hr)^2))
  z^2 * (1 + ratio * hr)^2 / (ratio * (1 - hr)^2)
}

# Probability of an event, for exponential times to event, uniform accrual over a time
# `a`, and follow-up `f` after it
event_probability <- function(hazard, a, f) {
  if (a == 0) return(-expm1(-hazard * f))
  1 - exp(-hazard * f) * -expm1(-hazard * a) / (hazard * a)
}

size_logrank <- function(spec) {
  hr <- require_number(spec$hazard_ratio, "hazard_ratio", "the log-rank test", 0, Inf)
  if (hr == 1) {
    stop_oligosurv("input", "`hazard_ratio` is 1; it must differ from 1",
      arg = "hazard_ratio"
    )
  }
  k <- spec$ratio
  d <- logrank_events(hr, k, spec$z, spec$method)
  events <- round_up(d * spec$design_effect)
  if (is.null(spec$median)) return(list(n.event = events))
  middle <- require_number(spec$median, "median", "the number of patients", 0, Inf)
  f <- require_number(spec$follow_up, "follow_up", "the number of patients", -1, Inf)
  check_number(f, "follow_up", 0)
  hazard <- log(2) / middle * c(1, hr)
  probability <- vapply(hazard, event_probability, 0, a = spec$accrual, f = f)
  if (!any(probability > 0)) {
    stop_oligosurv("input", "`accrual` or `follow_up` must be above 0; both are 0",
      arg = "follow_up"
    )
  }
  allocation <- c(1, k) / (1 + k)
  n <- d / sum(allocation * probability)
  each <- round_up(n * allocation * spec$design_effect / (1 - spec$dropout))
  list(
    n = sum(each), n.1 = each[1L], n.2 = each[2L], n.analysed = round_up(n),
    n.event = events
  )
}

#' @exportS3Method NULL
result_rows.sample_size <- function(x, ...) {
  check_no_dots(...)
  if (!is_whole(x, c("n", "n.event", "cutoff"))) return(NULL)
  rows <- frame_only(x)
  numbers <- c(
    Patients = x$n, "First group" = x$n.1, "Second group" = x$n.2,
    "Analysed, after losses" = x$n.analysed, Events = x$n.event,
    "Successes needed" = x$cutoff
  )
  shares <- c(
    "Type I error" = x$alpha, Power = x$power, "Type I error, exact" = x$alpha.exact,
    "Power, exact" = x$power.exact
  )
  item <- c(numbers, shares)
  known <- !is.na(item)
  pattern <- rep(c("%s%.0s", "%.0s%s%%"), lengths(list(numbers, shares)))
  value <- joined_column(pattern[known], format_count(item, each = TRUE)[known],
    number_column(100 * item[known])
  )
  new_result(rows, rows,
    what = "Sample size",
    title = sprintf("Sample size, %s: %s", word_of(size_names, x$method, "method"),
      size_goal(x)
    ),
    basis = sprintf("%s-sided", if (x$sided == 2) "two" else "one"),
    columns = list(Item = names(item)[known], Value = value),
    remarks = size_remarks(x, attr(x, "spec")),
    sentence = "{n} patients"
  )
}

size_goal <- function(x) {
  spec <- attr(x, "spec")
  if (x$design == "logrank") {
    return(sprintf("hazard ratio %s, n2 / n1 = %s", format(spec$hazard_ratio),
      format(spec$ratio)
    ))
  }
  sprintf("local control %s against %s%s", percent_text(spec$p1), percent_text(spec$p0),
    if (x$method == "kaplan-meier") paste(" at", format(spec$time)) else ""
  )
}

size_remarks <- function(x, spec) {
  c(
    if (!is.na(x$cutoff)) {
      sprintf("%s or more of %s controlled reject %s", format_count(x$cutoff),
        format_count(x$n.analysed), percent_text(spec$p0)
      )
    },
    if (spec$design_effect > 1 || spec$dropout > 0) {
      sprintf("With design effect %s and dropout %s", format(spec$design_effect),
        percent_text(spec$dropout)
      )
    }
  )
}

size_names <- c(
  exact = "exact single-arm test", "kaplan-meier" = "single arm by Kaplan-Meier",
  schoenfeld = "log-rank test (Schoenfeld)", freedman = "log-rank test (Freedman)"
)
