# Prepares the table assessments for the response: sorts its rows, and finds the target
# lesions, their baselines and the visits. Each function handles all patients at once,
# because a study may have many thousands.

# Assessments of the patients (or lesions) whose response is requested, with every column
# of the schema. `unit` numbers the patients (or lesions), `label` is the name of the
# lesion of the row ("" without a name), `lesion` numbers the lesions of all units, and
# `day` counts from SBRT. Rows are sorted by unit and day.
response_rows <- function(tables, level, method) {
  given <- tables$assessments
  x <- lapply(stats::setNames(nm = schema_assessments$column), function(column) {
    value <- given[[column]]
    if (is.null(value)) value <- rep(NA, nrow(given))
    if (is.factor(value)) as.character(value) else value
  })
  x$row <- seq_len(nrow(given))
  x$day <- as.numeric(x$assessment_date) - as.numeric(response_start(tables, x, level))
  x$label <- ifelse(!is.na(x$lesion_id), paste("lesion", x$lesion_id),
    ifelse(!is.na(x$other_lesion), paste("other", x$other_lesion), "")
  )
  kept <- !is.na(x$day)
  if (level == "lesion") kept <- kept & !is.na(x$lesion_id) & !x$role %in% "new"
  if (level == "patient" && method == "visits") kept <- kept & x$label == ""
  x <- polled(quick_frame(x)[kept, ])
  x <- x[order(match(x$patient_id, tables$patients$patient_id), x$day), ]
  unit <- polled(if (level == "lesion") pair_of(x, "lesion_id") else x$patient_id)
  x$unit <- match(unit, unique(unit))
  x$lesion <- row_code(list(x$unit, x$label))
  x[order(x$unit, x$day), ] # until here the rows of a patient's lesions were mixed
}

# The day of SBRT from which the response is counted: that of the patient or, for the
# response of a lesion, that of the lesion, see lesion_starts()
response_start <- function(tables, x, level) {
  patients <- tables$patients
  start <- patients$sbrt_start[match(x$patient_id, patients$patient_id)]
  if (level == "patient") return(start)
  of_lesion <- match(pair_of(x, "lesion_id"), pair_of(tables$lesions, "lesion_id"))
  own <- lesion_starts(tables)$start[of_lesion]
  start[!is.na(own)] <- own[!is.na(own)]
  start
}

# Does a row assess a target lesion? This includes rows with a diameter and no role, see
# study_schema().
is_target_row <- function(x) {
  role <- column_or_na(x, "role")
  measured <- !is.na(x$diameter_mm) | !is.na(column_or_na(x, "viable_mm"))
  role %in% "target" | (is.na(role) & measured)
}

# Target lesions with their baseline, the last measurement up to the day of SBRT:
# `lesion`, `unit`, `size`, `node`, whether it is a lymph node, and `viable`, whether the
# size is that of the enhancing part. A lesion without enhancement before SBRT is followed
# by its diameter, because its enhancing part cannot shrink.
target_lesions <- function(x, criteria) {
  x <- x[is_target_row(x), ]
  before <- x[x$day <= 0 & x$day >= -criteria$baseline_days, ]
  found <- !duplicated(before$lesion)
  targets <- quick_frame(list(lesion = before$lesion[found], unit = before$unit[found]))
  targets$size <- polled(last_size(before, before$diameter_mm, targets$lesion))
  targets$viable <- rep(FALSE, nrow(targets))
  if (criteria$method == "mrecist") {
    viable <- last_size(before, before$viable_mm, targets$lesion)
    targets$viable <- !is.na(viable) & viable > 0
    targets$size[targets$viable] <- viable[targets$viable]
  }
  targets$node <- targets$lesion %in% x$lesion[x$node %in% "yes"]
  targets
}

# The last known size of each lesion. Rows without the name of a lesion count as one
# lesion: their sizes on one day are added up.
last_size <- function(x, size, lesion) {
  total <- polled(sums_by(size, list(x$lesion, x$day)))
  known <- which(!is.na(total))
  last <- known[!duplicated(x$lesion[known], fromLast = TRUE)]
  total[last][match(lesion, x$lesion[last])]
}

# For each row the sum of `x` over the rows with the same codes
sums_by <- function(x, codes) {
  group <- row_code(codes) # 1, 2, ... in the order of appearance
  as.double(rowsum(as.double(x), group, reorder = FALSE)[group])
}

# The rows after SBRT with the number of their visit. A visit includes the days up to
# `visit_days` after its first day, until a lesion is assessed for the second time.
visit_rows <- function(x, visit_days) {
  x <- x[x$day > 0, ]
  if (!nrow(x)) {
    x$visit <- integer()
    return(x)
  }
  # a row without a size and a status does not count as an assessment of its lesion
  blank <- is.na(x$diameter_mm) & is.na(x$viable_mm) & x$status %in% c(NA, "NE") &
    !x$role %in% "new"
  unnamed <- x$label == "" & x$role %in% "non-target"
  key <- row_code(list(x$lesion, x$role %in% "new", unnamed))
  begin <- !duplicated(row_code(list(x$unit, x$day)))
  of <- cumsum(begin)
  again <- last_assessed(key, x$day, !blank)
  latest <- rep(-Inf, sum(begin))
  o <- order(again)
  latest[of[o]] <- again[o] # in increasing order, so that the largest value is kept
  x$visit <- begin_visits(x$unit[begin], x$day[begin], latest, visit_days)[of]
  # drop rows without a size and a status if the visit assesses the lesion on another day
  spot <- row_code(list(key, x$visit))
  assessed <- x$day[!blank][match(spot, spot[!blank])]
  x[is.na(assessed) | x$day == assessed, ]
}

# The last earlier day on which the lesion of each row was assessed; -Inf if none
last_assessed <- function(key, day, assessed) {
  before <- rep(-Inf, length(day))
  at <- which(assessed)
  at <- at[!duplicated(row_code(list(key[at], day[at])))]
  at <- at[order(key[at], day[at])]
  n <- length(at)
  same <- c(FALSE, key[at[-1L]] == key[at[-n]])
  before[at[same]] <- day[at[which(same) - 1L]]
  before
}

# Numbers the visits of days that are sorted by unit. `latest`: for each day, the last
# earlier day on which one of its lesions was assessed
begin_visits <- function(unit, day, latest, visit_days) {
  begins <- logical(length(day))
  for (i in seq_along(day)) {
    if (i == 1L || unit[i] != unit[i - 1L] || day[i] - from > visit_days ||
      latest[i] >= from) {
      begins[i] <- TRUE
      from <- day[i]
    }
  }
  cumsum(begins)
}
