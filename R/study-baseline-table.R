#' Characteristics of patients or lesions
#'
#' Baseline characteristics: median, quartiles and range of numbers, counts and
#' percentages of categories, and missing values, for all rows and by group.
#'
#' @details Percentages of a category refer to the rows with a value, those of `missing`
#' to all rows. Quartiles are those of [stats::quantile()] type 7.
#'
#' **Standardised mean difference** of two groups with means m and variances v or, for a
#' categorical variable, with the vectors p of the proportions of all categories except
#' the first (Yang and Dalton 2012):
#' \deqn{\frac{m_2 - m_1}{\sqrt{(v_1 + v_2) / 2}},\quad
#'   \sqrt{(p_2 - p_1)' C^{-} (p_2 - p_1)}}{
#'   (m2 - m1) / sqrt((v1 + v2) / 2), sqrt((p2 - p1)' C^- (p2 - p1))}
#' with C the mean of both multinomial covariances and \eqn{C^-} its pseudoinverse. It has
#' no sign for categorical variables; with more than two groups it is the largest absolute
#' difference of any pair. Missing values are excluded.
#'
#' **Tests** are computed only with `test = TRUE`: Kruskal-Wallis for numbers, Fisher's
#' exact test for categories (the chi-square test if the table is too large). There are no
#' tests for lesions, which are not independent within a patient. Judge a difference at
#' baseline by its size, the standardised mean difference, not by a p-value.
#' @section Example to follow by hand:
#' Ages 61, 62, 63 and 62, 63, 64: means 62 and 63, variances 1 and 1, standardised
#' mean difference 1. Women 1 of 4 and 3 of 4: p 0.25 and 0.75, mean variance 0.1875,
#' difference 0.5 / sqrt(0.1875) = 1.15. A fifth patient of unknown sex in the first
#' group: `missing` 1 (20.0%), women still 1 of the 4 known (25.0%).
#' @param study An [sbrt_study()], or a data frame with one row per patient.
#' @param variables Names (text) of columns, or `NULL` for those known before treatment:
#'   numbers, categories and text with at most 20 different values, without ids, dates and
#'   outcomes. Outcomes are columns of the schema, and other columns that are named like
#'   death, a recurrence or the time to an event, or hold the values dead and alive (a
#'   note names these). Numbers of the rows (1, 2, 3 and so on) are left out too. For
#'   patients `lesions` is the number of lesions; for lesions `bed` is that of
#'   [lesion_dose()] with its defaults.
#' @param by Name (text) of a column of groups; rows without a value count only in `All`.
#' @param level `"patient"` for one row per patient or `"lesion"` for one row per lesion;
#'   lesions also have the columns of their patient.
#' @param test `TRUE` adds p-values.
#' @param labels `NULL`, or labels for the table, with the columns as names. By default
#'   the label of a column is its attribute `label` (and `units`), if it has one.
#' @return A data frame of class `baseline_table` with one row per variable, category and
#'   group: `variable`, `label`, `type` (`number` or `category`), `category` (its text, or
#'   `missing`; empty for a number), `strata` (`All`, then the groups), `n` (rows),
#'   `count`, `pct` (percent), `mean`, `sd`, `median`, `q1`, `q3`, `min`, `max` (`NA`
#'   where they do not apply), `smd`, with `test` also `p.value` and `test`, and `text`,
#'   the printed value. [format()] gives the printed table as a data frame of text, one
#'   column per group.
#' @section Errors:
#' `oligosurv_error_input` for unknown columns or an invalid argument;
#' `oligosurv_error_data` if tests are requested without groups, or for lesions.
#' @references Yang and Dalton (2012) SAS Global Forum, paper 335.
#' @seealso [dose_table()], [flow_table()], [result_table()]
#' @examples
#' baseline_table(hcc_sbrt, by = "cohort")
#' lesions <- baseline_table(hcc_sbrt, c("site", "dose_gy", "bed"), level = "lesion")
#' subset(lesions, variable == "bed")$median
#' format(lesions)
#' @export
baseline_table <- function(study, variables = NULL, by = NULL,
                           level = c("patient", "lesion"), test = FALSE, labels = NULL) {
  level <- check_choice(level, c("patient", "lesion"), "level")
  test <- check_flag(test, "test")
  rows <- baseline_rows(study, level)
  outcomes <- if (is.null(variables)) {
    names(rows)[unlist(Map(is_outcome_like, rows, names(rows)))]
  }
  variables <- baseline_variables(rows, variables, by)
  labels <- baseline_labels(variables, labels, rows)
  strata <- group_of(rows, by, level)
  if (test) check_baseline_test(strata, level)
  blocks <- lapply(variables, function(name) {
    x <- baseline_column(rows[[name]], name)
    block <- if (is.numeric(x)) {
      number_block(x, strata)
    } else {
      category_block(x, strata, if (name == "strategy") has_strategy(rows))
    }
    block <- cbind(
      variable = name, label = labels[[name]],
      type = if (is.numeric(x)) "number" else "category", block
    )
    block$smd <- largest_smd(x, strata)
    if (test) block[c("p.value", "test")] <- baseline_test(x, strata)
    block
  })
  result <- do.call(rbind, blocks)
  result$text <- baseline_text(result)
  structure(result,
    level = level, by = by, left_out = sum(is.na(strata)),
    outcomes = setdiff(outcomes, schema_all$column),
    class = c("baseline_table", "sbrt_table", "data.frame")
  )
}

baseline_rows <- function(study, level) {
  if (is.data.frame(study) && !inherits(study, "sbrt_study")) {
    check_frame_columns(study, "study")
    if (level == "patient") return(as.data.frame(study))
    stop_oligosurv("input",
      "`study` is a data frame; `level = \"lesion\"` needs an sbrt_study", arg = "study"
    )
  }
  check_study(study)
  if (level == "patient") {
    rows <- study$patients
    if (!is.null(study$lesions)) rows$lesions <- lesion_count(study)
    return(rows)
  }
  dosed <- has_columns(study$lesions, c("dose_gy", "fractions"))
  if (dosed) lesion_dose(study) else lesions_with_patient(study)
}

baseline_labels <- function(variables, labels, rows) {
  result <- vapply(variables, function(name) own_label(rows[[name]]), "")
  other <- is.na(result)
  result[other] <- baseline_names[variables[other]]
  plain <- is.na(result)
  result[plain] <- gsub("_", " ", variables[plain], fixed = TRUE)
  if (is.null(labels)) return(result)
  labels <- plain_argument(labels)
  named <- is.character(labels) && !is.null(names(labels))
  if (!named || !all(names(labels) %in% variables)) {
    stop_oligosurv("input", paste(
      "`labels` must be text named by columns of the table, such as",
      "c(age = \"Age, years\")"
    ), arg = "labels")
  }
  result[names(labels)] <- labels
  result
}

# The label of a column from its attributes `label` and `units`, as in "Age, years"; NA if
# it has no label
own_label <- function(x) {
  label <- column_attribute(x, "label")
  if (!is.character(label) || length(label) != 1L || is.na(label)) return(NA_character_)
  unit <- column_attribute(x, "units")
  paste(c(label, if (is.character(unit) && length(unit) == 1L) unit), collapse = ", ")
}

baseline_names <- c(
  cohort = "Cohort", strategy = "Strategy", lesions = "Lesions", site = "Site",
  dose_gy = "Dose, Gy", fractions = "Fractions", diameter_mm = "Diameter, mm",
  dose_per_fraction = "Dose per fraction, Gy", bed = "BED (alpha/beta 10 Gy), Gy",
  prescription_isodose_pct = "Prescription isodose, %", gtv_cm3 = "GTV, cm3",
  ptv_cm3 = "PTV, cm3", treatment_days = "Treatment time, days"
)

baseline_column <- function(x, name) {
  x <- plain_column(x)
  if (is.numeric(x)) {
    x <- as.double(x)
    if (!any(is.infinite(x))) return(x)
    stop_domain(name, "finite", is.infinite(x), x, "row")
  }
  if (is.logical(x)) x <- factor(x, c(TRUE, FALSE), c("yes", "no"))
  if (!is.atomic(x)) {
    stop_oligosurv("input", sprintf(
      "the column `%s` of `variables` is %s; it must hold numbers or categories", name,
      describe(x)
    ), arg = "variables")
  }
  if (!is.factor(x)) return(factor(as.character(x)))
  if (anyNA(levels(x))) factor(x, setdiff(levels(x), NA)) else x # NA is no category
}

# Row numbers of "All" and of each group. "All" includes the rows without a group.
strata_rows <- function(strata) {
  all <- list(All = seq_along(strata))
  if (identical(levels(strata), "All")) return(all)
  c(all, split(seq_along(strata), strata))
}

block_strata <- function(strata) {
  names <- names(strata_rows(strata))
  factor(names, names)
}

number_columns <- c("mean", "sd", "median", "q1", "q3", "min", "max")

number_block <- function(x, strata) {
  parts <- lapply(strata_rows(strata), function(rows) {
    known <- x[rows][!is.na(x[rows])]
    n <- length(known)
    q <- if (n) stats::quantile(known, c(0.5, 0.25, 0.75, 0, 1), names = FALSE)
    c(
      length(rows), n, if (n) mean(known) else NA, if (n > 1L) stats::sd(known) else NA,
      if (n) q else rep(NA, 5L)
    )
  })
  parts <- do.call(rbind, parts)
  numbers <- as.data.frame(parts[, -(1:2), drop = FALSE])
  names(numbers) <- number_columns
  strata <- block_strata(strata)
  n <- as.integer(parts[, 1L])
  known <- as.integer(parts[, 2L])
  block <- data.frame(
    category = "", strata = strata, n = n, count = known, pct = NA_real_, numbers,
    row.names = NULL
  )
  if (all(known == n)) return(block)
  rbind(block, missing_block(strata, n, n - known))
}

missing_block <- function(strata, n, missing) {
  block <- data.frame(
    category = "missing", strata = strata, n = n, count = missing,
    pct = ifelse(n > 0L, 100 * missing / n, NA_real_)
  )
  block[number_columns] <- NA_real_
  block
}

# Flags the rows to which a strategy applies: rows without a cohort, and rows of a cohort
# in which some patient has a strategy. In other rows an empty strategy is not a missing
# value. For instance, no strategy applies to oligometastatic patients.
has_strategy <- function(rows) {
  if (is.null(rows$cohort)) return(NULL)
  with_one <- unique(rows$cohort[!is.na(rows$strategy)])
  rows$cohort %in% c(as.character(with_one), NA)
}

# `applies`: rows to which the characteristic applies; NULL for all
category_block <- function(x, strata, applies = NULL) {
  if (is.null(applies)) applies <- rep(TRUE, length(x))
  counts <- vapply(strata_rows(strata), function(rows) {
    c(tabulate(x[rows], nlevels(x)), sum(is.na(x[rows]) & applies[rows]))
  }, integer(nlevels(x) + 1L))
  counts <- matrix(counts, nlevels(x) + 1L)
  n <- lengths(strata_rows(strata), use.names = FALSE)
  missing <- counts[nlevels(x) + 1L, ]
  strata <- block_strata(strata)
  blocks <- lapply(seq_len(nlevels(x)), function(k) {
    known <- colSums(counts) - missing
    block <- missing_block(strata, n, counts[k, ])
    block$category <- levels(x)[k]
    block$pct <- ifelse(known > 0L, 100 * counts[k, ] / known, NA_real_)
    block
  })
  if (any(missing > 0L)) blocks <- c(blocks, list(missing_block(strata, n, missing)))
  do.call(rbind, blocks)
}

baseline_text <- function(x) {
  number <- x$type == "number" & x$category != "missing"
  text <- sprintf_counts("%d (%s)", x$count, percent_text(x$pct / 100))
  text[is.na(x$pct)] <- format_count(x$count[is.na(x$pct)])
  spread <- format_spread(x$median, x$q1, x$q3, x$min, x$max)
  text[number] <- ifelse(nzchar(spread), spread, "NA")[number]
  text
}

#' @export
format.baseline_table <- function(x, ...) {
  x <- as.data.frame(x)
  key <- paste(x$variable, x$category, sep = "\r")
  first <- !duplicated(key)
  start <- !duplicated(x$variable[first])
  variable <- ifelse(start, x$label[first], "")
  table <- data.frame(variable = variable, category = x$category[first])
  sizes <- x$n[match(levels(x$strata), x$strata)]
  for (i in seq_along(sizes)) {
    rows <- x$strata == levels(x$strata)[i]
    at <- match(key[first], key[rows])
    heading <- sprintf("%s (n = %s)", levels(x$strata)[i], format_count(sizes[i]))
    table[[heading]] <- x$text[rows][at]
  }
  once <- function(value) ifelse(start & !is.na(value[first]), value[first], "")
  if (nlevels(x$strata) > 1L) {
    smd <- ifelse(is.na(x$smd), no_value, formatC(x$smd, digits = 2, format = "f"))
    table$SMD <- once(smd)
  }
  if (!is.null(x$p.value)) table$p <- once(format_p(x$p.value, equals = ""))
  table
}

#' @exportS3Method NULL
result_rows.baseline_table <- function(x, ...) {
  check_no_dots(...)
  needed <- c("variable", "label", "category", "strata", "n", "smd", "text", "type")
  if (!is_whole(x, needed)) return(NULL)
  level <- attr(x, "level")
  rows <- as.data.frame(x)
  columns <- as.list(format(x))
  names(columns)[1:2] <- c("Characteristic", "Category")
  if (all(columns$Category == "")) columns$Category <- NULL
  tests <- if (!is.null(x$test)) unique(x$test[!is.na(x$test)])
  new_result(rows, study_summary(x),
    what = paste0("Characteristics of ", level, "s"),
    basis = baseline_basis(rows), columns = columns,
    signs = stats::setNames(
      "SMD not defined, since a group has no value, or the groups have none in common",
      no_value
    ),
    remarks = c(
      if (some_unknown(rows)) "Percentages of categories: of those with a known value",
      if (!is.null(columns$SMD)) smd_words(levels(x$strata)[-1L], rows$type),
      if (length(tests)) paste("P:", paste(tests, collapse = ", ")),
      left_out_text(x, level), if (length(attr(x, "outcomes"))) {
        sprintf("Left out as outcomes: %s", join_words(attr(x, "outcomes")))
      }
    ),
    values = list(
      strata = as.character(x$strata), label = trimws(paste(x$label, x$category))
    ),
    sentence = "{label}: {text}"
  )
}

# "Median (quartiles; range) or n (%)": what the cells of this table are
baseline_basis <- function(rows) {
  number <- rows$type == "number" & rows$category != "missing"
  percent <- !number & !is.na(rows$pct)
  kinds <- c("median (quartiles; range)", "n (%)")[c(any(number), any(percent))]
  # a note begins with a capital
  if (identical(kinds, "n (%)")) "number (%)" else paste(kinds, collapse = " or ")
}

# Are there fewer values of a category than patients or lesions? This is so if some values
# are missing, or if the characteristic does not apply to some of them, as with a
# strategy.
some_unknown <- function(rows) {
  rows <- rows[rows$type == "category" & rows$category != "missing", ]
  key <- paste(rows$variable, rows$strata, sep = "\r")
  any(tapply(rows$count, key, sum) < tapply(rows$n, key, max))
}

# Describes the column SMD: of two groups the differences of numbers have a sign
smd_words <- function(groups, type) {
  minus <- paste(groups[2L], "minus", groups[1L])
  how <- if (length(groups) > 2L) {
    "the largest absolute value of any two groups"
  } else if (!any(type == "number")) {
    "without a sign"
  } else if (all(type == "number")) {
    minus
  } else {
    sprintf("numbers: %s; categories: without a sign", minus)
  }
  sprintf("SMD: standardised mean difference (%s)", how)
}
