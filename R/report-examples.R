# Small example objects, two or more of each class. with_object() compares objects
# that a user may have changed with them.

example_objects <- function() {
  quiet <- function(expr) suppressWarnings(suppressMessages(expr))
  d <- data.frame(
    time = c(1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12), event = rep(c(1, 0, 1), 4),
    status = factor(c(1, 0, 2, 1, 0, 1, 2, 0, 1, 2, 1, 0), 0:2, c("none", "a", "b")),
    two = rep(c("a", "b"), 6), three = rep(c("a", "b", "c"), 4), id = rep(1:6, 2L),
    entry = rep(0:1, 6) / 2, number = rep(1:3, each = 4L),
    half = rep(c("l", "m"), each = 6L)
  )
  sparse <- d # no event in one group, so that estimates are infinite and limits missing
  sparse$event[d$two == "b"] <- 0
  sparse$status[d$two == "b"] <- "none"
  quiet(c(examples_of_rows(d), examples_of_study(), examples_of_variants(d),
    examples_of_variants(sparse), variant_models(d)
  ))
}

examples_of_rows <- function(d) {
  formulas <- list(Surv(time, event) ~ two, Surv(time, event) ~ three)
  causes <- list(Surv(time, status) ~ two, Surv(time, status) ~ three)
  fits <- lapply(formulas, kaplan_meier, d)
  rates <- function(f, ...) lapply(c(formulas, causes), f, d, ...)
  c(
    fits, lapply(formulas, kaplan_meier, d, id = rep(1:6, 2L)),
    lapply(causes, cumulative_incidence, d), lapply(formulas, follow_up, d),
    lapply(fits, survival_band), lapply(fits, summary, times = 3),
    lapply(fits, cumulative_hazard), lapply(formulas, logrank_test, d),
    lapply(causes, gray_test, d), lapply(formulas[c(1L, 1L)], maxcombo_test, d),
    lapply(formulas, pairwise_test, d),
    lapply(formulas, one_sample_test, d, hazard = 0.1),
    rates(rate_difference, 3), rates(restricted_mean, tau = 5), rates(hazard_ratio),
    lapply(causes, hazard_ratio, d, model = "fine-gray"), lapply(fits, result_table),
    examples_of_models(formulas, causes, d),
    lapply(c(12, 24), function(m) {
      sample_size("logrank", hazard_ratio = 0.5, median = m, follow_up = 12)
    }),
    list(
      late_group(d$two, rep(1, 12)), late_group(d$three, rep(1, 12)),
      recist(), recist(TRUE), mrecist(), visits(), curve_options(), curve_options(TRUE)
    )
  )
}

# Examples of predicted curves, scores and states
examples_of_models <- function(formulas, causes, d) {
  d$score <- d$time %% 5
  d$risk <- d$score / 5
  ratios <- c(lapply(formulas, hazard_ratio, d), lapply(causes, hazard_ratio, d))
  scores <- list(Surv(time, event) ~ score, Surv(time, status) ~ score + time)
  risks <- list(Surv(time, event) ~ risk, Surv(time, event) ~ risk + I(risk / 2))
  c(
    lapply(ratios, stats::predict, d[1:3, ]), lapply(ratios[1:2], summary),
    Map(adjusted_curves, ratios, by = c("two", "three", "two", "three")),
    lapply(scores, concordance_index, d), lapply(risks, brier_score, d, times = 5),
    lapply(risks, calibration, d, times = 5, groups = 2),
    lapply(formulas, state_occupation, d),
    lapply(causes, event_table, d, from = "alive"), lapply(formulas, event_table, d)
  )
}

examples_of_study <- function() {
  study <- oligosurv::hcc_sbrt
  studies <- list(study[1:18, ], study[19:37, ])
  each <- function(f, ...) lapply(studies, f, ...)
  known <- list(
    prior_polymetastatic = FALSE, prior_oligometastatic = FALSE, months_to_omd = 3,
    systemic_therapy = FALSE, progressive_lesions = 1, lesions = 2
  )
  c(
    list(study), studies, each(summary), each(endpoint, "os"), each(dose_table),
    each(baseline_table, by = "cohort"), each(dose_response, times = 12),
    each(failure_pattern, by = "cohort"), each(flow_table), each(toxicity_table),
    each(response_rate, by = "cohort"), each(response_difference, by = "cohort"),
    list(do.call(omd_class, known), do.call(omd_class, lapply(known, rep, 2L)))
  )
}

# Examples with other arguments and formulas, whose components have other kinds
examples_of_variants <- function(d) {
  one <- Surv(time, event) ~ two
  more <- Surv(time, status) ~ two
  late <- Surv(entry, time, event) ~ two
  late_more <- Surv(entry, time, status) ~ two
  all <- c(one, more, late, late_more)
  sides <- list(. ~ 1, . ~ two + strata(half), . ~ number)
  others <- unlist(lapply(all, function(f) lapply(sides, stats::update, old = f)))
  each <- function(formulas, f, ...) lapply(formulas, f, d, ...)
  curves <- function(f, formulas) {
    c(
      each(formulas, f, times = c(1, 5)), each(formulas, f, conf.type = "none"),
      each(formulas, f, id = "id"), each(formulas, f, id = "id", times = 3),
      each(formulas, f, weights = "number", weight_type = "sampling")
    )
  }
  c(
    each(c(one, late), kaplan_meier), each(c(one, late), kaplan_meier, from = 2),
    each(c(more, late_more), cumulative_incidence),
    curves(kaplan_meier, c(one, late)), curves(cumulative_incidence, c(more, late_more)),
    each(others, event_table), each(others, restricted_mean, tau = 3),
    with_fixed_seed(lapply(c("rate", "quantile"), function(what) {
      bootstrap_interval(one, d, what, times = if (what == "rate") 3, n_resamples = 200)
    })),
    each(c(one, late), logrank_test, trend = TRUE), each(c(one, late), logrank_test),
    each(c(more, late_more), gray_test, id = "id"), each(c(more, late_more), gray_test),
    each(c(more, late_more), gray_test, trend = TRUE)
  )
}

# Regressions with every kind of covariate, with strata, ids, weights and penalties
variant_models <- function(d) {
  formulas <- list(
    Surv(time, event) ~ 1, Surv(time, status) ~ 1, Surv(entry, time, event) ~ 1,
    Surv(entry, time, status) ~ 1
  )
  sides <- list(. ~ two, . ~ number + offset(entry), . ~ two * number + strata(half))
  each <- function(formulas, ...) {
    unlist(lapply(formulas, function(f) {
      lapply(sides, function(g) hazard_ratio(stats::update(f, g), d, ...))
    }), recursive = FALSE)
  }
  c(
    each(formulas), each(formulas[c(1L, 4L)], id = "id"),
    each(formulas[1:2], firth = TRUE),
    each(formulas[3:4], weights = "number", weight_type = "sampling"),
    each(formulas[c(2L, 4L)], model = "fine-gray"),
    each(formulas[2L], model = "fine-gray", id = "id")
  )
}
