# Permutation and exact p-values: the law of a test when groups are assigned at random

p_methods <- c("asymptotic", "permutation", "exact")

# Where a test has ids its variance is by id
p_method_of <- function(method, table) {
  if (!is.null(table$id) && method == "asymptotic") "by id" else method
}

# Assignments that method = "exact" goes through at most
most_assignments <- 1e7

# A test in the words of C_permute(): `weight` for the log-rank family, `cause` for Gray's
# test, `power` (rho and gamma in columns) for MaxCombo; contrast from check_trend()
test_spec <- function(weight = NULL, rho = 0, gamma = 0, cause = NULL, contrast = NULL,
                      power = NULL) {
  list(
    weight = weight, rho = rho, gamma = gamma, cause = cause, contrast = contrast,
    power = power
  )
}

# Scores of a test of trend, centred on the mean over subjects, or NULL
check_trend <- function(trend, table) {
  if (is.null(trend) || identical(trend, FALSE)) return(NULL)
  k <- length(table$groups)
  if (isTRUE(trend)) trend <- seq_len(k)
  scores <- check_double(trend, "trend")
  if (length(scores) != k) {
    stop_oligosurv("input", sprintf(
      "`trend` must be TRUE or one score for each of the %d groups (%s); it has %d",
      k, paste(table$groups, collapse = ", "), length(scores)
    ), arg = "trend")
  }
  if (all(scores == scores[1L])) {
    stop_oligosurv("input", "the scores of `trend` are all the same", arg = "trend")
  }
  n <- group_sizes(table)
  scores - if (sum(n) > 0) sum(n / sum(n) * scores) else mean(scores)
}

# The subjects of an event table one by one, by stratum and time, for C_permute(). What is
# assigned to groups are its units: the subjects, or the ids of a table that has them.
subject_rows <- function(table) {
  if (!is.null(table$entry)) {
    stop_oligosurv("data", paste(
      "permutation and exact p-values are not available with left truncation: subjects",
      "who enter at different times cannot change groups"
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
    whole_ids(table$id[rows], curve[rows], k, length(table$strata))
  }
  c(units, list(
    time = as.double(table$time[rows]), status = as.integer(table$status[rows]),
    start = start, n_status = length(table$states)
  ))
}

# Rows with ids: an id goes to a group with all its rows
whole_ids <- function(id, curve, k, n_stratum) {
  ids <- unique(id)
  home <- curve[match(ids, id)]
  check_whole_ids(id, curve, "a permutation moves all rows of an id together")
  by_stratum <- order((home - 1L) %/% k)
  list(
    unit = as.double(match(id, ids[by_stratum])), label = (home[by_stratum] - 1L) %% k,
    unit_start = c(0, cumsum(tabulate((home - 1L) %/% k + 1L, n_stratum)))
  )
}

# Ways to assign the units to the groups: a product of binomials over groups and strata
count_assignments <- function(rows) {
  stratum <- rep.int(seq_along(rows$unit_start[-1L]), diff(rows$unit_start))
  sizes <- as.matrix(table(stratum, rows$label))
  prod(apply(sizes, 1L, function(m) prod(choose(cumsum(m), m))))
}

# The raw result of an asymptotic test, with the statistic and p of `method` instead
assign_at_random <- function(raw, table, spec, method, n_permutations,
                             rows = subject_rows(table)) {
  if (method == "asymptotic") return(raw)
  exact <- method == "exact"
  times <- if (exact) count_assignments(rows) else n_permutations
  if (times > most_assignments && exact) {
    stop_oligosurv("data", sprintf(
      paste(
        "method = \"exact\" goes through at most %s assignments of %s to groups;",
        "here there are %s; use method = \"permutation\""
      ),
      format_count(most_assignments), if (is.null(rows$unit)) "subjects" else "ids",
      if (times < 1e15) format_count(times) else format(times, digits = 4L)
    ), arg = "method", n_assignments = times)
  }
  out <- .Call(
    C_permute, rows, length(table$groups), spec, as.double(times), exact,
    report_progress(if (exact) "Assignments" else "Permutations", times)
  )
  raw[c("score", "variance", "statistic", "rank")] <-
    out[c("score", "variance", "statistic", "rank")]
  raw$p.value <- if (exact) out$at_least / times else (out$at_least + 1) / (times + 1)
  raw$p.std.error <- if (exact) 0 else sqrt(raw$p.value * (1 - raw$p.value) / (times + 1))
  raw$times <- times
  raw$each <- if (!is.null(out$each)) {
    if (exact) out$each / times else (out$each + 1) / (times + 1)
  }
  raw[c("df2", "left_out")] <- NULL # of the variance by id
  raw
}

# A function of the number done, which shows a bar once the work has taken 2 seconds
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

# Evaluates `code` with a generator of its own; that of the user does not move
with_fixed_seed <- function(code) {
  home <- globalenv()
  kinds <- RNGkind()
  old <- get0(".Random.seed", home, inherits = FALSE)
  on.exit(if (is.null(old)) {
    suppressWarnings(do.call(RNGkind, as.list(kinds))) # of the kind "Rounding"
    rm(".Random.seed", envir = home)
  } else {
    home$.Random.seed <- old
  })
  set.seed(1L, "Mersenne-Twister", "Inversion", "Rejection")
  code
}

large_work <- 2000

small_sample_note <- function(test) {
  paste(
    "Permutation p: 9999 permutations with a fixed seed, as a group has fewer than 50",
    sprintf("%s\nor 10 events", if (is.null(test$rows)) "subjects" else test$rows$units)
  )
}

# What a test by id keeps of its rows so that print() can permute them: the ids are
# numbers there. NULL where no group is small, where the data are too large to do it
# unasked, and where ids cannot change groups.
small_rows <- function(table, method, observed) {
  if (is.null(table$id) || method != "asymptotic" || !is.null(table$entry)) return(NULL)
  if (sum(count_states(table)) * length(table$groups) > large_work) return(NULL)
  curve <- rep.int(seq_along(diff(table$start)), diff(table$start))
  if (any(curve != curve[match(table$id, table$id)])) return(NULL)
  if (!any(group_ids(table) < small_subjects | observed < small_events)) return(NULL)
  c(subject_rows(table), units = paste0(table$words[2L], "s"))
}

#' Permutation p-values of a small test
#'
#' What `print()` adds to an asymptotic test in which a group has fewer than 50 subjects
#' (with `id`: ids) or 10 events.
#'
#' @param test A test of [logrank_test()], [gray_test()] or [maxcombo_test()] with
#'   `method = "asymptotic"`.
#' @return A data frame with one row a p-value (outcome): `p.value` and `p.std.error` of
#'   9999 permutations with a fixed seed; `NULL` where no group is small, where the data
#'   are too large to do it unasked or the test is none of subjects that can be permuted.
#'   The generator of random numbers is left as it was.
#' @noRd
small_sample_p <- function(test) {
  table <- test$table
  rows <- test$rows
  if (is.null(rows)) {
    small <- any(test$groups$n < small_subjects | test$groups$observed < small_events)
    can <- identical(test$p_method, "asymptotic") && is.null(table$entry) &&
      sum(count_states(table)) * length(table$groups) <= large_work
    if (!small || !can || all(is.na(test_results(test)$statistic))) return(NULL)
    rows <- subject_rows(table)
  }
  raw <- with_fixed_seed(lapply(test$spec, function(spec) {
    assign_at_random(list(), table, spec, "permutation", usual_permutations, rows)
  }))
  defined <- vapply(raw, function(r) r$rank > 0, NA)
  if (!any(defined)) return(NULL)
  value <- function(name) ifelse(defined, vapply(raw, `[[`, 0, name), NA_real_)
  quick_frame(list(p.value = value("p.value"), p.std.error = value("p.std.error")))
}
