# Groups with labels that the study chooses, for helper-messy.R.

messy_forms_groups <- function() {
  arms <- function(...) {
    function(tables) {
      tables$patients$cohort <- c(...)
      tables$patients$strategy <- NULL
      tables
    }
  }
  list(
    `SABR and control` = messy_form(
      arms("SABR", "control", "control", "SABR", "Control", "SABR"),
      but = arms("SABR", "Control", "Control", "SABR", "Control", "SABR"),
      says = "label differs only in capitals"
    ),
    `a third cohort` = messy_form(
      arms("OP", "OM", "oligopersistence", "OP", "OM", "OM"),
      but = arms("OP", "OM", "oligopersistence", "OP", "OM", "OM")
    ),
    `codes of three cohorts` = messy_form(
      arms("1", "2", "3", "1", "2", "2"),
      list(levels = list(cohort = c("1" = "OP", "2" = "OM", "3" = "OPS"))),
      but = arms("OP", "OM", "OPS", "OP", "OM", "OM")
    )
  )
}
