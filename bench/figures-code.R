# The figures that bench/figures.R draws: one function a figure and package, named
# <figure>_<package>. The article of the site shows them as they are written here. Others'
# texts are set to the size of print by their own arguments.
lung <- survival::lung
lung <- within(subset(lung, ph.ecog < 3), {
  months <- time / 30.4375
  died <- status == 2
  ecog <- factor(paste("ECOG", ph.ecog))
  sex <- factor(sex, 1:2, c("Male", "Female"))
})
pbc <- within(subset(survival::pbc, !is.na(trt)), {
  years <- time / 365.25
  event <- factor(status, 0:2, c("censored", "Transplant", "Death"))
  trt <- factor(trt, 1:2, c("D-penicillamine", "Placebo"))
})
print_size <- function() {
  ggplot2::theme(
    text = ggplot2::element_text(size = 8), axis.text = ggplot2::element_text(size = 7),
    axis.title = ggplot2::element_text(size = 8),
    legend.text = ggplot2::element_text(size = 7), legend.position = "bottom"
  )
}

# Three groups with hazard ratios -----------------------------------------------------

groups_oligosurv <- function() {
  fit <- kaplan_meier(Surv(months, died) ~ ecog, lung)
  curve_plot(fit, p.value = TRUE, hazard_ratio = TRUE, unit = "months")
}

groups_ggsurvfit <- function() {
  # hazard ratios have to be written by hand
  ggsurvfit::survfit2(Surv(months, died) ~ ecog, lung) |>
    ggsurvfit::ggsurvfit(linewidth = 0.5) +
    ggsurvfit::add_confidence_interval() +
    ggsurvfit::add_censor_mark(size = 1) +
    ggsurvfit::add_pvalue(size = 2.6) +
    ggsurvfit::add_risktable(
      risktable_stats = "{n.risk} ({cum.event})", size = 2.4,
      stats_label = list("{n.risk} ({cum.event})" = "At risk (events)"),
      theme = ggsurvfit::theme_risktable_default(7, 7)
    ) +
    ggsurvfit::scale_ggsurvfit(x_scales = list(breaks = seq(0, 30, 6))) +
    ggplot2::labs(x = "Time (months)") + print_size()
}

groups_survminer <- function() {
  # hazard ratios have to be written by hand
  fit <- survival::survfit(Surv(months, died) ~ ecog, lung)
  survminer::ggsurvplot(fit, lung,
    conf.int = TRUE, pval = TRUE, risk.table = "nrisk_cumevents", break.time.by = 6,
    xlab = "Time (months)", legend.labs = levels(lung$ecog), legend = "bottom",
    fontsize = 2.4, pval.size = 2.6, size = 0.5, censor.size = 2,
    risk.table.height = 0.35, ggtheme = ggplot2::theme_classic(8) + print_size(),
    tables.theme = survminer::theme_cleantable(8) + print_size()
  )
}

# Two causes in two groups ------------------------------------------------------------

causes_oligosurv <- function() {
  fit <- cumulative_incidence(Surv(years, event) ~ trt, pbc)
  curve_plot(fit, outcome = c("Transplant", "Death"), p.value = TRUE, unit = "years")
}

causes_ggsurvfit <- function() {
  survival::survfit(Surv(years, event) ~ trt, pbc) |>
    ggsurvfit::ggcuminc(outcome = c("Transplant", "Death"), linewidth = 0.5) +
    ggsurvfit::add_confidence_interval() +
    ggsurvfit::add_risktable(
      risktable_stats = "{n.risk} ({cum.event})", size = 2.4,
      stats_label = list("{n.risk} ({cum.event})" = "At risk (events)"),
      theme = ggsurvfit::theme_risktable_default(7, 7)
    ) +
    ggsurvfit::scale_ggsurvfit(x_scales = list(breaks = seq(0, 12, 2))) +
    ggplot2::labs(x = "Time (years)") + print_size()
}

causes_survminer <- function() {
  fit <- survival::survfit(Surv(years, event) ~ trt, pbc)
  survminer::ggcompetingrisks(fit, xlab = "Time (years)",
    ggtheme = ggplot2::theme_classic(8)
  ) + print_size()
}

# A panel for each stratum ------------------------------------------------------------

panels_oligosurv <- function() {
  fit <- kaplan_meier(Surv(months, died) ~ sex + strata(ecog), lung)
  curve_plot(fit, facet = "stratum", p.value = TRUE, unit = "months")
}

panels_ggsurvfit <- function() {
  # a table of those at risk does not work with panels
  ggsurvfit::survfit2(Surv(months, died) ~ sex + ecog, lung) |>
    ggsurvfit::tidy_survfit() |>
    transform(
      sex = sub(",.*", "", strata), ecog = sub(".*, *", "", strata)
    ) |>
    ggplot2::ggplot(ggplot2::aes(time, estimate, colour = sex, fill = sex)) +
    ggplot2::geom_ribbon(ggplot2::aes(ymin = conf.low, ymax = conf.high),
      alpha = 0.2, colour = NA
    ) +
    ggplot2::geom_step(linewidth = 0.5) +
    ggplot2::facet_wrap("ecog") +
    ggsurvfit::theme_ggsurvfit_default() + print_size()
}

panels_survminer <- function() {
  fit <- survival::survfit(Surv(months, died) ~ sex, lung)
  survminer::ggsurvplot_facet(fit, lung,
    facet.by = "ecog", conf.int = TRUE, pval = TRUE, pval.size = 2.6, size = 0.5,
    censor.size = 2, xlab = "Time (months)", break.time.by = 12,
    ggtheme = ggplot2::theme_classic(8)
  ) + print_size()
}

# Forest plot -------------------------------------------------------------------------

forest_oligosurv <- function() {
  fit <- hazard_ratio(Surv(months, died) ~ sex + ecog + age, lung)
  forest_plot(fit, favours = c("Longer survival", "Shorter survival"))
}

forest_forestploter <- function() {
  fit <- summary(survival::coxph(Surv(months, died) ~ sex + ecog + age, lung))
  rows <- as.data.frame(cbind(fit$conf.int[, -2], p = fit$coefficients[, 5]))
  names(rows) <- c("hr", "low", "high", "p")
  shown <- data.frame(
    Variable = c("Female vs male", "ECOG 1 vs 0", "ECOG 2 vs 0", "Age"),
    N = c(90, 113, 50, 226), Events = c(53, 82, 44, 163),
    " " = strrep(" ", 20),
    "HR (95% CI)" = sprintf("%.2f (%.2f to %.2f)", rows$hr, rows$low, rows$high),
    P = format.pval(rows$p, 2, 0.001), check.names = FALSE
  )
  forestploter::forest(shown,
    est = rows$hr, lower = rows$low, upper = rows$high, ci_column = 4, ref_line = 1,
    x_trans = "log", arrow_lab = c("Longer survival", "Shorter survival"),
    theme = forestploter::forest_theme(base_size = 8)
  )
}

forest_survminer <- function() {
  fit <- survival::coxph(Surv(months, died) ~ sex + ecog + age, lung)
  survminer::ggforest(fit, data = lung, fontsize = 0.55)
}
