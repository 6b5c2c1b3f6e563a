# Items and groups of a table of published numbers: interprets their names, and computes
# their values in a study.

# Converts an item to its measure, endpoint and time; NULL if it is not understood. Names
# from the help page are tried first, then words used in papers.
read_item <- function(item, time = NA) {
  time <- suppressWarnings(as.double(time))
  fixed <- published_labels[item]
  if (!is.na(fixed)) return(list(measure = item, label = unname(fixed)))
  own <- regmatches(item, regexec("^([a-z_]+)_(median|events|logrank|gray|hr|[0-9]+)$",
    item
  ))[[1L]]
  if (length(own) && own[2L] %in% names(endpoint_rules)) {
    what <- own[2L]
    at <- suppressWarnings(as.double(own[3L]))
    if (!is.na(at)) return(list(measure = "rate", what = what, time = at))
    return(list(measure = own[3L], what = what))
  }
  item_of_words(item, time)
}

item_of_words <- function(item, time) {
  words <- digits_for_words(lower_case(gsub("[^[:alnum:].<>=]+", " ", item)))
  says <- function(pattern) grepl(pattern, words, perl = TRUE)
  for (name in names(item_words)) {
    if (says(item_words[[name]])) return(list(measure = name, label = item))
  }
  known <- vapply(endpoint_words_of_papers, says, NA)
  if (!any(known)) return(NULL)
  what <- sub("[.].*", "", names(known)[known][1L])
  # survival without local or distant failure has deaths as events, which no endpoint has
  of_site <- "\\b(local|regional|distant|intrahepatic|extrahepatic|metastas[ie]s)\\b"
  if (says("free survival") && says(of_site)) return(NULL)
  result <- list(what = what, label = item, control = endsWith(what, "_failure") &&
    says("\\b(control|lc|free|freedom)\\b"))
  found <- regmatches(words, regexec(
    "([0-9.]+) ?(years?|yrs?|y|months?|mo|m)\\b", words
  ))[[1L]]
  if (is.na(time) && length(found)) {
    time <- as.double(found[2L]) * if (startsWith(found[3L], "y")) 12 else 1
  }
  result$measure <- if (says("\\b(median|mos|mpfs)\\b")) {
    "median"
  } else if (says("\\b(hr|hazard ratio)\\b")) {
    "hr"
  } else if (says("\\bgray")) {
    "gray"
  } else if (says("\\b(p|log ?rank|p value)\\b")) {
    "logrank"
  } else if (says("\\b(events?|deaths|number)\\b")) {
    "events"
  } else if (!is.na(time)) {
    "rate"
  }
  if (is.null(result$measure)) return(NULL)
  result$time <- time
  result
}

# "two year" becomes "2 year"
digits_for_words <- function(words) {
  numbers <- c(one = 1, two = 2, three = 3, four = 4, five = 5, six = 6, ten = 10)
  for (name in names(numbers)) {
    words <- gsub(paste0("\\b", name, "\\b"), numbers[[name]], words, perl = TRUE)
  }
  words
}

# Words used in papers for items without an endpoint, as patterns
item_words <- c(
  follow_up = "follow up|followup",
  response_lesions = "(objective|overall) response.*lesion|lesion.*(orr|response)",
  response_patients = "\\borr\\b|(objective|overall) response",
  toxicity_acute = "acute.*(toxicity|adverse|grade)",
  toxicity_late = "late.*(toxicity|adverse|grade)",
  lesions = "^(number of |no. of )?(lesions|metastases|tumou?rs)( treated)?$",
  patients = "^(number of |no. of )?patients( treated)?$|^n$"
)

# Words used in papers for endpoints; the part of a name before a point is the endpoint
endpoint_words_of_papers <- c(
  pfs = "\\bm?pfs\\b|progression ?free",
  os = "\\bm?os\\b|overall survival|^(number of )?deaths$",
  local_failure = "local (failure|progression|recurrence|control)|\\blc\\b",
  intrahepatic_failure = "intrahepatic (failure|progression|recurrence)",
  extrahepatic_failure = "extrahepatic (failure|progression|recurrence)",
  distant_failure = "distant (failure|progression|metastas[ie]s|recurrence)",
  next_therapy = "next (line|systemic|therapy)", progression = "time to progression",
  duration_of_response = "duration of response|\\bdor\\b"
)

published_labels <- c(
  patients = "Patients", lesions = "Lesions", follow_up = "Median follow-up, months",
  response_patients = "Objective response, patients, %",
  response_lesions = "Objective response, lesions, %",
  toxicity_acute = "Acute toxicity of grade 3 or more, %",
  toxicity_late = "Late toxicity of grade 3 or more, %"
)

# The item in words: the user's words, or words for its measure
item_label <- function(item) {
  if (!is.null(item$label)) return(item$label)
  name <- endpoint_rules[[item$what]]$label
  switch(item$measure,
    rate = sprintf("%s at %g months, %%", name, item$time),
    median = sprintf("Median %s, months", lower_first(name)),
    events = paste0(name, ", events"), logrank = paste0(name, ", log-rank P"),
    gray = paste0(name, ", Gray's test, P"), hr = paste0(name, ", hazard ratio")
  )
}

# Computes an item in a group or between two groups
item_value <- function(item, study, group) {
  groups <- read_groups(group, study$patients)
  two <- c("logrank", "gray", "hr")
  if (item$measure %in% two) return(between_value(item, study, groups, group))
  inside <- Reduce(`|`, lapply(groups, `[[`, "rows"))
  part <- if (is.null(inside)) study else take_patients(study, which(inside))
  value <- if (is.null(item$what)) {
    whole_value(item$measure, part)
  } else {
    endpoint_value(item, part)
  }
  if (isTRUE(item$control) && item$measure == "rate") 100 - value else value
}

# The groups of a text such as "OP-N vs OP-C": their column, label and rows; an empty list
# for all patients
read_groups <- function(group, patients) {
  if (lower_case(group) %in% c("all", "overall", "total", "")) return(list())
  parts <- strsplit(group, " +(against|versus|vs[.]?) +")[[1L]]
  lapply(parts, find_group, patients = patients)
}

find_group <- function(name, patients) {
  labels <- Filter(function(column) {
    x <- patients[[column]]
    (is.factor(x) || is.character(x)) && column != "patient_id"
  }, names(patients))
  label <- name
  named <- regmatches(name, regexec("^(.+?): *(.+)$", name))[[1L]]
  if (length(named) && named[2L] %in% labels) {
    labels <- named[2L]
    label <- named[3L]
  }
  hits <- Filter(function(column) label %in% as.character(patients[[column]]), labels)
  if (!length(hits)) {
    stop_oligosurv("data", sprintf(
      "`published` has the group \"%s\", but no patient of the study is in it; %s", name,
      "correct the name of the group"
    ), arg = "published")
  }
  if (length(hits) > 1L && !hits[1L] %in% c("cohort", "strategy")) {
    stop_oligosurv("input", sprintf(
      "`published` has the group \"%s\", which is in the columns %s; write \"%s: %s\"",
      name, join_words(hits), hits[1L], label
    ), arg = "published")
  }
  rows <- as.character(patients[[hits[1L]]]) %in% label
  list(column = hits[1L], label = label, rows = rows)
}

# The P of a test between two groups, or the hazard ratio of the first against the second
between_value <- function(item, study, groups, group) {
  columns <- unique(vapply(groups, `[[`, "", "column"))
  labels <- vapply(groups, `[[`, "", "label")
  if (length(unique(labels)) != 2L || length(labels) != 2L || length(columns) != 1L) {
    stop_oligosurv("input", sprintf(
      paste(
        "`published`: \"%s\" needs two groups of one column, as in \"OP against OM\";",
        "the group is \"%s\""
      ), item_label(item), group
    ), arg = "published")
  }
  rows <- endpoint(study, item$what)
  rows$group <- factor(as.character(rows[[columns]]), rev(labels))
  rows <- rows[!is.na(rows$group), ]
  event <- event_of(rows)
  if (item$measure == "hr") {
    x <- hazard_ratio(Surv(time, status) ~ group, rows, outcome = event)$table
    return(x$estimate[1L])
  }
  if (item$measure == "gray") {
    x <- test_results(fit_by(gray_test, rows, "group"))
    return(x$p.value[if (is.null(x$outcome)) 1L else match(event, x$outcome)])
  }
  if (is.factor(rows$status)) rows$status <- as.integer(rows$status == event)
  fit_by(logrank_test, rows, "group")$p.value
}

# Numbers without an endpoint
whole_value <- function(measure, study) {
  response <- function(level) {
    criteria <- report_criteria(study, level)
    if (is.null(criteria)) return(NA_real_)
    rate <- response_rate(study, level = level, criteria = criteria)
    100 * rate$estimate[rate$outcome == "objective response"]
  }
  toxicity <- function(phase) {
    if (!toxicity_recorded(study)) return(NA_real_)
    rows <- toxicity_table(study)
    rows$grade_3_plus_pct[rows$phase == phase & rows$term == any_event]
  }
  switch(measure,
    patients = nrow(study$patients), lesions = NROW(study$lesions),
    follow_up = stats::median(fit_by(follow_up, endpoint(study, "os")))$estimate,
    response_patients = response("patient"), response_lesions = response("lesion"),
    toxicity_acute = toxicity("acute"), toxicity_late = toxicity("late")
  )
}

# Numbers of an endpoint: rate (%), median or number of events
endpoint_value <- function(item, study) {
  rows <- endpoint(study, item$what)
  event <- event_of(rows)
  failure <- !is.null(event)
  if (item$measure == "events") {
    return(if (failure) sum(rows$status == event) else sum(rows$status))
  }
  fit <- fit_by(if (failure) cumulative_incidence else kaplan_meier, rows)
  of <- function(x) if (failure) x[x$outcome == event, ] else x
  if (item$measure == "median") return(of(stats::median(fit))$estimate)
  100 * of(tidy(fit, times = item$time, extend = TRUE))$estimate
}
