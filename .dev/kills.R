# Rscript .dev/kills.R [filter], started by .dev/kills.sh. Checks writing and reading when
# something breaks. A full or read-only disk must give an error of the package. It must
# leave the earlier file unchanged, nothing else in the folder, no open device or
# connection, and a session in which the same call works. If a process is killed while it
# writes, the earlier or the new file must be there. A source that breaks off while it is
# read must give an error of the package.

suppressPackageStartupMessages(library(oligosurv))
disk <- Sys.getenv("OLIGOSURV_DISK")
filter <- c(commandArgs(trailingOnly = TRUE), "")[1]
groups <- sprintf("group %03d, with a name that takes some room", 1:300)
d <- data.frame(t = seq_len(3000), s = rep(c(1, 0, 1), 1000), g = rep(groups, 10))
fit <- kaplan_meier(Surv(t, s) ~ g, d)
counts <- event_table(Surv(t, s) ~ g, d)
figure <- function() graphics::plot(withr::with_seed(1, stats::rnorm(4000)))
report <- tempfile(fileext = ".Rmd")
writeLines(c("---", "title: Study", "---", "`r strrep(\"word \", 3000)`"), report)

writers <- list(
  png = function(file) save_figure(figure, file, dpi = 300),
  pdf = function(file) save_figure(figure, file),
  svg = function(file) save_figure(figure, file),
  tiff = function(file) save_figure(figure, file, dpi = 100),
  md = function(file) save_table(fit, file),
  html = function(file) save_table(fit, file),
  tex = function(file) save_table(fit, file),
  docx = function(file) save_table(fit, file),
  csv = function(file) write_counts(counts, file, unit = "months"),
  report.html = function(file) {
    study_report(hcc_sbrt, file, template = report, quiet = TRUE)
  },
  folder = function(file) study_template(file)
)
is_optional <- c(docx = "rmarkdown", report.html = "rmarkdown")
writers <- writers[grepl(filter, names(writers))]

n_pass <- n_fail <- 0L
check <- function(ok, ...) {
  if (isTRUE(ok)) n_pass <<- n_pass + 1L else n_fail <<- n_fail + 1L
  if (!isTRUE(ok)) cat("FAIL", ..., "\n")
}
state <- function() {
  list(showConnections(), grDevices::dev.list(), getwd(), sink.number(), Sys.getlocale())
}
mount <- function(...) stopifnot(system2("mount", c(..., disk)) == 0)
outcome <- function(code) {
  tryCatch({
    suppressMessages(suppressWarnings(code))
    "value"
  }, oligosurv_error = function(e) {
    if (inherits(e, "oligosurv_error_internal")) "internal" else "classed"
  }, error = function(e) paste("UNCLASSED", class(e)[1], conditionMessage(e)))
}

# The bytes of a file, or of all files of a folder
bytes_of <- function(path) {
  files <- if (dir.exists(path)) list.files(path, full.names = TRUE) else path
  sum(file.size(files))
}

for (name in names(writers)) {
  write <- writers[[name]]
  needed <- is_optional[name]
  if (!is.na(needed) && !requireNamespace(needed, quietly = TRUE)) next
  ending <- sub(".*[.]", "", name)
  good <- tempfile(fileext = if (name == "folder") "" else paste0(".", ending))
  took <- system.time(suppressMessages(write(good)))[["elapsed"]]
  size <- bytes_of(good)
  has_old <- name != "folder"

  for (kind in c("full", "read-only")) {
    kb <- if (kind == "full") max(4, floor(size / 2 / 4096) * 4) else 4096
    mount("-t", "tmpfs", "-o", sprintf("size=%dk", kb), "tmpfs")
    file <- file.path(disk, basename(good))
    if (has_old) writeLines("old", file)
    before <- list.files(disk, all.files = TRUE)
    if (kind == "read-only") mount("-o", "remount,ro")
    open <- state()
    got <- outcome(write(file))
    check(identical(got, "classed"), name, kind, "gives", got)
    check(identical(state(), open), name, kind, "leaves something open")
    if (has_old) {
      check(identical(readLines(file, warn = FALSE), "old"), name, kind, "old file")
    }
    check(identical(list.files(disk, all.files = TRUE), before), name, kind, "leaves",
      toString(setdiff(list.files(disk, all.files = TRUE), before))
    )
    stopifnot(system2("umount", disk) == 0)
    again <- tempfile(fileext = paste0(".", ending))
    check(identical(outcome(write(again)), "value"), name, kind, "is not usable after")
  }

  # kill the process at six different moments
  for (part in (1:6) / 7) {
    dir <- tempfile("killed-")
    dir.create(dir)
    file <- file.path(dir, basename(good))
    if (has_old) writeLines("old", file)
    child <- parallel::mcparallel(suppressMessages(write(file)), silent = TRUE)
    Sys.sleep(part * took)
    tools::pskill(child$pid, tools::SIGKILL)
    suppressWarnings(parallel::mccollect(child))
    kept <- has_old && identical(readLines(file, 1L, warn = FALSE), "old")
    whole <- file.exists(file) && abs(bytes_of(file) / size - 1) < 0.02
    absent <- !has_old && !file.exists(file)
    check(kept || whole || absent, name, "killed at", round(part, 2), "leaves",
      if (file.exists(file)) bytes_of(file), "bytes of", size
    )
    seen <- list.files(dir)
    check(all(seen %in% basename(file)), name, "killed leaves", toString(seen))
  }
  cat(sprintf("%-12s %8.0f bytes, %.1f s\n", name, size, took))
}

# A database file that is cut off while a query reads it
if (requireNamespace("RSQLite", quietly = TRUE) && grepl(filter, "sqlite")) {
  file <- tempfile(fileext = ".sqlite")
  con <- DBI::dbConnect(RSQLite::SQLite(), file)
  DBI::dbWriteTable(con, "rows", data.frame(t = rep(1:9, 2e5), s = 1L))
  invisible(DBI::dbExecute(con, "PRAGMA cache_size = 1"))
  result <- DBI::dbSendQuery(con, "SELECT t, s FROM rows")
  connection <- file(file, "r+b")
  seek(connection, 4096 * 20, rw = "write")
  truncate(connection)
  close(connection)
  got <- outcome(event_table_stream(result, "t", "s", chunk_rows = 1000))
  check(identical(got, "classed"), "sqlite gives", got)
  suppressWarnings(try(DBI::dbClearResult(result), silent = TRUE))
  suppressWarnings(DBI::dbDisconnect(con))
}

cat(sprintf("kills: %d passed, %d failed\n", n_pass, n_fail))
dir.create(".build/counts", recursive = TRUE, showWarnings = FALSE)
writeLines(paste(n_pass, n_fail, 0), ".build/counts/kills")
quit(status = as.integer(n_fail > 0))
