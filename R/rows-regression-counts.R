# Reads the cells of a regression from an event table, whose groups are the covariate
# patterns.

# Like read_regression(), with the same value, but with one row of the model matrix for
# each group: `pattern` is the row of each cell and `size` its number of subjects.
# `formula` is NULL, or a formula of the covariates without a left side.
read_counts_regression <- function(table, formula, call, tie_tol, ...) {
  check_event_table(table)
  check_no_dots(...)
  check_counts_call(formula, call)
  values <- table$values
  if (is.null(values) || is.null(formula)) {
    values <- list(group = quick_factor(seq_along(table$groups), table$groups))
  }
  if (is.null(formula)) formula <- ~group
  model <- read_model_formula(counts_formula(formula, values), values, NULL)
  check_counts_terms(model, formula, values)
  cells <- table_cells(join_ties(table, tie_tol))
  size <- double(length(table$groups))
  counts <- rowsum(cells$size, cells$group)
  size[as.integer(rownames(counts))] <- counts
  env <- environment(formula)
  values_of <- lapply(model$variables, value_by_group, values, size, env)
  variables <- Map(function(value, expr) {
    read_covariate(value, term_text(expr), length(size))
  }, values_of, model$variables)
  offsets <- lapply(model$offsets, value_by_group, values, size, env)
  offset <- read_offset(offsets, model$offsets, length(size), arg = "data")
  missing <- Reduce(`|`, lapply(c(variables, if (!is.null(offset)) list(offset)),
    is_missing
  ), logical(length(table$groups)))
  if (any(missing)) {
    stop_oligosurv("data", sprintf(
      "a covariate is missing in %s of `x`: %s; leave them out before counting",
      count_noun(sum(missing), "group"),
      paste0("\"", table$groups[missing], "\"", collapse = ", ")
    ), arg = "data")
  }
  used <- sort(unique(cells$group))
  cells$pattern <- match(cells$group, used)
  cells$table <- table
  cells$sampled <- FALSE
  cells$unpaired <- !is.null(cells$entry) # see fit-finegray-entries.R
  cells$design <- regression_design(variables, used, model)
  cells$design$offset <- offset[used]
  cells$recipe <- covariate_recipe(model, values_of, offsets, values, env, length(size))
  cells
}

check_counts_call <- function(formula, call) {
  if (!is.null(call$weights)) {
    stop_oligosurv("data", paste(
      "an event table holds counts, not rows that can be weighted; give the formula and",
      "`data` together with `weights`"
    ), arg = "weights")
  }
  if (!is.null(call$id)) {
    stop_oligosurv("input", paste(
      "`id` identifies rows, and an event table holds only counts; give the formula and",
      "`data`"
    ), arg = "id")
  }
  one_sided <- inherits(formula, "formula") && length(formula) == 2L
  if (is.null(formula) || one_sided) return(invisible())
  stop_oligosurv("input", sprintf(paste(
    "with an event table as `x`, the second argument must be NULL or a formula of",
    "covariates without a left side, such as ~ arm; it is %s"
  ), describe(formula)), arg = "data")
}

# The right side of the formula; `.` stands for all variables of the groups
counts_formula <- function(formula, values) {
  rhs <- formula[[2L]]
  if ("." %in% all.vars(rhs)) {
    columns <- lapply(setdiff(names(values), removed_names(rhs)), as.name)
    if (length(columns)) {
      rhs <- replace_dot(rhs, call("(", Reduce(function(a, b) call("+", a, b), columns)))
    }
  }
  full <- Surv(time, status) ~ 1
  full[3L] <- list(rhs)
  environment(full) <- environment(formula)
  full
}

check_counts_terms <- function(model, formula, values) {
  if (length(model$strata)) {
    stop_oligosurv("input", paste(
      "leave strata() out of the covariates: the strata of the event table are always",
      "those of the model; event_table() makes them"
    ), arg = "data")
  }
  env <- environment(formula)
  unknown <- Filter(function(name) {
    !name %in% names(values) &&
      !(exists(name, envir = env) && length(get(name, envir = env)) == 1L)
  }, unique(unlist(lapply(c(model$variables, model$offsets), all.vars))))
  if (!length(unknown)) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "the event table was counted without the variable `%s`, so it cannot be a",
      "covariate; it has %s"
    ), unknown[1L], paste0("`", names(values), "`", collapse = ", ")
  ), arg = "data")
}

# The cells of a table by stratum and time: `time` and `entry` (NULL without left
# truncation) as ranks, `stratum`, `group`, `status` and `size`; also the `distinct` times
table_cells <- function(table) {
  n_group <- length(table$groups)
  n_stratum <- length(table$strata)
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  stratum <- if (n_stratum > 1L) (curve - 1L) %/% n_group + 1L
  ranks <- .Call(C_time_ranks, table$time, NULL, stratum, n_stratum, NULL, NULL)
  row <- ranks$row
  sorted <- length(table$start) == 2L # a single curve is in order of time
  in_order <- function(x) if (sorted) x else x[row]
  distinct <- double(max(ranks$time, 0L))
  distinct[ranks$time] <- in_order(table$time)
  group <- if (n_stratum > 1L) (curve - 1L) %% n_group + 1L else curve
  cells <- list(
    time = ranks$time, stratum = ranks$stratum, group = in_order(group),
    status = in_order(table$status),
    size = if (is.null(table$n)) rep(1, length(curve)) else in_order(table$n)
  )
  if (!is.null(table$entry)) {
    cells <- pair_entries(cells, curve[row], table$entry, distinct)
    o <- order(cells$stratum, cells$time)
    cells <- lapply(cells, `[`, o)
  }
  cells$distinct <- distinct
  cells
}

# Pairs each exit with an entry. A table does not say which entry belongs to which exit.
# The risk sets, and so the model, are the same for every pairing within a group; here the
# first entry of each curve is paired with its first exit.
pair_entries <- function(cells, curve, entry, distinct) {
  entry_curve <- rep.int(seq_along(entry$start[-1L]), diff(entry$start))
  entry_n <- if (is.null(entry$n)) rep(1, length(entry_curve)) else entry$n
  rank <- findInterval(entry$time, distinct)
  pairs <- lapply(sort(unique(curve)), function(at) {
    exits <- which(curve == at)
    entries <- which(entry_curve == at)
    left <- cumsum(cells$size[exits])
    came <- cumsum(entry_n[entries])
    from_start <- max(left) - c(came, 0)[max(length(came), 1L)]
    came <- c(from_start, from_start + came)
    ends <- sort(unique(c(left, came[came > 0])))
    middle <- ends - diff(c(0, ends)) / 2
    list(
      cell = exits[findInterval(middle, left, left.open = TRUE) + 1L],
      entry = c(0L, rank[entries])[findInterval(middle, came, left.open = TRUE) + 1L],
      size = diff(c(0, ends))
    )
  })
  column <- function(name) unlist(lapply(pairs, `[[`, name))
  cells <- lapply(cells, `[`, column("cell"))
  cells$entry <- column("entry")
  cells$size <- column("size")
  cells
}
