# Checks of arguments and options. Each check returns its value in the storage mode that
# the C code reads, or stops with a classed error that names the argument and the first
# bad positions.

stop_domain <- function(arg, need, bad, x, noun = "element") {
  where <- which(bad)
  stop_oligosurv("domain", sprintf(
    "`%s` must be %s; %s (first value: %s)", arg, need, format_rows(where, noun),
    format(x[where[1]])
  ), where = where, arg = arg)
}

stop_missing <- function(arg) {
  stop_oligosurv("input", sprintf("`%s` is missing; it must be given", arg), arg = arg)
}

# Accepts TRUE or FALSE.
check_flag <- function(x, arg) {
  if (!is.logical(x) || length(x) != 1L || is.na(x)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be TRUE or FALSE; it is %s", arg, describe(x)
    ), arg = arg)
  }
  x
}

check_string <- function(x, arg) {
  if (missing(x)) stop_missing(arg)
  x <- plain_argument(x)
  if (!is.character(x) || length(x) != 1L || is.na(x)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be one string; it is %s", arg, describe(x)
    ), arg = arg)
  }
  check_text(x, arg)
}

# Stops if text is invalid in its encoding. Otherwise R's functions that search, trim,
# wrap or measure text would stop with errors of their own.
check_text <- function(x, arg) {
  x <- plain_argument(x)
  bad <- which(!validEnc(as.character(x)))
  if (!length(bad)) return(x)
  shown <- iconv(as.character(x)[bad[1L]], "latin1", "ASCII", sub = "byte")
  stop_oligosurv("input", sprintf(
    paste(
      "`%s` must be text that is valid in its encoding; %s not (first value: \"%s\");",
      "read it with its own encoding, or convert it with iconv()"
    ), arg, paste(format_rows(bad, "element"), if (length(bad) == 1L) "is" else "are"),
    shown
  ), where = bad, arg = arg)
}

# Accepts one of the texts `choices`. The default of an argument is the whole vector,
# which means its first element.
check_choice <- function(x, choices, arg) {
  if (missing(x)) stop_missing(arg)
  x <- plain_argument(x)
  if (is.character(x) && length(x) == 1L && match(x, choices, 0L) > 0L) return(x)
  if (identical(x, choices)) return(choices[1L])
  stop_oligosurv("input", sprintf(
    "`%s` must be one of %s; it is %s", arg,
    paste0("\"", choices, "\"", collapse = ", "), describe(x)
  ), arg = arg)
}

# Accepts labels: text, a factor, or numbers that are compared as text. Value: each label
# once.
check_labels <- function(x, arg) {
  x <- plain_argument(x)
  check_factor(x, arg)
  if (is.atomic(x)) return(unique(as.character(x)))
  stop_oligosurv("input", sprintf("`%s` must be labels, given as text; it is %s", arg,
    describe(x)
  ), arg = arg)
}

# Accepts one finite number from `lower` to `upper`; `open` excludes both limits.
check_number <- function(x, arg, lower = -Inf, upper = Inf, open = FALSE) {
  if (is.object(x)) x <- plain_column(x)
  reason <- if (is.object(x)) not_a_number(x)
  inside <- is.null(reason) && is.numeric(x) && length(x) == 1L && is.finite(x) &&
    (if (open) x > lower && x < upper else x >= lower && x <= upper)
  if (!inside) {
    range <- if (is.finite(lower) && is.finite(upper)) {
      sprintf(" between %s and %s", format(lower), format(upper))
    } else if (is.finite(lower)) {
      sprintf(if (open) " above %s" else " of at least %s", format(lower))
    } else {
      ""
    }
    stop_oligosurv("input", sprintf(
      "`%s` must be one finite number%s%s; it is %s", arg, range,
      if (is.null(reason)) "" else paste0(", ", reason), describe(x)
    ), arg = arg)
  }
  as.double(x)
}

check_whole <- function(x, arg, lower, upper) {
  x <- check_number(x, arg, lower, upper)
  if (x == floor(x)) return(x)
  stop_oligosurv("input", sprintf(
    "`%s` must be a whole number; it is %s", arg, describe(x)
  ), arg = arg)
}

# Accepts one number strictly between 0 and 1.
check_level <- function(x, arg = "conf.level") {
  check_number(x, arg, 0, 1, open = TRUE)
}

# Accepts proportions strictly between 0 and 1.
check_proportions <- function(x, arg) {
  x <- check_double(x, arg)
  bad <- x <= 0 | x >= 1
  if (any(bad)) stop_domain(arg, "above 0 and below 1", bad, x)
  x
}

# Accepts a vector of any length of finite numbers that are at least `lower`.
check_double <- function(x, arg, lower = -Inf, noun = "element") {
  x <- plain_column(x)
  reason <- not_a_number(x)
  if (!is.numeric(x) || !is.null(reason)) {
    stop_oligosurv("input", sprintf(
      "`%s` must be numeric%s; it is %s", arg,
      if (is.null(reason)) "" else paste0(", ", reason), describe(x)
    ), arg = arg)
  }
  bad <- !is.finite(x) | x < lower
  if (any(bad)) {
    need <- paste0("finite", if (is.finite(lower)) paste(" and at least", format(lower)))
    stop_domain(arg, need, bad, x, noun)
  }
  as.double(x)
}

# A method has `...` only because its generic has it. An argument in `...` is an error.
check_no_dots <- function(...) {
  if (...length() > 0L) check_dots(NULL, ..., frame = sys.parent())
}

# Stops for arguments in `...` whose names are not in `known`, without evaluating them.
# `frame` is the frame of the function that received them.
check_dots <- function(known, ..., frame = sys.parent()) {
  given <- names(substitute(list(...)))[-1L]
  if (is.null(given)) given <- rep("", ...length())
  bad <- unique(given[!given %in% known])
  if (!length(bad)) return(invisible())
  accepted <- setdiff(c(names(formals(sys.function(frame))), known), "...")
  hints <- vapply(bad, argument_hint, "", accepted)
  stop_oligosurv("input", sprintf(
    "unknown argument%s: %s%s", if (length(bad) == 1L) "" else "s",
    join_words(ifelse(nzchar(bad), paste0("`", bad, "`"), "one without a name")),
    paste0("; ", unique(hints[nzchar(hints)]), collapse = "", recycle0 = TRUE)
  ))
}

# Returns the hint for an unknown argument: the argument that `argument_hints` suggests,
# if the function has it (`accepted`); else the advice given there; else an accepted
# argument with a similar name; else ""
argument_hint <- function(name, accepted) {
  instead <- argument_hints[[name]]
  use <- intersect(instead, accepted)
  if (length(use)) return(sprintf("use `%s`", use[1L]))
  advice <- grep(" ", instead, value = TRUE)
  if (length(advice)) return(advice)
  letters_of <- function(x) lower_case(gsub("[._]", "", x))
  distance <- utils::adist(letters_of(name), letters_of(accepted))
  near <- which.min(distance)
  close <- length(near) && nzchar(name) && distance[near] <= nchar(name) / 2
  if (close) sprintf("did you mean `%s`?", accepted[near]) else ""
}

# Names that users may type for an argument, for example because other packages use them,
# and that are not similar to its name here. Each element holds the names to suggest. It
# may also hold advice, a text with blanks, for functions without such an argument.
argument_hints <- list(
  subset = "select the rows first, as in `data = subset(data, sex == \"f\")`",
  start = c("from", "origin", "first_day"), start.time = "from", time = "times",
  hazard.ratio = "hazard_ratio", cluster = "id", conf.int = "conf.level",
  weights = "powers",
  estimator = "see survival_estimate()", conf.lower = "see survival_estimate()",
  band = "see survival_band()", band_range = c("range", "see survival_band()"),
  band_scale = c("scale", "see survival_band()"),
  confirm = "see `criteria = recist(confirm = )`",
  confirm_days = "see `criteria = recist(confirm_days = )`",
  sd_days = "see `criteria = recist(sd_days = )`",
  baseline_days = "see `criteria = recist(baseline_days = )`",
  visit_days = "see `criteria = recist(visit_days = )`",
  max_ne = "see `criteria = recist(max_ne = )`",
  after_cr = "see `criteria = recist(after_cr = )`",
  cohort = "keep", strategy = "keep", follow_up = "times",
  confidence = "conf.level", rate = "hazard", p.adjust.method = "adjust",
  rmst = "tau", R = "n_resamples", group = c("by", "groups"), method = "type",
  pval = "p.value", risk.table = "risk_table", palette = "colours", colors = "colours",
  color = "colours", colour = "colours", col = "colours", lwd = "linewidth",
  line.size = "linewidth", lty = "linetype", legend.title = "legend_title",
  legend.labs = "name the groups by the levels of a factor in the data",
  break.time.by = "breaks", break.x.by = "breaks", surv.median.line = "median",
  ggtheme = "theme", conf.int.style = "interval", censor.shape = "mark",
  risk.table.title = "risk_title", xlim = "add `ggplot2::coord_cartesian(xlim = )`",
  facet.by = "facet",
  cause = "outcome", liver = "liver_function", labs = "liver_function",
  format = "the ending of `file` selects the format",
  unit = "the unit is that of the times of `data`; endpoint() has `unit`"
)

# The number of threads for `n_row` rows that the options allow. C code calls this before
# it starts threads. The default is at most two threads with at least 2^18 rows each: with
# fewer rows, threads may cost more time than they save. If another process occupies a
# core, each parallel region waits several milliseconds for its second thread. For half a
# million times to be sorted these waits add up to about 25 ms, while one thread sorts
# them in 20 ms. Results do not depend on the number of threads.
max_threads <- function(n_row) {
  rows <- getOption("oligosurv.rows_per_thread", 2^18)
  threads <- getOption("oligosurv.threads", 2)
  check_option(rows, "rows_per_thread", "one number")
  check_option(threads, "threads", "one whole number")
  as.integer(max(1, min(threads, 1024, n_row / rows)))
}

check_option <- function(x, name, what) {
  if (is.numeric(x) && length(x) == 1L && !is.na(x) && x >= 1) return(invisible())
  stop_oligosurv("input", sprintf(
    "option `oligosurv.%s` must be %s of at least 1; it is %s", name, what, describe(x)
  ))
}

# Recycles values of length 1. If one of the values is empty, all become empty.
same_lengths <- function(x) {
  sizes <- lengths(x)
  n <- if (any(sizes == 0L)) 0L else max(sizes)
  wrong <- names(x)[!sizes %in% c(1L, n)]
  if (length(wrong)) {
    stop_oligosurv("input", sprintf(
      "%s must have the same length or length 1; their lengths are %s",
      join_words(paste0("`", names(x), "`")), join_words(sizes)
    ), arg = wrong[1L])
  }
  lapply(x, rep_len, n)
}

# The number of groups or rows that a print shows; Inf shows all
check_shown <- function(n) {
  n <- plain_argument(n)
  if (is.numeric(n) && !is.object(n) && length(n) == 1L && !is.na(n) && n >= 0) return(n)
  stop_oligosurv("input", sprintf(
    "`n` must be one number of at least 0, or Inf for all; it is %s", describe(n)
  ), arg = "n")
}

# Evaluates an index or a number of repetitions, which R itself checks. R's error for an
# invalid one becomes an error of this package.
try_index <- function(expr) {
  refuse <- function(condition) {
    if (inherits(condition, "oligosurv_error")) stop_again(condition)
    raise_time_limit(condition)
    stop_oligosurv("input", sprintf(
      "an index or a number of repetitions is not valid: %s", conditionMessage(condition)
    ))
  }
  tryCatch(expr, error = refuse, warning = refuse)
}
