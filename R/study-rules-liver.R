# Rules about the table liver_function. Each entry has the form of an entry of
# `study_rules`.

# A quantity is given in one unit.
one_unit_rule <- function(column, other) {
  study_rule("liver_function", c(column, other),
    sprintf("must be empty if `%s` is given", other),
    function(x, tables) !is.na(x[[column]]) & !is.na(x[[other]])
  )
}

liver_rules <- list(
  repeat_rule("liver_function", "test_date"),
  one_unit_rule("bilirubin_mg_dl", "bilirubin_umol_l"),
  one_unit_rule("albumin_g_dl", "albumin_g_l"),
  doubtful_rule("liver_function", "child_pugh",
    "differs from the points of the other columns, which are used",
    function(x, tables) {
      points <- computed_child_pugh(x)
      !is.na(points) & x$child_pugh != points
    }
  ),
  doubtful_rule("patients", c("patient_id", "sbrt_start"),
    "has rows in liver_function after `sbrt_start` only, so there is no baseline",
    function(x, tables) {
      tests <- tables$liver_function
      early <- as.numeric(tests$test_date) <= patient_day(tests, tables, "sbrt_start")
      tested <- tests$patient_id[!is.na(early)]
      x$patient_id %in% tested & !x$patient_id %in% tests$patient_id[which(early)]
    }, c(liver_function = "patient_id", liver_function = "test_date")
  )
)

# Warns if a column is probably in another unit than its name says.
check_liver_units <- function(tables) {
  x <- tables$liver_function
  columns <- c(bilirubin_umol_l = "umol/l", bilirubin_mg_dl = "mg/dl")
  lapply(names(columns), function(column) {
    value <- if (is.data.frame(x)) x[[column]]
    if (!is.numeric(value) || sum(!is.na(value)) < 3L) return(no_problems)
    unit <- columns[[column]]
    limits <- liver_units$bilirubin[[unit]]
    middle <- stats::median(value, na.rm = TRUE)
    if (middle >= limits["low"] && middle <= limits["high"]) return(no_problems)
    doubtful_column("liver_function", column, sprintf(
      "its median is %s, which is unusual in %s; if it is in %s, name it `%s`",
      format(middle), unit, setdiff(columns, unit), setdiff(names(columns), column)
    ))
  })
}
