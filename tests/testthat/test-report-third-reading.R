# What a third reading of rendered reports found, in sentences, tables and figures: each
# where it is printed, and where it is not.

third_studies <- twelve_studies()

test_that("a figure says that curves are dimmed only where they are", {
  skip_if_not_installed("ggplot2", "3.5.0")
  caption <- function(rows, ...) {
    curve_plot(kaplan_meier(Surv(time, status) ~ 1, rows), ...)$labels$caption
  }
  rows <- data.frame(time = c(1, 2, 3, 4, 5), status = c(1, 1, 0, 1, 0))
  expect_match(caption(rows, min_risk = 3), "^Curves are dimmed once fewer than 3 are at")
  expect_match(caption(rows, min_risk = 3, below_min = "stop"), "^Curves end once fewer")
  rows$time <- c(1, 2, 3, 3, 3) # three are at risk at the end
  expect_null(caption(rows, min_risk = 3))
  expect_null(caption(rows, min_risk = 3, below_min = "stop"))
})

test_that("stacked areas are dimmed where few are at risk, and say so", {
  skip_if_not_installed("ggplot2", "3.5.0")
  fit <- cumulative_incidence(
    Surv(time, status) ~ 1, endpoint(hcc_sbrt, "local_failure")
  )
  areas <- function(p) lapply(layer_of(p, "GeomRibbon"), function(x) range(x$x))
  dimmed <- curve_plot(fit, stacked = TRUE, min_risk = 3)
  expect_match(dimmed$labels$caption, "^Areas are dimmed once fewer than 3 are at risk")
  parts <- areas(dimmed)
  expect_length(parts, 2L)
  expect_identical(parts[[1L]][2L], parts[[2L]][1L]) # one begins where the other ends
  expect_equal(parts[[2L]][2L], max(endpoint(hcc_sbrt, "local_failure")$time))
  pale <- layer_of(dimmed, "GeomRibbon")[[2L]]$alpha
  expect_identical(unique(pale), pale_area)
  expect_length(areas(curve_plot(fit, stacked = TRUE)), 1L)
})

test_that("areas of states are dimmed by the patients still under observation", {
  skip_if_not_installed("ggplot2", "3.5.0")
  rows <- study_states(hcc_sbrt)
  fit <- state_occupation(Surv(entry, time, status) ~ cohort, rows,
    id = patient_id, from = from
  )
  p <- ggplot2::autoplot(fit, min_risk = 3)
  expect_match(p$labels$caption, "^Areas are dimmed once fewer than 3 are under observat")
  first <- tapply(p$data$time[p$data$thin], p$data$strata[p$data$thin], min)
  for (group in names(first)) {
    ids <- rows$patient_id[rows$cohort == group]
    last <- tapply(rows$time[rows$cohort == group], ids, max)
    expect_lt(sum(last >= first[[group]]), 3)
    at <- p$data$time[p$data$strata == group & !p$data$thin]
    expect_gte(sum(last >= max(at)), 3)
  }
  none <- ggplot2::autoplot(fit)
  expect_null(none$labels$caption)
  expect_false(any(none$data$thin))
  expect_identical(none$data[names(none$data) != "thin"],
    p$data[names(p$data) != "thin"]
  )
})

test_that("the report dims its areas, except in groups of one or two patients", {
  expect_identical(min_risk_of(c(3, 10)), list(min_risk = 3))
  expect_null(min_risk_of(c(2, 10)))
  skip_if_not_installed("ggplot2", "3.5.0")
  skip_if_not_installed("knitr")
  code <- function(study) {
    page <- list2env(list(study = study, figures = list()))
    page$folder <- withr::local_tempdir()
    pattern_section(page)
    state_sections(page)
    vapply(page$figures, function(figure) paste(deparse(figure$code), collapse = ""), "")
  }
  many <- code(hcc_sbrt)
  expect_length(many, 3L)
  expect_match(many, "min_risk = 3", fixed = TRUE)
  two <- code(hcc_sbrt[1:2, ])
  expect_gt(length(two), 0L)
  expect_no_match(two, "min_risk", fixed = TRUE)
})

test_that("a flow in one column begins at the left, columns of groups in the middle", {
  skip_if_not_installed("ggplot2")
  left <- function(by, study = hcc_sbrt) {
    boxes <- fit_flow(flow_rows(flow_table(study, by = by)), 500, Inf, 7.2, text_guess)
    min(boxes$xmin)
  }
  expect_identical(left(NULL), 0)
  expect_identical(left(NULL, third_studies$clear()), 0)
  expect_gt(left("strategy", third_studies$clear()), 20)
})

test_that("a flow in which nobody is left out has no column for it", {
  columns <- function(study) names(result_table(flow_table(study))$body)
  expect_true("Left out" %in% columns(hcc_sbrt))
  expect_false("Left out" %in% columns(third_studies$clear()))
})

test_that("limits of differences do not look like 0 unless they are 0", {
  expect_identical(decimals_from_zero(c(-5.4, 1.2), 1L), 1L)
  expect_identical(decimals_from_zero(c(-5.4, 0.04), 1L), 2L)
  expect_identical(decimals_from_zero(c(-5.4, 0), 1L), 1L)
  expect_identical(decimals_from_zero(c(-5.4, 1e-9), 1L), 3L) # no more than three
  expect_identical(decimals_from_zero(c(NA, 0.4), 0L), 1L)
  expect_identical(difference_cell(-2.7, -5.4, 1.2), "\u22122.7\n\u22125.4 to 1.2")
  expect_identical(difference_cell(-0.7, -1.4, -0.04),
    "\u22120.70\n\u22121.40 to \u22120.04"
  )
})

test_that("an interval that just has room in its column of Word is not broken", {
  cell <- "6.20 (2.65\u201314.50)"
  need <- 1.2 * 10 * 18 * text_em(cell) + 230
  broken <- function(width) {
    grepl(torn, keep_ranges(cell, list(widths = width, half_points = 18L)))
  }
  expect_false(broken(as.integer(need))) # rounded down
  expect_true(broken(as.integer(need) - 20L))
})

test_that("code of a figure is one block, which pages do not divide", {
  figures <- list(
    list(caption = "Figure 1. A.", code = quote(f(study))),
    list(caption = "Figure 2. B.", code = quote(g("<a>\n&b")))
  )
  word <- figure_code(figures, to = "word")
  expect_identical(lengths(gregexpr("<w:keepLines/>", word)), 3L)
  expect_match(word, "CommentTok\"/></w:rPr><w:t xml:space=\"preserve\"># Figure 1<")
  expect_match(word, "g(&quot;&lt;a&gt;\\n&amp;b&quot;)", fixed = TRUE)
  for (to in c("html", "latex")) {
    expect_identical(lengths(gregexpr("````r\n", figure_code(figures, to = to))), 3L)
  }
  expect_match(latex_head, "\\fvset{samepage}", fixed = TRUE, all = FALSE)
  page <- readLines(system.file("rmarkdown/page.css", package = "oligosurv"))
  expect_match(page, "figure, pre, .*break-inside: avoid", all = FALSE)
})

test_that("a long title of an axis has several lines, a short one has one", {
  skip_if_not_installed("ggplot2", "3.5.0")
  skip_if_not_installed("knitr")
  title <- function(what) {
    page <- list2env(list(study = hcc_sbrt, figures = list()))
    page$folder <- withr::local_tempdir()
    failure_figure(page, what = what)
    as.list(page$figures[[1L]]$code[[3L]])$ylab
  }
  expect_identical(title("late_toxicity"), "Late toxicity of\ngrade 3 or more")
  expect_identical(title("local_failure"), "Local failure")
})

test_that("confounding is controlled if the groups are covariates of the models", {
  answer <- function(study, covariates = NULL) {
    x <- checklist("strobe", report_sections(study, covariates))
    x$Answer[x$Item == "12a"]
  }
  asked <- "Section \u201cMethods\u201d. To be added by the authors: how confounding was"
  # the strategies are compared, but are not among the covariates
  clear <- third_studies$clear()
  expect_match(answer(clear), asked, fixed = TRUE)
  expect_identical(answer(clear, c("strategy", "age")),
    "Sections \u201cMethods\u201d and \u201cModels\u201d"
  )
  expect_match(answer(clear, "strategy"), asked, fixed = TRUE)
})

test_that("patients without follow-up are missing in the states, and named", {
  text <- function(study) {
    rows <- state_rows_or_null(study)
    states <- c("without progression", "progressed", "dead")
    gsub("\\", "", state_text(rows, states, nrow(study$patients)), fixed = TRUE)
  }
  expect_match(text(hcc_sbrt), "^37 patients were .* progressed and dead[.] The pr")
  alive <- which(is.na(hcc_sbrt$patients$death_date))[1:2]
  seen <- function(n) {
    study <- hcc_sbrt
    i <- alive[seq_len(n)]
    study$patients$last_contact[i] <- study$patients$sbrt_start[i]
    study$patients$progression_date[i] <- NA
    text(study)
  }
  one <- "^36 patients .*; 1 patient without follow-up after SBRT was left out[.] The"
  expect_match(seen(1L), one)
  expect_match(seen(2L), "; 2 patients without follow-up after SBRT were left out[.] The")
})

test_that("heads, notes and columns of text in tables", {
  expect_identical(unbroken(c("P (PH)", "P")), c("P\u00a0(PH)", "P"))
  fit <- report_states(study_states(hcc_sbrt), "cohort")
  expect_match(state_note(fit)[2L], "^Differences of mean times [(]95% CI[)]: without pr")
  expect_length(state_note(report_states(study_states(hcc_sbrt), NULL)), 1L)
  # a column of text of LaTeX is as wide as its text, up to 60% of the line
  column <- function(n) {
    lines <- table_latex(new_result_table(data.frame(Item = 1, Text = strrep("a", n))))
    sub(".*p[{]([0-9.]+).*", "\\1", grep("p{", lines, fixed = TRUE, value = TRUE))
  }
  expect_identical(column(41L), "0.45")
  expect_identical(column(90L), "0.60")
  expect_identical(column(40L), character())
})
