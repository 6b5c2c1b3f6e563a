# Rscript .dev/limits.R [filter]: measures the processor time, in seconds, between a time
# limit and its error: the largest of several measurements in each long operation. R
# reacts to an interrupt at the same polls. Processor time is used because other programs
# may slow this one down. ROWS=<number> sets the number of rows, a million by default.

suppressPackageStartupMessages(library(oligosurv))
n <- as.double(Sys.getenv("ROWS", "1e6"))
moments <- 6L
d <- withr::with_seed(1, data.frame(
  time = stats::rexp(n, 0.1), event = rep_len(c(1L, 0L, 1L), n),
  arm = factor(sample(c("A", "B", "C"), n, TRUE)), two = factor(sample(1:2, n, TRUE)),
  id = sample(n %/% 3, n, TRUE), x = stats::rnorm(n), w = stats::runif(n) + 0.5
))
d$status <- factor(rep_len(c(0L, 1L, 2L, 1L, 0L), n), 0:2, c("alive", "failed", "dead"))
d$start <- d$time / 2
text_id <- paste0("P", d$id)
some <- d[seq_len(0.3 * n), ]
few <- utils::head(d, 300L)
long <- utils::head(d, 4000L)
wide <- matrix(withr::with_seed(2, stats::rnorm(4000 * 400)), 4000)
one <- Surv(time, event) ~ arm
more <- Surv(time, status) ~ arm
late <- Surv(start, time, event) ~ arm
curve <- kaplan_meier(one, d)
incidence <- cumulative_incidence(more, some)
file <- tempfile(fileext = ".csv")
utils::write.csv(d[c("time", "event", "arm")], file, row.names = FALSE)

operations <- list(
  `Kaplan-Meier by id` = function() kaplan_meier(one, d, id = id),
  `by id, text` = function() kaplan_meier(one, d, id = text_id),
  `by id, delayed entry` = function() kaplan_meier(late, some, id = id),
  `delayed entry` = function() kaplan_meier(late, d),
  `exact limits` = function() tidy(kaplan_meier(one, some, conf.type = "exact")),
  `sampling weights` = function() {
    kaplan_meier(one, d, weights = w, weight_type = "sampling")
  },
  `tidy` = function() tidy(kaplan_meier(one, d)),
  `incidence` = function() tidy(cumulative_incidence(more, d)),
  `incidence by id` = function() cumulative_incidence(more, some, id = id),
  `as_survfit` = function() as_survfit(curve),
  `as_survfit, causes` = function() as_survfit(incidence),
  `stream` = function() event_table_stream(file, "time", "event", group = "arm"),
  `log-rank by id` = function() logrank_test(one, d, id = id),
  `Gray's test` = function() gray_test(more, d),
  `Gray's test by id` = function() gray_test(more, some, id = id),
  `MaxCombo` = function() maxcombo_test(Surv(time, event) ~ two, d),
  `permutations` = function() {
    logrank_test(one, few, method = "permutation", n_permutations = 3e5)
  },
  `restricted mean by id` = function() restricted_mean(one, some, tau = 20, id = id),
  `differences` = function() rate_difference(one, d, times = 1:9),
  `differences at many times` = function() rate_difference(one, few, times = seq_len(n)),
  `pseudo-values` = function() pseudo_values(one, some, times = c(2, 5, 9)),
  `influence` = function() influence_values(more, some, times = c(2, 5, 9)),
  `bootstrap` = function() bootstrap_interval(one, few, n_resamples = 20000),
  `band` = function() survival_band(curve, "equal-precision"),
  `Cox` = function() hazard_ratio(Surv(time, event) ~ arm + x, some),
  `Cox by id` = function() hazard_ratio(Surv(time, event) ~ arm + x, some, id = id),
  `Fine-Gray` = function() {
    hazard_ratio(Surv(time, status) ~ arm + x, some, model = "fine-gray")
  },
  `Cox, 400 coefficients` = function() hazard_ratio(Surv(time, event) ~ wide, long),
  `Fine-Gray, 200 coefficients` = function() {
    hazard_ratio(Surv(time, status) ~ wide[, 1:200], long, model = "fine-gray")
  },
  `simulated study` = function() simulate_study(20000)
)
filter <- commandArgs(trailingOnly = TRUE)
if (length(filter)) operations <- operations[grepl(filter[1], names(operations))]

used <- function() sum(proc.time()[1:2])
stopped_after <- function(code, seconds) {
  gc(FALSE)
  from <- used()
  setTimeLimit(cpu = seconds, transient = TRUE)
  on.exit(setTimeLimit())
  error <- tryCatch({
    code()
    NULL
  }, error = identity)
  if (is.null(error)) return(0)
  stopifnot(grepl("time limit", conditionMessage(error)))
  used() - from - seconds
}
for (name in names(operations)) {
  code <- operations[[name]]
  from <- used()
  suppressMessages(code())
  whole <- used() - from
  waits <- vapply(seq(0.04, 0.96, length.out = moments) * whole, function(seconds) {
    suppressMessages(stopped_after(code, seconds))
  }, 0)
  cat(sprintf("%-24s takes %5.2f s, late at most %5.2f s%s\n", name, whole, max(waits),
    if (max(waits) > 0.2) "  more than 0.2 s" else ""
  ))
}
