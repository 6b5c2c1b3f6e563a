# spider_plot(): lines, new lesions, sums of diameters.

skip_if_not_installed("ggplot2")
d <- data.frame(
  who = c("A", "A", "B", "B"), month = c(5, 2, 2, 4), pct = c(-60, -40, 5, 30),
  best = c("PR", "PR", "PD", "PD"), new = c(FALSE, FALSE, NA, TRUE)
)
spider <- function(...) spider_plot(d, "who", "month", "pct", "best", ...)

test_that("lines start at 0 and follow time; new lesions are crosses", {
  p <- spider(new_lesion = "new")
  expect_identical(p$data$id, rep(c("A", "B"), each = 3))
  expect_identical(p$data$time, c(0, 2, 5, 0, 2, 4))
  expect_identical(p$data$change, c(0, -40, -60, 0, 5, 30))
  crosses <- layer_of(p, "GeomPoint")[[2]]
  expect_identical(c(crosses$x, crosses$y, crosses$shape), c(4, 30, 4))
  expect_identical(
    p$labels$caption, "Lines: by the recorded best response; cross: new lesion"
  )
  expect_identical(spider()$labels$caption, "Lines: by the recorded best response")
  none <- spider_plot(d, "who", "month", "pct", response = NULL)
  expect_null(none$labels$caption)
  # in grey print line types and points tell the responses apart
  line <- layer_of(p, "GeomLine")[[1]]
  expect_identical(unique(line$linetype), c("82", "solid"))
  expect_identical(layer_of(p, "GeomPoint")[[1]]$shape, c(17, 6))
})

test_that("sums of diameters of a study: the same lesions against their baseline", {
  tables <- small_tables()
  tables$assessments <- data.frame(
    patient_id = c("A", "A", "A", "A", "A", "A", "B", "B"),
    lesion_id = c("1", "2", "1", "2", "1", "1", "1", "1"),
    assessment_date = c(
      "2020-12-10", "2020-12-10", "2021-02-01", "2021-02-01", "2021-03-01", "2021-07-01",
      "2020-12-20", "2021-01-31"
    ),
    diameter_mm = c(20, 20, 10, 10, 5, 5, 10, 12)
  )
  study <- do.call(sbrt_study, tables)
  p <- spider_plot(study, unit = "days")
  # A: 40 mm to 20 mm on day 31, lesion 2 not measured later; B: 10 mm to 12 mm on day 30
  expect_identical(p$data$id, c("A", "A", "B", "B"))
  expect_equal(p$data$change, c(0, -50, 0, 20))
  expect_equal(p$data$time, c(0, 31, 0, 30))
  expect_identical(as.character(p$data$response), c("PR", "PR", "SD", "SD"))
  # `keep` is evaluated in the table of patients, or in the rows of a data frame
  who <- "B"
  expect_identical(unique(spider_plot(study, keep = patient_id == who)$data$id), "B")
  expect_identical(unique(spider(keep = best == "PR")$data$id), "A")
  expect_error(spider_plot(study, keep = pct > 0), "`keep` cannot be evaluated",
    class = "oligosurv_error_input"
  )
  expect_error(spider_plot(small_study()), class = "oligosurv_error_data")
})

test_that("errors by class", {
  expect_error(spider_plot(d), "patient_id", class = "oligosurv_error_input")
  expect_error(spider_plot(1), class = "oligosurv_error_input")
  bad <- d
  bad$pct[1] <- -101
  expect_error(
    spider_plot(bad, "who", "month", "pct", "best"), class = "oligosurv_error_domain"
  )
  expect_error(
    spider_plot(d[0, ], "who", "month", "pct", "best"), class = "oligosurv_error_data"
  )
})
