#' Number of patients for a local control rate or a log-rank test
#'
#' How many patients (lesions, events) a study needs, by formula.
#'
#' @details **`"single-arm"`, `method = "exact"`**: the smallest n with a cut-off r so
#' that a control rate of `p0` gives r or more controlled among n with a probability of
#' at most `alpha`, and `p1` with at least `power` (A'Hern 2001). Power is no smooth
#' function of n: some larger n have a little less.
#'
#' **`"single-arm"`, `method = "kaplan-meier"`**: the control rate at `time` is estimated
#' from censored data, and `p0` is rejected when the lower log-log limit of
#' [kaplan_meier()] at that time (level 1 - 2 `alpha`; 1 - `alpha` with `sided = 2`) is
#' above it. Of n patients those censored before `time` leave the information of fewer:
#' the exact n is multiplied by the ratio of the variances of the estimate with and
#' without censoring,
#' \deqn{\frac{p_1}{1 - p_1} \int_0^t \frac{\lambda}{S(u) G(u)} du}{
#'   p1 / (1 - p1) * integral of lambda / (S G) from 0 to t}
#' with hazard \eqn{\lambda} and censoring curve G under `p1`. S is exponential. Patients
#' enter evenly over `accrual` and are followed `follow_up` after the last entry:
#' \eqn{G(u)} is 1 up to `follow_up` and falls in a line to 0 at `accrual + follow_up`.
#' Where all are followed up to `time` the ratio is 1 and the design is the exact one.
#' Simulated for `p0` of 0.5 to 0.9, power 0.8 and 0.9, everybody or only a part followed
#' up to `time`: the power of that test is on average 0.01 below the one wanted, and 0.07
#' at most (`p0` of 0.9 and a quarter of the time as follow-up). An exact n above 10 000
#' is replaced by that of the arcsine scale,
#' \eqn{(z_\alpha + z_\beta)^2 / \{4 (\arcsin\sqrt{p_1} - \arcsin\sqrt{p_0})^2\}}{
#' (z_alpha + z_beta)^2 / (4 (asin(sqrt(p1)) - asin(sqrt(p0)))^2)}.
#'
#' **`"logrank"`**: with \eqn{\theta} the hazard ratio of group 2 and k = n2 / n1 the
#' events needed are
#' \deqn{d = \frac{(z_\alpha + z_\beta)^2 (1 + k)^2}{k (\log \theta)^2}\
#'   \mbox{(Schoenfeld)}, \quad
#'   d = \frac{(z_\alpha + z_\beta)^2 (1 + k \theta)^2}{k (1 - \theta)^2}\
#'   \mbox{(Freedman)}}{
#'   d = (z_alpha + z_beta)^2 (1 + k)^2 / (k log(theta)^2) (Schoenfeld),
#'   d = (z_alpha + z_beta)^2 (1 + k theta)^2 / (k (1 - theta)^2) (Freedman)}
#' and, with `median` survival in group 1 and exponential curves, patients are d over the
#' mean probability of an event,
#' \eqn{1 - (e^{-\lambda f} - e^{-\lambda (a + f)}) / (\lambda a)}{
#' 1 - (exp(-lambda f) - exp(-lambda (a + f))) / (lambda a)} in each group.
#'
#' Numbers are rounded up. Lesions of one patient are not independent: give the
#' `design_effect` 1 + (m - 1) rho of m lesions a patient with correlation rho, and n
#' counts lesions. `dropout` is the part of patients who tell nothing.
#' @param design `"single-arm"` or `"logrank"`.
#' @param p0,p1 Rates of local control, uninteresting and hoped for, p0 below p1.
#' @param hazard_ratio Hazard ratio of group 2 against group 1, not 1.
#' @param method `"exact"` or `"kaplan-meier"` for a single arm, `"schoenfeld"` or
#'   `"freedman"` for the log-rank test; the first is the default.
#' @param alpha,power Level and power, between 0 and 1.
#' @param sided 1 or 2; by default 1 for a single arm, 2 for the log-rank test.
#' @param time Time of the rate; `median` Median survival of group 1; `accrual`,
#'   `follow_up`: see Details. All in one unit. `follow_up` is by default `time`.
#' @param median,accrual,follow_up See `time`.
#' @param ratio n2 / n1.
#' @param design_effect Factor for lesions in patients, at least 1.
#' @param dropout Part without any data, from 0 to below 1.
#' @return A data frame of class `sample_size` with one row: `design`, `method`, `n` (to
#'   recruit; `NA` for events only), `n.1`, `n.2` (groups; `NA` for one arm),
#'   `n.analysed` (before `design_effect` and `dropout`), `n.event` (log-rank test),
#'   `cutoff` (exact: the fewest controlled that reject p0), `alpha`, `power` (asked),
#'   `alpha.exact`, `power.exact` (exact method) and `sided`.
#' @section Errors:
#' `oligosurv_error_input` for what is missing or out of range; `oligosurv_error_data`
#' when nobody is followed up to `time`, or more than 10 000 subjects would be needed for
#' an exact design.
#' @references A'Hern (2001) \doi{10.1002/sim.721}; Schoenfeld (1983)
#'   \doi{10.2307/2531021}; Freedman (1982) \doi{10.1002/sim.4780010204}.
#' @seealso [simulate_study()], [logrank_test()]
#' @examples
#' # A'Hern 2001: 25 patients, 6 or more
#' sample_size("single-arm", p0 = 0.1, p1 = 0.3)
#' # all are followed up to 12 months: the exact design, 59 patients
#' sample_size("single-arm", p0 = 0.85, p1 = 0.95, method = "kaplan-meier", time = 12,
#'   accrual = 24, follow_up = 12
#' )
#' # some for 6 months only: 57 * 1.0775 is 62, with the design effect 75
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

# Up, but not for the last digits of a whole number
round_up <- function(x) ceiling(x * (1 - rounding_tol))

inflate <- function(n, spec) round_up(n * spec$design_effect / (1 - spec$dropout))

needed_number <- function(x, arg, design, ...) {
  if (is.null(x)) {
    stop_oligosurv("input", sprintf("%s needs `%s`", design, arg), arg = arg)
  }
  check_number(x, arg, ..., open = TRUE)
}

size_single_arm <- function(spec) {
  p0 <- needed_number(spec$p0, "p0", "a single arm", 0, 1)
  p1 <- needed_number(spec$p1, "p1", "a single arm", 0, 1)
  if (p1 <= p0) {
    stop_oligosurv("input", sprintf(
      "`p1`, the rate hoped for, must be above `p0`; they are %s and %s", format(p1),
      format(p0)
    ), arg = "p1")
  }
  if (spec$method == "kaplan-meier") return(size_kaplan_meier(p0, p1, spec))
  exact <- exact_single_arm(p0, p1, spec)
  if (is.null(exact)) {
    stop_oligosurv("data", "more than 10 000 subjects are needed", arg = "p1")
  }
  c(list(n = inflate(exact$n.analysed, spec)), exact)
}

# The smallest exact design; NULL where it takes more than 10 000 subjects
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
  t <- needed_number(spec$time, "time", "method = \"kaplan-meier\"", 0, Inf)
  f <- check_number(spec$follow_up, "follow_up", 0)
  a <- spec$accrual
  if (t > f && t >= a + f) {
    stop_oligosurv("data", sprintf(
      "nobody is followed up to %s: accrual and follow-up together are %s", format(t),
      format(a + f)
    ), arg = "time")
  }
  hazard <- -log(p1) / t
  # In pieces: the censoring curve has a corner at the end of follow-up
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

# Part with an event of exponential times, entry even over a, follow-up f after it
event_part <- function(hazard, a, f) {
  if (a == 0) return(-expm1(-hazard * f))
  1 - exp(-hazard * f) * -expm1(-hazard * a) / (hazard * a)
}

size_logrank <- function(spec) {
  hr <- needed_number(spec$hazard_ratio, "hazard_ratio", "the log-rank test", 0, Inf)
  if (hr == 1) {
    stop_oligosurv("input", "`hazard_ratio` must not be 1", arg = "hazard_ratio")
  }
  k <- spec$ratio
  d <- logrank_events(hr, k, spec$z, spec$method)
  events <- round_up(d * spec$design_effect)
  if (is.null(spec$median)) return(list(n.event = events))
  middle <- needed_number(spec$median, "median", "the number of patients", 0, Inf)
  f <- needed_number(spec$follow_up, "follow_up", "the number of patients", -1, Inf)
  check_number(f, "follow_up", 0)
  hazard <- log(2) / middle * c(1, hr)
  part <- vapply(hazard, event_part, 0, a = spec$accrual, f = f)
  if (!any(part > 0)) {
    stop_oligosurv("input", "`accrual` or `follow_up` must be above 0", arg = "follow_up")
  }
  share <- c(1, k) / (1 + k)
  n <- d / sum(share * part)
  each <- round_up(n * share * spec$design_effect / (1 - spec$dropout))
  list(
    n = sum(each), n.1 = each[1L], n.2 = each[2L], n.analysed = round_up(n),
    n.event = events
  )
}

#' @export
print.sample_size <- function(x, ...) {
  if (!all(c("n", "n.event", "cutoff") %in% names(x))) {
    return(print(as.data.frame(x), ...))
  }
  spec <- attr(x, "spec")
  goal <- if (x$design == "logrank") {
    sprintf("hazard ratio %s, n2 / n1 = %s", format(spec$hazard_ratio),
      format(spec$ratio)
    )
  } else {
    sprintf("local control %s against %s%s", percent_text(spec$p1), percent_text(spec$p0),
      if (x$method == "kaplan-meier") paste(" at", format(spec$time)) else ""
    )
  }
  need <- c(
    if (!is.na(x$n.event)) count_noun(x$n.event, "event"),
    if (!is.na(x$n.1)) {
      sprintf("%s subjects (%s and %s)", format_count(x$n), format_count(x$n.1),
        format_count(x$n.2)
      )
    } else if (!is.na(x$n)) {
      count_noun(x$n, "subject")
    }
  )
  writeLines(c(
    sprintf("Sample size, %s: %s", size_names[[x$method]], goal),
    sprintf("%d-sided alpha %s, power %s", as.integer(x$sided), format(x$alpha),
      format(x$power)
    ),
    paste("Needed:", paste(need, collapse = ", "))
  ))
  if (!is.na(x$cutoff)) {
    writeLines(sprintf(
      "%s or more of %s controlled reject %s: alpha %s, power %s", format_count(x$cutoff),
      format_count(x$n.analysed), percent_text(spec$p0), formatC(x$alpha.exact, 4),
      formatC(x$power.exact, 4)
    ))
  }
  if (spec$design_effect > 1 || spec$dropout > 0) {
    writeLines(sprintf("With design effect %s and dropout %s", format(spec$design_effect),
      percent_text(spec$dropout)
    ))
  }
  invisible(x)
}

size_names <- c(
  exact = "exact single-arm test", "kaplan-meier" = "single arm by Kaplan-Meier",
  schoenfeld = "log-rank test (Schoenfeld)", freedman = "log-rank test (Freedman)"
)
