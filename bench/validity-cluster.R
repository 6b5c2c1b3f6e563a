# Size of clustered tests on lesions beside the tests that take lesions as independent:
# patients of two equal groups, 1-5 lesions each, a gamma frailty of the patient on local
# failure and on death, no difference between groups. Writes validity-cluster.csv.
# Rscript bench/validity-cluster.R [sets]

library(oligosurv)

sets <- as.integer(c(commandArgs(TRUE), 10000)[1])

# Death of the patient ends the follow-up of all lesions; times in months
one_cohort <- function(n_patient) {
  frailty <- stats::rgamma(n_patient, 1, 1)
  death <- stats::rexp(n_patient, 0.03 * frailty)
  censor <- stats::runif(n_patient, 12, 72)
  patient <- rep(seq_len(n_patient), sample(5, n_patient, TRUE))
  failure <- stats::rexp(length(patient), 0.02 * frailty[patient])
  time <- pmin(failure, death[patient], censor[patient])
  cause <- ifelse(time == failure, 1, ifelse(time == death[patient], 2, 0))
  data.frame(
    time, patient, group = rep_len(c("A", "B"), n_patient)[patient],
    status = factor(cause, 0:2, c("censored", "local failure", "death"))
  )
}

p_values <- function(d) {
  p <- function(test) glance(test)$p.value
  any <- Surv(time, status != "censored") ~ group
  by_cause <- Surv(time, status) ~ group
  naive <- p(gray_test(by_cause, d))
  clustered <- p(gray_test(by_cause, d, id = patient))
  c(
    "log-rank, any event, naive" = p(logrank_test(any, d)),
    "log-rank, any event, clustered" = p(logrank_test(any, d, id = patient)),
    "Gray, local failure, naive" = naive[1],
    "Gray, local failure, clustered" = clustered[1],
    "Gray, death, naive" = naive[2], "Gray, death, clustered" = clustered[2]
  )
}

set.seed(20260726)
result <- do.call(rbind, lapply(c(37, 60), function(n_patient) {
  p <- vapply(seq_len(sets), function(i) p_values(one_cohort(n_patient)), double(6))
  rejected <- rowMeans(p < 0.05)
  data.frame(
    test = rownames(p), patients = n_patient, sets, rejected,
    monte_carlo_se = sqrt(rejected * (1 - rejected) / sets), row.names = NULL
  )
}))
print(result, digits = 3)
utils::write.csv(result, file.path("bench", "validity-cluster.csv"), row.names = FALSE)
