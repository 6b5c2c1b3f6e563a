# Covariates of an event table that depend on the distribution of other values: knots of
# splines, orthogonal polynomials, means and quantiles.

# Functions that compute each value from itself alone, so that one value per group is
# enough
by_value <- c(
  "(", "+", "-", "*", "/", "^", "%%", "%/%", "==", "!=", "<", ">", "<=", ">=", "!", "&",
  "|", "%in%", "c", ":", "I", "log", "log2", "log10", "log1p", "exp", "sqrt", "abs",
  "round", "floor", "ceiling", "pmin", "pmax", "ifelse", "factor", "as.factor", "relevel",
  "as.numeric", "as.double", "as.integer", "as.character", "is.na"
)

# Largest number of subjects for whom a covariate is repeated in a vector
most_written_out <- 5e6

# The value of a covariate in each group. values: the variables by group; size: number of
# subjects by group. Functions such as ns() and poly() receive one value for each subject,
# so that they find the same knots as with rows.
value_by_group <- function(expr, values, size, env) {
  if (all(called_names(expr) %in% by_value)) return(eval_term(expr, values, env))
  total <- sum(size)
  if (total > most_written_out || any(size != floor(size))) {
    return(value_without_counts(expr, values, size, env))
  }
  subject <- rep.int(seq_along(size), size)
  value <- eval_term(expr, at_each(values, subject), env)
  if (NROW(value) != total) return(value) # read_covariate() stops
  at_rows(value, match(seq_along(size), subject, nomatch = 1L))
}

at_each <- function(values, at) lapply(values, `[`, at)

at_rows <- function(value, at) {
  if (is.matrix(value)) unclass(value)[at, , drop = FALSE] else value[at]
}

# Like value_by_group(), for too many subjects to repeat values. The covariate must not
# depend on how often each group occurs; this holds, for example, if knots are given.
value_without_counts <- function(expr, values, size, env) {
  used <- which(size > 0)
  once <- eval_term(expr, at_each(values, used), env)
  again <- eval_term(expr, at_each(values, rep.int(used, seq_along(used))), env)
  first <- match(used, rep.int(used, seq_along(used)))
  if (NROW(once) != length(used) || NROW(again) <= max(first, 0L)) return(once)
  if (isTRUE(all.equal(at_rows(once, seq_along(used)), at_rows(again, first),
    tolerance = rounding_tol, check.attributes = FALSE
  ))) {
    return(at_rows(once, match(seq_along(size), used, nomatch = 1L)))
  }
  stop_oligosurv("input", sprintf(
    paste(
      "`%s` depends on how often each value occurs, which cannot be determined for %s;",
      "give its constants, such as knots, as in splines::ns(age, knots = c(60, 70),",
      "Boundary.knots = c(30, 90))"
    ), term_text(expr), count_noun(sum(size), "subject")
  ), arg = "data")
}
