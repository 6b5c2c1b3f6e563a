# Writes files completely or not at all.

# Writes lines of text as UTF-8. R does not report when a disk is full while a file is
# closed, so the size of the file is compared.
write_text <- function(lines, file) {
  lines <- enc2utf8(as.character(lines))
  size <- sum(nchar(lines, "bytes") + 1)
  # a warning must not end writeLines() before the file is closed
  whole <- TRUE
  tryCatch(
    withCallingHandlers(writeLines(lines, file, useBytes = TRUE), warning = function(w) {
      whole <<- FALSE
      invokeRestart("muffleWarning")
    }),
    error = function(e) {
      raise_time_limit(e)
      whole <<- FALSE
    }
  )
  # on Windows a line end is longer
  written <- whole && isTRUE(file.size(file) >= size)
  if (written) return(invisible(file))
  stop_oligosurv("input", sprintf(
    "\"%s\" cannot be written completely; is the disk full?", file
  ), arg = "file")
}

# Copies `from` to a temporary name in the directory of `to` first, so that the last step
# is an atomic rename.
replace_file <- function(from, to) {
  temporary <- tempfile(".oligosurv-", dirname(to))
  on.exit(unlink(temporary))
  moved <- suppressWarnings(
    file.copy(from, temporary) && identical(file.size(from), file.size(temporary)) &&
      file.rename(temporary, to)
  )
  if (!moved) {
    stop_oligosurv("input", sprintf(
      "`file`: \"%s\" cannot be written; is the folder write-protected or the disk full?",
      to
    ), arg = "file")
  }
}

# Does a file end as its format requires? A device does not report that the disk is full.
# In a TIFF file the first bytes give the position of the directory.
is_whole_file <- function(file, kind) {
  size <- file.size(file)
  if (is.na(size) || size < 8) return(FALSE)
  con <- file(file, "rb")
  on.exit(close(con))
  if (kind %in% c("tif", "tiff")) {
    order <- if (identical(readBin(con, "raw", 1L), charToRaw("M"))) "big" else "little"
    seek(con, 4)
    place <- readBin(con, "integer", 1L, endian = order)
    if (!isTRUE(place >= 8 && place + 2 < size)) return(FALSE)
    seek(con, place)
    entries <- readBin(con, "integer", 1L, size = 2L, signed = FALSE, endian = order)
    return(place + 2 + 12 * entries + 4 <= size) # twelve bytes per entry
  }
  seek(con, max(0, size - 64))
  end <- readBin(con, "raw", 64L)
  mark <- list(
    pdf = charToRaw("%%EOF"), svg = charToRaw("</svg>"), png = charToRaw("IEND")
  )[[kind]]
  length(grepRaw(mark, end, fixed = TRUE)) > 0L
}

# The path of a file or folder, with ~ expanded. For a path that is too long R gives only
# a warning; here it is an error.
check_path <- function(x, arg) {
  check_string(x, arg)
  tryCatch(path.expand(x), warning = function(w) {
    stop_oligosurv("input", sprintf("`%s` is too long for a path: %s; use a shorter one",
      arg, count_noun(nchar(x), "character")
    ), arg = arg)
  })
}

# The extension of a file in lower case, without the point
file_kind <- function(file) lower_case(tools::file_ext(file))
