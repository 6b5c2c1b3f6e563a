# Published: Song Z et al., J Hepatocell Carcinoma 2025;12:1097-1110, abstract.

test_that("every published number of the simulated cohort is equal as printed", {
  compared <- compare_published(hcc_sbrt)
  expect_identical(nrow(compared), 30L)
  expect_identical(compared$ours, compared$published)
  expect_true(all(compared$equal))
  om <- compared[compared$group == "OM" & grepl("Objective", compared$item), ]
  expect_identical(om$ours, "55.6")
  expect_match(om$note, "prints 55.5")
})

test_that("the study from the CSV files is recognised as the simulated cohort", {
  dir <- system.file("extdata/hcc_sbrt", package = "oligosurv")
  expect_identical(compare_published(read_study(dir)), compare_published(hcc_sbrt))
})

test_that("a changed day is found, and another study has nothing to compare", {
  tables <- unclass(hcc_sbrt)[c("patients", "lesions", "adverse_events")]
  tables$patients$last_contact[1] <- tables$patients$last_contact[1] - 1
  tables$patients$death_date[1] <- tables$patients$last_contact[1]
  changed <- do.call(sbrt_study, tables)
  expect_null(compare_published(changed))
  tables$patients <- tables$patients[tables$patients$patient_id != "P05", ]
  tables$lesions <- tables$lesions[tables$lesions$patient_id != "P05", ]
  keep <- tables$adverse_events$patient_id != "P05"
  tables$adverse_events <- tables$adverse_events[keep, ]
  file <- system.file("extdata/hcc_sbrt/published.csv", package = "oligosurv")
  compared <- compare_published(do.call(sbrt_study, tables), file)
  expect_false(all(compared$equal))
  expect_identical(compared$ours[1], "36")
})

test_that("numbers are rounded to the printed decimals; no number is NR", {
  published <- data.frame(
    item = c("response_patients", "response_patients", "os_median", "lesions"),
    group = c("All", "All", "OM", "OP-N"), published = c("47", "47.222", "12.0", "20")
  )
  compared <- compare_published(hcc_sbrt, published)
  # 17 of 36; the OM median is not reached; 12 OP-N patients have 20 lesions
  expect_identical(compared$ours, c("47", "47.222", "NR", "20"))
  expect_identical(compared$equal, c(TRUE, TRUE, FALSE, TRUE))
})

test_that("what cannot be compared is an error that says so", {
  one <- function(item = "patients", group = "All") {
    data.frame(item = item, group = group, published = "37")
  }
  expect_error(compare_published(hcc_sbrt, one("patient")), "unknown item \"patient\"",
    class = "oligosurv_error_input"
  )
  expect_error(compare_published(hcc_sbrt, one(group = "OX")), "\"OX\"",
    class = "oligosurv_error_data"
  )
  expect_error(compare_published(hcc_sbrt, one()[1:2]), "`published`",
    class = "oligosurv_error_input"
  )
  expect_error(compare_published(hcc_sbrt, "no-such.csv"), "no-such.csv",
    class = "oligosurv_error_input"
  )
  expect_error(compare_published(1), class = "oligosurv_error_input")
})

test_that("a bound is equal to every number on its side, percent signs do not matter", {
  # 17 of 36 evaluable patients responded: 47.2%
  one <- function(item, published, group = "All") {
    compare_published(hcc_sbrt, data.frame(item, group, published))
  }
  expect_true(one("response_patients", "47.2%")$equal)
  expect_true(one("response_patients", " 47.2 %")$equal)
  expect_identical(one("response_patients", "47.3%")$ours, "47.2%")
  expect_false(one("response_patients", "47.3%")$equal)
  expect_true(one("response_patients", ">47")$equal)
  expect_false(one("response_patients", "<47")$equal)
  # with a log-rank P of 0.19 between the cohorts
  p <- one("os_logrank", "0.001", "OP against OM")$ours
  expect_true(one("os_logrank", "<0.999", "OP against OM")$equal)
  expect_identical(one("os_logrank", "<0.001", "OP against OM")$ours, p)
  expect_false(one("os_logrank", "<0.001", "OP against OM")$equal)
})

test_that("a 5 after the last decimal may be rounded up or down, nothing else", {
  expect_identical(print_like(46.25, "46.2%"), "46.2%")
  expect_identical(print_like(46.25, "46.3%"), "46.3%")
  expect_identical(print_like(46.25, "46.1%"), "46.2%")
  expect_identical(print_like(46.26, "46.2%"), "46.3%")
  expect_identical(print_like(0.125, "0.13"), "0.13")
  expect_identical(print_like(100 * 37 / 80, "46.3"), "46.3")
  expect_identical(print_like(-2.5, "-3"), "-3")
  expect_identical(print_like(5 / 9 * 100, "55.5"), "55.6")
})
