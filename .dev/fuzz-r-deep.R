# Deep changes of objects for .dev/fuzz-r.R: any component, however far down in lists and
# attributes, replaced by another type, length or value, and all functions that take the
# object. Sourced after fuzz-r-calls.R, whose objects it extends.

# Objects --------------------------------------------------------------------------------

# Regressions of every kind; made when a call first needs them, because a child makes few
deep_source <- alist(
  hr = hr, hx = hx, fg = fg, so = so, ac = ac, pc = pc, band = band, ki = ki, ci = ci,
  moves = moves, late = late, late_et = late_et, iv = influence_values(
    Surv(time, event) ~ group, d, times = 3
  ), pv = pseudo_values(Surv(time, status) ~ group, d, times = 1:3), et = et, kt = kt,
  cif = cif, ch = ch, fu = fu, sm = sm,
  h_strata = hazard_ratio(Surv(time, event) ~ x + strata(group), d),
  h_entry = hazard_ratio(Surv(start, time, event) ~ group + x, d2),
  h_id = hazard_ratio(Surv(time, event) ~ group + x, d, id = rep(1:6, 2)),
  h_weights = hazard_ratio(Surv(time, event) ~ x, d, weights = w,
    weight_type = "sampling"),
  h_late_weights = hazard_ratio(Surv(start, time, status) ~ group, d2, weights = w,
    weight_type = "sampling"),
  h_offset = hazard_ratio(Surv(time, event) ~ x + offset(w), d),
  h_causes = hazard_ratio(Surv(time, status) ~ group + x, d),
  h_firth = hazard_ratio(Surv(time, event) ~ group + x, d, firth = TRUE),
  h_firth_fg = hazard_ratio(Surv(time, status) ~ group, d, firth = TRUE,
    model = "fine-gray"),
  h_breslow = hazard_ratio(Surv(time, event) ~ group * x, d, ties = "breslow"),
  h_counts = hazard_ratio(et), h_late_counts = hazard_ratio(late_et),
  h_fg_counts = hazard_ratio(et, model = "fine-gray"),
  h_fg_late_counts = hazard_ratio(late_causes, model = "fine-gray"),
  h_fg_id = hazard_ratio(Surv(time, status) ~ group + x, d, model = "fine-gray",
    id = rep(1:6, 2)),
  h_fg_late = hazard_ratio(Surv(start, time, status) ~ x + strata(text), d2,
    model = "fine-gray"),
  h_fg_weights = hazard_ratio(Surv(time, status) ~ x + offset(w), d,
    model = "fine-gray", weights = w, weight_type = "sampling"),
  h_patterns = hazard_ratio(Surv(time, event) ~ group + text, many),
  h_pattern_causes = hazard_ratio(Surv(time, status) ~ group + strata(text), many),
  h_pattern_fg = hazard_ratio(Surv(time, status) ~ group, many, model = "fine-gray"),
  h_spline = hazard_ratio(Surv(time, event) ~ stats::poly(x, 2), d),
  a_causes = adjusted_curves(h_causes, "group"), a_fg = adjusted_curves(fg, "group"),
  p_strata = predict(h_strata, d[1:2, ]),
  so_id = state_occupation(Surv(start, time, status) ~ group, d2, id = id),
  k_counts = kaplan_meier(Surv(time, event) ~ group, d, weights = w,
    weight_type = "frequency"),
  k_weights = kaplan_meier(Surv(time, event) ~ group, d, weights = w,
    weight_type = "sampling"),
  k_late_id = kaplan_meier(Surv(start, time, event) ~ group, d2, id = id),
  read = read_counts(counts_file())
)

deep_home <- new.env(parent = globalenv())
deep_home$d2 <- transform(d, start = rep(c(0, 0.5, 1), 4) * (time > 1))
deep_home$many <- d[rep_len(seq_len(nrow(d)), 6000L), ]
deep_home$many$patient_id <- NULL
deep_home$many$time <- (seq_len(6000L) * 7) %% 23 + 1
deep_home$late_et <- event_table(Surv(start, time, event) ~ group, deep_home$d2)
deep_home$late_causes <- event_table(Surv(start, time, status) ~ group, deep_home$d2)
for (name in names(deep_source)) {
  local({
    code <- deep_source[[name]]
    if (is.symbol(code) && exists(as.character(code), deep_home)) {
      value <- get(as.character(code), deep_home)
      return(assign(name, value, deep_home))
    }
    delayedAssign(name, suppressWarnings(suppressMessages(eval(code, deep_home))),
      assign.env = deep_home
    )
  })
}

# Changes --------------------------------------------------------------------------------

# The components of x as lists of names and numbers; "@name" is an attribute. Functions,
# environments and code have none.
component_paths <- function(x, path = list(), most = 400L) {
  found <- if (length(path)) list(path) else list()
  at <- if (is.list(x)) seq_along(unclass(x)) else integer()
  own <- setdiff(names(attributes(x)), c("names", if (is.data.frame(x)) "row.names"))
  if (length(path) > 7L) return(found)
  for (i in utils::head(at, 40L)) {
    key <- names(x)[i]
    if (is.null(key) || is.na(key) || !nzchar(key)) key <- i
    found <- c(found, component_paths(unclass(x)[[i]], c(path, list(key))))
  }
  for (name in own) found <- c(found, list(c(path, list(paste0("@", name)))))
  utils::head(found, most)
}

deep_changes <- c(changes, "swap", "undim", "turn", "widen", "one_huge", "one_negative",
  "one_zero", "one_na", "one_inf", "as_double", "as_integer", "as_flag", "truth", "half",
  "more")

# The value that a change makes of a component; `others`: its siblings
deep_value <- function(v, change, others) {
  last <- length(v)
  put_last <- function(value) if (last) replace(v, last, value) else v
  switch(change,
    swap = if (length(others)) others[[1L]] else v,
    undim = as.vector(v), turn = t(v), widen = cbind(v, v),
    one_huge = put_last(.Machine$integer.max), one_negative = put_last(-1L),
    one_zero = put_last(0L), one_na = put_last(NA), one_inf = put_last(Inf),
    as_double = structure(as.double(v), dim = dim(v)),
    as_integer = structure(as.integer(v), dim = dim(v)),
    as_flag = structure(as.logical(v), dim = dim(v)), truth = TRUE,
    half = v + 0.5, more = v + 1L,
    list2env(change_at(list(v = v), "v", change))$v
  )
}

# The object with the component at `path` changed; never an error
alter <- function(x, path, change) {
  tryCatch(alter_at(x, path, change), error = function(e) x)
}

alter_at <- function(x, path, change) {
  key <- path[[1L]]
  if (is.character(key) && startsWith(key, "@")) {
    name <- substring(key, 2L)
    others <- attributes(x)[setdiff(names(attributes(x)), name)]
    new <- attributes(x)
    new[name] <- list(deep_value(attr(x, name), change, others))
    return(tryCatch({
      attributes(x) <- new
      x
    }, error = function(e) x))
  }
  class <- oldClass(x)
  bare <- unclass(x)
  if (length(path) > 1L) {
    bare[key] <- list(alter_at(bare[[key]], path[-1L], change))
  } else if (change == "remove") {
    bare[[key]] <- NULL
  } else {
    at <- if (is.character(key)) match(key, names(bare)) else key
    around <- seq_along(bare)[-at]
    others <- bare[c(around[around > at], around[around < at])]
    bare[key] <- list(deep_value(bare[[key]], change, others))
  }
  oldClass(bare) <- class
  bare
}

# Calls ----------------------------------------------------------------------------------

deep_uses <- list(
  hazard_ratio = alist(
    print(x), tidy(x), glance(x), summary(x), stats::coef(x), stats::vcov(x),
    stats::confint(x), stats::logLik(x), stats::anova(x), stats::anova(x, hx),
    stats::drop1(x),
    stats::nobs(x), stats::model.matrix(x), stats::formula(x), result_table(x),
    inline_text(x), ggplot2::autoplot(x), plot(x), forest_plot(x),
    stats::residuals(x), stats::residuals(x, "deviance"), stats::residuals(x, "score"),
    stats::residuals(x, "dfbeta"), stats::residuals(x, "schoenfeld"),
    stats::residuals(x, "scaledsch"),
    stats::residuals(x, "score", outcome = "failure"),
    stats::predict(x, d, times = 3), stats::predict(x, d[1:2, ]),
    stats::predict(x, d, type = "linear predictor"), stats::predict(x, type = "risk"),
    stats::predict(x, d[1:2, ], type = "incidence", times = c(2, 50), extend = TRUE),
    adjusted_curves(x, "group"), adjusted_curves(x, "group", times = 2:4, tau = 4),
    adjusted_curves(x, "strata"), concordance_index(x, d), concordance_index(x),
    result_table(summary(x)), augment(x, d)
  ),
  curves = alist(
    print(x), tidy(x), glance(x), summary(x), summary(x, times = 1:3), format(x),
    tidy(x, times = 2:3), as.data.frame(x), median(x), quantile(x, 0.3),
    result_table(x), result_table(x, times = 3), inline_text(x),
    inline_text(x, times = 3), ggplot2::autoplot(x), plot(x), curve_plot(x),
    as_survfit(x), survival_estimate(x, estimator = "breslow"), survival_band(x),
    cumulative_hazard(x), loglog_plot(x), state_occupation(x), kaplan_meier(x),
    cumulative_incidence(x), follow_up(x), event_table(x), restricted_mean(x, tau = 5),
    logrank_test(x), gray_test(x), hazard_ratio(x), rate_difference(x, times = 3),
    c(x, x), merge(x, x), x[1], x[1:2, ], write_counts(x, "a.csv", unit = "days"),
    augment(x, d, Surv(time, event) ~ group), one_sample_test(x, hazard = 0.1),
    maxcombo_test(x), pairwise_test(x), concordance_index(x), summary(x, times = 50)
  )
)

deep_call <- function() {
  name <- pick(names(deep_source))
  kind <- if (chance(0.6)) "hazard_ratio" else "curves"
  while (inherits(get(name, deep_home), "hazard_ratio") != (kind == "hazard_ratio")) {
    name <- pick(names(deep_source))
  }
  use <- pick(deep_uses[[kind]])
  if (kind == "hazard_ratio") {
    paths <- component_paths(get(name, deep_home))
    # most components are in the rows and texts of tables, most code reads the model
    of_model <- vapply(paths, function(path) identical(path[[1L]], "model"), NA)
    if (chance(0.8)) paths <- paths[of_model]
  } else {
    paths <- component_paths(get(name, deep_home))
  }
  altered <- call("alter", as.name(name), pick(paths), pick(deep_changes))
  if (chance(0.1)) altered <- call("alter", altered, pick(paths), pick(deep_changes))
  do.call(substitute, list(use, list(x = altered)))
}
