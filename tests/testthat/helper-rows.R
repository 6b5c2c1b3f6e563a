# Data and small helpers that several test files use.

# Lesions of some patients, with two causes, two or three groups and two strata
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

# Rows with covariates (`age`, `arm`, `site`), two causes and two rows per `id`
cox_rows <- function(seed, n = 60, ties = FALSE) {
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

# Rows with causes, groups and patients; two thirds have delayed entry
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

# The value of `code` without the messages of this package
quietly <- function(code) suppressMessages(code, classes = "oligosurv_message")

# The powers (rho, gamma) of the usual MaxCombo test
powers <- list(c(0, 0), c(1, 0), c(0, 1), c(1, 1))

# Random rows of one kind, divided into two groups of equal size
two_group_rows <- function(kind, seed) {
  d <- random_rows(kind, seed)
  d$group <- factor(rep_len(c("a", "b"), nrow(d)))
  d
}

# Two groups small enough to enumerate every assignment of the labels
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

# Nine rows for exact tests, with columns of two groups, three groups and two strata
tiny <- data.frame(
  time = c(1, 2, 2, 3, 4, 5, 5, 6, 7), event = c(1, 1, 0, 1, 0, 1, 1, 0, 1),
  status = factor(c(1, 2, 0, 1, 0, 1, 2, 0, 1), 0:2, c("censored", "failure", "death")),
  two = factor(c("a", "a", "b", "a", "b", "b", "a", "b", "b")),
  three = factor(c("x", "x", "y", "z", "y", "z", "x", "y", "z")),
  stratum = c(1, 1, 1, 1, 1, 2, 2, 2, 2)
)

# The Kaplan-Meier curve of one group, from vectors
km_of <- function(time, event, ...) {
  kaplan_meier(Surv(time, event) ~ 1, data.frame(time = time, event = event), ...)
}

# The rows of a fit at the given times
curve_at <- function(fit, at) summary(fit, times = at)

# Rows with weights `w`, ids and entries; whole weights include 0
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

# Eight rows in two arms, for values by hand
arms <- data.frame(
  month = c(2, 4, 6, 8, 1, 3, 5, 7), death = c(1, 0, 1, 0, 1, 1, 0, 1),
  arm = rep(c("A", "B"), each = 4)
)

# Four rows with two groups and a column name that is not syntactic, for formulas
formula_rows <- data.frame(
  t = c(1, 2, 3, 4), s = c(1, 0, 1, 1), g = c("a", "b", "a", "b"),
  h = c("x", "x", "y", "y"), `odd name` = c(1, 1, 2, 2), check.names = FALSE
)

# The labels of the groups that a formula makes
labels_of <- function(formula, data = formula_rows) {
  levels(tidy(kaplan_meier(formula, data))$strata)
}

# Are the columns of a fit still lazy?
is_lazy <- function(fit) .Call(C_is_later, fit$estimate)
