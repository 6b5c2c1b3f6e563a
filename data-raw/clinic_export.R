# Writes inst/extdata/clinic_export: the patients of hcc_sbrt as a clinic's spreadsheet
# would hold them, for the article that starts from it. One sheet with a title, two lines
# of names, codes, units in cells, days as dd/mm/yyyy, lesions side by side and a line of
# totals; and a log of toxicity. Run from the top folder: Rscript data-raw/clinic_export.R
folder <- "inst/extdata/hcc_sbrt"
read <- function(name) {
  utils::read.csv(file.path(folder, name), colClasses = "character", na.strings = "")
}
patients <- read("patients.csv")
lesions <- read("lesions.csv")
events <- read("adverse_events.csv")

day <- function(x) format(as.Date(x), "%d/%m/%Y")
shown <- function(x, otherwise = "") ifelse(is.na(x), otherwise, x)
comma <- function(x) sub(".", ",", x, fixed = TRUE)
response <- c(
  CR = "Complete response", PR = "Partial response", SD = "stable disease",
  PD = "Progressive disease", NE = "not evaluable"
)

sheet <- data.frame(
  "Hosp. no." = patients$patient_id,
  Group = c(OP = "1", OM = "2")[patients$cohort],
  "Systemic plan" = shown(
    c("OP-N" = "switched", "OP-C" = "continued")[patients$strategy]
  ),
  "RT start" = day(patients$sbrt_start),
  Progression = shown(day(patients$progression_date), "-"),
  "Date of death" = shown(day(patients$death_date), "-"),
  "Last FU" = day(patients$last_contact),
  Response = shown(response[patients$best_response]),
  "Best change" = shown(paste(comma(patients$best_change_pct), "%")),
  check.names = FALSE
)
sheet[["Best change"]][is.na(patients$best_change_pct)] <- ""
number <- stats::ave(seq_len(nrow(lesions)), lesions$patient_id, FUN = seq_along)
most <- max(number)
for (k in seq_len(most)) {
  l <- lesions[number == k, ]
  l <- l[match(patients$patient_id, l$patient_id), ]
  gone <- is.na(l$lesion_id)
  block <- data.frame(
    site = shown(l$site), dose = ifelse(gone, "", paste(l$dose_gy, "Gy")),
    fx = shown(l$fractions),
    size = ifelse(is.na(l$diameter_mm), "",
      paste(comma(format(as.numeric(l$diameter_mm) / 10, trim = TRUE)), "cm")),
    response = shown(response[l$best_response]),
    change = ifelse(is.na(l$best_change_pct), "", comma(l$best_change_pct)),
    failure = ifelse(gone, "", shown(day(l$local_failure_date)))
  )
  names(block) <- sprintf("L%d %s", k,
    c("site", "dose", "fx", "size", "response", "change", "failure")
  )
  sheet <- cbind(sheet, block)
}

line <- function(cells) paste(cells, collapse = ";")
hints <- c(
  "", "1 = OP, 2 = OM", "", "dd/mm/yyyy", "dd/mm/yyyy", "dd/mm/yyyy", "dd/mm/yyyy", "",
  "%", rep(c("", "Gy", "", "cm", "", "%", "dd/mm/yyyy"), most)
)
title <- c("SBRT for HCC, export of 30/06/2024", rep("", ncol(sheet) - 1L))
total <- c("Total", as.character(nrow(sheet)), rep("", ncol(sheet) - 2L))
dir.create("inst/extdata/clinic_export", showWarnings = FALSE)
writeLines(c(
  line(title), line(names(sheet)), line(hints),
  apply(sheet, 1L, function(row) line(shown(row))), line(total)
), "inst/extdata/clinic_export/cohort.csv")

log <- data.frame(
  "Hosp. no." = events$patient_id, Toxicity = paste0(
    toupper(substr(events$term, 1, 1)), substring(events$term, 2)
  ),
  CTCAE = paste("Grade", events$grade), Onset = day(events$onset_date),
  check.names = FALSE
)
# Half of the terms are typed in small letters, as several people did the typing.
odd <- seq_len(nrow(log)) %% 2L == 0L
log$Toxicity[odd] <- events$term[odd]
writeLines(c(line(names(log)), apply(log, 1L, line)),
  "inst/extdata/clinic_export/toxicity.csv"
)
