# The streamed table must equal event_table() of all rows, as read by read.csv()
expect_same_table <- function(got, want) {
  expect_identical(as.data.frame(got), as.data.frame(want))
  expect_identical(got[c("states", "coding")], want[c("states", "coding")])
  expect_equal(got$dropped, want$dropped)
}

stream_rows <- function(kind, n = 61) {
  withr::with_seed(nchar(kind), {
    rows <- data.frame(
      id = seq_len(n), months = round(rexp(n, 0.1), if (kind == "days") 0 else 9),
      status = if (kind == "competing") {
        sample(c("censored", "fa,il", "de\"ath\nlate"), n, TRUE)
      } else {
        rbinom(n, 1, 0.5) + (kind == "one and two")
      },
      arm = sample(c(10, 9, 2), n, TRUE), site = sample(c("\u00fc", "x;y"), n, TRUE),
      male = sample(c(TRUE, FALSE), n, TRUE)
    )
  })
  rows$months[3] <- rows$status[5] <- rows$arm[8] <- NA
  rows
}

text_file <- function(..., frame = parent.frame()) {
  withr::local_tempfile(lines = c(...), .local_envir = frame)
}

curves_of <- function(table) {
  fit <- if (length(table$states) > 2L) cumulative_incidence else kaplan_meier
  as.data.frame(suppressMessages(fit(table)))
}

test_that("a file in chunks of any size gives the table of all its rows", {
  for (kind in c("days", "continuous", "one and two", "competing")) {
    file <- withr::local_tempfile()
    write.csv(stream_rows(kind), file, row.names = FALSE, fileEncoding = "UTF-8")
    rows <- read.csv(file, na.strings = c("", "NA"), encoding = "UTF-8")
    for (chunk_rows in c(1, 4, 30, 1e5)) {
      stream <- function(...) {
        suppressMessages(event_table_stream(file, "months", "status", ...,
          chunk_rows = chunk_rows
        ))
      }
      memory <- function(formula) suppressMessages(event_table(formula, rows))
      expect_same_table(stream(), memory(Surv(months, status) ~ 1))
      expect_same_table(stream(group = "arm"), memory(Surv(months, status) ~ arm))
      expect_same_table(
        stream(group = c("arm", "site"), strata = "male"),
        memory(Surv(months, status) ~ arm + site + strata(male))
      )
      expect_same_table(
        stream(strata = c("male", "arm")),
        memory(Surv(months, status) ~ strata(male, arm))
      )
    }
  }
})

test_that("entries: a file in chunks gives the table of all its rows", {
  for (kind in c("days", "competing")) {
    rows <- stream_rows(kind)
    rows$from <- floor(rows$months * withr::with_seed(5, runif(nrow(rows))) * 8) / 8
    rows$months <- rows$months + 0.5
    rows$from[c(11, 12)] <- c(NA, 0)
    rows$from[3:5] <- c(2, 99, -1) # of these only row 4 is complete
    rows$months[4] <- 100
    file <- withr::local_tempfile()
    write.csv(rows, file, row.names = FALSE, fileEncoding = "UTF-8")
    rows <- read.csv(file, na.strings = c("", "NA"), encoding = "UTF-8")
    for (chunk_rows in c(1, 7, 1e5)) {
      stream <- function(...) {
        suppressMessages(event_table_stream(file, "months", "status", ...,
          entry = "from", chunk_rows = chunk_rows
        ))
      }
      memory <- function(formula) suppressMessages(event_table(formula, rows))
      got <- stream()
      want <- memory(Surv(from, months, status) ~ 1)
      expect_same_table(got, want)
      expect_identical(curves_of(got), curves_of(want))
      expect_same_table(
        stream(group = "arm", strata = c("site", "male")),
        memory(Surv(from, months, status) ~ arm + strata(site, male))
      )
    }
  }
})

test_that("an entry that is not a number, negative or not before exit is found by line", {
  for (chunk_rows in c(1, 100)) {
    expect_line <- function(..., where) {
      e <- expect_error(
        event_table_stream(text_file("e,t,s", ...), "t", "s", entry = "e",
          chunk_rows = chunk_rows
        ),
        class = "oligosurv_error_domain"
      )
      expect_identical(e$where, where)
      expect_identical(e$arg, "entry")
    }
    expect_line("0,1,1", "1,2,1", "2,2,1", where = 4)
    expect_line("0,1,1", "soon,2,1", where = 3)
    expect_line("-1,1,1", where = 2)
    expect_line("Inf,1,1", where = 2)
  }
  file <- text_file("e,t,s", "5,1,", "0,1,1", "NA,1,0")
  expect_message(table <- event_table_stream(file, "t", "s", entry = "e"),
    "2 rows .*[(]lines 2 and 4[)]"
  )
  expect_identical(table$entry$n, 1)
  expect_error(event_table_stream(file, "t", "s", entry = "none"),
    class = "oligosurv_error_input"
  )
  none <- event_table_stream(text_file("e,t,s"), "t", "s", entry = "e")
  expect_named(as.data.frame(none), c(
    "time", "stratum", "group", "status", "n", "n_entry"
  ))
})

test_that("byte order mark, Windows lines, blank lines, no last line end", {
  file <- withr::local_tempfile()
  writeBin(c(as.raw(c(0xef, 0xbb, 0xbf)), charToRaw(paste0(
    "\r\n\"t\";\"s\"\r\n1;0\r\n\r\n  \r\n\"2\";1\r\n2;1"
  ))), file)
  for (chunk_rows in c(1, 100)) {
    table <- event_table_stream(file, "t", "s", separator = ";", chunk_rows = chunk_rows)
    expect_identical(as.data.frame(table)[c("time", "n")],
      data.frame(time = c(1, 2), n = c(1, 2))
    )
  }
})

test_that("compressed files and connections are read like the uncompressed file", {
  lines <- c("t,s,arm", paste(1:500 %% 7, 1:500 %% 2, c("A", "B"), sep = ","))
  plain <- text_file(lines)
  want <- event_table_stream(plain, "t", "s", group = "arm")
  packed <- withr::local_tempfile(fileext = ".gz")
  con <- gzfile(packed, "w")
  writeLines(lines, con)
  close(con)
  stream <- function(x) event_table_stream(x, "t", "s", group = "arm", chunk_rows = 64)
  expect_same_table(stream(packed), want)
  expect_same_table(stream(file(plain)), want)
  expect_same_table(stream(gzfile(packed)), want)
  open <- list(textConnection(lines), file(plain, "r"), gzfile(packed, "rb"))
  for (con in open) {
    expect_same_table(stream(con), want)
    expect_true(isOpen(con))
    close(con)
  }
})

test_that("declared states and groups fix order and labels", {
  file <- text_file("t,s,arm", "1,relapse,B", "2,alive,B", "3,alive,B")
  table <- event_table_stream(file, "t", "s", "arm",
    states = c("alive", "death", "relapse"), groups = c("B", "A")
  )
  rows <- data.frame(
    t = 1:3, s = factor(c("relapse", "alive", "alive"), c("alive", "death", "relapse")),
    arm = factor("B", c("B", "A"))
  )
  expect_same_table(table, event_table(Surv(t, s) ~ arm, rows))
  expect_same_table(
    event_table_stream(file, "t", "s", censor = "alive"),
    event_table(Surv(t, s) ~ 1, transform(rows, s = as.character(s)), censor = "alive")
  )
})

test_that("a broken row is an error with its line", {
  expect_line <- function(lines, kind, where, ...) {
    file <- text_file("t,s,arm", lines)
    for (chunk_rows in c(1, 1000)) {
      e <- expect_error(
        event_table_stream(file, "t", "s", "arm", chunk_rows = chunk_rows, ...),
        class = paste0("oligosurv_error_", kind)
      )
      expect_true(all(e$where %in% where))
      expect_true(where[1] %in% e$where)
    }
  }
  expect_line(c("1,0,A", "", "x,0,A"), "domain", 4)
  expect_line(c("1,0,A", "2,\"0\n1\",A", "-1,0,A", "Inf,0,A"), "domain", c(5, 6),
    states = c("0", "0\n1")
  )
  expect_line(c("1,0,A", "2,0"), "input", 3)
  expect_line(c("1,0,A", "2,0,A,", "3,0,B"), "input", 3)
  expect_line(c("1,0,A", "2,3,A"), "domain", 3)
  expect_line(c("1,0,A", "2,2,A"), "domain", c(2, 3))
  expect_line(c("1,no,A", "2,yes,A", "3,Yes,A"), "domain", 4, states = c("no", "yes"))
  expect_line(c("1,0,A", "2,0,C"), "domain", 3, groups = c("A", "B"))
  expect_line(c("1,0,A", "2,0,\"A", "3,0,A"), "input", 3)
  expect_line(c("1,0,A", "2,0,\xfc"), "input", 3)
})

test_that("text outside the quotation marks of a field is an error with its line", {
  for (field in c("\"2\"6", "2\"6\"", "\"2\" 6", "\"2\" \"6\"", "\"\"2\"\"", "2\"\"")) {
    for (row in c(paste0(field, ",0,A"), paste0("2,0,", field))) {
      file <- text_file("t,s,arm", "1,0,\"A\nB\"", row, "3,0,A")
      for (chunk_rows in c(1, 1000)) {
        e <- expect_error(event_table_stream(file, "t", "s", chunk_rows = chunk_rows),
          "text outside its quotation marks", class = "oligosurv_error_input"
        )
        expect_identical(e$where, 4)
      }
    }
  }
  # inches: quotation marks in two rows would join three rows into one
  inches <- text_file("t,s,size", "1,0,5\" long", "2,1,7", "3,1,6\" long")
  expect_error(event_table_stream(inches, "t", "s"), "`x`, line 2: ",
    class = "oligosurv_error_input"
  )
  names <- text_file("t,\"s\"x", "1,0")
  expect_error(event_table_stream(names, "t", "s"), "line 1",
    class = "oligosurv_error_input"
  )
  file <- text_file(
    "t,s,arm", " \"1\" ,0,\"\"", "\"2\",1,\"a \"\"b\"\"\"", "\"3\",\"1\"\t,\"\"\"\""
  )
  table <- suppressMessages(event_table_stream(file, "t", "s", "arm"))
  expect_identical(table$groups, c("\"", "a \"b\""))
  expect_identical(table$dropped, 1)
})

test_that("missing values are counted and reported once", {
  lines <- c("t,s", "1,0", ",1", "2,NA", "  ,1", "3,-9", ",1", ",1", ",1")
  file <- text_file(lines)
  for (chunk_rows in c(1, 100)) {
    stream <- function(...) {
      event_table_stream(file, "t", "s", missing = c("NA", "-9"),
        chunk_rows = chunk_rows, ...
      )
    }
    heard <- testthat::capture_messages(table <- stream())
    expect_identical(heard, paste0(
      "7 rows with a missing time, status, group or stratum dropped ",
      "(lines 3, 4, 5, 6, 7 and 2 more)\n"
    ))
    expect_identical(table$dropped, 7)
    expect_error(stream(na.action = na.fail), class = "oligosurv_error_data")
  }
})

test_that("a file without rows is a table without rows", {
  table <- event_table_stream(text_file("t,s,arm"), "t", "s", "arm")
  expect_identical(nrow(as.data.frame(table)), 0L)
  expect_identical(table$groups, "All")
})

test_that("unreadable input and wrong arguments are errors by class", {
  good <- text_file("t,s,s", "1,0,0")
  expect_input <- function(...) {
    expect_error(event_table_stream(...), class = "oligosurv_error_input")
  }
  expect_input(withr::local_tempfile(), "t", "s")
  expect_input(text_file(character()), "t", "s")
  expect_input(good, "t", "s")
  expect_input(good, "t")
  expect_input(good, "time", "s")
  expect_input(good, "t", "t", separator = "|")
  expect_input(good, "t", "t", chunk_rows = 0)
  expect_input(good, "t", "t", groups = "A")
  expect_input(good, "t", "t", lines = 3)
  zero <- withr::local_tempfile()
  writeBin(c(charToRaw("t,s\n1,"), as.raw(0), charToRaw("\n")), zero)
  expect_identical(expect_input(zero, "t", "s")$where, 2)
})

test_that("a compressed file that ends early or is damaged is an error, and is closed", {
  before <- nrow(showConnections())
  packed <- withr::local_tempfile()
  con <- gzfile(packed, "w")
  writeLines(c("t,s", paste(withr::with_seed(1, runif(5e4)), "1", sep = ",")), con)
  close(con)
  bytes <- readBin(packed, "raw", file.size(packed))
  writeBin(bytes[seq_len(length(bytes) / 2)], packed)
  expect_error(event_table_stream(packed, "t", "s"), class = "oligosurv_error_input")
  bytes[length(bytes) %/% 2 + 0:99] <- as.raw(0)
  writeBin(bytes, packed)
  expect_error(event_table_stream(packed, "t", "s"), class = "oligosurv_error_input")
  lines <- c("t,s", paste(withr::with_seed(1, runif(1e3)), "1", sep = ","))
  for (pack in list(xzfile, bzfile)) {
    con <- pack(packed, "w")
    writeLines(lines, con)
    close(con)
    bytes <- readBin(packed, "raw", file.size(packed))
    if (identical(pack, xzfile)) {
      expect_identical(sum(as.data.frame(event_table_stream(packed, "t", "s"))$n), 1000)
      writeBin(bytes[seq_len(length(bytes) - 20)], packed)
    }
    expect_error(event_table_stream(packed, "t", "s"), class = "oligosurv_error_input")
  }
  expect_identical(nrow(showConnections()), before)
})

test_that("adding up the chunks costs in proportion to the rows", {
  # Counts how often rows are sorted again when chunks with different times are added up
  sorted <- 0
  buffer <- list(parts = list(), n_base = 0, n_new = 0)
  for (i in seq_len(400)) {
    counts <- list(time = i + 1:10 / 16, status = integer(10), n = NULL, start = c(0, 10))
    n_base <- buffer$n_base
    buffer <- oligosurv:::append_counts(buffer, counts, 40)
    if (buffer$n_base != n_base) sorted <- sorted + buffer$n_base
  }
  expect_lte(sorted, 3 * 4000)
  expect_identical(sum(lengths(lapply(buffer$parts, `[[`, "time"))), 4000L)
})

test_that("labels of a file are read as in memory", {
  lines <- c(
    "1,alive,A,x,0", "2,,B,y,1", "3,death ,A ,x,1", "4,death,B,x,0",
      "5,relapse,\u00a0,y,1",
    "6, ,A,y,0", "7,alive,\t,x,1", "8,death,B ,y,1", "9,alive, A,x,0", "10,relapse,A,x,1"
  )
  file <- withr::local_tempfile()
  writeLines(enc2utf8(c("t,s,arm,site,CNSR", lines)), file, useBytes = TRUE)
  rows <- read.csv(file, encoding = "UTF-8")
  for (chunk_rows in c(1, 3, 1000)) {
    suppressMessages(expect_message(expect_message(
      got <- event_table_stream(file, "t", "s", "arm", "site", chunk_rows = chunk_rows),
      "4 rows with .* \\(lines 3, 6, 7 and 8\\); empty cells of text .*`s`: 2, `arm`: 2"
    ), "`arm`: labels that differ only in leading or trailing white space"))
    want <- suppressMessages(event_table(Surv(t, s) ~ arm + strata(site), rows))
    expect_same_table(got, want)
    expect_identical(got[c("groups", "strata", "variables")],
      want[c("groups", "strata", "variables")]
    )
    expect_error(event_table_stream(file, "t", "CNSR", chunk_rows = chunk_rows),
      "say which codes mean censored", class = "oligosurv_error_input"
    )
    expect_same_table(
      event_table_stream(file, "t", "CNSR", censor = 1, chunk_rows = chunk_rows),
      event_table(Surv(t, CNSR == 0) ~ 1, rows)
    )
  }
  two <- text_file("t,s", "1,alive", "2,no event", "3,death", "4,alive")
  expect_error(event_table_stream(two, "t", "s"), "look like censoring",
    class = "oligosurv_error_input"
  )
  both <- c("alive", "no event")
  expect_same_table(
    event_table_stream(two, "t", "s", censor = both),
    event_table(Surv(t, s) ~ 1, read.csv(two), censor = both)
  )
})

test_that("NaN in a column of numbers is a missing value, in one of text a label", {
  d <- data.frame(
    e = c(0, 1, 2, 3, 4, 5, 0, 1), t = c(3, 5, 8, 12, 20, 24, 9, 7),
    s = c(1, 0, NaN, 1, 0, 1, 1, 0), g = c(NaN, 2, 1, 1, 2, 1, 2, 1),
    h = c(1, 1, 2, 2, NaN, NaN, 2, 1), k = c("a", "NaN", "a", "b", "b", "a", "b", "NaN")
  )
  file <- withr::local_tempfile(fileext = ".csv")
  d[] <- lapply(d, as.character) # a number that is NaN would be written as NA
  utils::write.csv(d, file, row.names = FALSE, quote = FALSE)
  read <- utils::read.csv(file, na.strings = c("", "NA"))
  expect_identical(is.nan(read$s), 1:8 == 3L)
  same <- function(f, lines, ...) {
    for (rows in c(1, 3, 1e5)) {
      streamed <- NULL
      found <- expect_message(
        streamed <- event_table_stream(file, "t", "s", ..., chunk_rows = rows), "dropped"
      )
      expect_identical(found$where, lines)
      suppressMessages(counted <- event_table(f, read))
      expect_equal(streamed$n_dropped, counted$n_dropped)
      expect_equal(as.data.frame(streamed), as.data.frame(counted))
      expect_identical(streamed$groups, counted$groups)
      expect_equal(streamed$entry, counted$entry)
    }
  }
  same(Surv(t, s) ~ g, c(2, 4), group = "g")
  same(Surv(t, s) ~ g + strata(h), c(2, 4, 6, 7), group = "g", strata = "h")
  same(Surv(t, s) ~ g + h, c(2, 4, 6, 7), group = c("g", "h"))
  same(Surv(e, t, s) ~ g + strata(h), c(2, 4, 6, 7), group = "g", strata = "h",
    entry = "e"
  )
  same(Surv(t, s) ~ k, 4, group = "k")
  same(Surv(e, t, s) ~ k, 4, group = "k", entry = "e")
  expect_error(event_table_stream(file, "t", "s", na.action = stats::na.fail),
    "line 4", class = "oligosurv_error_data"
  )
})

test_that("a column of lesions gets a warning, one of patients alone does not", {
  d <- data.frame(t = c(3, 5, 8), s = c(1, 0, 1), patient_id = 1:3, Lesion.ID = 1:3)
  file <- withr::local_tempfile(fileext = ".csv")
  utils::write.csv(d, file, row.names = FALSE)
  expect_warning(event_table_stream(file, "t", "s"), "`Lesion.ID`",
    class = "oligosurv_warning_data"
  )
  expect_no_warning(event_table_stream(file, "t", "s", strata = "patient_id"))
  utils::write.csv(d[1:3], file, row.names = FALSE)
  expect_no_warning(event_table_stream(file, "t", "s"))
})
