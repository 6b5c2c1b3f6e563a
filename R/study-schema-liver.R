# The table liver_function in the schema of a study; a function, because study-schema.R is
# loaded later.

schema_liver <- function() {
  table <- "liver_function"
  measured <- function(column, quantity, unit, needed_for, description) {
    limits <- liver_units[[quantity]][[unit]]
    schema_column(table, column, "number", "optional", needed_for, description, unit,
      lower = format(limits[["lower"]]), upper = format(limits[["upper"]])
    )
  }
  sign <- function(column, levels, description) {
    schema_column(table, column, "category", "optional", "liver_decline", description,
      allowed = paste(levels, collapse = "|")
    )
  }
  rbind(
    schema_owner(table, "test"),
    schema_column(table, "test_date", "date", "value", "liver_decline",
      "Day of the blood sample and examination; the last one up to SBRT is the baseline"
    ),
    measured("bilirubin_umol_l", "bilirubin", "umol/l", "liver_decline",
      "Total bilirubin in umol/l; empty if it is in bilirubin_mg_dl"
    ),
    measured("bilirubin_mg_dl", "bilirubin", "mg/dl", "liver_decline",
      "Total bilirubin in mg/dl; empty if it is in bilirubin_umol_l"
    ),
    measured("albumin_g_l", "albumin", "g/l", "liver_decline",
      "Albumin in g/l; empty if it is in albumin_g_dl"
    ),
    measured("albumin_g_dl", "albumin", "g/dl", "liver_decline",
      "Albumin in g/dl; empty if it is in albumin_g_l"
    ),
    schema_column(table, "inr", "number", "optional", "liver_decline",
      "International normalized ratio of the prothrombin time",
      lower = format(inr_range[1L]), upper = format(inr_range[2L])
    ),
    sign("ascites", ascites_levels,
      "slight: also if controlled by diuretics; moderate: or more, or refractory"
    ),
    sign("encephalopathy", encephalopathy_levels,
      "Hepatic encephalopathy by its grade (West Haven)"
    ),
    schema_column(table, "child_pugh", "whole", "optional", "liver_decline",
      "Child-Pugh points as recorded, used where they cannot be computed",
      lower = "5", upper = "15"
    )
  )
}
