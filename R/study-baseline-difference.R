# Differences of groups at baseline: standardised mean differences and optional tests.

# Standardised mean difference. With two groups it is the second minus the first, with
# more groups the largest absolute difference of any pair.
largest_smd <- function(x, strata) {
  groups <- split(x, strata)
  if (length(groups) < 2L) return(NA_real_)
  pairs <- utils::combn(length(groups), 2L)
  one <- if (is.numeric(x)) number_smd else category_smd
  smd <- apply(pairs, 2L, function(p) one(groups[[p[1L]]], groups[[p[2L]]]))
  if (length(smd) == 1L) return(smd)
  if (all(is.na(smd))) NA_real_ else max(abs(smd), na.rm = TRUE)
}

number_smd <- function(a, b) {
  a <- a[!is.na(a)]
  b <- b[!is.na(b)]
  if (length(a) < 2L || length(b) < 2L) return(NA_real_)
  gap <- mean(b) - mean(a)
  spread <- sqrt((stats::var(a) + stats::var(b)) / 2)
  if (gap == 0) 0 else if (spread == 0) NA_real_ else gap / spread
}

category_smd <- function(a, b) {
  p <- vapply(list(a, b), function(x) {
    counts <- tabulate(x, nlevels(x))
    counts / sum(counts)
  }, double(nlevels(a)))
  p <- matrix(p, ncol = 2L)
  if (anyNA(p)) return(NA_real_)
  gap <- (p[, 2L] - p[, 1L])[-1L]
  if (all(gap == 0)) return(0)
  covariance <- function(q) diag(q, length(q)) - tcrossprod(q)
  mean_covariance <- (covariance(p[, 1L][-1L]) + covariance(p[, 2L][-1L])) / 2
  parts <- eigen(mean_covariance, symmetric = TRUE)
  kept <- parts$values > 1e-9 * max(parts$values)
  along <- crossprod(parts$vectors, gap)
  # Groups that differ in a direction without variance have no category in common. Their
  # SMD would be infinite.
  if (any(abs(along[!kept]) > 1e-9)) return(NA_real_)
  sqrt(sum(along[kept]^2 / parts$values[kept]))
}

check_baseline_test <- function(strata, level) {
  if (level == "lesion") {
    stop_oligosurv("data", paste(
      "`test = TRUE` is not available for lesions, which are not independent within a",
      "patient; use `level = \"patient\"`"
    ), arg = "test")
  }
  if (nlevels(strata) < 2L) {
    stop_oligosurv("data",
      "`test = TRUE` compares groups, but there is only one; give a column `by`",
      arg = "test"
    )
  }
}

baseline_test <- function(x, strata) {
  known <- !is.na(x) & !is.na(strata)
  x <- x[known]
  group <- droplevels(strata[known])
  p <- NA_real_
  name <- if (is.numeric(x)) "Kruskal-Wallis" else "Fisher's exact"
  if (nlevels(group) > 1L && length(unique(x)) > 1L) {
    if (is.numeric(x)) {
      p <- stats::kruskal.test(x, group)$p.value
    } else {
      counts <- table(droplevels(x), group)
      p <- tryCatch(stats::fisher.test(counts)$p.value, error = raise_time_limit)
      if (is.null(p)) {
        name <- "chi-square"
        p <- suppressWarnings(stats::chisq.test(counts, correct = FALSE)$p.value)
      }
    }
  }
  list(p, name)
}
