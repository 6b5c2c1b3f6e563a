# Data that leave a model in trouble: for Cox and Fine-Gray, from rows and from counts, an
# answer with a word for it or a classed error that names the covariate.

withr::with_seed(2, {
  base <- data.frame(
    time = round(stats::rexp(40) * 20) + 1, status = sample(0:2, 40, TRUE),
    x = stats::rnorm(40), g = factor(sample(c("a", "b"), 40, TRUE))
  )
  noise <- matrix(stats::rnorm(40 * 12), 40, dimnames = list(NULL, paste0("v", 1:12)))
})
with_events <- function(d, status = d$status) {
  d$cause <- factor(status, 0:2, c("alive", "relapse", "death"))
  d
}
few <- ifelse(seq_len(40) %in% 7:8, base$status * 0 + 1:2, 0)

# data, covariates, which coefficients are NA, and what the print or the error says
cases <- list(
  "no event" = list(with_events(base, 0), ~ x + g, c(TRUE, TRUE), "estimable.*no event"),
  "one event" = list(with_events(base, few), ~ x + g, c(FALSE, FALSE),
    "Firth.*1 event for 2 coefficients"
  ),
  "separated" = list(with_events(base, base$status * (base$g == "a")), ~ g + x,
    c(FALSE, FALSE), "Firth"
  ),
  "constant" = list(with_events(transform(base, x = 3)), ~ x + g, c(TRUE, FALSE),
    "not estimable: x"
  ),
  "only a constant" = list(with_events(transform(base, x = 3)), ~x, TRUE,
    "not estimable: x"
  ),
  "collinear" = list(with_events(transform(base, y = 2 * x, h = g)), ~ x + y + g + h,
    c(FALSE, TRUE, FALSE, TRUE), "not estimable: y and h"
  ),
  "more coefficients than events" = list(
    with_events(cbind(base, noise), pmin(base$status, seq_len(40) < 12)),
    stats::reformulate(colnames(noise)), logical(12), "unstable"
  ),
  "covariates of 1e10" = list(with_events(transform(base, x = 1e10 * x)), ~ x + g,
    c(FALSE, FALSE), "events for 2 coefficients"
  ),
  "missing values" = list(
    with_events(transform(base, x = replace(x, 3, NA), g = replace(g, 5, NA))), ~ x + g,
    c(FALSE, FALSE), "38 subjects"
  ),
  "one level" = list(with_events(transform(base, g = "a")), ~g, NULL,
    "`g` has only one level"
  ),
  "infinite" = list(with_events(transform(base, x = replace(x, 3, Inf))), ~x, NULL,
    "`x`.*finite|finite.*`x`|infinite"
  ),
  "a level a row" = list(
    with_events(data.frame(time = 1:6000, g = factor(1:6000)), rep(0:2, 2000)), ~g, NULL,
    "`g` has 6000 levels"
  ),
  "no such covariate" = list(with_events(base), ~ g + age, NULL, "age")
)

test_that("each case has an answer with a word, or a classed error", {
  for (name in names(cases)) {
    case <- cases[[name]]
    known <- intersect(all.vars(case[[2]]), names(case[[1]]))
    for (model in c("cox", "fine-gray")) {
      for (from in c("rows", "counts")) {
        full <- stats::update(case[[2]], Surv(time, cause) ~ .)
        run <- function() {
          if (from == "rows") return(hazard_ratio(full, case[[1]], model, "relapse"))
          of <- stats::reformulate(known, quote(Surv(time, cause)))
          hazard_ratio(event_table(of, case[[1]]), case[[2]], model, "relapse")
        }
        label <- paste(name, model, from)
        if (is.null(case[[3]])) {
          error <- expect_error(suppressMessages(run()), class = "oligosurv_error",
            info = label
          )
          expect_match(conditionMessage(error), case[[4]], info = label)
          next
        }
        fit <- expect_no_warning(suppressMessages(run()))
        expect_identical(unname(is.na(stats::coef(fit))), case[[3]], info = label)
        text <- paste(utils::capture.output(print(fit)), collapse = " ")
        expect_match(text, case[[4]], info = label)
        expect_no_error(suppressMessages(summary(fit)))
        expect_length(stats::coef(fit), length(case[[3]]))
        expect_identical(dim(stats::confint(fit)), c(length(case[[3]]), 2L))
      }
    }
  }
})

test_that("hospitals with different levels: all of them, as from the rows", {
  one <- with_events(base)
  two <- with_events(transform(base, g = ifelse(g == "a", "a", "c")))
  for (model in c("cox", "fine-gray")) {
    counts <- c(
      event_table(Surv(time, cause) ~ g, one), event_table(Surv(time, cause) ~ g, two)
    )
    both <- rbind(one, two)
    expect_equal(
      hazard_ratio(counts, ~g, model)$table,
      hazard_ratio(Surv(time, cause) ~ g, both, model)$table, tolerance = 1e-11
    )
  }
})

test_that("an error on a covariate says what it is, and what to write", {
  d <- data.frame(t = 1:6, s = 1, g = rep(c("a", "b"), 3))
  d$day <- as.Date("2021-01-01") + 1:6
  d$weeks <- as.difftime(1:6, units = "weeks")
  d$flags <- cbind(d$g == "a", d$t > 3)
  stops <- function(formula, words, kind = "input", data = d) {
    expect_error(hazard_ratio(formula, data), words, fixed = TRUE,
      class = paste0("oligosurv_error_", kind)
    )
  }
  stops(Surv(t, s) ~ day, "it is an object of class 'Date' and length 6; write as.numer")
  stops(Surv(t, s) ~ weeks, "write as.numeric(weeks)")
  stops(Surv(t, s) ~ flags, "it is an object of class 'matrix' and length 12")
  stops(Surv(t, s) ~ g, "`g` has no values", "data", d[0, ])
  d$none <- NA
  stops(Surv(t, s) ~ none, "all its values are missing", "data", d)
  fit <- hazard_ratio(Surv(t, s) ~ as.numeric(day), d, firth = TRUE)
  expect_error(predict(fit, data.frame(day = d$day[1]), times = 2), NA)
  d$w <- c(1, NA, 1, 1, 1, 1)
  expect_message(
    hazard_ratio(Surv(t, s) ~ g, d, weights = w, weight_type = "sampling"),
    "missing weight"
  )
})
