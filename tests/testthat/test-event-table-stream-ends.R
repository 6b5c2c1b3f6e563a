# Ends of lines and files: no row is lost.

text_file <- function(lines, end, frame = parent.frame()) {
  file <- withr::local_tempfile(fileext = ".csv", .local_envir = frame)
  cat(paste(lines, collapse = end), file = file)
  file
}

lines <- c("month,status", paste(1:5000 / 10, rep(0:1, 2500), sep = ","))

test_that("the last line may lack its end, with progress shown", {
  withr::local_options(cli.progress_show_after = 0, cli.progress_clear = TRUE)
  table <- event_table_stream(text_file(lines, "\n"), "month", "status")
  expect_identical(sum(count_states(table)), 5000)
  table <- event_table_stream(text_file(lines, "\r\n"), "month", "status", chunk_rows = 7)
  expect_identical(sum(count_states(table)), 5000)
})

test_that("lines that end in carriage returns are refused by line, not lost", {
  expect_error(event_table_stream(text_file(lines, "\r"), "month", "status"),
    "carriage return", class = "oligosurv_error_input"
  )
  mixed <- c(lines[1:3], "7,1\r8,0", lines[4:6])
  error <- expect_error(event_table_stream(text_file(mixed, "\n"), "month", "status"),
    class = "oligosurv_error_input"
  )
  expect_identical(error$where, 4)
  # one inside a quoted field is text, which scan() reads as a line end
  quoted <- c("month,status,arm", "1,1,\"a\rb\"", "2,0,c")
  table <- event_table_stream(text_file(quoted, "\n"), "month", "status", group = "arm")
  expect_identical(table$groups, c("a\nb", "c"))
})

test_that("a long row does not make the next block as long as all rows would be", {
  wide <- c(
    paste(c("month", "status", sprintf("c%d", 1:20000)), collapse = ","),
    paste(rep(1, 20002), collapse = ",")
  )
  asked <- 0
  input <- getFromNamespace("open_input", "oligosurv")(text_file(wide, "\n"))
  withr::defer(input$close())
  read <- input$read
  input$read <- function(n) {
    asked <<- max(asked, n)
    read(n)
  }
  source <- getFromNamespace("file_source", "oligosurv")(input, ",", "NA", 1e5)
  none <- character()
  picked <- list(time = "month", status = "status", group = none, strata = none)
  expect_identical(source$read(picked)$time, 1)
  expect_null(source$read(picked))
  expect_lte(asked, 2^25)
})

test_that("rows that R splits into other fields than were counted are refused", {
  # no file is known that leads here; the check is for a scan() that reads otherwise
  usual <- local_internal("scan_bytes", function(bytes, what, separator) {
    x <- usual(bytes, what, separator)
    if (is.list(what)) lapply(x, function(field) field[-1L]) else x
  })
  error <- expect_error(
    event_table_stream(text_file(lines[1:5], "\n"), "month", "status"),
    "quotation marks between lines 2 and 5 of `x` are ambiguous",
    class = "oligosurv_error_input"
  )
  expect_identical(error$arg, "x")
})
