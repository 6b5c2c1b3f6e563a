# The checks of cells and keys of a study. Each check returns problems, see
# study-problem-rows.R.

# Checks all tables; returns them with typed columns, and all problems. `given` holds the
# tables and problems before this check; `mapped` the tables with the column names of the
# schema.
gather_study <- function(tables, cutoff = NULL, reading = study_reading(),
                         problems = new_problems()) {
  for (name in names(Filter(is.data.frame, tables))) {
    check_frame_columns(tables[[name]], name)
  }
  given <- list(tables = tables, problems = problems)
  reported <- problems$table
  split <- split_redcap(tables, reading)
  unfolded <- unfold_tables(split$tables, split$reading)
  tables <- unfolded$tables
  mapped <- map_columns(tables, unfolded$reading$columns)
  tables <- mapped$tables
  problems <- rbind(problems, mapped$problems)
  given$mapped <- tables
  present <- intersect(schema_tables$table, names(tables))
  pairs <- find_pairs(tables)
  found <- list(
    problems, check_tables(tables, reported), check_option_names(tables, reading),
    check_unread_lesions(tables)
  )
  parsing <- reading
  parsing$last_day <- cutoff
  imputed <- no_imputed
  for (name in present) {
    if (!is.data.frame(tables[[name]])) {
      tables[[name]] <- NULL
      next
    }
    checked <- check_table(as.data.frame(tables[[name]]), name, parsing, pairs)
    tables[[name]] <- checked$value
    found <- c(found, checked$problems)
    imputed <- rbind(imputed, checked$imputed)
  }
  # an empty file of lesions, as in the template, does not count as a table
  if (is.data.frame(tables$lesions) && !nrow(tables$lesions)) tables$lesions <- NULL
  far <- settle_far_dates(tables, bind_problems(found))
  settled <- settle_imputed(far$tables, imputed, cutoff)
  tables <- settled$tables
  found <- list(far$problems, imputed_notes(settled$imputed))
  found <- c(found, check_pairs(tables, pairs, reading))
  tables <- set_time_units(tables, pairs, reading)
  found <- c(found, check_keys(tables), check_patient_ids(tables))
  found <- c(found, check_orders(tables), check_cutoff(tables, cutoff))
  found <- c(found, check_column_units(tables), check_liver_units(tables))
  found <- bind_problems(found)
  found <- bind_problems(list(found), check_conditions(tables, found))
  if (far$shifted) found <- found[!found$rule %in% rules_of_calendar, ]
  by_table <- match(found$table, schema_tables$table)
  by_column <- match(found$column, unique(found$column))
  found <- found[order(by_table, by_column, found$row), ]
  rownames(found) <- NULL
  list(
    tables = tables, cutoff = cutoff, problems = found, reading = reading,
    imputed = settled$imputed, given = given
  )
}

# Rules that compare dates with the calendar. They do not apply if all dates of a study
# were shifted to other years, see settle_far_dates().
rules_of_calendar <- c("is in the future", "is before 1990, before SBRT existed")

# `reported`: tables whose files have problems already
check_tables <- function(tables, reported = character()) {
  needed <- schema_tables$table[schema_tables$required]
  missing <- setdiff(needed, c(names(tables), reported))
  no_frame <- names(tables)[!vapply(tables, is.data.frame, NA)]
  unknown <- setdiff(names(tables), schema_tables$table)
  again <- unique(names(tables)[duplicated(names(tables))])
  rbind(
    if (length(again)) new_problems(again, value = rep(NA, length(again)),
      rule = "the table occurs more than once", kind = "input"
    ),
    if (length(missing)) new_problems(missing, value = rep(NA, length(missing)),
      rule = "the table is missing", kind = "input"
    ),
    if (length(no_frame)) new_problems(no_frame,
      value = rep(NA, length(no_frame)), rule = paste(
        "the table must be a data frame; it is", vapply(tables[no_frame], describe, "")
      ), kind = "input"
    ),
    if (length(unknown)) new_problems(unknown, value = rep(NA, length(unknown)),
      rule = paste(
        "is not a table of a study; the tables are", join_words(schema_tables$table)
      ),
      kind = "input"
    ),
    new_problems()
  )
}

# Checks names, then cell by cell the types, allowed values and empty cells of a table.
check_table <- function(x, name, reading = study_reading(), pairs = find_pairs(list())) {
  spec <- spec_of_study(x, name, pairs)
  specs <- lapply(seq_len(nrow(spec)), function(i) lapply(spec, `[`, i))
  file <- attr(x, "file")
  attr(x, "file") <- NULL
  with_factors <- use_redcap_factors(x, name, spec)
  x <- with_factors$value
  found <- list(
    check_names(x, name, spec), check_size(x, name), check_bytes(x, name, spec),
    check_units(x, name, spec), with_factors$problems
  )
  imputed <- list(no_imputed)
  for (i in which(spec$column %in% names(x))) {
    column <- spec$column[i]
    if (!is_column(x[[column]], nrow(x))) {
      found <- c(found, list(new_problems(name, column,
        value = describe(x[[column]]),
        rule = paste("must be a column of type", spec$type[i]), kind = "input"
      )))
      x[[column]] <- rep(NA, nrow(x))
      next
    }
    how <- reading_of(reading, name, column)
    how$comma <- isTRUE(file$comma)
    result <- parse_column(x[[column]], specs[[i]], how)
    imputed <- c(imputed, list(imputed_cells(result, name, column)))
    value <- if (spec$type[i] == "text") one_spelling(result$value) else result$value
    x[[column]] <- keep_attributes(value, x[[column]])
    found <- c(found, column_problems(result, name, specs[[i]], value, how))
  }
  extras <- check_extras(x, name, spec, file, reading)
  list(
    value = extras$value, problems = c(found, list(extras$problems)),
    imputed = do.call(rbind, imputed)
  )
}

# The problems of a column after its parser, and notes on how it was read; `value` has one
# spelling for each word
column_problems <- function(result, name, spec, value, how) {
  cells <- result$text
  where <- function(bad, rule, severity = "error", shown = cells) {
    problems_where(bad, name, spec$column, shown, rule, severity)
  }
  list(
    where(!is.na(result$rule), result$rule),
    where(result$blank, paste(
      "seems to mean a missing value and is read as empty; if so, add",
      missing_code(result$words[result$blank])
    ), "warning", result$words),
    if (!is.null(result$doubt)) where(!is.na(result$doubt), result$doubt, "warning"),
    where(!is.na(result$note), result$note, "note"),
    if (spec$type == "text") {
      where(value != result$value, sprintf(
        "is \"%s\" in other rows, and is read as that", value
      ), "note")
    },
    if (spec$type == "group") check_group(cells, result$value, name, spec$column, how),
    if (spec$required == "value") {
      problems_where(is.na(cells) & is.na(result$value), name, spec$column, cells,
        empty_rule(spec), kind = if (spec$type == "id") "data" else "domain"
      )
    }
  )
}

# In tables of several rows per patient, empty ids are mostly merged cells.
empty_rule <- function(spec) {
  merged <- spec$column == "patient_id" && spec$table != "patients"
  paste0("must not be empty", if (merged) {
    paste(
      "; if the id is only in the first row of its patient (merged cells), copy it to",
      "the rows below in the file"
    )
  })
}

# Parses distinct values only, since many rows share the same value. Besides value, rule
# and text, a parser may return more vectors with one element per cell.
parse_column <- function(x, spec, how = reading_of(study_reading(), "", "")) {
  if (inherits(x, "POSIXlt")) x <- as.POSIXct(x)
  # The unit of a difftime is an attribute of the column, which the caller keeps.
  if (inherits(x, "difftime")) x <- as.vector(unclass(x))
  x <- labelled_values(x, spec$type, how$levels)
  if (is.object(x) && !inherits(x, c("factor", "Date", "POSIXct", "integer64",
    "AsIs"))) {
    x <- as.vector(unclass(plain_column(x)))
  }
  once <- unique(x)
  at <- match(x, once)
  words <- cell_text(once)
  blank <- find_missing(words, spec$type, how)
  once[blank$own | blank$known] <- NA
  # The parsers of categories, groups and statuses translate words themselves, because
  # `levels` also has the order of levels.
  if (!is.null(how$levels) && !spec$type %in% c("category", "group", "status")) {
    given <- own_words(cell_text(once), how$levels)
    if (any(given$found)) once <- given$text
  }
  result <- parser_of(spec)(once, spec, how)
  if (is.null(result$note)) result$note <- no_rule(length(once))
  result <- c(result, list(
    text = cell_text(once), blank = blank$known, words = words
  ))
  lapply(result, function(cells) cells[at])
}

# Notes spellings that were joined. Warns about patients without a cohort if others have
# one; there is no such warning for `strategy`, because it need not apply to all patients.
check_group <- function(cells, value, name, column, how) {
  rbind(
    problems_where(joined_spellings(cells, value, how), name, column, cells,
      "is read as the group whose label differs only in capitals", "note"
    ),
    if (column == "cohort" && !all(is.na(value))) {
      problems_where(is.na(value), name, column, cells,
        "is empty, so the patient is in no cohort", "warning"
      )
    }
  )
}

check_size <- function(x, name) {
  least <- schema_tables$min_rows[schema_tables$table == name]
  if (nrow(x) >= least) return(no_problems)
  new_problems(name, rule = "the table has no rows", kind = "input")
}

sheet_errors <- "^#(N/A|REF!|DIV/0!|VALUE!|NAME[?]|NULL!|NUM!|SPILL!|CALC!)$"

# Finds text that nobody typed intentionally: invalid bytes, invisible characters, error
# values of spreadsheets, words for a missing value.
check_bytes <- function(x, name, spec) {
  is_text <- vapply(x, function(column) is.character(column) || is.factor(column), NA)
  found <- lapply(names(x)[is_text], function(column) {
    cells <- as.character(plain_column(x[[column]])) # vctrs cannot convert labelled text
    once <- unique(cells)
    text <- mark_bytes(once)
    at <- match(cells, once)
    words <- spec$column[spec$type %in% c("id", "text")]
    inside <- if (column %in% words) trim_blank(text) else rep("", length(text))
    shown <- show_invisible_marks(inside)
    blank <- lower_case(inside) %in% missing_words & inside != "NA"
    rbind(
      problems_where(grepl(sheet_errors, inside)[at], name, column, text[at],
        "is an error value of a spreadsheet"
      ),
      problems_where(blank[at], name, column, text[at],
        paste("seems to mean a missing value; if so, add", missing_code(text[blank])),
        severity = "warning"
      ),
      problems_where(grepl("\ufffd", text, fixed = TRUE)[at], name, column, text[at],
        "must be UTF-8 text (in a spreadsheet, save as 'CSV UTF-8')"
      ),
      problems_where((shown != inside)[at], name, column, shown[at],
        "contains an invisible character, shown as ?"
      )
    )
  })
  bind_problems(found)
}

# The columns that identify a row must be unique.
check_keys <- function(tables) {
  keyed <- schema_tables[nzchar(schema_tables$key), ]
  Map(function(name, key) {
    key <- strsplit(key, ",", fixed = TRUE)[[1L]]
    x <- tables[[name]]
    if (!has_columns(x, key)) return(no_problems)
    label <- do.call(paste, c(unname(x[key]), sep = "\r"))
    known <- stats::complete.cases(x[key])
    again <- known & (duplicated(label) | duplicated(label, fromLast = TRUE))
    where <- if (length(key) > 1L) " within its patient" else ""
    last <- key[length(key)]
    problems_where(again, name, last, x[[last]],
      paste0("must be unique", where),
      kind = "data"
    )
  }, keyed$table, keyed$key)
}

# Each row of the other tables must belong to a patient.
check_patient_ids <- function(tables) {
  patients <- tables$patients
  lapply(setdiff(schema_tables$table, "patients"), function(name) {
    x <- tables[[name]]
    # An empty table patients is one problem, not one for each row of the other tables.
    if (!has_columns(x, "patient_id") || !has_columns(patients, "patient_id") ||
      nrow(patients) == 0L) {
      return(no_problems)
    }
    orphan <- !is.na(x$patient_id) & !x$patient_id %in% patients$patient_id
    problems_where(orphan, name, "patient_id", x$patient_id,
      paste0("must be a patient_id of the table patients",
        suggest_id(x$patient_id[orphan], patients$patient_id)
      ),
      kind = "data"
    )
  })
}

# Suggests an id that differs only in case, punctuation or leading zeros, because
# spreadsheets drop the zeros of 007.
suggest_id <- function(x, ids) {
  simplify <- function(id) {
    joined <- gsub("[\\s_.-]", "", lower_case(id), perl = TRUE)
    sub("^0+(?=.)", "", joined, perl = TRUE)
  }
  x <- unique(x)
  ids <- unique(ids)
  at <- match(simplify(x), simplify(ids))
  first <- match(TRUE, !is.na(at))
  if (is.na(first)) return("")
  sprintf("; \"%s\" is written \"%s\" there", x[first], ids[at[first]])
}

# Checks the orders of dates that `schema_orders` lists.
check_orders <- function(tables) {
  patients <- tables$patients
  lapply(seq_len(nrow(schema_orders)), function(i) {
    rule <- lapply(schema_orders, `[[`, i)
    x <- tables[[rule$table]]
    within <- rule$table == "patients" || rule$other %in% names(x)
    if (!has_columns(x, c("patient_id", rule$column, if (within) rule$other)) ||
      !(within || has_columns(patients, c("patient_id", rule$other)))) {
      return(no_problems)
    }
    row <- if (rule$table == "patients") {
      seq_len(nrow(x))
    } else {
      match(x$patient_id, patients$patient_id, incomparables = NA)
    }
    other <- as.numeric(column_or_na(patients, rule$other))[row]
    if (within) {
      own <- as.numeric(x[[rule$other]])
      other <- ifelse(is.na(own), other, own)
    }
    if (rule$relation == "<=" && rule$other == "last_contact") {
      other[!is.na(column_or_na(patients, "death_date")[row])] <- NA
    }
    gap <- as.numeric(x[[rule$column]]) - other
    early <- rule$relation == ">="
    problems_where(if (early) gap < 0 else gap > 0, rule$table, rule$column,
      x[[rule$column]],
      sprintf("must not be %s `%s`", if (early) "before" else "after", rule$other),
      severity = rule$severity
    )
  })
}

# No day may be after the data cut-off. Without a cut-off, a day after today is a warning.
check_cutoff <- function(tables, cutoff) {
  last <- if (is.null(cutoff)) Sys.Date() else cutoff
  rule <- if (is.null(cutoff)) "is in the future" else
    paste("must not be after the cut-off", format(cutoff))
  dates <- schema_all[schema_all$type == "date", ]
  Map(function(name, column) {
    if (!has_columns(tables[[name]], column)) return(no_problems)
    day <- tables[[name]][[column]]
    problems_where(day > last, name, column, day, rule,
      severity = if (is.null(cutoff)) "warning" else "error"
    )
  }, dates$table, dates$column)
}
