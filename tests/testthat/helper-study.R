# A small study whose endpoints can be followed by hand; 2021 and 2022 have 365 days.
small_tables <- function() {
  list(
    patients = data.frame(
      patient_id = c("A", "B", "C", "D"),
      cohort = c("OP", "OP", "OM", "OP"),
      strategy = c("OP-N", "OP-C", NA, "OP-C"),
      sbrt_start = "2021-01-01",
      progression_date = c("2021-01-01", "2021-04-11", NA, NA),
      death_date = c("2021-07-20", NA, NA, "2021-01-31"),
      last_contact = c("2021-07-20", "2022-01-01", "2021-04-11", NA),
      best_response = c("PR", "SD", "CR", "NE"),
      best_change_pct = c("-40.5", "10", "-100", NA)
    ),
    lesions = data.frame(
      patient_id = c("A", "A", "B", "C", "D"), lesion_id = c("1", "2", "1", "1", "1"),
      site = "lung", dose_gy = "50", fractions = "5", diameter_mm = "20.5",
      best_response = c("PR", "SD", "SD", "CR", "NE"),
      local_failure_date = c("2021-03-02", "2021-02-20", NA, NA, NA)
    ),
    adverse_events = data.frame(
      patient_id = c("A", "A", "B"), term = c("fatigue", "fatigue", "rib fracture"),
      grade = c("1", "3", "2"), onset_date = c("2021-01-01", "2021-04-01", "2021-04-02")
    )
  )
}

small_study <- function(...) do.call(sbrt_study, c(small_tables(), list(...)))

write_tables <- function(tables, separator = ",", frame = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = frame)
  for (name in names(tables)) {
    utils::write.table(tables[[name]], file.path(dir, paste0(name, ".csv")),
      sep = separator, row.names = FALSE, na = "", qmethod = "double"
    )
  }
  dir
}
