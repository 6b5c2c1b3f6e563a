# Data sets of other packages as CSV files of a study: one, two and more groups, days and
# months, codes and words, competing events, two eyes of a patient. Their numbers equal
# those of survival and cmprsk, and their reports say nothing of what they do not have.

# Writes the tables, reads them as a study.
from_files <- function(patients, ..., lesions = NULL, frame = parent.frame()) {
  tables <- c(list(patients = patients), if (!is.null(lesions)) list(lesions = lesions))
  suppressWarnings(read_study(write_tables(tables, frame = frame), ...))
}

# Kaplan-Meier estimates, numbers at risk and log-rank tests equal those of survival.
expect_survival <- function(rows, time, event, group = NULL) {
  group <- if (is.null(group)) rep("All", length(time)) else as.character(group)
  peer <- split(data.frame(time, event), group)
  expect_identical(sum(rows$status), as.integer(sum(event)))
  for (name in names(peer)) {
    mine <- if (name == "All") rows else rows[rows$cohort == name, ]
    fit <- tidy(kaplan_meier(Surv(time, status) ~ 1, as.data.frame(mine)))
    theirs <- summary(survival::survfit(survival::Surv(time, event) ~ 1, peer[[name]]),
      times = fit$time, extend = TRUE
    )
    expect_equal(fit$estimate[!is.na(fit$estimate)],
      theirs$surv[!is.na(fit$estimate)], tolerance = 1e-12
    )
    expect_equal(fit$n.risk[-1], theirs$n.risk[-1], tolerance = 0)
  }
  if (length(peer) < 2L) return(invisible())
  test <- glance(logrank_test(Surv(time, status) ~ cohort, as.data.frame(rows)))
  theirs <- survival::survdiff(survival::Surv(time, event) ~ group)
  expect_equal(test$statistic, unname(theirs$chisq), tolerance = 1e-10)
}

# Cumulative incidences equal those of the multi-state curve of survival and, with
# Gray's test, those of cmprsk. `code`: 0 censored, 1 the event, 2 and more competing
expect_incidence <- function(rows, time, code, group = NULL) {
  event <- levels(rows$status)[2L]
  fit <- tidy(cumulative_incidence(Surv(time, status) ~ 1, as.data.frame(rows)))
  fit <- fit[fit$outcome == event & !is.na(fit$estimate), ]
  state <- factor(code, sort(unique(c(0, code))))
  theirs <- summary(survival::survfit(survival::Surv(time, state) ~ 1),
    times = fit$time, extend = TRUE
  )
  expect_equal(fit$estimate, theirs$pstate[, 2L], tolerance = 1e-12)
  if (is.null(group)) return(invisible())
  skip_if_not_installed("cmprsk")
  peer <- cmprsk::cuminc(time, code, group)$Tests
  test <- glance(gray_test(Surv(time, status) ~ cohort, as.data.frame(rows)))
  expect_equal(test$statistic[test$outcome == event], unname(peer[1L, "stat"]),
    tolerance = 1e-8
  )
}

columns_of <- function(...) list(patients = c(...))

melanoma_study <- function(x) {
  x$id <- seq_len(nrow(x))
  from_files(x,
    columns = columns_of(patient_id = "id", distant_failure_time = "time",
      distant_failure_status = "status", cohort = "ulcer"
    ), time_unit = "days", levels = list(
      distant_failure_status = c("1" = "distant failure", "2" = "alive", "3" = "death")
    ), frame = parent.frame()
  )
}

test_that("two groups with 1/2 codes in days: lung", {
  x <- survival::lung
  x$id <- seq_len(nrow(x))
  study <- from_files(x,
    columns = columns_of(patient_id = "id", os_time = "time", os_status = "status",
      cohort = "sex"
    ), levels = list(
      os_status = c("1" = "censored", "2" = "death"),
      cohort = c("1" = "men", "2" = "women")
    ), time_unit = "days"
  )
  expect_identical(levels(study$patients$cohort), c("men", "women"))
  rows <- endpoint(study, "os", unit = "days")
  expect_survival(rows, x$time, x$status == 2, c("men", "women")[x$sex])
  # the same in months, with a landmark
  late <- endpoint(study, "os", landmark = 6)
  later <- x$time / 30.4375 > 6
  expect_survival(late, x$time[later] / 30.4375 - 6, x$status[later] == 2,
    c("men", "women")[x$sex][later]
  )
})

test_that("four groups, words for the status: veteran and VA", {
  x <- survival::veteran
  x$id <- seq_len(nrow(x))
  x$status <- c("Alive", "DEAD")[x$status + 1]
  study <- from_files(x,
    columns = columns_of(patient_id = "id", os_time = "time", os_status = "status",
      cohort = "celltype"
    ), time_unit = "days"
  )
  expect_survival(endpoint(study, "os", unit = "days"), x$time, x$status == "DEAD",
    x$celltype
  )
  pairs <- pairwise_test(Surv(time, status) ~ cohort, endpoint(study, "os"))
  expect_identical(nrow(pairs$tests), 6L)
  skip_if_not_installed("MASS")
  va <- getExportedValue("MASS", "VA")
  va$id <- seq_len(nrow(va))
  study <- from_files(va,
    columns = columns_of(patient_id = "id", os_time = "stime", os_status = "status",
      cohort = "treat"
    ), time_unit = "days"
  )
  expect_survival(endpoint(study, "os", unit = "days"), va$stime, va$status, va$treat)
})

colon_study <- function(frame = parent.frame()) {
  x <- survival::colon
  death <- x[x$etype == 2, ]
  relapse <- x[x$etype == 1, ]
  relapse <- relapse[match(death$id, relapse$id), ]
  free <- pmin(relapse$time, death$time)
  wide <- data.frame(
    patient_id = death$id, arm = death$rx, age = death$age, os_time = death$time,
    os_status = death$status, pfs_time = free,
    pfs_status = as.integer(relapse$status == 1 | death$status == 1)
  )
  list(rows = wide, study = from_files(wide,
    columns = columns_of(cohort = "arm"), time_unit = "days", frame = frame
  ))
}

test_that("three arms with two endpoints: colon", {
  x <- colon_study()
  expect_identical(levels(x$study$patients$cohort), c("Lev", "Lev+5FU", "Obs"))
  expect_survival(endpoint(x$study, "os", unit = "days"), x$rows$os_time,
    x$rows$os_status, x$rows$arm
  )
  expect_survival(endpoint(x$study, "pfs", unit = "days"), x$rows$pfs_time,
    x$rows$pfs_status, x$rows$arm
  )
})

test_that("one arm, no cohort: ovarian; two groups: gbsg, rotterdam", {
  x <- survival::ovarian
  study <- from_files(cbind(patient_id = seq_len(nrow(x)), x),
    columns = columns_of(os_time = "futime", os_status = "fustat"), time_unit = "days"
  )
  expect_null(study$patients$cohort)
  expect_survival(endpoint(study, "os", unit = "days"), x$futime, x$fustat)
  x <- survival::gbsg
  study <- from_files(x,
    columns = columns_of(patient_id = "pid", pfs_time = "rfstime", pfs_status = "status",
      cohort = "hormon"
    ), levels = list(cohort = c("0" = "no", "1" = "hormones")), time_unit = "days"
  )
  expect_identical(levels(study$patients$cohort), c("no", "hormones"))
  expect_survival(endpoint(study, "pfs", unit = "days"), x$rfstime, x$status,
    c("no", "hormones")[x$hormon + 1]
  )
  x <- survival::rotterdam
  study <- from_files(x,
    columns = columns_of(patient_id = "pid", os_time = "dtime", os_status = "death",
      pfs_time = "rtime", pfs_status = "recur", cohort = "chemo"
    ), time_unit = "days"
  )
  expect_survival(endpoint(study, "os", unit = "days"), x$dtime, x$death, x$chemo)
})

test_that("competing events as codes: mgus2, pbc and Melanoma", {
  x <- survival::mgus2
  x$progressed <- ifelse(x$pstat == 1, 1, 2 * x$death)
  x$until <- ifelse(x$pstat == 1, x$ptime, x$futime)
  study <- from_files(x,
    columns = columns_of(patient_id = "id", distant_failure_time = "until",
      distant_failure_status = "progressed", os_time = "futime", os_status = "death",
      cohort = "sex"
    ), time_unit = "months"
  )
  expect_incidence(endpoint(study, "distant_failure"), x$until, x$progressed, x$sex)
  expect_survival(endpoint(study, "os"), x$futime, x$death, x$sex)
  x <- survival::pbc
  study <- from_files(x,
    columns = columns_of(patient_id = "id", next_therapy_time = "time",
      next_therapy_status = "status", cohort = "edema"
    ), time_unit = "days"
  )
  expect_incidence(endpoint(study, "next_therapy", unit = "days"), x$time, x$status,
    x$edema
  )
  skip_if_not_installed("MASS")
  x <- getExportedValue("MASS", "Melanoma")
  study <- melanoma_study(x)
  expect_incidence(endpoint(study, "distant_failure", unit = "days"), x$time,
    c(1, 0, 2)[x$status], x$ulcer
  )
})

test_that("three events as words, four groups: transplant", {
  x <- survival::transplant
  x <- x[x$futime > 0, ]
  x$id <- seq_len(nrow(x))
  study <- from_files(x,
    columns = columns_of(patient_id = "id", next_therapy_time = "futime",
      next_therapy_status = "event", cohort = "abo"
    ), time_unit = "days", levels = list(
      next_therapy_status = c(ltx = "next therapy", withdraw = "withdrawal")
    )
  )
  rows <- endpoint(study, "next_therapy", unit = "days")
  expect_identical(
    levels(rows$status), c("censored", "next therapy", "death", "withdrawal")
  )
  code <- c(censored = 0, ltx = 1, death = 2, withdraw = 3)[as.character(x$event)]
  expect_incidence(rows, x$futime, unname(code), x$abo)
})

eyes_study <- function(frame = parent.frame()) {
  x <- survival::retinopathy
  first <- !duplicated(x$id)
  eyes <- data.frame(
    patient_id = x$id, lesion_id = x$trt, local_failure_time = x$futime,
    local_failure_status = x$status, laser = x$laser
  )
  from_files(data.frame(patient_id = x$id[first], strategy = x$type[first]),
    lesions = eyes, time_unit = "months", frame = frame
  )
}

test_that("two eyes of a patient are two lesions: retinopathy", {
  x <- survival::retinopathy
  study <- eyes_study()
  rows <- endpoint(study, "local_failure", "lesion")
  expect_identical(nrow(rows), nrow(x))
  fit <- tidy(cumulative_incidence(Surv(time, status) ~ 1, rows, id = patient_id))
  theirs <- summary(survival::survfit(survival::Surv(futime, status) ~ 1, x,
    id = NULL, cluster = x$id
  ), times = fit$time, extend = TRUE)
  expect_equal(fit$estimate, 1 - theirs$surv, tolerance = 1e-12)
  expect_equal(fit$std.error[-1], theirs$std.err[-1], tolerance = 1e-8)
  # patients: the first eye that fails
  first <- tapply(ifelse(x$status == 1, x$futime, Inf), x$id, min)
  patients <- endpoint(study, "local_failure")
  expect_identical(sum(patients$status == "local failure"), sum(is.finite(first)))
})

report_page_of <- function(study) {
  file <- withr::local_tempfile(fileext = ".html")
  study_report(study, file, quiet = TRUE)
  paste(readLines(file, encoding = "UTF-8", warn = FALSE), collapse = " ")
}

report_text_of <- function(study, text = report_page_of(study)) {
  text <- gsub("(src|href)=\"data:[^\"]*\"", "", text, perl = TRUE)
  gsub("\\s+", " ", gsub("<[^>]+>", " ", text))
}

skip_without_report <- function() {
  skip_on_cran()
  for (package in c("rmarkdown", "knitr", "ggplot2")) skip_if_not_installed(package)
  skip_if_not(rmarkdown::pandoc_available("2.0"), "no pandoc")
}

test_that("the report of one arm has no groups, no lesions, no toxicity, no SBRT date", {
  skip_without_report()
  x <- survival::ovarian
  study <- from_files(cbind(patient_id = seq_len(nrow(x)), x),
    columns = columns_of(os_time = "futime", os_status = "fustat"), time_unit = "days"
  )
  page <- report_page_of(study)
  # what only other studies have, and what every report says
  all_text <- text_of_page(page)
  for (one in sentences_of("report-study: the simulated cohort")) {
    expect_no_match(all_text, one)
  }
  for (one in sentences_of("study-shapes: the report of one arm")) {
    expect_match(all_text, one)
  }
  text <- report_text_of(study, page)
  expect_match(text, "26 patients")
  expect_match(text, "Median overall survival was 21.0 months", fixed = TRUE)
  methods <- sub(".*Methods Data", "", text)
  for (word in c(
    "between", "log-rank test", "MOVER", "Gray", "Local failure", "oxicity", "esions",
    "Progression-free", "first day of SBRT", "OP-N", "oligoprogressive"
  )) {
    expect_no_match(sub("Reporting checklists The section.*", "", methods), word)
  }
})

test_that("the report of three arms compares them overall and in pairs", {
  skip_without_report()
  text <- report_text_of(colon_study()$study)
  expect_match(text, "Log-rank test between groups (arm): P", fixed = TRUE)
  expect_match(text, "Overall survival: pairs of groups (arm)", fixed = TRUE)
  expect_match(text, "Lev against Lev+5FU", fixed = TRUE)
  expect_match(text, "except those in the tables of pairs of groups, by Holm")
  expect_match(text, "Progression-free survival, by arm", fixed = TRUE)
  expect_match(text, "columns = list\\( ?patients = c\\(cohort =")
  expect_match(text, "time_unit = &quot;days&quot;", fixed = TRUE)
  expect_no_match(text, "OP-N|oligo[mp]|Toxicity|Local failure:")
})

test_that("the reports of competing events and of lesions without patients' outcomes", {
  skip_without_report()
  skip_if_not_installed("MASS")
  study <- melanoma_study(getExportedValue("MASS", "Melanoma"))
  text <- report_text_of(study)
  expect_match(text, "Cumulative incidence of distant failure", fixed = TRUE)
  expect_match(text, "death before it competes", fixed = TRUE)
  expect_no_match(text, "Median overall survival|Follow-up from")
  text <- report_text_of(eyes_study())
  expect_match(text, "Lesions: cumulative local failure", fixed = TRUE)
  expect_match(text, "No competing event was recorded: if patients", fixed = TRUE)
  # failures are not shown by strategy, so no checklist says so
  expect_no_match(text, "Subgroups and interactions Section")
  expect_no_match(text, "death before local failure is a competing event")
})
