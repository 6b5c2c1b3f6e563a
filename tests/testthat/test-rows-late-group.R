# Gets a function of a package that is not a suggested one
from <- getExportedValue

# Three values with known times; operations must keep each value with its time.
marked <- function() {
  data.frame(
    g = late_group(c("a", "b", "c"), known = c(0, 3, 7)), i = 1:3, time = c(9, 10, 11),
    event = 1
  )
}
times <- c(a = 0, b = 3, c = 7)

# Is `x` marked, and does each value have its own time?
expect_marked <- function(x, labels) {
  expect_s3_class(x, "late_group")
  expect_identical(as.character(x), labels)
  expect_identical(attr(x, "known"), unname(times[labels]))
  expect_true(is_in_step(x))
}

# Does a formula with column g of `d` stop, because groups are known late?
expect_refused <- function(d, ...) {
  expect_error(kaplan_meier(Surv(time, event) ~ g, d), ...,
    class = "oligosurv_error_data"
  )
}

test_that("values that are subset, combined and repeated keep their times", {
  x <- marked()$g
  expect_marked(x[c(3, 1)], c("c", "a"))
  expect_marked(x[c(TRUE, FALSE, TRUE)], c("a", "c"))
  expect_marked(x[-1, drop = TRUE], c("b", "c"))
  expect_identical(levels(x[-1, drop = TRUE]), c("b", "c"))
  expect_marked(x[c(2, NA)], c("b", NA))
  expect_marked(x[[2]], "b")
  expect_marked(rev(x), c("c", "b", "a"))
  expect_marked(x[order(c(2, 3, 1))], c("c", "a", "b"))
  expect_marked(sort(x, decreasing = TRUE), c("c", "b", "a"))
  expect_marked(c(x, x[2]), c("a", "b", "c", "b"))
  expect_marked(append(x, x[1], 1), c("a", "a", "b", "c"))
  expect_marked(c(late_group("b", 3), late_group("a", 0)), c("b", "a"))
  expect_marked(rep(x, 2), c("a", "b", "c", "a", "b", "c"))
  expect_marked(rep(x, each = 2)[2:3], c("a", "b"))
  expect_marked(rep(x, times = c(0, 1, 2)), c("b", "c", "c"))
  expect_marked(rep_len(x, 4), c("a", "b", "c", "a"))
  expect_marked(rep.int(x, 2)[3:4], c("c", "a"))
  expect_marked(unique(x[c(1, 1, 2)]), c("a", "b"))
  expect_marked(utils::head(x, 2), c("a", "b"))
  expect_marked(utils::tail(x, 1), "c")
  longer <- x
  length(longer) <- 4
  expect_marked(longer, c("a", "b", "c", NA))
  named <- x
  names(named) <- c("x", "y", "z")
  expect_identical(attr(named[c("z", "x")], "known"), c(7, 0))
  expect_identical(attr(named[["y"]], "known"), 3)
  expect_identical(unsplit(split(x, c(2, 1, 2)), c(2, 1, 2)), unsplit(split(x, 1:3), 1:3))
})

test_that("values are replaced by marked ones or by NA, not by others", {
  x <- marked()$g
  x[2] <- x[3]
  expect_marked(x, c("a", "c", "c"))
  x[[1]] <- late_group("b", 3)
  expect_marked(x, c("b", "c", "c"))
  x[3] <- late_group("d", 1)
  expect_identical(as.character(x), c("b", "c", "d"))
  expect_identical(attr(x, "known"), c(3, 7, 1))
  y <- marked()$g
  y[2] <- NA
  expect_marked(y, c("a", NA, "c"))
  is.na(y) <- 1
  expect_marked(y, c(NA, NA, "c"))
  expect_error(y[1] <- "a", "late_group", class = "oligosurv_error_input")
  expect_error(y[[1]] <- factor("a"), class = "oligosurv_error_input")
  expect_error(c(y, "a"), class = "oligosurv_error_input")
  expect_error(c(y, factor("a")), class = "oligosurv_error_input")
  d <- marked()
  d$g[d$i == 2] <- NA
  expect_marked(d$g, c("a", NA, "c"))
  expect_error(d[2, "g"] <- "b", class = "oligosurv_error_input")
})

test_that("levels are ordered, renamed, joined and dropped", {
  x <- marked()$g
  expect_marked(relevel(x, "c"), c("a", "b", "c"))
  expect_identical(levels(relevel(x, ref = "c")), c("c", "a", "b"))
  expect_marked(reorder(x, c(3, 1, 2)), c("a", "b", "c"))
  expect_identical(levels(reorder(x, c(3, 1, 2))), c("b", "c", "a"))
  expect_marked(droplevels(x[-1]), c("b", "c"))
  expect_identical(levels(droplevels(x[-1])), c("b", "c"))
  expect_marked(droplevels(marked()[2:3, ])$g, c("b", "c"))
  joined <- x
  levels(joined) <- c("no", "yes", "yes")
  expect_identical(as.character(joined), c("no", "yes", "yes"))
  expect_identical(attr(joined, "known"), c(0, 3, 7))
  expect_identical(levels(addNA(x[c(1, NA)])), c("a", "b", "c", NA))
  expect_s3_class(addNA(x), "late_group")
})

test_that("factor() of marked values is marked, whatever its arguments", {
  x <- marked()$g
  plain <- as_plain_factor(x)
  calls <- list(
    function(x) factor(x), function(x) factor(x, c("c", "b", "a")),
    function(x) factor(x, levels = c("a", "b")),
    function(x) factor(x, labels = c("A", "B", "C")),
    function(x) factor(x, c("c", "a", "b"), c("late", "never", "late")),
    function(x) factor(x, labels = "g"), function(x) factor(x, exclude = "b"),
    function(x) factor(x[-2]), function(x) base::factor(x = x, ordered = TRUE),
    function(x) ordered(x, c("b", "a", "c")), function(x) as.factor(x),
    function(x) lapply(list(x), factor)[[1]], function(x) do.call("factor", list(x)),
    function(x) do.call(factor, list(x = x))
  )
  for (f in calls) {
    got <- f(x)
    expect_s3_class(got, "late_group")
    expect_identical(as_plain_factor(got), f(plain))
    expect_true(is_in_step(got))
  }
  expect_identical(attr(factor(x[-2]), "known"), c(0, 7))
  expect_identical(attr(factor(x, c("c", "b", "a")), "known"), c(0, 3, 7))
  # the calling function continues after factor()
  after <- function() {
    y <- factor(x)
    list(y, "done")
  }
  expect_identical(after()[[2]], "done")
  expect_refused(transform(marked(), g = factor(g)), "immortal time")
  expect_refused(transform(marked(), g = relevel(g, "b")), "immortal time")
})

test_that("functions that read groups as text, codes or levels work as for a factor", {
  x <- marked()$g[c(1, 2, 2, 3)]
  plain <- as_plain_factor(x)
  expect_identical(as.character(x), as.character(plain))
  expect_identical(as.vector(x), as.vector(plain))
  expect_identical(as.integer(x), as.integer(plain))
  expect_identical(as.vector(table(x)), as.vector(table(plain)))
  expect_identical(names(table(x)), names(table(plain)))
  expect_identical(tapply(1:4, x, sum), tapply(1:4, plain, sum))
  expect_identical(x == "b", plain == "b")
  expect_identical(x %in% c("a", "c"), plain %in% c("a", "c"))
  expect_identical(summary(x), summary(plain))
  expect_identical(paste(x), paste(plain))
  expect_identical(format(x), format(plain))
  expect_identical(nlevels(x), 3L)
  expect_identical(unname(unlist(lapply(split(1:4, x), sum))), c(1L, 5L, 4L))
  expect_output(print(x), "Known at 0 to 7")
  expect_output(print(marked()), "time event")
  expect_output(utils::str(marked()), "known")
})

test_that("data frames: rows subset, combined, merged, written and read", {
  d <- marked()
  expect_marked(d[c(3, 2), ]$g, c("c", "b"))
  expect_marked(d[order(-d$i), "g"], c("c", "b", "a"))
  expect_marked(subset(d, i > 1)$g, c("b", "c"))
  expect_marked(rbind(d, d)$g, c("a", "b", "c", "a", "b", "c"))
  expect_marked(rbind(d[3, ], d[1:2, ])$g, c("c", "a", "b"))
  expect_marked(do.call(rbind, split(d, d$i)[3:1])$g, c("c", "b", "a"))
  expect_marked(rbind(d[2, ], d[0, ], d[1, ])$g, c("b", "a"))
  expect_marked(rbind(d, d[c("event", "time", "i", "g")])$g[4:6], c("a", "b", "c"))
  other <- d
  other$g <- late_group(c("d", "b", NA), c(5, 1, 2))
  both <- rbind(d, other)$g
  expect_identical(as.character(both), c("a", "b", "c", "d", "b", NA))
  expect_identical(attr(both, "known"), c(0, 3, 7, 5, 1, 2))
  plain <- transform(d, g = as.character(g))
  for (unmarked in list(plain, transform(plain, g = factor(g)))) {
    expect_error(rbind(d, unmarked), "mark the other", class = "oligosurv_error_input")
    expect_error(rbind(unmarked, d), class = "oligosurv_error_input")
  }
  expect_marked(merge(d, data.frame(i = c(3, 1)))$g, c("a", "c"))
  expect_marked(
    merge(data.frame(i = c(3, 5)), d, all.x = TRUE)$g, c("c", NA)
  )
  expect_marked(merge(d, data.frame(i = c(1, 4)), all = TRUE)$g, c("a", "b", "c", NA))
  expect_marked(cbind(d, x = 1)$g, c("a", "b", "c"))
  expect_marked(data.frame(g = d$g, j = 1:6)$g, c("a", "b", "c", "a", "b", "c"))
  expect_marked(transform(d, i = -i)$g, c("a", "b", "c"))
  expect_marked(stats::na.omit(transform(d, time = c(NA, 1, 2)))$g, c("b", "c"))
  file <- withr::local_tempfile()
  saveRDS(d, file)
  expect_identical(readRDS(file), d)
  boot <- withr::with_seed(1, d[sample(3, 8, TRUE), ])
  expect_marked(boot$g, as.character(boot$g))
})

test_that("dplyr moves the times with the values", {
  skip_if_not_installed("dplyr")
  d <- marked()
  expect_marked(dplyr::arrange(d, dplyr::desc(i))$g, c("c", "b", "a"))
  expect_marked(dplyr::arrange(d, dplyr::desc(g))$g, c("c", "b", "a"))
  expect_marked(dplyr::filter(d, i != 2)$g, c("a", "c"))
  expect_marked(dplyr::slice(d, 3, 1)$g, c("c", "a"))
  expect_marked(dplyr::slice_max(d, i)$g, "c")
  drawn <- withr::with_seed(2, dplyr::slice_sample(d, n = 9, replace = TRUE))
  expect_marked(drawn$g, as.character(drawn$g))
  expect_marked(dplyr::left_join(data.frame(i = c(2, 3, 4)), d, by = "i")$g,
    c("b", "c", NA)
  )
  expect_marked(dplyr::full_join(data.frame(i = c(3, 5)), d, by = "i")$g,
    c("c", NA, "a", "b")
  )
  expect_marked(dplyr::mutate(d, i = i + 1)$g, c("a", "b", "c"))
  expect_marked(dplyr::mutate(d, g = rev(g))$g, c("c", "b", "a"))
  expect_marked(dplyr::mutate(d, g = factor(g, c("c", "b", "a")))$g, c("a", "b", "c"))
  expect_marked(dplyr::bind_rows(d, d[2:1, ])$g, c("a", "b", "c", "b", "a"))
  grouped <- dplyr::group_by(rbind(d, d[3:1, ]), i)
  expect_marked(dplyr::summarise(grouped, g = dplyr::first(g))$g, c("a", "b", "c"))
  expect_marked(dplyr::summarise(grouped, g = dplyr::last(g))$g, c("a", "b", "c"))
  expect_marked(dplyr::ungroup(dplyr::slice(grouped, 1))$g, c("a", "b", "c"))
  expect_marked(dplyr::distinct(rbind(d, d), g)$g, c("a", "b", "c"))
  expect_identical(dplyr::count(rbind(d, d), g)$n, rep(2L, 3))
  expect_marked(dplyr::if_else(c(TRUE, FALSE, TRUE), d$g, rev(d$g)), c("a", "b", "c"))
  swapped <- dplyr::mutate(d, g = dplyr::case_when(i == 1 ~ rev(g), TRUE ~ g))
  expect_marked(swapped$g, c("c", "b", "c"))
  expect_marked(dplyr::coalesce(d$g[c(NA, 2)], d$g[c(3, 1)]), c("c", "b"))
  expect_marked(dplyr::rows_update(d, d[2, ], by = "i", unmatched = "ignore")$g,
    c("a", "b", "c")
  )
  expect_marked(dplyr::pull(d, g), c("a", "b", "c"))
  expect_marked(dplyr::lag(d$g), c(NA, "a", "b"))
  expect_refused(dplyr::arrange(d, -i), "immortal time")
  # combined with unmarked values, the times would be lost
  no_common_type <- "vctrs_error_incompatible_type"
  expect_error(dplyr::bind_rows(d, dplyr::mutate(d, g = as.character(g))),
    class = no_common_type
  )
  expect_error(dplyr::bind_rows(d, dplyr::mutate(d, g = as_plain_factor(g))),
    class = no_common_type
  )
  expect_error(dplyr::case_when(d$i == 1 ~ "x", TRUE ~ d$g), class = no_common_type)
})

test_that("the guard checks each person's own time, in any row order", {
  skip_if_not_installed("dplyr")
  # group a is known at 0 and may be compared, the other groups may not
  d <- marked()
  one <- dplyr::filter(dplyr::arrange(d, dplyr::desc(i)), g == "a")
  expect_s3_class(kaplan_meier(Surv(time, event) ~ g, one), "kaplan_meier")
  rest <- dplyr::filter(dplyr::arrange(d, dplyr::desc(i)), g != "a")
  refused <- expect_refused(rest, "latest at 7")
  expect_identical(refused$where, 1:2)
})

test_that("tibble and tidyr keep the times", {
  skip_if_not_installed("tibble")
  skip_if_not_installed("tidyr")
  d <- from("tibble", "as_tibble")(marked())
  expect_marked(d$g, c("a", "b", "c"))
  expect_marked(d[3:2, ]$g, c("c", "b"))
  expect_marked(from("tibble", "add_row")(d, d[2, ])$g, c("a", "b", "c", "b"))
  expect_output(print(d), "fct")
  d$first <- d$second <- d$time
  long <- from("tidyr", "pivot_longer")(d, c("first", "second"))
  expect_marked(long$g, rep(c("a", "b", "c"), each = 2))
  wide <- from("tidyr", "pivot_wider")(long, names_from = "name", values_from = "value")
  expect_marked(wide$g, c("a", "b", "c"))
  d$h <- rev(d$g)
  both <- from("tidyr", "pivot_longer")(d, c("g", "h"))
  expect_marked(both$value, c("a", "c", "b", "b", "c", "a"))
  gap <- transform(marked(), time = c(1, NA, 2))
  expect_marked(from("tidyr", "drop_na")(gap)$g, c("a", "c"))
  expect_marked(from("tidyr", "fill")(transform(marked(), g = g[c(1, NA, 3)]), g)$g,
    c("a", "a", "c")
  )
})

test_that("data.table moves values without their times, which is noticed", {
  skip_if_not_installed("data.table")
  as_table <- from("data.table", "as.data.table")
  d <- as_table(marked())
  expect_refused(d, "immortal time")
  moved <- from("data.table", "setorderv")(from("data.table", "copy")(d), "i", -1)
  expect_identical(as.character(moved$g), c("c", "b", "a"))
  expect_refused(moved, "mark it again")
  expect_refused(as.data.frame(moved), "mark it again")
  # marking again repairs the column
  moved$g <- late_group(as.character(moved$g), unname(times[as.character(moved$g)]))
  expect_refused(moved, "immortal time")
  # rows of one group change places, which the labels do not show: so the latest time of
  # the group counts. The row that stays is known at 4, the row that is dropped at 1
  two <- as_table(data.frame(
    g = late_group(c("a", "a"), c(1, 4)), i = 1:2, time = c(2, 9), event = 1
  ))
  swapped <- from("data.table", "setorderv")(two, "i", -1)
  expect_identical(attr(swapped$g, "known"), c(1, 4))
  expect_error(kaplan_meier(Surv(time, event) ~ g, swapped, landmark = 3),
    "immortal time",
    class = "oligosurv_error_data"
  )
})

test_that("a mark that lost its class, or whose codes were changed, is noticed", {
  d <- marked()
  class(d$g) <- "factor"
  expect_refused(d, "immortal time")
  d <- marked()
  attr(d$g, "known") <- NULL
  expect_refused(d, "mark it again")
  d <- marked()
  x <- unclass(d$g)
  x[1:2] <- x[2:1]
  d$g <- structure(x, class = c("late_group", "factor"))
  expect_refused(d, "mark it again")
  # subsetting does not restore the times
  expect_refused(d[1:2, ], "unknown time")
})
