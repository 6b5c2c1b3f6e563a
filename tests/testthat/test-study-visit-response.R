# Diameters of target lesions: the baseline, then visits. Lesions of one visit are joined
# by +, n marks a node, a dot a lesion not measured. Then the response of the targets by
# RECIST 1.1 and by mRECIST, and the rule that decides.
measured <- utils::read.csv(test_path("recist", "targets.csv"))

# The responses of the targets of all rows of `measured` at once, each row one patient,
# visits 60 days apart
judged <- function(criteria) {
  lesions <- lapply(seq_len(nrow(measured)), function(i) {
    visits <- strsplit(strsplit(measured$sizes[i], " ", fixed = TRUE)[[1L]], "+",
      fixed = TRUE
    )
    data.frame(
      patient_id = sprintf("P%02d", i),
      day = rep(c(-5, 60 * seq_len(length(visits) - 1L)), lengths(visits)),
      other_lesion = unlist(lapply(visits, seq_along)), text = unlist(visits)
    )
  })
  rows <- do.call(rbind, lesions)
  size <- suppressWarnings(as.numeric(sub("n", "", rows$text, fixed = TRUE)))
  study <- plain_study(unique(rows$patient_id), data.frame(
    rows["patient_id"], assessment_date = as.Date("2021-01-01") + rows$day,
    other_lesion = paste0("T", rows$other_lesion), role = "target",
    node = ifelse(grepl("n", rows$text), "yes", "no"), diameter_mm = size,
    viable_mm = size
  ))
  found <- visit_response(study, criteria = criteria)
  unname(vapply(split(found$target, found$patient_id), paste, "", collapse = " "))
}

test_that("target lesions are judged as in the table of constructed cases", {
  expect_gte(nrow(measured), 40L)
  expect_true(all(nzchar(measured$rule)))
  expect_identical(judged("recist"), measured$recist)
  expect_identical(judged("mrecist"), measured$mrecist)
})

test_that("target, non-target and new lesions together: tables 1 and 2 of RECIST 1.1", {
  expected <- utils::read.table(header = TRUE, row.names = 1, text = "
    target CR   non-CR/non-PD  NE  PD  none
    CR     CR   PR             PR  PD  CR
    PR     PR   PR             PR  PD  PR
    SD     SD   SD             SD  PD  SD
    PD     PD   PD             PD  PD  PD
    NE     NE   NE             NE  PD  NE
    none   CR   SD             NE  PD  NE
  ", check.names = FALSE)
  for (target in rownames(expected)) {
    for (other in colnames(expected)) {
      label <- paste(target, other)
      expect_identical(as.character(overall_response(target, other, FALSE)),
        expected[target, other], label = label
      )
      expect_identical(as.character(overall_response(target, other, TRUE)), "PD",
        label = paste(label, "and a new lesion")
      )
    }
  }
})

# Assessments of patients A (lesions 1 and 2) and B; SBRT began on 2021-01-01
assessed <- function(...) {
  rows <- utils::read.table(header = TRUE, strip.white = TRUE, na.strings = "-",
    colClasses = "character", ...
  )
  rows$assessment_date <- as.Date("2021-01-01") + as.numeric(rows$day)
  rows$day <- NULL
  tables <- small_tables()
  new <- rows[rows$role %in% "new", ]
  tables$patients$progression_date <- new$assessment_date[
    match(tables$patients$patient_id, new$patient_id)
  ]
  tables$lesions$local_failure_date <- NA
  # doubtful values are the subject of test-study-rules-response.R
  suppressWarnings(do.call(sbrt_study, c(tables, list(assessments = rows))),
    classes = "oligosurv_warning_study"
  )
}

test_that("visits of patients with targets, non-targets and new lesions", {
  study <- assessed(text = "
    patient_id day lesion_id other_lesion role       diameter_mm status
    A          -40 1         -            target     90          -
    A          -10 1         -            target     30          -
    A          -10 -         T2           target     20          -
    A          -10 -         N1           non-target -           non-CR/non-PD
    A           60 1         -            target     15          -
    A           60 -         T2           target     15          -
    A           60 -         N1           non-target -           CR
    A          120 1         -            target     0           -
    A          120 -         T2           target     0           -
    A          120 -         N1           non-target -           CR
    A          180 1         -            target     0           -
    A          180 -         T2           target     0           -
    A          180 -         X            new        -           -
    B            0 1         -            target     20          -
    B           60 1         -            target     19          -
    B          120 -         -            -          -           -
    C           60 1         -            target     10          -
  ")
  x <- visit_response(study)
  expect_identical(x$patient_id, c("A", "A", "A", "B", "B", "C"))
  expect_identical(x$day, c(60, 120, 180, 60, 120, 60))
  expect_identical(x$baseline_mm, c(50, 50, 50, 20, 20, NA))
  expect_identical(x$sum_mm, c(30, 0, 0, 19, NA, NA))
  expect_identical(x$nadir_mm, c(50, 30, 0, 20, 19, NA))
  expect_equal(x$change_pct, c(-40, -100, -100, -5, NA, NA), tolerance = 1e-12)
  expect_identical(x$target, c("PR", "CR", "CR", "SD", "NE", "none"))
  expect_identical(x$non_target, c("CR", "CR", "NE", "none", "none", "none"))
  expect_identical(x$new_lesion, c(FALSE, FALSE, TRUE, FALSE, FALSE, FALSE))
  expect_identical(as.character(x$response), c("PR", "CR", "PD", "SD", "NE", "NE"))
  best <- best_response(study, criteria = "recist")
  expect_identical(as.character(best$best_response), c("CR", "SD", "NE", "NE"))
  expect_equal(best$best_change_pct, c(-100, -5, NA, NA), tolerance = 1e-12)
  lesion <- visit_response(study, level = "lesion")
  expect_identical(lesion$lesion_id, rep("1", 5))
  expect_identical(as.character(lesion$response), c("PR", "CR", "CR", "SD", "NE"))
  rate <- response_rate(study, level = "lesion", criteria = "recist")
  expect_identical(rate$n.event, c(1L, 2L))
  expect_identical(rate$n.evaluable, c(2L, 2L))
})

test_that("mRECIST follows the enhancing part where there is one at baseline", {
  study <- assessed(text = "
    patient_id day lesion_id diameter_mm viable_mm
    A          -5  1         50          40
    A          -5  2         20          -
    A          60  1         50          0
    A          60  2         20          -
    A          120 1         50          0
    A          120 2         0           -
  ")
  expect_identical(as.character(visit_response(study)$response), c("SD", "SD"))
  enhancing <- visit_response(study, criteria = "mrecist")
  expect_identical(enhancing$sum_mm, c(20, 0))
  expect_identical(enhancing$baseline_mm, c(60, 60))
  expect_identical(as.character(enhancing$response), c("PR", "CR"))
})

test_that("the order of rows and of visits does not matter", {
  tables <- full_tables()
  study <- do.call(sbrt_study, tables)
  withr::local_seed(3)
  tables$assessments <- tables$assessments[sample(nrow(tables$assessments)), ]
  expect_identical(visit_response(do.call(sbrt_study, tables)), visit_response(study))
  # A: lesion 2 not measured, a new lesion; B: a node below 10 mm, later a new lesion
  expect_identical(as.character(visit_response(study)$response), c("PD", "CR", "PD"))
})

test_that("a study without a visit after SBRT gives an empty result", {
  study <- assessed(text = "
    patient_id day lesion_id diameter_mm
    A          -5  1         50
  ")
  expect_identical(nrow(visit_response(study)), 0L)
  expect_identical(nrow(visit_response(study, level = "lesion")), 0L)
  best <- best_response(study, criteria = "recist")
  expect_identical(as.character(best$best_response), rep("NE", 4))
})
