move_formula <- Surv(start, end, state) ~ 1

occupy <- function(d, formula = move_formula, ...) {
  state_occupation(formula, d, id = id, from = from, ...)
}

test_that("four patients by hand: probabilities, errors, mean times, limits", {
  fit <- state_occupation(move_formula, four_patients,
    id = patient, from = from, tau = 8, times = c(5, 6)
  )
  x <- tidy(fit)
  expect_identical(levels(x$state), c("stable", "progressed", "dead"))
  expect_equal(x$estimate, c(1, 1, 2, 1, 1, 2) / 4, tolerance = 1e-15)
  # nobody is censored before month 8: binomial errors of four patients
  expect_equal(x$std.error, sqrt(c(3, 3, 4, 3, 3, 4) / 64), tolerance = 1e-14)
  expect_identical(x$n.risk, c(2, 1, 1, 2, 0, 0))
  expect_identical(x$n.event, c(0, 0, 2, 0, 1, 1))
  means <- tidy(fit, rows = "means")
  months <- cbind(c(2, 4, 5, 8), c(4, 0, 3, 0), c(2, 4, 0, 0)) # of A to D in each state
  expect_equal(means$estimate, colMeans(months), tolerance = 1e-15)
  expect_equal(means$std.error, apply(months, 2, sd) * sqrt(3) / 4, tolerance = 1e-14)
  # effective number 4 (4 - 1) / 4 = 3: Clopper and Pearson of 0.75 in 3
  expect_equal(x$conf.low[1], stats::qbeta(0.025, 0.75, 2.25 + 1), tolerance = 1e-10)
  expect_equal(x$conf.high[1], stats::qbeta(0.975, 1.75, 2.25), tolerance = 1e-10)
  expect_identical(glance(fit)$n, 4)
  # from the rows before: the same
  carried <- state_occupation(move_formula, four_patients, id = "patient",
    from = "stable", tau = 8, times = c(5, 6)
  )
  expect_identical(tidy(carried), x)
})

test_that("equal to the direct program, with ties, late entry, gaps and weights", {
  withr::local_seed(1)
  kinds <- list(
    list(n = 12), list(n = 40, late = TRUE), list(n = 60, several = TRUE),
    list(n = 50, gaps = TRUE), list(n = 50, gaps = TRUE, late = TRUE, k = 5),
    list(n = 2), list(n = 80, returns = FALSE, k = 3), list(n = 200, grid = 60)
  )
  for (kind in kinds) {
    d <- do.call(random_moves, kind)
    for (weighted in c(FALSE, TRUE)) {
      fit <- if (weighted) {
        occupy(d, weights = weight, weight_type = "sampling", tau = 11.5, extend = TRUE)
      } else {
        occupy(d, tau = 11.5, extend = TRUE)
      }
      w <- if (weighted) d$weight else rep(1, nrow(d))
      x <- tidy(fit)
      times <- unique(x$time[x$time > 0])
      states <- match(levels(x$state), levels(d$state)[-1])
      want <- oracle_states(d, times, 11.5, w)
      expect_lt(max(abs(state_matrix(fit) - want$p[, states])), 1e-13)
      expect_lt(max(abs(state_matrix(fit, "std.error") - want$se[, states])), 1e-12)
      means <- tidy(fit, rows = "means")
      expect_lt(max(abs(means$estimate - want$mean[states])), 1e-12)
      expect_lt(max(abs(means$std.error - want$mean_se[states])), 1e-12)
    }
  }
})

test_that("equal to survfit() with id and istate to 1e-12", {
  withr::local_seed(2)
  kinds <- list(
    list(n = 15), list(n = 300, k = 5), list(n = 60, late = TRUE),
    list(n = 80, several = TRUE), list(n = 80, several = TRUE, late = TRUE)
  )
  for (kind in kinds) {
    d <- do.call(random_moves, kind)
    for (weighted in c(FALSE, TRUE)) {
      d$w <- if (weighted) d$weight else 1
      fit <- occupy(d, weights = w, weight_type = "sampling")
      peer <- survival::survfit(Surv(start, end, state) ~ 1, d,
        id = id, istate = from, weights = w
      )
      x <- tidy(fit)
      at <- match(peer$time, unique(x$time))
      expect_false(anyNA(at))
      states <- match(peer$states, levels(x$state))
      wide <- function(column) {
        matrix(x[[column]], ncol = nlevels(x$state))[at, states, drop = FALSE]
      }
      expect_lt(max(abs(wide("estimate") - peer$pstate)), 1e-12)
      expect_lt(max(abs(wide("std.error") - peer$std.err)), 1e-12)
      if (weighted) next
      expect_equal(wide("n.risk"), unname(peer$n.risk), ignore_attr = TRUE)
      expect_equal(wide("n.event"), unname(peer$n.event), ignore_attr = TRUE)
    }
  }
})

test_that("several groups, each as survfit() of its own rows; mean times too", {
  withr::local_seed(3)
  d <- random_moves(120, k = 4)
  fit <- occupy(d, Surv(start, end, state) ~ arm, tau = 14)
  peer <- survival::survfit(Surv(start, end, state) ~ arm, d, id = id, istate = from)
  sizes <- peer$strata
  mean_times <- tidy(fit, rows = "means")
  for (g in c("A", "B")) {
    rows <- if (g == "A") seq_len(sizes[1]) else sizes[1] + seq_len(sizes[2])
    x <- tidy(fit)
    x <- x[x$strata == g & x$time > 0, ]
    at <- match(peer$time[rows], unique(x$time))
    states <- match(peer$states, levels(x$state))
    for (column in c("estimate", "std.error")) {
      ours <- matrix(x[[column]], ncol = nlevels(x$state))[at, states]
      theirs <- if (column == "estimate") peer$pstate else peer$std.err
      expect_lt(max(abs(ours - theirs[rows, ])), 1e-12)
    }
    # survfit computes the error of the area itself only with its influence at hand
    one <- survival::survfit(Surv(start, end, state) ~ 1, d[d$arm == g, ],
      id = id, istate = from, influence = TRUE, time0 = TRUE
    )
    area <- summary(one, rmean = 14)$table
    mine <- mean_times[mean_times$strata == g, ]
    mine <- mine[match(one$states, mine$state), ]
    expect_lt(max(abs(mine$estimate - area[, "rmean"])), 1e-12)
    expect_lt(max(abs(mine$std.error - area[, "se(rmean)"])), 1e-12)
  }
})

test_that("differences of mean times combine independent groups", {
  withr::local_seed(4)
  d <- random_moves(90, k = 3)
  fit <- occupy(d, Surv(start, end, state) ~ arm, tau = 12, conf.type = "plain")
  means <- tidy(fit, rows = "means")
  b <- means[means$strata == "B", ]
  a <- means[means$strata == "A", ]
  x <- tidy(fit, rows = "contrasts")
  expect_identical(as.character(x$state), as.character(a$state))
  expect_identical(unique(x$contrast), "B - A")
  expect_equal(x$estimate, b$estimate - a$estimate, tolerance = 1e-14)
  error <- sqrt(a$std.error^2 + b$std.error^2)
  expect_equal(x$std.error, error, tolerance = 1e-13)
  expect_equal(x$p.value, 2 * stats::pnorm(-abs(x$estimate / error)), tolerance = 1e-12)
  turned <- occupy(d, Surv(start, end, state) ~ arm, tau = 12, reference = "B",
    conf.type = "plain"
  )
  expect_equal(tidy(turned, rows = "contrasts")$estimate, -x$estimate, tolerance = 1e-14)
  # the default: p below 0.05 where and only where the interval leaves 0 out
  usual <- tidy(occupy(d, Surv(start, end, state) ~ arm, tau = 12), rows = "contrasts")
  out <- usual$conf.low > 0 | usual$conf.high < 0
  expect_identical(usual$p.value < 0.05, out)
})

test_that("two states are Kaplan-Meier to the bit, causes are cumulative incidence", {
  withr::local_seed(5)
  d <- data.frame(
    entry = sample(0:3, 300, TRUE), time = 4 + sample(40, 300, TRUE) / 3,
    status = sample(0:2, 300, TRUE), patient = seq_len(300)
  )
  d$cause <- factor(d$status, 0:2, c("censored", "relapse", "death"))
  d$dead <- as.integer(d$status > 0)
  km <- kaplan_meier(Surv(time, dead) ~ 1, d)
  two <- tidy(state_occupation(Surv(time, dead) ~ 1, d, from = "alive"))
  alive <- two[two$state == "alive", ]
  expect_identical(levels(two$state), c("alive", "event"))
  expect_identical(alive$estimate, tidy(km)$estimate)
  expect_identical(alive$time, tidy(km)$time)
  expect_identical(alive$n.risk, tidy(km)$n.risk)
  expect_lt(max(abs(alive$std.error - tidy(km)$std.error)), 1e-14)
  late <- kaplan_meier(Surv(entry, time, dead) ~ 1, d)
  two <- tidy(state_occupation(Surv(entry, time, dead) ~ 1, d, id = patient))
  expect_identical(two$estimate[two$state == "initial"], tidy(late)$estimate)

  many <- tidy(state_occupation(Surv(time, cause) ~ 1, d))
  cif <- tidy(cumulative_incidence(Surv(time, cause) ~ 1, d))
  for (cause in c("relapse", "death")) {
    ours <- many[many$state == cause, ]
    theirs <- cif[cif$outcome == cause, ]
    expect_lt(max(abs(ours$estimate - theirs$estimate)), 1e-14)
    expect_lt(max(abs(ours$std.error - theirs$std.error)), 1e-12)
  }
  lost <- tidy(restricted_mean(Surv(time, cause) ~ 1, d, tau = 9))
  means <- tidy(state_occupation(Surv(time, cause) ~ 1, d, tau = 9), rows = "means")
  expect_equal(means$estimate[-1], lost$estimate, tolerance = 1e-13)
  expect_equal(means$std.error[-1], lost$std.error, tolerance = 1e-12)
  expect_equal(means$conf.low[-1], lost$conf.low, tolerance = 1e-9)
})

test_that("probabilities add up to 1, mean times to tau", {
  withr::local_seed(6)
  for (i in 1:10) {
    d <- random_moves(40, k = 5, late = i > 5, gaps = TRUE)
    fit <- occupy(d, Surv(start, end, state) ~ arm, extend = TRUE, tau = 10)
    x <- tidy(fit)
    sums <- tapply(x$estimate, list(x$strata, x$time), sum)
    expect_lt(max(abs(sums - 1), na.rm = TRUE), 1e-14)
    means <- tidy(fit, rows = "means")
    expect_equal(as.vector(tapply(means$estimate, means$strata, sum)), c(10, 10),
      tolerance = 1e-14
    )
  }
})

test_that("order of rows, labels, unit of time and split follow-up change nothing", {
  withr::local_seed(7)
  d <- random_moves(60)
  base <- tidy(occupy(d))
  shuffled <- tidy(occupy(d[sample(nrow(d)), ]))
  expect_identical(shuffled$estimate, base$estimate)
  expect_equal(shuffled, base, tolerance = 1e-13)
  renamed <- d
  renamed$id <- paste("P", 1000 - d$id)
  expect_equal(tidy(occupy(renamed)), base, tolerance = 1e-13)
  doubled <- d
  doubled[c("start", "end")] <- 8 * d[c("start", "end")]
  expect_identical(tidy(occupy(doubled))$std.error, base$std.error)
  cut <- which(d$end - d$start > 1)[1:20] # split twenty rows at their middle
  first <- d[cut, ]
  first$end <- (first$start + first$end) / 2
  first$state <- factor("censored", levels(d$state))
  second <- d[cut, ]
  second$start <- (second$start + second$end) / 2
  split <- rbind(d[-cut, ], second, first)
  expect_equal(tidy(occupy(split)), base, tolerance = 1e-13)
  threads <- withr::with_options(list(oligosurv.threads = 1), tidy(occupy(d)))
  expect_identical(threads, base)
})

test_that("frequencies are repeated patients", {
  withr::local_seed(8)
  d <- random_moves(30)
  d$times <- sample(3, 30, TRUE)[d$id]
  counted <- occupy(d, weights = times, weight_type = "frequency", tau = 10)
  rows <- rep(seq_len(nrow(d)), d$times)
  repeated <- d[rows, ]
  copy <- sequence(d$times)
  repeated$id <- paste(repeated$id, copy)
  repeated <- occupy(repeated, tau = 10)
  expect_equal(tidy(counted), tidy(repeated), tolerance = 1e-12)
  expect_equal(counted$means, repeated$means, tolerance = 1e-12, ignore_attr = TRUE)
})

test_that("a state never visited, nobody moves, one patient, an empty group", {
  d <- four_patients
  d$state <- factor(d$state, c(levels(d$state), "liver failure"))
  x <- tidy(state_occupation(move_formula, d, id = patient, from = from))
  never <- x[x$state == "liver failure", ]
  expect_true(all(never$estimate == 0 & never$std.error == 0))
  expect_equal(never$conf.high[1], 1 - 0.025^(1 / 4), tolerance = 1e-12)
  expect_true(all(never$conf.type == "exact"))

  still <- data.frame(
    id = 1:3, start = 0, end = c(2, 5, 5),
    state = factor("censored", c("censored", "dead"))
  )
  x <- tidy(state_occupation(move_formula, still, id = id, from = "alive"))
  expect_identical(x$estimate, rep(c(1, 0), each = 3))
  expect_equal(x$conf.low[1], 0.025^(1 / 3), tolerance = 1e-12)

  one <- state_occupation(move_formula, four_patients[1:2, ], id = patient, from = from)
  expect_identical(tidy(one)$estimate, c(1, 0, 0, 0, 1, 0, 0, 0, 1))
  expect_true(all(is.na(tidy(one)$std.error)))
  expect_true(all(is.na(tidy(one, rows = "means")$conf.low)))
  expect_output(print(one), "1 patient")

  grouped <- four_patients
  grouped$arm <- factor("A", c("A", "B"))
  x <- state_occupation(Surv(start, end, state) ~ arm, grouped,
    id = patient, from = from, tau = 8
  )
  expect_true(all(is.na(tidy(x)$estimate[tidy(x)$strata == "B"])))
  expect_true(all(is.na(tidy(x, rows = "contrasts")$p.value)))
  expect_output(print(x), "stable")
})

test_that("the curve starts where the states are known", {
  d <- data.frame(
    id = 1:4, start = c(0, 0, 1, 2), end = c(5, 6, 7, 8),
    from = c("a", "b", "a", "a"),
    state = factor(c("dead", "dead", "censored", "dead"), c("censored", "dead"))
  )
  # late entries in several states: proportions of the four at risk at month 5
  x <- tidy(state_occupation(move_formula, d, id = id, from = from))
  expect_identical(min(x$time), 5)
  expect_equal(x$estimate[x$time == 5], c(0.5, 0.25, 0.25), tolerance = 1e-15)
  at_once <- d
  at_once$start <- 0
  x <- tidy(state_occupation(move_formula, at_once, id = id, from = from))
  expect_equal(x$estimate[x$time == 0], c(0.75, 0.25, 0), tolerance = 1e-15)
  expect_equal(x$std.error[x$time == 0], sqrt(c(3, 3, 0) / 64), tolerance = 1e-14)
})

test_that("past the last time nothing is known, unless all have left", {
  fit <- state_occupation(move_formula, four_patients, id = patient, from = from)
  expect_true(all(is.na(tidy(fit, times = 9)$estimate)))
  expect_false(anyNA(tidy(fit, times = 9, extend = TRUE)$estimate))
  expect_error(
    state_occupation(move_formula, four_patients, id = patient, from = from, tau = 9),
    "'All' are known only up to the last time, 8", class = "oligosurv_error_data"
  )
  dead <- four_patients[1:3, ]
  fit <- state_occupation(move_formula, dead, id = patient, from = from, tau = 20)
  expect_identical(tidy(fit, times = 30)$estimate, c(0, 0, 1))
})

test_that("bad rows are errors that name the row", {
  d <- four_patients
  run <- function(d, ...) {
    state_occupation(move_formula, d, id = patient, from = from, ...)
  }
  overlap <- d
  overlap$start[5] <- 4
  e <- expect_error(run(overlap),
    "row 5 begins at 4, before row 4 of the same id ends at 5",
    class = "oligosurv_error_data"
  )
  expect_identical(e$where, 5L)
  wrong <- d
  wrong$from[2] <- "stable"
  e <- expect_error(run(wrong),
    "row 2 begins in \"stable\" at 2, but row 1 of the same id ends in \"progressed\"",
    class = "oligosurv_error_domain"
  )
  expect_identical(e$where, 2L)
  no_censor <- d
  no_censor$state <- factor(
    c("progressed", "dead", "dead", "progressed", "dead", "dead"), c("progressed", "dead")
  )
  expect_error(run(no_censor), "censor", class = "oligosurv_error_input")
  backwards <- d
  backwards$start[4] <- 5
  e <- expect_error(run(backwards), "before the exit", class = "oligosurv_error_domain")
  expect_identical(e$where, 4L)
  for (column in c("end", "state", "patient", "from")) {
    missing <- d
    missing[[column]][3] <- NA
    expect_error(run(missing), "row 3", class = "oligosurv_error")
  }
  expect_error(state_occupation(move_formula, d), "id", class = "oligosurv_error")
  d$arm <- c("A", "B", "A", "A", "A", "A")
  expect_error(
    state_occupation(Surv(start, end, state) ~ arm, d, id = patient, from = from),
    "more than one group", class = "oligosurv_error_data"
  )
  d$w <- c(1, 2, 1, 1, 1, 1)
  expect_error(run(d, weights = w, weight_type = "sampling"), "row 2",
    class = "oligosurv_error_data"
  )
  expect_error(run(d, conf.type = "exact"), "conf.type", class = "oligosurv_error_input")
  expect_error(run(d, tau = -1), "tau", class = "oligosurv_error_input")
  expect_error(run(d, landmark = 3), "landmark", class = "oligosurv_error_input")
  expect_error(state_occupation(), "missing", class = "oligosurv_error_input")
  expect_error(state_occupation(1), "formula", class = "oligosurv_error_input")
})

test_that("a return after a gap counts from then on, in the state that `from` says", {
  d <- data.frame(
    id = c(1, 1, 2), start = c(0, 4, 0), end = c(2, 6, 8),
    state = factor(c("censored", "dead", "censored"), c("censored", "ill", "dead")),
    from = c("well", "ill", "well")
  )
  x <- state_occupation(move_formula, d, id = id, from = from, times = c(3, 5, 6))
  at <- tidy(x)
  expect_identical(at$n.risk[at$state == "well"], c(1, 1, 1))
  expect_identical(at$n.risk[at$state == "ill"], c(0, 1, 1))
  # nobody was seen to fall ill, so that p of "ill" stays 0 and its death moves nothing
  expect_identical(at$estimate[at$state == "well"], c(1, 1, 1))
})

test_that("all rows that begin too early are named", {
  d <- data.frame(
    id = c(1, 1, 1, 2, 2, 2), start = c(0, 2, 3, 0, 1, 2), end = c(2, 6, 5, 2, 4, 5),
    state = factor(rep(c("ill", "well", "dead"), 2), c("censored", "ill", "well", "dead"))
  )
  error <- expect_error(state_occupation(move_formula, d[4:6, ], id = id),
    "row 2 begins at 1, before row 1 of the same id ends at 2; so does row 3",
    class = "oligosurv_error_data"
  )
  expect_identical(error$where, 2:3)
  error <- expect_error(state_occupation(move_formula, d, id = id), "so do rows",
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "id")
})

test_that("a forest plot has the mean time in each state, by group if there are some", {
  skip_if_not_installed("ggplot2", "3.5.0")
  d <- data.frame(
    id = 1:8, end = c(3, 5, 2, 8, 6, 4, 7, 1), arm = c("A", "B"),
    state = factor(c(0, 1, 2, 1, 2, 1, 0, 2), 0:2, c("censored", "ill", "dead"))
  )
  one <- state_occupation(Surv(end, state) ~ 1, d, id = id, tau = 5)
  expect_identical(
    as.character(forest_plot(one)$data$label), c("initial", "ill", "dead")
  )
  two <- state_occupation(Surv(end, state) ~ arm, d, id = id, tau = 5)
  drawn <- forest_plot(two)$data
  means <- tidy(two, rows = "means")
  expect_identical(as.character(drawn$label), paste0(means$state, ", ", means$strata))
  expect_identical(drawn$estimate, means$estimate)
})

test_that("times and tau that equal times of the data up to rounding count as these", {
  d <- data.frame(time = c(0.1 + 0.2, 0.5, 0.7), how = factor(c(1, 2, 0)))
  near <- transform(d, time = c(0.3, 0.5, 0.7))
  for (times in list(0.3, c(0.3, 0.5))) {
    rows <- lapply(list(d, near), function(d) {
      tidy(state_occupation(Surv(time, how) ~ 1, d, times = times))
    })
    expect_equal(rows[[1]], rows[[2]], tolerance = 1e-12)
  }
  at <- lapply(list(d, near), function(d) {
    tidy(state_occupation(Surv(time, how) ~ 1, d, tau = 0.3), rows = "means")
  })
  expect_equal(at[[1]], at[[2]], tolerance = 1e-12)
})
