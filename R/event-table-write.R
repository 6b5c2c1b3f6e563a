#' Files of counts: what hospitals can share instead of rows
#'
#' `write_counts()` writes an [event_table()] to a text file, `read_counts()` reads it
#' back, and `c()` adds up the tables of several hospitals. Curves, tests and regressions
#' of the sum equal those of all rows together, although no row leaves its hospital.
#'
#' @details **The file** is text (UTF-8) that any editor opens, so that those who release
#'   it can check everything in it. The lines that begin with `#` describe the table:
#'   version of the format (`schema`) and of the package, unit of time, tie tolerance,
#'   delayed entry, weights, disclosure rule, smallest count, number of subjects, states,
#'   variables of the groups with their type and levels, groups, strata. The other lines
#'   are a table with the columns `time`, `stratum`, `group`, `status`, `n` and, with
#'   delayed entry, `n_entry`, as in `as.data.frame()` of the event table.
#'   `read.csv(file, comment.char = "#")` reads this table too; in labels a backslash is
#'   doubled, and a backslash precedes a label such as `=1+1`, which a spreadsheet would
#'   compute.
#'
#'   `read_counts()` returns the same event table in every locale: times to the last bit,
#'   labels in any script, entries, weights and levels without subjects. Line ends of
#'   Windows, a byte order mark and the order of the lines do not matter; lines that
#'   differ only in their counts are added, with a message. If the checksum shows that a
#'   file was edited, there is a warning; programs other than this package may omit the
#'   line of the checksum. Everything else is checked, and an error names the line.
#'   Spreadsheet programs alter numbers and dates when they save, so files saved by one
#'   are an error.
#'
#'   **Disclosure.** A count of 1 may identify a patient to somebody who knows when and of
#'   what the patient died. `time_grid` rounds times up to its multiples (entry times
#'   down, so that nobody leaves before entering). `min_cell` then leaves no count from 1
#'   to `min_cell - 1`: with `small_cells = "join"` such a count is added to the next
#'   later count of the same group, stratum and status (entries to the next earlier one)
#'   until the sum is large enough, which keeps all totals; with `"round"` each count is
#'   rounded to a multiple of `min_cell`, including 0. Grid and joining move events to
#'   later times, so incidences before the last time are too low. A message says how much
#'   was changed, and the file says by which rule. The value is the table in the file, so
#'   its estimates can be compared with those of the rows.
#'
#'   **This is no guarantee of anonymity.** Groups of few subjects, many variables, two
#'   files that differ by one patient, or a time known from elsewhere can still identify
#'   somebody. Whether a file may leave the hospital is decided by the person who is
#'   responsible for the data.
#'
#'   **Adding up.** `c()` adds tables whose time unit, states, and group and strata
#'   variables agree. The hospitals may have different levels, in any order. If the levels
#'   of every table are sorted, those of the sum are sorted too; otherwise they are in the
#'   order of the first table that has them. For comparisons within hospitals, let each
#'   hospital count with a stratum of its own, such as `strata(hospital)`.
#'
#' @param table An [event_table()], also from a database, a stream or `c()`.
#' @param file One string: the path of the file. It is written whole or not at all, and an
#'   existing file is replaced.
#' @param unit The unit of the times, `"days"`, `"months"` or `"years"`. `NULL` uses the
#'   unit of the [endpoint()] that was counted; other tables have no unit, so `unit` must
#'   be given.
#' @param time_grid `NULL`, or one number above 0: times are rounded up to its multiples,
#'   for example 30 for days.
#' @param min_cell A whole number of at least 1: the smallest count to be written.
#' @param small_cells How smaller counts are changed: `"join"` or `"round"`, see Details.
#' @return `write_counts()`: the event table that was written, invisibly.
#'   `read_counts()`: an event table.
#' @section Errors: `oligosurv_error_input` if an argument has the wrong type, the file
#'   cannot be written or read, or it is not one of `write_counts()`;
#'   `oligosurv_error_domain` for impossible values in a file; `oligosurv_error_data` for
#'   a table with sampling weights or a conditioning time, which cannot be written, and
#'   for a group with fewer than `min_cell` subjects of one status, whose counts cannot be
#'   joined. In errors of `read_counts()`, element `where` holds the line numbers. `c()`
#'   of tables that do not match is an `oligosurv_error_data` that names the file.
#' @seealso [event_table()], [event_table.tbl_lazy()] for counts in a database,
#'   `vignette("hospitals")` for an example with three hospitals
#' @examples
#' rows <- data.frame(
#'   day = c(12, 40, 40, 75, 100, 31, 45, 90, 95, 120),
#'   dead = c(1, 1, 0, 1, 0, 1, 1, 1, 0, 0), arm = rep(c("A", "B"), each = 5)
#' )
#' a <- event_table(Surv(day, dead) ~ arm, rows[c(1:3, 6:8), ])
#' b <- event_table(Surv(day, dead) ~ arm, rows[-c(1:3, 6:8), ])
#' files <- tempfile(c("hospital-a-", "hospital-b-"), fileext = ".csv")
#' write_counts(a, files[1], unit = "days")
#' write_counts(b, files[2], unit = "days")
#' cat(readLines(files[1]), sep = "\n")
#' pooled <- c(read_counts(files[1]), read_counts(files[2]))
#' logrank_test(pooled)$p.value == logrank_test(Surv(day, dead) ~ arm, rows)$p.value
#' # The deaths in A on days 12 and 40 are now by day 30 and by day 60, and the two in B
#' # on days 31 and 45 are one count of 2
#' write_counts(a, files[1], unit = "days", time_grid = 30)
#' as.data.frame(read_counts(files[1]))
#' unlink(files)
#' @export
write_counts <- function(table, file, unit = NULL, time_grid = NULL, min_cell = 1,
                         small_cells = c("join", "round")) {
  check_countable(table)
  file <- check_path(file, "file")
  table$origin <- counts_origin(table, unit)
  rule <- disclosure_rule(time_grid, min_cell, small_cells, table)
  table <- coarsen_counts(table, rule)
  lines <- c(counts_header(table, rule), counts_lines(table))
  lines <- append(lines, checksum_line(lines), length(counts_prose) + 3L)
  draft <- tempfile("counts-")
  on.exit(unlink(draft))
  write_lines(lines, draft)
  replace_file(draft, file)
  invisible(table)
}

# Writes the same bytes in every locale and on every system
write_lines <- function(lines, file) {
  writeBin(charToRaw(paste0(lines, "\n", collapse = "")), file)
}

# The checksum of all other lines
checksum_line <- function(lines) {
  file <- tempfile("counts-")
  on.exit(unlink(file))
  write_lines(lines, file)
  paste("# checksum:", tools::md5sum(file))
}

counts_magic <- "# oligosurv counts"

# Version of the file format. A reader stops for later versions.
counts_schema <- 1L

counts_prose <- c(
  "## Numbers of subjects who left observation, by time, stratum, group and status.",
  "## They were counted from rows of patients, which are not in this file; a count of 1",
  "## stands for one patient. Do not save this file from a spreadsheet program.",
  "## Read it with read_counts() of the R package oligosurv."
)

check_countable <- function(table) {
  if (missing(table)) stop_missing("table")
  if (!inherits(table, "event_table")) {
    stop_oligosurv("input", sprintf(
      "`table` must be an event table, made by event_table(); it is %s", describe(table)
    ), arg = "table")
  }
  why <- if (!is.null(table$weights) && table$weights$type != "frequency") {
    "has sampling weights, whose variance needs the rows"
  } else if (!is.null(table$from)) {
    "is conditional on a time (`from`); write that of all subjects"
  }
  if (is.null(why)) return(invisible())
  stop_oligosurv("data", paste("`table`", why), arg = "table")
}

# Unit and label of the time. A table of an endpoint has them already.
counts_origin <- function(table, unit) {
  known <- table$origin$unit
  units <- sort(names(days_in))
  if (is.null(unit)) {
    if (!is.null(known)) return(table$origin)
    stop_oligosurv("input", sprintf(
      paste(
        "the unit of the times of the table is unknown, but tables of several hospitals",
        "can be added only if their units are known; give `unit`, one of %s"
      ), paste0("\"", units, "\"", collapse = ", ")
    ), arg = "unit")
  }
  unit <- check_choice(unit, units, "unit")
  if (is.null(known)) return(list(unit = unit, label = NULL))
  if (identical(known, unit)) return(table$origin)
  stop_oligosurv("input", sprintf(
    "`unit` is \"%s\", but the table has its times in %s; leave `unit` out", unit, known
  ), arg = "unit")
}

# The lines of the header. Keys and their order are part of the format.
counts_header <- function(table, rule) {
  item <- function(key, ...) paste0("# ", key, ": ", paste(c(...), collapse = ", "))
  long <- as.data.frame(table)
  counts <- c(long$n, long$n_entry)
  counts <- counts[counts > 0]
  left_out <- function(n) exact_text(grid_up(n, rule$min_cell))
  w <- table$weights
  landmark <- table$landmark
  enc2utf8(c(
    counts_magic, counts_prose, item("schema", counts_schema),
    item("written by", paste("oligosurv", utils::packageVersion("oligosurv"))),
    item("time unit", quote_cell(table$origin$unit)),
    if (!is.null(table$origin$label)) item("time label", quote_cell(table$origin$label)),
    item("tie tolerance", exact_text(default_tie_tol)),
    item("times merged by the tie rule", exact_text(table$joined)),
    item("delayed entry", if (is.null(table$entry)) "no" else "yes"),
    item("weights", if (is.null(w)) "no" else w$type),
    if (!is.null(w)) {
      item("rows with weights, rows of weight 0, sum of weights, effective number",
        exact_text(c(w$n_row, w$zero, w$total, w$effective))
      )
    },
    item("disclosure rule", quote_cell(rule$text)),
    item("smallest count", if (length(counts)) exact_text(min(counts)) else "none"),
    item("subjects", exact_text(sum(long$n))),
    if (!is.null(table$entry)) item("entries", exact_text(sum(long$n_entry))),
    item("rows dropped for missing values", left_out(table$dropped)),
    if (!is.null(landmark)) {
      item("landmark, events by then, others not followed beyond it",
        exact_text(landmark$at), left_out(c(landmark$event, landmark$censored))
      )
    },
    item("states", quote_cell(table$states)),
    item("status codes", quote_cell(table$coding)),
    if (!is.null(table$variables)) {
      c(
        item("group variables", quote_cell(table$variables$group)),
        item("strata variables", quote_cell(table$variables$stratum))
      )
    },
    item("strata", quote_cell(table$strata)),
    variable_lines(table$values, item), group_lines(table, item)
  ))
}

# One line per variable of the groups: its name, its type, and the levels of a factor
variable_lines <- function(values, item) {
  vapply(names(values), function(name) {
    x <- values[[name]]
    if (is.factor(x)) {
      item("variable", quote_cell(name), "labels", quote_cell(levels(x)))
    } else {
      item("variable", quote_cell(name), "numbers")
    }
  }, "", USE.NAMES = FALSE)
}

# One line per group: its label and its values of the variables
group_lines <- function(table, item) {
  values <- lapply(table$values, function(x) {
    known <- is.factor(x) || is.numeric(x)
    if (!known || length(x) != length(table$groups) || anyNA(x)) {
      stop_changed_part("values", "event table")
    }
    if (is.factor(x)) quote_cell(levels(x)[as.integer(x)]) else exact_text(x)
  })
  cells <- c(list(quote_cell(table$groups)), unname(values))
  vapply(seq_along(table$groups), function(g) {
    item("group", vapply(cells, `[`, "", g))
  }, "")
}

# The counts, one line each, below a line with the column names
counts_lines <- function(table) {
  long <- as.data.frame(table)
  label <- function(x) quote_cell(levels(x))[as.integer(x)]
  cells <- list(
    exact_text(long$time), label(long$stratum), label(long$group), label(long$status),
    exact_text(long$n), if (!is.null(table$entry)) exact_text(long$n_entry)
  )
  c(
    paste(names(long), collapse = ","),
    if (nrow(long)) enc2utf8(do.call(paste, c(cells[lengths(cells) > 0], sep = ",")))
  )
}

# Numbers as text from which the same bits are read back
exact_text <- function(x) {
  text <- sprintf("%.15g", x)
  at <- which(is.finite(x))
  for (format in c("%.17g", "%a")) {
    at <- at[as.double(text[at]) != x[at]]
    text[at] <- sprintf(format, x[at])
  }
  text
}

# Text as a cell of a line. Line ends and tabs are written \n, \r and \t, a backslash is
# doubled, and NA is \NA. Cells with a comma, quotation mark or # are quoted. Text that
# begins like a formula gets a backslash before it, so that no spreadsheet computes it.
quote_cell <- function(x) {
  text <- enc2utf8(as.character(x))
  check_encoding(text[!is.na(text)], "table")
  for (i in seq_along(cell_escapes)) {
    text <- gsub(cell_escapes[i], names(cell_escapes)[i], text, fixed = TRUE)
  }
  formula <- grepl("^[=+@-]", text) & !grepl("^[+-]?[0-9]+[.]?[0-9]*$", text)
  text[formula] <- paste0("\\", text[formula])
  quoted <- grepl("[\",#]|^ | $|^$", text) & !is.na(text)
  text[quoted] <- paste0("\"", gsub("\"", "\"\"", text[quoted], fixed = TRUE), "\"")
  text[is.na(text)] <- "\\NA"
  text
}

cell_escapes <- c("\\\\" = "\\", "\\n" = "\n", "\\r" = "\r", "\\t" = "\t")
formula_escapes <- c("\\=" = "=", "\\+" = "+", "\\-" = "-", "\\@" = "@")
