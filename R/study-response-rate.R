#' Best response and response rates
#'
#' `best_response()` returns the rows with their best response, recorded or derived from
#' dated assessments (see [recist()]); `response_rate()` returns response rates with exact
#' limits.
#'
#' @details All rows are evaluable except those with `NE` or an empty cell. Objective
#' response is CR or PR, disease control is CR, PR or SD, both among the evaluable rows
#' or, with `denominator = "all"`, among all rows: RECIST 1.1 (section 4.6) counts all
#' eligible patients of a trial, and those without evaluation as non-responders. The
#' limits are those of Clopper and Pearson (1934, \doi{10.1093/biomet/26.4.404}): for
#' \eqn{r} of \eqn{n} and \eqn{a = 1 - conf.level}{a = 1 - conf.level},
#' \deqn{B(a/2;\; r,\; n - r + 1) \quad\mbox{to}\quad B(1 - a/2;\; r + 1,\; n - r)}{
#' qbeta(a/2, r, n - r + 1) to qbeta(1 - a/2, r + 1, n - r)}
#' with the beta quantile \eqn{B}; the lower one is 0 for \eqn{r = 0}, the upper one 1 for
#' \eqn{r = n}.
#'
#' Lesions of one patient are not independent; their limits treat patients as clusters.
#' With \eqn{r_i} of \eqn{n_i} evaluable lesions of patient i, \eqn{p = r / n} and m
#' patients, the ratio estimate p has the variance and design effect (Rao and Scott 1992)
#' \deqn{v = \frac{m}{(m - 1) n^2} \sum_i (r_i - p n_i)^2,\quad
#'   d = \max\left(1, \frac{n v}{p (1 - p)}\right)}{
#'   v = m / ((m - 1) n^2) sum (r_i - p n_i)^2, d = max(1, n v / (p (1 - p)))}
#' and the limits are those for \eqn{r / d} of \eqn{n / d}. If p is 0 or 1, or if there is
#' only one patient, v is undefined and \eqn{n / d} is replaced by m, the number of
#' patients. The intra-patient correlation is the mean of \eqn{(x_j - p)(x_k - p) / (p
#' (1 - p))}{(x_j - p)(x_k - p) / (p (1 - p))} over all pairs j, k of lesions of one
#' patient, where x is 1 with the response and otherwise 0.
#' @section Example to follow by hand:
#' Among five patients with CR, PR, SD, PD and NE four are evaluable: objective response 2
#' of 4, disease control 3 of 4; with `denominator = "all"` 2 of 5 and 3 of 5.
#' @param study An [sbrt_study()].
#' @param level `"patient"` for one row per patient or `"lesion"` for one row per lesion;
#'   `best_response` is read from the table patients or lesions.
#' @param by Name (text) of a column of groups, for instance `"cohort"` or `"strategy"`;
#'   rows without a value are omitted, and the print says how many. For lesions it may be
#'   a column of the patients.
#' @param criteria `"given"`: the recorded column `best_response`. From the table
#'   assessments: `"recist"` (1.1), `"mrecist"` or `"visits"` (the responses recorded
#'   there); or, with settings such as confirmation, [recist()], [mrecist()], [visits()].
#' @param conf.level Confidence level.
#' @param denominator The rows in the denominator of the rates: the `"evaluable"` or
#'   `"all"`.
#' @param ... Not used.
#' @return `best_response()`: a data frame of the patients (or the lesions, with the
#'   columns of their patient that lesions do not have) and the logical columns
#'   `evaluable`, `responder` and `controlled` (`NA` when not evaluable). From visits also
#'   `response_date` (first visit with the response), `progression_visit` (first visit
#'   with PD) and `visits` (number of visits that counted); `best_response` and
#'   `best_change_pct` are then those of the visits up to the `progression_date` of the
#'   patient (for lesions, the `local_failure_date`).
#'
#'   `response_rate()`: a data frame of class `response_rate` with one row per outcome and
#'   group: `outcome` (`objective response`, `disease control`), `strata` (`All` without
#'   `by`), `n` (rows), `n.evaluable` (rows in the denominator: the evaluable, or all),
#'   `n.event` (rows with the outcome), `estimate`,
#'   `conf.low`, `conf.high` (proportions; `NA` when no row is evaluable), `conf.level`,
#'   `conf.type` (`clopper-pearson`, or `clopper-pearson by patient` for lesions); these
#'   also have `n.id`, patients with an evaluable lesion, `design.effect` and
#'   `intra.correlation` (`NA` where it is undefined).
#' @section Errors:
#' `oligosurv_error_input` when the table has no column `best_response` or `by`, or for an
#' argument of the wrong type.
#' @references Rao and Scott (1992) Biometrics 48, 577-585.
#' @seealso [visit_response()]; [endpoint()] for time to and duration of response.
#' @examples
#' # 17 of 36 patients, 12 of 27 OP and 5 of 9 OM
#' response_rate(hcc_sbrt)
#' response_rate(hcc_sbrt, by = "cohort")
#' # 17 of all 37 patients
#' response_rate(hcc_sbrt, denominator = "all")
#' # 33 of 51 lesions of 36 patients
#' response_rate(hcc_sbrt, level = "lesion")
#' head(best_response(hcc_sbrt, "lesion"))
#' @order 1
#' @export
response_rate <- function(study, by = NULL, level = c("patient", "lesion"),
                          criteria = c("given", "recist", "mrecist", "visits"),
                          conf.level = 0.95, denominator = c("evaluable", "all"), ...) {
  check_no_dots(...)
  level <- check_choice(level, c("patient", "lesion"), "level")
  criteria <- check_criteria(criteria, all_criteria)
  check_level(conf.level)
  denominator <- check_choice(denominator, c("evaluable", "all"), "denominator")
  rows <- counted_responses(best_response(study, level, criteria), denominator)
  strata <- group_of(rows, by, level)
  rates <- lapply(names(response_outcomes), function(outcome) {
    happened <- rows[[response_outcomes[[outcome]]]]
    count <- function(x) as.integer(tabulate(strata[which(x)], nlevels(strata)))
    n <- count(rows$evaluable)
    r <- count(happened)
    rate <- data.frame(
      outcome = outcome, strata = factor(levels(strata), levels(strata)),
      n = count(!is.na(strata)), n.evaluable = n, n.event = r,
      estimate = ifelse(n > 0L, r / n, NA_real_), clopper_pearson(r, n, conf.level),
      conf.level = conf.level, conf.type = "clopper-pearson"
    )
    if (level == "patient") return(rate)
    effect <- response_effects(happened, strata, rows$patient_id)
    rate[c("conf.low", "conf.high")] <-
      clopper_pearson(r / effect$design, n / effect$design, conf.level)
    rate$conf.type <- "clopper-pearson by patient"
    rate$n.id <- effect$n_id
    rate$design.effect <- effect$design
    rate$intra.correlation <- effect$correlation
    rate
  })
  new_response_table(rates, "response_rate", level, by, strata, criteria, denominator)
}

# If all rows are in the denominator, a row that is not evaluable counts as one without
# the outcome.
counted_responses <- function(rows, denominator) {
  if (denominator == "evaluable") return(rows)
  rows$evaluable[] <- TRUE
  for (column in response_outcomes) rows[[column]] <- rows[[column]] %in% TRUE
  rows
}

# Each outcome of a best response, with the column of best_response() that holds it
response_outcomes <- c(
  "objective response" = "responder", "disease control" = "controlled"
)

# The results of both outcomes as one table of the class `class`
new_response_table <- function(blocks, class, level, by, strata, criteria,
                               denominator) {
  result <- do.call(rbind, blocks)
  result$outcome <- factor(result$outcome, names(response_outcomes))
  structure(result,
    level = level, by = by, left_out = sum(is.na(strata)),
    source = response_source(criteria), denominator = denominator,
    class = c(class, "sbrt_table", "data.frame")
  )
}

# For each stratum: the number of patients, the design effect of a ratio estimate, and the
# correlation of lesions of one patient. `happened` is NA in rows that are not evaluable.
response_effects <- function(happened, strata, id) {
  effects <- vapply(levels(strata), function(stratum) {
    rows <- which(strata == stratum & !is.na(happened))
    n <- length(rows)
    m <- length(unique(id[rows]))
    p <- mean(happened[rows])
    if (m < 2L || p == 0 || p == 1) return(c(m, if (m > 0L) n / m else NA, NA))
    excess <- rowsum(happened[rows] - p, id[rows])
    design <- sum(excess^2) / (n * p * (1 - p))
    size <- sum(table(id[rows])^2) / n
    c(m, max(1, m / (m - 1) * design), intra_correlation(design, size))
  }, double(3))
  list(
    n_id = as.integer(effects[1L, ]), design = effects[2L, ], correlation = effects[3L, ]
  )
}

clopper_pearson <- function(r, n, conf.level) {
  a <- (1 - conf.level) / 2
  # A shape of 0 gives a limit of 0 or 1; without subjects the limit is NA
  low <- ifelse(r == 0, 0, stats::qbeta(a, r, n - r + 1))
  high <- ifelse(r == n, 1, stats::qbeta(a, r + 1, n - r, lower.tail = FALSE))
  low[n %in% c(0, NA)] <- high[n %in% c(0, NA)] <- NA_real_
  data.frame(conf.low = low, conf.high = high)
}

# What the outcomes are, for the notes of a table of responses
outcome_words <- function(x) {
  paste(
    "objective response: CR or PR; disease control: CR, PR or SD; both among",
    if (identical(attr(x, "denominator"), "all")) {
      sprintf("all %ss, evaluable or not", attr(x, "level"))
    } else {
      "the evaluable"
    }
  )
}

rate_columns <- c(
  "outcome", "strata", "n", "n.evaluable", "n.event", "estimate", "conf.low", "conf.high",
  "conf.level"
)

#' @exportS3Method NULL
result_rows.response_rate <- function(x, ...) {
  check_no_dots(...)
  if (!is_whole(x, rate_columns)) return(NULL)
  level <- attr(x, "level")
  lesions <- level == "lesion"
  all <- identical(attr(x, "denominator"), "all")
  rows <- as.data.frame(x)
  new_result(rows, study_summary(x),
    scale = "probability",
    what = sprintf("Best response of %ss%s", level, c(attr(x, "source"), "")[1L]),
    basis = c(
      if (lesions) {
        paste(
          "Clopper-Pearson intervals on the number of lesions divided by the design",
          "effect of several lesions in one patient (Rao and Scott 1992)"
        )
      } else {
        "Clopper-Pearson (exact) intervals"
      },
      outcome_words(x)
    ),
    columns = list(
      Outcome = blank_repeats(sentence_case(x$outcome)),
      Group = group_column(x$strata),
      Patients = if (lesions) x$n.id, Evaluable = if (!all) x$n.evaluable,
      All = if (all) x$n, "With it" = x$n.event,
      Rate = interval_column(rows, "probability"),
      "Design effect" = if (lesions) {
        in_print(number_column(x$design.effect, na = "", console = 2L))
      },
      Correlation = if (lesions) {
        in_print(number_column(x$intra.correlation, na = "", console = 2L))
      }
    ),
    remarks = left_out_text(x, level),
    signs = stats::setNames("nobody evaluable", no_value),
    label = as.character(x$strata),
    axis = "Response rate", heading = "Rate",
    sentence = "{number} ({n.event} of {n.evaluable}; {level} CI {ci})"
  )
}
