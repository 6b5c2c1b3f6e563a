# A million rows, half of them censored, nearly all or none of them, and data with one
# rare cause and few at risk, against 50-digit sums (reference/digits.csv), at
# times with survival near 1 and near 0.

cause_of <- list(
  "half censored" = function(i) c(1, 0, 2, 0, 1, 0)[i %% 6 + 1],
  "few events" = function(i) ifelse(i %% 20011 == 0, ifelse(i %% 2 == 1, 1, 2), 0),
  "all events" = function(i) ifelse(i %% 1000 == 7, 2, 1),
  cancellation = function(i) ifelse(i %% 1000 == 7, 2, ifelse(i %% 100 == 50, 0, 1))
)

digits_rows <- function(name) {
  i <- seq_len(if (name == "cancellation") 2e5 else 1e6)
  cause <- cause_of[[name]](i)
  data.frame(
    time = i, event = as.integer(cause > 0), status = factor(cause, 0:2, 0:2),
    group = factor(as.integer(i %% 10 < ifelse(i %% 1e6 < 1e5, 6, 4)))
  )
}

# Distance from the exact value in units in the last place
ulps <- function(got, want) abs(got - want) / (.Machine$double.eps * abs(want) / 2)

test_that("at 1e6 rows estimates are within 4 ulp, errors and statistics within 1e-13", {
  skip_on_cran() # takes seconds
  exact <- utils::read.csv(reference_file("digits.csv"))
  for (name in names(cause_of)) {
    d <- digits_rows(name)
    want <- exact[exact$data == name & exact$exact != 0, ]
    times <- sort(unique(want$time[want$quantity == "S"]))
    km <- kaplan_meier(Surv(time, event) ~ 1, d, times = times)
    s <- tidy(km)
    f <- tidy(cumulative_incidence(Surv(time, status) ~ 1, d, times = times))
    tau <- max(times)
    got <- rbind(
      data.frame(time = s$time, quantity = "S", got = s$estimate),
      data.frame(time = s$time, quantity = "se S", got = s$std.error),
      data.frame(time = f$time, quantity = paste0("F", f$outcome), got = f$estimate),
      data.frame(time = f$time, quantity = paste0("se F", f$outcome), got = f$std.error),
      data.frame(
        time = tau, quantity = "area",
        got = restricted_mean(Surv(time, event) ~ 1, d, tau = tau)$estimates$estimate
      ),
      data.frame(
        time = nrow(d), quantity = "chi-square",
        got = logrank_test(Surv(time, event) ~ group, d)$statistic
      )
    )
    rows <- merge(want, got)
    expect_gt(nrow(rows), 15)
    estimate <- rows$quantity %in% c("S", "F1", "F2", "area")
    expect_lte(max(ulps(rows$got, rows$exact)[estimate]), 4)
    expect_lt(max(abs(rows$got / rows$exact - 1)[!estimate]), 1e-13)
  }
})
