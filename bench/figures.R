# Rscript bench/figures.R [<folder> [<dpi>]]: draws the same figures by this package and
# by others, 85 and 174 mm wide, into vignettes/articles/figures, where an article of the
# site shows them side by side. versions.csv records the versions of the packages. Other
# packages than these must not be needed to build the package or its site.
library(oligosurv)
given <- commandArgs(TRUE)
folder <- if (length(given)) given[1L] else "vignettes/articles/figures"
dpi <- if (length(given) > 1L) as.numeric(given[2L]) else 144
dir.create(folder, recursive = TRUE, showWarnings = FALSE)
drawings <- new.env()
sys.source("bench/figures-code.R", drawings)

# The height that others need is not known: a little more than three quarters of the width
heights <- c(groups = 0.85, causes = 0.9, panels = 0.8, forest = 0.45)

draw <- function(name) {
  parts <- strsplit(name, "_")[[1L]]
  if (!nzchar(system.file(package = parts[2L]))) {
    message("left out: ", name, ", because ", parts[2L], " is not installed")
    return(NULL)
  }
  make <- drawings[[name]]
  for (mm in c(85, 174)) {
    file <- file.path(folder, sprintf("%s-%s-%d.png", parts[1L], parts[2L], mm))
    plot <- suppressMessages(suppressWarnings(make()))
    own <- parts[2L] == "oligosurv"
    share <- heights[[parts[1L]]] * if (mm == 174) 0.75 else 1
    if (own) {
      height <- if (mm == 174 && parts[1L] != "forest") share * mm
      save_figure(plot, file, mm, height, dpi)
    } else {
      shown <- if (inherits(plot, "gtable")) {
        function() grid::grid.draw(plot)
      } else {
        function() print(plot)
      }
      suppressMessages(suppressWarnings(save_figure(shown, file, mm, share * mm, dpi)))
    }
    message(file, ": ", round(file.size(file) / 1024), " kB")
  }
  parts[2L]
}

named <- "_(oligosurv|ggsurvfit|survminer|forestploter)$"
names <- grep(named, ls(drawings), value = TRUE)
packages <- sort(unique(unlist(lapply(names, draw))))
utils::write.csv(
  data.frame(
    package = packages,
    version = vapply(packages, function(p) format(utils::packageVersion(p)), "")
  ),
  file.path(folder, "versions.csv"), row.names = FALSE
)
