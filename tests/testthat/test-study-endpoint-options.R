# The options of endpoint(): defaults, checks, and which endpoints take them.

default_in <- function(fun, name) {
  value <- eval(formals(fun)[[name]])
  if (is.null(value)) NULL else value[1L]
}

test_that("the table of options has the defaults and choices of the signatures", {
  asked <- c("study", "what", "level", "unit", "landmark", "competing")
  expect_setequal(names(endpoint_options), setdiff(names(formals(endpoint)), asked))
  for (name in names(endpoint_options)) {
    expect_identical(endpoint_options[[name]]$default, default_in(endpoint, name))
    choices <- eval(formals(endpoint)[[name]])
    # a check of choices accepts the whole vector of a signature as the first of them
    if (is.character(choices)) {
      expect_identical(endpoint_options[[name]]$check(choices, name), choices[1L])
    }
  }
  for (name in toxicity_options) {
    expect_identical(formals(toxicity_table)[[name]], formals(endpoint)[[name]])
  }
})

test_that("every endpoint of an option exists, and an option of an event is one", {
  for (option in endpoint_options) {
    expect_true(all(option$endpoints %in% names(endpoint_rules)))
    expect_true(all(option$events %in% other_events))
  }
})

test_that("an option is refused where nothing uses it", {
  expect_refused <- function(text, ...) {
    expect_error(endpoint(hcc_sbrt, ...), text, fixed = TRUE,
      class = "oligosurv_error_input"
    )
  }
  expect_refused("`grade` applies only to the endpoint \"late_toxicity\", or if", "os",
    grade = 2
  )
  expect_refused("`pfs_censor` applies only to the endpoints \"pfs\", \"progression\"",
    "os",
    pfs_censor = "last_imaging"
  )
  expect_refused("`threshold` applies only to", "distant_failure", threshold = 3)
  expect_refused("`grace_days` applies only to", "local_failure", grace_days = 30)
  expect_refused("`cause` applies only to", "os", cause = "HCC")
  expect_refused("`response` applies only to", "os", response = mean)
  # the default, and an option of an event that competes or censors, are none
  expect_s3_class(endpoint(hcc_sbrt, "os", grade = 3L), "sbrt_endpoint")
  by_toxicity <- function(grade) {
    table(endpoint(hcc_sbrt, "pfs", competing = "late_toxicity", grade = grade)$status)
  }
  late <- endpoint(hcc_sbrt, "late_toxicity", grade = 1)$status == "late toxicity"
  expect_gt(sum(late), 0)
  expect_gt(by_toxicity(1)[["late toxicity"]], by_toxicity(3)[["late toxicity"]])
})
