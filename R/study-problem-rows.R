# Checks gather findings and never stop; only raise_problems() does. A finding is one row
# of a data frame: what `study_problems()` shows, plus the kind of error it makes.

new_problems <- function(table = character(), column = NA_character_, row = NA_integer_,
                         value = NA_character_, rule = character(),
                         severity = "error", kind = "domain") {
  n <- if (length(table) && length(rule)) max(length(row), length(value)) else 0L
  fill <- function(x) rep_len(if (n) x else x[0L], n)
  data.frame(
    table = fill(table), row = as.integer(fill(row)), column = fill(column),
    value = fill(as.character(value)), rule = fill(rule), severity = fill(severity),
    kind = fill(kind)
  )
}

no_problems <- new_problems()

# Most checks find nothing, and binding nothing takes time.
bind_problems <- function(...) {
  found <- c(...)
  found <- Filter(function(x) length(x$table) > 0L, found)
  if (!length(found)) return(no_problems)
  do.call(rbind, c(unname(found), list(make.row.names = FALSE)))
}

# One finding per bad cell; `bad` may hold NA (nothing to say there).
problems_where <- function(bad, table, column, value, rule, severity = "error",
                           kind = "domain") {
  rows <- which(bad)
  if (!length(rows)) return(no_problems)
  if (length(rule) > 1L) rule <- rule[rows]
  new_problems(table, column, rows, as.character(value)[rows], rule, severity, kind)
}

shown_columns <- c("table", "row", "column", "value", "rule", "severity")

# One line per table, column and rule: "lesions, column `dose_gy`, rows 2 and 5: must ..."
problem_lines <- function(problems, most = 12L) {
  label <- paste(problems$table, problems$column, problems$rule, sep = "\r")
  groups <- split(problems, factor(label, unique(label)))
  lines <- vapply(groups, function(g) {
    rows <- g$row[!is.na(g$row)]
    value <- g$value[!is.na(g$value)]
    paste0(
      g$table[1L],
      if (!is.na(g$column[1L])) sprintf(", column `%s`", g$column[1L]),
      if (length(rows)) paste0(", ", format_rows(rows)), ": ", g$rule[1L],
      if (length(value)) sprintf(" (found \"%s\")", substr(value[1L], 1L, 40L))
    )
  }, "")
  hidden <- length(lines) - most
  c(
    paste("*", unname(lines[seq_len(min(length(lines), most))])),
    if (hidden > 0L) sprintf("* and %d more kinds of finding", hidden)
  )
}

# How to mend what many files have
problem_advice <- function(rule) {
  advice <- c(
    "the column is missing" = paste(
      "Columns under other names: `columns`, as in",
      "list(patients = c(sbrt_start = \"RT start\"))."
    ),
    "day/month/year" = paste(
      "Dates as 31.12.2020: the cell format yyyy-mm-dd in a spreadsheet, or in R",
      "as.Date(x, \"%d.%m.%Y\")."
    ),
    "since 1970" = "Days since 1970: in R as.Date(x).",
    "spreadsheet$" = paste(
      "Day numbers of a spreadsheet: the cell format yyyy-mm-dd there, or in R",
      "as.Date(x, \"1899-12-30\")."
    ),
    "this has a comma" = paste(
      "Decimal commas: the number format with a point in a spreadsheet, or in R",
      "as.numeric(sub(\",\", \".\", x))."
    )
  )
  needed <- vapply(names(advice), function(part) any(grepl(part, rule)), NA)
  unname(advice[needed])
}

# Errors stop with the class of the most basic kind among them; warnings warn.
raise_problems <- function(problems, source = "The study") {
  errors <- problems[problems$severity == "error", ]
  lines <- function(x, what) {
    rows <- if (any(!is.na(x$row))) "\nRow 1 is the first row below the column names."
    paste0(
      sprintf("%s has %d %s%s:\n", source, nrow(x), what, if (nrow(x) == 1L) "" else "s"),
      paste(c(problem_lines(x), problem_advice(x$rule)), collapse = "\n"), rows
    )
  }
  if (nrow(errors)) {
    kind <- intersect(c("input", "domain", "data"), errors$kind)[1L]
    stop_oligosurv(kind,
      paste0(lines(errors, "problem"), "\nstudy_problems() of it lists them all."),
      problems = problems[shown_columns], where = errors$row
    )
  }
  if (nrow(problems)) {
    warn_oligosurv("study", lines(problems, "doubtful value"),
      problems = problems[shown_columns]
    )
  }
  invisible(problems)
}
