# One picture of each type of figure, compared with a reviewed picture. SVG with
# the fonts of vdiffr is equal on all machines; texts and positions have separate tests.
skip_if_not_installed("ggplot2")
skip_if_not_installed("vdiffr")
skip_on_cran()
# Tests run only with the ggplot2 series that drew the pictures: another series spaces and
# rounds differently, so the pictures must be drawn and reviewed again
skip_if_not(
  utils::packageVersion("ggplot2")[, 1:2] == "4.0", "ggplot2 4.0, which drew the pictures"
)

# Small data, so that the stored pictures are small
hand <- data.frame(
  time = c(1, 2, 3, 4, 5, 6, 2, 3, 5, 7, 8, 9), g = rep(c("a", "b"), each = 6),
  status = c(1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0), id = rep(1:6, 2)
)
hand$cause <- factor(
  c(1, 0, 2, 1, 0, 2, 0, 1, 0, 0, 2, 0), 0:2, c("censored", "failure", "death")
)
by_g <- Surv(time, status) ~ g
causes_by_g <- Surv(time, cause) ~ g
picture <- function(name, figure) vdiffr::expect_doppelganger(name, figure)

test_that("curves look as in the reviewed pictures", {
  fit <- kaplan_meier(by_g, hand)
  picture("survival", curve_plot(fit, p.value = TRUE, median = TRUE, unit = "months"))
  picture("direct labels, thin tails", curve_plot(fit,
    labels = "direct", min_risk = 3, hazard_ratio = TRUE, risk_table = "censored"
  ))
  picture("dark, times, blocks", curve_plot(fit,
    theme = theme_oligosurv(background = "dark"), times = 4, conf.int = FALSE,
    risk_table = c("risk", "events")
  ))
  picture("panels", curve_plot(fit, facet = "group", p.value = TRUE))
  all <- Surv(time, status) ~ 1
  picture("endpoints", curve_plot(list(
    OS = kaplan_meier(all, hand),
    PFS = kaplan_meier(all, transform(hand, time = time / 2))
  )))
  picture("follow-up", curve_plot(follow_up(by_g, hand)))
  picture("conditional", curve_plot(kaplan_meier(all, hand, from = 2)))
  picture("band", curve_plot(survival_band(kaplan_meier(by_g, hand), "equal-precision")))
  picture("base graphics", function() plot(fit, p.value = TRUE, unit = "months"))
  wide <- transform(hand, g = paste(g, "with a name too wide for the margin"))
  picture("wide names", curve_plot(kaplan_meier(by_g, wide), below_min = "stop",
    min_risk = 2
  ))
})

test_that("competing risks look as in the reviewed pictures", {
  fit <- cumulative_incidence(causes_by_g, hand)
  picture("incidence", curve_plot(fit, outcome = fit$outcomes, p.value = TRUE))
  picture("stacked", curve_plot(fit, stacked = TRUE))
  one <- cumulative_incidence(Surv(time, cause) ~ 1, hand)
  picture("naive", curve_plot(one, naive = TRUE))
  ids <- cumulative_incidence(causes_by_g, hand, id = id)
  picture("ids", curve_plot(ids, risk_table = "ids"))
  picture("panels of causes", curve_plot(fit,
    outcome = fit$outcomes, facet = "outcome", p.value = TRUE, labels = "direct"
  ))
})

test_that("figures of response and of the study look as in the reviewed pictures", {
  change <- data.frame(
    best_change_pct = c(30, 5, -20, -45, -100, NA),
    best_response = c("PD", "SD", "SD", "PR", "CR", "NE"), new = c(TRUE, rep(FALSE, 5)),
    on = c(FALSE, FALSE, TRUE, TRUE, FALSE, FALSE)
  )
  picture("waterfall", waterfall_plot(change, new_lesion = "new", ongoing = "on"))
  lines <- data.frame(
    who = rep(c("A", "B"), each = 2), month = c(2, 5, 2, 4), pct = c(-40, -60, 5, 30),
    best = rep(c("PR", "PD"), each = 2), new = c(FALSE, FALSE, FALSE, TRUE)
  )
  picture("spider", spider_plot(lines, "who", "month", "pct", "best", "new"))
  picture("swimmer", swimmer_plot(small_study()))
  flow <- flow_table(hcc_sbrt, screened = 52, excluded = c("no imaging" = 15))
  picture("flow", flow_plot(flow))
  picture("flow of groups", flow_plot(flow_table(hcc_sbrt, by = "cohort")))
})

test_that("figures of comparisons look as in the reviewed pictures", {
  picture("forest", forest_plot(hazard_ratio(by_g, hand)))
  picture("differences", ggplot2::autoplot(rate_difference(by_g, hand, times = c(2, 4))))
  picture("means", ggplot2::autoplot(restricted_mean(by_g, hand, tau = 4)))
  picture("rates", ggplot2::autoplot(response_rate(hcc_sbrt, by = "cohort")))
  picture("forest of rows", forest_plot(data.frame(
    label = c("limits beyond the axis", "a ratio", "none"), estimate = c(1, 2, NA),
    conf.low = c(0, 1.5, NA), conf.high = c(Inf, 2.5, NA), p.value = c(0.5, 1e-4, NA)
  )))
  picture("test", ggplot2::autoplot(logrank_test(by_g, hand)))
  three <- transform(hand, g = rep(c("a", "b", "c"), 4))
  picture("pairs", ggplot2::autoplot(pairwise_test(by_g, three)))
})
