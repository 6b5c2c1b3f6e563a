# Tables that are inside another one: lesions and adverse events side by side in the rows
# of the patients, as patterns in `columns` say, and all tables in one REDCap export.

# Makes the tables whose names in `columns` are patterns with #, as in c(dose_gy =
# "L# dose"), from the patients, who then lose those columns. The names need no further
# mapping, so the patterns are taken out of `reading`.
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

# A file of patients that is a REDCap export holds the other tables, too.
split_redcap <- function(tables) {
  if (!is.data.frame(tables$patients) || !is_redcap(tables$patients)) return(tables)
  parts <- lapply(redcap_tables(tables$patients), function(x) {
    attr(x, "file") <- attr(tables$patients, "file")
    x
  })
  c(parts, tables[!names(tables) %in% names(parts)])
}
