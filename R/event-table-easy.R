# Event tables of rows that are easy to read: the time of a small cohort.

# The table of rows for which the rules on labels, codes, ids, missing values and ties make
# no difference, found in `data` and counted in C: with 37 rows reading a formula in R
# costs more than every estimate. NULL for all others, valid or not.
easy_table <- function(formula, data, tie_tol) {
  found <- .Call(C_count_easy, formula, data, tie_tol)
  if (is.null(found)) return(NULL)
  columns <- names(data)
  if (no_rule_on(c(found$name, length(columns), columns, found$states))) {
    found$coding <- if (is.null(found$states)) "0/1" else "factor"
    if (is.null(found$groups)) found$groups <- "All"
    if (is.null(found$strata)) found$strata <- "All"
    if (!is.null(found$group) && !is.null(found$stratum)) {
      found$variables <- list(group = found$group, stratum = found$stratum)
    }
    new_event_table(found, found, 0)
  }
}

# Is the first state censoring beyond doubt, and no column one of ids? `words` are the name
# of the status, the number of columns, their names, and the states.
no_rule_on <- remember(function(words) {
  n <- suppressWarnings(as.integer(words[2L]))
  columns <- words[2L + seq_len(n)]
  states <- words[-seq_len(2L + n)]
  alike <- if (length(states)) which(looks_censored(states)) else 1L
  identical(alike, 1L) && !names_censoring(words[1L]) &&
    is.null(unlist(columns_of_ids(columns)))
})
