# Every row of reference/published.csv and reference/reference.csv is computed and
# compared, or listed in `not_yet` or `ruled_out` with the reason: no row is skipped
# silently. To test a row of `not_yet`, add its computation to `in_scope`.

not_yet <- list()

ruled_out <- list(c(
  "an event leaves the risk set before the censorings of its time",
  ": median follow-up Surv\\(t,1-s\\) group"
))

# Rows whose source follows another rule than this package, with the value by our rule.
at_zero <- c( # the limits at S = 0 are exact here and undefined in the source
  "aml: lower(log)(45) Nonmaintained" = 0,
  "aml: upper(log)(45) Nonmaintained" = 0.297633943961489,
  "aml: median UCL (log) Nonmaintained" = 45,
  "aml: quantile 0.5 log UCL group Nonmaintained" = 45,
  "freireich: quantile 0.75 log UCL group placebo" = 23,
  "freireich: quantile 0.75 logit UCL group placebo" = 23,
  "veteran_cell: quantile 0.75 log UCL group adeno" = 186,
  "veteran_cell: quantile 0.75 log UCL group large" = 553,
  "lung_ecog: quantile 0.25 LCL(log) ph.ecog=3" = 118, # ph.ecog=3 has one subject
  "lung_ecog: quantile 0.5 LCL(log) ph.ecog=3" = 118,
  "lung_ecog: quantile 0.75 LCL(log) ph.ecog=3" = 118
)
flat_end <- c( # a curve that is flat at 1 - p to its end: its left end, not the middle
  "km_larynx: quantile 0.75 group 3" = 7.8,
  "survival_quantile_test1: quantile with S level 9/35" = 9
)
own_rule <- c(at_zero, flat_end)

# --- one fit per data set, one number per row -------------------------------------------

once <- local({
  store <- list()
  function(key, value) {
    if (is.null(store[[key]])) store[[key]] <<- value
    store[[key]]
  }
})

rows_of <- function(data) once(data, reference_data(data))

# Any event of a data set, or the events of one cause, as 0/1.
with_event <- function(data, cause = NULL) {
  d <- rows_of(data)
  censored <- if (is.factor(d$status)) "censored" else 0
  d$event <- as.integer(if (is.null(cause)) d$status != censored else d$status == cause)
  d
}

by_group <- function(data, response, test = FALSE) {
  strata <- if (test && "stratum" %in% names(rows_of(data))) " + strata(stratum)" else ""
  stats::as.formula(paste0(response, " ~ group", strata))
}

km_of <- function(data, type = "log-log", pooled = FALSE) {
  once(paste("km", data, type, pooled), {
    d <- with_event(data)
    f <- if (!pooled) {
      by_group(data, "Surv(time, event)")
    } else if ("entry" %in% names(d)) {
      Surv(entry, time, event) ~ 1
    } else {
      Surv(time, event) ~ 1
    }
    kaplan_meier(f, d, conf.type = type)
  })
}

aj_of <- function(data, pooled = FALSE, variance = "greenwood") {
  once(paste("aj", data, pooled, variance), {
    f <- if (pooled) Surv(time, status) ~ 1 else by_group(data, "Surv(time, status)")
    cumulative_incidence(f, rows_of(data), variance = variance)
  })
}

logrank_of <- function(data, cause = NULL) {
  once(paste("logrank", data, cause), {
    logrank_test(by_group(data, "Surv(time, event)", TRUE), with_event(data, cause))
  })
}

# The weighted test by its `name` in the references: "gehan", "fh:1/2:2", "Peto-Peto", ...
weighted_of <- function(data, name) {
  once(paste("weighted", data, name), {
    f <- by_group(data, "Surv(time, event)", TRUE)
    if (startsWith(name, "fh:")) {
      powers <- read_number(strsplit(name, ":")[[1L]][-1L])
      logrank_test(f, with_event(data), "fleming-harrington", powers[1L], powers[2L])
    } else {
      known <- c(
        wilcoxon = "gehan", peto = "peto-peto", `peto-mod` = "modified-peto-peto",
        `km-right` = "kaplan-meier"
      )
      weight <- tolower(name)
      if (weight %in% names(known)) weight <- known[[weight]]
      logrank_test(f, with_event(data), weight)
    }
  })
}

trend_of <- function(data) {
  test <- logrank_test(by_group(data, "Surv(time, event)", TRUE), with_event(data),
    trend = TRUE
  )
  test$z
}

gray_of <- function(data) {
  once(paste("gray", data), {
    gray_test(by_group(data, "Surv(time, status)", TRUE), rows_of(data))
  })
}

area_of <- function(data, group, tau, column, cause = NULL) {
  fit <- once(paste("area", data, tau, is.null(cause)), {
    response <- if (is.null(cause)) "Surv(time, event)" else "Surv(time, status)"
    restricted_mean(
      by_group(data, response), with_event(data), tau = read_number(tau), extend = TRUE
    )
  })
  rows <- of_group(tidy(fit), group)
  rows[[column]][if (is.null(cause)) 1L else match(cause, rows$outcome)]
}

is_pooled <- function(group) {
  group %in% c("", "all", "pooled", ", left truncation", "about 3 (|diff|<0.1)")
}

of_group <- function(rows, group) {
  rows[if (is_pooled(group)) TRUE else as.character(rows$strata) == group, ]
}

at_time <- function(fit, group, time, column) {
  of_group(summary(fit, times = as.numeric(time)), group)[[column]]
}

km_at <- function(data, group, time, column, type = "log") {
  at_time(km_of(data, type, is_pooled(group)), group, time, column)
}

aj_at <- function(data, group, time, cause, column, variance = "greenwood") {
  fit <- aj_of(data, is_pooled(group), variance)
  rows <- summary(fit, times = as.numeric(time))
  rows <- of_group(rows, group)
  rows[[column]][as.character(rows$outcome) == cause]
}

quantile_of <- function(data, group, prob, column = "estimate", type = "log") {
  fit <- km_of(data, type, is_pooled(group))
  of_group(quantile(fit, probs = prob), group)[[column]]
}

limit <- c(LCL = "conf.low", UCL = "conf.high", lower = "conf.low", upper = "conf.high")

gray_row <- function(data, cause, column) {
  rows <- gray_of(data)$tests
  rows[[column]][as.character(rows$outcome) == cause]
}

group_row <- function(test, group, column) {
  test$groups[[column]][as.character(test$groups$group) == group]
}

test_column <- c(
  chisq = "statistic", "chi-square" = "statistic", stat = "statistic",
  p = "p.value", df = "df"
)

# pattern = function(data, captures); patterns see "data: quantity".
in_scope <- list(
  ": logrank (chisq|df)$" = function(d, m) logrank_of(d)[[test_column[m[1]]]],
  ": (?:stratified )?log-?rank (chi-square|p)(?: \\(.*\\))?$" =
    function(d, m) logrank_of(d)[[test_column[m[1]]]],
  ": p of log-rank chi-square$" = function(d, m) logrank_of(d)$p.value,
  ": (?:(?:stratified )?log-rank )?(observed|expected) (?:(?:rx|pat.karno)=)?(.*)$" =
    function(d, m) group_row(logrank_of(d), m[2], m[1]),
  ": cause-specific log-rank (chisq|p) cause (\\d)$" =
    function(d, m) logrank_of(d, m[2])[[test_column[m[1]]]],

  ": (gehan|tarone-ware|peto|peto-mod|km-right|fh:\\S+) (chisq|chi-square|p|df)$" =
    function(d, m) weighted_of(d, m[1])[[test_column[m[2]]]],
  ": (Wilcoxon|Tarone-Ware|Peto-Peto) (?:.* )?(chi-square)(?: \\(.*\\))?$" =
    function(d, m) weighted_of(d, m[1])[[test_column[m[2]]]],
  ": (?:trend z|Z log-rank trend, scores 1..4)$" = function(d, m) trend_of(d),

  ": Gray (stat|p) cause (\\d)$" = function(d, m) gray_row(d, m[2], test_column[m[1]]),
  ": Gray df$" = function(d, m) gray_row(d, "1", "df"),
  ": stratified Gray cause (\\d)(?: \\(2 df\\))?$" =
    function(d, m) gray_row(d, m[1], "statistic"),
  ": p of stratified Gray cause (\\d)(?: \\(2 df\\))?$" =
    function(d, m) gray_row(d, m[1], "p.value"),
  ": Gray (relapse|competing)(?: ALL v AML| event)$" = function(d, m) {
    gray_row(d, if (m[1] == "relapse") "1" else "2", "statistic")
  },
  ": Gray (relapse|competing) p$" = function(d, m) {
    gray_row(d, if (m[1] == "relapse") "1" else "2", "p.value")
  },

  ": S\\(([0-9.]+)\\) ?(.*)$" = function(d, m) km_at(d, m[2], m[1], "estimate"),
  ": n.risk\\(([0-9.]+)\\)(.*)$" = function(d, m) km_at(d, m[2], m[1], "n.risk"),
  ": number of event times$" =
    function(d, m) sum(tidy(km_of(d, pooled = TRUE))$n.event > 0),
  ": se(?: S)?\\(([0-9.]+)\\) (.*)$" = function(d, m) km_at(d, m[2], m[1], "std.error"),
  ": (lower|upper)\\(log\\)\\(([0-9.]+)\\) (.*)$" =
    function(d, m) km_at(d, m[3], m[2], limit[[m[1]]]),
  ": reverse KM at (\\d) \\(events leave first\\)$" = function(d, m) {
    fit <- follow_up(Surv(time, event) ~ 1, with_event(d))
    at_time(fit, "", m[1], "estimate")
  },

  ": median (?!follow|LCL|UCL)(.*)$" = function(d, m) quantile_of(d, m[1], 0.5),
  ": median (LCL|UCL) \\(log\\) (.*)$" =
    function(d, m) quantile_of(d, m[2], 0.5, limit[[m[1]]]),
  ": quantile (0[.]\\d+) (?:group |ph.ecog=)(.*)$" =
    function(d, m) quantile_of(d, m[2], as.numeric(m[1])),
  ": quantile (0[.]\\d+) (\\S+) (LCL|UCL) group (.*)$" =
    function(d, m) quantile_of(d, m[4], as.numeric(m[1]), limit[[m[3]]], m[2]),
  ": quantile (0[.]\\d+) (LCL|UCL)\\(log\\) ph.ecog=(.*)$" =
    function(d, m) quantile_of(d, m[3], as.numeric(m[1]), limit[[m[2]]]),
  ": quantile with S level (\\S+) " =
    function(d, m) quantile_of(d, "all", 1 - read_number(m[1])),
  ": LCL \\(log\\) of the same, S level (\\S+)$" =
    function(d, m) quantile_of(d, "all", 1 - read_number(m[1]), "conf.low"),
  ": median follow-up reverse KM \\(events first\\) group (.*)$" = function(d, m) {
    fit <- once(paste("follow-up", d), {
      follow_up(Surv(time, event) ~ group, with_event(d))
    })
    of_group(median(fit), m[1])$estimate
  },

  ": RMST(?: tau=|\\()([0-9./]+)\\)? (?:group |ph.ecog=)(.*)$" =
    function(d, m) area_of(d, m[2], m[1], "estimate"),
  ": se RMST(?: tau=|\\()([0-9./]+)\\)? (?:group |ph.ecog=)(.*)$" =
    function(d, m) area_of(d, m[2], m[1], "std.error"),
  ": mean time in state 0 by (\\d+) d, (.*)$" =
    function(d, m) area_of(d, m[2], m[1], "estimate"),
  ": mean time in state ([12]|death) by (\\d+) d, (?:abo=)?(.*)$" =
    function(d, m) area_of(d, m[3], m[2], "estimate", sub("death", "1", m[1])),

  ": CIF cause (\\d) at (\\d+) group (.*)$" =
    function(d, m) aj_at(d, m[3], m[2], m[1], "estimate"),
  ": CIF cause (\\d) (?:group )?(\\S+) at (\\d+)$" =
    function(d, m) aj_at(d, m[2], m[3], m[1], "estimate"),
  ": se greenwood cause (\\d) at (\\d+) group (.*)$" =
    function(d, m) aj_at(d, m[3], m[2], m[1], "std.error"),
  ": se cmprsk cause (\\d) at (\\d+) group (.*)$" =
    function(d, m) aj_at(d, m[3], m[2], m[1], "std.error", "aalen"),
  ": cmprsk var of CIF cause (\\d) (?:group )?(\\S+) at (\\d+)$" =
    function(d, m) aj_at(d, m[2], m[3], m[1], "std.error", "aalen")^2,
  "^survival_testci: F(\\d)\\((\\d)\\)$" =
    function(d, m) aj_at(d, "all", m[2], m[1], "estimate"),
  "^survival_testci: Var F(\\d)\\((\\d)\\) =" =
    function(d, m) aj_at(d, "all", m[2], m[1], "std.error")^2
)

# The rule that applies to a row; exactly one must apply.
assign_rows <- function(rows) {
  patterns <- c(
    names(in_scope), vapply(c(not_yet, ruled_out), `[`, "", 2L)
  )
  hit <- vapply(patterns, grepl, logical(nrow(rows)), rows$key, perl = TRUE)
  hit <- matrix(hit, nrow(rows))
  # `not_yet` and `ruled_out` take precedence over `in_scope`
  aside <- rowSums(hit[, -seq_along(in_scope), drop = FALSE])
  hit[aside > 0, seq_along(in_scope)] <- FALSE
  colnames(hit) <- patterns
  list(times = rowSums(hit), rule = max.col(hit, "first"), used = colSums(hit) > 0)
}

compute_row <- function(key, data, pattern) {
  captures <- regmatches(key, regexec(pattern, key, perl = TRUE))[[1L]][-1L]
  value <- in_scope[[pattern]](sub("[.]csv$", "", data), captures)
  if (length(value) == 1L) as.double(value) else NaN
}

# Adds the columns `got` (computed here), `want` and `gap` (relative difference).
compute_rows <- function(rows) {
  rule <- assign_rows(rows)$rule
  rows <- rows[rule <= length(in_scope), ]
  pattern <- names(in_scope)[rule[rule <= length(in_scope)]]
  rows$got <- mapply(compute_row, rows$key, rows$data, pattern)
  rows$want <- read_number(rows$exact)
  ours <- match(sub(" \\(flat midpoint.*", "", rows$key), names(own_rule))
  rows$own <- !is.na(ours)
  rows$want[rows$own] <- own_rule[ours[rows$own]]
  rows$gap <- mapply(worst_difference, rows$got, rows$want)
  rows
}

# Estimates: 4 units in the last place. Standard errors, variances, limits, statistics:
# 1e-13. P-values: the effect of that on p, since the relative error of p is about -log(p)
# times that of the statistic.
tolerance_of <- function(rows) {
  estimate <- "(: |^)(S\\(|CIF|RMST|mean time|reverse KM|quantile|median|n.risk)|: F\\d"
  is_p <- grepl(": p of | p( |$)|chisq p|log-rank p", rows$key)
  ifelse(
    grepl(estimate, rows$key) & !grepl("se |Var|var ", rows$key), 4 * 2^-52,
    1e-13 * pmax(1, -log(ifelse(is_p, pmax(rows$want, 1e-300), 1)))
  )
}

differing <- function(rows, bad) {
  sprintf("%s: %.15g, not %.15g", rows$key, rows$got, rows$want)[bad]
}

test_that("each reference row is tested, postponed or ruled out; each pattern is used", {
  rows <- rbind(
    reference_rows("published.csv")[c("data", "key")],
    reference_rows("reference.csv")[c("data", "key")]
  )
  assigned <- assign_rows(rows)
  expect_identical(rows$key[assigned$times != 1], character())
  expect_identical(names(which(!assigned$used)), character())
})

test_that("our own rules refer to rows that exist, and differ from them", {
  rows <- rbind(
    compute_rows(reference_rows("reference.csv"))[c("key", "exact", "want", "own")],
    compute_rows(reference_rows("published.csv"))[c("key", "exact", "want", "own")]
  )
  own <- rows[rows$own, ]
  expect_identical(nrow(own), length(own_rule))
  expect_true(all(own$want != read_number(own$exact) | own$exact == "NA"))
})

test_that("reference.csv: every number within its tolerance", {
  rows <- compute_rows(reference_rows("reference.csv"))
  expect_gt(nrow(rows), 1000)
  expect_identical(differing(rows, rows$gap > tolerance_of(rows)), character())
})

test_that("published.csv: the same, and to the digits that were printed", {
  rows <- compute_rows(reference_rows("published.csv"))
  expect_gt(nrow(rows), 250)
  expect_identical(differing(rows, rows$gap > tolerance_of(rows)), character())
  gap <- abs(rows$got - read_number(rows$published))
  expect_identical(
    differing(
      rows, !rows$own & !is.na(gap) & gap > printed_unit(rows$published, rows$agrees)
    ),
    character()
  )
})
