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
# stops the program.
run_program <- function(command, args) {
  if (.Platform$OS.type != "unix") return(system2(command, shQuote(args)))
  note <- tempfile("program-")
  files <- paste0(note, c(".pid", ".end", ".status"))
  ended <- FALSE
  on.exit({
    if (!ended) stop_program(files)
    unlink(files)
  })
  # The status is renamed, so that it is never read before it is written. As in
  # rmarkdown, the locale is that of LANG.
  q <- shQuote(files)
  script <- paste0(
    "unset LC_ALL LC_CTYPE; export LANG=\"${LANG:-C.UTF-8}\"; ",
    paste(shQuote(c(command, args)), collapse = " "), " </dev/null & echo $! >", q[1L],
    "; wait $! 2>/dev/null; echo $? >", q[2L], "; mv ", q[2L], " ", q[3L]
  )
  system2("sh", c("-c", shQuote(script)), wait = FALSE)
  while (!file.exists(files[3L])) Sys.sleep(0.02)
  ended <- TRUE
  as.integer(readLines(files[3L]))
}

# Stops a program, and those that it has started where pkill finds them, and waits until
# its status is known. `files` are those of run_program().
stop_program <- function(files) {
  wait_for <- function(file) {
    for (i in 1:100) {
      if (isTRUE(file.size(file) > 0)) return(TRUE)
      Sys.sleep(0.02)
    }
    FALSE
  }
  if (!wait_for(files[1L])) return(invisible())
  pid <- readLines(files[1L])[1L]
  system(sprintf("pkill -TERM -P %s 2>/dev/null; kill -TERM %s 2>/dev/null", pid, pid))
  wait_for(files[3L])
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
    if (status != 0L) stop_pandoc(what, status)
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
  if (status == 0L && !file.exists(failed) && file.exists(pdf)) return(pdf)
  why <- if (file.exists(failed)) {
    paste(readLines(failed, warn = FALSE), collapse = " ")
  } else {
    sprintf("it was stopped (exit status %d)", status)
  }
  stop_oligosurv("dependency", sprintf(
    "the report was not written, because LaTeX failed: %s; try .docx or .html", why
  ), package = "tinytex")
}
