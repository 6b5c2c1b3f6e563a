# Rscript .dev/walk.R [--names]: how far a call travels through the package. For a fit on
# the general path, a print, a tidy and an autoplot: functions of the package that are
# called, how often, in how many files, and how often the file changes from one call to
# the next.

library(oligosurv)

source_files <- function(paths) {
  owner <- lapply(paths, function(path) {
    names <- unlist(lapply(parse(path, keep.source = FALSE), function(e) {
      if (is.call(e) && identical(e[[1L]], quote(`<-`)) && is.symbol(e[[2L]])) {
        as.character(e[[2L]])
      }
    }))
    stats::setNames(rep(basename(path), length(names)), names)
  })
  unlist(owner)
}

# Each function of the namespace notes its name when it is called
instrument <- function(namespace, owner, note) {
  for (name in intersect(names(owner), ls(namespace, all.names = TRUE))) {
    f <- get(name, namespace)
    if (!is.function(f) || is.primitive(f)) next
    body(f) <- call("{", bquote(.(note)(.(name))), body(f))
    unlockBinding(name, namespace)
    assign(name, f, namespace)
    method <- get0(name, namespace[[".__S3MethodsTable__."]], inherits = FALSE)
    if (is.function(method)) assign(name, f, namespace[[".__S3MethodsTable__."]])
    attached <- as.environment("package:oligosurv")
    if (!exists(name, attached, inherits = FALSE)) next
    unlockBinding(name, attached)
    assign(name, f, attached)
  }
}

walked <- character()
owner <- source_files(list.files("R", "[.]R$", full.names = TRUE))
instrument(asNamespace("oligosurv"), owner, function(name) walked <<- c(walked, name))

measure <- function(what, expr) {
  walked <<- character()
  force(expr)
  files <- owner[walked]
  cat(sprintf("%-30s %4d calls, %3d functions, %2d files, %3d moves\n", what,
    length(walked), length(unique(walked)), length(unique(files)),
    sum(files[-1L] != files[-length(files)])
  ))
  if ("--names" %in% commandArgs(TRUE)) writeLines(paste("   ", walked, files))
}

d <- data.frame(
  time = c(5, 8, 8, 12, 14, 20, 22, 30, 31, 40), status = c(1, 1, 0, 1, 0, 1, 1, 0, 1, 0),
  cohort = rep(c("OP", "OM"), 5)
)
# text and a computed time are read in R, not counted in C
measure("kaplan_meier(), general path", {
  fit <- kaplan_meier(Surv(time + 0, status) ~ cohort, d)
})
measure("kaplan_meier(), easy rows", kaplan_meier(Surv(time, status) ~ 1, d))
measure("print(fit), two groups", utils::capture.output(print(fit)))
measure("tidy(fit)", tidy(fit))
measure("autoplot(fit)", ggplot2::autoplot(fit))
