# Checks column names against the schema, and suggests the name that the user may have
# meant.

check_names <- function(x, name, spec) {
  absent <- setdiff(spec$column[spec$required != "optional"], names(x))
  absent <- absent[!column_instead[absent] %in% names(x)]
  double <- setdiff(names(x)[duplicated(names(x))], c("", NA))
  reserved <- intersect(names(x), reserved_columns[[name]])
  own <- setdiff(names(x)[!is.na(names(x))], c(spec$column, ""))
  similar <- meant_names(name, absent, own)
  optional <- setdiff(spec$column, c(names(x), absent))
  unused <- meant_names(name, optional, setdiff(own, similar))
  near <- !is.na(unused) & unused %in% closest_name(optional, own)
  usual <- !is.na(unused) & !near
  not_used <- function(which) {
    sprintf("is not used; rename it if you mean `%s`, or add %s", optional[which],
      columns_code(name, optional[which], unused[which])
    )
  }
  problem <- function(columns, rule, severity = "error") {
    if (!length(columns)) return(no_problems)
    new_problems(name, columns, rep(NA, length(columns)), NA, rule, severity, "input")
  }
  unnamed <- is.na(names(x)) | !nzchar(trim_blank(mark_bytes(names(x))))
  rbind(
    if (any(unnamed)) new_problems(name, NA, NA, which(unnamed),
      "a column has no name; the value is its position", kind = "input"
    ),
    problem(absent, paste0("the column is missing", ifelse(is.na(similar), "",
      sprintf("; rename `%s` if it is meant, or add %s", show_invisible_marks(similar),
        columns_code(name, absent, similar)
      )
    ), ifelse(is.na(column_instead[absent]), "",
      sprintf("; or give a column `%s` instead", column_instead[absent])
    ), ifelse(absent == "sbrt_start", without_start(own), ""))),
    problem(double, "the column occurs more than once"),
    problem(names(x)[grepl("\ufffd", mark_bytes(names(x)), fixed = TRUE)],
      "the name must be UTF-8 text (in a spreadsheet, save as 'CSV UTF-8')"
    ),
    problem(unused[near], not_used(near), "warning"),
    problem(unused[usual], not_used(usual), "note"),
    problem(reserved, "is replaced by endpoint(), which adds a column of this name",
      "warning"
    )
  )
}

# What a table of patients without `sbrt_start` may be: a trial, if one of its further
# columns (`own`) is the day of randomisation, or times and statuses without dates
without_start <- function(own) {
  trial <- own[grepl("random|aleator", lower_case(own))]
  if (length(trial)) {
    return(sprintf("; `%s` is not the start of SBRT", show_invisible_marks(trial[1L])))
  }
  "; a study without dates needs a time and a status, as `os_time` and `os_status`"
}

# A required column may be missing if the table has another one instead.
column_instead <- c(onset_date = "phase")

# Columns that endpoint() adds. It returns rows of patients or lesions only, so other
# tables may have columns of these names.
reserved_columns <- list(
  patients = c("time", "status", "entry", "audit"),
  lesions = c("time", "status", "entry", "audit")
)

# For each `x`, the first of `names` that is equal after simplify_name() or, if long,
# differs in one typing error; NA if there is none
closest_name <- function(x, names) {
  if (!length(x) || !length(names)) return(rep(NA_character_, length(x)))
  gap <- utils::adist(simplify_name(x), simplify_name(names))
  long <- outer(nchar(simplify_name(x)), nchar(simplify_name(names)), pmin) >= 8L
  # "Albumin (g/dl)" is albumin_g_dl, not albumin_g_l with a typing error
  taken <- matrix(colSums(gap == 0) > 0, nrow(gap), ncol(gap), byrow = TRUE)
  similar <- gap == 0 | (long & gap == 1 & !taken)
  similar <- similar & nzchar(simplify_name(x))
  names[apply(similar, 1L, function(fits) match(TRUE, fits))]
}

# For each column of the schema, the name in the table that probably means it: a similar
# name, or another usual one
meant_names <- function(table, columns, names) {
  similar <- closest_name(columns, names)
  similar[duplicated(similar)] <- NA
  open <- which(is.na(similar))
  similar[open] <- find_synonyms(table, columns[open], setdiff(names, similar))
  similar
}

# For each column the code of the argument `columns` that maps it
columns_code <- function(table, column, own) {
  vapply(seq_along(column), function(i) {
    map <- list(stats::setNames(own[i], column[i]))
    paste("columns =", r_code(stats::setNames(map, table)))
  }, "")
}

suggest_name <- function(similar) {
  ifelse(is.na(similar), "", sprintf("; there is `%s`", show_invisible_marks(similar)))
}
