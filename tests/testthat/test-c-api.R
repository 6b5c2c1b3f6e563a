# Builds inst/c-api/client.c as another package would and calls every kernel through it.

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
  gray <- gray_test(two)
  for (cause in 1:2) {
    test <- .Call(dll$client_test, two, cause)
    expect_identical(attr(test, "statistic"), gray$tests$statistic[cause])
  }
})

test_that("a client cannot pass an object that is not an event table", {
  dll <- client_library()
  expect_error(.Call(dll$client_km, list(time = 1), 0L), "event_table")
})
