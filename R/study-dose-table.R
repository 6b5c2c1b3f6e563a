#' Dose and the items to report by TG-101 and ICRU 91
#'
#' Summarises the prescription and the items required by AAPM TG-101 and ICRU Report 91
#' over lesions, and shows how completely they are reported.
#'
#' @details
#' | item | column of lesions | required by |
#' |---|---|---|
#' | Prescribed dose | `dose_gy` | both |
#' | Fractions | `fractions` | both |
#' | Prescription isodose | `prescription_isodose_pct` | both |
#' | Overall treatment time | `treatment_days` | both |
#' | PTV covered by the prescribed dose | `prescription_volume_pct` | both |
#' | GTV and PTV, volumes | `gtv_cm3`, `ptv_cm3` | ICRU 91 |
#' | PTV median dose | `ptv_d50_gy` | ICRU 91 |
#' | PTV near-maximum and -minimum dose | `ptv_near_max_gy`, `ptv_near_min_gy` | ICRU 91 |
#' | Conformity index | `conformity_index` | both |
#' | Gradient index (dose fall-off) | `gradient_index` | both |
#' | Heterogeneity index | `heterogeneity_index` | TG-101 |
#' | Doses of organs at risk | `oar_dose` | both |
#' | Algorithm of the calculation | `dose_algorithm` | both |
#' | Image guidance | `image_guidance` | both |
#'
#' These are the items that fit into a table of lesions. The two reports require more,
#' such as the target definition, the machine and the quality assurance, which belong in
#' the text of a paper. An item counts as reported for a lesion if its cell is not empty.
#' BED and EQD2 come from [lesion_dose()]; neither report requires them. Quartiles are
#' those of [stats::quantile()] type 7.
#' @section Example to follow by hand:
#' Two lesions have a dose, fractions and an isodose, and one of them has a PTV volume;
#' all other cells are empty. TG-101 has 11 items: 3 are reported for every lesion, 0 for
#' some, and 6 of 22 cells are filled (27.3%). ICRU 91 has 15 items: 3 are reported for
#' every lesion, 1 for some, and 7 of 30 cells are filled (23.3%).
#' @inheritParams lesion_dose
#' @param by Name of a column of lesions or patients that defines groups of lesions.
#' @return A data frame of class `dose_table` with one row per item and group: `item`,
#'   `column`, `asked_by` (`TG-101`, `ICRU 91`, `both` or `derived`), `unit`, `strata`
#'   (`All` without `by`), `n` (lesions), `n.reported`, `median`, `q1`, `q3`, `min`, `max`
#'   (`NA` for text) and `text` (for text items, the values with their counts).
#'
#'   Its attribute `completeness` is a data frame with one row per report and group:
#'   `asked_by`, `strata`, `n.items`, `n.complete` (items reported for every lesion),
#'   `n.partial` (for some), and `cells_pct` (percentage of all cells that are filled).
#' @section Errors: those of [lesion_dose()]; `oligosurv_error_input` for an unknown `by`.
#' @references Benedict et al. (2010) AAPM TG-101 \doi{10.1118/1.3438081}; ICRU Report 91
#'   (2017) \doi{10.1093/jicru/ndx017}; Wilke et al. (2019)
#'   \doi{10.1007/s00066-018-1416-x}.
#' @seealso [lesion_dose()], [bed()], [dose_response()]
#' @examples
#' table <- dose_table(hcc_sbrt)
#' table
#' attr(table, "completeness")
#' @export
dose_table <- function(study, by = NULL, alpha_beta = 10) {
  rows <- lesion_dose(study, alpha_beta)
  strata <- group_of(rows, by, "lesions")
  items <- dose_items
  if (all(rows$courses <= 1L)) items <- items[items$column != "total_bed", ]
  model <- items$column %in% c("bed", "eqd2", "total_bed")
  ratio <- alpha_beta_text(alpha_beta)
  items$item[model] <- paste0(items$item[model], " (alpha/beta ", ratio, ")")
  lines <- lapply(seq_len(nrow(items)), function(i) {
    column <- rows[[items$column[i]]]
    if (is.null(column)) column <- rep(NA, nrow(rows))
    summaries <- lapply(levels(strata), function(s) {
      dose_summary(column[which(strata == s)])
    })
    data.frame(
      items[i, ], strata = factor(levels(strata), levels(strata)),
      do.call(rbind, summaries), row.names = NULL
    )
  })
  result <- do.call(rbind, lines)
  result$item <- factor(result$item, items$item)
  structure(result,
    completeness = dose_completeness(result), by = by, left_out = sum(is.na(strata)),
    class = c("dose_table", "sbrt_table", "data.frame")
  )
}

dose_items <- utils::read.csv(strip.white = TRUE, text = "item,column,asked_by,unit
  Prescribed dose,dose_gy,both,Gy
  Fractions,fractions,both,
  Dose per fraction,dose_per_fraction,derived,Gy
  BED,bed,derived,Gy
  EQD2,eqd2,derived,Gy
  All courses: BED,total_bed,derived,Gy
  Prescription isodose,prescription_isodose_pct,both,%
  Overall treatment time,treatment_days,both,days
  PTV covered by prescribed dose,prescription_volume_pct,both,%
  GTV,gtv_cm3,ICRU 91,cm3
  PTV,ptv_cm3,ICRU 91,cm3
  PTV median dose,ptv_d50_gy,ICRU 91,Gy
  PTV near-maximum dose,ptv_near_max_gy,ICRU 91,Gy
  PTV near-minimum dose,ptv_near_min_gy,ICRU 91,Gy
  Conformity index,conformity_index,both,
  Gradient index,gradient_index,both,
  Heterogeneity index,heterogeneity_index,TG-101,
  Doses of organs at risk,oar_dose,both,
  Dose algorithm,dose_algorithm,both,
  Image guidance,image_guidance,both,")

# Summarises an item: numbers by quantiles, text by the counts of its values.
dose_summary <- function(x) {
  known <- x[!is.na(x)]
  numbers <- rep(NA_real_, 5L)
  text <- NA_character_
  if (is.numeric(known) && length(known)) {
    numbers <- stats::quantile(known, c(0.5, 0.25, 0.75, 0, 1), names = FALSE)
  } else if (length(known)) {
    counts <- sort(table(as.character(known)), decreasing = TRUE)
    text <- paste0(names(counts), " (", counts, ")", collapse = ", ")
  }
  data.frame(
    n = length(x), n.reported = length(known), median = numbers[1L], q1 = numbers[2L],
    q3 = numbers[3L], min = numbers[4L], max = numbers[5L], text = text
  )
}

# Counts reported items and filled cells by reporting guideline and group.
dose_completeness <- function(x) {
  cells <- expand.grid(
    asked_by = c("TG-101", "ICRU 91"), strata = levels(x$strata),
    stringsAsFactors = FALSE
  )
  counts <- Map(function(report, stratum) {
    rows <- x[x$asked_by %in% c(report, "both") & x$strata == stratum, ]
    full <- rows$n > 0L & rows$n.reported == rows$n
    data.frame(
      n.items = nrow(rows), n.complete = sum(full),
      n.partial = sum(rows$n.reported > 0L & !full),
      cells_pct = if (sum(rows$n)) 100 * sum(rows$n.reported) / sum(rows$n) else NA_real_
    )
  }, cells$asked_by, cells$strata)
  cells$strata <- factor(cells$strata, levels(x$strata))
  cbind(cells, do.call(rbind, unname(counts)))
}

# "50 (40-54; 30-60)": median, quartiles and range
format_spread <- function(median, q1, q3, min, max) {
  show <- function(x) vapply(x, function(v) format(signif(v, 3)), "")
  ifelse(is.na(median), "", sprintf("%s (%s\u2013%s; %s\u2013%s)", show(median), show(q1),
    show(q3), show(min), show(max)
  ))
}

# Formats the summary of a numeric item, or the counts of the values of a text item
spread_column <- function(x) {
  pattern <- ifelse(is.na(x$median), "%.0s%.0s%.0s%.0s%.0s%s",
    "%s (%s\u2013%s; %s\u2013%s)%.0s"
  )
  numbers <- lapply(x[c("median", "q1", "q3", "min", "max")], number_column, short = TRUE)
  text <- ifelse(is.na(x$text), "", x$text)
  do.call(joined_column, c(list(pattern), unname(numbers), list(text)))
}

#' @exportS3Method NULL
result_rows.dose_table <- function(x, ...) {
  check_no_dots(...)
  needed <- c("item", "strata", "n", "n.reported", "median", "text", "asked_by", "unit")
  if (!is_whole(x, needed)) return(NULL)
  rows <- as.data.frame(x)
  complete <- attr(x, "completeness")
  group <- if (nlevels(x$strata) > 1L) paste0(" (", complete$strata, ")") else ""
  item <- as.character(x$item)
  named <- nzchar(x$unit)
  item[named] <- paste(item[named], x$unit[named], sep = ", ")
  new_result(rows, study_summary(x),
    what = "Dose of the lesions",
    basis = c(
      "median (quartiles; range), or values (lesions)",
      "both: AAPM TG-101 and ICRU 91 ask for it"
    ),
    columns = list(
      Item = blank_repeats(item),
      "Asked by" = sub("derived", "", x$asked_by, fixed = TRUE),
      Group = group_column(x$strata),
      Reported = joined_column("%s of %s", x$n.reported, x$n),
      Value = spread_column(x)
    ),
    details = if (!is.null(complete)) {
      sprintf("%s%s: %d of %d items in every lesion, %d in some; %s of the cells filled",
        complete$asked_by, group, complete$n.complete, complete$n.items,
        complete$n.partial, percent_text(complete$cells_pct / 100)
      )
    },
    remarks = left_out_text(x, "lesion"), values = list(strata = as.character(x$strata)),
    sentence = "{item}: reported for {n.reported} of {n} lesions"
  )
}
