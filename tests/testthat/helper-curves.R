# Rows, and direct computations for comparison, for the tests of predicted and adjusted
# curves.

curve_data <- function(n, seed) {
  withr::local_seed(seed)
  d <- data.frame(
    x = stats::rnorm(n), g = sample(c("a", "b", "c"), n, TRUE),
    s = sample(c("u", "v"), n, TRUE), time = ceiling(stats::rexp(n) * 12),
    id = sample(seq_len(max(2, n %/% 3)), n, TRUE)
  )
  d$ev <- factor(sample(0:2, n, TRUE), 0:2, c("censored", "relapse", "death"))
  d$dead <- as.integer(d$ev != "censored")
  d$entry <- pmax(0, d$time - 1 - stats::rpois(n, 6))
  d
}

tight <- survival::coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 50)

# The value of a step function at given times
step_at <- function(time, value, at, start) c(start, value)[findInterval(at, time) + 1]

# Cumulative hazards [times, rows of new] of a coxph() fit to rows of curve_data()
cox_hazards <- function(fit, new, at) {
  lp <- stats::predict(fit, new, reference = "zero")
  base <- lapply(c("u", "v"), function(s) {
    survival::survfit(fit, newdata = data.frame(x = 0, g = "a", s = s), se.fit = FALSE)
  })
  vapply(seq_along(lp), function(i) {
    b <- base[[match(new$s[i], c("u", "v"))]]
    step_at(b$time, b$cumhaz, at, 0) * exp(lp[[i]])
  }, at + 0)
}

# Derivatives of f(weights) with respect to the weight of each of n rows, as a matrix
# [values, n]
by_weight <- function(f, n, h = 1e-5) {
  vapply(seq_len(n), function(i) {
    w <- rep(1, n)
    up <- f(replace(w, i, 1 + h))
    (up - f(replace(w, i, 1 - h))) / (2 * h)
  }, f(rep(1, n)))
}

# A Cox fit of curve_data() with case weights
weighted_cox <- function(formula, d, w, ties = "efron") {
  d$.w <- w
  environment(formula) <- environment()
  suppressWarnings(
    survival::coxph(formula, d, weights = .w, ties = ties, control = tight)
  )
}
