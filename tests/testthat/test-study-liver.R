# Which sites are in the liver: words, exceptions, sites of the user.

test_that("sites that name the liver are in it, unless a word places them beside", {
  inside <- c(
    "liver", "Liver", " LIVER ", "liver segment 8", "Liver S8", "liver_s8",
    "left lobe of liver", "hepatic segment IVb", "Leber", "foie", "higado",
    "h\u00edgado", "fegato", "\u809d"
  )
  outside <- c(
    "lung", "bone", "extrahepatic", "extra-hepatic", "perihepatic", "porta hepatis",
    "hepatic hilum", "lymph node, hepatic artery", "outside the liver", "near liver",
    "non-liver", "hepatic flexure", "segment 8", "S8", "other", "\u809d\u95e8\u6dcb\u5df4"
  )
  expect_identical(in_liver(inside), rep(TRUE, length(inside)))
  expect_identical(in_liver(outside), rep(FALSE, length(outside)))
  expect_identical(in_liver(c(NA, "", "liver")), c(NA, NA, TRUE))
  expect_identical(in_liver(factor(c("lung", "liver"))), c(FALSE, TRUE))
  expect_identical(in_liver(c("S8", "liver", "left  Lobe"), c("s8", "left lobe")),
    c(TRUE, FALSE, TRUE)
  )
})

test_that("endpoints show how sites were read, and take the sites of the user", {
  study <- lone_study(list(progression_date = lone_day(60)), assessments = rbind(
    lone_new(60, "X1", site = "Liver S8"), lone_new(90, "X2", site = "S5"),
    lone_new(120, "X3", site = "lung")
  ))
  inside <- endpoint(study, "intrahepatic_failure", unit = "days")
  expect_identical(paste(inside$time, inside$status), "60 intrahepatic failure")
  expect_match(attr(inside, "rule"),
    "read as liver: \"Liver S8\"; as elsewhere: \"S5\", \"lung\"",
    fixed = TRUE
  )
  expect_identical(lone_times(study, "extrahepatic_failure"), "90 extrahepatic failure")
  own <- c("S5", "liver s8")
  expect_identical(
    lone_times(study, "extrahepatic_failure", liver = own), "120 extrahepatic failure"
  )
  expect_identical(
    lone_times(study, "intrahepatic_failure", liver = "s5"), "90 intrahepatic failure"
  )
  input <- "oligosurv_error_input"
  expect_error(endpoint(study, "os", liver = "S5"), "`liver`", class = input)
  expect_error(endpoint(study, "intrahepatic_failure", liver = 8), "`liver`",
    class = input
  )
})

test_that("a site that names the liver, but is read as elsewhere, is a finding", {
  found <- function(site) {
    study <- lone_study(list(progression_date = lone_day(60)),
      assessments = lone_new(60, "X", site = site)
    )
    study_problems(study)$rule
  }
  expect_match(found("near the liver"), "names the liver, but is read as outside")
  for (site in c("liver S8", "lung", "extrahepatic", "lymph node of the liver")) {
    expect_identical(found(site), character())
  }
})
