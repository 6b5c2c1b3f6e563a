# Standardised curves: predictions for all subjects of a fit as if they were in one group,
# averaged over their covariates, with the influence of each subject.

# Finds the covariate or stratum with the name `by`. Returns `kind`, "covariate" or
# "strata"; `variable`, its number; and the `groups`: labels, or numbers, with `code` for
# strata.
find_standard_group <- function(by, values, object) {
  model <- model_of(object)
  coding <- model$coding
  recipe <- model$recipe
  uses <- vapply(recipe$columns, function(names) by %in% names, NA)
  at <- which(coding$names == by)
  if (!length(at)) at <- which(uses)
  if (length(at) == 1L && sum(uses) <= 1L) {
    return(group_of_covariate(at, by, values, model))
  }
  strata <- vapply(recipe$strata, term_text, "")
  if (!length(at) && (by == "strata" || identical(strata, by))) {
    labels <- object$event_table$strata
    codes <- sort(model$stratum)
    if (length(codes) > 1L) {
      groups <- pick_groups(labels[codes], values, by)
      return(list(kind = "strata", groups = groups, code = match(groups, labels)))
    }
  }
  stop_oligosurv("input", if (length(at) || any(uses)) {
    sprintf(paste(
      "`by` is %s, which the formula uses in several covariates or in a function;",
      "fit the model with it as a separate covariate"
    ), by)
  } else {
    sprintf("`by` must be a covariate of the fit or its strata, one of %s; it is \"%s\"",
      paste0("\"", unique(c(coding$names, strata)), "\"", collapse = ", "), by
    )
  }, arg = "by")
}

group_of_covariate <- function(at, by, values, model) {
  labels <- model$coding$labels[[at]]
  term <- which(model$factors[at, ] & colSums(model$factors) == 1)
  columns <- which(model$index %in% term)
  if (is.null(labels)) {
    known <- if (!is.null(model$coding$variables)) {
      model$coding$variables[[at]]
    } else {
      model$x[, columns]
    }
    if (is.matrix(known) || !is.symbol(model$recipe$calls[[at]])) {
      stop_oligosurv("input", sprintf(
        "`by` must be a factor, or a number with a term of its own; %s is %s", by,
        "computed from other columns or by a spline"
      ), arg = "by")
    }
    groups <- if (is.null(values)) sort(unique(known)) else check_double(values, "values")
    if (length(groups) > most_adjusted) {
      stop_oligosurv("input", sprintf(
        "`by` is a number with %d values; give `values`, at most %d of them",
        length(groups), most_adjusted
      ), arg = "values")
    }
    return(list(kind = "covariate", variable = at, groups = groups))
  }
  list(
    kind = "covariate", variable = at, groups = pick_groups(labels, values, by),
    labels = labels
  )
}

most_adjusted <- 12L

pick_groups <- function(labels, values, by) {
  if (is.null(values)) return(labels)
  values <- check_labels(values, "values")
  unknown <- setdiff(values, labels)
  if (length(unknown) || !length(values)) {
    stop_oligosurv("input", sprintf(
      "`values` must be among the levels of %s, %s; it is %s", by,
      paste0("\"", labels, "\"", collapse = ", "), describe(values)
    ), arg = "values")
  }
  values
}

# The model matrix with all rows moved to one group
design_in_group <- function(model, group, at) {
  coding <- model$coding
  v <- group$variable
  value <- group$groups[at]
  code <- match(value, group$labels)
  if (!is.null(coding$variables)) {
    variables <- coding$variables
    n <- nrow(model$x)
    variables[[v]] <- if (is.null(group$labels)) {
      rep(value, n)
    } else {
      all <- quick_factor(rep(code, n), group$labels)
      structure(all, contrasts = coding$contrasts[[v]])
    }
    return(new_design(variables, model$factors, coding$contrasts))
  }
  x <- model$x
  for (column in which(model$index == which(model$factors[v, ]))) {
    first <- which(model$index == model$index[column])[1L]
    x[, column] <- if (is.null(group$labels)) {
      value
    } else {
      coding$contrasts[[v]][code, column - first + 1L]
    }
  }
  x
}

# The subjects over which curves are averaged. Subjects of the same kind have the same
# covariates and stratum: `row` of the model matrix, `stratum` and `weight` of each kind,
# and `of_cell`, the kind of each cell, 0 for cells that do not count. If follow-up is
# split into rows, the first row of each id counts.
standard_persons <- function(job, model) {
  cells <- job$steps[[1L]]$cells
  n <- length(cells$stratum)
  size <- if (is.null(cells$size)) rep(1, n) else cells$size
  if (!is.null(cells$id) && !model$whole) {
    o <- order(cells$id, cells$first, cells$last)
    size[o[duplicated(cells$id[o])]] <- 0
  }
  key <- (cells$row - 1) * length(job$codes) + cells$stratum
  kinds <- unique(key[size > 0])
  of_cell <- match(key, kinds, nomatch = 0L)
  # rows without a pair share in the curves of their kind, see fit-finegray-entries.R
  if (is.null(cells$pairs)) of_cell[size == 0] <- 0L
  first <- match(kinds, key)
  sums <- as.vector(rowsum(size[of_cell > 0L], of_cell[of_cell > 0L]))
  list(
    row = cells$row[first], stratum = cells$stratum[first], weight = sums / sum(sums),
    of_cell = of_cell, size = size, total = sum(sums)
  )
}

# The persons of one group for average_curves(), or NULL if their hazard is unknown
persons_in_group <- function(job, model, standard, group, at) {
  x <- if (group$kind == "covariate") design_in_group(model, group, at) else model$x
  x <- x[standard$row, , drop = FALSE]
  stratum <- standard$stratum
  if (group$kind == "strata") {
    s <- match(group$code[at], job$codes)
    if (is.na(s)) return(NULL)
    stratum <- rep(s, length(stratum))
  }
  known <- vapply(job$steps, function(steps) {
    all(is_estimable(steps, model$x, x, stratum))
  }, NA)
  if (!all(known)) return(NULL)
  list(
    models = lapply(job$steps, persons_for, x, stratum,
      offset_of(model$offset, standard$row)
    ), stratum = stratum,
    weight = standard$weight
  )
}

# The cumulative incidences of each person: by cause a matrix [persons, ranks]
person_incidences <- function(job, persons, ranks) {
  causes <- length(job$steps)
  out <- rep(list(matrix(0, length(persons$stratum), length(ranks))), causes)
  for (s in unique(persons$stratum)) {
    at <- which(persons$stratum == s)
    if (causes == 1L) {
      hazard <- baseline_at(job$steps[[1L]], s, ranks)$hazard
      out[[1L]][at, ] <- -expm1(-outer(persons$models[[1L]]$ratio[at], hazard))
      next
    }
    joined <- joined_steps(job, s, ranks)
    f <- cause_curves(joined, persons, at, ranks, FALSE)$incidence
    f <- array(f, c(length(at), length(ranks), causes))
    for (k in seq_len(causes)) out[[k]][at, ] <- f[, , k]
  }
  out
}

# Adds, to influences [units, .] through hazards and coefficients, those of the persons as
# a part of the average: `own` [persons, .] is a curve or an area of each person
add_own <- function(through, own, persons, standard, units) {
  cells <- which(standard$of_cell > 0L)
  own <- own - rep(persons$weight %*% own, each = nrow(own))
  own <- own[standard$of_cell[cells], , drop = FALSE] / standard$total
  if (is.null(units$id)) {
    through[cells, ] <- through[cells, ] + own
    return(through)
  }
  sums <- rowsum(own * standard$size[cells], units$id[cells])
  at <- as.integer(rownames(sums))
  through[at, ] <- through[at, ] + sums
  through
}

# Influence of each unit on the average incidences of a group: [units, ranks] by cause.
# baseline: see influence_at()
standard_influence <- function(job, average, persons, standard, ranks, robust, baseline) {
  Map(function(through, own) add_own(through, own, persons, standard, robust$units),
    influence_at(average, ranks, robust, baseline), person_incidences(job, persons, ranks)
  )
}

# Influence [units, causes] of each unit on the areas under the average incidences
standard_area_influence <- function(average, persons, standard, ranks, widths, robust) {
  through <- area_influence(average, ranks, widths, robust)
  add_own(through, average$area, persons, standard, robust$units)
}

# The standardised curves of all groups at the ascending ranks of the grid. For each
# group: `estimate` [ranks, causes]. By rank and cause: covariances [groups, groups] of
# the incidences, NA except for the ranks with the numbers `wanted`. By cause: covariances
# of the integrals to tau. pool: add up the incidences of all causes?
standardise <- function(job, standard, persons, grid, wanted, robust, pool) {
  ranks <- grid$rank
  known <- which(!vapply(persons, is.null, NA))
  causes <- if (pool) 1L else length(job$steps)
  g <- length(persons)
  averages <- vector("list", g)
  areas <- lapply(seq_len(causes), function(k) matrix(0, robust$units$n, g))
  for (i in known) {
    averages[[i]] <- average_curves(job, persons[[i]], ranks, grid$width)
    area <- standard_area_influence(averages[[i]], persons[[i]], standard, ranks,
      grid$width, robust
    )
    if (pool) area <- matrix(rowSums(area))
    for (k in seq_len(causes)) areas[[k]][, i] <- area[, k]
  }
  list(
    estimate = lapply(averages, function(x) {
      if (is.null(x)) return(matrix(NA_real_, length(ranks), causes))
      if (pool) matrix(rowSums(x$estimate)) else x$estimate
    }),
    covariance = standard_covariances(job, averages, persons, standard, ranks, wanted,
      robust, pool
    ),
    area = lapply(areas, function(x) robust$factor * sum_cross(robust$units, x))
  )
}

# The covariances [groups, groups, ranks, causes] of standardise()
standard_covariances <- function(job, averages, persons, standard, ranks, wanted, robust,
                                 pool) {
  known <- which(!vapply(persons, is.null, NA))
  causes <- if (pool) 1L else length(job$steps)
  g <- length(persons)
  covariance <- array(NA_real_, c(g, g, length(ranks), causes))
  # a matrix for each group, and those of the baselines
  numbers_each <- robust$units$n * length(job$steps) * (1L + length(known))
  for (block in rank_blocks(wanted, numbers_each)) {
    at <- wanted[block]
    shared <- lapply(robust$strata, lapply, hazard_influence, ranks[at])
    parts <- lapply(known, function(i) {
      part <- standard_influence(job, part_of(averages[[i]], at), persons[[i]], standard,
        ranks[at], robust, function(l, s) shared[[l]][[s]]
      )
      if (pool) list(Reduce(`+`, part)) else part
    })
    for (k in seq_len(causes)) {
      for (a in seq_along(known)) {
        for (b in seq_len(a)) {
          sums <- sum_products(robust$units, parts[[a]][[k]], parts[[b]][[k]])
          covariance[known[a], known[b], at, k] <- robust$factor * sums
          covariance[known[b], known[a], at, k] <- robust$factor * sums
        }
      }
    }
  }
  covariance
}
