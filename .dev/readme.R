# Rscript .dev/readme.R: draws the two figures of README.md into man/figures, with
# the installed package, from the simulated cohort hcc_sbrt.
library(oligosurv)

draw <- function(name, height_mm, plot) {
  file <- file.path("man", "figures", name)
  save_figure(plot, file, width_mm = 130, height_mm = height_mm, dpi = 160)
  writeLines(sprintf("%s, %.0f kB", file, file.size(file) / 1024))
}

dir.create("man/figures", recursive = TRUE, showWarnings = FALSE)
os <- endpoint(hcc_sbrt, "os")
fit <- kaplan_meier(Surv(time, status) ~ cohort, os)
draw("README-survival.png", 95, curve_plot(fit, p.value = TRUE, median = TRUE))
draw("README-swimmer.png", 95, swimmer_plot(hcc_sbrt, keep = 1:20))
