# Twelve studies of different shapes that a report must describe in true sentences: the
# published one, one arm, no response, no adverse events, 3,000 patients, a clear
# difference, three cohorts, times alone, lesions alone, Chinese labels, no deaths, and
# one patient. The value is a list of functions, so that a test makes only the studies it
# needs.
twelve_studies <- function() {
  list(
    published = function() oligosurv::hcc_sbrt,
    one_arm = function() {
      simulated_tables(40, function(tables) {
        tables$patients$cohort <- tables$patients$strategy <- NULL
        tables
      })
    },
    no_response = function() {
      simulated_tables(60, function(tables) {
        for (name in c("patients", "lesions")) {
          drop <- c("best_response", "best_change_pct")
          tables[[name]] <- tables[[name]][setdiff(names(tables[[name]]), drop)]
        }
        tables$assessments <- NULL
        tables
      })
    },
    no_toxicity = function() {
      simulated_tables(60, function(tables) {
        tables$adverse_events <- NULL
        tables
      })
    },
    many = function() {
      withr::local_seed(10)
      simulate_study(3000)
    },
    clear = function() clear_difference(300),
    three_cohorts = three_cohorts,
    times_alone = function() {
      withr::local_seed(8)
      sbrt_study(data.frame(
        patient_id = 1:60, os_time = round(stats::rexp(60, 1 / 20), 1) + 0.1,
        os_status = rep(c(1, 1, 0), 20)
      ), time_unit = "months")
    },
    lesions_alone = function() {
      withr::local_seed(9)
      # some lesions are followed after the death of their patient
      suppressWarnings(sbrt_study(data.frame(patient_id = 1:30), data.frame(
        patient_id = rep(1:30, each = 2), lesion_id = rep(1:2, 30),
        site = rep(c("lung", "liver", "bone"), 20), dose_gy = 50, fractions = 5,
        diameter_mm = round(stats::runif(60, 8, 50)),
        local_failure_time = round(stats::rexp(60, 1 / 20), 1) + 0.1,
        local_failure_status = rep(c(1, 0, 0, 2), 15)
      ), time_unit = "months"))
    },
    chinese = chinese_study,
    all_alive = function() {
      simulated_tables(30, function(tables) {
        tables$patients$death_date <- as.Date(NA)
        tables
      })
    },
    one_patient = function() {
      tables <- lapply(full_tables(), function(table) {
        table[table$patient_id == "A", ]
      })
      do.call(sbrt_study, tables)
    }
  )
}

# A simulated study whose tables are modified by `change`
simulated_tables <- function(n, change) {
  withr::local_seed(n)
  x <- simulate_study(n)
  tables <- lapply(
    stats::setNames(nm = c("patients", "lesions", "adverse_events", "assessments")),
    function(name) x[[name]]
  )
  tables <- change(Filter(Negate(is.null), tables))
  suppressWarnings(do.call(sbrt_study, c(tables, list(cutoff = x$cutoff))))
}

# Two strategies whose survival differs with P < 0.001
clear_difference <- function(n) {
  withr::local_seed(3)
  arm <- rep(c("early", "late"), each = n / 2)
  days <- round(stats::rexp(n, ifelse(arm == "early", 1, 2.5) / 700)) + 1
  start <- as.Date("2019-01-01") + seq_len(n)
  censored <- days > 1000
  sbrt_study(data.frame(
    patient_id = seq_len(n), strategy = arm,
    strategy_date = start + rep(0:1, n / 2),
    sbrt_start = start, progression_date = as.Date(NA),
    death_date = replace(start + days, censored, NA),
    last_contact = start + pmin(days, 1000), age = rep(40:79, length.out = n),
    sex = rep(c("female", "male", "male"), length.out = n)
  ))
}

three_cohorts <- function() {
  simulated_tables(90, function(tables) {
    tables$patients$cohort <- rep(c("centre A", "centre B", "centre C"), 30)
    tables$patients$strategy <- NULL
    tables
  })
}

# Chinese groups, terms and sites, and a label with markup
chinese_study <- function() {
  simulated_tables(40, function(tables) {
    patients <- tables$patients
    patients$cohort <- rep(c("\u5be1\u8fdb\u5c55", "\u5be1\u8f6c\u79fb"), 20)
    patients$strategy <- NULL
    patients$age <- rep(50:69, 2)
    patients$sex <- rep(c("\u5973", "\u7537"), 20)
    attr(patients$age, "label") <- "\u5e74\u9f84 <\u5c81>"
    tables$patients <- patients
    tables$lesions$site <- rep(c("\u80ba", "\u809d", "\u9aa8"),
      length.out = nrow(tables$lesions)
    )
    tables$adverse_events$term <- ifelse(tables$adverse_events$term == "fatigue",
      "\u4e4f\u529b", as.character(tables$adverse_events$term)
    )
    tables
  })
}
