# Rows of patients who move between states, and the Aalen-Johansen estimate with its
# infinitesimal jackknife, computed directly for every patient at every time.

random_moves <- function(n, k = 4, grid = 30, late = FALSE, several = FALSE,
                         returns = TRUE, gaps = FALSE) {
  rows <- list()
  for (i in seq_len(n)) {
    t <- if (late) sample(0:5, 1) else 0
    s <- if (several) sample(2, 1) else 1
    end <- t + sample(grid, 1)
    repeat {
      stop <- t + sample(8, 1)
      to <- if (stop >= end) {
        0
      } else if (s == k - 1 || stats::runif(1) < 0.2) {
        k
      } else if (returns) {
        sample(seq_len(k)[-s], 1)
      } else {
        sample(seq(s + 1, k), 1)
      }
      if (stats::runif(1) < 0.15) to <- 0 # a split of follow-up
      rows[[length(rows) + 1]] <- data.frame(
        id = i, start = t, end = min(stop, end), from = s, to = to
      )
      if (to == k || stop + 1 >= end) break
      if (to > 0) s <- to
      t <- stop + if (gaps && stats::runif(1) < 0.3) 1 else 0
    }
  }
  d <- do.call(rbind, rows)
  d$state <- factor(d$to, 0:k, c("censored", letters[seq_len(k)]))
  d$from <- factor(letters[d$from], letters[seq_len(k)])
  d$arm <- factor(c("A", "B"))[1 + d$id %% 2]
  d$weight <- round(stats::runif(n, 0.5, 2), 2)[d$id]
  d
}

# Probabilities and standard errors (rows: times, columns: states), and mean times with
# standard errors. All patients begin in the first state, or at one time.
oracle_states <- function(d, times, tau, weight = rep(1, nrow(d))) {
  labels <- levels(d$state)[-1]
  k <- length(labels)
  a <- match(d$from, labels)
  b <- ifelse(d$to == 0, a, d$to)
  ids <- unique(d$id)
  w <- weight[match(ids, d$id)]
  first <- a[match(ids, d$id)]
  unit <- diag(k)
  p <- colSums(w * unit[first, , drop = FALSE]) / sum(w)
  D <- t(t(unit[first, , drop = FALSE]) - p) / sum(w)
  all <- sort(unique(c(d$end, tau)))
  P <- S <- matrix(NA_real_, length(times), k)
  mean <- double(k)
  M <- 0 * D
  last <- 0
  for (t in all[all <= max(times, tau)]) {
    step <- min(t, tau) - min(last, tau)
    mean <- mean + step * p
    M <- M + step * D
    last <- t
    at_risk <- which(d$start < t & d$end >= t)
    H <- unit
    for (s in seq_len(k)) {
      mine <- at_risk[a[at_risk] == s]
      if (!length(mine)) next
      new <- ifelse(d$end[mine] == t, b[mine], s)
      H[s, ] <- colSums(weight[mine] * unit[new, , drop = FALSE]) / sum(weight[mine])
    }
    new <- D %*% H
    for (i in at_risk) {
      s <- a[i]
      to <- if (d$end[i] == t) b[i] else s
      risk <- sum(weight[at_risk][a[at_risk] == s])
      row <- match(d$id[i], ids)
      new[row, ] <- new[row, ] + p[s] / risk * (unit[to, ] - H[s, ])
    }
    D <- new
    p <- as.vector(p %*% H)
    hit <- which(times == t)
    P[hit, ] <- p
    S[hit, ] <- sqrt(colSums((w * D)^2))
  }
  list(p = P, se = S, mean = mean, mean_se = sqrt(colSums((w * M)^2)))
}

# Estimates of a fit at its times after the start, one column per state
state_matrix <- function(fit, column = "estimate", strata = NULL) {
  x <- tidy(fit)
  if (!is.null(strata)) x <- x[x$strata == strata, ]
  x <- x[x$time > 0, ]
  matrix(x[[column]], ncol = nlevels(x$state), dimnames = list(NULL, levels(x$state)))
}

four_patients <- data.frame(
  patient = c("A", "A", "B", "C", "C", "D"),
  start = c(0, 2, 0, 0, 5, 0), end = c(2, 6, 4, 5, 8, 8),
  from = c("stable", "progressed", "stable", "stable", "progressed", "stable"),
  state = factor(
    c("progressed", "dead", "dead", "progressed", "censored", "censored"),
    c("censored", "progressed", "dead")
  )
)
