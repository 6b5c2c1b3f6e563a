# Rules about more than one cell, except for orders of days (see study-orders.R). Each
# rule is one entry of `study_rules`.

study_rules <- list(
  study_rule("patients", c("last_contact", "death_date"),
    "must not be empty without a `death_date`",
    function(x, tables) {
      none <- is.na(x$last_contact) & is.na(x$death_date)
      # a study with times and statuses needs no dates: both columns may be empty
      if (all(none) && nrow(find_pairs(tables))) FALSE else none
    }
  ),
  study_rule("patients", c("strategy", "cohort"),
    "must be empty for patients in cohort OM",
    function(x, tables) x$cohort %in% "OM" & x$strategy %in% known_groups$strategy
  ),
  study_rule("patients", "patient_id", "has no row in the table lesions",
    function(x, tables) {
      if (nrow(tables$lesions) == 0L) return(FALSE)
      !is.na(x$patient_id) & !x$patient_id %in% tables$lesions$patient_id
    }, "warning", c(lesions = "patient_id")
  ),
  study_rule("patients", "patient_id", "differs from another id only in capital letters",
    function(x, tables) same_but_case(x$patient_id), "warning"
  ),
  study_rule("patients", c("best_change_pct", "best_response"),
    "is above 0 (growth), although `best_response` is CR or PR",
    function(x, tables) x[["best_response"]] %in% c("CR", "PR") & x$best_change_pct > 0,
    "warning"
  ),
  study_rule("lesions", c("best_change_pct", "best_response"),
    "is above 0 (growth), although `best_response` is CR or PR",
    function(x, tables) x[["best_response"]] %in% c("CR", "PR") & x$best_change_pct > 0,
    "warning"
  ),
  study_rule("lesions", c("sbrt_start", "patient_id"),
    "must not be before `sbrt_start` of the patient",
    function(x, tables) {
      as.numeric(x$sbrt_start) < as.numeric(patient_value(x, tables, "sbrt_start"))
    }, needs = c(patients = "patient_id", patients = "sbrt_start")
  ),
  repeat_rule("adverse_events", "term"),
  study_rule("adverse_events", c("term", "grade"),
    "must not be empty unless `grade` is 0",
    function(x, tables) is.na(x$term) & !x$grade %in% 0L
  ),
  study_rule("adverse_events", c("grade", "patient_id"),
    "is 5 (death), but the patient has no `death_date`",
    function(x, tables) {
      x$grade == 5L & x$patient_id %in% tables$patients$patient_id &
        is.na(patient_value(x, tables, "death_date"))
    }, "warning", c(patients = "patient_id", patients = "death_date")
  ),
  study_rule("lesions", c("ptv_near_min_gy", "ptv_d50_gy"),
    "must not be above `ptv_d50_gy`",
    function(x, tables) x$ptv_near_min_gy > x$ptv_d50_gy
  ),
  study_rule("lesions", c("ptv_near_max_gy", "ptv_d50_gy"),
    "must not be below `ptv_d50_gy`",
    function(x, tables) x$ptv_near_max_gy < x$ptv_d50_gy
  ),
  repeat_rule("courses", "course"),
  study_rule("courses", c("course", "patient_id", "start_date"),
    "begins before an earlier course of the patient",
    function(x, tables) begins_too_early(x, "course")
  ),
  study_rule("courses", c("lesion_id", "patient_id"),
    "must be a lesion_id of this patient in the table lesions", unknown_lesion,
    needs = c(lesions = "patient_id", lesions = "lesion_id"), kind = "data"
  ),
  study_rule("assessments", c("lesion_id", "patient_id"),
    "must be a lesion_id of this patient in the table lesions", unknown_lesion,
    needs = c(lesions = "patient_id", lesions = "lesion_id"), kind = "data"
  ),
  study_rule("assessments", c("lesion_id", "patient_id", "assessment_date"),
    "each lesion must have at most one row per day", measured_twice,
    kind = "data"
  ),
  study_rule("assessments", c("other_lesion", "lesion_id"),
    "must be empty if `lesion_id` is given",
    function(x, tables) !is.na(x$other_lesion) & !is.na(x$lesion_id)
  ),
  study_rule("assessments", c("viable_mm", "diameter_mm"),
    "must not be above `diameter_mm`",
    function(x, tables) x$viable_mm > x$diameter_mm
  ),
  study_rule("assessments", c("role", "patient_id", "assessment_date"),
    "is new at or before the start of SBRT, so it does not count as a new lesion",
    function(x, tables) {
      x$role == "new" & x$assessment_date <= patient_value(x, tables, "sbrt_start")
    }, "warning", c(patients = "patient_id", patients = "sbrt_start")
  ),
  study_rule("assessments", c("n_lesions", "role"), "must be empty unless `role` is new",
    function(x, tables) !is.na(x$n_lesions) & !x$role %in% "new"
  ),
  study_rule("assessments", c("status", "role"),
    "must be empty unless `role` is non-target",
    function(x, tables) !is.na(x$status) & !x$role %in% "non-target"
  ),
  repeat_rule("therapies", "line"),
  study_rule("therapies", c("line", "patient_id", "start_date"),
    "begins before an earlier line of the patient",
    function(x, tables) begins_too_early(x, "line")
  )
)

# Applies all rules. A rule skips rows in which a cell that it reads has an error in
# `known`, because such a cell has no value.
check_conditions <- function(tables, known) {
  rules <- c(study_rules, doubtful_rules, response_rules, source_rules, liver_rules)
  lapply(rules, function(rule) {
    x <- tables[[rule$table]]
    applies <- has_columns(x, rule$columns) && nrow(x) > 0L &&
      all(mapply(has_columns, tables[names(rule$needs)], rule$needs))
    if (!applies) return(no_problems)
    unreadable <- known$table == rule$table & known$severity == "error" &
      (isTRUE(rule$whole) | known$column %in% rule$columns)
    bad <- polled(rule$bad(x, tables)) & !seq_len(nrow(x)) %in% known$row[unreadable]
    column <- rule$columns[1L]
    problems_where(bad, rule$table, column, x[[column]], rule$rule, rule$severity,
      rule$kind
    )
  })
}

# A column may have its unit as the attribute `units`. A unit other than that of the
# schema would make every number wrong.
check_units <- function(x, name, spec) {
  spec <- spec[nzchar(spec$unit) & spec$column %in% names(x), ]
  found <- lapply(seq_len(nrow(spec)), function(i) {
    unit <- column_attribute(x[[spec$column[i]]], "units")
    if (is.null(unit) || identical(as.character(unit), spec$unit[i])) return(NULL)
    new_problems(name, spec$column[i],
      value = paste(unit, collapse = " "),
      rule = sprintf("must be in %s; the attribute `units` says otherwise", spec$unit[i])
    )
  })
  bind_problems(found)
}
