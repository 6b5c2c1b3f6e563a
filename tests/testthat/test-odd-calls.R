# Calls that a fuzzer of all functions found, one for each kind: the value of an argument
# is read whatever class it has, and a component that was changed is named.

rows <- data.frame(
  time = c(1, 2, 2, 3, 4, 5, 6, 7), event = c(1, 0, 1, 1, 0, 1, 1, 0), start = 0,
  status = factor(c(1, 0, 2, 1, 0, 1, 2, 0), 0:2, c("none", "a", "b")),
  arm = rep(c("A", "B"), 4)
)
few <- hcc_sbrt[1:12, ]

# An object with the component at `path` replaced
changed_at <- function(x, path, value) {
  class <- oldClass(x)
  bare <- unclass(x)
  if (length(path) > 1L) value <- changed_at(bare[[path[1L]]], path[-1L], value)
  bare[[path[1L]]] <- value
  structure(bare, class = class)
}

test_that("labelled arguments are read like plain ones where vctrs is loaded", {
  skip_if_not(nzchar(system.file(package = "vctrs")))
  # loads the package, whose methods refuse comparisons with plain text and numbers
  getExportedValue("vctrs", "vec_size")
  labelled <- function(x) {
    structure(x, class = c("haven_labelled", "vctrs_vctr", typeof(x)))
  }
  counts <- data.frame(time = 1:3, status = c(2, 5, 5), n = 1)
  calls <- list(
    list(function(x) albi(40, 10, x, "umol/l"), "g/l"),
    list(function(x) child_pugh(2.5, 3.5, 1, "none", "none", x, "g/dl"), "mg/dl"),
    list(function(x) as.data.frame(event_table(counts, censor = x)), 5),
    list(function(x) few[x, ], c(2, 3)),
    list(function(x) endpoint(few, "os")[x, ], c(2, 3)),
    list(function(x) flow_table(few, excluded = x), c("no imaging" = 3)),
    list(function(x) baseline_table(few, variables = x), c("strategy", "cohort")),
    list(function(x) {
      fit <- follow_up(Surv(time, event) ~ 1, rows, potential = x)
      glance(fit)
    }, rep(9, 8)),
    list(function(x) {
      result_table(kaplan_meier(Surv(time, event) ~ 1, rows), notes = x)$notes
    }, c("one", "two")),
    list(function(x) format_p_value(x), c(0.2, 0.03)),
    list(function(x) unclass(curve_options(colours = x)), c("red", "blue"))
  )
  for (call in calls) {
    expect_identical(call[[1L]](labelled(call[[2L]])), call[[1L]](call[[2L]]))
  }
})

test_that("a changed component is named", {
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  by_id <- kaplan_meier(Surv(time, event) ~ arm, rows, id = rep(1:4, 2))
  entered <- event_table(Surv(start, time, event) ~ arm, rows)
  table <- event_table(Surv(time, status) ~ arm, rows)
  moves <- event_table(Surv(time, status) ~ arm, rows, from = "alive")
  band <- survival_band(fit)
  states <- state_occupation(Surv(time, status) ~ arm, rows)
  ratio <- hazard_ratio(Surv(time, event) ~ arm, rows)
  area <- restricted_mean(Surv(time, event) ~ arm, rows)
  three <- hazard_ratio(Surv(time, event) ~ poly(c(1:3, 5:9), 3), rows)
  blank <- ratio$models
  blank[] <- NA
  cases <- list(
    list("variance", summary, changed_at(fit, "variance", "99")),
    list("variance", print, changed_at(fit, "variance", "99")),
    list("estimator", print, changed_at(band, "estimator", "99")),
    list("band", print, changed_at(band, c("band", "type"), "99")),
    list("time", function(x) augment(x, rows, Surv(time, event) ~ arm),
      changed_at(fit, "time", -fit$time)),
    list("naive.error", result_table, changed_at(by_id, "naive.error", 1:3)),
    list("models", result_table, changed_at(ratio, "models", blank)),
    list("lost", print, changed_at(three, "lost", logical(2))),
    list("contrasts", result_table,
      changed_at(area, c("contrasts", "contrast"), NA_character_)),
    list("means", print, changed_at(states, c("means", "strata"),
      replace(states$means$strata, 1L, NA))),
    list("entry", cumulative_incidence, changed_at(entered, "time", 0 * entered$time)),
    list("states", function(x) restricted_mean(x, tau = 5),
      changed_at(table, "states", rep(table$states, 2L))),
    list("values", function(x) c(x, x), changed_at(table, c("values", "arm"), mean)),
    list("values", function(x) c(x, x), changed_at(table, c("values", "arm"), "A")),
    list("dropped", function(x) c(x, x), changed_at(moves, "dropped", integer()))
  )
  for (case in cases) {
    error <- expect_error(utils::capture.output(case[[2L]](case[[3L]])),
      class = "oligosurv_error_data"
    )
    expect_identical(error$component, case[[1L]])
  }
})

test_that("counts that are too large for an integer are written in full", {
  table <- baseline_table(few)
  table$n <- rep(2^53, nrow(table))
  expect_match(paste(names(format(table)), collapse = " "), "n = 9,007,199,254,740,992",
    fixed = TRUE
  )
})

test_that("odd arguments are refused by name", {
  group <- late_group(rows$arm, rows$start)
  day <- as.POSIXct("2020-01-01", tz = "UTC")
  symbol <- as.name("nope")
  s4 <- methods::getClass("numeric")
  broken <- structure(c(1L, 9L), levels = "a", class = "factor")
  odd_surv <- structure(matrix(1, 8, 2), type = "right", class = "Surv")
  wide <- data.frame(patient_id = 1:2, what = "dead", when = "2020-01-01")
  flow <- changed_at(flow_table(few), "n.left.out", mean)
  foreign <- changed_at(hazard_ratio(Surv(time, event) ~ arm, rows),
    c("table", "reference"), "b\xff"
  )
  cases <- list(
    test = quote(pairwise_test(Surv(time, event) ~ arm, rows, test = `if`)),
    test = quote(pairwise_test(Surv(time, event) ~ arm, rows, test = Sys.time)),
    conf.type = quote(calibration(Surv(time, event) ~ I(start / 9), rows, 3, groups = 2,
      conf.type = symbol
    )),
    columns = quote(wider_dates(wide, "what", "when", s4)),
    censor = quote(event_table(data.frame(time = 1, status = 1, n = 1), censor = broken)),
    length.out = quote(rep_len(group, day)), times = quote(rep.int(group, day)),
    times = quote(rep(group, times = day)), x = quote(kaplan_meier(odd_surv ~ 1))
  )
  if (nzchar(system.file(package = "ggplot2"))) {
    cases <- c(cases, list(
      ongoing = quote(waterfall_plot(few, ongoing = integer())),
      x = quote(flow_plot(flow)), "x$label" = quote(forest_plot(foreign)),
      plot = quote(save_figure(is.na, "a.pdf"))
    ))
  }
  for (i in seq_along(cases)) {
    error <- expect_error(eval(cases[[i]]), class = "oligosurv_error")
    expect_identical(error$arg, names(cases)[i])
  }
  error <- expect_error(omd_class(changed_at(few, "lesions", 1)),
    class = "oligosurv_error"
  )
  expect_match(conditionMessage(error), "lesions")
})

test_that("arguments that no column or word can be name themselves", {
  patients <- data.frame(
    patient_id = 1:3, sbrt_start = as.Date("2020-01-01") + 0:2,
    last_contact = as.Date("2021-01-01"), death = c(0, 1, 0)
  )
  not_text <- rawToChar(as.raw(c(255, 254)))
  broken <- structure(1L, levels = 1:3, class = "factor")
  two <- data.frame(time = 1:6, event = c(1, 0, 1, 1, 0, 1), arm = c("a", "b"))
  fit <- hazard_ratio(Surv(time, event) ~ arm, two)
  cases <- list(
    levels = quote(sbrt_study(patients, levels = new.env())),
    dates = quote(sbrt_study(patients, dates = new.env())),
    impute = quote(sbrt_study(patients, impute = list(patients = new.env()))),
    missing = quote(sbrt_study(patients, missing = not_text)),
    cutoff = quote(sbrt_study(patients, cutoff = broken)),
    reference = quote(adjusted_curves(fit, "arm", times = 3, reference = broken))
  )
  for (i in seq_along(cases)) {
    error <- expect_error(eval(cases[[i]]), class = "oligosurv_error")
    expect_identical(error$arg, names(cases)[i])
  }
  none <- suppressMessages(
    follow_up(Surv(time, event) ~ arm, two, potential = 12, id = rep(NA, 6))
  )
  expect_s3_class(none, "follow_up")
})

test_that("the texts of many times are those of one", {
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  times <- seq(0, 9, length.out = 400)
  all <- inline_text(fit, times = times)
  expect_length(all, length(times) * length(unique(rows$arm)))
  for (i in c(1, 57, 400)) {
    expect_true(all(inline_text(fit, times = times[i]) %in% all))
  }
})

test_that("many times between the same events have the values of one of them", {
  times <- sort(c(seq(0.001, 8, length.out = 2000), rows$time))
  few_times <- c(0.5, 1, 2, 6.5, 8)
  times <- union(times, few_times)
  for (f in list(
    function(t) influence_values(Surv(time, status) ~ arm, rows, times = t),
    function(t) pseudo_values(Surv(time, status) ~ arm, rows, times = t),
    function(t) pseudo_values(Surv(time, status) ~ arm, rows, times = t, id = 1:8)
  )) {
    all <- f(times)
    got <- all[all$time %in% few_times, ]
    want <- lapply(few_times, f)
    want <- do.call(rbind, want)
    key <- function(x) order(x$time, x$outcome, x[[1L]])
    expect_equal(as.list(got[key(got), ]), as.list(want[key(want), ]))
  }
})

test_that("differences at many times have the rows of few times", {
  late <- transform(rows, start = c(0, 0, 1, 1.5, 2, 0, 3, 0))
  times <- sort(union(seq(0, 9, length.out = 500), c(rows$time, late$start)))
  for (f in list(
    function(t) rate_difference(Surv(time, event) ~ arm, rows, times = t),
    function(t) rate_difference(Surv(time, status) ~ arm, rows, times = t),
    function(t) rate_difference(Surv(start, time, event) ~ arm, late, times = t),
    function(t) {
      rate_difference(Surv(time, event) ~ arm, rows, times = t, id = c(1:4, 1:4))
    }
  )) {
    all <- suppressMessages(f(times))
    for (t in c(0, 0.5, 1, 1.7, 2, 2.5, 6.5, 7, 8.5)) {
      one <- suppressMessages(f(t))
      for (part in c("estimates", "contrasts")) {
        last <- max(times[times <= t])
        got <- all[[part]][which(abs(all[[part]]$time - last) < 1e-12), ]
        same <- setdiff(names(got), c("time", "n.event", "n.censor"))
        expect_equal(as.list(got[same]), as.list(one[[part]][same]))
      }
    }
    keys <- intersect(c("strata", "outcome"), names(all$estimates))
    by <- split(all$estimates, as.list(all$estimates[keys]), drop = TRUE)
    for (curve in by) expect_equal(cumsum(curve$n.event), curve$cum.event)
  }
})

test_that("a study whose tables were replaced names the table", {
  frame <- changed_at(few, "patients", data.frame(a = 1))
  broken <- changed_at(few, c("patients", "last_contact"), mean)
  longer <- changed_at(few, "patients", c(few$patients, few$patients))
  expect_error(omd_class(frame), "patient_id", class = "oligosurv_error_input")
  if (nzchar(system.file(package = "ggplot2"))) {
    expect_error(waterfall_plot(broken), "last_contact", class = "oligosurv_error_input")
    expect_error(waterfall_plot(longer), "patients", class = "oligosurv_error_input")
    expect_error(save_figure(function() plot(1), tempfile(fileext = ".pdf"), 2^31 - 1),
      "between 1 and 1e[+]06", class = "oligosurv_error_input"
    )
  }
})

test_that("components of tables and models that contradict each other are named", {
  moves <- event_table(Surv(entry, time, status) ~ 1, study_states(hcc_sbrt),
    id = patient_id, from = from
  )
  expect_error(c(changed_at(moves, "entry", 1), moves), "`entry`",
    class = "oligosurv_error_data"
  )
  table <- event_table(Surv(time, event) ~ arm, rows)
  # the values of the groups are no longer those of the labels
  other <- changed_at(table, c("values", "arm"), 1:2)
  expect_error(c(other, other), "`values`", class = "oligosurv_error_data")
  fit <- hazard_ratio(Surv(time, event) ~ start + strata(arm), rows)
  expression <- changed_at(fit, c("models", "ph.p.value"), quote(a + b))
  expect_error(print(expression), "`models`", class = "oligosurv_error_data")
  ranks <- fit$model$fits[[1]]$cells$time
  ranks[length(ranks)] <- .Machine$integer.max
  far <- fit
  far$model$fits[[1]]$cells$time <- ranks
  expect_error(adjusted_curves(far, "arm", times = 2:4, tau = 4), "`time`",
    class = "oligosurv_error_data"
  )
})

test_that("further changed components, and times that no curve reaches", {
  withr::local_pdf(NULL)
  fit <- hazard_ratio(Surv(time, event) ~ arm, rows)
  unknown <- fit
  unknown$model$fits[[1]]$naive[] <- NA
  expect_error(plot(unknown), "not defined", class = "oligosurv_error_data")
  gray <- hazard_ratio(Surv(time, status) ~ arm, rows, model = "fine-gray",
    outcome = "a"
  )
  ranks <- gray$model$fits[[1]]$curve$fine_gray$time
  gray$model$fits[[1]]$curve$fine_gray$time[length(ranks)] <- .Machine$integer.max
  expect_error(adjusted_curves(gray, "arm", times = 2:4, tau = 4), "`time`",
    class = "oligosurv_error_data"
  )
  weighted <- kaplan_meier(Surv(time, event) ~ arm, rows,
    weights = rep(2, nrow(rows)), weight_type = "frequency"
  )
  weighted$table$weights$type <- NA_character_
  expect_error(result_table(weighted), "`table`|`weights`",
    class = "oligosurv_error_data"
  )
  weighted$table$weights <- data.frame(a = 1)
  expect_error(summary(weighted), "`table`|`weights`", class = "oligosurv_error_data")
  doses <- dose_response(hcc_sbrt, times = 12)
  doses <- changed_at(doses, "groups", quote(a + b))
  expect_type(inline_text(doses), "character")
  skip_if_not_installed("ggplot2")
  late <- curve_plot(kaplan_meier(Surv(time, event) ~ arm, rows), times = 2^53)
  expect_silent(ggplot2::ggplotGrob(late))
})

test_that("base graphics draw emoji as R does, and figures without breaks, in silence", {
  withr::local_pdf(NULL)
  fit <- kaplan_meier(Surv(time, event) ~ arm, rows)
  ratio <- hazard_ratio(Surv(time, event) ~ arm, rows)
  occupied <- state_occupation(Surv(entry, time, status) ~ 1, study_states(hcc_sbrt),
    id = patient_id, from = from
  )
  smile <- "\U1F600"
  expect_silent(plot(fit, title = smile, xlab = smile, ylab = smile))
  expect_silent(plot(ratio, title = smile))
  expect_silent(plot(occupied, title = smile, ylab = smile))
  expect_silent(plot(predict(ratio, rows[1:2, ]), title = smile, xlab = smile))
  expect_silent(plot(occupied, risk_table = "none", breaks = numeric()))
})
