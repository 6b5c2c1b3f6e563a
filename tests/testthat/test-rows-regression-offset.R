# offset() of hazard_ratio(): against coxph() and its finegray() rows, from rows and from
# counts, and what uses the linear predictor.

offset_data <- function(n = 150) {
  withr::local_seed(11)
  data.frame(
    time = ceiling(stats::rexp(n) * 40), status = sample(0:2, n, TRUE),
    start = 0, x = stats::rnorm(n), g = factor(sample(c("a", "b", "c"), n, TRUE)),
    score = round(stats::rnorm(n), 1), s = factor(sample(1:2, n, TRUE))
  ) |> transform(start = pmax(0, time - sample(5:200, n, TRUE)), dead = status > 0)
}

test_that("Cox: coefficients, variance, likelihood, PH test, residuals are coxph()'s", {
  d <- offset_data()
  forms <- list(
    Surv(time, dead) ~ x + g + offset(score),
    Surv(time, dead) ~ x + offset(2 * score) + g + strata(s) + offset(as.integer(g) / 3),
    Surv(start, time, dead) ~ g + offset(score)
  )
  for (form in forms) {
    for (ties in c("efron", "breslow")) {
      fit <- hazard_ratio(form, d, ties = ties)
      peer <- survival::coxph(form, d, ties = ties, control = tight)
      error <- sqrt(diag(stats::vcov(peer)))
      expect_lt(max(abs(coef(fit) - coef(peer)) / error), 1e-9)
      expect_equal(unname(vcov(fit)), unname(vcov(peer)), tolerance = 1e-8)
      expect_equal(as.vector(logLik(fit)), peer$loglik[2], tolerance = 1e-11)
      for (type in c("martingale", "score", "schoenfeld")) {
        expect_equal(unname(residuals(fit, type)), unname(as.matrix(
          stats::residuals(peer, type)
        ))[, seq_len(NCOL(residuals(fit, type)))], tolerance = 1e-8, ignore_attr = TRUE)
      }
      expect_equal(
        utils::tail(fit$proportional_hazards$statistic, 1),
        survival::cox.zph(peer)$table["GLOBAL", 1], tolerance = 1e-6
      )
    }
  }
  id <- sample(40, nrow(d), TRUE)
  fit <- hazard_ratio(forms[[1]], d, id = id)
  peer <- survival::coxph(forms[[1]], d, cluster = id, control = tight)
  factor <- length(unique(id)) / (length(unique(id)) - 4)
  expect_equal(unname(vcov(fit)), unname(vcov(peer)) * factor, tolerance = 1e-8)
})

test_that("Fine-Gray: those of coxph() with the rows of finegray()", {
  d <- offset_data()
  d$cause <- factor(d$status, 0:2, c("alive", "relapse", "death"))
  long <- survival::finegray(Surv(time, cause) ~ ., d, etype = "relapse")
  peer <- survival::coxph(Surv(fgstart, fgstop, fgstatus) ~ x + g + offset(score), long,
    weights = fgwt, ties = "breslow", control = tight
  )
  fit <- hazard_ratio(Surv(time, cause) ~ x + g + offset(score), d, "fine-gray",
    outcome = "relapse"
  )
  expect_lt(max(abs(coef(fit) - coef(peer)) / sqrt(diag(vcov(fit)))), 1e-9)
  r <- residuals(fit, "schoenfeld")
  expect_lt(max(abs(colSums(r))), 1e-8)
  expect_equal(sum(residuals(fit)), 0, tolerance = 1e-9)
})

test_that("from counts the same, for Cox and Fine-Gray, with entry and Firth", {
  d <- offset_data()
  d$cause <- factor(d$status, 0:2, c("alive", "relapse", "death"))
  d$o <- as.integer(d$g) * 0.3
  table <- event_table(Surv(time, cause) ~ g + s + o, d)
  for (model in c("cox", "fine-gray")) {
    rows <- hazard_ratio(Surv(time, cause) ~ s + offset(o), d, model)
    counts <- hazard_ratio(table, ~ s + offset(o), model)
    expect_equal(counts$table, rows$table, tolerance = 1e-11)
    penalised <- hazard_ratio(table, ~ s + offset(log(1 + o)), model, firth = TRUE)
    same <- hazard_ratio(Surv(time, cause) ~ s + offset(log(1 + o)), d, model,
      firth = TRUE
    )
    expect_equal(penalised$table, same$table, tolerance = 1e-9)
    new <- data.frame(s = c("1", "2"), o = c(0.3, 0.9))
    expect_equal(tidy(predict(counts, new)), tidy(predict(rows, new)), tolerance = 1e-9)
  }
  late <- event_table(Surv(start, time, dead) ~ g + s + o, d)
  expect_equal(
    coef(hazard_ratio(late, ~ s + offset(o))),
    coef(hazard_ratio(Surv(start, time, dead) ~ s + offset(o), d)), tolerance = 1e-11
  )
  # an offset that is constant changes nothing; one of the covariate moves its coefficient
  plain <- hazard_ratio(table, ~s)
  expect_equal(coef(hazard_ratio(table, ~ s + offset(5 + 0 * o))), coef(plain),
    tolerance = 1e-10
  )
  moved <- hazard_ratio(table, ~ s + offset(as.numeric(s == "2")))
  expect_equal(coef(moved), coef(plain) - 1, tolerance = 1e-10)
})

test_that("curves are those of survfit(); all that reads linear predictors has it", {
  d <- offset_data()
  form <- Surv(time, dead) ~ x + g + offset(score)
  fit <- hazard_ratio(form, d)
  peer <- survival::coxph(form, d, control = tight)
  new <- data.frame(x = c(0, 1), g = c("a", "c"), score = c(-1, 0.5))
  p <- tidy(predict(fit, new, times = c(10, 40, 80)))
  want <- summary(survival::survfit(peer, new), c(10, 40, 80))
  expect_equal(p$estimate, as.vector(want$surv), tolerance = 1e-9)
  expect_equal(p$std.error, as.vector(want$std.err), tolerance = 1e-7)
  lp <- predict(fit, type = "linear predictor")$estimate
  x <- model.matrix(fit)
  expect_equal(attr(x, "offset"), d$score)
  expect_equal(lp, drop(unname(x) %*% coef(fit)) + d$score, ignore_attr = TRUE)
  expect_equal(predict(fit, new, type = "risk")$estimate,
    exp(c(-1, coef(fit)[["x"]] + coef(fit)[["g c"]] + 0.5)),
    tolerance = 1e-12
  )
  expect_equal(
    tidy(concordance_index(fit, d))$estimate,
    survival::concordance(peer)$concordance[[1]], tolerance = 1e-10
  )
  # adjusted: the mean of the curves of all rows, each with its offset
  a <- tidy(adjusted_curves(fit, by = g), times = 40)
  each <- predict(fit, transform(d, g = "b"), times = 40)
  expect_equal(a$estimate[a$strata == "b"], mean(tidy(each)$estimate), tolerance = 1e-9)
  expect_output(print(fit), "offset\\(score\\) in the linear predictor, not estimated")
  withr::local_seed(3)
  corrected <- bootstrap_optimism(form, d, n_resamples = 99)
  expect_equal(tidy(corrected)$apparent[1], tidy(concordance_index(fit, d))$estimate)
})

test_that("a missing offset drops the row; what is not an offset is a classed error", {
  d <- offset_data(60)
  d$score[3] <- NA
  fit <- suppressMessages(hazard_ratio(Surv(time, dead) ~ x + offset(score), d))
  expect_equal(
    coef(fit), coef(hazard_ratio(Surv(time, dead) ~ x + offset(score), d[-3, ]))
  )
  d$score[3] <- 0
  d$text <- "a"
  refused <- function(form, message, class = "oligosurv_error_input") {
    expect_error(hazard_ratio(form, d), message, class = class)
  }
  refused(Surv(time, dead) ~ x + offset(text), "must be one number per row")
  refused(Surv(time, dead) ~ x + offset(g), "must be one number per row")
  refused(Surv(time, dead) ~ x:offset(score), "separate term")
  refused(Surv(time, dead) ~ x + offset(score, 2), "separate term|unused")
  refused(Surv(time, dead) ~ x + stats::offset(score), "offset")
  refused(Surv(time, dead) ~ offset(score), "needs covariates")
  refused(Surv(time, dead) ~ x + offset(log(score * 0)), "must be finite",
    "oligosurv_error_domain"
  )
  fit <- hazard_ratio(Surv(time, dead) ~ x + offset(score), d)
  expect_error(predict(fit, data.frame(x = 1)), "no column `score`",
    class = "oligosurv_error_input"
  )
  dot <- hazard_ratio(Surv(time, dead) ~ . - text - start - status - s + offset(score), d)
  expect_identical(names(coef(dot)), c("x", "g b", "g c"))
  table <- event_table(Surv(time, dead) ~ g, d)
  expect_error(hazard_ratio(table, ~ g + offset(score)), "without the variable `score`",
    class = "oligosurv_error_input"
  )
})
