# Firth's likelihood for rows that are not independent. Limits and p-values are from draws
# of one row of each id.
#
# The profile of Firth's likelihood assumes independent rows. This is true for one row of
# each id, so each draw gives valid limits, although from fewer rows (within-cluster
# resampling, Hoffman, Sen and Weinberg 2001; multiple outputation, Follmann et al. 2003).
# Percentiles of estimates from resampled patients would not be valid: a group without
# events has no events in any resample, so its estimate hardly varies.

# An odd number, so that the median of the limits is one of them, even if some are
# infinite
firth_draws <- 199L

# Estimates by Firth's likelihood: `values`; `naive`, the inverse information; `var`, the
# inverse information if rows are independent, else NA; and `draws`, TRUE if limits and
# p-values are from draws. There are no limits with sampling weights, or if some rows of
# an id are at risk one after another and others at the same time.
penalised_fit <- function(fit, rows, cause, known, fine_gray, ties, conf.level,
                          clustered) {
  estimate <- function(rows, cells) {
    if (fine_gray) {
      firth_fine_gray(rows, cause, known, ties, conf.level)
    } else {
      firth_cox(cells, conf.level)
    }
  }
  all <- estimate(rows, fit$cells)
  result <- list(values = all$values, naive = all$var, var = all$var, draws = FALSE)
  if (rows$sampled) result$values <- estimates_only(all$values, TRUE)
  if (rows$sampled || !clustered) return(result)
  values <- if (can_draw_rows(rows)) {
    limits_of_draws(all$values, rows, function(rows) {
      cells <- if (!fine_gray) drawn_cells(rows, cause, known, ties)
      estimate(rows, cells)$values
    })
  }
  result$var[] <- NA
  result$draws <- !is.null(values)
  result$values <- if (result$draws) values else estimates_only(all$values, TRUE)
  result
}

# Can one row represent the follow-up of its id?
can_draw_rows <- function(rows) {
  if (is.null(rows$entry)) return(TRUE)
  first <- rows$entry[match(seq_len(max(rows$id)), rows$id)]
  all(rows$entry == first[rows$id])
}

# The estimates, with the medians of limits, statistic and standard error over the draws;
# NULL if most draws have too few events
limits_of_draws <- function(values, rows, estimate) {
  by_id <- order(rows$id)
  upto <- if (is.null(rows$size)) seq_along(by_id) else cumsum(rows$size[by_id])
  last <- upto[cumsum(tabulate(rows$id))]
  before <- c(0, last[-length(last)])
  draws <- with_fixed_seed(lapply(seq_len(firth_draws), function(i) {
    drawn <- before + floor(stats::runif(length(last)) * (last - before))
    at <- by_id[findInterval(drawn, upto) + 1L]
    tryCatch(estimate(picked_subjects(rows, sort(at))),
      oligosurv_error_data = function(e) NULL
    )
  }))
  draws <- draws[lengths(draws) > 0L]
  if (length(draws) <= firth_draws %/% 2L) return(NULL)
  for (name in c("std.error", "statistic", "low", "high")) {
    each <- vapply(draws, `[[`, double(nrow(values)), name)
    values[[name]] <- apply(matrix(each, nrow(values)), 1L, stats::median)
  }
  values$p.value <- stats::pchisq(values$statistic^2, 1, lower.tail = FALSE)
  values
}

# Selected rows, treated as independent
picked_subjects <- function(rows, at) {
  rows <- rows_subset(rows, at)
  rows[c("id", "size")] <- list(NULL)
  rows
}

drawn_cells <- function(rows, cause, known, ties) {
  cells <- cox_cells(cox_rows(rows, rows$status == cause), rows$design$x, ties)
  cells$offset <- rows$design$offset
  cells$column <- which(known)
  cells
}
