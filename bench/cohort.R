# Rows for bench/peers.R and bench/memory.R: about ten years, two arms, two causes, about
# a third censored. times: "days", or "continuous" with almost no ties
cohort <- function(rows, times) {
  set.seed(rows)
  arm <- sample.int(2L, rows, replace = TRUE)
  exit <- rexp(rows, c(1 / 1000, 1 / 1200)[arm])
  last <- runif(rows, 0, 3650)
  event <- as.integer(exit <= last)
  days <- pmin(exit, last)
  cause <- event * (1L + (runif(rows) < 0.4))
  data.frame(
    time = if (times == "days") ceiling(days) else days, event = event,
    status = factor(cause, 0:2, c("censored", "failure", "death")),
    arm = factor(arm, 1:2, c("A", "B"))
  )
}

# With 1e8 rows memory is too small to copy a data frame: only time, event and arm
long_cohort <- function(rows, times) {
  block <- cohort(min(rows, 1e6), "days")
  set.seed(rows)
  list(
    time = if (times == "days") rep_len(block$time, rows) else runif(rows, 0, 3650),
    event = rep_len(block$event, rows), arm = structure(
      rep_len(as.integer(block$arm), rows),
      levels = levels(block$arm), class = "factor"
    )
  )
}
