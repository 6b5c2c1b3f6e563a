move_rows <- Surv(start, end, state) ~ 1

moves_of <- function(d, formula = Surv(start, end, state) ~ arm) {
  event_table(formula, d, id = id, from = from)
}

test_that("moves of four patients, by hand", {
  x <- event_table(move_rows, four_patients, id = patient, from = from)
  rows <- as.data.frame(x)
  rows$from <- as.character(rows$from)
  rows$to <- as.character(rows$to)
  want <- data.frame(
    time = c(0, 2, 4, 5, 6, 8, 8),
    from = c(
      "not followed", "stable", "stable", "stable", "progressed", "stable", "progressed"
    ),
    to = c(
      "stable", "progressed", "dead", "progressed", "dead", "not followed", "not followed"
    ),
    n = c(4, 1, 1, 1, 1, 1, 1)
  )
  expect_equal(rows[names(want)], want, ignore_attr = TRUE)
  expect_output(print(x), "4 patients")
  expect_identical(sum(glance(x)$n), 6)
})

test_that("the table has the probabilities and means of the rows, to the bit", {
  withr::local_seed(1)
  for (kind in list(list(n = 40), list(n = 60, late = TRUE, gaps = TRUE, k = 5))) {
    d <- do.call(random_moves, kind)
    rows <- state_occupation(Surv(start, end, state) ~ arm, d, id = id, from = from,
      tau = 9, extend = TRUE
    )
    counts <- state_occupation(moves_of(d), tau = 9, extend = TRUE)
    same <- c("time", "state", "strata", "n.risk", "n.event", "n.censor", "estimate")
    expect_identical(tidy(counts)[same], tidy(rows)[same])
    expect_identical(counts$means$estimate, rows$means$estimate)
    expect_true(all(is.na(tidy(counts)$std.error)))
  }
  expect_output(print(counts), "no standard errors")
})

test_that("merged tables are the table of all rows", {
  withr::local_seed(2)
  d <- random_moves(60, gaps = TRUE, late = TRUE)
  whole <- moves_of(d)
  part <- (d$id * 7) %% 3
  merged <- do.call(c, lapply(0:2, function(i) moves_of(d[part == i, ])))
  expect_equal(as.data.frame(merged), as.data.frame(whole))
  expect_identical(
    tidy(state_occupation(merged))$estimate, tidy(state_occupation(whole))$estimate
  )
  # groups that occur in one part only
  a <- moves_of(droplevels(d[d$arm == "A", ]))
  b <- moves_of(droplevels(d[d$arm == "B", ]))
  expect_equal(as.data.frame(c(a, b)), as.data.frame(whole))
})

test_that("arguments that do not fit are refused", {
  x <- event_table(move_rows, four_patients, id = patient, from = from)
  expect_error(c(x, 1), "argument 2", class = "oligosurv_error_input")
  expect_error(state_occupation(x, four_patients), "data",
    class = "oligosurv_error_input"
  )
  expect_error(state_occupation(x, id = patient), "id", class = "oligosurv_error_input")
  expect_error(kaplan_meier(x), class = "oligosurv_error_input")
})
