#' Conditions raised by oligosurv
#'
#' Every error of the package has class `oligosurv_error` and one class that says
#' which kind it is, so that a script can react to it with [tryCatch()].
#'
#' | class | when |
#' |---|---|
#' | `oligosurv_error_input` | an argument has the wrong type, length or name |
#' | `oligosurv_error_domain` | values are outside their domain; element `where` holds the positions |
#' | `oligosurv_error_data` | the request cannot be met with these rows (only one group in a test, repeated ids) |
#' | `oligosurv_error_dependency` | an optional package or program is missing; the message gives the command that installs it |
#' | `oligosurv_error_internal` | a bug of oligosurv |
#'
#' Warnings have class `oligosurv_warning`, messages `oligosurv_message`.
#' @examples
#' tryCatch(
#'   kaplan_meier(Surv(time, status) ~ 1, data.frame(time = -1, status = 1)),
#'   oligosurv_error_domain = function(e) e$where
#' )
#' @name oligosurv_conditions
#' @aliases oligosurv_error oligosurv_warning
NULL

error_kinds <- c("input", "domain", "data", "dependency", "internal")

# A message may quote bytes of the data that are not valid text. Each is written in a form
# such as <e9>, so that the message itself is valid text.
message_text <- function(message) {
  if (validEnc(message)) return(message)
  iconv(message, "UTF-8", "UTF-8", sub = "byte")
}

last_error <- new.env(parent = emptyenv())

# Creates every error. `...` are fields of the condition (`where`, `table`, ...).
stop_oligosurv <- function(kind, message, ..., call = NULL) {
  stopifnot(kind %in% error_kinds)
  last_error$condition <- errorCondition(
    message_text(message), ...,
    class = c(paste0("oligosurv_error_", kind), "oligosurv_error"), call = call
  )
  stop(last_error$condition)
}

# Evaluates `expr`, which runs code of this package inside knitr. Newer versions of knitr
# replace an error by an rlang error with the same message; this raises the original.
keep_error_class <- function(expr) {
  last_error$condition <- NULL
  withCallingHandlers(expr, error = function(e) {
    ours <- last_error$condition
    replaced <- !is.null(ours) && !inherits(e, "oligosurv_error") &&
      identical(conditionMessage(e), conditionMessage(ours))
    if (replaced) stop_again(ours)
  })
}

# Raises a condition again unchanged, such as an R error that C code has caught
stop_again <- function(condition) stop(condition)

warn_oligosurv <- function(kind, message, ..., call = NULL) {
  warning(warningCondition(
    message_text(message), ...,
    class = c(paste0("oligosurv_warning_", kind), "oligosurv_warning"), call = call
  ))
}

inform_oligosurv <- function(message, ...) {
  base::message(structure(
    class = c("oligosurv_message", "message", "condition"),
    list(message = paste0(message_text(message), "\n"), call = NULL, ...)
  ))
}

# Formats positions: "row 5", "rows 5 and 9", "rows 1, 2, 3, 4, 5 and 95 more". `where`
# may hold only the first of `total` positions.
format_rows <- function(where, noun = "row", most = 5L, total = length(where)) {
  shown <- format_position(where[seq_len(min(length(where), most))])
  more <- total - length(shown)
  last <- if (more > 0) paste(format_count(more), "more")
  first <- shown
  if (more == 0 && length(shown) > 1) {
    last <- shown[length(shown)]
    first <- shown[-length(shown)]
  }
  paste0(
    noun, if (total != 1) "s", " ", paste(first, collapse = ", "),
    if (!is.null(last)) paste(" and", last)
  )
}

# Stops unless an optional package is installed; `what` is the feature that needs it.
need_package <- function(package, what) {
  reason <- tryCatch(
    is.null(suppressPackageStartupMessages(loadNamespace(package))),
    error = conditionMessage
  )
  if (is.logical(reason)) return(invisible(TRUE))
  if (nzchar(system.file(package = package))) {
    stop_oligosurv("dependency", sprintf(
      "%s needs the package '%s', which is installed but does not load (%s); %s", what,
      package, reason, "update.packages() may help, as a package it uses may be too old"
    ), package = package)
  }
  stop_oligosurv("dependency", sprintf(
    paste(
      "%s needs the package '%s', which is not installed; install it with",
      "install.packages(\"%s\")"
    ), what, package, package
  ), package = package)
}

# Raises the error of a time limit again, and returns NULL for other conditions. Handlers
# of all errors call this, because a time limit says nothing about the expression they
# evaluate. R gives it no class, so it is recognised by its text.
raise_time_limit <- function(condition) {
  if (is_resource_limit(condition, time_limits)) stop_again(condition)
  NULL
}

time_limits <- paste(
  "reached", c("elapsed", "session elapsed", "CPU", "session CPU"), "time limit"
)

# R's errors when memory is exhausted. C code writes a number into some.
memory_limits <- c(
  "cannot allocate vector of size %0.1f Gb", "cannot allocate vector of size %0.1f Mb",
  "cannot allocate vector of size %0.f Kb", "cannot allocate vector of length %d",
  "cannot allocate memory block of size %0.f Tb",
  "cannot allocate memory block of size %0.1f Gb",
  "cons memory exhausted (limit reached?)", "vector memory exhausted (limit reached?)",
  "vector memory limit of %0.1f Gb reached, see mem.maxVSize()"
)

# Did R end the computation because it took too long or needed too much memory? R gives
# these errors no class, but a fixed text, in English or translated. A number in it may
# come first.
is_resource_limit <- function(condition, words = c(time_limits, memory_limits)) {
  message <- conditionMessage(condition)
  around <- strsplit(unique(c(words, gettext(words, domain = "R"))), "%[0-9.]*[df]")
  any(vapply(around, function(text) {
    startsWith(message, text[1L]) && endsWith(message, c(text, "")[2L])
  }, NA))
}

# Evaluates a call of the function that the user gave as `arg`, and gives its errors and
# warnings a class. Too little time or memory says nothing about the function.
with_function <- function(expr, arg) {
  says <- function(what, condition) {
    sprintf("the function `%s` %s: %s", arg, what, conditionMessage(condition))
  }
  tryCatch(
    withCallingHandlers(expr, warning = function(w) {
      if (inherits(w, "oligosurv_warning")) return()
      warn_oligosurv("input", says("warned", w), parent = w)
      invokeRestart("muffleWarning")
    }), error = function(e) {
      if (inherits(e, "oligosurv_error") || is_resource_limit(e)) stop_again(e)
      stop_oligosurv("input", says("stopped", e), arg = arg, parent = e)
    }
  )
}

# Returns `x` after a poll for interrupts and time limits. R itself polls once in a
# thousand steps of its evaluator. If each step handles a long vector, that may take
# seconds.
polled <- function(x = NULL) .Call(C_polled, x)

# Called from C after every worker thread has ended. `condition` is what stopped the
# computation, for example a time limit set by setTimeLimit() or setSessionTimeLimit().
abort_status <- function(text, interrupt, condition) {
  if (inherits(condition, "error")) {
    condition["call"] <- list(NULL) # the call is only the interrupt poll of this package
    stop_again(condition)
  }
  if (interrupt) {
    signalCondition(structure(
      class = c("interrupt", "condition"), list(message = "interrupted", call = NULL)
    ))
    invokeRestart("abort")
  }
  stop_oligosurv("internal", paste("oligosurv internal error:", text)) # nocov
}
