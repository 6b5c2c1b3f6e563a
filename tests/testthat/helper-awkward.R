# Awkward rows and studies for the tests of every function and every method. The outcome
# of a call is classified as an answer, a classed error, or a failure.

# Labels of the status codes of rows with two causes
codes <- c("censored", "failure", "death")

# Makes rows with every column that the calls use
rows_of <- function(time, cause, group = rep_len(c("a", "b"), length(time)), w = 1) {
  data.frame(
    time = time, cause = cause, event = as.integer(cause > 0),
    group = factor(group, c("a", "b")), status = factor(cause, 0:2, codes), w = w,
    id = rep_len(rep(1:4, each = 2), length(time)), start = time * 0
  )
}

# Rows for which few estimates are defined, or that contain invalid values
awkward_rows <- list(
  `zero events` = rows_of(1:6, rep(0, 6)),
  `one event` = rows_of(1:6, c(0, 0, 1, 0, 0, 0)),
  `one subject` = rows_of(3, 1),
  `no rows` = rows_of(3, 1)[0, ],
  `an empty group` = rows_of(1:4, c(1, 0, 2, 1), "a"),
  `all tied` = rows_of(rep(5, 6), c(0, 1, 2, 0, 1, 2)),
  `all tied, all events` = rows_of(rep(5, 6), rep(1, 6)),
  `one cluster` = transform(rows_of(1:6, c(1, 0, 2, 1, 0, 1)), id = 1),
  `weights 0` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = 0),
  `some weights 0` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = c(0, 0, 0, 1, 1, 1)),
  `huge weights` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = c(1e15, 1, 1e12, 1, 1, 3)),
  `tiny weights` = rows_of(1:6, c(1, 0, 2, 1, 0, 1), w = c(1e-12, 1, 1, 1, 1e-9, 3)),
  `times 0` = rows_of(c(0, 0, 0, 1, 2), c(1, 0, 2, 1, 0)),
  `one ulp apart` = rows_of(1 + c(0, 1, 0, 1) * .Machine$double.eps, c(1, 0, 2, 1)),
  `NA and NaN` = rows_of(c(1, NA, NaN, 4, 5), c(1, 0, 2, 1, NA)),
  negative = rows_of(c(1, -2, 3, 4), c(1, 0, 2, 1)),
  infinite = rows_of(c(1, Inf, 3, 4), c(1, 0, 2, 1)),
  `negative weight` = rows_of(1:4, c(1, 0, 2, 1), w = c(1, -1, 1, NaN))
)

# Eight rows for which every call gives a result; no id is in both groups
good_rows <- rows_of(c(1, 2, 2, 3, 4, 5, 6, 7), c(1, 0, 2, 1, 0, 1, 2, 0), w = 1:2)
good_rows$id <- c(1, 2, 1, 2, 3, 4, 3, 4)

# The good rows with some columns replaced
with_columns <- function(...) {
  new <- list(...)
  x <- good_rows
  for (column in names(new)) x[[column]] <- new[[column]]
  x
}

# Adds the class of a labelled column, as haven reads it from SPSS or Stata
labelled <- function(x) {
  class <- c("haven_labelled", "vctrs_vctr", "double")
  structure(as.double(x), class = class, labels = c(low = 1, high = 2))
}

# A column of 64-bit integers, as databases return it
wide <- if (requireNamespace("bit64", quietly = TRUE)) bit64::as.integer64 else identity

# The good rows with columns of types that a function may not expect
odd_rows <- list(
  `unused and missing levels` = with_columns(
    group = addNA(factor(c(NA, rep(c("a", "b"), 3), "a"), c("z", "a", "y", "b"))),
    status = addNA(replace(good_rows$status, 1, NA))
  ),
  `group all missing` = with_columns(group = factor(rep(NA, 8))),
  `64 bits` = with_columns(
    time = wide(good_rows$time), event = wide(good_rows$event), w = wide(good_rows$w),
    group = wide(rep(1:2, 4)), id = wide(good_rows$id)
  ),
  labelled = with_columns(
    time = labelled(good_rows$time), event = labelled(good_rows$event),
    w = labelled(good_rows$w), group = labelled(rep(1:2, 4)),
    id = labelled(good_rows$id)
  ),
  difftime = with_columns(time = as.difftime(good_rows$time, units = "weeks")),
  `date and time` = with_columns(time = as.POSIXct("2020-01-01") + good_rows$time),
  `dates as groups and ids` = with_columns(
    group = as.Date("2020-01-01") + rep(0:1, 4), id = as.Date("2020-01-01") + 1:8
  ),
  raw = with_columns(group = as.raw(rep(1:2, 4))),
  `list column` = with_columns(group = I(as.list(rep(1:2, 4)))),
  `list of times` = with_columns(time = I(as.list(good_rows$time))),
  `matrix columns` = with_columns(
    group = matrix(rep(1:2, 8), 8), id = matrix(good_rows$id, 8, 1)
  ),
  `matrix of times` = with_columns(time = matrix(good_rows$time, 8, 2)),
  `row a group` = with_columns(group = factor(letters[1:8])),
  `id missing` = with_columns(id = replace(as.character(good_rows$id), 3, NA)),
  `entry at exit` = with_columns(start = good_rows$time),
  `entry missing` = with_columns(start = replace(good_rows$start, 2, NaN)),
  `entry near exit` = with_columns(start = good_rows$time * (1 - 1e-12)),
  `text for numbers` = with_columns(time = "1", event = "0", w = "1"),
  `status 3` = with_columns(event = rep(0:3, 2), status = factor(rep("censored", 8))),
  `status 1.5` = with_columns(event = good_rows$event + 0.5),
  `complex times` = with_columns(time = good_rows$time + 0i),
  `largest times` = with_columns(time = good_rows$time * 1e307),
  `smallest times` = with_columns(time = good_rows$time * 5e-324),
  `weights past 1e80` = with_columns(w = c(1e308, 1e-320)),
  `weights at 1e80` = with_columns(w = c(1e80, 1e-80)),
  `odd labels` = with_columns(group = factor(good_rows$group, labels = c("", "%s<b>"))),
  `no text` = with_columns(group = factor(good_rows$group, labels = c("\xff", "b"))),
  `columns missing` = good_rows["time"],
  `lengths differ` = replace(as.list(good_rows), "time", list(1:3))
)

# Makes studies from the simulated cohort, with the optional columns and visits that
# omd_class(), visit_response() and spider_plot() read
study_of <- function(patients, keep_events = TRUE, ...) {
  rows <- function(part) {
    x <- as.data.frame(hcc_sbrt[[part]])
    x[x$patient_id %in% patients, , drop = FALSE]
  }
  events <- rows("adverse_events")
  suppressMessages(sbrt_study(
    with_omd_answers(rows("patients")), rows("lesions"),
    if (keep_events) events else events[0, ],
    cutoff = hcc_sbrt$cutoff, ...
  ))
}

# Patients with answers to the questions asked by omd_class()
with_omd_answers <- function(patients) {
  patients[c("prior_polymetastatic", "prior_oligometastatic")] <- "no"
  patients$systemic_therapy <- rep_len(c("yes", "no"), nrow(patients))
  patients$progressive_lesions <- "no"
  patients$diagnosis_date <- patients$sbrt_start - 400
  patients$omd_date <- patients$sbrt_start - 30
  patients
}

# A visit before SBRT and a visit after it, at which the only measured lesion is smaller
visits_of <- function(patients) {
  all <- as.data.frame(hcc_sbrt$patients)
  lesions <- as.data.frame(hcc_sbrt$lesions)
  start <- all$sbrt_start[match(patients, all$patient_id)]
  first <- lesions$lesion_id[match(patients, lesions$patient_id)]
  data.frame(
    patient_id = rep(patients, each = 2), lesion_id = rep(first, each = 2),
    role = "target",
    assessment_date = rep(start, each = 2) + c(-9, 21), diameter_mm = c(30, 15)
  )
}

# A study of all patients of the simulated cohort; the first three have visits
good_study <- function() {
  p <- as.data.frame(hcc_sbrt$patients)
  study_of(p$patient_id, assessments = visits_of(p$patient_id[1:3]))
}

# Studies in which a table, a group or an event is missing
awkward_studies <- function() {
  p <- as.data.frame(hcc_sbrt$patients)
  list(
    `one patient` = study_of(p$patient_id[1]),
    `one visit` = study_of(p$patient_id[1],
      assessments = visits_of(p$patient_id[1])[1, ]
    ),
    `nobody died` = study_of(p$patient_id[is.na(p$death_date)]),
    `one cohort` = study_of(p$patient_id[p$cohort == "OM"]),
    `no adverse events` = study_of(p$patient_id[1:5], FALSE)
  )
}

# Arguments for functions of one number, most of them invalid
awkward_numbers <- list(
  `0` = 0, negative = -1, huge = 1e308, tiny = 1e-300, `NA` = NA_real_, `NaN` = NaN,
  infinite = Inf, `two numbers` = c(1, 2), none = double(), `NULL` = NULL, text = "1",
  logical = TRUE, factor = factor(1), list = list(1), `a function` = sum,
  complex = 1i, date = as.Date("2020-01-01")
)

# Kaplan-Meier curves by group
km <- function(d, ...) kaplan_meier(Surv(time, event) ~ group, d, ...)

# Cumulative incidence by group
cif <- function(d, ...) cumulative_incidence(Surv(time, status) ~ group, d, ...)

# The computed data of all layers of a figure
built <- function(plot) ggplot2::ggplot_build(plot)$data

# The lines that a call prints
printed <- function(...) data.frame(text = utils::capture.output(...))

# The data frames of a result, to be searched for NaN
frames_of <- function(x) {
  if (is.data.frame(x)) list(x) else if (is.list(x)) x else list(as.data.frame(x))
}

# Is there a NaN in the numbers or the text of a data frame?
has_nan <- function(frame) {
  columns <- if (is.list(frame)) frame else list(frame)
  any(vapply(columns, function(x) {
    if (is.numeric(x)) any(is.nan(x)) else is.character(x) && any(grepl("\\bNaN\\b", x))
  }, NA))
}

# "answer", or the class of the error; for other conditions, their message
outcome_of <- function(call, data) {
  got <- tryCatch(
    withCallingHandlers(frames_of(call(data)), message = function(m) {
      if (inherits(m, "oligosurv_message")) invokeRestart("muffleMessage")
    }),
    oligosurv_error = function(e) class(e)[1L],
    oligosurv_warning = function(w) class(w)[1L], warning = identity, error = identity
  )
  if (inherits(got, "oligosurv_error_internal")) return("internal error")
  if (is.character(got)) return(got)
  if (inherits(got, "condition")) return(conditionMessage(got))
  if (any(vapply(got, has_nan, NA))) "NaN" else "answer"
}

# Allowed outcomes of calls with awkward data
good_outcomes <- c("answer", paste0("oligosurv_error_", c("data", "domain", "input")))

# Outcomes of all calls with all data sets, named "call / data set"
outcomes_of <- function(calls, data) {
  unlist(lapply(names(data), function(name) {
    got <- vapply(calls, outcome_of, "", data[[name]])
    stats::setNames(got, sprintf("%s / %s", names(calls), name))
  }))
}

# Each call gives an answer for good data
expect_answers <- function(calls, good) {
  out <- outcomes_of(calls, list(`good data` = good))
  expect_identical(out[out != "answer"], out[0])
}

# Each call gives an answer or a classed error for awkward data
expect_answers_or_errors <- function(calls, data, allowed = good_outcomes) {
  out <- outcomes_of(calls, data)
  expect_identical(out[!out %in% allowed], out[0])
}

# Exports of the NAMESPACE file of the package, and its S3 methods as "generic.class"
namespace_of_package <- function() {
  path <- system.file(package = "oligosurv")
  namespace <- parseNamespaceFile(basename(path), dirname(path))
  methods <- namespace$S3methods
  list(
    exports = namespace$exports, generic = methods[, 1L], class = methods[, 2L],
    methods = paste(methods[, 1L], methods[, 2L], sep = ".")
  )
}
