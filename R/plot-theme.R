#' Theme of the figures
#'
#' White, with axis lines and without grid, texts black and near one size, so that a
#' figure of 85 mm is readable in print.
#'
#' @param base_size Size of the texts in points; axis numbers are a tenth smaller.
#' @param base_family Font, `""` for that of the device.
#' @return A complete ggplot2 theme.
#' @section Errors: `oligosurv_error_input` when `base_size` is not a number above 0 or
#'   `base_family` not a string; `oligosurv_error_dependency` without ggplot2.
#' @seealso [save_figure()]
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   theme_oligosurv(base_size = 7)$text$size # 7
#' }
#' @export
theme_oligosurv <- function(base_size = 8, base_family = "") {
  need_package("ggplot2", "theme_oligosurv()")
  base_size <- check_number(base_size, "base_size", 0, open = TRUE)
  check_string(base_family, "base_family")
  text <- function(...) ggplot2::element_text(colour = "black", ...)
  ggplot2::theme_classic(base_size, base_family) +
    ggplot2::theme(
      axis.line = ggplot2::element_line(linewidth = 0.3),
      axis.ticks = ggplot2::element_line(linewidth = 0.3, colour = "black"),
      axis.title = text(), axis.text = text(size = ggplot2::rel(0.9)),
      legend.position = "bottom", legend.text = text(size = ggplot2::rel(0.9)),
      legend.key.width = grid::unit(2.2 * base_size, "pt"),
      legend.key.height = grid::unit(1.2 * base_size, "pt"),
      legend.margin = ggplot2::margin(), legend.box.spacing = grid::unit(3, "pt"),
      plot.title = text(face = "bold", size = ggplot2::rel(1.1)),
      plot.title.position = "plot", plot.tag = text(face = "bold"),
      plot.caption = text(size = ggplot2::rel(0.85), hjust = 0),
      plot.caption.position = "plot", plot.margin = ggplot2::margin(4, 6, 4, 4)
    )
}
