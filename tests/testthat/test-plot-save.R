# save_figure(): formats, sizes, resolution, failures.

draw <- function() plot(kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1))

first_bytes <- function(file, n = 8L) readBin(file, "raw", n)

test_that("each file extension writes its format, at the requested size", {
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

test_that("a PDF has the size asked for, and embedded fonts", {
  skip_if_not(capabilities("cairo"))
  file <- withr::local_tempfile(fileext = ".pdf")
  save_figure(draw, file, 85, 63.75)
  lines <- pdf_lines(file)
  box <- grep("MediaBox", lines, value = TRUE)
  skip_if_not(length(box) == 1L, "the graphics library compresses pages")
  size <- as.numeric(strsplit(sub(".*\\[ *0 0 (.*)\\].*", "\\1", box), " ")[[1]])
  # 72 points are 25.4 mm; whole points would be 240 and 180
  expect_equal(size * 25.4 / 72, c(85, 63.75), tolerance = 1e-4)
  expect_true(any(grepl("/FontFile", lines)))
  # entries without room, or of another form, stay
  other <- withr::local_tempfile(lines = "/MediaBox [0 0 1 1]")
  set_page_size(other, c(240.94, 180.71))
  expect_identical(readLines(other), "/MediaBox [0 0 1 1]")
  # an entry keeps its length
  whole <- "   /MediaBox [ 0 0 241 181 ]"
  one <- withr::local_tempfile(lines = whole)
  set_page_size(one, c(240.94, 180.7))
  expect_identical(readLines(one), formatC("/MediaBox[0 0 240.94 180.7]", width = -28))
})

test_that("sizes have a least value, below which no device can draw", {
  file <- withr::local_tempfile(fileext = ".pdf")
  for (size in c(-1, 0, 1e-320, 0.9)) {
    for (name in c("width_mm", "height_mm", "dpi")) {
      expect_error(do.call(save_figure, c(list(draw, file), stats::setNames(size, name))),
        sprintf("`%s` must be one finite number (between|of at least) 1", name),
        class = "oligosurv_error_input"
      )
    }
  }
  expect_false(file.exists(file))
})

test_that("texts of an SVG are texts with svglite, else a message says so", {
  skip_if_not(capabilities("cairo"))
  file <- withr::local_tempfile(fileext = ".svg")
  titled <- function() {
    draw()
    graphics::title("Overall survival")
  }
  found <- nzchar(system.file(package = "svglite"))
  if (found) {
    expect_silent(save_figure(titled, file, 85, 60))
  } else {
    expect_message(save_figure(titled, file, 85, 60), "svglite",
      class = "oligosurv_message"
    )
  }
  written <- paste(readLines(file), collapse = "")
  expect_identical(grepl(">Overall survival</text>", written), found)
})

test_that("a ggplot is written; devices are closed and the current one stays", {
  skip_if_not(capabilities("cairo"))
  skip_if_not_installed("ggplot2")
  file <- withr::local_tempfile(fileext = ".png")
  withr::local_pdf(NULL)
  before <- grDevices::dev.cur()
  save_figure(waterfall_plot(hcc_sbrt, keep = cohort == "OM"), file, dpi = 72)
  expect_identical(grDevices::dev.cur(), before)
  expect_gt(file.size(file), 1000)
})

test_that("a figure is as high as its rows need, unless a height is given", {
  skip_if_not(capabilities("cairo"))
  skip_if_not_installed("ggplot2")
  expect_equal(natural_height(draw, 100), 75)
  few <- swimmer_plot(hcc_sbrt, keep = cohort == "OM")
  all <- swimmer_plot(hcc_sbrt)
  # nine bars fit in half the width, 37 bars need about 3 mm each
  expect_equal(natural_height(few, 174), 87)
  expect_gt(natural_height(all, 85), 37 * 2.9)
  # elements added to a figure do not change its height
  expect_equal(natural_height(all + ggplot2::labs(title = "x"), 85),
    natural_height(all, 85)
  )
  rows <- ggplot2::autoplot(rate_difference(
    Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "os"), times = 12
  ))
  file <- withr::local_tempfile(fileext = ".png")
  save_figure(rows, file, dpi = 100)
  size <- as.integer(first_bytes(file, 24L))
  pixels <- sum(size[21:24] * 256^(3:0))
  expect_equal(pixels, natural_height(rows, 85) / 25.4 * 100, tolerance = 0.02)
  expect_lt(pixels, 0.5 * 334)
})

test_that("TIFF records the requested dots per inch", {
  skip_if_not(capabilities("cairo") && capabilities("tiff"))
  for (dpi in c(300, 600)) {
    file <- withr::local_tempfile(fileext = ".tiff")
    save_figure(draw, file, 85, 60, dpi = dpi)
    bytes <- as.integer(readBin(file, "raw", file.size(file)))
    little <- bytes[1L] == 73L
    number <- function(at, k) {
      b <- bytes[at + seq_len(k)]
      sum((if (little) b else rev(b)) * 256^(seq_len(k) - 1L))
    }
    tags <- number(4, 4)
    entry <- tags + 2 + 12 * (seq_len(number(tags, 2)) - 1)
    tag <- vapply(entry, number, 0, 2)
    # tag 282 points to the resolution, stored as two numbers; 256 is the width in pixels
    at <- number(entry[tag == 282] + 8, 4)
    expect_equal(number(at, 4) / number(at + 4, 4), dpi)
    width <- entry[tag == 256]
    wide <- number(width + 8, if (number(width + 2, 2) == 3) 2 else 4)
    expect_equal(wide, 85 / 25.4 * dpi, tolerance = 0.001)
  }
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
