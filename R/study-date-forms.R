# The forms of dates in tables. These functions split the text of a cell into day, month
# and year. The names of months are listed here, so that the result is the same in all
# locales.

# Names of the twelve months in English, German, French, Spanish, Portuguese and Italian,
# without accents. Three letters are enough where they belong to one month only.
month_names <- strsplit(c(
  "january januar janner jaenner janvier enero janeiro gennaio",
  "february februar fevrier febrero fevereiro febbraio",
  "march maerz marz mars marzo marco",
  "april avril abril aprile",
  "may mai mayo maio maggio",
  "june juni juin junio junho giugno",
  "july juli juillet julio julho luglio",
  "august aout agosto",
  "september septembre septiembre setiembre setembro settembre",
  "october oktober octobre octubre outubro ottobre",
  "november novembre noviembre novembro",
  "december dezember decembre diciembre dezembro dicembre"
), " ", fixed = TRUE)

# Words for an unknown day or month
unknown_parts <- c("un", "unk", "unkn", "unknown", "nk", "xx", "xxx")

# The number of the month that a word in small letters names, NA if none or several
month_number <- function(word) {
  if (nchar(word) < 3L) return(NA_integer_)
  fits <- which(vapply(month_names, function(names) any(startsWith(names, word)), NA))
  if (length(fits) == 1L) fits else NA_integer_
}

# Names of the days of the week in these languages, and their usual short forms, which
# long dates of spreadsheets begin with
weekday_pattern <- paste0(
  "^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|",
  "(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|mo|di|mi|do|fr|sa|so|",
  "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miercoles|jueves|",
  "viernes|sabado|domingo|(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?|",
  "(?:lune|marte|mercole|giove|vener)di|sabato|domenica)[.]? (?=[0-9a-z])"
)

# Text in small letters, in which the name of a month is replaced by its number, as {08},
# and an unknown part by {0}
plain_date_text <- function(text) {
  # most dates are digits and separators, of which nothing is replaced
  if (!any(grepl("[^-0-9./:]", text, perl = TRUE))) return(text)
  replace <- function(pattern, by) {
    gsub(paste0("(*UTF)", pattern), by, text, perl = TRUE)
  }
  text <- small_letters(text)
  text <- replace("[\u2010-\u2015\u2212]", "-")
  # Year, month and day in Chinese and Japanese, and in Korean
  text <- replace("[\u5e74\u6708\ub144\uc6d4]\\h*", "-")
  text <- replace("[\u65e5\uc77c]", "")
  text <- replace("[\\h,]+", " ")
  text <- replace(weekday_pattern, "")
  text <- replace("(?<=[0-9])(st|nd|rd|th|er)(?![a-z])", "")
  text <- replace("(?<=[0-9a-z]) (de|del|of) (?=[0-9a-z])", " ")
  text <- replace("[?]+", "{0}")
  words <- unique(unlist(regmatches(text, gregexpr("[a-z]+", text, perl = TRUE))))
  for (word in words) {
    month <- month_number(word)
    if (is.na(month) && !word %in% unknown_parts) next
    text <- replace(sprintf("(?<![a-z])%s(?![a-z])", word),
      if (is.na(month)) "{0}" else sprintf("{%02d}", month)
    )
  }
  trim_blank(text)
}

clock_pattern <- paste0(
  "^(.*?[0-9}])[t :]+([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9](?:[.,][0-9]+)?)?",
  " ?([ap][.]?m[.]?)? ?(?:[a-z]{1,4}|[-+][0-9]{2}:?(?:[0-9]{2})?)?$"
)

# Splits the time of day off: returns the rest of the text, and the minutes since midnight
# (NA without a time).
cut_clock <- function(text) {
  clock <- rep(NA_integer_, length(text))
  timed <- grep(clock_pattern, text, perl = TRUE)
  if (!length(timed)) return(list(text = text, clock = clock))
  part <- function(i) sub(clock_pattern, paste0("\\", i), text[timed], perl = TRUE)
  half <- substr(part(4L), 1L, 1L)
  hour <- as.integer(part(2L))
  hour <- ifelse(half == "p" & hour < 12L, hour + 12L,
    ifelse(half == "a" & hour == 12L, 0L, hour)
  )
  clock[timed] <- hour * 60L + as.integer(part(3L))
  text[timed] <- part(1L)
  list(text = text, clock = clock)
}

# The forms of dates; the first one that matches is used. `parts` has one letter for each
# group of the regular expression `pattern`: y, m and d are year, month and day; a, b and
# c are these three in the order that the study declares or the column shows; s is a day
# number of a spreadsheet; _ is the separator.
date_patterns <- local({
  year <- "([0-9]{4})"
  short <- "([0-9]{2})"
  part <- "([0-9]{1,2}|[{]0[}])"
  name <- "[{]([0-9]{2})[}]"
  gap <- "[-/. ]*"
  forms <- c(
    y_md = paste0(year, "([-/. ])", part, "\\2", part),
    ymd = "((?:1[89]|2[0-2])[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])",
    dmy = paste0(part, gap, name, gap, year),
    dmy = paste0(part, gap, name, gap, short),
    mdy = paste0(name, gap, part, "[-/. ]+", year),
    mdy = paste0(name, "[-/. ]", part, "[-/. ]+", short),
    ymd = paste0(year, gap, name, gap, part),
    a_bc = paste0(part, "([-/. ])", part, "\\2", year),
    a_bc = paste0(part, "([-/. ])", part, "\\2", short),
    abc = paste0("([0-9]{2})([0-9]{2})", year),
    ym = paste0(year, "[-/. ]([0-9]{1,2})"),
    ym = paste0(year, gap, name),
    my = paste0("([0-9]{1,2})[-/. ]", year),
    my = paste0(name, gap, year),
    my = paste0(name, "[-/. ]", short),
    y = "((?:1[89]|2[0-2])[0-9]{2})",
    y = paste0("[{]0[}][-/. ]", year),
    y = paste0(year, "[-/. ][{]0[}]"),
    s = "([0-9]{5}(?:[.][0-9]+)?)"
  )
  list(parts = strsplit(names(forms), ""), pattern = sprintf("^%s$", unname(forms)))
})

# Splits text into parts. `kind` is "known", "open" (the order of a, b and c is not
# known), "serial" or NA (unreadable); y, m, d, a, b and c are numbers, 0 for an unknown
# part. `short` flags years of two digits, `dots` dates with "." as the separator.
date_forms <- function(text) {
  # No date is longer. This saves searching other text with every pattern.
  text[nchar(text) > 40L] <- NA
  cut <- cut_clock(plain_date_text(text))
  clean <- gsub(" *([-/.]) *", "\\1", cut$text)
  none <- rep(NA_real_, length(text))
  forms <- quick_frame(list(
    kind = rep(NA_character_, length(text)), y = none, m = none, d = none, a = none,
    b = none, c = none, s = none, short = rep(FALSE, length(text)),
    dots = rep(FALSE, length(text)), clock = cut$clock
  ))
  for (i in seq_along(date_patterns$pattern)) {
    pattern <- date_patterns$pattern[i]
    parts <- date_patterns$parts[[i]]
    at <- which(is.na(forms$kind) & !is.na(clean))
    if (!length(at)) break
    at <- at[grepl(pattern, clean[at], perl = TRUE)]
    if (!length(at)) next
    for (j in seq_along(parts)) {
      group <- sub(pattern, paste0("\\", j), clean[at], perl = TRUE)
      if (parts[j] == "_") {
        forms$dots[at] <- group == "."
      } else {
        forms[[parts[j]]][at] <- as.double(gsub("[{}]", "", group))
        if (parts[j] %in% c("y", "c")) forms$short[at] <- nchar(group) == 2L
      }
    }
    forms$kind[at] <- if ("a" %in% parts) "open" else if ("s" %in% parts) "serial" else
      "known"
  }
  forms
}

# A two-digit year is the last one with these digits that is not after `last_day`.
full_year <- function(y, short, last_day) {
  last <- as.POSIXlt(last_day)$year + 1900
  century <- ifelse(2000 + y <= last, 2000, 1900)
  ifelse(short & !is.na(y) & y < 100, y + century, y)
}

# Years, months and days of forms. Each open form is read in its `order`.
date_parts <- function(forms, order, last_day) {
  open <- forms$kind %in% "open"
  known <- forms$kind %in% "known"
  parts <- lapply(c(y = "y", m = "m", d = "d"), function(part) {
    number <- forms[[part]]
    if (any(open)) number[open] <- open_part(forms, part, order)[open]
    number[is.na(number) & known] <- 0
    number
  })
  parts$y <- full_year(parts$y, forms$short, last_day)
  parts
}

# The number that is the year, month or day of open forms in `order`
open_part <- function(forms, part, order) {
  at <- rep_len(regexpr(part, order, fixed = TRUE), nrow(forms))
  cbind(forms$a, forms$b, forms$c)[cbind(seq_len(nrow(forms)), at)]
}

# Flags open forms that `order` would read as an unknown month with a known day. Nobody
# writes such dates, so these cells have another order.
misplaced <- function(forms, order) {
  open <- forms$kind %in% "open"
  if (!any(open)) return(open)
  open & open_part(forms, "m", order) %in% 0 &
    !open_part(forms, "d", order) %in% 0
}

# The first and last day that the parts can mean; both NA if there is no such day
date_span <- function(parts) {
  y <- parts$y
  m <- parts$m
  d <- parts$d
  first <- make_day(y, ifelse(m == 0, 1, m), ifelse(d == 0 | m == 0, 1, d))
  after <- make_day(y + (m == 0 | m == 12), ifelse(m == 0 | m == 12, 1, m + 1), 1)
  last <- first
  open <- which(!is.na(first) & (m == 0 | d == 0))
  last[open] <- after[open] - 1
  first[is.na(last)] <- NA
  quick_frame(list(from = first, to = last))
}

make_day <- function(y, m, d) {
  d <- rep_len(d, length(y))
  known <- !is.na(y) & !is.na(m) & !is.na(d)
  day <- rep(as.Date(NA), length(y))
  day[known] <- as.Date(sprintf("%04.0f-%02.0f-%02.0f", y[known], m[known], d[known]),
    format = "%Y-%m-%d"
  )
  day
}
