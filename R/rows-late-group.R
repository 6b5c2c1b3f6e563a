# The class late_group: a factor with the time at which each value was known. Functions of
# R and other packages move values without their attributes, so the methods here move the
# times along, or stop. For functions without a method, `of` holds the codes to which the
# times belong: if they differ from the codes of the factor, values were moved without
# their times.

# Makes a late_group of a factor `x`; `known[i]` is the time at which `x[i]` became known
new_late_group <- function(x, known) {
  plain <- as_plain_factor(x)
  structure(plain,
    known = known, of = as.integer(plain), class = c("late_group", oldClass(plain))
  )
}

# The factor without its times
as_plain_factor <- function(x) {
  attr(x, "known") <- NULL
  attr(x, "of") <- NULL
  class(x) <- setdiff(oldClass(x), "late_group")
  check_factor(x, "x")
  x
}

# Does each value still have its own time?
is_in_step <- function(x) {
  known <- attr(x, "known")
  is.numeric(known) && length(known) == length(x) &&
    identical(as.integer(x), attr(x, "of"))
}

# The times of the values. They are NA if values were moved without their times;
# check_known() then stops.
late_times <- function(x) {
  if (is_in_step(x)) attr(x, "known") else rep(NA_real_, length(x))
}

stop_unmarked <- function() {
  stop_oligosurv("input", paste(
    "a late_group() can only be combined with another one, since each value needs the",
    "time at which it became known; mark the other values with late_group(x, known)"
  ))
}

#' @export
`[.late_group` <- function(x, ..., drop = FALSE) {
  at <- seq_along(x)
  names(at) <- names(x)
  at <- try_index(unname(at[...]))
  new_late_group(as_plain_factor(x)[at, drop = drop], late_times(x)[at])
}

#' @export
`[[.late_group` <- function(x, ...) {
  at <- seq_along(x)
  names(at) <- names(x)
  at <- try_index(at[[...]])
  new_late_group(as_plain_factor(x)[[at]], late_times(x)[[at]])
}

#' @export
`[<-.late_group` <- function(x, ..., value) {
  known <- late_times(x)
  plain <- as_plain_factor(x)
  try_index(known[...])
  if (inherits(value, "late_group")) {
    known[...] <- late_times(value)
    both <- union(levels(x), levels(value))
    levels(plain) <- c(levels(plain), setdiff(both, levels(plain)))
    plain[...] <- as.character(value)
  } else if (all(is.na(value))) {
    known[...] <- NA_real_
    plain[...] <- NA
  } else {
    stop_unmarked()
  }
  new_late_group(plain, known)
}

#' @export
`is.na<-.late_group` <- function(x, value) {
  x[value] <- NA
  x
}

#' @export
`[[<-.late_group` <- function(x, ..., value) {
  x[...] <- value
  x
}

#' @export
`levels<-.late_group` <- function(x, value) {
  plain <- as_plain_factor(x)
  known <- late_times(x)
  levels(plain) <- value
  new_late_group(plain, known)
}

# Stops for dates given as a length or as a number of repetitions, because R would use the
# number of days or seconds behind them
check_repeats <- function(n, arg) {
  n <- plain_argument(n)
  if (!inherits(n, date_classes)) return(n)
  stop_oligosurv("input", sprintf(
    "`%s` must be a whole number, not a date; it is %s", arg, describe(n)
  ), arg = arg)
}

#' @export
`length<-.late_group` <- function(x, value) {
  x[try_index(seq_len(check_repeats(value, "value")))]
}

#' @export
c.late_group <- function(...) {
  parts <- tryCatch(list(...), error = function(e) { # R evaluates code as in quote(a)
    raise_time_limit(e)
    stop_unmarked()
  })
  parts <- parts[lengths(parts) > 0L | vapply(parts, is.factor, NA)]
  if (!all(vapply(parts, inherits, NA, "late_group"))) stop_unmarked()
  new_late_group(
    do.call(c, lapply(parts, as_plain_factor)), unlist(lapply(parts, late_times))
  )
}

#' @export
rep.late_group <- function(x, ...) {
  n <- list(...)
  arg <- names(n)
  for (i in seq_along(n)) {
    check_repeats(n[[i]], if (length(arg) && nzchar(arg[i])) arg[i] else "times")
  }
  x[try_index(rep(seq_along(x), ...))]
}

#' @exportS3Method base::rep_len
rep_len.late_group <- function(x, length.out) {
  x[try_index(rep_len(seq_along(x), check_repeats(length.out, "length.out")))]
}

# The method cannot be named rep.int.late_group(): R would take that for a method of rep()
#' @rawNamespace S3method(base::rep.int, late_group, repeat_late_group)
repeat_late_group <- function(x, times) {
  x[try_index(rep.int(seq_along(x), check_repeats(times, "times")))]
}

#' @export
unique.late_group <- function(x, incomparables = FALSE, ...) x[!duplicated(x)]

#' @export
droplevels.late_group <- function(x, ...) {
  new_late_group(droplevels(as_plain_factor(x), ...), late_times(x))
}

#' @exportS3Method stats::relevel
relevel.late_group <- function(x, ref, ...) {
  new_late_group(stats::relevel(as_plain_factor(x), ref, ...), late_times(x))
}

# For use in a method: the frame of the function `f` if `f` called the generic of this
# method, else NULL
frame_of_caller <- function(f) {
  n <- sys.parent(2L)
  # as.vector() dispatches from its own frame, so the frame of its caller is one level up
  if (n > 0L && identical(sys.function(n), base::as.vector)) n <- sys.parents()[n]
  if (n > 0L && identical(sys.function(n), f)) sys.frame(n)
}

# factor() is the usual way to order or name levels. It makes a new vector from
# as.character() of its argument, so the class would be lost. When factor() asks for the
# text of all values, this method therefore makes factor() itself return a late_group.
#' @export
as.character.late_group <- function(x, ...) {
  frame <- frame_of_caller(base::factor)
  if (!is.null(frame)) {
    # As long as `levels` is missing, factor() asks for the text of the distinct values,
    # to make the levels. Only its next call is for the text of all values.
    if (!evalq(missing(levels), frame)) {
      do.call("return", list(factor_again(x, frame)), envir = frame)
    }
  }
  as.character(as_plain_factor(x), ...)
}

# The value of factor() with the arguments in its `frame`, but with the times kept
factor_again <- function(x, frame) {
  of_frame <- function(name) get(name, frame)
  args <- list(
    as.character(as_plain_factor(x)),
    levels = of_frame("levels"), exclude = of_frame("exclude"),
    ordered = of_frame("ordered")
  )
  if (!evalq(missing(labels), frame)) args$labels <- of_frame("labels")
  new_late_group(do.call(base::factor, args), late_times(x))
}

# rbind() of data frames combines factors by their text. Here it receives the values with
# their times, provided the column has times in all data frames.
#' @export
as.vector.late_group <- function(x, mode = "any") {
  frame <- frame_of_caller(base::rbind.data.frame)
  if (!is.null(frame)) {
    check_bound_frames(get("allargs", frame))
    return(x)
  }
  as.vector(as_plain_factor(x), mode)
}

# Stops if a column is a late_group in some of the `frames` only
check_bound_frames <- function(frames) {
  marked <- lapply(frames, function(frame) {
    sort(names(frame)[vapply(frame, inherits, NA, "late_group")])
  })
  if (length(unique(marked)) > 1L) stop_unmarked()
}

#' @export
print.late_group <- function(x, ...) {
  check_no_dots(...)
  known <- late_times(x)
  print(as_plain_factor(x))
  writeLines(if (all(is.na(known))) {
    "Known at an unknown time"
  } else {
    sprintf("Known at %s", paste(format(range(known, na.rm = TRUE), digits = 4,
      trim = TRUE
    ), collapse = " to "))
  })
  invisible(x)
}

# vctrs, which dplyr, tidyr and tibble use, moves the rows of a proxy, here a data frame
# of codes and times. Two values are equal if their labels are, whatever their times.
# There are no methods for other types, so a late_group combines only with another one.

#' @exportS3Method vctrs::vec_proxy
vec_proxy.late_group <- function(x, ...) {
  quick_frame(list(code = as.integer(x), known = late_times(x)))
}

#' @exportS3Method vctrs::vec_restore
vec_restore.late_group <- function(x, to, ...) {
  plain <- as_plain_factor(to)
  new_late_group(
    structure(x$code, levels = levels(plain), class = oldClass(plain)), x$known
  )
}

#' @exportS3Method vctrs::vec_proxy_equal
vec_proxy_equal.late_group <- function(x, ...) as.integer(x)

#' @exportS3Method vctrs::vec_proxy_compare
vec_proxy_compare.late_group <- function(x, ...) as.integer(x)

#' @exportS3Method vctrs::vec_proxy_order
vec_proxy_order.late_group <- function(x, ...) as.integer(x)

#' @exportS3Method vctrs::vec_ptype2
vec_ptype2.late_group.late_group <- function(x, y, ...) {
  levels <- union(levels(x), levels(y))
  new_late_group(factor(character(), levels, ordered = is.ordered(x)), double())
}

#' @exportS3Method vctrs::vec_cast
vec_cast.late_group.late_group <- function(x, to, ...) {
  plain <- factor(as.character(as_plain_factor(x)), levels(to), ordered = is.ordered(to))
  new_late_group(plain, late_times(x))
}
