# Figures of the patterns of first failure.

test_that("stacked areas reach the incidence of any failure and of death", {
  skip_if_not_installed("ggplot2")
  x <- failure_pattern(hcc_sbrt, times = 12)
  p <- ggplot2::autoplot(x)
  expect_s3_class(p, "ggplot")
  drawn <- unique(as.character(p$data$curve))
  expect_true(all(c("local", "elsewhere", "death") %in% drawn))
  built(p)
  curves <- ggplot2::autoplot(x, stacked = FALSE)
  expect_false("death" %in% as.character(curves$data$curve))
  expect_error(ggplot2::autoplot(x, stacked = "yes"), "`stacked`",
    class = "oligosurv_error_input"
  )
})

test_that("plot() draws the curves of the patterns without ggplot2", {
  withr::local_pdf(NULL)
  rows <- plot(failure_pattern(hcc_sbrt, by = "cohort"))
  expect_setequal(unique(as.character(rows$outcome)),
    c("local", "local and elsewhere", "elsewhere")
  )
})
