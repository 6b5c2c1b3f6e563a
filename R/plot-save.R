#' Write a figure for print
#'
#' Writes a figure at its printed size to PDF, PNG, TIFF or SVG. An existing file is
#' replaced only when drawing succeeds.
#'
#' @details A PDF has embedded fonts and a page of exactly `width_mm` by `height_mm` (to
#' the nearest point, 0.35 mm, with versions of R's graphics library that compress the
#' description of pages). If the package svglite is installed, the texts in an SVG can be
#' searched and edited; otherwise they are outlines, and a message says so.
#' @param plot A ggplot, or a function without arguments that draws in base graphics.
#' @param file Name of the file; its extension gives the format: `pdf`, `png`, `tif`,
#'   `tiff` or `svg`.
#' @param width_mm,height_mm Size in mm, from 1 to 1e6. Journals have columns of 85, 114
#'   and 174 mm. If the height is `NULL`, figures of this package are as high as their
#'   rows need (a swimmer plot of 60 patients is higher than one of 10, and curves with
#'   many rows of numbers at risk still have a panel in which steps can be read); the
#'   height of others is three quarters of the width.
#' @param dpi Dots per inch of PNG and TIFF (compressed without loss), 300 to 600 for
#'   print. Base graphics are drawn with texts of 8 points.
#' @return `file`, invisibly.
#' @section Errors: `oligosurv_error_input` for another extension, a folder that does not
#'   exist, or an argument of the wrong type; `oligosurv_error_dependency` if this
#'   installation of R cannot write the format. Errors while drawing are passed on.
#' @seealso [curve_plot()], [theme_oligosurv()], [save_table()]
#' @examples
#' file <- tempfile(fileext = ".png")
#' fit <- kaplan_meier(Surv(c(1, 2, 3, 4), c(1, 0, 1, 0)) ~ 1)
#' save_figure(function() plot(fit), file, width_mm = 85, dpi = 300)
#' file.size(file) > 0
#' @export
save_figure <- function(plot, file, width_mm = 85, height_mm = NULL, dpi = 600) {
  check_path(file, "file")
  width <- check_number(width_mm, "width_mm", 1, most_mm)
  if (is.null(height_mm)) height_mm <- natural_height(plot, width)
  height <- check_number(height_mm, "height_mm", 1, most_mm)
  dpi <- check_number(dpi, "dpi", 1)
  if (!inherits(plot, "ggplot") && !draws_alone(plot)) {
    stop_oligosurv("input", sprintf(
      "`plot` must be a ggplot, or a function without arguments that draws; it is %s",
      describe(plot)
    ), arg = "plot")
  }
  device <- figure_device(file, width / 25.4, height / 25.4, dpi)
  if (!dir.exists(dirname(file))) {
    stop_oligosurv("input", sprintf(
      "the folder of `file` does not exist: %s; create it first", file
    ), arg = "file")
  }
  draft <- tempfile("figure-") # not next to `file`, where it would remain if R is killed
  on.exit(unlink(draft))
  draw_figure(plot, device, draft)
  if (file_kind(file) == "pdf") set_page_size(draft, c(width, height) * 72 / 25.4)
  if (!is_whole_file(draft, file_kind(file))) {
    stop_oligosurv("input", sprintf(
      "`file`: \"%s\" cannot be written; is the disk of %s full?", file, tempdir()
    ), arg = "file")
  }
  replace_file(draft, file)
  invisible(file)
}

# Largest size of a figure in mm. R's devices accept no size at all that is much larger.
most_mm <- 1e6

# Is `plot` a function that can be called without arguments?
draws_alone <- function(plot) {
  if (!is.function(plot) || is.primitive(plot)) return(FALSE)
  # substitute() gives the empty name, which means that there is no default
  no_default <- vapply(formals(plot), identical, NA, substitute())
  all(!no_default | names(no_default) == "...")
}

# Stores the height that a figure needs: the larger of `mm` and the fraction `share` of
# the width. A figure whose texts depend on the width stores a function of the width and
# the figure instead.
with_height <- function(plot, mm = 0, share = 0.75) {
  attr(plot, "height_mm") <- c(mm = mm, share = share)
  plot
}

natural_height <- function(plot, width) {
  need <- attr(plot, "height_mm", exact = TRUE)
  if (is.null(need)) return(0.75 * width)
  if (is.function(need)) return(need(width, plot))
  max(need[["mm"]], need[["share"]] * width)
}

# Height in mm of a number of lines of text
lines_mm <- function(lines, theme, element = "axis.text.y.left") {
  lines * 1.2 * text_size(element, theme) * 25.4 / 72
}

# The graphics device for the extension of `file`: a function of the path to write to
figure_device <- function(file, width, height, dpi) {
  ending <- file_kind(file)
  vector <- function(make) {
    function(name) make(name, width = width, height = height, pointsize = 8)
  }
  pixels <- function(make, ...) {
    function(name) {
      make(name, width = width, height = height, units = "in", res = dpi, pointsize = 8,
        type = "cairo", ...
      )
    }
  }
  # cairo_pdf() rounds sizes to whole points; set_page_size() removes the excess
  whole <- function(name, width, height, ...) {
    grDevices::cairo_pdf(name, ceiling(72 * width) / 72 + 1e-6,
      ceiling(72 * height) / 72 + 1e-6, ...
    )
  }
  device <- switch(ending,
    pdf = vector(whole), svg = vector(svg_device()),
    png = pixels(grDevices::png), tif = ,
    tiff = pixels(grDevices::tiff, compression = "lzw")
  )
  if (is.null(device)) {
    stop_oligosurv("input", sprintf(
      "`file` must end in pdf, png, tif, tiff or svg; it is \"%s\"", file
    ), arg = "file")
  }
  if (!capabilities("cairo")) {
    stop_oligosurv("dependency", paste(
      "save_figure() needs an R with cairo graphics, which this one lacks; see",
      "capabilities(\"cairo\")"
    ))
  }
  device
}

# grDevices::svg() draws texts as outlines; svglite keeps them as text
svg_device <- function() {
  if (requireNamespace("svglite", quietly = TRUE)) {
    return(getExportedValue("svglite", "svglite"))
  }
  inform_oligosurv(paste(
    "the texts in this SVG are outlines; for texts that can be edited, install svglite:",
    "install.packages(\"svglite\")"
  ))
  grDevices::svg
}

# Sets the page size of a PDF in points, because cairo_pdf() allows only whole points. The
# entry must keep its length, because a PDF stores the positions of its objects;
# indentation and blanks are replaced by decimals.
set_page_size <- function(file, size) {
  bytes <- readBin(file, "raw", file.size(file))
  entry <- "   /MediaBox \\[ 0 0 [0-9]+ [0-9]+ \\]"
  at <- grepRaw(entry, bytes, all = TRUE)
  old <- grepRaw(entry, bytes, all = TRUE, value = TRUE)
  new <- paste0("/MediaBox[0 0 ", paste(round(size, 2), collapse = " "), "]")
  if (!length(at) || any(lengths(old) < nchar(new))) return(invisible())
  for (i in seq_along(at)) {
    place <- at[i] + seq_along(old[[i]]) - 1L
    bytes[place] <- charToRaw(formatC(new, width = -length(place)))
  }
  writeBin(bytes, file)
}

draw_figure <- function(plot, device, draft) {
  cannot_start <- function(condition) {
    stop_oligosurv("input", sprintf(
      paste(
        "no figure of this size can be drawn (%s); check `width_mm`, `height_mm` and",
        "`dpi`, and that R's temporary folder can be written to"
      ), conditionMessage(condition)
    ), arg = "dpi")
  }
  on_device(tryCatch(device(draft), error = cannot_start, warning = cannot_start), {
    if (is.function(plot)) plot() else print(plot)
  })
}

# Evaluates `code` on the device opened by `open`, and then makes the user's device
# current again
on_device <- function(open, code) {
  before <- grDevices::dev.cur()
  force(open)
  mine <- grDevices::dev.cur()
  on.exit({
    grDevices::dev.off(mine)
    if (before > 1L) grDevices::dev.set(before)
  })
  force(code)
}
