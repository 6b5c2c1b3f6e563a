# Problems that the checks of a study find. A problem is one row of a data frame with the
# columns of study_problems() and the kind of its error. Checks only collect problems;
# raise_problems() raises the error, warning or message.

# One row per value; `table`, `column` and the rest are recycled.
new_problems <- function(table = character(), column = NA_character_, row = NA_integer_,
                         value = NA_character_, rule = character(),
                         severity = "error", kind = "domain") {
  n <- if (length(table) && length(rule)) max(length(row), length(value)) else 0L
  fill <- function(x) rep_len(if (n) x else x[0L], n)
  data.frame(
    table = fill(table), row = as.integer(fill(row)), column = fill(column),
    value = fill(as.character(value)), rule = fill(rule), severity = fill(severity),
    kind = fill(kind)
  )
}

no_problems <- new_problems()

# Skips empty data frames, because most checks find nothing and rbind() is slow.
bind_problems <- function(...) {
  found <- c(...)
  found <- Filter(function(x) length(x$table) > 0L, found)
  if (!length(found)) return(no_problems)
  do.call(rbind, c(unname(found), list(make.row.names = FALSE)))
}

# One problem per bad cell; an NA in `bad` means no problem.
problems_where <- function(bad, table, column, value, rule, severity = "error",
                           kind = "domain") {
  rows <- which(bad)
  if (!length(rows)) return(no_problems)
  if (length(rule) > 1L) rule <- rule[rows]
  new_problems(table, column, rows, as.character(value)[rows], rule, severity, kind)
}

shown_columns <- c("table", "row", "column", "value", "rule", "severity")

# One line per table, column and rule: "lesions, column `dose_gy`, rows 2 and 5: must ..."
problem_lines <- function(problems, most = 12L) {
  label <- paste(problems$table, problems$column, problems$rule, sep = "\r")
  groups <- split(problems, factor(label, unique(label)))
  lines <- vapply(groups, function(g) {
    rows <- g$row[!is.na(g$row)]
    value <- g$value[!is.na(g$value)]
    paste0(
      g$table[1L],
      if (!is.na(g$column[1L])) sprintf(", column `%s`", g$column[1L]),
      if (length(rows)) paste0(", ", format_rows(rows)), ": ", g$rule[1L],
      if (length(value)) {
        several <- length(unique(value)) > 1L
        sprintf(" (%s \"%s\")", if (several) "first found" else "found",
          substr(mark_bytes(value[1L]), 1L, 40L)
        )
      }
    )
  }, "")
  hidden <- length(lines) - most
  c(
    paste("*", unname(lines[seq_len(min(length(lines), most))])),
    if (hidden > 0L) sprintf("* and %d more kinds of problems", hidden)
  )
}

# Instructions for the most common problems, chosen by the text of their rules
problem_advice <- function(problems, suggested = FALSE) {
  advice <- c(
    "the column is missing" = paste(
      "If your columns have other names, use the argument `columns`, as in",
      "list(patients = c(sbrt_start = \"RT start\"))."
    ),
    "since 1970" = paste(
      "For days since 1970, as R stores a Date, export the dates as text, or use",
      "as.Date() before sbrt_study()."
    ),
    "it has a comma" = paste(
      "For decimal commas, save the file with semicolons between the fields, or write",
      "all decimals of a column with a point."
    )
  )
  # A suggested call maps the columns already.
  if (suggested) advice <- advice[-1L]
  needed <- vapply(names(advice), function(part) any(grepl(part, problems$rule)), NA)
  c(
    unname(advice[needed]), if (!suggested) date_advice(problems),
    if (lacks_sbrt(problems)) {
      paste(
        "A study holds patients who had SBRT. A control arm without it has no",
        "`sbrt_start`: compare the arms of a trial by kaplan_meier(), logrank_test() and",
        "hazard_ratio(), with times from randomisation."
      )
    }
  )
}

# Do some patients, as in a control arm, seem to have had no SBRT? Their `sbrt_start` is
# empty, or there is only a day of randomisation.
lacks_sbrt <- function(problems) {
  some_empty <- problems$rule == "must not be empty" & !is.na(problems$row)
  is_trial <- grepl("is not the start of SBRT", problems$rule, fixed = TRUE)
  any(problems$table == "patients" & problems$column %in% "sbrt_start" &
    (some_empty | is_trial))
}

# Code of the argument `dates` that declares the order of day and month in these columns
dates_call <- function(table, column) {
  if (!all(nzchar(table))) return("dates = \"dmy\"")
  parts <- vapply(unique(table), function(name) {
    columns <- unique(column[table == name])
    sprintf("%s = c(%s)", name, paste0(columns, " = \"dmy\"", collapse = ", "))
  }, "")
  sprintf("dates = list(%s)", paste(parts, collapse = ", "))
}

# The code that declares the order of day, month and year for all date columns whose order
# is unknown; NULL if there are none
date_advice <- function(problems) {
  open <- grep("say which by `dates`", problems$rule, fixed = TRUE)
  if (!length(open)) return(NULL)
  sprintf(
    paste(
      "For the order of dates, use %s, or dates = \"dmy\" for the whole study; \"dmy\"",
      "is day/month/year."
    ), dates_call(problems$table[open], problems$column[open])
  )
}

# Raises one error for all problems that are errors, with the class of the most basic kind
# among them; or else one warning for all doubtful values and one message for all notes.
# `listed` is the call that lists all of them. `advice` ends the message of an error and
# suggests a call. R truncates long messages, so a message with advice lists fewer
# problems.
raise_problems <- function(problems, source, listed, advice = "") {
  lines <- function(x, what, most = 12L) {
    # The call in `advice` has these arguments already.
    repeated <- ", or add columns = .*|; to say what other.*"
    if (nzchar(advice)) x$rule <- sub(repeated, "", x$rule)
    rows <- if (any(!is.na(x$row))) "\nRow 1 is the first row of data."
    paste0(
      sprintf("%s has %s:\n", source, count_noun(nrow(x), what)),
      paste(c(problem_lines(x, most), problem_advice(x, nzchar(advice))),
        collapse = "\n"
      ), rows
    )
  }
  part <- function(severity) problems[problems$severity == severity, ]
  errors <- part("error")
  if (nrow(errors)) {
    kind <- intersect(c("input", "domain", "data"), errors$kind)[1L]
    end <- paste0("\nAll of them: ", listed, if (nzchar(advice)) paste0("\n", advice))
    room <- getOption("warning.length", 1000L) - nchar(end, "bytes") - 20L
    most <- 12L
    while (nzchar(advice) && most > 3L &&
      nchar(lines(errors, "problem", most), "bytes") > room) most <- most - 1L
    stop_oligosurv(kind, paste0(lines(errors, "problem", most), end),
      problems = problems[shown_columns], where = errors$row, advice = advice
    )
  }
  if (nrow(part("warning"))) {
    warn_oligosurv("study", lines(part("warning"), "doubtful value"),
      problems = part("warning")[shown_columns]
    )
  }
  notes <- problems[problems$severity == "note", ]
  if (nrow(notes)) inform_oligosurv(lines(notes, "note"), problems = notes[shown_columns])
  invisible(problems)
}
