# Names of columns against those of the schema

check_names <- function(x, name, spec) {
  absent <- setdiff(spec$column[spec$required != "optional"], names(x))
  double <- setdiff(names(x)[duplicated(names(x))], c("", NA))
  reserved <- intersect(names(x), reserved_columns[[name]])
  near <- closest_name(absent, names(x))
  unused <- setdiff(names(x), c(spec$column, near))
  meant <- closest_name(unused, setdiff(spec$column, c(names(x), absent)))
  finding <- function(columns, rule, severity = "error") {
    if (!length(columns)) return(no_problems)
    new_problems(name, columns, rep(NA, length(columns)), NA, rule, severity, "input")
  }
  nameless <- is.na(names(x)) | !nzchar(trim_blank(mark_bytes(names(x))))
  rbind(
    if (any(nameless)) new_problems(name, NA, NA, which(nameless),
      "a column has no name; its number is", kind = "input"
    ),
    finding(absent, paste0("the column is missing", suggest_name(near),
      ifelse(is.na(near), "", ", which must be written like this one")
    )),
    finding(double, "the column is there more than once"),
    finding(names(x)[grepl("\ufffd", mark_bytes(names(x)), fixed = TRUE)],
      "the name must be UTF-8 text (in a spreadsheet, save as 'CSV UTF-8')"
    ),
    finding(unused[!is.na(meant)], sprintf("is not read; write `%s` if it is meant",
      meant[!is.na(meant)]
    ), "warning"),
    finding(reserved, "the name is taken by endpoint(), which replaces it", "warning")
  )
}

# What endpoint() adds; assessments and therapies never get there.
reserved_columns <- list(
  patients = c("time", "status", "entry", "audit"),
  lesions = c("time", "status", "entry", "audit")
)

simplify_name <- function(x) gsub("[^a-z0-9]", "", tolower(mark_bytes(x)))

# The first of `names` that is each of `x` but for capital letters and punctuation or,
# of long names, one slip; NA where there is none
closest_name <- function(x, names) {
  if (!length(x) || !length(names)) return(rep(NA_character_, length(x)))
  gap <- utils::adist(simplify_name(x), simplify_name(names))
  long <- outer(nchar(simplify_name(x)), nchar(simplify_name(names)), pmin) >= 8L
  near <- gap == 0 | (long & gap == 1)
  near <- near & nzchar(simplify_name(x))
  names[apply(near, 1L, function(fits) match(TRUE, fits))]
}

suggest_name <- function(near) {
  ifelse(is.na(near), "", sprintf("; there is `%s`", show_invisible_marks(near)))
}
