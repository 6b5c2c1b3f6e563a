# Files are written whole or not at all, also when the disk is full.

is_whole_file <- getFromNamespace("is_whole_file", "oligosurv")
write_text <- getFromNamespace("write_text", "oligosurv")

test_that("a figure that ends early is not whole, whatever its format", {
  skip_if_not(capabilities("cairo"))
  for (kind in c("png", "pdf", "svg", "tif", "tiff")) {
    file <- withr::local_tempfile(fileext = paste0(".", kind))
    save_figure(function() plot(1:3), file, dpi = 50)
    expect_true(is_whole_file(file, kind))
    bytes <- readBin(file, "raw", file.size(file))
    for (size in c(0, 4, 60, length(bytes) %/% 2, length(bytes) - 80)) {
      writeBin(utils::head(bytes, size), file)
      expect_false(is_whole_file(file, kind))
    }
  }
  expect_false(is_whole_file("no such file", "png"))
})

test_that("text is written as UTF-8, byte for byte", {
  file <- withr::local_tempfile()
  write_text(c("a", "", "\u00e9\u4e2d"), file)
  expect_identical(readLines(file, encoding = "UTF-8"), c("a", "", "\u00e9\u4e2d"))
  write_text(character(), file)
  expect_identical(file.size(file), 0)
})

# The outcome of R code in a process whose files may not grow beyond some kB, as on a disk
# that is full. Its last line is printed.
on_full_disk <- function(code, blocks = 8) {
  skip_on_cran()
  skip_on_os("windows")
  file <- withr::local_tempfile(fileext = ".R")
  writeLines(c("suppressMessages(library(oligosurv))", code), file)
  shell <- sprintf("trap '' XFSZ; ulimit -f %d; exec %s --vanilla %s", blocks,
    shQuote(file.path(R.home("bin"), "Rscript")), shQuote(file)
  )
  utils::tail(suppressWarnings(system2("sh", c("-c", shQuote(shell)),
    stdout = TRUE, stderr = FALSE
  )), 1L)
}

test_that("on a full disk the earlier figure or table stays, and the error has a class", {
  code <- function(call) {
    c(
      "f <- file.path(tempdir(), 'a.%s'); writeLines('old', f)",
      sprintf("outcome <- tryCatch(%s, error = function(e) class(e)[1])", call),
      "cat(outcome, readLines(f, 1), length(list.files(tempdir(), 'figure|report')))"
    )
  }
  figure <- code("save_figure(function() plot(rnorm(5000)), f, dpi = 300)")
  for (kind in c("png", "pdf", "svg")) {
    expect_identical(on_full_disk(sub("%s", kind, figure)), "oligosurv_error_input old 0")
  }
  table <- c(
    "d <- data.frame(t = 1:4000, s = 1, g = rep(sprintf('%04d', 1:500), 8))",
    code("save_table(kaplan_meier(Surv(t, s) ~ g, d), f)")
  )
  expect_identical(on_full_disk(sub("a.%s", "a.md", table, fixed = TRUE)),
    "oligosurv_error_input old 0"
  )
})

test_that("on a full disk no connection stays open", {
  code <- c(
    "write <- getFromNamespace('write_text', 'oligosurv')",
    "lines <- strrep('a', rep(1000, 50))",
    "outcome <- tryCatch(write(lines, tempfile()), error = function(e) class(e)[1])",
    "cat(outcome, nrow(showConnections()))"
  )
  expect_identical(on_full_disk(code), "oligosurv_error_input 0")
})

test_that("a figure is not drafted beside its file, where a killed R would leave it", {
  skip_if_not(capabilities("cairo"))
  dir <- withr::local_tempdir()
  file <- file.path(dir, "a.png")
  seen <- "none"
  save_figure(function() {
    plot(1)
    seen <<- list.files(dir, all.files = TRUE, no.. = TRUE)
  }, file, dpi = 50)
  expect_identical(seen, character())
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "a.png")
})

test_that("a figure of an impossible size is an error that names the arguments", {
  file <- withr::local_tempfile(fileext = ".png")
  expect_error(save_figure(function() plot(1), file, dpi = 1e6),
    "`width_mm`, `height_mm`", class = "oligosurv_error_input"
  )
  expect_false(file.exists(file))
})
