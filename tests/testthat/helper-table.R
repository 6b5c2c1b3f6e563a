# One result of each class that has a table
all_results <- function() {
  os <- endpoint(hcc_sbrt, "os")
  failure <- endpoint(hcc_sbrt, "local_failure")
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  by <- Surv(time, status) ~ cohort
  list(
    km = kaplan_meier(by, os, times = c(12, 24)),
    cif = cumulative_incidence(by, failure, times = 24),
    lesions = cumulative_incidence(by, lesions, id = patient_id),
    follow_up = follow_up(Surv(time, status) ~ 1, os), logrank = logrank_test(by, os),
    gray = gray_test(by, failure), pairs = pairwise_test(by, failure, test = gray_test),
    rates = rate_difference(by, os, times = c(12, 24)),
    means = restricted_mean(by, os, tau = 24),
    lost = restricted_mean(by, failure, tau = 24),
    occupation = state_occupation(by, failure, tau = 24, times = 12),
    cox = hazard_ratio(by, os), causes = hazard_ratio(by, failure),
    response = response_rate(hcc_sbrt, by = "cohort"),
    of_lesions = response_rate(hcc_sbrt, level = "lesion"),
    toxicity = toxicity_table(hcc_sbrt, by = "cohort"),
    baseline = baseline_table(hcc_sbrt, by = "cohort"), flow = flow_table(hcc_sbrt),
    dose = dose_table(hcc_sbrt), bands = dose_response(hcc_sbrt),
    one_sample = one_sample_test(Surv(time, status) ~ 1, os, hazard = 0.01),
    maxcombo = maxcombo_test(by, os),
    bootstrap = withr::with_seed(1, bootstrap_interval(by, os, n_resamples = 50)),
    concordance = concordance_index(hazard_ratio(by, os), os),
    brier = brier_score(Surv(time, status) ~ cbind(0.3, 0.6 + 0 * time), os, c(12, 24)),
    calibrated = calibration(Surv(time, status) ~ I(1 / (1 + time)), os, 12, groups = 2),
    optimism = withr::with_seed(1, bootstrap_optimism(by, os, n_resamples = 39)),
    difference = response_difference(hcc_sbrt, by = "cohort"),
    states = omd_class(
      prior_polymetastatic = c("no", "yes", NA), prior_oligometastatic = "no",
      months_to_omd = c(2, 30, 9), systemic_therapy = "yes", progressive_lesions = "no"
    ),
    size = sample_size("single-arm", p0 = 0.1, p1 = 0.3)
  )
}

# Text with special characters of HTML, Markdown, LaTeX or Word
nasty <- c(
  "<script>alert(1)</script>", "a | b & c_d % $e$ #f ~g ^h \\i {j} `k` \"l\" 'm' [n] *o*",
  "\u4e2d\u6587", strrep("x", 200), "```", "</w:t>", "\\end{table}"
)
