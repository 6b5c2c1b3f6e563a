# Seeded random data sets for every estimator: `time`, `cause` (0 censored, 1, 2),
# `status` (`cause` as a factor), `group`, `stratum`.

random_kinds <- c(
  "ties", "continuous", "tiny", "no event", "all events", "zero times", "lone group",
  "both at every time", "rare", "days"
)

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
      time = as.double(time), cause = cause,
      status = factor(cause, 0:2, c("censored", "failure", "death")),
      group = factor(group), stratum = factor(sample(c("x", "y"), n, TRUE))
    )
  })
}

# `times` sets of each kind, named "kind seed"
random_sets <- function(times, kinds = random_kinds) {
  grid <- expand.grid(kind = kinds, seed = seq_len(times), stringsAsFactors = FALSE)
  sets <- Map(random_rows, grid$kind, grid$seed)
  stats::setNames(sets, paste(grid$kind, grid$seed))
}

# Largest difference relative to the larger of the two, on a floor below which a number
# is zero; NA must meet NA.
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

random_lesions <- function(seed, continuous = seed %% 2 == 0) {
  withr::with_seed(seed, {
    n <- sample(6:70, 1)
    time <- if (continuous) stats::rexp(n) else as.double(sample(10, n, TRUE))
    cause <- sample(0:2, n, TRUE, c(0.4, 0.35, 0.25))
    data.frame(
      time = time, cause = cause, event = as.integer(cause > 0),
      status = factor(cause, 0:2, c("censored", "failure", "death")),
      group = factor(sample(letters[1:(2 + seed %% 2)], n, TRUE)),
      stratum = sample(c("x", "y"), n, TRUE),
      patient = paste0("P", sample(max(3, n %/% 3), n, TRUE))
    )
  })
}

cohort <- function(seed, n = 60, ties = FALSE) {
  withr::with_seed(seed, {
    d <- data.frame(
      time = stats::rexp(n), cause = sample(0:2, n, TRUE), age = stats::rnorm(n, 60, 9),
      arm = factor(sample(c("a", "b", "c"), n, TRUE)), site = sample(1:2, n, TRUE),
      id = rep(seq_len(n / 2), 2)
    )
    if (ties) d$time <- ceiling(d$time * 4)
    d$status <- factor(d$cause, 0:2, c("censored", "failure", "death"))
    d$event <- as.integer(d$cause > 0)
    d
  })
}

late_rows <- function(seed, n = 30) {
  withr::with_seed(seed, {
    entry <- round(stats::runif(n, 0, 4), seed %% 3)
    entry[seq_len(n %/% 3)] <- 0
    time <- round(entry + 0.5 + round(stats::rexp(n, 0.3), seed %% 2), 6)
    cause <- sample(0:2, n, TRUE)
    data.frame(
      entry = entry, time = time, cause = cause, event = as.integer(cause > 0),
      status = factor(cause, 0:2, c("censored", "failure", "death")),
      group = factor(sample(letters[1:(2 + seed %% 2)], n, TRUE)),
      patient = sample(paste0("P", 1:9), n, TRUE)
    )
  })
}

quietly <- function(code) suppressMessages(code, classes = "oligosurv_message")

powers <- list(c(0, 0), c(1, 0), c(0, 1), c(1, 1))

two_groups <- function(kind, seed) {
  d <- random_rows(kind, seed)
  d$group <- factor(rep_len(c("a", "b"), nrow(d)))
  d$event <- as.integer(d$cause > 0)
  d
}

small_sets <- list(
  untied = data.frame(time = 1:8, event = c(1, 1, 1, 0, 1, 1, 0, 1),
    group = c(1, 1, 2, 1, 1, 2, 2, 2)
  ),
  tied = data.frame(
    time = c(1, 1, 2, 2, 2, 3, 4, 4, 6), event = c(1, 0, 1, 1, 0, 1, 1, 1, 0),
    group = c(2, 1, 2, 2, 1, 1, 2, 1, 1)
  ),
  uneven = data.frame(
    time = c(3, 1, 4, 1.5, 9, 2.6, 5, 3.5), event = c(1, 1, 0, 1, 1, 0, 1, 1),
    group = c(2, 2, 1, 1, 1, 1, 1, 1)
  )
)

tiny <- data.frame(
  time = c(1, 2, 2, 3, 4, 5, 5, 6, 7), event = c(1, 1, 0, 1, 0, 1, 1, 0, 1),
  status = factor(c(1, 2, 0, 1, 0, 1, 2, 0, 1), 0:2, c("censored", "failure", "death")),
  two = factor(c("a", "a", "b", "a", "b", "b", "a", "b", "b")),
  three = factor(c("x", "x", "y", "z", "y", "z", "x", "y", "z")),
  stratum = c(1, 1, 1, 1, 1, 2, 2, 2, 2)
)

km <- function(time, event, ...) {
  kaplan_meier(Surv(time, event) ~ 1, data.frame(time = time, event = event), ...)
}

curve <- function(fit, at) summary(fit, times = at)

weighted_rows <- function(seed, weights = c("fraction", "whole")) {
  weights <- match.arg(weights)
  withr::with_seed(seed, {
    n <- sample(5:50, 1)
    d <- data.frame(
      time = if (seed %% 3) as.double(sample(10, n, TRUE)) else stats::rexp(n),
      cause = sample(0:2, n, TRUE, c(0.4, 0.35, 0.25)),
      group = factor(sample(c("a", "b"), n, TRUE), c("a", "b")),
      id = sample(max(2, n %/% 3), n, TRUE),
      w = switch(weights,
        whole = sample(0:4, n, TRUE), fraction = round(stats::rexp(n), 2) + 0.01
      )
    )
    d$event <- as.integer(d$cause > 0)
    d$status <- factor(d$cause, 0:2, c("censored", "failure", "death"))
    d$entry <- d$time * sample(c(0, 0.3, 0.8), n, TRUE)
    d
  })
}
