# Parser of numbers: handles units in the cell, decimal commas, thousands separators, and
# words before the number.

# Units that are understood in a cell, with the factor to the unit of the schema
unit_factors <- list(
  Gy = c(gy = 1, gray = 1, cgy = 0.01),
  mm = c(
    mm = 1, millimeter = 1, millimetre = 1, cm = 10, centimeter = 10, centimetre = 10
  ),
  `%` = c(`%` = 1, percent = 1, pct = 1, prozent = 1),
  cm3 = c(cm3 = 1, ccm = 1, cc = 1, ml = 1, mm3 = 0.001),
  `umol/l` = c(`umol/l` = 1, "\u00b5mol/l" = 1, "\u03bcmol/l" = 1, `mcmol/l` = 1),
  `mg/dl` = c(`mg/dl` = 1), `g/l` = c(`g/l` = 1), `g/dl` = c(`g/dl` = 1),
  days = c(d = 1, day = 1, days = 1, tag = 1, tage = 1, week = 7, weeks = 7, wk = 7)
)

# Words that are allowed after the number, for what it counts (`count_words`), and before
# it (`words_before`), by column
count_words <- list(
  fractions = c("fx", "fr", "fraction", "fractions", "fraktion", "fraktionen"),
  n_lesions = c("lesion", "lesions")
)

words_before <- list(line = "line|l", course = "course")

number_rule <- function(spec) {
  what <- if (spec$type == "whole") "a whole number" else "a number"
  range <- if (nzchar(spec$lower) && nzchar(spec$upper)) {
    sprintf(" from %s to %s", spec$lower, spec$upper)
  } else if (nzchar(spec$lower)) {
    paste(" of at least", spec$lower)
  }
  paste0("must be ", what, range, if (nzchar(spec$unit)) paste0(" ", spec$unit))
}

number_pattern <- "^[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?$"

parse_number <- function(x, spec, how) {
  text <- cell_text(x)
  read <- if (is.numeric(x)) {
    list(value = as.double(x), reason = rep("", length(x)), note = no_rule(length(x)))
  } else {
    read_numbers(text, spec, isTRUE(how$comma))
  }
  value <- read$value
  outside <- !is.na(value) & (
    value < bound(spec$lower, -Inf) | value > bound(spec$upper, Inf) |
      (spec$type == "whole" & value != round(value)) | !is.finite(value)
  )
  wrong <- !is.na(text) & (is.na(value) | outside)
  rule <- no_rule(length(text))
  rule[wrong] <- paste0(number_rule(spec), read$reason[wrong])
  rule[outside] <- paste0(rule[outside], unit_hint(value[outside], spec))
  value[wrong] <- NA
  read$note[wrong] <- NA
  parsed(if (spec$type == "whole") as.integer(value) else value, rule, read$note)
}

# For numbers outside the range of the schema: what to write if the number is in another
# unit, such as cGy for 5000, or a fraction for 0.8 %; "" if that would be outside too
unit_hint <- function(value, spec) {
  factor <- c(`%` = 100, Gy = 0.01, cm3 = 0.001)[spec$unit]
  fits <- !is.na(factor) & value * factor >= bound(spec$lower, -Inf) &
    value * factor <= bound(spec$upper, Inf) & (spec$unit != "%" | value <= 1)
  words <- c(
    `%` = "; write 80 for 80%, not 0.8",
    Gy = "; if it is in cGy, write the unit too, as in 5000 cGy",
    cm3 = "; if it is in mm3, write the unit too, as in 9000 mm3"
  )
  ifelse(fits, words[spec$unit], "")
}

# For each cell: its `value` in the unit of the schema; the `reason` if it was not read; a
# `note` if it was converted
read_numbers <- function(text, spec, comma = FALSE) {
  parts <- number_parts(text, spec)
  amount <- decimal_point(parts$amount, comma)
  value <- rep(NA_real_, length(text))
  valid <- grepl(number_pattern, amount$text)
  value[valid] <- as.double(amount$text[valid])
  factor <- unit_factor(parts$unit, spec)
  value <- value * factor
  reason <- amount$reason
  foreign <- is.na(factor) & valid & !grepl("[0-9]", parts$unit)
  reason[foreign] <- if (nzchar(spec$unit)) {
    sprintf("; the unit \"%s\" is not understood here: write the number in %s",
      parts$unit[foreign], spec$unit
    )
  } else {
    sprintf("; write the number without \"%s\"", parts$unit[foreign])
  }
  note <- amount$note
  converted <- !is.na(factor) & factor != 1 & valid
  note[converted] <- sprintf("is converted from %s to %s", parts$unit[converted],
    spec$unit
  )
  list(value = value, reason = reason, note = note)
}

# Groups of three digits, separated by a blank, point, comma or apostrophe
thousands_pattern <- paste0(
  "^[-+]?[0-9]{1,3}([ .,'\u2019\u00a0][0-9]{3})+([.,][0-9]+)?$"
)

# Splits "Grade 2" and "50 Gy" into the amount and the unit, "" if there is none
number_parts <- function(text, spec) {
  text <- gsub("[\u2212\u2013]", "-", ifelse(is.na(text), "", text))
  text <- sub("^([-+])\\h+(?=[0-9.,])", "\\1", text, perl = TRUE)
  before <- words_before[[spec$column]]
  if (!is.null(before)) {
    text <- sub(sprintf("^(%s)[ .:]*(?=[0-9])", before), "", text, TRUE, perl = TRUE)
  }
  pattern <- "^([-+]?(?:[0-9][0-9.,]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?)[\\h]*(.*)$"
  thousands <- grepl(thousands_pattern, text)
  split <- grepl(pattern, text, perl = TRUE) & !thousands
  unit <- rep("", length(text))
  unit[split] <- sub(pattern, "\\2", text[split], perl = TRUE)
  text[split] <- sub(pattern, "\\1", text[split], perl = TRUE)
  list(amount = text, unit = unit)
}

# Replaces decimal commas, in a file whose decimal sign is a comma and in a column without
# decimal points. 1,234 may mean 1.234 or 1234, so it is read only in such a file or next
# to other decimal commas.
decimal_point <- function(amount, comma) {
  has <- grepl("^[-+]?[0-9]*,[0-9]+$", amount)
  point <- grepl(".", amount, fixed = TRUE)
  three <- grepl("^[-+]?[1-9][0-9]{0,2},[0-9]{3}$", amount)
  read <- any(has) && !any(point) && (comma || !all(three[has]))
  note <- no_rule(length(amount))
  reason <- rep("", length(amount))
  if (read) {
    amount[has] <- sub(",", ".", amount[has], fixed = TRUE)
    if (!comma) note[has] <- "is read with a decimal comma"
  } else {
    reason[has] <- " with a decimal point; it has a comma"
    reason[has & three] <- paste0(
      " with a decimal point; it has a comma, which may separate decimals or thousands"
    )
  }
  thousands <- grepl(thousands_pattern, amount)
  if (!any(thousands)) return(list(text = amount, reason = reason, note = note))
  several <- lengths(regmatches(amount, gregexpr("[ .,'\u2019\u00a0]", amount))) > 1L |
    grepl("[ '\u2019\u00a0]", amount)
  reason[thousands & several] <- paste0(
    " without a thousands separator, and with a decimal point"
  )
  list(text = amount, reason = reason, note = note)
}

# The factor of each unit to that of the schema, 1 without a unit, NA for another unit
unit_factor <- function(unit, spec) {
  words <- count_words[[spec$column]]
  known <- stats::setNames(rep(1, length(words)), words)
  if (nzchar(spec$unit)) known <- unit_factors[[spec$unit]]
  # cm^3, and cm with a superscript 3, are read as cm3
  plain <- lower_case(gsub("[.^]", "", gsub("\u00b3", "3", unit, fixed = TRUE)))
  factor <- unname(known[match(plain, names(known))])
  if (!length(known)) factor <- rep(NA_real_, length(unit))
  factor[!nzchar(unit)] <- 1
  factor
}
