# Prints the published numbers next to those of `hcc_sbrt` and stops at the first
# difference. The numbers are computed here with survival, which shares no code with this
# package; tests/testthat/test-study-data.R computes them with the package's own
# estimators.

groups <- function(rows) {
  list(
    overall = rep(TRUE, nrow(rows)), OP = rows$cohort == "OP", OM = rows$cohort == "OM",
    "OP-N" = rows$strategy %in% "OP-N", "OP-C" = rows$strategy %in% "OP-C"
  )
}

# The same value for each of the named groups.
by_group <- function(rows, names, value) {
  vapply(groups(rows)[names], function(mine) value(rows[mine, ]), 0)
}

km_median <- function(rows, event = rows$status) {
  fit <- survival::survfit(survival::Surv(rows$time, event) ~ 1)
  unname(stats::quantile(fit, 0.5)$quantile)
}

two_years <- function(rows) {
  fit <- survival::survfit(survival::Surv(rows$time, rows$status) ~ 1)
  if (!any(rows$status == "local failure")) return(0)
  100 * summary(fit, times = 24, extend = TRUE)$pstate[, fit$states == "local failure"]
}

logrank_p <- function(rows) {
  rows <- rows[!is.na(rows$strategy), ]
  formula <- survival::Surv(time, status) ~ strategy
  stats::pchisq(survival::survdiff(formula, rows)$chisq, 1, lower.tail = FALSE)
}

os <- endpoint(hcc_sbrt, "os")
pfs <- endpoint(hcc_sbrt, "pfs")
failure <- endpoint(hcc_sbrt, "local_failure")
all_groups <- names(groups(os))
rate <- function(...) {
  x <- response_rate(hcc_sbrt, ...)
  100 * x$estimate[x$outcome == "objective response"]
}
grade_3 <- subset(toxicity_table(hcc_sbrt), term == "Any adverse event")$grade_3_plus_pct

row <- function(what, group, published, recomputed, digits = 1L) {
  shown <- ifelse(is.na(recomputed), "NR", sprintf("%.*f", digits, recomputed))
  data.frame(what, group, published, recomputed = shown, equal = published == shown)
}

checked <- rbind(
  row("patients", all_groups, c("37", "28", "9", "12", "16"),
    by_group(os, all_groups, nrow), 0L
  ),
  row("lesions", all_groups[1:3], c("65", "48", "17"),
    by_group(endpoint(hcc_sbrt, "local_failure", "lesion"), all_groups[1:3], nrow), 0L
  ),
  row("median follow-up, months", "overall", "32.8", km_median(os, 1 - os$status)),
  # Published as 55.5 for OM: 5/9 was truncated, not rounded.
  row("objective response, patients, %", all_groups[1:3], c("47.2", "44.4", "55.6"),
    c(rate(), rate(by = "cohort"))
  ),
  row("objective response, lesions, %", "overall", "64.7", rate(level = "lesion")),
  row("2-year local failure, %", all_groups[1:3], c("3.0", "4.0", "0.0"),
    by_group(failure, all_groups[1:3], two_years)
  ),
  row("median PFS, months", all_groups, c("11.2", "11.2", "10.2", "11.6", "16.5"),
    by_group(pfs, all_groups, km_median)
  ),
  row("median OS, months", all_groups, c("34.9", "32.6", "NR", "NR", "32.6"),
    by_group(os, all_groups, km_median)
  ),
  row("log-rank P, PFS", "OP-N against OP-C", "0.89", logrank_p(pfs), 2L),
  row("log-rank P, OS", "OP-N against OP-C", "0.47", logrank_p(os), 2L),
  row("grade 3 toxicity, %", c("acute", "late"), c("40.5", "5.4"), grade_3),
  row("patients with grade 4 or 5", "overall", "0",
    sum(hcc_sbrt$adverse_events$grade > 3), 0L
  )
)
print(checked, row.names = FALSE, right = FALSE)
stopifnot(all(checked$equal))
