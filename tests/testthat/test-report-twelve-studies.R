# Twelve studies of other shapes: their sentences have numbers, the right plural, and name
# nothing that the study does not have.

test_that("methods and main results fit the study", {
  skip_on_cran() # takes seconds
  studies <- twelve_studies()
  small <- studies[setdiff(names(studies), c("published", "many"))]
  text <- lapply(small, function(make) {
    study <- suppressMessages(make())
    paste(c(key_text(study), methods_text(study), abbreviations_used(study)),
      collapse = " "
    )
  })
  for (name in names(text)) {
    expect_no_match(text[[name]], info = name,
      "\\bNA\\b|NaN|NULL|\\b1 (patients|lesions|adverse events)|  +[a-z]| [,;.]|%[sd]"
    )
  }
  groups <- "Comparison of groups|MOVER|between [cgs]|P-values"
  for (name in c("one_arm", "times_alone", "lesions_alone", "one_patient")) {
    expect_no_match(text[[name]], groups)
  }
  expect_match(text[["three_cohorts"]], "tables of pairs of groups, by Holm")
  expect_no_match(text[["no_response"]], "esponse|RECIST|NE:")
  expect_no_match(text[["no_toxicity"]], "oxicity")
  expect_no_match(text[["times_alone"]], "SBRT|esion|rogression|oxicity|Aalen")
  expect_no_match(text[["lesions_alone"]], "urvival|ollow-up:|Kaplan|SBRT")
  expect_match(text[["all_alive"]], "Median overall survival was not reached")
  expect_match(text[["one_patient"]], "1 patient with 2 lesions was treated")
  clear <- paste(strategy_text(studies$clear()), collapse = " ")
  expect_match(clear, "0.001")
  expect_no_match(clear, "large P|equivalent")
})
