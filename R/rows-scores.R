# Reads the rows of predictions: left side, strata, ids and weights as in every estimator,
# and the terms of the right side as scores or predicted risks.

# Returns the complete rows with positive weight, sorted by stratum and time: `time` and
# `entry` (ranks, see time_ranks()), `real` (the times), `stratum`, `status` (0 censored),
# `id` (from 1, or NULL), `weight` (or NULL), `weight_type`, `scores` (a list named by
# term), `row` (row numbers of the data) and `table`, the event table. `read` checks the
# values of one term; it is a function of value, name and kept rows. `...` may hold
# censor, na.action and landmark.
read_scores <- function(x, data, call, tie_tol, read, censor = NULL,
                        na.action = stats::na.omit, landmark = NULL, ...) {
  check_no_dots(...)
  check_score_formula(x, "score")
  id <- read_id(x, data, call)
  if (is.null(id)) check_repeated_ids(x, data, landmark = landmark)
  env <- environment(x)
  terms <- rhs_terms(x[[3L]])
  kind <- vapply(terms, score_term_kind, "")
  of_scores <- terms[kind == "group"]
  if (!length(of_scores)) {
    stop_oligosurv("input", paste(
      "the formula needs a score or a predicted risk on its right side, as in",
      "Surv(time, status) ~ score"
    ), arg = "x")
  }
  rows <- read_formula(with_terms(x, terms[kind == "strata"]), data, censor, landmark)
  check_late_groups(names_in(of_scores), data, env, landmark, rows)
  kept <- if (is.null(rows$kept)) rep(TRUE, length(rows$time)) else rows$kept
  names <- vapply(of_scores, term_text, "")
  scores <- Map(function(expr, name) read(eval_term(expr, data, env), name, kept),
    of_scores, names
  )
  names(scores) <- make.unique(names)
  if (!is.null(id)) rows$id <- check_id(id, length(kept))[kept]
  type <- NULL
  w <- if (!is.null(call$weights)) eval_column(call$weights, data, call$env)
  if (!is.null(w)) {
    type <- check_weight_type(call$weight_type)
    rows$weight <- check_weights(w, length(kept))[kept]
  }
  c(sort_scores(rows, scores, which(kept), na.action, tie_tol), list(weight_type = type))
}

# `right`: what the right side of the formula has to hold, for the message
check_score_formula <- function(x, right) {
  if (inherits(x, "formula") && length(x) == 3L) return(invisible())
  if (inherits(x, "hazard_ratio")) {
    stop_oligosurv("input", sprintf(paste(
      "`x` must be a formula, not a hazard_ratio: Surv(time, status) ~ %s"
    ), if (right == "score") "risk, with its predicted risks as a column" else right),
    arg = "x")
  }
  stop_oligosurv("input", sprintf(paste(
    "`x` must be a formula Surv(time, status) ~ %s, because each row needs its own %s;",
    "it is %s"
  ), right, if (right == "score") right else "predicted risk", describe(x)), arg = "x")
}

score_term_kind <- function(expr) {
  tryCatch(term_kind(expr), oligosurv_error_input = function(e) {
    stop_oligosurv("input", sprintf(paste(
      "the right side of the formula must be columns joined by `+`, not `%s`; write",
      "arithmetic inside I()"
    ), term_text(expr)), arg = "x")
  })
}

sort_scores <- function(rows, scores, row, na.action, tie_tol) {
  none <- rows$weight %in% 0
  if (any(none)) {
    columns <- intersect(row_columns, names(rows))
    rows[columns] <- lapply(rows[columns], picked_rows, !none)
    scores <- lapply(scores, picked_rows, !none)
    row <- row[!none]
    rows$row <- row
  }
  checked <- c(scores, if (!is.null(rows$weight)) list(rows$weight))
  complete <- complete_rows(rows, checked, rows$id)
  if (!is.null(complete)) rows$group <- replace(as.integer(complete), !complete, NA)
  table <- count_table(rows, na.action, "time, status, stratum, score, id or weight")
  ranks <- time_ranks(rows, if (!is.null(complete)) which(complete), table, tie_tol)
  picked <- ranks$row
  list(
    time = as.integer(ranks$time),
    # an entry tied with the exit of its own row counts as just before it
    entry = if (!is.null(ranks$entry)) {
      pmin(as.integer(ranks$entry), as.integer(ranks$time) - 1L)
    },
    real = as.double(rows$time)[picked],
    since = if (!is.null(rows$entry)) as.double(rows$entry)[picked],
    stratum = match(ranks$stratum, unique(ranks$stratum)),
    status = status_codes(rows, table)[picked],
    id = if (!is.null(rows$id)) match(rows$id, unique(rows$id[picked]))[picked],
    weight = rows$weight[picked], scores = lapply(scores, picked_rows, picked),
    row = row[picked], table = table
  )
}

picked_rows <- function(x, at) if (is.matrix(x)) x[at, , drop = FALSE] else x[at]

# A score: numbers, of which only the order matters, or a factor with levels in order
read_rank_score <- function(value, name, kept) {
  value <- plain_key_column(value, name, "numbers")
  if (is.factor(value) && NROW(value) == length(kept)) return(as.integer(value)[kept])
  is_number <- (is.numeric(value) || is.logical(value)) && NCOL(value) == 1L &&
    !inherits(value, "Surv")
  if (!is_number || NROW(value) != length(kept)) {
    stop_oligosurv("input", sprintf(paste(
      "the score `%s` must be one number per row (%d rows), or a factor with its levels",
      "in order; it is %s"
    ), name, length(kept), describe(value)), arg = "x")
  }
  value <- as.double(value)[kept]
  replace(value, is.nan(value), NA)
}
