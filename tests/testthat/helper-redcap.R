# A study in the form of a REDCap export: one file for all forms. A field is empty in rows
# of other forms.

# `raw`: TRUE to write the codes of choices, FALSE to write their labels.
redcap_export <- function(study, raw = TRUE) {
  dictionary <- redcap_dictionary()
  fields <- dictionary[[1L]]
  rows <- lapply(intersect(names(redcap_prefix), names(study)), function(name) {
    x <- as.data.frame(study[[name]])
    if (is.null(study[[name]]) || !nrow(x)) return(NULL)
    part <- as.data.frame(matrix("", nrow(x), length(fields) + 2L))
    names(part) <- c("redcap_repeat_instrument", "redcap_repeat_instance", fields)
    for (column in intersect(names(x), schema_all$column[schema_all$table == name])) {
      text <- as.character(x[[column]])
      text[is.na(text)] <- ""
      # a category is a field with choices; a group with arbitrary labels is a text field
      spec <- schema_all[schema_all$table == name & schema_all$column == column, ]
      if (raw && nzchar(spec$allowed)) text <- redcap_code(text)
      field <- if (column == "patient_id") column else redcap_field(name, column)
      part[[field]] <- text
    }
    if (name != "patients") {
      part$redcap_repeat_instrument <- if (raw) name else sentence_case(name)
      part$redcap_repeat_instance <- as.character(
        stats::ave(seq_len(nrow(x)), x$patient_id, FUN = seq_along)
      )
    }
    part[[paste0(name, "_complete")]] <- "2"
    part
  })
  rows <- Filter(Negate(is.null), rows)
  all <- unique(unlist(lapply(rows, names)))
  all <- c("patient_id", setdiff(all, "patient_id"))
  rows <- do.call(rbind, lapply(rows, function(part) {
    part[setdiff(all, names(part))] <- ""
    part[all]
  }))
  rows[order(match(rows$patient_id, study$patients$patient_id)), ]
}
