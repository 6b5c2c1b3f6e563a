# What a page-by-page reading of twelve studies found: each test shows a study on which
# the words or marks are printed and one on which they are not.

test_that("methods say which P was permuted and which were adjusted", {
  three <- three_cohorts()
  assumed <- ", which assume that censoring does not depend on the group"
  same <- "; for the log-rank test all have the same variance[.]$"
  pairs <- "permutations with a fixed seed \\(not in tests of pairs of groups\\)"
  expect_match(test_methods(three, "os"), paste0(pairs, assumed, same))
  expect_match(test_methods(hcc_sbrt, "os"),
    paste0("9999 permutations with a fixed seed", assumed, same)
  )
  expect_no_match(test_methods(clear_difference(300), "os"), "permutation|assume")
  # without groups, P of a model is still one that was not adjusted
  model <- list(structure(list(), method = "Cox regression"))
  bare <- twelve_studies()$times_alone()
  expect_null(adjustment_text(bare, "os", NULL))
  expect_identical(adjustment_text(bare, "os", model),
    "P-values were not adjusted for multiple comparisons."
  )
  expect_match(adjustment_text(three, "os", NULL), "except those in the tables of pairs")
})

test_that("progression-free survival without progression says so", {
  expect_match(no_progression_text(clear_difference(20)),
    "No patient has a date of progression, so progression-free survival equals overall",
    all = FALSE
  )
  expect_length(no_progression_text(hcc_sbrt), 0L)
  expect_length(no_progression_text(twelve_studies()$times_alone()), 0L)
})

test_that("patients without a response are counted once", {
  study <- simulated_tables(60, identity)
  lost <- sum(!best_response(study)$evaluable)
  expect_gt(lost, 1L)
  expect_match(missing_text(study), fixed = TRUE,
    sprintf("analysis of response: %d patients of 60 (not evaluable)", lost)
  )
})

test_that("code is broken between arguments and stays the same code", {
  code <- quote({
    rows <- rows[!is.na(rows[["strategy"]]), ]
    fit <- autoplot(kaplan_meier(Surv(time, status) ~ group, rows), unit = "months",
      xlab = "Months from the first day of SBRT", `own name` = c(`a b` = 1, 2)
    )
    flow_plot(flow_table(study), theme = theme)
  })
  lines <- code_lines(code)
  expect_identical(lines, c(
    "rows <- rows[!is.na(rows[[\"strategy\"]]), ]", "fit <- autoplot(",
    "  kaplan_meier(Surv(time, status) ~ group, rows),", "  unit = \"months\",",
    "  xlab = \"Months from the first day of SBRT\",",
    "  \"own name\" = c(`a b` = 1, 2)", ")",
    "flow_plot(flow_table(study), theme = theme)"
  ))
  again <- as.list(str2expression(paste(lines, collapse = "\n")))
  expect_true(all(mapply(identical, again, as.list(code)[-1L])))
  expect_lte(max(nchar(lines)), 68L)
  # calls inside calls
  words <- paste(rep("\"ten letters\"", 8L), collapse = ",")
  long <- str2lang(sprintf("f(g(%s), 1)", words))
  expect_identical(str2lang(paste(code_lines(long), collapse = "\n")), long)
  expect_lte(max(nchar(code_lines(long))), 68L)
})

test_that("dates and ranges in cells of text stay on one line of a page", {
  table <- data.frame(
    Item = c("until 2020-01-31", "18\u201321", "OP-N"),
    Value = c("22 (16\u201330; 10\u201356)", "a-b", "7"), n = 1:3
  )
  page <- table_html(new_result_table(table, left = "Value"), inline = FALSE)
  page <- paste(page, collapse = "")
  whole <- function(x) sprintf("<span class=\"label\">%s</span>", x)
  for (text in c("2020-01-31", "18\u201321", "16\u201330", "10\u201356")) {
    expect_match(page, whole(text), fixed = TRUE)
  }
  expect_no_match(page, whole("a-b"), fixed = TRUE)
  # a column of short labels does not break; longer ones may
  labels <- data.frame(n = 1:2, Group = c("centre A", "centre B"))
  labels <- cbind(Item = "lymph nodes", labels)
  cells <- table_html(new_result_table(labels, left = "Group"), inline = FALSE)
  cells <- paste(cells, collapse = "")
  expect_match(cells, "<td class=\"label\">centre A</td>", fixed = TRUE)
  expect_match(cells, "<th scope=\"row\">lymph nodes</th>", fixed = TRUE)
  # numbers have cells that never break
  numbers <- new_result_table(data.frame(a = "x", b = "16\u201330"))
  wide <- paste(table_html(numbers, inline = FALSE), collapse = "")
  expect_no_match(wide, whole("16\u201330"), fixed = TRUE)
})

test_that("Word keeps the rows of one label together, and OP-N in heads", {
  body <- data.frame(a = c("x", rep("", 4L), "y", rep("", 4L), "z", rep("", 9L)), b = "1")
  kept <- rows_kept(body)
  expect_identical(which(!kept), c(5L, 10:18, 20L)) # ten rows of z are too many
  expect_true(all(rows_kept(body[1:14, ])))
  expect_identical(rows_kept(data.frame(a = letters[1:20])),
    1:20 %in% c(1L, 19L)
  )
  heads <- word_run("OP-C minus OP-N", bold = TRUE)
  expect_match(heads, "OP</w:t><w:noBreakHyphen/><w:t xml:space=\"preserve\">C minus ",
    fixed = TRUE
  )
  expect_no_match(word_run("OP-C minus OP-N"), "noBreakHyphen")
  expect_no_match(word_run("Progression-free", bold = TRUE), "noBreakHyphen")
  # a label that has room stays on one line: 20 letters of 9 points
  short <- word_layout(data.frame(a = "lymph node or kidney", b = "1"))
  expect_gte(short$widths[1L], 20 * 0.5 * 180)
  expect_identical(short$half_points, 18L)
})

test_that("groups of two columns with the same labels are told apart", {
  patients <- hcc_sbrt$patients
  patients$strategy <- factor(ifelse(is.na(patients$strategy), "OM", "OP"))
  lesions <- hcc_sbrt$lesions
  study <- suppressWarnings(sbrt_study(patients, lesions))
  both <- c("All", "OP (cohort)", "OM (cohort)", "OM (strategy)", "OP (strategy)")
  expect_identical(survival_numbers(study, "os")$Group, both)
  expect_identical(names(flow_numbers(study)), c("Quantity", both))
  expect_identical(response_numbers(study, "patient")$Group, both)
  usual <- c("All", "OP", "OM", "OP-N", "OP-C")
  expect_identical(survival_numbers(hcc_sbrt, "os")$Group, usual)
  expect_identical(names(flow_numbers(hcc_sbrt)), c("Quantity", usual))
})

test_that("a state that nobody reached has no difference of mean times", {
  note <- function(study) {
    paste(state_note(report_states(state_rows_or_null(study), "cohort")), collapse = " ")
  }
  alive <- note(twelve_studies()$all_alive())
  expect_match(alive, "progressed, OM", fixed = TRUE)
  expect_no_match(alive, "dead, OM", fixed = TRUE)
  expect_match(note(hcc_sbrt), "dead, OM", fixed = TRUE)
  # each state is named once, and a group where there are groups
  rows <- state_rows_or_null(hcc_sbrt)
  body <- states_shown(report_states(rows, "cohort"))$body
  expect_identical(body$State[c(2L, 4L)], c("", ""))
  expect_true("Group" %in% names(body))
  expect_false("Group" %in% names(states_shown(report_states(rows, NULL))$body))
})

test_that("items and sections of checklists have signs that print well", {
  strobe <- checklist("strobe", report_sections(hcc_sbrt))
  expect_true(all(c("2\u20133", "12a", "18\u201321") %in% strobe$Item))
  expect_no_match(strobe$Answer, "\"", fixed = TRUE)
  expect_match(strobe$Answer[strobe$Item == "12a"], "^Section \u201cMethods\u201d")
})

test_that("salvage has a table of its own, so that both have type of 8 points or more", {
  tables <- function(study, by = NULL) {
    unname(pattern_table(patterns_or_null(study, by = by)))
  }
  treated <- suppressWarnings(full_study())
  page <- tables(treated, "cohort")
  expect_length(page, 2L)
  expect_match(page[1L], "First failure by site, by cohort: patients and cumulative")
  expect_no_match(page[1L], "[Ss]alvage")
  expect_match(page[2L], "First failure by site, by cohort: salvage", fixed = TRUE)
  expect_match(page[2L], "Salvage: the first SBRT or new line of systemic therapy")
  expect_no_match(page[2L], "Death|months")
  expect_length(tables(hcc_sbrt), 1L)
  whole <- result_table(patterns_or_null(treated, by = "cohort"))
  parts <- list(whole$body[!grepl("Salvage", names(whole$body))],
    salvage_table(whole, grepl("Salvage", names(whole$body)))$body
  )
  sizes <- vapply(parts, function(body) word_layout(body)$half_points, 0L)
  expect_true(all(sizes >= 16L))
  expect_lt(word_layout(whole$body)$half_points, 16L)
  # counts are those of the whole table
  none <- whole$body[["Salvage: none"]][whole$body[[2L]] != "Death"]
  expect_identical(parts[[2L]]$None, none)
})

test_that("a date in a sentence is not divided between lines of a page", {
  expect_identical(bullets("between 2017-01-06 and 2023-06-28.")[2L],
    "- between [2017-01-06]{.label} and [2023-06-28]{.label}."
  )
  expect_identical(bullets("versions 4.2-1 and 12017-01-06")[2L],
    "- versions 4.2-1 and 12017-01-06"
  )
})
