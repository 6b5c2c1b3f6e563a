# Permutation and exact p-values: the permutation distribution of a test statistic when
# subjects are assigned to groups at random

p_methods <- c("asymptotic", "permutation", "exact")

check_p_method <- function(method) check_choice(method, p_methods, "method")

check_permutations <- function(n) check_whole(n, "n_permutations", 1, 1e9)

# A test as passed to C_permute(): `weight` for the log-rank family, `cause` for Gray's
# test, `power` (rho and gamma in columns) for MaxCombo; `contrast` from check_trend()
test_spec <- function(weight = NULL, rho = 0, gamma = 0, cause = NULL, contrast = NULL,
                      power = NULL) {
  list(
    weight = weight, rho = rho, gamma = gamma, cause = cause, contrast = contrast,
    power = power
  )
}

# Splits a test from test_spec() into one per cause. A test without causes remains one.
specs_of_causes <- function(spec) {
  if (is.null(spec$cause)) return(list(spec))
  lapply(spec$cause, function(cause) replace(spec, "cause", cause))
}

# The tests of single causes in the value of C_gray(), each like that of C_logrank()
tests_of_causes <- function(raw) {
  k <- length(raw$n)
  lapply(seq_along(raw$statistic), function(i) {
    own <- (i - 1L) * k + seq_len(k)
    list(
      n = raw$n, observed = raw$observed[own], expected = raw$expected[own],
      score = raw$score[[i]], variance = raw$variance[[i]],
      statistic = raw$statistic[i], rank = raw$rank[i], p.value = raw$p.value[i]
    )
  })
}

# Combines tests of single causes to the form of `raw`, the value of C_gray() from which
# they come. Elements common to all tests are taken from the first; `tests` are the tests
# themselves.
join_tests <- function(tests, raw) {
  joined <- c(raw, tests[[1L]][setdiff(names(tests[[1L]]), names(raw))])
  numbers <- c("statistic", "rank", "p.value", "p.std.error")
  for (name in intersect(numbers, names(joined))) {
    joined[[name]] <- vapply(tests, `[[`, 0, name)
  }
  for (name in c("score", "variance")) joined[[name]][] <- lapply(tests, `[[`, name)
  joined$tests <- tests
  joined
}

# Scores of a trend test, centred at their mean over the subjects, or NULL
check_trend <- function(trend, table) {
  if (is.null(trend) || identical(trend, FALSE)) return(NULL)
  k <- length(table$groups)
  if (isTRUE(trend)) trend <- seq_len(k)
  if (!is.null(names(trend))) trend <- in_order_of_groups(trend, table$groups)
  scores <- check_double(trend, "trend")
  if (length(scores) != k) {
    stop_oligosurv("input", sprintf(
      "`trend` must be TRUE or one score for each of the %d groups (%s); it has %d",
      k, paste(table$groups, collapse = ", "), length(scores)
    ), arg = "trend")
  }
  if (all(scores == scores[1L])) {
    stop_oligosurv("input", sprintf(
      "`trend` must have at least two different scores; all are %s", format(scores[1L])
    ), arg = "trend")
  }
  n <- group_sizes(table)
  scores - if (sum(n) > 0) sum(n / sum(n) * scores) else mean(scores)
}

# Scores with names belong to the groups of these names
in_order_of_groups <- function(scores, groups) {
  if (setequal(names(scores), groups) && length(scores) == length(groups)) {
    return(unname(scores[groups]))
  }
  stop_oligosurv("input", sprintf(
    paste(
      "the names of the scores in `trend` must be the groups, each once: %s; they are",
      "%s. Scores without names are in the order of the groups"
    ), paste0("\"", groups, "\"", collapse = ", "),
    paste0("\"", names(scores), "\"", collapse = ", ")
  ), arg = "trend")
}

# Replaces the statistic and p-value of an asymptotic test, the list `raw`, by those of
# `method`.
apply_permutation <- function(raw, table, spec, method, n_permutations,
                             rows = subject_rows(table)) {
  if (method == "asymptotic") return(raw)
  exact <- method == "exact"
  times <- if (exact) count_assignments(rows) else n_permutations
  if (times > max_assignments && exact) {
    stop_oligosurv("data", sprintf(
      paste(
        "method = \"exact\" enumerates at most %s assignments of %s to groups;",
        "there are %s: use method = \"permutation\""
      ),
      format_count(max_assignments), if (is.null(rows$unit)) "subjects" else "ids",
      if (times < 1e15) format_count(times) else format(times, digits = 4L)
    ), arg = "method", n_assignments = times)
  }
  out <- .Call(
    C_permute, rows, length(table$groups), spec, as.double(times), exact,
    report_progress(if (exact) "Assignments" else "Permutations", times)
  )
  for (name in c("score", "variance")) { # with the names of the groups
    attributes(out[[name]]) <- attributes(raw[[name]])
    raw[[name]] <- out[[name]]
  }
  raw[c("statistic", "rank")] <- out[c("statistic", "rank")]
  raw$p.value <- if (exact) out$at_least / times else (out$at_least + 1) / (times + 1)
  raw$p.std.error <- if (exact) 0 else sqrt(raw$p.value * (1 - raw$p.value) / (times + 1))
  raw$times <- times
  raw$each <- if (!is.null(out$each)) {
    if (exact) out$each / times else (out$each + 1) / (times + 1)
  }
  raw[c("df2", "left_out")] <- NULL # these belong to the cluster-robust variance
  raw
}

# Largest number of assignments that method = "exact" enumerates
max_assignments <- 1e7

# Number of ways to assign the units to the groups: a product of binomial coefficients
# over groups and strata
count_assignments <- function(rows) {
  stratum <- rep.int(seq_along(rows$unit_start[-1L]), diff(rows$unit_start))
  sizes <- as.matrix(table(stratum, rows$label))
  prod(apply(sizes, 1L, function(m) prod(choose(cumsum(m), m))))
}

# The subjects of an event table one by one, sorted by stratum and time, for C_permute().
# The units that are assigned to groups are the subjects, or the ids if the table has
# them.
subject_rows <- function(table) {
  if (!is.null(table$entry)) {
    stop_oligosurv("data", paste(
      "permutation and exact p-values are not available with left truncation, because",
      "subjects who enter at different times cannot be moved between groups; use",
      "method = \"asymptotic\""
    ), arg = "method")
  }
  k <- length(table$groups)
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  stratum <- (curve - 1L) %/% k
  rows <- order(stratum, table$time)
  if (!is.null(table$n)) rows <- rep.int(rows, table$n[rows])
  start <- c(0, cumsum(tabulate(stratum[rows] + 1L, length(table$strata))))
  units <- if (is.null(table$id)) {
    list(unit = NULL, label = (curve[rows] - 1L) %% k, unit_start = start)
  } else {
    units_of_ids(table$id[rows], curve[rows], k, length(table$strata))
  }
  c(units, list(
    time = as.double(table$time[rows]), status = as.integer(table$status[rows]),
    start = start, n_status = length(table$states)
  ))
}

# Units of a table with ids: all rows of an id are assigned to the same group.
units_of_ids <- function(id, curve, k, n_stratum) {
  ids <- unique(id)
  curve_of_id <- curve[match(ids, id)]
  check_whole_ids(id, curve, "a permutation moves all rows of an id together")
  stratum <- (curve_of_id - 1L) %/% k
  by_stratum <- order(stratum)
  list(
    unit = as.double(match(id, ids[by_stratum])),
    label = (curve_of_id[by_stratum] - 1L) %% k,
    unit_start = c(0, cumsum(tabulate(stratum + 1L, n_stratum)))
  )
}

# Returns a function of the number done. It shows a progress bar after 2 seconds.
report_progress <- function(what, total, frame = parent.frame()) {
  started <- proc.time()[["elapsed"]]
  bar <- NULL
  function(done) {
    if (is.null(bar)) {
      if (proc.time()[["elapsed"]] - started < 2) return(invisible())
      old <- options(cli.progress_show_after = 0)
      on.exit(options(old))
      bar <<- cli::cli_progress_bar(what,
        total = total, .envir = frame,
        format = "{cli::pb_name}{cli::pb_bar} {cli::pb_percent}"
      )
    }
    cli::cli_progress_update(set = done, id = bar, .envir = frame)
  }
}

#' Permutation p-values of a small test
#'
#' Computes the p-values that `print()` adds to an asymptotic test if a group has fewer
#' than 50 subjects (ids, with `id`) or 10 events.
#'
#' @param test A test of [logrank_test()], [gray_test()] or [maxcombo_test()] with
#'   `method = "asymptotic"`.
#' @return A data frame with one row per p-value (outcome): `p.value` and `p.std.error`
#'   of 9999 permutations with a fixed seed. `NULL` if no group is small, if the data
#'   are too large for print(), or if the subjects of the test cannot be permuted. The
#'   state of the random number generator does not change.
#' @noRd
small_sample_p <- function(test) {
  table <- test$table
  rows <- test$rows
  if (is.null(rows)) {
    small <- any(test$groups$n < small_subjects | test$groups$observed < small_events)
    can <- identical(test$p_method, "asymptotic") && is.null(table$entry) &&
      sum(count_states(table)) * length(table$groups) <= max_silent_work
    if (!small || !can || all(is.na(test_results(test)$statistic))) return(NULL)
    rows <- subject_rows(table)
  }
  raw <- with_fixed_seed(lapply(specs_of_causes(test$spec), function(spec) {
    apply_permutation(list(), table, spec, "permutation", usual_permutations, rows)
  }))
  defined <- vapply(raw, function(r) r$rank > 0, NA)
  if (!any(defined)) return(NULL)
  value <- function(name) ifelse(defined, vapply(raw, `[[`, 0, name), NA_real_)
  quick_frame(list(p.value = value("p.value"), p.std.error = value("p.std.error")))
}

# The explanation in print() why a permutation p-value is added.
small_sample_note <- function(test) {
  paste(
    "Permutation p: 9999 permutations with a fixed seed, as a group has fewer than 50",
    sprintf("%s\nor 10 events", if (is.null(test$rows)) "subjects" else test$rows$units)
  )
}

# Largest number of subjects times groups at which print() adds permutation p-values
max_silent_work <- 2000

# The rows that a cluster-robust test stores so that print() can permute ids. The ids are
# replaced by numbers. NULL if no group is small, if the data are too large for print(),
# or if an id has rows in several groups.
rows_of_small_test <- function(table, method, observed) {
  if (method != "asymptotic" || !is.null(table$entry)) return(NULL)
  n <- sum(count_states(table))
  if (n * length(table$groups) > max_silent_work) return(NULL)
  curve <- rep.int(seq_along(diff(table$start)), diff(table$start))
  if (any(curve != curve[match(table$id, table$id)])) return(NULL)
  if (!any(group_ids(table) < small_subjects | observed < small_events)) return(NULL)
  c(subject_rows(table), units = paste0(table$words[2L], "s"))
}

# Completes a test with ids: the rows that print() permutes, and the method as results
# record it, where "by id" is an asymptotic, cluster-robust test
with_test_ids <- function(test, table, observed) {
  test$rows <- rows_of_small_test(table, test$p_method, observed)
  if (test$p_method == "asymptotic") test$p_method <- "by id"
  test
}

# Evaluates `code` with a fixed seed, and then restores the state of the user's random
# number generator.
with_fixed_seed <- function(code) {
  workspace <- globalenv()
  kinds <- RNGkind()
  old <- get0(".Random.seed", workspace, inherits = FALSE)
  on.exit(if (is.null(old)) {
    suppressWarnings(do.call(RNGkind, as.list(kinds))) # R warns about "Rounding"
    rm(".Random.seed", envir = workspace)
  } else {
    workspace$.Random.seed <- old
  })
  set.seed(1L, "Mersenne-Twister", "Inversion", "Rejection")
  code
}
