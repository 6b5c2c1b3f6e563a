# event_table() of database tables: one GROUP BY gives the same table as the rows.

skip_if_not_installed("dbplyr")
skip_if_not_installed("DBI")

local_sqlite <- function(..., frame = parent.frame()) {
  skip_if_not_installed("RSQLite")
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  withr::defer(DBI::dbDisconnect(con), frame)
  tables <- list(...)
  for (name in names(tables)) DBI::dbWriteTable(con, name, tables[[name]])
  con
}

database_rows <- function(n = 400) {
  rows <- withr::with_seed(4, data.frame(
    months = round(rexp(n, 0.1), 1),
    status = sample(c("censored", "de'ath", "fa\"il"), n, TRUE),
    alive = rbinom(n, 1, 0.5) == 1, arm = sample(c("A", "B \u00fc"), n, TRUE),
    site = sample(c(10L, 9L, 2L), n, TRUE)
  ))
  rows$months[1:3] <- NA
  rows$status[3:7] <- NA
  rows$arm[9] <- NA
  rows$from <- floor(rows$months / 2)
  rows$months <- rows$months + 0.1
  rows$from[11:12] <- NA
  rows$from[7] <- 1e6 # this row is dropped, because its status is missing
  rows
}

# In memory the message on dropped rows also lists their row numbers
expect_counted_as_rows <- function(table, rows) {
  count <- function(...) suppressMessages(event_table(...))
  pairs <- list(
    list(
      count(table, "months", "status", group = c("arm", "site"), strata = "alive"),
      count(Surv(months, status) ~ arm + site + strata(alive), rows)
    ),
    list(
      count(table, "months", "alive", group = "site"),
      count(Surv(months, alive) ~ site, rows)
    ),
    list(
      count(table, "months", "status", group = "arm", strata = "site", entry = "from"),
      count(Surv(from, months, status) ~ arm + strata(site), rows)
    ),
    list(
      count(table, "months", "status", strata = "arm", states = c(
        "fa\"il", "censored", "de'ath"
      ), censor = "censored"),
      count(Surv(months, factor(status, c("fa\"il", "censored", "de'ath"))) ~
        strata(arm), rows, censor = "censored")
    )
  )
  for (pair in pairs) {
    expect_identical(as.data.frame(pair[[1]]), as.data.frame(pair[[2]]))
    same <- c("states", "coding", "dropped")
    expect_identical(pair[[1]][same], pair[[2]][same])
  }
  expect_message(event_table(table, "months", "status"),
    "^7 rows with a missing time, status, group or stratum dropped\n$"
  )
  expect_error(event_table(table, "months", "status", na.action = na.fail),
    class = "oligosurv_error_data"
  )
}

expect_streamed_as_rows <- function(con, rows) {
  result <- DBI::dbSendQuery(con, "SELECT * FROM rows")
  on.exit(DBI::dbClearResult(result))
  expect_message(
    got <- event_table_stream(result, "months", "status",
      group = c("arm", "site"), strata = "alive", chunk_rows = 33
    ),
    "^8 rows .* [(]rows 1, 2, 3, 4, 5 and 3 more[)]\n$"
  )
  want <- suppressMessages(event_table(
    Surv(months, status) ~ arm + site + strata(alive), rows
  ))
  expect_identical(as.data.frame(got), as.data.frame(want))
  DBI::dbClearResult(result)
  result <- DBI::dbSendQuery(con, "SELECT * FROM rows")
  got <- suppressMessages(event_table_stream(result, "months", "status",
    group = "arm", entry = "from", chunk_rows = 33
  ))
  want <- suppressMessages(event_table(Surv(from, months, status) ~ arm, rows))
  expect_identical(as.data.frame(got), as.data.frame(want))
}

test_that("SQLite: one GROUP BY gives the table of the rows", {
  con <- local_sqlite(rows = database_rows())
  table <- dplyr::tbl(con, "rows")
  rows <- DBI::dbReadTable(con, "rows")
  rows$alive <- as.integer(rows$alive)
  expect_counted_as_rows(table, rows)
  expect_streamed_as_rows(con, rows)
})

test_that("names with quotes and spaces, a grouped query, a column named n", {
  odd <- data.frame(c(1, 1, 2), c(1, 0, 1), c("a", "a", "b"))
  names(odd) <- c("mo\"n`ths", "sta'tus ; DROP", "n")
  con <- local_sqlite("ta\"b le" = odd)
  table <- dplyr::group_by(dplyr::tbl(con, "ta\"b le"), n)
  got <- event_table(table, names(odd)[1], names(odd)[2], group = "n")
  want <- data.frame(
    time = c(1, 1, 2), stratum = factor("All"), group = factor(c("a", "a", "b")),
    status = factor(c("censored", "event", "event")), n = 1
  )
  expect_identical(as.data.frame(got), want)
})

test_that("what cannot be read is an error by class", {
  con <- local_sqlite(
    rows = data.frame(t = c(1, -2), s = c(0, 1), code = c(0, 3), both = c(0, 2), g = "a")
  )
  table <- dplyr::tbl(con, "rows")
  expect_class <- function(kind, ..., x = table) {
    expect_error(event_table(x, ...), class = paste0("oligosurv_error_", kind))
  }
  expect_identical(expect_class("domain", "t", "s")$values, -2)
  expect_identical(expect_class("domain", "s", "code")$values, 3)
  expect_identical(expect_class("domain", "s", "both")$values, c(0, 2))
  expect_class("domain", "s", "s", group = "g", groups = "b")
  expect_class("input", "t")
  expect_class("input", "g", "s")
  expect_class("input", "t", "none")
  expect_class("input", "t", "s", groups = "a")
  expect_class("input", "t", "s", by = "g")
  expect_identical(expect_class("domain", "s", "s", entry = "s")$values, c(0, 1))
  expect_class("input", "s", "s", entry = "g")
  expect_class("input", "s", "s", entry = "none")
  DBI::dbExecute(con, "CREATE TABLE mixed (t REAL, s INTEGER)")
  DBI::dbExecute(con, "INSERT INTO mixed VALUES (1, 1), ('soon', 0)")
  expect_class("data", "t", "s", x = dplyr::tbl(con, "mixed"))
  gone <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  DBI::dbWriteTable(gone, "rows", data.frame(t = 1, s = 1))
  lost <- dplyr::tbl(gone, "rows")
  DBI::dbDisconnect(gone)
  expect_s3_class(expect_class("data", "t", "s", x = lost)$parent, "error")
})

test_that("64-bit integers are read as numbers, and as text where they are larger", {
  skip_if_not_installed("bit64")
  counts <- data.frame(t = 1:2, s = 1:0)
  counts$g <- bit64::as.integer64(c("100000", "7"))
  picked <- list(time = "t", status = "s", group = "g", strata = character())
  read <- function(counts) {
    n <- bit64::as.integer64(c("3000000000", "5"))
    oligosurv:::read_query_counts(counts, n, picked,
      list(), NULL, na.omit
    )
  }
  expect_identical(read(counts)$groups, c("7", "100000"))
  expect_identical(read(counts)$n, c(5, 3e9))
  counts$g <- bit64::as.integer64(c("9007199254740993", "7"))
  expect_identical(read(counts)$groups, c("7", "9007199254740993"))
})

# DuckDB and BigQuery have their dialects in separate packages, so the common rules of
# dbplyr are tested for them; Spark uses the dialect of Hive if dbplyr has no own one.
test_that("the SQL is one GROUP BY in every dialect", {
  simulate <- function(name) get(name, asNamespace("dbplyr"))
  has_spark <- "simulate_spark_sql" %in% getNamespaceExports("dbplyr")
  dialects <- list(
    postgres = simulate("simulate_postgres")(),
    duckdb = simulate("simulate_dbi")("duckdb_connection"),
    bigquery = simulate("simulate_dbi")("BigQueryConnection"),
    spark = simulate(if (has_spark) "simulate_spark_sql" else "simulate_hive")(),
    snowflake = simulate("simulate_snowflake")()
  )
  for (con in dialects) {
    lazy <- dbplyr::lazy_frame(months = 1, status = 1L, "a r'm" = "x", con = con)
    query <- oligosurv:::count_query(lazy, c("months", "status", "a r'm"), "n")
    sql <- gsub("\\s+", " ", as.character(dbplyr::sql_render(query, con = con)))
    key <- "(.)months\\1, \\1status\\1, \\1a r'm\\1"
    expect_match(sql, paste0(
      "^SELECT ", key, ", COUNT\\(\\*\\) AS \\1n\\1 FROM \\1df\\1 GROUP BY ",
      "\\1months\\1, \\1status\\1, \\1a r'm\\1$"
    ))
  }
})

test_that("PostgreSQL: tables, result sets, dates; a server killed in the middle", {
  withr::local_envvar(TZ = "UTC") # otherwise the driver asks the system, which may warn
  server <- local_postgres()
  con <- connect_postgres(server)
  rows <- database_rows()
  DBI::dbWriteTable(con, "rows", rows)
  table <- dplyr::tbl(con, "rows")
  expect_counted_as_rows(table, rows)
  expect_streamed_as_rows(con, rows)

  DBI::dbExecute(con, "SET log_statement = 'all'")
  suppressMessages(event_table(table, "months", "status", group = "site"))
  DBI::dbExecute(con, "RESET log_statement")
  sent <- grep(" LOG:  (statement|execute [^:]*):", readLines(server$log), value = TRUE)
  expect_length(sent, 2L) # one query, and the line that ends the log
  expect_match(sent[1L], 'SELECT "months", "status", "site", COUNT\\(\\*\\)')

  DBI::dbExecute(con, "CREATE TABLE \"a 'date\" (\"da y\" date, t bigint, s boolean)")
  DBI::dbExecute(con, "INSERT INTO \"a 'date\" VALUES ('2021-01-01', 7, true)")
  dated <- dplyr::tbl(con, "a 'date")
  expect_error(event_table(dated, "da y", "s"), "not a date",
    class = "oligosurv_error_input"
  )
  expect_identical(as.data.frame(event_table(dated, "t", "s", group = "da y"))$group,
    factor("2021-01-01")
  )

  result <- DBI::dbSendQuery(con, paste(
    "SELECT i % 9 AS t, 1 AS s, pg_sleep(CASE WHEN i > 2000 THEN 0.001 ELSE 0 END)",
    "FROM generate_series(1, 100000) i"
  ))
  kill_postgres(server$pid)
  expect_data <- function(...) {
    e <- expect_error(..., class = "oligosurv_error_data")
    expect_s3_class(e$parent, "error")
  }
  expect_data(event_table_stream(result, "t", "s", chunk_rows = 1000))
  try(suppressWarnings(DBI::dbClearResult(result)), silent = TRUE)
  expect_data(event_table(table, "months", "status"))
})

# A table with three partitions: one local, two on other servers
partition_over <- function(con, servers) {
  columns <- "(site integer, months double precision, status text, arm text)"
  DBI::dbExecute(con, "CREATE EXTENSION postgres_fdw")
  DBI::dbExecute(con, paste("CREATE TABLE cohort", columns, "PARTITION BY LIST (site)"))
  DBI::dbExecute(con, "CREATE TABLE cohort_0 PARTITION OF cohort FOR VALUES IN (10)")
  for (i in seq_along(servers)) {
    there <- connect_postgres(servers[[i]])
    DBI::dbExecute(there, paste("CREATE TABLE rows", columns))
    DBI::dbExecute(con, sprintf(paste(
      "CREATE SERVER far_%d FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1',",
      "port '%d', dbname 'postgres', use_remote_estimate 'true')"
    ), i, servers[[i]]$port))
    DBI::dbExecute(con, sprintf(
      "CREATE USER MAPPING FOR tester SERVER far_%d OPTIONS (user 'tester')", i
    ))
    DBI::dbExecute(con, sprintf(paste(
      "CREATE FOREIGN TABLE cohort_%d PARTITION OF cohort FOR VALUES IN (%d)",
      "SERVER far_%d OPTIONS (table_name 'rows')"
    ), i, c(9L, 2L)[i], i))
  }
  DBI::dbExecute(con, "SET enable_partitionwise_aggregate = on")
}

test_that("PostgreSQL: partitions on two more servers count their own rows", {
  withr::local_envvar(TZ = "UTC")
  servers <- list(local_postgres(), local_postgres())
  con <- connect_postgres(local_postgres())
  partition_over(con, servers)
  rows <- database_rows(20000)[c("site", "months", "status", "arm")]
  rows$months <- ceiling(rows$months)
  DBI::dbAppendTable(con, "cohort", rows)
  DBI::dbExecute(con, "ANALYZE cohort")
  table <- dplyr::tbl(con, "cohort")
  got <- suppressMessages(
    event_table(table, "months", "status", group = "site", strata = "arm")
  )
  want <- suppressMessages(event_table(Surv(months, status) ~ site + strata(arm), rows))
  expect_identical(as.data.frame(got), as.data.frame(want))
  expect_identical(got$dropped, want$dropped)

  query <- oligosurv:::count_query(table, c("months", "status", "site", "arm"), "n")
  sql <- as.character(dbplyr::sql_render(query))
  plan <- DBI::dbGetQuery(con, paste("EXPLAIN (VERBOSE)", sql))[[1L]]
  remote <- grep("Remote SQL: SELECT .*count\\(\\*\\).* GROUP BY ", plan)
  expect_length(remote, 2L)
  expect_length(grep("Foreign Scan", plan), 2L)
})

test_that("labels are read in a database as in memory", {
  rows <- data.frame(
    t = 1:12, s = rep(c("alive", "", "death ", "death", "relapse", " "), 2),
    arm = c("A", "B", "A ", "B", "\u00a0", "A", "B", "B\t", "A", "B", "A", "A"),
    site = rep(c("x", "y", "x "), 4), CNSR = rep(0:1, 6),
    two = rep(c("alive", "no event", "death"), 4), code = rep(0:2, 4)
  )
  con <- local_sqlite(rows = rows)
  table <- dplyr::tbl(con, "rows")
  said <- function(expr) {
    messages <- character()
    value <- withCallingHandlers(expr, message = function(m) {
      messages <<- c(messages, sub(" \\(rows [^)]*\\)", "", conditionMessage(m)))
      invokeRestart("muffleMessage")
    })
    list(value, messages)
  }
  same <- function(got, want) {
    expect_setequal(got[[2]], want[[2]])
    expect_identical(as.data.frame(got[[1]]), as.data.frame(want[[1]]))
    keep <- c("states", "groups", "strata", "coding", "dropped", "variables")
    expect_identical(got[[1]][keep], want[[1]][keep])
  }
  same(
    said(event_table(table, "t", "s", group = "arm", strata = "site")),
    said(event_table(Surv(t, s) ~ arm + strata(site), rows))
  )
  same(
    said(event_table(table, "t", "s", group = c("arm", "site"))),
    said(event_table(Surv(t, s) ~ arm + site, rows))
  )
  declared <- said(event_table(table, "t", "s",
    group = "arm", groups = c("B ", "A"), states = c("alive", "relapse", "death")
  ))
  want <- said(event_table(Surv(t, factor(trimws(s), c("alive", "relapse", "death"))) ~
    factor(trimws(arm, whitespace = "[\\h\\v]"), c("B", "A")), rows))
  expect_identical(as.data.frame(declared[[1]]), as.data.frame(want[[1]]))
  expect_match(declared[[2]], "empty cells of text .*`s`: 4, `arm`: 1", all = FALSE)
  expect_match(declared[[2]], "\"A\" and \"A \"", all = FALSE)
  expect_error(event_table(table, "t", "s", na.action = na.fail), "`s`: 4",
    class = "oligosurv_error_data"
  )
  expect_error(event_table(table, "t", "two"), "look like censoring",
    class = "oligosurv_error_input"
  )
  same(
    said(event_table(table, "t", "two", censor = c("alive", "no event"))),
    said(event_table(Surv(t, two) ~ 1, rows, censor = c("alive", "no event")))
  )
  expect_error(event_table(table, "t", "CNSR"), "say which codes mean censored",
    class = "oligosurv_error_input"
  )
  same(
    said(event_table(table, "t", "CNSR", censor = 1)),
    said(event_table(Surv(t, CNSR) ~ 1, rows, censor = 1))
  )
  same(
    said(event_table(table, "t", "code", censor = c(1, 2))),
    said(event_table(Surv(t, code) ~ 1, rows, censor = c(1, 2)))
  )
  expect_error(event_table(table, "t", "s", group = "arm", groups = c("A", " ")),
    "empty text", class = "oligosurv_error_input"
  )
  # a result set that is read in chunks
  for (chunk_rows in c(1, 5, 100)) {
    result <- DBI::dbSendQuery(con, "SELECT * FROM rows")
    got <- said(event_table_stream(result, "t", "s",
      group = "arm", strata = "site", chunk_rows = chunk_rows
    ))
    DBI::dbClearResult(result)
    same(got, said(event_table(Surv(t, s) ~ arm + strata(site), rows)))
  }
})

test_that("a column of lesions gets a warning, one of patients alone does not", {
  for (package in c("dplyr", "dbplyr", "DBI", "RSQLite")) skip_if_not_installed(package)
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  withr::defer(DBI::dbDisconnect(con))
  d <- data.frame(t = c(3, 5, 8), s = c(1, 0, 1), patient_id = 1:3, lesion_id = 1:3)
  DBI::dbWriteTable(con, "lesions", d)
  DBI::dbWriteTable(con, "patients", d[1:3])
  expect_warning(event_table(dplyr::tbl(con, "lesions"), "t", "s"), "`lesion_id`",
    class = "oligosurv_warning_data"
  )
  expect_no_warning(event_table(dplyr::tbl(con, "patients"), "t", "s"))
})

test_that("a column of bytes is no status, group or stratum, whole or in chunks", {
  skip_if_not_installed("dbplyr")
  bytes <- lapply(1:4, as.raw)
  con <- local_sqlite(rows = data.frame(t = 1:4, s = c(1, 0, 1, 1), scan = I(bytes)))
  refused <- function(arg, ...) {
    message <- sprintf("`%s`, column \"scan\", must have one number or text per row", arg)
    error <- expect_error(event_table(dplyr::tbl(con, "rows"), "t", ...), message,
      class = "oligosurv_error_input"
    )
    expect_identical(error$arg, arg)
    result <- DBI::dbSendQuery(con, "SELECT * FROM rows")
    on.exit(DBI::dbClearResult(result))
    error <- expect_error(event_table_stream(result, "t", ...), message,
      class = "oligosurv_error_input"
    )
    expect_identical(error$arg, arg)
  }
  refused("status", status = "scan")
  refused("group", status = "s", group = c("t", "scan"))
  refused("strata", status = "s", strata = "scan")
})
