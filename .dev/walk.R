# Rscript .dev/walk.R [--all | --write]: lists the functions that are called from a
# formula to a figure, and from patients.csv to the report, with their files and in the
# order of their first calls (--all: all calls). It modifies the functions of the
# installed package to record their calls. ARCHITECTURE.md describes both paths; --write
# updates the numbers in it.
all_calls <- "--all" %in% commandArgs(TRUE)
space <- asNamespace("oligosurv")
noted <- new.env()
noted$calls <- character()
noted$numbers <- character() # rows of the table in ARCHITECTURE.md
.note <- function(name) noted$calls <- c(noted$calls, name)

# The file in which each top-level function of R/ is defined
files <- unlist(lapply(list.files("R", full.names = TRUE), function(file) {
  defined <- Filter(function(x) is.call(x) && identical(x[[1]], quote(`<-`)), parse(file))
  names <- vapply(defined, function(x) as.character(x[[2]])[1], "")
  stats::setNames(rep(basename(file), length(names)), names)
}))

for (name in intersect(names(files), ls(space, all.names = TRUE))) {
  f <- get(name, space)
  if (!is.function(f)) next
  body(f) <- bquote({
    .(.note)(.(name))
    .(body(f))
  })
  unlockBinding(name, space)
  assign(name, f, space)
}
# The table of registered methods holds copies of the functions, which are replaced too
methods <- get(".__S3MethodsTable__.", space)
for (name in intersect(ls(methods), names(files))) assign(name, get(name, space), methods)
bases <- c("print", "summary", "median", "quantile", "as.data.frame", "plot", "c")
for (generic in bases) {
  for (name in grep(paste0("^", generic, "[.]"), names(files), value = TRUE)) {
    registerS3method(generic, substring(name, nchar(generic) + 2L), get(name, space))
  }
}

walk <- function(title, code) {
  noted$calls <- character()
  force(code)
  calls <- noted$calls
  file <- files[calls]
  n <- c(
    length(calls), length(unique(calls)), length(unique(file)),
    sum(file[-1] != file[-length(file)])
  )
  writeLines(sprintf("%s: %d calls of %d functions in %d files, %d moves between files",
    title, n[1], n[2], n[3], n[4]
  ))
  noted$numbers <- c(noted$numbers, sprintf("| %s | %s |", title,
    paste(format(n, big.mark = ",", trim = TRUE), collapse = " | ")
  ))
  first <- if (all_calls) seq_along(calls) else which(!duplicated(calls))
  runs <- rle(unname(file[first]))
  at <- split(calls[first], rep(seq_along(runs$values), runs$lengths))
  writeLines(sprintf("  %s: %s", runs$values, vapply(at, paste, "", collapse = " ")))
}

ours <- function(name) get(name, space)
by_cohort <- Surv(time, status) ~ cohort
os <- ours("endpoint")(oligosurv::hcc_sbrt, "os")
walk("formula to fit", fit <- ours("kaplan_meier")(by_cohort, os))
# a computed time is read by R code; a column would be counted by the fast path in C
computed <- Surv(time + 0, status) ~ cohort
walk("formula to fit, read in R", ours("kaplan_meier")(computed, os))
walk("formula to fit, landmark", ours("kaplan_meier")(by_cohort, os, landmark = 3))
walk("fit to figure", ours("curve_plot")(fit))
walk("fit to rows", ours("tidy")(fit))
walk("fit to print", invisible(utils::capture.output(print(fit))))
folder <- system.file("extdata", "hcc_sbrt", package = "oligosurv")
walk("files to study", study <- ours("read_study")(folder))
walk("study to endpoint", ours("endpoint")(study, "os"))
report <- tempfile(fileext = ".html")
walk("study to report", ours("study_report")(study, report, quiet = TRUE))

if ("--write" %in% commandArgs(TRUE)) {
  page <- readLines("ARCHITECTURE.md", encoding = "UTF-8")
  at <- match(c("<!-- walks: begin -->", "<!-- walks: end -->"), page)
  stopifnot("ARCHITECTURE.md has no place for the walks" = !anyNA(at))
  head <- c("| from, to | calls | functions | files | moves between files |",
    "|:---|---:|---:|---:|---:|"
  )
  page <- c(page[seq_len(at[1])], head, noted$numbers, page[at[2]:length(page)])
  writeLines(enc2utf8(page), "ARCHITECTURE.md", useBytes = TRUE)
}
