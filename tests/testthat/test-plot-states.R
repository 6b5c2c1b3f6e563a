states_fit <- function(formula = Surv(entry, time, status) ~ cohort) {
  state_occupation(formula, study_states(hcc_sbrt), id = patient_id, from = from)
}

test_that("areas add up to 1, in the order of the states, with their numbers", {
  skip_if_not_installed("ggplot2")
  fit <- states_fit()
  p <- ggplot2::autoplot(fit)
  rows <- p$data
  expect_true(all(rows$high >= rows$low & rows$low >= 0 & rows$high <= 1))
  expect_true(all(rows$high[rows$state == "dead"] == 1))
  at <- rows[rows$strata == "OP" & rows$time == max(rows$time[rows$strata == "OP"]), ]
  expect_equal(at$high - at$low, at$estimate, tolerance = 1e-12)
  # bottom to top: without progression, progressed, dead
  at <- rows[rows$strata == "OM" & rows$time > 12 & rows$time < 14, ]
  edge <- tapply(at$low, at$state, mean)
  expect_true(edge[["without progression"]] < edge[["progressed"]])
  expect_true(edge[["progressed"]] < edge[["dead"]])
  built <- ggplot2::ggplot_build(p)
  table <- Filter(function(x) !is.null(x$block), built$data)[[1]]
  # 28 and 9 patients begin; death has no row
  first <- table[table$x == min(table$x), ]
  expect_setequal(first$label, c("28", "9", "0"))
  expect_false("dead" %in% table$name)
})

test_that("areas can be told apart in grey", {
  for (n in 1:4) {
    for (dark in c(FALSE, TRUE)) {
      last <- if (dark) "grey35" else "grey88"
      rgb <- grDevices::col2rgb(c(area_colours(n, dark), last))
      light <- colSums(c(0.299, 0.587, 0.114) * rgb) # of 255
      expect_gt(min(abs(diff(light))), 15)
    }
  }
})

test_that("options of the figure, and what it refuses", {
  skip_if_not_installed("ggplot2")
  fit <- states_fit(Surv(entry, time, status) ~ 1)
  p <- ggplot2::autoplot(fit, labels = "direct", risk_table = "none", title = "States",
    colours = c(progressed = "red", "without progression" = "blue"), breaks = c(0, 24)
  )
  fill <- ggplot2::ggplot_build(p)$data[[1]]$fill
  expect_true(all(c("red", "blue") %in% fill))
  expect_identical(p$labels$title, "States")
  expect_error(ggplot2::autoplot(fit, colours = "red"), "colours",
    class = "oligosurv_error_input"
  )
  expect_error(ggplot2::autoplot(fit, kind = 1), "kind", class = "oligosurv_error_input")
  d <- data.frame(id = integer(), s = numeric(), t = numeric(),
    state = factor(character(), c("censored", "dead"))
  )
  none <- state_occupation(Surv(s, t, state) ~ 1, d, id = id)
  expect_error(ggplot2::autoplot(none), "no patients", class = "oligosurv_error_data")
})

test_that("base graphics draw the same rows, and restore the margins", {
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  before <- graphics::par("mar", "mfrow")
  rows <- plot(states_fit(), title = "States")
  expect_identical(graphics::par("mar", "mfrow"), before)
  expect_setequal(levels(rows$strata), c("OP", "OM"))
  expect_error(plot(states_fit(), risk_table = "events"), "risk_table",
    class = "oligosurv_error_input"
  )
})

test_that("a table of moves is drawn like its probabilities", {
  skip_if_not_installed("ggplot2", "3.5.0")
  table <- event_table(Surv(entry, time, status) ~ cohort, study_states(hcc_sbrt),
    id = patient_id, from = from
  )
  expect_identical(ggplot2::autoplot(table, xlab = "Month")$data,
    ggplot2::autoplot(state_occupation(table), xlab = "Month")$data
  )
})

test_that("of very many steps areas show the values at evenly spaced times", {
  skip_if_not_installed("ggplot2")
  fit <- states_fit()
  all <- ggplot2::autoplot(fit)$data
  local_internal("most_drawn", 20L)
  local_internal("drawn_steps", 9L)
  few <- ggplot2::autoplot(fit)$data
  expect_lt(nrow(few), nrow(all))
  expect_equal(unique(sort(few$time)), seq(0, max(all$time), length.out = 9L),
    tolerance = 1e-14
  )
  # the value at a time is that of the last step until then
  for (i in seq_len(nrow(few))) {
    same <- all[all$line == as.character(few$line[i]) & all$time <= few$time[i], ]
    last <- same[nrow(same), ]
    expect_identical(few[i, c("low", "high")], last[c("low", "high")],
      ignore_attr = TRUE
    )
  }
})
