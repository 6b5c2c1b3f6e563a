# swimmer_plot(): bars, dates, arrows.

skip_if_not_installed("ggplot2")

test_that("bars are the follow-up of the patients, arrows those alive", {
  p <- swimmer_plot(hcc_sbrt)
  os <- endpoint(hcc_sbrt, "os")
  at <- match(p$data$patient, os$patient_id)
  expect_equal(p$data$time, os$time[at])
  expect_false(is.unsorted(p$data$time))
  expect_identical(p$data$ongoing, os$status[at] == 0)
  expect_identical(nrow(layer_of(p, "GeomSegment")[[1]]), sum(os$status == 0))
})

test_that("a small study followed by hand, in days", {
  study <- small_study()
  p <- swimmer_plot(study, unit = "days")
  # D dies on day 30, C is last seen on day 100, A dies on day 200, B is seen on day 365
  expect_identical(as.character(p$data$patient), c("D", "C", "A", "B"))
  expect_equal(p$data$time, c(30, 100, 200, 365))
  expect_identical(as.character(p$data$fill), c("NE", "CR", "PR", "SD"))
  points <- layer_of(p, "GeomPoint")[[1]]
  # progressions of A (day 0) and B (100), first failure of A (50), deaths of D and A
  expect_setequal(
    paste(points$y, points$x), c("3 0", "4 100", "3 50", "1 30", "3 200")
  )
  dark <- swimmer_plot(study, theme = theme_oligosurv(background = "dark"), fill = NULL)
  expect_identical(levels(dark$data$fill), "")
})

test_that("further dates are marks; errors by class", {
  study <- small_study()
  p <- swimmer_plot(study, marks = c("seen <last>" = "last_contact"))
  expect_true("seen <last>" %in% levels(p$layers[[3]]$data$mark))
  # A column outside the schema is text in the study, and is read as dates here.
  tables <- small_tables()
  tables$patients$surgery <- c("13/02/2021", NA, NA, NA)
  study <- do.call(sbrt_study, tables)
  own <- swimmer_plot(study, marks = c(Surgery = "surgery"), unit = "days")
  points <- own$layers[[3L]]$data
  expect_identical(points$time[points$mark == "Surgery"], 43)
  expect_error(swimmer_plot(study, marks = "x"), class = "oligosurv_error_input")
  expect_error(swimmer_plot(study, marks = c(a = "cohort")),
    class = "oligosurv_error_data"
  )
  expect_identical(nrow(swimmer_plot(hcc_sbrt, keep = cohort == "OM")$data), 9L)
  expect_error(swimmer_plot(study, strategy = "OP-N"), "`strategy`",
    class = "oligosurv_error_input"
  )
  expect_error(swimmer_plot(study, fill = "x"), class = "oligosurv_error_input")
  expect_error(swimmer_plot(1), class = "oligosurv_error_input")
  expect_error(swimmer_plot(study, keep = rep(FALSE, 4)), class = "oligosurv_error_data")
})

test_that("with times instead of dates, death is not marked as progression", {
  # A dies on day 100 without progression, B progresses on day 50, C on day 120; D is
  # last seen on the day of the progression
  study <- sbrt_study(data.frame(
    patient_id = c("A", "B", "C", "D"), os_time = c(100, 200, 300, 80),
    os_status = c(1, 0, 1, 0), pfs_time = c(100, 50, 120, 80), pfs_status = 1
  ), time_unit = "days")
  p <- swimmer_plot(study, unit = "days")
  expect_identical(p$data$patient, c("D", "A", "B", "C"))
  marks <- p$layers[[3L]]$data
  progressed <- marks[marks$mark == "progression", ]
  expect_equal(progressed$time, c(80, 50, 120))
  expect_identical(progressed$rank, c(1L, 3L, 4L))
  expect_equal(marks$time[marks$mark == "death"], c(100, 300))
  expect_identical(p$labels$x, "Time (days)")
})

test_that("more than 120 patients do not fit", {
  patients <- data.frame(patient_id = 1:121, os_time = 1:121, os_status = 1)
  study <- sbrt_study(patients, time_unit = "months")
  error <- expect_error(swimmer_plot(study), "121 patients .* holds 120; .* `keep`",
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "keep")
  expect_identical(nrow(swimmer_plot(study, keep = 1:120)$data), 120L)
})
