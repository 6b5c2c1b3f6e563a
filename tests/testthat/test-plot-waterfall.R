# waterfall_plot(): bars, colours, lines, marks.

skip_if_not_installed("ggplot2")

bars <- function(p) ggplot2::ggplot_build(p)$data[[2]]

test_that("hcc_sbrt: 27 of 28 OP, 9 OM, 12 OP-N, 15 of 16 OP-C have a bar", {
  p <- waterfall_plot(hcc_sbrt, keep = cohort == "OP")
  expect_identical(nrow(bars(p)), 27L)
  colour <- "Colour: recorded best response"
  expect_identical(p$labels$caption, paste0(colour, "; 1 patient not evaluable"))
  expect_identical(nrow(waterfall_plot(hcc_sbrt, keep = cohort == "OM")$data), 9L)
  om <- waterfall_plot(hcc_sbrt, keep = cohort == "OM")
  expect_identical(om$labels$caption, colour)
  expect_identical(nrow(waterfall_plot(hcc_sbrt, keep = strategy == "OP-N")$data), 12L)
  expect_identical(nrow(waterfall_plot(hcc_sbrt, keep = strategy == "OP-C")$data), 15L)
  responders <- sum(p$data$response %in% c("CR", "PR"))
  expect_identical(responders, 12L)
})

test_that("bars are ordered and coloured by the given response, lines at +20 and -30", {
  d <- data.frame(
    best_change_pct = c(-40, 0, 25, NA, -100, 0),
    best_response = c("PD", "PR", "SD", "NE", "CR", "SD")
  )
  p <- waterfall_plot(d)
  expect_identical(p$data$change, c(25, 0, 0, -40, -100))
  # of two equal changes the better response is further right
  expect_identical(as.character(p$data$response), c("SD", "SD", "PR", "PD", "CR"))
  built <- ggplot2::ggplot_build(p)$data
  expect_identical(built[[1]]$yintercept, c(-30, 20))
  fill <- response_colours[c("SD", "SD", "PR", "PD", "CR")]
  expect_identical(bars(p)$fill, unname(fill))
  flat <- built[[4]]
  expect_identical(flat$x, c(2, 3) - 0.4)
  expect_identical(flat$xend, c(2, 3) + 0.4)
  expect_identical(flat$y, c(0, 0))
})

test_that("rows are chosen by keep, columns by name", {
  d <- data.frame(pct = c(10, -50, 30), answer = c("SD", "PR", NA))
  chosen <- function(keep) {
    waterfall_plot(d, keep = keep, change = "pct", response = "answer")$data$change
  }
  expect_identical(chosen(c(TRUE, NA, TRUE)), c(30, 10))
  expect_identical(chosen(2:3), c(30, -50))
  p <- waterfall_plot(d, change = "pct", response = "answer")
  expect_identical(levels(p$data$response), c("PR", "SD", "not given"))
})

test_that("responses can be told apart in grey, and on their background", {
  # luminance of WCAG 2 and the lightness of CIELAB
  luminance <- function(colour) {
    v <- t(grDevices::col2rgb(colour)) / 255
    drop(ifelse(v <= 0.03928, v / 12.92, ((v + 0.055) / 1.055)^2.4) %*%
      c(0.2126, 0.7152, 0.0722))
  }
  lightness <- function(colour) 116 * luminance(colour)^(1 / 3) - 16
  expect_gt(min(diff(sort(lightness(response_colours)))), 8.5)
  contrast <- 1.05 / (luminance(response_colours) + 0.05)
  expect_gt(min(contrast[names(response_colours) != "SD"]), 2.5)
  expect_gt(contrast[["NE"]], 4.5)
  lines <- response_ink(names(response_colours), dark = FALSE)
  expect_gt(min(1.05 / (luminance(lines) + 0.05)), 3)
  lines <- response_ink(names(response_colours), dark = TRUE)
  expect_gt(min((luminance(lines) + 0.05) / (luminance("#1B1F24") + 0.05)), 4)
})

test_that("the axis has true minus signs", {
  withr::local_cairo_pdf(withr::local_tempfile())
  expect_identical(change_axis(c(-30, 0, 20)), c("\u221230%", "0%", "+20%"))
})

test_that("errors by class", {
  d <- data.frame(best_change_pct = c(10, -150), best_response = c("SD", "cured"))
  expect_error(waterfall_plot(d), "row 2", class = "oligosurv_error_domain")
  d$best_change_pct[2] <- -50
  expect_error(waterfall_plot(d), "cured", class = "oligosurv_error_domain")
  expect_error(waterfall_plot(d, change = "x"), "`x`", class = "oligosurv_error_input")
  expect_error(waterfall_plot(1:3), class = "oligosurv_error_input")
  expect_error(waterfall_plot(hcc_sbrt, keep = cohort == "XX"), "no patient",
    class = "oligosurv_error_data"
  )
  expect_error(waterfall_plot(hcc_sbrt, keep = cohrt == "OP"), "cohrt",
    class = "oligosurv_error_input"
  )
  expect_error(waterfall_plot(hcc_sbrt, cohort = "OP"), "`cohort`",
    class = "oligosurv_error_input"
  )
  expect_error(waterfall_plot(hcc_sbrt, keep = 38), class = "oligosurv_error_input")
  expect_error(
    waterfall_plot(hcc_sbrt, keep = rep(FALSE, 37)), class = "oligosurv_error_data"
  )
  empty <- data.frame(best_change_pct = NA_real_, best_response = "NE")
  expect_error(waterfall_plot(empty), class = "oligosurv_error_data")
})

test_that("new lesions have a star, ongoing patients an arrow away from their bar", {
  d <- data.frame(
    best_change_pct = c(30, -20, -100, -50), best_response = c("PD", "SD", "CR", "PR"),
    new = c(TRUE, FALSE, NA, FALSE), on = c(FALSE, TRUE, TRUE, FALSE)
  )
  p <- waterfall_plot(d, new_lesion = "new", ongoing = "on")
  expect_identical(p$data$new, c(TRUE, FALSE, FALSE, FALSE))
  star <- layer_of(p, "GeomText")[[1]]
  expect_identical(c(star$x, star$label), c("1", "*"))
  expect_gt(star$y, 30)
  arrows <- Filter(function(x) "y" %in% names(x) && any(x$y != x$yend),
    layer_of(p, "GeomSegment")
  )[[1]]
  expect_identical(arrows$x, c(2, 4), ignore_attr = TRUE)
  expect_lt(arrows$yend[1], arrows$y[1])
  # the arrow is inside the bar, because the axis ends there
  expect_gte(arrows$yend[2], -100)
  expect_identical(p$labels$caption,
    "Colour: recorded best response; *: new lesion; arrow: ongoing"
  )
  expect_error(waterfall_plot(d, ongoing = "x"), class = "oligosurv_error_input")
})

test_that("flags of new lesions and ongoing treatment may be yes or no", {
  skip_if_not_installed("ggplot2")
  d <- data.frame(
    best_change_pct = c(25, -40, 0), best_response = c("PD", "PR", "SD"),
    new = c("Y", "n", NA), on = c("yes", "no", "")
  )
  flags <- waterfall_plot(d, new_lesion = "new", ongoing = "on")$data
  d$new <- c(TRUE, FALSE, NA)
  d$on <- c(1, 0, NA)
  expect_identical(waterfall_plot(d, new_lesion = "new", ongoing = "on")$data, flags)
  expect_identical(flags$new, c(TRUE, FALSE, FALSE))
  expect_identical(flags$ongoing, c(TRUE, FALSE, FALSE))
  d$new <- c("Y", "n", "later")
  expect_error(waterfall_plot(d, new_lesion = "new"), "row 3 is \"later\"",
    class = "oligosurv_error_domain"
  )
})

test_that("a change must be a number", {
  skip_if_not_installed("ggplot2")
  d <- data.frame(best_change_pct = c("-20%", "5%"), best_response = c("SD", "SD"))
  error <- expect_error(waterfall_plot(d), "the column of `change` must be numeric",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "change")
})
