# follow_up(): reverse Kaplan-Meier, completeness, split rows.

test_that("events at a time leave the risk set before censorings at that time", {
  # the example on the help page of prodlim: 5, where 1 - status as event gives 6
  fit <- follow_up(Surv(c(1, 2, 3, 5, 5, 6), c(1, 0, 1, 1, 0, 0)) ~ 1)
  rows <- tidy(fit)
  expect_identical(median(fit)$estimate, 5)
  expect_identical(rows$n.risk, c(6, 5, 5, 3, 2, 1))
  expect_equal(rows$estimate, c(1, 1, 4 / 5, 4 / 5, 2 / 5, 0))
})

test_that("without ties it is Kaplan-Meier with the status turned round", {
  withr::local_seed(2)
  time <- rexp(50)
  status <- rbinom(50, 1, 0.5)
  expect_identical(
    tidy(follow_up(Surv(time, status) ~ 1))$estimate,
    tidy(kaplan_meier(Surv(time, 1 - status) ~ 1))$estimate
  )
})

test_that("nobody censored: not estimable; competing events all count", {
  expect_identical(median(follow_up(Surv(1:5, rep(1, 5)) ~ 1))$estimate, NA_real_)
  k <- factor(c(0, 1, 2, 0), 0:2, c("censored", "x", "y"))
  expect_identical(
    tidy(follow_up(Surv(1:4, k) ~ 1))$estimate,
    tidy(follow_up(Surv(1:4, k != "censored") ~ 1))$estimate
  )
})

test_that("completeness: Clark's C, observed over potential time", {
  d <- data.frame(month = c(3, 5, 2, 8), death = c(1, 1, 0, 0), possible = c(9, 7, 8, 8))
  f <- Surv(month, death) ~ 1
  got <- glance(follow_up(f, d, potential = possible))
  expect_equal(got$completeness, 18 / 24, tolerance = 1e-15)
  expect_equal(glance(follow_up(f, d, potential = 8))$completeness, 18 / 24)
  expect_identical(glance(follow_up(event_table(f, d), potential = 8))$completeness, 0.75)
  expect_identical(glance(follow_up(f, d))$completeness, NA_real_)
  d$possible[1] <- NA # not used, because of the event
  expect_equal(glance(follow_up(f, d, potential = possible))$completeness, 18 / 24)
  d$arm <- c("a", "b", "a", "b")
  by_arm <- glance(follow_up(Surv(month, death) ~ arm, d, potential = d$possible))
  expect_equal(by_arm$completeness, c(5 / 11, 1), tolerance = 1e-15)
})

test_that("quartiles, ranges and survivors: of the rows themselves, counted or not", {
  d <- random_rows("ties", 4)
  d$event <- d$cause > 0
  fit <- follow_up(Surv(time, status) ~ group, d)
  got <- glance(fit)
  for (g in levels(d$group)) {
    rows <- d[d$group == g, ]
    alive <- rows$time[!rows$event]
    row <- got[got$strata == g, ]
    expect_identical(c(row$shortest, row$longest), range(rows$time))
    expect_identical(row$survivors, as.double(length(alive)))
    expect_identical(row$survivors.median, stats::median(alive))
    expect_identical(c(row$survivors.shortest, row$survivors.longest), range(alive))
  }
  q <- quantile(fit, c(0.25, 0.75))
  expect_identical(got$q25, q$estimate[q$prob == 0.25])
  expect_identical(got$q75, q$estimate[q$prob == 0.75])
  expect_identical(glance(follow_up(event_table(Surv(time, status) ~ group, d))), got)
})

test_that("nobody without event, an empty group, print and errors", {
  arm <- factor(c("a", "a"), c("a", "b"))
  got <- glance(follow_up(Surv(1:2, c(1, 1)) ~ arm))
  expect_identical(got$survivors, c(0, 0))
  expect_identical(got$survivors.median, c(NA_real_, NA_real_))
  expect_identical(got$longest, c(2, NA))
  d <- data.frame(month = c(3, 5, 2, 8), death = c(1, 1, 0, 0), possible = c(9, 7, 8, 8))
  f <- Surv(month, death) ~ 1
  expect_snapshot(print(follow_up(f, d, potential = possible)))
  low <- expect_error(
    follow_up(f, d, potential = possible - 1), class = "oligosurv_error_domain"
  )
  expect_identical(low$where, 4L)
  expect_error(follow_up(f, d, potential = "8"), class = "oligosurv_error_input")
  expect_error(follow_up(f, d, potential = c(8, 8)), class = "oligosurv_error_input")
  expect_error(
    follow_up(event_table(f, d), potential = d$possible), class = "oligosurv_error_data"
  )
})

test_that("exact limits take censoring as the event, after the events of the same time", {
  withr::local_seed(7)
  long <- data.frame(time = sample(5000), event = rbinom(5000, 1, 0.5))
  few <- data.frame(time = c(1, 2, 2, 3, 4, 4, 5), event = c(1, 1, 0, 0, 1, 0, 0))
  columns <- c("time", "estimate", "conf.low", "conf.high")
  for (type in c("exact", "mid-p", "small-sample", "log-log")) {
    for (d in list(few, long)) {
      at <- c(0:10, 4990:5000)
      at <- at[at <= max(d$time)]
      # moving events earlier by half a unit puts them before censorings at the same time
      gone <- d$time - d$event / 2
      censoring <- kaplan_meier(Surv(gone, 1 - event) ~ 1, d, conf.type = type)
      fit <- follow_up(Surv(time, event) ~ 1, d, conf.type = type)
      want <- tidy(censoring, times = at, extend = TRUE)[columns]
      expect_equal(tidy(fit, times = at, extend = TRUE)[columns], want, tolerance = 1e-12)
      later <- follow_up(Surv(time, event) ~ 1, d, conf.type = type, times = at)
      expect_equal(tidy(later, extend = TRUE)[columns], want, tolerance = 1e-12)
    }
  }
  fit <- follow_up(Surv(time, event) ~ 1, few)
  expect_equal(tidy(fit, times = 1)$conf.low, 0.025^(1 / 6)) # six at risk, no censoring
})

test_that("completeness counts time under observation, from entry or landmark on", {
  # observed 12 + 12 + 5 + 10 of possible 12 + 20 + 20 + 10 months
  d <- data.frame(
    en = c(0, 10, 20, 30), t = c(12, 22, 25, 40), e = c(1, 0, 0, 1),
    pot = c(20, 30, 40, 50)
  )
  of <- function(...) suppressWarnings(glance(follow_up(...)))$completeness
  f <- Surv(en, t, e) ~ 1
  expect_equal(of(f, d, potential = pot), 39 / 62, tolerance = 1e-14)
  expect_equal(of(f, d[c(3, 1, 4, 2), ], potential = pot), 39 / 62, tolerance = 1e-14)
  expect_equal(of(f, d, potential = 50), 39 / (12 + 40 + 30 + 10), tolerance = 1e-14)
  expect_equal(of(event_table(f, d), potential = 50), 39 / 92, tolerance = 1e-14)
  d$g <- c("a", "b", "a", "b")
  expect_equal(of(Surv(en, t, e) ~ g, d, potential = pot), c(17 / 32, 22 / 30))
  # entries at 0 change nothing
  zero <- transform(d, en = 0)
  expect_equal(of(f, zero, potential = pot), of(Surv(t, e) ~ 1, zero, potential = pot))
  # from month 11 on: 1, 11, 5, 10 of possible 1, 19, 20, 10 months
  expect_equal(of(f, d, potential = pot, landmark = 11), 27 / 50, tolerance = 1e-14)
  expect_equal(of(Surv(t, e) ~ 1, d, potential = 45, landmark = 11),
    (1 + 11 + 14 + 29) / (1 + 34 + 34 + 29)
  )
  low <- expect_error(of(f, transform(d, pot = 24), potential = pot, landmark = 11),
    class = "oligosurv_error_domain"
  )
  expect_identical(low$where, 3L)
})

split_rows <- function(d, cut) {
  survival::survSplit(Surv(t, e) ~ ., d, cut = cut, start = "en")
}

test_that("split rows with `id` are the subjects", {
  d <- withr::with_seed(4, data.frame(
    id = sample(40), t = round(rexp(40) * 10, 1) + 0.1, e = rbinom(40, 1, 0.5),
    g = rep(c("x", "y"), 20)
  ))
  d$pot <- d$t + 5
  rows <- withr::with_seed(1, split_rows(d, c(3, 0.1 + 7.2, 12))[sample(40 * 4), ])
  rows <- rows[!is.na(rows$t), ]
  for (right in list(quote(1), quote(g), quote(strata(g)))) {
    one <- with_terms(Surv(t, e) ~ 1, list(right))
    many <- with_terms(Surv(en, t, e) ~ 1, list(right))
    want <- glance(follow_up(one, d, potential = pot))
    got <- glance(follow_up(many, rows, potential = pot, id = id))
    expect_equal(got, want, tolerance = 1e-12)
    columns <- c("time", "n.risk", "n.event", "n.censor", "estimate", "std.error")
    expect_equal(
      tidy(follow_up(many, rows, id = "id"))[columns], tidy(follow_up(one, d))[columns],
      tolerance = 1e-12
    )
  }
  clustered <- follow_up(Surv(en, t, e) ~ g + cluster(id), rows)
  expect_equal(glance(clustered)$n, c(20, 20))
  # competing causes count as one event
  d$s <- factor(d$e * rep(1:2, 20), 0:2, c("censored", "x", "y"))
  rows$s <- factor(rows$e * ifelse(rows$g == "x", 1, 2), 0:2, levels(d$s))
  expect_equal(
    glance(follow_up(Surv(en, t, s) ~ 1, rows, id = id)),
    glance(follow_up(Surv(t, s) ~ 1, d))
  )
})

test_that("rows of one id with a gap, an event between or in two groups stay separate", {
  gap <- data.frame(id = c(1, 1, 2), en = c(0, 5, 0), t = c(3, 8, 9), e = 0)
  f <- Surv(en, t, e) ~ 1
  expect_identical(glance(follow_up(f, gap, id = id))$n, 3)
  again <- data.frame(id = c(1, 1, 2), en = c(0, 3, 0), t = c(3, 8, 9), e = c(1, 0, 0))
  expect_identical(glance(follow_up(f, again, id = id))$n, 3)
  moved <- data.frame(
    id = c(1, 1, 2), en = c(0, 3, 0), t = c(3, 8, 9), e = 0, g = c("a", "b", "a")
  )
  expect_identical(glance(follow_up(Surv(en, t, e) ~ g, moved, id = id))$n, c(2, 1))
  chain <- data.frame(id = 1, en = c(6, 0, 3), t = c(9, 3, 6), e = c(1, 0, 0))
  got <- glance(follow_up(f, chain, id = id))
  expect_identical(c(got$n, got$survivors, got$longest), c(1, 0, 9))
  late <- data.frame(id = c(1, 1, 2), en = c(2, 3, 0), t = c(3, 8, 9), e = 0)
  got <- tidy(follow_up(f, late, id = id))
  expect_identical(got$n.risk, c(1, 2, 1))
  overlap <- data.frame(id = c(1, 2, 1), en = c(0, 0, 2), t = c(3, 9, 8), e = 0)
  error <- expect_error(follow_up(f, overlap, id = id), "overlap",
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, 3L)
  expect_error(follow_up(Surv(t, e) ~ 1, overlap, id = id),
    class = "oligosurv_error_data"
  )
  expect_error(follow_up(event_table(f, gap), id = 1:3), class = "oligosurv_error_data")
  expect_identical(glance(follow_up(f, gap[0, ], id = id))$n, 0)
})

test_that("split rows without `id` get a warning, delayed entries alone do not", {
  d <- data.frame(t = c(1, rep(10, 9)), e = c(1, rep(0, 9)))
  rows <- split_rows(d, 3)
  expect_warning(follow_up(Surv(en, t, e) ~ 1, rows), "9 of 9 delayed entries",
    class = "oligosurv_warning_data"
  )
  expect_warning(follow_up(event_table(Surv(en, t, e) ~ 1, rows)), "id = ",
    class = "oligosurv_warning_data"
  )
  rows$id <- c(1, rep(2:10, each = 2))
  expect_no_warning(follow_up(Surv(en, t, e) ~ 1, rows, id = id))
  expect_no_warning(follow_up(Surv(en, t, e) ~ 1, transform(rows, en = 0)))
  # a subject with two rows among other subjects
  two <- data.frame(en = c(0, 0, 4), t = c(9, 4, 7), e = c(1, 0, 0))
  expect_warning(follow_up(Surv(en, t, e) ~ 1, two), "1 of 1",
    class = "oligosurv_warning_data"
  )
  # a subject enters when another has the event, or is censored in another group
  other <- data.frame(en = c(0, 0, 4), t = c(9, 4, 7), e = c(1, 1, 0))
  expect_no_warning(follow_up(Surv(en, t, e) ~ 1, other))
  two$g <- c("a", "a", "b")
  expect_no_warning(follow_up(Surv(en, t, e) ~ g, two))
  # with entries in whole months, some coincide with a censoring
  months <- data.frame(
    en = c(0, 1, 2, 3, 4, 5), t = c(9, 8, 10, 4, 12, 9), e = c(0, 1, 1, 0, 1, 1)
  )
  expect_no_warning(follow_up(Surv(en, t, e) ~ 1, months))
})

test_that("details that were lengthened are named", {
  fit <- follow_up(Surv(1:4, c(0, 1, 0, 1)) ~ 1)
  fit$details$shortest <- c(fit$details$shortest, 1)
  expect_error(glance(fit), "`details` of the follow_up was changed|`details`",
    class = "oligosurv_error_data"
  )
})
