# Every path of the decision tree: each row has one set of answers and its state. "-" is
# a question that is not on the path.
tree <- utils::read.csv(strip.white = TRUE, text = "poly,oligo,months,drug,growing,state
  no,no,0,-,-,synchronous oligometastatic disease
  no,no,6,-,-,synchronous oligometastatic disease
  no,no,6.01,no,-,metachronous oligorecurrence
  no,no,60,yes,-,metachronous oligoprogression
  no,yes,-,no,-,repeat oligorecurrence
  no,yes,-,yes,yes,repeat oligoprogression
  no,yes,-,yes,no,repeat oligopersistence
  yes,-,-,no,-,induced oligorecurrence
  yes,-,-,yes,yes,induced oligoprogression
  yes,-,-,yes,no,induced oligopersistence")

ask_tree <- function(rows, ...) {
  known <- function(x) ifelse(x == "-", NA, x)
  omd_class(
    prior_polymetastatic = known(rows$poly), prior_oligometastatic = known(rows$oligo),
    months_to_omd = as.numeric(known(rows$months)), systemic_therapy = known(rows$drug),
    progressive_lesions = known(rows$growing), ...
  )
}

test_that("every path of the published tree ends in its state", {
  x <- ask_tree(tree)
  expect_identical(as.character(x$state), tree$state)
  expect_identical(sort(unique(as.character(x$state))), sort(omd_states))
  expect_identical(x$unanswered, rep(NA_character_, 10))
  expect_identical(as.character(x$history),
    rep(c("de-novo", "repeat", "induced"), c(4, 3, 3))
  )
  # only the answers on the path are returned
  asked <- as.data.frame(x)[c(
    "prior_polymetastatic", "prior_oligometastatic", "months_to_omd",
    "systemic_therapy", "progressive_lesions"
  )]
  expect_identical(unname(is.na(as.matrix(asked))), unname(as.matrix(tree[1:5] == "-")))
})

test_that("answers to questions off the path change nothing", {
  for (other in c("yes", "no")) {
    rows <- tree
    rows[1:5] <- lapply(rows[1:5], function(v) ifelse(v == "-", other, v))
    rows$months <- ifelse(tree$months == "-", if (other == "yes") 1 else 99, tree$months)
    x <- ask_tree(rows)
    expect_identical(as.character(x$state), tree$state)
    expect_identical(x$path, ask_tree(tree)$path)
  }
})

test_that("a question without an answer is named, and the first one only", {
  for (i in seq_len(nrow(tree))) {
    for (name in names(tree)[1:5][tree[i, 1:5] != "-"]) {
      rows <- tree[i, ]
      rows[[name]] <- "-"
      x <- ask_tree(rows)
      expect_true(is.na(x$state))
      expect_identical(x$unanswered, names(x)[match(name, names(tree)) + 2L])
    }
  }
})

test_that("cohorts of the study follow from state and number of lesions", {
  x <- ask_tree(tree)
  expect_identical(as.character(x$cohort), c(
    "OM", "OM", "OM", "OP", NA, "OP", NA, NA, "OP", NA
  ))
  expect_true(all(is.na(ask_tree(tree, lesions = 6)$cohort)))
  expect_identical(ask_tree(tree, lesions = 5)$cohort, x$cohort)
  expect_identical(as.character(ask_tree(tree, lesions = 6, max_lesions = 6)$cohort[1]),
    "OM"
  )
})

test_that("data frames and studies give the same, months from their days", {
  study <- small_study()
  study$patients$diagnosis_date <- as.Date(c(
    "2020-07-02", "2020-07-01", "2015-01-01", "2020-12-01"
  ))
  study$patients$omd_date <- as.Date(c(NA, NA, "2015-02-01", NA))
  study$patients[c("prior_polymetastatic", "prior_oligometastatic")] <- "no"
  study$patients$systemic_therapy <- c(NA, "yes", "no", NA)
  study$patients$progressive_lesions <- NA
  # 183 days are 6.01 months, 184 days 6.05; in C the time to OMD is 31 days
  x <- omd_class(study, month = "days")
  expect_identical(x$patient_id, study$patients$patient_id)
  expect_identical(as.character(x$state[2:4]), tree$state[c(4, 1, 1)])
  expect_identical(x$unanswered[1], "systemic_therapy")
  expect_equal(x$months_to_omd, c(183, 184, 31, 31) / 30.4375)
  expect_identical(
    omd_class(study, synchronous_months = 7, month = "days")$state[1], x$state[3]
  )
  # by the calendar: 2 July to 1 January is one of 31 days short of 6 months, 1 July is 6
  calendar <- omd_class(study)
  expect_equal(calendar$months_to_omd, c(5 + 30 / 31, 6, 1, 1), tolerance = 1e-12)
  expect_identical(as.character(calendar$state), rep(tree$state[1], 4))
  rows <- study$patients
  names(rows)[names(rows) == "systemic_therapy"] <- "drug"
  expect_identical(omd_class(rows, systemic_therapy = "drug")$state, calendar$state)
  expect_error(omd_class(rows), "no column `systemic_therapy`",
    class = "oligosurv_error_input"
  )
})

test_that("answers in other forms, one row, none", {
  one <- function(...) {
    omd_class(
      prior_oligometastatic = FALSE, months_to_omd = 9, progressive_lesions = NA, ...
    )
  }
  x <- one(prior_polymetastatic = 0, systemic_therapy = factor("Yes"))
  expect_identical(as.character(x$state), "metachronous oligoprogression")
  expect_identical(nrow(one(prior_polymetastatic = logical(), systemic_therapy = TRUE)),
    0L
  )
  expect_identical(
    nrow(one(prior_polymetastatic = c(FALSE, TRUE), systemic_therapy = TRUE)), 2L
  )
})

test_that("an invalid answer is an error by class", {
  good <- list(
    prior_polymetastatic = c("no", "no"), prior_oligometastatic = "no",
    months_to_omd = 1, systemic_therapy = "no", progressive_lesions = "no"
  )
  but <- function(...) do.call(omd_class, utils::modifyList(good, list(...)))
  input <- "oligosurv_error_input"
  expect_error(but(systemic_therapy = c("no", "perhaps")), "element 2 is \"perhaps\"",
    class = input
  )
  expect_error(but(systemic_therapy = rep("no", 3)), "length", class = input)
  expect_error(but(months_to_omd = "1"), "must be numeric", class = input)
  expect_error(but(months_to_omd = c(1, -Inf)), "element 2",
    class = "oligosurv_error_domain"
  )
  expect_error(but(lesions = c(1, -1)), "element 2", class = "oligosurv_error_domain")
  expect_error(but(month = "weeks"), "`month`", class = input)
  expect_error(but(synchronous_months = -1), class = input)
  expect_error(omd_class(prior_polymetastatic = "no"), "`prior_oligometastatic` is",
    class = input
  )
  expect_error(omd_class(3), "`x` must be", class = input)
  expect_error(omd_class(hcc_sbrt), "`prior_polymetastatic`", class = input)
})

test_that("the print counts the paths", {
  expect_snapshot(print(ask_tree(tree[c(1, 1, 4, 10), ])))
  rows <- tree[c(1, 4), ]
  rows$drug <- "-"
  expect_output(print(ask_tree(rows)), "1 without an answer to systemic_therapy")
})

test_that("the dates of the help page", {
  x <- omd_class(data.frame(
    prior_polymetastatic = c("no", "no", "no", "no", "yes", "no", "no"),
    prior_oligometastatic = c("no", "no", "no", "yes", NA, "no", "no"),
    diagnosis_date = "2020-01-01",
    omd_date = c(
      "2020-06-30", "2020-07-03", "2020-07-03", NA, NA, "2020-07-01", "2019-12-27"
    ),
    systemic_therapy = c(NA, "no", "yes", "yes", "no", NA, NA),
    progressive_lesions = c(NA, NA, NA, "no", NA, NA, NA)
  ))
  expect_identical(as.character(x$state), c(
    "synchronous oligometastatic disease", "metachronous oligorecurrence",
    "metachronous oligoprogression", "repeat oligopersistence", "induced oligorecurrence",
    "synchronous oligometastatic disease", "synchronous oligometastatic disease"
  ))
  expect_identical(as.character(x$cohort), c("OM", "OM", "OP", NA, NA, "OM", "OM"))
  expect_equal(x$months_to_omd[c(1:2, 6)], c(5 + 29 / 30, 6 + 2 / 31, 6),
    tolerance = 1e-12
  )
})

test_that("months by the calendar end on the same day, or the last of a shorter month", {
  months <- function(from, to) calendar_months(as.Date(from), as.Date(to))
  expect_identical(months("2020-03-01", "2020-09-01"), 6)
  expect_identical(months("2020-08-31", "2021-02-28"), 6)
  expect_identical(months("2020-02-29", "2021-02-28"), 12)
  expect_identical(months("2019-11-15", "2020-01-15"), 2)
  expect_identical(months("2020-01-01", "2020-01-01"), 0)
  expect_identical(months("2020-09-01", "2020-03-01"), -6)
  expect_equal(months("2020-01-01", "2020-02-15"), 1 + 14 / 29, tolerance = 1e-12)
  expect_identical(months(c(NA, "2020-01-31"), "2020-03-31"), c(NA, 2))
  # against months of seq()
  from <- as.Date("2019-05-28") + 0:5
  ends <- do.call(c, lapply(from, function(day) {
    seq(day, by = "7 months", length.out = 2)[2]
  }))
  expect_identical(months(from, ends), rep(7, 6))
  days <- seq(as.Date("2020-01-31"), by = "day", length.out = 800)
  expect_true(all(diff(calendar_months(rep(days[1], 800), days)) >= 0))
})

test_that("a study with a metastasis found before the primary is accepted", {
  tables <- small_tables()
  tables$patients$diagnosis_date <- "2020-03-06"
  tables$patients$omd_date <- "2020-03-01"
  expect_silent(do.call(sbrt_study, tables))
  tables$patients$omd_date <- "2019-03-01"
  expect_warning(do.call(sbrt_study, tables), "more than 6 months before")
})

test_that("the time to the metastases is given, or the dates from which it follows", {
  x <- data.frame(lesions = 2, prior_polymetastatic = "no", prior_oligometastatic = "no",
    systemic_therapy = "no", progressive_lesions = "no"
  )
  error <- expect_error(omd_class(x), "neither `months_to_omd` nor `diagnosis_date`",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "months_to_omd")
  x$diagnosis_date <- as.Date("2020-01-01")
  x$omd_date <- as.Date("2020-09-01")
  expect_identical(omd_class(x)$months_to_omd, 8)
})

test_that("a missing number of lesions decides no cohort; NULL is known to be few", {
  class <- function(lesions) {
    omd_class(months_to_omd = c(3, 3, 3), prior_polymetastatic = "no",
      prior_oligometastatic = "no", systemic_therapy = "no",
      progressive_lesions = NA, lesions = lesions
    )$cohort
  }
  expect_identical(as.character(class(c(3, 8, NA))), c("OM", NA, NA))
  expect_identical(as.character(class(NULL)), rep("OM", 3))
})
