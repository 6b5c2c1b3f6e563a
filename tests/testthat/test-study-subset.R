# Subsets of a study.

test_that("a subset has the rows of its patients in every table", {
  study <- full_study(cutoff = "2022-12-31")
  part <- study[c(TRUE, FALSE, TRUE, NA), ]
  expect_s3_class(part, "sbrt_study")
  expect_identical(part$patients$patient_id, c("A", "C"))
  for (name in c("lesions", "adverse_events", "courses", "assessments", "therapies",
    "liver_function")) {
    rows <- study[[name]]
    id <- rows$patient_id
    expect_identical(part[[name]]$patient_id, id[id %in% c("A", "C")])
  }
  expect_identical(part$cutoff, study$cutoff)
  expect_identical(attr(part, "reading"), attr(study, "reading"))
  # the same as the study of these rows
  tables <- lapply(full_tables(), function(x) x[x$patient_id %in% c("A", "C"), ])
  again <- suppressWarnings(do.call(sbrt_study, c(tables, cutoff = "2022-12-31")))
  expect_identical(tables_of(part), lapply(tables_of(again), function(x) {
    rownames(x) <- NULL
    x
  }))
  expect_identical(part$problems, again$problems)
  expect_identical(endpoint(part, "os")$time, endpoint(study, "os")$time[c(1, 3)])
})

test_that("patients are chosen by condition, number, id, or subset()", {
  op <- hcc_sbrt[hcc_sbrt$patients$cohort == "OP", ]
  expect_identical(c(nrow(op$patients), nrow(op$lesions)), c(28L, 48L))
  expect_identical(levels(op$patients$cohort), "OP")
  expect_identical(subset(hcc_sbrt, cohort == "OP"), op)
  expect_identical(hcc_sbrt[which(hcc_sbrt$patients$cohort == "OP"), ], op)
  expect_identical(hcc_sbrt[-which(hcc_sbrt$patients$cohort == "OM"), ], op)
  expect_identical(hcc_sbrt[op$patients$patient_id, ], op)
  wanted <- c("OM")
  expect_identical(nrow(subset(hcc_sbrt, cohort %in% wanted)$patients), 9L)
  ids <- rev(hcc_sbrt$patients$patient_id[1:3])
  expect_identical(hcc_sbrt[ids, ]$patients$patient_id, ids)
  expect_identical(hcc_sbrt[, ]$patients, hcc_sbrt$patients)
  expect_identical(subset(hcc_sbrt), hcc_sbrt)
  # a single index is that of the list
  expect_identical(hcc_sbrt["patients"], list(patients = hcc_sbrt$patients))
})

test_that("a subset keeps labels and units of its columns", {
  x <- data.frame(patient_id = c("A", "B"), t = 1:2, os_status = 1, age = c(60, 70))
  attr(x$age, "label") <- "Age"
  study <- sbrt_study(x, columns = list(patients = c(os_time = "t")), time_unit = "weeks")
  part <- study["B", ]
  expect_identical(attr(part$patients$os_time, "units"), "weeks")
  expect_identical(attr(part$patients$age, "label"), "Age")
  expect_identical(endpoint(part, "os", unit = "days")$time, 14)
})

test_that("nobody, unknown or repeated patients and columns are errors", {
  expect_error(subset(hcc_sbrt, cohort == "XX"), "no patient is selected",
    class = "oligosurv_error_data"
  )
  expect_error(hcc_sbrt[integer(), ], class = "oligosurv_error_data")
  expect_error(hcc_sbrt["nobody", ], "\"nobody\"", class = "oligosurv_error_input")
  expect_error(hcc_sbrt[c(1, 1), ], "more than once", class = "oligosurv_error_input")
  expect_error(hcc_sbrt[38, ], "from 1 to 37", class = "oligosurv_error_input")
  expect_error(hcc_sbrt[c(1, -1), ], class = "oligosurv_error_input")
  expect_error(hcc_sbrt[TRUE, ], "each of the 37", class = "oligosurv_error_input")
  expect_error(hcc_sbrt[list(1), ], class = "oligosurv_error_input")
  expect_error(hcc_sbrt[1, "cohort"], "no columns", class = "oligosurv_error_input")
  expect_error(subset(hcc_sbrt, nothing > 1), "cannot be evaluated",
    class = "oligosurv_error_input"
  )
  expect_error(subset(hcc_sbrt, cohort == "OP", select = age), "`select`",
    class = "oligosurv_error_input"
  )
})
