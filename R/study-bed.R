#' Biologically effective dose and equivalent dose in 2 Gy fractions
#'
#' The linear-quadratic model without a time factor, for schedules of equal fractions and
#' for schedules made of several parts.
#'
#' @details For n fractions of d Gy and the ratio \eqn{\alpha/\beta} of the tissue
#' \deqn{\mathrm{BED} = n d \left(1 + \frac{d}{\alpha/\beta}\right),\quad
#'   \mathrm{EQD2} = \frac{\mathrm{BED}}{1 + 2 / (\alpha/\beta)}}{
#'   BED = n d (1 + d / (alpha/beta)), EQD2 = BED / (1 + 2 / (alpha/beta))}
#' Both add up over the parts of a mixed schedule, such as a boost or a second course.
#' Nothing is subtracted for proliferation or added for repair between courses. Above
#' about 8 to 10 Gy a fraction the model is extrapolated: use it to order schedules, not
#' as a measured effect.
#' @param dose_per_fraction Dose of one fraction in Gy, above 0: of a total dose,
#'   `dose / fractions`. Above 40 Gy, which is more likely a total dose, there is a
#'   warning, as there is for the lesions of a study. Argument names are written in full,
#'   since `dose = ` could mean either.
#' @param fractions Number of fractions, whole numbers of at least 1.
#' @param alpha_beta Ratio \eqn{\alpha/\beta} in Gy, above 0: 10 for most tumours, 3 for
#'   late effects. A BED is written with it, as in 100 Gy10.
#' @param schedule `NULL`: every element is a schedule of its own. Or labels, as many as
#'   elements: elements with one label are parts of one schedule, and their values are
#'   added.
#' @return Numbers in Gy, one an element, or with `schedule` one a label in the order of
#'   their first appearance, with the labels as names. The arguments have one length or
#'   length 1. A missing dose, number or ratio gives `NA`.
#' @section Errors:
#' `oligosurv_error_input` for what is not numeric or has another length, a missing
#' `schedule`, or a shortened argument name; `oligosurv_error_domain` for values outside
#' their range (element `where`).
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

# BED of each element, over the effect `per_gray` of a schedule to compare with. Functions
# that take doses of a study call this, since the study has warned of unusual fractions.
linear_quadratic <- function(x, per_gray = 1) {
  effect <- (1 + x$dose_per_fraction / x$alpha_beta) / per_gray
  x$fractions * x$dose_per_fraction * effect
}

# More Gy in one fraction than any SBRT gives: the rule of a study, too
largest_fraction <- 40

warn_large_fractions <- function(dose_per_fraction) {
  where <- which(dose_per_fraction > largest_fraction)
  if (!length(where)) return(invisible())
  warn_oligosurv("domain", sprintf(
    paste(
      "`dose_per_fraction` is above %s Gy (%s, first value: %s); it is the dose of one",
      "fraction: for a total dose give `dose_per_fraction = dose / fractions`"
    ), format(largest_fraction), format_rows(where, "element"),
    format(dose_per_fraction[where[1L]])
  ), where = where, arg = "dose_per_fraction")
}

# R completes `dose =` to `dose_per_fraction =`, though it is a total dose to everybody
# else. `call` is the call as it was written in `env`; names may come through its `...`.
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
      "`%s` is not an argument: it could be the dose of one fraction or of all; give",
      "`dose_per_fraction = ` the dose of one fraction (of a total dose,",
      "`dose_per_fraction = dose / fractions`)"
    ), short[1L]
  ), arg = short[1L])
}

# The three arguments checked and of one length
schedule_parts <- function(dose_per_fraction, fractions, alpha_beta) {
  x <- list(
    dose_per_fraction = check_positive(dose_per_fraction, "dose_per_fraction"),
    fractions = check_positive(fractions, "fractions", whole = TRUE),
    alpha_beta = check_positive(alpha_beta, "alpha_beta")
  )
  sizes <- lengths(x)
  n <- if (any(sizes == 0L)) 0L else max(sizes)
  wrong <- names(x)[!sizes %in% c(1L, n)]
  if (length(wrong)) {
    stop_oligosurv("input", sprintf(
      "%s must have one length or length 1; they have %s",
      join_words(paste0("`", names(x), "`")), join_words(sizes)
    ), arg = wrong[1L])
  }
  lapply(x, rep_len, n)
}

# Numbers above 0, NA kept; a column of nothing but NA is logical
check_positive <- function(x, arg, whole = FALSE) {
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

# Sums by label, in the order of first appearance
add_schedule <- function(effect, schedule) {
  if (is.null(schedule)) return(effect)
  if (!is.atomic(schedule) || length(schedule) != length(effect) || anyNA(schedule)) {
    stop_oligosurv("input", sprintf(
      "`schedule` must be one label, not missing, for each of the %s; it is %s",
      count_noun(length(effect), "part"),
      if (anyNA(schedule)) "missing somewhere" else describe(schedule)
    ), arg = "schedule")
  }
  label <- as.character(schedule)
  label <- factor(label, unique(label))
  total <- vapply(split(effect, label), sum, 0)
  stats::setNames(as.double(total), levels(label))
}
