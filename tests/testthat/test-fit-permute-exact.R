# Exact p-values of tests, against all assignments of the labels, enumerated in R.

scores_form <- function(group, score) {
  group <- factor(group)
  u <- as.vector(tapply(score, group, sum))
  m <- tabulate(group)
  v <- stats::var(score) * (diag(m, length(m)) - m %o% m / length(score))
  oracle_quadratic(u, v)
}

test_that("exact log-rank p: the enumeration done in R", {
  score <- oracle_scores(tiny$time, tiny$event)
  expect_equal(sum(score), 0, tolerance = 1e-14)
  two <- logrank_test(Surv(time, event) ~ two, tiny, method = "exact")
  sets <- utils::combn(9, 4)
  u <- apply(sets, 2, function(rows) sum(score[rows]))
  expect_identical(sum(tiny$two == "a"), 4L)
  expect_equal(two$p.value, mean(abs(u) >= abs(sum(score[tiny$two == "a"])) - 1e-12))
  expect_identical(two$p.std.error, 0)
  expect_match(two$method, "exact over 126 assignments")
  want <- scores_form(tiny$two, score)
  expect_equal(two$statistic, want$statistic, tolerance = 1e-13)
  expect_equal(sum(two$score), 0, tolerance = 1e-14)

  three <- logrank_test(Surv(time, event) ~ three, tiny, method = "exact")
  form <- function(g) scores_form(g, score)$statistic
  expect_equal(three$statistic, form(tiny$three), tolerance = 1e-13)
  expect_identical(three$df, 2L)
  expect_equal(three$p.value, oracle_exact(as.character(tiny$three), form))
})

test_that("exact p of every weight and of trend", {
  n <- function(t) sum(tiny$time >= t)
  weights <- list(gehan = n, `tarone-ware` = function(t) sqrt(n(t)))
  for (name in names(weights)) {
    score <- oracle_scores(tiny$time, tiny$event, weights[[name]])
    got <- logrank_test(Surv(time, event) ~ two, tiny, name, method = "exact")
    expect_equal(got$p.value, oracle_exact(
      as.character(tiny$two), function(g) abs(sum(score[g == "a"]))
    ))
  }
  score <- oracle_scores(tiny$time, tiny$event)
  trend <- c(1, 2, 5)
  got <- logrank_test(Surv(time, event) ~ three, tiny, method = "exact", trend = trend)
  along <- function(g) abs(sum(score * trend[match(g, c("x", "y", "z"))]))
  expect_equal(got$p.value, oracle_exact(as.character(tiny$three), along))
})

test_that("strata: assignments within each, their product in all", {
  score <- unlist(lapply(split(tiny, tiny$stratum), function(d) {
    oracle_scores(d$time, d$event)
  }))
  got <- logrank_test(Surv(time, event) ~ two + strata(stratum), tiny, method = "exact")
  first <- all_assignments(as.character(tiny$two[1:5]))
  second <- all_assignments(as.character(tiny$two[6:9]))
  expect_match(got$method, "2 strata, exact over 40 assignments")
  u <- outer(
    colSums(score[1:5] * (first == "a")), colSums(score[6:9] * (second == "a")), `+`
  )
  observed <- sum(score[tiny$two == "a"])
  expect_equal(got$p.value, mean(abs(u) >= abs(observed) - 1e-12))
  m <- table(tiny$two, tiny$stratum)["a", ]
  v <- sum(tapply(score, tiny$stratum, stats::var) * m * (1 - m / c(5, 4)))
  expect_equal(got$statistic, observed^2 / v, tolerance = 1e-13)
})

test_that("Gray's test, exact: evaluated again for each assignment", {
  skip_on_cran() # takes seconds
  for (group in c("two", "three")) {
    got <- gray_test(Surv(time, status) ~ g, transform(tiny, g = tiny[[group]]),
      method = "exact"
    )
    for (cause in 1:2) {
      form <- function(g) {
        value <- oracle_gray(tiny$time, as.integer(tiny$status) - 1L, g, cause)$statistic
        if (is.na(value)) 0 else value
      }
      expect_equal(
        got$tests$p.value[cause], oracle_exact(as.character(tiny[[group]]), form)
      )
    }
    plain <- gray_test(Surv(time, status) ~ g, transform(tiny, g = tiny[[group]]))
    expect_identical(got$tests$statistic, plain$tests$statistic)
    expect_identical(got$tests$df, plain$tests$df)
  }
})

test_that("coin: statistic and exact p of two groups, untied", {
  skip_if_not_installed("coin")
  coin <- function(name) getExportedValue("coin", name)
  for (d in random_sets(5, "continuous")) {
    d <- utils::head(transform(d, event = as.integer(d$cause > 0)), 16)
    d$group <- factor(ifelse(d$group == "a", "a", "b"))
    exact <- logrank_test(Surv(time, event) ~ group, d, method = "exact")
    peer <- coin("logrank_test")(Surv(time, event) ~ group, d,
      distribution = coin("exact")()
    )
    expect_equal(
      exact$statistic, as.double(coin("statistic")(peer))^2, tolerance = 1e-10
    )
    expect_equal(exact$p.value, as.double(coin("pvalue")(peer)), tolerance = 1e-10)
  }
})

test_that("ids move as a whole: the enumeration over ids", {
  d <- transform(tiny,
    id = c(1, 1, 2, 3, 2, 4, 3, 4, 5), two = rep("b", 9), three = NULL
  )
  d$two[d$id %in% c(1, 4)] <- "a"
  o <- order(d$two, d$time, d$status)
  with_ids <- function(status) {
    table <- event_table(stats::reformulate("two", call("Surv", quote(time), status)), d)
    table$start <- c(0, cumsum(tabulate(factor(d$two))))
    table$time <- as.double(d$time[o])
    table$status <- as.integer(factor(d[[as.character(status)]]))[o] - 1L
    table["n"] <- list(NULL)
    table$id <- d$id[o]
    table
  }
  sets <- utils::combn(5, 2)
  score <- tapply(oracle_scores(d$time, d$event), d$id, sum)
  u <- apply(sets, 2, function(a) abs(sum(score[a])))
  exact <- function(spec, table) {
    apply_permutation(list(), table, spec, "exact", 1)
  }
  got <- exact(test_spec(0L), with_ids(as.name("event")))
  expect_equal(got$times, 10)
  expect_equal(got$p.value, mean(u >= u[3] - 1e-12))
  expect_equal(got$variance[1], stats::var(as.vector(score)) * 2 * (1 - 2 / 5))
  form <- function(a) {
    g <- ifelse(d$id %in% a, "a", "b")
    oracle_gray(d$time, as.integer(d$status) - 1L, g, 1)$statistic
  }
  values <- apply(sets, 2, form)
  got <- exact(test_spec(cause = 1L), with_ids(as.name("status")))
  expect_equal(got$p.value, mean(values >= values[3] * (1 - 1e-9)))

  torn <- with_ids(as.name("event"))
  torn$id[1] <- 5
  expect_error(exact(test_spec(0L), torn), "1 id has rows in more than one group",
    class = "oligosurv_error_data"
  )
})

test_that("relabelled groups and another unit of time: the same exact p", {
  base <- logrank_test(Surv(time, event) ~ three, tiny, method = "exact")
  other <- transform(tiny, three = factor(three, c("z", "x", "y")), time = time * 30.4375)
  expect_equal(
    logrank_test(Surv(time, event) ~ three, other, method = "exact")$p.value,
    base$p.value
  )
  rows <- withr::with_seed(4, sample(nrow(tiny)))
  withr::local_seed(6)
  first <- logrank_test(Surv(time, event) ~ two, tiny, method = "permutation")
  withr::local_seed(6)
  shuffled <- logrank_test(Surv(time, event) ~ two, tiny[rows, ], method = "permutation")
  expect_identical(glance(shuffled), glance(first))
  withr::local_seed(6)
  table <- event_table(Surv(time, event) ~ two, tiny)
  expect_identical(glance(logrank_test(table, method = "permutation")), glance(first))
})
