draw <- function() plot(kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1))

first_bytes <- function(file, n = 8L) readBin(file, "raw", n)

test_that("each ending writes its format, at the size asked for", {
  skip_if_not(capabilities("cairo"))
  dir <- withr::local_tempdir()
  file <- function(ending) file.path(dir, paste0("figure.", ending))
  for (ending in c("png", "pdf", "svg", "tiff")) {
    expect_identical(save_figure(draw, file(ending), 85, 60, dpi = 100), file(ending))
  }
  expect_identical(rawToChar(first_bytes(file("pdf"), 5L)), "%PDF-")
  expect_match(readLines(file("svg"), 2L)[2], "<svg")
  expect_true(rawToChar(first_bytes(file("tiff"), 2L)) %in% c("II", "MM"))
  png <- as.integer(first_bytes(file("png"), 24L))
  expect_identical(rawToChar(as.raw(png[2:4])), "PNG")
  # 85 mm and 60 mm at 100 dots per inch
  expect_equal(sum(png[17:20] * 256^(3:0)), 334, tolerance = 1 / 334)
  expect_equal(sum(png[21:24] * 256^(3:0)), 236, tolerance = 1 / 236)
  expect_length(list.files(dir), 4L)
})

test_that("a ggplot is written; devices are closed and the current one stays", {
  skip_if_not(capabilities("cairo"))
  skip_if_not_installed("ggplot2")
  file <- withr::local_tempfile(fileext = ".png")
  withr::local_pdf(NULL)
  before <- grDevices::dev.cur()
  save_figure(waterfall_plot(hcc_sbrt, cohort = "OM"), file, dpi = 72)
  expect_identical(grDevices::dev.cur(), before)
  expect_gt(file.size(file), 1000)
})

test_that("when drawing fails the earlier file stays and nothing else is left", {
  skip_if_not(capabilities("cairo"))
  dir <- withr::local_tempdir()
  file <- file.path(dir, "figure.png")
  writeLines("earlier", file)
  devices <- grDevices::dev.list()
  expect_error(save_figure(function() {
    graphics::plot.new()
    stop("half-way")
  }, file), "half-way")
  expect_identical(readLines(file), "earlier")
  expect_identical(list.files(dir), "figure.png")
  expect_identical(grDevices::dev.list(), devices)
})

test_that("errors by class", {
  expect_error(save_figure(draw, "figure.docx"), "docx", class = "oligosurv_error_input")
  expect_error(save_figure(draw, "no/such/figure.png"), class = "oligosurv_error_input")
  expect_error(save_figure(1, "figure.png"), class = "oligosurv_error_input")
  expect_error(save_figure(draw, "figure.png", 0), class = "oligosurv_error_input")
})
