#' P-values as journals print them
#'
#' @details
#' | `style` | p | printed |
#' |---|---|---|
#' | `"plain"` | two decimals from 0.1 on, else three; `>0.99` instead of 1.00 | `P = 0.47`, `P = 0.046`, `P < 0.001` |
#' | `"nejm"` | two decimals from 0.01 on, else three; at most `>0.99` | `P=0.47`, `P=0.05`, `P=0.003`, `P<0.001` |
#' | `"jama"` | as `nejm`, without the zero; three decimals where two would round up to .05 | `P = .47`, `P = .046`, `P < .001` |
#' | `"lancet"` | two significant digits, at least four decimals; a raised point | `p=0·47`, `p=0·046`, `p<0·0001` |
#'
#' P-values are rounded only for printing; tests and adjustments use all digits.
#' @param p Numbers between 0 and 1; `NA`, the p-value of an undefined test, is printed as
#'   `na`.
#' @param style The journal, see Details.
#' @param prefix `TRUE` puts the letter and the sign before the number, for a sentence;
#'   `FALSE` gives the number only, for a column of a table.
#' @param na Text of a missing value.
#' @return Text, one element for each of `p`.
#' @section Errors: `oligosurv_error_domain` for numbers outside 0 to 1,
#'   `oligosurv_error_input` for an unknown style.
#' @seealso [inline_text()], [result_table()]
#' @examples
#' p <- c(0.4702, 0.0461, 0.00312, 0.00004)
#' format_p_value(p)
#' format_p_value(p, "jama", prefix = TRUE)
#' format_p_value(p, "lancet", prefix = TRUE)
#' @export
format_p_value <- function(p, style = c("plain", "nejm", "jama", "lancet"),
                           prefix = FALSE, na = "NA") {
  style <- check_choice(style, journal_styles, "style")
  prefix <- check_flag(prefix, "prefix")
  na <- check_string(na, "na")
  p <- plain_argument(p)
  if (!is.numeric(p) && !(is.atomic(p) && all(is.na(p)))) {
    stop_oligosurv("input", sprintf("`p` must be numeric; it is %s", describe(p)),
      arg = "p"
    )
  }
  p <- as.double(p)
  bad <- !is.na(p) & (p < 0 | p > 1)
  if (any(bad)) stop_domain("p", "between 0 and 1", bad, p)
  tight <- style %in% c("nejm", "lancet")
  text <- p_digits(p, style)
  sign <- ifelse(grepl("^[<>]", text), substr(text, 1L, 1L), "=")
  number <- sub("^[<>]", "", text)
  if (style == "jama") number <- sub("^0", "", number)
  number <- journal_point(number, style)
  if (!length(p)) return(character())
  letter <- if (style == "lancet") "p" else "P"
  out <- if (!prefix) {
    paste0(ifelse(sign == "=", "", sign), number)
  } else if (tight) {
    paste0(letter, sign, number)
  } else {
    paste("P", sign, number)
  }
  ifelse(is.na(p), if (prefix) paste(letter, "=", na) else na, out)
}

journal_styles <- c("plain", "nejm", "jama", "lancet")

# P-values as numbers, with < or > if they are outside the range that the style prints
p_digits <- function(p, style) {
  fixed <- function(digits) formatC(p, digits = digits, format = "f")
  text <- switch(style,
    plain = ifelse(p >= 0.1, fixed(2L), fixed(3L)),
    lancet = {
      places <- pmin(pmax(1 - floor(log10(pmax(p, 1e-5))), 2), 4)
      sprintf("%.*f", as.integer(ifelse(is.na(p), 2, places)), p)
    },
    ifelse(p >= 0.01, fixed(2L), fixed(3L))
  )
  if (style == "jama") {
    text <- ifelse(!is.na(p) & p >= 0.045 & p < 0.05, fixed(3L), text)
  }
  least <- if (style == "lancet") 1e-4 else 1e-3
  text <- ifelse(p < least, paste0("<", format(least, scientific = FALSE)), text)
  # "1.00" would say that the groups are certainly alike
  ifelse(p > if (style == "plain") 0.995 else 0.99, ">0.99", text)
}

# Writes numbers with the decimal point of the journal
journal_point <- function(text, style) {
  if (style != "lancet") return(text)
  gsub("(?<=[0-9])[.](?=[0-9])", "\u00b7", text, perl = TRUE)
}
