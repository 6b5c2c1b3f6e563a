# Builds inst/c-api/client.c like another package would and calls every kernel through it.

client_library <- function(env = parent.frame()) {
  skip_on_cran() # needs a compiler
  dir <- withr::local_tempdir(.local_envir = env)
  file.copy(system.file("c-api", "client.c", package = "oligosurv"), dir)
  withr::local_dir(dir)
  withr::local_envvar(
    PKG_CPPFLAGS = paste0("-I", shQuote(system.file("include", package = "oligosurv"))),
    PKG_CFLAGS = "-Wall -Wconversion"
  )
  out <- system2(file.path(R.home("bin"), "R"), c("CMD", "SHLIB", "client.c"),
    stdout = TRUE, stderr = TRUE
  )
  expect_null(attr(out, "status"))
  expect_false(any(grepl("warning", out)))
  dll <- dyn.load(file.path(dir, paste0("client", .Platform$dynlib.ext)))
  withr::defer(dyn.unload(dll[["path"]]), env)
  dll
}

test_that("a client that is compiled outside gets the numbers of the R functions", {
  dll <- client_library()
  d <- random_rows("ties", 7)
  one <- event_table(Surv(time, cause > 0) ~ group, d)
  fit <- kaplan_meier(one, conf.type = "log-log")
  nelson <- cumulative_hazard(fit)
  first <- cumsum(c(0, fit$size))
  for (g in seq_along(one$groups)) {
    got <- .Call(dll$client_km, one, g - 1L)
    rows <- first[g] + seq_len(fit$size[g])
    s <- fit$estimate[rows]
    expect_identical(got$surv, s)
    expect_identical(got[["std.error"]], fit$std.error[rows])
    expect_equal(got$risk, 1 - s, tolerance = 1e-14)
    inside <- s > 0 & s < 1
    expect_equal(got$low[inside], fit$conf.low[rows][inside], tolerance = 1e-14)
    expect_equal(got$high[inside], fit$conf.high[rows][inside], tolerance = 1e-14)
    expect_identical(got$hazard, nelson$estimate[rows])
    expect_identical(sqrt(got$variance), nelson$std.error[rows])
  }
  test <- .Call(dll$client_test, one, 0L)
  want <- logrank_test(one)
  expect_identical(test$expected, want$groups$expected)
  expect_identical(attr(test, "statistic"), want$statistic)
  expect_identical(attr(test, "df"), as.double(want$df))

  two <- event_table(Surv(time, status) ~ group, d)
  fit <- cumulative_incidence(two)
  got <- .Call(dll$client_aj, two, 0L)
  rows <- seq_along(got$surv)
  expect_identical(got$surv, fit$event.free[rows])
  expect_identical(got$cif[rows], fit$estimate[rows])
  expect_identical(got[["std.error"]][rows], fit$std.error[rows])
  aalen <- cumulative_incidence(two, variance = "aalen")
  expect_identical(got[["aalen.error"]][rows], aalen$std.error[rows])
  gray <- gray_test(two)
  for (cause in 1:2) {
    test <- .Call(dll$client_test, two, cause)
    expect_identical(attr(test, "statistic"), gray$tests$statistic[cause])
  }
})

test_that("a client gets the exact limits of the R functions, few or many subjects", {
  dll <- client_library()
  sets <- list(random_rows("continuous", 5), random_rows("rare", 3), NULL)
  sets[[3L]] <- withr::with_seed(11, data.frame(
    time = ceiling(stats::rexp(120, 0.1)), cause = sample(0:2, 120, TRUE), group = "a"
  ))
  sets[[3L]]$status <- factor(sets[[3L]]$cause, 0:2, c("censored", "failure", "death"))
  for (d in sets) {
    for (level in c(0.95, 0.8)) {
      one <- event_table(Surv(time, cause > 0) ~ group, d)
      two <- event_table(Surv(time, status) ~ group, d)
      fits <- list(
        kaplan_meier(one, conf.level = level),
        cumulative_incidence(two, conf.level = level)
      )
      for (fit in fits) {
        causes <- if (is.null(fit$outcomes)) 0L else seq_along(fit$outcomes)
        first <- cumsum(c(0, fit$size))
        for (cause in causes) {
          before <- max(cause - 1L, 0L) * length(fit$time)
          for (g in seq_along(fit$size)) {
            rows <- before + first[g] + seq_len(fit$size[g])
            got <- .Call(dll$client_limits, fit$table, g - 1L, cause, level)
            expect_equal(got$low, fit$conf.low[rows], tolerance = 1e-14)
            expect_equal(got$high, fit$conf.high[rows], tolerance = 1e-14)
          }
        }
      }
    }
  }
})

test_that("a client cannot pass an object that is not an event table", {
  dll <- client_library()
  expect_error(.Call(dll$client_km, list(time = 1), 0L), "event_table")
})

test_that("a client fits the Cox, Firth and Fine-Gray models of hazard_ratio()", {
  dll <- client_library()
  for (months in c(12, 1e5)) {
    d <- withr::with_seed(5, data.frame(
      time = sample(months, 90, TRUE), x = stats::rnorm(90),
      y = stats::rbinom(90, 1, 0.5),
      status = factor(sample(0:2, 90, TRUE), 0:2, c("none", "a", "b"))
    ))
    d <- d[order(d$time), ]
    x <- as.matrix(d[c("x", "y")])
    rank <- match(d$time, unique(d$time))
    code <- as.integer(d$status) - 1L
    g <- oligosurv:::km_transform(list(stop = rank, event = code == 1L))
    got <- .Call(dll$client_cox, x, rank, code, stats::qchisq(0.95, 1), g)
    f <- Surv(time, status) ~ x + y
    want <- hazard_ratio(f, d, outcome = "a")
    expect_equal(got$beta, unname(coef(want)), tolerance = 1e-10)
    expect_equal(got$variance, c(vcov(want)), tolerance = 1e-9)
    expect_equal(got$loglik[2], c(logLik(want)), tolerance = 1e-12)
    firth <- hazard_ratio(f, d, outcome = "a", firth = TRUE)
    expect_equal(got$firth, unname(coef(firth)), tolerance = 1e-8)
    expect_equal(exp(c(got$low, got$high)),
      c(firth$table$conf.low, firth$table$conf.high),
      tolerance = 1e-7
    )
    expect_equal(got$martingale, unname(residuals(want)), tolerance = 1e-9)
    expect_equal(matrix(got$score, 90, byrow = TRUE), unname(residuals(want, "score")),
      tolerance = 1e-8
    )
    expect_equal(got$ph, want$proportional_hazards$statistic, tolerance = 1e-8)
    expect_identical(got$df, c(1, 1, 2))
    largest <- max(x %*% got$beta)
    expect_equal(got$risk, c(exp(x %*% got$beta - largest)), tolerance = 1e-12)
    peer <- survival::coxph(Surv(time, status == "a") ~ x + y, d)
    hazard <- survival::basehaz(peer, centered = FALSE)$hazard
    expect_equal(exp(-largest) * cumsum(got$hazard), unique(hazard[hazard > 0]),
      tolerance = 1e-8
    )
    got <- .Call(dll$client_finegray, x, rank, code)
    want <- hazard_ratio(f, d, "fine-gray", "a")
    expect_equal(got$beta / got$scale, unname(coef(want)), tolerance = 1e-9)
    expect_equal(got$martingale, unname(residuals(want)), tolerance = 1e-9)
    at <- matrix(got$schoenfeld, 90, byrow = TRUE)[code == 1L, ] * rep(got$scale,
      each = sum(code == 1L)
    )
    expect_equal(at, unname(residuals(want, "schoenfeld")), tolerance = 1e-8,
      ignore_attr = TRUE
    )
    # 1 - exp(-H) of a subject with the largest relative hazard, at the last event
    top <- which.max(x %*% coef(want))
    curve <- tidy(predict(want, d[top, ], type = "incidence"))
    expect_equal(1 - exp(-sum(got$hazard)), max(curve$estimate), tolerance = 1e-8)
    meat <- matrix(got$meat, 2)
    meat[2, 1] <- meat[1, 2]
    bread <- solve(matrix(got$information, 2)) / got$scale
    expect_equal(bread %*% meat %*% t(bread), unname(vcov(want)), tolerance = 1e-8)
  }
})
