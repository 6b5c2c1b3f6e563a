#' Criteria of response, with their settings
#'
#' How a best response is derived from the visits of the table assessments: by RECIST 1.1,
#' by mRECIST, or from the responses recorded at each visit. The words `"recist"`,
#' `"mrecist"` and `"visits"` give the defaults shown here.
#'
#' @details The responses of [visit_response()] count up to the first PD and, for
#' patients, up to `progression_date`, which counts as PD. PR or SD after CR is PD: the
#' disease has returned. Without confirmation the best response is the first of these that
#' occurs: CR; PR; SD at `sd_days` or more after `sbrt_start`; PD; else NE (SD that came
#' too early, without a later visit). With `confirm = TRUE` (Eisenhauer 2009, table 3) CR
#' and PR need a second visit with the same or a better response at least `confirm_days`
#' later; between the two, further such visits, NE and, for PR, one SD are allowed (the
#' appendix of the paper: shrinkage by 32%, 28% and 33% is a confirmed PR). A response
#' that is not confirmed counts as SD if it came at `sd_days` or later, else as PD or NE.
#' @section Examples to follow by hand:
#' Days after `sbrt_start`; SD counts from day 42, a confirmation takes 28 days.
#'
#' | visits | best | with `confirm = TRUE` |
#' |---|---|---|
#' | 60 PR, 88 PR | PR | PR: 28 days apart |
#' | 60 PR, 87 PR | PR | SD: 27 days apart |
#' | 60 PR, 90 SD, 120 PR | PR | PR: one SD between |
#' | 60 PR, 90 SD, 120 SD, 150 PR | PR | SD: two SD between |
#' | 60 PR, 120 CR | CR | PR: the CR confirms the PR, nothing confirms the CR |
#' | 60 CR, 120 PR | CR | SD: disease after CR is PD |
#' | 30 PR, 50 PD | PR | PD: not confirmed, and before day 42 |
#' | 30 SD, 60 PD | PD | PD: the SD came too early |
#' | 30 SD, nothing later | NE | NE |
#' | 30 SD, `progression_date` on day 70 | PD | PD |
#' | 60 PD, 120 PR | PD | PD: nothing counts after PD |
#' @param confirm `TRUE` if CR and PR must be confirmed.
#' @param confirm_days Least number of days from a response to the visit that confirms it.
#' @param sd_days First day after `sbrt_start` at which SD counts.
#' @return A list of class `response_criteria`, for the argument `criteria` of
#'   [best_response()], [response_rate()] and [response_difference()].
#' @section Errors: `oligosurv_error_input` for an argument of the wrong type.
#' @references Eisenhauer et al. (2009) \doi{10.1016/j.ejca.2008.10.026}; Lencioni and
#'   Llovet (2010) \doi{10.1055/s-0030-1247132}.
#' @seealso [visit_response()] for the criteria themselves.
#' @examples
#' set.seed(1)
#' study <- simulate_study(60)
#' response_rate(study, criteria = "recist")
#' response_rate(study, criteria = recist(confirm = TRUE))
#' @name recist
NULL

# Makes recist(), mrecist() and visits(), so that their defaults are defined once
criteria_maker <- function(method) {
  force(method)
  function(confirm = FALSE, confirm_days = 28, sd_days = 42) {
    structure(list(
      method = method, confirm = check_flag(confirm, "confirm"),
      confirm_days = check_number(confirm_days, "confirm_days", lower = 0),
      sd_days = check_number(sd_days, "sd_days", lower = 0)
    ), class = "response_criteria")
  }
}

#' @rdname recist
#' @export
recist <- criteria_maker("recist")

#' @rdname recist
#' @export
mrecist <- criteria_maker("mrecist")

#' @rdname recist
#' @export
visits <- criteria_maker("visits")

# Accepts criteria as a word or as made by recist() and the like; `words`: those allowed
check_criteria <- function(criteria, words) {
  if (inherits(criteria, "response_criteria") && criteria$method %in% words) {
    return(criteria)
  }
  criteria <- check_choice(criteria, words, "criteria")
  criteria_maker(criteria)()
}

all_criteria <- c("given", "recist", "mrecist", "visits")

# Text for print() on how responses were determined; empty if they are given in the data
response_source <- function(criteria) {
  source <- c(recist = "RECIST 1.1", mrecist = "mRECIST", visits = "recorded visits")
  if (criteria$method == "given") return("")
  sprintf(" by %s, %s", source[[criteria$method]],
    if (criteria$confirm) "confirmed" else "unconfirmed"
  )
}
