# flow_plot(): words of CONSORT, wrapping by the width, branches, groups.

skip_if_not_installed("ggplot2")
flow <- flow_table(hcc_sbrt,
  screened = 52, excluded = c("no imaging, or late" = 9, "other SBRT" = 6)
)
plain <- function(text) gsub("\u00a0", " ", text)
# boxes for a width in mm, with text of 7.2 points
boxes_at <- function(x, mm) {
  fit_flow(flow_rows(x), mm * 72 / 25.4, Inf, 7.2, text_guess)
}

test_that("boxes have the words of CONSORT and the numbers of the table", {
  rows <- flow_plot(flow)$data
  expect_identical(
    plain(rows$text[1:2]), c("Screened (n = 52)", "Included (n = 37)\n65 lesions")
  )
  expect_identical(plain(rows$side[1]),
    "Excluded (n = 15):\nno imaging, or late (n = 9)\nother SBRT (n = 6)"
  )
  expect_identical(
    plain(rows$text[5]), "Analysed for overall survival (n = 37)\n17 events"
  )
  expect_identical(plain(rows$side[3]),
    "Left out (n = 1):\npatient not evaluable (n = 1)\nlesions not evaluable (n = 14)"
  )
  boxes <- boxes_at(flow, 174)
  expect_identical(sum(boxes$kind == "side"), sum(flow$reason != ""))
  expect_identical(sum(boxes$kind == "all"), nrow(flow))
  # own reasons are listed only where each has a number
  side <- excluded_text(c("3 x, 4 y", "by 2 x, 4 y", ""), c(NA, 6, NA), FALSE)
  expect_identical(plain(side),
    c("Excluded (n = 7):\nx (n = 3)\ny (n = 4)", "Excluded (n = 6):\nby 2 x, 4 y", "")
  )
})

test_that("lines break by the width that there is, never inside (n = 37)", {
  wide <- boxes_at(flow, 174)
  narrow <- boxes_at(flow, 85)
  # nothing wraps at 174 mm: as many lines as the text has by itself
  expect_identical(wide$text[wide$kind == "all"], flow_rows(flow)$text)
  expect_true(any(label_lines(narrow$text) > label_lines(wide$text)))
  for (boxes in list(wide, narrow)) {
    main <- boxes[boxes$kind == "all", ]
    expect_true(all(main$ymin[-nrow(main)] - main$ymax[-1] > 0))
    expect_true(all(text_guess(7.2)(boxes$text) < boxes$xmax - boxes$xmin))
    expect_false(any(grepl("n\n= |=\n", boxes$text)))
    expect_identical(attr(boxes, "size"), 7.2)
  }
  expect_true(all(narrow$xmax < 85 * 72 / 25.4 + 1e-9 & narrow$xmin > -1e-9))
  p <- flow_plot(flow)
  expect_gt(natural_height(p, 85), natural_height(p, 174))
})

test_that("steps after inclusion branch from it: nobody goes from 35 to 37", {
  rows <- flow_rows(flow)
  expect_identical(rows$branch, !flow$step %in% c("screened", "included"))
  plain <- flow_rows(data.frame(step = c("asked", "came"), n.patients = 2:1))
  expect_identical(plain$branch, c(FALSE, FALSE))
})

test_that("groups have a column each, boxes at one height", {
  boxes <- boxes_at(flow_table(hcc_sbrt, by = "cohort"), 174)
  one <- boxes[boxes$kind == "group1", ]
  two <- boxes[boxes$kind == "group2", ]
  expect_identical(one$ymin, two$ymin)
  expect_true(all(one$xmax < two$xmin))
  expect_match(one$text[1], "^OP: included")
  expect_match(plain(one$text[2]), "Left out (n = 1):\npatient not evaluable",
    fixed = TRUE
  )
  # the boxes of all patients stand in the middle of those of the groups
  expect_equal(boxes$x[boxes$kind == "all"], mean(c(one$x[1], two$x[1])))
})

test_that("words stay in their boxes, smaller where the figure is small", {
  p <- flow_plot(flow_table(hcc_sbrt, by = "cohort"))
  for (mm in c(174, 85, 40)) {
    height <- if (mm == 40) 20 else natural_height(p, mm)
    withr::local_cairo_pdf(withr::local_tempfile(),
      width = mm / 25.4, height = height / 25.4
    )
    print(p)
    grid::grid.force()
    text <- grid::grid.get("flow_text", grep = TRUE)
    expect_lte(text$gp$fontsize, 7.2)
    box <- grid::grid.get(grid::gPath("sized_drawing"), grep = TRUE)$children
    box <- box[[which(vapply(box, inherits, NA, "rect"))]]
    width <- as.numeric(box$width)
    height <- as.numeric(box$height)
    for (i in seq_along(text$label)) {
      one <- grid::textGrob(text$label[i], gp = text$gp)
      points <- function(f, x) f(x, "pt", valueOnly = TRUE)
      expect_lt(points(grid::convertWidth, grid::grobWidth(one)), width[i])
      expect_lt(points(grid::convertHeight, grid::grobHeight(one)), height[i])
    }
  }
  expect_gt(text$gp$fontsize, 1)
  expect_lt(text$gp$fontsize, 4)
})

test_that("edges and errors", {
  steps <- c("a <script>", strrep("long ", 40), "")
  d <- data.frame(step = steps, n.patients = c(3, 1, NA))
  rows <- flow_plot(d)$data
  expect_identical(nrow(rows), 3L)
  expect_identical(plain(rows$text[c(1, 3)]), c("A <script> (n = 3)", "(n = not known)"))
  withr::local_cairo_pdf(withr::local_tempfile())
  expect_silent(print(flow_plot(d)))
  expect_error(flow_plot(1), class = "oligosurv_error_input")
  expect_error(flow_plot(d[0, ]), class = "oligosurv_error_data")
  many <- data.frame(step = "x", n.patients = 1, strata = letters[1:5])
  expect_error(flow_plot(many), "5 groups", class = "oligosurv_error_data")
})

test_that("counts are numbers of at least 0, or not known", {
  flow <- data.frame(step = c("all", "some"), n.patients = c("3", "2"))
  error <- expect_error(flow_plot(flow), "`n.patients` of `x` must be numbers",
    class = "oligosurv_error_input"
  )
  expect_identical(c(error$arg, error$column), c("x", "n.patients"))
  flow$n.patients <- c(3, -1)
  error <- expect_error(flow_plot(flow), "at least 0; .*row 2 .*-1",
    class = "oligosurv_error_domain"
  )
  expect_identical(error$where, 2L)
  flow$n.patients <- 3:2
  flow$n.event <- c(NA, Inf)
  error <- expect_error(flow_plot(flow), "n.event", class = "oligosurv_error_domain")
  expect_identical(error$where, 2L)
})
