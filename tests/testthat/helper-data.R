# Seeded random data sets for every estimator: `time`, `cause` (0 censored, 1, 2), `event`
# (any cause), `status` (`cause` as a factor), `group`, `stratum`.

# Names of the kinds of random_rows()
random_kinds <- c(
  "ties", "continuous", "tiny", "no event", "all events", "zero times", "lone group",
  "both at every time", "rare", "days"
)

# Rows of one kind; the same seed gives the same rows
random_rows <- function(kind, seed) {
  withr::with_seed(1000 * match(kind, random_kinds) + seed, {
    n <- if (kind == "tiny") sample(2:5, 1) else sample(8:60, 1)
    time <- switch(kind,
      continuous = stats::rexp(n, 0.1),
      "zero times" = sample(0:4, n, TRUE),
      days = round(stats::rexp(n, 0.002)) + 1,
      "both at every time" = rep_len(sample(40, ceiling(n / 2)), n),
      sample(12, n, TRUE)
    )
    cause <- switch(kind,
      "no event" = rep(0L, n),
      "all events" = sample(1:2, n, TRUE),
      "both at every time" = rep(1:0, each = ceiling(n / 2), length.out = n),
      rare = stats::rbinom(n, 1, 0.05),
      sample(0:2, n, TRUE, c(0.4, 0.35, 0.25))
    )
    k <- sample(2:4, 1)
    group <- switch(kind,
      "lone group" = c("a", rep("b", n - 1)),
      tiny = letters[seq_len(n) %% 2 + 1],
      letters[sample(rep_len(seq_len(k), n))]
    )
    data.frame(
      time = as.double(time), cause = cause, event = as.integer(cause > 0),
      status = factor(cause, 0:2, c("censored", "failure", "death")),
      group = factor(group), stratum = factor(sample(c("x", "y"), n, TRUE))
    )
  })
}

# `times` data sets of each kind, named "kind seed"
random_sets <- function(times, kinds = random_kinds) {
  grid <- expand.grid(kind = kinds, seed = seq_len(times), stringsAsFactors = FALSE)
  sets <- Map(random_rows, grid$kind, grid$seed)
  stats::setNames(sets, paste(grid$kind, grid$seed))
}

# Largest relative difference; numbers below `floor` count as 0. Returns Inf if NA differ.
worst_difference <- function(got, want, floor = 1e-10) {
  stopifnot(length(got) == length(want))
  if (!identical(is.na(as.vector(got)), is.na(as.vector(want)))) return(Inf)
  gap <- abs(got - want) / pmax(abs(got), abs(want), floor)
  max(0, gap[got != want], na.rm = TRUE)
}

# Freireich et al. 1963: weeks in remission under 6-MP and placebo
freireich <- data.frame(
  week = c(
    6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
    1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23
  ),
  relapse = c(
    1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, rep(1, 21)
  ),
  arm = rep(c("6-MP", "placebo"), each = 21)
)
