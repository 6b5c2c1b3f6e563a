# Hazard ratios of the groups and of the number of lesions, one covariate at a time,
# because there are too few events for a multivariable model.

model_covariates <- function(study) {
  c(
    if ("cohort" %in% splits_of(study)) c(cohort = group_word(study, "cohort")),
    if (!is.null(study$lesions) && length(unique(lesion_count(study))) > 1L) {
      c(lesions_treated = "Lesions treated, per lesion")
    }
  )
}

# A table of endpoint, covariate, events, hazard ratio and P; NULL without covariates.
model_numbers <- function(study) {
  covariates <- model_covariates(study)
  if (!length(covariates)) return(NULL)
  parts <- lapply(endpoints_of(study, c("pfs", "os")), function(what) {
    rows <- endpoint(study, what)
    rows$lesions_treated <- lesion_count(study)[
      match(rows$patient_id, study$patients$patient_id)
    ]
    models <- lapply(names(covariates), function(name) {
      formula <- stats::reformulate(name, quote(Surv(time, status)))
      fit <- hazard_ratio(formula, rows)
      x <- result_table(fit)$body
      fit$table$term <- covariates[[name]]
      label <- coefficient_label(fit$table)
      ph <- fit$models$ph.p.value
      data.frame(
        Endpoint = attr(rows, "label"), Covariate = label,
        Events = format_count(fit$models$n.event), x[4L],
        P = x$P, "P of non-proportionality" = format_p_value(ph, na = no_value),
        check.names = FALSE
      )
    })
    models <- do.call(rbind, models)
    models$Endpoint <- blank_repeats(models$Endpoint)
    models
  })
  do.call(rbind, parts)
}
