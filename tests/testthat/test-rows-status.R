# The status in a formula: the code or level that means censored.

d <- formula_rows

test_that("`censor` names the censoring level wherever it stands", {
  k <- factor(c("relapse", "alive", "death", "relapse"), c("relapse", "alive", "death"))
  expect_error(
    cumulative_incidence(Surv(d$t, k) ~ 1), "does not look like it",
    class = "oligosurv_error_input"
  )
  fit <- cumulative_incidence(Surv(d$t, k) ~ 1, censor = "alive")
  expect_identical(levels(tidy(fit)$outcome), c("relapse", "death"))
  expect_error(cumulative_incidence(Surv(d$t, k) ~ 1, censor = "lost"),
    "is not a level of the status", class = "oligosurv_error_input"
  )
})

test_that("`censor` names the code of a numeric status, a number or text", {
  estimates <- function(status, ...) {
    d <- data.frame(time = 1:4, s = status)
    tidy(kaplan_meier(Surv(time, s) ~ 1, d, ...))$estimate
  }
  expect_identical(estimates(c(1, 1, 1, 1), censor = 1), rep(1, 5))
  expect_identical(estimates(c(1L, 2L, 1L, 1L), censor = "2"), c(1, 3, 3, 1.5, 0) / c(
    1, 4, 4, 4, 4
  ))
  expect_identical(estimates(c(1, 1, 0, 1), censor = 1), estimates(c(0, 0, 1, 0)))
  expect_identical(estimates(c(TRUE, FALSE, FALSE, TRUE), censor = TRUE),
    estimates(c(FALSE, TRUE, TRUE, FALSE))
  )
  expect_identical(estimates(c(9, 3, 9, 3), censor = 9), estimates(c(0, 1, 0, 1)))
  expect_error(estimates(c(0, 1, 2, 1), censor = 0), "2 other codes \\(1, 2\\)",
    class = "oligosurv_error_input"
  )
  expect_error(estimates(1:4, censor = c(1, 2)), class = "oligosurv_error_input")
})

test_that("several labels that could mean censoring are an error unless one is named", {
  outcome <- rep(
    c("Alive w Disease", "Alive wo Disease", "Dead of Disease", "Dead of Other"), 2
  )
  d <- data.frame(t = c(5, 8, 12, 20, 24, 30, 33, 40), o = outcome)
  both <- c("Alive w Disease", "Alive wo Disease")
  recoded <- transform(d, o = factor(
    ifelse(grepl("Alive", outcome), "alive", outcome), c("alive", unique(outcome)[3:4])
  ))
  want <- tidy(cumulative_incidence(Surv(t, o) ~ 1, recoded))
  for (x in list(outcome, factor(outcome), factor(outcome, rev(unique(outcome))))) {
    d$o <- x
    error <- expect_error(cumulative_incidence(Surv(t, o) ~ 1, d),
      "2 labels that look like censoring.*censor = c\\(\"Alive w",
      class = "oligosurv_error_input"
    )
    expect_setequal(error$values, both)
    fit <- cumulative_incidence(Surv(t, o) ~ 1, d, censor = both)
    got <- tidy(fit)
    expect_equal(got$estimate[got$outcome == "Dead of Disease"],
      want$estimate[want$outcome == "Dead of Disease"]
    )
    expect_setequal(as.character(glance(fit)$outcome), unique(outcome)[3:4])
    expect_output(print(fit), "0 = Alive wo? Disease / Alive wo? Disease \\(4\\)",
      width = 200
    )
  }
  for (pair in list(
    c("alive", "censored"), c("No event", "none"), c("ALIVE", "Censored (lost)"),
    c("0", "censored"), c("no", "FALSE"), c("alive", "Alive"), c("NED", "AWD"),
    c("event-free", "lost to follow-up"), c("No Event", "no relapse"),
    c("alive", "right censored"), c("disease-free", "Lost-to-follow-up"),
    c("no local failure", "no distant  metastasis"), c("still  alive", "not dead"),
    c("relapse free", "end of study"), c("no PD", "lost follow-up")
  )) {
    d <- data.frame(t = 1:8, o = rep(pair, 4), g = rep(1:2, each = 4))
    for (f in list(kaplan_meier, logrank_test, follow_up)) {
      expect_error(f(Surv(t, o) ~ g, d), "look like censoring",
        class = "oligosurv_error_input"
      )
    }
    fit <- kaplan_meier(Surv(t, o) ~ 1, d, censor = pair)
    expect_identical(sum(glance(fit)$n.event), 0)
    fit <- kaplan_meier(Surv(t, o) ~ 1, d, censor = pair[1]) # given, so no error
    expect_identical(sum(glance(fit)$n.event), 4)
  }
  # no error if the first level is declared and events have similar names
  for (other in c(
    "event", "nodal failure", "not alive", "notable", "allowed", "withdrawn",
    "disease", "progression", "lost graft", "new metastasis", "end stage"
  )) {
    d$o <- factor(rep(c("alive", other), 4), c("alive", other))
    expect_identical(glance(kaplan_meier(Surv(t, o) ~ 1, d))$n.event, 4)
  }
  expect_error(kaplan_meier(Surv(t, o) ~ 1, d, censor = c("alive", "lost")),
    "\"lost\", which is not a level", class = "oligosurv_error_input"
  )
  for (bad in list(character(), NA, c("alive", NA), c("alive", "alive"), list("alive"))) {
    expect_error(kaplan_meier(Surv(t, o) ~ 1, d, censor = bad),
      class = "oligosurv_error_input"
    )
  }
  codes <- data.frame(t = 1:6, s = c(0, 1, 2, 0, 1, 2))
  fit <- kaplan_meier(Surv(t, s) ~ 1, codes, censor = c(1, 2)) # CDISC: 0 is the event
  expect_identical(glance(fit)$n.event, 2)
})

test_that("codes in a column named after censoring are an error that asks for `censor`", {
  d <- data.frame(t = 1:6, CNSR = c(0, 1, 1, 0, 0, 1))
  d$cnsr1 <- d$is_censored <- d$CENS <- d$isCensored <- d$pfs.censor <- d$CNSR
  d$OSCENS <- d$oscens <- d$CensorStatus <- d$censorflag <- d$rcens <- d$CNSR
  d$Zensiert <- d$CNSR
  want <- glance(kaplan_meier(Surv(t, CNSR == 0) ~ 1, d))$n.event
  expect_identical(want, 3)
  for (name in setdiff(names(d), "t")) {
    formula <- stats::as.formula(sprintf("Surv(t, %s) ~ 1", name))
    for (code in list(identity, as.integer, as.logical, as.character, factor)) {
      x <- d
      x[[name]] <- code(d[[name]])
      error <- expect_error(kaplan_meier(formula, x), "say which codes mean censored",
        class = "oligosurv_error_input"
      )
      censored <- as.character(x[[name]][2L])
      expect_match(conditionMessage(error), sprintf("`%s`", name), fixed = TRUE)
      fit <- kaplan_meier(formula, x, censor = censored)
      expect_identical(glance(fit)$n.event, 3)
      expect_identical(tidy(fit), tidy(kaplan_meier(Surv(t, CNSR == 0) ~ 1, d)))
    }
  }
  d$CNSR <- c(0, 2, 2, 0, 0, 2)
  expect_error(kaplan_meier(Surv(t, CNSR) ~ 1, d), "codes: 0, 2\\).*`censor = 2`",
    class = "oligosurv_error_input"
  )
  expect_identical(glance(kaplan_meier(Surv(t, CNSR) ~ 1, d, censor = 2))$n.event, 3)
  expect_error(kaplan_meier(Surv(t, d$CNSR) ~ 1, d), "`CNSR`",
    class = "oligosurv_error_input"
  )
  expect_error(kaplan_meier(Surv(d$t, d[["CNSR"]]) ~ 1), "`CNSR`",
    class = "oligosurv_error_input"
  )
  for (formula in list(
    Surv(t, as.numeric(CNSR)) ~ 1, Surv(t, +CNSR) ~ 1, Surv(t, I(CNSR)) ~ 1,
    Surv(t, factor(CNSR)) ~ 1, Surv(t, d[, "CNSR"]) ~ 1, Surv(t, as.integer(d$CNSR)) ~ 1
  )) {
    expect_error(kaplan_meier(formula, d), "`CNSR`", class = "oligosurv_error_input")
  }
  d$x <- c(1, 5, 2, 6, 3, 4)
  expect_error(hazard_ratio(Surv(t, CNSR) ~ x, d), "`CNSR`",
    class = "oligosurv_error_input"
  )
  # expressions, explicit names and names that only sound similar are accepted
  d$cens <- rep(c("censored", "relapse"), 3)
  d$license <- d$uncensored <- d$not_censored <- d$consensus <- d$status <- rep(0:1, 3)
  d$census <- d$nonCensored <- d$ascension <- d$status
  for (formula in list(
    Surv(t, 1 - CNSR / 2) ~ 1, Surv(t, cens) ~ 1, Surv(t, license) ~ 1,
    Surv(t, uncensored) ~ 1,
    Surv(t, not_censored) ~ 1, Surv(t, consensus) ~ 1, Surv(t, status) ~ 1,
    Surv(t, census) ~ 1, Surv(t, nonCensored) ~ 1, Surv(t, ascension) ~ 1
  )) {
    expect_identical(glance(kaplan_meier(formula, d))$n.event, 3)
  }
})

test_that("a status without any value is an input error", {
  d <- data.frame(t = 1:4, gone = factor(rep(NA, 4)), blank = c("", " "), none = NA)
  refused <- function(formula, message) {
    error <- expect_error(kaplan_meier(formula, d), message,
      class = "oligosurv_error_input"
    )
    expect_identical(error$arg, "status")
  }
  refused(Surv(t, gone) ~ 1, "a factor without levels, so all its values are missing")
  refused(Surv(t, blank) ~ 1, "all values of the status are missing or empty")
  refused(Surv(t, as.character(none)) ~ 1, "all values of the status are missing")
})

test_that("a word for a missing value is no event", {
  outcome <- c("alive", "relapse", "x", "alive", "death", "x", "death", "alive")
  d <- data.frame(month = 1:8)
  # without these rows: relapse of 1 of 5 at 2, deaths of 1 of 3 at 5 and of 1 of 2 at 7
  for (word in c("n/a", "NA", "N.A.", "null", "-", ".", "?", "#N/A")) {
    labels <- c("alive", "relapse", "death", word)
    d$o <- factor(sub("x", word, outcome, fixed = TRUE), labels)
    error <- expect_error(cumulative_incidence(Surv(month, o) ~ 1, d),
      "means a missing value but would be an event.*NA.*censor =",
      class = "oligosurv_error_input"
    )
    expect_identical(error$values, word)
    expect_error(event_table(Surv(month, o) ~ 1, d), class = "oligosurv_error_input")
    d$o[d$o %in% word] <- NA
    d$o <- droplevels(d$o)
    x <- suppressMessages(tidy(cumulative_incidence(Surv(month, o) ~ 1, d), times = 7))
    expect_equal(x$estimate, c(1 / 5, 4 / 5 * 1 / 3 + 4 / 5 * 2 / 3 * 1 / 2))
  }
  # censored rows may have such a label, and it need not occur
  d$o <- factor(sub("x", "-", outcome), c("alive", "relapse", "death", "-"))
  fit <- cumulative_incidence(Surv(month, o) ~ 1, d, censor = c("alive", "-"))
  expect_identical(as.character(glance(fit)$outcome), c("relapse", "death"))
  expect_no_error(cumulative_incidence(Surv(month, o) ~ 1, d[d$o != "-", ]))
})

test_that("the loss of a patient is censoring, or its label must be explained", {
  d <- data.frame(month = 1:6, o = rep(c("alive", "dead", "x"), 2))
  labels <- c("lost", "Lost", "loss to follow-up", "Loss of FU", "lost f/u", "ongoing")
  for (label in labels) {
    d$o[d$o == "x" | d$o %in% labels] <- label
    expect_error(cumulative_incidence(Surv(month, o) ~ 1, d),
      "2 labels that look like censoring", class = "oligosurv_error_input"
    )
  }
  d$o[!d$o %in% c("alive", "dead")] <- "loss of function" # an event
  fit <- cumulative_incidence(Surv(month, o) ~ 1, d)
  expect_setequal(fit$outcomes, c("dead", "loss of function"))
})

test_that("value labels that contradict the codes 0/1 and 1/2 are an error", {
  labelled <- function(x, labels) {
    structure(x, labels = labels, class = c("haven_labelled", "vctrs_vctr", typeof(x)))
  }
  events <- function(x, ...) {
    d <- data.frame(t = 1:4)
    d$s <- x
    suppressMessages(glance(kaplan_meier(Surv(t, s) ~ 1, d, ...)))$n.event
  }
  error <- expect_error(events(labelled(c(0, 1, 0, 0), c(dead = 0, alive = 1))),
    "1 is read as the event, but .* 0 = dead and 1 = alive; .*censor = 1",
    class = "oligosurv_error_input"
  )
  expect_identical(events(labelled(c(0, 1, 0, 0), c(dead = 0, alive = 1)), censor = 1), 3)
  expect_error(events(labelled(c(1L, 2L, 1L, 1L), c(Dead = 1L, Alive = 2L))),
    "2 is read as the event", class = "oligosurv_error_input"
  )
  expect_identical(events(labelled(c(0, 1, 0, 0), c(alive = 0, dead = 1))), 1)
  expect_identical(events(labelled(c(1, 2, 1, 1), c(alive = 1, dead = 2))), 1)
  expect_identical(events(labelled(c(0, 1, 0, 0), c(unknown = 9))), 1)
})
