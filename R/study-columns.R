# Maps columns with other names than in the schema by the argument `columns`, as in
# list(patients = c(sbrt_start = "RT start")), and keeps the attributes of columns.

# Accepts the argument `columns` as described in sbrt_study().
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
  lapply(columns, function(x) if (is.list(x)) unlist(x) else plain_argument(x))
}

check_column_names <- function(x, table) {
  x <- if (is.list(x)) unlist(x) else plain_argument(x)
  known <- schema_of(table)$column
  if (!is.character(x) || anyNA(x) || is.null(names(x)) || anyDuplicated(names(x))) {
    stop_oligosurv("input", sprintf(
      paste(
        "`columns$%s` must be distinct column names of your table, named by the columns",
        "of the schema, as in c(sbrt_start = \"RT start\"); it is %s"
      ), table, describe(x)
    ), arg = "columns")
  }
  if (table == "adverse_events") known <- c(known, "checked") # see longer_events()
  unknown <- setdiff(names(x), known)
  if (length(unknown)) {
    stop_oligosurv("input", sprintf(
      "`columns$%s`: the schema has no column %s; see study_schema()", table,
      join_words(sprintf("`%s`", unknown))
    ), arg = "columns")
  }
  if (anyDuplicated(x)) {
    stop_oligosurv("input", sprintf(
      "`columns$%s`: the column \"%s\" is given twice; give each column once", table,
      x[anyDuplicated(x)]
    ), arg = "columns")
  }
}

# Renames columns to the names of the schema. The old name becomes the label of a column
# without one. It is a problem if a column does not exist, or if another column already
# has the name of the schema.
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
      if (is.null(column_attribute(x[[at[i]]], "label"))) {
        attr(x[[at[i]]], "label") <- own[[i]]
      }
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

# Selects rows; the columns keep their labels and units.
subset_rows <- function(x, rows) {
  result <- x[rows, , drop = FALSE]
  for (name in names(x)) result[[name]] <- keep_attributes(result[[name]], x[[name]])
  result
}

column_attribute <- function(x, name) attr(x, name, exact = TRUE)

# Copies the attributes label and units of a column to a new one, because they are lost in
# parsing and subsetting.
keep_attributes <- function(value, from) {
  for (name in c("label", "units")) {
    kept <- column_attribute(from, name)
    if (!is.null(kept)) attr(value, name) <- kept
  }
  value
}
