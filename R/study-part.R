# The tables of a study that a result needs.

# Returns a table of the study, or stops if it lacks columns that the result needs.
study_table <- function(study, name, columns, what) {
  if (is.null(study[[name]])) {
    stop_oligosurv("input", sprintf(
      "the study has no table %s, but %s needs it; add it to the study", name, what
    ), table = name)
  }
  if (!is.data.frame(study[[name]])) {
    stop_oligosurv("input", sprintf(
      "the table %s of the study must be a data frame; it is %s; create the study again",
      name, describe(study[[name]])
    ), table = name)
  }
  check_frame_columns(study[[name]], sprintf("study$%s", name))
  absent <- setdiff(columns, names(study[[name]]))
  if (length(absent)) {
    them <- if (length(absent) == 1L) "it" else "them"
    stop_oligosurv("input", sprintf(
      "the table %s has no %s, but %s needs %s; add %s to the study", name,
      join_words(sprintf("column `%s`", absent), "or"), what, them, them
    ), table = name, column = absent)
  }
  study[[name]]
}
