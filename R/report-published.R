#' Compare published numbers with those of a study
#'
#' Computes every published number from the study and checks whether the two are equal at
#' the printed precision.
#'
#' Each published number has an `item` and a `group`. Items may have these names:
#'
#' | `item` | computed as |
#' |---|---|
#' | `patients`, `lesions` | rows |
#' | `follow_up` | median of [follow_up()] on overall survival, months |
#' | `response_patients`, `response_lesions` | objective response of [response_rate()], % |
#' | `os_24`, `pfs_12`, `local_failure_24`, ... | rate of an [endpoint()] of patients at so many months, %: [kaplan_meier()], or [cumulative_incidence()] of a failure with its competing events |
#' | `os_median`, `pfs_median`, ... | median of [kaplan_meier()], months; `NR` not reached |
#' | `os_events`, `local_failure_events`, ... | number of events |
#' | `os_logrank`, `pfs_logrank`, ... | p of [logrank_test()] between the groups |
#' | `os_hr`, `pfs_hr`, ... | [hazard_ratio()] of the first group against the second |
#' | `local_failure_gray`, ... | p of [gray_test()] between the groups |
#' | `toxicity_acute`, `toxicity_late` | patients with grade 3 or more of [toxicity_table()], % |
#'
#' or the words of the paper: `"2-year overall survival"`, `"Median PFS, months"`,
#' `"OS, P value"`, `"Local control at 12 months"` (100% minus local failure), `"ORR"`,
#' `"Late toxicity, grade 3 or more"`. With a column `time` (months), the item
#' `"overall survival"` is the rate at that time. An item that is not understood is an
#' error that names it.
#'
#' A `group` is `All` (also `Overall`, `Total` or empty) or a label in any column of the
#' patients; if several columns have the label, put the name of the column before it
#' (`sex: female`). A test or hazard ratio needs two of them, as in `OP-N against OP-C` or
#' `OP-N vs OP-C`.
#'
#' The computed number is rounded to the decimals of the published one (column
#' `rounding`); 46.25 is equal to 46.2 and to 46.3, since programs differ in rounding a 5.
#' Percent signs, blanks, units, and what follows the first number, such as its interval,
#' do not matter; a decimal comma is a decimal point, and in counts a comma separates
#' thousands; a bound such as `<0.001` is equal to every number on its side; `NR` and
#' `not reached` are equal to a median that is not reached. Of a count with its
#' percentage, as in `17/36 (47.2%)`, the percentage is compared if the item is one;
#' `17/36` alone is 47.2%.
#' @param study An [sbrt_study()].
#' @param published A data frame or the path of a CSV file with the columns `item`,
#'   `group`, `published` (text, as printed) and, optionally, `time` (months) and `note`.
#'   `NULL` uses the published numbers of [hcc_sbrt] if the tables of the study are those
#'   of [hcc_sbrt], otherwise none.
#' @return A data frame with one row per published number: `item` (in words), `group`,
#'   `published`, `ours` (the computed number as text), `equal` (logical), `rounding` (the
#'   precision of the comparison in words) and `note`. `NULL` without published numbers.
#' @section Errors:
#' `oligosurv_error_input` for an unknown item, a missing column or file, a label that is
#' in several columns, or a test of other than two groups; `oligosurv_error_data` for a
#' group without patients in the study, or a number that the study cannot give.
#' @seealso [study_report()]
#' @examples
#' compared <- compare_published(hcc_sbrt)
#' compared[compared$group == "All", 1:6]
#' all(compared$equal)
#'
#' # The words of a paper; 17 of 37 patients died
#' paper <- data.frame(
#'   item = c("Median OS, months", "Deaths (OS events)", "ORR"),
#'   group = "All", published = c("34.9 (21.2-69.1)", "17", "47.2%")
#' )
#' compare_published(hcc_sbrt, paper)
#' @export
compare_published <- function(study, published = NULL) {
  check_study(study)
  published <- read_published(published, study)
  if (is.null(published)) return(NULL)
  items <- Map(read_item, published$item, published$time)
  unknown <- vapply(items, is.null, NA)
  if (any(unknown)) {
    stop_oligosurv("input", sprintf(
      paste(
        "`published` has the unknown item \"%s\" in %s; known are patients, lesions,",
        "follow_up, response_patients, response_lesions, toxicity_acute, toxicity_late",
        "and, for an endpoint such as os, its rate at a time (os_24), os_median,",
        "os_events, os_logrank and os_hr; or words such as \"2-year overall survival\""
      ),
      published$item[unknown][1L], format_rows(which(unknown))
    ), arg = "published", where = which(unknown))
  }
  printed <- compared_part(published$published, items)
  check_printed(printed, published$published)
  ours <- vapply(seq_along(items), function(i) {
    print_like(item_value(items[[i]], study, published$group[i]), printed[i])
  }, "")
  data.frame(
    item = vapply(items, item_label, "", USE.NAMES = FALSE), group = published$group,
    published = published$published, ours = ours,
    equal = ours == printed_number(printed), rounding = rounding_text(printed),
    note = published$note
  )
}

# The part of each printed text that is compared. If the item is a percentage, that of
# "17 (47.2%)" or "17/36 (47.2%)", and 47.2% for "17/36" or "17 of 36"; if it is a count,
# the number without separators of thousands, which in other numbers would be decimal
# commas.
compared_part <- function(printed, items) {
  measure <- vapply(items, `[[`, "", "measure")
  percentages <- c(
    "rate", "response_patients", "response_lesions", "toxicity_acute", "toxicity_late"
  )
  of <- measure %in% percentages
  count <- "^ *[0-9]+( *(/|of) *[0-9]+)? *\\(([0-9.,]+ *%)"
  printed[of] <- sub(paste0(count, ".*$"), "\\3", printed[of])
  ratio <- "^ *([0-9]+) *(?:/|of|out of) *([1-9][0-9]*) *$"
  alone <- which(of)[grepl(ratio, printed[of], perl = TRUE)]
  part <- function(i) as.double(sub(ratio, paste0("\\", i), printed[alone], perl = TRUE))
  printed[alone] <- sprintf("%.1f%%", 100 * part(1L) / part(2L))
  of <- measure %in% c("patients", "lesions", "events")
  thousands <- "(?<=[0-9])[.,](?=[0-9]{3}(?![0-9]))"
  printed[of] <- gsub(thousands, "", printed[of], perl = TRUE)
  printed
}

# Stops for a cell without a number, such as "NS" or an empty one
check_printed <- function(printed, published) {
  lacking <- !grepl("^([<>]?-?[0-9.]+%?|NR)$", printed_number(printed))
  if (!any(lacking)) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "`published` has no number in %s (found \"%s\"); write the number as printed, NR",
      "for a median that was not reached, or leave the row out"
    ), format_rows(which(lacking)), published[lacking][1L]
  ), arg = "published", where = which(lacking))
}

read_published <- function(published, study) {
  if (is.null(published)) {
    tables_of <- function(x) unclass(x)[study_parts]
    if (!identical(tables_of(study), tables_of(oligosurv::hcc_sbrt))) return(NULL)
    published <- system.file("extdata/hcc_sbrt/published.csv", package = "oligosurv")
  }
  if (!is.data.frame(published)) {
    check_string(published, "published")
    if (!file.exists(published) || dir.exists(published)) {
      stop_oligosurv("input", sprintf(
        "`published` is \"%s\", %s; it must be a CSV file or a data frame", published,
        if (dir.exists(published)) "a folder" else "a file that does not exist"
      ), arg = "published")
    }
    published <- utils::read.csv(published, colClasses = "character", na.strings = NULL)
  }
  absent <- setdiff(c("item", "group", "published"), names(published))
  if (length(absent)) {
    stop_oligosurv("input", sprintf(
      "`published` has no %s; it needs the columns `item`, `group` and `published`",
      join_words(sprintf("column `%s`", absent))
    ), arg = "published")
  }
  if (is.null(published$note)) published$note <- rep("", nrow(published))
  if (is.null(published$time)) published$time <- rep(NA, nrow(published))
  published[] <- lapply(published, function(x) trimws(as.character(x)))
  published$note[is.na(published$note)] <- ""
  published$group[is.na(published$group)] <- ""
  published$published[is.na(published$published)] <- ""
  published
}

study_parts <- c("patients", "lesions", "adverse_events")

# The published number in the form in which it is compared: its first number, with the
# sign of a bound and a percent sign, or NR
printed_number <- function(printed) {
  text <- gsub(",\\s", ";", printed) # begins another number
  text <- gsub("\\s", "", text)
  text <- chartr("\u2264\u2265\u00b7\u2212", "<>.-", text)
  text <- sub("^(~|\u2248|ca[.]?|approx[.]?)", "", text)
  text <- sub("^(P|p|HR)=?", "", text)
  text <- gsub("([0-9]),([0-9])", "\\1.\\2", text)
  found <- regexpr("^[<>]?=?-?[0-9]*[.]?[0-9]+%?", text)
  number <- rep(NA_character_, length(text))
  number[found > 0L] <- regmatches(text, found)
  number <- sub("^([<>]?)=", "\\1", number)
  number <- sub("^([<>]?-?)[.]", "\\10.", number)
  none <- grepl("^(nr|ne|na|notreached|notestimable)", lower_case(text))
  ifelse(none, "NR", ifelse(is.na(number), text, number))
}

# The precision of a comparison in words
rounding_text <- function(printed) {
  number <- printed_number(printed)
  decimals <- nchar(sub("^[^.]*[.]?", "", gsub("[<>%]", "", number)))
  ifelse(number == "NR", "", ifelse(grepl("^[<>]", number), "bound",
    ifelse(decimals == 0L, "whole number",
      paste(decimals, ifelse(decimals == 1L, "decimal", "decimals"))
    )
  ))
}

# Formats a value like the printed one: with as many decimals, with a percent sign, and as
# "<0.001" if it is below that bound. NA becomes NR.
print_like <- function(value, printed) {
  if (is.na(value)) return("NR")
  printed <- printed_number(printed)
  number <- gsub("[<>%]", "", printed)
  percent <- if (endsWith(printed, "%")) "%" else ""
  side <- regmatches(printed, regexpr("^[<>]", printed))
  bound <- suppressWarnings(as.double(number))
  if (length(side) && !is.na(bound)) {
    inside <- if (side == "<") value < bound else value > bound
    if (inside) return(printed)
  }
  if (printed == "NR") number <- "0.0"
  decimals <- nchar(sub("^[^.]*[.]?", "", number))
  rounded <- sprintf("%.*f", decimals, value)
  if (number %in% rounded_halves(value, decimals)) rounded <- number
  paste0(rounded, percent)
}

# Both roundings of a value that ends in 5 after its last decimal, such as 46.25%, which
# some programs print as 46.2 and others as 46.3; nothing for other values
rounded_halves <- function(value, decimals) {
  scaled <- value * 10^decimals
  if (abs(scaled - floor(scaled) - 0.5) > 1e-9 * max(1, abs(scaled))) return(character())
  sprintf("%.*f", decimals, c(floor(scaled), ceiling(scaled)) / 10^decimals)
}
