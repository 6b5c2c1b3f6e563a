# Tests of every pair of groups.

rows <- random_rows("ties", 4)
rows <- rbind(rows, transform(rows, time = time + 1))
rows$group <- factor(rep_len(c("a", "b", "c"), nrow(rows)))

pairs <- list(c("a", "b"), c("a", "c"), c("b", "c"))

test_that("each pair is the test of its rows alone, adjusted over the pairs", {
  for (adjust in stats::p.adjust.methods) {
    got <- tidy(pairwise_test(
      Surv(time, event) ~ group + strata(stratum), rows, adjust = adjust
    ))
    want <- do.call(rbind, lapply(pairs, function(pair) {
      d <- rows[rows$group %in% pair, ]
      glance(logrank_test(Surv(time, event) ~ droplevels(group) + strata(stratum), d))
    }))
    expect_identical(as.character(got$group1), vapply(pairs, `[`, "", 1))
    expect_identical(as.character(got$group2), vapply(pairs, `[`, "", 2))
    expect_identical(got$statistic, want$statistic)
    expect_identical(got$parameter, want$df)
    expect_identical(got$p.value, want$p.value)
    adjusted <- stats::p.adjust(want$p.value, adjust)
    expect_equal(got$adj.p.value, adjusted, tolerance = 1e-14)
    expect_identical(unique(got$adjust), adjust)
  }
})

test_that("Gray's test: adjusted for each outcome by itself", {
  got <- pairwise_test(Surv(time, status) ~ group, rows, gray_test, rho = 1)
  table <- tidy(got)
  expect_identical(nrow(table), 6L)
  for (outcome in c("failure", "death")) {
    part <- table[table$outcome == outcome, ]
    want <- vapply(pairs, function(pair) {
      d <- rows[rows$group %in% pair, ]
      tests <- gray_test(Surv(time, status) ~ droplevels(group), d, rho = 1)$tests
      tests$p.value[tests$outcome == outcome]
    }, 0)
    expect_identical(part$p.value, want)
    expect_equal(part$adj.p.value, stats::p.adjust(want, "holm"), tolerance = 1e-14)
  }
  expect_identical(glance(got)$n.pair, c(3L, 3L))
  expect_identical(as.character(glance(got)$outcome), c("failure", "death"))
  expect_identical(
    glance(got)$adj.p.value,
    as.vector(tapply(table$adj.p.value, as.character(table$outcome), min))[2:1]
  )
})

test_that("an event table gives what its rows give; arguments reach the test", {
  f <- Surv(time, event) ~ group + strata(stratum)
  expect_identical(
    tidy(pairwise_test(event_table(f, rows))), tidy(pairwise_test(f, rows))
  )
  expect_match(pairwise_test(f, rows, weight = "gehan")$tests$method, "^Gehan")
  withr::local_seed(1)
  first <- tidy(pairwise_test(f, rows, method = "permutation", n_permutations = 200))
  withr::local_seed(1)
  again <- tidy(pairwise_test(f, rows, method = "permutation", n_permutations = 200))
  expect_identical(again, first)
  flipped <- transform(rows, status = factor(status, rev(levels(status))))
  expect_identical(
    tidy(pairwise_test(
      Surv(time, status) ~ group, flipped, gray_test, censor = "censored"
    ))$p.value[4:6],
    tidy(pairwise_test(Surv(time, status) ~ group, rows, gray_test))$p.value[1:3]
  )
})

test_that("id: each pair is the clustered test of its rows alone", {
  d <- transform(rows, patient = paste(group, rep_len(1:6, nrow(rows))))
  for (test in list(logrank_test, gray_test, maxcombo_test)) {
    f <- Surv(time, event) ~ group
    if (identical(test, gray_test)) f <- Surv(time, status) ~ group
    got <- tidy(pairwise_test(f, d, test, id = patient))
    want <- unlist(lapply(pairs, function(pair) {
      part <- transform(d[d$group %in% pair, ], group = droplevels(factor(group)))
      glance(test(f, part, id = patient))$p.value
    }))
    if (length(want) > 3L) want <- want[c(1, 3, 5, 2, 4, 6)]
    expect_equal(got$p.value, want, tolerance = 1e-12)
    expect_match(got$method[1], "clustered by id")
  }
  f <- Surv(time, event) ~ group
  expect_identical(
    tidy(pairwise_test(update(f, . ~ . + cluster(patient)), d)),
    tidy(pairwise_test(f, d, id = patient))
  )
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_error(
    pairwise_test(Surv(time, status) ~ cohort, lesions, gray_test),
    class = "oligosurv_error_data"
  )
})

test_that("subset_groups() gives the table of the rows of these groups, entries too", {
  truncated <- transform(rows, entry = time / 2, exit = time + 1)
  for (f in list(
    Surv(time, event) ~ group + strata(stratum),
    Surv(entry, exit, event) ~ group + strata(stratum)
  )) {
    whole <- event_table(f, truncated)
    kept <- truncated[truncated$group != "b", ]
    kept$group <- droplevels(kept$group)
    expect_identical(
      as.data.frame(subset_groups(whole, c(1L, 3L))), as.data.frame(event_table(f, kept))
    )
    turned <- subset_groups(whole, 3:1)
    expect_identical(turned$groups, c("c", "b", "a"))
    expect_equal(
      logrank_test(turned)$statistic, logrank_test(whole)$statistic, tolerance = 1e-12
    )
  }
})

test_that("a pair without an answer is NA and does not count in the adjustment", {
  d <- data.frame(
    time = 1:6, event = c(1, 1, 1, 1, 0, 0),
    group = factor(c("a", "b", "a", "b", "a", "b"), c("a", "b", "none"))
  )
  got <- pairwise_test(Surv(time, event) ~ group, d)
  expect_identical(is.na(got$tests$adj.p.value), c(FALSE, TRUE, TRUE))
  expect_identical(got$tests$adj.p.value[1], got$tests$p.value[1])
  expect_output(print(got), "not defined")
  nobody <- pairwise_test(Surv(time, 0 * event) ~ group, d)
  expect_identical(glance(nobody)$adj.p.value, NA_real_)
})

test_that("the print has one line per pair", {
  out <- capture.output(print(pairwise_test(Surv(time, event) ~ group, rows)))
  expect_match(out, "^Pairs of 3 groups: 36 subjects", all = FALSE)
  expect_match(out, "^Log-rank test; P", all = FALSE)
  expect_match(out, "P adjusted by Holm's method for the number", all = FALSE)
  expect_identical(adjusted_by("none"), "not adjusted")
  for (name in setdiff(stats::p.adjust.methods, "none")) {
    expect_match(adjusted_by(name), "^adjusted by [BH].*'s method$")
  }
  expect_identical(sum(grepl("^[ab] against [bc] ", out)), 3L)
})

test_that("errors by class", {
  f <- Surv(time, event) ~ group
  expect_error(pairwise_test(f, rows, adjust = "magic"), class = "oligosurv_error_input")
  expect_error(pairwise_test(f, rows, "logrank"), class = "oligosurv_error_input")
  expect_error(pairwise_test(f, rows, kaplan_meier), class = "oligosurv_error_input")
  expect_error(pairwise_test(f, rows, nonsense = 1), class = "oligosurv_error_input")
  expect_error(
    pairwise_test(Surv(time, event) ~ 1, rows), "only one", class = "oligosurv_error_data"
  )
})

test_that("frequency weights: the rows repeated", {
  d <- random_rows("ties", 8)
  d$w <- rep_len(1:3, nrow(d))
  long <- d[rep(seq_len(nrow(d)), d$w), ]
  got <- pairwise_test(Surv(time, event) ~ group, d,
    weights = w, weight_type = "frequency"
  )
  expect_equal(got$tests, pairwise_test(Surv(time, event) ~ group, long)$tests)
  got <- pairwise_test(Surv(time, status) ~ group, d, gray_test,
    weights = w, weight_type = "frequency"
  )
  want <- pairwise_test(Surv(time, status) ~ group, long, gray_test)
  expect_equal(got$tests, want$tests)
  powers <- list(c(0, 0), c(0, 1)) # of maxcombo_test()
  some <- pairwise_test(Surv(time, event) ~ group, d, maxcombo_test, powers = powers)
  expect_match(some$tests$method, "2 Fleming-Harrington weights")
  expect_error(
    pairwise_test(Surv(time, event) ~ group, d, weights = w, weight_type = "sampling"),
    "pairwise_test", class = "oligosurv_error_data"
  )
})

test_that("warnings of the function that the user gave have a class", {
  test <- function(...) {
    warning("close to a limit")
    logrank_test(...)
  }
  d <- data.frame(time = 1:6, dead = 1, g = rep(c("A", "B"), 3))
  expect_warning(found <- pairwise_test(Surv(time, dead) ~ g, d, test = test),
    "the function `test` warned: close to a limit",
    class = "oligosurv_warning_input"
  )
  expect_identical(
    tidy(found)$p.value, tidy(pairwise_test(Surv(time, dead) ~ g, d))$p.value
  )
})
