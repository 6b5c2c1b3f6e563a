# The sentences of the report, each with a study for which it is printed and one for which
# it is not.

said <- function(...) paste(unlist(list(...)), collapse = " ")

lesion_times <- function(longest) {
  sbrt_study(data.frame(patient_id = 1:3), data.frame(
    patient_id = 1:3, lesion_id = 1, local_failure_time = c(1, 2, longest),
    local_failure_status = c(1, 0, 0)
  ), time_unit = "months")
}

without <- function(...) {
  tables <- small_tables()
  for (column in c(...)) tables$patients[[column]] <- NULL
  tables
}

test_that("who was treated: with dates or without, one or more", {
  expect_identical(treated_sentence(small_study()),
    "4 patients with 5 lesions were treated; the first day of SBRT was 2021-01-01."
  )
  expect_match(treated_sentence(hcc_sbrt), "first days of SBRT were between 2017-01-06")
  expect_identical(treated_sentence(times_study()), "4 patients were analysed.")
  expect_identical(treated_sentence(times_study(1, 1)), "1 patient was analysed.")
})

test_that("main results: a sentence for each result, none for what was not recorded", {
  text <- said(key_text(hcc_sbrt))
  for (part in c(
    "Median overall survival was 34.9 months (95% CI 21.2 to 69.1)",
    "Overall survival at 24 months was 70.9% (95% CI 49.5 to 86.0)",
    "Median follow-up was 32.8 months", "Median progression-free survival was 11.2",
    "seen in 17 of 36 evaluable patients, 47.2% (95% CI 30.4 to 64.5)",
    "local failure of any lesion of a patient at 24 months was 3.0%",
    "Acute toxicity of grade 3 or more occurred in 15 of 37 patients, 40.5%",
    "Late toxicity of grade 3 or more occurred in 2 of 37 patients, 5.4%"
  )) expect_match(gsub("\\\\", "", gsub("\u00a0", " ", text)), part, fixed = TRUE)
  text <- said(key_text(times_study(status = c(1, 1, 1, 0))))
  expect_no_match(text, "rogression|esponse|failure|oxicity|12 months")
  expect_match(text, "Median overall survival was 2\\\\?.5 months")
  # nobody died: the median is not reached
  expect_match(said(key_text(times_study(status = 0))), "survival was not reached")
  # all died: no patient tells how long the follow-up was
  died <- times_study(status = 1)
  expect_match(said(key_text(died)), "follow-up cannot be estimated, because all .* died")
  expect_identical(follow_up_numbers(died)[["Median follow-up, months"]], "not estimable")
  # nobody was followed for six months: no rate at that time
  expect_null(key_failure(lesion_times(5), "local_failure"))
  expect_match(key_failure(lesion_times(7), "local_failure")$Sentence, "at 6 months was")
})

test_that("a table says what NR, dashes and second lines mean, if it has them", {
  expect_null(legend_of(data.frame(a = "1.0")))
  expect_identical(legend_of(data.frame(a = c("NR", "1"))), "NR: not reached.")
  expect_identical(legend_of(data.frame(a = "\u2013")),
    "Dash: follow-up ended before that time."
  )
  expect_match(legend_of(data.frame(a = "1\n0 to 2")), "^Below each number its 95%")
  # LaTeX has the interval in brackets behind the number
  expect_match(legend_of(data.frame(a = "1\n0 to 2"), "latex"), "^In brackets: 95%")
  expect_identical(interval_place("difference"),
    "Below each difference its 95% confidence interval."
  )
})

test_that("methods name the estimators and intervals of this study's curves", {
  few <- said(methods_text(times_study()))
  expect_match(few, "Overall survival: Kaplan-Meier")
  expect_match(few, "curves: exact limits from the beta product[.]")
  expect_no_match(few, "log-log|Aalen|coverage|Gray|test|MOVER|Hazard")
  many <- said(methods_text(times_study(60, 1)))
  expect_match(many, "up to the fifth event .* else log-log limits")
  expect_no_match(many, "groups of up to 50")
  # 60 in all, 30 in each group
  both <- said(methods_text(times_study(60, 1, cohort = rep(c("x", "y"), 30))))
  expect_match(both, "in groups of up to 50 patients; in larger ones")
  # 60 in one group, 10 in the other
  few <- said(methods_text(times_study(70, 1, cohort = rep(c("x", "y"), c(60, 10)))))
  expect_match(few, "in groups of up to 50 patients; in larger ones")
  # 65 lesions of 37 patients: patients count
  expect_match(said(methods_text(hcc_sbrt)), "exact limits from the beta product[.]")
  lesions <- said(methods_text(small_study()))
  expect_match(lesions, "Local failure of lesions: .*jackknife.* 5 lesions in 4 patients")
  expect_match(lesions, "Local failure: cumulative incidence, Aalen\\\\?-Johansen")
})

test_that("times: computed from dates, converted, or as recorded", {
  expect_match(said(methods_text(small_study())), "computed in days; a month is 30.4375")
  expect_match(said(methods_text(times_study())), "Times were recorded in months")
  converted <- said(methods_text(times_study(unit = "days")))
  expect_match(converted, "A month is 30.4375 days, a week 7")
  expect_no_match(converted, "computed in days|recorded in months")
})

test_that("tests are named only where groups were compared", {
  text <- said(methods_text(small_study()))
  expect_match(text, "log-rank test and Gray's test with two-sided P")
  expect_match(text, "9999 permutations")
  expect_match(text, "not adjusted for multiple comparisons[.]")
  # survival alone: no Gray; large groups: no permutations
  large <- said(methods_text(two_strategies(60, 1)))
  expect_match(large, "Comparison of groups: log-rank test with")
  expect_no_match(large, "Gray|permutations")
  expect_match(large, "differences between strategies")
  cohorts <- said(methods_text(times_study(cohort = c("x", "y", "x", "y"))))
  expect_match(cohorts, "log-rank")
  expect_no_match(cohorts, "between strategies")
  three <- said(methods_text(times_study(cohort = c("x", "y", "z", "y"))))
  expect_match(three, "except those in the tables of pairs of groups, by Holm's")
  expect_no_match(said(methods_text(times_study())), "P-values|Comparison of groups")
})

test_that("response and toxicity: as recorded or derived, or nothing", {
  text <- said(methods_text(small_study()))
  expect_match(text, "evaluable patients or lesions, as recorded in the tables")
  expect_match(text, "Toxicity: worst grade")
  expect_match(text, "effective sample size")
  expect_no_match(text, "Duration of response")
  full <- suppressWarnings(do.call(sbrt_study, full_tables()))
  expect_match(said(methods_text(full)), "Duration of response: of responders by RECIST")
  single <- small_tables()
  single$lesions <- single$lesions[single$lesions$lesion_id == "1", ]
  expect_no_match(said(methods_text(do.call(sbrt_study, single))), "effective sample")
  tables <- without("best_response", "best_change_pct")
  tables$lesions$best_response <- NULL
  tables$adverse_events <- tables$adverse_events[0, ]
  none <- suppressWarnings(do.call(sbrt_study, tables))
  expect_no_match(said(methods_text(none)), "Response:|Toxicity:")
  expect_match(said(methods_text(none)), "adverse events not recorded")
})

test_that("missing data are counted, or there were none", {
  text <- said(missing_text(small_study()))
  expect_match(text, fixed = TRUE, paste(
    "Those with missing data or without an evaluable response were left out of the",
    "analysis of response: 1 patient of 4 (not evaluable), and of the"
  ))
  expect_match(text, "comparisons by strategy: 1 patient without one", fixed = TRUE)
  expect_match(text, "response of lesions: 1 lesion of 5 (not evaluable)", fixed = TRUE)
  expect_no_match(text, "[Nn]o patient was left out")
  expect_match(missing_text(times_study()), "No patient was left out of an analysis")
  expect_no_match(said(data_text(small_study())), "excluded")
})

test_that("a large P is not equivalence; a small P is not called large", {
  text <- said(strategy_text(hcc_sbrt))
  expect_match(text, "With 12 patients \\\\?[(]OP-N[)] and 16 patients \\\\?[(]OP-C[)]")
  expect_match(text, "not evidence that the strategies are equivalent: small groups")
  apart <- said(strategy_text(two_strategies(150, 5)))
  expect_match(apart, "log\\\\?-rank P\\W+0\\W+001 for overall")
  expect_no_match(apart, "equivalent|little power")
  # both limits on one side: said once
  expect_match(apart, "from [0-9]+ to [0-9]+ percentage points lower than|lower than")
  expect_no_match(apart, "lower to [0-9]+ percentage points lower")
  # a large P in large groups: the power is not called small
  same <- said(strategy_text(two_strategies(150, 1)))
  expect_match(same, "strategies are equivalent[.]")
  expect_no_match(same, "little power")
})

test_that("when the strategy was chosen is said only with a date", {
  text <- said(landmark_text(two_strategies(20, 1)))
  expect_match(text, "If the strategy was chosen after the first day of SBRT")
  known <- two_strategies(20, 1, strategy_date = rep(c("2020-02-01", "2019-12-01"), 20))
  text <- said(landmark_text(known))
  expect_match(text, "was chosen after the first day of SBRT in 20 of 40 patients with a")
  expect_no_match(text, "If the strategy")
  before <- two_strategies(20, 1, strategy_date = "2019-12-01")
  expect_no_match(said(landmark_text(before)), "immortal time[.]|If the strategy was")
})

test_that("conclusions are those of the publication", {
  expect_match(said(conclusion_text()), "The publication .* concludes that")
  expect_match(said(conclusion_text()), "neither support nor contradict")
})

test_that("models are named as fitted; one of all covariates needs ten events each", {
  withr::local_seed(3)
  n <- 80
  study <- times_study(n, rep(c(1, 1, 0), length.out = n),
    age = round(stats::rnorm(n, 65, 8)), ecog = rep(c("0", "1"), n / 2),
    constant = "x", id_like = paste0("k", seq_len(n))
  )
  covariates <- model_covariates(study)
  expect_identical(unname(covariates), c("Age", "ECOG"))
  models <- model_numbers(study)
  expect_identical(models$Covariate, c("Age", "ECOG: 1 against 0"))
  peer <- survival::coxph(survival::Surv(os_time, os_status == "death") ~ age,
    study$patients
  )
  shown <- formatC(exp(stats::coef(peer)), digits = 2, format = "f")
  expect_match(models[[5L]][1L], paste0("^", shown))
  joint <- joint_numbers(study)
  expect_identical(nrow(joint), 2L) # 54 events, 2 coefficients
  expect_identical(joint_text(study), character())
  expect_match(model_methods(list(models, joint)), "Cox regression, Efron ties, with W")
  expect_no_match(model_methods(list(models)), "Firth")
  few <- times_study(12, rep(c(1, 0), 6), age = 60:71, ecog = rep(c("0", "1"), 6))
  expect_null(joint_numbers(few))
  expect_match(said(joint_text(few)), "2 coefficients need 20 events .*there are 6")
  one <- times_study(12, rep(1:0, c(1, 11)), age = 60:71, ecog = rep(c("0", "1"), 6))
  expect_match(said(joint_text(one)), "and there is 1[.]")
  # without events nothing is estimated
  none <- times_study(12, 0, age = 60:71, ecog = rep(c("0", "1"), 6))
  expect_null(model_numbers(none))
  expect_match(said(model_notes(study, models)), "covariate known.*numeric.*average")
  whole <- said(model_notes(study, joint, joint = TRUE))
  expect_match(whole, "one for the whole model")
  expect_no_match(said(model_notes(study, joint, "ecog")), "for one unit|Dash")
  expect_match(said(model_notes(study, data.frame(P = no_value))), "Dash: not estimable")
  expect_null(model_numbers(times_study()))
  expect_null(model_methods(list(NULL, NULL)))
  expect_identical(names(model_covariates(study, "ecog")), "ecog")
  # no event in a group
  none <- times_study(20, rep(c(1, 0), 10), cohort = rep(c("x", "y"), 10))
  expect_match(model_methods(list(model_numbers(none))), "Firth")
})

test_that("an axis that ends below 100% says so", {
  skip_if_not_installed("ggplot2")
  env <- new.env()
  env$study <- small_study()
  env$figures <- list()
  failure_figure(env)
  expect_no_match(env$figures[[1]]$caption, "axis ends")
  env$study <- hcc_sbrt
  failure_figure(env, "2A")
  expect_match(env$figures[[2]]$caption, "^Figure 2[.] .* The axis ends at 50%[.]$")
  env$is_published <- TRUE
  failure_figure(env, "2A")
  expect_match(env$figures[[3]]$caption, "Figure 2A of the publication[.]$")
})

test_that("failures have a section if there was one; what cannot be computed is said", {
  expect_identical(failures_of(small_study()), character())
  full <- suppressWarnings(do.call(sbrt_study, full_tables()))
  expect_true(all(c("distant_failure", "next_therapy") %in% failures_of(full)))
  expect_false("late_toxicity" %in% failures_of(full)) # no late event of grade 3
  expect_true("late_toxicity" %in% failures_of(hcc_sbrt))
  expect_identical(failed_endpoints(full), character())
  expect_true(has_duration(full))
  expect_false(has_duration(small_study()))
  lost <- full_tables()
  lost$patients$intrahepatic_failure_date <- NULL
  lost$assessments$site <- NA
  lost <- suppressWarnings(do.call(sbrt_study, lost))
  expect_match(failed_endpoints(lost), "Intrahepatic failure was left out: ", all = FALSE)
})

test_that("the rows of each table are counted", {
  expect_identical(data_text(full_study()), paste(
    "4 patients, 5 lesions, 3 adverse events, 3 SBRT courses, 7 lesion assessments,",
    "5 systemic treatments, 5 liver function tests"
  ))
  expect_identical(data_text(times_study(1, 1)), "1 patient")
})

test_that("the columns of a rule are in quotes that all formats print", {
  text <- gsub("\\", "", rule_text(times_study(), "os"), fixed = TRUE)
  expect_match(text, "recorded in \u201cos_time\u201d (months) and", fixed = TRUE)
  expect_no_match(text, "`", fixed = TRUE)
})

test_that("abbreviations are those that the report uses", {
  expect_match(abbreviations_used(hcc_sbrt), "; CR: complete response; PR: ")
  expect_no_match(abbreviations_used(hcc_sbrt), "ALBI")
  expect_match(abbreviations_used(full_study()), "ALBI: albumin-bilirubin; INR: ")
  expect_no_match(
    abbreviations_used(do.call(sbrt_study, without("best_change_pct"))), "CR:"
  )
  expect_match(abbreviations_used(hcc_sbrt), "SBRT: stereotactic .*BED: .*SMD: .*PD: ")
  expect_identical(abbreviations_used(times_study()), "CI: confidence interval.")
})

test_that("checklists: cleaning and models are claimed only where they are", {
  plain <- report_sections(times_study())
  record <- checklist("record", plain)
  expect_no_match(record$Answer[record$Item == "12.2"], "Section")
  tables <- small_tables()
  tables$lesions$dose_gy[1] <- "10"
  doubtful <- suppressWarnings(do.call(sbrt_study, tables))
  record <- checklist("record", report_sections(doubtful))
  expect_match(record$Answer[record$Item == "12.2"], "Section \u201cMethods\u201d",
    fixed = TRUE
  )
  strobe <- checklist("strobe", plain)
  of <- function(item) strobe$Answer[strobe$Item == item]
  expect_match(of("15"), "Section \u201cOverall survival\u201d", fixed = TRUE)
  expect_match(of("12b"), "no section on this")
  expect_match(of("4"), "To be added by the authors: the design")
  expect_no_match(of("9"), "Section")
  remark <- checklist("remark", report_sections(hcc_sbrt))
  expect_match(remark$Answer[remark$Item == "16"], "^Section \u201cModels\u201d$")
  expect_match(remark$Answer[remark$Item == "4"], "^To be added")
})

test_that("where responses come from, and a single lesion in each patient", {
  expect_identical(response_origin(hcc_sbrt),
    "Responses are those recorded in the tables."
  )
  tables <- full_tables()
  tables$lesions$best_response <- NULL
  mixed <- suppressWarnings(do.call(sbrt_study, tables))
  expect_match(response_origin(mixed),
    "of patients are those recorded .*; responses of lesions are derived from"
  )
  expect_match(said(response_source_words(c(patient = "given", lesion = "recist"))),
    "as recorded in the tables [(]patients[)] and by RECIST 1.1 .* [(]lesions[)]"
  )
  expect_identical(response_source_words(c(patient = "given")),
    "as recorded in the tables"
  )
})

test_that("with one lesion in each patient, lesions have the exact interval", {
  # 2 of 3: Clopper-Pearson 0.094 to 0.992
  study <- sbrt_study(
    data.frame(patient_id = 1:3, os_time = 1:3, os_status = 1),
    data.frame(patient_id = 1:3, lesion_id = 1, best_response = c("PR", "CR", "SD")),
    time_unit = "months"
  )
  expect_identical(response_numbers(study, "lesion")[["Objective response, %"]],
    "66.7\n9.4\u201399.2"
  )
  expect_no_match(said(methods_text(study)), "effective sample")
})

test_that("P that is not defined is a sentence of its own", {
  words <- c("progression-free survival", "overall survival")
  expect_identical(stated_p(c(NA, NA), words), paste(
    "the log-rank P is not defined for progression-free survival and overall survival"
  ))
  text <- stated_p(c(0.4, NA), words)
  expect_match(text, "^log-rank P\u00a0.* for progression-free .*; it is not defined for")
  expect_no_match(stated_p(c(0.4, 0.2), words), "defined")
})

test_that("limits that are not reached are words in a sentence", {
  x <- data.frame(conf.low = 2, conf.high = NA_real_)
  expect_identical(with_interval("3", x),
    "3 (95%\u00a0CI\u00a02.0\u00a0to\u00a0not\u00a0reached)"
  )
  expect_match(said(key_text(times_study())), "to\u00a0not\u00a0reached")
})

test_that("rules count patients, not rows", {
  full <- suppressWarnings(do.call(sbrt_study, full_tables()))
  text <- rule_text(full, "duration_of_response")
  expect_match(text, "left out: [0-9]+ patients? without a response")
})

test_that("pairs of groups have a caption and a note in the words of the report", {
  study <- times_study(30, rep(c(1, 1, 0), 10), cohort = rep(c("x", "y", "z"), each = 10))
  page <- as.character(pair_tests(study, "os", logrank_test))
  expect_match(page, "Overall survival: pairs of cohorts", fixed = TRUE)
  expect_match(page, "Log-rank test; P adjusted", fixed = TRUE)
  expect_no_match(page, "Status:|Pairs of 3")
})

test_that("negative numbers of a table have a minus sign", {
  page <- as.character(report_table(data.frame(a = c("-0.23", "OP-N"))))
  expect_match(page, "\u22120.23", fixed = TRUE)
  expect_match(page, "OP-N", fixed = TRUE)
})
