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
