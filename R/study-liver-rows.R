# Scores of the rows of the table liver_function.

# Child-Pugh points of the rows of liver_function from their values; NA if one is missing
computed_child_pugh <- function(x) {
  limits <- child_pugh_limits
  in_units <- function(quantity, points, columns) {
    by_unit <- Map(function(column, unit) {
      points(as.double(column_or_na(x, column)), limits[[quantity]][[unit]])
    }, columns, names(limits[[quantity]]))
    ifelse(is.na(by_unit[[1L]]), by_unit[[2L]], by_unit[[1L]])
  }
  sign <- function(column, levels) match(column_or_na(x, column), levels)
  in_units("bilirubin", rising_points, c("bilirubin_umol_l", "bilirubin_mg_dl")) +
    in_units("albumin", falling_points, c("albumin_g_l", "albumin_g_dl")) +
    rising_points(as.double(column_or_na(x, "inr")), limits$inr) +
    sign("ascites", ascites_levels) + sign("encephalopathy", encephalopathy_levels)
}

# The score of each row by which a decline is judged
liver_score <- function(x, decline) {
  if (decline == "child_pugh") {
    points <- computed_child_pugh(x)
    return(ifelse(is.na(points), column_or_na(x, "child_pugh"), points))
  }
  other <- function(column, factor, instead) {
    value <- as.double(column_or_na(x, column))
    ifelse(is.na(value), factor * as.double(column_or_na(x, instead)), value)
  }
  albi_grade(albi_score(
    other("albumin_g_l", 10, "albumin_g_dl"),
    other("bilirubin_umol_l", umol_per_mg, "bilirubin_mg_dl")
  ))
}
