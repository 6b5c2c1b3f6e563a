# The options of endpoint(), some of which toxicity_table() shares. Each default, its
# check, and the endpoints that use it are defined only here.

origin_words <- c(
  sbrt_start = "the first day of SBRT", sbrt_end = "the last day of SBRT",
  diagnosis = "the diagnosis", systemic_start = "the start of systemic therapy",
  response = "the first visit of the response",
  next_therapy = "the start of the next line of systemic therapy"
)

# One option. `check` is a function of the value and the name of the option, and returns
# the value. `endpoints`: those that use the option (NULL: all). An endpoint also uses it
# if one of `events` competes or censors in it.
endpoint_option <- function(default, check, endpoints = NULL, events = character()) {
  list(default = default, check = check, endpoints = endpoints, events = events)
}

# A check that accepts one of `choices`. This is a function, because other files define
# some of the choices.
one_of <- function(choices) function(x, arg) check_choice(x, choices(), arg)

or_null <- function(check) function(x, arg) if (!is.null(x)) check(x, arg)

# Options that are checked later, against the study or against the events that compete
unchecked <- function(x, arg) plain_argument(x)

endpoint_options <- local({
  imaging <- c("pfs", "progression", "duration_of_response")
  of_toxicity <- function(default, check) {
    endpoint_option(default, check, "late_toxicity", "late_toxicity")
  }
  list(
    origin = endpoint_option("sbrt_start", one_of(function() {
      setdiff(names(origin_words), c("response", "next_therapy"))
    })),
    pfs_censor = endpoint_option("last_contact",
      one_of(function() c("last_contact", "last_imaging")), imaging
    ),
    censor_at = endpoint_option(NULL, unchecked),
    max_gap = endpoint_option(NULL, or_null(function(x, arg) check_number(x, arg, 0)),
      imaging
    ),
    progression_at = endpoint_option("date",
      one_of(function() c("date", "imaging", "imaging_before")), imaging
    ),
    threshold = endpoint_option(NULL, or_null(function(x, arg) {
      check_whole(x, arg, 0, 1e6)
    }), "widespread_failure", "widespread_failure"),
    grade = of_toxicity(3, function(x, arg) check_whole(x, arg, 1, 5)),
    window = of_toxicity(90, function(x, arg) check_number(x, arg, lower = 0)),
    attribution = of_toxicity("all", one_of(function() {
      c("all", "related", attribution_levels[-1L])
    })),
    from = of_toxicity("sbrt_start", one_of(function() c("sbrt_start", "sbrt_end"))),
    courses = of_toxicity("first", one_of(function() c("first", "each"))),
    baseline = of_toxicity("above", one_of(function() c("above", "ignore"))),
    grace_days = endpoint_option(0, function(x, arg) check_number(x, arg, lower = 0),
      c("next_therapy", "next_sbrt", "pfs2", "next_line_pfs"),
      c("next_therapy", "next_progression", "next_sbrt")
    ),
    response = endpoint_option(NULL, unchecked,
      c("time_to_response", "duration_of_response")
    ),
    cause = endpoint_option(NULL, unchecked, "cause_specific_death"),
    decline = endpoint_option("child_pugh", one_of(function() names(decline_rules)),
      "liver_decline", "liver_decline"
    ),
    liver = endpoint_option(NULL, function(x, arg) check_liver(x),
      c("intrahepatic_failure", "extrahepatic_failure"),
      c("intrahepatic_failure", "extrahepatic_failure")
    )
  )
})

toxicity_options <- c("window", "attribution", "from", "courses", "baseline")

# The options in `given`, a list by name, with each value checked
check_options <- function(given) {
  Map(function(x, name) endpoint_options[[name]]$check(x, name), given, names(given))
}

default_options <- function(names) lapply(endpoint_options[names], `[[`, "default")

# Names of the options that differ from their default
options_set <- function(options) {
  Filter(function(name) {
    default <- endpoint_options[[name]]$default
    if (is.null(default)) return(!is.null(options[[name]]))
    !identical(as.character(options[[name]]), as.character(default))
  }, intersect(names(endpoint_options), names(options)))
}

takes_option <- function(what, name) {
  endpoints <- endpoint_options[[name]]$endpoints
  is.null(endpoints) || what %in% endpoints
}

# Stops for options that neither the endpoint nor one of the `others`, the events that
# compete or censor, uses.
require_options <- function(what, options, others) {
  quoted <- function(x, ...) join_words(sprintf("\"%s\"", x), ...)
  for (name in options_set(options)) {
    option <- endpoint_options[[name]]
    if (takes_option(what, name)) next
    if (any(others %in% option$events)) next
    stop_oligosurv("input", sprintf(
      "`%s` applies only to the endpoint%s %s%s; the endpoint is \"%s\", so leave it out",
      name, if (length(option$endpoints) == 1L) "" else "s", quoted(option$endpoints),
      if (length(option$events)) {
        events <- quoted(option$events, "or")
        sprintf(", or if %s is in `competing` or `censor_at`", events)
      } else {
        ""
      }, what
    ), arg = name)
  }
}
