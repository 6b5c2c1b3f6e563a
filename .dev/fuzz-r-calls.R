# The vocabulary of .dev/fuzz-r.R: objects of every class, odd values, and valid calls of
# every exported function and method, from which odd calls are made. All are R code, so
# that a finding can be reproduced by typing it.

codes <- c("censored", "failure", "death")

# The objects needed to reproduce a finding, in addition to library(oligosurv). `folder`
# is the folder of this file.
d <- data.frame(
  time = c(1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12), start = 0,
  event = rep(c(1, 0, 1), 4), group = factor(rep(c("a", "b"), 6)), w = 1:2, x = 12:1 / 3,
  status = factor(c(1, 0, 2, 1, 0, 1, 2, 0, 1, 2, 1, 0), 0:2, codes), id = 1:12,
  text = rep(c("u", "v", "w"), 4), change_pct = seq(-60, 50, 10), best_response = "PR",
  patient_id = sprintf("P%02d", 1:12), what = rep(c("dead", "seen"), 6),
  when = as.Date("2020-01-01") + 1:12
)
os <- endpoint(hcc_sbrt, "os")
lf <- endpoint(hcc_sbrt, "local_failure", "lesion")
small <- hcc_sbrt[hcc_sbrt$patients$patient_id[1:12], ]
set.seed(1)
seen <- simulate_study(8) # has visits
sys.source(file.path(folder, "../tests/testthat/helper-study.R"), globalenv())
full <- do.call(sbrt_study, full_tables()) # has all tables
et <- event_table(Surv(time, status) ~ group, d)
one_et <- event_table(Surv(time, event) ~ group, d)
late <- event_table(Surv(start, time, event) ~ group + strata(text), d)
km <- kaplan_meier(Surv(time, event) ~ group, d)
kt <- kaplan_meier(Surv(start, time, event) ~ text, d, conf.type = "exact", times = 1:3)
ki <- kaplan_meier(Surv(time, event) ~ group, d, id = rep(1:6, 2))
cif <- cumulative_incidence(Surv(time, status) ~ group, d)
fu <- follow_up(Surv(time, event) ~ group, d, potential = 12)
band <- survival_band(km)
ch <- cumulative_hazard(km)
sm <- summary(km, times = c(1, 3))
lr <- logrank_test(Surv(time, event) ~ group, d)
gt <- gray_test(Surv(time, status) ~ group, d)
mc <- maxcombo_test(Surv(time, event) ~ group, d)
pw <- pairwise_test(Surv(time, event) ~ text, d)
one <- one_sample_test(Surv(time, event) ~ group, d, hazard = 0.1)
rd <- rate_difference(Surv(time, status) ~ group, d, 1:3)
rm1 <- restricted_mean(Surv(time, event) ~ group, d)
hr <- hazard_ratio(Surv(time, event) ~ group + x, d)
hx <- hazard_ratio(Surv(time, event) ~ x, d, firth = FALSE)
fg <- hazard_ratio(Surv(time, status) ~ group, d, model = "fine-gray")
bi <- bootstrap_interval(Surv(time, event) ~ group, d, n_resamples = 39)
rt <- result_table(km)
lg <- late_group(d$group, d$start + 1)
ss <- sample_size("logrank", hazard_ratio = 0.5, median = 12, follow_up = 12)
bt <- baseline_table(small, by = "cohort")
dt <- dose_table(small)
dr <- dose_response(hcc_sbrt, times = 12)
fp <- failure_pattern(small, by = "cohort")
ft <- flow_table(small)
oc <- omd_class(
  prior_polymetastatic = FALSE, prior_oligometastatic = FALSE, months_to_omd = c(3, 9),
  systemic_therapy = FALSE, progressive_lesions = 1, lesions = 2
)
rr <- response_rate(small, by = "cohort")
rdiff <- response_difference(small, by = "cohort")
tt <- toxicity_table(small)
st <- summary(small)
so <- state_occupation(Surv(time, status) ~ group, d)
ss2 <- study_states(small)
moves <- event_table(Surv(time, status) ~ group, d, from = "alive")
ac <- adjusted_curves(hr, "group", times = c(2, 4))
pc <- predict(fg, data.frame(group = c("a", "b")), times = c(2, 4))
ci <- concordance_index(Surv(time, event) ~ x + w, d)
bs <- brier_score(Surv(time, event) ~ I(1 / (1 + x)), d, times = 3)
cal <- calibration(Surv(time, event) ~ I(1 / (1 + x)), d, times = 3, groups = 2)
bo <- bootstrap_optimism(Surv(time, event) ~ x, d, times = 3, n_resamples = 39)
crit <- recist()
opts <- curve_options()
tidied <- tidy(km)

object_names <- c(
  "et", "late", "km", "kt", "ki", "cif", "fu", "band", "ch", "sm", "lr", "gt", "mc",
  "pw", "one", "rd", "rm1", "hr", "fg", "bi", "rt", "lg", "ss", "bt", "dt", "dr", "fp",
  "ft", "oc", "rr", "rdiff", "tt", "st", "tidied", "small", "os", "lf", "so", "ss2",
  "moves", "ac", "pc", "ci", "bs", "cal", "bo", "hx", "seen", "full", "one_et"
)

# The object with the component at `path` (names or numbers) changed; never an error
tamper <- function(x, path, change) {
  old <- oldClass(x)
  tryCatch({
    bare <- unclass(x)
    bare <- change_at(bare, path, change)
    class(bare) <- old
    bare
  }, error = function(e) x)
}

change_at <- function(x, path, change) {
  if (length(path) > 1L) {
    inner <- x[[path[[1L]]]]
    class <- oldClass(inner)
    inner <- change_at(unclass(inner), path[-1L], change)
    if (!is.null(class) && !is.null(inner)) oldClass(inner) <- class
    x[[path[[1L]]]] <- inner
    return(x)
  }
  at <- path[[1L]]
  v <- x[[at]]
  new <- switch(change,
    remove = NULL, shorten = v[-length(v)], empty = v[0L], longer = c(v, v),
    text = as.character(v), number = as.double(seq_along(v)), integer = seq_along(v),
    list = as.list(v), missing = replace(v, seq_along(v), NA), nan = rep(NaN, length(v)),
    negative = -as.double(v), huge = rep(2^53, length(v)), inf = rep(Inf, length(v)),
    reverse = rev(v), zero = rep(0, length(v)), far = replace(v, length(v), 99L),
    flag = rep(TRUE, length(v)), one = v[1L], fun = mean, env = new.env(),
    expr = quote(a + b), frame = data.frame(a = 1), unnamed = unname(v),
    unclass = unclass(v), bytes = rep("b\xff", length(v))
  )
  if (is.null(new)) x[at] <- if (is.list(x)) NULL else NA else x[[at]] <- new
  x
}

changes <- c(
  "remove", "shorten", "empty", "longer", "text", "number", "integer", "list", "missing",
  "nan", "negative", "huge", "inf", "reverse", "zero", "far", "flag", "one", "fun", "env",
  "expr", "frame", "unnamed", "unclass", "bytes"
)

# The data with a column replaced, whatever its length
put <- function(x, column, value) {
  class <- oldClass(x)
  x <- unclass(x)
  x[[column]] <- value
  class(x) <- class
  x
}

# An environment with a column as an active binding, which returns new memory each time
active <- function(x) {
  e <- list2env(as.list(x), parent = globalenv())
  rm("time", envir = e)
  makeActiveBinding("time", function() x$time + 0, e)
  e
}

broken_factor <- function(n = 12) {
  structure(rep_len(c(1L, 9L, -3L, 0L), n), levels = "a", class = "factor")
}

odd_values <- alist(
  NULL, NA, NA_real_, NA_character_, NaN, Inf, -Inf, -1, 0, 1, 0.5, 1e-320, 2^53, 1e300,
  .Machine$integer.max, -.Machine$integer.max, TRUE, FALSE, "", "a", "time", "group",
  " ", "nope", "P01", 2L, 3:1, c(1, NA), c(a = 1, b = 2), numeric(), character(),
  logical(), integer(), list(), list(1, "a"), list(NULL), data.frame(), d[0, ], d, km,
  small, mean, function(x) x, quote(a), quote(a + b), expression(a, 1), ~a, y ~ x,
  Surv(time, event) ~ group, globalenv(), new.env(), as.Date("2020-01-01"), as.Date(NA),
  as.Date(Inf), as.POSIXct("2020-01-01", tz = "UTC"),
  as.POSIXlt("2020-01-01", tz = "UTC"),
  as.difftime(3, units = "weeks"), factor("a"), factor(c("a", NA)), broken_factor(),
  factor(), ordered(c("x", "y")), 1i, as.raw(1:3), matrix(1:4, 2), array(1:8, c(2, 2, 2)),
  "b\xff", structure("b\xe9", Encoding = "latin1"), rawToChar(as.raw(c(0xff, 0xfe))),
  "\U1F600", strrep("long ", 2000), "a\nb", "<script>", "=1+1", "\\input{a}", "`r 1`",
  "%s %d", c("a", "a"), rep(1, 12), 12:1, rep(NA, 12), rep(2^53, 12), rep(Inf, 12),
  rep("x", 12), sprintf("g%d", 1:12), rep(c("\u00e9", "e\u0301"), 6),
  rep(as.Date("2020-01-01"), 12),
  as.difftime(1:12, units = "days"), as.POSIXct("2020-01-01", tz = "UTC") + 1:12,
  matrix(1, 12, 1), matrix(1, 12, 2), matrix(1, 6, 2), I(as.list(1:12)), as.list(1:12),
  structure(1:12, class = "odd"), structure(1:12 / 3, class = c("haven_labelled",
    "vctrs_vctr", "double"), labels = c(low = 1)),
  structure(rep("x", 12), class = c("haven_labelled", "vctrs_vctr", "character")),
  structure(1:12 / 1e300, class = "integer64"), structure(list(), class = "event_table"),
  structure(list(a = 1), class = "sbrt_study"), structure(1, class = "kaplan_meier"),
  structure(list(), class = c("kaplan_meier", "oligosurv_fit")),
  structure(list(1), class = "hazard_ratio"),
  structure(1L, levels = 1:3, class = "factor"), structure(1:12, dim = c(3L, 4L)),
  structure(list(1:2, 1:3), names = c("a", "a"), class = "data.frame", row.names = 1:2),
  structure(12:1, names = rep("a", 12)), numeric_version("1.2"), methods::new("numeric"),
  getClass("numeric"), as.name("a"), seq(1, 1e6), c(0, -0, 1e-300), 1:12 %% 3,
  as.name("nope"), Sys.time, is.na, `[[`, `if`, stdin(), structure(1, units = "d"),
  utils::person("A", "B"), list(a = 1, a = 2), tempdir(), "no/such/folder/a.csv",
  file.path(tempdir(), "a.png"), pairlist(a = 1), list(c(0, 0), c(1, 0)), c(0.1, 0.9),
  os, lf, et, lr, hr, crit, opts, lg, rt, hcc_sbrt$patients, small$lesions,
  c(yes = "death_date"), c(a = "b"), "cohort", "age", c("cohort", "strategy"), "months",
  "2020-13-45", "2020-02-30", "local_failure", "nejm"
)

odd_formulas <- alist(
  ~group, y ~ 1, Surv(time, event) ~ ., Surv(time, event) ~ 0, Surv(time, event) ~ -1,
  Surv(time) ~ group, Surv(time, event) ~ group * x, Surv(time, event) ~ group:x,
  Surv(time, event) ~ strata(group), Surv(time, event) ~ strata(), Surv() ~ 1,
  Surv(time, event) ~ group + strata(text), Surv(time, event) ~ cluster(id),
  Surv(time, event) ~ cluster(), Surv(time, event) ~ cluster(id) + cluster(id),
  Surv(time, event) ~ nope, Surv(nope, event) ~ 1, Surv(time, event) ~ "group",
  Surv(time, event) ~ I(x > 2), Surv(time, event) ~ x^2, Surv(time, event) ~ log(x),
  Surv(time, event) ~ poly(x, 2),
  Surv(time, event) ~ offset(x), Surv(time, event) ~ group + group,
  Surv(time, event) ~ NULL, Surv(time, event) ~ NA, Surv(time, event) ~ 1 + 1,
  Surv(time, event) ~ text + group, Surv(time, status) ~ group, Surv(time, status) ~ x,
  Surv(start, time, event) ~ group, Surv(time, start, event) ~ group,
  Surv(time, event, type = "left") ~ 1, Surv(time, time, time, time, time) ~ 1,
  Surv(time = time, event = event) ~ 1, Surv(event = event) ~ 1, Surv(time, ) ~ 1,
  survival::Surv(time, event) ~ group, Surv(time, "a") ~ 1, Surv("time", "event") ~ 1,
  Surv(as.character(time), event) ~ 1, Surv(time, x) ~ 1, Surv(time + 1, !event) ~ 1,
  log(Surv(time, event)) ~ 1, cbind(time, event) ~ group, time ~ group, 1 ~ 1, ~ ~group,
  (Surv(time, event)) ~ (group), Surv(time, event) ~ function(x) x,
  Surv(time, event) ~ group | text, a ~ b ~ c,
  Surv(time, event) ~ d, Surv(time, event) ~ list(group), Surv(time, event) ~ mean,
  Surv(time, event) ~ if (TRUE) group, Surv(time, event) ~ quote(group),
  Surv(time, event) ~ (\(g) g)(group), Surv(time, event) ~ d$group[1:3],
  Surv(time, event) ~ factor(group, levels = "z"), Surv(time[1:3], event) ~ 1,
  Surv(list(1), event) ~ 1, Surv(matrix(time, 6), event) ~ 1, Surv(Inf * time, event) ~ 1,
  Surv(time, factor(event)) ~ group, Surv(time, ifelse(event == 1, 2, 1)) ~ group,
  Surv(time, event + 5) ~ 1, Surv(d, event) ~ 1, Surv(mean, event) ~ 1,
  Surv(time, event) ~ strata(group, text), Surv(time, event) ~ strata(x) + strata(text)
)

# Valid calls; those in `slow` are tried one time in twenty
calls <- alist(
  event_table(Surv(time, status) ~ group, d, na.action = stats::na.omit, landmark = NULL),
  event_table(as.data.frame(et), censor = NULL), event_table(et),
  event_table_parts(list(d), Surv(time, status) ~ group, compute = "every"),
  event_table_stream(csv(d), "time", "status", group = "group", states = codes,
    chunk_rows = 5),
  event_table_stream(csv(d), "time", "event", group = "group", strata = "text",
    entry = "start", separator = ",", missing = "NA"),
  kaplan_meier(Surv(time, event) ~ group, d, times = c(0, 2), from = NULL, id = NULL,
    weights = NULL, weight_type = NULL, conf.type = "log-log", conf.level = 0.9,
    tie_tol = 1e-9),
  kaplan_meier(Surv(time, event) ~ group, d, id = id),
  kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = "sampling"),
  kaplan_meier(Surv(time, event) ~ 1, d, weights = w, weight_type = "frequency"),
  kaplan_meier(Surv(start, time, event) ~ group, d), kaplan_meier(one_et),
  kaplan_meier(late),
  kaplan_meier(Surv(time, event) ~ lg, d, landmark = 2),
  cumulative_incidence(Surv(time, status) ~ group, d, times = 1:3, id = NULL,
    weights = NULL, variance = "greenwood", conf.type = "exact"),
  cumulative_incidence(Surv(time, status) ~ group, d, id = id, variance = "jackknife"),
  cumulative_incidence(et, variance = "aalen"), cumulative_incidence(late),
  follow_up(Surv(time, event) ~ group, d, times = 3, potential = 12, id = NULL),
  survival_band(km, type = "hall-wellner", range = NULL, scale = "log"),
  survival_estimate(km, estimator = "breslow", conf.lower = "usual"),
  cumulative_hazard(km, ties = "nelson-aalen", conf.type = "log", conf.level = 0.9),
  as_survfit(km, exact = FALSE), as_survfit(cif),
  augment(km, d, Surv(time, event) ~ group),
  logrank_test(Surv(time, event) ~ group, d, weight = "fleming-harrington", rho = 1,
    gamma = 1, trend = NULL, id = NULL, weights = NULL),
  logrank_test(Surv(time, event) ~ text, d, trend = 1:3),
  logrank_test(Surv(time, event) ~ group, d, method = "permutation", n_permutations = 19),
  logrank_test(Surv(time, event) ~ group, d, method = "exact"), logrank_test(late),
  logrank_test(Surv(time, event) ~ group, d, id = rep(1:6, 2)), logrank_test(one_et),
  gray_test(Surv(time, status) ~ group, d, rho = 0, method = "asymptotic", trend = NULL),
  gray_test(et), gray_test(Surv(time, status) ~ group, d, id = rep(1:6, 2)),
  maxcombo_test(Surv(time, event) ~ group, d, powers = list(c(0, 0), c(1, 0))),
  maxcombo_test(Surv(time, event) ~ group, d, method = "permutation",
    n_permutations = 19),
  pairwise_test(Surv(time, event) ~ text, d, test = logrank_test, adjust = "holm",
    weight = NULL, id = NULL, weights = NULL),
  pairwise_test(Surv(time, status) ~ text, d, test = gray_test, adjust = "none"),
  one_sample_test(Surv(time, event) ~ group, d, hazard = 0.1, hazard_before = NULL),
  one_sample_test(Surv(time, event) ~ 1, d, hazard = function(t) 0.1 * t),
  rate_difference(Surv(time, status) ~ group, d, times = 3, reference = "a",
    conf.type = NULL, extend = FALSE), rate_difference(et, times = 3),
  restricted_mean(Surv(time, status) ~ group, d, tau = 5, reference = NULL,
    conf.type = NULL, id = NULL), restricted_mean(et, tau = 5),
  bootstrap_interval(Surv(time, event) ~ group, d, statistic = "quantile", probs = 0.5,
    n_resamples = 39, conf.type = "percentile", id = NULL, reference = NULL),
  bootstrap_interval(Surv(time, event) ~ 1, d, statistic = "rate", times = 3,
    n_resamples = 39, conf.type = "bca"),
  pseudo_values(Surv(time, status) ~ group, d, times = 1:3, tau = NULL, id = NULL),
  pseudo_values(Surv(time, event) ~ 1, d, tau = 5, method = "jackknife"),
  influence_values(Surv(time, event) ~ group, d, times = 3, tau = NULL, id = NULL),
  hazard_ratio(Surv(time, event) ~ group + x, d, model = "cox", id = NULL, firth = NA,
    ties = "efron", conf.level = 0.9),
  hazard_ratio(Surv(time, status) ~ group, d, model = "fine-gray", outcome = "failure",
    variance = "censoring"), hazard_ratio(Surv(time, event) ~ x, d, id = rep(1:6, 2)),
  hazard_ratio(et), hazard_ratio(late),
  hazard_ratio(Surv(start, time, event) ~ group + strata(text), d),
  late_group(d$group, d$start, origin = NULL, unit = "months"),
  late_group(d$group, d$when, origin = d$when - 30),
  inline_text(km, times = 3, strata = "a", unit = "months", digits = 1, style = "nejm"),
  inline_text(cif, times = 3, outcome = "failure", pattern = "{estimate}"),
  inline_text(lr), inline_text(hr), result_table(km, times = 3, unit = "months",
    digits = 1, style = "lancet", caption = "a", notes = "b"),
  result_table(hr), result_table(tt), result_table(bt), as_tinytable(rt),
  save_table(rt, "a.csv"), save_table(rt, "a.md"), save_table(rt, "a.tex"),
  save_table(rt, "a.html"), format_p_value(c(0.2, 0.0001), style = "jama",
    prefix = FALSE, na = "NA"),
  summary(km, times = c(1, 3)), quantile(km, probs = 0.25), median(km),
  tidy(cif), glance(fu), as.data.frame(km), tidy(km, times = 3),
  stats::residuals(hr, type = "martingale"), stats::confint(hx, level = 0.95),
  stats::anova(hx), stats::drop1(hx), stats::residuals(hx, type = "score"),
  stats::predict(hx, d, times = 3), stats::model.matrix(hr), stats::vcov(hr),
  bed(10, 5, alpha_beta = 10, schedule = NULL), eqd2(10, 5, alpha_beta = 3),
  albi(4, 1, "g/dl", "mg/dl"), child_pugh(1, 4, 1, "none", "none", "mg/dl", "g/dl",
    cholestatic = FALSE),
  recist(confirm = TRUE, confirm_days = 28, sd_days = 42, max_ne = 2, after_cr = "PD"),
  mrecist(confirm = TRUE), visits(confirm = FALSE), curve_options(stacked = TRUE,
    censor = TRUE, min_risk = 3, xlab = "t", breaks = 2, ylim = c(0, 1)),
  curve_options(colours = c("red", "blue"), linetype = 1, mark = "tick",
    interval = "lines", legend_title = "a", risk_title = "b", style = "lancet"),
  sample_size("single-arm", p0 = 0.8, p1 = 0.92, method = "kaplan-meier", time = 12,
    alpha = 0.05, power = 0.8, sided = 1, accrual = 12, follow_up = 12),
  sample_size("logrank", hazard_ratio = 0.5, median = 12, follow_up = 12, ratio = 1,
    design_effect = 1.2, dropout = 0.1),
  simulate_study(5, lesions = 1.8, local_failure = 0.1, death = 0.25, progression = 0.5,
    frailty = 0.5, hazard_ratio = NULL, dose_effect = 1, om = 0.25, visit_every = 3,
    accrual = 36, follow_up = 12, loss = 0.1, first_day = "2018-01-01"),
  study_schema(), theme_oligosurv(8, "", "dark"),
  sbrt_study(small$patients, small$lesions, small$adverse_events, small$assessments,
    cutoff = NULL, columns = NULL, dates = NULL, impute = NULL, levels = NULL,
    missing = NULL, time_unit = NULL),
  study_problems(small), study_problems(list(patients = small$patients)),
  endpoint(full, "os", unit = "months", landmark = 3, origin = "sbrt_start",
    pfs_censor = "last_contact", censor_at = "next_therapy", max_gap = NULL),
  endpoint(seen, "pfs", progression_at = "imaging", competing = NULL),
  endpoint(full, "liver_decline"), endpoint(full, "next_therapy", competing = "death"),
  endpoint(full, "widespread_failure"),
  endpoint(small, "local_failure", "lesion", cause = NULL),
  endpoint(seen, "late_toxicity", grade = 2, window = 90, attribution = "related",
    from = "sbrt_start", courses = "first", baseline = "ignore"),
  best_response(small, level = "patient", criteria = "given"),
  response_rate(small, by = "cohort", level = "lesion", denominator = "all"),
  response_difference(small, by = "cohort", method = "newcombe", reference = NULL),
  visit_response(seen, level = "patient", criteria = "recist"),
  best_response(full, "lesion", criteria = mrecist()), best_response(seen, "patient",
    criteria = recist(confirm = TRUE)), response_rate(full, criteria = visits()),
  failure_pattern(small, by = "cohort", pattern = "number", threshold = 5, field = NULL,
    together = 0, times = 12), adtte(small, what = "os", unit = "days", studyid = "S"),
  toxicity_table(small, by = "cohort", window = 90, attribution = "all"),
  baseline_table(small, variables = c("strategy", "best_change_pct"), by = "cohort",
    level = "patient", test = TRUE, labels = c(strategy = "Strategy")),
  dose_table(small, by = "cohort"),
  lesion_dose(small, alpha_beta = 10), dose_response(small, breaks = 75, times = 12),
  flow_table(small, screened = 15, excluded = c("a" = 3), by = "cohort", times = 3),
  omd_class(prior_polymetastatic = FALSE,
    prior_oligometastatic = FALSE, months_to_omd = 3, systemic_therapy = FALSE,
    progressive_lesions = 1, lesions = 2), compare_published(small, published = NULL),
  longer_lesions(data.frame(patient_id = d$patient_id, dose_1 = 50, dose_2 = 24),
    c(dose_gy = "dose_#"), id = "patient_id"),
  longer_events(data.frame(patient_id = d$patient_id, fatigue_grade = 1),
    c(grade = "#_grade"), terms = NULL),
  wider_dates(d, "what", "when", c(dead = "death_date", seen = "last_contact"),
    dates = NULL, impute = NULL),
  redcap_tables(data.frame(record_id = 1:2, redcap_repeat_instrument = c("", "lesions"),
    redcap_repeat_instance = c(NA, 1), a = 1), instruments = NULL, id = NULL),
  study_template("template", format = "csv"), subset(small, cohort == "OP"),
  small[small$patients$patient_id[1:3], ], os[1:3, ], dt[1, ], lg[2:3],
  print(km, n = 1), print(et), format(bt),
  adjusted_curves(hr, "group", times = c(2, 4), type = NULL, outcome = NULL,
    values = NULL, tau = 4, reference = "a", conf.level = 0.9, conf.type = "log-log",
    extend = FALSE), adjusted_curves(fg, "group"),
  predict(hr, data.frame(group = "a", x = 1), times = 3, type = "survival",
    outcome = NULL, conf.level = 0.9, conf.type = "plain", extend = FALSE),
  predict(fg, d, times = 2), predict(hr, d[1:2, ], type = "linear predictor"),
  bootstrap_optimism(Surv(time, event) ~ group + x, d, times = 3, model = "cox",
    outcome = NULL, n_resamples = 29, id = NULL, conf.level = 0.9, ties = "efron"),
  brier_score(Surv(time, status) ~ I(1 / (1 + x)), d, times = 3, outcome = "failure",
    id = NULL, weights = NULL, weight_type = NULL, conf.level = 0.9),
  brier_score(Surv(time, event) ~ I(1 / (1 + x)), d, times = 3, id = id),
  calibration(Surv(time, event) ~ I(1 / (1 + x)), d, times = 3, outcome = NULL,
    groups = 2, id = NULL, conf.type = "log-log"),
  concordance_index(Surv(time, status) ~ x + w, d, method = "uno", tau = 5,
    outcome = "failure", higher = "risk", id = NULL, weights = NULL, weight_type = NULL,
    variance = "robust", conf.type = "plain"), concordance_index(hr, d),
  concordance_index(Surv(start, time, event) ~ x + strata(text), d),
  state_occupation(Surv(time, status) ~ group, d, times = 1:3, tau = 5, id = NULL,
    from = "alive", weights = w, weight_type = "sampling", conf.type = "plain",
    reference = "a", extend = FALSE), state_occupation(moves),
  state_occupation(Surv(entry, time, status) ~ cohort, ss2, id = patient_id),
  state_occupation(Surv(start, time, status) ~ 1, d, id = id),
  event_table(Surv(start, time, status) ~ group, d, id = id, from = "alive"),
  study_states(small, unit = "months", grace_days = 3),
  write_counts(et, "a.csv", unit = "days", time_grid = 2, min_cell = 3,
    small_cells = "round"),
  write_counts(late, "a.csv", unit = "months"), read_counts(counts_file()),
  lg[[1]], rep(lg, 2), c(lg, lg), droplevels(lg), rep_len(lg, 3), rep.int(lg, 2)
)

slow_calls <- alist(
  loglog_plot(km, conf.int = TRUE, title = "a"),
  loglog_plot(km, theme = theme_oligosurv()),
  plot(so, risk_table = "none", colours = NULL, unit = "months", breaks = 2),
  ggplot2::autoplot(so, labels = "direct"), ggplot2::autoplot(moves),
  plot(ac, conf.int = TRUE, ylim = c(0, 1)), plot(hr, title = "a"),
  ggplot2::autoplot(cal), ggplot2::autoplot(ci),
  curve_plot(km, p.value = TRUE, hazard_ratio = TRUE, times = 3, labels = "direct",
    risk_table = "events", facet = NULL, conf.int = TRUE, unit = "months", title = "a"),
  curve_plot(cif, outcome = "failure", options = curve_options(stacked = TRUE)),
  forest_plot(hr, ratio = TRUE, heading = "a", xlab = "b", xlim = c(0.1, 10),
    favours = c("a", "b"), columns = NULL, style = "plain"), forest_plot(rr),
  flow_plot(ft, title = "a"), waterfall_plot(small, keep = NULL,
    change = "best_change_pct", response = "best_response", ongoing = NULL),
  waterfall_plot(d, change = "change_pct"), swimmer_plot(small, fill = "best_response",
    marks = NULL, unit = "months"), spider_plot(d, time = "x", change = "change_pct"),
  ggplot2::autoplot(km), ggplot2::autoplot(lr), ggplot2::autoplot(pw), plot(cif),
  plot(fp), save_figure(function() plot(1), "a.png", width_mm = 60, height_mm = 60,
    dpi = 30), save_figure(curve_plot(km), "a.pdf", width_mm = 85),
  save_table(rt, "a.docx"), read_study(study_folder(), cutoff = NULL, columns = NULL,
    dates = NULL, impute = NULL, levels = NULL, missing = NULL, tables = NULL),
  study_problems(study_folder()), knitr::knit_print(km), knitr::knit_print(rt),
  study_report(small, "a.html", published = NULL, template = short(), quiet = TRUE,
    title = "a", authors = "b", labels = NULL, covariates = NULL)
)

csv <- function(x) {
  file <- file.path(tempdir(), "rows.csv")
  if (!file.exists(file)) {
    utils::write.csv(as.data.frame(lapply(x, as.vector)), file, row.names = FALSE)
  }
  file
}

counts_file <- function() {
  file <- file.path(tempdir(), "counts.csv")
  if (!file.exists(file)) write_counts(et, file, unit = "days")
  file
}

short <- function() {
  file <- file.path(tempdir(), "short.Rmd")
  if (!file.exists(file)) writeLines(c("---", "title: a", "---", "text"), file)
  file
}

study_folder <- function() {
  dir <- file.path(tempdir(), "study")
  if (dir.exists(dir)) return(dir)
  dir.create(dir)
  for (name in c("patients", "lesions", "adverse_events")) {
    utils::write.csv(as.data.frame(small[[name]]), file.path(dir, paste0(name, ".csv")),
      row.names = FALSE
    )
  }
  dir
}

# Generics that are tried on every object, tampered or not
uses <- c(
  "print", "format", "summary", "as.data.frame", "tidy", "glance", "median", "quantile",
  "result_table", "inline_text", "stats::coef", "stats::vcov", "stats::confint",
  "stats::nobs", "stats::logLik", "stats::formula", "stats::model.matrix", "stats::anova",
  "stats::drop1", "stats::residuals", "kaplan_meier", "cumulative_incidence",
  "logrank_test", "gray_test",
  "cumulative_hazard", "as_survfit", "survival_band", "survival_estimate", "follow_up",
  "event_table", "restricted_mean", "hazard_ratio", "format_p_value", "unique", "rep",
  "as.character", "levels", "droplevels", "is.na", "endpoint2", "best_response",
  "toxicity_table", "baseline_table", "dose_table", "omd_class", "flow_table",
  "failure_pattern", "response_rate", "lesion_dose", "visit_response", "study_problems",
  "summary", "compare_published", "c2", "state_occupation", "study_states",
  "concordance_index", "brier_score", "adjust", "predict2", "write_counts2"
)
adjust <- function(x) adjusted_curves(x, "group")
predict2 <- function(x) predict(x, d, times = 3)
write_counts2 <- function(x) write_counts(x, "a.csv", unit = "days")
endpoint2 <- function(x) endpoint(x, "pfs")
c2 <- function(x) c(x, x)
slow_uses <- c(
  "ggplot2::autoplot", "plot", "curve_plot", "forest_plot", "waterfall_plot",
  "swimmer_plot", "flow_plot", "knitr::knit_print"
)
