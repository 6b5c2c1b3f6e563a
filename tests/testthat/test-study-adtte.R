# The export of endpoints as an analysis data set, with codes by hand.

day_of <- function(x) as.Date("2021-01-01") + x

# A progresses on day 100 and dies on day 200; B lives without progression until day 365
# and begins another therapy on day 90; C has local failure and progression on day 350.
# All have one scan, on day 60.
adtte_study <- function() {
  ids <- c("A", "B", "C")
  sbrt_study(
    data.frame(
      patient_id = ids, cohort = c("OP", "OM", "OP"), sbrt_start = day_of(0),
      progression_date = day_of(c(100, NA, 350)), death_date = day_of(c(200, NA, NA)),
      last_contact = day_of(c(200, 365, 400)),
      next_therapy_date = day_of(c(NA, 90, NA)), rild_date = day_of(c(NA, 30, NA)),
      diagnosis_date = day_of(-100)
    ),
    data.frame(patient_id = ids, lesion_id = "1", site = "Lung",
      local_failure_date = day_of(c(NA, NA, 350))
    ),
    assessments = data.frame(patient_id = ids, assessment_date = day_of(60))
  )
}

test_that("the example of the help page", {
  x <- adtte(adtte_study())
  expect_identical(names(x), c(
    "USUBJID", "PARAMCD", "PARAM", "STARTDT", "ADT", "AVAL", "AVALU", "CNSR", "EVNTDESC",
    "CNSDTDSC", "AUDIT"
  ))
  row <- function(id, code) x[x$USUBJID == id & x$PARAMCD == code, ]
  expect_value <- function(id, code, aval, cnsr, words) {
    y <- row(id, code)
    expect_equal(c(y$AVAL, y$CNSR, as.numeric(y$ADT - y$STARTDT)), c(aval, cnsr, aval),
      ignore_attr = TRUE
    )
    expect_identical(as.character(y$EVNTDESC), words)
  }
  expect_value("A", "OS", 200, 0, "death")
  expect_value("A", "PFS", 100, 0, "progression")
  expect_value("A", "LF", 200, 11, "death")
  expect_value("B", "OS", 365, 1, "end of follow-up")
  expect_value("B", "PFS", 365, 1, "end of follow-up")
  expect_value("B", "LF", 365, 1, "end of follow-up")
  expect_value("C", "LF", 350, 0, "local failure")
  expect_identical(as.character(row("B", "OS")$CNSDTDSC), "last_contact")
  expect_identical(as.character(row("A", "OS")$CNSDTDSC), "")
  expect_identical(unique(as.character(x$PARAM))[2], "Progression-free survival (days)")
  expect_identical(attr(x$CNSR, "label"), "Censor")
  expect_named(attr(x, "rules"), c("OS", "PFS", "LF"))
})

test_that("the code says why a row is censored", {
  x <- adtte(adtte_study(), list(
    PFSI = list("pfs", pfs_censor = "last_imaging"),
    PFSFDA = list("pfs", max_gap = 182, censor_at = "next_therapy"),
    LFL = list("local_failure", level = "lesion", competing = "none"), "rild_date",
    OSD = list("os", origin = "diagnosis")
  ), columns = c("cohort", "site"), studyid = "S1", unit = "months")
  expect_equal(x$CNSR, c(0, 3, 0, 0, 4, 5, 2, 1, 0, 11, 0, 1, 0, 1, 1),
    ignore_attr = TRUE
  )
  expect_identical(unique(as.character(x$PARAMCD)),
    c("PFSI", "PFSFDA", "LFL", "RILD", "OSD")
  )
  # two parameters of one endpoint have different names
  expect_identical(unique(as.character(x$PARAM))[1:2], sprintf(
    "Progression-free survival, %s (months)", c("PFSI", "PFSFDA")
  ))
  expect_equal(x$AVAL[1], 100 / 30.4375)
  expect_match(x$CNSDTDSC[6], "last imaging, censored by max_gap", fixed = TRUE)
  expect_identical(as.character(x$EVNTDESC[11]), "rild")
  expect_equal(x$ENTRY[13:15], rep(100 / 30.4375, 3))
  expect_true(all(is.na(x$ENTRY[1:12])))
  expect_identical(as.character(x$LESIONID[6:7]), c(NA, "1"))
  expect_identical(as.character(x$site[6:7]), c(NA, "Lung"))
  expect_identical(unique(as.character(x$STUDYID)), "S1")
  expect_identical(as.character(x$cohort[1:3]), c("OP", "OM", "OP"))
})

test_that("every endpoint has a code, and estimates from it are those of endpoint()", {
  expect_setequal(names(adtte_codes), names(endpoint_rules))
  expect_false(anyDuplicated(adtte_codes) > 0L)
  codes <- adtte(hcc_sbrt, c("os", "pfs", "local_failure"), unit = "months")
  for (what in c("os", "pfs")) {
    x <- codes[codes$PARAMCD == adtte_codes[[what]], ]
    ours <- kaplan_meier(Surv(AVAL, CNSR == 0) ~ 1, x)
    given <- kaplan_meier(Surv(time, status) ~ 1, endpoint(hcc_sbrt, what))
    expect_identical(tidy(ours)$estimate, tidy(given)$estimate)
  }
  x <- codes[codes$PARAMCD == "LF", ]
  x$status <- factor(ifelse(x$CNSR == 0, 1, ifelse(x$CNSR > 10, 2, 0)))
  ours <- tidy(cumulative_incidence(Surv(AVAL, status) ~ 1, x))
  given <- tidy(
    cumulative_incidence(Surv(time, status) ~ 1, endpoint(hcc_sbrt, "local_failure"))
  )
  expect_identical(ours$estimate, given$estimate)
})

test_that("a time and a status have codes, but no dates", {
  study <- sbrt_study(data.frame(
    patient_id = 1:3, os_time = 1:3, os_status = c(1, 0, 1), progression_time = 1:3,
    progression_status = c(1, 2, 0)
  ), time_unit = "days")
  x <- adtte(study, c("os", "progression"))
  expect_equal(x$CNSR, c(0, 1, 0, 0, 11, 1), ignore_attr = TRUE)
  expect_equal(x$AVAL, c(1:3, 1:3), ignore_attr = TRUE)
  expect_true(all(is.na(x$ADT)))
  expect_identical(as.character(x$EVNTDESC[4:5]), c("progression", "death"))
})

test_that("rows and attributes of endpoint() do not keep the export's dates", {
  x <- endpoint(adtte_study(), "pfs")
  expect_null(attr(x[1:2, ], "decided"))
  expect_null(attr(as.data.frame(x), "decided"))
})

test_that("invalid parameters are errors", {
  study <- adtte_study()
  refused <- function(text, ...) {
    expect_error(adtte(study, ...), text, fixed = TRUE, class = "oligosurv_error_input")
  }
  refused("names of endpoints", list())
  refused("names of endpoints", 1)
  refused("names of endpoints", list(list(level = "patient")))
  refused("they are \"OS\" and \"OS\"", c("os", "os"))
  refused("they are \"os\"", c(os = "os"))
  refused("`landmark`", list(list("os", landmark = 3)))
  refused("\"nix\"", "nix")
  refused("zz", columns = "zz")
  refused("`studyid`", studyid = 1)
})
