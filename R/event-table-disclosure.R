# Coarsens an event table before it is written to a file, so that it discloses no single
# subjects: times are put on a grid, and no count is below a limit. See write_counts().

# Checks the arguments and returns list(time_grid, min_cell, small_cells, text)
disclosure_rule <- function(time_grid, min_cell, small_cells, table) {
  if (!is.null(time_grid)) {
    time_grid <- check_number(time_grid, "time_grid", 0, open = TRUE)
    if (max(table$time, 0) / time_grid > 2^53) {
      stop_oligosurv("input", sprintf(
        "`time_grid` is %s, which is too small for times up to %s; use a larger value",
        format(time_grid), format(max(table$time))
      ), arg = "time_grid")
    }
  }
  min_cell <- check_whole(min_cell, "min_cell", 1, 1e6)
  small_cells <- check_choice(small_cells, c("join", "round"), "small_cells")
  if (min_cell > 1 && small_cells == "round" && !is.null(table$entry)) {
    stop_oligosurv("input", paste(
      "with delayed entry, counts cannot be rounded, because more subjects might leave",
      "than have entered; use small_cells = \"join\""
    ), arg = "small_cells")
  }
  if ((min_cell > 1 || !is.null(time_grid)) && !is.null(table$weights)) {
    stop_oligosurv("input", paste(
      "`time_grid` and `min_cell` are for counts of subjects, but this table has",
      "weights; omit these arguments, or create the event table again without weights"
    ), arg = if (min_cell > 1) "min_cell" else "time_grid")
  }
  text <- c(
    if (!is.null(time_grid)) {
      paste("times rounded up to multiples of", exact_text(time_grid))
    },
    if (min_cell > 1) {
      sprintf(if (small_cells == "join") {
        "counts below %s joined with the next of their group and status"
      } else {
        "counts rounded to multiples of %s"
      }, format_count(min_cell))
    }
  )
  list(
    time_grid = time_grid, min_cell = min_cell, small_cells = small_cells,
    text = if (length(text)) paste(text, collapse = "; ") else "none"
  )
}

coarsen_counts <- function(table, rule) {
  if (identical(rule$text, "none")) return(table)
  old <- table
  if (!is.null(rule$time_grid)) table <- times_on_grid(table, rule$time_grid)
  sizes <- c(cell_sizes(table), cell_sizes(table$entry))
  if (rule$min_cell > 1) {
    table <- if (rule$small_cells == "join") {
      join_small_counts(table, rule$min_cell)
    } else {
      round_counts(table, rule$min_cell)
    }
  }
  tell_coarsened(old, table, rule, sum(sizes < rule$min_cell))
  table
}

# The smallest multiple of `step` that is at least x, apart from rounding error
grid_up <- function(x, step) {
  steps <- x / step
  near <- round(steps)
  is_near <- abs(steps - near) <= default_tie_tol * pmax(1, abs(near))
  ifelse(is_near, near, ceiling(steps)) * step
}

grid_down <- function(x, step) -grid_up(-x, step)

times_on_grid <- function(table, grid) {
  recount(table, grid_up(table$time, grid),
    if (!is.null(table$entry)) grid_down(table$entry$time, grid)
  )
}

# Counts the exits and entries of a table again with other times or counts
recount <- function(table, time, entry_time = table$entry$time, n = cell_sizes(table)) {
  curve <- function(start) {
    at <- rep.int(seq_len(length(start) - 1L), diff(start)) - 1L
    list(at %/% length(table$groups) + 1L, at %% length(table$groups) + 1L)
  }
  rows <- list(
    time = time, status = table$status, status_first = 0L,
    n_group = length(table$groups), n_stratum = length(table$strata)
  )
  rows[c("stratum", "group")] <- curve(table$start)
  entry <- table$entry
  counts <- sum_counts(rows, n)
  table[names(counts)] <- counts
  if (is.null(entry)) return(table)
  rows$time <- entry_time
  rows[c("stratum", "group")] <- curve(entry$start)
  table$entry <- sum_entries(rows, cell_sizes(entry))
  table
}

# Counts by row of a table or of its entries
cell_sizes <- function(x) if (is.null(x$n)) rep(1, length(x$time)) else x$n

# Moves each count below `least` to the next later time of its curve and status at which
# the sum reaches `least`. Entries move to earlier times.
join_small_counts <- function(table, least) {
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  key <- (curve - 1) * length(table$states) + table$status + 1
  n <- cell_sizes(table)
  check_joinable(table, key, n, least)
  time <- table$time
  for (rows in split(seq_along(key), key)) {
    time[rows] <- joined_times(time[rows], n[rows], least)
  }
  entry_time <- table$entry$time
  if (!is.null(table$entry)) {
    size <- cell_sizes(table$entry)
    start <- table$entry$start
    of <- rep.int(seq_along(start[-1L]), diff(start))
    for (rows in split(seq_along(of), of)) {
      back <- rev(rows)
      entry_time[back] <- joined_times(entry_time[back], size[back], least)
    }
  }
  recount(table, time, entry_time)
}

# Counts `n` are joined to blocks, in the given order. A block ends when its sum reaches
# `least`. Returns the time of the block of each count, which is the time of its last
# count. Counts left over at the end are added to the last block.
joined_times <- function(time, n, least) {
  block <- integer(length(n))
  now <- 1L
  sum <- 0
  for (i in seq_along(n)) {
    block[i] <- now
    sum <- sum + n[i]
    if (sum >= least) {
      now <- now + 1L
      sum <- 0
    }
  }
  block <- pmin(block, max(1L, now - 1L))
  last <- !duplicated(block, fromLast = TRUE)
  time[last][block]
}

check_joinable <- function(table, key, n, least) {
  total <- rowsum(n, key)
  few <- as.double(rownames(total))[total < least]
  if (!length(few)) return(invisible())
  labels <- curve_labels(table)[(few - 1) %/% length(table$states) + 1]
  status <- table$states[(few - 1) %% length(table$states) + 1]
  shown <- sprintf("%s in \"%s\"", status, labels)
  stop_oligosurv("data", sprintf(
    paste(
      "these states occur in fewer than `min_cell` = %s subjects of a group: %s%s;",
      "combine groups or states before counting, use a smaller `min_cell`, or use",
      "small_cells = \"round\""
    ), format_count(least), paste(utils::head(shown, 5L), collapse = ", "),
    if (length(shown) > 5L) sprintf(" and %d more", length(shown) - 5L) else ""
  ), arg = "min_cell")
}

round_counts <- function(table, step) {
  n <- step * floor(cell_sizes(table) / step + 0.5)
  recount(table, table$time, n = n)
}

# Tells the user what the coarsened file no longer shows. n_small: number of counts that
# were too small once the times were on their grid
tell_coarsened <- function(old, new, rule, n_small) {
  times <- function(table) length(unique(c(table$time, table$entry$time)))
  rows <- function(table) length(table$time) + length(table$entry$time)
  change <- count_states(new) - count_states(old)
  totals <- if (any(change != 0)) {
    sprintf("; the numbers of subjects change by %s",
      paste0(sprintf("%+.0f", change), " (", new$states, ")", collapse = ", ")
    )
  } else {
    "; the numbers of subjects by group and status are unchanged"
  }
  inform_oligosurv(sprintf(
    "%s: %s became %s, and %s of subjects became %s%s%s", rule$text,
    count_noun(times(old), "distinct time"), format_count(times(new)),
    count_noun(rows(old), "count"), format_count(rows(new)),
    if (rule$min_cell > 1) {
      sprintf(" (%s below %s)", format_count(n_small), format_count(rule$min_cell))
    } else {
      ""
    }, totals
  ))
}
