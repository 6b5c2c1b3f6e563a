#' Criteria of response, with their settings
#'
#' Settings for deriving a best response from the visits in the table assessments: by
#' RECIST 1.1, by mRECIST, or from the responses recorded at each visit.
#' `criteria = "recist"`, `"mrecist"` and `"visits"` use the defaults shown here.
#'
#' @details The responses of [visit_response()] before the first PD count. A
#' `progression_date` (for lesions, a `local_failure_date`) counts as PD on that day: a
#' response first seen on the day of progression does not count as a response. Without
#' confirmation the best response is the first in this list that was observed: CR; PR; SD
#' at `sd_days` or later after `sbrt_start`; PD; otherwise NE (if SD came too early and
#' there was no later visit). With `confirm = TRUE` (Eisenhauer 2009, table 3) CR and PR
#' need a second visit with the same or a better response at least `confirm_days` later;
#' between the two visits, further such visits, up to `max_ne` NE and, for PR, one SD are
#' allowed (the appendix of the paper has this example: shrinkage by 32%, 28% and 33% is a
#' confirmed PR). A response that is not confirmed counts as SD if it came at `sd_days` or
#' later, otherwise as PD or NE.
#'
#' **After CR**, disease that is seen again can be interpreted in several ways, and
#' `after_cr` selects one (footnote of table 3). `"PD"`: the disease has returned. `"PR"`:
#' small lesions were present all the time, so the earlier CR is changed to PR. `"keep"`:
#' each visit keeps its response. If no disease is seen at a visit after CR, but a
#' non-target lesion was not evaluated, the visit is PR by table 1; it is never PD, and
#' between two CR it counts as NE.
#'
#' The paper does not limit the number of NE between a response and the visit that
#' confirms it, nor does the default; `max_ne = 1` is a common limit in trial software.
#' @section Examples to follow by hand:
#' Days after `sbrt_start`, `recist()`; SD counts from day 42, a confirmation takes 28
#' days.
#'
#' | visits | best | with `confirm = TRUE` |
#' |---|---|---|
#' | 60 PR, 88 PR | PR | PR: 28 days apart |
#' | 60 PR, 87 PR | PR | SD: 27 days apart |
#' | 60 PR, 90 SD, 120 PR | PR | PR: one SD between |
#' | 60 PR, 90 SD, 120 SD, 150 PR | PR | SD: two SD between |
#' | 60 PR, 90 NE, 120 NE, 150 PR | PR | PR; with `max_ne = 1` SD |
#' | 60 PR, 120 CR | CR | PR: the CR confirms the PR, nothing confirms the CR |
#' | 60 CR, 120 PR | CR | SD: disease after CR is PD |
#' | the same with `after_cr = "PR"` | PR | PR: the CR was a PR |
#' | the same with `after_cr = "keep"` | CR | PR: two visits with PR or better |
#' | 60 CR, 120 CR but a non-target NE, 180 CR | CR | CR: no disease was seen |
#' | 30 PR, 50 PD | PR | PD: not confirmed, and before day 42 |
#' | 30 SD, 60 PD | PD | PD: the SD came too early |
#' | 30 SD, nothing later | NE | NE |
#' | 30 SD, `progression_date` on day 70 | PD | PD |
#' | 60 PR, `progression_date` on day 60 | PD | PD: no response on that day |
#' | 60 PD, 120 PR | PD | PD: nothing counts after PD |
#' @param confirm `TRUE` if CR and PR must be confirmed.
#' @param confirm_days Minimum number of days from a response to the visit that confirms
#'   it.
#' @param sd_days First day after `sbrt_start` at which SD counts.
#' @param max_ne Maximum number of NE between a response and the visit that confirms it.
#' @param after_cr How PR and SD after CR are interpreted: `"PD"`, `"PR"` or `"keep"`; see
#'   Details. Recorded responses (`visits()`) are kept by default, because those who
#'   recorded them saw the images.
#' @param baseline_days A measurement earlier than this many days before `sbrt_start` is
#'   not used as baseline. By default there is no such limit. The baseline of a lesion is
#'   its last measurement before SBRT, and [sbrt_study()] warns if that is more than the
#'   28 days of RECIST 1.1 (3.1.1) before SBRT.
#' @param visit_days A visit may take several days (CT, then MRI): a day up to this many
#'   days after its first day belongs to the visit, unless a lesion that was already
#'   assessed at the visit is assessed again on that day. With `0` each day is a visit.
#' @return A list of class `response_criteria`, for the argument `criteria` of
#'   [best_response()], [visit_response()], [response_rate()] and [response_difference()].
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

# Makes criteria: checks the settings that all of them have, and adds those in `...`.
new_criteria <- function(method, confirm, confirm_days, sd_days, max_ne, after_cr, ...) {
  unlimited <- identical(max_ne, Inf)
  structure(list(
    method = method, confirm = check_flag(confirm, "confirm"),
    confirm_days = check_number(confirm_days, "confirm_days", lower = 0),
    sd_days = check_number(sd_days, "sd_days", lower = 0),
    max_ne = if (unlimited) Inf else check_whole(max_ne, "max_ne", 0, 1e6),
    after_cr = after_cr, ...
  ), class = "response_criteria")
}

# Makes recist() and mrecist(), so that their defaults are defined once
measured_criteria <- function(method) {
  force(method)
  function(confirm = FALSE, confirm_days = 28, sd_days = 42, max_ne = Inf,
           after_cr = c("PD", "PR", "keep"), baseline_days = Inf, visit_days = 7) {
    after_cr <- check_choice(after_cr, c("PD", "PR", "keep"), "after_cr")
    new_criteria(method, confirm, confirm_days, sd_days, max_ne, after_cr,
      baseline_days = if (identical(baseline_days, Inf)) Inf else
        check_number(baseline_days, "baseline_days", lower = 0),
      visit_days = check_number(visit_days, "visit_days", lower = 0)
    )
  }
}

#' @rdname recist
#' @export
recist <- measured_criteria("recist")

#' @rdname recist
#' @export
mrecist <- measured_criteria("mrecist")

#' @rdname recist
#' @export
visits <- function(confirm = FALSE, confirm_days = 28, sd_days = 42, max_ne = Inf,
                   after_cr = c("keep", "PD", "PR")) {
  after_cr <- check_choice(after_cr, c("keep", "PD", "PR"), "after_cr")
  new_criteria("visits", confirm, confirm_days, sd_days, max_ne, after_cr)
}

# Accepts criteria as a word, or as an object of recist() and similar functions; `words`:
# the words allowed
check_criteria <- function(criteria, words) {
  if (inherits(criteria, "response_criteria") && criteria$method %in% words) {
    return(criteria)
  }
  criteria <- check_choice(criteria, words, "criteria")
  switch(criteria,
    recist = recist(), mrecist = mrecist(), visits = visits(),
    structure(list(method = criteria), class = "response_criteria")
  )
}

all_criteria <- c("given", "recist", "mrecist", "visits")

# Text for print() on how responses were determined; empty if they are given in the data
response_source <- function(criteria) {
  source <- c(recist = "RECIST 1.1", mrecist = "mRECIST", visits = "recorded visits")
  if (criteria$method == "given") return("")
  sprintf(" by %s, %s", word_of(source, criteria$method, "method"),
    if (criteria$confirm) "confirmed" else "unconfirmed"
  )
}
