# Standard errors of Fine-Gray models with one to nine coefficients: sums of squares are
# computed in tiles of four columns, so models of more than four columns need several.

columns_sample <- function(n = 90) {
  withr::local_seed(1)
  d <- data.frame(
    time = ceiling(stats::rexp(n, 0.05)),
    status = factor(sample(0:2, n, TRUE), 0:2, c("censored", "failure", "death")),
    id = rep(seq_len(n / 2), 2), row = seq_len(n)
  )
  d$entry <- floor(d$time * stats::runif(n, 0, 0.8))
  for (j in 1:9) d[[paste0("x", j)]] <- stats::rnorm(n)
  d$a <- sample(c("A", "B", "C"), n, TRUE)
  d$b <- sample(c("f", "m"), n, TRUE)
  d
}

terms_of <- function(p) paste0("x", seq_len(p))

test_that("the robust variance is that of finegray() and coxph()", {
  d <- columns_sample()
  sides <- c(lapply(c(1, 4, 5, 8, 9), terms_of), list("a * b"))
  for (late in c(FALSE, TRUE)) {
    long <- if (late) {
      survival::finegray(Surv(entry, time, status) ~ ., d, etype = "failure", id = row)
    } else {
      survival::finegray(Surv(time, status) ~ ., d[names(d) != "entry"])
    }
    left <- if (late) quote(Surv(entry, time, status)) else quote(Surv(time, status))
    for (by_id in c(FALSE, TRUE)) {
      long$unit <- if (by_id) long$id else long$row
      for (side in sides) {
        peer <- survival::coxph(
          stats::reformulate(side, quote(Surv(fgstart, fgstop, fgstatus))), long,
          weights = fgwt, cluster = unit, ties = "breslow",
          control = survival::coxph.control(eps = 1e-11, toler.chol = 1e-13)
        )
        got <- hazard_ratio(stats::reformulate(side, left), d, "fine-gray", "failure",
          id = if (by_id) d$id, variance = "robust"
        )
        factor <- if (by_id) 45 / (45 - nrow(got$table) - 1) else 1
        expect_equal(unname(vcov(got)), unname(peer$var) * factor, tolerance = 1e-8)
      }
    }
  }
})

test_that("the variance does not depend on the order of the covariates", {
  d <- columns_sample()
  for (variance in c("censoring", "robust")) {
    for (p in c(5, 9)) {
      var_of <- function(terms) {
        left <- quote(Surv(entry, time, status))
        vcov(hazard_ratio(stats::reformulate(terms, left), d, "fine-gray", "failure",
          variance = variance
        ))
      }
      names <- terms_of(p)
      expect_equal(var_of(rev(names))[p:1, p:1], var_of(names), tolerance = 1e-9)
    }
  }
})

test_that("it is that of crr() for five coefficients", {
  skip_if_not_installed("cmprsk")
  d <- columns_sample()
  d$time <- d$time + seq_along(d$time) / 1000 # crr() censors before events at ties
  peer <- cmprsk::crr(d$time, as.integer(d$status) - 1L, as.matrix(d[terms_of(5)]))
  got <- hazard_ratio(stats::reformulate(terms_of(5), quote(Surv(time, status))), d,
    "fine-gray", "failure"
  )
  expect_equal(unname(sqrt(diag(vcov(got)))), unname(sqrt(diag(peer$var))),
    tolerance = 1e-5
  )
})
