# Formulas: groups, strata, lookup of variables, refused terms.

d <- formula_rows

test_that("the right-hand side: one group, several variables, strata, odd names", {
  expect_identical(labels_of(Surv(t, s) ~ 1), "All")
  expect_identical(labels_of(Surv(t, s) ~ g), c("a", "b"))
  expect_identical(labels_of(Surv(t, s) ~ g + h), c(
    "g=a, h=x", "g=a, h=y", "g=b, h=x", "g=b, h=y"
  ))
  expect_identical(
    labels_of(Surv(t, s) ~ g + strata(h)),
    c("g=a, h=x", "g=b, h=x", "g=a, h=y", "g=b, h=y")
  )
  expect_identical(labels_of(Surv(t, s) ~ strata(h)), c("x", "y"))
  expect_identical(labels_of(Surv(t, s) ~ `odd name`), c("1", "2"))
  expect_identical(labels_of(Surv(t, s) ~ (g)), c("a", "b"))
  expect_identical(labels_of(survival::Surv(t, s) ~ survival::strata(h)), c("x", "y"))
  expect_identical(labels_of(Surv(t, s) ~ t > 2), c("FALSE", "TRUE"))
})

test_that("only combinations that occur are kept, declared levels of one factor all", {
  three <- d[1:3, ]
  expect_identical(labels_of(Surv(t, s) ~ g + h, three), c(
    "g=a, h=x", "g=a, h=y", "g=b, h=x"
  ))
  three$g <- factor(three$g, c("b", "a", "none"))
  expect_identical(labels_of(Surv(t, s) ~ g, three), c("b", "a", "none"))
})

test_that("a Surv() in the formula and one made before it give the same", {
  y <- survival::Surv(d$t, d$s)
  expect_identical(tidy(kaplan_meier(y ~ d$g)), tidy(kaplan_meier(Surv(t, s) ~ g, d)))
  k <- factor(c(1, 0, 2, 1), 0:2, c("censored", "x", "y"))
  y <- survival::Surv(d$t, k)
  expect_identical(
    tidy(cumulative_incidence(y ~ 1)), tidy(cumulative_incidence(Surv(d$t, k) ~ 1))
  )
  y <- survival::Surv(c(0, 0, 1, 2), d$t, d$s)
  expect_identical(
    tidy(kaplan_meier(y ~ 1)), tidy(kaplan_meier(Surv(c(0, 0, 1, 2), t, s) ~ 1, d))
  )
  expect_identical(
    tidy(kaplan_meier(Surv(event = s, time = t) ~ 1, d)),
    tidy(kaplan_meier(Surv(t, s) ~ 1, d))
  )
  expect_equal(sum(tidy(kaplan_meier(Surv(t) ~ 1, d))$n.event), 4)
})

test_that("variables come from the data, then from where the formula was written", {
  s2 <- 1 - d$s
  expect_equal(sum(tidy(kaplan_meier(Surv(t, s2) ~ 1, d))$n.event), 1)
  expect_error(kaplan_meier(Surv(t, nowhere) ~ 1, d), "columns of `data`: t, s, g, h",
    class = "oligosurv_error_input"
  )
})

# Estimators that read `Surv(times, states) ~ groups`, counted in C or read in R
readers <- list(
  event_table, kaplan_meier, cumulative_incidence, logrank_test, gray_test, follow_up,
  maxcombo_test, hazard_ratio,
  function(x, data = NULL) rate_difference(x, data, times = 2),
  function(x, data = NULL) restricted_mean(x, data, tau = 2)
)

counts_of <- function(formula, data = NULL) as.data.frame(event_table(formula, data))

test_that("arguments of a function that are not evaluated yet are variables, too", {
  wanted <- counts_of(Surv(t, s) ~ g, d)
  evaluated <- character()
  once <- function(name) {
    evaluated <<- c(evaluated, name)
    d[[name]]
  }
  count <- function(times, states, groups, data = NULL) {
    counts_of(Surv(times, states) ~ groups, data)
  }
  expect_identical(count(once("t"), once("s"), once("g")), wanted)
  expect_identical(evaluated, c("t", "s", "g"))
  # arguments of a second function are promises of promises
  pass <- function(times, states, groups) count(times, states, groups)
  evaluated <- character()
  expect_identical(pass(once("t"), once("s"), once("g")), wanted)
  expect_identical(evaluated, c("t", "s", "g"))
  # arguments with columns of `data`, in strata, and with a default
  beside <- function(groups, other = groups) {
    counts_of(Surv(t, s) ~ groups + strata(other), d)
  }
  expect_identical(beside(d$g), counts_of(Surv(t, s) ~ g + strata(g), d))
  # a column of `data` takes precedence over an argument, which is not evaluated
  shadowed <- function(g) counts_of(Surv(t, s) ~ g, d)
  expect_identical(shadowed(stop("not to be evaluated")), wanted)
})

test_that("active and lazy bindings give their value", {
  wanted <- counts_of(Surv(t, s) ~ g, d)
  made <- 0
  delayedAssign("groups", {
    made <- made + 1
    d$g
  })
  expect_identical(counts_of(Surv(t, s) ~ groups, d), wanted)
  expect_identical(counts_of(Surv(t, s) ~ groups, d), wanted)
  expect_identical(made, 1)
  bindings <- new.env()
  makeActiveBinding("times", function() d$t, bindings)
  makeActiveBinding("states", function() d$s, bindings)
  makeActiveBinding("active", function() d$g, bindings)
  formula <- Surv(times, states) ~ active
  environment(formula) <- bindings
  expect_identical(counts_of(formula), wanted)
  expect_identical(counts_of(formula, d), wanted)
  # variables are looked up where the formula was written, not where it is used
  formula <- local({
    only_here <- d$g
    Surv(t, s) ~ only_here
  })
  only_here <- rev(d$g)
  expect_identical(counts_of(formula, d), wanted)
})

test_that("an argument that is missing or cannot be evaluated is an input error, once", {
  times <- d$t
  states <- d$s
  for (read in readers) {
    without <- function(groups) read(Surv(times, states) ~ groups, d)
    expect_error(without(), "`groups`.*missing, with no default",
      class = "oligosurv_error_input"
    )
    tried <- 0
    fails <- function() {
      tried <<- tried + 1
      stop("it has no value yet")
    }
    expect_no_warning(expect_error(without(fails()), "`groups`.*has no value yet",
      class = "oligosurv_error_input"
    ))
    expect_identical(tried, 1)
    delayedAssign("later", fails())
    expect_no_warning(expect_error(read(Surv(times, states) ~ later), "no value yet",
      class = "oligosurv_error_input"
    ))
    expect_identical(tried, 2)
    bindings <- new.env()
    makeActiveBinding("active", fails, bindings)
    formula <- Surv(times, states) ~ active
    parent.env(bindings) <- environment()
    environment(formula) <- bindings
    expect_error(read(formula, d), "no value yet", class = "oligosurv_error_input")
  }
})

test_that("formulas without a usable response are input errors", {
  bad <- list(
    t ~ g, ~g, Surv(t, s) ~ 2, Surv(t, s) ~ g * h, Surv("a", s) ~ 1, Surv(t, d) ~ 1,
    Surv(as.Date("2020-01-01"), 1) ~ 1, Surv(t, s[1:2]) ~ 1, Surv(t, s) ~ g[1:2],
    Surv(t, s, type = "left") ~ 1
  )
  for (formula in bad) {
    expect_error(kaplan_meier(formula, d), class = "oligosurv_error_input")
  }
  expect_error(kaplan_meier(Surv(t, s) ~ 1, 3), class = "oligosurv_error_input")
  expect_error(kaplan_meier(Surv(t, s) ~ 1, d, subset = 1), "unknown argument: `subset`",
    class = "oligosurv_error_input"
  )
})

test_that("model terms other than + are refused, I() is arithmetic", {
  for (formula in list(
    Surv(t, s) ~ g:h, Surv(t, s) ~ g - 1, Surv(t, s) ~ ., Surv(t, s) ~ offset(t)
  )) {
    expect_error(kaplan_meier(formula, d), "joined by `\\+`",
      class = "oligosurv_error_input"
    )
  }
  expect_identical(labels_of(Surv(t, s) ~ I(t * 0)), "0")
})

test_that("labels of combinations stay distinct, in merges too", {
  x <- data.frame(
    t = 1:6, s = 1, g = rep(c("a, b", "a"), 3), h = rep(c("c", "b, c"), 3)
  )
  expect_identical(labels_of(Surv(t, s) ~ g + h, x), c(
    "g=a, h=\"b, c\"", "g=\"a, b\", h=c"
  ))
  table <- event_table(Surv(t, s) ~ g + h, x)
  expect_equal(summary(c(table, table))$n, c(6, 6))
  expect_identical(
    labels_of(Surv(t, s) ~ g + strata(h), x)[1], "g=a, h=\"b, c\""
  )
})

test_that("easy rows are counted in C to the table of the general reading", {
  withr::local_seed(12)
  d <- data.frame(
    day = sample(0:60, 40, TRUE), dead = rbinom(40, 1, 0.6),
    arm = factor(sample(c("b", "a"), 40, TRUE), c("b", "empty", "a")),
    site = sample(c("zoo", "Zoo", "alpha", "Alpha", "10", "9"), 40, TRUE)
  )
  d$month <- d$day / 30.4375
  d$alive <- d$dead == 0
  d$real <- as.double(d$dead)
  d$first <- factor(sample(0:2, 40, TRUE), 0:2, c("censored", "failure", "death"))
  d$other <- factor(sample(0:1, 40, TRUE), 0:1, c("Alive at last visit", "dead"))
  d$rank <- factor(d$arm, c("b", "a"), ordered = TRUE)
  d$text <- as.character(d$arm)
  d$state <- as.character(d$first)
  d$blank <- replace(d$text, 3, "")
  d$unknown <- replace(d$text, 3, NA)
  d$many <- sprintf("L%02d", 1:40)
  d$gap <- replace(d$dead, 3, NA)
  d$twice <- d$dead + 1L
  d$mixed <- factor(sub("Zoo", "\u00e9tage", d$site))
  env_arm <- d$arm
  env_day <- d$day
  easy <- list(
    Surv(day, dead) ~ arm, Surv(month, alive) ~ 1, Surv(day, real) ~ rank,
    Surv(month, first) ~ arm, Surv(day, dead) ~ arm + strata(rank),
    Surv(day, first) ~ 1 + strata(arm), Surv(day, other) ~ arm,
    Surv(day, dead) ~ text, Surv(day, state) ~ arm + strata(text),
    Surv(month, state) ~ text, Surv(day, dead) ~ many
  )
  general <- function(formula, d) count_table(read_formula(formula, d), stats::na.omit)
  for (formula in easy) {
    expect_identical(easy_table(formula, d, 1e-9), general(formula, d))
    expect_identical(event_table(formula, d), general(formula, d))
    for (id in list(1:40, sprintf("P%02d", 40:1))) {
      expect_identical(easy_table(formula, cbind(d, patient_id = id), 1e-9),
        general(formula, d)
      )
    }
  }
  # the locale may sort these labels in another order than that of their bytes
  site <- Surv(day, dead) ~ site
  expect_identical(event_table(site, d), general(site, d))
  # A variable of the formula's environment may be a promise, an active binding or a
  # missing argument; only evaluation by R distinguishes them
  other <- list(
    Surv(day, dead) ~ env_arm, Surv(env_day, dead) ~ arm, Surv(day, dead) ~ blank,
    Surv(day, dead) ~ unknown, Surv(day, dead) ~ mixed, Surv(day, gap) ~ arm,
    Surv(day, dead) ~ strata(env_arm), Surv(day, text) ~ 1,
    Surv(day, twice) ~ 1, Surv(day, dead) ~ arm + site, Surv(day + 1, dead) ~ arm,
    Surv(day - 9, dead) ~ 1, Surv(day, dead) ~ dead, Surv(day, nowhere) ~ 1,
    Surv(day, day, dead) ~ 1, survival::Surv(day, dead) ~ 1, Surv(time = day, dead) ~ 1,
    ~arm, Surv(day, dead) ~ strata(arm)
  )
  for (formula in other) expect_null(easy_table(formula, d, 1e-9))
  d$near <- 100 * (1 + 4e-10 * (d$day %% 2))
  expect_null(easy_table(Surv(near, dead) ~ 1, d, 1e-9))
  expect_s3_class(easy_table(Surv(near, dead) ~ 1, d, 0), "event_table")
  expect_null(easy_table(easy[[1]], d, -1))
  expect_null(easy_table(easy[[1]], transform(d, patient_id = 1), 1e-9))
  expect_null(easy_table(easy[[1]], d[0, ], 1e-9))
  expect_null(easy_table(easy[[1]], d[rep(1:40, 103), ], 1e-9))
  d$censored <- d$dead
  expect_null(easy_table(Surv(day, censored) ~ 1, d, 1e-9))
  d$late <- late_group(d$arm == "a", known = rep(10, 40))
  expect_null(easy_table(Surv(day, dead) ~ late, d, 1e-9))
  attr(d$arm, "known") <- rep(10, 40)
  expect_null(easy_table(Surv(day, dead) ~ arm, d, 1e-9))
})

test_that("rows of endpoint() keep their axis; groups known only later are refused", {
  os <- endpoint(hcc_sbrt, "os")
  pfs <- endpoint(hcc_sbrt, "pfs")
  pfs$month <- pfs$time + 1
  for (formula in list(Surv(time, status) ~ cohort, Surv(time, status) ~ 1)) {
    for (d in list(os, pfs, endpoint(hcc_sbrt, "local_failure"))) {
      expect_named(event_table(formula, d)$origin, c("unit", "label"))
    }
  }
  general <- function(formula, d) count_table(read_formula(formula, d), stats::na.omit)
  for (formula in list(Surv(time, status) ~ cohort, Surv(month, status) ~ 1)) {
    expect_identical(easy_table(formula, pfs, 0), general(formula, pfs))
  }
  expect_null(event_table(Surv(month, status) ~ cohort, pfs)$origin)
  lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
  expect_null(easy_table(Surv(time, status) ~ cohort, lesions, 0))
  expect_null(easy_table(Surv(time, status) ~ 1, pfs[names(pfs) != "patient_id"], 0))
  expect_error(kaplan_meier(Surv(time, status) ~ best_response, os),
    "known only after time zero", class = "oligosurv_error_data"
  )
  later <- Surv(time, status) ~ best_response
  expect_null(easy_table(later, os, 1e-9))
  os[found_out_later] <- os$cohort
  for (name in found_out_later) {
    formula <- stats::reformulate(name, quote(Surv(time, status)))
    expect_error(kaplan_meier(formula, os), "known only", class = "oligosurv_error_data")
  }
})

test_that("`subset =` says what to do instead", {
  d <- data.frame(t = 1:4, s = 1, sex = c("f", "m"))
  for (f in list(kaplan_meier, logrank_test, event_table, hazard_ratio)) {
    expect_error(f(Surv(t, s) ~ sex, d, subset = sex == "f"),
      "unknown argument: `subset`; .*subset\\(data", class = "oligosurv_error_input"
    )
  }
})

test_that("an empty argument of Surv() and other kinds of Surv objects are refused", {
  d <- data.frame(t = 1:4, s = c(1, 0, 1, 1))
  refused <- function(expr, message) {
    error <- expect_error(expr, message, fixed = TRUE, class = "oligosurv_error_input")
    expect_identical(error$arg, "x")
  }
  refused(kaplan_meier(Surv(t, ) ~ 1, d),
    "`Surv(t, )` of the formula has an empty argument; give it or remove its comma"
  )
  refused(kaplan_meier(Surv(, s) ~ 1, d), "`Surv(, s)` of the formula has an empty")
  surv <- survival::Surv
  for (y in list(
    surv(d$t, d$s, type = "left"), surv(d$t, d$t + 1, type = "interval2")
  )) {
    refused(kaplan_meier(y ~ 1, d), sprintf(
      "Surv objects of type \"%s\" are not supported", attr(y, "type")
    ))
  }
})

test_that("more combinations of groups and strata than an integer counts are refused", {
  k <- 33000
  d <- data.frame(t = seq_len(k), s = 1, g = seq_len(k), h = seq_len(k))
  error <- expect_error(event_table(Surv(t, s) ~ g + strata(h), d), paste(
    "33,000 groups, 33,000 strata and up to 3 values of the status have too many",
    "combinations to count"
  ), class = "oligosurv_error_data")
  expect_identical(error$arg, "x")
})
