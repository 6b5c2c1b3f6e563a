#' Several rows of one patient: `id`
#'
#' Lesions of one patient share drugs, biology and death. `id` says which rows belong to
#' the same patient. Estimates do not change; standard errors, intervals and tests then
#' allow for correlation between the rows of one id.
#'
#' @details `id = patient_id` is looked up in `data`, then in the environment of the call;
#'   the name of a column as one string, a vector, and `cluster(patient_id)` in the
#'   formula also work.
#'   **Without `id`** several rows of one patient are an error: lesion rows of
#'   [endpoint()], and any `data` with a column `patient_id` (also `PatientID`,
#'   `patient.id` and the like) in which a patient has several rows at risk at one time.
#'   Rows of one patient that follow each other in time, `Surv(start, stop, status)`, are
#'   allowed. If they overlap only in different strata, or are copies of each other (from
#'   a bootstrap), there is a warning; there is also one for a column `lesion_id` without
#'   a column of patients. If the rows are independent, remove the column from `data`.
#'
#'   All results are asymptotic in the number of ids, not in the number of rows.
#'
#'   **Curves.** The variance is the infinitesimal jackknife by id. With \eqn{D_i(t)} the
#'   derivative of the estimate with respect to the weight of row i,
#'   \deqn{\widehat{\mathrm{Var}} = \sum_c \left(\sum_{i \in c} D_i(t)\right)^2}{
#'     Var = sum over ids c of (sum over the rows i of c of D_i(t))^2}
#'   where at each time, with S and n just before it, \eqn{h_k = d_k / n} and
#'   \eqn{h = d / n},
#'   \deqn{E_i \leftarrow E_i (1 - h) - S (dN_i - Y_i h) / n,\quad
#'     D_{ki} \leftarrow D_{ki} + h_k E_i + S (dN_{ki} - Y_i h_k) / n}{
#'     E_i <- E_i (1 - h) - S (dN_i - Y_i h) / n,
#'     D_ki <- D_ki + h_k E_i + S (dN_ki - Y_i h_k) / n}
#'   are the derivatives of S and of \eqn{F_k} (Ying and Wei 1994 for S). The variance
#'   equals that of `survival::survfit(cluster = )`; with one row per id it is
#'   Greenwood's. It is updated by running sums over ids, so all times together need one
#'   pass over the sorted rows. If the estimate is 0 or 1, the exact limits use the number
#'   of distinct ids, not rows: those at the start times the proportion of them not yet
#'   censored, where an id that leaves with an event of another cause is not lost.
#'   `conf.type = "exact"` is Clopper-Pearson for the effective number \eqn{F (1 - F) /
#'   \mathrm{se}^2 \cdot (G - 1) / G}{F (1 - F) / se^2 (G - 1) / G} with G ids in the
#'   curve, because the sum of squares above is too small if ids are few; the upper limit
#'   of F is at least that for no event. The default, `"small-sample"`, uses these limits
#'   in curves of up to 50 ids, and in others up to the fifth event. The standard error of
#'   a curve of one id is `NA`.
#'
#'   **Tests.** \eqn{T = U' V^- U} with the score U of the test and
#'   \eqn{V = \sum_c u_c u_c'}{V = sum of u_c u_c'}, where \eqn{u_c} is the contribution
#'   of the rows of id c to U, and the degrees of freedom q are the rank of V. For the
#'   log-rank family (Lee, Wei and Amato 1992; the weights w are treated as fixed) a row
#'   of group g contributes
#'   \deqn{u_{ij} = \sum w \left(dN_i - Y_i \frac{d}{n}\right)
#'     \left(\delta_{gj} - \frac{n_j}{n}\right)}{
#'     u_ij = sum w (dN_i - Y_i d / n) (delta_gj - n_j / n)}
#'   and T is the robust score test of `survival::coxph(cluster = )`. With few ids T is
#'   too large, so
#'   \deqn{F = \frac{G - 1}{G} \cdot \frac{T}{q}}{F = (G - 1) / G T / q}
#'   with G ids is referred to F with q and G - 1 degrees of freedom: `statistic`, `df`
#'   and `df2` of the result; its V includes the factor G / (G - 1). With 28 against 9 and
#'   19 against 18 patients with 65 lesions T rejects 5.9 and 6.4% at the 5% level and F
#'   5.1%; with 12, 16 and 9 patients T rejects 7.5% and F 4.7%. At the 1% level F rejects
#'   0.4 to 1.0%. For Gray's test \eqn{u_{ij}} was derived for this package. It is the
#'   influence function of Gray's score: its derivative with respect to the weight of row
#'   i, through the events and through \eqn{R_g = n_g (1 - F_g) / S_g}, whose derivative
#'   is \eqn{h_g (Y_i (1 - F_g) / n_g - D_i - (1 - F_g) E_i / S_g)},
#'   \eqn{h_g = n_g / S_g}:
#'   \deqn{u_{ij} = \sum (1 - F_0)^\rho (\delta_{gj} - q_j)
#'     \left(dN_{1i} - d_1 \frac{dR_{gi}}{\sum R}\right),\quad
#'     q_j = \frac{R_j}{\sum R}}{
#'     u_ij = sum (1 - F0)^rho (delta_gj - q_j) (dN1_i - d1 dR_gi / sum R),
#'     q_j = R_j / sum R}
#'   With left truncation a row has \eqn{Y_i}{Y_i} = 1 from its entry to its exit and,
#'   until it enters, \eqn{D_i}{D_i} and \eqn{E_i}{E_i} of 0.
#'   Gray's test is referred to chi-square with q degrees of freedom, because it rejects
#'   4.9 to 5.5% in these two designs without a correction.
#'
#'   A group whose rows all belong to one id is not compared: its contribution to T is U^2
#'   divided by little more than U^2 itself, mostly 1 whatever the data and never above 2
#'   in simulated cohorts, so it cannot give a p-value below 0.1; with it the test of 1,
#'   18 and 18 patients rejects 3%. Instead the other groups are tested, conditional on
#'   the score of this one: with L the groups of one id,
#'   \deqn{U - V_{\cdot L} V_{LL}^- U_L,\quad V - V_{\cdot L} V_{LL}^- V_{L \cdot}}{
#'     U - V_L V_LL^- U_L, V - V_L V_LL^- V_L'}
#'   are used (this test rejects 5.0%), `method` names these groups, and G is the number
#'   of ids of the other groups. If nothing is left to compare, the test is `NA` with the
#'   reason; permutation tests of whole ids are still defined.
#'
#'   **Design effect and intra-patient correlation**, are shown by print() and
#'   [glance()][glance.oligosurv_fit], for the last time at which the estimate is between
#'   0 and 1. The design effect is the variance by id divided by the variance with
#'   independent rows. It depends on the average correlation of the \eqn{D_i}{D_i} of two
#'   rows of one id:
#'   \deqn{\mathrm{DE} = \frac{\sum_c (\sum_{i \in c} D_i)^2}{\sum_i D_i^2} =
#'     1 + (m - 1) \rho,\quad m = \frac{\sum_c m_c^2}{\sum_c m_c}}{
#'     DE = sum_c (sum_i D_i)^2 / sum_i D_i^2 = 1 + (m - 1) rho,
#'     m = sum m_c^2 / sum m_c}
#'   with \eqn{m_c}{m_c} rows in id c, where rows that follow each other count as one.
#'   With few ids both are rough; \eqn{\rho}{rho} may be negative. With left truncation
#'   the denominator is Greenwood's variance, which is not exactly
#'   \eqn{\sum_i D_i^2}{sum D_i^2}.
#' @section Errors: `oligosurv_error_input` for ids that are not one value per row or are
#'   given twice; `oligosurv_error_data` for ids with an [event_table()], which holds no
#'   ids, and for several rows of one patient without `id`.
#' @references Ying and Wei (1994) Journal of Multivariate Analysis 50, 17-29;
#'   Lee, Wei and Amato (1992) Survival Analysis: State of the Art, 237-247;
#'   Gray (1988) \doi{10.1214/aos/1176350951}.
#' @examples
#' # one patient with two lesions that fail together, two with one each: S(1) = 2 / 4.
#' # D = -1/8 for each of the two failing rows, 1/8 for the others:
#' # Var = (-2/8)^2 + (1/8)^2 + (1/8)^2 = 3/32; with independent rows 1/16. Design effect
#' # 3/2, m = (4 + 1 + 1) / 4 = 3/2: correlation 1
#' d <- data.frame(
#'   month = c(1, 1, 2, 3), status = c(1, 1, 0, 0), patient = c("P1", "P1", "P2", "P3")
#' )
#' fit <- kaplan_meier(Surv(month, status) ~ 1, d, id = patient)
#' fit
#' summary(fit, times = 1)$std.error^2 # 0.09375
#' lesions <- endpoint(hcc_sbrt, "local_failure", "lesion")
#' gray_test(Surv(time, status) ~ cohort, lesions, id = patient_id)
#' @name clustered_rows
NULL

# Adds the results that depend on ids to a fit: the number of distinct ids at risk by row
# and by curve, the standard error that ignores ids, standard error and limits of the
# event-free curve, and the number of ids. The ids themselves are not stored.
add_ids <- function(fit, curves, table) {
  fit$limit_start <- curves$start
  if (!is.null(curves$weight_event)) fit <- add_weights(fit, curves, table)
  if (fit$variance != "cluster") return(fit)
  fit[c("n.id", "ids", "naive.error")] <- curves[c("n_id", "ids", "naive_error")]
  if (!is.null(table$entry)) fit$ids_start <- ids_at_start(table)
  fit$free <- curves$free[c("std_error", "conf_low", "conf_high")]
  if (is.null(table$weights)) fit$id_size <- mean_id_size(table)
  fit$clusters <- format_ids(table)
  fit$words <- table$words
  fit
}

# Number of distinct ids of each curve that are at risk from the start
ids_at_start <- function(table) {
  entry <- table$entry
  curve <- rep.int(seq_along(entry$start[-1L]), diff(entry$start))
  early <- enters_at_origin(entry$time, table_origin(table))
  pair <- unique(curve[early] * as.double(table$n_id) + table$id[entry$row[early]] - 1)
  tabulate(pair %/% table$n_id, length(entry$start) - 1L)
}

# Row-weighted mean cluster size of each curve, sum(m^2) / sum(m)
mean_id_size <- function(table) {
  n_curve <- length(table$start) - 1L
  curve <- rep.int(seq_len(n_curve), diff(table$start))
  unit <- (curve - 1) * as.double(table$n_id) + table$id
  units <- polled(unique(unit))
  number <- polled(match(unit, units))
  size <- tabulate(number, length(units)) - continued_rows(table, unit, units)
  of_curve <- polled(factor(curve[!duplicated(number)], seq_len(n_curve)))
  as.vector(tapply(size^2, of_curve, sum) / tapply(size, of_curve, sum))
}

# For each unit, the number of its rows that continue at a time at which another of its
# rows is censored. These are follow-up times of one subject that are split into rows.
continued_rows <- function(table, unit, units) {
  if (is.null(table$entry)) return(0)
  entering <- unit[table$entry$row]
  # rows with the same unit and time have the same key
  n_time <- length(table$time) + 1
  key <- function(unit, time) {
    polled(match(unit, units)) * n_time + polled(match(time, table$time, 0L))
  }
  censored <- table$status == 0L
  ends <- key(unit[censored], table$time[censored])
  starts <- key(entering, table$entry$time)
  both <- polled(unique(starts[starts %in% ends]))
  count <- function(keys) tabulate(polled(match(keys, both)), length(both))
  matched <- pmin(count(starts), count(ends))
  of_unit <- factor(both %/% n_time, seq_along(units))
  as.vector(tapply(matched, of_unit, sum, default = 0))
}

# Number of distinct ids in each group, over strata
group_ids <- function(table) {
  k <- length(table$groups)
  group <- rep.int((seq_along(diff(table$start)) - 1L) %% k, diff(table$start))
  pair <- unique(group * as.double(table$n_id) + table$id - 1)
  tabulate(pair %/% table$n_id + 1, k)
}

# Text such as "65 rows in 37 ids", with the study's nouns where known
format_ids <- function(table) {
  paste(
    count_noun(length(table$id), table$words[1L]), "in",
    count_noun(table$n_id, table$words[2L])
  )
}

check_variance_of_ids <- function(variance) {
  if (variance == "jackknife") return(invisible())
  stop_oligosurv("input", sprintf(
    "with `id` the variance must be \"jackknife\"; \"%s\" assumes independent rows",
    variance
  ), arg = "variance")
}

check_id <- function(id, n) {
  check_factor(id, "id")
  if (is.factor(id) || (is.atomic(id) && is.null(dim(id)))) {
    if (length(id) == n) return(id)
  }
  stop_oligosurv("input", sprintf(
    "`id` must have one value per row (%d); it is %s", n, describe(id)
  ), arg = "id")
}

# Stops for an id with rows in several curves; `what` says why that matters
check_whole_ids <- function(id, curve, what) {
  torn <- length(unique(id[curve != curve[match(id, id)]]))
  if (torn == 0) return(invisible())
  stop_oligosurv("data", sprintf(
    "%s, but %s rows in more than one group or stratum; check `id` and the groups", what,
    if (torn == 1L) "1 id has" else paste(torn, "ids have")
  ), arg = "id")
}

# Converts a table with ids to a table with one row per id, which is followed from the
# first entry to the last time of its rows. Exact limits before the first event are
# computed from this table.
whole_units <- function(table) {
  if (is.null(table$id)) return(table)
  curve <- rep.int(seq_along(table$start[-1L]), diff(table$start))
  last <- rev(!duplicated(rev(table$id))) # rows of a curve ascend in time
  if (!is.null(table$entry)) {
    first <- table$entry$row[!duplicated(table$id[table$entry$row])]
    time <- table$entry$time[match(first, table$entry$row)]
    start <- c(0, cumsum(tabulate(curve[first], length(table$start) - 1L)))
    table$entry <- list(time = time, n = NULL, start = start)
  }
  table[c("time", "status")] <- lapply(table[c("time", "status")], `[`, last)
  table$start <- c(0, cumsum(tabulate(curve[last], length(table$start) - 1L)))
  drop_ids(table)
}

# Splits a fit with sampling weights: the weighted table and events go to `weights`, and
# the table of the fit counts rows
add_weights <- function(fit, curves, table) {
  fit$weights <- list(table = drop_ids(table), event = curves$weight_event)
  fit$table <- unweighted(fit$table)
  fit
}
