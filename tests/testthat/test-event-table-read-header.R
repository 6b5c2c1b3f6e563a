# The lines of a file of counts that describe its table.

d <- hospital_rows(n = 60)
good <- counts_text(event_table(Surv(day, status) ~ arm + ecog + strata(hospital), d))

change <- function(key, value) {
  sub(sprintf("^# %s: .*$", key), sprintf("# %s: %s", key, value), good)
}

refused <- function(lines, message, kind = "input") {
  expect_error(suppressWarnings(read_lines(lines)), message,
    class = paste0("oligosurv_error_", kind)
  )
}

test_that("each entry is checked, and an error gives its line", {
  line <- function(key) match(TRUE, startsWith(good, paste0("# ", key, ":")))
  entries <- list(
    "schema" = c("x", "0", "1.5", ""), "time unit" = c("weeks", "days, months", ""),
    "tie tolerance" = c("x", "-1", "1, 2"), "delayed entry" = c("perhaps", ""),
    "weights" = c("sampling", "yes"), "subjects" = c("many", "-3", ""),
    "rows dropped for missing values" = "x", "states" = c("", "censored", "a, a"),
    "status codes" = "2/3", "strata" = c("", "x, x"), "variable" = c("arm", "arm, dates"),
    "group" = c("x", "x, A"), "times merged by the tie rule" = "x"
  )
  for (key in names(entries)) {
    for (value in entries[[key]]) {
      error <- refused(change(key, value), "line")
      expect_true(line(key) %in% error$where)
    }
  }
})

test_that("a later schema, unknown and repeated entries are errors that say so", {
  refused(change("schema", "2"), "schema 2, and this version of oligosurv reads 1")
  refused(append(good, "# hospital: A", 7), "\"# hospital: A\" is not an entry")
  refused(append(good, "# schema: 1", 7), "the entry \"schema\" must occur only once")
  refused(sub("^# group: \"arm=A, ecog=0\"", "# group: \"arm=A, ecog=1\"", good),
    "of the same name"
  )
  refused(sub("^(# group: \"arm=A, ecog=0\"), A, 0", "\\1, C, 0", good),
    "value \"C\" of \"arm\" must be one of its levels", "domain"
  )
  refused(sub("^(# group: \"arm=A, ecog=0\"), A, 0", "\\1, A, zero", good),
    "must be a number", "domain"
  )
  refused(change("delayed entry", "yes"), "no entry \"entries\"")
  refused(change("weights", "frequency"), "no entry \"rows with weights")
  refused(sub("\"arm=A, ecog=0\", A", "\"arm=A, ecog=0, A", good), "not closed")
})

test_that("another tie tolerance is a message", {
  expect_message(suppressWarnings(read_lines(change("tie tolerance", "1e-06"))),
    "a tie tolerance of 1e-06; estimates here use 1e-09"
  )
})
