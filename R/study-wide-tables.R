# Tables inside another table: lesions and adverse events in the rows of the patients,
# described by patterns in `columns`, and all tables in one REDCap export.

# Makes the tables whose names in `columns` are patterns with #, as in c(dose_gy = "L#
# dose"), from the patients, and removes the columns from the patients. The new tables
# have the names of the schema, so the patterns are removed from `reading`.
unfold_tables <- function(tables, reading) {
  patients <- tables$patients
  if (!is.data.frame(patients)) return(list(tables = tables, reading = reading))
  id <- c(reading$columns$patients["patient_id"], "patient_id")
  id <- id[!is.na(id)][[1L]]
  taken <- c(id, reading$columns$patients)
  for (name in wide_tables(reading$columns)) {
    if (!is.null(tables[[name]])) next
    own <- reading$columns[[name]]
    make <- if (name == "lesions") longer_lesions else longer_events
    open <- setdiff(names(tables$patients), c(schema_patients$column, taken))
    rows <- make(tables$patients[c(id, open)], own, id)
    names(rows)[names(rows) == id] <- "patient_id"
    attr(rows, "file") <- attr(patients, "file")
    used <- columns_of_patterns(open, own, name == "lesions")
    patients <- patients[!names(patients) %in% used]
    reading$columns[[name]] <- NULL
    tables[[name]] <- rows
  }
  attr(patients, "file") <- attr(tables$patients, "file")
  tables$patients <- patients
  list(tables = tables, reading = reading)
}

# The tables for which `columns` has patterns with #
wide_tables <- function(columns) {
  Filter(function(name) any(grepl("#", columns[[name]], fixed = TRUE, useBytes = TRUE)),
    c("lesions", "adverse_events")
  )
}

columns_of_patterns <- function(names, patterns, numbered) {
  patterns <- patterns[grepl("#", patterns, fixed = TRUE)]
  matched_columns(names, patterns, if (numbered) "[0-9]+" else ".+?")$name
}

# A file of patients that is a REDCap export also holds the other tables. Its record is
# then `patient_id`, so `columns` need not say so.
split_redcap <- function(tables, reading) {
  if (!is.data.frame(tables$patients) || !is_redcap(tables$patients)) {
    return(list(tables = tables, reading = reading))
  }
  own <- reading$columns$patients
  reading$columns$patients <- own[!(names(own) == "patient_id" &
    own == names(tables$patients)[1L])]
  parts <- lapply(redcap_tables(tables$patients), function(x) {
    attr(x, "file") <- attr(tables$patients, "file")
    x
  })
  tables <- c(parts, tables[!names(tables) %in% names(parts)])
  list(tables = tables, reading = reading)
}

# Finds columns of the patients that seem to hold lesions, in a study without lesions
check_unread_lesions <- function(tables) {
  if (!is.data.frame(tables$patients) || !is.null(tables$lesions)) return(no_problems)
  own <- setdiff(names(tables$patients), schema_patients$column)
  own <- own[!is.na(lesion_part(gsub("[0-9]+", " ", own))) & grepl("[0-9]", own)]
  columns <- tryCatch(guess_lesion_columns(own), oligosurv_error = function(e) NULL)
  if (length(columns) < 2L) return(no_problems)
  new_problems("patients", own[1L], NA, NA, sprintf(paste(
    "seems to be of a lesion, and the study has no table of lesions; to read %s, add",
    "columns = list(lesions = %s)"
  ), count_noun(length(own), "such column"), r_code(columns)), "warning")
}

# Names in `dates` and `impute` that no table has
check_option_names <- function(tables, reading) {
  known <- c(schema_all$column, unlist(lapply(tables, names)))
  found <- lapply(c("dates", "impute"), function(arg) {
    keys <- grep("$", names(reading[[arg]]), fixed = TRUE, value = TRUE)
    keys <- keys[!sub("^[^$]*[$]", "", keys) %in% known]
    if (!length(keys)) return(no_problems)
    table <- sub("[$].*", "", keys)
    table[!nzchar(table)] <- "patients"
    column <- sub("^[^$]*[$]", "", keys)
    near <- suggest_name(closest_name(column, unique(known)))
    new_problems(table, column, rep(NA, length(keys)), NA, paste0(sprintf(
      "is no column of the study, but `%s` names it; use the names of study_schema()", arg
    ), near), kind = "input")
  })
  bind_problems(found)
}
