# Columns under other names: `columns = list(patients = c(sbrt_start = "RT start"))`.

check_columns <- function(columns) {
  if (is.null(columns)) return(list())
  tables <- names(columns)
  ok <- is.list(columns) && !is.data.frame(columns) && length(tables) &&
    all(tables %in% schema_tables$table) && !anyDuplicated(tables)
  if (!ok) {
    stop_oligosurv("input", sprintf(
      paste(
        "`columns` must be a list named by tables (%s), as in",
        "list(patients = c(sbrt_start = \"RT start\")); it is %s"
      ), join_words(schema_tables$table, "or"), describe(columns)
    ), arg = "columns")
  }
  for (table in tables) check_column_names(columns[[table]], table)
  lapply(columns, function(x) unlist(x))
}

check_column_names <- function(x, table) {
  x <- if (is.list(x)) unlist(x) else x
  known <- schema_all$column[schema_all$table == table]
  if (!is.character(x) || anyNA(x) || is.null(names(x)) || anyDuplicated(names(x))) {
    stop_oligosurv("input", sprintf(
      "`columns$%s` must be names of your columns, named by those of the schema", table
    ), arg = "columns")
  }
  strange <- setdiff(names(x), known)
  if (length(strange)) {
    stop_oligosurv("input", sprintf(
      "`columns$%s`: the schema has no column %s; see study_schema()", table,
      join_words(sprintf("`%s`", strange))
    ), arg = "columns")
  }
  if (anyDuplicated(x)) {
    stop_oligosurv("input", sprintf(
      "`columns$%s`: the column \"%s\" is given twice", table, x[anyDuplicated(x)]
    ), arg = "columns")
  }
}

# Tables with the names of the schema. A column keeps its label or gets its own name as
# one. What cannot be found is a finding, as is a name of the schema taken already.
map_columns <- function(tables, columns) {
  found <- list()
  for (table in intersect(names(columns), names(tables))) {
    x <- tables[[table]]
    if (!is.data.frame(x)) next
    own <- columns[[table]]
    own <- own[names(own) != own]
    absent <- !own %in% names(x)
    taken <- !absent & names(own) %in% setdiff(names(x), own)
    found <- c(found, list(
      mapping_problem(table, own[absent], paste0(
        "is not in the table, but `columns` names it",
        suggest_name(closest_name(unname(own[absent]), names(x)))
      )),
      mapping_problem(table, names(own)[taken],
        "is in the table, and `columns` gives another column for it"
      )
    ))
    own <- own[!absent & !taken]
    at <- match(own, names(x))
    for (i in seq_along(own)) {
      if (is.null(column_attribute(x[[at[i]]], "label"))) attr(x[[at[i]]], "label") <- own[[i]]
    }
    names(x)[at] <- names(own)
    tables[[table]] <- x
  }
  list(tables = tables, problems = bind_problems(found))
}

mapping_problem <- function(table, columns, rule) {
  if (!length(columns)) return(no_problems)
  new_problems(table, unname(columns), rep(NA, length(columns)), NA, rule, kind = "input")
}

# Rows of a table, whose columns keep what they say about themselves
subset_rows <- function(x, rows) {
  result <- x[rows, , drop = FALSE]
  for (name in names(x)) result[[name]] <- keep_attributes(result[[name]], x[[name]])
  result
}

column_attribute <- function(x, note) attr(x, note, exact = TRUE)

# Parsing makes new columns; what a column says about itself stays with it.
keep_attributes <- function(value, from) {
  for (note in c("label", "units")) {
    said <- column_attribute(from, note)
    if (!is.null(said)) attr(value, note) <- said
  }
  value
}
