# Reads the header of a file of write_counts(), the lines that begin with # and describe
# the table.

# Entries that must occur exactly once
header_keys <- c(
  "schema", "written by", "time unit", "tie tolerance", "times merged by the tie rule",
  "delayed entry", "weights", "disclosure rule", "smallest count", "subjects",
  "rows dropped for missing values", "states", "status codes", "strata"
)

weights_key <- "rows with weights, rows of weight 0, sum of weights, effective number"

landmark_key <- "landmark, events by then, others not followed beyond it"

header_options <- c(
  "time label", weights_key, "entries", landmark_key, "group variables",
  "strata variables", "checksum"
)

# Entries that may be repeated
header_repeats <- c("variable", "group")

# Returns what new_event_table() needs, with `line`, the line of each entry, and `n_line`,
# the number of the last line that begins with #
read_counts_header <- function(lines) {
  n_line <- match(FALSE, startsWith(lines, "#"), nomatch = length(lines) + 1L) - 1L
  at <- which(startsWith(lines[seq_len(n_line)], "# "))[-1L]
  text <- substring(lines[at], 3L)
  colon <- regexpr(": ?", text)
  key <- ifelse(colon > 0L, substr(text, 1L, colon - 1L), text)
  value <- substring(text, colon + attr(colon, "match.length"))
  schema <- match("schema", key)
  if (!is.na(schema)) check_counts_schema(value[schema], at[schema])
  check_header_keys(key, colon > 0L, at, lines)
  header <- new_header(Map(header_cells, value, at), key, at)
  header <- c(header, header_flags(header))
  header <- c(header, header_groups(header), header_extras(header))
  header$line <- stats::setNames(at, key)
  header$n_line <- n_line
  header
}

check_counts_schema <- function(text, line) {
  number <- suppressWarnings(as.double(text))
  if (identical(number, as.double(counts_schema))) return(invisible())
  later <- !is.na(number) && number > counts_schema && number == floor(number)
  stop_line(line, if (later) {
    sprintf(
      "the file has schema %s, and this version of oligosurv reads %d; %s", text,
      counts_schema, "update the package"
    )
  } else {
    sprintf("the schema must be %d; it is \"%s\"", counts_schema, text)
  })
}

check_header_keys <- function(key, has_colon, at, lines) {
  known <- c(header_keys, header_options, header_repeats)
  unknown <- at[!has_colon | !key %in% known]
  if (length(unknown)) {
    stop_line(unknown[1L], sprintf("\"%s\" is not an entry of schema %d",
      substr(lines[unknown[1L]], 1L, 60L), counts_schema
    ))
  }
  repeated <- which(duplicated(key) & !key %in% header_repeats)
  if (length(repeated)) {
    stop_line(at[repeated[1L]], sprintf(
      "the entry \"%s\" must occur only once; this is the second", key[repeated[1L]]
    ))
  }
  absent <- setdiff(c(header_keys, "group"), key)
  if (length(absent)) stop_no_entry(absent[1L])
}

stop_no_entry <- function(key) {
  stop_oligosurv("input", sprintf(
    paste(
      "the lines that begin with # have no entry \"%s\", so the file is not complete;",
      "use the original file of write_counts()"
    ), key
  ))
}

# A file without a checksum is accepted, so that other programs can write one
check_sum <- function(lines, at) {
  if (is.na(at)) return(invisible())
  if (identical(lines[at], checksum_line(lines[-at]))) return(invisible())
  warn_oligosurv("data", paste(
    "the file was edited after write_counts() wrote it: its checksum differs; if you do",
    "not know what was changed, use the original file of write_counts()"
  ))
}

# The cells of one line, see quote_cell()
header_cells <- function(text, line) {
  marks <- gregexpr("\"", text, fixed = TRUE)[[1L]]
  if (marks[1L] > 0L && length(marks) %% 2L) {
    stop_line(line, "a quotation mark is not closed")
  }
  cell_value(scan(
    text = text, what = "", sep = ",", quote = "\"", quiet = TRUE, strip.white = TRUE,
    na.strings = character()
  ))
}

# Undoes the escapes of quote_cell()
cell_value <- function(text) {
  escaped <- grepl("\\", text, fixed = TRUE)
  if (!any(escaped)) return(text)
  missing <- text == "\\NA"
  found <- gregexpr("\\\\[\\\\nrt=+@-]", text[escaped])
  regmatches(text[escaped], found) <- lapply(
    regmatches(text[escaped], found), function(x) c(cell_escapes, formula_escapes)[x]
  )
  text[missing] <- NA
  text
}

# Readers of the entries. Each returns the value of one entry, or stops with an error that
# names its line.
new_header <- function(cells, key, at) {
  get <- function(name) cells[key == name]
  first <- function(name) {
    if (name %in% key) return(cells[[match(name, key)]])
    stop_no_entry(name)
  }
  fail <- function(name, need) {
    stop_line(at[match(name, key)], sprintf("\"%s\" must be %s", name, need))
  }
  list(
    has = function(name) name %in% key, all = get,
    lines = function(name) at[key == name],
    one = function(name, choices = NULL) {
      value <- first(name)
      if (length(value) == 1L && (is.null(choices) || value %in% choices)) return(value)
      fail(name, if (is.null(choices)) "one value" else join_words(choices, "or"))
    },
    numbers = function(name, n, most = 2^53) {
      value <- suppressWarnings(as.double(first(name)))
      good <- length(value) == n && !anyNA(value) && all(value >= 0 & value <= most)
      if (good) return(value)
      fail(name, paste0(count_noun(n, "number"), ", not negative"))
    },
    labels = function(name) {
      value <- first(name)
      if (length(value) && !anyDuplicated(value)) return(value)
      fail(name, "one or more labels, all different")
    }
  )
}

header_flags <- function(read) {
  late <- read$one("delayed entry", c("no", "yes")) == "yes"
  states <- read$labels("states")
  if (length(states) < 2L || anyNA(states)) {
    stop_line(read$lines("states"), "\"states\" must be censoring and one or more events")
  }
  list(
    origin = list(
      unit = read$one("time unit", sort(names(days_in))),
      label = if (read$has("time label")) read$one("time label")
    ),
    late = late, weights = read$one("weights", c("no", "frequency")),
    joined = read$numbers("times merged by the tie rule", 1L),
    subjects = read$numbers("subjects", 1L),
    entries = if (late) read$numbers("entries", 1L),
    dropped = read$numbers("rows dropped for missing values", 1L),
    states = states, coding = read$one("status codes", c("0/1", "1/2", "factor")),
    strata = read$labels("strata")
  )
}

# Reads the entries that depend on others
header_extras <- function(read) {
  tie_tol <- read$numbers("tie tolerance", 1L)
  if (tie_tol != default_tie_tol) {
    inform_oligosurv(sprintf(
      "the file was counted with a tie tolerance of %s; estimates here use %s",
      format(tie_tol), format(default_tie_tol)
    ))
  }
  weighted <- if (read$weights == "frequency") read$numbers(weights_key, 4L, Inf)
  landmark <- if (read$has(landmark_key)) {
    read$numbers(landmark_key, 3L, .Machine$integer.max)
  }
  both <- read$has("group variables") && read$has("strata variables")
  list(
    weighted = if (!is.null(weighted)) {
      list(
        type = "frequency", n_row = weighted[1L], total = weighted[3L],
        effective = weighted[4L], zero = weighted[2L]
      )
    },
    landmark = if (!is.null(landmark)) {
      list(
        at = landmark[1L], event = as.integer(landmark[2L]),
        censored = as.integer(landmark[3L])
      )
    },
    variables = if (both) {
      list(
        group = read$labels("group variables"), stratum = read$labels("strata variables")
      )
    }
  )
}

# Labels of the groups and, if the file has them, their values of each variable
header_groups <- function(read) {
  variables <- read$all("variable")
  types <- lapply(seq_along(variables), function(j) {
    x <- variables[[j]]
    line <- read$lines("variable")[j]
    if (length(x) == 2L && x[2L] %in% "numbers") return(list(name = x[1L]))
    levels <- x[-(1:2)]
    if (length(x) > 2L && x[2L] %in% "labels" && !anyDuplicated(levels)) {
      return(list(name = x[1L], levels = levels))
    }
    stop_line(line, paste(
      "a variable must have a name and either \"numbers\" or \"labels\" and its levels"
    ))
  })
  names <- vapply(types, `[[`, "", "name")
  groups <- read$all("group")
  at <- read$lines("group")
  wrong <- which(lengths(groups) != length(types) + 1L)
  if (length(wrong)) {
    stop_line(at[wrong], sprintf(
      "a group must have a label and %s, one for each line `variable`",
      count_noun(length(types), "value")
    ))
  }
  labels <- vapply(groups, `[`, "", 1L, USE.NAMES = FALSE)
  if (anyDuplicated(labels) || anyDuplicated(names)) {
    twice <- c(at[duplicated(labels)], read$lines("variable")[duplicated(names)])
    stop_line(twice[1L], "a group or variable of the same name is in an earlier line")
  }
  values <- lapply(seq_along(types), function(j) {
    group_values_of(vapply(groups, `[`, "", j + 1L, USE.NAMES = FALSE), types[[j]], at)
  })
  list(groups = labels, values = if (length(types)) stats::setNames(values, names))
}

group_values_of <- function(text, type, at) {
  if (is.null(type$levels)) {
    value <- suppressWarnings(as.double(text))
    bad <- !is.finite(value)
  } else {
    value <- match(text, type$levels)
    bad <- is.na(value)
  }
  if (any(bad)) {
    stop_line(at[bad], sprintf("the value \"%s\" of \"%s\" must be %s",
      text[which(bad)[1L]], type$name,
      if (is.null(type$levels)) "a number" else "one of its levels"
    ), "domain")
  }
  if (is.null(type$levels)) return(value)
  structure(value, levels = type$levels, class = "factor")
}
