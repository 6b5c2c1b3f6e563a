# Firth's likelihood of rows that are not independent: limits from draws of one row of
# each id, against fits of the drawn rows.

lesions <- function(n = 18) {
  withr::local_seed(21)
  patient <- rep(seq_len(n), sample(1:4, n, TRUE))
  d <- data.frame(patient, time = stats::rexp(length(patient)))
  d$x <- stats::rnorm(n)[patient]
  d$arm <- ifelse(patient > 12, "B", "A")
  d$status <- ifelse(d$arm == "A" & stats::runif(nrow(d)) < 0.7, 1, 0)
  d$status[d$status == 0 & stats::runif(nrow(d)) < 0.3] <- 2
  d <- d[order(d$time), ]
  d$patient <- match(d$patient, unique(d$patient))
  d$event <- as.integer(d$status == 1)
  d$cause <- factor(d$status, 0:2, c("alive", "failure", "death"))
  d
}

drawn_by_hand <- function(d, fit_of) {
  by_id <- order(d$patient)
  size <- tabulate(d$patient)
  before <- cumsum(size) - size
  withr::with_seed(1, {
    lapply(1:199, function(i) {
      at <- by_id[before + 1L + floor(stats::runif(length(size)) * size)]
      fit_of(d[sort(at), ])$table
    })
  }, .rng_kind = "Mersenne-Twister", .rng_normal_kind = "Inversion",
  .rng_sample_kind = "Rejection")
}

test_that("limits and p are medians over fits of one row an id; the estimate stands", {
  d <- lesions()
  fits <- list(
    function(d, ...) hazard_ratio(Surv(time, event) ~ arm, d, ...),
    function(d, ...) hazard_ratio(Surv(time, event) ~ arm + x, d, ..., firth = TRUE),
    function(d, ...) hazard_ratio(Surv(time, cause) ~ arm, d, "fine-gray", "failure", ...)
  )
  for (fit_of in fits) {
    fit <- fit_of(d, id = d$patient)
    each <- drawn_by_hand(d, fit_of)
    middle <- function(name) {
      apply(matrix(vapply(each, `[[`, double(nrow(fit$table)), name), nrow(fit$table)), 1,
        stats::median
      )
    }
    expect_equal(fit$table$estimate, fit_of(d)$table$estimate, tolerance = 1e-12)
    expect_equal(fit$table$conf.low, middle("conf.low"), tolerance = 1e-9)
    expect_equal(fit$table$conf.high, middle("conf.high"), tolerance = 1e-9)
    expect_equal(fit$table$p.value,
      stats::pchisq(middle("statistic")^2, 1, lower.tail = FALSE), tolerance = 1e-9
    )
    expect_gt(fit$table$conf.high[1], fit_of(d)$table$conf.high[1]) # wider
    expect_true(all(is.na(vcov(fit))))
    limits <- as.matrix(fit$table[c("conf.low", "conf.high")])
    expect_equal(confint(fit), log(limits), ignore_attr = TRUE)
  }
  shown <- "each\\s+id\\s+.medians\\s+of\\s+199"
  expect_output(print(fits[[1]](d, id = d$patient)), shown)
})

test_that("the draws have a fixed seed and leave the user's as it was", {
  d <- lesions()
  withr::local_seed(4)
  before <- .Random.seed
  one <- hazard_ratio(Surv(time, event) ~ arm, d, id = patient)
  expect_identical(.Random.seed, before)
  stats::runif(3)
  again <- hazard_ratio(Surv(time, event) ~ arm, d, id = patient)
  expect_identical(again$table, one$table)
})

test_that("where one row cannot stand for its id there are no limits, and it is said", {
  d <- lesions()
  d$entry <- ifelse(duplicated(d$patient), d$time / 2, 0)
  fit <- hazard_ratio(Surv(entry, time, event) ~ arm, d, id = patient)
  expect_true(all(is.finite(fit$table$estimate)))
  expect_true(all(is.na(fit$table[c("conf.low", "conf.high", "p.value")])))
  expect_output(print(fit), "would ignore that rows of one id")
  # the events of a draw are too few
  d$event <- as.integer(seq_len(nrow(d)) == 8)
  d$patient[9:nrow(d)] <- d$patient[8]
  few <- hazard_ratio(Surv(time, event) ~ arm + x, d, id = patient, firth = TRUE)
  expect_true(all(is.na(few$table$conf.low)))
})

test_that("a row that counts several times is several subjects of its id", {
  d <- withr::with_seed(4, data.frame(
    time = stats::rexp(24), st = stats::rbinom(24, 1, 0.6), x = stats::rnorm(24),
    own = 1:24, few = rep(1:8, 3), two = 2, some = rep(1:3, 8)
  ))
  compare <- function(id, w) {
    fit <- hazard_ratio(Surv(time, st) ~ x, d, id = d[[id]], weights = d[[w]],
      weight_type = "frequency", firth = TRUE
    )
    all <- d[rep(1:24, d[[w]]), ]
    want <- hazard_ratio(Surv(time, st) ~ x, all, id = all[[id]], firth = TRUE)
    expect_equal(tidy(fit), tidy(want), tolerance = 1e-9)
    expect_match(fit$models$method, "draws of one row per id|draw")
  }
  compare("own", "two") # limits were those of 48 independent subjects
  compare("few", "some")
})
