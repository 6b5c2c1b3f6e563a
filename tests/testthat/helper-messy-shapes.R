# Tables of other shapes, which a function reshapes before sbrt_study(), for
# helper-messy.R.

# Writes one wide file of patients, and reads the tables that `reshape` makes from it
messy_shape <- function(wide, reshape, ...) {
  messy_form(
    write = function(tables, dir) {
      write_messy(list(wide = wide(tables)), dir)
      rest <- tables[c("patients", "lesions", "adverse_events")]
      write_messy(rest, dir)
    },
    read = function(dir, ...) {
      file <- function(name) {
        utils::read.csv(file.path(dir, paste0(name, ".csv")),
          colClasses = "character", check.names = FALSE
        )
      }
      reshape(file)
    }, ...
  )
}

wide_lesions <- function(tables) {
  x <- tables$patients
  for (i in 1:2) {
    one <- tables$lesions[tables$lesions$lesion_id == i, ]
    one <- one[match(x$patient_id, one$patient_id), ]
    for (column in setdiff(names(one), c("patient_id", "lesion_id"))) {
      x[[sprintf("L%d %s", i, column)]] <- one[[column]]
    }
  }
  x
}

lesion_patterns <- c(
  site = "L# site", dose_gy = "L# dose_gy", fractions = "L# fractions",
  diameter_mm = "L# diameter_mm", local_failure_date = "L# local_failure_date"
)

# A checkbox for each term, with its grade and date
box_events <- function(tables) {
  x <- tables$patients
  for (term in c("fatigue", "pain")) {
    one <- tables$adverse_events[tables$adverse_events$term == term, ]
    at <- match(x$patient_id, one$patient_id)
    x[[term]] <- ifelse(is.na(at), "Unchecked", "Checked")
    for (column in c("grade", "onset_date", "related")) {
      x[[paste(term, column)]] <- one[[column]][at]
    }
  }
  x
}

# One column of events and one column of their dates
event_log <- function(tables) {
  x <- tables$patients
  dead <- !is.na(x$death_date)
  pd <- !is.na(x$progression_date)
  keep <- setdiff(names(x), c("progression_date", "death_date", "last_contact"))
  rbind(
    cbind(x[keep], event = ifelse(dead, "Dead", "alive"), date = x$last_contact),
    cbind(x[pd, keep], event = "PD", date = x$progression_date[pd])
  )
}

# A REDCap export in which repeated forms have their own rows
messy_redcap <- function(tables) {
  rows <- Map(function(x, name) {
    keep <- setdiff(names(x), c("patient_id", "lesion_id"))
    at <- stats::ave(seq_len(nrow(x)), x$patient_id, FUN = seq_along)
    fields <- x[keep]
    names(fields) <- redcap_field(name, keep)
    repeated <- name != "patients"
    cbind(record_id = x$patient_id,
      redcap_repeat_instrument = if (repeated) name else "",
      redcap_repeat_instance = if (repeated) as.character(at) else "", fields
    )
  }, tables, names(tables))
  all <- unique(unlist(lapply(rows, names)))
  rows <- lapply(rows, function(x) {
    x[setdiff(all, names(x))] <- NA
    x[all]
  })
  result <- do.call(rbind, unname(rows))
  result[order(result$record_id), ]
}

messy_forms_shapes <- function() {
  list(
    `wide lesions` = messy_shape(wide_lesions, function(file) {
      patients <- file("wide")
      sbrt_study(patients[!grepl("^L[0-9]", names(patients))],
        longer_lesions(patients, lesion_patterns), file("adverse_events")
      )
    }),
    `boxes of adverse events` = messy_shape(box_events, function(file) {
      sbrt_study(file("patients"), file("lesions"), longer_events(file("wide"),
        c(checked = "#", grade = "# grade", onset_date = "# onset_date",
          related = "# related"), terms = c("fatigue", "pain")
      ))
    }),
    `events and one column of dates` = messy_shape(event_log, function(file) {
      patients <- wider_dates(file("wide"), "event", "date", list(
        dead = c("death_date", "last_contact"), alive = "last_contact",
        pd = "progression_date"
      ))
      sbrt_study(patients, file("lesions"), file("adverse_events"))
    }),
    `rows of REDCap` = messy_form(
      write = function(tables, dir) {
        write_messy(list(export = messy_redcap(tables)), dir)
      },
      read = function(dir, ...) read_study(file.path(dir, "export.csv"))
    ),
    `wide lesions as patients` = messy_form(
      write = function(tables, dir) {
        tables$patients <- wide_lesions(tables)
        write_messy(tables[c("patients", "adverse_events")], dir)
      }, args = list(columns = list(lesions = lesion_patterns))
    ),
    `events and one date as patients` = messy_form(
      write = function(tables, dir) {
        tables$patients <- event_log(tables)
        write_messy(tables, dir)
      }, message = "wider_dates"
    ),
    `grade 0` = messy_form(
      function(tables) with_cell(tables, "adverse_events", "grade", 1L, "0"),
      but = function(tables) with_cell(tables, "adverse_events", "grade", 1L, "0")
    ),
    `an event before SBRT` = messy_form(
      function(tables) {
        with_cell(tables, "adverse_events", "onset_date", 1L, "2020-01-02")
      },
      but = function(tables) {
        with_cell(tables, "adverse_events", "onset_date", 1L, "2020-01-02")
      }, says = "baseline"
    )
  )
}
