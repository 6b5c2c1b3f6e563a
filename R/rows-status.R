# Reads the status of a formula: codes, labels, and which of them mean censoring.

# Does a label mean censoring in every study? Case is ignored in every locale. Withdrawal
# is not such a label: in studies of waiting lists it is a competing event.
looks_censored <- remember(function(label) {
  label <- gsub("[-_./ ]+", " ", lower_case(label), perl = TRUE)
  grepl(paste0(
    "^(0|((right|left|administratively|is) )?cens.*|none|no|no ?event.*|",
    "no( [a-z]+)* (evidence|events?|relapses?|recurrences?|progression|failures?|",
    "deaths?|metastas[ie]s|pd|disease)( .*)?|",
    "not (dead|deceased|died|progressed|relapsed|failed)|",
    "(still )?alive.*|living.*|(event|disease|relapse|recurrence|progression|failure|",
    "metastas[ie]s) ?free.*|lost|(lost|loss)( to| of)? (follow.*|f.?u\\b.*)|",
    "end of (study|follow ?up)|follow ?up (ended|complete.*)|ongoing|ltfu|lfu|ned|awd|",
    "false|\\(s0\\))$"
  ), trim_labels(label), perl = TRUE)
})

quote_all <- function(labels) paste0("\"", labels, "\"", collapse = ", ")

# Checks `censor` and returns it as text: labels or codes
check_censor <- function(censor) {
  censor <- plain_argument(censor)
  check_factor(censor, "censor")
  if (is.numeric(censor) || is.logical(censor)) censor <- as.character(censor)
  if (is.factor(censor)) censor <- as.character(censor)
  if (!is.character(censor) || !length(censor) || anyNA(censor) ||
    anyDuplicated(censor)) {
    stop_oligosurv("input", sprintf(
      "`censor` must be one or more different labels or codes of the status; %s",
      if (!is.character(censor) || !length(censor)) {
        paste("it is", describe(censor))
      } else if (anyNA(censor)) {
        "it has a missing value"
      } else {
        paste(quote_all(unique(censor[duplicated(censor)])), "occurs more than once")
      }
    ), arg = "censor")
  }
  unique(trim_labels(censor))
}

# Returns the numbers of the levels of a factor status that mean censoring: the levels in
# `censor`, or level 1 if `censor` is not given. Without `censor` it stops if the labels
# suggest that another level, or several, mean censoring. Levels that the user did not
# declare (text), or a single level, may be only the values that occur. The first of these
# is an event if no row is censored, so its label must suggest censoring. The same is
# required if the first level is a number.
censoring_levels <- function(labels, censor, declared) {
  if (!is.null(censor)) {
    censor <- check_censor(censor)
    at <- match(censor, labels)
    if (anyNA(at)) {
      stop_oligosurv("input", sprintf(
        "`censor` is %s, which is not a level of the status; its levels are %s",
        quote_all(censor[is.na(at)]), quote_all(labels)
      ), arg = "censor")
    }
    return(at)
  }
  alike <- which(looks_censored(labels))
  if (length(alike) > 1L) {
    stop_oligosurv("input", sprintf(
      paste0(
        "the status has %d labels that look like censoring: %s (levels: %s); name all ",
        "that mean censoring, as in `censor = c(%s)`; every other label is an event"
      ),
      length(alike), quote_all(labels[alike]), quote_all(labels), quote_all(labels[alike])
    ), arg = "status", values = labels[alike])
  }
  if (identical(alike, 1L)) return(1L)
  in_doubt <- !declared || length(labels) == 1L || grepl("^[0-9.]+$", labels[1L])
  if (in_doubt || length(alike)) {
    stop_oligosurv("input", sprintf(
      paste0(
        "the first level of the status, \"%s\", is read as censoring but does not look ",
        "like it (levels: %s); put the censoring level first or name it with `censor =`"
      ),
      labels[1L], quote_all(labels)
    ), arg = "status")
  }
  1L
}

is_missing_label <- function(label) lower_case(label) %in% c(missing_words, "#n/a")

# Stops if an event of the status is a word for a missing value, such as "n/a": it would
# be a competing event, and every cumulative incidence would be wrong.
check_missing_labels <- function(events) {
  odd <- events[is_missing_label(events)]
  if (!length(odd)) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "the status has the label %s, which means a missing value but would be an event;",
      "make it NA, as in `data$status[data$status %%in%% %s] <- NA`, or, if these rows",
      "are censored, name it in `censor =`"
    ),
    quote_all(odd[1L]), r_code(odd)
  ), arg = "status", values = odd)
}

# TRUE for events, that is, for codes not in `censor`. Only one such code is allowed.
is_not_code <- function(status, censor) {
  censor <- check_censor(censor)
  codes <- as.character(sort(unique(status[!is.na(status)])))
  others <- setdiff(codes, censor)
  if (length(others) > 1L) {
    stop_oligosurv("input", sprintf(
      "`censor` is %s, and the status has %d other codes (%s%s); competing risks %s",
      quote_all(censor), length(others), paste(utils::head(others, 3L), collapse = ", "),
      if (length(others) > 3L) ", ..." else "", "need a factor"
    ), arg = "censor")
  }
  event <- !as.character(status) %in% censor
  event[is.na(status)] <- NA
  event
}

# Does the name of a column suggest that 1 means censored (CNSR of CDISC, is_censored,
# oscens)? In many data sets with such names 1 is nevertheless the event.
names_censoring <- remember(function(name) {
  name <- gsub("(un|non?|not)[^a-z]*cens|li(cens)|[ai]n?s?cens(e|ion)|census", "",
    lower_case(name),
    perl = TRUE
  )
  grepl("cens|cnsr|zensi|zensu", name, perl = TRUE)
})

# If the name of a column suggests that 1 means censored, the user must say which codes
# mean censoring. Otherwise the estimates could be wrong without any sign of it.
check_censoring_name <- function(codes, name) {
  if (is.null(name) || !names_censoring(name)) return(invisible())
  codes <- as.character(codes[!is.na(codes)])
  known <- c("true", "false", "yes", "no", "y", "n", "t", "f")
  if (!length(codes) || !all(lower_case(codes) %in% known | grepl("^[0-9.]+$", codes))) {
    return(invisible()) # the labels say which value means censoring
  }
  numbers <- suppressWarnings(as.double(codes))
  event <- if (0 %in% numbers || anyNA(numbers)) sort(codes)[1L] else "0"
  others <- setdiff(codes, event)
  if (!length(others)) others <- if (anyNA(numbers)) codes else "1"
  shown <- if (anyNA(numbers)) quote_all(others) else paste(others, collapse = ", ")
  if (length(others) > 1L) shown <- sprintf("c(%s)", shown)
  code <- function(x) if (is.na(suppressWarnings(as.double(x)))) quote_all(x) else x
  stop_oligosurv("input", sprintf(
    paste(
      "the name of `%s` (codes: %s) suggests a column of censoring, in which 1 often",
      "means censored (as in CNSR of CDISC), but 1 is read as the event here; say which",
      "codes mean censored: `censor = %s`, or `censor = %s` if 1 is the event"
    ),
    name, paste(utils::head(codes, 6L), collapse = ", "), shown, code(event)
  ), arg = "status", values = codes)
}

# Stops if the value labels of a column of numbers (SPSS, Stata, SAS) say that the code of
# the event means censoring, as in 0 = dead, 1 = alive.
check_value_labels <- function(status) {
  labels <- attr(status, "labels", exact = TRUE)
  numbers <- inherits(status, label_classes) && is.numeric(unclass(status))
  named <- is.numeric(unclass(labels)) && !is.null(names(labels))
  if (!numbers || !named) return(invisible())
  code <- as.vector(unclass(labels))
  event <- if (0 %in% as.vector(unclass(status))) 1 else max(code)
  label <- names(labels)[match(event, code)]
  if (is.na(label) || !looks_censored(label)) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "%g is read as the event, but the value labels of the status say %s; name the",
      "codes that mean censored, as in `censor = %g`"
    ), event, join_words(sprintf("%g = %s", code, names(labels))), event
  ), arg = "status", values = event)
}

# Codes the status column. Returns list(status, first, states, coding, empty): the codes
# for C_count() and the lowest of them; the labels of the states; how the status was
# given, as a "factor" or "0/1"; and the rows with empty text. `name` is the name of the
# column, NULL if the status is computed.
code_status <- function(status, censor, name = NULL) {
  declared <- is.factor(status)
  if (is.object(status)) {
    if (is.null(censor)) check_value_labels(status)
    status <- plain_column(status)
  }
  shown <- if (is.null(name)) "status" else name
  read <- if (is.character(status) || is.factor(status)) read_labels(status, shown)
  if (!is.null(read)) status <- read$column
  if (is.factor(status) && anyNA(levels(status))) { # NA is not a state
    status <- factor(status, levels(status)[!is.na(levels(status))])
  }
  if (is.null(censor) && !is.null(name) && names_censoring(name)) {
    codes <- if (is.factor(status)) levels(status) else sort(unique(status))
    check_censoring_name(codes, name)
  }
  if (is.factor(status)) {
    coding <- code_factor_status(status, censor, declared)
  } else {
    coding <- code_numeric_status(status, censor)
  }
  if (length(read$empty)) coding$empty <- stats::setNames(list(read$empty), shown)
  coding
}

code_factor_status <- function(status, censor, declared) {
  labels <- levels(status)
  if (!length(labels)) {
    stop_oligosurv("input", if (declared) {
      "the status is a factor without levels, so all its values are missing; check it"
    } else {
      "all values of the status are missing or empty; check the column"
    }, arg = "status")
  }
  at <- censoring_levels(labels, censor, declared)
  check_missing_labels(labels[setdiff(which(tabulate(status, length(labels)) > 0L), at)])
  if (!identical(at, 1L)) {
    states <- c(paste(labels[at], collapse = " / "), labels[-at])
    place <- integer(length(labels))
    place[at] <- 1L
    place[-at] <- seq_along(states[-1L]) + 1L
    status <- structure(place[as.integer(status)], levels = states, class = "factor")
    labels <- states
  }
  if (length(labels) == 1L) labels <- c(labels, "event")
  list(status = status, first = 1L, states = labels, coding = "factor")
}

code_numeric_status <- function(status, censor) {
  reason <- if (is.object(status)) not_a_number(status)
  if ((!is.logical(status) && !is.numeric(status)) || !is.null(reason)) {
    stop_oligosurv("input", sprintf(
      "the status must be 0/1, logical or a factor%s; it is %s",
      if (is.null(reason)) "" else paste0(", ", reason), describe(status)
    ), arg = "status")
  }
  if (!is.null(censor)) status <- is_not_code(status, censor)
  if (is.logical(status)) {
    return(list(
      status = status, first = 0L, states = c("censored", "event"), coding = "0/1"
    ))
  }
  list(status = status, first = 0L, states = c("censored", "event", "2"), coding = "0/1")
}
