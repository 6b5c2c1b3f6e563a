# result_table(): numbers, notes, styles of p-values.

results <- all_results()
body_of <- function(x, ...) as.data.frame(result_table(x, ...))

test_that("curves: numbers of tidy() and glance(), rounded, in cells", {
  x <- body_of(results$km, unit = "months")
  at <- tidy(results$km, times = 24)
  expect_named(x, c(
    "Group", "N", "Events", "Median, months (95% CI)", "At 12 months, % (95% CI)",
    "At 24 months, % (95% CI)"
  ))
  expect_identical(x$Group, c("OP", "OM"))
  expect_identical(x[[4]][2], "NR (4.6\u2013NR)")
  expect_identical(x[[6]][1], sprintf("%.1f (%.1f\u2013%.1f)", 100 * at$estimate[1],
    100 * at$conf.low[1], 100 * at$conf.high[1]
  ))
  one <- body_of(kaplan_meier(Surv(1:4, c(1, 1, 0, 1)) ~ 1), times = 2)
  expect_identical(one[["At time 2, % (95% CI)"]], "50.0 (6.8\u201393.2)")
})

test_that("a table of lesions counts lesions and patients; an outcome is named once", {
  x <- body_of(results$lesions)
  expect_named(x)
  expect_identical(x$Lesions, c("48", "17", "48", "17"))
  expect_identical(x$Patients, c("28", "9", "28", "9"))
  expect_identical(x$Outcome, c("local failure", "", "death", ""))
})

test_that("notes name estimator, variance, interval and test", {
  notes <- function(name) paste(result_table(results[[name]])$notes, collapse = " ")
  expect_match(notes("km"), "Kaplan-Meier; Greenwood-type variance; 95% small-sample")
  expect_match(notes("lesions"), "Aalen-Johansen; Robust .* 65 lesions in 37 patients")
  expect_match(notes("logrank"), "Log-rank test; two-sided chi-square P")
  expect_match(notes("logrank"), "9999 permutations")
  expect_match(notes("pairs"), "Gray's test; P adjusted by Holm")
  expect_match(notes("rates"), "MOVER \\(mid-p\\)")
  expect_match(notes("means"), "95% beta intervals")
  expect_match(notes("cox"), "Cox regression, Efron ties. .*Proportional hazards")
  expect_match(notes("causes"), "Firth")
  expect_match(notes("response"), "Clopper-Pearson")
  expect_match(notes("of_lesions"), "design effect")
  expect_match(notes("toxicity"), "day 0 to 90")
})

test_that("tests and contrasts: numbers and p in the style asked for", {
  x <- body_of(results$logrank, style = "jama")
  expect_identical(x$P[1], format_p_value(results$logrank$p.value, "jama"))
  expect_identical(x$P[2], "")
  rates <- body_of(results$rates, unit = "months", style = "lancet")
  expect_identical(rates$Group[5], "OM \u2212 OP")
  expect_identical(rates$P[1], "")
  expect_match(rates[[3]], "\u00b7")
  lost <- body_of(results$lost)
  expect_match(lost$P[5], "^(>0|[01])[.]")
  expect_identical(body_of(results$cox)$Covariate, "cohort: OM against OP")
  toxicity <- body_of(results$toxicity)
  expect_false("Grade 4" %in% names(toxicity))
  expect_identical(toxicity[["Grade 3 or more, n (%)"]][1:2], c("12 (42.9)", "3 (33.3)"))
})

test_that("edges: no event, one subject, one group, an empty group", {
  none <- body_of(kaplan_meier(Surv(1:3, c(0, 0, 0)) ~ 1), times = c(2, 9))
  expect_identical(none[[4]], "NR (0.0\u2013NR)") # 0.025^(1/3) is below 1/2 at time 0
  expect_match(none[[5]], "^100.0 \\([0-9.]+\u2013100.0\\)$")
  expect_identical(none[[6]], "\u2013")
  expect_identical(nrow(body_of(kaplan_meier(Surv(1, 1) ~ 1))), 1L)
  empty <- factor(c("a", "a"), c("a", "b"))
  expect_identical(body_of(kaplan_meier(Surv(1:2, c(1, 0)) ~ empty))$N, c("2", "0"))
  undefined <- logrank_test(Surv(c(1, 2), c(0, 0)) ~ c("a", "b"))
  expect_identical(body_of(undefined)$P, c("\u2013", ""))
  expect_match(result_table(undefined)$notes, "not defined", all = FALSE)
})

test_that("a data frame, custom captions, and objects without a table", {
  x <- result_table(data.frame(a = "b", n = 3L, x = c(1.25, NA)), caption = "A title",
    notes = c("1", "2")
  )
  expect_identical(x$body$x, c("1.2", ""))
  expect_identical(x$body$n, c("3", "3"))
  expect_identical(x$left, "a")
  expect_identical(x$caption, "A title")
  expect_identical(x$notes, c("1", "2"))
  error <- expect_error(result_table(results$km, notes = 1), "`notes` must be text",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "notes")
  expect_error(result_table(mean), "must be a result", class = "oligosurv_error_input")
  expect_error(result_table(results$km, times = -1), class = "oligosurv_error_domain")
  expect_error(result_table(results$km, style = "x"), class = "oligosurv_error_input")
  expect_error(result_table(results$km, timse = 1), "timse",
    class = "oligosurv_error_input"
  )
  means <- aggregate(x ~ g, data.frame(x = c(1, 2, 4, 6), g = c("a", "a", "b", "b")),
    function(v) c(mean = mean(v), sd = stats::sd(v))
  )
  expect_identical(
    as.list(as.data.frame(result_table(means, digits = 2))),
    list(g = c("a", "b"), x.mean = c("1.50", "5.00"), x.sd = c("0.71", "1.41"))
  )
})

test_that("the print is as expected", {
  expect_snapshot(result_table(results$km, unit = "months"))
})

test_that("one-sample, combined, bootstrap, dose, states and sizes: numbers and notes", {
  all <- all_results()
  table <- function(name, ...) result_table(all[[name]], ...)
  one <- table("one_sample")
  expect_identical(one$body$Observed, "17")
  expect_match(one$notes[1], "exact Poisson limits")
  many <- table("maxcombo")$body
  expect_identical(many$P[5], format_p_value(all$maxcombo$p.value))
  expect_match(table("maxcombo")$notes[1], "joint normal distribution")
  drawn <- table("bootstrap", unit = "months")
  expect_identical(names(drawn$body)[3], "Estimate, months (95% CI)")
  expect_match(drawn$body[[3]][1], "^32\\.6 ")
  expect_match(drawn$notes[1], "percentile intervals")
  answer <- table("difference")$body
  # 5 of 9 minus 12 of 27 is 1 of 9
  expect_match(answer[[5]][1], "^11\\.1 ")
  expect_identical(answer$First[1], "5 of 9 (55.6%)")
  bands <- table("bands")
  expect_match(bands$notes[2], "Trend, Gray's test for trend.*: z = .*, P = ")
  states <- table("states")$body
  expect_identical(states[[2]][states$State == "Not decided"], "1 (33.3)")
  # A'Hern 2001: 25 patients, at least 6 responses
  expect_identical(table("size")$body$Value[c(1, 3)], c("25", "6"))
})
