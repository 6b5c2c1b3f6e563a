# Writes files completely or not at all, and checks for pandoc, which converts them.

# Copies `from` to a temporary name in the directory of `to` first, so that the last step
# is an atomic rename.
replace_file <- function(from, to) {
  temporary <- tempfile(".report-", dirname(to))
  on.exit(unlink(temporary))
  moved <- suppressWarnings(file.copy(from, temporary) && file.rename(temporary, to))
  if (!moved) {
    stop_oligosurv("input", sprintf("`file`: \"%s\" cannot be written", to), arg = "file")
  }
}

# The extension of a file in lower case, without the point
file_kind <- function(file) tolower(tools::file_ext(file))

check_pandoc <- function(what, there = rmarkdown::pandoc_available("2.0")) {
  if (there) return(invisible())
  stop_oligosurv("dependency", paste(
    what, "needs the program pandoc (2.0 or later), which is not installed;",
    "on Debian, as root: apt-get install pandoc; else see rmarkdown::find_pandoc()"
  ), package = "pandoc")
}

# Evaluates `expr`, in which pandoc makes `what`. rmarkdown reports that pandoc failed or
# was stopped, for example because memory ran out, by an error without a class of ours.
with_pandoc <- function(expr, what) {
  withCallingHandlers(expr, error = function(e) {
    text <- conditionMessage(e)
    if (!grepl("^pandoc document conversion failed with error", text)) return()
    stop_oligosurv("dependency", sprintf(
      paste(
        "%s was not written: the program pandoc failed or was stopped (exit status %s;",
        "137 means that it was killed, mostly because memory ran out); try again"
      ), what, sub(".*error ", "", text)
    ), package = "pandoc", parent = e)
  })
}
