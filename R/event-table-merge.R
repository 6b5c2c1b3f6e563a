# Adds up event tables: c() checks that they count the same things, gives them the same
# labels, and adds their counts. An error names the table, and its file if it has one.

#' @export
c.event_table <- function(...) {
  tables <- list(...)
  is_table <- vapply(tables, inherits, NA, "event_table")
  if (!all(is_table)) {
    stop_oligosurv("input", sprintf(
      "c() merges event tables only; argument %d is %s", which(!is_table)[1],
      describe(tables[[which(!is_table)[1]]])
    ))
  }
  tables <- same_states(lapply(tables, check_event_table))
  check_same_entries(tables)
  tables <- same_variables(tables)
  check_same_partition(tables, "groups", "group")
  check_same_partition(tables, "strata", "stratum")
  long <- do.call(rbind, lapply(tables, long_counts))
  pooled <- pooled_groups(tables)
  strata <- merge_levels(lapply(tables, `[[`, "strata"))
  rows <- list(
    time = long$time, status = long$status, status_first = 0L,
    group = match(long$group, pooled$groups), stratum = match(long$stratum, strata),
    n_group = length(pooled$groups), n_stratum = length(strata)
  )
  if (anyNA(rows$group)) stop_changed("event table", "values", "event_table()")
  merged <- tables[[1L]]
  counts <- sum_counts(rows, long$n)
  merged[names(counts)] <- counts
  if (!is.null(merged$entry)) merged$entry <- sum_entries(rows, long$n_entry)
  merged[c("groups", "values")] <- pooled[c("groups", "values")]
  merged$strata <- strata
  merged$landmark <- merge_landmarks(lapply(tables, `[[`, "landmark"))
  merged["origin"] <- list(merge_origins(tables))
  variables <- unique(lapply(tables, `[[`, "variables"))
  if (length(variables) > 1L) merged["variables"] <- list(NULL)
  merged$weights <- merge_weights(tables)
  merged$dropped <- sum(vapply(tables, `[[`, 0, "dropped"))
  merged$file <- NULL
  merged
}

# "argument 2" or, for a table of read_counts(), "argument 2 (\"b.csv\")"
table_name <- function(tables, i) {
  file <- tables[[i]]$file
  paste0("argument ", i, if (!is.null(file)) sprintf(" (\"%s\")", file))
}

stop_merge <- function(tables, i, text) {
  stop_oligosurv("data", text, argument = i, file = tables[[i]]$file)
}

quote_labels <- function(x) paste0("\"", x, "\"", collapse = ", ")

# The causes may be in another order, but censoring must be the same state in all tables
same_states <- function(tables) {
  first <- tables[[1L]]$states
  for (i in seq_along(tables)) {
    states <- tables[[i]]$states
    if (identical(states, first)) next
    if (!setequal(states, first) || states[1L] != first[1L]) {
      stop_merge(tables, i, sprintf(
        paste(
          "event tables with different states cannot be merged: %s has %s, argument 1",
          "has %s; before counting, give the status the same levels in all tables,",
          "including levels without subjects, as in factor(status, levels = c(%s))"
        ), table_name(tables, i), paste(states, collapse = "/"),
        paste(first, collapse = "/"), quote_labels(union(first, states))
      ))
    }
    tables[[i]]$status <- match(states, first)[tables[[i]]$status + 1L] - 1L
    tables[[i]]$states <- first
  }
  tables
}

check_same_entries <- function(tables) {
  truncated <- !vapply(lapply(tables, `[[`, "entry"), is.null, NA)
  if (!any(truncated) || all(truncated)) return(invisible())
  i <- which(!truncated)[1L]
  stop_merge(tables, i, sprintf(
    paste(
      "event tables with and without left truncation cannot be merged; %s has no entry",
      "times: create it with Surv(entry, time, status), where entry is 0 for subjects",
      "followed from the start"
    ), table_name(tables, i)
  ))
}

# Tables whose groups have the same variables get the same order and type of levels.
# Tables whose groups have no variables (counts in a data frame) are matched by label
# alone.
same_variables <- function(tables) {
  known <- which(!vapply(lapply(tables, `[[`, "values"), is.null, NA))
  for (i in known[-1L]) {
    first <- tables[[known[1L]]]$values
    values <- tables[[i]]$values
    check_variable_names(tables, i, known[1L])
    for (name in names(first)) {
      if (is.factor(first[[name]]) == is.factor(values[[name]])) next
      type <- function(x) if (is.factor(x)) "labels" else "numbers"
      stop_merge(tables, i, sprintf(
        "`%s` has %s in %s, but %s in %s; create both tables again with the same type",
        name, type(values[[name]]), table_name(tables, i), type(first[[name]]),
        table_name(tables, known[1L])
      ))
    }
    if (identical(names(values), names(first))) next
    values <- values[names(first)]
    tables[[i]]$values <- values
    tables[[i]]$groups <- join_labels(lapply(values, as.character), names(first))
    if (!is.null(tables[[i]]$variables)) tables[[i]]$variables$group <- names(first)
  }
  tables
}

check_variable_names <- function(tables, i, first) {
  have <- names(tables[[i]]$values)
  want <- names(tables[[first]]$values)
  if (setequal(have, want)) return(invisible())
  lacks <- function(at, missing) {
    sprintf("%s was counted without %s", table_name(tables, at),
      paste0("`", missing, "`", collapse = ", ")
    )
  }
  missing <- setdiff(want, have)
  at <- if (length(missing)) i else first
  stop_merge(tables, at, paste0(
    if (length(missing)) lacks(i, missing),
    if (length(missing) && length(setdiff(have, want))) ", ",
    if (length(setdiff(have, want))) lacks(first, setdiff(have, want)),
    "; all tables must have groups of the same variables: create all event tables again ",
    "with the same variables"
  ))
}

# Stops if a table without groups (or strata) is added to a table with groups
check_same_partition <- function(tables, element, noun) {
  none <- vapply(tables, function(x) {
    identical(x[[element]], no_groups$labels) &&
      (element == "strata" || is.null(x$values))
  }, NA)
  if (!any(none) || all(none)) return(invisible())
  i <- which(none)[1L]
  other <- which(!none)[1L]
  stop_merge(tables, i, sprintf(
    "%s was counted without %s, but %s has the %s %s; use the same variables in both",
    table_name(tables, i), element, table_name(tables, other),
    if (length(tables[[other]][[element]]) == 1L) noun else element,
    quote_labels(utils::head(tables[[other]][[element]], 5L))
  ))
}

# The union of levels. If all lists are sorted, as text and numbers are, the union is
# sorted; else levels come in the order of the lists.
merge_levels <- function(lists) {
  union <- unique(unlist(lists))
  if (anyNA(union) || all(vapply(lists, identical, NA, lists[[1L]]))) return(union)
  number <- suppressWarnings(as.double(union))
  orders <- list(if (!anyNA(number)) order(number), order_labels(union))
  for (order in orders[lengths(orders) > 0L]) {
    sorted <- union[order]
    if (!any(vapply(lists, function(x) is.unsorted(match(x, sorted)), NA))) return(sorted)
  }
  union
}

# Groups of all tables and their values. Groups of several variables are sorted by these,
# the first variable first, like groups of rows.
pooled_groups <- function(tables) {
  all <- lapply(tables, `[[`, "values")
  labels <- lapply(tables, `[[`, "groups")
  if (any(vapply(all, is.null, NA))) {
    return(list(groups = merge_levels(labels), values = NULL))
  }
  groups <- unique(unlist(labels))
  at <- match(groups, unlist(labels))
  values <- lapply(stats::setNames(nm = names(all[[1L]])), function(name) {
    parts <- lapply(all, `[[`, name)
    if (is.double(parts[[1L]])) return(unlist(parts)[at])
    levels <- merge_levels(lapply(parts, levels))
    text <- unlist(lapply(parts, function(x) levels(x)[as.integer(x)]))[at]
    structure(match(text, levels), levels = levels, class = "factor")
  })
  o <- do.call(order, unname(lapply(values, as.double)))
  list(groups = groups[o], values = lapply(values, `[`, o))
}

# Unit and label of the time. Different units are an error. A table without a unit is
# assumed to have the unit of the others, with a message.
merge_origins <- function(tables) {
  origins <- lapply(tables, `[[`, "origin")
  units <- lapply(origins, `[[`, "unit")
  known <- which(lengths(units) > 0L)
  if (!length(known)) return(NULL)
  unit <- units[[known[1L]]]
  for (i in known) {
    if (identical(units[[i]], unit)) next
    stop_merge(tables, i, sprintf(
      paste(
        "the times of %s are in %s, those of %s in %s; create one of the event tables",
        "again, with times in the unit of the other (a month is %s days)"
      ), table_name(tables, i), units[[i]], table_name(tables, known[1L]), unit,
      days_in[["months"]]
    ))
  }
  if (length(known) < length(tables)) {
    unknown <- setdiff(seq_along(tables), known)
    inform_oligosurv(sprintf(
      "%s %s not say the unit of the times; %s is assumed, as in %s",
      join_words(vapply(unknown, table_name, "", tables = tables)),
      if (length(unknown) == 1L) "does" else "do", unit, table_name(tables, known[1L])
    ))
  }
  labels <- unique(lapply(origins[known], `[[`, "label"))
  list(unit = unit, label = if (length(labels) == 1L) labels[[1L]])
}

# Sums of weights and of their squares add up; tables with and without weights do not mix
merge_weights <- function(tables) {
  weights <- lapply(tables, `[[`, "weights")
  none <- vapply(weights, is.null, NA)
  if (all(none)) return(NULL)
  types <- vapply(weights[!none], `[[`, "", "type")
  if (any(none) || any(types != "frequency")) {
    i <- which(none | !seq_along(tables) %in% which(!none)[types == "frequency"])[1L]
    stop_merge(tables, i, sprintf(
      "%s has %s; all tables must have frequency weights, or none may have weights",
      table_name(tables, i),
      if (none[i]) "no weights, but others have weights" else "sampling weights"
    ))
  }
  total <- function(name) sum(vapply(weights, function(w) as.double(w[[name]]), 0))
  squares <- sum(vapply(weights, function(w) {
    if (w$effective > 0) w$total^2 / w$effective else 0
  }, 0))
  list(
    type = "frequency", n_row = total("n_row"), total = total("total"),
    effective = if (squares > 0) total("total")^2 / squares else 0, zero = total("zero")
  )
}
