# Rows with ids: against survival, numerical derivatives and values by hand.

# three patients, four lesions: calculated in ?clustered_rows
by_hand <- data.frame(
  month = c(1, 1, 2, 3), status = c(1, 1, 0, 0), patient = c("P1", "P1", "P2", "P3")
)

lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")

test_that("Kaplan-Meier by id is that of survfit(cluster =)", {
  for (seed in 1:60) {
    d <- random_lesions(seed)
    fit <- kaplan_meier(Surv(time, event) ~ group, d, id = patient)
    peer <- survival::survfit(Surv(time, event) ~ group, d, cluster = patient)
    peer_error <- peer$std.err * if (peer$logse) peer$surv else 1
    expect_lt(worst_difference(fit$estimate, peer$surv, 1e-6), 1e-12)
    several <- fit$ids[rep.int(seq_along(fit$size), fit$size)] > 1
    open <- fit$estimate > 0 & several
    expect_lt(worst_difference(fit$std.error[open], peer_error[open], 1e-6), 1e-10)
    expect_true(all(fit$std.error[fit$estimate == 0] == 0))
  }
})

test_that("cumulative incidence by id is that of survfit(cluster =)", {
  for (seed in 1:60) {
    d <- random_lesions(seed)
    if (any(table(d$status) == 0)) next
    fit <- cumulative_incidence(Surv(time, status) ~ group, d, id = patient)
    peer <- survival::survfit(Surv(time, status) ~ group, d, cluster = patient)
    expect_lt(worst_difference(fit$estimate, as.vector(peer$pstate[, -1]), 1e-6), 1e-12)
    ok <- !is.na(fit$std.error)
    peer_error <- as.vector(peer$std.err[, -1])
    expect_lt(worst_difference(fit$std.error[ok], peer_error[ok], 1e-6), 1e-10)
  }
})

test_that("each row an id of its own: Greenwood's variance, and no ids in the result", {
  for (seed in 1:20) {
    d <- random_lesions(seed)
    d$row <- seq_len(nrow(d))
    f <- Surv(time, status) ~ group
    greenwood <- cumulative_incidence(f, d)
    jackknife <- cumulative_incidence(f, d, variance = "jackknife")
    by_row <- cumulative_incidence(f, d, id = row) # one row: no standard error by id
    known <- !is.na(by_row$std.error)
    expect_gt(mean(known), 0.5)
    error <- by_row$std.error[known]
    expect_lt(worst_difference(error, greenwood$std.error[known]), 1e-12)
    expect_lt(worst_difference(error, jackknife$std.error[known]), 1e-12)
    expect_identical(names(tidy(jackknife)), names(tidy(greenwood)))
    from_counts <- cumulative_incidence(event_table(f, d), variance = "jackknife")
    expect_identical(jackknife$std.error, from_counts$std.error)
    f <- Surv(time, event) ~ group # exact limits by id use the effective number
    by_row <- kaplan_meier(f, d, conf.type = "log-log", id = row)
    plain <- tidy(kaplan_meier(f, d, conf.type = "log-log"))
    several <- by_row$ids[match(plain$strata, levels(plain$strata))] > 1
    got <- tidy(by_row)
    for (name in c("estimate", "std.error", "conf.low", "conf.high")) {
      expect_lt(worst_difference(got[[name]][several], plain[[name]][several]), 1e-10)
    }
  }
})

test_that("by hand: three patients, four lesions", {
  fit <- kaplan_meier(Surv(month, status) ~ 1, by_hand, id = patient)
  at <- summary(fit, times = c(0, 1))
  expect_equal(at$estimate, c(1, 1 / 2), tolerance = 1e-15)
  expect_equal(at$std.error^2, c(0, 3 / 32), tolerance = 1e-14)
  expect_identical(at$n.id, c(3, 3))
  expect_identical(tidy(fit)$n.id, c(3, 3, 2, 1))
  expect_identical(names(at)[ncol(at)], "n.id")
  # no failure before 1: exact limits for 0 of 3 patients
  expect_equal(at$conf.low[1], 0.025^(1 / 3), tolerance = 1e-14)
  g <- glance(fit)
  expect_identical(g$n.id, 3)
  expect_equal(g$design.effect, 1.5, tolerance = 1e-14)
  expect_equal(g$intra.correlation, 1, tolerance = 1e-14)
  expect_output(print(fit), "Robust .infinitesimal jackknife. variance, 4 rows in 3 ids")
})

test_that("exact limits count ids, and no interval collapses", {
  twins <- data.frame(
    time = rep(c(2, 4, 4), each = 3), event = rep(c(0, 1, 1), each = 3),
    patient = rep(1:3, each = 3)
  )
  fit <- tidy(kaplan_meier(Surv(time, event) ~ 1, twins, id = patient))
  expect_identical(fit$conf.type, rep("exact", 3))
  expect_equal(fit$conf.low[1:2], 0.025^(1 / c(3, 2)), tolerance = 1e-12)
  # both patients at risk have failed: beta distribution for 2 failures of 2
  expect_equal(fit$conf.high[3], 1 - 0.025^(1 / 2), tolerance = 1e-12)
  # each patient has one failed and one censored lesion: robust variance 0
  halves <- data.frame(
    time = c(1, 2, 1, 2), event = c(1, 0, 1, 0), patient = c(1, 1, 2, 2)
  )
  fit <- tidy(kaplan_meier(Surv(time, event) ~ 1, halves, id = patient), times = 1)
  expect_identical(fit$std.error, 0)
  want <- unlist(clopper_pearson(1L, 2L, 0.95), use.names = FALSE)
  expect_equal(c(fit$conf.low, fit$conf.high), want, tolerance = 1e-14)
  effective <- kaplan_meier(Surv(month, status) ~ 1, by_hand,
    conf.type = "exact", id = patient
  )
  effective <- summary(effective, times = 1)
  n <- 1 / 4 / (3 / 32) * 2 / 3 # effective number of three ids
  expect_equal(effective$conf.low, stats::qbeta(0.025, n / 2, n / 2 + 1))
})

test_that("a single id has no variance: NA, and exact limits for one patient", {
  one <- data.frame(time = 1:3, event = c(0, 1, 0))
  fit <- tidy(kaplan_meier(Surv(time, event) ~ 1, one, id = c("P", "P", "P")))
  expect_identical(fit$std.error, c(0, 0, NA, NA))
  expect_identical(is.nan(fit$std.error), rep(FALSE, 4))
  expect_equal(fit$conf.low, c(0.025, 0.025, NA, NA))
  fit <- kaplan_meier(Surv(time, event) ~ 1, one, id = rep(1, 3))
  expect_identical(glance(fit)$design.effect, NA_real_)
})

test_that("id: a column, a variable, a vector or cluster(); one of them", {
  f <- Surv(time, event) ~ group
  d <- random_lesions(3)
  want <- tidy(kaplan_meier(f, d, id = patient))
  whose <- d$patient
  expect_identical(tidy(kaplan_meier(f, d, id = whose)), want)
  expect_identical(tidy(kaplan_meier(f, d, id = factor(d$patient))), want)
  expect_identical(tidy(kaplan_meier(f, d, id = "patient")), want)
  in_formula <- kaplan_meier(Surv(time, event) ~ group + cluster(patient), d)
  expect_identical(tidy(in_formula), want)
  wrapper <- function(data, ...) kaplan_meier(f, data, ...)
  expect_identical(tidy(wrapper(d, id = patient)), want)
  expect_identical(tidy(do.call(kaplan_meier, list(f, d, id = whose))), want)
  shuffled <- withr::with_seed(1, d[sample(nrow(d)), ])
  expect_equal(tidy(kaplan_meier(f, shuffled, id = patient)), want, tolerance = 1e-13)
  both <- Surv(time, event) ~ cluster(patient)
  expect_error(kaplan_meier(both, d, id = patient), "once",
    class = "oligosurv_error_input"
  )
  expect_error(kaplan_meier(f, d, id = nobody), "nobody", class = "oligosurv_error_input")
  expect_error(kaplan_meier(f, d, id = 1:2), "one value per row",
    class = "oligosurv_error_input"
  )
  counts <- event_table(f, d)
  expect_error(kaplan_meier(counts, id = whose), "no ids", class = "oligosurv_error_data")
  expect_error(event_table(both, d), "cluster", class = "oligosurv_error_data")
  # follow_up() accepts ids of split rows; these rows overlap
  expect_error(follow_up(both, d), "overlap", class = "oligosurv_error_data")
})

test_that("a row with a missing id is dropped with a message", {
  d <- random_lesions(5)
  gap <- d
  gap$patient[2] <- NA
  expect_message(
    fit <- kaplan_meier(Surv(time, event) ~ group, gap, id = patient), "or id dropped",
    class = "oligosurv_message"
  )
  without <- kaplan_meier(Surv(time, event) ~ group, d[-2, ], id = patient)
  expect_identical(tidy(fit), tidy(without))
  expect_identical(fit$table$dropped, 1L)
  expect_error(
    logrank_test(Surv(time, event) ~ group, gap,
      id = patient, na.action = stats::na.fail
    ),
    class = "oligosurv_error_data"
  )
})

test_that("a landmark leaves out rows and their ids", {
  d <- random_lesions(6)
  from <- stats::median(d$time)
  fit <- kaplan_meier(Surv(time, event) ~ group, d, id = patient, landmark = from)
  later <- d[d$time > from * (1 + 1e-9), ]
  later$time <- later$time - from
  want <- kaplan_meier(Surv(time, event) ~ group, later, id = patient)
  expect_equal(tidy(fit), tidy(want), tolerance = 1e-12)
})

test_that("with ids the variance is the jackknife; another one is refused", {
  f <- Surv(time, status) ~ group
  d <- random_lesions(4)
  fit <- cumulative_incidence(f, d, id = patient)
  asked <- cumulative_incidence(f, d, variance = "jackknife", id = patient)
  expect_identical(asked$std.error, fit$std.error)
  for (variance in c("greenwood", "aalen")) {
    expect_error(
      cumulative_incidence(f, d, variance = variance, id = patient), "jackknife",
      class = "oligosurv_error_input"
    )
  }
  expect_output(print(cumulative_incidence(f, d, variance = "aalen")), "Aalen's variance")
})

test_that("Aalen's variance is cmprsk's at every time", {
  skip_if_not_installed("cmprsk")
  for (seed in 1:30) {
    d <- random_lesions(seed)
    if (any(table(d$status) == 0)) next
    fit <- cumulative_incidence(Surv(time, status) ~ 1, d, variance = "aalen")
    peer <- cmprsk::cuminc(d$time, d$cause)
    for (k in 1:2) {
      at <- (k - 1) * length(fit$time) + seq_along(fit$time)
      want <- cmprsk::timepoints(peer, fit$time)$var[k, ]
      expect_lt(worst_difference(fit$std.error[at]^2, unname(want), 1e-6), 1e-10)
    }
  }
})

test_that("lesion rows without id are an error that names the missing argument", {
  calls <- list(
    quote(cumulative_incidence(Surv(time, status) ~ 1, lesions)),
    quote(gray_test(Surv(time, status) ~ cohort, lesions)),
    quote(kaplan_meier(Surv(time, status == "death") ~ 1, lesions)),
    quote(logrank_test(Surv(time, status == "death") ~ cohort, lesions))
  )
  for (call in calls) {
    e <- expect_error(eval(call), "65 lesions of 37 patients",
      class = "oligosurv_error_data"
    )
    expect_match(conditionMessage(e), "id = patient_id", fixed = TRUE)
    expect_identical(length(e$where), 28L)
    call$id <- quote(patient_id)
    expect_s3_class(eval(call), c("oligosurv_fit", "oligosurv_test"), exact = FALSE)
  }
  expect_error(follow_up(Surv(time, status) ~ 1, lesions), "patients",
    class = "oligosurv_error_data"
  )
  first <- lesions[!duplicated(lesions$patient_id), ]
  expect_s3_class(cumulative_incidence(Surv(time, status) ~ 1, first), "oligosurv_fit")
  patients <- endpoint(hcc_sbrt, "local_failure")
  expect_s3_class(cumulative_incidence(Surv(time, status) ~ 1, patients), "oligosurv_fit")
})

test_that("the printed text counts patients and lesions, with the design effect", {
  fit <- cumulative_incidence(Surv(time, status) ~ cohort, lesions, id = patient_id)
  expect_output(print(fit), "65 lesions in 37 patients")
  g <- glance(fit)
  expect_identical(g$n.id, c(28, 9, 28, 9))
  # without id columns
  naive <- cumulative_incidence(
    Surv(time, status) ~ cohort, as.data.frame(lesions)[c("time", "status", "cohort")]
  )
  last <- function(x, outcome) {
    x <- tidy(x)
    x <- x[x$outcome == outcome & x$strata == "OM" & x$estimate > 0 & x$estimate < 1, ]
    x$std.error[nrow(x)]^2
  }
  expect_equal(g$design.effect[4], last(fit, "death") / last(naive, "death"))
  expect_identical(g$design.effect[2], NA_real_)
  test <- gray_test(Surv(time, status) ~ cohort, lesions, id = patient_id)
  expect_identical(
    test$method, "Gray's test, clustered by id (65 lesions in 37 patients)"
  )
  expect_null(fit$table$id)
})

test_that("a curve long enough for S near 0 keeps its digits", {
  n <- 2e4
  d <- data.frame(time = seq_len(n), event = 1, patient = rep(seq_len(n / 2), 2))
  fit <- kaplan_meier(Surv(time, event) ~ 1, d, id = patient)
  # no censoring: S = (n - t) / n; row i has influence -S / n, or (1 - S) / n after t
  t <- n - 3 # the last three ids have another row that failed
  s <- 3 / n
  per_row <- ifelse(seq_len(n) <= t, -s / n, (1 - s) / n)
  want <- sum(rowsum(per_row, d$patient)^2)
  expect_lt(worst_difference(fit$std.error[t]^2, want, 1e-300), 1e-13)
})

test_that("as_survfit() hands over the standard errors by id, those of S too", {
  fit <- cumulative_incidence(Surv(time, status) ~ cohort, lesions, id = patient_id)
  got <- summary(as_survfit(fit), times = c(12, 24))
  peer <- survival::survfit(Surv(time, status) ~ cohort, as.data.frame(lesions),
    cluster = patient_id
  )
  want <- summary(peer, times = c(12, 24))
  expect_equal(unname(got$std.err), unname(want$std.err), tolerance = 1e-12)
  expect_null(as_survfit(fit)$std.auc)
  km <- kaplan_meier(Surv(time, status == "death") ~ 1, lesions, id = patient_id)
  expect_null(as_survfit(km)$std.chaz)
  expect_output(print(as_survfit(km)), "65")
})

test_that("ids at risk are not known between an entry and the next row", {
  d <- data.frame(
    entry = c(0, 0, 4, 1, 2), time = c(6, 8, 7, 7, 9), dead = c(0, 1, 0, 1, 1), id = 1:5
  )
  fit <- kaplan_meier(Surv(entry, time, dead) ~ 1, d, id = id)
  rows <- tidy(fit, times = c(0.5, 2.5, 4, 5, 6, 7.5))
  expect_identical(rows$n.risk, c(2, 4, 4, 5, 5, 2))
  expect_equal(rows$n.id, c(NA, NA, NA, 5, 5, 2))
})
