# Untidy exports of one study of six patients, as spreadsheets, registries and statistics
# programs write them. All of them hold the same values, so each must give the study that
# the tidy tables give. `messy_forms()` collects the forms of every function named
# messy_forms_<topic>, so a topic with many forms has a file helper-messy-<topic>.R.

messy_tables <- function() {
  id <- sprintf("%03d", 1:6)
  list(
    patients = data.frame(
      patient_id = id, cohort = c("OP", "OP", "OM", "OP", "OM", "OM"),
      strategy = c("OP-N", "OP-C", NA, "OP-N", NA, NA),
      sbrt_start = c(
        "2020-01-15", "2020-02-20", "2020-03-25", "2020-04-13", "2020-05-18", "2020-06-22"
      ),
      progression_date = c("2020-08-17", NA, NA, "2020-10-14", NA, NA),
      death_date = c("2021-01-20", NA, NA, NA, NA, NA),
      last_contact = c(
        "2021-01-20", "2022-01-31", "2022-02-28", "2022-03-15", "2022-04-16", "2022-05-17"
      ),
      best_response = c("PR", "SD", "CR", "PR", "SD", NA),
      best_change_pct = c("-40.5", "10", "-100", "-35.25", "5", NA)
    ),
    lesions = data.frame(
      patient_id = id[c(1, 1, 2, 3, 4, 5, 6)],
      lesion_id = c("1", "2", "1", "1", "1", "1", "1"),
      site = "lung", dose_gy = "50", fractions = "5",
      diameter_mm = c("20.5", "30", "12", "15", "25", "18", "40"),
      local_failure_date = c("2020-08-17", NA, NA, NA, NA, NA, NA)
    ),
    adverse_events = data.frame(
      patient_id = id[c(1, 2, 4)], term = c("fatigue", "pain", "fatigue"),
      grade = c("1", "3", "2"),
      onset_date = c("2020-01-16", "2020-04-13", "2020-05-14"),
      related = c("yes", "no", "yes")
    )
  )
}

# One form. `change` makes the untidy tables from the tidy ones, and `write` their files;
# `args` are additional arguments of read_study(); `but` makes the expected tables from
# the tidy ones if a value differs. A form that cannot be read has the `message` of its
# error. `says`: a part of the note or warning. `advice = TRUE`: without `args` the error
# suggests a call that reads the form. `read`: the function that reads the form, if not
# read_study() alone.
messy_form <- function(change = identity, args = list(), write = write_messy,
                       but = identity, message = NULL, says = NULL, advice = FALSE,
                       read = read_study) {
  list(
    change = change, args = args, write = write, but = but, message = message,
    says = says, advice = advice, read = read
  )
}

write_messy <- function(tables, dir, ...) {
  for (name in names(tables)) {
    utils::write.csv(tables[[name]], file.path(dir, paste0(name, ".csv")),
      row.names = FALSE, na = "", ...
    )
  }
}

# Changes the lines of the file of patients
with_lines <- function(change, table = "patients") {
  function(tables, dir) {
    write_messy(tables, dir)
    file <- file.path(dir, paste0(table, ".csv"))
    writeLines(change(readLines(file)), file)
  }
}

# Replaces the values of a column by a named vector
recode <- function(table, column, words) {
  function(tables) {
    old <- tables[[table]][[column]]
    new <- unname(words[old])
    tables[[table]][[column]] <- ifelse(is.na(new), old, new)
    tables
  }
}

# Fills the empty cells of a column
fill_empty <- function(table, column, word) {
  function(tables) {
    empty <- is.na(tables[[table]][[column]])
    tables[[table]][[column]][empty] <- word
    tables
  }
}

rename <- function(...) {
  words <- c(...)
  function(tables) {
    at <- match(words, names(tables$patients))
    names(tables$patients)[at] <- names(words)
    tables
  }
}

# Untidy words, codes and numbers
messy_forms_values <- function() {
  cohort <- function(...) recode("patients", "cohort", c(...))
  best <- function(...) recode("patients", "best_response", c(...))
  related <- function(...) recode("adverse_events", "related", c(...))
  list(
    `small letters` = messy_form(function(tables) {
      tables$patients$cohort <- tolower(tables$patients$cohort)
      small <- tolower(tables$patients$best_response)
      tables$patients$best_response <- sprintf(" %s ", small)
      tables$patients$best_response[6] <- ""
      tables
    }),
    `no-break blanks` = messy_form(cohort(OP = "OP\u00a0", OM = "\u00a0Om")),
    `codes 1 and 2` = messy_form(cohort(OP = "1", OM = "2"),
      list(levels = list(cohort = c("1" = "OP", "2" = "OM")))
    ),
    `code, label` = messy_form(cohort(OP = "1, OP", OM = "2, OM")),
    `code = label` = messy_form(cohort(OP = "1 = OP", OM = "2 = OM")),
    `long responses` = messy_form(best(
      PR = "Partial response", SD = "stable disease", CR = "COMPLETE RESPONSE"
    )),
    `responses with their meaning` = messy_form(best(
      PR = "PR (partial response)", SD = "SD (stable disease)"
    )),
    `responses in German` = messy_form(best(PR = "teilweise", SD = "stabil", CR = "weg"),
      list(levels = list(patients = list(best_response = c(
        teilweise = "partial response", stabil = "SD", weg = "CR"
      ))))
    ),
    `1 and 0` = messy_form(related(yes = "1", no = "0")),
    `Y and N` = messy_form(related(yes = "Y", no = "N")),
    `YES and NO` = messy_form(related(yes = "YES", no = "No")),
    `ja and nein` = messy_form(related(yes = "ja", no = "Nein")),
    `oui and non` = messy_form(related(yes = "Oui", no = "non")),
    `Portuguese words` = messy_form(related(yes = "Sim", no = "N\u00e3o")),
    `TRUE and FALSE` = messy_form(related(yes = "TRUE", no = "FALSE")),
    `x and empty` = messy_form(related(yes = "x", no = ""),
      list(levels = list(related = c(x = "yes", "(empty)" = "no")))
    ),
    `a word for the missing answer` = messy_form(related(no = "maybe"),
      list(levels = list(related = c(maybe = NA))),
      but = function(tables) with_cell(tables, "adverse_events", "related", 2, NA),
      advice = TRUE
    ),
    `Grade 2` = messy_form(function(tables) {
      tables$adverse_events$grade <- c("Grade 1", "G3", "CTCAE grade 2")
      tables
    }),
    `50 Gy in 5 fx` = messy_form(function(tables) {
      tables$lesions$dose_gy <- c(
        "50 Gy", "50Gy", "5000 cGy", "50 Gray", "50", "50.0", "50"
      )
      tables$lesions$fractions <- c("5 fx", "5 fractions", "5", "5", "5", "5", "5")
      tables
    }, says = "converted from cGy to Gy"),
    `2.5 cm` = messy_form(function(tables) {
      tables$lesions$diameter_mm <- paste(
        as.numeric(tables$lesions$diameter_mm) / 10, "cm"
      )
      tables
    }, says = "converted from cm to mm"),
    `95 %` = messy_form(function(tables) {
      tables$patients$best_change_pct <- paste0(tables$patients$best_change_pct, " %")
      tables$patients$best_change_pct[6] <- NA
      tables
    }),
    `another unit` = messy_form(function(tables) {
      with_cell(tables, "lesions", "dose_gy", 2, "50 MeV")
    }, message = "unit \"MeV\" is not understood here: write the number in Gy"),
    `decimal commas` = messy_form(function(tables) {
      tables$patients$best_change_pct <- sub(".", ",", tables$patients$best_change_pct,
        fixed = TRUE
      )
      tables
    }, says = "read with a decimal comma"),
    `thousands separators` = messy_form(function(tables) {
      with_cell(tables, "lesions", "diameter_mm", 2, "1,030.5")
    }, message = "without a thousands separator"),
    `a minus sign of word processors` = messy_form(function(tables) {
      tables$patients$best_change_pct <- sub("-", "\u2212",
        tables$patients$best_change_pct
      )
      tables
    })
  )
}

# Words for empty cells
messy_forms_missing <- function() {
  declared <- function(table, column, word) {
    messy_form(fill_empty(table, column, word), list(missing = word))
  }
  list(
    `a hyphen` = messy_form(function(tables) {
      tables <- fill_empty("patients", "best_change_pct", "-")(tables)
      fill_empty("patients", "best_response", "n/a")(tables)
    }, says = "seems to mean a missing value and is read as empty"),
    `-99` = declared("patients", "best_change_pct", "-99"),
    `the number -99` = messy_form(fill_empty("patients", "best_change_pct", "-99"),
      list(missing = -99)
    ),
    `9999-12-31` = declared("patients", "death_date", "9999-12-31"),
    `1900-01-01` = declared("patients", "progression_date", "1900-01-01"),
    `##USER_MISSING_95##` = messy_form(
      fill_empty("patients", "best_response", "##USER_MISSING_95##"),
      list(missing = "##USER_MISSING_95##"), advice = TRUE
    ),
    unknown = messy_form(fill_empty("patients", "best_response", "Unknown"),
      list(missing = "unknown"), advice = TRUE
    )
  )
}

# Untidy lines and columns around the table, separators and encodings
messy_forms_layout <- function() {
  separated <- function(separator) {
    function(tables, dir) {
      for (name in names(tables)) {
        utils::write.table(tables[[name]], file.path(dir, paste0(name, ".csv")),
          sep = separator, quote = FALSE, row.names = FALSE, na = ""
        )
      }
    }
  }
  list(
    tidy = messy_form(),
    `a title above the names` = messy_form(write = with_lines(function(lines) {
      c("Outcome of our patients,,,,,,,,", "", lines)
    }), says = "above the column names is not read \\(found \"Outcome of our"),
    `a merged heading` = messy_form(write = with_lines(function(lines) {
      c("Patient,,,Dates,,,,Response,", lines)
    }), says = "above the column names"),
    `a line of units` = messy_form(write = with_lines(function(lines) {
      c(lines[1], ",,,yyyy-mm-dd,yyyy-mm-dd,yyyy-mm-dd,yyyy-mm-dd,RECIST,%", lines[-1])
    }), says = "below the column names has no values"),
    `a line of descriptions` = messy_form(write = with_lines(function(lines) {
      c(lines[1], "Number,Cohort,Strategy,First day,First PD,Death,Last visit,BOR,Change",
        lines[-1])
    }), says = "below the column names has no values"),
    `a total below` = messy_form(write = with_lines(function(lines) {
      c(lines, ",,,,,,,,", "Total,6,3,,2,1,,5,")
    }), says = "at the end is not data"),
    `n = 6 below` = messy_form(write = with_lines(function(lines) c(lines, "n = 6")),
      says = "at the end is not data"
    ),
    `a remark below` = messy_form(write = with_lines(function(lines) {
      c(lines, "Source: registry of the department,,,,,,,,")
    }), says = "at the end is not data"),
    `row names of write.csv()` = messy_form(write = function(tables, dir) {
      for (name in names(tables)) {
        utils::write.csv(tables[[name]], file.path(dir, paste0(name, ".csv")), na = "")
      }
    }, says = "the first column has no name and numbers the rows"),
    `row names of write.table()` = messy_form(write = function(tables, dir) {
      for (name in names(tables)) {
        utils::write.table(tables[[name]], file.path(dir, paste0(name, ".txt")),
          sep = "\t", na = ""
        )
      }
    }, says = "the first column has no name and numbers the rows"),
    semicolons = messy_form(function(tables) {
      tables$patients$best_change_pct <- sub(".", ",", tables$patients$best_change_pct,
        fixed = TRUE
      )
      tables$lesions$diameter_mm <- sub(".", ",", tables$lesions$diameter_mm,
        fixed = TRUE
      )
      tables
    }, write = separated(";")),
    `a comma in a name` = messy_form(function(tables) {
      tables$patients[["comment, free"]] <- "none"
      tables
    }, write = separated(";")),
    tabs = messy_form(write = separated("\t")),
    `sep=;` = messy_form(write = function(tables, dir) {
      separated(";")(tables, dir)
      for (file in list.files(dir, full.names = TRUE)) {
        writeLines(c("sep=;", readLines(file)), file)
      }
    }),
    `Latin-1` = messy_form(function(tables) {
      tables$lesions$site[1] <- "L\u00fcnge"
      tables
    }, write = function(tables, dir) write_messy(tables, dir, fileEncoding = "latin1"),
    but = function(tables) with_cell(tables, "lesions", "site", 1, "L\u00fcnge"),
    says = "is read as Latin-1"),
    `UTF-16` = messy_form(write = function(tables, dir) {
      write_messy(tables, dir, fileEncoding = "UTF-16LE")
    }),
    `merged cells of a CSV file` = messy_form(
      function(tables) with_cell(tables, "lesions", "patient_id", 2, NA),
      message = "must not be empty; if the id is only in the first row .* copy it"
    )
  )
}

# Other names of columns, and columns outside the schema
messy_forms_columns <- function() {
  list(
    record_id = messy_form(rename(record_id = "patient_id"),
      list(columns = list(patients = c(patient_id = "record_id"))), advice = TRUE
    ),
    `SBRT start` = messy_form(rename("SBRT start" = "sbrt_start"),
      list(columns = list(patients = c(sbrt_start = "SBRT start"))), advice = TRUE
    ),
    `names of their own` = messy_form(
      rename(MRN = "patient_id", "Date of SBRT" = "sbrt_start", DOD = "death_date",
        "Last FU" = "last_contact", PD = "progression_date", BOR = "best_response"),
      list(columns = list(patients = c(
        patient_id = "MRN", sbrt_start = "Date of SBRT", death_date = "DOD",
        last_contact = "Last FU", progression_date = "PD", best_response = "BOR"
      )))
    ),
    `names in German` = messy_form(
      rename(Patientennummer = "patient_id", Gruppe = "cohort", Bestrahlungsbeginn =
        "sbrt_start", Todesdatum = "death_date", "Letzter Kontakt" = "last_contact",
      Progressionsdatum = "progression_date"),
      list(columns = list(patients = c(
        patient_id = "Patientennummer", cohort = "Gruppe",
        sbrt_start = "Bestrahlungsbeginn", progression_date = "Progressionsdatum",
        death_date = "Todesdatum", last_contact = "Letzter Kontakt"
      ))), advice = TRUE
    ),
    `names in Spanish` = messy_form(
      rename(Paciente = "patient_id", Grupo = "cohort", "Inicio SBRT" = "sbrt_start",
        "Fecha de progresi\u00f3n" = "progression_date", Exitus = "death_date",
        "\u00daltimo seguimiento" = "last_contact"),
      list(columns = list(patients = c(
        patient_id = "Paciente", cohort = "Grupo", sbrt_start = "Inicio SBRT",
        progression_date = "Fecha de progresi\u00f3n", death_date = "Exitus",
        last_contact = "\u00daltimo seguimiento"
      ))), advice = TRUE
    ),
    `columns outside the schema` = messy_form(function(tables) {
      tables$patients$`Child-Pugh` <- c("A", "A", "B", "A", "A", "B")
      tables$patients$AFP <- c("12", ">10000", "7", "30", "5", "8")
      tables$patients$ECOG <- c(0, 1, 0, 2, 1, 0)
      tables
    }, says = "column `AFP`, row 2: is not a number, so the column stays text"),
    `ids without their zeros` = messy_form(function(tables) {
      tables$lesions$patient_id <- sub("^0+", "", tables$lesions$patient_id)
      tables
    }, message = "\"1\" is written \"001\" there")
  )
}

# The forms of all functions named messy_forms_<topic>
messy_forms <- function() {
  here <- parent.env(environment())
  topics <- ls(here, pattern = "^messy_forms_")
  unlist(lapply(topics, function(topic) here[[topic]]()), recursive = FALSE)
}

# The values, as text, of those columns of a study that the tidy tables have
messy_values <- function(study) {
  tidy <- messy_tables()
  lapply(stats::setNames(nm = names(tidy)), function(name) {
    lapply(unclass(study[[name]])[names(tidy[[name]])], function(x) as.character(x))
  })
}
