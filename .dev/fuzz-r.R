# Rscript .dev/fuzz-r.R [--seconds=60] [--calls=<most>] [--seed=<number>] [--from=<call>]
# [--deep=1]:
# calls every exported function and method with odd arguments, and with objects of which a
# component was changed, in child processes. An answer and a classed error are allowed.
# With --deep=1 all calls, otherwise one in four, change a component at any depth.
# Each call has R's time limit of `patience` seconds of processor time, because other
# processes may slow it down. A call that takes longer must stop at the limit, as it must
# when a user interrupts it. Findings: a crash; a hang (a call that does not stop at its
# limit and takes `limit` seconds); a call that stopped at its limit, or more than `slack`
# seconds after it; an error or warning without a class of this package; a changed state
# of the session. Prints each finding once, with the call and the number with which it can
# be repeated:
# Rscript .dev/fuzz-r.R --seed=<seed> --call=<number> [--deep=1]
# A call depends only on its seed and number. Status 1 if there is a finding.

this <- normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
folder <- dirname(this)
sys.source(file.path(folder, "fuzz-children.R"), globalenv())
limit <- 60
patience <- 10
slack <- 1 # R's own functions do not poll within a vector of a million elements
batch <- 2000
seed <- option("seed", 1)
deep <- option("deep", 0) > 0

# Making a call --------------------------------------------------------------------------

# tamper(<object>, <path>, <change>) for an object of the given name
tampered <- function(name) {
  x <- unclass(get(name))
  path <- list()
  repeat {
    if (!length(x)) break
    at <- sample.int(length(x), 1L)
    path <- c(path, list(if (is.null(names(x))) at else names(x)[at]))
    x <- unclass(x)[[at]]
    if (!is.list(x) || chance(0.4) || length(path) > 3L) break
  }
  if (!length(path)) return(as.name(name))
  path <- if (all(vapply(path, is.character, NA))) unlist(path) else path
  call("tamper", as.name(name), path, pick(changes))
}

# Another value for an argument
mutated <- function(arg, name) {
  if (is.symbol(arg) && identical(as.character(arg), "d")) {
    if (chance(0.1)) return(quote(active(d)))
    if (chance(0.2)) return(pick(odd_values))
    column <- pick(c("time", "event", "status", "group", "id", "w", "start", "text", "x"))
    return(call("put", arg, column, pick(odd_values)))
  }
  if (is.symbol(arg) && as.character(arg) %in% object_names && chance(0.7)) {
    return(tampered(as.character(arg)))
  }
  if (is.call(arg) && identical(arg[[1L]], quote(`~`)) && chance(0.7)) {
    return(pick(odd_formulas))
  }
  value <- pick(odd_values)
  # large values of these ask for a long computation, so a time limit is a valid answer
  long <- name %in% c("n_permutations", "n_resamples", "n", "lesions")
  if (!long && name != "times") return(value)
  v <- tryCatch(eval(value), error = function(e) NULL)
  if (long && is.numeric(v) && any(unclass(v) > 1e3, na.rm = TRUE)) return(0.5)
  # limits and p-values of a million rows take 10 seconds
  if (!long && is.numeric(v) && length(v) > 1e5) return(quote(seq(1, 1e5)))
  value
}

# Mutates one or two arguments of a good call
odd_call <- function(call) {
  for (i in seq_len(if (chance(0.25)) 2L else 1L)) {
    if (length(call) < 2L) break
    at <- sample.int(length(call) - 1L, 1L) + 1L
    name <- if (is.null(names(call))) "" else names(call)[at]
    call[at] <- list(mutated(call[[at]], name))
  }
  if (chance(0.02) && length(call) > 2L) call <- call[-length(call)]
  call
}

# Generics of R whose default method is not in this package
of_r <- c("format", "summary", "median", "quantile", "unique", "rep", "as.character",
  "levels", "droplevels", "is.na", "plot", "as.data.frame", "print")

has_method <- function(generic, object) {
  if (!generic %in% of_r) return(TRUE)
  of_package <- function(class) {
    method <- utils::getS3method(generic, class, optional = TRUE)
    !is.null(method) && identical(topenv(environment(method)), asNamespace("oligosurv"))
  }
  any(vapply(class(get(object)), of_package, NA))
}

make_call <- function(seed, number) {
  set.seed((seed * 1000003 + number) %% 2^31) # seeds share no calls
  if (chance(if (deep) 1 else 0.25)) return(deep_call()) # see fuzz-r-deep.R
  slow <- chance(0.03)
  if (chance(0.5)) return(odd_call(pick(if (slow) slow_calls else calls)))
  repeat {
    use <- pick(if (slow) slow_uses else uses)
    name <- pick(object_names)
    if (has_method(use, name)) break
  }
  use <- str2lang(use)
  object <- tampered(name)
  if (chance(0.15)) object <- call("tamper", object, pick(c("time", "table", "groups",
    "n", "size", "names", "class")), pick(changes))
  as.call(c(use, list(object)))
}

# Running calls in a child ---------------------------------------------------------------

state <- function() {
  list(
    options = options(), random = RNGkind(), connections = getAllConnections(),
    devices = grDevices::dev.list(), directory = getwd(), locale = Sys.getlocale(),
    search = search(), sinks = sink.number(), files = list.files(all.files = TRUE),
    variables = Sys.getenv(c("TZ", "LANG", "LC_ALL", "HOME")),
    seed = get0(".Random.seed", globalenv())
  )
}

# Functions that draw random numbers, and those that write files
draw <- c("bootstrap_interval", "logrank_test", "gray_test", "maxcombo_test",
  "pairwise_test", "simulate_study", "survival_band", "study_report", "hazard_ratio",
  "bootstrap_optimism")
write <- c("save_table", "save_figure", "study_report", "study_template", "write_counts",
  "write_counts2")

changed_state <- function(before, after, fun) {
  # loading a package adds options, and ggplot2 and knitr set some
  had <- intersect(names(before$options), names(after$options))
  before$options <- before$options[had]
  after$options <- after$options[had]
  same <- mapply(identical, before, after)
  if (fun %in% draw) same["seed"] <- TRUE
  if (fun %in% write) same["files"] <- TRUE
  names(same)[!same]
}

# Is a function of the package running, other than to evaluate an argument or a term of a
# formula? Otherwise R itself raised the error, or a warning about the code in the
# formula.
is_inside <- function() {
  home <- asNamespace("oligosurv")
  inside <- FALSE
  for (i in seq_len(sys.nframe())) {
    f <- sys.function(i)
    for (own in list(tamper, alter, put, structure)) if (identical(f, own)) return(FALSE)
    if (identical(topenv(environment(f)), home)) inside <- !identical(f, home$eval_term)
  }
  inside
}

# Uses a value as a user would: prints it, or draws it without a file
use_value <- function(value, luck) {
  most <- if (inherits(value, "ggplot")) 0.3 else 0.5
  if (luck < most && is.object(value)) print(value)
}

# The findings of one call, as rows of kind and text
run_call <- function(call) {
  fun <- sub("^.*::", "", deparse(call[[1L]])[1L])
  found <- character()
  luck <- stats::runif(1L)
  inside <- FALSE
  before <- state()
  sink(nullfile())
  start <- sum(proc.time()[c("user.self", "sys.self")])
  tryCatch(
    withCallingHandlers(
      {
        setTimeLimit(cpu = patience, transient = TRUE)
        use_value(eval(call, new.env(parent = deep_home)), luck)
      },
      warning = function(w) {
        if (!is_ours(w) && is_inside()) {
          found <<- c(found, paste("warning", conditionMessage(w)))
        }
        invokeRestart("muffleWarning")
      },
      message = function(m) invokeRestart("muffleMessage"),
      error = function(e) inside <<- is_inside()
    ),
    error = function(e) {
      # an error while drawing is passed on, see save_figure()
      drawing <- identical(conditionMessage(e), "figure margins too large")
      if (identical(conditionMessage(e), "reached CPU time limit")) {
        found <<- c(found, "stopped")
        return()
      }
      if (is_ours(e) || !inside || drawing) return()
      frame <- paste(deparse(conditionCall(e))[1L], collapse = "")
      found <<- c(found, paste("error", conditionMessage(e), "| in", frame))
    }, interrupt = function(e) found <<- c(found, "error interrupt")
  )
  setTimeLimit()
  taken <- sum(proc.time()[c("user.self", "sys.self")]) - start
  if (taken > patience + slack) found <- c(found, "late to hear its time limit")
  if (sink.number() > before$sinks) sink()
  left <- changed_state(before, state(), fun)
  if (length(left)) found <- c(found, paste("state", toString(left)))
  # the next call starts from the same state
  options(before$options)
  setwd(before$directory)
  while (length(grDevices::dev.list()) > length(before$devices)) grDevices::dev.off()
  new <- setdiff(list.files(all.files = TRUE, no.. = TRUE), before$files)
  unlink(new, recursive = TRUE)
  unique(found)
}

child <- function(numbers, dir) {
  force(dir) # before the folder changes
  suppressMessages(suppressWarnings(library(oligosurv)))
  source_calls()
  setwd(tempfile_dir())
  loadNamespace("ggplot2")
  grDevices::pdf(NULL)
  results <- file(file.path(dir, "results"), "a")
  progress <- file.path(dir, "progress")
  for (number in numbers) {
    cat(number, file = progress)
    call <- make_call(seed, number)
    found <- run_call(call)
    if (!length(found)) next
    code <- paste(trimws(deparse(call, 500L)), collapse = " ")
    found <- gsub("[\t\n\r]", " ", enc2native(iconv(found, "", "ASCII", "byte")))
    fun <- deparse(call[[1L]])[1L]
    writeLines(paste(number, fun, found, code, sep = "\t"), results)
    flush(results)
  }
  cat("done", file = progress)
}

load_calls <- function() {
  suppressMessages(suppressWarnings(library(oligosurv)))
  source_calls()
}

source_calls <- function() {
  for (name in c("fuzz-r-calls.R", "fuzz-r-deep.R")) {
    sys.source(file.path(folder, name), globalenv())
  }
}

if (option("child", 0) == 1) {
  child(seq(option("from", 1), option("to", 1)), getwd())
} else if (option("show", 0) > 0) {
  load_calls()
  call <- make_call(seed, option("show", 0))
  code <- paste(trimws(deparse(call, 500L)), collapse = " ")
  writeLines(c(deparse(call[[1L]])[1L], code))
} else if (option("call", 0) > 0) {
  load_calls()
  setwd(tempfile_dir())
  grDevices::pdf(NULL)
  call <- make_call(seed, option("call", 0))
  print(call)
  print(run_call(call))
} else {
  main()
}
