# Hazard ratios: one covariate at a time and, if there are ten events per coefficient, all
# covariates together.

# Labels of the covariates, named by their columns. The covariates are those named by the
# user or, by default, the cohort, the number of lesions, and the characteristics of the
# study.
model_covariates <- function(study, covariates = NULL) {
  rows <- model_rows(study)
  if (!is.null(covariates)) {
    check_covariates(covariates, rows)
    return(covariate_labels(covariates, study, rows))
  }
  own <- c(
    if ("cohort" %in% splits_of(study)) "cohort",
    if (length(unique(rows$lesions_treated)) > 1L) "lesions_treated"
  )
  other <- baseline_candidates(baseline_rows(study, "patient"), own)
  other <- setdiff(other, c("cohort", "strategy", "lesions"))
  other <- Filter(function(name) is_covariate(rows[[name]]), other)
  chosen <- c(own, utils::head(other, 10L))
  covariate_labels(chosen, study, rows)
}

model_rows <- function(study) {
  rows <- study$patients
  if (!is.null(study$lesions)) rows$lesions_treated <- lesion_count(study)
  rows
}

check_covariates <- function(covariates, rows) {
  covariates <- plain_argument(covariates)
  unknown <- if (is.character(covariates)) setdiff(covariates, names(rows))
  known <- is.character(covariates) && !length(unknown)
  if (known && length(covariates)) return(covariates)
  stop_oligosurv("input", sprintf(
    paste(
      "`covariates` must be names of columns of the table patients, or",
      "\"lesions_treated\"; %s"
    ),
    if (length(unknown)) {
      paste("there is no", join_words(sprintf("\"%s\"", unknown)))
    } else {
      paste("it is", describe(covariates))
    }
  ), arg = "covariates")
}

covariate_labels <- function(names, study, rows) {
  labels <- vapply(names, function(name) {
    if (name == "lesions_treated") return("Lesions treated, per lesion")
    if (name %in% c("cohort", "strategy")) return(group_word(study, name))
    unname(column_labels(name, rows))
  }, "")
  stats::setNames(labels, names)
}

# Can a column be a covariate? This needs a number that varies, or two to four categories
# with at least five patients each; values must be known in four of five patients.
is_covariate <- function(x) {
  x <- plain_column(x)
  known <- x[!is.na(x)]
  if (length(known) < max(10, 0.8 * length(x))) return(FALSE)
  if (is.numeric(known)) return(length(unique(known)) > 4L)
  sizes <- table(as.character(known))
  length(sizes) >= 2L && length(sizes) <= 4L && min(sizes) >= 5L
}

# Patients with an endpoint and covariates named x1, x2, ..., so that no column name
# becomes part of a formula
covariate_rows <- function(study, what, covariates) {
  rows <- endpoint(study, what)
  at <- match(rows$patient_id, study$patients$patient_id)
  table <- model_rows(study)
  values <- lapply(names(covariates), function(name) {
    x <- plain_column(table[[name]][at])
    if (is.numeric(x)) x else droplevels(factor(x))
  })
  names(values) <- paste0("x", seq_along(values))
  data.frame(time = rows$time, status = rows$status, values)
}

# The lines of one model; `which` are the numbers of its covariates
model_lines <- function(rows, covariates, which, label) {
  names <- paste0("x", which)
  used <- stats::complete.cases(rows[names])
  rows <- rows[used, c("time", "status", names)]
  if (!any(rows$status > 0)) return(NULL) # nothing can be estimated
  varies <- vapply(rows[names], function(x) length(unique(x)) > 1L, NA)
  if (!all(varies)) return(NULL)
  fit <- hazard_ratio(stats::reformulate(names, quote(Surv(time, status))), rows)
  shown <- result_table(fit)$body
  shown[[4L]] <- ratio_cells(fit$table, shown[[4L]])
  firth <- grepl("Firth", fit$models$method, fixed = TRUE)
  if (firth) shown[[4L]] <- paste0(shown[[4L]], firth_sign)
  fit$table$term <- covariates[which][match(fit$table$term, names)]
  ph <- fit$models$ph.p.value
  value <- names(shown)[4L]
  lines <- data.frame(
    Endpoint = label, Covariate = coefficient_label(fit$table),
    Patients = format_count(nrow(rows)), Events = format_count(fit$models$n.event),
    shown[value], P = shown$P,
    "P (PH)" = format_p_value(ph, na = no_value), check.names = FALSE
  )
  attr(lines, "method") <- fit$models$method
  attr(lines, "covariates") <- covariates[which]
  lines
}

# After a hazard ratio by Firth's likelihood; explained below the table
firth_sign <- " *"

# Hazard ratios have two decimals, or more in rows with a limit that these would print as
# 1.00, so that the table shows whether 1 is inside.
ratio_cells <- function(rows, cells) {
  for (digits in 3:4) {
    ends <- cbind(rows$conf.low, rows$conf.high)
    near <- which(rowSums(ends != 1 & round(ends, digits - 1L) == 1, na.rm = TRUE) > 0)
    cells[near] <- sprintf("%s (%s)", number_text(rows$estimate[near], digits),
      limits_text(rows$conf.low[near], rows$conf.high[near], digits)
    )
  }
  cells
}

# A table of endpoint, covariate, events, hazard ratio and P, one covariate at a time;
# NULL without covariates. The attribute `method` names the models that were fitted,
# `fitted` is a list of the labels of their covariates, and `rows` has their numbers of
# coefficients.
model_numbers <- function(study, covariates = NULL) {
  covariates <- model_covariates(study, covariates)
  if (!length(covariates)) return(NULL)
  stack_models(study, function(rows, label) {
    lapply(seq_along(covariates), function(i) model_lines(rows, covariates, i, label))
  }, covariates)
}

# Like model_numbers(), with all covariates in one model, for the endpoints with ten
# events per coefficient; NULL if there is no such endpoint, or fewer than two covariates.
joint_numbers <- function(study, covariates = NULL) {
  covariates <- model_covariates(study, covariates)
  if (length(covariates) < 2L) return(NULL)
  stack_models(study, function(rows, label) {
    if (!enough_events(rows)) return(NULL)
    list(model_lines(rows, covariates, seq_along(covariates), label))
  }, covariates)
}

events_needed <- 10L # number of events per coefficient in a model with all covariates

coefficients_of <- function(rows) {
  sum(vapply(rows[-(1:2)], function(x) if (is.factor(x)) nlevels(x) - 1L else 1L, 0L))
}

enough_events <- function(rows) {
  used <- rows[stats::complete.cases(rows), ]
  sum(used$status) >= events_needed * coefficients_of(rows)
}

stack_models <- function(study, lines_of, covariates) {
  parts <- lapply(endpoints_of(study, c("pfs", "os")), function(what) {
    rows <- covariate_rows(study, what, covariates)
    lines_of(rows, attr(endpoint(study, what), "label"))
  })
  parts <- Filter(Negate(is.null), unlist(parts, recursive = FALSE))
  if (!length(parts)) return(NULL)
  methods <- unique(unlist(lapply(parts, attr, "method")))
  fitted <- unique(lapply(parts, attr, "covariates"))
  table <- do.call(rbind, lapply(parts, as.data.frame))
  table$Endpoint <- blank_repeats(table$Endpoint)
  rownames(table) <- NULL
  rows <- vapply(parts, nrow, 0L)
  structure(table, method = methods, fitted = fitted, rows = rows)
}

# Notes on the patients and tests in a table of hazard ratios. `joint`: the table is for
# models with all covariates.
model_notes <- function(study, table, covariates = NULL, joint = FALSE) {
  columns <- setdiff(names(model_covariates(study, covariates)), "lesions_treated")
  numbers <- vapply(columns, function(name) {
    is.numeric(plain_column(study$patients[[name]]))
  }, NA)
  c(
    if (joint) "Patients: those with all covariates known." else
      "Patients: those with the covariate known.",
    if (any(numbers)) {
      "Hazard ratios of numeric covariates are for an increase by one unit."
    },
    if (joint) {
      "P (PH): test of proportional hazards, one for the whole model."
    } else {
      paste0(
        "P (PH): test of proportional hazards",
        if (any(attr(table, "rows") > 1L)) ", one for all rows of a covariate",
        "; if it is small, the hazard ratio is an average over time."
      )
    },
    if (any(endsWith(unlist(table), firth_sign))) {
      "* Firth\u2019s penalised likelihood, with profile limits and P."
    },
    if (any(table == no_value)) "Dash: not estimable."
  )
}

# The reason for each endpoint without hazard ratios, or without a model of all covariates
joint_text <- function(study, covariates = NULL) {
  covariates <- model_covariates(study, covariates)
  lines <- lapply(endpoints_of(study, c("pfs", "os")), function(what) {
    rows <- covariate_rows(study, what, covariates)
    if (!any(rows$status > 0)) {
      label <- attr(endpoint(study, what), "label")
      return(sprintf("%s: no hazard ratios, because there was no event.", label))
    }
    if (length(covariates) < 2L || enough_events(rows)) return(NULL)
    known <- stats::complete.cases(rows)
    events <- sum(rows$status[known])
    sprintf(
      paste(
        "%s: no model of all covariates was fitted, because its %d coefficients need",
        "%d events (10 each), and there %s %.0f%s."
      ), attr(endpoint(study, what), "label"), coefficients_of(rows),
      events_needed * coefficients_of(rows), if (events == 1) "is" else "are", events,
      if (all(known)) "" else " in the patients with all covariates known"
    )
  })
  if (length(unlist(lines))) paragraphs(unlist(lines)) else character()
}

# How many patients lack a covariate of the fitted models, in words
models_missing <- function(study, models) {
  rows <- model_rows(study)
  unlist(lapply(unlist(lapply(models, attr, "fitted"), recursive = FALSE), function(of) {
    known <- vapply(names(of), function(name) !is.na(plain_column(rows[[name]])),
      logical(nrow(rows))
    )
    left <- sum(rowSums(!matrix(known, nrow(rows))) > 0)
    if (!left) return(NULL)
    sprintf_counts("the %s: %s of %d (without %s)",
      if (length(of) == 1L) paste("hazard ratios of", of) else
        "models of all covariates",
      count_noun(left, "patient"), nrow(rows),
      if (length(of) == 1L) "a value" else "a value of one of them"
    )
  }))
}

# The descriptions of the fitted models
model_methods <- function(models) {
  methods <- unique(unlist(lapply(models, attr, "method")))
  if (!length(methods)) return(NULL)
  firth <- grepl("Firth", methods)
  wald <- sprintf("%s, with Wald limits and P", methods[!firth])
  penalised <- curved(sub("profile limits", "profile limits and P", methods[firth]))
  fitted <- if (all(firth)) penalised else if (any(firth)) {
    paste0(wald, "; where that has no finite estimate (*), ", penalised)
  } else {
    wald
  }
  report_escape(sprintf(
    paste(
      "Hazard ratios: %s. P (PH): test of proportional hazards by scaled Schoenfeld",
      "residuals and the Kaplan-Meier transform of time."
    ), paste(fitted, collapse = "; ")
  ))
}
