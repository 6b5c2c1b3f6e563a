# flow_plot(): boxes, branches, groups.

skip_if_not_installed("ggplot2")
flow <- flow_table(hcc_sbrt, screened = 52, excluded = c("no imaging" = 15))

test_that("one box per step, with the numbers of the table and the reasons next to it", {
  p <- flow_plot(flow)
  text <- gsub("\n", " ", p$data$text)
  expect_identical(text[1:2], c("Screened n = 52", "Included n = 37, 65 lesions"))
  side <- text[p$data$kind == "side"]
  expect_identical(length(side), sum(flow$reason != ""))
  expect_identical(side[1], "Left out: 15 no imaging")
  expect_identical(sum(p$data$kind == "all"), nrow(flow))
  # boxes of a column do not overlap
  main <- p$data[p$data$kind == "all", ]
  expect_true(all(main$ymin[-nrow(main)] - main$ymax[-1] > 0.9))
})

test_that("steps after inclusion branch from it: nobody goes from 35 to 37", {
  rows <- flow_rows(flow)
  expect_identical(rows$branch, !flow$step %in% c("screened", "included"))
  plain <- flow_rows(data.frame(step = c("asked", "came"), n.patients = 2:1))
  expect_identical(plain$branch, c(FALSE, FALSE))
})

test_that("groups have a column each, boxes at one height", {
  p <- flow_plot(flow_table(hcc_sbrt, by = "cohort"))
  one <- p$data[p$data$kind == "group1", ]
  two <- p$data[p$data$kind == "group2", ]
  expect_identical(one$ymin, two$ymin)
  expect_true(all(one$xmax < two$xmin))
  expect_match(one$text[1], "^OP: included")
})

test_that("words stay in their boxes, smaller where the figure is small", {
  p <- flow_plot(flow_table(hcc_sbrt, by = "cohort"))
  for (mm in c(174, 85, 40)) {
    height <- natural_height(p, mm) / 25.4
    withr::local_cairo_pdf(withr::local_tempfile(), width = mm / 25.4, height = height)
    print(p)
    grid::grid.force()
    # the font size and position of each text in its box
    found <- grid::grid.get("box_text", grep = TRUE)
    text <- grid::grid.get(grid::gPath("box_text", found$childrenOrder))
    expect_lte(text$gp$fontsize, 7.2)
    grid::downViewport(grep("^panel", grid::grid.ls(viewports = TRUE, print = FALSE,
      grobs = FALSE
    )$name, value = TRUE)[1L])
    box <- found$data
    for (i in seq_along(text$label)) {
      one <- grid::textGrob(text$label[i], gp = text$gp)
      room <- grid::convertWidth(grid::unit(box$xmax[i] - box$xmin[i], "npc"), "pt",
        valueOnly = TRUE
      )
      expect_lt(grid::convertWidth(grid::grobWidth(one), "pt", valueOnly = TRUE), room)
    }
    grid::upViewport(0)
  }
  expect_gt(text$gp$fontsize, 2)
})

test_that("edges and errors", {
  steps <- c("a <script>", strrep("long ", 40), "")
  d <- data.frame(step = steps, n.patients = c(3, 1, 0))
  expect_identical(nrow(flow_plot(d)$data), 3L)
  expect_error(flow_plot(1), class = "oligosurv_error_input")
  expect_error(flow_plot(d[0, ]), class = "oligosurv_error_data")
  many <- data.frame(step = "x", n.patients = 1, strata = letters[1:5])
  expect_error(flow_plot(many), "5 groups", class = "oligosurv_error_data")
})
