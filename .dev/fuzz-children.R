# Functions shared by the fuzzers .dev/fuzz-r.R and .dev/fuzz-readers.R: they run calls in
# child processes, watch these, and collect findings. A script that sources this file
# defines `this` (its path), `seed`, `limit` (seconds per call) and `batch` (calls per
# child).

option <- function(name, default) {
  given <- grep(sprintf("^--%s=", name), commandArgs(trailingOnly = TRUE), value = TRUE)
  if (length(given)) as.numeric(sub("^[^=]*=", "", given[1L])) else default
}

pick <- function(x) x[[sample.int(length(x), 1L)]]
chance <- function(p) stats::runif(1L) < p

is_ours <- function(e) {
  inherits(e, c("oligosurv_error", "oligosurv_warning")) &&
    !inherits(e, "oligosurv_error_internal")
}

tempfile_dir <- function() {
  dir <- tempfile("fuzz")
  dir.create(dir)
  dir
}

# Watching children ----------------------------------------------------------------------

rscript <- file.path(R.home("bin"), "Rscript")

# A child gets 8 GB. AddressSanitizer reserves terabytes of addresses, so with it there is
# no limit.
start_child <- function(from, to, dir) {
  unlink(file.path(dir, c("progress", "status", "pid")))
  line <- sprintf(
    "%s echo $$ >pid; exec %s --vanilla %s %s </dev/null >out 2>&1",
    if (nzchar(Sys.getenv("ASAN_OPTIONS"))) "" else "ulimit -v 8000000;",
    shQuote(rscript), shQuote(this),
    sprintf("--child=1 --seed=%.0f --from=%.0f --to=%.0f --deep=%.0f", seed, from, to,
      option("deep", 0)
    )
  )
  writeLines(c(sprintf("cd %s", shQuote(dir)), paste("sh -c", shQuote(line)),
    "echo $? >status"), file.path(dir, "run.sh"))
  system2("sh", file.path(dir, "run.sh"), wait = FALSE)
}

read_word <- function(name, dir) {
  file <- file.path(dir, name)
  if (file.exists(file)) c(suppressWarnings(readLines(file, 1L)), "")[1L] else ""
}

# Waits for a child to end, and ends it if a call takes too long. Value: NULL, or the
# number of the call that crashed or hung, as list(number, kind).
watch_child <- function(dir, until) {
  last <- ""
  since <- Sys.time()
  repeat {
    Sys.sleep(0.2)
    now <- read_word("progress", dir)
    if (!nzchar(now)) now <- last # the file is being written
    status <- read_word("status", dir)
    if (nzchar(status)) {
      if (identical(now, "done")) return(NULL)
      return(list(number = as.numeric(now), kind = paste("crash, status", status)))
    }
    if (!identical(now, last)) {
      last <- now
      since <- Sys.time()
    }
    # a child needs time to load the package before its first call
    allowed <- if (nzchar(last)) limit else 5 * limit
    stuck <- difftime(Sys.time(), since, units = "secs") > allowed
    if (!stuck && Sys.time() < until) next
    tools::pskill(as.integer(read_word("pid", dir)), tools::SIGKILL)
    if (!stuck) return(list(number = as.numeric(now), kind = "time is up"))
    Sys.sleep(0.5)
    return(list(number = as.numeric(now), kind = "hang"))
  }
}

# All findings as a data frame, each kind once with its count
summarise_findings <- function(lines) {
  if (!length(lines)) return(data.frame())
  parts <- strsplit(lines, "\t", fixed = TRUE)
  x <- data.frame(
    number = vapply(parts, `[`, "", 1L), fun = vapply(parts, `[`, "", 2L),
    text = vapply(parts, `[`, "", 3L), code = vapply(parts, `[`, "", 4L)
  )
  # numbers and quoted words differ between findings of the same kind
  kind <- gsub("[0-9]+", "0", gsub("[\"'`][^\"'`]*[\"'`]", "Q", x$text))
  kind <- paste(x$fun, substr(kind, 1L, 70L))
  x$times <- as.vector(table(kind)[kind])
  x <- x[order(nchar(x$code)), ]
  x[!duplicated(kind[order(nchar(vapply(parts, `[`, "", 4L)))]), ]
}

main <- function() {
  until <- Sys.time() + option("seconds", 60)
  at <- option("from", 1)
  last <- at + option("calls", 1e9) - 1
  dir <- tempfile_dir()
  ended <- character()
  while (at <= last && Sys.time() < until) {
    to <- min(at + batch - 1, last)
    start_child(at, to, dir)
    end <- watch_child(dir, until)
    if (is.null(end)) {
      at <- to + 1
      next
    }
    if (identical(end$kind, "time is up")) {
      if (!is.na(end$number)) at <- end$number
      break
    }
    if (is.na(end$number)) stop("no child starts: ", toString(read_word("out", dir)))
    at <- end$number + 1
    code <- system2(rscript, c("--vanilla", shQuote(this),
      sprintf("--show=%.0f --seed=%.0f --deep=%.0f", end$number, seed, option("deep", 0)
      )
    ), stdout = TRUE)
    cat(end$kind, ":", code, "\n")
    ended <- c(ended, paste(end$number, code[1L], end$kind, code[2L], sep = "\t"))
  }
  results <- file.path(dir, "results")
  found <- summarise_findings(c(ended, if (file.exists(results)) readLines(results)))
  for (i in seq_len(nrow(found))) {
    writeLines(c(sprintf("%s: %s (%d times; --call=%s)", found$fun[i], found$text[i],
      found$times[i], found$number[i]), paste0("  ", substr(found$code[i], 1L, 400L))))
  }
  unlink(dir, recursive = TRUE)
  n_bad <- if (nrow(found)) sum(found$times) else 0
  cat(sprintf("%s: %.0f calls (seed %.0f), %d crashes and hangs, %d other findings",
    sub("[.]R$", "", basename(this)), at - option("from", 1), seed, length(ended),
    n_bad - length(ended)), "\n")
  quit(status = as.integer(n_bad > 0))
}
