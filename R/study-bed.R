#' Biologically effective dose and equivalent dose in 2 Gy fractions
#'
#' Computes BED and EQD2 by the linear-quadratic model without a time factor, for
#' schedules of equal fractions and for schedules of several parts.
#'
#' @details For n fractions of d Gy and the ratio \eqn{\alpha/\beta} of the tissue
#' \deqn{\mathrm{BED} = n d \left(1 + \frac{d}{\alpha/\beta}\right),\quad
#'   \mathrm{EQD2} = \frac{\mathrm{BED}}{1 + 2 / (\alpha/\beta)}}{
#'   BED = n d (1 + d / (alpha/beta)), EQD2 = BED / (1 + 2 / (alpha/beta))}
#' Both add up over the parts of a mixed schedule, such as a boost or a second course.
#' The model accounts neither for proliferation nor for repair between courses. Above
#' about 8 to 10 Gy per fraction it is an extrapolation: use it to rank schedules, not as
#' a measured effect.
#' @param dose_per_fraction Dose per fraction in Gy, above 0; for a total dose, use
#'   `dose / fractions`. A value above 40 Gy gives a warning, because it is more likely a
#'   total dose. Argument names cannot be abbreviated, since `dose = ` could mean either.
#' @param fractions Number of fractions, whole numbers of at least 1.
#' @param alpha_beta Ratio \eqn{\alpha/\beta} in Gy, above 0: 10 for most tumours, 3 for
#'   late effects. The unit of a BED shows it, as in 100 Gy10.
#' @param schedule `NULL` if every element is a separate schedule, or one label per
#'   element: elements with the same label are parts of one schedule, and their values are
#'   added.
#' @return Numbers in Gy: one per element, or with `schedule` one per label, named and in
#'   the order of first appearance. All arguments must have the same length or length 1. A
#'   missing dose, number of fractions or ratio gives `NA`.
#' @section Errors:
#' `oligosurv_error_input` for arguments that are not numeric or differ in length, a
#' missing value in `schedule`, or an abbreviated argument name; `oligosurv_error_domain`
#' for values outside their range (element `where`).
#' @references Fowler (1989) \doi{10.1259/0007-1285-62-740-679};
#'   Fowler (2010) \doi{10.1259/bjr/31372149}.
#' @seealso [lesion_dose()], [dose_table()], [dose_response()]
#' @examples
#' # 50 Gy in 5 fractions: 50 * (1 + 10 / 10) = 100 Gy10, 100 / 1.2 = 83.3 Gy
#' bed(10, 5)
#' eqd2(10, 5)
#' # Published schedules (doi:10.1186/s13014-021-01802-9): 48, 51.3, 43.2, 60 Gy10
#' bed(c(6, 9, 8, 20), c(5, 3, 3, 1))
#' # 25 fractions of 2 Gy and a boost of 2 x 8 Gy: 60 + 28.8 Gy10
#' bed(c(2, 8), c(25, 2), schedule = c("A", "A"))
#' @export
bed <- function(dose_per_fraction, fractions, alpha_beta = 10, schedule = NULL) {
  check_full_names(sys.call(), parent.frame())
  x <- schedule_parts(dose_per_fraction, fractions, alpha_beta)
  warn_large_fractions(x$dose_per_fraction)
  add_schedule(linear_quadratic(x), schedule)
}

#' @rdname bed
#' @export
eqd2 <- function(dose_per_fraction, fractions, alpha_beta = 10, schedule = NULL) {
  check_full_names(sys.call(), parent.frame())
  x <- schedule_parts(dose_per_fraction, fractions, alpha_beta)
  warn_large_fractions(x$dose_per_fraction)
  add_schedule(linear_quadratic(x, 1 + 2 / x$alpha_beta), schedule)
}

# BED of each element, divided by the effect per gray of a reference schedule: 1 for BED,
# 1 + 2 / alpha_beta for EQD2. Functions of the study layer call this directly, because
# sbrt_study() has already warned about unusual fractions.
linear_quadratic <- function(x, per_gray = 1) {
  effect <- (1 + x$dose_per_fraction / x$alpha_beta) / per_gray
  x$fractions * x$dose_per_fraction * effect
}

# Gy per fraction above which a dose is probably a total dose; sbrt_study() uses it too
largest_fraction <- 40

warn_large_fractions <- function(dose_per_fraction) {
  where <- which(dose_per_fraction > largest_fraction)
  if (!length(where)) return(invisible())
  warn_oligosurv("domain", sprintf(
    paste(
      "`dose_per_fraction` is above %s Gy (%s, first value: %s); if this is a total",
      "dose, use `dose_per_fraction = dose / fractions`"
    ), format(largest_fraction), format_rows(where, "element"),
    format(dose_per_fraction[where[1L]])
  ), where = where, arg = "dose_per_fraction")
}

# Stops for `dose =`, which R would complete to `dose_per_fraction =` although the user
# probably means a total dose. `call` is the call as written in `env`; argument names may
# also come through its `...`.
check_full_names <- function(call, env) {
  given <- as.character(names(call)[-1L])
  if (any(vapply(as.list(call)[-1L], identical, NA, quote(...)))) {
    given <- c(given, eval(quote(names(substitute(list(...)))[-1L]), env))
  }
  short <- given[startsWith("dose_per_fraction", given) & nzchar(given)]
  short <- setdiff(short, "dose_per_fraction")
  if (!length(short)) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "`%s` is not an argument, because it could mean the dose per fraction or the total",
      "dose; use `dose_per_fraction = ` (for a total dose,",
      "`dose_per_fraction = dose / fractions`)"
    ), short[1L]
  ), arg = short[1L])
}

# Checks the three arguments and recycles them to the same length.
schedule_parts <- function(dose_per_fraction, fractions, alpha_beta) {
  same_lengths(list(
    dose_per_fraction = check_positive(dose_per_fraction, "dose_per_fraction"),
    fractions = check_positive(fractions, "fractions", whole = TRUE),
    alpha_beta = check_positive(alpha_beta, "alpha_beta")
  ))
}

# Accepts numbers above 0 and NA; R gives a column that is all NA the type logical.
check_positive <- function(x, arg, whole = FALSE) {
  if (is.object(x)) x <- plain_column(x)
  if (!is.numeric(x) && !(is.logical(x) && all(is.na(x)))) {
    stop_oligosurv("input", sprintf("`%s` must be numeric; it is %s", arg, describe(x)),
      arg = arg
    )
  }
  x <- as.double(x)
  bad <- !is.na(x) & (!is.finite(x) | x <= 0 | (whole & x != round(x))) | is.nan(x)
  if (any(bad)) {
    need <- if (whole) "whole numbers of at least 1" else "finite numbers above 0"
    stop_domain(arg, need, bad, x)
  }
  x
}

# Adds up the parts of each schedule, in the order of first appearance.
add_schedule <- function(effect, schedule) {
  if (is.null(schedule)) return(effect)
  if (!is.atomic(schedule) || length(schedule) != length(effect) || anyNA(schedule)) {
    stop_oligosurv("input", sprintf(
      "`schedule` must have one label without NA for each of the %s; it %s",
      count_noun(length(effect), "part"),
      if (anyNA(schedule)) "has missing values" else paste("is", describe(schedule))
    ), arg = "schedule")
  }
  label <- as.character(schedule)
  label <- factor(label, unique(label))
  total <- vapply(split(effect, label), sum, 0)
  stats::setNames(as.double(total), levels(label))
}
