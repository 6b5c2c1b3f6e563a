# Landmarks and groups known later: protection against immortal-time bias.

d <- data.frame(
  month = c(1, 2, 4, 6, 8, 9, 12, 14), dead = c(1, 0, 1, 0, 1, 1, 0, 1),
  arm = rep(c("a", "b"), 4), age = c(50, 61, 47, 72, 66, 58, 63, 70)
)
d$response <- late_group(
  c("no", "no", "yes", "no", "yes", "no", "yes", "yes"), c(3, 3, 3, 3, 2, 3, 3, 2)
)

test_that("a landmark keeps those in follow-up beyond it and restarts the clock", {
  # a landmark at month 2 drops the death in month 1 and the censoring in month 2
  fit <- kaplan_meier(Surv(month, dead) ~ 1, d, landmark = 2)
  later <- kaplan_meier(Surv(month - 2, dead) ~ 1, d[3:8, ])
  expect_identical(tidy(fit), tidy(later))
  expect_identical(fit$table$landmark, list(at = 2, event = 1L, censored = 1L))
  expect_output(
    print(fit), "Landmark at 2: left out 1 row with an event by then, 1 not followed"
  )
})

test_that("every function that takes a formula takes a landmark", {
  cut <- d[3:8, ]
  cut$month <- cut$month - 3
  risks <- factor(d$dead * c(1, 2), 0:2, c("censored", "failure", "death"))
  late <- list(
    logrank_test(Surv(month, dead) ~ arm, d, landmark = 3)$statistic,
    tidy(hazard_ratio(Surv(month, dead) ~ age + strata(arm), d, landmark = 3)),
    tidy(cumulative_incidence(Surv(month, risks) ~ arm, d, landmark = 3)),
    gray_test(Surv(month, risks) ~ arm, d, landmark = 3)$tests,
    tidy(follow_up(Surv(month, dead) ~ 1, d, landmark = 3))
  )
  risks <- risks[3:8]
  early <- list(
    logrank_test(Surv(month, dead) ~ arm, cut)$statistic,
    tidy(hazard_ratio(Surv(month, dead) ~ age + strata(arm), cut)),
    tidy(cumulative_incidence(Surv(month, risks) ~ arm, cut)),
    gray_test(Surv(month, risks) ~ arm, cut)$tests,
    tidy(follow_up(Surv(month, dead) ~ 1, cut))
  )
  expect_equal(late, early)
})

test_that("left truncation, missing values, 1/2 codes and bad rows stay right", {
  d$entry <- c(0, 1, 1, 5, 0, 0, 3, 0)
  expect_identical(
    tidy(kaplan_meier(Surv(entry, month, dead) ~ 1, d, landmark = 3)),
    tidy(kaplan_meier(Surv(pmax(entry - 3, 0), month - 3, dead) ~ 1, d[3:8, ]))
  )
  expect_message(
    fit <- kaplan_meier(Surv(month, dead + 1) ~ 1, d, landmark = 9), "1 = censored"
  )
  expect_identical(fit$n.event, c(0, 1))
  gap <- d
  gap$dead[7] <- NA
  expect_message(kaplan_meier(Surv(month, dead) ~ 1, gap, landmark = 3), "row 7")
  bad <- d
  bad$month[2] <- -1
  expect_error(kaplan_meier(Surv(month, dead) ~ 1, bad, landmark = 3), "row 2",
    class = "oligosurv_error_domain"
  )
  nobody <- kaplan_meier(Surv(month, dead) ~ 1, d, landmark = 20)
  expect_identical(nrow(glance(nobody)), 1L)
  expect_identical(glance(nobody)$n, 0)
})

test_that("tables merge on one clock only", {
  one <- event_table(Surv(month, dead) ~ 1, d[1:4, ], landmark = 2)
  two <- event_table(Surv(month, dead) ~ 1, d[5:8, ], landmark = 2)
  all <- event_table(Surv(month, dead) ~ 1, d, landmark = 2)
  expect_identical(as.data.frame(c(one, two)), as.data.frame(all))
  expect_identical(c(one, two)$landmark, all$landmark)
  expect_error(c(one, event_table(Surv(month, dead) ~ 1, d)),
    class = "oligosurv_error_data"
  )
})

test_that("a group known later is refused until the clock starts late enough", {
  for (compare in list(kaplan_meier, logrank_test, hazard_ratio)) {
    refused <- expect_error(compare(Surv(month, dead) ~ response, d), "immortal time",
      class = "oligosurv_error_data"
    )
    expect_identical(refused$where, 1:8)
    refused <- expect_error(compare(Surv(month, dead) ~ response, d, landmark = 2.5),
      "latest at 3",
      class = "oligosurv_error_data"
    )
    expect_identical(refused$where, c(3L, 4L, 6L, 7L))
  }
  plain <- transform(d, response = as.character(response))
  expect_identical(
    logrank_test(Surv(month, dead) ~ response, d, landmark = 3)$p.value,
    logrank_test(Surv(month, dead) ~ response, plain, landmark = 3)$p.value
  )
  expect_identical(
    tidy(hazard_ratio(Surv(month, dead) ~ response, d, landmark = 3)),
    tidy(hazard_ratio(Surv(month, dead) ~ response, plain, landmark = 3))
  )
})

test_that("the mark is found inside terms, strata and outside of data", {
  expect_error(kaplan_meier(Surv(month, dead) ~ I(response == "yes"), d),
    class = "oligosurv_error_data"
  )
  expect_error(logrank_test(Surv(month, dead) ~ arm + strata(response), d),
    class = "oligosurv_error_data"
  )
  response <- d$response
  expect_error(kaplan_meier(Surv(month, dead) ~ response, d[c("month", "dead")]),
    class = "oligosurv_error_data"
  )
})

test_that("values known from the start pass; unknown times do not", {
  d$early <- late_group(d$arm, 0)
  expect_identical(
    kaplan_meier(Surv(month, dead) ~ early, d)$estimate,
    kaplan_meier(Surv(month, dead) ~ arm, d)$estimate
  )
  d$undated <- late_group(d$arm, NA)
  expect_error(kaplan_meier(Surv(month, dead) ~ undated, d, landmark = 9),
    "unknown time",
    class = "oligosurv_error_data"
  )
})

test_that("rows can be subset and combined; a lost mark is noticed", {
  part <- d[c(5, 8), ]
  expect_identical(attr(part$response, "known"), c(2, 2))
  expect_identical(d$response[5:8], c(d$response[5:6], d$response[7:8]))
  expect_identical(levels(d$response[1:2]), c("no", "yes"))
  expect_error(c(d$response, "no"), class = "oligosurv_error_input")
  expect_output(print(d$response), "Known at 2 to 3")
  broken <- d
  attr(broken$response, "known") <- 1
  expect_error(kaplan_meier(Surv(month, dead) ~ response, broken), "mark it again",
    class = "oligosurv_error_data"
  )
})

test_that("dates are counted from the start of each row", {
  start <- as.Date(c("2021-01-01", "2021-03-01"))
  x <- late_group(c("a", "b"), as.Date(c("2021-01-31", "2021-03-01")), start, "days")
  expect_identical(attr(x, "known"), c(30, 0))
  month <- late_group(c("a", "b"), as.Date(c("2021-01-31", "2021-03-01")), start)
  expect_identical(attr(month, "known"), c(30, 0) / 30.4375)
})

test_that("an endpoint from a landmark prints it, and late groups follow its clock", {
  os <- endpoint(hcc_sbrt, "os")
  late <- endpoint(hcc_sbrt, "os", landmark = 3)
  expect_identical(late$time, os$time[os$time > 3] - 3)
  expect_identical(late$patient_id, os$patient_id[os$time > 3])
  left <- table(factor(os$status[os$time <= 3], 0:1))
  expect_match(attr(late, "rule"), sprintf(
    "3 months later, in %d of 37 rows; left out were %d with an event by then and %d",
    sum(os$time > 3), left[["1"]], left[["0"]]
  ))
  expect_match(attr(late, "label"), "from the landmark at 3 months")
  expect_identical(attr(late[1:4, ], "landmark"), 3)
  late$response <- late_group(late$best_response %in% c("CR", "PR"), 3)
  os$response <- late_group(os$best_response %in% c("CR", "PR"), 3)
  expect_s3_class(kaplan_meier(Surv(time, status) ~ response, late), "kaplan_meier")
  expect_error(kaplan_meier(Surv(time, status) ~ response, os),
    class = "oligosurv_error_data"
  )
  # landmarks add up: 1 month after a landmark at 2 months
  two <- endpoint(hcc_sbrt, "os", landmark = 2)
  two$response <- late_group(two$best_response %in% c("CR", "PR"), 3)
  expect_s3_class(
    kaplan_meier(Surv(time, status) ~ response, two, landmark = 1), "kaplan_meier"
  )
})

test_that("best response of an endpoint is refused without its date", {
  os <- endpoint(hcc_sbrt, "os", landmark = 6)
  expect_error(kaplan_meier(Surv(time, status) ~ best_response, os), "late_group",
    class = "oligosurv_error_data"
  )
  expect_error(hazard_ratio(Surv(time, status) ~ I(best_response == "CR"), os),
    class = "oligosurv_error_data"
  )
  os$best_response <- late_group(os$best_response, 4)
  expect_s3_class(kaplan_meier(Surv(time, status) ~ best_response, os), "kaplan_meier")
  os <- endpoint(hcc_sbrt, "os")
  os[c("evaluable", "responder", "controlled")] <-
    best_response(hcc_sbrt)[c("evaluable", "responder", "controlled")]
  for (group in c("evaluable", "responder", "controlled")) {
    expect_error(logrank_test(stats::reformulate(group, quote(Surv(time, status))), os),
      "known only after time zero", class = "oligosurv_error_data"
    )
  }
})

test_that("rows of an endpoint that lost their class get a warning", {
  best <- best_response(hcc_sbrt)[c("patient_id", "responder")]
  merged <- merge(endpoint(hcc_sbrt, "os"), best, by = "patient_id")
  expect_false(inherits(merged, "sbrt_endpoint"))
  known <- merged[!is.na(merged$responder), ]
  for (call in list(
    function(d, ...) logrank_test(Surv(time, status) ~ responder, d, ...),
    function(d, ...) kaplan_meier(Surv(time, status) ~ cohort + responder, d, ...),
    function(d, ...) hazard_ratio(Surv(time, status) ~ responder, d, ...),
    function(d, ...) logrank_test(Surv(time, status) ~ cohort + strata(responder), d, ...)
  )) {
    expect_warning(call(known), "`responder` becomes known only after .*immortal",
      class = "oligosurv_warning_data"
    )
    expect_no_warning(call(known, landmark = 6))
  }
  # other data may have a column of this name
  known$audit <- NULL
  expect_no_warning(logrank_test(Surv(time, status) ~ responder, known))
})

test_that("errors by class", {
  expect_error(late_group(list(1), 0), class = "oligosurv_error_input")
  expect_error(late_group(1:3, 1:2), class = "oligosurv_error_input")
  expect_error(late_group(1:3, "soon"), class = "oligosurv_error_input")
  expect_error(late_group(1:2, as.Date("2021-01-01")), class = "oligosurv_error_input")
  expect_error(late_group(1:2, 1, as.Date("2021-01-01")), class = "oligosurv_error_input")
  expect_error(kaplan_meier(Surv(month, dead) ~ 1, d, landmark = 0),
    class = "oligosurv_error_input"
  )
  expect_error(endpoint(hcc_sbrt, "os", landmark = -1), class = "oligosurv_error_input")
})

test_that("rows that enter when their group is known are compared from then on", {
  late <- data.frame(
    known = c(0, 0, 2, 3, 1, 0, 2, 0), time = c(4, 5, 6, 7, 8, 9, 12, 10),
    event = c(1, 1, 1, 1, 0, 1, 1, 0), g = c("n", "n", "y", "y", "y", "n", "y", "n")
  )
  late$cause <- factor(late$event * c(1, 2), 0:2, c("censored", "x", "y"))
  marked <- transform(late, g = late_group(g, known))
  calls <- list(
    function(d) tidy(kaplan_meier(Surv(known, time, event) ~ g, d)),
    function(d) tidy(cumulative_incidence(Surv(known, time, cause) ~ g, d)),
    function(d) logrank_test(Surv(known, time, event) ~ g, d)$statistic,
    function(d) tidy(kaplan_meier(Surv(known, time, event) ~ 1 + strata(g), d)),
    function(d) gray_test(Surv(known, time, cause) ~ g, d)$tests,
    function(d) maxcombo_test(Surv(known, time, event) ~ g, d)$p.value,
    function(d) tidy(hazard_ratio(Surv(known, time, event) ~ g, d)),
    function(d) tidy(hazard_ratio(Surv(known, time, event) ~ known + strata(g), d)),
    function(d) tidy(restricted_mean(Surv(known, time, event) ~ g, d, tau = 6)),
    function(d) rate_difference(Surv(known, time, event) ~ g, d, times = 6)$contrasts,
    function(d) tidy(pairwise_test(Surv(known, time, event) ~ g, d, logrank_test)),
    function(d) pseudo_values(Surv(known, time, event) ~ g, d, times = 6)$pseudo.value,
    function(d) tidy(follow_up(Surv(known, time, event) ~ g, d)),
    function(d) as.data.frame(event_table(Surv(known, time, event) ~ g, d)),
    function(d) tidy(one_sample_test(Surv(known, time, event) ~ g, d, hazard = 0.1))
  )
  for (call in calls) {
    expect_equal(suppressWarnings(call(marked)), suppressWarnings(call(late)))
  }
  # from zero on, or with entry before the group is known: immortal time
  error <- expect_error(kaplan_meier(Surv(time, event) ~ g, marked), "immortal time",
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, c(3L, 4L, 5L, 7L))
  early <- transform(marked, known = pmax(known - 0.5, 0))
  error <- expect_error(kaplan_meier(Surv(known, time, event) ~ g, early), "row enters",
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, c(3L, 4L, 5L, 7L))
  expect_error(hazard_ratio(Surv(known, time, event) ~ g, early),
    class = "oligosurv_error_data"
  )
  later <- transform(marked, known = known + 1)
  expect_s3_class(kaplan_meier(Surv(known, time, event) ~ g, later), "kaplan_meier")
  # by the tie rule, 0.1 + 0.2 equals 0.3
  tied <- data.frame(
    en = c(0.3, 0), t = c(2, 3), e = 1, g = late_group(c("y", "n"), c(0.1 + 0.2, 0))
  )
  expect_s3_class(kaplan_meier(Surv(en, t, e) ~ g, tied), "kaplan_meier")
})

test_that("with entries and a landmark a row is at risk from the later of the two", {
  late <- data.frame(
    en = c(0, 2, 5, 0), t = c(9, 8, 7, 6), e = 1, g = c("a", "b", "b", "a"),
    known = c(3, 1, 5, 2)
  )
  marked <- transform(late, g = late_group(g, known))
  expect_identical(
    tidy(kaplan_meier(Surv(en, t, e) ~ g, marked, landmark = 3)),
    tidy(kaplan_meier(Surv(en, t, e) ~ g, late, landmark = 3))
  )
  error <- expect_error(kaplan_meier(Surv(en, t, e) ~ g, marked, landmark = 2.5),
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, 1L)
  # the group of a row that the landmark drops need not be known
  gone <- transform(marked, t = c(2.4, 8, 7, 6), en = c(0, 2, 5, 0))
  expect_s3_class(
    kaplan_meier(Surv(en, t, e) ~ g, gone, landmark = 2.5), "kaplan_meier"
  )
  # in an endpoint with a landmark, time counts from the landmark
  os <- endpoint(hcc_sbrt, "os", landmark = 2)
  os$en <- rep(1:2, length.out = nrow(os)) * (os$time > 3)
  os$g <- late_group(rep(c("x", "y"), length.out = nrow(os)), 2 + os$en)
  expect_s3_class(kaplan_meier(Surv(en, time, status) ~ g, os), "kaplan_meier")
  os$g <- late_group(rep(c("x", "y"), length.out = nrow(os)), 2.1 + os$en)
  expect_error(kaplan_meier(Surv(en, time, status) ~ g, os),
    class = "oligosurv_error_data"
  )
})

test_that("a patient who changes group has a row before and one after", {
  rows <- data.frame(
    id = c(1, 1, 2, 3, 3, 4), en = c(0, 3, 0, 0, 5, 0), t = c(3, 9, 7, 5, 11, 6),
    e = c(0, 1, 1, 0, 0, 1), g = c("no", "yes", "no", "no", "yes", "no")
  )
  marked <- transform(rows, g = late_group(g, ifelse(g == "no", 0, en)))
  f <- Surv(en, t, e) ~ g
  expect_identical(tidy(kaplan_meier(f, marked)), tidy(kaplan_meier(f, rows)))
  expect_equal(
    tidy(kaplan_meier(f, marked, id = id)), tidy(kaplan_meier(f, rows, id = id))
  )
  expect_equal(
    logrank_test(f, marked, id = id)$statistic, logrank_test(f, rows, id = id)$statistic
  )
  expect_equal(
    tidy(hazard_ratio(f, marked, id = id)), tidy(hazard_ratio(f, rows, id = id))
  )
  sloppy <- transform(marked, en = c(0, 0, 0, 0, 5, 0))
  expect_error(kaplan_meier(f, sloppy, id = id), "row 2",
    class = "oligosurv_error_data"
  )
})

test_that("an entry that equals the landmark up to rounding is no late entry", {
  d <- data.frame(entry = c(0, 0.3, 0, 0, 0), time = c(0.4, 0.5, 0.6, 0.7, 0.9),
    dead = c(1, 0, 1, 0, 1)
  )
  limits <- function(entry) {
    d$entry[2] <- entry
    tidy(kaplan_meier(Surv(entry, time, dead) ~ 1, d, landmark = 0.3), times = 0.2)
  }
  expect_equal(limits(0.1 + 0.2), limits(0.3), tolerance = 1e-12)
  expect_equal(limits(0.3 * (1 + 1e-12)), limits(0), tolerance = 1e-12)
})
