# Runs other programs: pandoc, which converts files, and LaTeX.

check_pandoc <- function(what, there = rmarkdown::pandoc_available("2.0")) {
  if (there) return(invisible())
  stop_oligosurv("dependency", paste(
    what, "needs the program pandoc (2.0 or later), which is not installed;",
    "on Debian, as root: apt-get install pandoc; else see rmarkdown::find_pandoc()"
  ), package = "pandoc")
}

# Runs a program and returns its exit status. system2() would not react to a time limit
# before the program has ended. Here R waits in short steps; at an interrupt or a limit it
# stops the program. An empty file in a folder of its own tells R how it goes, by its
# name: "starting" becomes the process id, and "running" the exit status. Renaming works
# on a full disk too.
run_program <- function(command, args) {
  folder <- tempfile("program-")
  on.exit(unlink(folder, recursive = TRUE))
  signs <- file.path(folder, c("starting", "running"))
  polls <- .Platform$OS.type == "unix" && dir.create(folder, showWarnings = FALSE) &&
    all(suppressWarnings(file.create(signs)))
  if (!polls) return(system2(command, shQuote(args)))
  # as in rmarkdown, the locale is that of LANG
  script <- sprintf(
    paste(
      "unset LC_ALL LC_CTYPE; export LANG=\"${LANG:-C.UTF-8}\"; %s </dev/null &",
      "mv %s %s/pid-$!; wait $! 2>/dev/null; mv %s %s/status-$?"
    ), paste(shQuote(c(command, args)), collapse = " "), shQuote(signs[1L]),
    shQuote(folder), shQuote(signs[2L]), shQuote(folder)
  )
  ended <- FALSE
  on.exit(if (!ended) stop_program(folder), add = TRUE, after = FALSE)
  system2("sh", c("-c", shQuote(script)), wait = FALSE)
  while (dir.exists(folder) && is.na(program_sign(folder, "status"))) Sys.sleep(0.02)
  ended <- TRUE
  program_sign(folder, "status")
}

# The number in the name of a file of run_program(): "pid" or "status"; NA until it is
# there
program_sign <- function(folder, kind) {
  found <- list.files(folder, sprintf("^%s-[0-9]+$", kind))
  if (length(found)) as.integer(sub(".*-", "", found[1L])) else NA_integer_
}

# Stops a program, and those that it has started where pkill finds them, and waits, at
# most two seconds each, for its process id and its end
stop_program <- function(folder) {
  wait_for <- function(kind) {
    for (i in 1:100) {
      number <- program_sign(folder, kind)
      if (!is.na(number)) break
      Sys.sleep(0.02)
    }
    number
  }
  pid <- wait_for("pid")
  if (is.na(pid)) return(invisible())
  system(sprintf("pkill -TERM -P %d 2>/dev/null; kill -TERM %d 2>/dev/null", pid, pid))
  wait_for("status")
}

# Converts a file by pandoc, like rmarkdown::pandoc_convert(), in which `what` is made.
# The arguments are those that rmarkdown gives to the `convert_fun` of a format.
convert_by_pandoc <- function(what) {
  force(what)
  function(output, input, to, from, citeproc = FALSE, options = NULL, verbose = FALSE) {
    args <- c("+RTS", "-K512m", "-RTS", input, "--to", to, "--from", from, "--output",
      output, options, if (citeproc) "--citeproc"
    )
    status <- run_program(rmarkdown::pandoc_exec(), args)
    if (!status %in% 0L) stop_pandoc(what, status)
    invisible(status)
  }
}

stop_pandoc <- function(what, status) {
  stop_oligosurv("dependency", sprintf(
    paste(
      "%s was not written: the program pandoc failed or was stopped (exit status %d;",
      "137 means that it was killed, mostly because memory ran out); try again"
    ), what, status
  ), package = "pandoc")
}

# Makes the PDF of a LaTeX file, in an R of its own, because LaTeX runs several times.
# LaTeX leaves its log next to the file.
run_latex <- function(tex, engine) {
  folder <- dirname(tex)
  script <- file.path(folder, "latex.R")
  failed <- file.path(folder, "latex-error.txt")
  code <- bquote({
    .libPaths(.(.libPaths()))
    setwd(.(folder))
    options(tinytex.clean = FALSE) # keeps the log
    tryCatch(
      invisible(tinytex::latexmk(.(basename(tex)), .(engine))),
      error = function(e) writeLines(conditionMessage(e), .(failed))
    )
  })
  write_text(deparse(code), script)
  status <- run_program(file.path(R.home("bin"), "Rscript"), c("--vanilla", script))
  pdf <- sub("[.]tex$", ".pdf", tex)
  if (status %in% 0L && !file.exists(failed) && file.exists(pdf)) return(pdf)
  why <- if (file.exists(failed)) {
    paste(readLines(failed, warn = FALSE), collapse = " ")
  } else {
    sprintf("it was stopped (exit status %d)", status)
  }
  stop_oligosurv("dependency", sprintf(
    "the report was not written, because LaTeX failed: %s; try .docx or .html", why
  ), package = "tinytex")
}
