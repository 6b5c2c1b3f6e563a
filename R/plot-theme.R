#' Theme of the figures
#'
#' Axis lines, no grid, and texts of nearly the same size, so that a figure of 85 mm is
#' readable in print; white for print, dark for slides.
#'
#' @param base_size Size of the texts in points; axis numbers are a tenth smaller.
#' @param base_family Font family; `""` for the default of the device.
#' @param background `"white"` or `"dark"`. Give a dark theme to the figure as `theme =`:
#'   the colours of curves and bars adapt to it.
#' @return A complete ggplot2 theme.
#' @section Errors: `oligosurv_error_input` when `base_size` is not a number above 0,
#'   `base_family` not a string or `background` unknown; `oligosurv_error_dependency`
#'   without ggplot2.
#' @seealso [save_figure()]
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   theme_oligosurv(base_size = 7)$text$size # 7
#' }
#' @export
theme_oligosurv <- function(base_size = 8, base_family = "",
                            background = c("white", "dark")) {
  need_package("ggplot2", "theme_oligosurv()")
  base_size <- check_number(base_size, "base_size", 0, open = TRUE)
  check_string(base_family, "base_family")
  dark <- check_choice(background, c("white", "dark"), "background") == "dark"
  asked <- list(base_size, base_family, dark, names(ggplot2::get_element_tree()))
  kept_theme(asked, make_theme(base_size, base_family, dark))
}

# Keeps the last themes, since ggplot2 takes longer to make a theme than all other parts
# of a figure. The elements that extensions of ggplot2 add are part of a theme. `theme` is
# evaluated only if none that was asked for in the same words is kept.
kept_theme <- local({
  kept <- list()
  function(asked, theme) {
    for (one in kept) if (identical(one$asked, asked)) return(one$theme)
    kept <<- utils::head(c(list(list(asked = asked, theme = theme)), kept), 4L)
    theme
  }
})

make_theme <- function(base_size, base_family, dark) {
  ink <- if (dark) "#F2F2F2" else "black"
  paper <- if (dark) "#1B1F24" else "white"
  text <- function(...) ggplot2::element_text(colour = ink, ...)
  line <- function() ggplot2::element_line(linewidth = 0.3, colour = ink)
  fill <- function() ggplot2::element_rect(fill = paper, colour = NA)
  ggplot2::theme_classic(base_size, base_family) +
    ggplot2::theme(
      text = text(), axis.line = line(), axis.ticks = line(),
      axis.title = text(), axis.text = text(size = ggplot2::rel(0.9)),
      plot.background = fill(), panel.background = fill(), legend.background = fill(),
      legend.key = ggplot2::element_rect(fill = NA, colour = NA),
      legend.position = "bottom", legend.text = text(size = ggplot2::rel(0.9)),
      legend.key.width = grid::unit(2.2 * base_size, "pt"),
      legend.key.height = grid::unit(1.2 * base_size, "pt"),
      legend.key.spacing.y = grid::unit(0, "pt"),
      legend.margin = ggplot2::margin(), legend.box.spacing = grid::unit(3, "pt"),
      strip.background = ggplot2::element_blank(), strip.text = text(face = "bold"),
      plot.title = text(face = "bold", size = ggplot2::rel(1.1)),
      plot.title.position = "plot", plot.tag = text(face = "bold"),
      plot.caption = text(size = ggplot2::rel(0.85), hjust = 0),
      plot.caption.position = "plot", plot.margin = ggplot2::margin(4, 6, 4, 4)
    )
}

full_theme <- function(theme) {
  base <- theme_oligosurv()
  if (is.null(theme)) return(base)
  if (!inherits(theme, "theme")) {
    stop_oligosurv("input", sprintf(
      "`theme` must be a ggplot2 theme; it is %s", describe(theme)
    ), arg = "theme")
  }
  base + theme
}

# TRUE for a background darker than a middle grey
is_dark <- function(theme) {
  fill <- ggplot2::calc_element("plot.background", theme)$fill
  if (is.null(fill) || is.na(fill) || fill == "transparent") return(FALSE)
  sum(c(0.299, 0.587, 0.114) * grDevices::col2rgb(fill)) < 110
}

# Colour of guide lines, which must not look like curves
muted_colour <- function(theme) if (is_dark(theme)) "grey65" else "grey40"

# The Okabe-Ito colours without yellow, which is invisible on white. On dark backgrounds
# the colours are lighter. Line types differ too, so that curves can be distinguished in
# grey.
curve_colours <- c(
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"
)

curve_colours_dark <- c(
  "#56B4E9", "#F08A3C", "#2CC79A", "#E3A0C6", "#F0E442", "#8FA2FF", "#FFFFFF"
)

curve_linetypes <- c("solid", "52", "12", "5212", "82", "521212")

# The first `n` colours and line types
curve_styles <- function(n, dark = FALSE) {
  list(
    colour = rep_len(if (dark) curve_colours_dark else curve_colours, n),
    linetype = if (n == 1L) "solid" else rep_len(curve_linetypes, n)
  )
}

# Colours of the areas below the last one, from dark to light; on a dark background from
# light to dark
area_colours <- function(n, dark = FALSE) {
  range <- if (dark) c(88, 55) else c(30, 74)
  light <- if (n == 1L) mean(range) else seq(range[1L], range[2L], length.out = n)
  hue <- if (n == 1L) 250 else seq(255, 60, length.out = n)
  grDevices::hcl(hue, 45, light)
}

# A text element of a theme. If the theme lacks it, as theme_void() does, the element of
# the default theme of this package is used.
text_element <- function(element, theme) {
  found <- ggplot2::calc_element(element, theme)
  if (is.null(found$size)) found <- ggplot2::calc_element(element, theme_oligosurv())
  found
}

text_size <- function(element, theme) text_element(element, theme)$size

ink_of <- function(theme) text_element("axis.text.x.bottom", theme)$colour

theme_family <- function(theme) ggplot2::calc_element("text", theme)$family

# aes() from column names as text, so that R CMD check sees no undefined variable
aes_of <- function(...) do.call(ggplot2::aes, lapply(c(...), as.name))

# Checks what all figures need, and returns the complete theme. `who`: the function
checked_theme <- function(title, theme, who = "autoplot()") {
  need_package("ggplot2", who)
  if (!is.null(title)) check_string(title, "title")
  full_theme(theme)
}
