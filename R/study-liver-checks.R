# Checks of the arguments of albi() and child_pugh().

# Accepts the unit of a quantity in any case, with the letter mu for u.
check_liver_unit <- function(x, quantity) {
  arg <- paste0(quantity, "_unit")
  known <- names(liver_units[[quantity]])
  if (missing(x)) {
    stop_oligosurv("input", sprintf(
      "`%s` is missing: give the unit of `%s`, %s", arg, quantity,
      join_words(sprintf("\"%s\"", known), "or")
    ), arg = arg)
  }
  x <- plain_argument(x)
  if (is.character(x)) x <- lower_case(gsub("[\u00b5\u03bc]", "u", x))
  check_choice(x, known, arg)
}

# Accepts numbers that can be measured, and NA; R gives a column that is all NA the type
# logical.
check_measured <- function(x, quantity, unit) {
  x <- check_finite_or_na(x, quantity)
  limits <- liver_units[[quantity]][[unit]]
  other <- setdiff(names(liver_units[[quantity]]), unit)
  advice <- sprintf("the unit was given as %s; if it is %s, give `%s_unit = \"%s\"`",
    unit, other, quantity, other
  )
  where <- which(x < limits["lower"] | x > limits["upper"])
  if (length(where)) {
    stop_oligosurv("domain", sprintf(
      "`%s` must be from %s to %s %s; %s (first value: %s): %s", quantity,
      format(limits["lower"]), format(limits["upper"]), unit,
      format_rows(where, "element"), format(x[where[1L]]), advice
    ), where = where, arg = quantity)
  }
  middle <- stats::median(x, na.rm = TRUE)
  if (!is.na(middle) && (middle < limits["low"] || middle > limits["high"])) {
    warn_oligosurv("domain", sprintf(
      "the median of `%s` is %s %s, which is unusual: %s", quantity,
      format(middle, digits = 3L), unit, advice
    ), arg = quantity)
  }
  x
}

check_inr <- function(x) {
  x <- check_finite_or_na(x, "inr")
  bad <- x < inr_range[1L] | x > inr_range[2L]
  if (any(bad, na.rm = TRUE)) {
    stop_domain("inr", sprintf("from %s to %s", inr_range[1L], inr_range[2L]), bad, x)
  }
  x
}

check_finite_or_na <- function(x, arg) {
  if (missing(x)) stop_missing(arg)
  x <- plain_column(x)
  reason <- not_a_number(x)
  if (!is.null(reason) || !(is.numeric(x) || (is.logical(x) && all(is.na(x))))) {
    stop_oligosurv("input", sprintf(
      "`%s` must be numeric%s; it is %s", arg,
      if (is.null(reason)) "" else paste0(", ", reason), describe(x)
    ), arg = arg)
  }
  x <- as.double(x)
  x[is.nan(x)] <- NA
  if (any(is.infinite(x))) stop_domain(arg, "finite", is.infinite(x), x)
  x
}

# The points of a sign: the number of its level
check_sign <- function(x, arg, levels) {
  if (missing(x)) stop_missing(arg)
  if (!is.atomic(x)) {
    stop_oligosurv("input", sprintf("`%s` must be text; it is %s", arg, describe(x)),
      arg = arg
    )
  }
  check_factor(x, arg)
  text <- cell_text(plain_column(x))
  read <- category_values(text, levels)
  if (any(read$unknown)) {
    where <- which(read$unknown)
    number <- grepl("^[0-9]+$", text[where[1L]])
    stop_oligosurv("domain", sprintf(
      "`%s` must be %s; %s (first value: \"%s\")%s", arg, join_words(levels, "or"),
      format_rows(where, "element"), text[where[1L]],
      if (number) "; numbers are grades only if one of them is 0: write words" else ""
    ), where = where, arg = arg)
  }
  match(read$value, levels)
}

check_yes <- function(x, arg) {
  if (is.logical(x) && !anyNA(x)) return(x)
  stop_oligosurv("input", sprintf(
    "`%s` must be TRUE or FALSE, without NA; it is %s", arg, describe(x)
  ), arg = arg)
}
