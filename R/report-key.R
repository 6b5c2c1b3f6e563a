# The main results of a study in one table.

# One line with an estimate and its interval
key_row <- function(label, x, scale = 1) {
  limits <- sprintf(
    "%s to %s", number_text(scale * x$conf.low), number_text(scale * x$conf.high)
  )
  unknown <- is.na(x$conf.low) && is.na(x$conf.high)
  data.frame(
    Result = label, Value = number_text(scale * x$estimate),
    "95% interval" = if (unknown) "" else limits, check.names = FALSE
  )
}

key_share <- function(label, r, n) {
  x <- cbind(estimate = if (n > 0L) r / n else NA, clopper_pearson(r, n, 0.95))
  key_row(sprintf("%s (%d of %s), %%", label, r, count_noun(n, "patient")), x, 100)
}

# Cumulative incidence at 24 months
key_failure <- function(study, what) {
  rows <- endpoint(study, what)
  failure <- tidy(fit_by(cumulative_incidence, rows), times = 24, extend = TRUE)
  key_row(sprintf("%s at 24 months, %%", attr(rows, "label")),
    failure[failure$outcome == levels(rows$status)[2L], ], 100
  )
}

key_median <- function(study, what) {
  rows <- endpoint(study, what)
  key_row(sprintf("Median %s, months", tolower(attr(rows, "label"))),
    stats::median(fit_by(kaplan_meier, rows))
  )
}

# A line for each result that the study has; there is no rate of toxicity where no adverse
# event was recorded, since that may mean that none was looked for.
key_numbers <- function(study) {
  has <- function(what) has_endpoint(study, what)
  response <- report_criteria(study, "patient")
  toxicity <- if (has_toxicity(study)) toxicity_table(study)
  severe <- toxicity[toxicity$term == any_event, ]
  rbind(
    if (has("os")) {
      key_row("Median follow-up, months",
        stats::median(fit_by(follow_up, endpoint(study, "os")))
      )
    },
    if (!is.null(response)) {
      x <- response_rate(study, criteria = response)[1L, ]
      key_share("Objective response", x$n.event, x$n.evaluable)
    },
    if (has("local_failure")) key_failure(study, "local_failure"),
    if (has("pfs")) key_median(study, "pfs"),
    if (has("os")) key_median(study, "os"),
    do.call(rbind, lapply(failure_endpoints(study), key_failure, study = study)),
    if (!is.null(toxicity)) {
      rbind(
        key_share("Acute toxicity of grade 3 or more", severe$grade_3_plus[1L],
          severe$n[1L]
        ),
        key_share("Late toxicity of grade 3 or more", severe$grade_3_plus[2L],
          severe$n[2L]
        )
      )
    }
  )
}

# Other endpoints that have competing events, so that the report shows their cumulative
# incidence
failure_endpoints <- function(study) {
  Filter(function(what) length(endpoint_rules[[what]]$competing) > 0L,
    other_endpoints(study)
  )
}
